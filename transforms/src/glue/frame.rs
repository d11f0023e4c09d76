//! The frame that transforms take and give: Glue's `DynamicFrame` over a DataFusion `DataFrame`.

use std::collections::BTreeSet;

use datafusion::arrow::datatypes::DataType;
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, cast, ident, lit};
use datafusion::scalar::ScalarValue;

use super::error::{GlueError, Result};
use super::errors::{self, ErrorRecords};
use super::nested::Part;
use crate::functions;

/// What every transform of Glue takes besides its own parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stage {
    /// A name for the step, under which its error records are found. Glue's key of bookmarks; there are none here.
    pub transformation_ctx: String,
    /// A text that error records of the step carry.
    pub info: String,
    /// How many error records the step may make. With more, executing the frame fails. 0 is without bound.
    pub stage_threshold: u64,
    /// How many error records all steps up to and including this one may make. With more, executing the frame fails. 0 is
    /// without bound.
    pub total_threshold: u64,
}

/// A transform: it plans what it does to a frame, and computes nothing.
pub trait Transform {
    /// A [`Frame`], or a [`super::FrameCollection`].
    type Output;

    /// The parameters that all transforms share.
    fn stage_mut(&mut self) -> &mut Stage;

    /// The frame after the transform. Rows are read when it is executed.
    ///
    /// # Errors
    /// Parameters that cannot be, such as fields that are not there.
    fn apply(&self, frame: &Frame) -> Result<Self::Output>;

    /// Sets [`Stage::transformation_ctx`].
    #[must_use]
    fn transformation_ctx(mut self, name: impl Into<String>) -> Self
    where
        Self: Sized,
    {
        self.stage_mut().transformation_ctx = name.into();
        self
    }

    /// Sets [`Stage::info`].
    #[must_use]
    fn info(mut self, info: impl Into<String>) -> Self
    where
        Self: Sized,
    {
        self.stage_mut().info = info.into();
        self
    }

    /// Sets [`Stage::stage_threshold`].
    #[must_use]
    fn stage_threshold(mut self, errors_max: u64) -> Self
    where
        Self: Sized,
    {
        self.stage_mut().stage_threshold = errors_max;
        self
    }

    /// Sets [`Stage::total_threshold`].
    #[must_use]
    fn total_threshold(mut self, errors_max: u64) -> Self
    where
        Self: Sized,
    {
        self.stage_mut().total_threshold = errors_max;
        self
    }
}

/// A table that is yet to be computed, with the error records of the steps that lead to it.
#[derive(Debug, Clone)]
pub struct Frame {
    data: DataFrame,
    name: String,
    transformation_ctx: String,
    /// Those of the last step, if it is one that makes them.
    stage_errors: Option<ErrorRecords>,
    /// Those of the steps before it.
    previous_errors: Vec<ErrorRecords>,
}

impl Frame {
    /// A frame over a `DataFrame` (`DynamicFrame.fromDF`). Its columns lose the tables that they come from, so that their names are all.
    ///
    /// # Errors
    /// Two columns of one name.
    pub fn new(data: DataFrame, name: impl Into<String>) -> Result<Self> {
        let mut names = BTreeSet::new();
        for field in data.schema().fields() {
            if !names.insert(field.name()) {
                let message = format!("there are two columns `{}`", field.name());
                return Err(GlueError::new("DynamicFrame", message)
                    .help("give one of them another name with AS"));
            }
        }
        let is_bare = data.schema().iter().all(|(table, _)| table.is_none());
        let data = if is_bare {
            data
        } else {
            let columns = data.schema().iter().map(|(table, field)| {
                Expr::Column((table, field).into()).alias(field.name().as_str())
            });
            let columns: Vec<Expr> = columns.collect();
            data.select(columns)?
        };
        Ok(Self {
            data,
            name: name.into(),
            transformation_ctx: String::new(),
            stage_errors: None,
            previous_errors: Vec::new(),
        })
    }

    /// The frame's rows, yet to be computed (`DynamicFrame.toDF`). Where a step has a threshold, executing it fails if the
    /// error records are more.
    #[must_use]
    pub fn to_df(&self) -> DataFrame {
        self.data.clone()
    }

    /// The frame's name; in a collection, its key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the step that made the frame.
    #[must_use]
    pub fn transformation_ctx(&self) -> &str {
        &self.transformation_ctx
    }

