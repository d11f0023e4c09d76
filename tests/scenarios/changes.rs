//! Changes that say more than what a row is now: keys that move, sequences, columns that stay as they were.

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        an_update_of_a_key_moves_the_row_where_before_images_tell_its_old_key,
        without_before_images_the_row_of_the_old_key_stays,
        changes_that_dms_repeats_after_a_restart_change_nothing_where_a_sequence_orders_them,
        columns_that_an_update_leaves_out_keep_their_values,
        columns_that_rules_add_are_columns_like_others,
        a_sequence_that_is_declared_again_is_compared_with_all_that_came_meanwhile,
        widening_is_refused_where_a_new_column_could_be_taken_for_an_old_key,
    ]
    .collect()
}

const MODEL: &str = "SELECT id, name, n FROM staged";
const BY_NAME: &str = "SELECT name, count(*) AS c, sum(n) AS n FROM staged GROUP BY name";

fn sources(columns: &str, options: &str) -> String {
    format!(
        "CREATE EXTERNAL TABLE staged (id INT PRIMARY KEY, name VARCHAR(20), n INT{columns})
         STORED AS DMS LOCATION '${{STAGING}}/t' OPTIONS ({options})"
    )
}

fn rows(site: &Site<'_>) -> Vec<String> {
    site.rows("SELECT id, name, n FROM t ORDER BY id")
}

fn groups(site: &Site<'_>) -> Vec<String> {
    site.rows("SELECT name, c, n FROM by_name ORDER BY name")
}

fn job(site: &Site<'_>, columns: &str, options: &str) {
    let sources = sources(columns, options);
    site.job(&[("sources.sql", &sources), ("t.sql", MODEL), ("by_name.sql", BY_NAME)]);
}

fn an_update_of_a_key_moves_the_row_where_before_images_tell_its_old_key(site: &Site<'_>) {
    job(site, ", BI_id INT", "'BeforeImagePrefix' 'BI_'");
    site.stage("t/LOAD00000001.csv", "1,a,10,\n2,b,20,\n3,a,30,\n");
    site.run();
    site.stage("t/20260101-000000000.csv", "U,9,a,11,1\nU,2,b,21,2\n");
    assert_eq!(site.run().models(), ["by_name replay +2 -0", "t row-wise +2 -1"]);
    assert_eq!(rows(site), ["2|b|21", "3|a|30", "9|a|11"]);
    // On and back, within one object and between two.
    site.stage("t/20260101-000000001.csv", "U,8,a,12,9\nU,1,a,13,8\nU,8,b,22,2\n");
    site.stage("t/20260101-000000002.csv", "U,2,c,23,8\nD,3,,,3\n");
    site.run();
    assert_eq!(rows(site), ["1|a|13", "2|c|23"]);
    assert_eq!(groups(site), ["a|1|13", "c|1|23"]);
    assert_eq!(site.run().outcome(), "nothing_to_do");
    let before = (rows(site), groups(site));
    site.run_with(&["--full-refresh"]);
    assert_eq!((rows(site), groups(site)), before);
}

fn without_before_images_the_row_of_the_old_key_stays(site: &Site<'_>) {
    job(site, "", "'AllowEmpty' 'true'");
    site.stage("t/LOAD00000001.csv", "1,a,10\n");
    site.stage("t/20260101-000000000.csv", "U,9,a,11\n");
    site.run();
    assert_eq!(rows(site), ["1|a|10", "9|a|11"], "as docs/jobs.md says");
    let doctor = site.command(["doctor", "--job", "shop"]).run();
    assert!(doctor.stdout.contains("note     source.key_updates"), "{}", doctor.stdout);
    assert!(doctor.stdout.contains("BeforeImagePrefix"), "{}", doctor.stdout);
    job(site, ", BI_id INT", "'BeforeImagePrefix' 'BI_'");
    let doctor = site.command(["doctor", "--job", "shop"]).run();
    assert!(!doctor.stdout.contains("source.key_updates"), "{}", doctor.stdout);
}

fn sequence(number: u32) -> String {
    format!("2026010100000000{number:019}")
}

fn changes_that_dms_repeats_after_a_restart_change_nothing_where_a_sequence_orders_them(
    site: &Site<'_>,
) {
    job(site, ", seq VARCHAR(35)", "'ChangeSequenceColumn' 'seq'");
    let change =
        |op: &str, id: u32, n: u32, number: u32| format!("{op},{id},a,{n},{}\n", sequence(number));
    site.stage("t/LOAD00000001.csv", "1,a,10,\n2,a,20,\n3,a,30,\n");
    site.run();
    let first = [change("U", 1, 11, 1), change("U", 1, 12, 2), change("D", 2, 0, 3)];
    site.stage("t/20260101-000000000.csv", first.concat());
    assert_eq!(site.run().models()[1], "t row-wise +1 -1");
    let expected = ["1|a|12", "3|a|30"];
    assert_eq!(rows(site), expected);
    // Only the first of them has been repeated so far.
    site.stage("t/20260101-000000001.csv", change("U", 1, 11, 1));
    let plan = site.command(["plan", "--job", "shop"]).run();
    let told = "changes of `staged` leave columns out, or are older than applied ones";
    assert!(plan.stdout.contains(told), "{}", plan.stdout);
    assert_eq!(site.run().models(), ["by_name replay +0 -0", "t replay +0 -0"]);
    assert_eq!(rows(site), expected);
    // The rest, and what is new.
    let rest = [change("U", 1, 12, 2), change("D", 2, 0, 3), change("U", 3, 31, 4)];
    site.stage("t/20260101-000000002.csv", rest.concat());
    site.run();
    assert_eq!(rows(site), ["1|a|12", "3|a|31"]);
    site.stage("t/20260101-000000003.csv", change("I", 2, 21, 5));
    assert_eq!(site.run().models()[1], "t row-wise +1 -0");
    assert_eq!(rows(site), ["1|a|12", "2|a|21", "3|a|31"]);
    assert_eq!(groups(site), ["a|3|64"]);
    site.run_with(&["--full-refresh"]);
    assert_eq!(rows(site), ["1|a|12", "2|a|21", "3|a|31"]);
    site.stage("t/20260101-000000004.csv", change("U", 2, 22, 6));
    assert_eq!(site.run().models()[1], "t row-wise +1 -0");
}

