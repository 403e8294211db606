//! Our own format, its keywords and its mistakes.

use proptest::prelude::*;
use segc::types::Ty;

use super::{leaves, loaded, said};

const RETAIL: &str = r##"{
    "classes": {
        "profile": {
            "required": ["tier"],
            "properties": {
                "tier": { "type": "string", "enum": ["gold", "silver"], "title": "Tier" },
                "home": { "$ref": "#/definitions/address" },
                "risk": { "type": "number", "meta:segType": "probability" },
                "grade": { "type": "number", "meta:segType": "score" },
                "rank": { "type": "integer", "meta:segType": "percentile" },
                "level": { "type": "string", "meta:segType": "bucket" },
                "spent": { "type": "number", "meta:scale": 2, "meta:digits": 12 },
                "since": { "type": ["string", "null"], "format": "date" },
                "prefs": { "type": "object", "additionalProperties": { "type": "string" } },
                "xdm:raw": { "type": "boolean", "meta:labels": ["S1", "C2", "C2"] },
                "favourites": { "type": "array", "items": { "type": "string" }, "meta:relationship": "product" }
            }
        },
        "event": {
            "properties": {
                "timestamp": { "type": "string", "format": "date-time" },
                "items": { "type": "array", "items": { "$ref": "#/definitions/item" } }
            },
            "definitions": {
                "item": { "properties": { "product": { "type": "string", "meta:relationship": "product" } } }
            }
        },
        "product": {
            "title": "Product", "meta:key": "SKU",
            "properties": { "SKU": { "type": "string" }, "price": { "type": "number", "meta:scale": 2 } }
        }
    },
    "definitions": { "address": { "properties": { "city": { "type": "string" } } } },
    "eventTypes": { "shop.orders": "Orders", "shop.views": { "title": "Views", "description": "Saw it." }, "ping": {} }
}"##;

#[test]
fn every_keyword_of_the_format_is_read() {
    let (loaded, _) = loaded(&[("retail.json", RETAIL)]);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let schema = loaded.schema.unwrap();
    insta::assert_snapshot!(leaves(&schema));
    let types: Vec<_> = schema.event_types.iter().map(|(n, t)| format!("{n}|{}|{}", t.title, t.description)).collect();
    assert_eq!(types, ["shop.orders|Orders|", "shop.views|Views|Saw it.", "ping||"]);
    assert!(!schema.event_types_open);
    let Ty::Decimal(digits) = schema.field(schema.profile, "spent").unwrap().ty.ty else { panic!("not a decimal") };
    assert_eq!((digits.precision, digits.scale), (12, 2));
}

#[test]
fn an_open_list_of_event_types_stays_open() {
    let text = RETAIL.replacen("\"eventTypes\"", "\"eventTypesOpen\": true, \"eventTypes\"", 1);
    let schema = loaded(&[("retail.json", &text)]).0.schema.unwrap();
    assert!(schema.event_types_open);
}

#[test]
fn several_files_are_joined_and_may_refer_to_each_other() {
    let more = r##"{ "classes": {
        "profile": { "properties": { "work": { "$ref": "types/address.json" }, "home": { "$ref": "#/definitions/more" } },
                     "definitions": { "more": { "properties": { "zip": { "type": "string" } } } } },
        "store": { "properties": { "_id": { "type": "integer" } } } } }"##;
    let address = r#"{ "properties": { "xdm:street": { "type": "string" }, "repo:when": { "type": "string", "format": "date" } } }"#;
    let files = [("retail.json", RETAIL), ("store.json", more), ("types/address.json", address)];
    let (loaded, _) = loaded(&files);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let schema = loaded.schema.unwrap();
    let all = leaves(&schema);
    for expected in
        ["home.city string?", "home.zip string?", "work.street string?", "work._repo.when date?", "store\n  _id int?"]
    {
        assert!(all.contains(expected), "{expected} is missing from {all}");
    }
}

#[test]
fn mistakes_are_named_at_their_place() {
    let mistakes = [
        ("\"#/definitions/item\"", "\"#/definitions/items\""),
        ("\"probability\"", "\"likelihood\""),
        ("\"bucket\"", "\"score\""),
        ("\"meta:digits\": 12", "\"meta:digits\": 39"),
        ("\"meta:key\": \"SKU\"", "\"meta:key\": \"sku\""),
        ("\"meta:key\": \"SKU\"", "\"meta:key\": \"price\""),
        ("\"meta:relationship\": \"product\"", "\"meta:relationship\": \"products\""),
        ("{ \"type\": \"string\" }, \"meta:relationship\"", "{ \"type\": \"boolean\" }, \"meta:relationship\""),
        ("\"array\", \"items\": { \"type\": \"string\" }", "\"array\""),
        ("{ \"type\": \"boolean\", \"meta:labels\"", "{ \"meta:labels\""),
        ("[\"string\", \"null\"]", "[\"string\", \"boolean\"]"),
        ("\"event\": {", "\"events\": {"),
    ];
    let mut all = String::new();
    for (from, to) in mistakes {
        assert!(RETAIL.contains(from), "{from}");
        let text = RETAIL.replacen(from, to, 1);
        all.push_str(&format!("== {from} -> {to}\n{}\n", said(&[("retail.json", &text)])));
    }
    all.push_str(&format!("== a list\n{}\n", said(&[("a.json", "[]")])));
    all.push_str(&format!("== no file\n{}\n", said(&[])));
    insta::assert_snapshot!(all);
}

#[test]
fn a_field_of_an_unknown_type_leaves_the_rest_in_place() {
    let text = RETAIL.replacen("\"boolean\"", "\"logical\"", 1);
    let (loaded, _) = loaded(&[("retail.json", &text)]);
    let schema = loaded.schema.unwrap();
    assert_eq!(schema.field(schema.profile, "xdm:raw").unwrap().ty.ty, Ty::Error);
    assert_eq!(loaded.diagnostics.len(), 1);
}

