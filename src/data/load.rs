//! From the files of a project to a data set. Names the readers, `project` and `store`. Invariant: what a file holds is
//! either in the data set or counted in the report.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::cell::{Cell, TimeRules};
use super::read::Reading;
use super::report::{Kind as FindingKind, Report};
use super::shape::{Kind, Shape, Spaces, SystemColumn, shape};
use super::{Loaded, Progress, errors};
use crate::diagnostics::Diagnostic;
use crate::hir::{Propensity, PropensityOrigin};
use crate::project::{ClassFiles, Column, EventFiles, EventTypeFrom, FileSet, Project, ScoreFiles};
use crate::schema::{Class, ID, PROPENSITY, Schema};
use crate::store::build::{Notes, RawInputs, RawSource, build};
use crate::store::raw::ColumnKind;
use crate::store::{Needs, Space};
use crate::vector::time::Zone;

/// Loads what a program needs of a project's data. `root` is the project's folder; events later than `now` are counted.
pub fn load(
    project: &Project,
    root: &Path,
    schema: &Schema,
    needs: &Needs,
    now: i64,
) -> Result<Loaded, Vec<Diagnostic>> {
    load_observed(project, root, schema, needs, now, &Progress::default())
}

/// As [`load`]; how far it has come can be read from `progress` meanwhile.
pub fn load_observed(
    project: &Project,
    root: &Path,
    schema: &Schema,
    needs: &Needs,
    now: i64,
    progress: &Progress,
) -> Result<Loaded, Vec<Diagnostic>> {
    let mut reading = Reading::new(root, progress);
    // First the sizes: the same sets are asked for, and nothing is read.
    read_all(project, schema, needs, &mut |set, _| reading.measure(set));
    let inputs = read_all(project, schema, needs, &mut |set, shape| reading.set(set, shape));
    let diagnostics = std::mem::take(&mut reading.diagnostics);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let loaded = finish(inputs, reading.report, now);
    if project.strict && !loaded.report.is_clean() {
        return Err(vec![errors::findings(&loaded.report)]);
    }
    Ok(loaded)
}

/// The project with a score file for each propensity `from "…"`: the one that it names, else the text is the file. Columns
/// that the declaration names are those of the file.
pub fn with_scores(project: &Project, propensities: &[Propensity]) -> Project {
    let mut project = project.clone();
    for propensity in propensities {
        let PropensityOrigin::Data(table) = &propensity.origin else { continue };
        let named = project.propensity.get(&propensity.name).or_else(|| project.propensity.get(&table.from));
        let mut files =
            named.cloned().unwrap_or_else(|| ScoreFiles { set: FileSet::default(), id: project.profiles.id.clone() });
        // Settings without files are of the file that the declaration names.
        if files.set.files.is_empty() {
            files.set.files = vec![table.from.clone()];
            files.set.named = Some(propensity.span);
        }
        files.id = table.id.clone().map_or(files.id, Column::At);
        let declared = table.fields.iter().map(|(field, column)| (field.name().to_owned(), column.clone()));
        files.set.mapping.columns.extend(declared);
        project.propensity.insert(propensity.name.clone(), files);
    }
    project
}

/// Records that are not in files: those of tests.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// Profiles, with `_id`.
    pub profiles: Vec<Value>,
    /// Events, with `profileId`, `timestamp`, `eventType` and perhaps `_id`.
    pub events: Vec<Value>,
    /// Objects of related classes, with their keys.
    pub classes: BTreeMap<String, Vec<Value>>,
    /// Whether events have ids.
    pub event_ids: bool,
}

/// A data set of records that are in memory. Timestamps without an offset are of `zone`.
pub fn from_json_records(schema: &Schema, needs: &Needs, records: &Records, zone: &str, now: i64) -> Loaded {
    let (mut project, _) = crate::project::default_project(&[]);
    let set = |name: &str| FileSet { files: vec![name.to_owned()], zone: Some(zone.to_owned()), ..FileSet::default() };
    project.profiles.set.files = set("profiles").files;
    project.profiles.set.zone = Some(zone.to_owned());
    let name = |text: &str| Column::At(vec![text.to_owned()]);
    project.events.push(EventFiles {
        set: set("events"),
        profile: name("profileId"),
        timestamp: vec![crate::schema::TIMESTAMP.to_owned()],
        event_type: EventTypeFrom::default(),
        id: records.event_ids.then(|| name(ID)),
    });
    for class in records.classes.keys() {
        project.classes.insert(class.clone(), ClassFiles { set: set(class), key: None });
    }
    let progress = Progress::default();
    let mut reading = Reading::new(Path::new(""), &progress);
    let inputs = read_all(&project, schema, needs, &mut |set, shape| {
        let values = match set.files.first().map(String::as_str) {
            Some("profiles") => Some(&records.profiles),
            Some("events") => Some(&records.events),
            Some(class) => records.classes.get(class),
            None => None,
        };
        let text: String = values.into_iter().flatten().map(|value| format!("{value}\n")).collect();
        reading.text(set.files.first().map_or("", |name| name), text.as_bytes(), shape)
    });
    finish(inputs, reading.report, now)
}

