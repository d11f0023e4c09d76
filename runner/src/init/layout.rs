//! What the fields of objects are: operation, time stamp, columns. Pure.

use chrono::{NaiveDateTime, TimeDelta};
use staged::{Classified, change_time, classify};
use transforms::dms::csv::same_name;
use transforms::dms::{ObjectKind, Op};

use super::csv::has_op;
use super::grid::{Cell, Grid, Row, usual_width};

/// `TimestampColumnName`: "yyyy-MM-dd HH:mm:ss.SSSSSS" in the DMS guide.
const STAMP: &str = "%Y-%m-%d %H:%M:%S%.6f";
const STAMP_LENGTH: usize = 26;
/// A commit is this much older than the name of its object at most; and clocks differ.
const COMMIT_AGE_MAX: TimeDelta = TimeDelta::days(2);
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// What the time stamp's column is called where no header names it. Any name will do.
const STAMP_NAME: &str = "dms_timestamp";

/// A table as its objects show it.
#[derive(Debug)]
pub(super) struct Laid {
    /// Names of its columns, or `column_1` and so on.
    pub(super) columns: Vec<String>,
    /// Their SQL types, where the format has types.
    pub(super) types: Option<Vec<String>>,
    pub(super) is_named: bool,
    pub(super) rows: Vec<Row>,
    /// Rows that are wider than the table, or narrower.
    pub(super) uneven: usize,
    pub(super) include_op_for_full_load: bool,
    pub(super) inserts_only: bool,
    pub(super) timestamp: Option<String>,
    /// Newer objects have more columns than older ones.
    pub(super) widens: bool,
}

/// Tells what is what. `declared` is the number of the table's columns, if it is known otherwise.
pub(super) fn lay_out(grids: &[Grid], declared: Option<usize>) -> Laid {
    let of = |kind: ObjectKind| grids.iter().filter(move |grid| grid.kind == kind);
    let ops = |kind: ObjectKind| of(kind).filter(|grid| grid.width() > 0);
    let has_changes = ops(ObjectKind::Change).next().is_some();
    let change_op = has_changes && ops(ObjectKind::Change).all(begins_with_op);
    let load_op = ops(ObjectKind::FullLoad).next().is_some()
        && ops(ObjectKind::FullLoad).all(begins_with_inserts)
        && (!has_changes || change_op && !is_constant(grids));
    let op_width = |grid: &Grid| match grid.kind {
        ObjectKind::FullLoad => usize::from(load_op),
        ObjectKind::Change => usize::from(change_op),
    };
    let widths = |kind: ObjectKind| {
        of(kind).filter(|grid| grid.width() > 0).map(|grid| grid.width() - op_width(grid))
    };
    let loads = usual_width(widths(ObjectKind::FullLoad));
    // What was written last is what comes next.
    let newest = widths(ObjectKind::Change).next_back().unwrap_or(loads);
    let all = loads.max(newest);
    let stamped = is_stamped(grids, &op_width, declared.map(|columns| columns + 1 == all));
    let begin = |grid: &Grid| op_width(grid) + usize::from(stamped);
    let named = named_columns(grids, &begin);
    let is_named = named.is_some();
    let (columns, types) = named.unwrap_or_else(|| {
        let count = all.saturating_sub(usize::from(stamped));
        ((1..=count).map(|n| format!("column_{n}")).collect(), None)
    });
    let timestamp = stamped.then(|| {
        let stamp = |grid: &Grid| grid.names.as_ref()?.get(op_width(grid)).cloned();
        grids.iter().find_map(stamp).unwrap_or_else(|| STAMP_NAME.to_owned())
    });
    let lacks = |grid: &Grid| {
        grid.names
            .as_ref()
            .is_some_and(|names| names.len() - begin(grid).min(names.len()) != columns.len())
    };
    let widens = if is_named { grids.iter().any(lacks) } else { loads > 0 && newest > loads };
    let mut uneven = 0;
    let mut rows = Vec::new();
    for grid in grids {
        let places = places(grid, &columns, begin(grid));
        for record in &grid.records {
            let row = row(grid, record, &places, op_width(grid) > 0);
            let fits = record.len() == grid.width()
                || widens && record.len() <= columns.len() + begin(grid);
            match row {
                Some(row) if fits => rows.push(row),
                Some(_) | None => uneven += 1,
            }
        }
    }
    Laid {
        is_named,
        types,
        columns,
        rows,
        uneven,
        include_op_for_full_load: load_op,
        inserts_only: has_changes && !change_op,
        timestamp,
        widens,
    }
}

