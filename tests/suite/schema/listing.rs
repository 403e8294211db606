//! `schema::show`.

use segc::schema::{Schema, SchemaFile, ShowFormat, ShowOptions, load, show};
use segc::source::Sources;

fn small() -> Schema {
    let text = r##"{
        "classes": {
            "profile": { "required": ["tier"], "properties": {
                "tier": { "type": "string", "enum": ["gold", "silver"], "meta:enum": { "gold": "Gold card" }, "title": "Tier" },
                "homeAddress": { "properties": {
                    "city": { "type": "string", "description": "Where\n  one lives\u001b[31m.", "meta:labels": ["C1"] },
                    "story": { "type": "string", "description": "A very long text about this address, which tells all that is to be known of it, and more." } } },
                "paid": { "type": "number", "meta:scale": 2 } } },
            "event": { "properties": {
                "channels": { "type": "array", "items": { "type": "string", "meta:enum": { "web": "Web" } } },
                "product": { "type": "string", "meta:relationship": "product" } } },
            "product": { "meta:key": "SKU", "title": "Product", "properties": { "SKU": { "type": "string" } } }
        },
        "eventTypes": { "shop.orders": { "title": "Orders", "description": "An order was placed." }, "web.views": "Views" }
    }"##;
    let loaded = load(&[SchemaFile::new("a.json", text)], &mut Sources::default());
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded.schema.unwrap()
}

fn text(pattern: Option<&str>) -> String {
    show(&small(), &ShowOptions { format: ShowFormat::Text, pattern })
}

#[test]
fn text_lists_every_leaf_with_its_type_and_meaning() {
    insta::assert_snapshot!(text(None));
}

#[test]
fn a_pattern_selects_by_the_beginning_or_by_a_star() {
    let mut all = String::new();
    for pattern in ["homeaddress", "event", "*city*", "event.prod", "shop", "nothing"] {
        all.push_str(&format!("== {pattern}\n{}", text(Some(pattern))));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn json_holds_what_the_schema_knows_and_no_control_character() {
    let json = show(&small(), &ShowOptions { format: ShowFormat::Json, pattern: None });
    assert!(!json.contains('\u{1b}'));
    insta::assert_snapshot!(json);
}
