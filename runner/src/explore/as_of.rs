//! Tables as of moments: before a statement is planned, the sources and models that it reads so are there in a schema that is
//! named by the moment ([`transforms::sql::schema_of`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::execution::context::SessionContext;
use datafusion::sql::parser::Statement;
use transforms::scan::SourceTable;
use transforms::session::{CATALOG, SCHEMA};
use transforms::sql::{self, moment_of, nearest};
use transforms::staging::moment::{Moment, NoPast, Point, Timeline, Timelines, utc};

use super::job::{Found, SourceTables};
use super::{applied, changes};
use crate::error::{Error, Result};
use crate::survey::SourceSurvey;

/// What an explorer knows of sources.
#[derive(Clone, Copy)]
pub(super) struct Looked<'a> {
    /// Of a job.
    pub(super) found: Option<&'a Found>,
    /// Those that statements declared.
    pub(super) declared: &'a [Arc<SourceSurvey>],
    /// The time.
    pub(super) now: DateTime<Utc>,
}

/// Schemas that are there for one statement.
#[must_use]
pub(super) struct Schemas(Vec<String>);

impl Schemas {
    /// Takes them away again.
    pub(super) fn remove(self, context: &SessionContext) {
        let Some(catalog) = context.catalog(CATALOG) else { return };
        for schema in self.0 {
            // One that stays is made anew by the next statement that needs it.
            let _removed = catalog.deregister_schema(&schema, true);
        }
    }
}

/// Makes the tables that a statement reads as of moments; with `all`, its other sources and models too, as of that one.
///
/// # Errors
/// A moment that nothing is known of, with what there is; tables that are no sources or models: with the place.
pub(super) async fn register(
    context: &SessionContext,
    looked: Looked<'_>,
    all: Option<&str>,
    name: &str,
    statement: &Statement,
) -> Result<Schemas> {
    let mut schemas = Schemas(Vec::new());
    for (schema, wanted) in wanted(context, looked, all, name, statement)? {
        let own = moment_of(&schema);
        let moment = Moment::of(own.or(all).unwrap_or_default());
        let about = match own.and_then(|own| sql::place_of(statement, Some(own))) {
            Some((line, column)) => format!("{name}:{line}:{column}: "),
            None => String::new(),
        };
        let made = looked.tables(context, &moment, &wanted).await;
        let made = made.map_err(|error| error.about(&about))?;
        match (own, context.catalog(CATALOG)) {
            (Some(_), Some(catalog)) => {
                let past = made.catalog(CATALOG).and_then(|catalog| catalog.schema(SCHEMA));
                if let Some(past) = past {
                    let _before = catalog.register_schema(&schema, past)?;
                }
                schemas.0.push(schema);
            }
            _ => {
                for name in wanted {
                    let name = TableReference::bare(name);
                    let table = made.table_provider(name.clone()).await?;
                    let _now = context.deregister_table(name.clone())?;
                    let _none = context.register_table(name, table)?;
                }
            }
        }
    }
    Ok(schemas)
}

/// The names of the tables that a statement reads as of a moment, by schema.
fn wanted(
    context: &SessionContext,
    looked: Looked<'_>,
    all: Option<&str>,
    name: &str,
    statement: &Statement,
) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    if matches!(statement, Statement::CreateExternalTable(_)) {
        return Ok(wanted);
    }
    let references = context.state().resolve_table_references(statement);
    let references = references.map_err(|error| sql::explain(name, &error))?;
    for reference in references {
        let table = reference.table();
        let schema = reference.schema().unwrap_or(SCHEMA);
        let is_ours = looked.has(table) || looked.source_of_changes(table).is_some();
        let is_of_all = all.is_some() && schema == SCHEMA && is_ours;
        if is_of_all || moment_of(schema).is_some() {
            let _is_new = wanted.entry(schema.to_owned()).or_default().insert(table.to_owned());
        }
    }
    Ok(wanted)
}

