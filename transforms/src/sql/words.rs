//! The engine's messages about statements, in the words of SQL.

mod elsewhere;
mod operators;

use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;

use super::explain::nearest;
use super::seek::Subject;
use super::tokens::DOUBLED;
use crate::functions::conversion::{NUMBER, TEMPORAL, TEXT_OR_BINARY, TEXT_OR_NESTED};

/// What is told of the sides of a set operation.
pub(super) const NOTHING_IN_COMMON: &str = "which have no type in common";

const CAST_ONE: &str = "CAST one of them to the type of the other";

/// Functions that are there with OVER only.
const OVER_WINDOWS: [&str; 9] = [
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "lag",
    "lead",
    "nth_value",
];

/// The engine's types, as SQL names them.
const TYPES: [(&str, &str); 18] = [
    ("Utf8", "STRING"),
    ("Utf8View", "STRING"),
    ("LargeUtf8", "STRING"),
    ("String", "STRING"),
    ("Boolean", "BOOLEAN"),
    ("Int8", "TINYINT"),
    ("Int16", "SMALLINT"),
    ("Int32", "INT"),
    ("Int64", "BIGINT"),
    ("Float32", "FLOAT"),
    ("Float64", "DOUBLE"),
    ("Date32", "DATE"),
    ("Binary", "BINARY"),
    ("Decimal128", "DECIMAL"),
    ("Timestamp", "TIMESTAMP"),
    ("List", "ARRAY"),
    ("Struct", "STRUCT"),
    ("Map", "MAP"),
];

/// A message, what to do about it, and what of the statement it may be about, the likeliest first.
#[derive(Debug, Default)]
pub(super) struct Worded {
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) about: Vec<Subject>,
}

impl Worded {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn about(mut self, subject: Subject) -> Self {
        self.about.push(subject);
        self
    }
}

/// A clause that a declaration must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    StoredAs,
    Location,
}

impl Clause {
    const ALL: [Self; 2] = [Self::StoredAs, Self::Location];

    /// The clause that a declaration lacks, of a message of ours.
    pub(super) fn lacking(message: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|clause| message == clause.told().message)
    }

    /// The word that it begins with.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::StoredAs => "STORED",
            Self::Location => "LOCATION",
        }
    }

    fn told(self) -> Worded {
        match self {
            Self::StoredAs => Worded::new("the declaration has no STORED AS")
                .help("behind the columns write STORED AS DMS LOCATION '…'"),
            Self::Location => Worded::new("the declaration has no LOCATION")
                .help("behind STORED AS … write LOCATION '…', where the objects are"),
        }
    }
}

/// The field of a message that there is none.
pub(super) fn field(message: &str) -> Option<&str> {
    message.strip_prefix("there is no field `")?.strip_suffix('`')
}

/// The words for an error, whose message is without prefixes.
pub(super) fn of(root: &DataFusionError, message: &str) -> Worded {
    if let Some((_, quote)) = message.split_once(DOUBLED) {
        let quote = quote.trim();
        return Worded::new("a quote is doubled within a text").help(format!(
            r"for a quote within the text write \{quote}, as in {quote}it\{quote}s{quote}"
        ));
    }
    if let Some(worded) = not_closed(message) {
        return worded;
    }
    let is_missing = |clause: &Clause| {
        message.starts_with(&format!("missing {}", clause.word()))
            && message.ends_with("CREATE EXTERNAL TABLE statement")
    };
    if let Some(clause) = Clause::ALL.into_iter().find(is_missing) {
        return clause.told();
    }
    if let Some(field) = message.strip_suffix(" not found in struct") {
        let field = field.trim_start_matches("field ");
        return Worded::new(format!("there is no field `{field}`"))
            .help("DESCRIBE of the table tells the fields of a STRUCT")
            .about(Subject::Field(field.to_owned()));
    }
    let schema = match root {
        DataFusionError::SchemaError(schema, _) => of_schema(schema),
        _ => None,
    };
    let known = schema
        .or_else(|| of_grouping(message))
        .or_else(|| of_functions(message))
        .or_else(|| of_types(message))
        .or_else(|| of_clauses(message));
    if let Some(known) = known {
        return known;
    }
    if let Some((head, near)) = message.split_once(".\nDid you mean '") {
        let name = head.split('\'').nth(1).unwrap_or_default();
        let near = nearest(name, [near.trim_end_matches("'?")]);
        let worded = Worded::new(head);
        return match near {
            Some(near) => worded.help(format!("did you mean `{near}`?")),
            None => worded,
        };
    }
    if let Some(tree) = message.strip_prefix("unsupported ast node ") {
        return Worded::new(format!(
            "not supported: {}",
            tree.split(' ').next().unwrap_or_default()
        ));
    }
    let line = message.lines().next().unwrap_or_default().trim_end_matches('.');
    if matches!(root, DataFusionError::NotImplemented(_)) && !line.contains("support") {
        return Worded::new(format!("not supported: {line}"));
    }
    // Names that nobody gives to a column.
    let is_type = |name: &str| name.ends_with(|c: char| c.is_ascii_digit()) || name == "Utf8View";
    Worded::new(renamed(line, is_type))
}

