//! Rows taken out of the pieces of a column where they lie: putting all pieces together first would copy every value once
//! more. Names its parent. Invariant: a row is counted through all pieces, as in the whole.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::{United, gather_blocks, united, whole};
use crate::store::raw::{Bits, Interner, RawColumn, RawData};
use crate::vector::codes::Code;
use crate::vector::{Bitmap, Codes, Column, Data, Dictionary};

/// The rows of each block in its order, and which pieces they are of.
pub(in crate::store) struct Places {
    orders: Arc<Vec<Vec<u32>>>,
    runs: Vec<Vec<Run>>,
}

/// Neighbours in an order that are of one piece.
#[derive(Clone, Copy)]
struct Run {
    /// [`NO_PIECE`] for absent rows.
    piece: usize,
    /// The first row of the piece, and how many it has.
    first: u32,
    rows: u32,
    /// Where in the order the run ends.
    end: usize,
}

const NO_PIECE: usize = usize::MAX;

/// Stands for the code of a text that no row has so far.
const NO_CODE: u32 = u32::MAX;

impl Places {
    /// Of rows of pieces with so many rows each; [`NO_ROW`] is an absent row.
    pub(in crate::store) fn new(orders: Vec<Vec<u32>>, pieces: impl Iterator<Item = usize>) -> Places {
        let mut end = 0;
        let ends: Vec<u32> = pieces
            .map(|rows| {
                end += rows as u32;
                end
            })
            .collect();
        let runs = orders.par_iter().map(|order| runs(order, &ends)).collect();
        Places { orders: Arc::new(orders), runs }
    }

    /// The same places, of which only some are looked at: all others are absent rows. Of each block they are given in
    /// ranges of its order, ascending.
    pub(in crate::store) fn only(&self, kept: &[Vec<Range<usize>>]) -> Places {
        let runs = self.runs.iter().zip(kept).map(|(runs, kept)| only(runs, kept)).collect();
        Places { orders: self.orders.clone(), runs }
    }

    /// The rows of each block.
    pub(in crate::store) fn orders(&self) -> &[Vec<u32>] {
        &self.orders
    }
}

fn runs(order: &[u32], ends: &[u32]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run = Run { piece: NO_PIECE, first: 0, rows: 0, end: 0 };
    for (at, &row) in order.iter().enumerate() {
        if row.wrapping_sub(run.first) < run.rows {
            continue;
        }
        if at > 0 {
            runs.push(Run { end: at, ..run });
        }
        let piece = ends.partition_point(|&end| end <= row);
        run = match ends.get(piece) {
            Some(&end) => {
                let first = piece.checked_sub(1).map_or(0, |before| ends[before]);
                Run { piece, first, rows: end - first, end: 0 }
            }
            None => Run { piece: NO_PIECE, first: row, rows: 1, end: 0 },
        };
    }
    runs.push(Run { end: order.len(), ..run });
    runs
}

/// The runs within ranges; between them nothing is of a piece.
fn only(runs: &[Run], kept: &[Range<usize>]) -> Vec<Run> {
    let none = |end| Run { piece: NO_PIECE, first: 0, rows: 1, end };
    let (mut found, mut at) = (Vec::with_capacity(runs.len()), 0);
    for range in kept.iter().filter(|range| !range.is_empty()) {
        if at < range.start {
            found.push(none(range.start));
        }
        let first = runs.partition_point(|run| run.end <= range.start);
        for run in &runs[first..] {
            at = run.end.min(range.end);
            found.push(Run { end: at, ..*run });
            if at == range.end {
                break;
            }
        }
    }
    let end = runs.last().map_or(0, |run| run.end);
    if at < end {
        found.push(none(end));
    }
    found
}

/// A column in its pieces, whose texts are all known.
pub(in crate::store) enum Pieces {
    /// As they are.
    Apart(Vec<RawColumn>),
    /// Lists, and texts without a dictionary.
    Whole(Column),
}

/// The rows of a column of pieces in the order of each block.
pub(in crate::store) fn gather_pieces(pieces: Vec<RawColumn>, places: &Places) -> Vec<Column> {
    Pieces::new(pieces).gather(places, united)
}

