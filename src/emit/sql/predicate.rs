//! Predicates. Invariant: [`Predicate::expr`] is true exactly where the node is; elsewhere it is false or null, and never
//! null where [`Predicate::total`] says so.

use super::number::without_implied;
use super::record::stored_type;
use super::scope::{Frame, Scope};
use super::unit::UnitKind;
use super::{Emitter, Failure, Result, sql_type};
use crate::builtins::{Func, Test};
use crate::plan::{NodeId, Op, Reduction};
use crate::sql::dialect::{Case, Wild};
use crate::sql::tree::BinaryOp;
use crate::sql::{Expr, Ident, SqlType};
use crate::types::{Ty, Value};
use crate::vector::pattern::Pattern;
use crate::vector::text::{lower_char, upper_char};

/// A predicate as SQL.
#[derive(Debug, Clone)]
pub(super) struct Predicate {
    pub expr: Expr,
    /// Whether it is never null.
    pub total: bool,
}

impl Predicate {
    pub(super) fn new(expr: Expr, total: bool) -> Predicate {
        Predicate { expr, total }
    }

    /// As an expression that is false where the predicate is.
    pub(super) fn never_null(self) -> Expr {
        if self.total { self.expr } else { self.expr.is_true() }
    }

    /// The negation, never null.
    fn negated(self) -> Predicate {
        let expr = match self.expr {
            // Both sides are present, and floats are numbers: the order is total.
            Expr::Binary { op, left, right } if self.total && op.opposite().is_some() => {
                Expr::Binary { op: op.opposite().unwrap_or(op), left, right }
            }
            expr if self.total => expr.negate(),
            expr => expr.is_not_true(),
        };
        Predicate { expr, total: true }
    }
}

