//! Batches of arrays whose columns are taken whole, not record by record. Names `sink`, `shape`, `cell`. Invariant: a batch
//! is taken whole only if reading it record by record would report the same and give the same columns.

mod columns;
mod source;

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Schema};

use super::cell::Cell;
use super::report::Kind;
use super::shape::{Node, Shape, Slot};
use super::sink::Sink;
use crate::store::raw::{Bits, ColumnKind, Interner, RawColumn, RawData};
use columns::{Refusal, bits, column, list};
pub(super) use source::{Coded, Known, Source};

/// A schema that reads texts as codes of a dictionary, where their column has one, and all others with short offsets.
pub fn coded_schema(shape: &Shape, schema: &Schema) -> Schema {
    let root = &shape.nodes[0];
    let fields = schema.fields().iter().map(|field| {
        let node = root.field(field.name()).map(|(_, place)| &shape.nodes[place]);
        node.map_or_else(|| field.clone(), |node| coded_field(shape, node, field))
    });
    Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone())
}

fn coded_field(shape: &Shape, node: &Node, field: &Arc<Field>) -> Arc<Field> {
    let is_text = |slot: &Slot| matches!(slot.cell, Cell::Text | Cell::Enum(_));
    let is_read = !node.slots.is_empty() || !node.parts.is_empty();
    match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
            if is_read && !node.list && node.slots.iter().all(is_text) =>
        {
            let ty = match node.slots.iter().any(|slot| is_id(shape, slot)) {
                true => DataType::Utf8,
                false => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            };
            Arc::new(field.as_ref().clone().with_data_type(ty))
        }
        DataType::Struct(inner) if node.entries.is_empty() => {
            let inner = inner.iter().map(|field| match node.field(field.name()) {
                Some((_, place)) => coded_field(shape, &shape.nodes[place], field),
                None => field.clone(),
            });
            Arc::new(field.as_ref().clone().with_data_type(DataType::Struct(inner.collect())))
        }
        _ => field.clone(),
    }
}

/// Whether a column is kept without a dictionary: its values are mostly distinct.
fn is_id(shape: &Shape, slot: &Slot) -> bool {
    let system = shape.specs.get(slot.table).and_then(|spec| spec.system.get(slot.column));
    system == Some(&ColumnKind::Plain)
}

/// Whether what is read at a place are texts with a dictionary.
pub fn is_coded(shape: &Shape, node: &Node) -> bool {
    let is_text = |slot: &Slot| matches!(slot.cell, Cell::Text | Cell::Enum(None)) && !is_id(shape, slot);
    !node.slots.is_empty() && !node.list && node.slots.iter().all(is_text)
}

/// Takes a batch whose first record is the `first` of its piece, counted from 1. Returns whether it did; if not, nothing
/// has changed.
pub fn batch(sink: &mut Sink<'_>, batch: &RecordBatch, first: u64) -> bool {
    let (schema, arrays) = (batch.schema_ref(), batch.columns());
    let named = schema.fields().iter().zip(arrays).map(|(field, array)| {
        let source = Source::array(array.clone());
        (field.name().as_str(), source)
    });
    columns(sink, named.collect(), batch.num_rows(), first)
}

/// The same of columns by their names; if it does not, they are gone.
pub fn columns(sink: &mut Sink<'_>, named: Vec<(&str, Source)>, rows: usize, first: u64) -> bool {
    let Some(Taken { columns, refused, lacking }) = taken(sink, named, rows) else { return false };
    for (node, (row, kind, reason)) in refused {
        sink.line = first + row as u64;
        sink.found(kind, &node.path, || reason);
    }
    for &(row, kind) in &lacking {
        sink.line = first + row as u64;
        sink.leave_out(kind);
    }
    if lacking.is_empty() {
        sink.records.append(columns, rows, &[(0, first)]);
    } else {
        let (kept, lines) = without(&lacking, rows, first);
        let columns = columns.into_iter().map(|(at, column)| (at, column.filter(&kept)));
        sink.records.append(columns.collect(), rows - lacking.len(), &lines);
    }
    sink.line = first + rows as u64;
    true
}

