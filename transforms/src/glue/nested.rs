//! Fields within columns: finding them, changing them where they are, and building structs of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::functions::core::expr_fn::{get_field, named_struct};
use datafusion::functions_nested::array_transform::array_transform;
use datafusion::logical_expr::expr::LambdaVariable;
use datafusion::logical_expr::{Expr, lambda, lit, when};

use super::error::{GlueError, Result};
use super::path::Step;
use crate::sql::nearest;

/// A column, or a field of a struct: its name, how to compute it, its type.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) expr: Expr,
    pub(super) data_type: DataType,
}

impl Part {
    /// The fields of a struct, or nothing.
    pub(super) fn fields(&self) -> Vec<Part> {
        let DataType::Struct(fields) = &self.data_type else { return Vec::new() };
        let part = |field: &FieldRef| Part {
            name: field.name().clone(),
            expr: get_field(self.expr.clone(), field.name().as_str()),
            data_type: field.data_type().clone(),
        };
        fields.iter().map(part).collect()
    }
}

/// How names are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Sensitive,
    /// A name that is the same letter for letter goes before one that differs in case.
    Insensitive,
}

/// The index of the part with that name.
pub(super) fn find(
    transform: &'static str,
    parts: &[Part],
    name: &str,
    case: Case,
) -> Result<usize> {
    if let Some(index) = parts.iter().position(|part| part.name == name) {
        return Ok(index);
    }
    let alike: Vec<usize> = match case {
        Case::Sensitive => Vec::new(),
        Case::Insensitive => (0..parts.len())
            .filter(|index| parts[*index].name.to_lowercase() == name.to_lowercase())
            .collect(),
    };
    match alike.as_slice() {
        [index] => Ok(*index),
        [] => {
            let error = GlueError::new(transform, format!("there is no field `{name}`"));
            Err(match nearest(name, parts.iter().map(|part| part.name.as_str())) {
                Some(there) => error.help(format!("did you mean `{there}`?")),
                None => error,
            })
        }
        _ => Err(GlueError::new(
            transform,
            format!("several fields are called `{name}`, in another case"),
        )),
    }
}

/// The field at the end of a path through structs.
pub(super) fn resolve(
    transform: &'static str,
    columns: &[Part],
    names: &[String],
    case: Case,
) -> Result<Part> {
    let mut parts = columns.to_vec();
    let mut found: Option<Part> = None;
    for name in names {
        if let Some(outer) = &found {
            parts = outer.fields();
            if parts.is_empty() {
                return Err(no_inside(transform, outer));
            }
        }
        let index = find(transform, &parts, name, case)?;
        found = Some(parts.swap_remove(index));
    }
    found.ok_or_else(|| GlueError::new(transform, "a path is empty"))
}

fn no_inside(transform: &'static str, part: &Part) -> GlueError {
    let name = super::types::type_name(&part.data_type);
    GlueError::new(
        transform,
        format!("`{}` is of type {name}, which has no such fields", part.name),
    )
}

/// What becomes of a field: nothing, or fields in its place.
pub(super) type Change<'a> = &'a dyn Fn(Part) -> Result<Vec<(String, Expr)>>;

/// Changes the one field at the end of a path, in structs and in the elements of arrays, and leaves all others as they are.
/// A struct without fields goes too; one that is NULL stays NULL.
pub(super) struct Edit<'a> {
    pub(super) transform: &'static str,
    pub(super) case: Case,
    pub(super) change: Change<'a>,
}

