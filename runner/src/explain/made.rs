//! The source rows of a lineage, each with its object, line and values.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Int64Type, UInt64Type};
use datafusion::common::Column;
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use futures::TryStreamExt;
use staged::ObjectKind;
use transforms::lineage::{Demand, Found, FoundRows, Lineage, TracedScan};
use transforms::scan::{FrozenTable, POSITION, RawTable};

use super::rows::{ShownRow, kept, shown};
use crate::error::Result;
use crate::survey::SourceSurvey;
use crate::target::rows::Rows;

/// So many ways in which a row is left out are told.
const WAYS_MAX: usize = 3;

/// So many rows that delete are named in a reason.
const DELETES_MAX: usize = 3;

/// What a row is made of, or would be.
#[derive(Debug)]
pub(super) struct Made {
    /// What leaves the row out; nothing if it is there, or if it is not known.
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
    pub(super) line: Option<i64>,
    /// The letter of what it does; none in a full load.
    pub(super) op: Option<String>,
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
            let mut left_out_by = Vec::with_capacity(failed.len());
            for condition in failed.iter().filter_map(|index| lineage.conditions.get(*index)) {
                let reason = match condition.demand {
                    Demand::NotDeleted(scan) => self.deleted(lineage, rows, scan).await?,
                    _ => condition.to_string(),
                };
                // One condition of a file may be several of the plan: BETWEEN.
                if !left_out_by.contains(&reason) {
                    left_out_by.push(reason);
                }
            }
            made.push(Made { left_out_by, scans });
        }
        Ok(made)
    }

    async fn of_scan(self, scan: &TracedScan, rows: &FoundRows, index: usize) -> Result<MadeOf> {
        let positions: Vec<u64> = rows.positions(index).take(self.most).collect();
        let mut rows_at = self.rows_at(&scan.table, &positions).await?;
        let shown = positions.iter().filter_map(|position| {
            let object = scan.table.object_at(*position)?;
            let Staged { line, op, mut values } = rows_at.remove(position)?;
            if op.as_deref() == Some("D") {
                // Nothing but the key is read of a delete, so the rest would be NULL whatever is staged.
                values.retain(|(name, _)| scan.table.source.key_names().any(|key| key == name));
            }
            Some(MadeOfRow {
                object: object.label.clone(),
                line,
                op: op.filter(|_| object.kind == ObjectKind::Change),
                is_pending: self.is_pending(&scan.table, object.ordinal),
                values,
            })
        });
        Ok(MadeOf {
            source: scan.table.source.name.clone(),
            alias: scan.alias.clone(),
            count: rows.count(index),
            rows: shown.collect(),
        })
    }

    /// What is told of rows that were deleted: by what.
    async fn deleted(self, lineage: &Lineage, rows: &FoundRows, index: usize) -> Result<String> {
        let Some(scan) = lineage.scans.get(index) else { return Ok("it was deleted".to_owned()) };
        let count = rows.deletes(index).count();
        let positions: Vec<u64> = rows.deletes(index).take(DELETES_MAX).collect();
        let staged = self.rows_at(&scan.table, &positions).await?;
        let mut by = Vec::with_capacity(positions.len());
        for position in &positions {
            let Some(object) = scan.table.object_at(*position) else { continue };
            let row = staged.get(position);
            let line = row.and_then(|row| row.line);
            let line = line.map_or_else(String::new, |line| format!(":{line}"));
            let is_moved = row.is_some_and(|row| row.op.as_deref() != Some("D"));
            let how = if is_moved { ", which gives it another key" } else { "" };
            by.push(format!("{}{line}{how}", object.label));
        }
        let more = count.saturating_sub(by.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let source = &scan.table.source.name;
        let were = match count {
            1 => format!("its row of `{source}` was deleted"),
            _ => format!("its {count} rows of `{source}` were deleted"),
        };
        Ok(format!("{were} by {}{more}", by.join(", ")))
    }

    fn is_pending(self, table: &FrozenTable, ordinal: u32) -> bool {
        let survey = self.surveys.iter().find(|survey| survey.source.name == table.source.name);
        let place = usize::try_from(ordinal).ok();
        survey.zip(place).is_some_and(|(survey, place)| survey.state.pending.contains(&place))
    }

    /// The rows at some positions, as they are staged.
    async fn rows_at(
        self,
        table: &Arc<FrozenTable>,
        positions: &[u64],
    ) -> Result<BTreeMap<u64, Staged>> {
        let is_needed = |ordinal: u32| {
            let of = |position: &u64| table.object_at(*position).map(|object| object.ordinal);
            positions.iter().any(|position| of(position) == Some(ordinal))
        };
        let objects = table.objects.iter().filter(|object| is_needed(object.ordinal)).cloned();
        let some = RawTable::told(Arc::new(table.with_objects(objects.collect())));
        let column = |name: &str| Expr::Column(Column::from_name(name));
        let at = positions.iter().map(|position| lit(*position)).collect();
        let width = table.source.schema.fields().len();
        let plan = LogicalPlanBuilder::scan("staged", provider_as_source(Arc::new(some)), None)?
            .filter(column(POSITION).in_list(at, false))?
            .build()?;
        let mut values = BTreeMap::new();
        for batch in kept(self.engine, &plan, self.file, usize::MAX).await?.batches {
            add_rows(&mut values, &batch, width)?;
        }
        Ok(values)
    }
}

/// A row as it is staged.
struct Staged {
    line: Option<i64>,
    /// The letter of what it does.
    op: Option<String>,
    values: ShownRow,
}

/// Takes rows of [`RawTable::told`], whose source has `width` columns. A row that moves to another key is two at its position: one
/// that deletes what it was, and the row itself, which is told.
fn add_rows(rows: &mut BTreeMap<u64, Staged>, batch: &RecordBatch, width: usize) -> Result<()> {
    let own: Vec<usize> = (0..width).collect();
    let own = batch.project(&own).map_err(DataFusionError::from)?;
    let [is_deleted, positions, ops, lines] = [0, 1, 2, 3].map(|at| batch.column(width + at));
    let is_deleted = is_deleted.as_boolean();
    let (ops, lines) = (ops.as_string::<i32>(), lines.as_primitive::<Int64Type>());
    for (row, position) in positions.as_primitive::<UInt64Type>().values().iter().enumerate() {
        let is_itself = is_deleted.is_valid(row) && !is_deleted.value(row);
        if is_itself || !rows.contains_key(position) {
            let line = lines.is_valid(row).then(|| lines.value(row));
            let op = ops.is_valid(row).then(|| ops.value(row).to_owned());
            let staged = Staged { line, op, values: shown(&own, row)? };
            let _other = rows.insert(*position, staged);
        }
    }
    Ok(())
}
