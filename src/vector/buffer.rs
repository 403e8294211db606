//! A shared array and windows of it, so that the rows of one event type are a slice of the table's column without a
//! copy. The array is owned, or belongs to something that outlives it here: a mapped file. Invariant: the window lies
//! inside the array.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A window of a shared array; reads as a slice. Loops should take the slice once, not the buffer row by row.
pub struct Buffer<T> {
    values: Values<T>,
    start: usize,
    len: usize,
}

enum Values<T> {
    Owned(Arc<Vec<T>>),
    Held(Arc<dyn AsRef<[T]> + Send + Sync>),
}

impl<T> Buffer<T> {
    /// An array that something else holds, whole: it must always give the same slice, or one that is longer.
    pub fn held(values: Arc<dyn AsRef<[T]> + Send + Sync>) -> Self {
        let len = (*values).as_ref().len();
        Buffer { values: Values::Held(values), start: 0, len }
    }

    /// Part of this window, without a copy. What lies outside is left out.
    #[inline]
    pub fn slice(&self, start: usize, len: usize) -> Self {
        let start = start.min(self.len);
        Buffer { values: self.values.clone(), start: self.start + start, len: len.min(self.len - start) }
    }
}

impl<T: Copy + Default> Buffer<T> {
    /// The values at rows; rows outside get some value.
    pub fn take(&self, rows: &[u32]) -> Self {
        let values: &[T] = self;
        // Which rows lie outside cannot be guessed, so that nothing depends on it but where is looked.
        match values.len().checked_sub(1) {
            Some(last) => rows.iter().map(|&row| values[(row as usize).min(last)]).collect(),
            None => vec![T::default(); rows.len()].into(),
        }
    }
}

impl<T> Clone for Values<T> {
    #[inline]
    fn clone(&self) -> Self {
        match self {
            Values::Owned(values) => Values::Owned(values.clone()),
            Values::Held(values) => Values::Held(values.clone()),
        }
    }
}

impl<T> Clone for Buffer<T> {
    #[inline]
    fn clone(&self) -> Self {
        Buffer { values: self.values.clone(), start: self.start, len: self.len }
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        let values: &[T] = match &self.values {
            Values::Owned(values) => values,
            Values::Held(values) => (**values).as_ref(),
        };
        &values[self.start..self.start + self.len]
    }
}

impl<T: fmt::Debug> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> From<Vec<T>> for Buffer<T> {
    fn from(values: Vec<T>) -> Self {
        Arc::new(values).into()
    }
}

impl<T> From<Arc<Vec<T>>> for Buffer<T> {
    fn from(values: Arc<Vec<T>>) -> Self {
        let len = values.len();
        Buffer { values: Values::Owned(values), start: 0, len }
    }
}

impl<T> FromIterator<T> for Buffer<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        values.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<T: PartialEq> PartialEq for Buffer<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Buffer<T> {}
