//! The databases that can be reached, as data: the command line, its messages and the bridge read the same. Invariant: a
//! dialect of the same name prints the statements.

/// How a table's rows of some segments are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replacing {
    /// In one transaction.
    Transaction,
    /// In one transaction after the table is there: a statement that makes one ends a transaction.
    TableFirst,
    /// In a new table that takes the other's place at once: there are no transactions.
    Exchange,
}

/// A database that can be reached.
#[derive(Debug)]
pub struct Engine {
    /// What the command line and the dialect call it.
    pub name: &'static str,
    /// How a URL of it begins, before the colon.
    pub(super) schemes: &'static [&'static str],
    /// How the name of a file that is one ends.
    pub(super) endings: &'static [&'static str],
    /// What a URL looks like.
    pub(super) form: &'static str,
    /// Python packages, each of which reaches it, best first; none if Python itself does.
    pub packages: &'static [&'static str],
    /// The environment's variable that its clients take a password from.
    pub(super) password: Option<&'static str>,
    /// How memberships are written.
    pub(super) replacing: Replacing,
    /// Its part of the bridge.
    pub(super) script: &'static str,
}

impl Engine {
    /// Whether it is a file, not a server.
    pub(super) fn is_file(&self) -> bool {
        !self.endings.is_empty()
    }
}

/// Every database that can be reached.
pub static ENGINES: &[Engine] = &[
    Engine {
        name: "duckdb",
        schemes: &["duckdb"],
        endings: &["duckdb", "ddb"],
        form: "a DuckDB file (`shop.duckdb`, `duckdb:shop.db`)",
        packages: &["duckdb"],
        password: None,
        replacing: Replacing::Transaction,
        script: include_str!("bridge/duckdb.py"),
    },
    Engine {
        name: "sqlite",
        schemes: &["sqlite", "sqlite3"],
        endings: &["sqlite", "sqlite3"],
        form: "an SQLite file (`shop.sqlite`, `sqlite:shop.db`)",
        packages: &[],
        password: None,
        replacing: Replacing::Transaction,
        script: include_str!("bridge/sqlite.py"),
    },
    Engine {
        name: "postgres",
        schemes: &["postgres", "postgresql"],
        endings: &[],
        form: "`postgres://user@host/database`",
        packages: &["psycopg", "psycopg2", "psycopg2-binary"],
        password: Some("PGPASSWORD"),
        replacing: Replacing::Transaction,
        script: include_str!("bridge/postgres.py"),
    },
    Engine {
        name: "clickhouse",
        schemes: &["clickhouse", "clickhouses", "clickhouse+http", "clickhouse+https", "clickhousedb"],
        endings: &[],
        form: "`clickhouse://user@host:8123/database` (with TLS `clickhouses://user@host:8443/database`)",
        packages: &[],
        password: Some("CLICKHOUSE_PASSWORD"),
        replacing: Replacing::Exchange,
        script: include_str!("bridge/clickhouse.py"),
    },
    Engine {
        name: "mariadb",
        schemes: &["mariadb", "mysql", "mariadb+pymysql", "mysql+pymysql"],
        endings: &[],
        form: "`mariadb://user@host:3306/database`",
        packages: &["pymysql"],
        password: Some("MYSQL_PWD"),
        replacing: Replacing::TableFirst,
        script: include_str!("bridge/mariadb.py"),
    },
];
