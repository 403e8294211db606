//! Rewriting of trees, inner expressions first. Invariant: every expression of a tree is handed over exactly once, those of
//! nested queries too.

use super::{Expr, Item, Join, Order, Select, Source, Table};

type Rewrite<'f> = &'f mut dyn FnMut(Expr) -> Expr;

impl Expr {
    /// This expression with another in place of each occurrence of a part.
    pub fn replaced(self, part: &Expr, by: &Expr) -> Expr {
        self.rewritten(&mut |expr| if expr == *part { by.clone() } else { expr })
    }

    /// This expression with each part of it, and then itself, in another form.
    pub fn rewritten(self, f: Rewrite) -> Expr {
        let whole = match self {
            Expr::Field { base, field } => Expr::Field { base: one(*base, f), field },
            Expr::Cast { expr, ty, function } => Expr::Cast { expr: one(*expr, f), ty, function },
            Expr::Collate { expr, collation } => Expr::Collate { expr: one(*expr, f), collation },
            Expr::Extract { part, from } => Expr::Extract { part, from: one(*from, f) },
            Expr::Query(select) => Expr::Query(Box::new(select.rewritten(f))),
            Expr::Exists(select) => Expr::Exists(Box::new(select.rewritten(f))),
            Expr::Negative(expr) => Expr::Negative(one(*expr, f)),
            Expr::Binary { op, left, right } => Expr::Binary { op, left: one(*left, f), right: one(*right, f) },
            Expr::And(exprs) => Expr::And(all(exprs, f)),
            Expr::Or(exprs) => Expr::Or(all(exprs, f)),
            Expr::Not(expr) => Expr::Not(one(*expr, f)),
            Expr::In { expr, list } => Expr::In { expr: one(*expr, f), list: all(list, f) },
            Expr::InQuery { expr, query } => Expr::InQuery { expr: one(*expr, f), query: Box::new(query.rewritten(f)) },
            Expr::IsNull { expr, negated } => Expr::IsNull { expr: one(*expr, f), negated },
            Expr::IsTrue { expr, negated } => Expr::IsTrue { expr: one(*expr, f), negated },
            Expr::Case { branches, otherwise } => Expr::Case {
                branches: branches.into_iter().map(|(when, then)| (when.rewritten(f), then.rewritten(f))).collect(),
                otherwise: otherwise.map(|expr| one(*expr, f)),
            },
            Expr::Call { name, args } => Expr::Call { name, args: all(args, f) },
            Expr::Made { name, by, args } => Expr::Made { name, by: all(by, f), args: all(args, f) },
            Expr::Struct(fields) => {
                Expr::Struct(fields.into_iter().map(|(name, value)| (name, value.rewritten(f))).collect())
            }
            Expr::List(items) => Expr::List(all(items, f)),
            Expr::Index { base, index } => Expr::Index { base: one(*base, f), index: one(*index, f) },
            Expr::Lambda { params, body } => Expr::Lambda { params, body: one(*body, f) },
            Expr::Aggregate { name, args, distinct, order_by, filter } => Expr::Aggregate {
                name,
                args: all(args, f),
                distinct,
                order_by: orders(order_by, f),
                filter: all(filter, f),
            },
            Expr::Instant { stored, times } => Expr::Instant { stored: one(*stored, f), times },
            Expr::Window { function, partition_by, order_by, frame } => Expr::Window {
                function: one(*function, f),
                partition_by: all(partition_by, f),
                order_by: orders(order_by, f),
                frame,
            },
            leaf @ (Expr::Column { .. } | Expr::Var(_) | Expr::Words(_) | Expr::Literal(_) | Expr::Null(_)) => leaf,
        };
        f(whole)
    }
}

impl Select {
    /// This query with each of its expressions in another form.
    pub fn rewritten(self, f: Rewrite) -> Select {
        Select {
            distinct: self.distinct,
            items: self
                .items
                .into_iter()
                .map(|item| Item { expr: item.expr.rewritten(f), alias: item.alias })
                .collect(),
            from: self.from.map(|from| table(from, f)),
            joins: self
                .joins
                .into_iter()
                .map(|join| Join { kind: join.kind, table: table(join.table, f), on: all(join.on, f) })
                .collect(),
            filter: all(self.filter, f),
            group_by: all(self.group_by, f),
            having: all(self.having, f),
            order_by: orders(self.order_by, f),
            limit: self.limit,
            union_all: self.union_all.into_iter().map(|select| select.rewritten(f)).collect(),
        }
    }
}

fn one(expr: Expr, f: Rewrite) -> Box<Expr> {
    Box::new(expr.rewritten(f))
}

fn all(exprs: Vec<Expr>, f: Rewrite) -> Vec<Expr> {
    exprs.into_iter().map(|expr| expr.rewritten(f)).collect()
}

fn orders(orders: Vec<Order>, f: Rewrite) -> Vec<Order> {
    orders.into_iter().map(|order| Order { expr: order.expr.rewritten(f), ..order }).collect()
}

fn table(table: Table, f: Rewrite) -> Table {
    let source = match table.source {
        Source::Named(name) => Source::Named(name),
        Source::Select(select) => Source::Select(Box::new(select.rewritten(f))),
        Source::Unnest { list, column, place } => Source::Unnest { list: list.rewritten(f), column, place },
    };
    Table { source, alias: table.alias }
}
