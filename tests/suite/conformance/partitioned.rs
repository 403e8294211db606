//! The virtual machine over partitions of Parquet files, as an evaluator. Each segment is run by itself, so that of the
//! columns of events no more is there than this segment reads.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, TimeUnit};
use segc::data::Progress;
use segc::data::partitions::in_partitions;
use segc::hir::Module;
use segc::plan::Plan;
use segc::project::{Override, Project, default_project};
use segc::schema::Schema;
use segc::store::partitions::Partition;
use segc::types::{ObjectId, Ty};
use segc::{emit, plan, vm};
use serde_json::Value as Json;

use super::harness::{Evaluate, Refusal};
use super::rows::Setting;
use crate::data::parquet_of_groups;
use crate::oracle::Rows;

/// Rows of a row group. Two neighbouring ones have the events of one profile in common at most.
const GROUP: usize = 16;

/// Partitions of about so many events.
pub struct Partitioned(pub usize);

impl Evaluate for Partitioned {
    fn name(&self) -> String {
        format!("partitions of {} events", self.0)
    }

    fn members(&mut self, module: &Module, rows: &Rows, setting: &Setting) -> Vec<Result<BTreeSet<String>, Refusal>> {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), module, rows, setting);
        let files = ["profiles.files=p.parquet", "events.files=e.parquet"];
        let ids = setting.settings.event_ids.then_some("events.id=_id");
        let settings: Vec<Override> = files
            .into_iter()
            .chain(ids)
            .map(|setting| setting.split_once('=').unwrap())
            .map(|(key, value)| Override { key: key.into(), value: value.into() })
            .collect();
        let (project, diagnostics) = default_project(&settings);
        assert_eq!(diagnostics, []);
        let plan = plan::optimize(&plan::lower(module, setting.now));
        (0..module.segments.len()).map(|at| self.alone(&plan, at, &module.schema, (&project, folder.path()))).collect()
    }
}

impl Partitioned {
    /// The members of one segment, if it can be run over partitions.
    fn alone(
        &self,
        plan: &Plan,
        segment: usize,
        schema: &Schema,
        place: (&Project, &Path),
    ) -> Result<BTreeSet<String>, Refusal> {
        let segment = plan.segments[segment].clone();
        if segment.level > 0 {
            return Err(Refusal::Unsupported("members of ranked segments".to_owned()));
        }
        let plan = Plan { segments: vec![segment], ..plan.clone() };
        let program = emit::bytecode::emit(&plan, &emit::bytecode::Provenance::default());
        if !vm::runs_in_partitions(&program) {
            return Err(Refusal::Unsupported("ranked segments".to_owned()));
        }
        let (mut gathered, mut trouble) = (vm::Gathered::default(), None);
        let mut run = |partition: &Partition| {
            match vm::run(&program, &partition.dataset, vm::Options { threads: 1, ..vm::Options::default() }) {
                Ok(output) => gathered.add(output, &partition.places),
                Err(error) => trouble = Some(error),
            }
            true
        };
        let progress = Progress::default();
        let reads = vm::event_reads(&program);
        let loaded = in_partitions(place, (schema, &program.needs, &reads), plan.now, self.0, &progress, &mut run);
        if let Some(error) = trouble {
            return Err(Refusal::Error(error.to_string()));
        }
        match loaded {
            Err(diagnostics) => Err(Refusal::Error(format!("{diagnostics:?}"))),
            Ok(None) => Err(Refusal::Unsupported("what is loaded whole".to_owned())),
            Ok(Some(loaded)) => {
                let output = gathered.finish(&loaded.dataset);
                let ids = output.segments[0].ids(&loaded.dataset);
                Ok(ids.iter().map(|id| id.to_string()).collect())
            }
        }
    }
}

/// Writes the rows as Parquet files, the events of each profile together.
fn write(folder: &Path, module: &Module, rows: &Rows, setting: &Setting) {
    let records = super::vm::records(rows, setting);
    let mut events = records.events;
    // A stable order: which of simultaneous events without ids comes first stays as it is.
    events.sort_by_key(|event| event["profileId"].as_str().unwrap_or_default().to_owned());
    let lines = |records: &[Json]| records.iter().map(|record| format!("{record}\n")).collect::<String>();
    let schema = &module.schema;
    let owned = |columns: Vec<Field>| -> Vec<(String, DataType)> {
        columns.iter().map(|field| (field.name().clone(), field.data_type().clone())).collect()
    };
    let of_profiles = owned(fields(schema, schema.profile));
    let mut of_events = owned(fields(schema, schema.event));
    of_events.retain(|(name, _)| name != "profileId");
    of_events.push(("profileId".to_owned(), DataType::Utf8));
    for (file, records, columns) in [("p", &records.profiles, &of_profiles), ("e", &events, &of_events)] {
        let columns: Vec<(&str, DataType)> = columns.iter().map(|(name, ty)| (name.as_str(), ty.clone())).collect();
        let path = folder.join(format!("{file}.parquet"));
        std::fs::write(path, parquet_of_groups(GROUP, &lines(records), &columns)).unwrap();
    }
}

/// The fields of an object.
fn fields(schema: &Schema, object: ObjectId) -> Vec<Field> {
    let all = schema.object(object).into_iter().flat_map(|object| &object.fields);
    all.filter_map(|(name, field)| Some(Field::new(name, stored(schema, &field.ty.ty)?, true))).collect()
}

/// How a type is stored; lists of objects are not, since what reads them is loaded whole.
fn stored(schema: &Schema, ty: &Ty) -> Option<DataType> {
    Some(match ty {
        Ty::Bool => DataType::Boolean,
        Ty::Int => DataType::Int64,
        Ty::Float | Ty::Probability | Ty::Score | Ty::Percentile => DataType::Float64,
        Ty::Decimal(digits) => DataType::Decimal128(38, digits.scale as i8),
        Ty::String | Ty::Enum(_) => DataType::Utf8,
        Ty::Date => DataType::Date32,
        Ty::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())),
        Ty::List(element) if !matches!(**element, Ty::Object(_)) => {
            DataType::List(Arc::new(Field::new("element", stored(schema, element)?, true)))
        }
        Ty::Map(value) => {
            let value = Field::new("value", stored(schema, value)?, true);
            let entries = Fields::from(vec![Field::new("key", DataType::Utf8, false), value]);
            DataType::Map(Arc::new(Field::new("key_value", DataType::Struct(entries), false)), false)
        }
        Ty::Object(object) => {
            let inner = fields(schema, *object);
            (!inner.is_empty()).then(|| DataType::Struct(Fields::from(inner)))?
        }
        _ => return None,
    })
}
