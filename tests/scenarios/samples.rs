//! Real output of DMS, which is not part of the repository.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libtest_mimic::Trial;

use crate::scenarios::naive;
use crate::scenarios::site::{ALL, Site, assert_same, scenarios};
use crate::support::Shared;

/// The folder of the samples, if it is there.
pub(crate) fn samples() -> Option<PathBuf> {
    SAMPLES.clone()
}

static SAMPLES: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples");
    let folder = std::env::var_os("UNGLUE_SAMPLES").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
});

/// Where the samples are missing, these trials are ignored.
#[expect(clippy::print_stderr, reason = "a test that does not run has to say so")]
pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    let is_missing = SAMPLES.is_none();
    if is_missing {
        eprintln!(
            "note: the real samples are not run: neither $UNGLUE_SAMPLES nor ../shared/samples is a folder"
        );
    }
    scenarios![servers, ALL;
        cities_are_those_of_a_naive_replay_after_each_run,
        employees_of_oracle_arrive_whole,
    ]
    .map(|trial| trial.with_ignored_flag(is_missing))
    .collect()
}

fn sample(table: &str) -> PathBuf {
    SAMPLES.as_ref().unwrap().join(table)
}

fn cities_are_those_of_a_naive_replay_after_each_run(site: &Site<'_>) {
    const OBJECTS: [&str; 6] = [
        "LOAD00000001.csv",
        "20211017-194324349.csv",
        "20211018-223933563.csv",
        "20211018-224657689.csv",
        "20211018-225235856.csv",
        "20211018-225959941.csv",
    ];
    site.job(&[
        (
            "sources.sql",
            "CREATE EXTERNAL TABLE staged_cities (id INT, name VARCHAR(100), city VARCHAR(100), date DATE, PRIMARY KEY (id))
             STORED AS DMS LOCATION '${STAGING}/cities/'",
        ),
        ("cities.sql", "SELECT * FROM staged_cities"),
        (
            "people_by_city.sql",
            "SELECT city, count(*) AS people, max(date) AS newest FROM staged_cities GROUP BY city",
        ),
    ]);
    let folder = sample("cities");
    let mut applied = 0;
    for together in [1, 1, 2, 1, 1] {
        let arrived = &OBJECTS[applied..applied + together];
        for object in arrived {
            site.stage(&format!("cities/{object}"), std::fs::read(folder.join(object)).unwrap());
        }
        let report = site.run();
        let read: Vec<String> = report
            .objects()
            .iter()
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect();
        assert_eq!(read, arrived);
        applied += together;

        let expected = naive::replay(&folder, &OBJECTS[..applied]);
        assert_same(site.rows("SELECT * FROM cities"), naive::lines(&expected));
        let in_new_york: Vec<_> =
            expected.values().filter(|row| row[2].as_deref() == Some("New York")).collect();
        let newest = in_new_york.iter().filter_map(|row| row[3].clone()).max().unwrap();
        assert_eq!(
            site.rows("SELECT people, newest FROM people_by_city WHERE city = 'New York'"),
            [format!("{}|{newest}", in_new_york.len())]
        );
    }
    assert_eq!(applied, OBJECTS.len());
    assert_eq!(site.run().outcome(), "nothing_to_do");
}

fn employees_of_oracle_arrive_whole(site: &Site<'_>) {
    let columns = |hired: &str| {
        format!(
            "(EMPLOYEE_ID NUMBER(6), FIRST_NAME VARCHAR2(20), LAST_NAME VARCHAR2(25), EMAIL VARCHAR2(25),
              PHONE_NUMBER VARCHAR2(20), HIRE_DATE {hired}, JOB_ID VARCHAR2(10), SALARY NUMBER(8,2),
              COMMISSION_PCT NUMBER(2,2), MANAGER_ID NUMBER(6), DEPARTMENT_ID NUMBER(4), PRIMARY KEY (EMPLOYEE_ID))
             STORED AS DMS LOCATION '${{STAGING}}/HR/EMPLOYEES' OPTIONS ('AddColumnName' 'true');"
        )
    };
    let sources = format!(
        "CREATE EXTERNAL TABLE staged {}\nCREATE EXTERNAL TABLE staged_with_times {}",
        columns("DATE"),
        columns("DATETIME(0)")
    );
    site.job(&[
        ("sources.sql", &sources),
        ("employees.sql", "SELECT * FROM staged"),
        ("hirings.sql", "SELECT employee_id, hire_date AS hired_at FROM staged_with_times"),
    ]);
    let text = std::fs::read_to_string(sample("employees").join("LOAD00000001.csv")).unwrap();
    site.stage("HR/EMPLOYEES/LOAD00000001.csv", &text);
    let report = site.run();
    assert_eq!(report.models(), ["employees full load +1900 -0", "hirings full load +1900 -0"]);

    let records = naive::records(&text);
    let text = |field: &naive::Field| field.clone().unwrap_or_else(|| "NULL".to_owned());
    let rows = records[1..].iter().map(|row| {
        let mut row: Vec<String> = row.iter().map(text).collect();
        row[5] = row[5].strip_suffix(" 00:00:00").unwrap().to_owned();
        row.join("|")
    });
    assert_same(site.rows("SELECT * FROM employees"), rows.collect());
    let hirings = records[1..].iter().map(|row| format!("{}|{}", text(&row[0]), text(&row[5])));
    assert_same(site.rows("SELECT * FROM hirings"), hirings.collect());
}
