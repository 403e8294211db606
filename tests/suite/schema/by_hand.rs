//! The public XDM folder, which is not part of this repository: `XDM_DIR=… cargo test --test suite by_hand -- --ignored`.

use std::path::Path;
use std::time::Instant;

use segc::schema::{load, read_folder};
use segc::source::Sources;

fn files(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

#[test]
#[ignore = "needs the public XDM folder in XDM_DIR"]
fn the_public_xdm_folder_composes_without_an_error() {
    let folder = std::env::var("XDM_DIR").unwrap();
    let mut all = Vec::new();
    files(Path::new(&folder), &mut all);
    let files = read_folder(all);
    let start = Instant::now();
    let mut sources = Sources::default();
    let loaded = load(&files, &mut sources);
    println!("{} files in {:?}", files.len(), start.elapsed());
    for diagnostic in &loaded.diagnostics {
        println!("{diagnostic:#?}");
    }
    let schema = loaded.schema.unwrap();
    println!("{} objects, {} event types", schema.objects.len(), schema.event_types.len());
    if let Ok(out) = std::env::var("XDM_OUT") {
        let all = schema.leaves(schema.profile).chain(schema.leaves(schema.event));
        let text: Vec<String> = all.map(|(path, field)| format!("{path} {}", field.ty)).collect();
        std::fs::write(out, text.join("\n")).unwrap();
    }
    assert_eq!(schema.leaves(schema.profile).count(), 1378);
    assert_eq!(schema.leaves(schema.event).count(), 1115);
    assert!(loaded.diagnostics.iter().all(|d| !d.is_error()));
}
