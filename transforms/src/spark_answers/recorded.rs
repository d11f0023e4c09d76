//! The files that transforms/spark/record.py writes.

use std::path::Path;

use serde_json::Value;

/// A statement and Spark's answer.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// The file's name without its ending.
    pub(super) file: String,
    /// A function's name, or what else it is about.
    pub(super) topic: String,
    pub(super) sql: String,
    pub(super) answer: Answer,
}

impl Case {
    /// Whether the rows come in an order that the statement asks for.
    pub(super) fn is_ordered(&self) -> bool {
        self.sql.to_uppercase().rsplit(')').next().is_some_and(|tail| tail.contains("ORDER BY"))
    }
}

#[derive(Debug, Clone)]
pub(super) enum Answer {
    Rows {
        columns: Vec<Column>,
        rows: Vec<Value>,
    },
    /// Spark fails.
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// As Spark writes it: `array<int>`.
    pub(super) sql_type: String,
}

/// All cases, by file.
#[expect(clippy::disallowed_methods, reason = "a test reads the repository")]
pub(super) fn all(folder: &Path) -> Vec<Case> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut cases = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        // The first line tells of the Spark that answered.
        cases.extend(text.lines().skip(1).map(|line| case(&file, line)));
    }
    cases
}

fn case(file: &str, line: &str) -> Case {
    let read: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}"));
    let text = |key: &str| read[key].as_str().unwrap().to_owned();
    let answer = match &read["error"] {
        Value::String(_) => Answer::Error,
        _ => Answer::Rows {
            columns: read["columns"].as_array().unwrap().iter().map(column).collect(),
            rows: read["rows"].as_array().unwrap().clone(),
        },
    };
    Case { file: file.to_owned(), topic: text("topic"), sql: text("sql"), answer }
}

fn column(read: &Value) -> Column {
    let text = |index: usize| read[index].as_str().unwrap().to_owned();
    Column { name: text(0), sql_type: text(1) }
}

/// The tables of fixtures.sql with the SELECTs that make them.
pub(super) fn fixtures(text: &str) -> Vec<(String, String)> {
    text.split("\n-- table ")
        .skip(1)
        .map(|part| {
            let (name, select) = part.split_once('\n').unwrap();
            let select = select.rsplit_once(';').unwrap().0;
            (name.trim().to_owned(), select.to_owned())
        })
        .collect()
}
