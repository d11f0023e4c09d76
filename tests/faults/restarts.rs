//! A server that dies and comes back.

use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::faults::own_servers::{OwnServers, on_own_servers};
use crate::faults::songs::{assert_applied, assert_settled, change, prepare, run_on};
use crate::scenarios::site::{JOB, Site};
use crate::support::proxy::{Fault, Moment};

pub(super) fn trials(own: &Arc<OwnServers>) -> Vec<Trial> {
    on_own_servers![own;
        a_server_that_comes_back_within_seconds_is_waited_for,
        a_server_killed_in_the_middle_of_a_run_is_found_again,
        a_commit_that_outlives_its_client_is_not_repeated,
        a_table_that_is_created_after_its_client_died_does_not_stay,
    ]
}

fn a_server_that_comes_back_within_seconds_is_waited_for(site: &Site<'_>) {
    let (server, _) = site.server();
    prepare(site, 300);
    site.run();
    change(site, 40);
    server.crash();
    let run = site.command(["run", "--job", JOB, "--output", "json"]).spawn();
    std::thread::sleep(Duration::from_secs(1));
    server.revive();
    let output = run.wait();
    assert_applied(&output);
    assert!(output.stderr.contains("trying again"), "{}", output.stderr);
    assert_settled(site);
}

fn a_server_killed_in_the_middle_of_a_run_is_found_again(site: &Site<'_>) {
    let (server, _) = site.server();
    prepare(site, 20_000);
    for (moment, fault, more) in [
        (Moment::LoadBytes(150_000), Fault::Hold, &["--full-refresh"][..]),
        (Moment::Statement("RENAME TABLE", 1), Fault::HoldAnswer, &["--full-refresh"]),
        (Moment::Statement("COMMIT", 1), Fault::HoldAnswer, &[]),
    ] {
        change(site, 2_000);
        let proxy = server.proxy(moment, fault, 1);
        let args = ["run", "--job", JOB, "--output", "json"];
        let run = site.command(args.iter().chain(more));
        let run = run.env("TARGET", proxy.url(&site.target())).spawn();
        proxy.await_moment();
        // The answer is held, so that the statement has happened.
        std::thread::sleep(Duration::from_millis(300));
        server.crash();
        server.revive();
        assert_applied(&run.wait());
        assert_settled(site);
    }
}

fn a_commit_that_outlives_its_client_is_not_repeated(site: &Site<'_>) {
    let commit = Moment::Statement("COMMIT", 1);
    run_while_a_statement_outlives_its_client(site, commit, "FLUSH TABLES WITH READ LOCK", &[]);
    let output = run_on(site, &site.target(), &[]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
}

fn a_table_that_is_created_after_its_client_died_does_not_stay(site: &Site<'_>) {
    let create = Moment::Statement("CREATE TABLE `unglue_shadow", 1);
    let refresh = ["--full-refresh"];
    run_while_a_statement_outlives_its_client(site, create, "LOCK TABLES songs WRITE", &refresh);
}

/// Loses the connection at a statement that waits in the server, for what `lock` has locked, until its client is long gone.
fn run_while_a_statement_outlives_its_client(
    site: &Site<'_>,
    moment: Moment,
    lock: &str,
    more: &[&str],
) {
    let (server, database) = site.server();
    prepare(site, 300);
    site.run();
    change(site, 40);
    let proxy = server.proxy(moment, Fault::HoldThenDrop, 1);
    let args = ["run", "--job", JOB, "--output", "json"];
    let run = site.command(args.iter().chain(more));
    let run = run.env("TARGET", proxy.url(&site.target())).spawn();
    proxy.await_moment();
    let mut session = server.session(database);
    session.execute(lock);
    proxy.release();
    std::thread::sleep(Duration::from_secs(2));
    session.execute("UNLOCK TABLES");
    drop(session);
    assert_applied(&run.wait());
    assert_settled(site);
}
