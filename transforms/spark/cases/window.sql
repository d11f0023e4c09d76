-- Window functions and window frames.

# row_number
SELECT id, row_number() OVER (ORDER BY id DESC) AS n FROM people ORDER BY id;
SELECT id, row_number() OVER (PARTITION BY region ORDER BY amount DESC, id) AS n FROM sales ORDER BY id;
SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY person ORDER BY day DESC, id) AS n FROM sales) t WHERE n = 1 ORDER BY id;
SELECT id, row_number() OVER (PARTITION BY city ORDER BY score) AS n FROM people ORDER BY id;
SELECT row_number() FROM people;
SELECT id, row_number() OVER () FROM people WHERE id = 1;

# rank
SELECT id, rank() OVER (ORDER BY product) AS r FROM sales ORDER BY id;
SELECT id, rank() OVER (PARTITION BY region ORDER BY quantity DESC) AS r FROM sales ORDER BY id;
SELECT id, rank() OVER (ORDER BY score) AS r FROM people ORDER BY id;

# dense_rank
SELECT id, dense_rank() OVER (ORDER BY product) AS r FROM sales ORDER BY id;
SELECT id, dense_rank() OVER (ORDER BY quantity DESC) AS r FROM sales ORDER BY id;
SELECT id, dense_rank() OVER (PARTITION BY region ORDER BY price) AS r FROM sales ORDER BY id;

# percent_rank
SELECT id, percent_rank() OVER (ORDER BY product) AS r FROM sales ORDER BY id;
SELECT percent_rank() OVER (ORDER BY id) FROM people WHERE id = 1;
SELECT id, percent_rank() OVER (PARTITION BY region ORDER BY amount) AS r FROM sales ORDER BY id;

# cume_dist
SELECT id, cume_dist() OVER (ORDER BY product) AS r FROM sales ORDER BY id;
SELECT cume_dist() OVER (ORDER BY id) FROM people WHERE id = 1;
SELECT id, cume_dist() OVER (PARTITION BY region ORDER BY amount) AS r FROM sales ORDER BY id;

# ntile
SELECT id, ntile(3) OVER (ORDER BY id) AS n FROM sales ORDER BY id;
SELECT id, ntile(10) OVER (ORDER BY id) AS n FROM people ORDER BY id;
SELECT id, ntile() OVER (ORDER BY id) AS n FROM people ORDER BY id;
SELECT id, ntile(0) OVER (ORDER BY id) AS n FROM people ORDER BY id;

# lag
SELECT id, lag(id) OVER (ORDER BY id) FROM people ORDER BY id;
SELECT id, lag(id, 2) OVER (ORDER BY id) FROM people ORDER BY id;
SELECT id, lag(id, 1, -1) OVER (ORDER BY id) FROM people ORDER BY id;
SELECT id, lag(amount) OVER (PARTITION BY region ORDER BY id) FROM sales ORDER BY id;
SELECT id, lag(amount) IGNORE NULLS OVER (ORDER BY id) FROM sales ORDER BY id;
SELECT id, lag(id, -1) OVER (ORDER BY id) FROM people ORDER BY id;
SELECT id, lag(id, 0) OVER (ORDER BY id) FROM people ORDER BY id;

# lead
SELECT id, lead(id) OVER (ORDER BY id) FROM people ORDER BY id;
SELECT id, lead(name, 2, 'none') OVER (ORDER BY id) FROM people ORDER BY id;
SELECT id, lead(day) OVER (PARTITION BY region ORDER BY day, id) FROM sales ORDER BY id;
SELECT id, lead(amount, 1) IGNORE NULLS OVER (ORDER BY id) FROM sales ORDER BY id;
SELECT id, datediff(lead(day) OVER (ORDER BY day), day) AS gap FROM sales WHERE day IS NOT NULL ORDER BY id;

