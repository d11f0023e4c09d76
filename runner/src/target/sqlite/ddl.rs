//! `CREATE TABLE` for a model.

use datafusion::arrow::datatypes::Field;

use crate::error::{Error, Result};
use crate::target::TableSpec;
use crate::target::sqlite::{fit, quote};

/// The statement that creates a model's table. A key that may be NULL is no primary key: it gets an index, in a second
/// statement.
///
/// The table is STRICT, so that SQLite refuses what it would otherwise convert.
pub(super) fn create_table(spec: &TableSpec) -> Result<String> {
    let fields = spec.schema.fields();
    let key: Vec<_> = spec.key.iter().map(|&index| spec.schema.field(index)).collect();
    let key_names = quote::list(key.iter().map(|field| field.name().as_str()));
    let is_primary = !key.is_empty() && key.iter().all(|field| !field.is_nullable());
    let mut lines = Vec::with_capacity(fields.len() + 1);
    for (index, field) in fields.iter().enumerate() {
        let sql_type = sql_type(spec, field)?;
        let not_null = if is_primary && spec.key.contains(&index) { " NOT NULL" } else { "" };
        lines.push(format!("    {} {sql_type}{not_null}", quote::name(field.name())));
    }
    if is_primary {
        lines.push(format!("    PRIMARY KEY ({key_names})"));
    }
    let table = quote::table(&spec.table);
    let create = format!("CREATE TABLE {table} (\n{}\n) STRICT", lines.join(",\n"));
    if key.is_empty() || is_primary {
        return Ok(create);
    }
    let index = quote::table(&spec.table.sibling(format!("unglue_key_{}", spec.table.name())));
    let table = quote::name(spec.table.name());
    Ok(format!("{create};\nCREATE INDEX {index} ON {table} ({key_names})"))
}

/// The statements that add columns which `spec` adds and the table lacks, a column each.
pub(super) fn add_columns(spec: &TableSpec, has: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let table = quote::table(&spec.table);
    let add = |field: &Field| {
        let sql_type = sql_type(spec, field)?;
        Ok(format!("ALTER TABLE {table} ADD COLUMN {} {sql_type}", quote::name(field.name())))
    };
    spec.lacking(has).map(add).collect()
}

fn sql_type(spec: &TableSpec, field: &Field) -> Result<&'static str> {
    fit::sql_type(field.data_type()).ok_or_else(|| {
        Error::refused(format!(
            "column `{}` of table `{}` has type {}, for which SQLite has none",
            field.name(),
            spec.table,
            field.data_type()
        ))
        .hint("cast the column in the model")
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};

    use super::*;

    fn spec(fields: Vec<Field>, key: Vec<usize>) -> TableSpec {
        let schema = Arc::new(Schema::new(fields));
        TableSpec { table: "sales".parse().unwrap(), schema, key, added: vec![] }
    }

    #[test]
    fn a_table_has_storage_types_and_its_primary_key() {
        let spec = spec(
            vec![
                Field::new("region", DataType::Utf8, false),
                Field::new("id", DataType::UInt64, false),
                Field::new("price", DataType::Decimal128(12, 2), true),
                Field::new("at", DataType::Timestamp(TimeUnit::Microsecond, None), true),
                Field::new("share", DataType::Float32, true),
                Field::new("photo", DataType::Binary, true),
            ],
            vec![1, 0],
        );
        insta::assert_snapshot!(create_table(&spec).unwrap(), @r#"
        CREATE TABLE main."sales" (
            "region" TEXT NOT NULL,
            "id" INTEGER NOT NULL,
            "price" TEXT,
            "at" TEXT,
            "share" REAL,
            "photo" BLOB,
            PRIMARY KEY ("id", "region")
        ) STRICT
        "#);
    }

    #[test]
    fn a_key_that_may_be_null_is_an_index() {
        let spec = spec(vec![Field::new("id", DataType::Int64, true)], vec![0]);
        insta::assert_snapshot!(create_table(&spec).unwrap(), @r#"
        CREATE TABLE main."sales" (
            "id" INTEGER
        ) STRICT;
        CREATE INDEX main."unglue_key_sales" ON "sales" ("id")
        "#);
    }

    #[test]
    fn a_type_that_does_not_fit_names_its_column() {
        let list = DataType::new_list(DataType::Int64, true);
        let error = create_table(&spec(vec![Field::new("tags", list, true)], vec![])).unwrap_err();
        assert!(error.to_string().starts_with("column `tags` of table `sales` has type List"));
    }
}
