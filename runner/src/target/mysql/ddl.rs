//! `CREATE TABLE` for a model.

use datafusion::arrow::datatypes::DataType;
use transforms::dms::csv::same_name;

use crate::error::{Error, Result};
use crate::target::mysql::connect::Server;
use crate::target::mysql::quote::{self, IDENTIFIER_LENGTH_MAX};
use crate::target::mysql::types::{self, SqlType};
use crate::target::name::TableName;
use crate::target::{TableDef, TableSpec};

/// What InnoDB puts into one key.
const KEY_BYTES_MAX: u32 = 3072;
const KEY_COLUMNS_MAX: usize = 16;
const BYTES_OF_CHARACTER: u32 = 4;

/// The statement that creates a model's table, or another one of its form named by `spec`.
///
/// The key is the primary key, unless one of its columns may be NULL: then it is an index. Only key columns are NOT NULL,
/// since nothing else is known of the data.
///
/// # Errors
/// Kind `Usage`: names or a key too long, a type that MySQL does not have.
pub(super) fn create_statement(spec: &TableSpec, server: Server) -> Result<String> {
    check_names(spec)?;
    check_key(spec, server)?;
    let primary = spec.key.iter().all(|&index| !spec.schema.field(index).is_nullable());
    let mut lines = Vec::with_capacity(spec.schema.fields().len() + 1);
    for (index, field) in spec.schema.fields().iter().enumerate() {
        let key = spec.key.contains(&index);
        let sql_type = types::column_type(field, key, server)?;
        let null = if key && !field.is_nullable() { "NOT NULL" } else { "NULL" };
        lines.push(format!("  {} {sql_type} {null}", quote::column(field.name())));
    }
    if !spec.key.is_empty() {
        let columns =
            quote::columns(spec.key.iter().map(|&index| spec.schema.field(index).name().as_str()));
        lines.push(format!(
            "  {} ({columns})",
            if primary { "PRIMARY KEY" } else { "KEY `unglue_key`" }
        ));
    }
    let table = quote::table(&spec.table);
    Ok(format!(
        "CREATE TABLE {table} (\n{}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
        lines.join(",\n")
    ))
}

/// The statement that adds to `table` the columns that `spec` adds and `found` lacks; `None` if it has all of them.
///
/// # Errors
/// See [`create_statement`].
pub(super) fn add_columns(
    spec: &TableSpec,
    table: &TableName,
    found: &TableDef,
    server: Server,
) -> Result<Option<String>> {
    let has = |name: &str| found.columns.iter().any(|column| same_name(&column.name, name));
    let mut parts = Vec::new();
    for field in spec.lacking(has) {
        check_name(field.name())?;
        let sql_type = types::column_type(field, false, server)?;
        parts.push(format!("ADD COLUMN {} {sql_type} NULL", quote::column(field.name())));
    }
    let table = quote::table(table);
    Ok((!parts.is_empty()).then(|| format!("ALTER TABLE {table} {}", parts.join(", "))))
}

fn check_names(spec: &TableSpec) -> Result<()> {
    let columns = spec.schema.fields().iter().map(|field| field.name().as_str());
    columns.chain([spec.table.name()]).try_for_each(check_name)
}

fn check_name(name: &str) -> Result<()> {
    // MySQL takes no trailing blank in a name.
    if name.is_empty() || name.chars().count() > IDENTIFIER_LENGTH_MAX || name.ends_with(' ') {
        let message = format!("`{}` cannot be a name in MySQL", name.escape_debug());
        return Err(Error::usage(message)
            .hint(format!("names have 1 to {IDENTIFIER_LENGTH_MAX} characters")));
    }
    Ok(())
}

