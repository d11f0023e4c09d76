//! The type that a cast names.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{exec_datafusion_err, plan_datafusion_err};
use datafusion::error::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::dialect::SparkSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::types::DeclaredTypes;

/// What an argument is cast to when its parameter takes numbers; no SQL type.
pub(crate) const NUMBER: &str = "NUMBER_AS_IT_IS";
/// The same for dates, timestamps and texts.
pub(crate) const TEMPORAL: &str = "TEMPORAL_AS_IT_IS";
/// The same for BINARY.
pub(crate) const TEXT_OR_BINARY: &str = "TEXT_OR_BINARY_AS_IT_IS";
/// The same for BINARY and whatever has parts.
pub(crate) const TEXT_OR_NESTED: &str = "TEXT_OR_NESTED_AS_IT_IS";

/// The field that casting `from` to the SQL type of this text gives.
///
/// # Errors
/// A text that is no type.
pub(super) fn field(sql_type: &str, from: &DataType) -> Result<FieldRef> {
    match sql_type {
        NUMBER if from.is_numeric() || from.is_null() => return Ok(plain(from.clone())),
        NUMBER => return Ok(plain(DataType::Float64)),
        TEMPORAL if from.is_temporal() => return Ok(plain(from.clone())),
        TEMPORAL => return Ok(plain(DataType::Utf8)),
        TEXT_OR_BINARY | TEXT_OR_NESTED if *from == DataType::Binary => {
            return Ok(plain(DataType::Binary));
        }
        TEXT_OR_NESTED if from.is_nested() => return Ok(plain(from.clone())),
        TEXT_OR_BINARY | TEXT_OR_NESTED => return Ok(plain(DataType::Utf8)),
        _ => {}
    }
    let parsed = Parser::new(&SparkSqlDialect)
        .try_with_sql(sql_type)
        .and_then(|mut parser| parser.parse_data_type())
        .map_err(|error| exec_datafusion_err!("{sql_type} is no type: {error}"))?;
    DeclaredTypes
        .plan_type_field(&parsed)?
        .ok_or_else(|| plan_datafusion_err!("CAST to {sql_type} is not supported"))
}

fn plain(data_type: DataType) -> FieldRef {
    Arc::new(Field::new("", data_type, true))
}
