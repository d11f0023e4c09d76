//! What a person and a log see while a command works.

use libtest_mimic::Trial;
use serde_json::Value;

use crate::scenarios::site::{JOB, MYSQL, SQLITE, Site, scenarios};
use crate::support::slow::slow;
use crate::support::terminal::screen;
use crate::support::{Output, Runner, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE.with_s3(), MYSQL.with_s3()];
        a_bar_is_drawn_on_a_terminal_and_nothing_is_left_of_it,
        where_there_is_no_terminal_lines_tell_that_it_lives,
    ]
    .chain(scenarios![servers, [SQLITE.with_s3()];
        plan_doctor_and_sql_have_a_bar_too,
        logs_stand_above_the_bar,
        an_interrupted_command_leaves_no_bar,
        a_terminal_has_no_bar_where_none_is_wanted_or_can_be,
    ])
    .chain(scenarios![servers, [SQLITE];
        what_takes_less_than_a_second_has_no_bar,
        colours_are_for_terminals_that_want_them,
        quiet_leaves_errors,
    ])
    .collect()
}

const SOURCES: &str = "CREATE EXTERNAL TABLE staged (id INT, title VARCHAR(40), PRIMARY KEY (id))
    STORED AS DMS LOCATION '${STAGING}/songs'";
const SONGS: &str = "SELECT id, title FROM staged";
const ESCAPE: char = '\u{1b}';
const ROWS: usize = 60_000;
/// Rows of one object: there are more of them than are asked for at once, so that rows come while bytes do.
const PART: usize = 1_000;

/// A job of which the staged objects come in about four seconds.
fn prepare(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    for (part, from) in (1..).zip((0..ROWS).step_by(PART)) {
        let rows = (from..from + PART).map(|id| format!("{id},a title of some length\n"));
        site.stage(&format!("songs/LOAD{part:08}.csv"), rows.collect::<String>());
    }
}

fn command(site: &Site<'_>, args: &[&str]) -> Runner {
    let endpoint = site.environment().into_iter().find(|(name, _)| name == "AWS_ENDPOINT_URL");
    let slow = slow(&endpoint.unwrap().1, 400_000);
    site.command(args).env("AWS_ENDPOINT_URL", slow)
}

/// The bars that were drawn, each as its text.
fn bars(shown: &str) -> Vec<&str> {
    shown.split(['\r', '\n']).filter(|line| line.contains(" [#") || line.contains(" [-")).collect()
}

fn assert_bar(output: &Output, phase: &str) {
    assert_eq!(output.status, Some(0), "{output:?}");
    let bars = bars(&output.stdout);
    assert!(bars.len() >= 3, "{output:?}");
    let last = bars.last().unwrap();
    for said in [phase, " rows, ", "/s, ", " of 1.6 MiB"] {
        assert!(bars.iter().any(|bar| bar.contains(said)), "{said}: {bars:?}");
    }
    assert!(bars.iter().any(|bar| bar.contains(" s left")), "{bars:?}");
    assert!(bars[0].contains("--]") && last.contains("[#"), "{bars:?}");
}

fn a_bar_is_drawn_on_a_terminal_and_nothing_is_left_of_it(site: &Site<'_>) {
    prepare(site);
    let output = command(site, &["run", "--job", JOB]).on_terminal("xterm").run();
    assert_bar(&output, "writing [");
    let screen = screen(&output.stdout);
    assert!(screen[0].starts_with("shop -> "), "{screen:?}");
    assert!(screen.iter().all(|line| !line.contains("MiB")), "{screen:?}");
    assert_eq!(site.rows("SELECT COUNT(*) FROM songs"), [ROWS.to_string()]);
}

fn plan_doctor_and_sql_have_a_bar_too(site: &Site<'_>) {
    prepare(site);
    let on_terminal = |args: &[&str]| command(site, args).on_terminal("xterm").run();
    assert_bar(&on_terminal(&["plan", "--job", JOB]), "reading [");
    let count = "SELECT count(*) AS n FROM staged WHERE title <> ''";
    let sql = on_terminal(&["sql", "--job", JOB, "--format", "csv", "-c", count]);
    assert_bar(&sql, "reading [");
    assert_eq!(screen(&sql.stdout), ["n", "60000"]);
    let doctor = on_terminal(&["doctor", "--job", JOB]);
    assert_eq!(doctor.status, Some(0), "{doctor:?}");
    assert!(screen(&doctor.stdout).last().unwrap().contains("0 errors"), "{doctor:?}");
}

