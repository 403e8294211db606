//! The layout of expressions, collections and steps. May import `syntax`. Invariant: says where lines may break and
//! nothing else; the words come from the [`Cursor`].

use super::cursor::{Cursor, INDENT, Sep};
use crate::syntax::ast::{BinaryOp, Collection, Expr, ExprKind, Literal, Path, Source, Step, Window, WindowKind};

/// `where ` is two columns wider than `and `, so that this aligns the operands of a chain.
pub(super) const WHERE_CHAIN: usize = 2;

impl Cursor<'_> {
    /// An expression; the separator before it is the caller's.
    pub(super) fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Or(operands) | ExprKind::And(operands) => self.chain(operands, WHERE_CHAIN),
            ExprKind::Path(_) => self.glue_to(e.span.end),
            ExprKind::List(items) => self.list(items, e.span.start),
            ExprKind::Paren(inner) => {
                self.lead_to(e.span.start);
                self.bracketed(Sep::SoftLine, false, |c| c.inside(inner));
            }
            ExprKind::Call { function, args } => {
                self.glue_to(function.span.end);
                self.bracketed(Sep::SoftLine, false, |c| {
                    c.items(args, |c, arg| c.expr(arg));
                    c.skip_comma();
                    false
                });
            }
            ExprKind::Not(operand) => self.children(&[operand], e.span.end),
            ExprKind::Negate(operand) => {
                self.token();
                self.sep(Sep::None);
                self.expr(operand);
            }
            ExprKind::Binary { op, lhs, rhs, .. } => self.binary(e, op.node, lhs, rhs),
            ExprKind::Between { value, low, high, .. } => self.children(&[value, low, high], e.span.end),
            ExprKind::InWindow { value, window, .. } => {
                self.expr(value);
                self.children(&window_parts(window), e.span.end);
            }
            ExprKind::Default { value, default } => self.children(&[value, default], e.span.end),
            ExprKind::IsPresent { value, .. } | ExprKind::Ago(value) | ExprKind::FromNow(value) => {
                self.children(&[value], e.span.end);
            }
            ExprKind::If { condition, then, otherwise } => self.conditional(condition, then, otherwise),
            ExprKind::Aggregate { value, collection, satisfy, .. } => {
                self.token();
                self.bracketed(Sep::SoftLine, false, |c| c.aggregated(value.as_ref(), collection, satisfy.as_ref()));
            }
            ExprKind::Sequence(steps) => self.sequence(steps),
            ExprKind::Literal(_) | ExprKind::Now | ExprKind::Day(_) | ExprKind::Error => self.tokens_to(e.span.end),
        }
    }

    /// Expressions in the order of the text with the words between them, on one line where nothing inside breaks.
    pub(super) fn children(&mut self, parts: &[&Expr], end: u32) {
        for part in parts {
            self.lead_to(part.span.start);
            self.expr(part);
        }
        self.tokens_to(end);
    }

    /// `a and b`, each operator at the beginning of its line where it breaks. An author's break before the first
    /// operator stays: conditions are often easier to read one on each line.
    pub(super) fn chain(&mut self, operands: &[Expr], columns: usize) {
        self.begin_group();
        let force = self.chain_inside(operands, columns);
        self.out.end_group(force);
    }

    /// A chain whose group is the caller's; whether it must break.
    fn chain_inside(&mut self, operands: &[Expr], columns: usize) -> bool {
        let [first, rest @ ..] = operands else { return false };
        self.expr(first);
        let force = rest.first().is_some_and(|second| self.has_line_break_before(second.span.start));
        self.out.begin();
        for operand in rest {
            self.sep(Sep::Line);
            self.lead_to(operand.span.start);
            self.expr(operand);
        }
        self.out.end_indent(columns);
        force
    }

    /// What a parenthesis holds: a chain breaks with the parenthesis.
    fn inside(&mut self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Or(operands) | ExprKind::And(operands) => self.chain_inside(operands, 0),
            _ => {
                self.expr(e);
                false
            }
        }
    }

    /// What follows the word of a clause; a chain's operators stand `columns` right of that word.
    pub(super) fn condition(&mut self, e: &Expr, columns: usize) {
        self.lead_to(e.span.start);
        match &e.kind {
            ExprKind::Or(operands) | ExprKind::And(operands) => self.chain(operands, columns),
            _ => self.expr(e),
        }
    }

    fn binary(&mut self, e: &Expr, op: BinaryOp, lhs: &Expr, rhs: &Expr) {
        let operands = same_precedence(op, lhs, rhs);
        let [first, rest @ ..] = operands.as_slice() else { return };
        self.begin_group();
        self.expr(first);
        let mut before = *first;
        for operand in rest {
            // A bracket breaks inside, and what is after it stays on the line of its end.
            let hugs = is_bracketed(before) || is_bracketed(operand);
            self.out.begin();
            self.out.begin();
            self.sep(if hugs { Sep::Space } else { Sep::Line });
            self.lead_to(operand.span.start);
            self.expr(operand);
            self.out.end_indent(if hugs { 0 } else { INDENT });
            self.out.end_group(false);
            before = operand;
        }
        self.tokens_to(e.span.end);
        self.out.end_group(false);
    }

    fn conditional(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr) {
        self.begin_group();
        self.lead_to(condition.span.start);
        self.expr(condition);
        self.out.begin();
        for part in [then, otherwise] {
            self.sep(Sep::Line);
            self.lead_to(part.span.start);
            self.expr(part);
        }
        self.out.end_indent(INDENT);
        self.out.end_group(false);
    }

    fn list(&mut self, items: &[Expr], start: u32) {
        let scalars = items.iter().all(is_scalar);
        self.lead_to(start);
        self.bracketed(Sep::SoftLine, false, |c| {
            if scalars {
                c.filled(items, |c, item| c.expr(item));
            } else {
                c.items(items, |c, item| c.expr(item));
            }
            c.trailing_comma();
            false
        });
    }

    /// Things with commas between them, each on its own line where the group breaks.
    pub(super) fn items<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        for (i, it) in items.iter().enumerate() {
            if i > 0 {
                self.comma();
                self.sep(Sep::Line);
            }
            item(self, it);
        }
    }

    /// Things with commas between them, as many on a line as fit.
    pub(super) fn filled<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        for (i, it) in items.iter().enumerate() {
            if i > 0 {
                self.comma();
            }
            self.out.begin();
            if i > 0 {
                self.sep(Sep::Line);
            }
            item(self, it);
            self.out.end_group(false);
        }
    }

    /// The inside of `sum(E of C)`, `any(C)`, `all(C satisfy P)`.
    fn aggregated(&mut self, value: Option<&Expr>, collection: &Collection, satisfy: Option<&Expr>) -> bool {
        if let Some(value) = value {
            self.lead_to(value.span.start);
            self.expr(value);
            self.sep(Sep::Line);
        }
        self.collection(collection, Sep::Line);
        if let Some(satisfy) = satisfy {
            self.sep(Sep::Line);
            self.condition(satisfy, WHERE_CHAIN);
        }
        false
    }

    /// `source as name in last 30 days where P`; `line` stands before `where`.
    pub(super) fn collection(&mut self, collection: &Collection, line: Sep) {
        self.lead_to(collection.span.start);
        self.source(&collection.source);
        let parts = collection.window.iter().flat_map(window_parts).collect();
        self.filtered(parts, collection.filter.as_ref(), collection.span.end, line);
    }

    fn source(&mut self, source: &Source) {
        match source {
            Source::Path(path) => self.path(path),
            Source::Top { of, by, .. } | Source::Groups { of, by } => {
                self.begin_group();
                self.collection(of, Sep::Line);
                self.sep(Sep::Line);
                self.lead_to(by.span.start);
                self.expr(by);
                self.out.end_group(false);
            }
            Source::Error(span) => self.tokens_to(span.end),
        }
    }

    /// What follows a source: alias, window, gaps, and the filter after `line`.
    fn filtered(&mut self, parts: Vec<&Expr>, filter: Option<&Expr>, end: u32, line: Sep) {
        self.children(&parts, filter.map_or(end, |filter| self.token_before(filter.span.start)));
        if let Some(filter) = filter {
            self.sep(line);
            self.condition(filter, WHERE_CHAIN);
        }
    }

    fn sequence(&mut self, steps: &[Step]) {
        self.token();
        let broken = steps.first().is_some_and(|step| self.has_line_break_before(step.span.start));
        self.bracketed(Sep::SoftLine, broken, |c| {
            for (i, step) in steps.iter().enumerate() {
                if i > 0 {
                    c.sep(Sep::Line);
                }
                c.step(step, if i > 0 { "then ".len() } else { INDENT });
            }
            false
        });
    }

    /// A step, its `where` `columns` right of where it begins: under what follows `then `.
    fn step(&mut self, step: &Step, columns: usize) {
        self.lead_to(step.span.start);
        self.begin_group();
        self.lead_to(step.collection.span.start);
        self.source(&step.collection.source);
        self.out.begin();
        let mut parts: Vec<&Expr> = step.collection.window.iter().flat_map(window_parts).collect();
        parts.extend(step.within.iter().chain(&step.after_at_least));
        parts.sort_by_key(|part| part.span.start);
        self.filtered(parts, step.collection.filter.as_ref(), step.span.end, Sep::Line);
        self.out.end_indent(columns);
        self.out.end_group(false);
    }

    /// `a.b["c"]`
    pub(super) fn path(&mut self, path: &Path) {
        self.lead_to(path.span.start);
        self.glue_to(path.span.end);
    }
}

