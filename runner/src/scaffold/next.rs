//! What to run once a job is written. Pure.

/// The command that shows what the job would do; `jobs` is the folder of jobs if it was given, and is given again then.
#[must_use]
pub(crate) fn plan(job: &str, jobs: Option<&str>) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-:~".contains(c);
    match jobs {
        None => format!("runner plan --job {job}"),
        Some(jobs) if jobs.chars().all(is_plain) => {
            format!("runner plan --jobs {jobs} --job {job}")
        }
        Some(jobs) => {
            format!("runner plan --jobs '{}' --job {job}", jobs.replace('\'', r"'\''"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_jobs_is_given_again_as_a_shell_takes_it() {
        for (jobs, command) in [
            (None, "runner plan --job shop"),
            (Some("../my-jobs"), "runner plan --jobs ../my-jobs --job shop"),
            (Some("my jobs"), "runner plan --jobs 'my jobs' --job shop"),
            (Some("it's"), r"runner plan --jobs 'it'\''s' --job shop"),
        ] {
            assert_eq!(plan("shop", jobs), command);
        }
    }
}
