//! The tables of a job's target, each looked at when a statement names it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::{DataFusionError, Result as EngineResult};

use crate::error::{Error, Kind, Result};
use crate::job::Output;
use crate::target::name::TableName;
use crate::target::table::TargetTable;
use crate::target::{TableDef, Target};

/// The schema that holds the job's target tables.
pub(super) const TARGET_SCHEMA: &str = "target";

/// The ledger's own tables, as [`crate::target::ledger`] describes them.
const LEDGER_TABLES: [&str; 2] = ["unglue_ledger", "unglue_meta"];

/// What the names of tables begin with that only a run in progress, or one that was killed, has.
const INTERNAL: &str = "unglue_";

/// All tables of a target: those of the job, whether they are there yet or not, and the others of its database. One of another
/// schema is found by its name.
#[derive(Debug)]
pub(super) struct TargetSchema {
    target: std::result::Result<Arc<dyn Target>, Missing>,
    /// The job's tables: by the names of their models, and by their own where these are others.
    of_job: Vec<(String, TableName)>,
    /// The other tables that there were when it was looked.
    others: Vec<String>,
    /// What was found for the statement that is being planned.
    found: Mutex<HashMap<String, Option<Arc<TableDef>>>>,
}

/// Why a target cannot be read.
#[derive(Debug)]
struct Missing {
    kind: Kind,
    message: String,
    next: Option<String>,
}

impl Missing {
    fn error(&self) -> Error {
        let error = Error::new(self.kind, format!("the target cannot be read: {}", self.message));
        match &self.next {
            Some(next) => error.hint(next),
            None => error,
        }
    }
}

impl TargetSchema {
    /// The tables of a target, or none but the reason why.
    pub(super) async fn find(target: &Result<Arc<dyn Target>>, outputs: &[Output]) -> Self {
        let mut of_job: Vec<(String, TableName)> =
            outputs.iter().map(|output| (output.model.clone(), output.table.clone())).collect();
        for output in outputs {
            let name = output.table.name();
            if !of_job.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                of_job.push((name.to_owned(), output.table.clone()));
            }
        }
        let others = match target {
            // Without the names each can still be asked for.
            Ok(target) => others(target.tables().await.unwrap_or_default(), &of_job),
            Err(_) => Vec::new(),
        };
        let target = match target {
            Ok(target) => Ok(Arc::clone(target)),
            Err(error) => Err(Missing {
                kind: error.kind(),
                message: error.to_string(),
                next: error.next_step().map(str::to_owned),
            }),
        };
        Self { target, of_job, others, found: Mutex::default() }
    }

    /// Forgets what was found: the next statement finds tables as they are then.
    pub(super) fn forget(&self) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The target's URL without its password, if there is one.
    pub(super) fn display_name(&self) -> Option<String> {
        self.target.as_ref().ok().map(|target| target.display_name())
    }

    /// A table as it is defined; `None` if there is none of this name.
    ///
    /// # Errors
    /// Those of the target; kind `Refused` for a view.
    pub(super) async fn definition(&self, name: &str) -> Result<Option<Arc<TableDef>>> {
        let target = self.target.as_ref().map_err(Missing::error)?;
        if let Some(found) = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(found.clone());
        }
        let table = match self.of_job.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, table)) => table.clone(),
            None => match name.parse() {
                Ok(table) => table,
                Err(_) => return Ok(None),
            },
        };
        let found = target.describe(&table).await?.map(Arc::new);
        let mut known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(name.to_owned(), found.clone());
        Ok(found)
    }
}

#[async_trait]
impl SchemaProvider for TargetSchema {
    fn table_names(&self) -> Vec<String> {
        if self.target.is_err() {
            return Vec::new();
        }
        let of_job = self.of_job.iter().map(|(name, _)| name.clone());
        let ledger = LEDGER_TABLES.map(str::to_owned);
        of_job.chain(self.others.iter().cloned()).chain(ledger).collect()
    }

    async fn table(&self, name: &str) -> EngineResult<Option<Arc<dyn TableProvider>>> {
        let external = |error: Error| DataFusionError::External(Box::new(error));
        let target = self.target.as_ref().map_err(|missing| external(missing.error()))?;
        let Some(def) = self.definition(name).await.map_err(external)? else { return Ok(None) };
        Ok(Some(Arc::new(TargetTable::of(Arc::clone(target), &def))))
    }

    /// Without a look at the table, which listing many must not need.
    async fn table_type(&self, _name: &str) -> EngineResult<Option<TableType>> {
        Ok(Some(TableType::Base))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.table_names().iter().any(|known| known == name)
    }
}

/// The names of the tables that are neither the job's nor our own.
fn others(tables: Vec<TableName>, of_job: &[(String, TableName)]) -> Vec<String> {
    let is_of_job = |name: &str| {
        of_job.iter().any(|(known, table)| {
            known.eq_ignore_ascii_case(name) || table.name().eq_ignore_ascii_case(name)
        })
    };
    let is_internal = |name: &str| {
        name.get(..INTERNAL.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(INTERNAL))
    };
    let names = tables.into_iter().map(|table| table.name().to_owned());
    names.filter(|name| !is_of_job(name) && !is_internal(name)).collect()
}
