//! A segment's hash changes with its meaning, and with nothing else.

use segc::emit::rules::{definition_hash, definition_hashes, rules};
use segc::hir::SegmentId;

use super::{CONSTRUCTS, module, module_of};

const PROGRAM: &str = r#"
param lately: duration = 30 days
event big = commerce.purchases where commerce.order.priceTotal >= 100
let paid(window: duration) = sum(commerce.order.priceTotal of big in last window)
propensity churn from customer_ai _retail.customerAI.churn { kind churn max age 14 days }
segment base { where loyalty.points > 10 }
segment buyers { where paid(lately) > 500 and any(big as b where b.channel == "web") }
segment both { where base and buyers and propensity.churn.bucket == high }
segment alone { where loyalty.tier == "gold" rank by loyalty.points desc limit 5 }
"#;

/// The names of the segments whose hash a change of the program changes.
fn changed(from: &str, to: &str) -> Vec<String> {
    assert!(PROGRAM.contains(from), "{from}");
    let (before, after) = (module(PROGRAM), module(&PROGRAM.replace(from, to)));
    let pairs = definition_hashes(&before).into_iter().zip(definition_hashes(&after));
    let names = before.segments.iter().map(|segment| segment.name.clone());
    names.zip(pairs).filter(|(_, (before, after))| before != after).map(|(name, _)| name).collect()
}

#[test]
fn what_means_the_same_has_the_same_hash() {
    let none: [String; 0] = [];
    assert_eq!(changed("segment base {", "// note\n/// Text.\nsegment   base \"Title\"\n{"), none);
    assert_eq!(changed("big as b where b.channel", "big as order where order.channel"), none);
    assert_eq!(changed("big as b where b.channel", "big where channel"), none);
    assert_eq!(changed("lately", "recent"), none);
    assert_eq!(changed("paid", "spent"), none);
    assert_eq!(changed("big", "large"), none);
    assert_eq!(changed("window", "span"), none);
    assert_eq!(changed("base", "core"), none);
    assert_eq!(
        changed(
            "segment base { where loyalty.points > 10 }\n",
            "segment base { where loyalty.points > 10 }\nlet unused = 1\n"
        ),
        none
    );
    let segments = "segment base { where loyalty.points > 10 }\n";
    assert_eq!(changed(segments, &format!("param first: int = 3\n{segments}")), none);
}

#[test]
fn what_may_mean_something_else_has_another() {
    assert_eq!(changed("points > 10", "points >= 10"), ["base", "both"]);
    assert_eq!(changed("points > 10", "points > 11"), ["base", "both"]);
    assert_eq!(changed("lately: duration = 30 days", "lately: duration = 1 month"), ["buyers", "both"]);
    assert_eq!(changed(">= 100", ">= 100.5"), ["buyers", "both"]);
    assert_eq!(changed("sum(", "max("), ["buyers", "both"]);
    assert_eq!(changed("14 days", "15 days"), ["both"]);
    assert_eq!(changed("limit 5", "limit 6"), ["alone"]);
    assert_eq!(changed("desc limit", "asc limit"), ["alone"]);
    assert_eq!(changed("limit 5", "limit 5 sample 10% salt \"a\""), ["alone"]);
    assert_eq!(changed("base and buyers", "buyers and base"), ["both"]);
}

#[test]
fn values_from_outside_count() {
    let (before, after) = (module(PROGRAM), module_of(PROGRAM, &[("lately", "7 days")]));
    let same: Vec<bool> =
        definition_hashes(&before).iter().zip(definition_hashes(&after)).map(|(a, b)| *a == b).collect();
    assert_eq!(same, [true, false, false, true]);
}

#[test]
fn settings_count() {
    let before = module(PROGRAM);
    for change in [
        |m: &mut segc::hir::Module| m.settings.zone = "UTC".into(),
        |m: &mut segc::hir::Module| m.settings.week_start = 7,
        |m: &mut segc::hir::Module| m.settings.event_ids = false,
    ] {
        let mut after = before.clone();
        change(&mut after);
        assert!(definition_hashes(&before).iter().zip(definition_hashes(&after)).all(|(a, b)| *a != b));
    }
}

#[test]
fn the_tree_holds_the_hashes() {
    let module = module(CONSTRUCTS);
    let tree = rules(&module);
    let hashes = definition_hashes(&module);
    assert_eq!(hashes.len(), module.segments.len());
    for (index, hash) in hashes.iter().enumerate() {
        assert_eq!(tree["segments"][index]["hash"], hash.as_str());
        assert_eq!(definition_hash(&module, SegmentId(index as u32)), *hash);
    }
}

#[test]
fn a_long_chain_of_definitions_has_a_hash() {
    let mut program = String::from("segment s0 { where loyalty.points > 10 }\n");
    for index in 1..2_000 {
        program.push_str(&format!("segment s{index} {{ where s{} }}\n", index - 1));
    }
    let module = module(&program);
    assert_eq!(definition_hash(&module, SegmentId(1_999)).len(), 64);
}
