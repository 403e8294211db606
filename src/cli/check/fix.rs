//! `segc check --fix` and `--diff`: fixes are made in memory, round after round, since one may uncover another; only when
//! no more are found is anything written. Invariant: a round that leaves more errors than it found is taken back.

use std::collections::BTreeMap;

use super::asked::Asked;
use super::{CheckArgs, look, outcome, tell};
use crate::cli::disk::Disk;
use crate::cli::write;
use crate::cli::{CommandResult, Failure, Global, Outcome, diff, print, say};
use crate::diagnostics::words::counted;
use crate::diagnostics::{Diagnostic, fixes};
use crate::pipeline::{Compiled, Files, Overlay, Workspace};

/// Rounds before it is given up that fixes come to an end.
const ROUNDS: usize = 20;

pub(super) fn run(args: &CheckArgs, global: &Global) -> CommandResult {
    let asked = Asked::default();
    let mut overlay = Overlay::new(&asked);
    if args.project.paths.iter().any(|path| path == "-") {
        let bytes = Disk.read("-").map_err(|error| Failure::io("standard input", &error))?;
        let text = String::from_utf8(bytes).map_err(|_| Failure::new("standard input: it is not UTF-8 text"))?;
        overlay.set("-", text);
    }
    let (mut workspace, mut compiled) = look(args, &overlay, &asked)?;
    let before = texts(&workspace);
    let mut fixed = 0;
    for _ in 0..ROUNDS {
        let Some((made, changes)) = round(args, &workspace, &compiled) else { break };
        for (path, text) in changes {
            overlay.set(&path, text);
        }
        let (next_workspace, next) = look(args, &overlay, &asked)?;
        if errors(&next) > errors(&compiled) {
            say("the last fixes would have made more errors; they are left out");
            break;
        }
        fixed += made;
        (workspace, compiled) = (next_workspace, next);
    }
    let changed: Vec<(String, String)> =
        texts(&workspace).into_iter().filter(|(path, text)| before.get(path) != Some(text)).collect();
    if args.diff {
        for (path, text) in &changed {
            print(&diff(path, before.get(path).map_or("", String::as_str), text))?;
        }
        say(&format!("{} in {}", counted(fixed as u64, "fix"), counted(changed.len() as u64, "file")));
        return Ok(if changed.is_empty() { Outcome::Clean } else { Outcome::Findings });
    }
    for (path, text) in &changed {
        if path == "-" { print(text)? } else { write::replace(path, text.as_bytes())? }
    }
    tell(args, global, &workspace, &compiled)?;
    if fixed > 0 {
        say(&format!("{fixed} fixed in {}", counted(changed.len() as u64, "file")));
    }
    Ok(outcome(args, &compiled.diagnostics))
}

/// How many diagnostics a round mends, and the new texts; nothing if there is no fix left.
fn round(args: &CheckArgs, workspace: &Workspace, compiled: &Compiled) -> Option<(usize, Vec<(String, String)>)> {
    let in_sources = |diagnostic: &&Diagnostic| {
        let mut edits = diagnostic.fixes.iter().flat_map(|fix| &fix.edits);
        edits.all(|edit| workspace.files.iter().any(|file| file.id == edit.span.file))
    };
    let mendable: Vec<Diagnostic> = compiled.diagnostics.iter().filter(in_sources).cloned().collect();
    let plan = fixes::plan(&mendable, args.include_unsafe);
    let mut changes = Vec::new();
    for file in &workspace.files {
        let (Some(edits), Some(source)) = (plan.edits.get(&file.id), workspace.sources.file(file.id)) else { continue };
        if let Ok(text) = fixes::apply(&source.text, edits)
            && *text != *source.text
        {
            changes.push((file.path.clone(), text));
        }
    }
    (!changes.is_empty()).then_some((plan.fixed, changes))
}

fn texts(workspace: &Workspace) -> BTreeMap<String, String> {
    let text = |id| workspace.sources.file(id).map(|file| file.text.to_string()).unwrap_or_default();
    workspace.files.iter().map(|file| (file.path.clone(), text(file.id))).collect()
}

fn errors(compiled: &Compiled) -> usize {
    compiled.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count()
}
