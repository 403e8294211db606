//! Model files that are wrong: cut off, of another maker's columns, over data that lacks a column.

use segc::data::matrix::{Matrix, Rows};

use super::Place;

const NOW: &str = "--now=2026-11-23T00:00:00Z";

/// A model of LightGBM that asks for one column, a number.
fn lightgbm(column: &str) -> String {
    format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=0\n\
         objective=binary sigmoid:1\nfeature_names={column}\nfeature_infos=[0:9]\ntree_sizes=1\n\n\
         Tree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nsplit_gain=1\nthreshold=1.5\ndecision_type=2\n\
         left_child=-1\nright_child=-2\nleaf_value=-1 1\nleaf_weight=1 1\nleaf_count=3 3\ninternal_value=0\n\
         internal_weight=2\ninternal_count=6\nis_linear=0\nshrinkage=1\n\n\nend of trees\n"
    )
}

fn foreign(column: &str) -> Place {
    let place = Place::project();
    place.write(
        "scores.seg",
        "let bought = count(buy)\npropensity p from lightgbm \"m.txt\"\n\
         segment likely { where propensity.p.probability >= 0.5 }\n",
    );
    place.write("m.txt", lightgbm(column));
    place
}

#[test]
fn a_model_of_another_maker_is_held_against_the_project_when_it_is_checked() {
    let place = foreign("bought");
    place.run(&["check"]).ends(0);
    place.run(&["doctor"]).ends(0).prints("model p").prints("m.txt, 1 column");
    place.run(&["run", NOW]).ends(0).prints("likely");
    let place = foreign("baught");
    let ran = place.run(&["check"]).ends(1).says("error[SEG0716]: the feature `baught` cannot be computed");
    ran.says("`COLUMN at NAME` says what it is");
    place.write("scores.seg", "propensity p from lightgbm \"m.txt\" { baught at city }\n");
    place.run(&["check"]).ends(1).says("the column `baught` of the model, `city` here, is a text");
}

#[test]
fn a_model_file_that_is_cut_off_is_told() {
    let place = foreign("bought");
    let whole = lightgbm("bought");
    place.write("m.txt", &whole[..whole.len() - 20]);
    place.run(&["check"]).ends(1).says("error[SEG0716]: m.txt, the model of `p`, cannot be used: ");
    place.run(&["doctor"]).ends(1).prints("m.txt is cut off or no model file");
    std::fs::remove_file(place.path("m.txt")).unwrap();
    place.run(&["run", NOW]).ends(2).says("m.txt");
    place.run(&["doctor"]).ends(1).prints("m.txt: ");
    let declared = "propensity p { predict any(buy in next 3 days) for any(buy) using buy }\n\
                    segment likely { where propensity.p.probability >= 0.5 }\n";
    place.write("scores.seg", declared);
    place.run(&["run", NOW]).ends(2).says("train one: `segc propensity train p`");
    place.write("propensity/p.json", "{\n  \"format\": \"segc propensity model\",\n  \"version\": 1,\n  \"name\": \"p");
    let cut = "the model of `p` cannot be read: it ends too early: the file is cut off";
    place.run(&["run", NOW]).ends(2).says(cut);
    place.run(&["propensity", "score", "p", NOW]).ends(2).says(cut);
    place.run(&["propensity", "report", "p"]).ends(2).says("the file is cut off");
    place.run(&["doctor"]).ends(1).prints("p.json is cut off or no model file");
    place.write("propensity/p.json", [0x50, 0x41, 0x52, 0x31, 0xff, 0xfe]);
    place.run(&["propensity", "score", "p", NOW]).ends(2).says("p.json is no model file: it is not text");
}

#[test]
fn a_column_that_the_data_lost_is_told_instead_of_scored() {
    let place = foreign("points");
    place.run(&["run", NOW]).ends(0);
    place.write("profiles.csv", "id,city,tier\na,Oslo,gold\nb,Lund,silver\n");
    for arguments in [&["run", NOW][..], &["propensity", "score", "p", NOW]] {
        let ran = place
            .run(arguments)
            .ends(2)
            .says("error[SEG0716]: the model of `p` looks at `points`, which no profile has");
        ran.says("the data has no column `points`; was one renamed?");
    }
    // Where the column is there, nobody need have a value.
    place.write("profiles.csv", "id,city,tier,points\na,Oslo,gold,\nb,Lund,silver,\n");
    place.run(&["run", NOW]).ends(0).says("the model of `p` looks at `points`, which no profile has");
}

#[test]
fn scores_are_computed_over_the_data_that_is_named() {
    let place = foreign("bought");
    let scored = |more: &[&str]| {
        let arguments: Vec<&str> =
            ["propensity", "score", "p", NOW, "-o", "out.parquet"].iter().chain(more).copied().collect();
        let told = place.run(&arguments).ends(0).out.clone();
        (told, std::fs::read(place.path("out.parquet")).unwrap())
    };
    let of_files = scored(&[]);
    place.run(&["ingest", "--store", "shop.store"]).ends(0);
    std::fs::rename(place.path("profiles.csv"), place.path("people.csv")).unwrap();
    assert!(scored(&["--store", "shop.store"]) == of_files);
    assert!(scored(&["--profiles", "people.csv"]) == of_files);
    // Files that are named are read although the project has a store.
    place.write("people.csv", "id,city,tier,points\na,Oslo,gold,1\n");
    assert!(scored(&["--profiles", "people.csv", "--set", "store=shop.store"]) != of_files);
    let both = place.run(&["propensity", "score", "p", "--store", "shop.store", "--profiles", "people.csv"]);
    both.ends(2).says("cannot be used with");
    // The data of the project is no place for scores.
    let people = place.read("people.csv");
    let over = ["propensity", "score", "p", NOW, "--store", "shop.store", "-o", "people.csv"];
    place.run(&over).ends(2).says("people.csv is there and is no file of scores: it is not replaced");
    assert_eq!(place.read("people.csv"), people);
    place.run(&["propensity", "score", "p", NOW, "--store", "nowhere"]).ends(2).says("nowhere");
    let evaluate = ["propensity", "evaluate", "p", "--predict", "any(buy in next 1 day)", "--at", "2026-11-20"];
    let evaluate: Vec<&str> = evaluate.iter().chain(&[NOW, "--store", "nowhere"]).copied().collect();
    place.run(&evaluate).ends(2).says("nowhere");
}

#[test]
fn what_a_model_is_learnt_from_replaces_no_other_file() {
    let place = Place::project();
    place.write("scores.seg", "propensity p { predict any(buy in next 3 days) for any(buy) using buy }\n");
    let people = place.read("profiles.csv");
    let train = |matrix: &str| place.run(&["propensity", "train", "p", NOW, "--matrix", matrix]);
    train("profiles.csv").ends(2).says("profiles.csv is there and is no matrix: it is not replaced");
    assert_eq!(place.read("profiles.csv"), people);
    // Rows of an earlier training are replaced, although of so few profiles there is no model.
    let mut earlier = Matrix::new(std::fs::File::create(place.path("rows.parquet")).unwrap());
    let rows = Rows { ids: vec!["a"], cutoff: 0, test: false, labels: &[true], columns: vec![] };
    earlier.append(&rows).unwrap();
    earlier.close().unwrap();
    let refused = train("rows.parquet").ends(2);
    assert!(!refused.err.contains("is not replaced"), "{}", refused.err);
}
