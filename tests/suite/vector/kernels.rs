//! Kernels over small domains, exhaustively: every pair of edge values, each of them also absent.

use segc::builtins::kernels::{self, Context};
use segc::builtins::{Func, Test};
use segc::types::{CalendarUnit, Digits, Duration, Ty, Value};
use segc::vector::kernels::{Datum, reduce};
use segc::vector::select::{Kind, constants};
use segc::vector::time::{self, Zone};
use segc::vector::{Bitmap, Column, Data, Segments};

fn text(value: &str) -> Value {
    Value::String(value.into())
}

fn decimal_type(scale: u8) -> Ty {
    Ty::Decimal(Digits { precision: 38, scale })
}

const MOST: i128 = 10i128.pow(38) - 1;

/// Every type with its edge values.
fn domains() -> Vec<(Ty, Vec<Value>)> {
    let decimal = |unscaled| Value::Decimal { unscaled, scale: 2 };
    vec![
        (Ty::Bool, vec![Value::Bool(false), Value::Bool(true)]),
        (Ty::Int, [i64::MIN, i64::MIN + 1, -7, -1, 0, 1, 2, 7, i64::MAX].map(Value::Int).to_vec()),
        (decimal_type(2), [-MOST, -101, -100, -1, 0, 1, 50, 100, 250, MOST].map(decimal).to_vec()),
        (Ty::Float, [-1e300, -1.5, -0.0, 0.0, f64::MIN_POSITIVE, 1.0, 2.5, f64::MAX].map(Value::Float).to_vec()),
        (Ty::Date, [i32::MIN, -1, 0, 20_000, i32::MAX].map(Value::Date).to_vec()),
        (Ty::Timestamp, [i64::MIN, -1, 0, 1_700_000_000_000_000, i64::MAX].map(Value::Timestamp).to_vec()),
        (Ty::Bucket, [0, 1, 2].map(Value::Bucket).to_vec()),
        (Ty::String, ["", "a", "A", "ab", "b", "é", "\u{1F600}", "a%"].map(text).to_vec()),
    ]
}

/// A column of these values, `None` absent.
fn column(values: &[Option<Value>], ty: &Ty) -> Column {
    let filler = constants(&[], ty).unwrap();
    let present: Vec<Value> = values.iter().flatten().cloned().collect();
    let mut next = 0;
    let rows: Vec<u32> = values
        .iter()
        .map(|value| {
            next += u32::from(value.is_some());
            if value.is_some() { next - 1 } else { u32::MAX }
        })
        .collect();
    let column = if present.is_empty() { filler } else { constants(&present, ty).unwrap() };
    column.take(&rows)
}

fn with_absence(values: &[Value]) -> Vec<Option<Value>> {
    std::iter::once(None).chain(values.iter().cloned().map(Some)).collect()
}

fn utc() -> Zone {
    Zone::utc()
}

fn eval(func: Func, args: &[Option<Value>], types: &[&Ty], ty: &Ty) -> Option<Value> {
    let zone = utc();
    kernels::eval_call(func, args, types, ty, Context { zone: &zone, week_start: 1 })
}

/// The same call over columns in every mix of column and constant must give what one row gives.
fn check_shapes(func: Func, domain: &[Option<Value>], types: [&Ty; 2], ty: &Ty) {
    let zone = utc();
    let context = Context { zone: &zone, week_start: 1 };
    let pairs: Vec<(Option<Value>, Option<Value>)> =
        domain.iter().flat_map(|a| domain.iter().map(move |b| (a.clone(), b.clone()))).collect();
    let left = column(&pairs.iter().map(|p| p.0.clone()).collect::<Vec<_>>(), types[0]);
    let right = column(&pairs.iter().map(|p| p.1.clone()).collect::<Vec<_>>(), types[1]);
    let args = [Datum::Column(left), Datum::Column(right.clone())];
    let prepared = kernels::Prepared::Nothing;
    let all = kernels::call(func, &prepared, &args, &types, ty, context, pairs.len());
    for (row, (a, b)) in pairs.iter().enumerate() {
        let one = eval(func, &[a.clone(), b.clone()], &types, ty);
        assert_eq!(all.value(row, ty), one, "{func:?} {a:?} {b:?}");
        if a.is_none() || b.is_none() {
            assert_eq!(one, None, "{func:?} {a:?} {b:?}");
        }
    }
    for a in domain {
        let constant = Datum::Constant(column(std::slice::from_ref(a), types[0]));
        let args = [constant, Datum::Column(right.clone())];
        let result = kernels::call(func, &prepared, &args, &types, ty, context, pairs.len());
        for (row, (_, b)) in pairs.iter().enumerate() {
            assert_eq!(result.value(row, ty), eval(func, &[a.clone(), b.clone()], &types, ty));
        }
    }
}

