//! What the canary asks of the tables: of which types the columns are that segments read. A column of another type than
//! the schema's selects other profiles without an error: a binary fraction is no decimal, and a number no text. Invariant:
//! a column that no query reads is not asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::beyond::{Beyond, of_values};
use super::collect::{Collect, steps};
use super::order::{Orders, of_events};
use super::{json, row};
use crate::emit::{ddl, sql};
use crate::plan::Plan;
use crate::schema::Schema;
use crate::sql::dialect::{Built, Unsupported};
use crate::sql::layout::{EventTable, Layout};
use crate::sql::stored_types::{InTable, StoredTypes, takes_for_equal};
use crate::sql::tree::{BinaryOp, Item, Source, Table, TableColumn};
use crate::sql::{Dialect, Expr, Ident, Query, Select, SqlType};

/// What leads into a value of a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Field(Arc<str>),
    /// An element of a list.
    Element,
    /// The value of a key of a map.
    Value(Arc<str>),
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Column {
    pub table: Vec<Ident>,
    pub name: Ident,
}

/// What segments read of tables, and of which types it is if the schema is true of them.
#[derive(Debug, Default)]
pub struct Columns {
    /// What is read within columns, and of which types these are; of several where fields that differ are put in one.
    pub(super) typed: BTreeMap<(Column, Vec<Step>), Vec<SqlType>>,
    /// Columns that are compared with each other as they are; the second is the profiles' id.
    pub(super) keys: BTreeSet<[Column; 2]>,
    /// The profiles' id, and whether it is text.
    pub(super) ids: Option<(Column, bool)>,
    /// The ids by which events are ordered.
    pub(super) event_ids: Vec<(Column, EventTable)>,
    /// What is read in an order.
    orders: Orders,
    /// The columns that are cast where they are read, and to what.
    cast: BTreeMap<TableColumn, SqlType>,
    /// The tables of the elements of lists.
    lists: BTreeSet<Vec<Ident>>,
}

/// What is asked for its type.
struct Place<'a> {
    column: &'a Column,
    steps: &'a [Step],
    /// The type of the column.
    whole: &'a SqlType,
    /// What is read within it, where the database does not tell the types of that.
    read: Vec<SqlType>,
}

/// A column that could be cast.
#[derive(Debug)]
pub struct Castable {
    /// Its name.
    pub column: Ident,
    /// The types of which it might be then.
    pub types: Vec<String>,
    /// Whether it is one of a table of the elements of a list.
    pub of_elements: bool,
}

/// Something that is asked of the tables.
#[derive(Debug)]
pub struct Asked {
    /// The row of the canary.
    pub row: Select,
    /// The column whose type it asks for, if it could be cast.
    pub castable: Option<Castable>,
    /// Whether it asks whether a column holds instants.
    pub of_instants: bool,
    /// What is asked of the values next, unless the type that is found answers it.
    pub beyond: Option<Beyond>,
    /// What to do where it is otherwise, if a view with other types is no way out.
    pub way_out: Option<&'static str>,
}

impl Asked {
    /// Nothing but a row.
    pub(super) fn only(row: Select) -> Asked {
        Asked { row, castable: None, of_instants: false, beyond: None, way_out: None }
    }
}

