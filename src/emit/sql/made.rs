//! Tables whose columns are not as the schema has them: some are of other types, some are lists whose elements are rows of
//! a table of their own. Where such a column is read, the table becomes a query that makes it. Runs over the finished query.
//! Invariant: a list that is gathered is what a stored list of the same elements would be; without a row it is empty.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Emitter, Result};
use crate::plan::order::Ordered;
use crate::plan::{FieldPath, FieldStep, Needs, Space, field_path};
use crate::sql::layout::ListTable;
use crate::sql::tree::{Item, Join, JoinKind, Order, Source, Table};
use crate::sql::{Expr, Ident, Layout, Query, Select, SqlType};

/// The columns of what is gathered: the key of the record, and its list.
const OF_RECORD: &str = "of_record";
const GATHERED: &str = "gathered";

/// The columns of a table that are made where they are read.
#[derive(Debug, Default)]
struct Made<'a> {
    /// Gathered of the rows of other tables; with what the records are that have them.
    lists: BTreeMap<&'a str, (&'a ListTable, Space)>,
    /// Cast, and to what.
    cast: BTreeMap<&'a str, &'a SqlType>,
}

/// What the segments of a query read.
struct Reads {
    needs: Needs,
    ordered: Ordered,
}

impl Emitter<'_> {
    /// A query over tables some of whose columns are made where they are read.
    pub(super) fn over_made_columns(&self, query: Query) -> Result<Query> {
        let tables = tables_with_made_columns(self.layout);
        if tables.is_empty() {
            return Ok(query);
        }
        let reads = Reads { needs: self.plan.needs_of(&self.segments), ordered: self.plan.ordered(&self.segments) };
        let mut failed = None;
        let query = query.over_tables(&mut |table, columns| {
            let Source::Named(name) = &table.source else { return table };
            let Some(made) = tables.get(name).filter(|made| columns.iter().any(|column| made.makes(column))) else {
                return table;
            };
            match self.made(table.clone(), columns, made, &reads) {
                Ok(select) => Table { source: Source::Select(Box::new(select)), alias: table.alias },
                Err(failure) => {
                    failed = Some(failure);
                    table
                }
            }
        });
        failed.map_or(Ok(query), Err)
    }

    /// The columns that are read of a table: lists gathered, and those of other types cast.
    fn made(&self, table: Table, columns: &BTreeSet<Ident>, made: &Made, reads: &Reads) -> Result<Select> {
        let alias = table.alias.clone();
        let mut select = Select { from: Some(table), ..Select::default() };
        let stored = |column: &Ident| match made.cast.get(column.text()) {
            Some(ty) => Expr::column(&alias, column).cast((*ty).clone()),
            None => Expr::column(&alias, column),
        };
        for column in columns {
            let expr = match made.lists.get(column.text()) {
                None => stored(column),
                Some((list, space)) => {
                    let elements = Ident::generated(&format!("elements_{}", select.joins.len() + 1));
                    let (gathered, element) = self.gathered(list, space, reads)?;
                    let of_record = Expr::column(&elements, &Ident::generated(OF_RECORD));
                    select.joins.push(Join {
                        kind: JoinKind::Left,
                        table: Table { source: Source::Select(Box::new(gathered)), alias: elements.clone() },
                        on: vec![of_record.eq(stored(&Ident::physical(&list.key)))],
                    });
                    let list = Expr::column(&elements, &Ident::generated(GATHERED));
                    list.or_else(self.dialect.empty_list(&element)?)
                }
            };
            select.items.push(Item { expr, alias: Some(column.clone()) });
        }
        Ok(select)
    }

    /// The type of which a value is gathered: of a stored list decimals are not [counted](super::counted) yet.
    fn uncounted(&self, ty: &SqlType) -> SqlType {
        if self.is_counted(ty) { SqlType::Float } else { ty.clone() }
    }

    /// The lists of a table of elements by the records that have them, and the type of the elements: of objects with the
    /// fields that are read.
    fn gathered(&self, list: &ListTable, space: &Space, reads: &Reads) -> Result<(Select, SqlType)> {
        let row = Ident::generated("element");
        let column = |name: &str| list.records.column(&row, name);
        let stored = |place: &[String], ty: &SqlType| match place.split_first() {
            Some((name, below)) if !list.records.cast.contains_key(name) => {
                let below: Vec<Ident> = below.iter().map(|step| Ident::physical(step)).collect();
                self.dialect.stored(column(name), &below, &self.uncounted(ty))
            }
            _ => Ok(column(place.first().map_or("", String::as_str))),
        };
        let path = field_path(&list.path);
        let element = list.records.times.stored(&list.element);
        let (value, element) = match &element {
            SqlType::Struct(fields) => {
                let read = read_below(&reads.needs, &Space::Elements(Arc::new(space.clone()), path.clone()));
                let read = |(name, _): &&(Ident, SqlType)| read.contains(name.text());
                let packed = fields
                    .iter()
                    .filter(read)
                    .map(|(name, ty)| Ok((name.clone(), stored(&list.records.place(&[name.text()]), ty)?, ty.clone())));
                let mut packed = packed.collect::<Result<Vec<_>>>()?;
                if packed.is_empty() {
                    // Only how many there are is asked.
                    packed.push((Ident::generated("there"), Expr::bool(true), SqlType::Bool));
                }
                let element = packed.iter().map(|(name, _, ty)| (name.clone(), ty.clone())).collect();
                (self.dialect.pack(packed)?, SqlType::Struct(element))
            }
            single => (stored(std::slice::from_ref(&list.value), single)?, single.clone()),
        };
        let order = Order { expr: column(&list.order), descending: false, nullable: false };
        // Sorting is what costs most here.
        let order = if reads.ordered.lists.contains(&(space.clone(), path)) { vec![order] } else { vec![] };
        let gathered = self.dialect.agg_list(value, &element, order, vec![])?;
        let items = [(column(&list.parent), OF_RECORD), (gathered, GATHERED)];
        let items = items.map(|(expr, name)| Item { expr, alias: Some(Ident::generated(name)) });
        let select = Select {
            items: items.into(),
            from: Some(Table { source: Source::Named(list.records.name()), alias: row.clone() }),
            group_by: vec![column(&list.parent)],
            ..Select::default()
        };
        Ok((select, element))
    }
}

