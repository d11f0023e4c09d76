//! What a server is set to, and what others hold in it: a run gets through, or stops with a message that names the setting.

use std::sync::Arc;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use crate::faults::own_servers::{OwnServers, Setting, on_own_servers};
use crate::faults::songs::{
    SONGS, SOURCES, assert_applied, assert_right, assert_settled, assert_songs, change, prepare,
    run_on,
};
use crate::scenarios::site::{JOB, Site};
use crate::support::Output;

pub(super) fn trials(own: &Arc<OwnServers>) -> Vec<Trial> {
    let mut trials: Vec<Trial> = on_own_servers![own;
        a_deadlock_repeats_the_transaction,
        a_lock_wait_that_ends_repeats_the_transaction_a_bounded_number_of_times,
        small_packets_are_kept_to_and_a_row_above_them_names_the_setting,
        a_read_only_server_is_told_as_such,
        a_full_storage_is_told_and_the_run_after_it_applies_everything,
        rows_are_inserted_where_local_infile_is_off,
        a_table_without_key_names_the_setting_that_forbids_it,
    ];
    // MariaDB dies, or takes no DROP any more, when a storage of a fixed size is full.
    let full = |trial: &Trial| trial.name().contains("::a_full_storage_");
    trials.retain(|trial| !(full(trial) && trial.name().ends_with("::mariadb")));
    trials
}

/// Asserts that a run stopped as documented, and wrote nothing.
fn assert_stopped(site: &Site<'_>, more: &[&str], status: i32, said: &[&str]) {
    let before = site.dump();
    let output = run_on(site, &site.target(), more);
    assert_told(&output, status, said);
    assert_eq!(site.dump(), before);
}

fn assert_told(output: &Output, status: i32, said: &[&str]) {
    assert_eq!(output.status, Some(status), "{}", output.stderr);
    assert!(output.stderr.contains("\n  next: "), "{}", output.stderr);
    for said in said {
        assert!(output.stderr.contains(said), "`{said}` is not said: {}", output.stderr);
    }
}

/// Waits until a transaction in the server waits for a lock.
fn await_lock_wait(site: &Site<'_>) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let waiting =
        "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
    while site.rows(waiting) == ["0"] {
        assert!(Instant::now() < deadline, "nobody waits for a lock");
        // MySQL answers from a cache as long as it is asked more often than every 100 ms.
        std::thread::sleep(Duration::from_millis(150));
    }
}

fn a_deadlock_repeats_the_transaction(site: &Site<'_>) {
    let (server, database) = site.server();
    prepare(site, 300);
    site.run();
    change(site, 40);
    let mut other = server.session(database);
    // The server ends the transaction that has written less.
    other.execute("CREATE TABLE heavy (id INT PRIMARY KEY AUTO_INCREMENT, text CHAR(10))");
    other.execute("START TRANSACTION");
    other.execute(&format!("INSERT INTO heavy (text) VALUES {}", vec!["('x')"; 3_000].join(", ")));
    other.execute("SELECT * FROM totals FOR UPDATE");
    let run = site.command(["run", "--job", JOB, "--output", "json", "-v"]).spawn();
    // It has written its songs and waits for the totals.
    await_lock_wait(site);
    other.execute("UPDATE songs SET sales = sales");
    other.execute("ROLLBACK");
    let output = run.wait();
    assert_applied(&output);
    assert!(output.stderr.contains("repeated"), "{}", output.stderr);
    other.execute("DROP TABLE heavy");
    assert_settled(site);
}

fn a_lock_wait_that_ends_repeats_the_transaction_a_bounded_number_of_times(site: &Site<'_>) {
    let (server, database) = site.server();
    prepare(site, 300);
    site.run();
    change(site, 40);
    let _short = Setting::change(server, "innodb_lock_wait_timeout", "1");
    let mut other = server.session(database);
    other.execute("START TRANSACTION");
    other.execute("SELECT * FROM songs FOR UPDATE");
    let begun = Instant::now();
    assert_stopped(site, &[], 3, &["`songs`", "lock"]);
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    let run = site.command(["run", "--job", JOB, "--output", "json", "-v"]).spawn();
    std::thread::sleep(Duration::from_millis(2500));
    other.execute("ROLLBACK");
    let output = run.wait();
    assert_applied(&output);
    assert!(output.stderr.contains("repeated"), "{}", output.stderr);
    assert_settled(site);
}

const TEXTS: &str = "CREATE EXTERNAL TABLE staged (id INT, body VARCHAR(60000), PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/texts'";

