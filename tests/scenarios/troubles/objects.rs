//! Objects that cannot be applied: status 4, named by object and line, never by what stands in them.

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, MARIADB, MYSQL, SQLITE, Site, gzipped, scenarios};
use crate::scenarios::troubles::{LOAD, SONGS, SOURCES, assert_told, assert_trouble, prepare};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_bad_row_is_told_by_object_and_line,
        a_broken_gzip_is_told_by_object,
        a_missing_or_empty_folder_is_told,
    ]
    .chain(scenarios![servers, [SQLITE];
        bad_rows_in_a_full_load_and_in_gzip_are_told_by_line_too,
        many_bad_rows_are_told_together,
        an_object_that_cannot_be_read_is_told,
        sql_that_fails_on_a_row_does_not_tell_its_value,
    ])
    .chain(scenarios![servers, [SQLITE.with_s3(), MYSQL.with_s3(), MARIADB.with_s3()];
        an_object_that_changes_between_listing_and_reading_is_read_by_the_next_run,
    ])
    .collect()
}

const OBJECT: &str = "songs/20260101-000000000.csv";
const GOOD: &str = "U,1,uno,2.50,2026-01-02\n";

fn a_bad_row_is_told_by_object_and_line(site: &Site<'_>) {
    prepare(site);
    let bad: [(&[u8], &[&str]); 16] = [
        (b"U,1,confidential,1.00\n", &["fields"]),
        (b"U,1,confidential,1.00,2026-01-01,more\n", &["fields"]),
        (b"U,confidential,a,1.00,2026-01-01\n", &["column `id`"]),
        (b"U,,confidential,1.00,2026-01-01\n", &["column `id`", "NULL"]),
        (b"U,1,a,confidential,2026-01-01\n", &["column `sold`"]),
        (b"U,1,a,1.001,2026-01-01\n", &["column `sold`", "digits"]),
        (b"U,1,a,123456789.00,2026-01-01\n", &["column `sold`", "range"]),
        (b"U,1,a,1.00,confidential\n", &["column `day`"]),
        (b"U,1,a,1.00,2026-02-30\n", &["column `day`"]),
        (b"U,99999999999,a,1.00,2026-01-01\n", &["column `id`", "range"]),
        (b"U,1,\"confidential,1.00,2026-01-01\n", &["closing quote", "the rest was not read"]),
        (b"U,1,\"a\"confidential,1.00,2026-01-01\n", &["closing quote", "the rest was not read"]),
        (b"U,1,confi\"dential,1.00,2026-01-01\n", &["quote inside", "the rest was not read"]),
        (b"D,,confidential,,\n", &["column `id`", "NULL"]),
        (b"U,1,confidential\xff\xfe,1.00,2026-01-01\n", &["column `title`", "UTF-8"]),
        (b"X,1,confidential,1.00,2026-01-01\n", &["I, U"]),
    ];
    for (row, said) in bad {
        site.stage(OBJECT, [GOOD.as_bytes(), row, GOOD.as_bytes()].concat());
        let place = format!("{}/{OBJECT}:2", site.staging_url());
        assert_trouble(site, 4, &[&[place.as_str()], said].concat());
    }
    site.stage(OBJECT, GOOD);
    assert_eq!(site.run().models(), ["songs row-wise +1 -0"]);
}

fn a_broken_gzip_is_told_by_object(site: &Site<'_>) {
    prepare(site);
    let object = format!("{OBJECT}.gz");
    let whole = gzipped(&GOOD.repeat(5000));
    let mut wrong_sum = whole.clone();
    let place = wrong_sum.len() - 8;
    wrong_sum[place] ^= 1;
    for bytes in [
        &b"U,1,confidential,1.00,2026-01-01\n"[..],
        &whole[..whole.len() / 2],
        &whole[..whole.len() - 4],
        &wrong_sum,
        &[&whole[..], b"trailing"].concat(),
    ] {
        site.stage(&object, bytes);
        assert_trouble(site, 4, &[&object]);
    }
    site.stage(&object, &whole);
    assert_eq!(site.run().objects(), ["20260101-000000000.csv.gz change 5000"]);
}

fn a_missing_or_empty_folder_is_told(site: &Site<'_>) {
    site.job(&[("sources.sql", SOURCES), ("songs.sql", SONGS)]);
    let place = format!("{}/songs/", site.staging_url());
    let before = site.dump();
    let told = |said: &[&str]| {
        assert_told(&site.command(["plan", "--job", "shop"]).run(), 2, said);
        assert_eq!(site.dump(), before);
        let failed = site.fail();
        assert_told(&failed, 2, said);
    };
    let missing: &[&str] = if site.is_s3() { &["`staged`"] } else { &["no folder"] };
    told(&[&[place.as_str(), "LOCATION"], missing].concat());
    std::fs::create_dir(site.object("songs")).unwrap();
    let names = ["`staged`", "nothing in", place.as_str(), "LOCATION", "LOAD00000001.csv"];
    assert_told(&site.fail(), 2, &names);
    site.stage("songs/notes.txt", "hello");
    site.stage("songs/archive/20260101-000000000.csv", GOOD);
    let names = ["`staged`", "no object of DMS in", "2 others", place.as_str(), ".csv", "LOCATION"];
    assert_told(&site.fail(), 2, &names);
    site.stage("songs/LOAD00000001.csv", LOAD);
    assert_eq!(site.run().models(), ["songs full load +2 -0"]);
}

