//! Whole runs of the real binary against a real server, and beside each the same done by hand: docs/performance.md.
//!
//! `cargo bench --workspace --bench end_to_end`
#![expect(clippy::panic, clippy::unwrap_used, reason = "a panic is how a bench fails")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is the measurement")]

mod baseline;
mod generator;
mod order;
mod report;
#[path = "../tests/support/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "made for the tests; only servers are needed here"
)]
mod support;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use generator::{CHANGES, Data, Stage};
use report::{Report, Setting, What};
use support::MySqlServer;
use support::mysql::Flavour;

/// As a production server: its durability is the default one, and the table is in memory.
const SERVER_OPTIONS: [&str; 1] = ["--innodb-buffer-pool-size=1G"];
const SETTLE_LIMIT: Duration = Duration::from_secs(60);
const SETTLED_PAGES: u64 = 100;

fn main() {
    // `cargo test --all-targets` runs benches too, without this.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("a bench: cargo bench --workspace --bench end_to_end");
        return;
    }
    let rows = number("UNGLUE_BENCH_ROWS", 1_000_000);
    let rounds = number("UNGLUE_BENCH_ROUNDS", 3);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder of the workspace");
    let target = root.join("target");

    eprintln!("data: {rows} rows");
    let data = Data::prepare(&target.join("bench-data"), rows);
    eprintln!("the binary and the server");
    let mut bench = Bench::start(root, data, target.join("bench"));
    for round in 0..rounds {
        bench.round(round);
    }
    println!("{}", bench.report);
    let json = target.join("bench/end_to_end.json");
    fs::write(&json, format!("{:#}\n", bench.report.json())).expect("the report can be written");
}

fn number(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => {
            text.replace('_', "").parse().unwrap_or_else(|_| panic!("{variable} is not a number"))
        }
        Err(_) => default,
    }
}

struct Bench {
    jobs: PathBuf,
    sample_jobs: PathBuf,
    data: Data,
    /// Where the measured processes run.
    folder: PathBuf,
    staging: PathBuf,
    runner: PathBuf,
    runtime: Arc<Runtime>,
    server: MySqlServer,
    report: Report,
}

impl Bench {
    fn start(root: &Path, data: Data, folder: PathBuf) -> Self {
        let staging = folder.join("staging");
        fs::create_dir_all(&staging).expect("the bench's folder can be made");
        let runner = support::binary::build();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = Arc::new(runtime.expect("a runtime starts"));
        let programs = support::servers::install();
        let server =
            MySqlServer::start(Flavour::MySql, &programs, Arc::clone(&runtime), &SERVER_OPTIONS);
        let profile = runner.parent().and_then(Path::file_name).map(OsStr::to_string_lossy);
        let report = Report::new(Setting {
            rows: data.rows,
            changes: CHANGES,
            cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            server: value(&server, "SELECT VERSION()"),
            profile: profile.unwrap_or_default().into_owned(),
        });
        Self {
            jobs: root.join("benches/jobs"),
            sample_jobs: root.join("sql"),
            data,
            folder,
            staging,
            runner,
            runtime,
            server,
            report,
        }
    }

    /// Everything once, on databases of its own.
    fn round(&mut self, round: u64) {
        eprintln!("round {}", round + 1);
        fs::remove_dir_all(&self.staging).expect("the staging folder can be emptied");
        fs::create_dir(&self.staging).expect("the staging folder can be made");
        let databases = [(); 3].map(|()| {
            let database = self.server.fresh_database();
            self.server.execute(&database, &baseline::create_table());
            database
        });
        let [own, one, two] = databases.each_ref().map(String::as_str);
        let data = Inputs::of(&self.data);

        self.data.stage(Stage::Load, &self.staging);
        let mut ways: [Way<'_>; 3] = [
            (What::FullLoad, own, &|bench, url| bench.run(url, "full load")),
            (What::LoadDataOneStream, one, &|bench, url| {
                bench.by_hand(baseline::load(url, &data.finished));
            }),
            (What::LoadDataTwoStreams, two, &|bench, url| {
                bench.by_hand(baseline::load_both(url, &data.finished));
            }),
        ];
        self.measure_all(round, &mut ways, self.data.rows);
        self.server.execute("mysql", &format!("DROP DATABASE {two}"));

        self.data.stage(Stage::Changes, &self.staging);
        let mut ways: [Way<'_>; 2] = [
            (What::Changes, own, &|bench, url| bench.run(url, "row-wise")),
            (What::MergeByHand, one, &|bench, url| {
                bench.by_hand(baseline::merge(url, &data.net_changes));
            }),
        ];
        self.measure_all(round, &mut ways, self.data.rows_changed);

        self.data.stage(Stage::Six, &self.staging);
        let mut ways: [Way<'_>; 2] = [
            (What::SixChanges, own, &|bench, url| bench.run(url, "row-wise")),
            (What::SixStatements, one, &|bench, url| {
                bench.by_hand(baseline::execute(url, &data.six_statements));
            }),
        ];
        // One of the six inserts a row, and one deletes one.
        self.measure_all(round, &mut ways, self.data.rows_changed);
        for database in [own, one] {
            self.server.execute("mysql", &format!("DROP DATABASE {database}"));
        }
        // Else the disk fills up with the logs of dropped tables.
        self.server.execute("mysql", "RESET BINARY LOGS AND GTIDS");

        self.settle();
        self.measure(What::Plan, Self::plan);
        self.measure(What::Version, |bench| {
            let output = bench.exec(&["--version".as_ref()]);
            assert!(output.starts_with("runner "), "{output}");
        });
    }

