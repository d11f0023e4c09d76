//! What a way promises, on rows that look random: changes applied by it give what a replay gives, and a proven key is unique.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cases::CASES;
use super::{SOURCES, plan};
use crate::delta;
use crate::model::output::canonical;
use crate::model::way::{Analysis, Way, analyze, is_proven};
use crate::scan::{FrozenTable, RawTable};
use crate::testing::Staging;

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// One of the values; an empty one is NULL.
    fn of(&mut self, values: &[&'static str]) -> &'static str {
        values[usize::try_from(self.below(values.len() as u64)).unwrap()]
    }

    /// The columns behind the key.
    fn values(&mut self, source: &str) -> String {
        let number = ["", "1", "2", "3", "4"];
        let text = ["", "a1", "b", "1", "01", "\"\""];
        match source {
            "t" => {
                let (did, a, b) = (self.of(&number), self.of(&number), self.of(&number));
                format!("{did},{a},{b},{},{}", self.of(&text), self.of(&["", "1.0", "2.5"]))
            }
            "d" => format!("{},{}", self.of(&text), self.of(&number)),
            "log" => format!("{},2026-01-02 03:04:05", self.of(&text)),
            _ => self.of(&text).to_owned(),
        }
    }

    fn key(&mut self, source: &str) -> String {
        match source {
            "t" => (self.below(12) + 1).to_string(),
            "c" => format!("{},{}", self.below(4) + 1, self.below(4) + 1),
            "s" => self.of(&["a1", "b", "1", "01"]).to_owned(),
            _ => (self.below(5) + 1).to_string(),
        }
    }

    fn object(&mut self, source: &str, rows: u64, is_change: bool) -> Vec<u8> {
        let mut lines = String::new();
        for _ in 0..rows {
            let (key, values) = (self.key(source), self.values(source));
            let op = match (is_change, source) {
                (false, _) => "",
                (true, "log") => "I,",
                (true, _) => self.of(&["I,", "U,", "U,", "D,"]),
            };
            let values = match op {
                // Of a deleted row PostgreSQL logs the key alone.
                "D," => ",".repeat(values.matches(',').count()),
                _ => values,
            };
            lines = format!("{lines}{op}{key},{values}\n");
        }
        lines.into_bytes()
    }
}

/// Each table with a full load and three change objects.
async fn staged_tables(staging: &Staging) -> Vec<FrozenTable> {
    let mut dice = Dice(7);
    let mut tables = Vec::new();
    for source in staging.sources(SOURCES).await {
        let mut objects = vec![("LOAD00000001.csv", dice.object(&source.name, 9, false))];
        for key in ["20260101-000000001.csv", "20260101-000000002.csv", "20260101-000000003.csv"] {
            objects.push((key, dice.object(&source.name, 7, true)));
        }
        let objects: Vec<(&str, &[u8])> =
            objects.iter().map(|(key, content)| (*key, content.as_slice())).collect();
        tables.push(staging.freeze(&source, &objects).await);
    }
    tables
}

/// The same tables, of `driver` only some objects.
fn with_driver(
    tables: &[FrozenTable],
    driver: &str,
    objects: std::ops::Range<usize>,
) -> Vec<FrozenTable> {
    let cut = |table: &FrozenTable| match table.source.name == driver {
        true => table.with_objects(table.objects[objects.clone()].to_vec()),
        false => table.clone(),
    };
    tables.iter().map(cut).collect()
}

/// Rows by key.
type Rows = BTreeMap<Vec<String>, Vec<String>>;

fn by_key(rows: &[String], key: &[usize]) -> Rows {
    let split = |row: &String| row.split('|').map(ToOwned::to_owned).collect::<Vec<String>>();
    let key_of = |row: &Vec<String>| key.iter().map(|column| row[*column].clone()).collect();
    let map: Rows = rows.iter().map(split).map(|row| (key_of(&row), row)).collect();
    assert_eq!(map.len(), rows.len(), "the key is not unique: {rows:?}");
    map
}

/// Applies the changes of the driver's last two objects by the model's way; the table must be as after a replay.
async fn check_on_data(
    staging: &Staging,
    tables: &[FrozenTable],
    sql: &str,
    way: &Way,
    analysis: &Analysis,
) {
    let (Way::RowWise { driver, .. } | Way::Append { driver, .. }) = way else { return };
    let model = async |tables: &[FrozenTable]| {
        canonical("m.sql", plan(staging, tables, sql).await).unwrap()
    };
    let pending = with_driver(tables, driver, 2..4);
    let before = staging.rows(&model(&with_driver(tables, driver, 0..2)).await).await;
    let after = staging.rows(&model(tables).await).await;
    let news = model(&pending).await;
    let Way::RowWise { .. } = way else {
        let mut found = [before, staging.rows(&news).await].concat();
        let mut after = after;
        found.sort();
        after.sort();
        assert_eq!(found, after, "{sql}");
        return;
    };
    let key = analysis.key.clone().unwrap();
    let names: Vec<String> =
        key.iter().map(|column| news.schema().field(*column).name().clone()).collect();
    let changed = pending.iter().find(|table| table.source.name == *driver).unwrap();
    let from: Vec<String> = analysis
        .key_origin
        .iter()
        .map(|column| changed.source.schema.field(*column).name().clone())
        .collect();
    let raw = Arc::new(RawTable::new(Arc::new(changed.clone())));
    let delta = delta::row_wise(&news, &names, raw, &from).unwrap();
    let mut found = by_key(&before, &key);
    for row in staging.rows(&delta.deletes).await {
        found.remove(&row.split('|').map(ToOwned::to_owned).collect::<Vec<String>>());
    }
    found.extend(by_key(&staging.rows(&delta.upserts).await, &key));
    assert_eq!(found, by_key(&after, &key), "{sql}");
}

#[tokio::test]
async fn what_is_called_row_wise_or_append_gives_what_a_replay_gives() {
    let staging = Staging::of_partitions(1);
    let tables = staged_tables(&staging).await;
    let mut checked = 0;
    for (sql, _) in CASES.iter().copied().flatten() {
        let plan = plan(&staging, &tables, sql).await;
        let analysis = analyze(&plan, None).unwrap();
        if analysis.way != Way::Replay && analysis.volatile.is_none() {
            check_on_data(&staging, &tables, sql, &analysis.way, &analysis).await;
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");
}

#[tokio::test]
async fn a_proven_key_is_unique_in_the_rows() {
    let staging = Staging::of_partitions(1);
    let tables = staged_tables(&staging).await;
    for (sql, _) in CASES.iter().copied().flatten() {
        let plan = plan(&staging, &tables, sql).await;
        let analysis = analyze(&plan, None).unwrap();
        let Some(key) = analysis.key.filter(|_| analysis.volatile.is_none()) else { continue };
        assert!(is_proven(&plan, &key).unwrap(), "{sql}");
        let rows = staging.rows(&canonical("m.sql", plan).unwrap()).await;
        let _unique = by_key(&rows, &key);
    }
}
