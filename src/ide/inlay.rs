//! What a text leaves unsaid, shown behind it: the day from which `in last 30 days` counts. Invariant: the dates are those
//! that a run at this instant uses, in the project's zone.

use crate::hir::Settings;
use crate::source::FileId;
use crate::syntax;
use crate::syntax::token::{Lexeme, Token};
use crate::types::Duration;
use crate::vector::time::{self, Zone};

/// A remark behind a byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inlay {
    /// Where.
    pub offset: usize,
    /// What.
    pub text: String,
}

/// The remarks of a range of a text.
pub fn inlays(text: &str, range: std::ops::Range<usize>, settings: &Settings, now: i64) -> Vec<Inlay> {
    let lexed = syntax::lex(FileId::default(), text);
    let tokens: &[Lexeme<'_>] = &lexed.tokens;
    let mut found = Vec::new();
    for pair in tokens.windows(2) {
        let [before, lexeme] = pair else { continue };
        let Token::Duration(amount, unit) = lexeme.token else { continue };
        let inside = range.start <= lexeme.start as usize && lexeme.end as usize <= range.end;
        if inside && let Some((word, date)) = bound(amount, unit, Some(before.token), settings, now) {
            found.push(Inlay { offset: lexeme.end as usize, text: format!("{word} {date}") });
        }
    }
    found
}

/// A window in words for a hover.
pub(super) fn dates(
    amount: &str,
    unit: &str,
    before: Option<Token<'_>>,
    settings: &Settings,
    now: i64,
) -> Option<String> {
    let (word, date) = bound(amount, unit, before, settings, now)?;
    let today = shown(now, settings, true)?;
    Some(match word {
        "from" => format!("after {date} up to now ({today}), {}", settings.zone),
        _ => format!("after now ({today}) up to {date}, {}", settings.zone),
    })
}

fn bound(
    amount: &str,
    unit: &str,
    before: Option<Token<'_>>,
    settings: &Settings,
    now: i64,
) -> Option<(&'static str, String)> {
    let negative = match before {
        Some(Token::Last) => true,
        Some(Token::Next) => false,
        _ => return None,
    };
    let length = duration(amount, unit)?;
    let zone = Zone::new(&settings.zone).unwrap_or_else(Zone::utc);
    let instant = zone.add(now, length, negative)?;
    Some((if negative { "from" } else { "until" }, shown(instant, settings, length.micros != 0)?))
}

fn shown(instant: i64, settings: &Settings, with_time: bool) -> Option<String> {
    let zone = Zone::new(&settings.zone).unwrap_or_else(Zone::utc);
    let day = zone.date_of(instant);
    let civil = time::civil(day);
    let date = format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
    if !with_time {
        return Some(date);
    }
    let minutes = (instant + zone.offset(instant)).rem_euclid(crate::types::MICROS_PER_DAY) / 60_000_000;
    Some(format!("{date} {:02}:{:02}", minutes / 60, minutes % 60))
}

fn duration(amount: &str, unit: &str) -> Option<Duration> {
    let number: i32 = amount.replace('_', "").parse().ok()?;
    let of = Duration::default();
    let hours = |hours: i64| Some(Duration { micros: i64::from(number).checked_mul(hours)?, ..of });
    match unit.strip_suffix('s').unwrap_or(unit) {
        "second" => hours(1_000_000),
        "minute" => hours(60_000_000),
        "hour" => hours(3_600_000_000),
        "day" => Some(Duration { days: number, ..of }),
        "week" => Some(Duration { days: number.checked_mul(7)?, ..of }),
        "month" => Some(Duration { months: number, ..of }),
        "quarter" => Some(Duration { months: number.checked_mul(3)?, ..of }),
        "year" => Some(Duration { months: number.checked_mul(12)?, ..of }),
        _ => None,
    }
}
