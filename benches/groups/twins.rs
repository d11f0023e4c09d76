//! One table in two databases, kept by the runner and by hand: a full load, changes, and a few changes more.

use super::{Group, changes, load, small};
use crate::bench::{Bench, Way};
use crate::generator::Staged;
use crate::history::{Baseline, Batch};
use crate::measured::Measured;
use crate::site::{Database, Site};

const CHANGE_OBJECTS: u64 = 20;
/// One change for so many rows.
const ROWS_PER_CHANGE: u64 = 10;

#[derive(Debug)]
pub(super) struct Twins<'a> {
    pub(super) bench: &'a Bench,
    pub(super) own: Site<'a>,
    pub(super) by_hand: Database<'a>,
}

/// Where the times of a step go.
#[derive(Debug)]
pub(super) struct Timing<'a> {
    pub(super) measured: &'a mut Measured,
    pub(super) round: u64,
}

/// Measures those of the groups that work on twins; what only leads to them is done untimed.
pub(super) fn measure(bench: &Bench, measured: &mut Measured, groups: &[Group]) {
    const STEPS: [Group; 3] = [Group::Load, Group::Changes, Group::Small];
    let Some(last) = STEPS.iter().rposition(|step| groups.contains(step)) else { return };
    let staged = history(bench);
    for round in 0..bench.rounds {
        eprintln!("load, changes, small: round {}", round + 1);
        let twins = Twins { bench, own: Site::new(bench), by_hand: Database::new(bench) };
        for step in &STEPS[..=last] {
            let timing =
                groups.contains(step).then_some(Timing { measured: &mut *measured, round });
            match step {
                Group::Changes => changes::step(&twins, &staged[0], timing),
                Group::Small => small::step(&twins, &staged[1..], timing),
                _ => load::step(&twins, timing),
            }
        }
        twins.own.remove();
        twins.by_hand.remove();
    }
    if groups.contains(&Group::Small) {
        small::measure_starts(bench, measured);
    }
}

impl Twins<'_> {
    /// Brings both tables on, by ways that may be measured.
    pub(super) fn advance(&self, timing: Option<Timing<'_>>, ways: Vec<Way<'_>>) {
        match timing {
            Some(Timing { measured, round }) => self.bench.compare(measured, round, ways),
            None => ways.iter().for_each(|(_, way)| way()),
        }
    }

    pub(super) fn check(&self, staged: &Staged) {
        self.own.database.check(staged.after);
        self.by_hand.check(staged.after);
    }
}

/// The changes, and the few changes of each run after them.
fn history(bench: &Bench) -> Vec<Staged> {
    let changes = Batch {
        objects: CHANGE_OBJECTS,
        changes_each: (bench.rows / ROWS_PER_CHANGE / CHANGE_OBJECTS).max(1),
        baseline: Baseline::NetChanges,
    };
    let six = Batch { baseline: Baseline::Statements, ..Batch::one_object(6) };
    let mut batches = vec![changes];
    batches.extend([six; small::RUNS]);
    bench.data.history("changes", bench.rows, &batches)
}
