//! Calls that are written as something else.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Function};

use crate::functions::CASE;
use crate::functions::call::Kind;
use crate::functions::written::{arguments, two};
use crate::sql::build::{binary, call, nested};
use crate::sql::taken;

/// `decode(binary, charset)`, and with more arguments a CASE: `decode(value, is, then, …[, else])`, where NULL is NULL.
pub(super) fn decode(function: Function) -> Result<Expr, &'static str> {
    let arguments = arguments(function)?;
    if arguments.len() == 2 {
        let kinds = [Kind::Binary, Kind::Text];
        let taken = arguments.into_iter().zip(kinds).map(|(value, kind)| taken(value, kind));
        return Ok(call("unglue_decode", taken));
    }
    let mut rest = arguments.into_iter();
    let (Some(value), Some(mut first)) = (rest.next(), rest.next()) else {
        return Err("it takes a value and a charset, or a value and what it is compared with");
    };
    let mut cases = Vec::new();
    loop {
        match (rest.next(), rest.next()) {
            (Some(then), next) => {
                let value = nested(value.clone());
                cases.extend([binary(value, BinaryOperator::Spaceship, nested(first)), then]);
                match next {
                    Some(next) => first = next,
                    None => break,
                }
            }
            // The last of an odd number is what all others become.
            (None, _) => {
                cases.push(first);
                break;
            }
        }
    }
    Ok(call(CASE, cases))
}

/// `like(text, pattern)`.
pub(super) fn like(function: Function) -> Result<Expr, &'static str> {
    let (text, pattern) = two(function)?;
    Ok(crate::sql::like(false, false, text, pattern, None))
}

/// `ilike(text, pattern)`.
pub(super) fn ilike(function: Function) -> Result<Expr, &'static str> {
    let (text, pattern) = two(function)?;
    Ok(crate::sql::ilike(false, false, text, pattern, None))
}
