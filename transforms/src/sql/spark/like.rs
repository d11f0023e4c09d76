//! LIKE and ILIKE (<https://spark.apache.org/docs/3.5.6/sql-ref-syntax-qry-select-like.html>).

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Value, ValueWithSpan};

use super::syntax::{is_short, negated_if};
use crate::functions::LIKE;
use crate::functions::conversion::ARGUMENT;
use crate::sql::build::{binary, call, nested, text};

/// `expr [NOT] LIKE pattern [ESCAPE 'c']`, or `LIKE ANY (patterns)`.
pub(crate) fn like(
    negated: bool,
    any: bool,
    expr: Expr,
    pattern: Expr,
    escape_char: Option<ValueWithSpan>,
) -> Expr {
    if any && is_short(&expr) {
        let patterns = match pattern {
            Expr::Tuple(patterns) => patterns,
            Expr::Nested(pattern) => vec![*pattern],
            other => vec![other],
        };
        let each = patterns
            .into_iter()
            .map(|pattern| like(negated, false, expr.clone(), pattern, escape_char.clone()));
        let any = each.reduce(|left, right| binary(left, BinaryOperator::Or, right));
        return nested(any.unwrap_or_else(|| Expr::value(Value::Null)));
    }
    let escape = match escape_char.map(|escape| escape.value) {
        None => Some('\\'),
        Some(Value::SingleQuotedString(escape)) => {
            let mut chars = escape.chars();
            chars.next().filter(|_| chars.next().is_none())
        }
        Some(_) => None,
    };
    // The operator knows the backslash only, and takes one before a letter for itself.
    if let (Expr::Value(value), Some(escape)) = (&pattern, escape)
        && let Value::SingleQuotedString(written) = &value.value
        && let Some(known) = escaped_by_backslash(written, escape)
    {
        return Expr::Like {
            negated,
            any: false,
            expr: Box::new(as_text(expr)),
            pattern: Box::new(text(known)),
            escape_char: None,
        };
    }
    let escape = escape.map_or_else(String::new, String::from);
    negated_if(negated, call(LIKE, [expr, pattern, text(escape)]))
}

/// What is not a text is compared as one.
fn as_text(expr: Expr) -> Expr {
    match &expr {
        Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)) => expr,
        _ => call(ARGUMENT, [expr, text("STRING")]),
    }
}

/// The same without regard to case: both sides are compared in lower case.
pub(crate) fn ilike(
    negated: bool,
    any: bool,
    expr: Expr,
    pattern: Expr,
    escape_char: Option<ValueWithSpan>,
) -> Expr {
    let lower = |pattern: Expr| match pattern {
        Expr::Value(value) => match value.value {
            Value::SingleQuotedString(pattern) => text(pattern.to_lowercase()),
            other => call("lower", [Expr::value(other)]),
        },
        other => call("lower", [other]),
    };
    let pattern = match pattern {
        Expr::Tuple(patterns) if any => Expr::Tuple(patterns.into_iter().map(lower).collect()),
        Expr::Nested(pattern) if any => Expr::Nested(Box::new(lower(*pattern))),
        other => lower(other),
    };
    like(negated, any, call("lower", [expr]), pattern, escape_char)
}

/// The pattern with a backslash as its escape; `None` where its escapes are wrong.
fn escaped_by_backslash(pattern: &str, escape: char) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            c if c == escape => {
                let next = rest.next().filter(|c| *c == escape || matches!(c, '%' | '_'))?;
                if next == '\\' || matches!(next, '%' | '_') {
                    out.push('\\');
                }
                out.push(next);
            }
            '\\' => out.push_str("\\\\"),
            c => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_escape_becomes_a_backslash() {
        for (pattern, escape, expected) in [
            (r"a\%b", '\\', Some(r"a\%b")),
            (r"a\\b", '\\', Some(r"a\\b")),
            ("a/%b%", '/', Some(r"a\%b%")),
            ("a//b", '/', Some("a/b")),
            (r"a\b", '/', Some(r"a\\b")),
            (r"a\b", '\\', None),
            ("a/", '/', None),
        ] {
            assert_eq!(escaped_by_backslash(pattern, escape).as_deref(), expected, "{pattern}");
        }
    }
}