#[test]
fn comparisons_are_false_on_absent_operands_and_total_orders_on_present_ones() {
    let ops = [Test::Eq, Test::Ne, Test::Lt, Test::Le, Test::Gt, Test::Ge];
    for (ty, values) in domains() {
        let values = with_absence(&values);
        for (i, a) in values.iter().enumerate() {
            for (j, b) in values.iter().enumerate() {
                let args = [a.clone(), b.clone()];
                let test = |op, negated| kernels::eval_test(op, negated, false, &args, &[&ty, &ty]);
                let [eq, ne, lt, le, gt, ge] = ops.map(|op| test(op, false));
                let present = a.is_some() && b.is_some();
                assert_eq!(present, [lt, eq, gt].iter().filter(|&&holds| holds).count() == 1, "{a:?} {b:?}");
                assert_eq!((le, ge, ne), (lt || eq, gt || eq, lt || gt), "{a:?} {b:?}");
                for op in ops {
                    assert_eq!(test(op, true), present && !test(op, false), "{op:?} {a:?} {b:?}");
                }
                // The domains are written in ascending order; the two zeros are equal.
                if present && ty != Ty::String && !(ty == Ty::Float && (3..=4).contains(&i) && (3..=4).contains(&j)) {
                    assert_eq!((lt, eq), (i < j, i == j), "{a:?} {b:?}");
                }
            }
        }
    }
}

#[test]
fn comparisons_over_columns_and_constants_agree_with_single_rows() {
    for (ty, values) in domains() {
        let values = with_absence(&values);
        let pairs: Vec<(usize, usize)> =
            (0..values.len()).flat_map(|a| (0..values.len()).map(move |b| (a, b))).collect();
        let side = |f: fn(&(usize, usize)) -> usize| {
            column(&pairs.iter().map(|p| values[f(p)].clone()).collect::<Vec<_>>(), &ty)
        };
        let (left, right) = (Datum::Column(side(|p| p.0)), Datum::Column(side(|p| p.1)));
        for op in [Test::Eq, Test::Ne, Test::Lt, Test::Le, Test::Gt, Test::Ge] {
            for negated in [false, true] {
                let prepared = kernels::Prepared::Nothing;
                let run = |a: &Datum, b: &Datum| {
                    kernels::test(op, negated, false, &prepared, &[a.clone(), b.clone()], pairs.len())
                };
                let bits = run(&left, &right);
                for (row, &(a, b)) in pairs.iter().enumerate() {
                    let args = [values[a].clone(), values[b].clone()];
                    assert_eq!(bits.get(row), kernels::eval_test(op, negated, false, &args, &[&ty, &ty]));
                }
                for (index, value) in values.iter().enumerate() {
                    let constant = Datum::Constant(column(std::slice::from_ref(value), &ty));
                    let (before, behind) = (run(&constant, &right), run(&left, &constant));
                    for (row, &(a, b)) in pairs.iter().enumerate() {
                        let first = [values[index].clone(), values[b].clone()];
                        let second = [values[a].clone(), values[index].clone()];
                        assert_eq!(before.get(row), kernels::eval_test(op, negated, false, &first, &[&ty, &ty]));
                        assert_eq!(behind.get(row), kernels::eval_test(op, negated, false, &second, &[&ty, &ty]));
                    }
                }
            }
        }
    }
}

#[test]
fn membership_is_the_same_by_set_and_by_list() {
    for (ty, values) in domains() {
        let list_ty = Ty::List(Box::new(ty.clone()));
        for mask in 0..1u32 << values.len().min(5) {
            let items: Vec<Value> =
                values.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, v)| v.clone()).collect();
            let list = Some(Value::List(items.clone()));
            for value in with_absence(&values) {
                let types = [&ty, &list_ty];
                let args = [value.clone(), list.clone()];
                let inside = value.as_ref().is_some_and(|value| items.iter().any(|item| item == value));
                for negated in [false, true] {
                    let expected = value.is_some() && inside != negated;
                    assert_eq!(kernels::eval_test(Test::In, negated, false, &args, &types), expected);
                    let by_list = kernels::test(
                        Test::In,
                        negated,
                        false,
                        &kernels::Prepared::Nothing,
                        &[
                            Datum::Column(column(std::slice::from_ref(&value), &ty)),
                            Datum::Constant(Column::constant(list.as_ref().unwrap(), &list_ty)),
                        ],
                        1,
                    );
                    assert_eq!(by_list.get(0), expected, "{value:?} {items:?}");
                }
            }
        }
    }
    assert!(!kernels::eval_test(
        Test::In,
        true,
        false,
        &[Some(Value::Int(1)), None],
        &[&Ty::Int, &Ty::List(Box::new(Ty::Int))]
    ));
}

