//! Records as they are read: columns in the order of the files, one [`RawRecords`] per piece of a file, with a
//! dictionary of its own, so that pieces are read on many threads. Names only `plan`, `types` and `vector`. Invariants:
//! no column has more complete rows than its table; [`RawRecords::rollback`] undoes an incomplete record; after
//! [`RawRecords::complete`], with which reading ends, every column has as many rows as its table.

mod data;
mod interner;
mod size;

pub use super::bits::Bits;
pub use data::{RawData, RawValue};
pub use interner::{Interner, Places, Print};

use super::Space;
use crate::plan::FieldPath;
use crate::types::{Ty, Type};

/// What a table of raw records holds. The same for all pieces of a source.
#[derive(Debug, Clone)]
pub struct TableSpec {
    /// The rows of which space.
    pub space: Space,
    /// The table to whose rows these belong; `None` for the records themselves, always the first table.
    pub parent: Option<usize>,
    /// The columns that were asked for, after `system` others.
    pub columns: Vec<(FieldPath, Type)>,
    /// Columns that come before those asked for (ids, time, type): only in the first table.
    pub system: Vec<ColumnKind>,
    /// Whether the rows are entries of a map.
    pub keyed: bool,
}

/// How the values of a column are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// `bool`; for objects and maps: whether there is one.
    Bool,
    /// `int`, `timestamp`
    Int,
    /// `decimal`
    Decimal,
    /// `float` and the propensity scales
    Float,
    /// `date`
    Date,
    /// `bucket`
    Bucket,
    /// Text with a dictionary.
    Text,
    /// Text without one: mostly distinct values, used for ordering.
    Plain,
}

impl ColumnKind {
    /// How values of a type are kept; for lists the elements.
    pub fn of(ty: &Ty) -> ColumnKind {
        match ty {
            Ty::List(element) => ColumnKind::of(element),
            Ty::Int | Ty::Timestamp | Ty::Duration => ColumnKind::Int,
            Ty::Decimal(_) => ColumnKind::Decimal,
            Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => ColumnKind::Float,
            Ty::Date => ColumnKind::Date,
            Ty::Bucket => ColumnKind::Bucket,
            Ty::String | Ty::Enum(_) => ColumnKind::Text,
            Ty::Bool | Ty::Map(_) | Ty::Object(_) | Ty::Error => ColumnKind::Bool,
        }
    }
}

/// A column as it is read.
#[derive(Debug, Clone)]
pub struct RawColumn {
    /// The values; for a list the elements of all rows.
    pub data: RawData,
    /// Which rows are present.
    pub valid: Bits,
    /// For a list: the end of each row's elements, complete rows only.
    pub ends: Option<Vec<u32>>,
    /// For a list: whether the row that is being read has one.
    pub(super) open: bool,
}

impl RawColumn {
    /// An empty column.
    pub fn new(kind: ColumnKind, list: bool) -> RawColumn {
        RawColumn { data: RawData::new(kind), valid: Bits::default(), ends: list.then(Vec::new), open: false }
    }

    /// An empty column for values of a type.
    pub fn of(ty: &Ty) -> RawColumn {
        RawColumn::new(ColumnKind::of(ty), matches!(ty, Ty::List(_)))
    }

    /// How many complete rows.
    pub fn rows(&self) -> usize {
        self.valid.len()
    }

    /// Adds the value of a row behind the complete ones, unless it has one, or an element of its list; rows that were
    /// passed over are absent. Returns the code of a text.
    #[inline]
    pub fn push(&mut self, row: usize, value: RawValue<'_>) -> Option<u32> {
        if self.ends.is_some() {
            if value == RawValue::Absent {
                return None;
            }
            self.open = true;
            return self.data.push(value).1;
        }
        if !self.is_next(row) {
            return None;
        }
        let (present, code) = self.data.push(value);
        self.valid.push(present);
        code
    }

    /// As [`RawColumn::push`], of a text.
    #[inline]
    pub fn push_text(&mut self, row: usize, text: &str) {
        let is_next = self.is_next(row);
        match &mut self.data {
            RawData::Text { codes, dictionary } if is_next => {
                codes.push(dictionary.code(text).0);
                self.valid.push(true);
            }
            RawData::Plain { ends, text: all } if is_next => {
                all.push_str(text);
                ends.push(all.len() as u32);
                self.valid.push(true);
            }
            _ => _ = self.push(row, RawValue::Text(text)),
        }
    }

