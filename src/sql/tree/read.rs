//! Which columns of the database's tables a query reads, and other forms of these tables. Invariant: every column of a
//! physical table that the text of the query names is listed, of whatever depth.

use std::collections::{BTreeMap, BTreeSet};

use super::walk::Part;
use super::{Cte, Expr, Ident, Join, Query, Select, Source, Table};

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

    /// This query with each table of the database in another form, made of it and the columns that are read of it where it
    /// stands.
    pub fn over_tables(self, form: &mut dyn FnMut(Table, &BTreeSet<Ident>) -> Table) -> Query {
        let ctes = self.ctes.into_iter();
        let ctes = ctes.map(|cte| Cte { name: cte.name, select: cte.select.over_tables(form) }).collect();
        Query { comment: self.comment, ctes, body: self.body.over_tables(form) }
    }
}

impl Select {
    fn over_tables(self, form: &mut dyn FnMut(Table, &BTreeSet<Ident>) -> Table) -> Select {
        self.over_own_tables(form).rewritten(&mut |expr| match expr {
            Expr::Query(select) => Expr::Query(Box::new(select.over_own_tables(form))),
            Expr::Exists(select) => Expr::Exists(Box::new(select.over_own_tables(form))),
            Expr::InQuery { expr, query } => Expr::InQuery { expr, query: Box::new(query.over_own_tables(form)) },
            other => other,
        })
    }

    /// The same of the tables that are not within an expression.
    fn over_own_tables(mut self, form: &mut dyn FnMut(Table, &BTreeSet<Ident>) -> Table) -> Select {
        let read = self.tables().filter(|table| table.physical().is_some());
        let read: BTreeMap<Ident, BTreeSet<Ident>> =
            read.map(|table| (table.alias.clone(), self.columns_of(&table.alias))).collect();
        let mut one = |mut table: Table| match table.source {
            Source::Select(inner) => {
                table.source = Source::Select(Box::new(inner.over_own_tables(form)));
                table
            }
            Source::Named(_) | Source::Unnest { .. } => match read.get(&table.alias) {
                Some(columns) => form(table, columns),
                None => table,
            },
        };
        self.from = self.from.map(&mut one);
        self.joins = self.joins.into_iter().map(|join| Join { table: one(join.table), ..join }).collect();
        self.union_all = self.union_all.into_iter().map(|other| other.over_own_tables(form)).collect();
        self
    }

    /// The columns that are read of one of its tables, by queries within its expressions too.
    pub(super) fn columns_of(&self, alias: &Ident) -> BTreeSet<Ident> {
        let mut found = BTreeSet::new();
        self.parts(&mut |part| match part {
            Part::Expr(expr) => of_alias(Part::Expr(expr), alias, &mut found),
            // It does not know the tables beside it.
            Part::Select(_) => {}
        });
        found
    }
}

/// Notes the columns of a table that something reads which knows it by an alias.
pub(super) fn of_alias(part: Part<'_>, alias: &Ident, found: &mut BTreeSet<Ident>) {
    match part {
        Part::Expr(expr) => {
            if let Expr::Column { table, column } = expr
                && table == alias
            {
                found.insert(column.clone());
            }
            expr.parts(&mut |part| of_alias(part, alias, found));
        }
        Part::Select(select) => {
            let is_hidden = select.tables().any(|table| table.alias == *alias);
            select.parts(&mut |part| match part {
                Part::Expr(_) if is_hidden => {}
                part => of_alias(part, alias, found),
            });
        }
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
