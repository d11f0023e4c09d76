//! What is typed wrong, or written wrong into a job, is told as what it is: what, where, and what to do.

use libtest_mimic::Trial;
use serde_json::Value;

use super::site::{JOB, SQLITE, Site, scenarios};
use super::tool::SOURCES;
use crate::support::{Output, Shared};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE];
        a_check_tells_what_is_wrong_with_every_model,
        a_check_looks_at_what_a_run_would_connect_to,
        variables_that_no_file_uses_are_noted,
        statements_that_write_are_refused_before_their_names_are_looked_at,
        words_of_other_programs_are_answered_with_what_to_write,
        tables_keys_and_options_that_are_none_are_told_so,
        a_table_that_lost_a_column_of_the_model_is_told_so,
        the_locations_of_a_new_job_move_with_it,
    ]
    .collect()
}

fn songs(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("titles.sql", "SELECT id, name FROM songs")]);
    site.stage("songs/LOAD00000001.csv", "1,a\n2,b\n");
}

fn refused(site: &Site<'_>, args: &[&str], said: &[&str]) -> Output {
    let output = site.command(args).run();
    assert_eq!(output.status, Some(2), "{args:?}: {}{}", output.stdout, output.stderr);
    for said in said {
        assert!(output.stderr.contains(said), "{args:?}: {said}: {}", output.stderr);
    }
    output
}

fn a_check_tells_what_is_wrong_with_every_model(site: &Site<'_>) {
    site.job(&[
        ("sources.sql", SOURCES),
        ("good.sql", "SELECT id, name FROM songs"),
        ("column.sql", "SELECT id,\n  nme FROM songs"),
        ("other.sql", "SELECT nam FROM songs"),
        ("table.sql", "SELECT id FROM sngs"),
        ("syntax.sql", "SELEC"),
        ("reader.sql", "SELECT * FROM syntax"),
        ("value.sql", "SELECT ${NOWHERE} AS x FROM songs"),
        ("good.dqdl", "Rules = [ IsComplete \"nme\" ]"),
    ]);
    let output = site.command(["check", "--output", "json"]).run();
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    let problems = report["jobs"][0]["problems"].as_array().unwrap();
    let mut told: Vec<&str> =
        problems.iter().map(|problem| problem["message"].as_str().unwrap()).collect();
    told.sort_unstable();
    let expected = [
        "column.sql:2:3: there is no column `nme`",
        "good.dqdl:1:22: model `good` has no column `nme`",
        "other.sql:1:8: there is no column `nam`",
        "syntax.sql:1:1: ",
        "table.sql:1:16: there is no source or model `sngs`",
        "value.sql:1:8: variable `NOWHERE` has no value",
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}: {expected}");
    }
    site.job_named(
        "two",
        &[
            ("sources.sql", &SOURCES.replace("id INT", "id IMT")),
            ("a.sql", "SELEC"),
            ("job.toml", ""),
        ],
    );
    let output = refused(site, &["check", "--job", "two"], &["the job is wrong"]);
    assert!(output.stdout.contains("sources.sql:1:"), "{}", output.stdout);
    assert!(output.stdout.contains("a.sql:1:1"), "{}", output.stdout);
}

