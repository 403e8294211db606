//! Sequences against a search over all choices of events, on thousands of random small cases.

use segc::builtins::{Func, Test};
use segc::bytecode::{self, Instruction};
use segc::plan::{DomainKind, Op, SequenceStep};
use segc::types::{Ty, Type, Value};

use super::data::{Event, NOW, PROFILES, Person, Random, Sketch, members};

const KINDS: [&str; 3] = ["a", "b", "c"];

/// A step as it is written.
#[derive(Debug, Clone)]
struct Step {
    negated: bool,
    times: u32,
    /// `None` for events of all types.
    kind: Option<&'static str>,
    /// Only events with an amount of at least this.
    least: Option<i64>,
    within: Option<i64>,
    at_least: Option<i64>,
}

fn counts(step: &Step, event: &Event) -> bool {
    let amount = event.fields.iter().find_map(|(_, value)| if let Value::Int(v) = value { Some(*v) } else { None });
    step.kind.is_none_or(|kind| kind == event.kind) && step.least.is_none_or(|least| amount.is_some_and(|v| v >= least))
}

fn key(event: &Event) -> (i64, i64) {
    (event.time, event.id)
}

/// Whether a choice of events fits, by trying all.
fn search(steps: &[Step], events: &[Event]) -> bool {
    fits(steps, events, None, &[])
}

/// The steps still to match, after a positive event and the excluded steps since it.
fn fits(steps: &[Step], events: &[Event], last: Option<&Event>, pending: &[&Step]) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        // Nothing more comes: what is excluded must not come up to the end.
        return pending.iter().all(|excluded| few(excluded, events, last, None));
    };
    if step.negated {
        return match (last, step.within) {
            (Some(last), Some(within)) => {
                let ended = last.time + within <= NOW;
                ended && few(step, events, Some(last), Some(within)) && fits(rest, events, Some(last), pending)
            }
            _ => fits(rest, events, last, &[pending, &[step]].concat()),
        };
    }
    repeats(step, step.times, rest, events, (last, last), pending)
}

/// Chooses `left` more events of a step; `last.0` is the event before, `last.1` the one that gaps are measured from.
fn repeats(
    step: &Step,
    left: u32,
    rest: &[Step],
    events: &[Event],
    last: (Option<&Event>, Option<&Event>),
    pending: &[&Step],
) -> bool {
    events.iter().filter(|event| counts(step, event)).any(|event| {
        let later = last.0.is_none_or(|last| key(event) > key(last));
        let gap = last.1.is_none_or(|since| {
            let gap = event.time - since.time;
            step.within.is_none_or(|within| gap <= within) && step.at_least.is_none_or(|least| gap >= least)
        });
        let clear = pending.iter().all(|excluded| {
            let between = events.iter().filter(|other| {
                counts(excluded, other)
                    && key(other) < key(event)
                    && last.1.is_none_or(|since| {
                        key(other) > key(since)
                            && excluded.at_least.is_none_or(|least| other.time - since.time >= least)
                    })
            });
            between.count() < excluded.times as usize
        });
        later
            && gap
            && clear
            && if left == 1 {
                fits(rest, events, Some(event), &[])
            } else {
                // What is excluded is excluded up to the first of the repeats.
                repeats(step, left - 1, rest, events, (Some(event), last.1), &[])
            }
    })
}

/// Whether fewer events of an excluded step than it takes come after an event, in a gap if given.
fn few(step: &Step, events: &[Event], last: Option<&Event>, within: Option<i64>) -> bool {
    let found = events.iter().filter(|event| {
        counts(step, event)
            && last.is_none_or(|last| {
                let gap = event.time - last.time;
                key(event) > key(last)
                    && within.is_none_or(|within| gap <= within)
                    && step.at_least.is_none_or(|least| gap >= least)
            })
    });
    found.count() < step.times as usize
}

