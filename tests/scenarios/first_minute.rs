//! The main job of the repository, as someone tries it who has just cloned it.

use std::collections::BTreeMap;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::scenarios::naive::{self, Table};
use crate::scenarios::site::{ALL, EACH, Report, SQLITE, Site, assert_same, scenarios};
use crate::support::{Output, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, ALL; the_sample_job_runs_again_and_again]
        .chain(scenarios![servers, EACH;
            plan_and_status_write_nothing,
            sql_reads_sources_models_and_tables,
        ])
        .chain(scenarios![servers, [SQLITE];
            without_any_setting_the_sample_job_makes_an_sqlite_file,
            what_the_documentation_shows_of_the_sample_job_is_so,
        ])
        .collect()
}

const SAMPLE: [&str; 4] = [
    "LOAD00000001.csv",
    "20260303-060114207.csv",
    "20260310-060109884.csv",
    "20260317-060121530.csv",
];
const LATER: &str = "20260324-060121530.csv";
const LATER_ROWS: &str = "U,2025-02-01,Forty Winters to Fenwick,The Long Tides,1\nD,2025-01-04,,,\n\
                          I,2026-03-21,Neu,Ida Marsh feat. Nora Quill,42\n";

/// The job, its sample staged.
fn prepare(site: &Site<'_>) {
    site.copy_job("load_sales");
    for object in SAMPLE {
        let path = site.folder().join("sql/load_sales/sample").join(object);
        site.stage(object, std::fs::read(path).unwrap());
    }
}

fn run(site: &Site<'_>) -> Report {
    let output = site.command(["run", "--job", "load_sales", "--output", "json"]).run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    Report::read(&output)
}

fn lead(row: &[Option<String>]) -> Option<String> {
    let artists = row[2].as_ref()?.replace(" feat. ", ", ");
    artists.split(", ").next().map(str::to_owned)
}

fn expected_songs(table: &Table) -> Vec<String> {
    let text = |field: Option<String>| field.unwrap_or_else(|| "NULL".to_owned());
    let line = |row: &Vec<Option<String>>| {
        let [week, song, artists, sales] = [0, 1, 2, 3].map(|index| text(row[index].clone()));
        format!("{week}|{}|{song}|{artists}|{}|{sales}", &week[..4], text(lead(row)))
    };
    table.values().map(line).collect()
}

fn expected_artists(table: &Table) -> Vec<String> {
    let mut artists: BTreeMap<String, (u64, Option<u64>, String, String)> = BTreeMap::new();
    for row in table.values() {
        let artist = lead(row).filter(|name| !name.is_empty());
        let week = row[0].clone().unwrap();
        let sales: Option<u64> = row[3].as_ref().map(|sales| sales.parse().unwrap());
        let entry = artists.entry(artist.unwrap_or_else(|| "(unknown)".to_owned())).or_insert((
            0,
            None,
            week.clone(),
            week.clone(),
        ));
        entry.0 += 1;
        entry.1 = [entry.1, sales].into_iter().flatten().reduce(|a, b| a + b);
        entry.3 = week;
    }
    let line =
        |(artist, (weeks, sales, first, last)): (String, (u64, Option<u64>, String, String))| {
            let sales = sales.map_or("NULL".to_owned(), |sales| sales.to_string());
            format!("{artist}|{weeks}|{sales}|{first}|{last}")
        };
    artists.into_iter().map(line).collect()
}

fn assert_tables(site: &Site<'_>, objects: &[&str]) {
    let table = naive::replay(&site.object(""), objects);
    assert_same(site.rows("SELECT * FROM song_sales"), expected_songs(&table));
    assert_same(site.rows("SELECT * FROM artist_weeks"), expected_artists(&table));
}

