//! Files of CSV.
//!
//! ```text
//! pieces -> judged by their quotes (quotes) -> the engine's decoder: texts -> values (open)
//! ```

mod open;
mod quotes;

pub(super) use open::Opener;
pub(super) use quotes::{Broken, Fault, Quotes};
