//! Constructors of expressions. Invariant: what is built is as small as its parts allow: no `TRUE` among conjuncts, no
//! chain within a chain.

use std::sync::Arc;

use super::{BinaryOp, Expr, Ident, Item, Literal, Select, Source, SqlType, Table};

impl Expr {
    /// A column of a table.
    pub fn column(table: &Ident, column: &Ident) -> Expr {
        Expr::Column { table: table.clone(), column: column.clone() }
    }

    /// A field of this struct.
    pub fn field(self, field: &Ident) -> Expr {
        Expr::Field { base: Box::new(self), field: field.clone() }
    }

    /// An integer.
    pub fn int(value: i64) -> Expr {
        Expr::Literal(Literal::Int(value))
    }

    /// A text.
    pub fn text(value: impl Into<Arc<str>>) -> Expr {
        Expr::Literal(Literal::Text(value.into()))
    }

    /// `TRUE` or `FALSE`.
    pub fn bool(value: bool) -> Expr {
        Expr::Literal(Literal::Bool(value))
    }

    /// Words of the dialect.
    pub fn words(words: impl Into<Arc<str>>) -> Expr {
        Expr::Words(words.into())
    }

    /// A function of the dialect.
    pub fn call(name: &'static str, args: impl Into<Vec<Expr>>) -> Expr {
        Expr::Call { name, args: args.into() }
    }

    /// A binary operator.
    pub fn binary(self, op: BinaryOp, right: Expr) -> Expr {
        Expr::Binary { op, left: Box::new(self), right: Box::new(right) }
    }

    /// `self = right`
    pub fn eq(self, right: Expr) -> Expr {
        self.binary(BinaryOp::Eq, right)
    }

    /// Conjunction, flat, without needless `TRUE`; `FALSE` where one is.
    pub fn and(exprs: impl IntoIterator<Item = Expr>) -> Expr {
        let mut all = Vec::new();
        for expr in exprs {
            match expr {
                Expr::And(inner) => all.extend(inner),
                Expr::Literal(Literal::Bool(true)) => {}
                Expr::Literal(Literal::Bool(false)) => return Expr::bool(false),
                other => all.push(other),
            }
        }
        match all.len() {
            0 => Expr::bool(true),
            1 => all.remove(0),
            _ => Expr::And(all),
        }
    }

    /// Disjunction, flat, without needless `FALSE`; `TRUE` where one is.
    pub fn or(exprs: impl IntoIterator<Item = Expr>) -> Expr {
        let mut all = Vec::new();
        for expr in exprs {
            match expr {
                Expr::Or(inner) => all.extend(inner),
                Expr::Literal(Literal::Bool(false)) => {}
                Expr::Literal(Literal::Bool(true)) => return Expr::bool(true),
                other => all.push(other),
            }
        }
        match all.len() {
            0 => Expr::bool(false),
            1 => all.remove(0),
            _ => Expr::Or(all),
        }
    }

    /// The conjuncts of this predicate.
    pub fn conjuncts(self) -> Vec<Expr> {
        match self {
            Expr::And(all) => all,
            Expr::Literal(Literal::Bool(true)) => vec![],
            other => vec![other],
        }
    }

    /// `NOT self`
    pub fn negate(self) -> Expr {
        match self {
            Expr::Not(inner) => *inner,
            Expr::Literal(Literal::Bool(value)) => Expr::bool(!value),
            Expr::IsNull { expr, negated } => Expr::IsNull { expr, negated: !negated },
            Expr::IsTrue { expr, negated } => Expr::IsTrue { expr, negated: !negated },
            other => Expr::Not(Box::new(other)),
        }
    }

    /// `self IS NOT NULL`
    pub fn is_present(self) -> Expr {
        Expr::IsNull { expr: Box::new(self), negated: true }
    }

    /// `self IS NULL`
    pub fn is_null(self) -> Expr {
        Expr::IsNull { expr: Box::new(self), negated: false }
    }

