//! DMS's operation (I, U, D), which a Glue job reads as the first column of a table. Pure.
//!
//! Here it is no column: a run applies operations, and a source is its table as it stands. So it must be found in a job, and what
//! the job does with it must be told.

use super::fields::{Fields, Path};
use super::frame::Frame;
use super::graph::Node;

/// How a header calls it.
const HEADER: &str = "op";

/// The name that Glue gives to the first column of CSV without a header.
const UNNAMED: &str = "col0";

/// What mappings rename it to.
const CALLED: [&str; 10] = [
    "op",
    "cdc_op",
    "cdc_operation",
    "dms_op",
    "dms_operation",
    "op_type",
    "operation",
    "operation_type",
    "change_type",
    "dml_op",
];

/// Whether the first column of a source is the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// By its name, or what the job does with it.
    Is,
    /// It has no name, and nothing tells.
    MayBe,
    IsNot,
}

/// Looks at the name of a source's first column, and at what the job's nodes do with it.
pub(super) fn look<'a>(first: &str, nodes: impl Iterator<Item = &'a Node>) -> Found {
    let first = first.to_lowercase();
    if first == HEADER {
        return Found::Is;
    }
    let is_first =
        |path: &Path| path.len() == 1 && path.iter().all(|name| name.to_lowercase() == first);
    let may_be = first == UNNAMED || CALLED.contains(&first.as_str());
    if may_be && nodes.into_iter().any(|node| uses_it(node.fields(), &is_first)) {
        return Found::Is;
    }
    if first == UNNAMED { Found::MayBe } else { Found::IsNot }
}

/// Whether a node renames it to what an operation is called, or compares it with one.
fn uses_it(node: Fields<'_>, is_first: &dyn Fn(&Path) -> bool) -> bool {
    let renamed = node.objects("Mapping").into_iter().any(|mapping| {
        mapping.path("FromPath").is_some_and(|path| is_first(&path))
            && mapping
                .text("ToKey")
                .is_some_and(|key| CALLED.contains(&key.to_lowercase().as_str()))
    });
    let compared = node.objects("Filters").into_iter().any(|filter| {
        let values = filter.objects("Values");
        let has = |kind: &str, test: &dyn Fn(&Path) -> bool| {
            values.iter().any(|value| {
                value.text("Type").is_some_and(|text| text.eq_ignore_ascii_case(kind))
                    && value.path("Value").is_some_and(|path| test(&path))
            })
        };
        has("COLUMNEXTRACTED", is_first)
            && has("CONSTANT", &|text| {
                text.iter().all(|text| matches!(text.as_str(), "I" | "U" | "D"))
            })
    });
    renamed || compared
}

/// What is said where a path of the operation is left out.
pub(super) fn left_out(frame: &Frame) -> String {
    format!("{} is DMS's operation and is left out: a run applies it", frame.operation.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn node(fields: Value) -> Node {
        let Value::Object(fields) = fields else { panic!("no object") };
        let (id, kind, name) = (String::new(), String::new(), String::new());
        Node { id, kind, name, inputs: Vec::new(), fields }
    }

    #[test]
    fn the_operation_is_told_by_its_name_or_by_its_use() {
        let renaming =
            node(json!({ "Mapping": [{ "FromPath": ["col0"], "ToKey": "cdc_operation" }] }));
        let comparing = node(json!({ "filters": [{ "operation": "EQ", "values": [
            { "type": "COLUMNEXTRACTED", "value": ["COL0"] }, { "type": "CONSTANT", "value": ["D"] },
        ] }] }));
        let other = node(json!({ "Mapping": [{ "FromPath": ["col0"], "ToKey": "id" }] }));
        for (first, nodes, found) in [
            ("Op", vec![], Found::Is),
            ("col0", vec![&other, &renaming], Found::Is),
            ("col0", vec![&comparing], Found::Is),
            ("col0", vec![&other], Found::MayBe),
            ("id", vec![&renaming], Found::IsNot),
            ("operation", vec![], Found::IsNot),
        ] {
            assert_eq!(look(first, nodes.into_iter()), found, "{first}");
        }
    }
}
