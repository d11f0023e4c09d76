//! The engine's session: one place where its settings and every function are registered.

use std::sync::Arc;

use datafusion::catalog::{
    CatalogProvider, MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider,
    SchemaProvider, TableProvider,
};
use datafusion::error::Result;
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;
use datafusion_spark::SessionStateBuilderSpark;

use crate::functions;
use crate::planner;
use crate::sql::Dialect;
use crate::types::DeclaredTypes;

/// The catalog and schema in which a job's sources and models live.
pub const CATALOG: &str = "unglue";
/// See [`CATALOG`].
pub const SCHEMA: &str = "job";

/// A session without tables that speaks a dialect; its types are the declared ones.
///
/// `partitions` is the number of cores to use. `runtime` brings the object stores, the memory bound and the spill folder.
#[must_use]
pub fn session_state(
    dialect: Dialect,
    partitions: usize,
    runtime: Arc<RuntimeEnv>,
) -> SessionState {
    let mut config = SessionConfig::new()
        .with_target_partitions(partitions.max(1))
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(true);
    let options = config.options_mut();
    options.sql_parser.collect_spans = true;
    options.sql_parser.map_string_types_to_utf8view = false;
    // A hash join holds one side in memory whatever its size; a merge join spills.
    options.optimizer.prefer_hash_join = false;
    // Fails valid plans that read a struct's field above a renamed column (DataFusion 55, apache/datafusion#25446).
    options.optimizer.enable_leaf_expression_pushdown = false;
    if dialect == Dialect::Spark {
        options.sql_parser.dialect = datafusion::config::Dialect::Spark;
        // NULL comes first in ascending and last in descending order.
        "nulls_min".clone_into(&mut options.sql_parser.default_null_ordering);
        options.sql_parser.parse_float_as_decimal = true;
    }
    let mut builder = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_type_planner(Arc::new(DeclaredTypes));
    if dialect == Dialect::Spark {
        builder = builder.with_spark_features();
        builder.expr_planners().get_or_insert_default().splice(0..0, planner::expressions());
        builder.relation_planners().get_or_insert_default().splice(0..0, planner::relations());
        builder.scalar_functions().get_or_insert_default().extend(functions::spark());
        let higher_order = builder.higher_order_functions().get_or_insert_default();
        higher_order.extend(functions::spark_higher_order());
        builder.aggregate_functions().get_or_insert_default().extend(functions::spark_aggregates());
    }
    builder.scalar_functions().get_or_insert_default().extend(functions::internal());
    builder.build()
}

/// A context of its own with the given tables in schema [`SCHEMA`], and further schemas by name.
///
/// # Errors
/// A name that is there twice.
pub fn context(
    base: &SessionState,
    tables: impl IntoIterator<Item = (String, Arc<dyn TableProvider>)>,
) -> Result<SessionContext> {
    let schema = MemorySchemaProvider::new();
    for (name, table) in tables {
        let _previous = schema.register_table(name, table)?;
    }
    let catalog = MemoryCatalogProvider::new();
    let _previous = catalog.register_schema(SCHEMA, Arc::new(schema))?;
    let catalogs = MemoryCatalogProviderList::new();
    let _previous = datafusion::catalog::CatalogProviderList::register_catalog(
        &catalogs,
        CATALOG.to_owned(),
        Arc::new(catalog),
    );
    // A state that is built from another one takes its functions in any order, by which one whose other name is that of ours may win.
    let mut state = base.clone();
    state.register_catalog_list(Arc::new(catalogs));
    Ok(SessionContext::new_with_state(state))
}
