//! Error records: rows that a step could not do.

use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::{Expr, ident, lit};

use super::error::Result;
use super::frame::{Frame, Stage, Transform};
use super::nested::{Part, new_struct};
use crate::functions;

/// The error records of one step: rows `(error, record)`, yet to be computed.
#[derive(Debug, Clone)]
pub(super) struct ErrorRecords {
    stage: Stage,
    rows: DataFrame,
}

impl ErrorRecords {
    /// The rows of `data`, of which `error` is why and `columns` what was there before the step.
    pub(super) fn new(
        stage: &Stage,
        data: DataFrame,
        error: Expr,
        columns: &[Part],
    ) -> Result<Self> {
        let fields = columns.iter().map(|part| (part.name.clone(), part.expr.clone()));
        let record = functions::json_text().call(vec![new_struct(fields.collect())]);
        let rows = data.select(vec![error.alias("error"), record.alias("record")])?;
        Ok(Self { stage: stage.clone(), rows })
    }

    /// The rows as [`ErrorsAsDynamicFrame`] tells them.
    pub(super) fn frame(&self) -> Result<DataFrame> {
        Ok(self.rows.clone().select(vec![
            lit(self.stage.transformation_ctx.as_str()).alias("transformation_ctx"),
            lit(self.stage.info.as_str()).alias("info"),
            ident("error"),
            ident("record"),
        ])?)
    }
}

/// All of the records, if there can be any.
pub(super) fn all(records: &[ErrorRecords]) -> Result<Option<DataFrame>> {
    let mut all: Option<DataFrame> = None;
    for one in records {
        let rows = one.frame()?;
        all = Some(match all {
            Some(before) => before.union(rows)?,
            None => rows,
        });
    }
    Ok(all)
}

/// `ErrorsAsDynamicFrame`: the error records of all steps that lead to a frame, as rows of a frame.
///
/// Columns: `transformation_ctx` and `info` of the step, `error`, and `record`, the row before the step as JSON text. Glue
/// nests them in a column `error`, with a stack trace.
#[derive(Debug, Clone, Default)]
pub struct ErrorsAsDynamicFrame {
    stage: Stage,
}

impl ErrorsAsDynamicFrame {
    /// The transform has no parameters of its own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Transform for ErrorsAsDynamicFrame {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let rows = match all(&frame.all_errors())? {
            Some(rows) => rows,
            None => {
                let columns = ["transformation_ctx", "info", "error", "record"];
                let none = columns.map(|name| lit("").alias(name));
                frame.to_df().select(none)?.limit(0, Some(0))?
            }
        };
        Frame::new(rows, frame.name())
    }
}
