//! Plays a history against the product and checks everything after each run.

mod checks;
mod job;
mod staging;
mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tokio::runtime::Runtime;

use super::history::{Case, Step, UNREAD};
use super::job::{pick, sources};
use super::model::Model;
use super::subject::{Failure, Subject};
use super::template::templates;
use super::world::{How, Look, News, State, Table};
use checks::check_report;
use staging::{picked, put};

/// What is wrong, with the whole history that led there.
pub(super) type Outcome = Result<(), String>;

/// Some changes lie within it: their names are five hours apart, or a part of a millisecond.
const LATE_WINDOW_MINUTES: u32 = 11 * 60;

/// Plays a case to its end.
pub(super) fn play(case: &Case, runtime: &Runtime, subject: &Subject<'_>) -> Outcome {
    let mut player = Player::new(case, runtime, subject);
    let outcome = player.play(case);
    outcome.map_err(|reason| format!("{reason}\n\n{}", player.log))
}

struct Player<'a> {
    runtime: &'a Runtime,
    subject: &'a Subject<'a>,
    tables: Vec<Table>,
    models: Vec<Model>,
    /// Models whose edited version is in the job.
    edited: BTreeSet<usize>,
    /// For each model with a table what it was last written with.
    written: BTreeMap<String, String>,
    /// Models whose key is taken away.
    keyless: BTreeSet<usize>,
    /// Models whose tables cannot be exchanged.
    obstructed: BTreeSet<String>,
    /// What is tried first where a run is refused.
    on_trouble: How,
    superseded: BTreeSet<(String, String)>,
    /// Whether bad rows are set aside; else objects have none.
    has_rejects: bool,
    /// How far back late objects are looked for.
    late_window_minutes: u32,
    clock: u64,
    stamps: u64,
    log: String,
}

impl<'a> Player<'a> {
    fn new(case: &Case, runtime: &'a Runtime, subject: &'a Subject<'a>) -> Self {
        let sources = sources(case.key, case.other_key, case.turned, case.formats);
        let models = pick(templates(&sources[0], &sources[1]), &case.models);
        let mut player = Self {
            runtime,
            subject,
            tables: sources.into_iter().map(Table::new).collect(),
            models,
            edited: BTreeSet::new(),
            written: BTreeMap::new(),
            keyless: BTreeSet::new(),
            obstructed: BTreeSet::new(),
            on_trouble: case.on_trouble,
            superseded: BTreeSet::new(),
            has_rejects: case.has_rejects,
            late_window_minutes: if case.is_recent { LATE_WINDOW_MINUTES } else { 0 },
            clock: 0,
            stamps: 0,
            log: String::new(),
        };
        player.write_job();
        player
    }

    fn play(&mut self, case: &Case) -> Outcome {
        for (index, load) in case.loads.iter().enumerate() {
            std::fs::create_dir_all(self.subject.staging().join(self.tables[index].source.name))
                .unwrap();
            self.load(index, load);
        }
        if case.is_eager {
            self.run(How::Plain, false)?;
        }
        for step in &case.steps {
            self.step(step)?;
        }
        self.run(How::Plain, true)
    }

    fn step(&mut self, step: &Step) -> Outcome {
        match step {
            Step::Change { source, rows, bad, shape, late, run } => {
                let index = self.table(*source);
                self.change(index, (rows, bad), *shape, *late);
                if let Some(again) = run {
                    return self.run(How::Plain, *again);
                }
            }
            Step::Run { how, again } => return self.run(*how, *again),
            Step::Retry => return self.run(How::Retry, true),
            Step::Reload { source, load, keep } => {
                let index = self.table(*source);
                self.reload(index, load, *keep);
            }
            Step::MoreLoad { source, rows } => {
                let index = self.table(*source);
                let counter = 1 + self.load_keys(index).len();
                self.load_object(index, 16 + counter, (rows, &[]), false);
            }
            Step::Rewrite { source, pick, rows, bad } => {
                let index = self.table(*source);
                self.rewrite(index, *pick, (rows, bad));
            }
            Step::Remove { source, pick } => {
                let index = self.table(*source);
                let keys: Vec<String> = self.tables[index].files.keys().cloned().collect();
                if let Some(key) = picked(&keys, *pick) {
                    self.remove(index, key);
                }
            }
            Step::Edit { model } => self.edit(*model),
            Step::Drop { model } => self.drop_table(*model),
            Step::Rekey { model } => self.rekey(*model),
            Step::Obstruct { model } => self.obstruct(*model),
            Step::Broken { source } => return self.meet_broken(self.table(*source)),
            Step::Foreign { source } => {
                let name = self.tables[self.table(*source)].source.name;
                let folder = self.subject.staging().join(name);
                std::fs::write(folder.join("LOAD00000001.csv.bak"), "not, DMS's").unwrap();
                std::fs::create_dir_all(folder.join("archive")).unwrap();
                std::fs::write(folder.join("archive/20240101-000000000.csv"), "x").unwrap();
            }
        }
        Ok(())
    }

