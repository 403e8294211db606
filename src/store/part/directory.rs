//! What is where in a part: the blocks, the columns of every block, and from these the numbers of the chunks. Invariant:
//! the number of chunks follows from the directory alone, so that a part with another number is refused.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::plan::{FieldPath, FieldStep};
use crate::store::Space;
use crate::store::access::Hold;
use crate::store::raw::ColumnKind;

/// A table of rows that belong to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildSpec {
    /// Which rows.
    pub space: Space,
    /// Whether they are entries of a map.
    pub keyed: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Of which rows.
    pub space: Space,
    /// Which field.
    pub path: FieldPath,
    /// How its values (for a list the elements) are kept.
    pub kind: ColumnKind,
    /// Whether it is a list.
    pub list: bool,
}

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockSpec {
    /// How many profiles (or objects).
    pub profiles: u32,
    /// How many events.
    pub events: u32,
    /// Whether all its profiles have a record; otherwise none has, and the block waits for their records.
    pub known: bool,
    /// The first and last id.
    pub ids: (String, String),
}

/// What is in a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// [`Space::Profiles`], or the class whose objects these are.
    pub root: Space,
    /// Sources of columns of the profile: the record (`""`) and the names of scores.
    pub facets: Vec<Arc<str>>,
    /// Whether profiles have events.
    pub events: bool,
    /// Whether events have ids.
    pub event_ids: bool,
    /// The types of events, in order.
    pub types: Vec<Arc<str>>,
    /// Tables of elements and entries, outer ones first.
    pub children: Vec<ChildSpec>,
    /// The columns.
    pub columns: Vec<ColumnSpec>,
    /// The blocks: those with records in the order of ids, then those without.
    pub blocks: Vec<BlockSpec>,
}

/// The arrays of a block that are no columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) enum Array {
    /// The profiles' ids.
    Ids,
    /// Which profiles a facet speaks of.
    Facet(usize),
    /// Five numbers per type that occurs: number of the type, first row, end, first and last time.
    Types,
    /// Per type that occurs, offsets by profile.
    TypeOffsets,
    /// See [`crate::store::EventTable::profile`].
    Profile,
    /// See [`crate::store::EventTable::time`].
    Time,
    /// See [`crate::store::EventTable::rank`].
    Rank,
    /// See [`crate::store::EventTable::by_profile`].
    ByProfile,
    /// See [`crate::store::EventTable::by_profile_offsets`].
    ByProfileOffsets,
    /// See [`crate::store::EventTable::by_profile_time`].
    ByProfileTime,
    /// See [`crate::store::Slots::rows`].
    Slots,
    /// See [`crate::store::Slots::in_order`].
    SlotsInOrder,
    /// See [`crate::store::Ends::times`].
    EndTimes,
    /// See [`crate::store::Ends::rows`].
    EndRows,
    /// See [`crate::store::Ends::shared`].
    EndsShared,
    /// The events' ids.
    EventIds,
    /// Offsets of a child table.
    ChildOffsets(usize),
    /// Keys of a child table.
    ChildKeys(usize),
    /// A column.
    Column(usize),
}

impl Array {
    /// The ids of members are looked up when their blocks have been forgotten.
    pub(super) fn hold(self) -> Hold {
        match self {
            Array::Ids | Array::Facet(_) => Hold::Copied,
            Array::Types
            | Array::TypeOffsets
            | Array::Profile
            | Array::Time
            | Array::Rank
            | Array::ByProfile
            | Array::ByProfileOffsets
            | Array::ByProfileTime
            | Array::Slots
            | Array::SlotsInOrder
            | Array::EndTimes
            | Array::EndRows
            | Array::EndsShared
            | Array::EventIds
            | Array::ChildOffsets(_)
            | Array::ChildKeys(_)
            | Array::Column(_) => Hold::Mapped,
        }
    }
}

impl Directory {
    /// The dictionaries: the columns and keys that are text, in order.
    pub(in crate::store) fn dictionaries(&self) -> Vec<Array> {
        let keys = (0..self.children.len()).filter(|&c| self.children[c].keyed).map(Array::ChildKeys);
        let texts = (0..self.columns.len()).filter(|&c| self.columns[c].kind == ColumnKind::Text);
        keys.chain(texts.map(Array::Column)).collect()
    }

