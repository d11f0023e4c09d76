//! The texts of a job's files. Pure.

use std::fmt::Write as _;

use super::draft::{Column, Draft};
use super::names::{comment, quoted, text, variables};
use crate::lines::push_line;

const TITLE: &str =
    "-- Written by `runner init`. Read it before the first run: what is inferred may be wrong.";

/// `sources.sql`.
pub(super) fn sources(drafts: &[Draft]) -> String {
    let mut out = String::new();
    push_line(&mut out, format_args!("{TITLE}"));
    for draft in drafts {
        out.push('\n');
        declaration(&mut out, draft);
    }
    out
}

fn declaration(out: &mut String, draft: &Draft) {
    for finding in &draft.findings {
        push_line(out, format_args!("-- {}", comment(&finding.message)));
    }
    push_line(out, format_args!("CREATE EXTERNAL TABLE {} (", quoted(&draft.source)));
    let width = |part: fn(&Column) -> usize| draft.columns.iter().map(part).max().unwrap_or(0);
    let names = width(|column| quoted(&column.name).chars().count());
    let last = draft.columns.len().saturating_sub(1);
    for (index, column) in draft.columns.iter().enumerate() {
        let comma = if index < last || !draft.key.is_empty() { "," } else { "" };
        let name = quoted(&column.name);
        let remark = match &column.remark {
            Some(remark) => format!(" -- {}", comment(remark)),
            None => String::new(),
        };
        push_line(out, format_args!("    {name:<names$} {}{comma}{remark}", column.sql_type));
    }
    if !draft.key.is_empty() {
        let columns = draft.key.iter().filter_map(|index| draft.columns.get(*index));
        let key: Vec<String> = columns.map(|column| quoted(&column.name)).collect();
        push_line(out, format_args!("    PRIMARY KEY ({})", key.join(", ")));
    }
    push_line(out, format_args!(")"));
    push_line(out, format_args!("STORED AS DMS"));
    // What it ends with is known only here.
    let _infallible = write!(out, "LOCATION {}", text(&draft.location));
    if !draft.options.is_empty() {
        let options: Vec<String> = draft
            .options
            .iter()
            .map(|(name, value)| format!("'{name}' {}", text(&variables(value))))
            .collect();
        let _infallible = write!(out, "\nOPTIONS ({})", options.join(", "));
    }
    push_line(out, format_args!(";"));
}

/// The model: all columns by their names.
pub(super) fn model(draft: &Draft) -> String {
    let columns: Vec<String> =
        draft.columns.iter().map(|column| format!("    {}", quoted(&column.name))).collect();
    format!("SELECT\n{}\nFROM {}\n", columns.join(",\n"), quoted(&draft.source))
}

/// `job.toml`; `target` is TOML's text without its quotes.
pub(super) fn job(target: &str, drafts: &[Draft]) -> String {
    let mut out = String::new();
    push_line(
        &mut out,
        format_args!("# Written by `runner init`; docs/jobs.md lists what may stand here."),
    );
    push_line(&mut out, format_args!("target = {}", toml_text(target)));
    if drafts.iter().any(|draft| draft.widens) {
        push_line(&mut out, format_args!("\n# Staged objects differ in their columns."));
        push_line(&mut out, format_args!("drift = \"widen\""));
    }
    out
}

fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let column = |name: &str, sql_type: &str, remark: Option<&str>| Column {
            name: name.to_owned(),
            sql_type: sql_type.to_owned(),
            remark: remark.map(str::to_owned),
            doubt: None,
        };
        Draft {
            model: "orders".to_owned(),
            source: "orders_staged".to_owned(),
            location: "/it's/orders/".to_owned(),
            columns: vec![column("id", "BIGINT", Some("2 values")), column("order", "TEXT", None)],
            key: vec![0],
            options: vec![("AddColumnName", "true".to_owned()), ("CsvDelimiter", ";".to_owned())],
            widens: true,
            objects: Vec::new(),
            findings: Vec::new(),
        }
    }

    #[test]
    fn a_declaration_has_columns_key_place_and_options() {
        insta::assert_snapshot!(sources(&[draft()]), @r"
        -- Written by `runner init`. Read it before the first run: what is inferred may be wrong.

        CREATE EXTERNAL TABLE orders_staged (
            id      BIGINT, -- 2 values
            `order` TEXT,
            PRIMARY KEY (id)
        )
        STORED AS DMS
        LOCATION '/it''s/orders/'
        OPTIONS ('AddColumnName' 'true', 'CsvDelimiter' ';');
        ");
    }

    #[test]
    fn a_model_selects_all_columns_by_name() {
        assert_eq!(model(&draft()), "SELECT\n    id,\n    `order`\nFROM orders_staged\n");
    }

    #[test]
    fn a_job_says_where_and_whether_to_widen() {
        let text = job("mysql://u:${P}@h/d\"b", &[draft()]);
        assert!(text.contains("\ndrift = \"widen\"\n"), "{text}");
        let parsed: toml::Table = text.parse().unwrap();
        assert_eq!(parsed["target"].as_str(), Some("mysql://u:${P}@h/d\"b"));
    }
}
