//! Shows how far a command is, while it works.
//!
//! What is shown is the process's, as stderr is: one command shows it at a time.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value};
use tracing::info;

use super::counters::Counters;
use super::mode::Way;
use super::pace::{Pace, Progress, Sample};
use crate::telemetry::{self, bar};

/// What takes less time has no bar.
const BAR_AFTER: Duration = Duration::from_secs(1);
/// How often it is drawn.
const TICK: Duration = Duration::from_millis(200);
/// How often is counted between two lines.
const TICK_OF_LINES: Duration = Duration::from_secs(1);

static SHOWN: Mutex<Option<Shown>> = Mutex::new(None);

/// A thread that shows: what computes may keep all of the runtime's threads busy.
struct Shown {
    thread: JoinHandle<()>,
    /// Dropped when it is over.
    _goes_on: Sender<()>,
}

/// From now on shows what is counted, until [`end`]; lines come `every` so long.
pub(crate) fn begin(way: Way, counters: &Arc<Counters>, every: Duration) {
    end();
    if way == Way::None {
        return;
    }
    let (goes_on, over) = channel();
    let counters = Arc::clone(counters);
    let work = move || match way {
        Way::Bar => draw(&counters, &over),
        Way::None | Way::Logs | Way::Lines => tell(&counters, &over, every, way == Way::Lines),
    };
    // Without a thread there is no progress, and all else is as it should be.
    if let Ok(thread) = std::thread::Builder::new().name("progress".to_owned()).spawn(work) {
        *shown() = Some(Shown { thread, _goes_on: goes_on });
    }
}

/// Ends what is shown, and leaves nothing of a bar.
pub(crate) fn end() {
    let ended = shown().take();
    if let Some(Shown { thread, _goes_on }) = ended {
        drop(_goes_on);
        // It has nothing to tell.
        let _panicked = thread.join();
    }
}

fn shown() -> std::sync::MutexGuard<'static, Option<Shown>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn goes_on(over: &Receiver<()>, time: Duration) -> bool {
    over.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
}

fn draw(counters: &Counters, over: &Receiver<()>) {
    let (begun, mut pace, mut drawn) = (Instant::now(), Pace::default(), None);
    while goes_on(over, TICK) {
        let progress = pace.observe(counters.sample(begun.elapsed()));
        if progress.now.at < BAR_AFTER {
            continue;
        }
        let drawn: &ProgressBar = drawn.get_or_insert_with(new_bar);
        drawn.set_message(progress.to_bar());
        drawn.tick();
    }
    if let Some(drawn) = drawn {
        drawn.finish_and_clear();
        bar::remove();
    }
}

/// A bar of one line, without colour.
fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
        bar.set_style(style.tick_chars("-\\|/ "));
    }
    bar::put(bar.clone());
    bar
}

fn tell(counters: &Counters, over: &Receiver<()>, every: Duration, always: bool) {
    let (begun, mut pace, mut next) = (Instant::now(), Pace::default(), every);
    while goes_on(over, TICK_OF_LINES.min(every)) {
        let progress = pace.observe(counters.sample(begun.elapsed()));
        if progress.now.at < next {
            continue;
        }
        next = progress.now.at + every;
        match (always, telemetry::is_json()) {
            (false, _) => log(&progress),
            (true, true) => telemetry::tell("INFO", "progress", fields(&progress)),
            (true, false) => telemetry::write(&format!("progress: {}\n", progress.to_text())),
        }
    }
}

fn seconds(left: Option<Duration>) -> Option<u64> {
    left.map(|left| left.as_secs())
}

fn log(progress: &Progress) {
    let Progress { now, rows_per_second, left } = *progress;
    let Sample { phase, rows, bytes, total, written, .. } = now;
    let (phase, seconds_left) = (phase.as_str(), seconds(left));
    info!(
        phase,
        rows_read = rows,
        rows_per_second,
        rows_written = written,
        bytes_read = bytes,
        bytes_in_all = total,
        seconds_left,
        "progress"
    );
}

/// The same as [`log`] tells.
fn fields(progress: &Progress) -> Map<String, Value> {
    let Progress { now, rows_per_second, left } = *progress;
    let Sample { phase, rows, bytes, total, written, .. } = now;
    let all = [
        ("phase", Some(phase.as_str().into())),
        ("rows_read", Some(rows.into())),
        ("rows_per_second", rows_per_second.map(Value::from)),
        ("rows_written", Some(written.into())),
        ("bytes_read", Some(bytes.into())),
        ("bytes_in_all", total.map(Value::from)),
        ("seconds_left", seconds(left).map(Value::from)),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
