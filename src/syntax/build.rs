//! What the grammar's actions build the tree with. Every expression comes from [`Builder::expr`], which counts its depth
//! and refuses to go deeper than the limit. Imports the tree, tokens and errors. Invariant: no tree it gives out is deeper
//! than [`limits::NESTING`], except for a chain of sources of an `event`, which the lexer bounds.

use std::cell::Cell;

use super::ast::*;
use super::recover::{Recovery, Report};
use super::token::{Lexeme, aggregate_name};
use super::{errors, strings};
use crate::diagnostics::Diagnostic;
use crate::limits;
use crate::source::{FileId, Span};

/// Builds the tree of one file.
pub struct Builder<'s> {
    file: FileId,
    text: &'s str,
    tokens: &'s [Lexeme<'s>],
    /// Where the last search among the tokens ended.
    near: Cell<usize>,
    report: Report<'s>,
    /// What the parser and the actions found wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Where `null` was read and no comparison has taken it yet.
    nulls: Vec<Span>,
    /// How many syntax errors there were; shared with the token stream, which ends when there are too many.
    errors: &'s Cell<usize>,
}

impl<'s> Builder<'s> {
    /// A builder for the tokens of a text.
    pub fn new(file: FileId, text: &'s str, tokens: &'s [Lexeme<'s>], errors: &'s Cell<usize>) -> Self {
        let report = Report::new(file, text, tokens);
        Builder { file, text, tokens, near: Cell::new(0), report, diagnostics: Vec::new(), nulls: Vec::new(), errors }
    }

    /// The span from byte `start` to the last token before byte `end`: for the parser, a rule whose last part is left
    /// out ends where the next token begins.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let next = self.next_token(end);
        let last = next.checked_sub(1).map_or(end, |i| self.tokens[i].end as usize);
        Span::new(self.file, start, end.min(last).max(start))
    }

    /// The first token that begins at or after byte `at`. The parser asks for places near the one it asked for before.
    fn next_token(&self, at: usize) -> usize {
        let before = |i: usize| self.tokens.get(i).is_some_and(|lexeme| (lexeme.start as usize) < at);
        let mut i = self.near.get();
        for _ in 0..8 {
            match (i == 0 || before(i - 1), before(i)) {
                (true, true) => i += 1,
                (false, _) => i -= 1,
                (true, false) => {
                    self.near.set(i);
                    return i;
                }
            }
        }
        i = self.tokens.partition_point(|lexeme| (lexeme.start as usize) < at);
        self.near.set(i);
        i
    }

    /// Reports what the parser could not read.
    pub fn recover(&mut self, recovery: Recovery<'s>) {
        self.errors.set(self.errors.get() + 1);
        self.diagnostics.extend(self.report.diagnostic(recovery));
    }

