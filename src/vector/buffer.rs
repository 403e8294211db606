//! A shared array and windows of it, so that the rows of one event type are a slice of the table's column without a
//! copy. Invariant: the window lies inside the array.

use std::ops::Deref;
use std::sync::Arc;

/// A window of a shared array; reads as a slice.
#[derive(Debug, Clone)]
pub struct Buffer<T> {
    values: Arc<Vec<T>>,
    start: usize,
    len: usize,
}

impl<T> Buffer<T> {
    /// Part of this window, without a copy. What lies outside is left out.
    pub fn slice(&self, start: usize, len: usize) -> Self {
        let start = start.min(self.len);
        Buffer { values: self.values.clone(), start: self.start + start, len: len.min(self.len - start) }
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.values[self.start..self.start + self.len]
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
        Buffer { values, start: 0, len }
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
