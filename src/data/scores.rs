//! Scores into a file, and into a data set that segments read. Names the format crates and `store`. Invariant: the columns
//! of the file are named as the fields of a propensity are, so that a score file is read back as imported scores are.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_schema::{DataType, Field, Fields};

use crate::plan::FieldStep;
use crate::store::{ChildTable, Dataset, Space, Table};
use crate::types::BUCKETS;
use crate::vector::{Bitmap, Column, Data, Dictionary};

/// A profile's score.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The profile.
    pub id: Arc<str>,
    /// Its block and row in the data set.
    pub place: (u32, u32),
    /// 0 to 1.
    pub probability: f64,
    /// 0 to 100; `None` where the model does not know the others' scores.
    pub score: Option<f64>,
    /// 1 to 100; likewise.
    pub percentile: Option<f64>,
    /// 0 low, 1 medium, 2 high.
    pub bucket: u8,
    /// The log odds of an average profile.
    pub base: f64,
    /// The sum of the contributions of all factors: with `base` the log odds of the probability.
    pub rest: f64,
    /// The strongest factors, strongest first.
    pub factors: Vec<Factor>,
}

/// A profile without a score, with its block and row in the data set.
pub type Ineligible = (Arc<str>, (u32, u32));

/// A reason for a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// What the model looked at.
    pub feature: Arc<str>,
    /// What it saw; absent where there was nothing.
    pub value: Option<Arc<str>>,
    /// By how much it moved the log odds.
    pub weight: f64,
}

/// The scores of a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    /// The propensity.
    pub name: String,
    /// The version of the model.
    pub model: String,
    /// Its AUC, where it is known.
    pub quality: Option<f64>,
    /// When they were computed, microseconds since 1970-01-01 UTC.
    pub scored_at: i64,
    /// The eligible profiles, by place.
    pub scores: Vec<Score>,
    /// What the model learnt from and no eligible profile has: expressions of its features.
    pub blind: Vec<String>,
    /// Until when a model has learnt, in microseconds; `None` of models made elsewhere.
    pub learnt_until: Option<i64>,
    /// The profiles that are not eligible.
    pub ineligible: Vec<Ineligible>,
}

fn effect(weight: f64) -> &'static str {
    if weight > 0.0 { "raises" } else { "lowers" }
}

fn factor_fields() -> Fields {
    Fields::from(vec![
        Field::new("feature", DataType::Utf8, true),
        Field::new("value", DataType::Utf8, true),
        Field::new("effect", DataType::Utf8, true),
        Field::new("weight", DataType::Float64, true),
    ])
}

/// Whose scores a file holds, as the file itself says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeBy {
    /// The propensity.
    pub propensity: String,
    /// The version of the model.
    pub model: String,
}

/// Where a file of scores says of which propensity it is.
const PROPENSITY_KEY: &str = "segc.propensity";
/// Where it says of which version of the model.
const MODEL_KEY: &str = "segc.model";

/// Whose scores a file holds; `None` for a file that no [`ScoreFile`] has written.
pub fn made_by(path: &Path) -> Option<MadeBy> {
    let said = |key: &str| super::parquet::said(path, key);
    path.extension().is_some_and(|extension| extension == "parquet").then_some(())?;
    Some(MadeBy { propensity: said(PROPENSITY_KEY)?, model: said(MODEL_KEY)? })
}

/// Whether a [`ScoreFile`] has written a file.
pub fn is_score_file(path: &Path) -> bool {
    super::parquet::said(path, PROPENSITY_KEY).is_some()
}

/// Rows of a row group, about.
const GROUP_ROWS: usize = 1 << 16;

/// A Parquet file of scores while it is written, some profiles at a time.
pub struct ScoreFile<W: Write + Send> {
    out: Option<W>,
    writer: Option<super::parquet::Writer<W>>,
}

impl<W: Write + Send> ScoreFile<W> {
    /// An empty file.
    pub fn new(out: W) -> ScoreFile<W> {
        ScoreFile { out: Some(out), writer: None }
    }

    /// Writes some profiles; `of` tells whose scores they are.
    pub fn append(&mut self, of: &Scores, scores: &[Score]) -> io::Result<()> {
        self.write(of, batch(of, scores, &[]))
    }

    /// Writes the ineligible profiles of `of`, and completes the file.
    pub fn close(mut self, of: &Scores) -> io::Result<()> {
        self.write(of, batch(of, &[], &of.ineligible))?;
        self.writer.map_or(Ok(()), |writer| writer.close().map(drop).map_err(io::Error::other))
    }

