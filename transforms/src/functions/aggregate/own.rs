//! An aggregate made of plain functions: what it takes, what it gives, what it keeps of the rows it has seen.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{exec_err, not_impl_err};
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};

use super::sliding::Sliding;

/// The types that arguments of the given types are cast to.
pub(super) type Takes = fn(&[DataType]) -> Result<Vec<DataType>>;
/// The type of the result, by the types taken.
pub(super) type Gives = fn(&[DataType]) -> Result<DataType>;
/// The types of what is kept, by the types taken.
pub(super) type Keeps = fn(&[DataType]) -> Vec<DataType>;
/// What sees the rows: for the types taken and the type of the result.
pub(super) type Makes = fn(&[DataType], &DataType) -> Result<Box<dyn Accumulator>>;

/// An aggregate of ours.
pub(super) struct Aggregate {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) gives: Gives,
    pub(super) keeps: Keeps,
    pub(super) makes: Makes,
    pub(super) signature: Signature,
}

impl Aggregate {
    /// The aggregate as it is registered.
    pub(super) fn udaf(
        name: &'static str,
        takes: Takes,
        gives: Gives,
        keeps: Keeps,
        makes: Makes,
    ) -> Arc<AggregateUDF> {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(AggregateUDF::from(Self { name, takes, gives, keeps, makes, signature }))
    }
}

impl std::fmt::Debug for Aggregate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aggregate").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for Aggregate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Aggregate {}

impl Hash for Aggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl AggregateUDFImpl for Aggregate {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        (self.takes)(types)
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        (self.gives)(types)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            return not_impl_err!("{}(DISTINCT …) beside other aggregates", self.name);
        }
        (self.makes)(&types(args.expr_fields), args.return_field.data_type())
    }

    fn create_sliding_accumulator(
        &self,
        args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            return not_impl_err!("{}(DISTINCT …) over a window", self.name);
        }
        let gives = args.return_field.data_type().clone();
        Ok(Box::new(Sliding::new(types(args.expr_fields), gives, self.makes)))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let kept = (self.keeps)(&types(args.input_fields));
        Ok(kept
            .into_iter()
            .enumerate()
            .map(|(at, kept)| Arc::new(Field::new(format!("{}[{at}]", args.name), kept, true)))
            .collect())
    }
}

/// The types of fields.
pub(super) fn types(fields: &[FieldRef]) -> Vec<DataType> {
    fields.iter().map(|field| field.data_type().clone()).collect()
}

/// The argument at an index.
///
/// # Errors
/// There is none, which planning has checked.
pub(super) fn at<T>(values: &[T], index: usize) -> Result<&T> {
    match values.get(index) {
        Some(value) => Ok(value),
        None => exec_err!("an aggregate has no argument {index}"),
    }
}
