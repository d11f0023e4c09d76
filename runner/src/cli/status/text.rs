//! One job, for people. Pure.

use chrono::{DateTime, Utc};

use super::{ago, behind};
use crate::lines::push_line;
use crate::status::{JobStatus, ModelStatus, RunStatus, SourceStatus};
use crate::units::{bytes, counted};

/// So many objects with rejected rows are named.
const REJECTED_MAX: usize = 10;

/// The report.
pub(super) fn text(status: &JobStatus, now: DateTime<Utc>) -> String {
    let JobStatus { job, target, state, running, last_run, last_runs, .. } = status;
    let mut out = format!("{job} -> {target}\n");
    let also = if *running == Some(true) { ", a run is under way" } else { "" };
    let also = if *state == crate::status::State::Running { "" } else { also };
    push_line(&mut out, format_args!("{}{also}", state.as_words()));
    if let Some(run) = last_run {
        push_line(
            &mut out,
            format_args!(
                "last applied {} ({}) by run {}",
                run.applied_at.format("%F %T UTC"),
                ago(run.applied_at, now),
                run.run_id
            ),
        );
    }
    let follows = if state.is_trouble() { "" } else { ", so the next run builds its table anew" };
    for ModelStatus { model, reason } in &status.models {
        push_line(&mut out, format_args!("model {model}: {reason}{follows}"));
    }
    for left in &status.left_tables {
        push_line(&mut out, format_args!("{left}"));
    }
    for source in &status.sources {
        push_source(&mut out, source);
    }
    if !last_runs.is_empty() {
        out.push_str("\nlast runs\n");
    }
    for run in last_runs {
        push_run(&mut out, run);
    }
    out
}

fn push_source(out: &mut String, status: &SourceStatus) {
    let SourceStatus { source, location, generation, .. } = status;
    push_line(out, format_args!("\nsource {source} in {location}"));
    let newest = |object: &Option<String>| match object {
        Some(object) => format!(", newest {object}"),
        None => String::new(),
    };
    let objects = |count: usize| counted(count as u64, "object");
    push_line(
        out,
        format_args!(
            "  applied  {}, {}, generation {generation}{}",
            objects(status.applied_objects),
            counted(status.applied_rows, "row"),
            newest(&status.newest_applied)
        ),
    );
    if status.gone_objects > 0 {
        let gone = status.gone_objects;
        push_line(
            out,
            format_args!("  gone     {gone} of the applied objects are not staged any more"),
        );
    }
    match status.pending_objects {
        0 => out.push_str("  pending  nothing\n"),
        count => {
            // Of a source that no run has read there is nothing to be behind of.
            let behind = match status.lag_seconds {
                None => String::new(),
                lag => format!(", {}", behind(lag)),
            };
            push_line(
                out,
                format_args!(
                    "  pending  {}, {}{behind}{}",
                    objects(count),
                    bytes(status.pending_bytes),
                    newest(&status.newest_staged)
                ),
            );
        }
    }
    push_rejected(out, status);
    if status.left_alone > 0 {
        let others = counted(status.left_alone as u64, "other object");
        push_line(out, format_args!("  other    {others} left alone"));
    }
}

fn push_rejected(out: &mut String, status: &SourceStatus) {
    if status.rejected_rows == 0 {
        return;
    }
    push_line(out, format_args!("  rejected {}", counted(status.rejected_rows, "row")));
    for rejected in status.rejected_in.iter().take(REJECTED_MAX) {
        let file = rejected.file.as_ref().map(|file| format!(", kept in {file}"));
        push_line(
            out,
            format_args!(
                "           {} of {}{}",
                counted(rejected.rows, "row"),
                rejected.object,
                file.unwrap_or_default()
            ),
        );
    }
    if let Some(more) = status.rejected_in.len().checked_sub(REJECTED_MAX).filter(|more| *more > 0)
    {
        let more = counted(more as u64, "more object");
        push_line(out, format_args!("           and in {more}; --output json names all"));
    }
}

fn push_run(out: &mut String, run: &RunStatus) {
    let rejected = match run.rejected {
        0 => String::new(),
        count => format!(", {count} rejected"),
    };
    let told = [(run.full_refresh, "full refresh"), (run.definition_changed, "definition changed")];
    let told: String =
        told.iter().filter(|(is, _)| *is).map(|(_, words)| format!(", {words}")).collect();
    push_line(
        out,
        format_args!(
            "  {}  {}  {}, {}{rejected}{told}",
            run.applied_at.format("%F %T UTC"),
            run.run_id,
            counted(run.objects as u64, "object"),
            counted(run.rows, "row")
        ),
    );
}
