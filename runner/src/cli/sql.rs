//! `runner sql`: the same SQL, ad hoc.

use std::io::{IsTerminal, Read};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::json::WriterBuilder as JsonBuilder;
use datafusion::arrow::json::writer::JsonArray;
use datafusion::arrow::util::display::FormatOptions;
use datafusion::arrow::util::pretty::pretty_format_batches_with_options;
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider, TableProvider};
use datafusion::execution::SessionState;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{DdlStatement, LogicalPlan};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::sql::parser::Statement;
use futures::TryStreamExt;
use transforms::model::early::stops_early;
use transforms::scan::{AnyLoads, FrozenTable, Loads, ReadCounts, ScanLog, SourceTable};
use transforms::session;
use transforms::source::{FILE_TYPE, parse_source};
use transforms::sql::{self, Dialect};

use super::app::App;
use super::job_args::{JobArgs, Opened};
use super::{fail, write};
use crate::drift::Reach;
use crate::engine;
use crate::error::{Error, Kind, Result};
use crate::job::Job;
use crate::store::Places;
use crate::survey::{SourceSurvey, survey, survey_declared};
use crate::target::ledger::{Ledger, everything};
use crate::target::table::TargetTable;
use crate::wishes::Wishes;

/// The most of a result that is held back before it is printed.
const HELD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The schema that holds the job's target tables.
const TARGET_SCHEMA: &str = "target";

/// Run SQL over staged objects, models and target tables.
///
/// With --job its sources (as they stand after all staged objects) and its models are tables, and the tables that it
/// writes are target.NAME. Without, declare what to read: CREATE EXTERNAL TABLE … STORED AS DMS LOCATION '…'. SQL comes
/// from -c, -f or stdin; several statements are separated by semicolons.
#[derive(Debug, Args)]
pub(super) struct SqlArgs {
    /// SQL to run
    #[arg(short, long, value_name = "SQL", conflicts_with = "file", allow_hyphen_values = true)]
    command: Option<String>,
    /// A file of SQL to run
    #[arg(short, long, value_name = "FILE")]
    file: Option<String>,
    /// The job whose sources, models and target are there as tables
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    #[command(flatten)]
    common: JobArgs,
    /// How results are printed on stdout
    #[arg(long, value_enum, default_value_t = ResultFormat::Table)]
    format: ResultFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ResultFormat {
    /// A table for people.
    Table,
    /// CSV with a header.
    Csv,
    /// A JSON array of objects.
    Json,
}

/// Runs the command.
pub(super) async fn exec(args: SqlArgs, app: &App) -> Result<()> {
    let (name, text) = read_sql(&args)?;
    let (counts, log) = (Arc::new(ReadCounts::default()), Arc::new(ScanLog::default()));
    let engine = |state| engine::of_run(state, Arc::clone(&counts), Arc::clone(&log));
    let (context, dialect) = match &args.job {
        Some(job) => {
            let opened = args.common.open(job, app).await?;
            let dialect = Dialect::of(&opened.engine);
            (job_context(&opened, &engine(&opened.engine)).await?, dialect)
        }
        None => {
            let dialect = Dialect::default();
            let alone = engine::engine(dialect, app.cores, app.memory_bytes)?;
            (session::context(&engine(&alone), [])?, dialect)
        }
    };
    let statements = sql::parse(dialect, &name, &text)?;
    let shell = Shell { context, log, file: &name, format: args.format };
    for statement in statements {
        match statement {
            Statement::CreateExternalTable(ddl)
                if ddl.file_type.eq_ignore_ascii_case(FILE_TYPE) =>
            {
                let state = shell.context.state();
                let source = Arc::new(parse_source(&state, &name, ddl, &file_here).await?);
                let places = Places::of(&source, None)?;
                let survey = survey_declared(&source, places, &state).await?;
                let name = source.name.as_str();
                let _previous = shell.context.register_table(name, current(&survey.whole))?;
            }
            statement => shell.execute(statement).await?,
        }
    }
    if counts.rejected() > 0 {
        fail::note(&format!("{} bad rows were set aside and are not in it", counts.rejected()));
    }
    Ok(())
}

/// A file that OPTIONS name: there is no job's folder, so it is relative to the current one.
fn file_here(name: &str) -> Option<String> {
    std::fs::read_to_string(name).ok()
}

fn read_sql(args: &SqlArgs) -> Result<(String, String)> {
    if let Some(text) = &args.command {
        return Ok(("-c".to_owned(), text.clone()));
    }
    if let Some(file) = &args.file {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Error::usage(format!("{file} cannot be read")).source(error))?;
        return Ok((file.clone(), text));
    }
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Error::usage("there is no SQL to run").hint("give it with -c, -f or on stdin"));
    }
    let mut text = String::new();
    let _bytes = stdin
        .read_to_string(&mut text)
        .map_err(|error| Error::usage("stdin cannot be read").source(error))?;
    Ok(("stdin".to_owned(), text))
}

