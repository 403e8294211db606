//! One meaning everywhere: generated segments over generated rows select the same profiles in the reference evaluator,
//! in the VM (optimised or not, fresh or decoded) and in every engine whose SQL is emitted.

mod collections;
mod compile;
mod corpus;
mod emptied;
pub mod engine;
mod examples;
mod forms;
mod generate;
mod harness;
mod list_tables;
mod partitioned;
mod properties;
mod random;
mod refusals;
mod rows;
mod simple;
mod stored;
mod times;
mod tree;
mod values;
mod vm;

pub use harness::{commit_seed, count};
pub use random::Random;
use segc::sql::times::Times;
use segc::vector::time::Zone;

pub use stored::{checked, generated_records, plain_setting, shared_schema, some_segments};

/// The schema of the generated rows.
fn schema() -> segc::schema::Schema {
    let mut sources = segc::source::Sources::default();
    let files = [segc::schema::SchemaFile {
        path: "schema.json".into(),
        bytes: include_bytes!("../../corpus/schema.json").into(),
    }];
    let loaded = segc::schema::load(&files, &mut sources);
    assert!(loaded.diagnostics.is_empty(), "{}", shown(&loaded.diagnostics, &sources));
    loaded.schema.unwrap()
}

/// Diagnostics with the lines they are about.
fn shown(diagnostics: &[segc::diagnostics::Diagnostic], sources: &segc::source::Sources) -> String {
    let show = |d: &segc::diagnostics::Diagnostic| {
        let at = d.primary().map_or("", |span| {
            let text = &sources.file(span.file).unwrap().text;
            let from = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
            let to = text[span.start as usize..].find('\n').map_or(text.len(), |at| at + span.start as usize);
            &text[from..to]
        });
        format!(
            "{:?}: {}\n  {}: {at}\n  {:?}\n",
            d.code,
            d.message,
            d.primary().map_or("", |s| sources.text(s)),
            d.help
        )
    };
    diagnostics.iter().map(show).collect()
}

/// `+01:00`
fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", seconds.abs() / 3600, seconds.abs() / 60 % 60)
}

#[test]
fn the_generated_rows_have_absences_ties_and_edges() {
    let mut random = random::Random::new(1);
    let setting = rows::setting(&mut random);
    let rows = rows::rows(&mut random, &setting, 50);
    assert_eq!(rows.profiles.len(), 50);
    assert!(rows.profiles.values().any(|profile| profile["name"].is_null()));
    let mut times: Vec<String> =
        rows.events.iter().map(|(id, event)| format!("{id} {}", event["timestamp"].as_str().unwrap())).collect();
    times.sort();
    assert!(times.windows(2).any(|pair| pair[0] == pair[1]), "simultaneous events");
}

#[test]
fn the_generated_segments_cover_the_language() {
    let schema = schema();
    let mut random = random::Random::new(7);
    let setting = rows::setting(&mut random);
    let mut generator = generate::Generator::new(7, &schema, &setting);
    let text: String = (0..600).map(|n| generator.case(format!("s{n}")).text()).collect();
    for construct in [
        "sequence(",
        "then not",
        " times ",
        "groups of",
        "top ",
        "bottom ",
        " satisfy ",
        "average(",
        "count(distinct",
        "ignoring year",
        "ignoring case",
        "matches",
        "like",
        " within ",
        "has any",
        "has all",
        "rank by",
        "sample",
        "default",
        "if ",
        "between",
        "in previous",
        "in this",
        "member(",
        "propensity.",
        "spend(",
        "capture(",
        "is absent",
        "profile.",
        "start_of(",
        "first(",
        "last(",
        "list(",
    ] {
        assert!(text.contains(construct), "no `{construct}` in 600 segments");
    }
    let compiled = compile::compile(&text, &std::sync::Arc::new(schema), &setting);
    assert!(compiled.is_ok(), "{}", compiled.unwrap_err());
    if let Ok(path) = std::env::var("SEGC_SHOW_CASES") {
        std::fs::write(path, text).unwrap();
    }
}

/// From so many cases on, all are negated too: of few, time allows but some.
const LONG: usize = 1_000;

