//! LIKE with patterns that are no literals, or with another escape than the backslash
//! (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#like>).

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use crate::functions::scalar::{Arguments, Scalar};

/// The functions of this file.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    vec![Scalar::boolean(super::LIKE, 3..=3, like)]
}

/// What a place in a pattern takes.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Char(char),
    One,
    Any,
}

/// `unglue_like(text, pattern, escape)`.
fn like(arguments: &Arguments) -> Result<ArrayRef> {
    let (texts, patterns) = (arguments.texts(0)?, arguments.texts(1)?);
    let escapes = arguments.texts(2)?;
    let mut last: Option<(&str, Vec<Step>)> = None;
    let rows: Result<BooleanArray> = (0..arguments.rows())
        .map(|row| {
            let (Some(text), Some(pattern), Some(escape)) =
                (texts.get(row), patterns.get(row), escapes.get(row))
            else {
                return Ok(None);
            };
            let steps = match last.take() {
                Some((of, steps)) if of == pattern => steps,
                _ => steps(pattern, escape)?,
            };
            let found = matches(&steps, text);
            last = Some((pattern, steps));
            Ok(Some(found))
        })
        .collect();
    Ok(Arc::new(rows?))
}

fn steps(pattern: &str, escape: &str) -> Result<Vec<Step>> {
    let mut chars = escape.chars();
    let (Some(escape), None) = (chars.next(), chars.next()) else {
        return exec_err!("LIKE: the escape must be one character");
    };
    let mut steps = Vec::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        steps.push(match c {
            c if c == escape => match rest.next() {
                Some(next) if next == escape || matches!(next, '%' | '_') => Step::Char(next),
                Some(_) => return exec_err!("LIKE: the escape stands before what needs none"),
                None => return exec_err!("LIKE: the pattern ends with the escape"),
            },
            '%' => Step::Any,
            '_' => Step::One,
            c => Step::Char(c),
        });
    }
    Ok(steps)
}

/// Goes on from the last `%` where something does not fit.
fn matches(steps: &[Step], text: &str) -> bool {
    let mut rest = text.chars();
    let mut at = 0;
    let mut back: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        let mut ahead = rest.clone();
        let fits = match (steps.get(at), ahead.next()) {
            (Some(Step::Any), _) => {
                back = Some((at + 1, rest.clone()));
                at += 1;
                continue;
            }
            (None, None) => return true,
            (Some(Step::One), Some(_)) => true,
            (Some(Step::Char(c)), Some(found)) => *c == found,
            _ => false,
        };
        if fits {
            rest = ahead;
            at += 1;
            continue;
        }
        let Some((after, from)) = &mut back else { return false };
        if from.next().is_none() {
            return false;
        }
        at = *after;
        rest = from.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_the_whole_text() {
        for (text, pattern, expected) in [
            ("abc", "a%", true),
            ("abc", "a_c", true),
            ("abc", "b%", false),
            ("", "%", true),
            ("", "", true),
            ("", "_", false),
            ("🙂", "_", true),
            ("aXbXc", "%X%X%", true),
            ("aaab", "%ab", true),
            ("aaab", "%aab_", false),
            ("a%b", "a/%b", true),
            ("axb", "a/%b", false),
            ("a/b", "a//b", true),
            ("a\nb", "a%b", true),
        ] {
            assert_eq!(matches(&steps(pattern, "/").unwrap(), text), expected, "{text} {pattern}");
        }
        assert!(steps("a/", "/").is_err());
        assert!(steps("a/b", "/").is_err());
    }
}
