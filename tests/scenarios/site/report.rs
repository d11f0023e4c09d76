//! The report of a run.

use serde_json::Value;

use crate::support::Output;

/// What `run --output json` said.
#[derive(Debug)]
pub(crate) struct Report(pub(crate) Value);

impl Report {
    pub(crate) fn read(output: &Output) -> Self {
        Self(serde_json::from_str(&output.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}{}", output.stdout, output.stderr);
        }))
    }

    pub(crate) fn outcome(&self) -> &str {
        self.0["outcome"].as_str().unwrap()
    }

    /// `KEY KIND ROWS` of each object.
    pub(crate) fn objects(&self) -> Vec<String> {
        let line = |object: &Value| {
            let [key, kind] = ["key", "kind"].map(|name| object[name].as_str().unwrap());
            format!("{key} {kind} {}", object["rows"])
        };
        self.0["objects"].as_array().unwrap().iter().map(line).collect()
    }

    /// How each table was written.
    pub(crate) fn ways(&self) -> Vec<String> {
        let way = |model: &Value| model["way"].as_str().unwrap().to_owned();
        self.0["models"].as_array().unwrap().iter().map(way).collect()
    }

    /// `TABLE WAY +UPSERTED -DELETED` of each table.
    pub(crate) fn models(&self) -> Vec<String> {
        let line = |model: &Value| {
            let [table, way] = ["table", "way"].map(|name| model[name].as_str().unwrap());
            format!("{table} {way} +{} -{}", model["upserted"], model["deleted"])
        };
        self.0["models"].as_array().unwrap().iter().map(line).collect()
    }
}
