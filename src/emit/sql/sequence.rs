//! Sequences whose steps do not refer to each other, as window functions over the events of each profile: one pass per
//! positive step, whatever the number of events.
//!
//! For each event, a step asks for the *latest* event at which the steps before it can have been completed: it leaves
//! the shortest gap and has the fewest excluded events behind it, so if any choice fits, that one does. With a least
//! gap it is the latest of those far enough back. Invariant: "before" and "after" are strict in the order of (time, id),
//! or of time alone where events have no ids; frames of groups of peers say exactly that.

use super::scope::{Row, Scope};
use super::{Emitter, Failure, Result};
use crate::plan::{DomainKind, NodeId, Op, SequenceStep};
use crate::sql::dialect::{Dialect, Running};
use crate::sql::tree::{BinaryOp, Cte, Frame as WindowFrame, FrameBound, FrameUnit, Item, Order, Source, Table};
use crate::sql::{Expr, Ident, Select, SqlType};

/// The most passes: a repeated step takes one for each repeat.
const MAX_PASSES: u32 = 50;

/// A chain of queries, each of which adds columns to the one before.
struct Passes<'a> {
    ctes: Vec<Cte>,
    /// Name of each query after the first, numbered.
    name: String,
    columns: Vec<Ident>,
    added: Vec<Item>,
    /// Kept in the next query, then empty.
    filter: Vec<Expr>,
    /// What is true of every row already.
    known: Vec<Expr>,
    /// The columns by which events are in order: their time, and their id where they have one.
    order: Vec<&'static str>,
    /// The unit in which a frame counts the groups of events that are simultaneous.
    peers: FrameUnit,
    dialect: &'a dyn Dialect,
}

/// The number of an event's group in the order, from 1.
const PLACE: &str = "place";

