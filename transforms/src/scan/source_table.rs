//! A source as it stands after its objects: the newest row of each key that is not a delete.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Column, JoinType, ScalarValue};
use datafusion::datasource::{TableType, provider_as_source};
use datafusion::error::Result;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{
    Expr, LogicalPlan, LogicalPlanBuilder, SortExpr, TableProviderFilterPushDown, lit, not,
};
use datafusion::physical_plan::ExecutionPlan;

use super::loads::LoadTable;
use super::newest::NewestTable;
use super::object::{AnyLoads, FrozenTable, Loads};
use super::raw::{DELETED, POSITION, RawTable};

/// The column with the position of what a deleted row was before; NULL in rows that are there, and of a key of which no row came before.
pub(crate) const FORMER: &str = "__unglue_former";

/// The state of a source after the objects of a [`FrozenTable`]; of a source without a key all its rows.
///
/// Rows are unique by its key, whatever the objects hold; [`crate::model::way`] builds on that. The engine is not told: what its
/// optimizer makes of keys has been wrong too often (apache/datafusion#23626, #23634, #24787), and Spark knows none either.
#[derive(Debug)]
pub struct SourceTable {
    table: Arc<FrozenTable>,
    shown: Shown,
}

/// What a [`SourceTable`] shows beside the source's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Columns,
    /// [`POSITION`].
    Positions,
    /// [`POSITION`], [`DELETED`] and [`FORMER`], and the rows that are deleted.
    Deleted,
}

impl SourceTable {
    /// The state after all objects of `table`.
    #[must_use]
    pub fn new(table: Arc<FrozenTable>) -> Self {
        Self { table, shown: Shown::Columns }
    }

    /// The same rows with one more column, [`POSITION`]: that of the newest row of each key.
    #[must_use]
    pub fn with_positions(&self) -> Self {
        Self { table: Arc::clone(&self.table), shown: Shown::Positions }
    }

    /// The same with two more columns, [`DELETED`] and `FORMER`, and the keys that are deleted too: at the position of what deletes
    /// them, with the values of the newest row before, as a delete has none but the key. Where none came before, they are NULL.
    #[must_use]
    pub fn with_deleted(&self) -> Self {
        Self { table: Arc::clone(&self.table), shown: Shown::Deleted }
    }

    /// The objects.
    #[must_use]
    pub fn objects(&self) -> &Arc<FrozenTable> {
        &self.table
    }

    /// The key's columns, in key order; empty if the source has none.
    #[must_use]
    pub fn key(&self) -> &[usize] {
        &self.table.source.key
    }

    fn state_plan(&self, loads: Loads) -> Result<LogicalPlan> {
        if self.shown == Shown::Deleted {
            return self.also_deleted();
        }
        let split = match loads {
            Loads::Once => self.table.split_loads(),
            Loads::Any => None,
        };
        match split {
            None => self.newest_rows(&self.table),
            Some((loads, None)) => self.loaded_rows(loads, None),
            Some((loads, Some(changes))) => {
                let keys = self.raw_rows(&changes)?.project(self.key_columns())?;
                let loaded = self.loaded_rows(loads, Some(keys.build()?))?;
                let changed = self.newest_rows(&changes)?;
                LogicalPlanBuilder::from(loaded).union(changed)?.build()
            }
        }
    }

    fn also_deleted(&self) -> Result<LogicalPlan> {
        let newest = self.newest(&self.table)?;
        let none = lit(ScalarValue::UInt64(None)).alias(FORMER);
        let shown = self.columns().chain([column(POSITION), column(DELETED), none]);
        let key: Vec<&str> = self.table.source.key_names().collect();
        if key.is_empty() {
            return newest.project(shown)?.build();
        }
        let there = newest.clone().filter(not(column(DELETED)))?.project(shown)?.build()?;
        let before = Arc::new(NewestTable::before_deletes(Arc::clone(&self.table)));
        let before = LogicalPlanBuilder::scan("before", provider_as_source(before), None)?;
        let before = before.project(self.columns().chain([column(POSITION)]))?.build()?;
        let of = |table: &str, name: &str| Column::new(Some(table.to_owned()), name);
        let value = |name: &str| {
            let table = if key.contains(&name) { "newest" } else { "before" };
            Expr::Column(of(table, name)).alias(name)
        };
        let added = [
            Expr::Column(of("newest", POSITION)).alias(POSITION),
            Expr::Column(of("newest", DELETED)).alias(DELETED),
            Expr::Column(of("before", POSITION)).alias(FORMER),
        ];
        let values = self.table.source.schema.fields().iter().map(|field| value(field.name()));
        let on: (Vec<Column>, Vec<Column>) =
            key.iter().map(|name| (of("newest", name), of("before", name))).unzip();
        let gone = newest
            .filter(column(DELETED))?
            .join(before, JoinType::Left, on, None)?
            .project(values.chain(added))?;
        LogicalPlanBuilder::from(there).union(gone.build()?)?.build()
    }

