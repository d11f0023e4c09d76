//! Objects to batches: bytes are pushed in, batches of Arrow arrays are taken out.

use std::sync::Arc;

use super::decoded::Decoded;
use super::first_look::End;
use super::layout::{Layout, LayoutError};
use super::reject::{BadRows, Lines, Reject};
use super::row_error::RowErrors;
use super::rows::Rows;
use super::split::{SplitError, Splitter};
use crate::dms::drift::Extent;

/// Decodes one object.
///
/// Push the bytes, cut anywhere, and take the batches after each push; the memory used is that of
/// one push, one batch and the rows that are set aside. At the end call [`Self::finish`] and take
/// what is left.
///
/// With [`BadRows::Refuse`], after a bad row the rest is only checked, to tell several at once, so
/// an object with a bad row always ends in an error: of [`Self::finish`], or of [`Self::push`] if
/// there are many or the quoting is broken. Batches taken before must not be applied then.
///
/// With [`BadRows::SetAside`], the batches are those of the object without its bad rows. A quote
/// inside an unquoted field is taken for text to find the end of its row. After other broken quoting
/// nothing tells where the next row begins, so all lines from there on are set aside. A header that
/// does not fit is no bad row, and always an error; nor are first rows that contradict the
/// declaration ([`Layout::first_look`]).
#[derive(Debug)]
pub struct Decoder {
    splitting: Splitting,
    rows: Rows,
}

/// How the object is told apart.
#[derive(Debug)]
enum Splitting {
    Records(Splitter),
    /// After broken quoting.
    Lines {
        lines: Lines,
        error: SplitError,
    },
}

impl Decoder {
    /// `projection` are the indexes of the columns to give out, none for all. The others are
    /// checked as well: whether a row is accepted must not depend on who reads it.
    pub fn new(
        layout: Arc<Layout>,
        batch_rows: usize,
        projection: Option<Vec<usize>>,
        bad_rows: BadRows,
    ) -> Result<Self, LayoutError> {
        let projection = projection.unwrap_or_else(|| (0..layout.columns.len()).collect());
        layout.check(&projection)?;
        let splitter = Splitter::new(&layout.csv, layout.width());
        Ok(Self {
            splitting: Splitting::Records(match bad_rows {
                BadRows::Refuse => splitter,
                BadRows::SetAside { .. } => splitter.past_bare_quotes(),
            }),
            rows: Rows::new(layout, batch_rows.max(1), projection, bad_rows),
        })
    }

    /// Gives out [`Decoded::lines`].
    #[must_use]
    pub fn with_lines(mut self) -> Self {
        self.rows.keep_lines();
        self
    }

    /// Gives the time of the commit, which is in a column, of rows that delete as well. Where it cannot be read it is NULL, and
    /// the row is none the worse.
    #[must_use]
    pub fn with_commit(mut self, column: usize) -> Self {
        self.rows.keep_commit(column);
        self
    }

    /// Takes the next bytes of the object. After an error the object cannot be continued, and every
    /// further call gives the same error.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), RowErrors> {
        if self.rows.verdict.stop.is_none() {
            match &mut self.splitting {
                Splitting::Records(splitter) => {
                    splitter.push(bytes);
                    self.take_records();
                }
                Splitting::Lines { .. } => self.take_lines(bytes),
            }
        }
        if self.rows.verdict.stop.is_some() { Err(self.rows.verdict.errors()) } else { Ok(()) }
    }

    /// Ends the object.
    pub fn finish(&mut self) -> Result<(), RowErrors> {
        if self.rows.verdict.stop.is_none()
            && let Splitting::Records(splitter) = &mut self.splitting
        {
            splitter.end();
            self.take_records();
            if self.rows.verdict.stop.is_none() {
                self.rows.end_first_look(End::Object);
            }
        }
        if self.rows.verdict.stop.is_none()
            && let Splitting::Lines { lines, error } = &mut self.splitting
        {
            lines.end(&mut |line, raw| self.rows.take_line(line, raw, error));
        }
        if self.rows.verdict.is_refused() {
            return Err(self.rows.verdict.errors());
        }
        self.rows.end_batch();
        Ok(())
    }

    /// The next full batch, after [`Self::finish`] also the last, incomplete one; never an empty
    /// one.
    pub fn next_batch(&mut self) -> Option<Decoded> {
        self.rows.ready.pop_front()
    }

    /// The rows that were set aside; to be asked after [`Self::finish`].
    pub fn take_rejects(&mut self) -> Vec<Reject> {
        std::mem::take(&mut self.rows.verdict.rejects)
    }

    /// How far the object reaches beyond the layout; reading has stopped there.
    pub fn beyond(&self) -> Option<&Extent> {
        self.rows.verdict.beyond.as_ref()
    }

    /// The number of columns in the narrowest and in the widest row so far, deletes left out: of those only the key is
    /// read. None where nothing depends on it: under a header, which tells where its columns are, and where all rows must be
    /// of one width.
    pub fn widths(&self) -> Option<(usize, usize)> {
        self.rows.widths.seen()
    }

    fn take_records(&mut self) {
        while let Splitting::Records(splitter) = &mut self.splitting {
            if self.rows.verdict.stop.is_some() {
                return;
            }
            match splitter.next_record() {
                Ok(Some(record)) => self.rows.take(record),
                Ok(None) => return,
                Err(error) => {
                    if self.rows.take_broken(&error, splitter.rest()) {
                        self.go_on_by_lines(error);
                    }
                    return;
                }
            }
        }
    }

    fn go_on_by_lines(&mut self, error: SplitError) {
        let lines = Lines::new(error.line, self.rows.format());
        let before = std::mem::replace(&mut self.splitting, Splitting::Lines { lines, error });
        if let Splitting::Records(splitter) = before {
            self.take_lines(&splitter.into_rest());
        }
    }

    fn take_lines(&mut self, bytes: &[u8]) {
        if let Splitting::Lines { lines, error } = &mut self.splitting {
            lines.push(bytes, &mut |line, raw| self.rows.take_line(line, raw, error));
        }
    }
}

#[cfg(test)]
mod tests;
