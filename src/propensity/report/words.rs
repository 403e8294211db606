//! What a derived feature looks at, in words. Names nothing. Invariant: a sentence is made of a feature's own parts; of
//! an expression that is not of a known form nothing is said.

/// The forms of [`crate::propensity::features`], each with what it means; `{x}` is an event type, `{f}` a field of it.
/// The longer ones stand first.
const FORMS: &[(&str, &str)] = &[
    (
        "hours_between(last(timestamp of {x}), now) * (count(distinct date(timestamp) of {x}) - 1) / \
         days_between(first(timestamp of {x}), last(timestamp of {x}))",
        "how overdue the next {x} is, by the time that usually lies between them",
    ),
    (
        "days_between(first(timestamp of {x}), last(timestamp of {x})) / (count(distinct date(timestamp) of {x}) - 1)",
        "how much time usually lies between two days with {x}",
    ),
    ("count({x} in last 30 days) / count({x} in last 90 days)", "whether {x} became more or fewer lately"),
    ("count({x} where weekday(timestamp) >= 6) / count({x})", "the share of {x} at weekends"),
    ("hours_between(last(timestamp of {x}), now)", "how long ago the last {x} was"),
    ("days_between(first(timestamp of {x}), now)", "how long ago the first {x} was"),
    ("count(distinct date(timestamp) of {x})", "on how many days there were {x}"),
    ("average(hour(timestamp) of {x})", "the time of day of {x}"),
    ("count({x})", "how many {x} there were"),
    ("sum({f} of {x})", "{f} of all {x} together"),
    ("average({f} of {x})", "{f} of an average one of {x}"),
    ("max({f} of {x})", "the largest {f} of {x}"),
    ("last({f} of {x})", "{f} of the last of {x}"),
];

/// What a factor looks at; `None` where its text says enough.
pub fn meaning(factor: &str) -> Option<String> {
    FORMS.iter().find_map(|(form, text)| {
        let (field, event) = parts(form, factor)?;
        Some(text.replace("{f}", field).replace("{x}", event))
    })
}

/// The field and the event type of a factor of a form.
fn parts<'t>(form: &str, factor: &'t str) -> Option<(&'t str, &'t str)> {
    let (before, after) = form.split_once("{x}")?;
    let (field, rest) = match before.split_once("{f}") {
        Some((start, of)) => factor.strip_prefix(start)?.split_once(of)?,
        None => ("", factor.strip_prefix(before)?),
    };
    // The event type ends where the form goes on; what holds for its first place holds for all.
    let next = after.split("{x}").next()?;
    let event = &rest[..rest.find(next)?];
    let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || "._`".contains(c));
    let whole = form.replace("{f}", field).replace("{x}", event) == factor;
    (whole && plain(event) && plain(field)).then_some((field, event))
}
