//! SQL types.

/// Field metadata key.
pub const SQL_TYPE: &str = "unglue.sql_type";
