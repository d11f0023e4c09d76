//! Whose a table is: what a run would refuse is told by a plan and by the status, and a job has its own tables back.

use libtest_mimic::Trial;

use super::{FIRST, LOAD, SONGS, SOURCES, TOTALS, plan_with, songs};
use crate::scenarios::site::{EACH, SQLITE, Site, scenarios};
use crate::support::{Output, Shared};

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_table_that_the_job_left_is_not_taken_back_without_a_word,
        a_table_of_renamed_columns_is_dropped_and_built_anew,
    ]
    .chain(scenarios![servers, [SQLITE];
        a_model_that_comes_back_has_an_empty_table_again,
        rows_of_nobody_are_told_by_the_status_too,
    ])
    .collect()
}

/// The job loses the model `totals`, runs without it, and has it again.
fn come_and_go(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS), ("totals.sql", TOTALS)]);
    site.stage(LOAD, "1,a,1\n2,a,2\n");
    site.run();
    std::fs::remove_file(site.folder().join("sql/shop/totals.sql")).unwrap();
    site.stage(FIRST, "I,3,b,3\n");
    site.run();
    site.job(&[("totals.sql", TOTALS)]);
}

fn status(site: &Site<'_>) -> Output {
    site.command(["status", "--job", "shop"]).run()
}

fn a_table_that_the_job_left_is_not_taken_back_without_a_word(site: &Site<'_>) {
    come_and_go(site);
    let said =
        "table `totals` has rows that somebody may have written since this job left the table";
    for command in ["status", "plan", "run"] {
        let output = site.command([command, "--job", "shop"]).run();
        assert_eq!(output.status, Some(4), "{command}: {output:?}");
        assert!(
            format!("{}{}", output.stdout, output.stderr).contains(said),
            "{command}: {output:?}"
        );
    }
    let plan = plan_with(site, &["--take-over"]);
    assert_eq!(plan.status, Some(0), "{}", plan.stderr);
    let said = "  rows   1 to insert, 0 to update, 0 to delete, 1 unchanged";
    assert!(plan.stdout.contains(said), "{}", plan.stdout);
    assert_eq!(site.run_with(&["--take-over"]).models(), ["totals full load +2 -0"]);
    assert_eq!(site.rows("SELECT title, total FROM totals ORDER BY title"), ["a|3", "b|3"]);
    // Now it is known whose it is.
    assert_eq!(status(site).status, Some(0));
}

fn a_model_that_comes_back_has_an_empty_table_again(site: &Site<'_>) {
    come_and_go(site);
    site.execute("DELETE FROM totals");
    let told = status(site);
    let said =
        "\nmodel totals: the job has the model again, so the next run builds its table anew\n";
    assert!(told.status == Some(0) && told.stdout.contains(said), "{told:?}");
    assert_eq!(site.run().models(), ["totals full load +2 -0"]);
}

fn rows_of_nobody_are_told_by_the_status_too(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    site.stage(LOAD, "1,a,1\n");
    site.run();
    site.execute("CREATE TABLE totals (title TEXT, total BIGINT)");
    site.job(&[("totals.sql", TOTALS)]);
    assert_eq!(status(site).status, Some(0), "it has no rows");
    site.execute("INSERT INTO totals VALUES ('mine', 1)");
    let told = status(site);
    assert_eq!(told.status, Some(4), "{told:?}");
    assert!(told.stdout.contains("\nrefused\n"), "{}", told.stdout);
    for said in ["table `totals` has rows that no run of this job wrote", "--take-over"] {
        assert!(told.stderr.contains(said), "{said}: {}", told.stderr);
    }
    assert_eq!(plan_with(site, &[]).status, Some(4));
}

/// As after `init`, which numbers columns that have no names.
fn a_table_of_renamed_columns_is_dropped_and_built_anew(site: &Site<'_>) {
    let numbered =
        "CREATE EXTERNAL TABLE staged (column_1 BIGINT, column_2 VARCHAR(40), column_3 BIGINT,
        PRIMARY KEY (column_1, column_2)) STORED AS DMS LOCATION '${STAGING}/songs'";
    site.job(&[("sources.sql", numbered), ("songs.sql", "SELECT * FROM staged")]);
    site.stage(LOAD, "1,a,1\n2,b,2\n");
    site.run();
    site.job(&[("sources.sql", SOURCES)]);
    let run = site.fail();
    assert_eq!(run.status, Some(4), "{run:?}");
    let next = "  next: DROP TABLE songs, if nothing else is in it, and the next run builds it anew from what is staged; or give the model another table";
    assert!(run.stderr.contains(next), "{}", run.stderr);
    site.execute("DROP TABLE songs");
    site.run();
    assert_eq!(songs(site), ["1|a|1", "2|b|2"]);
}
