//! The statements that change a table's rows.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Field, SchemaRef};
use rusqlite::{Connection, Statement};

use crate::error::Error;
use crate::failpoint::failpoint;
use crate::target::rows::Rows;
use crate::target::sqlite::encode::Stored;
use crate::target::sqlite::fault::{Fault, Step};
use crate::target::sqlite::link::Link;
use crate::target::sqlite::shape::Shape;
use crate::target::sqlite::{ddl, fit, quote};
use crate::target::{PlannedChange, TableSpec, mismatch};

/// The temporary table for rows that must wait until all old ones are gone. Its columns have no type, so that it
/// keeps every value as it is.
const STAGED: &str = "temp.unglue_staged";

/// A table to be written within a transaction, checked against its model.
#[derive(Debug)]
pub(super) struct Table<'a> {
    connection: &'a Connection,
    spec: &'a TableSpec,
    shape: Shape,
}

impl<'a> Table<'a> {
    /// The table that is there.
    pub(super) fn open(connection: &'a Connection, spec: &'a TableSpec) -> Step<Self> {
        let Some(mut shape) = Shape::load(connection, &spec.table)? else {
            return Err(Error::failed(format!("table `{}` does not exist", spec.table))
                .hint("run with --full-refresh to create it")
                .into());
        };
        for sql in ddl::add_columns(spec, |name| shape.column(name).is_some())? {
            connection.execute_batch(&sql)?;
            shape = Shape::load(connection, &spec.table)?.unwrap_or(shape);
        }
        let mismatches = fit::check(spec, &shape.def);
        if !mismatches.is_empty() {
            return Err(mismatch::refusal(&spec.table, None, &mismatches, true).into());
        }
        Ok(Self { connection, spec, shape })
    }

    /// The table that is there, or a new one.
    pub(super) fn open_or_create(connection: &'a Connection, spec: &'a TableSpec) -> Step<Self> {
        if Shape::load(connection, &spec.table)?.is_none() {
            connection.execute_batch(&ddl::create_table(spec)?)?;
        }
        Self::open(connection, spec)
    }

    /// The statements of a planned change, on a table that may not be there yet.
    pub(super) fn planned(
        connection: &'a Connection,
        spec: &'a TableSpec,
        planned: PlannedChange,
    ) -> Step<Vec<String>> {
        let Some(shape) = Shape::load(connection, &spec.table)? else {
            let create = ddl::create_table(spec)?;
            let insert = Self::insert_into(spec);
            return Ok(vec![create, insert]);
        };
        let mut statements = ddl::add_columns(spec, |name| shape.column(name).is_some())?;
        let table = Self { connection, spec, shape };
        match planned {
            PlannedChange::Append { rows: 0 } => {}
            PlannedChange::Append { .. } => statements.push(table.insert_sql()),
            PlannedChange::Replace { .. } | PlannedChange::Rebuild => {
                statements.extend([table.clear_sql(), table.insert_sql()]);
            }
            PlannedChange::Merge { deletes, upserts } => {
                statements.extend((deletes > 0).then(|| table.delete_sql()));
                if upserts > 0 && table.shape.can_upsert(&table.key()) {
                    statements.push(table.upsert_sql());
                } else if upserts > 0 {
                    let [create, stage, insert, drop] = table.staged_sql();
                    statements.extend([create, table.delete_sql(), stage, insert, drop]);
                }
            }
        }
        Ok(statements)
    }

    /// Deletes all rows and counts them.
    pub(super) fn clear(&self) -> Step<u64> {
        self.check_deletable("has to be emptied and filled again")?;
        Ok(self.connection.execute(&self.clear_sql(), [])? as u64)
    }

