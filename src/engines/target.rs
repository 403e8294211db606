//! Which database a URL means. Invariant: [`Target::shown`] holds no password.

use super::Fault;
use super::registry::{ENGINES, Engine};

/// A database as the command line names it.
#[derive(Debug, Clone)]
pub struct Target {
    /// What it is.
    pub engine: &'static Engine,
    /// Where: a file, or a URL without its password.
    pub place: String,
    /// The password that stood in the URL.
    pub(super) password: Option<String>,
}

impl Target {
    /// Reads a URL or the name of a file.
    pub fn parse(url: &str) -> Result<Target, Fault> {
        if let Some((scheme, rest)) = url.split_once(':') {
            let scheme = scheme.to_ascii_lowercase();
            if let Some(engine) = ENGINES.iter().find(|engine| engine.schemes.contains(&scheme.as_str())) {
                if engine.is_file() {
                    return Ok(Target::file(engine, rest.trim_start_matches("//")));
                }
                let (place, password) = without_password(url)?;
                return Ok(Target { engine, place, password });
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
        Target { engine, place: place.to_owned(), password: None }
    }

    /// For people.
    pub fn shown(&self) -> String {
        if self.engine.is_file() { format!("{}:{}", self.engine.name, self.place) } else { self.place.clone() }
    }
}

/// What a URL has to be for its password to be told from the rest.
const ENCODING: &str = "the URL cannot be read: it is `engine://user:password@host:port/database`, where `/`, `?`, `#` and \
     `@` within a part are written `%2F`, `%3F`, `%23` and `%40`; a password is best left to the environment";

/// A URL without the password of its user, and the password. One in a parameter (`?password=`) is taken out too.
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
        Some((format!("{scheme}://{name}{rest}"), Some(decoded(password))))
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
