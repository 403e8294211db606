//! Comparisons and membership: bitmaps from values. Invariant: a row with an absent operand is false.

use std::cmp::Ordering;

use rustc_hash::FxHashSet;

use super::{Datum, valid_in_all};
use crate::vector::cells::{Cells, with_both, with_cells};
use crate::vector::codes::{Code, with_codes};
use crate::vector::wide::{less, wide};
use crate::vector::{Bitmap, Column, Data, Segments};

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

impl Comparison {
    /// The comparison that is true exactly where this is not, of present operands.
    pub fn negate(self) -> Comparison {
        match self {
            Comparison::Eq => Comparison::Ne,
            Comparison::Ne => Comparison::Eq,
            Comparison::Lt => Comparison::Ge,
            Comparison::Le => Comparison::Gt,
            Comparison::Gt => Comparison::Le,
            Comparison::Ge => Comparison::Lt,
        }
    }

    /// Whether an ordering satisfies it.
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Comparison::Eq => ordering.is_eq(),
            Comparison::Ne => ordering.is_ne(),
            Comparison::Lt => ordering.is_lt(),
            Comparison::Le => ordering.is_le(),
            Comparison::Gt => ordering.is_gt(),
            Comparison::Ge => ordering.is_ge(),
        }
    }

    fn swap(self) -> Comparison {
        match self {
            Comparison::Eq | Comparison::Ne => self,
            Comparison::Lt => Comparison::Gt,
            Comparison::Le => Comparison::Ge,
            Comparison::Gt => Comparison::Lt,
            Comparison::Ge => Comparison::Le,
        }
    }
}

/// `a op b` on each row. Values of different kinds never compare: false.
pub fn compare(op: Comparison, a: &Datum, b: &Datum, len: usize) -> Bitmap {
    let bits = match (a, b) {
        (Datum::Constant(_), Datum::Column(_)) => return compare(op.swap(), b, a, len),
        (Datum::Column(column), Datum::Constant(constant)) => with_constant(op, column, constant, len),
        (Datum::Column(x), Datum::Column(y)) => with_column(op, x, y, len),
        (Datum::Constant(x), Datum::Constant(y)) => Bitmap::filled(len, with_column(op, x, y, 1).get(0)),
    };
    match valid_in_all(&[a, b], len) {
        None => bits,
        Some(valid) => bits.and(&valid),
    }
}

fn with_constant(op: Comparison, column: &Column, constant: &Column, len: usize) -> Bitmap {
    match (&column.data, &constant.data) {
        (Data::Int(v), Data::Int(c)) => ints_against(op, v, c[0], len),
        (Data::Float(v), Data::Float(c)) => against(op, v, c[0], len),
        (Data::Date(v), Data::Date(c)) => against(op, v, c[0], len),
        (Data::Decimal(v), Data::Decimal(c)) => against(op, v, c[0], len),
        (Data::Bucket(v), Data::Bucket(c)) => against(op, v, c[0], len),
        (a, b) => with_both!(
            a,
            b,
            (x, y) => cells_with_constant(op, x, y.get(0), len),
            Bitmap::filled(len, false)
        ),
    }
}

fn ints_against(op: Comparison, values: &[i64], constant: i64, len: usize) -> Bitmap {
    let below = |bound: i64| Bitmap::from_words(less(values, bound), len);
    match (op, constant.checked_add(1)) {
        (Comparison::Lt, _) => below(constant),
        (Comparison::Ge, _) => below(constant).not(),
        (Comparison::Le, Some(next)) => below(next),
        (Comparison::Gt, Some(next)) => below(next).not(),
        (Comparison::Le, None) => Bitmap::filled(len, true),
        (Comparison::Gt, None) => Bitmap::filled(len, false),
        (Comparison::Eq | Comparison::Ne, _) => against(op, values, constant, len),
    }
}

fn with_column(op: Comparison, a: &Column, b: &Column, len: usize) -> Bitmap {
    match (&a.data, &b.data) {
        (Data::Int(x), Data::Int(y)) => between(op, x, y, len),
        (Data::Float(x), Data::Float(y)) => between(op, x, y, len),
        (Data::Date(x), Data::Date(y)) => between(op, x, y, len),
        (Data::Decimal(x), Data::Decimal(y)) => between(op, x, y, len),
        (a, b) => with_both!(a, b, (x, y) => cells_with_cells(op, x, y, len), Bitmap::filled(len, false)),
    }
}

fn cells_with_constant<C: Cells>(op: Comparison, x: C, constant: C::Cell, len: usize) -> Bitmap {
    Bitmap::from_fn(len, |row| op.holds(x.get(row).cmp(&constant)))
}

