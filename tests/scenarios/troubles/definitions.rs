//! A job that is not right: status 2, with file, line and column.

use libtest_mimic::Trial;

use crate::scenarios::site::{SQLITE, Site, scenarios};
use crate::scenarios::troubles::{SONGS, SOURCES, assert_told, assert_trouble, prepare};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE];
        a_wrong_declaration_of_a_source_is_told_with_its_place,
        a_wrong_model_is_told_with_its_place,
        a_wrong_job_toml_is_told_with_its_place,
        a_job_that_is_not_there_is_told_with_those_that_are,
        a_variable_without_a_value_is_told_with_its_place,
        wrong_arguments_are_wrong_usage,
    ]
    .collect()
}

/// Puts each wrong text in the place of one file.
fn assert_wrong(site: &Site<'_>, file: &str, right: &str, wrong: &[(&str, &[&str])]) {
    for (text, said) in wrong {
        site.job(&[(file, text)]);
        assert_trouble(site, 2, said);
    }
    site.job(&[(file, right)]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn a_wrong_declaration_of_a_source_is_told_with_its_place(site: &Site<'_>) {
    prepare(site);
    let with = |from: &str, to: &str| {
        assert!(SOURCES.contains(from));
        SOURCES.replace(from, to)
    };
    let wrong: [(String, &[&str]); 12] = [
        (with("DECIMAL(10,2)", "MONEYS"), &["sources.sql:4:5", "MONEYS"]),
        (with("DECIMAL(10,2)", "INTERVAL"), &["sources.sql:1:", "`sold`", "INTERVAL"]),
        (with("LOCATION '${STAGING}/songs'", ""), &["sources.sql:1:1: ", "LOCATION"]),
        (
            with("songs'", "songs' OPTIONS ('CsvNulValue' '-')"),
            &["sources.sql:1:", "unknown option `", "did you mean `CsvNullValue`?"],
        ),
        (
            with("songs'", "songs' OPTIONS ('DataFormat' 'avro')"),
            &["sources.sql:1:", "DataFormat", "csv and parquet"],
        ),
        (
            with("songs'", "songs' OPTIONS ('AddColumnName' 'perhaps')"),
            &["sources.sql:1:", "AddColumnName", "true or false"],
        ),
        (with("day DATE", "title DATE"), &["sources.sql:", "title"]),
        (with("KEY (id)", "KEY (idd)"), &["sources.sql:", "idd"]),
        (with("STORED AS DMS", "STORED AS PARQUET"), &["sources.sql:1:", "STORED AS DMS"]),
        (with("id INT,", "id INT"), &["sources.sql:3:5"]),
        (format!("{SOURCES}{SOURCES}"), &["sources.sql:10:", "`staged` is declared twice"]),
        (format!("{SOURCES}\nSELECT 1"), &["sources.sql:11:1", "not a CREATE EXTERNAL TABLE"]),
    ];
    let wrong: Vec<_> = wrong.iter().map(|(text, said)| (text.as_str(), *said)).collect();
    assert_wrong(site, "sources.sql", SOURCES, &wrong);
}

fn a_wrong_model_is_told_with_its_place(site: &Site<'_>) {
    prepare(site);
    assert_wrong(
        site,
        "songs.sql",
        SONGS,
        &[
            ("SELECT id,\nFROM staged", &["songs.sql:2:"]),
            ("SELEC id FROM staged", &["songs.sql:1:1"]),
            ("SELECT id FROM staged WHERE (title = 'a'\n", &["songs.sql:1:41"]),
            ("SELECT id,\n  tilte FROM staged", &["songs.sql:2:3", "tilte", "title"]),
            ("SELECT id FROM\n  stagde", &["songs.sql", "`stagde`", "staged"]),
            ("SELECT id, uper(title) AS t FROM staged", &["songs.sql:1:12", "uper", "upper"]),
            ("SELECT id FROM staged;\nSELECT 2 AS id", &["songs.sql:2:1", "second statement"]),
            ("DELETE FROM staged", &["songs.sql:1:1", "not a SELECT"]),
            ("CREATE TABLE x AS SELECT 1 AS a", &["songs.sql", "not a SELECT"]),
            ("-- nothing", &["songs.sql", "no statement"]),
            ("SELECT id, id FROM staged", &["songs.sql", "id"]),
            ("SELECT id, upper(title, day) AS x FROM staged", &["songs.sql", "upper"]),
            (
                "SELECT id, to_char(id, '9') AS x FROM staged",
                &["songs.sql:1:12", "to_char", "format_number"],
            ),
            ("SELECT id, random() AS r FROM staged", &["songs.sql", "random"]),
            ("SELECT * FROM songs", &["songs.sql", "songs"]),
        ],
    );
    site.job(&[
        ("a.sql", "SELECT id FROM b"),
        ("b.sql", "SELECT id FROM _c"),
        ("_c.sql", "SELECT id FROM a"),
    ]);
    assert_trouble(site, 2, &["circle", "_c -> a -> b -> _c"]);
}

fn a_wrong_job_toml_is_told_with_its_place(site: &Site<'_>) {
    prepare(site);
    assert_wrong(
        site,
        "job.toml",
        "",
        &[
            ("target = '${TARGET}'\ntagret = 'x'", &["job.toml:2:1", "tagret", "target"]),
            ("target = mysql://u:secret@h/d", &["job.toml:1:"]),
            ("[model.songs]\nkeys = ['id']", &["job.toml:2:1", "keys", "key"]),
            ("[model.sonsg]\nkey = ['id']", &["job.toml", "`sonsg`"]),
            ("[model.songs]\nkey = ['idd']", &["job.toml", "`idd`", "id, title, sold, day"]),
            ("[model.songs]\nkey = 'id'", &["job.toml:2:"]),
            ("[model.songs]\ntable = 'a.b.c'", &["job.toml", "songs", "a.b.c"]),
        ],
    );
}

fn a_job_that_is_not_there_is_told_with_those_that_are(site: &Site<'_>) {
    prepare(site);
    site.job_named("other", &[("sources.sql", SOURCES)]);
    let told = |args: &[&str], said: &[&str]| {
        assert_told(&site.command(args).run(), 2, said);
    };
    told(&["run", "--job", "shpo"], &["`shpo`", "other, shop", "--jobs"]);
    told(&["run", "--job", "../shop"], &["--job", "letters"]);
    told(&["run", "--job", "shop", "--jobs", "nowhere"], &["nowhere", "--jobs"]);
    told(&["run", "--job", "other"], &["no model"]);
    site.job_named("empty", &[("readme.txt", "not SQL")]);
    told(&["run", "--job", "empty"], &["empty", "sources.sql"]);
    site.job_named("unsourced", &[("a.sql", "SELECT 1 AS a")]);
    told(&["status", "--job", "unsourced"], &["unsourced", "sources.sql"]);
}

fn a_variable_without_a_value_is_told_with_its_place(site: &Site<'_>) {
    prepare(site);
    site.job(&[("sources.sql", &SOURCES.replace("${STAGING}", "${STAGIN}"))]);
    assert_trouble(site, 2, &["sources.sql:9:11", "`STAGIN`", "--var STAGIN=", ":-"]);
    let var = format!("STAGIN={}", site.staging_url());
    assert_eq!(site.run_with(&["--var", &var]).outcome(), "nothing_to_do");
}

fn wrong_arguments_are_wrong_usage(site: &Site<'_>) {
    prepare(site);
    for args in [
        &["run"][..],
        &["run", "--jop", "shop"],
        &["run", "--job", "shop", "--output", "xml"],
        &["run", "--job", "shop", "--lock-wait", "forever"],
        &["walk", "--job", "shop"],
        &[],
        &["run", "--job", "shop", "--var", "no value"],
        &["run", "--job", "shop", "--s3_target_path_bucket", "b"],
        &["sql", "-c", "SELECT 1", "-f", "x.sql"],
        &["sql", "-f", "x.sql"],
        &["sql", "-c", "SELECT nope"],
    ] {
        let output = site.command(args).run();
        assert_eq!(output.status, Some(2), "{args:?}: {}", output.stderr);
        assert_eq!(output.stdout, "", "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
}
