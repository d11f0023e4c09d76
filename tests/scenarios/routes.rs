//! `runner routes`: what it prints is what the function that events invoke takes.

use lambda::routes::Routes;
use libtest_mimic::Trial;

use crate::scenarios::site::{SQLITE, Site, scenarios};
use crate::support::{Output, Shared};

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE.with_s3()];
        the_function_finds_every_job_by_its_objects,
        jobs_on_s3_are_found_by_their_folders,
        a_job_that_is_wrong_is_named,
    ]
    .chain(scenarios![servers, [SQLITE];
        what_is_on_this_machine_is_told_and_has_no_route,
    ])
    .collect()
}

const MODEL: &str = "SELECT id FROM staged";

/// A job's sources.sql.
fn source(location: &str, options: &str) -> String {
    format!(
        "CREATE EXTERNAL TABLE staged (id INT PRIMARY KEY) STORED AS DMS LOCATION '{location}' OPTIONS ({options})"
    )
}

/// The routes that a command prints, in a place where nothing can be connected to.
fn routes(site: &Site<'_>, args: &[&str]) -> Output {
    let args = ["routes"].iter().chain(args);
    site.command(args).env("TARGET", "mysql://nobody@127.0.0.1:1/nowhere").run()
}

fn parsed(output: &Output) -> Routes {
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    output.stdout.parse().unwrap()
}

/// The jobs of an object in the place's bucket.
fn jobs(routes: &Routes, site: &Site<'_>, key: &str) -> Vec<String> {
    let url = format!("{}/{key}", site.staging_url());
    let found = routes.jobs(&url).unwrap_or_default();
    found.into_iter().map(ToString::to_string).collect()
}

fn the_function_finds_every_job_by_its_objects(site: &Site<'_>) {
    let ordered = "'PreserveTransactions' 'true', 'CdcPath' 'cdc/tx'";
    let target = ("job.toml", "target = 'mysql://me@${HOST_OF_NOBODY}/shop'");
    let orders = source("${STAGING}/shop/orders/", "'CsvDelimiter' ','");
    site.job_named("orders", &[("sources.sql", &orders), ("t.sql", MODEL), target]);
    let both = source("${STAGING}/${SCHEMA}/orders", ordered);
    site.job_named("changes", &[("sources.sql", &both), ("t.sql", MODEL)]);
    std::fs::create_dir(site.folder().join("sql/drafts")).unwrap();
    std::fs::create_dir(site.folder().join("sql/.hidden")).unwrap();
    let output = routes(site, &["--var", "SCHEMA=shop"]);
    let found = parsed(&output);
    for skipped in ["`drafts` is no job", "`.hidden` is no job"] {
        assert!(output.stderr.contains(skipped), "{}", output.stderr);
    }
    let load = "shop/orders/LOAD00000001.csv";
    assert_eq!(jobs(&found, site, load), ["changes", "orders"]);
    assert_eq!(jobs(&found, site, "cdc/tx/20260327-081500000.csv"), ["changes"]);
    assert!(jobs(&found, site, "shop/orders_old/LOAD00000001.csv").is_empty());
    let bucket = site.staging_url();
    let whole = format!(
        "{{\"{bucket}/cdc/tx/\":[\"changes\"],\"{bucket}/shop/orders/\":[\"changes\",\"orders\"]}}\n"
    );
    assert_eq!(output.stdout, whole);
    let one = parsed(&routes(site, &["--job", "orders", "--job", "orders"]));
    assert_eq!(jobs(&one, site, load), ["orders"]);
}

fn jobs_on_s3_are_found_by_their_folders(site: &Site<'_>) {
    let beside = source("../../lake/shop/orders", "'CdcPath' 'cdc'");
    for (key, text) in [
        ("jobs/a/sources.sql", beside.as_str()),
        ("jobs/a/t.sql", MODEL),
        ("jobs/b/sources.sql", &source("${STAGING}/lake/shop/items", "'CsvDelimiter' ','")),
        ("jobs/b/t.sql", MODEL),
        ("jobs/notes/read.me", "what is this"),
        ("jobs/c d/sources.sql", "no job has such a name"),
        ("jobs/routes.json", "{}"),
    ] {
        site.stage(key, text);
    }
    let folder = format!("{}/jobs/", site.staging_url());
    let output = routes(site, &["--jobs", &folder]);
    let found = parsed(&output);
    assert!(output.stderr.contains("`notes` is no job"), "{}", output.stderr);
    assert_eq!(jobs(&found, site, "lake/shop/orders/LOAD00000001.csv"), ["a"]);
    assert_eq!(jobs(&found, site, "lake/cdc/shop/orders/20260327-081500000.csv"), ["a"]);
    assert_eq!(jobs(&found, site, "lake/shop/items/LOAD00000001.csv"), ["b"]);
    assert_eq!(found.all().len(), 2);
    let nowhere = routes(site, &["--jobs", &format!("{}/empty", site.staging_url())]);
    assert_eq!((nowhere.status, nowhere.stdout.as_str()), (Some(2), ""));
    assert!(nowhere.stderr.contains("there is no job in"), "{}", nowhere.stderr);
}

fn a_job_that_is_wrong_is_named(site: &Site<'_>) {
    let right = source("${STAGING}/shop/orders/", "'CsvDelimiter' ','");
    site.job_named("right", &[("sources.sql", &right), ("t.sql", MODEL)]);
    site.job_named("wrong", &[("sources.sql", &right), ("t.sql", "SELECT nothing FROM staged")]);
    let output = routes(site, &[]);
    assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""));
    assert!(output.stderr.contains("job `wrong`: t.sql:1:"), "{}", output.stderr);
    let output = routes(site, &["--job", "right"]);
    assert_eq!(jobs(&parsed(&output), site, "shop/orders/LOAD00000001.csv"), ["right"]);
    let output = routes(site, &["--job", "rihgt"]);
    assert_eq!(output.status, Some(2));
    assert!(output.stderr.contains("there is no job `rihgt`"), "{}", output.stderr);
}

fn what_is_on_this_machine_is_told_and_has_no_route(site: &Site<'_>) {
    let local = source("${STAGING}/shop/orders/", "'CsvDelimiter' ','");
    site.job_named("local", &[("sources.sql", &local), ("t.sql", MODEL)]);
    let output = routes(site, &[]);
    assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""));
    assert!(output.stderr.contains("no source of a job is on S3"), "{}", output.stderr);
    let staged = source("s3://acme/shop/items", "'CsvDelimiter' ','");
    let half = format!("{staged}; {}", local.replace("staged", "other"));
    site.job_named("half", &[("sources.sql", &half), ("t.sql", MODEL)]);
    let output = routes(site, &[]);
    let found = parsed(&output);
    for note in [
        "note: job `half`: source `other`: ",
        "/shop/orders/ is not on S3 and is left out",
        "note: job `local`: none of its sources is on S3, so no event is for it",
    ] {
        assert!(output.stderr.contains(note), "{}", output.stderr);
    }
    assert_eq!(output.stdout, "{\"s3://acme/shop/items/\":[\"half\"]}\n");
    assert_eq!(found.all().len(), 1);
    let missing = routes(site, &["--jobs", "nowhere"]);
    assert_eq!(missing.status, Some(2));
    assert!(missing.stderr.contains("there is no job in"), "{}", missing.stderr);
}
