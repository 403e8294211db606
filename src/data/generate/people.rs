//! Made-up customers. Names `random`, `vocabulary` and `arrays`. Invariant: what a customer is depends on the seed and on
//! the customer's number alone.

use arrow_array::ArrayRef;
use arrow_schema::ArrowError;

use super::arrays::{Ends, Texts, dates, distinct, fractions, instants, integers, list, map, money, object};
use super::random::Random;
use super::vocabulary::{CHURN_FACTORS, CONVERSION_FACTORS, COUNTRIES, Country, FIRST, HOSTS, LAST, TAGS};
use super::{DAY, NOW, TODAY};

/// What both the record and the events of a customer follow from.
#[derive(Debug)]
pub struct Person {
    /// The id.
    pub id: String,
    /// Where the customer lives.
    pub country: &'static Country,
    /// Roughly how many events there are.
    pub activity: usize,
    /// Days since the customer was last seen.
    pub quiet: i64,
    /// Index of the category that the customer likes most.
    pub favourite: usize,
    /// Euro cents that an ordinary order costs at most.
    pub budget: i64,
}

/// The customer of a number.
pub fn person(seed: u64, number: usize) -> Person {
    let mut random = Random::new(seed, number as u64);
    let country = &COUNTRIES[[0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6][random.below(11) as usize]];
    let base = 3 + random.below(8);
    let activity = if random.permille(40) { 0 } else { (base << random.heads(7)) as usize };
    let quiet = random.below(6) as i64 * random.below(8) as i64 * random.below(9) as i64;
    Person {
        id: format!("{}", 100_000 + number),
        country,
        activity,
        quiet,
        favourite: random.below(3).min(random.below(6)) as usize,
        budget: 4_000 << random.heads(4),
    }
}

#[derive(Default)]
struct Consent {
    choice: Texts,
    time: Vec<Option<i64>>,
}

#[derive(Default)]
struct Prediction {
    score: Vec<Option<i64>>,
    percentile: Vec<Option<i64>>,
    at: Vec<Option<i64>>,
    model: Texts,
    factors: Ends,
    code: Texts,
    value: Texts,
    importance: Vec<Option<i64>>,
}

#[derive(Default)]
struct Columns {
    id: Vec<Option<String>>,
    first: Texts,
    last: Texts,
    born: Vec<Option<i32>>,
    gender: Texts,
    country: Texts,
    city: Texts,
    postal: Vec<Option<String>>,
    email: Vec<Option<String>>,
    phone: Vec<Option<String>>,
    language: Texts,
    tier: Texts,
    points: Vec<Option<i64>>,
    joined: Vec<Option<i32>>,
    consents: [Consent; 3],
    preferences: Ends,
    preference_keys: Vec<String>,
    preference_values: Texts,
    tags: Ends,
    tag: Texts,
    memberships: Ends,
    namespaces: Vec<String>,
    audiences: Ends,
    audience_keys: Vec<String>,
    status: Texts,
    qualified: Vec<Option<i64>>,
    value: Vec<Option<i64>>,
    churn: Prediction,
    conversion: Prediction,
}

/// The columns of all customers.
pub fn columns(profiles: usize, seed: u64) -> Result<Vec<(&'static str, ArrayRef)>, ArrowError> {
    let mut columns = Columns::default();
    for number in 0..profiles {
        // Another stream than the one that `person` uses, so that a new field changes no behaviour.
        let mut random = Random::new(seed ^ 0x5eed, number as u64);
        columns.identity(&person(seed, number), number, &mut random);
        columns.programme(&mut random);
        columns.maps(&mut random);
        let person = person(seed, number);
        columns.scores(&person, &mut random);
    }
    columns.finish()
}