# first_value
SELECT id, first_value(product) OVER (PARTITION BY region ORDER BY id) FROM sales ORDER BY id;
SELECT id, first_value(amount, true) OVER (ORDER BY id DESC ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM sales ORDER BY id;
SELECT id, first_value(amount) IGNORE NULLS OVER (PARTITION BY region ORDER BY amount, id) FROM sales ORDER BY id;

# last_value
SELECT id, last_value(product) OVER (PARTITION BY region ORDER BY id) FROM sales ORDER BY id;
SELECT id, last_value(product) OVER (PARTITION BY region ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM sales ORDER BY id;
SELECT id, last_value(quantity) IGNORE NULLS OVER (ORDER BY id) FROM sales ORDER BY id;

# nth_value
SELECT id, nth_value(id, 2) OVER (ORDER BY id) FROM people ORDER BY id;
SELECT id, nth_value(amount, 2) IGNORE NULLS OVER (PARTITION BY region ORDER BY id) FROM sales ORDER BY id;
SELECT id, nth_value(id, 9) OVER (ORDER BY id) FROM people ORDER BY id;
SELECT id, nth_value(id, 0) OVER (ORDER BY id) FROM people ORDER BY id;

# window frame
SELECT id, sum(quantity) OVER (ORDER BY id) FROM sales ORDER BY id;
SELECT id, sum(quantity) OVER (PARTITION BY region) FROM sales ORDER BY id;
SELECT id, sum(quantity) OVER () FROM sales ORDER BY id;
SELECT id, sum(quantity) OVER (ORDER BY product) FROM sales ORDER BY id;
SELECT id, sum(quantity) OVER (ORDER BY product ROWS UNBOUNDED PRECEDING) - sum(quantity) OVER (ORDER BY product ROWS UNBOUNDED PRECEDING) FROM sales ORDER BY id;
SELECT id, sum(quantity) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM sales ORDER BY id;
SELECT id, sum(quantity) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) FROM sales ORDER BY id;
SELECT id, sum(quantity) OVER (ORDER BY id RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) FROM sales ORDER BY id;
SELECT id, count(*) OVER (ORDER BY day RANGE BETWEEN INTERVAL '20' DAY PRECEDING AND CURRENT ROW) FROM sales ORDER BY id;
SELECT id, count(*) OVER (ORDER BY day RANGE BETWEEN 20 PRECEDING AND CURRENT ROW) FROM sales ORDER BY id;
SELECT id, count(*) OVER (ORDER BY at RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) FROM events ORDER BY id;
SELECT id, count(*) OVER (ORDER BY at RANGE BETWEEN INTERVAL 1 MONTH PRECEDING AND INTERVAL 1 MONTH FOLLOWING) FROM events ORDER BY id;
SELECT id, avg(amount) OVER (PARTITION BY region ORDER BY id) FROM sales ORDER BY id;
SELECT id, max(day) OVER w, min(day) OVER w FROM sales WINDOW w AS (PARTITION BY region) ORDER BY id;
SELECT id, collect_list(id) OVER (PARTITION BY region ORDER BY id) FROM sales ORDER BY id;
SELECT id, count(DISTINCT product) OVER (PARTITION BY region) FROM sales ORDER BY id;
SELECT region, sum(sum(quantity)) OVER (ORDER BY region) AS s FROM sales GROUP BY region ORDER BY region;
SELECT region, rank() OVER (ORDER BY sum(quantity) DESC, region) AS r FROM sales GROUP BY region ORDER BY r;
SELECT id, round(100 * quantity / sum(quantity) OVER (), 2) AS share FROM sales ORDER BY id;
SELECT id, sum(id) OVER (ORDER BY id DESC NULLS LAST) FROM people ORDER BY id;
SELECT id, sum(id) OVER (DISTRIBUTE BY active SORT BY id) FROM people ORDER BY id;
SELECT id, score, sum(id) OVER (ORDER BY score NULLS LAST) FROM people ORDER BY id;
