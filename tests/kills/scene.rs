//! A place just before the run that is killed, and everything that is known of that run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::way::Way;
use super::world::{Chance, TABLES, Tables, World, look};
use crate::scenarios::site::{JOB, Kept, Report, Site, copy};
use crate::support::{Output, Runner};

const TRACE: &str = "UNGLUE_FAILPOINT_TRACE";
const KILL: &str = "UNGLUE_FAILPOINT_KILL";

/// The content of files, by their paths.
type Files = BTreeMap<String, String>;

/// Tables of our own that are always there.
const OWN_TABLES: [&str; 2] = ["unglue_ledger", "unglue_meta"];

pub(super) struct Scene<'a> {
    pub(super) way: Way,
    pub(super) site: Site<'a>,
    kept: Kept<'a>,
    /// The files of rejects before the run.
    kept_rejects: TempDir,
    /// The tables before the run and after it.
    pub(super) old: Tables,
    pub(super) new: Tables,
    /// The ledger after it.
    ledger: Vec<String>,
    /// The files of rejects after it.
    rejects: Files,
    /// How often the run passes each point.
    pub(super) points: BTreeMap<String, u64>,
    pub(super) millis: u64,
}

impl<'a> Scene<'a> {
    /// Stages everything and lets the run happen once.
    pub(super) fn new(way: Way, site: Site<'a>, chance: Chance) -> Self {
        let mut world = World::new(&site, chance);
        let mut old = Tables::default();
        if let Some(before) = way.before {
            before(&mut world, &site);
            site.run();
            old = world.tables();
            assert!(look(&site) == old, "the first run went wrong");
        }
        (way.news)(&mut world, &site);
        let new = world.tables();
        for point in way.interrupted_at {
            let output = killable(&site, &[]).env(KILL, format!("{point}*1")).run();
            assert_eq!(output.status, None, "it did not come to {point}: {}", output.stderr);
            let seen = look(&site);
            assert!(seen == old || seen == new, "killed at {point}");
            old = seen;
        }
        let kept = site.keep();
        let kept_rejects = tempfile::tempdir().unwrap();
        if rejects(&site).is_dir() {
            copy(&rejects(&site), kept_rejects.path());
        }
        let mut scene = Self {
            way,
            site,
            kept,
            kept_rejects,
            old,
            new,
            ledger: Vec::new(),
            rejects: Files::new(),
            points: BTreeMap::new(),
            millis: 0,
        };
        scene.trace();
        scene
    }

    fn trace(&mut self) {
        self.reset();
        let file = self.site.folder().join("trace");
        // The first one of all builds the binary.
        let runner = killable(&self.site, self.way.options).env(TRACE, &file);
        let begin = Instant::now();
        let output = runner.run();
        self.millis = u64::try_from(begin.elapsed().as_millis()).unwrap();
        let report = match self.way.mend_sql {
            None => {
                assert_eq!(output.status, Some(0), "{}", output.stderr);
                Report::read(&output)
            }
            Some(sql) => {
                assert!(!matches!(output.status, None | Some(0)), "{}", output.stdout);
                assert!(look(&self.site) == self.old, "{}: failed half-way", self.way.name);
                self.site.execute(sql);
                self.site.run()
            }
        };
        // A recovery may find that all is done.
        if report.outcome() == "applied" {
            assert_eq!(report.ways(), self.way.written, "{}", self.way.name);
        }
        for point in fs::read_to_string(file).unwrap().lines() {
            *self.points.entry(point.to_owned()).or_default() += 1;
        }
        assert!(
            look(&self.site) == self.new,
            "{}: the run that nobody killed went wrong",
            self.way.name
        );
        self.ledger = self.ledger();
        self.rejects = files(&rejects(&self.site));
        let kept: BTreeSet<_> = self.rejects.keys().cloned().collect();
        assert_eq!(kept, self.objects("> 0"), "not one file for each object that has bad rows");
    }

    /// Puts the target into the state before the run.
    pub(super) fn reset(&mut self) {
        self.site.restore(&self.kept);
        if rejects(&self.site).is_dir() {
            fs::remove_dir_all(rejects(&self.site)).unwrap();
        }
        copy(self.kept_rejects.path(), &rejects(&self.site));
        if let Some(sql) = self.way.table_sql {
            self.site.execute(sql);
        }
    }

