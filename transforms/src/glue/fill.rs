//! NULLs that get a value: `FillMissingValues`, and Glue Studio's node for a constant.

use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::lit;
use datafusion::scalar::ScalarValue;

use super::cast::cast_expr;
use super::error::{GlueError, Result};
use super::frame::{Frame, Stage, Transform, named};
use super::nested::{Case, find};

/// `FillMissingValues`: refused. Glue predicts the values with a model of machine learning that is not public, so that nothing
/// else gives what it gives.
#[derive(Debug, Clone)]
pub struct FillMissingValues {
    missing_values_column: String,
    output_column: Option<String>,
    stage: Stage,
}

impl FillMissingValues {
    /// The column with NULLs (`missing_values_column`; Glue Studio's `ImputedPath`).
    pub fn new(missing_values_column: impl Into<String>) -> Self {
        Self {
            missing_values_column: missing_values_column.into(),
            output_column: None,
            stage: Stage::default(),
        }
    }

    /// The column of the result (`output_column`; Glue Studio's `FilledPath`), by default the column's name with `_filled`.
    #[must_use]
    pub fn output_column(mut self, name: impl Into<String>) -> Self {
        self.output_column = Some(name.into());
        self
    }
}

impl Transform for FillMissingValues {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, _frame: &Frame) -> Result<Frame> {
        let column = &self.missing_values_column;
        let filled = self.output_column.clone().unwrap_or_else(|| format!("{column}_filled"));
        let message = format!("Glue predicts `{column}` with a model that is not public");
        Err(GlueError::new("FillMissingValues", message).help(format!(
            "write what is to stand there, such as `coalesce({column}, avg({column}) OVER ()) AS {filled}` in SQL, or FillNulls with a constant"
        )))
    }
}

/// Glue Studio's node for NULLs: a constant in their place. Values stay as they are.
#[derive(Debug, Clone)]
pub struct FillNulls {
    columns: Vec<String>,
    value: ScalarValue,
    stage: Stage,
}

impl FillNulls {
    /// The columns, and the constant, which must fit the columns' types.
    pub fn new<C: Into<String>>(
        columns: impl IntoIterator<Item = C>,
        value: impl Into<ScalarValue>,
    ) -> Self {
        Self {
            columns: columns.into_iter().map(Into::into).collect(),
            value: value.into(),
            stage: Stage::default(),
        }
    }
}

impl Transform for FillNulls {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let mut columns = frame.columns();
        for name in &self.columns {
            let index = find("FillNulls", &columns, name, Case::Sensitive)?;
            let column = &mut columns[index];
            if !self.value.cast_to(&column.data_type).is_ok_and(|value| !value.is_null()) {
                let message = format!("the value is not of the type of `{name}`");
                return Err(GlueError::new("FillNulls", message));
            }
            let value =
                cast_expr(lit(self.value.clone()), &self.value.data_type(), &column.data_type);
            column.expr = coalesce(vec![column.expr.clone(), value]);
        }
        let list = named(columns.into_iter().map(|part| (part.name, part.expr)));
        frame.then(&self.stage, frame.to_df().select(list)?)
    }
}
