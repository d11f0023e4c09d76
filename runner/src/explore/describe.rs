//! All tables, and one of them in detail.

use std::sync::PoisonError;

use datafusion::catalog::SchemaProvider;
use datafusion::common::TableReference;
use transforms::scan::SourceTable;
use transforms::session;
use transforms::sql::nearest;

use super::Explorer;
use super::files::{FileTable, Format, is_path};
use super::job::Found;
use super::listed::{ColumnInfo, Description, TableInfo, TableKind};
use super::made::Made;
use super::target::TARGET_SCHEMA;
use crate::error::{Error, Result};
use crate::status::current;
use crate::survey::SourceSurvey;
use crate::target::ledger::Ledger;
use crate::units::{self, counted};

/// So many names fit into a message.
const LISTED_MAX: usize = 12;

/// Functions by which other programs read files.
const READERS: [&str; 9] = [
    "read_csv",
    "read_csv_auto",
    "read_json",
    "read_json_auto",
    "read_ndjson",
    "read_parquet",
    "parquet_scan",
    "read_files",
    "read_text",
];

impl Explorer {
    /// All tables that are known by name: nothing is asked for them. Any other table of the target can be named too.
    #[must_use]
    pub(crate) fn tables(&self) -> Vec<TableInfo> {
        let mut tables = Vec::new();
        if let Some(found) = &self.found {
            tables.extend(found.tables.iter().cloned());
            let names = found.target.table_names().into_iter();
            let schema = TARGET_SCHEMA.to_owned();
            tables.extend(names.map(|name| TableInfo {
                schema: schema.clone(),
                name,
                kind: TableKind::Target,
            }));
        }
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        tables.extend(made.iter().map(Made::info));
        tables
    }

    /// A table or files in detail; `name` is written as in SQL, or is a path without quotes.
    ///
    /// # Errors
    /// A table that is not there; those of looking at it.
    pub(crate) async fn describe(&self, name: &str) -> Result<Description> {
        let path = name.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        let reference = match path {
            Some(path) => TableReference::bare(path),
            None => TableReference::parse_str(name),
        };
        let schema = reference.schema().unwrap_or(session::SCHEMA);
        if let Some(found) = &self.found {
            found.target.forget();
            if schema == TARGET_SCHEMA {
                return self.of_target(found, reference.table()).await;
            }
        }
        let tables = self.tables();
        let known = tables
            .into_iter()
            .find(|table| table.schema == schema && table.name == reference.table());
        let (table, reference) = match known {
            Some(table) => (table, reference),
            None => self.files_named(path.unwrap_or(name), reference)?,
        };
        let provider = self.context.table_provider(reference).await?;
        let provider_any: &dyn std::any::Any = provider.as_ref();
        let source = provider_any.downcast_ref::<SourceTable>();
        let is_key = |at: usize| source.is_some_and(|source| source.key().contains(&at));
        let schema = provider.schema();
        let columns = schema.fields().iter().enumerate();
        let mut described = Description {
            columns: columns.map(|(at, field)| ColumnInfo::of(field, is_key(at))).collect(),
            location: provider_any.downcast_ref::<FileTable>().map(|files| files.told().to_owned()),
            staged: None,
            way: None,
            definition: provider.get_table_definition().map(str::to_owned),
            table,
        };
        if let Some(found) = &self.found {
            add_of_job(&mut described, found);
        }
        let name = &described.table.name;
        if described.table.kind == TableKind::Declared
            && let Some(survey) = self.declared().iter().find(|survey| survey.source.name == *name)
        {
            described.location = Some(survey.places.to_string());
            described.staged = Some(staged(survey, None));
        }
        Ok(described)
    }

    /// Files that a path names, which no statement declared.
    ///
    /// # Errors
    /// What can be no path is a table that is not there.
    fn files_named(
        &self,
        path: &str,
        reference: TableReference,
    ) -> Result<(TableInfo, TableReference)> {
        // They may be others by now.
        self.files.forget();
        let (schema, reference) = match reference.schema() {
            Some(word) if Format::of_word(word).is_some() => (word.to_owned(), reference),
            _ if is_path(path) => (session::SCHEMA.to_owned(), TableReference::bare(path)),
            _ => return Err(self.unknown(path)),
        };
        let name = reference.table().to_owned();
        Ok((TableInfo { schema, name, kind: TableKind::Files }, reference))
    }

