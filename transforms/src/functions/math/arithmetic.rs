//! The operators that Spark computes otherwise than the engine: `/`, `%`, `div`, and all of them on decimals.
//!
//! `unglue_divide`, `unglue_remainder`, `unglue_integer_divide`, `unglue_decimal_add`, `unglue_decimal_subtract` and
//! `unglue_decimal_multiply` take numbers of any types, and texts as DOUBLE. A division by zero and a decimal with too many digits
//! give NULL. <https://spark.apache.org/docs/3.5.6/api/sql/index.html#_10>

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, new_null_array,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Field, FieldRef, Float64Type, Int64Type,
};
use datafusion::common::{ExprSchema, ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility, lit,
};

use super::decimal::{Computation, Operation, Size, outcome};
use crate::functions::conversion::cast_value;

/// The call that computes an operation on two expressions. An integer literal beside a decimal has the digits that it is written with.
///
/// # Errors
/// Operands without a type.
pub fn arithmetic(
    operation: Operation,
    left: Expr,
    right: Expr,
    schema: &dyn ExprSchema,
) -> Result<Expr> {
    let (left_type, right_type) = (left.get_type(schema)?, right.get_type(schema)?);
    let left = if right_type.is_decimal() { literal_digits(left) } else { left };
    let right = if left_type.is_decimal() { literal_digits(right) } else { right };
    Ok(function(operation).call(vec![left, right]))
}

/// An integer literal as a decimal of its digits.
fn literal_digits(expr: Expr) -> Expr {
    let Expr::Literal(value, _) = &expr else { return expr };
    let integer = match value {
        ScalarValue::Int8(Some(value)) => i128::from(*value),
        ScalarValue::Int16(Some(value)) => i128::from(*value),
        ScalarValue::Int32(Some(value)) => i128::from(*value),
        ScalarValue::Int64(Some(value)) => i128::from(*value),
        _ => return expr,
    };
    let digits = integer.unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
    let precision = u8::try_from(digits).unwrap_or(u8::MAX);
    lit(ScalarValue::Decimal128(Some(integer), precision, 0))
}

const ALL: [Operation; 6] = [
    Operation::Add,
    Operation::Subtract,
    Operation::Multiply,
    Operation::Divide,
    Operation::Remainder,
    Operation::IntegerDivide,
];

/// The functions of the operators.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    ALL.map(function).to_vec()
}

