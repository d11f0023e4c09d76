//! What calls that are written as something else have in common.

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectName,
    UnaryOperator, Value,
};

/// The arguments of a call, if they are just values.
///
/// # Errors
/// Arguments with a name, and `*`.
pub(super) fn arguments(function: Function) -> Result<Vec<Expr>, &'static str> {
    let FunctionArguments::List(list) = function.args else { return Ok(vec![]) };
    let value = |argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => Ok(value),
        _ => Err("it takes values only"),
    };
    list.args.into_iter().map(value).collect()
}

/// The two arguments of a call.
///
/// # Errors
/// Others than two.
pub(super) fn two(function: Function) -> Result<(Expr, Expr), &'static str> {
    let [one, other] =
        <[Expr; 2]>::try_from(arguments(function)?).map_err(|_| "it takes two values")?;
    Ok((one, other))
}

/// The one argument of a call.
///
/// # Errors
/// Others than one.
pub(super) fn one(function: Function) -> Result<Expr, &'static str> {
    let [value] = <[Expr; 1]>::try_from(arguments(function)?).map_err(|_| "it takes one value")?;
    Ok(value)
}

/// The same call (of an aggregate, with its FILTER and OVER) of another function.
pub(super) fn renamed(mut function: Function, name: &str) -> Function {
    function.name = ObjectName::from(vec![Ident::new(name)]);
    function
}

/// The values among the arguments of a call, to be changed in place.
pub(super) fn values(function: &mut Function) -> Vec<&mut Expr> {
    let FunctionArguments::List(list) = &mut function.args else { return vec![] };
    list.args
        .iter_mut()
        .filter_map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => Some(value),
            _ => None,
        })
        .collect()
}

/// A literal with its sign, if that is what an expression is: the parser takes `-1` for the negative of `1`.
pub(super) fn signed(expr: Expr) -> Expr {
    if let Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } = &expr
        && let Expr::Value(value) = inner.as_ref()
        && let Value::Number(digits, _) = &value.value
    {
        return Expr::value(Value::Number(format!("-{digits}"), false));
    }
    expr
}
