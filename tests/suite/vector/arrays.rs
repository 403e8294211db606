//! Arrays of texts, codes and bits: owned or held by something else, of every width, damaged.

use std::sync::Arc;

use segc::types::Ty;
use segc::vector::kernels::chosen::Chosen;
use segc::vector::kernels::reduce;
use segc::vector::wide::{less, rough, within};
use segc::vector::{Bitmap, Buffer, Codes, Column, Data, Dictionary, Segments, Strings};

#[test]
fn a_held_array_reads_like_an_owned_one() {
    let held: Buffer<u32> = Buffer::held(Arc::new([1u32, 2, 3, 4]));
    assert_eq!(held, vec![1, 2, 3, 4].into());
    assert_eq!(&*held.slice(1, 2), [2, 3]);
    assert_eq!(&*held.slice(1, 2).slice(1, 9), [3]);
    assert_eq!(&*held.slice(9, 9), [0u32; 0]);
    assert_eq!(&held.take(&[3, 0, 7])[..2], [4, 1]);
    assert_eq!(&*Buffer::<u32>::default().take(&[0, 7]), [0, 0]);
}

#[test]
fn codes_are_as_narrow_as_the_dictionary_allows() {
    let codes = [0, 255, 3];
    assert!(matches!(Codes::narrow(&codes, 256), Codes::U8(_)));
    assert!(matches!(Codes::narrow(&codes, 257), Codes::U16(_)));
    assert!(matches!(Codes::narrow(&codes, 65_536), Codes::U16(_)));
    assert!(matches!(Codes::narrow(&codes, 65_537), Codes::U32(_)));
    for values in [256, 257, 65_537] {
        let narrow = Codes::narrow(&codes, values);
        assert_eq!(narrow.to_vec(), codes);
        assert_eq!(narrow.get(1), 255);
        assert_eq!(narrow.slice(1, 2).to_vec(), [255, 3]);
        let taken = narrow.take(&[2, 2, 9]).to_vec();
        assert_eq!(taken[..2], [3, 3]);
        assert!(codes.contains(&taken[2]), "a row outside has no code of another dictionary");
    }
}

#[test]
fn texts_are_found_and_damaged_ones_are_empty() {
    let texts: Strings = ["", "a", "ß", "å", "東京"].into_iter().collect();
    assert_eq!(texts.iter().collect::<Vec<_>>(), ["", "a", "ß", "å", "東京"]);
    for (index, text) in texts.iter().enumerate() {
        assert_eq!(texts.find(text), Some(index));
    }
    assert_eq!(texts.find("b"), None);
    assert_eq!(texts.get(5), None);
    let split_inside_a_character = Strings::new(vec![1, 2, 1, 99].into(), "å".as_bytes().to_vec().into());
    assert_eq!(split_inside_a_character.iter().collect::<Vec<_>>(), ["", "", "", ""]);
}

#[test]
fn texts_ascend_by_their_bytes() {
    let ascend = |texts: &[&str]| texts.iter().copied().collect::<Strings>().ascend();
    let long = "a text of more than sixteen bytes";
    assert!(ascend(&[]) && ascend(&["b"]) && ascend(&["", "\0", "\0\0", "\u{1}", "a", "a\0", "aa", "ß", "東京"]));
    assert!(ascend(&[long, &format!("{long}\0"), &format!("{long}a"), &format!("{long}ab"), "b"]));
    for [a, b] in [["a", "a"], ["b", "a"], ["a\0", "a"], ["", ""], ["ß", "z"], [long, long], ["b", long]] {
        assert!(!ascend(&[a, b]), "{a:?} {b:?}");
        assert!(!ascend(&["", "!", a, b]), "{a:?} {b:?}");
    }
    assert!(!ascend(&[&format!("{long}b"), &format!("{long}a")]));
}

#[test]
fn rows_of_which_all_values_are_present_have_no_validity() {
    let valid = Bitmap::from_fn(200, |row| row >= 10);
    let column = Column { data: Data::Int((0..200).collect()), valid: Some(valid) };
    for (start, len) in [(10, 190), (10, 64), (70, 128), (70, 60), (15, 0)] {
        assert_eq!(column.slice(start, len).valid, None, "{start} {len}");
    }
    for (start, len) in [(9, 100), (0, 64), (0, 11)] {
        let valid = column.slice(start, len).valid.expect("some are absent");
        assert_eq!((valid.len(), valid.count()), (len, start + len - 10));
    }
}

#[test]
fn bits_of_a_file_are_refused_where_they_do_not_fit() {
    assert!(Bitmap::from_buffer(vec![0b111].into(), 3).is_some_and(|bits| bits.count() == 3));
    assert!(Bitmap::from_buffer(vec![0b1111].into(), 3).is_none());
    assert!(Bitmap::from_buffer(vec![0, 0].into(), 64).is_none());
    assert!(Bitmap::from_buffer(vec![u64::MAX].into(), 64).is_some());
    assert!(Bitmap::from_buffer(Buffer::default(), 0).is_some());
}

