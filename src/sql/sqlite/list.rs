//! Lists as JSON arrays: subqueries over their elements, which `json_each` gives in order. Invariant: null where a list is,
//! `[]` where nothing is left.

use super::value::{self, of_json};
use crate::sql::dialect::Built;
use crate::sql::tree::{BinaryOp, Expr, Ident, Item, Join, JoinKind, Order, Source, SqlType, Table};
use crate::sql::{Select, Unsupported};

/// The column of `json_each` with an element.
const VALUE: &str = "value";
/// The column with the kind that it was.
const KIND: &str = "type";
/// The column with its place from 0 on, or its key.
const KEY: &str = "key";

fn table(param: &Ident) -> Ident {
    Ident::generated(&format!("{}_", param.text()))
}

/// The element that a parameter stands for: a column of the table of elements.
pub(super) fn element(expr: Expr) -> Expr {
    match expr {
        Expr::Var(param) => Expr::column(&table(&param), &Ident::generated(VALUE)),
        other => other,
    }
}

/// Its kind in JSON.
pub(super) fn kind_of_element(param: &Ident) -> Expr {
    Expr::column(&table(param), &Ident::generated(KIND))
}

/// A table of the elements of a list.
fn elements(list: Expr, alias: &Ident) -> Table {
    let column = Ident::generated(VALUE);
    Table { source: Source::Unnest { list, column, place: None }, alias: alias.clone() }
}

/// The element as it was, so that an object in it does not become a text, and a truth value stays one.
fn as_it_was(alias: &Ident) -> Expr {
    let column = |name: &str| Expr::column(alias, &Ident::generated(name));
    let kind = column(KIND);
    let is = |kinds: &[&str]| Expr::In {
        expr: Box::new(kind.clone()),
        list: kinds.iter().map(|kind| Expr::text(*kind)).collect(),
    };
    let nested = (is(&["object", "array"]), Expr::call("json", [column(VALUE)]));
    let float = (kind.clone().eq(Expr::text("real")), value::exact_number(column(VALUE)));
    Expr::Case { branches: vec![nested, float], otherwise: Some(Box::new(column(VALUE))) }
}

fn select(expr: Expr, from: Table, filter: Expr) -> Select {
    let items = vec![Item { expr, alias: None }];
    Select { items, from: Some(from), filter: filter.conjuncts(), ..Select::default() }
}

fn query(expr: Expr, from: Table, filter: Expr) -> Expr {
    Expr::Query(Box::new(select(expr, from, filter)))
}

fn gathered(value: Expr) -> Expr {
    Expr::aggregate("json_group_array", [value], vec![])
}

fn where_present(list: Expr, body: impl FnOnce(Expr) -> Expr) -> Expr {
    Expr::with([element(list)], |[list]| body(list.clone()).when(list.is_present()))
}

fn own() -> Ident {
    Ident::generated("list_")
}

fn first(params: &[Ident]) -> Result<&Ident, Unsupported> {
    params.first().ok_or_else(|| Unsupported("a function of no parameter".to_owned()))
}

/// A lambda's body over the table of elements: the second parameter is the place.
fn body_of(params: &[Ident], body: &Expr) -> Expr {
    match params {
        [param, place, ..] => {
            let from_one = Expr::column(&table(param), &Ident::generated(KEY)).binary(BinaryOp::Add, Expr::int(1));
            body.clone().replaced(&Expr::Var(place.clone()), &from_one)
        }
        _ => body.clone(),
    }
}

pub(super) fn filter(list: Expr, params: &[Ident], body: &Expr) -> Built {
    let alias = table(first(params)?);
    let body = body_of(params, body);
    Ok(where_present(list, |list| query(gathered(as_it_was(&alias)), elements(list, &alias), body)))
}

pub(super) fn exists(list: Expr, params: &[Ident], body: &Expr) -> Built {
    let alias = table(first(params)?);
    Ok(Expr::Exists(Box::new(select(Expr::int(1), elements(element(list), &alias), body_of(params, body)))))
}

