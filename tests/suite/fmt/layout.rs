//! What formatted files look like.

use segc::fmt::format;
use segc::source::FileId;

use super::checked;

#[test]
fn a_whole_file_in_the_style_is_left_as_it_is() {
    let text = r#"schema "schema/retail.json"
import "shared.seg"

/// Custom events give a name to a filtered event type.
event shoe_view = commerce.productViews
    where any(productListItems where product.category == "shoes")

param recency: duration = 30 days

let spend(window: duration) = sum(commerce.order.priceTotal of commerce.purchases in last window)

propensity churn {
    predict none(commerce.purchases in next 60 days)
    for     any(commerce.purchases in last 365 days)
    using   person, homeAddress, commerce.purchases, commerce.productViews
}

/// Looked for shoes lately and did not buy.
segment forgot_sneakers "Forgot to buy your sneakers?" {
    where homeAddress.countryCode in ["SE", "NO", "DK"]
      and count(shoe_view in last recency) >= 3
      and none(commerce.purchases in last recency)
}

segment abandoned_cart {
    where sequence(
        commerce.productListAdds as add in last 7 days
        then not commerce.purchases within 1 hour
             where any(productListItems where SKU in add.productListItems.SKU)
    )
}

segment save_them {
    where spend(365 days) > 5000
      and propensity.churn.probability >= 0.7
      and any(propensity.churn.factors where feature == "days_since_last_purchase")
      and not forgot_sneakers
    rank  by propensity.churn.probability desc limit 10000
}

test save_them {
    now 2026-11-23T12:00:00+01:00
    profile anna {
        homeAddress.countryCode: "SE"
        propensity.churn: { probability: 0.81, factors: [{ feature: "days_since_last_purchase" }] }
        events [
            commerce.purchases at -200 days { commerce.order.priceTotal: 6000 }
        ]
    }
    expect anna in save_them
    expect anna not in forgot_sneakers
}
"#;
    assert_eq!(checked(text), text);
}

