//! Joins.

use super::{Names, Template};
use crate::oracle::model::Model;

/// Row by row, joined to a reference by its key.
#[expect(clippy::too_many_lines, reason = "a list")]
pub(super) fn joins(names: &Names) -> Vec<Template> {
    let Names { key, on, other_key, first_of_other, .. } = names;
    let ab: &[&str] = &["a", "b"];
    let mut templates = vec![
        vec![
            Model::new(
                "j_left",
                &format!("SELECT {key}, a.s, b.name, b.rate * 2 AS r FROM a LEFT JOIN b ON {on}"),
                ("* 2", "* 3"),
            )
            .reading(ab)
            .row_wise("a"),
        ],
        vec![
            Model::new(
                "j_inner",
                &format!("SELECT b.name, {key} FROM a JOIN b ON {on} WHERE b.rate > 0 OR a.n > 5"),
                ("> 5", "< 5"),
            )
            .reading(ab)
            .row_wise("a"),
        ],
        vec![
            Model::new(
                "j_right",
                &format!("SELECT {key}, b.since, a.n FROM b RIGHT JOIN a ON {on} AND b.rate > 0"),
                ("rate > 0", "rate <= 0"),
            )
            .reading(ab)
            .row_wise("a"),
        ],
        vec![
            Model::new(
                "j_twice",
                &format!(
                    "SELECT {key}, b.name, c.name AS other FROM a LEFT JOIN b ON \
    {on} INNER JOIN (SELECT {other_key}, name FROM b WHERE name <> \
    'x') c ON {}",
                    on.replace("b.", "c.")
                ),
                ("'x'", "'a'"),
            )
            .reading(ab)
            .row_wise("a"),
        ],
        vec![
            Model::new(
                "j_grouped",
                &format!(
                    "SELECT {key}, g.c, g.t FROM a LEFT JOIN (SELECT parent, \
    count(*) AS c, max(since) AS t FROM b GROUP BY parent) g ON \
    a.grp = g.parent"
                ),
                ("max", "min"),
            )
            .reading(ab)
            .row_wise("a"),
        ],
        vec![
            Model::new(
                "j_counted",
                &format!(
                    "SELECT {key}, g.c FROM a LEFT JOIN (SELECT ref AS r, count(*) \
    AS c FROM e GROUP BY ref) g ON g.r = a.ref"
                ),
                ("count(*)", "count(x)"),
            )
            .reading(&["a", "e"])
            .row_wise("a"),
        ],
        vec![
            Model::new(
                "j_using",
                "SELECT * FROM a JOIN (SELECT parent AS ref, count(*) AS number \
    FROM b GROUP BY parent) g USING (ref)",
                ("count(*)", "count(name)"),
            )
            .reading(ab)
            .row_wise("a"),
        ],
        vec![
            Model::new(
                "j_grouped_pairs",
                &format!(
                    "SELECT b.{first_of_other}, a.grp, count(*) AS c, sum(a.d) AS d \
    FROM a JOIN b ON {on} GROUP BY b.{first_of_other}, a.grp"
                ),
                ("count(*)", "count(a.n)"),
            )
            .reading(ab)
            .keyed(),
        ],
    ];
    if other_key == "id" {
        // The key is compared as a wider type.
        let sql = "SELECT a.*, b.name, c.rate FROM a LEFT JOIN b ON a.big = b.id \
    LEFT JOIN b c ON a.f = c.id";
        let edit = ("b.name", "upper(b.name) AS name");
        templates.push(vec![Model::new("j_wider", sql, edit).reading(ab).row_wise("a")]);
    }
    templates
}

/// Joins that are not row by row.
#[expect(clippy::too_many_lines, reason = "a list")]
pub(super) fn other_joins(names: &Names) -> Vec<Template> {
    let Names { key, on, columns, quoted, .. } = names;
    let ab: &[&str] = &["a", "b"];
    let itself = quoted.iter().map(|name| format!("a.{name} = c.{name}")).collect::<Vec<_>>();
    let itself = itself.join(" AND ");
    vec![
        vec![
            Model::new(
                "o_many",
                &format!("SELECT {key}, b.name FROM a LEFT JOIN b ON a.grp = b.parent"),
                ("b.name", "upper(b.name) AS name"),
            )
            .reading(ab),
        ],
        vec![
            Model::new(
                "o_full",
                &format!("SELECT {key}, b.name, b.rate FROM a FULL JOIN b ON {on}"),
                ("b.name", "upper(b.name) AS name"),
            )
            .reading(ab),
        ],
        vec![
            Model::new(
                "o_semi",
                &format!("SELECT {key}, a.n FROM a WHERE EXISTS (SELECT 1 FROM b WHERE {on})"),
                ("WHERE EXISTS", "WHERE NOT EXISTS"),
            )
            .reading(ab)
            .keyed(),
        ],
        vec![
            Model::new(
                "o_in",
                &format!("SELECT {key}, a.s FROM a WHERE a.grp IN (SELECT parent FROM b)"),
                ("grp IN", "grp NOT IN"),
            )
            .reading(ab)
            .keyed(),
        ],
        vec![
            Model::new(
                "o_scalar",
                &format!("SELECT {key}, a.n FROM a WHERE a.n > (SELECT avg(n) FROM a)"),
                ("avg", "min"),
            )
            .keyed(),
        ],
        vec![
            Model::new(
                "o_self",
                &format!("SELECT {key}, c.s, c.n FROM a LEFT JOIN a c ON {itself} AND c.n > 0"),
                ("c.n > 0", "c.n <= 0"),
            )
            .keyed(),
        ],
        vec![
            Model::new(
                "o_cross",
                &format!(
                    "SELECT {key}, c.number FROM a CROSS JOIN (SELECT count(*) AS \
    number FROM b) c"
                ),
                ("count(*)", "count(name)"),
            )
            .reading(ab)
            .with_key(columns),
        ],
        vec![
            Model::new(
                "o_null_safe",
                &format!(
                    "SELECT {key}, g.c FROM a LEFT JOIN (SELECT parent, count(*) AS \
    c FROM b GROUP BY parent) g ON a.grp <=> g.parent"
                ),
                ("count(*)", "count(name)"),
            )
            .reading(ab)
            .with_key(columns),
        ],
    ]
}
