//! Runs emitted SQL where the data lives. A database is reached through a client that its users have, a Python package or
//! Python itself, in one process for the whole run. Names `sql`, `emit` (the canary) and what lies below.
//!
//! Invariants: nothing is written unless a table to write into was named, and then all or nothing; no password is in an
//! argument, an error or a statement.

use std::collections::BTreeMap;
use std::fmt;

mod bridge;
mod drivers;
mod keys;
mod registry;
mod replace;
mod statements;
mod target;

pub use bridge::Session;
pub use drivers::{Drivers, drivers, python};
pub use registry::{ENGINES, Engine};
pub use replace::{Place, Replacement, Step, replacement};
pub use statements::Membership;
pub use target::Target;

use crate::emit::canary::{self, Columns};
use crate::sql::tree::Statement;
use crate::sql::{Dialect, Query, Select, print_statement, registry as dialects};
use crate::vector::time::Zone;

/// Why an engine did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(pub String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The dialect of a session: that of the database; where a driver does not tell it, the one that is named.
pub fn dialect(target: &Target, session: &Session, named: Option<&str>) -> Result<&'static dyn Dialect, Fault> {
    let database = session.database.as_str();
    // `Apache Spark`, `Amazon Redshift`
    let told = dialects::find(database).or_else(|| dialects::find(database.rsplit(' ').next()?));
    let unknown = |name: &str| Fault(format!("there is no dialect `{name}`; `segc dialects` lists them"));
    let named = named.map(|name| dialects::find(name).ok_or_else(|| unknown(name))).transpose()?;
    match (told, named) {
        (Some(told), Some(named)) if told.name() != named.name() => {
            Err(Fault(format!("the database is {}, not {}", told.title, named.title)))
        }
        (Some(told), _) => Ok(told.dialect),
        (None, Some(named)) if target.is_told_by_a_driver() => Ok(named.dialect),
        (None, None) if target.is_told_by_a_driver() => {
            Err(Fault(format!("the driver calls its database `{database}`; `--dialect` names its SQL")))
        }
        (None, _) => Err(Fault(format!("the database is `{database}`, for which there is no SQL"))),
    }
}

/// Prepares a session for a dialect's queries and asks the canary; an error names the settings that disagree, or the
/// columns.
pub fn prepare(session: &mut Session, dialect: &dyn Dialect, zone: &Zone, columns: &Columns) -> Result<(), Fault> {
    for statement in dialect.prelude() {
        session.execute(statement)?;
    }
    let print = "`segc compile --canary` prints the query that tells";
    let settings = answers(session, dialect, canary::canary(dialect, zone, &Columns::default()))?;
    let settings: Vec<String> = settings.into_iter().filter(|one| !one.agrees).map(|one| one.asked).collect();
    if !settings.is_empty() {
        let settings = settings.join(", ");
        return Err(Fault(format!("this session would select other profiles: it disagrees on {settings}; {print}")));
    }
    let asked = columns.asked(dialect);
    let rows = asked.iter().map(|(name, asked)| (name.as_str(), &asked.row)).collect();
    let mut told = answers_of_columns(session, dialect, &rows)?;
    let open = told.iter().filter_map(|answer| {
        let beyond = asked.get(&answer.asked)?.beyond.as_ref()?;
        let is_open = answer.agrees && !beyond.is_ruled_out_by(answer.found.as_deref());
        is_open.then_some((beyond.name.as_str(), &beyond.row))
    });
    told.extend(answers_of_columns(session, dialect, &open.collect())?);
    let disagree = told.into_iter().filter(|answer| !answer.agrees);
    let disagree: Vec<_> = disagree.map(|answer| (answer.asked, answer.found.unwrap_or_default())).collect();
    if !disagree.is_empty() {
        return Err(Fault(format!("{}; {print}", canary::told_of_columns(&disagree, &asked))));
    }
    Ok(())
}

/// What helps where a model's scores are not in the database.
const SCORES: &str = " (scores are a table of what `segc propensity score` writes, which `[propensity.NAME]` in `seg.toml` \
                      tells of)";

/// A row of a canary.
struct Answer {
    asked: String,
    agrees: bool,
    /// What was found, where it was a column that was asked for.
    found: Option<String>,
}

/// The answers to rows of a canary that ask for columns. Where one cannot be asked, and no other disagrees, the engine's
/// error is told with its name.
fn answers_of_columns(
    session: &mut Session,
    dialect: &dyn Dialect,
    rows: &BTreeMap<&str, &Select>,
) -> Result<Vec<Answer>, Fault> {
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let all = answers(session, dialect, canary::together(rows.values().map(|row| (*row).clone())));
    let Err(fault) = all else { return all };
    let (mut known, mut unasked) = (Vec::new(), None);
    for (name, row) in rows {
        match answers(session, dialect, canary::together([(*row).clone()])) {
            Ok(answers) => known.extend(answers),
            Err(fault) => {
                let scores = if name.contains(".propensity.") { SCORES } else { "" };
                unasked.get_or_insert_with(|| Fault(format!("{name}: it cannot be read{scores}: {fault}")));
            }
        }
    }
    if known.iter().all(|answer| answer.agrees) { Err(unasked.unwrap_or(fault)) } else { Ok(known) }
}

/// The answers to a canary.
fn answers(session: &mut Session, dialect: &dyn Dialect, query: Query) -> Result<Vec<Answer>, Fault> {
    let query = print_statement(&Statement::Query(query), dialect);
    let mut answers = Vec::new();
    session.query(&query, &mut |row: &[Option<String>]| {
        if let [asked, agrees, found] = row {
            let agrees = agrees.as_deref() == Some("1");
            answers.push(Answer { asked: asked.clone().unwrap_or_default(), agrees, found: found.clone() });
        }
    })?;
    Ok(answers)
}
