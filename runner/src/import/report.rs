//! What `runner import` wrote, node by node, as text and as JSON.

use serde::Serialize;

use crate::job::Job;
use crate::lines::push_line;
use crate::report::SCHEMA_VERSION;
use crate::scaffold::next;

/// What became of a job.
#[derive(Debug, Clone, Serialize)]
pub struct ImportReport {
    /// The version of the layout.
    pub schema_version: u32,
    /// The job.
    pub job: String,
    /// Its folder.
    pub folder: String,
    /// The files in it.
    pub files: Vec<String>,
    /// Its nodes, each behind those that it reads.
    pub nodes: Vec<NodeReport>,
    /// The models that are written to tables, if the job can be planned.
    pub models: Vec<ModelReport>,
    /// Names of arguments of the Glue job that are variables now.
    pub arguments: Vec<String>,
    /// What is true of the job as a whole.
    pub notes: Vec<String>,
}

/// What became of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeReport {
    /// As AWS gave it.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The file that it is in.
    pub file: String,
    /// The line to look at.
    pub line: usize,
    /// What to know, or what to write.
    pub notes: Vec<String>,
}

impl NodeReport {
    /// Adds what became of another part of the node.
    pub(super) fn add(&mut self, other: Self) {
        if other.outcome == Outcome::ToBeWritten && self.outcome != Outcome::ToBeWritten {
            (self.file, self.line) = (other.file, other.line);
        }
        if self.outcome == Outcome::Carried || other.outcome == Outcome::ToBeWritten {
            self.outcome = other.outcome;
        }
        self.notes.extend(other.notes);
        self.notes.dedup();
    }
}

/// How far a node was carried over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it was.
    Carried,
    /// With something to know.
    Noted,
    /// A person has to write it, or a part of it.
    ToBeWritten,
}

/// A model that is written to a table.
#[derive(Debug, Clone, Serialize)]
pub struct ModelReport {
    /// Its name.
    pub model: String,
    /// Its table.
    pub table: String,
    /// Names of the key's columns.
    pub key: Vec<String>,
    /// How its delta is found.
    pub way: String,
    /// Why.
    pub reason: String,
}

impl ImportReport {
    /// The report, of what was planned if it could be.
    pub(super) fn new(
        job: String,
        folder: String,
        files: Vec<String>,
        nodes: Vec<NodeReport>,
        planned: Option<&Job>,
    ) -> Self {
        let outputs = planned.into_iter().flat_map(|job| &job.outputs);
        let models = outputs.map(|output| ModelReport {
            model: output.model.clone(),
            table: output.table.to_string(),
            key: output.key_names(),
            way: output.analysis.way.to_string(),
            reason: output.analysis.reason.clone(),
        });
        Self {
            schema_version: SCHEMA_VERSION,
            job,
            folder,
            files,
            nodes,
            models: models.collect(),
            arguments: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The report for people; `jobs` is the folder of jobs if it was given.
    #[must_use]
    pub fn to_text(&self, jobs: Option<&str>) -> String {
        let mut out = String::new();
        let Self { job, folder, files, nodes, models, arguments, notes, .. } = self;
        push_line(&mut out, format_args!("{job} -> {folder}: {}", files.join(", ")));
        for NodeReport { id, kind, name, outcome, file, line, notes } in nodes {
            let outcome = match outcome {
                Outcome::Carried => "carried",
                Outcome::Noted => "carried with a note",
                Outcome::ToBeWritten => "to be written by you",
            };
            let title = one_line(&format!("{kind} {id}: {name}"));
            push_line(&mut out, format_args!("{file}:{line}: {outcome}: {title}"));
            for note in notes {
                push_line(&mut out, format_args!("    {}", one_line(note)));
            }
        }
        for ModelReport { model, table, key, way, reason } in models {
            let key = if key.is_empty() {
                "no key".to_owned()
            } else {
                format!("key ({})", key.join(", "))
            };
            push_line(&mut out, format_args!("model {model} -> {table}: {key}; {way}: {reason}"));
        }
        if !arguments.is_empty() {
            push_line(
                &mut out,
                format_args!(
                    "arguments that are variables now: {}",
                    one_line(&arguments.join(", "))
                ),
            );
        }
        for note in notes {
            push_line(&mut out, format_args!("note: {}", one_line(note)));
        }
        let open = nodes.iter().filter(|node| node.outcome == Outcome::ToBeWritten).count();
        let first = match open {
            0 => String::new(),
            1 => "write what is missing in 1 place, ".to_owned(),
            more => format!("write what is missing in {more} places, "),
        };
        let plan = next::plan(job, jobs);
        push_line(&mut out, format_args!("{first}look at the files, then: {plan}"));
        out
    }
}

/// Names come from a file: they may hold anything.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}
