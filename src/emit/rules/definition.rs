//! Definitions as nodes: what a `let`, `param`, custom event, propensity or segment means, without its name and
//! documentation. Names its siblings. Invariant: the node holds all of the meaning but the project's settings and the
//! definitions that it names, so that its hash decides whether the meaning is the same.

use serde_json::{Value, json};

use super::Object;
use super::expr::Writer;
use super::value::{self, type_text};
use crate::hir::{
    EventDefId, LetId, Module, ParamId, PropensityId, PropensityOrigin, Rank, Sample, ScoreField, SegmentId,
};

/// A definition of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Definition {
    Let(LetId),
    Param(ParamId),
    Event(EventDefId),
    Segment(SegmentId),
    Propensity(PropensityId),
}

/// Every definition of a module.
pub(super) fn all(module: &Module) -> impl Iterator<Item = Definition> {
    let count = |items: usize| 0..items as u32;
    let lets = count(module.lets.len()).map(|id| Definition::Let(LetId(id)));
    let params = count(module.params.len()).map(|id| Definition::Param(ParamId(id)));
    let events = count(module.events.len()).map(|id| Definition::Event(EventDefId(id)));
    let segments = count(module.segments.len()).map(|id| Definition::Segment(SegmentId(id)));
    let propensities = count(module.propensities.len()).map(|id| Definition::Propensity(PropensityId(id)));
    lets.chain(params).chain(events).chain(segments).chain(propensities)
}

impl Definition {
    /// Its name.
    pub fn name(self, module: &Module) -> &str {
        let name = match self {
            Definition::Let(id) => module.lets.get(id.0 as usize).map(|d| &d.name),
            Definition::Param(id) => module.params.get(id.0 as usize).map(|d| &d.name),
            Definition::Event(id) => module.events.get(id.0 as usize).map(|d| &d.name),
            Definition::Segment(id) => module.segments.get(id.0 as usize).map(|d| &d.name),
            Definition::Propensity(id) => module.propensities.get(id.0 as usize).map(|d| &d.name),
        };
        name.map_or("", String::as_str)
    }
}

impl Writer<'_> {
    /// What a definition means; empty for an id of another module.
    pub fn definition(&mut self, definition: Definition) -> Object {
        let mut node = Object::new();
        match definition {
            Definition::Let(id) => self.definition_let(id, &mut node),
            Definition::Param(id) => {
                if let Some(param) = self.module.params.get(id.0 as usize) {
                    node.insert("type".into(), type_text(&param.ty).into());
                    node.insert("value".into(), value::literal(&param.value));
                }
            }
            Definition::Event(id) => {
                if let Some(event) = self.module.events.get(id.0 as usize) {
                    node.insert("of".into(), self.collection(&event.collection));
                }
            }
            Definition::Segment(id) => self.definition_segment(id, &mut node),
            Definition::Propensity(id) => self.definition_propensity(id, &mut node),
        }
        node
    }

    fn definition_let(&mut self, id: LetId, node: &mut Object) {
        let Some(item) = self.module.lets.get(id.0 as usize) else { return };
        let params = item.params.iter().enumerate();
        let params = params.map(|(index, (name, ty))| (self.parameter(index, name), type_text(ty).into()));
        node.insert("parameters".into(), Value::Object(params.collect()));
        self.locals = &item.params;
        node.insert("value".into(), self.expr(&item.body));
    }

    fn definition_segment(&mut self, id: SegmentId, node: &mut Object) {
        let Some(segment) = self.module.segments.get(id.0 as usize) else { return };
        node.insert("where".into(), self.expr(&segment.condition));
        if let Some(Sample { threshold, salt }) = &segment.sample {
            node.insert("sample".into(), json!({ "threshold": threshold, "salt": salt }));
        }
        if let Some(Rank { by, descending, limit }) = &segment.rank {
            let mut rank = Object::new();
            rank.insert("by".into(), self.expr(by));
            rank.insert("descending".into(), (*descending).into());
            if let Some(limit) = limit {
                rank.insert("limit".into(), (*limit).into());
            }
            node.insert("rank".into(), rank.into());
        }
    }

    fn definition_propensity(&mut self, id: PropensityId, node: &mut Object) {
        let Some(propensity) = self.module.propensities.get(id.0 as usize) else { return };
        let origin = match &propensity.origin {
            PropensityOrigin::Data(table) => {
                let mut origin = json!({ "kind": "data", "from": table.from });
                if let Some(id) = &table.id {
                    origin["id"] = json!(id);
                }
                if !table.fields.is_empty() {
                    origin["fields"] = fields(&table.fields);
                }
                origin
            }
            PropensityOrigin::Profile { adapter, fields: read } => {
                json!({ "kind": "profile", "adapter": adapter, "fields": fields(read) })
            }
            PropensityOrigin::Model(model) => {
                let columns: Object =
                    model.columns.iter().map(|(name, expr)| (name.clone(), self.expr(expr))).collect();
                let eligible = model.eligible.as_ref().map(|expr| self.expr(expr));
                let (format, file) = (model.format.name(), &model.file);
                json!({ "kind": "model", "format": format, "file": file, "for": eligible, "columns": columns })
            }
            PropensityOrigin::Declared { predict, eligible, .. } => {
                json!({ "kind": "declared", "predict": self.expr(predict), "for": self.expr(eligible) })
            }
        };
        node.insert("origin".into(), origin);
        if let Some(Sample { threshold, salt }) = &propensity.control {
            node.insert("control".into(), json!({ "threshold": threshold, "salt": salt }));
        }
        if let Some(age) = &propensity.max_age {
            node.insert("max_age".into(), self.expr(age));
        }
        let [low, medium] = propensity.buckets;
        node.insert("buckets".into(), json!({ "low_below": low, "medium_below": medium }));
    }
}

/// Where the values of scores are, by what they say.
fn fields(read: &[(ScoreField, Vec<String>)]) -> serde_json::Value {
    read.iter().map(|(field, path)| (field.name().to_owned(), json!(path))).collect::<Object>().into()
}
