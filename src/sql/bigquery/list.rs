//! Lists as subqueries over `UNNEST`, which gives the elements themselves the name of a lambda's parameter. There are no
//! lists of lists: one is held in a struct. Invariant: the elements keep their order where that matters, and a null list
//! is an empty one.

use crate::sql::dialect::{Built, Unsupported};
use crate::sql::tree::{BinaryOp, Expr, Ident, Item, Join, JoinKind, Order, Select, Source, SqlType, Table};

/// The field that holds a list of a list.
const HELD: &str = "held";

/// The elements of a list under a name, with their places from 0 on under another.
fn elements(list: Expr, element: &Ident, place: Option<&Ident>) -> Table {
    let source = Source::Unnest { list, column: element.clone(), place: place.cloned() };
    Table { source, alias: element.clone() }
}

fn select(expr: Expr, from: Table, filter: Expr) -> Select {
    Select {
        items: vec![Item { expr, alias: None }],
        from: Some(from),
        filter: filter.conjuncts(),
        ..Select::default()
    }
}

fn by(expr: Expr) -> Order {
    Order { expr, descending: false, nullable: false }
}

/// `ARRAY(query)`
fn rows(select: Select) -> Expr {
    Expr::call("ARRAY", [Expr::Query(Box::new(select))])
}

/// The parameters of a lambda, and its body with places from 0 on.
fn opened(params: Vec<Ident>, body: Expr) -> Result<(Ident, Ident, Expr), Unsupported> {
    let mut params = params.into_iter();
    let Some(element) = params.next() else { return Err(Unsupported("a function of no parameter".to_owned())) };
    match params.next() {
        None => {
            let place = Ident::generated(&format!("{}_place_", element.text()));
            Ok((element, place, body))
        }
        Some(place) => {
            let from_zero = Expr::Var(place.clone());
            let from_one = from_zero.clone().binary(BinaryOp::Add, Expr::int(1));
            Ok((element, place, body.replaced(&from_zero, &from_one)))
        }
    }
}

/// The elements for which a predicate is true, each as some value.
fn chosen(list: Expr, element: &Ident, place: &Ident, value: Expr, filter: Expr) -> Expr {
    let table = elements(list, element, Some(place));
    rows(Select { order_by: vec![by(Expr::Var(place.clone()))], ..select(value, table, filter) })
}

pub(super) fn filter(list: Expr, params: Vec<Ident>, body: Expr) -> Built {
    let (element, place, body) = opened(params, body)?;
    Ok(chosen(list, &element, &place, Expr::Var(element.clone()), body))
}

pub(super) fn exists(list: Expr, params: Vec<Ident>, body: Expr) -> Built {
    let (element, place, body) = opened(params, body)?;
    let table = elements(list, &element, Some(&place));
    Ok(Expr::Exists(Box::new(select(Expr::int(1), table, body))))
}

pub(super) fn transform(list: Expr, params: Vec<Ident>, body: Expr, to: &SqlType) -> Built {
    let (element, place, body) = opened(params, body)?;
    let value = match to {
        SqlType::List(_) => Expr::Struct(vec![(Ident::generated(HELD), body)]),
        _ => body,
    };
    Ok(chosen(list, &element, &place, value, Expr::bool(true)))
}

/// The elements of lists that are held in structs.
pub(super) fn flatten(list: Expr) -> Expr {
    let [outer, place, inner, inner_place] = ["outer_", "outer_place_", "inner_", "inner_place_"].map(Ident::generated);
    let held = Expr::Var(outer.clone()).field(&Ident::generated(HELD));
    let table = elements(held, &inner, Some(&inner_place));
    let mut all = select(Expr::Var(inner), elements(list, &outer, Some(&place)), Expr::bool(true));
    all.joins.push(Join { kind: JoinKind::Cross, table, on: vec![] });
    all.order_by = vec![by(Expr::Var(place)), by(Expr::Var(inner_place))];
    rows(all)
}

/// The elements under a name of this file.
fn own(list: Expr) -> (Table, Expr) {
    let element = Ident::generated("x_");
    (elements(list, &element, None), Expr::Var(element))
}

pub(super) fn distinct(list: Expr) -> Expr {
    let (table, element) = own(list);
    rows(Select { distinct: true, ..select(element, table, Expr::bool(true)) })
}

