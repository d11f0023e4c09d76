//! Groups, and what needs the whole table.

use super::{Names, Template};
use crate::oracle::model::Model;

#[expect(clippy::too_many_lines, reason = "a list")]
pub(super) fn groups(names: &Names) -> Vec<Template> {
    let bare = &names.bare;
    vec![
        vec![
            Model::new(
                "g_number",
                "SELECT grp, count(*) AS c, count(n) AS cn, sum(n) AS sn, sum(d) \
    AS sd, min(s) AS s, max(ts) AS t, sum(f) AS sf, bool_or(ok) AS \
    o FROM a GROUP BY grp",
                ("min(s)", "max(s)"),
            )
            .keyed(),
        ],
        vec![
            Model::new(
                "g_text",
                "SELECT s, max(n) AS n, count(DISTINCT grp) AS g FROM a GROUP BY \
    s HAVING count(*) > 0",
                ("> 0", "> 1"),
            )
            .keyed(),
        ],
        vec![
            Model::new(
                "g_upper",
                "SELECT upper(s) AS u, count(*) AS c FROM a WHERE s IS NOT NULL \
    GROUP BY upper(s)",
                ("count(*)", "count(n)"),
            )
            .keyed(),
        ],
        vec![
            Model::new(
                "g_date",
                "SELECT dt, ok, min(d) AS d FROM a GROUP BY dt, ok",
                ("min", "max"),
            )
            .keyed(),
        ],
        vec![
            Model::new(
                "g_bytes",
                "SELECT bin, count(*) AS c FROM a GROUP BY bin",
                ("count(*)", "count(n)"),
            )
            .keyed(),
        ],
        vec![
            Model::new(
                "g_wide",
                "SELECT wide, t, u, ch, count(*) AS c, max(fl) AS fl FROM a \
    GROUP BY wide, t, u, ch",
                ("max", "min"),
            )
            .keyed(),
        ],
        vec![
            Model::new("g_floats", "SELECT fl, min(wide) AS w FROM a GROUP BY fl", ("min", "max"))
                .keyed(),
        ],
        vec![
            Model::new(
                "g_doubles",
                "SELECT f, count(*) AS c FROM a GROUP BY f",
                ("count(*)", "count(n)"),
            )
            .with_key(&["f"]),
        ],
        vec![
            Model::new(
                "g_every",
                &format!("SELECT {bare}, count(*) AS c, max(s) AS s FROM a GROUP BY {bare}"),
                ("max", "min"),
            )
            .keyed(),
        ],
        vec![
            Model::new(
                "g_keyless",
                "SELECT ref, count(*) AS c, sum(d) AS d FROM e GROUP BY ref",
                ("count(*)", "count(x)"),
            )
            .reading(&["e"])
            .keyed(),
        ],
        vec![Model::new(
            "g_rollup",
            "SELECT grp, ok, count(*) AS c FROM a GROUP BY ROLLUP (grp, ok)",
            ("count(*)", "count(n)"),
        )],
    ]
}

/// What needs the whole table.
pub(super) fn wholes(names: &Names) -> Vec<Template> {
    let bare = &names.bare;
    vec![
        vec![
            Model::new(
                "w_ranked",
                &format!(
                    "SELECT {bare}, row_number() OVER (PARTITION BY grp ORDER BY n, \
    {bare}) AS place, sum(n) OVER (PARTITION BY ok) AS total, \
    lag(s) OVER (ORDER BY n, {bare}) AS before FROM a"
                ),
                ("ORDER BY n,", "ORDER BY n DESC,"),
            )
            .keyed(),
        ],
        vec![
            Model::new(
                "w_first",
                &format!(
                    "SELECT * FROM (SELECT grp, s, n, row_number() OVER (PARTITION \
    BY grp ORDER BY d DESC, {bare}) AS place FROM a) WHERE place = 1"
                ),
                ("DESC, ", ", "),
            )
            .with_key(&["grp"]),
        ],
        vec![
            Model::new(
                "w_top",
                &format!("SELECT {bare}, n FROM a ORDER BY n, {bare} LIMIT 3"),
                ("ORDER BY n,", "ORDER BY n DESC,"),
            )
            .keyed(),
        ],
        vec![Model::new(
            "w_total",
            "SELECT count(*) AS c, sum(n) AS s, max(ts) AS t FROM a",
            ("max", "min"),
        )],
        vec![
            Model::new(
                "w_total_both",
                "SELECT (SELECT count(*) FROM b) AS b, (SELECT max(n) FROM a) AS \
    a, count(*) AS e FROM e",
                ("max", "min"),
            )
            .reading(&["a", "b", "e"]),
        ],
        vec![
            Model::new(
                "w_one",
                "SELECT 1 AS id, count(*) AS c, sum(d) AS d FROM a",
                ("count(*)", "count(n)"),
            )
            .with_key(&["id"]),
        ],
    ]
}
