//! A model of everything around the decision, in which all goes wrong that can: nothing may be lost.
//!
//! Objects are written and told of, with clocks that differ. Tasks are started, get their image, look, and end in any way at any time.
//! What ECS tells lags behind by minutes. The function ends at any step, an answer is lost, a task is refused, messages come twice. Then
//! all calms down, without one more event: every object whose message was acknowledged must have been seen by a task that did its work.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{Decision, Question, Task, decide};
use crate::restart::{Verdict, judge};
use crate::told::Told;

type Rule = fn(&[Task], Question<'_>) -> Decision;

/// Milliseconds.
type Time = i64;

/// How the invocation of the function goes.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Well,
    /// ECS refuses to start a task.
    Refused,
    /// The function ends after a task was started: nothing is acknowledged. The answer of ECS being lost is the same.
    EndsAfterStart,
    /// It ends before.
    EndsBefore,
}

#[derive(Debug, Clone)]
enum Step {
    /// An object is written. Its event has a time of another clock.
    Put {
        is_late: bool,
        skew: Time,
    },
    Pass(Time),
    /// The function is handed some of the messages, and sees ECS as it was.
    Told {
        pick: u64,
        lag: Time,
        fate: Fate,
    },
    /// It is told of a task that stopped.
    ToldOfStop {
        pick: usize,
        lag: Time,
        fate: Fate,
    },
    /// A task goes on: image, look, end.
    GoOn {
        pick: usize,
    },
    /// A task is killed, or ends with a temporary status.
    Fail {
        pick: usize,
        exit: Option<i32>,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fate = || {
        prop_oneof![
            6 => Just(Fate::Well),
            1 => Just(Fate::Refused),
            1 => Just(Fate::EndsAfterStart),
            1 => Just(Fate::EndsBefore),
        ]
    };
    let lag = || prop_oneof![Just(0), 0..20_000_i64, 0..120_000_i64];
    let exit = prop_oneof![Just(None), Just(Some(3)), Just(Some(137)), Just(Some(143))];
    let step = prop_oneof![
        4 => (prop::bool::weighted(0.2), -4_000..4_000_i64)
            .prop_map(|(is_late, skew)| Step::Put { is_late, skew }),
        4 => prop_oneof![1..3_000_i64, 1..90_000_i64].prop_map(Step::Pass),
        6 => (any::<u64>(), lag(), fate())
            .prop_map(|(pick, lag, fate)| Step::Told { pick, lag, fate }),
        2 => (any::<usize>(), lag(), fate())
            .prop_map(|(pick, lag, fate)| Step::ToldOfStop { pick, lag, fate }),
        6 => any::<usize>().prop_map(|pick| Step::GoOn { pick }),
        1 => (any::<usize>(), exit).prop_map(|(pick, exit)| Step::Fail { pick, exit }),
    ];
    prop::collection::vec(step, 1..60)
}

struct Object {
    written: Time,
    told: Time,
    /// A task sees it only if it is told.
    is_late: bool,
    is_acknowledged: bool,
}

#[derive(Default)]
struct Run {
    created: Time,
    pulled: Option<Time>,
    looked: Option<Time>,
    stopped: Option<(Time, Option<i32>)>,
    told: BTreeSet<usize>,
    /// Nobody has seen to its end yet.
    is_owed: bool,
}

struct World {
    rule: Rule,
    now: Time,
    objects: Vec<Object>,
    runs: Vec<Run>,
    /// ECS starts one task for a token.
    tokens: BTreeMap<String, usize>,
}

impl World {
    fn new(rule: Rule) -> Self {
        let (objects, runs, tokens) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { rule, now: 1_000_000, objects, runs, tokens }
    }

    fn step(&mut self, step: &Step) {
        self.now += 1;
        match *step {
            Step::Put { is_late, skew } => {
                let (written, told) = (self.now, self.now + skew);
                self.objects.push(Object { written, told, is_late, is_acknowledged: false });
            }
            Step::Pass(time) => self.now += time,
            Step::Told { pick, lag, fate } => self.told(pick, lag, fate),
            Step::ToldOfStop { pick, lag, fate } => {
                let owed: Vec<usize> =
                    (0..self.runs.len()).filter(|run| self.runs[*run].is_owed).collect();
                if !owed.is_empty() {
                    self.told_of_stop(owed[pick % owed.len()], lag, fate);
                }
            }
            Step::GoOn { pick } => self.on_one_that_runs(pick, Run::go_on),
            Step::Fail { pick, exit } => {
                self.on_one_that_runs(pick, |run, now| run.stop(now, exit));
            }
        }
    }

