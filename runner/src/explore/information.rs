//! `information_schema`, of the tables that a person sees, with the types' names in SQL.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::catalog::information_schema::{INFORMATION_SCHEMA, InformationSchemaProvider};
use datafusion::catalog::{SchemaProvider, TableProvider};
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{
    ColumnarValue, LogicalPlanBuilder, ScalarUDF, Volatility, col, create_udf, lit,
};
use transforms::functions::type_name;
use transforms::session;

/// The column that says which schema a table is in.
const OF_SCHEMA: &str = "table_schema";
/// The column that says the type of another.
const TYPE: &str = "data_type";

/// The column that says which of a table's columns one is.
const ORDINAL: &str = "ordinal_position";

/// Puts it in place of the engine's own.
///
/// # Errors
/// Those of the engine.
pub(super) fn add_to(context: &SessionContext) -> Result<()> {
    let state = context.state();
    let Some(catalog) = context.catalog(session::CATALOG) else { return Ok(()) };
    let engine = InformationSchemaProvider::new(Arc::clone(state.catalog_list()));
    let _none = catalog.register_schema(INFORMATION_SCHEMA, Arc::new(Information(engine)))?;
    // The engine's own would come first.
    context.state_ref().write().config_mut().options_mut().catalog.information_schema = false;
    Ok(())
}

#[derive(Debug)]
struct Information(InformationSchemaProvider);

#[async_trait]
impl SchemaProvider for Information {
    fn table_names(&self) -> Vec<String> {
        self.0.table_names()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let Some(table) = self.0.table(name).await? else { return Ok(None) };
        let schema = table.schema();
        if schema.index_of(OF_SCHEMA).is_err() {
            return Ok(Some(table));
        }
        let sql_type = sql_type();
        let columns = schema.fields().iter().map(|field| match field.name().as_str() {
            TYPE => sql_type.call(vec![col(TYPE)]).alias(TYPE),
            // SQL counts from 1, the engine from 0.
            ORDINAL => (col(ORDINAL) + lit(1_u64)).alias(ORDINAL),
            name => col(name),
        });
        let shown = LogicalPlanBuilder::scan(name, provider_as_source(table), None)?
            .filter(col(OF_SCHEMA).not_eq(lit(INFORMATION_SCHEMA)))?
            .project(columns.collect::<Vec<_>>())?
            .build()?;
        Ok(Some(Arc::new(ViewTable::new(shown, None))))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.0.table_exist(name)
    }
}

/// The name in SQL of a type that the engine has written.
fn sql_type() -> ScalarUDF {
    let of = |values: &[ColumnarValue]| {
        let arrays = ColumnarValue::values_to_arrays(values)?;
        let texts = |array: &ArrayRef| array.as_string_opt::<i32>().cloned();
        let written = arrays
            .first()
            .and_then(texts)
            .ok_or_else(|| DataFusionError::Internal("a type's name that is no text".to_owned()))?;
        let named: StringArray = written.iter().map(|written| written.map(named)).collect();
        Ok(ColumnarValue::Array(Arc::new(named) as Arc<dyn Array>))
    };
    let (text, volatility) = (DataType::Utf8, Volatility::Immutable);
    create_udf("unglue_sql_type", vec![text.clone()], text, volatility, Arc::new(of))
}

fn named(written: &str) -> String {
    written.parse::<DataType>().map_or_else(|_| written.to_owned(), |known| type_name(&known))
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::Field;
    use datafusion::common::ScalarValue;
    use datafusion::logical_expr::ScalarFunctionArgs;

    use super::*;

    #[test]
    fn a_name_that_is_no_text_is_an_error() {
        let number = ColumnarValue::Scalar(ScalarValue::Int32(Some(1)));
        let arguments = ScalarFunctionArgs {
            args: vec![number],
            arg_fields: vec![Arc::new(Field::new("n", DataType::Int32, true))],
            number_rows: 1,
            return_field: Arc::new(Field::new("t", DataType::Utf8, true)),
            config_options: Arc::default(),
        };
        let told = sql_type().invoke_with_args(arguments).unwrap_err().to_string();
        assert!(told.contains("no text"), "{told}");
    }

    #[test]
    fn types_that_the_engine_has_written_have_sqls_names() {
        for (written, expected) in [
            ("Utf8", "string"),
            ("Int64", "bigint"),
            ("Decimal128(8, 2)", "decimal(8,2)"),
            ("Timestamp(µs)", "timestamp"),
            ("List(Int32)", "array<int>"),
            ("nobody's", "nobody's"),
        ] {
            assert_eq!(named(written), expected);
        }
    }
}
