//! Turns `grammar/seg.lalrpop` into `$OUT_DIR/seg.rs`.
fn main() {
    println!("cargo:rerun-if-changed=grammar/seg.lalrpop");
}