/// Reads the files of a set by a shape.
type ReadSet<'r> = &'r mut dyn FnMut(&FileSet, &Shape) -> Vec<crate::store::raw::RawRecords>;

fn read_all(project: &Project, schema: &Schema, needs: &Needs, read: ReadSet<'_>) -> RawInputs {
    let spaces = &needs.spaces;
    let mut source = |set: &FileSet, shape: Shape| RawSource { pieces: read(set, &shape), specs: shape.specs };
    let mut inputs =
        RawInputs { event_types: needs.event_types.clone(), event_ids: project.event_ids(), ..RawInputs::default() };
    if !project.profiles.from_events {
        inputs.profiles = Some(source(&project.profiles.set, profiles(project, schema, spaces)));
    }
    for (name, files) in &project.propensity {
        if wants_below(spaces, name) {
            inputs.scores.push(source(&files.set, scores(name, files, schema, spaces)));
        }
    }
    for files in &project.events {
        if project.profiles.from_events || wants_events(needs) {
            let source = source(&files.set, events(files, schema, spaces));
            match &mut inputs.events {
                Some(all) => all.pieces.extend(source.pieces),
                None => inputs.events = Some(source),
            }
        }
    }
    for (name, class) in &schema.classes {
        let space = Space::Class(name.as_str().into());
        if let (true, Some(files)) = (spaces.contains_key(&space), project.classes.get(name)) {
            let shape = class_objects(files, class, schema, space, spaces);
            inputs.classes.insert(name.as_str().into(), source(&files.set, shape));
        }
    }
    inputs
}

/// Whether any event or anything inside events is read.
pub(super) fn wants_events(needs: &Needs) -> bool {
    needs.spaces.keys().any(|space| *crate::store::build::root_of(space) == Space::Events)
        || needs.event_types.as_ref().is_some_and(|types| !types.is_empty())
}

/// Whether a program reads anything of a propensity.
pub fn reads_propensity(needs: &Needs, name: &str) -> bool {
    wants_below(&needs.spaces, name)
}

/// Whether a program reads anything of any propensity.
pub fn reads_propensities(needs: &Needs) -> bool {
    use crate::plan::FieldStep::Field;
    let begins = |path: &crate::plan::FieldPath| matches!(path.first(), Some(Field(root)) if **root == *PROPENSITY);
    needs.spaces.iter().any(|(space, columns)| match space {
        Space::Profiles => columns.keys().any(begins),
        Space::Elements(outer, path) | Space::Entries(outer, path) => **outer == Space::Profiles && begins(path),
        Space::Events | Space::Class(_) => false,
    })
}

/// Whether anything of a propensity is read.
fn wants_below(spaces: &Spaces, name: &str) -> bool {
    use crate::plan::FieldStep::Field;
    let begins = |path: &crate::plan::FieldPath| matches!((path.first(), path.get(1)), (Some(Field(a)), Some(Field(b))) if **a == *PROPENSITY && **b == *name);
    spaces.iter().any(|(space, columns)| match space {
        Space::Profiles => columns.keys().any(begins),
        Space::Elements(outer, path) | Space::Entries(outer, path) => **outer == Space::Profiles && begins(path),
        Space::Events | Space::Class(_) => false,
    })
}

fn rules(set: &FileSet) -> TimeRules {
    TimeRules { zone: set.zone.as_deref().and_then(Zone::new), unit: set.unit }
}

fn id_column(physical: Column, name: &'static str) -> SystemColumn {
    let required = Some(FindingKind::MissingId);
    SystemColumn { physical: Some(physical), kind: ColumnKind::Plain, cell: Cell::Text, name, required }
}

/// What is read of profile records.
pub(super) fn profiles(project: &Project, schema: &Schema, spaces: &Spaces) -> Shape {
    let files = &project.profiles;
    let except: Vec<Vec<String>> =
        project.propensity.keys().map(|name| vec![PROPENSITY.to_owned(), name.clone()]).collect();
    shape(
        &Kind {
            schema,
            object: schema.profile,
            space: Space::Profiles,
            mapping: &files.set.mapping,
            below: &[],
            except: &except,
            system: vec![id_column(files.id.clone(), ID)],
            rules: rules(&files.set),
            event_type: None,
        },
        spaces,
    )
}

