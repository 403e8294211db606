//! Parts of a query as columns of the table that they read.

use insta::assert_snapshot;
use segc::sql::tree::{Item, Join, JoinKind, Lifted, Source, Table};
use segc::sql::{self, DuckDb, Expr, Ident, Query, Select};

fn column(table: &str, name: &str) -> Expr {
    Expr::column(&Ident::generated(table), &Ident::physical(name))
}

fn table(name: &str, alias: &str) -> Table {
    Table { source: Source::Named(vec![Ident::physical(name)]), alias: Ident::generated(alias) }
}

/// A nested query over a value.
fn nested(value: Expr) -> Expr {
    let item = |expr, alias| Item { expr, alias };
    let inner = Select { items: vec![item(value, Some(Ident::generated("a_")))], ..Select::default() };
    let once = Ident::generated("once_");
    let expr = Expr::column(&once, &Ident::generated("a_"));
    let from = Table { source: Source::Select(Box::new(inner)), alias: once };
    Expr::Query(Box::new(Select { items: vec![item(expr, None)], from: Some(from), ..Select::default() }))
}

/// `SELECT p.id FROM people p KIND JOIN scores s ON s.id = p.id WHERE filter`
fn joined(kind: JoinKind, filter: Vec<Expr>) -> Select {
    Select {
        items: vec![Item { expr: column("p", "id"), alias: None }],
        from: Some(table("people", "p")),
        joins: vec![Join { kind, table: table("scores", "s"), on: vec![column("s", "id").eq(column("p", "id"))] }],
        filter,
        ..Select::default()
    }
}

#[test]
fn a_part_is_computed_where_its_table_is_read() {
    let part = nested(nested(column("p", "points")));
    let select = joined(JoinKind::Left, vec![part.clone().eq(Expr::int(1)), part.clone().is_present()]);
    assert_eq!(select.liftable()[0], (Ident::generated("p"), part.clone()));
    let names = Lifted { query: Ident::generated("with_points"), column: Ident::generated("points_") };
    let (query, body) = select.lifted(&Ident::generated("p"), &part, names);
    assert_snapshot!(sql::print(&Query { comment: vec![], ctes: vec![query], body }, &DuckDb));
}

#[test]
fn parts_are_of_tables_that_have_each_row_and_of_one_alone() {
    let parts = |kind, part: Expr| {
        let found = joined(kind, vec![part.eq(Expr::int(1))]).liftable();
        found.into_iter().map(|(alias, part)| (alias.text().to_owned(), part)).collect::<Vec<_>>()
    };
    let of_scores = nested(column("s", "points"));
    assert_eq!(parts(JoinKind::Inner, of_scores.clone()), [("s".to_owned(), of_scores.clone())]);
    assert_eq!(parts(JoinKind::Left, of_scores.clone()), []);
    // What the inner one reads is of one table, what the outer one reads of two.
    let both = nested(of_scores.clone().or_else(column("p", "points")));
    assert_eq!(parts(JoinKind::Inner, both), [("s".to_owned(), of_scores)]);
    assert_eq!(parts(JoinKind::Inner, nested(Expr::int(1))), []);
    assert_eq!(parts(JoinKind::Inner, nested(Expr::Var(Ident::generated("p")))), []);
    // A name of two tables.
    let known_twice = Select {
        items: vec![Item { expr: column("p", "id"), alias: None }],
        from: Some(table("others", "p")),
        ..Select::default()
    };
    let filter = vec![nested(column("p", "points")), Expr::Exists(Box::new(known_twice))];
    assert_eq!(joined(JoinKind::Left, filter).liftable(), []);
}
