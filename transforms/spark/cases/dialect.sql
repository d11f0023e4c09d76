-- The SQL dialect: names, grouping, ordering, generators, pivots, joins, subqueries, set operations,
-- hints, lambdas. Clauses rather than functions.

# backticks
SELECT `id`, `name` FROM `people` ORDER BY `id`;
SELECT id AS `my id`, name AS `select` FROM people ORDER BY `my id`;
SELECT p.`id` FROM people AS `p` ORDER BY p.`id`;
SELECT `a``b` FROM (SELECT 1 AS `a``b`) t;
SELECT 1 AS `größe`, 2 AS `a.b`;
SELECT t.`a.b` FROM (SELECT 2 AS `a.b`) t;
SELECT "id" FROM people ORDER BY 1;
SELECT 1 AS "x";
SELECT id AS order_id, id AS `order` FROM people ORDER BY order_id LIMIT 1;

# case-insensitive names
SELECT ID, Name, CITY FROM People ORDER BY iD;
SELECT P.Id FROM PEOPLE p ORDER BY p.ID;
SELECT MyCol FROM (SELECT 1 AS MYCOL) t;
SELECT `ID` FROM people ORDER BY `Id` LIMIT 1;
SELECT Upper(name), LOWER(Name) FROM people ORDER BY id;
SELECT INFO.A, Props['x'] FROM nested ORDER BY ID;
WITH Totals AS (SELECT Region AS R, count(*) AS N FROM sales GROUP BY REGION) SELECT r, n FROM TOTALS ORDER BY R;
SELECT id AS Id, name AS NAME FROM people WHERE ID = 1;
SELECT a.ID, B.id FROM people A JOIN people b ON a.Boss = B.ID ORDER BY A.id;
SELECT ı FROM (SELECT 1 AS ı) t;
SELECT id AS X, x FROM people ORDER BY X LIMIT 1;

# column names
SELECT count(*), count(1), count(DISTINCT city), sum(id), avg(score) FROM people;
SELECT id + 1, -id, id * 2 - 1, id / 2 FROM people WHERE id = 1;
SELECT upper(name), concat(name, '-', city), NOT active, id > 1 FROM people WHERE id = 1;
SELECT CAST(id AS STRING), string(id), CAST('1' AS INT) FROM people WHERE id = 1;
SELECT CASE WHEN id = 1 THEN 'a' ELSE 'b' END, if(id = 1, 'a', 'b') FROM people WHERE id = 1;
SELECT p.id, p.name FROM people p WHERE id = 1;
SELECT 1, 'a', 1.5, NULL, true, DATE'2026-01-01', TIMESTAMP'2026-01-01 00:00:00', X'1F', 1.5D, 1L;
SELECT tags[0], props['x'], info.a, items.sku, items[0].qty FROM nested WHERE id = 1;
SELECT id IN (1, 2), id BETWEEN 1 AND 2, name LIKE 'A%', name IS NULL, name IS NOT NULL, name RLIKE 'a' FROM people WHERE id = 1;
SELECT id <=> 1, id = 1, id <> 1, id != 1, id == 1, id % 2, id DIV 2, id & 1, name || 'x' FROM people WHERE id = 1;
SELECT sum(quantity) OVER (PARTITION BY region ORDER BY id) FROM sales WHERE id = 1;
SELECT row_number() OVER (ORDER BY id) FROM people WHERE id = 1;
SELECT sum(amount) FILTER (WHERE id > 1) FROM sales;
SELECT explode(array(1)), 2;
SELECT (SELECT max(id) FROM people), EXISTS (SELECT 1 FROM people WHERE id = 1);
SELECT transform(array(1), x -> x + 1);
SELECT date_add(day, 1), year(day), day + INTERVAL 1 DAY, extract(YEAR FROM day) FROM sales WHERE id = 1;
SELECT (id), (id + 1) * 2, ((name)) FROM people WHERE id = 1;
SELECT array(1, 2), map('a', 1), struct(1), named_struct('a', 1);
SELECT COUNT(*), Sum(id), CoAlesce(NULL, 1) FROM people;
SELECT trim(name), substring(name, 1, 2), nvl(name, 'x'), coalesce(name, 'x'), ifnull(name, 'x') FROM people WHERE id = 1;
SELECT current_date() IS NOT NULL, pi(), e();
SELECT id id2, name AS n FROM people WHERE id = 1;
SELECT first(id), last(id), first(id, true), max(id), collect_list(id) FROM people WHERE id = 1;
SELECT percentile_approx(id, 0.5), count_if(id > 1), approx_count_distinct(id) FROM people;
SELECT a AND b, a OR NOT b, a IS TRUE FROM (SELECT true AS a, false AS b) t;
SELECT round(1.5), round(1.55, 1), lag(id) OVER (ORDER BY id) FROM people WHERE id = 1;
SELECT substring(name FROM 1 FOR 2), trim(BOTH 'A' FROM name), position('n' IN name) FROM people WHERE id = 1;

