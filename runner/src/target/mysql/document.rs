//! Which documents MySQL's JSON holds as they are.
//!
//! It keeps whole numbers of 64 bits and makes a DOUBLE of any other, without a word ("The JSON Data Type" of the manual). MariaDB's JSON
//! is a text, and not concerned.

/// Whether every number of a document is one that MySQL keeps. What is no document is for the server to refuse.
pub(super) fn keeps_numbers(document: &str) -> bool {
    let mut rest = document;
    while let Some(at) = rest.find(|next: char| next == '"' || next == '-' || next.is_ascii_digit())
    {
        rest = rest.get(at..).unwrap_or_default();
        if let Some(text) = rest.strip_prefix('"') {
            rest = behind_text(text);
            continue;
        }
        let is_of_number = |next: char| matches!(next, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
        let end = rest.find(|next| !is_of_number(next)).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(end);
        if !keeps(number) {
            return false;
        }
        rest = behind;
    }
    true
}

/// What is behind a text that has begun.
fn behind_text(text: &str) -> &str {
    let mut rest = text;
    loop {
        match rest.find(['"', '\\']) {
            None => return "",
            Some(at) if rest.as_bytes().get(at) == Some(&b'"') => {
                return rest.get(at + 1..).unwrap_or_default();
            }
            // What is escaped is one character, or `u` and digits, which end nothing.
            Some(at) => {
                let mut escaped = rest.get(at + 1..).unwrap_or_default().chars();
                let _escaped = escaped.next();
                rest = escaped.as_str();
            }
        }
    }
}

fn keeps(number: &str) -> bool {
    /// So many digits are always those of one DOUBLE, if it is not too near to zero.
    const SURE: usize = 15;
    let is_whole = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_whole && (number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok()) {
        return true;
    }
    if number.len() <= SURE && !number.contains(['e', 'E']) {
        return true;
    }
    let Ok(double) = number.parse::<f64>() else { return true };
    // One that is too large is refused by the server.
    if double.is_infinite() {
        return true;
    }
    let written = digits(number);
    // The digits that MySQL prints; and all 17, with which others write a DOUBLE.
    written == digits(&format!("{double:e}")) || written == digits(&format!("{double:.16e}"))
}

/// Sign, digits without zeros around, and the power of ten that they are multiplied by; none if the exponent is beyond all
/// measure.
fn digits(number: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        None => (number, 0),
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
    };
    let is_negative = mantissa.starts_with('-');
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    let kept = significant.trim_end_matches('0');
    if kept.is_empty() {
        return Some((false, String::new(), 0));
    }
    let count = |text: &str| i64::try_from(text.len()).ok();
    let moved = count(significant)? - count(kept)? - count(fraction)?;
    Some((is_negative, kept.to_owned(), exponent.checked_add(moved)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_a_double_or_64_bits_hold_are_kept() {
        for number in [
            "0",
            "-0",
            "12",
            "-9223372036854775808",
            "18446744073709551615",
            "1.10",
            "1e22",
            "100000000000000000000",
            "0.1234567890123456",
            "0.30000000000000004",
            // DOUBLE as C writes it, with 17 digits.
            "-6.6068761599999997",
            "2.1804858784530072e+04",
            "1.7976931348623157e308",
            "4.9406564584124654e-324",
            "5E-324",
            "0e-999",
            "0.000000000000000000000000001",
            // For the server to refuse.
            "1e400",
            "1e99999999999999999999",
            "1-2",
            "--",
        ] {
            assert!(keeps_numbers(number), "{number}");
            assert!(keeps_numbers(&format!("{{\"a\": [\"x\", {number}]}}")), "{number}");
        }
    }

    #[test]
    fn numbers_that_would_be_rounded_are_found_wherever_they_are() {
        for number in [
            "18446744073709551616",
            "-9223372036854775809",
            "1.2345678901234567e16",
            "12345678901234567.8",
            "3.141592653589793238",
            "1e-400",
            "-1.5e-999",
            "0.12345678901234567890",
        ] {
            for document in
                [number.to_owned(), format!("[1,{number}]"), format!("{{\"a\\\"\":{number}}}")]
            {
                assert!(!keeps_numbers(&document), "{document}");
            }
        }
    }

    #[test]
    fn digits_of_a_text_are_no_number() {
        for document in [
            "\"3.141592653589793238\"",
            "{\"a\\\\\": \"12345678901234567.8\", \"b\\\"1e-400\": 1}",
            "\"\\u00e9 1e-400\"",
            "\"1e-400",
            "\"\\",
            "",
            "{\u{e9}",
        ] {
            assert!(keeps_numbers(document), "{document}");
        }
    }
}
