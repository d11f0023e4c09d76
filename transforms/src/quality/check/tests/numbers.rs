//! Rules on numbers, and all metrics against a plain count.

use proptest::prelude::*;

use super::*;

const SALES: &str = "SELECT CAST(id AS INT) AS id, CAST(n AS INT) AS n,
    CAST(price AS DECIMAL(12,2)) AS price, CAST(ratio AS DOUBLE) AS ratio FROM (VALUES
    (1, 2, 0.10, 1.0), (2, 4, 0.20, 2.0), (3, 4, 0.30, 2.0), (4, 6, NULL, 3.0)) AS t(id, n, price, ratio)";

#[tokio::test]
async fn statistics_are_of_all_rows_that_have_a_value() {
    let correlation = "Multicolumn.n,ratio.ColumnCorrelation";
    assert_outcomes(
        &[("sales", SALES)],
        &[
            (r#"Mean "n" = 4"#, "Passed Column.n.Mean=4"),
            (r#"Mean "price" between 0.19 and 0.21"#, "Passed Column.price.Mean=0.2"),
            (r#"Mean "n" = 3 where "id < 3""#, "Passed Column.n.Mean=3"),
            (r#"Sum "n" = 16"#, "Passed Column.n.Sum=16"),
            // Not 0.6000000000000001, as doubles would give.
            (r#"Sum "price" = 0.6"#, "Passed Column.price.Sum=0.6"),
            (r#"Range "n" = 4"#, "Passed Column.n.Range=4"),
            (r#"ZerosCount "n" = 0"#, "Passed Column.n.ZerosCount=0"),
            (r#"Variance "n" = 2"#, "Passed Column.n.Variance=2"),
            (
                r#"StandardDeviation "n" between 1.41 and 1.42"#,
                "Passed Column.n.StandardDeviation=1.414214",
            ),
            (r#"Skewness "n" between -0.001 and 0.001"#, "Passed Column.n.Skewness=0"),
            (r#"Kurtosis "n" = -1"#, "Passed Column.n.Kurtosis=-1"),
            (r#"Kurtosis "n" = 0 where "id = 1""#, "Passed Column.n.Kurtosis=0"),
            (r#"ColumnCorrelation "n" "ratio" > 0.999"#, &format!("Passed {correlation}=1")),
            (r#"ColumnCorrelation "n" "ratio" > 0 where "id = 1""#, "Passed"),
        ],
    )
    .await;
}

#[tokio::test]
async fn whole_numbers_add_up_beyond_their_type() {
    let most = "SELECT CAST(9223372036854775807 AS BIGINT) AS n";
    let both = format!("{most} UNION ALL {most}");
    let found = outcome(&[("t", &both)], r#"Sum "n" > 18446744073709000000"#).await;
    assert!(found.starts_with("Passed"), "{found}");
}

type Row = (Option<i32>, Option<String>);

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap())
}

/// Metrics of numbers `n` and texts `s`, by a plain count.
fn naive(rows: &[Row]) -> Vec<(&'static str, f64)> {
    let numbers: Vec<f64> = rows.iter().filter_map(|row| row.0.map(f64::from)).collect();
    let mut found = vec![("Dataset.*.RowCount", count(rows.len()))];
    if !rows.is_empty() {
        found.push(("Column.n.Completeness", count(numbers.len()) / count(rows.len())));
    }
    if !numbers.is_empty() {
        let (n, sum) = (count(numbers.len()), numbers.iter().sum::<f64>());
        let squares = numbers.iter().map(|x| (x - sum / n).powi(2)).sum::<f64>();
        let least = numbers.iter().copied().fold(f64::MAX, f64::min);
        let most = numbers.iter().copied().fold(f64::MIN, f64::max);
        found.extend([("Column.n.Sum", sum), ("Column.n.Mean", sum / n)]);
        found.extend([("Column.n.Variance", squares / n), ("Column.n.Range", most - least)]);
    }
    found.extend(naive_texts(rows));
    found
}

fn naive_texts(rows: &[Row]) -> Vec<(&'static str, f64)> {
    let texts: Vec<&String> = rows.iter().filter_map(|row| row.1.as_ref()).collect();
    let mut times: BTreeMap<&String, usize> = BTreeMap::new();
    for text in &texts {
        *times.entry(text).or_default() += 1;
    }
    let nulls = usize::from(texts.len() < rows.len());
    let mut found = vec![("Column.s.DistinctValuesCount", count(times.len() + nulls))];
    if !texts.is_empty() {
        let n = count(texts.len());
        let single = count(times.values().filter(|times| **times == 1).count());
        let entropy = times.values().map(|times| count(*times) / n).map(|p| -p * p.ln());
        found.extend([
            ("Column.s.Uniqueness", single / n),
            ("Column.s.UniqueValueRatio", single / count(times.len())),
            ("Column.s.Entropy", entropy.sum()),
            ("Column.s.DuplicateRowCount", n - single),
        ]);
    }
    found
}

const RULES: &str = r#"RowCount > 0, Completeness "n" > 0, Sum "n" > 0, Mean "n" > 0, Variance "n" > 0,
    Range "n" > 0, DistinctValuesCount "s" > 0, Uniqueness "s" > 0, UniqueValueRatio "s" > 0,
    Entropy "s" > 0, DuplicateRowCount "s" > 0"#;

proptest! {
    #[test]
    fn metrics_are_those_of_a_plain_count(
        rows in prop::collection::vec(
            (prop::option::of(-50..50_i32), prop::option::of("[ab]{0,2}")),
            0..12,
        ),
    ) {
        let or_null = |text: Option<String>| text.unwrap_or_else(|| "NULL".to_owned());
        let values = rows.iter().map(|(n, s)| {
            let n = or_null(n.map(|n| n.to_string()));
            format!("(1, {n}, {})", or_null(s.as_ref().map(|s| format!("'{s}'"))))
        });
        // One more row, which is left out, gives the types.
        let values: Vec<String> = std::iter::once("(0, 0, '')".to_owned()).chain(values).collect();
        let sql = format!(
            "SELECT CAST(n AS INT) AS n, CAST(s AS STRING) AS s FROM (VALUES {}) AS t(i, n, s) WHERE i = 1",
            values.join(", ")
        );
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(results(&[("t", &sql)], RULES));
        let found: BTreeMap<String, f64> =
            found.into_iter().flat_map(|result| result.evaluated_metrics).collect();
        let expected = naive(&rows);
        for (name, expected) in &expected {
            let metric = found.get(*name).copied().unwrap_or(f64::NAN);
            prop_assert!((metric - expected).abs() < 1e-9, "{name}: {metric}, not {expected}");
        }
        // Where there are no rows, there are no duplicates.
        prop_assert!(found.len() <= expected.len() + 1, "{found:?} {expected:?}");
    }
}
