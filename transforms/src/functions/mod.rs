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
mod hash;
mod json;
pub(crate) mod known;
mod math;
mod row_value;
mod same_json;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod type_name;
mod written;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF};

use call::Call;
pub(crate) use collection::structure;
pub(crate) use conditional::CASE;
pub use row_value::row_value;
pub use same_json::same_json;

/// Functions that every session has, whatever its dialect: plans are made with them.
#[must_use]
pub fn internal() -> Vec<Arc<ScalarUDF>> {
    vec![row_value(), same_json()]
}

/// Functions of Spark that are ours.
#[must_use]
pub fn spark() -> Vec<Arc<ScalarUDF>> {
    [
        conversion::all(),
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
            time::CALLS,
            math::CALLS,
            collection::CALLS,
            json::CALLS,
            hash::CALLS,
            conditional::CALLS,
            aggregate::CALLS,
        ];
        families.into_iter().flatten().map(|call| (call.name, *call)).collect()
    });
    &CALLS
}
