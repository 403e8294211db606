//! What was found in the data: how often, where first. Names only `serde_json` for its JSON form. Invariant: the report
//! of a run does not depend on the number of threads.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

/// A kind of finding. All but [`Kind::is_note`] fail a strict run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A file ends within a record; the records before are in.
    Truncated,
    /// A record that is not of the format; left out.
    Malformed,
    /// A record that is not UTF-8; left out.
    InvalidUtf8,
    /// A record beyond the limit of bytes; left out.
    TooLong,
    /// A record nested beyond the limit; left out.
    TooDeep,
    /// A record that has a key twice; left out.
    DuplicateKey,
    /// A record without an id, or an event without the id of a profile; left out.
    MissingId,
    /// An event without an id where ids are configured; kept, its id is the empty text.
    MissingEventId,
    /// An event without a type; kept, seen only where all events are.
    MissingType,
    /// An event without a usable timestamp; left out.
    MissingTimestamp,
    /// A profile whose id an earlier one has; left out.
    DuplicateProfile,
    /// An event of no profile; left out.
    UnknownProfile,
    /// An event of no profile that a store keeps until the profile's record comes.
    WaitingEvent,
    /// An event that repeats the profile, type, timestamp and id of an earlier one; left out.
    RepeatedEvent,
    /// A score whose profile has one already; left out.
    DuplicateScore,
    /// A score of no profile; left out.
    UnknownScore,
    /// A score without its time of scoring; kept, and absent where a `max age` is declared.
    MissingScoredAt,
    /// An object of a class whose key an earlier one has; left out.
    DuplicateObject,
    /// A value of another type; absent.
    WrongType,
    /// A number that its type cannot hold; absent.
    OutOfRange,
    /// A decimal with more digits than declared; absent.
    TooManyDigits,
    /// NaN or an infinity; absent.
    NotANumber,
    /// Text with the character U+0000; absent.
    NulCharacter,
    /// No date of the calendar in ISO form; absent.
    BadDate,
    /// No instant in ISO form; absent.
    BadTimestamp,
    /// A timestamp that tells no offset where no zone is declared; absent.
    NoOffset,
    /// A number for a timestamp where no unit is declared; absent.
    NoUnit,
    /// A text of several columns of which one has a character of the text between them; absent.
    AmbiguousJoin,
    /// A value that a closed enum does not list; kept.
    UnknownValue,
    /// A column that a program reads and a file does not have; absent throughout.
    MissingColumn,
    /// A file without anything, as all files of its source are.
    EmptyFile,
}

impl Kind {
    /// Every kind, in the order of reports.
    pub const ALL: [Kind; 31] = [
        Kind::Truncated,
        Kind::Malformed,
        Kind::InvalidUtf8,
        Kind::TooLong,
        Kind::TooDeep,
        Kind::DuplicateKey,
        Kind::MissingId,
        Kind::MissingEventId,
        Kind::MissingType,
        Kind::MissingTimestamp,
        Kind::DuplicateProfile,
        Kind::UnknownProfile,
        Kind::WaitingEvent,
        Kind::RepeatedEvent,
        Kind::DuplicateScore,
        Kind::UnknownScore,
        Kind::MissingScoredAt,
        Kind::DuplicateObject,
        Kind::WrongType,
        Kind::OutOfRange,
        Kind::TooManyDigits,
        Kind::NotANumber,
        Kind::NulCharacter,
        Kind::BadDate,
        Kind::BadTimestamp,
        Kind::NoOffset,
        Kind::NoUnit,
        Kind::AmbiguousJoin,
        Kind::UnknownValue,
        Kind::MissingColumn,
        Kind::EmptyFile,
    ];

