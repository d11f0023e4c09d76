//! SIGTERM and SIGINT at every stage: the run ends soon, with its status, without temporary files, and is safe to run again.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use serde_json::Value;

use crate::faults::songs::{Held, assert_settled, change, prepare};
use crate::scenarios::site::{EACH, JOB, MARIADB, MYSQL, SQLITE, Site, scenarios};
use crate::support::proxy::{Fault, Moment};
use crate::support::{Output, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [MYSQL, MARIADB];
        a_signal_at_a_deciding_statement_leaves_one_state_or_the_other,
        an_interrupted_run_tells_how_long_changes_wait,
    ]
    .chain(scenarios![servers, EACH;
        a_signal_ends_a_run_that_writes_and_one_that_waits_for_it,
        a_signal_at_any_moment_is_safe,
    ])
    .chain(scenarios![servers, [SQLITE];
        a_signal_ends_a_run_that_waits_for_its_event,
        a_signal_is_heard_while_all_cores_compute_without_a_pause,
    ])
    .chain(scenarios![servers, [SQLITE.with_s3()];
        a_signal_ends_a_run_that_waits_for_the_store,
    ])
    .collect()
}

/// A container has 30 s to end after SIGTERM.
const LEAVE_WITHIN: Duration = Duration::from_secs(20);
const STATUS: [(&str, i32); 2] = [("TERM", 143), ("INT", 130)];

