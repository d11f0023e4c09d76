-- Functions over columns: every argument varies row by row, NULLs among them. The other files
-- mostly ask with literals, which an engine may fold before it runs.

# year
SELECT id, year(dt), month(dt), day(dt), quarter(dt), dayofweek(dt), dayofyear(dt), weekofyear(dt), weekday(dt), last_day(dt) FROM odd ORDER BY id;
SELECT id, year(ts), hour(ts), minute(ts), second(ts), date_trunc('hour', ts), trunc(ts, 'MM') FROM odd ORDER BY id;
SELECT id, year(s), month(s), date(s), timestamp(s) FROM odd ORDER BY id;

# date_format
SELECT f, date_format(TIMESTAMP'2026-03-07 05:06:07.089', f) FROM VALUES ('yyyy-MM-dd'), ('EEEE'), ('D'), (NULL), ('hh:mm a'), ('Q') AS t(f) ORDER BY f;
SELECT id, date_format(ts, 'yyyy-MM-dd HH:mm:ss.SSSSSS'), date_format(dt, 'dd MMM yy') FROM odd ORDER BY id;
SELECT id, date_format(s, 'yyyy') FROM odd ORDER BY id;

# to_date
SELECT n, to_date(s, f) FROM VALUES (1, '31/12/2026', 'dd/MM/yyyy'), (2, '20261231', 'yyyyMMdd'), (3, NULL, 'yyyy'), (4, '2026', NULL), (5, 'abc', 'yyyy-MM-dd'), (6, '31 Dec 2026', 'dd MMM yyyy') AS t(n, s, f) ORDER BY n;
SELECT id, to_date(s), to_timestamp(s) FROM odd ORDER BY id;
SELECT n, to_date(s, 'yyyy-MM-dd') FROM VALUES (1, '2026-01-31'), (2, '2026-02-29'), (3, ''), (4, NULL), (5, 'x') AS t(n, s) ORDER BY n;

# to_timestamp
SELECT n, to_timestamp(s, f) FROM VALUES (1, '31/12/2026 10:20', 'dd/MM/yyyy HH:mm'), (2, '20261231102030', 'yyyyMMddHHmmss'), (3, NULL, 'yyyy'), (4, '2026-12-31T10:20:30.5Z', "yyyy-MM-dd'T'HH:mm:ss.SX") AS t(n, s, f) ORDER BY n;
SELECT n, to_timestamp(s) FROM VALUES (1, '2026-01-31 10:20:30.123'), (2, '2026-01-31T10:20:30+02:00'), (3, ''), (4, NULL), (5, '2026-1-1') AS t(n, s) ORDER BY n;

# unix_timestamp
SELECT id, unix_timestamp(ts), unix_timestamp(dt), to_unix_timestamp(ts) FROM odd ORDER BY id;
SELECT n, unix_timestamp(s, f) FROM VALUES (1, '31/12/2026', 'dd/MM/yyyy'), (2, '2026', 'yyyy'), (3, NULL, 'yyyy'), (4, 'x', 'yyyy') AS t(n, s, f) ORDER BY n;

# from_unixtime
SELECT n, from_unixtime(s, f) FROM VALUES (1, 0L, 'yyyy'), (2, 1767225600L, 'EEE HH'), (3, NULL, 'yyyy'), (4, -86400L, 'yyyy-MM-dd') AS t(n, s, f) ORDER BY n;

# months_between
SELECT id, months_between(dt, DATE'2026-01-31'), months_between(ts, dt), months_between(at, TIMESTAMP'2026-01-01 00:00:00', false) FROM odd JOIN (SELECT id AS eid, at FROM events) e ON eid = id + 10000000000 ORDER BY id;

# add_months
SELECT id, add_months(day, quantity), date_add(day, quantity), date_sub(day, quantity), datediff(day, DATE'2026-01-01'), next_day(day, 'MON') FROM sales ORDER BY id;

# regexp_extract
SELECT n, regexp_extract(s, p, g) FROM VALUES (1, 'a1b2', '(\\w)(\\d)', 1), (2, 'a1b2', '(\\d)', 0), (3, NULL, 'a', 0), (4, 'abc', NULL, 0), (5, 'abc', 'x', 0) AS t(n, s, p, g) ORDER BY n;
SELECT id, regexp_extract(s, '(\\d+)', 1), regexp_extract_all(s, '(\\d)', 1) FROM odd ORDER BY id;

# regexp_replace
SELECT n, regexp_replace(s, p, r) FROM VALUES (1, 'a1b2', '\\d', '#'), (2, 'a1b2', '([a-z])', '<$1>'), (3, NULL, 'a', 'b'), (4, 'abc', 'b', NULL), (5, '', '^', 'x') AS t(n, s, p, r) ORDER BY n;
SELECT id, regexp_replace(s, '[^a-z]', '') FROM odd ORDER BY id;

