//! Transforms that choose and rename fields: `SelectFields`, `DropFields`, `RenameField`, `SplitFields`.
//!
//! Their names are compared with case, as Glue Studio's pages say.

use datafusion::dataframe::DataFrame;

use super::collection::FrameCollection;
use super::error::{GlueError, Result};
use super::frame::{Frame, Stage, Transform, columns, named};
use super::nested::{Case, Edit, check_names, find, resolve};
use super::path::{Step, parse_names, parse_path};

/// `SelectFields`: the named columns, in that order. Only columns, not fields within them, as in Glue.
#[derive(Debug, Clone)]
pub struct SelectFields {
    paths: Vec<String>,
    stage: Stage,
}

impl SelectFields {
    /// The names of columns (`paths`); back-ticks quote one with a dot.
    pub fn new<P: Into<String>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self { paths: paths.into_iter().map(Into::into).collect(), stage: Stage::default() }
    }
}

impl Transform for SelectFields {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let columns = frame.columns();
        let mut selected = Vec::new();
        for path in &self.paths {
            let names = parse_names("SelectFields", path)?;
            let [name] = names.as_slice() else {
                let message = format!("`{path}` is not a column but a field within one");
                return Err(GlueError::new("SelectFields", message).help(
                    "ApplyMapping takes fields out of structs; back-ticks quote a name with a dot",
                ));
            };
            selected.push(find("SelectFields", &columns, name, Case::Sensitive)?);
        }
        if selected.is_empty() {
            return Err(GlueError::new("SelectFields", "no columns are named"));
        }
        let list = selected.into_iter().map(|index| columns[index].expr.clone());
        let list: Vec<_> = list.collect();
        frame.then(&self.stage, frame.to_df().select(list)?)
    }
}

/// `DropFields`: all but the named fields. Paths lead into structs and into arrays of structs, not into maps.
#[derive(Debug, Clone)]
pub struct DropFields {
    paths: Vec<String>,
    stage: Stage,
}

impl DropFields {
    /// The full paths of fields (`paths`).
    pub fn new<P: Into<String>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self { paths: paths.into_iter().map(Into::into).collect(), stage: Stage::default() }
    }
}

impl Transform for DropFields {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let mut data = frame.to_df();
        for path in &self.paths {
            data = drop_field("DropFields", data, &parse_path("DropFields", path)?)?;
        }
        frame.then(&self.stage, data)
    }
}

/// Drops one field, and the structs that are left without any.
pub(super) fn drop_field(
    transform: &'static str,
    data: DataFrame,
    path: &[Step],
) -> Result<DataFrame> {
    let edit = Edit { transform, case: Case::Sensitive, change: &|_| Ok(Vec::new()) };
    let left = edit.apply(columns(&data), path)?;
    if left.is_empty() {
        return Err(GlueError::new(transform, "no columns are left"));
    }
    Ok(data.select(named(left))?)
}

/// `RenameField`: another name for one field.
///
/// Both names are full paths. A field may get another name where it is, or become a column; what puts it into another struct is
/// [`super::ApplyMapping`].
#[derive(Debug, Clone)]
pub struct RenameField {
    old_name: String,
    new_name: String,
    stage: Stage,
}

impl RenameField {
    /// The paths of the field before and after (`old_name`, `new_name`); back-ticks quote a name with a dot.
    pub fn new(old_name: impl Into<String>, new_name: impl Into<String>) -> Self {
        Self { old_name: old_name.into(), new_name: new_name.into(), stage: Stage::default() }
    }
}

const RENAME: &str = "RenameField";

impl Transform for RenameField {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let old = parse_path(RENAME, &self.old_name)?;
        let new = parse_path(RENAME, &self.new_name)?;
        let (Some((Step::Name(name), new_parent)), Some((_, old_parent))) =
            (new.split_last(), old.split_last())
        else {
            return Err(GlueError::new(
                RENAME,
                format!("`{}` is not a field's name", self.new_name),
            ));
        };
        let data = if new_parent == old_parent {
            rename_in_place(frame, &old, name)?
        } else if new_parent.is_empty() && !old.contains(&Step::Element) {
            move_to_top(frame, &self.old_name, &old, name)?
        } else {
            let message =
                format!("`{}` is in another place than `{}`", self.new_name, self.old_name);
            return Err(
                GlueError::new(RENAME, message).help("ApplyMapping moves fields between structs")
            );
        };
        frame.then(&self.stage, data)
    }
}

fn rename_in_place(frame: &Frame, old: &[Step], name: &str) -> Result<DataFrame> {
    let edit = Edit {
        transform: RENAME,
        case: Case::Sensitive,
        change: &|part| Ok(vec![(name.to_owned(), part.expr)]),
    };
    Ok(frame.to_df().select(named(edit.apply(frame.columns(), old)?))?)
}

fn move_to_top(frame: &Frame, old_name: &str, old: &[Step], name: &str) -> Result<DataFrame> {
    let columns = frame.columns();
    let moved = resolve(RENAME, &columns, &parse_names(RENAME, old_name)?, Case::Sensitive)?;
    let edit = Edit { transform: RENAME, case: Case::Sensitive, change: &|_| Ok(Vec::new()) };
    let mut list = edit.apply(columns, old)?;
    list.push((name.to_owned(), moved.expr));
    check_names(RENAME, &list)?;
    Ok(frame.to_df().select(named(list))?)
}

/// `SplitFields`: a frame of the named fields, and one of all others.
///
/// Paths lead into structs. The first frame has a field of a struct as a column of that path, `` `a.b` ``; in the second one it is dropped
/// from its struct.
#[derive(Debug, Clone)]
pub struct SplitFields {
    paths: Vec<String>,
    name1: String,
    name2: String,
    stage: Stage,
}

impl SplitFields {
    /// The full paths of fields (`paths`), and the names of the frame that has them and of the other one.
    pub fn new<P: Into<String>>(
        paths: impl IntoIterator<Item = P>,
        name1: impl Into<String>,
        name2: impl Into<String>,
    ) -> Self {
        Self {
            paths: paths.into_iter().map(Into::into).collect(),
            name1: name1.into(),
            name2: name2.into(),
            stage: Stage::default(),
        }
    }
}

impl Transform for SplitFields {
    type Output = FrameCollection;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<FrameCollection> {
        const NAME: &str = "SplitFields";
        let columns = frame.columns();
        let mut taken = Vec::new();
        let mut rest = frame.to_df();
        for path in &self.paths {
            let names = parse_names(NAME, path)?;
            let part = resolve(NAME, &columns, &names, Case::Sensitive)?;
            taken.push((names.join("."), part.expr));
            rest = drop_field(NAME, rest, &parse_path(NAME, path)?)?;
        }
        if taken.is_empty() {
            return Err(GlueError::new(NAME, "no fields are named"));
        }
        check_names(NAME, &taken)?;
        let first = frame.then(&self.stage, frame.to_df().select(named(taken))?)?;
        let second = frame.then(&self.stage, rest)?;
        Ok(FrameCollection::new([
            first.with_name(self.name1.as_str()),
            second.with_name(self.name2.as_str()),
        ]))
    }
}
