//! The rule tree: a checked project as typed JSON, for readers that are no compilers. Described node by node by
//! [`SCHEMA`]. Names `hir`, `builtins`, `schema` and what lies below. Invariant: equal modules give equal bytes, and a
//! module without errors gives a tree that the schema accepts.
//!
//! Definitions stay apart under their names and expressions refer to them; a reader evaluates `{"op": "let", …}` by
//! looking the name up under `lets`. Flags that are false and parts that were not written are left out.

use serde_json::{Map, Value, json};

use crate::hir::{LetId, Module, ParamId, PropensityId, SegmentId, Settings};
use crate::types::LANGUAGE_VERSION;

mod collection;
mod definition;
mod expr;
mod hash;
mod operands;
mod print;
mod value;

pub use hash::{definition_hash, definition_hashes, feature_hashes, propensity_hash};
pub use print::text;

use definition::Definition;
use hash::Hashes;
use value::{hex, put_text};

/// The version of the form of the tree. It goes up when a reader of the tree would have to change.
pub const FORMAT: u32 = 1;

/// The tree's JSON Schema (draft 2020-12), with a description of each kind of node.
pub const SCHEMA: &str = include_str!("../rules.schema.json");

type Object = Map<String, Value>;

/// The rule tree of a project. [`text`] prints it.
pub fn rules(module: &Module) -> Value {
    let hashes = Hashes::of(module, definition::all(module));
    let mut root = Object::new();
    root.insert("format".into(), FORMAT.into());
    root.insert("language".into(), LANGUAGE_VERSION.into());
    root.insert("compiler".into(), concat!("segc ", env!("CARGO_PKG_VERSION")).into());
    root.insert("schema".into(), hex(&module.schema.fingerprint()).into());
    root.insert("settings".into(), settings(&module.settings));
    root.insert("params".into(), params(module, &hashes));
    root.insert("lets".into(), lets(module, &hashes));
    root.insert("events".into(), events(module, &hashes));
    root.insert("propensities".into(), propensities(module, &hashes));
    root.insert("segments".into(), segments(module, &hashes));
    Value::Object(root)
}

/// What of the project's settings is part of the meaning.
fn settings(settings: &Settings) -> Value {
    json!({ "zone": settings.zone, "week_start": settings.week_start, "event_ids": settings.event_ids })
}

fn params(module: &Module, hashes: &Hashes<'_>) -> Value {
    let ids = (0..module.params.len() as u32).map(|id| Definition::Param(ParamId(id)));
    let all = module.params.iter().zip(ids).map(|(param, id)| (param.name.clone(), hashes.written(id, Object::new())));
    Value::Object(all.collect())
}

fn lets(module: &Module, hashes: &Hashes<'_>) -> Value {
    let ids = (0..module.lets.len() as u32).map(|id| Definition::Let(LetId(id)));
    let all = module.lets.iter().zip(ids).map(|(item, id)| (item.name.clone(), hashes.written(id, docs(&item.docs))));
    Value::Object(all.collect())
}

fn events(module: &Module, hashes: &Hashes<'_>) -> Value {
    let ids = (0..module.events.len() as u32).map(|id| Definition::Event(crate::hir::EventDefId(id)));
    let all = module.events.iter().zip(ids).map(|(item, id)| (item.name.clone(), hashes.written(id, docs(&item.docs))));
    Value::Object(all.collect())
}

fn propensities(module: &Module, hashes: &Hashes<'_>) -> Value {
    let ids = (0..module.propensities.len() as u32).map(|id| Definition::Propensity(PropensityId(id)));
    let all =
        module.propensities.iter().zip(ids).map(|(item, id)| (item.name.clone(), hashes.written(id, docs(&item.docs))));
    Value::Object(all.collect())
}

fn segments(module: &Module, hashes: &Hashes<'_>) -> Value {
    let ids = (0..module.segments.len() as u32).map(|id| Definition::Segment(SegmentId(id)));
    let all = module.segments.iter().zip(ids).map(|(segment, id)| {
        let mut head = Object::new();
        head.insert("name".into(), segment.name.as_str().into());
        put_text(&mut head, "title", &segment.title);
        put_text(&mut head, "docs", &segment.docs);
        hashes.written(id, head)
    });
    Value::Array(all.collect())
}

fn docs(text: &str) -> Object {
    let mut head = Object::new();
    put_text(&mut head, "docs", text);
    head
}
