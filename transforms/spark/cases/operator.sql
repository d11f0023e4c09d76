-- Operators and predicates.

# div operator
SELECT 7 DIV 2;
SELECT -7 DIV 2;
SELECT 7 DIV -2;
SELECT 7 DIV 0;
SELECT 7.5 DIV 2;
SELECT 7.5D DIV 2;
SELECT NULL DIV 2;
SELECT 7 div 2;
SELECT typeof(7 DIV 2), typeof(7L DIV 2);
SELECT CAST(-9223372036854775808 AS BIGINT) DIV -1;
SELECT id, l DIV 2 FROM odd ORDER BY id;

# division
SELECT 7 / 2;
SELECT 6 / 2;
SELECT -7 / 2;
SELECT 1 / 0;
SELECT 0 / 0;
SELECT 1D / 0;
SELECT 1D / 0D;
SELECT CAST('NaN' AS DOUBLE) / 0;
SELECT NULL / 1;
SELECT 7L / 2L;
SELECT 7F / 2F;
SELECT id, quantity / 2, quantity / (quantity - 1), price / quantity FROM sales ORDER BY id;
SELECT count(*) / 4 FROM people;

# remainder
SELECT 7 % 2;
SELECT -7 % 2;
SELECT 7 % -2;
SELECT 7 % 0;
SELECT 7.5D % 2;
SELECT 7 % NULL;
SELECT 7D % 0D;
SELECT 7 MOD 2;

# null-safe equal
SELECT 1 <=> 1, 1 <=> 2, 1 <=> NULL, NULL <=> NULL;
SELECT '1' <=> 1;
SELECT id FROM people WHERE boss <=> NULL ORDER BY id;
SELECT NOT (1 <=> NULL);
SELECT p.id, q.id FROM people p JOIN people q ON p.city <=> q.city AND p.id < q.id ORDER BY 1, 2;
SELECT CAST('NaN' AS DOUBLE) <=> CAST('NaN' AS DOUBLE);

# equality
SELECT 1 == 1, 1 = 1, 1 <> 2, 1 != 2;
SELECT NULL = NULL, NULL == NULL, NULL <> 1;
SELECT 'a' = 'A', 'a' = 'a ';
SELECT 1 !< 2, 1 !> 2;
SELECT (1, 2) = (1, 2), (1, 2) < (1, 3);
SELECT array(1, 2) = array(1, 2), array(1, NULL) = array(1, NULL), array(1) < array(1, 2);
SELECT named_struct('a', 1) = named_struct('a', 1);
SELECT map('a', 1) = map('a', 1);

# rlike operator
SELECT 'abc' RLIKE 'b';
SELECT 'abc' RLIKE '^b';
SELECT 'abc' NOT RLIKE 'b';
SELECT 'a1' RLIKE '\\d';
SELECT 'a1' RLIKE r'\d';
SELECT NULL RLIKE 'a';
SELECT 'a' RLIKE NULL;
SELECT id FROM people WHERE name RLIKE '^[A-C]' ORDER BY id;
SELECT 123 RLIKE '2';

# regexp operator
SELECT 'abc' REGEXP 'a.c';
SELECT 'abc' NOT REGEXP 'x';
SELECT NULL REGEXP 'x';
SELECT id FROM people WHERE city REGEXP 'r(l|i)' ORDER BY id;

# like operator
SELECT 'abc' LIKE 'a%', 'abc' LIKE '%c', 'abc' LIKE '%b%', 'abc' LIKE '_b_', 'abc' LIKE 'abc', 'abc' LIKE 'A%';
SELECT 'a%c' LIKE 'a\\%c', 'abc' LIKE 'a\\%c';
SELECT 'a%c' LIKE 'a\%c';
SELECT 'a_c' LIKE 'a/_c' ESCAPE '/', 'abc' LIKE 'a/_c' ESCAPE '/';
SELECT 'a/c' LIKE 'a//c' ESCAPE '/';
SELECT 'abc' LIKE 'a/bc' ESCAPE '/';
SELECT 'abc' NOT LIKE 'a%';
SELECT NULL LIKE 'a', 'a' LIKE NULL;
SELECT 'a\nb' LIKE 'a%b', 'a\nb' LIKE 'a_b';
SELECT '' LIKE '', '' LIKE '%', '' LIKE '_';
SELECT '🙂' LIKE '_', 'é' LIKE '_';
SELECT 'a.c' LIKE 'a.c', 'abc' LIKE 'a.c', '(x)' LIKE '(%)';
SELECT 123 LIKE '1%';
SELECT 'a\\b' LIKE 'a\\\\b';
SELECT id FROM people WHERE name LIKE '%o%' ORDER BY id;

# ilike operator
SELECT 'ABC' ILIKE 'a%', 'ABC' NOT ILIKE 'a%', NULL ILIKE 'a';
SELECT 'ÄB' ILIKE 'ä_';
SELECT id FROM people WHERE name ILIKE 'D%' ORDER BY id;

