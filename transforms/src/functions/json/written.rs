//! Calls whose options and schemas are literals, which are read when the call is planned.

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value,
};

use super::schema;
use super::value::{Reads, parse};
use crate::functions::call::Kind;
use crate::functions::written::arguments;
use crate::sql::build::{call, text};
use crate::sql::taken;

/// `from_json(text, schema[, options])`.
pub(super) fn from_json(function: Function) -> Result<Expr, &'static str> {
    let mut rest = arguments(function)?.into_iter();
    let (Some(value), Some(schema)) = (rest.next(), rest.next()) else {
        return Err("it takes a text and a schema");
    };
    let mut mode = "PERMISSIVE";
    for (name, value) in rest.next().map(options).transpose()?.unwrap_or_default() {
        match (name.to_lowercase().as_str(), value.to_uppercase().as_str()) {
            ("mode", "PERMISSIVE") => mode = "PERMISSIVE",
            ("mode", "FAILFAST") => mode = "FAILFAST",
            ("mode", _) => return Err("the mode is PERMISSIVE or FAILFAST"),
            ("timestampformat" | "dateformat", _) => {
                return Err(
                    "read the field as STRING, then use to_timestamp or to_date with a pattern",
                );
            }
            _ => return Err("of the options there is only `mode`"),
        }
    }
    let Expr::Value(_) = schema else {
        return Err("the schema must be a text literal or schema_of_json of one");
    };
    Ok(call("unglue_from_json", [taken(value, Kind::Text), schema, text(mode)]))
}

/// `to_json(value[, options])`.
pub(super) fn to_json(function: Function) -> Result<Expr, &'static str> {
    let mut rest = arguments(function)?.into_iter();
    let Some(value) = rest.next() else { return Err("it takes a struct, an array or a map") };
    let mut ignore = "true";
    for (name, value) in rest.next().map(options).transpose()?.unwrap_or_default() {
        match (name.to_lowercase().as_str(), value.to_lowercase().as_str()) {
            ("ignorenullfields", "true") => ignore = "true",
            ("ignorenullfields", "false") => ignore = "false",
            ("timestampformat" | "dateformat", _) => {
                return Err("make the field a text with date_format first");
            }
            _ => return Err("of the options there is only `ignoreNullFields`"),
        }
    }
    Ok(call("unglue_to_json", [value, text(ignore)]))
}

/// `schema_of_json(literal)`: a text literal.
pub(super) fn schema_of_json(function: Function) -> Result<Expr, &'static str> {
    let arguments = arguments(function)?;
    let [value] = arguments.as_slice() else { return Err("it takes a literal and no options") };
    let literal = literal(value).ok_or("it takes a literal")?;
    let json = parse(&literal, Reads::Specials).ok_or("the literal is no JSON")?;
    Ok(text(schema::of(&json)))
}

fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        // An argument that a parameter takes as something.
        Expr::Function(function) => match &function.args {
            FunctionArguments::List(list) => match list.args.first() {
                Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(value)))
                    if function.name.to_string().starts_with("unglue_") =>
                {
                    literal(value)
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The options of `map('name', 'value', …)`, whatever function a map has become.
fn options(map: Expr) -> Result<Vec<(String, String)>, &'static str> {
    const TAKES: &str = "the options are map('name', 'value', …) of literals";
    let Expr::Function(function) = map else { return Err(TAKES) };
    if !function.name.to_string().contains("map") {
        return Err(TAKES);
    }
    let values = arguments(function)?;
    let texts: Option<Vec<String>> = values.iter().map(literal).collect();
    let texts = texts.ok_or(TAKES)?;
    let (pairs, rest) = texts.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(TAKES);
    }
    Ok(pairs.iter().map(|[name, value]| (name.clone(), value.clone())).collect())
}
