//! Loops of the evaluator, each over one block of made data, for counting their instructions: `instructions` runs this
//! under callgrind. Only what is inside a function whose name begins with `measured_` is counted.

// The modules are compiled here as they are; not all of them is called.
#![allow(dead_code, unused_imports)]

#[path = "../../../src/limits.rs"]
mod limits;
#[path = "../../../src/types.rs"]
mod types;
#[path = "../../../src/vector/mod.rs"]
mod vector;

use std::hint::black_box;
use std::sync::Arc;

use crate::types::{Digits, Ty};
use crate::vector::kernels::chosen::Chosen;
use crate::vector::kernels::compare::{Comparison, compare};
use crate::vector::kernels::numbers::Arithmetic;
use crate::vector::kernels::reduce::Steps;
use crate::vector::kernels::{Datum, choose, numbers, reduce, times};
use crate::vector::time::Zone;
use crate::vector::wide::{Rough, less, rough};
use crate::vector::{Bitmap, Buffer, Codes, Column, Data, Segments};

/// Profiles of a block.
const PROFILES: usize = 2048;
/// Events of one frequent type in a block.
const EVENTS: usize = 13_000;

/// Numbers that are the same on every machine.
fn made(count: usize, below: u64) -> Vec<u64> {
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
    slots: Vec<u16>,
    narrow: Codes,
    wide: Codes,
    one: Chosen,
    many: Chosen,
    mask: Bitmap,
    bounds: Vec<u32>,
    prices: Column,
    days: Column,
    categories: Column,
    ascending: Column,
    amounts: Datum,
    amount: Datum,
    zone: Zone,
}

impl Block {
    fn segments(&self) -> Segments<'_> {
        Segments::between(&self.bounds)
    }
}

fn block() -> Block {
    let mut bounds: Vec<u32> = made(PROFILES - 1, EVENTS as u64 + 1).into_iter().map(|n| n as u32).collect();
    bounds.sort_unstable();
    bounds.insert(0, 0);
    bounds.push(EVENTS as u32);
    let times: Buffer<i64> = made(EVENTS, 1 << 30).into_iter().map(|n| n as i64).collect();
    let codes = |values: usize| {
        let codes: Vec<u32> = made(EVENTS, values as u64).into_iter().map(|n| n as u32).collect();
        Codes::narrow(&codes, values)
    };
    let prices: Buffer<f64> = made(EVENTS, 10_000).into_iter().map(|n| n as f64 / 100.0).collect();
    let segment = |row: usize| bounds.partition_point(|&bound| bound as usize <= row);
    let ascending = (0..EVENTS).map(|row| (row - bounds[segment(row) - 1] as usize) as i32 / 2).collect();
    Block {
        times: Datum::Column(Column::present(Data::Int(times))),
        recent: Datum::Constant(Column::present(Data::Int(vec![1 << 29].into()))),
        slots: made(EVENTS, 1 << 16).into_iter().map(|n| n as u16).collect(),
        narrow: codes(30),
        wide: codes(5000),
        one: Chosen::new(&Bitmap::from_fn(30, |code| code == 7)),
        many: Chosen::new(&Bitmap::from_fn(5000, |code| code % 9 == 0)),
        mask: Bitmap::from_fn(EVENTS, |row| row % 5 == 0),
        ascending: Column::present(Data::Date(ascending)),
        amounts: Datum::Column(Column::present(Data::Float(prices.clone()))),
        amount: Datum::Constant(Column::present(Data::Float(vec![50.0].into()))),
        zone: Zone::utc(),
        prices: Column::present(Data::Float(prices)),
        days: Column::present(Data::Date(made(EVENTS, 365).into_iter().map(|n| 20_000 + n as i32).collect())),
        categories: Column::present(Data::Text { codes: codes(30), dictionary: Arc::default() }),
        bounds,
    }
}

/// Events before an instant by the slots of their times, and in which words times are to be looked at.
#[inline(never)]
fn measured_slots(b: &Block) -> Rough {
    let bound = u16::MAX / 2;
    rough(&b.slots, &(0..bound), [bound; 2])
}

#[inline(never)]
fn measured_window(b: &Block) -> Vec<u32> {
    let Data::Int(times) = b.times.data() else { return Vec::new() };
    Bitmap::from_words(less(times, 1 << 29), EVENTS).counts(b.segments())
}

