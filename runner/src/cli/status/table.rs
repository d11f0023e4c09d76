//! All jobs, a line each, for people. Pure.

use chrono::{DateTime, Utc};

use super::{Entry, ago, behind, in_a_line};
use crate::lines::push_line;
use crate::units::bytes;

const COLUMNS: usize = 8;
const HEADER: [&str; COLUMNS] =
    ["job", "target", "applied", "pending", "rejected", "lag", "last run", "state"];
/// Columns of numbers.
const RIGHT: [usize; 2] = [2, 4];

/// The table.
pub(super) fn table(entries: &[Entry], now: DateTime<Utc>) -> String {
    let mut rows = vec![HEADER.map(str::to_owned)];
    rows.extend(entries.iter().map(|entry| row(entry, now)));
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..COLUMNS).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match RIGHT
            .contains(&column)
        {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        push_line(&mut out, format_args!("{}", line.trim_end()));
    }
    out
}

fn row(entry: &Entry, now: DateTime<Utc>) -> [String; COLUMNS] {
    let status = match entry {
        Entry::Known { status, .. } => status,
        Entry::Unknown { job, state, error, .. } => {
            let mut row = [(); COLUMNS].map(|()| "-".to_owned());
            row[0].clone_from(job);
            row[COLUMNS - 1] = format!("{}: {}", state.as_words(), in_a_line(error));
            return row;
        }
    };
    let pending = status.total(|source| source.pending_objects as u64);
    let pending = match pending {
        0 => "0".to_owned(),
        count => format!("{count} ({})", bytes(status.total(|source| source.pending_bytes))),
    };
    let last_run = status.last_run.as_ref();
    let state = status.state.as_words();
    [
        status.job.clone(),
        status.target.clone(),
        status.total(|source| source.applied_objects as u64).to_string(),
        pending,
        status.total(|source| source.rejected_rows).to_string(),
        behind(status.lag_seconds),
        last_run.map_or_else(|| "-".to_owned(), |run| ago(run.applied_at, now)),
        match entry.error() {
            Some(error) => format!("{state}: {}", in_a_line(error)),
            None => state.to_owned(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::status::unknown;
    use crate::error::Error;
    use crate::status::{JobStatus, State};

    #[test]
    fn each_job_is_one_line_also_one_that_is_broken() {
        let status = JobStatus {
            schema_version: 1,
            job: "sales".to_owned(),
            target: "sqlite:sales.db".to_owned(),
            state: State::UpToDate,
            running: Some(false),
            lag_seconds: Some(0),
            last_run: None,
            last_runs: Vec::new(),
            models: Vec::new(),
            left_tables: Vec::new(),
            sources: Vec::new(),
        };
        let known = Entry::Known { status, error: None };
        let broken = unknown("x", &Error::usage("it is\u{1b}[31m wrong\nvery"));
        let lines = table(&[known, broken], DateTime::UNIX_EPOCH);
        assert_eq!(
            lines,
            "job    target           applied  pending  rejected  lag         last run  state\n\
             sales  sqlite:sales.db        0  0               0  not behind  -         up to date\n\
             x      -                      -  -               -  -           -         to be corrected: it is [31m wrong\n"
        );
    }
}
