//! A row group column by column: flat columns by their pages, what is left by the library; of a column that is looked
//! at in events of some types alone, only these rows. Names its neighbours, `shape` and `whole`. Invariant: what is
//! found in a file does not depend on which rows are looked at.

use std::fs::File;
use std::sync::Arc;

use arrow_array::Array;
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;

use super::cell::Cell;
use super::parquet::{BATCH, Groups};
use super::parquet_flat::{self, Wanted};
use super::shape::Node;
use super::whole::{self, Coded, Known, Source};
use crate::store::Types;
use crate::store::events::TYPE_COLUMN;

/// The largest row group that is decoded at once.
const GROUP: usize = 4 * BATCH;

/// Columns by their names.
pub(super) type Named<'g> = Vec<(&'g str, Source)>;

impl Groups<'_> {
    /// The columns of a row group. `None` if the group is too large for it, or no column is flat.
    pub(super) fn columns(&self, file: &Arc<File>, group: usize) -> Result<Option<Named<'_>>, String> {
        let (rows, parts) = (self.rows(group) as usize, self.metadata.parquet_schema());
        let fields = self.metadata.schema().fields();
        if rows > GROUP || fields.len() != parts.root_schema().get_fields().len() {
            return Ok(None);
        }
        let mut leaves: Vec<usize> = (0..parts.num_columns()).filter(|&leaf| self.mask.leaf_included(leaf)).collect();
        // What an event is of tells which rows are looked at of others.
        let is_type = |leaf: usize| self.node(leaf).is_some_and(is_type);
        leaves.sort_by_key(|&leaf| !is_type(leaf));
        let mut looked = Looked::default();
        let (mut columns, mut arrays): (Named<'_>, Vec<usize>) = Default::default();
        for leaf in leaves {
            let root = parts.get_column_root_idx(leaf);
            match self.flat(file, (group, leaf), &looked) {
                None => arrays.push(leaf),
                Some(source) => {
                    if columns.is_empty() && is_type(leaf) {
                        looked = Looked::new(&self.shape.looked, &source);
                    }
                    columns.push((fields[root].name(), source));
                }
            }
        }
        if columns.is_empty() {
            return Ok(None);
        }
        match self.arrays(file, group, arrays)? {
            Some(arrays) => columns.extend(arrays),
            None => return Ok(None),
        }
        Ok(Some(columns))
    }

    /// The columns of leaves as the library reads them. `None` if they are not what was asked for.
    fn arrays(&self, file: &Arc<File>, group: usize, mut leaves: Vec<usize>) -> Result<Option<Named<'_>>, String> {
        if leaves.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let (rows, parts) = (self.rows(group) as usize, self.metadata.parquet_schema());
        leaves.sort_unstable();
        let mask = ProjectionMask::leaves(parts, leaves.iter().copied());
        let mut reader = self.reader(file.clone(), group, mask, rows)?;
        let Some(batch) = reader.next().transpose().map_err(|e| e.to_string())? else { return Ok(None) };
        let mut roots: Vec<usize> = leaves.into_iter().map(|leaf| parts.get_column_root_idx(leaf)).collect();
        roots.dedup();
        if batch.num_rows() != rows || roots.len() != batch.num_columns() {
            return Ok(None);
        }
        let name = |root: usize| self.metadata.schema().fields()[root].name().as_str();
        let arrays = batch.columns().iter().cloned().map(Source::array);
        Ok(Some(roots.into_iter().map(name).zip(arrays).collect()))
    }

    /// The place of a column that is no part of another.
    fn node(&self, leaf: usize) -> Option<&Node> {
        let column = self.metadata.parquet_schema().column(leaf);
        let [name] = column.path().parts() else { return None };
        let (_, place) = self.shape.nodes[0].field(name)?;
        self.shape.nodes.get(place)
    }

    /// A column by its pages, if it is flat.
    fn flat(&self, file: &Arc<File>, (group, leaf): (usize, usize), looked: &Looked) -> Option<Source> {
        let node = self.node(leaf)?;
        let root = self.metadata.parquet_schema().get_column_root_idx(leaf);
        let ty = self.metadata.schema().fields()[root].data_type();
        let mut wanted = Wanted { ty, texts: whole::is_coded(self.shape, node), rows: None, bounds: (0.0, 0.0) };
        // What nobody looks at is zero, or the first text; whether a value is right is found of all of them.
        if let ([slot], [], false) = (node.slots.as_slice(), node.parts.as_slice(), node.list) {
            let rows = looked.rows(slot.column);
            match (&slot.cell, ty) {
                (Cell::Int, DataType::Int64 | DataType::Int32) => wanted.rows = rows,
                (Cell::Text | Cell::Enum(_), DataType::Dictionary(..)) => wanted.rows = rows,
                (&Cell::Float(low, high), DataType::Float64) if low <= 0.0 && 0.0 <= high => {
                    (wanted.rows, wanted.bounds) = (rows, (low, high));
                }
                _ => {}
            }
        }
        let of_group = self.metadata.metadata().row_group(group);
        parquet_flat::column(file, of_group.column(leaf), self.rows(group) as usize, &wanted)
    }
}

