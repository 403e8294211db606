//! Which drivers the interpreter has through which databases are reached. Invariant: nothing is connected to.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::Fault;
use super::bridge::PYTHON;
use super::registry::ENGINES;

/// What the interpreter is asked.
const SCRIPT: &str = "\
import importlib.metadata as metadata, json, platform, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps({'version': platform.python_version(), 'packages': found}))
";

/// An interpreter and what it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drivers {
    /// The interpreter's version.
    pub version: String,
    /// Packages with their versions.
    pub packages: Vec<(String, String)>,
}

/// The interpreter that is used: that of `SEGC_PYTHON`, else `python3`.
pub fn python() -> String {
    std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned())
}

/// Asks an interpreter for its drivers.
pub fn drivers(python: &str) -> Result<Drivers, Fault> {
    let names = ENGINES.iter().flat_map(|engine| engine.packages);
    let output = Command::new(python).args(["-c", SCRIPT]).args(names).stdin(Stdio::null()).output();
    let output = output.map_err(|error| Fault(format!("`{python}` did not start: {error}")))?;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| Fault(format!("`{python}` is no Python of version 3.8 or later")))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = answer["packages"].as_object().into_iter().flatten();
    Ok(Drivers {
        version: text(&answer["version"]),
        packages: packages.map(|(name, version)| (name.clone(), text(version))).collect(),
    })
}