    /// The kind of a name.
    pub fn find(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Truncated => "truncated",
            Kind::Malformed => "malformed-record",
            Kind::InvalidUtf8 => "invalid-utf-8",
            Kind::TooLong => "record-too-long",
            Kind::TooDeep => "record-too-deep",
            Kind::DuplicateKey => "duplicate-key",
            Kind::MissingId => "missing-id",
            Kind::MissingEventId => "missing-event-id",
            Kind::MissingType => "missing-type",
            Kind::MissingTimestamp => "missing-timestamp",
            Kind::DuplicateProfile => "duplicate-profile",
            Kind::UnknownProfile => "unknown-profile",
            Kind::WaitingEvent => "waiting-event",
            Kind::RepeatedEvent => "repeated-event",
            Kind::DuplicateScore => "duplicate-score",
            Kind::UnknownScore => "unknown-score",
            Kind::MissingScoredAt => "missing-scored-at",
            Kind::DuplicateObject => "duplicate-object",
            Kind::WrongType => "wrong-type",
            Kind::OutOfRange => "out-of-range",
            Kind::TooManyDigits => "too-many-digits",
            Kind::NotANumber => "not-a-number",
            Kind::NulCharacter => "nul-character",
            Kind::BadDate => "bad-date",
            Kind::BadTimestamp => "bad-timestamp",
            Kind::NoOffset => "no-offset",
            Kind::NoUnit => "no-unit",
            Kind::AmbiguousJoin => "ambiguous-join",
            Kind::UnknownValue => "unknown-value",
            Kind::MissingColumn => "missing-column",
            Kind::EmptyFile => "empty-file",
        }
    }

    /// What happened, said of a count: "events of no profile: 3".
    fn title(self) -> &'static str {
        match self {
            Kind::Truncated => "files that end within a record",
            Kind::Malformed => "malformed records left out",
            Kind::InvalidUtf8 => "records left out that are not UTF-8",
            Kind::TooLong => "records left out that are longer than 1 MiB",
            Kind::TooDeep => "records left out that nest too deep",
            Kind::DuplicateKey => "records left out that have a key twice",
            Kind::MissingId => "records left out without an id",
            Kind::MissingEventId => "events without an id",
            Kind::MissingType => "events without a type",
            Kind::MissingTimestamp => "events left out without a usable timestamp",
            Kind::DuplicateProfile => "profiles left out whose id an earlier one has",
            Kind::UnknownProfile => "events ignored whose profile is not in the profile data",
            Kind::WaitingEvent => "events kept until the record of their profile comes",
            Kind::RepeatedEvent => "events left out that repeat the profile, type, timestamp and id of an earlier one",
            Kind::DuplicateScore => "scores left out whose profile has one already",
            Kind::UnknownScore => "scores ignored whose profile is not in the profile data",
            Kind::MissingScoredAt => "scores without their time of scoring, absent where a `max age` is declared",
            Kind::DuplicateObject => "objects left out whose key an earlier one has",
            Kind::WrongType => "values of another type, absent",
            Kind::OutOfRange => "numbers out of range, absent",
            Kind::TooManyDigits => "decimals with more digits than declared, absent",
            Kind::NotANumber => "values that are NaN or infinite, absent",
            Kind::NulCharacter => "texts with a NUL character, absent",
            Kind::BadDate => "dates that no calendar has, absent",
            Kind::BadTimestamp => "timestamps that cannot be read, absent",
            Kind::NoOffset => "timestamps without offset where no `zone` is set, absent",
            Kind::NoUnit => "numeric timestamps where no `unit` is set, absent",
            Kind::AmbiguousJoin => "joined texts of which one part has a character of the text between them, absent",
            Kind::UnknownValue => "values that the schema does not list, kept",
            Kind::MissingColumn => "columns that a file does not have, absent",
            Kind::EmptyFile => "empty files, and no others beside them",
        }
    }

    /// Whether a record was left out when it was read.
    pub(super) fn leaves_out(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Truncated | Malformed | InvalidUtf8 | TooLong | TooDeep | DuplicateKey | MissingId | MissingTimestamp
        )
    }

    /// Whether it is only worth knowing: an event of no profile is ordinary, and so is a file without an optional column.
    pub fn is_note(self) -> bool {
        matches!(self, Kind::MissingColumn)
    }
}

/// Where and why: one of the first few of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Index of the file in [`Report::files`]; `None` where it is not known any more, between files of a store.
    pub file: Option<u32>,
    /// 1-based line of a text file, or row of another; 0 for the file as a whole.
    pub line: u64,
    /// The value, or the reason.
    pub reason: String,
}

/// How often, and the first few.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// How often.
    pub count: u64,
    /// The first few, in the order of files and lines.
    pub examples: Vec<Example>,
}

/// Examples that are kept of each finding.
pub const EXAMPLES: usize = crate::store::build::EXAMPLES;

/// Findings by kind and schema path (empty where the record is meant).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    by_kind: BTreeMap<(Kind, String), Finding>,
}

impl Findings {
    /// One more.
    pub fn add(&mut self, kind: Kind, path: &str, file: u32, line: u64, reason: impl FnOnce() -> String) {
        let known = self.by_kind.iter_mut().find(|((k, p), _)| *k == kind && p == path).map(|(_, f)| f);
        let finding = match known {
            Some(finding) => finding,
            None => self.by_kind.entry((kind, path.to_owned())).or_default(),
        };
        finding.count += 1;
        if finding.examples.len() < EXAMPLES {
            finding.examples.push(Example { file: Some(file), line, reason: shortened(reason()) });
        }
    }

