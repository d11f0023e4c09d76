//! Spark's dialect, as the SQL parser is to read it.
//!
//! The parser's own Spark dialect lacks some of the language, and binds `DIV` weaker than anything: `7 DIV 2 + 1` is 7 DIV (2 + 1) there.

use std::any::TypeId;

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Ident, ObjectName};
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

    fn is_identifier_part(&self, ch: char) -> bool {
        SparkSqlDialect.is_identifier_part(ch)
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
                    Keyword::SELECT
                        | Keyword::WITH
                        | Keyword::VALUES
                        | Keyword::FROM
                        | Keyword::TABLE
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