/// Runs generated cases on an engine; at least so many percent of them must be expressed.
fn selects_what_the_reference_selects(dialect: &str, cases: usize, expressed: usize) {
    let schema = std::sync::Arc::new(schema());
    let mut engine = engine::Engine::start(dialect);
    let mut tally = harness::Tally::default();
    let mut share = harness::Expressed::default();
    for seed in harness::seeds(cases.div_ceil(40)) {
        let mut batch = harness::batch(&schema, seed, 60, 40);
        if !engine.dialect().abilities().null_lists {
            batch.rows = emptied::without_absent_lists(&schema, batch.rows);
        }
        let refused = tally.unsupported.len();
        harness::compare(&schema, &batch, &mut [&mut engine], &mut tally);
        share.count(seed, batch.cases.len(), tally.unsupported.len() - refused);
        let parted = if cases >= LONG { 40 } else { 3 };
        properties::part_the_profiles(&schema, &batch, parted, &mut engine, &mut tally);
        // After each batch: of a long run that is ended, the counts stay.
        tally.write(engine.entry.name(), &engine.version, "generated");
    }
    harness::conclude(&tally, engine.entry.title);
    if std::env::var_os("SEGC_SEEDS").is_some() {
        return;
    }
    share.at_least(expressed, tally.reasons());
    assert!(tally.telling * 3 >= tally.compared, "only {} of {} tell something", tally.telling, tally.compared);
    let (compared, parted, refused) = (tally.compared, tally.parted, tally.unsupported.len());
    engine.report(&format!("{compared} generated segments agree, {parted} negated, {refused} refused"));
}

#[test]
fn duckdb_selects_what_the_reference_selects() {
    selects_what_the_reference_selects("duckdb", harness::count(600), 90);
}

#[test]
fn postgres_selects_what_the_reference_selects() {
    selects_what_the_reference_selects("postgres", harness::count(600), 90);
}

#[test]
fn clickhouse_selects_what_the_reference_selects() {
    selects_what_the_reference_selects("clickhouse", harness::count(400), 90);
}

#[test]
fn datafusion_selects_what_the_reference_selects() {
    selects_what_the_reference_selects("datafusion", harness::count(200), 85);
}

#[test]
fn spark_selects_what_the_reference_selects() {
    // The engine plans for half a second what it runs in no time.
    selects_what_the_reference_selects("spark", harness::count(800).div_ceil(20), 90);
}

/// The same over tables whose lists are tables of their own; of some batches columns are cast, or times are no instants.
fn selects_the_same_of_list_tables(dialect: &str, cases: usize, expressed: usize) {
    let schema = std::sync::Arc::new(schema());
    let mut engine = engine::Engine::start(dialect);
    let (mut tally, mut share) = (harness::Tally::default(), harness::Expressed::default());
    engine.lists = true;
    for seed in harness::seeds(cases.div_ceil(40)) {
        let mut batch = harness::batch(&schema, seed, 60, 40);
        engine.times = if seed % 3 == 0 { Times::Native } else { times::of_seed(seed) };
        engine.casts = seed % 2 == 1;
        let rows = times::as_read(&schema, batch.rows, &engine.times);
        let rows = list_tables::held(&schema, rows);
        batch.rows = emptied::without_absent_lists(&schema, rows);
        let refused = tally.unsupported.len();
        harness::compare(&schema, &batch, &mut [&mut engine], &mut tally);
        share.count(seed, batch.cases.len(), tally.unsupported.len() - refused);
    }
    tally.write(engine.entry.name(), &engine.version, "list tables");
    harness::conclude(&tally, engine.entry.title);
    share.at_least(expressed, tally.reasons());
    let (agree, refused) = (tally.compared, tally.unsupported.len());
    engine.report(&format!("{agree} generated segments over lists in tables of their own agree, {refused} refused"));
}

#[test]
fn duckdb_selects_the_same_of_list_tables() {
    selects_the_same_of_list_tables("duckdb", harness::count(200), 85);
}

#[test]
fn postgres_selects_the_same_of_list_tables() {
    selects_the_same_of_list_tables("postgres", harness::count(120), 85);
}

#[test]
fn clickhouse_selects_the_same_of_list_tables() {
    selects_the_same_of_list_tables("clickhouse", harness::count(120), 85);
}

#[test]
fn datafusion_selects_the_same_of_list_tables() {
    selects_the_same_of_list_tables("datafusion", harness::count(80), 80);
}

#[test]
fn spark_selects_the_same_of_list_tables() {
    selects_the_same_of_list_tables("spark", harness::count(800).div_ceil(40), 85);
}

#[test]
fn sqlite_selects_the_same_of_list_tables() {
    selects_the_same_of_list_tables("sqlite", harness::count(80), 50);
}

#[test]
fn mariadb_selects_the_same_of_list_tables() {
    selects_the_same_of_list_tables("mariadb", harness::count(40), 60);
}