fn random_steps(random: &mut Random) -> Vec<Step> {
    let mut steps: Vec<Step> = (0..1 + random.below(5))
        .map(|_| {
            let negated = random.chance(35);
            let gap = |random: &mut Random| random.chance(35).then(|| random.below(5) as i64);
            Step {
                negated,
                times: if random.chance(25) { 1 + random.below(3) as u32 } else { 1 },
                kind: random.chance(85).then(|| KINDS[random.below(3) as usize]),
                least: random.chance(30).then(|| random.below(3) as i64),
                within: gap(random),
                at_least: gap(random),
            }
        })
        .collect();
    if steps.iter().all(|step| step.negated) {
        steps[0].negated = false;
    }
    steps
}

fn random_people(random: &mut Random, ids: bool) -> Vec<Person> {
    (0..24)
        .map(|at| {
            let events = (0..random.below(9)).map(|id| Event {
                kind: KINDS[random.below(3) as usize],
                // Some intervals have not ended by now.
                time: NOW - 10 + random.below(10) as i64,
                id: if ids { id as i64 } else { 0 },
                fields: vec![("amount", Value::Int(random.below(4) as i64))],
                items: vec![],
            });
            Person { id: format!("p{at:02}"), events: events.collect(), ..Person::default() }
        })
        .collect()
}

fn sequence(sketch: &mut Sketch, steps: &[Step]) -> segc::plan::NodeId {
    let steps: Vec<SequenceStep> = steps
        .iter()
        .map(|step| {
            let mut events = sketch.events(PROFILES, step.kind);
            let amount = sketch.column(events, "amount");
            let mut mask = step.least.map(|least| {
                let least = sketch.int(least);
                sketch.test(Test::Ge, amount, least)
            });
            // Half of the filters as a domain of their own.
            if let (Some(1), Some(test)) = (step.least, mask) {
                events = sketch.domain(events, DomainKind::Filter { mask: test });
                mask = None;
            }
            SequenceStep {
                negated: step.negated,
                times: step.times,
                events,
                mask,
                within: step.within,
                at_least: step.at_least,
                span: None,
            }
        })
        .collect();
    sketch.graph.node(Op::Sequence(steps.into()), PROFILES, Type::BOOL)
}

#[test]
fn sequences_agree_with_a_search_over_all_choices() {
    let mut matches = [0usize; 2];
    for round in 0..120 {
        let mut random = Random(round * 104_729 + 1);
        let ids = random.chance(60);
        let people = random_people(&mut random, ids);
        let many: Vec<Vec<Step>> = (0..12).map(|_| random_steps(&mut random)).collect();
        let mut sketch = Sketch::new();
        sketch.event_ids = ids;
        for steps in &many {
            let node = sequence(&mut sketch, steps);
            sketch.segment("sequence", node);
        }
        let found = sketch.run(&people);
        for (steps, found) in many.iter().zip(found) {
            for person in &people {
                let expected = search(steps, &person.events);
                matches[usize::from(expected)] += 1;
                assert_eq!(found.contains(&person.id), expected, "round {round}: {steps:#?} over {:#?}", person.events);
            }
        }
    }
    // Neither outcome is rare, or the test would see little.
    assert!(matches[0] > 8_000 && matches[1] > 4_000, "{matches:?}");
}

/// The other way that sequences are lowered, by pairs of events, means the same.
#[test]
fn chains_of_domains_agree_with_a_search_over_all_choices() {
    let mut matches = [0usize; 2];
    for round in 0..100 {
        let mut random = Random(round * 15_485_863 + 3);
        let ids = random.chance(60);
        let people = random_people(&mut random, ids);
        let steps = random_steps(&mut random);
        let mut sketch = Sketch::new();
        sketch.event_ids = ids;
        let node = chain(&mut sketch, &steps);
        sketch.segment("chain", node);
        let found = sketch.run(&people).remove(0);
        for person in &people {
            let expected = search(&steps, &person.events);
            matches[usize::from(expected)] += 1;
            assert_eq!(found.contains(&person.id), expected, "round {round}: {steps:#?} over {:#?}", person.events);
        }
    }
    assert!(matches[0] > 500 && matches[1] > 200, "{matches:?}");
}

