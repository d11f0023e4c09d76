//! What is staged for a source, measured against what has been applied: its generation, and what is pending.
//!
//! Pure: a listing and the ledger's rows come in, a [`SourceState`] comes out.

pub mod horizon;
pub mod moment;
mod object;
mod past;

use std::collections::HashSet;

use object::LOAD_CLASS;
pub use object::{Foreign, Listed, Naming, Staged, sort_listing};
use past::{LoadNews, Past};

/// An object that the ledger knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The key relative to the table's folder.
    pub key: String,
    /// Its fingerprint when it was applied.
    pub fingerprint: String,
    /// The generation it was applied in.
    pub generation: u32,
    /// Its position then.
    pub position: String,
    /// Whether it is known to be gone, and what it brought is kept.
    pub gone: bool,
    /// Whether it is no part of the table: a newer full load made it void, or it only marks an emptied generation.
    pub superseded: bool,
}

impl Applied {
    fn is_load(&self) -> bool {
        self.position.starts_with(LOAD_CLASS)
    }
}

/// What a source is in now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceState {
    /// The generation that the objects belong to, from 1.
    pub generation: u32,
    /// All objects of the generation in the order of application.
    pub objects: Vec<Staged>,
    /// Those that are not applied yet, as indices into `objects`.
    pub pending: Vec<usize>,
    /// Change objects that came too late: a newer full load holds what they say.
    pub superseded: Vec<Staged>,
    /// Applied objects of the generation that are not staged any more, in the order of application. What they brought is
    /// kept, but whatever would have to read them again cannot be done.
    pub gone: Vec<Gone>,
    /// Whether this generation begins with nothing staged: a refresh of a folder that was emptied. The ledger must then
    /// hold the generation itself, since no object of it will.
    pub emptied: bool,
    /// What follows from it.
    pub news: News,
}

/// An applied object that is not staged any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// The key relative to the table's folder.
    pub key: String,
    /// Its position when it was applied.
    pub position: String,
    /// Whether the ledger does not know yet that it is gone.
    pub is_news: bool,
}

impl SourceState {
    /// The pending objects.
    pub fn pending_objects(&self) -> impl Iterator<Item = &Staged> {
        self.pending.iter().filter_map(|index| self.objects.get(*index))
    }

    /// The index of the first pending object. From there on the objects hold the newest row of each key that a pending one
    /// names.
    #[must_use]
    pub fn tail_start(&self) -> usize {
        self.pending.first().copied().unwrap_or(self.objects.len())
    }

    /// The pending changes that came behind applied objects that sort after them.
    pub fn late_objects(&self) -> impl Iterator<Item = &Staged> {
        let is_change = matches!(self.news, News::Changes { .. });
        // Behind the newest applied object there are only pending ones.
        let mut in_order_from = self.objects.len();
        for index in self.pending.iter().rev() {
            if index + 1 == in_order_from {
                in_order_from = *index;
            }
        }
        let is_late = move |index: &usize, object: &Staged| {
            *index < in_order_from || self.gone.last().is_some_and(|gone| is_after(gone, object))
        };
        let pending = self.pending.iter().zip(self.pending_objects());
        pending.filter(move |(i, object)| is_change && is_late(i, object)).map(|(_, object)| object)
    }

    /// The first object that is gone and would have to be read to know the newest rows of the pending objects' keys.
    #[must_use]
    pub fn gone_in_tail(&self) -> Option<&Gone> {
        let first = self.objects.get(self.tail_start())?;
        self.gone.iter().find(|gone| is_after(gone, first))
    }
}

fn is_after(gone: &Gone, object: &Staged) -> bool {
    (gone.position.as_str(), gone.key.as_str())
        > (object.position().as_str(), object.listed.key.as_str())
}

/// What is new in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Nothing is pending.
    Nothing,
    /// Change objects are pending, and nothing else.
    Changes {
        /// How many applied objects come after the first of them; 0 unless one is late.
        read_again: usize,
    },
    /// What was applied is not a part of what is staged: the tables are built anew.
    Rebuild(RebuildReason),
}

/// Why tables are built anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebuildReason {
    /// Nothing was applied before.
    First,
    /// Full-load objects were written again: a new generation.
    Reload,
    /// A full-load object of the generation came late.
    LateLoad,
    /// A change object has other content than when it was applied.
    Rewritten,
    /// The source's location is another one.
    Moved,
    /// The user asked for it.
    Refresh,
    /// The user asked for rows that were set aside.
    Retry,
    /// Applied objects are gone, and the user takes what is left as the whole table.
    Accepted,
}

