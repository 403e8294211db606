//! A segment's own conditions on a named query that other named queries read: they become that query's `HAVING`, so that
//! the others look at fewer profiles. Runs over the finished query.
//!
//! Sound where each row of every named query is made of one profile's events: a profile that fails the condition is no
//! member, whatever the others say of it. Ranked members of other segments are made of many profiles: with them nothing
//! is moved ([`Emitter::reads_no_members`]). Invariant: a conjunct stands in exactly one clause, and both take only rows for
//! which it is true.

use std::collections::BTreeSet;

use super::Emitter;
use super::events::columns_of;
use super::scope::Frame;
use super::unit::UnitKind;
use crate::sql::tree::{Cte, JoinKind};
use crate::sql::{Expr, Ident, Query, Select};

impl Emitter<'_> {
    /// Whether none of the units has ranked members of a segment, which are made of many profiles.
    pub(super) fn reads_no_members(&self) -> bool {
        !self.units.iter().any(|unit| matches!(unit.kind, UnitKind::Members(_)))
    }

    /// A frame over the event table. What the segment must have a row of is joined so that events of other profiles are
    /// left out.
    pub(super) fn events_frame(&self, alias: &Ident) -> Frame {
        Frame { required: self.required.clone(), ..Frame::events(alias) }
    }
}

/// A query whose conditions on one named query, which others read, stand within that one.
pub(super) fn narrowed(mut query: Query) -> Query {
    let read_by_others: BTreeSet<Ident> = query.ctes.iter().flat_map(|cte| tables_of(&cte.select)).collect();
    for at in 0..query.ctes.len() {
        let name = query.ctes[at].name.clone();
        if !read_by_others.contains(&name) || !query.ctes[at].can_be_narrowed() || !has_row_of(&query.body, &name) {
            continue;
        }
        let within = &query.ctes[at].select;
        let mut having = Vec::new();
        let mut moved = BTreeSet::new();
        query.body.filter.retain(|conjunct| match over_groups(conjunct, &name, within) {
            Some((condition, columns)) => {
                having.push(condition);
                moved.extend(columns);
                false
            }
            None => true,
        });
        if having.is_empty() {
            continue;
        }
        let read: BTreeSet<Ident> = query.selects().flat_map(|select| columns_of(select, &name)).collect();
        let unread = |alias: &Ident| moved.contains(alias) && !read.contains(alias);
        let within = &mut query.ctes[at].select;
        within.items.retain(|item| !item.alias.as_ref().is_some_and(unread));
        within.having.extend(having);
    }
    query
}

impl Cte {
    /// Whether a condition can be asked of its groups.
    fn can_be_narrowed(&self) -> bool {
        let select = &self.select;
        !select.group_by.is_empty() && !select.distinct && select.limit.is_none() && select.union_all.is_empty()
    }
}

/// The tables of which a query names columns.
fn tables_of(select: &Select) -> BTreeSet<Ident> {
    let mut tables = BTreeSet::new();
    select.walk(&mut |expr| {
        if let Expr::Column { table, .. } = expr {
            tables.insert(table.clone());
        }
    });
    tables
}

/// Whether each row of a query has one of a named query.
fn has_row_of(select: &Select, name: &Ident) -> bool {
    let first = select.from.iter();
    let joined = select.joins.iter().filter(|join| join.kind == JoinKind::Inner).map(|join| &join.table);
    select.union_all.is_empty() && first.chain(joined).any(|table| table.alias == *name)
}

/// A condition on columns of a grouped query alone, over what these columns are; and the columns.
fn over_groups(condition: &Expr, name: &Ident, grouped: &Select) -> Option<(Expr, BTreeSet<Ident>)> {
    let mut columns = BTreeSet::new();
    let mut movable = true;
    let moved = condition.clone().rewritten(&mut |expr| match expr {
        Expr::Column { table, column } => {
            let item = grouped.items.iter().find(|item| item.alias.as_ref() == Some(&column));
            match item {
                Some(item) if table == *name && is_plain(&item.expr) => {
                    columns.insert(column);
                    item.expr.clone()
                }
                _ => {
                    movable = false;
                    Expr::Column { table, column }
                }
            }
        }
        expr => expr,
    });
    (movable && !columns.is_empty() && is_plain(condition)).then_some((moved, columns))
}

/// Whether an expression has no query and no function of its own in it, in which aggregates may not stand.
fn is_plain(expr: &Expr) -> bool {
    let mut plain = true;
    expr.walk(&mut |expr| {
        plain &= !matches!(
            expr,
            Expr::Query(_) | Expr::Exists(_) | Expr::InQuery { .. } | Expr::Lambda { .. } | Expr::Window { .. }
        );
    });
    plain
}