fn function(operation: Operation) -> Arc<ScalarUDF> {
    static FUNCTIONS: LazyLock<[Arc<ScalarUDF>; 6]> = LazyLock::new(|| {
        ALL.map(|operation| {
            let signature = Signature::any(2, Volatility::Immutable);
            Arc::new(ScalarUDF::from(Arithmetic { operation, signature }))
        })
    });
    let [add, subtract, multiply, divide, remainder, integer_divide] = &*FUNCTIONS;
    Arc::clone(match operation {
        Operation::Add => add,
        Operation::Subtract => subtract,
        Operation::Multiply => multiply,
        Operation::Divide => divide,
        Operation::Remainder => remainder,
        Operation::IntegerDivide => integer_divide,
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Arithmetic {
    operation: Operation,
    signature: Signature,
}

/// What operands are computed as.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Plan {
    /// As integers of 64 bits; the result is of this type.
    Integers(DataType),
    /// As DOUBLE; the result is of this type.
    Doubles(DataType),
    Decimals(Size, Size),
}

/// What an operand is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Operand {
    Null,
    Integer(DataType),
    Single,
    Double,
    Decimal(Size),
}

impl Arithmetic {
    fn operand(&self, data_type: &DataType) -> Result<Operand> {
        let integer = self.operation == Operation::IntegerDivide;
        Ok(match data_type {
            DataType::Null => Operand::Null,
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
                Operand::Integer(data_type.clone())
            }
            DataType::UInt8 => Operand::Integer(DataType::Int16),
            DataType::UInt16 => Operand::Integer(DataType::Int32),
            DataType::UInt32 => Operand::Integer(DataType::Int64),
            DataType::UInt64 => Operand::Decimal(Size { precision: 20, scale: 0 }),
            DataType::Float16 | DataType::Float32 if !integer => Operand::Single,
            DataType::Float64 if !integer => Operand::Double,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if !integer => {
                Operand::Double
            }
            DataType::Decimal32(precision, scale)
            | DataType::Decimal64(precision, scale)
            | DataType::Decimal128(precision, scale) => {
                Operand::Decimal(Size { precision: *precision, scale: *scale })
            }
            DataType::Decimal256(..) => {
                return plan_err!(
                    "{} takes decimals of at most 38 digits; cast the column to DECIMAL(38, …)",
                    self.sign()
                );
            }
            other => return plan_err!("{} does not take a value of type {other}", self.sign()),
        })
    }

    fn sign(&self) -> &'static str {
        match self.operation {
            Operation::Add => "+",
            Operation::Subtract => "-",
            Operation::Multiply => "*",
            Operation::Divide => "/",
            Operation::Remainder => "%",
            Operation::IntegerDivide => "div",
        }
    }

    fn plan(&self, left: &DataType, right: &DataType) -> Result<Plan> {
        let (left, right) = match (self.operand(left)?, self.operand(right)?) {
            (Operand::Null, Operand::Null) if self.operation == Operation::IntegerDivide => {
                return Ok(Plan::Integers(DataType::Int64));
            }
            (Operand::Null, Operand::Null) => return Ok(Plan::Doubles(DataType::Float64)),
            (Operand::Null, right) => (right.clone(), right),
            (left, Operand::Null) => (left.clone(), left),
            both => both,
        };
        Ok(match (left, right) {
            (Operand::Decimal(left), Operand::Decimal(right)) => Plan::Decimals(left, right),
            (Operand::Decimal(left), Operand::Integer(right)) => {
                Plan::Decimals(left, size_of(&right))
            }
            (Operand::Integer(left), Operand::Decimal(right)) => {
                Plan::Decimals(size_of(&left), right)
            }
            (Operand::Integer(left), Operand::Integer(right)) => match self.operation {
                Operation::Divide => Plan::Doubles(DataType::Float64),
                Operation::IntegerDivide => Plan::Integers(DataType::Int64),
                // Narrower types wrap, which is the engine's own arithmetic.
                _ => Plan::Integers(if left.primitive_width() < right.primitive_width() {
                    right
                } else {
                    left
                }),
            },
            (Operand::Single, Operand::Single | Operand::Integer(_))
            | (Operand::Integer(_), Operand::Single)
                if self.operation != Operation::Divide =>
            {
                Plan::Doubles(DataType::Float32)
            }
            _ => Plan::Doubles(DataType::Float64),
        })
    }

    fn result(&self, plan: &Plan) -> DataType {
        match plan {
            Plan::Integers(to) | Plan::Doubles(to) => to.clone(),
            Plan::Decimals(..) if self.operation == Operation::IntegerDivide => DataType::Int64,
            Plan::Decimals(left, right) => {
                let Size { precision, scale } = outcome(self.operation, *left, *right).size;
                DataType::Decimal128(precision, scale)
            }
        }
    }

    /// Whether values that are not NULL may give NULL.
    fn may_give_null(&self, plan: &Plan, divisor: Option<&ScalarValue>) -> bool {
        let divides = matches!(
            self.operation,
            Operation::Divide | Operation::Remainder | Operation::IntegerDivide
        );
        let safe_divisor = || {
            let divisor = divisor.and_then(|value| value.cast_to(&DataType::Float64).ok());
            matches!(divisor, Some(ScalarValue::Float64(Some(value))) if value != 0.0)
        };
        let overflows = match plan {
            Plan::Decimals(left, right) => !outcome(self.operation, *left, *right).fits,
            Plan::Integers(_) | Plan::Doubles(_) => false,
        };
        overflows || (divides && !safe_divisor())
    }

    fn integers(&self, left: i64, right: i64) -> Option<i64> {
        Some(match self.operation {
            Operation::Add => left.wrapping_add(right),
            Operation::Subtract => left.wrapping_sub(right),
            Operation::Multiply => left.wrapping_mul(right),
            _ if right == 0 => return None,
            Operation::Remainder => left.wrapping_rem(right),
            Operation::Divide | Operation::IntegerDivide => left.wrapping_div(right),
        })
    }

    fn doubles(&self, left: f64, right: f64) -> Option<f64> {
        Some(match self.operation {
            Operation::Add => left + right,
            Operation::Subtract => left - right,
            Operation::Multiply => left * right,
            _ if right == 0.0 => return None,
            Operation::Remainder => left % right,
            Operation::Divide | Operation::IntegerDivide => left / right,
        })
    }
}

/// The decimal that has room for an integer type.
fn size_of(integer: &DataType) -> Size {
    let precision = match integer {
        DataType::Int8 => 3,
        DataType::Int16 => 5,
        DataType::Int32 => 10,
        _ => 20,
    };
    Size { precision, scale: 0 }
}

