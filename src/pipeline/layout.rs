//! Where a project's data is, as SQL sees it. What the project file says of files that no table can say (profiles that
//! only events name) is refused: a view over the tables says it in the database.

use std::collections::BTreeMap;

use super::errors;
use crate::data::with_scores;
use crate::diagnostics::Diagnostic;
use crate::emit::ddl;
use crate::hir::Module;
use crate::project::{Column, Layout as TableLayouts, Located, Project, TableLayout};
use crate::schema::{EVENT_TYPE, ID, PROPENSITY, Schema, TIMESTAMP};
use crate::sql::layout::{ClassTable, EventTable, EventType, ListTable, Physical, Records};
use crate::sql::registry;
use crate::sql::times::Times;
use crate::sql::{Ident, Layout, SqlType};
use crate::types::{ObjectId, Ty};
use crate::vector::time::Zone;

/// The tables of a project; a diagnostic for each part that SQL cannot be written for.
pub fn sql_layout(project: &Project, module: &Module) -> Result<Layout, Vec<Diagnostic>> {
    let tables = with_scores(project, &module.propensities).layout();
    let mut refused = joined(project);
    if tables.profiles.is_none() {
        refused.push(errors::not_in_sql("profiles that only events name", project.profiles.set.span));
    }
    let mut layout = layout(&tables, &module.schema);
    refused.extend(beyond(&tables, &module.schema, &mut layout));
    if refused.is_empty() { Ok(layout) } else { Err(refused) }
}

/// What the project file says of tables in a database, and is not so by the schema.
pub(super) fn check(project: &Project, schema: &Schema) -> Vec<Diagnostic> {
    let dialect = project.sql.dialect.iter().filter(|dialect| registry::find(&dialect.value).is_none());
    let mut refused: Vec<Diagnostic> = dialect.map(errors::no_dialect).collect();
    if project.file_sets().any(|set| !set.cast.is_empty() || !set.lists.is_empty()) {
        let tables = project.layout();
        refused.extend(beyond(&tables, schema, &mut layout(&tables, schema)));
    }
    refused
}

/// Adds what the schema must tell of too: lists that are in tables of their own, and columns that are cast.
fn beyond(tables: &TableLayouts, schema: &Schema, layout: &mut Layout) -> Vec<Diagnostic> {
    let mut refused = lists(tables, schema, layout);
    refused.extend(cast(tables, schema, layout));
    refused
}

/// Says which lists are in tables of their own; a diagnostic for each that cannot be.
fn lists(tables: &TableLayouts, schema: &Schema, layout: &mut Layout) -> Vec<Diagnostic> {
    let mut refused = Vec::new();
    let mut set = |records: &mut Records, table: &TableLayout, object: Option<ObjectId>, key: Option<&Physical>| {
        for list in &table.lists {
            let path: Vec<String> = list.path.split('.').map(str::to_owned).collect();
            let field = object.and_then(|object| schema.field_at(object, list.path.split('.')));
            // A list within a list has no record of its own.
            let above = (1..path.len())
                .filter_map(|length| schema.field_at(object?, path[..length].iter().map(String::as_str)));
            let field = field.filter(|_| above.into_iter().all(|above| matches!(above.ty.ty, Ty::Object(_))));
            let Some(Ty::List(element)) = field.map(|field| &field.ty.ty) else {
                refused.push(errors::no_list(&list.path, field.map(|field| field.ty.ty.to_string()), list.span));
                continue;
            };
            let (Some([key]), Some(element)) = (key.map(Vec::as_slice), ddl::type_of(schema, element)) else {
                refused.push(errors::list_of_no_key(&list.path, list.span));
                continue;
            };
            records.columns.insert(list.path.clone(), vec![list.path.clone()]);
            let elements = ListTable {
                path,
                records: Records {
                    table: list.table.clone(),
                    columns: list.columns.columns.clone(),
                    times: records.times.clone(),
                    ..Records::default()
                },
                parent: list.parent.clone(),
                key: key.clone(),
                order: list.order.clone(),
                value: list.value.clone(),
                element,
            };
            records.lists.insert(list.path.clone(), elements);
        }
    };
    if let Some(profiles) = &tables.profiles {
        set(&mut layout.profiles, profiles, Some(schema.profile), Some(&layout.profile_id));
    }
    match (layout.event_tables.as_mut_slice(), tables.events.as_slice()) {
        ([], [events]) => set(&mut layout.events, events, Some(schema.event), layout.event_id.as_ref()),
        (parts, events) => parts.iter_mut().zip(events).for_each(|(part, events)| {
            set(&mut part.records, events, Some(schema.event), part.id.as_ref());
        }),
    }
    for (name, table) in &tables.classes {
        let object = schema.classes.get(name).map(|class| class.object);
        let class = layout.classes.get_mut(name).into_iter();
        class.for_each(|class| set(&mut class.records, table, object, Some(&class.key)));
    }
    // Lists of scores are no paths of the schema.
    tables.propensity.values().for_each(|table| set(&mut Records::default(), table, None, None));
    refused
}

/// The tables as the project file alone says it.
fn layout(tables: &TableLayouts, schema: &Schema) -> Layout {
    let mut layout = Layout::of(schema);
    if let Some(profiles) = &tables.profiles {
        layout.profile_id = place(profiles).unwrap_or_default();
        layout.text_ids = layout.profile_id == [ID];
        layout.profiles = records(profiles, &[ID]);
    }
    match tables.events.as_slice() {
        [events] if events.event_type.is_none() => read_events(events, &mut layout),
        events => {
            layout.event_tables = events.iter().map(event_table).collect();
            if events.iter().any(|table| !table.event_ids) {
                layout.event_id = None;
            }
        }
    }
    for (name, table) in &tables.classes {
        let class = schema.classes.get(name);
        let key = place(table).or_else(|| class.map(|class| class.key.clone()));
        let table = ClassTable { records: records(table, &[]), key: key.unwrap_or_default() };
        layout.classes.insert(name.clone(), table);
    }
    for (name, table) in &tables.propensity {
        let table = ClassTable { records: records(table, &[]), key: place(table).unwrap_or_default() };
        layout.attached.insert(format!("{PROPENSITY}.{name}"), table);
    }
    layout
}

