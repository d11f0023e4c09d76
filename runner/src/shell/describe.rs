//! What `\d` tells of tables, as text.

use unicode_width::UnicodeWidthStr;

use super::commands::USAGES;
use super::names;
use crate::error::{Error, Result};
use crate::explore::{Description, NO_TABLES, TableInfo, TableKind};
use crate::lines::push_line;

/// All tables with what they are.
pub(super) fn listing(tables: &[TableInfo]) -> String {
    if tables.is_empty() {
        return format!("{NO_TABLES}\n");
    }
    let rows = tables.iter().map(|table| vec![table.sql_name(), table.kind.as_str().to_owned()]);
    grid(&["table", "kind"], &rows.collect::<Vec<_>>())
}

/// The tables whose names match a pattern, of these the models and views if only they are asked for.
///
/// # Errors
/// None is like that.
pub(super) fn matching(
    tables: Vec<TableInfo>,
    pattern: Option<&str>,
    is_of_views: bool,
) -> Result<String> {
    if pattern.is_none() && !is_of_views {
        return Ok(listing(&tables));
    }
    let is_wanted = |table: &TableInfo| {
        let kinds = [TableKind::Model, TableKind::Helper, TableKind::View];
        (!is_of_views || kinds.contains(&table.kind))
            && pattern.is_none_or(|pattern| is_like(&table.sql_name(), pattern))
    };
    let wanted: Vec<TableInfo> = tables.into_iter().filter(is_wanted).collect();
    if wanted.is_empty() {
        let what = if is_of_views { "model or view" } else { "table" };
        let like = pattern.map(|pattern| format!(" like `{pattern}`")).unwrap_or_default();
        return Err(
            Error::usage(format!("there is no {what}{like}")).hint("\\d lists what there is")
        );
    }
    Ok(listing(&wanted))
}

/// Whether a name is as a pattern has it, in any case of letters: `*` is any text, `?` one character.
fn is_like(name: &str, pattern: &str) -> bool {
    fn matches(name: &[char], pattern: &[char]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some(('*', rest)) => {
                (0..=name.len()).any(|from| name.get(from..).is_some_and(|of| matches(of, rest)))
            }
            Some((wanted, rest)) => name.split_first().is_some_and(|(first, others)| {
                (*wanted == '?' || wanted == first) && matches(others, rest)
            }),
        }
    }
    let chars = |text: &str| -> Vec<char> { text.to_lowercase().chars().collect() };
    // Two stars are one, and each more of them would take longer.
    let mut pattern = chars(pattern);
    pattern.dedup_by(|one, other| *one == '*' && *other == '*');
    matches(&chars(name), &pattern)
}

/// The functions whose names hold a text, or all of them.
pub(super) fn functions(all: &[String], text: Option<&str>) -> String {
    let text = text.unwrap_or_default().to_lowercase();
    let mut out = String::new();
    for name in all.iter().filter(|name| name.contains(&text)) {
        push_line(&mut out, format_args!("{name}"));
    }
    match out.is_empty() {
        true => format!("there is no function with `{text}` in its name\n"),
        false => out,
    }
}

/// The jobs by name.
pub(super) fn jobs(names: &[String]) -> String {
    let mut out = String::new();
    for name in names {
        push_line(&mut out, format_args!("{name}"));
    }
    out
}

/// A table's columns; in full with what was declared, where it is, and how it is made.
pub(super) fn details(described: &Description, is_full: bool) -> String {
    let Description { table, columns, location, staged, way, definition } = described;
    let mut out = format!("{} {}\n", table.kind.as_str(), table.sql_name());
    let mut head = vec!["column", "type", "nullable", "key"];
    if is_full {
        head.push("declared");
    }
    let said = |holds: bool, word: &str| if holds { word.to_owned() } else { String::new() };
    let rows = columns.iter().map(|column| {
        let mut row = vec![
            column.name.clone(),
            column.data_type.clone(),
            said(column.nullable, "yes"),
            said(column.key, "key"),
        ];
        if is_full {
            row.push(column.declared.clone().unwrap_or_default());
        }
        row
    });
    out.push_str(&grid(&head, &rows.collect::<Vec<_>>()));
    if !is_full {
        return out;
    }
    if let Some(location) = location {
        push_line(&mut out, format_args!("location: {location}"));
    }
    if let Some(staged) = staged {
        push_line(&mut out, format_args!("staged: {staged}"));
    }
    if let Some((way, reason)) = way {
        push_line(&mut out, format_args!("way: {way}: {reason}"));
    }
    if let Some(definition) = definition {
        push_line(&mut out, format_args!("definition: {definition}"));
    }
    out
}

