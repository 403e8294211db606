//! What holds of every program without knowing what it should select: a predicate and its negation part the profiles,
//! and the order of the rows says nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::compile::compile;
use super::generate::Case;
use super::harness::{self, Batch, Evaluate, Refusal, Tally};
use super::vm::{Route, Vm};

/// Whether each of the first cases of a batch and its negation part the profiles (ternary logic partitioning, of a language
/// that has two truth values). Says how often they do; where they do not, the tally has a failure more.
pub fn part_the_profiles(
    schema: &Arc<segc::schema::Schema>,
    batch: &Batch,
    cases: usize,
    side: &mut dyn Evaluate,
    tally: &mut Tally,
) {
    let cases = &batch.cases[..cases.min(batch.cases.len())];
    // All are there, since one may name another.
    let text: String = batch.cases.iter().map(Case::text).collect();
    let plain = |case: &Case| format!("segment plain_{} {{ where {} }}\n", case.name, case.condition.write());
    let negation = |case: &Case| format!("segment not_{} {{ where not ({}) }}\n", case.name, case.condition.write());
    let negations: String = cases.iter().map(plain).chain(cases.iter().map(negation)).collect();
    let module = compile(&(text + &negations), schema, &batch.setting).unwrap_or_else(|errors| panic!("{errors}"));
    let first = module.segments.len() - 2 * cases.len();
    let members = side.members_of(&module, first, &batch.rows, &batch.setting);
    let everyone: BTreeSet<String> = batch.rows.profiles.keys().cloned().collect();
    let (positive, negative) = members.split_at(cases.len());
    for ((case, yes), no) in cases.iter().zip(positive).zip(negative) {
        let (yes, no) = match (yes, no) {
            (Ok(yes), Ok(no)) => (yes, no),
            (Err(Refusal::Unsupported(_)), _) | (_, Err(Refusal::Unsupported(_))) => continue,
            (Err(refusal), _) | (_, Err(refusal)) => {
                tally.failures.push(format!("seed {}: {refusal:?}\nnot {}", batch.seed, case.text()));
                continue;
            }
        };
        if yes.is_disjoint(no) && yes.len() + no.len() == everyone.len() {
            tally.parted += 1;
        } else {
            let both: Vec<_> = yes.intersection(no).collect();
            let neither: Vec<_> = everyone.iter().filter(|id| !yes.contains(*id) && !no.contains(*id)).collect();
            let text = case.text();
            tally.failures.push(format!(
                "seed {}, {}: {both:?} are in both, {neither:?} in neither of this and its negation\n{text}",
                batch.seed,
                side.name()
            ));
        }
    }
}

#[test]
fn a_profile_is_in_exactly_one_of_a_predicate_and_its_negation() {
    let schema = Arc::new(super::schema());
    let mut tally = Tally::default();
    for seed in harness::seeds(harness::count(400).div_ceil(40)) {
        let batch = harness::batch(&schema, seed, 40, 40);
        part_the_profiles(&schema, &batch, 40, &mut Vm(Route::Optimised), &mut tally);
    }
    harness::conclude(&tally, "the machine");
    assert!(tally.parted > 0);
}

#[test]
fn the_order_of_the_rows_says_nothing() {
    let schema = Arc::new(super::schema());
    for seed in [201, 202, 203] {
        let batch = harness::batch(&schema, seed, 40, 60);
        let text: String = batch.cases.iter().map(Case::text).collect();
        let module = compile(&text, &schema, &batch.setting).unwrap_or_else(|errors| panic!("{errors}"));
        let mut turned = batch.rows.clone();
        turned.events.reverse();
        let mut vm = Vm(Route::Optimised);
        let members = vm.members(&module, &batch.rows, &batch.setting);
        let again = vm.members(&module, &turned, &batch.setting);
        for ((case, a), b) in batch.cases.iter().zip(members).zip(again) {
            assert_eq!(a, b, "seed {seed}: {}", case.text());
        }
    }
}
