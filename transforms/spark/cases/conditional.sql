-- NULL handling, conditions, and small functions that fit nowhere else.

# coalesce
SELECT coalesce(NULL, 1, NULL);
SELECT coalesce(NULL, NULL);
SELECT coalesce('a', 1);
SELECT coalesce(NULL, 1, 2.5);
SELECT coalesce();
SELECT coalesce(1, DATE'2026-01-01');
SELECT id, coalesce(name, city, 'none') FROM people ORDER BY id;

# nvl
SELECT nvl(NULL, 1);
SELECT nvl('a', 'b');
SELECT nvl(NULL, array('2'));
SELECT nvl(1, 'x');

# nvl2
SELECT nvl2(NULL, 2, 1);
SELECT nvl2(1, 'yes', 'no');
SELECT nvl2(NULL, 1, NULL);
SELECT nvl2(1, 2, 'x');

# ifnull
SELECT ifnull(NULL, array('2'));
SELECT ifnull(1, 2);
SELECT ifnull(NULL, NULL);

# nullif
SELECT nullif(2, 2);
SELECT nullif(2, 3);
SELECT nullif(NULL, 1);
SELECT nullif('', '');
SELECT nullif('1', 1);

# if
SELECT if(1 < 2, 'a', 'b');
SELECT if(NULL, 'a', 'b');
SELECT if(false, 1, 2.5);
SELECT if(true, 1, 'x');
SELECT if(1, 2, 3);
SELECT id, if(score > 1, 'high', 'low') FROM people ORDER BY id;

# isnull
SELECT isnull(NULL);
SELECT isnull(1);
SELECT isnull('');
SELECT isnull(CAST('NaN' AS DOUBLE));
SELECT isnull(1 / 0);
SELECT isnull(array(NULL));
SELECT isnull(CAST('abc' AS INT));
SELECT id FROM people WHERE isnull(name) ORDER BY id;
SELECT id, isnull(score) AND isnull(boss) FROM people ORDER BY id;

# isnotnull
SELECT isnotnull(NULL);
SELECT isnotnull(1);
SELECT isnotnull('');
SELECT isnotnull(CAST('NaN' AS DOUBLE));
SELECT isnotnull(1 / 0);
SELECT isnotnull(named_struct('a', NULL));
SELECT id FROM people WHERE isnotnull(birth) ORDER BY id;
SELECT count(*) FROM people WHERE isnotnull(boss);

# nanvl
SELECT nanvl(CAST('NaN' AS DOUBLE), 123);
SELECT nanvl(1.5D, 123);
SELECT nanvl(NULL, 1);
SELECT nanvl(CAST('NaN' AS DOUBLE), NULL);

# isnan
SELECT isnan(CAST('NaN' AS DOUBLE));
SELECT isnan(1.0D);
SELECT isnan(NULL);
SELECT isnan('NaN');
SELECT id, isnan(d) FROM odd ORDER BY id;

# equal_null
SELECT equal_null(3, 3), equal_null(1, 11), equal_null(NULL, 'x'), equal_null(NULL, NULL);
SELECT equal_null('1', 1);
SELECT equal_null(true, NULL);

# case
SELECT CASE WHEN 1 > 2 THEN 'a' WHEN 2 > 1 THEN 'b' ELSE 'c' END;
SELECT CASE WHEN NULL THEN 'a' END;
SELECT CASE WHEN CAST(NULL AS BOOLEAN) THEN 'a' END;
SELECT CASE 3 WHEN 1 THEN 'one' WHEN 3 THEN 'three' END;
SELECT CASE NULL WHEN NULL THEN 'same' ELSE 'other' END;
SELECT CASE WHEN true THEN 1 ELSE 2.5 END;
SELECT CASE WHEN true THEN 1 ELSE 'x' END;
SELECT id, CASE WHEN score IS NULL THEN 'none' WHEN score < 0 THEN 'neg' ELSE 'pos' END AS c FROM people ORDER BY id;
SELECT id, CASE city WHEN 'Berlin' THEN 1 WHEN NULL THEN 2 ELSE 3 END FROM people ORDER BY id;

# assert_true
SELECT assert_true(0 < 1);
SELECT assert_true(false);
SELECT assert_true(NULL);
SELECT assert_true(false, 'message');

# raise_error
SELECT raise_error('message');
SELECT if(true, 1, raise_error('never'));
SELECT raise_error(NULL);

# typeof
SELECT typeof(1);
SELECT typeof(1L), typeof(1S), typeof(1Y);
SELECT typeof(1.5), typeof(1.5D), typeof(1.5F), typeof(1e3), typeof(1.5BD);
SELECT typeof('a');
SELECT typeof(NULL);
SELECT typeof(true);
SELECT typeof(array(1)), typeof(array());
SELECT typeof(map('a', 1)), typeof(map());
SELECT typeof(named_struct('a', 1, 'b', 'x'));
SELECT typeof(DATE'2026-01-01'), typeof(TIMESTAMP'2026-01-01 00:00:00');
SELECT typeof(X'00');
SELECT typeof(INTERVAL 1 DAY), typeof(INTERVAL 1 MONTH), typeof(make_interval(1));
SELECT typeof(1 / 2), typeof(1 + 1L), typeof(1 + 1.5), typeof(1 + '1');
SELECT typeof(count(*)), typeof(sum(id)), typeof(avg(id)), typeof(sum(salary)), typeof(avg(salary)) FROM people;
SELECT typeof(salary), typeof(birth), typeof(active) FROM people LIMIT 1;
SELECT typeof(2147483648), typeof(9223372036854775808), typeof(-2147483648);

# monotonically_increasing_id
SELECT monotonically_increasing_id();
SELECT typeof(monotonically_increasing_id());
SELECT id, monotonically_increasing_id() AS n FROM people ORDER BY id;
SELECT monotonically_increasing_id() + id AS n FROM people ORDER BY id;
SELECT count(DISTINCT n) = count(*) FROM (SELECT monotonically_increasing_id() AS n FROM sales) t;
SELECT min(n) >= 0 FROM (SELECT monotonically_increasing_id() AS n FROM sales) t;
SELECT monotonically_increasing_id(1);
SELECT id FROM people WHERE monotonically_increasing_id() < 2 ORDER BY id;

# spark_partition_id
SELECT spark_partition_id();
SELECT DISTINCT spark_partition_id() FROM people;
SELECT typeof(spark_partition_id());

# input_file_name
SELECT input_file_name();
SELECT input_file_name() = '' FROM people LIMIT 1;
SELECT typeof(input_file_name());

# current_user
SELECT length(current_user()) > 0;
SELECT current_user() = current_user;
SELECT typeof(current_user());

# user
SELECT user() = current_user();

# version
SELECT version() RLIKE '^3[.]5[.]';
SELECT typeof(version());
SELECT length(version()) > 5;

# current_database
SELECT current_database();
SELECT current_schema();
SELECT current_catalog();
