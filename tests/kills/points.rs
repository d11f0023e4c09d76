//! The failpoints that the program's source has.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

/// Collects what the scenes reach; the last of them checks that nothing is left out.
pub(super) struct Reach {
    state: Mutex<(BTreeSet<String>, usize)>,
}

impl Reach {
    /// For so many scenes.
    pub(super) fn of(scenes: usize) -> Self {
        Self { state: Mutex::new((BTreeSet::new(), scenes)) }
    }

    /// Adds a scene's points. Panics if it was the last one, and a point of the source was in none.
    pub(super) fn add<'p>(&self, points: impl Iterator<Item = &'p String>) {
        let mut state = self.state.lock().unwrap();
        state.0.extend(points.cloned());
        state.1 -= 1;
        if state.1 == 0 {
            let missed: Vec<_> = in_source().difference(&state.0).cloned().collect();
            assert!(missed.is_empty(), "no way of `tests/kills/way.rs` comes to {missed:?}");
        }
    }
}

/// The names in all `failpoint!("…")`.
fn in_source() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../runner/src"), &mut names);
    assert!(names.len() > 50, "the failpoints were not found: {names:?}");
    names
}

fn collect(folder: &Path, names: &mut BTreeSet<String>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, names);
        } else if path.file_name().is_some_and(|name| name != "failpoint.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let found = text.split("failpoint!(\"").skip(1);
            names.extend(found.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
}
