//! Nodes that filter.

use super::*;

fn constant(operation: &str, negated: bool, column: &str, value: &str) -> Value {
    json!({ "Operation": operation, "Negated": negated, "Values": [
        { "Type": "COLUMNEXTRACTED", "Value": [column] }, { "Type": "CONSTANT", "Value": [value] },
    ] })
}

async fn filter(operator: &str, filters: &[Value]) -> Made {
    chain("Filter", json!({ "LogicalOperator": operator, "Filters": filters })).await
}

#[tokio::test]
async fn a_filter_compares_in_the_type_of_its_column() {
    let filters = [
        constant("GTE", false, "sold", "10"),
        constant("LT", true, "day", "2026-01-01"),
        constant("EQ", false, "live", "true"),
        constant("EQ", false, "title", "it's 7"),
        constant("REGEX", true, "title", r"The \d+|A"),
        constant("REGEX", false, "title", "^O"),
        json!({ "Operation": "ISNULL", "Negated": true, "Values": [{ "Type": "COLUMNEXTRACTED", "Value": ["id"] }] }),
        json!({ "Operation": "GT", "Values": [{ "Type": "COLUMNEXTRACTED", "Value": ["id"] }, { "Type": "COLUMNEXTRACTED", "Value": ["sold"] }] }),
    ];
    let made = filter("AND", &filters).await;
    insta::assert_snapshot!(carried(&made), @r"
    SELECT *
    FROM songs_staged
    WHERE sold >= 10
        AND NOT day < DATE '2026-01-01'
        AND live = TRUE
        AND title = 'it\'s 7'
        AND title NOT RLIKE '^(?:The \\d+|A)'
        AND title RLIKE '^O'
        AND id IS NOT NULL
        AND id > sold
    ");
    assert_eq!(outcome(&made, "n").0, Outcome::Carried);
}

#[tokio::test]
async fn a_filter_treats_null_as_python_does() {
    let (is_not, more) = (constant("EQ", true, "title", "a"), constant("GT", false, "sold", "1"));
    let made = filter("OR", &[is_not.clone(), more.clone()]).await;
    assert!(carried(&made).ends_with("WHERE NOT title <=> 'a'\n    OR sold > 1\n"), "{made:?}");
    assert!(outcome(&made, "n").1.contains("keeps rows with NULL"), "{made:?}");
    // `None > 1` fails, and the row is dropped whatever follows; not so what came before.
    let made = filter("OR", &[is_not.clone(), more, is_not]).await;
    let sql = "WHERE NOT title <=> 'a'\n    OR sold > 1\n    OR sold IS NOT NULL AND (NOT title <=> 'a')\n";
    assert!(carried(&made).ends_with(sql), "{made:?}");
    for filters in [
        [json!({ "Operation": "LIKE", "Values": [] })],
        [json!({ "Operation": "EQ", "Values": [] })],
    ] {
        by_hand(&filter("AND", &filters).await);
    }
}

#[tokio::test]
async fn conditions_on_the_operation_are_what_they_mean_for_a_table_as_it_stands() {
    let (sold, not_deleted) = (constant("GT", false, "sold", "1"), constant("EQ", true, "Op", "D"));
    let is = |operation: &str| constant("EQ", false, "op", operation);
    let all = "SELECT *\nFROM songs_staged\n";
    let some = "SELECT *\nFROM songs_staged\nWHERE sold > 1\n";
    for (operator, filters, sql) in [
        ("AND", vec![not_deleted.clone()], all),
        ("AND", vec![not_deleted.clone(), sold.clone()], some),
        ("OR", vec![is("I"), is("U")], all),
        ("OR", vec![is("I"), is("U"), sold.clone()], all),
        ("OR", vec![is("D"), sold.clone()], some),
    ] {
        let made = filter(operator, &filters).await;
        assert_eq!(carried(&made), sql);
        assert!(outcome(&made, "n").1.contains("DMS's operation and is left out"), "{made:?}");
    }
    for (operator, filters, why) in [
        ("AND", vec![is("D")], "takes deleted rows alone"),
        ("AND", vec![is("D"), sold.clone()], "takes deleted rows alone"),
        ("AND", vec![is("I")], "divides rows by op"),
        ("OR", vec![is("U"), sold], "divides rows by op"),
        ("AND", vec![constant("REGEX", false, "op", "I|U")], "a condition on op"),
        ("AND", vec![constant("EQ", true, "op", "DELETE")], "a condition on op"),
    ] {
        let notes = by_hand(&filter(operator, &filters).await);
        assert!(notes.contains(why), "{notes}");
    }
}
