//! The rows that a model is learnt from, as Parquet for who wants to look at them or to learn otherwise. Names the format
//! crates. Invariant: a row says of which profile and cut-off it is, whether the prediction came true, and whether the row
//! was learnt from or measured on.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float32Array, RecordBatch, StringArray, TimestampMicrosecondArray};

/// The values of a feature.
#[derive(Debug, Clone)]
pub enum Values<'a> {
    /// Numbers; `NaN` is absent.
    Numbers(&'a [f32]),
    /// Texts.
    Texts(Vec<Option<&'a str>>),
}

/// The rows of a cut-off.
#[derive(Debug, Clone)]
pub struct Rows<'a> {
    /// The profiles.
    pub ids: Vec<&'a str>,
    /// Microseconds since 1970-01-01 UTC.
    pub cutoff: i64,
    /// Whether the model is measured on them.
    pub test: bool,
    /// Whether the prediction came true.
    pub labels: &'a [bool],
    /// The features with their expressions.
    pub columns: Vec<(&'a str, Values<'a>)>,
}

/// The entry of a file's metadata that tells it from other files.
const MATRIX_KEY: &str = "segc.matrix";

/// Whether a [`Matrix`] has written a file.
pub fn is_matrix(path: &Path) -> bool {
    super::parquet::said(path, MATRIX_KEY).is_some()
}

/// A file of rows.
pub struct Matrix<W: Write + Send> {
    out: Option<W>,
    writer: Option<super::parquet::Writer<W>>,
}

impl<W: Write + Send> Matrix<W> {
    /// An empty file.
    pub fn new(out: W) -> Matrix<W> {
        Matrix { out: Some(out), writer: None }
    }

    /// Writes the rows of a cut-off. All cut-offs have the same columns.
    pub fn append(&mut self, rows: &Rows<'_>) -> io::Result<()> {
        let batch = batch(rows).map_err(io::Error::other)?;
        if let Some(out) = self.out.take() {
            self.writer = Some(super::parquet::writer(out, batch.schema()).map_err(io::Error::other)?);
        }
        match &mut self.writer {
            Some(writer) => writer.write(&batch).map_err(io::Error::other),
            None => Ok(()),
        }
    }

    /// Completes the file.
    pub fn close(self) -> io::Result<()> {
        let Some(mut writer) = self.writer else { return Ok(()) };
        writer.append_key_value_metadata(super::parquet::KeyValue::new(
            MATRIX_KEY.to_owned(),
            env!("CARGO_PKG_VERSION").to_owned(),
        ));
        writer.close().map(drop).map_err(io::Error::other)
    }
}

fn batch(rows: &Rows<'_>) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let count = rows.ids.len();
    let cutoff = TimestampMicrosecondArray::from_value(rows.cutoff, count).with_timezone("UTC");
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("_id", Arc::new(StringArray::from_iter_values(&rows.ids))),
        ("cutoff", Arc::new(cutoff)),
        ("test", Arc::new(BooleanArray::from(vec![rows.test; count]))),
        ("label", Arc::new(BooleanArray::from(rows.labels.to_vec()))),
    ];
    columns.extend(rows.columns.iter().map(|(name, values)| {
        let array: ArrayRef = match values {
            Values::Numbers(numbers) => {
                Arc::new(Float32Array::from_iter(numbers.iter().map(|n| (!n.is_nan()).then_some(*n))))
            }
            Values::Texts(texts) => Arc::new(StringArray::from_iter(texts.iter().copied())),
        };
        (*name, array)
    }));
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
}
