//! Arrays, maps and structs: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#array-functions>.

mod element;
pub(super) mod lambda;
mod lambda_fold;
mod lambda_items;
mod list;
mod make;
mod map;
mod order;
mod sequence;
mod sets;
mod structs;

pub(crate) use element::subscript;
mod text;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;
use datafusion::sql::sqlparser::ast::{Expr, Function, Value};

use super::call::{Call, Kind};
use super::written::{arguments, renamed};
use crate::sql::build::{call, text};

const AT: &[Kind] = &[Kind::Any];

/// The calls of this family.
pub(super) const CALLS: &[Call] = &[
    Call::new("array", &[]),
    Call::new("array_repeat", &[Kind::Any, Kind::Int]),
    Call::new("array_append", &[]),
    Call::new("array_prepend", &[]),
    Call::new("array_insert", &[Kind::Any, Kind::Int, Kind::Any]),
    Call::new("flatten", &[]),
    Call::new("slice", &[Kind::Any, Kind::Int]),
    Call::new("array_distinct", &[]),
    Call::new("array_union", &[]),
    Call::new("array_intersect", &[]),
    Call::new("array_except", &[]),
    Call::new("array_compact", &[]),
    Call::new("array_remove", &[]),
    Call::new("array_contains", &[]),
    Call::new("array_position", &[]),
    Call::new("arrays_overlap", &[]),
    Call::new("array_max", &[]),
    Call::new("array_min", &[]),
    Call::new("sort_array", &[Kind::Any, Kind::Bool]),
    Call::written("array_sort", &[], |function| match arguments(function.clone())?.len() {
        1 => Ok(Expr::Function(renamed(function, "unglue_array_sort"))),
        _ => Ok(Expr::Function(renamed(function, "unglue_array_sort_by"))),
    }),
    Call::new("size", &[]),
    Call::to("cardinality", "size", &[]),
    Call::new("array_size", &[]),
    Call::new("array_join", &[Kind::Any, Kind::Text]),
    Call::to("element_at", "unglue_element_at", AT),
    Call::to("try_element_at", "unglue_element_at", AT),
    Call::new("get", AT),
    Call::new("sequence", &[]),
    Call::new("shuffle", &[]),
    Call::written("arrays_zip", &[], arrays_zip),
    // The planner takes calls of `map` for its own.
    Call::to("map", "unglue_map", &[]),
    Call::new("map_keys", &[]),
    Call::new("map_values", &[]),
    Call::new("map_entries", &[]),
    Call::new("map_concat", &[]),
    Call::new("map_from_arrays", &[]),
    Call::new("map_from_entries", &[]),
    Call::new("map_contains_key", &[]),
    Call::written("str_to_map", &[Kind::Text], str_to_map),
    Call::new("named_struct", &[]),
    Call::written("struct", &[], |function| Ok(structure(arguments(function)?))),
    Call::new("transform", &[]),
    Call::new("filter", &[]),
    Call::to("exists", "unglue_exists", &[]),
    Call::new("forall", &[]),
    Call::new("aggregate", &[]),
    Call::to("reduce", "aggregate", &[]),
    Call::new("zip_with", &[]),
    Call::new("map_filter", &[]),
    Call::new("transform_keys", &[]),
    Call::new("transform_values", &[]),
    Call::new("map_zip_with", &[]),
    Call::new("bitmap_bit_position", &[Kind::Long]),
    Call::new("bitmap_bucket_number", &[Kind::Long]),
    Call::new("bitmap_count", &[Kind::Binary]),
];

/// The delimiters of [str_to_map](https://spark.apache.org/docs/3.5.6/api/sql/index.html#str_to_map) are regular expressions in Spark and plain
/// texts in the function that answers, so only those are taken that are both.
fn str_to_map(function: Function) -> Result<Expr, &'static str> {
    let plain = |delimiter: &Expr| {
        matches!(delimiter, Expr::Value(value) if matches!(
            &value.value,
            Value::SingleQuotedString(text)
                if !text.is_empty() && !text.contains(|part| r"\.[]{}()*+?^$|".contains(part))
        ))
    };
    let mut values = arguments(function)?;
    if values.is_empty() || values.len() > 3 || !values.iter().skip(1).all(plain) {
        return Err(
            "it takes a text and delimiters that are literals without patterns; use split() and map_from_entries() instead",
        );
    }
    values.extend([",", ":"].iter().skip(values.len() - 1).map(|delimiter| text(*delimiter)));
    Ok(call("unglue_str_to_map", values))
}

/// The functions of this family that are ours.
#[must_use]
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    [
        make::all(),
        sets::all(),
        order::all(),
        element::all(),
        sequence::all(),
        structs::all(),
        text::all(),
        map::all(),
    ]
    .concat()
}

/// The name of a column, if that is what an expression is.
fn column_name(expr: &Expr) -> Option<String> {
    let ident = match expr {
        Expr::Identifier(ident) => ident,
        Expr::CompoundIdentifier(parts) => parts.last()?,
        _ => return None,
    };
    Some(match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    })
}

/// [arrays_zip](https://spark.apache.org/docs/3.5.6/api/sql/index.html#arrays_zip): fields are named as the columns, others by their place from 0.
fn arrays_zip(function: Function) -> Result<Expr, &'static str> {
    let arrays = arguments(function)?;
    let named = arrays.into_iter().enumerate().flat_map(|(at, array)| {
        let name = column_name(&array).unwrap_or_else(|| at.to_string());
        [text(name), array]
    });
    Ok(call("unglue_arrays_zip", named))
}

/// [struct](https://spark.apache.org/docs/3.5.6/api/sql/index.html#struct): fields are named as the columns and aliases, others `col1`, `col2`, …
pub(crate) fn structure(values: Vec<Expr>) -> Expr {
    let named = values.into_iter().enumerate().flat_map(|(at, value)| {
        let (name, value) = match value {
            Expr::Named { expr, name } => (Some(name.value), *expr),
            value => (column_name(&value), value),
        };
        [text(name.unwrap_or_else(|| format!("col{}", at + 1))), value]
    });
    call("named_struct", named)
}
