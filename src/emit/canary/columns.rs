//! What the canary asks of the tables: of which types the columns are that segments read. A column of another type than
//! the schema's selects other profiles without an error: a binary fraction is no decimal, and a number no text. Invariant:
//! a column that no query reads is not asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::beyond::{Beyond, of_numbers};
use super::order::{Orders, of_events};
use super::row;
use crate::emit::{ddl, sql};
use crate::plan::{FieldStep, Plan, Space};
use crate::schema::{ID, Schema};
use crate::sql::dialect::{Built, Unsupported};
use crate::sql::layout::{EventTable, EventType, Layout, Physical, Records};
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
    typed: BTreeMap<(Column, Vec<Step>), Vec<SqlType>>,
    /// Columns that are compared with each other as they are; the second is the profiles' id.
    keys: BTreeSet<[Column; 2]>,
    /// The profiles' id, and whether it is text.
    ids: Option<(Column, bool)>,
    /// The ids by which events are ordered.
    event_ids: Vec<(Column, EventTable)>,
    /// What is read in an order.
    orders: Orders,
    /// The columns that are cast where they are read, and to what.
    cast: BTreeMap<TableColumn, SqlType>,
    /// The tables of the elements of lists, whose columns cannot be cast.
    lists: BTreeSet<Vec<Ident>>,
}

/// Something that is asked of the tables.
#[derive(Debug)]
pub struct Asked {
    /// The row of the canary.
    pub row: Select,
    /// The column whose type it asks for, and the types of which it might be if it were cast.
    pub castable: Option<(Ident, Vec<String>)>,
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
        let typed = self.typed.iter().flat_map(|(place, all)| all.iter().map(move |ty| (place, ty)));
        let typed = typed.flat_map(|((column, steps), ty)| {
            let cast = self.cast_to(column);
            of_type(dialect, types, column, steps, (ty, cast), !self.lists.contains(&column.table))
        });
        // Of a database that has one type for all that holds others, a column is asked for once.
        let mut asked: BTreeMap<String, Asked> = typed.collect();
        let ids = self.ids.iter().filter_map(|id| of_ids(dialect, id, self.cast_to(&id.0)).ok());
        let event_ids = self.event_ids.iter();
        let event_ids = event_ids.filter_map(|(id, table)| of_events(dialect, table, id, self.cast_to(id)).ok());
        let keys = self.keys.iter().map(|keys| of_one_kind(dialect, types, keys));
        asked.extend(ids.chain(event_ids).chain(keys).map(|(name, row)| (name, Asked::only(row))));
        asked.extend(self.orders.asked(dialect));
        asked
    }

    /// The type that a column is cast to.
    fn cast_to(&self, column: &Column) -> Option<&SqlType> {
        self.cast.get(&(column.table.clone(), column.name.clone()))
    }
}

/// The space of whole records that a path of a space's records is in, and how it goes on from there.
fn steps<'s>(space: &'s Space, path: &[FieldStep]) -> (&'s Space, Vec<Step>) {
    let own = path.iter().map(|step| match step {
        FieldStep::Field(name) => Step::Field(name.clone()),
        FieldStep::Key(key) => Step::Value(key.clone()),
    });
    let (outer, path, inner) = match space {
        Space::Elements(outer, list) => (outer, list, Step::Element),
        Space::Entries(outer, map) => (outer, map, Step::Value("".into())),
        Space::Profiles | Space::Events | Space::Class(_) => return (space, own.collect()),
    };
    let (root, mut above) = steps(outer, path);
    above.push(inner);
    above.extend(own);
    (root, above)
}

/// Puts what the schema calls by paths where the layout has it.
struct Collect<'a> {
    layout: &'a Layout,
    /// The types of columns by the schema.
    declared: BTreeMap<Column, SqlType>,
    found: Columns,
}

