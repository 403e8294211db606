//! Prints a rule tree: two spaces a level, and what fits on a line on one line, so that a comparison of two values is
//! read as one. Imports nothing of its siblings. Invariant: any JSON reader reads back the same value.

use serde_json::Value;

/// Columns of a line, where the tree allows it.
const WIDTH: usize = 120;

/// The tree as text, with a line break at its end.
pub fn text(tree: &Value) -> String {
    let mut out = String::new();
    put(tree, 0, 0, &mut out);
    out.push('\n');
    out
}

/// Writes a value whose line is used up to a column.
fn put(value: &Value, level: usize, column: usize, out: &mut String) {
    let before = out.len();
    if flat(value, before + WIDTH.saturating_sub(column), out) {
        return;
    }
    out.truncate(before);
    match value {
        Value::Array(items) => {
            out.push_str("[\n");
            for (index, item) in items.iter().enumerate() {
                begin(index, level, out);
                put(item, level + 1, 2 * level + 3, out);
            }
            end(']', level, out);
        }
        Value::Object(fields) => {
            out.push_str("{\n");
            for (index, (name, value)) in fields.iter().enumerate() {
                begin(index, level, out);
                let name = scalar(&Value::from(name.as_str()));
                out.push_str(&name);
                out.push_str(": ");
                put(value, level + 1, 2 * level + 5 + name.len(), out);
            }
            end('}', level, out);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push_str(&scalar(value)),
    }
}

fn begin(index: usize, level: usize, out: &mut String) {
    if index > 0 {
        out.push_str(",\n");
    }
    out.extend(std::iter::repeat_n("  ", level + 1));
}

fn end(closer: char, level: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", level));
    out.push(closer);
}

/// Writes a value on one line; gives up when the text is longer than `limit`.
fn flat(value: &Value, limit: usize, out: &mut String) -> bool {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                if !flat(item, limit, out) {
                    return false;
                }
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(&scalar(&Value::from(name.as_str())));
                out.push_str(": ");
                if !flat(value, limit, out) {
                    return false;
                }
            }
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push_str(&scalar(value)),
    }
    out.len() <= limit
}

fn scalar(value: &Value) -> String {
    value.to_string()
}
