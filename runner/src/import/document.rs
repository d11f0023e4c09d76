//! A Glue job as it comes: what `aws glue get-job` prints, what Glue Studio downloads, or what it puts into a Git repository. Pure.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::graph::Node;
use super::kind;
use crate::error::{Error, Result};

/// The largest file. A job that AWS takes is far smaller.
pub const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Nodes of one job; beyond it is not one job.
const NODES_MAX: usize = 200;

/// The field that has the nodes.
const NODES: &str = "CodeGenConfigurationNodes";

/// A job of Glue Studio.
#[derive(Debug)]
pub(super) struct Document {
    /// Its name, if the file has it.
    pub(super) name: Option<String>,
    pub(super) nodes: Vec<Node>,
    /// The names of its default arguments, without the leading dashes. Values may be secrets.
    pub(super) arguments: Vec<String>,
    /// The names of its connections.
    pub(super) connections: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// Kind `Usage`: no JSON, no job, a job without visual nodes, more nodes than are read.
pub(super) fn parse(bytes: &[u8]) -> Result<Document> {
    // The parser bounds how deep values are nested.
    let not_json = |error| Error::usage("the file is not JSON").source(error);
    let mut value: Value = serde_json::from_slice(bytes).map_err(not_json)?;
    unfold(&mut value).map_err(not_json)?;
    let root = value.as_object().ok_or_else(no_job)?;
    let job = job_of(Fields(root))?;
    let nodes = nodes_of(job)?;
    if nodes.len() > NODES_MAX {
        return Err(Error::usage(format!("the job has {} nodes", nodes.len()))
            .hint(format!("at most {NODES_MAX} are read: divide the job")));
    }
    let config = job.object("jobConfig").unwrap_or(job);
    Ok(Document {
        name: config.text("Name").map(str::to_owned),
        nodes: nodes.iter().map(|(id, value)| node(id, value)).collect::<Result<_>>()?,
        arguments: arguments(config),
        connections: connections(config),
    })
}

/// In a Git repository the nodes are a text that is JSON in itself.
fn unfold(job: &mut Value) -> serde_json::Result<()> {
    let Some(fields) = job.as_object_mut() else { return Ok(()) };
    for (name, value) in fields.iter_mut() {
        if let (true, Some(text)) = (name.eq_ignore_ascii_case(NODES), value.as_str()) {
            *value = serde_json::from_str(text)?;
        }
    }
    Ok(())
}

fn no_job() -> Error {
    Error::usage("the file holds no job of AWS Glue")
        .hint("save what `aws glue get-job --job-name NAME` prints, or what Glue Studio downloads")
}

/// The object that has the nodes.
fn job_of(root: Fields<'_>) -> Result<Fields<'_>> {
    if let Some(job) = root.object("Job") {
        return Ok(job);
    }
    match root.objects("Jobs").as_slice() {
        [] => Ok(root),
        [job] => Ok(*job),
        more => Err(Error::usage(format!("the file holds {} jobs", more.len()))
            .hint("import one at a time: aws glue get-job --job-name NAME")),
    }
}

fn nodes_of(job: Fields<'_>) -> Result<&Map<String, Value>> {
    let named = job.object(NODES).or_else(|| job.object("dag"));
    if let Some(Fields(nodes)) = named
        && !nodes.is_empty()
    {
        return Ok(nodes);
    }
    if named.is_some() || job.object("Command").is_some() || job.object("jobConfig").is_some() {
        let message = "the job has no visual nodes: it is a script";
        return Err(Error::usage(message).hint(
            "write its SQL into a job's folder by hand (docs/jobs.md), or begin with `runner init`",
        ));
    }
    // The nodes alone.
    let is_node = |value: &Value| value.as_object().is_some_and(|node| body(node).is_some());
    if !job.0.is_empty() && job.0.values().all(is_node) { Ok(job.0) } else { Err(no_job()) }
}

/// The kind of a node and its fields.
fn body(node: &Map<String, Value>) -> Option<(String, &Map<String, Value>)> {
    if let Some(kind) = kind::downloaded(Fields(node)) {
        return Some((kind, node));
    }
    let mut given = node.iter().filter(|(_, value)| !value.is_null());
    match (given.next(), given.next()) {
        (Some((name, Value::Object(fields))), None) => Some((kind::canonical(name), fields)),
        _ => None,
    }
}

fn node(id: &str, value: &Value) -> Result<Node> {
    let found = value.as_object().and_then(body);
    let (kind, fields) = found.ok_or_else(|| {
        Error::usage(format!("node {id} is not one of the nodes that AWS Glue has"))
            .hint("each node has one kind: {\"ApplyMapping\": {…}}")
    })?;
    let read = Fields(fields);
    let name = read.text("Name").unwrap_or(&kind).to_owned();
    let inputs = read.texts("Inputs");
    Ok(Node { id: id.to_owned(), kind, name, inputs, fields: fields.clone() })
}

/// `DefaultArguments` of the API, `jobParameters` of Glue Studio.
fn arguments(job: Fields<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for list in ["DefaultArguments", "NonOverridableArguments"] {
        if let Some(Fields(arguments)) = job.object(list) {
            names.extend(arguments.keys().cloned());
        }
    }
    let parameters = job.objects("jobParameters").into_iter();
    names.extend(parameters.filter_map(|parameter| parameter.text("key")).map(str::to_owned));
    for name in &mut names {
        *name = name.trim_start_matches('-').to_owned();
    }
    names.sort();
    names.dedup();
    names
}

fn connections(job: Fields<'_>) -> Vec<String> {
    match job.object("Connections") {
        Some(connections) => connections.texts("Connections"),
        None => job.texts("connectionsList"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<Document> {
        parse(value.to_string().as_bytes())
    }

    #[test]
    fn the_forms_in_which_a_job_comes_are_all_read() {
        let printed = json!({ "ApplyMapping": { "Name": "Change", "Inputs": ["b"] } });
        let camel = json!({ "applyMapping": { "name": "Change", "inputs": ["b"] } });
        let downloaded = json!({
            "nodeId": "a", "classification": "Transform", "type": "ApplyMapping", "name": "Change",
            "inputs": ["b"]
        });
        let arguments = json!({ "--bucket": "x", "--TempDir": "y" });
        for job in [
            json!({ "Job": { "Name": "j", "CodeGenConfigurationNodes": { "a": printed }, "DefaultArguments": arguments } }),
            json!({ "Jobs": [{ "Name": "j", "CodeGenConfigurationNodes": { "a": printed }, "DefaultArguments": arguments }] }),
            json!({ "name": "j", "codeGenConfigurationNodes": { "a": camel }, "defaultArguments": arguments }),
            json!({ "name": "j", "codeGenConfigurationNodes": json!({ "a": printed }).to_string(), "defaultArguments": arguments }),
            json!({ "jobConfig": { "name": "j", "jobParameters": [{ "key": "--bucket" }, { "key": "TempDir" }] }, "dag": { "a": downloaded } }),
        ] {
            let document = read(&job).unwrap();
            assert_eq!(document.name.as_deref(), Some("j"));
            assert_eq!(document.arguments, ["TempDir", "bucket"]);
            let node = &document.nodes[0];
            let (id, kind, name) = (node.id.as_str(), node.kind.as_str(), node.name.as_str());
            assert_eq!((id, kind, name), ("a", "ApplyMapping", "Change"));
            assert_eq!(node.inputs, ["b"]);
        }
        let alone = read(&json!({ "a": printed, "b": camel })).unwrap();
        assert_eq!((alone.name, alone.nodes.len()), (None, 2));
    }

    #[test]
    fn what_is_no_visual_job_is_refused_without_repeating_it() {
        let script = json!({ "Job": { "Name": "hunter2", "Command": { "Name": "glueetl" } } });
        let two = json!({ "Jobs": [{}, {}] });
        let kinds = json!({ "dag": { "a": { "Filter": {}, "Join": {}, "hunter2": 1 } } });
        let many: Map<String, Value> =
            (0..=NODES_MAX).map(|n| (n.to_string(), json!({ "Filter": {} }))).collect();
        for (value, said) in [
            (json!([]), "no job"),
            (json!({}), "no job"),
            (json!({ "a": "hunter2" }), "no job"),
            (script, "it is a script"),
            (two, "2 jobs"),
            (kinds, "node a is not one"),
            (Value::Object(many), "201 nodes"),
        ] {
            let error = read(&value).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        let folded = json!({ "codeGenConfigurationNodes": "{hunter2" });
        assert!(read(&folded).unwrap_err().to_string().contains("not JSON"));
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).unwrap_err().to_string().contains("not JSON"));
    }
}
