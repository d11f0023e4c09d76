//! What a table looks like, from SQLite's pragmas.

use rusqlite::Connection;

use crate::error::Error;
use crate::target::condition::is_constant;
use crate::target::name::TableName;
use crate::target::sqlite::fault::{Fault, Step};
use crate::target::sqlite::{fit, quote};
use crate::target::{ColumnDef, TableDef};

/// An existing table, with what only SQLite's own statements need to know.
#[derive(Debug)]
pub(super) struct Shape {
    /// What every target tells of a table.
    pub(super) def: TableDef,
    /// All its unique indexes, the primary key first.
    unique: Vec<UniqueIndex>,
    /// The column that is the row's number, where NULL would be replaced by a new number.
    pub(super) row_number: Option<String>,
    /// Another table's rows are deleted or changed when rows of this one are deleted.
    pub(super) delete_cascades: bool,
}

#[derive(Debug)]
struct UniqueIndex {
    /// `None` for an expression.
    columns: Vec<Option<String>>,
    /// Whether it covers all rows and compares text bytewise.
    exact: bool,
    partial: bool,
}

impl Shape {
    /// Reads a table's definition; `None` if there is no such table.
    pub(super) fn load(connection: &Connection, table: &TableName) -> Step<Option<Self>> {
        load(connection, table).map_err(|fault| fault.at(table))
    }

    /// The table's column of a name; SQLite's names do not differ by case.
    pub(super) fn column(&self, name: &str) -> Option<&ColumnDef> {
        find(&self.def, name)
    }

    /// Whether `INSERT … ON CONFLICT (key) DO UPDATE` does what a merge asks for: the key's is the only unique index, so no
    /// other row can be hit; it compares exactly; and there is no NULL, which it takes for unequal to itself.
    pub(super) fn can_upsert(&self, key: &[&str]) -> bool {
        let [index] = self.unique.as_slice() else { return false };
        let is_key = |column: &Option<String>| {
            column
                .as_deref()
                .is_some_and(|column| key.iter().any(|k| k.eq_ignore_ascii_case(column)))
        };
        index.exact
            && index.columns.len() == key.len()
            && index.columns.iter().all(is_key)
            && key.iter().all(|name| self.column(name).is_some_and(|column| !column.nullable))
    }
}

/// The column of a name in a definition.
pub(super) fn find<'a>(def: &'a TableDef, name: &str) -> Option<&'a ColumnDef> {
    def.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
}

/// A column as `table_xinfo` tells it.
struct RawColumn {
    name: String,
    sql_type: String,
    not_null: bool,
    default: Option<String>,
    key_place: u32,
    hidden: u8,
}

fn load(connection: &Connection, table: &TableName) -> Step<Option<Shape>> {
    let Some(key_forbids_null) = find_table(connection, table)? else { return Ok(None) };
    let raw = raw_columns(connection, table)?;
    let row_number = row_number(connection, table, &raw)?;
    let has_triggers = has_triggers(connection, table)?;
    let mut columns = Vec::with_capacity(raw.len());
    for column in &raw {
        let is_row_number = row_number.as_ref() == Some(&column.name);
        let is_strict_key = column.key_place > 0 && key_forbids_null;
        let nullable = !(column.not_null || is_row_number || is_strict_key);
        // 0 is an ordinary column, 2 and 3 are generated ones.
        let generated = column.hidden != 0;
        columns.push(ColumnDef {
            data_type: fit::read_type(&column.sql_type),
            nullable,
            optional: nullable || column.default.is_some() || generated || is_row_number,
            generated,
            is_set: (!generated && !is_row_number && !has_triggers)
                .then(|| is_set(&column.name, column.default.as_deref()))
                .flatten(),
            collation: collation(connection, table, &column.name)?,
            name: column.name.clone(),
            sql_type: column.sql_type.clone(),
        });
    }
    let delete_cascades = delete_cascades(connection, table)?;
    let mut unique = unique_indexes(connection, table)?;
    if let Some(column) = &row_number {
        let columns = vec![Some(column.clone())];
        unique.insert(0, UniqueIndex { columns, exact: true, partial: false });
    }
    let of_columns = unique.iter().filter(|index| !index.partial);
    let def = TableDef {
        table: table.clone(),
        columns,
        unique: of_columns.filter_map(|index| index.columns.iter().cloned().collect()).collect(),
        // A rebuild empties the table and fills it again, within one transaction.
        swap_obstacle: delete_cascades
            .then(|| "foreign keys that refer to it act on its deletes".to_owned()),
    };
    Ok(Some(Shape { def, unique, row_number, delete_cascades }))
}

