//! The composed model: lookups, leaves, fingerprint.

use segc::schema::{Schema, build};
use segc::types::{Ty, Type};

fn small(points: Ty) -> Schema {
    build(
        &[
            ("person.name.firstName", Type::optional(Ty::String)),
            ("preferences", Type::optional(Ty::Map(Box::new(Ty::String)))),
            ("loyalty.points", Type::optional(points)),
            ("memberships{}.status", Type::optional(Ty::String)),
        ],
        &[
            ("productListItems[].SKU -> product", Type::optional(Ty::String)),
            ("productListItems[].quantity", Type::optional(Ty::Int)),
        ],
        &["commerce.purchases"],
        &[("product", "sku", &[("sku", Type::required(Ty::String)), ("brand", Type::optional(Ty::String))])],
    )
}

fn listing(schema: &Schema) -> Vec<String> {
    schema
        .leaves(schema.profile)
        .chain(schema.leaves(schema.event))
        .map(|(path, field)| format!("{path} {}", field.ty))
        .collect()
}

#[test]
fn leaves_walk_through_objects_lists_and_maps() {
    insta::assert_snapshot!(listing(&small(Ty::Int)).join("\n"), @r"
    _id string
    person.name.firstName string?
    preferences map<string>?
    loyalty.points int?
    memberships.*.status string?
    _id string?
    timestamp timestamp
    eventType enum
    productListItems.SKU string?
    productListItems.quantity int?
    ");
}

#[test]
fn a_path_is_found_through_a_list_and_its_class_is_known() {
    let schema = small(Ty::Int);
    let sku = schema.field_at(schema.event, ["productListItems", "SKU"]).unwrap();
    let product = schema.related(sku).unwrap();
    assert_eq!(product.key, ["sku"]);
    assert_eq!(schema.field(product.object, "brand").unwrap().ty, Type::optional(Ty::String));
    assert!(schema.field_at(schema.event, ["productListItems", "brand"]).is_none());
}

#[test]
fn an_object_that_holds_itself_ends_the_walk() {
    let mut schema = small(Ty::Int);
    let person = schema.field_at(schema.profile, ["person"]).unwrap().clone();
    let id = person.ty.ty.inner_object().unwrap();
    schema.objects[id.0 as usize].fields.insert("spouse".into(), person);
    assert_eq!(listing(&schema)[1..3], ["person.name.firstName string?", "person.spouse object?"]);
    schema.fingerprint();
}

#[test]
fn the_fingerprint_follows_the_meaning_and_not_the_words() {
    let schema = small(Ty::Int);
    assert_ne!(schema.fingerprint(), small(Ty::Float).fingerprint());
    let mut described = schema.clone();
    let profile = &mut described.objects[schema.profile.0 as usize];
    profile.fields[0].description = "the person's id".into();
    profile.fields.reverse();
    assert_eq!(schema.fingerprint(), described.fingerprint());
    let profile = &mut described.objects[schema.profile.0 as usize];
    profile.fields[0].labels.push("C1".into());
    assert_ne!(schema.fingerprint(), described.fingerprint());
}