#[test]
fn list_tests_agree_with_sets() {
    let ty = Ty::List(Box::new(Ty::Int));
    let list = |mask: u32| Value::List((0..12).filter(|i| mask >> i & 1 == 1).map(Value::Int).collect());
    let masks = [0, 1, 2, 3, 0b1100, 0xFFF, 0xFF0, 0x0FF, 0x801];
    for a in masks {
        for b in masks {
            let args = [Some(list(a)), Some(list(b))];
            for (op, expected) in [(Test::HasAny, a & b != 0), (Test::HasAll, a & b == b), (Test::Within, a & b == a)] {
                assert_eq!(kernels::eval_test(op, false, false, &args, &[&ty, &ty]), expected, "{op:?} {a:b} {b:b}");
                assert_eq!(kernels::eval_test(op, true, false, &args, &[&ty, &ty]), !expected);
                for absent in [[None, args[1].clone()], [args[0].clone(), None]] {
                    for negated in [false, true] {
                        assert!(!kernels::eval_test(op, negated, false, &absent, &[&ty, &ty]));
                    }
                }
            }
            let call = |func| eval(func, &args, &[&ty, &ty], &ty);
            assert_eq!(call(Func::Intersect), Some(list(a & b)));
            let Some(Value::List(union)) = call(Func::Union) else { panic!("a list") };
            assert_eq!(union.len(), (a | b).count_ones() as usize);
        }
    }
    let repeated = Some(Value::List([3, 1, 3, 2, 1].map(Value::Int).to_vec()));
    let expected = Some(Value::List([3, 1, 2].map(Value::Int).to_vec()));
    assert_eq!(eval(Func::Distinct, std::slice::from_ref(&repeated), &[&ty], &ty), expected);
    assert_eq!(eval(Func::Size, &[repeated], &[&ty], &Ty::Int), Some(Value::Int(5)));
}

#[test]
fn integer_arithmetic_is_absent_where_it_does_not_fit() {
    let (_, values) = domains().remove(1);
    let values = with_absence(&values);
    let funcs = [Func::Add, Func::Sub, Func::Mul, Func::IntDiv, Func::Rem, Func::MinOf, Func::MaxOf];
    for func in funcs {
        check_shapes(func, &values, [&Ty::Int, &Ty::Int], &Ty::Int);
    }
    for a in values.iter().flatten() {
        for b in values.iter().flatten() {
            let (Value::Int(x), Value::Int(y)) = (a, b) else { panic!("ints") };
            let (x, y) = (i128::from(*x), i128::from(*y));
            let expected = |value: Option<i128>| value.and_then(|v| i64::try_from(v).ok()).map(Value::Int);
            let call = |func| eval(func, &[Some(a.clone()), Some(b.clone())], &[&Ty::Int, &Ty::Int], &Ty::Int);
            assert_eq!(call(Func::Add), expected(Some(x + y)));
            assert_eq!(call(Func::Sub), expected(Some(x - y)));
            assert_eq!(call(Func::Mul), expected(Some(x * y)));
            assert_eq!(call(Func::IntDiv), expected(x.checked_div(y)));
            assert_eq!(call(Func::Rem), expected((y != 0).then(|| x % y)), "{x} % {y}");
            assert_eq!(call(Func::MinOf), expected(Some(x.min(y))));
            assert_eq!(call(Func::MaxOf), expected(Some(x.max(y))));
        }
    }
}

#[test]
fn decimal_arithmetic_agrees_with_fractions() {
    let scales = [0u8, 1, 2, 5];
    let unscaled = [-1000i128, -25, -15, -3, -1, 0, 1, 2, 5, 15, 25, 49, 50, 51, 333, 100_000];
    let half_away = |n: i128, d: i128| {
        let (n, d) = if d < 0 { (-n, -d) } else { (n, d) };
        (2 * n.abs() + d).div_euclid(2 * d) * n.signum()
    };
    for (sa, sb) in scales.iter().flat_map(|&a| scales.iter().map(move |&b| (a, b))) {
        let types = [&decimal_type(sa), &decimal_type(sb)];
        let (pa, pb) = (10i128.pow(u32::from(sa)), 10i128.pow(u32::from(sb)));
        for (&a, &b) in unscaled.iter().flat_map(|a| unscaled.iter().map(move |b| (a, b))) {
            let args =
                [Some(Value::Decimal { unscaled: a, scale: sa }), Some(Value::Decimal { unscaled: b, scale: sb })];
            let call = |func, scale| match eval(func, &args, &types, &decimal_type(scale)) {
                Some(Value::Decimal { unscaled, .. }) => Some(unscaled),
                _ => None,
            };
            let wide = sa.max(sb);
            let (ua, ub) = (a * 10i128.pow(u32::from(wide - sa)), b * 10i128.pow(u32::from(wide - sb)));
            assert_eq!(call(Func::Add, wide), Some(ua + ub));
            assert_eq!(call(Func::Sub, wide), Some(ua - ub));
            assert_eq!(call(Func::Mul, sa + sb), Some(a * b));
            assert_eq!(call(Func::Mul, 1), Some(half_away(a * b * 10, pa * pb)));
            let quotient = (b != 0).then(|| half_away(a * 10i128.pow(12) * pb, b * pa));
            assert_eq!(call(Func::Div, 12), quotient, "{a}e-{sa} / {b}e-{sb}");
            assert_eq!(call(Func::Rem, wide), (b != 0).then(|| ua % ub));
            let int = eval(Func::IntDiv, &args, &types, &Ty::Int);
            assert_eq!(int, (b != 0).then(|| Value::Int((ua / ub) as i64)));
        }
    }
}

