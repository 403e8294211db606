//! Profiles built partition by partition, each with all of its events, where files have the events of each profile together:
//! what was built of one partition leaves memory before the next. Names `build`, `events`, `gather` and `raw`. Invariant:
//! that events of a profile are together is checked, never believed; a partition is as a build of all would have it, but
//! for columns of events at rows of types that they are not read of, where they are absent.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::build::{ID_COLUMN, Notes, Positions, RawSource, empty_blocks, place_events, sorted_ids};
use super::events::{PROFILE_COLUMN, Run, order_events, profile_runs, profile_texts};
use super::gather::{NO_ROW, Pieces, Places, gather_pieces};
use super::raw::{self, Interner, RawRecords, TableSpec};
use super::reads::Types;
use super::{BLOCK_PROFILES, Block, Dataset, EventTable};
use crate::plan::FieldPath;
use crate::vector::{Column, Data, Strings};

/// Profiles whose events come a few pieces at a time.
pub struct Partitions {
    /// Ascending.
    ids: Strings,
    positions: raw::Places,
    /// For each profile its row in the columns.
    rows: Vec<u32>,
    columns: Vec<(FieldPath, Pieces)>,
    /// The rows of each piece of the columns.
    pieces: Vec<usize>,
    events: EventSource,
    /// Which profiles have been in a partition.
    built: Vec<bool>,
    /// The position of each profile in the partition that is built; [`NO_ROW`] for all others.
    local: Vec<u32>,
    /// Events of the last profile so far, of which more may come.
    held: Vec<RawRecords>,
    notes: Notes,
}

/// What is known of the events beforehand.
#[derive(Debug, Clone)]
pub struct EventSource {
    /// One table: events without elements or entries.
    pub specs: Vec<TableSpec>,
    /// The types of events to keep; `None` for all.
    pub types: Option<Vec<Arc<str>>>,
    /// Whether events have ids.
    pub ids: bool,
    /// The column that is the events' instants.
    pub times: Option<FieldPath>,
    /// Of which types of events a column is read; one that is not here is read of all.
    pub reads: BTreeMap<FieldPath, Types>,
    /// Only for counting events that are later.
    pub now: i64,
}

/// Some profiles with all that is read of them.
pub struct Partition {
    /// The data.
    pub dataset: Dataset,
    /// The place of each of its profiles, block by block, in the order of all ids.
    pub places: Vec<u32>,
}

/// The events of a profile are not together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTogether;

impl Partitions {
    /// Takes the profiles, which have no elements or entries.
    pub fn new(mut profiles: RawSource, events: EventSource) -> Partitions {
        let mut notes = Notes::default();
        let (ids, rows) = sorted_ids(&mut profiles, &mut notes.duplicate_profiles);
        let (system, wanted) = profiles.specs.first().map(|s| (s.system.len(), s.columns.clone())).unwrap_or_default();
        profiles.drop_column(0, ID_COLUMN);
        let pieces = profiles.pieces.iter().map(RawRecords::rows).collect();
        let column = |(i, (path, _))| (path, Pieces::new(profiles.take_pieces(0, system + i)));
        let columns = wanted.into_iter().enumerate().map(column).collect();
        let positions = raw::Places::new(ids.iter(), ids.len());
        let (built, local) = (vec![false; ids.len()], vec![NO_ROW; ids.len()]);
        Partitions { ids, positions, rows, columns, pieces, events, built, local, held: Vec::new(), notes }
    }

    /// The profiles whose events are complete with these pieces: all but that of the last event, unless it is the `last`
    /// of all.
    pub fn next(&mut self, pieces: Vec<RawRecords>, last: bool) -> Result<Partition, NotTogether> {
        let mut pieces: Vec<RawRecords> = std::mem::take(&mut self.held).into_iter().chain(pieces).collect();
        if !last {
            self.held = last_profile(&mut pieces);
        }
        let mut places: Vec<u32> = Vec::new();
        let mut of_codes: Vec<Vec<u32>> = Vec::with_capacity(pieces.len());
        let ids = self.ids.view();
        let runs: Vec<Vec<Run>> = pieces.par_iter().map(profile_runs).collect();
        for (piece, runs) in pieces.iter().zip(&runs) {
            // Of the texts that are met: of a piece that was split others are in the dictionary.
            let texts = profile_texts(piece);
            let mut own = vec![NO_ROW; texts.map_or(0, Interner::len)];
            for run in runs {
                let code = run.profile as usize;
                let id = |place| ids.get(place as usize).unwrap_or_default();
                let Some(text) = texts.and_then(|texts| texts.get(code)) else { continue };
                let Some(place) = self.positions.get(text, id) else { continue };
                own[code] = place;
                let at = place as usize;
                if self.local[at] == NO_ROW {
                    if std::mem::replace(&mut self.built[at], true) {
                        return Err(NotTogether);
                    }
                    self.local[at] = 0;
                    places.push(place);
                }
            }
            of_codes.push(own);
        }
        places.sort_unstable();
        Ok(self.build(places, pieces, (of_codes, runs)))
    }

