//! Calls of Spark's functions as SQL; what is expected is what a Spark 3.5 answers.

use crate::testing::{Staging, assert_all};

async fn check(cases: &[(&str, &str)]) {
    let staging = Staging::new();
    let mut found = Vec::new();
    for (sql, expected) in cases {
        let text = match staging.models(&[("m.sql", sql)], &[]).await {
            Err(error) => format!("refused: {error}"),
            Ok(mut planned) => match staging.batches(&planned.plans.remove("m").unwrap()).await {
                Err(_) => "error".to_owned(),
                Ok(batches) => crate::testing::texts(&batches).join(" / "),
            },
        };
        found.push(((*sql).to_owned(), text, (*expected).to_owned()));
    }
    assert_all(found);
}

#[tokio::test]
async fn values_of_several_types_take_the_type_that_is_common_to_them() {
    check(&[
        ("SELECT coalesce(1, 'a') AS x", "1"),
        ("SELECT coalesce(NULL, 1.5, 2) AS x", "1.5"),
        ("SELECT typeof(coalesce(CAST(1 AS FLOAT), 2L)) AS x", "float"),
        ("SELECT typeof(if(true, DATE'2026-01-01', '2026-02-02')) AS x", "string"),
        ("SELECT typeof(CASE WHEN true THEN 1.50 ELSE 2.5D END) AS x", "double"),
        ("SELECT CASE WHEN x > 1 THEN 'big' WHEN x = 1 THEN 'one' END AS c FROM VALUES (0), (1), (2) t(x) ORDER BY x", "NULL / one / big"),
        ("SELECT nvl2(NULL, 1, 2) AS x, nullif('a', 'a') AS y, equal_null(NULL, NULL) AS z", "2|NULL|true"),
        ("SELECT greatest(1, 2.5, NULL) AS x, least('b', 'B') AS y, greatest(NULL, NULL) AS z", "2.5|B|NULL"),
        ("SELECT isnan(CAST('NaN' AS DOUBLE)) AS x, isnan(NULL) AS y, nanvl(CAST('NaN' AS DOUBLE), 1) AS z", "true|false|1.0"),
        ("SELECT typeof(array(1.5)) AS x, typeof(map('a', 1.5D)) AS y, typeof(NULL) AS z", "array<decimal(2,1)>|map<string,double>|void"),
        ("SELECT assert_true(1 = 2) AS x", "error"),
        ("SELECT greatest(1, '2') AS x", "refused: m.sql:1:20: values of the types bigint and string cannot be compared here"),
    ])
    .await;
}

#[tokio::test]
async fn numbers_are_rounded_by_their_decimal_digits() {
    check(&[
        ("SELECT round(2.5D) AS x, round(-2.5D) AS y, bround(2.5D) AS z", "3.0|-3.0|2.0"),
        ("SELECT round(1.005D, 2) AS x, round(2.345, 2) AS y, round(1234.567, -2) AS z", "1.01|2.35|1200"),
        ("SELECT typeof(round(9.99, 1)) AS x, round(9.99, 1) AS y, bround(2.345, 2) AS z", "decimal(3,1)|10.0|2.34"),
        ("SELECT round(25, -1) AS x, bround(25, -1) AS y, round(1.5, NULL) AS z", "30|20|NULL"),
        ("SELECT ceil(-0.1) AS x, ceil(5.4D) AS y, floor(-5.4D) AS z", "0|6|-6"),
        ("SELECT ceil(3.1411, 3) AS x, floor(-13, -1) AS y, ceil(1e30D) AS z", "3.142|-20|9223372036854775807"),
        ("SELECT ln(0) AS x, log(10, 100) AS y, log2(8) AS z, log(1, 10) AS w", "NULL|2.0|3.0|inf"),
        ("SELECT sign(-40) AS x, signum(0) AS y, sqrt(-1) AS z, e() AS w", "-1.0|0.0|NaN|2.718281828459045"),
        ("SELECT try_add(9223372036854775807L, 1) AS x, try_multiply(2, 3) AS y, typeof(try_add(1.5, 2.25)) AS z", "NULL|6|decimal(4,2)"),
        ("SELECT rand(1) AS x", "refused: m.sql:1:8: `rand` is not supported"),
    ])
    .await;
}