    /// As [`RawColumn::push`], of a short text, whose print is known.
    #[inline]
    pub fn push_short(&mut self, row: usize, text: &str, print: Print) {
        let is_next = self.is_next(row);
        match &mut self.data {
            RawData::Text { codes, dictionary } if is_next => {
                codes.push(dictionary.short(print, text).0);
                self.valid.push(true);
            }
            _ => self.push_text(row, text),
        }
    }

    /// As [`RawColumn::push`], of an integer.
    #[inline]
    pub fn push_int(&mut self, row: usize, value: i64) {
        let is_next = self.is_next(row);
        match &mut self.data {
            RawData::Int(values) if is_next => {
                values.push(value);
                self.valid.push(true);
            }
            _ => _ = self.push(row, RawValue::Int(value)),
        }
    }

    /// As [`RawColumn::push`], of a float.
    #[inline]
    pub fn push_float(&mut self, row: usize, value: f64) {
        let is_next = self.is_next(row);
        match &mut self.data {
            RawData::Float(values) if is_next => {
                values.push(value);
                self.valid.push(true);
            }
            _ => _ = self.push(row, RawValue::Float(value)),
        }
    }

    /// Whether the value of a row comes next: it is no list, and every row before has one or is absent.
    #[inline]
    fn is_next(&mut self, row: usize) -> bool {
        if self.ends.is_none() && self.valid.len() < row {
            self.pad(row);
        }
        self.ends.is_none() && self.valid.len() == row
    }

    /// The current row has a list, perhaps an empty one.
    pub fn open_list(&mut self) {
        self.open = true;
    }

    /// Completes a row of a list.
    pub(super) fn end_list(&mut self) {
        if let Some(ends) = &mut self.ends {
            ends.push(self.data.len() as u32);
            self.valid.push(self.open);
            self.open = false;
        }
    }

    /// Adds absent rows until there are so many.
    #[cold]
    pub fn pad(&mut self, rows: usize) {
        self.data.pad(rows);
        self.valid.pad(rows);
    }

    fn truncate(&mut self, rows: usize) {
        self.open = false;
        self.valid.truncate(rows);
        let values = match &mut self.ends {
            Some(ends) => {
                ends.truncate(rows);
                ends.last().map_or(0, |&end| end as usize)
            }
            None => rows,
        };
        self.data.truncate(values);
    }

    /// Whether a row has something; a text without characters is nothing.
    #[inline]
    pub fn has(&self, row: usize) -> bool {
        self.valid.get(row)
            && match &self.data {
                RawData::Text { codes, dictionary } => {
                    let text = codes.get(row).and_then(|&code| dictionary.get(code as usize));
                    text.is_some_and(|text| !text.is_empty())
                }
                RawData::Plain { ends, .. } => ends.get(row) > row.checked_sub(1).map_or(Some(&0), |at| ends.get(at)),
                RawData::Bool(_)
                | RawData::Int(_)
                | RawData::Decimal(_)
                | RawData::Float(_)
                | RawData::Date(_)
                | RawData::Bucket(_) => true,
            }
    }

    /// The text of a row of a [`ColumnKind::Plain`] or [`ColumnKind::Text`] column.
    pub fn text(&self, row: usize) -> Option<&str> {
        if !self.valid.get(row) {
            return None;
        }
        match &self.data {
            RawData::Plain { ends, text } => {
                let start = if row == 0 { 0 } else { ends[row - 1] as usize };
                text.get(start..*ends.get(row)? as usize)
            }
            RawData::Text { codes, dictionary } => dictionary.get(*codes.get(row)? as usize),
            _ => None,
        }
    }
}

/// The rows of a space in one piece.
#[derive(Debug, Clone)]
pub struct RawTable {
    /// Complete rows.
    pub rows: usize,
    /// The system columns, then those asked for.
    pub columns: Vec<RawColumn>,
    /// The keys of entries.
    pub keys: Option<RawColumn>,
    /// For each complete row of the parent table: how many rows there were when it was complete.
    pub ends: Vec<u32>,
    children: Vec<usize>,
    /// The columns that are lists.
    lists: Vec<usize>,
}

