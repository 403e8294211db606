//! Rows at the edges: absences, ties, time zones, Unicode, empty texts and lists, large numbers, future events.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use segc::hir::Settings;
use serde_json::{Map, Value as Json, json};

use super::random::Random;
use crate::oracle::Rows;

/// When and where a batch of cases runs.
#[derive(Debug, Clone)]
pub struct Setting {
    pub settings: Settings,
    /// Microseconds since 1970-01-01 UTC.
    pub now: i64,
}

/// Instants beside which something changes: the end of summer time, a month that the next is shorter than, a leap day.
const NOWS: [(&str, &str); 8] = [
    ("Europe/Berlin", "2026-11-23T12:00:00+01:00"),
    ("Europe/Berlin", "2026-03-29T12:30:00+02:00"),
    ("America/New_York", "2026-11-01T01:30:00-04:00"),
    ("Europe/London", "2026-03-31T23:59:59.999999+01:00"),
    ("Asia/Kolkata", "2024-02-29T00:00:00+05:30"),
    ("America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),
    ("UTC", "2025-12-31T23:59:59Z"),
    ("Pacific/Auckland", "2026-04-05T02:30:00+12:00"),
];

pub fn setting(random: &mut Random) -> Setting {
    let (zone, now) = *random.pick(&NOWS);
    let now: Timestamp = now.parse().unwrap();
    let settings =
        Settings { zone: zone.to_owned(), week_start: *random.pick(&[1, 1, 7]), event_ids: random.percent(70) };
    Setting { settings, now: now.as_microsecond() }
}

/// Texts that some engine folds, escapes, trims or measures in its own way.
pub const TEXTS: [&str; 31] = [
    "",
    "a",
    "A",
    "b",
    "shoes",
    "Shoes",
    "SHOES",
    "red shoes",
    "straße",
    "STRASSE",
    "é",
    "e\u{301}",
    "ΟΔΟΣ",
    "οδος",
    "οδοσ",
    "İ",
    "ı",
    "I",
    "i",
    "👩‍👩‍👧",
    "100%",
    "a_b",
    "a\\b",
    "it's \"x\"",
    "line\nbreak",
    "  pad ",
    "${env:HOME}",
    "a,b,,c",
    "42",
    "z\u{7f}",
    "ᾳß",
];
pub const COUNTRIES: [&str; 4] = ["SE", "NO", "se", "DE"];
pub const SKUS: [&str; 6] = ["s1", "s2", "h1", "b1", "gone", "S1"];
pub const KEYS: [&str; 4] = ["k", "K", "color", "é"];
pub const INTS: [i64; 12] = [0, 1, 2, 3, -1, -7, 10, 42, 100, i64::MAX, i64::MIN, 9_007_199_254_740_993];
pub const CENTS: [&str; 10] = ["0", "0.01", "-0.01", "1.50", "2.5", "-2.50", "9.99", "100", "5000.00", "12345678.90"];
pub const FLOATS: [f64; 8] = [0.0, -0.0, 0.5, 1.0, -1.25, 2.75, 1024.0, 3.0];
pub const EMAILS: [&str; 6] = ["anna@Example.COM", "a@b@c.org", "nobody", "x@", "", "ö@straße.de"];
pub const URLS: [&str; 8] = [
    "https://Shop.example/shoes/red?x=1#y",
    "http://user:pw@host.example:8080",
    "//cdn.example/a//b",
    "/only/path?q",
    "mailto:x@y",
    "https://h?q=/a",
    "",
    "https://h.example/#/frag",
];

/// Instants around everything that a window may end at.
pub fn instants(setting: &Setting) -> Vec<i64> {
    let zone = TimeZone::get(&setting.settings.zone).unwrap();
    let now = Timestamp::from_microsecond(setting.now).unwrap().to_zoned_datetime(zone.clone());
    let mut all = vec![setting.now];
    let spans: Vec<Span> = [1, 2, 3, 7, 30, 90].iter().map(|d: &i32| d.days()).collect();
    let spans = spans.into_iter().chain([1.month(), 3.months(), 1.year(), 1.hour(), 90.minutes(), 24.hours()]);
    for span in spans {
        all.push(now.checked_sub(span).unwrap().timestamp().as_microsecond());
        all.push(now.checked_add(span).unwrap().timestamp().as_microsecond());
    }
    for days in [-400, -100, -31, -14, -8, -7, -2, -1, 0, 1, 2, 8, 40] {
        let date = now.date().checked_add(days.days()).unwrap();
        all.push(date.to_zoned_datetime(zone.clone()).unwrap().timestamp().as_microsecond());
    }
    for date in [now.date().first_of_month(), now.date().first_of_year(), jiff::civil::date(2024, 2, 29)] {
        all.push(date.to_zoned_datetime(zone.clone()).unwrap().timestamp().as_microsecond());
    }
    for transition in zone.preceding(now.timestamp()).take(2).chain(zone.following(now.timestamp()).take(1)) {
        all.push(transition.timestamp().as_microsecond());
    }
    all
}

/// A field: its name, whether it is always there, and what makes its value.
type Make<'r> = (&'static str, bool, fn(&mut Maker<'r>) -> Json);

struct Maker<'r> {
    random: &'r mut Random,
    instants: Vec<i64>,
    zone: TimeZone,
    event_ids: bool,
}

/// Profiles, events, objects of related classes and scores.
pub fn rows(random: &mut Random, setting: &Setting, profiles: usize) -> Rows {
    let zone = TimeZone::get(&setting.settings.zone).unwrap();
    let event_ids = setting.settings.event_ids;
    let mut maker = Maker { random, instants: instants(setting), zone, event_ids };
    let mut rows = Rows::default();
    for number in 0..profiles {
        let id = match number {
            0 => "é'\"1".to_owned(),
            1 => "B".to_owned(),
            _ => format!("p{number}"),
        };
        for event in 0..maker.random.below(11) {
            let record = maker.event(event);
            rows.events.push((id.clone(), record));
        }
        let mut record = maker.profile(&id);
        if let Some(scores) = maker.scores() {
            record.insert("propensity".to_owned(), json!({ "churn": scores }));
        }
        rows.profiles.insert(id, Json::Object(record));
    }
    // Shuffled, as files are.
    for at in (1..rows.events.len()).rev() {
        let other = maker.random.below(at + 1);
        rows.events.swap(at, other);
    }
    rows.classes = BTreeMap::from([("product".to_owned(), maker.products()), ("shop".to_owned(), maker.shops())]);
    rows
}

impl<'r> Maker<'r> {
    fn profile(&mut self, id: &str) -> Map<String, Json> {
        let mut record = Map::new();
        record.insert("_id".to_owned(), id.into());
        let fields: [Make<'r>; 29] = [
            ("name", false, Self::text),
            ("code", true, Self::text),
            ("email", false, |m| m.random.word(&EMAILS).into()),
            ("site", false, |m| m.random.word(&URLS).into()),
            ("tier", false, |m| m.random.word(&["bronze", "silver", "gold"]).into()),
            ("mood", false, |m| m.random.word(&["glad", "sad", "other"]).into()),
            ("active", false, |m| m.random.percent(50).into()),
            ("verified", true, |m| m.random.percent(50).into()),
            ("points", false, Self::int),
            ("rung", true, Self::small),
            ("balance", false, Self::money),
            ("credit", true, Self::money),
            ("weight", false, Self::float),
            ("birth", false, Self::date),
            ("joined", true, Self::date),
            ("seen", false, Self::instant),
            ("created", true, Self::instant),
            ("homeAddress", false, Self::address),
            ("tags", false, |m| m.list(Self::text)),
            ("lucky", false, |m| m.list(Self::int)),
            ("amounts", false, |m| m.list(Self::money)),
            ("days", false, |m| m.list(Self::date)),
            ("moments", false, |m| m.list(Self::instant)),
            ("cards", false, |m| m.list(Self::card)),
            ("attributes", false, |m| m.map(Self::text)),
            ("counters", false, |m| m.map(Self::small)),
            ("preferences", false, |m| m.map(Self::preference)),
            ("wishes", false, |m| m.list(|m| m.random.word(&SKUS).into())),
            ("segmentMembership", false, Self::memberships),
        ];
        self.fill(&mut record, &fields);
        self.fill(
            &mut record,
            &[
                ("favourite", false, |m| m.random.word(&SKUS).into()),
                ("store", false, |m| (*m.random.pick(&[1, 2, 99])).into()),
                ("scores", false, |m| m.object(&[("ltv", false, Self::vendor_scores)])),
            ],
        );
        record
    }

    fn event(&mut self, number: usize) -> Json {
        let mut record = Map::new();
        let kind = self.random.word(&["view", "view", "buy", "buy", "ping", "commerce.purchases", "Order Completed"]);
        record.insert("eventType".to_owned(), kind.into());
        let timestamp = self.instant();
        record.insert("timestamp".to_owned(), timestamp);
        if self.event_ids {
            // Not in the order of time, so that ties fall by id alone.
            record.insert("_id".to_owned(), format!("{}{number}", self.random.word(&["a", "Z", "é"])).into());
        }
        let fields: [Make<'r>; 12] = [
            ("amount", false, Self::money),
            ("quantity", true, Self::small),
            ("mass", false, Self::float),
            ("note", false, Self::text),
            ("due", false, Self::date),
            ("until", false, Self::instant),
            ("flag", false, |m| m.random.percent(50).into()),
            ("channel", false, |m| m.random.word(&["web", "app", "shop"]).into()),
            ("labels", false, |m| m.list(Self::text)),
            ("web", false, |m| {
                m.object(&[("url", false, |m| m.random.word(&URLS).into()), ("hits", false, Self::small)])
            }),
            ("context", false, |m| m.map(Self::text)),
            ("items", false, |m| m.list(Self::item)),
        ];
        self.fill(&mut record, &fields);
        Json::Object(record)
    }

    fn item(&mut self) -> Json {
        self.object(&[
            ("SKU", false, |m| m.random.word(&SKUS).into()),
            ("price", false, Self::money),
            ("pieces", false, Self::small),
            ("marks", false, |m| m.list(Self::text)),
            ("options", false, |m| {
                m.list(|m| m.object(&[("title", false, Self::text), ("extra", false, Self::small)]))
            }),
        ])
    }

    fn card(&mut self) -> Json {
        self.object(&[
            ("brand", false, Self::text),
            ("ceiling", false, Self::money),
            ("expires", false, Self::date),
            ("codes", false, |m| m.list(Self::text)),
            ("perks", false, |m| m.list(|m| m.object(&[("title", false, Self::text), ("worth", false, Self::small)]))),
        ])
    }

    fn preference(&mut self) -> Json {
        self.object(&[
            ("enabled", false, |m| m.random.percent(50).into()),
            ("since", false, Self::date),
            ("channel", false, Self::text),
        ])
    }

    fn address(&mut self) -> Json {
        self.object(&[
            ("countryCode", false, |m| m.random.word(&COUNTRIES).into()),
            ("floor", false, Self::small),
            ("geo", false, |m| m.object(&[("lat", false, Self::float), ("place", false, Self::text)])),
        ])
    }

    fn memberships(&mut self) -> Json {
        let mut audiences = Map::new();
        for audience in ["aud-1", "aud-2"] {
            if self.random.percent(50) {
                let status = self.random.word(&["realized", "existing", "exited"]);
                audiences.insert(audience.to_owned(), json!({ "status": status }));
            }
        }
        json!({ "ups": audiences })
    }

    fn scores(&mut self) -> Option<Json> {
        if self.random.percent(30) {
            return None;
        }
        Some(self.object(&[
            ("probability", false, |m| (*m.random.pick(&[0.0, 0.125, 0.25, 0.5, 0.75, 1.0])).into()),
            ("score", false, |m| (*m.random.pick(&[0.0, 24.5, 25.0, 74.5, 75.0, 100.0])).into()),
            ("percentile", false, |m| (*m.random.pick(&[1.0, 50.0, 99.0, 100.0])).into()),
            ("scored_at", false, Self::instant),
            ("model", false, |m| m.random.word(&["m1", "m2"]).into()),
            ("factors", false, |m| {
                m.list(|m| {
                    m.object(&[
                        ("feature", false, |m| m.random.word(&["days_since_last_purchase", "visits"]).into()),
                        ("weight", false, |m| (*m.random.pick(&[0.25, 0.5])).into()),
                        ("effect", false, |m| m.random.word(&["raises", "lowers"]).into()),
                    ])
                })
            }),
        ]))
    }

    fn vendor_scores(&mut self) -> Json {
        self.object(&[
            ("probability", false, |m| (*m.random.pick(&[0.0, 0.25, 0.5, 1.0])).into()),
            ("score", false, |m| (*m.random.pick(&[0.0, 24.0, 74.5, 75.0])).into()),
            ("percentile", false, |m| (*m.random.pick(&[1.0, 50.0, 100.0])).into()),
            ("scoreDate", false, Self::instant),
            ("modelID", false, |m| m.random.word(&["m1", "m2"]).into()),
            ("factors", false, |m| {
                m.list(|m| {
                    m.object(&[
                        ("code", false, |m| m.random.word(&["visits", "age"]).into()),
                        ("value", false, Self::text),
                        ("importance", false, |m| (*m.random.pick(&[0.5, -0.25, 0.0])).into()),
                    ])
                })
            }),
        ])
    }

    fn products(&mut self) -> BTreeMap<String, Json> {
        let make = |(sku, category): (&&str, &str)| {
            let mut record = Map::new();
            record.insert("sku".to_owned(), (*sku).into());
            if self.random.percent(80) {
                record.insert("category".to_owned(), category.into());
            }
            self.fill(
                &mut record,
                &[
                    ("title", false, Self::text),
                    ("cost", false, Self::money),
                    ("launched", false, Self::date),
                    ("maker", false, |m| {
                        m.object(&[
                            ("country", false, |m| m.random.word(&COUNTRIES).into()),
                            ("age", false, Self::small),
                        ])
                    }),
                ],
            );
            ((*sku).to_owned(), Json::Object(record))
        };
        // `gone` is no product.
        SKUS[..4].iter().zip(["shoes", "shoes", "hats", "books"]).map(make).collect()
    }

    fn shops(&mut self) -> BTreeMap<String, Json> {
        [1, 2]
            .into_iter()
            .map(|number| {
                let mut record = Map::new();
                record.insert("number".to_owned(), number.into());
                self.fill(&mut record, &[("city", false, Self::text), ("opened", false, Self::date)]);
                (number.to_string(), Json::Object(record))
            })
            .collect()
    }

    /// Fields, some of them missing, some of the missing ones null.
    fn fill(&mut self, record: &mut Map<String, Json>, fields: &[Make<'r>]) {
        for (name, required, make) in fields {
            match self.random.below(100) {
                0..20 if !required => {}
                20..26 if !required => {
                    record.insert((*name).to_owned(), Json::Null);
                }
                _ => {
                    let value = make(self);
                    record.insert((*name).to_owned(), value);
                }
            }
        }
    }

    fn object(&mut self, fields: &[Make<'r>]) -> Json {
        let mut record = Map::new();
        self.fill(&mut record, fields);
        Json::Object(record)
    }

    fn list(&mut self, make: fn(&mut Self) -> Json) -> Json {
        (0..self.random.below(4)).map(|_| make(self)).collect()
    }

    fn map(&mut self, make: fn(&mut Self) -> Json) -> Json {
        let mut map = Map::new();
        for key in KEYS {
            match self.random.below(10) {
                0..4 => {
                    map.insert(key.to_owned(), make(self));
                }
                4 => {
                    map.insert(key.to_owned(), Json::Null);
                }
                _ => {}
            }
        }
        Json::Object(map)
    }

    fn text(&mut self) -> Json {
        self.random.word(&TEXTS).into()
    }

    fn int(&mut self) -> Json {
        (*self.random.pick(&INTS)).into()
    }

    fn small(&mut self) -> Json {
        self.random.between(-2, 6).into()
    }

    fn money(&mut self) -> Json {
        serde_json::from_str(&self.random.word(&CENTS)).unwrap()
    }

    fn float(&mut self) -> Json {
        (*self.random.pick(&FLOATS)).into()
    }

    /// A micro before, at, or after an edge.
    fn micros(&mut self) -> i64 {
        let edge = *self.random.pick(&self.instants.clone());
        edge + *self.random.pick(&[0, 0, 0, 0, 1, -1, 3_600_000_000, -60_000_000])
    }

    fn instant(&mut self) -> Json {
        let micros = Timestamp::from_microsecond(self.micros()).unwrap();
        if self.random.percent(50) {
            return micros.to_string().into();
        }
        let zoned = micros.to_zoned_datetime(self.zone.clone());
        format!("{}{}", zoned.datetime(), super::offset_text(zoned.offset().seconds())).into()
    }

    fn date(&mut self) -> Json {
        if self.random.percent(25) {
            return self
                .random
                .word(&["2000-02-29", "2024-02-29", "1970-01-01", "1969-12-31", "2000-12-31", "1900-03-01"])
                .into();
        }
        let at = Timestamp::from_microsecond(self.micros()).unwrap().to_zoned_datetime(self.zone.clone());
        at.date().to_string().into()
    }
}
