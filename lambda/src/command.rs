//! The command of a task, and the overrides of `RunTask` around it; and back, what a task was told.

use serde_json::json;
use staged::job::JobName;

use crate::settings::Arguments;
use crate::told::Told;

/// Characters of all overrides of a task, with those of their JSON (Amazon ECS, `RunTask`).
pub const OVERRIDES_MAX: usize = 8192;
/// The variable that holds how often a task was started for the same work, counted from 1.
pub const ATTEMPT: &str = "UNGLUE_ATTEMPT";

/// In `startedBy`, before the name of the job.
const STARTED_BY: &str = "unglue/";

const JOB: &str = "--job";
const OBJECT: &str = "--object";
const LIST_ALL: &str = "--list-all";
const GLUE_JOB: &str = "--JOB_NAME";
const BUCKET: &str = "--s3_target_path_bucket";
const KEY: &str = "--s3_target_path_key";

/// What a container of a task is started with, beyond its definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The container.
    pub container: String,
    /// Its command.
    pub command: Vec<String>,
    /// The value of [`ATTEMPT`].
    pub attempt: u32,
}

impl Override {
    /// Of a job. Objects that do not fit are replaced by `--list-all`, which finds them too.
    #[must_use]
    pub fn new(
        job: &JobName,
        told: &Told,
        attempt: u32,
        container: &str,
        arguments: Arguments,
    ) -> Self {
        let of = |told: &Told| Self {
            container: container.to_owned(),
            command: command(job, told, arguments),
            attempt,
        };
        let whole = of(told);
        if whole.length() <= OVERRIDES_MAX {
            return whole;
        }
        of(&Told { list_all: true, ..Told::default() })
    }

    /// In bytes, of which there are not less than characters.
    fn length(&self) -> usize {
        json!({ "containerOverrides": [{
            "name": self.container,
            "command": self.command,
            "environment": [{ "name": ATTEMPT, "value": self.attempt.to_string() }],
        }]})
        .to_string()
        .len()
    }
}

/// The command alone, however long. Glue's arguments name one object; further ones are named as the runner does.
#[must_use]
pub fn command(job: &JobName, told: &Told, arguments: Arguments) -> Vec<String> {
    let mut objects = told.objects.iter();
    let mut words = vec!["run".to_owned()];
    match arguments {
        Arguments::Runner => words.extend([JOB.to_owned(), job.to_string()]),
        Arguments::Glue => {
            words.extend([GLUE_JOB.to_owned(), job.to_string()]);
            let first = objects.next().and_then(|url| url.strip_prefix("s3://")?.split_once('/'));
            if let Some((bucket, key)) = first {
                words.extend([BUCKET.to_owned(), bucket.to_owned()]);
                match key.starts_with('-') {
                    true => words.push(format!("{KEY}={key}")),
                    false => words.extend([KEY.to_owned(), key.to_owned()]),
                }
            }
        }
    }
    words.extend(objects.flat_map(|url| [OBJECT.to_owned(), url.clone()]));
    if told.list_all {
        words.push(LIST_ALL.to_owned());
    }
    words
}

/// What a command that this program made tells; of any other, that everything is to be looked at.
#[must_use]
pub fn told(command: &[String]) -> Told {
    let mut told = Told::default();
    let (mut bucket, mut is_ours) = (None, false);
    let mut words = command.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let (name, mut value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let mut value = || value.take().or_else(|| words.next());
        match name {
            OBJECT => told.objects.extend(value().map(str::to_owned)),
            BUCKET => bucket = value(),
            KEY => told.objects.extend(bucket.zip(value()).map(|(b, k)| format!("s3://{b}/{k}"))),
            JOB | GLUE_JOB => is_ours = value().is_some(),
            LIST_ALL => told.list_all = true,
            _ => {}
        }
    }
    told.list_all |= !is_ours;
    told
}

/// `startedBy` of a job's tasks: letters, digits, `-`, `_` and `/`, so that a dot is written as a slash, which no name has.
#[must_use]
pub fn started_by(job: &JobName) -> String {
    format!("{STARTED_BY}{}", job.as_str().replace('.', "/"))
}

/// The job whose task has that `startedBy`; none for tasks that others started.
#[must_use]
pub fn job_of(started_by: &str) -> Option<JobName> {
    started_by.strip_prefix(STARTED_BY)?.replace('/', ".").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> JobName {
        "load_sales".parse().unwrap()
    }

    fn of(urls: &[String]) -> Told {
        Told { objects: urls.iter().cloned().collect(), list_all: false }
    }

    fn two() -> Told {
        of(&["s3://b/t/1.csv", "s3://b/t/a +%.csv"].map(str::to_owned))
    }

    #[test]
    fn a_command_names_the_job_and_its_objects() {
        let own = Override::new(&job(), &two(), 1, "runner", Arguments::Runner).command;
        let objects = ["s3://b/t/1.csv", "s3://b/t/a +%.csv"];
        let [first, second] = objects;
        assert_eq!(own, ["run", JOB, "load_sales", OBJECT, first, OBJECT, second]);
        let glue = Override::new(&job(), &two(), 1, "runner", Arguments::Glue).command;
        let expected = ["run", GLUE_JOB, "load_sales", BUCKET, "b", KEY, "t/1.csv", OBJECT, second];
        assert_eq!(glue, expected);
        let dash = of(&["s3://b/-t/1.csv".to_owned()]);
        let glue = Override::new(&job(), &dash, 1, "runner", Arguments::Glue).command;
        assert_eq!(glue.last().unwrap(), "--s3_target_path_key=-t/1.csv");
    }

    #[test]
    fn a_command_tells_back_what_it_was_made_of() {
        let all = Told { list_all: true, ..Told::default() };
        let dash = of(&["s3://b/-t/=.csv".to_owned()]);
        for told_before in [two(), Told::default(), all.clone(), dash] {
            for arguments in [Arguments::Runner, Arguments::Glue] {
                let made = Override::new(&job(), &told_before, 1, "runner", arguments);
                assert_eq!(told(&made.command), told_before, "{made:?}");
            }
        }
        assert_eq!(told(&[]), all, "the image's own command");
    }

    #[test]
    fn objects_that_do_not_fit_are_left_to_be_found() {
        let urls = |count: usize| -> Vec<String> {
            (0..count).map(|number| format!("s3://bucket/table/\"{number:04}")).collect()
        };
        let mut most = 0;
        for count in 1..400 {
            let made = Override::new(&job(), &of(&urls(count)), 10, "runner", Arguments::Runner);
            assert!(made.length() <= OVERRIDES_MAX);
            if made.command.contains(&LIST_ALL.to_owned()) {
                assert_eq!(made.command, ["run", "--job", "load_sales", LIST_ALL]);
                break;
            }
            most = count;
        }
        assert!((200..399).contains(&most), "{most}");
    }

    #[test]
    fn whose_task_it_is_can_be_told_back() {
        for name in ["load_sales", "a.b-c_D9", "x..y", &"n".repeat(64)] {
            let job: JobName = name.parse().unwrap();
            let by = started_by(&job);
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
            assert!(by.len() <= 128 && by.chars().all(is_allowed), "{by}");
            assert_eq!(job_of(&by), Some(job));
        }
        assert_eq!(job_of("ecs-svc/123"), None);
        assert_eq!(job_of("unglue/"), None);
    }
}
