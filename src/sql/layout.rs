//! How the paths of a schema lie in the tables of a database. By default each object is a struct column, so that the
//! path `homeAddress.countryCode` is the field `countryCode` of the column `homeAddress`; a mapping places single paths,
//! or whole objects, elsewhere. Names `schema` for its field names only. Invariant: a physical path has at least one
//! part, its column.

use std::collections::BTreeMap;

use super::times::Times;
use super::tree::{Expr, Ident, SqlType, TableColumn};
use crate::schema;

/// A column and the struct fields below it.
pub type Physical = Vec<String>;

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The table with one row per profile.
    pub profiles: Records,
    /// The profile's id there; unique and never null.
    pub profile_id: Physical,
    /// Whether profile ids are text there (and in the events); else they are cast where their text is needed.
    pub text_ids: bool,
    /// The table with one row per event.
    pub events: Records,
    /// The id of the profile that an event belongs to.
    pub event_profile: Physical,
    /// The event's type.
    pub event_type: Physical,
    /// The event's instant; never null.
    pub event_time: Physical,
    /// The event's id, where there is one.
    pub event_id: Option<Physical>,
    /// The tables of the events where they are not one plain table; the columns named above are then those of what is
    /// made of them.
    pub event_tables: Vec<EventTable>,
    /// Whether no double of these tables is NaN or infinite, so that they need not be tested for it.
    pub finite_floats: bool,
    /// Tables with at most one row per profile whose columns are the fields below a dotted path of the profile
    /// (`propensity.churn`: the scores of a model); the key is the profile's id.
    pub attached: BTreeMap<String, ClassTable>,
    /// The tables of related classes, by name.
    pub classes: BTreeMap<String, ClassTable>,
}

/// A table of events, one of several or not a plain one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTable {
    /// The table.
    pub records: Records,
    /// The id of the profile that an event belongs to.
    pub profile: Physical,
    /// Where the event's type is.
    pub event_type: EventType,
    /// The event's instant; never null.
    pub time: Physical,
    /// The event's id, where there is one.
    pub id: Option<Physical>,
}

/// Where the type of a table's events is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventType {
    /// In a column.
    Column(Physical),
    /// All of them have this one.
    Constant(String),
}

/// A table of records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// The table's name in parts: catalog, schema, table as far as needed.
    pub table: Vec<String>,
    /// Where paths of the schema are that are not in struct columns of their own name: from a dotted path to a column
    /// and its fields. What is below a mapped path is below its place.
    pub columns: BTreeMap<String, Physical>,
    /// Whether what is below is in a column of its own, whose name has the further steps behind dots.
    pub flat: bool,
    /// How its instants are stored.
    pub times: Times,
    /// The lists whose elements are rows of a table of their own, by the column that they have among these records: it is
    /// made where they are read, and a path leads to it among [`Records::columns`].
    pub lists: BTreeMap<String, ListTable>,
    /// The columns that are of other types than the schema's, each with the type that it is cast to where it is read.
    pub cast: BTreeMap<String, SqlType>,
}

/// A table of the elements of lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListTable {
    /// The schema's path of the list.
    pub path: Vec<String>,
    /// The table; its columns are those of an element's fields.
    pub records: Records,
    /// The column with the key of the record that has the list.
    pub parent: String,
    /// That record's own column of the key.
    pub key: String,
    /// The column by which the elements of a list are in order.
    pub order: String,
    /// The column of an element that is one value.
    pub value: String,
    /// The type of the elements by the schema.
    pub element: SqlType,
}

/// The table of a related class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassTable {
    /// The table.
    pub records: Records,
    /// Its primary key; unique and never null.
    pub key: Physical,
}

impl Default for Layout {
    /// `profiles` with `_id`, `events` with `profile_id`, and a table per class under its own name.
    fn default() -> Self {
        let physical = |name: &str| vec![name.to_owned()];
        Layout {
            profiles: Records { table: physical("profiles"), ..Records::default() },
            profile_id: physical(schema::ID),
            text_ids: true,
            events: Records { table: physical("events"), ..Records::default() },
            event_profile: physical("profile_id"),
            event_type: physical(schema::EVENT_TYPE),
            event_time: physical(schema::TIMESTAMP),
            event_id: Some(physical(schema::ID)),
            event_tables: vec![],
            finite_floats: false,
            attached: BTreeMap::new(),
            classes: BTreeMap::new(),
        }
    }
}

impl Layout {
    /// The default layout with a table for each class of a schema.
    pub fn of(schema: &schema::Schema) -> Layout {
        let classes = schema.classes.iter().map(|(name, class)| {
            let records = Records { table: vec![name.clone()], ..Records::default() };
            (name.clone(), ClassTable { records, key: class.key.clone() })
        });
        Layout { classes: classes.collect(), ..Layout::default() }
    }

