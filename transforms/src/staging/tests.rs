use chrono::DateTime;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

mod gone;
mod horizon;
mod naming;
mod reloads;

const IN_S3: View =
    View { refresh: false, moved: false, times_are_the_stores: true, vanished: Vanished::Refuse };
const LOCAL: View = View { times_are_the_stores: false, ..IN_S3 };

/// `L2` is the second object of a full load, `c7` a change object; `s1L2` lies in a segment.
fn key_of(short: &str) -> String {
    let number = |text: &str| text.parse::<u32>().unwrap();
    match short.split_at(1) {
        ("L", n) => format!("LOAD{:08X}.csv", number(n)),
        ("c", n) => format!("20260101-{:09}.csv", number(n)),
        ("z", n) => format!("20260101-{:09}.csv.gz", number(n)),
        ("s", rest) => {
            let (segment, load) = rest.split_once('L').unwrap();
            format!("SEGMENT{segment}_LOAD{:08X}.csv", number(load))
        }
        _ => panic!("{short}"),
    }
}

fn short_of(key: &str) -> String {
    if let Some(rest) = key.strip_prefix("SEGMENT") {
        let (segment, rest) = rest.split_once('_').unwrap();
        return format!("s{segment}{}", short_of(rest));
    }
    let stem = key.trim_end_matches(".gz").trim_end_matches(".csv");
    let (letter, digits) = match stem.strip_prefix("LOAD") {
        Some(digits) => ("L", digits),
        None if key.ends_with(".gz") => ("z", stem.split_once('-').unwrap().1),
        None => ("c", stem.split_once('-').unwrap().1),
    };
    format!("{letter}{}", digits.trim_start_matches('0'))
}

/// A staging folder and a ledger.
#[derive(Default)]
struct World {
    /// When each object was written, and when its content was first.
    staged: BTreeMap<String, (i64, i64)>,
    ledger: BTreeMap<(u32, String), Applied>,
}

impl World {
    /// `+L1@3` writes an object at time 3, `=L1@3` writes its old content again, `-L1` deletes it.
    fn change(&mut self, actions: &str) {
        for action in actions.split_whitespace() {
            let (verb, object) = action.split_at(1);
            let (short, at) = object.split_once('@').unwrap_or((object, "0"));
            let (key, at) = (key_of(short), at.parse().unwrap());
            match verb {
                "+" => self.staged.insert(key, (at, at)),
                "=" => self.staged.insert(key.clone(), (at, self.staged[&key].1)),
                _ => Some(self.staged.remove(&key).unwrap()),
            };
        }
    }

    fn look(&self, view: View) -> Result<SourceState, Trouble> {
        self.look_behind("", view)
    }

    /// Looks at objects and ledger rows behind a key only, and at the marks of emptied generations.
    fn look_behind(&self, since: &str, view: View) -> Result<SourceState, Trouble> {
        let staged = self.staged.iter().filter(|(key, _)| key.as_str() > since);
        let listing = staged.map(|(key, (at, content))| Listed {
            key: key.clone(),
            beside: false,
            size: 9,
            modified: DateTime::from_timestamp(*at, 0).unwrap(),
            e_tag: Some(format!("\"{content}\"")),
        });
        // A listing may come in any order.
        let (staged, foreign) = sort_listing(listing.rev().collect(), Naming::default()).unwrap();
        assert_eq!(foreign, vec![]);
        let is_wanted = |row: &&Applied| row.key.is_empty() || row.key.as_str() > since;
        let applied: Vec<Applied> = self.ledger.values().filter(is_wanted).cloned().collect();
        assess(staged, &applied, view)
    }

    /// Writes to the ledger what a run would.
    fn apply(&mut self, state: &SourceState) {
        let mut write = |object: &Staged, generation: u32, superseded: bool| {
            let applied = Applied {
                key: object.listed.key.clone(),
                fingerprint: object.listed.fingerprint(),
                generation,
                position: object.position(),
                gone: false,
                superseded,
            };
            self.ledger.insert((generation, applied.key.clone()), applied);
        };
        for object in state.pending_objects() {
            write(object, state.generation, false);
        }
        for object in &state.superseded {
            write(object, state.generation - 1, true);
        }
        for gone in &state.gone {
            let entry = self.ledger.get_mut(&(state.generation, gone.key.clone())).unwrap();
            entry.gone = true;
        }
        if state.emptied {
            let mark = Applied {
                key: String::new(),
                fingerprint: String::new(),
                generation: state.generation,
                position: String::new(),
                gone: false,
                superseded: true,
            };
            self.ledger.insert((state.generation, String::new()), mark);
        }
    }
}