    /// Reports what an action found.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.errors.set(self.errors.get() + 1);
        self.diagnostics.push(diagnostic);
    }

    /// Reports the `null`s that no comparison took.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        for span in std::mem::take(&mut self.nulls) {
            self.diagnostics.push(errors::null_literal(span, None));
        }
        self.diagnostics
    }

    fn slice(&self, span: Span) -> &'s str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// A string's inside with its escapes decoded; the lexer has reported those that mean nothing.
    pub fn string(&self, raw: &str) -> String {
        strings::decode(raw, |_| ())
    }

    /// An expression; beyond the limit it is an error node, reported once.
    pub fn expr(&mut self, start: usize, kind: ExprKind, end: usize) -> Expr {
        let span = self.span(start, end);
        let depth = 1 + child_depth(&kind);
        self.node(kind, span, depth)
    }

    fn node(&mut self, kind: ExprKind, span: Span, depth: usize) -> Expr {
        if depth <= limits::NESTING {
            return Box::new(ExprNode { kind, span, depth: depth as u16 });
        }
        if !self.diagnostics.iter().rev().take(1).any(|last| is_within(last, span)) {
            self.report(errors::too_deep(span));
        }
        Box::new(ExprNode { kind: ExprKind::Error, span, depth: limits::NESTING as u16 })
    }

    /// `lhs and rhs` or `lhs or rhs`, flat: `join` makes the node, `parts` takes one apart.
    pub fn chain(
        &mut self,
        lhs: Expr,
        rhs: Expr,
        join: fn(Vec<Expr>) -> ExprKind,
        parts: fn(&mut ExprKind) -> Option<&mut Vec<Expr>>,
    ) -> Expr {
        let mut lhs = lhs;
        let span = lhs.span.to(rhs.span);
        let depth = usize::from(rhs.depth) + 1;
        if depth <= limits::NESTING
            && let Some(operands) = parts(&mut lhs.kind)
        {
            operands.push(rhs);
            lhs.span = span;
            lhs.depth = lhs.depth.max(depth as u16);
            return lhs;
        }
        let depth = depth.max(usize::from(lhs.depth) + 1);
        self.node(join(vec![lhs, rhs]), span, depth)
    }

    /// `lhs op rhs` of the comparisons; a comparison with `null` becomes the test that was meant.
    pub fn compare(&mut self, lhs: Expr, op: Spanned<BinaryOp>, rhs: Expr, ignoring_case: bool) -> ExprKind {
        let absent = match op.node {
            BinaryOp::Eq => Some(true),
            BinaryOp::Ne => Some(false),
            _ => None,
        };
        match absent {
            Some(absent) if self.nulls.last() == Some(&rhs.span) => {
                self.nulls.pop();
                let text = if absent { "is absent" } else { "is present" };
                self.report(errors::null_literal(rhs.span, Some((op.span.to(rhs.span), text))));
                ExprKind::IsPresent { absent, value: lhs }
            }
            _ => ExprKind::Binary { op, negated: false, lhs, rhs, ignoring_case },
        }
    }

    /// `count(list > 3)`, `any(age >= 18)`: a condition where a collection belongs.
    pub fn condition(&mut self, start: usize, end: usize) -> ExprKind {
        let span = self.span(start, end);
        self.report(errors::condition_for_collection(span));
        ExprKind::Error
    }

    /// What stands for an unreadable field of a test: no events.
    pub fn no_field(&self, start: usize, end: usize) -> TestField {
        TestField::Events { events: Vec::new(), span: self.span(start, end) }
    }

    /// The type of a `param` or parameter that is written without one: reported, and unknown.
    pub fn untyped(&mut self, name: &Ident, value: Option<&Expr>) -> TypeExpr {
        let ty = value.and_then(|value| match &value.kind {
            ExprKind::Literal(literal) => literal_type(literal),
            _ => None,
        });
        self.report(errors::missing_type(name.span, &name.node, ty));
        let span = name.span.at_end();
        TypeExpr { name: Ident { node: String::new(), span }, argument: None, optional: false, span }
    }

    /// `segment name = condition`
    pub fn without_braces(&mut self, start: usize, end: usize, condition: Expr) -> Vec<Spanned<SegmentClause>> {
        let (equals, span) = (self.span(start, end), condition.span);
        self.report(errors::segment_without_braces(equals, span));
        vec![Spanned { node: SegmentClause::Where(condition), span }]
    }

    /// `=` where a test writes `:`.
    pub fn colon(&mut self, start: usize, end: usize) {
        let span = self.span(start, end);
        self.report(errors::foreign_operator(span, "=", ":"));
    }

    /// `=` where `==` is meant.
    pub fn assignment(&mut self, start: usize, end: usize) -> BinaryOp {
        let span = self.span(start, end);
        self.report(errors::foreign_operator(span, "=", "=="));
        BinaryOp::Eq
    }

    /// `null`: an error unless a comparison takes it.
    pub fn null(&mut self, start: usize, end: usize) -> ExprKind {
        self.nulls.push(self.span(start, end));
        ExprKind::Error
    }

    /// `a < b < c`: the first comparison stays.
    pub fn chained(&mut self, relation: Expr, op: Spanned<BinaryOp>) -> Expr {
        let middle = match &relation.kind {
            ExprKind::Binary { rhs, .. } => self.slice(rhs.span),
            _ => "",
        };
        if middle.is_empty() {
            let found = format!("`{}`", self.slice(op.span));
            self.report(errors::unexpected(op.span, &found, "`and` or `or`"));
        } else {
            self.report(errors::chained_comparison(op.span, middle));
        }
        relation
    }

    /// A path of one name.
    pub fn path(&self, root: Ident) -> Path {
        Path { span: root.span, root, steps: Vec::new() }
    }

    /// A path with one more step that ends at `end`.
    pub fn step(&self, mut path: Path, step: PathStep, end: usize) -> Path {
        path.span = self.span(path.span.start as usize, end);
        path.steps.push(step);
        path
    }

    /// `path[3]`: reported, and a hole in its place, so that nothing is said of the list as a whole.
    pub fn position(&mut self, path: Path, start: usize, end: usize) -> Path {
        let span = self.span(start, end);
        self.report(errors::list_position(span));
        self.step(path, PathStep::Hole(span), end)
    }

    /// An ordinary call of a function whose name is that of a function over a collection: `min(a, b)`.
    pub fn call(&self, function: Spanned<AggregateFn>, args: Vec<Expr>) -> ExprKind {
        let function = Spanned { node: aggregate_name(function.node).to_owned(), span: function.span };
        ExprKind::Call { function, args }
    }
}

