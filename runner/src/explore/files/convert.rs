//! The texts of a file, as values of its columns' types.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Scalar, StringArray};
use datafusion::arrow::compute::kernels::cmp::eq;
use datafusion::arrow::compute::{CastOptions, cast_with_options, nullif};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::error::ArrowError;
use transforms::dms::csv::{Fault, Values};

use super::judge::fits;

/// How texts become values.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    /// What stands for NULL besides nothing.
    pub(super) null: Option<String>,
    /// Whether types were found from some of the values, so that one which would be changed does not fit.
    pub(super) are_found: bool,
}

/// Why a column cannot be made.
#[derive(Debug)]
pub(super) enum Unfit {
    /// The value of a row, counted from 0, and what is wrong with it, if that is known.
    Row(usize, Option<Fault>),
    /// Something else.
    Engine(ArrowError),
}

impl From<ArrowError> for Unfit {
    fn from(error: ArrowError) -> Self {
        Self::Engine(error)
    }
}

/// Values of one type, of which none is cut or rounded: those that rows of DMS have.
#[derive(Debug)]
pub(super) struct Exact(Values);

impl Exact {
    /// `None` if no rows of DMS have such a type.
    pub(super) fn new(data_type: &DataType) -> Option<Self> {
        Values::new(data_type.clone()).map(Self)
    }

    /// With the value that a text stands for.
    ///
    /// # Errors
    /// Why it stands for none.
    pub(super) fn append(&mut self, text: &str) -> Result<(), Fault> {
        self.0.append(text)
    }

    /// With NULL.
    pub(super) fn append_null(&mut self) {
        self.0.append_null();
    }

    /// The values since the last call.
    pub(super) fn finish(&mut self) -> ArrayRef {
        self.0.finish()
    }
}

impl Texts {
    /// The values of texts in a type.
    ///
    /// # Errors
    /// The first text that is no value of the type.
    pub(super) fn values(&self, texts: &ArrayRef, to: &DataType) -> Result<ArrayRef, Unfit> {
        let known = match &self.null {
            Some(word) => {
                nullif(texts, &eq(texts, &Scalar::new(StringArray::from(vec![word.as_str()])))?)?
            }
            None => ArrayRef::clone(texts),
        };
        if *to == DataType::Utf8 {
            return Ok(known);
        }
        if self.are_found {
            let mut texts = known.as_string::<i32>().iter();
            let unfit = texts.position(|text| text.is_some_and(|text| !fits(text, to)));
            unfit.map_or(Ok(()), |row| Err(Unfit::Row(row, None)))?;
        }
        if !self.are_found
            && *to != DataType::Binary
            && let Some(mut exact) = Exact::new(to)
        {
            for (row, text) in known.as_string::<i32>().iter().enumerate() {
                match text {
                    None => exact.append_null(),
                    Some(text) => {
                        exact.append(text).map_err(|fault| Unfit::Row(row, Some(fault)))?;
                    }
                }
            }
            return Ok(exact.finish());
        }
        let options = CastOptions { safe: true, ..CastOptions::default() };
        let values = cast_with_options(&known, to, &options)?;
        // Where a text is none, there is NULL now.
        let unfit = (values.null_count() > known.null_count())
            .then(|| (0..known.len()).find(|row| known.is_valid(*row) && values.is_null(*row)));
        unfit.flatten().map_or(Ok(values), |row| Err(Unfit::Row(row, None)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn values(how: &Texts, texts: &[&str], to: &DataType) -> Result<ArrayRef, usize> {
        let texts: ArrayRef = Arc::new(StringArray::from_iter(
            texts.iter().map(|text| (!text.is_empty()).then_some(*text)),
        ));
        how.values(&texts, to).map_err(|unfit| match unfit {
            Unfit::Row(row, _) => row,
            Unfit::Engine(error) => panic!("{error}"),
        })
    }

    #[test]
    fn a_word_for_null_is_null_in_a_column_of_any_type() {
        let how = Texts { null: Some("\\N".to_owned()), are_found: true };
        for to in [DataType::Int64, DataType::Utf8] {
            let values = values(&how, &["1", "\\N", ""], &to).unwrap();
            assert_eq!((values.null_count(), values.is_valid(0)), (2, true));
        }
    }

    #[test]
    fn a_type_that_was_found_takes_no_value_that_it_would_change() {
        let found = Texts { are_found: true, ..Texts::default() };
        assert_eq!(values(&found, &["1", "", "007"], &DataType::Int64).unwrap_err(), 2);
        // Whoever declares a number wants one.
        assert!(values(&Texts::default(), &["1", "", "007"], &DataType::Int64).is_ok());
    }

    #[test]
    fn the_first_row_that_does_not_fit_a_declared_type_is_told() {
        let declared = Texts::default();
        let days = ["2023-02-28", "", "2023-02-30", "x"];
        assert_eq!(values(&declared, &days, &DataType::Date32).unwrap_err(), 2);
        assert_eq!(values(&declared, &["1.5", "a"], &DataType::Decimal128(5, 1)).unwrap_err(), 1);
    }
}
