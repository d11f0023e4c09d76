//! What is fuzzed: one function for each kind of input that comes from outside.
//!
//! Each takes bytes, makes an input of them and asserts what must hold for every input; a panic is a finding. `fuzz/run` drives
//! them with libFuzzer; `cargo test` replays the seeds, so that what was found once stays mended.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a panic is how a target fails")]

mod csv;
mod definitions;
mod events;
mod gzip;
mod names;
mod staging;

pub use csv::csv_rows;
pub use definitions::{job_toml, location, model_sql, ruleset, settings, sources_sql};
pub use events::event;
pub use gzip::gzip;
pub use names::object_name;
pub use staging::staging;

/// A function that is fuzzed.
pub type Target = fn(&[u8]);

/// All targets by their names, which are also the names of the folders in `fuzz/seeds`.
pub const TARGETS: [(&str, Target); 11] = [
    ("csv_rows", csv_rows),
    ("event", event),
    ("gzip", gzip),
    ("job_toml", job_toml),
    ("location", location),
    ("model_sql", model_sql),
    ("object_name", object_name),
    ("ruleset", ruleset),
    ("settings", settings),
    ("sources_sql", sources_sql),
    ("staging", staging),
];
