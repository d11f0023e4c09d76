//! Error records: rows that a step could not do.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, StringArray};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::arrow::json::writer::{LineDelimited, WriterBuilder};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::dataframe::DataFrame;
use datafusion::error::{DataFusionError, Result as EngineResult};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    ident, lit,
};

use super::error::Result;
use super::frame::{Frame, Stage, Transform};
use super::nested::{Part, new_struct};

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
        let record = json_text(new_struct(fields.collect()));
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

/// Each struct as one line of JSON, with its NULLs.
pub(super) fn json_text(record: Expr) -> Expr {
    ScalarUDF::from(JsonText { signature: Signature::any(1, Volatility::Immutable) })
        .call(vec![record])
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct JsonText {
    signature: Signature,
}

impl ScalarUDFImpl for JsonText {
    fn name(&self) -> &'static str {
        "unglue_json_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> EngineResult<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let Some(records) = arrays.first().and_then(|array| array.as_struct_opt()) else {
            return datafusion::common::internal_err!("{} takes a struct", self.name());
        };
        let lines: StringArray =
            json_lines(&RecordBatch::from(records))?.lines().map(Some).collect();
        Ok(ColumnarValue::Array(Arc::new(lines) as ArrayRef))
    }
}

/// One line for each row.
pub(super) fn json_lines(batch: &RecordBatch) -> EngineResult<String> {
    let mut text = Vec::new();
    let mut writer =
        WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut text);
    writer.write(batch)?;
    writer.finish()?;
    String::from_utf8(text).map_err(|error| DataFusionError::External(Box::new(error)))
}

/// False for no more than `errors_max` errors, and an error for more.
pub(super) fn over_threshold(errors: Expr, parameter: &'static str, errors_max: u64) -> Expr {
    // Not folded nor left out: that it is executed is what it is for.
    let signature = Signature::exact(vec![DataType::Int64], Volatility::Volatile);
    ScalarUDF::from(OverThreshold { signature, parameter, errors_max }).call(vec![errors])
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OverThreshold {
    signature: Signature,
    parameter: &'static str,
    errors_max: u64,
}

impl ScalarUDFImpl for OverThreshold {
    fn name(&self) -> &'static str {
        "unglue_over_threshold"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> EngineResult<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let Self { parameter, errors_max, .. } = self;
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let counts = arrays.iter().flat_map(|array| array.as_primitive::<Int64Type>().iter());
        for errors in counts.flatten() {
            if u64::try_from(errors).is_ok_and(|errors| errors > *errors_max) {
                return datafusion::common::exec_err!(
                    "{errors} error records, but {parameter} allows {errors_max}"
                );
            }
        }
        Ok(ColumnarValue::Scalar(false.into()))
    }
}
