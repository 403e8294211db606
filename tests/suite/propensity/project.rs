//! A whole project: the quickstart's data, a declaration, a model, scores, and segments that read them.

use std::io;
use std::path::Path;
use std::sync::LazyLock;

use segc::data::scores::{Scores, attach};
use segc::data::{Loaded, generate};
use segc::hir::Module;
use segc::pipeline::propensity::{Scorer, Take, Trouble, declared, load, notes_on, train_model};
use segc::pipeline::{self, Files, Request, Workspace};
use segc::propensity::model::Model;
use segc::store::Dataset;
use segc::vm;

/// The quickstart's `now`.
pub const NOW: i64 = 1_795_431_600_000_000;

const DECLARATION: &str = r#"
schema "schema.json"

let spend(window: duration) = sum(commerce.order.priceTotal of commerce.purchases in last window)

propensity buys {
    predict any(commerce.purchases in next 30 days)
    for     any(commerce.purchases)
    using   commerce.purchases, commerce.productViews, spend
    static  homeAddress.countryCode
    cutoffs every 30 days over last 300 days
    trees   30
    depth   3
    require auc >= 0.5
}

segment likely { where propensity.buys.probability >= 0.5 }
segment best { where propensity.buys.bucket == high }
segment outside { where propensity.buys.state == "ineligible" }
segment reasoned { where any(propensity.buys.factors where effect == "raises" and weight > 0.05) }
"#;

/// The scores of all profiles.
pub fn score(scorer: &Scorer, dataset: &Dataset, now: i64) -> Scores {
    let mut scores = Vec::new();
    let take: Take<'_> = &mut |_, some| {
        scores.extend(some);
        Ok(())
    };
    let of = scorer.score_each(dataset, now, take).unwrap_or_else(|t| panic!("{t:?}"));
    Scores { scores, ..of }
}

/// What was made of the project, once for all tests.
pub struct Shop {
    pub model: Model,
    pub scores: Scores,
    workspace: Workspace,
    module: Module,
}

pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(folder)?;
        Ok(entries.flatten().map(|entry| entry.path().to_string_lossy().into_owned()).collect())
    }
    fn is_folder(&self, path: &str) -> bool {
        Path::new(path).is_dir()
    }
}

pub fn open(folder: &Path) -> (Workspace, Module) {
    let root = folder.to_string_lossy().into_owned();
    let request = Request { project_file: Some(format!("{root}/seg.toml")), root, ..Request::default() };
    let workspace = Workspace::open(&Disk, &request);
    let compiled = workspace.compile();
    let module = compiled.sound().unwrap_or_else(|| panic!("{:?}", compiled.diagnostics)).clone();
    (workspace, module)
}

pub fn make(folder: &Path, declaration: &str) {
    std::fs::write(folder.join("schema.json"), include_str!("../../../examples/quickstart/schema/retail.json"))
        .unwrap();
    let settings = include_str!("../../../examples/quickstart/seg.toml").replace("schema/retail.json", "schema.json");
    std::fs::write(folder.join("seg.toml"), settings.replace("segments/*.seg", "*.seg")).unwrap();
    std::fs::write(folder.join("a.seg"), declaration).unwrap();
}

pub fn shop() -> &'static Shop {
    static SHOP: LazyLock<Shop> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), DECLARATION);
        generate::retail(&folder.path().join("data"), 700, 7).unwrap();
        let (workspace, module) = open(folder.path());
        let of = declared(&module, "buys").unwrap();
        let (model, _) = train_model(&workspace, &module, &of, NOW, &|_| ()).unwrap_or_else(|t| panic!("{t:?}"));
        let scorer = Scorer::open(&workspace, &module, &of, &model.to_text()).unwrap_or_else(|t| panic!("{t:?}"));
        let needs = pipeline::program(&module, &module.schema, NOW).unwrap().needs;
        let needs = needs.without_propensities(&["buys"]).union(scorer.needs(NOW));
        let loaded = load(&workspace, &module, &needs, NOW, &[]).unwrap_or_else(|t| panic!("{t:?}"));
        let scores = score(&scorer, &loaded.dataset, NOW);
        segments_read(&module, (*loaded.dataset).clone(), &scores);
        what_does_not_count_is_passed_over(&scorer, (*loaded.dataset).clone(), &scores);
        what_a_model_knows_already_is_said(&module, &loaded, &scores);
        Shop { model, scores, workspace, module }
    });
    &SHOP
}

