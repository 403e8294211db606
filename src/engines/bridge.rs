//! A session of a database in a Python process, which has the drivers that the users of that database install anyway.
//! Invariant: what the process says is read to the end of each answer, so that the next one is its own.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::{Fault, Target};

/// What runs in the process, behind the engine's own part.
const SCRIPT: &str = include_str!("bridge/session.py");

/// The Python to use; `python3` if it is not set.
pub(super) const PYTHON: &str = "SEGC_PYTHON";

/// A session.
pub struct Session {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    secrets: Vec<String>,
    /// What has a version, `driver` or `server`, and the version.
    pub version: [String; 2],
    /// What database it is, as it says itself; a dialect if that is known.
    pub database: String,
}

impl Session {
    /// Connects; a session that may not write cannot.
    pub fn open(target: &Target, writes: bool) -> Result<Session, Fault> {
        let python = super::python();
        let mut command = Command::new(&python);
        command
            .arg("-c")
            .arg([target.engine.script, SCRIPT].concat())
            .env("SEGC_PLACE", &target.place)
            .env("SEGC_WRITES", if writes { "1" } else { "0" })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let password = target.engine.password.and_then(|variable| {
            if let Some(password) = &target.password {
                command.env(variable, password);
            }
            target.password.clone().or_else(|| std::env::var(variable).ok())
        });
        let secrets = target.secrets.iter().cloned().chain(password).filter(|secret| !secret.is_empty()).collect();
        let mut process = command.spawn().map_err(|error| {
            Fault(format!("`{python}` did not start: {error}; engines are reached through Python, set {PYTHON} to one"))
        })?;
        let (Some(requests), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Fault(format!("`{python}` has no streams")));
        };
        let answers = BufReader::new(answers);
        let (version, database) = Default::default();
        let mut session = Session { process, requests, answers, secrets, version, database };
        let answer = session.answer().map_err(|fault| with_remedy(fault, target, &python))?;
        let ready = answer.get("ready").map(|ready| [0, 1, 2].map(|place| ready[place].as_str().map(str::to_owned)));
        let Some([Some(of), Some(version), Some(database)]) = ready else {
            return Err(Fault(format!("`{python}` did not answer as expected")));
        };
        (session.version, session.database) = ([of, version], database);
        Ok(session)
    }

    /// Runs a statement that gives no rows.
    pub fn execute(&mut self, sql: &str) -> Result<(), Fault> {
        self.send(sql, false, &mut |_| {})
    }

    /// Runs a query and hands over each of its rows, values as texts.
    pub fn query(&mut self, sql: &str, row: &mut dyn FnMut(&[Option<String>])) -> Result<(), Fault> {
        self.send(sql, true, row)
    }

    fn send(&mut self, sql: &str, rows: bool, row: &mut dyn FnMut(&[Option<String>])) -> Result<(), Fault> {
        let sql = sql.trim_end().trim_end_matches(';');
        let request = json!({ "sql": sql, "rows": rows });
        let sent = writeln!(self.requests, "{request}").and_then(|()| self.requests.flush());
        sent.map_err(|error| Fault(format!("the session has ended: {error}")))?;
        loop {
            match self.answer()? {
                Value::Array(values) => {
                    let texts: Vec<Option<String>> =
                        values.into_iter().map(|value| value.as_str().map(str::to_owned)).collect();
                    row(&texts);
                }
                _ => return Ok(()),
            }
        }
    }

    /// The next line of the process; an error that it tells is one here, without the password.
    fn answer(&mut self) -> Result<Value, Fault> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line).map_err(|error| Fault(format!("the session broke: {error}")))?;
        if read == 0 {
            return Err(Fault("the session ended before it answered".to_owned()));
        }
        let value: Value = serde_json::from_str(&line).map_err(|error| Fault(format!("not an answer: {error}")))?;
        match value.get("error").and_then(Value::as_str) {
            Some(error) => Err(Fault(self.without_secrets(error))),
            None => Ok(value),
        }
    }

    fn without_secrets(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }
}

/// A fault; that a package is missing is told with what installs it.
fn with_remedy(Fault(told): Fault, target: &Target, python: &str) -> Fault {
    match target.engine.packages.first() {
        Some(package) if told.starts_with("ModuleNotFoundError") => {
            Fault(format!("{told}; `{python} -m pip install {package}` gets it, and {PYTHON} names another Python"))
        }
        _ => Fault(told),
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
