//! A first schema from data: what was observed, written down in our own format. Names serde_json and `types`.
//! Invariant: the text depends only on what was observed and on the options, and loads without a diagnostic of an
//! error.

use serde_json::{Map, Value, json};

use super::observed::Observed;
use super::{EVENT_TYPE, ID, TIMESTAMP};
use crate::types::Ty;

/// Which columns are those that every schema has; they get their fixed names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// The profile's id: in profiles it becomes `_id`, in events it is left out.
    pub profile_id: Option<String>,
    /// The event's id, which becomes `_id`.
    pub event_id: Option<String>,
    /// The event's instant, which becomes `timestamp`.
    pub timestamp: Option<String>,
    /// The event's type, which becomes `eventType`; its values become the event types.
    pub event_type: Option<String>,
}

/// A class to infer, with its rows.
#[derive(Debug, Clone, Copy)]
pub struct InferredClass<'a> {
    /// `profile`, `event` or the name of a related class.
    pub name: &'a str,
    /// Its rows, as one object.
    pub rows: &'a Observed,
    /// The key of a related class, a column.
    pub key: Option<&'a str>,
}

/// The most digits after the point of a number that is taken for an exact decimal; measurements have more.
const MOST_SCALE: u8 = 6;
/// The digits after the point of a decimal of which fewer were seen: amounts have two, though the data may show none
/// that needs both.
const LEAST_SCALE: u8 = 2;
/// The most digits of a decimal whose values went through doubles.
const DIGITS: u8 = 15;
/// The most values of a field that is taken for one with a list of choices.
const MOST_CHOICES: usize = 20;
/// How often a choice is seen on average.
const SEEN_PER_CHOICE: u64 = 10;
/// How deep the fields of a field are described; two levels of JSON each, so that the schema can be read again.
const MOST_DEPTH: usize = 20;
/// The most distinct keys of an object that is not taken for a map.
const MOST_FIELDS: usize = 50;

/// Writes a schema of what was observed. A class that is not given, of the two that every schema has, is left empty.
pub fn infer(classes: &[InferredClass<'_>], roles: &Roles) -> String {
    let mut out = Map::new();
    let find = |name: &str| classes.iter().find(|class| class.name == name);
    let profile = find("profile").map_or_else(|| empty("profile"), |class| profile(class.rows, roles));
    let (event, types) = find("event").map_or_else(|| (empty("event"), None), |class| event(class.rows, roles));
    out.insert("profile".to_owned(), profile);
    out.insert("event".to_owned(), event);
    for class in classes.iter().filter(|class| !matches!(class.name, "profile" | "event")) {
        let mut schema = record(class.name, columns(class.rows), class.rows.objects);
        if let (Some(key), Value::Object(schema)) = (class.key, &mut schema) {
            schema.insert("meta:key".to_owned(), json!(key));
        }
        out.insert(class.name.to_owned(), schema);
    }
    let mut file = json!({ "classes": out });
    if let (Some(types), Value::Object(file)) = (types, &mut file) {
        file.insert("eventTypes".to_owned(), types);
        file.insert("eventTypesOpen".to_owned(), json!(true));
    }
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    text
}

/// Which columns look like those that every schema has, by name and by what is in them.
pub fn guess_roles(rows: &Observed) -> Roles {
    let folded = |name: &str| name.to_lowercase().replace(['_', '-', ' ', '@'], "");
    let find = |names: &[&str], fits: &dyn Fn(&Observed) -> bool| {
        let of = |wanted: &&str| rows.fields.iter().find(|(name, seen)| folded(name) == **wanted && fits(seen));
        names.iter().find_map(of).map(|(name, _)| name.clone())
    };
    let instant = |seen: &Observed| matches!(kind(seen), Kind::Timestamp | Kind::Date);
    let always = |seen: &Observed| seen.present == rows.objects;
    let profile = ["profileid", "customerid", "userid", "personid", "memberid", "visitorid", "studentid", "idstudent"];
    let timestamp = find(
        &[
            "timestamp",
            "ts",
            "eventtime",
            "eventtimestamp",
            "time",
            "datetime",
            "occurredat",
            "createdat",
            "invoicedate",
            "date",
        ],
        &instant,
    )
    .or_else(|| rows.fields.iter().find(|(_, seen)| always(seen) && instant(seen)).map(|(name, _)| name.clone()));
    let event_type =
        find(&["eventtype", "event", "eventname", "type", "action", "activitytype"], &|seen| seen.texts > 0);
    let people = ["profile", "customer", "user", "person", "member", "visitor", "contact", "student"];
    let scalar = |seen: &Observed| seen.texts > 0 || seen.numbers > 0;
    let is_of_events = timestamp.is_some() && event_type.is_some();
    // In profiles such a column may be anything; in events it says whose they are.
    let of_person = || if is_of_events { find(&people, &scalar) } else { None };
    let profile_id = find(&profile, &|seen| seen.present > 0).or_else(of_person);
    let id = find(&["eventid", "id"], &always);
    match profile_id {
        Some(profile_id) => Roles { profile_id: Some(profile_id), event_id: id, timestamp, event_type },
        // rows with no other id are those that their own id names
        None => Roles { profile_id: id, event_id: None, timestamp, event_type },
    }
}

fn empty(name: &str) -> Value {
    json!({ "title": title(name), "type": "object", "properties": {} })
}

/// A field on its way into the text: what it is, and whether it was always there.
struct Column<'a> {
    path: Vec<&'a str>,
    schema: Value,
    always: bool,
}

