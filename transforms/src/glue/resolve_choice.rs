//! `ResolveChoice`: columns whose values are of several types.

use datafusion::arrow::datatypes::DataType;
use datafusion::dataframe::DataFrame;
use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::{Expr, lit, when};
use datafusion::scalar::ScalarValue;

use super::cast::{cast_expr, is_castable, read_expr};
use super::error::{GlueError, Result};
use super::frame::{Frame, Stage, Transform, columns, named};
use super::nested::{Case, Edit, Part, new_struct};
use super::path::{Step, parse_path};
use super::types::{Shape, TypeName, parse_type, type_name};

const NAME: &str = "ResolveChoice";

/// `ResolveChoice`: one type for columns that hold several.
///
/// A `DataFrame`'s column has one type, so a choice is here what `toDF` of Glue makes of one: a struct with a field for each
/// type, which is called as the type is (`struct<int:int,string:string>`), and of which one has a value. Text whose values are of
/// several types, as CSV has it, is made one by [`Self::text_of`]. `cast` works on every column.
#[derive(Debug, Clone, Default)]
pub struct ResolveChoice {
    specs: Vec<(String, String)>,
    choice: String,
    texts: Vec<(String, Vec<String>)>,
    stage: Stage,
}

impl ResolveChoice {
    /// Actions for columns (`specs`): `(path, action)`. `list[].field` leads into the elements of an array. The actions:
    ///
    /// - `cast:type`: the value of whatever type as that type, NULL if it cannot be
    /// - `project:type`: the value if it is of that type, else NULL
    /// - `make_cols`: a column `name_type` for each type
    /// - `make_struct`: a struct with a field for each type
    pub fn specs<P: Into<String>, A: Into<String>>(
        specs: impl IntoIterator<Item = (P, A)>,
    ) -> Self {
        let specs = specs.into_iter().map(|(path, action)| (path.into(), action.into()));
        Self { specs: specs.collect(), ..Self::default() }
    }

    /// One action for all columns that are choices (`choice`). `match_catalog` is refused: there is no catalog.
    pub fn choice(action: impl Into<String>) -> Self {
        Self { choice: action.into(), ..Self::default() }
    }

    /// The text at the path is a choice of these types: a value is of the first one that it can be cast to. If none is `string`, a
    /// value that fits none is NULL.
    #[must_use]
    pub fn text_of<T: Into<String>>(
        mut self,
        path: impl Into<String>,
        types: impl IntoIterator<Item = T>,
    ) -> Self {
        self.texts.push((path.into(), types.into_iter().map(Into::into).collect()));
        self
    }
}

impl Transform for ResolveChoice {
    type Output = Frame;

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        match (self.specs.is_empty(), self.choice.is_empty()) {
            (true, true) => {
                return Err(GlueError::new(NAME, "there are neither specs nor a choice"));
            }
            (false, false) => return Err(GlueError::new(NAME, "there are specs and a choice")),
            _ => {}
        }
        let mut data = frame.to_df();
        for (path, types) in &self.texts {
            let types = types.iter().map(|name| whole_type(name)).collect::<Result<Vec<_>>>()?;
            data = edit(data, &parse_path(NAME, path)?, &|part| {
                Ok(vec![(part.name.clone(), choice_of_text(&part, &types)?)])
            })?;
        }
        for (path, action) in &self.specs {
            let action = Action::parse(action)?;
            data = edit(data, &parse_path(NAME, path)?, &|part| action.resolve(part))?;
        }
        if !self.choice.is_empty() {
            let action = Action::parse(&self.choice)?;
            let mut paths = Vec::new();
            for column in columns(&data) {
                add_choices(&column.name, &column.data_type, &mut Vec::new(), &mut paths);
            }
            for path in paths {
                data = edit(data, &path, &|part| action.resolve(part))?;
            }
        }
        frame.then(&self.stage, data)
    }
}

fn edit(data: DataFrame, path: &[Step], change: super::nested::Change<'_>) -> Result<DataFrame> {
    let edit = Edit { transform: NAME, case: Case::Sensitive, change };
    let list = named(edit.apply(columns(&data), path)?);
    Ok(data.select(list)?)
}

enum Action {
    Cast(DataType),
    Project(TypeName),
    MakeCols,
    MakeStruct,
}

fn whole_type(name: &str) -> Result<DataType> {
    match parse_type(name) {
        Ok(TypeName::Type(data_type)) => Ok(data_type),
        Ok(TypeName::Shape(_)) => {
            Err(GlueError::new(NAME, format!("`{name}` does not say what is in it")))
        }
        Err(message) => Err(GlueError::new(NAME, message)),
    }
}

