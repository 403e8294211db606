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
use super::raw::{Interner, RawColumn, RawData, RawRecords};
use super::{BLOCK_PROFILES, EventTable, Table, TypeRange};
use crate::vector::Strings;

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
    /// Rows of the source that repeat an earlier one and are left out, and their times.
    repeated: Vec<(u32, i64)>,
    /// Rows of the source that are later than now, of all types, repeated ones among them.
    later: u64,
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
    /// The number of the piece.
    piece: u32,
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
        Run { profile: same[0], piece: 0, start: std::mem::replace(&mut start, end), end }
    };
    codes.chunk_by(|a, b| a == b).map(run).collect()
}

/// What ordering needs of every event, in the order of the files.
struct Facts {
    pieces: Vec<Piece>,
    /// Whether some types are not asked for.
    chosen: bool,
    /// Only for counting events that are later.
    now: i64,
    ids: Vec<RawColumn>,
    bases: Vec<u32>,
}

/// The same of the events of a piece.
struct Piece {
    /// The row of the source that is its first.
    base: u32,
    time: Vec<i64>,
    /// The number of its type; [`NO_ROW`] of a type that is not asked for.
    kind: Vec<u32>,
}

impl Piece {
    /// The rows of a run.
    fn rows(&self, run: Run) -> Range<usize> {
        (run.start - self.base) as usize..(run.end - self.base) as usize
    }
}

/// Events of a block by profile, and in time; those of a column are in a slice of their own.
struct Ordered {
    rows: Vec<u32>,
    kinds: Vec<u32>,
    times: Vec<i64>,
    /// How many are later than now, with those that are not asked for.
    later: u64,
}

/// An event: its time, its type and its row.
type Event = (i64, u32, u32);

impl Facts {
    fn id(&self, row: u32) -> &str {
        let piece = self.bases.partition_point(|&base| base <= row).saturating_sub(1);
        self.ids.get(piece).and_then(|ids| ids.text((row - self.bases[piece]) as usize)).unwrap_or_default()
    }

    /// How the ids of two events compare.
    fn ids_of(&self, a: u32, b: u32) -> Ordering {
        if self.ids.is_empty() { Ordering::Equal } else { self.id(a).cmp(self.id(b)) }
    }

