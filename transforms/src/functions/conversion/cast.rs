//! The cast of Spark SQL as a function.

use datafusion::arrow::compute::CastOptions;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use super::target::field;

/// `unglue_cast(value, 'TYPE')`, and `unglue_argument(value, 'TYPE')`, which refuses to make a text of an array, a map or a struct.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Cast {
    name: &'static str,
    signature: Signature,
}

impl Cast {
    pub(super) fn explicit() -> Self {
        Self { name: super::CAST, signature: Signature::any(2, Volatility::Immutable) }
    }

    pub(super) fn of_argument() -> Self {
        Self { name: super::ARGUMENT, ..Self::explicit() }
    }
}

impl ScalarUDFImpl for Cast {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> Result<DataType> {
        plan_err!("{} gives what its second argument names", self.name)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let [from, _] = args.arg_fields else { return plan_err!("{} takes two values", self.name) };
        let Some(Some(ScalarValue::Utf8(Some(sql_type)))) = args.scalar_arguments.get(1) else {
            return plan_err!("{} takes the name of a type", self.name);
        };
        let to = field(sql_type, from.data_type())?;
        if self.name == super::ARGUMENT
            && from.data_type().is_nested()
            && to.data_type() != from.data_type()
        {
            return plan_err!("a value of type {} is not taken here", from.data_type());
        }
        Ok(Field::clone(&to).with_name(from.name()).into())
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let _ = info;
        Ok(ExprSimplifyResult::Original(args))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(value) = args.args.first() else { return plan_err!("no value") };
        let options = CastOptions { safe: true, ..CastOptions::default() };
        value.cast_to(args.return_type(), Some(&options))
    }
}