    /// The source that a step means: as a rule one that a model reads.
    fn table(&self, source: u8) -> usize {
        let is_read = |table: &Table| {
            self.models.iter().any(|model| model.reads.contains(&table.source.name))
        };
        let all = 0..self.tables.len();
        let read: Vec<usize> = all.filter(|index| is_read(&self.tables[*index])).collect();
        match source.checked_sub(UNREAD) {
            None => read[usize::from(source) % read.len()],
            Some(any) => usize::from(any) % self.tables.len(),
        }
    }

    /// A run that meets a broken object does nothing.
    fn meet_broken(&mut self, index: usize) -> Outcome {
        let (_, stamp) = self.stamp(false);
        // What is no gzip is never set aside.
        let gz = if self.has_rejects { ".gz" } else { "" };
        let path = self.path(index, &format!("{stamp}.csv{gz}"));
        writeln!(self.log, "run with a broken object of {}", self.tables[index].source.name)
            .unwrap();
        put(&path, b"X,1\nI\n", self.clock);
        let (_, is_refused) = self.look(How::Plain);
        let outcome = self.subject.run(How::Plain);
        std::fs::remove_file(path).unwrap();
        match outcome {
            Err(Failure { status: 4, .. }) => {}
            // What is found first counts: half a full load is looked for before rows are read.
            Err(Failure { status: 3, .. }) if is_refused => {}
            Err(failure) => return Err(format!("a broken object: {failure}")),
            Ok(report) => return Err(format!("a broken object, but the run did {report}")),
        }
        let is_current = |index: usize| {
            let model = &self.models[index];
            model.is_helper() || self.written.get(&model.name) == Some(&self.meaning(index))
        };
        // What stands in the tables must be what can be replayed.
        let is_settled = |table: &Table| {
            let mut files = table.applied.keys().map(|key| table.files.get(key));
            files.all(|file| file.is_some_and(|file| file.state == State::Applied))
        };
        if (0..self.models.len()).all(is_current) && self.tables.iter().all(is_settled) {
            self.check_tables()?;
            self.check_ledger()?;
        }
        Ok(())
    }

    /// What a run must find, and whether it must be refused for that.
    fn look(&self, how: How) -> (Vec<Look>, bool) {
        let has_times = self.subject.has_times();
        let looks: Vec<Look> = self.tables.iter().map(|table| table.look(how, has_times)).collect();
        let is_trouble = looks.iter().any(|look| look.news == News::Trouble);
        let is_refused = is_trouble || self.lacks_objects(&looks);
        (looks, is_refused)
    }

    /// One run and all checks; where it must be refused, another one that does what the case picks, or takes what is there.
    fn run(&mut self, how: How, again: bool) -> Outcome {
        let (looks, is_refused) = self.look(how);
        writeln!(self.log, "run {}", how.args().join(" ")).unwrap();
        if is_refused {
            match self.subject.run(how) {
                // Half a full load may be one that is still written: run again.
                Err(Failure { status: 3 | 4, .. }) => {}
                Err(failure) => {
                    return Err(format!("it must be refused, but the run said {failure}"));
                }
                Ok(report) => return Err(format!("it must be refused, but the run did {report}")),
            }
            let next = if how == How::Plain { self.on_trouble } else { How::Refresh };
            return self.run(next, again);
        }
        let report = self.subject.run(how).map_err(|f| format!("the run failed: {f}"))?;
        let ways = self.ways(&looks);
        check_report(&report, &self.tables, &looks, &ways)?;
        for (table, look) in self.tables.iter_mut().zip(&looks) {
            table.done(look);
            let name = table.source.name.to_owned();
            self.superseded.extend(look.superseded.iter().map(|key| (name.clone(), key.clone())));
        }
        for index in 0..self.models.len() {
            if ways.contains_key(&self.models[index].name) {
                self.written.insert(self.models[index].name.clone(), self.meaning(index));
            }
        }
        self.check_tables()?;
        self.check_ledger()?;
        if again {
            let repeated = self.subject.run(How::Plain);
            let report = repeated.map_err(|f| format!("the repeated run: {f}"))?;
            if report["outcome"] != "nothing_to_do" {
                return Err(format!("the repeated run did something: {report}"));
            }
            self.check_tables().map_err(|reason| format!("after the repeated run: {reason}"))?;
        }
        self.let_time_pass();
        Ok(())
    }
}
