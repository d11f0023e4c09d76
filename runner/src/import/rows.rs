//! Nodes that choose rows or bring frames together: `DropDuplicates`, `Union`, `Merge`, `DropNullFields`, `Spigot`. Pure.

use super::fields::Fields;
use super::frame::Frame;
use super::operation;
use super::written::{Written, select};

/// One row of each key; without columns, of each row.
pub(super) fn drop_duplicates(fields: Fields<'_>, input: &Frame) -> Written {
    let mut paths = fields.paths("Columns");
    let given = paths.len();
    paths.retain(|path| !input.is_operation(path));
    let left_out = (paths.len() < given).then(|| operation::left_out(input));
    let by: Vec<String> = paths.iter().map(|path| input.sql(path)).collect();
    let written = if by.is_empty() {
        Written::select(format!("SELECT DISTINCT *\nFROM {}", input.from()))
    } else {
        let names: Vec<String> =
            paths.iter().filter_map(|path| path.first()).map(|name| input.name(name)).collect();
        first_rows(&by, &names, input)
    };
    written.notes(left_out).operation(input.operation.clone())
}

/// Spark keeps any row; one that all runs agree on is the first by the other columns.
fn first_rows(by: &[String], names: &[String], input: &Frame) -> Written {
    let others = input.columns_without(names).filter(|others| !others.is_empty());
    let order = others.as_deref().unwrap_or(by).join(", ");
    let number = format!("row_number() OVER (PARTITION BY {} ORDER BY {order})", by.join(", "));
    let (columns, note) = match input.columns_without(&[]) {
        Some(columns) => (
            format!("\n    {}", columns.join(",\n    ")),
            "of several rows with the same values Spark keeps any one, here the first by the other columns",
        ),
        None => (
            " * EXCEPT (row_of_key)".to_owned(),
            "of several rows with the same values Spark keeps any one: add to ORDER BY which one is meant",
        ),
    };
    let sql = format!(
        "SELECT{columns}\nFROM (\n    SELECT *, {number} AS row_of_key\n    FROM {}\n) AS numbered\nWHERE row_of_key = 1",
        input.from()
    );
    Written::select(sql).note(note)
}

/// The rows of both frames; columns belong together by their places.
pub(super) fn union(fields: Fields<'_>, inputs: &[&Frame]) -> Written {
    let distinct =
        fields.text("UnionType").is_some_and(|word| word.eq_ignore_ascii_case("DISTINCT"));
    let word = if distinct { "UNION" } else { "UNION ALL" };
    let selects: Vec<String> =
        inputs.iter().map(|frame| format!("SELECT * FROM {}", frame.from())).collect();
    let names = |frame: &&Frame| {
        let columns = frame.columns.as_ref()?;
        Some(columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>())
    };
    let all: Vec<Option<Vec<String>>> = inputs.iter().map(names).collect();
    let differ = all.iter().flatten().zip(all.iter().flatten().skip(1)).any(|(a, b)| a != b);
    let operations = inputs.iter().flat_map(|frame| frame.operation.iter().cloned()).collect();
    Written::select(selects.join(&format!("\n{word}\n")))
        .notes(differ.then(|| {
            "columns belong together by their places, as in Glue, and their names differ".to_owned()
        }))
        .operation(operations)
}

/// The staging frame's rows, and those of the source frame whose key it does not have.
pub(super) fn merge(fields: Fields<'_>, ids: &[String], inputs: &[&Frame]) -> Written {
    let [first, second] = inputs else {
        return Written::by_hand("the merge has no two frames");
    };
    let is_second =
        fields.text("Source").is_some_and(|id| ids.get(1).is_some_and(|second| second == id));
    let (source, staging) = if is_second { (second, first) } else { (first, second) };
    let keys = fields.paths("PrimaryKeys");
    if keys.is_empty() {
        return Written::by_hand("the merge names no key");
    }
    let on: Vec<String> = keys
        .iter()
        .map(|key| format!("old.{} = new.{}", source.sql(key), staging.sql(key)))
        .collect();
    let columns = source.columns_without(&[]).zip(staging.columns_without(&[]));
    let (of_new, of_old, note) = match columns {
        None => (
            "*".to_owned(),
            "old.*".to_owned(),
            Some("columns belong together by their places: compare both frames"),
        ),
        Some((old, new))
            if old.iter().any(|name| !new.contains(name)) || new.len() != old.len() =>
        {
            return Written::by_hand(
                "both frames of the merge must have the same columns: write NULL for those that one lacks",
            );
        }
        Some((old, _)) => {
            let of_old: Vec<String> = old.iter().map(|name| format!("old.{name}")).collect();
            (old.join(", "), of_old.join(", "), None)
        }
    };
    let sql = format!(
        "SELECT {of_new}\nFROM {}\nUNION ALL\nSELECT {of_old}\nFROM {} AS old\nLEFT ANTI JOIN {} AS new\n    ON {}",
        staging.from(),
        source.from(),
        staging.from(),
        on.join("\n    AND ")
    );
    let operations = inputs.iter().flat_map(|frame| frame.operation.iter().cloned()).collect();
    Written::select(sql).notes(note.map(str::to_owned)).operation(operations)
}

/// Which columns hold nothing is known of rows alone.
pub(super) fn drop_null_fields(input: &Frame) -> Written {
    let written = match input.columns_without(&[]) {
        Some(columns) => Written::select(select(&columns, &input.from())),
        None => Written::all_of(&input.from()),
    };
    written
        .note("Glue leaves out columns that are NULL in every row, which changes with the rows: here all stay; take out those that you do not want")
        .operation(input.operation.clone())
}

/// A sample is written by nobody here.
pub(super) fn spigot(fields: Fields<'_>, input: &Frame) -> Written {
    let path = fields.text("Path").unwrap_or("S3");
    Written::all_of(&input.from())
        .note(format!("the sample that the node writes to {path} is not written; `runner sql -c 'SELECT …'` shows rows"))
        .operation(input.operation.clone())
}
