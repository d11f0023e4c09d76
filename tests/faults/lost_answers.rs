//! A connection that breaks around the statements that decide: the marker's and the ledger's COMMIT, and the RENAME.

use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use crate::faults::songs::{assert_applied, assert_settled, change, prepare, run_on};
use crate::scenarios::site::{JOB, MARIADB, MYSQL, Site, scenarios};
use crate::support::Shared;
use crate::support::proxy::{Fault, Moment};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [MYSQL, MARIADB];
        a_change_is_applied_once_when_its_commit_or_the_answer_is_lost,
        a_full_load_is_applied_once_when_a_deciding_statement_or_its_answer_is_lost,
        a_late_answer_is_waited_for,
        a_load_that_is_reset_in_the_middle_begins_again,
        a_connection_that_breaks_each_time_ends_with_status_3,
        a_lost_connection_that_holds_the_lock_lets_the_run_write_nothing_twice,
        a_rename_that_outlives_its_client_is_not_repeated,
        changes_of_a_run_that_lost_its_lock_are_not_written_to_tables_that_are_being_exchanged,
        an_exchange_that_another_run_has_given_up_does_not_happen,
        a_table_that_is_altered_while_its_new_rows_are_loaded_is_not_exchanged,
    ]
    .collect()
}

const BREAKS: [Fault; 4] = [Fault::DropBefore, Fault::DropWhile, Fault::DropAnswer, Fault::Reset];
const COMMIT: &str = "COMMIT";
const RENAME: &str = "RENAME TABLE";

/// Runs by way of a proxy that fails once, and asserts that the run is done nevertheless.
fn assert_survives(site: &Site<'_>, moment: Moment, fault: Fault, more: &[&str]) {
    let proxy = site.server().0.proxy(moment, fault, 1);
    let output = run_on(site, &proxy.url(&site.target()), more);
    assert_eq!(proxy.injected(), 1, "{moment:?} did not come");
    assert_applied(&output);
    assert_settled(site);
}

fn a_change_is_applied_once_when_its_commit_or_the_answer_is_lost(site: &Site<'_>) {
    prepare(site, 300);
    site.run();
    for fault in BREAKS {
        change(site, 40);
        assert_survives(site, Moment::Statement(COMMIT, 1), fault, &[]);
    }
}

fn a_full_load_is_applied_once_when_a_deciding_statement_or_its_answer_is_lost(site: &Site<'_>) {
    prepare(site, 300);
    site.run();
    for moment in [
        Moment::Statement(COMMIT, 1),
        Moment::Statement(RENAME, 1),
        Moment::Statement(COMMIT, 2),
        Moment::Statement("DROP TABLE", 1),
    ] {
        for fault in BREAKS {
            assert_survives(site, moment, fault, &["--full-refresh"]);
        }
    }
}

fn a_late_answer_is_waited_for(site: &Site<'_>) {
    prepare(site, 300);
    let late = Fault::Delay(Duration::from_millis(1500));
    assert_survives(site, Moment::Statement(RENAME, 1), late, &[]);
    change(site, 40);
    assert_survives(site, Moment::Statement(COMMIT, 1), late, &[]);
}

fn a_load_that_is_reset_in_the_middle_begins_again(site: &Site<'_>) {
    prepare(site, 20_000);
    for fault in [Fault::Reset, Fault::DropBefore] {
        assert_survives(site, Moment::LoadBytes(150_000), fault, &["--full-refresh"]);
    }
    change(site, 5_000);
    assert_survives(site, Moment::LoadBytes(50_000), Fault::Reset, &[]);
}

fn a_connection_that_breaks_each_time_ends_with_status_3(site: &Site<'_>) {
    prepare(site, 300);
    site.run();
    change(site, 40);
    let before = site.dump();
    let proxy = site.server().0.proxy(Moment::Statement(COMMIT, 1), Fault::DropBefore, u32::MAX);
    let begun = Instant::now();
    let output = run_on(site, &proxy.url(&site.target()), &[]);
    assert_eq!(output.status, Some(3), "{}", output.stderr);
    assert!(output.stderr.contains("\n  next: "), "{}", output.stderr);
    assert_eq!(proxy.injected(), 4, "one attempt and three repetitions");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert_eq!(site.dump(), before);
    site.run();
    assert_settled(site);
}

/// Ends the connection that holds the job's lock: the second of those that sleep, after the one that everything is asked on. The
/// others stay, with the rows that they have locked.
fn kill_lock(site: &Site<'_>) {
    let (server, database) = site.server();
    let sleeping = format!(
        "SELECT id FROM information_schema.processlist WHERE db = '{database}' AND command = 'Sleep' ORDER BY id"
    );
    let deadline = Instant::now() + Duration::from_secs(10);
    let lock = loop {
        if let Some(second) = site.rows(&sleeping).into_iter().nth(1) {
            break second;
        }
        assert!(Instant::now() < deadline, "no connection holds the lock");
    };
    server.execute("", &format!("KILL {lock}"));
}

const FENCE: &str = "SELECT GET_LOCK";

