//! `schema::infer`: from rows to a first schema, which must load.

use proptest::prelude::*;
use segc::schema::{InferredClass, Observed, Roles, SchemaFile, guess_roles, infer, load};
use segc::source::Sources;
use segc::types::{Digits, Ty};
use serde_json::{Value, json};

use super::{leaves, line};

fn rows<'a>(values: impl IntoIterator<Item = &'a Value>) -> Observed {
    let mut rows = Observed::new();
    values.into_iter().for_each(|value| rows.see_json(value));
    rows
}

/// The leaves of the schema that a text holds; it must load without an error.
fn reloaded(text: &str) -> String {
    let mut sources = Sources::default();
    let loaded = load(&[SchemaFile::new("inferred.json", text)], &mut sources);
    let errors: Vec<String> = loaded.diagnostics.iter().filter(|d| d.is_error()).map(|d| line(d, &sources)).collect();
    assert!(errors.is_empty(), "{}\n{text}", errors.join("\n"));
    leaves(&loaded.schema.unwrap())
}

fn profiles() -> Observed {
    let all: Vec<Value> = (0..40)
        .map(|i| {
            json!({
                "customer_id": format!("c{i}"),
                "born": "1980-02-03",
                "seen_at": "2026-11-23T10:00:00+01:00",
                "zip": format!("{:05}", i * 7),
                "points": i,
                "paid": f64::from(i) + 0.25,
                "ratio": f64::from(i) / 7.0,
                "vip": i % 2 == 0,
                "country": if i % 3 == 0 { "SE" } else { "NO" },
                "address": { "city": "Oslo", "no": if i == 3 { Value::Null } else { json!(i) } },
                "tags": if i == 0 { json!([]) } else { json!(["a", "b"]) },
                "children": [{ "name": "x" }],
                "mixed": if i == 0 { json!(1) } else { json!("one") },
                "never": null,
                "scores": Value::Object((0..3).map(|k| (format!("m{}", i * 3 + k), json!(0.5))).collect()),
            })
        })
        .collect();
    rows(&all)
}

#[test]
fn a_profile_is_inferred_from_json() {
    let observed = profiles();
    let roles = guess_roles(&observed);
    assert_eq!(roles.profile_id.as_deref(), Some("customer_id"));
    let text = infer(&[InferredClass { name: "profile", rows: &observed, key: None }], &roles);
    insta::assert_snapshot!(format!("{}\n{text}", reloaded(&text)));
}

#[test]
fn events_are_inferred_from_cells_of_csv() {
    let mut observed = Observed::new();
    for i in 0..60 {
        observed.see_row();
        let kind = ["order", "page_view", "Order Completed"][i % 3];
        let price = if i == 0 { String::new() } else { format!("{i}.50") };
        let cells = [
            ("event_id", format!("e{i}")),
            ("user_id", format!("{i:04}")),
            ("event_type", kind.to_owned()),
            ("event_time", "2026-01-02 03:04:05".to_owned()),
            ("commerce.order.priceTotal", price),
            ("commerce.order.id", format!("{i}")),
            ("paid", "true".to_owned()),
        ];
        for (name, cell) in cells {
            observed.field(name).unwrap().see_cell(&cell);
        }
    }
    let roles = guess_roles(&observed);
    let expected = Roles {
        profile_id: Some("user_id".into()),
        event_id: Some("event_id".into()),
        timestamp: Some("event_time".into()),
        event_type: Some("event_type".into()),
    };
    assert_eq!(roles, expected);
    let text = infer(&[InferredClass { name: "event", rows: &observed, key: None }], &roles);
    insta::assert_snapshot!(format!("{}\n{text}", reloaded(&text)));
}

#[test]
fn declared_columns_keep_their_types() {
    let mut observed = Observed::new();
    observed.objects = 100;
    let mut list = Observed::declared(Ty::List(Box::new(Ty::Int)), 50);
    list.elements = Some(Box::new(Observed::declared(Ty::Int, 0)));
    let mut object = Observed::declared(Ty::Object(segc::types::ObjectId(0)), 100);
    object.fields.insert("city".into(), Observed::declared(Ty::String, 100));
    let mut tier = Observed::declared(Ty::String, 100);
    ["gold", "silver"].into_iter().for_each(|value| tier.see_value(value));
    let columns = [
        ("sku", Observed::declared(Ty::String, 100)),
        ("price", Observed::declared(Ty::Decimal(Digits { precision: 20, scale: 4 }), 100)),
        ("weight", Observed::declared(Ty::Float, 99)),
        ("sizes", list),
        ("maker", object),
        ("tier", tier),
        ("added", Observed::declared(Ty::Timestamp, 100)),
    ];
    observed.fields.extend(columns.into_iter().map(|(name, seen)| (name.to_owned(), seen)));
    let class = InferredClass { name: "product", rows: &observed, key: Some("sku") };
    let text = infer(&[class], &Roles::default());
    insta::assert_snapshot!(reloaded(&text));
}

#[test]
fn values_are_texts_unless_all_of_them_are_something_else() {
    let kind = |values: &[&str]| {
        let mut observed = Observed::new();
        for value in values {
            observed.see_row();
            observed.field("x").unwrap().see_cell(value);
        }
        let text = infer(&[InferredClass { name: "profile", rows: &observed, key: None }], &Roles::default());
        reloaded(&text).lines().nth(2).unwrap_or_default().trim().to_owned()
    };
    let cases: [&[&str]; 15] = [
        &["1", "2"],
        &["-1.50", "2"],
        &["0.1234567"],
        &["007", "1"],
        &["1e5"],
        &["99999999999999999999"],
        &["true", "false"],
        &["true", "1"],
        &["2026-02-28", ""],
        &["2026-13-01"],
        &["2026-02-28", "2026-02-28T10:00:00Z"],
        &["2026-02-28T10:00:00.123456+0100", "2026-02-28 10:00"],
        &["2026-02-28T", "2026-02-28T10"],
        &["", ""],
        &["1.0", "2.0"],
    ];
    let all: Vec<String> = cases.iter().map(|values| format!("{values:?} {}", kind(values))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c0-9:.@ -]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("[a-cA:.@_]{0,3}", inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_was_observed_makes_a_schema_that_loads(values in proptest::collection::vec(json_value(), 0..6)) {
        let observed = rows(&values);
        let roles = guess_roles(&observed);
        let classes = [
            InferredClass { name: "profile", rows: &observed, key: None },
            InferredClass { name: "event", rows: &observed, key: None },
        ];
        let text = infer(&classes, &roles);
        reloaded(&text);
        prop_assert_eq!(text, infer(&classes, &roles));
    }
}

#[test]
fn deep_values_make_a_schema_that_loads() {
    let mut value = json!(1);
    for level in 0..60 {
        value = if level % 2 == 0 { json!({ "a": value }) } else { json!([value]) };
    }
    let observed = rows(&[json!({ "deep": value })]);
    reloaded(&infer(&[InferredClass { name: "profile", rows: &observed, key: None }], &Roles::default()));
}