/// The same over tables whose timestamps tell no zone, or are counts; each batch has another zone or unit, and of every other
/// one all columns are cast.
fn selects_the_same_by_stored_times(dialect: &str, cases: usize, expressed: usize) {
    let schema = std::sync::Arc::new(schema());
    let mut engine = engine::Engine::start(dialect);
    let mut tally = harness::Tally::default();
    let mut share = harness::Expressed::default();
    for seed in harness::seeds(cases.div_ceil(40)) {
        let mut batch = harness::batch(&schema, seed, 60, 40);
        if !engine.dialect().abilities().null_lists {
            batch.rows = emptied::without_absent_lists(&schema, batch.rows);
        }
        engine.times = times::of_seed(seed);
        batch.rows = times::as_read(&schema, batch.rows, &engine.times);
        engine.casts = seed % 2 == 1;
        let refused = tally.unsupported.len();
        harness::compare(&schema, &batch, &mut [&mut engine], &mut tally);
        share.count(seed, batch.cases.len(), tally.unsupported.len() - refused);
    }
    tally.write(engine.entry.name(), &engine.version, "stored times");
    harness::conclude(&tally, engine.entry.title);
    share.at_least(expressed, tally.reasons());
    let (agree, refused) = (tally.compared, tally.unsupported.len());
    engine.report(&format!("{agree} generated segments over times without a zone and counts agree, {refused} refused"));
}

#[test]
fn duckdb_selects_the_same_by_stored_times() {
    selects_the_same_by_stored_times("duckdb", harness::count(200), 85);
}

#[test]
fn postgres_selects_the_same_by_stored_times() {
    selects_the_same_by_stored_times("postgres", harness::count(200), 85);
}

#[test]
fn clickhouse_selects_the_same_by_stored_times() {
    selects_the_same_by_stored_times("clickhouse", harness::count(200), 85);
}

#[test]
fn datafusion_selects_the_same_by_stored_times() {
    selects_the_same_by_stored_times("datafusion", harness::count(80), 80);
}

#[test]
fn spark_selects_the_same_by_stored_times() {
    selects_the_same_by_stored_times("spark", harness::count(800).div_ceil(40), 85);
}

#[test]
fn spark_selects_the_members_of_the_corpus() {
    // It plans a query for a third of a second.
    corpus::engine_selects_of("spark", 1, 26);
}

#[test]
fn mariadb_selects_what_the_reference_selects() {
    // Its subqueries over lists take their time.
    selects_what_the_reference_selects("mariadb", harness::count(100), 60);
}

#[test]
fn mariadb_selects_the_same_by_stored_times() {
    selects_the_same_by_stored_times("mariadb", harness::count(800).div_ceil(20), 60);
}

#[test]
fn mariadb_selects_the_members_of_the_corpus() {
    corpus::engine_selects("mariadb", 1);
}

/// Generated cases for a dialect whose engine is not at hand: an independent parser reads all that is expressed.
fn is_read_by_a_parser(dialect: &str, default: usize, expressed: usize) {
    use harness::Evaluate;

    let schema = std::sync::Arc::new(schema());
    let mut parser = engine::Engine::start(dialect);
    let (mut read, mut refused) = (0, std::collections::BTreeMap::<String, usize>::new());
    let mut share = harness::Expressed::default();
    for seed in harness::seeds(harness::count(default).div_ceil(40)) {
        let batch = harness::batch(&schema, seed, 3, 40);
        // Of some, the times tell no zone, or are counts.
        parser.times = match seed % 5 {
            0 => Times::Civil(Zone::new("UTC").unwrap()),
            1 => Times::Civil(Zone::new("Europe/Berlin").unwrap()),
            3 => Times::Counts(1_000),
            _ => Times::Native,
        };
        // Of others, columns are cast, or lists are in tables of their own.
        (parser.casts, parser.lists) = (seed % 4 == 1, seed % 4 == 3);
        let text: String = batch.cases.iter().map(generate::Case::text).collect();
        let module = compile::compile(&text, &schema, &batch.setting).unwrap_or_else(|errors| panic!("{errors}"));
        let answers = parser.members(&module, &batch.rows, &batch.setting);
        share.count(seed, answers.len(), answers.iter().filter(|answer| answer.is_err()).count());
        for (case, answer) in batch.cases.iter().zip(answers) {
            match answer {
                Ok(_) => read += 1,
                Err(harness::Refusal::Unsupported(why)) => *refused.entry(why).or_default() += 1,
                Err(harness::Refusal::Error(error)) => panic!("seed {seed}: {error}\n{}", case.text()),
            }
        }
    }
    share.at_least(expressed, &refused);
    let refused: usize = refused.values().sum();
    parser.report(&format!("{read} generated segments read by the parser, {refused} refused"));
}

#[test]
fn databricks_is_read_by_a_parser() {
    corpus::is_read("databricks");
    is_read_by_a_parser("databricks", 400, 90);
}

