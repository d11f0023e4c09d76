//! Arithmetic whose overflow is NULL: [try_add](https://spark.apache.org/docs/3.5.6/api/sql/index.html#try_add),
//! [try_subtract](https://spark.apache.org/docs/3.5.6/api/sql/index.html#try_subtract),
//! [try_multiply](https://spark.apache.org/docs/3.5.6/api/sql/index.html#try_multiply).

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, ArrowNativeTypeOp, AsArray, PrimitiveArray};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type,
};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::super::common_type::{comparable_type, digits};
use super::super::function::Function;
use super::rounding::power_of_ten;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
}

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let sums = |name, computes| {
        Function::new(name, |types, _| sum_type(types), computes).taking(sum_takes).udf()
    };
    vec![
        sums("try_add", |args, gives| invoke(args, gives, Operator::Add)),
        sums("try_subtract", |args, gives| invoke(args, gives, Operator::Subtract)),
        Function::new(
            "try_multiply",
            |types, _| product_type(types),
            |args, gives| invoke(args, gives, Operator::Multiply),
        )
        .taking(product_takes)
        .udf(),
    ]
}

/// Two numbers of one type; text is a DOUBLE.
fn numbers(types: &[DataType]) -> Result<DataType> {
    let [one, other] = types else { return plan_err!("two numbers are needed") };
    let number = |data_type: &DataType| match data_type {
        DataType::Utf8 => DataType::Float64,
        other => other.clone(),
    };
    match comparable_type(&[number(one), number(other)]) {
        Ok(DataType::Null) => Ok(DataType::Float64),
        Ok(common) if common.is_numeric() => Ok(common),
        _ => plan_err!("this is for numbers, not for {one} and {other}; use the operator"),
    }
}

fn sum_takes(types: &[DataType]) -> Result<Vec<DataType>> {
    Ok(vec![numbers(types)?; types.len()])
}

/// A DECIMAL gets one digit more.
fn sum_type(types: &[DataType]) -> Result<DataType> {
    match types {
        [DataType::Decimal128(precision, scale), ..] => {
            Ok(DataType::Decimal128((precision + 1).min(38), *scale))
        }
        [first, ..] => Ok(first.clone()),
        [] => plan_err!("two numbers are needed"),
    }
}

fn product_takes(types: &[DataType]) -> Result<Vec<DataType>> {
    match numbers(types)? {
        DataType::Decimal128(..) => Ok(types
            .iter()
            .map(|data_type| match digits(data_type) {
                Some((precision, scale)) => DataType::Decimal128(precision.min(38), scale),
                None => data_type.clone(),
            })
            .collect()),
        common => Ok(vec![common; types.len()]),
    }
}

fn product_type(types: &[DataType]) -> Result<DataType> {
    match types {
        [DataType::Decimal128(p1, s1), DataType::Decimal128(p2, s2)] => {
            match (p1 + p2 + 1, s1.checked_add(*s2)) {
                (precision, Some(scale)) if precision <= 38 => {
                    Ok(DataType::Decimal128(precision, scale))
                }
                _ => plan_err!("the product has more than 38 digits; use the operator `*`"),
            }
        }
        _ => sum_type(types),
    }
}

fn invoke(args: &[ArrayRef], gives: &DataType, operator: Operator) -> Result<ArrayRef> {
    let [one, other] = args else { return plan_err!("two numbers are needed") };
    match gives {
        DataType::Int8 => checked::<Int8Type>(one, other, operator),
        DataType::Int16 => checked::<Int16Type>(one, other, operator),
        DataType::Int32 => checked::<Int32Type>(one, other, operator),
        DataType::Int64 => checked::<Int64Type>(one, other, operator),
        DataType::Float32 => checked::<Float32Type>(one, other, operator),
        DataType::Float64 => checked::<Float64Type>(one, other, operator),
        DataType::Decimal128(precision, scale) => {
            let result = checked::<Decimal128Type>(one, other, operator)?;
            let bound = power_of_ten(u32::from(*precision)).unwrap_or(i128::MAX);
            let fits: PrimitiveArray<Decimal128Type> = result
                .as_primitive::<Decimal128Type>()
                .unary_opt(|value| (value.abs() < bound).then_some(value));
            Ok(Arc::new(fits.with_precision_and_scale(*precision, *scale)?))
        }
        other => plan_err!("this is for numbers, not for {other}; use the operator"),
    }
}

fn checked<T: ArrowPrimitiveType>(
    one: &ArrayRef,
    other: &ArrayRef,
    operator: Operator,
) -> Result<ArrayRef> {
    let (one, other) = (one.as_primitive::<T>(), other.as_primitive::<T>());
    let result: PrimitiveArray<T> = one
        .iter()
        .zip(other.iter())
        .map(|(one, other)| {
            let (one, other) = (one?, other?);
            match operator {
                Operator::Add => one.add_checked(other),
                Operator::Subtract => one.sub_checked(other),
                Operator::Multiply => one.mul_checked(other),
            }
            .ok()
        })
        .collect();
    Ok(Arc::new(result))
}