impl Emitter<'_> {
    /// The predicate of a node.
    pub(super) fn predicate(&mut self, frame: &mut Frame, scope: &Scope, id: NodeId) -> Result<Predicate> {
        let node = self.node(id);
        Ok(match &node.op {
            Op::Const(Value::Bool(value)) => Predicate::new(Expr::bool(*value), true),
            Op::Gather(inner) => self.predicate(frame, scope, *inner)?,
            Op::Test { op, negated, ignoring_case, args } => {
                self.test(frame, scope, *op, *negated, *ignoring_case, args)?
            }
            Op::And(items) => {
                let (all, total) = self.all(frame, scope, items)?;
                Predicate::new(Expr::and(without_implied(Expr::and(all).conjuncts())), total)
            }
            Op::Or(items) => {
                let (all, total) = self.all(frame, scope, items)?;
                Predicate::new(Expr::or(all), total)
            }
            Op::Not(inner) => match &self.node(*inner).op {
                Op::IsPresent(value) => Predicate::new(self.present(frame, scope, *value)?.negate(), true),
                _ => self.predicate(frame, scope, *inner)?.negated(),
            },
            Op::If { condition, then, otherwise } => {
                let condition = self.predicate(frame, scope, *condition)?.expr;
                let then = self.predicate(frame, scope, *then)?;
                let otherwise = self.predicate(frame, scope, *otherwise)?;
                let total = then.total && otherwise.total;
                Predicate::new(Expr::choose(condition, then.expr, otherwise.expr), total)
            }
            Op::IsPresent(value) => Predicate::new(self.present(frame, scope, *value)?, true),
            Op::Reduce { from, mask, reduction: Reduction::Any } => self.exists(frame, scope, id, *from, *mask)?,
            Op::Top { .. } => self.top(frame, scope, id)?,
            Op::Sequence(_) => {
                let level = self.analysis.of(id).level;
                let unit = self.unit(UnitKind::Sequence(id), level);
                self.joined_flag(frame, unit)
            }
            Op::Membership(index) => {
                let level = self.analysis.of(id).level;
                let unit = self.unit(UnitKind::Members(*index), level);
                self.joined_flag(frame, unit)
            }
            Op::Sample { threshold, salt } => self.sample(frame, *threshold, salt)?,
            Op::Const(_)
            | Op::Absent
            | Op::Column(_)
            | Op::Key
            | Op::Related { .. }
            | Op::Call { .. }
            | Op::List(_)
            | Op::Default { .. }
            | Op::Reduce { .. }
            | Op::ProfileId => {
                let total = !self.nullable(id);
                Predicate::new(self.value(frame, scope, id)?, total)
            }
        })
    }

    /// Whether a value is present.
    fn present(&mut self, frame: &mut Frame, scope: &Scope, id: NodeId) -> Result<Expr> {
        if self.cannot_be_null(&self.node(id).ty.ty) {
            return Ok(Expr::and(self.list_present(frame, scope, id)?));
        }
        Ok(self.value(frame, scope, id)?.is_present())
    }

    fn all(&mut self, frame: &mut Frame, scope: &Scope, items: &[NodeId]) -> Result<(Vec<Expr>, bool)> {
        let mut total = true;
        let mut all = Vec::new();
        for &item in items {
            let predicate = self.predicate(frame, scope, item)?;
            total &= predicate.total;
            all.push(predicate.expr);
        }
        Ok((all, total))
    }

    /// Whether the profile has a row in a unit that has rows of matches only.
    pub(super) fn joined_flag(&mut self, frame: &mut Frame, unit: usize) -> Predicate {
        self.join_unit(frame, unit);
        if frame.required.contains(&unit) {
            return Predicate::new(Expr::bool(true), true);
        }
        let id = Expr::column(&self.units[unit].name, &Ident::generated("profile_id"));
        Predicate::new(id.is_present(), true)
    }

    fn sample(&mut self, frame: &mut Frame, threshold: u64, salt: &str) -> Result<Predicate> {
        if threshold >= 1 << 32 {
            return Ok(Predicate::new(Expr::bool(true), true));
        }
        let id = self.profile_id_text(frame)?;
        let hash = self.dialect.md5(Expr::text(format!("{salt}:")).binary(BinaryOp::Concat, id))?;
        let digits = self.dialect.substring(hash, Expr::int(1), Some(Expr::int(8)))?;
        Ok(Predicate::new(digits.binary(BinaryOp::Lt, Expr::text(format!("{threshold:08x}"))), true))
    }

    fn test(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        op: Test,
        negated: bool,
        fold: bool,
        args: &[NodeId],
    ) -> Result<Predicate> {
        let mut total = args.iter().all(|&arg| !self.nullable(arg));
        if let (&[left, right], false) = (args, negated)
            && let Some(test) = self.float_test(frame, scope, op, left, right)?
        {
            return Ok(Predicate::new(test, total));
        }
        let counted = self.counted_test(frame, scope, op, args)?;
        let expr = match (op, args) {
            _ if let Some(counted) = counted => counted,
            (Test::IsTrue, [value]) => self.value(frame, scope, *value)?,
            (Test::In, [value, list]) => {
                let predicate = self.in_list(frame, scope, *value, *list, fold)?;
                total = predicate.total;
                predicate.expr
            }
            (Test::Like, [text, pattern]) => {
                let pieces = wildcards(&self.literal_text(*pattern)?, fold);
                // A letter that the engine makes two of is not one.
                let beside = (!pieces.contains(&Wild::One)).then_some(*pattern);
                let text = self.folded(frame, scope, *text, fold, beside)?;
                self.like(text, &pieces)?
            }
            (Test::Matches, [text, pattern]) => {
                let pattern = regex(&self.literal_text(*pattern)?)?;
                let text = self.value(frame, scope, *text)?;
                if fold {
                    let folded = self.dialect.fold(text, Case::Lower, true)?;
                    self.dialect.matches(folded, &pattern.fold().print())?
                } else {
                    self.dialect.matches(text, &pattern.print())?
                }
            }
            (Test::Eq, &[left, right]) if !fold && !negated && self.is_end_with_ties(left, right) => {
                return self.is_end(frame, left, right);
            }
            (_, [left, right]) => {
                if let (Test::HasAny | Test::HasAll | Test::Within, Ty::List(element)) = (op, &self.node(*left).ty.ty) {
                    self.dialect.can_compare(&sql_type(element))?;
                }
                let ordering = matches!(op, Test::Lt | Test::Le | Test::Gt | Test::Ge);
                let beside = |other: NodeId| (!ordering).then_some(other);
                let has_constant =
                    matches!(op, Test::HasAny | Test::HasAll) && matches!(self.node(*right).op, Op::Const(_));
                let searched = if has_constant { self.searched(frame, scope, *left, fold)? } else { None };
                let left_expr = match searched {
                    Some(list) => list,
                    None => self.folded(frame, scope, *left, fold, beside(*right))?,
                };
                let right_expr = self.folded(frame, scope, *right, fold, beside(*left))?;
                let (left_expr, right_expr) = if ordering {
                    (self.ordered(*left, left_expr)?, self.ordered(*right, right_expr)?)
                } else {
                    (left_expr, right_expr)
                };
                let left_expr = self.operand(*left, left_expr)?;
                let right_expr = self.operand(*right, right_expr)?;
                match op {
                    Test::Eq if self.is_text(*left) => self.dialect.compared_texts(left_expr, BinaryOp::Eq, right_expr),
                    Test::Ne if self.is_text(*left) => self.dialect.compared_texts(left_expr, BinaryOp::Ne, right_expr),
                    op => self.binary_test(op, left_expr, right_expr)?,
                }
            }
            _ => return Err(Failure::Unsupported("a test of this many operands".to_owned())),
        };
        let expr = if negated { expr.negate() } else { expr };
        let present = self.lists_present(frame, scope, args)?;
        Ok(Predicate::new(Expr::and(present.into_iter().chain([expr])), total))
    }

    /// A stored list that is searched for what is present: its nulls do not matter.
    fn searched(&mut self, frame: &mut Frame, scope: &Scope, list: NodeId, fold: bool) -> Result<Option<Expr>> {
        let (Op::Column(path), Ty::List(element)) = (&self.node(list).op, &self.node(list).ty.ty) else {
            return Ok(None);
        };
        if fold
            || !self.dialect.searches_past_nulls()
            || !matches!(**element, Ty::String | Ty::Enum(_) | Ty::Int | Ty::Date | Ty::Bool)
        {
            return Ok(None);
        }
        let ty = stored_type(&self.node(list).ty.ty);
        self.record_path(frame, scope, self.node(list).domain, path, &ty).map(Some)
    }

    pub(super) fn binary_test(&mut self, op: Test, left: Expr, right: Expr) -> Result<Expr> {
        let compare = |op| Ok(left.clone().binary(op, right.clone()));
        match op {
            Test::Eq => compare(BinaryOp::Eq),
            Test::Ne => compare(BinaryOp::Ne),
            Test::Lt => compare(BinaryOp::Lt),
            Test::Le => compare(BinaryOp::Le),
            Test::Gt => compare(BinaryOp::Gt),
            Test::Ge => compare(BinaryOp::Ge),
            Test::Contains => Ok(self.dialect.contains(left, right)?),
            Test::StartsWith => Ok(self.dialect.starts_with(left, right)?),
            Test::EndsWith => Ok(self.dialect.ends_with(left, right)?),
            Test::HasAny => Ok(self.dialect.list_overlaps(left, right)?),
            Test::HasAll => Ok(self.dialect.list_includes(left, right)?),
            Test::Within => Ok(self.dialect.list_includes(right, left)?),
            Test::IsTrue | Test::In | Test::Like | Test::Matches => {
                Err(Failure::Unsupported("a test of two values".to_owned()))
            }
        }
    }

    /// A value, folded if case is ignored: texts, and lists of texts. What it is compared with, for being equal or a part,
    /// tells whether the engine's own folding is enough.
    fn folded(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        id: NodeId,
        fold: bool,
        beside: Option<NodeId>,
    ) -> Result<Expr> {
        let exact = |this: &Self, case| !beside.is_some_and(|other| this.is_constant_without(other, case));
        if !fold {
            // `lower(x) == "a"` is as good as a comparison that ignores case.
            if let Op::Call { func: func @ (Func::Lower | Func::Upper), args } = &self.node(id).op
                && let [text] = args.as_slice()
            {
                let case = if *func == Func::Lower { Case::Lower } else { Case::Upper };
                let text = self.value(frame, scope, *text)?;
                return Ok(self.dialect.fold(text, case, exact(self, case))?);
            }
            return self.value(frame, scope, id);
        }
        let value = self.value(frame, scope, id)?;
        let exact = exact(self, Case::Lower);
        if let Op::Const(constant) = &self.node(id).op {
            return self.constant(&folded_value(constant), &self.node(id).ty.ty.clone());
        }
        match &self.node(id).ty.ty {
            Ty::List(_) => {
                let item = self.names.fresh("item");
                let text = self.dialect.element(Expr::Var(item.clone()), &SqlType::Text)?;
                let lower = self.dialect.fold(text, Case::Lower, exact)?;
                Ok(self.dialect.list_transform(value, vec![item], lower, &SqlType::Text)?)
            }
            _ => Ok(self.dialect.fold(value, Case::Lower, exact)?),
        }
    }

    pub(super) fn is_text(&self, id: NodeId) -> bool {
        self.type_of(id) == SqlType::Text
    }

    /// A node's value as an operand of an order.
    pub(super) fn ordered(&self, id: NodeId, value: Expr) -> Result<Expr> {
        match self.type_of(id) {
            SqlType::Text => Ok(self.dialect.by_code_point(value)?),
            SqlType::Float => Ok(self.dialect.with_one_zero(value)),
            _ => Ok(value),
        }
    }

    /// Whether a node is a constant that has none of the letters that the engine folds in its own way.
    fn is_constant_without(&self, id: NodeId, case: Case) -> bool {
        let odd = self.dialect.odd_letters(case);
        match &self.node(id).op {
            Op::Const(value) => texts(value).all(|text| {
                let fold = if case == Case::Upper { upper_char } else { lower_char };
                !text.chars().any(|c| odd.contains(&c) || odd.contains(&fold(c)))
            }),
            Op::Gather(inner) => self.is_constant_without(*inner, case),
            _ => false,
        }
    }

    /// The same where the smallest or largest is given back.
    pub(super) fn picked(&self, id: NodeId, value: Expr) -> Result<Expr> {
        if self.is_text(id) {
            self.dialect.can_gather_texts()?;
        }
        self.ordered(id, value)
    }

    /// `value in list`: `IN` over written elements, else a search.
    fn in_list(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        value: NodeId,
        list: NodeId,
        fold: bool,
    ) -> Result<Predicate> {
        let left = self.folded(frame, scope, value, fold, Some(list))?;
        let mut inner = list;
        while let Op::Gather(next) = &self.node(inner).op {
            inner = *next;
        }
        let nullable = self.nullable(value);
        let items = match &self.node(inner).op {
            // Element by element: not every dialect has a list.
            Op::Const(constant @ Value::List(_)) => {
                let constant = if fold { folded_value(constant) } else { constant.clone() };
                let element = if let Ty::List(element) = &self.node(inner).ty.ty { &**element } else { &Ty::Error };
                let Value::List(items) = constant else { return Err(Failure::Unsupported("a list".to_owned())) };
                let items: Result<Vec<Expr>> = items.iter().map(|item| self.constant(item, element)).collect();
                Some((items?, false))
            }
            Op::List(nodes) => {
                let any_null = nodes.iter().any(|&node| self.nullable(node));
                let mut items = Vec::new();
                for &node in nodes {
                    items.push(self.folded(frame, scope, node, fold, Some(value))?);
                }
                Some((items, any_null))
            }
            _ => None,
        };
        let Some((items, any_null)) = items else {
            let right = match self.searched(frame, scope, inner, fold)? {
                Some(stored) => stored,
                None => self.folded(frame, scope, list, fold, Some(value))?,
            };
            let total = !nullable && !self.nullable(list);
            let element = self.type_of(value);
            self.dialect.can_compare(&element)?;
            return Ok(Predicate::new(self.dialect.list_contains(right, left, &element)?, total));
        };
        let expr = match items.len() {
            // Null where the value is, as a comparison would be.
            0 if nullable => Expr::bool(false).when(left.clone().is_present()),
            0 => Expr::bool(false),
            1 if !self.is_text(value) => left.clone().eq(items.into_iter().next().unwrap_or(Expr::bool(false))),
            _ if self.is_text(value) => self.dialect.is_one_of(left.clone(), items),
            _ => Expr::In { expr: Box::new(left.clone()), list: items },
        };
        if !any_null {
            return Ok(Predicate::new(expr, !nullable));
        }
        // Absent elements are no elements: without them the value is in the list or not, unless it is absent itself.
        let expr = expr.is_true();
        Ok(if nullable { Predicate::new(expr.when(left.is_present()), false) } else { Predicate::new(expr, true) })
    }

    /// `like` by the plainest means.
    fn like(&mut self, text: Expr, pattern: &[Wild]) -> Result<Expr> {
        let dialect = self.dialect;
        let lit = |text: &str| Expr::text(text);
        Ok(match pattern {
            [] => dialect.compared_texts(text, BinaryOp::Eq, lit("")),
            [Wild::Text(all)] => dialect.compared_texts(text, BinaryOp::Eq, lit(all)),
            [Wild::Text(start), Wild::Any] => dialect.starts_with(text, lit(start))?,
            [Wild::Any, Wild::Text(end)] => dialect.ends_with(text, lit(end))?,
            [Wild::Any, Wild::Text(part), Wild::Any] => dialect.contains(text, lit(part))?,
            _ => dialect.like(text, pattern)?,
        })
    }

    /// The text that a node always is.
    pub(super) fn literal_text(&self, id: NodeId) -> Result<String> {
        match &self.node(id).op {
            Op::Const(Value::String(text)) => Ok(text.to_string()),
            Op::Gather(inner) => self.literal_text(*inner),
            _ => Err(Failure::Unsupported("a pattern that is not a literal".to_owned())),
        }
    }
}

