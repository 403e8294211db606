//! Hashes of definitions: what a segment means, in 64 digits. Names its siblings and the schema's digest. Invariant:
//! names, titles, documentation, comments, layout and places do not count; operators, operands, types, parameter
//! values, settings and every definition that is reached do.
//!
//! The hash is that of the compact JSON of the definition's node with each reference replaced by the hash of what it
//! refers to. Subjects have generated names, so that `as` does not count either.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::definition::Definition;
use super::expr::{References, Writer};
use super::value::hex;
use super::{FORMAT, Object};
use crate::hir::{EventDefId, Module, PropensityId, SegmentId, Training};
use crate::schema::digest;
use crate::types::LANGUAGE_VERSION;

/// The hash of a segment with all that it reaches: 64 hexadecimal digits. It changes when the meaning may have changed,
/// and only then.
pub fn definition_hash(module: &Module, segment: SegmentId) -> String {
    Hashes::of(module, [Definition::Segment(segment)]).get(Definition::Segment(segment))
}

/// [`definition_hash`] of every segment, in their order; shared definitions are hashed once.
pub fn definition_hashes(module: &Module) -> Vec<String> {
    let ids: Vec<Definition> = (0..module.segments.len() as u32).map(|id| Definition::Segment(SegmentId(id))).collect();
    let hashes = Hashes::of(module, ids.iter().copied());
    ids.into_iter().map(|id| hashes.get(id)).collect()
}

/// The hash of what a propensity predicts and for whom, with all that they reach. How its values are read afterwards
/// (buckets, `max age`, the control group) does not count.
pub fn propensity_hash(module: &Module, propensity: PropensityId) -> String {
    let mut module = module.clone();
    if let Some(propensity) = module.propensities.get_mut(propensity.0 as usize) {
        (propensity.max_age, propensity.buckets, propensity.control) = (None, [0.0; 2], None);
    }
    let definition = Definition::Propensity(propensity);
    Hashes::of(&module, [definition]).get(definition)
}

/// The hashes of the definitions and custom events that the features of a training are made of, in their order.
pub fn feature_hashes(module: &Module, training: &Training) -> Vec<String> {
    let events = training.events.iter().filter_map(|name| {
        let place = module.events.iter().position(|event| event.name == *name)?;
        Some(Definition::Event(EventDefId(place as u32)))
    });
    let ids: Vec<Definition> = training.lets.iter().map(|id| Definition::Let(*id)).chain(events).collect();
    let hashes = Hashes::of(module, ids.iter().copied());
    ids.into_iter().map(|id| hashes.get(id)).collect()
}

/// The hashes of some definitions and of all that they reach.
pub(super) struct Hashes<'a> {
    module: &'a Module,
    found: FxHashMap<Definition, String>,
}

impl<'a> Hashes<'a> {
    /// Hashes definitions, each after those that it refers to. Without recursion: chains of definitions may be long.
    pub fn of(module: &'a Module, roots: impl IntoIterator<Item = Definition>) -> Self {
        let mut found = FxHashMap::default();
        let mut begun = FxHashSet::default();
        let mut waiting: Vec<Definition> = roots.into_iter().collect();
        waiting.reverse();
        while let Some(definition) = waiting.pop() {
            if found.contains_key(&definition) {
                continue;
            }
            // Written with what is known so far: complete if everything it reaches is known.
            let mut writer = Writer::new(module, References::Hashes(&found));
            let node = writer.definition(definition);
            let mut reached = writer.reached;
            // One that has begun waits further down: a circle, which only a module with errors has.
            reached.retain(|other| !found.contains_key(other) && !begun.contains(other) && *other != definition);
            if reached.is_empty() {
                found.insert(definition, hash(module, node));
            } else {
                begun.insert(definition);
                waiting.push(definition);
                waiting.append(&mut reached);
            }
        }
        Hashes { module, found }
    }

    /// The hash of a definition that was asked for.
    pub fn get(&self, definition: Definition) -> String {
        self.found.get(&definition).cloned().unwrap_or_default()
    }

    /// A definition for readers: `head`, its hash, what it means.
    pub fn written(&self, definition: Definition, head: Object) -> Value {
        let mut node = head;
        node.insert("hash".into(), self.get(definition).into());
        node.extend(Writer::new(self.module, References::Names).definition(definition));
        Value::Object(node)
    }
}

fn hash(module: &Module, node: Object) -> String {
    let settings = super::settings(&module.settings);
    let mut text = format!("segc rules {FORMAT} language {LANGUAGE_VERSION}\n{settings}\n").into_bytes();
    // Into a vector nothing fails; and `Display` of a value goes through two writers more.
    let _ = serde_json::to_writer(&mut text, &node);
    hex(&digest(&text))
}
