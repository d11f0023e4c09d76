//! The texts of a job's files. Pure.

use std::fmt::Write as _;

use super::names::{comment, declared_text, quoted, variables};
use crate::lines::push_line;

/// A source that is going to be declared.
#[derive(Debug)]
pub(crate) struct Declaration<'a> {
    pub(crate) source: &'a str,
    /// `LOCATION` as it is written, its variables as they are.
    pub(crate) location: &'a str,
    /// Without any the declaration has no list: it is a source of which nothing is known.
    pub(crate) columns: &'a [Column],
    /// Indices of columns.
    pub(crate) key: &'a [usize],
    /// Names and values of OPTIONS, those that are not DMS's defaults.
    pub(crate) options: &'a [(&'static str, String)],
    /// What is said above it.
    pub(crate) comments: Vec<&'a str>,
}

/// A column that is going to be declared.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) sql_type: String,
    /// What its declaration is from.
    pub(crate) remark: Option<String>,
    /// What is doubtful about its type.
    pub(crate) doubt: Option<&'static str>,
}

/// `sources.sql`; `title` is its first line.
pub(crate) fn sources(title: &str, sources: &[Declaration<'_>]) -> String {
    let mut out = String::new();
    push_line(&mut out, format_args!("{title}"));
    for source in sources {
        out.push('\n');
        declaration(&mut out, source);
    }
    out
}

fn declaration(out: &mut String, source: &Declaration<'_>) {
    for said in &source.comments {
        push_line(out, format_args!("-- {}", comment(said)));
    }
    // What it ends with is known only here.
    let _infallible = write!(out, "CREATE EXTERNAL TABLE {}", quoted(source.source));
    if !source.columns.is_empty() {
        columns(out, source);
    }
    push_line(out, format_args!(""));
    push_line(out, format_args!("STORED AS DMS"));
    let _infallible = write!(out, "LOCATION {}", declared_text(source.location));
    if !source.options.is_empty() {
        let options: Vec<String> = source
            .options
            .iter()
            .map(|(name, value)| format!("'{name}' {}", declared_text(&variables(value))))
            .collect();
        let _infallible = write!(out, "\nOPTIONS ({})", options.join(", "));
    }
    push_line(out, format_args!(";"));
}

/// The list of columns and the key, up to the closing bracket.
fn columns(out: &mut String, source: &Declaration<'_>) {
    push_line(out, format_args!(" ("));
    let width = |part: fn(&Column) -> usize| source.columns.iter().map(part).max().unwrap_or(0);
    let names = width(|column| quoted(&column.name).chars().count());
    let last = source.columns.len().saturating_sub(1);
    for (index, column) in source.columns.iter().enumerate() {
        let comma = if index < last || !source.key.is_empty() { "," } else { "" };
        let name = quoted(&column.name);
        let remark = match &column.remark {
            Some(remark) => format!(" -- {}", comment(remark)),
            None => String::new(),
        };
        push_line(out, format_args!("    {name:<names$} {}{comma}{remark}", column.sql_type));
    }
    if !source.key.is_empty() {
        let columns = source.key.iter().filter_map(|index| source.columns.get(*index));
        let key: Vec<String> = columns.map(|column| quoted(&column.name)).collect();
        push_line(out, format_args!("    PRIMARY KEY ({})", key.join(", ")));
    }
    out.push(')');
}

/// The model: all columns by their names.
pub(crate) fn model(source: &Declaration<'_>) -> String {
    let columns: Vec<String> =
        source.columns.iter().map(|column| format!("    {}", quoted(&column.name))).collect();
    format!("SELECT\n{}\nFROM {}\n", columns.join(",\n"), quoted(source.source))
}

/// `job.toml`, written by a command; `target` is TOML's text without its quotes.
pub(crate) fn job(command: &str, target: &str, widens: bool) -> String {
    let mut out = String::new();
    push_line(
        &mut out,
        format_args!("# Written by `{command}`; docs/jobs.md lists what may stand here."),
    );
    push_line(&mut out, format_args!("target = {}", toml_text(target)));
    if widens {
        push_line(&mut out, format_args!("\n# Staged objects differ in their columns."));
        push_line(&mut out, format_args!("drift = \"widen\""));
    }
    out
}

/// A text of TOML, quoted.
pub(crate) fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        let column = |name: &str, sql_type: &str, remark: Option<&str>| Column {
            name: name.to_owned(),
            sql_type: sql_type.to_owned(),
            remark: remark.map(str::to_owned),
            doubt: None,
        };
        vec![column("id", "BIGINT", Some("2 values")), column("order", "TEXT", None)]
    }

    fn options() -> Vec<(&'static str, String)> {
        vec![("AddColumnName", "true".to_owned()), ("CsvDelimiter", ";".to_owned())]
    }

    fn source<'a>(columns: &'a [Column], options: &'a [(&'static str, String)]) -> Declaration<'a> {
        Declaration {
            source: "orders_staged",
            location: "/it's/orders/",
            columns,
            key: if columns.is_empty() { &[] } else { &[0] },
            options,
            comments: vec!["what; DROP\n${X}"],
        }
    }

    #[test]
    fn a_declaration_has_columns_key_place_and_options() {
        let (columns, options) = (columns(), options());
        insta::assert_snapshot!(sources("-- Title.", &[source(&columns, &options)]), @r"
        -- Title.

        -- what; DROP $${X}
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
    fn a_source_of_which_no_column_is_known_has_no_list() {
        insta::assert_snapshot!(sources("-- Title.", &[source(&[], &[])]), @r"
        -- Title.

        -- what; DROP $${X}
        CREATE EXTERNAL TABLE orders_staged
        STORED AS DMS
        LOCATION '/it''s/orders/';
        ");
    }

    #[test]
    fn a_model_selects_all_columns_by_name() {
        let columns = columns();
        assert_eq!(
            model(&source(&columns, &[])),
            "SELECT\n    id,\n    `order`\nFROM orders_staged\n"
        );
    }

    #[test]
    fn a_job_says_where_and_whether_to_widen() {
        let text = job("runner init", "mysql://u:${P}@h/d\"b", true);
        assert!(text.contains("\ndrift = \"widen\"\n"), "{text}");
        let parsed: toml::Table = text.parse().unwrap();
        assert_eq!(parsed["target"].as_str(), Some("mysql://u:${P}@h/d\"b"));
    }
}
