//! `segc compile --locked`: what would be written against what is there. Nothing is written. Invariant: what differs is told
//! whatever it is: a file with another content, one that is missing, one of a segment that is gone.
//!
//! Windows count from an instant that every artefact names. Without `--now` it is read out of what is there, so that the
//! same sources stay the same when time goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use super::super::{CommandResult, Failure, Outcome, clock, diff, print, say};
use super::CompileArgs;
use super::queries::Files;
use crate::bytecode;
use crate::diagnostics::words::counted;

/// Where artefacts are looked for.
pub(super) fn place(args: &CompileArgs) -> Result<&str, Failure> {
    let without = || Failure::new("`--locked` compares with what was written: give `--output`, as it was given then");
    args.output.as_deref().ok_or_else(without)
}

/// What a comment of a query begins with that tells its instant.
const NOW: &str = "-- now ";
/// And its definition, and its place in the sources.
const DEFINITION: &str = "-- definition ";
const PLACE: &str = "-- segment ";

/// The instant that a query's windows count from.
pub(super) fn now_of_query(text: &str) -> Option<i64> {
    let line = text.lines().find_map(|line| line.strip_prefix(NOW))?;
    clock::now(Some(line.split(',').next()?.trim()), "UTC").ok()
}

/// The instant of a program; absent if it cannot be read.
pub(super) fn now_of_program(path: &str) -> Option<i64> {
    bytecode::decode(&fs::read(path).ok()?).ok().map(|program| program.now)
}

/// The queries of a folder by file name, of the names that are wanted.
pub(super) fn queries_in(folder: &str, is_wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<String, String>, Failure> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(Failure::io(folder, &error)),
    };
    let mut found = BTreeMap::new();
    for entry in entries {
        let entry = entry.map_err(|error| Failure::io(folder, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if (name.ends_with(".sql") || name == "schema.yml") && is_wanted(&name) {
            let bytes = fs::read(entry.path()).map_err(|error| Failure::io(&name, &error))?;
            found.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(found)
}

/// Compares the files of a folder. `made` gives them for an instant, or nothing if what refuses them has been reported.
pub(super) fn compare_folder(
    args: &CompileArgs,
    now: i64,
    made: &mut dyn FnMut(i64) -> Result<Option<Files>, Failure>,
) -> CommandResult {
    let folder = place(args)?;
    let mut there = queries_in(folder, |_| true)?;
    let instants: BTreeMap<&String, i64> = match &args.now {
        Some(_) => BTreeMap::new(),
        None => there.iter().filter_map(|(name, text)| Some((name, now_of_query(text)?))).collect(),
    };
    // What is missing, and what names no instant, is made at that of the others.
    let usual = instants.values().max().copied().unwrap_or(now);
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    for instant in instants.values().copied().chain([usual]).collect::<BTreeSet<i64>>() {
        let Some(files) = made(instant)? else { return Ok(Outcome::Findings) };
        let own = files.into_iter().filter(|(name, _)| instants.get(name).copied().unwrap_or(usual) == instant);
        wanted.extend(own);
    }
    let path = |name: &str| Path::new(folder).join(name).to_string_lossy().into_owned();
    let mut differing = Vec::new();
    for (name, text) in &wanted {
        differing.extend(difference(&path(name), there.get(name).map(String::as_str), text));
    }
    if args.segments.is_empty() && !args.canary {
        there.retain(|name, _| !wanted.contains_key(name));
        differing.extend(gone(&there).map(|(name, text)| diff(&path(name), text, "")));
    }
    tell(&differing, wanted.len())
}

/// Of queries that nothing gives any more, those that were emitted here. What does not say its definition and its instant
/// is somebody's own.
pub(super) fn gone(others: &BTreeMap<String, String>) -> impl Iterator<Item = (&String, &String)> {
    let emitted = |text: &str| now_of_query(text).is_some() && text.lines().any(|line| line.starts_with(DEFINITION));
    others.iter().filter(move |(_, text)| emitted(text))
}

/// Compares one file.
pub(super) fn compare_file(path: &str, bytes: &[u8]) -> CommandResult {
    let there = match fs::read(path) {
        Ok(there) => Some(there),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Failure::io(path, &error)),
    };
    if there.as_deref() == Some(bytes) {
        return tell(&[], 1);
    }
    let shown = |bytes: &[u8]| match bytecode::decode(bytes) {
        Ok(program) => bytecode::list(&program),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    };
    let (before, after) = (there.as_deref().map(shown), shown(bytes));
    let told = difference(path, before.as_deref(), &after);
    // Two programs may read alike and differ in bytes, such as those of two versions of the form.
    tell(&[told.unwrap_or_else(|| format!("{path}: other bytes, with the same listing\n"))], 1)
}

/// What differs; a file that is not there is shown as new.
fn difference(path: &str, before: Option<&str>, after: &str) -> Option<String> {
    match before {
        Some(before) if before == after || without_lines(before).eq(without_lines(after)) => None,
        Some(before) => Some(diff(path, before, after)),
        None => Some(diff(path, "", after)),
    }
}

/// The lines of a query, its place without the number of the line: a line more above a segment changes no query.
fn without_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| match line.strip_prefix(PLACE).and_then(|place| place.rsplit_once(':')) {
        Some((before, number)) if number.trim_end_matches(')').bytes().all(|byte| byte.is_ascii_digit()) => before,
        Some(_) | None => line,
    })
}

fn tell(differing: &[String], of: usize) -> CommandResult {
    if differing.is_empty() {
        say(&format!("{} as the sources give", counted(of as u64, "file")));
        return Ok(Outcome::Clean);
    }
    print(&differing.concat())?;
    let verb = if differing.len() == 1 { "is" } else { "are" };
    say(&format!(
        "error: {} {verb} not what the sources give; run the same command without `--locked`",
        counted(differing.len() as u64, "file")
    ));
    Ok(Outcome::Findings)
}