/// Bits in runs and alone, of a length that ends inside a word.
fn some_bits(len: usize, seed: u64) -> Vec<bool> {
    let mut state = seed;
    (0..len)
        .map(|row| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            row / 70 % 3 == 0 || state >> 61 == 0
        })
        .collect()
}

#[test]
fn ranges_of_bits_agree_with_bits_one_by_one() {
    for len in [0, 1, 63, 64, 65, 200, 517] {
        let bools = some_bits(len, len as u64);
        let bits = Bitmap::from_fn(len, |row| bools[row]);
        for start in (0..=len + 2).step_by(7) {
            for end in (0..=len + 70).step_by(13) {
                let rows: Vec<usize> = (start..end.min(len)).filter(|&row| bools[row]).collect();
                assert_eq!(bits.ones_in(start, end).collect::<Vec<_>>(), rows, "{start}..{end} of {len}");
                assert_eq!(bits.last_in(start, end), rows.last().copied(), "{start}..{end} of {len}");
                assert_eq!(bits.count_range(start, end), rows.len(), "{start}..{end} of {len}");
            }
        }
        let (starts, ends): (Vec<u32>, Vec<u32>) = (0..=len as u32 + 3).map(|row| (row / 2, row)).unzip();
        let expected: Vec<u32> = starts
            .iter()
            .zip(&ends)
            .map(|(&start, &end)| bits.count_range(start as usize, end as usize) as u32)
            .collect();
        assert_eq!(bits.counts(Segments::new(&starts, &ends)), expected);
        assert_eq!(bits.counts(Segments::new(&ends, &starts)), vec![0; starts.len()]);
    }
}

#[test]
fn chosen_codes_are_found_in_every_width() {
    for (values, codes) in [(5, 5u32), (256, 256), (300, 300), (70_000, 70_000)] {
        let rows: Vec<u32> = (0..500u32).map(|row| row * 7919 % codes).collect();
        for chosen in [0, 1, 2, 3, 4, 5, 200] {
            let known = Bitmap::from_fn(values, |code| code % 3 == 1 && code / 3 < chosen);
            let expected = Bitmap::from_fn(rows.len(), |row| known.get(rows[row] as usize));
            let found = Chosen::new(&known).rows(&Codes::narrow(&rows, values));
            assert_eq!(found.unwrap_or_else(|| Bitmap::filled(rows.len(), false)), expected, "{chosen} of {values}");
        }
    }
    // A damaged column: codes that the dictionary does not have.
    let known = Bitmap::filled(10, true);
    let found = Chosen::new(&known).rows(&Codes::U32(vec![9, 10, u32::MAX].into())).unwrap();
    assert_eq!(found, Bitmap::from_fn(3, |row| row == 0));
}

#[test]
fn distinct_values_are_counted_alike_near_and_far_apart() {
    let bounds = [0u32, 0, 3, 10, 40];
    let mask = Bitmap::from_fn(40, |row| row % 4 != 1);
    for (step, type_name) in [(1i64, "near"), (1 << 40, "far"), (i64::MAX / 8, "the whole range")] {
        let values: Vec<i64> = (0..40).map(|row: i64| (row * row % 7 - 3).wrapping_mul(step)).collect();
        let column = Column::present(Data::Int(values.clone().into()));
        let counted = reduce::count_distinct(&column, Some(&mask), Segments::between(&bounds));
        let expected: Vec<i64> = bounds
            .windows(2)
            .map(|pair| {
                let rows = (pair[0]..pair[1]).filter(|&row| mask.get(row as usize));
                rows.map(|row| values[row as usize]).collect::<std::collections::BTreeSet<_>>().len() as i64
            })
            .collect();
        assert!(matches!(counted.data, Data::Int(counts) if *counts == *expected), "{type_name}");
    }
}

#[test]
fn distinct_texts_are_counted_whatever_the_size_of_the_dictionary() {
    let bounds = [0u32, 0, 3, 50, 50, 300];
    let mask = Bitmap::from_fn(300, |row| row % 5 != 2);
    for values in [1u32, 3, 64, 65, 200, 257] {
        let codes: Vec<u32> = (0..300u32).map(|row| row * row * 7 % values).collect();
        let dictionary = Arc::new(Dictionary::new((0..values).map(|value| value.to_string()).collect()));
        let data = Data::Text { codes: Codes::narrow(&codes, values as usize), dictionary };
        let valid = Bitmap::from_fn(300, |row| row % 7 != 3);
        let counted = reduce::count_distinct(
            &Column { data, valid: Some(valid.clone()) },
            Some(&mask),
            Segments::between(&bounds),
        );
        let expected: Vec<i64> = bounds
            .windows(2)
            .map(|pair| {
                let rows = (pair[0] as usize..pair[1] as usize).filter(|&row| mask.get(row) && valid.get(row));
                rows.map(|row| codes[row]).collect::<std::collections::BTreeSet<_>>().len() as i64
            })
            .collect();
        assert!(matches!(counted.data, Data::Int(counts) if *counts == *expected), "{values} texts");
    }
}