# group by
SELECT region AS r, count(*) AS n FROM sales GROUP BY r ORDER BY r;
SELECT region, count(*) FROM sales GROUP BY 1 ORDER BY 1;
SELECT region, product, sum(quantity) AS q FROM sales GROUP BY 1, 2 ORDER BY 1, 2;
SELECT region, count(*) FROM sales GROUP BY ALL ORDER BY region;
SELECT region, product, max(day) - min(day) AS span FROM sales GROUP BY ALL ORDER BY region, product;
SELECT upper(region), count(*) FROM sales GROUP BY upper(region) ORDER BY 1;
SELECT upper(region) AS u, count(*) FROM sales GROUP BY u ORDER BY u;
SELECT concat(region, '!') AS c, count(*) FROM sales GROUP BY region ORDER BY c;
SELECT region FROM sales GROUP BY region ORDER BY count(*) DESC, region;
SELECT product, count(*) FROM sales GROUP BY region;
SELECT region, count(*) FROM sales GROUP BY 3;
SELECT substr(product, 1, 1) AS region, count(*) FROM sales GROUP BY region ORDER BY 1;
SELECT city, count(*) FROM people GROUP BY city ORDER BY city;
SELECT count(*) FROM sales GROUP BY region ORDER BY 1;
SELECT CASE WHEN quantity > 1 THEN 'many' ELSE 'one' END AS k, count(*) FROM sales GROUP BY k ORDER BY k;

# having
SELECT region, count(*) AS n FROM sales GROUP BY region HAVING n > 1 ORDER BY region;
SELECT region, count(*) FROM sales GROUP BY region HAVING sum(quantity) > 5 ORDER BY region;
SELECT region FROM sales GROUP BY region HAVING max(amount) > 10 ORDER BY region;
SELECT count(*) AS n FROM sales HAVING n > 100;
SELECT region, sum(amount) s FROM sales GROUP BY region HAVING s IS NOT NULL AND region IS NOT NULL ORDER BY s;

# null order
SELECT id, score FROM people ORDER BY score;
SELECT id, score FROM people ORDER BY score DESC;
SELECT id, score FROM people ORDER BY score ASC NULLS LAST;
SELECT id, score FROM people ORDER BY score DESC NULLS FIRST;
SELECT id, name FROM people ORDER BY name;
SELECT id, city, name FROM people ORDER BY city DESC, name ASC NULLS LAST;
SELECT id, birth FROM people ORDER BY birth DESC LIMIT 3;
SELECT x FROM VALUES (1), (NULL), (3) AS t(x) ORDER BY x;
SELECT x FROM VALUES ('b'), ('A'), (''), (NULL), ('a'), ('é'), ('Z') AS t(x) ORDER BY x;

# order by
SELECT id AS n FROM people ORDER BY n DESC;
SELECT name FROM people ORDER BY id;
SELECT id, name FROM people ORDER BY 2, 1;
SELECT id FROM people ORDER BY id % 2, id DESC;
SELECT id, upper(name) AS u FROM people ORDER BY u DESC, id;
SELECT id, active FROM people ORDER BY active, id;
SELECT region, sum(quantity) FROM sales GROUP BY region ORDER BY sum(quantity), region;
SELECT id FROM people ORDER BY length(name) DESC, id LIMIT 3;
SELECT id, tags FROM nested ORDER BY tags;
SELECT id FROM people ORDER BY 5;
SELECT DISTINCT city FROM people ORDER BY city;
SELECT id, -id AS id2 FROM people ORDER BY id2;

