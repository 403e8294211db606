//! Expressions as nodes. Names its siblings. Invariant: one kind of expression gives one `op`, with the same operands
//! under the same names every time.

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::Object;
use super::definition::Definition;
use super::operands::{self, Operands};
use super::value::{self, type_text};
use crate::builtins::Func;
use crate::builtins::registry::{rule_of_func, rule_of_test};
use crate::hir::{Aggregate, BinderId, Expr, ExprKind, Module};
use crate::types::{CalendarUnit, Type};

/// How definitions are referred to.
#[derive(Clone, Copy)]
pub(super) enum References<'a> {
    /// By their names, parameters by theirs.
    Names,
    /// By their hashes, parameters by their positions: no name that an author chose is left.
    Hashes(&'a FxHashMap<Definition, String>),
}

/// Writes the nodes of one definition.
pub(super) struct Writer<'a> {
    pub module: &'a Module,
    references: References<'a>,
    /// The parameters of the `let` at hand.
    pub locals: &'a [(String, Type)],
    /// The definitions that were referred to, in the order in which they were met, repeated ones too.
    pub reached: Vec<Definition>,
    pub(super) subjects: FxHashMap<BinderId, String>,
    pub(super) counts: FxHashMap<&'static str, usize>,
}

impl<'a> Writer<'a> {
    pub fn new(module: &'a Module, references: References<'a>) -> Self {
        Writer {
            module,
            references,
            locals: &[],
            reached: Vec::new(),
            subjects: FxHashMap::default(),
            counts: FxHashMap::default(),
        }
    }

    /// What stands for a definition.
    pub fn reference(&mut self, definition: Definition) -> Value {
        self.reached.push(definition);
        match self.references {
            References::Hashes(hashes) if hashes.contains_key(&definition) => hashes[&definition].as_str().into(),
            References::Hashes(_) | References::Names => definition.name(self.module).into(),
        }
    }

    /// What stands for a parameter of a `let`.
    pub fn parameter(&self, index: usize, name: &str) -> String {
        match self.references {
            References::Names => name.to_owned(),
            References::Hashes(_) => index.to_string(),
        }
    }

    /// The node of an expression.
    pub fn expr(&mut self, expr: &Expr) -> Value {
        let mut node = Object::new();
        node.insert("op".into(), op(expr).into());
        node.insert("type".into(), type_text(&expr.ty).into());
        self.operands(expr, &mut node);
        Value::Object(node)
    }

