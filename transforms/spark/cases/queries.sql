-- Whole queries as they are found in ETL jobs: several clauses and functions together.

# latest row per key
SELECT id, person, product FROM (SELECT *, row_number() OVER (PARTITION BY person ORDER BY day DESC NULLS LAST, id DESC) AS rn FROM sales) t WHERE rn = 1 ORDER BY person;
WITH ranked AS (SELECT s.*, rank() OVER (PARTITION BY region ORDER BY amount DESC) AS r FROM sales s) SELECT region, product, amount FROM ranked WHERE r <= 2 ORDER BY region, amount DESC, product;
SELECT person, max_by(product, day) AS last_product, max(day) AS last_day FROM sales GROUP BY person ORDER BY person;

# change data capture
WITH changes AS (SELECT * FROM VALUES ('I', 1, 'a', 1), ('U', 1, 'b', 2), ('I', 2, 'c', 3), ('D', 2, 'c', 4), ('U', 3, NULL, 5) AS t(op, id, v, seq)) SELECT id, v FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY seq DESC) AS rn FROM changes) c WHERE rn = 1 AND op <> 'D' ORDER BY id;
SELECT coalesce(n.id, o.id) AS id, CASE WHEN o.id IS NULL THEN 'insert' WHEN n.id IS NULL THEN 'delete' WHEN NOT (o.v <=> n.v) THEN 'update' ELSE 'same' END AS change FROM VALUES (1, 'a'), (2, 'b'), (3, NULL) AS o(id, v) FULL OUTER JOIN VALUES (2, 'x'), (3, NULL), (4, 'd') AS n(id, v) ON o.id = n.id ORDER BY id;
SELECT id, sha2(concat_ws('|', coalesce(name, ''), coalesce(city, ''), coalesce(CAST(birth AS STRING), '')), 256) AS row_hash FROM people ORDER BY id;
SELECT id, day AS valid_from, lead(day) OVER (PARTITION BY region ORDER BY day, id) - INTERVAL 1 DAY AS valid_to FROM sales WHERE day IS NOT NULL ORDER BY id;

# cleaning
SELECT id, nullif(trim(s), '') AS s, TRY_CAST(s AS INT) AS n, CAST(regexp_replace(s, '[^0-9.]', '') AS DOUBLE) AS d FROM odd ORDER BY id;
SELECT id, upper(left(coalesce(name, '?'), 1)) AS initial, initcap(lower(name)) AS nice, CASE WHEN active THEN 'Y' WHEN NOT active THEN 'N' ELSE 'U' END AS flag FROM people ORDER BY id;
SELECT id, coalesce(to_date(s, 'yyyy-MM-dd'), to_date(s, 'dd/MM/yyyy'), to_date(s, 'yyyyMMdd')) AS d FROM VALUES (1, '2026-01-31'), (2, '31/01/2026'), (3, '20260131'), (4, 'n/a'), (5, NULL) AS t(id, s) ORDER BY id;
SELECT id, CAST(s AS DATE) AS d FROM VALUES (1, '2026-01-31'), (2, '2026-01-31 10:00:00'), (3, '31/01/2026') AS t(id, s) WHERE CAST(s AS DATE) IS NOT NULL ORDER BY id;
SELECT lpad(CAST(id AS STRING), 6, '0') AS code, concat('EUR ', format_number(salary, 2)) AS pay FROM people ORDER BY id;
SELECT replace(regexp_replace(lower(city), '[^a-z]+', '_'), '__', '_') AS slug FROM people WHERE city IS NOT NULL ORDER BY id;

