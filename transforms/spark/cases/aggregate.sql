-- Aggregate functions, with GROUP BY, DISTINCT and FILTER.

# count
SELECT count(*) FROM people;
SELECT count(1) FROM people;
SELECT count(name) FROM people;
SELECT count(DISTINCT city) FROM people;
SELECT count(DISTINCT city, active) FROM people;
SELECT count(name, city) FROM people;
SELECT count(*) FROM people WHERE id > 100;
SELECT region, count(*) FROM sales GROUP BY region ORDER BY region;
SELECT count(*) FROM people GROUP BY id HAVING id > 100;
SELECT count(NULL) FROM people;

# sum
SELECT sum(id) FROM people;
SELECT sum(score) FROM people;
SELECT sum(salary) FROM people;
SELECT sum(boss) FROM people WHERE id = 1;
SELECT sum(id) FROM people WHERE id > 100;
SELECT sum(DISTINCT quantity) FROM sales;
SELECT region, sum(amount), sum(quantity) FROM sales GROUP BY region ORDER BY region;
SELECT sum(x) FROM VALUES ('1'), ('2.5'), ('abc') AS t(x);
SELECT sum(x) FROM VALUES (9223372036854775807L), (1L) AS t(x);
SELECT typeof(sum(x)) FROM VALUES (CAST(1.5 AS DECIMAL(38,2))) AS t(x);
SELECT sum(x) FROM VALUES (INTERVAL 1 DAY), (INTERVAL 2 DAY) AS t(x);

# min
SELECT min(id), min(name), min(birth), min(active) FROM people;
SELECT min(x) FROM VALUES (NULL), (NULL) AS t(x);
SELECT min(d), min(s), min(ts) FROM odd;
SELECT region, min(day) FROM sales GROUP BY region ORDER BY region;

# max
SELECT max(id), max(name), max(birth), max(active) FROM people;
SELECT max(d), max(s), max(m) FROM odd;
SELECT max(nums), max(info) FROM nested;
SELECT max(id) FROM people WHERE id > 100;

# avg
SELECT avg(id) FROM people;
SELECT avg(salary) FROM people;
SELECT avg(score) FROM people;
SELECT avg(id) FROM people WHERE id > 100;
SELECT avg(x) FROM VALUES ('1'), ('2') AS t(x);
SELECT avg(DISTINCT quantity) FROM sales;
SELECT region, avg(amount) FROM sales GROUP BY region ORDER BY region;

# mean
SELECT mean(id) FROM people;
SELECT mean(salary) FROM people;
SELECT mean(boss) FROM people WHERE boss IS NULL;

# try_sum
SELECT try_sum(id) FROM people;
SELECT try_sum(x) FROM VALUES (9223372036854775807L), (1L) AS t(x);
SELECT try_sum(x) FROM VALUES (NULL) AS t(x);

# try_avg
SELECT try_avg(id) FROM people;
SELECT try_avg(salary) FROM people;
SELECT try_avg(x) FROM VALUES (NULL), (NULL) AS t(x);

# count_if
SELECT count_if(id > 3) FROM people;
SELECT count_if(active) FROM people;
SELECT count_if(score IS NULL) FROM people;
SELECT count_if(NULL) FROM people;
SELECT count_if(score > 0) FROM people WHERE id > 100;
SELECT count_if(id) FROM people;
SELECT region, count_if(amount > 5) FROM sales GROUP BY region ORDER BY region;
SELECT count_if(DISTINCT id % 2 = 0) FROM people;
SELECT id, count_if(active) OVER (ORDER BY id) FROM people ORDER BY id;
SELECT city FROM people GROUP BY city HAVING count_if(active) = 1 ORDER BY city;

# collect_list
SELECT collect_list(name) FROM (SELECT * FROM people ORDER BY id) t;
SELECT collect_list(x) FROM VALUES (3), (1), (NULL), (3) AS t(x);
SELECT collect_list(x) FROM VALUES (1) AS t(x) WHERE x > 5;
SELECT region, sort_array(collect_list(product)) FROM sales GROUP BY region ORDER BY region;
SELECT collect_list(DISTINCT x) FROM VALUES (3), (3) AS t(x);
SELECT sort_array(collect_list(struct(id, name))) FROM people;

