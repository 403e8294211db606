//! `segc propensity evaluate` over scores that were made elsewhere.

use super::Place;

/// Three scores before the instant and one after it, against who buys in the week from 2026-11-20.
#[test]
fn scores_are_measured_against_what_then_happened() {
    let place = Place::project();
    place.write("scores.seg", "propensity buys from \"scores.csv\" { kind buys }\n");
    place.write("profiles.csv", "id,city,tier,points\na,Oslo,gold,10\nb,Lund,silver,20\nc,,bronze,\nd,Rom,gold,1\n");
    place.write(
        "scores.csv",
        "id,probability,scored_at\na,0.9,2026-11-19T00:00:00Z\nb,0.2,2026-11-19T00:00:00Z\n\
         c,0.4,2026-11-20T00:00:00Z\nd,0.99,2026-11-21T00:00:00Z\n",
    );
    let evaluate = |at: &str, now: &str, predict: &str, more: &[&str]| {
        let arguments = ["propensity", "evaluate", "buys", "--at", at, "--now", now, "--predict", predict];
        place.run(&[&arguments[..], more].concat())
    };
    let predict = "any(buy in next 3 days)";
    let at = "2026-11-20T00:00:00Z";
    // `a` buys on the 22nd; `d` is left out: who scored it on the 21st may have known.
    let ran = evaluate(at, "2026-11-24", predict, &[]).ends(0).prints("3 profiles, 1 came true (33.3%)");
    ran.prints("AUC        1.0000").prints("left out: 1 profile, scored after that instant");
    let json = evaluate(at, "2026-11-24", predict, &["--format", "json"]).ends(0);
    let value: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&value["scored_later"], &value["quality"]["rows"]), (&1.into(), &3.into()));
    evaluate("2026-11-01", "2026-11-24", predict, &[]).ends(2).says("all 4 scores of `buys` were made after");
    let never = "any(buy in next 3 days where false)";
    evaluate(at, "2026-11-24", never, &[]).ends(2).says("it came true for none of 3 profiles: nothing can be measured");
    evaluate(at, "2026-11-22", predict, &[]).ends(2).says("the outcome is not known yet");
    evaluate(at, "2026-11-24", "any(buy)", &[]).ends(2).says("has no window `in next");
    // By a scale that gives one of the kinds alone.
    place.write("scores.seg", "propensity buys from \"scores.csv\" { scale percent value at p scored at on }\n");
    place.write(
        "scores.csv",
        "id,p,on\na,90,2026-11-19T00:00:00Z\nb,20,2026-11-19T00:00:00Z\nc,40,2026-11-19T00:00:00Z\n",
    );
    evaluate(at, "2026-11-24", predict, &[]).ends(0).prints("3 profiles, 1 came true (33.3%)").prints("log loss");
    place.write("scores.seg", "propensity buys from \"scores.csv\" { scale score value at p }\n");
    let ran = evaluate(at, "2026-11-24", predict, &[]).ends(0).prints("AUC        1.0000");
    assert!(!ran.out.contains("log loss"), "a score is no probability: {}", ran.out);
    place.run(&["propensity", "score", "buys"]).ends(2).says("`segc propensity evaluate buys --predict");
}
