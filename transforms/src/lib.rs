//! x
pub mod dms;