# collect_set
SELECT sort_array(collect_set(city)) FROM people;
SELECT sort_array(collect_set(x)) FROM VALUES (3), (1), (NULL), (3) AS t(x);
SELECT collect_set(x) FROM VALUES (NULL) AS t(x);
SELECT region, sort_array(collect_set(person)) FROM sales GROUP BY region ORDER BY region;

# array_agg
SELECT array_agg(x) FROM VALUES (3), (1), (NULL), (3) AS t(x);
SELECT sort_array(array_agg(city)) FROM people;
SELECT array_agg(x) FROM VALUES (NULL) AS t(x);

# first
SELECT first(x) FROM VALUES (10), (5), (20) AS t(x);
SELECT first(x) FROM VALUES (NULL), (5), (20) AS t(x);
SELECT first(x, true) FROM VALUES (NULL), (5), (20) AS t(x);
SELECT first(x) IGNORE NULLS FROM VALUES (NULL), (5), (20) AS t(x);
SELECT first(x) RESPECT NULLS FROM VALUES (NULL), (5) AS t(x);
SELECT first(x) FROM VALUES (10) AS t(x) WHERE x > 10;
SELECT first(x, true) FROM VALUES (NULL), (NULL) AS t(x);
SELECT first(name), first(city) FROM (SELECT * FROM people ORDER BY id) t;
SELECT region, first(product) FROM (SELECT * FROM sales ORDER BY id) t GROUP BY region ORDER BY region;
SELECT id, first(id) OVER (PARTITION BY region ORDER BY id DESC) FROM sales ORDER BY id;

# last
SELECT last(x) FROM VALUES (10), (5), (20) AS t(x);
SELECT last(x) FROM VALUES (10), (5), (NULL) AS t(x);
SELECT last(x, true) FROM VALUES (10), (5), (NULL) AS t(x);
SELECT last(x) IGNORE NULLS FROM VALUES (10), (5), (NULL) AS t(x);
SELECT last(x) FROM VALUES (10) AS t(x) WHERE x > 10;
SELECT last(name) FROM (SELECT * FROM people ORDER BY id DESC) t;
SELECT region, last(product) FROM (SELECT * FROM sales ORDER BY id) t GROUP BY region ORDER BY region;
SELECT id, last(id) OVER (PARTITION BY region ORDER BY id) FROM sales ORDER BY id;
SELECT id, last(amount, true) OVER (ORDER BY id) FROM sales ORDER BY id;

# first_value
SELECT first_value(x) FROM VALUES (10), (5), (20) AS t(x);
SELECT first_value(x, true) FROM VALUES (NULL), (5), (20) AS t(x);
SELECT first_value(x) FROM VALUES (NULL), (5) AS t(x);

# last_value
SELECT last_value(x) FROM VALUES (10), (5), (20) AS t(x);
SELECT last_value(x, true) FROM VALUES (10), (NULL) AS t(x);
SELECT last_value(x) FROM VALUES (10), (NULL) AS t(x);

# any_value
SELECT any_value(x) FROM VALUES (5), (5) AS t(x);
SELECT any_value(x, true) FROM VALUES (NULL), (5) AS t(x);
SELECT any_value(x) FROM VALUES (5) AS t(x) WHERE x > 5;

# approx_count_distinct
SELECT approx_count_distinct(x) FROM VALUES (1), (1), (2), (2), (3) AS t(x);
SELECT approx_count_distinct(city) FROM people;
SELECT approx_count_distinct(x) FROM VALUES (NULL), (NULL) AS t(x);
SELECT approx_count_distinct(x) FROM VALUES (1) AS t(x) WHERE x > 1;
SELECT approx_count_distinct(x, 0.01) FROM VALUES ('a'), ('b'), ('a') AS t(x);
SELECT region, approx_count_distinct(product) FROM sales GROUP BY region ORDER BY region;
SELECT approx_count_distinct(x) FROM VALUES (0.0D), (-0.0D) AS t(x);
SELECT typeof(approx_count_distinct(id)) FROM people;
SELECT approx_count_distinct(id) FILTER (WHERE id > 3) FROM people;