fn cells_with_cells<C: Cells>(op: Comparison, x: C, y: C, len: usize) -> Bitmap {
    match op {
        Comparison::Eq => Bitmap::from_fn(len, |row| x.get(row) == y.get(row)),
        Comparison::Ne => Bitmap::from_fn(len, |row| x.get(row) != y.get(row)),
        Comparison::Lt => Bitmap::from_fn(len, |row| x.get(row) < y.get(row)),
        Comparison::Le => Bitmap::from_fn(len, |row| x.get(row) <= y.get(row)),
        Comparison::Gt => Bitmap::from_fn(len, |row| x.get(row) > y.get(row)),
        Comparison::Ge => Bitmap::from_fn(len, |row| x.get(row) >= y.get(row)),
    }
}

fn against<T: Copy + PartialOrd>(op: Comparison, values: &[T], constant: T, len: usize) -> Bitmap {
    match op {
        Comparison::Eq => pack(values, len, |v| v == constant),
        Comparison::Ne => pack(values, len, |v| v != constant),
        Comparison::Lt => pack(values, len, |v| v < constant),
        Comparison::Le => pack(values, len, |v| v <= constant),
        Comparison::Gt => pack(values, len, |v| v > constant),
        Comparison::Ge => pack(values, len, |v| v >= constant),
    }
}

fn between<T: Copy + PartialOrd>(op: Comparison, x: &[T], y: &[T], len: usize) -> Bitmap {
    match op {
        Comparison::Eq => pack_pairs(x, y, len, |x, y| x == y),
        Comparison::Ne => pack_pairs(x, y, len, |x, y| x != y),
        Comparison::Lt => pack_pairs(x, y, len, |x, y| x < y),
        Comparison::Le => pack_pairs(x, y, len, |x, y| x <= y),
        Comparison::Gt => pack_pairs(x, y, len, |x, y| x > y),
        Comparison::Ge => pack_pairs(x, y, len, |x, y| x >= y),
    }
}

/// A bit for each pair of values, 64 at a time.
fn pack_pairs<T: Copy>(x: &[T], y: &[T], len: usize, test: impl Fn(T, T) -> bool + Copy) -> Bitmap {
    Bitmap::from_words(wide!(pair_words(x, y, test)), len)
}

#[inline(always)]
fn pair_words<T: Copy>(x: &[T], y: &[T], test: impl Fn(T, T) -> bool + Copy) -> Vec<u64> {
    let word =
        |x: &[T], y: &[T]| x.iter().zip(y).enumerate().fold(0, |word, (i, (&x, &y))| word | u64::from(test(x, y)) << i);
    let ((xs, x_rest), (ys, y_rest)) = (x.as_chunks::<64>(), y.as_chunks::<64>());
    let mut words = Vec::with_capacity(xs.len() + 1);
    words.extend(xs.iter().zip(ys).map(|(x, y)| word(x, y)));
    if !x_rest.is_empty() {
        words.push(word(x_rest, y_rest));
    }
    words
}

/// A bit for each value, 64 at a time.
pub(crate) fn pack<T: Copy>(values: &[T], len: usize, test: impl Fn(T) -> bool + Copy) -> Bitmap {
    Bitmap::from_words(wide!(pack_words(values, test)), len)
}

#[inline(always)]
fn pack_words<T: Copy>(values: &[T], test: impl Fn(T) -> bool + Copy) -> Vec<u64> {
    let mut words = Vec::with_capacity(values.len().div_ceil(64));
    let (chunks, rest) = values.as_chunks::<64>();
    for chunk in chunks {
        words.push(if size_of::<T>() < size_of::<u64>() { by_bytes(chunk, test) } else { by_shifts(chunk, test) });
    }
    if !rest.is_empty() {
        words.push(rest.iter().enumerate().fold(0, |word, (i, &value)| word | u64::from(test(value)) << i));
    }
    words
}

/// A bit for each of 64 values as wide as the word that the bits are put into: in a vector each is shifted to its place.
#[inline(always)]
fn by_shifts<T: Copy>(chunk: &[T; 64], test: impl Fn(T) -> bool) -> u64 {
    chunk.iter().enumerate().fold(0, |word, (i, &value)| word | u64::from(test(value)) << i)
}

/// A bit for each of 64 narrow values: bytes first, of which a vector holds more.
#[inline(always)]
fn by_bytes<T: Copy>(chunk: &[T; 64], test: impl Fn(T) -> bool) -> u64 {
    let mut bytes = [0; 64];
    for (byte, &value) in bytes.iter_mut().zip(chunk) {
        *byte = u8::from(test(value));
    }
    gather_bits(&bytes)
}

