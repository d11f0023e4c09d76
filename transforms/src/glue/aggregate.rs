//! Glue Studio's `Aggregate` node.

use std::str::FromStr;

use datafusion::arrow::datatypes::DataType;
use datafusion::dataframe::DataFrame;
use datafusion::functions::expr_fn::{nullif, power};
use datafusion::functions_aggregate::average::avg_udaf;
use datafusion::functions_aggregate::expr_fn::{
    avg, count, count_distinct, first_value, last_value, max, min, stddev, stddev_pop, sum,
    sum_distinct, var_pop, var_sample,
};
use datafusion::logical_expr::expr::WindowFunction;
use datafusion::logical_expr::{Expr, ExprFunctionExt, ident, lit};

use super::cast::cast_expr;
use super::error::{GlueError, Result};
use super::frame::{Frame, Stage, Transform, named};
use super::nested::{Case, Part, check_names, find};

const NAME: &str = "Aggregate";

/// The functions of Glue Studio's node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of Spark's functions")]
pub enum AggFunc {
    Avg,
    CountDistinct,
    Count,
    /// Of the rows in the order in which they come, which is not told; as in Spark.
    First,
    /// See [`Self::First`].
    Last,
    Kurtosis,
    Max,
    Min,
    Skewness,
    StddevSamp,
    StddevPop,
    Sum,
    SumDistinct,
    VarSamp,
    VarPop,
}

impl FromStr for AggFunc {
    type Err = GlueError;

    /// Reads `AggFunc` as Glue's API writes it.
    fn from_str(name: &str) -> Result<Self> {
        Ok(match name {
            "avg" => Self::Avg,
            "countDistinct" => Self::CountDistinct,
            "count" => Self::Count,
            "first" => Self::First,
            "last" => Self::Last,
            "kurtosis" => Self::Kurtosis,
            "max" => Self::Max,
            "min" => Self::Min,
            "skewness" => Self::Skewness,
            "stddev_samp" => Self::StddevSamp,
            "stddev_pop" => Self::StddevPop,
            "sum" => Self::Sum,
            "sumDistinct" => Self::SumDistinct,
            "var_samp" => Self::VarSamp,
            "var_pop" => Self::VarPop,
            other => {
                return Err(GlueError::new(NAME, format!("`{other}` is not a function of it")));
            }
        })
    }
}

impl AggFunc {
    /// The name of the result's column, as Spark makes it: `sum(x)`, `count(DISTINCT x)`.
    #[must_use]
    pub fn output_name(self, column: &str) -> String {
        let name = match self {
            Self::CountDistinct => return format!("count(DISTINCT {column})"),
            Self::SumDistinct => return format!("sum(DISTINCT {column})"),
            Self::Avg => "avg",
            Self::Count => "count",
            Self::First => "first",
            Self::Last => "last",
            Self::Kurtosis => "kurtosis",
            Self::Max => "max",
            Self::Min => "min",
            Self::Skewness => "skewness",
            Self::StddevSamp => "stddev_samp",
            Self::StddevPop => "stddev_pop",
            Self::Sum => "sum",
            Self::VarSamp => "var_samp",
            Self::VarPop => "var_pop",
        };
        format!("{name}({column})")
    }

    fn needs_mean(self) -> bool {
        matches!(self, Self::Kurtosis | Self::Skewness)
    }

