//! Statements as text: one clause a line, as a database expert would lay it out. Invariant: the text depends on the tree
//! and the dialect alone.

use super::dialect::Dialect;
use super::print_expr::{Printer, WIDTH};
use super::quote;
use super::tree::{CreateTable, Expr, Ident, Item, Join, JoinKind, Order, Query, Select, Source, Statement, Table};

/// The text of a query.
pub(super) fn query(query: &Query, dialect: &dyn Dialect) -> String {
    comment(&query.comment) + &without_comment(query, dialect)
}

/// The text of a statement, with a semicolon.
pub(super) fn statement(statement: &Statement, dialect: &dyn Dialect) -> String {
    let printer = Printer { dialect };
    let (query, head) = match statement {
        Statement::Query(query) => (query, String::new()),
        Statement::View(name, query) => (query, dialect.create_view_as(&printer.name(name)) + "\n"),
        Statement::Table(name, query) => (query, dialect.create_table_as(&printer.name(name)) + "\n"),
        Statement::Insert(name, columns, query) => {
            let columns: Vec<String> = columns.iter().map(|column| printer.ident(column)).collect();
            (query, format!("INSERT INTO {} ({})\n", printer.name(name), columns.join(", ")))
        }
        Statement::TableIfMissing(table) => {
            return create_table(table, dialect).replacen("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1);
        }
        Statement::Delete(name, filter) => {
            let filter = printer.conjuncts("WHERE", filter, 0).unwrap_or_default();
            return format!("DELETE FROM {}\n{filter};\n", printer.name(name));
        }
    };
    ended(&query.comment, &head, &without_comment(query, dialect))
}

/// A query that has been printed as a statement, behind the lines of a comment and what it begins with.
pub(super) fn ended(lines: &[String], head: &str, query: &str) -> String {
    format!("{}{head}{};\n", comment(lines), query.trim_end())
}

fn comment(lines: &[String]) -> String {
    lines.iter().map(|line| format!("-- {}\n", quote::comment_line(line))).collect()
}

fn without_comment(query: &Query, dialect: &dyn Dialect) -> String {
    let printer = Printer { dialect };
    let mut out = String::new();
    for (index, cte) in query.ctes.iter().enumerate() {
        out.push_str(if index == 0 { "WITH " } else { ",\n" });
        out.push_str(&format!("{} AS (\n", printer.ident(&cte.name)));
        out.push_str(&printer.select(&cte.select, 2));
        out.push_str("\n)");
    }
    if !query.ctes.is_empty() {
        out.push('\n');
    }
    out.push_str(&printer.select(&query.body, 0));
    out.push('\n');
    if let Some(settings) = dialect.settings() {
        out.push_str(settings);
        out.push('\n');
    }
    out
}

/// The text of a table definition.
pub(super) fn create_table(table: &CreateTable, dialect: &dyn Dialect) -> String {
    let printer = Printer { dialect };
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|(name, ty, required)| format!("  {} {}", printer.ident(name), dialect.column_type(ty, *required)))
        .collect();
    let order: Vec<String> = table.order.iter().map(|column| printer.ident(column)).collect();
    let kept = dialect.kept_in_order(&order).map_or_else(String::new, |clause| format!("\n{clause}"));
    format!("CREATE TABLE {} (\n{}\n){kept};\n", printer.name(&table.name), columns.join(",\n"))
}

