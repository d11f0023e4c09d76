//! Arithmetic of decimals: the types of results as Spark has them, and the results.
//!
//! A result is computed exactly, rounded half up to the scale of its type, and NULL where it has more digits than that.
//! <https://spark.apache.org/docs/3.5.6/sql-ref-ansi-compliance.html#arithmetic-operations>

use datafusion::arrow::datatypes::{
    ArrowNativeType, ArrowNativeTypeOp, DECIMAL128_MAX_PRECISION, Decimal128Type, DecimalType, i256,
};

/// An operation of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`, with the sign of the dividend.
    Remainder,
    /// `div`: the quotient without its fraction, a BIGINT.
    IntegerDivide,
}

/// The precision and scale of a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) precision: u8,
    pub(super) scale: i8,
}

/// A result's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) size: Size,
    /// Whether every result fits.
    pub(super) fits: bool,
}

/// So many digits after the point are kept where a result has too many digits before it.
const SCALE_MIN: i16 = 6;
const PRECISION_MAX: i16 = DECIMAL128_MAX_PRECISION as i16;

/// The type of an operation's result.
pub(super) fn outcome(operation: Operation, left: Size, right: Size) -> Outcome {
    let [p1, s1, p2, s2] = [
        i16::from(left.precision),
        i16::from(left.scale),
        i16::from(right.precision),
        i16::from(right.scale),
    ];
    let (precision, scale) = match operation {
        Operation::Add | Operation::Subtract => {
            let scale = s1.max(s2);
            ((p1 - s1).max(p2 - s2) + scale + 1, scale)
        }
        Operation::Multiply => (p1 + p2 + 1, s1 + s2),
        Operation::Divide => {
            let scale = SCALE_MIN.max(s1 + p2 + 1);
            (p1 - s1 + s2 + scale, scale)
        }
        Operation::Remainder => {
            let scale = s1.max(s2);
            ((p1 - s1).min(p2 - s2) + scale, scale)
        }
        Operation::IntegerDivide => ((p1 - s1 + s2).max(1), 0),
    };
    let fits = precision <= PRECISION_MAX;
    let (precision, scale) = if fits {
        (precision, scale)
    } else {
        (PRECISION_MAX, (PRECISION_MAX - (precision - scale)).max(scale.min(SCALE_MIN)))
    };
    let size = Size {
        precision: u8::try_from(precision).unwrap_or(DECIMAL128_MAX_PRECISION),
        scale: i8::try_from(scale).unwrap_or_default(),
    };
    Outcome { size, fits }
}

/// An operation on the unscaled integers of decimals of known sizes.
#[derive(Debug)]
pub(super) struct Computation {
    operation: Operation,
    precision: u8,
    /// The factors in 128 bits, where they have room.
    narrow: Option<Factors<i128>>,
    wide: Factors<i256>,
}

/// What the operands are multiplied by before, and what the result is divided by after the operation.
#[derive(Debug, Clone, Copy)]
struct Factors<T> {
    left: T,
    right: T,
    after: T,
}

impl Computation {
    pub(super) fn new(operation: Operation, left: Size, right: Size) -> Self {
        let Size { precision, scale } = outcome(operation, left, right).size;
        let [s1, s2, scale] = [i16::from(left.scale), i16::from(right.scale), i16::from(scale)];
        let common = s1.max(s2);
        let exponents = match operation {
            Operation::Add | Operation::Subtract | Operation::Remainder => {
                [common - s1, common - s2, common - scale]
            }
            Operation::Multiply => [0, 0, s1 + s2 - scale],
            Operation::Divide => [scale - s1 + s2, 0, 0],
            Operation::IntegerDivide => [common - s1, common - s2, 0],
        };
        Self {
            operation,
            precision,
            narrow: Factors::new(exponents),
            // A factor is at most 10 to the power of 76, of which 256 bits have room.
            wide: Factors::new(exponents).unwrap_or(Factors {
                left: i256::ONE,
                right: i256::ONE,
                after: i256::ONE,
            }),
        }
    }

    /// The unscaled integer of the result; `None` for a divisor of zero and for a result that does not fit.
    pub(super) fn compute(&self, left: i128, right: i128) -> Option<i128> {
        // Most numbers are small.
        let narrow = self.narrow.and_then(|factors| factors.apply(self.operation, left, right));
        let result = match narrow {
            Some(result) => Some(result),
            None => self
                .wide
                .apply(self.operation, i256::from_i128(left), i256::from_i128(right))?
                .to_i128(),
        };
        result.filter(|result| Decimal128Type::is_valid_decimal_precision(*result, self.precision))
    }
}

impl<T: ArrowNativeTypeOp + ArrowNativeType> Factors<T> {
    fn new(exponents: [i16; 3]) -> Option<Self> {
        let [left, right, after] = exponents
            .map(|exponent| T::usize_as(10).pow_checked(u32::try_from(exponent).ok()?).ok());
        Some(Self { left: left?, right: right?, after: after? })
    }

    fn apply(&self, operation: Operation, left: T, right: T) -> Option<T> {
        let left = left.mul_checked(self.left).ok()?;
        let right = right.mul_checked(self.right).ok()?;
        let exact = match operation {
            Operation::Add => left.add_checked(right).ok()?,
            Operation::Subtract => left.sub_checked(right).ok()?,
            Operation::Multiply => left.mul_checked(right).ok()?,
            Operation::Divide => return half_up(left, right),
            Operation::Remainder => left.mod_checked(right).ok()?,
            Operation::IntegerDivide => left.div_checked(right).ok()?,
        };
        if self.after == T::ONE { Some(exact) } else { half_up(exact, self.after) }
    }
}

