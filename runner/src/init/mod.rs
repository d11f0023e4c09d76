//! `runner init`: writes a job from what exists.
//!
//! ```text
//! objects (staged, csv, parquet) -> what their fields are (header, layout) -> types, key (infer, key)
//! database (database, mysql, postgres) -> columns, key                     -> draft
//!   -> files -> loaded as a job, and its objects read (check) -> put in place, whole (scaffold)
//! ```
//!
//! Everything that is inferred is said, with from how much; values of rows never are.

mod check;
mod csv;
mod database;
mod draft;
mod grid;
mod header;
mod infer;
mod key;
mod layout;
mod mysql;
mod parquet;
mod postgres;
mod report;
mod rules;
mod staged;
mod told;

use std::path::Path;

use datafusion::execution::SessionState;

use crate::doctor::finding::Finding;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::job::JobName;
use crate::scaffold::folder::{self, Prepared};
use crate::scaffold::{ddl, load, names, target};
use crate::store::Location;
use crate::target::name::TableName;
use database::Definition;
use draft::{Draft, Named};

pub use report::InitReport;

/// The first line of `sources.sql`.
const TITLE: &str =
    "-- Written by `runner init`. Read it before the first run: what is inferred may be wrong.";

/// Sources of one job; beyond it is not one job.
const SOURCES_MAX: usize = 100;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The job's name.
    pub job: JobName,
    /// The folder of jobs.
    pub jobs: String,
    /// Staged folders, one for each source.
    pub from: Vec<String>,
    /// The URL of the database that has the tables.
    pub database: Option<String>,
    /// Its tables, in the order of `from`.
    pub tables: Vec<TableName>,
    /// The key of the only source.
    pub key: Option<Vec<String>>,
    /// The target's URL.
    pub target: Option<String>,
}

/// Writes a job's folder, and answers what it was made from.
///
/// # Errors
/// Kind `Usage` for a wrong request and a job that is there, `Refused` for objects that do not fit each other or the database. Nothing is
/// written then.
pub async fn init(
    request: &Request,
    engine: &SessionState,
    environment: &Environment,
) -> Result<InitReport> {
    check_request(request)?;
    let place = folder::place(&request.jobs, &request.job)?;
    let target = target::written(request.target.as_deref(), request.job.as_str())?;
    let locations: Vec<Location> =
        request.from.iter().map(|from| Location::parse(from, None)).collect::<Result<_>>()?;
    let mut drafts = drafts(request, &place, &locations, environment).await?;
    if let Some(variable) = target.variable
        && let Some(first) = drafts.first_mut()
    {
        let message =
            format!("the target's password is not written: job.toml takes it from {variable}");
        first.findings.push(
            Finding::warning("init.target", "job.toml", message)
                .next(format!("export {variable} with the password, as it is")),
        );
    }
    let files = files(&target.url, &drafts);
    let variable = |name: &str| environment.variable(name).map(str::to_owned);
    let prepared = Prepared::new(&place, &files)?;
    let job = load::load(&prepared.jobs()?, &request.job, engine, &variable, &files).await?;
    for (draft, location) in drafts.iter().zip(&locations) {
        check::read(&job, draft, location, engine).await?;
    }
    prepared.put()?;
    let names = files.into_iter().map(|(name, _)| name).collect();
    Ok(InitReport::new(request.job.to_string(), place.display().to_string(), names, drafts))
}

/// A declaration that was made from objects alone.
#[derive(Debug)]
pub(crate) struct Declared {
    /// The `CREATE EXTERNAL TABLE`; its LOCATION is empty.
    pub(crate) text: String,
    /// Whether objects differ in their columns.
    pub(crate) widens: bool,
}

/// Declares a staged folder from its objects; nothing is written.
///
/// # Errors
/// A folder with no object of DMS, and objects that no declaration fits.
pub(crate) async fn declare(location: &Location) -> Result<Declared> {
    let model = names::model(names::last_part(&location.to_string()), &[]);
    let named = Named { model, location: location.to_string(), key: None };
    let draft = Draft::of_objects(named, &staged::read(location).await?)?;
    let declaration = ddl::Declaration { comments: Vec::new(), ..draft.declaration() };
    Ok(Declared { text: ddl::sources(TITLE, &[declaration]), widens: draft.widens })
}