    /// Rows that are left after deletes, as far as they matter.
    pub(super) fn kept(&self, deleted: u64, counted_times: u64) -> Step<u64> {
        if deleted == 0 {
            return Ok(0);
        }
        let most = deleted.saturating_mul(counted_times);
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {most})", self.name());
        let kept: i64 = self.connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(u64::try_from(kept).unwrap_or_default())
    }

    /// Inserts rows and counts them.
    pub(super) fn insert(&self, rows: &Rows, link: &mut Link) -> Step<u64> {
        let mut statement = self.connection.prepare(&self.insert_sql())?;
        self.each(rows, link, |columns, row| execute(&mut statement, columns.iter(), row))
    }

    /// Deletes by key and counts the rows that are gone.
    pub(super) fn delete(&self, keys: &Rows, link: &mut Link) -> Step<u64> {
        let mut statement = self.connection.prepare(&self.delete_sql())?;
        self.each(keys, link, |columns, row| execute(&mut statement, columns.iter(), row))
    }

    /// Inserts or updates rows by key and counts them.
    pub(super) fn upsert(&self, rows: &Rows, link: &mut Link) -> Step<u64> {
        if !self.shape.can_upsert(&self.key()) {
            return self.delete_then_insert(rows, link);
        }
        let mut statement = self.connection.prepare(&self.upsert_sql())?;
        self.each(rows, link, |columns, row| {
            execute(&mut statement, columns.iter(), row)?;
            Ok(1)
        })
    }

    /// Deletes the old rows of all keys before it inserts the first new one: a new row may have a unique value that
    /// another row gives up.
    fn delete_then_insert(&self, rows: &Rows, link: &mut Link) -> Step<u64> {
        self.check_deletable(
            "has to be updated by deleting and inserting, since it has a unique index beside the model's key",
        )?;
        let [create, stage, insert, drop_staged] = self.staged_sql();
        self.connection.execute_batch(&create)?;
        let mut delete = self.connection.prepare(&self.delete_sql())?;
        let mut stage = self.connection.prepare(&stage)?;
        self.each(rows, link, |columns, row| {
            execute(&mut delete, self.spec.key.iter().map(|&index| &columns[index]), row)?;
            execute(&mut stage, columns.iter(), row)
        })?;
        let inserted = match self.connection.execute(&insert, []) {
            Ok(inserted) => inserted,
            // One by one, the row that is refused has a name. But not where SQLite has ended the transaction by itself, as after
            // an I/O error: each row would be committed.
            Err(error) if self.connection.is_autocommit() => return Err(error.into()),
            Err(error) => {
                self.insert(rows, link)?;
                return Err(error.into());
            }
        };
        drop((delete, stage));
        self.connection.execute_batch(&drop_staged)?;
        Ok(inserted as u64)
    }

    /// Runs `write` for each row and adds up what it answers.
    fn each(
        &self,
        rows: &Rows,
        link: &mut Link,
        mut write: impl FnMut(&[Stored], usize) -> rusqlite::Result<u64>,
    ) -> Step<u64> {
        let schema: SchemaRef = rows.schema();
        let mut stream = link.start(rows)?;
        let mut sum = 0;
        while let Some(batch) = link.next(&mut stream)? {
            let columns = match self.encode(&batch, &schema) {
                Ok(columns) => columns,
                Err(fault) => return Err(self.blame_value(&batch, &schema, fault)),
            };
            for row in 0..batch.num_rows() {
                sum += write(&columns, row).map_err(|error| {
                    Fault::from(error).blaming(&self.spec.table, batch.slice(row, 1))
                })?;
                failpoint!("sqlite.row.after");
            }
        }
        Ok(sum)
    }

    fn encode(&self, batch: &RecordBatch, schema: &SchemaRef) -> Step<Vec<Stored>> {
        (batch.columns().iter().zip(schema.fields()))
            .map(|(array, field)| self.accept(Stored::encode(array, field)?, field))
            .collect()
    }

    /// Columns are encoded as a whole; the first row that alone is refused too is the one.
    fn blame_value(&self, batch: &RecordBatch, schema: &SchemaRef, fault: Fault) -> Fault {
        let mut rows = (0..batch.num_rows()).map(|row| batch.slice(row, 1));
        match rows.find(|row| self.encode(row, schema).is_err()) {
            Some(row) => fault.blaming(&self.spec.table, row),
            None => fault,
        }
    }

    /// SQLite would replace NULL in the row's number by a new number.
    fn accept(&self, stored: Stored, field: &Field) -> Step<Stored> {
        let is_row_number = (self.shape.row_number.as_ref())
            .is_some_and(|column| column.eq_ignore_ascii_case(field.name()));
        if is_row_number && stored.has_null() {
            return Err(Error::refused(format!(
                "column `{}` of table `{}` is its INTEGER PRIMARY KEY and cannot hold NULL",
                field.name(),
                self.spec.table
            ))
            .hint("leave rows without a key out of the model")
            .into());
        }
        Ok(stored)
    }

    /// Whether rows can go and come back: ON DELETE actions would take other tables' rows along.
    fn check_deletable(&self, why: &str) -> Step<()> {
        if !self.shape.delete_cascades {
            return Ok(());
        }
        let message = format!(
            "table `{}` {why}, and a foreign key that refers to it would delete or change its rows with them",
            self.spec.table
        );
        Err(Error::refused(message)
            .hint("give the model a key and the table no other unique index, or drop the foreign key's ON DELETE action")
            .into())
    }

    fn name(&self) -> String {
        quote::table(&self.spec.table)
    }

    fn key(&self) -> Vec<&str> {
        self.spec.key.iter().map(|&index| self.spec.schema.field(index).name().as_str()).collect()
    }

    fn column_names(&self) -> impl Iterator<Item = &str> {
        self.spec.schema.fields().iter().map(|field| field.name().as_str())
    }

    fn columns(&self) -> String {
        quote::list(self.column_names())
    }

    fn parameters(&self) -> String {
        vec!["?"; self.spec.schema.fields().len()].join(", ")
    }

    fn clear_sql(&self) -> String {
        format!("DELETE FROM {}", self.name())
    }

    /// Creates the temporary table, fills it, writes its rows, and drops it.
    fn staged_sql(&self) -> [String; 4] {
        let staged: Vec<_> =
            (0..self.spec.schema.fields().len()).map(|i| format!("c{i}")).collect();
        let staged = staged.join(", ");
        let (table, columns, parameters) = (self.name(), self.columns(), self.parameters());
        [
            format!("CREATE TEMP TABLE unglue_staged ({staged})"),
            format!("INSERT INTO {STAGED} VALUES ({parameters})"),
            format!("INSERT OR ABORT INTO {table} ({columns}) SELECT {staged} FROM {STAGED}"),
            format!("DROP TABLE {STAGED}"),
        ]
    }

    /// `OR ABORT` overrides an `ON CONFLICT REPLACE` or `IGNORE` in the table's definition.
    fn insert_sql(&self) -> String {
        Self::insert_into(self.spec)
    }

    fn insert_into(spec: &TableSpec) -> String {
        let names = || spec.schema.fields().iter().map(|field| field.name().as_str());
        let (table, columns) = (quote::table(&spec.table), quote::list(names()));
        let parameters = vec!["?"; names().count()].join(", ");
        format!("INSERT OR ABORT INTO {table} ({columns}) VALUES ({parameters})")
    }

    fn upsert_sql(&self) -> String {
        let key = self.key();
        let updates: Vec<_> = (self.column_names().filter(|name| !key.contains(name)))
            .map(quote::name)
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        let action = match updates.as_slice() {
            [] => "NOTHING".to_owned(),
            updates => format!("UPDATE SET {}", updates.join(", ")),
        };
        format!("{} ON CONFLICT ({}) DO {action}", self.insert_sql(), quote::list(key))
    }

    /// `IS` takes NULL for equal to NULL, and the collation takes nothing else for equal.
    fn delete_sql(&self) -> String {
        let conditions: Vec<_> = (self.key().into_iter())
            .map(|column| format!("{} COLLATE BINARY IS ?", quote::name(column)))
            .collect();
        format!("DELETE FROM {} WHERE {}", self.name(), conditions.join(" AND "))
    }
}

/// Runs a statement with one row's values and answers the number of rows that it changed.
fn execute<'s>(
    statement: &mut Statement<'_>,
    columns: impl Iterator<Item = &'s Stored>,
    row: usize,
) -> rusqlite::Result<u64> {
    for (index, column) in columns.enumerate() {
        column.bind(statement, index + 1, row)?;
    }
    Ok(statement.raw_execute()? as u64)
}
