//! `ApplyMapping`, "Change Schema" in Glue Studio: columns by name, cast and renamed. Pure.
//!
//! Only what is listed survives, in the order of the list; a value that cannot be cast is NULL.

use super::fields::{Fields, Path};
use super::frame::Frame;
use super::operation;
use super::types;
use super::written::{Written, select};
use crate::scaffold::names::{quoted, text};

pub(super) fn written(fields: Fields<'_>, input: &Frame) -> Written {
    let (mut items, mut notes, mut operations) = (Vec::new(), Vec::new(), Vec::new());
    for entry in fields.objects("Mapping") {
        if entry.is("Dropped") {
            continue;
        }
        let Some(path) = entry.path("FromPath") else { continue };
        let key = target(entry, &path);
        if input.is_operation(&path) {
            operations.push(key.to_lowercase());
            notes.push(operation::left_out(input));
            continue;
        }
        if key.contains('.') {
            notes.push(format!(
                "{key} is one column with a dot in its name; Glue makes a struct of it"
            ));
        }
        match value(entry, &path, input) {
            Ok(expression) => items.push(named(&expression, &key.to_lowercase())),
            Err(why) => return Written::by_hand(why),
        }
    }
    if items.is_empty() {
        return Written::by_hand("the mapping leaves no column");
    }
    Written::select(select(&items, &input.from())).notes(notes).operation(operations)
}

/// The name of a mapping's result.
fn target(entry: Fields<'_>, path: &Path) -> String {
    let last = || path.last().cloned().unwrap_or_default();
    entry.text("ToKey").map_or_else(last, str::to_owned)
}

/// An expression under a name; a column that has the name already is written alone.
pub(super) fn named(expression: &str, name: &str) -> String {
    let name = quoted(name);
    let last = expression.rsplit('.').next().unwrap_or_default();
    if expression == name || (last == name && !expression.contains(' ')) {
        expression.to_owned()
    } else {
        format!("{expression} AS {name}")
    }
}

fn value(entry: Fields<'_>, path: &Path, input: &Frame) -> Result<String, String> {
    let children = entry.objects("Children");
    if !children.is_empty() {
        return structure(&children, input);
    }
    let column = input.sql(path);
    let (from, to) = (entry.text("FromType"), entry.text("ToType"));
    let Some(wanted) = to.and_then(types::sql) else {
        // A structure, an array, or no type at all: as it is.
        return match (from, to) {
            (from, Some(to)) if from != Some(to) => Err(format!("cast {column} to {to}")),
            _ => Ok(column),
        };
    };
    let declared = path.first().filter(|_| path.len() == 1).and_then(|name| input.column(name));
    let is_already = from.and_then(types::sql).as_deref() == Some(wanted.as_str())
        || declared.is_some_and(|column| column.declared.as_deref() == Some(wanted.as_str()));
    Ok(if is_already { column } else { format!("CAST({column} AS {wanted})") })
}

/// A struct of mapped fields.
fn structure(children: &[Fields<'_>], input: &Frame) -> Result<String, String> {
    let mut parts = Vec::new();
    for child in children.iter().filter(|child| !child.is("Dropped")) {
        let Some(path) = child.path("FromPath") else { continue };
        parts.push(text(&target(*child, &path)));
        parts.push(value(*child, &path, input)?);
    }
    Ok(format!("named_struct({})", parts.join(", ")))
}
