//! Deltas: the plans that say which rows of a target to write and which to delete.
//!
//! Built from a model's canonical plan ([`crate::model::output::canonical`]) by relational algebra alone, so that they run
//! wherever the engine runs, and spill where memory ends.

mod beside;

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::catalog::TableProvider;
use datafusion::common::{Column, DFSchema, JoinType, NullEquality, ScalarValue};
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::functions_window::expr_fn::{lag, lead};
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, cast, lit, not,
};

use crate::functions::same_json;

pub use beside::{Beside, Keys, as_bags, beside, doomed};

/// What brings a target to its new state. Both are sorted by key.
#[derive(Debug, Clone)]
pub struct Delta {
    /// The key columns of rows to delete, in key order.
    pub deletes: LogicalPlan,
    /// Rows to insert or to update, with all columns.
    pub upserts: LogicalPlan,
}

/// The delta of a row-wise model.
///
/// `model` reads the driver's net changes: its newest row images. `changed` are all rows of the objects that these come
/// from, the pending ones and all that sort after the first of them, `driver_key` its key columns in the order of `key`, the model's key columns. Keys that changed and
/// that the model does not return are deleted: they were deleted, or a filter leaves them out now.
///
/// # Errors
/// Those of building plans.
pub fn row_wise(
    model: &LogicalPlan,
    key: &[String],
    changed: Arc<dyn TableProvider>,
    driver_key: &[String],
) -> Result<Delta> {
    let keys = driver_key.iter().zip(key).map(|(from, to)| column(None, from).alias(to.as_str()));
    let changed = LogicalPlanBuilder::scan("changed", provider_as_source(changed), None)?
        .project(keys)?
        .distinct()?;
    let changed = Side::new(changed, "changed", key)?;
    let returned = Side::new(keys_of(model.clone(), key)?, "returned", key)?;
    let deletes = changed.join(returned, JoinType::LeftAnti)?;
    Ok(Delta {
        deletes: sorted(keys_of_side(deletes, "changed", key)?, key)?,
        upserts: sorted(LogicalPlanBuilder::from(model.clone()), key)?,
    })
}

/// The difference between a model's new result and its target, by key.
///
/// A target that somebody has edited may have a key several times ([`Keys::Repeated`]): then the model's row of it is written once, also if
/// one of them is equal, so that one row is left.
/// Columns that the target lacks are NULL in it. `json` names the columns that the target stores as JSON in a form of its own: they are compared as documents.
///
/// # Errors
/// Those of building plans.
pub fn compare(
    model: &LogicalPlan,
    key: &[String],
    target: Arc<dyn TableProvider>,
    json: &BTreeSet<String>,
    keys: Keys,
) -> Result<Delta> {
    let columns: Vec<String> =
        model.schema().fields().iter().map(|field| field.name().clone()).collect();
    let old = || -> Result<LogicalPlanBuilder> {
        LogicalPlanBuilder::scan("target", provider_as_source(Arc::clone(&target)), None)
    };
    let old_rows = there_are(model.schema(), old()?)?;
    let old_rows = match keys {
        Keys::Unique => old_rows,
        Keys::Repeated => of_single_keys(old_rows, key)?,
    };
    let old_rows = Side::new(old_rows, "old", key)?;
    let differs = columns
        .iter()
        .map(|name| differs(name, json))
        .fold(column(Some("old"), THERE).is_null(), Expr::or);
    let upserts = Side::new(LogicalPlanBuilder::from(model.clone()), "new", key)?
        .join(old_rows, JoinType::Left)?
        .filter(differs)?
        .project(columns.iter().map(|name| column(Some("new"), name).alias(name.as_str())))?;
    let old_keys = Side::new(keys_of(old()?.build()?, key)?, "old", key)?;
    let new_keys = Side::new(keys_of(model.clone(), key)?, "new", key)?;
    let deletes = old_keys.join(new_keys, JoinType::LeftAnti)?;
    let deletes = keys_of_side(deletes, "old", key)?;
    let deletes = match keys {
        Keys::Unique => deletes,
        Keys::Repeated => deletes.distinct()?,
    };
    Ok(Delta { deletes: sorted(deletes, key)?, upserts: sorted(upserts, key)? })
}

/// The rows of a target whose key no other row has. In the order of the key, which the join wants too, a row's neighbours tell; values
/// are only compared, since a grouping would make 0.0 of -0.0.
fn of_single_keys(there: LogicalPlanBuilder, key: &[String]) -> Result<LogicalPlanBuilder> {
    const NEIGHBOURS: [&str; 2] = ["__unglue_before", "__unglue_behind"];
    let columns: Vec<Expr> = there.schema().columns().into_iter().map(Expr::Column).collect();
    let key: Vec<Expr> = key.iter().map(|name| column(None, name)).collect();
    let order: Vec<Sort> = key.iter().map(|part| part.clone().sort(true, true)).collect();
    let [before, behind] = [lag, lead].map(|neighbour| {
        let neighbour = neighbour(column(None, THERE), Some(1), Some(ScalarValue::from(false)));
        neighbour.partition_by(key.clone()).order_by(order.clone()).build()
    });
    let windows = [before?.alias(NEIGHBOURS[0]), behind?.alias(NEIGHBOURS[1])];
    let is_alone = NEIGHBOURS.map(|name| not(column(None, name)));
    there.window(windows)?.filter(is_alone.into_iter().fold(lit(true), Expr::and))?.project(columns)
}