impl Printer<'_> {
    /// A name in parts.
    fn name(&self, parts: &[Ident]) -> String {
        parts.iter().map(|part| self.ident(part)).collect::<Vec<_>>().join(".")
    }

    /// A select whose every line is indented; no line break at the end.
    pub(super) fn select(&self, select: &Select, indent: usize) -> String {
        let pad = " ".repeat(indent);
        let mut clauses = vec![self.items(select, indent)];
        if let Some(from) = &select.from {
            clauses.push(format!("{pad}FROM {}", self.table(from, indent)));
        }
        clauses.extend(select.joins.iter().map(|join| self.join(join, indent)));
        clauses.extend(self.conjuncts("WHERE", &select.filter, indent));
        if !select.group_by.is_empty() {
            clauses.push(format!("{pad}GROUP BY {}", self.list(&select.group_by, indent)));
        }
        clauses.extend(self.conjuncts("HAVING", &select.having, indent));
        for further in &select.union_all {
            clauses.push(format!("{pad}UNION ALL"));
            clauses.push(self.select(further, indent));
        }
        if !select.order_by.is_empty() {
            clauses.push(format!("{pad}ORDER BY {}", self.orders(&select.order_by)));
        }
        if let Some(limit) = select.limit {
            clauses.push(format!("{pad}LIMIT {limit}"));
        }
        clauses.join("\n")
    }

    fn items(&self, select: &Select, indent: usize) -> String {
        let pad = " ".repeat(indent);
        let keyword = if select.distinct { "SELECT DISTINCT" } else { "SELECT" };
        match select.items.as_slice() {
            [one] => format!("{pad}{keyword} {}", self.item(one, indent + 2)),
            items => {
                let lines: Vec<String> =
                    items.iter().map(|item| format!("{pad}  {}", self.item(item, indent + 2))).collect();
                format!("{pad}{keyword}\n{}", lines.join(",\n"))
            }
        }
    }

    fn item(&self, item: &Item, indent: usize) -> String {
        let text = self.expr(&item.expr, 0, indent, 20);
        let name = match (&item.alias, &item.expr) {
            (None, Expr::Column { column, .. }) if !self.dialect.abilities().bare_names => Some(column),
            (Some(alias), expr) if self.dialect.abilities().bare_names && is_named(expr, alias) => None,
            (alias, _) => alias.as_ref(),
        };
        name.map_or_else(|| text.clone(), |name| format!("{text} AS {}", self.ident(name)))
    }

    fn table(&self, table: &Table, indent: usize) -> String {
        let alias = self.ident(&table.alias);
        match &table.source {
            Source::Named(name) if name.len() == 1 && name.first() == Some(&table.alias) => alias,
            Source::Named(name) => format!("{} AS {alias}", self.name(name)),
            Source::Select(select) => {
                format!("(\n{}\n{}) AS {alias}", self.select(select, indent + 2), " ".repeat(indent))
            }
            Source::Unnest { list, column, place } => {
                let list = self.expr(list, 0, indent + 2, 20);
                let place = place.as_ref().map(|place| self.ident(place));
                self.dialect.unnest(&list, &alias, &self.ident(column), place.as_deref())
            }
        }
    }

    fn join(&self, join: &Join, indent: usize) -> String {
        let pad = " ".repeat(indent);
        let table = self.table(&join.table, indent);
        let keyword = match join.kind {
            JoinKind::Inner => "JOIN",
            JoinKind::Left => "LEFT JOIN",
            JoinKind::Cross => return format!("{pad}CROSS JOIN {table}"),
        };
        let on = self.expr(&Expr::and(join.on.iter().cloned()), 0, indent + 4, table.len());
        format!("{pad}{keyword} {table} ON {on}")
    }

    /// A clause of conjuncts, one a line.
    fn conjuncts(&self, keyword: &str, conjuncts: &[Expr], indent: usize) -> Option<String> {
        if conjuncts.is_empty() {
            return None;
        }
        let pad = " ".repeat(indent);
        let lines: Vec<String> = match Expr::and(conjuncts.iter().cloned()) {
            Expr::And(all) if all.len() <= Printer::CHAIN => {
                all.iter().map(|e| self.expr(e, Printer::ABOVE_AND, indent + 4, 4)).collect()
            }
            other => vec![self.expr(&other, 0, indent + 4, 4)],
        };
        Some(format!("{pad}{keyword} {}", lines.join(&format!("\n{pad}  AND "))))
    }

    fn list(&self, exprs: &[Expr], indent: usize) -> String {
        exprs.iter().map(|expr| self.expr(expr, 0, indent + 4, 20)).collect::<Vec<_>>().join(", ")
    }

    /// Keys of an order.
    pub(super) fn orders(&self, orders: &[Order]) -> String {
        let keys: Vec<String> = orders
            .iter()
            .map(|order| {
                let direction = if order.descending { " DESC" } else { "" };
                // Keys stand in one line, unless one is long by itself.
                let key = self.flat(&order.expr, 0);
                let key = if key.len() * 2 < WIDTH { key } else { self.expr(&order.expr, 0, 0, WIDTH) };
                match (order.nullable, self.dialect.nulls_last()) {
                    (false, _) => format!("{key}{direction}"),
                    (true, true) => format!("{key}{direction} NULLS LAST"),
                    (true, false) => {
                        let absent = self.expr(&order.expr.clone().is_null(), 0, 0, WIDTH);
                        format!("{absent}, {key}{direction}")
                    }
                }
            })
            .collect();
        keys.join(", ")
    }
}

/// Whether an expression has the name already.
fn is_named(expr: &Expr, alias: &Ident) -> bool {
    matches!(expr, Expr::Column { column, .. } if column == alias)
}
