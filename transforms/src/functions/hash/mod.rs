//! Hashes: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#hash-functions>.

mod murmur3;
mod xxhash64;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;
use datafusion::sql::sqlparser::ast::{Expr, Function};

use super::call::Kind::{Any, Binary, Int};
use super::call::{Call, Kind};
use crate::sql::taken;

/// The calls of this family.
pub(super) const CALLS: &[Call] = &[
    Call::written("md5", &[Binary], md5),
    Call::new("sha1", &[Binary]),
    Call::to("sha", "sha1", &[Binary]),
    Call::new("sha2", &[Binary, Int]),
    Call::new("crc32", &[Binary]),
    Call::new("hash", &[Any]),
    Call::to("xxhash64", "unglue_xxhash64", &[Any]),
];

/// The functions of this family that are ours.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    murmur3::all()
}

/// The engine's own gives another kind of text.
fn md5(function: Function) -> Result<Expr, &'static str> {
    Ok(taken(Expr::Function(function), Kind::Text))
}
