-- Arrays, maps and structs: functions, lambdas, subscripts.

# array
SELECT array(1, 2, 3);
SELECT array();
SELECT array(1, NULL);
SELECT array(1, 2.5, 3L);
SELECT array('a', 1);
SELECT array(array(1), array(2, 3));
SELECT array(1, DATE'2026-01-01');

# size
SELECT size(array('b', 'd', 'c', 'a'));
SELECT size(array());
SELECT size(NULL);
SELECT size(map('a', 1, 'b', 2));
SELECT size(CAST(NULL AS ARRAY<INT>));
SELECT id, size(tags), size(props) FROM nested ORDER BY id;

# cardinality
SELECT cardinality(array(1, NULL));
SELECT cardinality(NULL);
SELECT cardinality(map('a', 1));

# array_size
SELECT array_size(array(1, 2));
SELECT array_size(NULL);
SELECT id, array_size(tags) FROM nested ORDER BY id;

# array_contains
SELECT array_contains(array(1, 2, 3), 2);
SELECT array_contains(array(1, 2, 3), 9);
SELECT array_contains(array(1, NULL, 3), 9);
SELECT array_contains(array(1, NULL, 3), 3);
SELECT array_contains(array(1, 2), NULL);
SELECT array_contains(array(1, 2), CAST(NULL AS INT));
SELECT array_contains(CAST(NULL AS ARRAY<INT>), 1);
SELECT array_contains(array(1, 2), 2L);
SELECT array_contains(array('1'), 1);
SELECT id FROM nested WHERE array_contains(tags, 'red') ORDER BY id;

# array_distinct
SELECT array_distinct(array(1, 2, 3, NULL, 3, NULL, 1));
SELECT array_distinct(array());
SELECT array_distinct(NULL);
SELECT array_distinct(array(array(1), array(1)));

# array_union
SELECT array_union(array(1, 2, 3), array(1, 3, 5));
SELECT array_union(array(1, NULL), array(NULL, 2));
SELECT array_union(array(1), CAST(NULL AS ARRAY<INT>));

# array_intersect
SELECT array_intersect(array(1, 2, 3), array(1, 3, 5));
SELECT array_intersect(array(3, 1, NULL, 1), array(NULL, 1, 3));
SELECT array_intersect(array(1), CAST(NULL AS ARRAY<INT>));

# array_except
SELECT array_except(array(1, 2, 3), array(1, 3, 5));
SELECT array_except(array(1, 1, NULL, 2), array(2));
SELECT array_except(CAST(NULL AS ARRAY<INT>), array(1));

# array_remove
SELECT array_remove(array(1, 2, 3, NULL, 3), 3);
SELECT array_remove(array(1, 2), NULL);
SELECT array_remove(CAST(NULL AS ARRAY<INT>), 1);
SELECT array_remove(array('a', 'b'), 'z');

# array_position
SELECT array_position(array(312, 773, 708, 708), 708);
SELECT array_position(array(1, 2), 9);
SELECT array_position(array(1, NULL), NULL);
SELECT array_position(CAST(NULL AS ARRAY<INT>), 1);

# array_join
SELECT array_join(array('hello', 'world'), ' ');
SELECT array_join(array('hello', NULL, 'world'), ' ');
SELECT array_join(array('hello', NULL, 'world'), ' ', ',');
SELECT array_join(NULL, ',');
SELECT array_join(array(), ',');
SELECT array_join(array(1, 2), '-');

# array_max
SELECT array_max(array(1, 20, NULL, 3));
SELECT array_max(array());
SELECT array_max(NULL);
SELECT array_max(array('a', 'b'));
SELECT array_max(array(1.0D, CAST('NaN' AS DOUBLE)));

# array_min
SELECT array_min(array(1, 20, NULL, 3));
SELECT array_min(array(CAST(NULL AS INT)));
SELECT array_min(NULL);
SELECT array_min(array('b', 'B'));

# array_append
SELECT array_append(array('b', 'd'), 'a');
SELECT array_append(array(1), NULL);
SELECT array_append(CAST(NULL AS ARRAY<INT>), 1);
SELECT array_append(array(), 'a');

# array_prepend
SELECT array_prepend(array('b', 'd'), 'a');
SELECT array_prepend(array(1), NULL);
SELECT array_prepend(CAST(NULL AS ARRAY<INT>), 1);