# distinct
SELECT DISTINCT region FROM sales ORDER BY region;
SELECT DISTINCT region, product FROM sales ORDER BY region, product;
SELECT DISTINCT * FROM VALUES (1, 'a'), (1, 'a'), (NULL, NULL), (NULL, NULL) AS t(x, y) ORDER BY x;
SELECT count(DISTINCT region, product), count(DISTINCT region) FROM sales;
SELECT DISTINCT active, count(*) OVER (PARTITION BY active) AS n FROM people ORDER BY active;

# grouping sets
SELECT region, product, sum(quantity) FROM sales GROUP BY region, product GROUPING SETS ((region, product), (region), ()) ORDER BY region, product, 3;
SELECT region, product, sum(quantity) FROM sales GROUP BY GROUPING SETS ((region), (product)) ORDER BY region, product;
SELECT region, product, count(*) FROM sales GROUP BY ROLLUP(region, product) ORDER BY region, product, 3;
SELECT region, count(*) FROM sales GROUP BY region WITH ROLLUP ORDER BY region, 2;
SELECT region, active, count(*) FROM sales JOIN people ON person = people.id GROUP BY CUBE(region, active) ORDER BY region, active, 3;
SELECT region, product, grouping_id() AS g, sum(quantity) AS q FROM sales GROUP BY region, product WITH CUBE ORDER BY g, region, product;
SELECT product, region, count(*) AS n FROM sales GROUP BY product, ROLLUP(region) ORDER BY product, region, n;
SELECT region, sum(quantity) FROM sales GROUP BY GROUPING SETS (region, ()) HAVING grouping(region) = 1;

# lateral view
SELECT id, t FROM nested LATERAL VIEW explode(tags) x AS t ORDER BY id, t;
SELECT id, t FROM nested LATERAL VIEW OUTER explode(tags) x AS t ORDER BY id, t;
SELECT id, pos, t FROM nested LATERAL VIEW posexplode(tags) x AS pos, t ORDER BY id, pos;
SELECT id, pos, t FROM nested LATERAL VIEW OUTER posexplode(tags) x AS pos, t ORDER BY id, pos;
SELECT id, k, v FROM nested LATERAL VIEW explode(props) x AS k, v ORDER BY id, k;
SELECT id, k, v FROM nested LATERAL VIEW OUTER explode(props) x AS k, v ORDER BY id, k;
SELECT id, sku, qty FROM nested LATERAL VIEW inline(items) x AS sku, qty ORDER BY id, sku;
SELECT id, x.* FROM nested LATERAL VIEW inline(items) x ORDER BY id, sku;
SELECT id, sku FROM nested LATERAL VIEW OUTER inline(items) x ORDER BY id, sku;
SELECT id, i.sku, i.qty FROM nested LATERAL VIEW explode(items) x AS i ORDER BY id, i.sku;
SELECT id, a, b FROM people LATERAL VIEW stack(2, id, 'x', id * 10, 'y') s AS a, b WHERE id < 3 ORDER BY id, a;
SELECT id, t, n FROM nested LATERAL VIEW explode(tags) x AS t LATERAL VIEW explode(nums) y AS n ORDER BY id, t, n;
SELECT id, t, n FROM nested LATERAL VIEW OUTER explode(tags) x AS t LATERAL VIEW OUTER explode(nums) y AS n ORDER BY id, t, n;
SELECT id, i.sku, c FROM nested LATERAL VIEW explode(items) x AS i LATERAL VIEW explode(split(i.sku, '')) y AS c ORDER BY id, i.sku, c;
SELECT t, count(*) AS n FROM nested LATERAL VIEW explode(tags) x AS t WHERE t IS NOT NULL GROUP BY t ORDER BY n DESC, t;
SELECT id, t FROM nested LATERAL VIEW explode(tags) x AS t WHERE id = 1 AND t <> 'red' ORDER BY id;
SELECT id, t FROM events LATERAL VIEW explode(split(tags, ',')) x AS t ORDER BY id, t;
SELECT col FROM nested LATERAL VIEW explode(nums) x ORDER BY col;
SELECT x.col FROM nested LATERAL VIEW explode(nums) x ORDER BY 1;
SELECT * FROM (SELECT 1 AS id) t LATERAL VIEW explode(array('a', 'b')) x AS v ORDER BY v;
SELECT id, ip, ok FROM events LATERAL VIEW json_tuple(payload, 'ip', 'ok') j AS ip, ok WHERE ok IS NOT NULL ORDER BY id;
SELECT p.id, s.product, w FROM people p JOIN sales s ON p.id = s.person LATERAL VIEW explode(array(s.quantity, s.quantity + 1)) x AS w ORDER BY p.id, s.product, w;
SELECT id, n FROM people LATERAL VIEW explode(sequence(1, id)) x AS n WHERE id <= 3 ORDER BY id, n;
SELECT a, b FROM (SELECT array(1, 2) AS xs) t LATERAL VIEW explode(xs) AS a LATERAL VIEW explode(xs) AS b ORDER BY a, b;
SELECT key, value FROM nested LATERAL VIEW explode(props) x ORDER BY key;
SELECT id, t FROM nested LATERAL VIEW explode(tags) AS t ORDER BY id, t;

