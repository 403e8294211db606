//! Arrow arrays into columns: what Parquet and Arrow files are read as. Names `sink`, `shape`. Invariant: an array is bound
//! to its place and its type once per batch; a record is then read like a record of any other format.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Decimal256Type, Float64Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, GenericStringArray, LargeStringArray, RecordBatch, StringArray};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};

use super::cell::Scalar;
use super::json;
use super::report::Kind;
use super::shape::{Node, Shape};
use super::sink::Sink;
use super::whole;

/// Reads a batch whose first record is the `first` of its piece, counted from 1.
pub fn batch(sink: &mut Sink<'_>, batch: &RecordBatch, first: u64) -> Result<(), String> {
    if whole::batch(sink, batch, first) {
        return Ok(());
    }
    let shape = sink.shape;
    let mut bound = Vec::new();
    for (name, place) in &shape.nodes[0].fields {
        if let Some(array) = batch.column_by_name(name) {
            bound.push((*place, bind(shape, Some(*place), array)?));
        }
    }
    for row in 0..batch.num_rows() {
        sink.line = first + row as u64;
        let mut fault = None;
        for (place, array) in &bound {
            if let Err(reason) = value(sink, *place, array, row, false) {
                fault = Some(reason);
                break;
            }
        }
        match fault {
            None => sink.end_record(),
            Some((kind, reason)) => sink.reject(kind, &reason),
        }
    }
    sink.line = first + batch.num_rows() as u64;
    Ok(())
}

/// An array whose type is known.
pub struct Bound {
    nulls: Option<NullBuffer>,
    values: Values,
}

enum Values {
    Bool(BooleanArray),
    Int(ScalarBuffer<i64>),
    Float(ScalarBuffer<f64>),
    Decimal(ScalarBuffer<i128>, i8),
    Text(StringArray),
    LongText(LargeStringArray),
    Date(ScalarBuffer<i32>),
    /// Values, how many of them are a microsecond or how many microseconds one is, and whether they are instants.
    Time {
        values: ScalarBuffer<i64>,
        per_micro: i64,
        micros: i64,
        instant: bool,
    },
    /// A value of an inner array for each row.
    Coded(Vec<usize>, Box<Bound>),
    Struct(Vec<(String, Option<usize>, Bound)>),
    List(Ranges, Box<Bound>),
    Map(Ranges, Box<Bound>, Box<Bound>),
    /// Of a type that no column takes.
    Other(String),
}

/// Where the elements of each row begin and end.
type Ranges = Vec<(usize, usize)>;

/// Binds an array. Parts that no place reads are left out; `None` reads everything below.
pub fn bind(shape: &Shape, place: Option<usize>, array: &ArrayRef) -> Result<Bound, String> {
    let nulls = array.logical_nulls();
    let values = match array.data_type() {
        DataType::Boolean => Values::Bool(array.as_boolean().clone()),
        DataType::Int64 => Values::Int(array.as_primitive::<Int64Type>().values().clone()),
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => {
            return bind(shape, place, &to(array, &DataType::Int64)?);
        }
        DataType::UInt64 => return bind(shape, place, &to(array, &DataType::Decimal128(20, 0))?),
        DataType::Float64 => Values::Float(array.as_primitive::<Float64Type>().values().clone()),
        DataType::Float16 | DataType::Float32 => return bind(shape, place, &to(array, &DataType::Float64)?),
        DataType::Decimal128(_, scale) => {
            Values::Decimal(array.as_primitive::<Decimal128Type>().values().clone(), *scale)
        }
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => {
            return bind(shape, place, &to(array, &DataType::Decimal128(*p, *s))?);
        }
        DataType::Decimal256(_, scale) => wide(array, *scale),
        DataType::Utf8 => Values::Text(array.as_string::<i32>().clone()),
        DataType::LargeUtf8 => Values::LongText(array.as_string::<i64>().clone()),
        DataType::Utf8View
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => {
            let text = to(array, &DataType::LargeUtf8)?;
            // What is not UTF-8 has become absent.
            return bind(shape, place, &text);
        }
        DataType::Date32 => Values::Date(array.as_primitive::<Date32Type>().values().clone()),
        DataType::Date64 => time(array.as_primitive::<Date64Type>().values().clone(), TimeUnit::Millisecond, false),
        DataType::Timestamp(unit, zone) => time(instants(array, *unit), *unit, zone.is_some()),
        DataType::Dictionary(_, _) => coded(shape, place, array)?,
        DataType::Struct(_) => fields(shape, place, array)?,
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => list(shape, place, array)?,
        DataType::Map(..) => map(shape, array)?,
        other => Values::Other(other.to_string()),
    };
    Ok(Bound { nulls, values })
}

