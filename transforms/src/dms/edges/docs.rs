//! The cases in docs/jobs.md, and the names of tests in docs/architecture.md.

use std::fmt::Write;
use std::path::Path;

use super::objects::{OBJECTS, Object};
use super::{Case, Expected, Parquet, bytes, numbers, texts, times};
use crate::testing::{root, text_of};

const BEGIN: &str =
    "<!-- begin of what `UPDATE_DOCS=1 cargo test --workspace --lib edges` writes -->\n";
const END: &str = "<!-- end of it -->\n";

#[test]
fn the_tables_of_edges_are_those_of_the_cases() {
    let path = root().join("docs/jobs.md");
    let text = text_of(&path);
    let (before, rest) =
        text.split_once(BEGIN).expect("docs/jobs.md lacks the begin of the tables");
    let (found, after) = rest.split_once(END).expect("docs/jobs.md lacks the end of the tables");
    let expected = tables();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, [before, BEGIN, &expected, END, after].concat()).unwrap();
        return;
    }
    let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
    assert!(
        found == expected,
        "the tables of `Values at the edges` in docs/jobs.md are not those of the cases in transforms/src/dms/edges, from here on: {differs:?}; \
         UPDATE_DOCS=1 cargo test --workspace --lib edges writes them"
    );
}

fn tables() -> String {
    let mut out = String::new();
    for (title, cases) in [
        ("Dates and times", times::CASES),
        ("Numbers and truth values", numbers::CASES),
        ("Texts and NULL", texts::CASES),
        ("Bytes", bytes::CASES),
    ] {
        writeln!(out, "\n**{title}**\n").unwrap();
        out.push_str(
            "| what the source has | what DMS writes | declared as | result |\n|---|---|---|---|\n",
        );
        cases.iter().for_each(|case| write_case(case, &mut out));
    }
    out.push_str("\n**Around the values**\n\n");
    out.push_str("| what the object has | its text | declared as | result |\n|---|---|---|---|\n");
    OBJECTS.iter().for_each(|object| write_object(object, &mut out));
    out.push('\n');
    out
}

fn write_case(case: &Case, out: &mut String) {
    let Case { source, csv, parquet, declared, options, expected } = case;
    let written = csv.iter().map(|field| match *field {
        "" => "nothing".to_owned(),
        field => code(field),
    });
    let in_parquet = parquet.iter().map(|Parquet { form, .. }| format!("Parquet: {form}"));
    let csv = written.collect::<Vec<_>>().join(", ");
    let written: Vec<String> =
        [csv].into_iter().chain(in_parquet).filter(|s| !s.is_empty()).collect();
    let result = match expected {
        Expected::Is("") => "empty".to_owned(),
        Expected::Is(value) => code(value),
        Expected::Null => "NULL".to_owned(),
        Expected::Bad(reason) => bad(reason),
    };
    let (written, declared) = (written.join("; "), declaration(declared, options));
    writeln!(out, "| {source} | {written} | {declared} | {result} |").unwrap();
}

fn write_object(object: &Object, out: &mut String) {
    let Object { what, text, columns, options, rows } = object;
    let written = if text.is_empty() { "nothing".to_owned() } else { code(text) };
    let result = match rows {
        Ok([]) => "no row".to_owned(),
        Ok(rows) => {
            rows.iter().map(|row| code(&row.replace('|', ", "))).collect::<Vec<_>>().join("; ")
        }
        Err(said) => bad(said),
    };
    let declared = declaration(columns, options);
    writeln!(out, "| {what} | {written} | {declared} | {result} |").unwrap();
}

fn declaration(declared: &str, options: &str) -> String {
    match options {
        "" => format!("`{declared}`"),
        options => format!("`{declared}` with `{options}`"),
    }
}

fn bad(reason: &str) -> String {
    // Without the form that is expected, which is the same in many lines.
    format!("bad row: {}", reason.split(" (").next().unwrap_or(reason))
}

/// A text between backticks, which would take blanks at its ends away.
fn code(text: &str) -> String {
    let inner = text.trim_matches(' ');
    let (before, after) = match inner {
        "" => (text.len(), 0),
        inner => {
            let before = text.len() - text.trim_start_matches(' ').len();
            (before, text.len() - before - inner.len())
        }
    };
    let mut shown = "␠".repeat(before);
    for character in inner.chars() {
        match character {
            '\n' => shown.push('␊'),
            '\r' => shown.push('␍'),
            '\t' => shown.push('␉'),
            '\0' => shown.push('␀'),
            '\u{feff}' => shown.push_str("<BOM>"),
            '\u{fffd}' => shown.push_str("<FF>"),
            '|' => shown.push_str("\\|"),
            other => shown.push(other),
        }
    }
    format!("`{shown}{}`", "␠".repeat(after))
}

/// Each row of the table names tests, in its last cell.
#[test]
fn every_trouble_that_users_have_with_dms_names_tests_that_are_there() {
    let text = text_of(&root().join("docs/architecture.md"));
    let (_, section) =
        text.split_once("## What goes wrong with DMS").expect("there is no such section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut sources = String::new();
    for folder in ["transforms/src", "runner/src", "tests", "events/src"] {
        add_sources(&root().join(folder), &mut sources);
    }
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert_eq!(rows.len(), 11);
    for row in rows {
        let last = row.trim_end_matches(['|', ' ']).rsplit(" | ").next().unwrap_or_default();
        let names: Vec<&str> = last.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test is named: {row}");
        for name in names {
            let is_there =
                ["(", "<"].iter().any(|next| sources.contains(&format!("fn {name}{next}")));
            assert!(is_there, "there is no test `{name}`");
        }
    }
}

fn add_sources(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&text_of(&path));
        }
    }
}
