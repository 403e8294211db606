//! Every kind of domain and reduction against loops over plain rows, on random small data.

use segc::builtins::Test;
use segc::plan::{DomainKind, Op, Reduction};
use segc::types::{Ty, Type, Value};

use super::data::{Event, PROFILES, Person, Random, Sketch, path};

const KINDS: [&str; 3] = ["add", "buy", "view"];
const PRODUCTS: [&str; 3] = ["p1", "p2", "p3"];

fn text(value: &str) -> Value {
    Value::String(value.into())
}

/// Random people, full of absences and ties.
pub fn people(random: &mut Random, most_events: u64) -> Vec<Person> {
    (0..random.below(7))
        .map(|id| {
            let mut person = Person { id: format!("p{id}"), ..Person::default() };
            if random.chance(70) {
                person.fields.push(("score", Value::Int(random.below(4) as i64)));
            }
            if random.chance(70) {
                let tags = (0..random.below(4)).map(|_| text(PRODUCTS[random.below(3) as usize])).collect();
                person.fields.push(("tags", Value::List(tags)));
            }
            for key in PRODUCTS {
                if random.chance(40) {
                    person.marks.push((key, random.below(4) as i64));
                }
            }
            person.events = (0..random.below(most_events)).map(|at| event(random, at as i64)).collect();
            person
        })
        .collect()
}

fn event(random: &mut Random, id: i64) -> Event {
    let mut event =
        Event { kind: KINDS[random.below(3) as usize], time: random.below(6) as i64, id, ..Event::default() };
    if random.chance(80) {
        event.fields.push(("amount", Value::Int(random.below(5) as i64)));
    }
    if random.chance(80) {
        event.fields.push(("product", text(PRODUCTS[random.below(3) as usize])));
    }
    for _ in 0..random.below(3) {
        let mut item = Vec::new();
        if random.chance(80) {
            item.push(("sku", text(PRODUCTS[random.below(3) as usize])));
        }
        if random.chance(80) {
            item.push(("amount", Value::Int(random.below(4) as i64)));
        }
        event.items.push(item);
    }
    event
}

type Fields = [(&'static str, Value)];

fn int(fields: &Fields, name: &str) -> Option<i64> {
    fields.iter().find(|(field, _)| *field == name).and_then(|(_, value)| match value {
        Value::Int(value) => Some(*value),
        _ => None,
    })
}

fn word<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(field, _)| *field == name).and_then(|(_, value)| match value {
        Value::String(value) => Some(&**value),
        _ => None,
    })
}

fn of_kind<'a>(person: &'a Person, kind: &'a str) -> impl Iterator<Item = &'a Event> + Clone {
    in_order(person).into_iter().filter(move |event| event.kind == kind)
}

fn in_order(person: &Person) -> Vec<&Event> {
    let mut events: Vec<&Event> = person.events.iter().collect();
    events.sort_by_key(|event| (event.time, event.id));
    events
}

fn later(a: &Event, b: &Event) -> bool {
    (a.time, a.id) > (b.time, b.id)
}

type Expected = Box<dyn Fn(&Person) -> bool>;

/// Runs a plan with one segment per expectation over random people.
fn check(build: impl Fn(&mut Sketch) -> Vec<Expected>, rounds: u64, most_events: u64) {
    let mut sketch = Sketch::new();
    let expected = build(&mut sketch);
    let program = sketch.program();
    assert_eq!(program.segments.len(), expected.len());
    let mut seen = vec![[false; 2]; expected.len()];
    for round in 0..rounds {
        let mut random = Random(round * 7919 + 17);
        let people = people(&mut random, most_events);
        let found = super::data::members(&program, &people);
        for (index, expected) in expected.iter().enumerate() {
            let wanted: Vec<&str> = people.iter().filter(|p| expected(p)).map(|p| p.id.as_str()).collect();
            assert_eq!(
                found[index],
                wanted,
                "segment {index} in round {round}: {people:#?}\n{}",
                segc::bytecode::list(&program)
            );
            people.iter().for_each(|person| seen[index][usize::from(expected(person))] = true);
        }
    }
    for (index, seen) in seen.iter().enumerate() {
        assert_eq!(*seen, [true, true], "segment {index} is always the same");
    }
}

fn expect(f: impl Fn(&Person) -> bool + 'static) -> Expected {
    Box::new(f)
}