fn logs_stand_above_the_bar(site: &Site<'_>) {
    prepare(site);
    let args = ["run", "--job", JOB, "-vv", "--progress", "bar"];
    let output = command(site, &args).env("NO_COLOR", "1").on_terminal("xterm").run();
    assert_bar(&output, "writing [");
    let screen = screen(&output.stdout);
    let report = screen.iter().position(|line| line.starts_with("shop -> ")).unwrap();
    assert!(report > 3, "{screen:?}");
    for line in &screen[..report] {
        assert!(line.starts_with("20") && !line.contains("MiB"), "{line:?} of {screen:?}");
    }
    assert!(screen.iter().any(|line| line.contains("run ended")), "{screen:?}");
}

fn an_interrupted_command_leaves_no_bar(site: &Site<'_>) {
    prepare(site);
    // `timeout` is the person who types Ctrl-C.
    let shell = Runner::of(std::path::Path::new("sh"));
    let line = "timeout --foreground --preserve-status -s INT 3 \"$0\" run --job shop";
    let endpoint = site.environment().into_iter().find(|(name, _)| name == "AWS_ENDPOINT_URL");
    let slow = slow(&endpoint.unwrap().1, 100_000);
    let shell = shell.args(["-c", line]).args([Runner::path()]).current_dir(site.folder());
    let shell = shell.envs(site.environment()).env("AWS_ENDPOINT_URL", slow);
    let output = shell.on_terminal("xterm").run();
    assert_eq!(output.status, Some(130), "{output:?}");
    assert!(!bars(&output.stdout).is_empty(), "{output:?}");
    let message = "interrupted: nothing was half applied; run again";
    assert_eq!(screen(&output.stdout), [message], "{output:?}");
}

fn a_terminal_has_no_bar_where_none_is_wanted_or_can_be(site: &Site<'_>) {
    prepare(site);
    let plan = |more: &[&str], kind: &str| {
        let args = [&["plan", "--job", JOB], more].concat();
        command(site, &args).env("NO_COLOR", "1").on_terminal(kind).run()
    };
    for (more, kind) in [(&["--progress", "none"][..], "xterm"), (&["-q"], "xterm"), (&[], "dumb")]
    {
        let output = plan(more, kind);
        assert_eq!(output.status, Some(0), "{output:?}");
        assert!(bars(&output.stdout).is_empty(), "{more:?}: {output:?}");
        assert!(!output.stdout.contains(ESCAPE), "{more:?}: {output:?}");
    }
    let none = command(site, &["plan", "--job", JOB]).env("UNGLUE_PROGRESS", "none");
    assert!(bars(&none.on_terminal("xterm").run().stdout).is_empty());
}

fn where_there_is_no_terminal_lines_tell_that_it_lives(site: &Site<'_>) {
    prepare(site);
    let run = |more: &[&str]| {
        let args = [&["run", "--job", JOB, "--full-refresh"], more].concat();
        let output = command(site, &args).env("UNGLUE_PROGRESS_SECONDS", "1").run();
        assert_eq!(output.status, Some(0), "{output:?}");
        let is_control = |c: char| c.is_control() && c != '\n';
        assert!(!output.stderr.contains(is_control), "{output:?}");
        output.stderr
    };
    assert_eq!(run(&[]), "");
    assert_eq!(run(&["--progress", "bar"]), "");
    for args in
        [&["-v"][..], &["--log-format", "json"], &["--log-format", "json", "--progress", "log"]]
    {
        let told = run(args);
        let lines = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let lines: Vec<Value> = lines.filter(|line| line["message"] == "progress").collect();
        assert!((2..10).contains(&lines.len()), "{args:?}: {told}");
        let writing = lines.iter().rev().find(|line| line["phase"] == "writing").unwrap();
        let number = |name: &str| writing[name].as_u64().unwrap_or_else(|| panic!("{writing}"));
        assert!(number("rows_read") > 0 && number("rows_per_second") > 0, "{writing}");
        assert!((1..=number("bytes_in_all")).contains(&number("bytes_read")), "{writing}");
        assert_eq!((&writing["level"], &writing["job"]), (&"INFO".into(), &JOB.into()));
    }
    let text = run(&["--progress", "log"]);
    assert!(text.lines().count() >= 2, "{text}");
    assert!(text.lines().all(|line| line.starts_with("progress: ")), "{text}");
    assert_eq!(run(&["-v", "--progress", "none"]).matches("\"progress\"").count(), 0);
}