# array_compact
SELECT array_compact(array(1, 2, 3, NULL));
SELECT array_compact(array(NULL, NULL));
SELECT array_compact(NULL);
SELECT array_compact(array('a', NULL, 'b'));

# array_insert
SELECT array_insert(array(1, 2, 3, 4), 5, 5);
SELECT array_insert(array(5, 4, 3, 2), -1, 1);
SELECT array_insert(array(1, 2), 1, 0);
SELECT array_insert(array(1, 2), 5, 9);
SELECT array_insert(array(1, 2), 0, 9);
SELECT array_insert(CAST(NULL AS ARRAY<INT>), 1, 1);

# array_repeat
SELECT array_repeat('123', 2);
SELECT array_repeat(1, 0);
SELECT array_repeat(1, -1);
SELECT array_repeat(NULL, 2);
SELECT array_repeat(1, NULL);

# arrays_overlap
SELECT arrays_overlap(array(1, 2, 3), array(3, 4, 5));
SELECT arrays_overlap(array(1, 2), array(3));
SELECT arrays_overlap(array(1, NULL), array(3));
SELECT arrays_overlap(array(1, NULL), array(1));
SELECT arrays_overlap(array(), array(NULL));
SELECT arrays_overlap(CAST(NULL AS ARRAY<INT>), array(1));

# arrays_zip
SELECT arrays_zip(array(1, 2, 3), array(2, 3, 4));
SELECT arrays_zip(array(1, 2), array('a'));
SELECT arrays_zip(array(1), NULL);
SELECT arrays_zip();
SELECT id, arrays_zip(tags, nums) FROM nested ORDER BY id;

# flatten
SELECT flatten(array(array(1, 2), array(3, 4)));
SELECT flatten(array(array(1), NULL));
SELECT flatten(array(array(1), array()));
SELECT flatten(CAST(NULL AS ARRAY<ARRAY<INT>>));
SELECT flatten(array(array(array(1)), array(array(2))));

# slice
SELECT slice(array(1, 2, 3, 4), 2, 2);
SELECT slice(array(1, 2, 3, 4), -2, 2);
SELECT slice(array(1, 2, 3, 4), 3, 9);
SELECT slice(array(1, 2), 5, 1);
SELECT slice(array(1, 2), 0, 1);
SELECT slice(array(1, 2), 1, -1);
SELECT slice(NULL, 1, 1);
SELECT slice(array(1, 2), -5, 2);

# shuffle
SELECT sort_array(shuffle(array(3, 1, 2)));
SELECT size(shuffle(array(1, 2, NULL)));
SELECT shuffle(NULL);

# sort_array
SELECT sort_array(array('b', 'd', NULL, 'c', 'a'));
SELECT sort_array(array('b', 'd', NULL, 'c', 'a'), true);
SELECT sort_array(array('b', 'd', NULL, 'c', 'a'), false);
SELECT sort_array(array(3, 1, 2), false);
SELECT sort_array(array());
SELECT sort_array(NULL);
SELECT sort_array(array(2.0D, CAST('NaN' AS DOUBLE), NULL, -1.0D));
SELECT sort_array(array(named_struct('a', 2, 'b', 'x'), named_struct('a', 1, 'b', 'z'), named_struct('a', 1, 'b', NULL)));
SELECT sort_array(array('é', 'z', 'Z', 'a', ''));
SELECT sort_array(array(array(2), array(1, 5), array(1)));
SELECT sort_array(array(true, false));
SELECT sort_array('abc');
SELECT id, sort_array(tags), sort_array(nums, false) FROM nested ORDER BY id;
SELECT region, sort_array(collect_set(product)) FROM sales GROUP BY region ORDER BY region;

# array_sort
SELECT array_sort(array('b', 'd', NULL, 'c', 'a'));
SELECT array_sort(array(5, 6, 1), (left, right) -> CASE WHEN left < right THEN -1 WHEN left > right THEN 1 ELSE 0 END);
SELECT array_sort(array(5, 6, 1), (a, b) -> b - a);
SELECT array_sort(array('bc', 'ab', 'dc'), (l, r) -> CASE WHEN l IS NULL AND r IS NULL THEN 0 WHEN l < r THEN 1 WHEN l > r THEN -1 ELSE 0 END);
SELECT array_sort(array());
SELECT array_sort(CAST(NULL AS ARRAY<INT>));