    fn write(&mut self, of: &Scores, batch: Result<RecordBatch, arrow_schema::ArrowError>) -> io::Result<()> {
        let batch = batch.map_err(io::Error::other)?;
        if let Some(out) = self.out.take() {
            let mut writer = super::parquet::writer(out, batch.schema()).map_err(io::Error::other)?;
            for (key, value) in [(PROPENSITY_KEY, &of.name), (MODEL_KEY, &of.model)] {
                writer.append_key_value_metadata(super::parquet::KeyValue::new(key.to_owned(), value.clone()));
            }
            self.writer = Some(writer);
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.write(&batch).map_err(io::Error::other)?;
        // What has not become a row group is in memory.
        if writer.in_progress_rows() >= GROUP_ROWS { writer.flush().map_err(io::Error::other) } else { Ok(()) }
    }
}

fn batch(scores: &Scores, rows: &[Score], ineligible: &[Ineligible]) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let rest = ineligible.len();
    let number = |f: &dyn Fn(&Score) -> Option<f64>| -> ArrayRef {
        Arc::new(Float64Array::from_iter(rows.iter().map(f).chain(std::iter::repeat_n(None, rest))))
    };
    let text = |texts: Vec<Option<&str>>, other: Option<&str>| -> ArrayRef {
        Arc::new(StringArray::from_iter(texts.into_iter().chain(std::iter::repeat_n(other, rest))))
    };
    let buckets = rows.iter().map(|score| BUCKETS.get(score.bucket as usize).copied()).collect();
    let ids = rows.iter().map(|s| &*s.id).chain(ineligible.iter().map(|(id, _)| &**id));
    let at = rows.iter().map(|_| Some(scores.scored_at)).chain(std::iter::repeat_n(None, rest));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("_id", Arc::new(StringArray::from_iter_values(ids))),
        ("probability", number(&|s| Some(s.probability))),
        ("score", number(&|s| s.score)),
        ("percentile", number(&|s| s.percentile)),
        ("bucket", text(buckets, None)),
        ("state", text(vec![Some("scored"); rows.len()], Some("ineligible"))),
        ("scored_at", Arc::new(TimestampMicrosecondArray::from_iter(at).with_timezone("UTC"))),
        ("model", text(vec![Some(&scores.model); rows.len()], None)),
        ("quality", number(&|_| scores.quality)),
        ("factors", factors(rows, rest)),
        ("base", number(&|s| Some(s.base))),
        ("contributions", number(&|s| Some(s.rest))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, name != "_id")))
}

fn factors(rows: &[Score], rest: usize) -> ArrayRef {
    let builders: Vec<Box<dyn arrow_array::builder::ArrayBuilder>> = vec![
        Box::new(StringBuilder::new()),
        Box::new(StringBuilder::new()),
        Box::new(StringBuilder::new()),
        Box::new(Float64Builder::new()),
    ];
    let mut list = ListBuilder::new(StructBuilder::new(factor_fields(), builders));
    for score in rows {
        for factor in &score.factors {
            let of = list.values();
            let mut text = |at: usize, value: Option<&str>| {
                if let Some(builder) = of.field_builder::<StringBuilder>(at) {
                    builder.append_option(value);
                }
            };
            text(0, Some(&factor.feature));
            text(1, factor.value.as_deref());
            text(2, Some(effect(factor.weight)));
            if let Some(builder) = of.field_builder::<Float64Builder>(3) {
                builder.append_value(factor.weight);
            }
            of.append(true);
        }
        list.append(true);
    }
    (0..rest).for_each(|_| list.append(false));
    Arc::new(list.finish())
}

/// Puts scores into the data set that they were computed from, where segments read them.
pub fn attach(dataset: &mut Dataset, scores: &Scores) {
    let mut by_block: Vec<Vec<(usize, &Score)>> = vec![Vec::new(); dataset.blocks.len()];
    for score in &scores.scores {
        by_block[score.place.0 as usize].push((score.place.1 as usize, score));
    }
    let mut ineligible: Vec<Vec<usize>> = vec![Vec::new(); dataset.blocks.len()];
    scores.ineligible.iter().for_each(|(_, (block, row))| ineligible[*block as usize].push(*row as usize));
    let mut texts = Texts::default();
    let path = |names: &[&str]| names.iter().map(|name| FieldStep::Field((*name).into())).collect();
    let column = |feature: &str| path(&["propensity", &scores.name, feature]);
    for ((block, scored), ineligible) in dataset.blocks.iter_mut().zip(by_block).zip(ineligible) {
        let profiles = block.ids.len();
        let mut put = |feature: &str, data: Column| block.profiles.columns.insert(column(feature), data);
        put("probability", numbers(profiles, &scored, |s| Some(s.probability)));
        put("score", numbers(profiles, &scored, |s| s.score));
        put("percentile", numbers(profiles, &scored, |s| s.percentile));
        put("quality", numbers(profiles, &scored, |_| scores.quality));
        let mut at = vec![0i64; profiles];
        scored.iter().for_each(|(row, _)| at[*row] = scores.scored_at);
        put("scored_at", Column { data: Data::Int(at.into()), valid: Some(present(profiles, &scored)) });
        let mut states: Vec<Option<Arc<str>>> = vec![None; profiles];
        ineligible.iter().for_each(|row| states[*row] = Some("ineligible".into()));
        scored.iter().for_each(|(row, _)| states[*row] = Some("scored".into()));
        put("state", texts.column(&states));
        let mut models: Vec<Option<Arc<str>>> = vec![None; profiles];
        scored.iter().for_each(|(row, _)| models[*row] = Some(scores.model.as_str().into()));
        put("model", texts.column(&models));
        let space = Space::Elements(Arc::new(Space::Profiles), column("factors"));
        block.children.insert(space, reasons(profiles, &scored, &mut texts, &path));
    }
    texts.share(dataset, &scores.name);
}

