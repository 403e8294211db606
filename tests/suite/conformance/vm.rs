//! The virtual machine as an evaluator.

use std::collections::BTreeSet;

use segc::bytecode::{decode, encode, list, verify};
use segc::data::{Records, from_json_records};
use segc::hir::Module;
use segc::{emit, plan, vm};

use super::harness::{Evaluate, Refusal};
use super::rows::Setting;
use crate::oracle::Rows;

/// How the program comes to the machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Route {
    /// Optimised.
    Optimised,
    /// As lowered.
    Plain,
    /// Optimised, encoded to bytes and decoded again.
    Decoded,
}

pub struct Vm(pub Route);

impl Evaluate for Vm {
    fn name(&self) -> String {
        format!("vm, {:?}", self.0)
    }

    fn members(&mut self, module: &Module, rows: &Rows, setting: &Setting) -> Vec<Result<BTreeSet<String>, Refusal>> {
        let plan = plan::lower(module, setting.now);
        let plan = if self.0 == Route::Plain { plan } else { plan::optimize(&plan) };
        let mut program = emit::bytecode::emit(&plan, &emit::bytecode::Provenance::default());
        let all = |why: String| module.segments.iter().map(|_| Err(Refusal::Error(why.clone()))).collect();
        if let Err(fault) = verify(&program) {
            return all(format!("{fault:?}\n{}", list(&program)));
        }
        if self.0 == Route::Decoded {
            match decode(&encode(&program)) {
                Ok(decoded) if decoded == program => program = decoded,
                other => return all(format!("encoded and decoded: {:?}\n{}", other.err(), list(&program))),
            }
        }
        let records = records(rows, setting);
        let loaded = from_json_records(&module.schema, &program.needs, &records, &setting.settings.zone, setting.now);
        // Few rows at once, so that work is cut into chunks too.
        let options = vm::Options { threads: 1, chunk_rows: if self.0 == Route::Plain { 7 } else { 0 } };
        let output = match vm::run(&program, &loaded.dataset, options) {
            Ok(output) => output,
            Err(error) => return all(error.to_string()),
        };
        let ids = |members: &vm::Members| members.ids(&loaded.dataset).iter().map(|id| id.to_string()).collect();
        output.segments.iter().map(|members| Ok(ids(members))).collect()
    }
}

/// The rows as the data loader takes them.
pub fn records(rows: &Rows, setting: &Setting) -> Records {
    let events = rows.events.iter().map(|(owner, event)| {
        let mut event = event.clone();
        event["profileId"] = owner.as_str().into();
        event
    });
    Records {
        profiles: rows.profiles.values().cloned().collect(),
        events: events.collect(),
        classes: rows
            .classes
            .iter()
            .map(|(name, objects)| (name.clone(), objects.values().cloned().collect()))
            .collect(),
        event_ids: setting.settings.event_ids,
    }
}
