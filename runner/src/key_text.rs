//! A key as a person writes it.

use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::scalar::ScalarValue;
use transforms::dms::csv::{ColumnSpec, value_of};
use transforms::functions::type_name;
use transforms::sql::nearest;
use transforms::types::declared_type;

use crate::error::{Error, Result};

/// The key of a table: how to read its columns, and what people call their types.
#[derive(Debug)]
pub(crate) struct Key {
    /// What messages call the table: source `orders`.
    pub(crate) of: String,
    /// Its columns.
    pub(crate) columns: Vec<KeyColumn>,
    /// The names of the table's other columns.
    pub(crate) others: Vec<String>,
}

/// What stands for NULL, and for the text of these letters.
const NULL: &str = "NULL";
const NULL_TEXT: &str = "'NULL'";

/// A column of a key.
#[derive(Debug)]
pub(crate) struct KeyColumn {
    /// How its values are read.
    pub(crate) spec: ColumnSpec,
    /// Its type for people.
    pub(crate) sql_type: String,
    /// Whether a row's key may have NULL in it.
    may_be_null: bool,
}

impl KeyColumn {
    /// A column whose values are read as those of `field` are, or as `spec` says.
    pub(crate) fn of(field: &Field, spec: Option<ColumnSpec>) -> Self {
        let spec = spec.unwrap_or_else(|| ColumnSpec {
            name: field.name().clone(),
            data_type: field.data_type().clone(),
            nullable: false,
            trim_blanks: false,
            fraction_digits: 6,
        });
        let declared = declared_type(field).map(str::to_owned);
        let sql_type = declared.unwrap_or_else(|| type_name(field.data_type()));
        Self { spec, sql_type, may_be_null: field.is_nullable() }
    }
}

/// The names of columns that are not among those of a key.
pub(crate) fn names_but(schema: &Schema, key: &[usize]) -> Vec<String> {
    let fields = schema.fields().iter().enumerate();
    fields.filter(|(at, _)| !key.contains(at)).map(|(_, field)| field.name().clone()).collect()
}

impl Key {
    /// The values of what was given, in the order of the columns: the value itself where the key is one column, else
    /// `NAME=VALUE`, several in one text with commas between them or in a text each. `NULL` is NULL, `'NULL'` the text.
    ///
    /// # Errors
    /// Kind `Usage`: what is no column of the key, is missing, twice, NULL where that cannot be, or no value of the column's type.
    /// Values are not repeated.
    pub(crate) fn read(&self, given: &[String]) -> Result<Vec<ScalarValue>> {
        let mut texts: Vec<Option<String>> = vec![None; self.columns.len()];
        for given in given {
            for (place, text) in self.parts(given)? {
                let Some(slot) = texts.get_mut(place) else { continue };
                if slot.replace(text).is_some() {
                    let name = self.name(place);
                    return Err(self.wrong(format!("`{name}` is given twice")));
                }
            }
        }
        let read = self.columns.iter().zip(texts).map(|(column, text)| {
            let name = &column.spec.name;
            let text = text.ok_or_else(|| self.wrong(format!("`{name}` is missing")))?;
            if text == NULL {
                return self.null(column);
            }
            let text = if text == NULL_TEXT { NULL } else { text.as_str() };
            let value = value_of(&column.spec, text);
            let value = value.map_err(|fault| {
                let why = fault.why();
                self.wrong(format!(
                    "the value of `{name}` is no {}{why}",
                    column.sql_type.to_uppercase()
                ))
            })?;
            Ok(ScalarValue::try_from_array(&value, 0)?)
        });
        read.collect()
    }

