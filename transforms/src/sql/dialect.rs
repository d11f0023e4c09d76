//! Spark's dialect, as the SQL parser is to read it.
//!
//! The parser's own Spark dialect lacks some of the language, and binds `DIV` weaker than anything: `7 DIV 2 + 1` is 7 DIV (2 + 1) there.

use std::any::TypeId;

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Ident, Interval, ObjectName, Value};
use datafusion::sql::sqlparser::dialect::{Dialect, Precedence, SparkSqlDialect};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::Token;

/// Spark SQL (<https://spark.apache.org/docs/3.5.6/sql-ref.html>): the parser's dialect of that name, completed.
#[derive(Debug)]
pub(super) struct Spark;

impl Dialect for Spark {
    fn dialect(&self) -> TypeId {
        SparkSqlDialect.dialect()
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        SparkSqlDialect.is_delimited_identifier_start(ch)
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        SparkSqlDialect.is_identifier_start(ch)
    }

    /// `orders$changes` needs no quotes: no name in Spark's language has a `$`, and nothing else has one behind a letter.
    fn is_identifier_part(&self, ch: char) -> bool {
        SparkSqlDialect.is_identifier_part(ch) || ch == '$'
    }

    fn supports_string_literal_backslash_escape(&self) -> bool {
        true
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_window_function_null_treatment_arg(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_group_by_with_modifier(&self) -> bool {
        true
    }

    fn supports_lambda_functions(&self) -> bool {
        true
    }

    fn supports_select_wildcard_except(&self) -> bool {
        true
    }

    fn supports_struct_literal(&self) -> bool {
        true
    }

    fn supports_nested_comments(&self) -> bool {
        true
    }

    fn supports_create_table_using(&self) -> bool {
        true
    }

    fn supports_long_type_as_bigint(&self) -> bool {
        true
    }

    fn supports_values_as_table_factor(&self) -> bool {
        true
    }

    fn supports_bang_not_operator(&self) -> bool {
        true
    }

    fn supports_select_item_multi_column_alias(&self) -> bool {
        true
    }

    fn supports_cte_without_as(&self) -> bool {
        true
    }

    fn supports_map_literal_with_angle_brackets(&self) -> bool {
        true
    }

    fn supports_left_associative_joins_without_parens(&self) -> bool {
        true
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }

    /// `EXTRACT(DOW_ISO FROM …)`: a field that is none is told when the call is rewritten.
    fn allow_extract_custom(&self) -> bool {
        true
    }

    /// `exists(array, x -> …)` is a function, `EXISTS (SELECT …)` is not.
    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        interval(parser).map(Ok).or_else(|| exists_call(parser))
    }

    /// `DIV` binds as `*` and `/` do.
    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        is_div(&parser.peek_token_ref().token).then(|| Ok(self.prec_value(Precedence::MulDivModOp)))
    }

    fn parse_infix(
        &self,
        parser: &mut Parser,
        expr: &Expr,
        precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        parser.parse_keyword(Keyword::DIV).then(|| {
            let right = parser.parse_subexpr(precedence)?;
            Ok(Expr::BinaryOp {
                left: Box::new(expr.clone()),
                op: BinaryOperator::MyIntegerDivide,
                right: Box::new(right),
            })
        })
    }
}

fn is_div(token: &Token) -> bool {
    matches!(token, Token::Word(word) if word.keyword == Keyword::DIV)
}

/// The call of `exists` over an array.
fn exists_call(parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
    let word = |at: usize| match &parser.peek_nth_token_ref(at).token {
        Token::Word(word) => Some(word.keyword),
        _ => None,
    };
    if word(0) != Some(Keyword::EXISTS)
        || parser.peek_nth_token_ref(1).token != Token::LParen
        || parser.peek_nth_token_ref(2).token == Token::LParen
        || matches!(
            word(2),
            Some(
                Keyword::SELECT | Keyword::WITH | Keyword::VALUES | Keyword::FROM | Keyword::TABLE
            )
        )
    {
        return None;
    }
    let start = parser.next_token().span;
    let mut name = Ident::new("exists");
    name.span = start;
    Some(parser.parse_function(ObjectName::from(vec![name])))
}

