//! Kills: a real SIGKILL of the real program, at every step that touches the outside.
//!
//! A trial is a way on a database. It lets the run happen once, which tells the points that it passes. Then, again and again
//! from the same state before, the run is killed at one of these points, or at any moment: readers must see either the old
//! state or the new one, of all tables, and the next run must bring the new one and leave nothing else behind.
//!
//! `UNGLUE_KILLS` is the number of kills in a trial; `all` takes each point, those that are passed often a few times.
//! `UNGLUE_SEED` is the seed of data and choices.

mod points;
mod scene;
mod way;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use libtest_mimic::Trial;

use crate::scenarios::site::{MARIADB, MYSQL, On, SQLITE, Site};
use crate::support::{Output, Shared, counts, number};
use points::Reach;
use scene::Scene;
use way::{Way, ways};
use world::{Chance, Tables, look};

/// Kills in a trial, if nobody says otherwise.
const KILLS: usize = 1;
/// Parallel loads share the work by chance, so a point may be passed less often than the first time. So many times it may be
/// missed, and for each ten kills once more.
const MISSES_MAX: usize = 3;
/// Of the times that one point is passed: the first, the last, and chance ones.
const HITS_MAX: u64 = 4;
/// Kills at any moment, of the ordinary binary, in a trial with all points.
const MOMENTS: u64 = 12;
const SEED: u64 = 1;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    let scenes: Vec<(On, Way)> = [(SQLITE, false), (MYSQL, true), (MARIADB, true)]
        .into_iter()
        .flat_map(|(on, is_server)| ways(is_server).into_iter().map(move |way| (on, way)))
        .collect();
    let reach = Arc::new(Reach::of(scenes.len()));
    let trial = |(on, way): (On, Way)| {
        let name = format!("kills::{}::{}", way.name, on.name());
        let (servers, reach, chance) = (Shared::clone(servers), Arc::clone(&reach), name.clone());
        Trial::test(name, move || {
            let mut chance = Chance::new(number("UNGLUE_SEED").unwrap_or(SEED), &chance);
            let scene = Scene::new(way, Site::new(&servers, on), chance.clone());
            reach.add(scene.points.keys());
            let kills = kill_and_heal(scene, &mut chance);
            counts::add(&format!("kills on {}", on.name()), kills);
            Ok(())
        })
    };
    scenes.into_iter().map(trial).collect()
}

/// When a run is killed.
#[derive(Debug, Clone)]
enum Moment {
    At { point: String, hit: u64 },
    AfterMillis(u64),
}

impl Moment {
    fn run(&self, scene: &Scene<'_>, seen: &Tables) -> Output {
        match self {
            Self::At { point, hit } => scene.run_killed_at(seen, point, *hit),
            Self::AfterMillis(millis) => scene.run_killed_after(seen, *millis),
        }
    }
}

/// Kills and repairs from the same state again and again; answers the number of kills. What is missed is no kill: another
/// moment takes its place.
fn kill_and_heal(mut scene: Scene<'_>, chance: &mut Chance) -> u64 {
    let all = moments(&scene, chance);
    let wanted = kills().unwrap_or(all.len()).min(all.len());
    let misses_max = MISSES_MAX + wanted / 10;
    let (mut kills, mut done, mut missed, mut failures) = (0, 0, 0, Vec::new());
    for moment in &all {
        if done == wanted || missed > misses_max {
            break;
        }
        // Every fourth time the run that repairs is killed too.
        let second = match chance.below(4) {
            0 => Some(&all[usize::try_from(chance.below(all.len() as u64)).unwrap()]),
            _ => None,
        };
        scene.reset();
        match catch_unwind(AssertUnwindSafe(|| cycle(&scene, moment, second))) {
            Ok(killed) => {
                kills += killed.iter().filter(|killed| **killed).count() as u64;
                let is_missed = matches!(moment, Moment::At { .. }) && !killed[0];
                missed += usize::from(is_missed);
                done += usize::from(!is_missed);
            }
            Err(panic) => {
                done += 1;
                failures.push(format!("{moment:?}, then {second:?}: {}", message(&*panic)));
            }
        }
    }
    let name = scene.way.name;
    assert!(
        failures.is_empty(),
        "{name}: {} of {} kills went wrong, again with UNGLUE_SEED={}:\n{}",
        failures.len(),
        done + missed,
        number("UNGLUE_SEED").unwrap_or(SEED),
        failures.join("\n")
    );
    assert!(missed <= misses_max, "{name}: {missed} points were not reached again");
    assert!(kills > 0, "{name}: nothing was killed");
    kills
}

