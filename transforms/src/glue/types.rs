//! Glue's, Hive's and Spark's names of types, and the arrow types they are computed in. The one place that reads them.

use std::sync::Arc;

use datafusion::arrow::datatypes::{
    DECIMAL128_MAX_PRECISION, DataType, Field, FieldRef, Fields, TimeUnit,
};
use serde_json::Value;

/// Types nested deeper are refused, so that no text overflows the stack.
const DEPTH_MAX: usize = 64;

/// A type as a mapping names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeName {
    /// A whole type.
    Type(DataType),
    /// `struct`, `array` or `map` without what it holds: whatever the column holds, if it is one.
    Shape(Shape),
}

/// A nested type whose inside is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `struct`
    Struct,
    /// `array`
    Array,
    /// `map`
    Map,
}

impl Shape {
    /// Whether the type is of this shape.
    #[must_use]
    pub fn holds(self, data_type: &DataType) -> bool {
        match self {
            Self::Struct => matches!(data_type, DataType::Struct(_)),
            Self::Array => matches!(data_type, DataType::List(_)),
            Self::Map => matches!(data_type, DataType::Map(..)),
        }
    }
}

/// Reads a type's name: `int`, `decimal(10,2)`, `array<struct<a:int,b:string>>`. Case makes no difference to the names of types.
///
/// Without arguments `decimal` is `decimal(10,2)`, as the `DecimalType` of `awsglue.gluetypes` is. `varchar(n)` and `char(n)` are
/// read as `string`: Spark does not cut them either.
///
/// # Errors
/// What is wrong, as a lowercase fragment.
pub fn parse_type(text: &str) -> Result<TypeName, String> {
    let mut reader = Reader { text, at: 0 };
    let found = reader.any(0)?;
    match reader.rest().trim() {
        "" => Ok(found),
        _ => Err(format!("`{text}` is not a type: there is more after its end")),
    }
}

/// Reads a schema, as Hive's `struct<…>` or as the text that Spark's `StructType.json()` gives.
///
/// # Errors
/// What is wrong, as a lowercase fragment.
pub fn parse_schema(text: &str) -> Result<DataType, String> {
    if text.trim_start().starts_with('{') {
        let json: Value =
            serde_json::from_str(text).map_err(|_| "the schema is not JSON".to_owned())?;
        return spark_json(&json, 0);
    }
    match parse_type(text)? {
        TypeName::Type(data_type) => Ok(data_type),
        TypeName::Shape(_) => Err(format!("`{text}` does not say what is in it")),
    }
}

/// A list's type as this module and the engine's SQL make it.
pub(super) fn list_of(element: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(element, true)))
}

fn map_of(key: DataType, value: DataType) -> DataType {
    let entries =
        Fields::from(vec![Field::new("key", key, false), Field::new("value", value, true)]);
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entries), false)), false)
}

/// The name that Glue gives to a type, as in the `col_int` of `make_cols`; nested types by their shape only.
#[must_use]
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Null => "null",
        DataType::Boolean => "boolean",
        DataType::Int8 => "byte",
        DataType::Int16 | DataType::UInt8 => "short",
        DataType::Int32 | DataType::UInt16 => "int",
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => "long",
        DataType::Float16 | DataType::Float32 => "float",
        DataType::Float64 => "double",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(..) => "timestamp",
        DataType::Decimal128(..) | DataType::Decimal256(..) => "decimal",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "binary",
        DataType::List(_) | DataType::LargeList(_) => "array",
        DataType::Struct(_) => "struct",
        DataType::Map(..) => "map",
        other => return other.to_string().to_lowercase(),
    }
    .to_owned()
}

