//! The same declaration and data give the same bytes: run again, on one thread or two, whatever the order of the rows.

use std::path::Path;

use segc::data::scores::{Score, ScoreFile, Scores};
use segc::pipeline::propensity::{Scorer, Take, Trouble, declared, definition, load, train_model};
use segc::propensity::hash::mix;

use super::project::{NOW, make, open, score};

const DECLARATION: &str = r#"
let spend(window: duration) = sum(commerce.order.priceTotal of commerce.purchases in last window)
event dear = commerce.purchases where commerce.order.priceTotal > 50

propensity buys {
    predict any(commerce.purchases in next 30 days)
    for     any(commerce.purchases)
    using   commerce.purchases, dear, spend
    static  homeAddress.countryCode
    cutoffs every 30 days over last 200 days
    trees   12
    depth   3
}
"#;

/// A project with customers of two kinds, its rows in one order or another.
fn world(folder: &Path, declaration: &str, step: usize) {
    world_of(folder, declaration, (251, step));
}

/// The same, of so many profiles.
fn world_of(folder: &Path, declaration: &str, (profiles, step): (u64, usize)) {
    make(folder, declaration);
    let settings = std::fs::read_to_string(folder.join("seg.toml")).unwrap().replace(".parquet", ".ndjson");
    let settings = settings.replace("id = \"_id\"", "id = \"_id\"\nunit = \"ms\"");
    std::fs::write(folder.join("seg.toml"), settings).unwrap();
    std::fs::create_dir(folder.join("data")).unwrap();
    let lines = |name: &str, lines: Vec<String>| {
        let mixed = (0..lines.len()).map(|row| lines[row * step % lines.len()].as_str());
        let text: Vec<&str> = mixed.collect();
        std::fs::write(folder.join(format!("data/{name}.ndjson")), text.join("\n") + "\n").unwrap();
    };
    let country = |n: u64| ["SE", "NO", "DK"][(mix(n) % 3) as usize];
    let line = |n| format!("{{\"_id\":\"p{n}\",\"homeAddress\":{{\"countryCode\":\"{}\"}}}}", country(n));
    lines("profiles", (0..profiles).map(line).collect());
    let mut events = Vec::new();
    for n in 0..profiles {
        let often = if n % 3 == 0 { 12 } else { 70 };
        let mut day = mix(n ^ 5) % 40;
        while day < 300 {
            let price = 5 + mix(n * 1000 + day) % 90;
            let at = (NOW / 1_000_000 - 300 * 86_400 + day as i64 * 86_400 + (n % 80_000) as i64) * 1000;
            events.push(format!(
                "{{\"_id\":\"e{n}-{day}\",\"profileId\":\"p{n}\",\"eventType\":\"commerce.purchases\",\"timestamp\":{at},\"commerce\":{{\"order\":{{\"priceTotal\":{price}.25}}}}}}"
            ));
            day += 1 + mix(n ^ day) % (2 * often);
        }
    }
    // The step has no factor in common with the number of rows, so that every row comes once.
    events.truncate(events.len() / 7 * 7 - 1);
    lines("events", events);
    lines("products", vec!["{\"SKU\":\"A\"}".to_owned()]);
}

/// Puts the data into a store, and takes the files away.
fn store(folder: &Path) {
    let settings = std::fs::read_to_string(folder.join("seg.toml")).unwrap();
    std::fs::write(folder.join("seg.toml"), format!("store = \"store\"\n{settings}")).unwrap();
    ingest(folder);
    std::fs::remove_dir_all(folder.join("data")).unwrap();
}

fn ingest(folder: &Path) {
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_segc")).arg("ingest").arg(folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// The model file, and the scores by profile.
fn made(step: usize, threads: usize, stored: bool) -> (String, Vec<Score>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    world(folder.path(), DECLARATION, step);
    if stored {
        store(folder.path());
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let (workspace, module) = open(folder.path());
        let of = declared(&module, "buys").unwrap();
        let (model, _) = train_model(&workspace, &module, &of, NOW, &|_| ()).unwrap_or_else(|t| panic!("{t:?}"));
        let text = model.to_text();
        let scorer = Scorer::open(&workspace, &module, &of, &text).unwrap_or_else(|t| panic!("{t:?}"));
        let loaded = load(&workspace, &module, &scorer.needs(NOW), NOW, &[]).unwrap_or_else(|t| panic!("{t:?}"));
        let scores = score(&scorer, &loaded.dataset, NOW);
        let mut file = Vec::new();
        let mut out = ScoreFile::new(&mut file);
        // Some at a time, as they are computed.
        let take: Take<'_> = &mut |of, some| out.append(of, &some).map_err(|error| error.to_string());
        let of = scorer.score_each(&loaded.dataset, NOW, take).unwrap_or_else(|t| panic!("{t:?}"));
        assert_eq!(of, Scores { scores: Vec::new(), ..scores.clone() });
        out.close(&of).unwrap();
        let mut by_id: Vec<Score> = scores.scores.into_iter().map(|score| Score { place: (0, 0), ..score }).collect();
        by_id.sort_by(|a, b| a.id.cmp(&b.id));
        (text, by_id, file)
    })
}

