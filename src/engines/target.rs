//! Which database a URL means. Invariant: [`Target::shown`] holds no password.

use super::Fault;
use super::registry::{ENGINES, Engine, Place};

/// A database as the command line names it.
#[derive(Debug, Clone)]
pub struct Target {
    /// What it is.
    pub engine: &'static Engine,
    /// Where: a file, a URL without its password, or all that a driver takes.
    pub(super) place: String,
    /// For people.
    shown: String,
    /// The password that stood in the URL.
    pub(super) password: Option<String>,
    /// What else must not be shown.
    pub(super) secrets: Vec<String>,
}

impl Target {
    /// Reads a URL or the name of a file.
    pub fn parse(url: &str) -> Result<Target, Fault> {
        if let Some((scheme, rest)) = url.split_once(':') {
            let scheme = scheme.to_ascii_lowercase();
            if let Some(engine) = ENGINES.iter().find(|engine| engine.schemes.contains(&scheme.as_str())) {
                return match engine.place {
                    Place::File => Ok(Target::file(engine, rest.trim_start_matches("//"))),
                    Place::Server => Target::server(engine, url),
                    Place::Driver => Target::driver(engine, rest),
                };
            }
        }
        let ending = url.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        if let Some(engine) = ENGINES.iter().find(|engine| engine.endings.contains(&ending.as_str())) {
            return Ok(Target::file(engine, url));
        }
        let (shown, _) = without_password(url)?;
        let forms: Vec<&str> = ENGINES.iter().map(|engine| engine.form).collect();
        Err(Fault(format!("`{shown}` does not tell an engine; there are: {}", forms.join(", "))))
    }

    fn file(engine: &'static Engine, place: &str) -> Target {
        let shown = format!("{}:{place}", engine.name);
        Target { engine, place: place.to_owned(), shown, password: None, secrets: vec![] }
    }

    fn server(engine: &'static Engine, url: &str) -> Result<Target, Fault> {
        // `sc://host:15002/;token=…`
        let (address, options) = url.split_once("/;").unwrap_or((url, ""));
        let (shown, password) = without_password(address)?;
        let password = password.map(|password| decoded(&password));
        let place = if options.is_empty() { shown.clone() } else { format!("{shown}/;{options}") };
        Ok(Target { engine, shown, place, password, secrets: secrets(options.split(';')) })
    }

    /// Options of drivers have many names: none is shown, and no value of one that may be secret.
    fn driver(engine: &'static Engine, place: &str) -> Result<Target, Fault> {
        let (driver, options) = place.split_once('?').unwrap_or((place, ""));
        let (shown, password) =
            if driver.contains("://") { without_password(driver)? } else { (driver.to_owned(), None) };
        let mut secrets = secrets(options.split('&'));
        secrets.extend(password.into_iter().flat_map(|password| [decoded(&password), password]));
        let shown = format!("{}:{shown}", engine.name);
        Ok(Target { engine, place: place.to_owned(), shown, password: None, secrets })
    }

    /// Whether the database is whatever a driver reaches.
    pub(super) fn is_told_by_a_driver(&self) -> bool {
        self.engine.place == Place::Driver
    }

    /// For people.
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// Words in the names of options whose values are secret.
const SECRET: &[&str] = &["pass", "pwd", "token", "secret", "key", "auth", "credential", "pat"];

/// What a URL has to be for its password to be told from the rest.
const ENCODING: &str = "the URL cannot be read: it is `engine://user:password@host:port/database`, where `/`, `?`, `#` and \
     `@` within a part are written `%2F`, `%3F`, `%23` and `%40`; a password is best left to the environment";

/// The values of options that are secret, as they are written and as they are meant.
fn secrets<'a>(options: impl Iterator<Item = &'a str>) -> Vec<String> {
    let secret = |name: &str| SECRET.iter().any(|word| name.to_ascii_lowercase().contains(word)) || name == "uri";
    let values = options.filter_map(|pair| pair.split_once('=')).filter(|(name, _)| secret(name));
    values.flat_map(|(_, value)| [value.to_owned(), decoded(value)]).collect()
}

/// A URL without the password of its user, and the password as it is written. One in a parameter (`?password=`) is taken out too.
fn without_password(url: &str) -> Result<(String, Option<String>), Fault> {
    let (url, parameter) = without_parameter(url);
    if hides_a_password(&url) {
        return Err(Fault(ENCODING.to_owned()));
    }
    let taken = || {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, _) = rest.split_once(['/', '?', '#']).unwrap_or((rest, ""));
        let (user, _) = authority.rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        let rest = &rest[user.len()..];
        Some((format!("{scheme}://{name}{rest}"), Some(password.to_owned())))
    };
    Ok(taken().unwrap_or_else(|| (url.clone(), parameter)))
}

/// Whether what is written as a port, a path or a parameter seems to be the rest of a password.
fn hides_a_password(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return url.contains('@') };
    let (authority, behind) = rest.split_once(['/', '?', '#']).unwrap_or((rest, ""));
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    let is_port = |port: &str| port.ends_with(']') || port.bytes().all(|byte| byte.is_ascii_digit());
    behind.contains('@') || hosts.split(',').any(|host| host.rsplit_once(':').is_some_and(|(_, port)| !is_port(port)))
}

fn without_parameter(url: &str) -> (String, Option<String>) {
    let Some((before, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let (secret, kept): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| pair.to_ascii_lowercase().starts_with("password="));
    let password = secret.first().and_then(|pair| pair.split_once('=')).map(|(_, value)| value.to_owned());
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
