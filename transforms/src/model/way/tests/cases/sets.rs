//! Grouping, sets, windows, sources without key, functions.

pub(in super::super) const SETS: &[(&str, &str)] = &[
    ("SELECT did, count(*) AS n FROM t GROUP BY did", "replay | key did | it groups rows"),
    (
        "SELECT upper(x) AS u, sum(a) AS s FROM t GROUP BY upper(x)",
        "replay | key u | it groups rows",
    ),
    ("SELECT sum(a) AS s FROM t GROUP BY did", "replay | no key | it groups rows"),
    (
        "SELECT did, b, max(x) AS m FROM t GROUP BY did, b HAVING count(*) > 1",
        "replay | key did, b | it groups rows",
    ),
    ("SELECT did AS k, count(*) AS n FROM t GROUP BY 1", "replay | key k | it groups rows"),
    ("SELECT count(*) AS n FROM t", "replay | no key | it groups rows"),
    ("SELECT id, count(*) AS n FROM t GROUP BY id", "replay | key id | it groups rows"),
    ("SELECT id, x, count(*) AS n FROM t GROUP BY id, x", "replay | key id | it groups rows"),
    (
        "SELECT d.id, d.name, count(*) AS n FROM t JOIN d ON t.did = d.id GROUP BY d.id, d.name",
        "replay | key id | it groups rows",
    ),
    (
        "SELECT did, b, count(*) AS n FROM t GROUP BY ROLLUP (did, b)",
        "replay | no key | it groups rows",
    ),
    (
        "SELECT did, b, count(*) AS n FROM t GROUP BY GROUPING SETS ((did), (b))",
        "replay | no key | it groups rows",
    ),
    (
        "SELECT did, b, count(*) AS n FROM t GROUP BY CUBE (did, b)",
        "replay | no key | it groups rows",
    ),
    ("SELECT did, n + 1 AS n FROM per_d", "replay | key did | it groups rows"),
    (
        "SELECT p.did, d.name FROM per_d p JOIN d ON p.did = d.id",
        "replay | key did | it does not keep the key of `d`",
    ),
    (
        "SELECT d.name, p.did FROM d JOIN per_d p ON p.did = d.id",
        "replay | no key | it does not keep the key of `d`",
    ),
    (
        "SELECT id, count(*) AS n FROM (SELECT id, unnest(make_array(a, b)) AS e FROM t) q GROUP BY id",
        "replay | key id | it groups rows",
    ),
    (
        "SELECT d.id, count(t.id) AS n FROM d LEFT JOIN t ON t.did = d.id GROUP BY d.id",
        "replay | key id | it groups rows",
    ),
    (
        "SELECT d.id, d.name, count(*) AS n FROM t LEFT JOIN d ON t.did = d.id GROUP BY d.id, d.name",
        "replay | key id | it groups rows",
    ),
    (
        "SELECT c.a, c.b, d.id, count(*) AS n FROM c JOIN d ON c.a = d.grp CROSS JOIN t GROUP BY c.a, c.b, d.id",
        "replay | key a, b, id | it groups rows",
    ),
    (
        "SELECT c.a, count(*) AS n FROM c JOIN d ON c.a = d.grp GROUP BY c.a",
        "replay | key a | it groups rows",
    ),
    ("SELECT did, count(*) AS n FROM per_d GROUP BY did", "replay | key did | it groups rows"),
    ("SELECT DISTINCT did FROM t", "replay | no key | it uses DISTINCT"),
    ("SELECT DISTINCT id, x FROM t", "replay | key id | it uses DISTINCT"),
    (
        "SELECT DISTINCT ON (did) did, x FROM t ORDER BY did, x",
        "replay | no key | it uses DISTINCT",
    ),
    ("SELECT id, x FROM t UNION ALL SELECT id, name FROM d", "replay | no key | it uses UNION"),
    ("SELECT id FROM t UNION SELECT id FROM d", "replay | no key | it uses UNION"),
    (
        "SELECT id FROM t INTERSECT SELECT id FROM d",
        "replay | key id | it joins in a way that is not row by row",
    ),
    (
        "SELECT id FROM t EXCEPT SELECT id FROM d",
        "replay | key id | it joins in a way that is not row by row",
    ),
    ("SELECT id, x FROM t LIMIT 10", "replay | key id | it uses LIMIT"),
    ("SELECT id, x FROM t ORDER BY x LIMIT 10", "replay | key id | it uses LIMIT"),
    ("SELECT id, x FROM t LIMIT ALL OFFSET 2", "replay | key id | it uses LIMIT"),
    ("SELECT 1 AS one", "replay | no key | it reads no source"),
    ("SELECT * FROM (VALUES (1), (2)) AS q(one)", "replay | no key | it reads no source"),
];