/// The segments select by the scores that were attached.
fn segments_read(module: &Module, mut dataset: Dataset, scores: &Scores) {
    attach(&mut dataset, scores);
    let program = pipeline::program(module, &module.schema, NOW).unwrap();
    let output = vm::run(&program, &dataset, vm::Options::default()).unwrap();
    let expect = |segment: usize, wanted: Vec<&str>| {
        let members = output.members(segment, &dataset).ids;
        assert_eq!(members.iter().map(|id| &**id).collect::<Vec<&str>>(), wanted, "segment {segment}");
    };
    let ids = |keep: &dyn Fn(&segc::data::scores::Score) -> bool| {
        scores.scores.iter().filter(|score| keep(score)).map(|score| &*score.id).collect::<Vec<&str>>()
    };
    expect(0, ids(&|score| score.probability >= 0.5));
    expect(1, ids(&|score| score.score >= Some(75.0)));
    expect(2, scores.ineligible.iter().map(|(id, _)| &**id).collect());
    expect(3, ids(&|score| score.factors.iter().any(|factor| factor.weight > 0.05)));
}

/// Profiles that stand in a later block of a store, and their events, are nothing to learn from and are not scored.
fn what_does_not_count_is_passed_over(scorer: &Scorer, mut dataset: Dataset, scores: &Scores) {
    use segc::propensity::observe::span;
    let (_, last) = span(&dataset).unwrap();
    for block in &mut dataset.blocks {
        let (events, mut alive) = (&block.events, vec![true; block.ids.len()]);
        let late = (0..events.time.len()).filter(|&row| events.time[row] == last).map(|row| events.profile[row]);
        late.for_each(|profile| alive[usize::from(profile)] = false);
        (0..alive.len()).step_by(3).for_each(|row| alive[row] = false);
        block.alive = Some(segc::vector::Bitmap::from_fn(alive.len(), |row| alive[row]));
    }
    assert!(span(&dataset).unwrap().1 < last);
    let slice = scorer.slice(&dataset, NOW).unwrap_or_else(|t| panic!("{t:?}"));
    assert!(!slice.rows.is_empty());
    assert!(slice.rows.iter().all(|&(block, row)| dataset.blocks[block as usize].counts(row as usize)));
    let fewer = score(scorer, &dataset, NOW);
    assert_eq!(fewer.scores.len() + fewer.ineligible.len(), dataset.profiles());
    assert!(fewer.ineligible.len() < scores.ineligible.len());
}

/// Scores as of an instant that lies before the end of what the model has learnt from.
fn what_a_model_knows_already_is_said(module: &Module, loaded: &Loaded, scores: &Scores) {
    let notes = |scores: &Scores| notes_on(module, loaded, scores).unwrap_or_else(|t| panic!("{t:?}")).join("; ");
    assert!(!notes(scores).contains("has learnt from data up to"));
    let earlier = Scores { scored_at: NOW - 1, ..scores.clone() };
    assert!(notes(&earlier).contains("the model of `buys` has learnt from data up to"), "{}", notes(&earlier));
    assert!(!notes(scores).contains("nobody"));
    let everybody = loaded.dataset.blocks.iter().flat_map(|block| block.ids.iter());
    let nobody = Scores { ineligible: everybody.map(|id| (id.into(), (0, 0))).collect(), ..scores.clone() };
    assert!(notes(&nobody).contains("of 700 profiles nobody is eligible for `buys` as of 2026-"), "{}", notes(&nobody));
}

