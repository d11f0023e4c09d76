//! A plan for people.

use std::fmt::{Display, Write as _};

use super::changes::{Changes, ColumnChanges};
use super::report::{ModelPlan, PendingObject, PlanReport};
use crate::decide::Step;
use crate::lines::push_line;
use crate::quality;
use crate::units::counted;

/// What happens to a row, as a sign and a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Insert,
    Update,
    Delete,
}

/// Whether text may have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint(pub(crate) bool);

impl Sign {
    fn mark(self) -> char {
        match self {
            Self::Insert => '+',
            Self::Update => '~',
            Self::Delete => '-',
        }
    }

    /// ECMA-48, "Select graphic rendition": green, yellow, red.
    fn colour(self) -> u8 {
        match self {
            Self::Insert => 32,
            Self::Update => 33,
            Self::Delete => 31,
        }
    }
}

impl Paint {
    fn line(self, out: &mut String, sign: Sign, text: &dyn Display) {
        let (mark, colour) = (sign.mark(), sign.colour());
        match self.0 {
            true => push_line(out, format_args!("    \u{1b}[{colour}m{mark} {text}\u{1b}[0m")),
            false => push_line(out, format_args!("    {mark} {text}")),
        }
    }
}

impl PlanReport {
    /// The plan for people.
    pub(crate) fn to_text(&self, paint: Paint) -> String {
        let mut out = format!("{} -> {}\n", self.job, self.target);
        if self.pending.is_empty() {
            out.push_str("nothing is pending\n");
        }
        for object in &self.pending {
            let PendingObject { source, key, kind, late, bytes, modified, e_tag, rejected } =
                object;
            let late = if *late { ", late" } else { "" };
            let tag = e_tag.as_ref().map(|tag| format!(", ETag {tag}")).unwrap_or_default();
            push_line(
                &mut out,
                format_args!(
                    "pending  {source}/{key} ({kind}{late}, {bytes} bytes, {modified}{tag})"
                ),
            );
            if *rejected > 0 {
                push_line(
                    &mut out,
                    format_args!("         {} of it would be set aside", counted(*rejected, "row")),
                );
            }
        }
        if self.set_aside_rows > 0 {
            let rows = counted(self.set_aside_rows, "row");
            let all = match self.rejected_rows {
                all if all == self.set_aside_rows => String::new(),
                all => format!(", {all} with those of earlier runs"),
            };
            push_line(&mut out, format_args!("{rows} would be set aside{all}"));
        }
        for (source, columns) in &self.columns_added {
            let columns = columns.join(", ");
            push_line(&mut out, format_args!("added    to source {source}: {columns}"));
        }
        for left in &self.left_tables {
            push_line(&mut out, format_args!("left     {left}"));
        }
        for model in &self.models {
            model.push_to(&mut out, paint);
        }
        self.push_summary(&mut out);
        out
    }

    fn push_summary(&self, out: &mut String) {
        if !self.changes {
            out.push_str("\nPlan: nothing to do.\n");
            return;
        }
        let sum = |of: fn(&Changes) -> u64| -> u64 {
            self.models.iter().map(|model| of(&model.changes)).sum()
        };
        let [insert, update, delete] = [sum(|c| c.insert), sum(|c| c.update), sum(|c| c.delete)];
        let tables = self.models.iter().filter(|model| model.is_touched()).count();
        let objects = self.pending.len();
        let refused = if self.refused { "a run is refused, see stop; else " } else { "" };
        push_line(
            out,
            format_args!(
                "\nPlan: {refused}{insert} to insert, {update} to update, {delete} to delete; tables {tables}, pending objects {objects}."
            ),
        );
    }
}

impl ModelPlan {
    fn is_touched(&self) -> bool {
        self.step != Step::Untouched.as_str()
    }

    fn push_to(&self, out: &mut String, paint: Paint) {
        let Self { table, way, way_reason, step, reason, .. } = self;
        push_line(out, format_args!("\nmodel {} -> table {table}", self.model));
        push_line(out, format_args!("  way    {way}: {way_reason}"));
        push_line(out, format_args!("  now    {step}: {reason}"));
        let key = if self.key.is_empty() { "none".to_owned() } else { self.key.join(", ") };
        push_line(out, format_args!("  key    {key}"));
        if let Some(create) = &self.create {
            push_line(out, format_args!("  create {}", create.replace('\n', "\n         ")));
        }
        if !self.columns_added.is_empty() {
            push_line(out, format_args!("  added  {}", self.columns_added.join(", ")));
        }
        let resets: Vec<String> = self.columns_reset.iter().map(ToString::to_string).collect();
        if !resets.is_empty() {
            push_line(out, format_args!("  resets {}", resets.join(", ")));
        }
        if self.is_touched() {
            let [upserts, deletes] = [(self.upserts, "upsert"), (self.deletes, "delete")]
                .map(|(count, one)| counted(count, one));
            push_line(out, format_args!("  delta  {upserts}, {deletes}"));
            self.changes.push_to(out, paint);
        }
        for statement in self.statements.iter().filter(|sent| Some(*sent) != self.create.as_ref()) {
            push_line(out, format_args!("  sends  {}", statement.replace('\n', " ")));
        }
        quality::push_lines(out, "  rules  ", &self.quality);
        if let Some(refused) = &self.refused {
            let refused = refused.lines().next().unwrap_or_default();
            push_line(out, format_args!("  stop   a run is refused: {refused}"));
        }
    }
}

impl Changes {
    fn push_to(&self, out: &mut String, paint: Paint) {
        let Self { insert, update, delete, repeated, unchanged, absent, columns, samples } = self;
        let mut rows = format!("{insert} to insert, {update} to update, {delete} to delete");
        if *unchanged > 0 {
            // Writing to a String cannot fail.
            let _infallible = write!(rows, ", {unchanged} unchanged");
        }
        if *absent > 0 {
            let absent = counted(*absent, "delete");
            let _infallible = write!(rows, ", {absent} of keys that are not there");
        }
        push_line(out, format_args!("  rows   {rows}"));
        if *repeated > 0 {
            let rows = counted(*repeated, "row");
            push_line(
                out,
                format_args!(
                    "  repeat {rows} of those to delete: the table has the key several times, and keeps it once"
                ),
            );
        }
        let of = |one: &ColumnChanges| format!("{} in {}", one.column, counted(one.rows, "row"));
        let columns: Vec<String> = columns.iter().map(of).collect();
        if !columns.is_empty() {
            push_line(out, format_args!("  update {}", columns.join(", ")));
        }
        push_samples(out, paint, Sign::Insert, &samples.insert, *insert);
        push_samples(out, paint, Sign::Update, &samples.update, *update);
        push_samples(out, paint, Sign::Delete, &samples.delete, *delete);
    }
}

fn push_samples(out: &mut String, paint: Paint, sign: Sign, rows: &[impl Display], all: u64) {
    for row in rows {
        paint.line(out, sign, row);
    }
    let more = all.saturating_sub(rows.len() as u64);
    if more > 0 && !rows.is_empty() {
        paint.line(out, sign, &format!("… {more} more"));
    }
}