/// Kills, perhaps twice, and repairs; answers which of the runs were killed.
fn cycle(scene: &Scene<'_>, moment: &Moment, second: Option<&Moment>) -> Vec<bool> {
    let (mut killed, mut in_statement) = (Vec::new(), false);
    let mut seen = scene.old.clone();
    for moment in std::iter::once(moment).chain(second) {
        in_statement |= matches!(moment, Moment::AfterMillis(_));
        let is_killed = was_killed(scene, &moment.run(scene, &seen));
        seen = step(scene, &seen, is_killed);
        killed.push(is_killed);
    }
    scene.heal(&seen, in_statement);
    killed
}

/// What readers see after a run that was perhaps killed: the old state, the new one, and never the old after the new.
fn step(scene: &Scene<'_>, before: &Tables, is_killed: bool) -> Tables {
    let seen = look(&scene.site);
    let may_be_old = (is_killed || scene.way.mend_sql.is_some()) && *before == scene.old;
    let known = seen == scene.new || may_be_old && seen == scene.old;
    assert!(known, "readers see neither the old nor the new state: {}", differences(scene, &seen));
    seen
}

/// Tells for each table what it holds, without its rows.
fn differences(scene: &Scene<'_>, seen: &Tables) -> String {
    let rows = |table: &Option<Vec<String>>| table.as_ref().map(Vec::len);
    let tables = world::TABLES.iter().enumerate().map(|(index, table)| {
        let (old, new, seen) = (&scene.old[index], &scene.new[index], &seen[index]);
        let what = match (seen == old, seen == new) {
            (true, true) => "as ever",
            (true, false) => "old",
            (false, true) => "new",
            (false, false) => "neither",
        };
        format!("{table} is {what} (rows: {:?} {:?} {:?})", rows(old), rows(new), rows(seen))
    });
    tables.collect::<Vec<_>>().join(", ")
}

fn was_killed(scene: &Scene<'_>, output: &Output) -> bool {
    match output.status {
        None => true,
        Some(0) => false,
        Some(_) if scene.way.mend_sql.is_some() => false,
        Some(status) => panic!("exit status {status}: {}", output.stderr),
    }
}

/// Everything worth a kill, in random order.
fn moments(scene: &Scene<'_>, chance: &mut Chance) -> Vec<Moment> {
    let mut moments = Vec::new();
    for (point, passed) in &scene.points {
        let mut hits: Vec<u64> = vec![1, *passed];
        while hits.len() < usize::try_from(HITS_MAX.min(*passed)).unwrap() {
            hits.push(chance.below(*passed) + 1);
        }
        hits.sort_unstable();
        hits.dedup();
        moments.extend(hits.into_iter().map(|hit| Moment::At { point: point.clone(), hit }));
    }
    if kills().is_none() {
        let millis = (0..MOMENTS).map(|_| chance.below(scene.millis.max(1)));
        moments.extend(millis.map(Moment::AfterMillis));
    }
    chance.shuffle(&mut moments);
    moments
}

/// The number of kills in a trial; none for all.
fn kills() -> Option<usize> {
    match std::env::var("UNGLUE_KILLS").as_deref() {
        Ok("all") => None,
        Ok(text) => {
            Some(text.parse().unwrap_or_else(|_| panic!("UNGLUE_KILLS is not a number: {text}")))
        }
        Err(_) => Some(KILLS),
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words")
}
