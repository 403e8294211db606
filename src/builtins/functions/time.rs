//! The functions of dates and timestamps. Names `signature` and `ops`. Invariant: examples compile against the quickstart's schema.

use super::param;
use crate::builtins::registry::{Builtin, Category, Form};
use crate::builtins::signature::{Absence, Kind, ResultRule, Signature};
use crate::builtins::Func;
use crate::types::CalendarUnit;

/// The functions of dates and timestamps.
pub(super) static ALL: &[Builtin] = &[
    Builtin {
        name: "year",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("t", Kind::Moment)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::Year,
            },
        ],
        doc: "The year of a date, or of a timestamp in the project's time zone.",
        absence: Absence::Arguments,
        examples: &["year(person.birthDate) < 1990"],
        rule: "year",
    },
    Builtin {
        name: "quarter",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("t", Kind::Moment)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::Quarter,
            },
        ],
        doc: "The quarter, 1 to 4, of a date, or of a timestamp in the project's time zone.",
        absence: Absence::Arguments,
        examples: &["quarter(person.birthDate) == 2"],
        rule: "quarter",
    },
    Builtin {
        name: "month",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("t", Kind::Moment)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::Month,
            },
        ],
        doc: "The month, 1 to 12, of a date, or of a timestamp in the project's time zone.",
        absence: Absence::Arguments,
        examples: &["month(person.birthDate) == month(today)"],
        rule: "month",
    },
    Builtin {
        name: "day",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("t", Kind::Moment)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::Day,
            },
        ],
        doc: "The day of the month, 1 to 31, of a date, or of a timestamp in the project's time zone.",
        absence: Absence::Arguments,
        examples: &["day(person.birthDate) == 29"],
        rule: "day",
    },
    Builtin {
        name: "weekday",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("t", Kind::Moment)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::Weekday,
            },
        ],
        doc: "The day of the week, Monday 1 to Sunday 7, of a date, or of a timestamp in the project's time zone.",
        absence: Absence::Arguments,
        examples: &["any(commerce.purchases where weekday(timestamp) >= 6)"],
        rule: "weekday",
    },
    Builtin {
        name: "hour",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("t", Kind::Timestamp)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::Hour,
            },
        ],
        doc: "The hour, 0 to 23, of a timestamp in the project's time zone.",
        absence: Absence::Arguments,
        examples: &["any(commerce.purchases where hour(timestamp) < 6)"],
        rule: "hour",
    },
    Builtin {
        name: "date",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("t", Kind::Timestamp)],
                variadic: false,
                result: ResultRule::Date,
                func: Func::DateOf,
            },
        ],
        doc: "The civil day of a timestamp in the project's time zone.",
        absence: Absence::Arguments,
        examples: &["any(commerce.purchases where date(timestamp) == 2026-11-27)"],
        rule: "date",
    },
    Builtin {
        name: "start_of",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("unit", Kind::Unit), param("t", Kind::Moment)],
                variadic: false,
                result: ResultRule::Last,
                func: Func::StartOf(CalendarUnit::Day),
            },
        ],
        doc: "The beginning of the day, week, month, quarter or year that holds a date or timestamp, in the project's time zone.",
        absence: Absence::Arguments,
        examples: &["any(commerce.purchases where start_of(month, timestamp) == start_of(month, now))"],
        rule: "start_of",
    },
    Builtin {
        name: "age",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("birth", Kind::Date)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::Age,
            },
        ],
        doc: "Whole years from a date to today in the project's time zone. Who is born on 29 February grows older on 1 March in other years.",
        absence: Absence::Arguments,
        examples: &["age(person.birthDate) >= 18"],
        rule: "age",
    },
    Builtin {
        name: "days_between",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("from", Kind::Date), param("to", Kind::Date)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::DaysBetween,
            },
            Signature {
                params: &[param("from", Kind::Timestamp), param("to", Kind::Timestamp)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::DaysBetween,
            },
        ],
        doc: "Of two dates the difference in civil days; of two timestamps whole days of 24 hours from the first to the second, truncated toward zero.",
        absence: Absence::Arguments,
        examples: &["days_between(loyalty.joinDate, today) > 365"],
        rule: "days_between",
    },
    Builtin {
        name: "weeks_between",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("from", Kind::Date), param("to", Kind::Date)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::WeeksBetween,
            },
            Signature {
                params: &[param("from", Kind::Timestamp), param("to", Kind::Timestamp)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::WeeksBetween,
            },
        ],
        doc: "`days_between` divided by 7, truncated toward zero.",
        absence: Absence::Arguments,
        examples: &["weeks_between(loyalty.joinDate, today) > 52"],
        rule: "weeks_between",
    },
    Builtin {
        name: "hours_between",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("from", Kind::Timestamp), param("to", Kind::Timestamp)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::HoursBetween,
            },
        ],
        doc: "Whole hours from the first timestamp to the second, truncated toward zero.",
        absence: Absence::Arguments,
        examples: &["hours_between(last(timestamp of commerce.purchases), now) < 48"],
        rule: "hours_between",
    },
    Builtin {
        name: "minutes_between",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("from", Kind::Timestamp), param("to", Kind::Timestamp)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::MinutesBetween,
            },
        ],
        doc: "Whole minutes from the first timestamp to the second, truncated toward zero.",
        absence: Absence::Arguments,
        examples: &["minutes_between(last(timestamp of commerce.purchases), now) < 48"],
        rule: "minutes_between",
    },
    Builtin {
        name: "seconds_between",
        form: Form::Function,
        category: Category::Time,
        usage: &[],
        signatures: &[
            Signature {
                params: &[param("from", Kind::Timestamp), param("to", Kind::Timestamp)],
                variadic: false,
                result: ResultRule::Int,
                func: Func::SecondsBetween,
            },
        ],
        doc: "Whole seconds from the first timestamp to the second, truncated toward zero.",
        absence: Absence::Arguments,
        examples: &["seconds_between(last(timestamp of commerce.purchases), now) < 48"],
        rule: "seconds_between",
    },
];