impl Collect<'_> {
    /// What is read at a path of records, as values of a type where the schema does not tell it.
    fn read(&mut self, root: &Space, steps: &[Step], ty: &SqlType) {
        let layout = self.layout;
        let fields = steps.iter().map_while(|step| match step {
            Step::Field(name) => Some(&**name),
            Step::Element | Step::Value(_) => None,
        });
        let fields: Vec<&str> = fields.collect();
        let rest = &steps[fields.len()..];
        match root {
            Space::Profiles => match (layout.attached_at(&fields), fields.as_slice()) {
                (Some((_, table, below)), _) => self.add(&table.records, table.records.place(below), rest, ty),
                (None, [ID]) => {}
                (None, _) => self.found_at(&layout.profiles, layout.profiles.place(&fields), rest, ty),
            },
            Space::Events => {
                for table in layout.all_event_tables() {
                    self.found_at(&table.records, table.place(&fields), rest, ty);
                }
            }
            Space::Class(name) => {
                if let Some(table) = layout.classes.get(&**name) {
                    self.found_at(&table.records, table.records.place(&fields), rest, ty);
                }
            }
            Space::Elements(..) | Space::Entries(..) => {}
        }
    }

    /// What is read at a place of records, or of the table of the elements of a list that is there.
    fn found_at(&mut self, records: &Records, place: Physical, rest: &[Step], ty: &SqlType) {
        let list = match place.as_slice() {
            [column] => records.lists.get(column),
            _ => None,
        };
        let Some(list) = list else { return self.add(records, place, rest, ty) };
        let value = vec![list.value.clone()];
        match (rest.split_first(), ty) {
            (Some((_, [])), single) => self.add(&list.records, value, &[], single),
            (None, SqlType::List(single)) => self.add(&list.records, value, &[], single),
            (Some((_, [Step::Field(name), below @ ..])), _) => {
                self.add(&list.records, list.records.place(&[name]), below, ty);
            }
            _ => {}
        }
    }

    /// What every query may read: ids, and the types and instants of events.
    fn ids(&mut self) {
        let layout = self.layout;
        if let [id] = layout.profile_id.as_slice() {
            let column = Column { table: layout.profiles.name(), name: Ident::physical(id) };
            self.found.ids = Some((column, layout.text_ids));
        }
        self.key(&layout.profiles, layout.profile_id.clone());
        for table in layout.all_event_tables() {
            self.key(&table.records, table.profile.clone());
            self.add(&table.records, table.time.clone(), &[], &SqlType::Timestamp);
            if let EventType::Column(column) = &table.event_type {
                self.add(&table.records, column.clone(), &[], &SqlType::Text);
            }
            if let Some(id) = &table.id {
                self.add(&table.records, id.clone(), &[], &SqlType::Text);
                if let [name] = id.as_slice() {
                    let column = Column { table: table.records.name(), name: Ident::physical(name) };
                    self.found.event_ids.push((column, table.clone()));
                }
            }
        }
        for table in layout.classes.values() {
            // A key is of the type that the schema gives it.
            let key = self.declared_at(&table.records, &table.key);
            self.add(&table.records, table.key.clone(), &[], &key.unwrap_or(SqlType::Text));
        }
        for table in layout.attached.values() {
            self.key(&table.records, table.key.clone());
        }
        for list in layout.profiles.lists.values() {
            self.key(&list.records, vec![list.parent.clone()]);
        }
        for table in layout.all_event_tables() {
            let lists = table.records.lists.values();
            lists.for_each(|list| self.add(&list.records, vec![list.parent.clone()], &[], &SqlType::Text));
        }
        for table in layout.classes.values() {
            let key = self.declared_at(&table.records, &table.key).unwrap_or(SqlType::Text);
            let lists = table.records.lists.values();
            lists.for_each(|list| self.add(&list.records, vec![list.parent.clone()], &[], &key));
        }
    }

    /// A column that is a profile's id: text, or of the same kind as the profiles have it.
    fn key(&mut self, records: &Records, place: Physical) {
        let layout = self.layout;
        let column = |records: &Records, place: &Physical| match place.as_slice() {
            [name] => Some(Column { table: records.name(), name: Ident::physical(name) }),
            _ => None,
        };
        match (column(records, &place), column(&layout.profiles, &layout.profile_id)) {
            (Some(key), Some(id)) if !layout.text_ids => {
                if [&key, &id].into_iter().all(|column| self.found.cast_to(column).is_none()) {
                    self.found.keys.insert([key, id]);
                    return;
                }
                // What one of them is cast to, both are.
                self.add(&layout.profiles, layout.profile_id.clone(), &[], &SqlType::Text);
            }
            _ => {}
        }
        self.add(records, place, &[], &SqlType::Text);
    }

    /// The type by the schema of what is at a place.
    fn declared_at(&self, records: &Records, place: &Physical) -> Option<SqlType> {
        let (name, fields) = place.split_first()?;
        let whole = self.declared.get(&Column { table: records.name(), name: Ident::physical(name) })?;
        let steps: Vec<Step> = fields.iter().map(|field| Step::Field(field.as_str().into())).collect();
        inner_type(whole, &steps)
    }

    /// Something within a column, of a type unless the schema tells it.
    fn add(&mut self, records: &Records, place: Physical, rest: &[Step], ty: &SqlType) {
        let Some((name, fields)) = place.split_first() else { return };
        let column = Column { table: records.name(), name: Ident::physical(name) };
        let ty = &records.times.stored(ty);
        let fields = fields.iter().map(|field| Step::Field(field.as_str().into()));
        let mut steps: Vec<Step> = fields.chain(rest.iter().cloned()).collect();
        let around = |inner: SqlType, step: &Step| match step {
            Step::Field(name) => SqlType::Struct(vec![(Ident::physical(name), inner)]),
            Step::Element => SqlType::List(Box::new(inner)),
            Step::Value(_) => SqlType::Map(Box::new(inner)),
        };
        let read = steps.iter().rev().fold(ty.clone(), around);
        let declared = self.declared.get(&column).cloned();
        // A score that the schema has as a whole number is read as a double.
        let is_declared = declared.as_ref().and_then(|whole| inner_type(whole, &steps)).is_some_and(|inner| {
            inner == *ty || matches!((&inner, ty), (SqlType::Int | SqlType::Decimal { .. }, SqlType::Float))
        });
        let whole = declared.filter(|_| is_declared).unwrap_or(read);
        // A list or a map that is read as a whole is one of values of a type.
        let mut inner = inner_type(&whole, &steps);
        while let Some(ty @ (SqlType::List(_) | SqlType::Map(_))) = inner {
            let step = if matches!(ty, SqlType::List(_)) { Step::Element } else { Step::Value("".into()) };
            inner = below(&ty, &step);
            steps.push(step);
        }
        if inner.is_some() {
            let all = self.found.typed.entry((column, steps)).or_default();
            if !all.contains(&whole) {
                all.push(whole);
            }
        }
    }
}