# sequence
SELECT sequence(1, 5);
SELECT sequence(5, 1);
SELECT sequence(1, 10, 3);
SELECT sequence(10, 1, -3);
SELECT sequence(1, 1);
SELECT sequence(1, 5, 0);
SELECT sequence(1, 5, -1);
SELECT sequence(NULL, 5);
SELECT sequence(1, NULL);
SELECT sequence(1L, 3);
SELECT sequence(DATE'2026-01-30', DATE'2026-02-02');
SELECT sequence(DATE'2026-01-31', DATE'2026-05-31', INTERVAL 1 MONTH);
SELECT sequence(DATE'2026-01-01', DATE'2026-01-31', INTERVAL 1 WEEK);
SELECT sequence(DATE'2026-03-01', DATE'2026-01-01', INTERVAL -1 MONTH);
SELECT sequence(TIMESTAMP'2026-01-01 00:00:00', TIMESTAMP'2026-01-01 03:00:00', INTERVAL 1 HOUR);
SELECT sequence(to_date('2026-01-01'), to_date('2026-03-01'), INTERVAL '1' MONTH);
SELECT sequence(CAST('1' AS INT), 3);
SELECT explode(sequence(1, 3)) AS n ORDER BY n;

# element_at
SELECT element_at(array(1, 2, 3), 2);
SELECT element_at(array(1, 2, 3), -1);
SELECT element_at(array(1, 2, 3), 9);
SELECT element_at(array(1, 2, 3), -9);
SELECT element_at(array(1, 2, 3), 0);
SELECT element_at(array(1, 2, 3), CAST(NULL AS INT));
SELECT element_at(CAST(NULL AS ARRAY<INT>), 1);
SELECT element_at(array('a', NULL), 2);
SELECT element_at(map(1, 'a', 2, 'b'), 2);
SELECT element_at(map(1, 'a', 2, 'b'), 3);
SELECT element_at(map('a', 1), 'a');
SELECT element_at(map('a', 1), NULL);
SELECT element_at(array(1, 2), '1');
SELECT id, element_at(nums, 1), element_at(nums, -1), element_at(props, 'x') FROM nested ORDER BY id;
SELECT element_at(split('a,b,c', ','), -1);

# try_element_at
SELECT try_element_at(array(1, 2, 3), 2);
SELECT try_element_at(array(1, 2, 3), 9);
SELECT try_element_at(map('a', 1), 'z');

# get
SELECT get(array(1, 2, 3), 0);
SELECT get(array(1, 2, 3), 3);
SELECT get(array(1, 2, 3), -1);
SELECT get(CAST(NULL AS ARRAY<INT>), 0);

# map
SELECT map('a', 1, 'b', 2);
SELECT map();
SELECT map('a', NULL);
SELECT map(NULL, 1);
SELECT map('a', 1, 'a', 2);
SELECT map('a');
SELECT map(1, 'x', 2.5, 'y');

# map_keys
SELECT sort_array(map_keys(map('a', 1, 'b', 2)));
SELECT map_keys(map());
SELECT map_keys(NULL);

# map_values
SELECT map_values(map('a', 1, 'b', 2));
SELECT map_values(map('a', NULL));
SELECT map_values(NULL);

# map_entries
SELECT map_entries(map('a', 1, 'b', 2));
SELECT map_entries(map());
SELECT map_entries(NULL);

# map_from_arrays
SELECT map_from_arrays(array(1, 2), array('a', 'b'));
SELECT map_from_arrays(array(1), array('a', 'b'));
SELECT map_from_arrays(array(1, NULL), array('a', 'b'));
SELECT map_from_arrays(NULL, array(1));

# map_from_entries
SELECT map_from_entries(array(struct(1, 'a'), struct(2, 'b')));
SELECT map_from_entries(array(struct(1, 'a'), NULL));
SELECT map_from_entries(CAST(NULL AS ARRAY<STRUCT<k: INT, v: STRING>>));
SELECT map_from_entries(array(struct(1, 'a'), struct(1, 'b')));