fn chain(sketch: &mut Sketch, steps: &[Step]) -> segc::plan::NodeId {
    let mut domain = PROFILES;
    let mut last = None;
    let mut pending: Vec<&Step> = Vec::new();
    for step in steps {
        let (events, mask) = candidates(sketch, step);
        if step.negated {
            match (last, step.within) {
                (Some(after), Some(within)) => {
                    let kind = DomainKind::Later {
                        events,
                        mask,
                        after,
                        since: after,
                        within: Some(within),
                        at_least: step.at_least,
                    };
                    let few = fewer(sketch, domain, kind, step.times);
                    let time = sketch.column(domain, "timestamp");
                    let latest = sketch.graph.literal(Value::Timestamp(NOW - within), Ty::Timestamp);
                    let ended = sketch.test(Test::Le, time, latest);
                    let both = sketch.graph.and(vec![few, ended]);
                    domain = sketch.filter(domain, both);
                    last = Some(domain);
                }
                _ => pending.push(step),
            }
            continue;
        }
        let since = last;
        for turn in 0..step.times {
            let before = last;
            domain = match last {
                None => match mask {
                    Some(mask) => sketch.domain(events, DomainKind::Filter { mask }),
                    None => events,
                },
                Some(after) => {
                    let (within, at_least) = if since.is_some() { (step.within, step.at_least) } else { (None, None) };
                    let since = since.unwrap_or(after);
                    sketch.domain(domain, DomainKind::Later { events, mask, after, since, within, at_least })
                }
            };
            if turn == 0 {
                for excluded in pending.drain(..) {
                    let (events, mask) = candidates(sketch, excluded);
                    let kind = DomainKind::Between {
                        events,
                        mask,
                        after: before,
                        before: domain,
                        at_least: excluded.at_least,
                    };
                    let few = fewer(sketch, domain, kind, excluded.times);
                    domain = sketch.filter(domain, few);
                }
            }
            last = Some(domain);
        }
    }
    for excluded in pending {
        let (events, mask) = candidates(sketch, excluded);
        let after = last.unwrap();
        let kind = DomainKind::Later { events, mask, after, since: after, within: None, at_least: excluded.at_least };
        let few = fewer(sketch, domain, kind, excluded.times);
        domain = sketch.filter(domain, few);
    }
    sketch.any(PROFILES, domain, None)
}

fn candidates(sketch: &mut Sketch, step: &Step) -> (segc::plan::DomainId, Option<segc::plan::NodeId>) {
    let events = sketch.events(PROFILES, step.kind);
    let amount = sketch.column(events, "amount");
    let mask = step.least.map(|least| {
        let least = sketch.int(least);
        sketch.test(Test::Ge, amount, least)
    });
    (events, mask)
}

fn fewer(sketch: &mut Sketch, parent: segc::plan::DomainId, kind: DomainKind, times: u32) -> segc::plan::NodeId {
    let domain = sketch.domain(parent, kind);
    let count = sketch.count(parent, domain, None);
    let times = sketch.int(i64::from(times));
    sketch.test(Test::Lt, count, times)
}

#[test]
fn extreme_gaps_do_not_overflow() {
    let event = |time| Event { kind: "a", time, id: 0, ..Event::default() };
    let people = [Person { id: "p".into(), events: vec![event(i64::MIN), event(i64::MAX)], ..Person::default() }];
    let step = |within, at_least| Step { negated: false, times: 1, kind: Some("a"), least: None, within, at_least };
    let mut sketch = Sketch::new();
    for gaps in [(None, None), (Some(i64::MAX), None), (None, Some(i64::MAX)), (Some(i64::MIN), Some(i64::MIN))] {
        let node = sequence(&mut sketch, &[step(None, None), step(gaps.0, gaps.1)]);
        sketch.segment("gap", node);
    }
    let mut excluded = step(Some(i64::MAX), None);
    excluded.negated = true;
    let node = sequence(&mut sketch, &[step(None, None), excluded]);
    sketch.segment("excluded", node);
    let mut often = step(None, None);
    often.times = u32::MAX;
    let node = sequence(&mut sketch, &[often.clone(), often]);
    sketch.segment("often", node);
    let found: Vec<usize> = sketch.run(&people).iter().map(Vec::len).collect();
    assert_eq!(found, [1, 0, 1, 0, 1, 0]);
}