impl Columns {
    fn identity(&mut self, person: &Person, number: usize, random: &mut Random) {
        let (first, last) = (*random.one(FIRST), *random.one(LAST));
        self.id.push(Some(person.id.clone()));
        self.first.push((!random.permille(50)).then_some(first));
        self.last.push((!random.permille(60)).then_some(last));
        self.born.push((!random.permille(150)).then(|| birthday(random)));
        let gender =
            *random.one(&["female", "male", "female", "male", "female", "male", "non_specific", "not_specified"]);
        self.gender.push((!random.permille(100)).then_some(gender));
        self.country.push((!random.permille(30)).then_some(person.country.code));
        self.city.push((!random.permille(80)).then(|| *random.popular(person.country.cities)));
        self.postal.push((!random.permille(120)).then(|| format!("{:05}", random.below(90_000) + 10_000)));
        let mailbox: String =
            first.chars().chain(['.']).chain(last.chars()).filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
        let email = format!("{}{number}@{}", mailbox.to_lowercase(), random.popular(HOSTS));
        self.email.push((!random.permille(60)).then_some(email));
        self.phone.push(random.permille(700).then(|| format!("+46700{:06}", random.below(1_000_000))));
        self.language.push((!random.permille(70)).then(|| *random.popular(person.country.languages)));
    }

    fn programme(&mut self, random: &mut Random) {
        let member = random.permille(650);
        let tier = *random.popular(&["bronze", "silver", "gold", "platinum"]);
        self.tier.push(member.then_some(tier));
        self.points.push((member && !random.permille(30)).then(|| random.below(500) as i64 * (1 << random.heads(5))));
        self.joined.push(member.then(|| TODAY - random.below(2200) as i32));
        for (i, consent) in self.consents.iter_mut().enumerate() {
            let asked = random.permille([950, 700, 500][i]);
            consent.choice.push(asked.then(|| if random.permille([640, 300, 420][i]) { "y" } else { "n" }));
            consent
                .time
                .push(asked.then(|| NOW - random.below(900) as i64 * DAY - random.below(86_400) as i64 * 1_000_000));
        }
        self.value.push((!random.permille(120)).then(|| random.below(60_000) as i64 * (1 << random.heads(4))));
    }

    fn maps(&mut self, random: &mut Random) {
        let mut settings = vec![];
        if random.permille(600) {
            settings.push(("newsletter", *random.one(&["weekly", "monthly", "never"])));
        }
        if random.permille(300) {
            settings.push(("size", *random.one(&["S", "M", "L", "XL"])));
        }
        if random.permille(150) {
            settings.push(("theme", "dark"));
        }
        let present = !settings.is_empty() || random.permille(500);
        self.preferences.push(present.then_some(settings.len()));
        for (key, value) in settings {
            self.preference_keys.push(key.to_owned());
            self.preference_values.push(Some(value));
        }
        let mut tags: Vec<&str> = (0..random.heads(4)).map(|_| *random.popular(TAGS)).collect();
        tags.dedup();
        self.tags.push((!random.permille(100)).then_some(tags.len()));
        tags.iter().for_each(|tag| self.tag.push(Some(tag)));
        let mut memberships = vec![];
        if random.permille(200) {
            memberships.push(("partner", vec!["partner-shoppers"]));
        }
        if random.permille(100) {
            memberships.push(("ups", vec!["newcomers", "winter-fans"]));
        }
        self.memberships.push((!memberships.is_empty()).then_some(memberships.len()));
        for (namespace, audiences) in memberships {
            self.namespaces.push(namespace.to_owned());
            self.audiences.push(Some(audiences.len()));
            for audience in audiences {
                self.audience_keys.push(audience.to_owned());
                self.status.push(Some(*random.popular(&["realized", "existing", "exited"])));
                self.qualified.push(Some(NOW - random.below(400) as i64 * DAY));
            }
        }
    }

    fn scores(&mut self, person: &Person, random: &mut Random) {
        // Who has been away for long is likelier to stay away.
        let risk = (person.quiet * 3 + random.below(500) as i64).clamp(0, 999);
        self.churn.push(random, risk, "churn-2026-11", CHURN_FACTORS);
        let wish = ((300 - person.quiet).max(0) * 2 + random.below(300) as i64).clamp(0, 999);
        self.conversion.push(random, wish, "conversion-2026-10", CONVERSION_FACTORS);
    }

