-- Precision and scale of decimals: + - * / %, aggregates, rounding, overflow to NULL, literals.

# decimal literals
SELECT 1.5, 1.50, 0.5, .5, 5., 10.0;
SELECT 1.5D, 1e3, 1.5E-3, 1L, 2S, 3Y, 1.5F, 1.5BD, 1e3BD;
SELECT -1.5, +1.5, -.5;
SELECT 123456789012345678901234567890;
SELECT 12345678901234567890123456789012345678.9;
SELECT 123456789012345678901234567890123456789;
SELECT 0.00000000000000000000000000000000000001;
SELECT 2147483647, 2147483648, 9223372036854775807, 9223372036854775808;
SELECT 128Y;
SELECT 40000S;
SELECT 001.500;
SELECT 1e400D;
SELECT typeof(1.5), typeof(0.05), typeof(100.), typeof(00.5), typeof(1e3BD);

# decimal addition
SELECT 1.5 + 2.25;
SELECT CAST(1.5 AS DECIMAL(10,2)) + CAST(1 AS DECIMAL(5,0));
SELECT CAST(1 AS DECIMAL(38,10)) + CAST(1 AS DECIMAL(38,20));
SELECT CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)) + 1;
SELECT 1.5 + 1;
SELECT 1.5 + 1L;
SELECT CAST(1.5 AS DECIMAL(3,1)) + CAST(1 AS INT);
SELECT 1.5 + NULL;
SELECT 0.1 + 0.2 = 0.3, 0.1D + 0.2D = 0.3D;
SELECT id, salary + 1, salary + score, salary + id FROM people ORDER BY id;

# decimal subtraction
SELECT 1.5 - 2.25;
SELECT CAST(1 AS DECIMAL(38,18)) - CAST(1 AS DECIMAL(38,0));
SELECT CAST('-99999999999999999999999999999999999999' AS DECIMAL(38,0)) - 1;
SELECT 10 - 0.1;
SELECT 1.0 - 1.0;

# decimal multiplication
SELECT 1.5 * 2.25;
SELECT 1.5 * 2;
SELECT CAST(1.5 AS DECIMAL(10,2)) * CAST(2 AS DECIMAL(10,2));
SELECT CAST(1.123456789 AS DECIMAL(38,18)) * CAST(2.123456789 AS DECIMAL(38,18));
SELECT CAST(1.5 AS DECIMAL(20,10)) * CAST(1.5 AS DECIMAL(20,10));
SELECT CAST('12345678901234567890' AS DECIMAL(38,0)) * CAST('12345678901234567890' AS DECIMAL(38,0));
SELECT 0.1 * 1.5D;
SELECT id, amount * quantity, amount * 1.19, amount * price FROM sales ORDER BY id;
SELECT 1.00 * 0.000;
SELECT -1.5 * 1.5;

# decimal division
SELECT 1.0 / 3;
SELECT 1.0 / 3.0;
SELECT 10.00 / 4.00;
SELECT 1 / 3.0;
SELECT CAST(1 AS DECIMAL(10,2)) / CAST(3 AS DECIMAL(10,2));
SELECT CAST(1 AS DECIMAL(38,18)) / CAST(3 AS DECIMAL(38,18));
SELECT CAST(1 AS DECIMAL(38,0)) / CAST(3 AS DECIMAL(38,0));
SELECT CAST(2 AS DECIMAL(5,0)) / CAST(3 AS DECIMAL(5,0));
SELECT 1.0 / 0;
SELECT 1.0 / 0.00;
SELECT 1.0 / 3D;
SELECT CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)) / 0.0000001;
SELECT 2.0 / 3 * 3;
SELECT id, amount / quantity, amount / 3, amount / id FROM sales ORDER BY id;
SELECT -1.0 / 3, 5.5 / -2;

# decimal remainder
SELECT 5.5 % 2;
SELECT -5.5 % 2.25;
SELECT 5.5 % 0;
SELECT CAST(10 AS DECIMAL(10,2)) % CAST(3 AS DECIMAL(5,3));
SELECT mod(5.5, 2), pmod(-5.5, 2);
SELECT 5.5 DIV 2, -5.5 DIV 2, 5.5 DIV 0;

