//! Sources: the staged tables that a job declares in `sources.sql`.

mod roles;
pub mod widen;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{Constraint, Constraints};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{DdlStatement, LogicalPlan};
use datafusion::sql::parser::{CreateExternalTable, Statement};
use datafusion::sql::sqlparser::ast::{ColumnOption, Expr, Ident, TableConstraint};

use crate::dms::csv::value::is_supported;
use crate::dms::csv::{ColumnSpec, same_name};
use crate::dms::drift::DriftPolicy;
use crate::dms::endpoint;
use crate::dms::settings::{
    ENDPOINT, Settings, beside_options, canonical_option, is_check, is_endpoint, matters,
    overrides, same_option,
};
use crate::functions::sql_type;
use crate::place::DefinitionError;
use crate::sql;
use crate::types::{declared_type, split_declared, with_nearest_type};
use staged::ObjectKind;

/// The file type of our DDL: `STORED AS DMS`.
pub const FILE_TYPE: &str = "DMS";

/// A staged table.
#[derive(Debug, Clone)]
pub struct Source {
    /// The table's name in SQL, lower-case unless quoted.
    pub name: String,
    /// The folder that DMS writes for the table, as declared.
    pub location: String,
    /// Columns as declared, then those that were added ([`Self::widened`]); key columns are not nullable.
    pub schema: SchemaRef,
    /// How many columns are declared.
    pub declared: usize,
    /// Indices of the PRIMARY KEY's columns, in key order; empty without one.
    pub key: Vec<usize>,
    /// For each column of the key, in key order, the index of the column that holds its value before the change
    /// ([`Settings::before_image`]); empty without such columns.
    pub before_key: Vec<usize>,
    /// The index of the column that orders changes ([`Settings::change_sequence_column`]).
    pub change_sequence: Option<usize>,
    /// How the objects are written.
    pub settings: Settings,
    /// What is done with objects that are wider or narrower than that.
    pub drift: DriftPolicy,
    /// The options that say otherwise than the endpoint's settings ([`ENDPOINT`]), which they are stronger than.
    pub overrides: Vec<&'static str>,
    /// The declaration without its location: two equal ones read the same objects the same way.
    pub definition: String,
}

impl Source {
    /// Names of the key's columns.
    pub fn key_names(&self) -> impl Iterator<Item = &str> {
        self.key.iter().map(|index| self.schema.field(*index).name().as_str())
    }

    /// The index of the declared column that holds when a change was committed ([`Settings::timestamp_column_name`]).
    #[must_use]
    pub fn commit_column(&self) -> Option<usize> {
        let name = self.settings.timestamp_column_name.as_deref()?;
        self.schema.fields().iter().position(|field| same_name(field.name(), name))
    }

    /// The columns as the decoder wants them.
    #[must_use]
    pub fn columns(&self) -> Vec<ColumnSpec> {
        let is_padded = |data_type: &DataType| {
            self.settings.is_padded && matches!(data_type, DataType::Utf8 | DataType::Utf8View)
        };
        let specs = self.schema.fields().iter().map(|field| column_spec(field));
        let mut specs: Vec<ColumnSpec> = specs
            .map(|spec| ColumnSpec {
                trim_blanks: spec.trim_blanks || is_padded(&spec.data_type),
                ..spec
            })
            .collect();
        // A key and what it was before must be read alike, to be the same where they are.
        for (column, before) in self.key.iter().zip(&self.before_key) {
            let Some(ColumnSpec { trim_blanks, fraction_digits, .. }) = specs.get(*column).cloned()
            else {
                continue;
            };
            if let Some(spec) = specs.get_mut(*before) {
                *spec = ColumnSpec { trim_blanks, fraction_digits, ..spec.clone() };
            }
        }
        specs
    }
}

/// The texts of the files beside `sources.sql`, by name.
pub type Files<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// No files.
#[must_use]
pub fn no_files(_name: &str) -> Option<String> {
    None
}

/// Reads `sources.sql`.
///
/// # Errors
/// Anything that is not a `CREATE EXTERNAL TABLE … STORED AS DMS` with columns and one LOCATION, and every wrong
/// option, type or key in one.
pub async fn parse_sources(
    state: &SessionState,
    file: &str,
    text: &str,
    files: Files<'_>,
) -> Result<Vec<Source>, DefinitionError> {
    let sources = parse_each_source(state, file, text, files).await;
    sources.map_err(|errors| errors.into_iter().next().unwrap_or_else(|| none_declared(file)))
}

