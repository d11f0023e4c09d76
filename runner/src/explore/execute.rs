//! One statement: planned, refused if it would write, run.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::dataframe::DataFrame;
use datafusion::error::{DataFusionError, Result as EngineResult};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{DdlStatement, LogicalPlan};
use datafusion::physical_plan::execute_stream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast;
use futures::{StreamExt, TryStreamExt};
use transforms::functions::type_name;
use transforms::model::early::stops_early;
use transforms::scan::error::ScanError;
use transforms::scan::{AnyLoads, ScanLog, trusts_loads};

use super::twice::{self, unmarked};
use super::{cooperative, meant};
use crate::error::{Error, Result};

/// The most of a result that is held back before it is shown.
const HELD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The rows of a statement.
pub(crate) struct Answer {
    /// Their columns, which are known even where there are no rows.
    pub(crate) schema: SchemaRef,
    /// The rows. An error ends them.
    pub(crate) rows: SendableRecordBatchStream,
}

/// What came of running a statement while full loads are trusted.
enum Trusting {
    /// Rows, which may be shown.
    Done(Answer),
    /// More rows than should be held.
    TooMany,
}

/// Runs a statement.
///
/// At first it is taken for granted that full loads hold each key once, which saves sorting them. That is known at their ends, and
/// what was shown cannot be taken back: so the rows are held until then, and where that cannot be, all is sorted. Rows of a plan
/// that takes nothing for granted are shown as they come, unless the statement `holds` its rows: it may have to be run again, if it
/// reads objects that are wider than is known.
pub(super) async fn execute(
    context: &SessionContext,
    log: &ScanLog,
    name: &str,
    statement: Statement,
    holds: bool,
) -> Result<Option<Answer>> {
    let state = context.state();
    let plan = twice::plan(&state, name, shown(statement)).await?;
    refuse_writes(name, &plan)?;
    if let LogicalPlan::DescribeTable(described) = &plan {
        return columns_of(&described.schema).map(Some);
    }
    let is_quiet = matches!(plan, LogicalPlan::Ddl(_) | LogicalPlan::Statement(_));
    let is_read_to_its_end =
        state.optimize(&plan).and_then(|plan| stops_early(&plan)).is_ok_and(|stops| !stops);
    let sets = matches!(plan, LogicalPlan::Statement(_));
    if is_read_to_its_end && !sets && log.repeating().is_empty() {
        match trusting(context, plan.clone(), holds).await {
            Ok(Trusting::Done(answer)) => return Ok((!is_quiet).then(|| unmarked(answer))),
            Ok(Trusting::TooMany) => {}
            Err(error) if may_be_of_repeats(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let config = state.config().clone().with_extension(Arc::new(AnyLoads));
    let mut sorting = state;
    *sorting.config_mut() = config;
    let frame = SessionContext::new_with_state(sorting).execute_logical_plan(plan).await;
    let frame = match frame {
        // No row is to blame.
        Err(error) if sets => {
            return Err(Error::usage(format!("{name}: this setting is not known, or its value"))
                .hint("settings are the engine's: SET datafusion.… = …; SHOW ALL lists them")
                .source(error));
        }
        frame => frame?,
    };
    let answer = answer(frame).await?.0;
    let answer = if holds { held(answer).await? } else { answer };
    if is_quiet {
        let _no_rows: Vec<RecordBatch> = answer.rows.try_collect().await?;
        return Ok(None);
    }
    Ok(Some(unmarked(answer)))
}

/// `SHOW COLUMNS FROM t` is answered as `DESCRIBE t`.
fn shown(statement: Statement) -> Statement {
    let Statement::Statement(inner) = &statement else { return statement };
    let ast::Statement::ShowColumns { show_options, .. } = inner.as_ref() else { return statement };
    match show_options {
        ast::ShowStatementOptions {
            show_in: Some(ast::ShowStatementIn { parent_name: Some(table), .. }),
            starts_with: None,
            limit: None,
            filter_position: None,
            ..
        } => Statement::Statement(Box::new(ast::Statement::ExplainTable {
            describe_alias: ast::DescribeAlias::Describe,
            hive_format: None,
            has_table_keyword: false,
            table_name: table.clone(),
        })),
        _ => statement,
    }
}

/// What DESCRIBE tells of columns, with the types' names in SQL.
fn columns_of(described: &Schema) -> Result<Answer> {
    let fields = || described.fields().iter();
    let columns = [
        StringArray::from_iter_values(fields().map(|field| field.name())),
        StringArray::from_iter_values(fields().map(|field| type_name(field.data_type()))),
        StringArray::from_iter_values(
            fields().map(|field| if field.is_nullable() { "YES" } else { "NO" }),
        ),
    ];
    let names = ["column_name", "data_type", "is_nullable"];
    let columns = names.into_iter().zip(columns.map(|column| Arc::new(column) as ArrayRef));
    let batch = RecordBatch::try_from_iter(columns).map_err(DataFusionError::from)?;
    let schema = batch.schema();
    let rows = futures::stream::iter([Ok(batch)]);
    let rows = Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&schema), rows));
    Ok(Answer { schema, rows })
}

