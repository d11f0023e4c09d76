//! JSON: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#json-functions>.

mod extract;
mod from_json;
mod path;
mod schema;
mod to_json;
mod value;
mod written;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

use super::call::Call;
use super::call::Kind::{Any, Text};

const NO_CSV: &str = "split the text with split(text, ',')";
const NO_XML: &str = "XML is not read here";

/// The calls of this family.
pub(super) const CALLS: &[Call] = &[
    Call::new("get_json_object", &[Text]),
    Call::new("json_tuple", &[Text]),
    Call::new("json_array_length", &[Text]),
    Call::new("json_object_keys", &[Text]),
    Call::written("from_json", &[Any], written::from_json),
    Call::written("to_json", &[Any], written::to_json),
    Call::written("schema_of_json", &[Any], written::schema_of_json),
    Call::refused("from_csv", NO_CSV),
    Call::refused("schema_of_csv", NO_CSV),
    Call::refused("to_csv", "join values with concat_ws(',', …)"),
    Call::refused("xpath", NO_XML),
    Call::refused("xpath_boolean", NO_XML),
    Call::refused("xpath_double", NO_XML),
    Call::refused("xpath_float", NO_XML),
    Call::refused("xpath_int", NO_XML),
    Call::refused("xpath_long", NO_XML),
    Call::refused("xpath_number", NO_XML),
    Call::refused("xpath_short", NO_XML),
    Call::refused("xpath_string", NO_XML),
];

/// The functions of this family that are ours.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    [extract::all(), from_json::all(), to_json::all()].concat()
}
