//! What the canary asks where the order of rows may tell who is in a segment: two events of one instant have no order
//! without ids, nor have two elements of a list that are at the same place; which of them is the first would be left to
//! chance. Invariant: nothing is asked of what may come in any order.

use super::columns::{Asked, Column, alias, shown, told_if_not};
use crate::emit::sql;
use crate::plan::{Plan, Space, field_path, leading_fields, order};
use crate::sql::dialect::{Built, Unsupported};
use crate::sql::layout::{EventTable, EventType, Layout, ListTable, Physical, Records};
use crate::sql::tree::{BinaryOp, Item, Source, Table};
use crate::sql::{Dialect, Expr, Ident, Select, SqlType};

/// A row of the canary by what it asks.
type Row = Result<(String, Select), Unsupported>;

/// What gives events an order.
const IDS: &str =
    "`id` beside `files` in `seg.toml` names the column of the ids by which simultaneous events are ordered";

/// What gives elements an order.
const PLACES: &str = "`order` of a list in `seg.toml` names a column that is another one for each of its elements";

/// What is read in an order, as the tables have it.
#[derive(Debug, Default)]
pub(super) struct Orders {
    lists: Vec<ListTable>,
    ranked: Vec<Ranked>,
}

/// Events of a table without ids of which the best are taken.
#[derive(Debug)]
struct Ranked {
    table: EventTable,
    /// Of one of the types of the table, or of all.
    event_type: Option<(Physical, String)>,
    /// The field by which.
    key: Option<(Physical, SqlType)>,
}

impl Orders {
    /// What some segments read in an order, which are given by their indices.
    pub(super) fn of(plan: &Plan, segments: &[usize], layout: &Layout) -> Orders {
        let found = plan.ordered(segments);
        let spaces = [(Space::Profiles, &layout.profiles)].into_iter();
        let classes = layout.classes.iter().map(|(name, class)| (Space::Class(name.as_str().into()), &class.records));
        let tables = layout.all_event_tables();
        let events = tables.iter().map(|table| (Space::Events, &table.records));
        let lists = spaces.chain(events).chain(classes).flat_map(|(space, records)| {
            let read = |list: &&ListTable| found.lists.contains(&(space.clone(), field_path(&list.path)));
            records.lists.values().filter(read).cloned().collect::<Vec<_>>()
        });
        let have_ids = plan.settings.event_ids && layout.event_id.is_some();
        let ranked = found.ranked.iter().filter(|_| !have_ids);
        let ranked = ranked.flat_map(|ranked| tables.iter().filter_map(|table| in_table(table, ranked)));
        Orders { lists: lists.collect(), ranked: ranked.collect() }
    }

    /// What is asked of them, by its name.
    pub(super) fn asked(&self, dialect: &dyn Dialect) -> Vec<(String, Asked)> {
        let lists = self.lists.iter().map(|list| (of_list(dialect, list), PLACES));
        let rows = lists.chain(self.ranked.iter().map(|ranked| (ranked.row(dialect), IDS)));
        let asked = rows.filter_map(|(row, way_out)| Some((row.ok()?, way_out)));
        asked.map(|((name, row), way_out)| (name, Asked { way_out: Some(way_out), ..Asked::only(row) })).collect()
    }
}

/// What is ranked, if the table may have it.
fn in_table(table: &EventTable, ranked: &order::Ranked) -> Option<Ranked> {
    let event_type = match (&table.event_type, &ranked.event_type) {
        (EventType::Constant(own), Some(wanted)) if **own != **wanted => return None,
        (EventType::Column(column), Some(wanted)) => Some((column.clone(), wanted.to_string())),
        (EventType::Constant(_), _) | (_, None) => None,
    };
    let key = ranked.key.as_ref().and_then(|(path, ty)| {
        let (fields, rest) = leading_fields(path);
        let place = table.place(&fields);
        (rest.is_empty() && !place.is_empty()).then(|| (place, table.records.times.stored(&sql::stored_type(&ty.ty))))
    });
    Some(Ranked { table: table.clone(), event_type, key })
}

