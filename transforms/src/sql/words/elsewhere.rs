//! Functions of other databases that Spark does not have, and what is written in their place.

/// Names, in lower case, and an expression that does the same with a text `x`, a number `n` or a date `d`.
const ELSEWHERE: &[(&str, &str)] = &[
    ("adddate", "date_add(d, 1)"),
    ("addtime", "d + INTERVAL '1' HOUR"),
    ("charindex", "locate('b', x)"),
    ("concat_agg", "concat_ws('', collect_list(x))"),
    ("countif", "count_if(n > 1)"),
    ("dayname", "date_format(d, 'EEEE')"),
    ("format_date", "date_format(d, 'yyyy-MM-dd')"),
    ("getdate", "current_timestamp()"),
    ("group_concat", "array_join(collect_list(x), ',')"),
    ("iff", "if(x = 'a', 1, 2)"),
    ("iif", "if(x = 'a', 1, 2)"),
    ("isdate", "to_date(x) IS NOT NULL"),
    ("isnumeric", "CAST(x AS DOUBLE) IS NOT NULL"),
    ("json_extract", "get_json_object(x, '$.a')"),
    ("json_extract_path_text", "get_json_object(x, '$.a')"),
    ("json_object", "to_json(named_struct('a', n))"),
    ("json_value", "get_json_object(x, '$.a')"),
    ("list", "collect_list(x)"),
    ("listagg", "array_join(collect_list(x), ',')"),
    ("nullifzero", "nullif(n, 0)"),
    ("object_construct", "named_struct('a', n)"),
    ("parse_date", "to_date(x, 'yyyy-MM-dd')"),
    ("safe_cast", "TRY_CAST(x AS INT)"),
    ("safe_divide", "n / nullif(n, 0)"),
    ("str_to_date", "to_date(x, 'yyyy-MM-dd')"),
    ("strftime", "date_format(d, 'yyyy-MM-dd')"),
    ("subdate", "date_sub(d, 1)"),
    ("sysdate", "current_timestamp()"),
    ("to_decimal", "CAST(x AS DECIMAL(10,2))"),
    ("to_integer", "CAST(x AS INT)"),
    ("utc_timestamp", "current_timestamp()"),
    ("zeroifnull", "coalesce(n, 0)"),
];

/// What to write in place of a function.
pub(super) fn meant(name: &str) -> Option<String> {
    let (_, meant) = ELSEWHERE.iter().find(|(known, _)| name.eq_ignore_ascii_case(known))?;
    Some(format!("Spark does not have it: write {meant}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::known::is_of_spark;
    use crate::sql::{Dialect, parse_select, plan};
    use crate::testing::{Staging, assert_all, told};

    async fn planned(staging: &Staging, expression: &str) -> String {
        let select = format!(
            "SELECT {expression} AS value FROM VALUES ('a', 1, DATE '2026-01-31') AS t(x, n, d)"
        );
        let statement = parse_select(Dialect::Spark, "m.sql", &select).unwrap();
        match plan(&staging.state, "m.sql", statement).await {
            Ok(_) => "planned".to_owned(),
            Err(error) => told(&error),
        }
    }

    #[tokio::test]
    async fn what_is_advised_can_be_written_and_what_it_is_advised_for_cannot() {
        let staging = Staging::new();
        let mut cases = Vec::new();
        for (name, meant) in ELSEWHERE {
            assert!(!is_of_spark(name), "{name} is a function of Spark");
            cases.push(((*meant).to_owned(), planned(&staging, meant).await, "planned".to_owned()));
            let refused = format!(
                "m.sql:1:8: there is no function `{name}` [Spark does not have it: write {meant}]"
            );
            cases.push((
                (*name).to_owned(),
                planned(&staging, &format!("{name}(x)")).await,
                refused,
            ));
        }
        assert_all(cases);
    }
}
