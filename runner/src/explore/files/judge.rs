//! What a text of a CSV file can be read as, so that nothing of it is lost.

use chrono::{NaiveDate, Utc};
use datafusion::arrow::compute::kernels::cast_utils::string_to_datetime;
use datafusion::arrow::datatypes::{DataType, TimeUnit};

/// A type that columns can be found to have, and what its values look like.
type Known = (DataType, fn(&str) -> bool);

/// The types, of which the first is taken that all values of a column fit.
const KNOWN: [Known; 5] = [
    (DataType::Boolean, is_boolean),
    (DataType::Int64, is_integer),
    (DataType::Float64, is_number),
    (DataType::Date32, is_date),
    (DataType::Timestamp(TimeUnit::Microsecond, None), is_time),
];

/// The types that all values of a column fit which were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fits {
    types: [bool; KNOWN.len()],
    /// Whether there was a value at all.
    any: bool,
}

impl Fits {
    /// Before any value.
    pub(super) fn new() -> Self {
        Self { types: [true; KNOWN.len()], any: false }
    }

    /// With one more value.
    pub(super) fn look_at(&mut self, text: &str) {
        self.any = true;
        for (fits, (_, is_one)) in self.types.iter_mut().zip(KNOWN) {
            *fits = *fits && is_one(text);
        }
    }

    /// With the values of another file.
    pub(super) fn and(&mut self, other: &Self) {
        self.any |= other.any;
        for (fits, others) in self.types.iter_mut().zip(other.types) {
            *fits &= others;
        }
    }

    /// What the column is read as: a text, if there is nothing else that all its values are.
    pub(super) fn data_type(&self) -> DataType {
        let mut fitting = KNOWN.iter().zip(self.types).filter(|(_, fits)| *fits);
        match fitting.next() {
            Some(((data_type, _), _)) if self.any => data_type.clone(),
            _ => DataType::Utf8,
        }
    }
}

/// Whether a text is a value of a type that was found; of any other type nothing is known.
pub(super) fn fits(text: &str, data_type: &DataType) -> bool {
    let known = KNOWN.iter().find(|(known, _)| known == data_type);
    known.is_none_or(|(_, is_one)| is_one(text))
}

fn is_boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether digits begin with a zero that is not the number: a ZIP code, a number of an article.
fn is_padded(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    are_digits(digits) && !is_padded(digits) && text != "-0" && text.parse::<i64>().is_ok()
}

/// A number that DOUBLE holds with all of its digits, but for zeros at the end.
fn is_number(text: &str) -> bool {
    if matches!(text, "NaN" | "nan" | "inf" | "-inf") {
        return true;
    }
    let number = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let has_digits = whole.len() + fraction.len() > 0 && !exponent.is_empty();
    let all_digits = [whole, fraction, exponent].into_iter().all(are_digits);
    let is_written_as_one = has_digits && all_digits && !is_padded(whole) && text != "-0";
    let Some(held) = text.parse::<f64>().ok().filter(|held| is_written_as_one && held.is_finite())
    else {
        return false;
    };
    // The shortest digits that stand for the number which is held.
    let held = format!("{:e}", held.abs());
    let held = held.split('e').next().unwrap_or_default().replace('.', "");
    let written = format!("{whole}{fraction}");
    let significant = |digits: &str| digits.trim_matches('0').to_owned();
    significant(&held) == significant(&written)
}

/// A day that there is, as `2026-01-31`.
fn is_date(text: &str) -> bool {
    let shape = |(index, byte): (usize, u8)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10
        && text.bytes().enumerate().all(shape)
        && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

/// A day, or a time of it to the second and at most to the microsecond.
fn is_time(text: &str) -> bool {
    let Some((day, rest)) = text.split_at_checked(10) else { return false };
    if !is_date(day) {
        return false;
    }
    let Some(time) = rest.strip_prefix(['T', ' ']) else { return rest.is_empty() };
    let shape = |(index, byte): (usize, u8)| match index {
        2 | 5 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    let Some((seconds, behind)) = time.split_at_checked(8) else { return false };
    let digits = behind.strip_prefix('.').unwrap_or_default();
    let digits = digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    seconds.bytes().enumerate().all(shape)
        // There is no leap second in a TIMESTAMP.
        && !seconds.ends_with("60")
        && digits.bytes().skip(6).all(|digit| digit == b'0')
        && string_to_datetime(&Utc, text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[&str]) -> String {
        let mut fits = Fits::new();
        texts.iter().for_each(|text| fits.look_at(text));
        transforms::functions::type_name(&fits.data_type())
    }

    #[test]
    fn a_column_has_the_type_that_all_its_values_are() {
        for (texts, name) in [
            (&["true", "FALSE"][..], "boolean"),
            (&["0", "-1", "9223372036854775807"], "bigint"),
            (&["1", "2.50", "-.5", "1e3", "NaN", "0.30000000000000004"], "double"),
            (&["2024-02-29", "2023-12-31"], "date"),
            (&["2026-01-01", "2026-01-01 10:00:00.123456"], "timestamp"),
            (&["2026-01-01T10:00:00Z", "2026-01-01T10:00:00.5+02:00"], "timestamp"),
            (&["2026-01-01 10:00:00.123456000"], "timestamp"),
            (&[], "string"),
        ] {
            assert_eq!(found(texts), name, "{texts:?}");
        }
    }

    #[test]
    fn a_value_that_would_be_changed_or_is_none_makes_a_column_of_texts() {
        for texts in [
            &["1", "true"][..],
            &["007", "1"],
            &["-0"],
            &["+5"],
            &["00.5"],
            &["9223372036854775808", "0x1"],
            &["12345678901234567890"],
            &["0.1", "12345678901234567"],
            &["1e400"],
            &["1e-400"],
            &["1e"],
            &["."],
            &["-"],
            &["2023-02-30"],
            &["2023-02-28", "2023-2-3"],
            &["2023-02-28", "1"],
            &["0000-00-00"],
            &["2026-01-01 25:00:00"],
            &["2026-01-01 23:59:60"],
            &["2026-01-01 10:00:00.123456789"],
            &["2026-01-01 10:00:00 morning"],
            &["2026-01-01 10:00"],
            &["2026-01-0\u{e9}"],
            &["N/A"],
        ] {
            assert_eq!(found(texts), "string", "{texts:?}");
        }
    }

    #[test]
    fn files_are_read_as_what_the_values_of_all_of_them_are() {
        let of = |texts: &[&str]| {
            let mut fits = Fits::new();
            texts.iter().for_each(|text| fits.look_at(text));
            fits
        };
        let both = |one: &[&str], other: &[&str]| {
            let mut fits = of(one);
            fits.and(&of(other));
            fits.data_type()
        };
        assert_eq!(both(&["1"], &["2.5"]), DataType::Float64);
        assert_eq!(both(&[], &["2026-01-01"]), DataType::Date32);
        assert_eq!(both(&["1"], &["true"]), DataType::Utf8);
        assert_eq!(both(&["12345678901234567"], &["2.5"]), DataType::Utf8);
    }
}