impl Columns {
    /// What the queries of some segments read, which are given by their indices.
    pub fn of(plan: &Plan, segments: &[usize], queries: &[&Query], schema: &Schema, layout: &Layout) -> Columns {
        let tables = ddl::tables(schema, layout);
        let columns = tables.iter().flat_map(|table| {
            table
                .columns
                .iter()
                .map(|(name, ty, _)| (Column { table: table.name.clone(), name: name.clone() }, ty.clone()))
        });
        let lists = layout.all_records().flat_map(|records| records.lists.values());
        let lists = lists.map(|list| list.records.name()).collect();
        let orders = Orders::of(plan, segments, layout);
        let found = Columns { orders, cast: layout.cast_columns(), lists, ..Columns::default() };
        let mut collect = Collect { layout, declared: columns.collect(), found };
        for (space, paths) in plan.needs_of(segments).spaces {
            for (path, ty) in paths {
                let (root, steps) = steps(&space, &path);
                collect.read(root, &steps, &sql::stored_type(&ty.ty));
            }
        }
        collect.ids();
        let mut found = collect.found;
        let read: BTreeSet<_> = queries.iter().flat_map(|query| query.columns_read()).collect();
        let is_read = |column: &Column| read.contains(&(column.table.clone(), column.name.clone()));
        found.typed.retain(|(column, _), _| is_read(column));
        found.keys.retain(|keys| keys.iter().all(is_read));
        found.ids = found.ids.filter(|(column, _)| is_read(column));
        found.event_ids.retain(|(column, _)| is_read(column));
        found
    }

    /// What is asked of each of them; nothing in a dialect that does not tell types.
    pub fn asked(&self, dialect: &dyn Dialect) -> BTreeMap<String, Asked> {
        let Some(types) = dialect.stored_types() else { return BTreeMap::new() };
        let places = self.places(types);
        let typed = places.iter().flat_map(|place| {
            let column = place.column;
            of_type(dialect, types, place, self.cast_to(column), self.lists.contains(&column.table))
        });
        let mut asked: BTreeMap<String, Asked> = typed.collect();
        let ids = self.ids.iter().filter_map(|id| of_ids(dialect, id, self.cast_to(&id.0)).ok());
        let event_ids = self.event_ids.iter();
        let event_ids = event_ids.filter_map(|(id, table)| of_events(dialect, table, id, self.cast_to(id)).ok());
        let keys = self.keys.iter().map(|keys| of_one_kind(dialect, types, keys));
        asked.extend(ids.chain(event_ids).chain(keys).map(|(name, row)| (name, Asked::only(row))));
        asked.extend(self.orders.asked(dialect));
        asked
    }

    /// What is asked for its type: of a database that has one for all that holds others, a column by itself.
    fn places(&self, types: &StoredTypes) -> Vec<Place<'_>> {
        let mut places: Vec<Place<'_>> = vec![];
        let typed = self.typed.iter().flat_map(|(place, all)| all.iter().map(move |ty| (place, ty)));
        for ((column, steps), whole) in typed {
            if types.nested.is_empty() || steps.is_empty() {
                places.push(Place { column, steps, whole, read: vec![] });
                continue;
            }
            let Some(read) = json::read_of(whole, steps) else { continue };
            match places.last_mut() {
                Some(known) if known.column == column && !known.read.is_empty() => json::add(&mut known.read, read),
                _ => places.push(Place { column, steps: &[], whole, read: vec![read] }),
            }
        }
        places
    }

    /// The type that a column is cast to.
    pub(super) fn cast_to(&self, column: &Column) -> Option<&SqlType> {
        self.cast.get(&(column.table.clone(), column.name.clone()))
    }
}

/// The type of what some steps lead to.
pub(super) fn inner_type(ty: &SqlType, steps: &[Step]) -> Option<SqlType> {
    steps.iter().try_fold(ty.clone(), |ty, step| below(&ty, step))
}

/// The type of what a step leads to.
pub(super) fn below(ty: &SqlType, step: &Step) -> Option<SqlType> {
    match (ty, step) {
        (SqlType::Struct(fields), Step::Field(name)) => {
            let field = fields.iter().find(|(known, _)| known.text() == &**name)?;
            Some(field.1.clone())
        }
        (SqlType::List(inner), Step::Element) | (SqlType::Map(inner), Step::Value(_)) => Some((**inner).clone()),
        _ => None,
    }
}

