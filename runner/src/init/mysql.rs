//! A table of MySQL or MariaDB, and what DMS makes of its types ("Source data types for MySQL" of the DMS guide).

use super::database::{Defined, Definition, Staged, large_values, missing};
use crate::doctor::finding::Finding;
use crate::environment::Environment;
use crate::error::Result;
use crate::target::mysql::definition::{self, Column, Table};
use crate::target::name::TableName;

/// Asks for tables.
pub(super) async fn definitions(
    url: &str,
    tables: &[TableName],
    environment: &Environment,
) -> Result<Vec<Definition>> {
    let found = definition::tables(url, tables, environment).await;
    let found = found.map_err(|error| error.about("--database: "))?;
    let pairs = found.into_iter().zip(tables);
    pairs.map(|(found, name)| Ok(define(&found.ok_or_else(|| missing(name))?, name))).collect()
}

fn define(table: &Table, name: &TableName) -> Definition {
    let mut findings = Vec::new();
    if table.key.is_empty() {
        findings.push(
            Finding::warning("init.key", "", format!("table {name} has no PRIMARY KEY")).next(
                "give it one, or name the columns of a unique index that are NOT NULL with --key",
            ),
        );
    }
    let is_large = |column: &&Column| {
        let base = column.sql_type.to_lowercase();
        ["text", "blob", "json"].iter().any(|word| base.contains(word)) && !base.starts_with("tiny")
    };
    let large: Vec<String> =
        table.columns.iter().filter(is_large).map(|column| column.name.clone()).collect();
    findings.extend(large_values(&large));
    findings.extend(generated(table));
    let columns = table.columns.iter().map(|column| {
        let Staged { sql_type, remark } = staged(&column.sql_type);
        Defined { name: column.name.clone(), sql_type, remark: remark.map(str::to_owned) }
    });
    let schema = table.schema.clone();
    Definition { schema, columns: columns.collect(), key: table.key.clone(), findings }
}

fn generated(table: &Table) -> Option<Finding> {
    let names: Vec<&str> = table
        .columns
        .iter()
        .filter(|column| {
            column.extra.to_lowercase().contains("generated")
                && !column.extra.to_lowercase().contains("default")
        })
        .map(|column| column.name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        Finding::warning(
            "init.generated",
            "",
            format!("{}: computed columns, which a task may leave out", names.join(", ")),
        )
        .next("compare the number of columns with a staged object; --from does so")
    })
}

/// The declared type for a type as `information_schema` prints it.
fn staged(sql_type: &str) -> Staged {
    let lower = sql_type.to_lowercase();
    let (name, rest) = lower.split_once('(').unwrap_or((lower.as_str(), ""));
    let name = name.split(' ').next().unwrap_or_default();
    let arguments = rest.split(')').next().unwrap_or_default();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let arguments = if arguments.split(',').all(is_number) { arguments } else { "" };
    let is_unsigned = lower.contains(" unsigned");
    let with_arguments = |base: &str| match arguments {
        "" => base.to_owned(),
        arguments => format!("{base}({arguments})"),
    };
    match name {
        "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" => {
            let base = if name == "integer" { "INT".to_owned() } else { name.to_uppercase() };
            Staged::plain(if is_unsigned { format!("{base} UNSIGNED") } else { base })
        }
        "bit" if matches!(arguments, "" | "1") => Staged::plain("BIT"),
        "bit" => Staged::because("VARBINARY(8)", "bytes of a BIT with more than one bit"),
        "decimal" | "numeric" | "char" | "varchar" | "datetime" | "timestamp" | "binary"
        | "varbinary" => Staged::plain(with_arguments(&name.to_uppercase())),
        "float" | "double" | "date" | "year" | "json" | "tinytext" | "mediumtext" | "longtext"
        | "tinyblob" | "mediumblob" | "longblob" | "text" | "blob" => {
            Staged::plain(name.to_uppercase())
        }
        "time" => {
            Staged::because("VARCHAR(20)", "TIME is staged as text, since it may exceed a day")
        }
        // A label has up to 255 characters.
        "enum" => Staged::because("VARCHAR(255)", "labels of an ENUM"),
        "set" => Staged::because("TEXT", "labels of a SET, separated by commas"),
        "uuid" => Staged::plain("UUID"),
        "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring"
        | "multipolygon" | "geometrycollection" | "geomcollection" => {
            Staged::because("BLOB", "a geometry is staged as its bytes")
        }
        _ => Staged::because("TEXT", "of a type that is staged as text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_what_dms_stages() {
        for (defined, declared) in [
            ("int(11)", "INT"),
            ("int unsigned", "INT UNSIGNED"),
            ("bigint(20) unsigned zerofill", "BIGINT UNSIGNED"),
            ("tinyint(1)", "TINYINT"),
            ("bit(1)", "BIT"),
            ("bit(12)", "VARBINARY(8)"),
            ("decimal(12,2)", "DECIMAL(12,2)"),
            ("decimal(12,2) unsigned", "DECIMAL(12,2)"),
            ("float", "FLOAT"),
            ("double(8,2)", "DOUBLE"),
            ("datetime(6)", "DATETIME(6)"),
            ("timestamp", "TIMESTAMP"),
            ("time(3)", "VARCHAR(20)"),
            ("year(4)", "YEAR"),
            ("varchar(40)", "VARCHAR(40)"),
            ("binary(16)", "BINARY(16)"),
            ("enum('a','b(c)')", "VARCHAR(255)"),
            ("set('a','b')", "TEXT"),
            ("longtext", "LONGTEXT"),
            ("json", "JSON"),
            ("point", "BLOB"),
            ("inet6", "TEXT"),
        ] {
            assert_eq!(staged(defined).sql_type, declared, "{defined}");
        }
    }
}
