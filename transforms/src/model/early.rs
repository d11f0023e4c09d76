//! Whether a plan may end before it has read its tables.

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::logical_expr::LogicalPlan;

/// Whether the rows of a plan, raw or optimized, may be complete before its tables have been read to their ends: it takes only some
/// rows of something. (Sorting them first is no proof: what is sorted by a constant is not sorted.) What is only found at the end of
/// a table, a key that comes twice, is then not found.
///
/// # Errors
/// Those of walking plans.
pub fn stops_early(plan: &LogicalPlan) -> Result<bool> {
    let mut stops = false;
    plan.apply_with_subqueries(|node| {
        stops |= match node {
            LogicalPlan::Limit(_) => true,
            LogicalPlan::Sort(sort) => sort.fetch.is_some(),
            LogicalPlan::TableScan(scan) => scan.fetch.is_some(),
            _ => false,
        };
        Ok(if stops { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(stops)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Staging;

    #[tokio::test]
    async fn what_takes_some_rows_may_stop_early() {
        let staging = Staging::new();
        let sources = staging
            .sources(
                "CREATE EXTERNAL TABLE t (id INT PRIMARY KEY, n INT) STORED AS DMS LOCATION 't'",
            )
            .await;
        let tables = vec![staging.freeze(&sources[0], &[]).await];
        for (sql, expected) in [
            ("SELECT id, n FROM t", false),
            ("SELECT id FROM t ORDER BY n", false),
            ("SELECT id FROM t WHERE n = 1 ORDER BY n LIMIT 3", true),
            ("SELECT sum(n) AS n FROM t", false),
            ("SELECT id FROM t LIMIT 3", true),
            ("SELECT id FROM (SELECT * FROM t LIMIT 3) ORDER BY id LIMIT 1", true),
            ("SELECT id FROM t WHERE n > (SELECT n FROM t LIMIT 1)", true),
        ] {
            let plan = staging.plan(sql, &tables).await;
            assert_eq!(stops_early(&plan).unwrap(), expected, "{sql}");
        }
    }
}
