//! The tree that the parser builds: what was written, with spans, and nothing resolved. Parentheses are kept
//! ([`ExprKind::Paren`]) so that the formatter gives back what the author grouped; literals are kept as text and
//! validated by the checker, so that parsing never fails. Comments live in [`super::trivia`].

use crate::source::Span;

/// A node with the span it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    /// The node.
    pub node: T,
    /// Where it stands.
    pub span: Span,
}

/// A name; backquotes are already taken off.
pub type Ident = Spanned<String>;
/// A string literal; escapes are already decoded.
pub type Str = Spanned<String>;

/// One `.seg` file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// The items in the order of the text.
    pub items: Vec<Item>,
}

/// A top-level item.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it declares.
    pub kind: ItemKind,
    /// From its reserved word to its end.
    pub span: Span,
}

impl Item {
    /// The name of a definition.
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            ItemKind::Param { name, .. }
            | ItemKind::Let { name, .. }
            | ItemKind::Event { name, .. }
            | ItemKind::Segment { name, .. }
            | ItemKind::Propensity { name, .. } => Some(&name.node),
            ItemKind::Schema(_) | ItemKind::Import(_) | ItemKind::Test { .. } | ItemKind::Error => None,
        }
    }
}

/// What an item declares.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemKind {
    /// `schema "path"`
    Schema(Str),
    /// `import "path"`
    Import(Str),
    /// `param name: type = value`
    Param { name: Ident, ty: TypeExpr, value: Expr },
    /// `let name(p: type, …): type = value`
    Let { name: Ident, params: Vec<Parameter>, ty: Option<TypeExpr>, value: Expr },
    /// `event name = source …`
    Event { name: Ident, collection: Collection },
    /// `segment name "title" { … }`
    Segment { name: Ident, title: Option<Str>, clauses: Vec<Spanned<SegmentClause>> },
    /// `propensity name { … }` or `propensity name from … { … }`
    Propensity { name: Ident, from: Option<PropensityFrom>, clauses: Vec<Spanned<PropensityClause>> },
    /// `test segment { … }`
    Test { segment: Option<Ident>, clauses: Vec<Spanned<TestClause>> },
    /// What could not be read; already reported.
    Error,
}

/// A parameter of a `let`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeExpr,
}

/// A type as written: `int`, `list<string>`.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeExpr {
    /// `int`, `list`, …; empty after a syntax error.
    pub name: Ident,
    /// The `string` of `list<string>`.
    pub argument: Option<Box<TypeExpr>>,
    /// `T?`: the value may be absent.
    pub optional: bool,
    /// The whole.
    pub span: Span,
}

/// A clause of a `segment`.
#[derive(Debug, Clone, PartialEq)]
pub enum SegmentClause {
    /// `where P`
    Where(Expr),
    /// `rank by E desc limit N`
    Rank { by: Expr, descending: Option<Spanned<bool>>, limit: Option<Spanned<String>> },
    /// `sample 10% salt "x"`; the percentage is kept as written, without the sign.
    Sample { percent: Spanned<String>, salt: Option<Str> },
    /// Already reported.
    Error,
}

/// Where an imported propensity comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum PropensityFrom {
    /// `from "scores.parquet"`
    Data(Str),
    /// `from customer_ai path`: an adapter and the profile object that it reads.
    Adapter { adapter: Ident, path: Option<Path> },
    /// `from lightgbm "model.txt"`: a model file of another maker.
    Model { format: Ident, file: Str },
}

/// A clause of a `propensity`.
#[derive(Debug, Clone, PartialEq)]
pub enum PropensityClause {
    /// `predict P`
    Predict(Expr),
    /// `for P`
    For(Expr),
    /// `using a, b.c`
    Using(Vec<Path>),
    /// `static a, b`
    Static(Vec<Path>),
    /// `deny a, b`
    Deny(Vec<Path>),
    /// `cutoffs every D over last D`
    Cutoffs { every: Expr, over: Expr },
    /// `trees N`, `depth N`, `seed N`
    Number { setting: Spanned<PropensityNumber>, value: Spanned<String> },
    /// `buckets low < 25, medium < 75, high`; a bound is kept as written.
    Buckets(Vec<(Ident, Option<Spanned<String>>)>),
    /// `require auc >= 0.70`
    Require(Vec<Expr>),
    /// `max age D`
    MaxAge(Expr),
    /// `control 5% salt "x"`
    Control { percent: Spanned<String>, salt: Option<Str> },
    /// `kind churn`
    Kind(Ident),
    /// `scale probability`
    Scale(Ident),
    /// `scored at PATH`, `id at PATH`, `value at PATH`, `factors at PATH`, `quality 0.8`: the word and what follows.
    Mapping { word: Ident, path: Path },
    /// `quality 0.81`: the AUC its maker states.
    Quality(Expr),
    /// Already reported.
    Error,
}

