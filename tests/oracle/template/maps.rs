//! Models that are computed row by row.

use super::{Names, Template};
use crate::oracle::model::Model;

/// Row by row, of one source.
#[expect(clippy::too_many_lines, reason = "a list")]
pub(super) fn maps(names: &Names) -> Vec<Template> {
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
