//! The files of rejects before and after a run's commit.

use std::collections::BTreeSet;

use tracing::warn;

use super::{RejectsFolder, Tally};
use crate::error::Result;
use crate::survey::SourceSurvey;
use crate::target::ledger::{EntryKind, Ledger, LedgerEntry, LedgerUpdate};

/// So many objects are named in warnings.
const WARNINGS_MAX: usize = 20;

/// Before the commit, so that no row is lost whatever happens then: writes the rejects of all objects that were read.
///
/// # Errors
/// A location that cannot be written.
pub async fn keep(folder: &RejectsFolder, tally: &Tally<'_>) -> Result<()> {
    for object in &tally.objects {
        let Some(read) = object.read.as_ref().filter(|read| !read.rejects.is_empty()) else {
            continue;
        };
        let SourceSurvey { source, state, .. } = object.survey;
        let place = (source.name.as_str(), state.generation, object.staged.listed.key.as_str());
        folder.write(place, &object.url(), &read.rejects).await?;
    }
    Ok(())
}

/// After the commit: warns of rows that were set aside, and removes the files of objects that have none any more.
pub async fn tell(folder: &RejectsFolder, before: &Ledger, update: &LedgerUpdate) {
    let old = before.applied.iter().map(|applied| &applied.entry);
    let had_some: BTreeSet<_> = old.filter(|entry| entry.rejected > 0).map(name).collect();
    let is_read = |entry: &&LedgerEntry| entry.kind != EntryKind::Gone;
    let has_some: Vec<&LedgerEntry> =
        update.entries.iter().filter(is_read).filter(|entry| entry.rejected > 0).collect();
    for entry in has_some.iter().take(WARNINGS_MAX) {
        let (source, generation, object) = name(entry);
        let file = folder.url(source, generation, object);
        warn!(source, object, rows = entry.rejected, file, "bad rows were set aside");
    }
    if has_some.len() > WARNINGS_MAX {
        warn!(objects = has_some.len(), "bad rows were set aside in more objects");
    }
    for entry in update.entries.iter().filter(|entry| entry.rejected == 0) {
        let (source, generation, object) = name(entry);
        if had_some.contains(&name(entry))
            && let Err(error) = folder.remove(source, generation, object).await
        {
            warn!(error = %error, "a file of rows that are applied now is left");
        }
    }
}

fn name(entry: &LedgerEntry) -> (&str, u32, &str) {
    (&entry.source, entry.generation, &entry.object)
}
