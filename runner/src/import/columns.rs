//! Nodes that choose and rename columns: `SelectFields`, `DropFields`, `RenameField`, `SplitFields`. Pure.

use super::fields::{Fields, Path};
use super::frame::{Frame, is_same};
use super::mapping::named;
use super::operation;
use super::written::{Written, select};
use crate::scaffold::names::quoted;

/// The listed columns, in the order of the list; those that are not there are passed over, as in Glue.
pub(super) fn select_fields(fields: Fields<'_>, input: &Frame) -> Written {
    let listed = fields.paths("Paths");
    let takes_operation = listed.iter().any(|path| input.is_operation(path));
    let (paths, notes) = present(listed, input);
    if paths.is_empty() {
        return Written::by_hand("the node selects no column that is there").notes(notes);
    }
    let items: Vec<String> = paths.iter().map(|path| input.sql(path)).collect();
    let operation = if takes_operation { input.operation.clone() } else { Vec::new() };
    Written::select(select(&items, &input.from())).notes(notes).operation(operation)
}

/// All columns but the listed ones.
pub(super) fn drop_fields(fields: Fields<'_>, input: &Frame) -> Written {
    let listed = fields.paths("Paths");
    let drops_operation = listed.iter().any(|path| input.is_operation(path));
    let (paths, notes) = present(listed, input);
    let written = without(&paths, input).notes(notes);
    if drops_operation { written.operation(Vec::new()) } else { written }
}

/// All columns, one under another name.
pub(super) fn rename_field(fields: Fields<'_>, input: &Frame) -> Written {
    let (Some(from), Some(to)) = (fields.path("SourcePath"), fields.path("TargetPath")) else {
        return Written::by_hand("the node does not say what it renames");
    };
    if input.is_operation(&from) {
        return Written::all_of(&input.from())
            .note(operation::left_out(input))
            .operation(to.iter().map(|name| name.to_lowercase()).collect());
    }
    let ([from], [to]) = (from.as_slice(), to.as_slice()) else {
        return Written::by_hand(format!("rename {} to {}", from.join("."), to.join(".")));
    };
    if input.lacks(from) {
        return Written::all_of(&input.from())
            .note(format!("there is no column {from} to rename"))
            .operation(input.operation.clone());
    }
    let renamed = |name: &str| named(&quoted(name), &to.to_lowercase());
    let written = match &input.columns {
        Some(columns) => {
            let item = |name: &str| if is_same(name, from) { renamed(name) } else { quoted(name) };
            let items: Vec<String> = columns.iter().map(|column| item(&column.name)).collect();
            Written::select(select(&items, &input.from()))
        }
        None => {
            let name = input.name(from);
            let items = [format!("* EXCEPT ({})", quoted(&name)), renamed(&name)];
            Written::select(select(&items, &input.from()))
                .note(format!("{to} is the last column here, in Glue it stays where {from} was"))
        }
    };
    written.operation(input.operation.clone())
}

/// Two frames: the listed columns, and the others.
pub(super) fn split(fields: Fields<'_>, input: &Frame) -> Vec<Written> {
    let (paths, _) = present(fields.paths("Paths"), input);
    vec![select_fields(fields, input), without(&paths, input)]
}

fn without(paths: &[Path], input: &Frame) -> Written {
    if let Some(within) = paths.iter().find(|path| path.len() > 1) {
        return Written::by_hand(format!("leave out {} within its structure", within.join(".")));
    }
    let names: Vec<String> =
        paths.iter().filter_map(|path| path.first()).map(|name| input.name(name)).collect();
    let written = match input.columns_without(&names) {
        _ if names.is_empty() => Written::all_of(&input.from()),
        Some(kept) if kept.is_empty() => Written::by_hand("the node leaves no column"),
        Some(kept) => Written::select(select(&kept, &input.from())),
        None => {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            let all = format!("SELECT * EXCEPT ({})\nFROM {}", names.join(", "), input.from());
            Written::select(all)
        }
    };
    written.operation(input.operation.clone())
}

/// The paths that are there, and what is said of the others.
fn present(paths: Vec<Path>, input: &Frame) -> (Vec<Path>, Vec<String>) {
    let (mut kept, mut notes) = (Vec::new(), Vec::new());
    for path in paths {
        if input.is_operation(&path) {
            notes.push(operation::left_out(input));
        } else if path.first().is_some_and(|name| input.lacks(name)) {
            notes
                .push(format!("there is no column {}, which Glue passes over too", path.join(".")));
        } else {
            kept.push(path);
        }
    }
    (kept, notes)
}
