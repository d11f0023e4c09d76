//! Sources: nodes that read, as declarations of what DMS staged. Pure.

use super::fields::{Fields, Path};
use super::graph::{Graph, Node};
use super::operation::{self, Found};
use super::request::Key;
use super::types;
use super::written::with_variables;
use crate::error::{Error, Result};
use crate::scaffold::ddl::{Column, Declaration};
use crate::scaffold::names;
use transforms::dms::csv::same_name;

/// A source that is going to be declared.
#[derive(Debug)]
pub(super) struct Draft {
    /// The node that reads it.
    pub(super) node: String,
    pub(super) source: String,
    pub(super) location: String,
    pub(super) columns: Vec<Column>,
    pub(super) key: Vec<usize>,
    pub(super) options: Vec<(&'static str, String)>,
    /// The name that DMS's operation has in the job.
    pub(super) operation: Vec<String>,
    /// The first line of its comments.
    title: String,
    /// What is known and should be looked at.
    pub(super) notes: Vec<String>,
    /// What the job does not hold and a person has to fill in.
    pub(super) to_fill: Vec<String>,
}

impl Draft {
    /// The source as `sources.sql` has it.
    pub(super) fn declaration(&self) -> Declaration<'_> {
        let said = self.to_fill.iter().chain(&self.notes).map(String::as_str);
        Declaration {
            source: &self.source,
            location: &self.location,
            columns: &self.columns,
            key: &self.key,
            options: &self.options,
            comments: std::iter::once(self.title.as_str()).chain(said).collect(),
        }
    }
}

/// Drafts the sources of a node: one for each folder that it reads.
///
/// # Errors
/// Kind `Usage` for a key that a source cannot have.
pub(super) fn drafts(
    node: &Node,
    graph: &Graph,
    keys: &[Key],
    taken: &mut Vec<String>,
) -> Result<Vec<Draft>> {
    let places = places(node);
    let mut drafts = Vec::new();
    for place in places {
        let source = names::staged(&place.called, taken);
        taken.push(source.clone());
        let variable = source.to_uppercase().replace("_STAGED", "_LOCATION");
        let mut draft = Draft {
            node: node.id.clone(),
            source,
            location: place.location.unwrap_or_else(|| format!("${{{variable}}}")),
            columns: columns(node, graph),
            key: Vec::new(),
            options: Vec::new(),
            operation: Vec::new(),
            title: node.title(),
            notes: place.notes,
            to_fill: place.to_fill,
        };
        draft.take_out_operation(graph);
        draft.format(node);
        draft.set_key(keys, node, graph)?;
        drafts.push(draft);
    }
    Ok(drafts)
}

/// Where a node reads, and what the source is called after.
#[derive(Debug, Default)]
struct Place {
    called: String,
    /// None if the job does not hold it.
    location: Option<String>,
    notes: Vec<String>,
    to_fill: Vec<String>,
}

fn places(node: &Node) -> Vec<Place> {
    let fields = node.fields();
    let paths = fields.texts("Paths");
    let is_staged = matches!(node.kind.as_str(), "S3CsvSource" | "S3ParquetSource");
    if !is_staged || paths.is_empty() {
        return vec![elsewhere(node, &paths)];
    }
    let mut places: Vec<Place> = Vec::new();
    for path in paths {
        let (path, variables) = with_variables(&path);
        let (folder, object) = folder(&path);
        if places.iter().any(|place| place.location.as_deref() == Some(folder.as_str())) {
            continue;
        }
        let mut place = Place { called: names::last_part(&folder).to_owned(), ..Place::default() };
        if let Some(object) = object {
            place.notes.push(format!("the job reads {object}, a run all objects of the folder"));
        }
        if !variables.is_empty() {
            place.notes.push(format!("its place has the variables {}", variables.join(", ")));
        }
        place.location = Some(folder);
        places.push(place);
    }
    places
}

/// The folder of a path, with a slash behind it, and the object's name if the path is one of an object.
fn folder(path: &str) -> (String, Option<&str>) {
    let trimmed = path.trim_end_matches('/');
    let (above, last) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    let is_object = last.contains('*')
        || [".csv", ".gz", ".parquet"].iter().any(|ending| last.to_lowercase().ends_with(ending));
    if is_object && !above.is_empty() && !path.ends_with('/') {
        (format!("{above}/"), Some(last))
    } else {
        (format!("{trimmed}/"), None)
    }
}

