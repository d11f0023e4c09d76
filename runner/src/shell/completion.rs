//! What may be meant by the beginning of a word. Pure: a text, the place of the cursor, and the names that are known.

use transforms::sql::Dialect;

use super::commands::USAGES;
use super::lex::{Token, TokenKind, is_of_word, tokens};
use super::split::meanwhile;
use super::words::{OPENING, is_before_table, is_keyword, keywords};

/// The names that statements can use.
#[derive(Debug, Default, Clone)]
pub(super) struct Names {
    /// The tables.
    pub(super) tables: Vec<NamedTable>,
    /// The functions.
    pub(super) functions: Vec<String>,
    /// The formats of results.
    pub(super) formats: Vec<String>,
}

/// A table with its columns.
#[derive(Debug, Clone)]
pub(super) struct NamedTable {
    /// The schema that its name has to bear, if any.
    pub(super) schema: Option<String>,
    /// Its name.
    pub(super) name: String,
    /// Its columns.
    pub(super) columns: Vec<String>,
}

/// What may be meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Completion {
    /// These words, in place of what is from `start` to the cursor.
    Words { start: usize, words: Vec<String> },
    /// A file's name, as the second word of a command.
    File,
}

impl Completion {
    fn words(start: usize, words: impl IntoIterator<Item = String>) -> Self {
        let mut words: Vec<String> = words.into_iter().collect();
        let mut seen = std::collections::HashSet::new();
        words.retain(|word| seen.insert(word.clone()));
        Self::Words { start, words }
    }
}

/// What the word before the cursor may become.
pub(super) fn complete(dialect: Dialect, text: &str, cursor: usize, names: &Names) -> Completion {
    let before = text.get(..cursor).unwrap_or(text);
    let statement = meanwhile(dialect, before).map_or(0, |(statement, _)| statement.len());
    let line = before.get(statement..).unwrap_or_default();
    if let Some(command) = line.trim_start().strip_prefix('\\') {
        return of_command(command, before.len() - command.len() - 1, names);
    }
    let tokens = tokens(dialect, text);
    let (first, last) = statement_at(&tokens, cursor);
    let statement = tokens.get(first..last).unwrap_or_default();
    if statement.iter().any(|token| is_within(token, cursor)) {
        return Completion::words(cursor, []);
    }
    let word_start = before
        .char_indices()
        .rev()
        .take_while(|(_, c)| is_of_word(*c))
        .last()
        .map_or(cursor, |(at, _)| at);
    let of = Statement { text, statement, names };
    let word = text.get(word_start..cursor).unwrap_or_default();
    if let Some(qualifier) = of.qualifier(word_start) {
        return Completion::words(word_start, starting(word, of.qualified(qualifier)));
    }
    Completion::words(word_start, of.candidates(word, word_start))
}

/// Whether the cursor is in what is quoted or a comment.
fn is_within(token: &Token, cursor: usize) -> bool {
    let is_closed =
        matches!(token.kind, TokenKind::Text | TokenKind::Comment | TokenKind::QuotedName);
    is_closed
        && token.span.start < cursor
        && (cursor < token.span.end || (token.is_open && cursor == token.span.end))
}

/// The tokens of the statement that the cursor is in.
fn statement_at(tokens: &[Token], cursor: usize) -> (usize, usize) {
    let is_end = |token: &Token| token.kind == TokenKind::Symbol(';');
    let first = tokens.iter().rposition(|token| is_end(token) && token.span.end <= cursor);
    let first = first.map_or(0, |end| end + 1);
    let last = tokens.iter().skip(first).position(is_end).map_or(tokens.len(), |end| first + end);
    (first, last)
}

