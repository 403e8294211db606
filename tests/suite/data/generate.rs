//! The quickstart's data.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use segc::data::{generate, load};
use segc::schema::{SchemaFile, load as load_schema};
use segc::source::Sources;
use segc::store::{Needs, Space};
use segc::types::{Ty, Type};

use super::show::{elements, entries, path};

/// Every leaf of the profile, the event and the product.
fn everything(schema: &segc::schema::Schema) -> Needs {
    let mut needs = Needs::default();
    let items = elements(&Space::Events, "productListItems");
    let product = Space::Class("product".into());
    let roots =
        [(Space::Profiles, schema.profile), (Space::Events, schema.event), (product, schema.classes["product"].object)];
    for (space, object) in roots {
        for (leaf, field) in schema.leaves(object) {
            let leaf = leaf.as_str();
            let inner = leaf.strip_prefix("productListItems.");
            let (space, leaf) = match inner {
                Some(inner) => (items.clone(), inner),
                None => (space.clone(), leaf),
            };
            match leaf.split_once(".*") {
                Some(_) => {}
                None if matches!(field.ty.ty, Ty::Map(_)) => {
                    needs.spaces.entry(entries(&space, leaf)).or_default().insert(path(""), Type::optional(Ty::String));
                }
                None => {
                    let through = leaf.contains("factors.");
                    let ty = if through { Ty::List(Box::new(field.ty.ty.clone())) } else { field.ty.ty.clone() };
                    needs.spaces.entry(space).or_default().insert(path(leaf), Type::optional(ty));
                }
            }
        }
    }
    needs
}

fn quickstart() -> segc::schema::Schema {
    let root = std::path::Path::new("examples/quickstart/schema/retail.json");
    let file = SchemaFile::new("retail.json", std::fs::read(root).unwrap());
    let loaded = load_schema(&[file], &mut Sources::default());
    assert_eq!(loaded.diagnostics, []);
    loaded.schema.unwrap()
}

#[test]
fn the_quickstart_loads_without_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    generate::retail(&folder.path().join("data"), 500, 7).unwrap();
    let text = std::fs::read_to_string("examples/quickstart/seg.toml").unwrap();
    let (project, diagnostics) = segc::project::read(&text, segc::source::FileId(0), &[]);
    assert_eq!(diagnostics, []);
    let schema = quickstart();
    let mut needs = everything(&schema);
    let member = path("segmentMembership.#partner.#partner-shoppers.status");
    needs.spaces.get_mut(&Space::Profiles).unwrap().insert(member, Type::optional(Ty::String));
    assert_eq!(segc::project::check(&project, &schema), []);
    let loaded = load(&project, folder.path(), &schema, &needs, generate::NOW).unwrap();
    assert_eq!(loaded.report.findings.iter().count(), 0, "{}", loaded.report.to_text());
    assert_eq!(loaded.report.profiles, 500);
    assert!(loaded.report.later_than_now > 0);
    let block = &loaded.dataset.blocks[0];
    for (at, column) in &block.profiles.columns {
        let present = column.valid.as_ref().map_or(500, segc::vector::Bitmap::count);
        assert!(present > 0, "{at:?} is absent everywhere");
        assert!(present < 500 || *at == path("_id"), "{at:?} is never absent");
    }
    let types: Vec<&str> = block.events.types.keys().map(|t| &**t).collect();
    let known: std::collections::BTreeSet<&str> = schema.event_types.keys().map(String::as_str).collect();
    assert_eq!(types, known.into_iter().collect::<Vec<_>>(), "every type occurs");
    for (at, column) in &block.events.table.columns {
        let rows = block.events.table.rows;
        assert!(column.valid.as_ref().map_or(rows, segc::vector::Bitmap::count) > 0, "{at:?} is absent everywhere");
    }
}

#[test]
fn the_data_is_the_same_every_time_and_has_heavy_tails_and_ties() {
    let one = generate::tables(300, 7).unwrap();
    let two = generate::tables(300, 7).unwrap();
    assert!(one.profiles == two.profiles && one.events == two.events && one.products == two.products);
    assert!(one.events != generate::tables(300, 8).unwrap().events);
    let more = generate::tables(301, 7).unwrap();
    assert_eq!(
        more.events.slice(0, one.events.num_rows()).column(2),
        one.events.column(2),
        "a profile more changes no other"
    );
    let who = one.events.column_by_name("profileId").unwrap().as_any_dictionary().normalized_keys();
    let at = one.events.column_by_name("timestamp").unwrap();
    let at = at.as_primitive::<arrow_array::types::TimestampMicrosecondType>();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut moments: BTreeMap<(usize, i64), usize> = BTreeMap::new();
    for (who, at) in who.iter().zip(at.values()) {
        *counts.entry(*who).or_default() += 1;
        *moments.entry((*who, *at)).or_default() += 1;
    }
    assert!(counts.len() < 300, "some have no event");
    assert!(counts.values().max() > Some(&300), "some have very many");
    assert!(moments.values().any(|&n| n > 1), "some events are simultaneous");
}