#[test]
fn events_their_items_and_reductions_outward() {
    check(
        |s| {
            let mut expected = Vec::new();
            let (buys, all) = (s.events(PROFILES, Some("buy")), s.events(PROFILES, None));
            let (one, two, five) = (s.int(1), s.int(2), s.int(5));
            let count = s.count(PROFILES, buys, None);
            let enough = s.test(Test::Ge, count, two);
            s.segment("two buys", enough);
            expected.push(expect(|p| of_kind(p, "buy").count() >= 2));

            let items = s.domain(buys, DomainKind::Elements { of: buys, path: path("items") });
            let (sku, p1) = (s.column(items, "sku"), s.text("p1"));
            let is_p1 = s.test(Test::Eq, sku, p1);
            let has_p1 = s.any(buys, items, Some(is_p1));
            let any = s.any(PROFILES, buys, Some(has_p1));
            s.segment("a buy with p1", any);
            expected.push(expect(|p| of_kind(p, "buy").any(|e| e.items.iter().any(|i| word(i, "sku") == Some("p1")))));

            let all_items = s.domain(all, DomainKind::Elements { of: all, path: path("items") });
            let amount = s.column(all_items, "amount");
            let sum = s.reduce(PROFILES, all_items, None, Reduction::Sum(amount), Ty::Int);
            let many = s.test(Test::Gt, sum, five);
            s.segment("items of more than five", many);
            expected.push(expect(|p| {
                p.events.iter().flat_map(|e| &e.items).filter_map(|i| int(i, "amount")).sum::<i64>() > 5
            }));

            let product = s.column(all, "product");
            let distinct = s.reduce(PROFILES, all, None, Reduction::CountDistinct(product), Ty::Int);
            let several = s.test(Test::Ge, distinct, two);
            s.segment("several products", several);
            expected.push(expect(|p| {
                let mut all: Vec<&str> = p.events.iter().filter_map(|e| word(&e.fields, "product")).collect();
                all.sort_unstable();
                all.dedup();
                all.len() >= 2
            }));

            for last in [false, true] {
                let ends = if last {
                    Reduction::Last { value: product, ties: None }
                } else {
                    Reduction::First { value: product, ties: None }
                };
                let end = s.reduce(PROFILES, all, None, ends, Ty::String);
                let is_p1 = s.test(Test::Eq, end, p1);
                s.segment("first or last product", is_p1);
                expected.push(expect(move |p| {
                    let all = in_order(p);
                    let mut products = all.iter().filter_map(|e| word(&e.fields, "product"));
                    (if last { products.next_back() } else { products.next() }) == Some("p1")
                }));
            }

            let score = s.column(PROFILES, "score");
            let (event_amount, own) = (s.column(all, "amount"), s.graph.gather(score, all));
            let above = s.test(Test::Gt, event_amount, own);
            let any = s.any(PROFILES, all, Some(above));
            s.segment("an event above the score", any);
            expected.push(expect(|p| {
                let score = int(&p.fields, "score");
                p.events.iter().any(|e| matches!((int(&e.fields, "amount"), score), (Some(a), Some(b)) if a > b))
            }));

            let max = s.reduce(PROFILES, all, None, Reduction::Max(event_amount), Ty::Int);
            let high = s.test(Test::Eq, max, one);
            s.segment("at most one", high);
            expected.push(expect(|p| p.events.iter().filter_map(|e| int(&e.fields, "amount")).max() == Some(1)));
            expected
        },
        60,
        8,
    );
}