fn the_sample_job_runs_again_and_again(site: &Site<'_>) {
    prepare(site);
    let first = run(site);
    assert_eq!(first.outcome(), "applied");
    assert_eq!(
        first.objects(),
        [
            "LOAD00000001.csv load 60",
            "20260303-060114207.csv change 5",
            "20260310-060109884.csv change 5",
            "20260317-060121530.csv change 6",
        ]
    );
    assert_eq!(first.models(), ["song_sales full load +62 -0", "artist_weeks full load +16 -0"]);
    assert_tables(site, &SAMPLE);

    let before = site.dump();
    let second = run(site);
    assert_eq!(second.outcome(), "nothing_to_do");
    assert_eq!((second.objects(), second.models()), (vec![], vec![]));
    assert_eq!(site.dump(), before);
    let told = site.command(["run", "--job", "load_sales"]).run();
    assert!(told.stdout.contains("nothing is pending"), "{}", told.stdout);

    site.stage(LATER, LATER_ROWS);
    let third = run(site);
    assert_eq!(third.objects(), [format!("{LATER} change 3")]);
    assert_eq!(third.models()[0], "song_sales row-wise +2 -1");
    assert!(third.models()[1].starts_with("artist_weeks replay "), "{:?}", third.models());
    assert_tables(site, &[&SAMPLE[..], &[LATER]].concat());
    assert_eq!(run(site).outcome(), "nothing_to_do");
}

fn without_any_setting_the_sample_job_makes_an_sqlite_file(site: &Site<'_>) {
    site.copy_job("load_sales");
    let output = crate::support::Runner::new()
        .args(["run", "--job", "load_sales"])
        .current_dir(site.folder())
        .run();
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stdout.contains("62 rows upserted"), "{}", output.stdout);
    assert_eq!(output.stderr, "");
    let database = site.folder().join("load_sales.db");
    assert!(database.exists());
    std::fs::copy(database, site.folder().join("target.db")).unwrap();
    assert_eq!(site.rows("SELECT COUNT(*) FROM song_sales"), ["62"]);
}

fn json_of(site: &Site<'_>, args: &[&str]) -> Value {
    let output = site.command(args.iter().chain(&["--output", "json"])).run();
    assert_eq!(output.status, Some(0), "{args:?}: {}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap()
}

fn assert_nothing_written(site: &Site<'_>) {
    let (dump, files) = (site.dump(), site.files());
    for args in [
        &["plan", "--job", "load_sales"][..],
        &["plan", "--job", "load_sales", "--full-refresh"],
        &["status", "--job", "load_sales"],
        &["run", "--job", "load_sales", "--dry-run"],
    ] {
        let output = site.command(args).run();
        assert_eq!(output.status, Some(0), "{args:?}: {}", output.stderr);
        assert_eq!(site.files(), files, "{args:?}");
        assert_eq!(site.dump(), dump, "{args:?}");
    }
    let sql = ["sql", "--job", "load_sales", "-c", "SELECT 1"];
    assert_eq!(site.command(sql).run().status, Some(0));
    assert_eq!(site.files(), files, "{sql:?}");
}

fn plan_and_status_write_nothing(site: &Site<'_>) {
    prepare(site);
    assert_nothing_written(site);
    let plan = json_of(site, &["plan", "--job", "load_sales"]);
    let pending: Vec<&Value> =
        plan["pending"].as_array().unwrap().iter().map(|object| &object["key"]).collect();
    assert_eq!(pending, SAMPLE);
    let [song_sales, artist_weeks] = [0, 1].map(|index| &plan["models"][index]);
    assert_eq!((&song_sales["upserts"], &song_sales["deletes"]), (&json!(62), &json!(0)));
    assert!(song_sales["create"].as_str().unwrap().contains("CREATE TABLE"));
    assert!(song_sales["way"].as_str().unwrap().contains("row-wise"), "{song_sales}");
    assert_eq!(song_sales["key"], json!(["week_ending"]));
    assert_eq!(artist_weeks["upserts"], 16);
    let status = json_of(site, &["status", "--job", "load_sales"]);
    assert_eq!(status["last_run"], Value::Null);
    let source = &status["sources"][0];
    assert_eq!((&source["applied_objects"], &source["pending_objects"]), (&json!(0), &json!(4)));
    assert_eq!(source["newest_applied"], Value::Null);

    run(site);
    site.stage(LATER, LATER_ROWS);
    assert_nothing_written(site);
    let plan = json_of(site, &["plan", "--job", "load_sales"]);
    let song_sales = &plan["models"][0];
    assert_eq!((&song_sales["upserts"], &song_sales["deletes"]), (&json!(2), &json!(1)));
    assert_eq!(song_sales["step"], "row-wise");
    assert_eq!(song_sales.get("create"), None);
    let text = site.command(["plan", "--job", "load_sales"]).run().stdout;
    assert!(text.contains("Neu") && text.contains(LATER), "{text}");
    let status = json_of(site, &["status", "--job", "load_sales"]);
    let source = &status["sources"][0];
    assert_eq!((&source["applied_objects"], &source["pending_objects"]), (&json!(4), &json!(1)));
    assert_eq!(source["newest_applied"], SAMPLE[3]);
    assert_eq!(source["lag_seconds"], 7 * 24 * 3600);
    assert!(!status["target"].as_str().unwrap().contains("secret"), "{status}");
}

fn sql(site: &Site<'_>, query: &str, format: &str) -> String {
    let output =
        site.command(["sql", "--job", "load_sales", "--format", format, "-c", query]).run();
    assert_eq!(output.status, Some(0), "{query}: {}", output.stderr);
    output.stdout
}

fn sql_reads_sources_models_and_tables(site: &Site<'_>) {
    prepare(site);
    // Before the first run there are no tables, but everything else.
    assert_eq!(sql(site, "SELECT count(*) AS n FROM weekly_sales", "csv"), "n\n62\n");
    run(site);
    site.stage(LATER, LATER_ROWS);
    // Sources and models are what is staged, tables are what was applied.
    assert_eq!(sql(site, "SELECT count(*) AS n FROM weekly_sales", "csv"), "n\n62\n");
    assert_eq!(
        sql(site, "SELECT song, sales FROM song_sales WHERE week_ending = '2026-03-21'", "json"),
        "[{\"song\":\"Neu\",\"sales\":42}]\n"
    );
    assert_eq!(
        sql(site, "SELECT * FROM target.song_sales WHERE week_ending = '2026-03-21'", "json"),
        "[]\n"
    );
    assert_eq!(
        sql(
            site,
            "SELECT week_ending, song FROM target.song_sales WHERE sales > 390000 ORDER BY 1",
            "csv"
        ),
        "week_ending,song\n2025-02-08,Señal Perdida\n2025-10-04,\"He Said \"\"Maybe\"\"\"\n"
    );
    let table =
        sql(site, "SELECT max(weeks_at_number_one) AS most FROM target.artist_weeks", "table");
    assert!(table.contains("| most |") && table.ends_with("1 row\n"), "{table}");
    let pending =
        "SELECT week_ending FROM song_sales EXCEPT SELECT week_ending FROM target.song_sales";
    assert_eq!(sql(site, pending, "csv"), "week_ending\n2026-03-21\n");
    assert_eq!(
        sql(site, "SELECT song, sales FROM weekly_sales WHERE 1 = 0", "csv"),
        "song,sales\n"
    );
}

const EXPLORING: &str = include_str!("../../docs/exploring.md");

/// What stands between two quotes is one word.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (c, quote) {
            (' ', None) => words.push(std::mem::take(&mut word)),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (c, _) => word.push(c),
        }
    }
    words.push(word);
    words
}