    /// The arrays of each block, in order.
    pub(in crate::store) fn arrays(&self) -> Vec<Array> {
        let mut arrays = vec![Array::Ids];
        arrays.extend((0..self.facets.len()).map(Array::Facet));
        if self.events {
            arrays.extend([Array::Types, Array::TypeOffsets, Array::Profile, Array::Time, Array::Rank]);
            arrays.extend([Array::ByProfile, Array::ByProfileOffsets, Array::ByProfileTime]);
            arrays.extend([Array::Slots, Array::SlotsInOrder, Array::EndTimes, Array::EndRows, Array::EndsShared]);
            if self.event_ids {
                arrays.push(Array::EventIds);
            }
        }
        for (c, child) in self.children.iter().enumerate() {
            arrays.push(Array::ChildOffsets(c));
            if child.keyed {
                arrays.push(Array::ChildKeys(c));
            }
        }
        arrays.extend((0..self.columns.len()).map(Array::Column));
        arrays
    }

    /// What an array is called in reports.
    pub(in crate::store) fn name(&self, array: Array) -> String {
        match array {
            Array::Ids => "the ids".into(),
            Array::Facet(_) => "the record bits".into(),
            Array::Types | Array::TypeOffsets => "the event types".into(),
            Array::Profile => "the profiles of the events".into(),
            Array::Time | Array::Slots => "the times of the events".into(),
            Array::Rank
            | Array::ByProfile
            | Array::ByProfileOffsets
            | Array::ByProfileTime
            | Array::SlotsInOrder
            | Array::EndTimes
            | Array::EndRows
            | Array::EndsShared => "the order of the events".into(),
            Array::EventIds => "the ids of the events".into(),
            Array::ChildOffsets(c) | Array::ChildKeys(c) => {
                self.children.get(c).map_or_else(String::new, |child| space_text(&child.space))
            }
            Array::Column(c) => self
                .columns
                .get(c)
                .map_or_else(String::new, |c| format!("{}.{}", space_text(&c.space), path_text(&c.path))),
        }
    }

    /// As JSON.
    pub(super) fn to_json(&self) -> Value {
        let children: Vec<Value> =
            self.children.iter().map(|c| json!({ "space": space_json(&c.space), "keyed": c.keyed })).collect();
        let columns: Vec<Value> = self
            .columns
            .iter()
            .map(|c| {
                json!({ "space": space_json(&c.space), "path": path_json(&c.path), "kind": kind_name(c.kind), "list": c.list })
            })
            .collect();
        let blocks: Vec<Value> =
            self.blocks.iter().map(|b| json!([b.profiles, b.events, u8::from(b.known), b.ids.0, b.ids.1])).collect();
        let texts = |all: &[Arc<str>]| -> Value { all.iter().map(|text| Value::String(text.to_string())).collect() };
        json!({
            "root": space_json(&self.root),
            "facets": texts(&self.facets),
            "events": self.events,
            "event_ids": self.event_ids,
            "types": texts(&self.types),
            "children": children,
            "columns": columns,
            "blocks": blocks,
        })
    }

    /// From JSON; `None` for anything that [`Directory::to_json`] does not make.
    pub(super) fn from_json(json: &Value) -> Option<Directory> {
        let texts = |key: &str| -> Option<Vec<Arc<str>>> {
            json.get(key)?.as_array()?.iter().map(|v| v.as_str().map(Arc::from)).collect()
        };
        let list = |key: &str| json.get(key)?.as_array();
        let flag = |value: &Value, key: &str| value.get(key)?.as_bool();
        let child = |v: &Value| {
            let space = space_of(v.get("space")?, 0)?;
            let keyed = flag(v, "keyed")?;
            (keyed == matches!(space, Space::Entries(..))).then_some(ChildSpec { space, keyed })
        };
        let column = |v: &Value| {
            Some(ColumnSpec {
                space: space_of(v.get("space")?, 0)?,
                path: path_of(v.get("path")?)?,
                kind: kind_of(v.get("kind")?.as_str()?)?,
                list: flag(v, "list")?,
            })
        };
        let block = |v: &Value| {
            let number = |i: usize| v.get(i)?.as_u64().and_then(|n| u32::try_from(n).ok());
            let id = |i: usize| v.get(i)?.as_str().map(str::to_owned);
            Some(BlockSpec { profiles: number(0)?, events: number(1)?, known: number(2)? == 1, ids: (id(3)?, id(4)?) })
        };
        let directory = Directory {
            root: space_of(json.get("root")?, 0)?,
            facets: texts("facets")?,
            events: flag(json, "events")?,
            event_ids: flag(json, "event_ids")?,
            types: texts("types")?,
            children: list("children")?.iter().map(child).collect::<Option<_>>()?,
            columns: list("columns")?.iter().map(column).collect::<Option<_>>()?,
            blocks: list("blocks")?.iter().map(block).collect::<Option<_>>()?,
        };
        directory.is_sound().then_some(directory)
    }

