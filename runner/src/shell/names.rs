//! The names that are completed: those of the explorer's tables, functions, and formats.

use std::sync::{Arc, PoisonError};

use clap::ValueEnum;
use transforms::session;

use super::completion::NamedTable;
use super::editor::SharedNames;
use crate::explore::{Explorer, TableInfo, TableKind};
use crate::results::ResultFormat;

/// So many tables are asked for their columns; a completion that lacks some is no wrong one.
const DESCRIBED_MAX: usize = 500;

/// Collects the names of tables and functions, and the columns of all tables but the target's, which cost nothing. Those have the
/// columns that were known before.
pub(super) async fn collect(explorer: &Explorer, tables: &[TableInfo], shared: &SharedNames) {
    {
        let mut names = shared.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut names.tables);
        names.tables = tables.iter().map(|table| named(table, &before)).collect();
        names.functions = explorer.functions();
        names.formats = formats();
    }
    describe(explorer, tables, shared, |kind| kind != TableKind::Target).await;
}

/// Collects the columns of the target's tables, one after the other: it is asked for each.
pub(super) async fn collect_of_target(
    explorer: Arc<Explorer>,
    tables: Vec<TableInfo>,
    shared: SharedNames,
) {
    describe(&explorer, &tables, &shared, |kind| kind == TableKind::Target).await;
}

async fn describe(
    explorer: &Explorer,
    tables: &[TableInfo],
    shared: &SharedNames,
    is_wanted: fn(TableKind) -> bool,
) {
    let wanted = tables.iter().enumerate().filter(|(_, table)| is_wanted(table.kind));
    for (at, table) in wanted.take(DESCRIBED_MAX) {
        // A table of the target may not be there yet.
        let Ok(described) = explorer.describe(&quoted(table)).await else { continue };
        let columns = described.columns.into_iter().map(|column| column.name).collect();
        let mut names = shared.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = names.tables.get_mut(at) {
            entry.columns = columns;
        }
    }
}

/// The formats of results by their names.
pub(super) fn formats() -> Vec<String> {
    let names = ResultFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    names.map(|value| value.get_name().to_owned()).collect()
}

fn named(table: &TableInfo, before: &[NamedTable]) -> NamedTable {
    let schema = (table.schema != session::SCHEMA).then(|| table.schema.clone());
    let known = before.iter().find(|known| known.schema == schema && known.name == table.name);
    let columns = known.map(|known| known.columns.clone()).unwrap_or_default();
    NamedTable { schema, name: table.name.clone(), columns }
}

/// A table's name with quotes, which the explorer reads as any dialect writes them.
fn quoted(table: &TableInfo) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    format!("{}.{}", quoted(&table.schema), quoted(&table.name))
}
