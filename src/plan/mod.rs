//! One plan for all segments of a project: a graph of columnar operations, hash-consed, so that whatever two segments
//! share is computed once. Made by [`lower`] from the typed tree, rewritten by [`rules`], read by the bytecode and by
//! every SQL dialect. Invariants: a node's inputs come before it in [`Plan::nodes`]; all inputs of a node are of the
//! node's own domain, except for the operations that say otherwise.
//!
//! A [`Domain`] is a set of rows: the profiles, the events of each profile, the items of each event, pairs of them.
//! Nested collections are flat domains with a map to the parent's row; an inner expression that needs an outer value
//! moves it inward with [`Op::Gather`], and [`Op::Reduce`] brings a result outward. So every operation is a loop over
//! one array, at any nesting depth.

use std::sync::Arc;

pub mod explain;
mod graph;
mod inputs;
mod lower;
pub mod needs;
mod optimize;
pub mod order;
pub mod rules;
mod size;
mod summary;

pub use explain::{explain, value_text};
pub use graph::Graph;
pub use inputs::Renumber;
pub use lower::lower;
pub use needs::{Needs, Space, origin, record_space};
pub use optimize::optimize;
pub use summary::summary;

use crate::builtins::{Func, Test};
use crate::hir::{SegmentId, Settings};
use crate::source::Span;
use crate::types::{Type, Value};

/// Index into [`Plan::domains`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DomainId(pub u32);

/// Index into [`Plan::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

impl DomainId {
    /// The profiles: always the first domain.
    pub const PROFILES: DomainId = DomainId(0);
}

/// The whole plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The row sets; parents before children.
    pub domains: Vec<Domain>,
    /// The operations in an order in which they can be computed.
    pub nodes: Vec<Node>,
    /// What is asked for.
    pub segments: Vec<SegmentPlan>,
    /// The instant of the run, microseconds since 1970-01-01 UTC; every window has been made constant with it.
    pub now: i64,
    /// Zone, week start, event ids.
    pub settings: Settings,
}

/// A segment's result.
#[derive(Debug, Clone)]
pub struct SegmentPlan {
    /// Which.
    pub id: SegmentId,
    /// Its name.
    pub name: String,
    /// Where it was written.
    pub span: Span,
    /// A `bool` node over the profiles, the sample included, the rank not.
    pub condition: NodeId,
    /// Keeps the best of the profiles for which the condition is true.
    pub rank: Option<RankPlan>,
    /// Segments are computed level by level: a segment that reads the membership of a ranked one is one level above it
    /// (a ranked segment's members are known only after all profiles have been seen).
    pub level: u32,
}

/// `rank by key`
#[derive(Debug, Clone, PartialEq)]
pub struct RankPlan {
    /// Over the profiles; absent keys last.
    pub key: NodeId,
    /// Largest first.
    pub descending: bool,
    /// How many to keep.
    pub limit: Option<u64>,
}

/// A set of rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Domain {
    /// The domain to whose rows these belong; `None` for the profiles.
    pub parent: Option<DomainId>,
    /// Which rows.
    pub kind: DomainKind,
}

