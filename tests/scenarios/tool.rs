//! Small things of a tool: checks without data, schemas, completions, man pages, a file of defaults, what was meant by what was typed.

use std::io::Write;
use std::process::{Command, Stdio};

use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::site::{JOB, SQLITE, Site, scenarios};
use crate::support::schema::validate;
use crate::support::{Output, Shared};

pub(super) const SOURCES: &str = "CREATE EXTERNAL TABLE songs (id INT, name TEXT, PRIMARY KEY (id)) \
    STORED AS DMS LOCATION '${STAGING}/songs'";

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE];
        a_check_tells_of_each_job_without_its_data,
        reports_and_jobs_are_what_their_schemas_say,
        completions_are_scripts_of_their_shells,
        each_command_has_a_manual_page,
        what_was_meant_is_asked,
        defaults_are_weaker_than_options_and_variables,
        a_file_of_defaults_that_is_wrong_is_refused,
        the_version_tells_of_the_build,
    ]
    .collect()
}

fn out(site: &Site<'_>, args: &[&str]) -> String {
    let output = site.command(args).run();
    assert_eq!(output.status, Some(0), "{args:?}: {}", output.stderr);
    output.stdout
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn songs(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("titles.sql", "SELECT id, name FROM songs")]);
}

fn a_check_tells_of_each_job_without_its_data(site: &Site<'_>) {
    songs(site);
    // Nothing is staged, and nobody is at home where the target should be.
    let check = |more: &[&str]| {
        let args = ["check"].iter().chain(more);
        site.command(args).env("TARGET", "mysql://nobody@127.0.0.1:1/nowhere").run()
    };
    let good = check(&[]);
    assert_eq!((good.status, good.stdout.as_str()), (Some(0), "shop: good: 1 source, 1 table\n"));
    site.job_named(
        "two",
        &[
            ("sources.sql", SOURCES),
            ("a.sql", "SELEC id FROM songs"),
            ("b.sql", "SELECT ${NOWHERE} FROM songs"),
            ("job.toml", "tarket = 'x'\n"),
        ],
    );
    site.job_named("three", &[("sources.sql", SOURCES), ("a.sql", "SELECT nam FROM songs")]);
    let bad = check(&["--output", "json"]);
    assert_eq!(bad.status, Some(2), "{}", bad.stderr);
    assert!(bad.stderr.contains("2 of 3 jobs are wrong"), "{}", bad.stderr);
    let report = json_of(&bad);
    let problems = |job: usize| {
        let problems = report["jobs"][job]["problems"].as_array().unwrap().iter();
        problems.map(|problem| problem["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        report["jobs"][0]["models"],
        json!([{"model": "titles", "table": "titles", "key": ["id"]}])
    );
    assert!(problems(1).len() == 1 && problems(1)[0].starts_with("a.sql:1:8"), "{:?}", problems(1));
    let two = problems(2).join("\n");
    assert!(two.contains("`${NOWHERE}`") || two.contains("NOWHERE"), "{two}");
    assert!(two.contains("job.toml:1:1: unknown field `tarket`"), "{two}");
    let text = check(&["--job", "three"]);
    assert_eq!(text.status, Some(2));
    assert!(text.stdout.starts_with("three: 1 problem\n  error: a.sql:1:8"), "{}", text.stdout);
    assert!(text.stderr.contains("the job is wrong"), "{}", text.stderr);
}

fn reports_and_jobs_are_what_their_schemas_say(site: &Site<'_>) {
    let schema =
        |name: &str| -> Value { serde_json::from_str(&out(site, &["schema", name])).unwrap() };
    let valid = |name: &str, value: &Value| {
        validate(&schema(name), value).unwrap_or_else(|wrong| panic!("{name}: {wrong}\n{value:#}"));
    };
    songs(site);
    site.stage("songs/LOAD00000001.csv", "1,a\n2,b\n");
    let command =
        |args: &[&str]| site.command([args, &["--job", JOB, "--output", "json"]].concat()).run();
    valid("plan", &json_of(&command(&["plan"])));
    valid("status", &json_of(&command(&["status"])));
    for _first_and_again in 0..2 {
        valid("report", &json_of(&command(&["run"])));
    }
    valid("status", &json_of(&command(&["status"])));
    valid("status", &json_of(&site.command(["status", "--output", "json"]).run()));
    valid("check", &json_of(&command(&["check"])));
    valid("doctor", &json_of(&command(&["doctor"])));
    for key in ["1", "7"] {
        valid("history", &json_of(&command(&["history", "--table", "songs", "--key", key])));
        let explained = json_of(&command(&["explain-row", "--table", "titles", "--key", key]));
        valid("explain-row", &explained);
    }
    let mut history = json_of(&command(&["history", "--table", "songs", "--key", "1"]));
    history["changes"][0]["line"] = json!("one");
    assert!(validate(&schema("history"), &history).is_err());
    site.stage("songs/20260101-000000000.csv", "I,three,c\n");
    let failed = command(&["run"]);
    assert_eq!(failed.status, Some(4), "{}", failed.stderr);
    valid("report", &json_of(&failed));
    // What is wrong is seen, so a schema is not one of everything.
    let mut report = json_of(&failed);
    report["outcome"] = json!(7);
    assert!(validate(&schema("report"), &report).is_err());
    valid(
        "job",
        &json!({"target": "sqlite:x.db", "rejected_rows": 3, "model": {"titles": {"key": ["id"], "guard": {"max_delete_share": 0.5}}}}),
    );
    for wrong in
        [json!({"tarket": "x"}), json!({"drift": "ignore"}), json!({"guard": {"allow_empty": 1}})]
    {
        assert!(validate(&schema("job"), &wrong).is_err(), "{wrong}");
    }
    valid("config", &json!({"jobs": "sql", "max_rows": "all", "vars": {"A": "b"}}));
    assert!(validate(&schema("config"), &json!({"fromat": "csv"})).is_err());
}

fn completions_are_scripts_of_their_shells(site: &Site<'_>) {
    songs(site);
    let script = out(site, &["completions", "bash"]);
    let runner = crate::support::Runner::path();
    let complete = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let [.., previous, current] = words[..] else { panic!("{line}") };
        let (runner, last) = (runner.display(), words.len());
        let text = format!(
            "{script}\nCOMP_WORDS=({runner} {line}); COMP_CWORD={last}; _runner {runner} '{current}' {previous}; printf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
        );
        let mut bash = Command::new("bash")
            .current_dir(site.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        bash.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let done = bash.wait_with_output().unwrap();
        assert!(done.status.success());
        String::from_utf8(done.stdout).unwrap()
    };
    assert_eq!(complete("sql --for"), "--format\n");
    let jobs = out(site, &["completions", "--list", "jobs"]);
    assert_eq!(jobs, format!("{JOB}\n"));
    assert_eq!(complete(&format!("sql --job {}", &JOB[..2])), jobs);
    assert_eq!(complete(&format!("sql --job = {}", &JOB[..2])), jobs, "bash takes `=` for a word");
    assert_eq!(complete("sql --format = ma"), "markdown\n");
    assert_eq!(complete(&format!("history --job {JOB} --table s")), "songs\n");
    assert_eq!(complete(&format!("explain-row --job {JOB} --table t")), "titles\n");
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        assert!(out(site, &["completions", shell]).contains("full-refresh"), "{shell}");
    }
}

/// The commands that `--help` names.
fn commands(site: &Site<'_>) -> Vec<String> {
    let help = out(site, &["--help"]);
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

fn each_command_has_a_manual_page(site: &Site<'_>) {
    let commands = commands(site);
    assert!(commands.contains(&"check".to_owned()), "{commands:?}");
    // A hyphen is written so in a page.
    let main = out(site, &["man"]).replace("\\-", "-");
    std::fs::create_dir(site.folder().join("man")).unwrap();
    assert_eq!(out(site, &["man", "--out", "man"]), "");
    for command in commands {
        assert!(main.contains(&command), "{command}");
        assert!(site.folder().join(format!("man/runner-{command}.1")).is_file(), "{command}");
    }
    assert!(out(site, &["man", "sql"]).contains("expanded"));
    let plan = out(site, &["man", "plan"]).replace("\\-", "-");
    assert!(plan.contains("runner plan\\fR [OPTIONS] --job <JOB>"), "{plan}");
    let written = std::fs::read_to_string(site.folder().join("man/runner-plan.1")).unwrap();
    for page in [plan, written.replace("\\-", "-")] {
        let title = page.lines().find(|line| line.starts_with(".TH ")).unwrap();
        assert!(title.contains(concat!("\"runner ", env!("CARGO_PKG_VERSION"), "\"")), "{title}");
    }
    let output = site.command(["man", "squeal"]).run();
    assert_eq!(output.status, Some(2));
    assert!(output.stderr.contains("there is no command `squeal`"), "{}", output.stderr);
}

fn what_was_meant_is_asked(site: &Site<'_>) {
    songs(site);
    site.stage("songs/LOAD00000001.csv", "1,a\n");
    let _report = site.run();
    for (args, said) in [
        (&["run", "--job", "shpo"][..], "did you mean `shop`?"),
        (&["rn", "--job", "shop"], "similar subcommand exists: 'run'"),
        (&["run", "--jbo", "shop"], "'--job'"),
        (&["run", "--job", "shop", "--ful-refresh"], "did you mean --full-refresh?"),
        (&["status", "--jbo=shop"], "'--job'"),
        (&["status", "--watch", "0"], "it is a number of seconds from 1 to 86400"),
        (&["sql", "--fromat", "csv", "-c", "SELECT 1"], "'--format'"),
        (&["sql", "--job", "shop", "-c", "SELECT nme FROM songs"], "`name`"),
        (&["sql", "--job", "shop", "-c", "SELECT 1 FROM sngs"], "`songs`"),
        (&["sql", "--job", "shop", "-c", "SELECT 1 FROM target.title"], "titles"),
    ] {
        let output = site.command(args).run();
        assert_eq!(output.status, Some(2), "{args:?}: {}", output.stderr);
        assert!(output.stderr.contains(said), "{args:?}: {}", output.stderr);
    }
}

fn defaults_are_weaker_than_options_and_variables(site: &Site<'_>) {
    std::fs::create_dir(site.folder().join("elsewhere")).unwrap();
    songs(site);
    std::fs::rename(site.folder().join("sql"), site.folder().join("elsewhere/jobs")).unwrap();
    let sql = ["sql", "-c", "SELECT 1 AS a"];
    assert!(out(site, &sql).contains("1 row"));
    std::fs::write(
        site.folder().join("elsewhere/defaults.toml"),
        "jobs = 'jobs'\nformat = 'csv'\nmax_rows = 1\n[vars]\nSTAGED = 'songs'\n",
    )
    .unwrap();
    let with = |args: &[&str]| site.command(args).env("UNGLUE_CONFIG", "elsewhere/defaults.toml");
    assert_eq!(with(&sql).run().stdout, "a\n1\n");
    assert_eq!(with(&sql).env("UNGLUE_FORMAT", "json").run().stdout, "[{\"a\":1}]\n");
    let option = with(&["sql", "--format", "tsv", "-c", "SELECT 1 AS a, 2 AS b"]);
    assert_eq!(option.env("UNGLUE_FORMAT", "json").run().stdout, "a\tb\n1\t2\n");
    // A limit of a terminal is none of a pipe.
    assert_eq!(with(&["sql", "-c", "SELECT explode(array(1, 2)) AS a"]).run().stdout, "a\n1\n2\n");
    // The jobs are beside the file, and a variable of it is the weakest there is.
    let sources = SOURCES.replace("/songs'", "/${STAGED}'");
    std::fs::write(site.folder().join("elsewhere/jobs/shop/sources.sql"), sources).unwrap();
    assert_eq!(with(&["check"]).run().stdout, "shop: good: 1 source, 1 table\n");
    site.stage("songs/LOAD00000001.csv", "1,a\n");
    site.stage("others/LOAD00000001.csv", "1,b\n");
    let names = ["sql", "--job", "shop", "-c", "SELECT name FROM songs"];
    assert_eq!(with(&names).run().stdout, "name\na\n");
    assert_eq!(with(&names).env("STAGED", "others").run().stdout, "name\nb\n");
    // In the current folder, and in the user's own.
    std::fs::write(site.folder().join("unglue.toml"), "format = 'ndjson'").unwrap();
    assert_eq!(out(site, &sql), "{\"a\":1}\n");
    std::fs::create_dir_all(site.folder().join("own/unglue")).unwrap();
    std::fs::write(site.folder().join("own/unglue/config.toml"), "format = 'csv'").unwrap();
    let own = || site.command(sql).env("XDG_CONFIG_HOME", site.folder().join("own"));
    assert_eq!(own().run().stdout, "{\"a\":1}\n");
    std::fs::remove_file(site.folder().join("unglue.toml")).unwrap();
    assert_eq!(own().run().stdout, "a\n1\n");
    assert!(own().env("UNGLUE_CONFIG", "").run().stdout.ends_with("1 row\n"));
}

fn a_file_of_defaults_that_is_wrong_is_refused(site: &Site<'_>) {
    for (text, said) in [
        ("fromat = 'csv'", "did you mean `format`?"),
        ("format = 'xml'", "`format` in unglue.toml has a value that is not known"),
        ("jobs = [", "unglue.toml:1"),
    ] {
        std::fs::write(site.folder().join("unglue.toml"), text).unwrap();
        let output = site.command(["sql", "-c", "SELECT 1"]).run();
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""), "{text}");
        assert!(output.stderr.contains(said), "{text}: {}", output.stderr);
    }
    let _help = out(site, &["--help"]);
    let missing =
        site.command(["sql", "-c", "SELECT 1"]).env("UNGLUE_CONFIG", "nowhere.toml").run();
    assert_eq!(missing.status, Some(2));
    assert!(missing.stderr.contains("nowhere.toml cannot be read"), "{}", missing.stderr);
}

fn the_version_tells_of_the_build(site: &Site<'_>) {
    let short = out(site, &["-V"]);
    assert!(short.starts_with("runner ") && short.contains("(commit "), "{short}");
    assert_eq!(short.lines().count(), 1);
    let long = out(site, &["--version"]);
    for line in ["commit: ", "commit date: ", "target: ", "profile: ", "datafusion: 55."] {
        assert!(long.contains(&format!("\n{line}")), "{long}");
    }
}
