//! Lists as `jsonb` arrays: subqueries over their elements. Invariant: null where a list is, `[]` where nothing is left.

use super::value::{by_code_point, is_nested, of_json, stored};
use crate::sql::dialect::Built;
use crate::sql::tree::{BinaryOp, Expr, Ident, Item, Join, JoinKind, Order, Source, SqlType, Table};
use crate::sql::{Select, Unsupported};

/// `[]`
pub(super) fn empty() -> Expr {
    Expr::text("[]").cast(SqlType::object())
}

/// A value as JSON.
pub(super) fn to_json(value: Expr) -> Expr {
    let value = if let Expr::Literal(_) = value { typed(value) } else { value };
    Expr::call("to_jsonb", [value])
}

/// A literal whose type the engine would not know.
fn typed(value: Expr) -> Expr {
    match value {
        Expr::Literal(crate::sql::tree::Literal::Text(_)) => value.cast(SqlType::Text),
        other => other,
    }
}

/// The elements of a list and their places.
struct Elements {
    table: Table,
    element: Expr,
    place: Expr,
}

/// The table of a list's elements, whose columns have the names of a lambda's parameters.
fn elements(list: Expr, params: &[Ident]) -> Result<Elements, Unsupported> {
    let Some(element) = params.first() else { return Err(Unsupported("a function of no parameter".to_owned())) };
    let place = match params.get(1) {
        Some(place) => place.clone(),
        None => Ident::generated(&format!("{}_place_", element.text())),
    };
    let source = Source::Unnest { list, column: element.clone(), place: Some(place.clone()) };
    let table = Table { source, alias: Ident::generated(&format!("{}_", element.text())) };
    Ok(Elements { table, element: Expr::Var(element.clone()), place: Expr::Var(place) })
}

/// The elements under names of this file.
fn own(list: Expr) -> Elements {
    let (element, place) = (Ident::generated("x_"), Ident::generated("place_"));
    let source = Source::Unnest { list, column: element.clone(), place: Some(place.clone()) };
    let table = Table { source, alias: Ident::generated("list_") };
    Elements { table, element: Expr::Var(element), place: Expr::Var(place) }
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

/// Aggregate: the values as a list, `[]` of none.
fn gathered(value: Expr, order_by: Vec<Order>, distinct: bool) -> Expr {
    Expr::Aggregate { name: "jsonb_agg", args: vec![value], distinct, order_by, filter: vec![] }.or_else(empty())
}

/// A query over a list that has a row even if the list is null: null then.
fn where_present(list: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    match list {
        list @ (Expr::Column { .. } | Expr::Var(_)) => body(list.clone()).when(list.is_present()),
        list => Expr::with([list], |[list]| body(list.clone()).when(list.is_present())),
    }
}

pub(super) fn filter(list: Expr, params: Vec<Ident>, body: Expr) -> Built {
    let all = elements(Expr::bool(true), &params)?;
    Ok(where_present(list, |list| {
        let table = Table { source: over(all.table.source, list), alias: all.table.alias };
        query(gathered(all.element, vec![by(all.place)], false), table, body)
    }))
}

/// The same source over another list.
fn over(source: Source, new: Expr) -> Source {
    match source {
        Source::Unnest { column, place, .. } => Source::Unnest { list: new, column, place },
        other => other,
    }
}

pub(super) fn exists(list: Expr, params: Vec<Ident>, body: Expr) -> Built {
    let all = elements(list, &params)?;
    Ok(Expr::Exists(Box::new(select(Expr::int(1), all.table, body))))
}

pub(super) fn transform(list: Expr, params: Vec<Ident>, body: Expr, to: &SqlType) -> Built {
    let all = elements(Expr::bool(true), &params)?;
    let value = if is_nested(to) { body } else { to_json(body) };
    Ok(where_present(list, |list| {
        let table = Table { source: over(all.table.source, list), alias: all.table.alias };
        query(gathered(value, vec![by(all.place)], false), table, Expr::bool(true))
    }))
}

pub(super) fn flatten(list: Expr) -> Expr {
    where_present(list, |list| {
        let outer = own(list);
        let (element, place) = (Ident::generated("y_"), Ident::generated("inner_place_"));
        let inner = of_json(outer.element, &SqlType::object());
        let source = Source::Unnest { list: inner, column: element.clone(), place: Some(place.clone()) };
        let table = Table { source, alias: Ident::generated("inner_") };
        let order = vec![by(outer.place), by(Expr::Var(place))];
        let mut all = select(gathered(Expr::Var(element), order, false), outer.table, Expr::bool(true));
        all.joins.push(Join { kind: JoinKind::Cross, table, on: vec![] });
        Expr::Query(Box::new(all))
    })
}

pub(super) fn distinct(list: Expr) -> Expr {
    where_present(list, |list| {
        let all = own(list);
        query(gathered(all.element, vec![], true), all.table, Expr::bool(true))
    })
}

/// What elements of a type are ordered by.
fn keys(element: Expr, ty: &SqlType) -> Vec<Order> {
    match ty {
        SqlType::Struct(fields) => fields
            .iter()
            .filter_map(|(name, ty)| {
                stored(element.clone(), std::slice::from_ref(name), ty).ok().map(|key| ordered(key, ty))
            })
            .map(by)
            .collect(),
        ty => vec![by(ordered(of_json(element, ty), ty))],
    }
}

fn ordered(value: Expr, ty: &SqlType) -> Expr {
    if *ty == SqlType::Text { by_code_point(value) } else { value }
}

pub(super) fn sort(list: Expr, element: &SqlType) -> Expr {
    where_present(list, |list| {
        let all = own(list);
        let order = keys(all.element.clone(), element);
        query(gathered(all.element, order, false), all.table, Expr::bool(true))
    })
}

/// The element that comes first in the order of its fields.
pub(super) fn least(list: Expr, element: &SqlType) -> Expr {
    let all = own(list);
    let order_by = keys(all.element.clone(), element);
    let first = Select { order_by, limit: Some(1), ..select(all.element, all.table, Expr::bool(true)) };
    Expr::Query(Box::new(first))
}

pub(super) fn position(list: Expr, element: Expr) -> Expr {
    let all = own(list);
    query(Expr::aggregate("min", [all.place], vec![]), all.table, all.element.eq(to_json(element)))
}

pub(super) fn overlaps(a: Expr, b: Expr) -> Expr {
    Expr::with([a, b], |[a, b]| {
        let all = own(a.clone());
        let common = b.clone().binary(BinaryOp::Other("@>"), all.element);
        let exists = Expr::Exists(Box::new(select(Expr::int(1), all.table, common)));
        exists.when(Expr::and([a.is_present(), b.is_present()]))
    })
}

/// An aggregate over the elements; null of none.
pub(super) fn aggregate(name: &'static str, list: Expr, element: &SqlType) -> Expr {
    let all = own(list);
    let value = ordered(of_json(all.element, element), element);
    query(Expr::aggregate(name, [value], vec![]), all.table, Expr::bool(true))
}
