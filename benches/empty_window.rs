//! The least a Tauri window can be: what Lectern's start is measured against.

fn main() {
    let mut context: tauri::Context = tauri::generate_context!("benches/empty/tauri.conf.json");
    context.config_mut().app.windows[0].title = "Empty".into();
    if let Err(error) = tauri::Builder::default().run(context) {
        panic!("No window: {error}");
    }
}
