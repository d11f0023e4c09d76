//! Values printed as Spark prints them.

pub(super) mod decimal;
pub(super) mod float;
pub(super) mod time;