/// The lowest bit of each byte.
#[inline(always)]
pub(super) fn gather_bits(bytes: &[u8; 64]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    // The multiplication moves the bit of byte `i` to bit `56 + i`; all other sums stay below.
    let byte = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().enumerate().fold(0, |word, (i, eight)| word | byte(eight) << (8 * i))
}

/// Constants to look values up in.
#[derive(Debug, Clone)]
pub enum Set {
    /// `bool`: whether false and true are in it.
    Bool([bool; 2]),
    /// Ints, timestamps, durations.
    Int(FxHashSet<i64>),
    /// Decimals of one scale.
    Decimal(FxHashSet<i128>),
    /// The bits of floats, with one zero.
    Float(FxHashSet<u64>),
    /// Days.
    Date(FxHashSet<i32>),
    /// Buckets.
    Bucket(FxHashSet<u8>),
    /// Texts.
    Text(FxHashSet<Box<str>>),
}

impl Set {
    /// The elements of the list in the first row of a column; `None` if there is no list.
    pub fn new(list: &Column) -> Option<Set> {
        let Data::List { offsets, values } = &list.data else { return None };
        if offsets.len() < 2 || !list.is_present(0) {
            return None;
        }
        let items = values.slice(offsets[0] as usize, (offsets[1] - offsets[0]) as usize);
        Some(match &items.data {
            Data::Bool(v) => {
                let len = v.len();
                Set::Bool([v.count() < len, v.count() > 0])
            }
            Data::Int(v) => Set::Int(v.iter().copied().collect()),
            Data::Decimal(v) => Set::Decimal(v.iter().copied().collect()),
            Data::Float(v) => Set::Float(v.iter().map(|v| (v + 0.0).to_bits()).collect()),
            Data::Date(v) => Set::Date(v.iter().copied().collect()),
            Data::Bucket(v) => Set::Bucket(v.iter().copied().collect()),
            Data::Text { codes, dictionary } => {
                Set::Text((0..codes.len()).filter_map(|row| dictionary.get(codes.get(row))).map(Into::into).collect())
            }
            Data::List { .. } => return None,
        })
    }
}

/// Whether each present value is in the set (not in it, if `negated`).
pub fn in_set(value: &Datum, set: &Set, negated: bool, len: usize) -> Bitmap {
    let column = value.column();
    let rows = if value.is_constant() { 1 } else { len };
    let bits = match (&column.data, set) {
        (Data::Bool(v), Set::Bool(set)) => Bitmap::from_fn(rows, |row| set[usize::from(v.get(row))] != negated),
        (Data::Int(v), Set::Int(set)) => pack(v, rows, |v| set.contains(&v) != negated),
        (Data::Decimal(v), Set::Decimal(set)) => pack(v, rows, |v| set.contains(&v) != negated),
        (Data::Float(v), Set::Float(set)) => pack(v, rows, |v| set.contains(&(v + 0.0).to_bits()) != negated),
        (Data::Date(v), Set::Date(set)) => pack(v, rows, |v| set.contains(&v) != negated),
        (Data::Bucket(v), Set::Bucket(set)) => pack(v, rows, |v| set.contains(&v) != negated),
        (Data::Text { codes, dictionary }, Set::Text(set)) => {
            let contains = |code: u32| dictionary.get(code).is_some_and(|text| set.contains(text));
            with_codes!(codes, codes => pack(codes, rows, |code| contains(code.wide()) != negated))
        }
        _ => Bitmap::filled(rows, false),
    };
    let bits = if value.is_constant() { Bitmap::filled(len, bits.get(0)) } else { bits };
    match value.valid(len) {
        None => bits,
        Some(valid) => bits.and(&valid),
    }
}

/// Whether each present value is in the row's list (not in it, if `negated`).
pub fn in_list(value: &Datum, list: &Datum, negated: bool, len: usize) -> Bitmap {
    let Data::List { offsets, values } = list.data() else { return Bitmap::filled(len, false) };
    if let (Datum::Constant(_), Datum::Column(_)) = (value, list)
        && let Some(bits) = text_in_lists(value.data(), offsets, &values.data, negated, len)
    {
        return match valid_in_all(&[value, list], len) {
            None => bits,
            Some(valid) => bits.and(&valid),
        };
    }
    let offsets: &[u32] = offsets;
    let bits = with_both!(
        value.data(),
        &values.data,
        (x, items) => Bitmap::from_fn(len, |row| {
            if !list.column().is_present(list.at(row)) || !value.column().is_present(value.at(row)) {
                return false;
            }
            let wanted = x.get(value.at(row));
            span(offsets, list.at(row)).any(|at| items.get(at) == wanted) != negated
        }),
        Bitmap::filled(len, false)
    );
    match valid_in_all(&[value, list], len) {
        None => bits,
        Some(valid) => bits.and(&valid),
    }
}