    /// `self IS TRUE`: never null.
    pub fn is_true(self) -> Expr {
        Expr::IsTrue { expr: Box::new(self), negated: false }
    }

    /// `self IS NOT TRUE`: never null.
    pub fn is_not_true(self) -> Expr {
        Expr::IsTrue { expr: Box::new(self), negated: true }
    }

    /// `CASE WHEN condition THEN self END`
    pub fn when(self, condition: Expr) -> Expr {
        Expr::Case { branches: vec![(condition, self)], otherwise: None }
    }

    /// `CASE WHEN condition THEN then ELSE otherwise END`
    pub fn choose(condition: Expr, then: Expr, otherwise: Expr) -> Expr {
        Expr::Case { branches: vec![(condition, then)], otherwise: Some(Box::new(otherwise)) }
    }

    /// A conversion whose value always fits.
    pub fn cast(self, ty: SqlType) -> Expr {
        Expr::Cast { expr: Box::new(self), ty, function: "CAST" }
    }

    /// `COALESCE(self, other)`
    pub fn or_else(self, other: Expr) -> Expr {
        Expr::call("COALESCE", [self, other])
    }

    /// `NULLIF(self, other)`; itself where it is another number for certain.
    pub fn null_if(self, other: Expr) -> Expr {
        if let (Expr::Literal(Literal::Float(a)), Expr::Literal(Literal::Float(b))) = (&self, &other)
            && a != b
        {
            return self;
        }
        Expr::call("NULLIF", [self, other])
    }

    /// An expression of values that are computed once, however often it names them: a query over a query of one row,
    /// whose columns they are. What the body is built of beside them may not be such a query's columns.
    pub fn with<const N: usize>(values: [Expr; N], body: impl FnOnce([Expr; N]) -> Expr) -> Expr {
        let is_short = |value: &Expr| matches!(value, Expr::Column { .. } | Expr::Var(_) | Expr::Literal(_));
        if values.iter().all(is_short) {
            return body(values);
        }
        // No name that is made of a user's ends in an underscore.
        const NAMES: [&str; 4] = ["a_", "b_", "c_", "d_"];
        let source = Ident::generated("once_");
        let name = |number: usize| Ident::generated(NAMES.get(number).copied().unwrap_or("e_"));
        let columns = std::array::from_fn(|number| Expr::column(&source, &name(number)));
        let items = values.into_iter().enumerate().map(|(n, expr)| Item { expr, alias: Some(name(n)) });
        let inner = Select { items: items.collect(), ..Select::default() };
        let from = Table { source: Source::Select(Box::new(inner)), alias: source };
        let items = vec![Item { expr: body(columns), alias: None }];
        Expr::Query(Box::new(Select { items, from: Some(from), ..Select::default() }))
    }

    /// A lambda of one parameter.
    pub fn lambda(param: &Ident, body: Expr) -> Expr {
        Expr::Lambda { params: vec![param.clone()], body: Box::new(body) }
    }

    /// An aggregate over the rows where all of `filter` are true.
    pub fn aggregate(name: &'static str, args: impl Into<Vec<Expr>>, filter: Vec<Expr>) -> Expr {
        Expr::Aggregate { name, args: args.into(), distinct: false, order_by: vec![], filter }
    }

    /// Whether it is an integer of more than 64 bits, by the conversions in it.
    pub fn is_wide(&self) -> bool {
        match self {
            Expr::Cast { ty, .. } => matches!(ty, SqlType::WideInt | SqlType::Decimal { .. }),
            Expr::Binary { left, right, .. } => left.is_wide() || right.is_wide(),
            Expr::Negative(inner) => inner.is_wide(),
            Expr::Call { args, .. } => args.iter().any(Expr::is_wide),
            Expr::Case { branches, otherwise } => {
                branches.iter().any(|(_, value)| value.is_wide()) || otherwise.as_deref().is_some_and(Expr::is_wide)
            }
            _ => false,
        }
    }
}
