//! `Join`: two frames by equal keys.

use std::collections::BTreeSet;

use datafusion::common::JoinType;
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::{Expr, ident};

use super::cast::comparable;
use super::error::{GlueError, Result};
use super::frame::{Frame, Stage, Transform, columns, named};
use super::nested::{Case, Part, resolve};
use super::path::parse_names;

const NAME: &str = "Join";

/// The joins of Glue Studio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// `equijoin`: the only one that the transform in scripts has.
    Equi,
    /// `left`
    Left,
    /// `right`
    Right,
    /// `outer`
    Outer,
    /// `leftsemi`: rows of the first frame that have a match.
    LeftSemi,
    /// `leftanti`: rows of the first frame that have none.
    LeftAnti,
}

/// `Join`: the rows of two frames whose keys are equal. A key that is NULL equals none. Of a text and a number the text is read as a number.
///
/// All columns of both frames stay, the keys too. A column of the second frame whose name is taken gets a `.` before its name.
#[derive(Debug, Clone)]
pub struct Join {
    frame2: Frame,
    keys1: Vec<String>,
    keys2: Vec<String>,
    kind: JoinKind,
    stage: Stage,
}

impl Join {
    /// The second frame, and the keys of the first and of the second frame, as many of one as of the other.
    pub fn new<K1: Into<String>, K2: Into<String>>(
        frame2: Frame,
        keys1: impl IntoIterator<Item = K1>,
        keys2: impl IntoIterator<Item = K2>,
    ) -> Self {
        Self {
            frame2,
            keys1: keys1.into_iter().map(Into::into).collect(),
            keys2: keys2.into_iter().map(Into::into).collect(),
            kind: JoinKind::Equi,
            stage: Stage::default(),
        }
    }

    /// Another join than an equijoin (Glue Studio's `JoinType`).
    #[must_use]
    pub fn kind(mut self, kind: JoinKind) -> Self {
        self.kind = kind;
        self
    }
}

impl Transform for Join {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let kind = match self.kind {
            JoinKind::Equi => JoinType::Inner,
            JoinKind::Left => JoinType::Left,
            JoinKind::Right => JoinType::Right,
            JoinKind::Outer => JoinType::Full,
            JoinKind::LeftSemi => JoinType::LeftSemi,
            JoinKind::LeftAnti => JoinType::LeftAnti,
        };
        let keys1 = keys(&frame.columns(), &self.keys1)?;
        let keys2 = keys(&self.frame2.columns(), &self.keys2)?;
        let data = join(frame.to_df(), &keys1, self.frame2.to_df(), &keys2, kind)?;
        Ok(frame.then(&self.stage, data)?.and_errors_of(&self.frame2))
    }
}

fn keys(columns: &[Part], paths: &[String]) -> Result<Vec<Part>> {
    let key = |path: &String| resolve(NAME, columns, &parse_names(NAME, path)?, Case::Sensitive);
    paths.iter().map(key).collect()
}

/// Joins by keys, with names of the right side that are taken after a dot.
fn join(
    left: DataFrame,
    keys1: &[Part],
    right: DataFrame,
    keys2: &[Part],
    kind: JoinType,
) -> Result<DataFrame> {
    if keys1.is_empty() || keys1.len() != keys2.len() {
        let message =
            format!("there are {} keys of frame1 and {} of frame2", keys1.len(), keys2.len());
        return Err(GlueError::new(NAME, message).help("both need the same number, at least one"));
    }
    let mut taken: BTreeSet<String> = columns(&left).into_iter().map(|part| part.name).collect();
    let mut list = Vec::new();
    for part in columns(&right) {
        let mut name = part.name;
        while taken.contains(&name) {
            name.insert(0, '.');
        }
        taken.insert(name.clone());
        list.push((name, part.expr));
    }
    // Keys may be within structs: they are joined as columns of their own.
    let mut on = Vec::new();
    let mut left_list = named(columns(&left).into_iter().map(|part| (part.name, part.expr)));
    let kept = matches!(kind, JoinType::LeftSemi | JoinType::LeftAnti);
    let mut output: Vec<Expr> = columns(&left).into_iter().map(|part| part.expr).collect();
    if !kept {
        output.extend(list.iter().map(|(name, _)| ident(name.as_str())));
    }
    let mut right_list = named(list);
    for (index, (key1, key2)) in keys1.iter().zip(keys2).enumerate() {
        let (name1, name2) = (format!("__unglue_key1_{index}"), format!("__unglue_key2_{index}"));
        let (key1, key2) = comparable(key1.clone(), key2.clone());
        left_list.push(key1.alias(&name1));
        right_list.push(key2.alias(&name2));
        on.push(ident(name1).eq(ident(name2)));
    }
    let joined = left.select(left_list)?.join_on(right.select(right_list)?, kind, on)?;
    Ok(joined.select(output)?)
}

/// Rows of `left` whose keys none of `right` has.
pub(super) fn without_match(
    left: DataFrame,
    keys1: &[Part],
    right: DataFrame,
    keys2: &[Part],
) -> Result<DataFrame> {
    join(left, keys1, right, keys2, JoinType::LeftAnti)
}