    /// What is aggregated for the function, and the result of it.
    fn plan(self, value: Expr, deviation: Expr, index: usize) -> (Vec<Expr>, Expr) {
        let power_mean = |exponent: i64| {
            let name = format!("__unglue_moment_{index}_{exponent}");
            let mean = avg(power(deviation.clone(), lit(exponent)));
            (mean.alias(name.as_str()), ident(name))
        };
        let aggregate = match self {
            // The third and fourth standardised moments, NULL if all values are the same.
            Self::Skewness | Self::Kurtosis => {
                let (second, m2) = power_mean(2);
                let spread = nullif(m2, lit(0.0));
                let (other, result) = match self {
                    Self::Skewness => {
                        let (third, m3) = power_mean(3);
                        (third, m3 / power(spread, lit(1.5)))
                    }
                    _ => {
                        let (fourth, m4) = power_mean(4);
                        (fourth, m4 / power(spread, lit(2_i64)) - lit(3.0))
                    }
                };
                return (vec![second, other], result);
            }
            Self::Avg => avg(value),
            Self::CountDistinct => count_distinct(value),
            Self::Count => count(value),
            Self::First => first_value(value, Vec::new()),
            Self::Last => last_value(value, Vec::new()),
            Self::Max => max(value),
            Self::Min => min(value),
            Self::StddevSamp => stddev(value),
            Self::StddevPop => stddev_pop(value),
            Self::Sum => sum(value),
            Self::SumDistinct => sum_distinct(value),
            Self::VarSamp => var_sample(value),
            Self::VarPop => var_pop(value),
        };
        let name = format!("__unglue_aggregate_{index}");
        (vec![aggregate.alias(name.as_str())], ident(name))
    }
}

/// Glue Studio's `Aggregate`: one row for each group, with the groups' columns and a column `function(column)` for each function. Rows
/// whose group is NULL are a group; without groups all rows are one.
#[derive(Debug, Clone)]
pub struct Aggregate {
    groups: Vec<String>,
    aggs: Vec<(String, AggFunc)>,
    stage: Stage,
}

impl Aggregate {
    /// The columns of groups (`Groups`), and columns with their functions (`Aggs`).
    pub fn new<G: Into<String>, C: Into<String>>(
        groups: impl IntoIterator<Item = G>,
        aggs: impl IntoIterator<Item = (C, AggFunc)>,
    ) -> Self {
        Self {
            groups: groups.into_iter().map(Into::into).collect(),
            aggs: aggs.into_iter().map(|(column, function)| (column.into(), function)).collect(),
            stage: Stage::default(),
        }
    }
}

impl Transform for Aggregate {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        if self.aggs.is_empty() {
            return Err(GlueError::new(NAME, "there are no functions"));
        }
        let columns = frame.columns();
        let column =
            |name: &String| Ok(columns[find(NAME, &columns, name, Case::Sensitive)?].clone());
        let groups: Result<Vec<Expr>> =
            self.groups.iter().map(|name| Ok(column(name)?.expr)).collect();
        let groups = groups?;
        let values: Result<Vec<Part>> = self.aggs.iter().map(|(name, _)| column(name)).collect();
        let values = values?;
        let data = with_deviations(frame, &groups, &self.aggs, &values)?;
        let mut aggregates = Vec::new();
        let mut output: Vec<(String, Expr)> =
            self.groups.iter().cloned().zip(groups.iter().cloned()).collect();
        for (index, (value, (name, function))) in values.into_iter().zip(&self.aggs).enumerate() {
            let (needed, result) = function.plan(value.expr, deviation(index), index);
            aggregates.extend(needed);
            output.push((function.output_name(name), result));
        }
        check_names(NAME, &output)?;
        let data = data.aggregate(groups, aggregates)?.select(named(output))?;
        frame.then(&self.stage, data)
    }
}

fn deviation(index: usize) -> Expr {
    ident(format!("__unglue_deviation_{index}"))
}

/// The columns, and how far values are from the mean of their group: sums of powers of the values themselves would lose their digits.
fn with_deviations(
    frame: &Frame,
    groups: &[Expr],
    aggs: &[(String, AggFunc)],
    values: &[Part],
) -> Result<DataFrame> {
    let mut list = Vec::new();
    for (index, (value, (_, function))) in values.iter().zip(aggs).enumerate() {
        if function.needs_mean() {
            let number = cast_expr(value.expr.clone(), &value.data_type, &DataType::Float64);
            let mean = Expr::from(WindowFunction::new(avg_udaf(), vec![number.clone()]));
            let mean = mean.partition_by(groups.to_vec()).build()?;
            list.push((number - mean).alias(deviation(index).to_string()));
        }
    }
    if list.is_empty() {
        return Ok(frame.to_df());
    }
    list.splice(0..0, frame.columns().into_iter().map(|part| part.expr));
    Ok(frame.to_df().select(list)?)
}
