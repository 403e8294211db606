//! A project from data alone: which column is what, a schema, a first segment. Names `observe` and `schema`. Invariant: the
//! files that it gives make a project that checks and runs.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::errors;
use super::observe::{Seen, observe};
use super::parse::{self, Moment};
use crate::diagnostics::Diagnostic;
use crate::schema::{InferredClass, Observed, Roles, guess_roles, infer};

/// What a new project is made of. Paths are as they stand in the project file, seen from the project's folder.
#[derive(Debug, Clone, Default)]
pub struct InitRequest {
    /// Profiles.
    pub profiles: Option<String>,
    /// Events.
    pub events: Option<String>,
    /// The column of the profile's id in the profiles, if it is not to be guessed.
    pub profile_id: Option<String>,
    /// The column of the profile's id in the events, if it is not to be guessed.
    pub event_profile: Option<String>,
    /// The column of the timestamp, if it is not to be guessed.
    pub timestamp: Option<String>,
    /// The column of the event's type, if it is not to be guessed.
    pub event_type: Option<String>,
    /// The time zone of the project, and of timestamps that tell none.
    pub zone: String,
}

/// The files of a new project, by their paths in its folder. Nothing is written.
pub fn init(root: &Path, request: &InitRequest) -> Result<Vec<(String, String)>, Diagnostic> {
    let look = |path: &Option<String>| path.as_ref().map(|p| observe(&seen_from(root, p), None, None)).transpose();
    let (mut profiles, events) = (look(&request.profiles)?, look(&request.events)?);
    if profiles.is_none() && events.is_none() {
        return Err(errors::nothing_to_init());
    }
    let event_roles = events.as_ref().map(|seen| event_roles(seen, request)).transpose()?;
    let profile_id = profiles.as_ref().map(|seen| profile_id(seen, request, event_roles.as_ref())).transpose()?;
    let mut roles = event_roles.clone().unwrap_or_default();
    // One name stands for the id in both when the schema is written.
    if let (Some(seen), Some(id)) = (&mut profiles, &profile_id) {
        let shared = roles.profile_id.get_or_insert_with(|| id.clone()).clone();
        if shared != *id
            && let Some(column) = seen.rows.fields.shift_remove(id)
        {
            seen.rows.fields.insert(shared, column);
        }
    }
    let mut classes = Vec::new();
    for (name, seen) in [("profile", &profiles), ("event", &events)] {
        if let Some(seen) = seen {
            classes.push(InferredClass { name, rows: &seen.rows, key: None });
        }
    }
    let mut schema = infer(&classes, &roles);
    if events.is_some() && roles.event_type.is_none() {
        schema = with_event_type(&schema);
    }
    let mut toml = header(request);
    match (&request.profiles, &profiles, &profile_id) {
        (Some(path), Some(seen), Some(id)) => profile_section(&mut toml, path, seen, id, &request.zone),
        _ => toml.push_str("[profiles]\nfrom_events = true\n\n"),
    }
    if let (Some(path), Some(seen)) = (&request.events, &events) {
        event_section(&mut toml, path, seen, &roles, request);
    }
    Ok(vec![
        ("seg.toml".to_owned(), toml.trim_end().to_owned() + "\n"),
        ("schema.json".to_owned(), schema),
        ("segments/first.seg".to_owned(), first_segment(profiles.as_ref(), profile_id.as_deref(), &roles)),
    ])
}

/// A path seen from a folder that need not be there yet.
fn seen_from(root: &Path, path: &str) -> PathBuf {
    let mut seen = root.to_owned();
    for step in Path::new(path).components() {
        let named = matches!(seen.components().next_back(), Some(Component::Normal(_)));
        match step {
            Component::ParentDir if named => {
                seen.pop();
            }
            step => seen.push(step),
        }
    }
    seen
}

fn event_roles(seen: &Seen, request: &InitRequest) -> Result<Roles, Diagnostic> {
    let mut roles = guess_roles(&seen.rows);
    let given = |column: &Option<String>, guess: Option<String>| column.clone().or(guess);
    roles.profile_id = given(&request.event_profile, roles.profile_id);
    roles.timestamp = given(&request.timestamp, roles.timestamp.or_else(|| numeric_time(&seen.rows)));
    roles.event_type = given(&request.event_type, roles.event_type);
    let needed = [
        ("id of the events' profile", "--event-profile", &roles.profile_id),
        ("timestamp of the events", "--timestamp", &roles.timestamp),
    ];
    for (role, flag, found) in needed {
        match found {
            None => return Err(errors::no_role(role, flag, seen.rows.fields.keys().map(String::as_str))),
            Some(column) if !seen.rows.fields.contains_key(column) => {
                return Err(errors::no_column(column, seen.rows.fields.keys().map(String::as_str)));
            }
            Some(_) => {}
        }
    }
    Ok(roles)
}

/// A column of numbers whose name says that it is a time.
fn numeric_time(rows: &Observed) -> Option<String> {
    let names = ["timestamp", "ts", "time", "event_time", "eventtime", "epoch", "created_at"];
    let fits = |(name, seen): &(&String, &Observed)| {
        seen.numbers == seen.present && seen.numbers > 0 && names.contains(&name.to_lowercase().as_str())
    };
    rows.fields.iter().find(fits).map(|(name, _)| name.clone())
}

