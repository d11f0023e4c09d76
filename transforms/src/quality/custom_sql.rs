//! `CustomSql`: a SELECT over `primary`, the model's rows, and over other models and sources by name.

use std::collections::BTreeSet;

use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::error::Result as EngineResult;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};

use super::measure::{Empty, Test, Value, Verdict};
use super::number::NumberTest;
use super::scope::{Filter, Result, Scope, sql_of, test};
use super::syntax::{Leaf, ParamValue};

const NO_ROWS: &str = "Custom SQL rule could not be evaluated due to data frame being empty";

/// The verdict: with a condition, of the number that the SELECT gives; without one, of the rows that it returns.
pub(super) async fn verdict(scope: &mut Scope<'_>, leaf: &Leaf) -> Result<Verdict> {
    let Some(param) = leaf.params.first() else { return Err(scope.error(leaf.at, "no SQL")) };
    let ParamValue::Text(text) = &param.value else {
        return Err(scope.error(param.at, "the SQL stands between \"quotes\""));
    };
    let text = sql_of(text);
    let plan = scope.sql(&text, param.at).await?;
    if leaf.condition.is_none() {
        return rows(scope, leaf, &text, plan);
    }
    if let Some(tag) = leaf.tags.first() {
        let error = scope.error(tag.at, "`with threshold` is of rows, and this SQL gives a number");
        return Err(error.help("take the condition or the threshold out"));
    }
    number(scope, leaf, &text, plan)
}

/// NULL is 0, as deequ takes it: a sum of nothing.
fn number(scope: &mut Scope<'_>, leaf: &Leaf, text: &str, plan: LogicalPlan) -> Result<Verdict> {
    let at = leaf.at;
    match plan.schema().fields().as_ref() {
        [field] if field.data_type().is_numeric() || field.data_type().is_null() => {}
        [_] => return Err(scope.error(at, "the SQL gives no number")),
        fields => {
            let message = format!("the SQL gives {} columns, and one is compared", fields.len());
            return Err(scope.error(at, message));
        }
    }
    let asked = scope.number_test(leaf.condition.as_ref())?;
    // One more row tells that there are more.
    let plan = || LogicalPlanBuilder::from(plan).limit(0, Some(2))?.build();
    let slots = scope.measures.own(format!("sql {text}"), plan);
    let [slot] = slots.map_err(|error| scope.engine(at, &error))?;
    let value = Value::made([slot], |values| values.first().map(|value| value.unwrap_or(0.0)));
    let metric = "Dataset.*.CustomSQL".to_owned();
    Ok(Verdict::Tests(vec![test(metric, value, asked, &Filter::default())]))
}

/// The share of the model's rows that are among those of the SQL, by the columns that it returns. Each is counted once, however
/// often it is returned.
fn rows(scope: &mut Scope<'_>, leaf: &Leaf, text: &str, plan: LogicalPlan) -> Result<Verdict> {
    let at = leaf.at;
    let mut names = BTreeSet::new();
    let mut pairs = Vec::new();
    for (qualifier, field) in plan.schema().iter() {
        let Some(own) = scope.find(&scope.rows, field.name()) else {
            let message =
                format!("the SQL returns `{}`, which is no column of `primary`", field.name());
            let error = scope.error(at, message);
            return Err(error.help("without a condition, it returns the rows that are right"));
        };
        if own.data_type != *field.data_type() || !names.insert(field.name().to_lowercase()) {
            let message = format!("the SQL returns another `{}` than that of `primary`", own.name);
            return Err(scope.error(at, message));
        }
        let returned = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        pairs.push((own.expr, returned));
    }
    let primary = scope.rows.clone();
    let matched = || count_matching(primary, plan, pairs, NullEquality::NullEqualsNull);
    let slots = scope.measures.own(format!("rows {text}"), matched);
    let [matched] = slots.map_err(|error| scope.engine(at, &error))?;
    let whole = scope.row_count(&Filter::default(), at)?;
    let asked = scope.threshold(leaf)?.unwrap_or_else(NumberTest::is_one);
    let metric = "Dataset.*.CustomSQL.Compliance".to_owned();
    let value = Value::ratio(matched, whole);
    let test = test(metric, value, asked, &Filter::default());
    Ok(Verdict::Tests(vec![Test { empty: Empty::Fails(NO_ROWS), ..test }]))
}

/// How many rows of one plan have a row in another, by pairs of values.
pub(super) fn count_matching(
    left: LogicalPlan,
    right: LogicalPlan,
    pairs: Vec<(Expr, Expr)>,
    nulls: NullEquality,
) -> EngineResult<LogicalPlan> {
    let (left_values, right_values): (Vec<Expr>, Vec<Expr>) = pairs.into_iter().unzip();
    let side = |plan: LogicalPlan, name: &str, values: Vec<Expr>| {
        let values = values.into_iter().enumerate();
        let values: Vec<Expr> = values.map(|(i, value)| value.alias(format!("v{i}"))).collect();
        LogicalPlanBuilder::from(plan).project(values)?.alias(name)
    };
    let keys = |name: &str| -> Vec<Column> {
        (0..left_values.len()).map(|i| Column::new(Some(name), format!("v{i}"))).collect()
    };
    let keys = (keys("these"), keys("those"));
    let right = side(right, "those", right_values)?.build()?;
    side(left, "these", left_values)?
        .join_detailed(right, JoinType::LeftSemi, keys, None, nulls)?
        .aggregate(Vec::<Expr>::new(), [count(lit(1_i64)).alias("m0")])?
        .build()
}