/// The columns of rows; a dot in a name leads into an object.
fn columns(rows: &Observed) -> Vec<Column<'_>> {
    fn column<'a>((name, seen): (&'a String, &Observed), rows: u64) -> Column<'a> {
        let steps: Vec<&str> = name.split('.').collect();
        let path = if steps.iter().any(|step| step.is_empty()) { vec![name.as_str()] } else { steps };
        Column { path, schema: schema(seen, 0), always: seen.present == rows }
    }
    rows.fields.iter().map(|field| column(field, rows.objects)).collect()
}

fn profile(rows: &Observed, roles: &Roles) -> Value {
    let is =
        |column: &Column<'_>, role: &Option<String>| role.as_ref().is_some_and(|name| column.path.join(".") == *name);
    let mut all = columns(rows);
    all.retain(|column| !is(column, &roles.profile_id) && column.path != [ID]);
    all.insert(0, fixed(ID, json!({ "type": "string" }), true));
    record("profile", all, rows.objects)
}

fn event(rows: &Observed, roles: &Roles) -> (Value, Option<Value>) {
    let is =
        |column: &Column<'_>, role: &Option<String>| role.as_ref().is_some_and(|name| column.path.join(".") == *name);
    let mut all = columns(rows);
    let given = [&roles.profile_id, &roles.event_id, &roles.timestamp, &roles.event_type];
    let fixed_names = [&[ID][..], &[TIMESTAMP], &[EVENT_TYPE]];
    all.retain(|column| !given.iter().any(|role| is(column, role)) && !fixed_names.contains(&column.path.as_slice()));
    let types = roles.event_type.as_ref().and_then(|name| rows.fields.get(name));
    let mut first = vec![
        fixed(TIMESTAMP, json!({ "type": "string", "format": "date-time" }), true),
        fixed(EVENT_TYPE, json!({ "type": "string" }), types.is_some_and(|seen| seen.present == rows.objects)),
    ];
    if let Some(name) = &roles.event_id {
        let always = rows.fields.get(name).is_some_and(|seen| seen.present == rows.objects);
        first.insert(0, fixed(ID, json!({ "type": "string" }), always));
    }
    first.extend(all);
    let names = types.map(|seen| seen.values.iter().map(|name| (name.clone(), json!(title(name)))));
    let names: Option<Map<String, Value>> = names.map(Iterator::collect);
    let types = names.filter(|names| !names.is_empty()).map(Value::Object);
    (record("event", first, rows.objects), types)
}

