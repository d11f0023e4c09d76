//! The schema of `from_json`: `a INT, b ARRAY<STRING>`, `STRUCT<a: INT>`, `ARRAY<INT>`, `MAP<STRING, INT>`
//! (<https://spark.apache.org/docs/3.5.6/sql-ref-datatypes.html>); and the one that `schema_of_json` finds.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use datafusion::common::plan_datafusion_err;
use datafusion::error::{DataFusionError, Result};

use super::value::Json;

/// The type that a schema's text names.
///
/// # Errors
/// A text that names none, or a type that JSON is not read to.
pub(super) fn parse(text: &str) -> Result<DataType> {
    let mut parser = Parser { rest: text.trim() };
    let first = parser.rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let nested = ["struct", "array", "map"].iter().any(|word| first.eq_ignore_ascii_case(word));
    let found = if nested
        && parser.rest.get(first.len()..).is_some_and(|rest| rest.trim_start().starts_with('<'))
    {
        parser.data_type()?
    } else {
        DataType::Struct(parser.fields(None)?)
    };
    if parser.rest.trim().is_empty() { Ok(found) } else { Err(parser.wrong()) }
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn wrong(&self) -> DataFusionError {
        plan_datafusion_err!("from_json: the schema is wrong at `{}`", self.rest)
    }

    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.trim_start();
        let found = rest.get(..text.len()).is_some_and(|found| found.eq_ignore_ascii_case(text));
        if found {
            self.rest = rest.get(text.len()..).unwrap_or_default();
        }
        found
    }

    fn must(&mut self, text: &str) -> Result<()> {
        if self.take(text) { Ok(()) } else { Err(self.wrong()) }
    }

    fn word(&mut self) -> Result<&'a str> {
        let rest = self.rest.trim_start();
        if let Some(quoted) = rest.strip_prefix('`')
            && let Some((word, rest)) = quoted.split_once('`')
        {
            self.rest = rest;
            return Ok(word);
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        if word.is_empty() {
            return Err(self.wrong());
        }
        self.rest = rest;
        Ok(word)
    }

    /// Fields up to a closing bracket, or to the end.
    fn fields(&mut self, close: Option<&str>) -> Result<Fields> {
        let mut fields = Vec::new();
        if close.is_some_and(|close| self.take(close)) {
            return Ok(fields.into());
        }
        loop {
            let name = self.word()?;
            let _colon = self.take(":");
            let data_type = self.data_type()?;
            // What is read may lack any field, so none is NOT NULL.
            if self.take("not") {
                self.must("null")?;
            }
            if self.take("comment") {
                self.comment()?;
            }
            fields.push(Field::new(name, data_type, true));
            if self.take(",") {
                continue;
            }
            if close.is_some_and(|close| self.take(close))
                || (close.is_none() && self.rest.trim().is_empty())
            {
                return Ok(fields.into());
            }
            return Err(self.wrong());
        }
    }

    fn comment(&mut self) -> Result<()> {
        let rest = self.rest.trim_start();
        let end = rest.strip_prefix('\'').and_then(|text| text.split_once('\''));
        let Some((_, rest)) = end else { return Err(self.wrong()) };
        self.rest = rest;
        Ok(())
    }

    fn numbers(&mut self) -> Result<Vec<u8>> {
        let mut numbers = Vec::new();
        if self.take("(") {
            loop {
                let number = self.word()?.parse().map_err(|_| self.wrong())?;
                numbers.push(number);
                if self.take(")") {
                    break;
                }
                self.must(",")?;
            }
        }
        Ok(numbers)
    }

    fn data_type(&mut self) -> Result<DataType> {
        let word = self.word()?;
        Ok(match word.to_lowercase().as_str() {
            "struct" => {
                self.must("<")?;
                DataType::Struct(self.fields(Some(">"))?)
            }
            "array" => {
                self.must("<")?;
                let item = self.data_type()?;
                self.must(">")?;
                DataType::List(Arc::new(Field::new_list_field(item, true)))
            }
            "map" => {
                self.must("<")?;
                let key = self.data_type()?;
                self.must(",")?;
                let value = self.data_type()?;
                self.must(">")?;
                if key != DataType::Utf8 {
                    return Err(plan_datafusion_err!(
                        "from_json: the keys of a MAP must be STRING"
                    ));
                }
                map_type(value)
            }
            "boolean" => DataType::Boolean,
            "tinyint" | "byte" => DataType::Int8,
            "smallint" | "short" => DataType::Int16,
            "int" | "integer" => DataType::Int32,
            "bigint" | "long" => DataType::Int64,
            "float" | "real" => DataType::Float32,
            "double" => DataType::Float64,
            "string" => DataType::Utf8,
            "binary" => DataType::Binary,
            "date" => DataType::Date32,
            "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, None),
            "decimal" | "dec" | "numeric" => match *self.numbers()?.as_slice() {
                [] => DataType::Decimal128(10, 0),
                [precision @ 1..=38] => DataType::Decimal128(precision, 0),
                [precision @ 1..=38, scale] if scale <= precision => {
                    DataType::Decimal128(precision, i8::try_from(scale).unwrap_or(0))
                }
                _ => return Err(plan_datafusion_err!("from_json: no such DECIMAL")),
            },
            other => {
                return Err(plan_datafusion_err!(
                    "from_json: the schema names `{other}`, which JSON is not read to"
                ));
            }
        })
    }
}