/// Says of the columns that are cast to which types; a diagnostic for each name that is no column of one value.
fn cast(tables: &TableLayouts, schema: &Schema, layout: &mut Layout) -> Vec<Diagnostic> {
    let of_schema = ddl::tables(schema, layout).into_iter().map(|table| {
        let columns = table.columns.into_iter().map(|(name, ty, _)| (name.text().to_owned(), ty));
        (table.name, columns.collect())
    });
    let mut types: BTreeMap<Vec<Ident>, BTreeMap<String, SqlType>> = of_schema.collect();
    for scores in layout.attached.values() {
        let id = scores.key.first().map(|id| (id.clone(), SqlType::Text));
        types.insert(scores.records.name(), id.into_iter().collect());
    }
    let mut refused = Vec::new();
    let mut one = |records: &mut Records, cast: &[Located<String>]| {
        let types = types.get(&records.name());
        for Located { value, span } in cast {
            match types.and_then(|types| types.get(value)) {
                Some(SqlType::Struct(_) | SqlType::List(_) | SqlType::Map(_)) => {
                    refused.push(errors::cast_of_several(value, *span));
                }
                Some(ty) => {
                    records.cast.insert(value.clone(), ty.clone());
                }
                None => {
                    let known = types.into_iter().flatten().map(|(name, _)| name.as_str());
                    refused.push(errors::cast_of_no_column(value, &records.table.join("."), known, *span));
                }
            }
        }
    };
    let mut set = |records: &mut Records, table: &TableLayout| {
        one(records, &table.cast);
        for list in &table.lists {
            let elements = records.lists.get_mut(&list.path);
            elements.into_iter().for_each(|elements| one(&mut elements.records, &list.cast));
        }
    };
    if let Some(profiles) = &tables.profiles {
        set(&mut layout.profiles, profiles);
    }
    match (layout.event_tables.as_mut_slice(), tables.events.as_slice()) {
        ([], [events]) => set(&mut layout.events, events),
        (parts, events) => parts.iter_mut().zip(events).for_each(|(part, events)| set(&mut part.records, events)),
    }
    for (name, table) in &tables.classes {
        layout.classes.get_mut(name).into_iter().for_each(|class| set(&mut class.records, table));
    }
    for (name, table) in &tables.propensity {
        let scores = layout.attached.get_mut(&format!("{PROPENSITY}.{name}"));
        scores.into_iter().for_each(|scores| set(&mut scores.records, table));
    }
    refused
}

/// A diagnostic for each set of files where texts are made of several columns, which a view says in a database.
fn joined(project: &Project) -> Vec<Diagnostic> {
    let ids = [(&project.profiles.set, Some(&project.profiles.id))];
    let events = project.events.iter().flat_map(|e| [(&e.set, Some(&e.profile)), (&e.set, e.id.as_ref())]);
    let classes = project.classes.values().map(|class| (&class.set, class.key.as_ref()));
    let scores = project.propensity.values().map(|scores| (&scores.set, Some(&scores.id)));
    let mut places = Vec::new();
    for (set, id) in ids.into_iter().chain(events).chain(classes).chain(scores) {
        let joins = matches!(id, Some(Column::Joined(_))) || !set.mapping.joined.is_empty();
        if joins && !places.contains(&set.span) {
            places.push(set.span);
        }
    }
    places.into_iter().map(|span| errors::not_in_sql("a text that is made of several columns", span)).collect()
}

/// The column of a table's id, where it is one.
fn place(table: &TableLayout) -> Option<Vec<String>> {
    match table.id.as_ref()? {
        Column::At(steps) => Some(steps.clone()),
        Column::Joined(_) => None,
    }
}

/// The paths of an event that have a place of their own in a layout.
const APART: [&str; 3] = [ID, TIMESTAMP, EVENT_TYPE];

fn read_events(events: &TableLayout, layout: &mut Layout) {
    layout.event_profile = place(events).unwrap_or_default();
    layout.event_type = events.mapping.physical([EVENT_TYPE]);
    layout.event_time = events.mapping.physical([TIMESTAMP]);
    layout.event_id = events.event_ids.then(|| events.mapping.physical([ID]));
    layout.events = records(events, &APART);
}

fn event_table(events: &TableLayout) -> EventTable {
    EventTable {
        records: records(events, &APART),
        profile: place(events).unwrap_or_default(),
        event_type: match &events.event_type {
            Some(name) => EventType::Constant(name.clone()),
            None => EventType::Column(events.mapping.physical([EVENT_TYPE])),
        },
        time: events.mapping.physical([TIMESTAMP]),
        id: events.event_ids.then(|| events.mapping.physical([ID])),
    }
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
    Records {
        table: table.table.clone(),
        columns,
        flat: table.mapping.flat,
        times: times(table),
        lists: BTreeMap::new(),
        cast: BTreeMap::new(),
    }
}

/// How the table has its instants: counts, if it says of what, before civil times.
fn times(table: &TableLayout) -> Times {
    match (table.unit, table.zone.as_deref().and_then(Zone::new)) {
        (Some(unit), _) => Times::Counts(unit.micros()),
        (None, Some(zone)) => Times::Civil(zone),
        (None, None) => Times::Native,
    }
}
