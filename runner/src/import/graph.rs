//! The nodes of a job in the order in which they read each other. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::fields::Fields;
use super::kind::{Role, role};
use crate::error::{Error, Result};

/// How often a node may read nodes, directly or not: a plan holds a table wherever it is read, and one that is read twice by each of
/// many nodes in a row would have no end.
const READS_MAX: usize = 10_000;

/// A node of a job.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// As AWS gave it: `node-1668430577437`.
    pub(super) id: String,
    /// In the API's spelling.
    pub(super) kind: String,
    /// As the job's author called it.
    pub(super) name: String,
    /// Ids of the nodes that it reads.
    pub(super) inputs: Vec<String>,
    pub(super) fields: Map<String, Value>,
}

impl Node {
    /// Its fields.
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields(&self.fields)
    }

    /// What it is for.
    pub(super) fn role(&self) -> Role {
        role(&self.kind)
    }

    /// How people find it: kind, id and name.
    pub(super) fn title(&self) -> String {
        format!("{} {}: {}", self.kind, self.id, self.name)
    }
}

/// Nodes, each behind those that it reads.
#[derive(Debug)]
pub(super) struct Graph(Vec<Node>);

impl Graph {
    /// Orders nodes.
    ///
    /// # Errors
    /// Kind `Usage`, with names: a node that reads one that is not there, nodes that read each other, and those that read too often.
    pub(super) fn new(nodes: Vec<Node>) -> Result<Self> {
        let ids: BTreeSet<&str> = nodes.iter().map(|node| node.id.as_str()).collect();
        for node in &nodes {
            if let Some(missing) = node.inputs.iter().find(|input| !ids.contains(input.as_str())) {
                let message = format!("{} reads {missing}, which is not in the job", node.title());
                return Err(Error::usage(message).hint("export the whole job again"));
            }
        }
        let mut waiting: BTreeMap<String, Node> =
            nodes.into_iter().map(|node| (node.id.clone(), node)).collect();
        let mut ordered = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let is_ready = |node: &&Node| !node.inputs.iter().any(|id| waiting.contains_key(id));
            let ready: Vec<String> =
                waiting.values().filter(is_ready).map(|node| node.id.clone()).collect();
            if ready.is_empty() {
                return Err(cycle(&waiting));
            }
            ordered.extend(ready.iter().filter_map(|id| waiting.remove(id)));
        }
        check_reads(&ordered)?;
        Ok(Self(ordered))
    }

    /// The nodes in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.0.iter()
    }

    /// The nodes that read one.
    pub(super) fn readers<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Node> {
        self.iter().filter(move |node| node.inputs.iter().any(|input| input == id))
    }

    /// The only node that reads one.
    pub(super) fn only_reader<'a>(&'a self, id: &'a str) -> Option<&'a Node> {
        let mut readers = self.readers(id);
        let first = readers.next()?;
        readers.next().is_none().then_some(first)
    }
}

fn check_reads(ordered: &[Node]) -> Result<()> {
    let mut reads: BTreeMap<&str, usize> = BTreeMap::new();
    for node in ordered {
        let of_inputs = node.inputs.iter().filter_map(|input| reads.get(input.as_str()));
        let all = of_inputs.fold(1_usize, |sum, count| sum.saturating_add(*count));
        if all > READS_MAX {
            return Err(Error::usage(format!(
                "{} reads nodes more than {READS_MAX} times",
                node.title()
            ))
            .hint(
                "nodes that are read twice by nodes that are read twice are many: divide the job",
            ));
        }
        reads.insert(&node.id, all);
    }
    Ok(())
}

/// All that is left reads, directly or not, a cycle: following inputs ends in it.
fn cycle(waiting: &BTreeMap<String, Node>) -> Error {
    let mut path: Vec<&Node> = Vec::new();
    let mut next = waiting.values().next();
    while let Some(node) = next {
        if let Some(start) = path.iter().position(|seen| seen.id == node.id) {
            path.drain(..start);
            break;
        }
        path.push(node);
        next = node.inputs.iter().find_map(|input| waiting.get(input));
    }
    let names: Vec<String> = path
        .iter()
        .chain(path.first())
        .map(|node| format!("{} ({})", node.id, node.name))
        .collect();
    Error::usage(format!("nodes read each other in a circle: {}", names.join(" <- ")))
        .hint("a job of AWS Glue has none: export it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, inputs: &[&str]) -> Node {
        Node {
            id: id.to_owned(),
            kind: "Filter".to_owned(),
            name: id.to_uppercase(),
            inputs: inputs.iter().map(|input| (*input).to_owned()).collect(),
            fields: Map::new(),
        }
    }

    #[test]
    fn nodes_stand_behind_those_that_they_read() {
        let nodes =
            vec![node("a", &["c"]), node("b", &["a", "d"]), node("c", &[]), node("d", &["c"])];
        let graph = Graph::new(nodes).unwrap();
        let ids: Vec<&str> = graph.iter().map(|node| node.id.as_str()).collect();
        assert_eq!(ids, ["c", "a", "d", "b"]);
        assert_eq!(graph.only_reader("a").unwrap().id, "b");
        assert!(graph.only_reader("c").is_none(), "two read it");
    }

    #[test]
    fn what_doubles_with_each_node_is_refused() {
        let id = |n: usize| format!("n{n:02}");
        let twice = |n: usize| node(&id(n), &[&id(n - 1), &id(n - 1)]);
        let chain =
            |length| std::iter::once(node(&id(0), &[])).chain((1..length).map(twice)).collect();
        Graph::new(chain(12)).unwrap();
        let error = Graph::new(chain(99)).unwrap_err().to_string();
        assert!(error.contains("n13: N13 reads nodes more than 10000 times"), "{error}");
    }

    #[test]
    fn circles_and_missing_nodes_are_named() {
        let nodes =
            vec![node("a", &["c"]), node("b", &["a"]), node("c", &["b"]), node("d", &["c"])];
        let error = Graph::new(nodes).unwrap_err().to_string();
        assert!(error.ends_with("a (A) <- c (C) <- b (B) <- a (A)"), "{error}");
        let itself = Graph::new(vec![node("a", &["a"])]).unwrap_err().to_string();
        assert!(itself.ends_with("a (A) <- a (A)"), "{itself}");
        let error = Graph::new(vec![node("a", &["z"])]).unwrap_err().to_string();
        assert!(error.contains("Filter a: A reads z, which is not in the job"), "{error}");
    }
}