fn a_check_looks_at_what_a_run_would_connect_to(site: &Site<'_>) {
    let model = ("songs.sql", "SELECT id, name FROM staged");
    let declared = "CREATE EXTERNAL TABLE staged (id INT, name STRING, PRIMARY KEY (id))\n";
    let at = |location: &str| format!("{declared}STORED AS DMS LOCATION '{location}'");
    let check = |job: &str, sources: &str, target: &str| {
        site.job_named(job, &[("sources.sql", sources), model, ("job.toml", target)]);
        site.command(["check", "--job", job]).run()
    };
    for (job, sources, target, said) in [
        (
            "scheme",
            at("s3://b/x/"),
            "target = \"postgres://me:hunter2@host/db\"",
            "job.toml: the target URL has the unknown scheme `postgres`",
        ),
        ("server", at("s3://b/x/"), "target = \"mysql://host/db\"", "names no user"),
        (
            "slash",
            at("s3:/b/x/"),
            "",
            "sources.sql:2:24: location `s3:/b/x/`: there is one slash behind `s3:`",
        ),
        ("unknown", at("gs://b/x/"), "", "sources.sql:2:24: location `gs://b/x/`"),
        (
            "commented",
            format!("-- once LOCATION 'gs://b/x/'\n{}", at("gs://b/x/")),
            "",
            "sources.sql:3:24: location `gs://b/x/`",
        ),
        (
            "second",
            format!("{};\n{}", at("gs://b/x/"), at("gs://b/x/").replace("staged", "others")),
            "",
            "sources.sql:4:24: location `gs://b/x/`",
        ),
        (
            "secret",
            at("s3://b/x/"),
            "target = \"secretsmanager://\"",
            "job.toml: the target's URL names no secret",
        ),
    ] {
        let output = check(job, &sources, target);
        assert_eq!(output.status, Some(2), "{job}: {}", output.stderr);
        assert!(output.stdout.contains(said), "{job}: {said}: {}", output.stdout);
        assert!(!output.stdout.contains("hunter2"), "{}", output.stdout);
    }
    // Where jobs are checked, nobody may know the login.
    let output = check("login", &at("s3://b/x/"), "target = \"mysql://${LOGIN}@host/db\"");
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let note = "note: job.toml: variable `LOGIN` has no value, and `runner run` and `plan` need it";
    assert!(output.stdout.contains(note), "{}", output.stdout);
}

fn variables_that_no_file_uses_are_noted(site: &Site<'_>) {
    songs(site);
    let staging = format!("STAGING={}", site.staging_url());
    for command in [&["check"][..], &["run", "--job", JOB], &["status", "--job", JOB]] {
        let given = ["--var", &staging, "--var", "STAGIN=x", "--var", "TARGET=sqlite:x.db"];
        let output = site.command([command, &given].concat()).run();
        assert_eq!(output.status, Some(0), "{command:?}: {}", output.stderr);
        let notes: Vec<&str> =
            output.stderr.lines().filter(|line| line.starts_with("note: --var")).collect();
        let expected = "note: --var STAGIN: the job's files do not use it; did you mean STAGING?";
        assert_eq!(notes, [expected], "{command:?}: {}", output.stderr);
    }
}

fn statements_that_write_are_refused_before_their_names_are_looked_at(site: &Site<'_>) {
    songs(site);
    let _report = site.run();
    for sql in [
        "INSERT INTO target.titles VALUES (1)",
        "SELECT 1;\nINSERT INTO target.titles",
        "DELETE FROM target.titles WHERE nowhere",
        "DELETE target.titles",
        "UPDATE titles SET nowhere = 1",
        "UPDATE",
        "MERGE INTO titles USING x ON a",
        "REPLACE INTO titles VALUES (1)",
        "ALTER TABLE titles ADD COLUMN x INT",
        "TRUNCATE TABLE titles",
    ] {
        let said = ["`runner sql` only reads", "`runner plan`", "-c:"];
        let _output = refused(site, &["sql", "--job", JOB, "-c", sql], &said);
    }
    assert_eq!(site.rows("SELECT count(*) FROM titles"), ["2"]);
    for sql in ["BEGIN", "COMMIT"] {
        let _output = refused(site, &["sql", "-c", sql], &["there are no transactions"]);
    }
    let _output = refused(site, &["sql", "-c", "SET x = 1"], &["this setting is not known"]);
}

fn words_of_other_programs_are_answered_with_what_to_write(site: &Site<'_>) {
    songs(site);
    for (sql, said) in [
        ("FROM songs", "SELECT * FROM songs"),
        ("SUMMARIZE songs", "write DESCRIBE songs"),
        ("SUMMARIZE SELECT 1", "write DESCRIBE TABLE"),
        ("SELECT * FROM songs AS OF '2026-01-01'", "FOR SYSTEM_TIME AS OF '…'"),
        ("SELECT * FROM songs FOR SYSTEM_TIME AS OF '2026-13-45'", "it is no time"),
        ("SELECT * FROM target.titles", "the first `runner run --job shop` makes it"),
        ("SELECT * FROM target.titlse", "did you mean `target.titles`?"),
    ] {
        let _output = refused(site, &["sql", "--job", JOB, "-c", sql], &["-c:1:", said]);
    }
}