# reports
SELECT date_format(day, 'yyyy-MM') AS month, count(*) AS n, sum(amount) AS total, round(avg(amount), 2) AS mean FROM sales GROUP BY date_format(day, 'yyyy-MM') ORDER BY month;
SELECT year(day) AS y, quarter(day) AS q, count(DISTINCT person) AS people FROM sales WHERE day IS NOT NULL GROUP BY y, q ORDER BY y, q;
SELECT coalesce(region, 'unknown') AS region, sum(CASE WHEN product = 'pen' THEN quantity ELSE 0 END) AS pens, sum(if(product = 'cup', quantity, 0)) AS cups FROM sales GROUP BY coalesce(region, 'unknown') ORDER BY region;
SELECT trunc(day, 'MM') AS month, sum(amount) AS total, sum(sum(amount)) OVER (ORDER BY trunc(day, 'MM')) AS running FROM sales WHERE day IS NOT NULL GROUP BY trunc(day, 'MM') ORDER BY month;
SELECT product, round(100.0 * sum(amount) / sum(sum(amount)) OVER (), 1) AS percent FROM sales GROUP BY product ORDER BY percent DESC;
SELECT p.city, count(*) AS n, sum(s.amount) AS total FROM sales s JOIN people p ON s.person = p.id GROUP BY p.city HAVING total > 10 ORDER BY total DESC, p.city;
SELECT region, concat_ws(',', sort_array(collect_set(product))) AS products FROM sales GROUP BY region ORDER BY region;
SELECT p.name, coalesce(t.n, 0) AS n, coalesce(t.total, 0) AS total FROM people p LEFT JOIN (SELECT person, count(*) AS n, sum(amount) AS total FROM sales GROUP BY person) t ON t.person = p.id ORDER BY p.id;
SELECT weekday(day) AS wd, date_format(day, 'EEE') AS name, count(*) FROM sales WHERE day BETWEEN '2026-01-01' AND '2026-03-31' GROUP BY 1, 2 ORDER BY 1;
SELECT floor(datediff(DATE'2026-06-30', birth) / 365.25) AS age, count(*) AS n FROM people GROUP BY 1 ORDER BY 1;
SELECT month, region, n FROM (SELECT month(day) AS month, region, count(*) AS n FROM sales GROUP BY month(day), region WITH ROLLUP) ORDER BY month, region, n;

# json and arrays
SELECT e.id, get_json_object(e.payload, '$.total') AS total, i.sku, i.qty FROM events e LATERAL VIEW OUTER explode(from_json(get_json_object(e.payload, '$.items'), 'array<struct<sku:string,qty:int>>')) t AS i WHERE e.kind = 'buy' ORDER BY e.id, i.sku;
SELECT id, CAST(get_json_object(payload, '$.total') AS DECIMAL(10,2)) * 2 AS twice FROM events WHERE payload LIKE '{%' ORDER BY id;
SELECT tag, count(DISTINCT id) AS n FROM events LATERAL VIEW explode(split(tags, ',')) t AS tag WHERE tag <> '' GROUP BY tag ORDER BY n DESC, tag;
SELECT id, pos, tag FROM events LATERAL VIEW posexplode(split(tags, ',')) t AS pos, tag WHERE pos > 0 ORDER BY id, pos;
SELECT to_json(named_struct('id', id, 'name', name, 'city', city)) AS doc FROM people ORDER BY id;
SELECT to_json(collect_list(struct(id, product))) AS docs FROM (SELECT * FROM sales WHERE region = 'south' ORDER BY id) t;
SELECT id, info.a + coalesce(props['x'], 0) AS n, size(filter(nums, x -> x > 1)) AS big, array_join(tags, '/') AS path FROM nested WHERE info IS NOT NULL ORDER BY id;
SELECT map_from_entries(collect_list(struct(k, v))) AS m FROM (SELECT * FROM VALUES ('a', 1), ('b', 2) AS t(k, v) ORDER BY k) t;

# sessions
SELECT id, person, at, CASE WHEN unix_timestamp(at) - unix_timestamp(lag(at) OVER (PARTITION BY person ORDER BY at)) > 1800 THEN 1 ELSE 0 END AS new_session FROM events WHERE at IS NOT NULL ORDER BY id;
SELECT id, from_unixtime(unix_timestamp(at), 'yyyy-MM-dd HH:00:00') AS hour, date_trunc('HOUR', at) = CAST(from_unixtime(unix_timestamp(at), 'yyyy-MM-dd HH:00:00') AS TIMESTAMP) AS same FROM events ORDER BY id;
SELECT d AS day, count(e.id) AS n FROM (SELECT explode(sequence(DATE'2026-01-01', DATE'2026-01-03', INTERVAL 1 DAY)) AS d) c LEFT JOIN events e ON to_date(e.at) = c.d GROUP BY d ORDER BY d;
SELECT id, from_utc_timestamp(at, 'Europe/Berlin') AS local, date_format(from_utc_timestamp(at, 'Europe/Berlin'), 'yyyy-MM-dd') AS local_day FROM events ORDER BY id;
