//! `lambda`: the function that events invoke. See docs/aws.md.

use lambda::settings::Invoke;
use lambda::{begin, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve::init_logs();
    let variable = |name: &str| std::env::var(name).ok();
    let invoke = Invoke::read(&variable).and_then(Invoke::refuse_inline);
    invoke.inspect_err(begin::tell)?;
    begin::tasks(&variable).await
}