/// The type of what some steps lead to.
fn inner_type(ty: &SqlType, steps: &[Step]) -> Option<SqlType> {
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

/// What is asked of what is within a column, of which the whole is of a type, and cast to one if it is.
fn of_type(
    dialect: &dyn Dialect,
    types: &'static StoredTypes,
    column: &Column,
    steps: &[Step],
    (whole, cast): (&SqlType, Option<&SqlType>),
    is_settable: bool,
) -> Vec<(String, Asked)> {
    let Some(leaf) = inner_type(whole, steps) else { return vec![] };
    let (steps, ty) = if types.nested.is_empty() { (steps, &leaf) } else { (&[][..], whole) };
    let mut names = types.names(ty);
    let castable = if steps.is_empty() { types.castable(ty) } else { vec![] };
    names.extend(cast.iter().flat_map(|_| castable.iter().cloned()));
    let alias = alias();
    let base = Expr::column(&alias, &column.name);
    let value = if steps.is_empty() { Ok(base) } else { within(dialect, base, steps, whole) };
    let Some(value) = value.ok().filter(|_| !names.is_empty()) else { return vec![] };
    let mut place = InTable { table: &column.table, alias: &alias, column: &column.name, value, ty };
    let asked = format!("type of {}, {}", shown(column, steps), dialect.column_type(ty, false));
    let (from, told) =
        (told_once(types.told(&place, &names)), Expr::column(&Ident::generated("told"), &Ident::generated("type_")));
    let agrees = Expr::or([told.clone().is_null(), is_one_of(dialect, &told, &names)]);
    let row = Select { from: Some(from), ..row(Expr::text(asked.as_str()), agrees, told) };
    let castable = (cast.is_none() && is_settable).then(|| (column.name.clone(), castable));
    let of_instants = *ty == SqlType::Timestamp;
    let beyond = of_numbers(dialect, types, column, (steps, ty), whole);
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
    let mut id = cast_to(Expr::column(&alias, &column.name), cast);
    if *is_text {
        id = dialect.stored(id, &[], &SqlType::Text)?;
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

/// What is told, as the one row of a table.
fn told_once(told: Expr) -> Table {
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
    for step in steps {
        match step {
            Step::Field(name) => shown.extend([".", name]),
            Step::Element => shown.push_str("[]"),
            Step::Value(key) => shown.extend(["['", key, "']"]),
        }
    }
    shown
}
