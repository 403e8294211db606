//! The objects of a related class, found by texts that are their keys. Invariant: what is remembered of a dictionary is what
//! looking up each of its texts gives.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Table;
use crate::vector::Dictionary;
use crate::vector::select::ABSENT;

/// The objects of a related class.
#[derive(Debug, Clone, Default)]
pub struct ClassTable {
    /// Row by primary key (as text).
    pub rows: BTreeMap<Arc<str>, u32>,
    /// Columns.
    pub table: Table,
    /// The rows of the texts of dictionaries that were asked for.
    known: Arc<Mutex<Vec<Known>>>,
}

/// A dictionary, and the row of each of its texts.
type Known = (Arc<Dictionary>, Arc<[u32]>);

impl ClassTable {
    /// Objects by their keys.
    pub fn new(rows: BTreeMap<Arc<str>, u32>, table: Table) -> ClassTable {
        ClassTable { rows, table, known: Arc::default() }
    }

    /// The row of an object; [`ABSENT`] if there is none.
    pub fn row(&self, key: &str) -> u32 {
        self.rows.get(key).copied().unwrap_or(ABSENT)
    }

    /// The row of each text of a dictionary.
    pub fn rows_of(&self, dictionary: &Dictionary) -> Arc<[u32]> {
        dictionary.iter().map(|key| self.row(key)).collect()
    }

    /// The same of a dictionary of the data set, looked up once for all programs that run over it: a model is trained by one
    /// for each cut-off.
    pub fn known_rows_of(&self, dictionary: &Arc<Dictionary>) -> Arc<[u32]> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, rows)) = known.iter().find(|(other, _)| Arc::ptr_eq(other, dictionary)) {
            return rows.clone();
        }
        let rows = self.rows_of(dictionary);
        known.push((dictionary.clone(), rows.clone()));
        rows
    }
}
