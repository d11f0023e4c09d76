//! What a process costs that has little to do: six changes, a plan, nothing at all.

use super::twins::{Timing, Twins};
use crate::again;
use crate::bench::{Bench, Way};
use crate::child;
use crate::generator::Staged;
use crate::measured::{Measured, What};

/// Each takes so little that one of it says nothing.
pub(super) const RUNS: usize = 5;
const STARTS: u64 = 10;

/// Runs of six changes each, beside a script of the same statements.
pub(super) fn step(twins: &Twins<'_>, staged: &[Staged], mut timing: Option<Timing<'_>>) {
    let Twins { own, by_hand, .. } = twins;
    for staged in staged {
        own.stage(&staged.objects());
        let (url, statements) = (by_hand.url(), staged.statements());
        let script = || {
            let output = child::exec(&mut again::statements(&url, &statements));
            assert!(output.is_empty(), "{output}");
        };
        let timing = timing.as_mut().map(|timing| {
            timing.round += 1;
            Timing { measured: &mut *timing.measured, round: timing.round }
        });
        let ways: Vec<Way<'_>> = vec![
            (What::SixChanges, Box::new(|| own.run("orders", "row-wise"))),
            (What::SixStatements, Box::new(script)),
        ];
        twins.advance(timing, ways);
    }
    twins.check(staged.last().expect("there are runs"));
}

/// Needs no tables.
pub(super) fn measure_starts(bench: &Bench, measured: &mut Measured) {
    let jobs = bench.sample_jobs().display().to_string();
    let target = ["--target", "sqlite:load_sales.db"];
    let plan = [["plan", "--jobs", &jobs, "--job", "load_sales"].as_slice(), &target].concat();
    let starts = |args: &[&str], expected: &str| {
        let output = child::exec(&mut bench.command(args));
        assert!(output.contains(expected), "{output}");
    };
    for round in 0..bench.rounds * STARTS {
        let ways: Vec<Way<'_>> = vec![
            (What::Version, Box::new(|| starts(&["--version"], "runner "))),
            (What::Plan, Box::new(|| starts(&plan, "song_sales"))),
        ];
        bench.compare(measured, round, ways);
    }
}
