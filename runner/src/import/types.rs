//! The types of Glue and Hive in SQL. Pure.

/// What `decimal` without digits is in Glue (gluetypes: precision 10, scale 2).
const DECIMAL: &str = "DECIMAL(10,2)";

/// A type of Glue or Hive as SQL declares and casts it; `None` for what is no single value.
pub(super) fn sql(glue: &str) -> Option<String> {
    let lower = glue.trim().to_lowercase();
    let (name, arguments) = match lower.split_once('(') {
        Some((name, rest)) => (name.trim(), Some(rest.trim_end_matches(')').trim())),
        None => (lower.as_str(), None),
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let digits: Option<Vec<&str>> = arguments
        .map(|all| all.split(',').map(str::trim).collect::<Vec<_>>())
        .filter(|all| all.iter().all(|part| is_digits(part)));
    let plain = match name {
        "string" | "text" => "STRING",
        "int" | "integer" => "INT",
        "bigint" | "long" => "BIGINT",
        "smallint" | "short" => "SMALLINT",
        "tinyint" | "byte" => "TINYINT",
        "double" => "DOUBLE",
        "float" => "FLOAT",
        "boolean" | "bool" => "BOOLEAN",
        "date" => "DATE",
        "timestamp" => "TIMESTAMP",
        "binary" => "BINARY",
        "decimal" | "bigdecimal" | "numeric" => {
            return Some(match digits.as_deref() {
                Some([precision]) => format!("DECIMAL({precision},0)"),
                Some([precision, scale]) => format!("DECIMAL({precision},{scale})"),
                _ => DECIMAL.to_owned(),
            });
        }
        "varchar" | "char" => {
            return Some(match digits.as_deref() {
                Some([length]) => format!("{}({length})", name.to_uppercase()),
                _ => "STRING".to_owned(),
            });
        }
        _ => return None,
    };
    Some(plain.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_glue_and_hive_are_those_of_sql() {
        for (glue, expected) in [
            ("string", Some("STRING")),
            ("long", Some("BIGINT")),
            ("Int", Some("INT")),
            ("decimal", Some("DECIMAL(10,2)")),
            ("decimal(12, 2)", Some("DECIMAL(12,2)")),
            ("decimal(12)", Some("DECIMAL(12,0)")),
            ("decimal(x); DROP", Some("DECIMAL(10,2)")),
            ("varchar(20)", Some("VARCHAR(20)")),
            ("varchar", Some("STRING")),
            ("struct<a:int>", None),
            ("array", None),
            ("null", None),
        ] {
            assert_eq!(sql(glue).as_deref(), expected, "{glue}");
        }
    }
}
