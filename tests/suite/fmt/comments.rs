//! Comments stay where they are: between the same two tokens, and on the same side of the line break.

use super::checked;

/// A file with every construct.
const ALL: &str = r#"schema "a.json"
import "b.seg"
param p: list<string>? = ["a", "b"]
let f(a: int, b: decimal): bool = if a > -b then not (a == 1) else f(1, 2) default true
event e = commerce.purchases as c in last 30 days where c.total > 3
propensity churn { predict none(e in next 60 days) for any(e) using a, b.c cutoffs every 1 days over last 9 days
  trees 2 buckets low < 25, high require auc >= 0.7, positives >= 500 max age 7 days control 5% salt "x" }
propensity other from customer_ai a.b { kind churn scored at a.b quality 0.8 }
segment s "title" {
  where a.b["c"] in ["x", "y"] and sum(x of e in last 3 days where y) >= 1 or all(l satisfy z) and count(distinct x of l) < 2
    and sequence(e as first in last 7 days then not 2 times g within 1 hours after at least 2 days where h == first.h)
    and d in this week ignoring year and d between 2026-01-01 and today and n starts with "a" ignoring case
    and any(top 3 of l by price) and any(groups of e by k where count(group) > 1) and t before 3 days ago and u is present
  rank by x + y % 2 desc limit 10
  sample 10% salt "x"
}
test s {
  now 2026-11-23
  profile anna { a.b: 1 c: [1, "2"] d: { x: 1, "y z": [] } events [ e at -3 days { f: 1 } g at now ] }
  product "SKU-1" { category: "shoes" }
  expect anna not in s
}
"#;

/// Where tokens begin and end; a field's name has to stand on the line of its dot.
fn boundaries(text: &str) -> Vec<usize> {
    let lexed = segc::syntax::lex(segc::source::FileId(0), text);
    let all = lexed.tokens.iter().flat_map(|lexeme| [lexeme.start as usize, lexeme.end as usize]);
    all.filter(|at| !text[..*at].ends_with('.')).collect()
}

#[test]
fn a_comment_after_any_token_stays_there() {
    for at in boundaries(ALL) {
        checked(&format!("{} // here\n{}", &ALL[..at], &ALL[at..]));
    }
}

#[test]
fn a_comment_on_its_own_line_before_any_token_stays_there() {
    for at in boundaries(ALL) {
        checked(&format!("{}\n// here\n{}", &ALL[..at], &ALL[at..]));
        checked(&format!("{}\n\n/// here\n\n// there\n\n{}", &ALL[..at], &ALL[at..]));
    }
}

#[test]
fn a_comment_at_every_boundary_at_once_stays_there() {
    for (before, after) in [(" // ", "\n"), ("\n// ", "\n"), ("\n\n// ", "\n\n")] {
        let mut text = ALL.to_owned();
        for (i, at) in boundaries(ALL).into_iter().enumerate().rev() {
            text.insert_str(at, &format!("{before}{i}{after}"));
        }
        checked(&text);
    }
}

#[test]
fn comments_inside_words_that_belong_together_follow_them() {
    let text = "segment s {\n    rank // a\n    by x\n    where y starts // b\n    with z }\n";
    let result = super::formatted(text);
    insta::assert_snapshot!(result, @r"
    segment s {
        rank  by // a
            x
        where y
            starts with // b
                z
    }
    ");
    assert_eq!(checked(&result), result);
}

#[test]
fn comments_in_usual_places_look_as_people_write_them() {
    insta::assert_snapshot!(checked(
        r#"// Of the file.

schema "a.json" // trailing
// leading
import "b.seg"
/// Documents x.
let x = 1 // one
segment s { // after the brace
    // first
    where a // why a
      // before b
      and b // why b

    // before rank
    rank by x // why x
    // last
} // after the brace
// between
segment empty {
    // nothing yet
}
let l = [ // values
    1, // one
    // two
    2 // two
    // last
]
let m = [
    // none
]
let n = f(a, // first
    b // second
)
let o = any(e // source
    where x // filter
)
let q = // value
    1
let r = not // why not
    a
test s {
    // profiles
    profile anna {
        // fields
        a: 1 // one
        events [
            // none
        ] // after
        // last
    }
    // last
}
// end"#
    ), @r#"
// Of the file.

schema "a.json" // trailing
// leading
import "b.seg"
/// Documents x.
let x = 1 // one

segment s { // after the brace
    // first
    where a // why a
      // before b
      and b // why b

    // before rank
    rank  by x // why x
    // last
} // after the brace

// between
segment empty {
    // nothing yet
}

let l = [ // values
    1, // one
    // two
    2, // two
    // last
]
let m = [
    // none
]
let n = f(
    a, // first
    b // second
)
let o = any(
    e // source
    where x // filter
)
let q = // value
    1
let r =
    not // why not
        a

test s {
    // profiles
    profile anna {
        // fields
        a: 1 // one
        events [
            // none
        ] // after
        // last
    }
    // last
}
// end
"#);
}

#[test]
fn documentation_stays_with_what_it_documents() {
    let text = checked("/// A.\n/// B.\nsegment s { /// C.\n\n/// D.\nwhere x }\n/// E.\n\nsegment t {}");
    insta::assert_snapshot!(text, @r"
/// A.
/// B.
segment s { /// C.

    /// D.
    where x
}
/// E.

segment t {}
");
}
