//! Named points at which tests kill the process: `failpoint!("area.step")` stands at every step that touches the outside.
//!
//! They exist only with the feature `failpoints`, which nothing but the binary `runner-failpoints` of the test suite has.
//! There, two environment variables steer them:
//!
//! * `UNGLUE_FAILPOINT_TRACE` names a file to which each point that is passed adds a line with its name.
//! * `UNGLUE_FAILPOINT_KILL` is `NAME*HIT`: the process kills itself when it comes to that point for the HIT-th time.
//!
//! Own code, since what the crate `fail` has beyond this is not needed, and it lacks both.

/// Marks a point. Compiles to nothing without the feature.
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        $crate::failpoint::passed($name);
    };
}
pub(crate) use failpoint;

#[cfg(feature = "failpoints")]
pub(crate) use on::{passed, watched};

/// Rows of which each batch is a point.
#[cfg(not(feature = "failpoints"))]
pub(crate) fn watched<S>(rows: S) -> S {
    rows
}

#[cfg(feature = "failpoints")]
mod on {
    use std::fs::{File, OpenOptions};
    use std::io::Write as _;
    use std::process::Command;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use datafusion::execution::SendableRecordBatchStream;
    use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
    use futures::StreamExt;

    static TRACE: LazyLock<Option<File>> = LazyLock::new(|| {
        let path = std::env::var_os("UNGLUE_FAILPOINT_TRACE")?;
        OpenOptions::new().append(true).create(true).open(path).ok()
    });
    static KILL: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
        let text = std::env::var("UNGLUE_FAILPOINT_KILL").ok()?;
        let (name, hit) = text.split_once('*')?;
        Some((name.to_owned(), hit.parse().ok()?))
    });
    static HITS: AtomicU64 = AtomicU64::new(0);

    /// The process has come to the point `name`.
    pub(crate) fn passed(name: &str) {
        if let Some(mut trace) = TRACE.as_ref() {
            // One write, so that lines of several threads do not mix.
            trace.write_all(format!("{name}\n").as_bytes()).ok();
        }
        if let Some((chosen, hit)) = KILL.as_ref()
            && chosen == name
            && HITS.fetch_add(1, Ordering::SeqCst) + 1 == *hit
        {
            kill();
        }
    }

    /// A real SIGKILL. Safe code cannot send one, so the shell does, while this thread waits for it.
    fn kill() -> ! {
        let id = std::process::id().to_string();
        loop {
            Command::new("sh").args(["-c", "kill -KILL \"$1\"", "sh", &id]).status().ok();
            std::thread::park();
        }
    }

    pub(crate) fn watched(rows: SendableRecordBatchStream) -> SendableRecordBatchStream {
        let schema = rows.schema();
        let rows = rows.inspect(|_| passed("rows.batch"));
        Box::pin(RecordBatchStreamAdapter::new(schema, rows))
    }
}