fn fixed<'a>(name: &'a str, schema: Value, always: bool) -> Column<'a> {
    Column { path: vec![name], schema, always }
}

/// An object of columns; one whose rows were never seen requires nothing.
fn record(name: &str, columns: Vec<Column<'_>>, rows: u64) -> Value {
    let mut out = Map::new();
    out.insert("title".to_owned(), json!(title(name)));
    out.insert("type".to_owned(), json!("object"));
    fill(&mut out, columns, rows > 0);
    Value::Object(out)
}

/// Puts columns into an object's `properties` and `required`, those with more steps into objects of their own.
fn fill(out: &mut Map<String, Value>, columns: Vec<Column<'_>>, any: bool) {
    let mut groups: indexmap::IndexMap<&str, Vec<Column<'_>>> = indexmap::IndexMap::new();
    for mut column in columns {
        let first = column.path.remove(0);
        groups.entry(first).or_default().push(column);
    }
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, group) in groups {
        let always = group.iter().any(|column| column.always);
        let mut property = Map::from_iter([("title".to_owned(), json!(title(name)))]);
        let (own, below): (Vec<_>, Vec<_>) = group.into_iter().partition(|column| column.path.is_empty());
        match own.into_iter().next() {
            // a name that is both a value and the way to others keeps the others
            Some(Column { schema: Value::Object(schema), .. }) if below.is_empty() => property.extend(schema),
            _ => {
                property.insert("type".to_owned(), json!("object"));
                fill(&mut property, below, any);
            }
        }
        properties.insert(name.to_owned(), Value::Object(property));
        if always && any {
            required.push(json!(name));
        }
    }
    out.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        out.insert("required".to_owned(), Value::Array(required));
    }
}

/// What the values of a place have in common.
enum Kind {
    Bool,
    Int,
    Decimal(u8),
    Float,
    Date,
    Timestamp,
    Text,
    List,
    Map,
    Object,
}

fn kind(seen: &Observed) -> Kind {
    let all = |count: u64| count == seen.present && count > 0;
    if all(seen.objects) {
        let uniform = seen.fields.len() > MOST_FIELDS && alike(seen);
        return if uniform { Kind::Map } else { Kind::Object };
    }
    if all(seen.lists) {
        return Kind::List;
    }
    if all(seen.bools) {
        return Kind::Bool;
    }
    if all(seen.numbers) {
        return match seen.scale {
            Some(0) if seen.digits <= 18 => Kind::Int,
            Some(scale) if scale > 0 && scale <= MOST_SCALE && seen.digits + scale <= DIGITS => Kind::Decimal(scale),
            _ => Kind::Float,
        };
    }
    if all(seen.dates) {
        Kind::Date
    } else if all(seen.timestamps) {
        Kind::Timestamp
    } else {
        Kind::Text
    }
}

/// Whether all members of an object are of one kind, as the values of a map are.
fn alike(seen: &Observed) -> bool {
    let mut kinds = seen.fields.values().filter(|member| member.present > 0).map(|member| {
        std::mem::discriminant(&match kind(member) {
            Kind::Int | Kind::Decimal(_) => Kind::Float,
            other => other,
        })
    });
    let first = kinds.next();
    kinds.all(|other| Some(other) == first)
}

