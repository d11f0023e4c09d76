//! How far a command is, for whoever waits: a bar on a terminal, else lines of logs from time to time.
//!
//! ```text
//! scans, writers, the orchestrator -> Counters -> Sample -> Pace (pure) -> Progress -> bar or line (show)
//! ```

mod counters;
mod mode;
mod pace;
mod show;

pub(crate) use counters::enter;
pub use counters::{Counters, Phase};
pub use mode::{Asked, ProgressMode, Way};
pub use pace::{Pace, Progress, Sample};
pub(crate) use show::{begin, end};
