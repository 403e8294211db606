//! What is read of the events of a block: the rows of a store's block are checked when they are read, not before, and of
//! files only they are put into their order. Invariant: what is read without being named here is bytes of a store that
//! nobody has checked, or absent.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::part::{Part, Wanted};
use super::{Block, EventTable, Fault};
use crate::plan::FieldPath;

/// The types of events whose rows are read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Types {
    /// Those of some.
    Of(BTreeSet<Arc<str>>),
    /// Those of all.
    All,
}

impl Default for Types {
    fn default() -> Types {
        Types::Of(BTreeSet::new())
    }
}

impl Types {
    /// Adds what others have.
    fn extend(&mut self, others: &Types) {
        match others {
            Types::All => *self = Types::All,
            Types::Of(names) => names.iter().for_each(|name| self.add(Some(name))),
        }
    }

    /// Those that others have not.
    fn without(&self, others: &Types) -> Types {
        match (self, others) {
            (_, Types::All) => Types::default(),
            (Types::All, Types::Of(_)) => Types::All,
            (Types::Of(names), Types::Of(others)) => Types::Of(names - others),
        }
    }

    /// Adds a type; `None` is all of them.
    pub fn add(&mut self, event_type: Option<&Arc<str>>) {
        match (event_type, self) {
            (_, Types::All) => {}
            (Some(name), Types::Of(names)) => drop(names.insert(name.clone())),
            (None, this) => *this = Types::All,
        }
    }

    /// The rows of these types in a block, ascending.
    pub(super) fn rows(&self, events: &EventTable) -> Vec<Range<usize>> {
        match self {
            Types::All if events.table.rows == 0 => Vec::new(),
            Types::All => std::iter::once(0..events.table.rows).collect(),
            Types::Of(names) => {
                let ranges = names.iter().filter_map(|name| events.types.get(name));
                ranges.map(|range| range.rows.start as usize..range.rows.end as usize).collect()
            }
        }
    }

    /// Whether a type is among them.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Types::All => true,
            Types::Of(names) => names.contains(name),
        }
    }
}

/// What is read of the events of a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventReads {
    /// Columns, of the rows of types.
    pub columns: BTreeMap<FieldPath, Types>,
    /// [`super::TypeRange::offsets`]
    pub offsets: Types,
    /// [`EventTable::time`]
    pub times: Types,
    /// [`EventTable::rank`]
    pub ranks: Types,
    /// [`EventTable::profile`]
    pub profiles: Types,
    /// [`EventTable::by_profile`]
    pub by_profile: bool,
    /// [`super::Slots::rows`], and of rows in the slot of a cut [`EventTable::time`] by [`Block::check_time`]
    pub slots: Types,
    /// [`EventTable::by_profile_offsets`]
    pub in_order: bool,
    /// [`EventTable::by_profile_time`]
    pub times_in_order: bool,
    /// As `slots`, of [`super::Slots::in_order`] and [`EventTable::by_profile_time`]
    pub slots_in_order: bool,
    /// [`EventTable::ends`]
    pub ends: bool,
}

impl EventReads {
    /// Adds what others read.
    pub fn extend(&mut self, others: &EventReads) {
        for (path, types) in &others.columns {
            self.columns.entry(path.clone()).or_default().extend(types);
        }
        self.offsets.extend(&others.offsets);
        self.times.extend(&others.times);
        self.ranks.extend(&others.ranks);
        self.profiles.extend(&others.profiles);
        self.by_profile |= others.by_profile;
        self.slots.extend(&others.slots);
        self.in_order |= others.in_order;
        self.times_in_order |= others.times_in_order;
        self.slots_in_order |= others.slots_in_order;
        self.ends |= others.ends;
    }

    /// What others do not read.
    pub fn without(&self, others: &EventReads) -> EventReads {
        let none = Types::default();
        let columns = self.columns.iter().map(|(path, types)| {
            let others = others.columns.get(path).unwrap_or(&none);
            (path.clone(), types.without(others))
        });
        EventReads {
            columns: columns.filter(|(_, types)| *types != none).collect(),
            offsets: self.offsets.without(&others.offsets),
            times: self.times.without(&others.times),
            ranks: self.ranks.without(&others.ranks),
            profiles: self.profiles.without(&others.profiles),
            by_profile: self.by_profile && !others.by_profile,
            slots: self.slots.without(&others.slots),
            in_order: self.in_order && !others.in_order,
            times_in_order: self.times_in_order && !others.times_in_order,
            slots_in_order: self.slots_in_order && !others.slots_in_order,
            ends: self.ends && !others.ends,
        }
    }

    /// Everything, and these columns.
    pub(super) fn all<'p>(columns: impl Iterator<Item = &'p FieldPath>) -> EventReads {
        EventReads {
            columns: columns.map(|path| (path.clone(), Types::All)).collect(),
            offsets: Types::All,
            times: Types::All,
            ranks: Types::All,
            profiles: Types::All,
            by_profile: true,
            slots: Types::All,
            in_order: true,
            times_in_order: true,
            slots_in_order: true,
            ends: true,
        }
    }
}

/// Where a block stands in a store.
#[derive(Clone)]
pub struct Place {
    pub(super) part: Arc<Part>,
    pub(super) index: usize,
    /// What is wanted of it, if its events are to be [checked](Block::check) before they are read.
    pub(super) unchecked: Option<Arc<Wanted>>,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "block {} of {}", self.index, self.part.path().display())
    }
}

impl Block {
    /// Takes what was read of it out of memory, if it comes back from a file when it is read again.
    pub fn forget(&self) {
        if let Some(place) = &self.place {
            place.part.forget(place.index);
        }
    }

    /// Checks what is going to be read of its events, if that has not been done.
    pub fn check(&self, reads: &EventReads) -> Result<(), Fault> {
        match self.place.as_ref().and_then(|place| Some((place, place.unchecked.as_ref()?))) {
            None => Ok(()),
            Some((place, wanted)) => place.part.check_events(place.index, wanted, &self.events, reads),
        }
    }

    /// Checks the time of one event, by its row or by its place in the order of profiles and times, with those of its
    /// [piece](super::PIECE), if that has not been done.
    pub fn check_time(&self, at: usize, in_order: bool) -> Result<(), Fault> {
        match self.place.as_ref().filter(|place| place.unchecked.is_some()) {
            None => Ok(()),
            Some(place) => place.part.check_time(place.index, &self.events, at, in_order),
        }
    }
}