    async fn of_target(&self, found: &Found, name: &str) -> Result<Description> {
        let Some(def) = found.target.definition(name).await? else {
            return Err(self.unknown(&format!("{TARGET_SCHEMA}.{name}")));
        };
        let key = def.unique.first();
        let is_key = |column: &str| {
            key.is_some_and(|key| key.iter().any(|part| part.eq_ignore_ascii_case(column)))
        };
        let columns = def.columns.iter().map(|column| ColumnInfo {
            name: column.name.to_ascii_lowercase(),
            data_type: match &column.data_type {
                Some(data_type) => transforms::functions::type_name(data_type),
                None => "cannot be read".to_owned(),
            },
            declared: Some(column.sql_type.clone()),
            nullable: column.nullable,
            key: is_key(&column.name),
        });
        let of = found.target.display_name().unwrap_or_default();
        Ok(Description {
            table: TableInfo {
                schema: TARGET_SCHEMA.to_owned(),
                name: name.to_owned(),
                kind: TableKind::Target,
            },
            columns: columns.collect(),
            location: Some(format!("table {} of {of}", def.table)),
            staged: None,
            way: None,
            definition: None,
        })
    }

    /// That the job writes this table, and has not yet.
    fn not_made_yet(&self, name: &str) -> Option<Error> {
        let (found, of) = (self.found.as_ref()?, self.job.as_ref()?);
        let table = name.strip_prefix(TARGET_SCHEMA)?.strip_prefix('.')?;
        let known = found.target.table_names();
        let known = known.iter().find(|known| known.eq_ignore_ascii_case(table))?;
        let is_model = of.job.outputs.iter().any(|output| output.model == *known);
        let now = if is_model {
            format!("; `{known}` without {TARGET_SCHEMA}. is what it would hold")
        } else {
            String::new()
        };
        Some(
            Error::usage(format!("there is no table `{name}` yet"))
                .hint(format!("the first `runner run --job {}` makes it{now}", of.job.name)),
        )
    }

    /// An error that names what is like it.
    pub(super) fn unknown(&self, name: &str) -> Error {
        if let Some(error) = self.not_made_yet(name) {
            return error;
        }
        let tables = self.tables();
        let names: Vec<String> = tables.iter().map(TableInfo::sql_name).collect();
        let error = Error::usage(format!("there is no table `{name}`"));
        if READERS.iter().any(|reader| name.eq_ignore_ascii_case(reader)) {
            return error.hint("a file is read by its path: SELECT * FROM 'folder/file.csv'");
        }
        if let Some(hint) = meant_as_path(name) {
            return error.hint(hint);
        }
        match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if names.is_empty() => error.hint("name a file or a folder: SELECT * FROM 'folder/', or declare a table with CREATE EXTERNAL TABLE"),
            None if names.len() > LISTED_MAX => {
                error.hint(format!("there are {}; \\d lists them", counted(names.len() as u64, "table")))
            }
            None => error.hint(format!("there are {}", names.join(", "))),
        }
    }
}

/// What to write for a name that stands for files, and is none of a table.
fn meant_as_path(name: &str) -> Option<String> {
    let path = std::path::Path::new(name);
    if is_path(name) {
        return Some(format!("a path stands in quotes: FROM '{name}'"));
    }
    if path.is_dir() {
        return Some(format!("a folder ends in a slash: FROM '{name}/'"));
    }
    let is_file = path.is_file();
    is_file.then(|| {
        format!("say what the file is: FROM csv.`{name}`, json.`{name}` or parquet.`{name}`")
    })
}

/// How much is staged, and how much the ledger knows as applied, as `runner status` tells it. Rows are only counted when they are applied.
fn staged(survey: &SourceSurvey, ledger: Option<&Ledger>) -> String {
    let objects = &survey.whole.objects;
    let bytes = objects.iter().map(|object| object.size).sum();
    let staged = format!("{}, {}", counted(objects.len() as u64, "object"), units::bytes(bytes));
    let Some(ledger) = ledger else { return staged };
    let (_, applied) = current(ledger, &survey.source.name);
    let rows = applied.iter().map(|applied| applied.entry.rows).sum();
    let (applied, rows) = (counted(applied.len() as u64, "object"), counted(rows, "row"));
    format!("{staged}; applied: {applied} with {rows}")
}

/// What a job says of its tables.
fn add_of_job(described: &mut Description, found: &Found) {
    let name = described.table.name.as_str();
    let keys: Vec<String> = match described.table.kind {
        TableKind::Source => {
            described.location = found.places.get(name).cloned();
            let survey = found.surveys.iter().find(|survey| survey.source.name == name);
            described.staged = survey.map(|survey| staged(survey, Some(&found.ledger)));
            let source = found.job.sources.iter().find(|source| source.name == name);
            source.iter().flat_map(|source| source.key_names()).map(str::to_owned).collect()
        }
        TableKind::Model => {
            let output = found.job.outputs.iter().find(|output| output.model == name);
            described.way = output
                .map(|output| (output.analysis.way.to_string(), output.analysis.reason.clone()));
            output.map(crate::job::Output::key_names).unwrap_or_default()
        }
        _ => return,
    };
    for column in &mut described.columns {
        column.key = keys.contains(&column.name);
    }
}
