//! Reads a table as a stream of record batches.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::error::DataFusionError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use tokio::sync::mpsc::Sender;

use transforms::functions::sql_type;

use crate::error::Error;
use crate::target::condition::selected;
use crate::target::sqlite::decode::Column;
use crate::target::sqlite::encode::Stored;
use crate::target::sqlite::fault::Step;
use crate::target::sqlite::fit::Affinity;
use crate::target::sqlite::shape::Shape;
use crate::target::sqlite::{connection, quote};
use crate::target::{Asked, Comparison, Filter, ReadRequest};

/// Rows in a batch, unless their texts fill it before.
const BATCH_ROWS: usize = 8192;

/// Bytes of texts and blobs after which a batch is given on.
const BATCH_BYTES: usize = 8 << 20;

/// Where batches go; the error is the stream's.
pub(super) type Output = Sender<Result<RecordBatch, DataFusionError>>;

/// Reads what is asked for; ends early when nobody listens any more.
pub(super) fn run(path: &Path, request: &ReadRequest, output: &Output) -> Step<()> {
    let table = &request.table;
    let missing = || Error::failed(format!("table `{table}` does not exist"));
    let connection = connection::open_to_read(path)?.ok_or_else(missing)?;
    let shape = Shape::load(&connection, table)?.ok_or_else(missing)?;
    for field in request.schema.fields() {
        if shape.column(field.name()).is_none() {
            return Err(no_column(request, field.name()).into());
        }
    }
    let conditions = conditions(request, &shape)?;
    if request.schema.fields().is_empty() {
        return count(&connection, request, &conditions, output).map_err(|fault| fault.at(table));
    }
    select(&connection, request, &conditions, output).map_err(|fault| fault.at(table))
}

fn select(
    connection: &Connection,
    request: &ReadRequest,
    conditions: &Conditions,
    output: &Output,
) -> Step<()> {
    let columns = request.schema.fields().iter().map(|field| selected(field, &quote::name));
    let columns: Vec<_> = columns.collect();
    let mut statement = connection.prepare(&sql(&columns.join(", "), request, conditions))?;
    for (index, value) in conditions.values.iter().enumerate() {
        value.bind(&mut statement, index + 1, 0)?;
    }
    let mut rows = statement.raw_query();
    let mut batch = Batch::new(request)?;
    while let Some(row) = rows.next()? {
        batch.push(row)?;
        if batch.is_full() && !send(output, batch.finish()?) {
            return Ok(());
        }
    }
    if batch.rows > 0 {
        send(output, batch.finish()?);
    }
    Ok(())
}

/// The number of rows, as a batch without columns.
fn count(
    connection: &Connection,
    request: &ReadRequest,
    conditions: &Conditions,
    output: &Output,
) -> Step<()> {
    let rows = sql("1", request, conditions);
    let mut statement = connection.prepare(&format!("SELECT count(*) FROM ({rows})"))?;
    for (index, value) in conditions.values.iter().enumerate() {
        value.bind(&mut statement, index + 1, 0)?;
    }
    let mut counted = statement.raw_query();
    let rows: i64 = counted.next()?.map_or(Ok(0), |row| row.get(0))?;
    let rows = usize::try_from(rows).unwrap_or_default();
    let batch = RecordBatch::try_new_with_options(
        Arc::clone(&request.schema),
        vec![],
        &RecordBatchOptions::new().with_row_count(Some(rows)),
    )
    .map_err(DataFusionError::from)?;
    send(output, batch);
    Ok(())
}

fn send(output: &Output, batch: RecordBatch) -> bool {
    output.blocking_send(Ok(batch)).is_ok()
}

fn sql(columns: &str, request: &ReadRequest, conditions: &Conditions) -> String {
    let table = quote::table(&request.table);
    let filter = match conditions.sql.as_slice() {
        [] => String::new(),
        conditions => format!(" WHERE {}", conditions.join(" AND ")),
    };
    let limit = request.limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
    format!("SELECT {columns} FROM {table}{filter}{limit}")
}

/// What SQLite is asked for.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Stored>,
}

