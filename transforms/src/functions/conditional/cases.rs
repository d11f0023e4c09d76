//! The first value whose condition holds, in the type that is common to all values.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, new_null_array};
use datafusion::arrow::compute::is_not_null;
use datafusion::arrow::compute::kernels::zip::zip;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Case, Expr, ScalarUDF};

use super::super::common_type::common_type;
use super::super::function::Function;
use super::super::type_name::type_name;

/// `unglue_case(condition, value, …[, else])` and `unglue_coalesce(value, …)`.
///
/// Both only find the type: plans hold CASE, which evaluates a value only where its condition holds.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Function::new(super::CASE, |types, _| value_type(types), choose)
            .taking(case_takes)
            .standing_for(|args, _| Ok(Some(case(args))))
            .nullable(|args| {
                // Without an ELSE there are rows without a value.
                args.len() % 2 == 0
                    || args
                        .iter()
                        .enumerate()
                        .any(|(index, nullable)| is_value(index, args.len()) && *nullable)
            })
            .udf(),
        Function::new("unglue_coalesce", |types, _| known_type(types), first_known)
            .taking(|types| Ok(vec![common_type(types)?; types.len()]))
            .standing_for(|args, _| Ok(Some(coalesce(args))))
            .nullable(|args| args.iter().all(|nullable| *nullable))
            .udf(),
    ]
}

fn known_type(types: &[DataType]) -> Result<DataType> {
    if types.is_empty() {
        return plan_err!("a value is needed");
    }
    common_type(types)
}

/// Whether the argument at an index is a value: the second of each pair, and a last one without a pair.
fn is_value(index: usize, count: usize) -> bool {
    index % 2 == 1 || index + 1 == count
}

fn value_type(types: &[DataType]) -> Result<DataType> {
    if types.len() < 2 {
        return plan_err!("a condition and a value are needed");
    }
    let values = types.iter().enumerate().filter(|(index, _)| is_value(*index, types.len()));
    common_type(&values.map(|(_, data_type)| data_type.clone()).collect::<Vec<_>>())
}

fn case_takes(types: &[DataType]) -> Result<Vec<DataType>> {
    let value = value_type(types)?;
    let mut conditions = types.iter().enumerate().filter(|(at, _)| !is_value(*at, types.len()));
    if let Some((_, other)) =
        conditions.find(|(_, of)| !matches!(of, DataType::Boolean | DataType::Null))
    {
        return plan_err!(
            "a condition is BOOLEAN, and this one is {}",
            type_name(other).to_uppercase()
        );
    }
    let takes =
        |index| if is_value(index, types.len()) { value.clone() } else { DataType::Boolean };
    Ok((0..types.len()).map(takes).collect())
}

fn case(args: &[Expr]) -> Expr {
    let pairs = args.chunks_exact(2);
    let otherwise = pairs.remainder().first().cloned().map(Box::new);
    let pairs = pairs
        .filter_map(|pair| match pair {
            [condition, value] => Some((Box::new(condition.clone()), Box::new(value.clone()))),
            _ => None,
        })
        .collect();
    Expr::Case(Case::new(None, pairs, otherwise))
}

fn coalesce(args: &[Expr]) -> Expr {
    let Some((last, others)) = args.split_last() else {
        return Expr::Literal(ScalarValue::Null, None);
    };
    if others.is_empty() {
        return last.clone();
    }
    let pairs = others
        .iter()
        .map(|value| (Box::new(value.clone().is_not_null()), Box::new(value.clone())))
        .collect();
    Expr::Case(Case::new(None, pairs, Some(Box::new(last.clone()))))
}

fn choose(args: &[ArrayRef], gives: &DataType) -> Result<ArrayRef> {
    let pairs = args.chunks_exact(2);
    let rows = args.first().map_or(0, Array::len);
    let mut chosen =
        pairs.remainder().first().map_or_else(|| new_null_array(gives, rows), Arc::clone);
    for pair in pairs.rev() {
        if let [condition, value] = pair {
            chosen = zip(&holds(condition.as_boolean()), value, &chosen)?;
        }
    }
    Ok(chosen)
}

/// A condition that is NULL does not hold.
fn holds(condition: &BooleanArray) -> BooleanArray {
    condition.iter().map(|holds| Some(holds == Some(true))).collect()
}

fn first_known(args: &[ArrayRef], _gives: &DataType) -> Result<ArrayRef> {
    let Some((last, others)) = args.split_last() else { return plan_err!("no value") };
    let mut known = Arc::clone(last);
    for value in others.iter().rev() {
        known = zip(&is_not_null(value)?, value, &known)?;
    }
    Ok(known)
}
