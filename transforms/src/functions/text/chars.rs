//! Functions that look at single characters (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#initcap>).

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::ArrayRef;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use regex::Regex;

use crate::functions::scalar::{Arguments, Scalar};

/// The functions of this file.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Scalar::text("unglue_initcap", 1..=1, initcap),
        Scalar::text("unglue_char", 1..=1, char_of),
        Scalar::int("unglue_levenshtein", 2..=3, levenshtein),
        Scalar::text("mask", 1..=5, mask),
    ]
}

/// `initcap(text)`: only a blank begins a word.
fn initcap(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    Ok(arguments.write(|row, out| {
        for (index, word) in texts.get(row)?.to_lowercase().split(' ').enumerate() {
            if index > 0 {
                out.push(' ');
            }
            let mut rest = word.chars();
            if let Some(first) = rest.next() {
                out.push(title(first));
                out.push_str(rest.as_str());
            }
        }
        Some(())
    }))
}

/// The title case that is one character; letters that only have a longer one stay.
fn title(c: char) -> char {
    match c {
        // Digraphs have a form of their own.
        'ǆ' => 'ǅ',
        'ǉ' => 'ǈ',
        'ǌ' => 'ǋ',
        'ǳ' => 'ǲ',
        c => {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(upper), None) => upper,
                _ => c,
            }
        }
    }
}

/// `char(n)`: the character of Latin-1 with the number n modulo 256; nothing where n is negative.
fn char_of(arguments: &Arguments) -> Result<ArrayRef> {
    let numbers = arguments.longs(0)?;
    Ok(arguments.write(|row, out| {
        let number = numbers.get(row)?;
        if number >= 0 {
            out.push(char::from(u8::try_from(number % 256).unwrap_or_default()));
        }
        Some(())
    }))
}

/// `levenshtein(one, other[, most])`: -1 where the distance is more than the third argument.
fn levenshtein(arguments: &Arguments) -> Result<ArrayRef> {
    let (ones, others) = (arguments.texts(0)?, arguments.texts(1)?);
    let most = arguments.int_or(2, i32::MAX)?;
    Ok(arguments.each_int(|row| {
        let (one, other, most) = (ones.get(row)?, others.get(row)?, most(row)?);
        let distance = distance(one, other);
        Some(if distance > most { -1 } else { distance })
    }))
}

fn distance(one: &str, other: &str) -> i32 {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<i32> =
        (0..=other.len()).map(|index| i32::try_from(index).unwrap_or(i32::MAX)).collect();
    for c in one.chars() {
        let mut corner = before.first().copied().unwrap_or(0);
        let mut left = corner + 1;
        if let Some(first) = before.first_mut() {
            *first = left;
        }
        for (of_other, above) in other.iter().zip(before.iter_mut().skip(1)) {
            let changed = corner + i32::from(*of_other != c);
            corner = *above;
            left = changed.min(*above + 1).min(left + 1);
            *above = left;
        }
    }
    before.last().copied().unwrap_or(0)
}

/// What stands for characters of a kind; `None` leaves them.
#[derive(Debug, Clone, Copy)]
struct Masks {
    upper: Option<char>,
    lower: Option<char>,
    digit: Option<char>,
    other: Option<char>,
}

/// `mask(text[, upper[, lower[, digit[, other]]]])`: NULL leaves characters of a kind as they are.
fn mask(arguments: &Arguments) -> Result<ArrayRef> {
    let texts = arguments.texts(0)?;
    let given =
        (1..arguments.len()).map(|index| arguments.texts(index)).collect::<Result<Vec<_>>>()?;
    let of = |index: usize, row: usize, default: Option<char>| -> Result<Option<char>> {
        let Some(given) = given.get(index) else { return Ok(default) };
        let Some(text) = given.get(row) else { return Ok(None) };
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(Some(c)),
            _ => exec_err!("mask: what stands for characters must be one character"),
        }
    };
    arguments.try_write(|row, out| {
        let masks = Masks {
            upper: of(0, row, Some('X'))?,
            lower: of(1, row, Some('x'))?,
            digit: of(2, row, Some('n'))?,
            other: of(3, row, None)?,
        };
        let Some(text) = texts.get(row) else { return Ok(None) };
        for c in text.chars() {
            masks.put(c, out);
        }
        Ok(Some(()))
    })
}

impl Masks {
    fn put(&self, c: char, out: &mut String) {
        static KINDS: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"\A(?:(\p{Lu})|(\p{Ll})|(\p{Nd}))").ok());
        let kind = if c.is_ascii() {
            if c.is_ascii_uppercase() {
                1
            } else if c.is_ascii_lowercase() {
                2
            } else if c.is_ascii_digit() {
                3
            } else {
                0
            }
        } else if c.len_utf16() > 1 {
            0
        } else {
            let mut bytes = [0; 4];
            let c: &str = c.encode_utf8(&mut bytes);
            let found = KINDS.as_ref().and_then(|kinds| kinds.captures(c));
            found.map_or(0, |found| (1..4).find(|kind| found.get(*kind).is_some()).unwrap_or(0))
        };
        let by = match kind {
            1 => self.upper,
            2 => self.lower,
            3 => self.digit,
            _ => self.other,
        };
        match by {
            // Java sees two characters in what UTF-16 writes in two units.
            Some(by) => out.extend(std::iter::repeat_n(by, c.len_utf16())),
            None => out.push(c),
        }
    }
}
