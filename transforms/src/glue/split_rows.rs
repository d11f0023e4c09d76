//! `SplitRows`: a frame for each answer to a comparison.

use datafusion::logical_expr::{Expr, Operator, binary_expr, lit};
use datafusion::scalar::ScalarValue;

use super::cast::cast_expr;
use super::collection::FrameCollection;
use super::error::{GlueError, Result};
use super::frame::{Frame, Stage, Transform};
use super::nested::{Case, Part, resolve};
use super::path::parse_names;
use super::types::type_name;

const NAME: &str = "SplitRows";

/// `SplitRows`: the rows for which all comparisons hold, and all others, those included where a value is NULL.
#[derive(Debug, Clone)]
pub struct SplitRows {
    comparisons: Vec<(String, String, ScalarValue)>,
    name1: String,
    name2: String,
    stage: Stage,
}

impl SplitRows {
    /// The names of the frame that the comparisons choose and of the other one (`name1`, `name2`).
    pub fn new(name1: impl Into<String>, name2: impl Into<String>) -> Self {
        Self {
            comparisons: Vec::new(),
            name1: name1.into(),
            name2: name2.into(),
            stage: Stage::default(),
        }
    }

    /// One entry of `comparison_dict`: the path of a field, one of `!=`, `=`, `<=`, `<`, `>=`, `>`, and a constant.
    #[must_use]
    pub fn compare(
        mut self,
        path: impl Into<String>,
        operator: impl Into<String>,
        value: impl Into<ScalarValue>,
    ) -> Self {
        self.comparisons.push((path.into(), operator.into(), value.into()));
        self
    }

    fn condition(&self, frame: &Frame) -> Result<Expr> {
        let columns = frame.columns();
        let mut condition: Option<Expr> = None;
        for (path, operator, value) in &self.comparisons {
            let field = resolve(NAME, &columns, &parse_names(NAME, path)?, Case::Sensitive)?;
            let operator = match operator.as_str() {
                "!=" => Operator::NotEq,
                "=" => Operator::Eq,
                "<=" => Operator::LtEq,
                "<" => Operator::Lt,
                ">=" => Operator::GtEq,
                ">" => Operator::Gt,
                other => {
                    let message = format!("`{other}` is not a comparison");
                    return Err(
                        GlueError::new(NAME, message).help("there are !=, =, <=, <, >= and >")
                    );
                }
            };
            let (field, value) = typed(field, value, path)?;
            let comparison = binary_expr(field, operator, lit(value));
            condition = Some(match condition {
                Some(before) => before.and(comparison),
                None => comparison,
            });
        }
        condition.ok_or_else(|| GlueError::new(NAME, "there are no comparisons"))
    }
}

impl Transform for SplitRows {
    type Output = FrameCollection;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<FrameCollection> {
        let condition = self.condition(frame)?;
        let chosen = frame.to_df().filter(condition.clone())?;
        let others = frame.to_df().filter(condition.is_not_true())?;
        Ok(FrameCollection::new([
            frame.then(&self.stage, chosen)?.with_name(self.name1.as_str()),
            frame.then(&self.stage, others)?.with_name(self.name2.as_str()),
        ]))
    }
}

/// The field and the constant as one type, for the same reason as [`super::cast::comparable`].
fn typed(field: Part, value: &ScalarValue, path: &str) -> Result<(Expr, ScalarValue)> {
    let value_type = value.data_type();
    match (field.data_type.is_string(), value_type.is_string()) {
        (true, false) => Ok((cast_expr(field.expr, &field.data_type, &value_type), value.clone())),
        (false, true) => match value.cast_to(&field.data_type) {
            Ok(typed) if !typed.is_null() => Ok((field.expr, typed)),
            _ => {
                let found = type_name(&field.data_type);
                let message = format!("`{path}` is of type {found}, and is compared with a text");
                Err(GlueError::new(NAME, message))
            }
        },
        _ => Ok((field.expr, value.clone())),
    }
}
