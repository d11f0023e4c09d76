//! Logs: text on a terminal, JSON elsewhere, always on stderr.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Libraries that log statements, plans, rows or requests: of them only warnings, whatever is asked for. The names of all
/// their crates begin so.
const TALKATIVE: [&str; 8] =
    ["aws", "datafusion", "h2", "hyper", "mysql", "object_store", "reqwest", "sqlparser"];

/// Starts logging. `verbosity` is the number of `-v`; `filter` (`RUST_LOG`) is stronger.
pub fn init(verbosity: u8, filter: Option<&str>) {
    let default = match verbosity {
        0 => "warn",
        1 => "warn,runner=info,transforms=info",
        2 => "warn,runner=debug,transforms=debug",
        // Drivers and the engine may log statements and values at their finest levels: theirs stay off.
        _ => "info,runner=trace,transforms=trace",
    };
    let filter = filter.map_or_else(
        || EnvFilter::new(default),
        |text| EnvFilter::try_new(text).unwrap_or_else(|_| EnvFilter::new(default)),
    );
    let filter = TALKATIVE
        .iter()
        .filter_map(|name| format!("{name}=warn").parse().ok())
        .fold(filter, EnvFilter::add_directive);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second call (in tests) keeps the first one's settings.
    let _already_set = if std::io::stderr().is_terminal() {
        builder.with_target(false).try_init()
    } else {
        builder.json().try_init()
    };
}
