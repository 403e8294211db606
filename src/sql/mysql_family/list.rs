//! Lists as JSON arrays: subqueries over their elements. Invariant: null where a list is, `[]` where nothing is left.

use super::Product;
use super::value::{collated, member, of_json, path_to, to_json};
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
fn all<P: Product>(json: Expr, order_by: Vec<Order>, distinct: bool) -> Expr {
    P::json(joined::<P>(json, order_by, distinct, vec![]).or_else(Expr::text("[]")))
}

/// Aggregate: JSON values as a list, null of none.
pub(super) fn gathered<P: Product>(json: Expr, order_by: Vec<Order>, filter: Vec<Expr>) -> Expr {
    P::json(joined::<P>(json, order_by, false, filter))
}

/// Aggregate: the text of a list.
fn joined<P: Product>(json: Expr, order_by: Vec<Order>, distinct: bool, filter: Vec<Expr>) -> Expr {
    let args = vec![P::json_text(json)];
    in_brackets::<P>(Expr::Aggregate { name: "GROUP_CONCAT", args, distinct, order_by, filter })
}

/// JSON has a collation of its own, which is not put together with another unless it is told one.
pub(in crate::sql) fn in_brackets<P: Product>(json: Expr) -> Expr {
    Expr::call("CONCAT", [Expr::text("["), collated::<P>(json), Expr::text("]")])
}

/// What is made of a list, null where that is null. One that is computed becomes the only element of another, so that it
/// is written once.
fn where_present<P: Product>(list: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    present::<P>("once_", list, body)
}

/// The same of two lists.
fn where_both_present<P: Product>(a: Expr, b: Expr, body: impl FnOnce(Expr, Expr) -> Expr) -> Expr {
    present::<P>("once_", a, |a| present::<P>("other_", b, |b| body(a, b)))
}

fn present<P: Product>(name: &str, list: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    if matches!(list, Expr::Column { .. } | Expr::Var(_)) {
        return body(list.clone()).when(list.is_present());
    }
    let (table, list, _) = own(P::list_of(list), name);
    query(body(list), table, Expr::bool(true))
}

/// A value that is written once, however often the body names it: as the only element of a list, and so as JSON, whose
/// null it may be.
pub(in crate::sql) fn once(value: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    let (table, value, _) = own(Expr::call("JSON_ARRAY", [value]), "once_");
    query(body(value), table, Expr::bool(true))
}

pub(super) fn filter<P: Product>(list: Expr, names: Vec<Ident>, body: Expr) -> Built {
    let (element, place) = params(names)?;
    Ok(where_present::<P>(list, |list| {
        let table = elements(list, &element, &place);
        query(all::<P>(Expr::Var(element), vec![by(Expr::Var(place))], false), table, body)
    }))
}

pub(super) fn exists(list: Expr, names: Vec<Ident>, body: Expr) -> Built {
    let (element, place) = params(names)?;
    Ok(Expr::Exists(Box::new(select(Expr::int(1), elements(list, &element, &place), body))))
}

pub(super) fn transform<P: Product>(list: Expr, names: Vec<Ident>, body: Expr, to: &SqlType) -> Built {
    let (element, place) = params(names)?;
    let json = to_json::<P>(body, to);
    Ok(where_present::<P>(list, |list| {
        let table = elements(list, &element, &place);
        query(all::<P>(json, vec![by(Expr::Var(place))], false), table, Expr::bool(true))
    }))
}

pub(super) fn flatten<P: Product>(list: Expr) -> Expr {
    where_present::<P>(list, |list| {
        let (outer, lists, place) = own(list, "x_");
        let (inner, element, inner_place) = own(of_json::<P>(lists, &SqlType::object()), "y_");
        let mut rows = select(all::<P>(element, vec![by(place), by(inner_place)], false), outer, Expr::bool(true));
        rows.joins.push(Join { kind: JoinKind::Cross, table: inner, on: vec![] });
        Expr::Query(Box::new(rows))
    })
}

