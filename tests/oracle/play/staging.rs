//! What comes into the staged folders and goes from them.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Player;
use crate::oracle::history::{Load, Shape};
use crate::oracle::source::{BadLine, Op, RawRow, Row, gzip};
use crate::oracle::world::{File, Order, State};

impl Player<'_> {
    pub(super) fn load_keys(&self, index: usize) -> Vec<String> {
        let files = self.tables[index].files.iter();
        files
            .filter(|(_, file)| matches!(file.order, Order::Load(_)))
            .map(|(key, _)| key.clone())
            .collect()
    }

    pub(super) fn load(&mut self, index: usize, load: &Load) {
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

    pub(super) fn load_object(
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

    pub(super) fn rows(&self, index: usize, rows: &[(Op, RawRow)]) -> Vec<(Op, Row)> {
        let source = &self.tables[index].source;
        let op = |op: Op| if source.key.is_empty() { Op::Insert } else { op };
        rows.iter().map(|(o, raw)| (op(*o), source.row(raw))).collect()
    }

    /// Each name is newer than the one before. Some have more digits: parts of a millisecond.
    pub(super) fn stamp(&mut self, finer: bool) -> (u64, String) {
        self.stamps += 1;
        let (day, hour) = (1 + self.stamps / 8, 5 * (self.stamps / 2 % 4));
        let odd = if self.stamps % 2 == 1 { "1" } else { "" };
        let finer = if finer { "0" } else { "" };
        (day, format!("202401{day:02}-{hour:02}5959999{odd}{finer}"))
    }

    pub(super) fn change(
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
    pub(super) fn arrive(&mut self, index: usize, key: String, mut file: File) {
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

    pub(super) fn path(&self, index: usize, key: &str) -> std::path::PathBuf {
        self.subject.staging().join(self.tables[index].source.name).join(key)
    }

    pub(super) fn remove(&mut self, index: usize, key: &str) {
        writeln!(self.log, "delete {}/{key}", self.tables[index].source.name).unwrap();
        std::fs::remove_file(self.path(index, key)).unwrap();
        self.subject.tell(self.tables[index].source.name, key);
        self.tables[index].remove(key);
    }

    /// The task is restarted. What it wrote and no run has seen is part of the ended generation; only S3 has times that tell
    /// it, so elsewhere it is deleted.
    pub(super) fn reload(&mut self, index: usize, load: &Load, keep: bool) {
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

    pub(super) fn rewrite(
        &mut self,
        index: usize,
        pick: u8,
        (rows, bad): (&[(Op, RawRow)], &[BadLine]),
    ) {
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

    /// Held objects come nearer.
    pub(super) fn let_time_pass(&mut self) {
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
}

/// A file that no run has seen.
pub(super) fn file(rows: Vec<(Op, Row)>, order: Order, respelled: bool) -> File {
    let (bad, rejected) = (Vec::new(), 0);
    let (state, is_ignored) = (State::New, false);
    let text = String::new();
    let (size, modified) = (0, 0);
    File { rows, text, size, bad, rejected, order, modified, respelled, state, is_ignored }
}

pub(super) fn picked(keys: &[String], pick: u8) -> Option<&String> {
    keys.get(usize::from(pick) % keys.len().max(1))
}

pub(super) fn put(path: &Path, bytes: &[u8], clock: u64) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + clock);
    std::fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}
