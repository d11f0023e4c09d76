//! The guarantee where tables are altered at the source: with `drift = "widen"`, and for any stream of objects that get wider,
//! each target table equals the job's SQL over the replayed sources with all their columns.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use runner::drift::Reach;
use tokio::runtime::Runtime;

use super::compare::{difference, expected};
use super::source::{Op, Row};
use super::subject::Subject;
use super::value::Cell;
use super::world::How;

const SOURCES: [&str; 2] = ["t", "u"];
const MODELS: [(&str, &str); 5] = [
    ("every", "SELECT * FROM t"),
    ("named", "SELECT k, a FROM t WHERE b IS NULL OR b <> 'x'"),
    ("counts", "SELECT b, count(*) AS c FROM t GROUP BY b"),
    ("joined", "SELECT t.k, t.a, u.b FROM t LEFT JOIN u ON t.k = u.k"),
    ("unique", "SELECT DISTINCT * FROM u"),
];
const VALUES: [Cell; 5] = [None, Some("x"), Some("y"), Some("1"), Some("long text")];
/// Columns at first: `k`, `a` and `b`.
const DECLARED: usize = 3;

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    /// A column is added at the source.
    Alter {
        source: usize,
    },
    /// DMS writes a change object, which is seen only after the next run.
    Change {
        source: usize,
        rows: Vec<Raw>,
        is_late: bool,
        gzip: bool,
    },
    Run {
        refresh: bool,
    },
    /// The table is loaded anew.
    Reload {
        source: usize,
        rows: Vec<Raw>,
    },
    /// The user declares the first column that is not declared.
    Declare {
        source: usize,
    },
}

/// Numbers that name an operation, a key and values.
type Raw = (u8, u8, [u8; 8]);

#[derive(Debug, Clone)]
pub(super) struct Case {
    headers: [bool; 2],
    op_in_load: bool,
    stamped: bool,
    loads: [Vec<Raw>; 2],
    steps: Vec<Step>,
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    let raw = || (0..3_u8, 0..6_u8, any::<[u8; 8]>());
    let source = || 0..SOURCES.len();
    let change = (source(), vec(raw(), 0..5), any::<bool>(), any::<bool>())
        .prop_map(|(source, rows, is_late, gzip)| Step::Change { source, rows, is_late, gzip });
    let step = prop_oneof![
        2 => source().prop_map(|source| Step::Alter { source }),
        6 => change,
        3 => prop::bool::weighted(0.15).prop_map(|refresh| Step::Run { refresh }),
        1 => (source(), vec(raw(), 0..5)).prop_map(|(source, rows)| Step::Reload { source, rows }),
        1 => source().prop_map(|source| Step::Declare { source }),
    ];
    let loads = [vec(raw(), 0..6), vec(raw(), 0..6)];
    (any::<[bool; 2]>(), any::<bool>(), any::<bool>(), loads, vec(step, 1..14)).prop_map(
        |(headers, op_in_load, stamped, loads, steps)| Case {
            headers,
            op_in_load,
            stamped,
            loads,
            steps,
        },
    )
}

/// A change object that is not seen yet: its key, its rows, how wide they are, and whether it comes late.
type Held = (String, Vec<(Op, Row)>, usize, bool);

/// A table at the source, and its objects of the current generation.
struct Table {
    name: &'static str,
    header: bool,
    op_in_load: bool,
    stamped: bool,
    declared: usize,
    width: usize,
    /// By key.
    objects: BTreeMap<String, Vec<(Op, Row)>>,
    /// Seen after the next run.
    held: Vec<Held>,
}

impl Table {
    fn column(&self, index: usize) -> String {
        match index {
            0 => "k".to_owned(),
            1 => "a".to_owned(),
            2 => "b".to_owned(),
            _ if self.header => format!("x{index}"),
            _ if index < self.declared => format!("told_{index}"),
            _ => format!("column_{}", index + 1),
        }
    }

    fn ddl(&self, location: &str) -> String {
        let columns =
            (1..self.declared).map(|index| format!(", {} VARCHAR(40)", self.column(index)));
        let columns: String = columns.collect();
        format!(
            "CREATE EXTERNAL TABLE {} (k INT{columns}, PRIMARY KEY (k)) STORED AS DMS LOCATION '{location}' \
            OPTIONS ('AddColumnName' '{}', 'IncludeOpForFullLoad' '{}'{});\n",
            self.name,
            self.header,
            self.op_in_load,
            if self.stamped { ", 'TimestampColumnName' 'at'" } else { "" },
        )
    }

