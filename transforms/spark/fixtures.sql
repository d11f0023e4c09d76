-- The tables that the cases of cases/*.sql read. record.py creates them as temporary views of
-- Spark; the test that replays the cases creates them from this same file.
-- Each table is a line `-- table NAME` and one SELECT which ends with `;`.

-- table people
SELECT CAST(c1 AS INT) AS id, CAST(c2 AS STRING) AS name, CAST(c3 AS STRING) AS city,
       CAST(c4 AS DATE) AS birth, CAST(c5 AS BOOLEAN) AS active, CAST(c6 AS DOUBLE) AS score,
       CAST(c7 AS INT) AS boss, CAST(c8 AS DECIMAL(10,2)) AS salary
FROM VALUES
  (1, 'Anna', 'Berlin', '1990-02-28', 'true', '1.5', NULL, '5000.00'),
  (2, 'Bob', 'Paris', '1985-12-31', 'false', '2.5', 1, '3200.50'),
  (3, 'Çelik', 'İzmir', '2000-02-29', 'true', NULL, 1, '4100.00'),
  (4, 'dora', NULL, NULL, NULL, '-3.25', 2, NULL),
  (5, '', 'Berlin', '1970-01-01', 'false', '0.0', 2, '0.00'),
  (6, NULL, '東京', '2024-02-29', 'true', '99.875', 3, '7250.75')
AS v(c1, c2, c3, c4, c5, c6, c7, c8);

-- table sales
SELECT CAST(c1 AS INT) AS id, CAST(c2 AS INT) AS person, CAST(c3 AS STRING) AS product,
       CAST(c4 AS STRING) AS region, CAST(c5 AS DECIMAL(10,2)) AS amount,
       CAST(c6 AS INT) AS quantity, CAST(c7 AS DOUBLE) AS price, CAST(c8 AS DATE) AS day
FROM VALUES
  (1, 1, 'pen', 'north', '10.00', 4, '2.5', '2026-01-05'),
  (2, 1, 'ink', 'south', '7.25', 1, '7.25', '2026-01-20'),
  (3, 2, 'pen', 'north', '2.50', 1, '2.5', '2026-02-01'),
  (4, 2, 'cup', 'south', '12.00', 3, '4.0', '2026-02-14'),
  (5, 3, 'pen', 'south', NULL, NULL, '2.5', '2026-02-28'),
  (6, 7, 'cup', NULL, '4.00', 1, '4.0', '2026-03-01'),
  (7, NULL, 'ink', 'north', '-7.25', -1, '7.25', NULL),
  (8, 3, 'cup', 'north', '8.00', 2, '4.0', '2026-03-31')
AS v(c1, c2, c3, c4, c5, c6, c7, c8);

-- table events
SELECT CAST(c1 AS BIGINT) AS id, CAST(c2 AS INT) AS person, CAST(c3 AS STRING) AS kind,
       CAST(c4 AS TIMESTAMP) AS at, CAST(c5 AS STRING) AS payload, CAST(c6 AS STRING) AS tags
FROM VALUES
  (10000000001, 1, 'login', '2026-01-01 00:00:00', '{"ip":"10.0.0.1","ok":true,"n":1}', 'a,b,c'),
  (10000000002, 1, 'buy', '2026-01-01 08:30:15.123456', '{"items":[{"sku":"A1","qty":2},{"sku":"B2","qty":1}],"total":12.5}', 'a'),
  (10000000003, 2, 'login', '2026-03-29 01:59:59.999', '{"ip":null,"ok":false}', ''),
  (10000000004, 2, 'view', '1969-12-31 23:59:59', '{"name":"Zoë","nested":{"a":{"b":[1,2,3]}}}', 'c,,b'),
  (10000000005, NULL, 'view', NULL, 'no json', NULL),
  (10000000006, 3, 'buy', '2026-12-31 23:59:59', NULL, 'x,y')
AS v(c1, c2, c3, c4, c5, c6);

-- table nested
SELECT CAST(c1 AS INT) AS id, CAST(c2 AS ARRAY<STRING>) AS tags, CAST(c3 AS ARRAY<INT>) AS nums,
       CAST(c4 AS MAP<STRING, INT>) AS props, CAST(c5 AS STRUCT<a: INT, b: STRING>) AS info,
       CAST(c6 AS ARRAY<STRUCT<sku: STRING, qty: INT>>) AS items
FROM VALUES
  (1, array('red', 'blue'), array(3, 1, 2), map('x', 1, 'y', 2), named_struct('a', 1, 'b', 'one'),
   array(named_struct('sku', 'A1', 'qty', 2), named_struct('sku', 'B2', 'qty', 5))),
  (2, array('green', NULL, 'red'), array(5, NULL, 5), map('z', NULL), named_struct('a', NULL, 'b', 'two'),
   array(named_struct('sku', 'C3', 'qty', NULL))),
  (3, array(), array(), map(), named_struct('a', 3, 'b', NULL), array()),
  (4, NULL, NULL, NULL, NULL, NULL)
AS v(c1, c2, c3, c4, c5, c6);

-- table odd
SELECT CAST(c1 AS INT) AS id, CAST(c2 AS INT) AS i, CAST(c3 AS BIGINT) AS l, CAST(c4 AS DOUBLE) AS d,
       CAST(c5 AS DECIMAL(20,6)) AS m, CAST(c6 AS STRING) AS s, CAST(c7 AS BOOLEAN) AS b,
       CAST(c8 AS DATE) AS dt, CAST(c9 AS TIMESTAMP) AS ts
FROM VALUES
  (1, '2147483647', '9223372036854775807', '1e308', '99999999999999.999999', ' 12 ', 'true', '9999-12-31', '9999-12-31 23:59:59.999999'),
  (2, '-2147483648', '-9223372036854775808', '-1e308', '-99999999999999.999999', '12.7', 'false', '0001-01-01', '0001-01-01 00:00:00'),
  (3, '0', '0', '-0.0', '0', '', 'true', '1970-01-01', '1970-01-01 00:00:00'),
  (4, '7', '7', 'NaN', '7.5', 'abc', 'false', '1582-10-15', '1582-10-15 12:00:00'),
  (5, '-7', '-7', 'Infinity', '-7.5', '1e3', NULL, '2026-02-28', '2026-02-28 12:30:45.5'),
  (6, '1', '1', '0.1', '0.000001', 'Größe 🙂', 'true', '2000-02-29', '2000-02-29 23:59:59'),
  (7, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
AS v(c1, c2, c3, c4, c5, c6, c7, c8, c9);