/// What is asked of what is within a column, which is cast to a type if it is.
fn of_type(
    dialect: &dyn Dialect,
    types: &'static StoredTypes,
    Place { column, steps, whole, read }: &Place<'_>,
    cast: Option<&SqlType>,
    of_elements: bool,
) -> Vec<(String, Asked)> {
    let Some(ty) = &inner_type(whole, steps) else { return vec![] };
    let mut names = types.names(ty);
    let castable = if steps.is_empty() { types.castable(ty) } else { vec![] };
    names.extend(cast.iter().flat_map(|_| castable.iter().cloned()));
    let alias = alias();
    let base = Expr::column(&alias, &column.name);
    let value = if steps.is_empty() { Ok(base) } else { within(dialect, base, steps, whole) };
    let Some(value) = value.ok().filter(|_| !names.is_empty()) else { return vec![] };
    let mut place = InTable { table: &column.table, alias: &alias, column: &column.name, value, ty };
    let asked = format!("type of {}, {}", shown(column, steps), dialect.column_type(ty, false));
    let (from, told) = (told_once(types.told(&place, &names)), told());
    let agrees = Expr::or([told.clone().is_null(), is_one_of(dialect, &told, &names)]);
    let row = Select { from: Some(from), ..row(Expr::text(asked.as_str()), agrees, told) };
    let castable = Castable { column: column.name.clone(), types: castable, of_elements };
    let castable = cast.is_none().then_some(castable);
    let of_instants = *ty == SqlType::Timestamp;
    let beyond = match read.as_slice() {
        [] => of_values(dialect, types, column, (steps, ty), whole),
        read => json::of_json(dialect, column, read),
    };
    let mut all = vec![(asked, Asked { castable, of_instants, beyond, ..Asked::only(row) })];
    if types.collates && *ty == SqlType::Text {
        let asked = format!("values of {}, compared as they are", shown(column, steps));
        let found = "a collation by which different texts are equal";
        place.value = cast_to(place.value, cast);
        let row = told_if_not(&asked, takes_for_equal(&place).negate(), found);
        all.push((asked, Asked::only(row)));
    }
    all
}

/// A column, cast if it is.
fn cast_to(column: Expr, ty: Option<&SqlType>) -> Expr {
    match ty {
        Some(ty) => column.cast(ty.clone()),
        None => column,
    }
}

/// The row for the profiles' ids: each profile has one of its own, which is not empty.
fn of_ids(
    dialect: &dyn Dialect,
    (column, is_text): &(Column, bool),
    cast: Option<&SqlType>,
) -> Result<(String, Select), Unsupported> {
    let alias = alias();
    let stored = Expr::column(&alias, &column.name);
    let mut id = match (cast, is_text) {
        (None, true) => dialect.stored(stored, &[], &SqlType::Text)?,
        _ => cast_to(stored, cast),
    };
    if *is_text {
        let filled = dialect.compared_texts(id.clone(), BinaryOp::Ne, Expr::text(""));
        id = dialect.counted_text(id).when(filled);
    }
    let [all, different] = [dialect.agg_count(None, false, vec![])?, dialect.agg_count(Some(id), true, vec![])?];
    let asked = format!("values of {}, one for each profile", shown(column, &[]));
    let found = "some that are absent, empty, or there twice";
    let from = Table { source: Source::Named(column.table.clone()), alias };
    let select = Select { from: Some(from), ..told_if_not(&asked, all.eq(different), found) };
    Ok((asked, select))
}

/// A row that tells what was found where a condition is not true.
pub(super) fn told_if_not(asked: &str, condition: Expr, found: &str) -> Select {
    let found = Expr::choose(condition.clone(), Expr::Null(SqlType::Text), Expr::text(found));
    row(Expr::text(asked), condition, found)
}

/// A value within a column, of which the whole is of a type.
fn within(dialect: &dyn Dialect, column: Expr, steps: &[Step], whole: &SqlType) -> Built {
    let (mut value, mut ty, mut fields) = (column, whole.clone(), vec![]);
    for step in steps {
        let inner = below(&ty, step).unwrap_or_else(SqlType::object);
        match step {
            Step::Field(name) => fields.push(Ident::physical(name)),
            Step::Element => {
                let list = dialect.stored(value, &std::mem::take(&mut fields), &ty)?;
                value = dialect.list_first(list, &inner)?;
            }
            Step::Value(key) => {
                let map = dialect.stored(value, &std::mem::take(&mut fields), &ty)?;
                value = dialect.map_get(map, Expr::text(key.clone()), &inner)?;
            }
        }
        ty = inner;
    }
    dialect.stored(value, &fields, &ty)
}

