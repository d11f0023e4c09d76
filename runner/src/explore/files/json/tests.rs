//! No value is read other than as it is written.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema, TimeUnit};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use super::build::Named;
use super::rows::Rows;
use super::scan::Scanner;
use super::*;

/// Rows of a file, read as these columns.
fn read(
    text: &str,
    columns: &[(String, Kind)],
    are_found: bool,
) -> Result<RecordBatch, (At, Fault)> {
    let mut rows = Rows::new(None);
    let mut named = Named::new(columns, !are_found).unwrap();
    rows.push(text.as_bytes());
    while let Some((at, row)) = rows.next()? {
        let read = Scanner::new(row).and_then(|mut scanner| {
            named.object(&mut scanner, |_| Ok(()))?;
            scanner.end()
        });
        read.map_err(|fault| (at, fault))?;
    }
    rows.end()?;
    let field = |(name, kind): &(String, Kind)| Field::new(name, kind.data_type(), true);
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    Ok(RecordBatch::try_new(schema.into(), named.finish().unwrap()).unwrap())
}

fn found(text: &str) -> Vec<(String, Kind)> {
    look(text.as_bytes(), true, None, 10_000).unwrap().columns()
}

/// The rows of a batch as a person sees them.
fn shown(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::default().with_null("NULL");
    let columns: Vec<_> = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
        .collect();
    let row = |row: usize| {
        columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(" | ")
    };
    (0..batch.num_rows()).map(row).collect()
}

/// What is wrong with a file that is read as these columns.
fn told(text: &str, columns: &[(String, Kind)], are_found: bool) -> String {
    let (at, fault) = read(text, columns, are_found).unwrap_err();
    match fault {
        Fault::Unfit { path, is, wanted } => {
            let is = match is {
                Is::Kind(kind) => format!(", but {kind}"),
                Is::Value(fault) => fault.map(|fault| fault.why()).unwrap_or_default(),
            };
            format!("{at}: {path} is no {}{is}", transforms::functions::type_name(&wanted))
        }
        Fault::Unknown(path) => format!("{at}: {path} is unknown"),
        Fault::Twice(path) => format!("{at}: {path} is there twice"),
        other => format!("{at}: {other:?}"),
    }
}

#[test]
fn a_column_has_a_type_that_holds_all_its_values() {
    for (values, name, expected) in [
        (&["true", "false", "null"][..], "boolean", "true false NULL"),
        (&["9223372036854775807", "-1"], "bigint", "9223372036854775807 -1"),
        (&["1", "2.5", "1e3"], "double", "1.0 2.5 1000.0"),
        // Beyond BIGINT.
        (&["18446744073709551616", "-1"], "decimal(38,0)", "18446744073709551616 -1"),
        (&["1.25", "9007199254740993"], "decimal(38,2)", "1.25 9007199254740993.00"),
        (&["0.1234567890123456789"], "decimal(38,19)", "0.1234567890123456789"),
        // What no type holds.
        (&["1e400", "1"], "string", "1e400 1"),
        (&["-0", "7"], "string", "-0 7"),
        (
            &["123456789012345678901234567890123456789"],
            "string",
            "123456789012345678901234567890123456789",
        ),
        // A text is no number and no date.
        (&["\"7\"", "\"2026-01-01\"", "\"\\u00e4\\n\""], "string", "7 2026-01-01 ä\n"),
        (
            &["7", "\"x\"", "[1, {}]", "{\"a\":null}", "true"],
            "string",
            "7 x [1, {}] {\"a\":null} true",
        ),
        (&["{}"], "string", "{}"),
        (&["[]", "null"], "array<string>", "[] NULL"),
        (&["[1,null]", "[2.5]"], "array<double>", "[1.0, NULL] [2.5]"),
        (&["[12345678901234567890]"], "array<decimal(38,0)>", "[12345678901234567890]"),
        (
            &["{\"a\":[{\"b\":\"7\"}]}", "{}"],
            "struct<a:array<struct<b:string>>>",
            "{a: [{b: 7}]} {a: NULL}",
        ),
    ] {
        let text: String = values.iter().map(|value| format!("{{\"v\":{value}}}\n")).collect();
        let columns = found(&text);
        assert_eq!(transforms::functions::type_name(&columns[0].1.data_type()), name, "{values:?}");
        assert_eq!(shown(&read(&text, &columns, true).unwrap()).join(" "), expected, "{values:?}");
    }
}

