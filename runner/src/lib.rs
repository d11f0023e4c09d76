//! The edges of Unglue: object stores, targets, ledger, command line, and the one orchestrator.
//!
//! ```text
//! job (job) -> staged objects and ledger (survey) -> what to do with each table (decide)
//!   -> plans of rows (work) -> one target transaction (target) -> report (report)
//! ```

mod aws;
mod backoff;
mod beside;
mod caret;
pub mod cli;
pub mod decide;
mod digest;
pub mod doctor;
pub mod drift;
pub mod engine;
pub mod environment;
pub mod error;
mod explain;
mod explore;
mod failpoint;
mod failure;
mod gaps;
mod glue;
pub mod guard;
mod history;
pub mod import;
pub mod init;
pub mod job;
mod key_text;
pub mod lag;
mod lines;
mod look;
pub mod metrics;
mod origin;
mod owner;
pub mod plan;
pub mod progress;
pub mod quality;
mod raw_rows;
pub mod recent;
mod record;
pub mod rejects;
pub mod report;
pub mod resets;
mod results;
pub mod routes;
pub mod run;
mod scaffold;
mod settings;
mod shell;
mod spool;
pub mod status;
pub mod store;
pub mod survey;
pub mod tables;
mod takeover;
pub mod target;
pub mod telemetry;
mod toml_message;
mod units;
mod whole_file;
pub mod wishes;
pub mod work;
