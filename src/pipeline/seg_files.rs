//! The `.seg` files of a project and what they import, parsed. An import is read only from below the project's folder.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::paths::{is_below, join, matches_pattern, named_in, normalize};
use super::{Files, Memo, Request, SegFile, errors};
use crate::diagnostics::Diagnostic;
use crate::limits;
use crate::project::Project;
use crate::source::{FileId, Sources};
use crate::syntax::Parse;
use crate::syntax::ast::ItemKind;

/// Reads the files that were asked for, then, level by level, what they import.
pub(super) fn read(
    files: &dyn Files,
    request: &Request,
    project: &Project,
    memo: &mut Memo,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<SegFile> {
    let root = normalize(&request.root);
    let mut wanted = first_paths(files, request, project, &root, diagnostics);
    let mut seen: BTreeSet<String> = wanted.iter().cloned().collect();
    let mut found: Vec<SegFile> = Vec::new();
    let mut bytes = 0;
    for depth in 0..=limits::IMPORT_DEPTH {
        let texts = load(files, &wanted, depth == 0, sources, &mut bytes, diagnostics);
        let start = found.len();
        found.extend(memo.parse_all(texts));
        if bytes > limits::PROJECT_BYTES {
            diagnostics.push(errors::too_large("bytes of source", limits::PROJECT_BYTES));
            break;
        }
        wanted = found[start..].iter().flat_map(imported).filter(|path| is_below(&root, path)).collect();
        wanted.retain(|path| seen.insert(path.clone()));
        if wanted.is_empty() {
            break;
        }
        if seen.len() > limits::PROJECT_FILES {
            diagnostics.push(errors::too_large("source files", limits::PROJECT_FILES));
            break;
        }
    }
    found
}

/// The files that were named, or those that the project's patterns match, sorted.
fn first_paths(
    files: &dyn Files,
    request: &Request,
    project: &Project,
    root: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<String> {
    if !request.sources.is_empty() {
        let mut seen = BTreeSet::new();
        let given = request.sources.iter().map(|path| normalize(path));
        return given.filter(|path| seen.insert(path.clone())).collect();
    }
    let folder = if root.is_empty() { "." } else { root };
    let listed = match files.list(folder) {
        Ok(listed) => listed,
        Err(error) => {
            diagnostics.push(errors::unreadable(folder, &error));
            return Vec::new();
        }
    };
    let patterns: Vec<String> = project.sources.iter().map(|pattern| join(root, pattern)).collect();
    let mut paths: Vec<String> = listed
        .iter()
        .map(|path| normalize(path))
        .filter(|path| path.ends_with(".seg") && patterns.iter().any(|pattern| matches_pattern(pattern, path)))
        .collect();
    paths.sort();
    if paths.len() > limits::PROJECT_FILES {
        diagnostics.push(errors::too_large("source files", limits::PROJECT_FILES));
        paths.truncate(limits::PROJECT_FILES);
    }
    if paths.is_empty() {
        diagnostics.push(errors::no_sources(&project.sources));
    }
    paths
}

/// Reads texts. A file that an import names and that is not there is the checker's to report, at the import.
fn load(
    files: &dyn Files,
    paths: &[String],
    named: bool,
    sources: &mut Sources,
    bytes: &mut usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(FileId, String, Arc<str>)> {
    let mut texts = Vec::new();
    for path in paths {
        match files.text(path) {
            Ok(text) => {
                *bytes += text.len();
                let shown = if path == "-" { "<stdin>" } else { path };
                texts.push((sources.add(shown, text.clone()), path.clone(), text));
            }
            Err(error) if named || error.kind() == std::io::ErrorKind::InvalidData => {
                diagnostics.push(errors::unreadable(path, &error));
            }
            Err(_) => {}
        }
    }
    texts
}

/// The `.seg` files that a file imports, as it names them.
pub(super) fn imports(parse: &Parse) -> Arc<[String]> {
    let named = parse.file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Import(path) if path.node.ends_with(".seg") => Some(path.node.clone()),
        _ => None,
    });
    named.collect()
}

/// The paths of the files that a file imports.
pub(super) fn imported(file: &SegFile) -> impl Iterator<Item = String> {
    file.imports.iter().map(|path| named_in(&file.path, path))
}
