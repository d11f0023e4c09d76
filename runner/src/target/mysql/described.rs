//! Definitions of tables that were read a moment ago, for the changes that are written next.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::target::mysql::describe::Table;
use crate::target::name::TableName;

/// How old a definition may be when it is taken. From reading it to the first statement on the table, which locks its definition, a
/// table may be changed by others, however it is read; this adds at most a second to that gap.
const AGE_MAX: Duration = Duration::from_secs(1);

/// What was read and when; each is taken out once.
#[derive(Debug, Default)]
pub(super) struct Described {
    tables: Mutex<BTreeMap<TableName, (Instant, Table)>>,
}

impl Described {
    /// Keeps a definition that was just read.
    pub(super) fn put(&self, table: Table) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let _older = tables.insert(table.def.table.clone(), (Instant::now(), table));
    }

    /// Gives it to the first who asks for it in time; whoever tries again reads anew.
    pub(super) fn take(&self, table: &TableName) -> Option<Table> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, table) = tables.remove(table)?;
        (read_at.elapsed() <= AGE_MAX).then_some(table)
    }
}
