//! Where readers put what they find: the columns of one piece, and the findings. Names `shape` and `cell`. Invariant: a
//! record is in the columns whole, or not at all.

use super::cell::{self, Cell, Scalar, convert};
use super::json::{Short, Trails};
use super::report::{Findings, Kind};
use super::shape::{Join, Node, Shape, Slot};
use crate::store::raw::{Print, RawColumn, RawRecords, RawValue};

/// What all columns of a place take, where that is one of the forms that most values have, and no list.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Text,
    Int,
    Instant,
    Float(f64, f64),
    Other,
}

fn form(node: &Node) -> Form {
    if node.list {
        return Form::Other;
    }
    let cells = || node.slots.iter().map(|slot| &slot.cell);
    match cells().next() {
        Some(_) if !node.parts.is_empty() => Form::Other,
        Some(Cell::Text) if cells().all(|cell| matches!(cell, Cell::Text | Cell::Enum(None))) => Form::Text,
        Some(Cell::Enum(None)) if cells().all(|cell| matches!(cell, Cell::Text | Cell::Enum(None))) => Form::Text,
        Some(Cell::Int) if cells().all(|cell| matches!(cell, Cell::Int)) => Form::Int,
        Some(Cell::Timestamp) if cells().all(|cell| matches!(cell, Cell::Timestamp)) => Form::Instant,
        Some(&Cell::Float(low, high)) if node.slots.len() == 1 => Form::Float(low, high),
        _ => Form::Other,
    }
}

/// The columns of a piece while it is read.
pub struct Sink<'s> {
    /// What is read.
    pub shape: &'s Shape,
    /// The columns.
    pub records: RawRecords,
    /// What was found.
    pub findings: Findings,
    /// The line of the current record, counted from 1 within the piece.
    pub line: u64,
    /// What reading JSON has learnt.
    pub(super) trails: Trails,
    file: u32,
    scratch: String,
    /// For each place what its columns take.
    forms: Vec<Form>,
    /// For each text that is made of several columns, its parts in the current record; empty where there is none.
    parts: Vec<Vec<String>>,
    /// Of scores: for each place, whether a record has it.
    pub met: Vec<bool>,
    /// For each slot of a closed enum, by code: 0 not looked up, 1 listed, 2 not listed.
    listed: Vec<Vec<u8>>,
}