#[test]
fn decimals_of_38_digits_neither_overflow_nor_lose_digits() {
    let ty = decimal_type(0);
    let value = |unscaled| Some(Value::Decimal { unscaled, scale: 0 });
    let call = |func, a, b, ty: &Ty| eval(func, &[value(a), value(b)], &[&decimal_type(0), &decimal_type(0)], ty);
    assert_eq!(call(Func::Add, MOST, 1, &ty), None);
    assert_eq!(call(Func::Add, MOST, 0, &ty), value(MOST));
    assert_eq!(call(Func::Sub, -MOST, 1, &ty), None);
    assert_eq!(call(Func::Mul, MOST, 2, &ty), None);
    assert_eq!(call(Func::Mul, MOST, -1, &ty), value(-MOST));
    let twelve = |unscaled| Some(Value::Decimal { unscaled, scale: 12 });
    assert_eq!(call(Func::Div, MOST, MOST, &decimal_type(12)), twelve(10i128.pow(12)));
    assert_eq!(call(Func::Div, 2 * (MOST / 3), MOST, &decimal_type(12)), twelve(666_666_666_667));
    assert_eq!(call(Func::Div, MOST, 7, &decimal_type(12)), None);
    assert_eq!(call(Func::Div, 1, MOST, &decimal_type(12)), twelve(0));
    assert_eq!(call(Func::Rem, MOST, 7, &ty), value(MOST % 7));
    assert_eq!(call(Func::IntDiv, MOST, 1, &Ty::Int), None);
    let deep = decimal_type(38);
    let convert = |unscaled, from: u8, to: u8| {
        let value = Some(Value::Decimal { unscaled, scale: from });
        match eval(Func::Convert, &[value], &[&decimal_type(from)], &decimal_type(to)) {
            Some(Value::Decimal { unscaled, .. }) => Some(unscaled),
            _ => None,
        }
    };
    assert_eq!(convert(1, 0, 37), Some(10i128.pow(37)));
    assert_eq!(convert(10, 0, 37), None);
    assert_eq!(convert(MOST, 38, 0), Some(1));
    assert_eq!(convert(5, 1, 0), Some(1));
    assert_eq!(convert(-5, 1, 0), Some(-1));
    assert_eq!(convert(4, 1, 0), Some(0));
    let args = [Some(Value::Decimal { unscaled: MOST, scale: 38 }), value(MOST)];
    let tiny = eval(Func::Div, &args, &[&deep, &ty], &decimal_type(12));
    assert_eq!(tiny, twelve(0));
    let float = eval(Func::Convert, &[value(MOST)], &[&ty], &Ty::Float);
    assert_eq!(float, Some(Value::Float(1e38)));
    let third = eval(
        Func::Convert,
        &[Some(Value::Decimal { unscaled: 123_456_789, scale: 4 })],
        &[&decimal_type(4)],
        &Ty::Float,
    );
    assert_eq!(third, Some(Value::Float(12345.6789)));
}

#[test]
fn rounding_is_half_away_from_zero() {
    let decimal = |unscaled| Value::Decimal { unscaled, scale: 1 };
    let call = |func, value, ty: &Ty| eval(func, &[Some(value)], &[&decimal_type(1)], ty);
    for (unscaled, round, floor, ceil) in
        [(25, 3, 2, 3), (-25, -3, -3, -2), (24, 2, 2, 3), (-24, -2, -3, -2), (20, 2, 2, 2)]
    {
        assert_eq!(call(Func::Round, decimal(unscaled), &Ty::Int), Some(Value::Int(round)));
        assert_eq!(call(Func::Floor, decimal(unscaled), &Ty::Int), Some(Value::Int(floor)));
        assert_eq!(call(Func::Ceil, decimal(unscaled), &Ty::Int), Some(Value::Int(ceil)));
    }
    assert_eq!(call(Func::Floor, decimal(MOST), &Ty::Int), None);
    let float = |func, value: f64| eval(func, &[Some(Value::Float(value))], &[&Ty::Float], &Ty::Float);
    for (value, expected) in [(2.5, 3.0), (-2.5, -3.0), (2.4, 2.0), (1e300, 1e300), (0.0, 0.0)] {
        assert_eq!(float(Func::Round, value), Some(Value::Float(expected)));
    }
    assert_eq!(float(Func::Floor, -0.5), Some(Value::Float(-1.0)));
    let digits = eval(
        Func::Round,
        &[Some(Value::Decimal { unscaled: 12_345, scale: 4 }), Some(Value::Int(2))],
        &[&decimal_type(4), &Ty::Int],
        &decimal_type(2),
    );
    assert_eq!(digits, Some(Value::Decimal { unscaled: 123, scale: 2 }));
    assert_eq!(eval(Func::Abs, &[Some(Value::Int(i64::MIN))], &[&Ty::Int], &Ty::Int), None);
    assert_eq!(eval(Func::Neg, &[Some(Value::Int(i64::MIN))], &[&Ty::Int], &Ty::Int), None);
}