    pub(super) fn exprs(&mut self, exprs: &[Expr]) -> Value {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn operands(&mut self, expr: &Expr, node: &mut Object) {
        let mut put = |name: &str, value: Value| node.insert(name.into(), value);
        match &expr.kind {
            ExprKind::Error | ExprKind::Now => {}
            ExprKind::Literal(value) => drop(put("value", value::literal(value))),
            ExprKind::Today(days) => drop(put("days", (*days).into())),
            ExprKind::FromNow { duration, negative: _ } => drop(put("duration", self.expr(duration))),
            ExprKind::Path(path) => self.path(path, node),
            ExprKind::Let(id, arguments) => {
                put("name", self.reference(Definition::Let(*id)));
                let params: &'a [(String, Type)] = self.module.lets.get(id.0 as usize).map_or(&[], |item| &item.params);
                let arguments = arguments.iter().enumerate().map(|(index, argument)| {
                    let name = params.get(index).map_or("", |(name, _)| name.as_str());
                    (self.parameter(index, name), self.expr(argument))
                });
                put("arguments", Value::Object(arguments.collect()));
            }
            ExprKind::Local(index) => {
                let name = self.locals.get(*index).map_or("", |(name, _)| name.as_str());
                put("name", self.parameter(*index, name).into());
            }
            ExprKind::Param(id) => drop(put("name", self.reference(Definition::Param(*id)))),
            ExprKind::Segment(id) => drop(put("name", self.reference(Definition::Segment(*id)))),
            ExprKind::Member { audience, namespace } => {
                put("audience", audience.as_str().into());
                put("namespace", namespace.as_str().into());
            }
            ExprKind::List(items) => drop(put("items", self.exprs(items))),
            ExprKind::Not(operand) => drop(put("operand", self.expr(operand))),
            ExprKind::And(operands) | ExprKind::Or(operands) => drop(put("operands", self.exprs(operands))),
            ExprKind::If { condition, then, otherwise } => {
                put("condition", self.expr(condition));
                put("then", self.expr(then));
                put("otherwise", self.expr(otherwise));
            }
            ExprKind::Default { value, default } => {
                put("value", self.expr(value));
                put("default", self.expr(default));
            }
            ExprKind::IsPresent(value) => drop(put("value", self.expr(value))),
            ExprKind::Test { op, negated, ignoring_case, args } => {
                self.named(operands::of_test(*op), args, node);
                put_flag(node, "negated", *negated);
                put_flag(node, "ignoring_case", *ignoring_case);
            }
            ExprKind::Call { func, args } => {
                if let Func::StartOf(unit) = func {
                    put("unit", unit_word(*unit).into());
                }
                self.named(operands::of_func(*func), args, node);
            }
            ExprKind::InWindow { value, window, negated, ignoring_year } => {
                put("value", self.expr(value));
                put("window", self.window(window));
                put_flag(node, "negated", *negated);
                put_flag(node, "ignoring_year", *ignoring_year);
            }
            ExprKind::Entry { map, key } => {
                put("map", self.expr(map));
                put("key", key.as_str().into());
            }
            ExprKind::Aggregate { function, collection } => {
                // The collection first: it names the subject that the value is read from.
                put("of", self.collection(collection));
                if let Some(value) = function.value() {
                    let name = if let Aggregate::All(_) = function { "satisfy" } else { "value" };
                    put(name, self.expr(value));
                }
            }
            ExprKind::Sequence(sequence) => {
                let steps: Vec<Value> = sequence.steps.iter().map(|step| self.step(step)).collect();
                put("steps", steps.into());
            }
        }
    }

    /// Operands under their names.
    fn named(&mut self, operands: Operands, args: &[Expr], node: &mut Object) {
        match operands {
            Operands::Named(names) => {
                for (name, arg) in names.iter().zip(args) {
                    node.insert((*name).into(), self.expr(arg));
                }
            }
            Operands::All(name) => drop(node.insert(name.into(), self.exprs(args))),
        }
    }
}

/// A flag is there only where it is true.
pub(super) fn put_flag(node: &mut Object, name: &str, flag: bool) {
    if flag {
        node.insert(name.into(), true.into());
    }
}

/// The `op` of an expression.
fn op(expr: &Expr) -> &'static str {
    match &expr.kind {
        ExprKind::Error => "error",
        ExprKind::Literal(_) => "literal",
        ExprKind::Now => "now",
        ExprKind::Today(_) => "today",
        ExprKind::FromNow { duration: _, negative } => {
            if *negative {
                "ago"
            } else {
                "from_now"
            }
        }
        ExprKind::Path(_) => "path",
        ExprKind::Let(..) => "let",
        ExprKind::Local(_) => "argument",
        ExprKind::Param(_) => "param",
        ExprKind::Segment(_) => "segment",
        ExprKind::Member { .. } => "member",
        ExprKind::List(_) => "list",
        ExprKind::Not(_) => "not",
        ExprKind::And(_) => "and",
        ExprKind::Or(_) => "or",
        ExprKind::If { .. } => "if",
        ExprKind::Default { .. } => "default",
        ExprKind::IsPresent(_) => "is_present",
        ExprKind::Test { op, .. } => rule_of_test(*op),
        ExprKind::Call { func, .. } => rule_of_func(*func),
        ExprKind::InWindow { .. } => "in_window",
        ExprKind::Entry { .. } => "entry",
        ExprKind::Aggregate { function, .. } => op_of_aggregate(function),
        ExprKind::Sequence(_) => "sequence",
    }
}

fn op_of_aggregate(function: &Aggregate) -> &'static str {
    match function {
        Aggregate::Any => "any",
        Aggregate::None => "none",
        Aggregate::All(_) => "all",
        Aggregate::Count => "count",
        Aggregate::CountDistinct(_) => "count_distinct",
        Aggregate::Sum(_) => "sum",
        Aggregate::Min(_) => "min",
        Aggregate::Max(_) => "max",
        Aggregate::Average(_) => "average",
        Aggregate::First(_) => "first",
        Aggregate::Last(_) => "last",
        Aggregate::List(_) => "list_of",
    }
}

/// The word of a calendar unit.
pub(super) fn unit_word(unit: CalendarUnit) -> &'static str {
    match unit {
        CalendarUnit::Day => "day",
        CalendarUnit::Week => "week",
        CalendarUnit::Month => "month",
        CalendarUnit::Quarter => "quarter",
        CalendarUnit::Year => "year",
    }
}
