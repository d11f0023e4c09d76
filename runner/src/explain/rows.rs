//! Rows of a model, and of the table that it is written to.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::datatypes::{FieldRef, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::scalar::ScalarValue;
use futures::TryStreamExt;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::job::Output;
use crate::target::Target;
use crate::target::rows::Rows;
use crate::target::table::TargetTable;
use crate::work::there_are;

/// The first rows of a plan.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) schema: SchemaRef,
    pub(super) batches: Vec<RecordBatch>,
    /// How many rows there are in all.
    pub(super) count: usize,
}

impl Kept {
    /// The rows as a table.
    pub(super) fn table(&self) -> Result<Arc<dyn TableProvider>> {
        let batches = vec![self.batches.clone()];
        Ok(Arc::new(MemTable::try_new(Arc::clone(&self.schema), batches)?))
    }

    /// The rows, each with the values of its columns by name.
    pub(super) fn shown(&self) -> Result<Vec<ShownRow>> {
        let mut rows = Vec::new();
        for batch in &self.batches {
            for row in 0..batch.num_rows() {
                rows.push(shown(batch, row)?);
            }
        }
        Ok(rows)
    }
}

/// The values of a row by column, in order.
pub(super) type ShownRow = Vec<(String, Value)>;

/// A row as it is shown: numbers and truth as what they are, everything else as text.
pub(super) fn shown(batch: &RecordBatch, row: usize) -> Result<ShownRow> {
    let schema = batch.schema();
    let columns = batch.columns().iter().zip(schema.fields());
    let value = |(column, field): (&ArrayRef, &FieldRef)| {
        let options = FormatOptions::default();
        let formatter = ArrayFormatter::try_new(column.as_ref(), &options);
        let text = formatter.map_err(DataFusionError::from)?.value(row).to_string();
        let scalar = ScalarValue::try_from_array(column, row)?;
        let value = match scalar {
            scalar if scalar.is_null() => Value::Null,
            ScalarValue::Boolean(Some(is)) => Value::Bool(is),
            scalar if scalar.data_type().is_integer() || scalar.data_type().is_floating() => {
                serde_json::from_str(&text).unwrap_or(Value::String(text))
            }
            _ => Value::String(text),
        };
        Ok((field.name().clone(), value))
    };
    columns.map(value).collect()
}

/// Runs a plan to its end and keeps at most `most` rows.
pub(super) async fn kept(
    engine: &SessionState,
    plan: &LogicalPlan,
    file: &str,
    most: usize,
) -> Result<Kept> {
    let physical = engine.create_physical_plan(plan).await?;
    let rows = Rows::new(physical, engine.task_ctx()).of_file(file);
    let schema = rows.schema();
    let (mut stream, mut batches, mut count) = (rows.stream()?, Vec::new(), 0);
    while let Some(batch) = stream.try_next().await? {
        let wanted = most.saturating_sub(count).min(batch.num_rows());
        count += batch.num_rows();
        if wanted > 0 {
            batches.push(batch.slice(0, wanted));
        }
    }
    Ok(Kept { schema, batches, count })
}

/// The rows of a model's table that meet a condition on the columns `looked_for`; `None` if there is no table. Notes other columns
/// of the model that the table does not have.
///
/// # Errors
/// Kind `Refused` for a table without one of the columns; those of reading it.
pub(super) async fn of_table(
    engine: &SessionState,
    target: &Arc<dyn Target>,
    output: &Output,
    (condition, looked_for): (Expr, &[usize]),
    most: usize,
    notes: &mut Vec<String>,
) -> Result<Option<Kept>> {
    let Some(def) = target.describe(&output.table).await? else { return Ok(None) };
    let has = |name: &str| def.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let fields = output.schema.fields().iter().enumerate();
    let lacks: Vec<usize> =
        fields.filter(|(_, field)| !has(field.name())).map(|(index, _)| index).collect();
    let names = |of_key: bool| {
        let lacks = lacks.iter().filter(|index| looked_for.contains(index) == of_key);
        let names = lacks.map(|index| format!("`{}`", output.schema.field(*index).name()));
        Some(names.collect::<Vec<_>>().join(", ")).filter(|names| !names.is_empty())
    };
    let table = &output.table;
    if let Some(names) = names(true) {
        let message =
            format!("table `{table}` does not have {names}, by which the row is looked for");
        return Err(Error::refused(message));
    }
    if let Some(names) = names(false) {
        notes.push(format!("table `{table}` does not have {names} of the model"));
    }
    let schema = there_are(&output.schema, &lacks);
    let table = TargetTable::new(Arc::clone(target), schema, output.table.clone());
    let plan = LogicalPlanBuilder::scan("target", provider_as_source(Arc::new(table)), None)?
        .filter(condition)?
        .build()?;
    Ok(Some(kept(engine, &plan, &output.file, most).await?))
}
