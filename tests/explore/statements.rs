//! Where the statements of `runner sql` come from.

use libtest_mimic::Trial;

use crate::scenarios::site::{SQLITE, Site, scenarios};
use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [SQLITE.with_s3()];
        sql_comes_from_an_argument_a_file_or_stdin,
    ]
    .collect()
}

fn sql_comes_from_an_argument_a_file_or_stdin(site: &Site<'_>) {
    let query = "SELECT 1 AS a; SELECT 'x,y' AS b, NULL AS c;";
    let file = site.folder().join("query.sql");
    std::fs::write(&file, query).unwrap();
    let outputs = [
        site.command(["sql", "--format", "csv", "-c", query]).run(),
        site.command(["sql", "--format", "csv", "-f", "query.sql"]).run(),
        site.command(["sql", "--format", "csv"]).stdin(&file).run(),
    ];
    for output in outputs {
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        assert_eq!(output.stdout, "a\n1\nb,c\n\"x,y\",\n");
    }
    // Nothing but a staged folder.
    site.stage("cities/LOAD00000001.csv", "1,Rom\n2,Oslo\n");
    site.stage("cities/20260101-000000000.csv", "D,1,\nI,3,Bern\n");
    let query = format!(
        "CREATE EXTERNAL TABLE cities (id INT, name TEXT, PRIMARY KEY (id)) STORED AS DMS LOCATION '{}/cities';\n\
         SELECT name FROM cities ORDER BY id",
        site.staging_url()
    );
    let output = site.command(["sql", "--format", "json", "-c", &query]).run();
    assert_eq!(output.stdout, "[{\"name\":\"Oslo\"},{\"name\":\"Bern\"}]\n", "{}", output.stderr);
}