/// The whole-number settings of a trained propensity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropensityNumber {
    /// Number of trees.
    Trees,
    /// Depth of each tree.
    Depth,
    /// Seed of the sampling hashes.
    Seed,
}

/// A clause of a `test`.
#[derive(Debug, Clone, PartialEq)]
pub enum TestClause {
    /// `now 2026-…`
    Now(Expr),
    /// `profile name { … }`
    Profile { name: Ident, fields: Vec<TestField> },
    /// `product "SKU-1" { … }`: an object of a related class, by its key.
    Object { class: Ident, key: Expr, fields: Vec<TestField> },
    /// `expect name not in segment`
    Expect { profile: Ident, negated: bool, segment: Ident },
    /// Already reported.
    Error,
}

/// An entry of a test profile or event.
#[derive(Debug, Clone, PartialEq)]
pub enum TestField {
    /// `path: value`
    Value { path: Path, value: TestValue },
    /// `events [ type at T { … } ]`
    Events { events: Vec<TestEvent>, span: Span },
}

/// `type at T { path: value }`
#[derive(Debug, Clone, PartialEq)]
pub struct TestEvent {
    /// The event type.
    pub event: Path,
    /// When: an instant, a date, or a duration counted from `now` (`-3 days`).
    pub at: Expr,
    /// Its fields.
    pub fields: Vec<TestField>,
    /// The whole.
    pub span: Span,
}

/// A value in a test.
#[derive(Debug, Clone, PartialEq)]
pub enum TestValue {
    /// A literal, or a time relative to now.
    Expr(Expr),
    /// `[a, b]`
    List(Vec<TestValue>, Span),
    /// `{ key: value }`; a key may be a dotted path or a string.
    Object(Vec<(Path, TestValue)>, Span),
}

/// An expression.
pub type Expr = Box<ExprNode>;

/// An expression with its span.
#[derive(Debug, Clone, PartialEq)]
pub struct ExprNode {
    /// What it is.
    pub kind: ExprKind,
    /// The whole.
    pub span: Span,
    /// 1 + the depth of the deepest child. The parser refuses to build deeper than the limit, so that no later
    /// walk over the tree, `Drop` included, can exhaust the stack.
    pub depth: u16,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `true`, `1`, `"a"`, …
    Literal(Literal),
    /// `now`
    Now,
    /// `today`, `yesterday`, `tomorrow`
    Day(DayWord),
    /// `a.b["c"]`
    Path(Path),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `(e)`
    Paren(Expr),
    /// `f(a, b)`
    Call { function: Ident, args: Vec<Expr> },
    /// `not e`
    Not(Expr),
    /// `-e`
    Negate(Expr),
    /// `a or b or c`, flat: a chain of any length has depth one.
    Or(Vec<Expr>),
    /// `a and b and c`, flat.
    And(Vec<Expr>),
    /// Every other binary operator; `not in`, `not contains` and the like are `negated`.
    Binary { op: Spanned<BinaryOp>, negated: bool, lhs: Expr, rhs: Expr, ignoring_case: bool },
    /// `a between b and c`
    Between { negated: bool, value: Expr, low: Expr, high: Expr, ignoring_year: bool },
    /// `a in last 30 days`, `a on today`, `a before b`, …
    InWindow { negated: bool, value: Expr, window: Window, ignoring_year: bool },
    /// `a is present`, `a is absent`
    IsPresent { absent: bool, value: Expr },
    /// `if p then a else b`
    If { condition: Expr, then: Expr, otherwise: Expr },
    /// `a default b`
    Default { value: Expr, default: Expr },
    /// `30 days ago`
    Ago(Expr),
    /// `7 days from now`
    FromNow(Expr),
    /// `any(C)`, `count(distinct E of C)`, `all(C satisfy P)`, …
    Aggregate {
        function: Spanned<AggregateFn>,
        distinct: bool,
        value: Option<Expr>,
        collection: Box<Collection>,
        satisfy: Option<Expr>,
    },
    /// `sequence(step then step)`
    Sequence(Vec<Step>),
    /// Already reported.
    Error,
}

