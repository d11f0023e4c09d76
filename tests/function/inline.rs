//! Jobs within the function: the same messages and the same guarantee, without tasks.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::world::World;
use crate::scenarios::site::{JOB, MYSQL, SQLITE, Site};
use crate::support::function::Answer;
use crate::support::proxy::{Fault, Moment};
use crate::support::{Output, Shared};

/// Barely enough for a run to begin: after some seconds it is interrupted.
const SHORT: Duration = Duration::from_secs(17);
/// How long a thread may take to end, and a server to notice that a client has gone.
const NOTICE_LIMIT: Duration = Duration::from_secs(10);

type Test = fn(&Shared);

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    let tests: [(&str, Test); 9] = [
        ("each_invocation_applies_what_it_is_told", each_invocation_applies_what_it_is_told),
        ("a_row_that_is_refused_waits_for_a_person", a_row_that_is_refused_waits_for_a_person),
        ("what_is_large_becomes_a_task", what_is_large_becomes_a_task),
        ("all_jobs_are_run_when_asked_for", all_jobs_are_run_when_asked_for),
        (
            "a_job_that_there_is_not_is_counted_and_keeps_no_other_from_its_run",
            a_job_that_there_is_not_is_counted_and_keeps_no_other_from_its_run,
        ),
        ("nothing_is_held_between_invocations", nothing_is_held_between_invocations),
        ("a_function_that_dies_applies_once", a_function_that_dies_applies_once),
        ("a_run_whose_time_is_over_becomes_a_task", a_run_whose_time_is_over_becomes_a_task),
        (
            "unless_it_is_told_to_it_runs_nothing_itself",
            unless_it_is_told_to_it_runs_nothing_itself,
        ),
    ];
    let trial = |(name, test): (&str, Test)| {
        let servers = Shared::clone(servers);
        Trial::test(format!("function::inline::{name}"), move || {
            test(&servers);
            Ok(())
        })
    };
    tests.map(trial).into()
}

/// A table that is loaded and has had its first changes.
fn loaded<'a>(site: Site<'a>, with_tasks: bool, more: &[(&str, &str)]) -> World<'a> {
    let mut world = World::inline(site, with_tasks, more);
    world.put("LOAD00000001.csv", "1,a\n2,b\n");
    world.change("U,2,c\n");
    world.deliver();
    assert_eq!(world.waiting(), 0);
    world.check(&["1|a", "2|c"]);
    world
}

fn lines(text: &str) -> Vec<Value> {
    let read = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
    text.lines().map(read).collect()
}

fn ids(lines: &[Value], is_one: impl Fn(&Value) -> bool) -> Vec<&str> {
    lines.iter().filter(|line| is_one(line)).map(|line| line["run_id"].as_str().unwrap()).collect()
}

fn each_invocation_applies_what_it_is_told(servers: &Shared) {
    let mut world = loaded(Site::new(servers, SQLITE.with_s3()), true, &[]);
    world.change("I,3,a\n");
    world.deliver();
    world.check(&["1|a", "2|c", "3|a"]);
    assert!(world.ecs.calls().is_empty(), "nobody asks ECS");
    let Output { stdout, stderr, .. } = world.end();
    let logs = lines(&stderr);
    let begun = ids(&logs, |line| line["message"] == "run begins");
    assert_eq!(begun.iter().collect::<BTreeSet<_>>().len(), 2, "two runs, each with its own id");
    assert_eq!(ids(&logs, |line| line["Runs"] == 1), begun, "each has its metrics");
    let applied: Vec<&Value> =
        logs.iter().filter(|line| line["message"] == "applied object").collect();
    assert_eq!(applied.len(), 3);
    assert_eq!(applied[2]["run_id"], begun[1]);
    let before: Vec<&Value> =
        logs.iter().filter(|line| line["message"] == "runs within the function").collect();
    assert_eq!(before.len(), 2);
    for line in before {
        assert_eq!((&line["job"], line.get("run_id")), (&json!(JOB), None), "of no run yet");
    }
    let reports = lines(&stdout);
    assert_eq!(ids(&reports, |line| line["outcome"] == "applied"), begun, "one line each");
}

fn a_row_that_is_refused_waits_for_a_person(servers: &Shared) {
    let mut world = loaded(Site::new(servers, SQLITE.with_s3()), false, &[]);
    let before = world.site.dump();
    world.put("20260401-000000000.csv", "I,3,a\nI,x,a\n");
    world.deliver();
    assert_eq!(world.waiting(), 0, "it would be refused again");
    assert_eq!(world.site.dump(), before);
    world.site.stage("shop/t/20260401-000000000.csv", "I,3,a\nI,4,a\n");
    world.send(&json!({ "jobs": [JOB] }));
    world.deliver();
    world.check(&["1|a", "2|c", "3|a", "4|a"]);
    let logs = lines(&world.end().stderr);
    let refused: Vec<&Value> = logs.iter().filter(|line| line["kind"] == "refused").collect();
    assert_eq!(refused.len(), 1);
    assert_eq!((&refused[0]["status"], &refused[0]["job"]), (&json!(4), &json!(JOB)));
    let todo = logs.iter().find(|line| line["message"] == "the run within the function failed");
    assert!(todo.unwrap()["todo"].as_str().unwrap().contains("when it is repaired"));
}

