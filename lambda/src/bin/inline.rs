//! `lambda-inline`: the function that events invoke, with the engine. See docs/aws.md.

use std::process::ExitCode;
use std::time::Duration;

use lambda::begin;
use lambda::inline::RunJob;
use lambda::serve;
use lambda::settings::Invoke;
use runner::telemetry::{self, LogFormat, Settings};

/// What is logged, unless `RUST_LOG` or `UNGLUE_LOG` say otherwise: what happens to messages and in runs.
const LOG: &str = "info";

/// The runner's command line.
struct Runner;

impl RunJob for Runner {
    async fn run(&self, args: Vec<String>, limit: Duration) -> u8 {
        runner::cli::invoke(args, limit).await
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    begin::ended(serve().await)
}

async fn serve() -> Result<(), lambda_runtime::Error> {
    let variable = |name: &str| std::env::var(name).ok();
    let invoke = Invoke::read(&variable);
    if !matches!(invoke, Ok(Invoke::Inline)) {
        serve::init_logs();
        let _task = invoke?;
        return begin::tasks(&variable).await;
    }
    // One format for both programs, and lines that know their run.
    let [rust_log, unglue_log] = ["RUST_LOG", "UNGLUE_LOG"].map(variable);
    telemetry::init(Settings {
        format: LogFormat::Json,
        verbosity: 0,
        quiet: false,
        plain: true,
        rust_log: rust_log.as_deref(),
        unglue_log: unglue_log.as_deref().or(Some(LOG)),
    });
    begin::inline(Runner, &variable).await
}
