//! What the canary asks of events that are ordered by their ids: an event without one has no place among those of its
//! instant, so that which of two is the first would be left to chance.

use super::columns::{Column, alias, shown, told_if_not};
use crate::sql::dialect::Unsupported;
use crate::sql::layout::EventTable;
use crate::sql::tree::{BinaryOp, Item, Source, Table};
use crate::sql::{Dialect, Expr, Ident, Select, SqlType};

/// The row for the events of a table whose ids are in a column: no profile has two without an id at one instant.
pub(super) fn of_events(
    dialect: &dyn Dialect,
    table: &EventTable,
    id: &Column,
    cast: Option<&SqlType>,
) -> Result<(String, Select), Unsupported> {
    let events = alias();
    let at = |path: &[String], ty: &SqlType| {
        let column = Ident::physical(path.first().map_or("", String::as_str));
        let fields: Vec<Ident> = path.iter().skip(1).map(|field| Ident::physical(field)).collect();
        dialect.stored(Expr::column(&events, &column), &fields, ty)
    };
    let absent = match cast {
        Some(ty) => Expr::column(&events, &id.name).cast(ty.clone()),
        None => dialect.stored(Expr::column(&events, &id.name), &[], &SqlType::Text)?,
    };
    let empty = dialect.compared_texts(absent.clone(), BinaryOp::Eq, Expr::text(""));
    let several = dialect.agg_count(None, false, vec![])?.binary(BinaryOp::Gt, Expr::int(1));
    let of_one_instant = Select {
        items: vec![Item { expr: Expr::int(1), alias: Some(Ident::generated("several")) }],
        from: Some(Table { source: Source::Named(table.records.name()), alias: events.clone() }),
        filter: vec![Expr::or([absent.is_null(), empty])],
        group_by: vec![
            at(&table.profile, &SqlType::Text)?,
            at(&table.time, &table.records.times.stored(&SqlType::Timestamp))?,
        ],
        having: vec![several],
        ..Select::default()
    };
    let found = Ident::generated("found_");
    let none = dialect.agg_count(None, false, vec![])?.eq(Expr::int(0));
    let asked = format!("values of {}, by which simultaneous events are ordered", shown(id, &[]));
    let told = "two events of one profile and instant that have none";
    let from = Table { source: Source::Select(Box::new(of_one_instant)), alias: found };
    Ok((asked.clone(), Select { from: Some(from), ..told_if_not(&asked, none, told) }))
}
