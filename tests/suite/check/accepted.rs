//! Conditions and definitions that are right, with the trees that they become.

use super::{conditions, programs};

#[test]
fn paths_and_names() {
    insta::assert_snapshot!(conditions(&[
        "homeAddress.countryCode == \"SE\"",
        "profile.homeAddress.countryCode == \"SE\"",
        "preferences[\"newsletter\"] == \"never\"",
        "segmentMembership[\"ups\"][\"x\"].status == \"realized\"",
        "member(\"x\")",
        "member(\"x\", \"partner\") and big",
        "points > 3",
        "homeAddress is present and tags is absent",
        "any(commerce.purchases where any(productListItems where product.brand == \"Acme\"))",
        "any(commerce.purchases where productListItems.product.tags contains \"new\")",
        "any(commerce.purchases as p where any(productListItems as item where item.quantity > 1 and p.channel == \"web\"))",
        "any(commerce.purchases where profile.loyalty.points > 3)",
        "any(commerce.purchases where propensity.churn.bucket == high)",
    ]));
}

#[test]
fn comparisons() {
    insta::assert_snapshot!(conditions(&[
        "loyalty.points >= 1_000",
        "loyalty.points > 2.5",
        "_retail.lifetimeValue > 100",
        "_retail.lifetimeValue > loyalty.points",
        "_retail.lifetimeValue >= least",
        "loyalty.tier == \"gold\"",
        "loyalty.tier != \"GOLD\" ignoring case",
        "loyalty.tier == homeAddress.city",
        "loyalty.joinDate == 2026-11-23",
        "any(commerce.purchases where timestamp >= 2026-11-23)",
        "any(commerce.purchases where timestamp >= 2026-11-23T10:00:00+01:00)",
        "propensity.churn.probability >= 0.7",
        "propensity.churn.probability >= risk",
        "propensity.churn.score < 75",
        "propensity.churn.bucket >= medium",
        "medium <= propensity.churn.bucket",
        "propensity.churn.bucket in [low, medium]",
        "propensity.churn.state == \"stale\"",
        "propensity.churn.quality > 0.7",
        "loyalty.points between 10 and 20",
        "loyalty.points not between 10 and points",
        "count(commerce.purchases) between 1 and 3",
        "hours_between(first(timestamp of commerce.purchases), now) > 3",
        "any(commerce.purchases where now - timestamp > 3 days)",
    ]));
}

#[test]
fn arithmetic() {
    insta::assert_snapshot!(conditions(&[
        "loyalty.points + 1 > 3",
        "loyalty.points * 1.5 > 3",
        "loyalty.points * sum(commerce.order.priceTotal of commerce.purchases) > 3",
        "_retail.lifetimeValue - loyalty.points > 0",
        "_retail.lifetimeValue * 0.25 > 1",
        "_retail.lifetimeValue / 3 > 1.5",
        "loyalty.points / count(commerce.purchases) > 2",
        "loyalty.points div 3 == 2 and loyalty.points % 2 == 1",
        "-loyalty.points < -5",
        "propensity.churn.probability * 100 > 70",
        "propensity.churn.probability * float(_retail.lifetimeValue) > 10.5",
        "round(_retail.lifetimeValue, 1) > 1.5 and round(_retail.lifetimeValue) > 1 and floor(_retail.lifetimeValue) > 1",
        "max(_retail.lifetimeValue, loyalty.points, 3) > 5",
        "sum(productListItems.quantity of commerce.purchases) > 3",
        "average(commerce.order.priceTotal of commerce.purchases) > 50",
        "(if big then loyalty.points else 0.5) > 1",
        "(loyalty.tier default \"none\") == \"none\"",
    ]));
}

#[test]
fn text_and_lists() {
    insta::assert_snapshot!(conditions(&[
        "homeAddress.city contains \"stad\" ignoring case",
        "homeAddress.city not starts with \"L\"",
        "homeAddress.city like \"L%\\\\_\"",
        "homeAddress.postalCode matches \"^\\\\d{5}$\"",
        "loyalty.tier in [\"gold\", \"platinum\"]",
        "loyalty.tier in tiers",
        "\"vip\" in tags",
        "tags contains \"vip\"",
        "loyalty.tier not in []",
        "tags has any [\"a\", \"b\"] and tags has all [\"a\"] and [\"a\"] within tags",
        "channels has any [\"web\", \"app\"]",
        "loyalty.points in [1, 2.5]",
        "any(commerce.purchases where timestamp in [2026-11-23, 2026-11-24])",
        "capture(homeAddress.city, \"(a)(b)?\", 2) is present",
        "size(distinct(tags)) > 1 and size(preferences) > 0 and \"x\" in keys(preferences)",
        "size(intersect(tags, [\"a\"])) > 0",
    ]));
}

