//! Columns for Parquet while records are made. Names the Arrow library. Invariant: all columns of a record's table have
//! one length.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int32Array, Int64Array, ListArray, MapArray,
    StringArray, StructArray, TimestampMicrosecondArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::ArrowError;
use arrow_schema::{DataType, Field, Fields};
use rustc_hash::FxHashMap;

/// A text column with few distinct values.
#[derive(Debug, Default)]
pub struct Texts {
    codes: Vec<Option<i32>>,
    values: Vec<String>,
    known: FxHashMap<String, i32>,
}

impl Texts {
    /// Adds a row.
    pub fn push(&mut self, text: Option<&str>) {
        let code = text.map(|text| match self.known.get(text) {
            Some(&code) => code,
            None => {
                let code = self.values.len() as i32;
                self.values.push(text.to_owned());
                self.known.insert(text.to_owned(), code);
                code
            }
        });
        self.codes.push(code);
    }

    /// The column.
    pub fn array(self) -> Result<ArrayRef, ArrowError> {
        let values = Arc::new(StringArray::from(self.values));
        Ok(Arc::new(DictionaryArray::try_new(Int32Array::from(self.codes), values)?))
    }
}

/// A text column with mostly distinct values.
pub fn distinct(values: Vec<Option<String>>) -> ArrayRef {
    Arc::new(StringArray::from(values))
}

/// A column of money with two digits after the point, from cents.
pub fn money(cents: Vec<Option<i64>>) -> Result<ArrayRef, ArrowError> {
    let array = Decimal128Array::from_iter(cents.into_iter().map(|c| c.map(i128::from)));
    Ok(Arc::new(array.with_precision_and_scale(18, 2)?))
}

/// A column of integers.
pub fn integers(values: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(Int64Array::from(values))
}

/// A column of floating-point numbers, from a whole number of parts.
pub fn fractions(values: Vec<Option<i64>>, parts: f64) -> ArrayRef {
    Arc::new(Float64Array::from_iter(values.into_iter().map(|v| v.map(|v| v as f64 / parts))))
}

/// A column of dates.
pub fn dates(values: Vec<Option<i32>>) -> ArrayRef {
    Arc::new(Date32Array::from(values))
}

/// A column of instants, from microseconds.
pub fn instants(values: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC"))
}

/// An object column of fields.
pub fn object(fields: Vec<(&str, ArrayRef)>) -> Result<ArrayRef, ArrowError> {
    let names: Fields = fields.iter().map(|(name, a)| Field::new(*name, a.data_type().clone(), true)).collect();
    let columns = fields.into_iter().map(|(_, array)| array).collect();
    Ok(Arc::new(StructArray::try_new(names, columns, None)?))
}

/// Where the elements of each row end, and which rows have a list at all.
#[derive(Debug, Default)]
pub struct Ends {
    lengths: Vec<usize>,
    present: Vec<bool>,
}

impl Ends {
    /// Adds a row; `None` is no list.
    pub fn push(&mut self, length: Option<usize>) {
        self.lengths.push(length.unwrap_or(0));
        self.present.push(length.is_some());
    }

    fn parts(self) -> (OffsetBuffer<i32>, Option<NullBuffer>) {
        (OffsetBuffer::from_lengths(self.lengths), Some(NullBuffer::from(self.present)))
    }
}

/// A list column.
pub fn list(ends: Ends, elements: ArrayRef) -> Result<ArrayRef, ArrowError> {
    let (offsets, nulls) = ends.parts();
    let field = Arc::new(Field::new("element", elements.data_type().clone(), true));
    Ok(Arc::new(ListArray::try_new(field, offsets, elements, nulls)?))
}

/// A map column.
pub fn map(ends: Ends, keys: Vec<String>, values: ArrayRef) -> Result<ArrayRef, ArrowError> {
    let (offsets, nulls) = ends.parts();
    let keys: ArrayRef = Arc::new(StringArray::from(keys));
    let fields = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", values.data_type().clone(), true),
    ]);
    let entries = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
    let field = Arc::new(Field::new("key_value", DataType::Struct(fields), false));
    Ok(Arc::new(MapArray::try_new(field, offsets, entries, nulls, false)?))
}
