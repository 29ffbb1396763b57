//! `schema/generated/` is what the binary generates. `BLESS=1` writes it anew.

use std::path::Path;

use throughline::generated;

#[test]
fn generated_files_are_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/generated");
    for (name, text) in generated::files().unwrap() {
        let path = folder.join(name);
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "schema/generated/{name} is stale: run BLESS=1 cargo test --test it generated");
    }
}
