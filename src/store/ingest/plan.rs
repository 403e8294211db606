//! What a store is to be made of, as the parts' directories and as sources without records. Invariant: both follow from
//! the plan alone.

use std::sync::Arc;

use crate::store::Space;
use crate::store::build::{RawInputs, RawSource};
use crate::store::merge::Input;
use crate::store::part::{ChildSpec, ColumnSpec, Directory};
use crate::store::raw::{ColumnKind, RawRecords, TableSpec};
use crate::types::Ty;

/// What a store is to be made of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The fingerprint of the schema.
    pub schema: [u8; 32],
    /// Whether events have ids.
    pub event_ids: bool,
    /// How ids of profiles are made.
    pub ids: String,
    /// What profile records hold; `None` where the profiles are those that events name.
    pub profiles: Option<Vec<TableSpec>>,
    /// What scores hold, by name.
    pub scores: Vec<(Arc<str>, Vec<TableSpec>)>,
    /// What events hold; `None` if there are none.
    pub events: Option<Vec<TableSpec>>,
    /// What the objects of related classes hold, by name.
    pub classes: Vec<(Arc<str>, Vec<TableSpec>)>,
    /// About how many bytes of memory may be used.
    pub memory: usize,
    /// Whether what is there is replaced.
    pub replace: bool,
}

/// Sources without records.
pub(super) fn inputs_of(plan: &Plan) -> RawInputs {
    let source = |specs: &Vec<TableSpec>| RawSource { specs: specs.clone(), pieces: Vec::new() };
    RawInputs {
        profiles: plan.profiles.as_ref().map(source),
        scores: plan.scores.iter().map(|(_, specs)| source(specs)).collect(),
        events: plan.events.as_ref().map(source),
        classes: plan.classes.iter().map(|(name, specs)| (name.clone(), source(specs))).collect(),
        event_types: None,
        event_ids: plan.event_ids,
    }
}

/// A source without pieces does not tell how its columns are kept.
pub(super) fn with_a_piece(source: &mut RawSource) {
    if source.pieces.is_empty() {
        source.pieces.push(RawRecords::new(&source.specs, 0));
    }
}

pub(super) fn directory_of(plan: &Plan) -> Directory {
    let mut directory = Directory {
        root: Space::Profiles,
        facets: std::iter::once("".into()).chain(plan.scores.iter().map(|(name, _)| name.clone())).collect(),
        events: plan.events.is_some(),
        event_ids: plan.event_ids && plan.events.is_some(),
        types: Vec::new(),
        children: Vec::new(),
        columns: Vec::new(),
        blocks: Vec::new(),
    };
    let scores = plan.scores.iter().map(|(_, specs)| specs);
    plan.profiles.iter().chain(scores).chain(&plan.events).for_each(|specs| add_specs(&mut directory, specs));
    directory
}

pub(super) fn class_directory(name: &Arc<str>, specs: &[TableSpec]) -> Directory {
    let mut directory = Directory {
        root: Space::Class(name.clone()),
        facets: vec!["".into()],
        events: false,
        event_ids: false,
        types: Vec::new(),
        children: Vec::new(),
        columns: Vec::new(),
        blocks: Vec::new(),
    };
    add_specs(&mut directory, specs);
    directory
}

fn add_specs(directory: &mut Directory, specs: &[TableSpec]) {
    for spec in specs {
        if spec.parent.is_some() {
            directory.children.push(ChildSpec { space: spec.space.clone(), keyed: spec.keyed });
        }
        directory.columns.extend(spec.columns.iter().map(|(path, ty)| ColumnSpec {
            space: spec.space.clone(),
            path: path.clone(),
            kind: ColumnKind::of(&ty.ty),
            list: matches!(ty.ty, Ty::List(_)),
        }));
    }
}

pub(super) fn same_columns(one: &Directory, other: &Directory) -> bool {
    let shape = |d: &Directory| Directory { types: Vec::new(), blocks: Vec::new(), ..d.clone() };
    shape(one) == shape(other)
}

pub(super) fn with_types(directory: &Directory, inputs: &[Input]) -> Directory {
    let mut types: Vec<Arc<str>> = inputs.iter().flat_map(|i| i.part.directory.types.iter().cloned()).collect();
    types.sort_unstable();
    types.dedup();
    Directory { types, ..directory.clone() }
}
