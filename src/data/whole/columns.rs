//! The values of an array as a column: by its type in one go where nothing can be wrong with them, else one by one by the
//! rules that records are read by. Names `cell`, `columnar`.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
};
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use rustc_hash::FxHashMap;
use std::fmt::Write as _;

use super::source::{Coded, Known, Source, Values, owned};
use crate::data::cell::{Cell, convert};
use crate::data::columnar::bind;
use crate::data::parse::in_years;
use crate::data::report::Kind;
use crate::data::shape::Shape;
use crate::store::raw::{Bits, ColumnKind, Interner, RawColumn, RawData, RawValue};
use crate::types::MICROS_PER_DAY;

/// A value that became absent: its row, why, and the value or the reason as text.
pub type Refusal = (usize, Kind, String);

/// The column of values, and what of them was refused, and why. `None` if it takes a look at each record.
pub fn column(
    shape: &Shape,
    cell: &Cell,
    kind: ColumnKind,
    source: Source,
    valid: Bits,
) -> Option<(RawColumn, Vec<Refusal>)> {
    match data(cell, kind, source, &valid) {
        Ok(data) => Some((RawColumn::whole(data, valid, None), Vec::new())),
        Err(source) => converted(shape, cell, kind, &source.into_array()?, &valid),
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

/// The values of a scalar column; the source again if something may be wrong with one of them.
fn data(cell: &Cell, kind: ColumnKind, source: Source, valid: &Bits) -> Result<RawData, Source> {
    let partial = source.partial;
    let array = match source.values {
        Values::Array(array) => array,
        Values::Coded(coded) => {
            return coded_texts(cell, kind, coded).map_err(|coded| Source { values: Values::Coded(coded), partial });
        }
    };
    let again = |array| Err(Source { values: Values::Array(array), partial });
    Ok(match (cell, array.data_type()) {
        (Cell::Bool, DataType::Boolean) => {
            let values = array.as_boolean().values();
            RawData::Bool(Bits::from_words(values.bit_chunks().iter_padded().collect(), array.len()))
        }
        (Cell::Int, DataType::Int64) => RawData::Int(owned::<Int64Type>(array)),
        (Cell::Int, DataType::Int32) => {
            RawData::Int(array.as_primitive::<Int32Type>().values().iter().map(|&v| i64::from(v)).collect())
        }
        // Whoever looks at some alone has tested all of them.
        (Cell::Float(..), DataType::Float64) if partial => RawData::Float(owned::<Float64Type>(array)),
        // Bounds are finite, and what is no number is within none.
        (Cell::Float(low, high), DataType::Float64)
            if all(array.as_primitive::<Float64Type>().values(), valid, |value| *low <= value && value <= *high) =>
        {
            // What is under an absent row must be finite too; minus zero is zero.
            let finite = |v: f64| if v.is_finite() { v + 0.0 } else { 0.0 };
            RawData::Float(owned::<Float64Type>(array).into_iter().map(finite).collect())
        }
        (Cell::Date, DataType::Date32)
            if all(array.as_primitive::<Date32Type>().values(), valid, |value| {
                in_years(i64::from(value).saturating_mul(MICROS_PER_DAY))
            }) =>
        {
            RawData::Date(owned::<Date32Type>(array))
        }
        (Cell::Timestamp, DataType::Timestamp(TimeUnit::Microsecond, Some(_)))
            if all(array.as_primitive::<TimestampMicrosecondType>().values(), valid, in_years) =>
        {
            RawData::Int(owned::<TimestampMicrosecondType>(array))
        }
        (Cell::Timestamp, DataType::Timestamp(TimeUnit::Millisecond, Some(_))) => {
            let values = array.as_primitive::<TimestampMillisecondType>().values();
            let values: Vec<i64> = values.iter().map(|v| v.saturating_mul(1000)).collect();
            if !all(&values, valid, in_years) {
                return again(array);
            }
            RawData::Int(values)
        }
        (Cell::Text | Cell::Enum(_), ty) => match texts(cell, kind, &array, ty, valid) {
            Some(data) => data,
            None => return again(array),
        },
        _ => return again(array),
    })
}

/// Whether something holds for every value that is there. Mostly it holds for what is under absent rows as well, so that
/// all are tested first, without a branch for each.
fn all<T: Copy>(values: &[T], valid: &Bits, holds: impl Fn(T) -> bool) -> bool {
    let whole = values.iter().fold(true, |all, &value| all & holds(value));
    whole || values.iter().enumerate().all(|(row, &value)| !valid.get(row) || holds(value))
}

/// Texts that are coded; what is under an absent row may be no code.
fn coded_texts(cell: &Cell, kind: ColumnKind, mut coded: Box<Coded>) -> Result<RawData, Box<Coded>> {
    let dictionary = match (&coded.known, kind, cell) {
        (Known::Texts(texts), ColumnKind::Text, Cell::Text | Cell::Enum(_)) => {
            let Some((map, dictionary)) = interned(cell, texts, texts.len()) else { return Err(coded) };
            if map.iter().zip(0..).any(|(&code, known)| code != known) {
                coded.codes.iter_mut().for_each(|code| *code = map.get(*code as usize).copied().unwrap_or(0));
            }
            dictionary
        }
        (Known::Numbers(numbers), ColumnKind::Text, Cell::Text | Cell::Enum(None)) => {
            let mut dictionary = Interner::default();
            numbers.iter().for_each(|number| dictionary.push_distinct(number));
            dictionary
        }
        _ => return Err(coded),
    };
    Ok(RawData::Text { codes: coded.codes, dictionary })
}

/// Texts, or integers that stand for them.
fn texts(cell: &Cell, kind: ColumnKind, array: &ArrayRef, ty: &DataType, valid: &Bits) -> Option<RawData> {
    match (ty, kind) {
        (DataType::Dictionary(key, value), ColumnKind::Text)
            if **key == DataType::Int32 && **value == DataType::Utf8 =>
        {
            let array = array.as_dictionary::<Int32Type>();
            let (map, dictionary) = interned(cell, array.values().as_string_opt()?, 0)?;
            // What is under an absent row may be no key.
            let code = |&key: &i32| map.get(key as u32 as usize).copied().unwrap_or(0);
            Some(RawData::Text { codes: array.keys().values().iter().map(code).collect(), dictionary })
        }
        (DataType::Utf8, ColumnKind::Text) => {
            let (codes, dictionary) = interned(cell, array.as_string::<i32>(), 0)?;
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

/// The code of each text of an array, and their dictionary, with room for some of them.
fn interned(cell: &Cell, array: &StringArray, room: usize) -> Option<(Vec<u32>, Interner)> {
    let (mut codes, mut dictionary) = (Vec::with_capacity(array.len()), Interner::with_room(room));
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
    let (mut codes, dictionary) = interned(cell, array.values().as_string_opt()?, 0)?;
    codes.truncate(usize::try_from(offsets[array.len()]).ok()?);
    let ends = offsets[1..].iter().map(|&end| u32::try_from(end).ok()).collect::<Option<Vec<u32>>>()?;
    Some(RawColumn::whole(RawData::Text { codes, dictionary }, valid, Some(ends)))
}