/// `INTERVAL 1 YEAR 2 MONTHS`, `INTERVAL '1-2' YEAR TO MONTH`, `INTERVAL '1 02:03:04.5' DAY TO SECOND`: what the parser does not read.
/// Each is an interval of a text with all its parts (<https://spark.apache.org/docs/3.5.6/sql-ref-literals.html#interval-literal>).
fn interval(parser: &mut Parser) -> Option<Expr> {
    let is_interval = matches!(&parser.peek_token_ref().token, Token::Word(word) if word.keyword == Keyword::INTERVAL);
    if !is_interval {
        return None;
    }
    let read = parser.maybe_parse(|parser| {
        let _interval = parser.next_token();
        let none = || ParserError::ParserError("no interval of several parts".to_owned());
        let mut parts = Vec::new();
        while let Some((value, unit)) = part(parser) {
            if parts.is_empty() && parser.parse_keyword(Keyword::TO) {
                let last = word(parser).ok_or_else(none)?;
                let text = ranged(&value, &unit, &last).ok_or_else(none)?;
                return Ok(text);
            }
            parts.push(format!("{value} {unit}"));
        }
        if parts.len() < 2 { Err(none()) } else { Ok(parts.join(" ")) }
    });
    let text = read.ok()??;
    Some(Expr::Interval(Interval {
        value: Box::new(Expr::value(Value::SingleQuotedString(text))),
        leading_field: None,
        leading_precision: None,
        last_field: None,
        fractional_seconds_precision: None,
    }))
}

/// A number, plain or as a text, and its unit.
fn part(parser: &mut Parser) -> Option<(String, String)> {
    parser
        .maybe_parse(|parser| {
            let none = || ParserError::ParserError("no part of an interval".to_owned());
            let sign = if parser.consume_token(&Token::Minus) { "-" } else { "" };
            let value = match parser.next_token().token {
                Token::Number(number, false) => number,
                Token::SingleQuotedString(text) => text,
                _ => return Err(none()),
            };
            let unit = word(parser).ok_or_else(none)?;
            Ok((format!("{sign}{value}"), unit))
        })
        .ok()?
}

/// The unit of an interval.
fn word(parser: &mut Parser) -> Option<String> {
    let Token::Word(word) = parser.next_token().token else { return None };
    let unit = word.value.to_uppercase();
    let single = unit.strip_suffix('S').unwrap_or(&unit);
    let is_unit = matches!(
        single,
        "YEAR"
            | "MONTH"
            | "WEEK"
            | "DAY"
            | "HOUR"
            | "MINUTE"
            | "SECOND"
            | "MILLISECOND"
            | "MICROSECOND"
    );
    (word.quote_style.is_none() && is_unit).then(|| single.to_owned())
}

/// The parts of `1-2` YEAR TO MONTH and of `1 02:03:04.5` DAY TO SECOND.
fn ranged(value: &str, first: &str, last: &str) -> Option<String> {
    let (sign, value) = match value.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", value.strip_prefix('+').unwrap_or(value)),
    };
    let units = match first {
        "YEAR" => ["YEAR", "MONTH"].as_slice(),
        _ => ["DAY", "HOUR", "MINUTE", "SECOND"].as_slice(),
    };
    let from = units.iter().position(|unit| *unit == first)?;
    let to = units.iter().position(|unit| *unit == last)?;
    let units = units.get(from..=to)?;
    let separators: &[char] = if first == "YEAR" { &['-'] } else { &[' ', ':'] };
    let values: Vec<&str> = value.split(separators).collect();
    let is_number = |value: &&str| value.chars().all(|c| c.is_ascii_digit() || c == '.');
    if values.len() != units.len() || !values.iter().all(is_number) {
        return None;
    }
    let parts = values.iter().zip(units).map(|(value, unit)| format!("{sign}{value} {unit}"));
    Some(parts.collect::<Vec<_>>().join(" "))
}