fn small_packets_are_kept_to_and_a_row_above_them_names_the_setting(site: &Site<'_>) {
    let (server, _) = site.server();
    let line = |id: usize, length: usize| format!("{id},{}\n", "x".repeat(length));
    site.job(&[("sources.sql", TEXTS), ("texts.sql", "SELECT id, body FROM staged")]);
    site.stage("texts/LOAD00000001.csv", (0..40).map(|id| line(id, 9_000)).collect::<String>());
    let stored = || site.rows("SELECT COUNT(*), SUM(LENGTH(body)) FROM texts");
    {
        let _small = Setting::change(server, "max_allowed_packet", "32768");
        assert_applied(&run_on(site, &site.target(), &[]));
        assert_eq!(stored(), ["40|360000"]);
        let _off = Setting::change(server, "local_infile", "0");
        assert_applied(&run_on(site, &site.target(), &["--full-refresh"]));
        assert_eq!(stored(), ["40|360000"]);
        site.stage("texts/20260101-000000001.csv", format!("I,{}", line(50, 50_000)));
        assert_stopped(site, &[], 1, &["max_allowed_packet"]);
    }
    assert_applied(&run_on(site, &site.target(), &[]));
    assert_eq!(stored(), ["41|410000"]);
}

fn a_read_only_server_is_told_as_such(site: &Site<'_>) {
    let (server, _) = site.server();
    prepare(site, 300);
    {
        let _read_only = Setting::change(server, "read_only", "1");
        assert_stopped(site, &[], 3, &["read-only", "run again"]);
    }
    site.run();
    change(site, 40);
    for setting in ["read_only", "super_read_only"] {
        if setting == "super_read_only" && server.flavour() == "mariadb" {
            continue;
        }
        let _read_only = Setting::change(server, setting, "1");
        assert_stopped(site, &[], 3, &["read-only", "run again"]);
        assert_stopped(site, &["--full-refresh"], 3, &["read-only", "run again"]);
    }
    // super_read_only brings read_only with it, and leaves it.
    server.execute("", "SET GLOBAL read_only = 0");
    site.run();
    assert_settled(site);
}

fn a_full_storage_is_told_and_the_run_after_it_applies_everything(site: &Site<'_>) {
    let (server, database) = site.server();
    let _shared = Setting::change(server, "innodb_file_per_table", "0");
    prepare(site, 300);
    site.run();
    let mut filler = server.session(database);
    filler.execute("CREATE TABLE filler (id INT PRIMARY KEY AUTO_INCREMENT, body LONGBLOB)");
    // A DROP would need room itself; a rollback makes some.
    filler.execute("START TRANSACTION");
    for bytes in [4 << 20, 1 << 20] {
        let insert = format!("INSERT INTO filler (body) VALUES (REPEAT('x', {bytes}))");
        let filled = (0..20).find_map(|_| filler.try_execute(&insert).err());
        assert!(filled.is_some_and(|error| error.to_string().contains("is full")));
    }
    change(site, 60_000);
    let told = |more: &[&str]| {
        let before = site.rows("SELECT * FROM songs ORDER BY id");
        let output = run_on(site, &site.target(), more);
        assert_told(&output, 3, &["storage is full", "make room"]);
        assert_eq!(site.rows("SELECT * FROM songs ORDER BY id"), before);
    };
    told(&[]);
    told(&["--full-refresh"]);
    filler.execute("ROLLBACK");
    filler.execute("DROP TABLE filler");
    site.run();
    assert_settled(site);
}

fn rows_are_inserted_where_local_infile_is_off(site: &Site<'_>) {
    let (server, _) = site.server();
    let _off = Setting::change(server, "local_infile", "0");
    prepare(site, 3_000);
    site.run();
    assert_right(site);
    change(site, 2_000);
    site.run();
    assert_settled(site);
}

fn a_table_without_key_names_the_setting_that_forbids_it(site: &Site<'_>) {
    let (server, _) = site.server();
    let setting = match server.flavour() {
        "mysql" => "sql_require_primary_key",
        _ => "innodb_force_primary_key",
    };
    let _required = Setting::change(server, setting, "1");
    prepare(site, 300);
    let job = [("sources.sql", SOURCES), ("songs.sql", SONGS)];
    site.job_named("keyed", &job);
    for rows in [3_000, 0] {
        let output = site.command(["run", "--job", "keyed"]).run();
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        assert_songs(site);
        if rows > 0 {
            change(site, rows);
        }
    }
    let keyless = "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), sales INT)
        STORED AS DMS LOCATION '${STAGING}/songs'";
    let job = [("sources.sql", keyless), ("lines.sql", "SELECT id, title FROM staged")];
    site.job_named("keyless", &job);
    let output = site.command(["run", "--job", "keyless"]).run();
    assert_told(&output, 2, &["`lines`", setting, "key"]);
}