impl Made<'_> {
    fn makes(&self, column: &Ident) -> bool {
        self.lists.contains_key(column.text()) || self.cast.contains_key(column.text())
    }
}

/// The tables of which some columns are made.
fn tables_with_made_columns(layout: &Layout) -> BTreeMap<Vec<Ident>, Made<'_>> {
    let parts = layout.event_tables.iter().map(|table| (&table.records, Space::Events));
    let classes = layout.classes.iter().map(|(name, table)| (&table.records, Space::Class(name.as_str().into())));
    let scores = layout.attached.values().map(|table| (&table.records, Space::Profiles));
    let all = [(&layout.profiles, Space::Profiles), (&layout.events, Space::Events)].into_iter();
    let mut tables: BTreeMap<Vec<Ident>, Made> = BTreeMap::new();
    for (records, space) in all.chain(parts).chain(classes).chain(scores) {
        if records.lists.is_empty() && records.cast.is_empty() {
            continue;
        }
        let made = tables.entry(records.name()).or_default();
        made.lists.extend(records.lists.iter().map(|(column, list)| (column.as_str(), (list, space.clone()))));
        made.cast.extend(records.cast.iter().map(|(column, ty)| (column.as_str(), ty)));
    }
    tables
}

/// The first fields of what is read of the records of a space, and of what is within them.
fn read_below(needs: &Needs, space: &Space) -> BTreeSet<Arc<str>> {
    let of = |path: &FieldPath| match path.first() {
        Some(FieldStep::Field(name)) => Some(name.clone()),
        Some(FieldStep::Key(_)) | None => None,
    };
    let own = needs.spaces.get(space).into_iter().flat_map(|columns| columns.keys().filter_map(of));
    let within = needs.spaces.keys().filter_map(|inner| {
        let mut inner = inner;
        while let Space::Elements(outer, path) | Space::Entries(outer, path) = inner {
            if **outer == *space {
                return of(path);
            }
            inner = outer;
        }
        None
    });
    own.chain(within).collect()
}
