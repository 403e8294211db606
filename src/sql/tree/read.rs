//! Which columns of the database's tables a query reads. Invariant: every column of a physical table that the text of
//! the query names is listed, of whatever depth.

use std::collections::{BTreeMap, BTreeSet};

use super::{Expr, Ident, Query, Select, Source};

/// A table, by the parts of its name, and a column of it.
pub type TableColumn = (Vec<Ident>, Ident);

impl Query {
    /// The columns of tables that it reads. An alias that stands for several tables is taken for each of them.
    pub fn columns_read(&self) -> BTreeSet<TableColumn> {
        let (mut tables, mut columns) = (BTreeMap::new(), BTreeSet::new());
        for select in self.ctes.iter().map(|cte| &cte.select).chain([&self.body]) {
            note_tables(select, &mut tables);
            let _ = select.clone().rewritten(&mut |expr| {
                match &expr {
                    Expr::Column { table, column } => {
                        columns.insert((table.clone(), column.clone()));
                    }
                    Expr::Query(select) | Expr::Exists(select) | Expr::InQuery { query: select, .. } => {
                        note_tables(select, &mut tables);
                    }
                    _ => {}
                }
                expr
            });
        }
        let of_tables = |(alias, column): (Ident, Ident)| {
            let tables = tables.get(&alias).into_iter().flatten();
            tables.map(move |table| (table.clone(), column.clone())).collect::<Vec<_>>()
        };
        columns.into_iter().flat_map(of_tables).collect()
    }
}

/// The names of physical tables by the aliases that they have in a query and in what it reads.
fn note_tables(select: &Select, tables: &mut BTreeMap<Ident, BTreeSet<Vec<Ident>>>) {
    for table in select.from.iter().chain(select.joins.iter().map(|join| &join.table)) {
        match &table.source {
            Source::Named(name) if name.iter().all(|part| matches!(part, Ident::Physical(_))) => {
                tables.entry(table.alias.clone()).or_default().insert(name.clone());
            }
            Source::Select(inner) => note_tables(inner, tables),
            Source::Named(_) | Source::Unnest { .. } => {}
        }
    }
    select.union_all.iter().for_each(|other| note_tables(other, tables));
}
