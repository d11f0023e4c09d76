//! Text and regular expressions: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#string-functions>.

mod java_regex;
mod pattern;
mod regexp;
mod replacement;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

use super::call::Call;
use super::call::Kind::{Int, Text};

/// The calls of this family.
pub(super) const CALLS: &[Call] = &[
    Call::new("rlike", &[Text]),
    Call::to("regexp", "rlike", &[Text]),
    Call::to("regexp_like", "rlike", &[Text]),
    Call::new("regexp_extract", &[Text, Text, Int]),
    Call::new("regexp_extract_all", &[Text, Text, Int]),
    Call::to("regexp_replace", "unglue_regexp_replace", &[Text, Text, Text, Int]),
    Call::to("regexp_count", "unglue_regexp_count", &[Text]),
    Call::to("regexp_instr", "unglue_regexp_instr", &[Text, Text, Int]),
    Call::new("regexp_substr", &[Text]),
    Call::new("split", &[Text, Text, Int]),
];

/// The functions of this family that are ours.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    regexp::all()
}
