//! From the files of a project into a store, and from a store to a data set. Names the readers, `store` and `plan`.
//! Invariants: everything that the schema has is read, whatever today's segments need; what a file holds is either in the
//! store or counted in the report.

use std::path::Path;
use std::sync::Arc;

use super::load::{self, add_notes};
use super::read::Reading;
use super::report::{Kind as FindingKind, Report};
use super::shape::Shape;
use super::{Loaded, Progress, errors};
use crate::diagnostics::Diagnostic;
use crate::hir::{Module, Propensity, PropensityOrigin, ScoreField};
use crate::plan::{FieldStep, Needs, Space};
use crate::project::{FileSet, Project};
use crate::schema::{PROPENSITY, Schema};
use crate::store::columns::{add, all_columns};
use crate::store::ingest::{Ingest, Of, Plan, Summary};
use crate::store::raw::ColumnKind;
use crate::store::{Fault, Store};
use crate::types::{Ty, Type};

/// How to ingest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// About how many bytes of memory may be used.
    pub memory: usize,
    /// Whether what the store holds is replaced.
    pub replace: bool,
    /// The fingerprint of the project's schema.
    pub fingerprint: [u8; 32],
}

/// What is read at a time may take this share of the memory.
const READ_SHARE: usize = 4;

/// Why nothing was ingested.
#[derive(Debug)]
pub enum Refused {
    /// The project or its data.
    Diagnostics(Vec<Diagnostic>),
    /// The store.
    Fault(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Refused {
        Refused::Fault(fault)
    }
}

/// Every column that a segment of the project could read of its data. `is_in_data` tells by name whether the values of a
/// propensity are: those of others are computed when they are asked for.
pub fn columns(schema: &Schema, module: &Module, is_in_data: &dyn Fn(&str) -> bool) -> Needs {
    let (read, computed): (Vec<&Propensity>, Vec<&Propensity>) =
        module.propensities.iter().partition(|propensity| is_in_data(&propensity.name));
    let computed: Vec<&str> = computed.into_iter().map(|propensity| propensity.name.as_str()).collect();
    let mut needs = all_columns(schema).without_propensities(&computed);
    if let Some(own) = needs.spaces.get_mut(&Space::Profiles) {
        // The object that holds them all is nowhere but in the language.
        own.retain(|path, _| !matches!(&path[..], [FieldStep::Field(name)] if **name == *PROPENSITY));
    }
    for propensity in read {
        add(&mut needs, score_columns(propensity));
    }
    // A vendor's score may be declared as an integer and is read as a number: what is read holds.
    let plan = crate::plan::lower(module, 0).needs();
    for (space, columns) in plan.spaces {
        let Some(known) = needs.spaces.get_mut(&space) else { continue };
        for (path, ty) in columns {
            if let Some(own) = known.get_mut(&path)
                && ColumnKind::of(&own.ty) != ColumnKind::of(&ty.ty)
            {
                *own = ty;
            }
        }
    }
    needs
}

/// What may be read of a score that comes from a file.
fn score_columns(propensity: &Propensity) -> Needs {
    let mut needs = Needs::default();
    let declared: &[_] = match &propensity.origin {
        PropensityOrigin::Profile { .. } => return needs,
        PropensityOrigin::Data(table) => &table.fields,
        PropensityOrigin::Model(_) | PropensityOrigin::Declared { .. } => &[],
    };
    let path = |names: &[&str]| names.iter().map(|name| FieldStep::Field((*name).into())).collect::<Vec<_>>();
    let below = |feature: &str| path(&[PROPENSITY, &propensity.name, feature]);
    let features = [
        ("probability", Ty::Float),
        ("score", Ty::Float),
        ("percentile", Ty::Float),
        ("scored_at", Ty::Timestamp),
        ("model", Ty::String),
    ];
    let own = needs.spaces.entry(Space::Profiles).or_default();
    own.extend(features.map(|(feature, ty)| (below(feature).into(), Type::optional(ty))));
    let scales = declared.iter().filter(|(field, _)| ScoreField::SCALES.contains(field));
    own.extend(scales.map(|(field, _)| (below(field.name()).into(), Type::optional(Ty::Float))));
    let factors = Space::Elements(Arc::new(Space::Profiles), below("factors").into());
    let of_factors = [("feature", Ty::String), ("value", Ty::String), ("weight", Ty::Float), ("effect", Ty::String)];
    let own = needs.spaces.entry(factors).or_default();
    own.extend(of_factors.map(|(field, ty)| (path(&[field]).into(), Type::optional(ty))));
    needs
}

/// The sources of a project with what is read of each.
struct Sources<'p> {
    plan: Plan,
    sets: Vec<(Of, &'p FileSet, Shape)>,
}

fn sources<'p>(project: &'p Project, schema: &Schema, needs: &Needs, options: Options) -> Sources<'p> {
    let spaces = &needs.spaces;
    let mut plan = Plan {
        schema: options.fingerprint,
        event_ids: project.event_ids(),
        ids: project.ids(),
        profiles: None,
        scores: Vec::new(),
        events: None,
        classes: Vec::new(),
        memory: options.memory,
        replace: options.replace,
    };
    let mut sets = Vec::new();
    if !project.profiles.from_events {
        let shape = load::profiles(project, schema, spaces);
        plan.profiles = Some(shape.specs.clone());
        sets.push((Of::Profiles, &project.profiles.set, shape));
    }
    for (name, files) in &project.propensity {
        let shape = load::scores(name, files, schema, spaces);
        sets.push((Of::Scores(plan.scores.len()), &files.set, shape.clone()));
        plan.scores.push((name.as_str().into(), shape.specs));
    }
    for files in &project.events {
        let shape = load::events(files, schema, spaces);
        plan.events.get_or_insert_with(|| shape.specs.clone());
        sets.push((Of::Events, &files.set, shape));
    }
    for (name, class) in &schema.classes {
        if let Some(files) = project.classes.get(name) {
            let space = Space::Class(name.as_str().into());
            let shape = load::class_objects(files, class, schema, space, spaces);
            sets.push((Of::Class(plan.classes.len()), &files.set, shape.clone()));
            plan.classes.push((name.as_str().into(), shape.specs));
        }
    }
    Sources { plan, sets }
}