/// The rows of a frame, of which none has been read, and whether they may end because a full load holds a key twice.
async fn answer(frame: DataFrame) -> EngineResult<(Answer, bool)> {
    let schema: SchemaRef = Arc::new(frame.schema().as_arrow().clone());
    let task = Arc::new(frame.task_ctx());
    let plan = cooperative::plan(frame).await?;
    let is_trusting = trusts_loads(plan.as_ref());
    Ok((Answer { schema, rows: execute_stream(plan, task)? }, is_trusting))
}

/// Runs a plan, full loads trusted. Its rows are held if that may turn out to be wrong.
async fn trusting(
    context: &SessionContext,
    plan: LogicalPlan,
    holds: bool,
) -> EngineResult<Trusting> {
    // A table in memory is filled here.
    let (mut answer, is_trusting) = answer(context.execute_logical_plan(plan).await?).await?;
    if !is_trusting {
        let answer = if holds { held(answer).await? } else { answer };
        return Ok(Trusting::Done(answer));
    }
    let (first, is_all) = first(&mut answer.rows).await?;
    Ok(if is_all { Trusting::Done(with_first(first, answer)) } else { Trusting::TooMany })
}

/// The same answer, as many of its rows read as are held back. An error in them is known then, before any is shown.
async fn held(mut answer: Answer) -> EngineResult<Answer> {
    let (first, _) = first(&mut answer.rows).await?;
    Ok(with_first(first, answer))
}

/// As many rows as are held back, and whether these are all.
async fn first(rows: &mut SendableRecordBatchStream) -> EngineResult<(Vec<RecordBatch>, bool)> {
    let (mut batches, mut bytes) = (Vec::new(), 0);
    while let Some(batch) = rows.try_next().await? {
        bytes += batch.get_array_memory_size();
        batches.push(batch);
        if bytes > HELD_BYTES_MAX {
            return Ok((batches, false));
        }
    }
    Ok((batches, true))
}

fn with_first(first: Vec<RecordBatch>, Answer { schema, rows }: Answer) -> Answer {
    let rows = futures::stream::iter(first.into_iter().map(Ok)).chain(rows);
    let rows = RecordBatchStreamAdapter::new(Arc::clone(&schema), rows);
    Answer { schema, rows: Box::pin(rows) }
}

/// Whether an error may come of a full load that holds a key twice: it says so, or something was computed over a row that is not the
/// newest one of its key. Objects and tables that cannot be read are none of it.
fn may_be_of_repeats(error: &DataFusionError) -> bool {
    match ScanError::find(error) {
        Some(found) => matches!(found, ScanError::Repeated { .. }),
        None => matches!(
            error.find_root(),
            DataFusionError::ArrowError(..) | DataFusionError::Execution(_)
        ),
    }
}

/// Views and tables in memory are of use within one call; everything else that writes would do nothing, or files.
fn refuse_writes(name: &str, plan: &LogicalPlan) -> Result<()> {
    let hint = match plan {
        LogicalPlan::Copy(_) => meant::COPIES,
        LogicalPlan::Dml(_) => meant::WRITES,
        LogicalPlan::Ddl(ddl) => match ddl {
            DdlStatement::CreateView(_)
            | DdlStatement::CreateMemoryTable(_)
            | DdlStatement::DropView(_)
            | DdlStatement::DropTable(_) => return Ok(()),
            _ => meant::LASTING,
        },
        _ => return Ok(()),
    };
    Err(Error::usage(format!("{name}: `runner sql` only reads")).hint(hint))
}