# rlike
SELECT n, s RLIKE p, rlike(s, p) FROM VALUES (1, 'abc', 'b'), (2, 'abc', '^c'), (3, NULL, 'a'), (4, 'abc', NULL) AS t(n, s, p) ORDER BY n;
SELECT id, s RLIKE '^[0-9]', s LIKE '%1%', s ILIKE 'A%' FROM odd ORDER BY id;

# split
SELECT n, split(s, p, l) FROM VALUES (1, 'a,b,c', ',', -1), (2, 'a,b,c', ',', 2), (3, NULL, ',', -1), (4, 'a1b', '\\d', 0), (5, '', ',', -1) AS t(n, s, p, l) ORDER BY n;
SELECT id, split(s, ''), split_part(s, '.', 1), substring_index(s, '.', -1) FROM odd ORDER BY id;

# locate
SELECT n, locate(x, s, p), instr(s, x), position(x IN s) FROM VALUES (1, 'b', 'abcb', 1), (2, 'b', 'abcb', 3), (3, '', 'abc', 2), (4, NULL, 'abc', 1), (5, 'b', NULL, 1), (6, 'b', 'abc', NULL) AS t(n, x, s, p) ORDER BY n;

# substring
SELECT n, substring(s, p, l), left(s, l), right(s, l) FROM VALUES (1, 'Spark', 2, 3), (2, 'Spark', -3, 2), (3, 'Spark', 0, 2), (4, NULL, 1, 1), (5, 'Größe🙂', 4, 9), (6, 'Spark', 2, -1), (7, 'Spark', NULL, 1) AS t(n, s, p, l) ORDER BY n;
SELECT id, substring(s, id), upper(s), lcase(s), length(s), reverse(s), initcap(s), trim(s), lpad(s, 6, '*'), rpad(s, 3, '*') FROM odd ORDER BY id;

# startswith
SELECT n, startswith(s, x), endswith(s, x), contains(s, x) FROM VALUES (1, 'abc', 'a'), (2, 'abc', 'c'), (3, 'abc', ''), (4, NULL, 'a'), (5, 'abc', NULL) AS t(n, s, x) ORDER BY n;

# concat
SELECT id, concat(s, '-', i), concat_ws('-', s, i, dt), s || b FROM odd ORDER BY id;

# get_json_object
SELECT n, get_json_object(j, p) FROM VALUES (1, '{"a":1}', '$.a'), (2, '{"a":[1,{"b":2}]}', '$.a[1].b'), (3, NULL, '$.a'), (4, '{"a":1}', NULL), (5, 'x', '$.a'), (6, '{"a":{"b":[]}}', '$.a') AS t(n, j, p) ORDER BY n;
SELECT id, get_json_object(payload, concat('$.', kind)), get_json_object(payload, '$.name'), json_array_length(get_json_object(payload, '$.items')) FROM events ORDER BY id;

# from_json
SELECT n, from_json(j, 'a INT, b ARRAY<STRING>') FROM VALUES (1, '{"a":1,"b":["x",null]}'), (2, '{"a":"no"}'), (3, NULL), (4, 'bad'), (5, ''), (6, '[]') AS t(n, j) ORDER BY n;
SELECT id, from_json(payload, 'MAP<STRING, STRING>') FROM events ORDER BY id;

# to_json
SELECT id, to_json(named_struct('i', i, 'd', d, 'm', m, 's', s, 'b', b, 'dt', dt, 'ts', ts)) FROM odd ORDER BY id;
SELECT id, to_json(props), to_json(tags), to_json(info) FROM nested ORDER BY id;

# element_at
SELECT id, element_at(nums, id), nums[id - 1], element_at(props, tags[0]), slice(nums, 1, 2), array_contains(tags, 'red'), array_position(nums, 5), size(nums) FROM nested ORDER BY id;
SELECT n, element_at(a, i) FROM VALUES (1, array(1, 2), 1), (2, array(1, 2), -1), (3, array(1, 2), 5), (4, NULL, 1), (5, array(1), NULL) AS t(n, a, i) ORDER BY n;

# sort_array
SELECT id, sort_array(tags), sort_array(tags, false), array_sort(nums), array_distinct(nums), array_max(nums), array_min(nums), reverse(nums), array_join(tags, ',', '?'), flatten(array(nums, nums)) FROM nested ORDER BY id;
SELECT id, array_union(nums, array(9)), array_intersect(nums, array(5, 1)), array_except(nums, array(5)), array_remove(nums, 5), array_repeat(id, 2), arrays_overlap(nums, array(2)), array_compact(nums), map_keys(props), map_values(props), map_entries(props) FROM nested ORDER BY id;

