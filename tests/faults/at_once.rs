//! Runs at once: of one job, of different jobs, and of one that dies while it holds the lock.

use libtest_mimic::Trial;

use crate::faults::songs::{Held, SONGS, SOURCES, assert_right, assert_settled, change, prepare};
use crate::scenarios::site::{EACH, JOB, MARIADB, MYSQL, Report, Site, scenarios};
use crate::support::binary::Running;
use crate::support::{Output, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        eight_runs_of_one_job_do_its_work_once,
        eight_runs_that_do_not_wait_do_its_work_at_most_once,
        runs_of_different_jobs_share_a_database,
        a_run_that_is_killed_frees_its_lock,
    ]
    .chain(scenarios![servers, [MYSQL, MARIADB];
        left_overs_that_cannot_be_dropped_stop_no_other_job,
    ])
    .collect()
}

fn eight(site: &Site<'_>, wait: &str) -> Vec<Output> {
    let args = ["run", "--job", JOB, "--output", "json", "--lock-wait", wait];
    let running: Vec<_> = (0..8).map(|_| site.command(args).spawn()).collect();
    running.into_iter().map(Running::wait).collect()
}

fn outcomes(outputs: &[Output], outcome: &str) -> usize {
    let done = outputs.iter().filter(|output| output.status == Some(0));
    done.filter(|output| Report::read(output).outcome() == outcome).count()
}

fn eight_runs_of_one_job_do_its_work_once(site: &Site<'_>) {
    prepare(site, 1_000);
    for rows in [40, 2_000, 0] {
        let outputs = eight(site, "100");
        assert_eq!(outcomes(&outputs, "applied"), 1, "{outputs:?}");
        assert_eq!(outcomes(&outputs, "nothing_to_do"), 7, "{outputs:?}");
        assert_right(site);
        if rows > 0 {
            change(site, rows);
        }
    }
    assert_settled(site);
}

fn eight_runs_that_do_not_wait_do_its_work_at_most_once(site: &Site<'_>) {
    prepare(site, 1_000);
    let outputs = eight(site, "0");
    assert_eq!(outcomes(&outputs, "applied"), 1, "{outputs:?}");
    for output in outputs.iter().filter(|output| output.status != Some(0)) {
        assert_eq!(output.status, Some(3), "{}", output.stderr);
        assert!(output.stderr.contains("another run"), "{}", output.stderr);
    }
    assert_settled(site);
}

fn runs_of_different_jobs_share_a_database(site: &Site<'_>) {
    const JOBS: usize = 4;
    prepare(site, 1_000);
    for job in 0..JOBS {
        let model = format!("songs_{job}.sql");
        site.job_named(&format!("job_{job}"), &[("sources.sql", SOURCES), (&model, SONGS)]);
    }
    site.run();
    for _ in 0..2 {
        let run = |job: usize| {
            site.command(["run", "--job", &format!("job_{job}"), "--output", "json"]).spawn()
        };
        let running: Vec<_> = (0..JOBS).map(run).collect();
        for output in running.into_iter().map(Running::wait) {
            assert_eq!(output.status, Some(0), "{}", output.stderr);
            assert_eq!(Report::read(&output).outcome(), "applied");
        }
        site.run();
        assert_right(site);
        let songs = |table: &str| site.rows(&format!("SELECT * FROM {table} ORDER BY id"));
        for job in 0..JOBS {
            assert_eq!(songs(&format!("songs_{job}")), songs("songs"));
        }
        change(site, 2_000);
    }
}

fn a_run_that_is_killed_frees_its_lock(site: &Site<'_>) {
    prepare(site, 300);
    site.run();
    change(site, 40);
    let held = Held::spawn(site, &[]);
    let args = ["run", "--job", JOB, "--output", "json"];
    let waiting = site.command(args).args(["--lock-wait", "60"]).spawn();
    let refused = site.command(args).args(["--lock-wait", "1"]).run();
    assert_eq!(refused.status, Some(3), "{}", refused.stderr);
    held.kill();
    let output = waiting.wait();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(Report::read(&output).outcome(), "applied");
    assert_settled(site);
}

fn left_overs_that_cannot_be_dropped_stop_no_other_job(site: &Site<'_>) {
    prepare(site, 100);
    site.run();
    // Of a job whose tables are in a schema that this one's user has no rights on.
    site.execute(r#"INSERT INTO unglue_meta VALUES ('fill/0', '["mysql.unglue_shadow_0"]')"#);
    change(site, 40);
    let output = site.command(["run", "--job", JOB, "--output", "json"]).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("left for a later run"), "{}", output.stderr);
    assert_right(site);
    let left = "SELECT COUNT(*) FROM unglue_meta WHERE name = 'fill/0'";
    assert_eq!(site.rows(left), ["1"], "somebody else may drop them");
}
