//! Loops of the evaluator, each over one block of made data, for counting their instructions: `instructions` runs this
//! under callgrind. Only what is inside a function whose name begins with `measured_` is counted.

use std::hint::black_box;
use std::sync::Arc;

use segc::vector::kernels::chosen::Chosen;
use segc::vector::kernels::compare::{Comparison, compare};
use segc::vector::kernels::{Datum, reduce};
use segc::vector::{Bitmap, Buffer, Codes, Column, Data};

/// Profiles of a block.
const PROFILES: usize = 2048;
/// Events of one frequent type in a block.
const EVENTS: usize = 13_000;

/// Numbers that are the same on every machine.
fn numbers(count: usize, below: u64) -> Vec<u64> {
    let mut state = 42u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    (0..count).map(|_| next()).collect()
}

struct Block {
    times: Datum,
    recent: Datum,
    narrow: Codes,
    wide: Codes,
    one: Chosen,
    many: Chosen,
    mask: Bitmap,
    bounds: Vec<u32>,
    prices: Column,
    days: Column,
    categories: Column,
}

fn block() -> Block {
    let mut bounds: Vec<u32> = numbers(PROFILES - 1, EVENTS as u64 + 1).into_iter().map(|n| n as u32).collect();
    bounds.sort_unstable();
    bounds.insert(0, 0);
    bounds.push(EVENTS as u32);
    let times: Buffer<i64> = numbers(EVENTS, 1 << 30).into_iter().map(|n| n as i64).collect();
    let codes = |values: usize| {
        let codes: Vec<u32> = numbers(EVENTS, values as u64).into_iter().map(|n| n as u32).collect();
        Codes::narrow(&codes, values)
    };
    let prices = numbers(EVENTS, 10_000).into_iter().map(|n| n as f64 / 100.0).collect();
    Block {
        times: Datum::Column(Column::present(Data::Int(times))),
        recent: Datum::Constant(Column::present(Data::Int(vec![1 << 29].into()))),
        narrow: codes(30),
        wide: codes(5000),
        one: Chosen::new(&Bitmap::from_fn(30, |code| code == 7)),
        many: Chosen::new(&Bitmap::from_fn(5000, |code| code % 9 == 0)),
        mask: Bitmap::from_fn(EVENTS, |row| row % 5 == 0),
        bounds,
        prices: Column::present(Data::Float(prices)),
        days: Column::present(Data::Date(numbers(EVENTS, 365).into_iter().map(|n| 20_000 + n as i32).collect())),
        categories: Column::present(Data::Text { codes: codes(30), dictionary: Arc::default() }),
    }
}

#[inline(never)]
fn measured_window(b: &Block) -> Bitmap {
    compare(Comparison::Gt, &b.times, &b.recent, EVENTS)
}

#[inline(never)]
fn measured_one_code(b: &Block) -> Option<Bitmap> {
    b.one.rows(&b.narrow)
}

#[inline(never)]
fn measured_many_codes(b: &Block) -> Option<Bitmap> {
    b.many.rows(&b.wide)
}

#[inline(never)]
fn measured_count(b: &Block) -> Column {
    reduce::count(Some(&b.mask), &b.bounds)
}

#[inline(never)]
fn measured_any(b: &Block) -> Bitmap {
    reduce::any(Some(&b.mask), &b.bounds)
}

#[inline(never)]
fn measured_sum(b: &Block) -> Column {
    reduce::sum(&b.prices, Some(&b.mask), &b.bounds, &segc::types::Ty::Float)
}

#[inline(never)]
fn measured_last(b: &Block) -> Column {
    reduce::end(b.times.column(), Some(&b.mask), &b.bounds, true, None)
}

#[inline(never)]
fn measured_distinct_days(b: &Block) -> Column {
    reduce::count_distinct(&b.days, Some(&b.mask), &b.bounds)
}

#[inline(never)]
fn measured_distinct_codes(b: &Block) -> Column {
    reduce::count_distinct(&b.categories, Some(&b.mask), &b.bounds)
}

fn main() {
    let block = block();
    match std::env::args().nth(1).as_deref() {
        Some("window") => drop(black_box(measured_window(&block))),
        Some("one_code") => drop(black_box(measured_one_code(&block))),
        Some("many_codes") => drop(black_box(measured_many_codes(&block))),
        Some("count") => drop(black_box(measured_count(&block))),
        Some("any") => drop(black_box(measured_any(&block))),
        Some("sum") => drop(black_box(measured_sum(&block))),
        Some("last") => drop(black_box(measured_last(&block))),
        Some("distinct_days") => drop(black_box(measured_distinct_days(&block))),
        Some("distinct_codes") => drop(black_box(measured_distinct_codes(&block))),
        // Run by `cargo test` or `cargo bench` as a whole there is nothing to measure.
        _ => println!("window one_code many_codes count any sum last distinct_days distinct_codes"),
    }
}