/// The types without arguments and insides.
fn plain(name: &str) -> Option<DataType> {
    Some(match name {
        "boolean" | "bool" => DataType::Boolean,
        "byte" | "tinyint" => DataType::Int8,
        "short" | "smallint" => DataType::Int16,
        "int" | "integer" => DataType::Int32,
        "long" | "bigint" => DataType::Int64,
        "float" | "real" => DataType::Float32,
        "double" => DataType::Float64,
        "string" | "varchar" | "char" => DataType::Utf8,
        "binary" => DataType::Binary,
        "date" => DataType::Date32,
        "timestamp" | "timestamp_ntz" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "null" | "void" => DataType::Null,
        "decimal" => DataType::Decimal128(10, 2),
        _ => return None,
    })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn any(&mut self, depth: usize) -> Result<TypeName, String> {
        if depth > DEPTH_MAX {
            return Err(format!("a type is nested more than {DEPTH_MAX} deep"));
        }
        let name = self.word(|c| c.is_alphanumeric() || c == '_').to_lowercase();
        let has_inside = self.rest().trim_start().starts_with('<');
        match (name.as_str(), has_inside) {
            ("array", true) => {
                self.take('<')?;
                let element = self.whole(depth)?;
                self.take('>')?;
                Ok(TypeName::Type(list_of(element)))
            }
            ("map", true) => {
                self.take('<')?;
                let key = self.whole(depth)?;
                self.take(',')?;
                let value = self.whole(depth)?;
                self.take('>')?;
                Ok(TypeName::Type(map_of(key, value)))
            }
            ("struct", true) => self.fields(depth).map(TypeName::Type),
            ("array", false) => Ok(TypeName::Shape(Shape::Array)),
            ("map", false) => Ok(TypeName::Shape(Shape::Map)),
            ("struct", false) => Ok(TypeName::Shape(Shape::Struct)),
            (name, false) => self.scalar(name).map(TypeName::Type),
            (name, true) => Err(format!("`{name}` is not a type that holds others")),
        }
    }

    fn whole(&mut self, depth: usize) -> Result<DataType, String> {
        match self.any(depth + 1)? {
            TypeName::Type(data_type) => Ok(data_type),
            TypeName::Shape(_) => Err(format!("`{}` does not say what is in it", self.text)),
        }
    }

    fn fields(&mut self, depth: usize) -> Result<DataType, String> {
        self.take('<')?;
        let mut fields: Vec<Field> = Vec::new();
        loop {
            let name = self.field_name()?;
            self.take(':')?;
            if fields.iter().any(|field| *field.name() == name) {
                return Err(format!("the field `{name}` is there twice"));
            }
            fields.push(Field::new(name, self.whole(depth)?, true));
            if self.take(',').is_err() {
                break;
            }
        }
        self.take('>')?;
        Ok(DataType::Struct(Fields::from(fields)))
    }

    fn field_name(&mut self) -> Result<String, String> {
        if self.take('`').is_ok() {
            let name = self.word(|c| c != '`').to_owned();
            self.take('`')?;
            return Ok(name);
        }
        match self.word(|c| !matches!(c, ':' | ',' | '<' | '>')).trim() {
            "" => Err(format!("`{}` lacks the name of a field", self.text)),
            name => Ok(name.to_owned()),
        }
    }

    fn scalar(&mut self, name: &str) -> Result<DataType, String> {
        let unknown = || match name {
            "choice" => "`choice` is not a type of a column: say which".to_owned(),
            name => format!("`{name}` is not a type of Glue"),
        };
        if self.take('(').is_err() {
            return plain(name).ok_or_else(unknown);
        }
        let arguments = self.word(|c| c != ')').to_owned();
        self.take(')')?;
        let numbers: Result<Vec<u8>, _> = match name {
            "decimal" => arguments.split(',').map(|n| n.trim().parse::<u8>()).collect(),
            "varchar" | "char" => return Ok(DataType::Utf8),
            _ => return Err(unknown()),
        };
        let (precision, scale) = match numbers.as_deref() {
            Ok([precision]) => (*precision, 0),
            Ok([precision, scale]) => (*precision, *scale),
            _ => (0, 0),
        };
        match i8::try_from(scale) {
            Ok(signed)
                if (1..=DECIMAL128_MAX_PRECISION).contains(&precision) && scale <= precision =>
            {
                Ok(DataType::Decimal128(precision, signed))
            }
            _ => Err(format!("`decimal({arguments})` is not a type")),
        }
    }

    fn word(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let start = rest.len() - rest.trim_start().len();
        let word = &rest[start..];
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        self.at += start + end;
        &word[..end]
    }

    fn take(&mut self, wanted: char) -> Result<(), String> {
        let rest = self.rest();
        let start = rest.len() - rest.trim_start().len();
        if rest[start..].starts_with(wanted) {
            self.at += start + wanted.len_utf8();
            Ok(())
        } else {
            Err(format!("`{}` is not a type: `{wanted}` is missing", self.text))
        }
    }
}

