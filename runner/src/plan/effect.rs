//! What the rows that a run would write do to their tables: each is compared with the row that is there.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::common::Column;
use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use futures::TryStreamExt;
use transforms::delta::{Beside, as_bags, beside, doomed};

use super::changes::{Changes, Collector};
use super::reach;
use crate::decide::{Decision, Step};
use crate::error::Result;
use crate::job::{Job, Output};
use crate::resets::left_out;
use crate::spool::Spool;
use crate::target::condition::set_flag;
use crate::target::rows::Rows;
use crate::target::table::TargetTable;
use crate::target::{Change, Target};
use crate::work::{Tables, Work, json_columns, keys_there, target_table, there_are};

/// What a run would do to a table.
#[derive(Debug, Default)]
pub(super) struct Effect {
    /// Rows that are written, whether or not they are there just so.
    pub(super) upserts: u64,
    /// Keys that are deleted, whether or not there is such a row.
    pub(super) deletes: u64,
    pub(super) changes: Changes,
}

/// Computes what a run would write and compares it with the tables; one effect for each model, `None` for one that is untouched.
///
/// # Errors
/// Those of the models' rows, of reading the tables, and of the temporary folder.
pub(super) async fn effects(
    job: &Job,
    decisions: &[Decision],
    work: &Work,
    engine: &SessionState,
    target: &Arc<dyn Target>,
) -> Result<Vec<Option<Effect>>> {
    let mut written = 0;
    let mut effects = Vec::with_capacity(job.outputs.len());
    for (output, decision) in job.outputs.iter().zip(decisions) {
        if decision.step == Step::Untouched {
            effects.push(None);
            continue;
        }
        let comparison = Comparison { output, decision, engine, target };
        effects.push(match &work.tables {
            Tables::Rebuilds(tables) => match tables.get(written) {
                Some(table) => Some(comparison.whole(&table.rows).await?),
                None => None,
            },
            Tables::Changes(changes) => match changes.get(written) {
                Some(change) => Some(comparison.change(&change.change).await?),
                None => None,
            },
        });
        written += 1;
    }
    Ok(effects)
}

#[derive(Clone, Copy)]
struct Comparison<'a> {
    output: &'a Output,
    decision: &'a Decision,
    engine: &'a SessionState,
    target: &'a Arc<dyn Target>,
}