/// Sources, models and target tables of a job.
async fn job_context(opened: &Opened, engine: &SessionState) -> Result<SessionContext> {
    let target = opened.target().await;
    let ledger = match &target {
        Ok(target) => target.ledger(opened.job.name.as_str(), &everything).await?,
        Err(_) => Ledger::default(),
    };
    let job = Reach::known(&opened.job, &ledger, false).job(&opened.job, engine).await?;
    let surveys = staged(&job, opened, engine, &ledger).await?;
    let sources = surveys
        .iter()
        .map(|SourceSurvey { source, whole, .. }| (source.name.clone(), current(whole)));
    let context = job.models.plan(engine, sources.collect()).await?.context;
    let tables = MemorySchemaProvider::new();
    match target {
        Ok(target) => {
            for output in &job.outputs {
                // A table that is not there yet is no reason to refuse all others.
                let Some(def) = target.describe(&output.table).await? else { continue };
                let table = TargetTable::of(Arc::clone(&target), &def);
                let _previous = tables.register_table(output.model.clone(), Arc::new(table))?;
            }
        }
        Err(error) => fail::note(&format!("the target's tables are not there: {error}")),
    }
    if let Some(catalog) = context.catalog(session::CATALOG) {
        let _previous = catalog.register_schema(TARGET_SCHEMA, Arc::new(tables))?;
    }
    Ok(context)
}

/// The staged objects of the current generation, which only the ledger knows; without it, all that are staged.
async fn staged(
    job: &Job,
    opened: &Opened,
    engine: &SessionState,
    ledger: &Ledger,
) -> Result<Vec<SourceSurvey>> {
    let folder = &opened.folder;
    let once = |_: &str| Loads::Once;
    match survey(job, folder, ledger, engine, &Wishes::default(), &once).await {
        Err(error) if error.kind() == Kind::Refused => {
            fail::note(&format!("{error}; shown is what is staged"));
            survey(job, folder, &Ledger::default(), engine, &Wishes::default(), &once).await
        }
        surveyed => surveyed.inspect(|surveys| note_gone(surveys)),
    }
}

/// What is shown of these sources is less than what was applied.
fn note_gone(surveys: &[SourceSurvey]) {
    for survey in surveys.iter().filter(|survey| !survey.state.gone.is_empty()) {
        let (source, gone) = (&survey.source.name, survey.state.gone.len());
        fail::note(&format!(
            "{gone} applied objects of source `{source}` are gone; shown is what is staged"
        ));
    }
}

fn current(table: &Arc<FrozenTable>) -> Arc<dyn TableProvider> {
    Arc::new(SourceTable::new(Arc::clone(table)))
}

/// Runs statements one after the other, on the same tables.
struct Shell<'a> {
    context: SessionContext,
    log: Arc<ScanLog>,
    file: &'a str,
    format: ResultFormat,
}

