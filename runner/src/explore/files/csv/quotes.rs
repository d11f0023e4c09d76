//! Where the quoting of a CSV file is broken, which the engine's reader does not tell. Pure.
//!
//! That reader takes text behind a closing quote for more of the value, and a quote that is not closed for a value up to the
//! file's end. What it takes for a record is counted here as there.

use super::super::format::Options;

/// The longest record that is read, so that one missing quote does not pull a whole file into memory.
const RECORD_BYTES_MAX: usize = 64 << 20;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Fault {
    /// There is text between a closing quote and the end of the value.
    TextAfterQuote,
    /// The file ends within quotes.
    NotClosed,
    /// It is longer than is read.
    TooLong,
}

/// A record that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Broken {
    /// Its number, counted from 1, the header among them.
    pub(in super::super) record: usize,
    pub(in super::super) fault: Fault,
    /// Where it begins in the piece that was pushed last; 0 if that was before.
    pub(in super::super) begin: usize,
}

/// Follows the quotes of one file. Push pieces cut anywhere.
#[derive(Debug)]
pub(in super::super) struct Quotes {
    delimiter: u8,
    quote: u8,
    escape: Option<u8>,
    comment: Option<u8>,
    state: State,
    /// Records that are complete.
    records: usize,
    /// Bytes of the current record in earlier pieces.
    before: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FileStart,
    RecordStart,
    FieldStart,
    Unquoted,
    Quoted,
    Escaped,
    QuoteInQuoted,
    Comment,
}

impl Quotes {
    /// Before the first byte of a file that is written so.
    pub(in super::super) fn new(options: &Options) -> Self {
        let options = options.csv();
        Self {
            delimiter: options.delimiter,
            quote: options.quote,
            escape: options.escape,
            comment: options.comment,
            state: State::FileStart,
            records: 0,
            before: 0,
        }
    }

    /// Looks at the beginning of a file, or at a whole one.
    ///
    /// # Errors
    /// The first record whose quoting is broken.
    pub(in super::super) fn look(
        bytes: &[u8],
        is_whole: bool,
        options: &Options,
    ) -> Result<(), Broken> {
        let mut quotes = Self::new(options);
        quotes.push(bytes)?;
        if is_whole { quotes.end() } else { Ok(()) }
    }

    /// Looks at the next bytes.
    ///
    /// # Errors
    /// The first record whose quoting is broken; nothing is to be pushed behind it.
    pub(in super::super) fn push(&mut self, piece: &[u8]) -> Result<(), Broken> {
        let mut begin = 0;
        let mut rest = piece;
        if self.state == State::FileStart {
            rest = piece.strip_prefix(BOM).unwrap_or(piece);
            self.state = State::RecordStart;
        }
        let skipped = piece.len() - rest.len();
        for (index, byte) in rest.iter().enumerate() {
            if self.state == State::RecordStart {
                begin = skipped + index;
                self.before = 0;
            }
            match self.next(*byte) {
                Some(state) => self.state = state,
                None => return Err(self.broken(Fault::TextAfterQuote, begin)),
            }
        }
        if self.state == State::RecordStart {
            begin = piece.len();
            self.before = 0;
        }
        self.before += piece.len() - begin;
        match self.before > RECORD_BYTES_MAX {
            true => Err(self.broken(Fault::TooLong, begin)),
            false => Ok(()),
        }
    }

    /// Says that nothing follows.
    ///
    /// # Errors
    /// A quote that is not closed.
    pub(in super::super) fn end(&self) -> Result<(), Broken> {
        match self.state {
            State::Quoted | State::Escaped => Err(self.broken(Fault::NotClosed, 0)),
            _ => Ok(()),
        }
    }

    fn broken(&self, fault: Fault, begin: usize) -> Broken {
        Broken { record: self.records + 1, fault, begin }
    }

