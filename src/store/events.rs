//! The order of events in a block: clustered by type, then by profile, timestamp and id; with ranks. Names `raw` and
//! `build`. Invariants: two events of a profile have the same rank exactly if neither is later than the other; what was
//! delivered twice (one profile, type, timestamp and id) is one event, the first.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::build::{Notes, Positions, RawSource};
use super::gather::NO_ROW;
use super::raw::{RawColumn, RawData, RawRecords};
use super::{BLOCK_PROFILES, EventTable, Table, TypeRange};
use crate::vector::{Column, Data, Strings};

/// The column of the id of the profile that an event is of: text with a dictionary, always present.
pub const PROFILE_COLUMN: usize = 0;
/// The column of the timestamp: always present.
pub const TIME_COLUMN: usize = 1;
/// The column of the type: text with a dictionary; an absent one is the empty text.
pub const TYPE_COLUMN: usize = 2;
/// The column of the event's id: plain text; an absent one is the empty text.
pub const EVENT_ID_COLUMN: usize = 3;

/// The events of one block.
pub(super) struct EventOrder {
    /// Rows of the source.
    pub rows: Vec<u32>,
    /// All but the columns that were asked for.
    pub table: EventTable,
    /// The events' ids, where they have some and they are kept.
    pub ids: Strings,
    /// Rows of the source that repeat an earlier one and are left out.
    repeated: Vec<u32>,
}