# map_concat
SELECT map_concat(map(1, 'a'), map(2, 'b'));
SELECT map_concat(map(1, 'a'), map(1, 'b'));
SELECT map_concat(map(1, 'a'), CAST(NULL AS MAP<INT, STRING>));
SELECT map_concat();

# map_contains_key
SELECT map_contains_key(map(1, 'a', 2, 'b'), 1);
SELECT map_contains_key(map(1, 'a'), 3);
SELECT map_contains_key(CAST(NULL AS MAP<INT, STRING>), 1);

# map_filter
SELECT map_filter(map(1, 0, 2, 2, 3, -1), (k, v) -> k > v);
SELECT map_filter(map('a', NULL), (k, v) -> v > 1);
SELECT id, map_filter(props, (k, v) -> v >= 2) FROM nested ORDER BY id;

# map_zip_with
SELECT map_zip_with(map(1, 'a', 2, 'b'), map(1, 'x', 2, 'y'), (k, v1, v2) -> concat(v1, v2));
SELECT map_zip_with(map('a', 1, 'b', 2), map('b', 3, 'c', 4), (k, v1, v2) -> coalesce(v1, 0) + coalesce(v2, 0));
SELECT map_zip_with(map(1, 2), CAST(NULL AS MAP<INT, INT>), (k, a, b) -> a);

# transform_keys
SELECT transform_keys(map('a', 1, 'b', 2), (k, v) -> upper(k));
SELECT transform_keys(map(1, 1, 2, 2), (k, v) -> k + v);
SELECT transform_keys(map(1, 1, 2, 2), (k, v) -> 1);

# transform_values
SELECT transform_values(map('a', 1, 'b', 2), (k, v) -> v * 10);
SELECT transform_values(map('a', NULL), (k, v) -> v + 1);
SELECT transform_values(CAST(NULL AS MAP<INT, INT>), (k, v) -> v);

# named_struct
SELECT named_struct('a', 1, 'b', 2, 'c', 3);
SELECT named_struct('a', NULL);
SELECT named_struct('a', 1, 'b', 'x').b;
SELECT named_struct('a');
SELECT named_struct(1, 2);

# struct
SELECT struct(1, 2, 3);
SELECT struct(id, name) FROM people ORDER BY id;
SELECT struct(id AS x, upper(name)) FROM people ORDER BY id LIMIT 2;
SELECT struct(1 AS a, 'x' AS b).b;
SELECT struct(1, 'a').col2;
SELECT struct(*) FROM people ORDER BY id LIMIT 1;

# transform
SELECT transform(array(1, 2, 3), x -> x + 1);
SELECT transform(array(1, 2, 3), (x, i) -> x * i);
SELECT transform(array(1, NULL), x -> coalesce(x, 0));
SELECT transform(array(), x -> x);
SELECT transform(CAST(NULL AS ARRAY<INT>), x -> x);
SELECT transform(NULL, x -> x);
SELECT transform(array('a', 'b'), x -> concat(x, '!'));
SELECT id, transform(nums, x -> x + id) FROM nested ORDER BY id;
SELECT id, transform(items, x -> x.sku) FROM nested ORDER BY id;
SELECT transform(array(array(1, 2), array(3)), x -> transform(x, y -> y * 2));
SELECT transform(array(1, 2), x -> struct(x AS a, x * 2 AS b));

# filter
SELECT filter(array(1, 2, 3), x -> x % 2 == 1);
SELECT filter(array(0, 2, 3), (x, i) -> x > i);
SELECT filter(array(0, NULL, 2, 3, NULL), x -> x IS NOT NULL);
SELECT filter(array(1, NULL), x -> x > 0);
SELECT filter(CAST(NULL AS ARRAY<INT>), x -> x > 0);
SELECT id, filter(items, x -> x.qty > 2) FROM nested ORDER BY id;

# exists
SELECT exists(array(1, 2, 3), x -> x % 2 == 0);
SELECT exists(array(1, 2, 3), x -> x % 2 == 10);
SELECT exists(array(1, NULL, 3), x -> x % 2 == 0);
SELECT exists(array(0, NULL, 2), x -> x IS NULL);
SELECT exists(array(), x -> x > 0);
SELECT exists(CAST(NULL AS ARRAY<INT>), x -> x > 0);