#[test]
fn nesting_is_bounded_at_its_limit_and_not_before() {
    let nested = |levels: usize| {
        let inner = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        format!(r#"{{ "x": {inner}, "classes": {{ "profile": {{}}, "event": {{}} }} }}"#)
    };
    assert_eq!(said(&[("a.json", &nested(63))]), "");
    assert!(
        said(&[("a.json", &nested(64))]).starts_with("SEG0802 a.json:1:71 `[`"),
        "{}",
        said(&[("a.json", &nested(64))])
    );
    assert!(said(&[("a.json", &nested(500_000))]).starts_with("SEG0802"));
}

#[test]
fn a_long_chain_of_references_ends_in_a_diagnostic() {
    let links: Vec<String> =
        (0..5000).map(|i| format!(r##""d{i}": {{ "$ref": "#/definitions/d{}" }}"##, i + 1)).collect();
    let text = format!(
        r##"{{ "classes": {{ "profile": {{ "properties": {{ "x": {{ "$ref": "#/definitions/d0" }} }} }}, "event": {{}} }},
              "definitions": {{ {} }} }}"##,
        links.join(",")
    );
    assert!(said(&[("a.json", &text)]).contains("references lead on too often"));
}

#[test]
fn a_schema_that_unfolds_without_end_is_cut_off() {
    let text = r##"{
        "classes": { "profile": { "properties": { "x": { "$ref": "grow.json" } } }, "event": {} }
    }"##;
    // a field that is given twice, once by its compact name, is never the same object again
    let grow = r##"{ "properties": {
        "_a": { "$ref": "#" }, "a:x": { "type": "string" }, "_b": { "$ref": "#" }, "b:x": { "type": "string" } } }"##;
    let said = said(&[("a.json", text), ("grow.json", grow)]);
    assert!(said.contains("it has too many fields"), "{said}");
}

#[test]
fn a_file_has_its_longest_length() {
    let text = r#"{ "classes": { "profile": {}, "event": {} } }"#;
    let padded = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
    let most = segc::limits::SCHEMA_FILE_BYTES;
    assert_eq!(said(&[("a.json", &padded(most))]), "");
    assert!(said(&[("a.json", &padded(most + 1))]).contains("the file is too long"));
}

#[test]
fn a_schema_full_of_mistakes_is_reported_in_part() {
    let fields: Vec<String> = (0..20_000).map(|i| format!(r#""f{i}": {{ "type": "what" }}"#)).collect();
    let text =
        format!(r#"{{ "classes": {{ "profile": {{ "properties": {{ {} }} }}, "event": {{}} }} }}"#, fields.join(","));
    let (loaded, _) = loaded(&[("a.json", &text)]);
    assert!((100..=200).contains(&loaded.diagnostics.len()));
}

#[test]
fn bytes_that_are_not_text_are_reported() {
    let files = [segc::schema::SchemaFile::new("a.json", vec![0xff, 0xfe])];
    let loaded = segc::schema::load(&files, &mut segc::source::Sources::default());
    assert_eq!(loaded.diagnostics[0].message, "`a.json` is not UTF-8 text");
    assert!(loaded.schema.is_none());
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let files = [segc::schema::SchemaFile::new("a.json", bytes)];
        let loaded = segc::schema::load(&files, &mut segc::source::Sources::default());
        prop_assert!(loaded.schema.is_some() || !loaded.diagnostics.is_empty());
    }

    #[test]
    fn a_mangled_schema_never_panics(at in 0..RETAIL.len(), with in "[\\[\\]{}\",:a0 \u{e9}]{0,3}", cut in 0usize..12) {
        let mut text = RETAIL.as_bytes().to_vec();
        text.splice(at..(at + cut).min(RETAIL.len()), with.bytes());
        let files = [segc::schema::SchemaFile::new("a.json", text)];
        let loaded = segc::schema::load(&files, &mut segc::source::Sources::default());
        prop_assert!(loaded.schema.is_some() || !loaded.diagnostics.is_empty());
    }
}

/// Paths to fields are what a store, tables and listings have a column for: few objects can have very many of them.
#[test]
fn fields_are_counted_by_their_paths() {
    // Ten fields on each of five levels are 100,000 paths; what every schema has by itself is not counted.
    let level = |below: &str| {
        let fields: Vec<String> = (0..10).map(|n| format!("\"f{n}\": {below}")).collect();
        format!("{{ \"properties\": {{ {} }} }}", fields.join(", "))
    };
    let text = |profile: &str| {
        let definition =
            |n: usize| format!("\"d{n}\": {}", level(&format!("{{ \"$ref\": \"#/definitions/d{}\" }}", n + 1)));
        let definitions: Vec<String> = (2..5).map(definition).collect();
        format!(
            "{{ \"classes\": {{ \"profile\": {profile}, \"event\": {{}} }}, \"definitions\": {{ {}, \"d5\": {} }} }}",
            definitions.join(", "),
            level("{ \"type\": \"string\" }")
        )
    };
    let profile = level("{ \"$ref\": \"#/definitions/d2\" }");
    let (most, _) = loaded(&[("s.json", &text(&profile))]);
    assert!(most.diagnostics.is_empty(), "{:?}", most.diagnostics);
    assert!(most.schema.is_some());
    let more = profile.replacen("\"f0\"", "\"one\": { \"type\": \"string\" }, \"f0\"", 1);
    let more = text(&more);
    assert!(loaded(&[("s.json", &more)]).0.schema.is_none());
    let said = said(&[("s.json", &more)]);
    assert!(said.contains("it has too many fields, counted by their paths"), "{said}");
}
