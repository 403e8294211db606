//! Numbers, dates and timestamps from text.

use proptest::prelude::*;
use segc::data::json::lanes::{WINDOW, is_stop, run};
use segc::data::parse::{Moment, NotExact, date, digits_of_eight, exact, timestamp};
use segc::store::raw::{Interner, Print};

#[test]
fn only_days_of_the_calendar_are_dates() {
    assert_eq!(date("1970-01-02"), Some(1));
    assert_eq!(date("0001-01-01"), Some(-719_162));
    assert_eq!(date("2024-02-29"), Some(19_782));
    for bad in [
        "2023-02-29",
        "2024-02-30",
        "2024-13-01",
        "0000-01-01",
        "24-01-01",
        "2024-1-01",
        "2024/01/01",
        "2024-01-01 ",
        "",
    ] {
        assert_eq!(date(bad), None, "{bad}");
    }
}

#[test]
fn timestamps_are_cut_to_microseconds_and_strict() {
    let at = |text| timestamp(text);
    assert_eq!(at("1970-01-01T00:00:01Z"), Some(Moment::Instant(1_000_000)));
    assert_eq!(at("1970-01-01 01:00:00.5+01:00"), Some(Moment::Instant(500_000)));
    assert_eq!(at("1970-01-01T00:00:00.9999999Z"), Some(Moment::Instant(999_999)));
    assert_eq!(at("1969-12-31T23:59:59.9999999Z"), Some(Moment::Instant(-1)));
    assert_eq!(at("1970-01-01T00:00-0130"), Some(Moment::Instant(5_400_000_000)));
    assert_eq!(at("1970-01-02"), Some(Moment::Local(1, 0)));
    assert_eq!(at("1970-01-02T00:00:01"), Some(Moment::Local(1, 1_000_000)));
    for bad in [
        "2026-01-01T24:00:00Z",
        "2026-01-01T23:59:60Z",
        "2024-02-30T00:00:00Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T1:00:00Z",
        "2026-01-01T00Z",
        "2026-01-01T00:00:00Zx",
        "01/02/2026",
        "0001-01-01T00:00:00+01:00",
        "2026-01-01T00:00:00é",
    ] {
        assert_eq!(at(bad), None, "{bad}");
    }
}

#[test]
fn numbers_are_exact() {
    let scaled = |text: &str, precision, scale| exact(text).unwrap().scaled(precision, scale);
    assert_eq!(scaled("12.50", 10, 2), Ok(1250));
    assert_eq!(scaled("-0.05", 10, 2), Ok(-5));
    assert_eq!(scaled("1e2", 10, 2), Ok(10_000));
    assert_eq!(scaled("1.005", 10, 2), Err(true));
    assert_eq!(scaled("100000000", 10, 2), Err(false));
    assert_eq!(scaled("1.50000000000000000000000000000000000000000000000000", 10, 2), Ok(150));
    assert_eq!(exact("1.005").unwrap().rounded(10, 2), Some(101));
    assert_eq!(exact("-2.5").unwrap().rounded(10, 0), Some(-3));
    assert_eq!(exact("2.49").unwrap().rounded(10, 0), Some(2));
    assert_eq!(exact("1e-60").unwrap().rounded(10, 2), Some(0));
    assert_eq!(exact("9223372036854775807").unwrap().integer(), Ok(i64::MAX));
    assert_eq!(exact("9223372036854775808").unwrap().integer(), Err(false));
    assert_eq!(exact("3.5").unwrap().integer(), Err(true));
    assert_eq!(exact("123456789012345678901234567890123456789"), Err(NotExact::Digits));
    for bad in ["", "-", ".5", "5.", "1e", "1e+", "0x1", "1 ", "NaN", "1.2.3"] {
        assert_eq!(exact(bad), Err(NotExact::Form), "{bad}");
    }
}

proptest! {
    #[test]
    fn instants_agree_with_the_time_library(micros in -62_135_596_800_000_000i64..253_402_207_200_000_000, minutes in -1439i32..=1439) {
        let instant = jiff::Timestamp::from_microsecond(micros).unwrap();
        prop_assert_eq!(timestamp(&instant.to_string()), Some(Moment::Instant(micros)));
        let offset = jiff::tz::Offset::from_seconds(minutes * 60).unwrap();
        let text = instant.display_with_offset(offset).to_string();
        let year_fits = offset.to_datetime(instant).year() >= 1;
        if year_fits {
            prop_assert_eq!(timestamp(&text), Some(Moment::Instant(micros)), "{}", text);
        }
    }

    /// A space in the place of the `T` takes the way of all timestamps that are not written as usual.
    #[test]
    fn what_is_written_as_usual_is_read_like_all_else(text in "[0-9]{3}[0-9:-]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6/:][0-9]:[0-6][0-9](\\.[0-9]{1,7})?Z") {
        prop_assert_eq!(timestamp(&text), timestamp(&text.replace('T', " ")), "{}", text);
    }

    #[test]
    fn doubles_round_like_their_shortest_text(x in -1e6f64..1e6) {
        let number = exact(&format!("{x:e}")).unwrap();
        let back = number.digits as f64 * 10f64.powi(number.exponent);
        prop_assert!((back - x).abs() <= x.abs() * 1e-12);
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC*") {
        let _ = (date(&text), timestamp(&text), exact(&text));
    }
}

#[test]
fn digits_end_where_they_end() {
    for (text, expected) in [
        (b"12345678", (8, 12_345_678)),
        (b"00000000", (8, 0)),
        (b"99999999", (8, 99_999_999)),
        (b"1234567.", (7, 1_234_567)),
        (b"7,123456", (1, 7)),
        (b".1234567", (0, 0)),
        (b"05\xb056789", (2, 5)),
        (b"42/:9999", (2, 42)),
        (b"42:99999", (2, 42)),
    ] {
        assert_eq!(digits_of_eight(*text), expected, "{text:?}");
    }
}

#[test]
fn a_run_ends_at_the_first_byte_that_ends_it() {
    for (byte, at) in (0..=255).flat_map(|byte| (0..WINDOW).map(move |at| (byte, at))) {
        for around in [b'a', 0x7f, 0x80, 0xff, b'!', b'#', b' '] {
            let mut window = [around; WINDOW];
            window[at] = byte;
            let expected = window.iter().position(|&b| is_stop(b)).unwrap_or(WINDOW);
            assert_eq!(run(&window), expected, "{window:?}");
        }
    }
}

#[test]
fn texts_have_one_print_and_one_code_each() {
    let text = "abcdefghijklmno\u{e9}";
    for length in 0..=15 {
        let (mut interner, short) = (Interner::default(), &text[..length]);
        let print = Print::short(text.as_bytes().first_chunk().unwrap(), length);
        assert_eq!((interner.short(print, short), interner.code(short)), ((0, true), (0, false)), "{short}");
    }
    let texts: Vec<String> = (0..2000).map(|i| "a\0b".repeat(i % 9) + &i.to_string()).collect();
    let mut interner = Interner::default();
    for (code, text) in texts.iter().enumerate().chain(texts.iter().enumerate()) {
        assert_eq!(interner.code(text).0 as usize, code, "{text}");
    }
    assert_eq!(
        [interner.code(""), interner.code("\0"), interner.code("")],
        [(2000, true), (2001, true), (2000, false)]
    );
}
