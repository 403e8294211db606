//! Batches of generated cases, what each evaluator selects, and how a difference is made small.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use segc::hir::{Module, SegmentId};
use segc::schema::Schema;

use super::compile::compile;
use super::generate::{Case, Generator};
use super::random::Random;
use super::rows::{self, Setting};
use crate::oracle::{Rows, World};

/// The ids of each segment's members, in the order of the module's segments.
pub type Members = Vec<BTreeSet<String>>;

/// Something that selects profiles. A segment that it says it cannot express is `None`.
pub trait Evaluate {
    fn name(&self) -> String;
    fn members(&mut self, module: &Module, rows: &Rows, setting: &Setting) -> Vec<Result<BTreeSet<String>, Refusal>>;

    /// Of the segments from one on.
    fn members_of(
        &mut self,
        module: &Module,
        first: usize,
        rows: &Rows,
        setting: &Setting,
    ) -> Vec<Result<BTreeSet<String>, Refusal>> {
        self.members(module, rows, setting).split_off(first)
    }
}

/// Why there are no members.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The target cannot express the segment, and the compiler says so.
    Unsupported(String),
    /// A fault.
    Error(String),
}

/// Segments over rows.
pub struct Batch {
    pub seed: u64,
    pub setting: Setting,
    pub rows: Rows,
    pub cases: Vec<Case>,
}

/// Everything of a batch follows from its seed.
pub fn batch(schema: &Schema, seed: u64, profiles: usize, cases: usize) -> Batch {
    let mut random = Random::new(seed);
    let setting = rows::setting(&mut random);
    let rows = rows::rows(&mut random, &setting, profiles);
    let mut generator = Generator::new(seed, schema, &setting);
    let cases = (0..cases).map(|number| generator.case(format!("s{number}"))).collect();
    Batch { seed, setting, rows, cases }
}

/// The seeds of a run: the first half always the same, the second of the commit where there is one.
/// `SEGC_SEEDS=18,75` runs only these.
pub fn seeds(batches: usize) -> Vec<u64> {
    if let Ok(only) = std::env::var("SEGC_SEEDS") {
        return only.split(',').filter_map(|seed| seed.parse().ok()).collect();
    }
    let own = commit_seed();
    (0..batches as u64)
        .map(|number| if number % 2 == 0 || own == 0 { number } else { own.wrapping_add(number) })
        .collect()
}

