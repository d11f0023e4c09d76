//! Functions of rows, for what no expression says.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringArray, StructArray};
use datafusion::arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use datafusion::dataframe::DataFrame;
use datafusion::error::Result as EngineResult;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, ident,
};
use datafusion::scalar::ScalarValue;

use super::error::Result;
use super::errors::ErrorRecords;
use super::frame::{Frame, Stage, named};

/// Why a function cannot do a row. The texts go into error records: they should name columns and reasons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A column that is not there: Python's `KeyError`.
    #[error("there is no column `{0}`")]
    Key(String),
    /// A value that cannot be: Python's `ValueError`.
    #[error("{0}")]
    Value(String),
    /// A value of another type, or NULL: Python's `TypeError`.
    #[error("{0}")]
    Type(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// One row of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    schema: &'a Schema,
    columns: &'a [ArrayRef],
    index: usize,
}

impl Row<'_> {
    /// A column's value, which may be NULL.
    ///
    /// # Errors
    /// A column that is not there.
    pub fn value(&self, name: &str) -> std::result::Result<ScalarValue, RecordError> {
        let index = self.schema.index_of(name).map_err(|_| RecordError::Key(name.to_owned()))?;
        ScalarValue::try_from_array(&self.columns[index], self.index)
            .map_err(|error| RecordError::Other(error.to_string()))
    }

    /// A text.
    ///
    /// # Errors
    /// No such column; NULL, or a value that is not a text.
    pub fn text(&self, name: &str) -> std::result::Result<String, RecordError> {
        match self.value(name)?.try_as_str() {
            Some(Some(text)) => Ok(text.to_owned()),
            _ => Err(not(name, "a text")),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// No such column; NULL, or a value that is not an integer.
    pub fn integer(&self, name: &str) -> std::result::Result<i64, RecordError> {
        let value = self.value(name)?;
        let is_integer = value.data_type().is_integer();
        match value.cast_to(&DataType::Int64) {
            Ok(ScalarValue::Int64(Some(integer))) if is_integer => Ok(integer),
            _ => Err(not(name, "an integer")),
        }
    }

    /// A number, as a double.
    ///
    /// # Errors
    /// No such column; NULL, or a value that is not a number.
    pub fn number(&self, name: &str) -> std::result::Result<f64, RecordError> {
        let value = self.value(name)?;
        let is_number = value.data_type().is_numeric();
        match value.cast_to(&DataType::Float64) {
            Ok(ScalarValue::Float64(Some(number))) if is_number => Ok(number),
            _ => Err(not(name, "a number")),
        }
    }

    /// True or false.
    ///
    /// # Errors
    /// No such column; NULL, or another value.
    pub fn boolean(&self, name: &str) -> std::result::Result<bool, RecordError> {
        match self.value(name)? {
            ScalarValue::Boolean(Some(boolean)) => Ok(boolean),
            _ => Err(not(name, "a boolean")),
        }
    }
}

fn not(name: &str, what: &str) -> RecordError {
    RecordError::Type(format!("`{name}` is not {what}"))
}

/// Values for some rows, and why there are none for others.
pub(super) struct Outcome {
    pub(super) values: ArrayRef,
    pub(super) errors: Vec<Option<String>>,
}

/// A function of columns that may fail for a row.
pub(super) type Fallible = Arc<dyn Fn(&Batch<'_>) -> EngineResult<Outcome> + Send + Sync>;

/// The rows that a function is called for.
pub(super) struct Batch<'a> {
    schema: &'a Schema,
    pub(super) columns: &'a [ArrayRef],
    pub(super) rows: usize,
}

impl Batch<'_> {
    pub(super) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows).map(|index| Row { schema: self.schema, columns: self.columns, index })
    }
}

/// The outcome of a function of rows beside the columns of a frame, yet to be computed.
pub(super) struct Judged {
    /// The frame's columns and the outcome.
    data: DataFrame,
}

/// A name that no table has.
const OUTCOME: &str = "__unglue_outcome";

impl Judged {
    /// Calls `function` with the arguments, which are called as in `schema`.
    pub(super) fn new(
        frame: &Frame,
        name: &'static str,
        arguments: Vec<(Field, Expr)>,
        value: DataType,
        function: Fallible,
    ) -> Result<Self> {
        let (fields, exprs): (Vec<Field>, Vec<Expr>) = arguments.into_iter().unzip();
        let outcome = ScalarUDF::from(RowFunction {
            name,
            // Called once for each row: not twice for a filter and a projection, and not ahead for constants.
            signature: Signature::any(exprs.len(), Volatility::Volatile),
            arguments: Arc::new(Schema::new(fields)),
            value,
            function,
        });
        let mut columns = named(frame.columns().into_iter().map(|part| (part.name, part.expr)));
        columns.push(outcome.call(exprs).alias(OUTCOME));
        Ok(Self { data: frame.to_df().select(columns)? })
    }

    /// The rows that went well, with their columns as before.
    pub(super) fn good(&self) -> Result<DataFrame> {
        Ok(self.data.clone().filter(get_field(ident(OUTCOME), "error").is_null())?)
    }

    /// What the function gave.
    pub(super) fn value() -> Expr {
        get_field(ident(OUTCOME), "value")
    }

    /// The other rows.
    pub(super) fn errors(&self, stage: &Stage, frame: &Frame) -> Result<ErrorRecords> {
        let error = get_field(ident(OUTCOME), "error");
        let bad = self.data.clone().filter(error.clone().is_not_null())?;
        ErrorRecords::new(stage, bad, error, &frame.columns())
    }
}

/// All columns of a frame as arguments.
pub(super) fn whole_rows(frame: &Frame) -> Vec<(Field, Expr)> {
    frame
        .columns()
        .into_iter()
        .map(|part| (Field::new(part.name, part.data_type, true), part.expr))
        .collect()
}

struct RowFunction {
    name: &'static str,
    signature: Signature,
    arguments: SchemaRef,
    value: DataType,
    function: Fallible,
}

impl RowFunction {
    fn address(&self) -> *const () {
        Arc::as_ptr(&self.function).cast()
    }

    fn outcome_fields(&self) -> Fields {
        Fields::from(vec![
            Field::new("value", self.value.clone(), true),
            Field::new("error", DataType::Utf8, true),
        ])
    }
}

impl fmt::Debug for RowFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowFunction").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Two functions are the same if they are one.
impl PartialEq for RowFunction {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.address(), other.address())
    }
}

impl Eq for RowFunction {}

impl Hash for RowFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.address().hash(state);
    }
}

impl ScalarUDFImpl for RowFunction {
    fn name(&self) -> &'static str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> EngineResult<DataType> {
        Ok(DataType::Struct(self.outcome_fields()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let rows = args.number_rows;
        let columns: EngineResult<Vec<ArrayRef>> =
            args.args.into_iter().map(|argument| argument.into_array(rows)).collect();
        let batch = Batch { schema: &self.arguments, columns: &columns?, rows };
        let Outcome { values, errors } = (self.function)(&batch)?;
        let errors: ArrayRef = Arc::new(StringArray::from(errors));
        let outcome = StructArray::try_new(self.outcome_fields(), vec![values, errors], None)?;
        Ok(ColumnarValue::Array(Arc::new(outcome)))
    }
}
