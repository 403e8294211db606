//! The typed tree: every name resolved, every type known, definitions kept as calls. Read by the plan, the lints, the
//! editor, the tests' reference evaluator. Made only by `check`. Invariant: a module without error diagnostics holds
//! no [`ExprKind::Error`] and no [`Ty::Error`](crate::types::Ty::Error).

use std::sync::Arc;

use crate::builtins::{Func, Test as TestOp};
use crate::schema::Schema;
use crate::source::Span;
use crate::types::{CalendarUnit, Ty, Type, Value};

pub mod dump;
mod make;
mod only;
mod propensity;
mod rebind;
mod scores;
pub mod shape;
pub mod walk;

pub use propensity::{
    Cutoffs, ForeignModel, Gate, Metric, ModelFacts, ModelFormat, Propensity, PropensityOrigin, ScoreTable, Training,
};
pub use rebind::rebind;
pub use scores::{ADAPTERS, Adapter, AdapterShape, DEFAULT_BUCKETS, ScoreField};

/// Everything that a project declares, checked.
#[derive(Debug, Clone)]
pub struct Module {
    /// The schema, with the objects of the declared propensities added to the profile under `propensity`.
    pub schema: Arc<Schema>,
    /// Zone and first day of the week; part of the meaning.
    pub settings: Settings,
    /// `let` definitions.
    pub lets: Vec<Arc<Let>>,
    /// `param` definitions, with the value in force.
    pub params: Vec<Param>,
    /// Custom events.
    pub events: Vec<Arc<EventDef>>,
    /// Segments, in the order of files and text.
    pub segments: Vec<Arc<Segment>>,
    /// Propensity models.
    pub propensities: Vec<Propensity>,
    /// Tests.
    pub tests: Vec<Arc<Test>>,
}

/// What of the project's settings is part of the meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// An IANA time zone name, checked.
    pub zone: String,
    /// ISO weekday on which weeks start: 1 Monday to 7 Sunday.
    pub week_start: u8,
    /// Whether the event data has an id per event (`_id`); if not, events of one instant are simultaneous.
    pub event_ids: bool,
}

macro_rules! id {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
    )*};
}

id! {
    /// Index into [`Module::lets`].
    LetId
    /// Index into [`Module::params`].
    ParamId
    /// Index into [`Module::events`].
    EventDefId
    /// Index into [`Module::segments`].
    SegmentId
    /// Index into [`Module::propensities`].
    PropensityId
    /// A subject: the profile, an event, an item, a group. Unique in the module. [`BinderId::PROFILE`] is the profile.
    BinderId
}

impl BinderId {
    /// The profile, bound everywhere.
    pub const PROFILE: BinderId = BinderId(0);
}

/// `let name(p: type): type = body`
#[derive(Debug, Clone)]
pub struct Let {
    /// Its name.
    pub name: String,
    /// The name's place.
    pub span: Span,
    /// Names and types of its parameters.
    pub params: Vec<(String, Type)>,
    /// The body; parameters occur as [`ExprKind::Local`].
    pub body: Expr,
    /// The `///` text.
    pub docs: String,
}

/// `param name: type = value`
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// The name's place.
    pub span: Span,
    /// Its type.
    pub ty: Type,
    /// The value in force: the override of the command line or project file, else the default. A constant.
    pub value: Value,
}

/// `event name = collection`: events of the base source for which the filter is true.
#[derive(Debug, Clone)]
pub struct EventDef {
    /// Its name.
    pub name: String,
    /// The name's place.
    pub span: Span,
    /// The collection that it names; its binder is bound in its filter.
    pub collection: Collection,
    /// The `///` text.
    pub docs: String,
}

/// `segment name "title" { … }`
#[derive(Debug, Clone)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// The name's place.
    pub span: Span,
    /// The whole item.
    pub whole: Span,
    /// Its title, empty if none.
    pub title: String,
    /// The `///` text.
    pub docs: String,
    /// The predicate over the profile.
    pub condition: Expr,
    /// `rank`: keeps the best.
    pub rank: Option<Rank>,
    /// `sample`: keeps a stable part.
    pub sample: Option<Sample>,
}

