//! Where a schema's field is in the data. Names nothing but the project. Invariant: a path that no setting names lies at
//! itself, or below where the longest mapped beginning of it lies.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::{EpochUnit, EventTypeFrom, FileSet, ListTable, Located, Project, TableName};
use crate::sql::quote::name_parts;

/// Where a text is in the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// In a column, by the steps to it.
    At(Vec<String>),
    /// In several columns.
    Joined(Joined),
}

impl Default for Column {
    fn default() -> Self {
        Column::At(Vec::new())
    }
}

/// Several columns whose texts make one. The text is absent where one of them is, and where one contains a character of
/// the text between them: two different rows never have one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The steps to each column, in order; at least two.
    pub columns: Vec<Vec<String>>,
    /// What stands between them; not empty.
    pub with: String,
}

/// From schema paths to columns: names of a flat table, or paths into nested records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    /// By dotted schema path, the steps of the column's path.
    pub columns: BTreeMap<String, Vec<String>>,
    /// By dotted schema path, the columns of which a text is made.
    pub joined: BTreeMap<String, Joined>,
    /// Whether the data is flat: an unmapped path is one column whose name is the whole dotted path.
    pub flat: bool,
}

impl Mapping {
    /// Says where a path is, unless that has been said.
    pub(super) fn place(&mut self, path: &str, column: &Column) {
        if self.columns.contains_key(path) || self.joined.contains_key(path) {
            return;
        }
        match column {
            Column::At(steps) => {
                self.columns.insert(path.to_owned(), steps.clone());
            }
            Column::Joined(joined) => {
                self.joined.insert(path.to_owned(), joined.clone());
            }
        }
    }

    /// Where the text of a schema path is.
    pub fn column<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Column {
        let steps: Vec<&str> = path.into_iter().collect();
        match self.joined.get(&steps.join(".")) {
            Some(joined) => Column::Joined(joined.clone()),
            None => Column::At(self.physical(steps)),
        }
    }

    /// The steps to a schema path in the data.
    pub fn physical<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let steps: Vec<&str> = path.into_iter().collect();
        for known in (1..=steps.len()).rev() {
            if let Some(column) = self.columns.get(&steps[..known].join(".")) {
                let mut physical = column.clone();
                for step in &steps[known..] {
                    match physical.last_mut() {
                        Some(last) if self.flat => {
                            last.push('.');
                            last.push_str(step);
                        }
                        _ => physical.push((*step).to_owned()),
                    }
                }
                return physical;
            }
        }
        if self.flat { vec![steps.join(".")] } else { steps.into_iter().map(str::to_owned).collect() }
    }
}

/// The tables of a project, as SQL sees them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// The profiles; `None` where they are those that the events name.
    pub profiles: Option<TableLayout>,
    /// The events, one table per `[[events]]`.
    pub events: Vec<TableLayout>,
    /// Related classes by name.
    pub classes: IndexMap<String, TableLayout>,
    /// Imported scores by the propensity's name; the mapping's paths are those of the propensity.
    pub propensity: IndexMap<String, TableLayout>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableLayout {
    /// Its name in SQL.
    pub table: TableName,
    /// The files that hold it, as the project file names them.
    pub files: Vec<String>,
    /// Where the profile's id is: of the profiles their own, of events and scores the one that they belong to; of a class
    /// its key (`None` where the class's key path is it).
    pub id: Option<Column>,
    /// From schema paths to columns. For events `timestamp`, `eventType` and `_id` are in it.
    pub mapping: Mapping,
    /// Of events: the one type that all have, where no column tells it.
    pub event_type: Option<String>,
    /// Of events: whether they have ids.
    pub event_ids: bool,
    /// The zone of timestamps that tell none.
    pub zone: Option<String>,
    /// What integer timestamps count.
    pub unit: Option<EpochUnit>,
    /// The columns that are not of the schema's types, and are cast.
    pub cast: Vec<Located<String>>,
    /// The lists whose elements are rows of a table of their own.
    pub lists: Vec<ListTable>,
}

fn table(name: &TableName, id: Option<&Column>, set: &FileSet) -> TableLayout {
    TableLayout {
        table: name.clone(),
        files: set.files.clone(),
        id: id.cloned(),
        mapping: set.mapping.clone(),
        event_type: None,
        event_ids: false,
        zone: set.zone.clone(),
        unit: set.unit,
        cast: set.cast.clone(),
        lists: set.lists.clone(),
    }
}

pub(super) fn layout(project: &Project) -> Layout {
    let sql = &project.sql;
    let own_name = |own: &str| name_parts(own).unwrap_or_else(|| vec![own.to_owned()]);
    let name =
        |names: &IndexMap<String, TableName>, own: &str| names.get(own).cloned().unwrap_or_else(|| own_name(own));
    let events = project.events.iter().enumerate().map(|(i, events)| {
        let numbered = vec![if i == 0 { "events".to_owned() } else { format!("events_{}", i + 1) }];
        let constant = match &events.event_type {
            EventTypeFrom::Column(_) => None,
            EventTypeFrom::Constant(name) => Some(name.clone()),
        };
        TableLayout {
            event_type: constant,
            event_ids: events.id.is_some(),
            ..table(sql.events.get(i).unwrap_or(&numbered), Some(&events.profile), &events.set)
        }
    });
    let profiles = &project.profiles;
    let classes = project
        .classes
        .iter()
        .map(|(own, class)| (own.clone(), table(&name(&sql.classes, own), class.key.as_ref(), &class.set)));
    let propensity = project
        .propensity
        .iter()
        .map(|(own, scores)| (own.clone(), table(&name(&sql.propensity, own), Some(&scores.id), &scores.set)));
    Layout {
        profiles: (!profiles.from_events).then(|| table(&sql.profiles, Some(&profiles.id), &profiles.set)),
        events: events.collect(),
        classes: classes.collect(),
        propensity: propensity.collect(),
    }
}
