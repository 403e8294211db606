//! One table of the project file while it is read. Names `tree` and `errors`. Invariant: a key that nobody took is reported
//! as unknown when the section is finished.

use super::errors;
use super::tree::{Node, NodeValue, Table};
use super::{Column, Joined, Located, TableName};
use crate::diagnostics::Diagnostic;
use crate::source::Span;
use crate::sql::quote::name_parts;
use crate::vector::time::Zone;

/// The settings of one table while it is read.
pub(super) struct Section<'d> {
    pub name: String,
    pub table: Table,
    known: Vec<&'static str>,
    pub span: Option<Span>,
    pub diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'d> Section<'d> {
    pub fn new(name: impl Into<String>, node: Node, diagnostics: &'d mut Vec<Diagnostic>) -> Section<'d> {
        let name = name.into();
        let span = node.span;
        let table = match node.value {
            NodeValue::Table(table) => table,
            other => {
                diagnostics.push(errors::invalid(&name, "a table", other.kind(), span));
                Table::new()
            }
        };
        Section { name, table, known: Vec::new(), span, diagnostics }
    }

    pub fn full(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    pub fn take(&mut self, key: &'static str) -> Option<Node> {
        self.known.push(key);
        self.table.shift_remove(key).map(|(_, node)| node)
    }

    pub fn invalid(&mut self, key: &str, expected: &str, node: &Node) {
        let name = self.full(key);
        self.diagnostics.push(errors::invalid(&name, expected, node.value.kind(), node.span));
    }

    pub fn string(&mut self, key: &'static str) -> Option<Located<String>> {
        let node = self.take(key)?;
        match node.value {
            NodeValue::String(value) => Some(Located { value, span: node.span }),
            _ => {
                self.invalid(key, "a string", &node);
                None
            }
        }
    }

    pub fn bool(&mut self, key: &'static str) -> Option<bool> {
        let node = self.take(key)?;
        match node.value {
            NodeValue::Bool(value) => Some(value),
            _ => {
                self.invalid(key, "`true` or `false`", &node);
                None
            }
        }
    }

    /// A string or a list of strings.
    pub fn strings(&mut self, key: &'static str) -> Option<Vec<String>> {
        let node = self.take(key)?;
        let found = strings(&node);
        if found.is_none() {
            self.invalid(key, "a string or a list of strings", &node);
        }
        found
    }

    /// A string or a list of strings, each with its place; none of them is said as an empty list.
    pub fn located_strings(&mut self, key: &'static str) -> Vec<Located<String>> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let Some(values) = strings(&node) else {
            self.invalid(key, "a string or a list of strings", &node);
            return Vec::new();
        };
        let span_of = |at: usize| match &node.value {
            NodeValue::Array(items) => items[at].span,
            _ => node.span,
        };
        values.into_iter().enumerate().map(|(at, value)| Located { value, span: span_of(at) }).collect()
    }

    /// The name of a table in a database.
    pub fn table_name(&mut self, key: &'static str) -> Option<TableName> {
        let found = self.string(key)?;
        self.table_names(key, vec![found]).pop()
    }

    /// The same of several.
    pub fn table_names(&mut self, key: &str, found: Vec<Located<String>>) -> Vec<TableName> {
        let name = self.full(key);
        let mut parts = |Located { value, span }: Located<String>| {
            name_parts(&value).or_else(|| {
                self.diagnostics.push(errors::invalid(&name, TABLE_NAME, &format!("`{value}`"), span));
                None
            })
        };
        found.into_iter().filter_map(&mut parts).collect()
    }

    /// Patterns of files below the project's folder.
    pub fn patterns(&mut self, key: &'static str) -> Option<Vec<String>> {
        let node = self.take(key)?;
        let found = strings(&node);
        let Some(patterns) = &found else {
            self.invalid(key, "a string or a list of strings", &node);
            return None;
        };
        for (index, pattern) in patterns.iter().enumerate() {
            let mut depth = 0i64;
            // `a/../b` stays below; `../b` does not.
            let leads_out = pattern.split('/').any(|part| {
                depth += match part {
                    "" | "." => 0,
                    ".." => -1,
                    _ => 1,
                };
                depth < 0
            });
            if leads_out || pattern.starts_with('/') {
                let item = if let NodeValue::Array(items) = &node.value { items.get(index) } else { None };
                let name = self.full(key);
                self.diagnostics.push(errors::leads_out(&name, pattern, item.map_or(node.span, |item| item.span)));
            }
        }
        found
    }

    /// A path into the data: dotted, or its steps as a list.
    pub fn column(&mut self, key: &'static str) -> Option<Vec<String>> {
        let node = self.take(key)?;
        let found = column(&node);
        if found.is_none() {
            self.invalid(key, "a column's name, or a list of the steps to it", &node);
        }
        found
    }

    /// Where a text is: a path into the data, or several of them to be joined.
    pub fn text_column(&mut self, key: &'static str) -> Option<Column> {
        let node = self.take(key)?;
        match (&node.value, column(&node)) {
            (NodeValue::Table(table), _) => self.joined(key, table, node.span).map(Column::Joined),
            (_, Some(steps)) => Some(Column::At(steps)),
            (_, None) => {
                self.invalid(key, TEXT_COLUMN, &node);
                None
            }
        }
    }

    /// Several columns to be joined.
    pub fn joined(&mut self, key: &str, table: &Table, span: Option<Span>) -> Option<Joined> {
        let found = joined(table);
        found.map_err(|why| self.diagnostics.push(errors::joins_nothing(&self.full(key), &why, span))).ok()
    }

    pub fn one_of<T: Copy>(&mut self, key: &'static str, values: &[(&'static str, T)]) -> Option<T> {
        let Located { value, span } = self.string(key)?;
        let found = values.iter().find(|(name, _)| *name == value).map(|(_, v)| *v);
        if found.is_none() {
            let known: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
            let name = self.full(key);
            self.diagnostics.push(errors::not_one_of(&name, &value, &known, span));
        }
        found
    }

    pub fn zone(&mut self, key: &'static str) -> Option<String> {
        let Located { value, span } = self.string(key)?;
        if let Some(zone) = Zone::new(&value) {
            // As the list of zones spells it: a zone in other letters is the same, and so is what is trained in it.
            return Some(zone.name().to_owned());
        }
        let name = self.full(key);
        let expected = "the IANA name of a time zone, such as `Europe/Oslo`";
        let diagnostic = errors::invalid(&name, expected, &format!("`{value}`"), span);
        let zones = Zone::names();
        let close = crate::diagnostics::suggest::closest(&value, zones.iter().map(String::as_str));
        self.diagnostics.push(match close {
            Some(zone) => diagnostic.with_help(format!("did you mean `{zone}`?")),
            None => diagnostic,
        });
        None
    }

    pub fn section(&mut self, key: &'static str) -> Option<Section<'_>> {
        let node = self.take(key)?;
        let name = self.full(key);
        Some(Section::new(name, node, self.diagnostics))
    }

    /// The tables of a table whose keys are names of the project (`classes.product`).
    pub fn named(&mut self, key: &'static str) -> Vec<(String, Node)> {
        let Some(section) = self.section(key) else { return Vec::new() };
        section.table.into_iter().map(|(name, (_, node))| (name, node)).collect()
    }

    pub fn finish(self) {
        for (key, (span, _)) in &self.table {
            self.diagnostics.push(errors::unknown_setting(key, &self.name, &self.known, *span));
        }
    }
}