# percentile
SELECT percentile(x, 0.3) FROM VALUES (0), (10) AS t(x);
SELECT percentile(x, array(0.25, 0.75)) FROM VALUES (0), (10) AS t(x);
SELECT percentile(score, 0.5) FROM people;
SELECT percentile(x, 0.5, f) FROM VALUES (1, 1), (2, 3), (9, 1) AS t(x, f);
SELECT percentile(x, 0.5) FROM VALUES (NULL) AS t(x);
SELECT percentile(x, 1.5) FROM VALUES (1) AS t(x);
SELECT percentile(salary, 0) FROM people;

# percentile_cont
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY x) FROM VALUES (0), (10) AS t(x);
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY score DESC) FROM people;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM VALUES (NULL) AS t(x);

# percentile_disc
SELECT percentile_disc(0.25) WITHIN GROUP (ORDER BY x) FROM VALUES (0), (10) AS t(x);
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY score DESC) FROM people;
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY x) FROM VALUES (NULL) AS t(x);

# percentile_approx
SELECT percentile_approx(x, 0.5) FROM VALUES (0), (1), (2), (10) AS t(x);
SELECT percentile_approx(x, 0.5, 100) FROM VALUES (0), (6), (7), (9), (10) AS t(x);
SELECT percentile_approx(x, array(0.5, 0.4, 0.1), 100) FROM VALUES (0), (1), (2), (10) AS t(x);
SELECT percentile_approx(score, 0.5) FROM people;
SELECT percentile_approx(salary, 0.5) FROM people;
SELECT percentile_approx(x, 0.0), percentile_approx(x, 1.0) FROM VALUES (3), (1), (2) AS t(x);
SELECT percentile_approx(x, 0.5) FROM VALUES (NULL) AS t(x);
SELECT percentile_approx(x, 0.5) FROM VALUES (1) AS t(x) WHERE x > 1;
SELECT percentile_approx(x, 1.5) FROM VALUES (1) AS t(x);
SELECT percentile_approx(birth, 0.5) FROM people;
SELECT region, percentile_approx(amount, 0.5) FROM sales GROUP BY region ORDER BY region;

# approx_percentile
SELECT approx_percentile(x, 0.5, 100) FROM VALUES (0), (6), (7), (9), (10) AS t(x);
SELECT approx_percentile(x, array(0.25, 0.75)) FROM VALUES (1), (2), (3), (4) AS t(x);
SELECT approx_percentile(x, 0.5) FROM VALUES (NULL) AS t(x);

# median
SELECT median(x) FROM VALUES (0), (10) AS t(x);
SELECT median(score) FROM people;
SELECT median(salary) FROM people;
SELECT median(x) FROM VALUES (NULL) AS t(x);
SELECT median(x) FROM VALUES (INTERVAL '0' MONTH), (INTERVAL '10' MONTH) AS t(x);

# mode
SELECT mode(x) FROM VALUES (0), (10), (10) AS t(x);
SELECT mode(product) FROM sales WHERE product <> 'ink' AND region = 'north' AND id <> 8;
SELECT mode(x) FROM VALUES (NULL), (NULL), (1) AS t(x);
SELECT mode(x) FROM VALUES (NULL) AS t(x);

# stddev
SELECT stddev(x) FROM VALUES (1), (2), (3) AS t(x);
SELECT stddev(x) FROM VALUES (1) AS t(x);
SELECT stddev(x) FROM VALUES (NULL) AS t(x);

# stddev_samp
SELECT stddev_samp(x) FROM VALUES (1), (2), (3) AS t(x);
SELECT stddev_samp(x) FROM VALUES (1) AS t(x);
SELECT stddev_samp(salary) FROM people;

# stddev_pop
SELECT stddev_pop(x) FROM VALUES (1), (2), (3) AS t(x);
SELECT stddev_pop(x) FROM VALUES (1) AS t(x);
SELECT stddev_pop(x) FROM VALUES (NULL) AS t(x);