/// The rows that are kept, and of each run of them how many are before it and the line of its first.
fn without(lacking: &[(usize, Kind)], rows: usize, first: u64) -> (Bits, Vec<(u32, u64)>) {
    let (mut kept, mut lines) = (Bits::default(), Vec::new());
    let mut next = 0;
    for (before, left_out) in lacking.iter().map(|&(row, _)| row).chain([rows]).enumerate() {
        if left_out > next {
            lines.push(((next - before) as u32, first + next as u64));
        }
        (next..left_out).for_each(|_| kept.push(true));
        kept.push(false);
        next = left_out + 1;
    }
    kept.truncate(rows);
    (kept, lines)
}

/// What is taken of a batch.
struct Taken<'s> {
    columns: Vec<(usize, RawColumn)>,
    /// Values that became absent, by place.
    refused: Vec<(&'s Node, Refusal)>,
    /// Records that are left out, and what they lack.
    lacking: Vec<(usize, Kind)>,
}

/// Whether records of a shape can be taken whole.
pub fn is_flat(shape: &Shape) -> bool {
    shape.specs.len() == 1
}

fn taken<'s>(sink: &Sink<'s>, mut named: Vec<(&str, Source)>, rows: usize) -> Option<Taken<'s>> {
    let shape = sink.shape;
    if !is_flat(shape) {
        return None;
    }
    let parts = shape.joins.iter().map(|join| join.parts.iter().map(|_| None).collect()).collect();
    let mut taking = Taking { sink, columns: Vec::new(), refused: Vec::new(), parts };
    for (name, place) in &shape.nodes[0].fields {
        if let Some(at) = named.iter().position(|(known, _)| *known == &**name) {
            taking.place(&shape.nodes[*place], named.remove(at).1, None)?;
        }
    }
    taking.joins(rows)?;
    let Taking { mut columns, refused, .. } = taking;
    for (column, text) in &shape.constants {
        let mut dictionary = Interner::default();
        dictionary.code(text);
        let data = RawData::Text { codes: vec![0; rows], dictionary };
        columns.push((*column, RawColumn::whole(data, Bits::filled(rows), None)));
    }
    let lacking = lacking(shape, &columns, rows)?;
    Some(Taken { columns, refused, lacking })
}

/// The records that lack what they must have; `None` if something is to be told of one that is kept.
fn lacking(shape: &Shape, columns: &[(usize, RawColumn)], rows: usize) -> Option<Vec<(usize, Kind)>> {
    let mut lacking: Vec<Option<Kind>> = Vec::new();
    for &(required, kind) in &shape.required {
        let column = columns.iter().find(|(at, _)| *at == required).map(|(_, column)| column);
        if column.is_some_and(is_full) {
            continue;
        }
        if !kind.leaves_out() {
            return None;
        }
        lacking.resize(rows, None);
        for (row, lack) in lacking.iter_mut().enumerate().filter(|(_, lack)| lack.is_none()) {
            *lack = (!column.is_some_and(|column| column.has(row))).then_some(kind);
        }
    }
    Some(lacking.into_iter().enumerate().filter_map(|(row, kind)| Some((row, kind?))).collect())
}

/// Whether every row has a value; an empty text is none here.
fn is_full(column: &RawColumn) -> bool {
    column.valid.all()
        && match &column.data {
            RawData::Plain { ends, .. } => ends.iter().fold((true, 0), |(ok, last), &end| (ok & (end > last), end)).0,
            RawData::Text { dictionary, .. } => dictionary.iter().all(|text| !text.is_empty()),
            RawData::Bool(_)
            | RawData::Int(_)
            | RawData::Decimal(_)
            | RawData::Float(_)
            | RawData::Date(_)
            | RawData::Bucket(_) => true,
        }
}