/// A temporary folder for runs alone, so that what they leave is seen.
fn temporary(site: &Site<'_>) -> PathBuf {
    let folder = site.folder().join("temporary");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn assert_empty(folder: &PathBuf) {
    let left: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

fn assert_interrupted(output: &Output, status: i32, since: Instant) {
    assert_eq!(output.status, Some(status), "{}", output.stderr);
    assert!(output.stderr.contains("run again"), "{}", output.stderr);
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    assert!(since.elapsed() < LEAVE_WITHIN, "{:?}", since.elapsed());
}

fn a_signal_at_a_deciding_statement_leaves_one_state_or_the_other(site: &Site<'_>) {
    prepare(site, 20_000);
    site.run();
    let temporary = temporary(site);
    let moments: [(Moment, Fault, &[&str]); 5] = [
        (Moment::LoadBytes(150_000), Fault::Hold, &["--full-refresh"]),
        (Moment::Statement("RENAME TABLE", 1), Fault::Hold, &["--full-refresh"]),
        (Moment::Statement("RENAME TABLE", 1), Fault::HoldAnswer, &["--full-refresh"]),
        (Moment::Statement("COMMIT", 1), Fault::Hold, &[]),
        (Moment::Statement("COMMIT", 1), Fault::HoldAnswer, &[]),
    ];
    for (turn, (moment, fault, more)) in moments.into_iter().enumerate() {
        change(site, 40);
        let (signal, status) = STATUS[turn % 2];
        let proxy = site.server().0.proxy(moment, fault, 1);
        let args = ["run", "--job", JOB, "--output", "json"];
        let run = site.command(args.iter().chain(more)).env("TMPDIR", &temporary);
        let run = run.env("TARGET", proxy.url(&site.target())).spawn();
        proxy.await_moment();
        let begun = Instant::now();
        run.signal(signal);
        assert_interrupted(&run.wait(), status, begun);
        assert_empty(&temporary);
        site.run();
        assert_settled(site);
    }
}

fn a_signal_ends_a_run_that_writes_and_one_that_waits_for_it(site: &Site<'_>) {
    prepare(site, 300);
    site.run();
    change(site, 40);
    let temporary = temporary(site);
    for (signal, status) in STATUS {
        let writing = Held::spawn(site, &[("TMPDIR", &temporary.display().to_string())]);
        let args = ["run", "--job", JOB, "--lock-wait", "60"];
        let waiting = site.command(args).env("TMPDIR", &temporary).spawn();
        std::thread::sleep(Duration::from_secs(1));
        let begun = Instant::now();
        waiting.signal(signal);
        assert_interrupted(&waiting.wait(), status, begun);
        let begun = Instant::now();
        writing.signal(signal);
        writing.signal(signal);
        assert_interrupted(&writing.wait(), status, begun);
        assert_empty(&temporary);
    }
    site.run();
    assert_settled(site);
}

fn an_interrupted_run_tells_how_long_changes_wait(site: &Site<'_>) {
    prepare(site, 300);
    site.run();
    change(site, 40);
    let staged = site.object("songs/20260101-000000001.csv").metadata().unwrap();
    for (signal, status) in STATUS {
        let told = [("UNGLUE_METRICS", "emf"), ("UNGLUE_LOG_FORMAT", "json")];
        let writing = Held::spawn(site, &told);
        writing.signal(signal);
        let output = writing.wait();
        assert_eq!(output.status, Some(status), "{}", output.stderr);
        let read = |line| serde_json::from_str(line).unwrap();
        let lines: Vec<Value> = output.stderr.lines().map(read).collect();
        let metrics = lines.last().unwrap();
        let numbers = ["RunsInterrupted", "RunsFailed", "RowsRead", "Objects"];
        let numbers = numbers.map(|name| metrics[name].as_u64().unwrap());
        assert_eq!(numbers, [1, 0, 0, 0], "{metrics}");
        let waited = staged.modified().unwrap().elapsed().unwrap().as_secs();
        assert!(metrics["Lag"].as_u64().unwrap().abs_diff(waited) <= 60, "{metrics}");
    }
    site.run();
    assert_settled(site);
}

fn a_signal_at_any_moment_is_safe(site: &Site<'_>) {
    prepare(site, 5_000);
    let temporary = temporary(site);
    for turn in 0..8 {
        if turn % 2 == 1 {
            change(site, 2_000);
        }
        let (signal, status) = STATUS[turn / 2 % 2];
        let run = site.command(["run", "--job", JOB]).env("TMPDIR", &temporary).spawn();
        std::thread::sleep(Duration::from_millis(60 * (turn as u64 + 1)));
        let begun = Instant::now();
        run.signal(signal);
        let output = run.wait();
        // Without a status: the signal came before the run listened.
        if !matches!(output.status, None | Some(0)) {
            assert_interrupted(&output, status, begun);
        }
        assert_empty(&temporary);
    }
    site.run();
    assert_settled(site);
}

fn a_signal_ends_a_run_that_waits_for_its_event(site: &Site<'_>) {
    prepare(site, 300);
    // Nobody writes into it.
    let pipe = site.folder().join("event.pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for (signal, status) in STATUS {
        let run = site.command(["run", "--job", JOB, "--event", "event.pipe"]).spawn();
        std::thread::sleep(Duration::from_secs(1));
        let begun = Instant::now();
        run.signal(signal);
        assert_interrupted(&run.wait(), status, begun);
        // Nothing has begun that would have to end.
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    }
    site.run();
    assert_settled(site);
}

fn a_signal_ends_a_run_that_waits_for_the_store(site: &Site<'_>) {
    prepare(site, 300);
    // It takes connections, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    for (signal, status) in STATUS {
        let run = site.command(["run", "--job", JOB]).env("AWS_ENDPOINT_URL", &endpoint).spawn();
        std::thread::sleep(Duration::from_secs(1));
        let begun = Instant::now();
        run.signal(signal);
        assert_interrupted(&run.wait(), status, begun);
    }
    site.run();
    assert_settled(site);
}

fn a_signal_is_heard_while_all_cores_compute_without_a_pause(site: &Site<'_>) {
    // A join without an equality, which has no row to give for minutes.
    let endless = "SELECT a.id, count(*) AS n FROM range(200000) a JOIN range(200000) b ON a.id * b.id = -1 GROUP BY a.id";
    for (signal, status) in STATUS {
        let query = site.command(["sql", "-c", endless]).spawn();
        std::thread::sleep(Duration::from_secs(2));
        let begun = Instant::now();
        query.signal(signal);
        let output = query.wait();
        assert_eq!(output.status, Some(status), "{}", output.stderr);
        assert!(begun.elapsed() < LEAVE_WITHIN, "{:?}", begun.elapsed());
    }
}