/// A regular expression of the language.
pub(super) fn regex(text: &str) -> Result<Pattern> {
    Pattern::parse(text).map_err(|error| Failure::Unsupported(format!("a pattern in which {}", error.problem)))
}

/// A pattern in pieces; runs of `%` are one.
fn wildcards(pattern: &str, fold: bool) -> Vec<Wild> {
    let mut pieces: Vec<Wild> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '%' => {
                if pieces.last() != Some(&Wild::Any) {
                    pieces.push(Wild::Any);
                }
                continue;
            }
            '_' => {
                pieces.push(Wild::One);
                continue;
            }
            '\\' => chars.next().unwrap_or('\\'),
            other => other,
        };
        let c = if fold { simple_lowercase(c) } else { c };
        match pieces.last_mut() {
            Some(Wild::Text(text)) => text.push(c),
            _ => pieces.push(Wild::Text(c.to_string())),
        }
    }
    pieces
}

/// Unicode's simple lowercase: of all code points only U+0130 has a full mapping of more than one.
fn simple_lowercase(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// The texts in a constant.
fn texts(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::String(text) => Box::new(std::iter::once(&**text)),
        Value::List(items) => Box::new(items.iter().flat_map(texts)),
        _ => Box::new(std::iter::empty()),
    }
}

fn folded_value(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.chars().map(simple_lowercase).collect::<String>().into()),
        Value::List(items) => Value::List(items.iter().map(folded_value).collect()),
        other => other.clone(),
    }
}