pub(super) fn transform(mut list: Expr, params: &[Ident], body: &Expr, to: &SqlType) -> Built {
    let alias = table(first(params)?);
    let value = value::to_json(element(body_of(params, body)), to);
    // What is left of a list, without their places, is transformed where it is gathered.
    if let [_] = params
        && let Some((kept, item)) = left_of(&mut list)
    {
        let value = value.rewritten(&mut |expr| match expr {
            Expr::Column { table, column } if table == alias => Expr::column(&kept, &column),
            other => other,
        });
        *item = gathered(value);
        return Ok(list);
    }
    Ok(where_present(list, |list| query(gathered(value), elements(list, &alias), Expr::bool(true))))
}

/// Of a list that [`filter`] left, the table of its elements, and what gathers them as they were.
fn left_of(list: &mut Expr) -> Option<(Ident, &mut Expr)> {
    match list {
        Expr::Case { branches, otherwise: None } => match branches.as_mut_slice() {
            [(_, inner @ Expr::Query(_))] => left_of(inner),
            _ => None,
        },
        Expr::Query(select) => {
            let Select { items, from: Some(from), joins, .. } = &mut **select else { return None };
            let [Item { expr, .. }] = items.as_mut_slice() else { return None };
            match &from.source {
                Source::Unnest { .. } if joins.is_empty() && *expr == gathered(as_it_was(&from.alias)) => {
                    Some((from.alias.clone(), expr))
                }
                // The list by itself, computed once.
                Source::Select(_) => left_of(expr),
                Source::Unnest { .. } | Source::Named(_) => None,
            }
        }
        _ => None,
    }
}

pub(super) fn flatten(list: Expr) -> Expr {
    where_present(list, |list| {
        let (outer, inner) = (own(), Ident::generated("inner_"));
        let lists = Expr::column(&outer, &Ident::generated(VALUE));
        let mut all = select(gathered(as_it_was(&inner)), elements(list, &outer), Expr::bool(true));
        all.joins.push(Join { kind: JoinKind::Cross, table: elements(lists, &inner), on: vec![] });
        Expr::Query(Box::new(all))
    })
}

pub(super) fn distinct(list: Expr) -> Expr {
    where_present(list, |list| {
        let value = Ident::generated(VALUE);
        let items = vec![Item { expr: Expr::column(&own(), &value), alias: Some(value.clone()) }];
        let all = Select { distinct: true, items, from: Some(elements(list, &own())), ..Select::default() };
        let outer = Ident::generated("distinct_");
        let from = Table { source: Source::Select(Box::new(all)), alias: outer.clone() };
        let value = Expr::column(&outer, &value);
        let is_float = Expr::call("typeof", [value.clone()]).eq(Expr::text("real"));
        let json = Expr::choose(is_float, value::exact_number(value.clone()), value);
        query(gathered(json), from, Expr::bool(true))
    })
}

/// What elements of a type are ordered by.
fn keys(alias: &Ident, ty: &SqlType, descending: bool) -> Vec<Order> {
    let value = Expr::column(alias, &Ident::generated(VALUE));
    let by = |expr| Order { expr, descending, nullable: false };
    match ty {
        SqlType::Struct(fields) => {
            fields.iter().map(|(name, ty)| by(value::member(value.clone(), name.text(), ty))).collect()
        }
        _ => vec![by(of_json(value, ty))],
    }
}

pub(super) fn sort(list: Expr, ty: &SqlType) -> Expr {
    where_present(list, |list| {
        let alias = own();
        let value = Ident::generated(VALUE);
        let items = vec![
            Item { expr: Expr::column(&alias, &value), alias: Some(value.clone()) },
            Item { expr: Expr::column(&alias, &Ident::generated(KIND)), alias: Some(Ident::generated(KIND)) },
        ];
        let order_by = keys(&alias, ty, false);
        let sorted = Select { items, from: Some(elements(list, &alias)), order_by, ..Select::default() };
        let outer = Ident::generated("sorted_");
        let from = Table { source: Source::Select(Box::new(sorted)), alias: outer.clone() };
        query(gathered(as_it_was(&outer)), from, Expr::bool(true))
    })
}

