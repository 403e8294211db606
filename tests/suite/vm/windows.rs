//! Windows as runs of rows: what reads them gets the same as from a predicate for each event.

use segc::builtins::{Func, Test};
use segc::plan::{DomainId, NodeId, Op, Reduction, SequenceStep};
use segc::types::{Ty, Type, Value};

use super::data::{Event, NOW, PROFILES, Person, Random, Sketch};

const DAY: i64 = 86_400_000_000;
const KINDS: [Option<&str>; 4] = [Some("a"), Some("b"), Some("missing"), None];

/// A window with what else an event must satisfy.
#[derive(Debug, Clone)]
struct Wanted {
    kind: Option<&'static str>,
    from: Option<(Test, i64)>,
    until: Option<(Test, i64)>,
    least: Option<i64>,
    /// Whether it is a conjunction within that of a longer window.
    nested: bool,
}

impl Wanted {
    fn random(random: &mut Random) -> Wanted {
        let instant = |random: &mut Random| NOW - random.below(12) as i64 * DAY / 2 - random.below(2) as i64;
        Wanted {
            kind: KINDS[random.below(4) as usize],
            from: random.chance(70).then(|| ([Test::Gt, Test::Ge][random.below(2) as usize], instant(random))),
            until: random.chance(50).then(|| ([Test::Lt, Test::Le][random.below(2) as usize], instant(random))),
            least: random.chance(40).then(|| random.below(4) as i64),
            nested: random.chance(50),
        }
    }

    fn events<'p>(&self, person: &'p Person) -> Vec<&'p Event> {
        let holds = |event: &&Event| {
            let test = |&(op, instant): &(Test, i64)| match op {
                Test::Gt => event.time > instant,
                Test::Ge => event.time >= instant,
                Test::Lt => event.time < instant,
                _ => event.time <= instant,
            };
            self.kind.is_none_or(|kind| kind == event.kind)
                && self.from.as_ref().is_none_or(test)
                && self.until.as_ref().is_none_or(test)
                && self.least.is_none_or(|least| amount(event) >= least)
        };
        let mut events: Vec<&Event> = person.events.iter().filter(holds).collect();
        events.sort_by_key(|event| (event.time, event.id));
        events
    }

    fn mask(&self, sketch: &mut Sketch) -> (DomainId, Option<NodeId>) {
        let events = sketch.events(PROFILES, self.kind);
        let time = sketch.column(events, "timestamp");
        let mut tests = Vec::new();
        for (op, instant) in self.from.iter().chain(&self.until) {
            let instant = sketch.graph.literal(Value::Timestamp(*instant), Ty::Timestamp);
            tests.push(sketch.test(*op, time, instant));
        }
        if let Some(least) = self.least {
            let (amount, least) = (sketch.column(events, "amount"), sketch.int(least));
            tests.push(sketch.test(Test::Ge, amount, least));
        }
        // As a custom event with a window is read in a longer one.
        if let Some((op, instant)) = self.from.as_ref().filter(|_| self.nested && tests.len() > 1) {
            let earlier = sketch.graph.literal(Value::Timestamp(instant - 3 * DAY), Ty::Timestamp);
            let longer = sketch.test(*op, time, earlier);
            tests = vec![sketch.graph.and(tests), longer];
        }
        (events, (!tests.is_empty()).then(|| sketch.graph.and(tests)))
    }
}

fn amount(event: &Event) -> i64 {
    match event.fields[0].1 {
        Value::Int(value) => value,
        _ => 0,
    }
}

fn random_people(random: &mut Random) -> Vec<Person> {
    let people = (0..40).map(|at| {
        let events = (0..random.below(9)).map(|id| Event {
            kind: ["a", "b"][random.below(2) as usize],
            time: NOW - random.below(12) as i64 * DAY / 2,
            id: id as i64,
            fields: vec![("amount", Value::Int(random.below(5) as i64))],
            items: vec![],
        });
        Person { id: format!("p{at:02}"), events: events.collect(), ..Person::default() }
    });
    people.collect()
}

