//! `Union` and `mergeDynamicFrame`: the rows of two frames.

use datafusion::arrow::datatypes::DataType;
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::Expr;

use super::cast::cast_expr;
use super::error::{GlueError, Result};
use super::frame::{Frame, Stage, Transform, columns, named};
use super::join::without_match;
use super::nested::{Case, Part, find};

/// `Union`: the rows of two frames, all of them.
///
/// Columns are put together by name, since each record of a `DynamicFrame` has names of its own; one that a frame lacks is NULL in its
/// rows. Two types of one name become one that holds both, a text if one of them is, or are refused: Glue makes a choice of them.
///
/// Glue Studio's node is another one: it unites tables in SQL, so that [`Union::by_position`] columns are put together by their places.
#[derive(Debug, Clone)]
pub struct Union {
    frame2: Frame,
    is_by_position: bool,
    is_distinct: bool,
    stage: Stage,
}

impl Union {
    /// The other frame (`UNION ALL`).
    #[must_use]
    pub fn new(frame2: Frame) -> Self {
        Self { frame2, is_by_position: false, is_distinct: false, stage: Stage::default() }
    }

    /// Columns are put together by their places, and are called as in the first frame (Glue Studio's node).
    #[must_use]
    pub fn by_position(mut self) -> Self {
        self.is_by_position = true;
        self
    }

    /// Rows that are equal are one (Glue Studio's `UnionType` `DISTINCT`).
    #[must_use]
    pub fn distinct(mut self) -> Self {
        self.is_distinct = true;
        self
    }
}

impl Transform for Union {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let mut other = self.frame2.to_df();
        if self.is_by_position {
            other = called_as(frame, &self.frame2)?;
        }
        let mut data = both(frame.to_df(), other)?;
        if self.is_distinct {
            data = data.distinct()?;
        }
        Ok(frame.then(&self.stage, data)?.and_errors_of(&self.frame2))
    }
}

/// The second frame with the names of the first.
fn called_as(one: &Frame, other: &Frame) -> Result<DataFrame> {
    let (names, parts) = (one.columns(), other.columns());
    if names.len() != parts.len() {
        let message = format!("there are {} columns and {} columns", names.len(), parts.len());
        return Err(GlueError::new("Union", message).help("both frames need the same number"));
    }
    let list = names.into_iter().zip(parts).map(|(name, part)| (name.name, part.expr));
    Ok(other.to_df().select(named(list))?)
}

fn both(one: DataFrame, other: DataFrame) -> Result<DataFrame> {
    let (columns1, columns2) = (columns(&one), columns(&other));
    let one = one.select(named(texts_where(&columns1, &columns2)))?;
    let other = other.select(named(texts_where(&columns2, &columns1)))?;
    Ok(one.union_by_name(other)?)
}

/// The columns, as texts where the other frame has a text under that name. The engine would make the text a number, and fail for one that
/// is none.
fn texts_where(columns: &[Part], others: &[Part]) -> Vec<(String, Expr)> {
    let typed = columns.iter().map(|part| {
        let other = others.iter().find(|other| other.name == part.name);
        let is_as_text = other.is_some_and(|other| other.data_type.is_string());
        let expr = match is_as_text && !part.data_type.is_string() {
            true => cast_expr(part.expr.clone(), &part.data_type, &DataType::Utf8),
            false => part.expr.clone(),
        };
        (part.name.clone(), expr)
    });
    typed.collect()
}

/// `mergeDynamicFrame`: the rows of a source, where those of a staging frame with the same key take the place of its own.
///
/// A row of the source stays if no row of the staging frame has its key; every row of the staging frame is there. Rows with the same key
/// in one frame all stay: nothing is de-duplicated. A key that is NULL equals none. The frames' schemas may differ, as in [`Union`].
#[derive(Debug, Clone)]
pub struct MergeDynamicFrame {
    stage_dynamic_frame: Frame,
    primary_keys: Vec<String>,
    stage: Stage,
}

impl MergeDynamicFrame {
    /// The staging frame, and the columns of the key (`stage_dynamic_frame`, `primary_keys`). `options` has no meaning in Glue either.
    pub fn new<K: Into<String>>(
        stage_dynamic_frame: Frame,
        primary_keys: impl IntoIterator<Item = K>,
    ) -> Self {
        Self {
            stage_dynamic_frame,
            primary_keys: primary_keys.into_iter().map(Into::into).collect(),
            stage: Stage::default(),
        }
    }
}

impl Transform for MergeDynamicFrame {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        const NAME: &str = "mergeDynamicFrame";
        let (source, staged) = (frame.columns(), self.stage_dynamic_frame.columns());
        let (mut keys, mut staged_keys) = (Vec::new(), Vec::new());
        for key in &self.primary_keys {
            let index = find(NAME, &source, key, Case::Sensitive)?;
            let staged_index = find(NAME, &staged, key, Case::Sensitive)?;
            keys.push(source[index].clone());
            staged_keys.push(staged[staged_index].clone());
        }
        if keys.is_empty() {
            return Err(GlueError::new(NAME, "there are no primary keys"));
        }
        let stage_rows = self.stage_dynamic_frame.to_df();
        let kept = without_match(frame.to_df(), &keys, stage_rows.clone(), &staged_keys)?;
        let merged = frame.then(&self.stage, both(kept, stage_rows)?)?;
        Ok(merged.and_errors_of(&self.stage_dynamic_frame))
    }
}