/// Whether events can be chosen for single positive steps, each at most `spans[step]` after that of step `since`.
fn spanned<'e>(
    steps: &[Step],
    spans: &[Option<i64>],
    since: usize,
    events: &'e [Event],
    chosen: &mut Vec<&'e Event>,
) -> bool {
    let at = chosen.len();
    let Some(step) = steps.get(at) else { return true };
    events.iter().filter(|event| counts(step, event)).any(|event| {
        let follows = chosen.last().is_none_or(|last| {
            let gap = event.time - last.time;
            key(event) > key(last)
                && step.within.is_none_or(|within| gap <= within)
                && step.at_least.is_none_or(|least| gap >= least)
        });
        let near = spans[at].is_none_or(|within| event.time - chosen[since].time <= within);
        follows && near && {
            chosen.push(event);
            let found = spanned(steps, spans, since, events, chosen);
            chosen.pop();
            found
        }
    })
}

/// Steps that may come only so long after an earlier one are domains of pairs in a plan, and one sequence in a program.
#[test]
fn spans_of_a_chain_agree_with_a_search_over_all_choices() {
    let mut matches = [0usize; 2];
    for round in 0..150 {
        let mut random = Random(round * 32_452_843 + 5);
        let ids = random.chance(60);
        let people = random_people(&mut random, ids);
        let mut steps = random_steps(&mut random);
        steps.resize(2 + random.below(3) as usize, steps[0].clone());
        steps.iter_mut().for_each(|step| (step.negated, step.times) = (false, 1));
        let since = random.below(steps.len() as u64 - 1) as usize;
        let mut spans: Vec<Option<i64>> =
            (0..steps.len()).map(|at| (at > since && random.chance(50)).then(|| random.below(6) as i64)).collect();
        *spans.last_mut().unwrap() = Some(random.below(6) as i64);
        let mut sketch = Sketch::new();
        sketch.event_ids = ids;
        let node = spanned_chain(&mut sketch, &steps, &spans, since);
        sketch.segment("chain", node);
        let program = sketch.program();
        let mut sequences = 0;
        program.levels[0].code.walk(&mut |instruction| {
            sequences += usize::from(matches!(instruction, Instruction::Set { op: Op::Sequence(_), .. }));
        });
        assert_eq!(sequences, 1, "the pairs became no sequence:\n{}", bytecode::list(&program));
        let found = members(&program, &people).remove(0);
        for person in &people {
            let expected = spanned(&steps, &spans, since, &person.events, &mut Vec::new());
            matches[usize::from(expected)] += 1;
            let shown = (&steps, &spans, since, &person.events);
            assert_eq!(found.contains(&person.id), expected, "round {round}: {shown:#?}");
        }
    }
    assert!(matches[0] > 500 && matches[1] > 100, "{matches:?}");
}

fn spanned_chain(sketch: &mut Sketch, steps: &[Step], spans: &[Option<i64>], since: usize) -> segc::plan::NodeId {
    let mut domains: Vec<segc::plan::DomainId> = Vec::new();
    for (step, within) in steps.iter().zip(spans) {
        let (events, mask) = candidates(sketch, step);
        let domain = match (domains.last().copied(), mask) {
            (None, None) => events,
            (None, Some(mask)) => sketch.filter(events, mask),
            (Some(after), mask) => {
                let (within, at_least) = (step.within, step.at_least);
                sketch.domain(after, DomainKind::Later { events, mask, after, since: after, within, at_least })
            }
        };
        let Some(within) = within else {
            domains.push(domain);
            continue;
        };
        let (time, start) = (sketch.column(domain, "timestamp"), sketch.column(domains[since], "timestamp"));
        let gap = segc::types::Duration { months: 0, days: 0, micros: *within };
        let gap = sketch.graph.literal(Value::Duration(gap), Ty::Duration);
        let gap = sketch.graph.gather(gap, domains[since]);
        let limit = sketch.call(Func::AddDuration, &[start, gap], Ty::Timestamp);
        let near = sketch.test(Test::Le, time, limit);
        domains.push(sketch.filter(domain, near));
    }
    sketch.any(PROFILES, domains[domains.len() - 1], None)
}
