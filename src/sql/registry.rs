//! The dialects by name, with what is known of each: data, so that the command line, the documentation and the tests
//! read the same. Invariant: a dialect is *proved* only if the conformance tests run its queries on the engine.

use super::bigquery::BigQuery;
use super::clickhouse::ClickHouse;
use super::datafusion::DataFusion;
use super::dialect::Dialect;
use super::duckdb::DuckDb;
use super::mariadb::MariaDb;
use super::mysql::MySql;
use super::postgres::Postgres;
use super::redshift::Redshift;
use super::snowflake::Snowflake;
use super::spark::{DATABRICKS, SPARK};
use super::sqlite::Sqlite;
use super::trino::Trino;

/// How far a dialect has been tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// The results of its queries are compared with the reference on the engine itself.
    Proved,
    /// Its queries are accepted by an independent parser of that dialect.
    Parsed,
}

impl Support {
    /// `proved`, `parsed`
    pub fn name(self) -> &'static str {
        match self {
            Support::Proved => "proved",
            Support::Parsed => "parsed",
        }
    }
}

/// A dialect and what is known of it.
pub struct Entry {
    /// How people write the database's name.
    pub title: &'static str,
    /// Other names by which the command line knows it.
    pub aliases: &'static [&'static str],
    /// How far it has been tested.
    pub support: Support,
    /// What it was tested on: an engine or a parser, with its version.
    pub tested_on: &'static str,
    /// What it cannot express in every case, as its refusals call it; a refusal begins with one of these.
    pub refuses: &'static [&'static str],
    /// The dialect itself.
    pub dialect: &'static dyn Dialect,
}

/// What no dialect expresses in every case, as its refusals call it.
pub static REFUSED_BY_ALL: &[&str] = &[
    "groups of a collection behind a collection",
    "the best rows of a collection behind a collection",
    "a step that compares its event with other events",
    "`capture` of a group that may take no part in the match",
    "times told by `zone` or `unit` in lists of lists",
    "timestamps within lists and maps of tables that differ in `zone` or `unit`",
];

