//! What a scan tells while it reads.

use std::sync::Arc;

use datafusion::datasource::provider_as_source;

use super::*;
use crate::scan::{ScanMeter, Scanned, SourceTable, staged_bytes};

const LINES: &[u8] = b"1,a\n2,b\n3,c\n";

fn metered(staging: &mut Staging) -> Arc<ScanMeter> {
    let meter = Arc::new(ScanMeter::default());
    let config = staging.state.config().clone().with_extension(Arc::clone(&meter));
    staging.state =
        SessionStateBuilder::new_from_existing(staging.state.clone()).with_config(config).build();
    meter
}

fn bytes(objects: &[(&str, &[u8])]) -> u64 {
    objects.iter().map(|(_, content)| content.len() as u64).sum()
}

#[tokio::test]
async fn after_a_scan_all_rows_and_bytes_are_counted_as_they_are_staged() {
    let mut staging = Staging::new();
    let meter = metered(&mut staging);
    let zipped = gzip(LINES);
    let objects = [("LOAD00000001.csv.gz", zipped.as_slice()), ("LOAD00000002.csv", LINES)];
    let whole = table(&staging, LOG, &objects).await;
    check(&whole, &staging, "SELECT max(n) AS m FROM log", &["3"]).await;
    let all = bytes(&objects);
    assert_eq!(meter.scanned(), Scanned { rows: 6, bytes: all, begun: all });
    meter.reset();
    assert_eq!(meter.scanned(), Scanned::default());
}

#[tokio::test]
async fn of_parquet_what_was_not_needed_counts_as_read_when_the_object_is_done() {
    let mut staging = Staging::new();
    let meter = metered(&mut staging);
    let wide = parquet::wide(20_000);
    let objects = [("LOAD00000001.parquet", wide.as_slice())];
    let whole = table(&staging, LOG, &objects).await;
    check(&whole, &staging, "SELECT count(*) AS c FROM log", &["20000"]).await;
    assert_eq!(meter.scanned().bytes, wide.len() as u64);
    assert_eq!(meter.scanned().rows, 20_000);
}

#[tokio::test]
async fn what_a_limit_leaves_unread_is_not_counted() {
    let mut staging = Staging::of_partitions(1);
    let meter = metered(&mut staging);
    let text: String = (0..400_000_u32).map(|n| format!("{n},abc\n")).collect();
    let objects = [("LOAD00000001.csv", text.as_bytes()), ("LOAD00000002.csv", text.as_bytes())];
    let whole = table(&staging, LOG, &objects).await;
    assert_eq!(staging.select("SELECT n FROM log LIMIT 1", &[whole]).await, ["0"]);
    let Scanned { rows, bytes: read, begun } = meter.scanned();
    assert_eq!(begun, bytes(&objects));
    assert!(rows < 800_000, "{rows}");
    assert!(read < begun, "{read} of {begun}");
}

#[tokio::test]
async fn a_plan_tells_how_many_bytes_it_reads_as_often_as_it_does() {
    let mut staging = Staging::new();
    let meter = metered(&mut staging);
    let whole = table(&staging, T, OBJECTS).await;
    let plan = |table: &FrozenTable| {
        let source = provider_as_source(Arc::new(SourceTable::new(Arc::new(table.clone()))));
        LogicalPlanBuilder::scan("t", source, None).unwrap()
    };
    let both = plan(&whole).union(plan(&whole).build().unwrap()).unwrap().build().unwrap();
    let physical = staging.state.create_physical_plan(&both).await.unwrap();
    let told = staged_bytes(&physical);
    assert!(told >= 2 * bytes(OBJECTS), "{told}");
    let _rows = staging.rows(&both).await;
    assert_eq!(meter.scanned().bytes, told);
}
