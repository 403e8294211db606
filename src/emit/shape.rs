//! A segment's query as what a database or a build tool keeps: a view, a table, a dbt model, or the changes against the
//! last membership. Invariant: all of them give the members that the query gives, in a column `profile_id`.

use std::fmt::Write;

use crate::sql::tree::{BinaryOp, Cte, Item, Source, SqlType, Statement, Table};
use crate::sql::{Dialect, Expr, Ident, Query, Select, quote};

/// The column of the ids.
const PROFILE_ID: &str = "profile_id";
/// The column of the segment's name.
const SEGMENT: &str = "segment";

/// The query with its column called `profile_id`, however the profile table calls it.
pub fn with_plain_id(mut query: Query) -> Query {
    if let Some(id) = query.body.items.last_mut() {
        id.alias = Some(Ident::generated(PROFILE_ID));
    }
    query
}

/// A view of a segment, by a name in parts.
pub fn view(name: &[String], query: Query) -> Statement {
    Statement::View(physical(name), with_plain_id(query))
}

/// A table of a segment's members, by a name in parts.
pub fn table(name: &[String], query: Query) -> Statement {
    Statement::Table(physical(name), with_plain_id(query))
}

fn physical(name: &[String]) -> Vec<Ident> {
    name.iter().map(|part| Ident::physical(part)).collect()
}

/// Who entered a segment and who left it, against a table of the last memberships with the columns `segment` and
/// `profile_id`: rows of `segment`, `profile_id` and `change`. Members of then and now are counted together, so that no
/// engine's anti-join is in the way.
pub fn delta(segment: &str, memberships: &[String], query: Query, dialect: &dyn Dialect) -> Query {
    let Query { comment, mut ctes, body } = with_plain_id(query);
    let taken = |name: &str| ctes.iter().any(|cte| cte.name.text() == name);
    let fresh = |wanted: &str| {
        let mut name = wanted.to_owned();
        let mut number = 2;
        while taken(&name) || memberships.contains(&name) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        Ident::generated(&name)
    };
    let (now, both) = (fresh("members_now"), fresh("members_then_and_now"));
    let (is_now, was_then) = (Ident::generated("is_member"), Ident::generated("was_member"));
    let id = Ident::generated(PROFILE_ID);
    let row = |from: Vec<Ident>, alias: &Ident, id: Expr, flags: [i64; 2]| Select {
        items: vec![
            Item { expr: id, alias: Some(Ident::generated(PROFILE_ID)) },
            Item { expr: Expr::int(flags[0]), alias: Some(is_now.clone()) },
            Item { expr: Expr::int(flags[1]), alias: Some(was_then.clone()) },
        ],
        from: Some(Table { source: Source::Named(from), alias: alias.clone() }),
        ..Select::default()
    };
    let then = Ident::generated("m");
    // Read like a text of the data, so that the table's collation says nothing; no dialect refuses these two names.
    let stored = |name: &str| {
        let column = Expr::column(&then, &Ident::physical(name));
        dialect.stored(column.clone(), &[], &SqlType::Text).unwrap_or(column)
    };
    let last = Select {
        filter: vec![stored(SEGMENT).eq(Expr::text(segment))],
        ..row(physical(memberships), &then, stored(PROFILE_ID), [0, 1])
    };
    let together = Select { union_all: vec![last], ..row(vec![now.clone()], &now, Expr::column(&now, &id), [1, 0]) };
    let flag = |flag: &Ident| Expr::aggregate("max", [Expr::column(&both, flag)], vec![]);
    let entered = flag(&is_now).eq(Expr::int(1));
    let body = {
        ctes.push(Cte { name: now.clone(), select: body });
        let id = Expr::column(&both, &id);
        Select {
            items: vec![
                Item { expr: Expr::text(segment), alias: Some(Ident::generated(SEGMENT)) },
                Item { expr: id.clone(), alias: None },
                Item {
                    expr: Expr::choose(entered, Expr::text("entered"), Expr::text("left")),
                    alias: Some(Ident::generated("change")),
                },
            ],
            from: Some(Table { source: Source::Named(vec![both.clone()]), alias: both.clone() }),
            group_by: vec![id],
            having: vec![flag(&is_now).binary(BinaryOp::Ne, flag(&was_then))],
            ..Select::default()
        }
    };
    ctes.push(Cte { name: both.clone(), select: together });
    Query { comment, ctes, body }
}

/// What a dbt project is told of a segment.
pub struct Model<'a> {
    /// Its name, and that of its file.
    pub name: &'a str,
    /// Its title, empty if none.
    pub title: &'a str,
    /// What its author says of it, empty if nothing.
    pub docs: &'a str,
    /// The hash of its definition.
    pub definition: String,
}

/// The text of a dbt model. No brace of the query is left for the templates to read.
pub fn dbt_model(query: Query, dialect: &dyn Dialect) -> String {
    let text = crate::sql::print(&with_plain_id(query), dialect);
    format!("{{{{ config(materialized='table', tags=['segc']) }}}}\n\n{}", without_templates(&text))
}

/// The `schema.yml` beside the models: what each is, and the tests of its column.
pub fn dbt_schema(models: &[Model]) -> String {
    let mut out = String::from("version: 2\n\nmodels:\n");
    for Model { name, title, docs, definition } in models {
        let description = [*title, *docs].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
        let _ = write!(
            out,
            "  - name: {}\n    description: {}\n    config:\n      meta:\n        definition: {}\n    columns:\n      \
             - name: {PROFILE_ID}\n        description: \"A profile that is a member.\"\n        data_tests:\n          \
             - not_null\n          - unique\n",
            yaml(name),
            yaml(&without_templates(&description)),
            yaml(definition),
        );
    }
    out
}

/// A text in which a template engine finds no expression, statement or comment.
fn without_templates(text: &str) -> String {
    text.replace('{', "{{ '{' }}")
}

/// A text as YAML: a JSON string is one.
fn yaml(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if quote::is_disguised(c) && c != '\n' { '\u{fffd}' } else { c }).collect();
    serde_json::Value::String(plain).to_string()
}
