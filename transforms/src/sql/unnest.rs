//! What `unnest` makes of a key.
//!
//! The engine passes its input's keys on as keys of what unnest makes of it (DataFusion 55, apache/datafusion#24787), although a row
//! becomes many. It then takes DISTINCT, columns of GROUP BY and of ORDER BY for void, and joins for semi-joins.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Unnest};

use crate::functions;

/// Puts a projection under every unnest through which no key passes.
///
/// # Errors
/// Those of building plans.
pub(super) fn forget_keys(plan: LogicalPlan) -> Result<LogicalPlan> {
    let mut is_unnested = false;
    let plan = plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::Unnest(unnest) if !determinants(&unnest.input).is_empty() => {
            is_unnested = true;
            Ok(Transformed::yes(over_values(unnest)?))
        }
        // The nodes above still hold the keys in their schemas.
        node if is_unnested => Ok(Transformed::yes(node.recompute_schema()?)),
        node => Ok(Transformed::no(node)),
    })?;
    Ok(plan.data)
}

/// The columns that others depend on.
fn determinants(plan: &LogicalPlan) -> BTreeSet<usize> {
    let dependencies = plan.schema().functional_dependencies();
    dependencies.iter().flat_map(|dependency| dependency.source_indices.clone()).collect()
}

fn over_values(unnest: Unnest) -> Result<LogicalPlan> {
    let Unnest { input, exec_columns, options, .. } = unnest;
    let keys = determinants(&input);
    let schema = Arc::clone(input.schema());
    let values = (0..schema.fields().len()).map(|index| {
        let (relation, field) = schema.qualified_field(index);
        let column = Expr::Column(Column::from((relation, field)));
        match keys.contains(&index) {
            false => column,
            true => functions::row_value()
                .call(vec![column])
                .alias_qualified(relation.cloned(), field.name()),
        }
    });
    LogicalPlanBuilder::from(input)
        .project(values)?
        .unnest_columns_with_options(exec_columns, options)?
        .build()
}

#[cfg(test)]
mod tests {
    use crate::testing::Staging;

    #[tokio::test]
    async fn rows_that_unnest_makes_of_a_key_are_not_taken_as_unique() {
        let staging = Staging::new();
        let sources = staging
            .sources(
                "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, a INT, b INT) STORED AS DMS LOCATION 't';
                CREATE EXTERNAL TABLE d (id INT PRIMARY KEY, n INT) STORED AS DMS LOCATION 'd'",
            )
            .await;
        let tables = [
            staging.freeze(&sources[0], &[("LOAD00000001.csv", b"1,5,5\n2,5,6\n")]).await,
            staging.freeze(&sources[1], &[("LOAD00000001.csv", b"1,7\n2,8\n")]).await,
        ];
        let by_source = "(SELECT id, unnest(make_array(a, b)) AS e FROM t) q";
        let by_group = "(SELECT id, unnest(array_agg(e)) AS e FROM \
                        (SELECT id, a AS e FROM t UNION ALL SELECT id, b AS e FROM t) u GROUP BY id) q";
        for unnested in [by_source, by_group] {
            for (sql, expected) in [
                ("SELECT DISTINCT id FROM {q}", vec!["1", "2"]),
                ("SELECT DISTINCT id, e FROM {q}", vec!["1|5", "2|5", "2|6"]),
                (
                    "SELECT id, e, count(*) AS n FROM {q} GROUP BY id, e",
                    vec!["1|5|2", "2|5|1", "2|6|1"],
                ),
                ("SELECT e FROM {q} WHERE id = 2 ORDER BY id, e DESC LIMIT 1", vec!["6"]),
                (
                    "SELECT q.id, q.e FROM {q} JOIN d ON q.id = d.id",
                    vec!["1|5", "1|5", "2|5", "2|6"],
                ),
                ("SELECT d.n FROM d JOIN {q} ON q.id = d.id", vec!["7", "7", "8", "8"]),
                ("SELECT d.n FROM d WHERE id IN (SELECT id FROM {q} WHERE e = 6)", vec!["8"]),
            ] {
                let sql = sql.replace("{q}", unnested);
                assert_eq!(staging.select(&sql, &tables).await, expected, "{sql}");
            }
        }
    }
}
