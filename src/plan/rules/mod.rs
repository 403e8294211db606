//! The rewrite rules of the optimiser, in the order in which they are tried, each with its reason. A rule looks at one
//! operation and gives an equal one, or nothing. Predicates are two-valued, so the laws of boolean algebra hold for
//! them; they do not hold between comparisons (`not (a < b)` is not `a >= b` where `a` may be absent).
//!
//! Every rule brings its own [`Rule::cases`]: operations over free columns on which it must fire. A test evaluates each
//! case before and after over every combination of values of those columns, absence included.

use super::graph::Graph;
use super::{DomainId, FieldStep, NodeId, Op};
use crate::types::{Ty, Type};
use crate::vector::time::Zone;

mod boolean;
mod constant;
mod fold;
mod range;
mod reduce;
mod time;

/// What a rule may know besides the graph.
pub struct Context {
    /// The project's time zone.
    pub zone: Zone,
    /// ISO weekday on which weeks start.
    pub week_start: u8,
}

/// A rewrite.
pub struct Rule {
    /// For listings and tests.
    pub name: &'static str,
    /// Why it is right and what it is for.
    pub reason: &'static str,
    /// Gives an equal node, or `None` where the rule does not apply.
    pub apply: fn(&mut Graph, &Context, NodeId) -> Option<NodeId>,
    /// Operations on which it fires, over [`free`] columns.
    pub cases: fn(&mut Graph) -> Vec<NodeId>,
}

/// All rules, in order.
pub static RULES: &[Rule] = &[
    boolean::FLATTEN,
    boolean::IDENTITY,
    boolean::COMPLEMENT,
    boolean::DOUBLE_NEGATION,
    boolean::CHOICE,
    constant::ABSENT_OPERAND,
    constant::CONSTANT_PRESENCE,
    constant::USELESS_DEFAULT,
    fold::FOLD,
    range::SAME_BOUND,
    range::EQUALS_TO_LIST,
    time::DAY_TO_INSTANTS,
    time::AGE_TO_BIRTHDAY,
    reduce::COUNT_TO_ANY,
    reduce::NOTHING,
    reduce::HOIST,
];

/// A column of the profile for the cases of a rule: any value of its type, or absent. Predicates are columns that are
/// always present.
pub fn free(graph: &mut Graph, name: &str, ty: Ty) -> NodeId {
    let optional = ty != Ty::Bool;
    let path = [FieldStep::Field(name.into())];
    graph.node(Op::Column(path.into()), DomainId::PROFILES, Type { ty, optional })
}
