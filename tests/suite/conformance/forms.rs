//! Segments for which some dialects have a form of their own, and of which generated segments hold few: sequences of
//! different types over events without ids, and events that are compared with the first or last of others.

use std::sync::Arc;

use super::generate::{Case, Generator, Kind, Subject};
use super::random::Random;
use super::rows::{self, Setting};
use super::tree::Predicate;
use super::{emptied, engine, harness, schema};

/// Types of which each is another.
const TYPES: [&str; 4] = ["view", "buy", "ping", "commerce.purchases"];

impl Generator<'_> {
    /// A sequence of events of different types, all of them within some time, or not.
    fn sequence_of_types(&mut self) -> Predicate {
        let mut types = TYPES.to_vec();
        let count = 2 + self.random.below(3);
        let spanned = self.random.percent(50);
        let mut steps = Vec::new();
        for at in 0..count {
            let event_type = types.remove(self.random.below(types.len()));
            let mut step = event_type.to_owned();
            if at == 0 {
                step.push_str(" as first_step");
            }
            if self.random.percent(if at == 0 { 50 } else { 10 }) {
                step.push_str(&format!(" in last {}", self.random.word(&["400 days", "90 days", "8 days"])));
            }
            if count == 2 && at == 1 && self.random.percent(50) {
                step.push_str(&format!(" within {}", self.exact_duration()));
            }
            let mut asked = Vec::new();
            if spanned && (at + 1 == count || at > 0 && self.random.percent(10)) {
                asked.push(format!("timestamp <= first_step.timestamp + {}", self.exact_duration()));
            }
            if self.random.percent(20) {
                let subject = Subject { kind: Kind::Object(self.schema.event), alias: None, aside: false };
                asked.push(self.inside(&subject, |generator| generator.simple().write()));
            }
            if !asked.is_empty() {
                step.push_str(&format!(" where {}", asked.join(" and ")));
            }
            steps.push(step);
        }
        Predicate::Text(format!("sequence({})", steps.join(" then ")))
    }

    /// Events before or after the first or last event of another kind, and conditions on attributes beside them.
    fn around_an_end(&mut self) -> Predicate {
        let end = format!(
            "{}(timestamp of {} in last {})",
            self.random.word(&["first", "last"]),
            self.random.word(&TYPES),
            self.random.word(&["90 days", "400 days"])
        );
        let until = format!("timestamp <= {end} + {}", self.exact_duration());
        let place = match self.random.below(3) {
            0 => format!("timestamp > {end} and {until}"),
            1 => format!("timestamp < {end}"),
            _ => format!("timestamp >= {end}"),
        };
        let events = format!("{} in last 400 days where {place}", self.random.word(&TYPES));
        let found = match self.random.below(4) {
            0 => format!("none({events})"),
            1 => format!("any({events})"),
            2 => format!("count({events}) {} 1", self.random.word(&["<", "==", ">"])),
            _ => format!("last(timestamp of {events}) is present"),
        };
        let mut all = vec![Predicate::Text(found)];
        if self.random.percent(50) {
            let counted = format!("count({} in last 400 days) >= 1", self.random.word(&TYPES));
            all.extend([Predicate::Text(counted), self.simple()]);
        }
        Predicate::And(all)
    }
}

fn selects_by_forms_of_its_own(dialect: &str, cases: usize) {
    let schema = Arc::new(schema());
    let mut engine = engine::Engine::start(dialect);
    let mut tally = harness::Tally::default();
    for seed in harness::seeds(cases.div_ceil(40)) {
        let mut random = Random::new(seed);
        let drawn = rows::setting(&mut random);
        let setting = Setting { settings: segc::hir::Settings { event_ids: false, ..drawn.settings }, ..drawn };
        let rows = rows::rows(&mut random, &setting, 80);
        let rows = emptied::without_absent_lists(&schema, rows);
        let mut generator = Generator::new(seed, &schema, &setting);
        let case = |number: usize| {
            let around = number.is_multiple_of(3);
            let condition = if around { generator.around_an_end() } else { generator.sequence_of_types() };
            Case { name: format!("s{number}"), condition, clauses: String::new() }
        };
        let cases = (0..40).map(case).collect();
        harness::compare(&schema, &harness::Batch { seed, setting, rows, cases }, &mut [&mut engine], &mut tally);
    }
    harness::conclude(&tally, engine.entry.title);
    assert!(tally.telling * 3 >= tally.compared, "only {} of {} tell something", tally.telling, tally.compared);
    let (compared, refused) = (tally.compared, tally.unsupported.len());
    engine.report(&format!("{compared} sequences of types and events around others agree, {refused} refused"));
}

#[test]
fn clickhouse_selects_by_forms_of_its_own() {
    selects_by_forms_of_its_own("clickhouse", harness::count(400));
}
