//! Ctrl-C while something runs: it ends that, and not the shell.

use std::time::Duration;

use futures::FutureExt;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use super::turn::Turn;
use crate::error::{Error, Result};

/// How long what was interrupted is waited for: so long it may compute without a pause.
const END_WITHIN: Duration = Duration::from_secs(5);

/// The interrupts of a session; none where they end the program.
pub(super) struct Interrupts(Option<Signal>);

/// Why there is no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    /// It was interrupted, and has ended.
    Interrupted,
    /// It was interrupted, and goes on for a while.
    Late,
    /// A panic, which has been told of.
    BrokenOff,
}

impl Stopped {
    /// The error, of what is named so.
    pub(super) fn error(self, what: &str) -> Error {
        match self {
            Self::Interrupted => Error::failed(format!("{what} was interrupted")),
            Self::Late => Error::failed(format!("{what} was interrupted, and takes long to end"))
                .hint("it ends in the background; leave the shell to end it at once"),
            Self::BrokenOff => Error::failed(format!("{what} broke off")),
        }
    }
}

/// A task that ends with what waits for it.
struct OwnTask<T>(JoinHandle<T>);

impl<T> Drop for OwnTask<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Interrupts {
    /// Hears them.
    ///
    /// # Errors
    /// Where they cannot be heard.
    pub(super) fn heard() -> Result<Self> {
        let heard = signal(SignalKind::interrupt())
            .map_err(|error| Error::failed("signals cannot be heard").source(error))?;
        Ok(Self(Some(heard)))
    }

    /// Hears none.
    pub(super) fn unheard() -> Self {
        Self(None)
    }

    /// Waits for work until an interrupt. The work has a task of its own, so that an interrupt is heard while it computes. As long as a
    /// pager has the terminal, it is waited for: two programs must not read the same keys.
    ///
    /// # Errors
    /// Why it did not come to its end.
    pub(super) async fn or<T: Send + 'static>(
        &mut self,
        work: impl Future<Output = T> + Send + 'static,
        turn: &Turn,
    ) -> std::result::Result<T, Stopped> {
        self.forget();
        Box::pin(unless(work, self.next(), END_WITHIN, turn)).await
    }

    /// Those of before are about something else.
    fn forget(&mut self) {
        let Some(heard) = &mut self.0 else { return };
        while let Some(Some(())) = heard.recv().now_or_never() {}
    }

    async fn next(&mut self) {
        match &mut self.0 {
            Some(heard) => {
                let _no_more = heard.recv().await;
            }
            None => std::future::pending().await,
        }
    }
}

/// Waits for work until an interrupt, and then `end_within` for its end.
async fn unless<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
    interrupt: impl Future<Output = ()>,
    end_within: Duration,
    turn: &Turn,
) -> std::result::Result<T, Stopped> {
    let mut task = OwnTask(tokio::spawn(work));
    tokio::select! {
        done = &mut task.0 => return done.map_err(|_panic| Stopped::BrokenOff),
        () = interrupt => task.0.abort(),
    }
    loop {
        // With it go its rows in memory and on disk. It may have come to its end meanwhile.
        match tokio::time::timeout(end_within, &mut task.0).await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) if error.is_panic() => return Err(Stopped::BrokenOff),
            Ok(Err(_)) => return Err(Stopped::Interrupted),
            Err(_) if turn.take_back() => return Err(Stopped::Late),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn work_that_goes_on_is_given_up_unless_a_pager_has_the_terminal() {
        for has_pager in [false, true] {
            let turn = Turn::default();
            assert!(!has_pager || turn.give_to_pager());
            let (release, released) = std::sync::mpsc::channel();
            let (begin, begun) = tokio::sync::oneshot::channel();
            let work = async move {
                begin.send(()).unwrap();
                released.recv().unwrap();
                7
            };
            let interrupt = async { begun.await.unwrap() };
            let mut ended = Box::pin(unless(work, interrupt, Duration::ZERO, &turn));
            if has_pager {
                // Many times as long as its end is waited for.
                let waited = tokio::time::timeout(Duration::from_millis(50), &mut ended).await;
                assert!(waited.is_err(), "{waited:?}");
                release.send(()).unwrap();
                assert_eq!(ended.await, Ok(7));
            } else {
                assert_eq!(ended.await, Err(Stopped::Late));
                release.send(()).unwrap();
            }
        }
    }
}
