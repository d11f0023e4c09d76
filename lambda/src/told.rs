//! What a task is told to look for, and whether it would find it without being told.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use staged::{Classified, LATE_MINUTES, change_time, classify};

/// How far apart the time in an object's name and that of the event that tells of it may be, so that every later run finds it by itself. A
/// run looks a little further back than the newest applied change, by `late_window_minutes` (60, and never less than 6) of its job; what
/// is told of the object lets it look further.
pub const LATE: TimeDelta = TimeDelta::minutes(LATE_MINUTES);

/// What a task is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// URLs, the keys as they are.
    pub objects: BTreeSet<String>,
    /// To look at everything that is staged.
    pub list_all: bool,
}

impl Told {
    /// Both.
    pub fn add(&mut self, other: &Self) {
        self.objects.extend(other.objects.iter().cloned());
        self.list_all |= other.list_all;
    }

    /// The part that a task may not find unless it is told.
    ///
    /// `at`: when it was told of.
    #[must_use]
    pub fn must_be_told(&self, at: DateTime<Utc>) -> Self {
        let late = self.objects.iter().filter(|url| is_late(url, at));
        Self { objects: late.cloned().collect(), list_all: self.list_all }
    }

    /// Whether who is told this looks for all of the other too.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        self.list_all || !other.list_all && self.objects.is_superset(&other.objects)
    }
}

/// Whether the time in the name of an object is not that of its event. It is older if it comes late. Names in a zone's time
/// ([`staged::in_utc`]) are older west of UTC, and newer east of it, where one that comes late may look as if it did not: so both
/// cost a task, and nothing is missed.
fn is_late(url: &str, at: DateTime<Utc>) -> bool {
    let name = url.rsplit('/').next().unwrap_or(url);
    let Classified::Object(name) = classify(name) else { return false };
    // Full loads sort behind all changes, so each run lists them.
    change_time(&name.order).is_some_and(|time| (time.and_utc() - at).abs() > LATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_another_time_than_its_event_must_be_told() {
        let at = DateTime::parse_from_rfc3339("2026-03-27T08:15:00Z").unwrap().to_utc();
        let told = |name: &str| {
            let objects = BTreeSet::from([format!("s3://b/t/{name}")]);
            Told { objects, list_all: false }.must_be_told(at) != Told::default()
        };
        assert!(!told("20260327-081459999.csv"));
        assert!(!told("20260327-081000000.csv"));
        assert!(told("20260327-080959999.csv"));
        assert!(told("2026/03/27/20260327-080959999.csv"));
        assert!(told("CDC_TXN-20260327080959999.csv"));
        assert!(!told("20260327-082000000.csv"), "of another clock");
        assert!(told("20260327-082000001.csv"));
        assert!(told("20260327-091500000.csv"), "a zone east of UTC");
        assert!(!told("LOAD00000001.csv"));
        let all = Told { list_all: true, ..Told::default() };
        assert_eq!(all.must_be_told(at), all);
        assert_eq!(Told::default().must_be_told(at), Told::default());
    }

    #[test]
    fn who_looks_at_everything_looks_for_all_objects() {
        let of = |names: &[&str]| Told {
            objects: names.iter().map(|name| (*name).to_owned()).collect(),
            list_all: false,
        };
        let all = Told { list_all: true, ..Told::default() };
        assert!(of(&[]).includes(&of(&[])) && of(&["1", "2"]).includes(&of(&["1"])));
        assert!(!of(&["1"]).includes(&of(&["1", "2"])) && !of(&["1"]).includes(&all));
        assert!(all.includes(&of(&["1"])) && all.includes(&all));
    }
}
