//! Text to text and to bytes.

use super::fault::Fault;

/// Reads UTF-8; `trim_blanks` cuts off the padding of CHAR(n).
pub(super) fn utf8(text: &[u8], trim_blanks: bool) -> Result<&str, Fault> {
    let text = std::str::from_utf8(text).map_err(|_| Fault::NotUtf8)?;
    Ok(if trim_blanks { text.trim_end_matches(' ') } else { text })
}

/// Binary types are hexadecimal text in CSV (DMS release notes 3.4.4); a mark as MySQL (`0x`) or
/// PostgreSQL (`\x`) write it may come first.
pub(super) fn hex(text: &[u8], bytes: &mut Vec<u8>) -> Result<(), Fault> {
    const NOT_HEX: Fault = Fault::Not("a BINARY (hexadecimal digits expected)");
    let digits = match text {
        [b'0' | b'\\', b'x' | b'X', digits @ ..] => digits,
        digits => digits,
    };
    bytes.clear();
    let (pairs, odd) = digits.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(NOT_HEX);
    }
    for [high, low] in pairs {
        bytes.push(nibble(*high).ok_or(NOT_HEX)? << 4 | nibble(*low).ok_or(NOT_HEX)?);
    }
    Ok(())
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
