//! The versions of each key, one behind the other, for people: from when to when each was the newest.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::{TableType, provider_as_source};
use datafusion::error::Result;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, TableProviderFilterPushDown};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};

use super::changes::{Application, raw};
use super::fill::Gaps;
use super::object::FrozenTable;
use super::raw::{Added, RawTable, free_name};
use super::source_table::column;
use super::versions::{Told, VersionsExec};

/// Each version of each key: `_op`, `_valid_from`, `_valid_to` and `_is_current`, the source's own columns, then `_position`,
/// `_next_position` and what [`super::ChangesTable`] ends with.
///
/// A version is what a row makes of its key: what it leaves out is what it was before. It holds from the time of its own commit to
/// that of the next version, as far as they are known, and from its own position to the next one. The current version is the row
/// that the source has. One that deletes (`_op` is D, or M for a key that moved away) says from when on there was no row.
#[derive(Debug)]
pub struct HistoryTable {
    raw: Arc<RawTable>,
    schema: SchemaRef,
    /// Columns of what [`VersionsExec`] gives: those of `raw`, then what it tells.
    columns: Vec<usize>,
    /// Columns of `raw`.
    told: Told,
}

impl HistoryTable {
    /// The versions in all objects of `table`; none if the source has no key. See [`super::ChangesTable::try_new`].
    ///
    /// # Errors
    /// None that a frozen table can lead to.
    pub fn try_new(
        table: &FrozenTable,
        generation: u32,
        application: &dyn Fn(&str) -> Option<Application>,
    ) -> Result<Option<Self>> {
        if table.source.key.is_empty() {
            return Ok(None);
        }
        let own = table.source.schema.fields().len();
        let raw = raw(table, generation, application)?;
        let first = |wanted: Added| raw.places(|added| added == wanted).first().copied();
        let all = [Added::Op, Added::Commit, Added::Place, Added::Deleted, Added::Line].map(first);
        let [Some(op), Some(commit), Some(place), Some(deleted), Some(line)] = all else {
            return Ok(None);
        };
        let told = Told {
            key: raw.table.source.key.clone(),
            order: raw.places(|added| matches!(added, Added::Sequence | Added::Position)),
            deleted,
            commit,
            place,
            gaps: first(Added::Absent).map(|absent| {
                let numbers =
                    (0..raw.schema().fields().len()).map(|at| Some(at).filter(|at| *at < own));
                Gaps { absent, numbers: numbers.collect() }
            }),
        };
        let width = raw.schema().fields().len();
        let [valid_to, next_place, is_current] = [width, width + 1, width + 2];
        let facts = raw.places(|added| matches!(added, Added::Fact(_)));
        let columns: Vec<usize> = [op, commit, valid_to, is_current]
            .into_iter()
            .chain(0..own)
            .chain([place, next_place])
            .chain(facts.first().copied())
            .chain([line])
            .chain(facts.iter().skip(1).copied())
            .collect();
        let fields = told.schema(&raw.schema()).project(&columns)?;
        let renamed =
            [(1, "_valid_from"), (2, "_valid_to"), (3, "_is_current"), (5 + own, "_next_position")];
        let fields = fields.fields().iter().enumerate().map(|(at, field)| {
            match renamed.iter().find(|(place, _)| *place == at) {
                None => field.as_ref().clone(),
                Some((_, name)) => {
                    field.as_ref().clone().with_name(free_name(name, &raw.table.source.schema))
                }
            }
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(Some(Self { raw: Arc::new(raw), schema, columns, told }))
    }

    /// The name of the column that tells where a version stands: `_position`, if no column of the source has that name.
    #[must_use]
    pub fn position_name(&self) -> &str {
        // Behind the source's own columns.
        self.schema.field(self.columns.len() - 8).name()
    }
}

#[async_trait]
impl TableProvider for HistoryTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(self.raw.table.key_filters(filters))
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted = projection.cloned().unwrap_or_else(|| (0..self.columns.len()).collect());
        let wanted: Vec<(usize, usize)> =
            wanted.iter().filter_map(|at| Some((*at, *self.columns.get(*at)?))).collect();
        let raw = self.raw.schema();
        let width = raw.fields().len();
        let Told { key, order, deleted, commit, place, gaps } = &self.told;
        // What is wanted comes first, then what is only looked at.
        let absent = gaps.as_ref().map(|gaps| gaps.absent);
        let looked_at = key.iter().chain(order).copied().chain([*deleted, *commit, *place]);
        let mut columns: Vec<usize> = Vec::new();
        let all = wanted.iter().map(|(_, column)| *column).chain(looked_at).chain(absent);
        for column in all.filter(|column| *column < width) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        let source = provider_as_source(Arc::clone(&self.raw) as Arc<dyn TableProvider>);
        let mut rows = LogicalPlanBuilder::scan("staged", source, None)?;
        if let Some(filter) = conjunction(filters.iter().cloned()) {
            rows = rows.filter(filter)?;
        }
        let rows = rows.project(columns.iter().map(|at| column(raw.field(*at).name())))?;
        let rows = state.create_physical_plan(&rows.build()?).await?;
        let at = |column: usize| match column.checked_sub(width) {
            Some(told) => columns.len() + told,
            None => columns.iter().position(|other| *other == column).unwrap_or_default(),
        };
        let told = Told {
            key: key.iter().map(|column| at(*column)).collect(),
            order: order.iter().map(|column| at(*column)).collect(),
            deleted: at(*deleted),
            commit: at(*commit),
            place: at(*place),
            gaps: gaps.as_ref().map(|gaps| Gaps {
                absent: at(gaps.absent),
                numbers: columns.iter().map(|column| *gaps.numbers.get(*column)?).collect(),
            }),
        };
        let versions = Arc::new(VersionsExec::new(rows, told));
        let wanted = wanted.iter().map(|(own, column)| {
            let column = at(*column);
            let name = versions.schema().field(column).name().clone();
            let name_here = self.schema.field(*own).name().clone();
            ProjectionExpr::new(Arc::new(Column::new(&name, column)), name_here)
        });
        Ok(Arc::new(ProjectionExec::try_new(wanted.collect::<Vec<_>>(), versions)?))
    }
}