    /// The same frame under another name (`withName`).
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The error records of the step that made the frame: an action, which reads the rows.
    ///
    /// # Errors
    /// Those of the engine.
    pub async fn stage_errors_count(&self) -> Result<usize> {
        match &self.stage_errors {
            Some(errors) => Ok(errors.frame()?.count().await?),
            None => Ok(0),
        }
    }

    /// The error records of all steps that lead to the frame: an action, which reads the rows.
    ///
    /// # Errors
    /// Those of the engine.
    pub async fn errors_count(&self) -> Result<usize> {
        match errors::all(&self.all_errors())? {
            Some(errors) => Ok(errors.count().await?),
            None => Ok(0),
        }
    }

    /// Executes the frame for its thresholds only (`assertErrorThreshold`).
    ///
    /// # Errors
    /// More error records than a threshold, or those of the engine.
    pub async fn assert_error_threshold(&self) -> Result<()> {
        let _rows = self.to_df().count().await?;
        Ok(())
    }

    pub(super) fn all_errors(&self) -> Vec<ErrorRecords> {
        self.previous_errors.iter().chain(&self.stage_errors).cloned().collect()
    }

    pub(super) fn columns(&self) -> Vec<Part> {
        columns(&self.data)
    }

    /// What a step without errors of its own makes of the frame.
    pub(super) fn then(&self, stage: &Stage, data: DataFrame) -> Result<Self> {
        self.then_with(stage, data, None)
    }

    /// What a step makes of the frame, with the rows that it could not do.
    pub(super) fn then_with(
        &self,
        stage: &Stage,
        data: DataFrame,
        errors: Option<ErrorRecords>,
    ) -> Result<Self> {
        let next = Self {
            data,
            name: self.name.clone(),
            transformation_ctx: stage.transformation_ctx.clone(),
            stage_errors: errors,
            previous_errors: self.all_errors(),
        };
        next.guarded(stage)
    }

    /// The frame with the error records of another one, whose rows it holds too.
    pub(super) fn and_errors_of(mut self, other: &Self) -> Self {
        self.previous_errors.extend(other.all_errors());
        self
    }

    fn guarded(mut self, stage: &Stage) -> Result<Self> {
        let own: Vec<ErrorRecords> = self.stage_errors.iter().cloned().collect();
        for (parameter, errors_max, records) in [
            ("stageThreshold", stage.stage_threshold, own),
            ("totalThreshold", stage.total_threshold, self.all_errors()),
        ] {
            if errors_max > 0
                && let Some(errors) = errors::all(&records)?
            {
                self.data = guard(self.data, errors, parameter, errors_max)?;
            }
        }
        Ok(self)
    }
}

/// The rows, united with none, which are found by counting errors. So it fails when it is executed, not before, and also if
/// all rows are errors.
fn guard(
    data: DataFrame,
    errors: DataFrame,
    parameter: &'static str,
    errors_max: u64,
) -> Result<DataFrame> {
    let nothing: std::result::Result<Vec<Expr>, _> = data
        .schema()
        .fields()
        .iter()
        .map(|field| {
            let null = lit(ScalarValue::try_from(field.data_type())?);
            Ok::<_, GlueError>(null.alias(field.name().as_str()))
        })
        .collect();
    let errors_max = i64::try_from(errors_max).unwrap_or(i64::MAX);
    let counted = cast(ident("errors"), DataType::Int64);
    let is_over = functions::over_threshold().call(vec![counted, lit(parameter), lit(errors_max)]);
    let found = errors
        .aggregate(Vec::new(), vec![count(lit(1_i64)).alias("errors")])?
        .filter(is_over)?
        .select(nothing?)?;
    Ok(data.union(found)?)
}

/// The columns of a `DataFrame` whose names are all.
pub(super) fn columns(data: &DataFrame) -> Vec<Part> {
    data.schema()
        .fields()
        .iter()
        .map(|field| Part {
            name: field.name().clone(),
            expr: ident(field.name().as_str()),
            data_type: field.data_type().clone(),
        })
        .collect()
}

/// A select list.
pub(super) fn named(columns: impl IntoIterator<Item = (String, Expr)>) -> Vec<Expr> {
    columns.into_iter().map(|(name, expr)| expr.alias(name)).collect()
}
