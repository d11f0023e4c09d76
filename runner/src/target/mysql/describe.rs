//! The definition of an existing table, from `information_schema`.

use mysql_async::{Conn, Value};

use crate::error::Error;
use crate::target::condition::is_constant;
use crate::target::mysql::error::Result;
use crate::target::mysql::{decode, quote, types};
use crate::target::name::TableName;
use crate::target::{ColumnDef, TableDef};

/// What a table is looked at by, as one text: each statement alone would be one more way to the server and back, and as a
/// prepared one two. `{schema}` and `{table}` are filled in by [`of_table`].
const DESCRIBE: [&str; 6] = [
    TABLE,
    "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLLATION_NAME, \
        VERSION() \
        FROM information_schema.COLUMNS \
        WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} ORDER BY ORDINAL_POSITION",
    UNIQUE,
    "SELECT COUNT(*) FROM information_schema.TRIGGERS \
        WHERE EVENT_OBJECT_SCHEMA = {schema} AND EVENT_OBJECT_TABLE = {table}",
    "SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS \
        WHERE CONSTRAINT_SCHEMA = {schema} AND TABLE_NAME = {table}",
    // MariaDB looks through all databases of the server for this.
    "SELECT DELETE_RULE FROM information_schema.REFERENTIAL_CONSTRAINTS \
        WHERE UNIQUE_CONSTRAINT_SCHEMA = {schema} AND REFERENCED_TABLE_NAME = {table}",
];
const TABLE: &str = "SELECT TABLE_TYPE, ENGINE FROM information_schema.TABLES \
    WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table}";
/// Those that [`describe`] refuses are left out.
const TABLES: &str = "SELECT TABLE_NAME FROM information_schema.TABLES \
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') \
    AND ENGINE = 'InnoDB' ORDER BY TABLE_NAME";
const UNIQUE: &str = "SELECT INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS \
    WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table} AND NON_UNIQUE = 0 \
    ORDER BY INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX";

/// A table with what only this target looks at.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) def: TableDef,
    /// The column that numbers itself.
    pub(super) auto_increment: Option<String>,
    /// Another table's rows are deleted or changed when rows of this one are deleted.
    pub(super) delete_cascades: bool,
}

/// Reads a table's definition; `None` if there is none.
///
/// # Errors
/// Kind `Refused` for a view, and for a table whose engine has no transactions.
pub(super) async fn describe(conn: &mut Conn, table: &TableName) -> Result<Option<Table>> {
    let asked = of_table(&DESCRIBE.join("; "), table);
    let mut answers = decode::answers(conn, &asked).await?.into_iter();
    let mut next = || answers.next().unwrap_or_default();
    let Some(versioned) = kind(table, &next())? else { return Ok(None) };
    let (columns, unique_rows) = (next(), next());
    let (triggers, references, referenced) = (count(&next()), count(&next()), next());
    let auto_increment = columns.iter().find(|row| field(row, 4).contains("auto_increment"));
    let swap_obstacle = obstacle(triggers, references, !referenced.is_empty(), versioned);
    let delete_cascades = referenced
        .iter()
        .any(|row| matches!(field(row, 0).as_str(), "CASCADE" | "SET NULL" | "SET DEFAULT"));
    let def = TableDef {
        table: table.clone(),
        columns: columns.iter().map(|row| column(row, triggers > 0)).collect(),
        unique: unique(unique_rows),
        swap_obstacle,
    };
    let auto_increment = auto_increment.map(|row| field(row, 0));
    Ok(Some(Table { def, auto_increment, delete_cascades }))
}

/// The tables of the connection's database whose names can be written in a job.
pub(super) async fn tables(conn: &mut Conn) -> Result<Vec<TableName>> {
    let rows = decode::only_answer(conn, TABLES).await?;
    Ok(rows.iter().filter_map(|row| field(row, 0).parse().ok()).collect())
}

/// A table's definition, which must be there.
pub(super) async fn existing(conn: &mut Conn, table: &TableName) -> Result<Table> {
    let found = describe(conn, table).await?;
    found.ok_or_else(|| {
        Error::refused(format!("table `{table}` does not exist"))
            .hint("a full refresh creates it")
            .into()
    })
}

/// The columns of a unique index; `None` if it is over a part of a column or over an expression.
pub(super) async fn unique_index(
    conn: &mut Conn,
    table: &TableName,
    name: &str,
) -> Result<Option<Vec<String>>> {
    let rows = decode::only_answer(conn, &of_table(UNIQUE, table)).await?;
    let of_index = rows.iter().filter(|row| field(row, 0).eq_ignore_ascii_case(name));
    let column = |row: &Vec<Value>| {
        let is_whole = matches!(row.get(2), None | Some(Value::NULL));
        row.get(1).and_then(decode::text).filter(|_| is_whole)
    };
    Ok(of_index.map(column).collect())
}

