//! The text of queries: precedence, line breaks, literals.

use insta::assert_snapshot;
use segc::sql::tree::{BinaryOp, Cte, Item, Join, JoinKind, Literal, Order, Source, Table};
use segc::sql::{self, DuckDb, Expr, Ident, Query, Select};

fn x(name: &str) -> Expr {
    Expr::column(&Ident::generated("t"), &Ident::physical(name))
}

fn print(expr: Expr) -> String {
    let body = Select { items: vec![Item { expr, alias: None }], ..Select::default() };
    sql::print(&Query { comment: vec![], ctes: vec![], body }, &DuckDb)
}

#[test]
fn parentheses_stand_where_the_tree_needs_them() {
    let less = |a: &str, n: i64| x(a).binary(BinaryOp::Lt, Expr::int(n));
    let exprs = [
        Expr::or([less("a", 1), Expr::and([less("b", 2), less("c", 3)])]),
        Expr::and([less("a", 1), Expr::or([less("b", 2), less("c", 3)])]),
        less("a", 1).negate(),
        Expr::or([less("a", 1), less("b", 2)]).is_not_true(),
        x("a").binary(BinaryOp::Sub, x("b").binary(BinaryOp::Sub, x("c"))),
        x("a").binary(BinaryOp::Mul, x("b").binary(BinaryOp::Add, x("c"))),
        less("a", 1).eq(less("b", 2)),
        Expr::Negative(Box::new(Expr::int(-1))),
        x("a").field(&Ident::physical("b c")).is_null().negate(),
    ];
    let text: Vec<String> = exprs.into_iter().map(print).collect();
    assert_snapshot!(text.concat(), @r#"
    SELECT t."a" < 1 OR (t."b" < 2 AND t."c" < 3)
    SELECT t."a" < 1 AND (t."b" < 2 OR t."c" < 3)
    SELECT NOT (t."a" < 1)
    SELECT (t."a" < 1 OR t."b" < 2) IS NOT TRUE
    SELECT t."a" - (t."b" - t."c")
    SELECT t."a" * (t."b" + t."c")
    SELECT (t."a" < 1) = (t."b" < 2)
    SELECT -(-1)
    SELECT t."a"."b c" IS NOT NULL
    "#);
}

#[test]
fn literals_have_their_types() {
    let literals = [
        Literal::Int(i64::MIN),
        Literal::Decimal { unscaled: -5, precision: 10, scale: 2 },
        Literal::Decimal { unscaled: 5, precision: 38, scale: 0 },
        Literal::Float(0.7),
        Literal::Float(-0.0),
        Literal::Float(1e300),
        Literal::Date(20_000),
        Literal::Timestamp(-1),
        Literal::Timestamp(1_700_000_000_000_000),
    ];
    let text: Vec<String> = literals.into_iter().map(|literal| print(Expr::Literal(literal))).collect();
    assert_snapshot!(text.concat(), @r"
    SELECT CAST('-9223372036854775808' AS BIGINT)
    SELECT -0.05
    SELECT CAST('5' AS DECIMAL(38, 0))
    SELECT 0.7e0
    SELECT 0e0
    SELECT 1e300
    SELECT DATE '2024-10-04'
    SELECT TIMESTAMPTZ '1969-12-31 23:59:59.999999+00'
    SELECT TIMESTAMPTZ '2023-11-14 22:13:20+00'
    ");
}

#[test]
fn long_chains_are_balanced() {
    let all: Vec<Expr> = (0..200).map(|n| x("a").eq(Expr::int(n))).collect();
    let text = print(Expr::Or(all));
    let deepest = text.chars().fold((0, 0), |(now, most): (i32, i32), c| match c {
        '(' => (now + 1, most.max(now + 1)),
        ')' => (now - 1, most),
        _ => (now, most),
    });
    assert_eq!(deepest, (0, 1));
    assert_eq!(text.matches("= ").count(), 200);
}

#[test]
fn a_query_reads_well() {
    let e = Ident::generated("e");
    let p = Ident::generated("p");
    let purchases = Ident::generated("purchases");
    let (id, count) = (Ident::generated("profile_id"), Ident::generated("purchases_count"));
    let column = |table: &Ident, name: &str| Expr::column(table, &Ident::physical(name));
    let cte = Cte {
        name: purchases.clone(),
        select: Select {
            items: vec![
                Item { expr: column(&e, "profile_id"), alias: Some(id.clone()) },
                Item {
                    expr: Expr::aggregate("count", [], vec![column(&e, "n").eq(Expr::int(1))]),
                    alias: Some(count.clone()),
                },
            ],
            from: Some(Table { source: Source::Named(vec![Ident::physical("events")]), alias: e.clone() }),
            filter: vec![column(&e, "eventType").eq(Expr::text("commerce.purchases"))],
            group_by: vec![column(&e, "profile_id")],
            ..Select::default()
        },
    };
    let body = Select {
        items: vec![Item { expr: column(&p, "_id"), alias: None }],
        from: Some(Table { source: Source::Named(vec![Ident::physical("profiles")]), alias: p.clone() }),
        joins: vec![Join {
            kind: JoinKind::Left,
            table: Table { source: Source::Named(vec![purchases.clone()]), alias: purchases.clone() },
            on: vec![Expr::column(&purchases, &id).eq(column(&p, "_id"))],
        }],
        filter: vec![
            Expr::column(&purchases, &count).or_else(Expr::int(0)).binary(BinaryOp::Ge, Expr::int(3)),
            Expr::or((0..6).map(|n| column(&p, "homeAddress").field(&Ident::physical("countryCode")).eq(Expr::int(n)))),
        ],
        order_by: vec![Order { expr: column(&p, "_id"), descending: false, nullable: false }],
        limit: Some(10),
        ..Select::default()
    };
    let query = Query { comment: vec!["segment `x`\n; DROP".to_owned()], ctes: vec![cte], body };
    assert_snapshot!(sql::print(&query, &DuckDb));
}