impl<'s> Sink<'s> {
    /// A sink for a piece of a file.
    pub fn new(shape: &'s Shape, file: u32) -> Sink<'s> {
        Sink {
            shape,
            records: RawRecords::new(&shape.specs, file),
            findings: Findings::default(),
            line: 1,
            trails: Trails::new(shape.nodes.len()),
            file,
            scratch: String::new(),
            forms: shape.nodes.iter().map(form).collect(),
            parts: shape.joins.iter().map(|join| vec![String::new(); join.parts.len()]).collect(),
            met: vec![false; if shape.is_of_scores() { shape.nodes.len() } else { 0 }],
            listed: vec![Vec::new(); shape.slots],
        }
    }

    /// Ends the reading: the records that are complete, and what was found.
    pub fn finish(mut self) -> (RawRecords, Findings) {
        self.records.rollback();
        self.records.complete();
        (self.records, self.findings)
    }

    /// A field leads to a place.
    pub fn meet(&mut self, place: usize) {
        if let Some(met) = self.met.get_mut(place) {
            *met = true;
        }
    }

    /// A finding at the current record.
    pub fn found(&mut self, kind: Kind, path: &str, reason: impl FnOnce() -> String) {
        self.findings.add(kind, path, self.file, self.line, reason);
    }

    /// What all columns of a place take, if that is a single value.
    #[inline]
    pub(super) fn form(&self, at: usize) -> Form {
        self.forms[at]
    }

    /// Does something to each column of a place; told is the row.
    #[inline(always)]
    fn each(&mut self, at: usize, mut push: impl FnMut(&mut RawColumn, usize)) {
        for slot in &self.shape.nodes[at].slots {
            let table = &mut self.records.tables[slot.table];
            push(&mut table.columns[slot.column], table.rows);
        }
    }

    /// A short text without control characters at a place whose form is text.
    #[inline]
    pub(super) fn short_text(&mut self, at: usize, text: &str, print: Print) {
        self.each(at, |column, row| column.push_short(row, text, print));
    }

    /// An integer at a place whose form is an integer or an instant.
    #[inline]
    pub(super) fn int(&mut self, at: usize, value: i64) {
        self.each(at, |column, row| column.push_int(row, value));
    }

    /// A number of few digits at a place; whether its form takes it as it is.
    #[inline]
    pub(super) fn short_number(&mut self, at: usize, number: Short<'_>) -> bool {
        let Short { digits, behind, written, print } = number;
        match (self.forms[at], behind) {
            (Form::Int, 0) => self.int(at, digits),
            // Zero may be written with a sign.
            (Form::Text, 0) if digits > 0 => self.short_text(at, written, print),
            (Form::Float(low, high), _) => match cell::short_float(digits, behind, low, high) {
                Some(value) => self.each(at, |column, row| column.push_float(row, value)),
                None => return false,
            },
            _ => return false,
        }
        true
    }

    /// A scalar at a place. Returns whether a column took it.
    pub fn scalar(&mut self, node: &Node, scalar: Scalar<'_>) -> bool {
        let mut taken = false;
        let mut told = None;
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut slots = node.slots.iter().peekable();
        while let Some(slot) = slots.next() {
            let refused = match convert(&slot.cell, scalar, &self.shape.rules, &mut scratch) {
                Err(refused) => Some(refused),
                Ok(value) => {
                    taken = true;
                    let mut refused = self.put(slot, value);
                    // What is a system column and is read as a column too is converted once.
                    while let Some(next) = slots.next_if(|next| next.cell.reads_as(&slot.cell)) {
                        refused = self.put(next, value).or(refused);
                    }
                    refused
                }
            };
            // A timestamp that is a system column and is read as a column too is one finding.
            if let Some((kind, reason)) = refused
                && told != Some(kind)
            {
                told = Some(kind);
                self.found(kind, &node.path, || reason);
            }
        }
        for &(join, part) in &node.parts {
            match convert(&Cell::Text, scalar, &self.shape.rules, &mut scratch) {
                Ok(RawValue::Text(text)) => self.parts[join][part].push_str(text),
                Ok(_) => {}
                Err((kind, reason)) => self.found(kind, &node.path, || reason),
            }
        }
        if node.slots.is_empty() && node.parts.is_empty() {
            self.wrong(node, "a scalar", true);
        }
        self.scratch = scratch;
        taken
    }

    /// Puts a value into the column of a slot; told is a text that a closed enum does not list.
    #[inline]
    fn put(&mut self, slot: &Slot, value: RawValue<'_>) -> Option<(Kind, String)> {
        let code = self.push(slot.table, slot.column, value);
        match (&slot.cell, code) {
            (Cell::Enum(Some(_)), Some(code)) => self.unlisted(slot.id, code, &slot.cell, value),
            _ => None,
        }
    }

    fn unlisted(&mut self, slot: usize, code: u32, cell: &Cell, value: RawValue<'_>) -> Option<(Kind, String)> {
        let (Cell::Enum(Some(values)), RawValue::Text(text)) = (cell, value) else { return None };
        let states = &mut self.listed[slot];
        if states.len() <= code as usize {
            states.resize(code as usize + 1, 0);
        }
        let state = &mut states[code as usize];
        if *state == 0 {
            *state = if values.contains(text) { 1 } else { 2 };
        }
        (*state == 2).then(|| (Kind::UnknownValue, format!("`{text}`")))
    }

    /// Puts a value into the current row of a column, unless it has one.
    #[inline]
    pub fn push(&mut self, table: usize, column: usize, value: RawValue<'_>) -> Option<u32> {
        let table = &mut self.records.tables[table];
        table.columns[column].push(table.rows, value)
    }

    /// Something of another kind stands where a column, an object or a list is expected, or an element of a list.
    pub fn wrong(&mut self, node: &Node, found: &str, element: bool) {
        let expected = match (node.list && !element, node.takes_object(), node.takes_scalar()) {
            (true, ..) => "a list",
            (false, true, _) => "an object",
            (false, false, _) => "a scalar",
        };
        self.found(Kind::WrongType, &node.path, || format!("{found} is not {expected}"));
    }

    /// A list stands at a place: the columns that are its values have one, perhaps empty.
    pub fn open_list(&mut self, node: &Node) {
        for &(table, column) in &node.opens {
            self.records.tables[table].columns[column].open_list();
        }
    }

    /// An object stands at a place.
    pub fn open_object(&mut self, node: &Node) {
        for slot in &node.slots {
            if matches!(slot.cell, Cell::Presence) {
                self.push(slot.table, slot.column, RawValue::Bool(true));
            } else if !node.list {
                self.found(Kind::WrongType, &node.path, || "an object is not a scalar".to_owned());
            }
        }
    }

    /// Completes the element rows of a list's place, or forgets them if nothing was taken.
    pub fn end_element(&mut self, node: &Node, taken: bool) {
        for &table in &node.rows {
            if taken {
                self.records.end_row(table);
            } else {
                let rows = self.records.tables[table].rows;
                self.records.rollback_table(table, rows);
            }
        }
    }

    /// Completes an entry of a map, or forgets it if nothing was taken.
    pub fn end_entry(&mut self, table: usize, key: &str, taken: bool) {
        if taken {
            let own = &mut self.records.tables[table];
            if let Some(keys) = &mut own.keys {
                keys.push(own.rows, RawValue::Text(key));
            }
            self.records.end_row(table);
        } else {
            let rows = self.records.tables[table].rows;
            self.records.rollback_table(table, rows);
        }
    }

    /// Makes the text of its parts. Parts that hold a character of the text between them might make one text of
    /// different rows.
    fn join(&mut self, join: &Join, parts: &[String]) {
        let node = &self.shape.nodes[join.place];
        let with = &join.joined.with;
        if parts.iter().any(String::is_empty) {
            return;
        }
        if let Some(part) = parts.iter().find(|part| part.contains(|c| with.contains(c))) {
            return self.found(Kind::AmbiguousJoin, &node.path, || format!("`{part}` has a character of `{with}`"));
        }
        self.scalar(node, Scalar::Text(&parts.join(with)));
    }

    /// Finishes or forgets the texts that are made of several columns.
    fn joins(&mut self, finish: bool) {
        if self.parts.is_empty() {
            return;
        }
        let mut parts = std::mem::take(&mut self.parts);
        for (join, parts) in self.shape.joins.iter().zip(&mut parts) {
            if finish {
                self.join(join, parts);
            }
            parts.iter_mut().for_each(String::clear);
        }
        self.parts = parts;
    }

    /// Completes the record, or leaves it out if it lacks what it must have.
    pub fn end_record(&mut self) {
        let row = self.records.rows();
        self.joins(true);
        for (column, text) in &self.shape.constants {
            self.records.tables[0].columns[*column].push(row, RawValue::Text(text));
        }
        for &(column, kind) in &self.shape.required {
            if self.has(row, column) {
                continue;
            }
            if kind.leaves_out() {
                self.leave_out(kind);
                self.records.rollback();
                return;
            }
            // Who has no score was not scored at any time.
            let scored = || self.shape.scores.iter().any(|&column| self.has(row, column));
            if kind != Kind::MissingScoredAt || scored() {
                self.found(kind, "", || "the record is kept".to_owned());
            }
        }
        self.records.end_record(self.line);
    }

    /// Whether the current record has something in a column; an empty text is no id and no type.
    fn has(&self, row: usize, column: usize) -> bool {
        self.records.tables[0].columns[column].has(row)
    }

    /// The current record lacks what it must have.
    pub fn leave_out(&mut self, kind: Kind) {
        self.found(kind, "", || "the record is left out".to_owned());
    }

    /// Leaves out the current record.
    pub fn reject(&mut self, kind: Kind, reason: &str) {
        self.records.rollback();
        self.joins(false);
        self.found(kind, "", || reason.to_owned());
    }
}
