//! `EvaluateDataQuality`: rules of DQDL, which go into a file of the job as they are. Pure.

use super::frame::Frame;
use super::graph::Node;
use super::written::Written;
use crate::scaffold::folder::Files;
use transforms::quality::EXTENSION;

/// The rows pass as they are; `file` is where the rules are, and `is_last` whether the node's rows are a model's.
pub(super) fn written(node: &Node, input: &Frame, (file, is_last): (&str, bool)) -> Written {
    let fields = node.fields();
    if fields.text("Output").is_some_and(|output| output == "EvaluationResults") {
        return Written::by_hand(format!(
            "the node gives the results of its rules as rows: the rules are in {file}; remove this file and what reads it"
        ));
    }
    let stops = fields.object("StopJobOnFailureOptions").is_some_and(|stop| !stop.0.is_empty());
    Written::all_of(&input.from())
        .operation(input.operation.clone())
        .note(format!("its rules are in {file}, unchanged; the rows pass as they are"))
        .notes((!is_last).then(|| {
            "here rules are of the rows of a model's table, not of those that pass this node: compare its columns".to_owned()
        }))
        .notes(stops.then(|| "in Glue the job stops where a rule fails".to_owned()))
}

/// The name of the file of the rules: of the model that they are of, if it is known and there are several; those of a second node get
/// a file of their own, which a person has to bring together with the first.
pub(super) fn file(model: Option<&str>, taken: &Files) -> String {
    let is_free = |name: &String| !taken.iter().any(|(file, _)| file == name);
    let stem = model.unwrap_or("quality");
    let numbered = (2..).map(|number| format!("{stem}_{number}.{EXTENSION}"));
    let first = format!("{stem}.{EXTENSION}");
    std::iter::once(first.clone()).chain(numbered).find(is_free).unwrap_or(first)
}
