//! Rules on how often values are there: the rows are counted by value once for each set of columns.

use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, cast, ident, lit, when};

use super::DOUBLE;
use super::catalog::Kind;
use super::measure::{Empty, Slot, Test, Value, Verdict};
use super::number::NumberTest;
use super::scope::{Field, Filter, Result, Scope, test};
use super::syntax::{At, Leaf};

/// Numbers of the groups of equal values.
struct Groups {
    /// How many different ones there are.
    values: Slot,
    /// Rows in all groups.
    rows: Slot,
    /// Groups of one row.
    single: Slot,
    /// Rows in groups of more than one.
    repeated: Slot,
    /// The sum of n ln n.
    information: Slot,
}

/// The verdict of a rule on how often values are there.
pub(super) fn verdict(
    scope: &mut Scope<'_>,
    kind: Kind,
    leaf: &Leaf,
    filter: &Filter,
) -> Result<Verdict> {
    let mut fields: Vec<Field> =
        leaf.params.iter().map(|param| scope.column_of(param)).collect::<Result<_>>()?;
    let (is_whole, at) = (fields.is_empty(), leaf.at);
    if is_whole {
        let names = scope.rows.schema().fields().clone();
        fields = names.iter().filter_map(|field| scope.find(&scope.rows, field.name())).collect();
    }
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let entity = match names.as_slice() {
        _ if is_whole => "Dataset.*".to_owned(),
        [name] => format!("Column.{name}"),
        names => format!("Multicolumn.{}", names.join(",")),
    };
    let asked = scope.number_test(leaf.condition.as_ref())?;
    let groups = groups(scope, &fields, filter, at)?;
    let metric = |name: &str| format!("{entity}.{name}");
    Ok(Verdict::Tests(match kind {
        Kind::DistinctValuesCount => {
            let value = distinct_values(scope, &fields, &groups, filter, at)?;
            let test = test(metric("DistinctValuesCount"), value, asked, filter);
            vec![Test { empty: Empty::Passes, ..test }]
        }
        Kind::UniqueValueRatio => {
            let ratio = Value::ratio(groups.single, groups.values);
            vec![test(metric("UniqueValueRatio"), ratio, asked, filter)]
        }
        Kind::DuplicateRowCount => {
            // No rows are no duplicates.
            let value = Value::made([groups.repeated], |values| match values {
                [repeated] => Some(repeated.unwrap_or(0.0)),
                _ => None,
            });
            vec![test(metric("DuplicateRowCount"), value, asked, filter)]
        }
        Kind::Entropy => vec![test(metric("Entropy"), entropy(&groups), asked, filter)],
        _ => {
            let unique = Value::ratio(groups.single, groups.rows);
            let mut tests = vec![test(metric("Uniqueness"), unique, asked, filter)];
            // The documentation asks for unique and complete values; deequ forgets the latter where there are several columns.
            if kind == Kind::IsPrimaryKey {
                for field in &fields {
                    tests.push(completeness(scope, field, NumberTest::is_one(), filter, at)?);
                }
            }
            tests
        }
    }))
}

/// How many rows have a value.
pub(super) fn completeness(
    scope: &mut Scope<'_>,
    field: &Field,
    asked: NumberTest,
    filter: &Filter,
    at: At,
) -> Result<Test> {
    let value = scope.share_of(field.expr.clone().is_not_null(), filter, at)?;
    Ok(test(format!("Column.{}.Completeness", field.name), value, asked, filter))
}

/// NULL is a value here, and only here: deequ takes the bins of its `Histogram`, and NULL has one.
fn distinct_values(
    scope: &mut Scope<'_>,
    fields: &[Field],
    groups: &Groups,
    filter: &Filter,
    at: At,
) -> Result<Value> {
    let is_null = fields.iter().map(|field| field.expr.clone().is_null()).reduce(Expr::and);
    let nulls = scope.count_of(is_null.unwrap_or_else(|| lit(false)), filter, at)?;
    Ok(Value::made([groups.values, nulls], |values| match values {
        [Some(values), Some(nulls)] => Some(values + nulls.min(1.0)),
        _ => None,
    }))
}

/// In natural units, over the rows that have a value.
fn entropy(groups: &Groups) -> Value {
    let slots = [groups.values, groups.rows, groups.information];
    Value::made(slots, |numbers| match numbers {
        [_, Some(0.0), _] => None,
        // Exactly, whatever the logarithms are.
        [Some(1.0), ..] => Some(0.0),
        [_, Some(rows), Some(information)] => Some(rows.ln() - information / rows),
        _ => None,
    })
}

/// Counts the rows by value. Rows without any value are left out, as in `FrequencyBasedAnalyzer` of deequ; of several columns one
/// value suffices.
fn groups(scope: &mut Scope<'_>, fields: &[Field], filter: &Filter, at: At) -> Result<Groups> {
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let name = format!("groups {names:?} {}", filter.text);
    let rows = scope.rows.clone();
    let plan = || {
        let has_value = fields.iter().map(|field| field.expr.clone().is_not_null());
        let has_value = has_value.reduce(Expr::or).unwrap_or_else(|| lit(true));
        let wanted = filter.expr.iter().cloned().fold(has_value, Expr::and);
        let values: Vec<Expr> =
            fields.iter().enumerate().map(|(i, f)| f.expr.clone().alias(format!("v{i}"))).collect();
        let keys: Vec<Expr> = (0..fields.len()).map(|i| ident(format!("v{i}"))).collect();
        let n = || ident("n");
        let double = || cast(n(), DOUBLE);
        LogicalPlanBuilder::from(rows)
            .filter(wanted)?
            .project(values)?
            .aggregate(keys, [count(lit(1_i64)).alias("n")])?
            .aggregate(
                Vec::<Expr>::new(),
                [
                    count(lit(1_i64)).alias("m0"),
                    sum(n()).alias("m1"),
                    count(when(n().eq(lit(1_i64)), lit(1_i64)).end()?).alias("m2"),
                    sum(when(n().gt(lit(1_i64)), n()).end()?).alias("m3"),
                    sum(double() * datafusion::functions::math::expr_fn::ln(double())).alias("m4"),
                ],
            )?
            .build()
    };
    let measured = scope.measures.own(name, plan);
    let [values, rows, single, repeated, information] =
        measured.map_err(|error| scope.engine(at, &error))?;
    Ok(Groups { values, rows, single, repeated, information })
}
