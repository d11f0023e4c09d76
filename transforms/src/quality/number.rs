//! What is asked of a number.

use super::syntax::{Number, Operand, Operator};

/// A condition on a metric.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NumberTest {
    operator: Operator,
    operands: Vec<f64>,
}

impl NumberTest {
    pub(super) const fn new(operator: Operator, operands: Vec<f64>) -> Self {
        Self { operator, operands }
    }

    /// All rows.
    pub(super) fn is_one() -> Self {
        Self::new(Operator::Equal, vec![1.0])
    }

    /// Whether a metric is as it should be. `between` leaves its bounds out and equality is exact: `NumberBasedCondition` of
    /// awslabs/dqdl.
    #[expect(clippy::float_cmp, reason = "see above")]
    pub(super) fn holds(&self, metric: f64) -> bool {
        let is_among = || self.operands.contains(&metric);
        match (self.operator, self.operands.as_slice()) {
            (Operator::Between, [from, to]) => metric > *from && metric < *to,
            (Operator::NotBetween, [from, to]) => metric <= *from || metric >= *to,
            (Operator::Greater, [bound]) => metric > *bound,
            (Operator::GreaterOrEqual, [bound]) => metric >= *bound,
            (Operator::Less, [bound]) => metric < *bound,
            (Operator::LessOrEqual, [bound]) => metric <= *bound,
            (Operator::Equal, [bound]) => metric == *bound,
            (Operator::NotEqual, [bound]) => metric != *bound,
            (Operator::In, _) => is_among(),
            (Operator::NotIn, _) => !is_among(),
            _ => false,
        }
    }
}

/// The number that an operand is, if it is one.
pub(super) fn value_of(operand: &Operand) -> Option<f64> {
    match operand {
        Operand::Number(number) => computed(number).ok(),
        _ => None,
    }
}

/// The value of a number.
///
/// # Errors
/// The name of a function of earlier results, or none if the result is not finite.
pub(super) fn computed(number: &Number) -> Result<f64, Option<&str>> {
    let value = match number {
        Number::Literal(digits) => digits.parse().map_err(|_| None)?,
        Number::Call(name, _) => return Err(Some(name)),
        Number::Group(inner) => computed(inner)?,
        Number::Binary(left, operator, right) => {
            let (left, right) = (computed(left)?, computed(right)?);
            match *operator {
                "+" => left + right,
                "-" => left - right,
                "*" => left * right,
                _ => left / right,
            }
        }
    };
    if value.is_finite() { Ok(value) } else { Err(None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_not_between_themselves() {
        let test = |operator, operands: &[f64]| NumberTest::new(operator, operands.to_vec());
        let cases = [
            (Operator::Between, vec![1.0, 3.0], [false, true, false]),
            (Operator::NotBetween, vec![1.0, 3.0], [true, false, true]),
            (Operator::Greater, vec![2.0], [false, false, true]),
            (Operator::GreaterOrEqual, vec![2.0], [false, true, true]),
            (Operator::Less, vec![2.0], [true, false, false]),
            (Operator::LessOrEqual, vec![2.0], [true, true, false]),
            (Operator::Equal, vec![2.0], [false, true, false]),
            (Operator::NotEqual, vec![2.0], [true, false, true]),
            (Operator::In, vec![1.0, 2.0], [true, true, false]),
            (Operator::NotIn, vec![1.0, 2.0], [false, false, true]),
        ];
        for (operator, operands, expected) in cases {
            let held = [1.0, 2.0, 3.0].map(|metric| test(operator, &operands).holds(metric));
            assert_eq!(held, expected, "{operator} {operands:?}");
        }
        // As in Java.
        assert!(!test(Operator::GreaterOrEqual, &[0.0]).holds(f64::NAN));
        assert!(!test(Operator::Equal, &[0.0]).holds(f64::NAN));
    }
}