/// `rank by E desc limit N`: of the profiles for which the condition (and the sample) is true, those with the best keys.
/// Profiles whose key is absent come last. Ties by profile id, ascending by code point.
#[derive(Debug, Clone)]
pub struct Rank {
    /// The key.
    pub by: Expr,
    /// Largest first.
    pub descending: bool,
    /// How many to keep; all if none (then it only orders the output).
    pub limit: Option<u64>,
}

/// `sample P% salt "x"`: keeps a profile if the first 8 hex digits of md5(salt + ":" + profile id), lower case, are
/// below `threshold` as text; the threshold has 9 characters and is "100000000" for 100%.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// round(percent / 100 * 2^32), 0 to 2^32.
    pub threshold: u64,
    /// The salt; the segment's name where none was written.
    pub salt: String,
}

/// A typed expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type. A predicate is always [`Type::BOOL`].
    pub ty: Type,
    /// Where it was written.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// Already reported.
    Error,
    /// A constant. Literals have the type they are used at (`0.7` beside a float is a float).
    Literal(Value),
    /// The instant of the run: a timestamp.
    Now,
    /// The civil day of `now` in the project's zone, moved by days: 0 today, -1 yesterday, 1 tomorrow.
    Today(i32),
    /// `now` moved by a duration (`30 days ago` is `negative`); days and longer are calendar steps in the project's zone.
    FromNow { duration: Box<Expr>, negative: bool },
    /// A value read from a subject.
    Path(Path),
    /// A call of a `let`.
    Let(LetId, Vec<Expr>),
    /// A parameter of the `let` whose body this is in.
    Local(usize),
    /// A `param`.
    Param(ParamId),
    /// Membership of another segment, its rank and sample included.
    Segment(SegmentId),
    /// `member("audience", "namespace")`: `segmentMembership[namespace][audience].status` is `realized` or `existing`.
    Member { audience: String, namespace: String },
    /// `[a, b]`; elements of one type. Absent elements are dropped.
    List(Vec<Expr>),
    /// `not P`
    Not(Box<Expr>),
    /// `P and Q and …`
    And(Vec<Expr>),
    /// `P or Q or …`
    Or(Vec<Expr>),
    /// `if P then a else b`; also over predicates.
    If { condition: Box<Expr>, then: Box<Expr>, otherwise: Box<Expr> },
    /// `a default b`
    Default { value: Box<Expr>, default: Box<Expr> },
    /// `a is present`; `is absent` is its `Not`.
    IsPresent(Box<Expr>),
    /// A predicate over values: false when an operand is absent, negated or not.
    Test { op: TestOp, negated: bool, ignoring_case: bool, args: Vec<Expr> },
    /// A value function.
    Call { func: Func, args: Vec<Expr> },
    /// A date or timestamp value lies in a window; false when it is absent, negated or not.
    InWindow { value: Box<Expr>, window: Window, negated: bool, ignoring_year: bool },
    /// `map["key"]`
    Entry { map: Box<Expr>, key: String },
    /// A function over a collection.
    Aggregate { function: Aggregate, collection: Box<Collection> },
    /// A sequence of events.
    Sequence(Sequence),
}

/// A value read from a subject by a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    /// The subject.
    pub subject: BinderId,
    /// From the subject to the value. Empty for an element of a list of scalars, the value of a map entry's
    /// scalar value, or a group's key: see [`Step`].
    pub steps: Vec<Step>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// A field of an object.
    Field(Arc<str>),
    /// Each element of the list just reached: the path's value is the list of all that follow, flattened in order,
    /// absent ones dropped; never absent itself, but empty where the list is. Also the last step of the value of a path
    /// to a list of scalars behind another list (not of a source's path).
    Each,
    /// The value of a key of the map just reached.
    Key(Arc<str>),
    /// From the key just reached (a string or int field with a relationship) to the related object of this class.
    Follow(Arc<str>),
    /// The subject itself: an element of a list of scalars.
    Item,
    /// The key of a map entry; the entry's value is [`Step::EntryValue`].
    EntryKey,
    /// The value of a map entry (scalar or object).
    EntryValue,
    /// The key of a group.
    GroupKey,
}

