//! From nodes to files: in their order, each over what it reads.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Document;
use super::frame::Frame;
use super::graph::{Graph, Node};
use super::kind::Role;
use super::planner::Planner;
use super::quality::{Rules, Rulesets};
use super::report::{NodeReport, Outcome};
use super::request::Key;
use super::source::{self, Draft};
use super::written::Written;
use super::{quality, rows, target, transform};
use crate::error::{Error, Result};
use crate::scaffold::folder::Files;
use crate::scaffold::{ddl, names};

/// The first line of `sources.sql`.
const TITLE: &str =
    "-- Written by `runner import`. Compare it with what is staged before the first run.";

/// The declarations.
const SOURCES: &str = "sources.sql";

/// What a job becomes.
#[derive(Debug)]
pub(super) struct Made {
    /// All files but `job.toml`.
    pub(super) files: Files,
    pub(super) nodes: Vec<NodeReport>,
    /// The tables of models that are called otherwise.
    pub(super) tables: BTreeMap<String, String>,
    /// The models whose rows are written even if a rule fails.
    pub(super) only_told: BTreeSet<String>,
}

/// Writes the files of a job.
///
/// # Errors
/// Kind `Usage` for nodes that are not a graph, a job without sources, and keys that sources cannot have.
pub(super) async fn make(document: Document, keys: &[Key], planner: Planner<'_>) -> Result<Made> {
    let graph = Graph::new(document.nodes)?;
    let mut maker = Maker::new(&graph, planner);
    let of_role = |role: Role| graph.iter().filter(move |node| node.role() == role);
    for node in of_role(Role::Source) {
        maker.source(node, keys).await?;
    }
    maker.check_keys(keys)?;
    for node in graph.iter().filter(|node| node.role() == Role::Transform) {
        maker.transform(node).await;
    }
    for node in of_role(Role::Target) {
        maker.target(node).await;
    }
    maker.rules.check(&maker.planner, &mut maker.nodes).await;
    maker.made()
}

struct Maker<'a> {
    graph: &'a Graph,
    planner: Planner<'a>,
    /// Names of sources and models.
    taken: Vec<String>,
    /// The model of each target's node.
    models: BTreeMap<String, String>,
    /// What each node gives: one frame, or those of a collection.
    frames: BTreeMap<String, Vec<Frame>>,
    drafts: Vec<Draft>,
    files: Files,
    rules: Rulesets,
    nodes: Vec<NodeReport>,
    tables: BTreeMap<String, String>,
}

impl<'a> Maker<'a> {
    fn new(graph: &'a Graph, planner: Planner<'a>) -> Self {
        let (mut taken, mut models, mut tables) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for node in graph.iter().filter(|node| node.role() == Role::Target) {
            let table = target::table(node);
            let model = names::table(names::last_part(&table), &taken);
            taken.push(model.clone());
            if model != table.to_lowercase() {
                tables.insert(model.clone(), table);
            }
            models.insert(node.id.clone(), model);
        }
        Self {
            graph,
            planner,
            taken,
            models,
            frames: BTreeMap::new(),
            drafts: Vec::new(),
            files: Vec::new(),
            rules: Rulesets::default(),
            nodes: Vec::new(),
            tables,
        }
    }

    async fn source(&mut self, node: &Node, keys: &[Key]) -> Result<()> {
        let mut frames = Vec::new();
        for mut draft in source::drafts(node, self.graph, keys, &mut self.taken)? {
            let text = ddl::sources("", &[draft.declaration()]);
            let declared = self.planner.declare(&text).await;
            if let Err(error) = &declared
                && draft.to_fill.is_empty()
            {
                draft.to_fill.push(error.message.clone());
            }
            frames.push(Frame {
                relation: draft.source.clone(),
                is_planned: declared.is_ok(),
                columns: declared.ok(),
                operation: draft.operation.clone(),
            });
            self.drafts.push(draft);
        }
        if frames.len() > 1 {
            // Several folders are read as one table.
            let inputs: Vec<&Frame> = frames.iter().collect();
            let written = rows::union(node.fields(), &inputs);
            let name = names::helper(&node.name, &self.taken);
            let (frame, _) = self.file(node, &name, &written, &inputs).await;
            frames = vec![frame];
        }
        self.frames.insert(node.id.clone(), frames);
        Ok(())
    }

    /// Each key that was given is of a source.
    fn check_keys(&self, keys: &[Key]) -> Result<()> {
        let sources: Vec<&str> = self.drafts.iter().map(|draft| draft.source.as_str()).collect();
        for key in keys {
            let of: Vec<&&str> = sources.iter().filter(|source| key.is_of(source)).collect();
            let hint = format!("the sources are {}: --key SOURCE:COLUMN", sources.join(", "));
            match (&key.source, of.len()) {
                (_, 1) => {}
                (Some(name), _) => {
                    return Err(Error::usage(format!(
                        "--key names a source `{name}`, which is not there"
                    ))
                    .hint(hint));
                }
                (None, _) => {
                    return Err(Error::usage(
                        "--key does not name its source, and there are several",
                    )
                    .hint(hint));
                }
            }
        }
        Ok(())
    }

