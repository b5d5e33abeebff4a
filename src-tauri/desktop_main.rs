fn main() {
    let ctx: tauri::Context = tauri::generate_context!();
    let _ = tauri::Builder::default().run(ctx);
}
