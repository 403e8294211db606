//! Folders of XDM files, on a small one of our own.

use std::path::Path;

use segc::schema::{SchemaFile, read_folder};

use super::{leaves, line};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/fixtures/xdm_like");

fn folder() -> Vec<SchemaFile> {
    let mut files = Vec::new();
    for part in ["classes", "descriptors", "groups", "types"] {
        for entry in std::fs::read_dir(Path::new(FOLDER).join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{part}/{}", path.file_name().unwrap().to_string_lossy());
            files.push((name, std::fs::read(path).unwrap()));
        }
    }
    read_folder(files)
}

fn load(files: &[SchemaFile]) -> (segc::schema::Loaded, String) {
    let mut sources = segc::source::Sources::default();
    let loaded = segc::schema::load(files, &mut sources);
    let said = loaded.diagnostics.iter().map(|d| line(d, &sources)).collect::<Vec<_>>().join("\n");
    (loaded, said)
}

/// The folder with one file's text changed.
fn changed(path: &str, from: &str, to: &str) -> Vec<SchemaFile> {
    let mut files = folder();
    let file = files.iter_mut().find(|file| file.path == path).unwrap();
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    assert!(text.contains(from), "{path} does not hold {from}");
    file.bytes = text.replacen(from, to, 1).into_bytes();
    files
}

#[test]
fn classes_are_composed_with_their_field_groups_and_descriptors() {
    let (loaded, said) = load(&folder());
    assert_eq!(said, "");
    let schema = loaded.schema.unwrap();
    insta::assert_snapshot!(leaves(&schema));
}

#[test]
fn an_example_of_data_is_no_schema_file() {
    assert!(folder().iter().all(|file| !file.path.contains("example")));
}

#[test]
fn the_event_types_are_those_of_the_field_and_open_where_its_enum_is() {
    let schema = load(&folder()).0.schema.unwrap();
    let types: Vec<_> = schema.event_types.iter().map(|(name, ty)| format!("{name}: {}", ty.title)).collect();
    assert_eq!(types, ["shop.orders: Orders", "shop.views: Views"]);
    assert!(schema.event_types_open);
}

#[test]
fn titles_of_the_field_win_over_those_of_the_type_it_refers_to() {
    let schema = load(&folder()).0.schema.unwrap();
    let home = schema.field_at(schema.profile, ["homeAddress"]).unwrap();
    assert_eq!((home.title.as_str(), home.description.as_str()), ("Home", "Where the person lives."));
    assert_eq!(schema.field_at(schema.profile, ["workAddress"]).unwrap().title, "Address");
}

#[test]
fn a_related_class_has_the_key_of_its_descriptor() {
    let schema = load(&folder()).0.schema.unwrap();
    let product = &schema.classes["product"];
    assert_eq!((product.key.join("."), product.title.as_str()), ("sku".to_owned(), "Product"));
    assert_eq!(product.description, "What is sold.");
}

#[test]
fn the_order_of_the_folder_does_not_matter() {
    let (forward, mut backward) = (folder(), folder());
    backward.reverse();
    let backward = read_folder(backward.into_iter().map(|file| (file.path, file.bytes)));
    assert_eq!(load(&forward).0.schema, load(&backward).0.schema);
}

#[test]
fn mistakes_name_the_file_and_the_place() {
    let mistakes = [
        ("groups/person.schema.json", "types/person", "types/persona"),
        ("types/item.schema.json", "integer", "whole"),
        ("types/item.schema.json", "xdm:quantity", "xdm:sku"),
        ("descriptors/item-product.json", "xdm:SKU", "xdm:sku"),
        ("descriptors/item-product.json", "classes/product", "classes/store"),
        ("descriptors/others.json", "/xdm:sku", "/xdm:id"),
        ("types/record.schema.json", "#/definitions/record", "#"),
        ("types/audit.schema.json", "types/audit", "types/item"),
        ("groups/scores.schema.json", "boolean\"", "boolean\",,"),
        ("classes/event.schema.json", "context/experienceevent", "context/other"),
    ];
    let mut all = String::new();
    for (path, from, to) in mistakes {
        all.push_str(&format!("== {path}: {from} -> {to}\n{}\n", load(&changed(path, from, to)).1));
    }
    insta::assert_snapshot!(all);
}