/// The quotient rounded half up, away from zero.
fn half_up<T: ArrowNativeTypeOp>(left: T, right: T) -> Option<T> {
    let quotient = left.div_checked(right).ok()?;
    let rest = left.mod_checked(right).ok()?;
    let size = |value: T| if value < T::ZERO { value.neg_wrapping() } else { value };
    if size(rest) < size(right).sub_wrapping(size(rest)) {
        Some(quotient)
    } else if (left < T::ZERO) == (right < T::ZERO) {
        quotient.add_checked(T::ONE).ok()
    } else {
        quotient.sub_checked(T::ONE).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn size(precision: u8, scale: i8) -> Size {
        Size { precision, scale }
    }

    #[test]
    fn results_have_the_types_of_spark() {
        use Operation::{Add, Divide, Multiply, Remainder};
        for (operation, left, right, expected) in [
            (Add, (3, 2), (2, 1), (4, 2)),
            (Add, (38, 10), (38, 18), (38, 9)),
            (Add, (10, 2), (10, 0), (13, 2)),
            (Add, (10, 2), (1, 0), (11, 2)),
            (Add, (10, 2), (20, 0), (23, 2)),
            (Multiply, (10, 2), (2, 1), (13, 3)),
            (Multiply, (38, 18), (38, 18), (38, 6)),
            (Multiply, (38, 0), (38, 0), (38, 0)),
            (Divide, (10, 2), (1, 0), (14, 6)),
            (Divide, (10, 2), (10, 0), (21, 13)),
            (Divide, (10, 2), (20, 0), (31, 23)),
            (Divide, (38, 18), (38, 18), (38, 6)),
            (Divide, (38, 38), (38, 38), (38, 6)),
            (Divide, (20, 2), (20, 2), (38, 18)),
            (Divide, (30, 2), (30, 12), (38, 6)),
            (Remainder, (2, 1), (1, 0), (2, 1)),
            (Remainder, (10, 2), (10, 0), (10, 2)),
            (Remainder, (38, 6), (38, 38), (38, 38)),
        ] {
            let found = outcome(operation, size(left.0, left.1), size(right.0, right.1)).size;
            assert_eq!(found, size(expected.0, expected.1), "{operation:?} {left:?} {right:?}");
        }
    }

    #[test]
    fn results_are_rounded_half_up_and_null_beyond_their_digits() {
        use Operation::{Add, Divide, IntegerDivide, Multiply, Remainder, Subtract};
        let nines = 10_i128.pow(38) - 1;
        for (operation, left, right, expected) in [
            (Add, (150, 10, 2), (15, 2, 1), Some(300)),
            (Add, (nines, 38, 0), (1, 38, 0), None),
            (
                Add,
                (10_i128.pow(10), 38, 10),
                (2 * 10_i128.pow(18), 38, 18),
                Some(3 * 10_i128.pow(9)),
            ),
            (Subtract, (150, 10, 2), (2, 1, 0), Some(-50)),
            (Multiply, (150, 10, 2), (15, 2, 1), Some(2_250)),
            (Multiply, (10_i128.pow(19), 38, 0), (10_i128.pow(19), 38, 0), None),
            (Multiply, (10_i128.pow(6), 38, 6), (7 * 10_i128.pow(6), 38, 6), Some(7_000_000)),
            (Divide, (100, 10, 2), (700, 10, 2), Some(1_428_571_428_571)),
            (Divide, (-100, 10, 2), (600, 10, 2), Some(-1_666_666_666_667)),
            (Divide, (100, 10, 2), (0, 10, 2), None),
            (Divide, (2, 38, 0), (3, 38, 0), Some(666_667)),
            (Divide, (nines, 38, 0), (1, 38, 38), None),
            (Remainder, (-75, 2, 1), (2, 1, 0), Some(-15)),
            (Remainder, (750, 10, 2), (0, 10, 0), None),
            (
                Remainder,
                (123_456_123_456, 38, 6),
                (7 * 10_i128.pow(37), 38, 38),
                Some(62_345_600_000_000_000_000_000_000_000_000_000_000),
            ),
            (IntegerDivide, (75, 2, 1), (2, 1, 0), Some(3)),
            (IntegerDivide, (nines, 38, 0), (1, 1, 1), None),
        ] {
            let computation =
                Computation::new(operation, size(left.1, left.2), size(right.1, right.2));
            let found = computation.compute(left.0, right.0);
            assert_eq!(found, expected, "{operation:?} {left:?} {right:?}");
        }
    }

    proptest! {
        #[test]
        fn narrow_and_wide_numbers_have_the_same_results(left: i64, right: i64, which in 0..6_usize) {
            let operation = [
                Operation::Add,
                Operation::Subtract,
                Operation::Multiply,
                Operation::Divide,
                Operation::Remainder,
                Operation::IntegerDivide,
            ][which];
            let mut computation = Computation::new(operation, size(19, 4), size(19, 2));
            let (left, right) = (i128::from(left), i128::from(right));
            let narrow = computation.compute(left, right);
            computation.narrow = None;
            prop_assert_eq!(computation.compute(left, right), narrow);
        }
    }
}