/// What is read elsewhere than in a folder that DMS stages.
fn elsewhere(node: &Node, paths: &[String]) -> Place {
    let fields = node.fields();
    let table = fields.text("Table").or_else(|| fields.text("ConnectionTable"));
    let called = table
        .or_else(|| paths.first().map(|path| path.trim_end_matches('*')))
        .map_or(node.name.as_str(), names::last_part);
    let read = match (fields.text("Database"), table, paths.first()) {
        (Some(database), Some(table), _) => format!("the table {database}.{table}"),
        (None, Some(table), _) => format!("the table {table}"),
        (_, None, Some(path)) => format!("objects of another format in {path}"),
        (_, None, None) => "something that is not said".to_owned(),
    };
    let to_fill = format!(
        "the node reads {read}: give the folder in which DMS stages its rows as CSV or Parquet"
    );
    Place { called: called.to_owned(), to_fill: vec![to_fill], ..Place::default() }
}

/// The columns that the node declares, else those that the mapping behind it reads.
fn columns(node: &Node, graph: &Graph) -> Vec<Column> {
    let declared = schema(node);
    if !declared.is_empty() {
        return declared;
    }
    let mapping = graph.readers(&node.id).find(|reader| reader.kind == "ApplyMapping");
    let Some(mapping) = mapping else { return Vec::new() };
    let mut columns: Vec<Column> = Vec::new();
    for entry in mapping.fields().objects("Mapping") {
        let Some(path) = entry.path("FromPath") else { continue };
        let Some(name) = path.first() else { continue };
        if !columns.iter().any(|column| same_name(&column.name, name)) {
            columns.push(column(name, entry.text("FromType").unwrap_or_default()));
        }
    }
    columns
}

/// The columns of `OutputSchemas`: `[{"Columns": [{"Name", "Type"}]}]`, of Glue Studio `[[{"key", "type"}]]`.
pub(super) fn schema(node: &Node) -> Vec<Column> {
    let Some(first) = node.fields().get("OutputSchemas").and_then(|schemas| schemas.get(0)) else {
        return Vec::new();
    };
    let listed = match first.as_object() {
        Some(schema) => Fields(schema).get("Columns"),
        None => Some(first),
    };
    let listed = listed.and_then(|list| list.as_array()).map_or(&[][..], Vec::as_slice);
    let fields = listed.iter().filter_map(|value| value.as_object()).map(Fields);
    let named = fields.filter_map(|fields| {
        let name = fields.text("Name").or_else(|| fields.text("key"))?;
        let glue = fields.text("GlueStudioType").or_else(|| fields.text("Type"));
        Some(column(name, glue.unwrap_or_default()))
    });
    named.collect()
}

fn column(name: &str, glue: &str) -> Column {
    let remark = match types::sql(glue) {
        Some(_) => None,
        None if glue.is_empty() => Some("its type is not in the job".to_owned()),
        None => Some(format!("{glue} in the job: DMS writes it as text")),
    };
    // Binary values have no such type in DDL.
    let sql_type =
        types::sql(glue).map_or_else(|| "STRING".to_owned(), |sql| sql.replace("BINARY", "BLOB"));
    Column { name: name.to_lowercase(), sql_type, remark, doubt: None }
}

impl Draft {
    fn take_out_operation(&mut self, graph: &Graph) {
        let Some(first) = self.columns.first().map(|column| column.name.clone()) else { return };
        match operation::look(&first, graph.iter()) {
            Found::IsNot => {}
            Found::MayBe => self.notes.push(format!(
                "compare {first} with what is staged: if it is DMS's operation (I, U, D), take it out here and wherever it is read, since a run applies it"
            )),
            Found::Is => {
                self.columns.remove(0);
                self.notes.push(format!(
                    "{first} is DMS's operation and no column here: a run applies it; if the full load has it too, add 'IncludeOpForFullLoad' 'true'"
                ));
                self.operation.push(first);
            }
        }
    }

