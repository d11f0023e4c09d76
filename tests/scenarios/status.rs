//! `runner status`: one job, all jobs, again and again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::scenarios::site::{JOB, MARIADB, MYSQL, SQLITE, Site, scenarios};
use crate::support::keyboard::CTRL_C;
use crate::support::slow::slow;
use crate::support::terminal::screen;
use crate::support::{Output, Running, Shared, Terminal};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE, MYSQL];
        a_job_tells_what_is_applied_what_waits_and_its_last_runs,
        a_changed_definition_waits_and_its_run_is_told_like_any_other,
        a_definition_that_its_table_cannot_take_is_refused_before_a_run,
        a_table_that_no_model_writes_any_more_is_named,
        rejected_rows_are_told_with_the_file_that_keeps_them,
        all_jobs_are_a_line_each_and_broken_ones_too,
        a_watch_goes_on_until_it_is_interrupted,
    ]
    .chain(scenarios![servers, [SQLITE.with_s3(), MYSQL.with_s3(), MARIADB.with_s3()];
        a_run_under_way_is_seen_and_not_waited_for,
    ])
    .chain(scenarios![servers, [SQLITE];
        a_watch_draws_a_terminal_anew,
        a_watch_goes_on_while_something_is_away,
    ])
    .collect()
}

const SOURCES: &str = "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs'";
const SONGS: &str = "SELECT id, title FROM staged";
const LOAD: &str = "1,one\n2,two\n3,three\n";

fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage("songs/LOAD00000001.csv", LOAD);
}

fn status(site: &Site<'_>, more: &[&str]) -> Output {
    site.command(["status"].iter().chain(more)).run()
}