/// Checks a moment for all sources of a job, as far as that can be done before it is known which of them are read.
///
/// # Errors
/// A moment that nothing is known of, with what there is.
pub(super) fn check(looked: Looked<'_>, moment: &str) -> Result<()> {
    let all: Vec<&SourceSurvey> = looked.surveys().collect();
    if all.is_empty() {
        return Ok(());
    }
    looked.point(&looked.lines(), &Moment::of(moment), &all).map(|_point| ())
}

impl<'a> Looked<'a> {
    fn surveys(self) -> impl Iterator<Item = &'a SourceSurvey> {
        let declared = self.declared.iter().map(Arc::as_ref);
        let is_declared =
            move |name: &str| self.declared.iter().any(|survey| survey.source.name == name);
        let of_job = self.found.map(|found| found.surveys.as_slice()).unwrap_or_default();
        declared.chain(of_job.iter().filter(move |survey| !is_declared(&survey.source.name)))
    }

    fn names(self) -> impl Iterator<Item = &'a str> {
        let models = self.found.into_iter().flat_map(|found| found.job.models.iter());
        let sources = self.surveys().map(|survey| survey.source.name.as_str());
        sources.chain(models.map(|model| model.name.as_str()))
    }

    fn has(self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// The source of the job whose changes or versions a table has.
    fn source_of_changes(self, table: &str) -> Option<&'a SourceSurvey> {
        let source = changes::source_of(table).filter(|_| !self.has(table))?;
        let is_declared = self.declared.iter().any(|survey| survey.source.name == source);
        let mut surveys = self.found.filter(|_| !is_declared)?.surveys.iter();
        surveys.find(|survey| survey.source.name == source)
    }

    fn lines(self) -> Timelines<'a> {
        Timelines::new(self.surveys().map(line).collect())
    }

    /// A context with the wanted sources and models, and those that they read, as of a moment.
    async fn tables(
        self,
        context: &SessionContext,
        moment: &Moment,
        wanted: &BTreeSet<String>,
    ) -> Result<SessionContext> {
        let changes_of = |name: &String| self.source_of_changes(name);
        let is_unknown = |name: &&String| !self.has(name) && changes_of(name).is_none();
        if let Some(unknown) = wanted.iter().find(is_unknown) {
            return Err(self.unknown_table(unknown));
        }
        let models = self.found.map(|found| &found.job.models);
        let reads = |name: &String| match (changes_of(name), models) {
            (Some(survey), _) => BTreeSet::from([survey.source.name.clone()]),
            (None, Some(models)) => models.with_those_that_it_reads(name),
            (None, None) => BTreeSet::from([name.clone()]),
        };
        let names: BTreeSet<String> = wanted.iter().flat_map(reads).collect();
        let is_read = |survey: &&SourceSurvey| names.contains(&survey.source.name);
        let read: Vec<&SourceSurvey> = self.surveys().filter(is_read).collect();
        let lines = self.lines();
        let point = self.point(&lines, moment, &read)?;
        let mut sources: Vec<(String, Arc<dyn TableProvider>)> = Vec::new();
        let mut of_changes = SourceTables::new();
        for survey in &read {
            let name = &survey.source.name;
            let cut = lines.cut(&point, name);
            let cut = cut.map_err(|error| self.no_past(&lines, &error, &[*survey]))?;
            let objects = cut.iter().filter_map(|index| survey.whole.objects.get(*index).cloned());
            let table = Arc::new(survey.whole.with_objects(objects.collect()));
            sources.push((name.clone(), Arc::new(SourceTable::new(Arc::clone(&table)))));
            if let Some(found) = self.found {
                let then = SourceSurvey { whole: table, ..(*survey).clone() };
                of_changes.extend(changes::tables(&then, &found.ledger)?);
            }
        }
        let made = match models {
            Some(models) => models.plan_those(&context.state(), sources, &names).await?.context,
            None => transforms::session::context(&context.state(), sources)?,
        };
        for (name, _, table) in of_changes {
            if wanted.contains(&name) && !self.has(&name) {
                let _none = made.register_table(TableReference::bare(name), table)?;
            }
        }
        Ok(made)
    }

    fn point(
        self,
        lines: &Timelines<'_>,
        moment: &Moment,
        read: &[&SourceSurvey],
    ) -> Result<Point> {
        if let Moment::Time(time) = moment
            && *time > self.now
        {
            return Err(Error::usage("the time of AS OF is yet to come")
                .hint("times are in UTC; one of another zone ends with its offset, as +02:00"));
        }
        match lines.point(moment) {
            Ok(Some(point)) => Ok(point),
            Ok(None) => self.applied(moment, read),
            Err(error) => Err(self.no_past(lines, &error, read)),
        }
    }

    fn unknown_table(self, name: &str) -> Error {
        let error = Error::usage(format!("there is no source or model `{name}` as of a moment"));
        if name.contains('/') {
            return error
                .hint("declare the folder: CREATE EXTERNAL TABLE … STORED AS DMS LOCATION '…'");
        }
        match nearest(name, self.names()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => {
                error.hint(format!("there are {}", self.names().collect::<Vec<_>>().join(", ")))
            }
        }
    }

    fn no_past(self, lines: &Timelines<'_>, error: &NoPast, read: &[&SourceSurvey]) -> Error {
        let ranges = read.iter().filter_map(|survey| {
            let (first, newest) = lines.range(&survey.source.name)?;
            Some(format!("source `{}` has `{first}` to `{newest}`", survey.source.name))
        });
        let ranges = ranges.take(RANGES_TOLD).collect::<Vec<_>>().join(", ");
        let is_of_older = |name: &str| {
            let applied = self.found.iter().flat_map(|found| &found.ledger.applied);
            applied.map(|applied| &applied.entry.object).any(|object| object == name)
        };
        let hint = match error {
            NoPast::UnknownObject { name, .. } if is_of_older(name) => {
                format!("a newer full load has taken its place, or it is gone; {ranges}")
            }
            NoPast::UnknownObject { near: Some(near), .. } => {
                format!("did you mean `{near}`? {ranges}")
            }
            NoPast::UnknownObject { near: None, .. } => format!(
                "name an object, a time such as '2026-03-10 06:00:00', 'applied', or 'run:' and a run's id; {ranges}"
            ),
            NoPast::Ambiguous { keys: [first, second], .. } => {
                format!("write more of its key: `{first}` or `{second}`")
            }
            NoPast::BeforeAll { oldest: Some(oldest) } => {
                format!(
                    "the oldest time is {}; for what was there before changes name an object of the full load: {ranges}",
                    utc(*oldest)
                )
            }
            NoPast::BeforeAll { oldest: None } => "nothing is staged".to_owned(),
            NoPast::LoadedLater { .. } => format!("name a later moment; {ranges}"),
            NoPast::Gone { .. } => applied::GONE.to_owned(),
            NoPast::Rewritten { .. } => applied::REWRITTEN.to_owned(),
        };
        Error::usage(error.to_string()).hint(hint)
    }

    /// What had been applied, of the sources that are read.
    fn applied(self, moment: &Moment, read: &[&SourceSurvey]) -> Result<Point> {
        let Some(found) = self.found else {
            return Err(Error::usage("only a job has something applied").hint("name it with --job"));
        };
        applied::applied(&found.ledger, moment, read)
    }
}

/// How many sources' objects a message tells.
const RANGES_TOLD: usize = 3;

/// The objects of a source, side by side with those of others.
pub(super) fn line(survey: &SourceSurvey) -> Timeline<'_> {
    Timeline {
        source: &survey.source.name,
        state: &survey.state,
        labels: survey.whole.objects.iter().map(|object| object.label.as_str()).collect(),
    }
}