/// What a reader of a window asks, as a condition of the profiles, and the same of a profile's events.
type Question = (&'static str, fn(&mut Sketch, DomainId, Option<NodeId>) -> NodeId, fn(&[&Event]) -> bool);

fn number(sketch: &mut Sketch, (from, mask): (DomainId, Option<NodeId>), reduction: Reduction, equals: i64) -> NodeId {
    let found = sketch.reduce(PROFILES, from, mask, reduction, Ty::Int);
    let equals = sketch.int(equals);
    sketch.test(Test::Eq, found, equals)
}

const QUESTIONS: [Question; 9] = [
    ("any", |s, from, mask| s.any(PROFILES, from, mask), |events| !events.is_empty()),
    ("count", |s, from, mask| number(s, (from, mask), Reduction::Count, 2), |events| events.len() == 2),
    (
        "sum",
        |s, from, mask| {
            let value = s.column(from, "amount");
            number(s, (from, mask), Reduction::Sum(value), 3)
        },
        |events| events.iter().map(|event| amount(event)).sum::<i64>() == 3,
    ),
    (
        "last",
        |s, from, mask| {
            let value = s.column(from, "amount");
            number(s, (from, mask), Reduction::Last { value, ties: None }, 1)
        },
        |events| events.last().is_some_and(|event| amount(event) == 1),
    ),
    (
        "smallest",
        |s, from, mask| {
            let value = s.column(from, "amount");
            number(s, (from, mask), Reduction::Min(value), 1)
        },
        |events| events.iter().map(|event| amount(event)).min() == Some(1),
    ),
    (
        "distinct days",
        |s, from, mask| {
            let time = s.column(from, "timestamp");
            let day = s.call(Func::DateOf, &[time], Ty::Date);
            number(s, (from, mask), Reduction::CountDistinct(day), 2)
        },
        |events| {
            // Berlin is an hour ahead of UTC in winter.
            let mut days: Vec<i64> = events.iter().map(|event| (event.time + 3_600_000_000).div_euclid(DAY)).collect();
            days.dedup();
            days.len() == 2
        },
    ),
    (
        "distinct sizes",
        |s, from, mask| {
            let amount = s.column(from, "amount");
            let size = s.call(Func::Abs, &[amount], Ty::Int);
            number(s, (from, mask), Reduction::CountDistinct(size), 2)
        },
        |events| {
            let mut sizes: Vec<i64> = events.iter().map(|event| amount(event).abs()).collect();
            sizes.sort_unstable();
            sizes.dedup();
            sizes.len() == 2
        },
    ),
    (
        "as a domain",
        |s, from, mask| match mask {
            None => s.any(PROFILES, from, None),
            Some(mask) => {
                let rows = s.filter(from, mask);
                s.any(PROFILES, rows, None)
            }
        },
        |events| !events.is_empty(),
    ),
    (
        "in a sequence",
        |s, from, mask| {
            let step =
                SequenceStep { negated: false, times: 1, events: from, mask, within: None, at_least: None, span: None };
            let far = SequenceStep { at_least: Some(DAY), ..step.clone() };
            s.graph.node(Op::Sequence([step, far].into()), PROFILES, Type::BOOL)
        },
        |events| {
            let far = |a: &&Event, b: &&Event| b.time - a.time >= DAY;
            events.iter().enumerate().any(|(at, a)| events[at + 1..].iter().any(|b| far(a, b)))
        },
    ),
];

#[test]
fn readers_of_windows_agree_with_a_search_of_the_events() {
    let mut outcomes = [0usize; 2];
    for round in 0..44 {
        let mut random = Random(round * 104_729 + 7);
        let people = random_people(&mut random);
        let mut sketch = Sketch::new();
        let mut asked = Vec::new();
        for _ in 0..8 {
            let wanted = Wanted::random(&mut random);
            // One reader, or several of one mask: what one of them needs as a predicate the others do not lose.
            for _ in 0..1 + random.below(4) {
                let question = &QUESTIONS[random.below(QUESTIONS.len() as u64) as usize];
                let (from, mask) = wanted.mask(&mut sketch);
                let node = question.1(&mut sketch, from, mask);
                sketch.segment(question.0, node);
                asked.push((wanted.clone(), question));
            }
        }
        for ((wanted, question), found) in asked.iter().zip(sketch.run(&people)) {
            for person in &people {
                let expected = question.2(&wanted.events(person));
                outcomes[usize::from(expected)] += 1;
                let is_member = found.contains(&person.id);
                assert_eq!(is_member, expected, "round {round}, {}: {wanted:?} over {:#?}", question.0, person.events);
            }
        }
    }
    // Neither outcome is rare, or the test would see little.
    assert!(outcomes.iter().all(|&count| count > 5_000), "{outcomes:?}");
}
