//! Which database a URL means. Invariant: [`Target::shown`] holds no password.

use super::Fault;

/// A database that can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file, through the Python package `duckdb`.
    DuckDb,
    /// A file, through Python's own package `sqlite3`.
    Sqlite,
    /// A server, through the Python package `psycopg` or `psycopg2`.
    Postgres,
}

impl Kind {
    /// How the client and the dialect call it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::DuckDb => "duckdb",
            Kind::Sqlite => "sqlite",
            Kind::Postgres => "postgres",
        }
    }
}

/// A database as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What it is.
    pub kind: Kind,
    /// Where: a file, or a URL without its password.
    pub place: String,
    /// The password that stood in the URL.
    pub(super) password: Option<String>,
}

const KNOWN: &str = "a DuckDB file (`shop.duckdb`, `duckdb:shop.db`), an SQLite file (`shop.sqlite`, `sqlite:shop.db`), \
     and `postgres://host/database`";

impl Target {
    /// Reads a URL or the name of a file.
    pub fn parse(url: &str) -> Result<Target, Fault> {
        let file = |kind, place: &str| Ok(Target { kind, place: place.to_owned(), password: None });
        if let Some((scheme, rest)) = url.split_once(':') {
            match scheme.to_ascii_lowercase().as_str() {
                "duckdb" => return file(Kind::DuckDb, rest.trim_start_matches("//")),
                "sqlite" | "sqlite3" => return file(Kind::Sqlite, rest.trim_start_matches("//")),
                "postgres" | "postgresql" => {
                    let (place, password) = without_password(url);
                    return Ok(Target { kind: Kind::Postgres, place, password });
                }
                _ => {}
            }
        }
        match url.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
            Some("duckdb" | "ddb") => file(Kind::DuckDb, url),
            Some("sqlite" | "sqlite3") => file(Kind::Sqlite, url),
            _ => {
                let (shown, _) = without_password(url);
                Err(Fault(format!("`{shown}` does not tell an engine; there are: {KNOWN}")))
            }
        }
    }

    /// For people.
    pub fn shown(&self) -> String {
        match self.kind {
            Kind::DuckDb | Kind::Sqlite => format!("{}:{}", self.kind.name(), self.place),
            Kind::Postgres => self.place.clone(),
        }
    }
}

/// A URL without the password of its user, and the password. One in a parameter (`?password=`) is taken out too.
fn without_password(url: &str) -> (String, Option<String>) {
    let (url, parameter) = without_parameter(url);
    let taken = || {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, _) = rest.split_once(['/', '?', '#']).unwrap_or((rest, ""));
        let (user, _) = authority.rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        let rest = &rest[user.len()..];
        Some((format!("{scheme}://{name}{rest}"), Some(decoded(password))))
    };
    taken().unwrap_or_else(|| (url.clone(), parameter))
}

fn without_parameter(url: &str) -> (String, Option<String>) {
    let Some((before, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let (secret, kept): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| pair.to_ascii_lowercase().starts_with("password="));
    let password = secret.first().and_then(|pair| pair.split_once('=')).map(|(_, value)| decoded(value));
    let url = if kept.is_empty() { before.to_owned() } else { format!("{before}?{}", kept.join("&")) };
    (url, password)
}

/// Percent-encoded text.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |at: usize| tail.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
