//! The layout of items, clauses and tests. May import `syntax`. Invariant: says where lines may break and nothing
//! else; the words come from the [`Cursor`].

use std::borrow::Cow;

use super::cursor::{Cursor, INDENT, Sep};
use super::exprs::{WHERE_CHAIN, hugs, is_scalar};
use crate::syntax::ast::{
    Collection, Expr, File, Item, ItemKind, Parameter, Path, PropensityClause, SegmentClause, Spanned, TestClause,
    TestEvent, TestField, TestValue, TypeExpr,
};
use crate::syntax::token::Token;

/// The clause words of a propensity are padded to this many columns (`predict`).
const PROPENSITY_WORD: usize = 7;
/// What follows such a word is aligned with itself.
const PROPENSITY_BODY: usize = PROPENSITY_WORD + 1;
/// As `where ` for [`WHERE_CHAIN`].
const PROPENSITY_CHAIN: usize = PROPENSITY_BODY - "and ".len();

impl Cursor<'_> {
    /// The whole file.
    pub(super) fn file(&mut self, file: &File) {
        for (i, item) in file.items.iter().enumerate() {
            let apart = i > 0 && (is_block(item) || is_block(&file.items[i - 1]));
            self.sep(if apart { Sep::Blank } else { Sep::Hard });
            self.item(item);
            self.tokens_to(item.span.end);
        }
        self.tokens_to(u32::MAX);
        self.inner_comments();
    }

    fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Schema(_) | ItemKind::Import(_) | ItemKind::Error => self.tokens_to(item.span.end),
            ItemKind::Param { ty, value, .. } => {
                self.type_expr(ty);
                self.assigned(value);
            }
            ItemKind::Let { name, params, ty, value } => {
                self.tokens_to(name.span.end);
                self.parameters(params);
                if let Some(ty) = ty {
                    self.type_expr(ty);
                }
                self.assigned(value);
            }
            ItemKind::Event { collection, .. } => self.event(collection),
            ItemKind::Segment { clauses, .. } => self.block(item.span.end, clauses, Self::segment_clause),
            ItemKind::Propensity { clauses, .. } => self.block(item.span.end, clauses, Self::propensity_clause),
            ItemKind::Test { clauses, .. } => self.block(item.span.end, clauses, Self::test_clause),
        }
    }

    fn type_expr(&mut self, ty: &TypeExpr) {
        self.lead_to(ty.span.start);
        self.glue_to(ty.span.end);
    }

    fn parameters(&mut self, params: &[Parameter]) {
        if self.peek() != Some(Token::LParen) {
            return;
        }
        self.bracketed(Sep::SoftLine, false, |c| {
            c.items(params, |c, param| c.type_expr(&param.ty));
            c.skip_comma();
            false
        });
    }

    /// `= value`, the value on the next line where it does not fit.
    fn assigned(&mut self, value: &Expr) {
        self.tokens_to(value.span.start);
        if hugs(value) {
            self.sep(Sep::Space);
            return self.expr(value);
        }
        self.out.begin();
        self.out.begin();
        self.sep(Sep::Line);
        self.condition(value, 0);
        self.out.end_indent(INDENT);
        self.out.end_group(false);
    }

    fn event(&mut self, collection: &Collection) {
        self.lead_to(collection.span.start);
        self.out.begin();
        self.collection(collection, Sep::Hard);
        self.out.end_indent(INDENT);
    }

    /// What stands before the brace, and the clauses, one on each line.
    fn block<C>(&mut self, end: u32, clauses: &[Spanned<C>], mut clause: impl FnMut(&mut Self, &Spanned<C>)) {
        if !self.token_to(Token::LBrace, end) {
            return;
        }
        self.bracketed(Sep::Hard, false, |c| {
            for (i, it) in clauses.iter().enumerate() {
                if i > 0 {
                    c.sep(Sep::Hard);
                }
                c.lead_to(it.span.start);
                clause(c, it);
                c.tokens_to(it.span.end);
            }
            false
        });
    }

    fn segment_clause(&mut self, clause: &Spanned<SegmentClause>) {
        match &clause.node {
            SegmentClause::Where(condition) => self.condition(condition, WHERE_CHAIN),
            SegmentClause::Rank { by, .. } => {
                // Under `where`.
                self.token_as(Cow::Borrowed("rank  by"));
                self.children(&[by], clause.span.end);
            }
            SegmentClause::Sample { percent, .. } => self.percentage(percent),
            SegmentClause::Error => self.tokens_to(clause.span.end),
        }
    }

    fn percentage(&mut self, percent: &Spanned<String>) {
        self.lead_to(percent.span.start);
        self.token();
        if self.peek() == Some(Token::Percent) {
            self.token();
        }
    }

    fn propensity_clause(&mut self, clause: &Spanned<PropensityClause>) {
        let word = self.token();
        self.pad(word, PROPENSITY_WORD);
        match &clause.node {
            PropensityClause::Predict(e) | PropensityClause::For(e) => self.condition(e, PROPENSITY_CHAIN),
            PropensityClause::Using(paths) | PropensityClause::Static(paths) | PropensityClause::Deny(paths) => {
                self.aligned(paths, |c, path: &Path| c.path(path));
            }
            PropensityClause::Require(gates) => self.aligned(gates, |c, gate: &Expr| {
                c.lead_to(gate.span.start);
                c.expr(gate);
            }),
            PropensityClause::Cutoffs { every, over } => self.children(&[every, over], clause.span.end),
            PropensityClause::MaxAge(e) | PropensityClause::Quality(e) => self.children(&[e], clause.span.end),
            PropensityClause::Control { percent, .. } => self.percentage(percent),
            PropensityClause::Mapping { path, .. } => self.path(path),
            PropensityClause::Number { .. }
            | PropensityClause::Buckets(_)
            | PropensityClause::Kind(_)
            | PropensityClause::Scale(_)
            | PropensityClause::Error => self.tokens_to(clause.span.end),
        }
    }

    /// Things with commas after a propensity's word, as many on a line as fit, under the first.
    fn aligned<T>(&mut self, items: &[T], item: impl FnMut(&mut Self, &T)) {
        self.sep(Sep::Space);
        self.out.begin();
        self.out.begin();
        self.filled(items, item);
        self.out.end_indent(PROPENSITY_BODY);
        self.out.end_group(false);
    }

    fn test_clause(&mut self, clause: &Spanned<TestClause>) {
        match &clause.node {
            TestClause::Now(e) => self.children(&[e], clause.span.end),
            TestClause::Profile { name, fields } => {
                self.tokens_to(name.span.end);
                self.fields(fields, Sep::Hard);
            }
            TestClause::Object { key, fields, .. } => {
                self.tokens_to(key.span.end);
                self.fields(fields, Sep::Hard);
            }
            TestClause::Expect { .. } | TestClause::Error => self.tokens_to(clause.span.end),
        }
    }

    fn fields(&mut self, fields: &[TestField], line: Sep) {
        if self.peek() != Some(Token::LBrace) {
            return;
        }
        self.bracketed(line, false, |c| {
            for (i, field) in fields.iter().enumerate() {
                if i > 0 {
                    c.skip_comma();
                    c.sep(line);
                }
                c.field(field);
            }
            c.skip_comma();
            false
        });
    }

    fn field(&mut self, field: &TestField) {
        match field {
            TestField::Value { path, value } => {
                self.path(path);
                self.value(value);
            }
            TestField::Events { events, span } => {
                self.lead_to(span.start);
                self.token();
                self.bracketed(Sep::Hard, false, |c| {
                    for (i, event) in events.iter().enumerate() {
                        if i > 0 {
                            c.skip_comma();
                            c.sep(Sep::Hard);
                        }
                        c.test_event(event);
                    }
                    c.skip_comma();
                    false
                });
                self.tokens_to(span.end);
            }
        }
    }

    fn test_event(&mut self, event: &TestEvent) {
        self.path(&event.event);
        self.lead_to(event.at.span.start);
        self.expr(&event.at);
        // One field may stand beside the event; more are a list.
        self.fields(&event.fields, if event.fields.len() > 1 { Sep::Hard } else { Sep::Line });
        self.tokens_to(event.span.end);
    }

    /// What stands before a value, and the value.
    fn value(&mut self, value: &TestValue) {
        match value {
            TestValue::Expr(e) => {
                self.lead_to(e.span.start);
                self.expr(e);
            }
            TestValue::List(values, span) => {
                let scalars = values.iter().all(|value| matches!(value, TestValue::Expr(e) if is_scalar(e)));
                self.lead_to(span.start);
                self.bracketed(Sep::SoftLine, false, |c| {
                    if scalars {
                        c.filled(values, Self::value);
                    } else {
                        c.items(values, Self::value);
                    }
                    c.trailing_comma();
                    false
                });
            }
            TestValue::Object(entries, span) => {
                self.lead_to(span.start);
                self.bracketed(Sep::Line, false, |c| {
                    for (i, (key, value)) in entries.iter().enumerate() {
                        if i > 0 {
                            c.certain_comma();
                            c.sep(Sep::Line);
                        }
                        c.path(key);
                        c.value(value);
                    }
                    c.trailing_comma();
                    false
                });
            }
        }
    }
}

/// Whether an item is set off by empty lines.
fn is_block(item: &Item) -> bool {
    match &item.kind {
        ItemKind::Segment { .. } | ItemKind::Propensity { .. } | ItemKind::Test { .. } => true,
        ItemKind::Event { collection, .. } => collection.filter.is_some(),
        ItemKind::Schema(_) | ItemKind::Import(_) | ItemKind::Param { .. } | ItemKind::Let { .. } | ItemKind::Error => {
            false
        }
    }
}