# explode
SELECT explode(array(10, 20)) ORDER BY col;
SELECT explode(array(10, 20)) AS x ORDER BY x DESC;
SELECT explode(map('a', 1, 'b', 2)) ORDER BY key;
SELECT explode(map('a', 1, 'b', 2)) AS (k, v) ORDER BY k;
SELECT explode(array()) AS x;
SELECT explode(CAST(NULL AS ARRAY<INT>)) AS x;
SELECT explode(array(1, NULL)) AS x ORDER BY x;
SELECT id, explode(nums) AS n FROM nested ORDER BY id, n;
SELECT id, explode(props) FROM nested ORDER BY id, key;
SELECT id, explode(split(tags, ',')) AS t FROM events ORDER BY id, t;
SELECT n, count(*) FROM (SELECT explode(nums) AS n FROM nested) t GROUP BY n ORDER BY n;
SELECT explode(array(1)), explode(array(2));
SELECT explode('abc');
SELECT 1 + explode(array(1));
SELECT id, explode(items).sku FROM nested;
SELECT id, i.sku FROM (SELECT id, explode(items) AS i FROM nested) t ORDER BY id, i.sku;
SELECT * FROM explode(array(1, 2)) ORDER BY col;
SELECT * FROM explode(array(1, 2)) AS t(x) ORDER BY x;

# explode_outer
SELECT id, explode_outer(nums) AS n FROM nested ORDER BY id, n;
SELECT explode_outer(array());
SELECT explode_outer(CAST(NULL AS MAP<STRING, INT>));
SELECT explode_outer(array(1, NULL)) AS x ORDER BY x;

# posexplode
SELECT posexplode(array('a', 'b')) ORDER BY pos;
SELECT posexplode(array('a', 'b')) AS (p, v) ORDER BY p;
SELECT posexplode(map('a', 1)) AS (p, k, v);
SELECT posexplode(array());
SELECT id, posexplode(nums) FROM nested ORDER BY id, pos;
SELECT posexplode(CAST(NULL AS ARRAY<INT>));
SELECT posexplode(array(NULL));
SELECT p + 1 AS n, v FROM (SELECT posexplode(array('x', 'y')) AS (p, v)) t ORDER BY n;
SELECT posexplode(array('a')) AS p;

# posexplode_outer
SELECT id, posexplode_outer(tags) FROM nested ORDER BY id, pos;
SELECT posexplode_outer(array());
SELECT posexplode_outer(array('a')) AS (p, v);

# inline
SELECT inline(array(struct(1, 'a'), struct(2, 'b'))) ORDER BY col1;
SELECT inline(array(named_struct('x', 1, 'y', 'a'))) AS (p, q);
SELECT id, inline(items) FROM nested ORDER BY id, sku;
SELECT inline(array(named_struct('x', 1), NULL)) ORDER BY x;

# inline_outer
SELECT id, inline_outer(items) FROM nested ORDER BY id, sku;
SELECT inline_outer(CAST(NULL AS ARRAY<STRUCT<a: INT>>));
SELECT inline_outer(array(struct(1, 'a')));

# stack
SELECT stack(2, 1, 2, 3) ORDER BY col0;
SELECT stack(2, 'a', 1, 'b', 2) AS (k, v) ORDER BY k;
SELECT id, stack(2, 'id', CAST(id AS STRING), 'name', name) AS (k, v) FROM people ORDER BY id, k;
SELECT stack(1, NULL);
SELECT stack(0, 1);

