//! Turns `grammar/seg.lalrpop` into `$OUT_DIR/seg.rs`.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    lalrpop::Configuration::new().emit_rerun_directives(true).emit_whitespace(false).set_in_dir("grammar").process()
}
