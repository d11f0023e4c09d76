//! Turns decisions into plans of rows for the target.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use futures::TryStreamExt;
use transforms::delta::{self, Delta, Keys};
use transforms::model::output::canonical;
use transforms::scan::{SourceTable, live};

use crate::decide::{Decision, Step};
use crate::error::{Error, Result};
use crate::job::{Job, Output};
use crate::spool::Spool;
use crate::survey::SourceSurvey;
use crate::target::rows::Rows;
use crate::target::table::TargetTable;
use crate::target::{Change, TableChange, TableDef, TableRebuild, TableSpec, Target};

/// What a run is going to write.
#[derive(Debug)]
pub struct Work {
    /// The tables.
    pub tables: Tables,
    /// Models whose whole results are computed and kept, with plans that read them.
    results: BTreeMap<String, LogicalPlan>,
    /// Computed rows that the tables' plans read; they must outlive the writing.
    _spools: Vec<Spool>,
}

impl Work {
    /// A model's whole result, if it has been computed: the rows that are written.
    #[must_use]
    pub fn result(&self, model: &str) -> Option<&LogicalPlan> {
        self.results.get(model)
    }
}

/// Either changes in one transaction, or tables to exchange.
#[derive(Debug)]
pub enum Tables {
    /// Changes, in the order of the models that have one.
    Changes(Vec<TableChange>),
    /// Tables to fill anew.
    Rebuilds(Vec<TableRebuild>),
}

/// Plans the rows of all models that are not untouched.
///
/// # Errors
/// Definitions that do not plan over the real sources, and a key that is not unique.
pub async fn plan_work(
    job: &Job,
    decisions: &[Decision],
    surveys: &[SourceSurvey],
    engine: &SessionState,
    target: &Arc<dyn Target>,
) -> Result<Work> {
    let mut planner = Planner {
        job,
        surveys,
        engine,
        target,
        spools: Vec::new(),
        results: BTreeMap::new(),
        net: BTreeMap::new(),
    };
    let todo: Vec<(&Output, &Decision)> = job
        .outputs
        .iter()
        .zip(decisions)
        .filter(|(_, decision)| decision.step != Step::Untouched)
        .collect();
    if todo.iter().any(|(_, decision)| decision.step == Step::Rebuild) {
        let mut rebuilds = Vec::with_capacity(todo.len());
        let plans = planner.plans().await?;
        for (output, decision) in todo {
            let model = planner.model(&plans, output)?;
            let model = planner.judged(output, model).await?;
            planner.check_key(output, &model).await?;
            let rows = planner.rows(output, &model).await?;
            rebuilds.push(TableRebuild { spec: widening(output, decision), rows });
        }
        return Ok(planner.work(Tables::Rebuilds(rebuilds)));
    }
    let mut changes = Vec::with_capacity(todo.len());
    for (output, decision) in todo {
        let change = planner.change(output, decision).await?;
        changes.push(TableChange { spec: widening(output, decision), change });
    }
    Ok(planner.work(Tables::Changes(changes)))
}

/// A model's output as the target sees it.
#[must_use]
pub fn spec(output: &Output) -> TableSpec {
    TableSpec {
        table: output.table.clone(),
        schema: Arc::clone(&output.schema),
        key: output.key.clone(),
        added: Vec::new(),
    }
}

/// The same, for a table that gets columns.
pub(crate) fn widening(output: &Output, decision: &Decision) -> TableSpec {
    TableSpec { added: decision.adds.clone(), ..spec(output) }
}

/// The sources as they stand; of a driver only some rows.
pub(crate) fn tables(
    surveys: &[SourceSurvey],
    driver: Option<(&str, Arc<dyn TableProvider>)>,
) -> Vec<(String, Arc<dyn TableProvider>)> {
    let tables = surveys.iter().map(|survey| {
        let name = survey.source.name.clone();
        let table: Arc<dyn TableProvider> = match &driver {
            Some((driver, rows)) if *driver == name => Arc::clone(rows),
            _ => Arc::new(SourceTable::new(Arc::clone(&survey.whole))),
        };
        (name, table)
    });
    tables.collect()
}

struct Planner<'a> {
    job: &'a Job,
    surveys: &'a [SourceSurvey],
    engine: &'a SessionState,
    target: &'a Arc<dyn Target>,
    spools: Vec<Spool>,
    /// Whole results by model.
    results: BTreeMap<String, LogicalPlan>,
    /// Net changes by driver.
    net: BTreeMap<String, Arc<dyn TableProvider>>,
}