/// Both runs stand still in the short time in which neither holds what keeps them apart but the lock.
fn changes_of_a_run_that_lost_its_lock_are_not_written_to_tables_that_are_being_exchanged(
    site: &Site<'_>,
) {
    let (server, _) = site.server();
    prepare(site, 300);
    site.run();
    change(site, 40);
    let command = || site.command(["run", "--job", JOB, "--output", "json"]);
    let before_writing =
        server.proxy(Moment::Statement("START TRANSACTION", 1), Fault::HoldThenSend, 1);
    let changing = command().env("TARGET", before_writing.url(&site.target())).spawn();
    before_writing.await_moment();
    kill_lock(site);
    // After those of the job, of recovery, of the shadow tables and of the marker comes the fence before the RENAME.
    let before_rename = server.proxy(Moment::Statement(FENCE, 5), Fault::HoldThenSend, 1);
    let url = before_rename.url(&site.target());
    let exchanging = command().args(["--full-refresh"]).env("TARGET", url).spawn();
    before_rename.await_moment();
    before_writing.release();
    let changed = changing.wait();
    assert_eq!(changed.status, Some(3), "{}", changed.stderr);
    assert!(changed.stderr.contains("exchanging its tables"), "{}", changed.stderr);
    before_rename.release();
    assert_applied(&exchanging.wait());
    assert_settled(site);
}

fn an_exchange_that_another_run_has_given_up_does_not_happen(site: &Site<'_>) {
    let (server, _) = site.server();
    prepare(site, 300);
    site.run();
    change(site, 40);
    let command = || site.command(["run", "--job", JOB, "--output", "json"]);
    let before_rename = server.proxy(Moment::Statement(FENCE, 5), Fault::HoldThenSend, 1);
    let url = before_rename.url(&site.target());
    let exchanging = command().args(["--full-refresh"]).env("TARGET", url).spawn();
    before_rename.await_moment();
    kill_lock(site);
    assert_applied(&command().run());
    before_rename.release();
    let given_up = exchanging.wait();
    assert_eq!(given_up.status, Some(3), "{}", given_up.stderr);
    assert!(given_up.stderr.contains("exchanging its tables"), "{}", given_up.stderr);
    assert_settled(site);
}

fn a_table_that_is_altered_while_its_new_rows_are_loaded_is_not_exchanged(site: &Site<'_>) {
    let (server, _) = site.server();
    prepare(site, 300);
    site.run();
    change(site, 40);
    let trigger = "CREATE TRIGGER of_songs BEFORE INSERT ON songs FOR EACH ROW SET @seen = 1";
    for ddl in ["ALTER TABLE songs ADD COLUMN seen INT", "CREATE INDEX t ON songs (title)", trigger]
    {
        // Behind the fence the tables are looked at once more.
        let loaded = server.proxy(Moment::Statement(FENCE, 4), Fault::HoldThenSend, 1);
        let command = site.command(["run", "--job", JOB, "--full-refresh"]);
        let run = command.env("TARGET", loaded.url(&site.target())).spawn();
        loaded.await_moment();
        site.execute(ddl);
        loaded.release();
        let output = run.wait();
        assert_eq!(output.status, Some(3), "{ddl}: {}", output.stderr);
        assert!(output.stderr.contains("was altered while"), "{}", output.stderr);
    }
    site.run();
    assert_settled(site);
    assert_eq!(site.rows("SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_name = 'of_songs' AND trigger_schema = DATABASE()"), ["1"]);
}

fn a_lost_connection_that_holds_the_lock_lets_the_run_write_nothing_twice(site: &Site<'_>) {
    let (server, _) = site.server();
    prepare(site, 300);
    site.run();
    change(site, 40);
    let proxy = server.proxy(Moment::Statement(COMMIT, 1), Fault::HoldThenDrop, 1);
    let args = ["run", "--job", JOB, "--output", "json"];
    let slow = site.command(args).env("TARGET", proxy.url(&site.target())).spawn();
    proxy.await_moment();
    kill_lock(site);
    let other = site.command(args).spawn();
    std::thread::sleep(Duration::from_millis(700));
    proxy.release();
    let (slow, other) = (slow.wait(), other.wait());
    for output in [&slow, &other] {
        assert!(matches!(output.status, Some(0 | 3)), "{}", output.stderr);
    }
    assert!([slow.status, other.status].contains(&Some(0)), "{}{}", slow.stderr, other.stderr);
    assert_settled(site);
}

/// A reader makes the RENAME wait in the server, after its client is gone.
fn a_rename_that_outlives_its_client_is_not_repeated(site: &Site<'_>) {
    let (server, database) = site.server();
    prepare(site, 300);
    site.run();
    change(site, 40);
    let mut reader = server.session(database);
    reader.execute("START TRANSACTION");
    reader.execute("SELECT COUNT(*) FROM songs");
    let proxy = server.proxy(Moment::Statement(RENAME, 1), Fault::DropWhile, 1);
    let args = ["run", "--job", JOB, "--output", "json", "--full-refresh"];
    let run = site.command(args).env("TARGET", proxy.url(&site.target())).spawn();
    proxy.await_moment();
    std::thread::sleep(Duration::from_secs(2));
    reader.execute("COMMIT");
    assert_applied(&run.wait());
    assert_settled(site);
}