/// A literal as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `true`, `false`
    Bool(bool),
    /// `10_000`: digits as written.
    Int(String),
    /// `0.7`
    Decimal(String),
    /// Escapes decoded.
    String(String),
    /// `2026-11-23`
    Date(String),
    /// `2026-11-23T10:00:00Z`
    Timestamp(String),
    /// `30 days`, as written.
    Duration { amount: String, unit: String },
}

/// A word for a civil day relative to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayWord {
    /// The day of `now` in the project's zone.
    Today,
    /// The day before.
    Yesterday,
    /// The day after.
    Tomorrow,
}

/// A binary operator that is neither `and` nor `or`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `==`
    Eq,
    /// `!=`
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
    /// `/`
    Div,
    /// `div`
    IntDiv,
    /// `%`
    Rem,
    /// `in`
    In,
    /// `contains`
    Contains,
    /// `starts with`
    StartsWith,
    /// `ends with`
    EndsWith,
    /// `like`
    Like,
    /// `matches`
    Matches,
    /// `has any`
    HasAny,
    /// `has all`
    HasAll,
    /// `within` (subset)
    Within,
}

/// `a.b.c`, `m["key"]`
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The first name.
    pub root: Ident,
    /// What follows it.
    pub steps: Vec<PathStep>,
    /// The whole.
    pub span: Span,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum PathStep {
    /// `.name`
    Field(Ident),
    /// `["key"]`
    Key(Str),
    /// A dot with nothing usable behind it: kept, so that completion knows where it stands. Already reported.
    Hole(Span),
}

/// The functions over a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AggregateFn {
    /// At least one element.
    Any,
    /// No element.
    None,
    /// Every element satisfies.
    All,
    /// How many elements, or distinct values.
    Count,
    /// Sum of the present values; 0 of none.
    Sum,
    /// Smallest present value.
    Min,
    /// Largest present value.
    Max,
    /// Mean of the present values.
    Average,
    /// First present value by time or position.
    First,
    /// Last present value by time or position.
    Last,
    /// The present values in order.
    List,
}

/// `source as name in last 30 days where P`
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    /// What is gone through.
    pub source: Source,
    /// `as name`
    pub alias: Option<Ident>,
    /// `in last 30 days`
    pub window: Option<Window>,
    /// `where P`
    pub filter: Option<Expr>,
    /// The whole.
    pub span: Span,
}

/// What a collection goes through.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// An event type, a custom event, `events`, a list, a map, `group`.
    Path(Path),
    /// `top N of C by E`, `bottom N of C by E`
    Top { bottom: bool, count: Spanned<String>, of: Box<Collection>, by: Expr },
    /// `groups of C by E`
    Groups { of: Box<Collection>, by: Expr },
    /// Already reported.
    Error(Span),
}

/// A window of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Which.
    pub kind: WindowKind,
    /// From its first word.
    pub span: Span,
}

/// Which window of time.
#[derive(Debug, Clone, PartialEq)]
pub enum WindowKind {
    /// `in last D`
    Last(Expr),
    /// `in next D`
    Next(Expr),
    /// `in this week`: the unit as written.
    This(Ident),
    /// `in previous 3 months`
    Previous(Expr),
    /// `on today`, `on 2026-11-23`
    On(Expr),
    /// `before T`
    Before(Expr),
    /// `after T`
    After(Expr),
    /// `between A and B`
    Between(Expr, Expr),
}

/// A step of a sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// `not`
    pub negated: bool,
    /// `3 times`
    pub times: Option<Spanned<String>>,
    /// The source, alias, window and filter.
    pub collection: Collection,
    /// `within D`
    pub within: Option<Expr>,
    /// `after at least D`
    pub after_at_least: Option<Expr>,
    /// The whole.
    pub span: Span,
}
