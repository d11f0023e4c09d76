//! Numbers and bits: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#mathematical-functions>.

mod arithmetic;
mod decimal;

pub use arithmetic::arithmetic;
pub use decimal::Operation;
mod checked;
mod conv;
mod double;
mod round;
mod rounding;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;
use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Function, UnaryOperator, Value};

use super::call::{Call, Kind, Rewrite};
use super::written::{arguments, one, renamed, signed, two, values};
use crate::sql::build::{binary, call, nested};

const DOUBLE: &[Kind] = &[Kind::Double];
const NUMBER: &[Kind] = &[Kind::Number];
const ROUNDED: &[Kind] = &[Kind::Number, Kind::Any];
const SHIFT: &[Kind] = &[Kind::Any, Kind::Int];

const RANDOM: Rewrite = |function| match arguments(function)?.as_slice() {
    [] => Ok(call("random", [])),
    _ => Err(
        "the numbers of a seed cannot be given as Spark gives them; use rand() without a seed, or a hash of the key",
    ),
};

/// The calls of this family.
pub(super) const CALLS: &[Call] = &[
    Call::new("abs", NUMBER),
    Call::written("ceil", ROUNDED, |function| Ok(to_scale(function, "unglue_ceil"))),
    Call::written("ceiling", ROUNDED, |function| Ok(to_scale(function, "unglue_ceil"))),
    Call::written("floor", ROUNDED, |function| Ok(to_scale(function, "unglue_floor"))),
    Call::written("round", ROUNDED, |function| Ok(to_scale(function, "unglue_round"))),
    Call::written("bround", ROUNDED, |function| Ok(to_scale(function, "bround"))),
    Call::new("rint", DOUBLE),
    Call::to("pow", "power", DOUBLE),
    Call::new("power", DOUBLE),
    Call::to("sqrt", "unglue_sqrt", DOUBLE),
    Call::new("cbrt", DOUBLE),
    Call::new("exp", DOUBLE),
    Call::new("expm1", DOUBLE),
    Call::to("ln", "unglue_ln", DOUBLE),
    Call::to("log", "unglue_log", DOUBLE),
    Call::to("log2", "unglue_log2", DOUBLE),
    Call::to("log10", "unglue_log10", DOUBLE),
    Call::new("log1p", DOUBLE),
    Call::to("sign", "unglue_sign", DOUBLE),
    Call::to("signum", "unglue_sign", DOUBLE),
    Call::written("mod", &[], |function| {
        let (value, by) = two(function)?;
        Ok(nested(binary(nested(value), BinaryOperator::Modulo, nested(by))))
    }),
    Call::new("pmod", NUMBER),
    Call::written("rand", &[], RANDOM),
    Call::written("random", &[], RANDOM),
    Call::refused("randn", "its numbers differ at each run; use rand(), or a hash of the key"),
    Call::new("pi", &[]),
    Call::new("e", &[]),
    Call::new("degrees", DOUBLE),
    Call::new("radians", DOUBLE),
    Call::new("sin", DOUBLE),
    Call::new("cos", DOUBLE),
    Call::new("tan", DOUBLE),
    Call::new("asin", DOUBLE),
    Call::new("acos", DOUBLE),
    Call::new("atan", DOUBLE),
    Call::new("sinh", DOUBLE),
    Call::new("cosh", DOUBLE),
    Call::new("tanh", DOUBLE),
    Call::new("asinh", DOUBLE),
    Call::new("acosh", DOUBLE),
    Call::new("atanh", DOUBLE),
    Call::new("cot", DOUBLE),
    Call::new("csc", DOUBLE),
    Call::new("sec", DOUBLE),
    Call::new("atan2", DOUBLE),
    Call::new("hypot", DOUBLE),
    Call::new("factorial", &[Kind::Int]),
    Call::new("bin", &[Kind::Long]),
    Call::new("conv", &[Kind::Text, Kind::Int]),
    Call::new("width_bucket", &[Kind::Double, Kind::Double, Kind::Double, Kind::Long]),
    Call::written("negative", NUMBER, |function| {
        Ok(Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(nested(one(function)?)) })
    }),
    Call::written("positive", NUMBER, |function| Ok(nested(one(function)?))),
    Call::new("shiftleft", SHIFT),
    Call::new("shiftright", SHIFT),
    Call::new("shiftrightunsigned", SHIFT),
    Call::new("bit_count", &[]),
    Call::new("bit_get", SHIFT),
    Call::to("getbit", "bit_get", SHIFT),
    Call::new("try_add", &[]),
    Call::new("try_subtract", &[]),
    Call::new("try_multiply", &[]),
    // Dividing by zero gives NULL anyway.
    Call::written("try_divide", &[], |function| {
        let (value, by) = two(function)?;
        Ok(nested(binary(nested(value), BinaryOperator::Divide, nested(by))))
    }),
];

/// The scale to round to is a literal, as the type depends on it.
fn to_scale(function: Function, name: &str) -> Expr {
    let mut function = renamed(function, name);
    if let [_, scale] = &mut *values(&mut function) {
        let taken = std::mem::replace(*scale, Expr::value(Value::Null));
        **scale = signed(taken);
    }
    Expr::Function(function)
}

/// The functions of this family that are ours.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    [arithmetic::all(), double::all(), round::all(), conv::all(), checked::all()].concat()
}
