//! Rules on numbers of one column, or of two.

use datafusion::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType};
use datafusion::common::Column;
use datafusion::functions_aggregate::expr_fn::{avg, corr, count, max, min, sum, var_pop};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, cast, ident, lit};

use super::DOUBLE;
use super::catalog::Kind;
use super::measure::{Value, Verdict};
use super::scope::{Field, Filter, Result, Scope, test};
use super::syntax::{At, Leaf};

/// The verdict of a rule on a column's numbers.
pub(super) fn verdict(
    scope: &mut Scope<'_>,
    kind: Kind,
    leaf: &Leaf,
    filter: &Filter,
) -> Result<Verdict> {
    let fields: Vec<Field> = leaf
        .params
        .iter()
        .map(|param| scope.number_column(param, &leaf.kind))
        .collect::<Result<_>>()?;
    let asked = scope.number_test(leaf.condition.as_ref())?;
    let at = leaf.at;
    let (value, metric) = match fields.as_slice() {
        [x, y] => {
            let [first, second] = [x, y].map(double);
            let correlation = corr(filter.given(first, scope, at)?, second);
            let value = Value::of(scope.measures.shared(correlation));
            (value, format!("Multicolumn.{},{}.ColumnCorrelation", x.name, y.name))
        }
        [field] => {
            let value = of_column(scope, kind, field, filter, at)?;
            (value, format!("Column.{}.{}", field.name, leaf.kind))
        }
        _ => return Err(scope.error(at, "one or two columns were expected")),
    };
    Ok(Verdict::Tests(vec![test(metric, value, asked, filter)]))
}

fn of_column(
    scope: &mut Scope<'_>,
    kind: Kind,
    field: &Field,
    filter: &Filter,
    at: At,
) -> Result<Value> {
    let given = |value: Expr, scope: &Scope<'_>| filter.given(value, scope, at);
    Ok(match kind {
        Kind::Sum => {
            let total = sum(given(exact(field), scope)?);
            Value::of(scope.measures.shared(total))
        }
        Kind::Mean => {
            let total = sum(given(exact(field), scope)?);
            let values = count(given(field.expr.clone(), scope)?);
            let (total, values) = (scope.measures.shared(total), scope.measures.shared(values));
            Value::ratio(total, values)
        }
        Kind::Range => {
            let [least, most] =
                [min(given(field.expr.clone(), scope)?), max(given(field.expr.clone(), scope)?)]
                    .map(|aggregate| scope.measures.shared(aggregate));
            Value::made([least, most], |values| match values {
                [Some(least), Some(most)] => Some(most - least),
                _ => None,
            })
        }
        Kind::ZerosCount => {
            let zeros = scope.count_of(field.expr.clone().eq(lit(0_i64)), filter, at)?;
            Value::of(zeros)
        }
        Kind::Skewness | Kind::Kurtosis => moments(scope, kind, field, filter, at)?,
        // Of all there are, not of a sample: `stateful_stddev_pop` of deequ.
        _ => {
            let variance = var_pop(given(double(field), scope)?);
            let slot = scope.measures.shared(variance);
            match kind {
                Kind::StandardDeviation => Value::made([slot], |values| match values {
                    [variance] => variance.map(f64::sqrt),
                    _ => None,
                }),
                _ => Value::of(slot),
            }
        }
    })
}

/// Third and fourth moments around the mean, which has to be known first: two passes.
fn moments(
    scope: &mut Scope<'_>,
    kind: Kind,
    field: &Field,
    filter: &Filter,
    at: At,
) -> Result<Value> {
    let name = format!("moments {} {}", field.name, filter.text);
    let rows = scope.rows.clone();
    let plan = || {
        let wanted = field.expr.clone().is_not_null();
        let wanted = filter.expr.iter().cloned().fold(wanted, Expr::and);
        let values = LogicalPlanBuilder::from(rows)
            .filter(wanted)?
            .project([double(field).alias("x")])?
            .build()?;
        let column = |table: &str, name: &str| Expr::Column(Column::new(Some(table), name));
        let mean = LogicalPlanBuilder::from(values.clone())
            .aggregate(Vec::<Expr>::new(), [avg(ident("x")).alias("mean")])?
            .alias("means")?
            .build()?;
        let from_mean = column("numbers", "x") - column("means", "mean");
        let power = |exponent: usize| {
            let factors = std::iter::repeat_n(ident("d"), exponent);
            sum(factors.reduce(|product, factor| product * factor).unwrap_or_else(|| lit(1.0)))
        };
        LogicalPlanBuilder::from(values)
            .alias("numbers")?
            .cross_join(mean)?
            .project([from_mean.alias("d")])?
            .aggregate(
                Vec::<Expr>::new(),
                [
                    count(ident("d")).alias("m0"),
                    power(2).alias("m1"),
                    power(3).alias("m2"),
                    power(4).alias("m3"),
                ],
            )?
            .build()
    };
    let measured = scope.measures.own(name, plan);
    let [values, second, third, fourth] = measured.map_err(|error| scope.engine(at, &error))?;
    // Those of a population; of values that are all the same they are 0: `SkewnessState` and `KurtosisState` of deequ.
    Ok(match kind {
        Kind::Skewness => Value::made([values, second, third], |moments| match moments {
            [_, Some(0.0), _] => Some(0.0),
            [Some(n), Some(second), Some(third)] => Some(n.sqrt() * third / second.powf(1.5)),
            _ => None,
        }),
        _ => Value::made([values, second, fourth], |moments| match moments {
            [_, Some(0.0), _] => Some(0.0),
            [Some(n), Some(second), Some(fourth)] => Some(n * fourth / (second * second) - 3.0),
            _ => None,
        }),
    })
}

fn double(field: &Field) -> Expr {
    cast(field.expr.clone(), DOUBLE)
}

/// Whole numbers as decimals, whose sums neither wrap nor are rounded.
pub(super) fn exact(field: &Field) -> Expr {
    let digits = |digits: u8| cast(field.expr.clone(), DataType::Decimal128(digits, 0));
    match &field.data_type {
        DataType::Float32 => double(field),
        DataType::Decimal128(_, scale) => {
            cast(field.expr.clone(), DataType::Decimal128(DECIMAL128_MAX_PRECISION, *scale))
        }
        whole if whole.is_integer() => digits(20),
        _ => field.expr.clone(),
    }
}
