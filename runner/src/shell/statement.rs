//! Statements of a session, which an interrupt ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::sql::parser::Statement;

use super::interrupts::Stopped;
use super::output::Sink;
use super::session::Session;
use crate::error::Result;
use crate::explore::Explorer;
use crate::progress;
use crate::results::Shown;
use crate::units::bad_rows_left_out;

/// What came of a statement.
struct Ran {
    sink: Sink,
    done: Result<Option<Shown>>,
    /// Whether rows were on their way to the sink.
    is_begun: bool,
    elapsed: Duration,
}

/// What came of trying a statement.
enum Tried {
    /// It is done.
    Done,
    /// It reads objects that are wider than was known, and no row is shown.
    TooNarrow,
}

/// Runs a statement to its last row.
async fn ran(explorer: Arc<Explorer>, name: String, statement: Statement, mut sink: Sink) -> Ran {
    let begun = Instant::now();
    let answer = explorer.run(&name, statement).await;
    let is_begun = matches!(answer, Ok(Some(_)));
    let done = match answer {
        Ok(Some(answer)) => sink.write(answer).await.map(Some),
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    let elapsed = begun.elapsed();
    let done = sink.finish().and(done);
    Ran { sink, done, is_begun, elapsed }
}

impl Session {
    /// Runs all statements of a text.
    ///
    /// # Errors
    /// The first one.
    pub(super) async fn statements(&mut self, name: &str, text: &str) -> Result<()> {
        for statement in self.explorer.parse(name, text)? {
            // Objects that no run has read yet may be wider than is known: then once more, with what they have.
            while let Tried::TooNarrow = self.statement(name, statement.clone()).await? {
                self.look_again().await?;
            }
        }
        Ok(())
    }

    /// Another look, of which only what is new in it is told.
    async fn look_again(&mut self) -> Result<()> {
        let before = Arc::clone(&self.explorer);
        let all_fit = self.replace_explorer("the statement").await?;
        let new = self.explorer.notes().iter().filter(|note| !before.notes().contains(note));
        new.for_each(|note| (self.voice.note)(note));
        all_fit
    }

    async fn statement(&mut self, name: &str, statement: Statement) -> Result<Tried> {
        let sink = self.output.take();
        let turn = sink.turn();
        let work = ran(Arc::clone(&self.explorer), name.to_owned(), statement, sink);
        (self.begin)();
        let ran = self.interrupts.or(work, &turn).await;
        progress::end();
        self.explorer.take_notes().iter().for_each(|note| (self.voice.note)(note));
        let Ran { sink, done, is_begun, elapsed } = match ran {
            Ok(ran) => ran,
            Err(stopped) => {
                self.tell_lost();
                let error = stopped.error("the statement");
                return Err(match stopped {
                    Stopped::Interrupted => error.hint("its rows, if any were shown, are not all"),
                    Stopped::Late | Stopped::BrokenOff => error,
                });
            }
        };
        if is_begun && done.is_err() {
            drop(sink);
            self.tell_lost();
        } else {
            let shown = done.as_ref().ok().copied().flatten();
            let cut = shown.and_then(|shown| sink.told_of(shown));
            let whole = self.output.give_back(sink, shown)?;
            cut.iter().chain(&whole).for_each(|told| (self.voice.note)(told));
        }
        if !is_begun && done.is_err() && self.explorer.is_too_narrow() {
            return Ok(Tried::TooNarrow);
        }
        let _shown = done?;
        self.note_rejected();
        if self.is_timing {
            let time = format!("time: {:.1} ms", elapsed.as_secs_f64() * 1000.0);
            match self.is_typed {
                true => self.output.show(&format!("{time}\n"))?,
                // Rows are all that is on stdout.
                false => (self.voice.note)(&time),
            }
        }
        Ok(Tried::Done)
    }

    /// What became of a file that has some of a statement's rows.
    fn tell_lost(&mut self) {
        self.output.lost().iter().for_each(|told| (self.voice.note)(told));
    }

    /// Bad rows are counted once for each object, whichever statement read it first.
    fn note_rejected(&mut self) {
        let rejected = self.explorer.rejected();
        if rejected > self.rejected {
            (self.voice.note)(&bad_rows_left_out(rejected));
        }
        self.rejected = rejected;
    }
}