fn tables_keys_and_options_that_are_none_are_told_so(site: &Site<'_>) {
    songs(site);
    let _report = site.run();
    let row = |command: &'static str, table: &'static str, key: &'static str| {
        [command, "--job", JOB, "--table", table, "--key", key]
    };
    for (args, said) in [
        (row("history", "songs", "NULL"), "`id` is never NULL"),
        (row("history", "songs", "name=a"), "`name` is no column of its key"),
        (row("history", "titles", "name=a"), "its key is (id INT)"),
        (row("history", "sngs", "1"), "did you mean `songs`?"),
        (row("explain-row", "titels", "1"), "did you mean `titles`?"),
        (row("explain-row", "titles", "Name=a"), "`name` is no column of its key"),
        (row("explain-row", "songs", "1"), "`runner history --job shop --table songs"),
    ] {
        let _output = refused(site, &args, &["error: --", said]);
    }
    let _output = refused(site, &["run", "--job", "../x"], &["--job is no name of a job"]);
    let output = refused(site, &["run", "--job", "shpo"], &["did you mean `shop`?"]);
    assert_eq!(output.stderr.matches("shop`").count(), 1, "{}", output.stderr);
    for (text, said) in [
        ("rejcts = 'x'", "did you mean `rejects`?"),
        ("[model.titels]\nkey = ['id']", "did you mean `titles`?"),
        ("[model.titles]\nkeys = ['id']", "did you mean `key`?"),
        ("[model.titles]\nkey = ['di']", "its columns are id, name"),
    ] {
        std::fs::write(site.folder().join("sql/shop/job.toml"), text).unwrap();
        let _output = refused(site, &["run", "--job", JOB], &["job.toml", said]);
    }
}

fn a_table_that_lost_a_column_of_the_model_is_told_so(site: &Site<'_>) {
    songs(site);
    let _report = site.run();
    let explain = || {
        let args = ["explain-row", "--job", JOB, "--table", "titles", "--key", "1"];
        let output = site.command(args).run();
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        output.stdout
    };
    site.execute("ALTER TABLE titles DROP COLUMN name");
    let told = explain();
    assert!(told.contains("note: table `titles` does not have `name` of the model"), "{told}");
    site.execute("ALTER TABLE titles RENAME COLUMN id TO number");
    let told = explain();
    assert!(told.contains("does not have `id`, by which the row is looked for"), "{told}");
    assert!(!told.contains("engine"), "{told}");
}

fn the_locations_of_a_new_job_move_with_it(site: &Site<'_>) {
    let staged = site.folder().join("staged/songs");
    std::fs::create_dir_all(&staged).unwrap();
    std::fs::write(staged.join("LOAD00000001.csv"), "1,a\n2,b\n").unwrap();
    let init = |job: &str, from: &str| {
        let output = site.command(["init", "--job", job, "--from", from, "--jobs", "jobs"]).run();
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        std::fs::read_to_string(site.folder().join(format!("jobs/{job}/sources.sql"))).unwrap()
    };
    let near = init("near", "staged/songs");
    assert!(near.contains("LOCATION '../../staged/songs/'"), "{near}");
    let far = init("far", staged.to_str().unwrap());
    assert!(far.contains(&format!("LOCATION '{}/'", staged.display())), "{far}");
    let rows = ["sql", "--jobs", "jobs", "--job", "near", "-c", "SELECT count(*) AS n FROM songs"];
    assert!(site.command(rows).run().stdout.contains('2'));
    let again = ["init", "--job", "near", "--from", "staged/songs", "--jobs", "jobs"];
    let _output = refused(site, &again, &["the job `near` is there already"]);
}