fn of_command(command: &str, indent: usize, names: &Names) -> Completion {
    let start = |word: &str| indent + 1 + command.len() - word.len();
    let Some((name, argument)) = command.split_once(' ') else {
        let all = USAGES.iter().map(|usage| usage.name.to_owned());
        return Completion::words(indent + 1, starting(command, all));
    };
    let argument = argument.trim_start();
    let tables = || names.tables.iter().map(full_name);
    let words: Vec<String> = match name {
        "i" | "o" => return Completion::File,
        "d" | "d+" | "dt" => tables().collect(),
        "x" | "timing" => ["on", "off"].map(str::to_owned).into(),
        "format" => names.formats.clone(),
        "rows" => vec!["all".to_owned()],
        _ => Vec::new(),
    };
    Completion::words(start(argument), starting(argument, words))
}

/// Those that begin with what is typed, in any case of letters.
fn starting(
    typed: &str,
    candidates: impl IntoIterator<Item = String>,
) -> impl Iterator<Item = String> {
    let typed = typed.to_lowercase();
    candidates
        .into_iter()
        .filter(move |word| word.trim_start_matches('`').to_lowercase().starts_with(&typed))
}

fn full_name(table: &NamedTable) -> String {
    match &table.schema {
        Some(schema) => format!("{}.{}", written(schema), written(&table.name)),
        None => written(&table.name),
    }
}

/// A name as SQL has it: quoted where it needs to be.
fn written(name: &str) -> String {
    let is_plain = |c: char| matches!(c, '_' | '$' | 'a'..='z' | '0'..='9');
    let begins_well = name.starts_with(|c: char| c == '_' || c.is_ascii_lowercase());
    match begins_well && name.chars().all(is_plain) && !is_keyword(name) {
        true => name.to_owned(),
        false => format!("`{}`", name.replace('`', "``")),
    }
}

/// The statement that the cursor is in.
struct Statement<'a> {
    text: &'a str,
    statement: &'a [Token],
    names: &'a Names,
}

