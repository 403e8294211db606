//! Looking at trees. Invariant: every expression of a tree is shown exactly once, those of nested queries too.

use super::{Expr, Order, Query, Select, Source, Table};

/// What an expression or a query is directly made of.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// An expression.
    Expr(&'a Expr),
    /// A nested query.
    Select(&'a Select),
}

type Show<'f, 'a> = &'f mut dyn FnMut(Part<'a>);

impl Expr {
    /// Shows each part of this expression, and then itself.
    pub fn walk<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        self.parts(&mut |part| part.walk(f));
        f(self);
    }

    /// Shows what it is directly made of.
    pub fn parts<'a>(&'a self, f: Show<'_, 'a>) {
        match self {
            Expr::Field { base: expr, .. }
            | Expr::Cast { expr, .. }
            | Expr::Collate { expr, .. }
            | Expr::Extract { from: expr, .. }
            | Expr::Negative(expr)
            | Expr::Not(expr)
            | Expr::IsNull { expr, .. }
            | Expr::IsTrue { expr, .. }
            | Expr::Lambda { body: expr, .. }
            | Expr::Instant { stored: expr, .. } => f(Part::Expr(expr)),
            Expr::Query(select) | Expr::Exists(select) => f(Part::Select(select)),
            Expr::Binary { left: a, right: b, .. } | Expr::Index { base: a, index: b } => {
                f(Part::Expr(a));
                f(Part::Expr(b));
            }
            Expr::And(exprs) | Expr::Or(exprs) | Expr::List(exprs) | Expr::Call { args: exprs, .. } => all(exprs, f),
            Expr::In { expr, list } => {
                f(Part::Expr(expr));
                all(list, f);
            }
            Expr::InQuery { expr, query } => {
                f(Part::Expr(expr));
                f(Part::Select(query));
            }
            Expr::Case { branches, otherwise } => {
                for (when, then) in branches {
                    f(Part::Expr(when));
                    f(Part::Expr(then));
                }
                otherwise.iter().for_each(|expr| f(Part::Expr(expr)));
            }
            Expr::Made { by, args, .. } => {
                all(by, f);
                all(args, f);
            }
            Expr::Struct(fields) => fields.iter().for_each(|(_, value)| f(Part::Expr(value))),
            Expr::Aggregate { args, order_by, filter, .. } => {
                all(args, f);
                orders(order_by, f);
                all(filter, f);
            }
            Expr::Window { function, partition_by, order_by, .. } => {
                f(Part::Expr(function));
                all(partition_by, f);
                orders(order_by, f);
            }
            Expr::Column { .. } | Expr::Var(_) | Expr::Words(_) | Expr::Literal(_) | Expr::Null(_) => {}
        }
    }
}

impl Select {
    /// Shows each expression.
    pub fn walk<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        self.parts(&mut |part| part.walk(f));
    }

    /// Shows what it is directly made of; nested queries are those of its `FROM` clause and those whose rows follow.
    pub fn parts<'a>(&'a self, f: Show<'_, 'a>) {
        self.items.iter().for_each(|item| f(Part::Expr(&item.expr)));
        for table in self.tables() {
            match &table.source {
                Source::Named(_) => {}
                Source::Select(select) => f(Part::Select(select)),
                Source::Unnest { list, .. } => f(Part::Expr(list)),
            }
        }
        self.joins.iter().for_each(|join| all(&join.on, f));
        [&self.filter, &self.group_by, &self.having].into_iter().for_each(|exprs| all(exprs, f));
        orders(&self.order_by, f);
        self.union_all.iter().for_each(|select| f(Part::Select(select)));
    }

    /// The tables of its `FROM` clause.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.from.iter().chain(self.joins.iter().map(|join| &join.table))
    }
}

impl Query {
    /// Each of its queries, the named ones first.
    pub fn selects(&self) -> impl Iterator<Item = &Select> {
        self.ctes.iter().map(|cte| &cte.select).chain([&self.body])
    }
}

impl<'a> Part<'a> {
    fn walk(self, f: &mut dyn FnMut(&'a Expr)) {
        match self {
            Part::Expr(expr) => expr.walk(f),
            Part::Select(select) => select.walk(f),
        }
    }
}

fn all<'a>(exprs: &'a [Expr], f: Show<'_, 'a>) {
    exprs.iter().for_each(|expr| f(Part::Expr(expr)));
}

fn orders<'a>(orders: &'a [Order], f: Show<'_, 'a>) {
    orders.iter().for_each(|order| f(Part::Expr(&order.expr)));
}
