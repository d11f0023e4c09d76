//! What a job shows: sources, models, target tables and the ledger.

use libtest_mimic::Trial;

use crate::scenarios::site::{EACH, Site, scenarios};
use crate::support::Shared;

pub(crate) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        a_job_shows_sources_models_tables_and_its_ledger,
        tables_of_the_target_are_found_by_name_and_asked_for_what_is_wanted,
        a_job_without_its_target_shows_all_else,
    ]
    .collect()
}

const SOURCES: &str = "CREATE EXTERNAL TABLE staged (id INT, title TEXT, sales INT, PRIMARY KEY (id)) STORED AS DMS LOCATION '${STAGING}/songs'";

fn prepare(site: &Site<'_>) {
    site.job(&[
        ("sources.sql", SOURCES),
        ("_large.sql", "SELECT id, title, sales FROM staged WHERE sales > 5"),
        ("songs.sql", "SELECT id, title, sales FROM _large"),
        ("job.toml", "target = \"${TARGET}\"\n[model.songs]\ntable = \"hits\"\n"),
    ]);
    site.stage("songs/LOAD00000001.csv", "1,one,10\n2,two,20\n3,three,1\n");
    site.stage("songs/20260101-000000000.csv", "U,1,uno,11\nI,4,,40\n");
}

#[track_caller]
fn csv(site: &Site<'_>, sql: &str) -> String {
    let output = site.command(["sql", "--job", "shop", "--format", "csv", "-c", sql]).run();
    assert_eq!(output.status, Some(0), "{sql}: {}", output.stderr);
    output.stdout
}

fn a_job_shows_sources_models_tables_and_its_ledger(site: &Site<'_>) {
    prepare(site);
    // Before the first run there are no tables, and that is no reason to show nothing.
    assert_eq!(csv(site, "SELECT count(*) AS c FROM _large"), "c\n3\n");
    assert_eq!(csv(site, "SELECT count(*) AS c FROM ledger"), "c\n0\n");
    let missing = site.command(["sql", "--job", "shop", "-c", "SELECT * FROM target.songs"]).run();
    assert_eq!(missing.status, Some(2), "{}", missing.stderr);
    assert!(missing.stderr.contains("there is no table `target.songs`"), "{}", missing.stderr);

    site.run();
    site.stage("songs/20260102-000000000.csv", "D,2,,\n");
    for (sql, rows) in [
        // Staged, not yet applied.
        ("SELECT count(*) AS c FROM staged", "c\n3\n"),
        ("SELECT id FROM songs ORDER BY id", "id\n1\n4\n"),
        // As it was written.
        ("SELECT id, title FROM target.songs ORDER BY id", "id,title\n1,uno\n2,two\n4,\n"),
        ("SELECT count(*) AS c FROM target.hits", "c\n3\n"),
        ("SELECT t.id FROM target.hits t LEFT ANTI JOIN songs s USING (id)", "id\n2\n"),
        (
            "SELECT object, source, kind, generation, rows, rejected, run_id IS NOT NULL AS r FROM ledger ORDER BY object",
            "object,source,kind,generation,rows,rejected,r\n20260101-000000000.csv,staged,change,1,2,0,true\nLOAD00000001.csv,staged,load,1,3,0,true\n",
        ),
        ("SELECT count(*) AS c FROM target.unglue_ledger", "c\n2\n"),
        ("SELECT count(*) > 0 AS c FROM target.unglue_meta", "c\ntrue\n"),
        (
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('job', 'target') ORDER BY 1, 2",
            "table_schema,table_name\njob,_large\njob,ledger\njob,songs\njob,staged\njob,staged$changes\njob,staged$history\ntarget,hits\ntarget,songs\ntarget,unglue_ledger\ntarget,unglue_meta\n",
        ),
    ] {
        assert_eq!(csv(site, sql), rows, "{sql}");
    }
    let refused = site.command(["sql", "--job", "shop", "-c", "DROP TABLE songs"]).run();
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
    let near = site.command(["sql", "--job", "shop", "-c", "SELECT * FROM target.hit"]).run();
    assert!(near.stderr.contains("did you mean `target.hits`?"), "{}", near.stderr);
}

fn tables_of_the_target_are_found_by_name_and_asked_for_what_is_wanted(site: &Site<'_>) {
    prepare(site);
    site.run();
    site.execute("CREATE TABLE other (id INT PRIMARY KEY, note VARCHAR(20), day DATE)");
    site.execute(
        "INSERT INTO other VALUES (1, 'A', '2026-01-01'), (2, 'a', NULL), (3, NULL, '2026-01-03')",
    );
    for (condition, asked, ids) in [
        ("id IN (1, 3)", "(id = ? OR id = ?)", "1 3"),
        ("id <> 2", "id <> ?", "1 3"),
        ("note IS NULL OR id = 1", "(note IS NULL OR id = ?)", "1 3"),
        ("day IS NOT NULL AND day <> DATE '2026-01-01'", "day <> ?", "3"),
        // What a collation takes for the same is not the same.
        ("note = 'a'", "note = ?", "2"),
        ("note <> 'a'", "", "1"),
        ("note IN ('a', 'b', 'c', 'd')", "note = ?", "2"),
        ("upper(note) = 'A' OR id = 3", "", "1 2 3"),
    ] {
        let from = format!("FROM target.other WHERE {condition}");
        let plan = csv(site, &format!("EXPLAIN SELECT id {from}"));
        assert!(plan.contains("TargetScan: table=other") && plan.contains(asked), "{plan}");
        let rows = csv(site, &format!("SELECT id {from} ORDER BY id"));
        let rows: Vec<&str> = rows.lines().skip(1).collect();
        assert_eq!(rows.join(" "), ids, "{condition}");
    }
    let plan = csv(site, "EXPLAIN SELECT id FROM target.other LIMIT 2");
    assert!(plan.contains("limit=2"), "{plan}");
    // They are listed and suggested like those of the job; a view is no table.
    site.execute("CREATE VIEW seen AS SELECT id FROM other");
    let listed = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'target'";
    assert_eq!(
        csv(site, &format!("{listed} ORDER BY 1")),
        "table_name\nhits\nother\nsongs\nunglue_ledger\nunglue_meta\n"
    );
    let columns = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'other' ORDER BY 1";
    assert!(csv(site, columns).starts_with("column_name,data_type\nday,date\nid,"));
    let near = site.command(["sql", "--job", "shop", "-c", "SELECT * FROM target.othr"]).run();
    assert!(near.stderr.contains("did you mean `target.other`?"), "{}", near.stderr);
}

fn a_job_without_its_target_shows_all_else(site: &Site<'_>) {
    prepare(site);
    let target = if site.is_server() { "mysql://u:p@127.0.0.1:1/db" } else { "mysql://u:p@h/" };
    let sql = |sql: &str| {
        site.command(["sql", "--job", "shop", "--target", target, "--format", "csv", "-c", sql])
            .run()
    };
    let rows = sql("SELECT count(*) AS c FROM songs");
    assert_eq!((rows.status, rows.stdout.as_str()), (Some(0), "c\n3\n"), "{}", rows.stderr);
    assert!(rows.stderr.contains("the target's tables are not there"), "{}", rows.stderr);
    let missing = sql("SELECT * FROM target.songs");
    assert_ne!(missing.status, Some(0));
    assert!(missing.stderr.contains("the target cannot be read"), "{}", missing.stderr);
}
