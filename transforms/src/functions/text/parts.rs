//! Parts of texts, where they stand, and texts with a part put in
//! (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#locate>). Positions and lengths count characters.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BinaryArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use crate::functions::scalar::{Arguments, Scalar};

/// The functions of this file.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Scalar::of("unglue_left", 2..=2, |types, _| Ok(types[0].clone()), left),
        Scalar::text("unglue_right", 2..=2, right),
        Scalar::text("unglue_substring_index", 3..=3, substring_index),
        Scalar::int("unglue_octet_length", 1..=1, |arguments| length_in(arguments, 1)),
        Scalar::int("unglue_bit_length", 1..=1, |arguments| length_in(arguments, 8)),
        Scalar::int("locate", 2..=3, locate),
        Scalar::text("unglue_ltrim", 1..=2, ltrim),
        Scalar::text("unglue_rtrim", 1..=2, rtrim),
        Scalar::text("unglue_replace", 2..=3, replace),
        Scalar::text("unglue_overlay", 3..=4, overlay),
    ]
}

/// Where the character with this index stands; the end where there are fewer.
fn byte_of(text: &str, index: usize) -> usize {
    if text.is_ascii() {
        return index.min(text.len());
    }
    text.char_indices().nth(index).map_or(text.len(), |(byte, _)| byte)
}

fn count(number: i32) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// `left(text, length)`: nothing where the length is negative.
fn left(arguments: &Arguments) -> Result<ArrayRef> {
    let lengths = arguments.ints(1)?;
    if *arguments.gives() == DataType::Binary {
        let values = arguments.binaries(0)?;
        let rows = (0..arguments.rows()).map(|row| {
            let value = values.get(row)?;
            value.get(..count(lengths.get(row)?).min(value.len()))
        });
        return Ok(Arc::new(rows.collect::<BinaryArray>()));
    }
    let texts = arguments.texts(0)?;
    Ok(arguments.slices(|row| {
        let text = texts.get(row)?;
        text.get(..byte_of(text, count(lengths.get(row)?)))
    }))
}

/// `right(text, length)`: nothing where the length is negative.
fn right(arguments: &Arguments) -> Result<ArrayRef> {
    let (texts, lengths) = (arguments.texts(0)?, arguments.ints(1)?);
    Ok(arguments.slices(|row| {
        let text = texts.get(row)?;
        match count(lengths.get(row)?) {
            0 => Some(""),
            length => {
                let start = text.char_indices().rev().nth(length - 1);
                text.get(start.map_or(0, |(byte, _)| byte)..)
            }
        }
    }))
}

/// `substring_index(text, delimiter, count)`: what is before the delimiter of that number, or behind it where it is negative.
fn substring_index(arguments: &Arguments) -> Result<ArrayRef> {
    let (texts, delimiters) = (arguments.texts(0)?, arguments.texts(1)?);
    let counts = arguments.ints(2)?;
    Ok(arguments.slices(|row| {
        let (text, delimiter) = (texts.get(row)?, delimiters.get(row)?);
        let number = counts.get(row)?;
        let Some(before) = usize::try_from(number.unsigned_abs()).ok()?.checked_sub(1) else {
            return Some("");
        };
        if delimiter.is_empty() {
            return Some("");
        }
        // Delimiters may overlap one another: the next one is looked for one character later.
        if number > 0 {
            let mut from = 0;
            for index in 0..=before {
                let Some(found) = text.get(from..).and_then(|rest| rest.find(delimiter)) else {
                    return Some(text);
                };
                if index == before {
                    return text.get(..from + found);
                }
                let next = text.get(from + found..)?.chars().next()?;
                from += found + next.len_utf8();
            }
            return Some(text);
        }
        let mut head = text;
        for index in 0..=before {
            let Some(found) = head.rfind(delimiter) else { return Some(text) };
            if index == before {
                return text.get(found + delimiter.len()..);
            }
            let mut end = found + delimiter.len() - 1;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            head = text.get(..end)?;
        }
        Some(text)
    }))
}

/// The length in bytes, times `times`.
fn length_in(arguments: &Arguments, times: i32) -> Result<ArrayRef> {
    let length = |bytes: usize| i32::try_from(bytes).unwrap_or(i32::MAX).saturating_mul(times);
    if *arguments.column(0)?.array().data_type() == DataType::Binary {
        let values = arguments.binaries(0)?;
        return Ok(arguments.each_int(|row| Some(length(values.get(row)?.len()))));
    }
    let texts = arguments.texts(0)?;
    Ok(arguments.each_int(|row| Some(length(texts.get(row)?.len()))))
}