/// The condition of a column that has another value than its default; `None` for a default that is computed.
fn is_set(name: &str, default: Option<&str>) -> Option<String> {
    let column = quote::name(name);
    match default {
        None => Some(format!("{column} IS NOT NULL")),
        // The definition's own text; the column's type is applied to it as when it was stored.
        Some(default) => is_constant(default)
            .then(|| format!("{column} COLLATE BINARY IS NOT ({})", default_value(default))),
    }
}

/// A default as an expression. In a definition SQLite takes what is quoted as a name, and a bare word, for a text; elsewhere either is
/// a column (<https://www.sqlite.org/quirks.html#dblquote>).
fn default_value(default: &str) -> String {
    let text = default.trim();
    let within = |open: char, close: char| text.strip_prefix(open)?.strip_suffix(close);
    let doubled = |quote: char| {
        Some(within(quote, quote)?.replace(&format!("{quote}{quote}"), &quote.to_string()))
    };
    let is_word = text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
        && !["true", "false", "null"].iter().any(|word| text.eq_ignore_ascii_case(word));
    let said = doubled('"')
        .or_else(|| doubled('`'))
        .or_else(|| within('[', ']').map(str::to_owned))
        .or_else(|| is_word.then(|| text.to_owned()));
    match said {
        Some(said) => format!("'{}'", said.replace('\'', "''")),
        None => text.to_owned(),
    }
}

/// What a trigger writes is no default.
fn has_triggers(connection: &Connection, table: &TableName) -> Step<bool> {
    let mut statement = connection.prepare(
        "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE",
    )?;
    Ok(statement.exists([table.name()])?)
}

/// Whether a foreign key does something to its own rows when rows of the table are deleted; also while the check of keys
/// waits for the commit.
fn delete_cascades(connection: &Connection, table: &TableName) -> Step<bool> {
    let mut statement = connection.prepare(
        "SELECT 1 FROM sqlite_master AS t JOIN pragma_foreign_key_list(t.name) AS k \
         WHERE t.type = 'table' AND k.\"table\" = ?1 COLLATE NOCASE \
         AND k.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT')",
    )?;
    Ok(statement.exists([table.name()])?)
}

/// The tables of the database whose names can be written in a job.
pub(super) fn tables(connection: &Connection) -> Step<Vec<TableName>> {
    let mut statement = connection.prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
         AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name",
    )?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    let names = names.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// Finds the table, and tells whether its primary key forbids NULL by itself (STRICT and WITHOUT ROWID tables).
