//! How much memory raw records take, for bounding it. Invariant: an estimate, but one that depends on the records alone.

use super::{RawColumn, RawData, RawRecords, RawTable};

/// Of a text in a dictionary: its end, and the three places of the table that it has on the average, 24 bytes each.
const TEXT: usize = 80;

impl RawRecords {
    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let table = |t: &RawTable| t.columns.iter().chain(&t.keys).map(column).sum::<usize>() + t.ends.len() * 4;
        self.tables.iter().map(table).sum()
    }
}

fn column(column: &RawColumn) -> usize {
    let ends = column.ends.as_ref().map_or(0, |ends| ends.len() * 4);
    values(&column.data) + column.valid.len() / 8 + ends
}

fn values(data: &RawData) -> usize {
    match data {
        RawData::Bool(v) => v.len() / 8,
        RawData::Int(v) => v.len() * 8,
        RawData::Decimal(v) => v.len() * 16,
        RawData::Float(v) => v.len() * 8,
        RawData::Date(v) => v.len() * 4,
        RawData::Bucket(v) => v.len(),
        RawData::Text { codes, dictionary } => codes.len() * 4 + dictionary.bytes() + dictionary.len() * TEXT,
        RawData::Plain { ends, text } => ends.len() * 4 + text.len(),
    }
}
