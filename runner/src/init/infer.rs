//! The type of a column of CSV from its values. Pure.
//!
//! What is not read may be larger than what is: whole numbers become `BIGINT`, decimals get all digits that there are, texts no length.
//! A value that only looks like a number, such as `007`, makes the column a text.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use transforms::dms::csv::Fit;

/// Digits of an inferred decimal, all that `Decimal128` has.
const DECIMAL_DIGITS: u8 = 38;
/// Behind the point, where values have differing numbers of digits: more may come.
const VARYING_SCALE: u8 = 10;
/// MySQL's bound.
const SCALE_MAX: u8 = 30;

/// What a column was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inferred {
    pub(super) sql_type: String,
    /// How many values it is from; NULL is none.
    pub(super) values: usize,
    /// What is doubtful about it.
    pub(super) doubt: Option<&'static str>,
}

/// A type that all values so far have.
struct Candidate {
    sql_type: &'static str,
    shape: Shape,
    fit: Fit,
}

/// Whether a text is written as values of a type are.
type Shape = fn(&[u8]) -> bool;

/// Infers a type from the values that are not NULL.
pub(super) fn infer<'a>(values: impl Iterator<Item = &'a [u8]> + Clone) -> Inferred {
    let count = values.clone().count();
    let found = |sql_type: String, doubt| Inferred { sql_type, values: count, doubt };
    if count == 0 {
        return found("TEXT".to_owned(), Some("there is no value to infer a type from"));
    }
    let mut candidates = candidates();
    for value in values.clone() {
        candidates.retain_mut(|candidate| (candidate.shape)(value) && candidate.fit.takes(value));
        if candidates.is_empty() {
            break;
        }
    }
    if let Some(first) = candidates.first() {
        return found(first.sql_type.to_owned(), None);
    }
    decimal(values).map_or_else(
        || found("TEXT".to_owned(), None),
        |(scale, doubt)| found(format!("DECIMAL({DECIMAL_DIGITS},{scale})"), doubt),
    )
}

/// In the order of preference.
fn candidates() -> Vec<Candidate> {
    let moment = DataType::Timestamp(TimeUnit::Microsecond, None);
    let all: [(&'static str, Shape, DataType); 7] = [
        ("BOOLEAN", is_truth, DataType::Boolean),
        ("BIGINT", is_whole, DataType::Int64),
        ("BIGINT UNSIGNED", is_whole, DataType::UInt64),
        ("DOUBLE", is_scientific, DataType::Float64),
        ("DATE", |text| text.len() == "YYYY-MM-DD".len(), DataType::Date32),
        ("TIMESTAMP", |_| true, moment),
        ("UUID", is_uuid, DataType::Utf8),
    ];
    let candidates = all.into_iter().filter_map(|(sql_type, shape, data_type)| {
        Some(Candidate { sql_type, shape, fit: Fit::new(data_type)? })
    });
    candidates.collect()
}

/// The digits behind the point that a decimal column needs.
fn decimal<'a>(
    values: impl Iterator<Item = &'a [u8]> + Clone,
) -> Option<(u8, Option<&'static str>)> {
    let (mut least, mut most) = (usize::MAX, 0);
    for value in values.clone() {
        let scale = scale_of(value)?;
        (least, most) = (least.min(scale), most.max(scale));
    }
    let most = u8::try_from(most).ok().filter(|scale| *scale <= SCALE_MAX)?;
    // DMS writes all digits of a declared scale, trailing zeros too.
    let is_fixed = least == usize::from(most);
    let scale = if is_fixed { most } else { most.max(VARYING_SCALE) };
    let signed = i8::try_from(scale).ok()?;
    let mut fit = Fit::new(DataType::Decimal128(DECIMAL_DIGITS, signed))?;
    let doubt = (!is_fixed).then_some("its values have differing numbers of digits");
    values.into_iter().all(|value| fit.takes(value)).then_some((scale, doubt))
}

fn is_truth(text: &[u8]) -> bool {
    text.eq_ignore_ascii_case(b"true") || text.eq_ignore_ascii_case(b"false")
}

