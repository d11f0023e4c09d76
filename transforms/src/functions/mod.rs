//! Functions. This is the one place where they are registered.
//!
//! A call in Spark SQL goes by the table of its family ([`calls`]): it names the function that answers, DataFusion's, datafusion-spark's or
//! one of ours, and what its arguments are cast to, so that a function gets just the types that it states.

mod aggregate;
pub mod call;
mod collection;
mod common_type;
mod conditional;
pub(crate) mod conversion;
mod function;
pub(crate) mod generator;
mod hash;
mod java_number;
mod json;
mod json_text;
pub(crate) mod known;
mod literals;
mod math;
mod over_threshold;
mod row_order;
mod row_value;
mod same_json;
mod scalar;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod time;
mod told;
mod type_name;
mod written;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF};

use call::Call;
pub(crate) use collection::{structure, subscript};
pub(crate) use common_type::{check_comparable, common_type};
pub(crate) use conditional::{CASE, tells_its_place};
pub use conversion::{cast_expr, cast_value, to_text};
pub(crate) use function::cast_to;
pub use json_text::{json_lines, json_text};
pub(crate) use literals::check as check_literals;
pub use math::{Operation, arithmetic};
pub use over_threshold::over_threshold;
pub use row_order::row_order;
pub use row_value::row_value;
pub use same_json::same_json;
pub(crate) use text::LIKE;
pub use told::Told;
pub use type_name::{sql_type, type_name};

/// Functions that every session has, whatever its dialect: plans are made with them.
#[must_use]
pub fn internal() -> Vec<Arc<ScalarUDF>> {
    vec![json_text(), over_threshold(), row_order(), row_value(), same_json()]
}

/// Functions of Spark that are ours.
#[must_use]
pub fn spark() -> Vec<Arc<ScalarUDF>> {
    [
        conversion::all(),
        generator::all(),
        text::all(),
        time::all(),
        math::all(),
        collection::all(),
        json::all(),
        hash::all(),
        conditional::all(),
    ]
    .concat()
}

/// Aggregates of Spark that are ours.
#[must_use]
pub fn spark_aggregates() -> Vec<Arc<AggregateUDF>> {
    aggregate::all()
}

/// Functions of Spark that take functions.
#[must_use]
pub fn spark_higher_order() -> Vec<Arc<HigherOrderUDF>> {
    collection::lambda::all()
}

/// What becomes of a call in Spark SQL, by the function's name in lower case.
#[must_use]
pub fn calls() -> &'static BTreeMap<&'static str, Call> {
    static CALLS: LazyLock<BTreeMap<&'static str, Call>> = LazyLock::new(|| {
        let families = [
            text::CALLS,
            math::CALLS,
            collection::CALLS,
            json::CALLS,
            hash::CALLS,
            conditional::CALLS,
            aggregate::CALLS,
        ];
        families
            .iter()
            .chain(time::CALLS)
            .copied()
            .flatten()
            .map(|call| (call.name, *call))
            .collect()
    });
    &CALLS
}