#[tokio::test]
async fn arrays_keep_their_order_and_maps_their_keys() {
    check(&[
        ("SELECT array_distinct(array(1, 2, 3, NULL, 3, NULL, 1)) AS x", "[1, 2, 3, NULL]"),
        ("SELECT array_union(array(1, NULL), array(NULL, 2)) AS x, array_except(array(1, 1, NULL, 2), array(2)) AS y", "[1, NULL, 2]|[1, NULL]"),
        ("SELECT array_intersect(array(3, 1, NULL, 1), array(NULL, 1, 3)) AS x", "[3, 1, NULL]"),
        ("SELECT array_contains(array(1, NULL, 3), 9) AS x, array_position(array(1, 2), 9) AS y", "NULL|0"),
        ("SELECT array_remove(array(1, 2, 3, NULL, 3), 3) AS x, arrays_overlap(array(1, NULL), array(3)) AS y", "[1, 2, NULL]|NULL"),
        ("SELECT array_insert(array(1, 2), 5, 9) AS x, array_insert(array(5, 4), -1, 1) AS y", "[1, 2, NULL, NULL, 9]|[5, 4, 1]"),
        ("SELECT array_insert(array(1, 2), 0, 9) AS x", "error"),
        ("SELECT slice(array(1, 2, 3, 4), -2, 2) AS x, flatten(array(array(1), array())) AS y, flatten(array(array(1), NULL)) AS z", "[3, 4]|[1]|NULL"),
        ("SELECT sort_array(array('b', NULL, 'a'), false) AS x, array_sort(array('b', NULL, 'a')) AS y", "[b, a, NULL]|[a, b, NULL]"),
        ("SELECT size(NULL) AS x, array_size(NULL) AS y, size(map('a', 1)) AS z", "-1|NULL|1"),
        ("SELECT element_at(array(1, 2, 3), -1) AS x, get(array(1, 2, 3), 0) AS y, element_at(map('a', 1), 'z') AS z", "3|1|NULL"),
        ("SELECT unglue_element(array(1, 2), 0) AS x, unglue_element(array(1, 2), -1) AS y, unglue_element(map('a', 5), 'a') AS z", "1|NULL|5"),
        ("SELECT array_join(array('a', NULL, 'c'), ' ') AS x, array_join(array('a', NULL), ' ', '-') AS y", "a c|a -"),
        ("SELECT sequence(5, 1) AS x, sequence(DATE'2026-01-31', DATE'2026-03-31', INTERVAL 1 MONTH) AS y", "[5, 4, 3, 2, 1]|[2026-01-31, 2026-02-28, 2026-03-31]"),
        ("SELECT map_concat(map(1, 'a'), map(2, 'b')) AS x, map_keys(map('a', 1)) AS y", "{1: a, 2: b}|[a]"),
        ("SELECT map('a', 1, 'a', 2) AS x", "error"),
        ("SELECT map(NULL, 1) AS x", "error"),
        ("SELECT map() AS x, size(map()) AS y", "{}|0"),
        ("SELECT str_to_map('a:1,,b') AS x", "{a: 1, : NULL, b: NULL}"),
        ("SELECT str_to_map('a:1', '[|]') AS x", "refused: m.sql:1:8: `str_to_map`: it takes a text and delimiters that are literals without patterns; use split() and map_from_entries() instead"),
        ("SELECT arrays_zip(array(1, 2), array('a')) AS x, struct(1, 'a') AS y", "[{0: 1, 1: a}, {0: 2, 1: NULL}]|{col1: 1, col2: a}"),
        ("SELECT unglue_stack(2, 1.0, 'a', 2.5) AS x", "[{col0: 1.0, col1: a}, {col0: 2.5, col1: NULL}]"),
    ])
    .await;
}

