//! Joins of all kinds.

pub(in super::super) const JOINS_BY_KEY: &[(&str, &str)] = &[
    (
        "SELECT t.id, d.name FROM t JOIN d ON t.did = d.id",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, d.name FROM t JOIN d ON d.id = t.did",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, d.name FROM t LEFT JOIN d ON t.did = d.id",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, d.name FROM d RIGHT JOIN t ON t.did = d.id",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, d.name FROM t LEFT JOIN d ON t.did = d.id AND t.a > 3 AND d.grp = 1",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, d.name FROM t JOIN d ON t.did = d.id WHERE d.grp > 0",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, d.name FROM t LEFT JOIN d ON t.did = d.id WHERE d.id IS NULL",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, c.note FROM t JOIN c ON t.a = c.a AND t.b = c.b",
        "row-wise t + c | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to c by key",
    ),
    (
        "SELECT t.id, c.note FROM t LEFT JOIN c ON t.b = c.b AND t.a = c.a",
        "row-wise t + c | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to c by key",
    ),
    (
        "SELECT t.id, d.name, c.note FROM t JOIN d ON t.did = d.id LEFT JOIN c ON t.a = c.a AND d.grp = c.b",
        "row-wise t + c + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to c, d by key",
    ),
    (
        "SELECT t.id, d.name FROM t JOIN d ON t.did + 1 = d.id",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, q.name FROM t JOIN (SELECT id, name FROM d WHERE grp = 1) q ON t.did = q.id",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, q.n FROM t LEFT JOIN (SELECT grp, count(*) AS n FROM d GROUP BY grp) q ON t.a = q.grp",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, q.n FROM t LEFT JOIN (SELECT a, b, count(*) AS n FROM log CROSS JOIN c GROUP BY a, b) q ON t.a = q.a AND t.b = q.b",
        "row-wise t + c + log | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to c, log by key",
    ),
    (
        "SELECT * FROM (SELECT t.id, d.name, did FROM t JOIN d ON t.did = d.id) q",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, s.label FROM t LEFT JOIN s ON t.x = s.code",
        "row-wise t + s | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to s by key",
    ),
    (
        "SELECT t.id, d.name FROM t LEFT JOIN (d JOIN s ON d.name = s.code) ON t.did = d.id",
        "row-wise t + d + s | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d, s by key",
    ),
    (
        "SELECT * FROM d JOIN (SELECT id AS tid, did FROM t) q ON q.did = d.id",
        "row-wise t + d | key tid = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, d.name FROM d JOIN t ON t.did = d.id",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, d.name FROM t, d WHERE t.did = d.id",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id AS tid, d.* FROM t JOIN d ON t.did = d.id",
        "row-wise t + d | key tid = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT d.id AS id, t.x FROM t JOIN d ON t.did = d.id",
        "replay | no key | it does not keep the key of `t`",
    ),
    (
        "SELECT d.id AS id, t.x FROM t JOIN d ON t.id = d.id",
        "replay | no key | it does not keep the key of `t`",
    ),
    (
        "SELECT t.id, u.name FROM t JOIN d u ON t.did = u.id JOIN d w ON t.a = w.id",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
];

pub(in super::super) const USING: &[(&str, &str)] = &[
    (
        "SELECT id, t.x, d.name FROM t JOIN d USING (id)",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT id, d.name FROM t LEFT JOIN d USING (id)",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, note FROM t JOIN c USING (a, b)",
        "row-wise t + c | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to c by key",
    ),
    (
        "SELECT t.id, note FROM t JOIN c USING (a)",
        "replay | no key | it joins c by columns that are not its key",
    ),
    (
        "SELECT t.id, note FROM t NATURAL JOIN c",
        "row-wise t + c | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to c by key",
    ),
    (
        "SELECT * FROM t JOIN c USING (a, b)",
        "row-wise t + c | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to c by key",
    ),
];

pub(in super::super) const JOINS_OF_MANY: &[(&str, &str)] = &[
    (
        "SELECT t.id, d.name FROM t JOIN d ON t.did = d.grp",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id, c.note FROM t JOIN c ON t.a = c.a",
        "replay | no key | it joins c by columns that are not its key",
    ),
    (
        "SELECT t.id, d.name FROM t LEFT JOIN d ON t.did = d.id OR t.a = d.id",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id, d.name FROM t LEFT JOIN d ON t.did <= d.id",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id, d.name FROM t LEFT JOIN d ON t.did = d.id + 1",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id, d.name FROM t LEFT JOIN d ON t.did = CAST(d.id AS INT)",
        "replay | no key | it joins d by a key that is compared as another type",
    ),
    (
        "SELECT t.id, d.name FROM t LEFT JOIN d ON d.id = 1",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id, d.name FROM t JOIN d ON t.did <=> d.id",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id, d.name FROM t CROSS JOIN d",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id, d.name FROM t, d",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id, l.msg FROM t JOIN log l ON t.did = l.did",
        "replay | no key | it joins log by columns that are not its key",
    ),
    (
        "SELECT t.id, q.n FROM t CROSS JOIN (SELECT count(*) AS n FROM d) q",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id, q.one FROM t CROSS JOIN (VALUES (1), (2)) AS q(one)",
        "replay | no key | it joins rows that it makes by columns that are not its key",
    ),
    (
        "SELECT t.id, q.one FROM t LEFT JOIN (VALUES (1), (2)) AS q(one) ON t.a = q.one",
        "replay | no key | it joins rows that it makes by columns that are not its key",
    ),
    (
        "SELECT t.id, q.name FROM t JOIN (SELECT id, name FROM d UNION ALL SELECT a, note FROM c) q ON t.did = q.id",
        "replay | no key | it joins c, d by columns that are not its key",
    ),
    (
        "SELECT t.id, q.grp FROM t JOIN (SELECT DISTINCT grp FROM d) q ON t.did = q.grp",
        "replay | no key | it joins d by columns that are not its key",
    ),
    (
        "SELECT t.id, q.n FROM t LEFT JOIN (SELECT a, b, count(*) AS n FROM c GROUP BY ROLLUP (a, b)) q ON t.a = q.a AND t.b = q.b",
        "replay | no key | it joins c by columns that are not its key",
    ),
];

pub(in super::super) const JOINS_OF_TYPES: &[(&str, &str)] = &[
    (
        "SELECT t.id, d.name FROM t JOIN d ON t.v = d.id",
        "replay | no key | it joins d by a key that is compared as another type",
    ),
    (
        "SELECT t.id, s.label FROM t JOIN s ON t.did = s.code",
        "replay | no key | it joins s by a key that is compared as another type",
    ),
    (
        "SELECT t.id, d.name FROM t JOIN d ON CAST(t.did AS INT) = d.id",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, d.name FROM t JOIN d ON CAST(t.did AS STRING) = d.id",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
    (
        "SELECT t.id, d.name FROM t JOIN d ON CAST(t.v AS FLOAT) = d.id",
        "replay | no key | it joins d by a key that is compared as another type",
    ),
    (
        "SELECT t.id, q.n FROM t JOIN (SELECT did, count(*) AS n FROM log GROUP BY did) q ON t.v = q.did",
        "replay | no key | it joins log by a key that is compared as another type",
    ),
    (
        "SELECT t.id, d.name FROM t JOIN d ON CAST(t.v AS DECIMAL(30, 5)) = d.id",
        "row-wise t + d | key id = t.id | it keeps the key of `t` and maps each of its rows, joined to d by key",
    ),
];

pub(in super::super) const OTHER_JOINS: &[(&str, &str)] = &[
    (
        "SELECT t.id, d.name FROM t FULL JOIN d ON t.did = d.id",
        "replay | no key | it joins in a way that is not row by row",
    ),
    (
        "SELECT t.id, d.name FROM t RIGHT JOIN d ON t.did = d.id",
        "replay | no key | it joins t by columns that are not its key",
    ),
    (
        "SELECT t.id FROM t LEFT SEMI JOIN d ON t.did = d.id",
        "replay | key id | it joins in a way that is not row by row",
    ),
    (
        "SELECT t.id FROM t LEFT ANTI JOIN d ON t.did = d.id",
        "replay | key id | it joins in a way that is not row by row",
    ),
    (
        "SELECT t.id, q.name FROM t CROSS JOIN LATERAL (SELECT name FROM d WHERE d.id = t.did) q",
        "replay | no key | it joins d by columns that are not its key",
    ),
];

pub(in super::super) const SELF_JOINS: &[(&str, &str)] = &[
    (
        "SELECT t.id, p.x FROM t JOIN t p ON t.did = p.id",
        "replay | key id | it joins `t` to itself",
    ),
    (
        "SELECT t.id, q.n FROM t JOIN (SELECT did, count(*) AS n FROM t GROUP BY did) q ON t.did = q.did",
        "replay | key id | it joins `t` to itself",
    ),
    (
        "SELECT t.id, per_d.n FROM t JOIN per_d ON t.did = per_d.did",
        "replay | key id | it joins `t` to itself",
    ),
    (
        "SELECT t.id, r.x FROM t JOIN _recent r ON t.id = r.rid",
        "replay | key id | it joins `t` to itself",
    ),
    (
        "SELECT t.id, u.x FROM t JOIN d ON t.did = d.id JOIN t u ON d.grp = u.id",
        "replay | key id | it joins `t` to itself",
    ),
];
