//! The edges of Unglue: object stores, targets, ledger, command line, and the one orchestrator.
pub mod error;
pub mod target;