#[inline(never)]
fn measured_compare(b: &Block) -> Bitmap {
    compare(Comparison::Gt, &b.times, &b.recent, EVENTS)
}

#[inline(never)]
fn measured_compare_floats(b: &Block) -> Bitmap {
    compare(Comparison::Gt, &b.amounts, &b.amount, EVENTS)
}

#[inline(never)]
fn measured_runs(b: &Block) -> Column {
    reduce::count(None, b.segments())
}

#[inline(never)]
fn measured_steps(b: &Block) -> Option<Column> {
    Some(Steps::new(&b.ascending, b.segments())?.distinct(b.segments()))
}

#[inline(never)]
fn measured_date(b: &Block) -> Column {
    times::date(&b.times, &b.zone, EVENTS)
}

#[inline(never)]
fn measured_to_decimal(b: &Block) -> Column {
    let decimal = Ty::Decimal(Digits { precision: 20, scale: 1 });
    numbers::convert(&b.times, &Ty::Int, &decimal, EVENTS)
}

#[inline(never)]
fn measured_product(b: &Block) -> Column {
    let (int, decimal) = (Ty::Int, Ty::Decimal(Digits { precision: 20, scale: 1 }));
    let tenths = Datum::Constant(Column::present(Data::Decimal(vec![2].into())));
    numbers::arithmetic(Arithmetic::Mul, &tenths, &b.times, [&decimal, &int], &decimal, EVENTS)
}

#[inline(never)]
fn measured_choice(b: &Block) -> Column {
    choose::select(&b.mask, &b.times, &b.recent, &Ty::Timestamp, EVENTS)
}

#[inline(never)]
fn measured_compare_pairs(b: &Block) -> Bitmap {
    compare(Comparison::Lt, &b.times, &b.times, EVENTS)
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
    reduce::count(Some(&b.mask), b.segments())
}

#[inline(never)]
fn measured_any(b: &Block) -> Bitmap {
    reduce::any(Some(&b.mask), b.segments())
}

#[inline(never)]
fn measured_sum(b: &Block) -> Column {
    reduce::sum(&b.prices, Some(&b.mask), b.segments(), &Ty::Float)
}

#[inline(never)]
fn measured_last(b: &Block) -> Column {
    reduce::end(b.times.column(), Some(&b.mask), b.segments(), true, None)
}

#[inline(never)]
fn measured_distinct_days(b: &Block) -> Column {
    reduce::count_distinct(&b.days, Some(&b.mask), b.segments())
}

#[inline(never)]
fn measured_distinct_codes(b: &Block) -> Column {
    reduce::count_distinct(&b.categories, Some(&b.mask), b.segments())
}

fn main() {
    let block = &block();
    let kernels: &[(&str, &dyn Fn())] = &[
        ("slots", &|| drop(black_box(measured_slots(block)))),
        ("window", &|| drop(black_box(measured_window(block)))),
        ("compare", &|| drop(black_box(measured_compare(block)))),
        ("compare_floats", &|| drop(black_box(measured_compare_floats(block)))),
        ("one_code", &|| drop(black_box(measured_one_code(block)))),
        ("many_codes", &|| drop(black_box(measured_many_codes(block)))),
        ("runs", &|| drop(black_box(measured_runs(block)))),
        ("count", &|| drop(black_box(measured_count(block)))),
        ("any", &|| drop(black_box(measured_any(block)))),
        ("sum", &|| drop(black_box(measured_sum(block)))),
        ("last", &|| drop(black_box(measured_last(block)))),
        ("date", &|| drop(black_box(measured_date(block)))),
        ("steps", &|| drop(black_box(measured_steps(block)))),
        ("distinct_days", &|| drop(black_box(measured_distinct_days(block)))),
        ("distinct_codes", &|| drop(black_box(measured_distinct_codes(block)))),
        ("to_decimal", &|| drop(black_box(measured_to_decimal(block)))),
        ("product", &|| drop(black_box(measured_product(block)))),
        ("choice", &|| drop(black_box(measured_choice(block)))),
        ("compare_pairs", &|| drop(black_box(measured_compare_pairs(block)))),
    ];
    match std::env::args().nth(1) {
        Some(wanted) => kernels.iter().filter(|(name, _)| *name == wanted).for_each(|(_, run)| run()),
        None => kernels.iter().for_each(|(name, _)| println!("{name}")),
    }
}
