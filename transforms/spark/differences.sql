-- Statements whose answer here is not that of Spark, with the reasons. Format: `-- # reason`, then the statements.

-- # A TIMESTAMP_NTZ is a TIMESTAMP here: with the time zone UTC they show the same.
SELECT make_timestamp_ntz(2026, 2, 28, 6, 30, 45.5);
SELECT make_timestamp_ntz(2026, 2, 30, 6, 30, 45);
SELECT make_timestamp_ntz(NULL, 2, 28, 6, 30, 45);
SELECT convert_timezone('Europe/Brussels', 'America/Los_Angeles', timestamp_ntz'2021-12-06 00:00:00');
SELECT convert_timezone('Europe/Brussels', timestamp_ntz'2021-12-05 15:00:00');
SELECT convert_timezone('UTC', NULL, timestamp_ntz'2021-12-05 15:00:00');
SELECT to_timestamp_ntz('2026-12-31 00:12:00');
SELECT to_timestamp_ntz('31/12/2026', 'dd/MM/yyyy');
SELECT to_timestamp_ntz(NULL);
SELECT typeof(localtimestamp());
-- # Windows of time are refused; group by date_trunc().
SELECT window.start, window.end, count(*) FROM events WHERE at IS NOT NULL GROUP BY window(at, '1 day') ORDER BY 1;
SELECT window(at, '12 hours').start AS s FROM events WHERE id = 10000000002;
-- # Intervals are for arithmetic with dates and timestamps; as columns they have other types than Spark's.
SELECT make_interval(100, 11, 1, 1, 12, 30, 01.001001);
SELECT make_interval();
SELECT make_interval(0, 1, 0, 1, 0, 0, 100.000001);
SELECT make_interval(1, NULL);
SELECT make_interval(0, -1, 0, -2);
SELECT make_dt_interval(1, 12, 30, 01.001001);
SELECT make_dt_interval(100, NULL, 3);
SELECT make_dt_interval();
SELECT make_ym_interval(1, 2);
SELECT make_ym_interval(0, 14);
SELECT make_ym_interval(NULL, 1);
-- # A BOOLEAN is a number of seconds here, and text in Spark.
SELECT to_timestamp(true);
-- # Intervals are for arithmetic with dates and timestamps; as columns they have other types than Spark's.
SELECT sum(x) FROM VALUES (INTERVAL 1 DAY), (INTERVAL 2 DAY) AS t(x);
SELECT median(x) FROM VALUES (INTERVAL '0' MONTH), (INTERVAL '10' MONTH) AS t(x);
SELECT typeof(INTERVAL 1 DAY), typeof(INTERVAL 1 MONTH), typeof(make_interval(1));
SELECT CAST(INTERVAL 3 DAYS AS INT);
SELECT CAST(INTERVAL 14 MONTHS AS INT);
SELECT CAST(INTERVAL 1 DAY AS STRING);
SELECT CAST(INTERVAL '1 02:03:04.5' DAY TO SECOND AS STRING);
SELECT CAST(INTERVAL 14 MONTHS AS STRING);
SELECT CAST(make_interval(1, 2, 0, 3, 4, 5, 6.5) AS STRING);
SELECT CAST('1 day' AS INTERVAL);
SELECT CAST('3' AS INTERVAL DAY);
SELECT CAST(INTERVAL 36 HOURS AS INTERVAL DAY TO SECOND);
SELECT CAST('bad' AS INTERVAL);
SELECT region, product, max(day) - min(day) AS span FROM sales GROUP BY ALL ORDER BY region, product;
SELECT -'5';
SELECT +'5';
SELECT -'abc';
SELECT INTERVAL 1 DAY;
SELECT INTERVAL '1' DAY;
SELECT INTERVAL -1 DAY;
SELECT INTERVAL '-1' DAY;
SELECT -INTERVAL 1 DAY;
SELECT INTERVAL 1 DAYS;
SELECT INTERVAL 2 WEEKS;
SELECT INTERVAL 1 YEAR;
SELECT INTERVAL 1 YEAR 2 MONTHS;
SELECT INTERVAL 1 DAY 2 HOURS 3 MINUTES 4 SECONDS;
SELECT INTERVAL '1-2' YEAR TO MONTH;
SELECT INTERVAL '1 02:03:04.567' DAY TO SECOND;
SELECT INTERVAL '02:03' HOUR TO MINUTE;
SELECT INTERVAL '1 day 2 hours';
SELECT INTERVAL 1.5 SECONDS;
SELECT INTERVAL '1.5' SECOND;
SELECT INTERVAL 100 MILLISECONDS;
SELECT INTERVAL '1 02' DAY TO HOUR;
SELECT abs(INTERVAL -'1' DAY);
SELECT sign(INTERVAL -'100' YEAR);
SELECT try_add(DATE'2026-01-01', INTERVAL 1 MONTH);
SELECT try_add(TIMESTAMP'2026-01-01 00:00:00', INTERVAL 1 DAY);
SELECT try_subtract(DATE'2026-01-01', INTERVAL 1 DAY);
SELECT try_multiply(INTERVAL 2 YEARS, 3);
SELECT try_divide(INTERVAL 2 MONTHS, 2);
SELECT date_part('days', INTERVAL 5 DAYS 3 HOURS);
SELECT extract(DAY FROM INTERVAL 5 DAYS 3 HOURS);
SELECT DATE'2026-01-31' - DATE'2026-01-01';
SELECT typeof(DATE'2026-01-31' - DATE'2026-01-01');
SELECT TIMESTAMP'2026-01-02 01:00:00' - TIMESTAMP'2026-01-01 00:00:00';
SELECT TIMESTAMP'2026-01-02 01:00:00' - DATE'2026-01-01';
SELECT '2026-01-31' + INTERVAL 1 DAY;
SELECT DATE'2026-01-31' - NULL;
SELECT INTERVAL 1 DAY + INTERVAL 2 HOURS;
SELECT INTERVAL 1 DAY * 3;
SELECT INTERVAL 3 DAYS / 2;
SELECT -INTERVAL 1 MONTH;
-- # Arrays and structs with NULL in them are ordered otherwise.
SELECT max(nums), max(info) FROM nested;
-- # Rows of a sorted subquery have no order.
SELECT last(name) FROM (SELECT * FROM people ORDER BY id DESC) t;
-- # Refused with a message: rare types of arguments, nested WITH of the same name, several columns before IN, a scalar SELECT without rows.
SELECT approx_count_distinct(x) FROM VALUES (0.0D), (-0.0D) AS t(x);
SELECT region, grouping__id FROM sales GROUP BY region WITH CUBE ORDER BY 2, 1;
SELECT arrays_zip();
SELECT map_zip_with(map(1, 2), CAST(NULL AS MAP<INT, INT>), (k, a, b) -> a);
SELECT try_cast(array('1', 'x') AS ARRAY<INT>);
SELECT id, a, b FROM people LATERAL VIEW stack(2, id, 'x', id * 10, 'y') s AS a, b WHERE id < 3 ORDER BY id, a;
WITH t AS (SELECT 1 AS x) SELECT * FROM (WITH t AS (SELECT 2 AS x) SELECT * FROM t);
SELECT (SELECT id FROM people WHERE id > 100);
SELECT id FROM people WHERE (id, boss) IN (SELECT id, boss FROM people WHERE boss = 1) ORDER BY id;
VALUES (1, 'a'), (2, 'b') ORDER BY col1;
SELECT round(2.5, '1');
SELECT map('a', 1)[1];
SELECT to_json(map(named_struct('a', 1), 2));
SELECT pmod(NULL, 3);
SELECT try_add(DATE'2026-01-01', 1);
-- # Refused: a CAST beside a plain literal in one column of VALUES.
SELECT variance(x) FROM VALUES (1.0D), (CAST('NaN' AS DOUBLE)) AS t(x);
SELECT max_by(x, y) FROM VALUES ('a', 1.0D), ('b', CAST('NaN' AS DOUBLE)) AS t(x, y);
-- # grouping() is an INT.
SELECT region, product, grouping(region), grouping(product) FROM sales GROUP BY ROLLUP(region, product) ORDER BY grouping(region), grouping(product), region, product;
SELECT region, grouping(region), sum(quantity) FROM sales GROUP BY CUBE(region) ORDER BY 2, 1;
-- # Refused: `histogram_numeric`; sketches of Spark cannot be made here; count, group or take percentiles instead.
SELECT histogram_numeric(x, 5) FROM VALUES (0), (1), (2), (10) AS t(x);
-- # NULL without a type keeps none.
SELECT shuffle(NULL);
SELECT negative(NULL);
SELECT positive(NULL);
-- # Refused: all fields of a struct at once (`s.*`, `struct(*)`), and a field of an array of structs; name the fields, use transform().
SELECT struct(*) FROM people ORDER BY id LIMIT 1;
SELECT id, tags[0], nums[1], props['x'], info.a, info.b, items[0].sku, items.qty FROM nested ORDER BY id;
SELECT id, info.* FROM nested ORDER BY id;
SELECT array(named_struct('a', 1), named_struct('a', 2)).a;
SELECT typeof(tags), typeof(nums), typeof(props), typeof(info), typeof(items), typeof(items.sku) FROM nested WHERE id = 1;
SELECT info.* FROM nested WHERE id = 1;
SELECT id, to_json(struct(*)) FROM people ORDER BY id;
-- # Refused: `bitmap_construct_agg`; sketches of Spark cannot be made here; count, group or take percentiles instead.
SELECT substring(hex(bitmap_construct_agg(bitmap_bit_position(col))), 0, 6) FROM VALUES (1), (2), (3) AS tab(col);
SELECT bitmap_count(bitmap_construct_agg(bitmap_bit_position(id))) FROM people;
-- # Refused: `bitmap_or_agg`; sketches of Spark cannot be made here; count, group or take percentiles instead.
SELECT substring(hex(bitmap_or_agg(col)), 0, 6) FROM VALUES (X'10'), (X'20'), (X'40') AS tab(col);
SELECT bitmap_count(bitmap_or_agg(col)) FROM VALUES (X'10'), (X'20'), (X'10') AS tab(col);
-- # Refused: `monotonically_increasing_id`; its value depends on how rows are spread over a cluster; use row_number() OVER (ORDER BY a key), or the key itself.
SELECT monotonically_increasing_id();
SELECT typeof(monotonically_increasing_id());
SELECT id, monotonically_increasing_id() AS n FROM people ORDER BY id;
SELECT monotonically_increasing_id() + id AS n FROM people ORDER BY id;
SELECT count(DISTINCT n) = count(*) FROM (SELECT monotonically_increasing_id() AS n FROM sales) t;
SELECT min(n) >= 0 FROM (SELECT monotonically_increasing_id() AS n FROM sales) t;
SELECT id FROM people WHERE monotonically_increasing_id() < 2 ORDER BY id;
-- # Refused: `spark_partition_id`; its value depends on how rows are spread over a cluster; use row_number() OVER (ORDER BY a key), or the key itself.
SELECT spark_partition_id();
SELECT DISTINCT spark_partition_id() FROM people;
SELECT typeof(spark_partition_id());
-- # Refused: `input_file_name`; a job reads changes of a table, not files; take what is needed into a column.
SELECT input_file_name();
SELECT input_file_name() = '' FROM people LIMIT 1;
SELECT typeof(input_file_name());
-- # Refused: `current_user`; there is no Spark here that could tell; write the value itself.
SELECT length(current_user()) > 0;
SELECT current_user() = current_user;
SELECT typeof(current_user());
-- # Refused: `user`; there is no Spark here that could tell; write the value itself.
SELECT user() = current_user();
-- # Refused: `version`; there is no Spark here that could tell; write the value itself.
SELECT version() RLIKE '^3[.]5[.]';
SELECT typeof(version());
SELECT length(version()) > 5;
-- # Refused: `current_database`; there is no Spark here that could tell; write the value itself.
SELECT current_database();
-- # Refused: `current_schema`; there is no Spark here that could tell; write the value itself.
SELECT current_schema();
-- # Refused: `current_catalog`; there is no Spark here that could tell; write the value itself.
SELECT current_catalog();
-- # Refused: the words today, now, yesterday and tomorrow as texts; write current_date() or now().
SELECT CAST('today' AS DATE) = current_date();
SELECT CAST('today' AS TIMESTAMP) = CAST(current_date() AS TIMESTAMP);
-- # Refused: a text that is a time without a date, before which Spark puts the current date.
SELECT CAST('T10:00:00' AS TIMESTAMP) = CAST(current_date() AS TIMESTAMP) + INTERVAL 10 HOURS;
SELECT CAST('10:00:00' AS TIMESTAMP) = CAST(current_date() AS TIMESTAMP) + INTERVAL 10 HOURS;
SELECT hour('12:03:04');
SELECT minute('12:03:04');
SELECT second('12:03:04');
SELECT date_format(to_timestamp('12:34:56'), 'HH:mm:ss');
-- # Times beyond the year 262142 are read, and shown otherwise.
SELECT CAST(9223372036854775807L AS TIMESTAMP);
-- # A TIMESTAMP_NTZ is a TIMESTAMP here: with the time zone UTC they show the same.
SELECT CAST('2026-01-01 10:00:00' AS TIMESTAMP_NTZ);
SELECT CAST('2026-01-01T10:00:00+02:00' AS TIMESTAMP_NTZ);
SELECT CAST(TIMESTAMP'2026-01-01 10:00:00' AS TIMESTAMP_NTZ);
SELECT CAST(DATE'2026-01-01' AS TIMESTAMP_NTZ);
SELECT CAST('abc' AS TIMESTAMP_NTZ);
SELECT TIMESTAMP_NTZ'2026-01-02 03:04:05';
SELECT TIMESTAMP_LTZ'2026-01-02 03:04:05';
-- # Decimals in calls beside integer literals are wider here, with the same values; a literal beyond BIGINT likewise.
SELECT 1.5D, 1e3, 1.5E-3, 1L, 2S, 3Y, 1.5F, 1.5BD, 1e3BD;
SELECT typeof(1.5), typeof(0.05), typeof(100.), typeof(00.5), typeof(1e3BD);
SELECT 1.5 + 1L;
SELECT mod(5.5, 2), pmod(-5.5, 2);
SELECT 1L + 1.5;
SELECT pmod(-1.5, 1);
SELECT try_add(1.5, 2);
SELECT -5, +5, - -5, -(-5), -5.5, -NULL;
SELECT id, ntile() OVER (ORDER BY id) AS n FROM people ORDER BY id;
-- # Not parsed here.
SELECT ı FROM (SELECT 1 AS ı) t;
SELECT p.id, x FROM people p JOIN LATERAL explode(array(p.id, p.id * 10)) AS t(x) WHERE p.id < 3 ORDER BY p.id, x;
SELECT * FROM VALUES 1, 2, 3 AS t(x) ORDER BY x;
SELECT count(*) FROM range(0, 100, 1, 4);
FROM people SELECT id WHERE id < 3 ORDER BY id;
SELECT count(*) FROM (TABLE people);
SELECT (1, 'a'), (1, 'a').col1;
SELECT 1 !< 2, 1 !> 2;
SELECT 'a' RLIKE NULL;
SELECT trim(BOTH FROM '  a  ');
SELECT trim(LEADING FROM '  a  ');
SELECT id, sum(id) OVER (DISTRIBUTE BY active SORT BY id) FROM people ORDER BY id;
-- # Names of long expressions without an alias are shorter here, and no two are the same; give an alias.
SELECT count(*), count(1), count(DISTINCT city), sum(id), avg(score) FROM people;
SELECT CAST(id AS STRING), string(id), CAST('1' AS INT) FROM people WHERE id = 1;
SELECT 1, 'a', 1.5, NULL, true, DATE'2026-01-01', TIMESTAMP'2026-01-01 00:00:00', X'1F', 1.5D, 1L;
SELECT tags[0], props['x'], info.a, items.sku, items[0].qty FROM nested WHERE id = 1;
SELECT id <=> 1, id = 1, id <> 1, id != 1, id == 1, id % 2, id DIV 2, id & 1, name || 'x' FROM people WHERE id = 1;
SELECT sum(quantity) OVER (PARTITION BY region ORDER BY id) FROM sales WHERE id = 1;
SELECT row_number() OVER (ORDER BY id) FROM people WHERE id = 1;
SELECT sum(amount) FILTER (WHERE id > 1) FROM sales;
SELECT (SELECT max(id) FROM people), EXISTS (SELECT 1 FROM people WHERE id = 1);
SELECT transform(array(1), x -> x + 1);
SELECT date_add(day, 1), year(day), day + INTERVAL 1 DAY, extract(YEAR FROM day) FROM sales WHERE id = 1;
SELECT first(id), last(id), first(id, true), max(id), collect_list(id) FROM people WHERE id = 1;
SELECT percentile_approx(id, 0.5), count_if(id > 1), approx_count_distinct(id) FROM people;
SELECT round(1.5), round(1.55, 1), lag(id) OVER (ORDER BY id) FROM people WHERE id = 1;
SELECT substring(name FROM 1 FOR 2), trim(BOTH 'A' FROM name), position('n' IN name) FROM people WHERE id = 1;
-- # Refused: the same column twice, also through `*`; name the columns.
SELECT id, id FROM people WHERE id = 1;
SELECT k, l.k, r.k FROM (SELECT 1 AS k) l FULL JOIN (SELECT 2 AS k) r USING (k) ORDER BY k;
SELECT *, id FROM people WHERE id = 1;
-- # Refused: IN (SELECT …) and EXISTS as values of the select list or in CASE; use a join.
SELECT id IN (SELECT person FROM sales WHERE person IS NOT NULL) AS buyer, id FROM people ORDER BY id;
SELECT CASE WHEN EXISTS (SELECT 1 FROM people WHERE id = 1) THEN 'yes' ELSE 'no' END;
-- # Refused: EXCEPT ALL and INTERSECT ALL.
SELECT person FROM sales EXCEPT ALL SELECT id FROM people ORDER BY person;
SELECT person FROM sales INTERSECT ALL SELECT person FROM sales WHERE quantity = 1 ORDER BY person;
SELECT x FROM VALUES (1), (1), (2) AS t(x) EXCEPT ALL SELECT 1 ORDER BY x;
-- # Refused: `aes_encrypt`; values cannot be encrypted here.
SELECT hex(aes_encrypt('Spark', '0000111122223333', 'ECB'));
SELECT length(aes_encrypt('Spark', '0000111122223333'));
SELECT aes_encrypt(NULL, '0000111122223333');
SELECT CAST(aes_decrypt(aes_encrypt('Spark', '0000111122223333'), '0000111122223333') AS STRING);
SELECT CAST(aes_decrypt(aes_encrypt('Spark', 'abcdefghijklmnop', 'ECB'), 'abcdefghijklmnop', 'ECB') AS STRING);
-- # Refused: what overflows when its sign is changed, where Spark keeps it.
SELECT -CAST(-2147483648 AS INT);
SELECT negative(CAST(-2147483648 AS INT));
-- # Refused: `from_json`; read the field as STRING, then use to_timestamp or to_date with a pattern.
SELECT from_json('{"t":"26/08/2015"}', 't TIMESTAMP', map('timestampFormat', 'dd/MM/yyyy'));
SELECT from_json('{"d":"03.02.2026"}', 'd DATE', map('dateFormat', 'dd.MM.yyyy'));
-- # Refused: `to_json`; make the field a text with date_format first.
SELECT to_json(named_struct('t', TIMESTAMP'2026-01-02 03:04:05'), map('timestampFormat', 'dd/MM/yyyy'));
-- # Refused: `schema_of_json`; it takes a literal and no options.
SELECT schema_of_json('[{"col":01}]', map('allowNumericLeadingZeros', 'true'));
-- # Refused: `from_csv`; split the text with split(text, ',').
SELECT from_csv('1, 0.8', 'a INT, b DOUBLE');
SELECT from_csv('26/08/2015', 'time TIMESTAMP', map('timestampFormat', 'dd/MM/yyyy'));
SELECT from_csv('x', 'a INT');
SELECT from_csv(NULL, 'a INT');
SELECT from_csv('"a;b";c', 'a STRING, b STRING', map('sep', ';'));
-- # Refused: `to_csv`; join values with concat_ws(',', …).
SELECT to_csv(named_struct('a', 1, 'b', 2));
SELECT to_csv(named_struct('a', 'x,y', 'b', NULL, 'c', ''));
SELECT to_csv(named_struct('t', DATE'2026-01-02'), map('dateFormat', 'dd/MM/yyyy'));
-- # Refused: `schema_of_csv`; split the text with split(text, ',').
SELECT schema_of_csv('1,abc,1.5');
SELECT schema_of_csv('2026-01-01|true', map('delimiter', '|'));
-- # Refused: a doubled quote within a text, which Spark drops and other databases keep; write \' instead.
SELECT 'it''s';
SELECT "say ""hi""";
SELECT initcap('o''neil-smith x.y');
-- # Raw texts end at a backslash before a quote, and keep doubled quotes; X"…" is X'…' here.
SELECT length(r'\');
SELECT r'it''s';
SELECT X"1F";
-- # Refused: `rand`; the numbers of a seed cannot be given as Spark gives them; use rand() without a seed, or a hash of the key.
SELECT rand(1) = rand(1);
-- # Refused: `random`; the numbers of a seed cannot be given as Spark gives them; use rand() without a seed, or a hash of the key.
SELECT random(0) < 1;
-- # Refused: `randn`; its numbers differ at each run; use rand(), or a hash of the key.
SELECT randn() BETWEEN -20 AND 20;
SELECT typeof(randn(1));
SELECT randn(3) IS NULL;
-- # Refused: LIKE ALL; join the conditions with AND.
SELECT 'abc' LIKE ALL ('a%', '%c'), 'abc' LIKE ALL ('a%', 'x%');
SELECT 'abc' NOT LIKE ANY ('a%', 'x%'), 'abc' NOT LIKE ALL ('x%', 'y%');
SELECT 'abc' LIKE SOME ('a%', NULL), 'abc' LIKE ANY ('x%', NULL), 'abc' LIKE ALL ('a%', NULL);
SELECT 'ABC' ILIKE ANY ('a%', 'x%'), 'ABC' ILIKE ALL ('a%', '%c');
-- # `||` of BINARY gives text; use concat().
SELECT X'01' || X'02';
-- # Refused: look-around and back-references in regular expressions.
SELECT regexp_extract('foobar', 'foo(?=bar)', 0);
SELECT regexp_extract('abab', '(ab)\\1', 1);
-- # `${name}` names a group in replacements; Spark takes it for a variable.
SELECT regexp_replace('abc', '(?<letter>b)', '<${letter}>');
-- # Refused: `to_number`; use CAST(replace(text, ',', '') AS DECIMAL(p, s)).
SELECT to_number('454', '999');
SELECT to_number('454.00', '000.00');
SELECT to_number('12,454', '99,999');
SELECT to_number('$78.12', '$99.99');
SELECT to_number('-12', 'S99');
SELECT to_number('12-', '99MI');
SELECT to_number('<12>', '99PR');
SELECT to_number(NULL, '99');
-- # Refused: `try_to_number`; use CAST(replace(text, ',', '') AS DECIMAL(p, s)).
SELECT try_to_number('454', '999');
SELECT try_to_number('abc', '99');
SELECT try_to_number('12345', '99');
SELECT try_to_number(NULL, '99');
-- # Refused: `to_char`; use format_number(number, '#,##0.00') or date_format(time, pattern).
SELECT to_char(454, '999');
SELECT to_char(454.00, '000D00');
SELECT to_char(12454, '99G999');
SELECT to_char(78.12, '$99.99');
SELECT to_char(-12454.8, '99G999D9S');
SELECT to_char(12345, '999');
SELECT to_char(NULL, '99');
SELECT to_char(7, '000');
SELECT to_char(0.5, '0.0');
SELECT to_char(-5, 'S99');
SELECT to_char(-5, '99PR');
-- # Refused: `to_varchar`; use format_number(number, '#,##0.00').
SELECT to_varchar(454, '999');
SELECT to_varchar(12454, '99,999');
SELECT to_varchar(NULL, '9');
-- # Refused: `sentences`; split text with split(text, pattern).
SELECT sentences('Hi there! Good morning.');
SELECT sentences(NULL);
SELECT sentences('');
-- # Refused: `str_to_map`; it takes a text and delimiters that are literals without patterns; use split() and map_from_entries() instead.
SELECT str_to_map('a1b22c', '[0-9]+', ':');
-- # Refused: TABLESAMPLE; filter by a hash of the key.
SELECT id FROM people TABLESAMPLE (100 PERCENT) ORDER BY id;
