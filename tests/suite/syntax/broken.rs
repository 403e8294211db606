//! Broken files: what is said, where, and what remains of the tree. The name of each file states the mistake.

use std::fs;
use std::path::{Path, PathBuf};

use segc::diagnostics::fixes;
use segc::diagnostics::render::{Format, RenderOptions, render};
use segc::source::Sources;
use segc::syntax::{Parse, dump, parse};

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/fixtures/broken");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "seg"));
    files.sort();
    files
}

fn read(file: &Path) -> (String, String, Sources, Parse) {
    let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = fs::read_to_string(file).unwrap();
    let mut sources = Sources::default();
    let id = sources.add(format!("{name}.seg"), text.as_str());
    let parse = parse(id, &text);
    (name, text, sources, parse)
}

#[test]
fn each_mistake_is_named_at_its_place() {
    let mut seen = 0;
    for file in fixtures() {
        let (name, _, sources, parse) = read(&file);
        // Files without a mistake of syntax are the checker's.
        if parse.diagnostics.is_empty() {
            continue;
        }
        seen += 1;
        let said = render(Format::Text, &parse.diagnostics, &sources, RenderOptions::default());
        let shown = format!("{said}\n== tree\n{}", dump::file(&parse.file));
        insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "../fixtures/broken/snapshots" }, {
            insta::assert_snapshot!(name, shown);
        });
    }
    assert!(seen >= 60, "{seen}");
}

#[test]
fn what_follows_a_mistake_is_read() {
    for file in fixtures() {
        let (name, text, _, parse) = read(&file);
        if text.contains("segment after") {
            let tree = dump::file(&parse.file);
            assert!(tree.contains("(segment after (where (>= person.age 18)))"), "{name}:\n{tree}");
        }
    }
}

#[test]
fn fixes_mend_what_they_are_for() {
    for file in fixtures() {
        let (name, text, sources, parsed) = read(&file);
        for diagnostic in &parsed.diagnostics {
            for fix in &diagnostic.fixes {
                let mended = fixes::apply(&text, &fix.edits).unwrap();
                let id = sources.iter().next().unwrap().0;
                let after = parse(id, &mended).diagnostics;
                let place = diagnostic.primary().unwrap().start;
                assert!(
                    !after.iter().any(|d| d.code == diagnostic.code && d.primary().unwrap().start == place),
                    "{name}: `{}` leaves `{}`:\n{mended}",
                    fix.title,
                    diagnostic.message
                );
            }
        }
    }
}
