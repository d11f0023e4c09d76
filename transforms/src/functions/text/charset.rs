//! Texts as bytes: `hex`, `base64`, `encode`, `decode`, `to_binary`
//! (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#encode>).

use std::sync::Arc;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{exec_datafusion_err, exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use crate::functions::scalar::{Arguments, Scalar};

/// The functions of this file.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Scalar::text("unglue_hex", 1..=1, hex),
        Scalar::binary("unglue_unhex", 1..=1, |arguments| binary(arguments, Ok, unhexed)),
        Scalar::text("unglue_base64", 1..=1, base64_of),
        Scalar::binary("unglue_unbase64", 1..=1, |arguments| {
            binary(
                arguments,
                |bytes| match bytes {
                    Some(bytes) => Ok(Some(bytes)),
                    None => exec_err!("unbase64: the text is not base64"),
                },
                from_base64,
            )
        }),
        Scalar::binary("unglue_encode", 2..=2, encode),
        Scalar::text("unglue_decode", 2..=2, decode),
        Scalar::binary("to_binary", 1..=2, |arguments| to_binary(arguments, false)),
        Scalar::binary("try_to_binary", 1..=2, |arguments| to_binary(arguments, true)),
    ]
}

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

fn put_hex(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from(DIGITS.get(usize::from(digit)).copied().unwrap_or(b'0')));
        }
    }
}

/// `hex(number)`, `hex(text)` and `hex(binary)`. A number with a fraction is cut off to a BIGINT.
fn hex(arguments: &Arguments) -> Result<ArrayRef> {
    use std::fmt::Write as _;
    let column = arguments.column(0)?;
    let array = column.array();
    let as_bytes = match array.data_type() {
        DataType::Binary => Arc::clone(array),
        data_type if data_type.is_numeric() => {
            let numbers = cast(array, &DataType::Int64)?;
            let numbers = numbers.as_primitive::<Int64Type>();
            return Ok(arguments.write(|row, out| {
                let row = column.at(row);
                numbers.is_valid(row).then(|| write!(out, "{:X}", numbers.value(row)).ok())?
            }));
        }
        data_type if data_type.is_nested() => {
            return plan_err!("hex: a value of type {data_type} is not taken");
        }
        _ => cast(&crate::functions::conversion::to_text(array)?, &DataType::Binary)?,
    };
    let as_bytes = as_bytes.as_binary::<i32>();
    Ok(arguments.write(|row, out| {
        let row = column.at(row);
        as_bytes.is_valid(row).then(|| put_hex(as_bytes.value(row), out))
    }))
}

type Bytes = Option<Vec<u8>>;

/// Bytes of each text by one function, judged by another.
fn binary(
    arguments: &Arguments,
    judge: fn(Bytes) -> Result<Bytes>,
    bytes: fn(&str) -> Bytes,
) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let mut out = BinaryBuilder::new();
    for row in 0..arguments.rows() {
        match texts.get(row) {
            Some(text) => out.append_option(judge(bytes(text))?),
            None => out.append_null(),
        }
    }
    Ok(Arc::new(out.finish()))
}

/// An odd first digit is a byte of its own.
fn unhexed(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (odd, pairs) = text.as_bytes().split_at(text.len() % 2);
    let first = odd.iter().map(|byte| digit(*byte));
    let others = pairs.chunks_exact(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
        _ => None,
    });
    first.chain(others).collect()
}

/// `base64(binary)`, in lines of 76 characters.
fn base64_of(arguments: &Arguments) -> Result<ArrayRef> {
    let values = arguments.binaries(0)?;
    Ok(arguments.write(|row, out| {
        for (index, line) in values.get(row)?.chunks(57).enumerate() {
            if index > 0 {
                out.push_str("\r\n");
            }
            base64::engine::general_purpose::STANDARD.encode_string(line, out);
        }
        Some(())
    }))
}

/// The bytes of a text in base64: characters that are not of its alphabet mean nothing, padding is complete or left out.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    const MIME: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let kept: Vec<u8> = text
        .bytes()
        .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
        .collect();
    if kept.contains(&b'=') && !kept.len().is_multiple_of(4) {
        return None;
    }
    MIME.decode(kept).ok()
}

/// Sets of characters that Java has under all circumstances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Charset {
    Ascii,
    Latin1,
    Utf8,
    Utf16,
    Utf16Be,
    Utf16Le,
}

