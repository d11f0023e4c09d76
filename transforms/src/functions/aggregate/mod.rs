//! Aggregates and windows: <https://spark.apache.org/docs/3.5.6/sql-ref-functions-builtin.html#aggregate-functions>.

mod best;
mod decimal_mean;
mod means;
mod mode;
mod moments;
mod own;
mod quantile;
mod sliding;
mod written;

use std::sync::Arc;

use datafusion::logical_expr::AggregateUDF;

use super::call::{Call, Kind};

const DOUBLE: &[Kind] = &[Kind::Double];
const NUMBER: &[Kind] = &[Kind::Number];
const BOOL: &[Kind] = &[Kind::Bool];
const SKETCH: &str =
    "sketches of Spark cannot be made here; count, group or take percentiles instead";

/// The calls of this family.
pub(super) const CALLS: &[Call] = &[
    Call::new("count", &[]),
    Call::written("count_if", BOOL, written::count_if),
    Call::to("sum", "unglue_sum", NUMBER),
    Call::to("try_sum", "unglue_try_sum", NUMBER),
    Call::to("avg", "unglue_avg", NUMBER),
    Call::to("mean", "unglue_avg", NUMBER),
    Call::to("try_avg", "unglue_avg", NUMBER),
    Call::new("min", &[]),
    Call::new("max", &[]),
    Call::new("max_by", &[]),
    Call::new("min_by", &[]),
    Call::written("first", &[], |function| written::edge(function, "first_value")),
    Call::written("last", &[], |function| written::edge(function, "last_value")),
    Call::written("first_value", &[], |function| written::edge(function, "first_value")),
    Call::written("last_value", &[], |function| written::edge(function, "last_value")),
    Call::written("any_value", &[], |function| written::edge(function, "first_value")),
    Call::new("collect_list", &[]),
    Call::to("array_agg", "collect_list", &[]),
    Call::new("collect_set", &[]),
    Call::written("approx_count_distinct", &[], written::approx_count_distinct),
    Call::new("percentile", &[]),
    Call::new("percentile_approx", &[]),
    Call::to("approx_percentile", "percentile_approx", &[]),
    Call::written("percentile_cont", &[], |function| written::within_group(function, "percentile")),
    Call::written("percentile_disc", &[], |function| {
        written::within_group(function, "unglue_percentile_disc")
    }),
    Call::written("median", &[], written::median),
    Call::new("mode", &[]),
    Call::to("stddev", "stddev_samp", DOUBLE),
    Call::to("std", "stddev_samp", DOUBLE),
    Call::new("stddev_samp", DOUBLE),
    Call::new("stddev_pop", DOUBLE),
    Call::to("variance", "var_samp", DOUBLE),
    Call::new("var_samp", DOUBLE),
    Call::new("var_pop", DOUBLE),
    Call::new("corr", DOUBLE),
    Call::new("covar_pop", DOUBLE),
    Call::new("covar_samp", DOUBLE),
    Call::new("skewness", DOUBLE),
    Call::new("kurtosis", DOUBLE),
    Call::written("regr_count", DOUBLE, |function| Ok(written::as_type(function, "BIGINT"))),
    Call::new("regr_avgx", DOUBLE),
    Call::new("regr_avgy", DOUBLE),
    Call::new("regr_r2", DOUBLE),
    Call::new("regr_slope", DOUBLE),
    Call::new("regr_intercept", DOUBLE),
    Call::new("regr_sxx", DOUBLE),
    Call::new("regr_syy", DOUBLE),
    Call::new("regr_sxy", DOUBLE),
    Call::new("bool_and", BOOL),
    Call::to("every", "bool_and", BOOL),
    Call::new("bool_or", BOOL),
    Call::to("some", "bool_or", BOOL),
    Call::to("any", "bool_or", BOOL),
    Call::new("bit_and", &[]),
    Call::new("bit_or", &[]),
    Call::new("bit_xor", &[]),
    Call::written("row_number", &[], |function| Ok(written::as_type(function, "INT"))),
    Call::written("rank", &[], |function| Ok(written::as_type(function, "INT"))),
    Call::written("dense_rank", &[], |function| Ok(written::as_type(function, "INT"))),
    Call::written("ntile", &[], |function| Ok(written::as_type(function, "INT"))),
    Call::new("percent_rank", &[]),
    Call::new("cume_dist", &[]),
    Call::new("lag", &[]),
    Call::new("lead", &[]),
    Call::new("nth_value", &[]),
    Call::refused("count_min_sketch", SKETCH),
    Call::refused("histogram_numeric", SKETCH),
    Call::refused("hll_sketch_agg", SKETCH),
    Call::refused("hll_union_agg", SKETCH),
    Call::refused("hll_union", SKETCH),
    Call::refused("hll_sketch_estimate", SKETCH),
    Call::refused("bitmap_construct_agg", SKETCH),
    Call::refused("bitmap_or_agg", SKETCH),
];

/// The aggregates that are ours.
#[must_use]
pub(super) fn all() -> Vec<Arc<AggregateUDF>> {
    [means::all(), best::all(), mode::all(), moments::all(), quantile::all()].concat()
}