fn check_request(request: &Request) -> Result<()> {
    let Request { from, database, tables, key, .. } = request;
    let sources = from.len().max(tables.len());
    let wrong = |message: &str, hint: &str| Err(Error::usage(message).hint(hint));
    if sources == 0 {
        return wrong(
            "there is nothing to make a job from",
            "name a staged folder with --from, or a table with --database and --table",
        );
    }
    if sources > SOURCES_MAX {
        return wrong("there are more than 100 sources", "make several jobs of them");
    }
    if database.is_some() == tables.is_empty() {
        return wrong(
            "--database and --table go together",
            "name the database's URL, and a table for each source",
        );
    }
    if database.is_some() && !from.is_empty() && from.len() != tables.len() {
        return wrong(
            "there is not one --from for each --table",
            "name them in the same order, or no --from at all: LOCATION is then below ${STAGING}",
        );
    }
    if key.is_some() && sources > 1 {
        return wrong(
            "--key is of one source, and there are several",
            "make a job of each, or edit sources.sql",
        );
    }
    Ok(())
}

/// A draft for each source.
async fn drafts(
    request: &Request,
    place: &Path,
    locations: &[Location],
    environment: &Environment,
) -> Result<Vec<Draft>> {
    let definitions: Vec<Definition> = match &request.database {
        Some(url) => database::definitions(url, &request.tables, environment).await?,
        None => Vec::new(),
    };
    let mut taken = Vec::new();
    let mut drafts = Vec::new();
    for index in 0..locations.len().max(definitions.len()) {
        let (location, table) = (locations.get(index), request.tables.get(index));
        let called = match (table, location) {
            (Some(table), _) => table.name().to_owned(),
            (None, Some(location)) => names::last_part(&location.to_string()).to_owned(),
            (None, None) => String::new(),
        };
        let model = names::model(&called, &taken);
        taken.extend([model.clone(), names::source(&model)]);
        let written = match (location, table) {
            (Some(location), _) => {
                let from = request.from.get(index).map_or("", String::as_str);
                // What is given by its way from here moves with the folder that both are in.
                let is_near = [from, &request.jobs].into_iter().all(is_relative);
                let way = is_near.then(|| location.way_from(place)).flatten();
                names::variables(&way.unwrap_or_else(|| location.to_string()))
            }
            (None, Some(table)) => {
                let definition = definitions.get(index);
                below_staging(definition.map_or("", |found| found.schema.as_str()), table.name())
            }
            (None, None) => String::new(),
        };
        let read = match location {
            Some(location) => Some(staged::read(location).await?),
            None => None,
        };
        let named = Named { model, location: written, key: request.key.clone() };
        drafts.push(match (definitions.get(index), read) {
            (Some(definition), read) => Draft::of_definition(named, definition, read.as_ref())?,
            (None, Some(read)) => Draft::of_objects(named, &read)?,
            (None, None) => continue,
        });
    }
    Ok(drafts)
}

fn is_relative(path: &str) -> bool {
    !path.contains("://") && Path::new(path).is_relative()
}

/// Where DMS stages a table below the endpoint's folder.
fn below_staging(schema: &str, table: &str) -> String {
    format!("${{STAGING}}/{}/{}/", names::variables(schema), names::variables(table))
}

fn files(target: &str, drafts: &[Draft]) -> folder::Files {
    let sources = sources(drafts);
    let models = drafts.iter().zip(&sources);
    let models = models.map(|(draft, source)| (format!("{}.sql", draft.model), ddl::model(source)));
    let mut files = vec![("sources.sql".to_owned(), ddl::sources(TITLE, &sources))];
    files.extend(models);
    let widens = drafts.iter().any(|draft| draft.widens);
    files.push((crate::job::config::FILE.to_owned(), ddl::job("runner init", target, widens)));
    files
}

fn sources(drafts: &[Draft]) -> Vec<ddl::Declaration<'_>> {
    drafts.iter().map(Draft::declaration).collect()
}

#[cfg(test)]
mod tests;
