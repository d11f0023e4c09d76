//! What has been applied, and how it compares with what is staged.

use std::collections::{HashMap, HashSet};

use super::{Applied, Gone, Staged, Trouble};

/// The applied objects, ready to be asked.
pub(super) struct Past<'a> {
    /// Applied in the current generation.
    pub(super) now: HashMap<&'a str, &'a Applied>,
    /// Of older generations or superseded, with their fingerprints: they are no longer part of the table.
    void: HashSet<(&'a str, &'a str)>,
    void_keys: HashSet<&'a str>,
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
        let void_keys = applied
            .iter()
            .map(|object| object.key.as_str())
            .filter(|key| !now.contains_key(key))
            .collect();
        let newest = now.values().map(|object| object.position.as_str()).max();
        let known = applied.iter().map(|object| object.key.as_str()).collect();
        Self { now, void, void_keys, known, newest }
    }

    pub(super) fn is_applied(&self, object: &Staged) -> bool {
        self.now
            .get(object.listed.key.as_str())
            .is_some_and(|applied| applied.fingerprint == object.listed.fingerprint())
    }

    /// Whether the table's newer full load holds what the object says. A name with the time of a change is given once, so a
    /// change stays void when its file is touched or copied; the names of full-load objects come again in each load.
    pub(super) fn is_void(&self, object: &Staged) -> bool {
        let key = object.listed.key.as_str();
        if object.is_load() {
            let fingerprint = object.listed.fingerprint();
            return !self.is_applied(object) && self.void.contains(&(key, fingerprint.as_str()));
        }
        self.void_keys.contains(key)
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
        match loads().find(|object| object.listed.e_tag.is_some() && self.is_same_content(object)) {
            Some(object) if loads().all(|object| self.is_same_content(object)) => {
                Err(Trouble::Restamped { key: key(object) })
            }
            _ => Ok(()),
        }
    }

    /// A reload of which an object of the load before it is missing: DMS may have deleted them, and not be done with writing the
    /// new ones.
    pub(super) fn check_whole(&self, staged: &[Staged]) -> Result<(), Trouble> {
        let there: HashSet<&str> = staged.iter().map(|object| object.listed.key.as_str()).collect();
        let was = self.now.values().filter(|applied| applied.is_load() && !applied.gone);
        let missing = was.map(|applied| applied.key.as_str()).filter(|key| !there.contains(key));
        let is_fresh = |object: &&Staged| object.is_load() && !self.is_applied(object);
        match (missing.min(), staged.iter().find(is_fresh)) {
            (Some(missing), Some(fresh)) => Err(Trouble::ReloadLacks {
                fresh: fresh.listed.key.clone(),
                missing: missing.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Whether an object has another time than when it was applied, and nothing else.
    pub(super) fn is_same_content(&self, object: &Staged) -> bool {
        self.now.get(object.listed.key.as_str()).is_some_and(|applied| {
            content_of(&applied.fingerprint) == content_of(&object.listed.fingerprint())
        })
    }
}

/// A fingerprint without its time.
fn content_of(fingerprint: &str) -> &str {
    fingerprint.rsplit_once('/').map_or(fingerprint, |(content, _)| content)
}