#[test]
fn the_model_file_and_the_scores_are_the_same_byte_for_byte() {
    let (model, scores, file) = made(1, 1, false);
    assert!(scores.len() > 200 && model.lines().count() > 20);
    for (step, threads, stored) in
        [(1, 1, false), (1, 2, false), (5, 1, false), (5, 2, false), (1, 1, true), (5, 2, true)]
    {
        let other = made(step, threads, stored);
        assert!(other.0 == model, "another model file with step {step} and {threads} threads");
        assert!(other.1 == scores, "other scores with step {step} and {threads} threads");
        if step == 1 {
            assert!(other.2 == file, "another score file with {threads} threads");
        }
    }
}

/// More rows than are held as numbers; a store that was filled in two batches has its profiles in other blocks.
#[test]
fn a_store_with_later_batches_gives_the_model_of_the_files_however_many_rows() {
    let declaration = DECLARATION
        .replace("every 30 days over last 200 days", "every 1 day over last 200 days")
        .replace("purchases, dear, spend\n    static  homeAddress.countryCode", "purchases")
        .replace("trees   12", "trees   3");
    let model = |batches: bool| {
        let folder = tempfile::tempdir().unwrap();
        world_of(folder.path(), &declaration, (4001, 1));
        if batches {
            in_two_batches(folder.path());
        }
        let (workspace, module) = open(folder.path());
        let of = declared(&module, "buys").unwrap();
        let (model, loaded) = train_model(&workspace, &module, &of, NOW, &|_| ()).unwrap_or_else(|t| panic!("{t:?}"));
        assert!(model.data.rows > 400_000, "{}", model.data.rows);
        assert_eq!(loaded.dataset.is_ordered(), !batches);
        model.to_text()
    };
    assert!(model(false) == model(true));
}

/// Puts every third profile with its events into a store, then the others.
fn in_two_batches(folder: &Path) {
    let settings = std::fs::read_to_string(folder.join("seg.toml")).unwrap();
    std::fs::write(folder.join("seg.toml"), format!("store = \"store\"\n{settings}")).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.join(format!("data/{name}.ndjson"))).unwrap();
    let all = ["profiles", "events"].map(|name| (name, read(name)));
    let third = |line: &&str| {
        let id = line.split(":\"p").nth(1).unwrap().split('"').next().unwrap();
        id.parse::<u64>().unwrap() % 3 == 0
    };
    for first in [true, false] {
        for (name, text) in &all {
            let some: Vec<&str> = text.lines().filter(|line| third(line) == first).collect();
            std::fs::write(folder.join(format!("data/{name}.ndjson")), some.join("\n") + "\n").unwrap();
        }
        ingest(folder);
    }
    std::fs::remove_dir_all(folder.join("data")).unwrap();
}

#[test]
fn what_only_features_reach_is_part_of_the_definition() {
    let digest = |from: &str, to: &str| {
        let folder = tempfile::tempdir().unwrap();
        assert!(DECLARATION.contains(from));
        make(folder.path(), &DECLARATION.replace(from, to));
        let (_, module) = open(folder.path());
        definition(&module, &declared(&module, "buys").unwrap())
    };
    let own = digest("trees", "trees");
    assert_eq!(own, digest("let spend", "/// In euros.\nlet spend"));
    for (from, to) in [
        ("priceTotal of commerce.purchases", "priceTotal of commerce.checkouts"),
        ("priceTotal > 50", "priceTotal > 60"),
        ("trees   12", "trees   13"),
        ("in next 30 days", "in next 31 days"),
        ("for     any", "for     none"),
        ("static  homeAddress.countryCode", "static  person.gender"),
    ] {
        assert_ne!(own, digest(from, to), "{from} → {to}");
    }
}

#[test]
fn what_cannot_be_learnt_from_is_said() {
    let said = |from: &str, to: &str| {
        let folder = tempfile::tempdir().unwrap();
        assert!(DECLARATION.contains(from));
        world(folder.path(), &DECLARATION.replace(from, to), 1);
        let (workspace, module) = open(folder.path());
        match train_model(&workspace, &module, &declared(&module, "buys").unwrap(), NOW, &|_| ()) {
            Err(Trouble::Words(words)) => words,
            Err(Trouble::Diagnostics(found)) => found.iter().map(|d| d.message.clone()).collect(),
            Ok((model, _)) => panic!("{:?}", model.verdict),
        }
    };
    // Nothing of such events is in the data: every feature is the same for all.
    let constant = said(
        "using   commerce.purchases, dear, spend\n    static  homeAddress.countryCode",
        "using   commerce.checkouts",
    );
    assert_eq!(constant, "no feature tells profiles apart: all are constant or absent");
    let one =
        said("predict any(commerce.purchases in next 30 days)", "predict any(commerce.checkouts in next 30 days)");
    assert!(one.ends_with("nothing to learn"), "{one}");
}