pub(super) fn strings(node: &Node) -> Option<Vec<String>> {
    match &node.value {
        NodeValue::String(value) => Some(vec![value.clone()]),
        NodeValue::Array(items) => items
            .iter()
            .map(|item| if let NodeValue::String(value) = &item.value { Some(value.clone()) } else { None })
            .collect(),
        _ => None,
    }
}

/// What is expected where a table is named.
pub(super) const TABLE_NAME: &str =
    "a table's name, such as `crm.customers`, or `crm.\"customers.2026\"` where a part has a dot";

/// What is expected where a text is told.
pub(super) const TEXT_COLUMN: &str =
    "a column's name, a list of the steps to it, or `{ join = [\"first\", \"second\"], with = \"|\" }`";

/// Whether a table is meant to join columns, and not to hold further paths.
pub(super) fn is_join(table: &Table) -> bool {
    table.contains_key("join") && table.keys().all(|key| key == "join" || key == "with")
}

/// Several columns, of which none is named twice; otherwise what is wrong.
fn joined(table: &Table) -> Result<Joined, String> {
    if let Some(other) = table.keys().find(|key| *key != "join" && *key != "with") {
        return Err(format!("it has `{other}`, and takes `join` and `with` alone"));
    }
    let list = || "`join` is a list of columns, such as `[\"first\", \"second\"]`".to_owned();
    let Some((_, Node { value: NodeValue::Array(parts), .. })) = table.get("join") else { return Err(list()) };
    let columns: Vec<Vec<String>> = parts.iter().map(column).collect::<Option<_>>().ok_or_else(list)?;
    if columns.len() < 2 {
        return Err("`join` names two columns or more".to_owned());
    }
    if let Some((_, twice)) = columns.iter().enumerate().find(|(at, part)| columns[..*at].contains(part)) {
        return Err(format!("`join` names `{}` twice", twice.join(".")));
    }
    match table.get("with").map(|(_, node)| &node.value) {
        Some(NodeValue::String(with)) if !with.is_empty() => Ok(Joined { columns, with: with.clone() }),
        _ => Err("`with` is a text that stands between the columns, such as `\"|\"`".to_owned()),
    }
}

pub(super) fn column(node: &Node) -> Option<Vec<String>> {
    let steps = match &node.value {
        NodeValue::String(path) => path.split('.').map(str::to_owned).collect(),
        _ => strings(node)?,
    };
    (!steps.is_empty() && steps.iter().all(|step| !step.is_empty())).then_some(steps)
}
