//! Whether a formatted text is the same program with the same comments. May import `syntax`. Invariant: the
//! comparison leaves out spans and nothing else.

use crate::source::{FileId, Span};
use crate::syntax::ast::{
    Collection, Expr, ExprKind, File, Item, ItemKind, Parameter, Path, PathStep, PropensityClause, PropensityFrom,
    SegmentClause, Source, Spanned, Step, TestClause, TestEvent, TestField, TestValue, TypeExpr, Window, WindowKind,
};
use crate::syntax::{self, Parse, Trivia};

/// What differs between a text, which `parse` is of, and its formatted form.
pub(super) fn difference(file: FileId, text: &str, parse: &Parse, formatted: &str) -> Option<&'static str> {
    let again = syntax::parse(file, formatted);
    if again.diagnostics.iter().any(|d| d.is_error()) {
        return Some("it to something that cannot be read");
    }
    if !comments(&parse.trivia, text).eq(comments(&again.trivia, formatted)) {
        return Some("its comments");
    }
    if without_spans(&parse.file) != without_spans(&again.file) {
        return Some("its meaning");
    }
    None
}

fn comments<'t>(trivia: &'t Trivia, text: &'t str) -> impl Iterator<Item = &'t str> {
    trivia.comments.iter().map(|comment| text.get(comment.span.range()).unwrap_or_default())
}

fn without_spans(file: &File) -> File {
    let mut file = file.clone();
    let File { items } = &mut file;
    items.iter_mut().for_each(item);
    file
}

/// Makes every place the same.
fn clear(span: &mut Span) {
    *span = Span::default();
}

fn item(Item { kind, span }: &mut Item) {
    clear(span);
    match kind {
        ItemKind::Schema(path) | ItemKind::Import(path) => leaf(path),
        ItemKind::Param { name, ty, value } => {
            leaf(name);
            type_expr(ty);
            expr(value);
        }
        ItemKind::Let { name, params, ty, value } => {
            leaf(name);
            for Parameter { name, ty } in params {
                leaf(name);
                type_expr(ty);
            }
            ty.iter_mut().for_each(type_expr);
            expr(value);
        }
        ItemKind::Event { name, collection: c } => {
            leaf(name);
            collection(c);
        }
        ItemKind::Segment { name, title, clauses } => {
            leaf(name);
            title.iter_mut().for_each(leaf);
            clauses.iter_mut().for_each(|c| node(c, segment_clause));
        }
        ItemKind::Propensity { name, from, clauses } => {
            leaf(name);
            match from {
                Some(PropensityFrom::Data(source)) => leaf(source),
                Some(PropensityFrom::Adapter { adapter, path: p }) => {
                    leaf(adapter);
                    p.iter_mut().for_each(path);
                }
                Some(PropensityFrom::Model { format, file }) => {
                    leaf(format);
                    leaf(file);
                }
                None => {}
            }
            clauses.iter_mut().for_each(|c| node(c, propensity_clause));
        }
        ItemKind::Test { segment, clauses } => {
            segment.iter_mut().for_each(leaf);
            clauses.iter_mut().for_each(|c| node(c, test_clause));
        }
        ItemKind::Error => {}
    }
}

fn leaf<T>(Spanned { node: _, span }: &mut Spanned<T>) {
    clear(span);
}

fn node<T>(Spanned { node, span }: &mut Spanned<T>, inside: impl FnOnce(&mut T)) {
    clear(span);
    inside(node);
}

fn type_expr(TypeExpr { name, argument, optional: _, span }: &mut TypeExpr) {
    leaf(name);
    argument.iter_mut().for_each(|argument| type_expr(argument));
    clear(span);
}

fn segment_clause(clause: &mut SegmentClause) {
    match clause {
        SegmentClause::Where(e) => expr(e),
        SegmentClause::Rank { by, descending, limit } => {
            expr(by);
            descending.iter_mut().for_each(leaf);
            limit.iter_mut().for_each(leaf);
        }
        SegmentClause::Sample { percent, salt } => {
            leaf(percent);
            salt.iter_mut().for_each(leaf);
        }
        SegmentClause::Error => {}
    }
}

fn propensity_clause(clause: &mut PropensityClause) {
    match clause {
        PropensityClause::Predict(e)
        | PropensityClause::For(e)
        | PropensityClause::MaxAge(e)
        | PropensityClause::Quality(e) => expr(e),
        PropensityClause::Using(paths) | PropensityClause::Static(paths) | PropensityClause::Deny(paths) => {
            paths.iter_mut().for_each(path);
        }
        PropensityClause::Cutoffs { every, over } => {
            expr(every);
            expr(over);
        }
        PropensityClause::Number { setting, value } => {
            leaf(setting);
            leaf(value);
        }
        PropensityClause::Buckets(buckets) => {
            for (name, bound) in buckets {
                leaf(name);
                bound.iter_mut().for_each(leaf);
            }
        }
        PropensityClause::Require(gates) => gates.iter_mut().for_each(expr),
        PropensityClause::Control { percent, salt } => {
            leaf(percent);
            salt.iter_mut().for_each(leaf);
        }
        PropensityClause::Kind(name) | PropensityClause::Scale(name) => leaf(name),
        PropensityClause::Mapping { word, path: p } => {
            leaf(word);
            path(p);
        }
        PropensityClause::Error => {}
    }
}

