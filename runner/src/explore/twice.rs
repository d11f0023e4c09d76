//! Columns of one name, which the engine refuses and a person may ask for: `SELECT zip, zip`, `SELECT *, zip`.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{self, Ident, SelectItem, SetExpr, Spanned};
use datafusion::sql::sqlparser::tokenizer::Location;
use futures::TryStreamExt;
use transforms::place::DefinitionError;
use transforms::sql::{self, Dialect};

use super::execute::Answer;

/// Names that would be there twice end with as many of these as there were before; nobody types one.
const MARK: char = '\u{1}';

/// Plans a statement; of columns of one name in its own select list all but the first have marks behind their names.
///
/// # Errors
/// Those of [`sql::plan`].
pub(super) async fn plan(
    state: &SessionState,
    file: &str,
    mut statement: Statement,
) -> Result<LogicalPlan, DefinitionError> {
    for marks in 1.. {
        match sql::plan(state, file, statement.clone()).await {
            Err(error) => {
                if mark(Dialect::of(state), &mut statement, &error, marks).is_none() {
                    return Err(error);
                }
            }
            planned => return planned,
        }
    }
    sql::plan(state, file, statement).await
}

/// Renames the column at which an error says that its name is there twice; `None` if it does not, or of no column of this list.
fn mark(
    dialect: Dialect,
    statement: &mut Statement,
    error: &DefinitionError,
    marks: usize,
) -> Option<()> {
    let name = sql::name_of_two(error)?;
    let (line, column) = error.place.at?;
    let Statement::Statement(inner) = statement else { return None };
    let ast::Statement::Query(query) = inner.as_mut() else { return None };
    let SetExpr::Select(select) = query.body.as_mut() else { return None };
    let is_meant = |start: Location| (start.line, start.column) == (line, column);
    let quote = if dialect == Dialect::Spark { '`' } else { '"' };
    let marked = format!("{name}{}", MARK.to_string().repeat(marks));
    let alias = Ident::with_quote(quote, marked);
    for item in &mut select.projection {
        match item {
            SelectItem::UnnamedExpr(expr) if is_meant(expr.span().start) => {
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
                return Some(());
            }
            SelectItem::ExprWithAlias { alias: own, .. } if is_meant(own.span.start) => {
                *own = alias;
                return Some(());
            }
            _ => {}
        }
    }
    None
}

/// The rows with the names as they were written.
pub(super) fn unmarked(answer: Answer) -> Answer {
    let Answer { schema, rows } = answer;
    if !schema.fields().iter().any(|field| field.name().ends_with(MARK)) {
        return Answer { schema, rows };
    }
    let plain = |field: &Arc<Field>| {
        let name = field.name().trim_end_matches(MARK);
        Field::clone(field).with_name(name)
    };
    let fields: Vec<Field> = schema.fields().iter().map(plain).collect();
    let schema: SchemaRef = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let named = Arc::clone(&schema);
    let rows = rows.and_then(move |batch| {
        let batch = RecordBatch::try_new(Arc::clone(&named), batch.columns().to_vec());
        std::future::ready(batch.map_err(Into::into))
    });
    let rows: SendableRecordBatchStream =
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&schema), rows));
    Answer { schema, rows }
}