#[test]
fn floats_are_never_infinite() {
    let values = with_absence(&[-f64::MAX, -1.0, 0.0, 1e-300, 2.5, f64::MAX].map(Value::Float));
    for func in [Func::Add, Func::Sub, Func::Mul, Func::Div, Func::Rem] {
        check_shapes(func, &values, [&Ty::Float, &Ty::Float], &Ty::Float);
        for a in values.iter().flatten() {
            for b in values.iter().flatten() {
                let result = eval(func, &[Some(a.clone()), Some(b.clone())], &[&Ty::Float, &Ty::Float], &Ty::Float);
                assert!(result.is_none_or(|value| matches!(value, Value::Float(v) if v.is_finite())));
            }
        }
    }
    let zero = Some(Value::Float(0.0));
    assert_eq!(eval(Func::Div, &[zero.clone(), zero.clone()], &[&Ty::Float, &Ty::Float], &Ty::Float), None);
    assert_eq!(
        eval(
            Func::Add,
            &[Some(Value::Float(f64::MAX)), Some(Value::Float(f64::MAX))],
            &[&Ty::Float, &Ty::Float],
            &Ty::Float
        ),
        None
    );
}

#[test]
fn text_functions() {
    let one = |func, value: &str| match eval(func, &[Some(text(value))], &[&Ty::String], &Ty::String) {
        Some(Value::String(value)) => Some(value.to_string()),
        _ => None,
    };
    let some = |value: &str| Some(value.to_string());
    assert_eq!(one(Func::Lower, "ÀÉ İ Σς ẞ"), some("àé i σς ß"));
    assert_eq!(one(Func::Upper, "straße ﬁ é"), some("STRAßE ﬁ É"));
    assert_eq!(one(Func::Trim, "  a\u{A0} \t "), some("a\u{A0} \t"));
    assert_eq!(one(Func::EmailDomain, "a@b@Example.COM"), some("example.com"));
    assert_eq!(one(Func::EmailDomain, "a@"), None);
    assert_eq!(one(Func::EmailDomain, "nobody"), None);
    assert_eq!(one(Func::UrlHost, "https://me:pw@Shop.example:8080/a?b#c"), some("shop.example"));
    assert_eq!(one(Func::UrlHost, "shop.example/a"), None);
    assert_eq!(one(Func::UrlPath, "https://shop.example/a/b?c=/d"), some("/a/b"));
    assert_eq!(one(Func::UrlPath, "https://shop.example?x"), some("/"));
    assert_eq!(one(Func::UrlPath, "/a#b"), some("/a"));
    assert_eq!(one(Func::UrlPath, "a/b"), None);
    let substring = |value: &str, start: i64, length: i64| {
        let args = [Some(text(value)), Some(Value::Int(start)), Some(Value::Int(length))];
        eval(Func::Substring, &args, &[&Ty::String, &Ty::Int, &Ty::Int], &Ty::String)
    };
    assert_eq!(substring("aé\u{1F600}b", 2, 2), Some(text("é\u{1F600}")));
    assert_eq!(substring("ab", 3, 1), Some(text("")));
    assert_eq!(substring("ab", 1, i64::MAX), Some(text("ab")));
    assert_eq!(substring("ab", i64::MAX, i64::MAX), Some(text("")));
    let length = eval(Func::Length, &[Some(text("👨‍👩‍👧"))], &[&Ty::String], &Ty::Int);
    assert_eq!(length, Some(Value::Int(5)));
    let replace = |value: &str, from: &str, to: &str| {
        let args = [value, from, to].map(|v| Some(text(v)));
        eval(Func::Replace, &args, &[&Ty::String, &Ty::String, &Ty::String], &Ty::String)
    };
    assert_eq!(replace("aaa", "aa", "b"), Some(text("ba")));
    assert_eq!(replace("aaa", "", "b"), Some(text("aaa")));
    let list = Ty::List(Box::new(Ty::String));
    let split =
        |value: &str| eval(Func::Split, &[Some(text(value)), Some(text(","))], &[&Ty::String, &Ty::String], &list);
    assert_eq!(split("a,,b"), Some(Value::List(["a", "", "b"].map(text).to_vec())));
    assert_eq!(split(""), Some(Value::List(vec![text("")])));
    let values = with_absence(&["", "a", "é", "bc"].map(text));
    check_shapes(Func::Concat, &values, [&Ty::String, &Ty::String], &Ty::String);
    check_shapes(Func::Split, &values, [&Ty::String, &Ty::String], &list);
    assert_eq!(eval(Func::Concat, &[Some(text("a")), None], &[&Ty::String, &Ty::String], &Ty::String), None);
}

