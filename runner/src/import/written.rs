//! What a node is written as. Pure.

use crate::job::vars::is_name;
use crate::lines::push_line;
use crate::scaffold::names::{comment, variables};

use super::graph::Node;

/// A relation that is never there: a SELECT from it fails before anything is read.
pub(super) const MISSING: &str = "write_this_model";

/// The SELECT of a node, or what is to be written in its place.
#[derive(Debug)]
pub(super) struct Written {
    body: Body,
    /// What is put above it, in comments.
    code: Option<String>,
    /// What a reader has to know.
    pub(super) notes: Vec<String>,
    /// The names that DMS's operation would have behind it.
    pub(super) operation: Vec<String>,
}

#[derive(Debug)]
enum Body {
    Select(String),
    ByHand(String),
}

impl Written {
    /// A SELECT.
    pub(super) fn select(sql: impl Into<String>) -> Self {
        Self::of(Body::Select(sql.into()))
    }

    /// All rows as they are.
    pub(super) fn all_of(relation: &str) -> Self {
        Self::select(format!("SELECT *\nFROM {relation}"))
    }

    /// What a person has to write.
    pub(super) fn by_hand(why: impl Into<String>) -> Self {
        Self::of(Body::ByHand(why.into()))
    }

    fn of(body: Body) -> Self {
        Self { body, code: None, notes: Vec::new(), operation: Vec::new() }
    }

    /// The node's own code, which is put above the SELECT.
    pub(super) fn code(mut self, text: Option<&str>) -> Self {
        self.code = text.map(str::to_owned);
        self
    }

    /// Adds what a reader has to know.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds notes.
    pub(super) fn notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// Says what DMS's operation would be called behind it.
    pub(super) fn operation(mut self, names: Vec<String>) -> Self {
        self.operation = names;
        self
    }

    /// Why a person has to write it.
    pub(super) fn why(&self) -> Option<&str> {
        match &self.body {
            Body::Select(_) => None,
            Body::ByHand(why) => Some(why),
        }
    }

    /// The text of its file; the line where a person has to write begins with `SELECT`.
    pub(super) fn text(&self, node: &Node, reads: &[String]) -> String {
        let mut out = String::new();
        push_line(&mut out, format_args!("-- {}", comment(&node.title())));
        if let Some(why) = self.why() {
            push_line(&mut out, format_args!("-- To be written: {}.", comment(why)));
            push_line(&mut out, format_args!("-- It reads {}.", comment(&reads.join(", "))));
        }
        for line in self.code.iter().flat_map(|code| code.lines()) {
            push_line(&mut out, format_args!("--   {}", comment(line)));
        }
        match &self.body {
            Body::Select(sql) => push_line(&mut out, format_args!("{}", sql.trim_end())),
            Body::ByHand(_) => push_line(&mut out, format_args!("SELECT *\nFROM {MISSING}")),
        }
        out
    }
}

/// A list of columns, one in a line.
pub(super) fn select(items: &[String], from: &str) -> String {
    format!("SELECT\n    {}\nFROM {from}", items.join(",\n    "))
}

/// Text that may hold variables of the job: `${NAME}` and `${NAME:-default}` stay such, any other `${` is plain text.
pub(super) fn with_variables(text: &str) -> (String, Vec<String>) {
    let (mut out, mut names) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let body = from.get(2..).and_then(|body| body.split_once('}')).map(|(body, _)| body);
        let name = |body: &str| body.split(":-").next().unwrap_or_default().to_owned();
        match body.filter(|body| is_name(&name(body))) {
            Some(body) if !before.ends_with('$') => {
                out.extend(["${", body, "}"]);
                names.push(name(body));
                rest = from.get(body.len() + 3..).unwrap_or_default();
            }
            _ => {
                out.push_str(&variables("${"));
                rest = from.get(2..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    (out, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_the_job_stay_and_anything_else_is_plain_text() {
        let (text, names) = with_variables("s3://${BUCKET}/${DAY:-x}/a ${1x} ${ $${Y} ${A-B}");
        assert_eq!(text, "s3://${BUCKET}/${DAY:-x}/a $${1x} $${ $$${Y} $${A-B}");
        assert_eq!(names, ["BUCKET", "DAY"]);
        let lookup = |name: &str| Some(format!("<{name}>"));
        let read = crate::job::vars::substitute("f", &text, &lookup).unwrap();
        assert_eq!(read, "s3://<BUCKET>/<DAY>/a ${1x} ${ $${Y} ${A-B}");
    }
}
