//! The house rules, checked over the text of `src/`: who may name whom, which folder may name which crate, how long a
//! file may be, what a file may not be called.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of `src/`, lowest first. A room may name only rooms before it.
const ROOMS: &[&str] = &[
    "limits",
    "source",
    "types",
    "diagnostics",
    "syntax",
    "schema",
    "vector",
    "sql",
    "project",
    "builtins",
    "hir",
    "check",
    "lint",
    "plan",
    "bytecode",
    "emit",
    "store",
    "data",
    "vm",
    "propensity",
    "engines",
    "interchange",
    "fmt",
    "pipeline",
    "ide",
    "lsp",
    "cli",
];

/// Files at the top of `src/` that are above all rooms.
const ROOTS: &[&str] = &["lib", "main"];

/// Crates that any room may name: containers, serialisation and threads say nothing about a room's subject.
const EVERYWHERE: &[&str] = &["serde", "serde_json", "indexmap", "rustc_hash", "rayon"];

/// Lines of a file of `src/`, at most.
const FILE_LINES: usize = 500;

/// Files that may be longer, each with the reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc"];

#[test]
fn a_room_names_only_lower_rooms() {
    let mut wrong = Vec::new();
    for file in sources() {
        let room = room_of(&file);
        let text = fs::read_to_string(&file).unwrap();
        let floor = ROOMS.iter().position(|r| *r == room);
        if floor.is_none() && !ROOTS.contains(&room.as_str()) {
            wrong.push(format!("{}: `{room}` is no room of the table", file.display()));
        }
        let Some(floor) = floor else { continue };
        for (number, line) in code_lines(&text) {
            for named in names_after_crate(line) {
                let ok = named == room || ROOMS.iter().position(|r| *r == named).is_some_and(|other| other < floor);
                if !ok {
                    wrong.push(format!("{}:{number}: `{room}` must not name `{named}`", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_crate_is_named_by_one_folder() {
    let crates: Vec<String> = dependencies().into_iter().filter(|name| !EVERYWHERE.contains(&name.as_str())).collect();
    assert!(crates.len() > 5, "the dependencies were not found in Cargo.toml: {crates:?}");
    let mut named: BTreeMap<&str, BTreeMap<String, PathBuf>> = BTreeMap::new();
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        for (_, line) in code_lines(&text) {
            for name in crates.iter().filter(|name| names_crate(line, name)) {
                named.entry(name).or_default().entry(room_of(&file)).or_insert_with(|| file.clone());
            }
        }
    }
    let wrong: Vec<String> = named
        .iter()
        .filter(|(_, rooms)| rooms.len() > 1)
        .map(|(name, rooms)| format!("`{name}` is named by {:?}", rooms.values().collect::<Vec<_>>()))
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// The library is built once: tests stand in `tests/`, and one in `src/` would never run.
#[test]
fn no_test_hides_in_the_sources() {
    let hidden = |file: &PathBuf| fs::read_to_string(file).unwrap().contains("#[cfg(test)]");
    let wrong: Vec<PathBuf> = sources().into_iter().filter(hidden).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn files_are_short_and_say_what_they_hold() {
    let mut wrong = Vec::new();
    let mut long = BTreeSet::new();
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().count();
        let shown = file.display().to_string();
        if lines > FILE_LINES {
            long.insert(shown.clone());
            if !LONG_FILES.iter().any(|(path, _)| *path == shown) {
                wrong.push(format!("{shown}: {lines} lines, at most {FILE_LINES}"));
            }
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{shown}: does not begin with a `//!` that says what it holds"));
        }
        for part in file.iter().filter_map(|p| Path::new(p).file_stem()?.to_str()) {
            if EMPTY_NAMES.contains(&part) {
                wrong.push(format!("{shown}: `{part}` says nothing"));
            }
        }
    }
    for (path, reason) in LONG_FILES {
        if !long.contains(*path) {
            wrong.push(format!("{path} is listed as long ({reason}) and is not"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Every Rust file of `src/`, in order.
fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(Path::new("src"), &mut files);
    files.sort();
    assert!(!files.is_empty(), "the tests run in the package's folder");
    files
}

/// `src/check/expr.rs` belongs to `check`, `src/source.rs` to `source`.
fn room_of(file: &Path) -> String {
    let first = file.components().nth(1).unwrap();
    Path::new(first.as_os_str()).file_stem().unwrap().to_string_lossy().into_owned()
}

/// The lines that are not comments, with their numbers from 1.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(i, line)| (i + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The rooms that follow `crate::` on a line; understands `crate::{a, b::c}` on one line.
fn names_after_crate(line: &str) -> Vec<String> {
    let word = |s: &str| s.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = Vec::new();
    for (at, found) in line.match_indices("crate::") {
        let before = line[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') || line[..at].ends_with('$') {
            continue;
        }
        let rest = &line[at + found.len()..];
        match rest.strip_prefix('{') {
            Some(list) => names.extend(list.split('}').next().unwrap_or_default().split(',').map(word)),
            None => names.push(word(rest)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Whether a line names a crate: `name::`, `use name;`.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + name.len()..];
        let begins = !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '"' | '.'));
        begins && (after.starts_with("::") || (line.trim_start().starts_with("use ") && after.starts_with(';')))
    })
}

/// The dependencies of the library as Rust names them.
fn dependencies() -> Vec<String> {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim().replace('-', "_"))
        .collect()
}