    /// The first profiles without events, so many at most; `None` if all have been in a partition.
    pub fn without_events(&mut self, profiles: usize) -> Option<Partition> {
        let rest = (0..self.ids.len()).filter(|&place| !self.built[place]);
        let places: Vec<u32> = rest.take(profiles).map(|place| place as u32).collect();
        places.iter().for_each(|&place| self.built[place as usize] = true);
        (!places.is_empty()).then(|| self.build(places, Vec::new(), Default::default()))
    }

    /// All profiles, of which only the ids are left, and what was left out.
    pub fn finish(self) -> (Dataset, Notes) {
        let blocks = empty_blocks(&self.ids);
        (Dataset { blocks, classes: BTreeMap::new() }, self.notes)
    }

    /// Builds the profiles at places with their events; `of_codes` has the places of the texts of each piece, `runs` its
    /// runs.
    fn build(
        &mut self,
        places: Vec<u32>,
        mut pieces: Vec<RawRecords>,
        (mut of_codes, mut runs): (Vec<Vec<u32>>, Vec<Vec<Run>>),
    ) -> Partition {
        // Without a piece the kinds of the columns would not be known.
        if pieces.is_empty() {
            pieces.push(RawRecords::new(&self.events.specs, 0));
            of_codes.push(Vec::new());
            runs.push(Vec::new());
        }
        places.iter().zip(0..).for_each(|(&place, at)| self.local[place as usize] = at);
        for place in of_codes.iter_mut().flatten().filter(|place| **place != NO_ROW) {
            *place = self.local[*place as usize];
        }
        let profiles = Positions { of_codes, runs, count: places.len(), known: None, keep_ids: false };
        let mut source = RawSource { specs: self.events.specs.clone(), pieces };
        let (types, ids) = (self.events.types.as_deref(), self.events.ids);
        let orders = order_events(&mut source, &profiles, types, ids, self.events.now, &mut self.notes);
        let ids: Strings = places.iter().filter_map(|&place| self.ids.get(place as usize)).collect();
        let mut blocks = empty_blocks(&ids);
        let rows = |places: &[u32]| places.iter().map(|&place| self.rows[place as usize]).collect();
        let rows = Places::new(places.chunks(BLOCK_PROFILES).map(rows).collect(), self.pieces.iter().copied());
        for (path, column) in &self.columns {
            for (block, column) in blocks.iter_mut().zip(column.gather_used(&rows)) {
                block.profiles.columns.insert(path.clone(), column);
            }
        }
        let (rows, _) = place_events(orders, &mut blocks);
        self.fill_events(&mut source, rows, &mut blocks);
        if let Some(path) = &self.events.times {
            for EventTable { table, time, .. } in blocks.iter_mut().map(|block| &mut block.events) {
                table.columns.insert(path.clone(), Column { data: Data::Int(time.clone()), valid: None });
            }
        }
        places.iter().for_each(|&place| self.local[place as usize] = NO_ROW);
        Partition { dataset: Dataset { blocks, classes: BTreeMap::new() }, places }
    }

    /// Fills the columns of events, each at the rows of the types that it is read of.
    fn fill_events(&self, source: &mut RawSource, rows: Vec<Vec<u32>>, blocks: &mut [Block]) {
        let all = Places::new(rows, source.pieces.iter().map(RawRecords::rows));
        let mut of_types: BTreeMap<&Types, Places> = BTreeMap::new();
        for spec in &self.events.specs {
            for (i, (path, _)) in spec.columns.iter().enumerate() {
                let places = match self.events.reads.get(path) {
                    None | Some(Types::All) => &all,
                    Some(types) => of_types.entry(types).or_insert_with(|| {
                        let kept: Vec<_> = blocks.iter().map(|block| types.rows(&block.events)).collect();
                        all.only(&kept)
                    }),
                };
                let columns = gather_pieces(source.take_pieces(0, spec.system.len() + i), places);
                for (block, column) in blocks.iter_mut().zip(columns) {
                    block.events.table.columns.insert(path.clone(), column);
                }
            }
        }
    }
}

/// Takes away the records at the end that are of the profile of the last one.
fn last_profile(pieces: &mut Vec<RawRecords>) -> Vec<RawRecords> {
    let text = |piece: &RawRecords, row: usize| piece.tables[0].columns[PROFILE_COLUMN].text(row).map(Arc::<str>::from);
    let Some(last) = pieces.last().and_then(|piece| text(piece, piece.rows().checked_sub(1)?)) else {
        return Vec::new();
    };
    let mut taken = Vec::new();
    while let Some(mut piece) = pieces.pop() {
        let is_other = |&row: &usize| piece.tables[0].columns[PROFILE_COLUMN].text(row) != Some(&*last);
        match (0..piece.rows()).rev().find(is_other) {
            None => taken.push(piece),
            Some(other) => {
                if other + 1 < piece.rows() {
                    taken.push(piece.split_off(other + 1));
                }
                pieces.push(piece);
                break;
            }
        }
    }
    taken.reverse();
    taken
}