#[test]
fn words_stand_apart_by_one_blank_and_brackets_by_none() {
    insta::assert_snapshot!(checked(
        "param  x :list < string > ? = [ 'a' ]
let f( a:int,b : decimal?, ) : bool=a+b*-2>( 3 )and not m [ \"k\" ] . `Order Completed` .in is   present
event e=a . b  as  x   in  last 30   days
propensity p from  customer_ai  a . b{kind churn  scored  at a.b sample_at at c}
segment s\"t\"{where x starts   with \"a b  c\"ignoring\tcase sample 10 %salt \"x\" rank by x desc limit 10}
segment empty { }
test{}".replace('\'', "\"").as_str()
    ), @r#"
    param x: list<string>? = ["a"]
    let f(a: int, b: decimal?): bool = a + b * -2 > (3) and not m["k"].`Order Completed`.in is present
    event e = a.b as x in last 30 days

    propensity p from customer_ai a.b {
        kind    churn
        scored  at a.b
        sample_at at c
    }

    segment s "t" {
        where x starts with "a b  c" ignoring case
        sample 10% salt "x"
        rank  by x desc limit 10
    }

    segment empty {}

    test {}
    "#);
}

#[test]
fn what_does_not_fit_breaks_at_its_outermost_bracket() {
    insta::assert_snapshot!(checked(
        r#"let a = some.long.path.of.names + another.long.path.of.names - a.third.long.path.of.names * and_a.fourth.one
let b = if some.condition.that.is.long == "a value" then the.first.alternative.of.both else the.second.alternative
let c = sum(commerce.order.priceTotal * commerce.order.exchangeRate of commerce.purchases as p in last 365 days where p.channel == "web" and p.country in ["SE", "NO"])
let d = concat(person.name.firstName, " ", person.name.middleName, " ", person.name.lastName, " ", person.suffix)
let e = homeAddress.countryCode in ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT"]
let f = [a.very.long.path.of.names, another.very.long.path.of.names, a.third.very.long.path.of.names, a.fourth]
let g = not (first.condition == "a long value" or second.condition == "a long value" or third.condition == 3)
let h = count(groups of commerce.purchases in last 28 days by start_of(week, timestamp) where count(group) >= 2) >= 3
let i = sum(price of top 3 of productListItems where product.category == "shoes" and price > 100 by price * quantity)
let j = first.condition == "a long value" and second.condition == "a long value" or third.condition == 3 and fourth
"#
    ), @r#"
    let a =
        some.long.path.of.names + another.long.path.of.names
            - a.third.long.path.of.names * and_a.fourth.one
    let b =
        if some.condition.that.is.long == "a value"
            then the.first.alternative.of.both
            else the.second.alternative
    let c = sum(
        commerce.order.priceTotal * commerce.order.exchangeRate
        of commerce.purchases as p in last 365 days
        where p.channel == "web" and p.country in ["SE", "NO"]
    )
    let d = concat(
        person.name.firstName,
        " ",
        person.name.middleName,
        " ",
        person.name.lastName,
        " ",
        person.suffix
    )
    let e = homeAddress.countryCode in [
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    ]
    let f = [
        a.very.long.path.of.names,
        another.very.long.path.of.names,
        a.third.very.long.path.of.names,
        a.fourth,
    ]
    let g = not (
        first.condition == "a long value"
        or second.condition == "a long value"
        or third.condition == 3
    )
    let h = count(
        groups of commerce.purchases in last 28 days by start_of(week, timestamp)
        where count(group) >= 2
    ) >= 3
    let i = sum(
        price
        of top 3 of productListItems
        where product.category == "shoes" and price > 100
        by price * quantity
    )
    let j =
        first.condition == "a long value" and second.condition == "a long value"
        or third.condition == 3 and fourth
    "#);
}

#[test]
fn an_authors_break_of_a_chain_or_sequence_stays() {
    insta::assert_snapshot!(checked(
        "segment s { where a
and b }
segment t { where a and
b and c }
segment u { where sequence(
a then b) and sequence(a
then b) }
let x = (a
or b)
"
    ), @r"
    segment s {
        where a
          and b
    }

    segment t {
        where a
          and b
          and c
    }

    segment u {
        where sequence(
            a
            then b
        )
          and sequence(a then b)
    }

    let x = (
        a
        or b
    )
    ");
}

#[test]
fn clauses_of_a_propensity_are_aligned() {
    insta::assert_snapshot!(checked(
        r#"propensity churn { predict none(commerce.purchases in next 60 days) and any(commerce.productViews in next 60 days) and person.active
for any(commerce.purchases in last 365 days)
using person, homeAddress, commerce.purchases, commerce.productViews, commerce.productListAdds, commerce.checkouts, web
static person.birthDate deny person.gender
cutoffs every 30 days over last 400 days trees 200 depth 4 seed 7
buckets low<25,medium<75,high
require auc>=0.70,positives>=500
max  age 7 days control 5% salt "x" quality 0.81 }
propensity other from "scores.parquet" { kind churn scale probability scored at a.b id at c }
propensity bare from customer_ai a.b
"#
    ), @r#"
    propensity churn {
        predict none(commerce.purchases in next 60 days)
            and any(commerce.productViews in next 60 days)
            and person.active
        for     any(commerce.purchases in last 365 days)
        using   person, homeAddress, commerce.purchases, commerce.productViews,
                commerce.productListAdds, commerce.checkouts, web
        static  person.birthDate
        deny    person.gender
        cutoffs every 30 days over last 400 days
        trees   200
        depth   4
        seed    7
        buckets low < 25, medium < 75, high
        require auc >= 0.70, positives >= 500
        max age 7 days
        control 5% salt "x"
        quality 0.81
    }

    propensity other from "scores.parquet" {
        kind    churn
        scale   probability
        scored  at a.b
        id      at c
    }

    propensity bare from customer_ai a.b
    "#);
}

#[test]
fn tests_have_a_field_a_line_and_short_values_beside_it() {
    insta::assert_snapshot!(checked(
        r#"test s { now 2026-11-23 profile anna { a.b: 1, c: [1,2,3] "d e": { a: 1 b: [ {x:1}, {y:"2"} ], } 
events [ a at -3 days b at 2 hours ago { c: 1 } c at 2026-01-01 { d: 1 e: 2 } ] } profile bob {} product  "SKU-1"{category:"shoes",brand : "Acme"} store 7 {}
expect anna   not in s expect bob in s }
"#
    ), @r#"
    test s {
        now 2026-11-23
        profile anna {
            a.b: 1
            c: [1, 2, 3]
            "d e": { a: 1, b: [{ x: 1 }, { y: "2" }] }
            events [
                a at -3 days
                b at 2 hours ago { c: 1 }
                c at 2026-01-01 {
                    d: 1
                    e: 2
                }
            ]
        }
        profile bob {}
        product "SKU-1" {
            category: "shoes"
            brand: "Acme"
        }
        store 7 {}
        expect anna not in s
        expect bob in s
    }
    "#);
}

#[test]
fn empty_lines_stay_single_between_things_and_go_at_the_edges_of_brackets() {
    insta::assert_snapshot!(checked(
        "

import \"a\"
import \"b\"


import \"c\"
segment s {

    where a


    sample 10%

}
let x = [

    1,

    2 ]
test {
    profile p {

        a: 1

        b: 2
        events [

            e at now

            f at now
        ]
    }
}


"
    ), @r#"
    import "a"
    import "b"

    import "c"

    segment s {
        where a

        sample 10%
    }

    let x = [1, 2]

    test {
        profile p {
            a: 1

            b: 2
            events [
                e at now

                f at now
            ]
        }
    }
    "#);
}

#[test]
fn empty_files_and_line_breaks() {
    assert_eq!(checked(""), "");
    assert_eq!(checked("\n\n  \n"), "");
    assert_eq!(checked("// only\r\n\r\n\r\nlet x=1\r\n"), "// only\r\n\r\nlet x = 1\r\n");
    assert_eq!(checked("\u{feff}let x=1"), "let x = 1\n");
}

#[test]
fn a_file_with_errors_comes_back_unchanged_with_them() {
    for text in ["segment s {where  }", "segment s {where a = 1}", "let  x = \"open", "let x = 1;", "junk"] {
        let result = format(FileId(0), text);
        assert!(!result.is_ok(), "{text}");
        assert_eq!(result.text, text);
    }
}