impl Charset {
    fn by_name(function: &str, name: &str) -> Result<Self> {
        Ok(match name.to_uppercase().as_str() {
            "UTF-8" | "UTF8" => Self::Utf8,
            "US-ASCII" | "ASCII" => Self::Ascii,
            "ISO-8859-1" | "ISO8859_1" | "LATIN1" => Self::Latin1,
            "UTF-16" | "UTF16" | "UTF_16" => Self::Utf16,
            "UTF-16BE" => Self::Utf16Be,
            "UTF-16LE" => Self::Utf16Le,
            _ => {
                return exec_err!(
                    "{function}: the charset is none of US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE, UTF-16"
                );
            }
        })
    }

    fn encode(self, text: &str, out: &mut Vec<u8>) {
        let limit = match self {
            Self::Utf8 => return out.extend_from_slice(text.as_bytes()),
            Self::Ascii => '\u{7f}',
            Self::Latin1 => '\u{ff}',
            Self::Utf16Le => {
                return out.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            }
            Self::Utf16 | Self::Utf16Be => {
                if self == Self::Utf16 && !text.is_empty() {
                    out.extend([0xFE, 0xFF]);
                }
                return out.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            }
        };
        let byte = |c: char| u8::try_from(u32::from(c)).ok().filter(|_| c <= limit);
        out.extend(text.chars().map(|c| byte(c).unwrap_or(b'?')));
    }

    fn decode(self, bytes: &[u8], out: &mut String) {
        let ascii = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' };
        match self {
            Self::Utf8 => out.push_str(&String::from_utf8_lossy(bytes)),
            Self::Ascii => out.extend(bytes.iter().map(ascii)),
            Self::Latin1 => out.extend(bytes.iter().copied().map(char::from)),
            Self::Utf16Be => decode_utf16(bytes, u16::from_be_bytes, out),
            Self::Utf16Le => decode_utf16(bytes, u16::from_le_bytes, out),
            Self::Utf16 => match bytes {
                [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes, out),
                [0xFE, 0xFF, rest @ ..] | rest => decode_utf16(rest, u16::from_be_bytes, out),
            },
        }
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, out: &mut String) {
    let (pairs, half) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    out.extend(char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')));
    if !half.is_empty() {
        out.push('\u{fffd}');
    }
}

/// `encode(text, charset)`: what the charset lacks becomes `?`.
fn encode(arguments: &Arguments) -> Result<ArrayRef> {
    let (texts, names) = (arguments.texts(0)?, arguments.texts(1)?);
    let mut out = BinaryBuilder::new();
    let mut buffer = Vec::new();
    for row in 0..arguments.rows() {
        let (Some(text), Some(name)) = (texts.get(row), names.get(row)) else {
            out.append_null();
            continue;
        };
        buffer.clear();
        Charset::by_name("encode", name)?.encode(text, &mut buffer);
        out.append_value(&buffer);
    }
    Ok(Arc::new(out.finish()))
}

/// `decode(binary, charset)`: what is not of the charset becomes U+FFFD.
fn decode(arguments: &Arguments) -> Result<ArrayRef> {
    let (values, names) = (arguments.binaries(0)?, arguments.texts(1)?);
    arguments.try_write(|row, out| {
        let (Some(value), Some(name)) = (values.get(row), names.get(row)) else {
            return Ok(None);
        };
        Charset::by_name("decode", name)?.decode(value, out);
        Ok(Some(()))
    })
}

/// `to_binary(text[, 'hex' | 'utf-8' | 'base64'])`: what is not of the format is an error, or NULL for `try_to_binary`.
fn to_binary(arguments: &Arguments, is_try: bool) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let formats = (arguments.len() > 1).then(|| arguments.texts(1)).transpose()?;
    let rows: Result<BinaryArray> = (0..arguments.rows())
        .map(|row| {
            let format = formats.map_or(Some("hex"), |formats| formats.get(row));
            let (Some(text), Some(format)) = (texts.get(row), format) else { return Ok(None) };
            let bytes = match format.to_lowercase().as_str() {
                "hex" => unhexed(text),
                "utf-8" | "utf8" => Some(text.as_bytes().to_vec()),
                "base64" => strict_base64(text),
                _ => return exec_err!("to_binary: the format is none of hex, utf-8, base64"),
            };
            match bytes {
                None if !is_try => {
                    Err(exec_datafusion_err!("to_binary: the text is not of the format"))
                }
                bytes => Ok(bytes),
            }
        })
        .collect();
    Ok(Arc::new(rows?))
}

/// Here, only blanks may stand between what is of the alphabet.
fn strict_base64(text: &str) -> Option<Vec<u8>> {
    let known = |c: char| {
        c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || matches!(c, '+' | '/' | '=')
    };
    if text.chars().all(known) { from_base64(text) } else { None }
}