#[test]
fn mysql_is_read_by_a_parser() {
    corpus::is_read("mysql");
    // Its queries are long.
    is_read_by_a_parser("mysql", 120, 50);
}

#[test]
fn bigquery_is_read_by_a_parser() {
    corpus::is_read("bigquery");
    is_read_by_a_parser("bigquery", 400, 70);
}

#[test]
fn redshift_is_read_by_two_parsers() {
    corpus::is_read("redshift");
    is_read_by_a_parser("redshift", 400, 15);
}

#[test]
fn snowflake_is_read_by_a_parser() {
    corpus::is_read("snowflake");
    is_read_by_a_parser("snowflake", 400, 45);
}

#[test]
fn trino_is_read_by_two_parsers() {
    corpus::is_read("trino");
    is_read_by_a_parser("trino", 400, 50);
}

#[test]
fn clickhouse_selects_the_members_of_the_corpus() {
    corpus::engine_selects("clickhouse", 1);
}

#[test]
fn datafusion_selects_the_members_of_the_corpus() {
    corpus::engine_selects("datafusion", 2);
}

#[test]
fn sqlite_selects_what_the_reference_selects() {
    selects_what_the_reference_selects("sqlite", harness::count(400), 35);
}

#[test]
fn sqlite_selects_the_same_by_stored_times() {
    selects_the_same_by_stored_times("sqlite", harness::count(200), 35);
}

#[test]
fn sqlite_selects_the_members_of_the_corpus() {
    corpus::engine_selects("sqlite", 2);
}

#[test]
fn duckdb_selects_by_stored_times_near_changes_of_clocks() {
    corpus::engine_selects_by_civil_times("duckdb", "clocks");
}

#[test]
fn duckdb_selects_the_members_of_the_corpus() {
    corpus::engine_selects("duckdb", 2);
}

#[test]
fn an_emulator_of_snowflake_selects_the_members_of_the_corpus() {
    corpus::emulator_selects("snowflake");
}

#[test]
fn postgres_selects_the_members_of_the_corpus() {
    corpus::engine_selects("postgres", 2);
}

#[test]
fn a_store_selects_what_the_reference_selects() {
    let schema = std::sync::Arc::new(schema());
    let mut tally = harness::Tally::default();
    let mut stores = [(1, 1 << 30, false), (4, 1 << 30, false), (3, 20_000, false), (5, 20_000, true)]
        .map(|(batches, memory, compact)| stored::Stored { batches, memory, compact });
    for seed in harness::seeds(harness::count(200).div_ceil(40)) {
        let batch = harness::batch(&schema, seed, 60, 40);
        let mut sides: Vec<&mut dyn harness::Evaluate> = Vec::new();
        for store in &mut stores {
            sides.push(store);
        }
        harness::compare(&schema, &batch, &mut sides, &mut tally);
    }
    harness::conclude(&tally, "the store");
    assert!(tally.compared >= 4 * harness::count(200) || std::env::var_os("SEGC_SEEDS").is_some());
}

#[test]
fn partitions_select_what_the_reference_selects() {
    let schema = std::sync::Arc::new(schema());
    let mut tally = harness::Tally::default();
    for seed in harness::seeds(harness::count(120).div_ceil(40)) {
        let batch = harness::batch(&schema, seed, 60, 40);
        harness::compare(&schema, &batch, &mut [&mut partitioned::Partitioned(40)], &mut tally);
    }
    harness::conclude(&tally, "partitions");
    // Most segments of a kind that makes tables of its own are loaded whole.
    let floor = harness::count(120) / 8;
    assert!(
        tally.compared >= floor || std::env::var_os("SEGC_SEEDS").is_some(),
        "{} {:?}",
        tally.compared,
        tally.reasons()
    );
}

#[test]
fn partitions_select_the_members_of_the_corpus() {
    corpus::partitions_select();
}

#[test]
fn the_machine_selects_what_the_reference_selects() {
    let schema = std::sync::Arc::new(schema());
    let mut tally = harness::Tally::default();
    let mut routes = [vm::Vm(vm::Route::Optimised), vm::Vm(vm::Route::Plain), vm::Vm(vm::Route::Decoded)];
    for seed in harness::seeds(harness::count(1200).div_ceil(40)) {
        let batch = harness::batch(&schema, seed, 60, 40);
        let mut sides: Vec<&mut dyn harness::Evaluate> = Vec::new();
        for route in &mut routes {
            sides.push(route);
        }
        harness::compare(&schema, &batch, &mut sides, &mut tally);
    }
    harness::conclude(&tally, "the machine");
    assert_eq!(tally.unsupported, vec![]);
}
