//! The databases that can be reached, as data: the command line, its messages and the bridge read the same. Invariant: a
//! dialect of the same name prints the statements.

/// How a table's rows of some segments are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replacing {
    /// In one transaction, begun by this statement, of a database that one connection alone writes to at a time.
    Transaction(&'static str),
    /// In one transaction that holds a lock: of two that delete and insert beside each other both might insert.
    LockedTransaction,
    /// In one transaction after the table is there: a statement that makes one ends a transaction.
    TableFirst,
    /// In a new table that takes the other's place at once: there are no transactions.
    Exchange,
}

/// What stands behind the scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A file.
    File,
    /// The address of a server.
    Server,
    /// What a driver takes, which tells the dialect.
    Driver,
}

/// A database that can be reached.
#[derive(Debug)]
pub struct Engine {
    /// What the command line calls it, and its dialect unless a driver tells another.
    pub name: &'static str,
    /// What stands behind the scheme.
    pub(super) place: Place,
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
    /// How memberships are written; as another engine of its dialect has it, if this is told by a driver.
    pub(super) replacing: Option<Replacing>,
    /// Its part of the bridge.
    pub(super) script: &'static str,
}

/// How memberships are written in a dialect, if that is known.
pub(super) fn replacing(dialect: &str) -> Option<Replacing> {
    ENGINES.iter().find(|engine| engine.name == dialect)?.replacing
}

/// Every database that can be reached.
pub static ENGINES: &[Engine] = &[
    Engine {
        name: "duckdb",
        place: Place::File,
        schemes: &["duckdb"],
        endings: &["duckdb", "ddb"],
        form: "a DuckDB file (`shop.duckdb`, `duckdb:shop.db`)",
        packages: &["duckdb"],
        password: None,
        replacing: Some(Replacing::Transaction("BEGIN")),
        script: include_str!("bridge/duckdb.py"),
    },
    Engine {
        name: "sqlite",
        place: Place::File,
        schemes: &["sqlite", "sqlite3"],
        endings: &["sqlite", "sqlite3"],
        form: "an SQLite file (`shop.sqlite`, `sqlite:shop.db`)",
        packages: &[],
        password: None,
        replacing: Some(Replacing::Transaction("BEGIN IMMEDIATE")),
        script: include_str!("bridge/sqlite.py"),
    },
    Engine {
        name: "postgres",
        place: Place::Server,
        schemes: &["postgres", "postgresql"],
        endings: &[],
        form: "`postgres://user@host/database`",
        packages: &["psycopg", "psycopg2", "psycopg2-binary"],
        password: Some("PGPASSWORD"),
        replacing: Some(Replacing::LockedTransaction),
        script: include_str!("bridge/postgres.py"),
    },
    Engine {
        name: "clickhouse",
        place: Place::Server,
        schemes: &["clickhouse", "clickhouses", "clickhouse+http", "clickhouse+https", "clickhousedb"],
        endings: &[],
        form: "`clickhouse://user@host:8123/database` (with TLS `clickhouses://user@host:8443/database`)",
        packages: &[],
        password: Some("CLICKHOUSE_PASSWORD"),
        replacing: Some(Replacing::Exchange),
        script: include_str!("bridge/clickhouse.py"),
    },
    Engine {
        name: "mariadb",
        place: Place::Server,
        schemes: &["mariadb", "mysql", "mariadb+pymysql", "mysql+pymysql"],
        endings: &[],
        form: "`mariadb://user@host:3306/database`",
        packages: &["pymysql"],
        password: Some("MYSQL_PWD"),
        replacing: Some(Replacing::TableFirst),
        script: include_str!("bridge/mariadb.py"),
    },
    Engine {
        name: "spark",
        place: Place::Server,
        schemes: &["sc"],
        endings: &[],
        form: "Spark Connect (`sc://host:15002`)",
        packages: &["pyspark"],
        password: Some("SPARK_CONNECT_AUTHENTICATE_TOKEN"),
        // Most of its tables have no transactions.
        replacing: None,
        script: include_str!("bridge/spark.py"),
    },
    Engine {
        name: "adbc",
        place: Place::Driver,
        schemes: &["adbc"],
        endings: &[],
        form: "any ADBC driver (`adbc:snowflake://…`, `adbc:profile://name`, `adbc:DRIVER?option=value`)",
        packages: &["adbc_driver_manager"],
        password: None,
        replacing: None,
        script: include_str!("bridge/adbc.py"),
    },
];