impl Edit<'_> {
    /// The parts with the change, as names and expressions.
    pub(super) fn apply(&self, parts: Vec<Part>, path: &[Step]) -> Result<Vec<(String, Expr)>> {
        self.among(parts, path, 0)
    }

    fn among(&self, parts: Vec<Part>, path: &[Step], depth: usize) -> Result<Vec<(String, Expr)>> {
        let Some((Step::Name(name), rest)) = path.split_first() else {
            return Err(GlueError::new(self.transform, "a path lacks the name of a field"));
        };
        let wanted = find(self.transform, &parts, name, self.case)?;
        let mut edited = Vec::new();
        for (index, part) in parts.into_iter().enumerate() {
            if index == wanted {
                edited.extend(self.inside(part, rest, depth)?);
            } else {
                edited.push((part.name, part.expr));
            }
        }
        check_names(self.transform, &edited)?;
        Ok(edited)
    }

    fn inside(&self, part: Part, path: &[Step], depth: usize) -> Result<Vec<(String, Expr)>> {
        match (&part.data_type, path) {
            (_, []) => (self.change)(part),
            (DataType::Struct(_), [Step::Name(_), ..]) => {
                let fields = self.among(part.fields(), path, depth)?;
                Ok(struct_of(fields, &part.expr)
                    .map(|expr| (part.name, expr))
                    .into_iter()
                    .collect())
            }
            (DataType::List(element), [Step::Element, ..] | [Step::Name(_), ..]) => {
                let rest = if path[0] == Step::Element { &path[1..] } else { path };
                self.elements(&part, element, rest, depth)
            }
            _ => Err(no_inside(self.transform, &part)),
        }
    }

    fn elements(
        &self,
        list: &Part,
        element: &FieldRef,
        path: &[Step],
        depth: usize,
    ) -> Result<Vec<(String, Expr)>> {
        // Lambdas may stand within lambdas, so that their variables need names of their own.
        let name = format!("element{depth}");
        let variable = LambdaVariable::new(name.clone(), Some(Arc::clone(element)));
        let part = Part {
            name: list.name.clone(),
            expr: Expr::LambdaVariable(variable),
            data_type: element.data_type().clone(),
        };
        let mut edited = self.inside(part, path, depth + 1)?;
        match (edited.pop(), edited.is_empty()) {
            (None, _) => Ok(Vec::new()),
            (Some((_, body)), true) => {
                let list_expr = array_transform(list.expr.clone(), lambda([name], body));
                Ok(vec![(list.name.clone(), list_expr)])
            }
            (Some(_), false) => Err(GlueError::new(
                self.transform,
                format!("the elements of `{}` cannot become several columns", list.name),
            )),
        }
    }
}

/// Refuses names that would be there twice.
pub(super) fn check_names(transform: &'static str, fields: &[(String, Expr)]) -> Result<()> {
    let mut names = BTreeSet::new();
    match fields.iter().find(|(name, _)| !names.insert(name)) {
        Some((name, _)) => {
            let message = format!("there would be two fields `{name}`");
            Err(GlueError::new(transform, message)
                .help("RenameField gives one of them another name"))
        }
        None => Ok(()),
    }
}

/// A struct of the fields, NULL where `whole` is; nothing without fields.
pub(super) fn struct_of(fields: Vec<(String, Expr)>, whole: &Expr) -> Option<Expr> {
    if fields.is_empty() {
        return None;
    }
    // Without another branch the case is NULL. It cannot fail: the one branch has a type.
    when(whole.clone().is_not_null(), new_struct(fields)).end().ok()
}

/// A struct of the fields.
pub(super) fn new_struct(fields: Vec<(String, Expr)>) -> Expr {
    named_struct(fields.into_iter().flat_map(|(name, expr)| [lit(name), expr]).collect())
}

/// Columns without structs: the fields of a struct `a` are `a.b`, and so on down.
pub(super) fn flatten(parts: Vec<Part>) -> Vec<Part> {
    let mut flat = Vec::new();
    for part in parts {
        match &part.data_type {
            DataType::Struct(_) => {
                let fields = part
                    .fields()
                    .into_iter()
                    .map(|field| Part { name: format!("{}.{}", part.name, field.name), ..field });
                flat.extend(flatten(fields.collect()));
            }
            _ => flat.push(part),
        }
    }
    flat
}
