//! The rows of a plan, computed once and kept: few in memory, many in a temporary file.
//!
//! SQL does not say everything: of rows that tie in a window's order, or under a LIMIT, any may come first. Run twice, such a
//! plan gives two results, each right, and a delta made from both is wrong. So what is read more than once is computed once.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::datasource::file_format::arrow::ArrowFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::datasource::provider_as_source;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, SortExpr};
use futures::TryStreamExt;
use tempfile::TempPath;

use crate::error::{Error, Result};
use crate::failpoint::failpoint;
use crate::target::rows::Rows;

/// The name's ending that the engine knows the format by.
const EXTENSION: &str = ".arrow";

/// Up to so many bytes stay in memory.
const MEMORY_BYTES_MAX: usize = 128 << 10;

/// Rows in memory, or in a file that is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Spool {
    /// Reads them, as often as it is asked.
    pub(crate) table: Arc<dyn TableProvider>,
    /// How many they are.
    pub(crate) rows: u64,
    _file: Option<TempPath>,
}

impl Spool {
    /// Runs the plan of rows and keeps them. `order` is the order that they come in, if they have one: what reads them need not
    /// sort by it again.
    ///
    /// # Errors
    /// Those of the plan; kind `Temporary` for a temporary folder that is full or cannot be written.
    pub(crate) async fn fill(rows: &Rows, order: Vec<SortExpr>) -> Result<Self> {
        let schema = rows.schema();
        let mut stream = rows.stream()?;
        let (mut begin, mut bytes, mut rows) = (Vec::new(), 0, 0);
        while let Some(batch) = stream.try_next().await? {
            bytes += batch.get_array_memory_size();
            rows += batch.num_rows() as u64;
            begin.push(batch);
            if bytes > MEMORY_BYTES_MAX {
                return Self::to_file(begin, stream, order).await;
            }
        }
        let table = MemTable::try_new(schema, vec![begin])?.with_sort_order(orders(order));
        Ok(Self { table: Arc::new(table), rows, _file: None })
    }

    async fn to_file(
        begin: Vec<RecordBatch>,
        rest: SendableRecordBatchStream,
        order: Vec<SortExpr>,
    ) -> Result<Self> {
        let (file, path) = tempfile::Builder::new()
            .prefix("unglue-")
            .suffix(EXTENSION)
            .tempfile()
            .map_err(unusable)?
            .into_parts();
        failpoint!("spool.created");
        let schema = rest.schema();
        let rows = write(file, begin, rest).await?;
        failpoint!("spool.written");
        let name =
            path.to_str().ok_or_else(|| Error::failed("the temporary folder is not UTF-8"))?;
        let options = ListingOptions::new(Arc::new(ArrowFormat))
            .with_file_extension(EXTENSION)
            .with_file_sort_order(orders(order));
        let config = ListingTableConfig::new(ListingTableUrl::parse(name)?)
            .with_listing_options(options)
            .with_schema(schema);
        let table = Arc::new(ListingTable::try_new(config)?);
        Ok(Self { table, rows, _file: Some(path) })
    }

    /// A plan that reads them.
    ///
    /// # Errors
    /// Those of building plans.
    pub(crate) fn plan(&self) -> Result<LogicalPlan> {
        let source = provider_as_source(Arc::clone(&self.table));
        Ok(LogicalPlanBuilder::scan("spool", source, None)?.build()?)
    }
}

/// The orders that a table has: none, if the rows come as they come.
fn orders(order: Vec<SortExpr>) -> Vec<Vec<SortExpr>> {
    if order.is_empty() { Vec::new() } else { vec![order] }
}

/// Answers how many rows there are. As a stream: files with an index are read in parts side by side, and the reader holds each part as a whole.
async fn write(
    file: File,
    begin: Vec<RecordBatch>,
    mut rest: SendableRecordBatchStream,
) -> Result<u64> {
    let mut rows = 0;
    let mut writer =
        StreamWriter::try_new(BufWriter::new(file), &rest.schema()).map_err(unusable)?;
    for batch in begin {
        rows += batch.num_rows() as u64;
        writer.write(&batch).map_err(unusable)?;
    }
    while let Some(batch) = rest.try_next().await? {
        rows += batch.num_rows() as u64;
        writer.write(&batch).map_err(unusable)?;
    }
    writer.finish().map_err(unusable)?;
    Ok(rows)
}

fn unusable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::temporary("the temporary folder cannot be written")
        .hint("make room in it, or name another one with TMPDIR, then run again")
        .source(error)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{ArrayRef, Int64Array};
    use datafusion::execution::context::SessionContext;
    use datafusion::logical_expr::{col, lit};
    use datafusion::physical_plan::displayable;

    use super::*;
    use crate::engine::engine;

    /// Rows with the numbers from 0, in order.
    async fn numbers(context: &SessionContext, rows: i64) -> Rows {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
        let batch = RecordBatch::try_from_iter([("id", numbers)]).unwrap();
        let frame = context.read_batch(batch).unwrap();
        Rows::new(frame.create_physical_plan().await.unwrap(), context.task_ctx())
    }

    #[tokio::test]
    async fn rows_that_come_in_an_order_are_not_sorted_by_it_again() {
        let state = engine(transforms::sql::Dialect::Spark, 2, 1 << 30).unwrap();
        let context = SessionContext::new_with_state(state);
        for count in [10, 100_000] {
            let rows = numbers(&context, count).await;
            for is_known in [true, false] {
                let order = vec![col("id").sort(true, true)];
                let known = if is_known { order.clone() } else { Vec::new() };
                let spool = Spool::fill(&rows, known).await.unwrap();
                let plan = LogicalPlanBuilder::from(spool.plan().unwrap())
                    .filter(col("id").not_eq(lit(-1_i64)))
                    .and_then(|rows| {
                        rows.project([
                            col("id").alias("id"),
                            (col("id") + lit(1_i64)).alias("next"),
                        ])
                    })
                    .and_then(|rows| rows.sort(order))
                    .unwrap();
                let frame = context.execute_logical_plan(plan.build().unwrap()).await.unwrap();
                let plan = frame.clone().create_physical_plan().await.unwrap();
                let shown = displayable(plan.as_ref()).indent(false).to_string();
                assert_eq!(!shown.contains("SortExec"), is_known, "{count} rows: {shown}");
                let found: Vec<i64> = frame
                    .collect()
                    .await
                    .unwrap()
                    .iter()
                    .flat_map(|batch| {
                        let ids = batch.column(0).as_any().downcast_ref::<Int64Array>();
                        ids.unwrap().values().to_vec()
                    })
                    .collect();
                assert_eq!(found, (0..count).collect::<Vec<_>>());
            }
        }
    }
}
