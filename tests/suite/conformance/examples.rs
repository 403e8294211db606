//! The examples over data of their own, by the way that a user's files go: from Parquet files to members, and from the
//! same files by the emitted SQL.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use segc::data::generate;
use segc::hir::{Module, SegmentId};
use segc::pipeline::{self, Compiled, Files, Request, Workspace};
use segc::{data, emit, sql, vm};
use serde_json::Value as Json;

use super::engine::Engine;
use crate::oracle::{Rows, World};

const PROFILES: usize = 250;
const SEED: u64 = 7;

struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path().to_string_lossy().into_owned();
            if self.is_folder(&path) { found.extend(self.list(&path)?) } else { found.push(path) }
        }
        Ok(found)
    }

    fn is_folder(&self, path: &str) -> bool {
        Path::new(path).is_dir()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true if path.ends_with("data") => {}
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).unwrap()),
        }
    }
}

/// The records of a table as JSON, as DuckDB reads them from the files.
fn records(duckdb: &mut Engine, table: &str) -> Vec<Json> {
    let rows = duckdb.ids(&format!("SELECT CAST(to_json(t) AS VARCHAR) FROM {table} AS t")).unwrap();
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

fn rows(duckdb: &mut Engine, module: &Module) -> Rows {
    let mut by = |table: &str, key: &str| -> Vec<(String, Json)> {
        let records = records(duckdb, table).into_iter();
        records.map(|record| (record[key].as_str().unwrap().to_owned(), record)).collect()
    };
    let product = &module.schema.classes["product"];
    Rows {
        profiles: by("profiles", "_id").into_iter().collect(),
        events: by("events", "profileId"),
        classes: BTreeMap::from([("product".to_owned(), by("product", &product.key.join(".")).into_iter().collect())]),
    }
}

#[test]
fn the_quickstart_has_the_same_members_in_the_reference_the_machine_and_duckdb() {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new("examples/quickstart"), folder.path());
    // Scores that are computed in the run are no columns of a file: the corpus has those.
    fs::remove_file(folder.path().join("segments/likely.seg")).unwrap();
    generate::retail(&folder.path().join("data"), PROFILES, SEED).unwrap();
    let root = folder.path().to_string_lossy().into_owned();
    let project_file = Some(format!("{root}/seg.toml"));
    let request = Request { root: root.clone(), project_file, ..Request::default() };
    let workspace = Workspace::open(&Disk, &request);
    let compiled: Compiled = workspace.compile();
    assert!(compiled.sound().is_some(), "{}", super::shown(&compiled.diagnostics, &workspace.sources));
    let module = compiled.sound().unwrap();
    assert!(module.segments.len() >= 15, "{} segments", module.segments.len());

    let mut duckdb = Engine::start("duckdb");
    for (table, file) in [("profiles", "profiles"), ("events", "events"), ("product", "products")] {
        let view = format!("CREATE VIEW {table} AS SELECT * FROM read_parquet('{root}/data/{file}.parquet')");
        duckdb.execute(&view).unwrap();
    }
    let rows = rows(&mut duckdb, module).translated(module);
    assert_eq!(rows.profiles.len(), PROFILES);
    let world = World::new(module, &rows, generate::NOW);
    let expected: Vec<BTreeSet<&str>> =
        (0..module.segments.len()).map(|id| world.members(SegmentId(id as u32))).collect();
    let told = expected.iter().filter(|ids| !ids.is_empty() && ids.len() < PROFILES).count();
    assert!(told * 10 >= expected.len() * 8, "only {told} segments of the example have some members and not all");

    let plan = pipeline::plan(module, generate::NOW);
    let program = emit::bytecode::emit(&plan, &emit::bytecode::Provenance::default());
    let loaded = data::load(&workspace.project, folder.path(), &module.schema, &program.needs, generate::NOW).unwrap();
    assert!(loaded.report.is_clean(), "{}", loaded.report.to_text());
    let output = vm::run(&program, &loaded.dataset, vm::Options::default()).unwrap();

    let layout = pipeline::sql_layout(&workspace.project, module).unwrap();
    for (index, (segment, expected)) in module.segments.iter().zip(&expected).enumerate() {
        let machine: BTreeSet<&str> = output.segments[index].ids(&loaded.dataset).into_iter().collect();
        assert_eq!(machine, *expected, "the machine, {}", segment.name);
        let query = emit::sql::emit(&plan, index, &sql::DuckDb, &layout).unwrap();
        let ids = duckdb.ids(&sql::print(&query, &sql::DuckDb)).unwrap();
        let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(ids, *expected, "DuckDB, {}", segment.name);
    }
    duckdb.report(&format!("{} segments of the quickstart agree", module.segments.len()));
}
