//! The values of an array as a column: by its type in one go where nothing can be wrong with them, else one by one by the
//! rules that records are read by. Names `cell`, `columnar`.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use rustc_hash::FxHashMap;
use std::fmt::Write as _;

use crate::data::cell::{Cell, convert};
use crate::data::columnar::bind;
use crate::data::parse::in_years;
use crate::data::report::Kind;
use crate::data::shape::Shape;
use crate::store::raw::{Bits, ColumnKind, Interner, RawColumn, RawData, RawValue};
use crate::types::MICROS_PER_DAY;

/// A value that became absent: its row, why, and the value or the reason as text.
pub type Refusal = (usize, Kind, String);

/// The column of an array, and what its values were refused for. `None` if it takes a look at each record.
pub fn column(
    shape: &Shape,
    cell: &Cell,
    kind: ColumnKind,
    array: &ArrayRef,
    valid: Bits,
) -> Option<(RawColumn, Vec<Refusal>)> {
    match data(cell, kind, array, &valid) {
        Some(data) => Some((RawColumn::whole(data, valid, None), Vec::new())),
        None => converted(shape, cell, kind, array, &valid),
    }
}

/// The values one by one.
fn converted(
    shape: &Shape,
    cell: &Cell,
    kind: ColumnKind,
    array: &ArrayRef,
    valid: &Bits,
) -> Option<(RawColumn, Vec<Refusal>)> {
    let bound = bind(shape, None, array).ok()?;
    let mut column = RawColumn::new(kind, false);
    let (mut scratch, mut refused) = (String::new(), Vec::new());
    for row in (0..array.len()).filter(|&row| valid.get(row)) {
        let Some(scalar) = bound.scalar(row)? else { continue };
        match convert(cell, scalar, &shape.rules, &mut scratch) {
            Err((kind, reason)) => refused.push((row, kind, reason)),
            Ok(value) => {
                if let RawValue::Text(text) = value {
                    acceptable(cell, text)?;
                }
                column.push(row, value);
            }
        }
    }
    column.pad(array.len());
    Some((column, refused))
}

/// Which rows are there.
pub fn bits(nulls: Option<&NullBuffer>, len: usize) -> Bits {
    match nulls {
        None => Bits::filled(len),
        Some(nulls) => Bits::from_words(nulls.inner().bit_chunks().iter_padded().collect(), len),
    }
}

/// The values of a scalar column.
fn data(cell: &Cell, kind: ColumnKind, array: &ArrayRef, valid: &Bits) -> Option<RawData> {
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
        (Cell::Text | Cell::Enum(_), ty) => return texts(cell, kind, array, ty, valid),
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
fn texts(cell: &Cell, kind: ColumnKind, array: &ArrayRef, ty: &DataType, valid: &Bits) -> Option<RawData> {
    match (ty, kind) {
        (DataType::Dictionary(key, value), ColumnKind::Text)
            if **key == DataType::Int32 && **value == DataType::Utf8 =>
        {
            let array = array.as_dictionary::<Int32Type>();
            let (map, dictionary) = interned(cell, array.values())?;
            let (keys, same) = (array.keys().values().iter(), map.iter().zip(0..).all(|(&code, key)| code == key));
            // What is under an absent row may be no key.
            let codes = match same {
                true => keys.map(|&key| if (key as u32) < map.len() as u32 { key as u32 } else { 0 }).collect(),
                false => keys.map(|&key| map.get(key as u32 as usize).copied().unwrap_or(0)).collect(),
            };
            Some(RawData::Text { codes, dictionary })
        }
        (DataType::Utf8, ColumnKind::Text) => {
            let (codes, dictionary) = interned(cell, array)?;
            Some(RawData::Text { codes, dictionary })
        }
        (DataType::Utf8, ColumnKind::Plain) => {
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
        (DataType::Int64, ColumnKind::Text) if !matches!(cell, Cell::Enum(Some(_))) => {
            let values = array.as_primitive::<Int64Type>().values();
            Some(numbered(values.iter().enumerate().map(|(row, &v)| valid.get(row).then_some(v))))
        }
        (DataType::Int64, ColumnKind::Plain) => {
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
pub fn list(cell: &Cell, kind: ColumnKind, array: &ArrayRef, valid: Bits) -> Option<RawColumn> {
    let array = array.as_list::<i32>();
    let offsets = array.offsets();
    if array.values().null_count() > 0 || offsets[0] != 0 || kind != ColumnKind::Text {
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