    /// Measures ways to the same result, each round beginning with another one, and compares the tables.
    fn measure_all(&mut self, round: u64, ways: &mut [Way<'_>], rows: u64) {
        let turn = usize::try_from(round).expect("a number of rounds") % ways.len();
        ways.rotate_left(turn);
        for (what, database, way) in &*ways {
            let url = self.server.url(database);
            self.settle();
            self.measure(*what, |bench| way(bench, &url));
        }
        let tables: Vec<_> = ways
            .iter()
            .map(|(_, database, _)| self.server.query(database, &baseline::fingerprint()))
            .collect();
        for ((what, ..), table) in ways.iter().zip(&tables) {
            assert_eq!(table[0][0], Some(rows.to_string()), "the number of rows after {what:?}");
            assert_eq!(table, &tables[0], "{what:?} and {:?} have different rows", ways[0].0);
        }
    }

    fn measure(&mut self, what: What, way: impl FnOnce(&Self)) {
        let start = Instant::now();
        way(self);
        let elapsed = start.elapsed();
        eprintln!("  {what:?}: {:.3} s", elapsed.as_secs_f64());
        self.report.add(what, elapsed);
    }

    /// Waits until the server has written what the runs before left in memory, so that none pays for another.
    fn settle(&self) {
        let set = |settings: [&str; 2]| {
            for setting in settings {
                let sql = format!("SET GLOBAL innodb_max_dirty_pages_{setting}");
                self.server.execute("mysql", &sql);
            }
        };
        set(["pct_lwm = 0", "pct = 0"]);
        let deadline = Instant::now() + SETTLE_LIMIT;
        loop {
            let status = "SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'";
            let rows = self.server.query("mysql", status);
            let pages = rows[0][1].as_deref().and_then(|pages| pages.parse::<u64>().ok());
            if pages.is_some_and(|pages| pages < SETTLED_PAGES) {
                break;
            }
            assert!(Instant::now() < deadline, "the server does not settle: {pages:?} pages");
            std::thread::sleep(Duration::from_millis(100));
        }
        set(["pct = DEFAULT", "pct_lwm = DEFAULT"]);
    }

    fn by_hand(&self, work: impl Future<Output = mysql_async::Result<()>>) {
        self.runtime.block_on(work).expect("the baseline succeeds");
    }

    /// Runs the job, and checks that the table was written in the way that is meant to be measured.
    fn run(&self, url: &str, way: &str) {
        let staging = format!("STAGING={}/", self.staging.display());
        let jobs = self.jobs.as_os_str();
        let output = self.exec(&[
            "run".as_ref(),
            "--jobs".as_ref(),
            jobs,
            "--job".as_ref(),
            "orders".as_ref(),
            "--var".as_ref(),
            staging.as_ref(),
            "--target".as_ref(),
            url.as_ref(),
            "--output".as_ref(),
            "json".as_ref(),
        ]);
        let report: serde_json::Value = serde_json::from_str(&output).expect("a report in JSON");
        assert_eq!(report["models"][0]["way"], way, "{output}");
    }

    fn plan(&self) {
        let jobs = self.sample_jobs.as_os_str();
        let output = self.exec(&[
            "plan".as_ref(),
            "--jobs".as_ref(),
            jobs,
            "--job".as_ref(),
            "load_sales".as_ref(),
            "--target".as_ref(),
            "sqlite:load_sales.db".as_ref(),
        ]);
        assert!(output.contains("song_sales"), "{output}");
    }

    /// Executes the binary to its end; returns its stdout.
    fn exec(&self, args: &[&OsStr]) -> String {
        let output = Command::new(&self.runner)
            .args(args)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", &self.folder)
            .current_dir(&self.folder)
            .output()
            .expect("the binary starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {}\n{stderr}", output.status);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// What is measured, the database that it works on, and the work on the database's URL.
type Way<'a> = (What, &'a str, &'a dyn Fn(&Bench, &str));

/// What the baselines are given.
struct Inputs {
    finished: [PathBuf; 2],
    net_changes: PathBuf,
    six_statements: Vec<String>,
}

impl Inputs {
    fn of(data: &Data) -> Self {
        Self {
            finished: data.finished(),
            net_changes: data.net_changes(),
            six_statements: data.six_statements(),
        }
    }
}

fn value(server: &MySqlServer, sql: &str) -> String {
    server.query("mysql", sql)[0][0].clone().unwrap_or_default()
}
