//! Expressions over a table's columns as those over a file's, where the engine's own casts would change values or lose them.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef, Fields, Schema, SchemaRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::exec_err;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_expr_adapter::{
    DefaultPhysicalExprAdapter, PhysicalExprAdapter, PhysicalExprAdapterFactory,
};

use super::fit::fit;
use super::usual::usual_type;

/// Makes a file's values those of its table ([`fit`]).
#[derive(Debug)]
pub(super) struct Adapt;

impl PhysicalExprAdapterFactory for Adapt {
    fn create(
        &self,
        logical_file_schema: SchemaRef,
        physical_file_schema: SchemaRef,
    ) -> Result<Arc<dyn PhysicalExprAdapter>> {
        let own = |field: &FieldRef| {
            let own = physical_file_schema.field_with_name(field.name()).ok();
            own.filter(|own| is_fitted(own.data_type(), field.data_type()))
        };
        let columns = logical_file_schema.fields().iter();
        let fitted = columns.clone().filter(|field| own(field).is_some()).map(Arc::clone).collect();
        // The engine takes these as the file has them.
        let left = columns.map(|field| match own(field) {
            Some(own) => Arc::new(own.clone()),
            None => Arc::clone(field),
        });
        let left = Arc::new(Schema::new(left.collect::<Fields>()));
        let engine = DefaultPhysicalExprAdapter::new(left, physical_file_schema);
        Ok(Arc::new(Adapter { engine, fitted }))
    }
}

/// Whether values are made by [`fit`]. Numbers and plain texts are left to the engine, which then passes parts of a file over by what its
/// metadata says of them.
fn is_fitted(own: &DataType, to: &DataType) -> bool {
    let is_plain = |data_type: &DataType| {
        matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
    };
    own != to && !(own.is_numeric() && to.is_numeric()) && !(is_plain(own) && is_plain(to))
}

/// What adapts expressions to one file.
#[derive(Debug)]
struct Adapter {
    engine: DefaultPhysicalExprAdapter,
    /// The columns whose values are made by [`fit`], as the table has them.
    fitted: Vec<FieldRef>,
}

impl PhysicalExprAdapter for Adapter {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
        let expr = self.engine.rewrite(expr)?;
        expr.transform_up(|expr| {
            let Some(column) = expr.downcast_ref::<Column>() else {
                return Ok(Transformed::no(expr));
            };
            let field = self.fitted.iter().find(|field| field.name() == column.name());
            Ok(match field {
                Some(field) => Transformed::yes(fitted(Arc::clone(&expr), field)),
                None => Transformed::no(expr),
            })
        })
        .data()
    }
}

fn fitted(own: Arc<dyn PhysicalExpr>, field: &FieldRef) -> Arc<dyn PhysicalExpr> {
    let function = Arc::new(ScalarUDF::from(Fit::new()));
    let (field, options) = (Arc::clone(field), Arc::new(ConfigOptions::default()));
    Arc::new(ScalarFunctionExpr::new(NAME, function, vec![own], field, options))
}

const NAME: &str = "unglue_fit";

/// [`fit`] as a function, which gives what the field of its call says.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Fit(Signature);

impl Fit {
    fn new() -> Self {
        Self(Signature::any(1, Volatility::Immutable))
    }
}

impl ScalarUDFImpl for Fit {
    fn name(&self) -> &'static str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types.first().map_or(DataType::Null, usual_type))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [values] = args.args.as_slice() else {
            return exec_err!("{NAME} takes one column");
        };
        let values = values.to_array(args.number_rows)?;
        fit(&values, args.return_field.data_type()).map(ColumnarValue::Array)
    }
}
