//! Lists as JSON arrays: subqueries over their elements. Invariant: null where a list is, `[]` where nothing is left.

use super::value::{collated, key, of_json, packed, path_to, stored, to_json};
use crate::sql::dialect::{Built, Unsupported};
use crate::sql::tree::{Expr, Ident, Item, Join, JoinKind, Order, Select, Source, SqlType, Table};

/// The table of a list's elements: the name of an element is its alias too, but for an underscore.
fn elements(list: Expr, element: &Ident, place: &Ident) -> Table {
    let source = Source::Unnest { list, column: element.clone(), place: Some(place.clone()) };
    Table { source, alias: Ident::generated(&format!("{}_", element.text())) }
}

fn select(expr: Expr, from: Table, filter: Expr) -> Select {
    Select {
        items: vec![Item { expr, alias: None }],
        from: Some(from),
        filter: filter.conjuncts(),
        ..Select::default()
    }
}

fn query(expr: Expr, from: Table, filter: Expr) -> Expr {
    Expr::Query(Box::new(select(expr, from, filter)))
}

fn by(expr: Expr) -> Order {
    Order { expr, descending: false, nullable: false }
}

fn params(params: Vec<Ident>) -> Result<(Ident, Ident), Unsupported> {
    let mut params = params.into_iter();
    let Some(element) = params.next() else { return Err(Unsupported("a function of no parameter".to_owned())) };
    let place = params.next().unwrap_or_else(|| Ident::generated(&format!("{}_place_", element.text())));
    Ok((element, place))
}

/// The elements under a name of this file, one for each depth at which a query may stand.
fn own(list: Expr, name: &str) -> (Table, Expr, Expr) {
    let (element, place) = (Ident::generated(name), Ident::generated(&format!("{name}place_")));
    (elements(list, &element, &place), Expr::Var(element), Expr::Var(place))
}

/// Aggregate: JSON values as a list, `[]` of none.
fn all(json: Expr, order_by: Vec<Order>, distinct: bool) -> Expr {
    let joined = Expr::Aggregate { name: "GROUP_CONCAT", args: vec![json], distinct, order_by, filter: vec![] };
    in_brackets(joined).or_else(Expr::text("[]"))
}

/// Aggregate: JSON values as a list, null of none.
pub(super) fn gathered(json: Expr, order_by: Vec<Order>, filter: Vec<Expr>) -> Expr {
    in_brackets(Expr::Aggregate { name: "GROUP_CONCAT", args: vec![json], distinct: false, order_by, filter })
}

/// JSON has a collation of its own, which is not put together with another unless it is told one.
fn in_brackets(json: Expr) -> Expr {
    Expr::call("CONCAT", [Expr::text("["), collated(json), Expr::text("]")])
}

/// What is made of a list, null where that is null. One that is computed becomes the only element of another, so that it
/// is written once.
fn where_present(list: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    present("once_", list, body)
}

/// The same of two lists.
fn where_both_present(a: Expr, b: Expr, body: impl FnOnce(Expr, Expr) -> Expr) -> Expr {
    present("once_", a, |a| present("other_", b, |b| body(a, b)))
}

fn present(name: &str, list: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    if matches!(list, Expr::Column { .. } | Expr::Var(_)) {
        return body(list.clone()).when(list.is_present());
    }
    let (table, list, _) = own(in_brackets(list), name);
    query(body(list), table, Expr::bool(true))
}

/// A value that is written once, however often the body names it: as the only element of a list, and so as JSON, whose
/// null it may be.
pub(super) fn once(value: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    let (table, value, _) = own(Expr::call("JSON_ARRAY", [value]), "once_");
    query(body(value), table, Expr::bool(true))
}

pub(super) fn filter(list: Expr, names: Vec<Ident>, body: Expr) -> Built {
    let (element, place) = params(names)?;
    Ok(where_present(list, |list| {
        let table = elements(list, &element, &place);
        query(all(Expr::Var(element), vec![by(Expr::Var(place))], false), table, body)
    }))
}

pub(super) fn exists(list: Expr, names: Vec<Ident>, body: Expr) -> Built {
    let (element, place) = params(names)?;
    Ok(Expr::Exists(Box::new(select(Expr::int(1), elements(list, &element, &place), body))))
}

pub(super) fn transform(list: Expr, names: Vec<Ident>, body: Expr, to: &SqlType) -> Built {
    let (element, place) = params(names)?;
    let json = to_json(packed(body, to));
    Ok(where_present(list, |list| {
        let table = elements(list, &element, &place);
        query(all(json, vec![by(Expr::Var(place))], false), table, Expr::bool(true))
    }))
}

