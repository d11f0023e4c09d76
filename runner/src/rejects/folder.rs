//! The rejects location: one file of JSON lines for each object that has rows set aside.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use transforms::dms::csv::{Raw, Reject, RowError};

use crate::error::{Error, Result};
use crate::failpoint::failpoint;
use crate::job::Job;
use crate::store::{self, Folder};

/// What a file's name ends with: nothing that DMS writes, should the location be within a staging folder.
const EXTENSION: &str = ".jsonl";

/// A source's name as one part of a path.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-');

/// One row that was set aside, as it is written.
#[derive(Debug, Serialize)]
struct Line<'a> {
    object: &'a str,
    line: u64,
    /// How many lines of the object it takes.
    lines: u64,
    column: Option<&'a str>,
    reason: &'a str,
    /// What else is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<Also<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<Cow<'a, str>>,
    /// In place of `raw` where that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_base64: Option<String>,
    /// The bytes of the whole row, where only its beginning is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_from_bytes: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Also<'a> {
    column: Option<&'a str>,
    reason: &'a str,
}

/// The files of one job.
#[derive(Debug, Clone)]
pub struct RejectsFolder {
    folder: Folder,
}

impl RejectsFolder {
    /// Opens the location that the job names; nothing is asked yet.
    ///
    /// # Errors
    /// Kind `Usage` for one that cannot be.
    pub fn open(job: &Job) -> Result<Option<Self>> {
        let Some(location) = &job.rejects.location else { return Ok(None) };
        Ok(Some(Self { folder: Folder::open(&location.join(job.name.as_str()))? }))
    }

    /// Where the rejects of an object are, as users know it.
    #[must_use]
    pub fn url(&self, source: &str, generation: u32, object: &str) -> String {
        format!("{}{}", self.folder.location(), name(source, generation, object))
    }

    /// Writes an object's rejects over what was there. The same rejects give the same file, so that a run that dies
    /// before its commit leaves nothing that is wrong.
    ///
    /// # Errors
    /// A location that cannot be written.
    pub async fn write(
        &self,
        place: (&str, u32, &str),
        object_url: &str,
        rejects: &[Reject],
    ) -> Result<()> {
        let (source, generation, object) = place;
        let mut text = Vec::new();
        for reject in rejects {
            serde_json::to_writer(&mut text, &line(object_url, reject))
                .map_err(|error| Error::failed("rejects cannot be printed").source(error))?;
            text.push(b'\n');
        }
        let path = self.path(source, generation, object)?;
        failpoint!("rejects.put.before");
        let written = self.folder.store().put(&path, PutPayload::from(text)).await;
        failpoint!("rejects.put.after");
        written.map(drop).map_err(|error| {
            let url = self.url(source, generation, object);
            store::explain(format!("{url}: cannot be written"), &error)
                .hint("`rejects` in job.toml must be a place that can be written (S3: s3:PutObject); the tables are as they were")
        })
    }

    /// Removes the file of an object that has no rejects any more.
    ///
    /// # Errors
    /// A location that cannot be written; a file that is not there is none.
    pub async fn remove(&self, source: &str, generation: u32, object: &str) -> Result<()> {
        let path = self.path(source, generation, object)?;
        failpoint!("rejects.delete.before");
        let removed = self.folder.store().delete(&path).await;
        failpoint!("rejects.delete.after");
        match removed {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => {
                let url = self.url(source, generation, object);
                Err(store::explain(format!("{url}: cannot be removed"), &error))
            }
        }
    }

    fn path(&self, source: &str, generation: u32, object: &str) -> Result<Path> {
        self.folder.path_of(&name(source, generation, object))
    }
}

fn name(source: &str, generation: u32, object: &str) -> String {
    format!("{}/{generation}/{object}{EXTENSION}", utf8_percent_encode(source, PART))
}

fn line<'a>(object: &'a str, reject: &'a Reject) -> Line<'a> {
    let Reject { errors, lines, raw } = reject;
    let first = errors.first();
    let is_cut = raw.size > raw.text.len() as u64;
    let text = text_of(raw);
    Line {
        object,
        line: first.map_or(0, |error| error.line),
        lines: *lines,
        column: first.and_then(|error| error.column.as_deref()),
        reason: first.map_or("", |error| &error.reason),
        also: errors.iter().skip(1).map(also).collect(),
        raw_base64: if text.is_none() { Some(STANDARD.encode(&raw.text)) } else { None },
        raw: text.map(Cow::Borrowed),
        cut_from_bytes: is_cut.then_some(raw.size),
    }
}

fn also(error: &RowError) -> Also<'_> {
    Also { column: error.column.as_deref(), reason: &error.reason }
}

/// The text, without the character in its middle that it was cut off at.
fn text_of(raw: &Raw) -> Option<&str> {
    let is_cut = raw.size > raw.text.len() as u64;
    match std::str::from_utf8(&raw.text) {
        Ok(text) => Some(text),
        Err(error) if is_cut && error.error_len().is_none() => {
            std::str::from_utf8(raw.text.get(..error.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &[u8], size: u64) -> String {
        let error = |column: Option<&str>, reason: &str| RowError {
            line: 3,
            column: column.map(str::to_owned),
            reason: reason.to_owned(),
        };
        let reject = Reject {
            errors: vec![error(Some("id"), "not an INT"), error(Some("day"), "empty text")],
            lines: 1,
            raw: Raw { text: text.to_vec(), size },
        };
        serde_json::to_string(&line("s3://b/LOAD1.csv", &reject)).unwrap()
    }

    #[test]
    fn a_row_is_one_line_with_all_that_is_wrong() {
        assert_eq!(
            printed(b"x,\"a\nb\"", 7),
            r#"{"object":"s3://b/LOAD1.csv","line":3,"lines":1,"column":"id","reason":"not an INT","also":[{"column":"day","reason":"empty text"}],"raw":"x,\"a\nb\""}"#
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_base64_and_a_cut_row_says_its_size() {
        assert!(printed(b"a\xff", 2).ends_with(r#""raw_base64":"Yf8="}"#));
        assert!(printed(b"a\xc3", 9).ends_with(r#""raw":"a","cut_from_bytes":9}"#));
        assert!(printed(b"a\xff\xc3", 9).ends_with(r#""raw_base64":"Yf/D","cut_from_bytes":9}"#));
    }

    #[test]
    fn a_sources_name_is_one_part_of_the_path() {
        assert_eq!(name("a/../b c", 2, "d/LOAD1.csv"), "a%2F%2E%2E%2Fb%20c/2/d/LOAD1.csv.jsonl");
    }
}