/// The seed of the commit, `SEGC_SEED`; 0 without one.
pub fn commit_seed() -> u64 {
    let commit = std::env::var("SEGC_SEED").unwrap_or_default();
    let own = commit.bytes().fold(0xcbf2_9ce4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    if commit.is_empty() { 0 } else { own }
}

/// How much of what is generated a dialect expresses, counted over the seeds that every run has: a floor that some commit's
/// seeds happen to miss would tell nothing of the commit.
#[derive(Default)]
pub struct Expressed {
    cases: usize,
    refused: usize,
}

impl Expressed {
    /// Counts the cases of a seed and those of them that were refused.
    pub fn count(&mut self, seed: u64, cases: usize, refused: usize) {
        // A commit's seeds are hashes; the others are small numbers.
        if seed <= u64::from(u16::MAX) {
            self.cases += cases;
            self.refused += refused;
        }
    }

    /// Fails where less than so many percent are expressed.
    pub fn at_least<R: std::fmt::Debug>(&self, percent: usize, reasons: R) {
        let (all, expressed) = (self.cases, self.cases - self.refused);
        assert!(
            expressed * 100 >= all * percent,
            "{expressed} of {all} expressed; refused by all seeds:\n{reasons:#?}"
        );
    }
}

/// How many cases: `SEGC_CASES` for long runs.
pub fn count(default: usize) -> usize {
    std::env::var("SEGC_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What a comparison of a batch came to.
#[derive(Debug, Default)]
pub struct Tally {
    pub compared: usize,
    /// Predicates that part the profiles with their negations.
    pub parted: usize,
    /// The reason for each refusal, with its case.
    pub unsupported: Vec<(String, String)>,
    /// Segments that neither all nor no profiles are in.
    pub telling: usize,
    pub failures: Vec<String>,
}

/// Compares every evaluator with the reference on every case of a batch.
pub fn compare(schema: &Arc<Schema>, batch: &Batch, sides: &mut [&mut dyn Evaluate], tally: &mut Tally) {
    let text: String = batch.cases.iter().map(Case::text).collect();
    let module = match compile(&text, schema, &batch.setting) {
        Ok(module) => module,
        Err(errors) => {
            tally.failures.push(format!("seed {}: a generated segment does not check\n{errors}", batch.seed));
            return;
        }
    };
    let expected = reference(&module, &batch.rows, &batch.setting);
    for side in sides {
        let actual = side.members(&module, &batch.rows, &batch.setting);
        assert_eq!(actual.len(), expected.len(), "{} answers for every segment", side.name());
        for ((case, expected), actual) in batch.cases.iter().zip(&expected).zip(actual) {
            match actual {
                Err(Refusal::Unsupported(why)) => tally.unsupported.push((why, case.text())),
                Ok(actual) if actual == *expected => {
                    tally.compared += 1;
                    tally.telling += usize::from(!expected.is_empty() && expected.len() < batch.rows.profiles.len());
                }
                Ok(_) | Err(Refusal::Error(_)) => {
                    if tally.failures.len() < 10 {
                        tally.failures.push(explain(schema, batch, case, *side));
                    } else {
                        tally.failures.push(String::new());
                    }
                }
            }
        }
    }
}

/// What the reference selects.
pub fn reference(module: &Module, rows: &Rows, setting: &Setting) -> Members {
    let rows = rows.translated(module);
    let world = World::new(module, &rows, setting.now);
    let ids = (0..module.segments.len()).map(|id| world.members(SegmentId(id as u32)));
    ids.map(|ids| ids.into_iter().map(str::to_owned).collect()).collect()
}

/// One case over rows: what the reference and what the other say, if they differ.
struct Difference {
    expected: BTreeSet<String>,
    actual: Result<BTreeSet<String>, Refusal>,
}

struct Small<'b> {
    schema: &'b Arc<Schema>,
    batch: &'b Batch,
}

impl Small<'_> {
    /// The text of a case with the segments that it refers to.
    fn text(&self, case: &Case) -> String {
        let mut wanted = BTreeSet::new();
        let mut waiting = vec![case.text()];
        while let Some(text) = waiting.pop() {
            let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            for (at, other) in self.batch.cases.iter().enumerate() {
                if other.name != case.name && words.contains(other.name.as_str()) && wanted.insert(at) {
                    waiting.push(other.text());
                }
            }
        }
        let others: String = wanted.into_iter().map(|at| self.batch.cases[at].text()).collect();
        others + &case.text()
    }

    fn difference(&self, case: &Case, rows: &Rows, side: &mut dyn Evaluate) -> Option<Difference> {
        let module = compile(&self.text(case), self.schema, &self.batch.setting).ok()?;
        let expected = reference(&module, rows, &self.batch.setting).pop()?;
        let actual = side.members(&module, rows, &self.batch.setting).pop()?;
        let differs = match &actual {
            Ok(actual) => *actual != expected,
            Err(refusal) => matches!(refusal, Refusal::Error(_)),
        };
        differs.then_some(Difference { expected, actual })
    }

    fn smaller_case(&self, mut case: Case, rows: &Rows, side: &mut dyn Evaluate) -> Case {
        let mut budget = 200;
        let without = Case { clauses: String::new(), ..case.clone() };
        if self.difference(&without, rows, side).is_some() {
            case = without;
        }
        'again: loop {
            for condition in case.condition.smaller() {
                let smaller = Case { condition, ..case.clone() };
                if budget == 0 {
                    return case;
                }
                budget -= 1;
                if self.difference(&smaller, rows, side).is_some() {
                    case = smaller;
                    continue 'again;
                }
            }
            return case;
        }
    }

    fn smaller_rows(&self, case: &Case, mut rows: Rows, side: &mut dyn Evaluate) -> Rows {
        if let Some(difference) = self.difference(case, &rows, side) {
            let empty = BTreeSet::new();
            let actual = difference.actual.as_ref().unwrap_or(&empty);
            for id in difference.expected.symmetric_difference(actual) {
                let mut fewer = rows.clone();
                fewer.profiles.retain(|other, _| other == id);
                fewer.events.retain(|(owner, _)| owner == id);
                if self.difference(case, &fewer, side).is_some() {
                    rows = fewer;
                    break;
                }
            }
        }
        let mut budget = 150;
        let mut attempt = |rows: &mut Rows, fewer: Rows| {
            if budget > 0 && self.difference(case, &fewer, side).is_some() {
                *rows = fewer;
            }
            budget -= 1;
        };
        if rows.profiles.len() > 1 {
            return rows;
        }
        for at in (0..rows.events.len()).rev() {
            let mut fewer = rows.clone();
            fewer.events.remove(at);
            attempt(&mut rows, fewer);
        }
        let ids: Vec<String> = rows.profiles.keys().cloned().collect();
        for id in ids {
            let names: Vec<String> = rows.profiles[&id].as_object().unwrap().keys().cloned().collect();
            for name in names.into_iter().filter(|name| name != "_id") {
                let mut fewer = rows.clone();
                fewer.profiles.get_mut(&id).unwrap().as_object_mut().unwrap().shift_remove(&name);
                attempt(&mut rows, fewer);
            }
        }
        for at in 0..rows.events.len() {
            let names: Vec<String> = rows.events[at].1.as_object().unwrap().keys().cloned().collect();
            for name in names.into_iter().filter(|name| !["_id", "timestamp", "eventType"].contains(&name.as_str())) {
                let mut fewer = rows.clone();
                fewer.events[at].1.as_object_mut().unwrap().shift_remove(&name);
                attempt(&mut rows, fewer);
            }
        }
        rows
    }
}