# pivot
SELECT * FROM (SELECT region, product, quantity FROM sales) PIVOT (sum(quantity) FOR product IN ('pen', 'ink', 'cup')) ORDER BY region;
SELECT * FROM (SELECT region, product, quantity FROM sales) PIVOT (sum(quantity) AS q FOR product IN ('pen', 'ink')) ORDER BY region;
SELECT * FROM (SELECT region, product, quantity, amount FROM sales) PIVOT (sum(quantity) AS q, max(amount) AS m FOR product IN ('pen', 'cup')) ORDER BY region;
SELECT * FROM (SELECT region, product, quantity, amount FROM sales) PIVOT (sum(quantity), max(amount) FOR product IN ('pen', 'cup')) ORDER BY region;
SELECT * FROM (SELECT region, product, quantity FROM sales) PIVOT (sum(quantity) FOR product IN ('pen' AS pens, 'ink' AS inks)) ORDER BY region;
SELECT * FROM (SELECT region, product, quantity FROM sales) PIVOT (sum(quantity) AS q FOR product IN ('pen' AS p, 'cup' AS c)) ORDER BY region;
SELECT * FROM (SELECT region, product, person, quantity FROM sales) PIVOT (sum(quantity) FOR (product, person) IN (('pen', 1), ('cup', 2) AS cup2)) ORDER BY region;
SELECT * FROM (SELECT year(day) AS y, month(day) AS m, amount FROM sales WHERE day IS NOT NULL) PIVOT (sum(amount) FOR m IN (1, 2, 3)) ORDER BY y;
SELECT * FROM (SELECT product, quantity FROM sales) PIVOT (count(*) FOR product IN ('pen', 'none')) ORDER BY quantity;
SELECT region, pen + 1 AS p FROM (SELECT region, product, quantity FROM sales) PIVOT (sum(quantity) FOR product IN ('pen', 'ink')) WHERE region IS NOT NULL ORDER BY region;
SELECT * FROM sales PIVOT (sum(quantity) FOR region IN ('north', 'south')) ORDER BY id;
SELECT * FROM (SELECT region, product FROM sales) PIVOT (first(product) FOR region IN (NULL, 'north'));

# unpivot
SELECT * FROM (SELECT id, quantity, person FROM sales WHERE id < 4) UNPIVOT (v FOR k IN (quantity, person)) ORDER BY id, k;
SELECT * FROM (SELECT id, quantity, person FROM sales) UNPIVOT INCLUDE NULLS (v FOR k IN (quantity, person)) ORDER BY id, k;
SELECT * FROM (SELECT id, quantity, person FROM sales) UNPIVOT EXCLUDE NULLS (v FOR k IN (quantity AS q, person AS p)) ORDER BY id, k;
SELECT * FROM (SELECT 1 AS id, 'a' AS k1, 10 AS v1, 'b' AS k2, 20 AS v2) UNPIVOT ((kk, vv) FOR pair IN ((k1, v1) AS first, (k2, v2) AS second)) ORDER BY pair;
SELECT * FROM (SELECT 1 AS id, 2 AS a, 3.5 AS b) UNPIVOT (v FOR k IN (a, b)) ORDER BY k;
SELECT k, sum(v) FROM sales UNPIVOT (v FOR k IN (quantity, person)) GROUP BY k ORDER BY k;
SELECT * FROM (SELECT 1 AS id, 'x' AS a, 3 AS b) UNPIVOT (v FOR k IN (a, b)) ORDER BY k;