    fn finish(self) -> Result<Vec<(&'static str, ArrayRef)>, ArrowError> {
        let name = object(vec![("firstName", self.first.array()?), ("lastName", self.last.array()?)])?;
        let consents = self
            .consents
            .into_iter()
            .zip(["email", "sms", "push"])
            .map(|(c, name)| Ok((name, object(vec![("val", c.choice.array()?), ("time", instants(c.time))])?)))
            .collect::<Result<_, ArrowError>>()?;
        let membership =
            object(vec![("status", self.status.array()?), ("lastQualificationTime", instants(self.qualified))])?;
        let audiences = map(self.audiences, self.audience_keys, membership)?;
        let scores = object(vec![("churn", self.churn.finish()?), ("conversion", self.conversion.finish()?)])?;
        Ok(vec![
            ("_id", distinct(self.id)),
            (
                "person",
                object(vec![("name", name), ("birthDate", dates(self.born)), ("gender", self.gender.array()?)])?,
            ),
            (
                "homeAddress",
                object(vec![
                    ("countryCode", self.country.array()?),
                    ("city", self.city.array()?),
                    ("postalCode", distinct(self.postal)),
                ])?,
            ),
            ("personalEmail", object(vec![("address", distinct(self.email))])?),
            ("mobilePhone", object(vec![("number", distinct(self.phone))])?),
            ("preferredLanguage", self.language.array()?),
            (
                "loyalty",
                object(vec![
                    ("tier", self.tier.array()?),
                    ("points", integers(self.points)),
                    ("joinDate", dates(self.joined)),
                ])?,
            ),
            ("consents", object(vec![("marketing", object(consents)?)])?),
            ("preferences", map(self.preferences, self.preference_keys, self.preference_values.array()?)?),
            ("tags", list(self.tags, self.tag.array()?)?),
            ("segmentMembership", map(self.memberships, self.namespaces, audiences)?),
            ("_retail", object(vec![("lifetimeValue", money(self.value)?), ("customerAI", scores)])?),
        ])
    }
}

/// A day of birth: some born on 29 February, some with a birthday these days.
fn birthday(random: &mut Random) -> i32 {
    match random.below(50) {
        // 29 February of 1996, 1992, …: four years are 1461 days.
        0 => 9_555 - 1461 * random.below(10) as i32,
        1 => TODAY - 365 * random.between(20, 60) as i32 - random.between(0, 25) as i32,
        _ => TODAY - random.between(17 * 365, 85 * 365) as i32,
    }
}

impl Prediction {
    fn push(&mut self, random: &mut Random, likely: i64, model: &str, factors: &[&str]) {
        let scored = !random.permille(80);
        // A score of every now and then is older than two weeks.
        let age = if random.permille(70) { random.between(15, 90) } else { random.between(0, 2) };
        self.score.push(scored.then_some(likely));
        self.percentile.push(scored.then_some(1 + likely / 10));
        self.at.push(scored.then_some(NOW - age * DAY - 9 * 3_600_000_000));
        self.model.push(scored.then_some(model));
        let count = if scored { 1 + random.below(3) as usize } else { 0 };
        self.factors.push(scored.then_some(count));
        for i in 0..count {
            let first = random.below(factors.len() as u64) as usize;
            self.code.push(Some(factors[(first + i) % factors.len()]));
            let value = random.below(200).to_string();
            self.value.push((!random.permille(100)).then_some(&value));
            self.importance.push(Some(random.between(-300, 300) / (1 + i as i64)));
        }
    }

    fn finish(self) -> Result<ArrayRef, ArrowError> {
        let factor = object(vec![
            ("code", self.code.array()?),
            ("value", self.value.array()?),
            ("importance", fractions(self.importance, 1000.0)),
        ])?;
        object(vec![
            ("score", fractions(self.score.clone(), 10.0)),
            ("probability", fractions(self.score, 1000.0)),
            ("percentile", integers(self.percentile)),
            ("scoreDate", instants(self.at)),
            ("modelID", self.model.array()?),
            ("factors", list(self.factors, factor)?),
        ])
    }
}