pub(super) fn flatten(list: Expr) -> Expr {
    where_present(list, |list| {
        let (outer, lists, place) = own(list, "x_");
        let (inner, element, inner_place) = own(of_json(lists, &SqlType::object()), "y_");
        let mut rows = select(all(element, vec![by(place), by(inner_place)], false), outer, Expr::bool(true));
        rows.joins.push(Join { kind: JoinKind::Cross, table: inner, on: vec![] });
        Expr::Query(Box::new(rows))
    })
}

pub(super) fn distinct(list: Expr) -> Expr {
    where_present(list, |list| {
        let (table, element, _) = own(list, "x_");
        // All were made by one function, so that equal values are equal texts; a normalized number is no integer.
        query(all(element, vec![], true), table, Expr::bool(true))
    })
}

/// What elements of a type are ordered by.
fn keys(element: &Expr, ty: &SqlType) -> Result<Vec<Order>, Unsupported> {
    let ordered = |value: Expr, ty: &SqlType| by(if *ty == SqlType::Text { collated(value) } else { value });
    match ty {
        SqlType::Struct(fields) => fields
            .iter()
            .map(|(name, ty)| Ok(ordered(stored(element.clone(), std::slice::from_ref(name), ty)?, ty)))
            .collect(),
        ty => Ok(vec![ordered(of_json(element.clone(), ty), ty)]),
    }
}

pub(super) fn sort(list: Expr, ty: &SqlType) -> Built {
    let (_, element, _) = own(Expr::bool(true), "x_");
    let order = keys(&element, ty)?;
    Ok(where_present(list, |list| {
        let (table, element, _) = own(list, "x_");
        query(all(element, order, false), table, Expr::bool(true))
    }))
}

/// The element that comes first in the order of its fields.
pub(super) fn least(list: Expr, ty: &SqlType) -> Built {
    let (table, element, _) = own(list, "x_");
    let order_by = keys(&element, ty)?;
    let first = Select { order_by, limit: Some(1), ..select(element, table, Expr::bool(true)) };
    Ok(Expr::Query(Box::new(first)))
}

pub(super) fn contains(list: Expr, wanted: Expr) -> Expr {
    where_present(list, |list| {
        let (table, element, _) = own(list, "x_");
        let found = select(Expr::int(1), table, key(element).eq(key(to_json(wanted.clone()))));
        Expr::Exists(Box::new(found)).when(wanted.is_present())
    })
}

pub(super) fn position(list: Expr, wanted: Expr) -> Expr {
    let (table, element, place) = own(list, "x_");
    query(Expr::aggregate("MIN", [place], vec![]), table, key(element).eq(key(to_json(wanted))))
}

/// Whether a list has an element of another.
fn has(list: Expr, element: Expr) -> Expr {
    let (table, other, _) = own(list, "y_");
    Expr::Exists(Box::new(select(Expr::int(1), table, key(other).eq(key(element)))))
}

pub(super) fn overlaps(a: Expr, b: Expr) -> Expr {
    where_both_present(a, b, |a, b| {
        let (table, element, _) = own(a, "x_");
        Expr::Exists(Box::new(select(Expr::int(1), table, has(b, element))))
    })
}

pub(super) fn includes(a: Expr, b: Expr) -> Expr {
    where_both_present(a, b, |a, b| {
        let (table, element, _) = own(b, "x_");
        Expr::Exists(Box::new(select(Expr::int(1), table, has(a, element).negate()))).negate()
    })
}

/// An aggregate over the elements; null of none.
pub(super) fn aggregate(name: &'static str, list: Expr, ty: &SqlType) -> Expr {
    let (table, element, _) = own(list, "x_");
    query(Expr::aggregate(name, [of_json(element, ty)], vec![]), table, Expr::bool(true))
}

/// The entries of a map, of its keys.
pub(super) fn entries(map: Expr) -> Expr {
    where_present(map, |map| {
        let (table, name, place) = own(Expr::call("JSON_KEYS", [map.clone()]), "x_");
        let value = Expr::call("JSON_EXTRACT", [map, path_to(name.clone())]);
        let name = Expr::call("JSON_VALUE", [name, Expr::text("$")]);
        let entry = Expr::call("JSON_OBJECT", [Expr::text("key"), name, Expr::text("value"), value]);
        query(all(entry, vec![by(place)], false), table, Expr::bool(true))
    })
}