impl<'a> Statement<'a> {
    fn text_of(&self, token: &Token) -> &'a str {
        self.text.get(token.span.clone()).unwrap_or_default().trim_matches('`')
    }

    /// The tokens that count, up to a place in the text.
    fn before(&self, end: usize) -> impl DoubleEndedIterator<Item = &'a Token> {
        self.statement.iter().filter(move |token| token.span.end <= end && !token.is_void())
    }

    /// The name that a point joins to the word at `start`.
    fn qualifier(&self, start: usize) -> Option<&'a str> {
        let mut before = self.before(start).rev();
        let point = before.next()?;
        let name = before.next()?;
        let is_name = matches!(name.kind, TokenKind::Word | TokenKind::QuotedName);
        let is_joined = point.span.end == start && name.span.end == point.span.start;
        (point.kind == TokenKind::Symbol('.') && is_joined && is_name).then(|| self.text_of(name))
    }

    /// What a schema, a table or a table's other name holds.
    fn qualified(&self, qualifier: &str) -> Vec<String> {
        let same = |name: &str| name.eq_ignore_ascii_case(qualifier);
        let in_schema =
            self.names.tables.iter().filter(|table| table.schema.as_deref().is_some_and(same));
        let tables = in_schema.map(|table| written(&table.name));
        let columns = self
            .read()
            .filter(|(table, alias)| alias.is_some_and(same) || same(&table.name))
            .flat_map(|(table, _)| table.columns.iter().map(|column| written(column)));
        tables.chain(columns).collect()
    }

    fn candidates(&self, word: &str, start: usize) -> Vec<String> {
        let names = self.names;
        let mut before = self.before(start);
        let Some(last) = before.next_back() else {
            return self.keywords(word, start, OPENING);
        };
        let schemas = names.tables.iter().filter_map(|table| table.schema.as_ref());
        let schemas = schemas.map(|schema| format!("{}.", written(schema)));
        if self.is_table_next(last, start) {
            let own = names.tables.iter().filter(|table| table.schema.is_none()).map(full_name);
            let foreign = names.tables.iter().filter(|table| table.schema.is_some());
            let tables = own.chain(schemas).chain(foreign.map(full_name));
            return starting(word, tables).collect();
        }
        let read: Vec<&NamedTable> = self.read().map(|(table, _)| table).collect();
        // Before FROM is typed, a column may be of any table.
        let of: Vec<&NamedTable> =
            if read.is_empty() { names.tables.iter().collect() } else { read };
        let columns = of.iter().flat_map(|table| table.columns.iter().map(|name| written(name)));
        let mut found: Vec<String> = starting(word, columns).collect();
        if word.is_empty() {
            return found;
        }
        let aliases = self.read().filter_map(|(_, alias)| alias.map(str::to_owned));
        found.extend(starting(word, aliases.chain(schemas)));
        found.extend(self.keywords(word, start, keywords()));
        found.extend(starting(word, names.functions.iter().map(|name| format!("{name}("))));
        found
    }

    /// Keywords, each with the blank that goes behind it, unless one is there. They are written as the word was begun.
    fn keywords(
        &self,
        word: &str,
        start: usize,
        all: impl IntoIterator<Item = &'static str>,
    ) -> Vec<String> {
        let is_small = word.starts_with(char::is_lowercase);
        let behind = self.text.get(start + word.len()..).unwrap_or_default();
        let blank = if behind.starts_with(char::is_whitespace) { "" } else { " " };
        let cased = |word: String| if is_small { word.to_lowercase() } else { word };
        let all = starting(word, all.into_iter().map(str::to_owned));
        all.map(|keyword| cased(keyword) + blank).collect()
    }

    /// Whether a table is named behind a token, which may be the comma between two tables.
    fn is_table_next(&self, last: &Token, start: usize) -> bool {
        if last.kind != TokenKind::Symbol(',') {
            return last.kind == TokenKind::Word && is_before_table(self.text_of(last));
        }
        let is_clause = |word: &&str| {
            ["FROM", "SELECT", "WHERE", "BY", "ON", "USING", "HAVING", "OPTIONS"]
                .iter()
                .any(|clause| clause.eq_ignore_ascii_case(word))
        };
        let clause = self.before(start).rev().map(|token| self.text_of(token)).find(is_clause);
        clause.is_some_and(|clause| clause.eq_ignore_ascii_case("FROM"))
    }

    /// The tables that the statement names, anywhere, each with its other name.
    fn read(&self) -> impl Iterator<Item = (&'a NamedTable, Option<&'a str>)> {
        let tokens: Vec<&Token> = self.statement.iter().filter(|token| !token.is_void()).collect();
        let mut found = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let Some(table) = self.table_at(&tokens, at, token) else { continue };
            let mut behind =
                tokens.iter().skip(at + 1).map(|token| (token.kind, self.text_of(token)));
            let alias = behind.find(|(_, word)| !word.eq_ignore_ascii_case("AS"));
            let alias = alias.filter(|(kind, word)| {
                matches!(kind, TokenKind::Word | TokenKind::QuotedName) && !is_keyword(word)
            });
            found.push((table, alias.map(|(_, word)| word)));
        }
        found.into_iter()
    }

    /// The table that is named at a token: behind a word as FROM, or a comma.
    fn table_at(&self, tokens: &[&Token], at: usize, token: &Token) -> Option<&'a NamedTable> {
        let token_at = |at: Option<usize>| at.and_then(|at| tokens.get(at)).copied();
        let is_point = |token: &&Token| token.kind == TokenKind::Symbol('.');
        let name = self.text_of(token);
        let schema = token_at(at.checked_sub(1)).filter(is_point);
        let schema = schema.and_then(|_| token_at(at.checked_sub(2)));
        let before = token_at(at.checked_sub(if schema.is_some() { 3 } else { 1 }))?;
        let is_named =
            before.kind == TokenKind::Symbol(',') || is_before_table(self.text_of(before));
        let schema = schema.map(|schema| self.text_of(schema));
        self.names.tables.iter().filter(|_| is_named).find(|table| {
            table.name.eq_ignore_ascii_case(name)
                && match (&table.schema, schema) {
                    (Some(of), Some(named)) => of.eq_ignore_ascii_case(named),
                    (None, None) => true,
                    _ => false,
                }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let table = |schema: Option<&str>, name: &str, columns: &[&str]| NamedTable {
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
        };
        Names {
            tables: vec![
                table(None, "artist", &["artist_id", "name"]),
                table(None, "sales", &["sale_id", "total", "select"]),
                table(None, "sales$changes", &["op"]),
                table(Some("target"), "song_sales", &["week", "amount"]),
            ],
            functions: vec!["sum".to_owned(), "substring".to_owned()],
            formats: vec!["table".to_owned(), "csv".to_owned(), "tsv".to_owned()],
        }
    }

    /// The candidates at `|`.
    fn at(text: &str) -> Vec<String> {
        let cursor = text.find('|').unwrap();
        match complete(Dialect::Spark, &text.replacen('|', "", 1), cursor, &names()) {
            Completion::Words { start, words } => {
                assert!(start <= cursor);
                words
            }
            Completion::File => vec!["(file)".to_owned()],
        }
    }

    #[test]
    fn behind_from_and_join_there_are_tables() {
        let all = ["artist", "sales", "sales$changes", "target.", "target.song_sales"];
        assert_eq!(at("select * from |"), all);
        assert_eq!(at("SELECT * FROM sa|"), ["sales", "sales$changes"]);
        assert_eq!(at("select * from sales s join a|"), ["artist"]);
        assert_eq!(at("select 1, 2 from sales, a|"), ["artist"]);
        assert_eq!(at("select * from target.|"), ["song_sales"]);
        assert_eq!(at("select * from ta|"), ["target.", "target.song_sales"]);
    }

    #[test]
    fn elsewhere_there_are_columns_of_the_tables_that_are_named() {
        assert_eq!(at("select na| from artist"), ["name", "natural"]);
        assert_eq!(at("select | from sales"), ["sale_id", "total", "`select`"]);
        assert_eq!(at("select * from sales s where s.t|"), ["total"]);
        assert_eq!(at("select am| from target.song_sales"), ["amount"]);
        assert_eq!(at("select x.| from target.song_sales AS x"), ["week", "amount"]);
        assert_eq!(at("select song_sales.w| from target.song_sales"), ["week"]);
        // Before FROM is typed, of any table.
        assert_eq!(at("select sal|"), ["sale_id"]);
        // Another statement's tables are not this one's.
        assert_eq!(at("select * from artist; select a| from sales").first().unwrap(), "all");
    }

    #[test]
    fn keywords_and_functions_are_written_as_they_were_begun() {
        assert_eq!(at("s|"), ["select ", "show "]);
        assert_eq!(at("SE|"), ["SELECT "]);
        assert_eq!(at("select su| from artist"), ["sum(", "substring("]);
        assert_eq!(at("SEL| 1"), ["SELECT"], "there is a blank already");
        assert_eq!(at("select 1 WHE|"), ["WHEN ", "WHERE "]);
    }

    #[test]
    fn within_quotes_and_comments_there_is_nothing() {
        for text in ["select 'se|", "select 'se|lect'", "-- se|", "/* se|", "select `na|"] {
            assert_eq!(at(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn commands_take_what_they_are_about() {
        assert_eq!(at("\\t|"), ["timing"]);
        assert_eq!(at("\\d s|"), ["sales", "sales$changes"]);
        assert_eq!(at("\\d+ target.|"), ["target.song_sales"]);
        assert_eq!(at("\\format t|"), ["table", "tsv"]);
        assert_eq!(at("\\x o|"), ["on", "off"]);
        assert_eq!(at("\\i so|"), ["(file)"]);
        assert_eq!(at("\\o |"), ["(file)"]);
        assert_eq!(at("\\q |"), Vec::<String>::new());
        assert_eq!(at("select *\n  \\d ar|"), ["artist"]);
    }
}
