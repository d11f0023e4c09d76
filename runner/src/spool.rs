//! The rows of a plan, computed once and kept in a temporary file.
//!
//! SQL does not say everything: of rows that tie in a window's order, or under a LIMIT, any may come first. Run twice, such a
//! plan gives two results, each right, and a delta made from both is wrong. So what is read more than once is computed once.

use std::fs::File;
use std::io::BufWriter;

use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::execution::SessionState;
use datafusion::execution::context::SessionContext;
use datafusion::execution::options::ArrowReadOptions;
use datafusion::logical_expr::LogicalPlan;
use futures::TryStreamExt;
use tempfile::TempPath;

use crate::error::{Error, Result};
use crate::failpoint::failpoint;
use crate::target::rows::Rows;

/// The name's ending that the engine knows the format by.
const EXTENSION: &str = ".arrow";

/// Rows in a file that is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Spool {
    /// Reads the file.
    pub(crate) plan: LogicalPlan,
    _file: TempPath,
}

impl Spool {
    /// Runs the plan of rows and keeps them.
    ///
    /// # Errors
    /// Those of the plan; kind `Temporary` for a temporary folder that is full or cannot be written.
    pub(crate) async fn fill(engine: &SessionState, rows: Rows) -> Result<Self> {
        let (file, path) = tempfile::Builder::new()
            .prefix("unglue-")
            .suffix(EXTENSION)
            .tempfile()
            .map_err(unusable)?
            .into_parts();
        failpoint!("spool.created");
        write(file, &rows).await?;
        failpoint!("spool.written");
        let context = SessionContext::new_with_state(engine.clone());
        let schema = rows.schema();
        let options = ArrowReadOptions { schema: Some(&schema), ..ArrowReadOptions::default() };
        let name =
            path.to_str().ok_or_else(|| Error::failed("the temporary folder is not UTF-8"))?;
        let plan = context.read_arrow(name, options).await?.into_unoptimized_plan();
        Ok(Self { plan, _file: path })
    }
}

async fn write(file: File, rows: &Rows) -> Result<()> {
    let mut writer = FileWriter::try_new(BufWriter::new(file), &rows.schema()).map_err(unusable)?;
    let mut stream = rows.stream()?;
    while let Some(batch) = stream.try_next().await? {
        writer.write(&batch).map_err(unusable)?;
    }
    writer.finish().map_err(unusable)
}

fn unusable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::temporary("the temporary folder cannot be written")
        .hint("make room in it, or name another one with TMPDIR, then run again")
        .source(error)
}