# std
SELECT std(x) FROM VALUES (1), (2), (3) AS t(x);
SELECT std(x) FROM VALUES (1) AS t(x);
SELECT std(x) FROM VALUES (NULL) AS t(x);

# variance
SELECT variance(x) FROM VALUES (1), (2), (3) AS t(x);
SELECT variance(x) FROM VALUES (1) AS t(x);
SELECT variance(x) FROM VALUES (NULL) AS t(x);
SELECT variance(x) FROM VALUES (1) AS t(x) WHERE x > 1;
SELECT variance(salary) FROM people;
SELECT variance(x) FROM VALUES ('1'), ('2'), ('x') AS t(x);
SELECT region, variance(quantity) FROM sales GROUP BY region ORDER BY region;
SELECT variance(DISTINCT quantity) FROM sales;
SELECT variance(x) FROM VALUES (1.0D), (CAST('NaN' AS DOUBLE)) AS t(x);

# var_samp
SELECT var_samp(x) FROM VALUES (1), (2), (3) AS t(x);
SELECT var_samp(x) FROM VALUES (1) AS t(x);
SELECT var_samp(x) FROM VALUES (NULL) AS t(x);

# var_pop
SELECT var_pop(x) FROM VALUES (1), (2), (3) AS t(x);
SELECT var_pop(x) FROM VALUES (1) AS t(x);
SELECT var_pop(x) FROM VALUES (NULL) AS t(x);

# corr
SELECT corr(x, y) FROM VALUES (3, 2), (3, 3), (6, 4) AS t(x, y);
SELECT corr(x, y) FROM VALUES (1, 2) AS t(x, y);
SELECT corr(x, y) FROM VALUES (1, NULL), (2, NULL) AS t(x, y);

# covar_pop
SELECT covar_pop(x, y) FROM VALUES (1, 1), (2, 2), (3, 3) AS t(x, y);
SELECT covar_pop(x, y) FROM VALUES (1, 2) AS t(x, y);
SELECT covar_pop(x, y) FROM VALUES (1, NULL) AS t(x, y);

# covar_samp
SELECT covar_samp(x, y) FROM VALUES (1, 1), (2, 2), (3, 3) AS t(x, y);
SELECT covar_samp(x, y) FROM VALUES (1, 2) AS t(x, y);
SELECT covar_samp(x, y) FROM VALUES (1, NULL) AS t(x, y);

# regr_slope
SELECT regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_count(y, x) FROM VALUES (1, 2), (2, 4), (3, 7) AS t(x, y);
SELECT regr_avgx(y, x), regr_avgy(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x) FROM VALUES (1, 2), (2, NULL), (3, 7) AS t(x, y);
SELECT regr_slope(y, x) FROM VALUES (1, 2) AS t(x, y);

# skewness
SELECT skewness(x) FROM VALUES (-10), (-20), (100), (1000) AS t(x);
SELECT skewness(x) FROM VALUES (1) AS t(x);
SELECT skewness(x) FROM VALUES (NULL) AS t(x);

# kurtosis
SELECT kurtosis(x) FROM VALUES (-10), (-20), (100), (1000) AS t(x);
SELECT kurtosis(x) FROM VALUES (1) AS t(x);
SELECT kurtosis(x) FROM VALUES (NULL) AS t(x);

# bool_and
SELECT bool_and(active) FROM people;
SELECT bool_and(x) FROM VALUES (true), (NULL) AS t(x);
SELECT bool_and(x) FROM VALUES (CAST(NULL AS BOOLEAN)) AS t(x);

# bool_or
SELECT bool_or(active) FROM people;
SELECT bool_or(x) FROM VALUES (false), (NULL) AS t(x);
SELECT bool_or(x) FROM VALUES (true) AS t(x) WHERE NOT x;

# every
SELECT every(active) FROM people;
SELECT every(x) FROM VALUES (true), (true) AS t(x);
SELECT every(id) FROM people;

# some
SELECT some(active) FROM people;
SELECT some(x) FROM VALUES (false), (false) AS t(x);
SELECT some(x) FROM VALUES (CAST(NULL AS BOOLEAN)) AS t(x);

