//! Operations over the profiles, ranks, samples and membership of other segments.

use segc::builtins::{Func, Test};
use segc::plan::{NodeId, Op, RankPlan};
use segc::types::{Ty, Type, Value};

use super::data::{PROFILES, Person, Sketch};

fn person(id: &str, fields: &[(&'static str, Value)]) -> Person {
    Person { id: id.into(), fields: fields.to_vec(), ..Person::default() }
}

fn text(value: &str) -> Value {
    Value::String(value.into())
}

fn people() -> Vec<Person> {
    vec![
        person("a", &[("name", text("Ann")), ("score", Value::Int(3)), ("flag", Value::Bool(true))]),
        person("b", &[("name", text("Bob")), ("score", Value::Int(1)), ("flag", Value::Bool(false))]),
        person("c", &[("score", Value::Int(3))]),
        person("d", &[("name", text("ann")), ("flag", Value::Bool(true))]),
        person("e", &[("name", text("")), ("score", Value::Int(-2)), ("product", text("p2"))]),
    ]
}

fn check(sketch: Sketch, expected: &[&str]) {
    let found: Vec<String> = sketch.run(&people()).into_iter().map(|ids| ids.concat()).collect();
    assert_eq!(found, expected);
}

#[test]
fn predicates_are_two_valued_and_constants_stay_constant() {
    let mut s = Sketch::new();
    let (name, flag) = (s.column(PROFILES, "name"), s.column(PROFILES, "flag"));
    let ann = s.text("Ann");
    let eq = s.test(Test::Eq, name, ann);
    let ne = s.test(Test::Ne, name, ann);
    let not_eq = s.graph.not(eq);
    let is_true = s.graph.node(
        Op::Test { op: Test::IsTrue, negated: false, ignoring_case: false, args: vec![flag] },
        PROFILES,
        Type::BOOL,
    );
    let not_true = s.graph.node(
        Op::Test { op: Test::IsTrue, negated: true, ignoring_case: false, args: vec![flag] },
        PROFILES,
        Type::BOOL,
    );
    let folded = s.graph.node(
        Op::Test { op: Test::Eq, negated: false, ignoring_case: true, args: vec![ann, name] },
        PROFILES,
        Type::BOOL,
    );
    let (one, two) = (s.int(1), s.int(2));
    let always = s.test(Test::Lt, one, two);
    let never = s.graph.not(always);
    let both = s.graph.and(vec![always, eq]);
    let none = s.graph.and(vec![eq, never]);
    let either = s.graph.or(vec![never, eq, is_true]);
    let all = s.graph.or(vec![eq, always]);
    let present = s.graph.is_present(name);
    let conditions = [eq, ne, not_eq, is_true, not_true, folded, both, none, either, all, present];
    for (index, node) in conditions.into_iter().enumerate() {
        s.segment(&format!("s{index}"), node);
    }
    check(s, &["a", "bde", "bcde", "ad", "b", "ad", "a", "", "ad", "abcde", "abde"]);
}

#[test]
fn values_choose_default_and_make_lists() {
    let mut s = Sketch::new();
    let (name, score, flag) = (s.column(PROFILES, "name"), s.column(PROFILES, "score"), s.column(PROFILES, "flag"));
    let (zero, nobody) = (s.int(0), s.text("nobody"));
    let text_type = || Type::optional(Ty::String);
    let named = s.graph.node(Op::Default { value: name, default: nobody }, PROFILES, text_type());
    let is_nobody = s.test(Test::Eq, named, nobody);
    let present = s.graph.is_present(flag);
    let chosen =
        s.graph.node(Op::If { condition: present, then: score, otherwise: zero }, PROFILES, Type::optional(Ty::Int));
    let is_zero = s.test(Test::Eq, chosen, zero);
    let chosen_present = s.graph.is_present(chosen);
    let list_type = Ty::List(Box::new(Ty::String));
    let lower = s.call(Func::Lower, &[name], Ty::String);
    let list = s.graph.node(Op::List(vec![name, lower, nobody]), PROFILES, Type::required(list_type.clone()));
    let ann = s.text("ann");
    let in_list = s.test(Test::In, ann, list);
    let size = s.call(Func::Size, &[list], Ty::Int);
    let one = s.int(1);
    let is_one = s.test(Test::Eq, size, one);
    let distinct = s.call(Func::Distinct, &[list], list_type);
    let distinct = s.call(Func::Size, &[distinct], Ty::Int);
    let two = s.int(2);
    let is_two = s.test(Test::Eq, distinct, two);
    let id = s.graph.node(Op::ProfileId, PROFILES, Type::required(Ty::String));
    let c = s.text("c");
    let after_c = s.test(Test::Gt, id, c);
    let same = s.test(Test::Eq, lower, name);
    let conditions = [is_nobody, is_zero, chosen_present, in_list, is_one, is_two, after_c, same];
    for (index, node) in conditions.into_iter().enumerate() {
        s.segment(&format!("s{index}"), node);
    }
    check(s, &["c", "ce", "abce", "ad", "c", "de", "de", "de"]);
}

#[test]
fn objects_of_related_classes_are_found_by_key() {
    let mut s = Sketch::new();
    let (product, name) = (s.column(PROFILES, "product"), s.column(PROFILES, "name"));
    let mut field = |key: NodeId| {
        let op = Op::Related { class: "product".into(), key, path: super::data::path("name") };
        s.graph.node(op, PROFILES, Type::optional(Ty::String))
    };
    let (by_product, by_name) = (field(product), field(name));
    let hats = s.text("hats");
    let is_hats = s.test(Test::Eq, by_product, hats);
    let unknown = s.graph.is_present(by_name);
    s.segment("hats", is_hats);
    s.segment("unknown", unknown);
    check(s, &["e", ""]);
}

#[test]
fn ranks_keep_the_best_with_ties_by_id_and_absent_keys_last() {
    let mut s = Sketch::new();
    let (score, name) = (s.column(PROFILES, "score"), s.column(PROFILES, "name"));
    let all = s.graph.bool(true);
    let mut ranked = |label: &str, key: NodeId, descending: bool, limit: Option<u64>| {
        s.ranked(label, all, Some(RankPlan { key, descending, limit }), 0);
    };
    ranked("best", score, true, Some(3));
    ranked("worst", score, false, None);
    ranked("none", score, false, Some(0));
    ranked("by name", name, true, Some(100));
    // The next level sees who is among the best.
    let member = s.graph.node(Op::Membership(0), PROFILES, Type::BOOL);
    let other = s.graph.not(member);
    s.ranked("the best", member, None, 1);
    s.ranked("the others", other, Some(RankPlan { key: score, descending: true, limit: Some(1) }), 1);
    let third = s.graph.node(Op::Membership(5), PROFILES, Type::BOOL);
    s.ranked("the best of the others", third, None, 2);
    check(s, &["acb", "ebacd", "", "dbaec", "abc", "e", "e"]);
}

#[test]
fn samples_are_by_the_digest_of_salt_and_id() {
    let mut s = Sketch::new();
    // md5("x:a") begins with dd2b6a6e, as any other tool will say.
    let digests = ["x:a", "x:b", "x:c", "x:d", "x:e"].map(first_of_md5);
    for threshold in [0, 1, digests[2], digests[2] + 1, 1 << 32] {
        let op = Op::Sample { threshold, salt: "x".into() };
        let node = s.graph.node(op, PROFILES, Type::BOOL);
        s.segment("sample", node);
    }
    let expected = [0, 1, digests[2], digests[2] + 1, 1 << 32].map(|threshold| {
        let kept = "abcde".chars().zip(digests).filter(|(_, digest)| *digest < threshold);
        kept.map(|(id, _)| id).collect::<String>()
    });
    assert_eq!((expected[0].as_str(), expected[4].as_str()), ("", "abcde"));
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    check(s, &expected);
}

fn first_of_md5(text: &str) -> u64 {
    use md5::Digest;
    let digest = md5::Md5::digest(text);
    digest[..4].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[test]
fn no_people_at_all_is_no_members() {
    let mut s = Sketch::new();
    let all = s.graph.bool(true);
    let score = s.column(PROFILES, "score");
    s.segment("all", all);
    s.ranked("ranked", all, Some(RankPlan { key: score, descending: true, limit: None }), 0);
    assert_eq!(s.run(&[]), vec![Vec::<String>::new(), vec![]]);
}
