//! The names of jobs and tables that a command line which is being typed may go on with.

use datafusion::sql::parser::Statement;
use transforms::sql;

use super::app::App;
use super::completions::Names;
use super::routes;
use crate::error::Result;
use crate::explore::reference;
use crate::job::{JobFolder, JobsLocation};

/// What the words of a command line say so far.
#[derive(Debug, Default, PartialEq, Eq)]
struct Typed {
    command: Option<String>,
    jobs: Option<String>,
    job: Option<String>,
}

impl Typed {
    fn of(words: &[String]) -> Self {
        let mut typed = Self::default();
        let mut words = words.iter().map(String::as_str).peekable();
        while let Some(word) = words.next() {
            let (option, joined) = match word.split_once('=') {
                Some((option, value)) if !value.is_empty() => (option, Some(value)),
                _ => (word.trim_end_matches('='), None),
            };
            let taken = match option {
                "--jobs" => &mut typed.jobs,
                "--job" => &mut typed.job,
                _ => {
                    if !word.starts_with('-') && typed.command.is_none() {
                        typed.command = Some(word.to_owned());
                    }
                    continue;
                }
            };
            // bash takes `=` for a word.
            let _sign = words.next_if_eq(&"=");
            *taken = joined.map(str::to_owned).or_else(|| words.next().map(str::to_owned));
        }
        typed
    }
}

/// The names that fit. Whoever waits for them waits at a key, so nothing is asked over the network.
///
/// # Errors
/// Those of reading the folder of jobs.
pub(super) async fn fitting(list: Names, words: &[String], app: &App) -> Result<Vec<String>> {
    let typed = Typed::of(words);
    let jobs = app.jobs(typed.jobs.as_ref());
    // What is made by `init` has a new name.
    if jobs.contains("://") || typed.command.as_deref() == Some("init") {
        return Ok(Vec::new());
    }
    let location = JobsLocation::parse(&jobs)?;
    let mut names = named(list, &typed, &location).await?;
    names.retain(|name| is_plain(name));
    Ok(names)
}

/// Whether a name is nothing else to a shell: bash expands what it is given to choose from, and a folder of jobs may be somebody
/// else's.
fn is_plain(name: &str) -> bool {
    !name.starts_with('-')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

async fn named(list: Names, typed: &Typed, location: &JobsLocation) -> Result<Vec<String>> {
    match (list, &typed.job) {
        (Names::Jobs, _) => {
            let (jobs, _) = routes::every_job(location).await?;
            Ok(jobs.iter().map(|job| job.name().to_string()).collect())
        }
        (Names::Tables, Some(job)) => {
            let Ok(name) = job.parse() else { return Ok(Vec::new()) };
            tables(&location.open(&name)?, typed.command.as_deref() == Some("history")).await
        }
        (Names::Tables, None) => Ok(Vec::new()),
    }
}

/// The models of a job, and its sources if they are wanted. Variables have no values here, and names none.
async fn tables(folder: &JobFolder, with_sources: bool) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for (file, text) in folder.files().await? {
        match file.strip_suffix(".sql") {
            Some("sources") if with_sources => {
                let statements = sql::parse_declarations(&file, &text).unwrap_or_default();
                names.extend(statements.iter().filter_map(|statement| match statement {
                    Statement::CreateExternalTable(ddl) => {
                        Some(reference(&ddl.name).table().to_owned())
                    }
                    _ => None,
                }));
            }
            Some("sources") | None => {}
            Some(helper) if helper.starts_with('_') => {}
            Some(model) => names.push(model.to_owned()),
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_shell_would_expand_are_left_out() {
        for name in ["orders", "orders_2026.old", "größe"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["$(touch x)", "`x`", "a b", "a;b", "*", "-rf", "a\nb", "a$changes"] {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn words_say_the_command_the_job_and_where_jobs_are() {
        for words in [
            ["-v", "history", "--jobs", "a", "--job", "j", "--table", ""].as_slice(),
            &["history", "--jobs=a", "--job=j", "--table"],
            &["history", "--jobs", "=", "a", "--job", "=", "j"],
            &["history", "--jobs=", "a", "--job", "x", "--job", "j"],
        ] {
            let typed = Typed::of(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
            let told = [typed.command, typed.jobs, typed.job].map(Option::unwrap);
            assert_eq!(told, ["history", "a", "j"], "{words:?}");
        }
        assert_eq!(Typed::of(&["run".to_owned(), "--job".to_owned()]).job, None);
    }
}