# join
SELECT p.id, s.id AS sale FROM people p JOIN sales s ON p.id = s.person ORDER BY p.id, sale;
SELECT p.id, s.id AS sale FROM people p INNER JOIN sales s ON p.id = s.person AND s.quantity > 1 ORDER BY p.id, sale;
SELECT p.id, s.id AS sale FROM people p LEFT JOIN sales s ON p.id = s.person ORDER BY p.id, sale;
SELECT p.id, s.id AS sale FROM people p RIGHT OUTER JOIN sales s ON p.id = s.person ORDER BY sale;
SELECT p.id, s.id AS sale FROM people p FULL OUTER JOIN sales s ON p.id = s.person ORDER BY p.id, sale;
SELECT id FROM people p LEFT SEMI JOIN sales s ON p.id = s.person ORDER BY id;
SELECT id FROM people p LEFT ANTI JOIN sales s ON p.id = s.person ORDER BY id;
SELECT id FROM people p SEMI JOIN sales s ON p.id = s.person ORDER BY id;
SELECT id FROM people p ANTI JOIN sales s ON p.id = s.person ORDER BY id;
SELECT p.id, q.id FROM people p CROSS JOIN people q WHERE p.id < 3 AND q.id < 3 ORDER BY p.id, q.id;
SELECT p.id, q.id FROM people p, people q WHERE p.boss = q.id ORDER BY p.id;
SELECT p.id, b.name AS boss FROM people p LEFT JOIN people b ON p.boss = b.id ORDER BY p.id;
SELECT p.id, s.id FROM people p JOIN sales s ON p.id <=> s.person ORDER BY p.id, s.id;
SELECT count(*) FROM sales a JOIN sales b ON a.person <=> b.person;
SELECT count(*) FROM sales a JOIN sales b ON a.person = b.person;
SELECT * FROM (SELECT 1 AS k, 'a' AS x) l JOIN (SELECT 1 AS k, 'b' AS y) r USING (k);
SELECT k, l.k, r.k FROM (SELECT 1 AS k) l FULL JOIN (SELECT 2 AS k) r USING (k) ORDER BY k;
SELECT * FROM (SELECT 1 AS k, 'a' AS x) l NATURAL JOIN (SELECT 1 AS k, 'b' AS y) r;
SELECT * FROM (SELECT 1 AS k, 'a' AS x) l NATURAL LEFT JOIN (SELECT 2 AS k, 'b' AS y) r;
SELECT * FROM (SELECT 1 AS k) l JOIN (SELECT 1 AS k) r ON l.k = r.k;
SELECT p.id FROM people p JOIN sales s ON p.id = s.person JOIN events e ON e.person = p.id GROUP BY p.id ORDER BY p.id;
SELECT p.id, t.n FROM people p, LATERAL (SELECT count(*) AS n FROM sales s WHERE s.person = p.id) t ORDER BY p.id;
SELECT p.id, x FROM people p JOIN LATERAL explode(array(p.id, p.id * 10)) AS t(x) WHERE p.id < 3 ORDER BY p.id, x;
SELECT id FROM people JOIN sales ON people.id = sales.person;
SELECT p.id, s.id AS sale FROM people p JOIN sales s ON p.id > s.person ORDER BY p.id, sale;
SELECT l.x, r.x FROM VALUES (1), (NULL) AS l(x) FULL JOIN VALUES (NULL), (2) AS r(x) ON l.x = r.x ORDER BY l.x, r.x;
SELECT p.id, s.product FROM people p LEFT JOIN sales s ON p.id = s.person WHERE s.id IS NULL ORDER BY p.id;
SELECT a.*, b.y FROM (SELECT 1 AS x) a JOIN (SELECT 2 AS y) b;

# common table expression
WITH t AS (SELECT id, name FROM people WHERE id < 3) SELECT * FROM t ORDER BY id;
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT a.x, b.y FROM a, b;
WITH t(n, m) AS (SELECT id, name FROM people) SELECT n, m FROM t ORDER BY n;
WITH t AS (SELECT 1 AS x) SELECT * FROM (WITH t AS (SELECT 2 AS x) SELECT * FROM t);
WITH t AS (WITH s AS (SELECT 1 AS x) SELECT x + 1 AS y FROM s) SELECT y FROM t;
WITH people AS (SELECT 99 AS id) SELECT id FROM people;
WITH t AS (SELECT 1 AS x) SELECT (SELECT max(x) FROM t) AS m, x FROM t;
WITH s AS (SELECT person, sum(amount) AS total FROM sales GROUP BY person) SELECT p.name, s.total FROM people p JOIN s ON s.person = p.id ORDER BY p.id;
WITH t AS (SELECT 1 AS x) SELECT x FROM t UNION ALL SELECT x + 1 FROM t ORDER BY x;

