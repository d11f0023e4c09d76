//! The fields of a node, whatever the case of their names and however nested their paths are written. Pure.
//!
//! `aws glue get-job` prints `"Paths": [["a"], ["b", "c"]]`, Glue Studio downloads `"paths": ["a", "b.c"]`.

use serde_json::{Map, Value};

/// A column as Glue names it: the name, and those of fields within it.
pub(super) type Path = Vec<String>;

/// The fields of one JSON object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// A field; one that is null is as good as none.
    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        let found = self.0.get(name).or_else(|| {
            let alike = |(key, _): &(&String, &'a Value)| key.eq_ignore_ascii_case(name);
            self.0.iter().find(alike).map(|(_, value)| value)
        });
        found.filter(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// Whether a flag is set.
    pub(super) fn is(self, name: &str) -> bool {
        match self.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// A whole number.
    pub(super) fn number(self, name: &str) -> Option<u64> {
        match self.get(name)? {
            Value::String(text) => text.parse().ok(),
            value => value.as_u64(),
        }
    }

    /// An object.
    pub(super) fn object(self, name: &str) -> Option<Fields<'a>> {
        self.get(name)?.as_object().map(Fields)
    }

    /// The objects of a list.
    pub(super) fn objects(self, name: &str) -> Vec<Fields<'a>> {
        let items = self.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        items.iter().filter_map(Value::as_object).map(Fields).collect()
    }

    /// The texts of a list, or the only one.
    pub(super) fn texts(self, name: &str) -> Vec<String> {
        self.get(name).map(texts).unwrap_or_default()
    }

    /// A path: a text, or the list of its parts.
    pub(super) fn path(self, name: &str) -> Option<Path> {
        Some(self.texts(name)).filter(|path| !path.is_empty())
    }

    /// Paths: a list of them.
    pub(super) fn paths(self, name: &str) -> Vec<Path> {
        let items = self.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        items.iter().map(texts).filter(|path| !path.is_empty()).collect()
    }
}

fn texts(value: &Value) -> Vec<String> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_of_a_job_say_the_same() {
        let printed = json!({ "Paths": [["a"], ["b"]], "SourcePath": ["x", "y"], "WithHeader": true, "Index": 1, "No": null });
        let downloaded = json!({ "paths": ["a", "b"], "sourcePath": ["x", "y"], "withHeader": "true", "index": "1" });
        for value in [printed, downloaded] {
            let fields = Fields(value.as_object().unwrap());
            assert_eq!(fields.paths("Paths"), [["a"], ["b"]]);
            assert_eq!(fields.path("SourcePath").unwrap(), ["x", "y"]);
            assert!(fields.is("WithHeader") && !fields.is("Multiline"));
            assert_eq!(fields.number("Index"), Some(1));
            assert!(fields.get("No").is_none());
        }
    }
}
