//! What DMS makes of PostgreSQL's types ("Source data types for PostgreSQL" of the DMS guide). Pure.

use crate::init::database::Staged;

/// DMS keeps as many digits of a number; one with more is staged as text.
const NUMERIC_DIGITS_MAX: u8 = 38;

/// A column's type, domains resolved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type<'a> {
    /// As `format_type` prints it: `character varying(40)`.
    pub(super) printed: &'a str,
    /// `typtype`: `b` base, `e` enum, `c` composite, `r` range, …
    pub(super) class: &'a str,
    /// `typcategory`: `A` for arrays.
    pub(super) category: &'a str,
}

impl Type<'_> {
    /// Whether DMS treats it as a LOB.
    pub(super) fn is_large(self) -> bool {
        let (name, arguments) = split(self.printed);
        self.is_array()
            || self.class == "c"
            || matches!(name.as_str(), "text" | "json" | "jsonb" | "bytea" | "xml" | "hstore")
            || name == "character varying" && arguments.is_empty()
    }

    fn is_array(self) -> bool {
        self.category == "A" || self.printed.ends_with("[]")
    }
}

/// The declared type for a column.
pub(super) fn staged(of: Type<'_>) -> Staged {
    if of.is_array() {
        return Staged::because("TEXT", "an array is staged as text");
    }
    if of.class == "e" {
        return Staged::because("VARCHAR(64)", "labels of an enum");
    }
    if of.class != "b" {
        return Staged::because("TEXT", "staged as text");
    }
    let (name, arguments) = split(of.printed);
    let with_digits = |base: &str| match arguments.as_slice() {
        [digits] => format!("{base}({digits})"),
        _ => base.to_owned(),
    };
    match name.as_str() {
        "smallint" => Staged::plain("SMALLINT"),
        "integer" => Staged::plain("INT"),
        "bigint" | "oid" => Staged::plain("BIGINT"),
        "real" => Staged::plain("FLOAT"),
        "double precision" => Staged::plain("DOUBLE"),
        "boolean" => Staged::plain("BOOLEAN"),
        "date" => Staged::plain("DATE"),
        "uuid" => Staged::plain("UUID"),
        "json" | "jsonb" => Staged::plain("JSON"),
        "bytea" => Staged::plain("BLOB"),
        "money" => Staged::plain("DECIMAL(38,4)"),
        "numeric" => numeric(&arguments),
        "character" => Staged::plain(with_digits("CHAR")),
        "character varying" if arguments.is_empty() => Staged::plain("TEXT"),
        "character varying" => Staged::plain(with_digits("VARCHAR")),
        "timestamp without time zone" => Staged::plain(with_digits("TIMESTAMP")),
        "timestamp with time zone" => {
            Staged::because(with_digits("TIMESTAMP"), "in UTC, the zone is not staged")
        }
        "time without time zone" => Staged::plain(with_digits("TIME")),
        "text" | "name" | "xml" => Staged::plain("TEXT"),
        _ => Staged::because("TEXT", "staged as text"),
    }
}

fn numeric(arguments: &[i32]) -> Staged {
    match arguments {
        [] => Staged::because(
            "DECIMAL(28,6)",
            "numeric without precision: DMS rounds to six digits behind the point",
        ),
        [precision, scale]
            if (1..=i32::from(NUMERIC_DIGITS_MAX)).contains(precision)
                && (0..=*precision).contains(scale) =>
        {
            Staged::plain(format!("DECIMAL({precision},{scale})"))
        }
        _ => Staged::because("TEXT", "more digits than DMS stages as a number"),
    }
}

/// A type's name and its arguments: `timestamp(3) without time zone` is (`timestamp without time zone`, [3]).
fn split(printed: &str) -> (String, Vec<i32>) {
    let Some((before, rest)) = printed.split_once('(') else {
        return (printed.to_owned(), Vec::new());
    };
    let (arguments, behind) = rest.split_once(')').unwrap_or((rest, ""));
    let numbers = arguments.split(',').filter_map(|number| number.trim().parse().ok());
    (format!("{before}{behind}"), numbers.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(printed: &str, class: &str, category: &str) -> String {
        staged(Type { printed, class, category }).sql_type
    }

    #[test]
    fn types_are_what_dms_stages() {
        for (printed, declared) in [
            ("smallint", "SMALLINT"),
            ("integer", "INT"),
            ("bigint", "BIGINT"),
            ("numeric", "DECIMAL(28,6)"),
            ("numeric(12,2)", "DECIMAL(12,2)"),
            ("numeric(38,0)", "DECIMAL(38,0)"),
            ("numeric(39,2)", "TEXT"),
            ("numeric(3,-2)", "TEXT"),
            ("real", "FLOAT"),
            ("double precision", "DOUBLE"),
            ("boolean", "BOOLEAN"),
            ("character(3)", "CHAR(3)"),
            ("character varying(40)", "VARCHAR(40)"),
            ("character varying", "TEXT"),
            ("timestamp(3) without time zone", "TIMESTAMP(3)"),
            ("timestamp with time zone", "TIMESTAMP"),
            ("time(0) without time zone", "TIME(0)"),
            ("time with time zone", "TEXT"),
            ("interval", "TEXT"),
            ("uuid", "UUID"),
            ("jsonb", "JSON"),
            ("bytea", "BLOB"),
            ("money", "DECIMAL(38,4)"),
            ("inet", "TEXT"),
        ] {
            assert_eq!(of(printed, "b", "X"), declared, "{printed}");
        }
        assert_eq!(of("integer[]", "b", "A"), "TEXT");
        assert_eq!(of("mood", "e", "E"), "VARCHAR(64)");
        assert_eq!(of("int4range", "r", "R"), "TEXT");
        assert_eq!(of("address", "c", "C"), "TEXT");
    }

    #[test]
    fn lobs_are_told_from_short_texts() {
        let is_large = |printed: &str| Type { printed, class: "b", category: "S" }.is_large();
        assert!(is_large("text") && is_large("jsonb") && is_large("character varying"));
        assert!(!is_large("character varying(40)") && !is_large("integer") && !is_large("uuid"));
    }
}
