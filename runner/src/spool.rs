//! The rows of a plan, computed once and kept: few in memory, many in a temporary file.
//!
//! SQL does not say everything: of rows that tie in a window's order, or under a LIMIT, any may come first. Run twice, such a
//! plan gives two results, each right, and a delta made from both is wrong. So what is read more than once is computed once.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::datasource::provider_as_source;
use datafusion::execution::context::SessionContext;
use datafusion::execution::options::ArrowReadOptions;
use datafusion::execution::{SendableRecordBatchStream, SessionState};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
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
    _file: Option<TempPath>,
}

impl Spool {
    /// Runs the plan of rows and keeps them.
    ///
    /// # Errors
    /// Those of the plan; kind `Temporary` for a temporary folder that is full or cannot be written.
    pub(crate) async fn fill(engine: &SessionState, rows: &Rows) -> Result<Self> {
        let schema = rows.schema();
        let mut stream = rows.stream()?;
        let (mut begin, mut bytes) = (Vec::new(), 0);
        while let Some(batch) = stream.try_next().await? {
            bytes += batch.get_array_memory_size();
            begin.push(batch);
            if bytes > MEMORY_BYTES_MAX {
                return Self::to_file(engine, begin, stream).await;
            }
        }
        Ok(Self { table: Arc::new(MemTable::try_new(schema, vec![begin])?), _file: None })
    }

    async fn to_file(
        engine: &SessionState,
        begin: Vec<RecordBatch>,
        rest: SendableRecordBatchStream,
    ) -> Result<Self> {
        let (file, path) = tempfile::Builder::new()
            .prefix("unglue-")
            .suffix(EXTENSION)
            .tempfile()
            .map_err(unusable)?
            .into_parts();
        failpoint!("spool.created");
        let schema = rest.schema();
        write(file, begin, rest).await?;
        failpoint!("spool.written");
        let context = SessionContext::new_with_state(engine.clone());
        let options = ArrowReadOptions { schema: Some(&schema), ..ArrowReadOptions::default() };
        let name =
            path.to_str().ok_or_else(|| Error::failed("the temporary folder is not UTF-8"))?;
        let table = context.read_arrow(name, options).await?.into_view();
        Ok(Self { table, _file: Some(path) })
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

async fn write(
    file: File,
    begin: Vec<RecordBatch>,
    mut rest: SendableRecordBatchStream,
) -> Result<()> {
    let mut writer = FileWriter::try_new(BufWriter::new(file), &rest.schema()).map_err(unusable)?;
    for batch in begin {
        writer.write(&batch).map_err(unusable)?;
    }
    while let Some(batch) = rest.try_next().await? {
        writer.write(&batch).map_err(unusable)?;
    }
    writer.finish().map_err(unusable)
}

fn unusable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::temporary("the temporary folder cannot be written")
        .hint("make room in it, or name another one with TMPDIR, then run again")
        .source(error)
}