#[test]
fn filters_values_entries_and_tops() {
    check(
        |s| {
            let mut expected = Vec::new();
            let (zero, one, two, three) = (s.int(0), s.int(1), s.int(2), s.int(3));
            let score = s.column(PROFILES, "score");
            let good = s.test(Test::Gt, score, zero);
            let scored = s.filter(PROFILES, good);
            let events = s.events(scored, Some("view"));
            let amount = s.column(events, "amount");
            let small = s.test(Test::Le, amount, one);
            let filtered = s.filter(events, small);
            let count = s.count(PROFILES, filtered, None);
            let found = s.test(Test::Ge, count, one);
            s.segment("small views of the scored", found);
            expected.push(expect(|p| {
                int(&p.fields, "score").is_some_and(|score| score > 0)
                    && of_kind(p, "view").any(|e| int(&e.fields, "amount").is_some_and(|a| a <= 1))
            }));

            let tags = s.column(PROFILES, "tags");
            let values = s.domain(PROFILES, DomainKind::Values { list: tags });
            let tag = s.graph.node(Op::Column(path("")), values, Type::required(Ty::String));
            let p2 = s.text("p2");
            let below = s.test(Test::Lt, tag, p2);
            let kept = s.filter(values, below);
            let again = s.graph.node(Op::Column(path("")), kept, Type::required(Ty::String));
            let p1 = s.text("p1");
            let is_p1 = s.test(Test::Eq, again, p1);
            let count = s.count(PROFILES, kept, Some(is_p1));
            let found = s.test(Test::Eq, count, two);
            s.segment("two tags p1", found);
            let tags_of = |p: &Person| match p.fields.iter().find(|(name, _)| *name == "tags") {
                Some((_, Value::List(tags))) => tags.clone(),
                _ => vec![],
            };
            expected.push(expect(move |p| tags_of(p).iter().filter(|tag| **tag == text("p1")).count() == 2));

            let marks = s.domain(PROFILES, DomainKind::Entries { of: PROFILES, path: path("marks") });
            let key = s.graph.node(Op::Key, marks, Type::required(Ty::String));
            let value = s.graph.node(Op::Column(path("")), marks, Type::required(Ty::Int));
            let (is_p2, large) = (s.test(Test::Ge, key, p2), s.test(Test::Gt, value, one));
            let both = s.graph.and(vec![is_p2, large]);
            let found = s.any(PROFILES, marks, Some(both));
            s.segment("a mark", found);
            expected.push(expect(|p| p.marks.iter().any(|(key, value)| *key >= "p2" && *value > 1)));

            let all = s.events(PROFILES, None);
            let amount = s.column(all, "amount");
            for descending in [true, false] {
                let op = Op::Top { parent: PROFILES, mask: None, key: amount, count: 2, descending };
                let top = s.graph.node(op, all, Type::BOOL);
                let sum = s.reduce(PROFILES, all, Some(top), Reduction::Sum(amount), Ty::Int);
                let found = s.test(Test::Eq, sum, three);
                s.segment("top", found);
                expected.push(expect(move |p| {
                    let mut amounts: Vec<i64> = p.events.iter().filter_map(|e| int(&e.fields, "amount")).collect();
                    amounts.sort_unstable();
                    if descending {
                        amounts.reverse();
                    }
                    amounts.iter().take(2).sum::<i64>() == 3
                }));
            }

            // Ties keep the order of the events: the product of the first of the smallest.
            let op = Op::Top { parent: PROFILES, mask: None, key: amount, count: 1, descending: false };
            let top = s.graph.node(op, all, Type::BOOL);
            let product = s.column(all, "product");
            let first = s.reduce(PROFILES, all, Some(top), Reduction::First { value: product, ties: None }, Ty::String);
            let found = s.test(Test::Eq, first, p2);
            s.segment("product of the smallest", found);
            expected.push(expect(|p| {
                let all = in_order(p);
                let smallest = all.iter().filter_map(|e| int(&e.fields, "amount")).min();
                let first = all.iter().find(|e| smallest.is_some() && int(&e.fields, "amount") == smallest);
                first.and_then(|e| word(&e.fields, "product")) == Some("p2")
            }));

            // The amounts as a list, gone through again.
            let list_type = Ty::List(Box::new(Ty::Int));
            let list = s.reduce(PROFILES, all, None, Reduction::List(amount), list_type);
            let values = s.domain(PROFILES, DomainKind::Values { list });
            let item = s.graph.node(Op::Column(path("")), values, Type::required(Ty::Int));
            let last = s.reduce(PROFILES, values, None, Reduction::Last { value: item, ties: None }, Ty::Int);
            let found = s.test(Test::Eq, last, one);
            s.segment("last of the list", found);
            expected
                .push(expect(|p| in_order(p).iter().filter_map(|e| int(&e.fields, "amount")).next_back() == Some(1)));
            expected
        },
        80,
        7,
    );
}

