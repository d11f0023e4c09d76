//! Files that no job declares: by a path in the place of a table's name, or by a declaration.
//!
//! ```text
//! path -> files that are there (place, glob) -> format -> columns (infer) -> table
//!                                            \-> staged by DMS -> as `runner init` declares it (staged)
//! ```

mod adapt;
mod convert;
mod csv;
mod fit;
mod footer;
mod format;
mod glob;
mod holds;
mod infer;
mod input;
mod json;
mod judge;
mod merge;
mod notes;
mod place;
mod read;
mod schema;
mod staged;
mod table;
mod unfit;
mod usual;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::TableProvider;
use datafusion::execution::SessionState;
use datafusion::execution::context::SessionContext;
use object_store::ObjectMeta;
use transforms::session;

use crate::engine;
use crate::error::{Error, Result};
use crate::scaffold::names::{text as sql_text, typed};
use crate::units::counted;
use json::Kind;
use notes::Notes;
use place::Place;
use schema::{OfFormat, OrFiles};
use table::Parts;
use unfit::Told;

pub(super) use format::{Format, Options, WORDS, is_path};
pub(super) use table::FileTable;

/// Files by what they were named.
type Opened = HashMap<(String, Option<Format>), Arc<dyn TableProvider>>;

/// Files, opened when a statement names them.
#[derive(Debug)]
pub(super) struct Files {
    session: SessionState,
    /// What the statement that is being planned has named so far.
    opened: Mutex<Opened>,
    notes: Arc<Notes>,
}

impl Files {
    /// In a session, whose stores are added to.
    pub(super) fn new(session: &SessionState) -> Arc<Self> {
        let (opened, notes) = (Mutex::default(), Arc::default());
        Arc::new(Self { session: session.clone(), opened, notes })
    }

    /// Lets statements of a context name files.
    pub(super) fn add_to(self: &Arc<Self>, context: &SessionContext) -> Result<()> {
        let Some(catalog) = context.catalog(session::CATALOG) else { return Ok(()) };
        if let Some(tables) = catalog.schema(session::SCHEMA) {
            let files = Arc::clone(self);
            let _before =
                catalog.register_schema(session::SCHEMA, Arc::new(OrFiles { tables, files }))?;
        }
        for (word, format) in WORDS {
            let files = Arc::clone(self);
            let _before = catalog.register_schema(word, Arc::new(OfFormat { format, files }))?;
        }
        Ok(())
    }

    /// The next statement finds files as they are then.
    pub(super) fn forget(&self) {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What is new to be said.
    pub(super) fn take_notes(&self) -> Vec<String> {
        self.notes.take()
    }

    /// Has something to be said, unless it was said before.
    pub(super) fn note(&self, note: String) {
        self.notes.add(note);
    }

    /// The files that a path names, as a statement reads them.
    ///
    /// # Errors
    /// A path where nothing is; files of several formats, and of one that nothing tells; those of reading.
    async fn table(&self, path: &str, format: Option<Format>) -> Result<Arc<dyn TableProvider>> {
        let key = (path.to_owned(), format);
        if let Some(known) = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(known));
        }
        let place = Place::find(path).await?;
        let table = match format {
            Some(Format::Dms) => self.staged(&place).await?,
            None if place.is_staged() => self.staged(&place).await?,
            _ => {
                let format = match format {
                    Some(format) => format,
                    None => format_of(&place, path)?,
                };
                self.files(&place, path, format, Options::default(), None).await?
            }
        };
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.insert(key, Arc::clone(&table));
        Ok(table)
    }

    /// The files of a declaration, their columns as declared if they are.
    ///
    /// # Errors
    /// Those of [`Self::table`].
    pub(super) async fn declared(
        &self,
        location: &str,
        format: Format,
        options: Options,
        columns: Option<Schema>,
    ) -> Result<Arc<dyn TableProvider>> {
        let place = Place::find(location).await?;
        match format {
            Format::Dms => self.staged(&place).await,
            format => self.files(&place, location, format, options, columns).await,
        }
    }

    async fn files(
        &self,
        place: &Place,
        path: &str,
        format: Format,
        mut options: Options,
        columns: Option<Schema>,
    ) -> Result<Arc<dyn TableProvider>> {
        engine::register(self.session.runtime_env(), &place.folder);
        let location = place.folder.location();
        if let Some(packed) = place.files.iter().find(|file| format::is_packed(&file.key)) {
            return Err(Error::usage(format!(
                "{location}{} is packed, which is not read here",
                packed.key
            ))
            .hint("unpack it; of packed files only those that DMS stages are read"));
        }
        let (are_found, is_header_told) = (columns.is_none(), options.header.is_some());
        let (schema, kinds) = self.columns(place, path, format, &mut options, columns).await?;
        let are_texts = || schema.fields().iter().all(|field| *field.data_type() == DataType::Utf8);
        if options.header == Some(true) && !is_header_told && are_texts() {
            self.notes.add(format!(
                "the first line of {path} is taken for the names of its columns; if it is a row: CREATE EXTERNAL TABLE t STORED AS CSV LOCATION {} OPTIONS ('header' 'false')",
                sql_text(path)
            ));
        }
        let files = place
            .files
            .iter()
            .map(|file| Ok((file.key.clone(), infer::meta(&place.folder, file)?)));
        let files = files.collect::<Result<Vec<_>>>()?;
        let told = match files.as_slice() {
            [(key, _)] => format!("{location}{key}"),
            files => format!("{} {} files in {location}", files.len(), format.word()),
        };
        let name = |(key, meta): &(String, ObjectMeta)| {
            (meta.location.clone(), format!("{location}{key}"))
        };
        let faults = Told {
            format,
            location: path.to_owned(),
            names: files.iter().map(name).collect(),
            schema: schema.clone(),
            header: options.header.unwrap_or_default(),
            are_found,
            notes: Arc::clone(&self.notes),
            is_unknown_told: AtomicBool::new(false),
        };
        let store = place.folder.store_url().clone();
        let parts = Parts { store, schema, kinds, files, format, options, told, faults };
        Ok(Arc::new(FileTable::new(parts)))
    }

    /// Tells which columns of a path are read as texts, if any.
    fn note_as_written(&self, path: &str, columns: &[String], why: &str) {
        let [first, others @ ..] = columns else { return };
        let others = match others.len() as u64 {
            0 => String::new(),
            count => format!(" (and {} more)", counted(count, "column")),
        };
        self.notes.add(format!(
            "`{first}`{others} of {path} has {why}: it is read as STRING, each value as it is written, a text without its quotes"
        ));
    }

    /// The columns of files, as declared or as found, and how those of JSON are read.
    async fn columns(
        &self,
        place: &Place,
        path: &str,
        format: Format,
        options: &mut Options,
        declared: Option<Schema>,
    ) -> Result<(Schema, Vec<Kind>)> {
        match (format, declared) {
            (Format::Csv, Some(columns)) => {
                refuse_nested(&columns)?;
                infer::learn(place, options).await?;
                Ok((columns, Vec::new()))
            }
            (Format::Json, Some(columns)) => {
                let kinds = json::declared(&columns)?;
                Ok((columns, kinds))
            }
            (Format::Json, None) => {
                let shape = infer::of_json(place, options).await?;
                for (written, why) in [
                    (shape.mixed(), "values of several kinds, such as texts and numbers"),
                    (shape.wide(), "objects with more than 1000 different fields"),
                ] {
                    self.note_as_written(path, &written, why);
                }
                let columns = shape.columns();
                let field =
                    |(name, kind): &(String, Kind)| Field::new(name, kind.data_type(), true);
                let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
                Ok((schema, columns.into_iter().map(|(_, kind)| kind).collect()))
            }
            (_, Some(columns)) => {
                let session = &self.session;
                let found = infer::columns(place, format, options, session, Some(&columns)).await?;
                Ok((infer::spelled(columns, &found), Vec::new()))
            }
            (_, None) => {
                let found = infer::columns(place, format, options, &self.session, None).await?;
                Ok((found, Vec::new()))
            }
        }
    }
}

