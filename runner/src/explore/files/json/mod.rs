//! JSON files, read so that each value is what is written.
//!
//! ```text
//! bytes -> rows (rows) -> values of a row (scan) -> types of some of them (shape)
//!                                             \-> columns of those types, or the place of what does not fit (build, open)
//! ```
//!
//! The engine's own reader is not used: behind the rows that types are found from it cuts a fraction off a BIGINT, and takes a text of
//! digits for a number.

mod build;
mod fault;
mod kind;
mod open;
mod rows;
mod scan;
mod shape;
#[cfg(test)]
mod tests;

pub(super) use fault::{At, Fault, Is};
pub(super) use kind::{Kind, declared};
pub(super) use open::Opener;
pub(super) use rows::ROW_BYTES_MAX;
pub(super) use scan::CELLS_MAX;
pub(super) use shape::{COLUMNS_MAX, Shape, look};
