//! The stack of `deploy/cloudformation.yaml`, deployed into moto.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::Moto;

/// What came of a deployment, as `deploy.py` tells it.
#[derive(Debug)]
pub(crate) struct Stack {
    told: Value,
}

/// Returns a file of `deploy/`.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(name)
}

impl Stack {
    /// Deploys the template with parameters beyond those that each deployment needs.
    pub(crate) fn deploy(moto: &Moto, parameters: &[(&str, &str)]) -> Self {
        let parameters: Value =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let template = file("cloudformation.yaml");
        let template = template.to_str().expect("the repository's path is UTF-8");
        let told = moto.script(include_str!("deploy.py"), &[template, &parameters.to_string()]);
        assert_eq!(told["status"], "CREATE_COMPLETE", "{told}");
        Self { told }
    }

    /// Returns an output of the stack.
    pub(crate) fn output(&self, name: &str) -> &str {
        let found = self.told["outputs"][name].as_str();
        found.unwrap_or_else(|| panic!("there is no output {name}: {}", self.told["outputs"]))
    }

    /// Tells whether there is a role: `Task`, `Execution`, `Function`, with DMS also `DmsSource` and `DmsTarget`.
    pub(crate) fn has_role(&self, role: &str) -> bool {
        self.told["roles"][role].is_object()
    }

    /// Returns the policies of a role; a role that is not there has none.
    pub(crate) fn policies(&self, role: &str) -> &[Value] {
        if !self.has_role(role) {
            return &[];
        }
        let attached = &self.told["roles"][role]["attached"];
        assert_eq!(attached, &json!([]), "{role} has policies that are not the template's");
        self.told["roles"][role]["policies"].as_array().expect("roles have policies")
    }

    /// Returns the ARN of a role.
    pub(crate) fn role(&self, role: &str) -> &str {
        self.told["roles"][role]["arn"].as_str().expect("a role has an ARN")
    }

    /// Returns a variable of the function.
    pub(crate) fn function_variable(&self, name: &str) -> Option<&str> {
        self.told["function"][name].as_str()
    }

    /// Returns all variables of the function.
    pub(crate) fn function_environment(&self) -> Vec<(String, String)> {
        let all = self.told["function"].as_object().expect("the function has variables");
        all.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// Returns all variables of the container.
    pub(crate) fn container_environment(&self) -> Vec<(String, String)> {
        variables(&self.told["container"]["environment"])
    }

    /// Returns the container of the task definition.
    pub(crate) fn container(&self) -> &Value {
        &self.told["container"]
    }

    /// Returns a variable of the container.
    pub(crate) fn container_variable(&self, name: &str) -> Option<&str> {
        let all = self.told["container"]["environment"].as_array()?;
        all.iter().find(|variable| variable["name"] == name)?["value"].as_str()
    }

    /// Tells whether there is a resource of this type.
    pub(crate) fn has(&self, kind: &str) -> bool {
        self.told["resources"].as_array().is_some_and(|all| all.iter().any(|one| one == kind))
    }
}

/// Returns the variables of a list as ECS has them.
pub(crate) fn variables(list: &Value) -> Vec<(String, String)> {
    let all = list.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().map(|one| (text(&one["name"]), text(&one["value"]))).collect()
}

/// Variables are texts, also where moto keeps the template's numbers.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
