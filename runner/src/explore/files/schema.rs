//! Paths in the place of tables' names: `'folder/'` and ``csv.`folder/` ``.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::{DataFusionError, Result};

use super::Files;
use super::format::{Format, is_path};

/// The tables of a schema, and files by their paths.
#[derive(Debug)]
pub(super) struct OrFiles {
    pub(super) tables: Arc<dyn SchemaProvider>,
    pub(super) files: Arc<Files>,
}

#[async_trait]
impl SchemaProvider for OrFiles {
    fn table_names(&self) -> Vec<String> {
        self.tables.table_names()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        match self.tables.table(name).await? {
            None if is_path(name) => open(&self.files, name, None).await.map(Some),
            found => Ok(found),
        }
    }

    async fn table_type(&self, name: &str) -> Result<Option<TableType>> {
        self.tables.table_type(name).await
    }

    fn register_table(
        &self,
        name: String,
        table: Arc<dyn TableProvider>,
    ) -> Result<Option<Arc<dyn TableProvider>>> {
        self.tables.register_table(name, table)
    }

    fn deregister_table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        self.tables.deregister_table(name)
    }

    fn table_exist(&self, name: &str) -> bool {
        self.tables.table_exist(name)
    }
}

/// Files of a format, by their paths.
#[derive(Debug)]
pub(super) struct OfFormat {
    pub(super) format: Format,
    pub(super) files: Arc<Files>,
}

#[async_trait]
impl SchemaProvider for OfFormat {
    fn table_names(&self) -> Vec<String> {
        Vec::new()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        open(&self.files, name, Some(self.format)).await.map(Some)
    }

    fn table_exist(&self, _name: &str) -> bool {
        false
    }
}

async fn open(
    files: &Arc<Files>,
    name: &str,
    format: Option<Format>,
) -> Result<Arc<dyn TableProvider>> {
    let opened = Box::pin(files.table(name, format)).await;
    opened.map_err(|error| DataFusionError::External(Box::new(error)))
}