/// The distinct ids of profiles that events name, in order.
pub(super) fn profile_ids(source: &RawSource) -> Vec<Arc<str>> {
    let mut ids: Vec<Arc<str>> = Vec::new();
    for piece in &source.pieces {
        if let RawData::Text { codes, dictionary } = &piece.tables[0].columns[PROFILE_COLUMN].data {
            let mut used = vec![false; dictionary.values().len()];
            codes.iter().for_each(|&code| used[code as usize] = true);
            ids.extend(dictionary.values().iter().zip(used).filter(|(_, used)| *used).map(|(id, _)| id.clone()));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The texts of a piece's ids of profiles, by code.
pub(super) fn profile_texts(piece: &RawRecords) -> &[Arc<str>] {
    match &piece.tables[0].columns[PROFILE_COLUMN].data {
        RawData::Text { dictionary, .. } => dictionary.values(),
        _ => &[],
    }
}

/// What ordering needs of every event, in the order of the files.
struct Facts<'t> {
    profile: Vec<u32>,
    time: &'t [i64],
    kind: Vec<u32>,
    ids: Vec<RawColumn>,
    bases: Vec<u32>,
}

impl Facts<'_> {
    fn id(&self, row: u32) -> &str {
        let piece = self.bases.partition_point(|&base| base <= row).saturating_sub(1);
        self.ids.get(piece).and_then(|ids| ids.text((row - self.bases[piece]) as usize)).unwrap_or_default()
    }

    /// (timestamp, id)
    fn moment(&self, a: u32, b: u32) -> Ordering {
        let time = self.time[a as usize].cmp(&self.time[b as usize]);
        if self.ids.is_empty() { time } else { time.then_with(|| self.id(a).cmp(self.id(b))) }
    }

    /// Whether two rows are one event that was delivered twice. Without an id nothing tells.
    fn same(&self, a: u32, b: u32) -> bool {
        let (i, j) = (a as usize, b as usize);
        let alike = self.time[i] == self.time[j] && self.kind[i] == self.kind[j] && self.profile[i] == self.profile[j];
        alike && is_repeated(self.id(a), self.id(b))
    }
}

/// Whether events that are alike in profile, type and timestamp are one, by their ids.
pub(super) fn is_repeated(id: &str, other: &str) -> bool {
    !id.is_empty() && id == other
}

/// Orders the events of all blocks.
pub(super) fn order_events(
    source: &mut RawSource,
    positions: &Positions<'_>,
    types: Option<&[Arc<str>]>,
    event_ids: bool,
    now: i64,
    notes: &mut Notes,
) -> Vec<EventOrder> {
    let profiles = positions.count;
    let profile = profile_positions(source, positions, notes);
    let Data::Int(time) = source.take(0, TIME_COLUMN).data else { return Vec::new() };
    let (kind, names) = type_codes(source.take(0, TYPE_COLUMN), types);
    let (ids, bases) = if event_ids { take_ids(source) } else { Default::default() };
    let facts = Facts { profile, time: &time, kind, ids, bases };
    let blocks = profiles.div_ceil(BLOCK_PROFILES);
    let mut counts = vec![0usize; blocks];
    let kept = |row: usize| facts.profile[row] != NO_ROW && facts.kind[row] != NO_ROW;
    for row in 0..facts.profile.len() {
        if facts.profile[row] != NO_ROW && facts.time[row] > now {
            notes.later += 1;
        }
        if kept(row) {
            counts[facts.profile[row] as usize / BLOCK_PROFILES] += 1;
        }
    }
    let mut rows: Vec<Vec<u32>> = counts.iter().map(|&n| Vec::with_capacity(n)).collect();
    for row in (0..facts.profile.len()).filter(|&row| kept(row)) {
        rows[facts.profile[row] as usize / BLOCK_PROFILES].push(row as u32);
    }
    let orders: Vec<EventOrder> = rows
        .into_par_iter()
        .enumerate()
        .map(|(block, rows)| {
            let first = (block * BLOCK_PROFILES) as u32;
            let count = (profiles - first as usize).min(BLOCK_PROFILES);
            cluster(&facts, rows, (first, count), &names, positions.keep_ids && event_ids)
        })
        .collect();
    let mut repeated: Vec<u32> = orders.iter().flat_map(|order| order.repeated.iter().copied()).collect();
    repeated.sort_unstable();
    for &row in &repeated {
        notes.repeated_events.note(facts.id(row), || source.place(row as usize));
        notes.later -= u64::from(facts.time[row as usize] > now);
    }
    orders
}

/// The position of each event's profile; events of no profile are noted.
fn profile_positions(source: &mut RawSource, positions: &Positions<'_>, notes: &mut Notes) -> Vec<u32> {
    let known = |place: u32| place != NO_ROW && positions.known.is_none_or(|known| known[place as usize]);
    let mut all = Vec::with_capacity(source.rows());
    for (piece, places) in source.pieces.iter().zip(&positions.of_codes) {
        let column = &piece.tables[0].columns[PROFILE_COLUMN];
        let RawData::Text { codes, dictionary } = &column.data else { continue };
        for (row, &code) in codes.iter().enumerate() {
            let place = places[code as usize];
            if !known(place) {
                notes
                    .unknown_profiles
                    .note(&dictionary.values()[code as usize], || Some((piece.file, piece.line(row))));
            }
            all.push(place);
        }
    }
    all
}

/// The type of each event as a number in the order of the names; [`NO_ROW`] for a type that is not asked for.
fn type_codes(column: Column, wanted: Option<&[Arc<str>]>) -> (Vec<u32>, Vec<Arc<str>>) {
    let Column { data: Data::Text { codes, dictionary }, valid } = column else { return Default::default() };
    let mut names: Vec<Arc<str>> = dictionary.iter().map(Arc::from).collect();
    names.push("".into());
    names.retain(|name| wanted.is_none_or(|w| w.contains(name)));
    names.sort_unstable();
    names.dedup();
    let number = |name: &str| names.binary_search_by(|n| (**n).cmp(name)).map_or(NO_ROW, |i| i as u32);
    let numbers: Vec<u32> = dictionary.iter().map(number).collect();
    let nameless = number("");
    let kinds = codes
        .to_vec()
        .into_iter()
        .enumerate()
        .map(|(row, code)| {
            let present = valid.as_ref().is_none_or(|v| v.get(row));
            if present { numbers.get(code as usize).copied().unwrap_or(NO_ROW) } else { nameless }
        })
        .collect();
    (kinds, names)
}

fn take_ids(source: &mut RawSource) -> (Vec<RawColumn>, Vec<u32>) {
    let mut base = 0;
    let mut bases = Vec::with_capacity(source.pieces.len());
    let mut ids = Vec::with_capacity(source.pieces.len());
    for piece in &mut source.pieces {
        let rows = piece.rows() as u32;
        // A base of an empty piece would hide the piece that begins at the same row.
        if rows > 0 {
            bases.push(base);
            let empty = RawColumn::new(super::raw::ColumnKind::Plain, false);
            ids.push(std::mem::replace(&mut piece.tables[0].columns[EVENT_ID_COLUMN], empty));
        }
        base += rows;
    }
    (ids, bases)
}

/// Puts the events of a block in both orders. Files are mostly sorted, so that rows are placed by counting, and only
/// profiles whose events are out of order are sorted.
fn cluster(
    facts: &Facts<'_>,
    rows: Vec<u32>,
    (first, profiles): (u32, usize),
    names: &[Arc<str>],
    keep_ids: bool,
) -> EventOrder {
    let profile_of = |row: u32| facts.profile[row as usize] - first;
    let profile_ends = offsets(rows.iter().map(|&row| profile_of(row)), profiles, 0);
    let mut ordered = placed(&rows, &profile_ends, profile_of);
    let order = |&a: &u32, &b: &u32| {
        facts.moment(a, b).then_with(|| facts.kind[a as usize].cmp(&facts.kind[b as usize])).then(a.cmp(&b))
    };
    for pair in profile_ends.windows(2) {
        let events = &mut ordered[pair[0] as usize..pair[1] as usize];
        let is_before = |pair: &[u32]| facts.time[pair[0] as usize] < facts.time[pair[1] as usize];
        if !events.windows(2).all(is_before) {
            events.sort_unstable_by(order);
        }
    }
    let mut repeated = Vec::new();
    if !facts.ids.is_empty() {
        ordered.dedup_by(|&mut later, &mut first| {
            let same = facts.same(later, first);
            repeated.extend(same.then_some(later));
            same
        });
    }
    let kind_of = |row: u32| facts.kind[row as usize];
    let kind_ends = offsets(ordered.iter().map(|&row| kind_of(row)), names.len(), 0);
    // Where each event of the order by profile stands in the order by type.
    let mut next = kind_ends.clone();
    let by_profile: Vec<u32> = ordered
        .iter()
        .map(|&row| {
            let place = &mut next[kind_of(row) as usize];
            *place += 1;
            *place - 1
        })
        .collect();
    let mut rows = rows;
    rows.truncate(ordered.len());
    ordered.iter().zip(&by_profile).for_each(|(&row, &place)| rows[place as usize] = row);
    let profile: Vec<u32> = rows.iter().map(|&row| profile_of(row)).collect();
    let time: Vec<i64> = rows.iter().map(|&row| facts.time[row as usize]).collect();
    let ids: Strings = rows.iter().filter(|_| keep_ids).map(|&row| facts.id(row)).collect();
    let moment = |a: u32, b: u32| facts.moment(rows[a as usize], rows[b as usize]);
    let types = names.iter().cloned().zip(kind_ends.windows(2).map(|pair| pair[0]..pair[1]));
    let table = event_table(types, &profile, time, by_profile, moment, profiles);
    EventOrder { rows, table, ids, repeated }
}

/// The event table of a block without its columns, of events in its order; `moment` compares two of them by (timestamp,
/// id).
pub(super) fn event_table(
    types: impl Iterator<Item = (Arc<str>, Range<u32>)>,
    profile: &[u32],
    time: Vec<i64>,
    by_profile: Vec<u32>,
    moment: impl Fn(u32, u32) -> Ordering,
    profiles: usize,
) -> EventTable {
    EventTable {
        table: Table { rows: profile.len(), columns: BTreeMap::new() },
        types: type_ranges(types, profile, &time, profiles),
        // A block has fewer profiles than there are numbers of 16 bits.
        profile: profile.iter().map(|&profile| profile as u16).collect(),
        rank: ranks(profile, &by_profile, moment).into(),
        by_profile_time: by_profile.iter().map(|&row| time[row as usize]).collect(),
        time: time.into(),
        by_profile: by_profile.into(),
        by_profile_offsets: offsets(profile.iter().copied(), profiles, 0).into(),
    }
}

/// The rows of an event table by (profile, timestamp, id); of simultaneous events the one that comes first is first.
pub(super) fn in_time(profile: &[u32], profiles: usize, moment: impl Fn(u32, u32) -> Ordering) -> Vec<u32> {
    let ends = offsets(profile.iter().copied(), profiles, 0);
    let rows: Vec<u32> = (0..profile.len() as u32).collect();
    let mut ordered = placed(&rows, &ends, |row| profile[row as usize]);
    for pair in ends.windows(2) {
        ordered[pair[0] as usize..pair[1] as usize].sort_by(|&a, &b| moment(a, b));
    }
    ordered
}

/// Rows in the order of their groups, which end at `ends`; within a group as they come.
fn placed(rows: &[u32], ends: &[u32], group: impl Fn(u32) -> u32) -> Vec<u32> {
    let mut next = ends.to_vec();
    let mut placed = vec![0; rows.len()];
    for &row in rows {
        let place = &mut next[group(row) as usize];
        placed[*place as usize] = row;
        *place += 1;
    }
    placed
}

fn ranks(profile: &[u32], by_profile: &[u32], moment: impl Fn(u32, u32) -> Ordering) -> Vec<u32> {
    let mut rank = vec![0; profile.len()];
    for pair in by_profile.windows(2) {
        let (before, here) = (pair[0] as usize, pair[1] as usize);
        if profile[before] == profile[here] {
            rank[here] = rank[before] + u32::from(moment(pair[0], pair[1]) != Ordering::Equal);
        }
    }
    rank
}

fn type_ranges(
    types: impl Iterator<Item = (Arc<str>, Range<u32>)>,
    profile: &[u32],
    time: &[i64],
    profiles: usize,
) -> BTreeMap<Arc<str>, TypeRange> {
    let range = |(name, rows): (Arc<str>, Range<u32>)| {
        let own = rows.start as usize..rows.end as usize;
        let offsets = offsets(profile[own.clone()].iter().copied(), profiles, rows.start).into();
        let times = &time[own];
        let times = (times.iter().copied().min().unwrap_or(0), times.iter().copied().max().unwrap_or(0));
        (name, TypeRange { rows, offsets, times })
    };
    types.filter(|(_, rows)| !rows.is_empty()).map(range).collect()
}

/// Offsets, from `base`, of groups that are counted.
fn offsets(numbers: impl Iterator<Item = u32>, groups: usize, base: u32) -> Vec<u32> {
    let mut offsets = vec![0u32; groups + 1];
    numbers.for_each(|group| offsets[group as usize + 1] += 1);
    offsets[0] = base;
    for i in 0..groups {
        offsets[i + 1] += offsets[i];
    }
    offsets
}
