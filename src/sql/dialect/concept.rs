//! What a [`Dialect`](super::Dialect) is asked for that needs a word of its own. Names nothing else.

/// An aggregate over a window; null values do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Running {
    /// How many values.
    Count,
    /// The largest, null of none.
    Max,
}

/// A part of a civil date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The year.
    Year,
    /// 1 to 4.
    Quarter,
    /// 1 to 12.
    Month,
    /// 1 to 31.
    Day,
    /// ISO: Monday 1 to Sunday 7.
    Weekday,
    /// 0 to 23.
    Hour,
}

impl Part {
    /// The function of that name, which most databases have; what they call a weekday often counts from elsewhere.
    pub fn name(self) -> &'static str {
        match self {
            Part::Year => "year",
            Part::Quarter => "quarter",
            Part::Month => "month",
            Part::Day => "day",
            Part::Weekday => "isodow",
            Part::Hour => "hour",
        }
    }
}

/// A part of a `like` pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wild {
    /// This text.
    Text(String),
    /// One code point.
    One,
    /// Any text.
    Any,
}

/// Which way a text is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Unicode simple lowercase, code point by code point.
    Lower,
    /// Unicode simple uppercase.
    Upper,
    /// `A` to `Z` only.
    AsciiLower,
}