impl Ranked {
    /// No two events of a profile and an instant are ranked alike.
    fn row(&self, dialect: &dyn Dialect) -> Row {
        let table = &self.table;
        let mut group = instants(dialect, table)?;
        let mut filter = vec![];
        if let Some((column, name)) = &self.event_type {
            let column = at(dialect, column, &SqlType::Text)?;
            filter.push(dialect.compared_texts(column, BinaryOp::Eq, Expr::text(name.as_str())));
        }
        if let Some((place, ty)) = &self.key {
            let key = at(dialect, place, ty)?;
            filter.push(key.clone().is_present());
            group.push(key);
        }
        let of = |place: &Physical| {
            let (name, fields) = place.split_first().unwrap_or((&table.records.table[0], &[]));
            let column = Column { table: table.records.name(), name: Ident::physical(name) };
            fields.iter().fold(shown(&column, &[]), |shown, field| format!("{shown}.{field}"))
        };
        let by = match &self.key {
            Some((place, _)) => format!(" by {}", of(place)),
            None => String::new(),
        };
        let kind = self.event_type.as_ref().map(|(_, name)| format!(" of type {name}")).unwrap_or_default();
        let asked = format!("order of events{kind} in {}, of which the best{by} are taken", of(&table.time));
        let found = "two of one profile and instant that are equally good";
        let agreeing = Agreeing { records: &table.records, filter, group };
        agreeing.row(dialect, asked, found)
    }
}

/// The row for the events of a table whose ids are in a column: no profile has two without an id at one instant.
pub(super) fn of_events(dialect: &dyn Dialect, table: &EventTable, id: &Column, cast: Option<&SqlType>) -> Row {
    let column = Expr::column(&alias(), &id.name);
    let absent = match cast {
        Some(ty) => column.cast(ty.clone()),
        None => dialect.stored(column, &[], &SqlType::Text)?,
    };
    let empty = dialect.compared_texts(absent.clone(), BinaryOp::Eq, Expr::text(""));
    let filter = vec![Expr::or([absent.is_null(), empty])];
    let asked = format!("values of {}, by which simultaneous events are ordered", shown(id, &[]));
    let agreeing = Agreeing { records: &table.records, filter, group: instants(dialect, table)? };
    agreeing.row(dialect, asked, "two events of one profile and instant that have none")
}

/// The row for a table of the elements of lists: no two of one list have one place.
fn of_list(dialect: &dyn Dialect, list: &ListTable) -> Row {
    let column = |name: &String| list.records.column(&alias(), name);
    let order = Column { table: list.records.name(), name: Ident::physical(&list.order) };
    let asked =
        format!("values of {}, by which the elements of {} are ordered", shown(&order, &[]), list.path.join("."));
    let agreeing = Agreeing {
        records: &list.records,
        filter: vec![column(&list.parent).is_present()],
        group: vec![column(&list.parent), column(&list.order)],
    };
    agreeing.row(dialect, asked, "two elements of one list that have the same")
}

/// What tells the profile and the instant of an event.
fn instants(dialect: &dyn Dialect, table: &EventTable) -> Result<Vec<Expr>, Unsupported> {
    let time = table.records.times.stored(&SqlType::Timestamp);
    Ok(vec![at(dialect, &table.profile, &SqlType::Text)?, at(dialect, &table.time, &time)?])
}

/// What is at a place of the table that is asked.
fn at(dialect: &dyn Dialect, place: &Physical, ty: &SqlType) -> Built {
    let column = Ident::physical(place.first().map_or("", String::as_str));
    let fields: Vec<Ident> = place.iter().skip(1).map(|field| Ident::physical(field)).collect();
    dialect.stored(Expr::column(&alias(), &column), &fields, ty)
}

/// Rows that must not agree in some values.
struct Agreeing<'a> {
    records: &'a Records,
    filter: Vec<Expr>,
    group: Vec<Expr>,
}

impl Agreeing<'_> {
    /// The row of the canary that tells of two.
    fn row(self, dialect: &dyn Dialect, asked: String, told: &str) -> Row {
        let several = dialect.agg_count(None, false, vec![])?.binary(BinaryOp::Gt, Expr::int(1));
        let agreeing = Select {
            items: vec![Item { expr: Expr::int(1), alias: Some(Ident::generated("several")) }],
            from: Some(Table { source: Source::Named(self.records.name()), alias: alias() }),
            filter: self.filter,
            group_by: self.group,
            having: vec![several],
            ..Select::default()
        };
        let none = dialect.agg_count(None, false, vec![])?.eq(Expr::int(0));
        let from = Table { source: Source::Select(Box::new(agreeing)), alias: Ident::generated("found_") };
        Ok((asked.clone(), Select { from: Some(from), ..told_if_not(&asked, none, told) }))
    }
}
