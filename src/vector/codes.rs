//! Codes of a dictionary, in the narrowest width that holds them all: predicates over texts are bound by the memory that
//! they read. Invariant: a width says nothing about meaning; the same codes in another width are the same column.

use super::Buffer;

/// One code per row.
#[derive(Debug, Clone)]
pub enum Codes {
    /// Dictionaries of at most 256 values.
    U8(Buffer<u8>),
    /// Of at most 65,536.
    U16(Buffer<u16>),
    /// All others.
    U32(Buffer<u32>),
}

/// [`Codes`] as a slice.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// One byte each.
    U8(&'a [u8]),
    /// Two bytes each.
    U16(&'a [u16]),
    /// Four bytes each.
    U32(&'a [u32]),
}

impl View<'_> {
    /// The code of a row of the column.
    #[inline]
    pub fn get(self, row: usize) -> u32 {
        match self {
            View::U8(codes) => codes[row].into(),
            View::U16(codes) => codes[row].into(),
            View::U32(codes) => codes[row],
        }
    }
}

/// A code of some width.
pub trait Code: Copy + Default + Eq {
    /// The code in the widest width.
    fn wide(self) -> u32;
    /// A code in this width, if it fits.
    fn narrow(code: u32) -> Option<Self>;
}

macro_rules! code {
    ($($width:ty),*) => {
        $(impl Code for $width {
            #[inline]
            fn wide(self) -> u32 {
                self as u32
            }

            #[inline]
            fn narrow(code: u32) -> Option<Self> {
                Self::try_from(code).ok()
            }
        })*
    };
}

code!(u8, u16, u32);

/// Runs an expression with the codes as a slice of their width.
macro_rules! with_codes {
    ($codes:expr, $slice:ident => $body:expr) => {
        match $codes {
            $crate::vector::Codes::U8(codes) => {
                let $slice: &[u8] = codes;
                $body
            }
            $crate::vector::Codes::U16(codes) => {
                let $slice: &[u16] = codes;
                $body
            }
            $crate::vector::Codes::U32(codes) => {
                let $slice: &[u32] = codes;
                $body
            }
        }
    };
}

pub(crate) use with_codes;

impl Codes {
    /// Codes of a dictionary of so many values, as narrow as can be. They must be below that number, or 0.
    #[inline]
    pub fn narrow(codes: &[u32], values: usize) -> Codes {
        if values <= 1 << 8 {
            Codes::U8(codes.iter().map(|&code| code as u8).collect())
        } else if values <= 1 << 16 {
            Codes::U16(codes.iter().map(|&code| code as u16).collect())
        } else {
            Codes::U32(codes.to_vec().into())
        }
    }

    /// Row `i` has code `i`.
    pub fn identity(len: usize) -> Codes {
        Codes::U32((0..len as u32).collect())
    }

    /// How many rows.
    #[inline]
    pub fn len(&self) -> usize {
        with_codes!(self, codes => codes.len())
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The code of a row of the column.
    pub fn get(&self, row: usize) -> u32 {
        with_codes!(self, codes => codes[row].wide())
    }

    /// The codes as a slice, for loops.
    #[inline]
    pub fn view(&self) -> View<'_> {
        match self {
            Codes::U8(codes) => View::U8(codes),
            Codes::U16(codes) => View::U16(codes),
            Codes::U32(codes) => View::U32(codes),
        }
    }

    /// All codes, widened.
    pub fn to_vec(&self) -> Vec<u32> {
        with_codes!(self, codes => codes.iter().map(|&code| code.wide()).collect())
    }

    /// A range of rows, without a copy.
    pub fn slice(&self, start: usize, len: usize) -> Codes {
        match self {
            Codes::U8(codes) => Codes::U8(codes.slice(start, len)),
            Codes::U16(codes) => Codes::U16(codes.slice(start, len)),
            Codes::U32(codes) => Codes::U32(codes.slice(start, len)),
        }
    }

    /// The codes at rows; rows outside get a code of the column, or 0 if it has none.
    pub fn take(&self, rows: &[u32]) -> Codes {
        match self {
            Codes::U8(codes) => Codes::U8(codes.take(rows)),
            Codes::U16(codes) => Codes::U16(codes.take(rows)),
            Codes::U32(codes) => Codes::U32(codes.take(rows)),
        }
    }
}

impl From<Vec<u32>> for Codes {
    fn from(codes: Vec<u32>) -> Codes {
        Codes::U32(codes.into())
    }
}

impl FromIterator<u32> for Codes {
    fn from_iter<I: IntoIterator<Item = u32>>(codes: I) -> Codes {
        Codes::U32(codes.into_iter().collect())
    }
}