/// The statement that creates the table as it is, without the number that AUTO_INCREMENT has come to.
pub(super) async fn create_statement(conn: &mut Conn, table: &TableName) -> Result<String> {
    let sql = format!("SHOW CREATE TABLE {}", quote::table(table));
    let rows = decode::rows(conn, &sql, Vec::new()).await?;
    let text = rows.first().map(|row| field(row, 1)).unwrap_or_default();
    let words = text.split(' ').filter(|word| !word.starts_with("AUTO_INCREMENT="));
    Ok(words.collect::<Vec<_>>().join(" "))
}

/// Whether a table of the name is there, whatever it is.
pub(super) async fn exists(conn: &mut Conn, table: &TableName) -> Result<bool> {
    Ok(!decode::only_answer(conn, &of_table(TABLE, table)).await?.is_empty())
}

/// Whether the server keeps the table's history (MariaDB); `None` if there is no table.
fn kind(table: &TableName, rows: &[Vec<Value>]) -> Result<Option<bool>> {
    let Some(row) = rows.first() else { return Ok(None) };
    let (kind, engine) = (field(row, 0), field(row, 1));
    if !matches!(kind.as_str(), "BASE TABLE" | "SYSTEM VERSIONED") {
        let message = format!("`{table}` is a {}, not a table", kind.to_lowercase());
        return Err(Error::refused(message).hint("name another table for the model").into());
    }
    if !engine.eq_ignore_ascii_case("InnoDB") {
        let message = format!("table `{table}` has the engine {engine}, which has no transactions");
        return Err(Error::refused(message).hint("convert it: ALTER TABLE … ENGINE=InnoDB").into());
    }
    Ok(Some(kind == "SYSTEM VERSIONED"))
}

/// A question about one table; the schema is that of the connection unless it is named.
pub(super) fn of_table(sql: &str, table: &TableName) -> String {
    let schema = table.schema().map_or_else(|| "DATABASE()".to_owned(), quote::text);
    let name = quote::text(table.name());
    // Nothing within a name is taken for a place.
    let parts = sql.split("{schema}").map(|part| part.replace("{table}", &name));
    parts.collect::<Vec<_>>().join(&schema)
}

pub(super) fn field(row: &[Value], index: usize) -> String {
    row.get(index).and_then(decode::text).unwrap_or_default()
}

fn count(rows: &[Vec<Value>]) -> u64 {
    decode::first_unsigned(rows).unwrap_or(0)
}

fn column(row: &[Value], has_triggers: bool) -> ColumnDef {
    let sql_type = field(row, 1);
    let nullable = field(row, 2) == "YES";
    let has_default = !matches!(row.get(3), None | Some(Value::NULL));
    let extra = field(row, 4).to_lowercase();
    let generated = ["virtual generated", "stored generated", "persistent generated"]
        .iter()
        .any(|word| extra.contains(word));
    // What a trigger writes is no default.
    let is_made_up = generated
        || has_triggers
        || ["auto_increment", "default_generated", "on update"]
            .iter()
            .any(|word| extra.contains(word));
    let collation = row.get(5).and_then(decode::text);
    ColumnDef {
        is_set: (!is_made_up).then(|| is_set(row, collation.is_some())).flatten(),
        name: field(row, 0),
        data_type: types::data_type(&sql_type),
        nullable,
        // MySQL reports a default that is an expression in EXTRA too.
        optional: nullable
            || has_default
            || generated
            || extra.contains("auto_increment")
            || extra.contains("default_generated"),
        generated,
        collation,
        sql_type,
    }
}

/// The condition of a column that has another value than its default; `None` for a default that is computed.
fn is_set(row: &[Value], is_text: bool) -> Option<String> {
    let column = quote::column(&field(row, 0));
    let is_mariadb = field(row, 6).contains("MariaDB");
    match row.get(3).and_then(decode::text).as_deref() {
        None => Some(format!("{column} IS NOT NULL")),
        // MariaDB prints the word; texts are in quotes there. MySQL prints a text as it is.
        Some("NULL") if is_mariadb => Some(format!("{column} IS NOT NULL")),
        // MariaDB tells a computed default from another one only by its text, MySQL before 8.0 the only one that it has.
        Some(default) if is_mariadb && !is_constant(default) => None,
        Some(default) if !is_mariadb && !is_text && !is_constant(default) => None,
        // Case and accents are the collation's business, but a loss too.
        Some(_) if is_text => {
            Some(format!("NOT (CAST({column} AS BINARY) <=> CAST(DEFAULT({column}) AS BINARY))"))
        }
        Some(_) => Some(format!("NOT ({column} <=> DEFAULT({column}))")),
    }
}