/// The type `MAP<STRING, value>`.
fn map_type(value: DataType) -> DataType {
    let entries = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", value, true),
    ]);
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entries), false)), false)
}

/// What is known of a value's type.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    Nothing,
    Bool,
    Long,
    Decimal(usize),
    Double,
    Text,
    Array(Box<Found>),
    Struct(Vec<(String, Found)>),
}

impl Found {
    fn of(value: &Json) -> Self {
        match value {
            Json::Null => Self::Nothing,
            Json::Bool(_) => Self::Bool,
            Json::Whole(number) if number.parse::<i64>().is_ok() => Self::Long,
            Json::Whole(number) => match number.trim_start_matches('-').len() {
                digits if digits <= 38 => Self::Decimal(digits),
                _ => Self::Double,
            },
            Json::Fraction(..) => Self::Double,
            Json::Text(_) => Self::Text,
            Json::Array(items) => {
                let item = items.iter().map(Self::of).reduce(Self::and);
                Self::Array(Box::new(item.unwrap_or(Self::Nothing)))
            }
            Json::Object(members) => {
                let mut fields: Vec<(String, Self)> =
                    members.iter().map(|(name, value)| (name.clone(), Self::of(value))).collect();
                fields.sort_by(|one, other| one.0.cmp(&other.0));
                Self::Struct(fields)
            }
        }
    }

    /// The type of both.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Nothing, other) | (other, Self::Nothing) => other,
            (Self::Long, Self::Double) | (Self::Double, Self::Long) => Self::Double,
            (Self::Decimal(_), Self::Double) | (Self::Double, Self::Decimal(_)) => Self::Double,
            (Self::Decimal(one), Self::Decimal(other)) => Self::Decimal(one.max(other)),
            (Self::Long, Self::Decimal(digits)) | (Self::Decimal(digits), Self::Long) => {
                Self::Decimal(digits.max(20))
            }
            (Self::Array(one), Self::Array(other)) => Self::Array(Box::new(one.and(*other))),
            (Self::Struct(mut fields), Self::Struct(others)) => {
                for (name, found) in others {
                    match fields.iter_mut().find(|(known, _)| *known == name) {
                        Some((_, known)) => *known = known.clone().and(found),
                        None => fields.push((name, found)),
                    }
                }
                fields.sort_by(|one, other| one.0.cmp(&other.0));
                Self::Struct(fields)
            }
            _ => Self::Text,
        }
    }

    /// Objects without members are left out; nothing is text.
    fn write(&self) -> Option<String> {
        Some(match self {
            Self::Nothing | Self::Text => "STRING".to_owned(),
            Self::Bool => "BOOLEAN".to_owned(),
            Self::Long => "BIGINT".to_owned(),
            Self::Decimal(digits) => format!("DECIMAL({digits},0)"),
            Self::Double => "DOUBLE".to_owned(),
            Self::Array(item) => format!("ARRAY<{}>", item.write()?),
            Self::Struct(fields) if fields.is_empty() => return None,
            Self::Struct(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .filter_map(|(name, found)| {
                        Some(format!("{}: {}", name_of(name), found.write()?))
                    })
                    .collect();
                format!("STRUCT<{}>", fields.join(", "))
            }
        })
    }
}

fn name_of(name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

/// The schema of a value, `STRUCT<a: BIGINT>`.
pub(super) fn of(value: &Json) -> String {
    Found::of(value).write().unwrap_or_else(|| "STRUCT<>".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::value::{Reads, parse as json};
    use super::*;

    #[test]
    fn schemas_are_found() {
        for (text, expected) in [
            (r#"[{"col":0}]"#, "ARRAY<STRUCT<col: BIGINT>>"),
            (r#"{"a":[1,2.5]}"#, "STRUCT<a: ARRAY<DOUBLE>>"),
            (r#"{"a":[1,"x"]}"#, "STRUCT<a: ARRAY<STRING>>"),
            (r#"{"b":1,"a":2}"#, "STRUCT<a: BIGINT, b: BIGINT>"),
            (r#"[{"a":1},{"b":"x"}]"#, "ARRAY<STRUCT<a: BIGINT, b: STRING>>"),
            (r#"{"a":12345678901234567890123}"#, "STRUCT<a: DECIMAL(23,0)>"),
            (r#"{"a b":null}"#, "STRUCT<`a b`: STRING>"),
            (r#"{"a":{}}"#, "STRUCT<>"),
            ("[]", "ARRAY<STRING>"),
        ] {
            assert_eq!(of(&json(text, Reads::Specials).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn schemas_are_read() {
        for (text, expected) in [
            ("a INT, b STRING", true),
            ("struct<a:int>", true),
            ("STRUCT<a: ARRAY<STRUCT<b: DECIMAL(10,2)>>, m: MAP<STRING, INT>>", true),
            ("a INT NOT NULL COMMENT 'x', `b c` DATE", true),
            ("array BIGINT", true),
            ("nonsense type", false),
            ("a INT,", false),
            ("a INT b INT", false),
            ("ARRAY<INT", false),
            ("MAP<INT, INT>", false),
        ] {
            assert_eq!(parse(text).is_ok(), expected, "{text}");
        }
    }
}
