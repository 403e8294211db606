//! Reading a column's values row by row as one Rust type each, with equality, order and hash as the language has them:
//! texts by code point, floats with one zero. Invariant: [`Cells::get`] is called with rows of the column only.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::{Codes, Dictionary, bitmap, codes, strings};

/// The values of a column as a type that can be compared, ordered and hashed.
pub trait Cells: Copy {
    /// A value.
    type Cell: Copy + Ord + Hash;
    /// The value of a row; under an absent row some value.
    fn get(self, row: usize) -> Self::Cell;
}

/// Numbers, dates, buckets.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a, T>(pub &'a [T]);

impl<T: Copy + Ord + Hash> Cells for Plain<'_, T> {
    type Cell = T;

    #[inline]
    fn get(self, row: usize) -> T {
        self.0[row]
    }
}

/// Floats.
#[derive(Debug, Clone, Copy)]
pub struct Floats<'a>(pub &'a [f64]);

impl Cells for Floats<'_> {
    type Cell = Float;

    #[inline]
    fn get(self, row: usize) -> Float {
        Float(self.0[row])
    }
}

/// A finite double with a total order in which both zeros are equal.
#[derive(Debug, Clone, Copy)]
pub struct Float(pub f64);

impl PartialEq for Float {
    fn eq(&self, other: &Float) -> bool {
        self.0 == other.0
    }
}

impl Eq for Float {}

impl PartialOrd for Float {
    fn partial_cmp(&self, other: &Float) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Float {
    fn cmp(&self, other: &Float) -> Ordering {
        self.0.partial_cmp(&other.0).unwrap_or_else(|| self.0.total_cmp(&other.0))
    }
}

impl Hash for Float {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Adding zero turns -0 into 0.
        (self.0 + 0.0).to_bits().hash(state);
    }
}

/// Bools.
#[derive(Debug, Clone, Copy)]
pub struct Bits<'a>(pub bitmap::View<'a>);

impl Cells for Bits<'_> {
    type Cell = bool;

    #[inline]
    fn get(self, row: usize) -> bool {
        self.0.get(row)
    }
}

/// Texts.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    codes: codes::View<'a>,
    dictionary: strings::View<'a>,
}

impl<'a> Texts<'a> {
    /// The texts that codes of a dictionary stand for.
    pub fn new(codes: &'a Codes, dictionary: &'a Dictionary) -> Texts<'a> {
        Texts { codes: codes.view(), dictionary: dictionary.strings().view() }
    }

    /// The bytes of the text of a row, which are UTF-8.
    #[inline]
    pub fn bytes(self, row: usize) -> &'a [u8] {
        self.dictionary.bytes(self.codes.get(row) as usize).unwrap_or_default()
    }
}

impl<'a> Cells for Texts<'a> {
    type Cell = &'a str;

    #[inline]
    fn get(self, row: usize) -> &'a str {
        // Absent rows may hold a code of an empty dictionary.
        self.dictionary.get(self.codes.get(row) as usize).unwrap_or_default()
    }
}

/// Runs an expression with the cells of scalar data; the other one for a list.
macro_rules! with_cells {
    ($data:expr, $cells:ident => $body:expr, $otherwise:expr) => {
        match $data {
            $crate::vector::Data::Bool(v) => {
                let $cells = $crate::vector::cells::Bits(v.view());
                $body
            }
            $crate::vector::Data::Int(v) => {
                let $cells = $crate::vector::cells::Plain::<i64>(v);
                $body
            }
            $crate::vector::Data::Decimal(v) => {
                let $cells = $crate::vector::cells::Plain::<i128>(v);
                $body
            }
            $crate::vector::Data::Float(v) => {
                let $cells = $crate::vector::cells::Floats(v);
                $body
            }
            $crate::vector::Data::Date(v) => {
                let $cells = $crate::vector::cells::Plain::<i32>(v);
                $body
            }
            $crate::vector::Data::Bucket(v) => {
                let $cells = $crate::vector::cells::Plain::<u8>(v);
                $body
            }
            $crate::vector::Data::Text { codes, dictionary } => {
                let $cells = $crate::vector::cells::Texts::new(codes, dictionary);
                $body
            }
            $crate::vector::Data::List { .. } => $otherwise,
        }
    };
}

/// Runs an expression with the cells of two scalar data of one kind; the other one where the kinds differ.
macro_rules! with_both {
    ($a:expr, $b:expr, ($x:ident, $y:ident) => $body:expr, $otherwise:expr) => {{
        use $crate::vector::Data;
        use $crate::vector::cells::{Bits, Floats, Plain, Texts};
        match ($a, $b) {
            (Data::Bool(a), Data::Bool(b)) => {
                let ($x, $y) = (Bits(a.view()), Bits(b.view()));
                $body
            }
            (Data::Int(a), Data::Int(b)) => {
                let ($x, $y) = (Plain::<i64>(a), Plain::<i64>(b));
                $body
            }
            (Data::Decimal(a), Data::Decimal(b)) => {
                let ($x, $y) = (Plain::<i128>(a), Plain::<i128>(b));
                $body
            }
            (Data::Float(a), Data::Float(b)) => {
                let ($x, $y) = (Floats(a), Floats(b));
                $body
            }
            (Data::Date(a), Data::Date(b)) => {
                let ($x, $y) = (Plain::<i32>(a), Plain::<i32>(b));
                $body
            }
            (Data::Bucket(a), Data::Bucket(b)) => {
                let ($x, $y) = (Plain::<u8>(a), Plain::<u8>(b));
                $body
            }
            (Data::Text { codes: a, dictionary: da }, Data::Text { codes: b, dictionary: db }) => {
                let ($x, $y) = (Texts::new(a, da), Texts::new(b, db));
                $body
            }
            _ => $otherwise,
        }
    }};
}

pub(crate) use {with_both, with_cells};