    fn rows(&self, raws: &[Raw], is_load: bool) -> Vec<(Op, Row)> {
        let row = |(op, key, cells): &Raw| {
            const KEYS: [&str; 6] = ["0", "1", "2", "3", "4", "5"];
            let op = match op {
                _ if is_load => Op::Insert,
                0 => Op::Insert,
                1 => Op::Update,
                _ => Op::Delete,
            };
            let value = |cell: &u8| VALUES[usize::from(*cell) % VALUES.len()];
            let cells = cells.iter().cycle().take(self.width - 1).map(value);
            (op, std::iter::once(Some(KEYS[usize::from(*key)])).chain(cells).collect())
        };
        raws.iter().map(row).collect()
    }

    fn text(&self, rows: &[(Op, Row)], is_load: bool) -> String {
        let has_op = !is_load || self.op_in_load;
        let mut lines = Vec::new();
        let mut line = |op: &str, stamp: &str, cells: Vec<String>| {
            let op = has_op.then(|| op.to_owned());
            let stamp = self.stamped.then(|| stamp.to_owned());
            lines.push(op.into_iter().chain(stamp).chain(cells).collect::<Vec<_>>().join(","));
        };
        if self.header {
            line("Op", "at", (0..self.width).map(|index| self.column(index)).collect());
        }
        for (op, row) in rows {
            let op = match op {
                Op::Insert => "I",
                Op::Update => "U",
                Op::Delete => "D",
            };
            let cells = row.iter().map(|cell| cell.unwrap_or_default().to_owned());
            line(op, "2026-01-01 00:00:00", cells.collect());
        }
        lines.into_iter().fold(String::new(), |text, line| text + &line + "\n")
    }

    /// The newest row of each key.
    fn replay(&self) -> Vec<Row> {
        let mut rows = BTreeMap::new();
        let (loads, changes): (Vec<_>, Vec<_>) =
            self.objects.iter().partition(|(key, _)| key.starts_with("LOAD"));
        for (op, row) in loads.into_iter().chain(changes).flat_map(|(_, rows)| rows) {
            match op {
                Op::Delete => rows.remove(&row[0]),
                Op::Insert | Op::Update => rows.insert(row[0], row.clone()),
            };
        }
        rows.into_values().collect()
    }
}

pub(super) fn play(case: &Case, runtime: &Runtime, subject: &Subject<'_>) -> Result<(), String> {
    let mut player = Player { runtime, subject, tables: Vec::new(), clock: 0, log: String::new() };
    player.play(case).map_err(|reason| format!("{reason}\n\n{}", player.log))
}

struct Player<'a> {
    runtime: &'a Runtime,
    subject: &'a Subject<'a>,
    tables: Vec<Table>,
    clock: u32,
    log: String,
}

