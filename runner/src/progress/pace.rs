//! From what was counted to what is told: rates, time left, text. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use super::counters::Phase;
use crate::units;

/// Rates are of the last so long time: what a scan did an hour ago tells nothing of what is left.
const WINDOW: Duration = Duration::from_secs(10);
/// Rates of less time are none.
const WINDOW_MIN: Duration = Duration::from_millis(500);
/// Characters of a bar.
const BAR_WIDTH: u64 = 14;

/// What was counted at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sample {
    /// Since the begin.
    pub at: Duration,
    /// What is done.
    pub phase: Phase,
    /// Rows that scans gave.
    pub rows: u64,
    /// Bytes that scans read.
    pub bytes: u64,
    /// Bytes that they have to read, if it is known.
    pub total: Option<u64>,
    /// Rows that were handed to the target.
    pub written: u64,
}

/// The samples of the last seconds.
#[derive(Debug, Default)]
pub struct Pace {
    samples: VecDeque<Sample>,
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The newest sample, of whose bytes never more are read than there are.
    pub now: Sample,
    /// Rows a second: those that are read, else those that are written.
    pub rows_per_second: Option<u64>,
    /// How long it takes to read the rest, if that can be told.
    pub left: Option<Duration>,
}

impl Pace {
    /// Adds a sample, which is not older than the one before.
    pub fn observe(&mut self, sample: Sample) -> Progress {
        let is_anew = |last: &Sample| last.rows > sample.rows || last.bytes > sample.bytes;
        if self.samples.back().is_some_and(is_anew) {
            self.samples.clear();
        }
        self.samples.push_back(sample);
        // The one before the window stays: it is where the window begins.
        let from = sample.at.saturating_sub(WINDOW);
        while self.samples.get(1).is_some_and(|second| second.at <= from) {
            let _old = self.samples.pop_front();
        }
        let first = self.samples.front().copied().unwrap_or(sample);
        let rate = |count: fn(&Sample) -> u64| {
            let time = sample.at.checked_sub(first.at).filter(|time| *time >= WINDOW_MIN)?;
            let done = count(&sample).saturating_sub(count(&first));
            let rate = u128::from(done) * 1_000 / time.as_millis().max(1);
            u64::try_from(rate).ok().filter(|rate| *rate > 0)
        };
        let total = sample.total;
        let bytes = total.map_or(sample.bytes, |total| sample.bytes.min(total));
        let now = Sample { bytes, ..sample };
        let is_reading = matches!(sample.phase, Phase::Reading | Phase::Writing);
        let rest = total.map(|total| total - bytes).filter(|rest| is_reading && *rest > 0);
        let left = rest.zip(rate(|sample| sample.bytes)).map(|(rest, rate)| rest.div_ceil(rate));
        Progress {
            now,
            rows_per_second: rate(|sample| sample.rows).or_else(|| rate(|sample| sample.written)),
            left: left.map(Duration::from_secs),
        }
    }
}

impl Progress {
    /// The parts of a line in their order, the most important first: a narrow terminal cuts the end off.
    fn parts(&self) -> Vec<String> {
        let Sample { at, rows, bytes, total, written, .. } = self.now;
        let mut parts = Vec::new();
        if rows > 0 {
            parts.push(format!("{} rows", units::short(rows)));
        }
        parts.extend(self.rows_per_second.map(|rate| format!("{}/s", units::short(rate))));
        parts.extend(match total {
            Some(total) => Some(units::bytes_of(bytes, total)),
            None => Some(units::bytes(bytes)).filter(|_| bytes > 0),
        });
        parts.push(match self.left {
            Some(left) => format!("{} left", units::duration(left)),
            None => units::duration(at),
        });
        if written > 0 {
            parts.push(format!("{} written", units::short(written)));
        }
        parts
    }