#[test]
fn a_declaration_is_trained_scored_and_read_by_segments() {
    let Shop { model, scores, .. } = shop();
    assert_eq!(model.windows.len(), model.data.cutoffs.len() + 1);
    assert!(model.quality.rows > 100 && model.data.rows > model.quality.rows);
    assert_eq!(scores.scores.len() + scores.ineligible.len(), 700);
    assert!(!scores.scores.is_empty() && !scores.ineligible.is_empty());
    let explained = scores.scores.iter().filter(|score| !score.factors.is_empty()).count();
    assert_eq!(explained, scores.scores.len());
}

#[test]
fn every_feature_is_an_expression_that_can_be_pasted() {
    let Shop { model, workspace, module, .. } = shop();
    let of = declared(module, "buys").unwrap();
    // Enums have no order: they are pasted into comparisons, not ranked by.
    let numbers = model.features.iter().filter(|f| f.encoding.is_none()).map(|f| f.expression.clone());
    let numbers: Vec<String> = numbers.collect();
    assert!(segc::pipeline::propensity::compile(workspace, module, &of, &numbers).is_ok());
    assert!(model.factors.iter().any(|f| f.factor.starts_with("count(commerce.")));
}

#[test]
fn a_model_of_another_declaration_is_refused() {
    let Shop { model, workspace, module, .. } = shop();
    let of = declared(module, "buys").unwrap();
    let refused = |model: &Model| match Scorer::open(workspace, module, &of, &model.to_text()) {
        Err(Trouble::Words(words)) => words,
        other => panic!("{other:?}"),
    };
    let other = Model { definition: "0".into(), ..model.clone() };
    assert_eq!(
        refused(&other),
        "the model of `buys` was trained from another declaration; train it again: `segc propensity train buys`"
    );
    let other = Model { name: "stays".into(), ..model.clone() };
    assert_eq!(refused(&other), "the model file is of `stays`, not of `buys`");
}

#[test]
fn what_cannot_be_learnt_is_said() {
    let said = |declaration: &str, now: i64| {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), declaration);
        generate::retail(&folder.path().join("data"), 60, 7).unwrap();
        let (workspace, module) = open(folder.path());
        let of = declared(&module, "p").unwrap();
        match train_model(&workspace, &module, &of, now, &|_| ()) {
            Err(Trouble::Words(words)) => words,
            other => panic!("{:?}", other.map(|(model, _)| model.verdict)),
        }
    };
    let model = |predict: &str, eligible: &str| {
        format!(
            "propensity p {{ predict {predict} for {eligible} using commerce.purchases cutoffs every 30 days over last 200 days }}"
        )
    };
    let far = NOW + 10 * 365 * 86_400_000_000;
    let bought = "any(commerce.purchases in next 30 days)";
    let few = said(&model("any(commerce.purchases in next 1 hour)", "any(commerce.purchases)"), NOW);
    assert!(few.starts_with("too few outcomes: ") || few.contains("nothing to learn"), "{few}");
    assert!(said(&model(bought, "any(commerce.purchases)"), far).starts_with("the last event is of 2026-"));
    assert!(
        said(&model("none(commerce.purchases in next 30 days where commerce.order.priceTotal < 0)", "true"), NOW)
            .contains("nothing to learn")
    );
    assert_eq!(said(&model(bought, "count(commerce.purchases) > 100000"), NOW), "nobody was eligible at any cut-off");
    assert_eq!(
        said(&model("any(commerce.purchases after now)", "true"), NOW),
        "`predict` looks ahead without end; write `in next 30 days`"
    );
}