#[test]
fn collections() {
    insta::assert_snapshot!(conditions(&[
        "any(events)",
        "any(shoe_view) and count(late_view) > 1",
        "any(late_view in last 3 days)",
        "any(tags where value == \"x\")",
        "any(tags as t where t starts with \"x\")",
        "any(channels as c where c == \"web\")",
        "any(tiers where value == \"gold\")",
        "any(preferences where key == \"a\" and value != \"b\")",
        "any(preferences as p where p.key == p.value)",
        "all(commerce.purchases satisfy commerce.order.priceTotal > 3)",
        "count(distinct productListItems.product.category of commerce.purchases) >= 2",
        "min(commerce.order.priceTotal of commerce.purchases) > 3",
        "first(channel of commerce.purchases) == \"web\"",
        "last(timestamp of commerce.purchases) in last 3 days",
        "any(propensity.churn.factors where effect == \"raises\" and weight > 0.5)",
        "any(top 2 of commerce.purchases in this year by commerce.order.priceTotal where channel == \"web\")",
        "any(commerce.purchases where any(bottom 1 of productListItems by priceTotal where quantity > 1))",
        "count(groups of commerce.purchases by channel where count(group) >= 2 and key != \"web\") >= 2",
        "any(groups of commerce.purchases by channel as g where sum(commerce.order.priceTotal of g.group) > 10 and g.key == \"web\")",
        "any(top 1 of groups of commerce.purchases by channel by count(group) where key == \"web\")",
        "none(commerce.purchases as p where p.timestamp > last(timestamp of commerce.productViews))",
        "any(commerce.purchases where none(commerce.checkouts as c where c.timestamp < timestamp))",
    ]));
}

#[test]
fn windows_and_times() {
    insta::assert_snapshot!(conditions(&[
        "any(commerce.purchases in last recency)",
        "any(commerce.purchases in next 7 days)",
        "any(commerce.purchases in this quarter)",
        "any(commerce.purchases in previous 3 months)",
        "any(commerce.purchases on yesterday)",
        "any(commerce.purchases on 2026-11-23)",
        "any(commerce.purchases before loyalty.joinDate)",
        "any(commerce.purchases after 30 days ago)",
        "any(commerce.purchases between 2026-01-01 and 2026-03-31)",
        "any(commerce.purchases where timestamp in last 2 hours)",
        "person.birthDate in next 7 days ignoring year",
        "person.birthDate between 2000-12-20 and 2000-12-31 ignoring year",
        "loyalty.joinDate before 6 months ago",
        "loyalty.joinDate not in last 30 days",
        "loyalty.joinDate + 1 month < today",
        "any(commerce.purchases where timestamp + 2 days > now)",
        "now - 1 month > last(timestamp of commerce.purchases)",
        "date(last(timestamp of commerce.purchases)) + 1 month > today",
        "age(person.birthDate) >= 18 and month(person.birthDate) == month(today)",
        "start_of(week, loyalty.joinDate) == start_of(week, today)",
        "spend(365 days) > 100 and spend(recency) > 3",
    ]));
}

#[test]
fn sequences() {
    insta::assert_snapshot!(conditions(&[
        "sequence(commerce.productViews then commerce.purchases)",
        "sequence(3 times shoe_view in last 7 days then not commerce.checkouts then commerce.purchases within 2 days after at least 1 hour)",
        "sequence(commerce.productListAdds as add then not commerce.purchases within 1 hour where any(productListItems where SKU in add.productListItems.SKU))",
        "sequence(not commerce.checkouts then commerce.purchases as p then events where channel == p.channel)",
    ]));
}

#[test]
fn definitions_and_clauses() {
    insta::assert_snapshot!(programs(&[
        "let a: decimal = 3 let b: list<string> = [\"x\"] let c(x: int?, y: decimal) = x > 3 and y < 2",
        "let vip = tags contains \"vip\" segment s { where vip sample 12.5% }",
        "segment s \"Title\" { where loyalty.points > 1 rank by loyalty.points limit 5 sample 100% salt \"x\" }",
        "let gap(d: duration) = sequence(commerce.productViews then commerce.purchases within d) segment s { where gap(3 days) }",
        "propensity p { predict none(commerce.purchases in next 60 days) for any(commerce.purchases in last 1 year) using person, commerce.purchases, loyalty.tier static person.gender, loyalty.tier deny commerce.checkouts cutoffs every 30 days over last 400 days trees 100 depth 4 seed 7 buckets low < 30, medium < 60.5, high require auc >= 0.7, positives >= 500 max age 7 days control 5% salt \"x\" }",
        "propensity p from customer_ai _retail.customerAI.churn { kind churn } segment s { where propensity.p.percentile > 90 }",
    ]));
}

#[test]
fn tests() {
    insta::assert_snapshot!(programs(&[
        "segment s { where loyalty.points > 1 }
test s {
    now 2026-11-23T12:00:00+01:00
    profile anna {
        loyalty: { points: 3, tier: \"gold\", joinDate: -3 days }
        preferences[\"a\"]: \"b\"
        segmentMembership.ups.x.status: \"realized\"
        tags: [\"a\", \"b\"]
        _retail.lifetimeValue: 12
        events [
            commerce.purchases at 2026-11-01T10:00:00Z { commerce.order.priceTotal: 12.5, productListItems: [{ SKU: \"1\", quantity: 2 }] }
            commerce.checkouts at -2 hours {}
        ]
    }
    expect anna in s
}",
    ]));
}