/// A difference in its smallest found form.
fn explain(schema: &Arc<Schema>, batch: &Batch, case: &Case, side: &mut dyn Evaluate) -> String {
    let small = Small { schema, batch };
    let mut out = format!("seed {}, {:?}, case {}, {}\n", batch.seed, batch.setting, case.name, side.name());
    if small.difference(case, &batch.rows, side).is_none() {
        // Only among the others of its batch: what they share is at fault.
        let _ = writeln!(out, "differs only together with the rest of its batch:\n{}", case.text());
        return out;
    }
    let smaller = small.smaller_case(case.clone(), &batch.rows, side);
    let rows = small.smaller_rows(&smaller, batch.rows.clone(), side);
    let Some(difference) = small.difference(&smaller, &rows, side) else { return out + "flaky" };
    out.push_str(&small.text(&smaller));
    match &difference.actual {
        Ok(actual) => {
            let _ = writeln!(out, "  reference only: {:?}", difference.expected.difference(actual).collect::<Vec<_>>());
            let _ = writeln!(
                out,
                "  {} only: {:?}",
                side.name(),
                actual.difference(&difference.expected).collect::<Vec<_>>()
            );
        }
        Err(refusal) => {
            let _ = writeln!(out, "  {refusal:?}");
        }
    }
    if rows.profiles.len() == 1 {
        let _ = rows.profiles.values().try_for_each(|row| writeln!(out, "  profile {row}"));
        let _ = rows.events.iter().try_for_each(|(_, row)| writeln!(out, "  event {row}"));
        if smaller.condition.write().contains("favourite") || smaller.condition.write().contains('.') {
            let _ = writeln!(out, "  classes {}", serde_json::to_string(&rows.classes).unwrap_or_default());
        }
    }
    out
}

impl Tally {
    /// How often each reason for a refusal was given.
    pub fn reasons(&self) -> BTreeMap<&str, usize> {
        let mut reasons = BTreeMap::new();
        for (reason, _) in &self.unsupported {
            *reasons.entry(reason.as_str()).or_default() += 1;
        }
        reasons
    }

    /// Leaves the counts of an engine for the table that the test command prints, with what is told of the differences.
    pub fn write(&self, engine: &str, version: &str, cases: &str) {
        let Some(folder) = std::env::var_os("SEGC_CONFORMANCE").map(std::path::PathBuf::from) else { return };
        std::fs::create_dir_all(&folder).unwrap();
        let counts = serde_json::json!({
            "engine": engine,
            "version": version,
            "cases": cases,
            "equal": self.compared,
            "refused": self.reasons(),
            "parted": self.parted,
            "different": self.failures.len(),
            "told": self.failures,
        });
        std::fs::write(folder.join(format!("{engine}.{cases}.json")), format!("{counts:#}\n")).unwrap();
    }
}

/// Fails with every difference found.
pub fn conclude(tally: &Tally, what: &str) {
    assert!(
        tally.failures.is_empty(),
        "{what}: {} of {} differ; `SEGC_SEEDS=…` with the seed that is told replays one\n\n{}",
        tally.failures.len(),
        tally.failures.len() + tally.compared,
        tally.failures.join("\n")
    );
}
