//! The virtual machine over a profile store, as an evaluator; and what other tests take from the generated cases.

use std::collections::BTreeSet;
use std::sync::Arc;

use segc::data::Records;
use segc::hir::{Module, Settings};
use segc::schema::Schema;
use segc::store::{Store, ingest::compact};
use segc::{emit, plan, vm};

use super::generate::Generator;
use super::harness::{Evaluate, Refusal};
use super::random::Random;
use super::rows::{self, Setting};
use crate::oracle::Rows;
use crate::store::make::{Place, cut};

/// A store that the rows are put into.
pub struct Stored {
    /// In so many batches, each record in one of them.
    pub batches: usize,
    /// Bytes of memory; with few there are many runs.
    pub memory: usize,
    /// Whether it is compacted.
    pub compact: bool,
}

impl Evaluate for Stored {
    fn name(&self) -> String {
        format!("store of {} batches, {} bytes of memory, compacted: {}", self.batches, self.memory, self.compact)
    }

    fn members(&mut self, module: &Module, rows: &Rows, setting: &Setting) -> Vec<Result<BTreeSet<String>, Refusal>> {
        let program = emit::bytecode::emit(
            &plan::optimize(&plan::lower(module, setting.now)),
            &emit::bytecode::Provenance::default(),
        );
        let records = super::vm::records(rows, setting);
        let mut place = Place::new(self.memory);
        let run = || -> Result<Vec<BTreeSet<String>>, String> {
            for batch in cut(&records, self.batches) {
                place.ingest(module, &batch).map_err(|refused| format!("{refused:?}"))?;
            }
            if self.compact {
                compact(&place.store(), self.memory).map_err(|fault| fault.to_string())?;
            }
            let store = Store::open(&place.store()).map_err(|fault| fault.to_string())?;
            let data = store.unchecked(&program.needs).map_err(|fault| fault.to_string())?;
            let output = vm::run(&program, &data, vm::Options { threads: 1, ..vm::Options::default() });
            let output = output.map_err(|error| error.to_string())?;
            let ids = |m: &vm::Members| m.ids(&data).iter().map(|id| id.to_string()).collect();
            Ok(output.segments.iter().map(ids).collect())
        };
        let mut run = run;
        match run() {
            Ok(members) => members.into_iter().map(Ok).collect(),
            Err(why) => module.segments.iter().map(|_| Err(Refusal::Error(why.clone()))).collect(),
        }
    }
}

/// The schema of the generated rows.
pub fn shared_schema() -> Arc<Schema> {
    Arc::new(super::schema())
}

/// A setting without surprises.
pub fn plain_setting() -> Setting {
    let settings = Settings { zone: "UTC".to_owned(), week_start: 1, event_ids: false };
    Setting { settings, now: 0 }
}

/// A module of a text that has no faults.
pub fn checked(text: &str, schema: &Arc<Schema>, setting: &Setting) -> Module {
    super::compile::compile(text, schema, setting).unwrap()
}

/// Generated rows as records.
pub fn generated_records(seed: u64, profiles: usize) -> (Records, Setting) {
    let mut random = Random::new(seed);
    let setting = rows::setting(&mut random);
    let rows = rows::rows(&mut random, &setting, profiles);
    (super::vm::records(&rows, &setting), setting)
}

/// The text of generated segments.
pub fn some_segments(seed: u64, setting: &Setting, count: usize) -> String {
    let schema = super::schema();
    let mut generator = Generator::new(seed, &schema, setting);
    (0..count).map(|number| generator.case(format!("s{number}")).text()).collect()
}
