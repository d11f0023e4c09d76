//! Operations on numbers of all types; what is expected is what Spark 3.5 gives.

use datafusion::arrow::datatypes::Schema;
use datafusion::common::DFSchema;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;

use super::*;
use crate::functions::cast_expr;

/// A value's text, its type and whether it may be NULL, of an operation on two values that are cast to types, or literals.
fn computed(operation: Operation, left: (&str, &str), right: (&str, &str)) -> String {
    let value = |(text, sql_type): (&str, &str)| match sql_type {
        "literal" => lit(text.parse::<i64>().unwrap()),
        "NULL" => lit(ScalarValue::Null),
        sql_type => cast_expr(lit(text), sql_type),
    };
    let schema = DFSchema::try_from(Schema::empty()).unwrap();
    let expr = match arithmetic(operation, value(left), value(right), &schema) {
        Ok(expr) => expr,
        Err(error) => return error.strip_backtrace(),
    };
    let data_type = match expr.get_type(&schema) {
        Ok(data_type) => data_type,
        Err(error) => return error.strip_backtrace(),
    };
    let context = SimplifyContext::builder().with_schema(Arc::new(schema)).build();
    match ExprSimplifier::new(context).simplify(expr).unwrap() {
        Expr::Literal(found, _) => {
            assert_eq!(found.data_type(), data_type);
            let text = crate::functions::to_text(&found.to_array().unwrap()).unwrap();
            let text = if text.is_null(0) { "NULL" } else { text.value(0) };
            format!("{data_type} {text}")
        }
        other => other.to_string(),
    }
}

/// An operation, its operands as texts with their types, and what it gives.
type Case<'a> = (Operation, (&'a str, &'a str), (&'a str, &'a str), &'a str);

fn check(cases: &[Case<'_>]) {
    crate::testing::assert_all(cases.iter().map(|(operation, left, right, expected)| {
        let input = format!("{operation:?} {left:?} {right:?}");
        (input, computed(*operation, *left, *right), (*expected).to_owned())
    }));
}

#[test]
fn a_division_is_one_of_doubles_or_decimals_and_by_zero_null() {
    use Operation::Divide;
    check(&[
        (Divide, ("1", "INT"), ("2", "INT"), "Float64 0.5"),
        (Divide, ("1", "INT"), ("0", "INT"), "Float64 NULL"),
        (Divide, ("1", "DOUBLE"), ("-0", "DOUBLE"), "Float64 NULL"),
        (Divide, ("7", "STRING"), ("2", "INT"), "Float64 3.5"),
        (Divide, ("a", "STRING"), ("2", "INT"), "Float64 NULL"),
        (Divide, ("1", "INT"), ("", "NULL"), "Float64 NULL"),
        (Divide, ("7", "literal"), ("2.5", "DECIMAL(2,1)"), "Decimal128(8, 6) 2.800000"),
        (Divide, ("1.5", "DECIMAL(10,2)"), ("3", "literal"), "Decimal128(14, 6) 0.500000"),
        (Divide, ("1.5", "DECIMAL(10,2)"), ("3", "INT"), "Decimal128(21, 13) 0.5000000000000"),
        (Divide, ("1.5", "DECIMAL(10,2)"), ("0", "literal"), "Decimal128(14, 6) NULL"),
        (Divide, ("1.5", "DECIMAL(10,2)"), ("2", "FLOAT"), "Float64 0.75"),
        (Divide, ("1.5", "DECIMAL(2,1)"), ("", "NULL"), "Decimal128(8, 6) NULL"),
        (
            Divide,
            ("1", "BOOLEAN"),
            ("2", "INT"),
            "Error during planning: / does not take a value of type Boolean",
        ),
    ]);
}

#[test]
fn a_remainder_has_the_sign_of_the_dividend() {
    use Operation::Remainder;
    check(&[
        (Remainder, ("-7", "INT"), ("3", "INT"), "Int32 -1"),
        (Remainder, ("7", "INT"), ("-3", "INT"), "Int32 1"),
        (Remainder, ("7", "INT"), ("0", "INT"), "Int32 NULL"),
        (Remainder, ("7", "TINYINT"), ("2", "BIGINT"), "Int64 1"),
        (Remainder, ("7", "TINYINT"), ("2", "TINYINT"), "Int8 1"),
        (Remainder, ("-9223372036854775808", "BIGINT"), ("-1", "BIGINT"), "Int64 0"),
        (Remainder, ("7.5", "DOUBLE"), ("2", "INT"), "Float64 1.5"),
        (Remainder, ("7.5", "DOUBLE"), ("0", "INT"), "Float64 NULL"),
        (Remainder, ("7", "FLOAT"), ("2", "INT"), "Float32 1.0"),
        (Remainder, ("7", "FLOAT"), ("2.5", "DECIMAL(2,1)"), "Float64 2.0"),
        (Remainder, ("-7.5", "DECIMAL(2,1)"), ("2", "literal"), "Decimal128(2, 1) -1.5"),
        (Remainder, ("7.5", "DECIMAL(10,2)"), ("0", "INT"), "Decimal128(10, 2) NULL"),
    ]);
}

#[test]
fn an_integer_division_is_a_bigint() {
    use Operation::IntegerDivide;
    check(&[
        (IntegerDivide, ("-7", "INT"), ("2", "INT"), "Int64 -3"),
        (IntegerDivide, ("7", "INT"), ("0", "INT"), "Int64 NULL"),
        (IntegerDivide, ("7.5", "DECIMAL(2,1)"), ("2", "literal"), "Int64 3"),
        (IntegerDivide, ("7.5", "DECIMAL(2,1)"), ("0", "literal"), "Int64 NULL"),
        (
            IntegerDivide,
            ("-9223372036854775808", "BIGINT"),
            ("-1", "BIGINT"),
            "Int64 -9223372036854775808",
        ),
        (
            IntegerDivide,
            ("99999999999999999999999999999999999999", "DECIMAL(38,0)"),
            ("1", "literal"),
            "Int64 687399551400673279",
        ),
        (IntegerDivide, ("", "NULL"), ("", "NULL"), "Int64 NULL"),
        (
            IntegerDivide,
            ("7", "DOUBLE"),
            ("2", "INT"),
            "Error during planning: div does not take a value of type Float64",
        ),
    ]);
}

#[test]
fn decimals_grow_with_what_is_done() {
    use Operation::{Add, Multiply, Subtract};
    check(&[
        (Add, ("1.5", "DECIMAL(10,2)"), ("2", "literal"), "Decimal128(11, 2) 3.50"),
        (Add, ("1.5", "DECIMAL(10,2)"), ("2", "BIGINT"), "Decimal128(23, 2) 3.50"),
        (Subtract, ("1.5", "DECIMAL(10,2)"), ("2", "STRING"), "Float64 -0.5"),
        (Multiply, ("1.5", "DECIMAL(5,2)"), ("-100", "literal"), "Decimal128(9, 2) -150.00"),
        (Multiply, ("1.5", "DECIMAL(5,2)"), ("0", "literal"), "Decimal128(7, 2) 0.00"),
        (
            Add,
            ("99999999999999999999999999999999999999", "DECIMAL(38,0)"),
            ("1", "literal"),
            "Decimal128(38, 0) NULL",
        ),
    ]);
}