    async fn transform(&mut self, node: &Node) {
        let inputs = self.inputs(node);
        let inputs: Vec<&Frame> = inputs.iter().collect();
        let rules = if quality::is_of(node) { self.rules_of(node) } else { None };
        let parts = match (node.kind.as_str(), inputs.first()) {
            ("SelectFromCollection", Some(frame)) => {
                vec![Written::all_of(&frame.from()).operation(frame.operation.clone())]
            }
            ("SelectFromCollection", None) => vec![Written::by_hand(
                "the node takes a frame of its collection that is not carried",
            )],
            _ => transform::written(node, &inputs, rules.as_ref()),
        };
        let is_one = parts.len() == 1;
        let mut frames = Vec::new();
        for (index, written) in parts.iter().enumerate() {
            if index > 0 && !self.is_taken(node, index) {
                continue;
            }
            let name = match self.only_target(node).filter(|_| is_one) {
                Some(model) => model,
                None if index == 0 => names::helper(&node.name, &self.taken),
                None => names::helper(&format!("{} rest", node.name), &self.taken),
            };
            let (frame, report) = self.file(node, &name, written, &inputs).await;
            frames.push(frame);
            match self.nodes.last_mut().filter(|last| last.id == node.id) {
                Some(last) => last.add(report),
                None => self.nodes.push(report),
            }
        }
        self.frames.insert(node.id.clone(), frames);
    }

    async fn target(&mut self, node: &Node) {
        let model = self.models.get(&node.id).cloned().unwrap_or_default();
        let notes = target::notes(node, self.tables.get(&model).map(String::as_str));
        let inputs = self.inputs(node);
        let input = self.graph.iter().find(|other| node.inputs.first() == Some(&other.id));
        let is_there = input
            .is_some_and(|input| self.only_target(input).as_deref() == Some(&model))
            && inputs.first().is_some_and(|frame| frame.relation == model);
        if is_there {
            let file = format!("{model}.sql");
            self.nodes.push(report(node, &file, 1, Outcome::Noted, notes));
            return;
        }
        let written = match inputs.as_slice() {
            [] => Written::by_hand("the target reads nothing"),
            [frame] => Written::all_of(&frame.from()),
            more => rows::union(node.fields(), &more.iter().collect::<Vec<_>>()),
        };
        let written = written.notes(notes);
        let inputs: Vec<&Frame> = inputs.iter().collect();
        let (_, report) = self.file(node, &model, &written, &inputs).await;
        self.nodes.push(report);
    }

    /// What a node reads. Of a collection it is the first frame, or the one that the node takes.
    fn inputs(&self, node: &Node) -> Vec<Frame> {
        let takes = node.kind == "SelectFromCollection";
        let index = node.fields().number("Index").filter(|_| takes).unwrap_or(0);
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        let frames = node.inputs.iter().filter_map(|input| self.frames.get(input)?.get(index));
        frames.cloned().collect()
    }

    /// Whether a node takes this frame of a collection.
    fn is_taken(&self, node: &Node, index: usize) -> bool {
        let mut readers = self.graph.readers(&node.id);
        let index = u64::try_from(index).unwrap_or(u64::MAX);
        readers.any(|reader| reader.fields().number("Index") == Some(index))
    }

    /// The model of the target that alone reads a node.
    fn only_target(&self, node: &Node) -> Option<String> {
        let reader = self.graph.only_reader(&node.id)?;
        let alone = reader.role() == Role::Target && reader.inputs.len() == 1;
        self.models.get(&reader.id).filter(|_| alone).cloned()
    }

    /// The rules of a node of data quality.
    fn rules_of(&mut self, node: &Node) -> Option<Rules> {
        let target = quality::target_of(node, self.graph);
        let model = target.and_then(|target| self.models.get(&target.id).cloned());
        self.rules.take(node, model)
    }