impl Action {
    fn parse(text: &str) -> Result<Self> {
        if let Some(name) = text.strip_prefix("cast:") {
            return whole_type(name).map(Self::Cast);
        }
        if let Some(name) = text.strip_prefix("project:") {
            let data_type = parse_type(name).map_err(|message| GlueError::new(NAME, message))?;
            return Ok(Self::Project(data_type));
        }
        match text {
            "make_cols" => Ok(Self::MakeCols),
            "make_struct" => Ok(Self::MakeStruct),
            "match_catalog" => Err(GlueError::new(NAME, "there is no catalog for `match_catalog`")
                .help("name the columns with specs, such as (\"id\", \"cast:long\")")),
            other => Err(GlueError::new(NAME, format!("`{other}` is not an action"))
                .help("there are cast:type, project:type, make_cols and make_struct")),
        }
    }

    fn resolve(&self, part: Part) -> Result<Vec<(String, Expr)>> {
        let choices = if is_choice(&part.data_type) { part.fields() } else { Vec::new() };
        let expr = match (self, choices.is_empty()) {
            (Self::MakeCols | Self::MakeStruct, true) | (Self::MakeStruct, false) => part.expr,
            (Self::MakeCols, false) => {
                let column = |one: Part| (format!("{}_{}", part.name, one.name), one.expr);
                return Ok(choices.into_iter().map(column).collect());
            }
            (Self::Cast(to), true) => cast_expr(part.expr, &part.data_type, to),
            (Self::Cast(to), false) => {
                let casts = choices.into_iter().filter(|one| is_castable(&one.data_type, to));
                let casts: Vec<Expr> =
                    casts.map(|one| cast_expr(one.expr, &one.data_type, to)).collect();
                if casts.is_empty() { null_of(to)? } else { coalesce(casts) }
            }
            (Self::Project(wanted), false) => {
                match (choices.into_iter().find(|one| is_of(&one.data_type, wanted)), wanted) {
                    (Some(one), _) => one.expr,
                    (None, TypeName::Type(wanted)) => null_of(wanted)?,
                    (None, TypeName::Shape(_)) => return Err(not_projected(&part)),
                }
            }
            (Self::Project(wanted), true) if is_of(&part.data_type, wanted) => part.expr,
            (Self::Project(_), true) => return Err(not_projected(&part)),
        };
        Ok(vec![(part.name, expr)])
    }
}

fn not_projected(part: &Part) -> GlueError {
    let found = type_name(&part.data_type);
    let message =
        format!("all values of `{}` are of type {found}, so that none would be left", part.name);
    GlueError::new(NAME, message).help("cast: keeps the values")
}

fn null_of(data_type: &DataType) -> Result<Expr> {
    Ok(lit(ScalarValue::try_from(data_type)?))
}

fn is_of(data_type: &DataType, wanted: &TypeName) -> bool {
    match wanted {
        TypeName::Type(wanted) => data_type == wanted,
        TypeName::Shape(shape) => Shape::holds(*shape, data_type),
    }
}

/// Whether a struct is a choice: at least two fields, each called as its type is.
fn is_choice(data_type: &DataType) -> bool {
    let DataType::Struct(fields) = data_type else { return false };
    fields.len() > 1 && fields.iter().all(|field| *field.name() == type_name(field.data_type()))
}

fn add_choices(
    name: &str,
    data_type: &DataType,
    above: &mut Vec<Step>,
    paths: &mut Vec<Vec<Step>>,
) {
    above.push(Step::Name(name.to_owned()));
    add_inner(data_type, above, paths);
    above.pop();
}

fn add_inner(data_type: &DataType, above: &mut Vec<Step>, paths: &mut Vec<Vec<Step>>) {
    match data_type {
        choice if is_choice(choice) => paths.push(above.clone()),
        DataType::Struct(fields) => {
            fields
                .iter()
                .for_each(|field| add_choices(field.name(), field.data_type(), above, paths));
        }
        DataType::List(element) => {
            above.push(Step::Element);
            add_inner(element.data_type(), above, paths);
            above.pop();
        }
        _ => {}
    }
}

/// The struct of a text's types, of which the first one that fits has the value.
fn choice_of_text(part: &Part, types: &[DataType]) -> Result<Expr> {
    if !part.data_type.is_string() {
        return Err(GlueError::new(NAME, format!("`{}` is not a text", part.name)));
    }
    let mut fields = Vec::new();
    let mut is_taken = lit(false);
    for data_type in types {
        let value = read_expr(part.expr.clone(), &part.data_type, data_type);
        let own = when(is_taken.clone().is_false(), value.clone()).end()?;
        is_taken = is_taken.or(value.is_not_null());
        fields.push((type_name(data_type), own));
    }
    Ok(when(part.expr.clone().is_not_null(), new_struct(fields)).end()?)
}