/// Spark's JSON form of a type (`DataType.json()`): a name, or an object whose `type` is `struct`, `array` or `map`.
fn spark_json(json: &Value, depth: usize) -> Result<DataType, String> {
    let wrong = || "the schema is not what `StructType.json()` gives".to_owned();
    if depth > DEPTH_MAX {
        return Err(format!("a type is nested more than {DEPTH_MAX} deep"));
    }
    if let Some(name) = json.as_str() {
        return match parse_type(name)? {
            TypeName::Type(data_type) => Ok(data_type),
            TypeName::Shape(_) => Err(wrong()),
        };
    }
    let inner = |key: &str| json.get(key).ok_or_else(wrong).and_then(|j| spark_json(j, depth + 1));
    match json.get("type").and_then(Value::as_str) {
        Some("struct") => {
            let fields = json.get("fields").and_then(Value::as_array).ok_or_else(wrong)?;
            let fields: Result<Vec<FieldRef>, String> = fields
                .iter()
                .map(|field| {
                    let name = field.get("name").and_then(Value::as_str).ok_or_else(wrong)?;
                    let data_type = field.get("type").ok_or_else(wrong)?;
                    Ok(Arc::new(Field::new(name, spark_json(data_type, depth + 1)?, true)))
                })
                .collect();
            Ok(DataType::Struct(Fields::from(fields?)))
        }
        Some("array") => Ok(list_of(inner("elementType")?)),
        Some("map") => Ok(map_of(inner("keyType")?, inner("valueType")?)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_all;

    fn told(text: &str) -> String {
        match parse_type(text) {
            Ok(TypeName::Type(data_type)) => data_type.to_string(),
            Ok(TypeName::Shape(shape)) => format!("some {shape:?}"),
            Err(message) => message,
        }
    }

    #[test]
    fn names_of_types_are_read_as_glue_hive_and_spark_write_them() {
        let cases = [
            ("boolean", "Boolean"),
            ("tinyint", "Int8"),
            ("SHORT", "Int16"),
            (" integer ", "Int32"),
            ("bigint", "Int64"),
            ("float", "Float32"),
            ("decimal", "Decimal128(10, 2)"),
            ("decimal(20)", "Decimal128(20, 0)"),
            ("decimal( 38 , 38 )", "Decimal128(38, 38)"),
            ("varchar(20)", "Utf8"),
            ("timestamp", "Timestamp(µs)"),
            ("struct", "some Struct"),
            ("array<int>", "List(Int32)"),
            (
                "map<string,array<long>>",
                "Map(\"entries\": non-null Struct(\"key\": non-null Utf8, \"value\": List(Int64)), unsorted)",
            ),
            (
                "struct<a:int,`b.c`: struct<d:date>>",
                "Struct(\"a\": Int32, \"b.c\": Struct(\"d\": Date32))",
            ),
        ];
        assert_all(
            cases.map(|(text, expected)| (text.to_owned(), told(text), expected.to_owned())),
        );
    }

    #[test]
    fn what_is_no_type_is_told() {
        let cases = [
            ("intt", "`intt` is not a type of Glue"),
            ("", "`` is not a type of Glue"),
            ("choice", "`choice` is not a type of a column: say which"),
            ("decimal(39,2)", "`decimal(39,2)` is not a type"),
            ("decimal(2,3)", "`decimal(2,3)` is not a type"),
            ("decimal(300)", "`decimal(300)` is not a type"),
            ("int<a>", "`int` is not a type that holds others"),
            ("array<int", "`array<int` is not a type: `>` is missing"),
            ("array<int>>", "`array<int>>` is not a type: there is more after its end"),
            ("array<struct>", "`array<struct>` does not say what is in it"),
            ("struct<a:int,a:int>", "the field `a` is there twice"),
            ("struct<:int>", "`struct<:int>` lacks the name of a field"),
        ];
        assert_all(
            cases.map(|(text, expected)| (text.to_owned(), told(text), expected.to_owned())),
        );
    }

    #[test]
    fn a_type_that_is_nested_without_end_is_refused() {
        let text = format!("{}int{}", "array<".repeat(10_000), ">".repeat(10_000));
        assert_eq!(told(&text), "a type is nested more than 64 deep");
    }

    #[test]
    fn a_schema_is_the_same_in_hives_and_in_sparks_form() {
        let spark = r#"{"type":"struct","fields":[
            {"name":"id","type":"long","nullable":false,"metadata":{}},
            {"name":"price","type":"decimal(10,2)","nullable":true,"metadata":{}},
            {"name":"tags","type":{"type":"array","elementType":"string","containsNull":true},"nullable":true,"metadata":{}},
            {"name":"m","type":{"type":"map","keyType":"string","valueType":"integer","valueContainsNull":true},"nullable":true,"metadata":{}}]}"#;
        let hive = "struct<id:bigint,price:decimal(10,2),tags:array<string>,m:map<string,int>>";
        assert_eq!(parse_schema(spark), parse_schema(hive));
    }
}
