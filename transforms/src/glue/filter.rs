//! `Filter`: the rows for which a condition holds.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::BooleanArray;
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::Expr;

use super::error::Result;
use super::frame::{Frame, Stage, Transform, named};
use super::row::{Batch, Judged, Outcome, RecordError, Row, whole_rows};

/// A function of a row.
pub type RowPredicate =
    Arc<dyn Fn(&Row<'_>) -> std::result::Result<bool, RecordError> + Send + Sync>;

/// What a row must fulfil.
#[derive(Clone)]
pub enum Predicate {
    /// An expression: the engine plans it, and may apply it where it costs least.
    Expr(Expr),
    /// A function that is called for each row, in this process. It must give the same for the same row: rows and error records are
    /// computed apart.
    Row(RowPredicate),
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expr(expr) => f.debug_tuple("Expr").field(expr).finish(),
            Self::Row(_) => f.write_str("Row(..)"),
        }
    }
}

impl From<Expr> for Predicate {
    fn from(expr: Expr) -> Self {
        Self::Expr(expr)
    }
}

/// `Filter`: the rows for which `f` is true.
///
/// Of a function of rows, [`RecordError::Key`], [`RecordError::Value`] and [`RecordError::Type`] drop the row, as `KeyError`,
/// `ValueError` and `TypeError` do in Glue; any other error makes it an error record. An expression that is NULL drops the row.
#[derive(Debug, Clone)]
pub struct Filter {
    f: Predicate,
    stage: Stage,
}

impl Filter {
    /// The condition as an expression.
    pub fn new(f: impl Into<Predicate>) -> Self {
        Self { f: f.into(), stage: Stage::default() }
    }

    /// The condition as a function of rows.
    pub fn row(
        f: impl Fn(&Row<'_>) -> std::result::Result<bool, RecordError> + Send + Sync + 'static,
    ) -> Self {
        Self::new(Predicate::Row(Arc::new(f)))
    }
}

impl Transform for Filter {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let predicate = match &self.f {
            Predicate::Expr(expr) => {
                return frame.then(&self.stage, frame.to_df().filter(expr.clone())?);
            }
            Predicate::Row(function) => Arc::clone(function),
        };
        let function = Arc::new(move |batch: &Batch<'_>| Ok(judge(batch, &predicate)));
        let rows = whole_rows(frame);
        let judged = Judged::new(frame, "unglue_filter", rows, DataType::Boolean, function)?;
        let columns = named(frame.columns().into_iter().map(|part| (part.name, part.expr)));
        let data = judged.good()?.filter(Judged::value())?.select(columns)?;
        frame.then_with(&self.stage, data, Some(judged.errors(&self.stage, frame)?))
    }
}

fn judge(batch: &Batch<'_>, predicate: &RowPredicate) -> Outcome {
    let (values, errors): (Vec<bool>, Vec<Option<String>>) = batch
        .iter()
        .map(|row| match predicate(&row) {
            Ok(is_kept) => (is_kept, None),
            Err(RecordError::Other(message)) => (false, Some(message)),
            Err(_) => (false, None),
        })
        .unzip();
    Outcome { values: Arc::new(BooleanArray::from(values)), errors }
}