#[test]
fn what_does_not_fit_further_on_is_told_with_its_place() {
    for (first, further, expected) in [
        ("{\"v\":1}", "{\"v\":1.5}", "line 1: v is no bigint"),
        ("{\"v\":1}", "\n{\"v\":9223372036854775808}", "line 2: v is no bigint"),
        ("{\"v\":1}", "[{\"v\":1},{\"v\":\"7\"}]", "element 2: v is no bigint, but a text"),
        ("{\"v\":1.5}", "{\"v\":9007199254740993}", "line 1: v is no double"),
        (
            "{\"v\":9223372036854775808}",
            "{\"v\":0.5}",
            "line 1: v is no decimal(38,0): more than 0 digits after the point",
        ),
        ("{\"v\":\"7\"}", "{\"v\":7}", "line 1: v is no string, but a number"),
        ("{\"v\":null}", "{\"v\":{}}", "line 1: v is no string, but an object"),
        ("{\"v\":true}", "{\"v\":0}", "line 1: v is no boolean, but a number"),
        ("{\"v\":[1]}", "{\"v\":[1,null,2.5]}", "line 1: v[2] is no bigint"),
        ("{\"v\":[1]}", "{\"v\":1}", "line 1: v is no array<bigint>, but a number"),
        (
            "{\"v\":{\"a\":[{\"b\":1}]}}",
            "{\"v\":{\"a\":[{},{\"b\":[]}]}}",
            "line 1: v.a[1].b is no bigint, but a list",
        ),
        ("{\"v\":{\"a\":1}}", "{\"v\":{\"b\":1}}", "line 1: v.b is unknown"),
        ("{\"v\":1}", "{\"v\":1,\"w\":0,\"v\":1}", "line 1: v is there twice"),
        ("{\"v\":{\"a\":1}}", "{\"v\":{\"a\":1,\"a\":1}}", "line 1: v.a is there twice"),
        ("{\"v\":1}", "{\"v\":1,}", "line 1: NotJson"),
        ("{\"v\":1}", "{\"v\":01}", "line 1: NotJson"),
    ] {
        assert_eq!(told(further, &found(first), true), expected, "{first} {further}");
    }
}

#[test]
fn a_declared_type_takes_what_it_holds_and_nothing_else() {
    let timestamp = DataType::Timestamp(TimeUnit::Microsecond, None);
    let of = |data_type: &DataType| {
        let schema = Schema::new(vec![Field::new("v", data_type.clone(), true)]);
        vec![("v".to_owned(), declared(&schema).unwrap().remove(0))]
    };
    for (data_type, value, expected) in [
        (DataType::Int32, "7", Some("7")),
        (DataType::Int32, "\"7\"", Some("7")),
        (DataType::Int32, "7.0", None),
        (DataType::Int32, "3000000000", None),
        (DataType::Int32, "true", None),
        (DataType::Decimal128(5, 1), "1e3", Some("1000.0")),
        (DataType::Decimal128(5, 1), "1.25", None),
        (DataType::Decimal128(5, 1), "\"1.50\"", Some("1.5")),
        (DataType::Float64, "0.12345678901234567890", Some("0.12345678901234568")),
        (DataType::Float64, "1e400", None),
        (DataType::Boolean, "true", Some("true")),
        (DataType::Boolean, "1", None),
        (DataType::Date32, "\"2024-02-29\"", Some("2024-02-29")),
        (DataType::Date32, "\"2023-02-29\"", None),
        (DataType::Date32, "\"2024-02-29 10:00:00\"", None),
        (DataType::Date32, "19000", None),
        (
            timestamp.clone(),
            "\"2026-01-01T10:00:00.123456+02:00\"",
            Some("2026-01-01T08:00:00.123456"),
        ),
        (timestamp, "\"2026-01-01 10:00:00.1234567\"", None),
        (DataType::Utf8, "[1.50, \"x\"]", Some("[1.50, \"x\"]")),
        (DataType::Utf8, "\"x\"", Some("x")),
        (DataType::Binary, "\"00ff\"", Some("00ff")),
    ] {
        let read = read(&format!("{{\"V\":{value}}}"), &of(&data_type), false);
        let shown = read.map(|batch| shown(&batch).remove(0)).ok();
        assert_eq!(shown.as_deref(), expected, "{data_type} {value}");
    }
    // In another case it is the same column; twice it is not told which.
    let twice = told("{\"v\":1,\"V\":2}", &of(&DataType::Int32), false);
    assert_eq!(twice, "line 1: v is there twice");
}