/// The same with all that is wrong, the first of each declaration.
///
/// # Errors
/// At least one of those of [`parse_sources`].
pub async fn parse_each_source(
    state: &SessionState,
    file: &str,
    text: &str,
    files: Files<'_>,
) -> Result<Vec<Source>, Vec<DefinitionError>> {
    let (mut sources, mut errors): (Vec<Source>, Vec<DefinitionError>) = Default::default();
    for statement in sql::parse_declarations(file, text).map_err(|error| vec![error])? {
        let Statement::CreateExternalTable(ddl) = statement else {
            let error = sql::at_statement(file, &statement, "not a CREATE EXTERNAL TABLE");
            errors.push(
                error.help("sources.sql declares sources; a SELECT belongs in a file of its own"),
            );
            continue;
        };
        let at = name_position(&ddl);
        match parse_source(state, file, ddl, files).await {
            Err(error) => errors.push(at_name(error, at)),
            Ok(source) if sources.iter().any(|other| other.name == source.name) => {
                let message = format!("source `{}` is declared twice", source.name);
                errors.push(at_name(DefinitionError::in_file(file, message), at));
            }
            Ok(source) => sources.push(source),
        }
    }
    if sources.is_empty() && errors.is_empty() {
        errors.push(none_declared(file));
    }
    if errors.is_empty() { Ok(sources) } else { Err(errors) }
}

fn none_declared(file: &str) -> DefinitionError {
    DefinitionError::in_file(file, "no source is declared")
        .help("CREATE EXTERNAL TABLE name (…, PRIMARY KEY (…)) STORED AS DMS LOCATION '…'")
}

/// Plans one declaration.
///
/// # Errors
/// See [`parse_sources`]; the place is the file only.
pub async fn parse_source(
    state: &SessionState,
    file: &str,
    ddl: CreateExternalTable,
    files: Files<'_>,
) -> Result<Source, DefinitionError> {
    let bad = |message: String| DefinitionError::in_file(file, message);
    if !ddl.file_type.eq_ignore_ascii_case(FILE_TYPE) {
        return Err(bad(format!("STORED AS {} is not read here", ddl.file_type))
            .help("write STORED AS DMS"));
    }
    let unknown = || no_column(&ddl).map(|wrong| unknown_column(file, &ddl, wrong));
    if let Some(error) = contradiction(&ddl).map(bad).or_else(unknown) {
        return Err(error);
    }
    let types: Vec<(String, Option<(u64, u64)>)> = ddl
        .columns
        .iter()
        .map(|column| (column.data_type.to_string(), ident_position(&column.name)))
        .collect();
    let written: Vec<String> = ddl.options.iter().map(|(name, _)| name.clone()).collect();
    let statement = Statement::CreateExternalTable(ddl);
    let plan = sql::plan(state, file, statement).await.map_err(|error| {
        let error = with_nearest_type(error);
        // The planner names an unsupported type but not where it stands.
        let is_told = |sql_type: &str| error.message.ends_with(&format!("SQL type {sql_type}"));
        match types.iter().find(|(sql_type, _)| is_told(sql_type)) {
            Some((_, at)) if error.place.at.is_none() => at_name(error, *at),
            _ => error,
        }
    })?;
    let LogicalPlan::Ddl(DdlStatement::CreateExternalTable(table)) = plan else {
        return Err(bad("not a CREATE EXTERNAL TABLE".to_owned()));
    };
    let name = table.name.table().to_owned();
    if table.name.schema().is_some() {
        return Err(bad(format!("source `{}` has a schema in its name", table.name))
            .help("a source is named by one word; its schema is in the LOCATION"));
    }
    if table.schema.fields().is_empty() {
        return Err(bad(format!("source `{name}` declares no columns"))
            .help("name the columns in the order in which DMS writes them"));
    }
    let [location] = table.locations.as_slice() else {
        return Err(bad(format!("source `{name}` has more than one LOCATION")));
    };
    let in_source = |message: String| bad(format!("source `{name}`: {message}"));
    let (options, overrides) = with_endpoint(&table.options, files).map_err(in_source)?;
    let settings = Settings::from_options(&options)
        .map_err(|error| in_source(error.as_written(&written).to_string()))?;
    check_operations(&settings, table.schema.as_arrow(), !table.constraints.is_empty())
        .map_err(in_source)?;
    if let Some(field) = table.schema.fields().iter().find(|field| !is_supported(field.data_type()))
    {
        let (column, found) = (field.name(), sql_type(field.data_type()));
        return Err(in_source(format!("column `{column}` is of type {found}"))
            .help("DMS writes no such values; docs/jobs.md lists the types"));
    }
    let key = primary_key(&table.constraints, table.schema.as_arrow()).map_err(in_source)?;
    let schema = keyed_schema(table.schema.as_arrow(), &key);
    let (before_key, change_sequence) = roles::find(&schema, &key, &settings).map_err(in_source)?;
    let definition = describe(&name, &schema, &key, &options);
    Ok(Source {
        name,
        location: location.clone(),
        declared: schema.fields().len(),
        schema,
        key,
        before_key,
        change_sequence,
        settings,
        drift: DriftPolicy::default(),
        overrides,
        definition,
    })
}

