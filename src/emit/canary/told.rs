//! What people are told of columns that are of other types than the schema's. Invariant: a setting is advised only where it
//! leads to a run.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::Asked;
use crate::sql::stored_types::is_of;

/// The most characters that are shown of what was found.
const SHOWN: usize = 120;

/// What to say of columns that are not as they should be, each with what was found: in one line.
pub fn told_of_columns(found: &[(String, String)], asked: &BTreeMap<String, Asked>) -> String {
    let beyond = |name: &str| asked.values().filter_map(|asked| asked.beyond.as_ref()).find(|one| one.name == name);
    let way_out = |name: &str| match asked.get(name) {
        Some(asked) => asked.way_out,
        None => beyond(name).and_then(|beyond| beyond.way_out),
    };
    let shown = found.iter().map(|(name, found)| {
        let long = found.char_indices().nth(SHOWN).map(|(at, _)| format!("{}…", &found[..at]));
        format!("{name}: found {}", long.as_ref().unwrap_or(found))
    });
    let mut told = format!("columns that are not as the schema says would select other profiles: {}", {
        shown.collect::<Vec<_>>().join("; ")
    });
    let column_to_cast = |(name, found): &(String, String)| {
        let castable = asked.get(name)?.castable.as_ref()?;
        let column = format!("{:?}", castable.column.text());
        castable.types.iter().any(|ty| is_of(found, ty)).then_some((column, castable.of_elements))
    };
    let cast: Vec<(String, bool)> = found.iter().filter_map(column_to_cast).collect();
    for (of_elements, place) in [(false, "`files`"), (true, "the `table` of a list")] {
        let columns = cast.iter().filter(|(_, of)| *of == of_elements).map(|(column, _)| column.as_str());
        let columns = columns.collect::<Vec<_>>().join(", ");
        if !columns.is_empty() {
            told.push_str(&format!("; `cast = [{columns}]` beside {place} in `seg.toml` has them read as it says"));
        }
    }
    let ways_out: Vec<&str> = found.iter().filter_map(|(name, _)| way_out(name)).collect();
    for way_out in ways_out.iter().collect::<BTreeSet<_>>() {
        told.push_str("; ");
        told.push_str(way_out);
    }
    if cast.len() + ways_out.len() < found.len() {
        told.push_str("; a view that casts what is of another type can take the table's place");
    }
    let of_instants = |(name, _): &(String, String)| asked.get(name).is_some_and(|asked| asked.of_instants);
    if found.iter().any(|one| of_instants(one) && column_to_cast(one).is_none()) {
        told.push_str(
            " (but times that tell no zone are told by `zone`, and counts of time by `unit`, beside `files` in `seg.toml`)",
        );
    }
    told
}