/// A function over a collection with the value it reads (in the scope of the collection's binder). Where the value is
/// a list (`count(distinct productListItems.SKU of …)`), its elements are what is read, in order; not in `First` and
/// `Last`, whose value is never a list.
#[derive(Debug, Clone)]
pub enum Aggregate {
    /// At least one element.
    Any,
    /// No element.
    None,
    /// Every element satisfies; true of none.
    All(Box<Expr>),
    /// How many: an `int`.
    Count,
    /// How many distinct present values.
    CountDistinct(Box<Expr>),
    /// 0 of none. A `decimal` sum has 10 more digits than its values (at most 38); an `int` sum is absent beyond 64 bits.
    Sum(Box<Expr>),
    /// Absent of none.
    Min(Box<Expr>),
    /// Absent of none.
    Max(Box<Expr>),
    /// Sum over count of the present values; absent of none. Exact as an operand of a comparison, elsewhere a decimal
    /// of scale 12 rounded half away from zero; over `float` a float.
    Average(Box<Expr>),
    /// The present value of the earliest element.
    First(Box<Expr>),
    /// The present value of the latest element.
    Last(Box<Expr>),
    /// The present values in order.
    List(Box<Expr>),
}

/// Elements of a source, in a window, for which a filter is true.
#[derive(Debug, Clone)]
pub struct Collection {
    /// What is gone through.
    pub source: Source,
    /// The subject that each element is bound to in `filter` and in the aggregate's value.
    pub binder: BinderId,
    /// What the subject is bound to: an object (an event, an item, the object value of a map entry) or a scalar (an
    /// element of a list of scalars, the value of a map entry); for groups the type of the key.
    pub element: Ty,
    /// On the events' timestamp. Without one, events later than `now` are not seen.
    pub window: Option<Window>,
    /// True of the elements that count.
    pub filter: Option<Box<Expr>>,
    /// Where it was written.
    pub span: Span,
}

/// What a collection goes through.
#[derive(Debug, Clone)]
pub enum Source {
    /// The profile's events of a type (all types if `None`), in the order of (timestamp, `_id`), for which the
    /// filters of the custom events `via` are true too (each with its own binder bound to the same event; their
    /// windows count as well; a custom event without a window has none of its own). `via` is complete: that of the
    /// custom events themselves need not be followed.
    Events { event_type: Option<Arc<str>>, via: Vec<EventDefId> },
    /// The elements of the list that a path reaches (objects or scalars); through lists, all of them in order.
    List(Path),
    /// The entries of the map that a path reaches, in the order of their keys.
    Entries(Path),
    /// The elements of a computed list of scalars (`distinct(tags)`, `split(…)`, `["a"]`).
    Values(Box<Expr>),
    /// The `count` elements of `of` with the largest (`descending`) or smallest keys; absent keys are left out,
    /// ties keep the order of `of`. The elements are those of `of`, whose binder is bound in `by`; the outer
    /// collection's binder is bound to the same element.
    Top { of: Box<Collection>, by: Box<Expr>, count: u64, descending: bool },
    /// The groups of the elements of `of` with equal present key; ordered by key. `of`'s binder is bound in `by`.
    Groups { of: Box<Collection>, by: Box<Expr> },
    /// `group`: the elements of the group that is bound to this binder; they are elements of the grouped collection.
    Members(BinderId),
}

