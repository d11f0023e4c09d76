//! What is staged, and what a run must make of it: the rules of `transforms::staging` once more, in the plainest form.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{BadLine, Op, Row, Source};

/// A staged object.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) rows: Vec<(Op, Row)>,
    /// As it is written.
    pub(super) text: String,
    /// Bytes, packed or not.
    pub(super) size: usize,
    /// Lines between them that are no rows.
    pub(super) bad: Vec<BadLine>,
    /// Lines that must be set aside.
    pub(super) rejected: u64,
    /// The place in the order of application.
    pub(super) order: Order,
    /// When it was written, in seconds of the case's clock.
    pub(super) modified: u64,
    /// Whether values are written another way.
    pub(super) respelled: bool,
    pub(super) state: State,
    /// Whether a run was told to ignore that it is gone.
    pub(super) is_ignored: bool,
}

/// How a run is asked to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Plain,
    /// `--full-refresh`
    Refresh,
    /// `--vanished accept`
    Accept,
    /// `--vanished ignore`
    Ignore,
    /// `--retry-rejected`
    Retry,
}

impl How {
    /// The same on the command line.
    pub(super) fn args(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &[],
            Self::Refresh => &["--full-refresh"],
            Self::Accept => &["--vanished", "accept"],
            Self::Ignore => &["--vanished", "ignore"],
            Self::Retry => &["--retry-rejected"],
        }
    }
}

/// Full-load objects before changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    Load(String),
    Change(String),
}

impl Order {
    fn is_load(&self) -> bool {
        matches!(self, Self::Load(_))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Not applied as it is now.
    New,
    Applied,
    /// Of an ended generation, or superseded.
    Void,
}

/// What is new for a model that reads the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    Nothing,
    Changes,
    Rebuild,
    /// Applied objects are gone, or only a part of a full load was written again: refused.
    Trouble,
}

/// What a run finds.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) news: News,
    /// Keys of objects to apply.
    pub(super) pending: BTreeSet<String>,
    /// Keys of change objects that come too late.
    pub(super) superseded: BTreeSet<String>,
    /// Whether the generation ends.
    pub(super) ends: bool,
}

/// A source with all that is staged for it.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) source: Source,
    pub(super) files: BTreeMap<String, File>,
    /// Objects that DMS has written and no one sees yet, with the number of runs until then.
    pub(super) held: Vec<(u8, String, File)>,
    /// Applied in the current generation.
    pub(super) applied: BTreeMap<String, Order>,
    /// Every key that was ever applied or superseded.
    known: BTreeSet<String>,
    /// Applied in the current generation and not staged any more.
    pub(super) gone: BTreeMap<String, File>,
    /// What was applied under keys that hold something else now.
    overwritten: BTreeMap<String, File>,
}

