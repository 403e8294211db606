//! Regular expressions as POSIX's extended ones, which have no lazy repetitions and take the longest match. Invariant: a
//! pattern of which the documentation does not tell what it matches is refused.

use crate::sql::dialect::{Built, Unsupported};
use crate::sql::tree::{BinaryOp, Expr};
use crate::vector::pattern::{Class, Node, Pattern, positive};

pub(super) fn matches(text: Expr, pattern: &str) -> Built {
    if pattern.starts_with("(?i)") {
        return Err(Unsupported("a regular expression that ignores case".to_owned()));
    }
    let pattern = print(&parse(pattern)?.root, true)?;
    Ok(Expr::call("regexp_instr", [text, Expr::text(pattern)]).binary(BinaryOp::Gt, Expr::int(0)))
}

pub(super) fn capture(text: Expr, pattern: &str, group: u32) -> Built {
    let parsed = parse(pattern)?;
    if !parsed.is_longest() {
        return Err(Unsupported(
            "`capture` by a pattern with alternatives or with repeated groups, of which it takes the longest match,"
                .to_owned(),
        ));
    }
    let (one, number) = (Expr::int(1), Expr::int(i64::from(group)));
    let args = [text, Expr::text(print(&parsed.root, true)?), one.clone(), one, Expr::text("e"), number];
    Ok(Expr::call("regexp_substr", args))
}

fn parse(pattern: &str) -> Result<Pattern, Unsupported> {
    Pattern::parse(pattern).map_err(|_| Unsupported("this regular expression".to_owned()))
}

/// The text of a pattern; `last` if nothing stands behind it.
fn print(node: &Node, last: bool) -> Result<String, Unsupported> {
    Ok(match node {
        Node::Empty => String::new(),
        Node::Char(c) => character(*c),
        Node::Any => "[^\n]".to_owned(),
        Node::Class(class) => class_text(class)?,
        Node::Start => "^".to_owned(),
        Node::End => return Err(Unsupported("a regular expression that ends in `$`".to_owned())),
        // Only those that capture can be counted.
        Node::Group(None, _) => return Err(Unsupported("a regular expression with `(?:…)`".to_owned())),
        Node::Group(Some(_), inner) => format!("({})", print(inner, false)?),
        Node::Concat(items) => match items.as_slice() {
            // Which takes all there is: a line break before the end too.
            [rest @ .., all, Node::End] if last && takes_all(all) => parts(rest)? + &print(all, false)? + "$",
            items => parts(items)?,
        },
        Node::Alternate(items) => items.iter().map(|item| print(item, false)).collect::<Result<Vec<_>, _>>()?.join("|"),
        Node::Repeat { lazy: true, .. } => {
            return Err(Unsupported("a regular expression that takes as little as possible".to_owned()));
        }
        Node::Repeat { node, min, max, .. } => {
            let times = match (min, max) {
                (0, None) => "*".to_owned(),
                (1, None) => "+".to_owned(),
                (0, Some(1)) => "?".to_owned(),
                (min, None) => format!("{{{min},}}"),
                (min, Some(max)) => format!("{{{min},{max}}}"),
            };
            print(node, false)? + &times
        }
    })
}

fn parts(items: &[Node]) -> Result<String, Unsupported> {
    items.iter().map(|item| print(item, false)).collect()
}

/// Whether a repetition goes on over a line break.
fn takes_all(node: &Node) -> bool {
    match node {
        Node::Group(_, inner) => takes_all(inner),
        Node::Repeat { node, max: None, lazy: false, .. } => match &**node {
            Node::Class(class) => positive(class).iter().any(|(low, high)| (*low..=*high).contains(&'\n')),
            _ => false,
        },
        _ => false,
    }
}

fn character(c: char) -> String {
    if c.is_ascii_punctuation() { format!("\\{c}") } else { c.to_string() }
}

fn class_text(class: &Class) -> Result<String, Unsupported> {
    if class.ranges.is_empty() {
        return Err(Unsupported("a regular expression with an empty class".to_owned()));
    }
    let mut out = String::from(if class.negated { "[^" } else { "[" });
    for &(low, high) in &class.ranges {
        out.push_str(&character(low));
        if low != high {
            out.push('-');
            out.push_str(&character(high));
        }
    }
    out.push(']');
    Ok(out)
}
