//! Data of a made-up shop for the quickstart: customers, products, and what the customers did. Names `output` for writing.
//! Invariant: the same seed gives the same rows on every machine; nothing of it is of a real person.

use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;
use arrow_schema::{Field, Schema};

use super::atomic::replace_file;
use super::parquet::writer;
mod actions;
mod arrays;
mod behaviour;
mod people;
mod products;
mod random;
mod vocabulary;

const SECOND: i64 = crate::types::MICROS_PER_SECOND;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = crate::types::MICROS_PER_DAY;

/// The instant that the data is made for: 2026-11-23T12:00:00+01:00.
pub const NOW: i64 = 1_795_431_600 * SECOND;
/// Its day, since 1970-01-01.
const TODAY: i32 = (NOW / DAY) as i32;

/// The columns of one kind of record.
pub type Columns = Vec<(&'static str, ArrayRef)>;

/// The data in memory.
#[derive(Debug)]
pub struct Retail {
    /// The customers.
    pub profiles: RecordBatch,
    /// What they did.
    pub events: RecordBatch,
    /// What is sold.
    pub products: RecordBatch,
}

/// Makes the data.
pub fn tables(profiles: usize, seed: u64) -> Result<Retail, ArrowError> {
    let products = products::products(seed);
    let mut events = actions::Columns::default();
    for number in 0..profiles {
        let person = people::person(seed, number);
        let mut random = random::Random::new(seed ^ 0xac7, number as u64);
        for event in behaviour::events(&person, &products, &mut random) {
            events.push(&person.id, event, &products);
        }
    }
    Ok(Retail {
        profiles: batch(people::columns(profiles, seed)?)?,
        events: batch(events.finish()?)?,
        products: batch(products::columns(&products)?)?,
    })
}

fn batch(columns: Columns) -> Result<RecordBatch, ArrowError> {
    let fields: Vec<Field> = columns.iter().map(|(name, a)| Field::new(*name, a.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, array)| array).collect())
}

/// Writes the data as `profiles.parquet`, `events.parquet` and `products.parquet` into a folder, which is made; files of
/// these names are replaced.
pub fn retail(folder: &Path, profiles: usize, seed: u64) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let data = tables(profiles, seed).map_err(io::Error::other)?;
    for (name, batch) in [("profiles", &data.profiles), ("events", &data.events), ("products", &data.products)] {
        let path = folder.join(format!("{name}.parquet"));
        replace_file(&path, true, |file| {
            let mut writer = writer(file, batch.schema()).map_err(io::Error::other)?;
            writer.write(batch).map_err(io::Error::other)?;
            writer.close().map(|_| ()).map_err(io::Error::other)
        })?;
    }
    Ok(())
}
