//! Text functions and tests over columns. A result is a new dictionary; callers that run the same function over many
//! columns of one dictionary run it over the dictionary instead and look the codes up. Invariant: an absent row is
//! absent, or false.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Datum, both, valid_in_all};
use crate::types::Ty;
use crate::vector::cells::Cells;
use crate::vector::cells::Texts;
use crate::vector::pattern::Matcher;
use crate::vector::select::Interner;
use crate::vector::{Bitmap, Column, Data, text};

fn texts(datum: &Datum) -> Option<Texts<'_>> {
    match datum.data() {
        Data::Text { codes, dictionary } => Some(Texts::new(codes, dictionary)),
        _ => None,
    }
}

/// A test of one text.
pub fn test(value: &Datum, negated: bool, len: usize, holds: impl Fn(&str) -> bool) -> Bitmap {
    let Some(cells) = texts(value) else { return Bitmap::filled(len, false) };
    if value.is_constant() {
        let holds = value.column().is_present(0) && holds(cells.get(0)) != negated;
        return Bitmap::filled(len, holds);
    }
    let bits = Bitmap::from_fn(len, |row| holds(cells.get(row)) != negated);
    match value.valid(len) {
        None => bits,
        Some(valid) => bits.and(&valid),
    }
}

/// A test of two texts.
pub fn test_pair(a: &Datum, b: &Datum, negated: bool, len: usize, holds: impl Fn(&str, &str) -> bool) -> Bitmap {
    let (Some(x), Some(y)) = (texts(a), texts(b)) else { return Bitmap::filled(len, false) };
    let bits = Bitmap::from_fn(len, |row| holds(x.get(a.at(row)), y.get(b.at(row))) != negated);
    match valid_in_all(&[a, b], len) {
        None => bits,
        Some(valid) => bits.and(&valid),
    }
}

/// A test of two texts that is the same of their bytes: UTF-8 of one text occurs in another's only where the text does.
pub fn test_bytes(a: &Datum, b: &Datum, negated: bool, len: usize, holds: impl Fn(&[u8], &[u8]) -> bool) -> Bitmap {
    let (Some(x), Some(y)) = (texts(a), texts(b)) else { return Bitmap::filled(len, false) };
    let bits = match b {
        Datum::Constant(_) => {
            let part = y.bytes(0);
            Bitmap::from_fn(len, |row| holds(x.bytes(a.at(row)), part) != negated)
        }
        Datum::Column(_) => Bitmap::from_fn(len, |row| holds(x.bytes(a.at(row)), y.bytes(row)) != negated),
    };
    match valid_in_all(&[a, b], len) {
        None => bits,
        Some(valid) => bits.and(&valid),
    }
}

/// Texts, or lists of texts, folded for `ignoring case`; anything else as it is.
pub fn fold(value: &Datum) -> Datum {
    let folded = fold_column(value.column());
    match value {
        Datum::Column(_) => Datum::Column(folded),
        Datum::Constant(_) => Datum::Constant(folded),
    }
}

fn fold_column(column: &Column) -> Column {
    let data = match &column.data {
        Data::Text { .. } => map_column(column, column.len(), |t| Some(text::fold(t))).data,
        Data::List { offsets, values } => {
            Data::List { offsets: offsets.clone(), values: Box::new(fold_column(values)) }
        }
        other => other.clone(),
    };
    Column { data, valid: column.valid.clone() }
}

/// A function of one text to a text.
pub fn map(value: &Datum, len: usize, f: impl for<'t> Fn(&'t str) -> Option<Cow<'t, str>>) -> Column {
    match value {
        Datum::Column(column) => map_column(column, len, f),
        Datum::Constant(column) => map_column(column, 1, f).repeat(len),
    }
}

fn map_column(column: &Column, len: usize, f: impl for<'t> Fn(&'t str) -> Option<Cow<'t, str>>) -> Column {
    let Data::Text { codes, dictionary } = &column.data else { return Column::absent(&Ty::String, len) };
    // Each code is computed once, at the first row that has it.
    let mut known: FxHashMap<u32, Option<u32>> = FxHashMap::default();
    let mut interner = Interner::default();
    let mut out = Out::new(len);
    for row in 0..len {
        if !column.is_present(row) {
            out.push(None);
            continue;
        }
        let code = codes.get(row);
        let result = *known.entry(code).or_insert_with(|| {
            let text = dictionary.get(code)?;
            f(text).map(|text| interner.code(Arc::from(&*text)))
        });
        out.push(result);
    }
    out.finish(interner)
}