/// Whether a text is in each of the lists of a column, by its code; `None` where it is not worth looking its code up.
fn text_in_lists(text: &Data, offsets: &[u32], values: &Data, negated: bool, len: usize) -> Option<Bitmap> {
    let (Data::Text { codes: one, dictionary: own }, Data::Text { codes, dictionary }) = (text, values) else {
        return None;
    };
    if dictionary.len() > codes.len() {
        return None;
    }
    let wanted = own.get(one.get(0))?;
    let code = dictionary.iter().position(|known| known == wanted);
    let Some(code) = code.and_then(|code| u32::try_from(code).ok()) else { return Some(Bitmap::filled(len, negated)) };
    let found = with_codes!(codes, codes => pack(codes, codes.len(), |other| other.wide() == code));
    let counts = found.counts(Segments::between(offsets));
    Some(Bitmap::from_fn(len, |row| (counts[row] > 0) != negated))
}

/// How two lists are compared as sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListTest {
    /// They overlap.
    HasAny,
    /// The first has every element of the second.
    HasAll,
    /// The second has every element of the first.
    Within,
}

/// Whether two lists compare so on each row (not so, if `negated`).
pub fn list_test(op: ListTest, a: &Datum, b: &Datum, negated: bool, len: usize) -> Bitmap {
    let (Data::List { offsets: ends, values }, Data::List { offsets: other_ends, values: others }) =
        (a.data(), b.data())
    else {
        return Bitmap::filled(len, false);
    };
    let absent = valid_in_all(&[a, b], len).map(|valid| valid.not());
    let bits = with_both!(
        &values.data,
        &others.data,
        (x, y) => Bitmap::from_fn(len, |row| {
            if absent.as_ref().is_some_and(|absent| absent.get(row)) {
                return false;
            }
            let (left, right) = (span(ends, a.at(row)), span(other_ends, b.at(row)));
            let holds = match op {
                ListTest::HasAny => overlap(x, left, y, right),
                ListTest::HasAll => subset(y, right, x, left),
                ListTest::Within => subset(x, left, y, right),
            };
            holds != negated
        }),
        Bitmap::filled(len, false)
    );
    match absent {
        None => bits,
        Some(absent) => bits.and_not(&absent),
    }
}

/// The rows of the elements of a row's list.
pub(crate) fn span(offsets: &[u32], row: usize) -> std::ops::Range<usize> {
    offsets[row] as usize..offsets[row + 1] as usize
}

/// Lists up to this long are compared by pairs.
const SHORT: usize = 8;

fn overlap<A: Cells, B: Cells<Cell = A::Cell>>(
    x: A,
    left: std::ops::Range<usize>,
    y: B,
    mut right: std::ops::Range<usize>,
) -> bool {
    if left.len() <= SHORT || right.len() <= SHORT {
        return right.any(|at| left.clone().any(|other| x.get(other) == y.get(at)));
    }
    let set: FxHashSet<A::Cell> = left.map(|at| x.get(at)).collect();
    right.any(|at| set.contains(&y.get(at)))
}

/// Whether every element of `inner` is in `outer`.
fn subset<A: Cells, B: Cells<Cell = A::Cell>>(
    x: A,
    mut inner: std::ops::Range<usize>,
    y: B,
    outer: std::ops::Range<usize>,
) -> bool {
    if inner.len() <= SHORT || outer.len() <= SHORT {
        return inner.all(|at| outer.clone().any(|other| y.get(other) == x.get(at)));
    }
    let set: FxHashSet<B::Cell> = outer.map(|at| y.get(at)).collect();
    inner.all(|at| set.contains(&x.get(at)))
}

/// Whether each value is present and true (present and false, if `negated`).
pub fn is_true(value: &Datum, negated: bool, len: usize) -> Bitmap {
    if !negated {
        return value.truth(len);
    }
    let present = value.valid(len).unwrap_or_else(|| Bitmap::filled(len, true));
    match value.data() {
        Data::Bool(_) => present.and_not(&value.truth(len)),
        _ => Bitmap::filled(len, false),
    }
}

/// The distinct values of a range of rows that are present, in the order in which they come first.
pub(crate) fn distinct_rows(column: &Column, rows: impl Iterator<Item = usize>) -> Vec<u32> {
    with_cells!(
        &column.data,
        cells => {
            let mut seen = FxHashSet::default();
            rows.filter(|&row| column.is_present(row) && seen.insert(cells.get(row))).map(|row| row as u32).collect()
        },
        Vec::new()
    )
}
