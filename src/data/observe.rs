//! What the first records of a file look like, for a schema from data. Names the readers' crates and `schema::Observed`.
//! Invariant: of a file that is not read to its end nothing is said to be always there.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arrow_array::RecordBatch;
use arrow_cast::cast;
use arrow_schema::ArrowError;
use arrow_schema::{DataType, Field, FieldRef, Schema};
use serde_json::Value;

use super::{csv, errors, files, parquet};
use crate::diagnostics::Diagnostic;
use crate::limits::JSON_RECORD_BYTES;
use crate::project::Format;
use crate::schema::Observed;
use crate::types::{Digits, Ty};

/// What was seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The rows, column by column.
    pub rows: Observed,
    /// The first few rows as JSON, for looking at single values; cells of CSV are texts.
    pub first: Vec<Value>,
    /// The columns whose names hold a dot though the format has nested ones.
    pub flat: bool,
    /// Columns of timestamps that tell no offset, by the file's own type.
    pub naive: Vec<String>,
}

/// Records that are looked at.
pub const LOOKED_AT: usize = 20_000;
/// Records that are kept as they are.
const KEPT: usize = 50;
/// Bytes of a text file that are looked at.
const LOOKED_AT_BYTES: usize = 32 << 20;

/// Looks at a file. The format is told by the name unless it is given.
pub fn observe(path: &Path, format: Option<Format>, delimiter: Option<u8>) -> Result<Seen, Diagnostic> {
    let shown = path.display().to_string();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some(format) = format.or_else(|| Format::of_name(name)) else {
        return Err(errors::unknown_format(&shown, None));
    };
    let fault = |reason: String| errors::unreadable(&shown, &reason, None);
    match format {
        Format::Ndjson => ndjson(&text(path).map_err(fault)?).map_err(fault),
        Format::Csv => {
            let delimiter = delimiter.unwrap_or(if name.contains(".tsv") { b'\t' } else { b',' });
            cells(&text(path).map_err(fault)?, delimiter).map_err(fault)
        }
        Format::Parquet => columns(&parquet::head(path, LOOKED_AT).map_err(fault)?).map_err(fault),
        Format::Arrow => columns(&parquet::arrow_head(path, LOOKED_AT).map_err(fault)?).map_err(fault),
    }
}

/// The beginning of a text file, and whether it is the whole file.
fn text(path: &Path) -> Result<(String, bool), String> {
    let mut bytes = Vec::new();
    let read = AtomicU64::new(0);
    let reader = files::open(path, &read).map_err(|e| e.to_string())?;
    let read = reader.take(LOOKED_AT_BYTES as u64).read_to_end(&mut bytes);
    if bytes.is_empty() {
        read.map_err(|e| e.to_string())?;
    }
    let whole = bytes.len() < LOOKED_AT_BYTES;
    if !whole {
        let end = files::end_of_lines(&bytes).unwrap_or(0);
        bytes.truncate(end);
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok((text.trim_start_matches('\u{feff}').to_owned(), whole))
}

fn ndjson((text, whole): &(String, bool)) -> Result<Seen, String> {
    let mut seen = Seen { rows: Observed::new(), first: Vec::new(), flat: false, naive: Vec::new() };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && line.len() <= JSON_RECORD_BYTES);
    for line in lines.by_ref().take(LOOKED_AT) {
        // A line that is no record is the reader's to report.
        if let Ok(value @ Value::Object(_)) = serde_json::from_str::<Value>(line) {
            seen.rows.see_json(&value);
            if seen.first.len() < KEPT {
                seen.first.push(value);
            }
        }
    }
    if seen.rows.objects == 0 {
        return Err("no line of it is a JSON object".to_owned());
    }
    if !whole || lines.next().is_some() {
        loosen(&mut seen.rows);
    }
    Ok(seen)
}

fn cells((text, whole): &(String, bool), delimiter: u8) -> Result<Seen, String> {
    let mut seen = Seen { rows: Observed::new(), first: Vec::new(), flat: false, naive: Vec::new() };
    let mut rows = csv::Rows::new(text, delimiter);
    let header: Vec<String> = rows.next().ok_or("it is empty")??.iter().map(|name| name.to_string()).collect();
    for name in &header {
        seen.rows.field(name);
    }
    for row in rows.by_ref().take(LOOKED_AT) {
        let Ok(cells) = row else { continue };
        if cells.len() != header.len() {
            continue;
        }
        seen.rows.see_row();
        let mut kept = serde_json::Map::new();
        for (name, cell) in header.iter().zip(&cells) {
            if let Some(place) = seen.rows.field(name) {
                place.see_cell(cell);
            }
            if seen.first.len() < KEPT && !cell.is_empty() {
                kept.insert(name.clone(), Value::String(cell.to_string()));
            }
        }
        if seen.first.len() < KEPT {
            seen.first.push(Value::Object(kept));
        }
    }
    if !whole || rows.next().is_some() {
        loosen(&mut seen.rows);
    }
    Ok(seen)
}

