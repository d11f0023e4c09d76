//! Hashes: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#hash-functions>.

mod murmur3;
mod xxhash64;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

use super::call::Call;
use super::call::Kind::{Any, Binary, Int};

/// The calls of this family.
pub(super) const CALLS: &[Call] = &[
    Call::new("md5", &[Binary]),
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
