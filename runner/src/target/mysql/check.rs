//! Whether an existing table can hold what a model gives.

use datafusion::arrow::datatypes::{DataType, Field};

use transforms::dms::csv::same_name;
use transforms::functions::sql_type;

use crate::target::mysql::types::{self, FRACTION_MAX, SqlType};
use crate::target::{ColumnDef, Mismatch, TableDef, TableSpec};

/// A float's integers are exact up to 2^24 and 2^53.
const FLOAT_INTEGER: (i128, i128) = (-(1 << 24), 1 << 24);
const DOUBLE_INTEGER: (i128, i128) = (-(1 << 53), 1 << 53);

/// Every column of the model that the table does not have or cannot hold, and every other one that an INSERT would have to
/// name.
pub(super) fn check(spec: &TableSpec, def: &TableDef) -> Vec<Mismatch> {
    let fields = spec.schema.fields();
    let written = fields.iter().filter_map(|field| {
        let column = def.columns.iter().find(|column| same_name(&column.name, field.name()));
        let Some(column) = column else {
            return Some(Mismatch::missing(field.name(), types::value_type(field, false).ok()));
        };
        Some(Mismatch::unfit(field.name(), misfit(field, column)?))
    });
    let left_out = def.columns.iter().filter(|column| {
        !column.optional && !fields.iter().any(|field| same_name(&column.name, field.name()))
    });
    written.chain(left_out.map(|column| Mismatch::left_out(&column.name))).collect()
}

fn misfit(field: &Field, column: &ColumnDef) -> Option<String> {
    if column.generated {
        return Some("the server computes this column, so it cannot be written".to_owned());
    }
    let sql = SqlType::parse(&column.sql_type);
    let because = match field.data_type() {
        DataType::Boolean => boolean(&sql),
        data_type if data_type.is_integer() => integer(data_type, &sql),
        DataType::Float32 => float(&sql, &["FLOAT", "DOUBLE", "REAL"]),
        DataType::Float64 => float(&sql, &["DOUBLE", "REAL"]),
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            decimal(*precision, *scale, &sql)
        }
        DataType::Utf8 => text(field, column, &sql),
        DataType::Binary => binary(field, &sql),
        DataType::Date32 => one_of(&sql, &["DATE", "DATETIME", "TIMESTAMP"]),
        DataType::Timestamp(..) => {
            one_of(&sql, &["DATETIME", "TIMESTAMP"]).or_else(|| fraction(field, &sql))
        }
        DataType::Time64(_) => one_of(&sql, &["TIME"]).or_else(|| fraction(field, &sql)),
        _ => Some(String::new()),
    }?;
    let given = match SqlType::declared(field) {
        Some(_) => field.metadata().get(transforms::types::SQL_TYPE).cloned().unwrap_or_default(),
        None => sql_type(field.data_type()),
    };
    let because = if because.is_empty() { because } else { format!(": {because}") };
    Some(format!("the model gives {given}, the table has {}{because}", column.sql_type))
}

fn one_of(sql: &SqlType, names: &[&str]) -> Option<String> {
    (!names.contains(&sql.name.as_str())).then(String::new)
}

fn boolean(sql: &SqlType) -> Option<String> {
    (sql.integer_range().is_none() && sql.name != "BIT").then(String::new)
}

fn integer(data_type: &DataType, sql: &SqlType) -> Option<String> {
    let needed = types::integer_range(data_type)?;
    let held = match sql.name.as_str() {
        "FLOAT" if sql.arguments.len() < 2 => Some(FLOAT_INTEGER),
        "DOUBLE" | "REAL" if sql.arguments.len() < 2 => Some(DOUBLE_INTEGER),
        _ => sql.integer_range(),
    };
    let digits = sql.decimal_digits().map(|(whole, _)| {
        let least = needed.0.max(needed.1).to_string().len();
        usize::try_from(whole).is_ok_and(|whole| whole >= least) && (!sql.unsigned || needed.0 >= 0)
    });
    let fits = held.is_some_and(|range| types::within(needed, range)) || digits == Some(true);
    (!fits).then(|| {
        if sql.unsigned && needed.0 < 0 {
            "it has no negative numbers".to_owned()
        } else {
            String::new()
        }
    })
}