    /// What follows from a byte; `None` for one that cannot stand there.
    fn next(&mut self, byte: u8) -> Option<State> {
        let is_end = matches!(byte, b'\n' | b'\r');
        Some(match self.state {
            State::Quoted if byte == self.quote => State::QuoteInQuoted,
            State::Quoted if Some(byte) == self.escape => State::Escaped,
            State::Quoted | State::Escaped => State::Quoted,
            State::QuoteInQuoted if byte == self.quote => State::Quoted,
            State::Comment if byte == b'\n' => State::RecordStart,
            State::Comment => State::Comment,
            State::FileStart | State::RecordStart if is_end => State::RecordStart,
            State::FileStart | State::RecordStart if Some(byte) == self.comment => State::Comment,
            State::FileStart | State::RecordStart | State::FieldStart if byte == self.quote => {
                State::Quoted
            }
            _ if byte == self.delimiter => State::FieldStart,
            _ if is_end => {
                self.records += 1;
                State::RecordStart
            }
            State::QuoteInQuoted => return None,
            _ => State::Unquoted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options::default()
    }

    /// The first fault of a text, however it is cut.
    fn fault(text: &str, options: &Options) -> Option<(usize, Fault)> {
        let read = |size: usize| {
            let mut quotes = Quotes::new(options);
            let pieces = text.as_bytes().chunks(size);
            let read = pieces.map(|piece| quotes.push(piece)).find(Result::is_err);
            read.unwrap_or_else(|| quotes.end()).err().map(|broken| (broken.record, broken.fault))
        };
        let whole = read(text.len().max(1));
        // A mark of the byte order is looked for in the first piece.
        for size in (3..text.len()).chain([1].into_iter().filter(|_| !text.starts_with('\u{feff}')))
        {
            assert_eq!(read(size), whole, "{text:?} in pieces of {size}");
        }
        whole
    }

    #[test]
    fn text_behind_a_closing_quote_and_a_quote_that_is_not_closed_are_found() {
        for (text, found) in [
            ("id,v\n1,\"abc\n2,x\n3,y\n", Some((2, Fault::NotClosed))),
            ("id,v\n1,\"a\"b\n", Some((2, Fault::TextAfterQuote))),
            ("id,v\n1,x\n\n2,\"a\" \n", Some((3, Fault::TextAfterQuote))),
            ("\"id\" ,v\n", Some((1, Fault::TextAfterQuote))),
            ("1,\"\"\"", Some((1, Fault::NotClosed))),
            ("\u{feff}\"id\"x", Some((1, Fault::TextAfterQuote))),
        ] {
            assert_eq!(fault(text, &options()), found, "{text:?}");
        }
    }

    #[test]
    fn what_is_written_as_it_should_be_has_no_fault() {
        for text in [
            "",
            "\"\"",
            "1,\"a\"\"b\"\r\n\"2\",\"\"\"\"\r\n",
            "1,\"two\nlines, \"\"both\"\"\"\n2,x",
            // Quotes within a value that has none around it are its own.
            "1,a\"b\n2,5\"\n3, \"x\" y\n",
            "\u{feff}\"id\",v\n",
            "1,\"x\"\r2,\"y\"\r",
        ] {
            assert_eq!(fault(text, &options()), None, "{text:?}");
        }
    }

    #[test]
    fn options_say_what_a_quote_is() {
        let with = |set: fn(&mut Options)| {
            let mut options = options();
            set(&mut options);
            options
        };
        let single = with(|options| options.quote = Some(b'\''));
        assert_eq!(fault("1,\"a\"b\n", &single), None);
        assert_eq!(fault("1,'a'b\n", &single), Some((1, Fault::TextAfterQuote)));
        let escape = with(|options| options.escape = Some(b'\\'));
        assert_eq!(fault("1,\"a\\\"b\"\n", &escape), None);
        assert_eq!(fault("1,\"a\\\"\n", &escape), Some((1, Fault::NotClosed)));
        let comment = with(|options| options.comment = Some(b'#'));
        assert_eq!(fault("# it's \"this\n1,\"a\"\n", &comment), None);
        let semicolon = with(|options| options.delimiter = Some(b';'));
        assert_eq!(fault("\"a\";\"b\"\n\"a\",b\n", &semicolon), Some((2, Fault::TextAfterQuote)));
    }

    #[test]
    fn the_rows_before_a_broken_one_are_those_before_where_it_begins() {
        let mut quotes = Quotes::new(&options());
        assert_eq!(quotes.push(b"id,v\n1,x\n2,"), Ok(()));
        let broken = quotes.push(b"y\n3,\"a\"b\n").unwrap_err();
        assert_eq!((broken.record, broken.begin), (4, 2));
    }

    #[test]
    fn a_record_without_an_end_is_not_held() {
        let mut quotes = Quotes::new(&options());
        assert_eq!(quotes.push(b"1,x\n2,\"x"), Ok(()));
        // As if so much had been pushed.
        quotes.before += RECORD_BYTES_MAX - 5;
        assert_eq!(quotes.push(b"x"), Ok(()));
        let broken = quotes.push(b"x").unwrap_err();
        assert_eq!((broken.record, broken.fault), (2, Fault::TooLong));
    }
}
