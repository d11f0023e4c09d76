//! Rows in one order, whatever their types.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{ArrayRef, BinaryArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// `unglue_row_order(values…)`: the values as bytes that are ordered as they are, also of structs and arrays. Equal bytes are equal
/// values.
#[must_use]
pub fn row_order() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
        let signature = Signature::variadic_any(Volatility::Immutable);
        Arc::new(ScalarUDF::from(RowOrder { signature }))
    });
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct RowOrder {
    signature: Signature,
}

impl ScalarUDFImpl for RowOrder {
    fn name(&self) -> &'static str {
        "unglue_row_order"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Binary)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let columns: Result<Vec<ArrayRef>> =
            args.args.into_iter().map(|argument| argument.into_array(rows)).collect();
        let columns = columns?;
        let fields = columns.iter().map(|column| SortField::new(column.data_type().clone()));
        let rows = RowConverter::new(fields.collect())?.convert_columns(&columns)?;
        let bytes = BinaryArray::from_iter_values(rows.iter().map(|row| row.as_ref().to_vec()));
        Ok(ColumnarValue::Array(Arc::new(bytes)))
    }
}