/// The expressions of a window in the order of the text.
fn window_parts(window: &Window) -> Vec<&Expr> {
    match &window.kind {
        WindowKind::Last(e)
        | WindowKind::Next(e)
        | WindowKind::Previous(e)
        | WindowKind::On(e)
        | WindowKind::Before(e)
        | WindowKind::After(e) => vec![e],
        WindowKind::This(_) => Vec::new(),
        WindowKind::Between(a, b) => vec![a, b],
    }
}

/// The operands of `a + b - c`, which the tree holds as nested pairs; of any other operator its two.
fn same_precedence<'e>(op: BinaryOp, lhs: &'e Expr, rhs: &'e Expr) -> Vec<&'e Expr> {
    let mut operands = vec![rhs];
    let mut left = lhs;
    if let Some(level) = arithmetic_level(op) {
        while let ExprKind::Binary { op, lhs, rhs, .. } = &left.kind {
            if arithmetic_level(op.node) != Some(level) {
                break;
            }
            operands.push(rhs);
            left = lhs;
        }
    }
    operands.push(left);
    operands.reverse();
    operands
}

fn arithmetic_level(op: BinaryOp) -> Option<u8> {
    match op {
        BinaryOp::Add | BinaryOp::Sub => Some(0),
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::IntDiv | BinaryOp::Rem => Some(1),
        BinaryOp::Eq
        | BinaryOp::Ne
        | BinaryOp::Lt
        | BinaryOp::Le
        | BinaryOp::Gt
        | BinaryOp::Ge
        | BinaryOp::In
        | BinaryOp::Contains
        | BinaryOp::StartsWith
        | BinaryOp::EndsWith
        | BinaryOp::Like
        | BinaryOp::Matches
        | BinaryOp::HasAny
        | BinaryOp::HasAll
        | BinaryOp::Within => None,
    }
}

