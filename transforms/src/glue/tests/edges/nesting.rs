//! Structs, arrays and maps.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;

use super::super::{frame, session, shown};
use crate::glue::*;

#[tokio::test]
async fn a_struct_that_is_null_stays_null() -> Result<()> {
    let rows = frame("SELECT CASE WHEN n = 1 THEN named_struct('a', 1, 'b', 2) END AS s FROM (VALUES (1), (2)) t(n)").await;
    let dropped = DropFields::new(["s.a"]).apply(&rows)?;
    assert_eq!(shown(&dropped).await, ["s", "NULL", "{b: 2}"]);
    let flat = UnnestFrame::new().apply(&rows)?;
    assert_eq!(shown(&flat).await, ["s.a|s.b", "1|2", "NULL|NULL"]);
    Ok(())
}

#[tokio::test]
async fn fields_are_dropped_and_renamed_in_arrays_in_arrays() -> Result<()> {
    let rows = frame(
        "SELECT make_array(named_struct('n', 1, 'inner', make_array(named_struct('x', 2, 'y', 3), NULL)), NULL) AS outer_list",
    )
    .await;
    let dropped = DropFields::new(["outer_list[].inner[].x"]).apply(&rows)?;
    assert_eq!(shown(&dropped).await, ["outer_list", "[{n: 1, inner: [{y: 3}, NULL]}, NULL]"]);
    let renamed = RenameField::new("outer_list.inner.x", "outer_list.inner.z").apply(&rows)?;
    assert_eq!(
        shown(&renamed).await,
        ["outer_list", "[{n: 1, inner: [{z: 2, y: 3}, NULL]}, NULL]"]
    );
    Ok(())
}

#[tokio::test]
async fn arrays_in_arrays_and_in_structs_are_frames_of_their_own() -> Result<()> {
    let rows = frame(
        "SELECT named_struct('orders', make_array(
            named_struct('no', 1, 'lines', make_array('a', 'b')),
            named_struct('no', 2, 'lines', make_array('c')))) AS person",
    )
    .await;
    let tables = Relationalize::new("root").apply(&rows)?;
    assert_eq!(
        tables.keys().collect::<Vec<_>>(),
        ["root", "root_person.orders", "root_person.orders.val.lines",]
    );
    assert_eq!(shown(&tables.values()[0]).await, ["person.orders", "1"]);
    assert_eq!(
        shown(&tables.values()[1]).await,
        ["id|index|person.orders.val.no|person.orders.val.lines", "1|0|1|1", "1|1|2|2",]
    );
    assert_eq!(
        shown(&tables.values()[2]).await,
        ["id|index|person.orders.val.lines.val", "1|0|a", "1|1|b", "2|0|c",]
    );
    Ok(())
}

#[tokio::test]
async fn a_null_array_has_no_number_and_an_empty_one_has() -> Result<()> {
    let rows = frame(
        "SELECT n, CASE n WHEN 1 THEN make_array(7, NULL) WHEN 2 THEN array_remove(make_array(7), 7) END AS a
         FROM (VALUES (1), (2), (3)) t(n)",
    )
    .await;
    let tables = Relationalize::default().apply(&rows)?;
    assert_eq!(shown(&tables.values()[0]).await, ["n|a", "1|1", "2|2", "3|NULL"]);
    assert_eq!(shown(&tables.values()[1]).await, ["id|index|a.val", "1|0|7", "1|1|NULL"]);
    Ok(())
}

#[tokio::test]
async fn a_map_is_an_array_of_keys_and_values() -> Result<()> {
    let rows = frame("SELECT 1 AS id, map(make_array('x', 'y'), make_array(1, 2)) AS m").await;
    let tables = Relationalize::new("r").apply(&rows)?;
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["r", "r_m"]);
    assert_eq!(
        shown(&tables.values()[1]).await,
        ["id|index|m.val.key|m.val.value", "1|0|x|1", "1|1|y|2"]
    );
    Ok(())
}

#[tokio::test]
async fn an_array_of_arrays_is_a_frame_for_each_level() -> Result<()> {
    let rows = frame("SELECT make_array(make_array(1, 2), make_array(3)) AS m").await;
    let tables = Relationalize::new("r").apply(&rows)?;
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["r", "r_m", "r_m.val"]);
    assert_eq!(shown(&tables.values()[2]).await, ["id|index|m.val.val", "1|0|1", "1|1|2", "2|0|3"]);
    Ok(())
}

#[tokio::test]
async fn a_frame_without_arrays_is_flattened_only() -> Result<()> {
    let tables = Relationalize::new("r").apply(&frame("SELECT named_struct('b', 1) AS a").await)?;
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["r"]);
    assert_eq!(shown(&tables.values()[0]).await, ["a.b", "1"]);
    Ok(())
}

/// Batches that come in another order each time that they are read.
#[derive(Debug)]
struct Shuffled {
    batches: Vec<RecordBatch>,
    times_read: AtomicUsize,
}

impl PartitionStream for Shuffled {
    fn schema(&self) -> &SchemaRef {
        self.batches[0].schema_ref()
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut batches = self.batches.clone();
        let first = self.times_read.fetch_add(1, Ordering::Relaxed) % batches.len();
        batches.rotate_left(first);
        let schema = Arc::clone(self.schema());
        let stream = futures::stream::iter(batches.into_iter().map(Ok));
        Box::pin(RecordBatchStreamAdapter::new(schema, stream))
    }
}

#[tokio::test]
async fn frames_agree_on_numbers_if_rows_come_in_another_order_each_time() -> Result<()> {
    let mut batches = Vec::new();
    for name in ["a", "b", "c"] {
        let sql = format!("SELECT '{name}' AS name, make_array('{name}1', '{name}2') AS list");
        batches.extend(frame(&sql).await.to_df().collect().await?);
    }
    let schema = batches[0].schema();
    let shuffled = Arc::new(Shuffled { batches, times_read: AtomicUsize::new(0) });
    let table = StreamingTable::try_new(schema, vec![shuffled])?;
    let rows = Frame::new(session().read_table(Arc::new(table))?, "rows")?;
    let tables = Relationalize::new("r").apply(&rows)?;
    for _ in 0..3 {
        assert_eq!(shown(&tables.values()[0]).await, ["name|list", "a|1", "b|2", "c|3"]);
        let lists = shown(&tables.values()[1]).await;
        assert_eq!(lists[1..], ["1|0|a1", "1|1|a2", "2|0|b1", "2|1|b2", "3|0|c1", "3|1|c2"]);
    }
    Ok(())
}
