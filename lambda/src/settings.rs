//! What the function is told by its environment, read once.

use std::num::NonZero;

use emf::{Namespace, NamespaceError};

use crate::routes::{Location, Routes, RoutesError};

/// How often a task is started again by itself, unless said otherwise.
const ATTEMPTS_MAX: u32 = 10;
/// The container of the task definition, unless said otherwise.
const CONTAINER: &str = "runner";

/// Everything that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `UNGLUE_ROUTES`
    pub routes: RoutesFrom,
    /// How tasks are started.
    pub launch: Launch,
    /// `UNGLUE_ATTEMPTS_MAX`: how often a task is started again by itself.
    pub attempts_max: u32,
    /// `UNGLUE_METRICS_NAMESPACE`: where metrics are. A wrong one is no reason not to start tasks.
    pub metrics: Result<Namespace, NamespaceError>,
}

/// Where the routes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoutesFrom {
    /// In the environment itself.
    Here(Routes),
    /// In an object on S3.
    Object(Location),
}

/// How tasks are started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// `UNGLUE_CLUSTER`
    pub cluster: String,
    /// `UNGLUE_TASK_DEFINITION`: family or ARN.
    pub task_definition: String,
    /// `UNGLUE_CONTAINER`: the container of the task definition whose command is given.
    pub container: String,
    /// `UNGLUE_SUBNETS`
    pub subnets: Vec<String>,
    /// `UNGLUE_SECURITY_GROUPS`
    pub security_groups: Vec<String>,
    /// `UNGLUE_ASSIGN_PUBLIC_IP`
    pub has_public_ip: bool,
    /// `UNGLUE_CAPACITY_PROVIDER`; none: launch type FARGATE.
    pub capacity_provider: Option<String>,
    /// `UNGLUE_ARGUMENTS`
    pub arguments: Arguments,
}

/// Whose argument names a task is started with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arguments {
    /// `--job`, `--object`
    Runner,
    /// `--JOB_NAME`, `--s3_target_path_bucket`, `--s3_target_path_key`
    Glue,
}

/// What is wrong with a variable.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It is not set, or empty.
    #[error("{name} is not set: {wanted}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What to write.
        wanted: &'static str,
    },
    /// It is set to something else.
    #[error("{name} is not as it must be: {wanted}")]
    Wrong {
        /// The variable.
        name: &'static str,
        /// What to write.
        wanted: &'static str,
    },
    /// The routes cannot be read.
    #[error("UNGLUE_ROUTES: {0}")]
    Routes(#[from] RoutesError),
}

impl Settings {
    /// Reads the variables that `variable` looks up.
    ///
    /// # Errors
    /// The first variable that is missing or wrong, with what to write.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let variables = Variables(variable);
        let attempts = "UNGLUE_ATTEMPTS_MAX";
        let wanted = "a number, how often a task is started again by itself, at most 1000";
        let attempts_max = match variables.optional(attempts) {
            None => ATTEMPTS_MAX,
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| (0..=1000).contains(number))
                .ok_or(SettingsError::Wrong { name: attempts, wanted })?,
        };
        let metrics = Namespace::read(variables.optional(Namespace::VARIABLE).as_deref());
        Ok(Self { routes: variables.routes()?, launch: variables.launch()?, attempts_max, metrics })
    }
}

struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    fn optional(&self, name: &str) -> Option<String> {
        let text = (self.0)(name)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn needed(&self, name: &'static str, wanted: &'static str) -> Result<String, SettingsError> {
        self.optional(name).ok_or(SettingsError::Missing { name, wanted })
    }

    /// One of two words; the first one if there is none.
    fn either(
        &self,
        name: &'static str,
        words: [&str; 2],
        wanted: &'static str,
    ) -> Result<bool, SettingsError> {
        match self.optional(name) {
            None => Ok(false),
            Some(word) if word.eq_ignore_ascii_case(words[0]) => Ok(false),
            Some(word) if word.eq_ignore_ascii_case(words[1]) => Ok(true),
            Some(_) => Err(SettingsError::Wrong { name, wanted }),
        }
    }

    fn list(&self, name: &'static str, wanted: &'static str) -> Result<Vec<String>, SettingsError> {
        let text = self.needed(name, wanted)?;
        let parts = text.split(',').map(|part| part.trim().to_owned());
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        NonZero::new(parts.len()).map(|_| parts).ok_or(SettingsError::Wrong { name, wanted })
    }

    fn routes(&self) -> Result<RoutesFrom, SettingsError> {
        let wanted = r#"write {"s3://bucket/folder/of/a/table/": "job"}, or s3://bucket/key of a file that holds that"#;
        let text = self.needed("UNGLUE_ROUTES", wanted)?;
        if text.starts_with("s3://") {
            return Ok(RoutesFrom::Object(text.parse()?));
        }
        Ok(RoutesFrom::Here(text.parse()?))
    }

    fn launch(&self) -> Result<Launch, SettingsError> {
        let public_ip = "write DISABLED or ENABLED";
        let arguments = "write runner or glue";
        let is_glue = self.either("UNGLUE_ARGUMENTS", ["runner", "glue"], arguments)?;
        Ok(Launch {
            cluster: self.needed("UNGLUE_CLUSTER", "write the name or ARN of the ECS cluster")?,
            task_definition: self.needed(
                "UNGLUE_TASK_DEFINITION",
                "write the family or ARN of the task definition that runs the jobs",
            )?,
            container: self.optional("UNGLUE_CONTAINER").unwrap_or_else(|| CONTAINER.to_owned()),
            subnets: self.list("UNGLUE_SUBNETS", "write subnets, separated by commas")?,
            security_groups: self
                .list("UNGLUE_SECURITY_GROUPS", "write security groups, separated by commas")?,
            has_public_ip: self.either(
                "UNGLUE_ASSIGN_PUBLIC_IP",
                ["DISABLED", "ENABLED"],
                public_ip,
            )?,
            capacity_provider: self.optional("UNGLUE_CAPACITY_PROVIDER"),
            arguments: if is_glue { Arguments::Glue } else { Arguments::Runner },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: [(&str, &str); 5] = [
        ("UNGLUE_ROUTES", r#"{"s3://b/t/": "j"}"#),
        ("UNGLUE_CLUSTER", "jobs"),
        ("UNGLUE_TASK_DEFINITION", "unglue"),
        ("UNGLUE_SUBNETS", "subnet-1, subnet-2,"),
        ("UNGLUE_SECURITY_GROUPS", "sg-1"),
    ];

    fn read(more: &[(&str, &str)]) -> Result<Settings, String> {
        let all: Vec<_> = more.iter().chain(&SET).collect();
        Settings::read(&|name| {
            let found = all.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_set_has_a_default() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.attempts_max, 10);
        assert_eq!(settings.launch.container, "runner");
        assert_eq!(settings.launch.subnets, ["subnet-1", "subnet-2"]);
        assert_eq!(settings.launch.arguments, Arguments::Runner);
        assert_eq!(settings.launch.capacity_provider, None);
        assert!(!settings.launch.has_public_ip);
        assert_eq!(settings.metrics, Ok(Namespace::default()));
    }

    #[test]
    fn what_is_set_counts() {
        let settings = read(&[
            ("UNGLUE_ROUTES", "s3://config/routes.json"),
            ("UNGLUE_ATTEMPTS_MAX", "0"),
            ("UNGLUE_ASSIGN_PUBLIC_IP", "ENABLED"),
            ("UNGLUE_CAPACITY_PROVIDER", "FARGATE_SPOT"),
            ("UNGLUE_ARGUMENTS", "glue"),
            ("UNGLUE_CONTAINER", "job"),
            ("UNGLUE_METRICS_NAMESPACE", "Unglue/test"),
        ])
        .unwrap();
        assert!(matches!(settings.routes, RoutesFrom::Object(_)));
        assert_eq!(settings.attempts_max, 0);
        assert!(settings.launch.has_public_ip);
        assert_eq!(settings.launch.capacity_provider.as_deref(), Some("FARGATE_SPOT"));
        assert_eq!(settings.launch.arguments, Arguments::Glue);
        assert_eq!(settings.launch.container, "job");
        assert_eq!(settings.metrics.unwrap().as_str(), "Unglue/test");
        let wrong = read(&[("UNGLUE_METRICS_NAMESPACE", "AWS/Lambda")]).unwrap();
        assert_eq!(wrong.metrics, Err(NamespaceError));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_with_what_to_write() {
        for (name, value, said) in [
            ("UNGLUE_CLUSTER", "", "UNGLUE_CLUSTER is not set: write the name"),
            ("UNGLUE_SUBNETS", " , ", "UNGLUE_SUBNETS is not as it must be: write subnets"),
            ("UNGLUE_ROUTES", "", "UNGLUE_ROUTES is not set: write {"),
            ("UNGLUE_ROUTES", "s3://b", "UNGLUE_ROUTES: "),
            ("UNGLUE_ATTEMPTS_MAX", "many", "UNGLUE_ATTEMPTS_MAX is not as it must be: a number"),
            ("UNGLUE_ASSIGN_PUBLIC_IP", "yes", "write DISABLED or ENABLED"),
            ("UNGLUE_ARGUMENTS", "spark", "write runner or glue"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.contains(said), "{name}={value}: {error}");
        }
    }
}
