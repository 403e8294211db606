//! From the tree of a project file to a [`Project`]. Names `tree` and `errors`. Invariant: every key of the file is either
//! read or reported as unknown.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::errors;
use super::section::{Section, TEXT_COLUMN, column, is_join};
use super::tree::{Node, NodeValue, Override, Table, lay_over, parse};
use super::{
    ClassFiles, Column, DEFAULT_PRECISION, EpochUnit, EventFiles, EventTypeFrom, FileSet, Format, Governance,
    LintLevel, ListTable, Located, Mapping, ParamValue, ProfileFiles, Project, Scale, ScoreFiles, SqlNames, TableName,
};
use crate::diagnostics::Diagnostic;
use crate::schema::{EVENT_TYPE, ID, TIMESTAMP};
use crate::source::{FileId, Span};
use crate::types::{Digits, MAX_DIGITS, Value};

/// Reads the text of a project file, which is `file` of the sources, with the command line's settings laid over it.
pub fn read(text: &str, file: FileId, overrides: &[Override]) -> (Project, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut tree = parse(text, file, &mut diagnostics);
    lay_over(&mut tree, overrides, &mut diagnostics);
    let project = project(tree, &mut diagnostics);
    (project, diagnostics)
}

/// The project of a folder without a project file.
pub fn default_project(overrides: &[Override]) -> (Project, Vec<Diagnostic>) {
    read("", FileId::default(), overrides)
}

const WEEKDAYS: [(&str, u8); 7] =
    [("monday", 1), ("tuesday", 2), ("wednesday", 3), ("thursday", 4), ("friday", 5), ("saturday", 6), ("sunday", 7)];
const LEVELS: [(&str, LintLevel); 3] =
    [("allow", LintLevel::Allow), ("warn", LintLevel::Warn), ("deny", LintLevel::Deny)];
const UNITS: [(&str, EpochUnit); 4] = [
    ("s", EpochUnit::Seconds),
    ("ms", EpochUnit::Milliseconds),
    ("us", EpochUnit::Microseconds),
    ("days", EpochUnit::Days),
];

fn project(tree: Table, diagnostics: &mut Vec<Diagnostic>) -> Project {
    let root = Node { value: NodeValue::Table(tree), span: None };
    let mut s = Section::new("", root, diagnostics);
    let schema = s.string("schema");
    let sources = s.patterns("sources").unwrap_or_else(|| vec!["**/*.seg".to_owned()]);
    let store = s.string("store");
    let strict = s.bool("strict").unwrap_or(false);
    let (zone, zone_stated, week_start) = time(&mut s);
    let project = Project {
        schema,
        sources,
        store,
        strict,
        zone,
        zone_stated,
        week_start,
        governance: governance(&mut s),
        params: params(&mut s),
        lints: lints(&mut s),
        scales: scales(&mut s),
        profiles: profiles(&mut s),
        events: events(&mut s),
        classes: classes(&mut s),
        propensity: propensity(&mut s),
        sql: sql(&mut s),
    };
    s.finish();
    project
}

/// The zone, whether it is named, and the first day of the week.
fn time(s: &mut Section) -> (String, bool, u8) {
    let Some(mut time) = s.section("time") else { return ("UTC".to_owned(), false, 1) };
    let zone = time.zone("zone");
    let week_start = time.one_of("week_start", &WEEKDAYS).unwrap_or(1);
    time.finish();
    let stated = zone.is_some();
    (zone.unwrap_or_else(|| "UTC".to_owned()), stated, week_start)
}

fn governance(s: &mut Section) -> Governance {
    let Some(mut section) = s.section("governance") else { return Governance::default() };
    let retention_days = section.take("retention_days").and_then(|node| {
        let days = if let NodeValue::Integer(days) = &node.value { days.parse().ok() } else { None };
        if days.is_none_or(|days: u32| days == 0) {
            section.invalid("retention_days", "a number of days", &node);
        }
        days.filter(|days| *days > 0)
    });
    let purpose = section.string("purpose").map(|purpose| purpose.value);
    let mut forbid = IndexMap::new();
    for (purpose, node) in section.named("forbid") {
        let label = |item: &Node| if let NodeValue::String(label) = &item.value { Some(label.clone()) } else { None };
        let labels = match &node.value {
            NodeValue::Array(items) => items.iter().map(label).collect::<Option<Vec<String>>>(),
            _ => None,
        };
        match labels {
            Some(labels) => {
                forbid.insert(purpose, labels);
            }
            None => section.invalid(&format!("forbid.{purpose}"), "a list of labels, such as `[\"S1\"]`", &node),
        }
    }
    section.finish();
    Governance { retention_days, purpose, forbid }
}