pub(in super::super) const WINDOWS: &[(&str, &str)] = &[
    (
        "SELECT id, row_number() OVER (PARTITION BY did ORDER BY a) AS rn FROM t",
        "replay | key id | it uses window functions",
    ),
    (
        "SELECT id, did FROM t QUALIFY row_number() OVER (PARTITION BY did ORDER BY id) = 1",
        "replay | key id | it uses window functions",
    ),
    (
        "SELECT id, did FROM (SELECT id, did, row_number() OVER (PARTITION BY did ORDER BY id) AS rn FROM t) q WHERE rn = 1",
        "replay | key id | it uses window functions",
    ),
    (
        "SELECT id, unnest(make_array(a, b)) AS ab FROM t",
        "replay | no key | it makes several rows of one",
    ),
    (
        "SELECT t.id, q.e FROM t JOIN (SELECT id, unnest(make_array(grp, 1)) AS e FROM d) q ON t.did = q.id",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id, q.name FROM t JOIN (SELECT id, name FROM d LIMIT 5) q ON t.did = q.id",
        "replay | key id | it joins d by LIMIT or windows, which may differ in another run",
    ),
    (
        "SELECT t.id, q.rn FROM t JOIN (SELECT id, row_number() OVER (ORDER BY grp) AS rn FROM d) q ON t.did = q.id",
        "replay | key id | it joins d by LIMIT or windows, which may differ in another run",
    ),
    (
        "WITH RECURSIVE r AS (SELECT id, did FROM t WHERE did IS NULL UNION ALL SELECT t.id, t.did FROM t JOIN r ON t.did = r.id) SELECT id, did FROM r",
        "replay | no key | it is recursive",
    ),
];

pub(in super::super) const APPENDED: &[(&str, &str)] = &[
    ("SELECT * FROM log", "append log | no key | it follows `log`, which has no key"),
    (
        "SELECT msg, upper(msg) AS u FROM log WHERE did > 0",
        "append log | no key | it follows `log`, which has no key",
    ),
    (
        "SELECT l.msg, d.name FROM log l LEFT JOIN d ON l.did = d.id",
        "append log + d | no key | it follows `log`, which has no key, joined to d by key",
    ),
    (
        "SELECT l.msg, d.name FROM log l JOIN d ON l.did = d.grp",
        "replay | no key | it joins d by columns that are not its key",
    ),
    ("SELECT did, count(*) AS n FROM log GROUP BY did", "replay | key did | it groups rows"),
    ("SELECT DISTINCT msg FROM log", "replay | no key | it uses DISTINCT"),
    (
        "SELECT l.msg, d.name FROM d RIGHT JOIN log l ON l.did = d.id",
        "append log + d | no key | it follows `log`, which has no key, joined to d by key",
    ),
];

pub(in super::super) const FUNCTIONS: &[(&str, &str)] = &[
    (
        "SELECT id, current_date() AS today FROM t",
        "replay | key id | `current_date` gives another value in another run, so rows of different runs would differ",
    ),
    (
        "SELECT id FROM t WHERE a < date_part('year', now())",
        "replay | key id | `now` gives another value in another run, so rows of different runs would differ",
    ),
    (
        "SELECT t.id FROM t JOIN d ON t.did = d.id AND now() IS NOT NULL",
        "replay | key id | `now` gives another value in another run, so rows of different runs would differ",
    ),
    (
        "SELECT id, random() AS r FROM t",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows | random is volatile",
    ),
    (
        "SELECT id, uuid() AS u FROM t",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows | uuid is volatile",
    ),
    (
        "SELECT id FROM t WHERE did IN (SELECT id FROM d WHERE random() > 0.5)",
        "replay | key id | its WHERE holds a subquery | random is volatile",
    ),
    (
        "SELECT did, count(*) AS n FROM t GROUP BY did HAVING random() > 0.5",
        "replay | key did | it groups rows | random is volatile",
    ),
    (
        "SELECT id, row_number() OVER (ORDER BY random()) AS rn FROM t",
        "replay | key id | it uses window functions | random is volatile",
    ),
    (
        "SELECT id FROM t ORDER BY random()",
        "row-wise t | key id = t.id | it keeps the key of `t` and maps each of its rows | random is volatile",
    ),
];