# subquery
SELECT id FROM people WHERE id IN (SELECT person FROM sales) ORDER BY id;
SELECT id FROM people WHERE id NOT IN (SELECT person FROM sales) ORDER BY id;
SELECT id FROM people WHERE id NOT IN (SELECT person FROM sales WHERE person IS NOT NULL) ORDER BY id;
SELECT id FROM people p WHERE EXISTS (SELECT 1 FROM sales s WHERE s.person = p.id) ORDER BY id;
SELECT id FROM people p WHERE NOT EXISTS (SELECT * FROM sales s WHERE s.person = p.id AND s.quantity > 1) ORDER BY id;
SELECT id, (SELECT count(*) FROM sales s WHERE s.person = p.id) AS n FROM people p ORDER BY id;
SELECT id, (SELECT sum(amount) FROM sales s WHERE s.person = p.id) AS t FROM people p ORDER BY id;
SELECT id FROM sales WHERE amount > (SELECT avg(amount) FROM sales) ORDER BY id;
SELECT id FROM sales s WHERE amount = (SELECT max(amount) FROM sales t WHERE t.region = s.region) ORDER BY id;
SELECT (SELECT id FROM people WHERE id > 100);
SELECT (SELECT id FROM people);
SELECT x FROM (SELECT id AS x FROM people WHERE id < 3) ORDER BY x;
SELECT max(n) FROM (SELECT count(*) AS n FROM sales GROUP BY region);
SELECT id FROM people WHERE (id, boss) IN (SELECT id, boss FROM people WHERE boss = 1) ORDER BY id;
SELECT id IN (SELECT person FROM sales WHERE person IS NOT NULL) AS buyer, id FROM people ORDER BY id;
SELECT id FROM people WHERE id > 2 OR id IN (SELECT person FROM sales WHERE region = 'north') ORDER BY id;
SELECT CASE WHEN EXISTS (SELECT 1 FROM people WHERE id = 1) THEN 'yes' ELSE 'no' END;
SELECT id FROM people WHERE id = (SELECT max(id) FROM people) ORDER BY id;

# set operations
SELECT region FROM sales UNION SELECT city FROM people ORDER BY 1;
SELECT 1 AS x UNION ALL SELECT 1 ORDER BY x;
SELECT 1 AS x UNION SELECT 1;
SELECT NULL AS x UNION SELECT NULL;
SELECT id FROM people EXCEPT SELECT person FROM sales ORDER BY id;
SELECT id FROM people MINUS SELECT person FROM sales ORDER BY id;
SELECT person FROM sales EXCEPT ALL SELECT id FROM people ORDER BY person;
SELECT person FROM sales EXCEPT DISTINCT SELECT 1 ORDER BY person;
SELECT id FROM people INTERSECT SELECT person FROM sales ORDER BY id;
SELECT person FROM sales INTERSECT ALL SELECT person FROM sales WHERE quantity = 1 ORDER BY person;
SELECT x FROM VALUES (1), (1), (2) AS t(x) EXCEPT ALL SELECT 1 ORDER BY x;
SELECT x FROM VALUES (1), (1), (NULL) AS t(x) INTERSECT SELECT x FROM VALUES (1), (NULL) AS u(x) ORDER BY x;
SELECT 1 AS x UNION ALL SELECT 2 INTERSECT SELECT 2 ORDER BY x;
(SELECT 1 AS x UNION ALL SELECT 2) EXCEPT SELECT 2;
(SELECT id FROM people ORDER BY id LIMIT 1) UNION ALL (SELECT id FROM people ORDER BY id DESC LIMIT 1) ORDER BY id;
SELECT id, name FROM people WHERE id = 1 UNION SELECT id, product FROM sales WHERE id = 1 ORDER BY name;
SELECT 1 AS a, 2 AS b UNION ALL SELECT 3 AS b, 4 AS a ORDER BY a;

# values
VALUES (1, 'a'), (2, 'b') ORDER BY col1;
SELECT * FROM VALUES (1, 'a'), (2, NULL) AS t(n, s) ORDER BY n;
SELECT * FROM VALUES (1), (2.5) AS t ORDER BY col1;
SELECT * FROM (VALUES (1, 2)) AS t(a, b);
SELECT col1, col2 FROM VALUES ('x', array(1, 2));
SELECT * FROM VALUES 1, 2, 3 AS t(x) ORDER BY x;
SELECT * FROM VALUES (1, 'a'), ('x', 2) AS t ORDER BY 1;

# range
SELECT * FROM range(3) ORDER BY id;
SELECT id * 2 AS d FROM range(1, 6, 2) ORDER BY d;
SELECT count(*) FROM range(0, 100, 1, 4);

# distribute by
SELECT id FROM people DISTRIBUTE BY id SORT BY id;
SELECT id FROM people CLUSTER BY id;
SELECT id FROM people SORT BY id DESC;
SELECT id FROM people DISTRIBUTE BY active SORT BY id;
SELECT count(*) FROM (SELECT * FROM people DISTRIBUTE BY city) t;