    /// Whether two events of a profile are one that was delivered twice. Without an id nothing tells.
    fn same(&self, a: Event, b: Event) -> bool {
        (a.0, a.1) == (b.0, b.1) && is_repeated(self.id(a.2), self.id(b.2))
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
    let (kinds, names) = type_numbers(source.take_pieces(0, TYPE_COLUMN), types);
    let times = source.take_pieces(0, TIME_COLUMN).into_iter().map(|times| match times.data {
        RawData::Int(times) => times,
        _ => Vec::new(),
    });
    let mut base = 0;
    let piece = |(time, kind): (Vec<i64>, Vec<u32>)| {
        let next = base + time.len() as u32;
        Piece { base: std::mem::replace(&mut base, next), time, kind }
    };
    let pieces: Vec<Piece> = times.zip(kinds).map(piece).collect();
    let (ids, bases) = if event_ids { take_ids(source) } else { Default::default() };
    let facts = Facts { pieces, chosen: types.is_some(), now, ids, bases };
    let mut blocks: Vec<Vec<Run>> = vec![Vec::new(); profiles.div_ceil(BLOCK_PROFILES)];
    for run in runs {
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
    notes.later += orders.iter().map(|order| order.later).sum::<u64>();
    let mut repeated: Vec<(u32, i64)> = orders.iter().flat_map(|order| order.repeated.iter().copied()).collect();
    repeated.sort_unstable();
    for &(row, time) in &repeated {
        notes.repeated_events.note(facts.id(row), || source.place(row as usize));
        notes.later -= u64::from(time > now);
    }
    orders
}

/// The runs of the source with the positions of their profiles; events of no profile are noted. Those of profiles without
/// a record are noted and kept.
fn placed_runs(source: &RawSource, positions: &Positions<'_>, notes: &mut Notes) -> Vec<Run> {
    let known = |place: u32| place != NO_ROW && positions.known.is_none_or(|known| known[place as usize]);
    let mut all = Vec::with_capacity(positions.runs.iter().map(Vec::len).sum());
    let mut base = 0;
    let of_pieces = positions.of_codes.iter().zip(&positions.runs);
    for (number, (piece, (places, runs))) in (0..).zip(source.pieces.iter().zip(of_pieces)) {
        let texts = profile_texts(piece);
        for &Run { profile: code, start, end, .. } in runs {
            let place = places[code as usize];
            if !known(place) {
                let unknown = &mut notes.unknown_profiles;
                (start..end).for_each(|row| {
                    let text = texts.and_then(|texts| texts.get(code as usize)).unwrap_or_default();
                    unknown.note(text, || Some((piece.file, piece.line(row as usize))));
                });
            }
            if place != NO_ROW {
                all.push(Run { profile: place, piece: number, start: base + start, end: base + end });
            }
        }
        base += piece.rows() as u32;
    }
    all
}

/// The type of each event of each piece as a number in the order of the names; [`NO_ROW`] for a type that is not asked
/// for.
fn type_numbers(pieces: Vec<RawColumn>, wanted: Option<&[Arc<str>]>) -> (Vec<Vec<u32>>, Vec<Arc<str>>) {
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
    let of_piece = |piece: RawColumn| {
        let RawData::Text { mut codes, dictionary } = piece.data else { return Vec::new() };
        let numbers: Vec<u32> = dictionary.iter().map(number).collect();
        codes.iter_mut().for_each(|code| *code = numbers.get(*code as usize).copied().unwrap_or(NO_ROW));
        if !piece.valid.all() {
            let absent = codes.iter_mut().enumerate().filter(|(row, _)| !piece.valid.get(*row));
            absent.for_each(|(_, code)| *code = nameless);
        }
        codes
    };
    let numbers = pieces.into_iter().map(of_piece).collect();
    (numbers, names)
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
    facts: &Facts,
    runs: &[Run],
    (first, profiles): (u32, usize),
    names: &[Arc<str>],
    keep_ids: bool,
) -> EventOrder {
    let profile_of = |run: Run| run.profile - first;
    let run_ends = offsets(runs.iter().map(|&run| profile_of(run)), profiles);
    let runs = placed(runs, &run_ends, profile_of);
    let count = runs.iter().map(|run| (run.end - run.start) as usize).sum();
    let (rows, kinds, times) = (Vec::with_capacity(count), Vec::with_capacity(count), Vec::with_capacity(count));
    let mut ordered = Ordered { rows, kinds, times, later: 0 };
    let (mut ends, mut repeated) = (vec![0], Vec::new());
    for pair in run_ends.windows(2) {
        let from = ordered.rows.len();
        for &run in &runs[pair[0] as usize..pair[1] as usize] {
            ordered.add(facts, run);
        }
        in_moments(facts, &mut ordered, from, &mut repeated);
        ends.push(ordered.rows.len() as u32);
    }
    let Ordered { rows, kinds, times, later } = ordered;
    let ids = |a: usize, b: usize| facts.ids_of(rows[a], rows[b]);
    let (table, order) = event_table(names, &ends, &kinds, times, ids);
    let rows: Vec<u32> = order.iter().map(|&at| rows[at as usize]).collect();
    let ids: Strings = rows.iter().filter(|_| keep_ids).map(|&row| facts.id(row)).collect();
    EventOrder { rows, table, ids, repeated, later }
}

impl Ordered {
    /// Adds the events of a run; of those of a piece some types may not be asked for.
    fn add(&mut self, facts: &Facts, run: Run) {
        let piece = &facts.pieces[run.piece as usize];
        let (times, kinds) = (&piece.time[piece.rows(run)], &piece.kind[piece.rows(run)]);
        self.later += times.iter().map(|&time| u64::from(time > facts.now)).sum::<u64>();
        if !facts.chosen {
            self.rows.extend(run.start..run.end);
            self.kinds.extend_from_slice(kinds);
            self.times.extend_from_slice(times);
            return;
        }
        for ((&time, &kind), row) in times.iter().zip(kinds).zip(run.start..) {
            if kind != NO_ROW {
                self.push((time, kind, row));
            }
        }
    }

    fn push(&mut self, (time, kind, row): Event) {
        self.rows.push(row);
        self.kinds.push(kind);
        self.times.push(time);
    }
}

/// Orders the events of a profile, which begin `from`, and takes away those that were delivered twice.
fn in_moments(facts: &Facts, ordered: &mut Ordered, from: usize, repeated: &mut Vec<(u32, i64)>) {
    if ascend(&ordered.times[from..]) {
        return;
    }
    let events = ordered.times.drain(from..).zip(ordered.kinds.drain(from..)).zip(ordered.rows.drain(from..));
    let mut events: Vec<Event> = events.map(|((time, kind), row)| (time, kind, row)).collect();
    events.sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| facts.ids_of(a.2, b.2)).then_with(|| (a.1, a.2).cmp(&(b.1, b.2)))
    });
    if !facts.ids.is_empty() {
        events.dedup_by(|&mut later, &mut first| {
            let same = facts.same(later, first);
            repeated.extend(same.then_some((later.2, later.0)));
            same
        });
    }
    events.into_iter().for_each(|event| ordered.push(event));
}