/// Reads the files of a project into a store. `root` is the project's folder; `progress` is told of records read so far.
pub fn ingest(
    project: &Project,
    root: &Path,
    schema: &Schema,
    needs: &Needs,
    store: &Path,
    options: Options,
    progress: &dyn Fn(u64),
) -> Result<(Summary, Report), Refused> {
    let Sources { plan, sets } = sources(project, schema, needs, options);
    let mut ingest = Ingest::begin(store, plan)?;
    let bytes = Progress::default();
    let mut reading = Reading::new(root, &bytes).within(options.memory / READ_SHARE);
    let mut fault = None;
    let (mut records, mut people) = (0, 0);
    let tells_people = if project.profiles.from_events { Of::Events } else { Of::Profiles };
    for (of, set, shape) in &sets {
        // Sources without files have nothing new to tell.
        if set.files.is_empty() {
            continue;
        }
        reading.each(set, shape, &mut |piece| {
            records += piece.rows() as u64;
            people += if *of == tells_people { piece.rows() } else { 0 };
            progress(records);
            if fault.is_none() {
                fault = ingest.add(*of, piece).err();
            }
        });
        if let Some(fault) = fault {
            return Err(fault.into());
        }
    }
    if !reading.diagnostics.is_empty() {
        return Err(Refused::Diagnostics(reading.diagnostics));
    }
    if options.replace && people == 0 {
        return Err(Refused::Diagnostics(vec![errors::no_profiles(store)]));
    }
    let mut report = reading.report;
    let strict = project.strict;
    let summary = ingest.finish(|notes| {
        add_notes(&mut report, notes, FindingKind::WaitingEvent);
        !strict || report.is_clean()
    })?;
    let Some(summary) = summary else { return Err(Refused::Diagnostics(vec![errors::findings(&report)])) };
    (report.profiles, report.events) = summary.totals;
    Ok((summary, report))
}

/// The data set of what a program needs of a project's store; events later than `now` are counted. The events are
/// [unchecked](Store::unchecked).
pub fn from_store(
    store: &Path,
    schema: &[u8; 32],
    project: &Project,
    needs: &Needs,
    now: i64,
) -> Result<Loaded, Fault> {
    let store = Store::open(store)?;
    store.fits(schema, project.event_ids(), project.profiles.from_events, &project.ids())?;
    let dataset = store.unchecked(needs)?;
    let (profiles, events) = store.manifest.totals();
    let later_than_now = dataset.events_after(now)?;
    Ok(Loaded { dataset: Arc::new(dataset), report: Report { profiles, events, later_than_now, ..Report::default() } })
}
