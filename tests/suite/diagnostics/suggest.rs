//! Did you mean.

use segc::diagnostics::suggest::{closest, closest_n};

const NAMES: &[&str] = &[
    "homeAddress",
    "countryCode",
    "person",
    "birthDate",
    "loyalty_points",
    "commerce.purchases",
    "commerce.productViews",
    "id",
    "SKU",
    "priceTotal",
    "totalSpend",
    "HTTPStatus",
];

fn suggested(name: &str) -> &str {
    closest(name, NAMES.iter().copied()).unwrap_or("-")
}

#[test]
fn the_nearest_name_is_suggested() {
    let asked = [
        "homeadress",
        "home_address",
        "HomeAddress",
        "persno",
        "birthdat",
        "loyaltyPoints",
        "loyalty-point",
        "commerce.purchase",
        "commerce.prodctViews",
        "sku",
        "totalPrice",
        "spend_total",
        "country",
        "points",
        "status",
        "address",
        "xd",
        "x",
        "zebra",
        "",
        "home",
        "purchases",
        "spends",
    ];
    let answers: Vec<String> = asked.iter().map(|name| format!("{name} -> {}", suggested(name))).collect();
    insta::assert_snapshot!(answers.join("\n"), @r"
    homeadress -> homeAddress
    home_address -> homeAddress
    HomeAddress -> homeAddress
    persno -> person
    birthdat -> birthDate
    loyaltyPoints -> loyalty_points
    loyalty-point -> loyalty_points
    commerce.purchase -> commerce.purchases
    commerce.prodctViews -> commerce.productViews
    sku -> SKU
    totalPrice -> priceTotal
    spend_total -> totalSpend
    country -> countryCode
    points -> loyalty_points
    status -> HTTPStatus
    address -> homeAddress
    xd -> id
    x -> -
    zebra -> -
     -> -
    home -> homeAddress
    purchases -> commerce.purchases
    spends -> -
    ");
}

#[test]
fn ties_do_not_depend_on_the_order_of_the_candidates() {
    let names = ["cart", "card", "care", "carb"];
    for shift in 0..names.len() {
        let rotated = names.iter().cycle().skip(shift).take(names.len()).copied();
        assert_eq!(closest("carx", rotated), Some("carb"));
    }
    assert_eq!(closest_n("carx", names.into_iter().chain(names), 3), ["carb", "card", "care"]);
}

#[test]
fn the_name_itself_is_no_suggestion() {
    assert_eq!(closest("person", ["person"].into_iter()), None);
    assert_eq!(closest("person", ["person", "persons"].into_iter()), Some("persons"));
}

#[test]
fn the_nearest_of_thousands_is_found() {
    let names: Vec<String> = (0..20_000).map(|i| format!("commerce.order.attribute_{i:05}.valueTotal")).collect();
    let found = closest("commerce.order.atribute_19999.valueTotal", names.iter().map(String::as_str));
    assert_eq!(found, Some("commerce.order.attribute_19999.valueTotal"));
}
