//! Data that is run over partition by partition, each gone before the next is read, where Parquet files have the events of each
//! profile together. Names the readers, `load`, `project` and `store`. Invariant: what comes of it is what comes of all
//! data at once; where that is not certain there is nothing, and the data is to be loaded.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::load::{add_notes, events, profiles, wants_events};
use super::read::Reading;
use super::report::Kind;
use super::shape::{Shape, Spaces};
use super::{Loaded, Progress, errors, files, parquet, reads_propensities};
use crate::diagnostics::Diagnostic;
use crate::plan::{FieldPath, FieldStep};
use crate::project::{Column, EventFiles, Format, Project};
use crate::schema::{Schema, TIMESTAMP};
use crate::store::partitions::{EventSource, Partition, Partitions};
use crate::store::raw::RawRecords;
use crate::store::{EventReads, Needs, Space, Types};
use crate::types::{Ty, Type};

/// Events that are read, at least, before those of complete profiles are run over: fewer make more small runs, more take
/// more memory.
pub const EVENTS_AT_ONCE: usize = 1 << 20;

/// Profiles without events that are run over at once.
const PROFILES: usize = 1 << 17;

/// What was loaded, only the ids of profiles being left; `None` if it was not to be had in partitions.
pub type InPartitions = Result<Option<Loaded>, Vec<Diagnostic>>;

/// Gives the data of a project partition by partition to `run`, which tells whether it goes on. Of the columns of events
/// nothing is there but what `reads` names. `at_once` is about how many events are read for one.
pub fn in_partitions(
    (project, root): (&Project, &Path),
    (schema, needs, reads): (&Schema, &Needs, &EventReads),
    now: i64,
    at_once: usize,
    progress: &Progress,
    run: &mut dyn FnMut(&Partition) -> bool,
) -> InPartitions {
    let enough = AtomicBool::new(false);
    let mut reading = Reading::new(root, progress).until(&enough);
    let [of_events] = project.events.as_slice() else { return Ok(None) };
    if !is_flat(project, needs) || !is_together(&reading, project) {
        return Ok(None);
    }
    reading.measure(&project.profiles.set);
    reading.measure(&of_events.set);
    let shape = profiles(project, schema, &needs.spaces);
    let records = reading.set(&project.profiles.set, &shape);
    let source = crate::store::build::RawSource { specs: shape.specs, pieces: records };
    let mut spaces = needs.spaces.clone();
    let times = instants(of_events, &mut spaces);
    let mut shape = events(of_events, schema, &spaces);
    shape.looked = looked(&shape, &reads.columns);
    let (specs, types, ids) = (shape.specs.clone(), needs.event_types.clone(), project.event_ids());
    if !reading.diagnostics.is_empty() {
        return Err(reading.diagnostics);
    }
    let reads = reads.columns.clone();
    let mut partitions = Partitions::new(source, EventSource { specs, types, ids, times, now, reads });
    let (mut waiting, mut rows, mut count) = (Vec::new(), 0, 0);
    let mut next = |partitions: &mut Partitions, pieces: Vec<RawRecords>, last: bool| {
        let goes_on = partitions.next(pieces, last).is_ok_and(|partition| {
            count += partition.dataset.events();
            partition.places.is_empty() || run(&partition)
        });
        enough.fetch_or(!goes_on, Ordering::Relaxed);
    };
    reading.each(&of_events.set, &shape, &mut |piece| {
        rows += piece.rows();
        waiting.push(piece);
        if rows >= at_once && !enough.load(Ordering::Relaxed) {
            rows = 0;
            next(&mut partitions, std::mem::take(&mut waiting), false);
        }
    });
    if !reading.diagnostics.is_empty() {
        return Err(reading.diagnostics);
    }
    if !enough.load(Ordering::Relaxed) {
        next(&mut partitions, waiting, true);
    }
    while !enough.load(Ordering::Relaxed)
        && let Some(partition) = partitions.without_events(PROFILES)
    {
        enough.fetch_or(!run(&partition), Ordering::Relaxed);
    }
    if enough.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let (dataset, notes) = partitions.finish();
    let mut report = reading.report;
    report.profiles = dataset.profiles() as u64;
    report.events = count;
    report.later_than_now = notes.later;
    add_notes(&mut report, &notes, Kind::UnknownProfile);
    if project.strict && !report.is_clean() {
        return Err(vec![errors::findings(&report)]);
    }
    Ok(Some(Loaded { dataset: Arc::new(dataset), report }))
}

/// Takes away the column of the instants of events, if there is one: every event has its instant, and is not asked twice.
fn instants(of_events: &EventFiles, spaces: &mut Spaces) -> Option<FieldPath> {
    let path: FieldPath = [FieldStep::Field(TIMESTAMP.into())].into();
    let columns = spaces.get_mut(&Space::Events)?;
    let same = of_events.set.mapping.column([TIMESTAMP]) == Column::At(of_events.timestamp.clone());
    let same = same && columns.get(&path).is_some_and(|ty| ty.ty == Ty::Timestamp);
    same.then(|| columns.remove(&path)).flatten().map(|_| path)
}

/// The columns of events that are looked at in events of some types alone.
fn looked(shape: &Shape, reads: &BTreeMap<FieldPath, Types>) -> Vec<(usize, Types)> {
    let Some(spec) = shape.specs.first() else { return Vec::new() };
    let of = |(at, (path, _)): (usize, &(FieldPath, Type))| match reads.get(path) {
        Some(types @ Types::Of(_)) => Some((spec.system.len() + at, types.clone())),
        Some(Types::All) | None => None,
    };
    spec.columns.iter().enumerate().filter_map(of).collect()
}

/// Whether nothing is read but columns of profiles and of events, from a file each.
fn is_flat(project: &Project, needs: &Needs) -> bool {
    let flat = |space: &Space| matches!(space, Space::Profiles | Space::Events);
    !project.profiles.from_events && needs.spaces.keys().all(flat) && wants_events(needs) && !reads_propensities(needs)
}

/// Whether files that can be read twice say that the events of each profile are together.
fn is_together(reading: &Reading<'_>, project: &Project) -> bool {
    let [of_events] = project.events.as_slice() else { return false };
    let Column::At(column) = &of_events.profile else { return false };
    let sets = [&project.profiles.set, &of_events.set];
    let all: Vec<_> = sets.iter().map(|set| reading.paths(set).unwrap_or_default()).collect();
    let is_parquet = |path: &std::path::PathBuf| {
        let named = path.file_name().and_then(|name| name.to_str()).and_then(Format::of_name);
        of_events.set.format.or(named) == Some(Format::Parquet)
    };
    !all.iter().flatten().any(|path| files::is_stream(path))
        && all[1].iter().all(is_parquet)
        && parquet::says_together(&all[1], column)
}
