//! `ApplyMapping`: columns by name, place and type.

use datafusion::logical_expr::Expr;

use super::cast::cast_expr;
use super::error::{GlueError, Result};
use super::frame::{Frame, Stage, Transform, named};
use super::nested::{Case, Part, new_struct, resolve};
use super::path::parse_names;
use super::types::{TypeName, parse_type, type_name};

const NAME: &str = "ApplyMapping";

/// One mapping: where a value comes from, where it goes to, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    source: String,
    source_type: Option<String>,
    target: String,
    target_type: Option<String>,
}

/// `(source path, target path)`: the type stays.
impl From<(&str, &str)> for Mapping {
    fn from((source, target): (&str, &str)) -> Self {
        Self {
            source: source.to_owned(),
            source_type: None,
            target: target.to_owned(),
            target_type: None,
        }
    }
}

/// `(source path, target path, target type)`.
impl From<(&str, &str, &str)> for Mapping {
    fn from((source, target, target_type): (&str, &str, &str)) -> Self {
        Self { target_type: Some(target_type.to_owned()), ..Self::from((source, target)) }
    }
}

/// `(source path, source type, target path, target type)`: what Glue and Glue Studio write.
impl From<(&str, &str, &str, &str)> for Mapping {
    fn from((source, source_type, target, target_type): (&str, &str, &str, &str)) -> Self {
        Self {
            source_type: Some(source_type.to_owned()),
            ..Self::from((source, target, target_type))
        }
    }
}

/// `ApplyMapping` (Glue Studio: Change Schema): only the listed columns, in the order of the list, under other names and as other
/// types.
///
/// Paths lead down and build structs with dots; back-ticks quote a name with a dot. Nothing leads into arrays, as in Glue. A value
/// that cannot be cast is NULL. The source type is read but not used: the column's own type is known.
#[derive(Debug, Clone)]
pub struct ApplyMapping {
    mappings: Vec<Mapping>,
    case_sensitive: bool,
    stage: Stage,
}

impl ApplyMapping {
    /// The mappings, as tuples of two, three or four texts.
    pub fn new<M: Into<Mapping>>(mappings: impl IntoIterator<Item = M>) -> Self {
        Self {
            mappings: mappings.into_iter().map(Into::into).collect(),
            case_sensitive: false,
            stage: Stage::default(),
        }
    }

    /// Whether source names must be the same in case (`case_sensitive`, which is false by default).
    #[must_use]
    pub fn case_sensitive(mut self, is_sensitive: bool) -> Self {
        self.case_sensitive = is_sensitive;
        self
    }
}

impl Transform for ApplyMapping {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        if self.mappings.is_empty() {
            return Err(GlueError::new(NAME, "there are no mappings"));
        }
        let case = if self.case_sensitive { Case::Sensitive } else { Case::Insensitive };
        let columns = frame.columns();
        let mut target = Vec::new();
        for mapping in &self.mappings {
            let source = resolve(NAME, &columns, &parse_names(NAME, &mapping.source)?, case)?;
            let names = parse_names(NAME, &mapping.target)?;
            insert(&mut target, &names, mapping.value(source)?, &mapping.target)?;
        }
        let data = frame.to_df().select(named(target.into_iter().map(Slot::built)))?;
        frame.then(&self.stage, data)
    }
}

impl Mapping {
    fn value(&self, source: Part) -> Result<Expr> {
        let read =
            |name: &String| parse_type(name).map_err(|message| GlueError::new(NAME, message));
        let _known = self.source_type.as_ref().map(read).transpose()?;
        match self.target_type.as_ref().map(read).transpose()? {
            None => Ok(source.expr),
            Some(TypeName::Type(to)) => Ok(cast_expr(source.expr, &source.data_type, &to)),
            Some(TypeName::Shape(shape)) if shape.holds(&source.data_type) => Ok(source.expr),
            Some(TypeName::Shape(_)) => {
                let found = type_name(&source.data_type);
                let target_type = self.target_type.as_deref().unwrap_or_default();
                Err(GlueError::new(
                    NAME,
                    format!("`{}` is of type {found}, not {target_type}", self.source),
                ))
            }
        }
    }
}

/// A column or field that is being built.
struct Slot {
    name: String,
    value: Value,
}

enum Value {
    Of(Expr),
    Struct(Vec<Slot>),
}

impl Slot {
    fn built(self) -> (String, Expr) {
        let expr = match self.value {
            Value::Of(expr) => expr,
            Value::Struct(slots) => new_struct(slots.into_iter().map(Self::built).collect()),
        };
        (self.name, expr)
    }
}

fn insert(slots: &mut Vec<Slot>, names: &[String], expr: Expr, target: &str) -> Result<()> {
    let twice =
        || GlueError::new(NAME, format!("`{target}` is a target twice, or within another one"));
    let Some((name, rest)) = names.split_first() else {
        return Err(GlueError::new(NAME, "a target is empty"));
    };
    let index = slots.iter().position(|slot| slot.name == *name);
    let index = match index {
        Some(index) if rest.is_empty() || index >= slots.len() => return Err(twice()),
        Some(index) => index,
        None => {
            let value =
                if rest.is_empty() { Value::Of(expr.clone()) } else { Value::Struct(Vec::new()) };
            slots.push(Slot { name: name.clone(), value });
            slots.len() - 1
        }
    };
    if rest.is_empty() {
        return Ok(());
    }
    match &mut slots[index].value {
        Value::Struct(inner) => insert(inner, rest, expr, target),
        Value::Of(_) => Err(twice()),
    }
}
