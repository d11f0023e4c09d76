//! The words of SQL that the shell knows: what it completes and highlights.

/// The words that a statement begins with.
pub(super) const OPENING: [&str; 9] =
    ["SELECT", "WITH", "CREATE", "DROP", "SHOW", "DESCRIBE", "EXPLAIN", "VALUES", "FROM"];

/// Words behind which a table is named.
pub(super) const BEFORE_TABLE: [&str; 5] = ["FROM", "JOIN", "TABLE", "DESCRIBE", "DESC"];

/// All others, sorted.
const OTHER: [&str; 92] = [
    "ALL",
    "ANALYZE",
    "AND",
    "ANTI",
    "ANY",
    "AS",
    "ASC",
    "BETWEEN",
    "BIGINT",
    "BOOLEAN",
    "BY",
    "CASE",
    "CAST",
    "COLUMNS",
    "CROSS",
    "CUBE",
    "CURRENT",
    "DATE",
    "DECIMAL",
    "DELIMITED",
    "DESC",
    "DISTINCT",
    "DOUBLE",
    "ELSE",
    "END",
    "ESCAPE",
    "EXCEPT",
    "EXISTS",
    "EXTERNAL",
    "FALSE",
    "FETCH",
    "FILTER",
    "FIRST",
    "FLOAT",
    "FOLLOWING",
    "FOR",
    "FULL",
    "FUNCTIONS",
    "GROUP",
    "GROUPING",
    "HAVING",
    "IF",
    "ILIKE",
    "IN",
    "INNER",
    "INT",
    "INTERSECT",
    "INTERVAL",
    "IS",
    "JOIN",
    "KEY",
    "LAST",
    "LATERAL",
    "LEFT",
    "LIKE",
    "LIMIT",
    "LOCATION",
    "NATURAL",
    "NOT",
    "NULL",
    "NULLS",
    "OF",
    "OFFSET",
    "ON",
    "OPTIONS",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "PARTITION",
    "PRECEDING",
    "PRIMARY",
    "RANGE",
    "REPLACE",
    "RIGHT",
    "RLIKE",
    "ROLLUP",
    "ROW",
    "ROWS",
    "SEMI",
    "SETS",
    "STORED",
    "STRING",
    "SYSTEM_TIME",
    "TABLE",
    "THEN",
    "TIMESTAMP",
    "TRUE",
    "TRY_CAST",
    "UNION",
    "USING",
    "VIEW",
];

/// Words that come late in the alphabet, and often in statements.
const MORE: [&str; 6] = ["WHEN", "WHERE", "WINDOW", "UNBOUNDED", "QUALIFY", "VARCHAR"];

/// All words.
pub(super) fn keywords() -> impl Iterator<Item = &'static str> {
    OPENING.iter().chain(&OTHER).chain(&MORE).copied()
}

/// Whether a word is one of them.
pub(super) fn is_keyword(word: &str) -> bool {
    keywords().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// Whether a table is named behind a word.
pub(super) fn is_before_table(word: &str) -> bool {
    BEFORE_TABLE.iter().any(|before| before.eq_ignore_ascii_case(word))
}
