//! `DropDuplicates`: one row of those that are equal.

use super::error::Result;
use super::frame::{Frame, Stage, Transform};
use super::nested::{Case, Part, find};

/// `DropDuplicates`: one row of those that are equal, in all columns or in the named ones. NULLs are equal.
///
/// Of the rows that are equal in the named columns only Spark keeps any one. It is the first by the other columns here, NULL first, as far
/// as these can be put in order: nested ones are not.
#[derive(Debug, Clone, Default)]
pub struct DropDuplicates {
    columns: Option<Vec<String>>,
    stage: Stage,
}

impl DropDuplicates {
    /// Rows that are equal as a whole.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Rows that are equal in these columns (Glue Studio's `Columns`).
    #[must_use]
    pub fn columns<C: Into<String>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }
}

impl Transform for DropDuplicates {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let Some(names) = &self.columns else {
            return frame.then(&self.stage, frame.to_df().distinct()?);
        };
        let columns = frame.columns();
        let (mut on, mut is_nested) = (Vec::new(), false);
        for name in names {
            let index = find("DropDuplicates", &columns, name, Case::Sensitive)?;
            on.push(columns[index].expr.clone());
            is_nested |= columns[index].data_type.is_nested();
        }
        let is_other = |part: &&Part| !names.contains(&part.name) && !part.data_type.is_nested();
        let others: Vec<_> =
            columns.iter().filter(is_other).map(|part| part.expr.clone()).collect();
        let all = columns.into_iter().map(|part| part.expr).collect();
        let order = on.iter().cloned().chain(others).map(|expr| expr.sort(true, true)).collect();
        let order = Some(order).filter(|_| !is_nested);
        frame.then(&self.stage, frame.to_df().distinct_on(on, all, order)?)
    }
}