/// `news gN: objects`, pending ones with a star, then those that are gone (a `!` if that is news), the first of these that
/// would have to be read, and superseded ones.
fn told(state: &SourceState) -> String {
    let news = match state.news {
        News::Nothing => "nothing".to_owned(),
        News::Changes { read_again: 0 } => "changes".to_owned(),
        News::Changes { read_again } => format!("changes {read_again} again"),
        News::Rebuild(reason) => format!("{reason:?}").to_lowercase(),
    };
    let mut text = format!("{news} g{}:", state.generation);
    let late: Vec<&Staged> = state.late_objects().collect();
    for (index, object) in state.objects.iter().enumerate() {
        let star = match state.pending.contains(&index) {
            true if late.contains(&object) => "*late",
            true => "*",
            false => "",
        };
        text = format!("{text} {}{star}", short_of(&object.listed.key));
    }
    for gone in &state.gone {
        let news = if gone.is_news { "!" } else { "" };
        text = format!("{text} gone {}{news}", short_of(&gone.key));
    }
    if let Some(gone) = state.gone_in_tail() {
        text = format!("{text} needs {}", short_of(&gone.key));
    }
    for object in &state.superseded {
        text = format!("{text} superseded {}", short_of(&object.listed.key));
    }
    text
}

fn told_of(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Vanished { keys } => {
            let keys: Vec<String> = keys.iter().map(|key| short_of(key)).collect();
            format!("vanished {}", keys.join(" "))
        }
        Trouble::NoSuchTime { key } => format!("never {}", short_of(key)),
        Trouble::TwiceAnHour { key } => format!("twice {}", short_of(key)),
        Trouble::Restamped { key } => format!("restamped {}", short_of(key)),
        Trouble::PartlyReloaded { fresh, stale } => {
            format!("partly {} but {}", short_of(fresh), short_of(stale))
        }
        Trouble::ReloadLacks { fresh, missing } => {
            format!("{} without {}", short_of(fresh), short_of(missing))
        }
    }
}

/// Steps of changes to the folder, each followed by a run and then by one that must find nothing to do. A step may begin
/// with `refresh`, `accept` or `ignore`, or with `moved` if the location is another one.
fn check_in(view: View, steps: &[(&str, &str)]) {
    let mut world = World::default();
    for (actions, expected) in steps {
        let words = ["refresh", "moved", "accept", "ignore"];
        let word = words.into_iter().find(|word| actions.starts_with(word)).unwrap_or_default();
        world.change(actions.trim_start_matches(word));
        let vanished = match word {
            "accept" => Vanished::Accept,
            "ignore" => Vanished::Ignore,
            _ => view.vanished,
        };
        let (refresh, moved) = (word == "refresh", word == "moved");
        match world.look(View { refresh, moved, vanished, ..view }) {
            Err(trouble) => assert_eq!(told_of(&trouble), *expected, "{actions}"),
            Ok(state) => {
                assert_eq!(told(&state), *expected, "{actions}");
                world.apply(&state);
                let again = world.look(view).unwrap();
                assert_eq!(again.news, News::Nothing, "after {actions}: {}", told(&again));
                assert_eq!(again.superseded, vec![], "after {actions}");
                assert_eq!(again.objects, state.objects, "after {actions}");
            }
        }
    }
}

fn check(steps: &[(&str, &str)]) {
    check_in(IN_S3, steps);
}

#[test]
fn the_first_run_takes_everything_full_loads_first() {
    check(&[("+c1@3 +L2@2 +L1@1", "first g1: L1* L2* c1*")]);
    check(&[("+c2@3 +c1@4", "first g1: c1* c2*")]);
    check(&[("+s2L1@1 +s1L2@1 +s1L1@1 +L1@1", "first g1: L1* s1L1* s1L2* s2L1*")]);
}

#[test]
fn a_table_without_objects_needs_no_run() {
    check(&[("", "nothing g1:"), ("+c1@1", "first g1: c1*")]);
    check(&[("refresh", "nothing g1:"), ("+L1@1", "first g1: L1*")]);
}

#[test]
fn changes_are_applied_once_and_in_order() {
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("", "nothing g1: L1 c1"),
        ("+c2@3 +c3@4", "changes g1: L1 c1 c2* c3*"),
        ("+c4@5", "changes g1: L1 c1 c2 c3 c4*"),
    ]);
}

#[test]
fn a_change_behind_applied_ones_is_told_to_be_late() {
    check(&[
        ("+L1@1 +c2@2", "first g1: L1* c2*"),
        ("+c1@3", "changes 1 again g1: L1 c1*late c2"),
        ("+c3@4", "changes g1: L1 c1 c2 c3*"),
        ("+z3@5", "changes g1: L1 c1 c2 c3 z3*"),
        ("+c5@6 +c7@6", "changes g1: L1 c1 c2 c3 z3 c5* c7*"),
        ("+c4@7 +c6@7 +c8@7", "changes 2 again g1: L1 c1 c2 c3 z3 c4*late c5 c6*late c7 c8*"),
    ]);
}

#[test]
fn a_late_and_a_new_change_together_are_late() {
    check(&[("+c2@2", "first g1: c2*"), ("+c1@3 +c3@3", "changes 1 again g1: c1*late c2 c3*")]);
}

