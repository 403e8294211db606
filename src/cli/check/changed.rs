//! `segc check --changed-since REV`: which files a git change touches, with those that depend on them. Asks `git` itself.
//! Invariant: where the project file or a schema has changed, everything counts as touched.

use std::collections::BTreeSet;
use std::process::Command;

use crate::cli::Failure;
use crate::pipeline::{Workspace, is_below, normalize};
use crate::source::FileId;

/// The files that differ from a revision (not committed and new ones too), and those that import them; `read` is all that
/// the check has read.
pub(super) fn files(workspace: &Workspace, revision: &str, read: &[String]) -> Result<BTreeSet<FileId>, Failure> {
    let root = if workspace.root.is_empty() { "." } else { &workspace.root };
    if revision.starts_with('-') {
        return Err(Failure::new(format!("`{revision}` is no revision")));
    }
    let differing = git(root, &["diff", "--name-only", "--no-renames", "--relative", "-z", revision, "--"])?;
    let new = git(root, &["ls-files", "--others", "--exclude-standard", "-z"])?;
    let touched: BTreeSet<String> = differing
        .split('\0')
        .chain(new.split('\0'))
        .filter(|path| !path.is_empty())
        .map(|path| normalize(&format!("{root}/{path}")))
        .collect();
    // What is no source, and was read, is the project file, the schema or a model; a schema's file may have gone, too.
    let schema = workspace.project.schema.as_ref().map(|schema| normalize(&format!("{root}/{}", schema.value)));
    let of_schema = |path: &String| schema.as_ref().is_some_and(|schema| schema == path || is_below(schema, path));
    let mut others = read.iter().map(|path| normalize(path)).filter(|path| !path.ends_with(".seg"));
    if touched.iter().any(of_schema) || others.any(|path| touched.contains(&path)) {
        return Ok(workspace.sources.iter().map(|(id, _)| id).collect());
    }
    let paths: BTreeSet<String> = touched.into_iter().filter(|path| path.ends_with(".seg")).collect();
    let reached = workspace.with_importers(paths);
    Ok(workspace.files.iter().filter(|file| reached.contains(&file.path)).map(|file| file.id).collect())
}

fn git(folder: &str, args: &[&str]) -> Result<String, Failure> {
    let output =
        Command::new("git").arg("-C").arg(folder).args(args).output().map_err(|error| {
            Failure::new(format!("`git` cannot be started: {}", crate::pipeline::io_reason(&error)))
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ");
        return Err(Failure::new(format!("git: {first}")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
