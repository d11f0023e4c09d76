//! What tests share: declared sources, staged objects in memory, plans and their rows as text.

use std::path::{self, PathBuf};
use std::sync::Arc;

use chrono::DateTime;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::catalog::TableProvider;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionState;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::collect;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};

use crate::dms::csv::BadRows;
use crate::model::{ModelFile, Models, Planned};
use crate::place::DefinitionError;
use crate::scan::{Frozen, FrozenTable, Loads, SourceTable};
use crate::session::session_state;
use crate::source::{Source, no_files, parse_sources};
use staged::{Classified, classify};

const URL: &str = "memory://staging";
const FOLDER: &str = "memory://staging/";

/// A session whose staging area is in memory.
pub(crate) struct Staging {
    pub(crate) state: SessionState,
    store: Arc<InMemory>,
}

impl Staging {
    pub(crate) fn new() -> Self {
        Self::of_partitions(2)
    }

    pub(crate) fn of_partitions(partitions: usize) -> Self {
        let runtime = Arc::new(RuntimeEnv::default());
        let store = Arc::new(InMemory::new());
        let url = ObjectStoreUrl::parse(URL).unwrap();
        let _none = runtime.register_object_store(url.as_ref(), Arc::clone(&store) as _);
        let mut state = session_state(crate::sql::Dialect::Spark, partitions, runtime);
        // Most of a small test's time goes into plans, which need not be the best.
        state.config_mut().options_mut().optimizer.max_passes = 1;
        state.execution_props_mut().query_execution_start_time = Some(DateTime::UNIX_EPOCH);
        Self { state, store }
    }

    pub(crate) async fn sources(&self, ddl: &str) -> Vec<Arc<Source>> {
        let sources = parse_sources(&self.state, "sources.sql", ddl, &no_files).await.unwrap();
        sources.into_iter().map(Arc::new).collect()
    }

    /// Writes objects, by key and content, and freezes them in the given order.
    pub(crate) async fn freeze(
        &self,
        source: &Arc<Source>,
        objects: &[(&str, &[u8])],
    ) -> FrozenTable {
        let mut frozen = Vec::new();
        for (ordinal, (key, content)) in objects.iter().enumerate() {
            let Classified::Object(name) = classify(key) else { panic!("{key} is foreign") };
            let path = Path::from(format!("{}/{key}", source.name));
            self.put(&path, content).await;
            let meta = self.store.head(&path).await.unwrap();
            frozen.push(Frozen {
                path,
                key: (*key).to_owned(),
                label: format!("{FOLDER}{key}"),
                of_tables: name.of_tables,
                ordinal: u32::try_from(ordinal).unwrap(),
                kind: name.kind,
                format: name.format,
                size: meta.size,
                modified: meta.last_modified,
                e_tag: meta.e_tag,
            });
        }
        FrozenTable {
            source: Arc::clone(source),
            store: ObjectStoreUrl::parse(URL).unwrap(),
            name: None,
            objects: frozen,
            bad_rows: BadRows::Refuse,
            loads: Loads::Any,
            before: None,
        }
    }

    pub(crate) async fn put(&self, path: &Path, content: &[u8]) {
        self.store.put(path, PutPayload::from(content.to_vec())).await.unwrap();
    }

    pub(crate) async fn delete(&self, path: &Path) {
        self.store.delete(path).await.unwrap();
    }

    /// Plans models over tables that are named as their sources.
    pub(crate) async fn models(
        &self,
        files: &[(&str, &str)],
        tables: &[FrozenTable],
    ) -> std::result::Result<Planned, DefinitionError> {
        let files = files
            .iter()
            .map(|(file, text)| ModelFile { file: (*file).to_owned(), text: (*text).to_owned() })
            .collect();
        let names = tables.iter().map(|table| table.source.name.clone()).collect();
        let providers = tables
            .iter()
            .map(|table| {
                let provider: Arc<dyn TableProvider> =
                    Arc::new(SourceTable::new(Arc::new(table.clone())));
                (table.source.name.clone(), provider)
            })
            .collect();
        Models::parse(&self.state, files, &names)?.plan(&self.state, providers).await
    }

    /// The raw plan of one SELECT.
    pub(crate) async fn plan(&self, sql: &str, tables: &[FrozenTable]) -> LogicalPlan {
        let mut planned = match self.models(&[("m.sql", sql)], tables).await {
            Ok(planned) => planned,
            Err(error) => panic!("{sql}: {error}"),
        };
        planned.plans.remove("m").unwrap()
    }

    pub(crate) async fn batches(&self, plan: &LogicalPlan) -> Result<Vec<RecordBatch>> {
        let physical = self.state.create_physical_plan(plan).await?;
        collect(physical, self.state.task_ctx()).await
    }

    /// The rows of a plan in its order, values joined by `|`.
    pub(crate) async fn rows(&self, plan: &LogicalPlan) -> Vec<String> {
        match self.batches(plan).await {
            Ok(batches) => texts(&batches),
            Err(error) => panic!("{error}\n{}", plan.display_indent()),
        }
    }

    /// The rows of a SELECT, sorted as text.
    pub(crate) async fn select(&self, sql: &str, tables: &[FrozenTable]) -> Vec<String> {
        let mut rows = self.rows(&self.plan(sql, tables).await).await;
        rows.sort();
        rows
    }

    pub(crate) async fn error(&self, sql: &str, tables: &[FrozenTable]) -> DataFusionError {
        self.batches(&self.plan(sql, tables).await).await.unwrap_err()
    }
}

pub(crate) fn texts(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::default().with_null("NULL");
    let mut rows = Vec::new();
    for batch in batches {
        let columns: Vec<ArrayFormatter<'_>> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let values: Vec<String> =
                columns.iter().map(|column| column.value(row).to_string()).collect();
            rows.push(values.join("|"));
        }
    }
    rows
}

/// Compares all cases, each an input with what was found and what is expected, and tells all that differ.
pub(crate) fn assert_all(cases: impl IntoIterator<Item = (String, String, String)>) {
    let wrong: Vec<String> = cases
        .into_iter()
        .filter(|(_, found, expected)| found != expected)
        .map(|(input, found, expected)| {
            format!("{input:?}\n  expected {expected:?}\n  found    {found:?}\n")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

/// A definition's error in one line: place, message, and what to do.
pub(crate) fn told(error: &DefinitionError) -> String {
    match &error.help {
        None => error.to_string(),
        Some(help) => format!("{error} [{help}]"),
    }
}

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[expect(clippy::disallowed_methods, reason = "a test reads the repository")]
pub(crate) fn text_of(path: &path::Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
