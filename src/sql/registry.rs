//! The dialects by name, with what is known of each: data, so that the command line, the documentation and the tests
//! read the same. Invariant: a dialect is *proved* only if the conformance tests run its queries on the engine.

use super::dialect::Dialect;
use super::duckdb::DuckDb;
use super::postgres::Postgres;

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

/// Every dialect, in the order in which they are listed.
pub static DIALECTS: &[Entry] = &[
    Entry {
        title: "DuckDB",
        aliases: &[],
        support: Support::Proved,
        tested_on: "DuckDB 2.0.0",
        refuses: &[],
        dialect: &DuckDb,
    },
    Entry {
        title: "PostgreSQL",
        aliases: &["postgresql", "pg"],
        support: Support::Proved,
        tested_on: "PostgreSQL 15.18",
        refuses: &[
            "the remainder of numbers that are not exact",
            "`capture` by a pattern with alternatives or with repeated groups",
            "a name of more than 63 bytes",
        ],
        dialect: &Postgres,
    },
];

/// The dialect of a name or an alias, whatever its case.
pub fn find(name: &str) -> Option<&'static Entry> {
    DIALECTS.iter().find(|entry| entry.names().any(|known| known.eq_ignore_ascii_case(name)))
}

impl Entry {
    /// How the command line calls it.
    pub fn name(&self) -> &'static str {
        self.dialect.name()
    }

    /// Its name and its aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name()).chain(self.aliases.iter().copied())
    }
}
