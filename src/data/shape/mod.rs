//! Which places of a record are read, and into which columns: the needs of a program, laid over the data's own names.
//! Names `schema`, `project`, `store`. Invariant: every column of a table belongs to exactly one place, so a record
//! without repeated keys fills it at most once.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::cell::{Cell, TimeRules};
use crate::plan::FieldPath;
use crate::project::{Column, Joined, Mapping};
use crate::schema::Schema;
use crate::store::raw::{ColumnKind, TableSpec};
use crate::store::{Space, Types};
use crate::types::{ObjectId, Type};

mod build;

pub use build::shape;

/// What is read of one kind of record.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Places; the first is the record.
    pub nodes: Vec<Node>,
    /// The tables that are filled; the first holds the records.
    pub specs: Vec<TableSpec>,
    /// What is agreed on timestamps.
    pub rules: TimeRules,
    /// How many slots there are.
    pub slots: usize,
    /// Columns of the first table that have one text on every record.
    pub constants: Vec<(usize, String)>,
    /// System columns of the first table that a record must have: column, and what its lack is.
    pub required: Vec<(usize, super::report::Kind)>,
    /// Columns of the first table that are scores: those of which one makes a profile scored.
    pub scores: Vec<usize>,
    /// Columns of the first table, of events, that are looked at in events of some types alone.
    pub looked: Vec<(usize, Types)>,
    /// Texts that are made of several columns.
    pub joins: Vec<Join>,
    /// Of scores: the places of values whose column somebody has named, for reports.
    pub named: Vec<String>,
}

/// A text that is made of several columns once the record has been read.
#[derive(Debug, Clone)]
pub struct Join {
    /// The columns.
    pub joined: Joined,
    /// The place of the text, which no field leads to.
    pub place: usize,
    /// The places of the parts.
    pub parts: Vec<usize>,
}

/// A place in a record.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// The schema's path, for reports.
    pub path: String,
    /// Fields that are read, by the data's names.
    pub fields: Vec<(Box<str>, usize)>,
    /// The same where they are many.
    pub lookup: Option<FxHashMap<Box<str>, usize>>,
    /// Columns that the scalar here goes into.
    pub slots: Vec<Slot>,
    /// The texts, and which part of each, that the scalar here goes into.
    pub parts: Vec<(usize, usize)>,
    /// Whether a list is expected; its elements are of this place too.
    pub list: bool,
    /// Tables of which each element of the list here is a row.
    pub rows: Vec<usize>,
    /// Tables of which each entry of the map here is a row, and the place of the values.
    pub entries: Vec<(usize, usize)>,
    /// List columns (table, column) that are present if there is a list here.
    pub opens: Vec<(usize, usize)>,
}

impl Shape {
    /// Whether these are scores, which somebody has said where they are.
    pub fn is_of_scores(&self) -> bool {
        !self.scores.is_empty() || !self.named.is_empty()
    }

    /// The places below a place with the names of their columns: the steps joined by dots.
    pub fn named_places(&self, at: usize, name: &str, known: &mut Vec<(String, usize)>) {
        for (step, place) in &self.nodes[at].fields {
            let name = if name.is_empty() { step.to_string() } else { format!("{name}.{step}") };
            self.named_places(*place, &name, known);
            known.push((name, *place));
        }
    }

    /// Whether a file must have a column for a place: a record that has nothing there is left out, or somebody has said
    /// which column it is.
    pub fn must_have(&self, place: usize) -> bool {
        let needed = |column: usize| self.required.iter().any(|&(known, lack)| known == column && lack.leaves_out());
        let node = &self.nodes[place];
        node.slots.iter().any(|slot| slot.table == 0 && needed(slot.column))
            || !node.parts.is_empty()
            || self.named.contains(&node.path)
    }
}

impl Node {
    /// The place of a field.
    pub fn field(&self, name: &str) -> Option<(usize, usize)> {
        match &self.lookup {
            Some(lookup) => lookup.get(name).map(|&i| (i, self.fields[i].1)),
            None => self.fields.iter().enumerate().find(|(_, (known, _))| **known == *name).map(|(i, (_, n))| (i, *n)),
        }
    }

    /// Whether an object can stand here.
    pub fn takes_object(&self) -> bool {
        !self.fields.is_empty()
            || !self.entries.is_empty()
            || self.slots.iter().any(|slot| matches!(slot.cell, Cell::Presence))
    }

    /// Whether a scalar can stand here.
    pub fn takes_scalar(&self) -> bool {
        !self.parts.is_empty() || self.slots.iter().any(|slot| !matches!(slot.cell, Cell::Presence))
    }
}

/// A column that takes the scalar of a place.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The table.
    pub table: usize,
    /// The column of the table, system columns first.
    pub column: usize,
    /// What it accepts.
    pub cell: Cell,
    /// Its number in the shape.
    pub id: usize,
}

/// A column that every record has besides those asked for.
#[derive(Debug, Clone)]
pub struct SystemColumn {
    /// Where it is in the data; `None` where the data has none.
    pub physical: Option<Column>,
    /// How it is kept.
    pub kind: ColumnKind,
    /// What it accepts.
    pub cell: Cell,
    /// Its name in reports.
    pub name: &'static str,
    /// What it is if a record lacks it; the record is left out then.
    pub required: Option<super::report::Kind>,
}

/// What a shape is made for.
#[derive(Debug, Clone)]
pub struct Kind<'a> {
    /// The schema.
    pub schema: &'a Schema,
    /// The record's object.
    pub object: ObjectId,
    /// The records' space.
    pub space: Space,
    /// Where the schema's fields are.
    pub mapping: &'a Mapping,
    /// Only paths below this one are read, and the mapping speaks of what is below it.
    pub below: &'a [&'a str],
    /// Paths that are read elsewhere.
    pub except: &'a [Vec<String>],
    /// Ids, time, type.
    pub system: Vec<SystemColumn>,
    /// What is agreed on timestamps.
    pub rules: TimeRules,
    /// The type of all events, where the data does not tell it.
    pub event_type: Option<&'a str>,
}

/// The spaces and columns of the needs.
pub type Spaces = BTreeMap<Space, BTreeMap<FieldPath, Type>>;
