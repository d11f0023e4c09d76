//! Plays a history against the product and checks everything after each run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use runner::target::ledger::EntryKind;
use tokio::runtime::Runtime;

use super::compare::{Rows, difference, expected};
use super::history::{Case, Load, Shape, Step, UNREAD};
use super::job::{pick, sources};
use super::model::{Model, Way};
use super::source::{BadLine, Op, RawRow, Row, gzip};
use super::subject::{Failure, Subject};
use super::template::templates;
use super::world::{File, How, Look, News, Order, State, Table};

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

    fn write_job(&mut self) {
        let ddl: String = self
            .tables
            .iter()
            .map(|table| table.source.ddl(&self.subject.location(table.source.name)))
            .collect();
        self.subject.write("sources.sql", &ddl);
        writeln!(self.log, "{}", ddl.replace("\n", " ").replace("; ", ";\n")).unwrap();
        self.write_config();
        for index in 0..self.models.len() {
            self.write_model(index);
        }
    }

    fn write_config(&mut self) {
        // Histories are short and tables small, so that they are emptied often.
        let guard = "[guard]\nallow_empty = true\n";
        let mut config = format!("late_window_minutes = {}\n", self.late_window_minutes);
        if self.has_rejects {
            let location = self.subject.rejects_location();
            writeln!(config, "rejected_rows = 10000\nrejects = {location:?}").unwrap();
        }
        config.push_str(guard);
        for (index, model) in self.models.iter().enumerate() {
            let key = match self.keyless.contains(&index) {
                true => Some(Vec::new()),
                false => model.named_key.clone(),
            };
            if let Some(key) = key {
                writeln!(config, "[model.{}]\nkey = {key:?}", model.name).unwrap();
            }
        }
        self.subject.write("job.toml", &config);
        writeln!(self.log, "job.toml: {}", config.replace('\n', " ")).unwrap();
    }

    fn write_model(&mut self, index: usize) {
        let (name, sql) = (&self.models[index].name, self.sql(index));
        self.subject.write(&format!("{name}.sql"), sql);
        let line = format!("{name}.sql: {sql}");
        writeln!(self.log, "{line}").unwrap();
    }

    fn sql(&self, index: usize) -> &str {
        let model = &self.models[index];
        if self.edited.contains(&index) { &model.edited } else { &model.sql }
    }

    /// All that determines a model's rows, given its sources.
    fn meaning(&self, index: usize) -> String {
        let mut text = format!("{} {}", self.keyless.contains(&index), self.sql(index));
        for (other, model) in self.models.iter().enumerate() {
            if self.models[index].over.contains(&model.name) {
                text.push_str(self.sql(other));
            }
        }
        text
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

    fn edit(&mut self, model: u8) {
        let index = usize::from(model) % self.models.len();
        if !self.edited.remove(&index) {
            self.edited.insert(index);
        }
        self.write_model(index);
    }

    /// Not beside a table that cannot be exchanged: there a missing one is refused.
    fn drop_table(&mut self, model: u8) {
        let name = self.models[usize::from(model) % self.models.len()].name.clone();
        if self.obstructed.is_empty() && self.written.remove(&name).is_some() {
            writeln!(self.log, "drop table {name}").unwrap();
            self.subject.drop_table(&name);
        }
    }

    fn rekey(&mut self, model: u8) {
        let index = usize::from(model) % self.models.len();
        if self.models[index].has_key && !self.keyless.remove(&index) {
            self.keyless.insert(index);
        }
        self.write_config();
    }

    fn obstruct(&mut self, model: u8) {
        let tables = self.models.iter().filter(|model| !model.is_helper());
        let tables: Vec<String> = tables.map(|model| model.name.clone()).collect();
        let name = &tables[usize::from(model) % tables.len()];
        let all_there = tables.iter().all(|table| self.written.contains_key(table));
        if all_there && !self.obstructed.contains(name) && self.subject.obstruct(name) {
            writeln!(self.log, "trigger on {name}").unwrap();
            self.obstructed.insert(name.clone());
        }
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

    fn load_keys(&self, index: usize) -> Vec<String> {
        let files = self.tables[index].files.iter();
        files
            .filter(|(_, file)| matches!(file.order, Order::Load(_)))
            .map(|(key, _)| key.clone())
            .collect()
    }

    fn load(&mut self, index: usize, load: &Load) {
        // Without rows there may be no object at all.
        let objects = usize::from(load.objects).max(usize::from(!load.rows.is_empty()));
        for object in 0..objects {
            let share = load.rows.len().div_ceil(objects).max(1);
            let rows: Vec<RawRow> =
                load.rows.chunks(share).nth(object).map(<[RawRow]>::to_vec).unwrap_or_default();
            // From 9 on: counters are hexadecimal.
            let bad = if object == 0 { load.bad.as_slice() } else { &[] };
            self.load_object(index, 9 + object, (&rows, bad), load.gzip);
        }
    }

    fn load_object(
        &mut self,
        index: usize,
        counter: usize,
        (rows, bad): (&[RawRow], &[BadLine]),
        gzip: bool,
    ) {
        let name = format!("LOAD{counter:08X}");
        let order = Order::Load(name.clone());
        let source = &self.tables[index].source;
        let key = name.clone() + source.ending(gzip, self.has_rejects && !bad.is_empty());
        // A load in another format leaves nothing of its name behind here: that is refused, see `check_twins`.
        let is_twin = |other: &String| *other != key && other.split('.').next() == Some(&*name);
        let twins: Vec<String> = self.load_keys(index).into_iter().filter(is_twin).collect();
        for twin in twins {
            self.remove(index, &twin);
        }
        let source = &self.tables[index].source;
        let rows = rows.iter().map(|raw| (Op::Insert, source.row(raw))).collect();
        self.arrive(index, key, File { bad: bad.to_vec(), ..file(rows, order, false) });
    }

    fn rows(&self, index: usize, rows: &[(Op, RawRow)]) -> Vec<(Op, Row)> {
        let source = &self.tables[index].source;
        let op = |op: Op| if source.key.is_empty() { Op::Insert } else { op };
        rows.iter().map(|(o, raw)| (op(*o), source.row(raw))).collect()
    }

    /// Each name is newer than the one before. Some have more digits: parts of a millisecond.
    fn stamp(&mut self, finer: bool) -> (u64, String) {
        self.stamps += 1;
        let (day, hour) = (1 + self.stamps / 8, 5 * (self.stamps / 2 % 4));
        let odd = if self.stamps % 2 == 1 { "1" } else { "" };
        let finer = if finer { "0" } else { "" };
        (day, format!("202401{day:02}-{hour:02}5959999{odd}{finer}"))
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

    fn change(
        &mut self,
        index: usize,
        (rows, bad): (&[(Op, RawRow)], &[BadLine]),
        shape: Shape,
        late: u8,
    ) {
        let (day, stamp) = self.stamp(shape.finer);
        let (folder, order) = match shape.dated {
            true => (format!("2024/01/{day:02}/"), format!("{stamp}/2024/01/{day:02}")),
            false => (String::new(), stamp.clone()),
        };
        let source = &self.tables[index].source;
        let ending = source.ending(shape.gzip, self.has_rejects && !bad.is_empty());
        let key = format!("{folder}{stamp}{ending}");
        let rows = self.rows(index, rows);
        let order = Order::Change(order);
        let file = File { bad: bad.to_vec(), ..file(rows, order, shape.respelled) };
        if late == 0 {
            self.arrive(index, key, file);
        } else {
            self.tables[index].held.push((late, key, file));
        }
    }

    /// An object is there.
    fn arrive(&mut self, index: usize, key: String, mut file: File) {
        self.clock += 1;
        file.modified = self.clock;
        if !self.has_rejects {
            file.bad.clear();
        }
        let source = &self.tables[index].source;
        let is_load = matches!(file.order, Order::Load(_));
        let (text, rejected) = source.object_with(&file.rows, &file.bad, is_load, file.respelled);
        file.rejected = rejected;
        file.text.clone_from(&text);
        writeln!(self.log, "{}/{key} at {}:\n{text}", source.name, self.clock).unwrap();
        let bytes = match key.rsplit_once('.') {
            Some((_, "gz")) => gzip(&text),
            Some((_, "parquet")) => source.parquet(&file.rows, is_load, file.respelled),
            _ => text.into_bytes(),
        };
        file.size = bytes.len();
        put(&self.path(index, &key), &bytes, self.clock);
        self.subject.tell(source.name, &key);
        self.tables[index].arrive(key, file);
    }

    fn path(&self, index: usize, key: &str) -> std::path::PathBuf {
        self.subject.staging().join(self.tables[index].source.name).join(key)
    }

    fn remove(&mut self, index: usize, key: &str) {
        writeln!(self.log, "delete {}/{key}", self.tables[index].source.name).unwrap();
        std::fs::remove_file(self.path(index, key)).unwrap();
        self.subject.tell(self.tables[index].source.name, key);
        self.tables[index].remove(key);
    }

    /// The task is restarted. What it wrote and no run has seen is part of the ended generation; only S3 has times that tell
    /// it, so elsewhere it is deleted.
    fn reload(&mut self, index: usize, load: &Load, keep: bool) {
        let has_times = self.subject.has_times();
        if keep && load.objects == 0 && self.load_keys(index).len() > 1 {
            // So far only the first object is there.
            return self.load_object(index, 9, (&load.rows, &load.bad), load.gzip);
        }
        let newest = self.tables[index].newest().cloned();
        let is_told = |file: &File| has_times || Some(&file.order) < newest.as_ref();
        for (_, key, file) in std::mem::take(&mut self.tables[index].held) {
            if keep && is_told(&file) {
                self.arrive(index, key, file);
            }
        }
        let files = &self.tables[index].files;
        let gone = |file: &File| {
            !keep
                || matches!(file.order, Order::Load(_))
                || file.state == State::New && !is_told(file)
        };
        let gone: Vec<String> =
            files.iter().filter(|(_, file)| gone(file)).map(|(key, _)| key.clone()).collect();
        for key in gone {
            self.remove(index, &key);
        }
        self.load(index, &Load { objects: load.objects.max(1), ..load.clone() });
    }

    fn rewrite(&mut self, index: usize, pick: u8, (rows, bad): (&[(Op, RawRow)], &[BadLine])) {
        let files = self.tables[index].files.iter();
        let changes: Vec<String> = files
            .filter(|(_, file)| matches!(file.order, Order::Change(_)))
            .map(|(key, _)| key.clone())
            .collect();
        if let Some(key) = picked(&changes, pick) {
            let order = self.tables[index].files[key].order.clone();
            let rows = self.rows(index, rows);
            self.arrive(index, key.clone(), File { bad: bad.to_vec(), ..file(rows, order, false) });
        }
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

    /// Held objects come nearer.
    fn let_time_pass(&mut self) {
        for index in 0..self.tables.len() {
            for (runs, key, file) in std::mem::take(&mut self.tables[index].held) {
                if runs <= 1 {
                    self.arrive(index, key, file);
                } else {
                    self.tables[index].held.push((runs - 1, key, file));
                }
            }
        }
    }

    /// The way that each written model must take, by its name.
    fn ways(&self, looks: &[Look]) -> BTreeMap<String, &'static str> {
        let news = |source: &&str| {
            let place = self.tables.iter().position(|table| table.source.name == *source).unwrap();
            looks[place].news
        };
        let is_changed = |source: &&&'static str| news(source) == News::Changes;
        let mut ways = BTreeMap::new();
        for (index, model) in self.models.iter().enumerate() {
            let is_new = self.written.get(&model.name) != Some(&self.meaning(index));
            let is_loaded = model.reads.iter().any(|source| news(source) == News::Rebuild);
            let changed: Vec<&&str> = model.reads.iter().filter(is_changed).collect();
            let way = match (changed.as_slice(), model.way) {
                _ if model.is_helper() => continue,
                _ if is_new || is_loaded => "full load",
                ([], _) => continue,
                ([source], Way::Append(driver)) if **source == driver => "append",
                ([source], Way::RowWise(driver)) if self.has_key(index) && **source == driver => {
                    "row-wise"
                }
                _ => self.whole(index),
            };
            ways.insert(model.name.clone(), way);
        }
        if !ways.values().any(|way| *way == "full load") {
            return ways;
        }
        let in_place = ways.keys().any(|model| self.obstructed.contains(model));
        for (index, model) in self.models.iter().enumerate() {
            match ways.get_mut(&model.name) {
                Some(way) if !in_place => *way = "full load",
                Some(way) if *way == "full load" => *way = self.whole(index),
                _ => {}
            }
        }
        ways
    }

    /// Whether a model needs objects that are gone.
    fn lacks_objects(&self, looks: &[Look]) -> bool {
        let ways = self.ways(looks);
        self.models.iter().filter_map(|model| Some((model, *ways.get(&model.name)?))).any(
            |(model, way)| {
                self.tables.iter().zip(looks).any(|(table, look)| {
                    let is_driver = match model.way {
                        Way::RowWise(driver) | Way::Append(driver) => driver == table.source.name,
                        Way::Replay => false,
                    };
                    model.reads.contains(&table.source.name)
                        && match way {
                            "append" if is_driver => false,
                            way => table.lacks(look, is_driver && way == "row-wise"),
                        }
                })
            },
        )
    }

    /// How a whole result is written in place.
    fn whole(&self, index: usize) -> &'static str {
        if self.has_key(index) { "replay" } else { "replace" }
    }

    fn has_key(&self, index: usize) -> bool {
        self.models[index].has_key && !self.keyless.contains(&index)
    }

    fn check_tables(&self) -> Outcome {
        let told = |failure: Failure| format!("cannot be read: {failure}");
        let (_, _, job) = self.subject.load().map_err(told)?;
        let rows: Vec<Vec<Row>> = self.tables.iter().map(Table::replay).collect();
        let wanted: Vec<Rows> = self
            .runtime
            .block_on(Box::pin(expected(&job, &rows)))
            .map_err(|error| format!("the oracle cannot evaluate: {error}"))?;
        let found = self.subject.tables(&job).map_err(told)?;
        for ((output, wanted), found) in job.outputs.iter().zip(&wanted).zip(&found) {
            if let Some(difference) = difference(wanted, found) {
                return Err(format!("table of {} is wrong\n  {difference}", output.model));
            }
        }
        let models = self.models.iter().filter(|model| !model.is_helper());
        let mut names: BTreeSet<String> = models.map(|model| model.name.clone()).collect();
        names.extend(["unglue_ledger", "unglue_meta"].map(str::to_owned));
        let there = self.subject.table_names();
        if there != names {
            return Err(format!("tables {there:?} instead of {names:?}"));
        }
        Ok(())
    }

    /// A file for each applied object with rows set aside, and no other of the generation.
    fn check_rejects(&self, table: &Table, generation: u32) -> Outcome {
        let folder = self.subject.rejects().join(table.source.name).join(generation.to_string());
        let mut found = BTreeMap::new();
        rejects_below(&folder, "", &mut found);
        let files = table.applied.keys().map(|key| (key.clone(), table.of_applied(key).rejected));
        let wanted: BTreeMap<String, u64> = files.filter(|(_, rejected)| *rejected > 0).collect();
        if found != wanted {
            let name = table.source.name;
            return Err(format!("the rejects of {name} are {found:?} instead of {wanted:?}"));
        }
        Ok(())
    }

    /// One entry for each applied object of the current generation, and one for each that came too late.
    fn check_ledger(&self) -> Outcome {
        let ledger = self.subject.ledger().map_err(|f| format!("no ledger: {f}"))?;
        let mut superseded = BTreeSet::new();
        for table in &self.tables {
            let name = table.source.name;
            let entries: Vec<_> = ledger
                .applied
                .iter()
                .map(|applied| &applied.entry)
                .filter(|entry| entry.source == name)
                .collect();
            let is_late = |kind: EntryKind| kind == EntryKind::Superseded;
            let is_applied = |kind: EntryKind| {
                matches!(kind, EntryKind::Load | EntryKind::Change | EntryKind::Gone)
            };
            superseded.extend(
                entries
                    .iter()
                    .filter(|entry| is_late(entry.kind))
                    .map(|entry| (name.to_owned(), entry.object.clone())),
            );
            let newest = entries.iter().map(|entry| entry.generation).max();
            let mut found: Vec<(String, u64, u64)> = entries
                .iter()
                .filter(|entry| Some(entry.generation) == newest && is_applied(entry.kind))
                .map(|entry| (entry.object.clone(), entry.rows, entry.rejected))
                .collect();
            found.sort();
            let wanted: Vec<(String, u64, u64)> = table
                .applied
                .keys()
                .map(|key| {
                    let file = table.of_applied(key);
                    (key.clone(), file.rows.len() as u64, file.rejected)
                })
                .collect();
            if found != wanted {
                return Err(format!("the ledger of {name} has {found:?} instead of {wanted:?}"));
            }
            self.check_rejects(table, newest.unwrap_or(0))?;
        }
        if !superseded.is_superset(&self.superseded) {
            return Err(format!("superseded: {superseded:?} without {:?}", self.superseded));
        }
        Ok(())
    }
}

/// A file that no run has seen.
fn file(rows: Vec<(Op, Row)>, order: Order, respelled: bool) -> File {
    let (bad, rejected) = (Vec::new(), 0);
    let (state, is_ignored) = (State::New, false);
    let text = String::new();
    let (size, modified) = (0, 0);
    File { rows, text, size, bad, rejected, order, modified, respelled, state, is_ignored }
}

/// The lines that the files of rejects below a folder hold, by the object's key.
fn rejects_below(folder: &Path, prefix: &str, found: &mut BTreeMap<String, u64>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.map(Result::unwrap) {
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            rejects_below(&entry.path(), &format!("{name}/"), found);
        } else if let Some(key) = name.strip_suffix(".jsonl") {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let lines = text.lines().map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                line["lines"].as_u64().unwrap()
            });
            found.insert(key.to_owned(), lines.sum());
        }
    }
}

