//! Compiles the window's configuration in, when the window is built at all.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    #[cfg(feature = "desktop")]
    {
        println!("cargo:rerun-if-changed=tauri.conf.json");
        println!("cargo:rerun-if-changed=src-tauri/capabilities");
        println!("cargo:rerun-if-changed=ui/dist");
        let attributes = tauri_build::Attributes::new().capabilities_path_pattern("src-tauri/capabilities/*.json");
        if let Err(error) = tauri_build::try_build(attributes) {
            panic!("The window's configuration does not compile: {error:#}");
        }
    }
}