fn columns_that_an_update_leaves_out_keep_their_values(site: &Site<'_>) {
    job(site, "", "'UseCsvNoSupValue' 'true', 'CsvNoSupValue' 'n/a'");
    site.stage("t/LOAD00000001.csv", "1,a,10\n2,n/a,20\n3,c,30\n");
    site.run();
    assert_eq!(rows(site), ["1|a|10", "2|n/a|20", "3|c|30"], "it is a text in a full load");
    site.stage("t/20260101-000000000.csv", "U,1,n/a,11\nU,2,b,n/a\nI,4,n/a,40\n");
    assert_eq!(site.run().models()[1], "t replay +3 -0");
    assert_eq!(rows(site), ["1|a|11", "2|b|20", "3|c|30", "4|NULL|40"]);
    // What leaves nothing out needs no more than itself.
    site.stage("t/20260101-000000001.csv", "U,1,,12\nD,3,n/a,n/a\n");
    assert_eq!(site.run().models()[1], "t row-wise +1 -1");
    site.stage("t/20260101-000000002.csv", "U,1,n/a,n/a\nU,3,n/a,31\n");
    site.run();
    assert_eq!(rows(site), ["1|NULL|12", "2|b|20", "3|NULL|31", "4|NULL|40"]);
    site.run_with(&["--full-refresh"]);
    assert_eq!(rows(site), ["1|NULL|12", "2|b|20", "3|NULL|31", "4|NULL|40"]);
    assert_eq!(groups(site), ["NULL|3|83", "b|1|20"]);
}

fn columns_that_rules_add_are_columns_like_others(site: &Site<'_>) {
    let sources = sources(
        ", op_word VARCHAR(10), committed DATETIME(6), changed_by VARCHAR(20), seq VARCHAR(35)",
        "'TimestampColumnName' 'committed'",
    );
    let model = "SELECT id, op_word, CAST(committed AS DATE) AS day, changed_by FROM staged";
    site.job(&[("sources.sql", &sources), ("t.sql", model)]);
    site.stage(
        "t/LOAD00000001.csv",
        "2026-01-01 00:00:00.000000,1,a,10,INSERT,,\n2026-01-01 00:00:00.000000,2,b,20,INSERT,,\n",
    );
    let change = |op: &str, id: u32, word: &str| {
        format!("{op},2026-01-02 03:04:05.123456,{id},a,1,{word},ann,{}\n", sequence(id))
    };
    let changes = [change("U", 1, "UPDATE"), change("D", 2, "DELETE"), change("I", 3, "INSERT")];
    site.stage("t/20260102-000000000.csv", changes.concat());
    site.run();
    let found = site.rows("SELECT id, op_word, day, changed_by FROM t ORDER BY id");
    assert_eq!(found, ["1|UPDATE|2026-01-02|ann", "3|INSERT|2026-01-02|ann"]);
}

fn a_sequence_that_is_declared_again_is_compared_with_all_that_came_meanwhile(site: &Site<'_>) {
    const SEQUENCED: &str = "'ChangeSequenceColumn' 'seq'";
    let change = |n: u32, number: u32| format!("U,1,a,{n},{}\n", sequence(number));
    job(site, ", seq VARCHAR(35)", SEQUENCED);
    site.stage("t/LOAD00000001.csv", "1,a,10,\n");
    site.stage("t/20260101-000000000.csv", change(11, 1));
    site.run();
    job(site, ", seq VARCHAR(35)", "'AllowEmpty' 'true'");
    site.stage("t/20260101-000000001.csv", change(15, 5));
    site.run();
    job(site, ", seq VARCHAR(35)", SEQUENCED);
    site.run();
    site.stage("t/20260101-000000002.csv", change(13, 3));
    site.run();
    assert_eq!(rows(site), ["1|a|15"]);
}

fn widening_is_refused_where_a_new_column_could_be_taken_for_an_old_key(site: &Site<'_>) {
    let sources = sources(", BI_id INT", "'BeforeImagePrefix' 'BI_'");
    let config = "target = '${TARGET}'\ndrift = 'widen'\n";
    site.job(&[("sources.sql", &sources), ("t.sql", MODEL), ("job.toml", config)]);
    site.stage("t/LOAD00000001.csv", "1,a,10,\n");
    let refused = site.fail();
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("does not go together with before-images"),
        "{}",
        refused.stderr
    );
}