impl RebuildReason {
    /// The reason in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "nothing is applied yet",
            Self::Reload => "a new full load",
            Self::LateLoad => "another object of the full load",
            Self::Rewritten => "a change object was rewritten",
            Self::Moved => "its location has changed",
            Self::Refresh => "a full refresh is asked for",
            Self::Retry => "rows that were set aside are tried again",
            Self::Accepted => "what is staged is accepted as the whole table",
        }
    }
}

/// What only a person can decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Applied objects of the current generation are not staged any more. DMS deletes a table's objects when the table is
    /// truncated or dropped at the source, so this may mean that the table is empty: nothing that can be guessed.
    Vanished {
        /// Their keys.
        keys: Vec<String>,
    },
    /// Full-load objects have a new time but the same size and tag: copied in place, which changes nothing, or loaded anew
    /// from a table that looks as before, which makes all changes void.
    Restamped {
        /// One of them.
        key: String,
    },
    /// A change is named by a time that was there twice, as clocks were put back, and was not written soon after it, so that
    /// nothing tells which one it was.
    TwiceAnHour {
        /// Its key.
        key: String,
    },
    /// A change is named by a time that is not there in the declared zone, as clocks were put forward.
    NoSuchTime {
        /// Its key.
        key: String,
    },
    /// Some full-load objects were written again, and others of the same load were not: a load is under way, or it left
    /// objects of the one before behind.
    PartlyReloaded {
        /// One that is new.
        fresh: String,
        /// One that is not.
        stale: String,
    },
    /// Full-load objects were written again, and others of the load before them are gone: a load is under way that began by
    /// deleting them, or the new one has fewer objects.
    ReloadLacks {
        /// One that is new.
        fresh: String,
        /// One that is gone.
        missing: String,
    },
}

/// What to do about applied objects that are gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Vanished {
    /// Ask: [`Trouble::Vanished`].
    #[default]
    Refuse,
    /// Keep what they brought.
    Ignore,
    /// Take what is staged now as the whole table.
    Accept,
}

/// How to look at a source.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Take the staged objects as the truth, whatever was applied before.
    pub refresh: bool,
    /// Whether the objects are in another folder than those that were applied, so that neither tells about the other.
    pub moved: bool,
    /// Whether the listing's times are the store's own (S3), so that they can be compared with each other.
    pub times_are_the_stores: bool,
    /// What to do about applied objects that are gone.
    pub vanished: Vanished,
}

/// Measures the staged objects (in the order of application) against the applied ones.
///
/// # Errors
/// [`Trouble`], unless the view is a refresh.
pub fn assess(
    staged: Vec<Staged>,
    applied: &[Applied],
    view: View,
) -> Result<SourceState, Trouble> {
    let current = applied.iter().map(|object| object.generation).max().unwrap_or(0);
    if current == 0 && staged.is_empty() {
        // A table that was always empty: its target is made when the model is new, and then nothing changes.
        return Ok(SourceState {
            news: News::Nothing,
            ..all_pending(staged, 1, RebuildReason::First)
        });
    }
    if current == 0 {
        return Ok(all_pending(staged, 1, RebuildReason::First));
    }
    if view.moved {
        return Ok(taken_as_whole(staged, current, RebuildReason::Moved));
    }
    let past = Past::new(applied, current);
    let news = past.load_news(&staged);
    let is_copy = || matches!(past.check_reload(&staged), Err(Trouble::Restamped { .. }));
    if view.refresh && news == LoadNews::Reload && !is_copy() {
        // What was applied before is in the new full load, and must not be applied on top of it.
        let news = News::Rebuild(RebuildReason::Refresh);
        return Ok(SourceState { news, ..reload(staged, &past, current, view) });
    }
    if view.refresh {
        let staged = staged.into_iter().filter(|object| !past.is_void(object)).collect();
        return Ok(taken_as_whole(staged, current, RebuildReason::Refresh));
    }
    match news {
        LoadNews::Reload => {
            past.check_reload(&staged)?;
            if view.vanished == Vanished::Refuse {
                past.check_whole(&staged)?;
            }
            Ok(reload(staged, &past, current, view))
        }
        news => carry_on(staged, &past, current, news == LoadNews::More, view.vanished),
    }
}