/// Every dialect, in the order in which they are listed.
pub static DIALECTS: &[Entry] = &[
    Entry {
        title: "DuckDB",
        aliases: &[],
        support: Support::Proved,
        tested_on: "DuckDB 2.0.0",
        refuses: &["a map of times told by `zone` or `unit`, as a value"],
        dialect: &DuckDb,
    },
    Entry {
        title: "PostgreSQL",
        aliases: &["postgresql", "pg"],
        support: Support::Proved,
        tested_on: "PostgreSQL 15.18",
        refuses: &[
            "a map of times told by `zone` or `unit`, as a value",
            "the remainder of numbers that are not exact",
            "`capture` by a pattern with alternatives or with repeated groups",
            "a name of more than 63 bytes",
            "a timestamp without a zone within a JSON column",
        ],
        dialect: &Postgres,
    },
    Entry {
        title: "SQLite",
        aliases: &["sqlite3"],
        support: Support::Proved,
        tested_on: "SQLite 3.40.1",
        refuses: &[
            "a map of times told by `zone` or `unit`, as a value",
            "a stored decimal of more than 18 digits",
            "a decimal of more than 15 digits as a number that is not exact",
            "decimals in lists of lists",
            "a regular expression",
            "the case of letters beyond ASCII",
            "`split`",
            "`sample`, which needs the hash MD5,",
            "lists that are gathered in an order",
            "the smallest of simultaneous values that are not exact numbers",
            "the remainder of numbers that are not exact",
            "a query whose parts are nested so deeply",
        ],
        dialect: &Sqlite,
    },
    Entry {
        title: "ClickHouse",
        aliases: &["chdb"],
        support: Support::Proved,
        tested_on: "ClickHouse 26.9.2.1",
        refuses: &["a list that may be absent"],
        dialect: &ClickHouse,
    },
    Entry {
        title: "Spark",
        aliases: &["pyspark"],
        support: Support::Proved,
        tested_on: "Spark 4.3.0",
        refuses: &["a map of times told by `zone` or `unit`, as a value", "arithmetic of decimals"],
        dialect: &SPARK,
    },
    Entry {
        title: "DataFusion",
        aliases: &[],
        support: Support::Proved,
        tested_on: "DataFusion 55.0.0",
        refuses: &[
            "a map of times told by `zone` or `unit`, as a value",
            "the sum of a list of decimals",
            "arithmetic of decimals",
            "a map as a column of a table that is made",
        ],
        dialect: &DataFusion,
    },
    Entry {
        title: "MariaDB",
        aliases: &[],
        support: Support::Proved,
        tested_on: "MariaDB 10.11.19",
        refuses: &[
            "a map of times told by `zone` or `unit`, as a value",
            "another case of a text as a value",
            "arithmetic of numbers that are not exact",
            "the remainder of numbers that are not exact",
            "`split` by a separator",
            "a product of decimals",
            "a name of more than 64 characters",
        ],
        dialect: &MariaDb,
    },
    Entry {
        title: "MySQL",
        aliases: &[],
        support: Support::Parsed,
        tested_on: "sqlglot 30.22.0",
        refuses: &[
            "a map of times told by `zone` or `unit`, as a value",
            "another case of a text as a value",
            "arithmetic of numbers that are not exact",
            "the remainder of numbers that are not exact",
            "`split` by a separator",
            "a product of decimals",
            "a number that is not exact",
            "a number of more than 15 digits, in a list or a map",
            "a search in a list of decimals",
            "a name of more than 64 characters",
        ],
        dialect: &MySql,
    },
    Entry {
        title: "Databricks",
        aliases: &[],
        support: Support::Parsed,
        tested_on: "sqlglot 30.22.0",
        refuses: &["a map of times told by `zone` or `unit`, as a value", "arithmetic of decimals"],
        dialect: &DATABRICKS,
    },
    Entry {
        title: "Trino",
        aliases: &["presto", "athena"],
        support: Support::Parsed,
        tested_on: "trino-sql-validator 0.23.0",
        refuses: &[
            "a map of times told by `zone` or `unit`, as a value",
            "an object among the fields of events",
            "the first instant of a day",
            "the places of a list's elements",
            "the entries of a map",
            "a timestamp without a zone as an instant",
        ],
        dialect: &Trino,
    },
    Entry {
        title: "BigQuery",
        aliases: &["googlesql"],
        support: Support::Parsed,
        tested_on: "sqlglot 30.22.0",
        refuses: &[
            "a list that may be absent",
            "a timestamp without a zone",
            "the remainder of numbers that are not exact",
        ],
        dialect: &BigQuery,
    },
    Entry {
        title: "Redshift",
        aliases: &[],
        support: Support::Parsed,
        tested_on: "sqlglot 30.22.0 and sqloxide 0.61.1",
        refuses: &[
            "a product of decimals",
            "a list",
            "a map",
            "an object as a value",
            "a time, or a number that is not exact or of more than 15 digits, in an object",
            "a sequence, for which windows of other than rows are needed",
            "the first or last of several values",
            "texts that are grouped, or the smallest of texts",
            "a timestamp without a zone",
            "another case of a text as a value",
            "a regular expression",
            "a pattern with wildcards inside",
            "arithmetic of numbers that are not exact",
            "a number that is rounded",
            "arithmetic of decimals",
            "a quotient of numbers of more than 19 digits",
            "a name of more than 127 bytes",
        ],
        dialect: &Redshift,
    },
    Entry {
        title: "Snowflake",
        aliases: &[],
        support: Support::Parsed,
        tested_on: "sqlglot 30.22.0",
        refuses: &[
            "a map of times told by `zone` or `unit`, as a value",
            "a product of decimals",
            "a collection in a collection",
            "a timestamp without a zone",
            "the places of a list's elements",
            "the order of a list's elements",
            "a search for what is not a text",
            "a search in lists of other than texts",
            "the sum of a list",
            "the mean of a list",
            "the smallest or largest of a list",
            "the first of events that have no ids",
            "a regular expression",
            "`capture` by a pattern with alternatives or with repeated groups",
            "arithmetic of numbers that are not exact",
            "arithmetic of decimals",
        ],
        dialect: &Snowflake,
    },
];

/// The dialect of a name or an alias, whatever its case.
pub fn find(name: &str) -> Option<&'static Entry> {
    DIALECTS.iter().find(|entry| entry.names().any(|known| known.eq_ignore_ascii_case(name)))
}

impl Entry {
    /// Whether it is told that this, of a refusal's words, cannot be expressed in every case.
    pub fn tells_of(&self, refused: &str) -> bool {
        self.refuses.iter().chain(REFUSED_BY_ALL).any(|told| refused.starts_with(told))
    }

    /// How the command line calls it.
    pub fn name(&self) -> &'static str {
        self.dialect.name()
    }

    /// Its name and its aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name()).chain(self.aliases.iter().copied())
    }
}