# like any
SELECT 'abc' LIKE ANY ('a%', 'x%'), 'abc' LIKE ANY ('x%', 'y%');
SELECT 'abc' LIKE ALL ('a%', '%c'), 'abc' LIKE ALL ('a%', 'x%');
SELECT 'abc' NOT LIKE ANY ('a%', 'x%'), 'abc' NOT LIKE ALL ('x%', 'y%');
SELECT 'abc' LIKE SOME ('a%', NULL), 'abc' LIKE ANY ('x%', NULL), 'abc' LIKE ALL ('a%', NULL);
SELECT 'ABC' ILIKE ANY ('a%', 'x%'), 'ABC' ILIKE ALL ('a%', '%c');
SELECT id FROM people WHERE name LIKE ANY ('A%', 'B%') ORDER BY id;
SELECT NULL LIKE ANY ('a%');

# concatenation operator
SELECT 'a' || 'b' || 'c';
SELECT 'a' || NULL;
SELECT 'a' || 1 || true;
SELECT array(1) || array(2, 3);
SELECT X'01' || X'02';
SELECT 'n: ' || 1 + 2;

# not
SELECT NOT true, NOT false, NOT NULL;
SELECT !true, !false, ! NULL;
SELECT !(1 = 1), NOT 1 = 2;
SELECT id FROM people WHERE !active ORDER BY id;
SELECT id FROM people WHERE NOT active ORDER BY id;

# and or
SELECT true AND NULL, false AND NULL, true OR NULL, false OR NULL, NULL AND NULL;
SELECT true OR false AND false, (true OR false) AND false;
SELECT 1 = 1 AND 2 = 2 OR 1 = 0;

# bitwise
SELECT 6 & 3, 6 | 3, 6 ^ 3, ~6;
SELECT 6L & 3, -1 & 255, ~0L;
SELECT NULL & 1, 1 | NULL;
SELECT 1 | 2 ^ 3 & 1;
SELECT typeof(1 & 1L), typeof(CAST(1 AS TINYINT) | CAST(1 AS TINYINT));

# unary
SELECT -5, +5, - -5, -(-5), -5.5, -NULL;
SELECT -id, +id FROM people ORDER BY id;
SELECT -2147483648, -9223372036854775808;

# between
SELECT 5 BETWEEN 1 AND 10, 1 BETWEEN 1 AND 1, 0 BETWEEN 1 AND 10, 5 NOT BETWEEN 1 AND 10;
SELECT 'b' BETWEEN 'a' AND 'c', NULL BETWEEN 1 AND 2;
SELECT id FROM people WHERE id BETWEEN 2 AND 4 ORDER BY id;
SELECT id FROM people WHERE salary NOT BETWEEN 1000 AND 5000 ORDER BY id;

# in
SELECT 1 IN (1, 2), 3 IN (1, 2), 1 NOT IN (1, 2), NULL IN (1);
SELECT 'a' IN ('a', 'b'), 'A' IN ('a');
SELECT (1, 'a') IN ((1, 'a'), (2, 'b'));
SELECT id FROM people WHERE city IN ('Berlin', 'Paris') ORDER BY id;
SELECT id FROM people WHERE city NOT IN ('Berlin', NULL) ORDER BY id;

# is distinct from
SELECT 1 IS DISTINCT FROM 2, 1 IS DISTINCT FROM NULL, NULL IS DISTINCT FROM NULL, 1 IS NOT DISTINCT FROM 1;
SELECT id FROM people WHERE boss IS DISTINCT FROM 1 ORDER BY id;
SELECT '1' IS DISTINCT FROM 1;

# is true
SELECT true IS TRUE, false IS TRUE, NULL IS TRUE, true IS NOT TRUE, NULL IS NOT TRUE;
SELECT true IS FALSE, false IS FALSE, NULL IS FALSE, NULL IS NOT FALSE;
SELECT NULL IS UNKNOWN, true IS UNKNOWN, NULL IS NOT UNKNOWN;
SELECT id FROM people WHERE (score > 1) IS TRUE ORDER BY id;
SELECT id FROM people WHERE (score > 1) IS NOT TRUE ORDER BY id;

# is null
SELECT NULL IS NULL, 1 IS NULL, '' IS NULL, 1 IS NOT NULL;
SELECT id FROM people WHERE city IS NULL OR score IS NULL ORDER BY id;
SELECT CAST('NaN' AS DOUBLE) IS NULL, 1 / 0 IS NULL;

# precedence
SELECT 1 + 2 * 3, (1 + 2) * 3, 10 - 2 - 3, 2 * 3 % 4, 7 DIV 2 * 2;
SELECT NOT 1 = 1 OR true, 1 + 1 = 2 AND NOT false;
SELECT -2 * -3, 5 - -3;
SELECT 1 = 1 = true;
SELECT 'a' || 'b' = 'ab';
SELECT 1 < 2 = true;
SELECT 1 + CAST('2' AS INT) * 3;

# nan order
SELECT CAST('NaN' AS DOUBLE) = CAST('NaN' AS DOUBLE), CAST('NaN' AS DOUBLE) > CAST('Infinity' AS DOUBLE), 1 < CAST('NaN' AS DOUBLE);
SELECT 0.0D = -0.0D, 0.0D <=> -0.0D;
SELECT id, d FROM odd ORDER BY d, id;
SELECT id, d FROM odd ORDER BY d DESC, id;
SELECT d, count(*) FROM (SELECT d FROM odd UNION ALL SELECT 0.0D) t GROUP BY d ORDER BY d;
