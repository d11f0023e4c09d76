//! Patterns that match as Java's do, compiled once for many rows.

use std::collections::HashMap;

use datafusion::error::Result;
use regex::{CaptureLocations, Regex};

use super::java_regex::translate;
use crate::functions::Told;
use crate::functions::scalar::Texts;

/// Why a pattern is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is wrong in Java too.
    Wrong(&'static str),
    /// It asks for something that is not there.
    Unsupported(&'static str),
    /// The engine refuses it: it is too large, or names a property that is not known.
    Refused,
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    at_last_line_end: bool,
    at_line_starts: bool,
    lazy: bool,
}

/// Where a match and its groups stand in a text.
#[derive(Debug)]
pub(super) struct Match {
    locations: CaptureLocations,
}

impl Match {
    /// Where the match begins.
    pub(super) fn start(&self) -> usize {
        self.locations.get(0).map_or(0, |(start, _)| start)
    }

    /// Where the match ends.
    pub(super) fn end(&self) -> usize {
        self.locations.get(0).map_or(0, |(_, end)| end)
    }

    /// The text of a group, if it took part.
    pub(super) fn group<'a>(&self, text: &'a str, group: usize) -> Option<&'a str> {
        let (start, end) = self.locations.get(group)?;
        text.get(start..end)
    }
}

impl Pattern {
    /// Compiles a pattern of Java.
    ///
    /// # Errors
    /// Why it is not taken.
    pub(super) fn new(pattern: &str) -> std::result::Result<Self, Fault> {
        let translated = translate(pattern)?;
        let regex = Regex::new(&translated.pattern).map_err(|_| Fault::Refused)?;
        Ok(Self {
            regex,
            at_last_line_end: translated.at_last_line_end,
            at_line_starts: translated.at_line_starts,
            lazy: translated.lazy,
        })
    }

    /// How many groups there are, without the whole.
    pub(super) fn groups(&self) -> usize {
        self.regex.captures_len() - 1
    }

    /// The number of a group by its name.
    pub(super) fn group_named(&self, name: &str) -> Option<usize> {
        self.regex.capture_names().position(|found| found == Some(name))
    }

    /// Whether there is a match anywhere in a text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        if self.at_line_starts {
            return self.find_at(text, 0).is_some();
        }
        self.regex.is_match(text)
            || self.before_last_line_end(text).is_some_and(|text| self.regex.is_match(text))
    }

    /// The first match at or behind a place.
    pub(super) fn find_at(&self, text: &str, from: usize) -> Option<Match> {
        let whole = self.read(text, from);
        let Some(shorter) = self.before_last_line_end(text).filter(|text| from <= text.len())
        else {
            return whole;
        };
        // `$` matches at both ends: what begins first counts, then what a quantifier prefers.
        let before = self.read(shorter, from);
        match (whole, before) {
            (Some(whole), Some(before)) => {
                let first = whole.start() < before.start()
                    || (whole.start() == before.start() && !self.lazy);
                Some(if first { whole } else { before })
            }
            (whole, before) => whole.or(before),
        }
    }

    fn read(&self, text: &str, from: usize) -> Option<Match> {
        let mut locations = self.regex.capture_locations();
        let _found = self.regex.captures_read_at(&mut locations, text, from)?;
        let found = Match { locations };
        // In Java, no line starts at the end of the text.
        (!(self.at_line_starts && found.start() == text.len())).then_some(found)
    }

    /// The text without the line end at its end, if there is one and `$` matches before it.
    fn before_last_line_end<'a>(&self, text: &'a str) -> Option<&'a str> {
        if !self.at_last_line_end {
            return None;
        }
        ["\r\n", "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
            .iter()
            .find_map(|end| text.strip_suffix(end))
    }

    /// All matches, in the order of Java's `find`: behind an empty match the search goes on one character later.
    pub(super) fn matches<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Match> + 'a {
        let mut from = Some(0);
        std::iter::from_fn(move || {
            let found = self.find_at(text, from?)?;
            from = if found.end() > found.start() {
                Some(found.end())
            } else {
                let next = text.get(found.end()..).and_then(|rest| rest.chars().next());
                next.map(|c| found.end() + c.len_utf8())
            };
            Some(found)
        })
    }
}

/// The patterns of a call, each compiled once.
#[derive(Debug)]
pub(super) struct Patterns<'a> {
    function: &'static str,
    texts: Texts<'a>,
    compiled: HashMap<&'a str, Pattern>,
}

/// A column of patterns seldom holds more; memory must not grow with the rows.
const MOST: usize = 256;

impl<'a> Patterns<'a> {
    /// The patterns of a function's argument.
    pub(super) fn new(function: &'static str, texts: Texts<'a>) -> Self {
        Self { function, texts, compiled: HashMap::new() }
    }

    /// The pattern of a row; `None` where it is NULL.
    ///
    /// # Errors
    /// A pattern that is not taken. The error does not show it, as it may be a row's value.
    pub(super) fn get(&mut self, row: usize) -> Result<Option<&Pattern>> {
        let Some(text) = self.texts.get(row) else { return Ok(None) };
        if !self.compiled.contains_key(text) {
            let pattern = Pattern::new(text).map_err(|fault| told(self.function, &fault))?;
            if self.compiled.len() >= MOST {
                self.compiled.clear();
            }
            let _none = self.compiled.insert(text, pattern);
        }
        Ok(self.compiled.get(text))
    }
}

fn told(function: &str, fault: &Fault) -> datafusion::error::DataFusionError {
    Told::error(said(function, fault))
}

/// What is told of a pattern that is not taken.
pub(super) fn said(function: &str, fault: &Fault) -> String {
    match fault {
        Fault::Wrong(why) => format!("{function}: the regular expression is wrong: {why}"),
        Fault::Unsupported(what) => {
            format!("{function}: not supported in regular expressions: {what}")
        }
        Fault::Refused => format!(
            "{function}: the regular expression is wrong, too large, or names an unknown property of characters"
        ),
    }
}

/// The number of a group that a call asks for.
///
/// # Errors
/// There is no such group.
pub(super) fn checked_group(function: &str, pattern: &Pattern, group: i32) -> Result<usize> {
    match usize::try_from(group) {
        Ok(group) if group <= pattern.groups() => Ok(group),
        // Which one may be a row's value.
        _ => Err(Told::error(format!(
            "{function}: a group is asked for that the regular expression does not have; it has {}, and 0 is the whole match",
            match pattern.groups() {
                1 => "1 group".to_owned(),
                groups => format!("{groups} groups"),
            }
        ))),
    }
}
