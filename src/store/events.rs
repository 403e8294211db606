//! The order of events in a block: clustered by type, then by profile, timestamp and id; with ranks. Names `raw` and
//! `build`. Invariants: two events of a profile have the same rank exactly if neither is later than the other; what was
//! delivered twice (one profile, type, timestamp and id) is one event, the first.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::build::{Notes, Positions, RawSource};
use super::gather::NO_ROW;
use super::raw::{Interner, RawColumn, RawData, RawRecords};
use super::{BLOCK_PROFILES, EventTable, Table, TypeRange};
use crate::vector::{Data, Strings};

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
pub(super) fn profile_ids(source: &RawSource) -> Vec<&str> {
    let mut ids: Vec<&str> = Vec::new();
    for piece in &source.pieces {
        if let RawData::Text { codes, dictionary } = &piece.tables[0].columns[PROFILE_COLUMN].data {
            let mut used = vec![false; dictionary.len()];
            codes.iter().for_each(|&code| used[code as usize] = true);
            ids.extend(dictionary.iter().zip(used).filter(|(_, used)| *used).map(|(id, _)| id));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The texts of a piece's ids of profiles, by code.
pub(super) fn profile_texts(piece: &RawRecords) -> Option<&Interner> {
    match &piece.tables[0].columns[PROFILE_COLUMN].data {
        RawData::Text { dictionary, .. } => Some(dictionary),
        _ => None,
    }
}

/// Neighbouring events with the same id of a profile: mostly all that a profile has in a file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Run {
    /// The code of the id, later the position of the profile.
    pub profile: u32,
    /// Rows of the piece, later of the source.
    start: u32,
    end: u32,
}

/// The runs of a piece, with codes of [`profile_texts`].
pub(super) fn profile_runs(piece: &RawRecords) -> Vec<Run> {
    let RawData::Text { codes, .. } = &piece.tables[0].columns[PROFILE_COLUMN].data else { return Vec::new() };
    let mut start = 0;
    let run = |same: &[u32]| {
        let end = start + same.len() as u32;
        Run { profile: same[0], start: std::mem::replace(&mut start, end), end }
    };
    codes.chunk_by(|a, b| a == b).map(run).collect()
}

/// What ordering needs of every event, in the order of the files.
struct Facts<'t> {
    time: &'t [i64],
    /// The number of its type; [`NO_ROW`] of a type that is not asked for.
    kind: Vec<u32>,
    /// Whether some types are not asked for.
    chosen: bool,
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

    /// Whether two rows of a profile are one event that was delivered twice. Without an id nothing tells.
    fn same(&self, a: u32, b: u32) -> bool {
        let (i, j) = (a as usize, b as usize);
        self.time[i] == self.time[j] && self.kind[i] == self.kind[j] && is_repeated(self.id(a), self.id(b))
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
    let runs = placed_runs(source, positions, notes);
    let Data::Int(time) = source.take(0, TIME_COLUMN).data else { return Vec::new() };
    let (kind, names) = type_numbers(&source.take_pieces(0, TYPE_COLUMN), types);
    let (ids, bases) = if event_ids { take_ids(source) } else { Default::default() };
    let facts = Facts { time: &time, kind, chosen: types.is_some(), ids, bases };
    let mut blocks: Vec<Vec<Run>> = vec![Vec::new(); profiles.div_ceil(BLOCK_PROFILES)];
    for run in runs {
        let times = &facts.time[run.start as usize..run.end as usize];
        notes.later += times.iter().map(|&time| u64::from(time > now)).sum::<u64>();
        blocks[run.profile as usize / BLOCK_PROFILES].push(run);
    }
    let orders: Vec<EventOrder> = blocks
        .into_par_iter()
        .enumerate()
        .map(|(block, runs)| {
            let first = (block * BLOCK_PROFILES) as u32;
            let count = (profiles - first as usize).min(BLOCK_PROFILES);
            cluster(&facts, &runs, (first, count), &names, positions.keep_ids && event_ids)
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

/// The runs of the source with the positions of their profiles; events of no profile are noted. Those of profiles without
/// a record are noted and kept.
fn placed_runs(source: &RawSource, positions: &Positions<'_>, notes: &mut Notes) -> Vec<Run> {
    let known = |place: u32| place != NO_ROW && positions.known.is_none_or(|known| known[place as usize]);
    let mut all = Vec::with_capacity(positions.runs.iter().map(Vec::len).sum());
    let mut base = 0;
    for ((piece, places), runs) in source.pieces.iter().zip(&positions.of_codes).zip(&positions.runs) {
        let texts = profile_texts(piece);
        for &Run { profile: code, start, end } in runs {
            let place = places[code as usize];
            if !known(place) {
                let unknown = &mut notes.unknown_profiles;
                (start..end).for_each(|row| {
                    let text = texts.and_then(|texts| texts.get(code as usize)).unwrap_or_default();
                    unknown.note(text, || Some((piece.file, piece.line(row as usize))));
                });
            }
            if place != NO_ROW {
                all.push(Run { profile: place, start: base + start, end: base + end });
            }
        }
        base += piece.rows() as u32;
    }
    all
}

/// The type of each event as a number in the order of the names; [`NO_ROW`] for a type that is not asked for.
fn type_numbers(pieces: &[RawColumn], wanted: Option<&[Arc<str>]>) -> (Vec<u32>, Vec<Arc<str>>) {
    let dictionaries = pieces.iter().filter_map(|piece| match &piece.data {
        RawData::Text { dictionary, .. } => Some(dictionary),
        _ => None,
    });
    let mut names: Vec<Arc<str>> =
        dictionaries.flat_map(|texts| texts.iter()).map(Arc::from).chain(["".into()]).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| wanted.is_none_or(|w| w.contains(name)));
    let number = |name: &str| names.binary_search_by(|n| (**n).cmp(name)).map_or(NO_ROW, |i| i as u32);
    let nameless = number("");
    let mut all = Vec::with_capacity(pieces.iter().map(RawColumn::rows).sum());
    for piece in pieces {
        let RawData::Text { codes, dictionary } = &piece.data else { continue };
        let numbers: Vec<u32> = dictionary.iter().map(number).collect();
        let number = |&code: &u32| numbers.get(code as usize).copied().unwrap_or(NO_ROW);
        match piece.valid.all() {
            true => all.extend(codes.iter().map(number)),
            false => all.extend(
                codes.iter().enumerate().map(|(row, code)| if piece.valid.get(row) { number(code) } else { nameless }),
            ),
        }
    }
    (all, names)
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

/// Puts the events of a block in both orders. Files are mostly sorted, so that runs are placed by counting, and only
/// profiles whose events are out of order are sorted.
fn cluster(
    facts: &Facts<'_>,
    runs: &[Run],
    (first, profiles): (u32, usize),
    names: &[Arc<str>],
    keep_ids: bool,
) -> EventOrder {
    let profile_of = |run: Run| run.profile - first;
    let run_ends = offsets(runs.iter().map(|&run| profile_of(run)), profiles);
    let runs = placed(runs, &run_ends, profile_of);
    let mut ordered = Vec::with_capacity(runs.iter().map(|run| (run.end - run.start) as usize).sum());
    let (mut ends, mut repeated) = (vec![0], Vec::new());
    for pair in run_ends.windows(2) {
        let from = ordered.len();
        for run in &runs[pair[0] as usize..pair[1] as usize] {
            match facts.chosen {
                false => ordered.extend(run.start..run.end),
                true => ordered.extend((run.start..run.end).filter(|&row| facts.kind[row as usize] != NO_ROW)),
            }
        }
        in_moments(facts, &mut ordered, from, &mut repeated);
        ends.push(ordered.len() as u32);
    }
    let kind = |row: u32| facts.kind[row as usize];
    let time = |row: u32| facts.time[row as usize];
    let (table, rows) = event_table(names, (&ordered, &ends), kind, time, |a, b| facts.moment(a, b));
    let ids: Strings = rows.iter().filter(|_| keep_ids).map(|&row| facts.id(row)).collect();
    EventOrder { rows, table, ids, repeated }
}

/// Orders the events of a profile, which begin `from`, and takes away those that were delivered twice.
fn in_moments(facts: &Facts<'_>, ordered: &mut Vec<u32>, from: usize, repeated: &mut Vec<u32>) {
    let events = &mut ordered[from..];
    if !events.is_sorted_by(|&a, &b| facts.time[a as usize] < facts.time[b as usize]) {
        events.sort_unstable_by(|&a, &b| {
            facts.moment(a, b).then_with(|| facts.kind[a as usize].cmp(&facts.kind[b as usize])).then(a.cmp(&b))
        });
        if !facts.ids.is_empty() && events.windows(2).any(|pair| facts.same(pair[0], pair[1])) {
            let mut events = ordered.split_off(from);
            events.dedup_by(|&mut later, &mut first| {
                let same = facts.same(later, first);
                repeated.extend(same.then_some(later));
                same
            });
            ordered.append(&mut events);
        }
    }
}

/// The event table of a block without its columns, and the rows of the source in its order. Given are the rows by (profile,
/// timestamp, id) and where those of each profile end; the number of the type, and the time, of a row; and how two of them
/// compare by (timestamp, id).
pub(super) fn event_table(
    names: &[Arc<str>],
    (ordered, ends): (&[u32], &[u32]),
    kind: impl Fn(u32) -> u32,
    time_of: impl Fn(u32) -> i64,
    moment: impl Fn(u32, u32) -> Ordering,
) -> (EventTable, Vec<u32>) {
    let count = ordered.len();
    let kind_ends = offsets(ordered.iter().map(|&row| kind(row)), names.len());
    let mut next = kind_ends.clone();
    let mut types: Vec<(usize, Vec<u32>)> = (0..names.len())
        .filter(|&kind| kind_ends[kind] < kind_ends[kind + 1])
        .map(|kind| (kind, Vec::with_capacity(ends.len())))
        .collect();
    types.iter_mut().for_each(|(kind, offsets)| offsets.push(kind_ends[*kind]));
    let (mut rows, mut profile, mut time, mut rank) = (vec![0; count], vec![0; count], vec![0; count], vec![0; count]);
    let (mut by_profile, mut by_profile_time) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for (number, pair) in ends.windows(2).enumerate() {
        let events = &ordered[pair[0] as usize..pair[1] as usize];
        let (mut before, mut later) = (None, 0);
        for &row in events {
            let (next, instant) = (&mut next[kind(row) as usize], time_of(row));
            let (at, place) = (*next, *next as usize);
            *next += 1;
            // Mostly the times tell.
            let differs = |(other, of)| of != instant || moment(other, row) != Ordering::Equal;
            later += u32::from(before.replace((row, instant)).is_some_and(differs));
            rows[place] = row;
            // A block has fewer profiles than there are numbers of 16 bits.
            profile[place] = number as u16;
            time[place] = instant;
            rank[place] = later;
            by_profile.push(at);
            by_profile_time.push(instant);
        }
        types.iter_mut().for_each(|(kind, offsets)| offsets.push(next[*kind]));
    }
    let range = |(kind, offsets): (usize, Vec<u32>)| {
        let rows = kind_ends[kind]..kind_ends[kind + 1];
        let times = &time[rows.start as usize..rows.end as usize];
        let times = (times.iter().copied().min().unwrap_or(0), times.iter().copied().max().unwrap_or(0));
        (names[kind].clone(), TypeRange { rows, offsets: offsets.into(), times })
    };
    let types = types.into_iter().map(range).collect();
    let table = EventTable {
        table: Table { rows: count, columns: BTreeMap::new() },
        types,
        profile: profile.into(),
        rank: rank.into(),
        by_profile_time: by_profile_time.into(),
        time: time.into(),
        by_profile: by_profile.into(),
        by_profile_offsets: ends.to_vec().into(),
        slots: None,
        ends: None,
    };
    (table, rows)
}

/// The rows of an event table by (profile, timestamp, id), and where those of each profile end; of simultaneous events the
/// one that comes first is first.
pub(super) fn in_time(profile: &[u32], profiles: usize, moment: impl Fn(u32, u32) -> Ordering) -> (Vec<u32>, Vec<u32>) {
    let ends = offsets(profile.iter().copied(), profiles);
    let rows: Vec<u32> = (0..profile.len() as u32).collect();
    let mut ordered = placed(&rows, &ends, |row| profile[row as usize]);
    for pair in ends.windows(2) {
        ordered[pair[0] as usize..pair[1] as usize].sort_by(|&a, &b| moment(a, b));
    }
    (ordered, ends)
}

/// Items in the order of their groups, which end at `ends`; within a group as they come.
fn placed<T: Copy + Default>(items: &[T], ends: &[u32], group: impl Fn(T) -> u32) -> Vec<T> {
    let mut next = ends.to_vec();
    let mut placed = vec![T::default(); items.len()];
    for &item in items {
        let place = &mut next[group(item) as usize];
        placed[*place as usize] = item;
        *place += 1;
    }
    placed
}

/// Offsets of groups that are counted.
fn offsets(numbers: impl Iterator<Item = u32>, groups: usize) -> Vec<u32> {
    let mut offsets = vec![0u32; groups + 1];
    numbers.for_each(|group| offsets[group as usize + 1] += 1);
    for i in 0..groups {
        offsets[i + 1] += offsets[i];
    }
    offsets
}
