//! First rows that contradict the declaration: refused, whatever becomes of bad rows, and the setting is named.

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, JOB, SQLITE, Site, scenarios};
use crate::scenarios::troubles::assert_told;
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_contradiction_is_refused_and_names_the_setting_whatever_becomes_of_bad_rows,
        a_table_of_texts_takes_no_header_for_a_row_unless_it_is_told_to,
    ]
    .chain(scenarios![servers, [SQLITE, SQLITE.with_s3()];
        columns_of_settings_are_not_added_as_new_ones,
        a_changed_setting_of_the_endpoint_is_told_in_the_next_object,
    ])
    .collect()
}

const LOAD: &str = "t/LOAD00000001.csv";
const CHANGE: &str = "t/20260101-000000000.csv";
const TYPED: &str = "id INT PRIMARY KEY, name VARCHAR(40), n DECIMAL(8,2)";
const TEXTS: &str = "id VARCHAR(20) PRIMARY KEY, name VARCHAR(40), n VARCHAR(20)";
const ASIDE: &str = "rejected_rows = 100\nrejects = '${STAGING}/rejects'\n";

fn declare(site: &Site<'_>, columns: &str, options: &str) {
    let options = if options.is_empty() { String::new() } else { format!("OPTIONS ({options})") };
    let sources = format!(
        "CREATE EXTERNAL TABLE staged ({columns}) STORED AS DMS LOCATION '${{STAGING}}/t' {options}"
    );
    site.job(&[("sources.sql", &sources), ("t.sql", "SELECT id, name, n FROM staged")]);
}

fn assert_contradicted(site: &Site<'_>, object: &str, line: u32, said: &[&str]) {
    // The first run makes the ledger.
    let (_first, before) = (site.fail(), site.dump());
    let place = format!("{}/{object}:{line}: ", site.staging_url());
    let said = [&[place.as_str(), "OPTIONS", "CheckFirstRows"], said].concat();
    for command in ["run", "plan"] {
        assert_told(&site.command([command, "--job", JOB]).run(), 4, &said);
        assert_eq!(site.dump(), before, "{command}");
    }
}

fn a_contradiction_is_refused_and_names_the_setting_whatever_becomes_of_bad_rows(site: &Site<'_>) {
    let good = "1,confidential,1.50\n2,,\n";
    for config in ["", ASIDE] {
        site.job(&[("job.toml", config)]);
        for (columns, options, load, said) in [
            (TYPED, "", "id,name,n\n1,confidential,1.50\n", &["AddColumnName missing"][..]),
            (TEXTS, "", "ID,NAME,N\na,confidential,x\n", &["AddColumnName missing"]),
            (
                TYPED,
                "",
                "I,1,confidential,1.50\nI,2,,\n",
                &["first field of the first rows is I", "was IncludeOpForFullLoad set?"],
            ),
            (TEXTS, "", "I,a,confidential,x\n", &["was IncludeOpForFullLoad set?"]),
            (TEXTS, "", "I,a,confidential\nI,b,confidential\n", &["IncludeOpForFullLoad"]),
            (TYPED, "'IncludeOpForFullLoad' 'true'", good, &["IncludeOpForFullLoad"]),
            (
                TYPED,
                "",
                "2026-01-01 10:00:00.000000,1,confidential,1.50\n",
                &["TimestampColumnName"],
            ),
            (TYPED, "'TimestampColumnName' 'at'", good, &["TimestampColumnName"]),
            (TYPED, "", "1;confidential;1.50\n2;;\n", &["'CsvDelimiter' ';'"]),
            (TYPED, "", "1,confidential,\\N\n2,\\N,\\N\n", &["'CsvNullValue' '\\N'"]),
            (TYPED, "", "1,confidential,1.50\r2,,\r", &["'CsvRowDelimiter' '\\r'"]),
        ] {
            declare(site, columns, options);
            site.stage(LOAD, load);
            assert_contradicted(site, LOAD, 1, said);
        }
        declare(site, TYPED, "");
        site.stage(LOAD, good);
        for (options, change, said) in [
            ("", "1,confidential,2.50\n2,,\n", "CdcInsertsOnly or CdcInsertsAndUpdates missing"),
            ("'CdcInsertsOnly' 'true'", "I,3,confidential,2.50\n", "CdcInsertsOnly"),
            ("", "U,1,confidential,2.50,1\nI,3,,,\n", "BeforeImagePrefix"),
        ] {
            declare(site, TYPED, options);
            site.stage(CHANGE, change);
            assert_contradicted(site, CHANGE, 1, &[said]);
        }
        std::fs::remove_file(site.object(CHANGE)).unwrap();
    }
    // Right, the same objects are read.
    declare(site, TYPED, "'CsvDelimiter' ';', 'AddColumnName' 'true'");
    site.stage(LOAD, "id;name;n\n1;a;1.50\n2;;\n");
    site.run();
    assert_eq!(site.rows("SELECT id, name FROM t ORDER BY id"), ["1|a", "2|NULL"]);
}

fn a_table_of_texts_takes_no_header_for_a_row_unless_it_is_told_to(site: &Site<'_>) {
    declare(site, TEXTS, "");
    site.stage(LOAD, "id,name,n\na,b,c\n");
    assert_contradicted(site, LOAD, 1, &["the first row holds the names of columns"]);
    declare(site, TEXTS, "'CheckFirstRows' 'false'");
    site.run();
    let rows = || site.rows("SELECT id, name, n FROM t ORDER BY id");
    assert_eq!(rows(), ["a|b|c", "id|name|n"]);
    // Whether rows are compared changes nothing of what was read.
    declare(site, TEXTS, "");
    site.stage(CHANGE, "U,a,id,name\nI,x,name,n\n");
    assert_eq!(site.run().models(), ["t row-wise +2 -0"]);
    assert_eq!(rows(), ["a|id|name", "id|name|n", "x|name|n"]);
}

fn columns_of_settings_are_not_added_as_new_ones(site: &Site<'_>) {
    site.job(&[("job.toml", "drift = \"widen\"")]);
    declare(site, TYPED, "");
    site.stage(LOAD, "1,a,1.50\n");
    site.run();
    site.stage(CHANGE, "U,2026-01-01 10:00:00.000000,1,confidential,2.50\n");
    assert_contradicted(site, CHANGE, 1, &["TimestampColumnName"]);
    // One that is new stands at the end.
    site.stage(CHANGE, "U,1,b,2.50,2026-01-01 10:00:00.000000\n");
    site.run();
    assert_eq!(site.rows("SELECT id, name FROM t"), ["1|b"]);
}

fn a_changed_setting_of_the_endpoint_is_told_in_the_next_object(site: &Site<'_>) {
    declare(site, TYPED, "");
    site.stage(LOAD, "1,a,1.50\n");
    site.stage(CHANGE, "U,1,b,2.50\n");
    site.run();
    let next = "t/20260101-000000001.csv";
    site.stage(next, "Op,id,name,n\nU,1,confidential,3.50\n");
    assert_contradicted(site, next, 1, &["AddColumnName"]);
    // One bad row contradicts nothing.
    site.stage(next, "U,1,c,3.50\nU,1,confidential\n");
    let failed = site.fail();
    assert!(!failed.stderr.contains("CheckFirstRows"), "{}", failed.stderr);
    assert!(failed.stderr.contains("narrower than declared"), "{}", failed.stderr);
}