/// `locate(part, text[, from])`: 0 where it is not found, where `from` is not positive or NULL; an empty part is at 1.
fn locate(arguments: &Arguments) -> Result<ArrayRef> {
    let (parts, texts) = (arguments.texts(0)?, arguments.texts(1)?);
    let from = arguments.int_or(2, 1)?;
    Ok(arguments.each_int(|row| {
        let Some(from) = from(row) else { return Some(0) };
        let (part, text) = (parts.get(row)?, texts.get(row)?);
        let Some(before) = usize::try_from(from).ok().and_then(|from| from.checked_sub(1)) else {
            return Some(0);
        };
        if part.is_empty() {
            return Some(1);
        }
        let start = byte_of(text, before);
        let found = text.get(start..).and_then(|rest| rest.find(part));
        let place = found.and_then(|found| text.get(..start + found));
        Some(place.map_or(0, |place| i32::try_from(place.chars().count() + 1).unwrap_or(i32::MAX)))
    }))
}

/// `ltrim(text)` and `ltrim(characters, text)`.
fn ltrim(arguments: &Arguments) -> Result<ArrayRef> {
    trim(arguments, |text, of| text.trim_start_matches(of))
}

/// `rtrim(text)` and `rtrim(characters, text)`.
fn rtrim(arguments: &Arguments) -> Result<ArrayRef> {
    trim(arguments, |text, of| text.trim_end_matches(of))
}

fn trim(
    arguments: &Arguments,
    trimmed: for<'a> fn(&'a str, &dyn Fn(char) -> bool) -> &'a str,
) -> Result<ArrayRef> {
    if arguments.len() == 1 {
        let texts = arguments.texts(0)?;
        return Ok(arguments.slices(|row| Some(trimmed(texts.get(row)?, &|c| c == ' '))));
    }
    let (characters, texts) = (arguments.texts(0)?, arguments.texts(1)?);
    Ok(arguments.slices(|row| {
        let characters = characters.get(row)?;
        Some(trimmed(texts.get(row)?, &|c| characters.contains(c)))
    }))
}

/// `replace(text, part[, by])`: an empty part is nowhere.
fn replace(arguments: &Arguments) -> Result<ArrayRef> {
    let (texts, parts) = (arguments.texts(0)?, arguments.texts(1)?);
    let by = (arguments.len() > 2).then(|| arguments.texts(2)).transpose()?;
    Ok(arguments.write(|row, out| {
        let (text, part) = (texts.get(row)?, parts.get(row)?);
        let by = by.map_or(Some(""), |by| by.get(row))?;
        if part.is_empty() {
            out.push_str(text);
            return Some(());
        }
        let mut done = 0;
        for (start, found) in text.match_indices(part) {
            out.push_str(text.get(done..start)?);
            out.push_str(by);
            done = start + found.len();
        }
        out.push_str(text.get(done..)?);
        Some(())
    }))
}

/// `overlay(text, part, position[, length])`: a negative length is that of the part; what a position before the start leaves out is nothing.
fn overlay(arguments: &Arguments) -> Result<ArrayRef> {
    let (texts, parts) = (arguments.texts(0)?, arguments.texts(1)?);
    let positions = arguments.ints(2)?;
    let length = arguments.int_or(3, -1)?;
    Ok(arguments.write(|row, out| {
        let (text, part) = (texts.get(row)?, parts.get(row)?);
        let (position, length) = (i64::from(positions.get(row)?), length(row)?);
        let length = match usize::try_from(length) {
            Ok(length) => length,
            Err(_) => part.chars().count(),
        };
        let before = usize::try_from(position - 1).unwrap_or(0);
        // Like the first part, the last one begins where a substring would: 0 is 1, negative ones count from the end.
        let after = position.saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
        out.push_str(text.get(..byte_of(text, before))?);
        out.push_str(part);
        out.push_str(text.get(start_of(text, after)..)?);
        Some(())
    }))
}

/// Where a substring that begins at a position begins.
fn start_of(text: &str, position: i64) -> usize {
    match usize::try_from(position) {
        Ok(position) => byte_of(text, position.saturating_sub(1)),
        Err(_) => {
            let back = usize::try_from(position.unsigned_abs()).unwrap_or(usize::MAX);
            text.char_indices().rev().nth(back - 1).map_or(0, |(byte, _)| byte)
        }
    }
}
