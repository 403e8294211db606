//! Loops over columns, one module for each kind of operation; which operation of the language runs which kernel is said
//! in `builtins::kernels`. Every kernel is total: what has no value is absent, columns of a kind that a kernel does not
//! know give absence or `false`. Invariant: a result has exactly as many rows as the kernel was asked for.

use super::{Bitmap, Column, Data};

pub mod choose;
pub mod chosen;
pub mod compare;
pub mod lists;
pub mod numbers;
pub mod reduce;
mod simple;
pub mod strings;
pub mod times;

/// An argument of a kernel.
#[derive(Debug, Clone)]
pub enum Datum {
    /// One value per row.
    Column(Column),
    /// The same value on every row: a column of one row.
    Constant(Column),
}

impl Datum {
    /// The column, or the column of the one value.
    #[inline]
    pub fn column(&self) -> &Column {
        match self {
            Datum::Column(column) | Datum::Constant(column) => column,
        }
    }

    /// The data behind [`Datum::column`].
    #[inline]
    pub fn data(&self) -> &Data {
        &self.column().data
    }

    /// Whether every row is the same.
    #[inline]
    pub fn is_constant(&self) -> bool {
        matches!(self, Datum::Constant(_))
    }

    /// The row of [`Datum::column`] in which the value of a row is.
    #[inline]
    pub fn at(&self, row: usize) -> usize {
        match self {
            Datum::Column(_) => row,
            Datum::Constant(_) => 0,
        }
    }

    /// A column of `len` rows.
    pub fn expand(&self, len: usize) -> Column {
        match self {
            Datum::Column(column) => column.clone(),
            Datum::Constant(column) => column.repeat(len),
        }
    }

    /// Which of `len` rows are present; `None` if all are.
    pub fn valid(&self, len: usize) -> Option<Bitmap> {
        match self {
            Datum::Column(column) => column.valid.clone(),
            Datum::Constant(column) => (!column.is_present(0)).then(|| Bitmap::filled(len, false)),
        }
    }

    /// A predicate's value: present and true.
    pub fn truth(&self, len: usize) -> Bitmap {
        match (self, self.data()) {
            (Datum::Column(column), Data::Bool(bits)) => match &column.valid {
                None => bits.clone(),
                Some(valid) => bits.and(valid),
            },
            (Datum::Constant(column), Data::Bool(bits)) => Bitmap::filled(len, bits.get(0) && column.is_present(0)),
            _ => Bitmap::filled(len, false),
        }
    }
}

/// The rows that are present in all arguments; `None` if all are.
pub fn valid_in_all(args: &[&Datum], len: usize) -> Option<Bitmap> {
    args.iter().filter_map(|arg| arg.valid(len)).reduce(|a, b| a.and(&b))
}

/// Both; `None` means all rows.
pub fn both(a: Option<Bitmap>, b: Option<Bitmap>) -> Option<Bitmap> {
    match (a, b) {
        (None, other) | (other, None) => other,
        (Some(a), Some(b)) => Some(a.and(&b)),
    }
}

/// Values with absence from a function of the row, for `len` rows of which `valid` may have a value.
pub(crate) fn collect<T: Default + Clone>(
    len: usize,
    valid: Option<Bitmap>,
    value: impl Fn(usize) -> Option<T>,
) -> (Vec<T>, Option<Bitmap>) {
    let mut lost: Option<Vec<u64>> = None;
    let values = (0..len).map(|row| {
        value(row).unwrap_or_else(|| {
            lost.get_or_insert_with(|| vec![0; len.div_ceil(64)])[row / 64] |= 1 << (row % 64);
            T::default()
        })
    });
    let values = values.collect();
    match lost {
        None => (values, valid),
        Some(lost) => (values, both(valid, Some(Bitmap::from_words(lost, len).not()))),
    }
}
