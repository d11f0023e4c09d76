//! Which columns a plan uses.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};

/// Whether the result of a raw plan may depend on a column of this name, of whatever table: it is in the output, an expression
/// has it, or it is there where whole rows are compared.
///
/// # Errors
/// Those of walking plans.
pub fn uses_column(plan: &LogicalPlan, name: &str) -> Result<bool> {
    let has = |plan: &LogicalPlan| plan.schema().fields().iter().any(|field| field.name() == name);
    let mut is_used = has(plan);
    plan.apply_with_subqueries(|node| {
        is_used |= takes_whole_rows(node) && has(node);
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Expr::Column(column) | Expr::OuterReferenceColumn(_, column) = expr {
                    is_used |= column.name == name;
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })?;
        Ok(if is_used { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(is_used)
}

/// All but the nodes whose result depends on a column only through their expressions.
fn takes_whole_rows(node: &LogicalPlan) -> bool {
    !matches!(
        node,
        LogicalPlan::TableScan(_)
            | LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Subquery(_)
            | LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::Aggregate(_)
            | LogicalPlan::Window(_)
            | LogicalPlan::Join(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Limit(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Staging;

    #[tokio::test]
    async fn a_column_is_used_where_a_result_may_depend_on_it() {
        let staging = Staging::new();
        let sources = staging
            .sources(
                "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, n INT, x INT) STORED AS DMS LOCATION 't';
                CREATE EXTERNAL TABLE u (id INT PRIMARY KEY, n INT) STORED AS DMS LOCATION 'u'",
            )
            .await;
        let tables =
            vec![staging.freeze(&sources[0], &[]).await, staging.freeze(&sources[1], &[]).await];
        for (sql, is_used) in [
            ("SELECT id, n FROM t", false),
            ("SELECT count(*) AS c FROM t", false),
            ("SELECT t.id, u.n FROM t JOIN u ON t.id = u.id", false),
            ("SELECT DISTINCT n FROM t", false),
            ("SELECT id FROM t UNION ALL SELECT n FROM t", false),
            ("SELECT id FROM u WHERE EXISTS (SELECT 1 FROM t WHERE t.id = u.id)", false),
            ("SELECT n, sum(id) AS s FROM t GROUP BY n", false),
            ("SELECT * FROM t", true),
            ("SELECT s.* FROM (SELECT * FROM t) AS s", true),
            ("SELECT id, x + 1 AS y FROM t", true),
            ("SELECT id FROM t WHERE x > 1", true),
            ("SELECT id FROM t ORDER BY x LIMIT 1", true),
            ("SELECT id, row_number() OVER (ORDER BY x) AS r FROM t", true),
            ("SELECT n, max(x) AS m FROM t GROUP BY n", true),
            ("SELECT u.id FROM u JOIN t ON u.id = t.x", true),
            ("SELECT id FROM (SELECT DISTINCT * FROM t)", true),
            ("SELECT id FROM u WHERE n IN (SELECT x FROM t)", true),
            ("SELECT id, (SELECT max(x) FROM t WHERE t.id = u.id) AS m FROM u", true),
            ("SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.x)", true),
        ] {
            let plan = staging.plan(sql, &tables).await;
            assert_eq!(uses_column(&plan, "x").unwrap(), is_used, "{sql}");
        }
    }
}