fn params(s: &mut Section) -> IndexMap<String, Located<ParamValue>> {
    let mut params = IndexMap::new();
    for (name, node) in s.named("params") {
        match param(&node.value) {
            Some(value) => {
                params.insert(name, Located { value, span: node.span });
            }
            None => s.invalid(&format!("params.{name}"), "a value, or a list of values", &node),
        }
    }
    params
}

fn param(value: &NodeValue) -> Option<ParamValue> {
    Some(match value {
        NodeValue::String(text) | NodeValue::Time(text) => ParamValue::Text(text.clone()),
        NodeValue::Integer(number) => ParamValue::Value(Value::Int(number.parse().ok()?)),
        // The checker reads the digits as the language does.
        NodeValue::Float(number) => ParamValue::Text(number.replace('_', "")),
        NodeValue::Bool(value) => ParamValue::Value(Value::Bool(*value)),
        NodeValue::Array(items) => ParamValue::List(items.iter().map(|i| param(&i.value)).collect::<Option<_>>()?),
        NodeValue::Table(_) => return None,
    })
}

fn lints(s: &mut Section) -> IndexMap<String, Located<LintLevel>> {
    let mut lints = IndexMap::new();
    let Some(mut section) = s.section("lints") else { return lints };
    for (name, (_, node)) in std::mem::take(&mut section.table) {
        let known = LEVELS.map(|(level, _)| level);
        match &node.value {
            NodeValue::String(text) => match LEVELS.iter().find(|(level, _)| level == text) {
                Some((_, value)) => {
                    lints.insert(name, Located { value: *value, span: node.span });
                }
                None => {
                    let setting = section.full(&name);
                    section.diagnostics.push(errors::not_one_of(&setting, text, &known, node.span));
                }
            },
            _ => section.invalid(&name, "`\"allow\"`, `\"warn\"` or `\"deny\"`", &node),
        }
    }
    lints
}

fn scales(s: &mut Section) -> Vec<Scale> {
    let mut scales = Vec::new();
    for (path, node) in s.named("scales") {
        let digits = match &node.value {
            NodeValue::Integer(scale) => scale.parse().ok().map(|scale| Digits { precision: DEFAULT_PRECISION, scale }),
            NodeValue::Table(table) => number(table, "precision")
                .zip(number(table, "scale"))
                .and_then(|(p, scale)| (table.len() == 2).then_some(Digits { precision: p, scale })),
            _ => None,
        };
        let fits = |d: &Digits| d.precision >= 1 && d.precision <= MAX_DIGITS && d.scale <= d.precision;
        match digits.filter(fits) {
            Some(digits) => scales.push(Scale { path, digits, span: node.span }),
            None => s.invalid(
                &format!("scales.{path}"),
                "the number of digits after the point (at most 18), or `{ precision = 12, scale = 2 }`",
                &node,
            ),
        }
    }
    scales
}

fn number(table: &Table, key: &str) -> Option<u8> {
    match &table.get(key)?.1.value {
        NodeValue::Integer(number) => number.parse().ok(),
        _ => None,
    }
}

