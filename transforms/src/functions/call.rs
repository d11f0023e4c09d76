//! Which function answers a call in Spark SQL, and what it is given.

use datafusion::sql::sqlparser::ast::{Expr, Function};

/// What a parameter takes. An argument of another type is cast as Spark casts implicitly (ANSI off): what cannot be cast is NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whatever there is.
    Any,
    /// STRING: arrow's `Utf8`.
    Text,
    /// INT: `Int32`.
    Int,
    /// BIGINT: `Int64`.
    Long,
    /// DOUBLE: `Float64`.
    Double,
    /// A number as it is; text becomes a DOUBLE.
    Number,
    /// BOOLEAN.
    Bool,
    /// DATE: `Date32`.
    Date,
    /// TIMESTAMP: `Timestamp(Microsecond, None)`, in UTC.
    Timestamp,
    /// BINARY: `Binary`.
    Binary,
    /// BINARY as it is; everything else becomes text.
    TextOrBinary,
    /// BINARY, an array, a map or a struct as it is; everything else becomes text.
    TextOrNested,
    /// A date, a timestamp or text as it is, for functions that tell them apart.
    Temporal,
}

/// What a call is written as; its arguments are those that the kinds of the parameters make. The error tells what is wrong with them.
pub type Rewrite = fn(Function) -> Result<Expr, &'static str>;

/// What becomes of a call.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// The registered function of this name is called.
    Function(&'static str),
    /// Another expression stands for the call.
    Written(Rewrite),
    /// The call is refused: why, and what to write instead.
    Refused(&'static str),
}

/// A function's name in Spark SQL and what becomes of its calls.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// The name, in lower case.
    pub name: &'static str,
    /// Who answers.
    pub answer: Answer,
    /// What the parameters take; the last kind holds for all further arguments.
    pub params: &'static [Kind],
}

impl Call {
    /// A call that the function of the same name answers.
    #[must_use]
    pub const fn new(name: &'static str, params: &'static [Kind]) -> Self {
        Self { name, answer: Answer::Function(name), params }
    }

    /// A call that a function of another name answers.
    #[must_use]
    pub const fn to(name: &'static str, function: &'static str, params: &'static [Kind]) -> Self {
        Self { name, answer: Answer::Function(function), params }
    }

    /// A call that another expression stands for.
    #[must_use]
    pub const fn written(name: &'static str, params: &'static [Kind], rewrite: Rewrite) -> Self {
        Self { name, answer: Answer::Written(rewrite), params }
    }

    /// A call that is refused.
    #[must_use]
    pub const fn refused(name: &'static str, why: &'static str) -> Self {
        Self { name, answer: Answer::Refused(why), params: &[] }
    }

    /// What the parameter at an index takes.
    #[must_use]
    pub fn kind(&self, index: usize) -> Kind {
        self.params.get(index).or(self.params.last()).copied().unwrap_or(Kind::Any)
    }
}