fn float(sql: &SqlType, names: &[&str]) -> Option<String> {
    if sql.arguments.len() == 2 {
        return Some("it rounds".to_owned());
    }
    if sql.unsigned {
        return Some("it has no negative numbers".to_owned());
    }
    // FLOAT(25) and above are printed as double.
    one_of(sql, names)
}

fn decimal(precision: u8, scale: i8, sql: &SqlType) -> Option<String> {
    let Some((whole, fraction)) = sql.decimal_digits() else { return Some(String::new()) };
    let needed_whole = i32::from(precision) - i32::from(scale);
    if i64::from(whole) < i64::from(needed_whole) {
        return Some("too few digits before the point".to_owned());
    }
    if i64::from(fraction) < i64::from(scale) {
        return Some("too few digits after the point".to_owned());
    }
    sql.unsigned.then(|| "it has no negative numbers".to_owned())
}

fn text(field: &Field, column: &ColumnDef, sql: &SqlType) -> Option<String> {
    match sql.name.as_str() {
        "JSON" => return None,
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" => {}
        _ => return Some(String::new()),
    }
    if let Some(collation) = column
        .collation
        .as_deref()
        .filter(|name| !name.starts_with("utf8mb4_") && !name.starts_with("uca1400_"))
    {
        return Some(format!(
            "its collation {collation} does not have all characters, utf8mb4 does"
        ));
    }
    shorter(field, sql)
}

fn binary(field: &Field, sql: &SqlType) -> Option<String> {
    one_of(sql, &["BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB"])
        .or_else(|| shorter(field, sql))
}

/// A length that nobody declared is allowed: strict mode refuses the row that is too long.
fn shorter(field: &Field, sql: &SqlType) -> Option<String> {
    let declared = SqlType::declared(field)?.length()?;
    let held = sql.length()?;
    (held < declared).then(|| "it is shorter".to_owned())
}

