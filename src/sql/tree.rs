//! The nodes of a query. Every column is qualified, every null and literal has a type, and operators are applied to
//! operands of equal types by whoever builds the tree. Invariant: a node means the same in every dialect; what does
//! not is built by a [`Dialect`](super::Dialect) out of [`Expr::Call`].

use std::sync::Arc;

use super::times::Times;

mod build;
mod lift;
mod read;
mod rewrite;
mod walk;

pub use lift::Lifted;
pub use read::TableColumn;

/// A name in SQL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ident {
    /// A table, column or field of the database: always quoted.
    Physical(Arc<str>),
    /// A name made here: lower-case letters, digits and underscores, no reserved word; written as it is.
    Generated(Arc<str>),
}

impl Ident {
    /// A name of the database.
    pub fn physical(name: &str) -> Ident {
        Ident::Physical(name.into())
    }

    /// A name made here.
    pub fn generated(name: &str) -> Ident {
        Ident::Generated(name.into())
    }

    /// The name itself, unquoted.
    pub fn text(&self) -> &str {
        match self {
            Ident::Physical(name) | Ident::Generated(name) => name,
        }
    }
}

/// A statement that selects.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Lines of a leading comment, without the dashes.
    pub comment: Vec<String>,
    /// Named queries, each of which may read those before it.
    pub ctes: Vec<Cte>,
    /// The result.
    pub body: Select,
}

/// A named query.
#[derive(Debug, Clone, PartialEq)]
pub struct Cte {
    /// Its name.
    pub name: Ident,
    /// What it selects.
    pub select: Select,
}

/// `SELECT …`
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Select {
    /// `SELECT DISTINCT`
    pub distinct: bool,
    /// What is selected, with aliases.
    pub items: Vec<Item>,
    /// The first table.
    pub from: Option<Table>,
    /// The others.
    pub joins: Vec<Join>,
    /// Conjuncts of the `WHERE` clause.
    pub filter: Vec<Expr>,
    /// Grouping keys.
    pub group_by: Vec<Expr>,
    /// Conjuncts of the `HAVING` clause.
    pub having: Vec<Expr>,
    /// Order; ends in a unique key.
    pub order_by: Vec<Order>,
    /// At most this many rows.
    pub limit: Option<u64>,
    /// Selects of as many columns, whose rows follow.
    pub union_all: Vec<Select>,
}

/// A whole statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// A query by itself.
    Query(Query),
    /// A view of a query, by a name in parts; one of that name is replaced.
    View(Vec<Ident>, Query),
    /// A table of a query's rows, by a name in parts; one of that name is replaced.
    Table(Vec<Ident>, Query),
    /// A table that is made unless there is one of its name.
    TableIfMissing(CreateTable),
    /// A query's rows into columns of a table.
    Insert(Vec<Ident>, Vec<Ident>, Query),
    /// The rows of a table that meet all conditions, away.
    Delete(Vec<Ident>, Vec<Expr>),
}

/// A selected expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What is selected.
    pub expr: Expr,
    /// Its name in the result.
    pub alias: Option<Ident>,
}

/// A table of a `FROM` clause.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it is.
    pub source: Source,
    /// The name by which its columns are qualified.
    pub alias: Ident,
}

/// What a [`Table`] reads.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A table or view of the database: its name in parts, or a named query.
    Named(Vec<Ident>),
    /// A nested query.
    Select(Box<Select>),
    /// The elements of a list expression over the tables before it, one row each, as a column.
    Unnest {
        /// The list.
        list: Expr,
        /// The column's name.
        column: Ident,
        /// The name of a column with the positions, from 1.
        place: Option<Ident>,
    },
}

/// A further table of a `FROM` clause.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// How.
    pub kind: JoinKind,
    /// With what.
    pub table: Table,
    /// Conjuncts of the condition; empty for [`JoinKind::Cross`].
    pub on: Vec<Expr>,
}

/// How a table is joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// Rows that match.
    Inner,
    /// All rows of the left side.
    Left,
    /// Every pair; with a [`Source::Unnest`], the elements of each row.
    Cross,
}