    /// The attached table that holds a path of the profile, the path of its root, and the steps below that.
    pub fn attached_at<'p>(&self, path: &'p [&'p str]) -> Option<(String, &ClassTable, &'p [&'p str])> {
        (1..path.len()).rev().find_map(|length| {
            let root = path[..length].join(".");
            self.attached.get(&root).map(|table| (root, table, &path[length..]))
        })
    }

    /// The tables of the events, also where it is one plain one.
    pub fn all_event_tables(&self) -> Vec<EventTable> {
        if !self.event_tables.is_empty() {
            return self.event_tables.clone();
        }
        vec![EventTable {
            records: self.events.clone(),
            profile: self.event_profile.clone(),
            event_type: EventType::Column(self.event_type.clone()),
            time: self.event_time.clone(),
            id: self.event_id.clone(),
        }]
    }

    /// Every table; where the events are not one plain table, what is made of them is among them.
    pub fn all_records(&self) -> impl Iterator<Item = &Records> {
        let parts = self.event_tables.iter().map(|table| &table.records);
        let others = self.classes.values().chain(self.attached.values()).map(|table| &table.records);
        [&self.profiles, &self.events].into_iter().chain(parts).chain(others)
    }

    /// Whether the instants of each table are stored as such.
    pub fn has_native_times(&self) -> bool {
        self.all_records().all(|records| records.times == Times::Native)
    }

    /// The columns that are cast where they are read, and to what.
    pub fn cast_columns(&self) -> BTreeMap<TableColumn, SqlType> {
        let of_table = |records: &Records| {
            let name = records.name();
            let cast = records.cast.iter();
            cast.map(|(column, ty)| ((name.clone(), Ident::physical(column)), ty.clone())).collect::<Vec<_>>()
        };
        let elements =
            |records: &Records| records.lists.values().flat_map(|list| of_table(&list.records)).collect::<Vec<_>>();
        self.all_records().flat_map(|records| of_table(records).into_iter().chain(elements(records))).collect()
    }

    /// Whether a path of an event's record is its type, its instant or its id.
    pub fn is_apart(&self, path: &[&str]) -> bool {
        match path {
            [name] => {
                *name == schema::EVENT_TYPE
                    || *name == schema::TIMESTAMP
                    || (*name == schema::ID && self.event_id.is_some())
            }
            _ => false,
        }
    }

    /// Where a path of an event's record is: its type, instant and id have places of their own.
    pub fn event_path(&self, path: &[&str]) -> Physical {
        match path {
            [name] if *name == schema::EVENT_TYPE => self.event_type.clone(),
            [name] if *name == schema::TIMESTAMP => self.event_time.clone(),
            [name] if *name == schema::ID => match &self.event_id {
                Some(id) => id.clone(),
                None => self.events.place(path),
            },
            _ => self.events.place(path),
        }
    }
}

impl EventTable {
    /// Where a path of an event's record is; nowhere, if it is the one type that all events have.
    pub fn place(&self, path: &[&str]) -> Physical {
        match (path, &self.event_type, &self.id) {
            ([schema::TIMESTAMP], ..) => self.time.clone(),
            ([schema::EVENT_TYPE], EventType::Column(column), _) => column.clone(),
            ([schema::EVENT_TYPE], EventType::Constant(_), _) => vec![],
            ([schema::ID], _, Some(id)) => id.clone(),
            _ => self.records.place(path),
        }
    }
}

impl Records {
    /// Where a path is: below the longest mapped prefix of it, else in the column of its first step.
    pub fn place(&self, path: &[&str]) -> Physical {
        let mapped =
            (1..=path.len()).rev().find_map(|length| Some((length, self.columns.get(&path[..length].join("."))?)));
        let (mut place, rest) = match mapped {
            Some((length, place)) => (place.clone(), &path[length..]),
            None => (path.iter().take(1).map(|step| (*step).to_owned()).collect(), path.get(1..).unwrap_or_default()),
        };
        for step in rest {
            match place.last_mut().filter(|_| self.flat) {
                Some(last) => last.extend([".", step]),
                None => place.push((*step).to_owned()),
            }
        }
        place
    }

    /// A column of the table under an alias, cast if it is.
    pub fn column(&self, alias: &Ident, name: &str) -> Expr {
        let column = Expr::column(alias, &Ident::physical(name));
        match self.cast.get(name) {
            Some(ty) => column.cast(ty.clone()),
            None => column,
        }
    }

    /// The table's name for a `FROM` clause.
    pub fn name(&self) -> Vec<Ident> {
        self.table.iter().map(|part| Ident::physical(part)).collect()
    }
}
