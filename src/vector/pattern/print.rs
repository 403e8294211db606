//! A pattern as text. Invariant: what is printed parses to a pattern that matches the same.

use std::fmt::Write as _;

use super::{Class, Node};

/// The syntax that RE2 and this tool's own engine share, with every class spelled out.
pub(super) fn print(node: &Node) -> String {
    let mut out = String::new();
    print_node(node, &mut out);
    out
}

fn print_node(node: &Node, out: &mut String) {
    match node {
        Node::Empty => {}
        Node::Char(c) => print_char(*c, out),
        Node::Any => out.push_str("[^\\n]"),
        Node::Class(class) => print_class(class, out),
        Node::Start => out.push_str("\\A"),
        Node::End => out.push_str("\\z"),
        Node::Group(index, inner) => {
            out.push_str(if index.is_some() { "(" } else { "(?:" });
            print_node(inner, out);
            out.push(')');
        }
        Node::Concat(items) => items.iter().for_each(|item| print_node(item, out)),
        Node::Alternate(items) => {
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push('|');
                }
                print_node(item, out);
            }
        }
        Node::Repeat { node, min, max, lazy } => {
            print_node(node, out);
            match (min, max) {
                (0, None) => out.push('*'),
                (1, None) => out.push('+'),
                (0, Some(1)) => out.push('?'),
                (min, None) => drop(write!(out, "{{{min},}}")),
                (min, Some(max)) if min == max => drop(write!(out, "{{{min}}}")),
                (min, Some(max)) => drop(write!(out, "{{{min},{max}}}")),
            }
            if *lazy {
                out.push('?');
            }
        }
    }
}

fn print_class(class: &Class, out: &mut String) {
    out.push_str(if class.negated { "[^" } else { "[" });
    for &(low, high) in &class.ranges {
        print_char(low, out);
        if low != high {
            out.push('-');
            print_char(high, out);
        }
    }
    out.push(']');
}

fn print_char(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        c if "\\.+*?()|[]{}^$-&~#".contains(c) => {
            out.push('\\');
            out.push(c);
        }
        c if c.is_ascii_graphic() || c == ' ' => out.push(c),
        c => drop(write!(out, "\\x{{{:X}}}", u32::from(c))),
    }
}
