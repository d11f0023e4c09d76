//! A model's output as targets take it: unique names and the few types that databases have.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::common::{Column, JoinType};
use datafusion::error::Result;
use datafusion::logical_expr::{
    Cast, Distinct, Expr, LogicalPlan, LogicalPlanBuilder, TryCast, cast,
};

use crate::functions::sql_type;
use crate::place::DefinitionError;
use crate::types::SQL_TYPE;

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
                sql_type(field.data_type())
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

/// The columns of a model's canonical plan as targets take them. A column keeps the SQL type that it was declared with only
/// where every value comes from a column declared so, or from a cast to a text type in the model itself: the engine passes the
/// mark on through `lag`, `UNION` and others, whose values may be longer or finer.
#[must_use]
pub fn schema(raw: &LogicalPlan, canonical: &LogicalPlan) -> SchemaRef {
    let fields = canonical.schema().fields().iter().enumerate().map(|(index, field)| {
        let mut field = field.as_ref().clone();
        if !is_declared(raw, index) {
            let _mark = field.metadata_mut().remove(SQL_TYPE);
        }
        field
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn is_declared(plan: &LogicalPlan, index: usize) -> bool {
    match plan {
        LogicalPlan::TableScan(_) => true,
        LogicalPlan::SubqueryAlias(alias) => is_declared(&alias.input, index),
        LogicalPlan::Filter(filter) => is_declared(&filter.input, index),
        LogicalPlan::Sort(sort) => is_declared(&sort.input, index),
        LogicalPlan::Limit(limit) => is_declared(&limit.input, index),
        LogicalPlan::Distinct(Distinct::All(input)) => is_declared(input, index),
        LogicalPlan::Window(window) => {
            index < window.input.schema().fields().len() && is_declared(&window.input, index)
        }
        LogicalPlan::Projection(projection) => {
            projection.expr.get(index).is_some_and(|expr| is_declared_expr(expr, &projection.input))
        }
        LogicalPlan::Aggregate(aggregate) => {
            aggregate.group_expr.get(index).is_some_and(|expr| match expr {
                Expr::Column(_) => is_declared_expr(expr, &aggregate.input),
                _ => false,
            })
        }
        LogicalPlan::Join(join) => {
            let width = join.left.schema().fields().len();
            match join.join_type {
                JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => {
                    match index.checked_sub(width) {
                        None => is_declared(&join.left, index),
                        Some(index) => is_declared(&join.right, index),
                    }
                }
                JoinType::LeftSemi | JoinType::LeftAnti => is_declared(&join.left, index),
                JoinType::RightSemi | JoinType::RightAnti => is_declared(&join.right, index),
                _ => false,
            }
        }
        _ => false,
    }
}

fn is_declared_expr(expr: &Expr, input: &LogicalPlan) -> bool {
    match expr {
        Expr::Alias(alias) => is_declared_expr(&alias.expr, input),
        Expr::Column(column) => input
            .schema()
            .maybe_index_of_column(column)
            .is_some_and(|index| is_declared(input, index)),
        // The writer says how long it is to be; a longer text is refused when it comes.
        Expr::Cast(Cast { field, .. }) | Expr::TryCast(TryCast { field, .. }) => {
            *field.data_type() == DataType::Utf8
        }
        _ => false,
    }
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
