//! A database in a process of its own: tables from rows, queries to ids. Every engine is spoken to in one way, which
//! `tests/engines/runner.py` describes; what differs is the runner and the dialect.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use segc::diagnostics::{Code, Diagnostic};
use segc::emit::canary::{self, Columns};
use segc::emit::ddl;
use segc::hir::Module;
use segc::schema::Schema;
use segc::sql::registry::{self, Entry};
use segc::sql::times::Times;
use segc::sql::{Dialect, Layout, SqlType};
use segc::vector::time::Zone;
use segc::{emit, plan, sql};
use serde_json::{Value as Json, json};

use super::harness::{Evaluate, Refusal};
use super::list_tables;
use super::rows::Setting;
use super::times;
use crate::oracle::Rows;

/// The running process.
pub struct Engine {
    child: Child,
    /// `None` once it has been told to end.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// What is known of its dialect.
    pub entry: &'static Entry,
    pub version: String,
    /// How the timestamps of its tables are stored.
    pub times: Times,
    /// Whether every column of one value is said to be cast, to the type that it has.
    pub casts: bool,
    /// Whether the elements of lists are rows of tables of their own.
    pub lists: bool,
    /// Whether the canary is asked before queries: of its session and of its tables.
    pub asks_canary: bool,
    queries: usize,
    loads: usize,
}

impl Engine {
    /// Starts the engine of a dialect. A machine without it fails the test: what is promised is run or named aloud.
    pub fn start(dialect: &str) -> Engine {
        Engine::start_script(dialect, &format!("{dialect}_runner.py"))
    }

    /// Starts an emulator of the engine of a dialect, which knows a part of it.
    pub fn start_emulator(dialect: &str) -> Engine {
        Engine::start_script(dialect, &format!("{dialect}_emulator.py"))
    }

