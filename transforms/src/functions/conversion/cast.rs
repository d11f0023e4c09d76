//! The cast of Spark SQL as a function.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    Cast as EngineCast, ColumnarValue, Expr, ExprSchemable, ReturnFieldArgs, ScalarFunctionArgs,
    ScalarUDFImpl, Signature, Volatility,
};

use super::convert::{How, convert, special_word};
use super::rules::{
    Class, Strictness, class, is_castable, is_implicit, is_lossless, may_give_null, name,
};
use super::target::{NUMBER, field, is_wall_clock};
use super::{ARGUMENT, CAST, TRY_CAST};

/// Which of the casts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// `CAST(value AS TYPE)`.
    Cast,
    /// `TRY_CAST(value AS TYPE)`.
    TryCast,
    /// What is done with an argument of another type than its parameter's.
    Argument,
}

/// `unglue_cast(value, 'TYPE')`, `unglue_try_cast(value, 'TYPE')`, and `unglue_argument(value, 'TYPE')`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Cast {
    kind: Kind,
    signature: Signature,
}

impl Cast {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, signature: Signature::any(2, Volatility::Immutable) }
    }

    fn strictness(&self) -> Strictness {
        match self.kind {
            Kind::Cast | Kind::Argument => Strictness::Cast,
            Kind::TryCast => Strictness::TryCast,
        }
    }

    /// The field that casting a value of this field gives.
    fn cast_field(&self, from: &Field, sql_type: &ScalarValue) -> Result<FieldRef> {
        let ScalarValue::Utf8(Some(sql_type)) = sql_type else {
            return plan_err!("{} takes the name of a type", self.name());
        };
        let to = field(sql_type, from.data_type())?;
        self.check(from.data_type(), &to, sql_type)?;
        let nullable = from.is_nullable()
            || from.data_type().is_null()
            || may_give_null(from.data_type(), to.data_type(), self.strictness());
        let metadata = match self.kind {
            Kind::Cast | Kind::TryCast => to.metadata().clone(),
            Kind::Argument if from.data_type() == to.data_type() => from.metadata().clone(),
            Kind::Argument => Default::default(),
        };
        let field = Field::new(from.name(), to.data_type().clone(), nullable);
        Ok(Arc::new(field.with_metadata(metadata)))
    }

    fn check(&self, from: &DataType, to: &Field, sql_type: &str) -> Result<()> {
        let castable = match self.kind {
            Kind::Argument => is_implicit(from, to.data_type()),
            Kind::Cast | Kind::TryCast => {
                let moment = matches!(class(from), Class::Null | Class::Text)
                    || matches!(class(from), Class::Date | Class::Timestamp);
                (moment || !is_wall_clock(to))
                    && is_castable(from, to.data_type(), self.strictness())
            }
        };
        let from = name(from);
        match self.kind {
            _ if castable => Ok(()),
            Kind::Argument if sql_type == NUMBER => {
                plan_err!("a value of type {from} is no number")
            }
            Kind::Argument => {
                plan_err!("a value of type {from} is not taken here, a {sql_type} is")
            }
            Kind::Cast => plan_err!("there is no CAST from {from} to {sql_type}"),
            Kind::TryCast => plan_err!("there is no TRY_CAST from {from} to {sql_type}"),
        }
    }
}

impl ScalarUDFImpl for Cast {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Cast => CAST,
            Kind::TryCast => TRY_CAST,
            Kind::Argument => ARGUMENT,
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> Result<DataType> {
        plan_err!("{} gives what its second argument names", self.name())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let ([from, _], [value, Some(sql_type)]) = (args.arg_fields, args.scalar_arguments) else {
            return plan_err!("{} takes a value and the name of a type", self.name());
        };
        let field = self.cast_field(from, sql_type)?;
        if let Some(word) = value.and_then(|value| special_word(value, field.data_type()))
            && word != "epoch"
        {
            return plan_err!("the word '{word}' is no time here; write current_date() or now()");
        }
        Ok(field)
    }

    /// A value of the type is taken as it is, and a cast that the engine does alike becomes its own, which it sees through.
    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let [value, Expr::Literal(sql_type, _)] = args.as_slice() else {
            return Ok(ExprSimplifyResult::Original(args));
        };
        let (_, from) = value.to_field(info.schema().as_ref())?;
        let to = self.cast_field(&from, sql_type)?;
        let same = from.data_type() == to.data_type();
        if same && from.metadata() == to.metadata() {
            return Ok(ExprSimplifyResult::Simplified(value.clone()));
        }
        if same || is_lossless(from.data_type(), to.data_type()) {
            let value = Box::new(value.clone());
            return Ok(ExprSimplifyResult::Simplified(Expr::Cast(EngineCast::new_from_field(
                value, to,
            ))));
        }
        Ok(ExprSimplifyResult::Original(args))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let how =
            How { strictness: self.strictness(), wall_clock: is_wall_clock(&args.return_field) };
        let to = args.return_field.data_type();
        match args.args.into_iter().next() {
            Some(ColumnarValue::Array(array)) => convert(&array, to, how).map(ColumnarValue::Array),
            Some(ColumnarValue::Scalar(value)) => {
                let epoch = special_word(&value, to) == Some("epoch");
                let value = if epoch { ScalarValue::from("1970-01-01") } else { value };
                let converted = convert(&value.to_array()?, to, how)?;
                ScalarValue::try_from_array(&converted, 0).map(ColumnarValue::Scalar)
            }
            None => plan_err!("{} takes a value and the name of a type", self.name()),
        }
    }
}