fn read(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn json(site: &Site<'_>) -> Value {
    let output = status(site, &["--job", JOB, "--output", "json"]);
    assert_eq!(output.status, Some(0), "{output:?}");
    read(&output)
}

fn text(site: &Site<'_>, more: &[&str]) -> String {
    let output = status(site, &[&["--job", JOB], more].concat());
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(output.stderr, "");
    output.stdout
}

fn a_job_tells_what_is_applied_what_waits_and_its_last_runs(site: &Site<'_>) {
    prepare(site);
    let new = json(site);
    assert_eq!((&new["state"], &new["running"]), (&json!("never_run"), &json!(false)));
    assert_eq!((&new["lag_seconds"], &new["last_runs"]), (&Value::Null, &json!([])));
    let source = &new["sources"][0];
    assert_eq!(source["newest_staged"], "LOAD00000001.csv");
    assert_eq!(
        (&source["newest_applied"], &source["pending_bytes"]),
        (&Value::Null, &json!(LOAD.len()))
    );
    // A word is enough.
    let told = text(site, &[]);
    assert_eq!(told.matches("never run").count(), 1, "{told}");
    assert!(told.contains("pending  1 object, 20 B, newest LOAD00000001.csv\n"), "{told}");
    let line = status(site, &[]).stdout;
    assert_eq!(line.matches("never run").count(), 1, "{line}");

    let first = site.run();
    site.stage("songs/20260301-100000000.csv", "U,1,uno\nD,2,\n");
    let second = site.run();
    assert_eq!(json(site)["state"], "up_to_date");
    site.stage("songs/20260301-101500000.csv", "I,4,four\n");
    site.stage("songs/20260301-123000000.csv", "I,5,five\n");
    let told = json(site);
    assert_eq!((&told["state"], &told["lag_seconds"]), (&json!("pending"), &json!(9_000)));
    assert_eq!(told["last_run"]["run_id"], second.0["run_id"]);
    let runs = told["last_runs"].as_array().unwrap();
    let brief = |run: &Value| json!([run["run_id"], run["objects"], run["rows"], run["rejected"]]);
    let runs: Vec<Value> = runs.iter().map(brief).collect();
    assert_eq!(runs, [json!([second.0["run_id"], 1, 2, 0]), json!([first.0["run_id"], 1, 3, 0])]);
    let source = &told["sources"][0];
    assert_eq!(source["newest_applied"], "20260301-100000000.csv");
    assert_eq!(source["newest_applied_at"], "2026-03-01T10:00:00Z");
    assert_eq!(source["newest_staged"], "20260301-123000000.csv");
    assert_eq!(source["newest_staged_at"], "2026-03-01T12:30:00Z");
    assert_eq!((&source["pending_objects"], &source["applied_rows"]), (&json!(2), &json!(5)));

    let told = text(site, &["--runs", "1"]);
    let second = second.0["run_id"].as_str().unwrap();
    for said in [
        "\npending\n",
        "applied  2 objects, 5 rows, generation 1, newest 20260301-100000000.csv\n",
        "pending  2 objects, 18 B, 2 h 30 min behind, newest 20260301-123000000.csv\n",
        &format!(" ago) by run {second}\n"),
        &format!("{second}  1 object, 2 rows\n"),
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(!told.contains(first.0["run_id"].as_str().unwrap()), "{told}");
}

fn a_changed_definition_waits_and_its_run_is_told_like_any_other(site: &Site<'_>) {
    prepare(site);
    // Before the first run there is nothing that could have changed.
    assert_eq!(json(site)["models"], json!([]));
    let first = site.run();
    site.job(&[("songs.sql", "SELECT id, title FROM staged WHERE id > 1")]);
    let told = json(site);
    assert_eq!((&told["state"], &told["lag_seconds"]), (&json!("pending"), &json!(0)));
    let reason = "the model's definition has changed";
    assert_eq!(told["models"], json!([{ "model": "songs", "reason": reason }]));
    let all = status(site, &[]).stdout;
    assert!(
        all.lines().any(|line| line.starts_with("shop ") && line.ends_with("pending")),
        "{all}"
    );
    let line = format!("\nmodel songs: {reason}, so the next run builds its table anew\n");
    assert!(text(site, &[]).contains(&line));

    let second = site.run();
    site.job(&[("more.sql", "SELECT id FROM staged")]);
    assert_eq!(json(site)["models"][0]["reason"], "the model is new");
    let third = site.run();
    let fourth = site.run_with(&["--full-refresh"]);
    let told = json(site);
    assert_eq!((&told["state"], &told["models"]), (&json!("up_to_date"), &json!([])));
    assert_eq!(told["last_run"]["run_id"], fourth.0["run_id"]);
    let runs = told["last_runs"].as_array().unwrap();
    let brief = |run: &Value| {
        assert!(run["committed_at"].as_str() >= run["applied_at"].as_str(), "{run}");
        let why = [&run["definition_changed"], &run["full_refresh"]];
        json!([run["run_id"], run["objects"], run["rows"], run["tables"], why])
    };
    let runs: Vec<Value> = runs.iter().map(brief).collect();
    let expected = [
        json!([fourth.0["run_id"], 1, 3, 2, [false, true]]),
        json!([third.0["run_id"], 0, 0, 1, [true, false]]),
        json!([second.0["run_id"], 0, 0, 1, [true, false]]),
        json!([first.0["run_id"], 1, 3, 1, [false, false]]),
    ];
    assert_eq!(runs, expected);
    let told = text(site, &[]);
    let id =
        |report: &crate::scenarios::site::Report| report.0["run_id"].as_str().unwrap().to_owned();
    for said in [
        format!("{}  1 object, 3 rows, full refresh\n", id(&fourth)),
        format!("{}  0 objects, 0 rows, definition changed\n", id(&second)),
    ] {
        assert!(told.contains(&said), "{said}: {told}");
    }
}

fn a_definition_that_its_table_cannot_take_is_refused_before_a_run(site: &Site<'_>) {
    prepare(site);
    site.run();
    site.job(&[("songs.sql", "SELECT id, title, id * 2 AS doubled FROM staged")]);
    let output = status(site, &["--job", JOB, "--output", "json"]);
    assert_eq!(output.status, Some(4), "{output:?}");
    let told = read(&output);
    assert_eq!(told["state"], "refused");
    let run = site.fail();
    assert_eq!(run.status, Some(4), "{run:?}");
    let error = told["error"]["message"].as_str().unwrap();
    assert!(error.contains("column `doubled`: the table does not have"), "{told}");
    assert!(run.stderr.contains(error), "{}", run.stderr);
    let text = status(site, &["--job", JOB]).stdout;
    assert!(text.contains("\nmodel songs: the model's definition has changed\n"), "{text}");
    let all = status(site, &[]).stdout;
    assert!(all.contains("  refused: table `songs` does not fit model `songs`"), "{all}");
    // A column that is renamed is one that lacks, and one that stays.
    site.job(&[("songs.sql", "SELECT id, title AS name FROM staged")]);
    assert_eq!(status(site, &["--job", JOB]).status, Some(4));
    site.job(&[("songs.sql", SONGS)]);
    assert_eq!(json(site)["state"], "up_to_date");
}

fn a_table_that_no_model_writes_any_more_is_named(site: &Site<'_>) {
    prepare(site);
    // Where case tells tables apart, the table is looked for by its name as it is.
    site.job(&[
        ("more.sql", "SELECT id FROM staged"),
        ("job.toml", "target = '${TARGET}'\n[model.more]\ntable = 'More'\n"),
    ]);
    site.run();
    assert_eq!(json(site).get("left_tables"), None);
    site.job(&[("job.toml", "target = '${TARGET}'\n")]);
    std::fs::remove_file(site.folder().join("sql/shop/more.sql")).unwrap();
    let left =
        "table More: this job wrote it before, by model more; now nothing writes it or drops it";
    assert_eq!(json(site)["left_tables"], json!([{"table": "More", "model": "more"}]));
    assert!(text(site, &[]).contains(&format!("\n{left}\n")));
    let plan = || site.command(["plan", "--job", JOB]).run().stdout;
    assert!(plan().contains(&format!("\nleft     {left}\n")), "{}", plan());
    // The next run forgets the model, and the table stays.
    site.stage("songs/20260301-100000000.csv", "D,2,\n");
    site.run();
    assert_eq!(json(site)["left_tables"], json!([{"table": "More"}]));
    assert!(plan().contains("\nleft     table More: this job wrote it before; now"), "{}", plan());
    site.execute("DROP TABLE More");
    assert_eq!(json(site).get("left_tables"), None);
    assert!(!plan().contains("\nleft"), "{}", plan());
}

fn rejected_rows_are_told_with_the_file_that_keeps_them(site: &Site<'_>) {
    prepare(site);
    let keep = "rejected_rows = 5\nrejects = \"./rejects\"\n";
    site.job(&[("job.toml", keep)]);
    site.stage("songs/20260301-100000000.csv", "U,x,confidential\nU,y,confidential\nU,1,uno\n");
    site.run();
    let told = json(site);
    let source = &told["sources"][0];
    assert_eq!(source["rejected_rows"], 2);
    let rejected = &source["rejected_in"][0];
    assert_eq!(
        (&rejected["object"], &rejected["rows"]),
        (&json!("20260301-100000000.csv"), &json!(2))
    );
    let file = rejected["file"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(file).unwrap().lines().count(), 2, "{file}");
    assert_eq!(told["last_runs"][0]["rejected"], 2);
    let text = text(site, &[]);
    let said = format!("2 rows of 20260301-100000000.csv, kept in {file}\n");
    assert!(text.contains(&said) && !text.contains("confidential"), "{text}");
}

fn all_jobs_are_a_line_each_and_broken_ones_too(site: &Site<'_>) {
    prepare(site);
    site.job_named("apart", &[("sources.sql", SOURCES), ("songs_apart.sql", SONGS)]);
    site.run();
    let good = status(site, &[]);
    assert_eq!((good.status, good.stderr.as_str()), (Some(0), ""), "{good:?}");
    let lines: Vec<&str> = good.stdout.lines().collect();
    assert!(lines[0].starts_with("job ") && lines.len() == 3, "{}", good.stdout);
    assert!(lines[1].starts_with("apart ") && lines[1].ends_with("never run"), "{}", good.stdout);
    assert!(lines[2].starts_with("shop ") && lines[2].ends_with("up to date"), "{}", good.stdout);

    // Nothing listens there.
    let away = "target = \"mysql://me:secret@127.0.0.1:1/shop\"\n";
    site.job_named("away", &[("sources.sql", SOURCES), ("a.sql", SONGS), ("job.toml", away)]);
    let one = status(site, &[]);
    assert_eq!(one.status, Some(3), "{one:?}");
    assert!(one.stderr.contains("job `away`: "), "{}", one.stderr);
    site.job_named("broken", &[("sources.sql", SOURCES), ("a.sql", "SELECT nothing FROM staged")]);
    std::fs::create_dir(site.folder().join("sql/notes")).unwrap();
    let all = status(site, &[]);
    assert_eq!(all.status, Some(2), "{all:?}");
    assert!(all.stderr.contains("2 jobs have an error: away, broken"), "{}", all.stderr);
    let lines: Vec<&str> = all.stdout.lines().collect();
    assert_eq!(lines.len(), 5, "{}", all.stdout);
    assert!(lines[2].starts_with("away ") && lines[2].contains("  temporary: "), "{}", all.stdout);
    assert!(lines[3].starts_with("broken ") && lines[3].contains("a.sql:1:8"), "{}", all.stdout);
    assert!(!format!("{all:?}").contains("secret"), "{all:?}");

    let list = status(site, &["--output", "json"]);
    assert_eq!(list.status, Some(2));
    let list = read(&list);
    let states: Vec<String> = list.as_array().unwrap().iter().map(brief).collect();
    let expected = ["apart never_run", "away temporary", "broken usage", "shop up_to_date"];
    assert_eq!(states, expected);
    assert!(list[1]["error"]["next"].is_string() && list[3].get("error").is_none(), "{list}");
    // Of one job it is as before: the error, and no report.
    let alone = status(site, &["--job", "broken", "--output", "json"]);
    assert_eq!((alone.status, alone.stdout.as_str()), (Some(2), ""));
}

fn brief(job: &Value) -> String {
    format!("{} {}", job["job"].as_str().unwrap(), job["state"].as_str().unwrap())
}

fn a_run_under_way_is_seen_and_not_waited_for(site: &Site<'_>) {
    prepare(site);
    let rows: String = (0..60_000).map(|id| format!("{id},a title of some length\n")).collect();
    site.stage("songs/LOAD00000001.csv", rows);
    let endpoint = site.environment().into_iter().find(|(name, _)| name == "AWS_ENDPOINT_URL");
    let slow = slow(&endpoint.unwrap().1, 400_000);
    let run = site.command(["run", "--job", JOB]).env("AWS_ENDPOINT_URL", slow).spawn();
    let deadline = Instant::now() + Duration::from_secs(30);
    let seen = loop {
        let told = json(site);
        if told["running"] == true || Instant::now() > deadline {
            break told;
        }
    };
    assert_eq!((&seen["running"], &seen["state"]), (&json!(true), &json!("running")), "{seen}");
    let run = run.wait();
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(json(site)["running"], false);
}

/// What a watch has told so far, in the file that is its stdout.
fn until_told(told: &Path, is_enough: impl Fn(&str) -> bool) -> String {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let text = std::fs::read_to_string(told).unwrap();
        if is_enough(&text) {
            return text;
        }
        assert!(Instant::now() < deadline, "{text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A watch each second, whose reports go to a file.
fn watch(site: &Site<'_>, more: &[&str]) -> (Running, PathBuf) {
    let told = site.folder().join("told");
    let args = ["status", "--job", JOB, "--watch", "1"];
    let runner = site.command(args.iter().chain(more)).stdout(&told);
    (runner.spawn(), told)
}

fn a_watch_goes_on_until_it_is_interrupted(site: &Site<'_>) {
    prepare(site);
    site.run();
    let (running, told) = watch(site, &["--output", "json"]);
    until_told(&told, |told| told.matches('\n').count() >= 2);
    site.stage("songs/20260301-100000000.csv", "D,2,\n");
    let told = until_told(&told, |told| told.contains("\"pending\"") && told.ends_with('\n'));
    running.signal("INT");
    let output = running.wait();
    assert_eq!((output.status, output.stderr.as_str()), (Some(0), ""), "{output:?}");
    let told = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut states: Vec<String> = told.map(|told| brief(&told)).collect();
    assert!(states.len() >= 3, "{states:?}");
    states.dedup();
    assert_eq!(states, ["shop up_to_date", "shop pending"]);
    let wrong = status(site, &["--job", "none", "--watch"]);
    assert_eq!(wrong.status, Some(2), "{wrong:?}");
}

fn a_watch_goes_on_while_something_is_away(site: &Site<'_>) {
    prepare(site);
    site.run();
    let (running, told) = watch(site, &[]);
    let [here, away] = ["songs", "away"].map(|name| site.object(name));
    let (good, failed) = ("\nup to date\n", "\nerror: there is no folder ");
    until_told(&told, |told| told.contains(good));
    std::fs::rename(&here, &away).unwrap();
    until_told(&told, |told| told.contains(failed));
    std::fs::rename(&away, &here).unwrap();
    until_told(&told, |told| told.rfind(good) > told.rfind(failed));
    running.signal("INT");
    let output = running.wait();
    assert_eq!((output.status, output.stderr.as_str()), (Some(0), ""), "{output:?}");
}

fn a_watch_draws_a_terminal_anew(site: &Site<'_>) {
    prepare(site);
    site.run();
    let watch = |kind: &str| {
        let runner = site.command(["status", "--watch", "1"]).env("TERM", kind);
        Terminal::start(runner, 100, 40)
    };
    let end = |mut terminal: Terminal| {
        terminal.keys(CTRL_C);
        assert_eq!(terminal.end().0, Some(0));
    };
    let mut drawn = watch("xterm");
    // The third begins when the second is whole.
    for _look in 0..3 {
        drawn.until("\u{1b}[H");
    }
    let screen = screen(&drawn.raw());
    assert!(screen[0].ends_with("every 1 s; Ctrl-C ends"), "{screen:?}");
    assert!(screen[2].starts_with("job ") && screen[3].starts_with("shop "), "{screen:?}");
    assert_eq!(screen.len(), 4, "{screen:?}");
    end(drawn);
    let mut dumb = watch("dumb");
    for _look in 0..2 {
        dumb.until("shop ");
    }
    assert!(!dumb.raw().contains('\u{1b}'), "{:?}", dumb.raw());
    end(dumb);
}