/// The filters that SQLite answers as DataFusion would; the others are left to the reader.
fn conditions(request: &ReadRequest, shape: &Shape) -> Step<Conditions> {
    let Conditions { mut sql, mut values } = Conditions::default();
    let compares = |filter: &Filter| comparison(filter, request, shape);
    for filter in &request.filters {
        if let Some(asked) = filter.asked(&quote::name, &compares)? {
            sql.push(asked.sql);
            values.extend(asked.values);
        }
    }
    Ok(Conditions { sql, values })
}

fn comparison(
    filter: &Filter,
    request: &ReadRequest,
    shape: &Shape,
) -> Step<Option<Asked<Stored>>> {
    let Some(column) = shape.column(&filter.column) else {
        return Err(no_column(request, &filter.column).into());
    };
    let affinity = Affinity::of(&column.sql_type);
    if !is_exact(affinity, filter) {
        return Ok(None);
    }
    let array = filter.value.to_array()?;
    // A value that SQLite does not hold is left to the reader.
    let Ok(value) =
        Stored::encode(&array, &Field::new(&column.name, array.data_type().clone(), true))
    else {
        return Ok(None);
    };
    let operator = filter.comparison.operator();
    let collation = if matches!(value, Stored::Text(_)) { " COLLATE BINARY" } else { "" };
    let sql = format!("{}{collation} {operator} ?", quote::name(&column.name));
    Ok(Some(Asked { sql, values: vec![value] }))
}

/// Whether SQLite compares the stored form as DataFusion compares the value. A decimal is stored as text, which sorts
/// otherwise; a timestamp may have been written in several forms; text sorts otherwise in a UTF-16 database.
fn is_exact(affinity: Affinity, filter: &Filter) -> bool {
    let is_number = matches!(affinity, Affinity::Integer | Affinity::Real | Affinity::Numeric);
    match filter.value.data_type() {
        _ if filter.value.is_null() => false,
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => {
            let is_equality = matches!(filter.comparison, Comparison::Equal | Comparison::NotEqual);
            affinity == Affinity::Text && is_equality
        }
        // A number that is not exact, or is none of both truths, may be another one for us.
        DataType::Boolean | DataType::Float32 | DataType::Float64
            if filter.comparison == Comparison::NotEqual =>
        {
            false
        }
        DataType::Date32 => matches!(affinity, Affinity::Text | Affinity::Numeric),
        DataType::Boolean | DataType::Float32 | DataType::Float64 => is_number,
        data_type => data_type.is_integer() && is_number,
    }
}

/// A batch that is being read.
struct Batch<'a> {
    request: &'a ReadRequest,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
}

impl<'a> Batch<'a> {
    fn new(request: &'a ReadRequest) -> Step<Self> {
        let columns = (request.schema.fields().iter())
            .map(|field| Column::new(field.data_type()).ok_or_else(|| unreadable(request, field)))
            .collect::<Result<_, _>>()?;
        Ok(Self { request, columns, rows: 0, bytes: 0 })
    }

    fn push(&mut self, row: &Row<'_>) -> Step<()> {
        for (index, column) in self.columns.iter_mut().enumerate() {
            let value = row.get_ref(index)?;
            if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = value {
                self.bytes += bytes.len();
            }
            column
                .push(value)
                .ok_or_else(|| unreadable(self.request, self.request.schema.field(index)))?;
        }
        self.rows += 1;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    fn finish(&mut self) -> Step<RecordBatch> {
        (self.rows, self.bytes) = (0, 0);
        let request = self.request;
        let arrays = (self.columns.iter_mut().zip(request.schema.fields()))
            .map(|(column, field)| {
                let array = column.finish(field.data_type());
                let fits = |array: &ArrayRef| field.is_nullable() || array.null_count() == 0;
                array.filter(fits).ok_or_else(|| unreadable(request, field))
            })
            .collect::<Result<_, _>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&request.schema), arrays);
        Ok(batch.map_err(DataFusionError::from)?)
    }
}

fn unreadable(request: &ReadRequest, field: &Field) -> Error {
    let wanted = sql_type(field.data_type());
    let wanted = match field.is_nullable() {
        true => wanted,
        false => format!("{wanted} that is not NULL"),
    };
    Error::failed(format!(
        "column `{}` of table `{}` holds a value that cannot be read as {wanted}",
        field.name(),
        request.table
    ))
    .hint("correct the value, or run with --full-refresh")
}

fn no_column(request: &ReadRequest, column: &str) -> Error {
    Error::failed(format!("table `{}` has no column `{column}`", request.table))
}