    /// Writes a file and plans it.
    async fn file(
        &mut self,
        node: &Node,
        name: &str,
        written: &Written,
        inputs: &[&Frame],
    ) -> (Frame, NodeReport) {
        if !self.taken.iter().any(|taken| taken == name) {
            self.taken.push(name.to_owned());
        }
        let file = format!("{name}.sql");
        let reads: Vec<String> = inputs.iter().map(|frame| frame.relation.clone()).collect();
        let text = written.text(node, &reads);
        let mut notes: Vec<String> = written.why().map(str::to_owned).into_iter().collect();
        notes.extend(written.notes.iter().cloned());
        notes.dedup();
        let mut outcome = if notes.is_empty() { Outcome::Carried } else { Outcome::Noted };
        let mut line = select_line(&text);
        let mut columns = None;
        let mut is_planned = false;
        if written.why().is_some() {
            outcome = Outcome::ToBeWritten;
        } else if inputs.iter().any(|frame| !frame.is_planned) {
            outcome = Outcome::Noted;
            notes.push("not planned yet, since what it reads is to be written first".to_owned());
        } else {
            match self.planner.plan(&file, &text).await {
                Ok(planned) => (columns, is_planned) = (Some(planned), true),
                Err(error) if !self.planner.unset(&text).is_empty() => {
                    let open = self.planner.unset(&text).join(", ");
                    outcome = Outcome::Noted;
                    notes.push(format!(
                        "not planned yet, since variables have no value: {open} ({})",
                        error.message
                    ));
                }
                Err(error) => {
                    outcome = Outcome::ToBeWritten;
                    line = error
                        .place
                        .at
                        .and_then(|(line, _)| usize::try_from(line).ok())
                        .unwrap_or(line);
                    let help =
                        error.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
                    notes.insert(0, format!("this SQL is not read here: {}{help}", error.message));
                    notes.extend(operation_note(inputs, &error.message));
                }
            }
        }
        self.files.push((file.clone(), text));
        let columns = columns.or_else(|| declared(node));
        let frame = Frame {
            relation: name.to_owned(),
            columns,
            operation: written.operation.clone(),
            is_planned,
        };
        (frame, report(node, &file, line, outcome, notes))
    }

    fn made(mut self) -> Result<Made> {
        if self.drafts.is_empty() {
            return Err(Error::usage("the job has no node that reads")
                .hint("a job of Unglue begins with what DMS staged"));
        }
        let declarations: Vec<_> = self.drafts.iter().map(Draft::declaration).collect();
        let sources = ddl::sources(TITLE, &declarations);
        let mut nodes: Vec<NodeReport> = Vec::new();
        for node in self.graph.iter().filter(|node| node.role() == Role::Source) {
            let drafts = self.drafts.iter().filter(|draft| draft.node == node.id);
            for draft in drafts {
                let found = source_report(node, draft, &sources);
                match nodes.last_mut().filter(|last| last.id == node.id) {
                    Some(last) => last.add(found),
                    None => nodes.push(found),
                }
            }
        }
        nodes.append(&mut self.nodes);
        let mut files = vec![(SOURCES.to_owned(), sources)];
        files.append(&mut self.files);
        let only_told = self.rules.only_told();
        files.extend(self.rules.into_files());
        Ok(Made { files, nodes, tables: self.tables, only_told })
    }
}

/// Names that SQL looks for in vain may be the operation's.
fn operation_note(inputs: &[&Frame], message: &str) -> Option<String> {
    let names = inputs.iter().flat_map(|frame| &frame.operation);
    let lower = message.to_lowercase();
    let name = names.into_iter().find(|name| lower.contains(&format!("{name}`")))?;
    Some(format!("{name} is DMS's operation: a run applies it, so take it out of the SQL"))
}

/// The columns that a node itself declares.
fn declared(node: &Node) -> Option<Vec<super::frame::Column>> {
    let columns = source::schema(node);
    let named = columns.iter().map(|column| super::frame::Column::named(&column.name));
    (!columns.is_empty()).then(|| named.collect())
}

/// The line with which the statement of a file begins.
fn select_line(text: &str) -> usize {
    text.lines().take_while(|line| line.starts_with("--")).count() + 1
}

fn source_report(node: &Node, draft: &Draft, sources: &str) -> NodeReport {
    let head = format!("CREATE EXTERNAL TABLE {}", names::quoted(&draft.source));
    let is_head = |line: &str| line == head || line == format!("{head} (");
    let line = sources.lines().position(is_head).map_or(1, |at| at + 1);
    let outcome = match (draft.to_fill.is_empty(), draft.notes.is_empty()) {
        (false, _) => Outcome::ToBeWritten,
        (true, false) => Outcome::Noted,
        (true, true) => Outcome::Carried,
    };
    let notes = draft.to_fill.iter().chain(&draft.notes).cloned().collect();
    report(node, SOURCES, line, outcome, notes)
}

fn report(
    node: &Node,
    file: &str,
    line: usize,
    outcome: Outcome,
    notes: Vec<String>,
) -> NodeReport {
    let Node { id, kind, name, .. } = node;
    let outcome =
        if outcome == Outcome::Noted && notes.is_empty() { Outcome::Carried } else { outcome };
    NodeReport {
        id: id.clone(),
        kind: kind.clone(),
        name: name.clone(),
        outcome,
        file: file.to_owned(),
        line,
        notes,
    }
}