    /// The columns of a text, by their places, with what is given for them.
    fn parts(&self, given: &str) -> Result<Vec<(usize, String)>> {
        let Some((first, rest)) = self.named(given) else {
            if self.columns.len() == 1 && !self.names_another(given) {
                return Ok(vec![(0, given.to_owned())]);
            }
            return Err(self.unnamed(given));
        };
        // A value may hold commas: it ends where the next column begins.
        let mut parts = Vec::new();
        let (mut place, mut rest) = (first, rest);
        loop {
            let commas = rest.match_indices(',').map(|(at, _)| at);
            let next = commas.filter_map(|at| {
                let (value, behind) = rest.split_at_checked(at)?;
                let (next, rest) = self.named(behind.strip_prefix(',')?)?;
                Some((value, next, rest))
            });
            let Some((value, next, behind)) = next.into_iter().next() else {
                parts.push((place, rest.to_owned()));
                return Ok(parts);
            };
            parts.push((place, value.to_owned()));
            (place, rest) = (next, behind);
        }
    }

    /// The column that a text begins with, and what stands behind its `=`.
    fn named<'a>(&self, text: &'a str) -> Option<(usize, &'a str)> {
        let (name, rest) = text.split_once('=')?;
        let is_it = |column: &KeyColumn| column.spec.name.eq_ignore_ascii_case(name.trim());
        Some((self.columns.iter().position(is_it)?, rest))
    }

    fn null(&self, column: &KeyColumn) -> Result<ScalarValue> {
        if column.may_be_null {
            return Ok(ScalarValue::try_from(&column.spec.data_type)?);
        }
        let what = format!("`{}` is never NULL", column.spec.name);
        let error = self.wrong(what);
        Err(match column.spec.data_type.is_string() {
            true => error.hint(format!("write \"{NULL_TEXT}\" for the text of these letters")),
            false => error,
        })
    }

    /// What a text that begins with no column of the key says of another one: the name as the table has it.
    fn other(&self, given: &str) -> Option<&str> {
        let (name, _) = given.split_once('=')?;
        let is_it = |other: &&String| other.eq_ignore_ascii_case(name.trim());
        self.others.iter().find(is_it).map(String::as_str)
    }

    /// Whether a text cannot be the value itself: it names another column, or has a `=` that values of this type never have.
    fn names_another(&self, given: &str) -> bool {
        let is_text = self.columns.iter().any(|column| column.spec.data_type.is_string());
        self.other(given).is_some() || !is_text && given.contains('=')
    }

    fn unnamed(&self, given: &str) -> Error {
        let names = || self.columns.iter().map(|column| column.spec.name.as_str());
        if let Some(other) = self.other(given) {
            return self.wrong(format!("`{other}` is no column of its key"));
        }
        match given.split_once('=').map(|(name, _)| name.trim()) {
            None => self.wrong("its key has several columns".to_owned()),
            Some(name) => match nearest(name, names()) {
                Some(near) => {
                    self.wrong(format!("no such column is in its key, did you mean `{near}`?"))
                }
                None => self.wrong("no such column is in its key".to_owned()),
            },
        }
    }

    fn wrong(&self, what: String) -> Error {
        let columns =
            self.columns.iter().map(|column| format!("{} {}", column.spec.name, column.sql_type));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let example = match self.columns.as_slice() {
            [_] => "VALUE".to_owned(),
            columns => {
                let parts = columns.iter().map(|column| format!("{}=…", column.spec.name));
                parts.collect::<Vec<_>>().join(",")
            }
        };
        Error::usage(format!("--key of {}: {what}", self.of))
            .hint(format!("its key is ({columns}): write --key '{example}'"))
    }

    fn name(&self, place: usize) -> &str {
        self.columns.get(place).map_or("", |column| column.spec.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::DataType;

    use super::*;

    fn key(columns: &[(&str, DataType)]) -> Key {
        let columns = columns.iter().map(|(name, data_type)| {
            KeyColumn::of(&Field::new(*name, data_type.clone(), false), None)
        });
        let others = vec!["song".to_owned()];
        Key { of: "source `t`".to_owned(), columns: columns.collect(), others }
    }

    fn read(key: &Key, given: &[&str]) -> std::result::Result<String, String> {
        let given: Vec<String> = given.iter().map(|text| (*text).to_owned()).collect();
        let values = key
            .read(&given)
            .map_err(|error| format!("{error}; {}", error.next_step().unwrap_or_default()))?;
        Ok(values.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"))
    }

    #[test]
    fn a_key_of_one_column_is_its_value_or_named() {
        let number = key(&[("id", DataType::Int32)]);
        assert_eq!(read(&number, &["3"]).unwrap(), "3");
        assert_eq!(read(&number, &["id=-3"]).unwrap(), "-3");
        let text = key(&[("code", DataType::Utf8)]);
        for (given, value) in [("a,b", "a,b"), ("x=1", "x=1"), ("CODE=x=1", "x=1"), ("", "")] {
            assert_eq!(read(&text, &[given]).unwrap(), value, "{given}");
        }
    }

    #[test]
    fn what_is_no_value_of_the_key_is_told_once() {
        for (data_type, given, told) in [
            (DataType::Int32, "x", "the value of `id` is no INT;"),
            (DataType::Int32, "99999999999", "the value of `id` is no INT: out of range for INT;"),
            (DataType::Date32, "x", "the value of `id` is no DATE: YYYY-MM-DD expected;"),
            (DataType::Date32, "2023-02-30", "the value of `id` is no DATE: there is no such day;"),
        ] {
            let error = read(&key(&[("id", data_type)]), &[given]).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn a_key_of_several_columns_is_named_at_once_or_one_by_one() {
        let both = key(&[("a", DataType::Int32), ("b", DataType::Utf8)]);
        for given in [&["a=1,b=x,y"][..], &["b=x,y,a=1"], &["a=1", "b=x,y"], &["b=x,y", "A=1"]] {
            assert_eq!(read(&both, given).unwrap(), "1|x,y", "{given:?}");
        }
    }

    #[test]
    fn a_key_that_may_be_null_takes_null_and_the_text_of_these_letters() {
        let column = KeyColumn::of(&Field::new("code", DataType::Utf8, true), None);
        let may = Key { of: "model `m`".to_owned(), columns: vec![column], others: Vec::new() };
        assert_eq!(read(&may, &["NULL"]).unwrap(), "NULL");
        assert!(may.read(&["code=NULL".to_owned()]).unwrap()[0].is_null());
        for (given, value) in [("'NULL'", "NULL"), ("null", "null"), ("'x'", "'x'")] {
            let values = may.read(&[given.to_owned()]).unwrap();
            assert_eq!(values, [ScalarValue::Utf8(Some(value.to_owned()))], "{given}");
        }
        let never = key(&[("code", DataType::Utf8)]);
        let error = read(&never, &["NULL"]).unwrap_err();
        assert_eq!(
            error,
            "--key of source `t`: `code` is never NULL; write \"'NULL'\" for the text of these letters"
        );
        let error = read(&key(&[("id", DataType::Int32)]), &["NULL"]).unwrap_err();
        assert!(error.starts_with("--key of source `t`: `id` is never NULL; its key is (id int)"));
    }

    #[test]
    fn a_column_that_is_not_of_the_key_is_told_so() {
        for one in [key(&[("day", DataType::Date32)]), key(&[("code", DataType::Utf8)])] {
            let error = read(&one, &["Song=Umbra"]).unwrap_err();
            assert!(error.starts_with("--key of source `t`: `song` is no column of its key; its"));
        }
        let error = read(&key(&[("day", DataType::Date32)]), &["dy=2026-01-01"]).unwrap_err();
        assert!(error.contains("no such column is in its key, did you mean `day`?"), "{error}");
    }

    #[test]
    fn what_is_wrong_with_a_key_is_told_without_its_value() {
        let both = key(&[("a", DataType::Int32), ("code", DataType::Utf8)]);
        let hint = "; its key is (a int, code string): write --key 'a=…,code=…'";
        for (given, told) in [
            (&["7"][..], "its key has several columns"),
            (&["a=1"], "`code` is missing"),
            (&["a=1,a=2,code=x"], "`a` is given twice"),
            (&["cod=x,a=1"], "no such column is in its key, did you mean `code`?"),
            (&["zzzzz=x"], "no such column is in its key"),
            (&["a=secret,code=x"], "the value of `a` is no INT"),
        ] {
            let error = read(&both, given).unwrap_err();
            assert_eq!(error, format!("--key of source `t`: {told}{hint}"), "{given:?}");
        }
    }
}
