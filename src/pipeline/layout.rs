//! Where a project's data is, as SQL sees it. What the project file says of files that a plain table cannot say (an event
//! type that is a constant, several event tables, profiles that only events name, timestamps that are numbers or tell no
//! zone) is refused: a view over the tables says it in the database.

use std::collections::BTreeMap;

use super::errors;
use crate::data::PROPENSITY;
use crate::diagnostics::Diagnostic;
use crate::project::{Project, TableLayout};
use crate::schema::{EVENT_TYPE, ID, Schema, TIMESTAMP};
use crate::sql::Layout;
use crate::sql::layout::{ClassTable, Records};

/// The tables of a project; a diagnostic for each part that SQL cannot be written for.
pub fn sql_layout(project: &Project, schema: &Schema) -> Result<Layout, Vec<Diagnostic>> {
    let tables = project.layout();
    let mut layout = Layout::of(schema);
    let mut refused = Vec::new();
    match &tables.profiles {
        Some(profiles) => {
            layout.text_ids = profiles.id == [ID];
            layout.profile_id = profiles.id.clone();
            layout.profiles = records(profiles, &[ID]);
        }
        None => refused.push(errors::not_in_sql("profiles that only events name")),
    }
    match tables.events.as_slice() {
        [] => {}
        [events] => read_events(events, &mut layout, &mut refused),
        _ => refused.push(errors::not_in_sql("several tables of events")),
    }
    for (name, table) in &tables.classes {
        let class = schema.classes.get(name);
        let key = if table.id.is_empty() { class.map(|class| class.key.clone()) } else { Some(table.id.clone()) };
        let table = ClassTable { records: records(table, &[]), key: key.unwrap_or_default() };
        layout.classes.insert(name.clone(), table);
    }
    for (name, table) in &tables.propensity {
        let table = ClassTable { records: records(table, &[]), key: table.id.clone() };
        layout.attached.insert(format!("{PROPENSITY}.{name}"), table);
    }
    if refused.is_empty() { Ok(layout) } else { Err(refused) }
}

fn read_events(events: &TableLayout, layout: &mut Layout, refused: &mut Vec<Diagnostic>) {
    let column = |name: &str| events.mapping.columns.get(name).cloned().unwrap_or_else(|| vec![name.to_owned()]);
    if events.event_type.is_some() {
        refused.push(errors::not_in_sql("an event type that no column tells"));
    }
    if events.unit.is_some() {
        refused.push(errors::not_in_sql("timestamps that are numbers"));
    }
    if events.zone.is_some() {
        refused.push(errors::not_in_sql("timestamps without a zone"));
    }
    layout.event_profile = events.id.clone();
    layout.event_type = column(EVENT_TYPE);
    layout.event_time = column(TIMESTAMP);
    layout.event_id = events.event_ids.then(|| column(ID));
    layout.events = records(events, &[ID, TIMESTAMP, EVENT_TYPE]);
}

/// The table with its mapped columns, those apart that have a place of their own in a layout.
fn records(table: &TableLayout, apart: &[&str]) -> Records {
    let columns: BTreeMap<String, Vec<String>> = table
        .mapping
        .columns
        .iter()
        .filter(|(path, place)| !apart.contains(&path.as_str()) && place.join(".") != **path)
        .map(|(path, place)| (path.clone(), place.clone()))
        .collect();
    Records { table: table.table.split('.').map(str::to_owned).collect(), columns }
}