/// A text, a name or a comment that goes on to the end of the SQL.
fn not_closed(message: &str) -> Option<Worded> {
    if message == "unterminated string literal" {
        return Some(
            Worded::new("a text in quotes is not closed")
                .help("write its quote behind its end too"),
        );
    }
    if message.starts_with("expected close delimiter '`'") {
        return Some(
            Worded::new("a name in backquotes is not closed").help("write ` behind its end too"),
        );
    }
    message
        .contains("EOF while in a multi-line comment")
        .then(|| Worded::new("a comment is not closed").help("write */ behind its end"))
}

fn of_schema(error: &SchemaError) -> Option<Worded> {
    Some(match error {
        SchemaError::FieldNotFound { field, .. } => {
            Worded::new(format!("there is no column `{}`", field.flat_name()))
                .about(Subject::Column(field.name().to_owned()))
        }
        SchemaError::DuplicateQualifiedField { qualifier, name } => {
            Worded::new(format!("two columns are named `{name}`"))
                .help(format!("give each `{qualifier}` a name of its own: FROM … AS a JOIN … AS b"))
        }
        SchemaError::DuplicateUnqualifiedField { name } => {
            Worded::new(format!("two columns are named `{name}`"))
        }
        SchemaError::AmbiguousReference { field } => {
            Worded::new(format!("more than one column is named `{}`", field.name()))
                .help("write its table before it, or give one of them another name with AS")
                .about(Subject::Column(field.name().to_owned()))
        }
    })
}

/// What stands between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(found, _)| found)
}

fn of_grouping(message: &str) -> Option<Worded> {
    if message.contains("must appear in the GROUP BY clause") {
        let column = between(message, "column \"", "\" must")?;
        let name = column.rsplit('.').next().unwrap_or(column);
        return Some(
            Worded::new(format!(
                "column `{name}` is neither in GROUP BY nor within an aggregate function"
            ))
            .help(format!(
                "add it to GROUP BY, or take one of its values: max({name}), first({name})"
            ))
            .about(Subject::Column(name.to_owned()))
            .about(Subject::Star),
        );
    }
    if message.contains("calls cannot be nested") {
        return Some(
            Worded::new("an aggregate function cannot be within another one")
                .help("compute the inner one in a subquery: SELECT max(n) FROM (SELECT count(*) AS n FROM … GROUP BY …)"),
        );
    }
    if message.contains("functions are not allowed in the WHERE clause") {
        return Some(
            Worded::new("an aggregate function cannot be in WHERE")
                .help("write the condition in HAVING, behind GROUP BY")
                .about(Subject::Where),
        );
    }
    let (clause, number) = if let Some(number) = between(message, "out of bounds, specified: ", ",")
    {
        ("ORDER BY", number)
    } else {
        ("GROUP BY", between(message, "cannot find column with position ", " in SELECT")?)
    };
    Some(
        Worded::new(format!("{clause} {number}: SELECT has no column {number}"))
            .help(format!("a number in {clause} is the place of a column in SELECT, from 1"))
            .about(Subject::Number(number.to_owned())),
    )
}