    fn start_script(dialect: &str, script: &str) -> Engine {
        let entry = registry::find(dialect).unwrap_or_else(|| panic!("no dialect {dialect}"));
        let python = std::env::var_os("SEGC_PYTHON").map_or("target/engines/venv/bin/python".into(), PathBuf::from);
        let mut child = Command::new(&python)
            .arg(format!("tests/engines/{script}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{} did not run: {}: {error}; use tests/run", entry.title, python.display())
            });
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut engine = Engine {
            child,
            input: Some(input),
            output,
            entry,
            version: String::new(),
            times: Times::Native,
            casts: false,
            lists: false,
            asks_canary: false,
            queries: 0,
            loads: 0,
        };
        let version = engine.ask(&json!({ "do": "version" }));
        let version = version.unwrap_or_else(|error| panic!("{} did not run: {error}; use tests/run", entry.title));
        engine.version = version.as_str().unwrap().to_owned();
        engine
    }

    /// Fails where a construct is refused that `segc dialects` does not tell of.
    fn tells_of(&self, refusal: &Diagnostic) {
        let Some((_, refused)) = refusal.message.split_once(" cannot express ") else {
            assert!(matches!(refusal.code, Code::SEG0502 | Code::SEG0503), "{}", refusal.message);
            return;
        };
        assert!(self.entry.tells_of(refused), "the registry of dialects has no word of it: {}", refusal.message);
    }

    /// The dialect of its queries.
    pub fn dialect(&self) -> &'static dyn Dialect {
        self.entry.dialect
    }

    fn ask(&mut self, request: &Json) -> Result<Json, String> {
        let title = self.entry.title;
        let input = self.input.as_mut().expect("it runs");
        let sent = writeln!(input, "{request}").and_then(|()| input.flush());
        sent.map_err(|error| format!("{title} does not listen: {error}"))?;
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(|error| format!("{title} does not answer: {error}"))?;
        let mut answer: Json = serde_json::from_str(&line).map_err(|e| format!("{title} said {line:?}: {e}"))?;
        match answer.get_mut("ok") {
            Some(result) => Ok(result.take()),
            None => Err(answer["error"].as_str().unwrap_or("an error").to_owned()),
        }
    }

    /// A new database with the tables of the rows.
    pub fn load(&mut self, schema: &Schema, rows: &Rows, folder: &Path) {
        self.ask(&json!({ "do": "reset" })).unwrap();
        let stored = times::stored(schema, rows.clone(), &self.times);
        for table in tables(schema, &self.layout(schema), &stored) {
            self.load_table(&table.name, &table.columns, &table.rows, folder);
        }
    }

    fn layout(&self, schema: &Schema) -> Layout {
        let mut layout = Layout::of(schema);
        let classes = layout.classes.values_mut().map(|table| &mut table.records);
        [&mut layout.profiles, &mut layout.events]
            .into_iter()
            .chain(classes)
            .for_each(|r| r.times = self.times.clone());
        if self.lists {
            list_tables::add(&mut layout, schema);
        }
        if self.casts {
            let tables = ddl::tables(schema, &layout);
            let classes = layout.classes.values_mut().map(|table| &mut table.records);
            for records in [&mut layout.profiles, &mut layout.events].into_iter().chain(classes) {
                let table = tables.iter().find(|table| table.name == records.name()).unwrap();
                let nested = |ty: &SqlType| matches!(ty, SqlType::List(_) | SqlType::Map(_) | SqlType::Struct(_));
                let columns = table.columns.iter().filter(|(_, ty, _)| !nested(ty));
                records.cast = columns.map(|(name, ty, _)| (name.text().to_owned(), ty.clone())).collect();
            }
        }
        layout
    }

    /// A new table of rows; the folder is for their file.
    pub fn load_table(&mut self, name: &str, columns: &[(sql::Ident, SqlType)], rows: &[Json], folder: &Path) {
        // A name of its own: Spark takes what it has read of a file for what another of that name has.
        self.loads += 1;
        let file = folder.join(format!("rows_{}.ndjson", self.loads));
        std::fs::write(&file, rows.iter().map(|row| format!("{row}\n")).collect::<String>()).unwrap();
        let dialect = self.dialect();
        let column = |(name, ty): &(sql::Ident, SqlType)| json!({ "name": name.text(), "sql": dialect.column_type(ty, false), "holds": holds(ty) });
        let columns: Vec<Json> = columns.iter().map(column).collect();
        let request = json!({ "do": "load", "table": name, "columns": columns, "file": file.to_string_lossy() });
        let loaded = self.ask(&request);
        let title = self.entry.title;
        let loaded = loaded.unwrap_or_else(|error| panic!("{title} could not load {name}: {error}"));
        assert_eq!(loaded, json!(rows.len()), "{name}");
    }

    /// Where other clients reach it.
    pub fn url(&mut self) -> String {
        self.ask(&json!({ "do": "url" })).unwrap().as_str().unwrap().to_owned()
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
        self.ask(&json!({ "do": "query", "sql": sql })).map(|rows| sorted_ids(&rows))
    }

    /// The same of several queries at once.
    fn all_ids(&mut self, queries: &[String]) -> Vec<Result<Vec<String>, String>> {
        self.queries += queries.len();
        match self.ask(&json!({ "do": "queries", "sql": queries })) {
            Err(error) => queries.iter().map(|_| Err(error.clone())).collect(),
            Ok(answers) => {
                let answers = answers.as_array().into_iter().flatten();
                let ids = |answer: &Json| match answer.get("ok") {
                    Some(rows) => Ok(sorted_ids(rows)),
                    None => Err(answer["error"].as_str().unwrap_or("an error").to_owned()),
                };
                answers.map(ids).collect()
            }
        }
    }

    /// Asks the canary, every row of which must agree; it asks for columns unless it is bare of queries that read any.
    fn ask_canary(&mut self, zone: &Zone, columns: &Columns, is_bare: bool) {
        let query = canary::canary(self.dialect(), zone, columns);
        let rows = self.rows(&sql::print(&query, self.dialect()));
        let rows = rows.unwrap_or_else(|error| panic!("{}: {error}", self.entry.title));
        assert!(rows.iter().all(|row| row[1] == json!(1)), "{} of {rows:#?}", self.entry.title);
        let of_tables = rows.iter().filter(|row| row[0].as_str().is_some_and(|name| name.starts_with("type of ")));
        // SQLite tells of values that are of other types alone.
        let told = |row: &&Vec<Json>| row[2].is_string() || self.entry.name() == "sqlite";
        assert!(is_bare || of_tables.clone().count() > 0, "{rows:#?}");
        assert!(of_tables.clone().all(|row| told(&row)), "{rows:#?}");
    }

    /// Writes down that this engine took part, for the test command.
    pub fn report(&self, what: &str) {
        let Some(path) = std::env::var_os("SEGC_ENGINES_RAN") else { return };
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        let (name, version) = (self.entry.name(), &self.version);
        file.write_all(format!("{name} {version}: {} queries, {what}\n", self.queries).as_bytes()).unwrap();
    }
}

fn sorted_ids(rows: &Json) -> Vec<String> {
    let text = |row: &Json| row[0].as_str().map_or_else(|| row[0].to_string(), str::to_owned);
    let mut ids: Vec<String> = rows.as_array().into_iter().flatten().map(text).collect();
    ids.sort();
    ids
}

impl Evaluate for Engine {
    fn name(&self) -> String {
        format!("{} {}", self.entry.name(), self.version)
    }