impl ScalarUDFImpl for Arithmetic {
    fn name(&self) -> &'static str {
        match self.operation {
            Operation::Add => "unglue_decimal_add",
            Operation::Subtract => "unglue_decimal_subtract",
            Operation::Multiply => "unglue_decimal_multiply",
            Operation::Divide => "unglue_divide",
            Operation::Remainder => "unglue_remainder",
            Operation::IntegerDivide => "unglue_integer_divide",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [left, right] = types else { return plan_err!("{} takes two numbers", self.name()) };
        Ok(self.result(&self.plan(left, right)?))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let ([left, right], [_, divisor]) = (args.arg_fields, args.scalar_arguments) else {
            return plan_err!("{} takes two numbers", self.name());
        };
        let plan = self.plan(left.data_type(), right.data_type())?;
        let text = |field: &FieldRef| field.data_type().is_string();
        let nullable = [left, right].iter().any(|field| field.is_nullable() || text(field))
            || self.may_give_null(&plan, *divisor);
        Ok(Arc::new(Field::new(self.name(), self.result(&plan), nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [left, right] = args.args.as_slice() else {
            return plan_err!("{} takes two numbers", self.name());
        };
        let plan = self.plan(&left.data_type(), &right.data_type())?;
        match &plan {
            Plan::Integers(to) => {
                let both = [left, right].map(|value| cast_value(value, &DataType::Int64));
                let found = zip::<Int64Type, Int64Type>(both, |l, r| self.integers(l, r))?;
                narrowed(found, to)
            }
            Plan::Doubles(to) => {
                let both = [left, right].map(|value| cast_value(value, &DataType::Float64));
                let found = zip::<Float64Type, Float64Type>(both, |l, r| self.doubles(l, r))?;
                narrowed(found, to)
            }
            Plan::Decimals(l, r) => {
                let decimal = |size: &Size| DataType::Decimal128(size.precision, size.scale);
                let both = [cast_value(left, &decimal(l)), cast_value(right, &decimal(r))];
                let computation = Computation::new(self.operation, *l, *r);
                if self.operation == Operation::IntegerDivide {
                    #[expect(
                        clippy::cast_possible_truncation,
                        reason = "Spark keeps the low bits"
                    )]
                    return zip::<Decimal128Type, Int64Type>(both, |l, r| {
                        computation.compute(l, r).map(|whole| whole as i64)
                    });
                }
                let found =
                    zip::<Decimal128Type, Decimal128Type>(both, |l, r| computation.compute(l, r))?;
                typed(found, &self.result(&plan))
            }
        }
    }
}

/// An operation on the values of each row.
fn zip<T: ArrowPrimitiveType, O: ArrowPrimitiveType>(
    [left, right]: [Result<ColumnarValue>; 2],
    compute: impl Fn(T::Native, T::Native) -> Option<O::Native>,
) -> Result<ColumnarValue> {
    let (left, right) = (left?, right?);
    let single = |value: &ScalarValue| -> Result<Option<T::Native>> {
        let array = value.to_array()?;
        let array = array.as_primitive::<T>();
        Ok(array.is_valid(0).then(|| array.value(0)))
    };
    let found: PrimitiveArray<O> = match (&left, &right) {
        (ColumnarValue::Array(left), ColumnarValue::Array(right)) => {
            let (left, right) = (left.as_primitive::<T>().iter(), right.as_primitive::<T>().iter());
            left.zip(right).map(|(left, right)| compute(left?, right?)).collect()
        }
        (ColumnarValue::Array(left), ColumnarValue::Scalar(right)) => match single(right)? {
            Some(right) => left.as_primitive::<T>().unary_opt(|left| compute(left, right)),
            None => PrimitiveArray::new_null(left.len()),
        },
        (ColumnarValue::Scalar(left), ColumnarValue::Array(right)) => match single(left)? {
            Some(left) => right.as_primitive::<T>().unary_opt(|right| compute(left, right)),
            None => PrimitiveArray::new_null(right.len()),
        },
        (ColumnarValue::Scalar(left), ColumnarValue::Scalar(right)) => {
            let both = single(left)?.zip(single(right)?);
            let found = both.and_then(|(left, right)| compute(left, right));
            let array: PrimitiveArray<O> = std::iter::once(found).collect();
            return ScalarValue::try_from_array(&array, 0).map(ColumnarValue::Scalar);
        }
    };
    Ok(ColumnarValue::Array(Arc::new(found)))
}

/// A result as a narrower type, in which it has room.
fn narrowed(value: ColumnarValue, to: &DataType) -> Result<ColumnarValue> {
    Ok(match value {
        ColumnarValue::Array(array) => ColumnarValue::Array(cast(&array, to)?),
        ColumnarValue::Scalar(value) => ColumnarValue::Scalar(value.cast_to(to)?),
    })
}

/// Decimals with their precision and scale.
fn typed(value: ColumnarValue, to: &DataType) -> Result<ColumnarValue> {
    let relabelled = |array: &ArrayRef| -> Result<ArrayRef> {
        if array.null_count() == array.len() {
            return Ok(new_null_array(to, array.len()));
        }
        Ok(Arc::new(array.as_primitive::<Decimal128Type>().clone().with_data_type(to.clone())))
    };
    Ok(match value {
        ColumnarValue::Array(array) => ColumnarValue::Array(relabelled(&array)?),
        ColumnarValue::Scalar(value) => {
            let array = relabelled(&value.to_array()?)?;
            ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?)
        }
    })
}