#[test]
fn like_agrees_with_a_naive_matcher() {
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['%', rest @ ..] => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            ['_', rest @ ..] => !text.is_empty() && naive(rest, &text[1..]),
            ['\\', c, rest @ ..] | [c, rest @ ..] => text.first() == Some(c) && naive(rest, &text[1..]),
        }
    }
    let words = |alphabet: &[char], length: usize| -> Vec<Vec<char>> {
        let mut all = vec![vec![]];
        let mut last = all.clone();
        for _ in 0..length {
            last = last.iter().flat_map(|w| alphabet.iter().map(move |&c| [w.as_slice(), &[c]].concat())).collect();
            all.extend(last.clone());
        }
        all
    };
    let texts = words(&['a', 'é', '%'], 4);
    for pattern in words(&['a', 'é', '%', '_', '\\'], 4) {
        let spelled: String = pattern.iter().collect();
        let like = segc::vector::text::Like::new(&spelled);
        for text in &texts {
            let whole: String = text.iter().collect();
            assert_eq!(like.matches(&whole), naive(&pattern, text), "{whole:?} like {spelled:?}");
        }
    }
}

#[test]
fn text_tests_fold_both_sides() {
    let test = |op, negated, ignoring_case, a: &str, b: &str| {
        kernels::eval_test(op, negated, ignoring_case, &[Some(text(a)), Some(text(b))], &[&Ty::String, &Ty::String])
    };
    let cases = [
        (Test::Eq, "Ärger", "äRGER"),
        (Test::Contains, "Ärger", "RG"),
        (Test::StartsWith, "Ärger", "ä"),
        (Test::EndsWith, "Ärger", "GER"),
        (Test::Like, "Ärger", "äR%"),
        (Test::Matches, "Ärger", "^[Ä-Ö]R\\wE"),
        (Test::Matches, "a1", "^\\w\\D?\\d$"),
    ];
    for (op, a, b) in cases {
        assert!(test(op, false, true, a, b), "{op:?} {a} {b}");
        assert!(!test(op, true, true, a, b));
    }
    for (op, a, b) in &cases[..6] {
        assert!(!test(*op, false, false, a, b));
        assert!(test(*op, true, false, a, b));
    }
    let list = Some(Value::List(vec![text("ÄB"), text("c")]));
    let types = [&Ty::String, &Ty::List(Box::new(Ty::String))];
    assert!(kernels::eval_test(Test::In, false, true, &[Some(text("äb")), list.clone()], &types));
    assert!(!kernels::eval_test(Test::In, false, false, &[Some(text("äb")), list], &types));
}

#[test]
fn functions_of_time_read_timestamps_in_the_zone() {
    let zone = Zone::new("America/New_York").unwrap();
    let context = Context { zone: &zone, week_start: 1 };
    // 2026-11-01 05:30 UTC is 01:30 of the day on which summer time ends.
    let day = time::days(2026, 11, 1).unwrap();
    let instant = Value::Timestamp(i64::from(day) * 86_400_000_000 + 5 * 3_600_000_000 + 1_800_000_000);
    let call = |func, ty: &Ty| kernels::eval_call(func, &[Some(instant.clone())], &[&Ty::Timestamp], ty, context);
    let parts = [
        (Func::Year, 2026),
        (Func::Quarter, 4),
        (Func::Month, 11),
        (Func::Day, 1),
        (Func::Weekday, 7),
        (Func::Hour, 1),
    ];
    for (func, expected) in parts {
        assert_eq!(call(func, &Ty::Int), Some(Value::Int(expected)), "{func:?}");
    }
    assert_eq!(call(Func::DateOf, &Ty::Date), Some(Value::Date(day)));
    let monday = time::days(2026, 10, 26).unwrap();
    let begin = Value::Timestamp(zone.start_of_day(monday));
    assert_eq!(call(Func::StartOf(CalendarUnit::Week), &Ty::Timestamp), Some(begin));
    let month = Value::Duration(Duration { months: 1, days: 0, micros: 0 });
    let date = |year, month, day| Some(Value::Date(time::days(year, month, day).unwrap()));
    let moved = |func, from, by: Value| {
        kernels::eval_call(func, &[from, Some(by)], &[&Ty::Date, &Ty::Duration], &Ty::Date, context)
    };
    assert_eq!(moved(Func::AddDuration, date(2024, 1, 31), month.clone()), date(2024, 2, 29));
    assert_eq!(moved(Func::SubDuration, date(2024, 3, 31), month), date(2024, 2, 29));
    let week = Value::Duration(Duration { months: 0, days: 7, micros: 0 });
    assert_eq!(moved(Func::SubDuration, date(2024, 3, 5), week), date(2024, 2, 27));
    let between = |func, a, b, ty: &Ty| kernels::eval_call(func, &[a, b], &[ty, ty], &Ty::Int, context);
    assert_eq!(between(Func::DaysBetween, date(2024, 3, 1), date(2024, 2, 1), &Ty::Date), Some(Value::Int(-29)));
    assert_eq!(between(Func::WeeksBetween, date(2024, 2, 1), date(2024, 3, 1), &Ty::Date), Some(Value::Int(4)));
    let at = |micros| Some(Value::Timestamp(micros));
    assert_eq!(between(Func::HoursBetween, at(0), at(-7_199_999_999), &Ty::Timestamp), Some(Value::Int(-1)));
    assert_eq!(between(Func::SecondsBetween, at(i64::MIN), at(i64::MAX), &Ty::Timestamp), None);
}