impl Planner<'_> {
    fn work(self, tables: Tables) -> Work {
        Work { tables, results: self.results, _spools: self.spools }
    }

    async fn change(&mut self, output: &Output, decision: &Decision) -> Result<Change> {
        Ok(match &decision.step {
            Step::RowWise { driver } => {
                let net = self.net_changes(driver).await?;
                let survey = self.survey_of(driver)?;
                let (key, from) = paired_keys(output, survey)?;
                let scan =
                    LogicalPlanBuilder::scan("net", provider_as_source(Arc::clone(&net)), None)?;
                let rows = ViewTable::new(live(scan, &survey.source.schema)?, None);
                let model = self.plan_one(output, Some((driver, Arc::new(rows)))).await?;
                self.merge(output, &delta::row_wise(&model, &key, net, &from)?).await?
            }
            Step::Append { driver } => {
                let rows = SourceTable::new(Arc::clone(&self.survey_of(driver)?.pending));
                let model = self.plan_one(output, Some((driver, Arc::new(rows)))).await?;
                Change::Append { rows: self.rows(output, &model).await? }
            }
            Step::Replay => {
                let model = self.plan_one(output, None).await?;
                let model = self.spool(output, &model).await?;
                self.check_key(output, &model).await?;
                let table = target_table(self.target, output, decision);
                let def = self.target.describe(&output.table).await?;
                let json = json_columns(output, def.as_ref());
                let (key, keys) = (output.key_names(), keys_there(output, def.as_ref()));
                self.merge(output, &delta::compare(&model, &key, table, &json, keys)?).await?
            }
            Step::Replace | Step::Rebuild | Step::Untouched => {
                let model = self.plan_one(output, None).await?;
                let model = self.judged(output, model).await?;
                Change::Replace { rows: self.rows(output, &model).await? }
            }
        })
    }

    /// The net changes of a driver, computed once for all models that follow it, and for both what they delete and what they
    /// write.
    async fn net_changes(&mut self, driver: &str) -> Result<Arc<dyn TableProvider>> {
        if let Some(net) = self.net.get(driver) {
            return Ok(Arc::clone(net));
        }
        let tail = SourceTable::new(Arc::clone(&self.survey_of(driver)?.tail));
        let physical = self.engine.create_physical_plan(&tail.net_changes()?).await?;
        let rows = Rows::new(physical, self.engine.task_ctx());
        let spool = Spool::fill(&rows, tail.key_order()).await?;
        let net = Arc::clone(&spool.table);
        self.spools.push(spool);
        let _none = self.net.insert(driver.to_owned(), Arc::clone(&net));
        Ok(net)
    }

    /// Computes a model's rows once: its deletes and its upserts must come from the same result.
    async fn spool(&mut self, output: &Output, model: &LogicalPlan) -> Result<LogicalPlan> {
        let rows = self.rows(output, model).await?;
        let spool = Spool::fill(&rows, Vec::new()).await?;
        let plan = spool.plan()?;
        self.spools.push(spool);
        let _none = self.results.insert(output.model.clone(), plan.clone());
        Ok(plan)
    }

    /// Rows that rules judge are computed once: what is judged is what is written.
    async fn judged(&mut self, output: &Output, model: LogicalPlan) -> Result<LogicalPlan> {
        match output.rules {
            None => Ok(model),
            Some(_) => self.spool(output, &model).await,
        }
    }

    async fn merge(&self, output: &Output, delta: &Delta) -> Result<Change> {
        Ok(Change::Merge {
            deletes: self.rows(output, &delta.deletes).await?,
            upserts: self.rows(output, &delta.upserts).await?,
            kept_counted_times: output.guard.kept_counted_times(),
        })
    }

    /// All models over the sources as they stand.
    async fn plans(&self) -> Result<BTreeMap<String, LogicalPlan>> {
        Ok(self.job.models.plan(self.engine, tables(self.surveys, None)).await?.plans)
    }

    /// One model over the sources as they stand; of a driver only some rows.
    async fn plan_one(
        &self,
        output: &Output,
        driver: Option<(&str, Arc<dyn TableProvider>)>,
    ) -> Result<LogicalPlan> {
        let tables = tables(self.surveys, driver);
        let planned = self.job.models.plan_one(self.engine, tables, &output.model).await?;
        self.model(&planned.plans, output)
    }

    fn model(&self, plans: &BTreeMap<String, LogicalPlan>, output: &Output) -> Result<LogicalPlan> {
        let raw = plans
            .get(&output.model)
            .ok_or_else(|| Error::failed(format!("model `{}` was not planned", output.model)))?;
        Ok(canonical(&output.file, raw.clone())?)
    }

    fn survey_of(&self, source: &str) -> Result<&SourceSurvey> {
        self.surveys
            .iter()
            .find(|survey| survey.source.name == source)
            .ok_or_else(|| Error::failed(format!("source `{source}` was not surveyed")))
    }

    async fn rows(&self, output: &Output, plan: &LogicalPlan) -> Result<Rows> {
        let physical = self.engine.create_physical_plan(plan).await?;
        Ok(Rows::new(physical, self.engine.task_ctx()).of_file(&output.file))
    }

    /// A key that the plan does not prove is proven on the rows.
    async fn check_key(&self, output: &Output, model: &LogicalPlan) -> Result<()> {
        if output.key.is_empty() || output.key_is_proven {
            return Ok(());
        }
        let key = output.key_names();
        let rows = self.rows(output, &delta::duplicates(model, &key)?).await?;
        let found: Vec<_> = rows.stream()?.try_collect().await?;
        if found.iter().all(|batch| batch.num_rows() == 0) {
            return Ok(());
        }
        Err(Error::refused(format!(
            "model `{}`: several rows have the same key ({})",
            output.model,
            key.join(", ")
        ))
        .hint("correct the SELECT, or `key` of the model in job.toml"))
    }
}