#[test]
fn a_declared_structure_takes_what_it_names() {
    let one = DataType::Struct(vec![Field::new("a", DataType::Int64, true)].into());
    let schema = Schema::new(vec![Field::new("s", one, true)]);
    let columns = vec![("s".to_owned(), declared(&schema).unwrap().remove(0))];
    let batch = read("{\"s\":{\"A\":2,\"b\":[]}}{\"s\":null}", &columns, false);
    assert_eq!(shown(&batch.unwrap()), ["{a: 2}", "NULL"]);
    assert_eq!(told("{\"s\":{\"a\":1,\"A\":1}}", &columns, false), "line 1: s.A is there twice");
}

/// Random values, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn number(&mut self) -> String {
        let mut digits = |most: usize| -> String {
            (0..self.below(most))
                .map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap()))
                .collect()
        };
        let (whole, fraction, exponent) = (digits(22), digits(22), digits(4));
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let sign = ["", "-"][self.below(2)];
        let fraction = if fraction.is_empty() || self.below(2) == 0 {
            String::new()
        } else {
            format!(".{fraction}")
        };
        let exponent = if exponent.is_empty() || self.below(4) > 0 {
            String::new()
        } else {
            format!("e-{exponent}")
        };
        format!("{sign}{whole}{fraction}{exponent}")
    }

    /// A value, mostly of one kind.
    fn value(&mut self, kind: usize, depth: usize) -> Value {
        let kind = if self.below(40) == 0 { self.below(6) } else { kind };
        match kind % 6 {
            _ if self.below(8) == 0 => Value::Null,
            0 => Value::Plain(["true", "false"][self.below(2)].to_owned()),
            1 => Value::Plain(self.number()),
            2 => Value::Plain(self.below(100_000).to_string()),
            4 if depth < 3 => {
                Value::List((0..self.below(4)).map(|_| self.value(kind / 6, depth + 1)).collect())
            }
            5 if depth < 3 => {
                let names = ["a", "b", "ä\""].into_iter().enumerate();
                let mut fields = Vec::new();
                for (index, name) in names {
                    if self.below(4) > 0 {
                        fields.push((name.to_owned(), self.value(kind / 6 + index, depth + 1)));
                    }
                }
                Value::Object(fields)
            }
            _ => Value::Text(
                ["", "7", "x\n", "\\\"", "\u{1f600}", "2026-01-01"][self.below(6)].to_owned(),
            ),
        }
    }
}

#[derive(Debug)]
enum Value {
    Null,
    /// A number or a boolean, as it is written.
    Plain(String),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    fn written(&self) -> String {
        let text = |text: &str| serde_json::to_string(text).unwrap();
        match self {
            Self::Null => "null".to_owned(),
            Self::Plain(written) => written.clone(),
            Self::Text(value) => text(value),
            Self::List(items) => {
                format!("[{}]", items.iter().map(Self::written).collect::<Vec<_>>().join(", "))
            }
            Self::Object(fields) => {
                let field =
                    |(name, value): &(String, Self)| format!("{}: {}", text(name), value.written());
                format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(","))
            }
        }
    }

    /// Whether a row of an array is this value.
    fn is(&self, array: &dyn Array, row: usize) -> bool {
        if array.is_null(row) {
            return matches!(self, Self::Null);
        }
        match (array.data_type(), self) {
            (DataType::Utf8, Self::Text(value)) => array.as_string::<i32>().value(row) == value,
            (DataType::Utf8, other) => array.as_string::<i32>().value(row) == other.written(),
            (DataType::Boolean, Self::Plain(written)) => {
                array.as_boolean().value(row).to_string() == *written
            }
            (DataType::Int64, Self::Plain(written)) => {
                array.as_primitive::<Int64Type>().value(row).to_string() == *written
            }
            (DataType::Float64, Self::Plain(written)) => {
                let value = array.as_primitive::<Float64Type>().value(row);
                normal(&format!("{value:e}")) == normal(written)
            }
            (DataType::Decimal128(..), Self::Plain(written)) => {
                let shown = ArrayFormatter::try_new(array, &FormatOptions::default()).unwrap();
                normal(&shown.value(row).to_string()) == normal(written)
            }
            (DataType::List(_), Self::List(items)) => {
                let array = array.as_list::<i32>().value(row);
                array.len() == items.len()
                    && items.iter().enumerate().all(|(index, item)| item.is(&array, index))
            }
            (DataType::Struct(fields), Self::Object(values)) => {
                let array = array.as_struct();
                let is_known = |name: &String| fields.iter().any(|field| field.name() == name);
                values.iter().all(|(name, _)| is_known(name))
                    && fields.iter().zip(array.columns()).all(|(field, column)| {
                        let value = values.iter().find(|(name, _)| name == field.name());
                        value.map_or(column.is_null(row), |(_, value)| value.is(column, row))
                    })
            }
            _ => false,
        }
    }
}