/// What elements of a type are ordered by.
fn keys(element: &Expr, ty: &SqlType) -> Vec<Order> {
    match ty {
        SqlType::Struct(fields) => fields.iter().map(|(name, _)| by(element.clone().field(name))).collect(),
        _ => vec![by(element.clone())],
    }
}

pub(super) fn sort(list: Expr, ty: &SqlType) -> Expr {
    let (table, element) = own(list);
    rows(Select { order_by: keys(&element, ty), ..select(element, table, Expr::bool(true)) })
}

/// The element that comes first in the order of its fields.
pub(super) fn least(list: Expr, ty: &SqlType) -> Expr {
    let (table, element) = own(list);
    let order_by = keys(&element, ty);
    Expr::Query(Box::new(Select { order_by, limit: Some(1), ..select(element, table, Expr::bool(true)) }))
}

pub(super) fn contains(list: Expr, wanted: Expr) -> Expr {
    let (table, element) = own(list);
    Expr::Exists(Box::new(select(Expr::int(1), table, element.eq(wanted))))
}

pub(super) fn position(list: Expr, wanted: Expr) -> Expr {
    let place = Ident::generated("place_");
    let element = Ident::generated("x_");
    let first = Expr::aggregate("min", [Expr::Var(place.clone())], vec![]).binary(BinaryOp::Add, Expr::int(1));
    let table = elements(list, &element, Some(&place));
    Expr::Query(Box::new(select(first, table, Expr::Var(element).eq(wanted))))
}

pub(super) fn overlaps(a: Expr, b: Expr) -> Expr {
    let (table, element) = own(a);
    let other = Ident::generated("y_");
    let common = select(Expr::int(1), elements(b, &other, None), Expr::Var(other.clone()).eq(element));
    Expr::Exists(Box::new(select(Expr::int(1), table, Expr::Exists(Box::new(common)))))
}

pub(super) fn includes(a: Expr, b: Expr) -> Expr {
    let (table, element) = own(b);
    let other = Ident::generated("y_");
    let same = select(Expr::int(1), elements(a, &other, None), Expr::Var(other.clone()).eq(element));
    let missing = Expr::Exists(Box::new(same)).negate();
    Expr::Exists(Box::new(select(Expr::int(1), table, missing))).negate()
}

/// An aggregate over the elements, null of none; integers are made wide.
pub(super) fn aggregate(name: &'static str, list: Expr, ty: &SqlType) -> Expr {
    let (table, element) = own(list);
    let element = if *ty == SqlType::Int { element.cast(SqlType::WideInt) } else { element };
    Expr::Query(Box::new(select(Expr::aggregate(name, [element], vec![]), table, Expr::bool(true))))
}

/// The element at a place from 0 on, null of none.
pub(super) fn at(list: Expr, place: i64) -> Expr {
    Expr::Index { base: Box::new(list), index: Box::new(Expr::call("SAFE_OFFSET", [Expr::int(place)])) }
}

/// The value of a key in a list of entries.
pub(super) fn value_of(map: Expr, key: Expr) -> Expr {
    let entry = Ident::generated("entry_");
    let of = |name: &str| Expr::Var(entry.clone()).field(&Ident::physical(name));
    let found = select(of("value"), elements(map, &entry, None), of("key").eq(key));
    Expr::Query(Box::new(Select { limit: Some(1), ..found }))
}

/// Aggregate: the values as a list. Lists of one are put together, of which those that do not count are null.
pub(super) fn gathered(value: Expr, order_by: Vec<Order>, filter: Vec<Expr>) -> Expr {
    let args = vec![Expr::List(vec![value])];
    Expr::Aggregate { name: "array_concat_agg", args, distinct: false, order_by, filter }
}

/// An expression of a value that is computed once, as the only element of a list.
pub(super) fn once(value: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    if matches!(value, Expr::Column { .. } | Expr::Var(_) | Expr::Literal(_)) {
        return body(value);
    }
    let name = Ident::generated("once_");
    let table = elements(Expr::List(vec![value]), &name, None);
    Expr::Query(Box::new(select(body(Expr::Var(name)), table, Expr::bool(true))))
}