fn all_pending(objects: Vec<Staged>, generation: u32, reason: RebuildReason) -> SourceState {
    SourceState {
        generation,
        pending: (0..objects.len()).collect(),
        objects,
        superseded: Vec::new(),
        gone: Vec::new(),
        emptied: false,
        news: News::Rebuild(reason),
    }
}

/// A new generation of what is staged, which may be nothing.
fn taken_as_whole(staged: Vec<Staged>, current: u32, reason: RebuildReason) -> SourceState {
    let emptied = staged.is_empty();
    SourceState { emptied, ..all_pending(staged, current + 1, reason) }
}

/// A new generation: the full-load objects, and those change objects that came after them.
fn reload(staged: Vec<Staged>, past: &Past<'_>, current: u32, view: View) -> SourceState {
    let loaded_at = staged
        .iter()
        .filter(|object| object.is_load() && !past.is_applied(object))
        .map(|object| object.listed.modified)
        .min();
    // Without tags, a folder that was copied as a whole looks as if it was loaded anew.
    let mut loads = staged.iter().filter(|object| object.is_load());
    let is_copy = loads.all(|object| past.is_same_content(object));
    let is_before_load = |object: &Staged| {
        view.times_are_the_stores
            && loaded_at.is_some_and(|loaded_at| object.listed.modified < loaded_at)
    };
    let is_behind_load = |object: &Staged| {
        view.times_are_the_stores
            && loaded_at.is_some_and(|loaded_at| object.listed.modified > loaded_at)
    };
    let is_older = |object: &Staged| {
        if past.known.contains(object.listed.key.as_str()) {
            // Under a known name but with another fingerprint: the whole folder was written anew, or only this was touched.
            return !is_copy && (past.is_same_content(object) || is_before_load(object));
        }
        past.newest.is_some_and(|newest| object.position().as_str() < newest)
            || is_before_load(object)
    };
    let mut objects = Vec::new();
    let mut superseded = Vec::new();
    for object in staged {
        if object.is_load() {
            objects.push(object);
        } else if past.is_applied(&object) && is_behind_load(&object) {
            // Applied to the generation that ends here, before its end was seen.
            objects.push(object);
        } else if past.is_applied(&object) || past.is_void(&object) {
            // Part of the generation that ends here.
        } else if is_older(&object) {
            superseded.push(object);
        } else {
            objects.push(object);
        }
    }
    SourceState { superseded, ..all_pending(objects, current + 1, RebuildReason::Reload) }
}

/// The same generation, with what has come since.
fn carry_on(
    staged: Vec<Staged>,
    past: &Past<'_>,
    current: u32,
    late_load: bool,
    vanished: Vanished,
) -> Result<SourceState, Trouble> {
    let objects: Vec<Staged> = staged.into_iter().filter(|object| !past.is_void(object)).collect();
    let there: HashSet<&str> = objects.iter().map(|object| object.listed.key.as_str()).collect();
    let gone = past.gone(&there);
    match vanished {
        Vanished::Accept if !gone.is_empty() => {
            return Ok(taken_as_whole(objects, current, RebuildReason::Accepted));
        }
        Vanished::Refuse if gone.iter().any(|gone| gone.is_news) => {
            let news = gone.into_iter().filter(|gone| gone.is_news);
            let mut keys: Vec<String> = news.map(|gone| gone.key).collect();
            keys.sort();
            return Err(Trouble::Vanished { keys });
        }
        _ => {}
    }
    let pending: Vec<usize> = (0..objects.len())
        .filter(|index| objects.get(*index).is_some_and(|object| !past.is_applied(object)))
        .collect();
    let pending_objects = || pending.iter().filter_map(|index| objects.get(*index));
    let rewritten =
        pending_objects().any(|object| past.now.contains_key(object.listed.key.as_str()));
    let first = pending.first().copied().unwrap_or(objects.len());
    let read_again = objects.len().saturating_sub(first + pending.len());
    let news = if late_load {
        News::Rebuild(RebuildReason::LateLoad)
    } else if rewritten {
        News::Rebuild(RebuildReason::Rewritten)
    } else if pending.is_empty() {
        News::Nothing
    } else {
        News::Changes { read_again }
    };
    Ok(SourceState {
        generation: current,
        objects,
        pending,
        superseded: Vec::new(),
        gone,
        emptied: false,
        news,
    })
}

#[cfg(test)]
mod tests;