/// A number as its sign, its digits without zeros around them, and the power of ten of the last one.
fn normal(number: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = number.split_once('e').unwrap_or((number, "0"));
    let digits = mantissa.trim_start_matches('-');
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits = format!("{whole}{fraction}");
    let kept = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - kept.len()).unwrap();
    let places = i64::try_from(fraction.len()).unwrap();
    let kept = kept.trim_start_matches('0').to_owned();
    let power = if kept.is_empty() { 0 } else { exponent.parse::<i64>().unwrap() - places + zeros };
    (number.starts_with('-'), kept, power)
}

#[test]
fn whatever_is_read_is_what_is_written_or_an_error() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut read_all, mut refused) = (0, 0);
    for case in 0..3_000 {
        let kind = random.below(1_000);
        let values: Vec<Value> = (0..6).map(|_| random.value(kind, 0)).collect();
        let line = |value: &Value| format!("{{\"v\":{}}}\n", value.written());
        // Of some files only the first rows are looked at.
        let seen = if case % 2 == 0 { 6 } else { 2 };
        let columns = found(&values.iter().take(seen).map(line).collect::<String>());
        match read(&values.iter().map(line).collect::<String>(), &columns, true) {
            Ok(batch) => {
                for (row, value) in values.iter().enumerate() {
                    assert!(value.is(batch.column(0), row), "{value:?} in {:?}", shown(&batch));
                }
                read_all += 1;
            }
            Err((at, fault)) => {
                assert_eq!(seen, 2, "{fault:?} {values:?}");
                assert!(!matches!(at, At::Line(1 | 2)), "{at} {fault:?}");
                refused += 1;
            }
        }
    }
    assert!(read_all > 1_500 && refused > 300, "{read_all} {refused}");
}

#[test]
fn what_is_json_here_is_json_elsewhere() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..5_000 {
        let kind = random.below(1_000);
        let mut text = random.value(kind, 0).written().into_bytes();
        let (at, byte) =
            (random.below(text.len()), b"{}[]\",:\\0e.-+tnu x\x07\xff"[random.below(20)]);
        match random.below(3) {
            0 => text[at] = byte,
            1 => text.insert(at, byte),
            _ => drop(text.remove(at)),
        }
        let ours = Scanner::new(&text).and_then(|mut scanner| {
            let _written = scanner.written()?;
            scanner.end()
        });
        let theirs = serde_json::from_slice::<serde_json::Value>(&text);
        let is_same = match &theirs {
            Ok(_) => ours.is_ok(),
            // A number that 64 bits do not hold is one all the same.
            Err(error) => ours.is_err() || error.to_string().starts_with("number out of range"),
        };
        assert!(is_same, "{} {ours:?} {theirs:?}", String::from_utf8_lossy(&text));
        if ours.is_ok() { good += 1 } else { bad += 1 }
    }
    assert!(good > 500 && bad > 500, "{good} {bad}");
}

#[test]
fn what_is_too_deep_is_refused() {
    let text = "[".repeat(100_000);
    assert_eq!(Scanner::new(text.as_bytes()).unwrap().written(), Err(Fault::TooDeep));
}