/// What is known of the events of an excluded step around each event, as columns.
enum Excluded<'a> {
    /// When the next of them comes: all that one interval right behind an event needs.
    Next(&'a SequenceStep, Ident),
    /// How many there are up to and with the event, and up to the end of the interval behind it.
    Interval { step: &'a SequenceStep, upto: Ident, within: Ident },
    /// They may not lie between two events.
    Between(Between<'a>),
}

/// An excluded step between two events, or behind the last.
struct Between<'a> {
    step: &'a SequenceStep,
    /// How many there are up to and with an event (or, with a least gap, up to the end of that gap).
    upto: Ident,
    /// How many there are before an event; in all, if nothing follows the step.
    before: Ident,
}

impl<'a> Emitter<'a> {
    /// The queries that give the profiles that match a sequence.
    pub(super) fn sequence_unit(&mut self, unit: usize, node: NodeId) -> Result<Vec<Cte>> {
        let Op::Sequence(steps) = &self.node(node).op else {
            return Err(Failure::Unsupported("a sequence".to_owned()));
        };
        let passes: u32 = steps.iter().filter(|step| !step.negated).map(|step| step.times.max(1)).sum();
        if passes > MAX_PASSES {
            return Err(Failure::Unsupported(format!("a sequence of more than {MAX_PASSES} steps")));
        }
        let name = self.units[unit].name.clone();
        if let Some(select) = self.sequence_funnel(steps)? {
            return Ok(vec![Cte { name, select }]);
        }
        let (mut chain, flags) = self.sequence_events(steps)?;
        let excluded = chain.count_excluded(steps, &flags, self.plan.now)?;
        chain.flush(self);
        let reached = chain.run(self, steps, &flags, &excluded, self.plan.now)?;
        let (mut ctes, filter) = (chain.ctes, reached);
        let Some(last) = ctes.last().map(|cte| cte.name.clone()) else { return Ok(ctes) };
        let select = Select {
            distinct: true,
            items: vec![Item { expr: column("profile_id"), alias: None }],
            from: Some(table(&last)),
            filter,
            ..Select::default()
        };
        ctes.push(Cte { name, select });
        Ok(ctes)
    }

    /// The events of all steps, with a flag for each step.
    fn sequence_events(&mut self, steps: &[SequenceStep]) -> Result<(Passes<'a>, Vec<Expr>)> {
        let event = Ident::generated("e");
        let mut frame = self.events_frame(&event);
        let conditions: Vec<Vec<NodeId>> =
            steps.iter().map(|step| step.mask.into_iter().flat_map(|mask| self.conjuncts(mask)).collect()).collect();
        for (step, conditions) in steps.iter().zip(&conditions) {
            let row = self.base(step.events);
            if conditions.iter().any(|&node| !self.analysis.of(node).is_plain(row)) {
                return Err(Failure::Unsupported("a step that compares its event with other events".to_owned()));
            }
        }
        let all: Vec<&[NodeId]> = conditions.iter().map(Vec::as_slice).collect();
        let from_first = steps.first().is_some_and(|first| !first.negated);
        let bounds = if from_first { self.bounds_from_first(&all) } else { self.time_bounds(&all, &[]) };
        let mut types: Vec<&str> = Vec::new();
        let mut any_type = false;
        let (mut flags, mut names): (Vec<Expr>, Vec<Ident>) = (vec![], vec![]);
        let mut tests = Vec::new();
        let time = self.time_of(&event)?;
        for (step, conditions) in steps.iter().zip(&conditions) {
            let row = self.base(step.events);
            let event_type = match &self.plan.domains[row.0 as usize].kind {
                DomainKind::Events { event_type } => event_type.as_deref(),
                _ => return Err(Failure::Unsupported("a step over what is no event".to_owned())),
            };
            match event_type {
                Some(name) if !types.contains(&name) => types.push(name),
                Some(_) => {}
                None => any_type = true,
            }
            let scope = Scope::default().with(row, Row::Event(event.clone()));
            let conditions = self.conditions(&mut frame, &scope, conditions)?;
            tests.push((event_type, conditions));
        }
        let common: Vec<Expr> = match tests.split_first() {
            Some(((_, first), rest)) => {
                first.iter().filter(|test| rest.iter().all(|(_, others)| others.contains(test))).cloned().collect()
            }
            None => vec![],
        };
        let bounds = bounds.into_iter().map(|bound| bound.over(time.clone()));
        let bounds: Vec<Expr> = bounds.filter(|bound| !common.contains(bound)).collect();
        let mut narrower = false;
        for (event_type, conditions) in tests {
            let mut all = self.of_type(&event, event_type)?;
            let typed = all.len();
            all.extend(conditions.into_iter().filter(|test| !common.contains(test) && !bounds.contains(test)));
            narrower |= all.len() > typed;
            let flag = Expr::and(all);
            let name = match flags.iter().position(|known| *known == flag) {
                Some(known) => names[known].clone(),
                None => self.names.fresh(&format!("is_{}", super::names::singular(&super::event_name(event_type)))),
            };
            flags.push(flag);
            names.push(name);
        }
        let scope = Scope::default();
        let id = self.profile_id(&frame)?;
        let mut items = vec![
            Item { expr: id, alias: Some(Ident::generated("profile_id")) },
            Item { expr: self.dialect.micros(time.clone())?, alias: Some(Ident::generated("micros")) },
        ];
        let row = steps.first().map(|step| self.base(step.events));
        let event_id = match row {
            Some(row) => self.event_id(&scope.with(row, Row::Event(event.clone())), row)?,
            None => None,
        };
        let has_ids = event_id.is_some();
        let event_id = event_id.map(|id| self.dialect.by_code_point(id)).transpose()?;
        items.extend(event_id.map(|expr| Item { expr, alias: Some(Ident::generated("event_id")) }));
        for (flag, name) in flags.iter().zip(&names) {
            if !items.iter().any(|item| item.alias.as_ref() == Some(name)) {
                items.push(Item { expr: flag.clone(), alias: Some(name.clone()) });
            }
        }
        let mut filter = Vec::new();
        if !any_type {
            let column = self.at(&event, &self.layout.event_type, &SqlType::Text)?;
            filter.push(match types.as_slice() {
                [only] => column.eq(Expr::text(*only)),
                _ => Expr::In { expr: Box::new(column), list: types.iter().map(|name| Expr::text(*name)).collect() },
            });
        }
        filter.extend(bounds);
        filter.extend(common);
        let columns: Vec<Ident> = items.iter().filter_map(|item| item.alias.clone()).collect();
        let mut select = Select { items, filter, ..Select::default() };
        self.finish(frame, &mut select)?;
        let name = self.names.fresh("sequence_events");
        let flags: Vec<Expr> = names.iter().map(|name| column(name.text())).collect();
        let relevant = any_of(flags.iter());
        // The scan has asked for the types and what is common; a step that asks for nothing else is met by its row.
        let scanned = !any_type && !narrower;
        let (filter, known) = if scanned { (vec![], vec![relevant]) } else { (vec![relevant], vec![]) };
        let mut chain = Passes {
            ctes: vec![Cte { name, select }],
            name: "sequence_pass".to_owned(),
            columns,
            added: vec![],
            filter,
            known,
            order: if has_ids { vec!["micros", "event_id"] } else { vec!["micros"] },
            peers: FrameUnit::Groups,
            dialect: self.dialect,
        };
        self.dialect.can_frame_peers()?;
        match (self.dialect.abilities().peer_frames, has_ids) {
            (true, _) => {}
            (false, true) => chain.number_peers(self),
            // One microsecond apart is what no peers are.
            (false, false) => chain.peers = FrameUnit::Range,
        }
        Ok((chain, flags))
    }
}

impl Passes<'_> {
    /// Adds a column to the next query.
    fn add(&mut self, name: &str, expr: Expr) -> Ident {
        let taken = |name: &str, this: &Self| {
            this.columns.iter().any(|column| column.text() == name)
                || this.added.iter().any(|item| item.alias.as_ref().is_some_and(|alias| alias.text() == name))
        };
        let mut unique = name.to_owned();
        let mut number = 2;
        while taken(&unique, self) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        let ident = Ident::generated(&unique);
        self.added.push(Item { expr, alias: Some(ident.clone()) });
        ident
    }

    /// Numbers the groups of simultaneous events, so that a frame can count them by that number.
    fn number_peers(&mut self, emitter: &mut Emitter) {
        let number = window(Expr::call("dense_rank", []), self.order.iter().map(|name| column(name)), None);
        self.add(PLACE, number);
        self.flush(emitter);
        self.order = vec![PLACE];
        self.peers = FrameUnit::Range;
    }

    /// Ends the query that adds the columns asked for.
    fn flush(&mut self, emitter: &mut Emitter) {
        if self.added.is_empty() {
            return;
        }
        let Some(last) = self.ctes.last().map(|cte| cte.name.clone()) else { return };
        let kept = self.columns.iter().map(|name| Item { expr: column(name.text()), alias: Some(name.clone()) });
        let items: Vec<Item> = kept.chain(self.added.drain(..)).collect();
        self.columns = items.iter().filter_map(|item| item.alias.clone()).collect();
        let filter = std::mem::take(&mut self.filter);
        self.known.extend(filter.iter().cloned());
        let name = emitter.names.fresh(&self.name);
        self.ctes.push(Cte { name, select: Select { items, from: Some(table(&last)), filter, ..Select::default() } });
    }

    /// Counts the events of the excluded steps around each event.
    fn count_excluded<'a>(
        &mut self,
        steps: &'a [SequenceStep],
        flags: &[Expr],
        now: i64,
    ) -> Result<Vec<Option<Excluded<'a>>>> {
        let mut positive_before = false;
        let mut all = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            if !step.negated {
                positive_before = true;
                all.push(None);
                continue;
            }
            let flag = flags[index].clone();
            let is_last = steps[index..].iter().all(|step| step.negated);
            // Behind the last positive step, nothing later than now counts.
            let flag = if is_last && step.within.is_none() {
                Expr::and([flag, column("micros").binary(BinaryOp::Le, Expr::int(now))])
            } else {
                flag
            };
            let interval = step.within.filter(|_| positive_before);
            let at_least = step.at_least.filter(|&gap| gap > 0);
            let excluded = match interval {
                Some(_) if step.times <= 1 && at_least.is_none() => {
                    let next = Expr::aggregate("min", [column("micros").when(flag)], vec![]);
                    Excluded::Next(step, self.add("next_excluded", self.after(next)))
                }
                _ => {
                    let counted = Expr::int(1).when(flag);
                    let count = Expr::aggregate("count", [counted.clone()], vec![]);
                    let upto = match at_least {
                        Some(gap) => self.until(Running::Count, counted.clone(), gap - 1)?,
                        None => self.in_order(count.clone(), FrameBound::CurrentRow),
                    };
                    let upto = self.add("excluded_upto", upto);
                    match interval {
                        Some(gap) => {
                            let within = self.until(Running::Count, counted, gap)?;
                            Excluded::Interval { step, upto, within: self.add("excluded_within", within) }
                        }
                        None => {
                            let end = if is_last { FrameBound::UnboundedFollowing } else { FrameBound::Preceding(1) };
                            let before = self.in_order(count, end);
                            Excluded::Between(Between { step, upto, before: self.add("excluded_before", before) })
                        }
                    }
                }
            };
            all.push(Some(excluded));
        }
        Ok(all)
    }

    /// Runs the steps; gives the conditions on the last query's rows that say that the sequence is complete.
    fn run(
        &mut self,
        emitter: &mut Emitter,
        steps: &[SequenceStep],
        flags: &[Expr],
        excluded: &[Option<Excluded>],
        now: i64,
    ) -> Result<Vec<Expr>> {
        // The conditions under which a row completes the steps so far.
        let mut reached: Option<Vec<Expr>> = None;
        let mut pending: Vec<&Between> = Vec::new();
        for (index, ((step, flag), excluded)) in steps.iter().zip(flags).zip(excluded).enumerate() {
            match (excluded, &mut reached) {
                (Some(Excluded::Between(between)), _) => pending.push(between),
                (Some(Excluded::Next(step, next)), Some(reached)) => {
                    reached.extend(ended(step, now));
                    let later = column(next.text()).binary(BinaryOp::Sub, column("micros"));
                    let later = later.binary(BinaryOp::Gt, Expr::int(step.within.unwrap_or_default()));
                    reached.push(Expr::or([column(next.text()).is_null(), later]));
                }
                (Some(Excluded::Interval { step, upto, within }), Some(reached)) => {
                    reached.extend(ended(step, now));
                    let count = column(within.text()).binary(BinaryOp::Sub, column(upto.text()));
                    reached.push(few(step, count));
                }
                // An interval is asked for only behind a positive step.
                (Some(Excluded::Next(..) | Excluded::Interval { .. }), None) => {}
                (None, _) => {
                    let between = std::mem::take(&mut pending);
                    let mut wanted: Vec<Expr> = Vec::new();
                    for (later, flag) in steps.iter().zip(flags).skip(index) {
                        if !later.negated && !wanted.contains(flag) {
                            wanted.push(flag.clone());
                        }
                    }
                    reached = Some(self.positive(emitter, step, flag, &wanted, reached.take(), &between)?);
                }
            }
        }
        let mut all = reached.unwrap_or_default();
        all.extend(pending.into_iter().map(|excluded| excluded.fewer(column(excluded.upto.text()))));
        Ok(all)
    }

    /// The conditions under which a row completes a positive step.
    fn positive(
        &mut self,
        emitter: &mut Emitter,
        step: &SequenceStep,
        flag: &Expr,
        wanted: &[Expr],
        before: Option<Vec<Expr>>,
        between: &[&Between],
    ) -> Result<Vec<Expr>> {
        let mut all = vec![flag.clone()];
        let mut since = None;
        match before {
            None => all.extend(between.iter().map(|excluded| excluded.fewer(Expr::int(0)))),
            Some(before) => {
                let before = Expr::and(before);
                self.keep(&before, wanted);
                let at_least = step.at_least.filter(|&gap| gap > 0);
                let latest = |this: &mut Self, value: Expr, name: &str| {
                    let value = value.when(before.clone());
                    let window = match at_least {
                        Some(gap) => this.until(Running::Max, value, -gap)?,
                        None => this.in_order(Expr::aggregate("max", [value], vec![]), FrameBound::Preceding(1)),
                    };
                    Result::Ok(column(this.add(name, window).text()))
                };
                let previous = latest(self, column("micros"), "previous_micros")?;
                let counts: Vec<Expr> = between
                    .iter()
                    .map(|excluded| latest(self, column(excluded.upto.text()), "excluded_by_previous"))
                    .collect::<Result<_>>()?;
                self.flush(emitter);
                all.extend(within(&previous, step.within));
                all.extend(between.iter().zip(counts).map(|(excluded, count)| excluded.fewer(count)));
                since = Some(previous);
            }
        }
        for _ in 1..step.times {
            let start = since.clone().unwrap_or_else(|| column("micros"));
            let so_far = Expr::and(all);
            self.keep(&so_far, wanted);
            let carried = Expr::aggregate("max", [start.when(so_far)], vec![]);
            let carried = self.in_order(carried, FrameBound::Preceding(1));
            let carried = column(self.add("repeat_since", carried).text());
            self.flush(emitter);
            all = vec![flag.clone()];
            all.extend(within(&carried, step.within.filter(|_| since.is_some())));
            since = since.map(|_| carried);
        }
        Ok(all)
    }

    /// Keeps the rows that complete the steps so far, and those that a later step may want.
    fn keep(&mut self, so_far: &Expr, wanted: &[Expr]) {
        let kept = any_of(std::iter::once(so_far).chain(wanted));
        if self.filter.is_empty() && !wanted.contains(so_far) && !self.known.contains(&kept) {
            self.filter = vec![kept];
        }
    }

    /// A window over a profile's events in their order, from the first to a bound counted in peers.
    fn in_order(&self, function: Expr, end: FrameBound) -> Expr {
        self.ordered(function, FrameBound::UnboundedPreceding, end)
    }

    /// A window over the events that come later.
    fn after(&self, function: Expr) -> Expr {
        self.ordered(function, FrameBound::Following(1), FrameBound::UnboundedFollowing)
    }

    fn ordered(&self, function: Expr, start: FrameBound, end: FrameBound) -> Expr {
        let order_by = self.order.iter().map(|name| column(name));
        window(function, order_by, Some(WindowFrame { unit: self.peers, start, end }))
    }

    /// A window over a profile's events from the first to a time, in microseconds from each.
    fn until(&self, aggregate: Running, value: Expr, until: i64) -> Result<Expr> {
        Ok(self.dialect.by_time(aggregate, value, column("micros"), column("profile_id"), until)?)
    }
}

