//! Set operations, models over models, models without a key.

use super::{Names, Template};
use crate::oracle::model::Model;

pub(super) fn sets(names: &Names) -> Vec<Template> {
    let bare = &names.bare;
    let key = names.after(&["origin"]);
    vec![
        vec![Model::new(
            "s_distinct",
            "SELECT DISTINCT grp, ok FROM a",
            ("ok FROM", "NOT ok AS ok FROM"),
        )],
        vec![
            Model::new(
                "s_distinct_keyed",
                "SELECT DISTINCT s, grp FROM a",
                ("FROM a", "FROM a WHERE n > 0"),
            )
            .with_key(&["grp", "s"]),
        ],
        vec![
            Model::new(
                "s_union_keyed",
                &format!(
                    "SELECT cast('low' AS VARCHAR(10)) AS origin, {bare}, n FROM a \
    WHERE n <= 5 UNION ALL SELECT cast('high' AS VARCHAR(10)), \
    {bare}, n FROM a WHERE n > 5"
                ),
                ("'low'", "'deep'"),
            )
            .with_key(&key),
        ],
        vec![
            Model::new(
                "s_union_all",
                "SELECT n, s FROM a UNION ALL SELECT x, s FROM e",
                ("x, s", "x, upper(s)"),
            )
            .reading(&["a", "e"]),
        ],
        vec![
            Model::new(
                "s_union",
                "SELECT s FROM a UNION SELECT name FROM b",
                ("UNION", "UNION ALL"),
            )
            .reading(&["a", "b"]),
        ],
        vec![
            Model::new(
                "s_except",
                "SELECT grp FROM a EXCEPT SELECT ref FROM e",
                ("EXCEPT", "INTERSECT"),
            )
            .reading(&["a", "e"]),
        ],
    ]
}

/// Models over models and helpers.
pub(super) fn stacks(names: &Names) -> Vec<Template> {
    let Names { key, bare, on, .. } = names;
    vec![
        vec![
            Model::new(
                "t_base",
                &format!("SELECT {bare}, upper(s) AS s, n, grp FROM a WHERE n IS NOT NULL"),
                ("upper", "lower"),
            )
            .row_wise("a"),
            Model::new(
                "t_over",
                &format!("SELECT {bare}, concat(s, '!') AS s FROM t_base WHERE n > 0"),
                ("'!'", "'?'"),
            )
            .over(&["t_base"])
            .row_wise("a"),
            Model::new(
                "t_sum",
                "SELECT grp, sum(n) AS n, min(s) AS s FROM t_base GROUP BY grp",
                ("min", "max"),
            )
            .over(&["t_base"])
            .keyed(),
        ],
        vec![
            Model::new(
                "_joined",
                &format!("SELECT {key}, a.n, b.name FROM a LEFT JOIN b ON {on}"),
                ("a.n, b", "a.n + 1 AS n, b"),
            )
            .reading(&["a", "b"]),
            Model::new(
                "t_named",
                &format!("SELECT name, {bare} FROM _joined WHERE n > 0"),
                ("n > 0", "n <= 0"),
            )
            .reading(&["a", "b"])
            .over(&["_joined"])
            .row_wise("a"),
            Model::new(
                "t_names",
                "SELECT name, count(*) AS c FROM _joined GROUP BY name",
                ("count(*)", "count(n)"),
            )
            .reading(&["a", "b"])
            .over(&["_joined"])
            .keyed(),
        ],
        vec![
            Model::new(
                "t_with",
                &format!(
                    "WITH c AS (SELECT * FROM a WHERE n > 0), d AS (SELECT {bare}, s \
    FROM c) SELECT * FROM d"
                ),
                ("n > 0", "n < 0"),
            )
            .row_wise("a"),
        ],
    ]
}

/// Over the source without a key.
pub(super) fn keyless() -> Vec<Template> {
    vec![
        vec![
            Model::new("e_all", "SELECT s, x, d * 2 AS d, ts FROM e", ("d * 2", "d * 3"))
                .reading(&["e"])
                .append("e"),
        ],
        vec![
            Model::new("e_some", "SELECT s, x FROM e WHERE x > 0", ("x > 0", "x <= 0"))
                .reading(&["e"])
                .append("e"),
        ],
        vec![
            Model::new(
                "e_joined",
                "SELECT e.s, e.x, g.c FROM e LEFT JOIN (SELECT parent, count(*) \
    AS c FROM b GROUP BY parent) g ON e.ref = g.parent",
                ("count(*)", "count(name)"),
            )
            .reading(&["e", "b"])
            .append("e"),
        ],
        vec![
            Model::new(
                "e_distinct",
                "SELECT DISTINCT s FROM e",
                ("DISTINCT s", "DISTINCT upper(s) AS s"),
            )
            .reading(&["e"])
            .with_key(&["s"]),
        ],
        vec![
            Model::new(
                "e_ranked",
                "SELECT x, count(*) OVER (PARTITION BY x) AS c FROM e",
                ("count(*)", "count(s)"),
            )
            .reading(&["e"]),
        ],
    ]
}