/// MySQL rounds seconds without a word.
fn fraction(field: &Field, sql: &SqlType) -> Option<String> {
    let needed =
        SqlType::declared(field).and_then(|sql| sql.declared_fraction()).unwrap_or(FRACTION_MAX);
    let held = sql.argument().unwrap_or(0);
    (held < needed)
        .then(|| format!("it rounds to {held} digits of a second, the values have {needed}"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use datafusion::arrow::datatypes::{Schema, TimeUnit};
    use transforms::types::SQL_TYPE;

    use super::*;

    fn column(sql_type: &str) -> ColumnDef {
        let text = ["char", "text", "enum"].iter().any(|word| sql_type.contains(word));
        ColumnDef {
            name: "c".to_owned(),
            sql_type: sql_type.to_owned(),
            data_type: types::data_type(sql_type),
            nullable: false,
            optional: false,
            generated: false,
            is_set: None,
            collation: text.then(|| "utf8mb4_0900_ai_ci".to_owned()),
        }
    }

    fn mismatches(field: Field, column: ColumnDef) -> Vec<Mismatch> {
        let table = "t".parse().unwrap();
        let schema = Arc::new(Schema::new(vec![field]));
        let spec = TableSpec { table, schema, key: vec![], added: vec![] };
        let table = "t".parse().unwrap();
        check(
            &spec,
            &TableDef { table, columns: vec![column], unique: vec![], swap_obstacle: None },
        )
    }

    fn fits(data_type: DataType, declared: &str, sql_type: &str) -> bool {
        let mut field = Field::new("C", data_type, true);
        if !declared.is_empty() {
            field.set_metadata(HashMap::from([(SQL_TYPE.to_owned(), declared.to_owned())]));
        }
        mismatches(field, column(sql_type)).is_empty()
    }

    #[test]
    fn a_table_that_holds_the_values_is_accepted() {
        let timestamp = DataType::Timestamp(TimeUnit::Microsecond, None);
        for (data_type, declared, sql_type) in [
            (DataType::Boolean, "", "tinyint(1)"),
            (DataType::Boolean, "", "bit(1)"),
            (DataType::Int32, "", "int"),
            (DataType::Int32, "", "bigint"),
            (DataType::Int32, "", "double"),
            (DataType::Int16, "", "float"),
            (DataType::Int32, "", "decimal(10,0)"),
            (DataType::UInt64, "", "bigint unsigned"),
            (DataType::UInt32, "", "bigint"),
            (DataType::UInt8, "", "decimal(5,2) unsigned"),
            (DataType::Float32, "", "double"),
            (DataType::Float64, "", "double"),
            (DataType::Decimal128(10, 2), "", "decimal(12,4)"),
            (DataType::Utf8, "", "varchar(5)"),
            (DataType::Utf8, "VARCHAR(20)", "varchar(20)"),
            (DataType::Utf8, "VARCHAR(20)", "longtext"),
            (DataType::Utf8, "", "enum('a','b')"),
            (DataType::Utf8, "", "json"),
            (DataType::Binary, "", "binary(16)"),
            (DataType::Binary, "VARBINARY(16)", "blob"),
            (DataType::Date32, "", "datetime"),
            (timestamp.clone(), "", "timestamp(6)"),
            (timestamp.clone(), "DATETIME(3)", "datetime(3)"),
            (timestamp, "TIMESTAMP(0)", "datetime"),
            (DataType::Time64(TimeUnit::Microsecond), "", "time(6)"),
        ] {
            assert!(
                fits(data_type.clone(), declared, sql_type),
                "{data_type} {declared} into {sql_type}"
            );
        }
    }

    #[test]
    fn a_table_that_would_change_the_values_is_refused() {
        let timestamp = DataType::Timestamp(TimeUnit::Microsecond, None);
        for (data_type, declared, sql_type) in [
            (DataType::Boolean, "", "varchar(5)"),
            (DataType::Int64, "", "int"),
            (DataType::Int32, "", "int unsigned"),
            (DataType::Int64, "", "double"),
            (DataType::Int32, "", "decimal(10,2)"),
            (DataType::Int8, "", "decimal(5,2) unsigned"),
            (DataType::UInt64, "", "bigint"),
            (DataType::Int32, "", "varchar(20)"),
            (DataType::Float32, "", "int"),
            (DataType::Float64, "", "float"),
            (DataType::Float64, "", "double(10,2)"),
            (DataType::Float64, "", "decimal(30,10)"),
            (DataType::Decimal128(10, 2), "", "decimal(10,3)"),
            (DataType::Decimal128(10, 2), "", "decimal(12,1)"),
            (DataType::Decimal128(10, 2), "", "double"),
            (DataType::Utf8, "VARCHAR(20)", "varchar(19)"),
            (DataType::Utf8, "", "int"),
            (DataType::Utf8, "", "datetime"),
            (DataType::Utf8, "", "blob"),
            (DataType::Utf8, "", "set('a','b')"),
            (DataType::Binary, "", "text"),
            (DataType::Binary, "BINARY(16)", "binary(8)"),
            (timestamp.clone(), "", "date"),
            (timestamp.clone(), "", "time(6)"),
            (timestamp.clone(), "", "datetime(3)"),
            (timestamp, "DATETIME(3)", "datetime"),
            (DataType::Time64(TimeUnit::Microsecond), "", "time"),
            (DataType::Date32, "", "time"),
        ] {
            assert!(
                !fits(data_type.clone(), declared, sql_type),
                "{data_type} {declared} into {sql_type}"
            );
        }
    }

    #[test]
    fn a_reason_names_both_sides() {
        let field = Field::new("c", DataType::Utf8, true)
            .with_metadata(HashMap::from([(SQL_TYPE.to_owned(), "VARCHAR(20)".to_owned())]));
        let found = mismatches(field, column("varchar(5)"));
        assert_eq!(
            found[0].reason,
            "the model gives VARCHAR(20), the table has varchar(5): it is shorter"
        );
    }

    #[test]
    fn a_collation_without_all_characters_is_refused() {
        let latin =
            ColumnDef { collation: Some("latin1_swedish_ci".to_owned()), ..column("varchar(9)") };
        let found = mismatches(Field::new("c", DataType::Utf8, true), latin);
        assert!(found[0].reason.contains("latin1_swedish_ci"));
    }

    #[test]
    fn columns_that_are_missing_generated_or_wanted_are_told() {
        let other = Field::new("other", DataType::Int64, true);
        let found = mismatches(other.clone(), column("bigint"));
        assert_eq!(found.iter().map(|m| m.column.as_str()).collect::<Vec<_>>(), ["other", "c"]);
        assert_eq!(mismatches(other, ColumnDef { optional: true, ..column("bigint") }).len(), 1);
        let computed = ColumnDef { generated: true, ..column("bigint") };
        assert_eq!(mismatches(Field::new("c", DataType::Int64, true), computed).len(), 1);
    }
}