/// Where an object may have operations or not, its rows must tell which.
fn check_operations(settings: &Settings, schema: &Schema, has_key: bool) -> Result<(), String> {
    if !settings.op_may_lack(ObjectKind::Change) || settings.preserve_transactions {
        return Ok(());
    }
    let instead = "set IncludeOpForFullLoad at the endpoint and here";
    if !has_key {
        return Err(format!(
            "with CdcInsertsAndUpdates an update cannot be told from an insert, and there is no PRIMARY KEY: {instead}"
        ));
    }
    let first = schema.fields().first().map(|field| field.data_type());
    let is_text = matches!(first, Some(DataType::Utf8 | DataType::Utf8View));
    if is_text && settings.timestamp_column_name.is_none() && !settings.names_columns() {
        return Err(format!(
            "with CdcInsertsAndUpdates an operation cannot be told from a text in the first column: {instead}, or AddColumnName"
        ));
    }
    Ok(())
}

/// The options, with those settings of the endpoint that they do not name themselves; and the names of those that say otherwise.
fn with_endpoint(
    options: &HashMap<String, String>,
    files: Files<'_>,
) -> Result<(HashMap<String, String>, Vec<&'static str>), String> {
    let Some((key, named)) = options.iter().find(|(key, _)| is_endpoint(key)) else {
        return Ok((options.clone(), Vec::new()));
    };
    let mut own = options.clone();
    let _name = own.remove(key);
    let (file, identifier) = match named.split_once('#') {
        Some((file, identifier)) => (file, Some(identifier)),
        None => (named.as_str(), None),
    };
    let text = files(file).ok_or_else(|| {
        format!("option `{ENDPOINT}`: the file `{file}` cannot be read: it belongs into the job's folder, its name ends in .json, and it is UTF-8")
    })?;
    let names =
        |own: &HashMap<String, String>, name: &str| own.keys().any(|key| same_option(key, name));
    let told = |error: &dyn std::fmt::Display| format!("option `{ENDPOINT}`: {file}: {error}");
    let endpoint = endpoint::settings(&text, identifier, |name, value| {
        // What says the default says nothing.
        let is_default = Settings::from_options([(name, value)]) == Ok(Settings::default());
        matters(name) && !is_default && !names(&own, name)
    })
    .map_err(|error| told(&error))?;
    let overrides = overrides(&endpoint, &own);
    let beside = beside_options(endpoint, own.keys()).map_err(|error| told(&error))?;
    own.extend(beside);
    Ok((own, overrides))
}

/// What the engine's planner would take without a word, using only a part of it.
fn contradiction(ddl: &CreateExternalTable) -> Option<String> {
    let name = &ddl.name;
    let of_columns = ddl
        .columns
        .iter()
        .flat_map(|column| &column.options)
        .filter(|option| matches!(option.option, ColumnOption::PrimaryKey(_)));
    let of_table = ddl
        .constraints
        .iter()
        .filter(|constraint| matches!(constraint, TableConstraint::PrimaryKey(_)));
    if of_columns.count() + of_table.count() > 1 {
        return Some(format!("source `{name}` has more than one PRIMARY KEY"));
    }
    if !ddl.table_partition_cols.is_empty() {
        return Some(format!(
            "source `{name}`: PARTITIONED BY has no meaning, DMS's folders are found"
        ));
    }
    let mut seen = HashSet::new();
    ddl.options
        .iter()
        .find(|(option, _)| !seen.insert(option.to_lowercase()))
        .map(|(option, _)| format!("source `{name}`: option `{option}` is given twice"))
}

/// The first name in PRIMARY KEY (…) that is no column's.
fn no_column(ddl: &CreateExternalTable) -> Option<&Ident> {
    let is_column =
        |name: &Ident| ddl.columns.iter().any(|column| folded(&column.name) == folded(name));
    let named = ddl.constraints.iter().filter_map(|constraint| match constraint {
        TableConstraint::PrimaryKey(key) => Some(&key.columns),
        _ => None,
    });
    let mut names = named.flatten().filter_map(|column| match &column.column.expr {
        Expr::Identifier(name) => Some(name),
        _ => None,
    });
    names.find(|name| !ddl.columns.is_empty() && !is_column(name))
}

