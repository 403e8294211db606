//! The profile store: what it holds is what the files hold, whatever the batches, the memory and the damage.

pub mod make;

mod append;
mod crash;
mod damage;
mod ingest;
mod slots;