impl Table {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            files: BTreeMap::new(),
            held: Vec::new(),
            applied: BTreeMap::new(),
            known: BTreeSet::new(),
            gone: BTreeMap::new(),
            overwritten: BTreeMap::new(),
        }
    }

    /// The newest applied place.
    pub(super) fn newest(&self) -> Option<&Order> {
        self.applied.values().max()
    }

    fn keys(&self, wanted: impl Fn(&String, &File) -> bool) -> BTreeSet<String> {
        let found = self.files.iter().filter(|(key, file)| wanted(key, file));
        found.map(|(key, _)| key.clone()).collect()
    }

    /// What a run must find now. `times` tells whether times of objects can be compared, as on S3.
    pub(super) fn look(&self, how: How, times: bool) -> Look {
        let look = |news, pending| Look { news, pending, superseded: BTreeSet::new(), ends: false };
        if how == How::Retry {
            return self.look_again(times);
        }
        let refresh = how == How::Refresh;
        let new = self.keys(|_, file| file.state == State::New);
        let vanished = self.applied.keys().any(|key| !self.files.contains_key(key));
        let is_asked = self.gone.values().any(|file| !file.is_ignored);
        let has_new_load = self.files.values().any(|f| f.state == State::New && f.order.is_load());
        let has_old_load = self.files.values().any(|f| f.state != State::New && f.order.is_load());
        let is_as_before =
            |key: &String| self.files.get(key).is_some_and(|file| file.state == State::Applied);
        let mut loads = self.applied.iter().filter(|(_, order)| order.is_load()).peekable();
        let is_more = loads.peek().is_some() && loads.all(|(key, _)| is_as_before(key));
        let is_reload = !self.known.is_empty() && has_new_load && !is_more;
        // With tags, what was only copied is known.
        let is_copy = times && self.is_copy(times);
        if is_reload && is_copy && !has_old_load && !refresh {
            return look(News::Trouble, BTreeSet::new());
        }
        if is_reload && has_old_load && !refresh {
            return look(News::Trouble, BTreeSet::new());
        }
        let lacks_load = self.gone.values().any(|file| file.order.is_load() && !file.is_ignored);
        if is_reload && lacks_load && how == How::Plain {
            return look(News::Trouble, BTreeSet::new());
        }
        if is_reload && !is_copy {
            return self.look_at_reload(times);
        }
        if self.known.is_empty() || refresh {
            let idle = self.known.is_empty() && new.is_empty();
            let pending = self.keys(|_, file| file.state != State::Void);
            let news = if idle { News::Nothing } else { News::Rebuild };
            return Look { ends: true, ..look(news, pending) };
        }
        if vanished && how == How::Accept {
            let pending = self.keys(|_, file| file.state != State::Void);
            return Look { ends: true, ..look(News::Rebuild, pending) };
        }
        if is_asked && how != How::Ignore {
            return look(News::Trouble, BTreeSet::new());
        }
        let is_rewritten = new.iter().any(|key| self.applied.contains_key(key));
        let news = match new.is_empty() {
            true => News::Nothing,
            false if has_new_load || is_rewritten => News::Rebuild,
            false => News::Changes,
        };
        look(news, new)
    }

    /// Whether an object holds what was applied under its name, as far as can be seen: `times` also says that there are tags.
    fn is_same(&self, key: &String, file: &File, times: bool) -> bool {
        file.state == State::Applied
            || self.overwritten.get(key).is_some_and(|before| match times {
                true => before.text == file.text,
                false => before.size == file.size,
            })
    }

    fn is_copy(&self, times: bool) -> bool {
        let mut loads = self.files.iter().filter(|(_, file)| file.order.is_load());
        loads.all(|(key, file)| self.is_same(key, file, times))
    }

    fn look_at_reload(&self, times: bool) -> Look {
        let is_copy = self.is_copy(times);
        let news = self.files.values().filter(|file| file.state == State::New);
        let loaded = news.filter(|file| file.order.is_load()).map(|file| file.modified).min();
        let superseded = self.keys(|key, file| {
            file.state == State::New
                && !file.order.is_load()
                && match self.known.contains(key) {
                    true => {
                        let is_before = times && Some(file.modified) < loaded;
                        !is_copy && (self.is_same(key, file, times) || is_before)
                    }
                    false => {
                        Some(&file.order) < self.newest() || times && Some(file.modified) < loaded
                    }
                }
        });
        let pending = self.keys(|key, file| {
            file.order.is_load() || file.state == State::New && !superseded.contains(key)
        });
        Look { news: News::Rebuild, pending, superseded, ends: true }
    }

    /// A run that tries rows again that were set aside.
    fn look_again(&self, times: bool) -> Look {
        let look = self.look(How::Plain, times);
        let has_rejects = self.applied.keys().any(|key| self.of_applied(key).rejected > 0);
        match look.news {
            News::Nothing | News::Changes if has_rejects && !look.ends => {
                Look { news: News::Rebuild, ..look }
            }
            _ => look,
        }
    }

    /// What was applied under a key of the current generation.
    pub(super) fn of_applied(&self, key: &str) -> &File {
        let before = self.overwritten.get(key).or_else(|| self.gone.get(key));
        before.unwrap_or_else(|| &self.files[key])
    }

    /// An object is there, perhaps in place of another one. A change of an ended generation is none of this one, whatever
    /// happens to its file.
    pub(super) fn arrive(&mut self, key: String, mut file: File) {
        let before = self.files.get(&key);
        if before.is_some_and(|file| file.state == State::Void && !file.order.is_load()) {
            file.state = State::Void;
        }
        let before = self.files.remove(&key).filter(|file| file.state == State::Applied);
        if let Some(before) = before.or_else(|| self.gone.remove(&key)) {
            self.overwritten.insert(key.clone(), before);
        }
        self.files.insert(key, file);
    }

    /// An object is deleted. What an applied one brought is kept in mind, since a run may be told to keep it.
    pub(super) fn remove(&mut self, key: &str) {
        let file = self.files.remove(key).filter(|file| file.state == State::Applied);
        if let Some(file) = file.or_else(|| self.overwritten.remove(key)) {
            self.gone.insert(key.to_owned(), file);
        }
    }

    /// Whether an object is gone that must be read: of a model that follows this table row by row only those behind the
    /// first pending one.
    pub(super) fn lacks(&self, look: &Look, is_tail: bool) -> bool {
        let first = look.pending.iter().map(|key| (&self.files[key].order, key)).min();
        let mut gone = self.gone.iter().map(|(key, file)| (&file.order, key));
        match first {
            _ if look.ends => false,
            _ if !is_tail => gone.next().is_some(),
            None => false,
            Some(first) => gone.any(|gone| gone > first),
        }
    }

    /// The pending changes that applied ones come after.
    pub(super) fn late(&self, look: &Look) -> BTreeSet<String> {
        let applied = self.applied.iter().map(|(key, order)| (order, key)).max();
        let is_late = |key: &&String| Some((&self.files[*key].order, *key)) < applied;
        let is_change = look.news == News::Changes;
        look.pending.iter().filter(|_| is_change).filter(is_late).cloned().collect()
    }

    /// A run has done what was found.
    pub(super) fn done(&mut self, look: &Look) {
        if look.ends {
            self.applied.clear();
            self.gone.clear();
        }
        self.overwritten.clear();
        for file in self.gone.values_mut() {
            file.is_ignored = true;
        }
        for (key, file) in &mut self.files {
            if look.pending.contains(key) {
                file.state = State::Applied;
                self.applied.insert(key.clone(), file.order.clone());
                self.known.insert(key.clone());
            } else if look.superseded.contains(key) {
                file.state = State::Void;
                self.known.insert(key.clone());
            } else if look.ends {
                file.state = State::Void;
            }
        }
    }

    /// The table's rows after all applied objects: of each key the newest.
    pub(super) fn replay(&self) -> Vec<Row> {
        let applied = self.files.iter().filter(|(_, file)| file.state == State::Applied);
        let mut files: Vec<(&Order, &String, &File)> =
            applied.chain(&self.gone).map(|(key, file)| (&file.order, key, file)).collect();
        files.sort_by_key(|(order, key, _)| (*order, *key));
        let changes = files.into_iter().flat_map(|(_, _, file)| &file.rows);
        if self.source.key.is_empty() {
            return changes.map(|(_, row)| row.clone()).collect();
        }
        let mut rows = BTreeMap::new();
        for (op, row) in changes {
            let key = self.source.key_of(row);
            if *op == Op::Delete {
                rows.remove(&key);
            } else {
                rows.insert(key, row.clone());
            }
        }
        rows.into_values().collect()
    }
}
