//! What is promised of every file holds for every file of the repository and for random ones.

use std::path::{Path, PathBuf};

use segc::fmt::format;
use segc::source::FileId;

use super::{checked, generate};

fn seg_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            seg_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "seg") {
            found.push(path);
        }
    }
}

#[test]
fn every_file_of_the_repository_formats_or_is_left_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["examples", "tests", "grammar"] {
        seg_files(&root.join(folder), &mut files);
    }
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let result = format(FileId(0), &text);
        let faults: Vec<_> = result.diagnostics.iter().filter(|d| d.code.info().id == "SEG0901").collect();
        assert!(faults.is_empty(), "{}: {faults:#?}", path.display());
        if result.is_ok() {
            checked(&text);
        } else {
            assert_eq!(result.text, text, "{}", path.display());
        }
    }
}

#[test]
fn examples_are_formatted() {
    let mut files = Vec::new();
    seg_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"), &mut files);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_formatted(&path, &text, &checked(&text));
    }
}

/// Names the first line that is not formatted.
fn assert_formatted(path: &Path, text: &str, formatted: &str) {
    let at = text.lines().zip(formatted.lines()).position(|(a, b)| a != b);
    assert!(text == formatted, "{}: not formatted at line {:?}:\n{formatted}", path.display(), at.map(|at| at + 1));
}

#[test]
fn random_files_keep_tokens_and_comments_and_are_stable() {
    for seed in 0..150 {
        checked(&generate::file(seed));
    }
}

#[test]
fn random_bytes_never_fault_the_formatter() {
    for seed in 0..150 {
        let text = generate::damaged(seed);
        let result = format(FileId(0), &text);
        assert!(result.diagnostics.iter().all(|d| d.code.info().id != "SEG0901"), "{text}");
        if result.is_ok() {
            checked(&text);
        }
    }
}

#[test]
fn long_lists_and_chains_are_laid_out() {
    let list: Vec<String> = (0..20_000).map(|i| i.to_string()).collect();
    let chain: Vec<String> = (0..10_000).map(|i| format!("a == {i}")).collect();
    let nested = format!("{}a{}", "(".repeat(100), ")".repeat(100));
    let text = format!("let x = [{}]\nlet y = {}\nlet z = {nested}\n", list.join(","), chain.join(" or "));
    let result = format(FileId(0), &text);
    assert!(result.is_ok(), "{:?}", result.diagnostics);
}
