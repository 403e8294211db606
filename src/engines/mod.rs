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

use crate::emit::canary::{self, Asked, Columns};
use crate::sql::tree::Statement;
use crate::sql::{Dialect, Query, print_statement, registry as dialects};
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
    let settings = disagreeing(session, dialect, canary::canary(dialect, zone, &Columns::default()))?;
    if !settings.is_empty() {
        let settings: Vec<String> = settings.into_iter().map(|(setting, _)| setting).collect();
        let settings = settings.join(", ");
        return Err(Fault(format!("this session would select other profiles: it disagrees on {settings}; {print}")));
    }
    let asked = columns.asked(dialect);
    let types = of_other_types(session, dialect, &asked)?;
    if !types.is_empty() {
        return Err(Fault(format!("{}; {print}", canary::told_of_columns(&types, &asked))));
    }
    Ok(())
}

/// What helps where a model's scores are not in the database.
const SCORES: &str = " (scores are a table of what `segc propensity score` writes, which `[propensity.NAME]` in `seg.toml` \
                      tells of)";

/// The columns that are not of the schema's types, with those that they are of. Of one that cannot be asked, the engine's
/// error is told with its name.
fn of_other_types(
    session: &mut Session,
    dialect: &dyn Dialect,
    asked: &BTreeMap<String, Asked>,
) -> Result<Vec<(String, String)>, Fault> {
    if asked.is_empty() {
        return Ok(vec![]);
    }
    let all = disagreeing(session, dialect, canary::together(asked.values().map(|asked| asked.row.clone())));
    let Err(fault) = all else { return all };
    let (mut found, mut unasked) = (Vec::new(), None);
    for (name, asked) in asked {
        match disagreeing(session, dialect, canary::together([asked.row.clone()])) {
            Ok(disagree) => found.extend(disagree),
            Err(fault) => {
                let scores = if name.contains(".propensity.") { SCORES } else { "" };
                unasked.get_or_insert_with(|| Fault(format!("{name}: it cannot be read{scores}: {fault}")));
            }
        }
    }
    if found.is_empty() { Err(unasked.unwrap_or(fault)) } else { Ok(found) }
}

/// The rows of a canary that are not as they should be: what was asked, and the type that was found where it was one.
fn disagreeing(session: &mut Session, dialect: &dyn Dialect, query: Query) -> Result<Vec<(String, String)>, Fault> {
    let query = print_statement(&Statement::Query(query), dialect);
    let mut disagree = Vec::new();
    session.query(&query, &mut |row: &[Option<String>]| {
        if let [asked, agrees, found] = row
            && agrees.as_deref() != Some("1")
        {
            disagree.push((asked.clone().unwrap_or_default(), found.clone().unwrap_or_default()));
        }
    })?;
    Ok(disagree)
}
