//! What has been applied, and how it compares with what is staged.

use std::collections::{HashMap, HashSet};

use super::{Applied, Gone, Staged, Trouble};

/// The applied objects, ready to be asked.
pub(super) struct Past<'a> {
    /// Applied in the current generation.
    pub(super) now: HashMap<&'a str, &'a Applied>,
    /// Of older generations or superseded: they are no longer part of the table.
    void: HashSet<(&'a str, &'a str)>,
    pub(super) known: HashSet<&'a str>,
    pub(super) newest: Option<&'a str>,
}

#[derive(PartialEq, Eq)]
pub(super) enum LoadNews {
    Same,
    More,
    Reload,
}

impl<'a> Past<'a> {
    pub(super) fn new(applied: &'a [Applied], current: u32) -> Self {
        let is_now = |object: &&Applied| object.generation == current && !object.superseded;
        let now: HashMap<&str, &Applied> =
            applied.iter().filter(is_now).map(|object| (object.key.as_str(), object)).collect();
        let void = applied
            .iter()
            .filter(|object| !is_now(object))
            .map(|object| (object.key.as_str(), object.fingerprint.as_str()))
            .collect();
        let newest = now.values().map(|object| object.position.as_str()).max();
        let known = applied.iter().map(|object| object.key.as_str()).collect();
        Self { now, void, known, newest }
    }

    pub(super) fn is_applied(&self, object: &Staged) -> bool {
        self.now
            .get(object.listed.key.as_str())
            .is_some_and(|applied| applied.fingerprint == object.listed.fingerprint())
    }

    pub(super) fn is_void(&self, object: &Staged) -> bool {
        !self.is_applied(object)
            && self
                .void
                .contains(&(object.listed.key.as_str(), object.listed.fingerprint().as_str()))
    }

    pub(super) fn load_news(&self, staged: &[Staged]) -> LoadNews {
        let loads: HashMap<&str, &Staged> = staged
            .iter()
            .filter(|object| object.is_load())
            .map(|object| (object.listed.key.as_str(), object))
            .collect();
        let fresh = loads.values().any(|object| !self.is_applied(object) && !self.is_void(object));
        if !fresh {
            return LoadNews::Same;
        }
        let applied_loads: Vec<&str> = self
            .now
            .values()
            .filter(|object| object.is_load())
            .map(|object| object.key.as_str())
            .collect();
        let all_as_before = applied_loads
            .iter()
            .all(|key| loads.get(key).is_some_and(|object| self.is_applied(object)));
        if all_as_before && !applied_loads.is_empty() { LoadNews::More } else { LoadNews::Reload }
    }

    /// The applied objects that are not among those staged, in the order of application.
    pub(super) fn gone(&self, staged: &HashSet<&str>) -> Vec<Gone> {
        let missing = self.now.values().filter(|applied| !staged.contains(applied.key.as_str()));
        let mut gone: Vec<Gone> = missing
            .map(|applied| Gone {
                key: applied.key.clone(),
                position: applied.position.clone(),
                is_news: !applied.gone,
            })
            .collect();
        gone.sort_by(|a, b| (&a.position, &a.key).cmp(&(&b.position, &b.key)));
        gone
    }

    /// A reload must be one: all of its objects new, and not only by their time.
    pub(super) fn check_reload(&self, staged: &[Staged]) -> Result<(), Trouble> {
        let loads = || staged.iter().filter(|object| object.is_load());
        let is_old = |object: &&Staged| self.is_applied(object) || self.is_void(object);
        let fresh = loads().find(|object| !is_old(object));
        let stale = loads().find(|object| is_old(object));
        let key = |object: &Staged| object.listed.key.clone();
        if let (Some(fresh), Some(stale)) = (fresh, stale) {
            return Err(Trouble::PartlyReloaded { fresh: key(fresh), stale: key(stale) });
        }
        let is_same_content = |object: &&Staged| {
            object.listed.e_tag.is_some()
                && self.now.get(object.listed.key.as_str()).is_some_and(|applied| {
                    content_of(&applied.fingerprint) == content_of(&object.listed.fingerprint())
                })
        };
        match loads().find(is_same_content) {
            Some(object) if loads().all(|object| is_same_content(&object)) => {
                Err(Trouble::Restamped { key: key(object) })
            }
            _ => Ok(()),
        }
    }
}

/// A fingerprint without its time.
fn content_of(fingerprint: &str) -> &str {
    fingerprint.rsplit_once('/').map_or(fingerprint, |(content, _)| content)
}
