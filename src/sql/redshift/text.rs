//! Texts, which the engine compares as if they had no blanks at their ends. Invariant: all blanks count.

use crate::sql::dialect::{Built, Case, Dialect, Unsupported, Wild};
use crate::sql::redshift::Redshift;
use crate::sql::text as texts;
use crate::sql::tree::{BinaryOp, Expr, Literal};
use crate::sql::{fold, mariadb};

/// A column that is compared by code points, whatever its collation.
pub(super) fn minding_case(column: Expr) -> Expr {
    Expr::call("collate", [column, Expr::text("case_sensitive")])
}

/// A text with the least of characters behind it, so that its blanks are not its end; texts are ordered as before.
pub(super) fn ended(text: Expr) -> Expr {
    text.binary(BinaryOp::Concat, Expr::call("chr", [Expr::int(1)]))
}

/// How many code points.
pub(super) fn length(text: Expr) -> Expr {
    Expr::call("len", [text])
}

/// Equal but for blanks at the end, and equally long; or else different.
pub(super) fn compared(left: Expr, op: BinaryOp, right: Expr) -> Expr {
    let [a, b] = [&left, &right].map(|text| texts::length("len", text));
    let both = [left.binary(op, right), a.binary(op, b)];
    if op == BinaryOp::Ne { Expr::or(both) } else { Expr::and(both) }
}

fn equal(left: Expr, right: Expr) -> Expr {
    compared(left, BinaryOp::Eq, right)
}

/// In a list of texts without blanks at the end, having none itself; or equal to one of them.
pub(super) fn is_one_of(text: Expr, list: Vec<Expr>) -> Expr {
    let is_bare = |text: &Expr| matches!(text, Expr::Literal(Literal::Text(text)) if !text.ends_with(' '));
    if list.len() == 1 || !list.iter().all(is_bare) {
        return Expr::or(list.into_iter().map(|one| equal(text.clone(), one)));
    }
    let bare = length(Expr::call("rtrim", [text.clone()])).eq(length(text.clone()));
    Expr::and([Expr::In { expr: Box::new(text), list }, bare])
}

pub(super) fn ends_with(text: Expr, part: Expr) -> Expr {
    let wanted = texts::length("len", &part);
    let end = Expr::call("right", [text.clone(), wanted.clone()]).eq(part.clone());
    let found = Expr::and([end, length(text.clone()).binary(BinaryOp::Ge, wanted)]);
    texts::contains(text, &part, found)
}

/// A pattern whose wildcards stand at its ends only.
pub(super) fn like(dialect: &Redshift, text: Expr, pattern: &[Wild]) -> Built {
    let part = |part: &String| Expr::text(part.as_str());
    match pattern {
        [] => Ok(equal(text, Expr::text(""))),
        [Wild::Text(whole)] => Ok(equal(text, part(whole))),
        [Wild::Any] => Ok(text.clone().eq(text)),
        [Wild::Text(start), Wild::Any] => dialect.starts_with(text, part(start)),
        [Wild::Any, Wild::Text(end)] => dialect.ends_with(text, part(end)),
        [Wild::Any, Wild::Text(middle), Wild::Any] => dialect.contains(text, part(middle)),
        _ => Err(Unsupported("a pattern with wildcards inside".to_owned())),
    }
}

pub(super) fn substring(text: Expr, start: Expr, length: Option<Expr>) -> Expr {
    // The engine takes 32 bits for both; no text is longer.
    let most = i64::from(i32::MAX);
    let within = |expr: Expr| match expr {
        Expr::Literal(Literal::Int(value)) => Expr::int(value.min(most)),
        other => Expr::call("least", [other, Expr::int(most)]).cast(crate::sql::SqlType::Int32),
    };
    let args = [Some(text), Some(within(start)), length.map(within)];
    Expr::call("substring", args.into_iter().flatten().collect::<Vec<_>>())
}

pub(super) fn fold(text: Expr, case: Case, exact: bool) -> Built {
    match case {
        Case::AsciiLower => Ok(fold::translated(text, case)),
        Case::Lower | Case::Upper if exact => Err(Unsupported(
            "another case of a text as a value, or beside letters that the engine may fold otherwise,".to_owned(),
        )),
        Case::Lower => Ok(Expr::call("lower", [text])),
        Case::Upper => Ok(Expr::call("upper", [text])),
    }
}

/// See [`Dialect::odd_letters`].
pub(super) fn odd_letters(case: Case) -> Vec<char> {
    // Of which Unicode its cases are is not told.
    mariadb::odd_letters(case).into_iter().chain(fold::doubtful_letters(case)).collect()
}