fn find_table(connection: &Connection, table: &TableName) -> Step<Option<bool>> {
    if let Some(schema) = table.schema().filter(|schema| !schema.eq_ignore_ascii_case("main")) {
        return Err(Error::usage(format!(
            "table `{table}`: an SQLite database has no schema `{schema}`"
        ))
        .hint("name the table without a schema")
        .into());
    }
    let mut statement = connection
        .prepare("SELECT type, wr OR strict FROM pragma_table_list(?1) WHERE schema = 'main'")?;
    let mut rows = statement.query([table.name()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let kind: String = row.get(0)?;
    if kind == "table" {
        return Ok(Some(row.get(1)?));
    }
    Err(Error::refused(format!("`{table}` is a {kind}, not a table that can be written"))
        .hint("name another table for the model, or drop it")
        .into())
}

fn raw_columns(connection: &Connection, table: &TableName) -> Step<Vec<RawColumn>> {
    let mut statement = connection.prepare(
        "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1)",
    )?;
    let columns = statement.query_map([table.name()], |row| {
        Ok(RawColumn {
            name: row.get(0)?,
            sql_type: row.get(1)?,
            not_null: row.get(2)?,
            default: row.get(3)?,
            key_place: row.get(4)?,
            hidden: row.get(5)?,
        })
    })?;
    Ok(columns.collect::<Result<_, _>>()?)
}

/// `INTEGER PRIMARY KEY` is the row's number, unless the key has an index of its own (WITHOUT ROWID, or `DESC`).
fn row_number(
    connection: &Connection,
    table: &TableName,
    columns: &[RawColumn],
) -> Step<Option<String>> {
    let mut key = columns.iter().filter(|column| column.key_place > 0);
    let (Some(column), None) = (key.next(), key.next()) else { return Ok(None) };
    if !column.sql_type.eq_ignore_ascii_case("INTEGER") {
        return Ok(None);
    }
    let mut statement =
        connection.prepare("SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk'")?;
    Ok((!statement.exists([table.name()])?).then(|| column.name.clone()))
}

fn collation(connection: &Connection, table: &TableName, column: &str) -> Step<Option<String>> {
    let (_, collation, ..) = connection.column_metadata(Some("main"), table.name(), column)?;
    Ok(collation.map(|name| name.to_string_lossy().into_owned()))
}

fn unique_indexes(connection: &Connection, table: &TableName) -> Step<Vec<UniqueIndex>> {
    let mut statement = connection.prepare(
        "SELECT name, partial FROM pragma_index_list(?1) WHERE \"unique\" ORDER BY origin <> 'pk', seq",
    )?;
    let found = statement
        .query_map([table.name()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(String, bool)>, _>>()?;
    found.into_iter().map(|(name, partial)| unique_index(connection, &name, partial)).collect()
}

fn unique_index(connection: &Connection, name: &str, partial: bool) -> Step<UniqueIndex> {
    let mut statement = connection
        .prepare("SELECT name, coll FROM pragma_index_xinfo(?1) WHERE key ORDER BY seqno")?;
    let mut index = UniqueIndex { columns: vec![], exact: !partial, partial };
    let mut rows = statement.query([name]).map_err(Fault::from)?;
    while let Some(row) = rows.next()? {
        index.columns.push(row.get(0)?);
        index.exact &= row.get::<_, String>(1)?.eq_ignore_ascii_case("BINARY");
    }
    Ok(index)
}

#[cfg(test)]
mod tests {
    use rusqlite::config::DbConfig;

    use super::*;

    /// How many rows of `m` hold another value in `note` than its default.
    fn rows_set(connection: &Connection) -> i64 {
        let sql = "SELECT dflt_value FROM pragma_table_info('m') WHERE name = 'note'";
        let default: Option<String> = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        let condition = is_set("note", default.as_deref()).unwrap();
        let sql = format!("SELECT COUNT(*) FROM m WHERE {condition}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_default_is_told_from_a_value_however_it_is_written() {
        for default in [
            "'n/a'", "\"n/a\"", "\"note\"", "\"it's\"", "new", "name", "[a b]", "-1.5", "TRUE",
            "NULL", "x'00'",
        ] {
            let connection = Connection::open_in_memory().unwrap();
            let sql = format!(
                "CREATE TABLE m (id INT, name TEXT, note DEFAULT {default});
                INSERT INTO m (id, name) VALUES (1, 'a')"
            );
            connection.execute_batch(&sql).unwrap();
            // As connections of ours are.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false).unwrap();
            assert_eq!(rows_set(&connection), 0, "{default}");
            connection.execute_batch("UPDATE m SET note = 'mine'").unwrap();
            assert_eq!(rows_set(&connection), 1, "{default}");
        }
    }
}