/// A window of time over dates or timestamps. Durations and instants are constants of the run in most programs;
/// `Before`, `After`, `Between` may also compare with values of the subjects in scope.
#[derive(Debug, Clone)]
pub enum Window {
    /// (now - D, now]; for dates (today - D, today].
    Last(Box<Expr>),
    /// (now, now + D]; for dates (today, today + D].
    Next(Box<Expr>),
    /// The calendar unit that holds now: [start, next start).
    This(CalendarUnit),
    /// The `count` whole units before the current one.
    Previous { count: u32, unit: CalendarUnit },
    /// A civil day of the project's zone (an expression of type `date`).
    On(Box<Expr>),
    /// Strictly before a timestamp, or before the start of a date.
    Before(Box<Expr>),
    /// Strictly after a timestamp, or from the end of a date's day.
    After(Box<Expr>),
    /// Both ends included; a date end means the whole day.
    Between(Box<Expr>, Box<Expr>),
}

/// A sequence of steps over the profile's events.
#[derive(Debug, Clone)]
pub struct Sequence {
    /// At least one of them positive.
    pub steps: Vec<SequenceStep>,
}

/// A step of a sequence. `N times` of a positive step is the step written N times with the gaps of each measured
/// from the positive step before the first of them; its binder is the last of the N.
#[derive(Debug, Clone)]
pub struct SequenceStep {
    /// An excluded step: no such event (fewer than `times`, if given) up to the next positive step, or, with
    /// `within`, in the gap, which must have ended by now.
    pub negated: bool,
    /// At least 1.
    pub times: u32,
    /// Events; the filter may use the binders of earlier positive steps.
    pub collection: Collection,
    /// At most this long after the positive step before: exact microseconds.
    pub within: Option<Box<Expr>>,
    /// At least this long after it.
    pub after_at_least: Option<Box<Expr>>,
    /// Where it was written.
    pub span: Span,
}

/// `test segment { … }`
#[derive(Debug, Clone)]
pub struct Test {
    /// The segment it names, if any.
    pub segment: Option<SegmentId>,
    /// The whole item.
    pub span: Span,
    /// Its `now`; the run's if none was written.
    pub now: Option<i64>,
    /// The profiles.
    pub profiles: Vec<TestProfile>,
    /// Objects of related classes.
    pub objects: Vec<TestObject>,
    /// What is expected.
    pub expects: Vec<Expect>,
}

/// A profile of a test.
#[derive(Debug, Clone)]
pub struct TestProfile {
    /// Its name; its profile id too, unless the fields set one.
    pub name: String,
    /// The name's place.
    pub span: Span,
    /// Its fields.
    pub fields: Vec<(Vec<String>, TestValue)>,
    /// Its events: type, time, fields.
    pub events: Vec<TestEvent>,
}

/// An object of a related class in a test.
#[derive(Debug, Clone)]
pub struct TestObject {
    /// The class, by its name in the schema.
    pub class: String,
    /// Its key, of the type of the class's key.
    pub key: Value,
    /// Its fields.
    pub fields: Vec<(Vec<String>, TestValue)>,
}

/// An event of a test.
#[derive(Debug, Clone)]
pub struct TestEvent {
    /// The event type of the schema.
    pub event_type: String,
    /// When.
    pub at: TestValue,
    /// Its fields.
    pub fields: Vec<(Vec<String>, TestValue)>,
}

/// A value of a test, checked against the schema.
#[derive(Debug, Clone, PartialEq)]
pub enum TestValue {
    /// A constant of the field's type.
    Value(Value),
    /// `now` moved by a duration (a date field takes the civil day).
    FromNow { duration: crate::types::Duration, negative: bool },
    /// A list.
    List(Vec<TestValue>),
    /// An object or a map.
    Object(Vec<(Vec<String>, TestValue)>),
}

/// `expect name [not] in segment`
#[derive(Debug, Clone)]
pub struct Expect {
    /// Index into the test's profiles.
    pub profile: usize,
    /// `not in`
    pub negated: bool,
    /// The segment.
    pub segment: SegmentId,
    /// Where it was written.
    pub span: Span,
}