/// The columns of the newest object, then those that only others have, and their types; none if nothing names them.
fn named_columns(
    grids: &[Grid],
    begin: &dyn Fn(&Grid) -> usize,
) -> Option<(Vec<String>, Option<Vec<String>>)> {
    let (mut columns, mut types): (Vec<String>, Vec<String>) = Default::default();
    for grid in grids.iter().rev() {
        let names = grid.names.iter().flatten().enumerate().skip(begin(grid));
        for (index, name) in names {
            if columns.iter().any(|column| same_name(column, name)) {
                continue;
            }
            columns.push(name.clone());
            types.extend(grid.types.as_ref().and_then(|types| types.get(index)).cloned());
        }
    }
    let is_typed = types.len() == columns.len();
    (!columns.is_empty()).then_some((columns, is_typed.then_some(types)))
}

/// Where an object has each of the columns.
fn places(grid: &Grid, columns: &[String], begin: usize) -> Vec<Option<usize>> {
    match &grid.names {
        None => (begin..begin + columns.len()).map(Some).collect(),
        Some(names) => {
            let place = |column: &String| {
                let found = names.iter().skip(begin).position(|name| same_name(name, column));
                found.map(|index| index + begin)
            };
            columns.iter().map(place).collect()
        }
    }
}

fn row(grid: &Grid, record: &[Cell], places: &[Option<usize>], has_op: bool) -> Option<Row> {
    let op = if has_op { Op::parse(record.first()?.as_deref()?)? } else { Op::Insert };
    let value =
        |place: &Option<usize>| place.and_then(|index| record.get(index)).cloned().flatten();
    Some(Row { kind: grid.kind, op, values: places.iter().map(value).collect() })
}

fn begins_with_op(grid: &Grid) -> bool {
    match &grid.names {
        Some(names) => names.first().is_some_and(|name| same_name(name, "Op")),
        // A bad row is none that says how objects are written; it is told of later.
        None => {
            grid.records.iter().filter(|record| has_op(record)).count() * 2 > grid.records.len()
        }
    }
}

fn begins_with_inserts(grid: &Grid) -> bool {
    let is_insert = |first: Option<&[u8]>| first.and_then(Op::parse) == Some(Op::Insert);
    begins_with_op(grid) && grid.field(0).all(is_insert)
}

/// Whether it is the table's own first column that looks like an operation: changes have it behind theirs.
fn is_constant(grids: &[Grid]) -> bool {
    let mut changes = grids
        .iter()
        .filter(|grid| grid.kind == ObjectKind::Change && grid.names.is_none())
        .peekable();
    changes.peek().is_some()
        && changes.all(|grid| grid.field(1).flatten().all(|text| Op::parse(text).is_some()))
}

/// Whether a time stamp of DMS stands before the columns: in every row, and in changes not after the object was written and not long
/// before. `by_width`: what the number of columns says, if that is known.
fn is_stamped(grids: &[Grid], op_width: &dyn Fn(&Grid) -> usize, by_width: Option<bool>) -> bool {
    let stamps = |grid: &Grid| -> Option<Vec<NaiveDateTime>> {
        grid.field(op_width(grid)).map(|text| stamp(text?)).collect()
    };
    let with_rows = || grids.iter().filter(|grid| !grid.records.is_empty());
    let all = with_rows().all(|grid| stamps(grid).is_some()) && with_rows().next().is_some();
    if let Some(by_width) = by_width {
        return all && by_width;
    }
    let mut changes = with_rows().filter(|grid| grid.kind == ObjectKind::Change).peekable();
    let is_commit = |grid: &Grid| {
        let Classified::Object(name) = classify(&grid.key) else { return false };
        let (Some(written), Some(stamps)) = (change_time(&name.order), stamps(grid)) else {
            return false;
        };
        stamps.is_sorted()
            && stamps.iter().all(|stamp| {
                *stamp <= written + CLOCK_TOLERANCE && *stamp >= written - COMMIT_AGE_MAX
            })
    };
    all && changes.peek().is_some() && changes.all(is_commit)
}

fn stamp(text: &[u8]) -> Option<NaiveDateTime> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.len() == STAMP_LENGTH)?;
    NaiveDateTime::parse_from_str(text, STAMP).ok()
}

#[cfg(test)]
mod tests;