/// The element that comes first, or last, in the order of its type.
pub(super) fn least(list: Expr, ty: &SqlType, descending: bool) -> Expr {
    let alias = own();
    let value = of_json(Expr::column(&alias, &Ident::generated(VALUE)), ty);
    let all = select(value, elements(element(list), &alias), Expr::bool(true));
    Expr::Query(Box::new(Select { order_by: keys(&alias, ty, descending), limit: Some(1), ..all }))
}

pub(super) fn at(list: Expr, place: i64, ty: &SqlType) -> Expr {
    let path = if place < 0 { "$[#-1]".to_owned() } else { format!("$[{place}]") };
    of_json(element(list).binary(BinaryOp::Other("->>"), Expr::text(path)), ty)
}

pub(super) fn contains(list: Expr, wanted: Expr) -> Expr {
    Expr::with([element(list), wanted], |[list, wanted]| {
        let value = Expr::column(&own(), &Ident::generated(VALUE));
        let found = select(Expr::int(1), elements(list.clone(), &own()), value.eq(wanted.clone()));
        Expr::Exists(Box::new(found)).when(Expr::and([list.is_present(), wanted.is_present()]))
    })
}

pub(super) fn position(list: Expr, wanted: Expr) -> Expr {
    let column = |name: &str| Expr::column(&own(), &Ident::generated(name));
    let place = Expr::aggregate("min", [column(KEY)], vec![]).binary(BinaryOp::Add, Expr::int(1));
    query(place, elements(element(list), &own()), column(VALUE).eq(wanted))
}

/// Whether an element of `a` is in `b`.
fn common(a: Expr, b: Expr, negated: bool) -> Expr {
    let (outer, inner) = (own(), Ident::generated("inner_"));
    let value = |alias: &Ident| Expr::column(alias, &Ident::generated(VALUE));
    let same = value(&inner).eq(value(&outer));
    let found = Expr::Exists(Box::new(select(Expr::int(1), elements(b, &inner), same)));
    let wanted = if negated { found.negate() } else { found };
    Expr::Exists(Box::new(select(Expr::int(1), elements(a, &outer), wanted)))
}

pub(super) fn overlaps(a: Expr, b: Expr) -> Expr {
    Expr::with([element(a), element(b)], |[a, b]| {
        common(a.clone(), b.clone(), false).when(Expr::and([a.is_present(), b.is_present()]))
    })
}

pub(super) fn includes(a: Expr, b: Expr) -> Expr {
    Expr::with([element(a), element(b)], |[a, b]| {
        common(b.clone(), a.clone(), true).negate().when(Expr::and([a.is_present(), b.is_present()]))
    })
}

pub(super) fn concat(a: Expr, b: Expr) -> Expr {
    Expr::with([element(a), element(b)], |[a, b]| {
        let lists = [&a, &b].map(|list| Expr::call("json", [list.clone()]));
        flatten(Expr::call("json_array", lists)).when(Expr::and([a.is_present(), b.is_present()]))
    })
}

/// An aggregate over the elements; null of none.
pub(super) fn aggregate(name: &'static str, list: Expr, ty: &SqlType) -> Expr {
    let value = of_json(Expr::column(&own(), &Ident::generated(VALUE)), ty);
    query(Expr::aggregate(name, [value], vec![]), elements(element(list), &own()), Expr::bool(true))
}

pub(super) fn sum(list: Expr, ty: &SqlType) -> Expr {
    let value = of_json(Expr::column(&own(), &Ident::generated(VALUE)), ty);
    query(value::sum(value, ty, &[]), elements(element(list), &own()), Expr::bool(true))
}

/// The value of a key that is any text: looked for, since a path could not hold it.
pub(super) fn value_of(map: Expr, key: Expr, ty: &SqlType) -> Expr {
    let column = |name: &str| Expr::column(&own(), &Ident::generated(name));
    let value = of_json(column(VALUE), ty);
    query(value, elements(element(map), &own()), column(KEY).eq(key.cast(SqlType::Text)))
}

pub(super) fn entries(map: Expr) -> Expr {
    where_present(map, |map| {
        let key = Expr::column(&own(), &Ident::generated(KEY));
        let entry = [Expr::text("key"), key, Expr::text("value"), as_it_was(&own())];
        query(gathered(Expr::call("json_object", entry)), elements(map, &own()), Expr::bool(true))
    })
}