#[test]
fn groups_and_their_members() {
    check(
        |s| {
            let mut expected = Vec::new();
            let (one, two, three) = (s.int(1), s.int(2), s.int(3));
            let all = s.events(PROFILES, None);
            let (product, amount) = (s.column(all, "product"), s.column(all, "amount"));
            let counted = s.test(Test::Ge, amount, one);
            let groups = s.domain(PROFILES, DomainKind::Groups { of: all, mask: Some(counted), key: product });
            let members = s.domain(groups, DomainKind::Members { groups });
            let count = s.count(groups, members, None);
            let large = s.test(Test::Ge, count, two);
            let found = s.any(PROFILES, groups, Some(large));
            s.segment("a product twice", found);
            let by_product = |p: &Person| -> Vec<(String, i64, usize)> {
                let mut groups: std::collections::BTreeMap<String, (i64, usize)> = Default::default();
                for e in &p.events {
                    if let (Some(product), Some(amount @ 1..)) = (word(&e.fields, "product"), int(&e.fields, "amount"))
                    {
                        let group = groups.entry(product.into()).or_default();
                        *group = (group.0 + amount, group.1 + 1);
                    }
                }
                groups.into_iter().map(|(product, (sum, count))| (product, sum, count)).collect()
            };
            expected.push(expect(move |p| by_product(p).iter().any(|group| group.2 >= 2)));

            let member_amount = s.column(members, "amount");
            let sum = s.reduce(groups, members, None, Reduction::Sum(member_amount), Ty::Int);
            let rich = s.test(Test::Gt, sum, three);
            let key = s.graph.node(Op::Key, groups, Type::required(Ty::String));
            let p1 = s.text("p1");
            let other = s.test(Test::Ne, key, p1);
            let both = s.graph.and(vec![rich, other]);
            let count = s.count(PROFILES, groups, Some(both));
            let found = s.test(Test::Eq, count, one);
            s.segment("one rich product besides p1", found);
            expected.push(expect(move |p| by_product(p).iter().filter(|g| g.1 > 3 && g.0 != "p1").count() == 1));

            // Members below a filter of the groups.
            let kept = s.filter(groups, other);
            let inner = s.domain(kept, DomainKind::Members { groups });
            let inner_amount = s.column(inner, "amount");
            let sum = s.reduce(PROFILES, inner, None, Reduction::Sum(inner_amount), Ty::Int);
            let found = s.test(Test::Ge, sum, three);
            s.segment("members of the others", found);
            expected.push(expect(move |p| by_product(p).iter().filter(|g| g.0 != "p1").map(|g| g.1).sum::<i64>() >= 3));
            let kept_key = s.graph.node(Op::Key, kept, Type::required(Ty::String));
            let first = s.reduce(PROFILES, kept, None, Reduction::First { value: kept_key, ties: None }, Ty::String);
            let p3 = s.text("p3");
            let found = s.test(Test::Eq, first, p3);
            s.segment("groups are ordered by key", found);
            expected.push(expect(move |p| by_product(p).iter().find(|g| g.0 != "p1").is_some_and(|g| g.0 == "p3")));

            // Groups of the items of each event.
            let items = s.domain(all, DomainKind::Elements { of: all, path: path("items") });
            let sku = s.column(items, "sku");
            let by_sku = s.domain(all, DomainKind::Groups { of: items, mask: None, key: sku });
            let rows = s.domain(by_sku, DomainKind::Members { groups: by_sku });
            let count = s.count(by_sku, rows, None);
            let twice = s.test(Test::Ge, count, two);
            let in_event = s.any(all, by_sku, Some(twice));
            let found = s.any(PROFILES, all, Some(in_event));
            s.segment("an event with an item twice", found);
            expected.push(expect(|p| {
                p.events.iter().any(|e| {
                    let mut skus: Vec<&str> = e.items.iter().filter_map(|i| word(i, "sku")).collect();
                    skus.sort_unstable();
                    skus.windows(2).any(|pair| pair[0] == pair[1])
                })
            }));
            expected
        },
        80,
        8,
    );
}

