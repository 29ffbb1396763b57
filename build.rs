//! Tells cargo to look again when a definition or a sample file comes or goes; they are embedded in the binary.
fn main() {
    for folder in ["schema", "data"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
