//! A data set as text: every value decoded, so that two data sets are equal exactly if their texts are.

use std::fmt::Write as _;
use std::sync::Arc;

use segc::plan::{FieldPath, FieldStep};
use segc::store::{Dataset, Needs, Space, Table};
use segc::types::{Ty, Type};
use segc::vector::{Column, Data};

/// A path of fields; a step that begins with `#` is a key of a map.
pub fn path(text: &str) -> FieldPath {
    let step = |name: &str| match name.strip_prefix('#') {
        Some(key) => FieldStep::Key(key.into()),
        None => FieldStep::Field(name.into()),
    };
    text.split('.').filter(|name| !name.is_empty()).map(step).collect::<Vec<_>>().into()
}

/// The elements of a list of a space.
pub fn elements(of: &Space, at: &str) -> Space {
    Space::Elements(Arc::new(of.clone()), path(at))
}

/// The entries of a map of a space.
pub fn entries(of: &Space, at: &str) -> Space {
    Space::Entries(Arc::new(of.clone()), path(at))
}

/// Needs of these columns; an empty list of columns asks for the rows alone.
pub fn needs(spaces: &[(Space, &[(&str, Ty)])]) -> Needs {
    let mut needs = Needs::default();
    for (space, columns) in spaces {
        let own = needs.spaces.entry(space.clone()).or_default();
        own.extend(columns.iter().map(|(at, ty)| (path(at), Type::optional(ty.clone()))));
    }
    needs
}

/// The whole data set.
pub fn dataset(data: &Dataset) -> String {
    let mut out = String::new();
    for (i, block) in data.blocks.iter().enumerate() {
        let _ = writeln!(out, "block {i}: {} profiles, {} events", block.ids.len(), block.events.table.rows);
        for (row, id) in block.ids.iter().enumerate() {
            let _ = writeln!(out, "profile {id}{}", row_of(&block.profiles, row));
        }
        for (name, range) in &block.events.types {
            let _ = writeln!(out, "type {name} {:?} {:?}", range.rows, range.offsets);
            for row in range.rows.clone() {
                let row = row as usize;
                let e = &block.events;
                let at = (e.profile[row], e.time[row], e.rank[row]);
                let _ = writeln!(out, "  {row} of {} at {} rank {}{}", at.0, at.1, at.2, row_of(&e.table, row));
            }
        }
        if block.events.table.rows > 0 {
            let _ = writeln!(out, "by profile {:?} {:?}", block.events.by_profile, block.events.by_profile_offsets);
        }
        for (space, child) in &block.children {
            let _ = writeln!(out, "{} {:?}", space_name(space), child.offsets);
            for row in 0..child.table.rows {
                let key = child.keys.as_ref().map(|k| format!(" {}:", value(k, row))).unwrap_or_default();
                let _ = writeln!(out, " {key}{}", row_of(&child.table, row));
            }
        }
    }
    for (name, class) in &data.classes {
        let _ = writeln!(out, "class {name} of {}", class.table.rows);
        for (key, row) in &class.rows {
            let _ = writeln!(out, "  {key} ({row}){}", row_of(&class.table, *row as usize));
        }
    }
    out
}

fn space_name(space: &Space) -> String {
    match space {
        Space::Profiles => "profiles".into(),
        Space::Events => "events".into(),
        Space::Class(name) => name.to_string(),
        Space::Elements(outer, at) => format!("{}/{}[]", space_name(outer), path_name(at)),
        Space::Entries(outer, at) => format!("{}/{}{{}}", space_name(outer), path_name(at)),
    }
}

fn path_name(at: &FieldPath) -> String {
    let steps = at.iter().map(|step| match step {
        FieldStep::Field(name) => name.to_string(),
        FieldStep::Key(key) => format!("#{key}"),
    });
    steps.collect::<Vec<_>>().join(".")
}

fn row_of(table: &Table, row: usize) -> String {
    table.columns.iter().map(|(at, column)| format!(" {}={}", path_name(at), value(column, row))).collect()
}

/// A value of a column as text; `-` if absent.
pub fn value(column: &Column, row: usize) -> String {
    if column.valid.as_ref().is_some_and(|v| !v.get(row)) {
        return "-".into();
    }
    match &column.data {
        Data::Bool(v) => v.get(row).to_string(),
        Data::Int(v) => v[row].to_string(),
        Data::Decimal(v) => format!("{}d", v[row]),
        Data::Float(v) => format!("{:?}", v[row]),
        Data::Date(v) => format!("day {}", v[row]),
        Data::Bucket(v) => format!("bucket {}", v[row]),
        Data::Text { codes, dictionary } => format!("{:?}", dictionary.get(codes.get(row)).unwrap()),
        Data::List { offsets, values } => {
            let items: Vec<String> = (offsets[row]..offsets[row + 1]).map(|i| value(values, i as usize)).collect();
            format!("[{}]", items.join(" "))
        }
    }
}