    /// Whether every table belongs to one before it and every column to a table.
    fn is_sound(&self) -> bool {
        let known = |space: &Space, before: usize| {
            *space == self.root
                || (self.events && *space == Space::Events)
                || self.children[..before].iter().any(|c| c.space == *space)
        };
        let outer = |space: &Space| match space {
            Space::Elements(outer, _) | Space::Entries(outer, _) => Some(outer.clone()),
            Space::Profiles | Space::Events | Space::Class(_) => None,
        };
        let children = self.children.iter().enumerate().all(|(i, c)| outer(&c.space).is_some_and(|o| known(&o, i)));
        children
            && self.columns.iter().all(|c| known(&c.space, self.children.len()))
            && self.types.windows(2).all(|pair| pair[0] < pair[1])
            && self.blocks.iter().all(|b| b.profiles as usize <= crate::store::BLOCK_PROFILES)
            && !self.facets.is_empty()
            && self.facets[0].is_empty()
    }
}

/// How deep spaces nest that are read.
const DEEPEST: usize = 64;

fn step_text(step: &FieldStep) -> String {
    match step {
        FieldStep::Field(name) => format!("f{name}"),
        FieldStep::Key(name) => format!("k{name}"),
    }
}

fn path_json(path: &FieldPath) -> Value {
    path.iter().map(|step| Value::String(step_text(step))).collect()
}

fn path_of(json: &Value) -> Option<FieldPath> {
    let step = |v: &Value| {
        let text = v.as_str()?;
        match text.split_at_checked(1)? {
            ("f", name) => Some(FieldStep::Field(name.into())),
            ("k", name) => Some(FieldStep::Key(name.into())),
            _ => None,
        }
    };
    json.as_array()?.iter().map(step).collect()
}

fn space_json(space: &Space) -> Value {
    match space {
        Space::Profiles => json!("profiles"),
        Space::Events => json!("events"),
        Space::Class(name) => json!({ "class": &**name }),
        Space::Elements(outer, path) => json!({ "elements": path_json(path), "of": space_json(outer) }),
        Space::Entries(outer, path) => json!({ "entries": path_json(path), "of": space_json(outer) }),
    }
}

fn space_of(json: &Value, depth: usize) -> Option<Space> {
    if depth > DEEPEST {
        return None;
    }
    let outer = || Some(Arc::new(space_of(json.get("of")?, depth + 1)?));
    match json.as_str() {
        Some("profiles") => Some(Space::Profiles),
        Some("events") => Some(Space::Events),
        Some(_) => None,
        None if json.get("class").is_some() => Some(Space::Class(json.get("class")?.as_str()?.into())),
        None => match (json.get("elements"), json.get("entries")) {
            (Some(path), None) => Some(Space::Elements(outer()?, path_of(path)?)),
            (None, Some(path)) => Some(Space::Entries(outer()?, path_of(path)?)),
            _ => None,
        },
    }
}

/// A space as people read it.
pub(in crate::store) fn space_text(space: &Space) -> String {
    match space {
        Space::Profiles => "profile".into(),
        Space::Events => "event".into(),
        Space::Class(name) => name.to_string(),
        Space::Elements(outer, path) => format!("{}.{}[]", space_text(outer), path_text(path)),
        Space::Entries(outer, path) => format!("{}.{}{{}}", space_text(outer), path_text(path)),
    }
}

/// A path as people read it.
pub(in crate::store) fn path_text(path: &FieldPath) -> String {
    let step = |step: &FieldStep| match step {
        FieldStep::Field(name) => name.to_string(),
        FieldStep::Key(name) => format!("[{name:?}]"),
    };
    path.iter().map(step).collect::<Vec<_>>().join(".")
}

const KINDS: [(ColumnKind, &str); 7] = [
    (ColumnKind::Bool, "bool"),
    (ColumnKind::Int, "int"),
    (ColumnKind::Decimal, "decimal"),
    (ColumnKind::Float, "float"),
    (ColumnKind::Date, "date"),
    (ColumnKind::Bucket, "bucket"),
    (ColumnKind::Text, "text"),
];

/// A kind by name.
pub(in crate::store) fn kind_name(kind: ColumnKind) -> &'static str {
    KINDS.iter().find(|(k, _)| *k == kind).map_or("text", |(_, name)| name)
}

fn kind_of(name: &str) -> Option<ColumnKind> {
    KINDS.iter().find(|(_, n)| *n == name).map(|(kind, _)| *kind)
}
