//! Broken files that only the checker sees through: what is said, where. The name of each file states the mistake.

use std::fs;
use std::path::Path;

use super::check_files;
use segc::diagnostics::render::{Format, RenderOptions, render};
use segc::source::FileId;
use segc::syntax::parse;

#[test]
fn each_mistake_is_named_at_its_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/fixtures/broken");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "seg"));
    files.sort();
    let mut seen = 0;
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        // Files with a mistake of syntax are the parser's.
        if !parse(FileId(0), &text).diagnostics.is_empty() {
            continue;
        }
        seen += 1;
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let path = format!("{name}.seg");
        let outcome = check_files(&[(&path, &text)], &[]);
        let said = render(Format::Text, &outcome.diagnostics, &outcome.sources, RenderOptions::default());
        assert!(!said.is_empty(), "{name} is right");
        insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "../fixtures/broken/snapshots" }, {
            insta::assert_snapshot!(name, said);
        });
    }
    assert!(seen >= 30, "{seen}");
}