/// An index over a part of a column or over an expression compares something else than the column, so it gets a name that
/// no column has.
fn unique(rows: Vec<Vec<Value>>) -> Vec<Vec<String>> {
    let mut indexes: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows {
        let index = field(&row, 0);
        let column =
            match (row.get(1).and_then(decode::text), row.get(2).and_then(decode::unsigned)) {
                (Some(column), None) => column,
                (Some(column), Some(part)) => format!("{column}({part})"),
                (None, _) => "(expression)".to_owned(),
            };
        match indexes.last_mut() {
            Some((last, columns)) if *last == index => columns.push(column),
            _ => indexes.push((index, vec![column])),
        }
    }
    indexes.into_iter().map(|(_, columns)| columns).collect()
}

fn obstacle(triggers: u64, references: u64, referenced: bool, versioned: bool) -> Option<String> {
    if triggers > 0 {
        Some("it has triggers".to_owned())
    } else if references > 0 {
        Some("it has foreign keys".to_owned())
    } else if referenced {
        Some("foreign keys of other tables refer to it".to_owned())
    } else if versioned {
        Some("the server keeps its history".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(texts: [Option<&str>; 6]) -> Vec<Value> {
        texts.into_iter().map(|text| text.map_or(Value::NULL, Value::from)).collect()
    }

    #[test]
    fn a_column_may_be_left_out_if_the_server_has_a_value_for_it() {
        let optional = |nullable, default, extra| {
            column(
                &row([Some("c"), Some("int"), Some(nullable), default, Some(extra), None]),
                false,
            )
            .optional
        };
        assert!(!optional("NO", None, ""));
        assert!(optional("YES", None, ""));
        assert!(optional("NO", Some("0"), ""));
        assert!(optional("NO", None, "auto_increment"));
        assert!(optional("NO", None, "STORED GENERATED"));
        assert!(optional("NO", Some("uuid()"), "DEFAULT_GENERATED"));
    }

    #[test]
    fn a_default_that_is_computed_does_not_make_the_column_generated() {
        let def = column(
            &row([
                Some("c"),
                Some("int"),
                Some("NO"),
                Some("now()"),
                Some("DEFAULT_GENERATED"),
                None,
            ]),
            false,
        );
        assert!(!def.generated);
        let def = column(
            &row([Some("c"), Some("int"), Some("NO"), None, Some("VIRTUAL GENERATED"), None]),
            false,
        );
        assert!(def.generated);
    }

    #[test]
    fn indexes_over_parts_and_expressions_are_not_taken_for_their_columns() {
        let part = |index: &str, column: Option<&str>, part: Option<u64>| {
            vec![
                Value::from(index),
                column.map_or(Value::NULL, Value::from),
                part.map_or(Value::NULL, Value::from),
            ]
        };
        let rows = vec![
            part("PRIMARY", Some("a"), None),
            part("PRIMARY", Some("b"), None),
            part("k", Some("c"), Some(10)),
            part("x", None, None),
        ];
        assert_eq!(unique(rows), [vec!["a", "b"], vec!["c(10)"], vec!["(expression)"]]);
    }

    #[test]
    fn a_column_is_set_where_it_differs_from_a_default_that_is_always_the_same() {
        const MARIADB: &str = "11.8.3-MariaDB-0+deb13u1";
        const MYSQL: &str = "9.7.0";
        let is_set = |version: &str, default, extra, collation| {
            let texts = [Some("n"), Some("x"), Some("YES"), default, Some(extra), collation];
            let mut row = row(texts);
            row.push(Value::from(version));
            column(&row, false).is_set
        };
        let differs = "NOT (`n` <=> DEFAULT(`n`))";
        for version in [MARIADB, MYSQL] {
            let of = |default, extra| is_set(version, default, extra, None);
            assert_eq!(of(None, "").as_deref(), Some("`n` IS NOT NULL"));
            assert_eq!(of(Some("0"), "").as_deref(), Some(differs));
            for (default, extra) in [
                (Some("current_timestamp()"), ""),
                (Some("CURRENT_TIMESTAMP"), "DEFAULT_GENERATED"),
                (None, "on update CURRENT_TIMESTAMP"),
                (None, "auto_increment"),
                (None, "STORED GENERATED"),
                (Some("uuid()"), "DEFAULT_GENERATED"),
            ] {
                assert_eq!(of(default, extra), None, "{default:?} {extra}");
            }
        }
        // MariaDB has texts in quotes and NULL as a word, MySQL texts as they are.
        let text = |version, default| is_set(version, Some(default), "", Some("utf8mb4_bin"));
        let binary = "NOT (CAST(`n` AS BINARY) <=> CAST(DEFAULT(`n`) AS BINARY))";
        assert_eq!(text(MARIADB, "NULL").as_deref(), Some("`n` IS NOT NULL"));
        assert_eq!(text(MARIADB, "'a (b'").as_deref(), Some(binary));
        assert_eq!(text(MARIADB, "uuid()"), None);
        for default in ["NULL", "n/a (old)", "a|b", "current_customer"] {
            assert_eq!(text(MYSQL, default).as_deref(), Some(binary), "{default}");
        }
        assert_eq!(column(&row([Some("n"), None, None, None, None, None]), true).is_set, None);
    }
}
