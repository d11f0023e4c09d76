//! How the thread that writes, where SQLite may block, speaks with the async side.

use datafusion::arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use futures::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use crate::error::{Error, Result};
use crate::target::ledger::LedgerUpdate;
use crate::target::rows::Rows;
use crate::target::sqlite::fault::Step;
use crate::target::{Loss, Record};

/// Batches that are computed ahead of those being written.
const BATCHES_AHEAD: usize = 2;

/// A question for the ledger update: what the tables lose, and the way back for the answer.
type Question = (Vec<Loss>, oneshot::Sender<Result<LedgerUpdate>>);

/// The writing thread's end.
#[derive(Debug)]
pub(super) struct Link {
    runtime: Handle,
    questions: mpsc::Sender<Question>,
    /// Closed when the caller no longer waits.
    caller: watch::Receiver<()>,
}

/// Runs `work` on a thread where it may block, answering its questions from `record`.
///
/// When the returned future is dropped, the thread stops at its next look at the link, without a commit.
pub(super) async fn run<T: Send + 'static>(
    record: &dyn Record,
    work: impl FnOnce(Link) -> T + Send + 'static,
) -> Result<T> {
    let (questions, mut asked) = mpsc::channel::<Question>(1);
    let (waiting, caller) = watch::channel(());
    let link = Link { runtime: Handle::current(), questions, caller };
    let thread = tokio::task::spawn_blocking(move || work(link));
    while let Some((losses, question)) = asked.recv().await {
        let answer = match record.allow(&losses) {
            Ok(()) => record.update().await,
            Err(error) => Err(error),
        };
        // Nobody listens only if the thread has failed, which its own result tells.
        question.send(answer).ok();
    }
    let result = thread.await;
    drop(waiting);
    result
        .map_err(|error| Error::failed("the thread that writes the target broke off").source(error))
}

impl Link {
    /// Starts the rows; they are computed on the runtime's threads while this one writes.
    pub(super) fn start(&self, rows: &Rows) -> Step<SendableRecordBatchStream> {
        let _runtime = self.runtime.enter();
        let mut source = rows.stream()?;
        let mut ahead = RecordBatchReceiverStream::builder(rows.schema(), BATCHES_AHEAD);
        let sender = ahead.tx();
        ahead.spawn(async move {
            while let Some(item) = source.next().await {
                let last = item.is_err();
                if sender.send(item).await.is_err() || last {
                    break;
                }
            }
            Ok(())
        });
        Ok(ahead.build())
    }

    /// Waits for the next batch.
    pub(super) fn next(
        &mut self,
        stream: &mut SendableRecordBatchStream,
    ) -> Step<Option<RecordBatch>> {
        let caller = &mut self.caller;
        let item = self.runtime.block_on(async {
            tokio::select! {
                biased;
                _ = caller.changed() => Err(DataFusionError::External(Box::new(abandoned()))),
                item = stream.next() => item.transpose(),
            }
        });
        Ok(item?)
    }

    /// Asks whether the tables may lose so much, and for the ledger update.
    pub(super) fn update(&mut self, losses: Vec<Loss>) -> Step<LedgerUpdate> {
        let (question, answer) = oneshot::channel();
        let asked = self.questions.blocking_send((losses, question)).is_ok();
        match answer.blocking_recv() {
            Ok(update) if asked => Ok(update?),
            _ => Err(abandoned().into()),
        }
    }

    /// Fails if nobody waits for the result any more; asked before a commit.
    pub(super) fn check(&self) -> Step<()> {
        match self.caller.has_changed() {
            Ok(_) => Ok(()),
            Err(_) => Err(abandoned().into()),
        }
    }
}

fn abandoned() -> Error {
    Error::temporary("the run was interrupted")
}