fn what_is_large_becomes_a_task(servers: &Shared) {
    let site = Site::new(servers, SQLITE.with_s3());
    let mut world = loaded(site, true, &[("UNGLUE_INLINE_BYTES_MAX", "20")]);
    world.change("I,3,a\nI,4,a\nI,5,b\n");
    world.change("D,5,b\n");
    world.deliver();
    assert_eq!((world.waiting(), world.ecs.tasks().len()), (0, 1));
    world.check(&["1|a", "2|c"]);
    world.settle();
    world.check(&["1|a", "2|c", "3|a", "4|a"]);
    world.change("D,4,a\n");
    world.deliver();
    assert_eq!(world.ecs.tasks().len(), 1, "a small one is applied here");
    world.check(&["1|a", "2|c", "3|a"]);
}

fn all_jobs_are_run_when_asked_for(servers: &Shared) {
    let mut world = World::inline(Site::new(servers, SQLITE.with_s3()), false, &[]);
    world.site.stage("shop/t/LOAD00000001.csv", "1,a\n");
    let answer = world.invoke(&json!({ "jobs": "all" }));
    let done = |ran: &[&str], failed: &[&str]| {
        Answer::Done(json!({ "started": [], "covered": [], "ran": ran, "failed": failed }))
    };
    assert_eq!(answer, done(&[JOB], &[]));
    world.check(&["1|a"]);
    let answer = world.invoke(&json!({ "jobs": ["nobody"] }));
    assert_eq!(answer, done(&[], &["nobody"]));
}

fn a_job_that_there_is_not_is_counted_and_keeps_no_other_from_its_run(servers: &Shared) {
    let mut world = World::inline(Site::new(servers, SQLITE.with_s3()), false, &[]);
    world.send(&json!({ "jobs": ["nobody"] }));
    world.put("LOAD00000001.csv", "1,a\n");
    world.send(&json!({ "jobs": ["nobody", JOB] }));
    world.deliver();
    assert_eq!(world.waiting(), 0);
    world.check(&["1|a"]);
    let counted = lines(&world.end().stdout);
    let nobody: Vec<_> = counted.iter().filter(|line| line["Job"] == "nobody").collect();
    assert!(nobody.iter().any(|line| line["TasksFailed"] == 1), "{nobody:?}");
}

/// A function is frozen between its invocations: a connection that it keeps is a lock that nobody frees.
fn nothing_is_held_between_invocations(servers: &Shared) {
    let mut world = loaded(Site::new(servers, MYSQL.with_s3()), false, &[]);
    let (_, database) = world.site.server();
    let count = format!(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '{database}' AND id <> CONNECTION_ID()"
    );
    let deadline = Instant::now() + NOTICE_LIMIT;
    // That which asks for invocations.
    while world.threads() > 1 || world.site.rows(&count) != ["0"] {
        assert!(Instant::now() < deadline, "{} {:?}", world.threads(), world.site.rows(&count));
        std::thread::sleep(Duration::from_millis(20));
    }
    world.change("I,3,a\n");
    world.deliver();
    world.check(&["1|a", "2|c", "3|a"]);
}

fn a_function_that_dies_applies_once(servers: &Shared) {
    for fault in [Fault::Hold, Fault::HoldAnswer] {
        let mut world = loaded(Site::new(servers, MYSQL.with_s3()), false, &[]);
        let proxy = world.site.server().0.proxy(Moment::Statement("COMMIT", 1), fault, 1);
        world.restart_with("TARGET", &proxy.url(&world.site.target()));
        world.change("U,1,b\n");
        world.change("I,3,a\n");
        world.kill_when(|| proxy.await_moment());
        assert_eq!(world.waiting(), 2);
        world.settle();
        world.check(&["1|b", "2|c", "3|a"]);
    }
}

fn a_run_whose_time_is_over_becomes_a_task(servers: &Shared) {
    let site = Site::new(servers, MYSQL.with_s3());
    let proxy = site.server().0.proxy(Moment::Statement("COMMIT", 1), Fault::Hold, 1);
    let target = proxy.url(&site.target());
    let mut world = World::inline(site, true, &[("TARGET", &target)]);
    world.put("LOAD00000001.csv", "1,a\n");
    world.deliver_within(Duration::from_secs(10));
    assert_eq!((world.waiting(), proxy.packets()), (1, 0), "there is no time for a run");
    world.deliver_within(SHORT);
    assert_eq!((world.waiting(), proxy.injected()), (0, 1));
    assert_eq!(world.ecs.tasks().len(), 1);
    world.settle();
    world.check(&["1|a"]);
    let logs = lines(&world.end().stderr);
    let metrics = logs.iter().find(|line| line["Runs"] == 1).unwrap();
    assert_eq!((&metrics["RunsInterrupted"], &metrics["status"]), (&json!(1), &json!(143)));
}

fn unless_it_is_told_to_it_runs_nothing_itself(servers: &Shared) {
    let site = Site::new(servers, SQLITE.with_s3());
    let mut world = World::inline(site, true, &[("INVOKE", "")]);
    world.put("LOAD00000001.csv", "1,a\n");
    world.deliver();
    assert_eq!((world.waiting(), world.ecs.tasks().len()), (0, 1));
    assert_eq!(world.site.dump(), "no database");
    world.settle();
    world.check(&["1|a"]);
}