    /// The run, killed when it comes to a point for the given time, if it does.
    pub(super) fn run_killed_at(&self, seen: &Tables, point: &str, hit: u64) -> Output {
        killable(&self.site, self.options(seen)).env(KILL, format!("{point}*{hit}")).run()
    }

    /// The run, of the ordinary binary, killed after some milliseconds if it has not ended.
    pub(super) fn run_killed_after(&self, seen: &Tables, millis: u64) -> Output {
        let runner = self.site.command(args(self.options(seen)));
        temporary(&self.site, runner).spawn().kill_after(Duration::from_millis(millis))
    }

    /// Runs the job undisturbed, twice, and compares everything. `seen` is what the tables held after the last kill; where that may
    /// have come within a statement (`in_statement`), the server may have ended it since.
    pub(super) fn heal(&self, seen: &Tables, in_statement: bool) {
        if let Some(sql) = self.way.mend_sql {
            self.site.execute(sql);
        }
        let output = self.site.command(args(self.options(seen))).run();
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        assert!(look(&self.site) == self.new, "the next run does not bring the new state");
        if self.old != self.new {
            // What readers saw as done is not done again.
            let is_done = *seen == self.new;
            let report = Report::read(&output);
            if is_done || !in_statement {
                let expected = if is_done { "nothing_to_do" } else { "applied" };
                assert_eq!(report.outcome(), expected);
            }
        }
        assert!(
            self.ledger() == self.ledger,
            "the ledger is {:?}, not {:?}",
            self.ledger(),
            self.ledger
        );
        self.check_rejects();
        let mut left = self.site.table_names();
        left.retain(|table| !TABLES.contains(&table.as_str()));
        assert_eq!(left, OWN_TABLES, "tables are left");
        let markers =
            "SELECT name FROM unglue_meta WHERE name <> 'version' AND name NOT LIKE 'model/%'";
        assert_eq!(self.site.rows(markers), [""; 0], "markers are left");
        assert_eq!(self.site.run().outcome(), "nothing_to_do");
        assert!(look(&self.site) == self.new);
    }

    /// The files of rejects are those of the run that nobody killed. A run that died between its commit and their removal leaves
    /// files of objects that have no bad rows any more, and one that died while it wrote a file leaves the beginning of it
    /// under the name that `object_store` gives to a file until it is whole: with `#` and a number.
    fn check_rejects(&self) {
        let mut found = files(&rejects(&self.site));
        let clean = self.objects("= 0");
        found.retain(|path, _| {
            let is_begun = path.contains(".jsonl#");
            self.rejects.contains_key(path) || !is_begun && !clean.contains(path)
        });
        assert!(found == self.rejects, "the files of rejects are others: {:?}", found.keys());
    }

    /// The files of rejects of the objects in the ledger that have so many bad rows.
    fn objects(&self, rejected: &str) -> BTreeSet<String> {
        let sql = format!(
            "SELECT source, generation, object FROM unglue_ledger WHERE rejected {rejected}"
        );
        let path = |row: &String| format!("{JOB}/{}.jsonl", row.replace('|', "/"));
        self.site.rows(&sql).iter().map(path).collect()
    }

    /// A command that is repeated until it has worked.
    fn options(&self, seen: &Tables) -> &'static [&'static str] {
        if *seen == self.old { self.way.options } else { &[] }
    }

    fn ledger(&self) -> Vec<String> {
        self.site.rows(
            "SELECT source, object, kind, generation, position, `rows`, rejected FROM unglue_ledger \
             ORDER BY source, object, generation",
        )
    }
}

/// Where the job keeps its rejects.
fn rejects(site: &Site<'_>) -> PathBuf {
    site.object("rejects")
}

/// All files below a folder.
fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(below) = folders.pop() {
        for path in fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

fn killable(site: &Site<'_>, options: &[&str]) -> Runner {
    temporary(site, site.command_with_failpoints(args(options)))
}

/// Temporary files of a killed process stay; they go with the site's folder.
fn temporary(site: &Site<'_>, runner: Runner) -> Runner {
    runner.env("TMPDIR", site.folder())
}

fn args<'o>(options: &[&'o str]) -> Vec<&'o str> {
    ["run", "--job", JOB, "--output", "json"].into_iter().chain(options.iter().copied()).collect()
}
