//! `now()`, which is `current_timestamp` (<https://spark.apache.org/docs/3.5.6/api/sql/index.html#now>): one moment in all plans of a run.
//!
//! DataFusion's has nanoseconds.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{ScalarValue, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::super::call::Call;
use super::function::TIMESTAMP;

pub(super) const CALLS: &[Call] = &[
    Call::new("now", &[]),
    Call::to("current_timestamp", "now", &[]),
    Call::to("localtimestamp", "now", &[]),
    Call::to("curdate", "current_date", &[]),
];

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let now = ScalarUDF::from(Now { signature: Signature::nullary(Volatility::Stable) });
    // DataFusion's has this name too, and would come back by it: see the other functions' aliases.
    vec![Arc::new(now.with_aliases(["current_timestamp"]))]
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Now {
    signature: Signature,
}

impl ScalarUDFImpl for Now {
    fn name(&self) -> &'static str {
        "now"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> Result<DataType> {
        Ok(TIMESTAMP)
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let Some(now) = info.query_execution_start_time() else {
            return Ok(ExprSimplifyResult::Original(args));
        };
        let now = ScalarValue::TimestampMicrosecond(Some(now.timestamp_micros()), None);
        Ok(ExprSimplifyResult::Simplified(Expr::Literal(now, None)))
    }

    fn invoke_with_args(&self, _args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("now() is put in when a plan is optimised")
    }
}
