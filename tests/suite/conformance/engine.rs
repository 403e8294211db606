//! DuckDB in a process of its own: tables from rows, queries to ids.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use segc::hir::Module;
use segc::schema::Schema;
use segc::sql::{DuckDb, Layout};
use segc::types::{ObjectId, Ty};
use segc::{emit, plan, sql};
use serde_json::{Value as Json, json};

use super::harness::{Evaluate, Refusal};
use super::rows::Setting;
use crate::oracle::Rows;

/// The running process.
pub struct Engine {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub version: String,
    queries: usize,
}

impl Engine {
    /// Starts it. A machine without it fails the test: what is promised is run or named aloud.
    pub fn start() -> Engine {
        let python = std::env::var_os("SEGC_PYTHON").map_or("target/engines/venv/bin/python".into(), PathBuf::from);
        let mut child = Command::new(&python)
            .arg("tests/engines/duckdb_runner.py")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("DuckDB did not run: {}: {error}; use tests/run", python.display()));
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut engine = Engine { child, input, output, version: String::new(), queries: 0 };
        let version = engine.ask(&json!({ "do": "version" })).expect("DuckDB did not run; use tests/run");
        engine.version = version.as_str().unwrap().to_owned();
        engine
    }

    fn ask(&mut self, request: &Json) -> Result<Json, String> {
        writeln!(self.input, "{request}").expect("DuckDB listens");
        self.input.flush().expect("DuckDB listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("DuckDB answers");
        let mut answer: Json = serde_json::from_str(&line).map_err(|e| format!("DuckDB said {line:?}: {e}"))?;
        match answer.get_mut("ok") {
            Some(result) => Ok(result.take()),
            None => Err(answer["error"].as_str().unwrap_or("an error").to_owned()),
        }
    }

    /// A new database with the tables of the rows.
    pub fn load(&mut self, schema: &Schema, rows: &Rows, folder: &Path) {
        self.ask(&json!({ "do": "reset" })).unwrap();
        for table in tables(schema, rows) {
            let file = folder.join(format!("{}.ndjson", table.name));
            let text: String = table.rows.iter().map(|row| format!("{row}\n")).collect();
            std::fs::write(&file, text).unwrap();
            let columns: serde_json::Map<String, Json> =
                table.columns.into_iter().map(|(name, ty)| (name, ty.into())).collect();
            let loaded = self
                .ask(&json!({ "do": "load", "table": table.name, "columns": columns, "file": file.to_string_lossy() }))
                .unwrap_or_else(|error| panic!("DuckDB could not load {}: {error}", table.name));
            assert_eq!(loaded, json!(table.rows.len()), "{}", table.name);
        }
    }

    /// Runs a statement without a result.
    pub fn execute(&mut self, sql: &str) -> Result<(), String> {
        self.queries += 1;
        self.ask(&json!({ "do": "execute", "sql": sql })).map(drop)
    }

    /// The rows of a query.
    pub fn rows(&mut self, sql: &str) -> Result<Vec<Vec<Json>>, String> {
        self.queries += 1;
        let rows = self.ask(&json!({ "do": "query", "sql": sql }))?;
        Ok(serde_json::from_value(rows).expect("rows of columns"))
    }

    /// The first column of a query's rows, as text, sorted.
    pub fn ids(&mut self, sql: &str) -> Result<Vec<String>, String> {
        self.queries += 1;
        let rows = self.ask(&json!({ "do": "query", "sql": sql }))?;
        let mut ids: Vec<String> = rows
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| row[0].as_str().map_or_else(|| row[0].to_string(), str::to_owned))
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// Writes down that this engine took part, for the test command.
    pub fn report(&self, what: &str) {
        let Some(path) = std::env::var_os("SEGC_ENGINES_RAN") else { return };
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        writeln!(file, "duckdb {}: {} queries, {what}", self.version, self.queries).unwrap();
    }
}

impl Evaluate for Engine {
    fn name(&self) -> String {
        format!("duckdb {}", self.version)
    }

