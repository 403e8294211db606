//! Which columns of the database's tables a query reads, and reading some of them as other types. Invariant: every column
//! of a physical table that the text of the query names is listed, of whatever depth.

use std::collections::{BTreeMap, BTreeSet};

use super::walk::Part;
use super::{Cte, Expr, Ident, Item, Query, Select, Source, SqlType, Table};

/// A table, by the parts of its name, and a column of it.
pub type TableColumn = (Vec<Ident>, Ident);

impl Table {
    /// Its name, where it is a table of the database.
    fn physical(&self) -> Option<&Vec<Ident>> {
        match &self.source {
            Source::Named(name) if name.iter().all(|part| matches!(part, Ident::Physical(_))) => Some(name),
            _ => None,
        }
    }
}

/// The aliases that a query knows, with the names of those that are tables of the database.
type Scope<'a> = BTreeMap<&'a Ident, Option<&'a Vec<Ident>>>;

impl Query {
    /// The columns of the database's tables that it reads.
    pub fn columns_read(&self) -> BTreeSet<TableColumn> {
        let mut found = BTreeSet::new();
        self.selects().for_each(|select| read(select, &Scope::new(), &mut found));
        found
    }

    /// This query over tables some of whose columns are of other types than it takes them for: each such table becomes a
    /// query that has the columns which are read of it, those of other types cast.
    pub fn over_cast(self, types: &BTreeMap<TableColumn, SqlType>) -> Query {
        if types.is_empty() {
            return self;
        }
        let mut read: BTreeMap<Vec<Ident>, Vec<Ident>> = BTreeMap::new();
        for (table, column) in self.columns_read() {
            read.entry(table).or_default().push(column);
        }
        let mut cast = |table: Table| {
            let Some((name, columns)) = table.physical().and_then(|name| read.get_key_value(name)) else {
                return table;
            };
            let type_of = |column: &Ident| types.get(&(name.clone(), column.clone()));
            if !columns.iter().any(|column| type_of(column).is_some()) {
                return table;
            }
            let items = columns.iter().map(|column| {
                let stored = Expr::column(&table.alias, column);
                let expr = match type_of(column) {
                    Some(ty) => stored.cast(ty.clone()),
                    None => stored,
                };
                Item { expr, alias: Some(column.clone()) }
            });
            let select = Select { items: items.collect(), from: Some(table.clone()), ..Select::default() };
            Table { source: Source::Select(Box::new(select)), alias: table.alias }
        };
        let mut select = |select: Select| select.with_tables(&mut cast);
        let ctes = self.ctes.into_iter().map(|cte| Cte { name: cte.name, select: select(cte.select) }).collect();
        Query { comment: self.comment, ctes, body: select(self.body) }
    }
}

/// Notes what a query reads whose expressions know some aliases beside its own.
fn read<'a>(select: &'a Select, outer: &Scope<'a>, found: &mut BTreeSet<TableColumn>) {
    let own = select.tables().map(|table| (&table.alias, table.physical()));
    let scope: Scope = outer.iter().map(|(alias, name)| (*alias, *name)).chain(own).collect();
    select.parts(&mut |part| match part {
        Part::Expr(expr) => read_by(expr, &scope, found),
        Part::Select(select) => read(select, outer, found),
    });
}

fn read_by<'a>(expr: &'a Expr, scope: &Scope<'a>, found: &mut BTreeSet<TableColumn>) {
    if let Expr::Column { table, column } = expr
        && let Some(Some(name)) = scope.get(table)
    {
        found.insert(((*name).clone(), column.clone()));
    }
    expr.parts(&mut |part| match part {
        Part::Expr(expr) => read_by(expr, scope, found),
        Part::Select(select) => read(select, scope, found),
    });
}
