//! Users that lack one of the rights that docs/operations.md asks for.

use libtest_mimic::Trial;

use crate::faults::songs::{assert_settled, change, prepare, run_on};
use crate::scenarios::site::{JOB, MARIADB, MYSQL, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, [MYSQL, MARIADB];
        a_right_that_is_missing_is_named,
        the_rights_that_the_documentation_asks_for_are_enough,
    ]
    .collect()
}

const RIGHTS: [&str; 9] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "ALTER",
    "CREATE TEMPORARY TABLES",
    "TRIGGER",
];

/// Creates a user with these rights on the site's database; answers the target URL.
fn user(site: &Site<'_>, name: &str, rights: &[&str]) -> String {
    let (server, database) = site.server();
    let name = format!("{name}_{database}");
    server.execute("", &format!("CREATE USER {name}@'%' IDENTIFIED BY 'secret'"));
    let rights = rights.join(", ");
    server.execute("", &format!("GRANT {rights} ON `{database}`.* TO {name}@'%'"));
    site.target().replace("//unglue:", &format!("//{name}:"))
}

fn the_rights_that_the_documentation_asks_for_are_enough(site: &Site<'_>) {
    let target = user(site, "all", &RIGHTS);
    prepare(site, 300);
    for rows in [40, 6_000] {
        let output = run_on(site, &target, &[]);
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        change(site, rows);
    }
    for more in [&[][..], &["--full-refresh"]] {
        let output = run_on(site, &target, more);
        assert_eq!(output.status, Some(0), "{}", output.stderr);
    }
    assert_settled(site);
    let doctor = site.command(["doctor", "--job", JOB, "--target", &target]).run();
    assert_eq!(doctor.status, Some(0), "{}", doctor.stdout);
    assert!(!doctor.stdout.contains("target.grants"), "{}", doctor.stdout);
}

fn a_right_that_is_missing_is_named(site: &Site<'_>) {
    prepare(site, 300);
    site.run();
    let (server, database) = site.server();
    for (index, missing) in RIGHTS.iter().enumerate() {
        let rights: Vec<&str> = RIGHTS.into_iter().filter(|right| right != missing).collect();
        let target = user(site, &format!("r{index}"), &rights);
        // Rows are then put in by way of a temporary table: they could also be taken for those of this index.
        let is_temporary = *missing == "CREATE TEMPORARY TABLES";
        if is_temporary {
            server.execute(database, "ALTER TABLE songs ADD UNIQUE odd (sales, id)");
        }
        change(site, 6_000);
        let mut outputs =
            Vec::from([&[][..], &["--full-refresh"]].map(|more| run_on(site, &target, more)));
        change(site, 40);
        outputs.push(run_on(site, &target, &[]));
        let doctor = site.command(["doctor", "--job", JOB, "--target", &target]).run();
        assert_eq!(doctor.status, Some(4), "{}", doctor.stdout);
        let finding = doctor.stdout.lines().find(|line| line.contains(" target.grants: "));
        let finding = finding.unwrap_or_default();
        assert!(finding.starts_with("error ") && finding.ends_with(&format!(" holds {missing}")));
        assert!(!doctor.stdout.contains("secret"));
        let told = outputs.iter().find(|output| output.status != Some(0));
        let told = told.unwrap_or_else(|| panic!("{missing} is not needed"));
        assert_eq!(told.status, Some(2), "{missing}: {}", told.stderr);
        let said = format!("{missing} command denied");
        let names = if missing.contains(' ') || *missing == "TRIGGER" { *missing } else { &said };
        assert!(told.stderr.contains(names), "{missing}: {}", told.stderr);
        assert!(told.stderr.contains("\n  next: ") && told.stderr.contains("grant"));
        let granted = run_on(site, &site.target(), &[]);
        assert_eq!(granted.status, Some(0), "{}", granted.stderr);
        assert_settled(site);
        if is_temporary {
            server.execute(database, "ALTER TABLE songs DROP INDEX odd");
        }
    }
}
