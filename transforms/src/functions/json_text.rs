//! Rows as JSON text.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatchOptions, StringArray};
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::arrow::json::writer::{LineDelimited, WriterBuilder};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// `unglue_json_text(struct)`: each struct as one line of JSON, with its NULLs.
#[must_use]
pub fn json_text() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
        Arc::new(ScalarUDF::from(JsonText { signature: Signature::any(1, Volatility::Immutable) }))
    });
    Arc::clone(&FUNCTION)
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

    fn return_type(&self, _types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let Some(records) = arrays.first().and_then(|array| array.as_struct_opt()) else {
            return datafusion::common::exec_err!("{} takes a struct", self.name());
        };
        let (fields, columns, nulls) = records.clone().into_parts();
        let schema = Arc::new(Schema::new(fields));
        let options = RecordBatchOptions::new().with_row_count(Some(records.len()));
        let batch = RecordBatch::try_new_with_options(schema, columns, &options)?;
        let text = json_lines(&batch)?;
        let lines = text.lines().enumerate();
        let is_null = |row: usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
        let lines: StringArray = lines.map(|(row, line)| (!is_null(row)).then_some(line)).collect();
        Ok(ColumnarValue::Array(Arc::new(lines) as ArrayRef))
    }
}

/// The rows of a batch as lines of JSON, one for each.
///
/// # Errors
/// Types that JSON has no form of.
pub fn json_lines(batch: &RecordBatch) -> Result<String> {
    let mut text = Vec::new();
    let mut writer =
        WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut text);
    writer.write(batch)?;
    writer.finish()?;
    String::from_utf8(text).map_err(|error| DataFusionError::External(Box::new(error)))
}
