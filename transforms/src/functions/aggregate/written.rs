//! Aggregates that are written as others. Their FILTER, DISTINCT and OVER stay.

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
    NullTreatment, Value,
};

use crate::functions::CASE;
use crate::functions::conversion::CAST;
use crate::functions::written::{renamed, values};
use crate::sql::build::{binary, call, nested, text};

/// The cast of a call's value, for functions that count in another type.
pub(super) fn as_type(function: Function, sql_type: &str) -> Expr {
    call(CAST, [Expr::Function(function), text(sql_type)])
}

/// [count_if](https://spark.apache.org/docs/3.5.6/api/sql/index.html#count_if): the rows for which a condition holds.
pub(super) fn count_if(mut function: Function) -> Result<Expr, &'static str> {
    let [condition] = &mut *values(&mut function) else { return Err("it takes one condition") };
    let taken = std::mem::replace(*condition, Expr::value(Value::Null));
    // Under DISTINCT each condition that holds is one value, as in Spark.
    **condition = call(CASE, [taken, Expr::value(Value::Boolean(true))]);
    Ok(Expr::Function(renamed(function, "count")))
}

/// [first](https://spark.apache.org/docs/3.5.6/api/sql/index.html#first), `last` and `any_value`, whose second argument says to leave out NULL.
pub(super) fn edge(function: Function, name: &str) -> Result<Expr, &'static str> {
    let mut function = renamed(function, name);
    let ignores = match values(&mut function).as_slice() {
        [_] => return Ok(Expr::Function(function)),
        [_, Expr::Value(ignores)] => match ignores.value {
            Value::Boolean(ignores) => ignores,
            _ => return Err("its second argument is true or false"),
        },
        _ => return Err("it takes a value, and true to leave out NULL"),
    };
    truncate(&mut function, 1);
    if ignores {
        function.null_treatment = Some(NullTreatment::IgnoreNulls);
    }
    Ok(Expr::Function(function))
}

/// [approx_count_distinct](https://spark.apache.org/docs/3.5.6/api/sql/index.html#approx_count_distinct), by another sketch than Spark's: as
/// precise as Spark's by default, and exact for few values.
pub(super) fn approx_count_distinct(mut function: Function) -> Result<Expr, &'static str> {
    truncate(&mut function, 1);
    Ok(as_type(renamed(function, "approx_distinct"), "BIGINT"))
}

/// [median](https://spark.apache.org/docs/3.5.6/api/sql/index.html#median): the percentile at one half.
pub(super) fn median(mut function: Function) -> Result<Expr, &'static str> {
    push(&mut function, number("0.5"));
    Ok(Expr::Function(renamed(function, "percentile")))
}

/// `f(percentage) WITHIN GROUP (ORDER BY value)`, as `f(value, percentage)`.
pub(super) fn within_group(mut function: Function, name: &str) -> Result<Expr, &'static str> {
    let [order] = std::mem::take(&mut function.within_group).try_into().map_err(
        |_: Vec<datafusion::sql::sqlparser::ast::OrderByExpr>| {
            "write percentile_cont(0.5) WITHIN GROUP (ORDER BY a column)"
        },
    )?;
    let descending = order.options.asc == Some(false);
    let [percentage] = &mut *values(&mut function) else { return Err("it takes one percentage") };
    let taken = std::mem::replace(*percentage, order.expr);
    if name == "percentile" {
        // What is at a part of the descending order is at the rest of the ascending one.
        let from_end = |percentage| {
            let minus = datafusion::sql::sqlparser::ast::BinaryOperator::Minus;
            nested(binary(number("1.0"), minus, nested(percentage)))
        };
        push(&mut function, if descending { from_end(taken) } else { taken });
    } else {
        push(&mut function, taken);
        push(&mut function, Expr::value(Value::Boolean(descending)));
    }
    Ok(Expr::Function(renamed(function, name)))
}

fn number(text: &str) -> Expr {
    Expr::value(Value::Number(text.to_owned(), false))
}

fn list(function: &mut Function) -> Option<&mut FunctionArgumentList> {
    match &mut function.args {
        FunctionArguments::List(list) => Some(list),
        _ => None,
    }
}

fn push(function: &mut Function, value: Expr) {
    if let Some(list) = list(function) {
        list.args.push(FunctionArg::Unnamed(FunctionArgExpr::Expr(value)));
    }
}

fn truncate(function: &mut Function, count: usize) {
    if let Some(list) = list(function) {
        list.args.truncate(count);
    }
}