/// Codes with absence, as they come.
struct Out {
    codes: Vec<u32>,
    present: Vec<u64>,
    all: bool,
}

impl Out {
    fn new(len: usize) -> Out {
        Out { codes: Vec::with_capacity(len), present: vec![0; len.div_ceil(64)], all: true }
    }

    fn push(&mut self, code: Option<u32>) {
        let row = self.codes.len();
        match code {
            Some(_) => self.present[row / 64] |= 1 << (row % 64),
            None => self.all = false,
        }
        self.codes.push(code.unwrap_or(0));
    }

    fn finish(self, interner: Interner) -> Column {
        let len = self.codes.len();
        let valid = (!self.all).then(|| Bitmap::from_words(self.present, len));
        let data = Data::Text { codes: self.codes.into(), dictionary: Arc::new(interner.finish()) };
        Column { data, valid }
    }
}

/// A function of texts to a text.
pub fn combine(args: &[Datum], len: usize, f: impl Fn(&[&str]) -> Option<String>) -> Column {
    let refs: Vec<&Datum> = args.iter().collect();
    let valid = valid_in_all(&refs, len);
    let cells: Option<Vec<Texts<'_>>> = args.iter().map(texts).collect();
    let Some(cells) = cells else { return Column::absent(&Ty::String, len) };
    let mut interner = Interner::default();
    let mut out = Out::new(len);
    let mut parts = Vec::with_capacity(args.len());
    for row in 0..len {
        if valid.as_ref().is_some_and(|valid| !valid.get(row)) {
            out.push(None);
            continue;
        }
        parts.clear();
        parts.extend(cells.iter().zip(args).map(|(cells, arg)| cells.get(arg.at(row))));
        out.push(f(&parts).map(|text| interner.code(text.into())));
    }
    out.finish(interner)
}

/// `length`: code points.
pub fn length(value: &Datum, len: usize) -> Column {
    let Some(cells) = texts(value) else { return Column::absent(&Ty::Int, len) };
    let values = (0..len).map(|row| cells.get(value.at(row)).chars().count() as i64).collect();
    Column { data: Data::Int(values), valid: value.valid(len) }
}

/// `substring` with a start and a length for each row.
pub fn substring(value: &Datum, start: &Datum, length: &Datum, len: usize) -> Column {
    let (Some(cells), Data::Int(starts), Data::Int(lengths)) = (texts(value), start.data(), length.data()) else {
        return Column::absent(&Ty::String, len);
    };
    let valid = valid_in_all(&[value, start, length], len);
    let mut interner = Interner::default();
    let codes = (0..len)
        .map(|row| {
            let part = text::substring(cells.get(value.at(row)), starts[start.at(row)], lengths[length.at(row)]);
            interner.code(part.into())
        })
        .collect();
    let data = Data::Text { codes, dictionary: Arc::new(interner.finish()) };
    Column { data, valid: both(valid, None) }
}

/// `split`: the parts between separators; an empty separator splits nothing.
pub fn split(value: &Datum, separator: &Datum, len: usize) -> Column {
    let (Some(cells), Some(separators)) = (texts(value), texts(separator)) else {
        return Column::absent(&Ty::List(Box::new(Ty::String)), len);
    };
    let mut interner = Interner::default();
    let (mut codes, mut ends) = (Vec::new(), vec![0]);
    for row in 0..len {
        let (whole, by) = (cells.get(value.at(row)), separators.get(separator.at(row)));
        if by.is_empty() {
            codes.push(interner.code(whole.into()));
        } else {
            codes.extend(whole.split(by).map(|part| interner.code(part.into())));
        }
        ends.push(codes.len() as u32);
    }
    let items = Column::present(Data::Text { codes: codes.into(), dictionary: Arc::new(interner.finish()) });
    let data = Data::List { offsets: ends.into(), values: Box::new(items) };
    Column { data, valid: valid_in_all(&[value, separator], len) }
}

/// `capture`: what a group of the first match holds.
pub fn capture(value: &Datum, matcher: &Matcher, group: usize, len: usize) -> Column {
    map(value, len, |text| matcher.capture(text, group).map(Cow::Borrowed))
}