fn bad_rows_in_a_full_load_and_in_gzip_are_told_by_line_too(site: &Site<'_>) {
    prepare(site);
    // A line break within quotes is a line too.
    let rows = "3,\"a\r\nb\",1.00,2026-01-01\r\n\r\nconfidential,c,1.00,2026-01-01\r\n";
    site.stage("songs/LOAD00000001.csv", rows);
    assert_trouble(site, 4, &["songs/LOAD00000001.csv:4", "`id`"]);
    site.stage("songs/LOAD00000001.csv", LOAD);
    site.stage(&format!("{OBJECT}.gz"), gzipped(&format!("{GOOD}{GOOD}Q,1,confidential,,\n")));
    assert_trouble(site, 4, &[&format!("{OBJECT}.gz:3")]);
}

fn many_bad_rows_are_told_together(site: &Site<'_>) {
    prepare(site);
    let bad = "U,confidential,a,1.00,2026-01-01\n";
    site.stage(OBJECT, format!("{bad}{GOOD}{bad}"));
    assert_trouble(site, 4, &[&format!("{OBJECT}:1"), &format!("{OBJECT}:3")]);
    site.stage(OBJECT, bad.repeat(1000));
    let stderr = site.fail().stderr;
    assert!(stderr.lines().count() < 30 && stderr.contains("more rows may be wrong"), "{stderr}");
}

fn an_object_that_cannot_be_read_is_told(site: &Site<'_>) {
    prepare(site);
    // Files without the right to read do not exist for root, a link to itself does.
    let object = site.object(OBJECT);
    std::os::unix::fs::symlink(&object, &object).unwrap();
    let before = site.dump();
    let output = site.fail();
    assert_ne!(output.status, Some(0), "{}", output.stdout);
    assert_told(&output, output.status.unwrap(), &["songs"]);
    assert_eq!(site.dump(), before);
    std::fs::remove_file(&object).unwrap();
    // A folder of such a name is a folder.
    std::fs::create_dir(&object).unwrap();
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn sql_that_fails_on_a_row_does_not_tell_its_value(site: &Site<'_>) {
    prepare(site);
    let cast = "SELECT id, arrow_cast(title, 'Int32') AS title, sold, day FROM staged WHERE id > 2";
    site.job(&[("songs.sql", cast)]);
    site.run_with(&["--allow-deletes"]);
    site.stage(OBJECT, "I,3,confidential,1.00,2026-01-01\n");
    assert_trouble(site, 4, &["INT", "NULLIF"]);
    site.job(&[("songs.sql", &cast.replace("arrow_cast(title, 'Int32')", "CAST(title AS INT)"))]);
    site.run();
    assert_eq!(site.rows("SELECT title FROM songs"), ["NULL"]);
}

fn an_object_that_changes_between_listing_and_reading_is_read_by_the_next_run(site: &Site<'_>) {
    prepare(site);
    let place = format!("{}/{OBJECT}", site.staging_url());
    let other = GOOD.replace("uno", "une");
    // Of the same size and time: nothing but the tag tells. Then one that is cut off, and one that goes.
    for content in [Some(other.as_str()), Some(&GOOD[..GOOD.len() / 2]), None] {
        site.stage(OBJECT, GOOD);
        let before = site.dump();
        for command in ["run", "plan"] {
            site.swap_after_listing(OBJECT, content);
            let output = site.command([command, "--job", "shop"]).run();
            assert_told(&output, 3, &[&place]);
            assert_eq!(site.dump(), before);
            site.stage(OBJECT, GOOD);
        }
    }
    // The next run sees what is there.
    site.swap_after_listing(OBJECT, Some(&other));
    assert_eq!(site.fail().status, Some(3));
    assert_eq!(site.run().models(), ["songs row-wise +1 -0"]);
    assert_eq!(site.rows("SELECT title FROM songs WHERE id = 1"), ["une"]);
    // So it is with an object of the load, which is read in a load only.
    site.swap_after_listing("songs/LOAD00000001.csv", Some(&LOAD.replace("two", "TWO")));
    let output = site.command(["run", "--job", "shop", "--full-refresh"]).run();
    assert_told(&output, 3, &["songs/LOAD00000001.csv"]);
    assert_eq!(site.rows("SELECT title FROM songs WHERE id = 2"), ["two"]);
}