fn of_functions(message: &str) -> Option<Worded> {
    if let Some(rest) = message.strip_prefix("invalid function '") {
        let (name, rest) = rest.split_once('\'')?;
        let about = Subject::Function(name.to_owned());
        if OVER_WINDOWS.contains(&name) {
            return Some(
                Worded::new(format!("`{name}` needs a window"))
                    .help(format!("write {name}(…) OVER (PARTITION BY … ORDER BY …)"))
                    .about(about),
            );
        }
        let worded = Worded::new(format!("there is no function `{name}`")).about(about);
        if let Some(meant) = elsewhere::meant(name) {
            return Some(worded.help(meant));
        }
        let near = between(rest, "Did you mean '", "'").and_then(|near| nearest(name, [near]));
        return Some(match near {
            Some(near) => worded.help(format!("did you mean `{near}`?")),
            None => worded,
        });
    }
    // The planner calls a call with wrong arguments a bug of its own.
    let (_, rest) =
        message.split_once("No function matches the given name and argument types '")?;
    let (call, rest) = rest.split_once('\'')?;
    let known: Vec<&str> = rest
        .lines()
        .skip_while(|line| !line.contains("Candidate"))
        .skip(1)
        .map(str::trim)
        .filter(|known| !known.ends_with("(UserDefined)"))
        .collect();
    let name = call.split('(').next().unwrap_or_default();
    let worded = Worded::new(format!("no function takes {}", types(call)))
        .about(Subject::Function(name.to_owned()));
    Some(match known.as_slice() {
        [] => worded,
        known => worded.help(format!("there is {}", types(&known.join(", ")))),
    })
}

fn of_types(message: &str) -> Option<Worded> {
    if let Some(rest) = message.strip_prefix("cannot create filter with non-boolean predicate '") {
        let (what, of) = rest.split_once("' returning ")?;
        let column = what.rsplit(" AS ").next().unwrap_or(what);
        let column = column.rsplit('.').next().unwrap_or(column);
        return Some(
            Worded::new(format!("a condition is BOOLEAN, and `{column}` is {}", types(of)))
                .help("compare it with something: `=`, `<>`, IS NOT NULL")
                .about(Subject::Where),
        );
    }
    if let Some(of) =
        message.strip_prefix("cannot infer common argument type for logical boolean operation ")
    {
        return Some(
            Worded::new(format!("AND and OR take conditions, which are BOOLEAN: {}", types(of)))
                .help("compare what is none with something: `=`, `<>`, IS NOT NULL"),
        );
    }
    if let Some(worded) = operators::of(message) {
        return Some(worded);
    }
    if let Some(of) = message.strip_prefix("cannot get result type for temporal operation ") {
        let of = of.split(": ").next().unwrap_or(of);
        return Some(
            Worded::new(format!("there is no operation {}", types(of)))
                .help("use date_add, date_sub, datediff, or CAST one of them"),
        );
    }
    if let Some(of) = between(
        message,
        "incompatible inputs for Union: Previous inputs were of type ",
        ", but got",
    ) {
        let other = between(message, "got incompatible type ", " on column")?;
        let column = between(message, "on column '", "'")?;
        return Some(
            Worded::new(format!(
                "column `{column}` of UNION is {} and {}, {NOTHING_IN_COMMON}",
                types(of),
                types(other)
            ))
            .help(CAST_ONE),
        );
    }
    if message.ends_with(NOTHING_IN_COMMON) {
        return Some(Worded::new(message).help(CAST_ONE));
    }
    if let Some(of) = message.strip_prefix("can not find compatible types to compare ") {
        let (one, others) = of.split_once(" with ")?;
        return Some(
            Worded::new(format!(
                "{} cannot be compared with {}",
                types(one),
                types(others.trim_matches(['[', ']']))
            ))
            .help(CAST_ONE),
        );
    }
    if let Some(name) = message.strip_prefix("unsupported SQL type ") {
        return Some(Worded::new(message).about(Subject::Type(name.to_owned())));
    }
    of_arguments(message)
}

