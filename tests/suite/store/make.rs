//! Stores out of records that are in memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use segc::data::ingest::{self, Options, Refused};
use segc::data::{Records, Report};
use segc::hir::Module;
use segc::project::{ClassFiles, Column, EventFiles, EventTypeFrom, FileSet, Project, default_project};
use segc::store::ingest::Summary;
use serde_json::Value;

/// A folder of data files and a store.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub memory: usize,
    batches: usize,
}

impl Place {
    pub fn new(memory: usize) -> Place {
        Place { folder: tempfile::tempdir().unwrap(), memory, batches: 0 }
    }

    pub fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Writes records to files and ingests them.
    pub fn ingest(&mut self, module: &Module, records: &Records) -> Result<(Summary, Report), Refused> {
        self.batches += 1;
        let folder = self.folder.path().join(format!("{}", self.batches));
        fs::create_dir_all(&folder).unwrap();
        let project = project(&folder, module, records);
        let needs = ingest::columns(&module.schema, module, &|_| true);
        let fingerprint = module.schema.fingerprint();
        let options = Options { memory: self.memory, replace: false, fingerprint };
        ingest::ingest(&project, &folder, &module.schema, &needs, &self.store(), options, &|_| {})
    }
}

/// A project over files with these records, which it writes.
pub fn project(folder: &Path, module: &Module, records: &Records) -> Project {
    let (mut project, _) = default_project(&[]);
    let set = |name: &str, values: &[Value]| {
        let file = format!("{name}.ndjson");
        let text: String = values.iter().map(|value| format!("{value}\n")).collect();
        fs::write(folder.join(&file), text).unwrap();
        FileSet { files: vec![file], zone: Some(module.settings.zone.clone()), ..FileSet::default() }
    };
    let name = |text: &str| Column::At(vec![text.to_owned()]);
    project.profiles.set = set("profiles", &records.profiles);
    project.events.push(EventFiles {
        set: set("events", &records.events),
        profile: name("profileId"),
        timestamp: vec!["timestamp".to_owned()],
        event_type: EventTypeFrom::default(),
        id: records.event_ids.then(|| name("_id")),
    });
    for (class, values) in &records.classes {
        project.classes.insert(class.clone(), ClassFiles { set: set(class, values), key: None });
    }
    project
}

/// The records cut into batches, each record in one of them.
pub fn cut(records: &Records, batches: usize) -> Vec<Records> {
    let number = |value: &Value| {
        let hash = value.to_string().bytes().fold(7u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        (hash >> 20) as usize % batches
    };
    (0..batches)
        .map(|batch| {
            let own = |values: &[Value]| values.iter().filter(|v| number(v) == batch).cloned().collect::<Vec<_>>();
            Records {
                profiles: own(&records.profiles),
                events: own(&records.events),
                classes: records.classes.iter().map(|(name, values)| (name.clone(), own(values))).collect(),
                event_ids: records.event_ids,
            }
        })
        .collect()
}

/// A checked module of a text over a schema.
pub fn module(text: &str, schema: &Arc<segc::schema::Schema>, event_ids: bool) -> Module {
    let mut setting = crate::conformance::plain_setting();
    setting.settings.event_ids = event_ids;
    crate::conformance::checked(text, schema, &setting)
}
