//! Raw columns of many pieces put together, and rows taken out of them in a new order. Names only `vector`. Invariants:
//! dictionary codes follow the first appearance in the order of the pieces, whatever thread read them; what is taken from
//! pieces is what would be taken from the whole.

mod pieces;

use std::sync::Arc;

use rayon::prelude::*;

use super::raw::{Bits, Interner, RawColumn, RawData};
use crate::vector::codes::Code;
use crate::vector::{Bitmap, Buffer, Codes, Column, Data, Dictionary};
pub(super) use pieces::{Pieces, Places, gather_pieces};

/// Stands for no row.
pub(super) const NO_ROW: u32 = u32::MAX;

/// One column of all pieces.
pub(super) fn whole(pieces: Vec<RawColumn>) -> Column {
    let mut valid = Bits::default();
    pieces.iter().for_each(|piece| valid.extend(&piece.valid));
    let valid = (!valid.all()).then(|| Bitmap::from_words(valid.words().to_vec(), valid.len()));
    if pieces.iter().any(|p| p.ends.is_some()) {
        let mut offsets = vec![0u32];
        for piece in &pieces {
            let base = offsets.last().copied().unwrap_or(0);
            offsets.extend(piece.ends.iter().flatten().map(|end| base + end));
        }
        let values = Column { data: whole_data(pieces), valid: None };
        return Column { data: Data::List { offsets: offsets.into(), values: Box::new(values) }, valid };
    }
    Column { data: whole_data(pieces), valid }
}

fn whole_data(pieces: Vec<RawColumn>) -> Data {
    let total = pieces.iter().map(|p| p.data.len()).sum();
    let Some(first) = pieces.first() else { return Data::Int(Vec::new().into()) };
    macro_rules! joined {
        ($variant:ident) => {{
            let mut all = Vec::with_capacity(total);
            for piece in pieces {
                if let RawData::$variant(values) = piece.data {
                    all.extend_from_slice(&values);
                }
            }
            Data::$variant(all.into())
        }};
    }
    match &first.data {
        RawData::Bool(_) => {
            let mut all = Bits::default();
            for piece in &pieces {
                if let RawData::Bool(bits) = &piece.data {
                    all.extend(bits);
                }
            }
            Data::Bool(Bitmap::from_words(all.words().to_vec(), all.len()))
        }
        RawData::Int(_) => joined!(Int),
        RawData::Decimal(_) => joined!(Decimal),
        RawData::Float(_) => joined!(Float),
        RawData::Date(_) => joined!(Date),
        RawData::Bucket(_) => joined!(Bucket),
        RawData::Text { .. } => whole_text(pieces, total),
        RawData::Plain { .. } => {
            let mut dictionary = Interner::default();
            let codes: Vec<u32> = pieces
                .iter()
                .flat_map(|p| (0..p.data.len()).map(|row| p.text(row).unwrap_or_default()))
                .map(|text| dictionary.code(text).0)
                .collect();
            text(&codes, dictionary)
        }
    }
}

fn whole_text(pieces: Vec<RawColumn>, total: usize) -> Data {
    let (maps, dictionary) = united(&pieces);
    let parts = pieces.into_iter().zip(maps).filter_map(|(piece, map)| match piece.data {
        RawData::Text { codes, .. } => Some((codes, map)),
        _ => None,
    });
    let codes = match dictionary.len() {
        0..=0x100 => Codes::U8(narrowed(parts, total)),
        0x101..=0x1_0000 => Codes::U16(narrowed(parts, total)),
        _ => Codes::U32(narrowed(parts, total)),
    };
    Data::Text { codes, dictionary }
}

/// One dictionary for all pieces, and for each of them what its codes are there.
type United = (Vec<Vec<u32>>, Arc<Dictionary>);

fn united(pieces: &[RawColumn]) -> United {
    let mut global = Interner::default();
    let mut map = |piece: &RawColumn| match &piece.data {
        RawData::Text { dictionary, .. } => dictionary.iter().map(|text| global.code(text).0).collect(),
        _ => Vec::new(),
    };
    let maps = pieces.iter().map(&mut map).collect();
    (maps, Arc::new(Dictionary::new(global.into_strings())))
}

/// The codes of pieces by what each code of a piece is in the whole.
fn narrowed<T: Code>(parts: impl Iterator<Item = (Vec<u32>, Vec<u32>)>, total: usize) -> Buffer<T> {
    let mut all = Vec::with_capacity(total);
    for (codes, map) in parts {
        let map: Vec<T> = map.into_iter().map(|code| T::narrow(code).unwrap_or_default()).collect();
        // An absent row's code may be of a dictionary without a value.
        all.extend(codes.iter().map(|&code| map.get(code as usize).copied().unwrap_or_default()));
    }
    all.into()
}

fn text(codes: &[u32], dictionary: Interner) -> Data {
    let dictionary = Dictionary::new(dictionary.into_strings());
    Data::Text { codes: Codes::narrow(codes, dictionary.len()), dictionary: Arc::new(dictionary) }
}

/// The rows of a column in the order of each block; [`NO_ROW`] gives an absent row.
pub(super) fn gather_blocks(column: &Column, orders: &[Vec<u32>]) -> Vec<Column> {
    orders.par_iter().map(|order| gather(column, order)).collect()
}

pub(super) fn gather(column: &Column, rows: &[u32]) -> Column {
    let valid = match &column.valid {
        Some(valid) => {
            // No row is past the end of all rows.
            let words = valid.words();
            let is_present = |row: u32| words.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 == 1);
            Some(Bitmap::from_fn(rows.len(), |i| is_present(rows[i])))
        }
        None if rows.contains(&NO_ROW) => Some(Bitmap::from_fn(rows.len(), |i| rows[i] != NO_ROW)),
        None => None,
    };
    let valid = valid.filter(|v| v.count() < rows.len());
    Column { data: gather_data(&column.data, rows), valid }
}

fn gather_data(data: &Data, rows: &[u32]) -> Data {
    match data {
        Data::Bool(bits) => Data::Bool(Bitmap::from_fn(rows.len(), |i| bits.get(rows[i] as usize))),
        Data::Int(v) => Data::Int(v.take(rows)),
        Data::Decimal(v) => Data::Decimal(v.take(rows)),
        Data::Float(v) => Data::Float(v.take(rows)),
        Data::Date(v) => Data::Date(v.take(rows)),
        Data::Bucket(v) => Data::Bucket(v.take(rows)),
        Data::Text { codes, dictionary } => Data::Text { codes: codes.take(rows), dictionary: dictionary.clone() },
        Data::List { offsets, values } => {
            let mut taken = Vec::new();
            let mut ends = Vec::with_capacity(rows.len() + 1);
            ends.push(0u32);
            for &row in rows {
                if let (Some(&from), Some(&to)) =
                    (offsets.get(row as usize), offsets.get((row as usize).saturating_add(1)))
                {
                    taken.extend(from..to);
                }
                ends.push(taken.len() as u32);
            }
            Data::List { offsets: ends.into(), values: Box::new(gather(values, &taken)) }
        }
    }
}

/// For each code of a text column its place in the order of the texts.
pub(super) fn text_ranks(dictionary: &Dictionary) -> Vec<u32> {
    let texts: Vec<&str> = dictionary.iter().collect();
    let mut order: Vec<u32> = (0..texts.len() as u32).collect();
    order.sort_unstable_by_key(|&code| texts[code as usize]);
    let mut ranks = vec![0; texts.len()];
    for (rank, code) in order.into_iter().enumerate() {
        ranks[code as usize] = rank as u32;
    }
    ranks
}
