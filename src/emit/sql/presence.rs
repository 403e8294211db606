//! Counts of all rows that a named query has of a profile, where they are only compared with none: whether the query has
//! a row of the profile says the same, and databases make an anti-join of that. Runs over the finished query, since what
//! else is asked of a named query is known only then. Invariant: a column that anything else reads stays.

use std::collections::BTreeMap;

use super::Result;
use super::unit::PROFILE_ID;
use crate::sql::tree::{BinaryOp, Cte, JoinKind, Literal, Source};
use crate::sql::{Dialect, Expr, Ident, Query, Select};

/// A column of a named query.
type Column = (Ident, Ident);

/// A query that counts nothing of which it only asks whether there is any.
pub(super) fn without_needless_counts(query: Query, dialect: &dyn Dialect) -> Result<Query> {
    let count = dialect.agg_count(None, false, vec![])?;
    let counts = query.ctes.iter().flat_map(|cte| counts_of_rows(cte, &count));
    let mut uses: BTreeMap<Column, Uses> = counts.map(|column| (column, Uses::default())).collect();
    query.selects().for_each(|select| count_uses(select, &mut uses));
    uses.retain(|_, uses| uses.as_presence > 0 && uses.as_presence == uses.all);
    if uses.is_empty() {
        return Ok(query);
    }
    let needless = |name: &Ident, alias: Option<&Ident>| {
        alias.is_some_and(|alias| uses.contains_key(&(name.clone(), alias.clone())))
    };
    let ctes = query.ctes.into_iter().map(|Cte { name, mut select }| {
        select.items.retain(|item| !needless(&name, item.alias.as_ref()));
        Cte { select: asking_for_rows(select, &uses), name }
    });
    Ok(Query { comment: query.comment, ctes: ctes.collect(), body: asking_for_rows(query.body, &uses) })
}

/// How often a count is read.
#[derive(Default)]
struct Uses {
    all: u32,
    as_presence: u32,
}

/// The columns of a named query that count the rows of each group: each is 1 at least.
fn counts_of_rows(cte: &Cte, count: &Expr) -> Vec<Column> {
    let select = &cte.select;
    if select.group_by.is_empty() || !select.union_all.is_empty() {
        return vec![];
    }
    let counts = select.items.iter().filter(|item| item.expr == *count);
    counts.filter_map(|item| Some((cte.name.clone(), item.alias.clone()?))).collect()
}

fn count_uses(select: &Select, uses: &mut BTreeMap<Column, Uses>) {
    let joined = joined(select);
    select.walk(&mut |expr| {
        if let Expr::Column { table, column } = expr
            && let Some(uses) = uses.get_mut(&(table.clone(), column.clone()))
        {
            uses.all += 1;
        }
        if let Some((count, _)) = as_presence(expr, &joined)
            && let Some(uses) = uses.get_mut(&count)
        {
            uses.as_presence += 1;
        }
    });
}

/// A query that asks for rows, where it asked for their counts.
fn asking_for_rows(select: Select, counts: &BTreeMap<Column, Uses>) -> Select {
    let joined = joined(&select);
    let mut select = select.rewritten(&mut |expr| match as_presence(&expr, &joined) {
        Some((count, presence)) if counts.contains_key(&count) => presence,
        // What became `TRUE` is left out.
        _ => match expr {
            Expr::And(all) => Expr::and(all),
            Expr::Or(all) => Expr::or(all),
            expr => expr,
        },
    });
    select.filter = Expr::and(select.filter).conjuncts();
    select
}

/// The named queries that a query reads; whether it has a row of each in any case.
fn joined(select: &Select) -> BTreeMap<Ident, bool> {
    let first = select.from.iter().map(|table| (table, true));
    let others = select.joins.iter().map(|join| (&join.table, join.kind != JoinKind::Left));
    let named = first
        .chain(others)
        .filter(|(table, _)| matches!(&table.source, Source::Named(name) if *name == [table.alias.clone()]));
    named.map(|(table, always)| (table.alias.clone(), always)).collect()
}

/// The count that is compared with none, and what the comparison says of the named query's row.
fn as_presence(expr: &Expr, joined: &BTreeMap<Ident, bool>) -> Option<(Column, Expr)> {
    let Expr::Binary { op, left, right } = expr else { return None };
    let Expr::Literal(Literal::Int(than)) = **right else { return None };
    let (counted, supplied) = match &**left {
        Expr::Call { name: "COALESCE", args } => match args.as_slice() {
            [counted, Expr::Literal(Literal::Int(0))] => (counted, true),
            _ => return None,
        },
        counted => (counted, false),
    };
    let Expr::Column { table, column } = counted else { return None };
    let always = *joined.get(table)?;
    // Compared without a value for none, it is null where there is no row.
    if !always && !supplied {
        return None;
    }
    let of_any = of_any(*op, than)?;
    if holds(*op, 0, than)? == of_any {
        return None;
    }
    let id = Expr::column(table, &Ident::generated(PROFILE_ID));
    let presence = match (always, of_any) {
        (true, of_any) => Expr::bool(of_any),
        (false, true) => id.is_present(),
        (false, false) => id.is_null(),
    };
    Some(((table.clone(), column.clone()), presence))
}

/// What a comparison with a number says of all counts from 1 on; none where it depends on the count.
fn of_any(op: BinaryOp, than: i64) -> Option<bool> {
    let of_one = holds(op, 1, than)?;
    let same = match op {
        BinaryOp::Gt | BinaryOp::Ge => of_one,
        BinaryOp::Lt | BinaryOp::Le => !of_one,
        _ => than < 1,
    };
    same.then_some(of_one)
}

fn holds(op: BinaryOp, count: i64, than: i64) -> Option<bool> {
    Some(match op {
        BinaryOp::Eq => count == than,
        BinaryOp::Ne => count != than,
        BinaryOp::Lt => count < than,
        BinaryOp::Le => count <= than,
        BinaryOp::Gt => count > than,
        BinaryOp::Ge => count >= than,
        _ => return None,
    })
}