#[test]
fn a_factor_that_the_model_does_not_have_is_an_error_and_a_weak_model_a_lint() {
    let Shop { model, .. } = shop();
    let said = |model: &Model, condition: &str| {
        let folder = tempfile::tempdir().unwrap();
        let segments = DECLARATION.find("segment likely").map_or(DECLARATION, |at| &DECLARATION[..at]);
        make(folder.path(), &format!("{segments}\nsegment s {{ where {condition} }}"));
        std::fs::create_dir(folder.path().join("propensity")).unwrap();
        std::fs::write(folder.path().join("propensity/buys.json"), model.to_text()).unwrap();
        let root = folder.path().to_string_lossy().into_owned();
        let request = Request { project_file: Some(format!("{root}/seg.toml")), root, ..Request::default() };
        let compiled = Workspace::open(&Disk, &request).compile();
        compiled.diagnostics.iter().map(|d| format!("{} {}", d.code.info().id, d.message)).collect::<Vec<String>>()
    };
    let factor = |name: &str| format!("any(propensity.buys.factors where feature == \"{name}\")");
    let mut good = model.clone();
    (good.quality.auc, good.failed) = (0.8, Vec::new());
    let own = model.factors[0].factor.as_str();
    assert!(said(&good, &factor(own)).is_empty());
    assert_eq!(
        said(&good, &factor("count(commerce.purchase)")),
        ["SEG0712 the model of `buys` has no factor `count(commerce.purchase)`"]
    );
    let mut weak = good.clone();
    weak.quality.auc = 0.61;
    let wanted = ["SEG0631 segment `s` relies on the weak model `buys`"];
    assert_eq!(said(&weak, "propensity.buys.probability > 0.5"), wanted);
    assert_eq!(said(&weak, &factor(own)), wanted);
}

#[test]
fn the_page_loads_nothing_and_escapes_what_comes_from_outside() {
    let mut model = shop().model.clone();
    model.factors[0].factor = "count(a where b == \"<script>\")".into();
    let page = segc::propensity::report::html(&model);
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
    assert!(!page.contains("http") && !page.contains("url("));
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    assert_eq!(page.matches("<svg").count(), 7);
    assert!(page.contains("<small>"), "factors are explained in words");
    model.data.rows = 1_234_567;
    assert!(segc::propensity::report::html(&model).contains("1,234,567 profiles at"));
}

#[test]
fn derived_factors_are_told_in_words() {
    use segc::propensity::report::words::meaning;
    // Of what is derived nearly everything has words; definitions, attributes and values have their names.
    let Shop { model, .. } = shop();
    let derived = |name: &&str| name.contains("commerce.") && !name.contains(" where ") && !name.starts_with("spend");
    let silent: Vec<&str> = model
        .factors
        .iter()
        .map(|f| f.factor.as_str())
        .filter(derived)
        .filter(|name| meaning(name).is_none())
        .collect();
    assert_eq!(silent, [""; 0]);
    assert_eq!(meaning("days_between(first(timestamp of a), now)").as_deref(), Some("how long ago the first a was"));
    assert_eq!(meaning("last(order.price of `Order Done`)"), None);
    assert_eq!(meaning("count(a where b == \"c\")"), None);
}

#[test]
fn what_a_model_is_learnt_from_can_be_written_down() {
    use segc::data::matrix::{Matrix, Rows, Values};
    use segc::pipeline::propensity::train_model_watched;
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), &DECLARATION.replace("trees   30", "trees   1"));
    generate::retail(&folder.path().join("data"), 300, 7).unwrap();
    let (workspace, module) = open(folder.path());
    let of = declared(&module, "buys").unwrap();
    let (mut learnt, mut measured, mut written) = (0, 0, Vec::new());
    let mut matrix = Matrix::new(&mut written);
    let mut each = |rows: &Rows<'_>| {
        *(if rows.test { &mut measured } else { &mut learnt }) += rows.ids.len() as u64;
        assert!(rows.ids.iter().all(|id| !id.is_empty()) && rows.ids.len() == rows.labels.len());
        let texts = rows.columns.iter().filter(|(_, values)| matches!(values, Values::Texts(_))).count();
        assert!(texts > 0 && rows.columns.iter().any(|(name, _)| *name == "count(commerce.purchases in last 30 days)"));
        matrix.append(rows).map_err(|error| error.to_string())
    };
    let trained = train_model_watched(&workspace, &module, &of, NOW, (&|_| (), Some(&mut each)));
    let (model, _) = trained.unwrap_or_else(|t| panic!("{t:?}"));
    matrix.close().unwrap();
    assert_eq!((learnt, measured), (model.data.rows, model.quality.rows));
    assert!(written.starts_with(b"PAR1") && written.ends_with(b"PAR1"));
}