impl Player<'_> {
    fn play(&mut self, case: &Case) -> Result<(), String> {
        for (index, name) in SOURCES.into_iter().enumerate() {
            self.tables.push(Table {
                name,
                header: case.headers[index],
                op_in_load: case.op_in_load,
                stamped: case.stamped,
                declared: DECLARED,
                width: DECLARED,
                objects: BTreeMap::new(),
                held: Vec::new(),
            });
            self.load(index, &case.loads[index]);
        }
        let config = "drift = \"widen\"\n\
            [guard]\nallow_empty = true\nmax_delete_share = 1\n";
        self.subject.write("job.toml", config);
        for (name, sql) in MODELS {
            self.subject.write(&format!("{name}.sql"), sql);
        }
        self.declare();
        for step in &case.steps {
            writeln!(self.log, "{step:?}").unwrap();
            self.step(step)?;
        }
        self.run(false)?;
        self.run(false)
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Alter { source } => self.tables[*source].width += 1,
            Step::Change { source, rows, is_late, gzip } => {
                self.clock += 1;
                let name = format!("20260101-{:06}000.csv", self.clock);
                let key = if *gzip { name + ".gz" } else { name };
                let table = &mut self.tables[*source];
                let rows = table.rows(rows, false);
                let width = table.width;
                table.held.push((key, rows, width, *is_late));
            }
            Step::Run { refresh } => return self.run(*refresh),
            Step::Reload { source, rows } => {
                // All changes are applied, so that the load holds what they say.
                self.run(false)?;
                self.run(false)?;
                let old: Vec<String> = self.tables[*source].objects.keys().cloned().collect();
                self.tables[*source].objects.clear();
                self.load(*source, rows);
                self.run(false)?;
                let folder = self.subject.staging().join(self.tables[*source].name);
                for key in old.iter().filter(|key| !key.starts_with("LOAD")) {
                    std::fs::remove_file(folder.join(key)).unwrap();
                }
            }
            Step::Declare { source } => {
                let table = &mut self.tables[*source];
                if table.declared < table.width {
                    table.declared += 1;
                    self.declare();
                }
            }
        }
        Ok(())
    }

    fn declare(&mut self) {
        let ddl = self.tables.iter().map(|table| table.ddl(&self.subject.location(table.name)));
        let ddl: String = ddl.collect();
        self.subject.write("sources.sql", &ddl);
        writeln!(self.log, "{ddl}").unwrap();
    }

    fn load(&mut self, index: usize, raws: &[Raw]) {
        let rows = self.tables[index].rows(raws, true);
        self.stage(index, "LOAD00000001.csv".to_owned(), rows, None);
    }

    /// `width` is that of the rows where the table has become wider since.
    fn stage(&mut self, index: usize, key: String, rows: Vec<(Op, Row)>, width: Option<usize>) {
        let table = &mut self.tables[index];
        let now = table.width;
        table.width = width.unwrap_or(now);
        let text = table.text(&rows, key.starts_with("LOAD"));
        table.width = now;
        writeln!(self.log, "{}/{key}:\n{text}", table.name).unwrap();
        let folder = self.subject.staging().join(table.name);
        std::fs::create_dir_all(&folder).unwrap();
        let bytes =
            if key.ends_with(".gz") { super::source::gzip(&text) } else { text.into_bytes() };
        std::fs::write(folder.join(&key), bytes).unwrap();
        self.subject.tell(table.name, &key);
        table.objects.insert(key, rows);
    }

    fn run(&mut self, refresh: bool) -> Result<(), String> {
        let mut late = Vec::new();
        for index in 0..self.tables.len() {
            for (key, rows, width, is_late) in std::mem::take(&mut self.tables[index].held) {
                if is_late {
                    late.push((index, (key, rows, width, false)));
                } else {
                    self.stage(index, key, rows, Some(width));
                }
            }
        }
        writeln!(self.log, "run, refresh {refresh}").unwrap();
        let how = if refresh { How::Refresh } else { How::Plain };
        let report = self.subject.run(how).map_err(|failure| failure.to_string())?;
        writeln!(self.log, "{report}").unwrap();
        for (index, held) in late {
            self.tables[index].held.push(held);
        }
        self.compare()
    }

    fn compare(&mut self) -> Result<(), String> {
        let told = |failure: super::subject::Failure| failure.to_string();
        let (_, state, job) = self.subject.load().map_err(told)?;
        let ledger = self.subject.ledger().map_err(told)?;
        let wide = self.runtime.block_on(Reach::known(&job, &ledger, false).job(&job, &state));
        let wide = wide.map_err(|error| error.to_string())?;
        let mut sources = Vec::new();
        for (table, source) in self.tables.iter().zip(&wide.sources) {
            let names: Vec<String> = (0..table.width).map(|index| table.column(index)).collect();
            let place = |name: &String| names.iter().position(|own| own == name);
            let fields = source.schema.fields();
            let places: Vec<Option<usize>> =
                fields.iter().map(|field| place(field.name())).collect();
            let cell = |row: &Row, place: &Option<usize>| *row.get((*place)?)?;
            let rows = table.replay();
            let widest = table.objects.values().flatten().map(|(_, row)| row.len()).max();
            if let Some(missing) = (0..widest.unwrap_or(0)).find(|index| {
                rows.iter().any(|row| row.len() > *index) && !places.contains(&Some(*index))
            }) {
                return Err(format!("`{}` is not in {fields:?}", names[missing]));
            }
            let widen = |row: &Row| places.iter().map(|place| cell(row, place)).collect();
            sources.push(rows.iter().map(widen).collect::<Vec<Row>>());
        }
        let wanted = self.runtime.block_on(expected(&wide, &sources));
        let wanted = wanted.map_err(|error| error.to_string())?;
        // What was planned with is what is known from then on, else every look at the job plans otherwise.
        for output in &wide.outputs {
            if ledger.models.get(&output.model) != Some(&output.fingerprint) {
                return Err(format!("`{}` is written over other columns than known", output.model));
            }
        }
        let found = self.subject.tables(&wide).map_err(told)?;
        for ((output, wanted), found) in wide.outputs.iter().zip(&wanted).zip(&found) {
            if let Some(difference) = difference(wanted, found) {
                return Err(format!("`{}` differs\n  {difference}", output.model));
            }
        }
        Ok(())
    }
}