# sequence
SELECT n, sequence(a, b) FROM VALUES (1, 1, 3), (2, 3, 1), (3, NULL, 1), (4, 2, 2) AS t(n, a, b) ORDER BY n;
SELECT id, sequence(day, day + INTERVAL 2 DAYS) FROM sales ORDER BY id;

# sign
SELECT id, sign(i), sign(d), sign(m), abs(l), abs(d), negative(m), i % 3, pmod(i, 3), i DIV 2, l / 2 FROM odd ORDER BY id;

# log
SELECT id, log(d), log(2, d), ln(d), log10(d), log1p(d), sqrt(d), exp(d), cbrt(d) FROM odd WHERE abs(d) < 1e300 OR d IS NULL ORDER BY id;

# round
SELECT id, round(d, 1), round(m, 1), bround(m, 0), ceil(d), floor(d), ceil(m), floor(m), rint(d), round(i, -2) FROM odd ORDER BY id;

# conv
SELECT n, conv(s, a, b) FROM VALUES (1, 'ff', 16, 10), (2, '-1', 10, 16), (3, NULL, 10, 2), (4, '12z', 10, 2), (5, '10', 99, 2), (6, '', 10, 2) AS t(n, s, a, b) ORDER BY n;
SELECT id, hex(i), bin(l), conv(s, 10, 2), hex(s), shiftleft(i, 1), bit_count(i) FROM odd ORDER BY id;

# format_number
SELECT n, format_number(x, d) FROM VALUES (1, 1234.567D, 2), (2, -1234.567D, 0), (3, NULL, 2), (4, 0.005D, 2), (5, 1e15D, 1), (6, 1.5D, -1) AS t(n, x, d) ORDER BY n;
SELECT id, format_number(i, 1), format_number(m, 3), format_string('%s|%5d|%.2f', s, i, CAST(m AS DOUBLE)) FROM odd ORDER BY id;

# typeof
SELECT typeof(i), typeof(l), typeof(d), typeof(m), typeof(s), typeof(b), typeof(dt), typeof(ts), typeof(i + l), typeof(i / 2), typeof(m * m), typeof(i + m), typeof(d + m), typeof(coalesce(i, l)) FROM odd WHERE id = 1;
SELECT typeof(tags), typeof(nums), typeof(props), typeof(info), typeof(items), typeof(items.sku) FROM nested WHERE id = 1;

# int
SELECT id, int(s), double(s), string(d), string(m), string(ts), boolean(s), bigint(d), float(m), date(ts), timestamp(dt) FROM odd ORDER BY id;

# hash
SELECT id, hash(i), hash(l), hash(d), hash(m), hash(s), hash(b), hash(dt), hash(ts), hash(i, s), xxhash64(i, s, ts) FROM odd ORDER BY id;
SELECT id, hash(tags), hash(nums), hash(info), hash(items), md5(tags[0]), sha2(tags[0], 256), crc32(tags[0]) FROM nested ORDER BY id;

# isnull
SELECT id, isnull(i), isnotnull(s), nvl(i, 0), nvl2(s, 'y', 'n'), nullif(i, 7), ifnull(s, 'none'), coalesce(s, dt, 'x'), if(b, 1, 0), isnan(d), nanvl(d, 0D) FROM odd ORDER BY id;

# greatest
SELECT id, greatest(i, l), least(i, 5), greatest(d, 0D), greatest(dt, DATE'2000-01-01'), least(s, 'b') FROM odd ORDER BY id;

# case
SELECT id, CASE WHEN i > 0 THEN 'pos' WHEN i < 0 THEN 'neg' WHEN i = 0 THEN 'zero' END, CASE s WHEN '' THEN 'empty' WHEN 'abc' THEN 'abc' ELSE 'other' END FROM odd ORDER BY id;

# transform
SELECT id, transform(nums, (n, i) -> n * i + id), filter(tags, t -> t LIKE '%e%'), exists(nums, n -> n > 2), forall(nums, n -> n > 0), aggregate(nums, 0, (a, n) -> a + n), zip_with(nums, tags, (n, t) -> concat(n, t)), transform_values(props, (k, v) -> v + 1), map_filter(props, (k, v) -> v > 1) FROM nested ORDER BY id;

# window frame
SELECT id, lag(i, 1, 0) OVER (ORDER BY id), lead(s) OVER (ORDER BY id), sum(m) OVER (ORDER BY id), max(ts) OVER (PARTITION BY b ORDER BY id), row_number() OVER (PARTITION BY b ORDER BY d DESC, id), first(s) IGNORE NULLS OVER (ORDER BY id DESC) FROM odd ORDER BY id;