    /// The newest row of each key, of deleted ones too, with the column [`DELETED`]: the net changes, in the order of
    /// [`SourceTable::key_order`]. Sorts all rows; of a source without a key it is all of them.
    ///
    /// # Errors
    /// Those of building plans.
    pub fn net_changes(&self) -> Result<LogicalPlan> {
        let net = self.newest(&self.table)?.project(self.columns().chain([column(DELETED)]))?;
        match self.key_order() {
            order if order.is_empty() => net.build(),
            order => net.sort(order)?.build(),
        }
    }

    /// The order by key of net changes, as everything that is written is sorted by its key; empty for a source without one.
    #[must_use]
    pub fn key_order(&self) -> Vec<SortExpr> {
        self.key_columns().into_iter().map(|key| key.sort(true, true)).collect()
    }

    /// The newest rows that are not deleted.
    fn newest_rows(&self, table: &Arc<FrozenTable>) -> Result<LogicalPlan> {
        let rows = self.newest(table)?.filter(not(column(DELETED)))?;
        rows.project(self.shown_columns())?.build()
    }

    /// The newest row of each key, with more columns than the source's.
    fn newest(&self, table: &Arc<FrozenTable>) -> Result<LogicalPlanBuilder> {
        if table.source.key.is_empty() {
            return self.raw_rows(table);
        }
        let newest = Arc::new(NewestTable::new(Arc::clone(table)));
        LogicalPlanBuilder::scan("newest", provider_as_source(newest), None)
    }

    /// The rows of full-load objects whose keys are not among the changed ones.
    fn loaded_rows(
        &self,
        loads: Arc<FrozenTable>,
        changed: Option<LogicalPlan>,
    ) -> Result<LogicalPlan> {
        let table = provider_as_source(Arc::new(LoadTable::new(loads, changed)));
        LogicalPlanBuilder::scan("loaded", table, None)?.project(self.shown_columns())?.build()
    }

    fn raw_rows(&self, table: &Arc<FrozenTable>) -> Result<LogicalPlanBuilder> {
        let raw = Arc::new(RawTable::new(Arc::clone(table)));
        LogicalPlanBuilder::scan("staged", provider_as_source(raw), None)
    }

    fn key_columns(&self) -> Vec<Expr> {
        self.table.source.key_names().map(column).collect()
    }

    fn columns(&self) -> impl Iterator<Item = Expr> {
        self.table.source.schema.fields().iter().map(|field| column(field.name()))
    }

    /// The columns of [`TableProvider::schema`].
    fn shown_columns(&self) -> impl Iterator<Item = Expr> {
        self.columns().chain(self.shown.names().iter().map(|name| column(name)))
    }
}

impl Shown {
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Columns => &[],
            Self::Positions => &[POSITION],
            Self::Deleted => &[POSITION, DELETED, FORMER],
        }
    }
}

#[async_trait]
impl TableProvider for SourceTable {
    fn schema(&self) -> SchemaRef {
        let source = &self.table.source.schema;
        if self.shown == Shown::Columns {
            return Arc::clone(source);
        }
        let raw = RawTable::new(Arc::clone(&self.table)).schema();
        let shown = self.shown.names().iter().map(|name| match raw.fields().find(name) {
            Some((_, field)) => Arc::clone(field),
            None => Arc::new(Field::new(*name, DataType::UInt64, true)),
        });
        Arc::new(Schema::new(source.fields().iter().cloned().chain(shown).collect::<Vec<_>>()))
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let is_any = state.config().get_extension::<AnyLoads>().is_some();
        let loads = if is_any { Loads::Any } else { self.table.loads };
        let mut plan = LogicalPlanBuilder::from(self.state_plan(loads)?);
        // The optimizer moves those on key columns below the choice of the newest row, and no others.
        if let Some(filter) = conjunction(filters.iter().cloned()) {
            plan = plan.filter(filter)?;
        }
        if let Some(projection) = projection {
            let schema = self.schema();
            plan = plan.project(projection.iter().map(|i| column(schema.field(*i).name())))?;
        }
        if limit.is_some() {
            plan = plan.limit(0, limit)?;
        }
        state.create_physical_plan(&plan.build()?).await
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Exact; filters.len()])
    }
}

/// Of net changes, the rows that are not deleted, as the source has them.
///
/// # Errors
/// Those of building plans.
pub fn live(net: LogicalPlanBuilder, source: &Schema) -> Result<LogicalPlan> {
    let columns = source.fields().iter().map(|field| column(field.name()));
    net.filter(not(column(DELETED)))?.project(columns)?.build()
}

/// A column by its exact name: names may hold dots and capitals, which `col` would take apart.
pub(crate) fn column(name: &str) -> Expr {
    Expr::Column(Column::from_name(name))
}
