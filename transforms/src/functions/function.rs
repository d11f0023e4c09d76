//! A scalar function made of plain functions: what it takes, what it gives, how it computes over arrays.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::conversion::cast_expr;
use super::type_name::type_name;

/// The types that arguments of the given types are cast to.
pub(super) type Takes = fn(&[DataType]) -> Result<Vec<DataType>>;
/// The type of the result: by the types taken and the arguments that are literals.
pub(super) type Gives = fn(&[DataType], &[Option<&ScalarValue>]) -> Result<DataType>;
/// The values of the result: from the arguments, all of one length, and the type of the result.
pub(super) type Computes = fn(&[ArrayRef], &DataType) -> Result<ArrayRef>;
/// Another expression for a call, if there is one; the types are those of the arguments.
pub(super) type Stands = fn(&[Expr], &[DataType]) -> Result<Option<Expr>>;

/// Whether the result may be NULL: by whether the arguments may.
pub(super) type Nullable = fn(&[bool]) -> bool;

/// A function of ours. Its arguments are cast as Spark casts.
pub(super) struct Function {
    name: &'static str,
    signature: Signature,
    takes: Takes,
    gives: Gives,
    computes: Computes,
    stands: Stands,
    nullable: Nullable,
}

impl Function {
    /// A function that takes arguments as they are.
    pub(super) fn new(name: &'static str, gives: Gives, computes: Computes) -> Self {
        Self {
            name,
            signature: Signature::user_defined(Volatility::Immutable),
            takes: |types| Ok(types.to_vec()),
            gives,
            computes,
            stands: |_, _| Ok(None),
            nullable: |_| true,
        }
    }

    /// The same with the types that its arguments are cast to.
    pub(super) fn taking(self, takes: Takes) -> Self {
        Self { takes, ..self }
    }

    /// The same for a function that an expression stands for.
    pub(super) fn standing_for(self, stands: Stands) -> Self {
        Self { stands, ..self }
    }

    /// The same for a function whose result is known not to be NULL for some arguments: a key may be made of it.
    pub(super) fn nullable(self, nullable: Nullable) -> Self {
        Self { nullable, ..self }
    }

    /// The function as it is registered.
    pub(super) fn udf(self) -> Arc<ScalarUDF> {
        Arc::new(ScalarUDF::from(self))
    }
}

/// The cast of Spark of an expression.
pub(crate) fn cast_to(expr: Expr, to: &DataType) -> Expr {
    cast_expr(expr, &type_name(to))
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Function").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        (self.gives)(&(self.takes)(types)?, &vec![None; types.len()])
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> =
            args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        let gives = (self.gives)(&(self.takes)(&types)?, args.scalar_arguments)?;
        let nullable: Vec<bool> = args.arg_fields.iter().map(|field| field.is_nullable()).collect();
        Ok(Arc::new(Field::new(self.name, gives, (self.nullable)(&nullable))))
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let types: Vec<DataType> =
            args.iter().map(|arg| info.get_data_type(arg)).collect::<Result<_>>()?;
        let takes = (self.takes)(&types)?;
        if takes == types {
            return Ok(match (self.stands)(&args, &types)? {
                Some(other) => ExprSimplifyResult::Simplified(other),
                None => ExprSimplifyResult::Original(args),
            });
        }
        let args = args
            .into_iter()
            .zip(types.iter().zip(&takes))
            .map(|(arg, (from, to))| if from == to { arg } else { cast_to(arg, to) })
            .collect();
        let same = ScalarUDF::from(Self { signature: self.signature.clone(), ..*self });
        let call = ScalarFunction::new_udf(Arc::new(same), args);
        Ok(ExprSimplifyResult::Simplified(Expr::ScalarFunction(call)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if scalar { 1 } else { args.number_rows };
        let arrays: Vec<ArrayRef> =
            args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<_>>()?;
        let types: Vec<DataType> = arrays.iter().map(|array| array.data_type().clone()).collect();
        let arrays: Vec<ArrayRef> = arrays
            .into_iter()
            .zip((self.takes)(&types)?)
            .map(
                |(array, to)| {
                    if *array.data_type() == to { Ok(array) } else { Ok(cast(&array, &to)?) }
                },
            )
            .collect::<Result<_>>()?;
        let values = (self.computes)(&arrays, args.return_field.data_type())?;
        if scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&values, 0)?));
        }
        Ok(ColumnarValue::Array(values))
    }
}
