//! The statements that a plan names are those that the server gets.

use libtest_mimic::Trial;
use serde_json::Value;

use super::{SOURCES, counts, plan_json, plan_json_with};
use crate::scenarios::site::{EACH, MARIADB, MYSQL, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH; statements_are_told_without_values]
        .chain(scenarios![servers, [MYSQL, MARIADB]; the_server_gets_the_statements_of_the_plan])
        .collect()
}

fn statements(model: &Value) -> Vec<String> {
    let statements = model["statements"].as_array().unwrap().iter();
    statements.map(|statement| statement.as_str().unwrap().to_owned()).collect()
}

fn prepare(site: &Site<'_>) {
    let songs = "SELECT id, title, sales FROM staged";
    site.job(&[("sources.sql", SOURCES), ("planned_songs.sql", songs)]);
    site.stage("songs/LOAD00000001.csv", "1,confidential,41\n2,two,20\n");
}

fn statements_are_told_without_values(site: &Site<'_>) {
    prepare(site);
    let created = statements(&plan_json(site)["models"][0]);
    assert!(created[0].starts_with("CREATE TABLE "), "{created:?}");
    site.run();
    assert_eq!(statements(&plan_json(site)["models"][0]), [""; 0]);
    site.stage("songs/20260101-000000001.csv", "U,1,confidential,42\nD,2,,\n");
    let sent = statements(&plan_json(site)["models"][0]);
    assert!(sent[0].starts_with("DELETE FROM ") && sent[1].starts_with("INSERT "), "{sent:?}");
    assert_eq!(sent.len(), 2);
    assert!(!sent.concat().contains("confidential"), "{sent:?}");
    let text = site.command(["plan", "--job", "shop"]).run().stdout;
    for statement in &sent {
        assert!(text.contains(&format!("\n  sends  {statement}\n")), "{statement}: {text}");
    }
    site.run();
    // Another unique index: rows are replaced.
    site.execute("CREATE UNIQUE INDEX by_title ON planned_songs (title)");
    site.stage("songs/20260101-000000002.csv", "U,1,other,42\n");
    let sent = statements(&plan_json(site)["models"][0]);
    assert!(sent.iter().any(|sent| sent.starts_with("DELETE FROM ")), "{sent:?}");
    site.run();
}

/// What the server has logged, in the form of a plan.
fn logged(site: &Site<'_>) -> Vec<String> {
    let rows = site.rows(
        "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log
         WHERE argument LIKE '%planned_songs%' OR argument LIKE '%unglue_%'",
    );
    let plain = |statement: &String| {
        let mut parts = Vec::new();
        for (index, part) in statement.replace('\n', " ").split("unglue_").enumerate() {
            let name = part.split('_').next().unwrap_or_default().to_owned();
            parts.push(match (index, name.as_str()) {
                (1.., "shadow" | "retired") => {
                    let rest = part.trim_start_matches(&name).trim_start_matches('_');
                    let rest = rest.trim_start_matches(|c: char| c.is_ascii_hexdigit());
                    format!("{name}_…{rest}")
                }
                _ => part.to_owned(),
            });
        }
        parts.join("unglue_")
    };
    rows.iter().map(plain).collect()
}

/// The plan of a run that may delete most rows.
fn plan_allowing(site: &Site<'_>) -> Value {
    plan_json_with(site, &["--allow-deletes"])
}

fn the_server_gets_the_statements_of_the_plan(site: &Site<'_>) {
    prepare(site);
    let rows = |from: u32, to: u32, sales: u32| -> String {
        (from..to).map(|id| format!("U,{id},song {id},{sales}\n")).collect()
    };
    let deletes =
        |from: u32, to: u32| -> String { (from..to).map(|id| format!("D,{id},,\n")).collect() };
    site.execute("SET GLOBAL log_output = 'TABLE'");
    site.execute("SET GLOBAL general_log = 'ON'");
    let check = |what: &str| {
        let plan = plan_allowing(site);
        let model = &plan["models"][0];
        let planned = statements(model);
        assert!(!planned.is_empty(), "{what}");
        site.run_with(&["--allow-deletes"]);
        let logged = logged(site);
        for statement in planned {
            let statement = statement.replace('\n', " ");
            assert!(logged.contains(&statement), "{what}: {statement}\n{}", logged.join("\n"));
        }
        counts(model)
    };
    assert_eq!(check("a first load"), "2 0 0 0 0");
    site.stage("songs/20260101-000000001.csv", "U,1,uno,42\nD,2,,\n");
    assert_eq!(check("few changes"), "0 1 1 0 0");
    site.stage("songs/20260101-000000002.csv", rows(1, 2_500, 1));
    assert_eq!(check("many changes"), "2498 1 0 0 0");
    site.stage("songs/20260101-000000003.csv", deletes(1_000, 2_400));
    // Statements for many keys take several in a list.
    assert_eq!(counts(&plan_allowing(site)["models"][0]), "0 0 1400 0 0");
    site.run_with(&["--allow-deletes"]);
    site.execute("ALTER TABLE planned_songs ADD UNIQUE by_title (title)");
    site.stage("songs/20260101-000000004.csv", rows(500, 2_000, 2));
    assert_eq!(check("many changes of a table with another unique index"), "1000 500 0 0 0");
    site.execute("ALTER TABLE planned_songs DROP PRIMARY KEY");
    site.stage("songs/20260101-000000005.csv", deletes(500, 1_900));
    assert_eq!(check("many deletes without an index"), "0 0 1400 0 0");
    site.stage("songs/LOAD00000001.csv", "1,one,41\n2,two,20\n");
    check("a full load");
    site.execute("SET GLOBAL general_log = 'OFF'");
}
