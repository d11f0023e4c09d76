use super::{Pattern, PatternError};
use crate::testing::assert_all;

/// What Spark 3.5 answered: `p` for parsing or `f` for writing, the pattern, the text or the microseconds, and the answer: `=` and the value,
/// `NULL`, `UPGRADE` where only Spark 2 would have taken the text, `PATTERN` where the pattern is refused.
const RECORDED: &str = include_str!("recorded.tsv");

fn answer(line: &str) -> Option<(String, String)> {
    let [way, pattern, value, expected] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
    let found = if way == "p" { parsed(pattern, value) } else { formatted(pattern, value) };
    let told = |error| match error {
        PatternError::Refused(_) => "PATTERN".to_owned(),
        PatternError::OnlyLegacy => "UPGRADE".to_owned(),
        other => other.to_string(),
    };
    Some((found.unwrap_or_else(told), expected.to_owned()))
}

fn parsed(pattern: &str, text: &str) -> Result<String, PatternError> {
    let micros = Pattern::to_parse(pattern)?.parse(text)?;
    Ok(micros.map_or_else(|| "NULL".to_owned(), |micros| format!("={micros}")))
}

fn formatted(pattern: &str, micros: &str) -> Result<String, PatternError> {
    let mut out = "=".to_owned();
    Pattern::to_format(pattern)?.format(micros.parse().unwrap(), &mut out);
    Ok(out)
}

#[test]
fn patterns_write_and_read_as_spark_does() {
    assert!(RECORDED.lines().count() > 1_000);
    assert_all(RECORDED.lines().map(|line| {
        let (found, expected) = answer(line).unwrap();
        (line.to_owned(), found, expected)
    }));
}

#[test]
fn errors_tell_the_reason_and_not_the_text() {
    let refused = |pattern: &str| Pattern::to_format(pattern).unwrap_err().to_string();
    assert_eq!(
        refused("YYYY"),
        "`Y` counts in weeks, which Spark does not take since 3.0; use extract() instead"
    );
    assert_eq!(refused("yyyy 'o"), "a quote is not closed");
    assert_eq!(refused("T"), "the letter `T` has no meaning; quote it");
    let error = Pattern::to_parse("yyyy-MM-dd").unwrap().parse("2026-1-5").unwrap_err();
    assert!(!error.to_string().contains("2026"), "{error}");
}

#[test]
fn a_name_of_a_zone_that_is_not_known_is_told() {
    let pattern = Pattern::to_parse("yyyy-MM-dd HH:mm z").unwrap();
    assert_eq!(pattern.parse("2026-03-09 10:11 IRKT"), Err(PatternError::ZoneName));
    assert_eq!(pattern.parse("x"), Ok(None));
}