fn present(rows: usize, scored: &[(usize, &Score)]) -> Bitmap {
    let mut words = vec![0u64; rows.div_ceil(64)];
    scored.iter().for_each(|(row, _)| words[row / 64] |= 1 << (row % 64));
    Bitmap::from_words(words, rows)
}

fn numbers(rows: usize, scored: &[(usize, &Score)], value: impl Fn(&Score) -> Option<f64>) -> Column {
    let mut values = vec![0.0; rows];
    let mut words = vec![0u64; rows.div_ceil(64)];
    for (row, value) in scored.iter().filter_map(|(row, score)| Some((*row, value(score)?))) {
        values[row] = value;
        words[row / 64] |= 1 << (row % 64);
    }
    Column { data: Data::Float(values.into()), valid: Some(Bitmap::from_words(words, rows)) }
}

/// The factors of a block's profiles.
fn reasons(
    profiles: usize,
    scored: &[(usize, &Score)],
    texts: &mut Texts,
    path: &dyn Fn(&[&str]) -> crate::plan::FieldPath,
) -> ChildTable {
    let mut offsets = vec![0u32; profiles + 1];
    scored.iter().for_each(|(row, score)| offsets[row + 1] = score.factors.len() as u32);
    (0..profiles).for_each(|row| offsets[row + 1] += offsets[row]);
    let factors: Vec<&Factor> = scored.iter().flat_map(|(_, score)| &score.factors).collect();
    let features: Vec<_> = factors.iter().map(|f| Some(f.feature.clone())).collect();
    let values: Vec<_> = factors.iter().map(|f| f.value.clone()).collect();
    let effects: Vec<_> = factors.iter().map(|f| Some(Arc::from(effect(f.weight)))).collect();
    let weights: Vec<f64> = factors.iter().map(|f| f.weight).collect();
    let columns = [
        (path(&["feature"]), texts.column(&features)),
        (path(&["value"]), texts.column(&values)),
        (path(&["effect"]), texts.column(&effects)),
        (path(&["weight"]), Column { data: Data::Float(weights.into()), valid: None }),
    ];
    let table = Table { rows: factors.len(), columns: columns.into_iter().collect() };
    ChildTable { table, keys: None, offsets: offsets.into() }
}

/// One dictionary for all texts of a model's scores.
#[derive(Default)]
struct Texts {
    codes: rustc_hash::FxHashMap<Arc<str>, u32>,
    values: Vec<Arc<str>>,
}

impl Texts {
    /// A column of texts; its dictionary is filled in by [`Texts::share`].
    fn column(&mut self, texts: &[Option<Arc<str>>]) -> Column {
        let codes: Vec<u32> = texts.iter().map(|text| text.as_ref().map_or(0, |text| self.code(text))).collect();
        let valid = Bitmap::from_fn(texts.len(), |row| texts[row].is_some());
        Column { data: Data::Text { codes: codes.into(), dictionary: Arc::default() }, valid: Some(valid) }
    }

    fn code(&mut self, text: &Arc<str>) -> u32 {
        *self.codes.entry(text.clone()).or_insert_with(|| {
            self.values.push(text.clone());
            self.values.len() as u32 - 1
        })
    }

    /// Gives all columns of the propensity the whole dictionary: one for all blocks.
    fn share(self, dataset: &mut Dataset, name: &str) {
        let whole = Arc::new(Dictionary::new(self.values.into_iter().collect()));
        let of_name = |path: &crate::plan::FieldPath| {
            matches!(path.get(1), Some(FieldStep::Field(step)) if **step == *name)
                && matches!(path.first(), Some(FieldStep::Field(step)) if **step == *crate::schema::PROPENSITY)
        };
        let give = |column: &mut Column| {
            if let Data::Text { dictionary, .. } = &mut column.data {
                *dictionary = whole.clone();
            }
        };
        for block in &mut dataset.blocks {
            block.profiles.columns.iter_mut().filter(|(path, _)| of_name(path)).for_each(|(_, column)| give(column));
            for (space, table) in &mut block.children {
                if let Space::Elements(outer, path) = space
                    && **outer == Space::Profiles
                    && of_name(path)
                {
                    table.table.columns.values_mut().for_each(give);
                }
            }
        }
    }
}