pub(super) fn distinct<P: Product>(list: Expr) -> Expr {
    where_present::<P>(list, |list| {
        let (table, element, _) = own(list, "x_");
        // All were made by one function, so that equal values are equal texts; a normalized number is no integer.
        query(all::<P>(element, vec![], true), table, Expr::bool(true))
    })
}

/// What elements of a type are ordered by.
fn keys<P: Product>(element: &Expr, ty: &SqlType) -> Vec<Order> {
    let ordered = |value: Expr, ty: &SqlType| by(if *ty == SqlType::Text { collated::<P>(value) } else { value });
    match ty {
        SqlType::Struct(fields) => {
            let key = |(name, ty): &(Ident, SqlType)| {
                ordered(member::<P>(element.clone(), std::slice::from_ref(name), ty), ty)
            };
            fields.iter().map(key).collect()
        }
        ty => vec![ordered(of_json::<P>(element.clone(), ty), ty)],
    }
}

pub(super) fn sort<P: Product>(list: Expr, ty: &SqlType) -> Expr {
    let (_, element, _) = own(Expr::bool(true), "x_");
    let order = keys::<P>(&element, ty);
    where_present::<P>(list, |list| {
        let (table, element, _) = own(list, "x_");
        query(all::<P>(element, order, false), table, Expr::bool(true))
    })
}

/// The element that comes first in the order of its fields.
pub(super) fn least<P: Product>(list: Expr, ty: &SqlType) -> Expr {
    let (table, element, _) = own(list, "x_");
    let order_by = keys::<P>(&element, ty);
    let first = Select { order_by, limit: Some(1), ..select(element, table, Expr::bool(true)) };
    Expr::Query(Box::new(first))
}

/// Whether a list has an element, given as JSON, which has to be present.
pub(super) fn contains<P: Product>(list: Expr, wanted: Expr, is_present: Expr) -> Expr {
    where_present::<P>(list, |list| {
        let (table, element, _) = own(list, "x_");
        let found = select(Expr::int(1), table, P::same(element, wanted));
        Expr::Exists(Box::new(found)).when(is_present)
    })
}

/// The place of an element that is given as JSON.
pub(super) fn position<P: Product>(list: Expr, wanted: Expr) -> Expr {
    let (table, element, place) = own(list, "x_");
    query(Expr::aggregate("MIN", [place], vec![]), table, P::same(element, wanted))
}

/// Whether a list has an element of another.
fn has<P: Product>(list: Expr, element: Expr) -> Expr {
    let (table, other, _) = own(list, "y_");
    Expr::Exists(Box::new(select(Expr::int(1), table, P::same(other, element))))
}

pub(super) fn overlaps<P: Product>(a: Expr, b: Expr) -> Expr {
    where_both_present::<P>(a, b, |a, b| {
        let (table, element, _) = own(a, "x_");
        Expr::Exists(Box::new(select(Expr::int(1), table, has::<P>(b, element))))
    })
}

pub(super) fn includes<P: Product>(a: Expr, b: Expr) -> Expr {
    where_both_present::<P>(a, b, |a, b| {
        let (table, element, _) = own(b, "x_");
        Expr::Exists(Box::new(select(Expr::int(1), table, has::<P>(a, element).negate()))).negate()
    })
}

/// An aggregate over the elements; null of none.
pub(super) fn aggregate<P: Product>(name: &'static str, list: Expr, ty: &SqlType) -> Expr {
    let (table, element, _) = own(list, "x_");
    query(Expr::aggregate(name, [of_json::<P>(element, ty)], vec![]), table, Expr::bool(true))
}

/// The entries of a map, of its keys.
pub(super) fn entries<P: Product>(map: Expr) -> Expr {
    where_present::<P>(map, |map| {
        let (table, name, place) = own(Expr::call("JSON_KEYS", [map.clone()]), "x_");
        let value = Expr::call("JSON_EXTRACT", [map, path_to::<P>(name.clone())]);
        let entry = Expr::call("JSON_OBJECT", [Expr::text("key"), P::scalar(name), Expr::text("value"), value]);
        query(all::<P>(entry, vec![by(place)], false), table, Expr::bool(true))
    })
}