    /// One line without a bar: `writing 1.2 M rows, 410.0 k/s, 12.3 of 51.2 MiB, 12 s left`.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{} {}", self.now.phase.as_str(), self.parts().join(", "))
    }

    /// The same with a bar, if it is known how much there is to read.
    #[must_use]
    pub fn to_bar(&self) -> String {
        let Some(total) = self.now.total.filter(|total| *total > 0) else { return self.to_text() };
        let full = u128::from(self.now.bytes) * u128::from(BAR_WIDTH) / u128::from(total);
        let full = usize::try_from(full).unwrap_or_default();
        let empty = usize::try_from(BAR_WIDTH).unwrap_or_default().saturating_sub(full);
        let (full, empty) = ("#".repeat(full), "-".repeat(empty));
        format!("{} [{full}{empty}] {}", self.now.phase.as_str(), self.parts().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn at(seconds: u64, rows: u64, bytes: u64, total: Option<u64>) -> Sample {
        let at = Duration::from_secs(seconds);
        Sample { at, phase: Phase::Writing, rows, bytes, total, written: 0 }
    }

    #[test]
    fn rates_are_of_the_last_seconds_and_tell_the_time_left() {
        let mut pace = Pace::default();
        assert_eq!(pace.observe(at(0, 0, 0, Some(100 * MIB))).rows_per_second, None);
        let first = pace.observe(at(2, 20_000, 2 * MIB, Some(100 * MIB)));
        assert_eq!((first.rows_per_second, first.left), (Some(10_000), Some(secs(98))));
        // Ten times as fast, and after a while only that counts.
        for second in 3..=13 {
            let done = second - 2;
            pace.observe(at(
                second,
                20_000 + done * 100_000,
                (2 + done * 8) * MIB,
                Some(100 * MIB),
            ));
        }
        let fast = pace.observe(at(13, 1_120_000, 90 * MIB, Some(100 * MIB)));
        assert_eq!((fast.rows_per_second, fast.left), (Some(100_000), Some(secs(2))));
        assert_eq!(
            fast.to_bar(),
            "writing [############--] 1.1 M rows, 100.0 k/s, 90.0 of 100.0 MiB, 2 s left"
        );
    }

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn without_a_total_there_is_no_bar_and_no_time_left() {
        let mut pace = Pace::default();
        pace.observe(at(0, 0, 0, None));
        let told = pace.observe(at(4, 4_000, 5 * MIB, None));
        assert_eq!(told.left, None);
        assert_eq!(told.to_bar(), "writing 4000 rows, 1000/s, 5.0 MiB, 4 s");
        assert_eq!(told.to_bar(), told.to_text());
    }

    #[test]
    fn never_more_than_all_is_read() {
        let mut pace = Pace::default();
        pace.observe(at(0, 0, 0, Some(MIB)));
        let told = pace.observe(at(5, 10, 3 * MIB, Some(MIB)));
        assert_eq!((told.now.bytes, told.left), (MIB, None));
        assert_eq!(told.to_bar(), "writing [##############] 10 rows, 2/s, 1.0 of 1.0 MiB, 5 s");
    }

    #[test]
    fn what_begins_anew_has_a_new_pace() {
        let mut pace = Pace::default();
        pace.observe(at(0, 0, 0, Some(MIB)));
        pace.observe(at(5, 1_000_000, MIB, Some(MIB)));
        let anew = pace.observe(at(6, 0, 0, Some(MIB)));
        assert_eq!((anew.rows_per_second, anew.left), (None, None));
        let later = pace.observe(at(8, 20, MIB / 2, Some(MIB)));
        assert_eq!((later.rows_per_second, later.left), (Some(10), Some(secs(2))));
    }

    #[test]
    fn a_phase_that_reads_nothing_tells_its_time() {
        let mut pace = Pace::default();
        let sample = Sample { at: secs(75), phase: Phase::Listing, ..Sample::default() };
        assert_eq!(pace.observe(sample).to_bar(), "listing 1 min");
        let stuck = Sample { rows: 9, bytes: 5, total: Some(10), ..at(80, 0, 0, None) };
        let _first = pace.observe(stuck);
        let later = pace.observe(Sample { at: secs(95), ..stuck });
        assert_eq!((later.rows_per_second, later.left), (None, None));
        let committing = Sample { phase: Phase::Committing, at: secs(96), bytes: 9, ..stuck };
        assert_eq!(pace.observe(committing).left, None);
    }

    #[test]
    fn rows_that_are_only_written_have_a_rate_too() {
        let mut pace = Pace::default();
        let sample = Sample { rows: 7, ..at(0, 0, 0, None) };
        pace.observe(sample);
        let told = pace.observe(Sample { at: secs(2), written: 50, ..sample });
        assert_eq!(told.to_text(), "writing 7 rows, 25/s, 2 s, 50 written");
    }
}