#[tokio::test]
async fn lambdas_are_evaluated_over_the_items_of_all_rows() {
    check(&[
        ("SELECT transform(array(1, 2, 3), (x, i) -> x * i) AS x, filter(array(0, NULL, 2), x -> x IS NOT NULL) AS y", "[0, 2, 6]|[0, 2]"),
        ("SELECT exists(array(1, NULL, 3), x -> x = 5) AS x, exists(array(), x -> x) AS y, forall(array(2, NULL), x -> x = 2) AS z", "NULL|false|NULL"),
        ("SELECT aggregate(array(1, 2, 3), 0, (a, x) -> a + x, a -> a * 10) AS x, reduce(array(), 5, (a, x) -> a + 1) AS y", "60|5"),
        ("SELECT zip_with(array(1, 2, 3), array(10, 20), (x, y) -> x + y) AS x", "[11, 22, NULL]"),
        ("SELECT array_sort(array(5, 6, 1), (a, b) -> b - a) AS x", "[6, 5, 1]"),
        ("SELECT map_filter(map(1, 0, 2, 2), (k, v) -> k > v) AS x, transform_keys(map('a', 1), (k, v) -> upper(k)) AS y", "{1: 0}|{A: 1}"),
        ("SELECT transform_values(map('a', 1), (k, v) -> v * 10) AS x", "{a: 10}"),
        ("SELECT map_zip_with(map('a', 1, 'b', 2), map('b', 3, 'c', 4), (k, x, y) -> coalesce(x, 0) + coalesce(y, 0)) AS x", "{a: 1, b: 5, c: 4}"),
        ("SELECT transform(array(named_struct('a', 1), named_struct('a', 2)), x -> x.A) AS x", "[1, 2]"),
        ("SELECT id, transform(a, x -> x + id) AS x FROM VALUES (1, array(1, 2)), (2, NULL), (3, array(5)) t(id, a) ORDER BY id", "1|[2, 3] / 2|NULL / 3|[8]"),
        ("SELECT x FROM VALUES (1), (2) t(x) WHERE EXISTS (SELECT 1 AS y FROM VALUES (2) u(z) WHERE z = x)", "2"),
    ])
    .await;
}

#[tokio::test]
async fn aggregates_take_distinct_filter_and_over() {
    const FROM: &str =
        "FROM VALUES ('a', 1, 1.50), ('a', 3, 2.25), ('b', 3, NULL), ('b', NULL, 2.25) t(k, n, d)";
    let of = |select: &str, rest: &str| format!("SELECT {select} {FROM} {rest}");
    let cases = [
        (of("sum(d) AS x, avg(d) AS y, typeof(avg(d)) AS z", ""), "6.00|2.000000|decimal(7,6)"),
        (of("sum(DISTINCT d) AS x, count(DISTINCT n) AS y, avg(DISTINCT d) AS z", ""), "3.75|2|1.875000"),
        (of("k, avg(d) AS x, avg(n) AS y", "GROUP BY k ORDER BY k"), "a|1.875000|2.0 / b|2.250000|3.0"),
        (of("count_if(n > 1) AS x, count_if(n > 1) FILTER (WHERE k = 'a') AS y", ""), "2|1"),
        (of("max_by(k, n) AS x, min_by(d, n) AS y, mode(n) AS z", ""), "b|1.50|3"),
        (of("percentile(n, 0.25) AS x, median(n) AS y, percentile_approx(n, 0.5) AS z", ""), "2.0|3.0|3"),
        (of("percentile_cont(0.25) WITHIN GROUP (ORDER BY n DESC) AS x, percentile_approx(n, array(0.0, 1.0)) AS y", ""), "3.0|[1, 3]"),
        (of("first(n) AS x, last(n) AS y, last(n, true) AS z", ""), "1|NULL|3"),
        (of("collect_list(n) AS x, sort_array(collect_set(n)) AS y, approx_count_distinct(n) AS z", ""), "[1, 3, 3]|[1, 3]|2"),
        (of("round(skewness(n), 6) AS x, round(kurtosis(n), 6) AS y, stddev(n) IS NULL AS z", ""), "-0.707107|-1.5|false"),
        (of("n, sum(d) OVER (ORDER BY k, n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS x", "ORDER BY k, n"), "1|1.50 / 3|3.75 / NULL|4.50 / 3|2.25"),
        (of("k, n, max_by(k, n) OVER (ORDER BY k, n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS x, median(n) OVER (ORDER BY k, n ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS y", "ORDER BY k, n"), "a|1|a|2.0 / a|3|a|2.0 / b|NULL|a|3.0 / b|3|b|3.0"),
        (of("typeof(row_number() OVER (ORDER BY n)) AS x, typeof(approx_count_distinct(n) OVER ()) AS y", "LIMIT 1"), "int|bigint"),
        ("SELECT sum(x) AS s FROM VALUES (CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0))), (CAST('1' AS DECIMAL(38,0))) t(x)".to_owned(), "NULL"),
    ];
    let cases: Vec<(&str, &str)> =
        cases.iter().map(|(sql, expected)| (sql.as_str(), *expected)).collect();
    check(&cases).await;
}
