//! Projections, filters, helpers and subqueries.

pub(in super::super) const MAPPINGS: &[(&str, &str)] = &[
    (
        "SELECT * FROM t",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT id, x FROM t",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT x, upper(x) AS u, id FROM t",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT id AS key_id, a + b AS ab FROM t",
        "row-wise t | key key_id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT ID AS MyKey FROM T",
        "row-wise t | key mykey = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT id, CASE WHEN a > 0 THEN 'p' ELSE 'n' END AS sign FROM t WHERE x LIKE 'a%' AND b IS NOT NULL",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT id AS one, id AS two FROM t",
        "row-wise t | key one = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT * FROM t ORDER BY x",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT * EXCEPT (v) FROM t",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT b, note, a FROM c",
        "row-wise c | key a = c.a, b = c.b | it keeps the key of `c` and maps each of its rows",
    ),
    (
        "SELECT id, x FROM t WHERE id = 5",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT id, 1 AS one, NULL AS nothing FROM t",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
];

pub(in super::super) const LOST_KEYS: &[(&str, &str)] = &[
    ("SELECT x FROM t", "replay | no key | it does not keep the key of `t`"),
    ("SELECT id + 1 AS id, x FROM t", "replay | no key | it does not keep the key of `t`"),
    ("SELECT CAST(id AS STRING) AS id FROM t", "replay | no key | it does not keep the key of `t`"),
    ("SELECT CAST(id AS BIGINT) AS id FROM t", "replay | no key | it does not keep the key of `t`"),
    ("SELECT -id AS id FROM t", "replay | no key | it does not keep the key of `t`"),
    ("SELECT coalesce(id, 0) AS id FROM t", "replay | no key | it does not keep the key of `t`"),
    ("SELECT a, note FROM c", "replay | no key | it does not keep the key of `c`"),
    ("SELECT a, b + 1 AS b FROM c", "replay | no key | it does not keep the key of `c`"),
    ("SELECT x AS id FROM t", "replay | no key | it does not keep the key of `t`"),
];

pub(in super::super) const NESTED: &[(&str, &str)] = &[
    (
        "SELECT q.id FROM (SELECT id, x FROM t WHERE a > 1) q WHERE q.x = 'y'",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT k FROM (SELECT id AS k FROM t) q",
        "row-wise t | key k = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "WITH q AS (SELECT id, x FROM t) SELECT id FROM q",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "WITH q AS (SELECT id, x FROM t), r AS (SELECT id AS rid FROM q) SELECT rid FROM r",
        "row-wise t | key rid = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "WITH t AS (SELECT id, x FROM t WHERE a > 0) SELECT id FROM t",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT id FROM (SELECT id FROM t ORDER BY x) q",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    ("SELECT id FROM (SELECT id FROM t ORDER BY x LIMIT 3) q", "replay | key id | it uses LIMIT"),
    (
        "SELECT rid, x FROM _recent",
        "row-wise t | key rid = t.id | it keeps the key of `t` and maps each of its rows",
    ),
    (
        "SELECT r.rid, d.name FROM _recent r JOIN d ON r.did = d.id",
        "row-wise t + d | key rid = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
];

pub(in super::super) const SUBQUERIES: &[(&str, &str)] = &[
    (
        "SELECT id FROM t WHERE did IN (SELECT id FROM d)",
        "replay | key id | its WHERE holds a subquery",
    ),
    (
        "SELECT id FROM t WHERE did NOT IN (SELECT id FROM d)",
        "replay | key id | its WHERE holds a subquery",
    ),
    (
        "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM d WHERE d.id = t.did)",
        "replay | key id | its WHERE holds a subquery",
    ),
    (
        "SELECT id, (SELECT max(grp) FROM d) AS g FROM t",
        "replay | key id | its SELECT holds a subquery",
    ),
    (
        "SELECT id, (SELECT max(name) FROM d WHERE d.id = t.did) AS n FROM t",
        "replay | key id | its SELECT holds a subquery",
    ),
    (
        "SELECT t.id FROM t JOIN d ON t.did = d.id AND t.a IN (SELECT a FROM c)",
        "replay | key id | a join condition holds a subquery",
    ),
    (
        "SELECT id FROM t WHERE a = (SELECT min(id) FROM t)",
        "replay | key id | its WHERE holds a subquery",
    ),
];