fn check_key(spec: &TableSpec, server: Server) -> Result<()> {
    let mut bytes = 0;
    for &index in &spec.key {
        let field = spec.schema.field(index);
        bytes += key_bytes(field.data_type(), &types::column_type(field, true, server)?);
    }
    if bytes > KEY_BYTES_MAX || spec.key.len() > KEY_COLUMNS_MAX {
        let message = format!(
            "the key of `{}` is too long for MySQL: {bytes} of at most {KEY_BYTES_MAX} bytes, {} of at most {KEY_COLUMNS_MAX} columns",
            spec.table,
            spec.key.len()
        );
        return Err(Error::usage(message)
            .hint("declare shorter VARCHAR columns in sources.sql, or another key"));
    }
    Ok(())
}

fn key_bytes(data_type: &DataType, sql_type: &str) -> u32 {
    let length = SqlType::parse(sql_type).length().unwrap_or(0);
    match data_type {
        DataType::Utf8 => length.saturating_mul(BYTES_OF_CHARACTER),
        DataType::Binary => length,
        DataType::Decimal128(..) | DataType::Decimal256(..) => 30,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use datafusion::arrow::datatypes::{Field, Schema};
    use transforms::types::SQL_TYPE;

    use super::*;
    use crate::error::Kind;
    use crate::target::mysql::connect::Flavour;

    const MARIADB: Server =
        Server { flavour: Flavour::MariaDb, version: (10, 11, 0), packet_bytes_max: 1 << 20 };

    fn spec(fields: Vec<Field>, key: Vec<usize>) -> TableSpec {
        TableSpec {
            table: "shop.sal`es".parse().unwrap(),
            schema: Arc::new(Schema::new(fields)),
            key,
            added: vec![],
        }
    }

    fn declared(name: &str, sql_type: &str) -> Field {
        Field::new(name, DataType::Utf8, false)
            .with_metadata(HashMap::from([(SQL_TYPE.to_owned(), sql_type.to_owned())]))
    }

    #[test]
    fn a_key_without_null_is_the_primary_key() {
        let fields = vec![
            declared("code", "VARCHAR(20)"),
            Field::new("id", DataType::Int64, false),
            Field::new("amount", DataType::Decimal128(10, 2), false),
            Field::new("no`te", DataType::Utf8, true),
        ];
        insta::assert_snapshot!(create_statement(&spec(fields, vec![1, 0]), MARIADB).unwrap(), @r"
        CREATE TABLE `shop`.`sal``es` (
          `code` VARCHAR(20) COLLATE utf8mb4_nopad_bin NOT NULL,
          `id` BIGINT NOT NULL,
          `amount` DECIMAL(10,2) NULL,
          `no``te` LONGTEXT NULL,
          PRIMARY KEY (`id`, `code`)
        ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
        ");
    }

    #[test]
    fn a_key_with_null_is_an_index_and_no_key_is_none() {
        let fields = || vec![Field::new("id", DataType::Int64, true)];
        insta::assert_snapshot!(create_statement(&spec(fields(), vec![0]), MARIADB).unwrap(), @r"
        CREATE TABLE `shop`.`sal``es` (
          `id` BIGINT NULL,
          KEY `unglue_key` (`id`)
        ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
        ");
        assert!(!create_statement(&spec(fields(), vec![]), MARIADB).unwrap().contains("KEY"));
    }

    #[test]
    fn a_key_that_innodb_cannot_hold_is_refused() {
        let error = create_statement(&spec(vec![declared("k", "VARCHAR(769)")], vec![0]), MARIADB)
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.to_string().contains("3076 of at most 3072 bytes"), "{error}");
        assert!(
            create_statement(&spec(vec![declared("k", "VARCHAR(768)")], vec![0]), MARIADB).is_ok()
        );
    }

    #[test]
    fn names_that_mysql_does_not_take_are_refused() {
        for name in ["", "blank ", &"x".repeat(65)] {
            let fields = vec![Field::new(name, DataType::Int64, true)];
            assert!(create_statement(&spec(fields, vec![]), MARIADB).is_err(), "{name:?}");
        }
    }
}
