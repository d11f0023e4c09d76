//! Which part of a table is worth reading: that with the keys of some rows.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, ScalarValue};
use datafusion::execution::SessionState;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use futures::TryStreamExt;

use crate::error::Result;
use crate::target::condition::VALUES_MAX;
use crate::target::rows::Rows;

/// A condition that holds for every row of the table whose first column of the key is one of these rows'; `None` if there is none
/// that a database understands as we do.
pub(super) async fn of(
    engine: &SessionState,
    rows: &LogicalPlan,
    column: &str,
) -> Result<Option<Expr>> {
    let name = Column::from_name(column);
    let field = rows.schema().field_with_unqualified_name(column)?;
    let data_type = field.data_type();
    // NaN and the two zeros are equal in other ways elsewhere.
    let is_plain = data_type.is_integer()
        || matches!(
            data_type,
            DataType::Utf8
                | DataType::Date32
                | DataType::Timestamp(..)
                | DataType::Decimal128(..)
                | DataType::Decimal256(..)
        );
    if !is_plain {
        return Ok(None);
    }
    let values = Expr::Column(name);
    let distinct = LogicalPlanBuilder::from(rows.clone())
        .project([values.clone()])?
        .distinct()?
        .limit(0, Some(VALUES_MAX + 1))?
        .build()?;
    let few = literals(&collect(engine, &distinct).await?)?;
    if few.iter().any(ScalarValue::is_null) {
        return Ok(None);
    }
    if few.len() <= VALUES_MAX {
        let few = few.into_iter().map(|value| Expr::Literal(value, None)).collect();
        return Ok(Some(values.in_list(few, false)));
    }
    let ends = LogicalPlanBuilder::from(rows.clone())
        .aggregate(
            Vec::<Expr>::new(),
            [
                min(values.clone()),
                max(values.clone()),
                count(lit(1_i64)).alias("rows"),
                count(values.clone()).alias("values"),
            ],
        )?
        .build()?;
    let Some(batch) = collect(engine, &ends).await?.into_iter().find(|b| b.num_rows() > 0) else {
        return Ok(None);
    };
    let ends = (0..4)
        .map(|index| ScalarValue::try_from_array(batch.column(index), 0))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(match ends.as_slice() {
        [least, most, rows, not_null] if rows == not_null && !least.is_null() => Some(
            values.between(Expr::Literal(least.clone(), None), Expr::Literal(most.clone(), None)),
        ),
        _ => None,
    })
}

/// The values of the first column.
fn literals(batches: &[RecordBatch]) -> Result<Vec<ScalarValue>> {
    let mut values = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            values.push(ScalarValue::try_from_array(batch.column(0), row)?);
        }
    }
    Ok(values)
}

async fn collect(engine: &SessionState, plan: &LogicalPlan) -> Result<Vec<RecordBatch>> {
    let physical = engine.create_physical_plan(plan).await?;
    Ok(Rows::new(physical, engine.task_ctx()).stream()?.try_collect().await?)
}