    fn on_one_that_runs(&mut self, pick: usize, act: impl Fn(&mut Run, Time)) {
        let now = self.now;
        let mut running: Vec<_> =
            self.runs.iter_mut().filter(|run| run.stopped.is_none()).collect();
        let count = running.len();
        if count > 0 {
            act(running[pick % count], now);
        }
    }

    /// What ECS answers: the truth of a while ago, tasks that run and those that stopped.
    fn seen(&self, lag: Time) -> [Vec<Task>; 2] {
        let then = self.now - lag;
        let seen = |(index, run): (usize, &Run)| {
            (run.created <= then).then(|| {
                let stopped = run.stopped.filter(|(at, _)| *at <= then);
                Task {
                    arn: index.to_string(),
                    is_stopped: stopped.is_some(),
                    exit: stopped.and_then(|(_, exit)| exit),
                    created: Some(time(run.created)),
                    pulled: run.pulled.filter(|at| *at <= then).map(time),
                    told: told(&run.told),
                }
            })
        };
        let (stopped, running) =
            self.runs.iter().enumerate().filter_map(seen).partition(|task: &Task| task.is_stopped);
        [running, stopped]
    }

    /// As [`crate::start::Starter`] asks: for tasks that stopped only if those that run decide nothing.
    fn decided(&self, [running, stopped]: &[Vec<Task>; 2], question: Question<'_>) -> Decision {
        match (self.rule)(running, question) {
            Decision::Start => (self.rule)(stopped, question),
            decided => decided,
        }
    }

    fn start(&mut self, told: BTreeSet<usize>, token: String) {
        if !self.tokens.contains_key(&token) {
            self.tokens.insert(token, self.runs.len());
            self.runs.push(Run { created: self.now, told, ..Run::default() });
        }
    }

    fn told(&mut self, pick: u64, lag: Time, fate: Fate) {
        if matches!(fate, Fate::EndsBefore) {
            return;
        }
        let tasks = self.seen(lag);
        let mut to_start = BTreeSet::new();
        for index in 0..self.objects.len() {
            let object = &self.objects[index];
            if object.is_acknowledged || pick & (1 << (index % 64)) == 0 {
                continue;
            }
            let late: BTreeSet<usize> = object.is_late.then_some(index).into_iter().collect();
            let (newest, must_be_told) = (time(object.told), &told(&late));
            match self.decided(&tasks, Question { newest, must_be_told, except: None }) {
                Decision::Covered => {
                    self.objects[index].is_acknowledged =
                        matches!(fate, Fate::Well | Fate::Refused);
                }
                Decision::Wait => {}
                Decision::Start => {
                    to_start.insert(index);
                }
            }
        }
        if to_start.is_empty() || matches!(fate, Fate::Refused) {
            return;
        }
        self.start(to_start.clone(), format!("{to_start:?}"));
        if matches!(fate, Fate::Well) {
            to_start.into_iter().for_each(|index| self.objects[index].is_acknowledged = true);
        }
    }

    fn told_of_stop(&mut self, index: usize, lag: Time, fate: Fate) {
        let run = &self.runs[index];
        let Some((at, exit)) = run.stopped else { return };
        if matches!(fate, Fate::EndsBefore) {
            return;
        }
        let objects = run.told.clone();
        let late = objects.iter().copied().filter(|object| self.objects[*object].is_late);
        let must_be_told = &told(&late.collect());
        let arn = index.to_string();
        let question = Question { newest: time(at), must_be_told, except: Some(arn.as_str()) };
        let is_well = matches!(fate, Fate::Well);
        let is_seen_to = match judge(exit) {
            Verdict::Done => is_well,
            Verdict::Again => match self.decided(&self.seen(lag), question) {
                Decision::Covered => is_well,
                Decision::Wait => false,
                Decision::Start if matches!(fate, Fate::Refused) => false,
                Decision::Start => {
                    self.start(objects, format!("again {arn}"));
                    is_well
                }
            },
            Verdict::Failed => unreachable!("nothing here fails for good"),
        };
        self.runs[index].is_owed = !is_seen_to;
    }