#[test]
fn a_rewritten_change_rebuilds_within_the_generation() {
    check(&[
        ("+L1@1 +c1@2 +c2@2", "first g1: L1* c1* c2*"),
        ("+c1@5", "rewritten g1: L1 c1* c2"),
        ("+c2@6 +c3@6", "rewritten g1: L1 c1 c2* c3*"),
    ]);
}

#[test]
fn a_table_that_was_emptied_stays_so_until_something_is_staged() {
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("-L1 -c1", "vanished c1 L1"),
        ("refresh", "refresh g2:"),
        ("", "nothing g2:"),
        ("+c2@3", "changes g2: c2*"),
        ("-c2", "vanished c2"),
        ("refresh", "refresh g3:"),
        ("+L1@4 +c3@5", "reload g4: L1* c3*"),
    ]);
}

#[test]
fn a_refresh_takes_everything_of_the_generation_again() {
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("refresh", "refresh g2: L1* c1*"),
        ("refresh +c2@3", "refresh g3: L1* c1* c2*"),
    ]);
}

#[test]
fn a_refresh_does_not_bring_back_changes_that_a_new_full_load_ends() {
    check(&[
        ("+L1@1 +c1@2", "first g1: L1* c1*"),
        ("refresh +L1@3 +c2@4", "refresh g2: L1* c2*"),
        ("refresh", "refresh g3: L1* c2*"),
    ]);
}

#[test]
fn names_of_others_are_left_alone() {
    let listed = |key: &str| Listed {
        key: key.to_owned(),
        beside: false,
        size: 1,
        modified: DateTime::UNIX_EPOCH,
        e_tag: None,
    };
    let keys = ["notes.txt", "LOAD00000001.csv", "", "20260101-000000001.csv", "x.csv"];
    let (staged, foreign) = sort_listing(keys.map(listed).to_vec(), Naming::default()).unwrap();
    let staged: Vec<&str> = staged.iter().map(|object| object.listed.key.as_str()).collect();
    assert_eq!(staged, ["LOAD00000001.csv", "20260101-000000001.csv"]);
    let foreign: Vec<&str> = foreign.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(foreign, ["notes.txt", "", "x.csv"]);
}

#[test]
fn a_fingerprint_tells_tag_size_and_time() {
    let listed = |e_tag: Option<&str>, size, at| Listed {
        key: "k".to_owned(),
        beside: false,
        size,
        modified: DateTime::from_timestamp(at, 5_000_000).unwrap(),
        e_tag: e_tag.map(ToOwned::to_owned),
    };
    assert_eq!(listed(Some("\"ab\""), 3, 7).fingerprint(), "ab/3/7005");
    assert_eq!(listed(None, 3, 7).fingerprint(), "-/3/7005");
}

/// Objects in the order in which they come, and how many come before each run. Where there is a full load at all, a part
/// of it is there at first: DMS writes changes only after it.
fn arrivals() -> impl Strategy<Value = (Vec<&'static str>, Vec<usize>)> {
    let objects = prop::sample::subsequence(
        vec!["L2", "L3", "L10", "s1L1", "c1", "c2", "c3", "z3", "c10", "c11"],
        0..=10,
    )
    .prop_shuffle();
    (objects, any::<bool>(), prop::collection::vec(1_usize..4, 1..12)).prop_map(
        |(mut objects, with_load, cuts)| {
            if with_load {
                objects.insert(0, "L1");
            } else {
                objects.retain(|short| short.starts_with(['c', 'z']));
            }
            (objects, cuts)
        },
    )
}

proptest! {
    #[test]
    fn every_object_of_a_growing_folder_is_applied_exactly_once(
        (objects, cuts) in arrivals(), in_s3: bool,
    ) {
        let view = if in_s3 { IN_S3 } else { LOCAL };
        let mut world = World::default();
        let mut applied: Vec<String> = Vec::new();
        let mut rest = objects.iter().enumerate();
        for cut in cuts.into_iter().chain([objects.len()]) {
            for (at, short) in rest.by_ref().take(cut) {
                world.change(&format!("+{short}@{at}"));
            }
            let state = world.look(view).unwrap();
            let pending: Vec<String> =
                state.pending_objects().map(|object| object.listed.key.clone()).collect();
            let place = |object: &Staged| (object.position(), object.listed.key.clone());
            let places = world.ledger.values().map(|a| (a.position.clone(), a.key.clone()));
            let first = state.pending_objects().map(place).min();
            let after = places.filter(|place| first.as_ref().is_some_and(|f| place > f)).count();
            prop_assert_eq!(state.news == News::Nothing, pending.is_empty());
            if let News::Changes { read_again } = state.news {
                prop_assert_eq!(read_again, after);
                prop_assert_eq!(state.late_objects().count() > 0, after > 0);
            }
            prop_assert_eq!(state.generation, 1);
            prop_assert_eq!(state.objects.len(), world.staged.len());
            prop_assert!(state.objects.is_sorted_by_key(Staged::position));
            world.apply(&state);
            applied.extend(pending);
        }
        applied.sort();
        let all: Vec<String> = world.staged.keys().cloned().collect();
        prop_assert_eq!(applied, all);
    }
}
