//! Batches of arrays whose columns are taken whole, not record by record. Names `sink`, `shape`, `cell`. Invariant: a batch
//! is taken whole only if reading it record by record would find nothing to report and give the same columns.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use rustc_hash::FxHashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::cell::Cell;
use super::parse::in_years;
use super::shape::{Node, Shape};
use super::sink::Sink;
use crate::store::raw::{Bits, Interner, RawColumn, RawData};
use crate::types::MICROS_PER_DAY;

/// A schema that reads texts as codes of a dictionary, where their column has one.
pub fn coded_schema(shape: &Shape, schema: &Schema) -> Schema {
    let root = &shape.nodes[0];
    let fields = schema.fields().iter().map(|field| {
        let node = root.field(field.name()).map(|(_, place)| &shape.nodes[place]);
        node.map_or_else(|| field.clone(), |node| coded_field(shape, node, field))
    });
    Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone())
}

fn coded_field(shape: &Shape, node: &Node, field: &Arc<Field>) -> Arc<Field> {
    let is_text = |cell: &Cell| matches!(cell, Cell::Text | Cell::Enum(_));
    let coded = !node.slots.is_empty() && !node.list && node.slots.iter().all(|s| is_text(&s.cell) && !is_id(shape, s));
    match field.data_type() {
        DataType::Utf8 if coded => {
            let ty = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
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
fn is_id(shape: &Shape, slot: &super::shape::Slot) -> bool {
    let system = shape.specs.get(slot.table).and_then(|spec| spec.system.get(slot.column));
    system == Some(&crate::store::raw::ColumnKind::Plain)
}

/// Takes a batch whose first record is the `first` of its piece, counted from 1. Returns whether it did; if not, nothing
/// has changed.
pub fn batch(sink: &mut Sink<'_>, batch: &RecordBatch, first: u64) -> bool {
    let shape = sink.shape;
    if shape.specs.len() != 1 || !shape.joins.is_empty() {
        return false;
    }
    let rows = batch.num_rows();
    let mut taking = Taking { sink, columns: Vec::new() };
    for (name, place) in &shape.nodes[0].fields {
        if let Some(array) = batch.column_by_name(name)
            && taking.place(&shape.nodes[*place], array, None).is_none()
        {
            return false;
        }
    }
    let mut columns = taking.columns;
    for (column, text) in &shape.constants {
        let mut dictionary = Interner::default();
        dictionary.code(text);
        let data = RawData::Text { codes: vec![0; rows], dictionary };
        columns.push((*column, RawColumn::whole(data, Bits::filled(rows), None)));
    }
    let present = |(required, _): &(usize, _)| columns.iter().any(|(c, column)| c == required && is_full(column));
    if !shape.required.iter().all(present) {
        return false;
    }
    sink.records.append(columns, rows, first);
    sink.line = first + rows as u64;
    true
}

/// Whether every row has a value; an empty text is none here.
fn is_full(column: &RawColumn) -> bool {
    column.valid.all()
        && match &column.data {
            RawData::Plain { ends, .. } => ends.iter().fold((true, 0), |(ok, last), &end| (ok & (end > last), end)).0,
            RawData::Text { dictionary, .. } => dictionary.values().iter().all(|text| !text.is_empty()),
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
}

impl Taking<'_, '_> {
    /// Takes what is read at a place; `None` if something there needs a look at each record.
    fn place(&mut self, node: &Node, array: &ArrayRef, outer: Option<&NullBuffer>) -> Option<()> {
        if !node.entries.is_empty() || !node.rows.is_empty() {
            return None;
        }
        let nulls = NullBuffer::union(outer, array.logical_nulls().as_ref());
        if let (DataType::Struct(_), [], false) = (array.data_type(), node.slots.as_slice(), node.list) {
            let array = array.as_struct();
            for (name, place) in &node.fields {
                if let Some(inner) = array.column_by_name(name) {
                    self.place(&self.sink.shape.nodes[*place], inner, nulls.as_ref())?;
                }
            }
            return Some(());
        }
        if !node.fields.is_empty() {
            return None;
        }
        for slot in &node.slots {
            let template = &self.sink.records.tables[0].columns[slot.column];
            let valid = bits(nulls.as_ref(), array.len());
            let column = match (array.data_type(), node.list) {
                (DataType::List(_), true) => list(&slot.cell, template, array, valid)?,
                (_, false) => RawColumn::whole(data(&slot.cell, template, array, &valid)?, valid, None),
                _ => return None,
            };
            self.columns.push((slot.column, column));
        }
        Some(())
    }
}

fn bits(nulls: Option<&NullBuffer>, len: usize) -> Bits {
    match nulls {
        None => Bits::filled(len),
        Some(nulls) => Bits::from_words(nulls.inner().bit_chunks().iter_padded().collect(), len),
    }
}

/// The values of a scalar column.
fn data(cell: &Cell, template: &RawColumn, array: &ArrayRef, valid: &Bits) -> Option<RawData> {
    Some(match (cell, array.data_type()) {
        (Cell::Bool, DataType::Boolean) => {
            let values = array.as_boolean().values();
            RawData::Bool(Bits::from_words(values.bit_chunks().iter_padded().collect(), array.len()))
        }
        (Cell::Int, DataType::Int64) => RawData::Int(array.as_primitive::<Int64Type>().values().to_vec()),
        (Cell::Int, DataType::Int32) => {
            RawData::Int(array.as_primitive::<Int32Type>().values().iter().map(|&v| i64::from(v)).collect())
        }
        (Cell::Float(low, high), DataType::Float64) => {
            let values = array.as_primitive::<Float64Type>().values();
            // Bounds are finite, and what is no number is within none.
            if !all(values, valid, |value| *low <= value && value <= *high) {
                return None;
            }
            // What is under an absent row must be finite too; minus zero is zero.
            RawData::Float(values.iter().map(|v| if v.is_finite() { v + 0.0 } else { 0.0 }).collect())
        }
        (Cell::Date, DataType::Date32) => {
            let values = array.as_primitive::<Date32Type>().values();
            if !all(values, valid, |value| in_years(i64::from(value).saturating_mul(MICROS_PER_DAY))) {
                return None;
            }
            RawData::Date(values.to_vec())
        }
        (Cell::Timestamp, DataType::Timestamp(unit, Some(_))) => {
            let values: Vec<i64> = match unit {
                TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().values().to_vec(),
                TimeUnit::Millisecond => {
                    let values = array.as_primitive::<TimestampMillisecondType>().values();
                    values.iter().map(|v| v.saturating_mul(1000)).collect()
                }
                TimeUnit::Second | TimeUnit::Nanosecond => return None,
            };
            if !all(&values, valid, in_years) {
                return None;
            }
            RawData::Int(values)
        }
        (Cell::Text | Cell::Enum(_), ty) => return texts(cell, template, array, ty, valid),
        _ => return None,
    })
}

/// Whether something holds for every value that is there. Mostly it holds for what is under absent rows as well, so that
/// all are tested first, without a branch for each.
fn all<T: Copy>(values: &[T], valid: &Bits, holds: impl Fn(T) -> bool) -> bool {
    let whole = values.iter().fold(true, |all, &value| all & holds(value));
    whole || values.iter().enumerate().all(|(row, &value)| !valid.get(row) || holds(value))
}

/// Texts, or integers that stand for them.
fn texts(cell: &Cell, template: &RawColumn, array: &ArrayRef, ty: &DataType, valid: &Bits) -> Option<RawData> {
    match (ty, &template.data) {
        (DataType::Dictionary(key, value), RawData::Text { .. })
            if **key == DataType::Int32 && **value == DataType::Utf8 =>
        {
            let array = array.as_dictionary::<Int32Type>();
            let (map, dictionary) = interned(cell, array.values())?;
            let code = |&key: &i32| map.get(key as u32 as usize).copied().unwrap_or(0);
            Some(RawData::Text { codes: array.keys().values().iter().map(code).collect(), dictionary })
        }
        (DataType::Utf8, RawData::Text { .. }) => {
            let (codes, dictionary) = interned(cell, array)?;
            Some(RawData::Text { codes, dictionary })
        }
        (DataType::Utf8, RawData::Plain { .. }) => {
            let array = array.as_string::<i32>();
            let (mut ends, mut text) = (Vec::with_capacity(array.len()), String::new());
            for row in 0..array.len() {
                let value = if valid.get(row) { array.value(row) } else { "" };
                acceptable(cell, value)?;
                text.push_str(value);
                ends.push(u32::try_from(text.len()).ok()?);
            }
            Some(RawData::Plain { ends, text })
        }
        (DataType::Int64, RawData::Text { .. }) => {
            let values = array.as_primitive::<Int64Type>().values();
            Some(numbered(values.iter().enumerate().map(|(row, &v)| valid.get(row).then_some(v))))
        }
        (DataType::Int64, RawData::Plain { .. }) => {
            let (mut ends, mut text) = (Vec::with_capacity(array.len()), String::new());
            for (row, value) in array.as_primitive::<Int64Type>().values().iter().enumerate() {
                if valid.get(row) {
                    write!(text, "{value}").ok()?;
                }
                ends.push(u32::try_from(text.len()).ok()?);
            }
            Some(RawData::Plain { ends, text })
        }
        _ => None,
    }
}

/// Whether a column takes a text without a finding.
fn acceptable(cell: &Cell, text: &str) -> Option<()> {
    let listed = if let Cell::Enum(Some(values)) = cell { values.contains(text) } else { true };
    (listed && !text.as_bytes().contains(&0)).then_some(())
}

/// The code of each text of an array, and their dictionary.
fn interned(cell: &Cell, array: &ArrayRef) -> Option<(Vec<u32>, Interner)> {
    let array = array.as_string_opt::<i32>()?;
    let mut dictionary = Interner::default();
    let mut codes = Vec::with_capacity(array.len());
    for row in 0..array.len() {
        if array.is_null(row) {
            codes.push(0);
            continue;
        }
        let (code, new) = dictionary.code(array.value(row));
        if new {
            acceptable(cell, array.value(row))?;
        }
        codes.push(code);
    }
    Some((codes, dictionary))
}

/// Integers as texts; neighbours are often equal.
fn numbered(values: impl Iterator<Item = Option<i64>>) -> RawData {
    let mut dictionary = Interner::default();
    let mut known: FxHashMap<i64, u32> = FxHashMap::default();
    let mut text = String::new();
    let mut last: Option<(i64, u32)> = None;
    let codes = values
        .map(|value| {
            let Some(value) = value else { return 0 };
            if let Some((known, code)) = last
                && known == value
            {
                return code;
            }
            let code = *known.entry(value).or_insert_with(|| {
                text.clear();
                // Writing to a string does not fail.
                let _ = write!(text, "{value}");
                dictionary.code(&text).0
            });
            last = Some((value, code));
            code
        })
        .collect();
    RawData::Text { codes, dictionary }
}

/// A list column of texts without absent elements.
fn list(cell: &Cell, template: &RawColumn, array: &ArrayRef, valid: Bits) -> Option<RawColumn> {
    let array = array.as_list::<i32>();
    let offsets = array.offsets();
    if array.values().null_count() > 0 || offsets[0] != 0 || !matches!(template.data, RawData::Text { .. }) {
        return None;
    }
    // Elements under an absent list would have to be left out.
    let empty = |row: usize| offsets[row] == offsets[row + 1];
    if (0..array.len()).any(|row| !valid.get(row) && !empty(row)) {
        return None;
    }
    let (mut codes, dictionary) = interned(cell, array.values())?;
    codes.truncate(usize::try_from(offsets[array.len()]).ok()?);
    let ends = offsets[1..].iter().map(|&end| u32::try_from(end).ok()).collect::<Option<Vec<u32>>>()?;
    Some(RawColumn::whole(RawData::Text { codes, dictionary }, valid, Some(ends)))
}
