//! Functions of regular expressions: `rlike` and `regexp_…`
//! (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#regexp_replace>).
//!
//! All matches are replaced, group 1 is what is extracted, and positions count as Java does, in units of UTF-16.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Int32Array, ListBuilder, StringArray, StringBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::pattern::{Pattern, Patterns, checked_group, said};
use super::replacement::Replacement;
use crate::functions::Told;
use crate::functions::scalar::{Arguments, Scalar};

/// Functions whose second argument is a pattern: all of this file.
const WITH_PATTERN: [&str; 8] = [
    "rlike",
    "regexp_extract",
    "regexp_extract_all",
    "unglue_regexp_replace",
    "unglue_regexp_count",
    "unglue_regexp_instr",
    "regexp_substr",
    "split",
];

/// The functions of this file.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Scalar::boolean("rlike", 2..=2, rlike),
        Scalar::text("regexp_extract", 2..=3, extract),
        Scalar::of("regexp_extract_all", 2..=3, texts, extract_all),
        Scalar::text("unglue_regexp_replace", 3..=4, replace),
        Scalar::int("unglue_regexp_count", 2..=2, count),
        Scalar::int("unglue_regexp_instr", 2..=3, instr),
        Scalar::text("regexp_substr", 2..=2, substr),
        Scalar::of("split", 2..=3, texts, split),
    ]
}

/// Why the pattern of a call is refused, whatever the text; `None` of functions that take none.
pub(in crate::functions) fn fault_of_pattern(function: &str, pattern: &str) -> Option<String> {
    if !WITH_PATTERN.contains(&function) {
        return None;
    }
    let name = function.strip_prefix("unglue_").unwrap_or(function);
    Pattern::new(pattern).err().map(|fault| said(name, &fault))
}

fn texts(_: &[DataType], _: &[Option<&ScalarValue>]) -> Result<DataType> {
    Ok(DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))))
}

/// `rlike(text, pattern)`.
fn rlike(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new("rlike", arguments.texts(1)?);
    let rows: Result<BooleanArray> = (0..arguments.rows())
        .map(|row| {
            let pattern = patterns.get(row)?;
            Ok(texts.get(row).zip(pattern).map(|(text, pattern)| pattern.is_match(text)))
        })
        .collect();
    Ok(Arc::new(rows?))
}

/// `regexp_extract(text, pattern[, group])`: the group of the first match, the empty text where there is none.
fn extract(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new("regexp_extract", arguments.texts(1)?);
    let group = arguments.int_or(2, 1)?;
    let rows: Result<StringArray> = (0..arguments.rows())
        .map(|row| {
            let (Some(text), Some(pattern), Some(group)) =
                (texts.get(row), patterns.get(row)?, group(row))
            else {
                return Ok(None);
            };
            let Some(found) = pattern.find_at(text, 0) else { return Ok(Some("")) };
            let group = checked_group("regexp_extract", pattern, group)?;
            Ok(Some(found.group(text, group).unwrap_or_default()))
        })
        .collect();
    Ok(Arc::new(rows?))
}