#[test]
fn what_is_folded_of_segments_without_rows_is_zero_or_absent() {
    let (starts, ends) = ([0u32, 2, 5, 3], [2u32, 2, 3, 6]);
    let segments = Segments::new(&starts, &ends);
    let column = Column::present(Data::Float(vec![1.0, 2.5, 4.0, 8.0, 16.0, 32.0].into()));
    let sums = reduce::sum(&column, None, segments, &Ty::Float);
    assert!(sums.valid.is_none() && matches!(sums.data, Data::Float(sums) if *sums == [3.5, 0.0, 0.0, 56.0]));
    let some = Bitmap::from_fn(6, |row| row > 1);
    let present = |column: &Column| (0..4).map(|row| column.is_present(row)).collect::<Vec<_>>();
    for mask in [None, Some(&some)] {
        let first = mask.is_none();
        let found = [
            reduce::mean(&column, mask, segments),
            reduce::extreme(&column, mask, segments, true),
            reduce::end(&column, mask, segments, true, None),
        ];
        for found in found {
            assert_eq!(present(&found), [first, false, false, true]);
        }
    }
    // A sum that does not fit.
    let large = Column::present(Data::Int(vec![i64::MAX, 1, 5, 6, 7, 8].into()));
    assert_eq!(present(&reduce::sum(&large, None, segments, &Ty::Int)), [false, true, true, true]);
}

#[test]
fn values_below_a_bound_or_in_a_range_are_found_in_whole_and_broken_words() {
    for len in [0, 1, 7, 64, 65, 200] {
        let values: Vec<i64> = (0..len).map(|row: i64| (row * 7919 % 31 - 15).wrapping_mul(1 << (row % 50))).collect();
        for bound in [i64::MIN, -3, 0, 1, 5 << 20, i64::MAX] {
            let found = Bitmap::from_words(less(&values, bound), values.len());
            assert_eq!(found, Bitmap::from_fn(values.len(), |row| values[row] < bound), "{len} rows below {bound}");
            for low in [i64::MIN, -5, 0, bound] {
                let found = Bitmap::from_words(within(&values, &(low..bound)), values.len());
                let expected = Bitmap::from_fn(values.len(), |row| (low..bound).contains(&values[row]));
                assert_eq!(found, expected, "{len} rows in {low}..{bound}");
            }
        }
    }
}

#[test]
fn values_of_16_bits_are_compared_alike_on_all_machines() {
    let bounds = [0u16, 1, 2, 100, 32_767, 32_768, 65_534, 65_535];
    for len in [0, 1, 63, 64, 65, 128, 300] {
        let values: Vec<u16> = (0..len).map(|row| bounds[row * 5 % 8].wrapping_add((row % 3) as u16)).collect();
        for (low, high) in bounds.iter().flat_map(|&low| bounds.map(|high| (low, high))) {
            let found = rough(&values, &(low..high), [low, high]);
            let expected = Bitmap::from_fn(len, |row| (low..high).contains(&values[row]));
            assert_eq!(Bitmap::from_words(found.words, len), expected, "{len} rows in {low}..{high}");
            let rows = |(word, bits): &(usize, u64)| {
                Bitmap::from_words(vec![*bits], 64).ones().map(|row| word * 64 + row).collect()
            };
            let edges: Vec<usize> = found.edges.iter().flat_map(|edge| -> Vec<usize> { rows(edge) }).collect();
            let expected = (0..len).filter(|&row| values[row] == low || values[row] == high);
            assert_eq!(edges, expected.collect::<Vec<_>>(), "{len} rows at {low} and {high}");
        }
    }
}

#[test]
fn distinct_dates_that_ascend_are_counted_by_their_changes() {
    let bounds = [0u32, 0, 70, 71, 200];
    let all = Segments::between(&bounds);
    let ascending = |row: i32| if row < 70 { row / 3 } else { row / 9 - 5 };
    let dates = |date: &dyn Fn(i32) -> i32| Column::present(Data::Date((0..200).map(date).collect()));
    let column = dates(&ascending);
    let steps = reduce::Steps::new(&column, all).unwrap();
    for part in 0..70u32 {
        let starts = [0, part, 70, 71 + part];
        let ends = [0, 70, 70 + part % 2, 200 - part / 2];
        let segments = Segments::new(&starts, &ends);
        let (Data::Int(found), Data::Int(expected)) =
            (steps.distinct(segments).data, reduce::count_distinct(&column, None, segments).data)
        else {
            panic!("counts are ints")
        };
        assert_eq!(*found, *expected);
    }
    assert!(reduce::Steps::new(&dates(&|row| if row == 20 { 0 } else { ascending(row) }), all).is_none());
    let some = Column { valid: Some(Bitmap::from_fn(200, |row| row != 3)), ..column };
    assert!(reduce::Steps::new(&some, all).is_none());
}