/// Whether an expression ends or begins with a bracket that breaks inside, so that it need not begin a line.
fn is_bracketed(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::List(_)
        | ExprKind::Paren(_)
        | ExprKind::Call { .. }
        | ExprKind::Aggregate { .. }
        | ExprKind::Sequence(_) => true,
        ExprKind::Not(operand) => is_bracketed(operand),
        ExprKind::Literal(_)
        | ExprKind::Now
        | ExprKind::Day(_)
        | ExprKind::Path(_)
        | ExprKind::Negate(_)
        | ExprKind::Or(_)
        | ExprKind::And(_)
        | ExprKind::Binary { .. }
        | ExprKind::Between { .. }
        | ExprKind::InWindow { .. }
        | ExprKind::IsPresent { .. }
        | ExprKind::If { .. }
        | ExprKind::Default { .. }
        | ExprKind::Ago(_)
        | ExprKind::FromNow(_)
        | ExprKind::Error => false,
    }
}

/// Whether a value may begin on the line of its `=`, because it breaks inside a bracket.
pub(super) fn hugs(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Binary { lhs, rhs, .. } => is_bracketed(lhs) || is_bracketed(rhs),
        _ => is_bracketed(e),
    }
}

/// Whether many of these may share a line.
pub(super) fn is_scalar(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Literal(Literal::String(text)) => text.len() <= 40,
        ExprKind::Literal(_) => true,
        ExprKind::Negate(operand) => is_scalar(operand),
        _ => false,
    }
}