/// Which rows a domain has. Within a parent row they are ordered as said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DomainKind {
    /// One row per profile.
    Profiles,
    /// For each parent row, all events (of a type) of the profile it belongs to, ordered by (timestamp, `_id`).
    Events { event_type: Option<Arc<str>> },
    /// For each parent row, the elements of a list of objects in the record of `of` (the parent or an ancestor of it),
    /// in order. `path` is relative to that record. (Lists of scalars are list columns: [`DomainKind::Values`].)
    Elements { of: DomainId, path: FieldPath },
    /// For each parent row, the entries of a map in the record of `of` (the parent or an ancestor of it), ordered by
    /// key; present values only. An empty path is the record itself (a map of maps).
    Entries { of: DomainId, path: FieldPath },
    /// For each parent row, the elements of a list value (a node of the parent domain), in order.
    Values { list: NodeId },
    /// The parent's rows for which a predicate of the parent domain is true. A row's record is the parent row's.
    Filter { mask: NodeId },
    /// For each parent row, one row per distinct present value of `key` among its rows of `of` (a descendant domain
    /// of the parent) where `mask` holds, ordered by key.
    Groups { of: DomainId, mask: Option<NodeId>, key: NodeId },
    /// For each parent row, the rows of the group that it belongs to (`groups` is the parent or an ancestor of it): rows
    /// of the groups' `of`, in their order. A row's record is the one of its row of `of`.
    Members { groups: DomainId },
    /// For each parent row (a partial match of a sequence), the rows of `events` (a [`DomainKind::Events`] domain under
    /// the profiles) that satisfy `mask` (of that domain), belong to the same profile, come strictly later than the
    /// event of the ancestor `after` in the order of (timestamp, `_id`) (without event ids: of timestamp alone), and
    /// lie in `[since + at_least, since + within]` of the ancestor `since`'s timestamp (microseconds).
    /// A row's record is the event.
    Later {
        /// The candidates.
        events: DomainId,
        /// Which of them count.
        mask: Option<NodeId>,
        /// The ancestor whose event must come before.
        after: DomainId,
        /// The ancestor from whose event the gap is measured.
        since: DomainId,
        /// Longest gap, microseconds.
        within: Option<i64>,
        /// Shortest gap, microseconds.
        at_least: Option<i64>,
    },
    /// For each parent row, the rows of `events` that satisfy `mask`, belong to the same profile and come strictly
    /// before the event of the ancestor `before`, and, if given, strictly after the event of the ancestor `after`,
    /// and at least `at_least` microseconds after it. A row's record is the event.
    Between {
        /// The candidates.
        events: DomainId,
        /// Which of them count.
        mask: Option<NodeId>,
        /// The ancestor whose event must come before, if any.
        after: Option<DomainId>,
        /// The ancestor whose event must come later.
        before: DomainId,
        /// Shortest gap to `after`, microseconds.
        at_least: Option<i64>,
    },
}

/// A field of a record by the names of its steps: `["commerce", "order", "priceTotal"]`. A step through a map is the
/// key after [`FieldStep::Key`].
pub type FieldPath = Arc<[FieldStep]>;

/// The path by the names of fields.
pub fn field_path(names: &[String]) -> FieldPath {
    names.iter().map(|name| FieldStep::Field(name.as_str().into())).collect()
}

/// A step of a [`FieldPath`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldStep {
    /// A field of an object.
    Field(Arc<str>),
    /// The value of a key of a map.
    Key(Arc<str>),
}

/// The fields of a path before the first key of a map, and the rest of it.
pub fn leading_fields(path: &[FieldStep]) -> (Vec<&str>, &[FieldStep]) {
    let length = path.iter().take_while(|step| matches!(step, FieldStep::Field(_))).count();
    let (fields, rest) = path.split_at(length);
    let fields = fields
        .iter()
        .filter_map(|step| match step {
            FieldStep::Field(name) => Some(&**name),
            FieldStep::Key(_) => None,
        })
        .collect();
    (fields, rest)
}

