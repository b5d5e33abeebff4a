//! `ui/src/bindings.ts` is generated and committed. `LECTERN_GENERATE=1` writes it; without, it must be current.

use std::path::Path;

#[test]
fn the_page_knows_every_command_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/bindings.ts");
    let current = lectern::desktop::bindings::typescript().expect("every type has a TypeScript form");
    if std::env::var_os("LECTERN_GENERATE").is_some() {
        std::fs::write(&path, current).expect("bindings.ts can be written");
        return;
    }
    let committed = std::fs::read_to_string(&path).expect("bindings.ts");
    assert!(committed == current, "ui/src/bindings.ts is not current: run `make generate` and commit it");
}
