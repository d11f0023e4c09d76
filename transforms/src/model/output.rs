//! A model's output as targets take it: unique names and the few types that databases have.

use std::collections::HashSet;

use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};
use datafusion::common::Column;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast};

use crate::place::DefinitionError;

/// Checks that every output column has a name of its own; case does not tell names apart in MySQL or SQLite.
///
/// # Errors
/// The first name that is there twice.
pub fn check_names(file: &str, plan: &LogicalPlan) -> std::result::Result<(), DefinitionError> {
    let mut seen = HashSet::new();
    for field in plan.schema().fields() {
        if !seen.insert(field.name().to_lowercase()) {
            let message = format!("two columns are named `{}`", field.name());
            return Err(DefinitionError::in_file(file, message)
                .help("give one of them another name with AS"));
        }
    }
    Ok(())
}

/// Casts a model's output to the types that targets take, and drops table names from its columns.
///
/// # Errors
/// In the file: a column of a type that no target has (lists, structs, intervals, …).
pub fn canonical(
    file: &str,
    plan: LogicalPlan,
) -> std::result::Result<LogicalPlan, DefinitionError> {
    let mut columns = Vec::with_capacity(plan.schema().fields().len());
    for (qualifier, field) in plan.schema().iter() {
        let Some(wanted) = canonical_type(field) else {
            let message = format!(
                "column `{}` is of type {}, which no table can hold",
                field.name(),
                field.data_type()
            );
            return Err(DefinitionError::in_file(file, message)
                .help("take single values out of it, or make text of it"));
        };
        let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        let column = if *field.data_type() == wanted { column } else { cast(column, wanted) };
        columns.push(column.alias(field.name()));
    }
    project(plan, columns).map_err(|error| DefinitionError::in_file(file, error.strip_backtrace()))
}

fn project(plan: LogicalPlan, columns: Vec<Expr>) -> Result<LogicalPlan> {
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}

fn canonical_type(field: &Field) -> Option<DataType> {
    Some(match field.data_type() {
        same @ (DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal128(..)
        | DataType::Decimal256(..)
        | DataType::Utf8
        | DataType::Binary
        | DataType::Date32) => same.clone(),
        DataType::Float16 => DataType::Float32,
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            DataType::Decimal128(*precision, *scale)
        }
        // A bare NULL: text can hold it.
        DataType::Null | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            DataType::Binary
        }
        DataType::Date64 | DataType::Timestamp(..) => {
            DataType::Timestamp(TimeUnit::Microsecond, None)
        }
        DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
        DataType::Dictionary(_, value) => {
            return canonical_type(&Field::new(field.name(), value.as_ref().clone(), true));
        }
        _ => return None,
    })
}