/// A name as the planner takes it.
fn folded(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_lowercase(),
    }
}

fn unknown_column(file: &str, ddl: &CreateExternalTable, wrong: &Ident) -> DefinitionError {
    let columns: Vec<String> = ddl.columns.iter().map(|column| folded(&column.name)).collect();
    let (source, at, wrong) = (&ddl.name, ident_position(wrong), folded(wrong));
    let message = format!("source `{source}`: its PRIMARY KEY names `{wrong}`, which is no column");
    let error = at_name(DefinitionError::in_file(file, message), at);
    match sql::nearest(&wrong, columns.iter().map(String::as_str)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("there are the columns {}", columns.join(", "))),
    }
}

fn primary_key(constraints: &Constraints, schema: &Schema) -> Result<Vec<usize>, String> {
    let key = constraints.iter().find_map(|constraint| match constraint {
        Constraint::PrimaryKey(columns) => Some(columns.clone()),
        Constraint::Unique(_) => None,
    });
    let key = key.unwrap_or_default();
    match (1..key.len()).find(|index| key[..*index].contains(&key[*index])) {
        None => Ok(key),
        Some(index) => {
            Err(format!("its PRIMARY KEY names `{}` twice", schema.field(key[index]).name()))
        }
    }
}

/// PRIMARY KEY implies NOT NULL, which the planner does not infer. Elsewhere NOT NULL is taken off: a U row may lack values
/// that the source's log does not hold (DMS guide: unchanged LOBs, supplemental logging).
fn keyed_schema(schema: &Schema, key: &[usize]) -> SchemaRef {
    let fields = schema.fields().iter().enumerate().map(|(index, field)| {
        let nullable = !key.contains(&index);
        field.as_ref().clone().with_nullable(nullable)
    });
    Arc::new(Schema::new(fields.collect::<Vec<Field>>()))
}

fn describe(
    name: &str,
    schema: &Schema,
    key: &[usize],
    options: &HashMap<String, String>,
) -> String {
    let columns: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| {
            format!(
                "{} {} {} {}",
                field.name(),
                field.data_type(),
                declared_type(field).unwrap_or_default(),
                field.is_nullable()
            )
        })
        .collect();
    // Whether rows are checked does not change how they are read, and nor does what is so without it.
    let read = |options: &HashMap<String, String>| Settings::from_options(options).ok();
    let with_all = read(options);
    let matters = |key: &String| {
        let mut others = options.clone();
        let _value = others.remove(key);
        !is_check(key) && read(&others) != with_all
    };
    let options = options.iter().filter(|(key, _)| matters(key));
    let mut options: Vec<String> =
        options.map(|(key, value)| format!("{}={value}", canonical_option(key))).collect();
    options.sort();
    format!("{name}({}) key {key:?} options {}", columns.join(", "), options.join(", "))
}

fn column_spec(field: &Field) -> ColumnSpec {
    let (name, arguments) = split_declared(declared_type(field).unwrap_or_default());
    let temporal = matches!(field.data_type(), DataType::Timestamp(..) | DataType::Time64(_));
    let fraction_digits = match arguments.first() {
        Some(digits) if temporal => u8::try_from((*digits).min(6)).unwrap_or(6),
        _ => 6,
    };
    ColumnSpec {
        name: field.name().clone(),
        data_type: field.data_type().clone(),
        nullable: field.is_nullable(),
        // Blanks at the end of a CHAR(n) are padding (PostgreSQL manual, 8.3; MySQL removes them on reading).
        trim_blanks: matches!(name, "CHAR" | "CHARACTER" | "NCHAR"),
        fraction_digits,
    }
}

fn name_position(ddl: &CreateExternalTable) -> Option<(u64, u64)> {
    ddl.name.0.first().and_then(|part| part.as_ident()).and_then(ident_position)
}

fn ident_position(ident: &Ident) -> Option<(u64, u64)> {
    let start = ident.span.start;
    (start.line > 0).then_some((start.line, start.column))
}

fn at_name(error: DefinitionError, at: Option<(u64, u64)>) -> DefinitionError {
    match (error.place.at, at) {
        (None, Some((line, column))) => error.at(line, column),
        _ => error,
    }
}

#[cfg(test)]
mod tests;