    fn members(&mut self, module: &Module, rows: &Rows, setting: &Setting) -> Vec<Result<BTreeSet<String>, Refusal>> {
        let folder = tempfile::tempdir().unwrap();
        self.load(&module.schema, rows, folder.path());
        let plan = plan::optimize(&plan::lower(module, setting.now));
        let mut layout = Layout::of(&module.schema);
        if !setting.settings.event_ids {
            layout.event_id = None;
        }
        let members = |segment: usize| {
            let query = emit::sql::emit(&plan, segment, &DuckDb, &layout).map_err(|diagnostics| {
                Refusal::Unsupported(diagnostics.iter().map(|d| d.message.as_str()).collect::<Vec<_>>().join("; "))
            })?;
            let text = sql::print(&query, &DuckDb);
            let ids = self.ids(&text).map_err(|error| Refusal::Error(format!("{error}\n{text}")))?;
            let distinct: BTreeSet<String> = ids.iter().cloned().collect();
            if distinct.len() < ids.len() { Err(Refusal::Error(format!("an id twice\n{text}"))) } else { Ok(distinct) }
        };
        (0..module.segments.len()).map(members).collect()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It ends with its input; this is for one that hangs.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A table as files and engines take it.
pub struct Table {
    pub name: String,
    pub columns: Vec<(String, String)>,
    pub rows: Vec<Json>,
}

/// The profiles with their scores, the events, and each related class.
pub fn tables(schema: &Schema, rows: &Rows) -> Vec<Table> {
    let events = rows.events.iter().map(|(owner, event)| {
        let mut event = event.clone();
        event["profile_id"] = owner.as_str().into();
        event
    });
    let mut event_columns = columns(schema, schema.event);
    event_columns.push(("profile_id".to_owned(), "VARCHAR".to_owned()));
    let profiles = rows.profiles.values().cloned().collect();
    let mut tables = vec![
        Table { name: "profiles".into(), columns: columns(schema, schema.profile), rows: profiles },
        Table { name: "events".into(), columns: event_columns, rows: events.collect() },
    ];
    for (name, class) in &schema.classes {
        let objects = rows.classes.get(name).into_iter().flat_map(|objects| objects.values().cloned());
        tables.push(Table { name: name.clone(), columns: columns(schema, class.object), rows: objects.collect() });
    }
    tables
}

fn columns(schema: &Schema, object: ObjectId) -> Vec<(String, String)> {
    let fields = schema.object(object).into_iter().flat_map(|object| &object.fields);
    fields.map(|(name, field)| (name.clone(), column(schema, &field.ty.ty))).collect()
}

fn column(schema: &Schema, ty: &Ty) -> String {
    match ty {
        Ty::Bool => "BOOLEAN".to_owned(),
        Ty::Int => "BIGINT".to_owned(),
        Ty::Decimal(digits) => format!("DECIMAL({}, {})", digits.precision, digits.scale),
        Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => "DOUBLE".to_owned(),
        Ty::String | Ty::Enum(_) | Ty::Bucket => "VARCHAR".to_owned(),
        Ty::Date => "DATE".to_owned(),
        Ty::Timestamp => "TIMESTAMPTZ".to_owned(),
        Ty::List(of) => format!("{}[]", column(schema, of)),
        Ty::Map(of) => format!("MAP(VARCHAR, {})", column(schema, of)),
        Ty::Object(id) => {
            let fields = columns(schema, *id);
            let fields: Vec<String> = fields.into_iter().map(|(name, ty)| format!("\"{name}\" {ty}")).collect();
            format!("STRUCT({})", fields.join(", "))
        }
        Ty::Duration | Ty::Error => panic!("no column has the type {ty}"),
    }
}

#[test]
fn duckdb_runs_and_loads_the_rows() {
    let mut engine = Engine::start();
    let schema = super::schema();
    let mut random = super::random::Random::new(3);
    let setting = super::rows::setting(&mut random);
    let rows = super::rows::rows(&mut random, &setting, 20);
    let folder = tempfile::tempdir().unwrap();
    engine.load(&schema, &rows, folder.path());
    let ids: Vec<String> = rows.profiles.keys().cloned().collect();
    assert_eq!(engine.ids("SELECT _id FROM profiles").unwrap(), ids);
    assert!(engine.ids("SELECT nothing FROM profiles").unwrap_err().contains("nothing"));
}