# any
SELECT any(active) FROM people;
SELECT any(x) FROM VALUES (false), (NULL) AS t(x);
SELECT any(id > 5) FROM people;

# bit_and
SELECT bit_and(x) FROM VALUES (3), (5) AS t(x);
SELECT bit_or(x) FROM VALUES (3), (5) AS t(x);
SELECT bit_xor(x) FROM VALUES (3), (5), (NULL) AS t(x);

# max_by
SELECT max_by(name, score) FROM people;
SELECT max_by(x, y) FROM VALUES ('a', 10), ('b', 50), ('c', 20) AS t(x, y);
SELECT max_by(x, y) FROM VALUES ('a', 10), ('b', NULL) AS t(x, y);
SELECT max_by(x, y) FROM VALUES (NULL, 10), ('b', 5) AS t(x, y);
SELECT max_by(x, y) FROM VALUES ('a', NULL), ('b', NULL) AS t(x, y);
SELECT max_by(x, y) FROM VALUES ('a', 1) AS t(x, y) WHERE y > 1;
SELECT region, max_by(product, amount) FROM sales GROUP BY region ORDER BY region;
SELECT max_by(struct(id, name), birth) FROM people;
SELECT max_by(x, y) FROM VALUES ('a', 1.0D), ('b', CAST('NaN' AS DOUBLE)) AS t(x, y);
SELECT max_by(id, name) FROM people;

# min_by
SELECT min_by(name, score) FROM people;
SELECT min_by(x, y) FROM VALUES ('a', 10), ('b', 50), ('c', 20) AS t(x, y);
SELECT min_by(x, y) FROM VALUES ('a', 10), ('b', NULL) AS t(x, y);
SELECT min_by(x, y) FROM VALUES (NULL, 1), ('b', 5) AS t(x, y);
SELECT min_by(x, y) FROM VALUES ('a', NULL), ('b', NULL) AS t(x, y);
SELECT min_by(x, y) FROM VALUES ('a', 1) AS t(x, y) WHERE y > 1;
SELECT region, min_by(product, amount) FROM sales GROUP BY region ORDER BY region;
SELECT min_by(id, birth) FROM people;

# grouping
SELECT region, product, grouping(region), grouping(product) FROM sales GROUP BY ROLLUP(region, product) ORDER BY grouping(region), grouping(product), region, product;
SELECT region, grouping(region), sum(quantity) FROM sales GROUP BY CUBE(region) ORDER BY 2, 1;
SELECT grouping(region) FROM sales GROUP BY region;

# grouping_id
SELECT region, product, grouping_id() AS g, count(*) FROM sales GROUP BY CUBE(region, product) ORDER BY g, region, product;
SELECT region, product, grouping_id(region, product) AS g, count(*) FROM sales GROUP BY region, product WITH ROLLUP ORDER BY g, region, product;
SELECT region, grouping__id FROM sales GROUP BY region WITH CUBE ORDER BY 2, 1;

# histogram_numeric
SELECT histogram_numeric(x, 5) FROM VALUES (0), (1), (2), (10) AS t(x);

# filter clause
SELECT count(*) FILTER (WHERE id > 3), sum(salary) FILTER (WHERE active), max(id) FILTER (WHERE id > 100) FROM people;
SELECT region, sum(quantity) FILTER (WHERE product = 'pen') AS pens FROM sales GROUP BY region ORDER BY region;
SELECT count(DISTINCT city) FILTER (WHERE active) FROM people;
SELECT sort_array(collect_list(name) FILTER (WHERE id <= 3)) FROM people;

# aggregate mix
SELECT region, count(*) AS n, sum(amount) AS s, round(avg(price), 2) AS p, min(day) AS d FROM sales GROUP BY region HAVING count(*) > 1 ORDER BY n DESC, region;
SELECT year(day) AS y, month(day) AS m, sum(amount) FROM sales GROUP BY year(day), month(day) ORDER BY y, m;
SELECT sum(amount) / count(*), sum(amount) * 1.1, sum(quantity) / 3 FROM sales;
