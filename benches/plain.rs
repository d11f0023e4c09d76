//! Plain DataFusion over the staged files of a full load, which are CSV to it.

use std::sync::Arc;

use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::error::Result;
use datafusion::prelude::{CsvReadOptions, SessionContext};

/// The table's name in SQL, as in `jobs/orders/sources.sql`.
const TABLE: &str = "staged_orders";

/// Returns the result as CSV with a header, as `runner sql --format csv` prints it.
pub(crate) async fn query(folder: &str, sql: &str) -> Result<String> {
    let schema = schema();
    let options = CsvReadOptions::new().has_header(false).schema(&schema);
    let context = SessionContext::new();
    context.register_csv(TABLE, format!("{folder}/"), options).await?;
    let batches = context.sql(sql).await?.collect().await?;
    let mut text = Vec::new();
    let mut writer = WriterBuilder::new().with_header(true).build(&mut text);
    for batch in &batches {
        writer.write(batch)?;
    }
    drop(writer);
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// What `jobs/orders/sources.sql` declares; text as DataFusion itself takes VARCHAR.
fn schema() -> Arc<Schema> {
    let text = DataType::Utf8View;
    let columns = [
        ("order_id", DataType::Int64),
        ("customer_id", DataType::Int32),
        ("quantity", DataType::Int32),
        ("unit_price", DataType::Decimal128(12, 2)),
        ("order_date", DataType::Date32),
        ("updated_at", DataType::Timestamp(TimeUnit::Microsecond, None)),
        ("currency", text.clone()),
        ("customer", text.clone()),
        ("product", text.clone()),
        ("note", text.clone()),
        ("status", text),
    ];
    let fields = columns.map(|(name, data_type)| Field::new(name, data_type, true));
    Arc::new(Schema::new(Vec::from(fields)))
}