/// Columns of the batch that are taken so far.
struct Taking<'t, 's> {
    sink: &'t Sink<'s>,
    columns: Vec<(usize, RawColumn)>,
    refused: Vec<(&'s Node, Refusal)>,
    /// For each text that is made of several columns, its parts.
    parts: Vec<Vec<Option<RawColumn>>>,
}

impl<'s> Taking<'_, 's> {
    /// Takes what is read at a place; `None` if something there needs a look at each record.
    fn place(&mut self, node: &'s Node, source: Source, outer: Option<&NullBuffer>) -> Option<()> {
        let shape = self.sink.shape;
        if !node.entries.is_empty() || !node.rows.is_empty() || (node.list && !node.parts.is_empty()) {
            return None;
        }
        let nulls = NullBuffer::union(outer, source.nulls().as_ref());
        if let (Some(array), [], false) = (source.fields(), node.slots.as_slice(), node.list) {
            for (name, place) in &node.fields {
                if let Some(inner) = array.column_by_name(name) {
                    self.place(&shape.nodes[*place], Source::array(inner.clone()), nulls.as_ref())?;
                }
            }
            return Some(());
        }
        if !node.fields.is_empty() {
            return None;
        }
        let valid = bits(nulls.as_ref(), source.len());
        // Who comes last has the values themselves.
        let mut left = node.slots.len() + node.parts.len();
        let mut source = Some(source);
        let mut next = || {
            left -= 1;
            if left == 0 { source.take() } else { source.clone() }
        };
        for slot in &node.slots {
            let (source, kind) = (next()?, self.sink.records.tables[0].columns[slot.column].data.kind());
            let (column, refused) = match (source.is_list(), node.list) {
                (true, true) => (list(&slot.cell, kind, &source.into_array()?, valid.clone())?, Vec::new()),
                (_, false) => column(shape, &slot.cell, kind, source, valid.clone())?,
                _ => return None,
            };
            // What several columns refuse for the same reason is one finding.
            if !refused.is_empty() && node.slots.len() + node.parts.len() > 1 {
                return None;
            }
            self.refused.extend(refused.into_iter().map(|refusal| (node, refusal)));
            self.columns.push((slot.column, column));
        }
        for &(join, part) in &node.parts {
            let (column, refused) = column(shape, &Cell::Text, ColumnKind::Text, next()?, valid.clone())?;
            self.refused.extend(refused.into_iter().map(|refusal| (node, refusal)));
            self.parts[join][part] = Some(column);
        }
        Some(())
    }

    /// Takes the texts that are made of several columns, as if each were a column itself.
    fn joins(&mut self, rows: usize) -> Option<()> {
        let shape = self.sink.shape;
        for (join, parts) in shape.joins.iter().zip(std::mem::take(&mut self.parts)) {
            // Without one of its columns no record has the text.
            let Some(parts) = parts.into_iter().collect::<Option<Vec<RawColumn>>>() else { continue };
            let texts = Source::array(joined(&parts, &join.joined.with, rows)?);
            self.place(&shape.nodes[join.place], texts, None)?;
        }
        Some(())
    }
}

/// The texts of parts, with a text between them; `None` if a part holds a character of it.
fn joined(parts: &[RawColumn], with: &str, rows: usize) -> Option<ArrayRef> {
    let is_ambiguous = |text: &str| text.contains(|c| with.contains(c));
    for part in parts {
        match &part.data {
            RawData::Text { dictionary, .. } if !dictionary.iter().any(is_ambiguous) => {}
            _ => return None,
        }
    }
    let mut texts = StringBuilder::new();
    let mut text = String::new();
    let mut bytes = 0;
    for row in 0..rows {
        text.clear();
        let mut parts = parts.iter().map(|part| part.text(row).filter(|text| !text.is_empty()));
        let whole = parts.try_fold(&mut text, |text, part| {
            if !text.is_empty() {
                text.push_str(with);
            }
            text.push_str(part?);
            Some(text)
        });
        bytes += whole.as_ref().map_or(0, |text| text.len());
        // The offsets of an array are short.
        if bytes > i32::MAX as usize {
            return None;
        }
        texts.append_option(whole);
    }
    Some(Arc::new(texts.finish()))
}
