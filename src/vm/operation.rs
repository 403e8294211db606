//! Operations over the rows of a domain. Text operations with one argument that is not constant run over the values of
//! its dictionary, not over the rows. Invariant: a result is of the operation's type; what the data do not hold is absent.

use std::sync::Arc;

use md5::{Digest, Md5};

use super::cache::Memo;
use super::frame::Frame;
use super::load::{Set, Window, is_time};
use super::rows::{Record, Source};
use super::run::Environment;
use crate::builtins::kernels::{self, Context};
use crate::bytecode::Register;
use crate::plan::{DomainId, FieldPath, Op, Reduction};
use crate::store::{EventReads, NO_ROW, Table};
use crate::types::Ty;
use crate::vector::kernels::chosen::Chosen;
use crate::vector::kernels::lists::sorted_rows;
use crate::vector::kernels::reduce::Steps;
use crate::vector::kernels::{Datum, choose, reduce};
use crate::vector::select::ABSENT;
use crate::vector::{Bitmap, Codes, Column, Data, Dictionary, Segments};

impl<'d> Environment<'_, 'd> {
    /// The value of an operation.
    pub fn set(&self, set: &Set<'_>, frame: &Frame<'_, 'd>) -> Datum {
        if let Some(constant) = &set.constant {
            return constant.clone();
        }
        let len = frame.len(set.domain);
        let args = |registers: &[Register]| registers.iter().map(|&at| self.read(at, frame)).collect::<Vec<Datum>>();
        let column = match set.op {
            Op::Const(_) | Op::Absent => Column::absent(set.ty, len),
            Op::Column(path) => self.column(set.domain, path, frame),
            Op::Key => self.key(set.domain, frame),
            Op::Related { class, key, path } => self.related(set, class, &self.read(*key, frame), path, len),
            Op::Gather(register) => return self.gather(set, *register, frame),
            Op::Test { args: registers, .. } => return self.test(set, &args(registers), len),
            Op::Call { args: registers, .. } => return self.call(set, &args(registers), len),
            Op::List(items) => {
                let items = args(items);
                choose::list(&items.iter().collect::<Vec<_>>(), set.ty, len)
            }
            Op::And(items) => return connective(&args(set.items.as_ref().unwrap_or(items)), true, len),
            Op::Or(items) => return connective(&args(items), false, len),
            Op::Not(register) => return negation(&self.read(*register, frame), len),
            Op::If { condition, then, otherwise } => {
                let [condition, then, otherwise] = [condition, then, otherwise].map(|&at| self.read(at, frame));
                if condition.is_constant() {
                    return if condition.truth(1).get(0) { then } else { otherwise };
                }
                choose::select(&condition.truth(len), &then, &otherwise, set.ty, len)
            }
            Op::Default { value, default } => {
                choose::default(&self.read(*value, frame), &self.read(*default, frame), set.ty, len)
            }
            Op::IsPresent(register) => {
                let value = self.read(*register, frame);
                let rows = if value.is_constant() { 1 } else { len };
                let bits = Column::bits(choose::is_present(&value, rows));
                return if value.is_constant() { Datum::Constant(bits) } else { Datum::Column(bits) };
            }
            Op::Reduce { from, mask, reduction } => self.reduce(set, *from, *mask, reduction, frame),
            Op::Top { parent, mask, key, count, descending } => {
                Column::bits(self.top(set.domain, (*parent, *mask), *key, (*count, *descending), frame))
            }
            Op::Sequence(steps) => Column::bits(self.sequence(set, steps, frame)),
            Op::Sample { threshold, salt } => Column::bits(self.sample(*threshold, salt)),
            Op::Membership(segment) => {
                let found = self.members.get(*segment as usize).and_then(|members| members.blocks.get(self.index));
                Column::bits(found.cloned().unwrap_or_else(|| Bitmap::filled(len, false)))
            }
            Op::ProfileId => {
                let ids = self.block().ids.clone();
                let codes = Codes::identity(ids.len());
                Column::present(Data::Text { codes, dictionary: Arc::new(Dictionary::new(ids)) })
            }
        };
        let fits = column.data.fits(set.ty) && column.len() == len;
        Datum::Column(if fits { column } else { Column::absent(set.ty, len) })
    }

    fn read(&self, register: Register, frame: &Frame<'_, 'd>) -> Datum {
        frame.read(register).cloned().unwrap_or_else(|| Datum::Constant(Column::absent(&Ty::Bool, 1)))
    }

    /// A field of the records of a domain.
    pub fn column(&self, domain: DomainId, path: &FieldPath, frame: &Frame<'_, 'd>) -> Column {
        let nothing = || Column::absent(&Ty::Bool, 0);
        let Some(rows) = frame.rows(domain) else { return nothing() };
        if let Record::Ordered(events) = &rows.record
            && is_time(path)
        {
            return Column::present(Data::Int(events.by_profile_time.clone()));
        }
        if let (Source::Values(values), true) = (&rows.source, path.is_empty()) {
            return at_records(values, &rows.record, rows.len);
        }
        let column = self.table_of(&rows.source).and_then(|table| table.columns.get(path));
        column.map_or_else(nothing, |column| at_records(column, &rows.record, rows.len))
    }

    /// The keys of entries or groups.
    fn key(&self, domain: DomainId, frame: &Frame<'_, 'd>) -> Column {
        let nothing = || Column::absent(&Ty::Bool, 0);
        let Some(rows) = frame.rows(domain) else { return nothing() };
        match &rows.source {
            Source::Child(child) => {
                child.keys.as_ref().map_or_else(nothing, |keys| at_records(keys, &rows.record, rows.len))
            }
            Source::Groups(keys) => at_records(keys, &rows.record, rows.len),
            Source::Profiles | Source::Events | Source::Values(_) | Source::Nothing => nothing(),
        }
    }

    /// A field of the objects of a class by their keys.
    fn related(&self, set: &Set<'_>, class: &Arc<str>, key: &Datum, path: &FieldPath, len: usize) -> Column {
        let Some(class) = self.data.classes.get(class) else { return Column::absent(set.ty, len) };
        let Some(column) = class.table.columns.get(path) else { return Column::absent(set.ty, len) };
        let keys = key.expand(len);
        let rows: Vec<u32> = match &keys.data {
            Data::Text { codes, dictionary } => {
                let known = match self.cache.is_shared(dictionary) {
                    true => class.known_rows_of(dictionary),
                    false => class.rows_of(dictionary),
                };
                codes.to_vec().into_iter().map(|code| known.get(code as usize).copied().unwrap_or(ABSENT)).collect()
            }
            Data::Int(values) => values.iter().map(|value| class.row(&value.to_string())).collect(),
            _ => vec![ABSENT; len],
        };
        let found = column.take(&rows);
        match &keys.valid {
            None => found,
            Some(valid) => found.only(valid),
        }
    }

    fn gather(&self, set: &Set<'_>, register: Register, frame: &Frame<'_, 'd>) -> Datum {
        match (self.read(register, frame), set.from) {
            (Datum::Column(column), Some(from)) => {
                Datum::Column(column.take(&frame.map(self.loaded, set.domain, from)))
            }
            (value, _) => value,
        }
    }

    fn test(&self, set: &Set<'_>, args: &[Datum], len: usize) -> Datum {
        let Op::Test { op, negated, ignoring_case, .. } = set.op else { return never(len) };
        let run = |args: &[Datum], len: usize| kernels::test(*op, *negated, *ignoring_case, &set.prepared, args, len);
        if args.iter().all(Datum::is_constant) {
            return Datum::Constant(Column::bits(run(args, 1)));
        }
        if let Some(decided) = set.window.as_ref().and_then(|window| self.decided(window)) {
            return Datum::Constant(Column::bits(Bitmap::filled(1, decided)));
        }
        let over_rows = || Datum::Column(Column::bits(run(args, len)));
        let Some((at, codes, dictionary)) = one_text(args) else { return over_rows() };
        if !self.cache.pays(dictionary, len) {
            return over_rows();
        }
        let slot = self.cache.get(set.id, dictionary, || {
            Memo::Chosen(Chosen::new(&run(&over_dictionary(args, at, dictionary), dictionary.len())))
        });
        let Some(Memo::Chosen(chosen)) = slot.get() else { return never(len) };
        let Some(bits) = chosen.rows(codes) else { return Datum::Constant(Column::bits(Bitmap::filled(1, false))) };
        Datum::Column(Column::bits(match &args[at].column().valid {
            None => bits,
            Some(valid) => bits.and(valid),
        }))
    }

    /// What a comparison of the times of events with an instant comes to for all of the block's, if it is one thing.
    fn decided(&self, window: &Window) -> Option<bool> {
        let (first, last) = self.times_of(window.event_type.as_deref())?;
        let (from, until) = (window.from.unwrap_or(i64::MIN), window.until.unwrap_or(i64::MAX));
        let all = first >= from && (last < until || window.until.is_none());
        let none = last < from || window.until.is_some_and(|until| first >= until);
        if all { Some(true) } else { none.then_some(false) }
    }

    pub fn call(&self, set: &Set<'_>, args: &[Datum], len: usize) -> Datum {
        let Op::Call { func, .. } = set.op else { return Datum::Column(Column::absent(set.ty, len)) };
        let context = Context { zone: &self.loaded.zone, week_start: self.loaded.program.settings.week_start };
        let types: Vec<&Ty> = set.types.iter().collect();
        let run = |args: &[Datum], len: usize| kernels::call(*func, &set.prepared, args, &types, set.ty, context, len);
        if args.iter().all(Datum::is_constant) {
            return Datum::Constant(run(args, 1));
        }
        let Some((at, codes, dictionary)) = one_text(args) else { return Datum::Column(run(args, len)) };
        let slot = self
            .cache
            .get(set.id, dictionary, || Memo::Column(run(&over_dictionary(args, at, dictionary), dictionary.len())));
        let Some(Memo::Column(known)) = slot.get() else { return Datum::Column(Column::absent(set.ty, len)) };
        let column = known.take(&codes.to_vec());
        Datum::Column(match &args[at].column().valid {
            None => column,
            Some(valid) => column.only(valid),
        })
    }

    fn reduce(
        &self,
        set: &Set<'_>,
        from: DomainId,
        register: Option<Register>,
        reduction: &Reduction,
        frame: &Frame<'_, 'd>,
    ) -> Column {
        let len = frame.len(from);
        if let (Reduction::Any, Some(Some(given))) = (reduction, set.masks.first())
            && let Some(bits) = self.any_since(from, given, frame)
        {
            return Column::bits(bits);
        }
        if let (Some(path), Reduction::First { ties, .. } | Reduction::Last { ties, .. }) = (set.ends, reduction)
            && let Some(picked) = self.end_of_profiles(set, path, ties.is_some(), frame)
        {
            return picked;
        }
        let (bounds, runs, mask);
        let segments = match set.masks.first() {
            Some(Some(given)) => {
                (runs, mask) = self.masked(from, given, frame);
                runs.segments()
            }
            _ => {
                bounds = frame.bounds(self.loaded, set.domain, from);
                mask = self.mask_of(register, from, frame);
                Segments::between(&bounds.at)
            }
        };
        if let (Some(since), Some(Some(given))) = (&set.since, set.masks.first()) {
            return self.count_since(set, since, &self.masked(from, given, frame).0, frame);
        }
        let mask = mask.as_ref();
        let last = matches!(reduction, Reduction::Last { .. });
        let value = |register: &Register| self.read(*register, frame).expand(len);
        match reduction {
            Reduction::Any => Column::bits(reduce::any(mask, segments)),
            Reduction::Count => reduce::count(mask, segments),
            Reduction::CountDistinct(n) => self.count_distinct(set, (*n, from), (mask, segments), frame),
            Reduction::CountPresent(n) => reduce::count_present(&value(n), mask, segments),
            Reduction::Sum(n) => reduce::sum(&value(n), mask, segments, set.ty),
            Reduction::Min(n) => reduce::extreme(&value(n), mask, segments, false),
            Reduction::Max(n) => reduce::extreme(&value(n), mask, segments, true),
            Reduction::Mean(n) => reduce::mean(&value(n), mask, segments),
            Reduction::First { ties, .. } | Reduction::Last { ties, .. } if set.late.is_some() => {
                let ties = ties.map(|ties| value(&ties));
                self.end_of_records(set, from, (mask, segments), last, ties.as_ref(), frame)
            }
            Reduction::First { value: n, ties } => {
                let ties = ties.filter(|ties| ties != n).map(|ties| value(&ties));
                reduce::end(&value(n), mask, segments, false, ties.as_ref())
            }
            Reduction::Last { value: n, ties } => {
                // Simultaneous events have the same time.
                let ties = ties.filter(|ties| ties != n).map(|ties| value(&ties));
                reduce::end(&value(n), mask, segments, true, ties.as_ref())
            }
            Reduction::List(n) => reduce::list(&value(n), mask, segments),
        }
    }

    /// How many distinct values; of those that ascend, which is found out once for all windows, by where they change.
    fn count_distinct(
        &self,
        set: &Set<'_>,
        (value, from): (Register, DomainId),
        (mask, segments): (Option<&Bitmap>, Segments<'_>),
        frame: &Frame<'_, 'd>,
    ) -> Column {
        let values = self.read(value, frame).expand(frame.len(from));
        let ascending = || Steps::new(&values, Segments::between(&frame.bounds(self.loaded, set.domain, from).at));
        match (mask.is_none() && set.domain == DomainId::PROFILES).then(|| frame.steps(value, ascending)).flatten() {
            Some(steps) => steps.distinct(segments),
            None => reduce::count_distinct(&values, mask, segments),
        }
    }

    /// The first or last value of a field of all events of each profile, or of those in a window, by what the store has of the
    /// first or last event. `None` where that does not tell: from here on the order of the events is read.
    fn end_of_profiles(&self, set: &Set<'_>, path: &FieldPath, by_time: bool, frame: &Frame<'_, 'd>) -> Option<Column> {
        let block = self.block();
        let ends = block.events.ends.as_ref()?;
        let last = matches!(set.op, Op::Reduce { reduction: Reduction::Last { .. }, .. });
        let (profiles, first) = (block.ids.len(), if last { block.ids.len() } else { 0 });
        let (rows, times) = (ends.rows.slice(first, profiles), ends.times.slice(first, profiles));
        let mask = set.masks.first().and_then(Option::as_ref);
        let instant = |cut: Option<usize>| cut.and_then(|cut| frame.instant(cut)).map(|cut| cut.instant);
        let from = mask.and_then(|mask| instant(mask.from)).unwrap_or(i64::MIN);
        let until = mask.and_then(|mask| instant(mask.until)).unwrap_or(i64::MAX);
        let known =
            Bitmap::from_fn(profiles, |profile| rows[profile] != NO_ROW && (from..until).contains(&times[profile]));
        let column = if is_time(path) { None } else { Some(block.events.table.columns.get(path)?) };
        let is_open = |profile: usize| {
            let is_absent = |column: &Column| column.valid.as_ref().is_some_and(|v| !v.get(rows[profile] as usize));
            let is_shared = by_time && ends.shared.get(first + profile).is_some_and(|&shared| shared != 0);
            match known.get(profile) {
                true => column.is_some_and(|column| is_shared || is_absent(column)),
                // Another event may be the last one before that.
                false => last && rows[profile] != NO_ROW && times[profile] >= until,
            }
        };
        if (0..profiles).any(is_open) {
            let order = EventReads { by_profile: true, times_in_order: true, ..EventReads::default() };
            return (!self.looked.is_sound(block.check(&order))).then(|| Column::absent(set.ty, profiles));
        }
        let valid = (!known.is_filled()).then_some(known);
        Some(match (column, valid) {
            (None, valid) => Column { data: Data::Int(times), valid },
            (Some(column), None) => column.take(&rows),
            (Some(column), Some(valid)) => column.take(&rows).only(&valid),
        })
    }

    /// The first or last value of a field of the records that rows have, without the values of all others.
    fn end_of_records(
        &self,
        set: &Set<'_>,
        from: DomainId,
        (mask, segments): (Option<&Bitmap>, Segments<'_>),
        last: bool,
        ties: Option<&Column>,
        frame: &Frame<'_, 'd>,
    ) -> Column {
        let absent = || Column::absent(set.ty, segments.len());
        let (Some(path), Some(rows)) = (set.late, frame.rows(from)) else { return absent() };
        let table =
            self.table_of(&rows.source).filter(|_| !(matches!(rows.record, Record::Ordered(_)) && is_time(path)));
        let Some(table) = table else {
            let column = self.column(from, path, frame);
            return if column.len() == rows.len { reduce::end(&column, mask, segments, last, ties) } else { absent() };
        };
        let Some(column) = table.columns.get(path) else { return absent() };
        let record = rows.record.view();
        reduce::end_at(column, |row| record.get(row) as usize, mask, segments, last, ties)
    }

    /// Where the records of a source stand.
    fn table_of(&self, source: &Source<'d>) -> Option<&'d Table> {
        match source {
            Source::Profiles => Some(&self.block().profiles),
            Source::Events => Some(&self.block().events.table),
            Source::Child(child) => Some(&child.table),
            Source::Values(_) | Source::Groups(_) | Source::Nothing => None,
        }
    }

    /// The rows with the largest or smallest keys of each segment.
    fn top(
        &self,
        domain: DomainId,
        (parent, mask): (DomainId, Option<Register>),
        key: Register,
        (count, descending): (u64, bool),
        frame: &Frame<'_, 'd>,
    ) -> Bitmap {
        let len = frame.len(domain);
        let keys = self.read(key, frame).expand(len);
        let mask = self.mask(mask, len, frame);
        let bounds = frame.bounds(self.loaded, parent, domain);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let mut words = vec![0u64; len.div_ceil(64)];
        for pair in bounds.at.windows(2) {
            let rows = (pair[0]..pair[1]).filter(|&row| mask.as_ref().is_none_or(|mask| mask.get(row as usize)));
            for row in sorted_rows(&keys, rows, descending).into_iter().take(count) {
                words[row as usize / 64] |= 1 << (row % 64);
            }
        }
        Bitmap::from_words(words, len)
    }

    /// The profiles that a stable sample keeps.
    fn sample(&self, threshold: u64, salt: &str) -> Bitmap {
        let ids = &self.block().ids;
        let salted = Md5::new_with_prefix(salt).chain_update(":");
        Bitmap::from_fn(ids.len(), |row| {
            let digest = salted.clone().chain_update(ids.get(row).unwrap_or_default()).finalize();
            let first = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
            u64::from(first) < threshold
        })
    }
}

fn never(len: usize) -> Datum {
    Datum::Column(Column::bits(Bitmap::filled(len, false)))
}

/// A column of a table at the records of rows.
fn at_records(column: &Column, record: &Record<'_>, len: usize) -> Column {
    match record {
        Record::Range(start) => column.slice(*start as usize, len),
        Record::Rows(rows) => column.take(rows),
        Record::Ordered(events) => column.take(&events.by_profile),
    }
}

/// The one argument that is not constant, if it is a text: its place, codes and dictionary.
fn one_text(args: &[Datum]) -> Option<(usize, &Codes, &Arc<Dictionary>)> {
    let mut varying = args.iter().enumerate().filter(|(_, arg)| !arg.is_constant());
    let (at, arg) = varying.next()?;
    match (arg.data(), varying.next()) {
        (Data::Text { codes, dictionary }, None) => Some((at, codes, dictionary)),
        _ => None,
    }
}

/// The arguments with a dictionary's values in the place of the text.
fn over_dictionary(args: &[Datum], at: usize, dictionary: &Arc<Dictionary>) -> Vec<Datum> {
    let codes = Codes::identity(dictionary.len());
    let values = Column::present(Data::Text { codes, dictionary: dictionary.clone() });
    let mut args = args.to_vec();
    args[at] = Datum::Column(values);
    args
}

/// Conjunction (`all`) or disjunction of predicates.
fn connective(args: &[Datum], all: bool, len: usize) -> Datum {
    let mut bits: Option<Bitmap> = None;
    for arg in args {
        if arg.is_constant() {
            if arg.truth(1).get(0) != all {
                return Datum::Constant(Column::bits(Bitmap::filled(1, !all)));
            }
            continue;
        }
        let next = arg.truth(len);
        bits = Some(match bits {
            None => next,
            Some(bits) if all => bits.and(&next),
            Some(bits) => bits.or(&next),
        });
    }
    match bits {
        Some(bits) => Datum::Column(Column::bits(bits)),
        None => Datum::Constant(Column::bits(Bitmap::filled(1, all))),
    }
}

fn negation(arg: &Datum, len: usize) -> Datum {
    if arg.is_constant() {
        return Datum::Constant(Column::bits(arg.truth(1).not()));
    }
    Datum::Column(Column::bits(arg.truth(len).not()))
}