    /// The options that say how the objects are written.
    fn format(&mut self, node: &Node) {
        let fields = node.fields();
        match node.kind.as_str() {
            "S3CsvSource" => self.csv(fields),
            "S3ParquetSource" => self.options.push(("DataFormat", "parquet".to_owned())),
            _ => {}
        }
        if self.columns.is_empty() {
            self.to_fill.push(format!(
                "name the columns of {} with their types, all of them and in the order in which they are staged; `runner init` finds them in the objects, or in the database's definition",
                self.source
            ));
        }
        let bounds = fields.object("AdditionalOptions").unwrap_or(fields);
        let (some, given) =
            (|name: &str| fields.get(name).is_some(), |name: &str| bounds.get(name).is_some());
        let left_out = [
            ("Exclusions", !fields.texts("Exclusions").is_empty()),
            ("PartitionPredicate", fields.text("PartitionPredicate").is_some()),
            ("MaxFilesInBand", some("MaxFilesInBand")),
            ("BoundedSize", given("BoundedSize")),
            ("BoundedFiles", given("BoundedFiles")),
        ];
        let left_out: Vec<&str> =
            left_out.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
        if !left_out.is_empty() {
            self.notes.push(format!(
                "left out of the job: {}; a run reads all objects that it has not applied",
                left_out.join(", ")
            ));
        }
    }

    fn csv(&mut self, fields: Fields<'_>) {
        let delimiter = match fields.text("Separator").unwrap_or("comma").to_lowercase().as_str() {
            "comma" | "," => None,
            "tab" | "\t" => Some("\\t".to_owned()),
            "pipe" => Some("|".to_owned()),
            "semicolon" => Some(";".to_owned()),
            "ctrla" => Some("\u{1}".to_owned()),
            other => Some(other.to_owned()),
        };
        self.options.extend(delimiter.map(|delimiter| ("CsvDelimiter", delimiter)));
        match fields.text("QuoteChar").unwrap_or("quote").to_lowercase().as_str() {
            "quote" | "\"" => {}
            "disabled" | "-1" => self.options.push(("Rfc4180", "false".to_owned())),
            other => self.to_fill.push(format!(
                "the node reads fields in {other}, which DMS does not write: look at the objects"
            )),
        }
        if fields.is("WithHeader") {
            self.options.push(("AddColumnName", "true".to_owned()));
        } else if fields.is("SkipFirst") {
            self.notes.push("the node skips the first line: if it has the columns' names, add 'AddColumnName' 'true' and name them so".to_owned());
        }
        if fields.text("CompressionType").is_some_and(|name| name.eq_ignore_ascii_case("bzip2")) {
            self.to_fill.push(
                "the node reads bzip2, which DMS does not write and a run does not read".to_owned(),
            );
        }
        if let Some(escaper) = fields.text("Escaper") {
            self.notes.push(format!("the node's escape character {escaper} is left out: DMS doubles quotes and escapes nothing"));
        }
    }

    fn set_key(&mut self, keys: &[Key], node: &Node, graph: &Graph) -> Result<()> {
        let Some(key) = keys.iter().find(|key| key.is_of(&self.source)) else {
            self.notes.push(format!(
                "{} has no PRIMARY KEY, which the job does not hold: without one its rows can only be added; name it here, or import with --key {}:COLUMN",
                self.source, self.source
            ));
            return Ok(());
        };
        for name in &key.columns {
            let found = self.columns.iter().position(|column| same_name(&column.name, name));
            let Some(index) = found else {
                let names: Vec<&str> =
                    self.columns.iter().map(|column| column.name.as_str()).collect();
                let message =
                    format!("source `{}` has no column `{name}` for its key", self.source);
                let hint = if names.is_empty() {
                    "the job does not hold its columns: add columns and key to sources.sql"
                        .to_owned()
                } else {
                    format!("its columns are {}", names.join(", "))
                };
                return Err(Error::usage(message).hint(hint));
            };
            self.key.push(index);
            if let Some(column) = self.columns.get_mut(index) {
                as_mapped(column, node, graph);
            }
        }
        Ok(())
    }
}

/// A text of the key is declared as what the only mapping behind it makes of it: a key that cannot be cast is none, and a model that
/// passes the key on as it is follows its source row by row.
fn as_mapped(column: &mut Column, node: &Node, graph: &Graph) {
    let reader = graph.only_reader(&node.id).filter(|reader| reader.kind == "ApplyMapping");
    let Some(mapping) = reader.filter(|_| column.sql_type == "STRING") else { return };
    let reads =
        |path: Path| path.len() == 1 && path.iter().all(|name| same_name(name, &column.name));
    let entries = mapping.fields().objects("Mapping");
    let entry = entries.into_iter().find(|entry| entry.path("FromPath").is_some_and(reads));
    if let Some(sql_type) = entry.and_then(|entry| types::sql(entry.text("ToType")?))
        && sql_type != "STRING"
    {
        column.remark = Some("a text in the job, which casts it".to_owned());
        column.sql_type = sql_type;
    }
}