/// What is seen of a binary file: values by way of JSON, types by what the file declares, where that says more.
fn columns((batches, whole): &(Vec<RecordBatch>, bool)) -> Result<Seen, String> {
    let mut seen = Seen { rows: Observed::new(), first: Vec::new(), flat: false, naive: Vec::new() };
    let Some(schema) = batches.first().map(RecordBatch::schema) else {
        return Err("it has no records".to_owned());
    };
    for field in schema.fields() {
        seen.rows.field(field.name());
    }
    for batch in batches {
        let batch = in_offsets(batch).map_err(|e| e.to_string())?;
        let mut writer = arrow_json::LineDelimitedWriter::new(Vec::new());
        writer.write(&batch).and_then(|()| writer.finish()).map_err(|e| e.to_string())?;
        let text = String::from_utf8(writer.into_inner()).map_err(|e| e.to_string())?;
        for value in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            seen.rows.see_json(&value);
            if seen.first.len() < KEPT {
                seen.first.push(value);
            }
        }
    }
    for field in schema.fields() {
        seen.flat |= field.name().contains('.');
        if let DataType::Timestamp(_, None) = field.data_type() {
            seen.naive.push(field.name().clone());
        }
        if let Some(place) = seen.rows.fields.get_mut(field.name()) {
            declare(place, field);
        }
    }
    if !whole {
        loosen(&mut seen.rows);
    }
    Ok(seen)
}

/// A batch whose instants are of the offset zero: the writer of JSON knows no names of zones.
fn in_offsets(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let fields: Vec<FieldRef> = schema.fields().iter().map(offset_field).collect();
    let columns: Result<Vec<_>, _> =
        batch.columns().iter().zip(&fields).map(|(column, field)| cast(column, field.data_type())).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns?)
}

fn offset_field(field: &FieldRef) -> FieldRef {
    let ty = match field.data_type() {
        DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some("+00:00".into())),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(offset_field).collect()),
        DataType::List(element) => DataType::List(offset_field(element)),
        DataType::LargeList(element) => DataType::LargeList(offset_field(element)),
        DataType::FixedSizeList(element, size) => DataType::FixedSizeList(offset_field(element), *size),
        DataType::Map(entries, sorted) => DataType::Map(offset_field(entries), *sorted),
        other => other.clone(),
    };
    Arc::new(field.as_ref().clone().with_data_type(ty))
}

/// Sets the types that a file declares. Texts and floating-point numbers are judged by their values: a text may be a date
/// or a choice, a number an amount.
fn declare(place: &mut Observed, field: &Field) {
    place.declared = match field.data_type() {
        DataType::Boolean => Some(Ty::Bool),
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => Some(Ty::Int),
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => Some(Ty::Int),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
            if (0..=38).contains(scale) =>
        {
            Some(Ty::Decimal(Digits { precision: *precision, scale: *scale as u8 }))
        }
        DataType::Date32 | DataType::Date64 => Some(Ty::Date),
        DataType::Timestamp(..) => Some(Ty::Timestamp),
        DataType::Struct(fields) => {
            for field in fields {
                if let Some(inner) = place.field(field.name()) {
                    declare(inner, field);
                }
            }
            None
        }
        DataType::List(element) | DataType::LargeList(element) | DataType::FixedSizeList(element, _) => {
            let inner = place.elements.get_or_insert_with(|| Box::new(Observed::new()));
            declare(inner, element);
            Some(Ty::List(Box::new(Ty::String)))
        }
        DataType::Map(entries, _) => {
            if let DataType::Struct(fields) = entries.data_type()
                && let Some(value) = fields.get(1)
            {
                let mut all = Observed::new();
                for member in place.fields.values() {
                    all.merge(member);
                }
                declare(&mut all, value);
                place.elements = Some(Box::new(all));
            }
            Some(Ty::Map(Box::new(Ty::String)))
        }
        _ => None,
    };
}

/// Makes nothing look as if it were always there.
fn loosen(place: &mut Observed) {
    place.present += u64::from(place.objects > 0);
    place.objects += u64::from(place.objects > 0);
    place.fields.values_mut().for_each(loosen);
    if let Some(elements) = &mut place.elements {
        loosen(elements);
    }
}
