//! `segc check` as continuous integration uses it: the formats, fixes, what git says has changed.

use std::path::Path;
use std::process::{Command, Output};

mod allowances;
mod command;
mod formats;
mod integrations;
mod watch;
mod xml;

/// A folder with a project of the quickstart's schema and these files.
pub fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("schema.json", &std::fs::read_to_string("examples/quickstart/schema/retail.json").unwrap());
    write("seg.toml", "schema = \"schema.json\"\n\n[time]\nzone = \"Europe/Stockholm\"\n");
    for (path, text) in files {
        write(path, text);
    }
    folder
}

/// Runs `segc` in a folder.
pub fn segc(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_segc")).args(args).current_dir(folder).output().unwrap()
}

/// Standard output, standard error and the exit code.
pub fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}---\n{}exit {}\n", text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
}
