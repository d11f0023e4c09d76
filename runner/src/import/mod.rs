//! `runner import`: a job of AWS Glue Studio becomes a job's folder.
//!
//! ```text
//! file -> nodes (document, kind) -> in their order (graph)
//!   -> sources (source, operation) -> one SELECT for each transform (transform, and a file for each kind)
//!   -> planned one by one (planner), which tells their columns and what is not read here
//!   -> files -> loaded as a job -> put in place, whole (scaffold) -> what became of each node (report)
//! ```
//!
//! Nothing is left out in silence: a node is carried, carried with a note, or stands as a file that fails until someone writes it.

mod aggregate;
mod columns;
mod document;
mod fields;
mod filter;
mod frame;
mod graph;
mod join;
mod kind;
mod make;
mod mapping;
mod operation;
mod planner;
mod quality;
mod query;
mod report;
mod request;
mod rows;
mod source;
mod target;
mod transform;
mod types;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use datafusion::execution::SessionState;

use crate::error::{Error, Result};
use crate::glue;
use crate::job::{JobName, config};
use crate::lines::push_line;
use crate::scaffold::folder::{self, Prepared};
use crate::scaffold::names::comment;
use crate::scaffold::{ddl, load};
use planner::Planner;
use report::Outcome;

pub use document::FILE_BYTES_MAX;
pub use report::ImportReport;
pub use request::{Key, Request};

/// The target where none is given: someone who moves a job has one.
const TARGET: &str = "${TARGET}";

/// Writes a job's folder, and answers what became of each node.
///
/// # Errors
/// Kind `Usage` for a file that holds no visual job, nodes that are no graph, and a job that is there. Nothing is written then.
pub async fn import(
    request: Request,
    engine: &SessionState,
    variable: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<ImportReport> {
    if request.file.len() as u64 > FILE_BYTES_MAX {
        return Err(Error::usage(format!("the file has more than {FILE_BYTES_MAX} bytes")));
    }
    let document = document::parse(&request.file)?;
    let job = job_name(&request, document.name.as_deref())?;
    let place = folder::place(&request.jobs, &job)?;
    let target = match &request.target {
        Some(_) => crate::scaffold::target::written(request.target.as_deref(), job.as_str())?.url,
        None => TARGET.to_owned(),
    };
    let (given, connections) = (document.arguments.clone(), document.connections.clone());
    let arguments: Vec<String> = given.into_iter().filter(|name| !glue::is_own(name)).collect();
    let made = make::make(document, &request.keys, Planner::new(engine, variable)).await?;
    let mut files = made.files;
    files.push((
        config::FILE.to_owned(),
        job_toml(&target, &arguments, &made.tables, &made.only_told),
    ));
    let prepared = Prepared::new(&place, &files)?;
    let loaded = load::load(&prepared.jobs()?, &job, engine, variable, &files).await;
    let is_whole = !made.nodes.iter().any(|node| node.outcome == Outcome::ToBeWritten);
    prepared.put()?;
    let names = files.into_iter().map(|(name, _)| name).collect();
    let folder = place.display().to_string();
    let mut report =
        ImportReport::new(job.to_string(), folder, names, made.nodes, loaded.as_ref().ok());
    if let Err(error) = loaded
        && is_whole
    {
        report.notes.push(format!("the job cannot be planned: {error}"));
    }
    for model in report.models.iter().filter(|model| model.key.is_empty()) {
        report.notes.push(format!(
            "model {} has no key: name the columns that tell its rows apart in job.toml, [model.{}] key = […]",
            model.model, model.model
        ));
    }
    if !connections.is_empty() {
        let connections = connections.join(", ");
        report.notes.push(format!("connections ({connections}) are not read: the target is a URL, --target or the variable TARGET"));
    }
    report.arguments = arguments;
    Ok(report)
}

fn job_name(request: &Request, named: Option<&str>) -> Result<JobName> {
    if let Some(name) = &request.job {
        return Ok(name.clone());
    }
    let Some(named) = named else {
        return Err(
            Error::usage("the file does not say what the job is called").hint("name it with --job")
        );
    };
    named.parse().map_err(|error| {
        Error::usage("the job's name in AWS is none here").source(error).hint("name it with --job")
    })
}

/// `job.toml`: where it writes, and what the job's arguments are here.
fn job_toml(
    target: &str,
    arguments: &[String],
    tables: &BTreeMap<String, String>,
    only_told: &BTreeSet<String>,
) -> String {
    let mut out = ddl::job("runner import", target, false);
    if !arguments.is_empty() {
        push_line(
            &mut out,
            format_args!(
                "\n# Arguments of the Glue job are variables of this one, as ${{NAME}} in its SQL. A run takes them as"
            ),
        );
        push_line(
            &mut out,
            format_args!(
                "# Glue passes them (--NAME value), as --var NAME=value, or from the environment. Values were not copied."
            ),
        );
        for name in arguments {
            push_line(
                &mut out,
                format_args!("#   --{} is ${{{}}}", comment(name), glue::variable(&comment(name))),
            );
        }
    }
    for (model, table) in tables {
        let table = ddl::toml_text(&crate::scaffold::names::variables(table));
        push_line(&mut out, format_args!("\n[model.{model}]\ntable = {table}"));
    }
    for model in only_told {
        let told = format_args!("\n[model.{model}.quality]\non_failure = \"report\"");
        push_line(&mut out, told);
    }
    out
}

#[cfg(test)]
mod tests;
