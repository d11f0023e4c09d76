//! Tables that Spark makes of tables: lateral views, PIVOT and UNPIVOT.

use datafusion::error::Result;
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::sql::sqlparser::ast::TableFactor;

use super::generated::{self, View};
use super::{pivot, unpivot};

#[derive(Debug)]
pub(super) struct Tables;

impl RelationPlanner for Tables {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let (plan, alias) = match relation {
            TableFactor::MatchRecognize {
                table,
                partition_by,
                rows_per_match,
                alias: Some(alias),
                ..
            } => {
                let input = context.plan(*table)?;
                let view = View { calls: partition_by, alias, is_outer: rows_per_match.is_some() };
                (generated::plan(input, view, context)?, None)
            }
            TableFactor::Pivot {
                table,
                aggregate_functions,
                value_column,
                value_source,
                default_on_null: None,
                alias,
            } => {
                let input = context.plan(*table)?;
                let wanted = pivot::Wanted {
                    aggregates: aggregate_functions,
                    columns: value_column,
                    values: value_source,
                };
                (pivot::plan(input, wanted, context)?, alias)
            }
            TableFactor::Unpivot { table, value, name, columns, null_inclusion, alias } => {
                let input = context.plan(*table)?;
                let wanted = unpivot::Wanted { value, name, columns, null_inclusion };
                (unpivot::plan(input, wanted, context)?, alias)
            }
            other => return Ok(RelationPlanning::Original(Box::new(other))),
        };
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, alias))))
    }
}
