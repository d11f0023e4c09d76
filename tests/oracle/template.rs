//! Models for the generated sources, each with the way that it must take.

use super::model::Model;
use super::source::{Source, quoted};

/// Models that belong together, one file each.
pub(super) type Template = Vec<Model>;

/// All templates. `a` has a key of any type, `b` one that `a` refers to, `e` has none.
pub(super) fn templates(a: &Source, b: &Source) -> Vec<Template> {
    let names = Names::new(a, b);
    [
        maps(&names),
        joins(&names),
        other_joins(&names),
        groups(&names),
        wholes(&names),
        sets(&names),
        stacks(&names),
        keyless(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the SQL needs to know of the sources.
struct Names {
    /// The columns of the key of `a`, with the table's name before them.
    key: String,
    /// The same without.
    bare: String,
    columns: Vec<&'static str>,
    quoted: Vec<String>,
    /// The condition that finds the row of `b` for a row of `a`.
    on: &'static str,
    /// Columns of the key of `b`.
    other_key: String,
    first_of_other: &'static str,
}

impl Names {
    fn new(a: &Source, b: &Source) -> Self {
        let columns = a.key_names();
        let quoted: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
        let qualified: Vec<String> = quoted.iter().map(|name| format!("a.{name}")).collect();
        let other_key = b.key_names();
        let on = match other_key.as_slice() {
            ["id"] => "a.ref = b.id",
            ["id", "lang"] => "a.n = b.id AND b.lang = a.s",
            ["code"] => "b.code = a.s",
            _ => unreachable!("`b` has one of three keys"),
        };
        Self {
            key: qualified.join(", "),
            bare: quoted.join(", "),
            quoted,
            on,
            first_of_other: other_key[0],
            other_key: other_key.join(", "),
            columns,
        }
    }

    /// Key columns for job.toml, others before them.
    fn after<'a>(&'a self, first: &[&'a str]) -> Vec<&'a str> {
        first.iter().copied().chain(self.columns.iter().copied()).collect()
    }
}

/// Row by row, of one source.
#[expect(clippy::too_many_lines, reason = "a list")]
fn maps(names: &Names) -> Vec<Template> {
    let Names { bare, other_key, .. } = names;
    let all = "ref, grp, n, big, s, d, f, dt, ts, ok, bin, t, u, fl, ch, wide";
    let reversed: Vec<&str> = names.columns.iter().rev().copied().collect();
    let renamed = names.quoted.iter().enumerate().map(|(i, name)| format!("{name} AS key_{i}"));
    let renamed = renamed.collect::<Vec<_>>().join(", ");
    vec![
        vec![
            Model::new(
                "m_all",
                &format!("SELECT {all}, {bare}, 1 AS one FROM a"),
                ("1 AS", "2 AS"),
            )
            .row_wise("a"),
        ],
        vec![
            Model::new(
                "m_computed",
                &format!(
                    "SELECT {bare}, n + 1 AS n1, upper(s) AS up, d * 2 AS d2, f / 4 \
    AS quarter, NOT ok AS no, coalesce(s, 'none') AS some, CASE \
    WHEN n > 5 THEN 'high' WHEN n <= 5 THEN 'low' END AS level, \
    date_part('year', dt) AS y, concat(s, '-', cast(grp AS STRING)) \
    AS both FROM a"
                ),
                ("n + 1", "n + 2"),
            )
            .row_wise("a"),
        ],
        vec![
            Model::new(
                "m_filtered",
                &format!("SELECT {bare}, s, n FROM a WHERE n > 5"),
                ("> 5", "<= 5"),
            )
            .row_wise("a"),
        ],
        vec![
            Model::new(
                "m_ok",
                &format!("SELECT s, {bare} FROM a WHERE ok AND (s IS NULL OR s <> '')"),
                ("ok AND", "NOT ok AND"),
            )
            .row_wise("a"),
        ],
        vec![
            Model::new("m_none", &format!("SELECT {bare}, s FROM a WHERE 1 = 0"), ("0", "1"))
                .row_wise("a"),
        ],
        vec![
            Model::new(
                "m_renamed",
                &format!("SELECT {renamed}, big + 0.5 AS b, ts FROM a ORDER BY n"),
                ("ORDER BY n", "WHERE n IS NOT NULL"),
            )
            .row_wise("a"),
        ],
        vec![
            Model::new(
                "m_reversed",
                &format!("SELECT s, f, {bare} FROM a"),
                ("s, f", "upper(s) AS s, f"),
            )
            .row_wise("a")
            .with_key(&reversed),
        ],
        vec![
            Model::new(
                "m_reference",
                &format!("SELECT {other_key}, name, rate FROM b WHERE rate IS NOT NULL"),
                ("IS NOT NULL", "IS NULL"),
            )
            .reading(&["b"])
            .row_wise("b"),
        ],
    ]
}

/// Row by row, joined to a reference by its key.
#[expect(clippy::too_many_lines, reason = "a list")]
fn joins(names: &Names) -> Vec<Template> {
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
fn other_joins(names: &Names) -> Vec<Template> {
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

#[expect(clippy::too_many_lines, reason = "a list")]
fn groups(names: &Names) -> Vec<Template> {
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
fn wholes(names: &Names) -> Vec<Template> {
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

fn sets(names: &Names) -> Vec<Template> {
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
fn stacks(names: &Names) -> Vec<Template> {
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
fn keyless() -> Vec<Template> {
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
