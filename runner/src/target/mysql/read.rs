//! Reading a table as record batches.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::StreamExt;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Value};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;

use crate::error::Error;
use crate::target::condition::selected;
use crate::target::mysql::connect::Connector;
use crate::target::mysql::error::Result;
use crate::target::mysql::{decode, encode, quote};
use crate::target::{Asked, Comparison, Filter, ReadRequest};

const BATCH_ROWS: usize = 8_192;
/// Rows with large values make smaller batches.
const BATCH_BYTES: usize = 16 << 20;
/// Batches that wait for the reader.
const BATCHES_MAX: usize = 2;

type Sender = mpsc::Sender<datafusion::error::Result<RecordBatch>>;

/// Reads a table; see [`crate::target::Target::read`].
pub(super) async fn read(
    connector: &Connector,
    request: ReadRequest,
) -> Result<SendableRecordBatchStream> {
    let conn = connector.open().await?;
    let (sql, parameters) = select(&request)?;
    let schema = Arc::clone(&request.schema);
    let (sender, receiver) = mpsc::channel(BATCHES_MAX);
    // The set ends the task when the stream is dropped.
    let mut reader = JoinSet::new();
    reader.spawn(produce(conn, request, sql, parameters, sender));
    let batches = ReceiverStream::new(receiver).map(move |batch| {
        let _ = &reader;
        batch
    });
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
}

/// The statement and its parameters.
fn select(request: &ReadRequest) -> Result<(String, Vec<Value>)> {
    let mut parameters = Vec::new();
    let mut conditions = Vec::new();
    for filter in &request.filters {
        if let Some(asked) = filter.asked(&|column| quote::column(column), &comparison)? {
            conditions.push(asked.sql);
            parameters.extend(asked.values);
        }
    }
    let columns = request.schema.fields().iter().map(|field| selected(field, &quote::column));
    let columns: Vec<_> = columns.collect();
    // Without columns, only the number of rows is asked for.
    let columns = if columns.is_empty() { "1".to_owned() } else { columns.join(", ") };
    let filter = if conditions.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", conditions.join(" AND "))
    };
    let limit = request.limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
    let sql = format!("SELECT {columns} FROM {}{filter}{limit}", quote::table(&request.table));
    Ok((sql, parameters))
}

/// The condition for a filter that the server evaluates as we do, or more generously; `None` for another one.
fn comparison(filter: &Filter) -> Result<Option<Asked<Value>>> {
    let column = quote::column(&filter.column);
    let data_type = filter.value.data_type();
    let array = filter.value.to_array()?;
    let value = match encode::parameter(array.as_ref()) {
        Ok(Value::NULL) | Err(_) => return Ok(None),
        Ok(value) => value,
    };
    let operator = match filter.comparison {
        Comparison::Equal => "=",
        // The order of text is the collation's.
        _ if !has_one_order(&data_type) => return Ok(None),
        // A number that is not exact may be another one for us.
        Comparison::NotEqual if data_type.is_floating() => return Ok(None),
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    };
    if data_type == DataType::Boolean {
        // Every number but 0 is read as true.
        let equals = match filter.comparison {
            Comparison::Equal if value == Value::Int(0) => "=",
            Comparison::Equal => "<>",
            _ => return Ok(None),
        };
        return Ok(Some(Asked { sql: format!("{column} {equals} 0"), values: Vec::new() }));
    }
    let placeholder = match data_type {
        // As text, it would be compared as a floating-point number.
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale)
            if scale >= 0 =>
        {
            format!("CAST(? AS DECIMAL({},{}))", precision.min(65), scale.min(30))
        }
        _ => "?".to_owned(),
    };
    Ok(Some(Asked { sql: format!("{column} {operator} {placeholder}"), values: vec![value] }))
}

fn has_one_order(data_type: &DataType) -> bool {
    data_type.is_numeric() || data_type.is_temporal()
}

/// Reads rows and sends them as batches until they end or nobody listens any more.
async fn produce(
    mut conn: Conn,
    request: ReadRequest,
    sql: String,
    parameters: Vec<Value>,
    sender: Sender,
) {
    if let Err(failure) = send_rows(&mut conn, &request, &sql, parameters, &sender).await {
        let error = DataFusionError::External(Box::new(Error::from(failure.about(&request.table))));
        // A reader that is gone needs no error.
        sender.send(Err(error)).await.ok();
    }
}

