//! What keeps a plan from being applied.

use std::time::SystemTime;

use libtest_mimic::Trial;

use super::{CHANGES, FIRST, LOAD, PLAN, apply, apply_with, keep, prepare, songs};
use crate::scenarios::site::{EACH, Site, scenarios};
use crate::support::Shared;

pub(super) fn trials(servers: &Shared) -> Vec<Trial> {
    scenarios![servers, EACH;
        objects_that_moved_are_named,
        files_tables_and_targets_that_moved_are_named,
        rows_that_somebody_else_wrote_stop_a_plan_before_its_commit,
        another_program_refuses_the_plan,
    ]
    .collect()
}

/// Nothing is written, and the plan is not what is there.
fn assert_refused(site: &Site<'_>, more: &[&str], said: &[&str]) {
    let before = site.dump();
    let output = apply_with(site, more);
    assert_eq!(output.status, Some(4), "{said:?}: {}{}", output.stdout, output.stderr);
    for said in said.iter().chain(&["  next: "]) {
        assert!(output.stderr.contains(said), "{said}: {}", output.stderr);
    }
    assert_eq!(site.dump(), before, "{said:?}");
}

/// An object as it is, to be put back.
struct Object {
    content: Vec<u8>,
    modified: SystemTime,
}

impl Object {
    fn of(site: &Site<'_>, key: &str) -> Self {
        let path = site.object(key);
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        Self { content: std::fs::read(path).unwrap(), modified }
    }

    fn put_back(&self, site: &Site<'_>, key: &str) {
        let path = site.object(key);
        std::fs::write(&path, &self.content).unwrap();
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(self.modified).unwrap();
    }
}

fn planned(site: &Site<'_>) {
    prepare(site);
    site.stage(FIRST, CHANGES);
    keep(site);
}

fn objects_that_moved_are_named(site: &Site<'_>) {
    planned(site);
    let [first, load] = [FIRST, LOAD].map(|key| Object::of(site, key));
    let named = "object `20260101-000000001.csv` of source `staged`";
    site.stage(FIRST, "U,1,uno,42\n");
    assert_refused(site, &[], &[&format!("{named} was written again")]);
    first.put_back(site, FIRST);
    if site.is_s3() {
        // As long as before, at the same time.
        site.restage(FIRST, CHANGES.replace("uno,42", "uno,43"));
        assert_refused(site, &[], &[&format!("{named} was written again")]);
        first.put_back(site, FIRST);
    }
    site.unstage(FIRST);
    assert_refused(site, &[], &[&format!("{named} is gone")]);
    first.put_back(site, FIRST);
    let late = "songs/20260101-000000000.csv";
    site.stage(late, "U,1,early,0\n");
    let said = "object `20260101-000000000.csv` of source `staged` is new, and sorts before";
    assert_refused(site, &[], &[said]);
    site.unstage(late);
    site.stage("songs/LOAD00000002.csv", "9,nine,90\n");
    assert_refused(site, &[], &["object `LOAD00000002.csv` of source `staged` is new"]);
    site.unstage("songs/LOAD00000002.csv");
    site.stage(LOAD, "1,one,41\n2,two,20\n");
    assert_refused(site, &[], &["object `LOAD00000001.csv` of source `staged` is new"]);
    load.put_back(site, LOAD);
    site.unstage(LOAD);
    assert_refused(site, &[], &["1 applied object is gone", "LOAD00000001.csv"]);
    load.put_back(site, LOAD);
    apply(site);
    assert_eq!(songs(site).len(), 4);
}

fn files_tables_and_targets_that_moved_are_named(site: &Site<'_>) {
    planned(site);
    let songs_sql = site.folder().join("sql/shop/songs.sql");
    let text = std::fs::read_to_string(&songs_sql).unwrap();
    site.job(&[
        ("songs.sql", &text.replace(">= 0", ">= 1")),
        ("more.sql", "SELECT id FROM staged"),
    ]);
    site.execute("ALTER TABLE totals ADD COLUMN extra INT");
    let edited = "file songs.sql has another text";
    assert_refused(site, &[], &[edited, "file more.sql is new", "table `totals` was altered"]);
    std::fs::remove_file(site.folder().join("sql/shop/more.sql")).unwrap();
    site.job(&[("songs.sql", &text)]);
    assert_refused(site, &[], &["table `totals` was altered"]);
    site.execute("ALTER TABLE totals DROP COLUMN extra");
    site.execute("ALTER TABLE totals RENAME TO sums");
    assert_refused(site, &[], &["table `totals` is gone"]);
    site.execute("ALTER TABLE sums RENAME TO totals");
    // Rules and job.toml are part of the plan too.
    for (file, text) in [("songs.dqdl", "Rules = [ RowCount > 0 ]"), ("job.toml", "# mine\n")] {
        site.job(&[(file, text)]);
        assert_refused(site, &[], &[&format!("file {file} is new")]);
        std::fs::remove_file(site.folder().join("sql/shop").join(file)).unwrap();
    }
    let files = site.files();
    assert_refused(site, &["--target", "sqlite:other.db"], &["the target was ", "sqlite:other.db"]);
    assert_eq!(site.files(), files, "not even a ledger is made elsewhere");
    apply(site);
    // A run in between.
    site.stage("songs/20260101-000000002.csv", "U,1,eins,43\n");
    keep(site);
    site.run();
    assert_refused(site, &[], &["the ledger has moved on: its last run is "]);
}

fn rows_that_somebody_else_wrote_stop_a_plan_before_its_commit(site: &Site<'_>) {
    planned(site);
    // A row that the plan deletes.
    site.execute("DELETE FROM songs WHERE id = 4");
    assert_refused(site, &[], &["table `songs`: 1 to delete instead of 2"]);
    site.execute("INSERT INTO songs (id, title, sales) VALUES (4, 'four', 40)");
    // One that the plan inserts, and would only be updated now.
    site.execute("INSERT INTO songs (id, title, sales) VALUES (6, 'mine', 60)");
    let songs_moved =
        ["table `songs`: 0 to insert instead of 1", "`songs`: 3 to update instead of 2"];
    assert_refused(site, &[], &songs_moved);
    site.execute("DELETE FROM songs WHERE id = 6");
    // One that the plan updates in another column.
    site.execute("UPDATE songs SET title = 'mine' WHERE id = 2");
    assert_refused(site, &[], &["table `songs`: 2 to update in column `title` instead of 1"]);
    site.execute("UPDATE songs SET title = 'two' WHERE id = 2");
    // A row that is right, and is compared.
    site.execute("UPDATE totals SET total = 1 WHERE title = 'three'");
    assert_refused(site, &[], &["table `totals`: 3 to update instead of 2"]);
    site.execute("UPDATE totals SET total = 30 WHERE title = 'three'");
    apply(site);
    assert_eq!(songs(site), ["1|uno|42", "2|two|21", "3|three|30", "6|six|60"]);
}

fn another_program_refuses_the_plan(site: &Site<'_>) {
    planned(site);
    let path = site.folder().join(PLAN);
    let text = std::fs::read_to_string(&path).unwrap();
    let version = format!("\"program\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version), "{text}");
    std::fs::write(&path, text.replace(&version, "\"program\": \"0.0.1\"")).unwrap();
    assert_refused(site, &[], &["was made by another program: version 0.0.1"]);
    std::fs::write(&path, "{}").unwrap();
    let output = apply_with(site, &[]);
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    assert!(output.stderr.contains("plan.json is no plan"), "{}", output.stderr);
    std::fs::write(&path, text).unwrap();
    apply(site);
}
