//! `EvaluateDataQuality`: rules of DQDL, which go into a file of the job as they are. Pure.

use super::frame::Frame;
use super::graph::Node;
use super::written::Written;

/// The rows pass as they are; `file` is where the rules are.
pub(super) fn written(node: &Node, input: &Frame, file: &str) -> Written {
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
        .notes(stops.then(|| "in Glue the job stops where a rule fails".to_owned()))
}

/// The name of the file of the rules; those of a second node get a file of their own.
pub(super) fn file(before: usize) -> String {
    if before == 0 { "quality.dqdl".to_owned() } else { format!("quality_{}.dqdl", before + 1) }
}
