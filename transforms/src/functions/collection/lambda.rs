//! Functions that take functions: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#lambda-functions>.
//!
//! A lambda is evaluated once over the items of all rows of a batch.

use std::sync::Arc;

use datafusion::arrow::array::new_null_array;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature,
    HigherOrderUDF, HigherOrderUDFImpl, LambdaParametersProgress, ValueOrLambda, Volatility,
};

use super::super::type_name::type_name;
use super::lambda_fold::{fold, sort};
use super::lambda_items::{any, filter, map_zip_with, of_map, transform, zip_with};
use super::list::{at, item_type, list_type};
use super::map::{entries, map_type};

/// `transform`, `filter`, `exists`, `forall`, `aggregate`, `zip_with`, `array_sort`, `map_filter`, `transform_keys`, `transform_values` and
/// `map_zip_with`.
pub(in crate::functions) fn all() -> Vec<Arc<HigherOrderUDF>> {
    use What::{
        ArraySort, Exists, Filter, Fold, Forall, MapFilter, MapZipWith, Transform, TransformKeys,
        TransformValues, ZipWith,
    };
    [
        ("transform", Transform),
        ("filter", Filter),
        ("unglue_exists", Exists),
        ("forall", Forall),
        ("aggregate", Fold),
        ("zip_with", ZipWith),
        ("unglue_array_sort_by", ArraySort),
        ("map_filter", MapFilter),
        ("transform_keys", TransformKeys),
        ("transform_values", TransformValues),
        ("map_zip_with", MapZipWith),
    ]
    .into_iter()
    .map(|(name, what)| {
        let signature = HigherOrderSignature::variadic_any(Volatility::Immutable);
        Arc::new(HigherOrderUDF::new_from_impl(HigherOrder { name, what, signature }))
    })
    .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum What {
    Transform,
    Filter,
    Exists,
    Forall,
    Fold,
    ZipWith,
    ArraySort,
    MapFilter,
    TransformKeys,
    TransformValues,
    MapZipWith,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct HigherOrder {
    name: &'static str,
    what: What,
    signature: HigherOrderSignature,
}

fn value<V, L>(args: &[ValueOrLambda<V, L>], index: usize) -> Result<&V> {
    match at(args, index)? {
        ValueOrLambda::Value(value) => Ok(value),
        ValueOrLambda::Lambda(_) => plan_err!("argument {} is a value, not a function", index + 1),
    }
}

/// The function at an index.
fn lambda<V, L>(args: &[ValueOrLambda<V, L>], index: usize) -> Result<&L> {
    match at(args, index)? {
        ValueOrLambda::Lambda(lambda) => Ok(lambda),
        ValueOrLambda::Value(_) => plan_err!("argument {} is a function like x -> x", index + 1),
    }
}

fn field(data_type: DataType) -> FieldRef {
    Arc::new(Field::new("", data_type, true))
}

impl HigherOrder {
    /// The types of the first function's parameters.
    fn parameters(
        &self,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<Vec<DataType>> {
        let first = value(fields, 0)?.data_type();
        Ok(match self.what {
            What::Transform | What::Filter => vec![item_type(first)?, DataType::Int32],
            What::Exists | What::Forall => vec![item_type(first)?],
            What::Fold => vec![value(fields, 1)?.data_type().clone(), item_type(first)?],
            What::ArraySort => vec![item_type(first)?, item_type(first)?],
            What::ZipWith => vec![item_type(first)?, item_type(value(fields, 1)?.data_type())?],
            What::MapFilter | What::TransformKeys | What::TransformValues => {
                let (key, value) = entries(first)?;
                vec![key, value]
            }
            What::MapZipWith => {
                let (key, one) = entries(first)?;
                let (other_key, other) = entries(value(fields, 1)?.data_type())?;
                if key != other_key {
                    return plan_err!("the keys of both maps are of one type");
                }
                vec![key, one, other]
            }
        })
    }
}

impl HigherOrderUDFImpl for HigherOrder {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn lambda_parameters(
        &self,
        _step: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let own = self.parameters(fields)?.into_iter().map(field).collect();
        let mut all = vec![own];
        if self.what == What::Fold && fields.len() > 3 {
            all.push(vec![field(value(fields, 1)?.data_type().clone())]);
        }
        Ok(LambdaParametersProgress::Complete(all))
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs<'_>) -> Result<FieldRef> {
        let first = value(args.arg_fields, 0)?.data_type();
        let result = |index| {
            Ok::<_, datafusion::error::DataFusionError>(
                lambda(args.arg_fields, index)?.data_type().clone(),
            )
        };
        Ok(field(match self.what {
            What::Transform => list_type(result(1)?),
            What::Filter | What::ArraySort => list_type(item_type(first)?),
            What::Exists | What::Forall => DataType::Boolean,
            What::Fold => {
                let start = value(args.arg_fields, 1)?.data_type();
                let merged = result(2)?;
                if merged != *start && !merged.is_null() {
                    return plan_err!(
                        "{} starts with {} and goes on with {}: cast one of them",
                        self.name,
                        type_name(start),
                        type_name(&merged)
                    );
                }
                if args.arg_fields.len() > 3 { result(3)? } else { start.clone() }
            }
            What::ZipWith => list_type(result(2)?),
            What::MapFilter => {
                let (key, value) = entries(first)?;
                map_type(key, value)
            }
            What::TransformKeys => map_type(result(1)?, entries(first)?.1),
            What::TransformValues => map_type(entries(first)?.0, result(1)?),
            What::MapZipWith => map_type(entries(first)?.0, result(2)?),
        }))
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let count = args.number_rows;
        let column = |index| value(&args.args, index)?.to_array(count);
        let first = column(0)?;
        if *first.data_type() == DataType::Null {
            return Ok(ColumnarValue::Array(new_null_array(args.return_type(), count)));
        }
        let function = |index| lambda(&args.args, index);
        let gives = args.return_type();
        let result = match self.what {
            What::Transform => transform(&first, function(1)?)?,
            What::Filter => filter(&first, function(1)?)?,
            What::Exists => any(&first, function(1)?, true)?,
            What::Forall => any(&first, function(1)?, false)?,
            What::Fold => {
                let finish = if args.args.len() > 3 { Some(function(3)?) } else { None };
                fold(&first, &column(1)?, function(2)?, finish)?
            }
            What::ZipWith => zip_with(&first, &column(1)?, function(2)?, gives)?,
            What::ArraySort => sort(&first, function(1)?)?,
            What::MapFilter | What::TransformKeys | What::TransformValues => {
                of_map(&first, function(1)?, self.what)?
            }
            What::MapZipWith => map_zip_with(&first, &column(1)?, function(2)?)?,
        };
        Ok(ColumnarValue::Array(result))
    }
}
