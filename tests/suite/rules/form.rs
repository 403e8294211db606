//! Every node is as the schema says, the schema describes nothing that does not occur, and what is wrong is refused.

use std::collections::{BTreeMap, BTreeSet};

use segc::builtins::registry;
use segc::emit::rules::{rules, text};
use serde_json::Value;

use super::{CONSTRUCTS, everything, schema, tree};

/// Calls `f` with every node that has a tag, and the schema's name for it.
fn each_tagged(value: &Value, f: &mut dyn FnMut(String, &Value)) {
    if let Some(op) = value.get("op") {
        f(format!("op_{}", op.as_str().unwrap()), value);
    }
    for (field, kind) in [("window", "window"), ("source", "source"), ("origin", "origin")] {
        // A parameter of a `let` may be called `window` too.
        if let Some(node) = value.get(field)
            && let Some(name) = node["kind"].as_str()
        {
            f(format!("{kind}_{name}"), node);
        }
    }
    if let Some(step) = value.get("step") {
        let name = step.as_str().unwrap();
        f(if ["key", "follow"].contains(&name) { format!("step_{name}") } else { "step_plain".to_owned() }, value);
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_tagged(item, f)),
        Value::Object(fields) => fields.values().for_each(|field| each_tagged(field, f)),
        _ => {}
    }
}

/// One node of each kind that occurs.
fn samples() -> BTreeMap<String, Value> {
    let mut samples = BTreeMap::new();
    for module in everything() {
        each_tagged(&rules(&module), &mut |name, node| {
            samples.entry(name).or_insert_with(|| node.clone());
        });
    }
    samples
}

#[test]
fn every_tree_is_as_the_schema_says() {
    let schema = schema();
    for module in everything() {
        let tree = rules(&module);
        if let Err(why) = schema.validate(&tree) {
            panic!("{why}");
        }
    }
}

#[test]
fn the_schema_describes_what_occurs_and_nothing_else() {
    let seen: BTreeSet<String> = samples().into_keys().collect();
    let schema = schema();
    let described: BTreeSet<String> = schema
        .definitions()
        .map(|(name, _)| name.clone())
        .filter(|name| ["op_", "window_", "source_", "origin_", "step_"].iter().any(|kind| name.starts_with(kind)))
        .collect();
    let missing: Vec<&String> = seen.difference(&described).collect();
    let unseen: Vec<&String> = described.difference(&seen).collect();
    assert!(missing.is_empty() && unseen.is_empty(), "not described: {missing:?}; never seen: {unseen:?}");
}

#[test]
fn every_kind_of_node_has_a_description() {
    for (name, definition) in schema().definitions() {
        let description = definition["description"].as_str().unwrap_or_default();
        assert!(description.len() > 10 && description.ends_with('.'), "{name}: {description:?}");
    }
}

#[test]
fn every_builtin_has_a_node() {
    let schema = schema();
    let names: BTreeSet<&str> = schema.definitions().map(|(name, _)| name.as_str()).collect();
    let wrong: Vec<&str> = registry::all()
        .filter(|b| !names.contains(format!("op_{}", b.rule).as_str()))
        .filter(|b| !names.contains(format!("window_{}", b.rule).as_str()))
        .map(|b| b.name)
        .collect();
    assert!(wrong.is_empty(), "without a node: {wrong:?}");
}

#[test]
fn what_is_no_node_is_refused() {
    let schema = schema();
    for (name, node) in samples() {
        assert_eq!(schema.validate_as(&name, &node), Ok(()), "{name}");
        let refused = |node: &Value, what: &str| {
            assert!(schema.validate_as(&name, node).is_err(), "{name} {what} is accepted: {node}");
        };
        let mut extra = node.clone();
        extra["surplus"] = true.into();
        refused(&extra, "with a surplus field");
        let optional = ["negated", "ignoring_case", "ignoring_year", "propensity", "event_type", "via", "digits"];
        for field in node.as_object().unwrap().keys().filter(|field| !optional.contains(&field.as_str())) {
            let mut less = node.clone();
            less.as_object_mut().unwrap().shift_remove(field);
            refused(&less, &format!("without `{field}`"));
        }
        if name.starts_with("op_") {
            let mut unknown = node.clone();
            unknown["op"] = "frobnicate".into();
            assert!(schema.validate_as("expression", &unknown).is_err(), "{unknown}");
            let mut untyped = node.clone();
            untyped["type"] = "number".into();
            refused(&untyped, "of an unknown type");
        }
    }
}

#[test]
fn a_constant_has_the_form_of_its_type() {
    let schema = schema();
    let literal = |ty: &str, value: Value| serde_json::json!({ "op": "literal", "type": ty, "value": value });
    let right = [
        ("decimal(4, 2)", Value::from("12.50")),
        ("date", "2026-01-31".into()),
        ("timestamp", "2026-01-31T09:20:30.500000Z".into()),
        ("bucket", "low".into()),
        ("list<string>", vec!["a"].into()),
    ];
    for (ty, value) in right {
        assert_eq!(schema.validate_as("expression", &literal(ty, value)), Ok(()), "{ty}");
    }
    let wrong = [
        ("int", Value::from("1")),
        ("decimal(4, 2)", 12.5.into()),
        ("date", "31.1.2026".into()),
        ("timestamp", "2026-01-31T09:20:30+01:00".into()),
        ("duration", 30.into()),
        ("bucket", "lowest".into()),
        ("list<string>", "a".into()),
        ("bool", Value::Null),
    ];
    for (ty, value) in wrong {
        assert!(schema.validate_as("expression", &literal(ty, value)).is_err(), "{ty}");
    }
}

#[test]
fn a_whole_tree() {
    let program = r#"
        /// Lately.
        param lately: duration = 30 days
        event big = commerce.purchases where commerce.order.priceTotal >= 100
        let paid(window: duration) = sum(commerce.order.priceTotal of big in last window)
        propensity churn from customer_ai _retail.customerAI.churn { kind churn max age 14 days }
        segment keep "Keep them" {
            where paid(lately) > 500 and propensity.churn.probability >= 0.7
              and none(big in last lately where any(productListItems where product.category == "shoes"))
            sample 10%
            rank by propensity.churn.probability desc limit 10
        }
    "#;
    insta::assert_snapshot!(text(&tree(program)));
}

#[test]
fn the_constructs() {
    let mut tree = tree(CONSTRUCTS);
    for part in ["lets", "params", "events", "propensities"] {
        insta::assert_snapshot!(format!("definitions_{part}"), text(&tree[part]));
    }
    for segment in tree["segments"].as_array_mut().unwrap() {
        segment.as_object_mut().unwrap().shift_remove("hash");
        insta::assert_snapshot!(format!("segment_{}", segment["name"].as_str().unwrap()), text(segment));
    }
}