# hints
SELECT /*+ BROADCAST(s) */ p.id, s.id AS sale FROM people p JOIN sales s ON p.id = s.person ORDER BY p.id, sale;
SELECT /*+ REPARTITION(3) */ count(*) FROM people;
SELECT /*+ COALESCE(1), MAPJOIN(p) */ id FROM people p ORDER BY id;
SELECT /*+ unknown_hint(x) */ id FROM people ORDER BY id LIMIT 1;

# limit
SELECT id FROM people ORDER BY id LIMIT 2;
SELECT id FROM people ORDER BY id LIMIT 2 OFFSET 1;
SELECT id FROM people ORDER BY id OFFSET 4;
SELECT id FROM people ORDER BY id LIMIT 0;
SELECT id FROM people ORDER BY id LIMIT ALL;
SELECT id FROM people ORDER BY id LIMIT 1 + 1;
SELECT id FROM people LIMIT -1;
SELECT count(*) FROM (SELECT id FROM people LIMIT 3) t;

# lambda
SELECT id, transform(filter(nums, n -> n IS NOT NULL), n -> n * 10) FROM nested ORDER BY id;
SELECT id, exists(tags, t -> t = 'red'), forall(nums, n -> n > 0) FROM nested ORDER BY id;
SELECT id, aggregate(transform(items, i -> coalesce(i.qty, 0)), 0, (a, x) -> a + x) FROM nested ORDER BY id;
SELECT transform(array('a', 'b'), (v, i) -> concat(i, v)), zip_with(array(1), array(2), (a, b) -> a * b);
SELECT transform(array(1, 2), X -> x + 1);
SELECT id, filter(split(tags, ','), t -> t <> '') FROM events ORDER BY id;
SELECT id, array_join(transform(sort_array(map_keys(props)), k -> concat(k, '=', props[k])), '&') FROM nested ORDER BY id;
SELECT transform(array(1, 2), id -> id) FROM people WHERE id = 3;

# comments
SELECT 1 -- trailing comment
  + 1;
SELECT /* block */ 1 /* another
over lines */ + 2;
SELECT 1 /* nested /* comment */ */ + 3;
SELECT '/* text */' AS a, '-- text' AS b;
SELECT id -- the key
     , name -- the name
FROM people -- all
WHERE id = 1;
/* first */ SELECT 5;

# semicolon
SELECT 1;;
SELECT 1 ; ;

# select star
SELECT * FROM people WHERE id = 1;
SELECT p.*, p.id + 1 AS next FROM people p WHERE id = 1;
SELECT *, id FROM people WHERE id = 1;
SELECT p.*, s.* FROM (SELECT 1 AS a) p, (SELECT 2 AS b) s;
SELECT count(*) FROM (SELECT * FROM people) t;
SELECT id, id FROM people WHERE id = 1;
SELECT nope.* FROM people;

# from and where
SELECT 1 WHERE false;
SELECT 1 + 1 AS two;
SELECT id FROM people WHERE nope = 1;
SELECT id FROM nope;
SELECT nope(id) FROM people;
SELECT id FROM people WHERE id = 1 AND NULL;
SELECT id AS n FROM people WHERE n = 1;
FROM people SELECT id WHERE id < 3 ORDER BY id;
SELECT count(*) FROM (TABLE people);
SELECT a, b FROM people AS p (a, b, c, d, e, f, g, h) WHERE a = 1;
SELECT id AS a, a + 1 AS b FROM people WHERE id < 3 ORDER BY a;
SELECT id AS a, a * 2 AS b, b + 1 AS c FROM people WHERE id = 2;
SELECT ALL id FROM people ORDER BY id LIMIT 1;
SELECT name FROM people WHERE name = '' OR name IS NULL ORDER BY name;
SELECT id FROM people TABLESAMPLE (100 PERCENT) ORDER BY id;

# struct star
SELECT info.* FROM nested WHERE id = 1;
SELECT id, named_struct('x', id, 'y', name).y FROM people ORDER BY id LIMIT 2;
SELECT (1, 'a'), (1, 'a').col1;
SELECT s.a.b FROM (SELECT named_struct('a', named_struct('b', 7)) AS s) t;
SELECT struct(id, name).name FROM people WHERE id = 1;