#[test]
fn pairs_of_events_are_folded() {
    check(
        |s| {
            let mut expected = Vec::new();
            let (one, two, three) = (s.int(1), s.int(2), s.int(3));
            let buys = s.events(PROFILES, Some("buy"));
            let views = s.events(buys, Some("view"));
            let (buy_time, view_time) = (s.column(buys, "timestamp"), s.column(views, "timestamp"));
            let (buy_amount, view_amount) = (s.column(buys, "amount"), s.column(views, "amount"));
            let bought = s.graph.gather(buy_time, views);
            let earlier = s.test(Test::Lt, view_time, bought);

            let any = s.any(PROFILES, views, Some(earlier));
            s.segment("a view before a buy", any);
            expected.push(expect(|p| of_kind(p, "buy").any(|b| of_kind(p, "view").any(|v| v.time < b.time))));

            let count = s.count(buys, views, Some(earlier));
            let twice = s.test(Test::Ge, count, two);
            let any = s.any(PROFILES, buys, Some(twice));
            s.segment("two views before one buy", any);
            expected.push(expect(|p| {
                of_kind(p, "buy").any(|b| of_kind(p, "view").filter(|v| v.time < b.time).count() >= 2)
            }));

            let total = s.count(PROFILES, views, Some(earlier));
            let found = s.test(Test::Eq, total, three);
            s.segment("three pairs", found);
            let pairs = |p: &Person| -> Vec<(Event, Event)> {
                of_kind(p, "buy")
                    .flat_map(|b| of_kind(p, "view").filter(|v| v.time < b.time).map(|v| (b.clone(), v.clone())))
                    .collect()
            };
            expected.push(expect(move |p| pairs(p).len() == 3));

            // Sums do not go by way of the buys: the chunks are of profiles.
            let sum = s.reduce(PROFILES, views, Some(earlier), Reduction::Sum(view_amount), Ty::Int);
            let found = s.test(Test::Ge, sum, three);
            s.segment("sum over pairs", found);
            expected
                .push(expect(move |p| pairs(p).iter().filter_map(|(_, v)| int(&v.fields, "amount")).sum::<i64>() >= 3));
            let min = s.reduce(PROFILES, views, Some(earlier), Reduction::Min(view_amount), Ty::Int);
            let found = s.test(Test::Eq, min, one);
            s.segment("least over pairs", found);
            expected
                .push(expect(move |p| pairs(p).iter().filter_map(|(_, v)| int(&v.fields, "amount")).min() == Some(1)));

            // The result of one fold read in the next, over the same pairs.
            let sum = s.reduce(buys, views, Some(earlier), Reduction::Sum(view_amount), Ty::Int);
            let rich = s.test(Test::Gt, sum, one);
            let rich_here = s.graph.gather(rich, views);
            let own = s.graph.gather(buy_amount, views);
            let same = s.test(Test::Eq, view_amount, own);
            let both = s.graph.and(vec![rich_here, same]);
            let any = s.any(PROFILES, views, Some(both));
            s.segment("a view like a buy that rich views precede", any);
            expected.push(expect(|p| {
                of_kind(p, "buy").any(|b| {
                    let before = of_kind(p, "view").filter(|v| v.time < b.time);
                    before.filter_map(|v| int(&v.fields, "amount")).sum::<i64>() > 1
                        && of_kind(p, "view").any(|v| {
                            int(&v.fields, "amount").is_some() && int(&v.fields, "amount") == int(&b.fields, "amount")
                        })
                })
            }));

            // The items of the outer event, for each pair.
            let product = s.column(views, "product");
            let items = s.domain(views, DomainKind::Elements { of: buys, path: path("items") });
            let sku = s.column(items, "sku");
            let viewed = s.graph.gather(product, items);
            let same = s.test(Test::Eq, sku, viewed);
            let has = s.any(views, items, Some(same));
            let both = s.graph.and(vec![has, earlier]);
            let any = s.any(PROFILES, views, Some(both));
            s.segment("bought what was viewed", any);
            expected.push(expect(move |p| {
                pairs(p).iter().any(|(b, v)| {
                    let viewed = word(&v.fields, "product");
                    viewed.is_some() && b.items.iter().any(|i| word(i, "sku") == viewed)
                })
            }));

            // The profile's tags for each event.
            let tags = s.column(PROFILES, "tags");
            let own = s.graph.gather(tags, buys);
            let values = s.domain(buys, DomainKind::Values { list: own });
            let tag = s.graph.node(Op::Column(path("")), values, Type::required(Ty::String));
            let bought = s.column(buys, "product");
            let bought = s.graph.gather(bought, values);
            let same = s.test(Test::Eq, tag, bought);
            let has = s.any(buys, values, Some(same));
            let any = s.any(PROFILES, buys, Some(has));
            s.segment("bought a tag", any);
            expected.push(expect(|p| {
                let tags = p.fields.iter().find(|(name, _)| *name == "tags");
                let Some((_, Value::List(tags))) = tags else { return false };
                of_kind(p, "buy")
                    .filter_map(|b| word(&b.fields, "product"))
                    .any(|product| tags.iter().any(|tag| *tag == text(product)))
            }));

            // The two top views for each buy.
            let op = Op::Top { parent: buys, mask: Some(earlier), key: view_amount, count: 2, descending: true };
            let top = s.graph.node(op, views, Type::BOOL);
            let sum = s.reduce(buys, views, Some(top), Reduction::Sum(view_amount), Ty::Int);
            let found = s.test(Test::Ge, sum, three);
            let any = s.any(PROFILES, buys, Some(found));
            s.segment("top views before a buy", any);
            expected.push(expect(|p| {
                of_kind(p, "buy").any(|b| {
                    let before = of_kind(p, "view").filter(|v| v.time < b.time);
                    let mut amounts: Vec<i64> = before.filter_map(|v| int(&v.fields, "amount")).collect();
                    amounts.sort_unstable();
                    amounts.iter().rev().take(2).sum::<i64>() >= 3
                })
            }));
            expected
        },
        60,
        9,
    );
}