/// Every function and test with every pair of edge values of every two types: nothing panics, kinds are right.
#[test]
fn nothing_panics_on_arguments_of_the_wrong_type() {
    let domains = domains();
    let zone = Zone::new("Pacific/Apia").unwrap();
    let context = Context { zone: &zone, week_start: 7 };
    let results =
        [Ty::Int, Ty::Float, decimal_type(2), Ty::String, Ty::Date, Ty::Timestamp, Ty::List(Box::new(Ty::Int))];
    for func in FUNCS {
        for (x, left) in &domains {
            for (y, right) in &domains {
                for ty in &results {
                    let pick = |values: &[Value]| [None, values.first().cloned(), values.last().cloned()];
                    for a in pick(left) {
                        for b in pick(right) {
                            let args = [a.clone(), b.clone(), a.clone()];
                            let types = [x, y, x];
                            for count in 0..=3 {
                                let result = kernels::eval_call(*func, &args[..count], &types[..count], ty, context);
                                let kind = result.map(|value| constants(&[value], ty).unwrap().data.kind());
                                assert!(kind.is_none() || kind == Kind::of(ty), "{func:?}");
                            }
                        }
                    }
                }
            }
        }
    }
}

const FUNCS: &[Func] = &[
    Func::Add,
    Func::Sub,
    Func::Mul,
    Func::Div,
    Func::IntDiv,
    Func::Rem,
    Func::Neg,
    Func::Abs,
    Func::Round,
    Func::Floor,
    Func::Ceil,
    Func::MinOf,
    Func::MaxOf,
    Func::Lower,
    Func::Upper,
    Func::Trim,
    Func::Length,
    Func::Substring,
    Func::Replace,
    Func::Concat,
    Func::Split,
    Func::Capture,
    Func::EmailDomain,
    Func::UrlHost,
    Func::UrlPath,
    Func::Year,
    Func::Quarter,
    Func::Month,
    Func::Day,
    Func::Weekday,
    Func::Hour,
    Func::DateOf,
    Func::StartOf(CalendarUnit::Quarter),
    Func::Age,
    Func::DaysBetween,
    Func::WeeksBetween,
    Func::HoursBetween,
    Func::MinutesBetween,
    Func::SecondsBetween,
    Func::AddDuration,
    Func::SubDuration,
    Func::Difference,
    Func::Size,
    Func::Distinct,
    Func::Intersect,
    Func::Union,
    Func::Keys,
    Func::Values,
    Func::Convert,
];