fn to(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, String> {
    cast(array, ty).map_err(|error| error.to_string())
}

fn wide(array: &ArrayRef, scale: i8) -> Values {
    let values = array.as_primitive::<Decimal256Type>();
    // Beyond 128 bits is beyond every decimal of the language: too many digits, told as such by the largest value.
    Values::Decimal(values.values().iter().map(|v| v.to_i128().unwrap_or(i128::MAX)).collect(), scale)
}

fn instants(array: &ArrayRef, unit: TimeUnit) -> ScalarBuffer<i64> {
    match unit {
        TimeUnit::Second => array.as_primitive::<TimestampSecondType>().values().clone(),
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().values().clone(),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().values().clone(),
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().values().clone(),
    }
}

fn time(values: ScalarBuffer<i64>, unit: TimeUnit, instant: bool) -> Values {
    let (per_micro, micros) = match unit {
        TimeUnit::Second => (1, 1_000_000),
        TimeUnit::Millisecond => (1, 1000),
        TimeUnit::Microsecond => (1, 1),
        TimeUnit::Nanosecond => (1000, 1),
    };
    Values::Time { values, per_micro, micros, instant }
}

fn coded(shape: &Shape, place: Option<usize>, array: &ArrayRef) -> Result<Values, String> {
    let dictionary = array.as_any_dictionary();
    let inner = bind(shape, place, dictionary.values())?;
    // Where there are no values, every row is absent.
    let keys = match dictionary.values().is_empty() {
        true => vec![0; array.len()],
        false => dictionary.normalized_keys(),
    };
    Ok(Values::Coded(keys, Box::new(inner)))
}

fn fields(shape: &Shape, place: Option<usize>, array: &ArrayRef) -> Result<Values, String> {
    let array = array.as_struct();
    let mut fields = Vec::new();
    // All fields of a struct that stands for a map are its entries.
    let all = place.is_none_or(|p| !shape.nodes[p].entries.is_empty());
    for (field, column) in array.fields().iter().zip(array.columns()) {
        let place = place.and_then(|p| shape.nodes[p].field(field.name())).map(|(_, place)| place);
        if all || place.is_some() {
            let below = if all { None } else { place };
            fields.push((field.name().clone(), place, bind(shape, below, column)?));
        }
    }
    Ok(Values::Struct(fields))
}

fn list(shape: &Shape, place: Option<usize>, array: &ArrayRef) -> Result<Values, String> {
    let (ranges, elements): (Ranges, ArrayRef) = match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let ends = list.offsets().windows(2).map(|w| (w[0] as usize, w[1] as usize)).collect();
            (ends, list.values().clone())
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            let ends = list.offsets().windows(2).map(|w| (w[0] as usize, w[1] as usize)).collect();
            (ends, list.values().clone())
        }
        _ => {
            let list = array.as_fixed_size_list();
            let size = list.value_length() as usize;
            ((0..list.len()).map(|row| (row * size, (row + 1) * size)).collect(), list.values().clone())
        }
    };
    Ok(Values::List(ranges, Box::new(bind(shape, place, &elements)?)))
}

fn map(shape: &Shape, array: &ArrayRef) -> Result<Values, String> {
    let map = array.as_map();
    let ranges = map.offsets().windows(2).map(|w| (w[0] as usize, w[1] as usize)).collect();
    let keys = bind(shape, None, map.keys())?;
    let values = bind(shape, None, map.values())?;
    Ok(Values::Map(ranges, Box::new(keys), Box::new(values)))
}

impl Bound {
    fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// The scalar of a row, if it has one; `None` if the array is of no scalars.
    pub fn scalar(&self, row: usize) -> Option<Option<Scalar<'_>>> {
        if self.is_null(row) {
            return Some(None);
        }
        Some(Some(match &self.values {
            Values::Text(_) | Values::LongText(_) => return Some(self.text(row).map(Scalar::Text)),
            Values::Coded(keys, inner) => return inner.scalar(*keys.get(row)?),
            Values::Bool(values) => Scalar::Bool(values.value(row)),
            Values::Int(values) => Scalar::Int(i128::from(values[row])),
            Values::Float(values) => Scalar::Float(values[row]),
            Values::Decimal(values, scale) => Scalar::Decimal(values[row], *scale),
            Values::Date(values) => Scalar::Date(values[row]),
            Values::Time { values, per_micro, micros, instant } => {
                let at = values[row].div_euclid(*per_micro).saturating_mul(*micros);
                if *instant { Scalar::Instant(at) } else { Scalar::Local(at) }
            }
            Values::Struct(_) | Values::List(..) | Values::Map(..) | Values::Other(_) => return None,
        }))
    }

    /// The text of a row of a text array.
    fn text(&self, row: usize) -> Option<&str> {
        fn at<O: arrow_array::OffsetSizeTrait>(array: &GenericStringArray<O>, row: usize) -> Option<&str> {
            (row < array.len()).then(|| array.value(row))
        }
        if self.is_null(row) {
            return None;
        }
        match &self.values {
            Values::Text(array) => at(array, row),
            Values::LongText(array) => at(array, row),
            Values::Coded(keys, inner) => inner.text(*keys.get(row)?),
            _ => None,
        }
    }
}

