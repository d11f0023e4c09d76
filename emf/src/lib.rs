//! CloudWatch's Embedded Metric Format: a line of logs that CloudWatch takes numbers from, without an agent. Pure.
//!
//! Rules: "Specification: Embedded metric format" in the user guide of Amazon CloudWatch.

mod document;
mod namespace;
mod rules;

pub use document::{Amount, Emf, Unit};
pub use namespace::{Namespace, NamespaceError};
pub use rules::read;
