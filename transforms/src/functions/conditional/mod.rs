//! Conditions and NULL: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#conditional-functions>, and what Spark calls
//! miscellaneous.

mod cases;
mod checks;
mod extremes;

use std::sync::Arc;

pub(crate) use checks::tells_its_place;
use datafusion::logical_expr::ScalarUDF;
use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Value};

use super::call::{Call, Kind};
use super::written::{arguments, one, two};
use crate::sql::build::{binary, call, nested};

/// The name of the function that CASE becomes: `unglue_case(condition, value, …, else)`.
pub(crate) const CASE: &str = "unglue_case";

const NO_CLUSTER: &str = "its value depends on how rows are spread over a cluster; use row_number() OVER (ORDER BY a key), or the key itself";
const NO_FILE: &str =
    "a job reads changes of a table, not files; take what is needed into a column";
const NO_XML: &str = "XML is not read here; turn it into columns or JSON before";
const NO_SERVER: &str = "there is no Spark here that could tell; write the value itself";

/// The calls of this family.
pub(super) const CALLS: &[Call] = &[
    Call::to("coalesce", "unglue_coalesce", &[]),
    Call::to("nvl", "unglue_coalesce", &[]),
    Call::to("ifnull", "unglue_coalesce", &[]),
    Call::written("if", &[], |function| {
        let parts = <[Expr; 3]>::try_from(arguments(function)?)
            .map_err(|_| "it takes a condition and two values")?;
        Ok(call(CASE, parts))
    }),
    Call::written("nvl2", &[], |function| {
        let [value, known, missing] =
            <[Expr; 3]>::try_from(arguments(function)?).map_err(|_| "it takes three values")?;
        Ok(call(CASE, [Expr::IsNotNull(Box::new(nested(value))), known, missing]))
    }),
    Call::written("nullif", &[], |function| {
        let (value, other) = two(function)?;
        let same = binary(nested(value.clone()), BinaryOperator::Eq, nested(other));
        Ok(call(CASE, [same, Expr::value(Value::Null), value]))
    }),
    Call::written("equal_null", &[], |function| {
        let (value, other) = two(function)?;
        Ok(nested(binary(nested(value), BinaryOperator::Spaceship, nested(other))))
    }),
    Call::written("isnull", &[], |function| {
        Ok(nested(Expr::IsNull(Box::new(nested(one(function)?)))))
    }),
    Call::written("isnotnull", &[], |function| {
        Ok(nested(Expr::IsNotNull(Box::new(nested(one(function)?)))))
    }),
    Call::written("isnan", &[Kind::Double], |function| {
        Ok(nested(Expr::IsTrue(Box::new(call("isnan", [one(function)?])))))
    }),
    Call::new("nanvl", &[Kind::Double]),
    Call::to("greatest", "unglue_greatest", &[]),
    Call::to("least", "unglue_least", &[]),
    Call::new("typeof", &[]),
    Call::new("assert_true", &[Kind::Bool, Kind::Text]),
    Call::new("raise_error", &[Kind::Text]),
    Call::refused("monotonically_increasing_id", NO_CLUSTER),
    Call::refused("spark_partition_id", NO_CLUSTER),
    Call::refused("input_file_name", NO_FILE),
    Call::refused("input_file_block_start", NO_FILE),
    Call::refused("input_file_block_length", NO_FILE),
    Call::refused("current_user", NO_SERVER),
    Call::refused("user", NO_SERVER),
    Call::refused("current_catalog", NO_SERVER),
    Call::refused("current_database", NO_SERVER),
    Call::refused("current_schema", NO_SERVER),
    Call::refused("version", NO_SERVER),
    Call::refused("java_method", "there is no Java here; write the expression in SQL"),
    Call::refused("reflect", "there is no Java here; write the expression in SQL"),
    Call::refused("xpath", NO_XML),
    Call::refused("xpath_boolean", NO_XML),
    Call::refused("xpath_double", NO_XML),
    Call::refused("xpath_float", NO_XML),
    Call::refused("xpath_int", NO_XML),
    Call::refused("xpath_long", NO_XML),
    Call::refused("xpath_number", NO_XML),
    Call::refused("xpath_short", NO_XML),
    Call::refused("xpath_string", NO_XML),
    Call::refused("sql_keywords", NO_SERVER),
];

/// The functions of this family that are ours.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    [cases::all(), extremes::all(), checks::all()].concat()
}