fn what_the_documentation_shows_of_the_sample_job_is_so(site: &Site<'_>) {
    prepare(site);
    run(site);
    let lines = || EXPLORING.lines().map(str::trim_start);
    let commands = lines().filter_map(|line| {
        line.trim_start_matches("$ ")
            .strip_prefix("runner ")
            .filter(|line| line.contains("--job load_sales"))
    });
    let mut ran = 0;
    for command in commands {
        let output = site.command(words(command)).run();
        assert_eq!(output.status, Some(0), "{command}: {}", output.stderr);
        ran += 1;
    }
    assert!(ran >= 4, "{ran} commands");
    // Of the shell: how many tables there are, and what is typed.
    let listed = sql_command(site, "\\d").stdout;
    let tables = format!(", {} tables; ", listed.lines().count() - 2);
    assert!(lines().any(|line| line.starts_with("Unglue ") && line.contains(&tables)), "{listed}");
    let typed = lines().filter_map(|line| line.strip_prefix("load_sales=> "));
    for statement in typed {
        let output = sql_command(site, statement);
        assert_eq!(output.status, Some(0), "{statement}: {}", output.stderr);
    }
    // The error that is shown.
    let (_, error) = EXPLORING.split_once("  error: sql:").unwrap();
    let (error, _) = error.split_once("  ```").unwrap();
    let shown = error.replace("\n  ", "\n");
    let (_, statement) = shown.split_once(" | ").unwrap();
    let told = sql_command(site, statement.lines().next().unwrap()).stderr;
    assert_eq!(told, format!("error: -c:{shown}"));
}

fn sql_command(site: &Site<'_>, sql: &str) -> Output {
    site.command(["sql", "--job", "load_sales", "-c", sql]).run()
}
