//! What a model looks at: expressions of the language, derived from event types, custom events, definitions and
//! attributes. Names `hir`, `schema` and what lies below. Invariant: every feature is text that can be pasted into a
//! segment, read at the cut-off as a segment is read at its `now`; no feature has a window that reaches past now.

use crate::hir::walk::children;
use crate::hir::{BinderId, Expr, ExprKind, Module, Training};
use crate::schema::{EVENT_TYPE, ID, Schema, TIMESTAMP};
use crate::types::{ObjectId, Ty};

/// Something to compute for every profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// The expression.
    pub expression: String,
    /// The expression without its window: what people see as one factor.
    pub factor: String,
    /// The window in words, `last 30 days`; empty without one.
    pub window: String,
    /// Whether its values are categories.
    pub category: bool,
    /// Whether it reads an attribute of the profile: what that was at a cut-off is believed, not known.
    pub from_attribute: bool,
}

/// Days of the windows, longest last.
const WINDOWS: [u32; 6] = [7, 14, 30, 60, 90, 180];
/// Days of the windows of what is dearer to compute.
const FEW_WINDOWS: [u32; 2] = [30, 90];
/// Fields of texts with more values than this are not counted value by value.
pub const TOP_VALUES: usize = 8;

/// A field of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventField {
    /// The dotted path.
    pub path: String,
    /// Whether there is a list on the way.
    pub listed: bool,
    /// Whether it is a number; a text or enum otherwise.
    pub number: bool,
}

/// Where features come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// Event types and custom events as they are written in a collection.
    pub events: Vec<String>,
    /// Fields of events, `timestamp`, `_id` and the type put aside.
    pub fields: Vec<EventField>,
    /// Attributes that do not change, with whether they are categories.
    pub attributes: Vec<(String, Attribute)>,
    /// Definitions with one parameter of type `duration`, and without parameters.
    pub lets: Vec<(String, LetKind)>,
}

/// How an attribute becomes a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// As it is.
    Number,
    /// Yes is 1.
    Bool,
    /// As a category.
    Category,
    /// Days from it to today.
    Date,
    /// Days from it to now.
    Timestamp,
}

/// What a definition needs and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetKind {
    /// Whether it takes a window.
    pub windowed: bool,
    /// What it gives.
    pub gives: Attribute,
    /// Whether it reads an attribute of the profile.
    pub reads_attribute: bool,
}

/// The sources that a declaration names.
pub fn sources(module: &Module, training: &Training) -> Sources {
    let schema = &module.schema;
    let denied = |path: &str| training.denied.iter().any(|d| below(path, &d.join(".")));
    let events: Vec<String> = match training.events.is_empty() {
        true => schema.event_types.keys().cloned().collect(),
        false => training.events.clone(),
    };
    let attributes = schema.leaves(schema.profile).filter_map(|(path, field)| {
        let wanted = training.attributes.iter().any(|a| below(&path, &a.join(".")));
        let secret = field.labels.iter().any(|label| label == "I1");
        let kind = attribute(&field.ty.ty).filter(|_| wanted && !secret && !denied(&path))?;
        (path != ID && !path.contains('*')).then(|| (quoted_path(&path), kind))
    });
    let lets = training.lets.iter().filter_map(|id| {
        let definition = module.lets.get(id.0 as usize)?;
        let gives = attribute(&definition.body.ty.ty)?;
        let windowed = !definition.params.is_empty();
        let reads_attribute = reads_attribute(&definition.body);
        Some((definition.name.clone(), LetKind { windowed, gives, reads_attribute }))
    });
    let mut events: Vec<String> = events.into_iter().filter(|name| !denied(name)).map(|e| quoted_path(&e)).collect();
    events.dedup();
    Sources {
        events,
        fields: event_fields(schema).into_iter().filter(|field| !denied(&field.path)).collect(),
        attributes: attributes.collect(),
        lets: lets.collect(),
    }
}

/// Whether a definition reads a field of the profile itself.
fn reads_attribute(expr: &Expr) -> bool {
    let mut found = matches!(&expr.kind, ExprKind::Path(path) if path.subject == BinderId::PROFILE);
    children(expr, &mut |child| found |= reads_attribute(child));
    found
}

fn below(path: &str, root: &str) -> bool {
    path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('.'))
}

fn attribute(ty: &Ty) -> Option<Attribute> {
    match ty {
        Ty::Int | Ty::Decimal(_) | Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => Some(Attribute::Number),
        Ty::Bool => Some(Attribute::Bool),
        Ty::String | Ty::Enum(_) => Some(Attribute::Category),
        Ty::Date => Some(Attribute::Date),
        Ty::Timestamp => Some(Attribute::Timestamp),
        Ty::Error | Ty::Duration | Ty::List(_) | Ty::Map(_) | Ty::Object(_) | Ty::Bucket => None,
    }
}

/// Numbers and texts of events. Keys of other classes name single things (a product), not kinds of them.
fn event_fields(schema: &Schema) -> Vec<EventField> {
    let fields = schema.leaves(schema.event).filter_map(|(path, field)| {
        let system = [ID, TIMESTAMP, EVENT_TYPE].contains(&path.as_str());
        let secret = field.labels.iter().any(|label| label == "I1") || field.relationship.is_some();
        let number = match attribute(&field.ty.ty)? {
            Attribute::Number => true,
            Attribute::Category => false,
            Attribute::Bool | Attribute::Date | Attribute::Timestamp => return None,
        };
        let listed = is_listed(schema, schema.event, &path)?;
        (!system && !secret).then(|| EventField { path: quoted_path(&path), listed, number })
    });
    fields.collect()
}