/// The report names the objects and the ways that it must.
fn check_report(
    report: &serde_json::Value,
    tables: &[Table],
    looks: &[Look],
    ways: &BTreeMap<String, &'static str>,
) -> Outcome {
    let mut wanted = BTreeMap::new();
    let mut late = BTreeSet::new();
    for (table, look) in tables.iter().zip(looks) {
        for key in &look.pending {
            let file = &table.files[key];
            let kind = if matches!(file.order, Order::Load(_)) { "load" } else { "change" };
            wanted.insert(
                (table.source.name.to_owned(), key.clone()),
                (kind.to_owned(), file.rows.len() as u64, file.rejected),
            );
        }
        let name = table.source.name;
        for key in &look.superseded {
            wanted.insert((name.to_owned(), key.clone()), ("superseded".to_owned(), 0, 0));
        }
        for (key, file) in table.gone.iter().filter(|(_, file)| !look.ends && !file.is_ignored) {
            wanted.insert((name.to_owned(), key.clone()), ("gone".to_owned(), 0, file.rejected));
        }
        late.extend(table.late(look).into_iter().map(|key| (name.to_owned(), key)));
    }
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let objects = report["objects"].as_array().cloned().unwrap_or_default();
    let found: BTreeMap<_, _> = objects
        .iter()
        .map(|object| {
            let [rows, rejected] =
                ["rows", "rejected"].map(|name| object[name].as_u64().unwrap_or(u64::MAX));
            let name = (text(&object["source"]), text(&object["key"]));
            (name, (text(&object["kind"]), rows, rejected))
        })
        .collect();
    if found != wanted || found.len() != objects.len() {
        return Err(format!("the report has the objects {found:?} instead of {wanted:?}"));
    }
    let told = objects.iter().filter(|object| object["late"] == true);
    let told: BTreeSet<_> =
        told.map(|object| (text(&object["source"]), text(&object["key"]))).collect();
    if told != late {
        return Err(format!("the report calls {told:?} late instead of {late:?}"));
    }
    let models = report["models"].as_array().cloned().unwrap_or_default();
    let found: BTreeMap<_, _> =
        models.iter().map(|model| (text(&model["model"]), text(&model["way"]))).collect();
    let wanted_ways: BTreeMap<_, _> =
        ways.iter().map(|(model, way)| (model.clone(), (*way).to_owned())).collect();
    if found != wanted_ways || found.len() != models.len() {
        return Err(format!("the models went {found:?} instead of {wanted_ways:?}"));
    }
    let is_idle = wanted.is_empty() && ways.is_empty();
    let outcome = if is_idle { "nothing_to_do" } else { "applied" };
    if report["outcome"] != outcome {
        return Err(format!("the outcome is {} instead of {outcome}", report["outcome"]));
    }
    Ok(())
}

fn picked(keys: &[String], pick: u8) -> Option<&String> {
    keys.get(usize::from(pick) % keys.len().max(1))
}

fn put(path: &Path, bytes: &[u8], clock: u64) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + clock);
    std::fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}