fn profile_id(seen: &Seen, request: &InitRequest, events: Option<&Roles>) -> Result<String, Diagnostic> {
    let columns = || seen.rows.fields.keys().map(String::as_str);
    if let Some(column) = &request.profile_id {
        let known = seen.rows.fields.contains_key(column);
        return if known { Ok(column.clone()) } else { Err(errors::no_column(column, columns())) };
    }
    let as_in_events = events.and_then(|roles| roles.profile_id.clone());
    as_in_events
        .filter(|column| seen.rows.fields.contains_key(column))
        .or_else(|| guess_roles(&seen.rows).profile_id)
        .ok_or_else(|| errors::no_role("id of the profiles", "--profile-id", columns()))
}

/// A schema whose events are all of one type.
fn with_event_type(schema: &str) -> String {
    let Ok(Value::Object(mut file)) = serde_json::from_str::<Value>(schema) else { return schema.to_owned() };
    file.insert("eventTypes".to_owned(), serde_json::json!({ ONLY_TYPE: "Activity" }));
    let mut text = serde_json::to_string_pretty(&Value::Object(file)).unwrap_or_default();
    text.push('\n');
    text
}

/// The type of events that tell none; `event` would be a reserved word.
const ONLY_TYPE: &str = "activity";

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// A column as TOML writes it: a name with a dot is one step only in brackets.
fn column(name: &str, dotted: bool) -> String {
    if dotted && name.contains('.') { format!("[{}]", quoted(name)) } else { quoted(name) }
}

fn header(request: &InitRequest) -> String {
    format!("schema = \"schema.json\"\nsources = \"segments/*.seg\"\n\n[time]\nzone = {}\n\n", quoted(&request.zone))
}

fn files(toml: &mut String, path: &str, seen: &Seen) {
    let _ = writeln!(toml, "files = {}", quoted(path));
    if seen.flat {
        toml.push_str("flat = true\n");
    }
}

fn profile_section(toml: &mut String, path: &str, seen: &Seen, id: &str, zone: &str) {
    toml.push_str("[profiles]\n");
    files(toml, path, seen);
    let _ = writeln!(toml, "id = {}", column(id, seen.flat));
    if any_local(seen) {
        let _ = writeln!(toml, "zone = {}", quoted(zone));
    }
    toml.push('\n');
}

fn event_section(toml: &mut String, path: &str, seen: &Seen, roles: &Roles, request: &InitRequest) {
    toml.push_str("[events]\n");
    files(toml, path, seen);
    let mut put = |key: &str, name: &Option<String>| {
        if let Some(name) = name {
            let _ = writeln!(toml, "{key} = {}", column(name, seen.flat));
        }
    };
    put("profile", &roles.profile_id);
    put("timestamp", &roles.timestamp);
    put("type", &roles.event_type);
    put("id", &roles.event_id);
    if roles.event_type.is_none() {
        let _ = writeln!(toml, "type = {{ value = \"{ONLY_TYPE}\" }}");
    }
    if let Some(column) = &roles.timestamp {
        match time_form(seen, column) {
            TimeForm::Offset if !any_local(seen) => {}
            TimeForm::Offset | TimeForm::Local => {
                let _ = writeln!(toml, "zone = {}", quoted(&request.zone));
            }
            TimeForm::Number(unit) => {
                let _ = writeln!(toml, "unit = \"{unit}\"");
            }
        }
    }
}

/// Whether any timestamp tells no offset.
fn any_local(seen: &Seen) -> bool {
    let local = |value: &Value| match value {
        // A date alone is a date, not a timestamp.
        Value::String(text) => text.len() > 10 && matches!(parse::timestamp(text), Some(Moment::Local(..))),
        _ => false,
    };
    let mut rows = seen.first.iter().filter_map(Value::as_object);
    !seen.naive.is_empty() || rows.any(|row| row.values().any(local))
}

enum TimeForm {
    Offset,
    Local,
    Number(&'static str),
}

/// How the timestamps of a column are written.
fn time_form(seen: &Seen, column: &str) -> TimeForm {
    let declared = seen.rows.fields.get(column).and_then(|place| place.declared.clone());
    if seen.naive.iter().any(|name| name == column) || declared == Some(crate::types::Ty::Date) {
        return TimeForm::Local;
    }
    for row in &seen.first {
        let number = match &row[column] {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => match parse::timestamp(text) {
                Some(Moment::Local(..)) => return TimeForm::Local,
                Some(Moment::Instant(_)) => return TimeForm::Offset,
                None => text.parse().ok(),
            },
            _ => None,
        };
        if let Some(number) = number {
            // By size: seconds reach 10^11 in the year 5138, milliseconds have passed it since 1973.
            return TimeForm::Number(match number.abs() {
                n if n < 1e5 => "days",
                n if n < 1e11 => "s",
                n if n < 1e14 => "ms",
                _ => "us",
            });
        }
    }
    TimeForm::Offset
}

/// A segment that is right for whatever there is.
fn first_segment(profiles: Option<&Seen>, id: Option<&str>, roles: &Roles) -> String {
    if roles.timestamp.is_some() {
        return "/// Everyone with an event in the last 30 days.\nsegment active \"Active lately\" {\n    \
                where any(events in last 30 days)\n}\n"
            .to_owned();
    }
    let plain = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let scalar = |seen: &Observed| seen.objects == 0 && seen.lists == 0 && seen.present > 0;
    let rows = profiles.map(|seen| &seen.rows.fields);
    let named =
        rows.into_iter().flatten().find(|(name, seen)| Some(name.as_str()) != id && plain(name) && scalar(seen));
    let field = named.map_or("_id", |(name, _)| name);
    // Backquotes are right around any name, reserved words too.
    format!(
        "/// Everyone of whom `{field}` is known.\nsegment known \"Known\" {{\n    where `{field}` is present\n}}\n"
    )
}