impl Shell<'_> {
    /// Runs a statement and prints its rows.
    ///
    /// At first it is taken for granted that full loads hold each key once, which saves sorting them. That is known at their ends, and
    /// what is printed cannot be taken back: so the rows are held until then, and where that cannot be, all is sorted.
    async fn execute(&self, statement: Statement) -> Result<()> {
        let state = self.context.state();
        let plan = sql::plan(&state, self.file, statement).await?;
        refuse_writes(self.file, &plan)?;
        let is_quiet = matches!(plan, LogicalPlan::Ddl(_) | LogicalPlan::Statement(_));
        let is_read_to_its_end =
            state.optimize(&plan).and_then(|plan| stops_early(&plan)).is_ok_and(|stops| !stops);
        if is_read_to_its_end && self.log.repeating().is_empty() {
            match held(&self.context, plan.clone()).await {
                Ok(Some(_)) if is_quiet => return Ok(()),
                Ok(Some((schema, batches))) => {
                    let rows = futures::stream::iter(batches.into_iter().map(Ok));
                    let rows = RecordBatchStreamAdapter::new(Arc::clone(&schema), rows);
                    return print(Box::pin(rows), &schema, self.format).await;
                }
                // An error may be that of a row which is not the newest of its key.
                Ok(None) | Err(_) => {}
            }
        }
        let config = state.config().clone().with_extension(Arc::new(AnyLoads));
        let mut sorting = state;
        *sorting.config_mut() = config;
        let frame = SessionContext::new_with_state(sorting).execute_logical_plan(plan).await?;
        let schema: SchemaRef = Arc::new(frame.schema().as_arrow().clone());
        let stream = frame.execute_stream().await?;
        if is_quiet {
            let _no_rows: Vec<RecordBatch> = stream.try_collect().await?;
            return Ok(());
        }
        print(stream, &schema, self.format).await
    }
}

/// All rows of a plan; `None` if they are more than should be held.
async fn held(
    context: &SessionContext,
    plan: LogicalPlan,
) -> Result<Option<(SchemaRef, Vec<RecordBatch>)>> {
    let frame = context.execute_logical_plan(plan).await?;
    let schema: SchemaRef = Arc::new(frame.schema().as_arrow().clone());
    let mut stream = frame.execute_stream().await?;
    let (mut batches, mut bytes) = (Vec::new(), 0);
    while let Some(batch) = stream.try_next().await? {
        bytes += batch.get_array_memory_size();
        if bytes > HELD_BYTES_MAX {
            return Ok(None);
        }
        batches.push(batch);
    }
    Ok(Some((schema, batches)))
}

/// Views and tables in memory are of use within one call; everything else that writes would do nothing, or files.
fn refuse_writes(file: &str, plan: &LogicalPlan) -> Result<()> {
    let is_write = match plan {
        LogicalPlan::Dml(_) | LogicalPlan::Copy(_) => true,
        LogicalPlan::Ddl(ddl) => {
            !matches!(ddl, DdlStatement::CreateView(_) | DdlStatement::CreateMemoryTable(_))
        }
        _ => false,
    };
    if !is_write {
        return Ok(());
    }
    Err(Error::usage(format!("{file}: `runner sql` only reads")).hint(
        "tables are written by `runner run`; use the database's own client for anything else",
    ))
}

async fn print(
    mut stream: datafusion::execution::SendableRecordBatchStream,
    schema: &SchemaRef,
    format: ResultFormat,
) -> Result<()> {
    let failed = |error: datafusion::arrow::error::ArrowError| {
        Error::failed("the result cannot be printed").source(error)
    };
    match format {
        ResultFormat::Table => {
            // The widths of columns depend on all rows, so a table is held in memory as a whole.
            let batches: Vec<RecordBatch> = stream.try_collect().await?;
            let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
            // An empty text and a NULL are two things.
            let options = FormatOptions::default().with_null("NULL");
            let shown = if batches.is_empty() {
                vec![RecordBatch::new_empty(Arc::clone(schema))]
            } else {
                batches
            };
            let table = pretty_format_batches_with_options(&shown, &options).map_err(failed)?;
            write::stdout(&format!("{table}\n{rows} rows\n"))
        }
        ResultFormat::Csv => {
            let mut with_header = true;
            let empty = RecordBatch::new_empty(Arc::clone(schema));
            let mut next = Some(stream.try_next().await?.unwrap_or(empty));
            while let Some(batch) = next {
                let mut text = Vec::new();
                let mut writer = WriterBuilder::new().with_header(with_header).build(&mut text);
                writer.write(&batch).map_err(failed)?;
                drop(writer);
                write::stdout(&String::from_utf8_lossy(&text))?;
                with_header = false;
                next = stream.try_next().await?;
            }
            Ok(())
        }
        ResultFormat::Json => {
            let batches: Vec<RecordBatch> = stream.try_collect().await?;
            let mut writer =
                JsonBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(Vec::new());
            writer.write_batches(&batches.iter().collect::<Vec<_>>()).map_err(failed)?;
            writer.finish().map_err(failed)?;
            let text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
            write::stdout(&format!("{}\n", if text.is_empty() { "[]" } else { &text }))
        }
    }
}