/// A key of an `ORDER BY`; nulls come last.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The key.
    pub expr: Expr,
    /// Largest first.
    pub descending: bool,
    /// Whether the key may be null, so that their place must be said.
    pub nullable: bool,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column of a table of the `FROM` clause.
    Column { table: Ident, column: Ident },
    /// A field of a struct.
    Field { base: Box<Expr>, field: Ident },
    /// A parameter of an enclosing lambda.
    Var(Ident),
    /// Words of the dialect that stand where an argument does: `MONTH`, `INTERVAL 3 MONTH`. Never text of users.
    Words(Arc<str>),
    /// A constant.
    Literal(Literal),
    /// The typed null.
    Null(SqlType),
    /// A conversion: `CAST(a AS t)`, or another function of the dialect that is written like it.
    Cast { expr: Box<Expr>, ty: SqlType, function: &'static str },
    /// `a COLLATE name`
    Collate { expr: Box<Expr>, collation: &'static str },
    /// `EXTRACT(part FROM a)`
    Extract { part: &'static str, from: Box<Expr> },
    /// A query of one column and at most one row, as a value.
    Query(Box<Select>),
    /// `EXISTS (query)`
    Exists(Box<Select>),
    /// `-a`
    Negative(Box<Expr>),
    /// A binary operator.
    Binary { op: BinaryOp, left: Box<Expr>, right: Box<Expr> },
    /// Conjunction; `TRUE` of nothing.
    And(Vec<Expr>),
    /// Disjunction; `FALSE` of nothing.
    Or(Vec<Expr>),
    /// `NOT a`
    Not(Box<Expr>),
    /// `a IN (b, c)`, at least one element, none of them null.
    In { expr: Box<Expr>, list: Vec<Expr> },
    /// `a IN (query)`, of a query of one column.
    InQuery { expr: Box<Expr>, query: Box<Select> },
    /// `a IS [NOT] NULL`
    IsNull { expr: Box<Expr>, negated: bool },
    /// `a IS [NOT] TRUE`
    IsTrue { expr: Box<Expr>, negated: bool },
    /// `CASE WHEN c THEN v … ELSE o END`
    Case { branches: Vec<(Expr, Expr)>, otherwise: Option<Box<Expr>> },
    /// A function of the dialect.
    Call { name: &'static str, args: Vec<Expr> },
    /// A function of the dialect that constants make: `windowFunnel(60)(a, b)`.
    Made { name: &'static str, by: Vec<Expr>, args: Vec<Expr> },
    /// A struct of these fields.
    Struct(Vec<(Ident, Expr)>),
    /// A list of these elements.
    List(Vec<Expr>),
    /// `list[i]`, `map[key]`
    Index { base: Box<Expr>, index: Box<Expr> },
    /// A function of one or two parameters, as an argument.
    Lambda { params: Vec<Ident>, body: Box<Expr> },
    /// An aggregate function.
    Aggregate {
        /// Its name.
        name: &'static str,
        /// `*` if empty.
        args: Vec<Expr>,
        /// Over distinct values.
        distinct: bool,
        /// The order of the values.
        order_by: Vec<Order>,
        /// Conjuncts: the rows that count.
        filter: Vec<Expr>,
    },
    /// An instant that is stored otherwise than as one. It is [built](super::times::built) of what the dialect has before
    /// a query is printed.
    Instant {
        /// What is stored.
        stored: Box<Expr>,
        /// How.
        times: Times,
    },
    /// A window function.
    Window {
        /// An aggregate or ranking function.
        function: Box<Expr>,
        /// Rows that belong together.
        partition_by: Vec<Expr>,
        /// Their order.
        order_by: Vec<Order>,
        /// Which of them count; the default frame if none.
        frame: Option<Frame>,
    },
}

/// `ROWS BETWEEN … AND …`
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// What is counted.
    pub unit: FrameUnit,
    /// Where it begins.
    pub start: FrameBound,
    /// Where it ends.
    pub end: FrameBound,
}

/// What the bounds of a [`Frame`] count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameUnit {
    /// Rows.
    Rows,
    /// Values of the one ordering key.
    Range,
    /// Groups of rows with equal ordering keys.
    Groups,
}

/// A bound of a [`Frame`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameBound {
    /// From the first row on.
    UnboundedPreceding,
    /// This many before.
    Preceding(i64),
    /// The row itself (with [`FrameUnit::Range`] and [`FrameUnit::Groups`]: and its peers).
    CurrentRow,
    /// This many after.
    Following(i64),
    /// To the last row.
    UnboundedFollowing,
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/` of floats.
    Div,
    /// `||` of texts.
    Concat,
    /// An operator of the dialect that divides integers and truncates toward zero.
    IntDiv(&'static str),
    /// `%`
    Rem,
    /// Another operator of the dialect, always parenthesised.
    Other(&'static str),
}

impl BinaryOp {
    /// The comparison that is true where this one is false, of values in a total order.
    pub fn opposite(self) -> Option<BinaryOp> {
        Some(match self {
            BinaryOp::Eq => BinaryOp::Ne,
            BinaryOp::Ne => BinaryOp::Eq,
            BinaryOp::Lt => BinaryOp::Ge,
            BinaryOp::Le => BinaryOp::Gt,
            BinaryOp::Gt => BinaryOp::Le,
            BinaryOp::Ge => BinaryOp::Lt,
            BinaryOp::Add
            | BinaryOp::Sub
            | BinaryOp::Mul
            | BinaryOp::Div
            | BinaryOp::Concat
            | BinaryOp::IntDiv(_)
            | BinaryOp::Rem
            | BinaryOp::Other(_) => return None,
        })
    }
}

/// A constant of a pinned type.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `TRUE`
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// `unscaled / 10^scale`, of at most `precision` digits.
    Decimal {
        /// The digits.
        unscaled: i128,
        /// Digits of the type.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// A finite double.
    Float(f64),
    /// Text without U+0000.
    Text(Arc<str>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01 UTC.
    Timestamp(i64),
    /// A civil date and time, in microseconds since 1970-01-01 of the same clock.
    LocalTimestamp(i64),
}

impl SqlType {
    /// Any object: a struct whose fields do not matter where it is named.
    pub fn object() -> SqlType {
        SqlType::Struct(vec![])
    }

    /// This type where instants are stored as values of another type.
    pub fn with_instants_as(self, stored: &SqlType) -> SqlType {
        match self {
            SqlType::Timestamp => stored.clone(),
            SqlType::List(inner) => SqlType::List(Box::new(inner.with_instants_as(stored))),
            SqlType::Map(inner) => SqlType::Map(Box::new(inner.with_instants_as(stored))),
            SqlType::Struct(fields) => {
                SqlType::Struct(fields.into_iter().map(|(name, ty)| (name, ty.with_instants_as(stored))).collect())
            }
            other => other,
        }
    }

    /// Whether it has objects in it whose fields are not known.
    pub fn holds_objects(&self) -> bool {
        match self {
            SqlType::Struct(fields) => fields.is_empty() || fields.iter().any(|(_, ty)| ty.holds_objects()),
            SqlType::List(inner) | SqlType::Map(inner) => inner.holds_objects(),
            SqlType::Bool
            | SqlType::Int32
            | SqlType::Int
            | SqlType::WideInt
            | SqlType::Decimal { .. }
            | SqlType::Float
            | SqlType::Text
            | SqlType::Date
            | SqlType::Timestamp
            | SqlType::LocalTimestamp => false,
        }
    }
}

/// A type of a column or a conversion.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SqlType {
    /// `BOOLEAN`
    Bool,
    /// 32 bits: a number of days.
    Int32,
    /// 64 bits.
    Int,
    /// An integer of at least 38 digits.
    WideInt,
    /// Exact digits.
    Decimal {
        /// In all.
        precision: u8,
        /// After the point.
        scale: u8,
    },
    /// IEEE double.
    Float,
    /// Unicode text.
    Text,
    /// A civil day.
    Date,
    /// An instant.
    Timestamp,
    /// A civil date and time without a zone.
    LocalTimestamp,
    /// A list.
    List(Box<SqlType>),
    /// A map from text.
    Map(Box<SqlType>),
    /// Named fields.
    Struct(Vec<(Ident, SqlType)>),
}

/// `CREATE TABLE`
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTable {
    /// Its name in parts.
    pub name: Vec<Ident>,
    /// Its columns; `true` if not null.
    pub columns: Vec<(Ident, SqlType, bool)>,
    /// The columns, none of them null, by which rows are best kept in order.
    pub order: Vec<Ident>,
}
