//! What holds of every program without knowing what it should select: a predicate and its negation part the profiles,
//! and the order of the rows says nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::compile::compile;
use super::engine::Engine;
use super::generate::Case;
use super::harness::{self, Batch, Evaluate};
use super::vm::{Route, Vm};

/// A batch with the negation of each case behind it.
fn with_negations(schema: &Arc<segc::schema::Schema>, batch: &Batch) -> segc::hir::Module {
    let negation = |case: &Case| format!("segment not_{} {{ where not ({}) }}\n", case.name, case.condition.write());
    let cases: String = batch
        .cases
        .iter()
        .map(|case| format!("segment {} {{ where {} }}\n", case.name, case.condition.write()))
        .collect();
    let negations: String = batch.cases.iter().map(negation).collect();
    compile(&(cases + &negations), schema, &batch.setting).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn a_profile_is_in_exactly_one_of_a_predicate_and_its_negation() {
    let schema = Arc::new(super::schema());
    let mut engines = ["duckdb", "postgres", "clickhouse"].map(Engine::start);
    for seed in [101, 102, 103] {
        let batch = harness::batch(&schema, seed, 40, 40);
        let module = with_negations(&schema, &batch);
        let everyone: BTreeSet<String> = batch.rows.profiles.keys().cloned().collect();
        let mut vm = Vm(Route::Optimised);
        let engines = engines.iter_mut().map(|engine| engine as &mut dyn Evaluate);
        let sides: Vec<&mut dyn Evaluate> = std::iter::once(&mut vm as &mut dyn Evaluate).chain(engines).collect();
        for side in sides {
            let members = side.members(&module, &batch.rows, &batch.setting);
            let (positive, negative) = members.split_at(batch.cases.len());
            for ((case, yes), no) in batch.cases.iter().zip(positive).zip(negative) {
                let (Ok(yes), Ok(no)) = (yes, no) else { continue };
                let context = || format!("{}, seed {seed}: {}", side.name(), case.text());
                assert_eq!(yes.intersection(no).next(), None, "{}", context());
                assert_eq!(yes.union(no).cloned().collect::<BTreeSet<_>>(), everyone, "{}", context());
            }
        }
    }
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