/// The row for two columns that must be comparable: both of integers, of texts, or of what is neither.
fn of_one_kind(dialect: &dyn Dialect, types: &StoredTypes, keys: &[Column; 2]) -> (String, Select) {
    let alias = alias();
    let told = |column: &Column, names: &[String]| {
        let value = Expr::column(&alias, &column.name);
        let ty = &SqlType::Text;
        types.told(&InTable { table: &column.table, alias: &alias, column: &column.name, value, ty }, names)
    };
    let fits = |column: &Column, names: &[String]| {
        let told = told(column, names);
        Expr::or([told.clone().is_null(), is_one_of(dialect, &told, names)])
    };
    let kinds = types.keys().into_iter().filter(|names| !names.is_empty());
    let agrees = Expr::or(kinds.map(|names| Expr::and(keys.iter().map(|key| fits(key, &names)))));
    let [key, id] = keys;
    let found = told(key, &[]).binary(BinaryOp::Concat, Expr::text(" beside "));
    let found = found.binary(BinaryOp::Concat, told(id, &[]));
    let asked = if key == id {
        format!("type of {}, integers, texts or UUIDs", shown(key, &[]))
    } else {
        format!("type of {}, as that of {}", shown(key, &[]), shown(id, &[]))
    };
    let select = row(Expr::text(asked.as_str()), agrees, found);
    (asked, select)
}

/// The alias of the table that is asked.
pub(super) fn alias() -> Ident {
    Ident::generated("asked")
}

/// The column of [`told_once`].
pub(super) fn told() -> Expr {
    Expr::column(&Ident::generated("told"), &Ident::generated("type_"))
}

/// What is told, as the one row of a table.
pub(super) fn told_once(told: Expr) -> Table {
    let item = Item { expr: told, alias: Some(Ident::generated("type_")) };
    let select = Select { items: vec![item], ..Select::default() };
    Table { source: Source::Select(Box::new(select)), alias: Ident::generated("told") }
}

/// Whether what is told is one of some names, in which `%` stands for any text.
fn is_one_of(dialect: &dyn Dialect, told: &Expr, names: &[String]) -> Expr {
    let (patterns, exact): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| name.contains('%'));
    let pattern = |name: &String| {
        let (start, end) = name.split_once('%')?;
        let starts = dialect.starts_with(told.clone(), Expr::text(start)).ok()?;
        let ends = if end.is_empty() { Ok(Expr::bool(true)) } else { dialect.ends_with(told.clone(), Expr::text(end)) };
        Some(Expr::and([starts, ends.ok()?]))
    };
    let mut any: Vec<Expr> = patterns.into_iter().filter_map(pattern).collect();
    if !exact.is_empty() {
        any.insert(0, dialect.is_one_of(told.clone(), exact.iter().map(|name| Expr::text(name.as_str())).collect()));
    }
    Expr::or(any)
}

/// `events.productListItems[].price`
pub(super) fn shown(column: &Column, steps: &[Step]) -> String {
    let names = column.table.iter().chain([&column.name]).map(Ident::text);
    let mut shown = names.collect::<Vec<_>>().join(".");
    shown.push_str(&shown_steps(steps));
    shown
}

/// `[].price`
pub(super) fn shown_steps(steps: &[Step]) -> String {
    let mut shown = String::new();
    for step in steps {
        match step {
            Step::Field(name) => shown.extend([".", name]),
            Step::Element => shown.push_str("[]"),
            Step::Value(key) if key.is_empty() => shown.push_str("[…]"),
            Step::Value(key) => shown.extend(["['", key, "']"]),
        }
    }
    shown
}