/// The description of a place, without its title.
fn schema(seen: &Observed, depth: usize) -> Value {
    if let Some(ty) = &seen.declared {
        return declared(ty, seen, depth);
    }
    match kind(seen) {
        Kind::List | Kind::Map | Kind::Object if depth >= MOST_DEPTH => json!({ "type": "object" }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int => json!({ "type": "integer" }),
        Kind::Decimal(scale) => json!({ "type": "number", "meta:scale": scale.max(LEAST_SCALE) }),
        Kind::Float => json!({ "type": "number" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Timestamp => json!({ "type": "string", "format": "date-time" }),
        Kind::Text => text(seen),
        Kind::List => json!({ "type": "array", "items": inner(seen, depth) }),
        Kind::Map => {
            let mut all = Observed::new();
            seen.fields.values().for_each(|member| all.merge(member));
            json!({ "type": "object", "meta:xdmType": "map", "additionalProperties": schema(&all, depth + 1) })
        }
        Kind::Object => {
            let mut out = Map::from_iter([("type".to_owned(), json!("object"))]);
            // in a nested object a dot is part of the name, which the data has as it is
            let members = seen.fields.iter().map(|(name, member)| Column {
                path: vec![name.as_str()],
                schema: schema(member, depth + 1),
                always: member.present == seen.objects,
            });
            fill(&mut out, members.collect(), true);
            Value::Object(out)
        }
    }
}

fn text(seen: &Observed) -> Value {
    let choices = seen.values.len();
    let repeated = seen.present >= SEEN_PER_CHOICE * choices as u64;
    if seen.many_values || !(2..=MOST_CHOICES).contains(&choices) || !repeated || seen.texts < seen.present {
        return json!({ "type": "string" });
    }
    let values: Map<String, Value> = seen.values.iter().map(|value| (value.clone(), json!(title(value)))).collect();
    json!({ "type": "string", "meta:enum": values })
}

/// The description of a list's elements or a map's values.
fn inner(seen: &Observed, depth: usize) -> Value {
    seen.elements.as_deref().map_or_else(|| json!({ "type": "string" }), |elements| schema(elements, depth + 1))
}

/// The description of a type that a file declares.
fn declared(ty: &Ty, seen: &Observed, depth: usize) -> Value {
    match ty {
        Ty::Bool => json!({ "type": "boolean" }),
        Ty::Int => json!({ "type": "integer" }),
        Ty::Decimal(digits) => {
            json!({ "type": "number", "meta:scale": digits.scale, "meta:digits": digits.precision })
        }
        Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => json!({ "type": "number" }),
        Ty::Date => json!({ "type": "string", "format": "date" }),
        Ty::Timestamp => json!({ "type": "string", "format": "date-time" }),
        Ty::List(_) => json!({ "type": "array", "items": inner(seen, depth) }),
        Ty::Map(_) => {
            json!({ "type": "object", "meta:xdmType": "map", "additionalProperties": inner(seen, depth) })
        }
        Ty::Object(_) => {
            let present = seen.present.max(1);
            schema(&Observed { declared: None, present, objects: present, ..seen.clone() }, depth)
        }
        Ty::String | Ty::Enum(_) | Ty::Duration | Ty::Bucket | Ty::Error => {
            text(&Observed { texts: seen.present, ..seen.clone() })
        }
    }
}

impl Observed {
    /// Adds what was seen at another place.
    pub fn merge(&mut self, other: &Observed) {
        self.present += other.present;
        self.declared = self.declared.take().or_else(|| other.declared.clone());
        self.objects += other.objects;
        for (name, theirs) in &other.fields {
            if let Some(ours) = self.field(name) {
                ours.merge(theirs);
            }
        }
        self.lists += other.lists;
        if let Some(theirs) = &other.elements {
            self.elements.get_or_insert_with(|| Box::new(Observed::new())).merge(theirs);
        }
        self.bools += other.bools;
        self.numbers += other.numbers;
        self.scale = self.scale.zip(other.scale).map(|(a, b)| a.max(b));
        self.digits = self.digits.max(other.digits);
        self.texts += other.texts;
        self.dates += other.dates;
        self.timestamps += other.timestamps;
        self.many_values |= other.many_values;
        other.values.iter().for_each(|value| self.see_value(value));
    }
}

/// A name for people: `first_name`, `firstName` and `commerce.firstName` are "First name".
fn title(name: &str) -> String {
    let mut words = String::new();
    let mut before = ' ';
    for c in name.chars() {
        let gap = matches!(c, '_' | '-' | '.' | ' ' | ':' | '/');
        let hump = c.is_uppercase() && before.is_lowercase();
        if (gap || hump) && !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
        if hump {
            words.extend(c.to_lowercase());
        } else if !gap {
            words.push(c);
        }
        before = c;
    }
    let mut characters = words.trim_end().chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