/// Whether a diagnostic says that something inside `span` is too deep.
fn is_within(diagnostic: &Diagnostic, span: Span) -> bool {
    diagnostic.code == crate::diagnostics::Code::SEG0119
        && diagnostic.primary().is_some_and(|inner| span.start <= inner.start && inner.end <= span.end)
}

/// The depth of the deepest child.
fn child_depth(kind: &ExprKind) -> usize {
    let of = |expr: &Expr| usize::from(expr.depth);
    let all = |exprs: &[Expr]| exprs.iter().map(of).max().unwrap_or(0);
    match kind {
        ExprKind::Literal(_) | ExprKind::Now | ExprKind::Day(_) | ExprKind::Path(_) | ExprKind::Error => 0,
        ExprKind::List(exprs) | ExprKind::Call { args: exprs, .. } | ExprKind::Or(exprs) | ExprKind::And(exprs) => {
            all(exprs)
        }
        ExprKind::Paren(e) | ExprKind::Not(e) | ExprKind::Negate(e) | ExprKind::Ago(e) | ExprKind::FromNow(e) => of(e),
        ExprKind::Binary { lhs, rhs, .. } => of(lhs).max(of(rhs)),
        ExprKind::Between { value, low, high, .. } => of(value).max(of(low)).max(of(high)),
        ExprKind::InWindow { value, window, .. } => of(value).max(window_depth(window)),
        ExprKind::IsPresent { value, .. } => of(value),
        ExprKind::If { condition, then, otherwise } => of(condition).max(of(then)).max(of(otherwise)),
        ExprKind::Default { value, default } => of(value).max(of(default)),
        ExprKind::Aggregate { value, collection, satisfy, .. } => {
            let parts = [value.as_ref(), satisfy.as_ref()];
            parts.into_iter().flatten().map(of).max().unwrap_or(0).max(collection_depth(collection))
        }
        ExprKind::Sequence(steps) => steps.iter().map(step_depth).max().unwrap_or(0),
    }
}

fn window_depth(window: &Window) -> usize {
    match &window.kind {
        WindowKind::Last(e)
        | WindowKind::Next(e)
        | WindowKind::Previous(e)
        | WindowKind::On(e)
        | WindowKind::Before(e)
        | WindowKind::After(e) => usize::from(e.depth),
        WindowKind::Between(low, high) => usize::from(low.depth.max(high.depth)),
        WindowKind::This(_) => 0,
    }
}

/// A chain of sources (`groups of groups of …`) is bounded by the lexer, so this recursion is too.
fn collection_depth(collection: &Collection) -> usize {
    let source = match &collection.source {
        Source::Path(_) | Source::Error(_) => 0,
        Source::Top { of, by, .. } | Source::Groups { of, by } => 1 + collection_depth(of).max(usize::from(by.depth)),
    };
    let window = collection.window.as_ref().map_or(0, window_depth);
    let filter = collection.filter.as_ref().map_or(0, |filter| usize::from(filter.depth));
    source.max(window).max(filter)
}

fn step_depth(step: &Step) -> usize {
    let gaps = [step.within.as_ref(), step.after_at_least.as_ref()];
    let gap = gaps.into_iter().flatten().map(|e| usize::from(e.depth)).max().unwrap_or(0);
    collection_depth(&step.collection).max(gap)
}

/// The type that a literal has.
fn literal_type(literal: &Literal) -> Option<&'static str> {
    Some(match literal {
        Literal::Bool(_) => "bool",
        Literal::Int(_) => "int",
        Literal::Decimal(_) => "decimal",
        Literal::String(_) => "string",
        Literal::Date(_) => "date",
        Literal::Timestamp(_) => "timestamp",
        Literal::Duration { .. } => "duration",
    })
}