/// The model's key and, in the same order, the driver's columns that it comes from.
pub(crate) fn paired_keys(
    output: &Output,
    survey: &SourceSurvey,
) -> Result<(Vec<String>, Vec<String>)> {
    let from = &output.analysis.key_origin;
    let names = from.iter().map(|column| survey.source.schema.field(*column).name().clone());
    let key = output.key_names();
    if from.len() != key.len() {
        return Err(Error::failed(format!("model `{}`: its key has no origin", output.model)));
    }
    Ok((key, names.collect()))
}

/// A model's table as it is, in the model's types.
pub(crate) fn target_table(
    target: &Arc<dyn Target>,
    output: &Output,
    decision: &Decision,
) -> Arc<dyn TableProvider> {
    let schema = there_are(&output.schema, &decision.adds);
    Arc::new(TargetTable::new(Arc::clone(target), schema, output.table.clone()))
}

/// How often a table may have a key of its model: once, where there is none yet or a unique index of some of its columns takes no NULL.
pub(crate) fn keys_there(output: &Output, def: Option<&TableDef>) -> Keys {
    let Some(def) = def else { return Keys::Unique };
    let key = output.key_names();
    let is_exact = |name: &String| {
        let is_key = key.iter().any(|part| part.eq_ignore_ascii_case(name));
        let column = def.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
        is_key && column.is_some_and(|column| !column.nullable)
    };
    match def.unique.iter().any(|index| !index.is_empty() && index.iter().all(is_exact)) {
        true => Keys::Unique,
        false => Keys::Repeated,
    }
}

/// The model's columns that the table stores as JSON: what it gives back is another text of the same document.
pub(crate) fn json_columns(output: &Output, def: Option<&TableDef>) -> BTreeSet<String> {
    let is_json = |name: &str| {
        def.iter().flat_map(|def| &def.columns).any(|column| {
            column.name.eq_ignore_ascii_case(name) && column.sql_type.eq_ignore_ascii_case("json")
        })
    };
    let text = output.schema.fields().iter().filter(|f| *f.data_type() == DataType::Utf8);
    text.map(|field| field.name().clone()).filter(|name| is_json(name)).collect()
}

/// A model's columns without those that its table lacks. A table may hold NULL wherever its definition lets it, whatever the
/// model promises.
pub(crate) fn there_are(schema: &Schema, lacks: &[usize]) -> SchemaRef {
    let fields = schema.fields().iter().enumerate().filter(|(index, _)| !lacks.contains(index));
    let fields: Vec<_> =
        fields.map(|(_, field)| field.as_ref().clone().with_nullable(true)).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}