impl Between<'_> {
    /// Fewer of them than allowed between two events, the earlier of which has `upto` behind it.
    fn fewer(&self, upto: Expr) -> Expr {
        let before = column(self.before.text());
        few(self.step, if let Expr::Literal(_) = upto { before } else { before.binary(BinaryOp::Sub, upto) })
    }
}

/// Fewer of a step's events than exclude.
fn few(step: &SequenceStep, count: Expr) -> Expr {
    if step.times <= 1 {
        // An interval that ends before it begins holds none.
        return count.binary(BinaryOp::Le, Expr::int(0));
    }
    count.binary(BinaryOp::Lt, Expr::int(i64::from(step.times)))
}

/// The interval behind an event has ended by now.
fn ended(step: &SequenceStep, now: i64) -> Option<Expr> {
    let gap = step.within?;
    Some(match now.checked_sub(gap) {
        Some(latest) => column("micros").binary(BinaryOp::Le, Expr::int(latest)),
        None => Expr::bool(false),
    })
}

/// True where one of some flags is.
fn any_of<'a>(flags: impl Iterator<Item = &'a Expr>) -> Expr {
    let mut distinct: Vec<Expr> = Vec::new();
    for flag in flags {
        if !distinct.contains(flag) {
            distinct.push(flag.clone());
        }
    }
    Expr::or(distinct)
}

/// The row comes at most so long after an earlier one; after one at all, without a limit.
fn within(earlier: &Expr, limit: Option<i64>) -> Vec<Expr> {
    vec![match limit {
        Some(limit) => column("micros").binary(BinaryOp::Sub, earlier.clone()).binary(BinaryOp::Le, Expr::int(limit)),
        None => earlier.clone().is_present(),
    }]
}

fn window(function: Expr, order_by: impl IntoIterator<Item = Expr>, frame: Option<WindowFrame>) -> Expr {
    let order = |expr| Order { expr, descending: false, nullable: false };
    Expr::Window {
        function: Box::new(function),
        partition_by: vec![column("profile_id")],
        order_by: order_by.into_iter().map(order).collect(),
        frame,
    }
}

/// A column of the query before.
fn column(name: &str) -> Expr {
    Expr::column(&Ident::generated("s"), &Ident::generated(name))
}

fn table(name: &Ident) -> Table {
    Table { source: Source::Named(vec![name.clone()]), alias: Ident::generated("s") }
}