    fn members(&mut self, module: &Module, rows: &Rows, setting: &Setting) -> Vec<Result<BTreeSet<String>, Refusal>> {
        self.members_of(module, 0, rows, setting)
    }

    fn members_of(
        &mut self,
        module: &Module,
        first: usize,
        rows: &Rows,
        setting: &Setting,
    ) -> Vec<Result<BTreeSet<String>, Refusal>> {
        let folder = tempfile::tempdir().unwrap();
        self.load(&module.schema, rows, folder.path());
        let plan = plan::optimize(&plan::lower(module, setting.now));
        let mut layout = self.layout(&module.schema);
        if !setting.settings.event_ids {
            layout.event_id = None;
        }
        let dialect = self.dialect();
        let emitted: Vec<_> =
            (first..module.segments.len()).map(|segment| emit::sql::emit(&plan, segment, dialect, &layout)).collect();
        if self.asks_canary {
            let queries: Vec<&sql::Query> = emitted.iter().flatten().collect();
            let segments: Vec<usize> = (first..module.segments.len()).collect();
            let zone = Zone::new(&setting.settings.zone).unwrap();
            self.ask_canary(
                &zone,
                &Columns::of(&plan, &segments, &queries, &module.schema, &layout),
                queries.is_empty(),
            );
        }
        let queries: Vec<Result<String, Refusal>> = emitted
            .into_iter()
            .map(|emitted| match emitted {
                Ok(query) => Ok(sql::print(&query, dialect)),
                Err(diagnostics) => {
                    diagnostics.iter().for_each(|diagnostic| self.tells_of(diagnostic));
                    let messages: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
                    Err(Refusal::Unsupported(messages.join("; ")))
                }
            })
            .collect();
        let texts: Vec<String> = queries.iter().flatten().cloned().collect();
        let mut answers = self.all_ids(&texts).into_iter();
        let members = |query: Result<String, Refusal>| {
            let text = query?;
            let ids = answers.next().unwrap_or_else(|| Err("no answer".to_owned()));
            let ids = ids.map_err(|error| Refusal::Error(format!("{error}\n{text}")))?;
            let distinct: BTreeSet<String> = ids.iter().cloned().collect();
            if distinct.len() < ids.len() { Err(Refusal::Error(format!("an id twice\n{text}"))) } else { Ok(distinct) }
        };
        queries.into_iter().map(members).collect()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It ends with its input, and stops the server that it may have started.
        drop(self.input.take());
        for _ in 0..300 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A table as files and engines take it.
pub struct Table {
    pub name: String,
    pub columns: Vec<(sql::Ident, SqlType)>,
    pub rows: Vec<Json>,
}

/// The profiles with their scores, the events, and each related class, with the columns that `segc compile --emit ddl`
/// gives them.
pub fn tables(schema: &Schema, layout: &Layout, rows: &Rows) -> Vec<Table> {
    let events = rows.events.iter().map(|(owner, event)| {
        let mut event = event.clone();
        event["profile_id"] = owner.as_str().into();
        event
    });
    let mut contents: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    contents.insert("profiles".to_owned(), rows.profiles.values().cloned().collect());
    contents.insert("events".to_owned(), events.collect());
    for (name, objects) in &rows.classes {
        contents.insert(name.clone(), objects.values().cloned().collect());
    }
    list_tables::take_apart(layout, &mut contents);
    let definitions = ddl::tables(schema, layout).into_iter();
    definitions
        .map(|table| {
            let name = table.name[0].text().to_owned();
            let rows = contents.remove(&name).unwrap_or_default();
            let columns = table.columns.into_iter().map(|(name, ty, _)| (name, ty)).collect();
            Table { name, columns, rows }
        })
        .collect()
}

/// What a column holds, whatever the database.
fn holds(ty: &SqlType) -> Json {
    match ty {
        SqlType::Bool => json!("bool"),
        SqlType::Int32 | SqlType::Int | SqlType::WideInt => json!("int"),
        SqlType::Decimal { precision, scale } => json!({ "decimal": [precision, scale] }),
        SqlType::Float => json!("float"),
        SqlType::Text => json!("string"),
        SqlType::Date => json!("date"),
        SqlType::Timestamp | SqlType::LocalTimestamp => json!("timestamp"),
        SqlType::List(element) => json!({ "list": holds(element) }),
        SqlType::Map(value) => json!({ "map": holds(value) }),
        SqlType::Struct(fields) => {
            let fields: serde_json::Map<String, Json> =
                fields.iter().map(|(name, ty)| (name.text().to_owned(), holds(ty))).collect();
            json!({ "object": fields })
        }
    }
}

#[test]
fn duckdb_runs_and_loads_the_rows() {
    let mut engine = Engine::start("duckdb");
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
