//! The schema of the quickstart.

use segc::schema::{Schema, SchemaFile, load};
use segc::source::Sources;

use super::{leaves, line};

const RETAIL: &str = include_str!("../../../examples/quickstart/schema/retail.json");

fn retail() -> Schema {
    let mut sources = Sources::default();
    let loaded = load(&[SchemaFile::new("schema/retail.json", RETAIL)], &mut sources);
    let said: Vec<String> = loaded.diagnostics.iter().map(|d| line(d, &sources)).collect();
    assert_eq!(said.join("\n"), "");
    loaded.schema.unwrap()
}

#[test]
fn its_fields() {
    insta::assert_snapshot!(leaves(&retail()));
}

#[test]
fn every_field_and_event_type_is_described() {
    let schema = retail();
    for object in &schema.objects {
        for (name, field) in &object.fields {
            assert!(!field.title.is_empty(), "{}.{name} has no title", object.name);
            assert!(field.description.ends_with('.'), "{}.{name} has no description", object.name);
        }
    }
    for (name, known) in &schema.event_types {
        assert!(!known.title.is_empty() && known.description.ends_with('.'), "{name} is not described");
    }
    assert!(schema.event_types.len() >= 12 && !schema.event_types_open);
}