fn test_clause(clause: &mut TestClause) {
    match clause {
        TestClause::Now(e) => expr(e),
        TestClause::Profile { name, fields } => {
            leaf(name);
            fields.iter_mut().for_each(field);
        }
        TestClause::Object { class, key, fields } => {
            leaf(class);
            expr(key);
            fields.iter_mut().for_each(field);
        }
        TestClause::Expect { profile, negated: _, segment } => {
            leaf(profile);
            leaf(segment);
        }
        TestClause::Error => {}
    }
}

fn field(field: &mut TestField) {
    match field {
        TestField::Value { path: p, value: v } => {
            path(p);
            value(v);
        }
        TestField::Events { events, span } => {
            events.iter_mut().for_each(event);
            clear(span);
        }
    }
}

fn event(TestEvent { event, at, fields, span }: &mut TestEvent) {
    path(event);
    expr(at);
    fields.iter_mut().for_each(field);
    clear(span);
}

fn value(v: &mut TestValue) {
    match v {
        TestValue::Expr(e) => expr(e),
        TestValue::List(values, span) => {
            values.iter_mut().for_each(value);
            clear(span);
        }
        TestValue::Object(entries, span) => {
            for (key, v) in entries {
                path(key);
                value(v);
            }
            clear(span);
        }
    }
}

fn expr(e: &mut Expr) {
    clear(&mut e.span);
    match &mut e.kind {
        ExprKind::Literal(_) | ExprKind::Now | ExprKind::Day(_) | ExprKind::Error => {}
        ExprKind::Path(p) => path(p),
        ExprKind::List(parts) | ExprKind::Or(parts) | ExprKind::And(parts) => parts.iter_mut().for_each(expr),
        ExprKind::Paren(e) | ExprKind::Not(e) | ExprKind::Negate(e) | ExprKind::Ago(e) | ExprKind::FromNow(e) => {
            expr(e)
        }
        ExprKind::Call { function, args } => {
            leaf(function);
            args.iter_mut().for_each(expr);
        }
        ExprKind::Binary { op, negated: _, lhs, rhs, ignoring_case: _ } => {
            leaf(op);
            expr(lhs);
            expr(rhs);
        }
        ExprKind::Between { negated: _, value, low, high, ignoring_year: _ } => {
            [value, low, high].into_iter().for_each(expr);
        }
        ExprKind::InWindow { negated: _, value, window: w, ignoring_year: _ } => {
            expr(value);
            window(w);
        }
        ExprKind::IsPresent { absent: _, value } => expr(value),
        ExprKind::If { condition, then, otherwise } => [condition, then, otherwise].into_iter().for_each(expr),
        ExprKind::Default { value, default } => [value, default].into_iter().for_each(expr),
        ExprKind::Aggregate { function, distinct: _, value, collection: c, satisfy } => {
            leaf(function);
            value.iter_mut().chain(satisfy).for_each(expr);
            collection(c);
        }
        ExprKind::Sequence(steps) => steps.iter_mut().for_each(step),
    }
}

fn step(Step { negated: _, times, collection: c, within, after_at_least, span }: &mut Step) {
    times.iter_mut().for_each(leaf);
    collection(c);
    within.iter_mut().chain(after_at_least).for_each(expr);
    clear(span);
}

fn collection(Collection { source, alias, window: w, filter, span }: &mut Collection) {
    match source {
        Source::Path(p) => path(p),
        Source::Top { bottom: _, count, of, by } => {
            leaf(count);
            collection(of);
            expr(by);
        }
        Source::Groups { of, by } => {
            collection(of);
            expr(by);
        }
        Source::Error(span) => clear(span),
    }
    alias.iter_mut().for_each(leaf);
    w.iter_mut().for_each(window);
    filter.iter_mut().for_each(expr);
    clear(span);
}

fn window(Window { kind, span }: &mut Window) {
    match kind {
        WindowKind::Last(e)
        | WindowKind::Next(e)
        | WindowKind::Previous(e)
        | WindowKind::On(e)
        | WindowKind::Before(e)
        | WindowKind::After(e) => expr(e),
        WindowKind::This(unit) => leaf(unit),
        WindowKind::Between(a, b) => [a, b].into_iter().for_each(expr),
    }
    clear(span);
}

fn path(Path { root, steps, span }: &mut Path) {
    leaf(root);
    for step in steps {
        match step {
            PathStep::Field(name) | PathStep::Key(name) => leaf(name),
            PathStep::Hole(span) => clear(span),
        }
    }
    clear(span);
}
