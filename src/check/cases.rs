//! `test` blocks: profiles, events and expectations, checked against the schema. Imports its siblings. Invariant: a
//! value that comes out is of its field's type.

use std::sync::Arc;

use super::checker::Checker;
use super::memo::CheckedTest;
use super::names::DefKind;
use super::scope::Cursor;
use super::source::event_name;
use super::{convert, errors};
use crate::hir::{self, Expect, Expr, ExprKind, SegmentId, TestEvent, TestObject, TestProfile, TestValue};
use crate::source::Span;
use crate::syntax::ast::{self, Ident, Item, ItemKind, Path, PathStep, Spanned, TestClause, TestField};
use crate::types::{Duration, ObjectId, Ty, Value};

type Fields = Vec<(Vec<String>, TestValue)>;

impl<'a> Checker<'a> {
    /// Checks every `test` of every file that `known` does not give.
    pub fn check_tests(
        &mut self,
        known: &mut dyn FnMut(&mut Self, &Item) -> Option<Arc<hir::Test>>,
    ) -> Vec<CheckedTest<'a>> {
        let input = self.input;
        let mut checked = Vec::new();
        for item in input.files.iter().flat_map(|file| &file.file.items) {
            let ItemKind::Test { segment, clauses } = &item.kind else { continue };
            let test = match known(self, item) {
                Some(made) => CheckedTest { item, made, said: None },
                None => {
                    let others = std::mem::take(&mut self.diagnostics);
                    let made = Arc::new(self.check_test(segment.as_ref(), clauses, item.span));
                    let said = std::mem::replace(&mut self.diagnostics, others);
                    self.diagnostics.extend(said.iter().cloned());
                    CheckedTest { item, made, said: Some(said) }
                }
            };
            self.tests.push(test.made.clone());
            checked.push(test);
        }
        checked
    }

    fn check_test(&mut self, segment: Option<&Ident>, clauses: &[Spanned<TestClause>], span: Span) -> hir::Test {
        let mut test = hir::Test {
            segment: segment.and_then(|name| self.segment_named(name)),
            span,
            now: None,
            profiles: Vec::new(),
            objects: Vec::new(),
            expects: Vec::new(),
        };
        let mut now_at: Option<Span> = None;
        for clause in clauses {
            match &clause.node {
                TestClause::Now(expr) => {
                    if let Some(before) = now_at.replace(clause.span) {
                        self.report(errors::repeated_clause("now", clause.span, before));
                        continue;
                    }
                    test.now = self.test_now(expr);
                }
                TestClause::Profile { name, fields } => {
                    if let Some(first) = test.profiles.iter().find(|p| p.name == name.node) {
                        let first = first.span;
                        self.report(errors::duplicate_profile(name, first));
                    }
                    let profile = self.test_profile(name, fields);
                    test.profiles.push(profile);
                }
                TestClause::Object { class, key, fields } => {
                    let object = self.test_object(class, key, fields);
                    test.objects.extend(object);
                }
                TestClause::Expect { .. } | TestClause::Error => {}
            }
        }
        let broken = clauses.iter().any(|c| matches!(c.node, TestClause::Error));
        for clause in clauses {
            let TestClause::Expect { profile, negated, segment } = &clause.node else { continue };
            let index = test.profiles.iter().position(|p| p.name == profile.node);
            if index.is_none() && !broken && !profile.node.is_empty() {
                self.report(errors::unknown_profile(profile, test.profiles.iter().map(|p| p.name.as_str())));
            }
            if let (Some(segment), Some(profile)) = (self.segment_named(segment), index) {
                test.expects.push(Expect { profile, negated: *negated, segment, span: clause.span });
            }
        }
        test
    }

    fn segment_named(&mut self, name: &Ident) -> Option<SegmentId> {
        if name.node.is_empty() {
            return None;
        }
        match self.names.find(&name.node) {
            Some(def) => match self.names.defs[def.0].kind {
                DefKind::Segment(id) => self.is_visible(def, name.span).then_some(id),
                kind => {
                    self.report(errors::expects_segment(name, kind));
                    None
                }
            },
            None => {
                let segments = self.names.defs.iter().filter(|d| matches!(d.kind, DefKind::Segment(_)));
                let diagnostic = errors::unknown_segment(name, segments.map(|d| d.name.node.as_str()));
                self.report(diagnostic);
                None
            }
        }
    }

    fn test_now(&mut self, expr: &ast::Expr) -> Option<i64> {
        let value = self.expr(expr, None);
        match value.as_literal() {
            Some(Value::Timestamp(instant)) => Some(*instant),
            _ => {
                if !value.is_error() {
                    self.report(errors::test_now(&value));
                }
                None
            }
        }
    }

    fn test_profile(&mut self, name: &Ident, fields: &[TestField]) -> TestProfile {
        let mut profile =
            TestProfile { name: name.node.clone(), span: name.span, fields: Vec::new(), events: Vec::new() };
        for field in fields {
            match field {
                TestField::Value { path, value } => {
                    let object = self.schema.profile;
                    profile.fields.extend(self.test_field(object, path, value));
                }
                TestField::Events { events, .. } => {
                    for event in events {
                        profile.events.extend(self.test_event(event));
                    }
                }
            }
        }
        profile
    }

    /// `product "SKU-1" { … }`
    fn test_object(&mut self, name: &Ident, key: &ast::Expr, fields: &[TestField]) -> Option<TestObject> {
        let schema = self.schema.clone();
        let Some(class) = schema.classes.get(&name.node) else {
            self.report(errors::unknown_class(name, schema.classes.keys().map(String::as_str)));
            return None;
        };
        let key_field = schema.field_at(class.object, class.key.iter().map(String::as_str));
        let key_type = key_field.map_or(Ty::String, |field| field.ty.ty.clone());
        let key = match self.test_scalar(&key_type, key)? {
            TestValue::Value(key) => key,
            TestValue::FromNow { .. } | TestValue::List(_) | TestValue::Object(_) => return None,
        };
        let mut object = TestObject { class: name.node.clone(), key, fields: Fields::new() };
        for field in fields {
            match field {
                TestField::Value { path, value } => object.fields.extend(self.test_field(class.object, path, value)),
                TestField::Events { span, .. } => self.report(errors::misplaced_events("an object", *span)),
            }
        }
        Some(object)
    }

    fn test_event(&mut self, event: &ast::TestEvent) -> Option<TestEvent> {
        let name = event_name(&event.event).filter(|name| !name.is_empty())?;
        if !self.schema.event_types.contains_key(&name) {
            let schema = self.schema.clone();
            let known = crate::diagnostics::suggest::closest(&name, schema.event_types.keys().map(String::as_str));
            if !schema.event_types_open || known.is_some() {
                self.report(errors::unknown_source(&event.event, known));
                return None;
            }
        }
        let at = self.test_value(&Ty::Timestamp, &ast::TestValue::Expr(event.at.clone()));
        let object = self.schema.event;
        let mut fields = Fields::new();
        for field in &event.fields {
            match field {
                TestField::Value { path, value } => fields.extend(self.test_field(object, path, value)),
                TestField::Events { span, .. } => self.report(errors::misplaced_events("an event", *span)),
            }
        }
        Some(TestEvent { event_type: name, at: at?, fields })
    }

    fn test_field(
        &mut self,
        object: ObjectId,
        path: &Path,
        value: &ast::TestValue,
    ) -> Option<(Vec<String>, TestValue)> {
        let (names, ty) = self.test_path(Ty::Object(object), path)?;
        let value = self.test_value(&ty, value)?;
        Some((names, value))
    }

    /// Goes down a path of a test: dots and keys alike, through objects and maps.
    fn test_path(&mut self, start: Ty, path: &Path) -> Option<(Vec<String>, Ty)> {
        let mut ty = start;
        let mut names = Vec::with_capacity(path.steps.len() + 1);
        let root = PathStep::Field(path.root.clone());
        for step in std::iter::once(&root).chain(&path.steps) {
            let (name, span) = match step {
                PathStep::Field(name) => (&name.node, name.span),
                PathStep::Key(key) => (&key.node, key.span),
                PathStep::Hole(_) => return None,
            };
            if name.is_empty() && matches!(step, PathStep::Field(_)) {
                return None;
            }
            ty = match ty {
                Ty::Map(value) => *value,
                Ty::Object(object) => {
                    let mut cursor = self.profile();
                    cursor.ty = Ty::Object(object);
                    let ident = Spanned { node: name.clone(), span };
                    let end: Cursor = self.walk(cursor, &[PathStep::Field(ident)], path)?;
                    end.ty
                }
                Ty::Error => return None,
                ty => {
                    let ident = Spanned { node: name.clone(), span };
                    self.report(errors::no_fields(&ty, &ident, path));
                    return None;
                }
            };
            names.push(name.clone());
        }
        Some((names, ty))
    }

    /// A value against the type of its field.
    fn test_value(&mut self, ty: &Ty, value: &ast::TestValue) -> Option<TestValue> {
        match (value, ty) {
            (ast::TestValue::List(items, _), Ty::List(element)) => {
                let values: Vec<Option<TestValue>> = items.iter().map(|item| self.test_value(element, item)).collect();
                values.into_iter().collect::<Option<Vec<_>>>().map(TestValue::List)
            }
            (ast::TestValue::Object(entries, _), Ty::Object(_) | Ty::Map(_)) => {
                let mut fields = Fields::new();
                for (path, value) in entries {
                    if let Some((names, ty)) = self.test_path(ty.clone(), path)
                        && let Some(value) = self.test_value(&ty, value)
                    {
                        fields.push((names, value));
                    }
                }
                Some(TestValue::Object(fields))
            }
            (ast::TestValue::Expr(expr), _) => self.test_scalar(ty, expr),
            (ast::TestValue::List(_, span), _) => {
                self.report(errors::test_shape("a list", ty, *span));
                None
            }
            (ast::TestValue::Object(_, span), _) => {
                self.report(errors::test_shape("an object", ty, *span));
                None
            }
        }
    }

    fn test_scalar(&mut self, ty: &Ty, expr: &ast::Expr) -> Option<TestValue> {
        let value = self.expr(expr, Some(ty));
        if value.is_error() || *ty == Ty::Error {
            return None;
        }
        if matches!(ty, Ty::Date | Ty::Timestamp)
            && let Some(relative) = relative(&value, ty)
        {
            return Some(relative);
        }
        if matches!(ty, Ty::List(_)) && matches!(value.ty.ty, Ty::List(_)) {
            return self.test_list(ty, value);
        }
        if value.as_literal().is_none() {
            self.report(errors::test_not_constant(&value));
            return None;
        }
        let fits = match (ty, value.as_literal()) {
            (Ty::Enum(values), Some(Value::String(text))) => self.enum_value(values, text, value.span, false),
            (ty, Some(number)) if ty.is_scale() => match convert::as_double(number) {
                Some(number) => self.scale_range(ty, number, value.span),
                None => true,
            },
            _ => true,
        };
        if !fits {
            return None;
        }
        match convert::convert(value, ty) {
            Ok(value) => value.as_literal().cloned().map(TestValue::Value),
            Err(value) => {
                self.report(errors::test_value_type(ty, &value));
                None
            }
        }
    }

    fn test_list(&mut self, ty: &Ty, value: Expr) -> Option<TestValue> {
        match convert::convert(value, ty) {
            Ok(value) => super::definitions::constant_of(&value).map(TestValue::Value),
            Err(value) => {
                self.report(errors::test_value_type(ty, &value));
                None
            }
        }
    }
}

/// A time counted from now: `-3 days`, `3 days ago`, `now`, `yesterday`.
fn relative(value: &Expr, ty: &Ty) -> Option<TestValue> {
    let made = |duration: Duration, negative| Some(TestValue::FromNow { duration, negative });
    match &value.kind {
        ExprKind::Now => made(Duration::default(), false),
        ExprKind::Today(days) if *ty == Ty::Date => {
            made(Duration { days: days.abs(), ..Duration::default() }, *days < 0)
        }
        ExprKind::FromNow { duration, negative } => match duration.as_literal() {
            Some(Value::Duration(duration)) => made(*duration, *negative),
            _ => None,
        },
        ExprKind::Literal(Value::Duration(d)) => {
            let negative = d.months < 0 || d.days < 0 || d.micros < 0;
            made(Duration { months: d.months.abs(), days: d.days.abs(), micros: d.micros.abs() }, negative)
        }
        _ => None,
    }
}
