//! A small SQL tree, its printer and the dialects. Knows nothing of segments: a query is built of typed nodes
//! ([`tree`]), physical names come from a [`Layout`], and whatever databases spell or do differently is asked of a
//! [`Dialect`] by concept, so that a new database is one new file. Names `types`, `schema` and `vector` only.
//!
//! Invariant: text of users reaches SQL only through [`quote`], as an identifier or a literal; the rest of the text is
//! keywords and `'static` function names.

pub mod bigquery;
mod calendar;
pub mod clickhouse;
pub mod datafusion;
pub mod dialect;
pub mod duckdb;
mod float;
mod fold;
mod lambda;
pub mod layout;
mod literal;
pub mod mariadb;
mod midnight;
pub mod mysql;
mod mysql_family;
mod offsets;
pub mod postgres;
mod print;
mod print_expr;
pub mod quote;
pub mod redshift;
pub mod registry;
pub mod snowflake;
pub mod spark;
pub mod sqlite;
pub mod stored_json;
pub mod stored_types;
mod text;
pub mod times;
pub mod tree;
pub mod trino;
mod type_names;
mod window;
mod within;

pub use bigquery::BigQuery;
pub use clickhouse::ClickHouse;
pub use datafusion::DataFusion;
pub use dialect::{Dialect, Unsupported};
pub use duckdb::DuckDb;
pub use layout::Layout;
pub use postgres::Postgres;
pub use tree::{Expr, Ident, Query, Select, SqlType};

/// The text of a query, ending in a line break; no semicolon.
pub fn print(query: &Query, dialect: &dyn Dialect) -> String {
    print::query(query, dialect)
}

/// The text of a statement, ending in a semicolon and a line break.
pub fn print_statement(statement: &tree::Statement, dialect: &dyn Dialect) -> String {
    print::statement(statement, dialect)
}

/// The text of a statement that is a query, of the text of the query and the lines of a comment before it.
pub fn as_statement(comment: &[String], query: &str) -> String {
    print::ended(comment, "", query)
}

/// The text of `CREATE TABLE` statements, each ended by a semicolon and a line break.
pub fn print_tables(tables: &[tree::CreateTable], dialect: &dyn Dialect) -> String {
    tables.iter().map(|table| print::create_table(table, dialect)).collect()
}