async fn send_rows(
    conn: &mut Conn,
    request: &ReadRequest,
    sql: &str,
    parameters: Vec<Value>,
    sender: &Sender,
) -> Result<()> {
    let parameters =
        if parameters.is_empty() { Params::Empty } else { Params::Positional(parameters) };
    let mut result = conn.exec_iter(sql, parameters).await?;
    let (mut rows, mut bytes, mut sent) = (Vec::new(), 0, 0_usize);
    while let Some(row) = result.next().await? {
        let cells = decode::cells(row);
        bytes += cells.iter().map(decode::bytes_of).sum::<usize>();
        rows.push(cells);
        if rows.len() >= BATCH_ROWS || bytes >= BATCH_BYTES {
            sent += rows.len();
            if sender.send(Ok(batch(&rows, &request.schema)?)).await.is_err() {
                return Ok(());
            }
            rows.clear();
            bytes = 0;
        }
    }
    sent += rows.len();
    if !rows.is_empty() {
        sender.send(Ok(batch(&rows, &request.schema)?)).await.ok();
    }
    tracing::debug!(rows = sent, table = %request.table, "read");
    Ok(())
}

fn batch(rows: &[Vec<Value>], schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = schema.fields().iter().enumerate();
    let columns =
        columns.map(|(index, field)| decode::array(rows, index, field)).collect::<Result<_>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let batch = RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options);
    Ok(batch.map_err(|error| {
        Error::failed("the rows do not fit the columns that were asked for").source(error)
    })?)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::{Field, Schema};
    use datafusion::scalar::ScalarValue;

    use super::*;
    use crate::target::Condition;

    fn statement(
        columns: &[&str],
        filters: Vec<(&str, Comparison, ScalarValue)>,
        limit: Option<usize>,
    ) -> (String, usize) {
        let fields: Vec<_> =
            columns.iter().map(|name| Field::new(*name, DataType::Int64, true)).collect();
        let filters = filters
            .into_iter()
            .map(|(column, comparison, value)| {
                Filter { column: column.to_owned(), comparison, value }.into()
            })
            .collect();
        let table = "shop.sales".parse().unwrap();
        let request = ReadRequest { table, schema: Arc::new(Schema::new(fields)), filters, limit };
        let (sql, parameters) = select(&request).unwrap();
        (sql, parameters.len())
    }

    #[test]
    fn values_are_parameters_and_names_are_quoted() {
        let filters = vec![
            ("i`d", Comparison::GreaterOrEqual, ScalarValue::Int64(Some(1))),
            ("name", Comparison::Equal, ScalarValue::from("x' OR 1=1")),
            ("amount", Comparison::Less, ScalarValue::Decimal128(Some(100), 10, 2)),
        ];
        let (sql, parameters) = statement(&["i`d", "name"], filters, Some(5));
        insta::assert_snapshot!(sql, @"SELECT `i``d`, `name` FROM `shop`.`sales` WHERE `i``d` >= ? AND `name` = ? AND `amount` < CAST(? AS DECIMAL(10,2)) LIMIT 5");
        assert_eq!(parameters, 3);
    }

    #[test]
    fn what_one_branch_cannot_ask_is_not_asked_of_another() {
        let number = |column: &str, comparison| {
            let value = ScalarValue::Int64(Some(1));
            Condition::from(Filter { column: column.to_owned(), comparison, value })
        };
        let text = || {
            let value = ScalarValue::from("b");
            Condition::from(Filter {
                column: "t".to_owned(),
                comparison: Comparison::NotEqual,
                value,
            })
        };
        let null = || Condition::Null { column: "n".to_owned(), is_null: true };
        let filters = vec![
            Condition::Any(vec![vec![number("a", Comparison::Equal)], vec![text()]]),
            Condition::Any(vec![vec![number("b", Comparison::NotEqual), text()], vec![null()]]),
            number("c", Comparison::Less),
        ];
        let (table, schema) = ("sales".parse().unwrap(), Arc::new(Schema::empty()));
        let request = ReadRequest { table, schema, filters, limit: None };
        let (sql, parameters) = select(&request).unwrap();
        insta::assert_snapshot!(sql, @"SELECT 1 FROM `sales` WHERE (`b` <> ? OR `n` IS NULL) AND `c` < ?");
        assert_eq!(parameters.len(), 2);
    }

    #[test]
    fn a_filter_that_the_server_would_decide_otherwise_is_left_out() {
        let filters = vec![
            ("name", Comparison::Less, ScalarValue::from("b")),
            ("flag", Comparison::Equal, ScalarValue::Boolean(Some(true))),
            ("at", Comparison::Equal, ScalarValue::Int64(None)),
            ("x", Comparison::Equal, ScalarValue::Float64(Some(f64::NAN))),
        ];
        let (sql, parameters) = statement(&[], filters, None);
        insta::assert_snapshot!(sql, @"SELECT 1 FROM `shop`.`sales` WHERE `flag` <> 0");
        assert_eq!(parameters, 0);
    }
}