/// Digits as a database prints a number: no plus, no zeros in front.
fn is_whole(text: &[u8]) -> bool {
    let (is_negative, digits) = unsigned(text);
    match digits {
        [b'0'] => !is_negative,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

fn unsigned(text: &[u8]) -> (bool, &[u8]) {
    text.strip_prefix(b"-").map_or((false, text), |digits| (true, digits))
}

/// How many digits a number has behind its point; none if it is not written as a database writes one.
fn scale_of(text: &[u8]) -> Option<usize> {
    let (_, digits) = unsigned(text);
    let point = digits.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = match point {
        Some(point) => (digits.get(..point)?, digits.get(point + 1..)?),
        None => (digits, &[][..]),
    };
    let is_written = is_whole(whole)
        && !whole.starts_with(b"-")
        && fraction.iter().all(u8::is_ascii_digit)
        && if point.is_some() { !fraction.is_empty() } else { is_whole(text) };
    is_written.then_some(fraction.len())
}

/// As DMS writes floating point numbers, `+2.1804858784530072e+04`, and what stands beside those.
fn is_scientific(text: &[u8]) -> bool {
    let bare = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
    if [b"nan".as_slice(), b"inf", b"infinity"].iter().any(|word| bare.eq_ignore_ascii_case(word)) {
        return true;
    }
    let [b'0'..=b'9', b'.', rest @ ..] = bare else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let exponent = rest.get(digits..).unwrap_or_default();
    digits > 0
        && matches!(exponent, [b'e' | b'E', b'+' | b'-', power @ ..]
            if matches!(power.len(), 2 | 3) && power.iter().all(u8::is_ascii_digit))
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> String {
        infer(values.iter().map(|value| value.as_bytes())).sql_type
    }

    #[test]
    fn values_that_dms_writes_get_the_type_that_they_had() {
        for (values, sql_type) in [
            (&["1", "-20", "0"][..], "BIGINT"),
            (&["18446744073709551615", "1"], "BIGINT UNSIGNED"),
            (&["99999999999999999999"], "DECIMAL(38,0)"),
            (&["85100.00", "-0.50"], "DECIMAL(38,2)"),
            (&["1.5", "2.25", "3"], "DECIMAL(38,10)"),
            (&["+2.1804858784530072e+04", "-6.6068761599999997e+00", "NaN"], "DOUBLE"),
            (&["2026-01-01", "1987-06-17"], "DATE"),
            (&["2026-01-01 00:00:00", "2026-01-01 00:00:00.123456"], "TIMESTAMP"),
            (&["2026-01-01", "2026-01-01 10:00:00"], "TIMESTAMP"),
            (&["true", "FALSE"], "BOOLEAN"),
            (&["0b2d4bd2-5b0f-4b93-9f0d-6d2f4e7c1f11"], "UUID"),
            (&["a", "1"], "TEXT"),
        ] {
            assert_eq!(of(values), sql_type, "{values:?}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_text() {
        for value in [
            "007",
            "+4930123",
            "00.5",
            "-0",
            ".5",
            "5.",
            "1e5",
            "1,5",
            " 1",
            "0x1f",
            "",
            "12-05",
            "0000-00-00",
            "4713-01-01 00:00:00 BC",
            "838:59:59",
            "t",
        ] {
            assert_eq!(of(&["1", value]), "TEXT", "{value}");
            assert_eq!(of(&[value]), "TEXT", "{value}");
        }
    }

    #[test]
    fn a_column_without_values_is_a_text_and_says_so() {
        let found = infer(std::iter::empty());
        assert_eq!((found.sql_type.as_str(), found.values), ("TEXT", 0));
        assert!(found.doubt.is_some());
    }

    #[test]
    fn more_digits_than_a_decimal_has_are_text() {
        assert_eq!(of(&[&"9".repeat(39)]), "TEXT");
        assert_eq!(of(&[&format!("1.{}", "1".repeat(31))]), "TEXT");
        assert_eq!(of(&[&format!("{}.5", "9".repeat(38))]), "TEXT");
    }
}