impl Pieces {
    /// Of pieces to which nothing is added.
    pub(in crate::store) fn new(mut pieces: Vec<RawColumn>) -> Pieces {
        for piece in &mut pieces {
            if let RawData::Text { dictionary, .. } = &mut piece.data {
                dictionary.close();
            }
        }
        let is_simple = |piece: &RawColumn| piece.ends.is_none() && !matches!(piece.data, RawData::Plain { .. });
        if pieces.iter().all(is_simple) { Pieces::Apart(pieces) } else { Pieces::Whole(whole(pieces)) }
    }

    /// Some of the rows, with a dictionary of the texts that they have.
    pub(in crate::store) fn gather_used(&self, places: &Places) -> Vec<Column> {
        self.gather(places, |pieces| used(pieces, places))
    }

    fn gather(&self, places: &Places, united: impl FnOnce(&[RawColumn]) -> United) -> Vec<Column> {
        let pieces = match self {
            Pieces::Apart(pieces) => pieces,
            Pieces::Whole(column) => return gather_blocks(column, &places.orders),
        };
        let data = data(pieces, places, united);
        let valid: Vec<&Bits> = pieces.iter().map(|piece| &piece.valid).collect();
        let full = valid.iter().all(|valid| valid.all());
        let column = |(data, (rows, runs)): (Data, (&Vec<u32>, &Vec<Run>))| {
            let absent = !full || runs.iter().any(|run| run.piece == NO_PIECE && run.rows > 0);
            let valid = absent.then(|| bits(&valid, rows, runs)).filter(|valid| valid.count() < rows.len());
            Column { data, valid }
        };
        data.into_par_iter().zip(places.orders.par_iter().zip(&places.runs)).map(column).collect()
    }
}

/// The texts that some rows have, as [`united`] would have those of all rows.
fn used(pieces: &[RawColumn], places: &Places) -> United {
    let known = pieces
        .iter()
        .map(|piece| if let RawData::Text { dictionary, .. } = &piece.data { dictionary.len() } else { 0 });
    let rows: usize = places.orders.iter().map(Vec::len).sum();
    let mut global = Interner::with_room(rows.min(known.sum()));
    let mut maps: Vec<Vec<u32>> = vec![Vec::new(); pieces.len()];
    for (rows, runs) in places.orders.iter().zip(&places.runs) {
        let mut from = 0;
        for run in runs {
            let rows = &rows[std::mem::replace(&mut from, run.end)..run.end];
            let Some(RawData::Text { codes, dictionary }) = pieces.get(run.piece).map(|piece| &piece.data) else {
                continue;
            };
            let (map, texts) = (&mut maps[run.piece], dictionary);
            map.resize(texts.len(), NO_CODE);
            for row in rows {
                let code = codes.get((row - run.first) as usize).copied().unwrap_or(NO_CODE) as usize;
                // An absent row's code may be of a dictionary without a value.
                if map.get(code) == Some(&NO_CODE) {
                    map[code] = global.code(texts.get(code).unwrap_or_default()).0;
                }
            }
        }
    }
    (maps, Arc::new(Dictionary::new(global.into_strings())))
}

/// The values of each piece, all of which are of one kind.
macro_rules! slices {
    ($pieces:ident, $kind:pat => $values:ident) => {
        $pieces.iter().map(|piece| if let $kind = &piece.data { &$values[..] } else { &[] }).collect()
    };
}