#[test]
fn an_object_of_more_than_a_thousand_fields_is_a_text_wherever_they_stand() {
    let object = |count: usize, prefix: &str, value: &str| {
        let fields: Vec<String> =
            (0..count).map(|id| format!("\"{prefix}{id}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    };
    let shape = |values: &[String]| {
        let rows: String = values.iter().map(|value| format!("{{\"V\":{value}}}\n")).collect();
        look(rows.as_bytes(), true, None, 10_000).unwrap()
    };
    let inner = object(40, "i", "1");
    for (values, wide) in [
        (vec![object(1000, "k", "1")], ""),
        (vec![object(1001, "k", "1")], "v"),
        (vec![object(600, "k", "1"), object(600, "l", "1")], "v"),
        (vec![format!("[{}]", object(1001, "k", "1"))], "v[]"),
        // With those within them.
        (vec![object(40, "k", &inner)], "v"),
        // The one within is a text then, and one column.
        (vec![format!("{{\"s\":{},\"t\":1}}", object(1001, "k", "1"))], "v.s"),
        (vec![object(1001, "k", "1"), "7".to_owned()], ""),
    ] {
        let shape = shape(&values);
        assert_eq!(shape.wide().join(" "), wide);
        let columns = shape.columns();
        let text: String = values.iter().map(|value| format!("{{\"V\":{value}}}\n")).collect();
        let batch = read(&text, &columns, true).unwrap();
        let is_text = *batch.column(0).data_type() == DataType::Utf8;
        assert_eq!(is_text, wide == "v" || !shape.mixed().is_empty());
    }
    // Files have many fields together that none has alone.
    let mut both = shape(&[object(600, "k", "1")]);
    both.and(shape(&[object(600, "l", "1")]));
    assert_eq!(both.wide(), ["v"]);
    // Each within another, which is not counted again and again.
    let deep = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
    assert_eq!(shape(&[deep]).wide(), [""; 0]);
}

#[test]
fn rows_of_more_columns_than_a_table_has_are_too_many() {
    let rows =
        |count: usize| -> String { (0..count).map(|id| format!("{{\"k{id}\":1}}\n")).collect() };
    let look = |text: &str| look(text.as_bytes(), true, None, 10_000).unwrap();
    assert!(!look(&rows(4096)).has_too_many_columns());
    assert!(look(&rows(4097)).has_too_many_columns());
    let fields = |of: &str| -> String {
        let fields: Vec<String> = (0..900).map(|id| format!("\"k{id}\":1")).collect();
        format!("{{\"{of}\":{{{}}}}}\n", fields.join(","))
    };
    let texts: String = ["a", "b", "c", "d", "e"].map(fields).concat();
    assert!(look(&texts).has_too_many_columns());
}

#[test]
fn what_a_row_takes_is_counted_with_what_it_lacks() {
    let columns = found("{\"a\":1,\"s\":{\"b\":1,\"c\":[{\"d\":1,\"e\":2}]}}\n");
    let cells = |row: &str| {
        let mut named = Named::new(&columns, false).unwrap();
        let mut scanner = Scanner::new(row.as_bytes()).unwrap();
        named.object(&mut scanner, |_| Ok(())).unwrap();
        scanner.cells()
    };
    assert!(cells("{}") >= 2);
    assert!(cells("{\"s\":{\"c\":[null,null,{},{}]}}") >= cells("{}") + 8);
}

#[test]
fn a_row_of_few_bytes_does_not_make_any_number_of_cells() {
    let fields: Vec<String> = (0..1000).map(|field| format!("\"k{field}\":1")).collect();
    let full = format!("{{\"v\":[{{{}}}]}}\n", fields.join(","));
    let columns = found(&full);
    let of = |objects: usize| {
        let objects = vec!["{}"; objects].join(",");
        read(&format!("{full}{{\"v\":[{objects}]}}\n"), &columns, true)
    };
    assert_eq!(of(100).unwrap().num_rows(), 2);
    assert_eq!(of(20_000).unwrap_err(), (At::Line(2), Fault::TooManyCells));
    // What is written is bounded by the row's bytes.
    let numbers = vec!["1"; CELLS_MAX + 10].join(",");
    let text = format!("{{\"v\":[{numbers}]}}\n");
    let columns = found("{\"v\":[1]}\n");
    assert_eq!(read(&text, &columns, true).unwrap().num_rows(), 1);
}
