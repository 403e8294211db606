//! What operations give for the values of the data set's own dictionaries: computed once, by whichever block comes first,
//! then looked up by code. Invariant: an entry depends on the operation and the dictionary alone.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::store::{Block, Dataset, Table};
use crate::vector::kernels::chosen::Chosen;
use crate::vector::{Column, Data, Dictionary};

/// A result per code.
pub(super) enum Memo {
    /// Of a predicate.
    Chosen(Chosen),
    /// Of a function.
    Column(Column),
}

type Slot = Arc<OnceLock<Memo>>;

/// Results by operation and dictionary.
pub(super) struct Cache {
    /// The addresses of the dictionaries of the data set, which outlives the cache.
    shared: FxHashSet<usize>,
    slots: Mutex<FxHashMap<(usize, usize), Slot>>,
    /// All profiles of the data set.
    profiles: usize,
}

impl Cache {
    pub fn new(data: &Dataset) -> Cache {
        let mut shared = FxHashSet::default();
        for block in &data.blocks {
            tables(block).for_each(|table| dictionaries(table, &mut shared));
            let keys = block.children.values().filter_map(|child| child.keys.as_ref());
            keys.for_each(|keys| dictionaries_of(&keys.data, &mut shared));
        }
        data.classes.values().for_each(|class| dictionaries(&class.table, &mut shared));
        let profiles = data.blocks.iter().map(|block| block.ids.len()).sum();
        Cache { shared, slots: Mutex::default(), profiles }
    }

    /// Whether an operation over a dictionary is worth more than one over the rows: few rows have values of their own.
    pub fn pays(&self, dictionary: &Dictionary, rows: usize) -> bool {
        dictionary.len() < self.profiles / 2 || dictionary.len() <= rows
    }

    /// Whether a dictionary is one of the data set's own.
    pub fn is_shared(&self, dictionary: &Arc<Dictionary>) -> bool {
        self.shared.contains(&address(dictionary))
    }

    /// The result of an operation over a dictionary, computed now if it is not known.
    pub fn get(&self, operation: usize, dictionary: &Arc<Dictionary>, compute: impl FnOnce() -> Memo) -> Slot {
        if !self.is_shared(dictionary) {
            return Arc::new(OnceLock::from(compute()));
        }
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.entry((operation, address(dictionary))).or_default().clone()
        };
        slot.get_or_init(compute);
        slot
    }
}

fn tables(block: &Block) -> impl Iterator<Item = &Table> {
    [&block.profiles, &block.events.table].into_iter().chain(block.children.values().map(|child| &child.table))
}

fn dictionaries(table: &Table, found: &mut FxHashSet<usize>) {
    table.columns.values().for_each(|column| dictionaries_of(&column.data, found));
}

fn dictionaries_of(data: &Data, found: &mut FxHashSet<usize>) {
    match data {
        Data::Text { dictionary, .. } => drop(found.insert(address(dictionary))),
        Data::List { values, .. } => dictionaries_of(&values.data, found),
        Data::Bool(_) | Data::Int(_) | Data::Decimal(_) | Data::Float(_) | Data::Date(_) | Data::Bucket(_) => {}
    }
}

fn address(dictionary: &Arc<Dictionary>) -> usize {
    Arc::as_ptr(dictionary) as usize
}