/// Whether each time is later than the one before.
fn ascend(times: &[i64]) -> bool {
    times.windows(2).fold(true, |all, pair| all & (pair[0] < pair[1]))
}

/// The event table of a block without its columns, and for each of its rows which of the events it is that are given:
/// by (profile, timestamp, id), where those of each profile end, the number of the type and the time of each, and how
/// the ids of two of them compare.
pub(super) fn event_table(
    names: &[Arc<str>],
    ends: &[u32],
    kinds: &[u32],
    times: Vec<i64>,
    ids: impl Fn(usize, usize) -> Ordering,
) -> (EventTable, Vec<u32>) {
    let count = kinds.len();
    let kind_ends = offsets(kinds.iter().copied(), names.len());
    let mut next = kind_ends.clone();
    let mut types: Vec<(usize, Vec<u32>)> = (0..names.len())
        .filter(|&kind| kind_ends[kind] < kind_ends[kind + 1])
        .map(|kind| (kind, Vec::with_capacity(ends.len())))
        .collect();
    types.iter_mut().for_each(|(kind, offsets)| offsets.push(kind_ends[*kind]));
    let (mut by_profile, mut profiles) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut ranks: Vec<u32> = Vec::with_capacity(count);
    for (number, pair) in ends.windows(2).enumerate() {
        let of_profile = pair[0] as usize..pair[1] as usize;
        by_profile.extend(kinds[of_profile.clone()].iter().map(|&kind| {
            let next = &mut next[kind as usize];
            *next += 1;
            *next - 1
        }));
        // A block has fewer profiles than there are numbers of 16 bits.
        profiles.extend(std::iter::repeat_n(number as u16, of_profile.len()));
        rank(&times, of_profile, &ids, &mut ranks);
        types.iter_mut().for_each(|(kind, offsets)| offsets.push(next[*kind]));
    }
    let mut order = vec![0u32; count];
    by_profile.iter().zip(0..).for_each(|(&place, at)| order[place as usize] = at);
    // What is taken by this order needs no room made for it before.
    fn taken<T: Copy>(values: &[T], order: &[u32]) -> Vec<T> {
        order.iter().map(|&at| values[at as usize]).collect()
    }
    let time = taken(&times, &order);
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
        profile: taken(&profiles, &order).into(),
        rank: taken(&ranks, &order).into(),
        by_profile_time: times.into(),
        time: time.into(),
        by_profile: by_profile.into(),
        by_profile_offsets: ends.to_vec().into(),
        slots: None,
        ends: None,
    };
    (table, order)
}

/// The ranks of the events of a profile, behind those of others.
fn rank(times: &[i64], of_profile: Range<usize>, ids: &impl Fn(usize, usize) -> Ordering, ranks: &mut Vec<u32>) {
    if ascend(&times[of_profile.clone()]) {
        return ranks.extend(0..of_profile.len() as u32);
    }
    let mut rank = 0;
    for at in of_profile.clone() {
        // Mostly the times tell.
        let differs = |before| times[before] != times[at] || ids(before, at) != Ordering::Equal;
        rank += u32::from(at > of_profile.start && differs(at - 1));
        ranks.push(rank);
    }
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