/// The settings that every kind of data file has.
fn file_set(s: &mut Section) -> FileSet {
    // None if the command line names them.
    let named = s.table.get("files").or_else(|| s.table.get("file")).map(|(_, node)| node.span);
    let formats: Vec<(&'static str, Format)> = Format::ALL.iter().map(|(format, name)| (*name, *format)).collect();
    let files = match (s.strings("files"), s.strings("file")) {
        (Some(files), None) | (None, Some(files)) => files,
        (Some(mut files), Some(more)) => {
            files.extend(more);
            files
        }
        (None, None) => Vec::new(),
    };
    let format = s.one_of("format", &formats);
    let (mapping, places) = mapping(s);
    FileSet {
        files,
        format,
        delimiter: delimiter(s),
        mapping: Mapping { flat: s.bool("flat").unwrap_or(false), ..mapping },
        places,
        zone: s.zone("zone"),
        unit: s.one_of("unit", &UNITS),
        cast: s.located_strings("cast"),
        lists: lists(s),
        named: named.unwrap_or(s.span),
        span: s.span,
    }
}

fn lists(s: &mut Section) -> Vec<ListTable> {
    let section = s.full("lists");
    let mut lists = Vec::new();
    for (path, node) in s.named("lists") {
        let (name, span) = (format!("{section}.{path}"), node.span);
        let mut list = Section::new(name.clone(), node, s.diagnostics);
        let mut text = |key: &'static str, default: Option<&str>| match list.string(key) {
            Some(found) => found.value,
            None => {
                if default.is_none() {
                    list.diagnostics.push(errors::lacks_setting(&name, key, span));
                }
                default.unwrap_or_default().to_owned()
            }
        };
        let (parent, order) = (text("parent", None), text("order", None));
        let value = text("value", Some("value"));
        let is_named = list.table.contains_key("table");
        let table = list.table_name("table");
        if !is_named {
            list.diagnostics.push(errors::lacks_setting(&name, "table", span));
        }
        let table = table.unwrap_or_default();
        let (columns, _) = mapping(&mut list);
        let cast = list.located_strings("cast");
        list.finish();
        lists.push(ListTable { path, table, parent, order, value, columns, cast, span });
    }
    lists
}

fn delimiter(s: &mut Section) -> Option<u8> {
    let Located { value, span } = s.string("delimiter")?;
    match value.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Some(*byte),
        _ => {
            let name = s.full("delimiter");
            s.diagnostics.push(errors::invalid(&name, "one ASCII character", &format!("`{value}`"), span));
            None
        }
    }
}

/// The mapping, and where each path of it is written.
fn mapping(s: &mut Section) -> (Mapping, BTreeMap<String, Span>) {
    let (mut mapping, mut places) = (Mapping::default(), BTreeMap::new());
    let Some(mut section) = s.section("columns") else { return (mapping, places) };
    // `person.name = "n"` without quotes is a table within a table, and means the same.
    let mut open: Vec<(String, Option<Span>, Node)> =
        std::mem::take(&mut section.table).into_iter().map(|(key, (place, node))| (key, place, node)).collect();
    while let Some((path, place, node)) = open.pop() {
        if let NodeValue::Table(inner) = &node.value
            && is_join(inner)
        {
            if [TIMESTAMP, EVENT_TYPE].contains(&path.as_str()) {
                section.invalid(&path, "a column's name, or a list of the steps to it", &node);
                continue;
            }
            if let Some(joined) = section.joined(&path, inner, node.span) {
                places.extend(place.map(|place| (path.clone(), place)));
                mapping.joined.insert(path, joined);
            }
            continue;
        }
        if let NodeValue::Table(inner) = node.value {
            open.extend(inner.into_iter().map(|(key, (place, node))| (format!("{path}.{key}"), place, node)));
            continue;
        }
        match column(&node) {
            Some(steps) => {
                places.extend(place.map(|place| (path.clone(), place)));
                mapping.columns.insert(path, steps);
            }
            None => section.invalid(&path, TEXT_COLUMN, &node),
        }
    }
    (mapping, places)
}

fn named(name: &str) -> Column {
    Column::At(vec![name.to_owned()])
}

fn profiles(s: &mut Section) -> ProfileFiles {
    let Some(mut p) = s.section("profiles") else {
        return ProfileFiles { id: named(ID), ..ProfileFiles::default() };
    };
    let mut set = file_set(&mut p);
    let id = p.text_column("id").unwrap_or_else(|| set.mapping.column([ID]));
    set.mapping.place(ID, &id);
    let from_events = p.bool("from_events").unwrap_or(false);
    p.finish();
    ProfileFiles { set, id, from_events }
}

