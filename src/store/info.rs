//! What is in a store, for people and tools: sizes, columns, ranges, dictionaries. Invariant: nothing of the data is read
//! but what the directories say, and the types' ranges of time.

use serde_json::{Value, json};

use super::fault::Fault;
use super::open::Store;
use super::part::{Array, Directory, Part, kind_name};

/// Everything as JSON.
pub fn to_json(store: &Store) -> Result<Value, Fault> {
    let manifest = &store.manifest;
    let (profiles, events) = manifest.totals();
    let parts: Vec<Value> = store
        .parts
        .iter()
        .zip(&manifest.parts)
        .map(|(open, entry)| {
            json!({
                "file": entry.file,
                "bytes": entry.bytes,
                "batch": entry.batch,
                "blocks": open.part.directory.blocks.len(),
                "profiles": entry.profiles,
                "events": entry.events,
                "waiting": { "profiles": entry.waiting.0, "events": entry.waiting.1 },
                "superseded": entry.superseded.as_ref().map_or(0, |gone| gone.profiles + gone.waiting.0),
            })
        })
        .collect();
    let classes: Vec<Value> = manifest
        .classes
        .iter()
        .map(|(name, entry)| json!({ "class": name, "objects": entry.profiles, "bytes": entry.bytes }))
        .collect();
    Ok(json!({
        "schema_version": 1,
        "store": store.folder().display().to_string(),
        "format": manifest.format,
        "tool": manifest.tool,
        "schema": manifest.schema,
        "event_ids": manifest.event_ids,
        "batches": manifest.batches,
        "bytes": manifest.parts.iter().chain(manifest.classes.iter().map(|(_, c)| c)).map(|e| e.bytes).sum::<u64>(),
        "profiles": profiles,
        "events": events,
        "parts": parts,
        "classes": classes,
        "event_types": types(store)?,
        "columns": columns(store)?,
    }))
}

/// For each type how many events, and from when to when.
fn types(store: &Store) -> Result<Vec<Value>, Fault> {
    let mut all = std::collections::BTreeMap::new();
    for open in &store.parts {
        for (name, count, times) in open.part.type_counts()? {
            let known = all.entry(name.to_string()).or_insert((0u64, i64::MAX, i64::MIN));
            *known = (known.0 + count, known.1.min(times.0), known.2.max(times.1));
        }
    }
    let instant = |at: i64| crate::plan::value_text(&crate::types::Value::Timestamp(at));
    let shown = |(name, (events, from, to)): (String, (u64, i64, i64))| json!({ "type": name, "events": events, "from": instant(from), "to": instant(to) });
    Ok(all.into_iter().map(shown).collect())
}

/// For each column how large it is, and how many texts it has.
fn columns(store: &Store) -> Result<Vec<Value>, Fault> {
    let parts: Vec<&Part> = store.parts.iter().map(|open| &*open.part).collect();
    let Some(first) = parts.first() else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for array in first.directory.arrays() {
        let (mut bytes, mut dictionary, mut texts) = (0, 0, None);
        for part in &parts {
            let (own, of_texts) = part.size(array);
            bytes += own;
            dictionary += of_texts;
            texts = texts.max(part.texts(array));
        }
        let mut shown =
            json!({ "column": first.directory.name(array), "kind": kind(&first.directory, array), "bytes": bytes });
        if let (Some(texts), Some(shown)) = (texts, shown.as_object_mut()) {
            shown.insert("texts".into(), json!(texts));
            shown.insert("dictionary_bytes".into(), json!(dictionary));
        }
        all.push(shown);
    }
    Ok(all)
}

fn kind(directory: &Directory, array: Array) -> String {
    match array {
        Array::Column(column) => {
            let spec = &directory.columns[column];
            let kind = kind_name(spec.kind);
            if spec.list { format!("list of {kind}") } else { kind.to_owned() }
        }
        Array::ChildKeys(_) => "keys".into(),
        Array::ChildOffsets(_) => "rows".into(),
        Array::Ids | Array::EventIds => "ids".into(),
        Array::Facet(_)
        | Array::Types
        | Array::TypeOffsets
        | Array::Profile
        | Array::Time
        | Array::Rank
        | Array::ByProfile
        | Array::ByProfileOffsets
        | Array::ByProfileTime
        | Array::Slots
        | Array::SlotsInOrder
        | Array::EndTimes
        | Array::EndRows
        | Array::EndsShared => "index".into(),
    }
}