# forall
SELECT forall(array(1, 2, 3), x -> x % 2 == 0);
SELECT forall(array(2, 4, 8), x -> x % 2 == 0);
SELECT forall(array(1, NULL, 3), x -> x % 2 == 0);
SELECT forall(array(2, NULL, 8), x -> x % 2 == 0);
SELECT forall(array(), x -> x > 0);

# aggregate
SELECT aggregate(array(1, 2, 3), 0, (acc, x) -> acc + x);
SELECT aggregate(array(1, 2, 3), 0, (acc, x) -> acc + x, acc -> acc * 10);
SELECT aggregate(array(1, NULL), 0, (acc, x) -> acc + x);
SELECT aggregate(array(), 5, (acc, x) -> acc + 1);
SELECT aggregate(CAST(NULL AS ARRAY<INT>), 0, (acc, x) -> acc + 1);
SELECT aggregate(array('a', 'b'), '', (acc, x) -> concat(acc, x));
SELECT aggregate(array(1, 2), 0L, (acc, x) -> acc + x);
SELECT id, aggregate(nums, 0, (a, x) -> a + coalesce(x, 0)) FROM nested ORDER BY id;

# reduce
SELECT reduce(array(1, 2, 3), 0, (acc, x) -> acc + x);
SELECT reduce(array(1, 2, 3), 0, (acc, x) -> acc + x, acc -> acc * 10);
SELECT reduce(CAST(NULL AS ARRAY<INT>), 0, (acc, x) -> acc + 1);

# zip_with
SELECT zip_with(array(1, 2), array('a', 'b'), (x, y) -> concat(x, y));
SELECT zip_with(array(1, 2, 3), array(10, 20), (x, y) -> x + y);
SELECT zip_with(array('a'), array(1), (x, y) -> (y, x));
SELECT zip_with(array(1), CAST(NULL AS ARRAY<INT>), (x, y) -> x);

# bitmap_bit_position
SELECT bitmap_bit_position(1), bitmap_bit_position(123), bitmap_bit_position(-1);
SELECT bitmap_bit_position(NULL);
SELECT bitmap_bit_position(32769);

# bitmap_bucket_number
SELECT bitmap_bucket_number(123), bitmap_bucket_number(0), bitmap_bucket_number(-1);
SELECT bitmap_bucket_number(NULL);
SELECT bitmap_bucket_number(32769);

# bitmap_count
SELECT bitmap_count(X'1010');
SELECT bitmap_count(X'FFFF');
SELECT bitmap_count(CAST(NULL AS BINARY));

# bitmap_construct_agg
SELECT substring(hex(bitmap_construct_agg(bitmap_bit_position(col))), 0, 6) FROM VALUES (1), (2), (3) AS tab(col);
SELECT bitmap_count(bitmap_construct_agg(bitmap_bit_position(id))) FROM people;

# bitmap_or_agg
SELECT substring(hex(bitmap_or_agg(col)), 0, 6) FROM VALUES (X'10'), (X'20'), (X'40') AS tab(col);
SELECT bitmap_count(bitmap_or_agg(col)) FROM VALUES (X'10'), (X'20'), (X'10') AS tab(col);

# subscript
SELECT array(1, 2, 3)[0];
SELECT array(1, 2, 3)[3];
SELECT array(1, 2, 3)[-1];
SELECT array(1, 2, 3)[NULL];
SELECT map('a', 1)['a'];
SELECT map('a', 1)['z'];
SELECT map(1, 'x')[1];
SELECT map('a', map('b', 2))['a']['b'];
SELECT map('a', 1).a;
SELECT id, tags[0], nums[1], props['x'], info.a, info.b, items[0].sku, items.qty FROM nested ORDER BY id;
SELECT id, props.x, props.nope FROM nested ORDER BY id;
SELECT id, info.c FROM nested;
SELECT id, info.* FROM nested ORDER BY id;
SELECT nested.info.a, n.id FROM nested AS n ORDER BY n.id;
SELECT n.info.a, n.items[0].qty + 1 FROM nested AS n ORDER BY n.id;
SELECT array(named_struct('a', 1), named_struct('a', 2)).a;
SELECT id FROM nested WHERE info.a = 1 AND tags[0] = 'red' ORDER BY id;
SELECT split('a-b-c', '-')[2];
SELECT id, nums[id - 1] FROM nested ORDER BY id;