fn events(s: &mut Section) -> Vec<EventFiles> {
    let Some(node) = s.take("events") else { return Vec::new() };
    let nodes = match node {
        Node { value: NodeValue::Array(items), .. } => items,
        one => vec![one],
    };
    nodes.into_iter().map(|node| event_files(node, s.diagnostics)).collect()
}

/// The column that ties an event to its profile, if the project file names none.
const DEFAULT_PROFILE: &str = "profileId";

fn event_files(node: Node, diagnostics: &mut Vec<Diagnostic>) -> EventFiles {
    let mut e = Section::new("events", node, diagnostics);
    let mut set = file_set(&mut e);
    let profile = e.text_column("profile").unwrap_or_else(|| named(DEFAULT_PROFILE));
    let timestamp = e.column("timestamp").unwrap_or_else(|| set.mapping.physical([TIMESTAMP]));
    let event_type = event_type(&mut e).unwrap_or_else(|| EventTypeFrom::Column(set.mapping.physical([EVENT_TYPE])));
    let mapped = set.mapping.columns.contains_key(ID) || set.mapping.joined.contains_key(ID);
    let id = e.text_column("id").or_else(|| mapped.then(|| set.mapping.column([ID])));
    set.mapping.place(TIMESTAMP, &Column::At(timestamp.clone()));
    if let EventTypeFrom::Column(column) = &event_type {
        set.mapping.place(EVENT_TYPE, &Column::At(column.clone()));
    }
    if let Some(id) = &id {
        set.mapping.place(ID, id);
    }
    e.finish();
    EventFiles { set, profile, timestamp, event_type, id }
}

fn event_type(e: &mut Section) -> Option<EventTypeFrom> {
    let node = e.take("type")?;
    if let NodeValue::Table(table) = &node.value {
        if let (1, Some((_, Node { value: NodeValue::String(value), .. }))) = (table.len(), table.get("value")) {
            return Some(EventTypeFrom::Constant(value.clone()));
        }
    } else if let Some(column) = column(&node) {
        return Some(EventTypeFrom::Column(column));
    }
    e.invalid("type", "a column's name, or `{ value = \"purchase\" }`", &node);
    None
}

fn classes(s: &mut Section) -> IndexMap<String, ClassFiles> {
    let mut classes = IndexMap::new();
    for (name, node) in s.named("classes") {
        let mut c = Section::new(format!("classes.{name}"), node, s.diagnostics);
        let set = file_set(&mut c);
        let key = c.text_column("key");
        c.finish();
        classes.insert(name, ClassFiles { set, key });
    }
    classes
}

fn propensity(s: &mut Section) -> IndexMap<String, ScoreFiles> {
    let mut propensity = IndexMap::new();
    for (name, node) in s.named("propensity") {
        let mut p = Section::new(format!("propensity.{name}"), node, s.diagnostics);
        let set = file_set(&mut p);
        let id = p.text_column("id").unwrap_or_else(|| named(ID));
        p.finish();
        propensity.insert(name, ScoreFiles { set, id });
    }
    propensity
}

fn sql(s: &mut Section) -> SqlNames {
    let mut names = SqlNames {
        dialect: None,
        profiles: vec!["profiles".to_owned()],
        events: Vec::new(),
        classes: IndexMap::new(),
        propensity: IndexMap::new(),
    };
    let Some(mut sql) = s.section("sql") else { return names };
    names.dialect = sql.string("dialect");
    if let Some(name) = sql.table_name("profiles") {
        names.profiles = name;
    }
    let events = sql.located_strings("events");
    names.events = sql.table_names("events", events);
    names.classes = table_names(&mut sql, "classes");
    names.propensity = table_names(&mut sql, "propensity");
    sql.finish();
    names
}

fn table_names(sql: &mut Section, key: &'static str) -> IndexMap<String, TableName> {
    let mut names = IndexMap::new();
    for (own, node) in sql.named(key) {
        let setting = format!("{key}.{own}");
        match node.value {
            NodeValue::String(value) => {
                let found = sql.table_names(&setting, vec![Located { value, span: node.span }]);
                names.extend(found.into_iter().map(|name| (own.clone(), name)));
            }
            _ => sql.invalid(&setting, "a table's name", &node),
        }
    }
    names
}
