//! The source rows of a lineage, each with its object, line and values.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::UInt64Type;
use datafusion::common::Column;
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use futures::{StreamExt, TryStreamExt};
use staged::ObjectKind;
use transforms::lineage::{Found, FoundRows, Lineage, TracedScan};
use transforms::scan::{DELETED, FrozenTable, Line, POSITION, RawTable, line_of, object_of};

use super::rows::{ShownRow, kept, shown};
use crate::error::Result;
use crate::survey::SourceSurvey;
use crate::target::rows::Rows;

/// So many ways in which a row is left out are told.
const WAYS_MAX: usize = 3;
/// So many objects are read at once to find lines.
const OBJECTS_AT_ONCE: usize = 4;

/// What a row is made of, or would be.
#[derive(Debug)]
pub(super) struct Made {
    /// What leaves the row out; nothing if it is there.
    pub(super) left_out_by: Vec<String>,
    pub(super) scans: Vec<MadeOf>,
}

/// The rows of one read of a source.
#[derive(Debug)]
pub(super) struct MadeOf {
    pub(super) source: String,
    /// What it is called there; empty if that is the source's name.
    pub(super) alias: String,
    /// How many there are in all.
    pub(super) count: u64,
    /// The first of them.
    pub(super) rows: Vec<MadeOfRow>,
}

/// A staged row.
#[derive(Debug)]
pub(super) struct MadeOfRow {
    pub(super) object: String,
    pub(super) line: Option<u64>,
    /// What it does; none in a full load, and where nothing tells.
    pub(super) op: Option<String>,
    pub(super) is_load: bool,
    /// Whether no run has applied its object yet.
    pub(super) is_pending: bool,
    pub(super) values: ShownRow,
}

/// How source rows are looked for.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) engine: &'a SessionState,
    pub(super) surveys: &'a [SourceSurvey],
    /// The model's file, for errors.
    pub(super) file: &'a str,
    /// So many rows of each source are read.
    pub(super) most: usize,
}

impl Search<'_> {
    /// What the model's rows that meet a condition are made of.
    pub(super) async fn made(self, lineage: &Lineage, condition: Expr) -> Result<Vec<Made>> {
        let physical = self.engine.create_physical_plan(&lineage.rows(condition)?).await?;
        let rows = Rows::new(physical, self.engine.task_ctx()).of_file(self.file);
        let (mut stream, mut found) = (rows.stream()?, Found::new(lineage));
        while let Some(batch) = stream.try_next().await? {
            found.add(&batch);
        }
        let mut made = Vec::new();
        for (failed, rows) in found.ways().take(WAYS_MAX) {
            let mut scans = Vec::with_capacity(lineage.scans.len());
            for (index, scan) in lineage.scans.iter().enumerate() {
                scans.push(self.of_scan(scan, rows, index).await?);
            }
            let left_out_by = failed.iter().filter_map(|index| lineage.conditions.get(*index));
            made.push(Made { left_out_by: left_out_by.cloned().collect(), scans });
        }
        Ok(made)
    }

    async fn of_scan(self, scan: &TracedScan, rows: &FoundRows, index: usize) -> Result<MadeOf> {
        let positions: Vec<u64> = rows.positions(index).take(self.most).collect();
        let mut values = self.values(&scan.table, &positions).await?;
        let store = self.engine.runtime_env().object_store(&scan.table.store)?;
        let line = |position: u64| {
            let (table, store) = (Arc::clone(&scan.table), Arc::clone(&store));
            async move { line_of(&table, store, position).await }
        };
        let lines: Vec<_> = positions.iter().copied().map(line).collect();
        let lines = futures::stream::iter(lines).buffered(OBJECTS_AT_ONCE);
        let lines: Vec<Option<Line>> = lines.try_collect().await.map_err(DataFusionError::from)?;
        let shown = positions.iter().zip(lines).filter_map(|(position, line)| {
            let object = object_of(&scan.table, *position)?;
            Some(MadeOfRow {
                object: object.label.clone(),
                line: line.as_ref().map(|line| line.line),
                op: line.and_then(|line| line.op).map(|op| op.to_string()),
                is_load: object.kind == ObjectKind::FullLoad,
                is_pending: self.is_pending(&scan.table, object.ordinal),
                values: values.remove(position).unwrap_or_default(),
            })
        });
        Ok(MadeOf {
            source: scan.table.source.name.clone(),
            alias: scan.alias.clone(),
            count: rows.count(index),
            rows: shown.collect(),
        })
    }

    fn is_pending(self, table: &FrozenTable, ordinal: u32) -> bool {
        let survey = self.surveys.iter().find(|survey| survey.source.name == table.source.name);
        let place = usize::try_from(ordinal).ok();
        survey.zip(place).is_some_and(|(survey, place)| survey.state.pending.contains(&place))
    }

    /// The rows at some positions, as they are staged.
    async fn values(
        self,
        table: &Arc<FrozenTable>,
        positions: &[u64],
    ) -> Result<BTreeMap<u64, ShownRow>> {
        let is_needed = |ordinal: u32| {
            let of = |position: &u64| object_of(table, *position).map(|object| object.ordinal);
            positions.iter().any(|position| of(position) == Some(ordinal))
        };
        let objects = table.objects.iter().filter(|object| is_needed(object.ordinal)).cloned();
        let some = RawTable::new(Arc::new(table.with_objects(objects.collect())));
        let column = |name: &str| Expr::Column(Column::from_name(name));
        let at = positions.iter().map(|position| lit(*position)).collect();
        let fields = table.source.schema.fields();
        let columns = fields.iter().map(|field| column(field.name()));
        let plan = LogicalPlanBuilder::scan("staged", provider_as_source(Arc::new(some)), None)?
            .filter(column(POSITION).in_list(at, false))?
            .project(columns.chain([column(POSITION), column(DELETED)]))?
            .build()?;
        let mut values = BTreeMap::new();
        for batch in kept(self.engine, &plan, self.file, usize::MAX).await?.batches {
            add_rows(&mut values, &batch, fields.len())?;
        }
        Ok(values)
    }
}

/// A row that moves to another key is two at its position: the second is the row itself.
fn add_rows(values: &mut BTreeMap<u64, ShownRow>, batch: &RecordBatch, width: usize) -> Result<()> {
    let positions = batch.column(width).as_primitive::<UInt64Type>();
    let is_deleted = batch.column(width + 1).as_boolean();
    let columns: Vec<usize> = (0..width).collect();
    let own = batch.project(&columns).map_err(DataFusionError::from)?;
    for (row, position) in positions.values().iter().enumerate() {
        let is_better = is_deleted.is_valid(row) && !is_deleted.value(row);
        if is_better || !values.contains_key(position) {
            let _other = values.insert(*position, shown(&own, row)?);
        }
    }
    Ok(())
}
