//! Lists whose elements are rows of a table of their own: a table that has such lists becomes a query with a column for each
//! that is read, gathered of these rows. Runs over the finished query. Invariant: the column is what a stored list of the
//! same elements would be; without a row it is the empty list.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Emitter, Result};
use crate::plan::{FieldPath, FieldStep, Needs, Space};
use crate::sql::layout::{ListTable, Records};
use crate::sql::tree::{Cte, Item, Join, JoinKind, Order, Source, Table};
use crate::sql::{Expr, Ident, Layout, Query, Select, SqlType};

/// The columns of what is gathered: the key of the record, and its list.
const OF_RECORD: &str = "of_record";
const GATHERED: &str = "gathered";

/// A table with lists, what its rows are, and the columns that are read of it.
struct Gathering<'a> {
    records: &'a Records,
    space: Space,
    columns: BTreeSet<Ident>,
}

impl Emitter<'_> {
    /// A query over tables whose lists are in tables of their own.
    pub(super) fn over_list_tables(&self, query: Query) -> Result<Query> {
        let mut tables: BTreeMap<Vec<Ident>, Gathering> = tables_with_lists(self.layout);
        if tables.is_empty() {
            return Ok(query);
        }
        for (table, column) in query.columns_read() {
            tables.get_mut(&table).into_iter().for_each(|of| of.columns.extend([column.clone()]));
        }
        tables.retain(|_, of| of.columns.iter().any(|column| of.records.lists.contains_key(column.text())));
        let needs = self.plan.needs_of(&self.segments);
        let mut failed = None;
        let mut gather = |table: Table| {
            let Source::Named(name) = &table.source else { return table };
            let Some(of) = tables.get(name) else { return table };
            match self.gathering(table.clone(), of, &needs) {
                Ok(select) => Table { source: Source::Select(Box::new(select)), alias: table.alias },
                Err(failure) => {
                    failed = Some(failure);
                    table
                }
            }
        };
        let ctes = query.ctes.into_iter();
        let ctes = ctes.map(|cte| Cte { name: cte.name, select: cte.select.with_tables(&mut gather) }).collect();
        let body = query.body.with_tables(&mut gather);
        failed.map_or(Ok(Query { comment: query.comment, ctes, body }), Err)
    }

    /// The columns that are read of a table, those that are lists gathered.
    fn gathering(&self, table: Table, of: &Gathering, needs: &Needs) -> Result<Select> {
        let alias = table.alias.clone();
        let mut select = Select { from: Some(table), ..Select::default() };
        for column in &of.columns {
            let expr = match of.records.lists.get(column.text()) {
                None => Expr::column(&alias, column),
                Some(list) => {
                    let elements = Ident::generated(&format!("elements_{}", select.joins.len() + 1));
                    let (gathered, element) = self.gathered(list, &of.space, needs)?;
                    let key = Expr::column(&alias, &Ident::physical(&list.key));
                    let of_record = Expr::column(&elements, &Ident::generated(OF_RECORD));
                    select.joins.push(Join {
                        kind: JoinKind::Left,
                        table: Table { source: Source::Select(Box::new(gathered)), alias: elements.clone() },
                        on: vec![of_record.eq(key)],
                    });
                    let list = Expr::column(&elements, &Ident::generated(GATHERED));
                    list.or_else(self.dialect.empty_list(&element)?)
                }
            };
            select.items.push(Item { expr, alias: Some(column.clone()) });
        }
        Ok(select)
    }

    /// The lists of a table of elements by the records that have them, and the type of the elements: of objects with the
    /// fields that are read.
    fn gathered(&self, list: &ListTable, space: &Space, needs: &Needs) -> Result<(Select, SqlType)> {
        let row = Ident::generated("element");
        let column = |name: &str| Expr::column(&row, &Ident::physical(name));
        let element = list.records.times.stored(&list.element);
        let (value, element) = match &element {
            SqlType::Struct(fields) => {
                let path = list.path.iter().map(|step| FieldStep::Field(step.as_str().into())).collect();
                let read = read_below(needs, &Space::Elements(Arc::new(space.clone()), path));
                let read = |(name, _): &&(Ident, SqlType)| read.contains(name.text());
                let packed = fields.iter().filter(read).map(|(name, ty)| {
                    let place = list.records.place(&[name.text()]);
                    let below: Vec<Ident> = place.iter().skip(1).map(|step| Ident::physical(step)).collect();
                    let base = column(place.first().map_or("", String::as_str));
                    Ok((name.clone(), self.dialect.stored(base, &below, ty)?, ty.clone()))
                });
                let mut packed = packed.collect::<Result<Vec<_>>>()?;
                if packed.is_empty() {
                    // Only how many there are is asked.
                    packed.push((Ident::generated("there"), Expr::bool(true), SqlType::Bool));
                }
                let element = packed.iter().map(|(name, _, ty)| (name.clone(), ty.clone())).collect();
                (self.dialect.pack(packed)?, SqlType::Struct(element))
            }
            single => (self.dialect.stored(column(&list.value), &[], single)?, single.clone()),
        };
        let order = Order { expr: column(&list.order), descending: false, nullable: false };
        let gathered = self.dialect.agg_list(value, &element, vec![order], vec![])?;
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

/// The tables of which some lists are in tables of their own.
fn tables_with_lists(layout: &Layout) -> BTreeMap<Vec<Ident>, Gathering<'_>> {
    let parts = layout.event_tables.iter().map(|table| (&table.records, Space::Events));
    let classes = layout.classes.iter().map(|(name, table)| (&table.records, Space::Class(name.as_str().into())));
    let all = [(&layout.profiles, Space::Profiles), (&layout.events, Space::Events)].into_iter().chain(parts);
    let with_lists = all.chain(classes).filter(|(records, _)| !records.lists.is_empty());
    with_lists
        .map(|(records, space)| (records.name(), Gathering { records, space, columns: BTreeSet::new() }))
        .collect()
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
