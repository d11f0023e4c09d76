use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Unstructured};
use chrono::{DateTime, Utc};
use transforms::staging::{
    Applied, Listed, Naming, News, SourceState, Vanished, View, assess, sort_listing,
};

/// What happens between two runs, and how the second one looks.
#[derive(Debug, Arbitrary)]
struct Round {
    events: Vec<Event>,
    refresh: bool,
    moved: bool,
    times_are_the_stores: bool,
    /// Whether objects that are gone are accepted or ignored, if a person says anything.
    accept: Option<bool>,
}

#[derive(Debug, Arbitrary)]
enum Event {
    Put { name: u8, size: u8, time: u8, tag: Option<u8> },
    PutUnder { key: String, size: u8, time: u8 },
    Remove { name: u8 },
}

/// Any history of a folder, with runs in between: what a run is told to apply is in it, in order and once, and afterwards nothing
/// is pending.
pub fn staging(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok(rounds) = Vec::<Round>::arbitrary(&mut input) else { return };
    let mut folder = BTreeMap::new();
    let mut ledger = Ledger::default();
    for round in rounds.into_iter().take(16) {
        for event in round.events {
            happen(&mut folder, event);
        }
        let view = View {
            refresh: round.refresh,
            moved: round.moved,
            times_are_the_stores: round.times_are_the_stores,
            vanished: match round.accept {
                None => Vanished::Refuse,
                Some(true) => Vanished::Accept,
                Some(false) => Vanished::Ignore,
            },
        };
        let Some(state) = look(&folder, &ledger, view) else { continue };
        ledger.add(&state);
        let again = View { refresh: false, moved: false, vanished: Vanished::Refuse, ..view };
        let Some(state) = look(&folder, &ledger, again) else {
            panic!("what was just applied is refused: {folder:?} {ledger:?}");
        };
        assert!(
            state.news == News::Nothing && state.superseded.is_empty(),
            "something is left: {state:?} {ledger:?}"
        );
    }
}

fn happen(folder: &mut BTreeMap<String, Listed>, event: Event) {
    let (key, size, time, tag) = match event {
        Event::Put { name, size, time, tag } => (key(name), size, time, tag),
        Event::PutUnder { key, size, time } => (key, size, time, None),
        Event::Remove { name } => {
            let _was = folder.remove(&key(name));
            return;
        }
    };
    let listed = Listed {
        key: key.clone(),
        beside: false,
        size: u64::from(size),
        modified: DateTime::<Utc>::UNIX_EPOCH + chrono::Duration::seconds(i64::from(time)),
        e_tag: tag.map(|tag| format!("\"{tag}\"")),
    };
    let _before = folder.insert(key, listed);
}

/// A quarter of the names are full loads.
fn key(name: u8) -> String {
    let number = name / 4;
    let packed = if name >= 128 { ".gz" } else { "" };
    match name % 4 {
        0 => format!("LOAD{number:08X}.csv{packed}"),
        1 => format!("2024/01/{:02}/202401{0:02}-000000001.csv{packed}", 1 + number % 28),
        _ => format!("202401{:02}-00000{:04}.csv{packed}", 1 + number % 28, name % 4),
    }
}

fn look(folder: &BTreeMap<String, Listed>, ledger: &Ledger, view: View) -> Option<SourceState> {
    let listing: Vec<Listed> = folder.values().cloned().collect();
    let (staged, foreign) = sort_listing(listing, Naming::default()).ok()?;
    assert_eq!(staged.len() + foreign.len(), folder.len(), "every object is one or the other");
    let state = assess(staged, &ledger.applied, view).ok()?;
    let positions: Vec<_> =
        state.objects.iter().map(|object| (object.position(), object.listed.key.clone())).collect();
    assert!(positions.is_sorted(), "objects are in the order of application");
    assert!(state.pending.is_sorted_by(|a, b| a < b), "each is pending once, in order");
    assert!(state.pending.iter().all(|index| *index < state.objects.len()));
    Some(state)
}

/// What the ledger keeps of a source.
#[derive(Debug, Default)]
struct Ledger {
    applied: Vec<Applied>,
}

impl Ledger {
    fn add(&mut self, state: &SourceState) {
        let generation = state.generation;
        let pending = state.pending_objects().map(|object| (object, generation, false));
        let ended = generation.saturating_sub(1);
        let superseded = state.superseded.iter().map(|object| (object, ended, true));
        let mut new: Vec<Applied> = pending
            .chain(superseded)
            .map(|(object, generation, superseded)| Applied {
                key: object.listed.key.clone(),
                fingerprint: object.listed.fingerprint(),
                generation,
                position: object.position(),
                gone: false,
                superseded,
            })
            .collect();
        for gone in &state.gone {
            let of_now = |old: &&mut Applied| old.key == gone.key && old.generation == generation;
            self.applied.iter_mut().filter(of_now).for_each(|old| old.gone = true);
        }
        if state.emptied {
            new.push(Applied {
                key: String::new(),
                fingerprint: String::new(),
                generation,
                position: String::new(),
                gone: false,
                superseded: true,
            });
        }
        // Its primary key: source, generation, object.
        self.applied.retain(|old| {
            !new.iter().any(|new| new.key == old.key && new.generation == old.generation)
        });
        self.applied.extend(new);
    }
}