/// Whether a list is on the way; `None` behind maps, which have no one path.
fn is_listed(schema: &Schema, object: ObjectId, path: &str) -> Option<bool> {
    let mut here = object;
    let mut listed = false;
    for step in path.split('.') {
        let ty = &schema.field(here, step)?.ty.ty;
        listed |= matches!(ty, Ty::List(_));
        match ty.inner_object() {
            Some(inner) => here = inner,
            None => return Some(listed),
        }
    }
    Some(listed)
}

/// A path as it is written: steps that are not plain names in backquotes.
fn quoted_path(path: &str) -> String {
    let plain = |step: &str| {
        step.chars().all(|c| c.is_alphanumeric() || c == '_') && !step.starts_with(|c: char| c.is_ascii_digit())
    };
    if path.split('.').all(|step| !step.is_empty() && plain(step)) { path.to_owned() } else { format!("`{path}`") }
}

/// Features without a look at the data: of these, those that tell nothing are left out later.
pub fn of_sources(sources: &Sources, fields_of: &dyn Fn(&str, &EventField) -> bool) -> Vec<Feature> {
    let mut features = Features::default();
    for event in &sources.events {
        features.rhythm(event);
        for field in sources.fields.iter().filter(|field| fields_of(event, field)) {
            if field.number {
                features.amounts(event, field);
            } else if !field.listed {
                features.category(format!("last({} of {event})", field.path));
            }
        }
    }
    for (name, kind) in &sources.lets {
        let first = features.list.len();
        match kind.windowed {
            true => WINDOWS.iter().for_each(|days| {
                features.add_as(kind.gives, format!("{name}({days} days)"), name.clone(), *days);
            }),
            false => features.add_as(kind.gives, name.clone(), name.clone(), 0),
        }
        features.list[first..].iter_mut().for_each(|feature| feature.from_attribute = kind.reads_attribute);
    }
    let first = features.list.len();
    for (path, kind) in &sources.attributes {
        features.add_as(*kind, path.clone(), path.clone(), 0);
    }
    features.list[first..].iter_mut().for_each(|feature| feature.from_attribute = true);
    features.list
}

/// A feature that counts the events with one value of a field.
pub fn of_value(event: &str, field: &EventField, value: &str) -> Vec<Feature> {
    let mut features = Features::default();
    let value = format!("{value:?}");
    let test = match field.listed {
        false => format!("{} == {value}", field.path),
        true => format!("{} contains {value}", field.path),
    };
    let factor = format!("count({event} where {test})");
    features.windowed(&FEW_WINDOWS[1..], &factor, &|window| format!("count({event}{window} where {test})"));
    features.list
}

#[derive(Default)]
struct Features {
    list: Vec<Feature>,
}

impl Features {
    fn add(&mut self, expression: String, factor: String, days: u32) {
        let window = if days == 0 { String::new() } else { format!("last {days} days") };
        self.list.push(Feature { expression, factor, window, category: false, from_attribute: false });
    }

    fn number(&mut self, expression: String) {
        self.add(expression.clone(), expression, 0);
    }

    fn category(&mut self, expression: String) {
        let (factor, window) = (expression.clone(), String::new());
        self.list.push(Feature { expression, factor, window, category: true, from_attribute: false });
    }

    /// The expression over all time and in each window.
    fn windowed(&mut self, windows: &[u32], factor: &str, text: &dyn Fn(&str) -> String) {
        self.add(text(""), factor.to_owned(), 0);
        for days in windows {
            self.add(text(&format!(" in last {days} days")), factor.to_owned(), *days);
        }
    }

    /// A value as a number or category.
    fn add_as(&mut self, kind: Attribute, expression: String, factor: String, days: u32) {
        match kind {
            Attribute::Number => self.add(expression, factor, days),
            Attribute::Bool => self.add(format!("if {expression} then 1 else 0"), factor, days),
            Attribute::Category => self.category(expression),
            Attribute::Date => self.add(format!("days_between({expression}, today)"), factor, days),
            Attribute::Timestamp => self.add(format!("days_between({expression}, now)"), factor, days),
        }
    }

    /// When events happened, and how often.
    fn rhythm(&mut self, event: &str) {
        let since_last = format!("hours_between(last(timestamp of {event}), now)");
        let active = format!("count(distinct date(timestamp) of {event})");
        let span = format!("days_between(first(timestamp of {event}), last(timestamp of {event}))");
        self.number(since_last.clone());
        self.number(format!("days_between(first(timestamp of {event}), now)"));
        self.windowed(&WINDOWS, &format!("count({event})"), &|window| format!("count({event}{window})"));
        self.windowed(&FEW_WINDOWS, &active, &|window| format!("count(distinct date(timestamp) of {event}{window})"));
        // The mean gap between active days, and how late the next is by it.
        self.number(format!("{span} / ({active} - 1)"));
        self.number(format!("{since_last} * ({active} - 1) / {span}"));
        self.number(format!("count({event} in last 30 days) / count({event} in last 90 days)"));
        self.number(format!("count({event} where weekday(timestamp) >= 6) / count({event})"));
        self.number(format!("average(hour(timestamp) of {event})"));
    }

    /// How much.
    fn amounts(&mut self, event: &str, field: &EventField) {
        let path = &field.path;
        let sum = format!("sum({path} of {event})");
        self.windowed(&WINDOWS[2..], &sum, &|window| format!("sum({path} of {event}{window})"));
        self.number(format!("average({path} of {event})"));
        self.number(format!("max({path} of {event})"));
        if !field.listed {
            self.number(format!("last({path} of {event})"));
        }
    }
}
