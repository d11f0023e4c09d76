//! The tables as they stand over what is staged, by declarations that are written by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::dataframe::DataFrame;
use datafusion::execution::SessionState;
use runner::engine::engine;
use runner::store::Places;
use runner::survey::survey_declared;
use transforms::scan::SourceTable;
use transforms::session::context;
use transforms::source::{no_files, parse_sources};
use transforms::sql::Dialect;

use crate::scenarios::site::Site;

const MEMORY_BYTES: u64 = 1 << 28;

/// A session for frames.
pub(super) fn session() -> SessionState {
    engine(Dialect::Spark, 2, MEMORY_BYTES).unwrap()
}

/// Each declared table as it stands, by its name.
pub(super) async fn tables(
    site: &Site<'_>,
    state: &SessionState,
    declarations: &str,
) -> BTreeMap<String, DataFrame> {
    let text = declarations.replace("${STAGING}", site.staging_url());
    let mut tables = BTreeMap::new();
    for source in parse_sources(state, "sources.sql", &text, &no_files).await.unwrap() {
        let source = Arc::new(source);
        let places = Places::of(&source, None).unwrap();
        let survey = survey_declared(&source, places, state).await.unwrap();
        let table = Arc::new(SourceTable::new(survey.whole));
        let context = context(state, []).unwrap();
        tables.insert(source.name.clone(), context.read_table(table).unwrap());
    }
    tables
}

/// Rows as texts, values separated by `|`.
pub(super) fn texts(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::default().with_null("NULL");
    let of_batch = |batch: &RecordBatch| {
        let columns = batch.columns().iter();
        let columns: Vec<_> =
            columns.map(|array| ArrayFormatter::try_new(array, &options).unwrap()).collect();
        let row = |index| {
            let values = columns.iter().map(|column| column.value(index).to_string());
            values.collect::<Vec<_>>().join("|")
        };
        (0..batch.num_rows()).map(row).collect::<Vec<_>>()
    };
    batches.iter().flat_map(of_batch).collect()
}