#[test]
fn reductions_agree_with_loops_over_all_small_segments() {
    let ints = [Some(3), None, Some(-1), Some(3), Some(i64::MAX), Some(2)];
    let times = [10, 10, 20, 20, 20, 30];
    let values = column(&ints.map(|v| v.map(Value::Int)), &Ty::Int);
    let time = column(&times.map(|v| Some(Value::Timestamp(v))), &Ty::Timestamp);
    for mask in 0..64u64 {
        let bits = Bitmap::from_words(vec![mask], 6);
        for (a, b) in (0..=6u32).flat_map(|a| (a..=6).map(move |b| (a, b))) {
            let bounds = [0, a, b, 6];
            let all = Segments::between(&bounds);
            for (index, pair) in bounds.windows(2).enumerate() {
                let rows: Vec<usize> = (pair[0] as usize..pair[1] as usize).filter(|r| mask >> r & 1 == 1).collect();
                let present: Vec<(i64, i64)> = rows.iter().filter_map(|&r| ints[r].map(|v| (times[r], v))).collect();
                let int = |column: Column| match column.value(index, &Ty::Int) {
                    Some(Value::Int(v)) => Some(v),
                    _ => None,
                };
                let of = |f: fn(&Column, Option<&Bitmap>, Segments<'_>) -> Column| int(f(&values, Some(&bits), all));
                assert_eq!(reduce::any(Some(&bits), all).get(index), !rows.is_empty());
                assert_eq!(int(reduce::count(Some(&bits), all)), Some(rows.len() as i64));
                assert_eq!(of(reduce::count_present), Some(present.len() as i64));
                let mut distinct: Vec<i64> = present.iter().map(|p| p.1).collect();
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!(of(reduce::count_distinct), Some(distinct.len() as i64));
                let sum: i128 = present.iter().map(|p| i128::from(p.1)).sum();
                assert_eq!(int(reduce::sum(&values, Some(&bits), all, &Ty::Int)), i64::try_from(sum).ok());
                assert_eq!(int(reduce::extreme(&values, Some(&bits), all, false)), distinct.first().copied());
                assert_eq!(int(reduce::extreme(&values, Some(&bits), all, true)), distinct.last().copied());
                let end = |last, ties| int(reduce::end(&values, Some(&bits), all, last, ties));
                assert_eq!(end(false, None), present.first().map(|p| p.1));
                assert_eq!(end(true, None), present.last().map(|p| p.1));
                let tied = |time: Option<i64>| present.iter().filter(|p| Some(p.0) == time).map(|p| p.1).min();
                assert_eq!(end(false, Some(&time)), tied(present.first().map(|p| p.0)));
                assert_eq!(end(true, Some(&time)), tied(present.last().map(|p| p.0)));
                let list = reduce::list(&values, Some(&bits), all).value(index, &Ty::List(Box::new(Ty::Int)));
                assert_eq!(list, Some(Value::List(present.iter().map(|p| Value::Int(p.1)).collect())));
            }
        }
    }
}

#[test]
fn exact_sums_fit_by_their_result_alone() {
    let ty = decimal_type(0);
    let sum = |values: &[i128]| {
        let values: Vec<Option<Value>> =
            values.iter().map(|&unscaled| Some(Value::Decimal { unscaled, scale: 0 })).collect();
        let len = values.len() as u32;
        match reduce::sum(&column(&values, &ty), None, Segments::between(&[0, len]), &ty).value(0, &ty) {
            Some(Value::Decimal { unscaled, .. }) => Some(unscaled),
            _ => None,
        }
    };
    assert_eq!(sum(&[MOST, MOST, -MOST, -MOST, 7]), Some(7));
    assert_eq!(sum(&[-MOST, -MOST, -MOST, MOST, MOST]), Some(-MOST));
    assert_eq!(sum(&[MOST, 1]), None);
    assert_eq!(sum(&[MOST, MOST, MOST, MOST]), None);
    assert_eq!(sum(&[]), Some(0));
    let ints = column(&[i64::MAX, 1, -1].map(|v| Some(Value::Int(v))), &Ty::Int);
    assert_eq!(
        reduce::sum(&ints, None, Segments::between(&[0, 3]), &Ty::Int).value(0, &Ty::Int),
        Some(Value::Int(i64::MAX))
    );
    assert_eq!(reduce::sum(&ints, None, Segments::between(&[0, 2]), &Ty::Int).value(0, &Ty::Int), None);
    let floats = column(&[f64::MAX, f64::MAX].map(|v| Some(Value::Float(v))), &Ty::Float);
    assert_eq!(reduce::sum(&floats, None, Segments::between(&[0, 2]), &Ty::Float).value(0, &Ty::Float), None);
    assert_eq!(reduce::mean(&floats, None, Segments::between(&[0, 0, 1])).value(0, &Ty::Float), None);
    assert_eq!(
        reduce::mean(&floats, None, Segments::between(&[0, 0, 1])).value(1, &Ty::Float),
        Some(Value::Float(f64::MAX))
    );
}

#[test]
fn bitmaps_slice_and_count_at_every_offset() {
    let bits = Bitmap::from_fn(200, |row| row * row % 7 < 3);
    for start in 0..200 {
        for len in [0, 1, 63, 64, 65, 130] {
            let part = bits.slice(start, len);
            let expected: Vec<bool> = (start..start + len).map(|row| bits.get(row)).collect();
            assert_eq!((0..len).map(|row| part.get(row)).collect::<Vec<_>>(), expected);
            assert_eq!(part.words().len(), len.div_ceil(64));
            let count = expected.iter().filter(|&&bit| bit).count();
            assert_eq!((bits.count_range(start, start + len), part.count()), (count, count));
        }
    }
}

#[test]
fn slices_and_joins_keep_values() {
    for (ty, values) in domains() {
        let values = with_absence(&values);
        let whole = column(&values, &ty);
        for start in 0..values.len() {
            let parts = [whole.slice(start, values.len() - start), whole.slice(0, start)];
            let joined = segc::vector::select::concat(&parts, &ty);
            for row in 0..values.len() {
                assert_eq!(joined.value(row, &ty), values[(row + start) % values.len()]);
            }
        }
        let list_ty = Ty::List(Box::new(ty.clone()));
        let items: Vec<Value> = values.iter().flatten().cloned().collect();
        let lists = [Some(Value::List(items.clone())), None, Some(Value::List(vec![])), Some(Value::List(items))];
        let whole = column(&lists, &list_ty);
        let joined = segc::vector::select::concat(&[whole.slice(2, 2), whole.slice(0, 3)], &list_ty);
        for (row, from) in [2, 3, 0, 1, 2].into_iter().enumerate() {
            assert_eq!(joined.value(row, &list_ty), lists[from]);
        }
        assert!(matches!(joined.data, Data::List { .. }));
    }
}