fn data(pieces: &[RawColumn], places: &Places, united: impl FnOnce(&[RawColumn]) -> United) -> Vec<Data> {
    let each = |data: &(dyn Fn(&[u32], &[Run]) -> Data + Sync)| {
        places.orders.par_iter().zip(&places.runs).map(|(rows, runs)| data(rows, runs)).collect()
    };
    macro_rules! picked {
        ($variant:ident) => {{
            let values: Vec<&[_]> = slices!(pieces, RawData::$variant(values) => values);
            each(&|rows, runs| Data::$variant(picked(&values, |_| |value| value, rows, runs).into()))
        }};
    }
    match pieces.first().map(|piece| &piece.data) {
        Some(RawData::Int(_) | RawData::Plain { .. }) | None => picked!(Int),
        Some(RawData::Decimal(_)) => picked!(Decimal),
        Some(RawData::Float(_)) => picked!(Float),
        Some(RawData::Date(_)) => picked!(Date),
        Some(RawData::Bucket(_)) => picked!(Bucket),
        Some(RawData::Bool(_)) => {
            let none = Bits::default();
            let values =
                pieces.iter().map(|piece| if let RawData::Bool(values) = &piece.data { values } else { &none });
            let values: Vec<&Bits> = values.collect();
            each(&|rows, runs| Data::Bool(bits(&values, rows, runs)))
        }
        Some(RawData::Text { .. }) => {
            let (maps, dictionary) = united(pieces);
            let codes = match dictionary.len() {
                0..=0x100 => texts(pieces, &maps, places, |codes| Codes::U8(codes.into())),
                0x101..=0x1_0000 => texts(pieces, &maps, places, |codes| Codes::U16(codes.into())),
                _ => texts(pieces, &maps, places, |codes| Codes::U32(codes.into())),
            };
            codes.into_iter().map(|codes| Data::Text { codes, dictionary: dictionary.clone() }).collect()
        }
    }
}

/// The codes of texts by what each code of a piece is in the whole.
fn texts<T: Code + Send + Sync>(
    pieces: &[RawColumn],
    maps: &[Vec<u32>],
    places: &Places,
    codes: impl Fn(Vec<T>) -> Codes + Sync,
) -> Vec<Codes> {
    let narrow = |map: &Vec<u32>| map.iter().map(|&code| T::narrow(code).unwrap_or_default()).collect();
    let maps: Vec<Vec<T>> = maps.iter().map(narrow).collect();
    let values: Vec<&[u32]> = slices!(pieces, RawData::Text { codes, .. } => codes);
    let code = |piece: usize| {
        let map = maps[piece].as_slice();
        // An absent row's code may be of a dictionary without a value.
        move |code: u32| map.get(code as usize).copied().unwrap_or_default()
    };
    let of_block = |(rows, runs): (&Vec<u32>, &Vec<Run>)| codes(picked(&values, code, rows, runs));
    places.orders.par_iter().zip(&places.runs).map(of_block).collect()
}

/// Values of pieces at rows, each made of what stands there by a function of its piece.
fn picked<S: Copy + Default, T: Clone + Default, F: Fn(S) -> T>(
    pieces: &[&[S]],
    of_piece: impl Fn(usize) -> F,
    rows: &[u32],
    runs: &[Run],
) -> Vec<T> {
    let mut all = Vec::with_capacity(rows.len());
    for &Run { piece, first, end, .. } in runs {
        match pieces.get(piece) {
            Some(values) => {
                let of = of_piece(piece);
                let value = |&row: &u32| of(values.get((row - first) as usize).copied().unwrap_or_default());
                all.extend(rows[all.len()..end].iter().map(value));
            }
            None => all.resize(end, T::default()),
        }
    }
    all
}

/// Bits of pieces at rows; of absent rows none is set.
fn bits(pieces: &[&Bits], rows: &[u32], runs: &[Run]) -> Bitmap {
    let mut words = vec![0; rows.len().div_ceil(64)];
    let mut from = 0;
    for &Run { piece, first, end, .. } in runs {
        let mut at = std::mem::replace(&mut from, end);
        let Some(bits) = pieces.get(piece).map(|bits| bits.words()) else { continue };
        while at < end {
            let (place, stop) = (at / 64, end.min((at / 64 + 1) * 64));
            for (row, shift) in rows[at..stop].iter().zip(at % 64..) {
                let row = row.wrapping_sub(first) as usize;
                let bit = bits.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1);
                words[place] |= u64::from(bit) << shift;
            }
            at = stop;
        }
    }
    Bitmap::from_words(words, rows.len())
}