    /// Without a further event: tasks end, and what is owed is paid.
    fn calm_down(&mut self) {
        // Each round ends a task or starts one for the last time; without the bound, a rule that waits for ever would hang here.
        for _ in 0..200 {
            if self.runs.iter().all(|run| run.stopped.is_some() && !run.is_owed) {
                return;
            }
            self.now += 10_000;
            let now = self.now;
            self.runs.iter_mut().for_each(|run| run.go_on(now));
            for index in 0..self.runs.len() {
                if self.runs[index].is_owed {
                    self.told_of_stop(index, 0, Fate::Well);
                }
            }
        }
    }

    /// Objects whose messages are acknowledged and that no task saw.
    fn lost(&self) -> Vec<usize> {
        let is_seen = |index: usize, object: &Object| {
            self.runs.iter().any(|run| {
                run.stopped.is_some_and(|(_, exit)| exit == Some(0))
                    && run.looked.is_some_and(|at| at >= object.written)
                    && (!object.is_late || run.told.contains(&index))
            })
        };
        let objects = self.objects.iter().enumerate();
        let lost =
            objects.filter(|(index, object)| object.is_acknowledged && !is_seen(*index, object));
        lost.map(|(index, _)| index).collect()
    }
}

impl Run {
    fn go_on(&mut self, now: Time) {
        if self.stopped.is_some() {
        } else if self.pulled.is_none() {
            self.pulled = Some(now);
        } else if self.looked.is_none() {
            self.looked = Some(now);
        } else {
            self.stop(now, Some(0));
        }
    }

    fn stop(&mut self, now: Time, exit: Option<i32>) {
        self.stopped = Some((now, exit));
        self.is_owed = true;
    }
}

fn told(objects: &BTreeSet<usize>) -> Told {
    Told { objects: objects.iter().map(ToString::to_string).collect(), list_all: false }
}

fn time(millis: Time) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap()
}

fn check(rule: Rule, cases: u32) -> Result<(), String> {
    let config =
        Config { cases, max_shrink_iters: 500, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    runner
        .run(&steps(), |steps| {
            let mut world = World::new(rule);
            steps.iter().for_each(|step| world.step(step));
            world.calm_down();
            prop_assert!(world.lost().is_empty(), "lost: {:?}", world.lost());
            // And what is not acknowledged yet comes to an end.
            for _ in 0..10 {
                world.told(u64::MAX, 0, Fate::Well);
                world.calm_down();
            }
            prop_assert!(world.objects.iter().all(|object| object.is_acknowledged), "for ever");
            prop_assert!(world.lost().is_empty(), "lost at last: {:?}", world.lost());
            Ok(())
        })
        .map_err(|error| error.to_string())
}

#[test]
fn nothing_that_is_acknowledged_is_lost() {
    check(decide, 2_000).unwrap();
}

/// The model must be able to fail.
#[test]
fn the_model_finds_rules_that_lose_something() {
    fn by_status(tasks: &[Task], question: Question<'_>) -> Decision {
        let is_pending = |task: &Task| !task.is_stopped && task.pulled.is_none();
        match tasks.iter().any(is_pending) {
            true => Decision::Covered,
            false => decide(tasks, question),
        }
    }
    fn without_clocks(tasks: &[Task], question: Question<'_>) -> Decision {
        decide(tasks, Question { newest: question.newest - super::CLOCKS, ..question })
    }
    fn without_telling(tasks: &[Task], question: Question<'_>) -> Decision {
        decide(tasks, Question { must_be_told: &Told::default(), ..question })
    }
    fn without_restarts(tasks: &[Task], question: Question<'_>) -> Decision {
        match question.except {
            Some(_) => Decision::Covered,
            None => decide(tasks, question),
        }
    }
    let rules: [(&str, Rule); 4] = [
        ("by status", by_status),
        ("without clocks", without_clocks),
        ("without telling", without_telling),
        ("without restarts", without_restarts),
    ];
    for (name, rule) in rules {
        let found = check(rule, 2_000).unwrap_err();
        assert!(found.contains("lost"), "{name}: {found}");
    }
}
