//! Operations in words that are close to the language. Invariant: what has a name is written by it, everywhere but in its
//! own definition.

use std::collections::BTreeMap;

use crate::builtins::registry::{rule_of_func, rule_of_test};
use crate::builtins::{Func, Test};
use crate::plan::explain::{path_text, value_text};
use crate::plan::{DomainId, DomainKind, NodeId, Op, Plan, Reduction, SequenceStep};

/// Writes the operations of a plan.
pub(super) struct Words<'a> {
    pub plan: &'a Plan,
    pub names: &'a BTreeMap<NodeId, String>,
}

impl Words<'_> {
    /// A node, by its name if it has one.
    pub fn of(&self, node: NodeId) -> String {
        self.names.get(&node).cloned().unwrap_or_else(|| self.definition(node))
    }

    /// The operand of another operation, in parentheses where they are needed.
    fn operand(&self, node: NodeId) -> String {
        let composed = match &self.plan.nodes[node.0 as usize].op {
            Op::And(_) | Op::Or(_) | Op::If { .. } | Op::Default { .. } => true,
            Op::Call { func, .. } => matches!(func, Func::Add | Func::Sub | Func::Div | Func::Mul),
            _ => false,
        };
        let text = self.of(node);
        if composed && !self.names.contains_key(&node) { format!("({text})") } else { text }
    }

    /// What a node is.
    pub fn definition(&self, node: NodeId) -> String {
        let list = |nodes: &[NodeId]| nodes.iter().map(|&node| self.of(node)).collect::<Vec<_>>().join(", ");
        let joined = |nodes: &[NodeId], by: &str| nodes.iter().map(|&n| self.operand(n)).collect::<Vec<_>>().join(by);
        let node = &self.plan.nodes[node.0 as usize];
        match &node.op {
            Op::Const(value) => value_text(value),
            Op::Absent => "absent".into(),
            Op::Column(path) => path_text(path),
            Op::Key => "key".into(),
            Op::Related { class, key, path } => format!("{class}[{}].{}", self.of(*key), path_text(path)),
            Op::Gather(node) => self.of(*node),
            Op::Test { op, negated, ignoring_case, args } => {
                let test = self.test(*op, args);
                let case = if *ignoring_case { " ignoring case" } else { "" };
                if *negated { format!("not ({test}{case})") } else { format!("{test}{case}") }
            }
            Op::Call { func, args } => self.call(*func, args),
            Op::List(items) => format!("[{}]", list(items)),
            Op::And(items) => joined(items, " and "),
            Op::Or(items) => joined(items, " or "),
            Op::Not(node) => format!("not {}", self.operand(*node)),
            Op::If { condition, then, otherwise } => {
                format!("if {} then {} else {}", self.of(*condition), self.of(*then), self.of(*otherwise))
            }
            Op::Default { value, default } => format!("{} default {}", self.operand(*value), self.operand(*default)),
            Op::IsPresent(node) => format!("{} is present", self.operand(*node)),
            Op::Reduce { from, mask, reduction } => self.reduction(*from, *mask, reduction),
            Op::Top { parent: _, mask, key, count, descending } => {
                let which = if *descending { "largest" } else { "smallest" };
                let rows = self.masked(node.domain, *mask);
                format!("among the {count} {which} {} of {rows}", self.of(*key))
            }
            Op::Sequence(steps) => {
                format!("sequence({})", steps.iter().map(|step| self.step(step)).collect::<Vec<_>>().join(" then "))
            }
            Op::Sample { threshold, salt } => {
                format!("sample {:.4}% salt {salt:?}", *threshold as f64 / f64::from(u32::MAX) * 100.0)
            }
            Op::Membership(segment) => {
                let name = self.plan.segments.get(*segment as usize).map_or("?", |segment| segment.name.as_str());
                format!("member of {name}")
            }
            Op::ProfileId => "profile id".into(),
        }
    }

    fn test(&self, op: Test, args: &[NodeId]) -> String {
        let infix = |by: &str| args.iter().map(|&arg| self.operand(arg)).collect::<Vec<_>>().join(by);
        match op {
            Test::IsTrue => infix(""),
            Test::Eq => infix(" == "),
            Test::Ne => infix(" != "),
            Test::Lt => infix(" < "),
            Test::Le => infix(" <= "),
            Test::Gt => infix(" > "),
            Test::Ge => infix(" >= "),
            Test::In
            | Test::Contains
            | Test::StartsWith
            | Test::EndsWith
            | Test::Like
            | Test::Matches
            | Test::HasAny
            | Test::HasAll
            | Test::Within => infix(&format!(" {} ", rule_of_test(op).replace('_', " "))),
        }
    }

    fn call(&self, func: Func, args: &[NodeId]) -> String {
        let infix = |by: &str| args.iter().map(|&arg| self.operand(arg)).collect::<Vec<_>>().join(by);
        match func {
            Func::Add => infix(" + "),
            Func::Sub => infix(" - "),
            Func::Mul => infix(" * "),
            Func::Div => infix(" / "),
            // The digits of a number are not what a reader looks for here.
            Func::Convert => infix(""),
            func => {
                let args: Vec<String> = args.iter().map(|&arg| self.of(arg)).collect();
                format!("{}({})", rule_of_func(func), args.join(", "))
            }
        }
    }

    fn reduction(&self, from: DomainId, mask: Option<NodeId>, reduction: &Reduction) -> String {
        let rows = self.masked(from, mask);
        match reduction {
            Reduction::Any => format!("any({rows})"),
            Reduction::Count => format!("count({rows})"),
            Reduction::CountDistinct(n) => format!("count(distinct {} of {rows})", self.of(*n)),
            Reduction::CountPresent(n) => format!("count({} of {rows})", self.of(*n)),
            Reduction::Sum(n) => format!("sum({} of {rows})", self.of(*n)),
            Reduction::Min(n) => format!("min({} of {rows})", self.of(*n)),
            Reduction::Max(n) => format!("max({} of {rows})", self.of(*n)),
            Reduction::Mean(n) => format!("average({} of {rows})", self.of(*n)),
            Reduction::First { value, .. } => format!("first({} of {rows})", self.of(*value)),
            Reduction::Last { value, .. } => format!("last({} of {rows})", self.of(*value)),
            Reduction::List(n) => format!("list({} of {rows})", self.of(*n)),
        }
    }

    /// The rows of a domain that a mask keeps.
    fn masked(&self, domain: DomainId, mask: Option<NodeId>) -> String {
        let rows = self.rows(domain);
        mask.map_or_else(|| rows.clone(), |mask| format!("{rows} where {}", self.of(mask)))
    }

    fn rows(&self, domain: DomainId) -> String {
        let found = &self.plan.domains[domain.0 as usize];
        let parent = || found.parent.map_or_else(|| "profiles".into(), |parent| self.rows(parent));
        match &found.kind {
            DomainKind::Profiles => "profiles".into(),
            DomainKind::Events { event_type: Some(name) } => name.to_string(),
            DomainKind::Events { event_type: None } => "events".into(),
            DomainKind::Elements { of, path } | DomainKind::Entries { of, path } if *of == DomainId::PROFILES => {
                path_text(path)
            }
            DomainKind::Elements { of, path } | DomainKind::Entries { of, path } => {
                format!("{} of {}", path_text(path), self.rows(*of))
            }
            DomainKind::Values { list } => self.of(*list),
            DomainKind::Filter { mask } => format!("({} where {})", parent(), self.of(*mask)),
            DomainKind::Groups { of, mask, key } => {
                format!("(groups of {} by {})", self.masked(*of, *mask), self.of(*key))
            }
            DomainKind::Members { groups } => format!("(members of {})", self.rows(*groups)),
            DomainKind::Later { events, mask, within, at_least, .. } => {
                format!("({} then {}{})", parent(), self.masked(*events, *mask), gap(*within, *at_least))
            }
            DomainKind::Between { events, mask, at_least, .. } => {
                format!("({} between {})", self.masked(*events, *mask), parent() + &gap(None, *at_least))
            }
        }
    }

    fn step(&self, step: &SequenceStep) -> String {
        let not = if step.negated { "not " } else { "" };
        let times = if step.times > 1 { format!("{} times ", step.times) } else { String::new() };
        format!("{not}{times}{}{}", self.masked(step.events, step.mask), gap(step.within, step.at_least))
    }
}

fn gap(within: Option<i64>, at_least: Option<i64>) -> String {
    let span = |micros: i64| {
        let units =
            [(86_400_000_000, "days"), (3_600_000_000, "hours"), (60_000_000, "minutes"), (1_000_000, "seconds")];
        let unit = units.into_iter().find(|(unit, _)| micros % unit == 0);
        unit.map_or_else(|| format!("{micros} us"), |(unit, name)| format!("{} {name}", micros / unit))
    };
    let within = within.map(|within| format!(" within {}", span(within))).unwrap_or_default();
    let at_least = at_least.map(|least| format!(" after at least {}", span(least))).unwrap_or_default();
    within + &at_least
}