/// Whether the type of an event is read here.
fn is_type(node: &Node) -> bool {
    node.slots.iter().any(|slot| slot.table == 0 && slot.column == TYPE_COLUMN)
}

/// The rows that are looked at of columns, a bit each.
#[derive(Default)]
struct Looked {
    columns: Vec<(usize, usize)>,
    sets: Vec<Vec<u64>>,
}

impl Looked {
    /// Of columns that are looked at in events of some types, and the types of all events.
    fn new(columns: &[(usize, Types)], types: &Source) -> Looked {
        let Some(Coded { codes, known: Known::Texts(texts), nulls }) = types.codes() else { return Looked::default() };
        let mut sets: Vec<&Types> = columns.iter().map(|(_, types)| types).collect();
        sets.sort_unstable();
        sets.dedup();
        if sets.is_empty() {
            return Looked::default();
        }
        // A byte for each row tells which sets it is in; of what is in no set all is looked at.
        sets.truncate(8);
        let class = |name: &str| (0..).zip(&sets).fold(0, |class, (at, set)| class | u8::from(set.has(name)) << at);
        let classes: Vec<u8> = (0..texts.len()).map(|code| class(texts.value(code))).collect();
        let (nameless, of) = (class(""), |&code: &u32| classes.get(code as usize).copied().unwrap_or_default());
        let mut rows: Vec<u8> = codes.iter().map(of).collect();
        if let Some(nulls) = nulls {
            rows.iter_mut().enumerate().filter(|(row, _)| nulls.is_null(*row)).for_each(|(_, row)| *row = nameless);
        }
        let sets_of = columns.iter().filter_map(|(column, types)| Some((*column, sets.binary_search(&types).ok()?)));
        Looked { columns: sets_of.collect(), sets: (0..sets.len()).map(|at| bits(&rows, at)).collect() }
    }

    /// The rows of a column, if they are few.
    fn rows(&self, column: usize) -> Option<&[u64]> {
        let &(_, set) = self.columns.iter().find(|(known, _)| *known == column)?;
        let rows = self.sets.get(set)?;
        let few = rows.iter().map(|word| word.count_ones() as usize).sum::<usize>() <= rows.len() * 32;
        few.then_some(rows)
    }
}

/// The bits of bytes at a place, as words.
fn bits(bytes: &[u8], at: usize) -> Vec<u64> {
    const EACH: u64 = u64::MAX / 0xff;
    // Brings the lowest bit of each byte into the highest byte.
    const TOGETHER: u64 = 0x0102_0408_1020_4080;
    let eight = |bytes: &[u8]| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        (u64::from_le_bytes(word) >> at & EACH).wrapping_mul(TOGETHER) >> 56
    };
    let word = |bytes: &[u8]| bytes.chunks(8).rev().fold(0, |word, bytes| word << 8 | eight(bytes));
    bytes.chunks(64).map(word).collect()
}