#[test]
fn chains_of_later_events_and_what_lies_between() {
    check(
        |s| {
            let mut expected = Vec::new();
            let (adds, buys, views) =
                (s.events(PROFILES, Some("add")), s.events(PROFILES, Some("buy")), s.events(PROFILES, Some("view")));
            let one = s.int(1);
            let buy_amount = s.column(buys, "amount");
            let large = s.test(Test::Ge, buy_amount, one);
            let chain = s.domain(
                adds,
                DomainKind::Later {
                    events: buys,
                    mask: Some(large),
                    after: adds,
                    since: adds,
                    within: Some(3),
                    at_least: Some(1),
                },
            );
            let (added, bought) = (s.column(adds, "product"), s.column(chain, "product"));
            let added = s.graph.gather(added, chain);
            let same = s.test(Test::Eq, added, bought);
            let any = s.any(PROFILES, chain, Some(same));
            s.segment("added, then bought", any);
            fn follows(a: &Event, b: &Event) -> bool {
                later(b, a)
                    && (1..=3).contains(&(b.time - a.time))
                    && int(&b.fields, "amount").is_some_and(|amount| amount >= 1)
                    && word(&a.fields, "product").is_some()
                    && word(&a.fields, "product") == word(&b.fields, "product")
            }
            expected.push(expect(|p| of_kind(p, "add").any(|a| of_kind(p, "buy").any(|b| follows(a, b)))));

            let matched = s.filter(chain, same);
            let between = s.domain(
                matched,
                DomainKind::Between {
                    events: views,
                    mask: None,
                    after: Some(adds),
                    before: matched,
                    at_least: Some(1),
                },
            );
            let some = s.any(matched, between, None);
            let none = s.graph.not(some);
            let clean = s.filter(matched, none);
            let any = s.any(PROFILES, clean, None);
            s.segment("and not viewed in between", any);
            expected.push(expect(|p| {
                of_kind(p, "add").any(|a| {
                    of_kind(p, "buy").any(|b| {
                        follows(a, b) && !of_kind(p, "view").any(|v| later(v, a) && later(b, v) && v.time - a.time >= 1)
                    })
                })
            }));

            // A third event, in pairs of pairs.
            let third = s.domain(
                clean,
                DomainKind::Later {
                    events: views,
                    mask: None,
                    after: clean,
                    since: adds,
                    within: Some(4),
                    at_least: None,
                },
            );
            let (viewed, added) = (s.column(third, "amount"), s.column(adds, "amount"));
            let added = s.graph.gather(added, third);
            let more = s.test(Test::Gt, viewed, added);
            let any = s.any(PROFILES, third, Some(more));
            s.segment("then viewed for more", any);
            expected.push(expect(|p| {
                of_kind(p, "add").any(|a| {
                    of_kind(p, "buy").any(|b| {
                        follows(a, b)
                            && !of_kind(p, "view").any(|v| later(v, a) && later(b, v) && v.time - a.time >= 1)
                            && of_kind(p, "view").any(|c| {
                                later(c, b)
                                    && c.time - a.time <= 4
                                    && matches!((int(&c.fields, "amount"), int(&a.fields, "amount")), (Some(x), Some(y)) if x > y)
                            })
                    })
                })
            }));
            let before = s.domain(
                buys,
                DomainKind::Between { events: views, mask: None, after: None, before: buys, at_least: None },
            );
            let count = s.count(buys, before, None);
            let none = s.int(0);
            let none = s.test(Test::Eq, count, none);
            let any = s.any(PROFILES, buys, Some(none));
            s.segment("a buy with no view before", any);
            expected.push(expect(|p| of_kind(p, "buy").any(|b| !of_kind(p, "view").any(|v| later(b, v)))));
            expected
        },
        150,
        12,
    );
}