/// The feature of a score that tells when it was computed.
const SCORED_AT: &str = "scored_at";

/// What is read of scores.
pub(super) fn scores(name: &str, files: &ScoreFiles, schema: &Schema, spaces: &Spaces) -> Shape {
    shape(
        &Kind {
            schema,
            object: schema.profile,
            space: Space::Profiles,
            mapping: &files.set.mapping,
            below: &[PROPENSITY, name],
            except: &[],
            system: vec![
                id_column(files.id.clone(), ID),
                SystemColumn {
                    physical: Some(Column::At(files.set.mapping.physical([SCORED_AT]))),
                    kind: ColumnKind::Int,
                    cell: Cell::Timestamp,
                    name: SCORED_AT,
                    required: Some(FindingKind::MissingScoredAt),
                },
            ],
            rules: rules(&files.set),
            event_type: None,
        },
        spaces,
    )
}

/// What is read of event records.
pub(super) fn events(files: &EventFiles, schema: &Schema, spaces: &Spaces) -> Shape {
    let (type_column, constant) = match &files.event_type {
        EventTypeFrom::Column(column) => (Some(Column::At(column.clone())), None),
        EventTypeFrom::Constant(name) => (None, Some(name.as_str())),
    };
    let types = schema.field(schema.event, crate::schema::EVENT_TYPE);
    // An unknown type is found here, whether or not the type is read as a column.
    let listed = types.map_or(Cell::Text, |field| Cell::of(&field.ty.ty));
    let system = vec![
        SystemColumn {
            physical: Some(files.profile.clone()),
            kind: ColumnKind::Text,
            cell: Cell::Text,
            name: "profile",
            required: Some(FindingKind::MissingId),
        },
        SystemColumn {
            physical: Some(Column::At(files.timestamp.clone())),
            kind: ColumnKind::Int,
            cell: Cell::Timestamp,
            name: crate::schema::TIMESTAMP,
            required: Some(FindingKind::MissingTimestamp),
        },
        SystemColumn {
            physical: type_column,
            kind: ColumnKind::Text,
            cell: listed,
            name: crate::schema::EVENT_TYPE,
            required: Some(FindingKind::MissingType),
        },
        SystemColumn {
            physical: files.id.clone(),
            kind: ColumnKind::Plain,
            cell: Cell::Text,
            name: ID,
            required: files.id.as_ref().map(|_| FindingKind::MissingEventId),
        },
    ];
    shape(
        &Kind {
            schema,
            object: schema.event,
            space: Space::Events,
            mapping: &files.set.mapping,
            below: &[],
            except: &[],
            system,
            rules: rules(&files.set),
            event_type: constant,
        },
        spaces,
    )
}

/// What is read of the objects of a class.
pub(super) fn class_objects(
    files: &ClassFiles,
    class: &Class,
    schema: &Schema,
    space: Space,
    spaces: &Spaces,
) -> Shape {
    let own = || files.set.mapping.column(class.key.iter().map(String::as_str));
    let key = files.key.clone().unwrap_or_else(own);
    shape(
        &Kind {
            schema,
            object: class.object,
            space,
            mapping: &files.set.mapping,
            below: &[],
            except: &[],
            system: vec![id_column(key, "key")],
            rules: rules(&files.set),
            event_type: None,
        },
        spaces,
    )
}

fn finish(inputs: RawInputs, mut report: Report, now: i64) -> Loaded {
    let (dataset, notes) = build(inputs, now);
    report.profiles = dataset.profiles() as u64;
    report.events = dataset.events();
    report.later_than_now = notes.later;
    add_notes(&mut report, &notes, FindingKind::UnknownProfile);
    Loaded { dataset: Arc::new(dataset), report }
}

/// Tells what was left out on the way; `of_nobody` is what events without a profile are.
pub(super) fn add_notes(report: &mut Report, notes: &Notes, of_nobody: FindingKind) {
    let findings = &mut report.findings;
    findings.add_noted(FindingKind::DuplicateProfile, "", &notes.duplicate_profiles);
    findings.add_noted(of_nobody, "", &notes.unknown_profiles);
    findings.add_noted(FindingKind::RepeatedEvent, "", &notes.repeated_events);
    findings.add_noted(FindingKind::DuplicateScore, "", &notes.duplicate_scores);
    findings.add_noted(FindingKind::UnknownScore, "", &notes.unknown_scores);
    for (class, noted) in &notes.duplicate_objects {
        findings.add_noted(FindingKind::DuplicateObject, class, noted);
    }
}
