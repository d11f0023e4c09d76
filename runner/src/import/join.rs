//! `Join`: two frames by columns, usually equal ones. Pure.

use super::fields::{Fields, Path};
use super::frame::Frame;
use super::operation;
use super::written::Written;
use crate::scaffold::names::quoted;

/// How Glue Studio lets columns be compared.
const SIGNS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];

pub(super) fn written(fields: Fields<'_>, ids: &[String], inputs: &[&Frame]) -> Written {
    // A node that is joined with itself is listed once.
    let (Some(left), Some(right)) = (inputs.first(), inputs.get(1).or(inputs.first())) else {
        return Written::by_hand("the join has no two sides");
    };
    let sides = fields.objects("Columns");
    let (Some(of_left), Some(of_right)) = (side(&sides, ids, 0), side(&sides, ids, 1)) else {
        return Written::by_hand("the join does not say which columns are equal");
    };
    if of_left.len() != of_right.len() || of_left.is_empty() {
        return Written::by_hand("the join has another number of columns on each side");
    }
    if of_left.iter().any(|path| left.is_operation(path))
        || of_right.iter().any(|path| right.is_operation(path))
    {
        return Written::by_hand(format!(
            "the join compares DMS's operation. {}",
            operation::left_out(left)
        ));
    }
    let kind = fields.text("JoinType").unwrap_or("equijoin").to_lowercase();
    let keyword = match kind.as_str() {
        "equijoin" | "inner" => "JOIN",
        "left" => "LEFT JOIN",
        "right" => "RIGHT JOIN",
        "outer" | "full" => "FULL OUTER JOIN",
        "leftsemi" => "LEFT SEMI JOIN",
        "leftanti" => "LEFT ANTI JOIN",
        other => return Written::by_hand(format!("a join of type {other}")),
    };
    let signs = fields.texts("columnConditions");
    if let Some(other) = signs.iter().find(|sign| !SIGNS.contains(&sign.as_str())) {
        return Written::by_hand(format!("a join that compares by {other}"));
    }
    let conditions: Vec<String> = of_left
        .iter()
        .zip(&of_right)
        .enumerate()
        .map(|(index, (l, r))| {
            let sign = signs.get(index).map_or("=", String::as_str);
            format!("l.{} {sign} r.{}", left.sql(l), right.sql(r))
        })
        .collect();
    let only_left = matches!(kind.as_str(), "leftsemi" | "leftanti");
    let (mut items, mut notes) = (vec!["l.*".to_owned()], Vec::new());
    if !only_left {
        let (of_right, note) = right_columns(left, right);
        items.extend(of_right);
        notes.extend(note);
    }
    let mut operation = left.operation.clone();
    operation.extend(right.operation.iter().filter(|_| !only_left).cloned());
    let sql = format!(
        "SELECT {}\nFROM {} AS l\n{keyword} {} AS r\n    ON {}",
        items.join(", "),
        left.from(),
        right.from(),
        conditions.join("\n    AND ")
    );
    Written::select(sql).notes(notes).operation(operation)
}

/// The columns of one side: the entry of its node, else the one at its place.
fn side(sides: &[Fields<'_>], ids: &[String], index: usize) -> Option<Vec<Path>> {
    let id = ids.get(index).or(ids.first())?;
    let is_of = |side: &&Fields<'_>| side.text("From") == Some(id.as_str());
    let twins = sides.iter().filter(is_of).count() > 1;
    let found = if twins { None } else { sides.iter().find(is_of) };
    Some(found.or_else(|| sides.get(index))?.paths("Keys"))
}

/// The right side's columns; those whose names the left side has too get the name that Glue Studio gives them.
fn right_columns(left: &Frame, right: &Frame) -> (Vec<String>, Option<String>) {
    let Some(columns) = &right.columns else { return (vec!["r.*".to_owned()], None) };
    let twins: Vec<&str> = columns
        .iter()
        .filter(|column| left.column(&column.name).is_some())
        .map(|column| column.name.as_str())
        .collect();
    if twins.is_empty() {
        return (vec!["r.*".to_owned()], None);
    }
    let item = |name: &str| {
        if twins.contains(&name) {
            format!("r.{} AS {}", quoted(name), quoted(&format!("(right){name}")))
        } else {
            format!("r.{}", quoted(name))
        }
    };
    let items = columns.iter().map(|column| item(&column.name)).collect();
    let note = format!(
        "both sides have {}: the right one is called (right)… here, as Glue Studio does",
        twins.join(", ")
    );
    (items, Some(note))
}
