//! `EvaluateDataQuality`: rules of DQDL, which become those of the model that holds the node's rows.

use std::collections::BTreeSet;

use super::frame::Frame;
use super::graph::{Graph, Node};
use super::planner::Planner;
use super::report::{NodeReport, Outcome};
use super::written::{Written, with_variables};
use crate::scaffold::folder::Files;

/// Where the rules of a node are.
#[derive(Debug)]
pub(super) enum Rules {
    /// In the file of the model that holds the node's rows.
    File(String),
    /// Nowhere: no run evaluates them.
    Lost { why: String, text: String },
}

/// What the job does in AWS where a rule fails (`StopJobOnFailureOptions`). Without the options it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnFailure {
    GoesOn,
    Stops,
    StopsAfterLoad,
}

impl OnFailure {
    fn of(node: &Node) -> Self {
        let options = node.fields().object("StopJobOnFailureOptions");
        match options.and_then(|options| options.text("StopJobOnFailureTiming")) {
            None => Self::GoesOn,
            Some(timing) if timing.eq_ignore_ascii_case("AfterDataLoad") => Self::StopsAfterLoad,
            Some(_) => Self::Stops,
        }
    }
}

/// Whether a node has rules.
pub(super) fn is_of(node: &Node) -> bool {
    matches!(node.kind.as_str(), "EvaluateDataQuality" | "EvaluateDataQualityMultiFrame")
}

/// The rulesets of a job.
#[derive(Debug, Default)]
pub(super) struct Rulesets {
    all: Vec<Ruleset>,
}

#[derive(Debug)]
struct Ruleset {
    node: String,
    model: String,
    file: String,
    text: String,
    is_only_told: bool,
}

impl Rulesets {
    /// Takes the rules of a node, which are of `model` if there is one that holds its rows.
    pub(super) fn take(&mut self, node: &Node, model: Option<String>) -> Option<Rules> {
        let (text, _) = with_variables(node.fields().text("Ruleset")?.trim_end());
        let lost = |why: String, text: String| Some(Rules::Lost { why, text });
        let Some(model) = model else {
            return lost("no table holds the rows that its rules are of".to_owned(), text);
        };
        let file = format!("{model}.dqdl");
        if self.all.iter().any(|other| other.model == model) {
            return lost(format!("{file} has the rules of another node: add these to it"), text);
        }
        let is_only_told = OnFailure::of(node) == OnFailure::GoesOn;
        let node = node.id.clone();
        let text = format!("{text}\n");
        self.all.push(Ruleset { node, model, file: file.clone(), text, is_only_told });
        Some(Rules::File(file))
    }

    /// The models whose rows are written even if a rule fails.
    pub(super) fn only_told(&self) -> BTreeSet<String> {
        let told = self.all.iter().filter(|ruleset| ruleset.is_only_told);
        told.map(|ruleset| ruleset.model.clone()).collect()
    }

    /// Checks all rules against their models, as far as these are planned: what does not fit is to be written.
    pub(super) async fn check(&self, planner: &Planner<'_>, nodes: &mut [NodeReport]) {
        for Ruleset { node, model, file, text, .. } in &self.all {
            let Err(error) = planner.check_rules(file, text, model).await else { continue };
            let Some(report) = nodes.iter_mut().find(|report| report.id == *node) else { continue };
            let line = error.place.at.and_then(|(line, _)| usize::try_from(line).ok());
            let help = error.help.map(|help| format!("; {help}")).unwrap_or_default();
            report.outcome = Outcome::ToBeWritten;
            (report.file, report.line) = (file.clone(), line.unwrap_or(1));
            report.notes.insert(0, format!("this rule is not read here: {}{help}", error.message));
        }
    }

    /// The files.
    pub(super) fn into_files(self) -> Files {
        self.all.into_iter().map(|ruleset| (ruleset.file, ruleset.text)).collect()
    }
}

/// The target that writes a node's rows as they are.
pub(super) fn target_of<'a>(node: &'a Node, graph: &'a Graph) -> Option<&'a Node> {
    let origin = origin(&node.id, graph);
    graph.iter().find(|target| {
        target.role() == super::kind::Role::Target
            && matches!(target.inputs.as_slice(), [input] if self::origin(input, graph) == origin)
    })
}

/// The node that makes the rows of this one: some only look at them.
fn origin<'a>(id: &'a str, graph: &'a Graph) -> &'a str {
    let mut at = id;
    while let Some(node) = graph.iter().find(|node| node.id == at)
        && (is_of(node) && !gives_results(node)
            || matches!(node.kind.as_str(), "Spigot" | "DropNullFields"))
        && let Some(input) = node.inputs.first()
    {
        at = input;
    }
    at
}

/// Whether a node gives what its rules say, in place of the rows.
fn gives_results(node: &Node) -> bool {
    node.fields().text("Output").is_some_and(|output| output == "EvaluationResults")
}

/// The rows pass as they are.
pub(super) fn written(node: &Node, input: &Frame, rules: Option<&Rules>) -> Written {
    let on_failure = OnFailure::of(node);
    if gives_results(node) {
        let place = match rules {
            Some(Rules::File(file)) => format!("the rules are in {file}"),
            _ => "the rules are not evaluated".to_owned(),
        };
        return Written::by_hand(format!(
            "the node gives the results of its rules as rows: {place}; remove this file and what reads it"
        ))
        .code(lost_text(rules));
    }
    let rows = Written::all_of(&input.from()).operation(input.operation.clone());
    match rules {
        None => rows.note("it has no rules; the rows pass as they are"),
        Some(Rules::File(file)) => rows.note(format!(
            "its rules are in {file}, unchanged, and the rows pass as they are; {}",
            match on_failure {
                OnFailure::GoesOn => {
                    "as in Glue a rule that fails is told of, and the rows are written: on_failure in job.toml"
                }
                OnFailure::Stops => "as in Glue nothing is written if a rule fails",
                OnFailure::StopsAfterLoad => {
                    "in Glue the rows are written before the job fails, here nothing is written if a rule fails"
                }
            }
        )),
        Some(Rules::Lost { why, .. }) if on_failure == OnFailure::GoesOn => rows
            .note(format!("its rules are not evaluated: {why}"))
            .code(lost_text(rules)),
        Some(Rules::Lost { why, .. }) => Written::by_hand(format!(
            "in Glue the job stops if a rule of the node fails, and its rules are not evaluated: {why}. Write them for a model, then SELECT * FROM {}",
            input.relation
        ))
        .code(lost_text(rules)),
    }
}

fn lost_text(rules: Option<&Rules>) -> Option<&str> {
    match rules {
        Some(Rules::Lost { text, .. }) => Some(text),
        _ => None,
    }
}
