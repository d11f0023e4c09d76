//! `lambda`: the function that events invoke. See docs/aws.md.

use std::process::ExitCode;

use lambda::settings::Invoke;
use lambda::{begin, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve::init_logs();
    begin::ended(serve().await)
}

async fn serve() -> Result<(), lambda_runtime::Error> {
    let variable = |name: &str| std::env::var(name).ok();
    Invoke::read(&variable).and_then(Invoke::refuse_inline)?;
    begin::tasks(&variable).await
}