/// One row for each key that more than one row of the model has, at most one in all: for a key that no one has proven.
///
/// # Errors
/// Those of building plans.
pub fn duplicates(model: &LogicalPlan, key: &[String]) -> Result<LogicalPlan> {
    let keys: Vec<Expr> = key.iter().map(|name| column(None, name)).collect();
    LogicalPlanBuilder::from(model.clone())
        .aggregate(keys, [count(lit(1_i64)).alias("__unglue_rows")])?
        .filter(column(None, "__unglue_rows").gt(lit(1_i64)))?
        .limit(0, Some(1))?
        .build()
}

/// A column that is true in each row of a target.
const THERE: &str = "__unglue_there";

/// The rows of a target with the model's columns; those that it lacks are NULL.
fn there_are(model: &DFSchema, target: LogicalPlanBuilder) -> Result<LogicalPlanBuilder> {
    let has = Arc::clone(target.schema());
    let mut columns: Vec<Expr> = model
        .fields()
        .iter()
        .map(|field| match has.has_column_with_unqualified_name(field.name()) {
            true => Ok(column(None, field.name()).alias(field.name())),
            false => Ok(lit(ScalarValue::try_from(field.data_type())?).alias(field.name())),
        })
        .collect::<Result<_>>()?;
    columns.push(lit(true).alias(THERE));
    target.project(columns)
}

/// Whether a row and the one that is there have another value in a column.
fn differs(name: &str, json: &BTreeSet<String>) -> Expr {
    let [new, old] = ["new", "old"].map(|side| match json.contains(name) {
        true => same_json().call(vec![column(Some(side), name)]),
        false => column(Some(side), name),
    });
    distinct_from(new, old)
}

/// One side of a join by key, under a name of its own.
struct Side {
    plan: LogicalPlanBuilder,
    /// The columns that are compared.
    on: Vec<Column>,
}

impl Side {
    fn new(plan: LogicalPlanBuilder, name: &str, key: &[String]) -> Result<Self> {
        let mut columns: Vec<Expr> =
            plan.schema().columns().into_iter().map(Expr::Column).collect();
        let plain = columns.len();
        let mut on = Vec::with_capacity(key.len());
        for (index, part) in key.iter().enumerate() {
            let field = plan.schema().field_with_unqualified_name(part)?;
            on.push(match comparable(field.data_type()) {
                None => Column::new(Some(name), part),
                Some(data_type) => {
                    let compared = format!("__unglue_key_{index}");
                    columns.push(cast(column(None, part), data_type).alias(compared.as_str()));
                    Column::new(Some(name), compared)
                }
            });
        }
        let plan = if columns.len() == plain { plan } else { plan.project(columns)? };
        Ok(Self { plan: plan.alias(name)?, on })
    }

    /// NULL meets NULL.
    fn join(self, right: Self, join_type: JoinType) -> Result<LogicalPlanBuilder> {
        let on = (self.on, right.on);
        let right = right.plan.build()?;
        self.plan.join_detailed(right, join_type, on, None, NullEquality::NullEqualsNull)
    }
}

/// For a type that the engine's merge join cannot compare, one that it can, with as many values.
pub(crate) fn comparable(data_type: &DataType) -> Option<DataType> {
    match data_type {
        DataType::Time64(_) => Some(DataType::Int64),
        // All digits of the scale are written, so equal numbers are equal texts.
        DataType::Decimal256(..) => Some(DataType::Utf8),
        _ => None,
    }
}

fn distinct_from(left: Expr, right: Expr) -> Expr {
    datafusion::logical_expr::binary_expr(
        left,
        datafusion::logical_expr::Operator::IsDistinctFrom,
        right,
    )
}

fn keys_of(plan: LogicalPlan, key: &[String]) -> Result<LogicalPlanBuilder> {
    LogicalPlanBuilder::from(plan)
        .project(key.iter().map(|name| column(None, name).alias(name.as_str())))
}

fn keys_of_side(
    plan: LogicalPlanBuilder,
    side: &str,
    key: &[String],
) -> Result<LogicalPlanBuilder> {
    plan.project(key.iter().map(|name| column(Some(side), name).alias(name.as_str())))
}

fn sorted(plan: LogicalPlanBuilder, key: &[String]) -> Result<LogicalPlan> {
    if key.is_empty() {
        return plan.build();
    }
    plan.sort(key.iter().map(|name| column(None, name).sort(true, true)))?.build()
}

fn column(side: Option<&str>, name: &str) -> Expr {
    Expr::Column(match side {
        Some(side) => Column::new(Some(side), name),
        None => Column::from_name(name),
    })
}

#[cfg(test)]
mod tests;