/// An operation and where its result lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node {
    /// What is computed.
    pub op: Op,
    /// The domain of the result: one value per row of it.
    pub domain: DomainId,
    /// The type of the result; predicates are [`Type::BOOL`].
    pub ty: Type,
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// The same constant on every row. Durations are exact ([`Value::Duration`] with micros only).
    Const(Value),
    /// A constant that is absent on every row.
    Absent,
    /// A scalar, or a list of scalars, of the row's record. The record of a [`DomainKind::Elements`] row is the element;
    /// of an `Entries` row the entry's value, of a `Values` row the element: an empty path is that scalar itself.
    Column(FieldPath),
    /// The key of an `Entries` row, or of a `Groups` row.
    Key,
    /// A field of an object of a related class: `key` (of this domain) is its primary key. Absent where there is none.
    Related { class: Arc<str>, key: NodeId, path: FieldPath },
    /// The value that a node of an ancestor domain has at the row that this row belongs to.
    Gather(NodeId),
    /// A predicate over values: false when an operand is absent, negated or not.
    Test { op: Test, negated: bool, ignoring_case: bool, args: Vec<NodeId> },
    /// A value function.
    Call { func: Func, args: Vec<NodeId> },
    /// `[a, b]`: a list of the present ones.
    List(Vec<NodeId>),
    /// Conjunction of predicates, at least two.
    And(Vec<NodeId>),
    /// Disjunction of predicates, at least two.
    Or(Vec<NodeId>),
    /// Negation of a predicate.
    Not(NodeId),
    /// Choice by a predicate.
    If { condition: NodeId, then: NodeId, otherwise: NodeId },
    /// The first that is present.
    Default { value: NodeId, default: NodeId },
    /// Whether a value is present: a predicate.
    IsPresent(NodeId),
    /// A reduction of a descendant domain into this node's domain, an ancestor of it: over the rows of `from` that
    /// belong to this row and for which `mask` (of `from`) is true.
    Reduce { from: DomainId, mask: Option<NodeId>, reduction: Reduction },
    /// A predicate: the row is among the `count` rows of its row of `parent` (an ancestor domain), of those where
    /// `mask` holds, with the largest or smallest present key; ties keep the order of the rows.
    Top { parent: DomainId, mask: Option<NodeId>, key: NodeId, count: u64, descending: bool },
    /// A predicate over the profiles: the sequence is matched. For sequences whose steps do not refer to each other's
    /// events (the others are built of [`DomainKind::Later`] and [`DomainKind::Between`]).
    Sequence(Arc<[SequenceStep]>),
    /// A predicate over the profiles: the first 8 hex digits of md5(salt + ":" + profile id), read as a number, are
    /// below `threshold` (0 to 2^32).
    Sample { threshold: u64, salt: Arc<str> },
    /// A predicate over the profiles: membership of a segment of a lower level (index into [`Plan::segments`]).
    Membership(u32),
    /// The profile's id as text, over the profiles.
    ProfileId,
}

/// A reduction with what it reads (nodes of the reduced domain).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// Some row: a predicate.
    Any,
    /// Number of rows: an `int`.
    Count,
    /// Number of distinct present values.
    CountDistinct(NodeId),
    /// Number of rows with a present value.
    CountPresent(NodeId),
    /// Sum of the present values, 0 of none; the node's type is the result's.
    Sum(NodeId),
    /// Smallest present value.
    Min(NodeId),
    /// Largest present value.
    Max(NodeId),
    /// Mean of present floats, absent of none. (Exact averages are a sum and a count.)
    Mean(NodeId),
    /// The present value of the first row. `ties` is set over events without ids: among the present values of the
    /// rows with the earliest timestamp that has one, the smallest.
    First {
        /// What is read.
        value: NodeId,
        /// The timestamp node by which rows are simultaneous.
        ties: Option<NodeId>,
    },
    /// The present value of the last row; `ties` as above, with the latest timestamp, the smallest value too.
    Last {
        /// What is read.
        value: NodeId,
        /// The timestamp node by which rows are simultaneous.
        ties: Option<NodeId>,
    },
    /// The present values in order, a list.
    List(NodeId),
}

/// A step of an uncorrelated sequence; see [`crate::hir::SequenceStep`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SequenceStep {
    /// An excluded step.
    pub negated: bool,
    /// At least 1.
    pub times: u32,
    /// A [`DomainKind::Events`] domain under the profiles.
    pub events: DomainId,
    /// Which of its rows count (window and filter); all if `None`.
    pub mask: Option<NodeId>,
    /// Longest gap after the positive step before, microseconds.
    pub within: Option<i64>,
    /// Shortest gap.
    pub at_least: Option<i64>,
    /// Longest time since an earlier step. Only the bytecode has it, in sequences of single positive steps that all
    /// measure from one of them; in a plan such a sequence is of domains of pairs.
    pub span: Option<StepSpan>,
}

/// How long after the event of a step another may come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StepSpan {
    /// The earlier step, by its place in the sequence.
    pub step: u32,
    /// Microseconds.
    pub within: i64,
}