fn prepare_small(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage("songs/LOAD00000001.csv", "1,one\n");
}

fn what_takes_less_than_a_second_has_no_bar(site: &Site<'_>) {
    prepare_small(site);
    for args in [["run", "--job", JOB], ["plan", "--job", JOB], ["doctor", "--job", JOB]] {
        let output = site.command(args).env("NO_COLOR", "1").on_terminal("xterm").run();
        assert_eq!(output.status, Some(0), "{output:?}");
        assert!(!output.stdout.contains(ESCAPE), "{output:?}");
    }
    let output = site.command(["run", "--job", JOB]).env("UNGLUE_PROGRESS_SECONDS", "0").run();
    assert_eq!(output.status, Some(2), "{output:?}");
    assert!(output.stderr.contains("UNGLUE_PROGRESS_SECONDS"), "{output:?}");
    let output = site.command(["--progress", "log", "run", "--job", JOB, "--x", "1"]).run();
    assert_eq!(output.status, Some(2), "an argument of Glue is still found: {output:?}");
    assert!(output.stderr.contains("--x"), "{output:?}");
}

fn colours_are_for_terminals_that_want_them(site: &Site<'_>) {
    prepare_small(site);
    let shown = |args: &[&str], more: &[(&str, &str)], kind: &str| {
        let command =
            more.iter().fold(site.command(args), |command, (name, value)| command.env(name, value));
        command.on_terminal(kind).run().stdout
    };
    let logs = ["run", "--job", JOB, "-v"];
    let (help, wrong) = (["status", "--help"], ["status", "--jb"]);
    assert!(shown(&logs, &[], "xterm").contains("\u{1b}["));
    assert!(shown(&help, &[], "xterm").contains("\u{1b}["));
    let plan = ["plan", "--job", JOB, "--full-refresh"];
    for args in [&logs[..], &help, &wrong, &plan] {
        for (more, kind) in [(&[("NO_COLOR", "1")][..], "xterm"), (&[], "dumb")] {
            let text = shown(args, more, kind);
            assert!(!text.is_empty() && !text.contains(ESCAPE), "{args:?}: {text}");
        }
    }
    let piped = site.command(logs).run();
    assert!(!piped.stderr.contains(ESCAPE), "{piped:?}");
}

fn quiet_leaves_errors(site: &Site<'_>) {
    prepare_small(site);
    site.job(&[("songs.sql", "SELECT /*+ BROADCAST(staged) */ id, title FROM staged")]);
    let plan = site.command(["plan", "--job", JOB]).run();
    assert!(plan.stderr.contains("note: "), "{plan:?}");
    let run = site.command(["run", "--job", JOB, "--quiet"]).run();
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.starts_with("shop -> "), "{run:?}");
    let json = site.command(["run", "--job", JOB, "-q", "--log-format", "json"]).run();
    assert_eq!((json.status, json.stderr.as_str()), (Some(0), ""));
    let wrong = site.command(["run", "--job", "none", "-q"]).run();
    assert_eq!(wrong.status, Some(2));
    assert!(wrong.stderr.starts_with("error: "), "{wrong:?}");
    let both = site.command(["run", "--job", JOB, "-q", "-v"]).run();
    assert_eq!(both.status, Some(2), "{both:?}");
    assert!(both.stderr.contains("cannot be used with"), "{both:?}");
}