fn of_arguments(message: &str) -> Option<Worded> {
    let of = message.strip_prefix("a value of type ")?;
    let wanted = match of.ends_with(" is no number") {
        true => NUMBER,
        false => of.split_once(" is not taken here, a ")?.1.strip_suffix(" is")?,
    };
    let named = match wanted {
        TEXT_OR_BINARY => Some("a text"),
        TEXT_OR_NESTED => Some("a text, an array or a map"),
        TEMPORAL => Some("a date, a timestamp or a text"),
        _ if wanted.starts_with('I') => Some("an INT"),
        _ => None,
    };
    let message = match named {
        Some(named) => message.replace(&format!("a {wanted} is"), &format!("{named} is")),
        None => message.to_owned(),
    };
    Some(Worded::new(message).about(Subject::Taking(wanted.to_owned())))
}

fn of_clauses(message: &str) -> Option<Worded> {
    if let Some((operation, _)) = message.split_once(" queries have different number") {
        return Some(
            Worded::new(format!("the sides of {operation} have different numbers of columns"))
                .help("select as many columns on each side"),
        );
    }
    if message.starts_with("too many columns! The subquery") {
        return Some(
            Worded::new("a subquery that stands for a value has more than one column")
                .help("select one column in it"),
        );
    }
    if let Some(table) = message.strip_prefix("invalid qualifier ") {
        return Some(
            Worded::new(format!("there is no table `{table}` in FROM"))
                .help("write the name that FROM gives it")
                .about(Subject::Star),
        );
    }
    if message.starts_with("projections require unique expression names") {
        let expression = between(message, "the expression \"", "\" at position")?;
        let name = expression.rsplit(" AS ").next().unwrap_or(expression);
        let name = name.rsplit('.').next().unwrap_or(name);
        return Some(
            Worded::new(format!("two columns are named `{name}`"))
                .help("give one of them another name with AS"),
        );
    }
    let value = between(message, "LIMIT must be >= 0, '", "'")?;
    Some(
        Worded::new(format!("LIMIT cannot be {value}"))
            .help("write how many rows there may be, or LIMIT ALL"),
    )
}

/// A text in which the engine's types have SQL's names.
fn types(text: &str) -> String {
    renamed(text, |_| true)
}

/// What stands in the brackets with which a text begins, and what follows them.
fn in_brackets(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('(')?;
    let mut depth = 1;
    let end = text.find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    })?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// A text of the engine with SQL's names of types.
#[must_use]
pub fn with_sql_types(text: &str) -> String {
    renamed(text, |_| true)
}

fn renamed(text: &str, is_meant: impl Fn(&str) -> bool) -> String {
    let mut named = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let (before, word) = rest.split_at(start);
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (word, after) = word.split_at(end.unwrap_or(word.len()));
        named.push_str(before);
        let known = TYPES.iter().find(|(name, _)| *name == word && is_meant(name));
        named.push_str(known.map_or(word, |(_, sql)| sql));
        rest = after;
        if word == "List"
            && known.is_some()
            && let Some((of, after)) = in_brackets(rest)
        {
            named.extend(["<", types(of).as_str(), ">"]);
            rest = after;
        }
        // `Timestamp(µs)` is of no unit in SQL.
        if word == "Timestamp"
            && known.is_some()
            && let Some((_, after)) = in_brackets(rest)
        {
            rest = after;
        }
    }
    named.push_str(rest);
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_the_names_of_sql() {
        for (text, expected) in [
            ("upper(Utf8, Int64)", "upper(STRING, BIGINT)"),
            ("List(Int32), List(Utf8)", "ARRAY<INT>, ARRAY<STRING>"),
            ("Decimal128(10, 2) AND Timestamp(µs)", "DECIMAL(10, 2) AND TIMESTAMP"),
            ("Utf8Ish Int8s", "Utf8Ish Int8s"),
        ] {
            assert_eq!(types(text), expected);
        }
    }
}