    /// Many of one kind.
    pub fn add_noted(&mut self, kind: Kind, path: &str, noted: &crate::store::build::Noted) {
        if noted.count > 0 {
            let finding = self.by_kind.entry((kind, path.to_owned())).or_default();
            finding.count += noted.count;
            let examples = noted.first.iter().map(|(place, text)| Example {
                file: place.map(|(file, _)| file),
                line: place.map_or(0, |(_, line)| line),
                reason: shortened(format!("`{text}`")),
            });
            finding.examples.extend(examples.take(EXAMPLES.saturating_sub(finding.examples.len())));
        }
    }

    /// Takes in those of a later piece, whose lines are `base` further down.
    pub fn append(&mut self, later: Findings, base: u64) {
        for (key, finding) in later.by_kind {
            let own = self.by_kind.entry(key).or_default();
            own.count += finding.count;
            let room = EXAMPLES.saturating_sub(own.examples.len());
            let moved = finding.examples.into_iter().take(room);
            own.examples.extend(moved.map(|e| Example { line: if e.line == 0 { 0 } else { e.line + base }, ..e }));
        }
    }

    /// All, by kind and path.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &str, &Finding)> {
        self.by_kind.iter().map(|((kind, path), finding)| (*kind, path.as_str(), finding))
    }

    /// How many of a kind, over all paths.
    pub fn count(&self, kind: Kind) -> u64 {
        self.iter().filter(|(k, ..)| *k == kind).map(|(.., f)| f.count).sum()
    }

    /// Records that were left out when they were read.
    pub fn left_out(&self) -> u64 {
        self.iter().filter(|(kind, ..)| kind.leaves_out()).map(|(.., finding)| finding.count).sum()
    }

    /// Whether there is none that fails a strict run.
    pub fn is_clean(&self) -> bool {
        self.iter().all(|(kind, ..)| kind.is_note())
    }
}

/// A value as an example: one line, not long.
fn shortened(text: String) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// What a data set was read from and what was found on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The files, as the project file or the command line names them, with the records taken from each.
    pub files: Vec<(String, u64)>,
    /// Profiles of the data set.
    pub profiles: u64,
    /// Events of the data set.
    pub events: u64,
    /// Events later than the run's instant: seen only by windows that reach past it.
    pub later_than_now: u64,
    /// What was found.
    pub findings: Findings,
}

impl Report {
    /// Whether a strict run may go on.
    pub fn is_clean(&self) -> bool {
        self.findings.is_clean()
    }

    /// As text for people, nothing where there is nothing to say. Control characters of the data are escaped.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.findings.iter().for_each(|finding| self.finding_text(&mut out, finding));
        if self.later_than_now > 0 {
            let _ = writeln!(out, "events later than now: {}", self.later_than_now);
        }
        out
    }

    /// Why records of a file were left out, as text.
    pub(super) fn of_file(&self, file: u32) -> String {
        let mut out = String::new();
        let is_here = |finding: &Finding| finding.examples.iter().any(|example| example.file == Some(file));
        let here = self.findings.iter().filter(|(kind, _, finding)| kind.leaves_out() && is_here(finding));
        here.for_each(|finding| self.finding_text(&mut out, finding));
        out
    }

    fn finding_text(&self, out: &mut String, (kind, path, finding): (Kind, &str, &Finding)) {
        let place = if path.is_empty() { String::new() } else { format!(" in `{}`", printable(path)) };
        let _ = writeln!(out, "{}{place}: {} ({})", kind.title(), finding.count, kind.name());
        for example in &finding.examples {
            let file = example.file.and_then(|file| self.files.get(file as usize)).map_or("", |(name, _)| name);
            let line = if example.line == 0 { String::new() } else { format!(":{}", example.line) };
            let colon = if file.is_empty() { "" } else { ": " };
            let _ = writeln!(out, "    {}{line}{colon}{}", printable(file), printable(&example.reason));
        }
        let more = finding.count - finding.examples.len() as u64;
        if more > 0 {
            let _ = writeln!(out, "    and {more} more");
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        let files: Vec<Value> =
            self.files.iter().map(|(path, records)| json!({ "path": path, "records": records })).collect();
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|(kind, path, finding)| {
                let examples: Vec<Value> = finding
                    .examples
                    .iter()
                    .map(|e| {
                        let file = e.file.and_then(|file| self.files.get(file as usize)).map(|(name, _)| name);
                        json!({ "file": file, "line": e.line, "reason": e.reason })
                    })
                    .collect();
                json!({ "kind": kind.name(), "path": path, "count": finding.count, "examples": examples })
            })
            .collect();
        json!({
            "files": files,
            "profiles": self.profiles,
            "events": self.events,
            "later_than_now": self.later_than_now,
            "findings": findings,
        })
    }
}

/// Text that cannot forge terminal output: control and bidirectional formatting characters are written as escapes.
fn printable(text: &str) -> String {
    let forges = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    text.chars().map(|c| if forges(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}
