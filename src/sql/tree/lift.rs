//! Parts of a query that read one of its tables alone, and the same query with such a part as a column of that table.
//! Invariant: the rows are the same, and so is each value.

use std::collections::BTreeSet;

use super::read::of_alias;
use super::walk::Part;
use super::{Cte, Expr, Ident, Item, JoinKind, Select, Source, Table};

impl Select {
    /// The nested queries in its expressions, and choices, that read nothing but columns of one of its tables, with the
    /// table's alias; those within them too.
    pub fn liftable(&self) -> Vec<(Ident, Expr)> {
        let mut found = Vec::new();
        for alias in self.aliases().filter(|alias| self.times_known(alias) == 1) {
            self.parts(&mut |part| match part {
                Part::Expr(expr) => gather(Part::Expr(expr), alias, &mut found),
                // It does not know the tables beside it.
                Part::Select(_) => {}
            });
        }
        found
    }

    /// A query over a table that computes a part as a column, and this query over it.
    pub fn lifted(self, alias: &Ident, part: &Expr, lifted: Lifted) -> (Cte, Select) {
        let column = Expr::column(alias, &lifted.column);
        let mut select = self.rewritten(&mut |expr| if expr == *part { column.clone() } else { expr });
        let mut read = select.columns_of(alias);
        read.remove(&lifted.column);
        of_alias(Part::Expr(part), alias, &mut read);
        let kept = read.into_iter().map(|name| Item { expr: Expr::column(alias, &name), alias: Some(name) });
        let items = kept.chain([Item { expr: part.clone(), alias: Some(lifted.column) }]).collect();
        let mut from = None;
        for table in select.from.iter_mut().chain(select.joins.iter_mut().map(|join| &mut join.table)) {
            if table.alias == *alias {
                let source = Source::Named(vec![lifted.query.clone()]);
                from = Some(std::mem::replace(table, Table { source, alias: alias.clone() }));
            }
        }
        (Cte { name: lifted.query, select: Select { items, from, ..Select::default() } }, select)
    }
}

/// Names for what is [lifted](Select::lifted): none is known in the query already.
#[derive(Debug)]
pub struct Lifted {
    /// Of the query over the table.
    pub query: Ident,
    /// Of the column.
    pub column: Ident,
}

impl Select {
    /// The names of its tables of which every row is one of the result, or of several: a part of a row that a left join
    /// made up would be computed of nothing.
    fn aliases(&self) -> impl Iterator<Item = &Ident> {
        let joined = self.joins.iter().filter(|join| join.kind != JoinKind::Left).map(|join| &join.table);
        let tables = self.from.iter().chain(joined);
        tables.filter(|table| !matches!(table.source, Source::Unnest { .. })).map(|table| &table.alias)
    }

    /// How many tables have a name, those of nested queries too.
    fn times_known(&self, alias: &Ident) -> usize {
        let mut known = self.tables().filter(|table| table.alias == *alias).count();
        self.parts(&mut |part| known += times_known(part, alias));
        known
    }
}

fn times_known(part: Part<'_>, alias: &Ident) -> usize {
    let mut known = 0;
    match part {
        Part::Expr(expr) => expr.parts(&mut |part| known += times_known(part, alias)),
        Part::Select(select) => known = select.times_known(alias),
    }
    known
}

fn gather(part: Part<'_>, alias: &Ident, found: &mut Vec<(Ident, Expr)>) {
    match part {
        Part::Expr(expr) => {
            if matches!(expr, Expr::Query(_) | Expr::Case { .. })
                && reads_only(Part::Expr(expr), alias, &BTreeSet::new()) == Some(true)
            {
                found.push((alias.clone(), expr.clone()));
            }
            expr.parts(&mut |part| gather(part, alias, found));
        }
        Part::Select(select) => select.parts(&mut |part| gather(part, alias, found)),
    }
}

/// Whether something reads a table, beside tables that are known within it; none if it reads what is neither.
fn reads_only(part: Part<'_>, alias: &Ident, within: &BTreeSet<&Ident>) -> Option<bool> {
    let mut reads = Some(false);
    let mut add = |more: Option<bool>| reads = reads.zip(more).map(|(a, b)| a | b);
    match part {
        Part::Expr(Expr::Var(_)) => return None,
        Part::Expr(Expr::Column { table, .. }) if table == alias => return Some(true),
        Part::Expr(Expr::Column { table, .. }) => return within.contains(table).then_some(false),
        Part::Expr(expr) => expr.parts(&mut |part| add(reads_only(part, alias, within))),
        Part::Select(select) => {
            let within: BTreeSet<&Ident> =
                within.iter().copied().chain(select.tables().map(|table| &table.alias)).collect();
            select.parts(&mut |part| add(reads_only(part, alias, &within)));
        }
    }
    reads
}