impl Comparison<'_> {
    async fn change(self, change: &Change) -> Result<Effect> {
        match change {
            Change::Merge { deletes, upserts, .. } => self.merge(deletes, upserts).await,
            Change::Append { rows } => self.all_new(rows).await,
            Change::Replace { rows } => self.whole(rows).await,
        }
    }

    fn collector(self) -> Result<Collector> {
        Collector::new(Arc::clone(&self.output.schema), &self.output.key)
    }

    /// Rows that are only added.
    async fn all_new(self, rows: &Rows) -> Result<Effect> {
        let mut found = self.collector()?;
        each(rows, |batch| found.add_new(batch)).await?;
        let changes = found.finish();
        Ok(Effect { upserts: changes.insert, deletes: 0, changes })
    }

    /// Rows that take the place of all that are there.
    async fn whole(self, rows: &Rows) -> Result<Effect> {
        let Self { output, target, .. } = self;
        let Some(def) = target.describe(&output.table).await? else {
            return self.all_new(rows).await;
        };
        // Columns that the model lacks get their default: each is compared by whether it is set to something else.
        let flags: Vec<Field> = left_out(output, &def).filter_map(set_flag).collect();
        let spool = Spool::fill(rows, Vec::new()).await?;
        let rows = with_flags(LogicalPlanBuilder::from(spool.plan()?), &flags, |_| lit(false))?;
        let (rows, there) = (rows.build()?, self.there_with(&flags)?);
        let json = json_columns(output, Some(&def));
        let fields = output.schema.fields().iter().map(|field| field.as_ref().clone());
        let schema = Schema::new(fields.chain(flags).collect::<Vec<_>>());
        let mut found = Collector::new(Arc::new(schema), &output.key)?;
        if output.key.is_empty() {
            let bags = as_bags(&rows, there, &json)?;
            self.run(&bags, |batch| found.add_bags(batch)).await?;
        } else {
            let (key, keys) = (output.key_names(), keys_there(output, Some(&def)));
            let pairs = beside(&rows, &key, there, &json, Beside::All, keys)?;
            self.run(&pairs, |batch| found.add_beside(batch)).await?;
        }
        Ok(Effect { upserts: spool.rows, deletes: 0, changes: found.finish() })
    }

    /// The same with a flag for each column that the model lacks.
    fn there_with(self, flags: &[Field]) -> Result<LogicalPlanBuilder> {
        let columns = there_are(&self.output.schema, &self.decision.adds);
        let fields = columns.fields().iter().map(|field| field.as_ref().clone());
        let schema = Schema::new(fields.chain(flags.iter().cloned()).collect::<Vec<_>>());
        let (target, table) = (Arc::clone(self.target), self.output.table.clone());
        let table = TargetTable::new(target, Arc::new(schema), table);
        let scan = LogicalPlanBuilder::scan("target", provider_as_source(Arc::new(table)), None)?;
        // As a plain truth, without what the field is read by.
        with_flags(scan, flags, |name| Expr::Column(Column::from_name(name)).is_true())
    }

    async fn merge(self, deletes: &Rows, upserts: &Rows) -> Result<Effect> {
        let (output, key) = (self.output, self.output.key_names());
        let deletes = Spool::fill(deletes, Vec::new()).await?;
        let upserts = Spool::fill(upserts, Vec::new()).await?;
        let mut found = self.collector()?;
        let rows = upserts.plan()?;
        if upserts.rows > 0 {
            let there = self.there_within(&rows, &key).await?;
            let def = self.target.describe(&output.table).await?;
            let json = json_columns(output, def.as_ref());
            let keys = keys_there(output, def.as_ref());
            let pairs = beside(&rows, &key, there, &json, Beside::Some, keys)?;
            self.run(&pairs, |batch| found.add_beside(batch)).await?;
        }
        if deletes.rows > 0 {
            let keys = deletes.plan()?;
            let there = self.there_within(&keys, &key).await?;
            let doomed = doomed(&keys, &key, there, &rows)?;
            self.run(&doomed, |batch| found.add_doomed(batch)).await?;
        }
        let changes = found.finish();
        Ok(Effect { upserts: upserts.rows, deletes: deletes.rows, changes })
    }

    /// The table's rows.
    fn there(self) -> Result<LogicalPlanBuilder> {
        let table = target_table(self.target, self.output, self.decision);
        Ok(LogicalPlanBuilder::scan("target", provider_as_source(table), None)?)
    }

    /// The table's rows that may have one of these rows' keys, as far as the database can tell them.
    async fn there_within(self, rows: &LogicalPlan, key: &[String]) -> Result<LogicalPlanBuilder> {
        let there = self.there()?;
        let Some(first) = key.first() else { return Ok(there) };
        Ok(match reach::of(self.engine, rows, first).await? {
            Some(reach) => there.filter(reach)?,
            None => there,
        })
    }

    async fn run(
        self,
        plan: &LogicalPlan,
        take: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let physical = self.engine.create_physical_plan(plan).await?;
        each(&Rows::new(physical, self.engine.task_ctx()), take).await
    }
}

/// A plan's columns, and flags behind them.
fn with_flags(
    plan: LogicalPlanBuilder,
    flags: &[Field],
    value: impl Fn(&str) -> Expr,
) -> Result<LogicalPlanBuilder> {
    let is_flag = |column: &Column| flags.iter().any(|flag| *flag.name() == column.name);
    let columns = plan.schema().columns().into_iter().filter(|column| !is_flag(column));
    let columns = columns.map(|column| Expr::Column(column.clone()).alias(column.name));
    let values = flags.iter().map(|flag| value(flag.name()).alias(flag.name()));
    Ok(plan.project(columns.chain(values).collect::<Vec<_>>())?)
}

async fn each(rows: &Rows, mut take: impl FnMut(&RecordBatch) -> Result<()>) -> Result<()> {
    let mut stream = rows.stream()?;
    while let Some(batch) = stream.try_next().await? {
        take(&batch)?;
    }
    Ok(())
}