/// What there is to type.
pub(super) fn help() -> String {
    let rows = USAGES.iter().map(|usage| {
        vec![
            format!("\\{} {}", usage.name, usage.takes).trim_end().to_owned(),
            usage.does.to_owned(),
        ]
    });
    let mut out = String::from(
        "A statement ends with `;` and may take several lines. \\g at the end of a line\n\
         ends it too, and \\gx (or \\G) with a block for each row. TAB completes; arrows and\n\
         Ctrl-R find what was typed before; Ctrl-C clears the line, or ends the statement\n\
         that runs; Ctrl-D leaves.\n\n",
    );
    out.push_str(&aligned(&rows.collect::<Vec<_>>()));
    out.push_str("\nFormats: ");
    out.push_str(&names::formats().join(", "));
    out.push_str(
        "; parquet goes to a file only. The name of a file behind \\o\n\
         says its format.\n\
         Tables are what was staged when the shell began; \\refresh looks again. A line that\n\
         begins with a blank is not kept in the history.\n\
         Texts stand in 'single quotes', names that need it in `backquotes`; \"double\" quotes are\n\
         those of a text too.\n",
    );
    out
}

fn grid(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut all = vec![head.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()];
    all.push(head.iter().map(|name| "-".repeat(name.len())).collect());
    all.extend(rows.iter().cloned());
    aligned(&all)
}

/// Columns, two blanks apart.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())))
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        push_line(&mut out, format_args!("{}", line.trim_end()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::ColumnInfo;

    fn orders() -> Description {
        let column = |name: &str, key: bool| ColumnInfo {
            name: name.to_owned(),
            data_type: "INT".to_owned(),
            declared: key.then(|| "INT(11)".to_owned()),
            nullable: !key,
            key,
        };
        Description {
            table: TableInfo {
                schema: transforms::session::SCHEMA.to_owned(),
                name: "orders".to_owned(),
                kind: TableKind::Source,
            },
            columns: vec![column("order_id", true), column("total", false)],
            location: Some("/staged/orders".to_owned()),
            staged: Some("2 objects, 30 B".to_owned()),
            way: None,
            definition: None,
        }
    }

    #[test]
    fn tables_are_listed_with_what_they_are() {
        let listed = listing(&[orders().table]);
        assert_eq!(listed, "table   kind\n-----   ----\norders  source\n");
        assert!(listing(&[]).contains("CREATE EXTERNAL TABLE"));
    }

    #[test]
    fn tables_are_listed_by_a_pattern_of_their_names() {
        let named = |schema: &str, name: &str, kind| TableInfo {
            schema: schema.to_owned(),
            name: name.to_owned(),
            kind,
        };
        let own = transforms::session::SCHEMA;
        let tables = || {
            vec![
                named(own, "orders", TableKind::Source),
                named(own, "order_days", TableKind::Model),
                named("target", "orders", TableKind::Target),
            ]
        };
        let listed = |pattern, is_of_views| {
            let told = matching(tables(), pattern, is_of_views);
            told.map_err(|error| error.to_string())
        };
        let head = |width: usize| format!("{:width$}  kind\n{:width$}  ----\n", "table", "-----");
        for (pattern, rows) in [
            ("order*", format!("{}orders      source\norder_days  model\n", head(10))),
            ("ORDERS?", String::new()),
            ("target.*", format!("{}target.orders  target\n", head(13))),
            (
                "*s",
                format!(
                    "{}orders         source\norder_days     model\ntarget.orders  target\n",
                    head(13)
                ),
            ),
        ] {
            match rows.is_empty() {
                true => assert_eq!(
                    listed(Some(pattern), false).unwrap_err(),
                    "there is no table like `ORDERS?`"
                ),
                false => assert_eq!(listed(Some(pattern), false).unwrap(), rows, "{pattern}"),
            }
        }
        assert_eq!(listed(None, true).unwrap(), format!("{}order_days  model\n", head(10)));
        assert_eq!(listed(Some("x*"), true).unwrap_err(), "there is no model or view like `x*`");
    }

    #[test]
    fn a_table_is_told_in_short_and_in_full() {
        let short = "source orders\n\
                     column    type  nullable  key\n\
                     ------    ----  --------  ---\n\
                     order_id  INT             key\n\
                     total     INT   yes\n";
        assert_eq!(details(&orders(), false), short);
        let full = details(&orders(), true);
        assert!(full.contains("order_id  INT             key  INT(11)\n"), "{full}");
        assert!(full.ends_with("location: /staged/orders\nstaged: 2 objects, 30 B\n"), "{full}");
    }

    #[test]
    fn functions_are_found_by_a_part_of_their_names() {
        let all = ["date_add", "sum", "to_date"].map(str::to_owned);
        assert_eq!(functions(&all, Some("DATE")), "date_add\nto_date\n");
        assert_eq!(functions(&all, None).lines().count(), 3);
        assert!(functions(&all, Some("x")).contains("no function with `x`"));
    }

    #[test]
    fn the_help_tells_of_every_command_and_format() {
        for format in names::formats() {
            assert!(help().contains(&format), "{format}");
        }
        for usage in USAGES {
            assert!(help().contains(&format!("\\{} {}", usage.name, usage.takes)));
        }
    }
}
