//! Columns of values with absence, bitmaps and dictionaries: what the store holds and the VM computes with.
//! Knows nothing of segments. Invariants: a column's data and validity have the same length; the datum under an absent
//! row is unspecified but initialised, and no operation may let it show.

use std::sync::Arc;

pub mod bitmap;
pub mod buffer;
pub mod cells;
pub mod codes;
mod days;
pub mod decimal;
pub mod kernels;
pub mod pattern;
pub mod segments;
pub mod select;
pub mod strings;
pub mod text;
pub mod time;
pub mod wide;

pub use bitmap::Bitmap;
pub use buffer::Buffer;
pub use codes::Codes;
pub use segments::Segments;
pub use strings::Strings;

/// A column: one value, or absence, per row.
#[derive(Debug, Clone)]
pub struct Column {
    /// The values.
    pub data: Data,
    /// Which rows are present; `None` if all are.
    pub valid: Option<Bitmap>,
}

/// The values of a column. Everything is behind an `Arc` so that columns are cheap to share and slices need no copy
/// of dictionaries.
#[derive(Debug, Clone)]
pub enum Data {
    /// `bool`
    Bool(Bitmap),
    /// `int`, `timestamp` (microseconds), `duration` (microseconds)
    Int(Buffer<i64>),
    /// `decimal`: unscaled digits; the scale is the type's.
    Decimal(Buffer<i128>),
    /// `float`, `probability`, `score`, `percentile`; never NaN or infinite.
    Float(Buffer<f64>),
    /// `date`: days since 1970-01-01
    Date(Buffer<i32>),
    /// `bucket`: 0, 1, 2
    Bucket(Buffer<u8>),
    /// `string`, enums: codes of a dictionary. Codes are not ordered.
    Text {
        /// One code per row.
        codes: Codes,
        /// What the codes mean.
        dictionary: Arc<Dictionary>,
    },
    /// A list of scalars; its elements are all present.
    List {
        /// `rows + 1` offsets into `values`.
        offsets: Buffer<u32>,
        /// The elements of all rows.
        values: Box<Column>,
    },
}

/// Distinct texts by code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dictionary {
    values: Strings,
}

impl Dictionary {
    /// A dictionary of these values; they must be distinct.
    pub fn new(values: Strings) -> Self {
        Dictionary { values }
    }

    /// How many values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The text of a code.
    pub fn get(&self, code: u32) -> Option<&str> {
        self.values.get(code as usize)
    }

    /// All values in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.values.iter()
    }

    /// The values as they are kept.
    pub fn strings(&self) -> &Strings {
        &self.values
    }
}