/// `regexp_extract_all(text, pattern[, group])`.
fn extract_all(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new("regexp_extract_all", arguments.texts(1)?);
    let group = arguments.int_or(2, 1)?;
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in 0..arguments.rows() {
        let (Some(text), Some(pattern), Some(group)) =
            (texts.get(row), patterns.get(row)?, group(row))
        else {
            lists.append_null();
            continue;
        };
        for found in pattern.matches(text) {
            let group = checked_group("regexp_extract_all", pattern, group)?;
            lists.values().append_value(found.group(text, group).unwrap_or_default());
        }
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}

/// `regexp_replace(text, pattern, replacement[, position])`: only what begins at the position or behind it is looked at, and `^` matches there.
fn replace(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new("regexp_replace", arguments.texts(1)?);
    let replacements = arguments.texts(2)?;
    let position = arguments.int_or(3, 1)?;
    arguments.try_write(|row, out| {
        let (Some(text), Some(pattern), Some(replacement), Some(position)) =
            (texts.get(row), patterns.get(row)?, replacements.get(row), position(row))
        else {
            return Ok(None);
        };
        let Some(before) = usize::try_from(position).ok().and_then(|at| at.checked_sub(1)) else {
            return Err(Told::error("regexp_replace: the position must be at least 1"));
        };
        let (kept, text) = text.split_at(byte_of_unit(text, before));
        out.push_str(kept);
        if before > 0 && text.is_empty() {
            return Ok(Some(()));
        }
        let mut parsed = None;
        let mut done = 0;
        for found in pattern.matches(text) {
            let replacement = match parsed.take() {
                Some(replacement) => replacement,
                None => Replacement::parse(replacement, pattern)?,
            };
            out.push_str(text.get(done..found.start()).unwrap_or_default());
            replacement.write(&found, text, out);
            done = found.end();
            parsed = Some(replacement);
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Ok(Some(()))
    })
}

/// Where the unit of UTF-16 with this index stands.
fn byte_of_unit(text: &str, index: usize) -> usize {
    if text.is_ascii() {
        return index.min(text.len());
    }
    let mut units = 0;
    for (byte, c) in text.char_indices() {
        if units >= index {
            return byte;
        }
        units += c.len_utf16();
    }
    text.len()
}

/// `regexp_count(text, pattern)`.
fn count(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new("regexp_count", arguments.texts(1)?);
    let rows: Result<Int32Array> = (0..arguments.rows())
        .map(|row| {
            let pattern = patterns.get(row)?;
            let counted = texts.get(row).zip(pattern);
            Ok(counted.map(|(text, pattern)| {
                i32::try_from(pattern.matches(text).count()).unwrap_or(i32::MAX)
            }))
        })
        .collect();
    Ok(Arc::new(rows?))
}

/// `regexp_instr(text, pattern)`: where the first match begins, 0 where there is none. A third argument changes nothing, as in Spark.
fn instr(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new("regexp_instr", arguments.texts(1)?);
    let group = arguments.int_or(2, 0)?;
    let rows: Result<Int32Array> = (0..arguments.rows())
        .map(|row| {
            if group(row).is_none() {
                return Ok(None);
            }
            let pattern = patterns.get(row)?;
            Ok(texts.get(row).zip(pattern).map(|(text, pattern)| {
                let before = pattern.find_at(text, 0).and_then(|found| text.get(..found.start()));
                before.map_or(0, |before| {
                    let units: usize = before.chars().map(char::len_utf16).sum();
                    i32::try_from(units + 1).unwrap_or(i32::MAX)
                })
            }))
        })
        .collect();
    Ok(Arc::new(rows?))
}

/// `regexp_substr(text, pattern)`: the first match, NULL where there is none or it is empty.
fn substr(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let mut patterns = Patterns::new("regexp_substr", arguments.texts(1)?);
    let rows: Result<StringArray> = (0..arguments.rows())
        .map(|row| {
            let pattern = patterns.get(row)?;
            let found = texts.get(row).zip(pattern).and_then(|(text, pattern)| {
                pattern.find_at(text, 0).and_then(|found| found.group(text, 0))
            });
            Ok(found.filter(|found| !found.is_empty()))
        })
        .collect();
    Ok(Arc::new(rows?))
}

/// `split(text, pattern[, limit])`: the last part holds the rest where the limit is reached; a limit of 0 is none.
fn split(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let patterns_text = arguments.texts(1)?;
    let mut patterns = Patterns::new("split", patterns_text);
    let limit = arguments.int_or(2, -1)?;
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in 0..arguments.rows() {
        let (Some(text), Some(pattern), Some(limit)) =
            (texts.get(row), patterns.get(row)?, limit(row))
        else {
            lists.append_null();
            continue;
        };
        let limit = usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        if patterns_text.get(row) == Some("") && !text.is_empty() {
            // Between all characters, without a rest.
            for c in text.chars().take(limit) {
                lists.values().append_value(c.encode_utf8(&mut [0; 4]));
            }
            lists.append(true);
            continue;
        }
        let (mut parts, mut from) = (1, 0);
        for found in pattern.matches(text) {
            if parts == limit {
                break;
            }
            // An empty match at the start leaves no empty part.
            if found.end() == 0 {
                continue;
            }
            lists.values().append_value(text.get(from..found.start()).unwrap_or_default());
            parts += 1;
            from = found.end();
        }
        lists.values().append_value(text.get(from..).unwrap_or_default());
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}
