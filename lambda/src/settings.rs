//! What the function is told by its environment, read once.

use std::num::NonZero;
use std::str::FromStr;

use emf::{Namespace, NamespaceError};

use crate::routes::{Location, Routes, RoutesError};

/// How often a task is started again by itself, unless said otherwise.
const ATTEMPTS_MAX: u32 = 10;
/// The container of the task definition, unless said otherwise.
pub const CONTAINER: &str = "runner";
/// The objects of a job that it is run for within the function, unless said otherwise.
const INLINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

const WORD: &str = "INVOKE";
const CLUSTER: &str = "UNGLUE_CLUSTER";
const TASK_DEFINITION: &str = "UNGLUE_TASK_DEFINITION";
const SUBNETS: &str = "UNGLUE_SUBNETS";
const SECURITY_GROUPS: &str = "UNGLUE_SECURITY_GROUPS";

/// `INVOKE`: who runs the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invoke {
    /// Tasks.
    Task,
    /// The function itself, those that have little to do.
    Inline,
}

/// Everything that is set for a function that runs jobs itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineSettings {
    /// `UNGLUE_ROUTES`
    pub routes: RoutesFrom,
    /// `UNGLUE_INLINE_BYTES_MAX`: for more than that a task is started, if there are tasks.
    pub bytes_max: u64,
    /// How tasks are started; none if nothing of that is set.
    pub tasks: Option<Tasks>,
    /// See [`Settings::metrics`].
    pub metrics: Result<Namespace, NamespaceError>,
}

/// Tasks, where the function runs jobs itself too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tasks {
    /// How they are started.
    pub launch: Launch,
    /// `UNGLUE_ATTEMPTS_MAX`
    pub attempts_max: u32,
}

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
    /// `UNGLUE_TASK_DEFINITION`: family, family:revision or ARN.
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

impl Launch {
    /// The family of the task definition: `unglue` of `unglue`, `unglue:7` and `arn:…:task-definition/unglue:7`.
    #[must_use]
    pub fn family(&self) -> &str {
        let name = self.task_definition.rsplit('/').next().unwrap_or_default();
        name.split(':').next().unwrap_or_default()
    }
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
        let attempts_max = variables.attempts_max()?;
        let metrics = variables.metrics();
        Ok(Self { routes: variables.routes()?, launch: variables.launch()?, attempts_max, metrics })
    }
}

impl Invoke {
    /// Reads the variable that `variable` looks up.
    ///
    /// # Errors
    /// Another word.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let wanted = "write task or inline";
        match Variables(variable).either(WORD, ["task", "inline"], wanted)? {
            true => Ok(Self::Inline),
            false => Ok(Self::Task),
        }
    }

    /// For a program that has no engine.
    ///
    /// # Errors
    /// It is told to run jobs itself.
    pub fn refuse_inline(self) -> Result<(), SettingsError> {
        let wanted = "the program `lambda` starts tasks; deploy `lambda-inline`";
        match self {
            Self::Task => Ok(()),
            Self::Inline => Err(SettingsError::Wrong { name: WORD, wanted }),
        }
    }
}

impl InlineSettings {
    /// Reads the variables that `variable` looks up.
    ///
    /// # Errors
    /// The first variable that is missing or wrong, with what to write. What belongs to tasks may be missing, if all of it is.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let variables = Variables(variable);
        let needed = [CLUSTER, TASK_DEFINITION, SUBNETS, SECURITY_GROUPS];
        let tasks = match needed.iter().any(|name| variables.optional(name).is_some()) {
            true => {
                Some(Tasks { launch: variables.launch()?, attempts_max: variables.attempts_max()? })
            }
            false => None,
        };
        let name = "UNGLUE_INLINE_BYTES_MAX";
        let wanted = "a number of bytes";
        let bytes_max = variables.number(name, wanted)?.unwrap_or(INLINE_BYTES_MAX);
        let metrics = variables.metrics();
        Ok(Self { routes: variables.routes()?, bytes_max, tasks, metrics })
    }
}

struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    fn metrics(&self) -> Result<Namespace, NamespaceError> {
        Namespace::read(self.optional(Namespace::VARIABLE).as_deref())
    }

    fn optional(&self, name: &str) -> Option<String> {
        let text = (self.0)(name)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn needed(&self, name: &'static str, wanted: &'static str) -> Result<String, SettingsError> {
        self.optional(name).ok_or(SettingsError::Missing { name, wanted })
    }

    fn number<T: FromStr>(
        &self,
        name: &'static str,
        wanted: &'static str,
    ) -> Result<Option<T>, SettingsError> {
        let number = |text: String| text.parse().map_err(|_| SettingsError::Wrong { name, wanted });
        self.optional(name).map(number).transpose()
    }

    fn attempts_max(&self) -> Result<u32, SettingsError> {
        let name = "UNGLUE_ATTEMPTS_MAX";
        let wanted = "a number, how often a task is started again by itself, at most 1000";
        match self.number(name, wanted)? {
            None => Ok(ATTEMPTS_MAX),
            Some(number @ 0..=1000) => Ok(number),
            Some(_) => Err(SettingsError::Wrong { name, wanted }),
        }
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
            cluster: self.needed(CLUSTER, "write the name or ARN of the ECS cluster")?,
            task_definition: self.needed(
                TASK_DEFINITION,
                "write the family or ARN of the task definition that runs the jobs",
            )?,
            container: self.optional("UNGLUE_CONTAINER").unwrap_or_else(|| CONTAINER.to_owned()),
            subnets: self.list(SUBNETS, "write subnets, separated by commas")?,
            security_groups: self
                .list(SECURITY_GROUPS, "write security groups, separated by commas")?,
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
    fn the_family_of_a_task_definition_is_its_name() {
        let arn = "arn:aws:ecs:eu-central-1:123456789012:task-definition/unglue";
        for text in ["unglue", "unglue:7", arn, &format!("{arn}:7")] {
            let launch = read(&[("UNGLUE_TASK_DEFINITION", text)]).unwrap().launch;
            assert_eq!(launch.family(), "unglue", "{text}");
        }
    }

    fn read_inline(set: &[(&str, &str)]) -> Result<InlineSettings, String> {
        let routes = ("UNGLUE_ROUTES", r#"{"s3://b/t/": "j"}"#);
        let all: Vec<_> = set.iter().chain([&routes]).collect();
        let variable = |name: &str| {
            let found = all.iter().find(|(known, _)| *known == name)?;
            Some(found.1.to_owned())
        };
        InlineSettings::read(&variable).map_err(|error| error.to_string())
    }

    #[test]
    fn tasks_are_set_as_a_whole_or_not_at_all() {
        let alone = read_inline(&[]).unwrap();
        assert_eq!((alone.bytes_max, alone.tasks), (64 << 20, None));
        let with = read_inline(&[&SET[..], &[("UNGLUE_INLINE_BYTES_MAX", "0")]].concat()).unwrap();
        assert_eq!(with.bytes_max, 0);
        let tasks = with.tasks.unwrap();
        assert_eq!((tasks.launch.cluster.as_str(), tasks.attempts_max), ("jobs", 10));
        let error = read_inline(&SET[3..]).unwrap_err();
        assert!(error.starts_with("UNGLUE_CLUSTER is not set"), "{error}");
        let error = read_inline(&[("UNGLUE_INLINE_BYTES_MAX", "1 GiB")]).unwrap_err();
        assert!(error.contains("a number of bytes"), "{error}");
    }

    #[test]
    fn who_runs_the_jobs_is_one_of_two_words() {
        let of = |word: &'static str| Invoke::read(&move |_| Some(word.to_owned()));
        assert_eq!(of("").unwrap(), Invoke::Task);
        assert_eq!(of("Task").unwrap(), Invoke::Task);
        assert_eq!(of("inline").unwrap(), Invoke::Inline);
        let error = of("inlin").unwrap_err().to_string();
        assert_eq!(error, "INVOKE is not as it must be: write task or inline");
        assert!(Invoke::Task.refuse_inline().is_ok());
        let error = Invoke::Inline.refuse_inline().unwrap_err().to_string();
        assert!(error.contains("lambda-inline"), "{error}");
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
