//! A key as a person writes it.

use datafusion::arrow::datatypes::Field;
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
}

/// A column of a key.
#[derive(Debug)]
pub(crate) struct KeyColumn {
    /// How its values are read.
    pub(crate) spec: ColumnSpec,
    /// Its type for people.
    pub(crate) sql_type: String,
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
        Self { spec, sql_type: declared.unwrap_or_else(|| type_name(field.data_type())) }
    }
}

impl Key {
    /// The values of what was given, in the order of the columns: the value itself where the key is one column, else
    /// `NAME=VALUE`, several in one text with commas between them or in a text each.
    ///
    /// # Errors
    /// Kind `Usage`: what is no column of the key, is missing, twice, or no value of the column's type. Values are not repeated.
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
            let value = value_of(&column.spec, &text);
            let value = value.map_err(|fault| {
                self.wrong(format!("the value of `{name}` is no {}: {fault}", column.sql_type))
            })?;
            Ok(ScalarValue::try_from_array(&value, 0)?)
        });
        read.collect()
    }

    /// The columns of a text, by their places, with what is given for them.
    fn parts(&self, given: &str) -> Result<Vec<(usize, String)>> {
        let Some((first, rest)) = self.named(given) else {
            if self.columns.len() == 1 {
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

    fn unnamed(&self, given: &str) -> Error {
        let names = || self.columns.iter().map(|column| column.spec.name.as_str());
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
        Key { of: "source `t`".to_owned(), columns: columns.collect() }
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
    fn a_key_of_several_columns_is_named_at_once_or_one_by_one() {
        let both = key(&[("a", DataType::Int32), ("b", DataType::Utf8)]);
        for given in [&["a=1,b=x,y"][..], &["b=x,y,a=1"], &["a=1", "b=x,y"], &["b=x,y", "A=1"]] {
            assert_eq!(read(&both, given).unwrap(), "1|x,y", "{given:?}");
        }
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
            (&["a=secret,code=x"], "the value of `a` is no int: not an INT"),
        ] {
            let error = read(&both, given).unwrap_err();
            assert_eq!(error, format!("--key of source `t`: {told}{hint}"), "{given:?}");
        }
    }
}