# decimal sum
SELECT sum(amount), typeof(sum(amount)) FROM sales;
SELECT sum(x) FROM VALUES (CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0))), (CAST(1 AS DECIMAL(38,0))) AS t(x);
SELECT typeof(sum(CAST(1 AS DECIMAL(5,2)))), typeof(sum(CAST(1 AS DECIMAL(38,2))));
SELECT sum(x), sum(DISTINCT x) FROM VALUES (1.10), (1.10), (2.20) AS t(x);
SELECT region, sum(amount), sum(amount * quantity) FROM sales GROUP BY region ORDER BY region;
SELECT sum(amount) OVER (ORDER BY id) FROM sales ORDER BY id;

# decimal avg
SELECT avg(amount), typeof(avg(amount)) FROM sales;
SELECT avg(x) FROM VALUES (1.0), (2.0), (2.0) AS t(x);
SELECT typeof(avg(CAST(1 AS DECIMAL(5,2)))), typeof(avg(CAST(1 AS DECIMAL(38,18))));
SELECT avg(CAST(x AS DECIMAL(38,18))) FROM VALUES (1), (2), (2) AS t(x);
SELECT region, avg(amount) FROM sales GROUP BY region ORDER BY region;

# decimal round
SELECT round(2.345, 2), round(2.345, 0), round(2.345, -1), round(2.345, 5);
SELECT typeof(round(CAST(1 AS DECIMAL(10,4)), 2)), typeof(round(CAST(1 AS DECIMAL(10,4)), -2)), typeof(round(CAST(1 AS DECIMAL(10,4)), 6));
SELECT round(CAST(99.995 AS DECIMAL(5,3)), 2);
SELECT round(-2.5), round(2.5), bround(2.5), bround(-3.5);
SELECT ceil(CAST(1.01 AS DECIMAL(10,2))), floor(CAST(-1.01 AS DECIMAL(10,2))), typeof(ceil(1.01));
SELECT id, round(salary, 1), round(salary, -3), ceil(salary), floor(salary) FROM people ORDER BY id;
SELECT round(amount * 1.19, 2) FROM sales ORDER BY id;

# decimal comparison
SELECT 1.0 = 1.00, 1.0 = 1, 1.50 = 1.5D, 1.0 < 1.01;
SELECT CAST(1 AS DECIMAL(38,37)) = CAST(1 AS DECIMAL(38,0));
SELECT count(DISTINCT x) FROM VALUES (1.0), (1.00), (1) AS t(x);
SELECT max(x), min(x) FROM VALUES (1.05), (1.5), (-1) AS t(x);
SELECT abs(-1.50), sign(-1.50), negative(1.50), -(-1.50);
SELECT CAST(1.50 AS STRING), concat(1.50, ''), CAST(1.50 AS DOUBLE), CAST(-1.5 AS INT);
SELECT greatest(1.5, 2.25), least(1, 0.5), coalesce(1.5, 2), if(true, 1.5, 10);
SELECT typeof(greatest(1.5, 2.25)), typeof(coalesce(1.5, 2)), typeof(if(true, 1.5, 10)), typeof(array(1.5, 10.25));
SELECT CAST(12345.678 AS DECIMAL(5,2));
SELECT CAST(12345.678 AS DECIMAL(7,2)) + CAST(0.01 AS DECIMAL(3,2));
SELECT sqrt(2.0), exp(1.0), power(1.5, 2), log(10.0);
SELECT sequence(1.0, 3.0);
SELECT 1.5 IN (1.50, 2), 1.5 BETWEEN 1 AND 1.50;

# decimal overflow
SELECT CAST('9999999999.99' AS DECIMAL(12,2)) * CAST('9999999999.99' AS DECIMAL(12,2));
SELECT CAST(m * m AS STRING) FROM odd ORDER BY id;
SELECT id, m + m, m * 1000, m / 7, m % 3 FROM odd ORDER BY id;
SELECT id, CAST(m AS DECIMAL(10,2)) FROM odd ORDER BY id;
SELECT id, -m, abs(m), m + l FROM odd ORDER BY id;
