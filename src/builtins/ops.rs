//! The operations of the language by name. Two kinds, because the language is two-valued: a [`Test`] is a predicate
//! that is false when an operand is absent (its negated spelling too); a [`Func`] gives a value that is absent when
//! an argument is. Every back end matches these enums without `_`, so a new operation does not compile until each
//! of them says what it does with it.

use crate::types::CalendarUnit;

/// A predicate over values. False when any operand is absent, also in its negated form (`not in`, `!=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Test {
    /// A bool value is present and true. One operand.
    IsTrue,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `x in list`: value, list. `list contains x` is the same with the operands exchanged.
    In,
    /// `text contains part`
    Contains,
    /// `text starts with part`
    StartsWith,
    /// `text ends with part`
    EndsWith,
    /// `text like pattern`: `%`, `_`, `\`; the pattern is a literal.
    Like,
    /// `text matches regex`: RE2 subset, unanchored; the pattern is a literal.
    Matches,
    /// `list has any list`: overlap.
    HasAny,
    /// `list has all list`: superset. True for an empty right side.
    HasAll,
    /// `list within list`: subset. True for an empty left side.
    Within,
}

/// A function of values. Absent when any argument is absent, and where its description says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Func {
    /// `a + b` of two numbers of one type. Absent on overflow (beyond 64 bits for `int`; not finite for `float`).
    Add,
    /// `a - b` of two numbers.
    Sub,
    /// `a * b` of two numbers; a decimal result has the sum of the scales.
    Mul,
    /// `a / b`; absent for `b == 0`. `float` of floats; else an exact ratio: exact where it is an operand of a
    /// comparison, elsewhere a decimal of scale 12 rounded half away from zero.
    Div,
    /// `a div b`: truncates toward zero, gives an `int`; absent for `b == 0`.
    IntDiv,
    /// `a % b`: the remainder of `div`, with the sign of `a`; absent for `b == 0`.
    Rem,
    /// `-a`
    Neg,
    /// `abs(a)`
    Abs,
    /// `round(a)`, `round(a, digits)`: half away from zero. Digits is a literal of 0 to 12.
    Round,
    /// `floor(a)`: an `int` for a decimal (absent beyond 64 bits), a `float` for a float.
    Floor,
    /// `ceil(a)`, as `floor`.
    Ceil,
    /// `min(a, b, …)` of values of one type.
    MinOf,
    /// `max(a, b, …)` of values of one type.
    MaxOf,
    /// `lower(text)`: Unicode simple lowercase per code point.
    Lower,
    /// `upper(text)`: Unicode simple uppercase per code point.
    Upper,
    /// `trim(text)`: removes U+0020 at both ends.
    Trim,
    /// `length(text)`: code points.
    Length,
    /// `substring(text, start, length)`: code points, `start` from 1; literals `start >= 1`, `length >= 0`.
    Substring,
    /// `replace(text, from, to)`: every non-overlapping occurrence from the left; an empty `from` changes nothing.
    Replace,
    /// `concat(a, b, …)` of texts.
    Concat,
    /// `split(text, separator)`: a list of the parts; the separator is a non-empty literal. `split("", ",")` is `[""]`.
    Split,
    /// `capture(text, pattern, group)`: what the group of the first match holds; absent without a match.
    Capture,
    /// `email_domain(text)`: what follows the last `@`, lower case ASCII; absent without `@` or with nothing behind it.
    EmailDomain,
    /// `url_host(text)`: between `//` and the next `/`, `?`, `#` or `:`, without user info, ASCII lower case; absent without `//`.
    UrlHost,
    /// `url_path(text)`: from the first `/` after the host up to `?` or `#`; `/` when empty; absent without `//` unless the text begins with `/`.
    UrlPath,
    /// `year(t)` of a date, or of a timestamp in the project's zone.
    Year,
    /// `quarter(t)`: 1 to 4.
    Quarter,
    /// `month(t)`: 1 to 12.
    Month,
    /// `day(t)`: 1 to 31.
    Day,
    /// `weekday(t)`: ISO, Monday 1 to Sunday 7.
    Weekday,
    /// `hour(timestamp)` in the project's zone: 0 to 23.
    Hour,
    /// `date(timestamp)`: its civil day in the project's zone.
    DateOf,
    /// `start_of(unit, t)`: of a date a date; of a timestamp the instant at which the unit begins in the project's zone.
    StartOf(CalendarUnit),
    /// `age(date)`: whole years from the date to today: (yyyymmdd(today) - yyyymmdd(date)) div 10000. Arguments: date, today.
    Age,
    /// `days_between(a, b)`: of dates, the difference in civil days; of timestamps, whole 24-hour days of `b - a`, truncated toward zero.
    DaysBetween,
    /// `weeks_between(a, b)`: `days_between` div 7.
    WeeksBetween,
    /// `hours_between(a, b)` of timestamps, truncated toward zero.
    HoursBetween,
    /// `minutes_between(a, b)` of timestamps, truncated toward zero.
    MinutesBetween,
    /// `seconds_between(a, b)` of timestamps, truncated toward zero.
    SecondsBetween,
    /// A timestamp plus an exact duration (a day counts 24 hours), or a date plus calendar months and days (a step to a
    /// day that the month lacks lands on its last). Absent beyond the years 1 to 9999.
    AddDuration,
    /// A timestamp or date minus a duration, as above.
    SubDuration,
    /// Timestamp minus timestamp: an exact duration.
    Difference,
    /// `size(list)`, `size(map)`
    Size,
    /// `distinct(list)`: first occurrences in order.
    Distinct,
    /// `intersect(a, b)`: the distinct elements of `a` that `b` has, in the order of `a`.
    Intersect,
    /// `union(a, b)`: the distinct elements of `a` then of `b`.
    Union,
    /// `keys(map)`: sorted by code point.
    Keys,
    /// `values(map)`: in the order of the sorted keys.
    Values,
    /// A widening: `int` to `decimal` or `float`, a decimal to a larger scale (absent where its digits before the point
    /// do not fit) or to `float` (the nearest double), a probability, score or percentile to `float`, text to an enum
    /// and back, a list of texts likewise. The node's type tells.
    Convert,
}