impl RawTable {
    /// Takes away the rows from `row` on of a table of columns alone.
    pub(super) fn split_off(&mut self, row: usize) -> RawTable {
        let columns = self.columns.iter_mut().map(|column| column.split_off(row)).collect();
        let rows = std::mem::replace(&mut self.rows, row) - row;
        RawTable { rows, columns, keys: None, ends: Vec::new(), children: Vec::new(), lists: self.lists.clone() }
    }
}

/// One piece of a source.
#[derive(Debug, Clone)]
pub struct RawRecords {
    /// As the specifications, the records themselves first.
    pub tables: Vec<RawTable>,
    /// The file that the piece is of: an index that the reader knows.
    pub file: u32,
    /// From a record on, its line in the file (1-based), and one line more for each further record.
    pub lines: Vec<(u32, u64)>,
}

impl RawRecords {
    /// An empty piece.
    pub fn new(specs: &[TableSpec], file: u32) -> RawRecords {
        let tables = (0..specs.len())
            .map(|t| {
                let spec = &specs[t];
                let system = spec.system.iter().map(|kind| RawColumn::new(*kind, false));
                let columns: Vec<RawColumn> =
                    system.chain(spec.columns.iter().map(|(_, ty)| RawColumn::of(&ty.ty))).collect();
                RawTable {
                    rows: 0,
                    lists: (0..columns.len()).filter(|c| columns[*c].ends.is_some()).collect(),
                    columns,
                    keys: spec.keyed.then(|| RawColumn::new(ColumnKind::Text, false)),
                    ends: Vec::new(),
                    children: (0..specs.len()).filter(|c| specs[*c].parent == Some(t)).collect(),
                }
            })
            .collect();
        RawRecords { tables, file, lines: Vec::new() }
    }

    /// How many records.
    pub fn rows(&self) -> usize {
        self.tables.first().map_or(0, |t| t.rows)
    }

    /// Completes a row of a table.
    pub fn end_row(&mut self, table: usize) {
        let t = &mut self.tables[table];
        t.rows += 1;
        t.lists.iter().for_each(|&list| t.columns[list].end_list());
        for i in 0..self.tables[table].children.len() {
            let child = self.tables[table].children[i];
            let count = self.tables[child].rows as u32;
            self.tables[child].ends.push(count);
        }
    }

    /// Completes a record that stands on a line.
    pub fn end_record(&mut self, line: u64) {
        let row = self.rows() as u32;
        if self.lines.last().is_none_or(|&(first, at)| at + u64::from(row - first) != line) {
            self.lines.push((row, line));
        }
        self.end_row(0);
    }

    /// Ends the reading: rows that were passed over are absent.
    pub fn complete(&mut self) {
        for table in &mut self.tables {
            let scalars = table.columns.iter_mut().chain(&mut table.keys).filter(|column| column.ends.is_none());
            scalars.for_each(|column| column.pad(table.rows));
        }
    }

    /// The line of a record.
    pub fn line(&self, row: usize) -> u64 {
        let at = self.lines.partition_point(|&(first, _)| first as usize <= row);
        at.checked_sub(1).map_or(row as u64 + 1, |i| self.lines[i].1 + row as u64 - u64::from(self.lines[i].0))
    }

    /// Forgets whatever was read since the last complete record.
    pub fn rollback(&mut self) {
        let rows = self.rows();
        self.rollback_table(0, rows);
    }

    /// Forgets the rows of a table from `rows` on, and all that belongs to them.
    pub fn rollback_table(&mut self, table: usize, rows: usize) {
        let t = &mut self.tables[table];
        t.rows = rows;
        t.columns.iter_mut().chain(&mut t.keys).for_each(|c| c.truncate(rows));
        for child in t.children.clone() {
            self.tables[child].ends.truncate(rows);
            let kept = self.tables[child].ends.last().map_or(0, |&end| end as usize);
            self.rollback_table(child, kept);
        }
    }
}