/// Why a record is left out.
type Fault = (Kind, String);

/// A value at a place; `element` tells that it is an element of the list there. Returns whether something was taken.
fn value(sink: &mut Sink<'_>, place: usize, array: &Bound, row: usize, element: bool) -> Result<bool, Fault> {
    if array.is_null(row) {
        return Ok(false);
    }
    let shape = sink.shape;
    let node = &shape.nodes[place];
    match &array.values {
        Values::Coded(keys, inner) => return value(sink, place, inner, keys[row], element),
        Values::Struct(fields) => return object(sink, node, fields, row, element),
        Values::List(ranges, elements) => return elements_of(sink, place, elements, ranges[row]),
        Values::Map(ranges, keys, values) => return entries(sink, node, keys, values, ranges[row], element),
        _ => {}
    }
    let scalar = match array.scalar(row) {
        Some(Some(Scalar::Text(text))) => return string(sink, place, text, element),
        Some(Some(scalar)) => scalar,
        Some(None) => return Ok(false),
        None => {
            if let Values::Other(ty) = &array.values {
                sink.wrong(node, &format!("a value of type {ty}"), element);
            }
            return Ok(false);
        }
    };
    if node.list && !element {
        sink.wrong(node, "a scalar", false);
        return Ok(false);
    }
    Ok(sink.scalar(node, scalar))
}

/// A text: a scalar, or the JSON of a list or an object where one is expected.
fn string(sink: &mut Sink<'_>, place: usize, text: &str, element: bool) -> Result<bool, Fault> {
    let shape = sink.shape;
    let node = &shape.nodes[place];
    let list = node.list && !element;
    if (list || (node.takes_object() && !node.takes_scalar())) && text.starts_with(['[', '{']) && !element {
        return match json::embedded(sink, place, text) {
            Ok(()) => Ok(true),
            Err(_) => Err((Kind::Malformed, format!("the text of `{}` is not JSON", node.path))),
        };
    }
    if list {
        sink.wrong(node, &format!("\"{text}\""), false);
        return Ok(false);
    }
    Ok(sink.scalar(node, Scalar::Text(text)))
}

fn object(
    sink: &mut Sink<'_>,
    node: &Node,
    fields: &[(String, Option<usize>, Bound)],
    row: usize,
    element: bool,
) -> Result<bool, Fault> {
    if !node.takes_object() || (node.list && !element) {
        sink.wrong(node, "an object", element);
        return Ok(false);
    }
    sink.open_object(node);
    for (name, place, array) in fields {
        for &(table, inner) in &node.entries {
            let taken = value(sink, inner, array, row, false)?;
            sink.end_entry(table, name, taken);
        }
        // Below a map the same array is read at more than one place, so that it is found by its name.
        if let Some(place) = place.or_else(|| node.field(name).map(|(_, place)| place)) {
            value(sink, place, array, row, false)?;
        }
    }
    Ok(true)
}

fn elements_of(sink: &mut Sink<'_>, place: usize, elements: &Bound, range: (usize, usize)) -> Result<bool, Fault> {
    let shape = sink.shape;
    let node = &shape.nodes[place];
    if !node.list {
        sink.wrong(node, "a list", false);
        return Ok(false);
    }
    sink.open_list(node);
    for row in range.0..range.1 {
        if let (Values::List(ranges, inner), false) = (&elements.values, elements.is_null(row)) {
            elements_of(sink, place, inner, ranges[row])?;
        } else {
            let taken = value(sink, place, elements, row, true)?;
            sink.end_element(node, taken);
        }
    }
    Ok(true)
}

fn entries(
    sink: &mut Sink<'_>,
    node: &Node,
    keys: &Bound,
    values: &Bound,
    range: (usize, usize),
    element: bool,
) -> Result<bool, Fault> {
    if !node.takes_object() || (node.list && !element) {
        sink.wrong(node, "a map", element);
        return Ok(false);
    }
    sink.open_object(node);
    let mut seen: Vec<&str> = Vec::new();
    for row in range.0..range.1 {
        let Some(key) = keys.text(row) else { continue };
        if seen.contains(&key) {
            return Err((Kind::DuplicateKey, format!("the key `{key}` occurs twice")));
        }
        seen.push(key);
        for &(table, inner) in &node.entries {
            let taken = value(sink, inner, values, row, false)?;
            sink.end_entry(table, key, taken);
        }
        if let Some((_, place)) = node.field(key) {
            value(sink, place, values, row, false)?;
        }
    }
    Ok(true)
}