/// A value of CSV is a text: there is no one way to write a list or a structure.
fn refuse_nested(columns: &Schema) -> Result<()> {
    let nested = columns.fields().iter().find(|field| field.data_type().is_nested());
    nested.map_or(Ok(()), |field| {
        let name = field.name();
        let wanted = transforms::functions::type_name(field.data_type()).to_uppercase();
        Err(Error::usage(format!("column `{name}` of a CSV file cannot be {wanted}")).hint(
            format!(
                "declare `{name}` as STRING, and take it apart in the SELECT: split, from_json"
            ),
        ))
    })
}

/// How to see the rows of a folder that DMS stages as they are written, which are those of loads and of changes.
fn apart(place: &Place, folder: &str) -> Option<String> {
    let word = Format::of_name(&place.files.first()?.key)?.word();
    let path = |pattern: String| format!("{word}.{}", typed(&format!("{folder}{pattern}")));
    let [loads, changes] = place.apart()?.map(path);
    Some(format!("the rows as they are written: {loads} and {changes}"))
}

/// The format that the names of files say.
fn format_of(place: &Place, path: &str) -> Result<Format> {
    let say = |path: &str| {
        format!("say what they are: csv.{path}, json.{path} or parquet.{path}", path = typed(path))
    };
    let location = place.folder.location();
    let tables = place.staged_tables();
    if let [first, ..] = tables.as_slice() {
        let path = path.trim_end_matches('/');
        return Err(Error::usage(format!(
            "{location} has the folders of tables that DMS staged: {}",
            tables.join(", ")
        ))
        .hint(format!("name one: {}", sql_text(&format!("{path}/{first}/")))));
    }
    if place.is_staged_in_part() {
        let folder = Some(glob::split(path).0).filter(|folder| !folder.is_empty()).unwrap_or("./");
        let rows = apart(place, folder).map(|rows| format!("; {rows}")).unwrap_or_default();
        return Err(Error::usage(format!(
            "{path}: DMS staged these files, some as loads and some as changes, which are written otherwise"
        ))
        .hint(format!(
            "name the folder, and what is shown is the table: {}{rows}", sql_text(folder)
        )));
    }
    let mut found: Option<(Format, &str)> = None;
    for file in &place.files {
        let key = file.key.as_str();
        if format::is_packed(key) {
            return Err(Error::usage(format!("{location}{key} is packed, which is not read here"))
                .hint("unpack it; of packed files only those that DMS stages are read"));
        }
        let Some(format) = Format::of_name(key) else {
            return Err(Error::usage(format!(
                "{location}{key}: its name does not tell what it is"
            ))
            .hint(say(path)));
        };
        match found {
            Some((other, first)) if other != format => {
                return Err(Error::usage(format!(
                    "the files in {location} are of several formats: {first} and {key}"
                ))
                .hint(format!(
                    "name those of one: {}",
                    sql_text(&format!(
                        "{}/**/*.{}",
                        location.to_string().trim_end_matches('/'),
                        other.word()
                    ))
                )));
            }
            _ => found = Some((format, key)),
        }
    }
    let found = found.map(|(format, _)| format);
    found.ok_or_else(|| Error::usage(format!("there are no files in {location}")))
}
