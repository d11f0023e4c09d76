//! Texts read as values, as Spark reads them; `None` where its cast gives NULL.

pub(super) mod date_time;
pub(super) mod decimal;
pub(super) mod number;

/// A text without the blanks and control characters at its ends.
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| *byte <= b' ' || *byte == 0x7f;
    let start = text.iter().position(|byte| !is_blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or_default()
}

/// The sign at the beginning, true for minus, and the rest.
fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    }
}
