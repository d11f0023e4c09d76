-- Functions of numbers: rounding, powers, logarithms, trigonometry, bits, bases, safe arithmetic.

# abs
SELECT abs(-1);
SELECT abs(-1.5);
SELECT abs(NULL);
SELECT abs('-2.5');
SELECT abs(CAST(-2147483648 AS INT));
SELECT abs(CAST('-Infinity' AS DOUBLE));
SELECT abs(INTERVAL -'1' DAY);

# ceil
SELECT ceil(-0.1);
SELECT ceil(5.4);
SELECT ceil(5.4D);
SELECT ceil(5);
SELECT ceil(NULL);
SELECT ceil(3.1411, 3);
SELECT ceil(3.1411, -1);
SELECT ceil('1.2');
SELECT ceil(1e30D);

# ceiling
SELECT ceiling(-0.1);
SELECT ceiling(2.0001D);
SELECT ceiling(NULL);

# floor
SELECT floor(-0.1);
SELECT floor(5.4);
SELECT floor(-5.4D);
SELECT floor(NULL);
SELECT floor(3.1419, 3);
SELECT floor(-13, -1);
SELECT floor(CAST('NaN' AS DOUBLE));

# round
SELECT round(2.5);
SELECT round(-2.5);
SELECT round(2.5D);
SELECT round(3.5D), round(-0.5D);
SELECT round(2.345, 2);
SELECT round(2.345D, 2);
SELECT round(1.005D, 2);
SELECT round(1234.567, -2);
SELECT round(15, -1);
SELECT round(25, -1);
SELECT round(1.5, 5);
SELECT round(NULL, 1);
SELECT round(1.5, NULL);
SELECT round('2.55', 1);
SELECT round(CAST('NaN' AS DOUBLE), 1);
SELECT round(2147483647, -1);
SELECT round(CAST(9.99 AS DECIMAL(3,2)), 1);
SELECT round(9.9);
SELECT typeof(round(9.99, 1)), typeof(round(9.99)), typeof(round(9, 1)), typeof(round(9.9D));
SELECT id, round(score, 1) FROM people ORDER BY id;

# bround
SELECT bround(2.5);
SELECT bround(3.5);
SELECT bround(2.5D);
SELECT bround(25, -1);
SELECT bround(35, -1);
SELECT bround(2.345, 2);
SELECT bround(NULL);
SELECT bround(-2.5D, 0);

# rint
SELECT rint(12.3456);
SELECT rint(2.5);
SELECT rint(-3.5);
SELECT rint(NULL);

# pow
SELECT pow(2, 3);
SELECT pow(2, -1);
SELECT pow(-8, 1.0D / 3);
SELECT pow(0, 0);
SELECT pow(NULL, 2);
SELECT pow('2', '3');

# power
SELECT power(2, 0.5);
SELECT power(10, 400);
SELECT power(2, NULL);

# sqrt
SELECT sqrt(4);
SELECT sqrt(-1);
SELECT sqrt(NULL);
SELECT sqrt('2');

# cbrt
SELECT cbrt(27.0);
SELECT cbrt(-8);
SELECT cbrt(NULL);

# exp
SELECT exp(0);
SELECT exp(1);
SELECT exp(1000);
SELECT exp(NULL);

# expm1
SELECT expm1(0);
SELECT expm1(1e-10D);
SELECT expm1(NULL);

# ln
SELECT ln(1);
SELECT ln(0);
SELECT ln(-1);
SELECT ln(NULL);

# log
SELECT log(10, 100);
SELECT log(2.718281828459045D);
SELECT log(2, 8);
SELECT log(0);
SELECT log(-1);
SELECT log(10, 0);
SELECT log(0, 10);
SELECT log(1, 10);
SELECT log(-2, 4);
SELECT log(NULL);
SELECT log(NULL, 10);
SELECT log('100');
SELECT log(10, NULL);
SELECT id, log(score) FROM people ORDER BY id;

# log2
SELECT log2(8);
SELECT log2(0);
SELECT log2(NULL);

# log10
SELECT log10(1000);
SELECT log10(-5);
SELECT log10(NULL);

# log1p
SELECT log1p(0);
SELECT log1p(-1);
SELECT log1p(-2);
SELECT log1p(1e-10D);
SELECT log1p(NULL);

# sign
SELECT sign(40);
SELECT sign(-40);
SELECT sign(0);
SELECT sign(-0.0D);
SELECT sign(1.5);
SELECT sign(NULL);
SELECT sign('-3');
SELECT sign('abc');
SELECT sign(CAST('NaN' AS DOUBLE));
SELECT sign(INTERVAL -'100' YEAR);
SELECT typeof(sign(1)), typeof(sign(1.5));

# signum
SELECT signum(40);
SELECT signum(-2.5D);
SELECT signum(NULL);

# mod
SELECT mod(7, 3);
SELECT mod(-7, 3);
SELECT mod(7, 0);
SELECT mod(7.5, 2);
SELECT mod(NULL, 2);

# pmod
SELECT pmod(10, 3);
SELECT pmod(-10, 3);
SELECT pmod(10, -3);
SELECT pmod(10, 0);
SELECT pmod(-1.5, 1);
SELECT pmod(NULL, 3);

# rand
SELECT rand() BETWEEN 0 AND 1;
SELECT rand(1) = rand(1);
SELECT typeof(rand());

# random
SELECT random() BETWEEN 0 AND 1;
SELECT random(0) < 1;
SELECT typeof(random());

# randn
SELECT randn() BETWEEN -20 AND 20;
SELECT typeof(randn(1));
SELECT randn(3) IS NULL;

# pi
SELECT pi();
SELECT round(pi(), 5);
SELECT typeof(pi());

# e
SELECT e();
SELECT ln(e());
SELECT typeof(e());

# degrees
SELECT degrees(3.141592653589793D);
SELECT degrees(0);
SELECT degrees(NULL);

# radians
SELECT radians(180);
SELECT radians(-90);
SELECT radians(NULL);

# sin
SELECT sin(0);
SELECT sin(1);
SELECT sin(NULL);

# cos
SELECT cos(0);
SELECT cos(1);
SELECT cos(NULL);

# tan
SELECT tan(0);
SELECT tan(1);
SELECT tan(NULL);

# asin
SELECT asin(0);
SELECT asin(2);
SELECT asin(NULL);

# acos
SELECT acos(1);
SELECT acos(2);
SELECT acos(NULL);

# atan
SELECT atan(0);
SELECT atan(1);
SELECT atan(NULL);

# sinh
SELECT sinh(0);
SELECT sinh(1);
SELECT sinh(NULL);

# cosh
SELECT cosh(0);
SELECT cosh(1);
SELECT cosh(NULL);

# tanh
SELECT tanh(0);
SELECT tanh(1);
SELECT tanh(NULL);

# asinh
SELECT asinh(0);
SELECT asinh(1);
SELECT asinh(NULL);

# acosh
SELECT acosh(1);
SELECT acosh(0);
SELECT acosh(NULL);

# atanh
SELECT atanh(0);
SELECT atanh(2);
SELECT atanh(NULL);

# cot
SELECT cot(1);
SELECT cot(0);
SELECT cot(NULL);

# csc
SELECT csc(1);
SELECT csc(0);
SELECT csc(NULL);

# sec
SELECT sec(1);
SELECT sec(0);
SELECT sec(NULL);

# atan2
SELECT atan2(0, 0);
SELECT atan2(1, -1);
SELECT atan2(NULL, 1);

# hypot
SELECT hypot(3, 4);
SELECT hypot(-3, 0);
SELECT hypot(NULL, 1);

# factorial
SELECT factorial(5);
SELECT factorial(0);
SELECT factorial(20);
SELECT factorial(21);
SELECT factorial(-1);
SELECT factorial(NULL);

# bin
SELECT bin(13);
SELECT bin(-13);
SELECT bin(13.3);
SELECT bin(0);
SELECT bin(NULL);

# conv
SELECT conv('100', 2, 10);
SELECT conv(-10, 16, -10);
SELECT conv('ff', 16, 10);
SELECT conv('FF', 16, 2);
SELECT conv('-1', 10, 16);
SELECT conv('-1', 10, -16);
SELECT conv('zz', 36, 10);
SELECT conv('12x4', 10, 16);
SELECT conv('xyz', 10, 16);
SELECT conv('', 10, 16);
SELECT conv(NULL, 10, 16);
SELECT conv('10', NULL, 16);
SELECT conv('10', 1, 10);
SELECT conv('10', 10, 37);
SELECT conv('99999999999999999999999', 10, 16);
SELECT conv(255, 10, 16);
SELECT conv('0', 10, 2);
SELECT conv(' 12 ', 10, 16);
SELECT conv('9223372036854775808', 10, -10);

# width_bucket
SELECT width_bucket(5.3, 0.2, 10.6, 5);
SELECT width_bucket(-2.1, 1.3, 3.4, 3);
SELECT width_bucket(8.1, 0.0, 5.7, 4);
SELECT width_bucket(-0.9, 5.2, 0.5, 2);
SELECT width_bucket(1, 1, 1, 2);
SELECT width_bucket(1, 0, 10, 0);
SELECT width_bucket(NULL, 0, 10, 5);

# negative
SELECT negative(1);
SELECT negative(-1.50);
SELECT negative(NULL);
SELECT negative('3');
SELECT negative(CAST(-2147483648 AS INT));

# positive
SELECT positive(1);
SELECT positive(-1.50);
SELECT positive(NULL);
SELECT positive('3');

# shiftleft
SELECT shiftleft(2, 1);
SELECT shiftleft(1, 33);
SELECT shiftleft(1L, 33);
SELECT shiftleft(NULL, 1);

# shiftright
SELECT shiftright(4, 1);
SELECT shiftright(-4, 1);
SELECT shiftright(NULL, 1);

# shiftrightunsigned
SELECT shiftrightunsigned(4, 1);
SELECT shiftrightunsigned(-4, 1);
SELECT shiftrightunsigned(-4L, 1);
SELECT shiftrightunsigned(4, NULL);

# bit_count
SELECT bit_count(0);
SELECT bit_count(7);
SELECT bit_count(-1);
SELECT bit_count(true);
SELECT bit_count(NULL);

# bit_get
SELECT bit_get(11, 0);
SELECT bit_get(11, 2);
SELECT bit_get(NULL, 1);
SELECT bit_get(11, 40);

# getbit
SELECT getbit(11, 0);
SELECT getbit(11, 2);
SELECT getbit(11, -1);
SELECT getbit(NULL, 0);

# try_add
SELECT try_add(1, 2);
SELECT try_add(2147483647, 1);
SELECT try_add(9223372036854775807L, 1);
SELECT try_add(1.5, 2);
SELECT try_add(NULL, 1);
SELECT try_add(DATE'2026-01-01', 1);
SELECT try_add(DATE'2026-01-01', INTERVAL 1 MONTH);
SELECT try_add(TIMESTAMP'2026-01-01 00:00:00', INTERVAL 1 DAY);

# try_subtract
SELECT try_subtract(2, 1);
SELECT try_subtract(-2147483648, 1);
SELECT try_subtract(DATE'2026-01-01', INTERVAL 1 DAY);
SELECT try_subtract(NULL, 1);

# try_multiply
SELECT try_multiply(2, 3);
SELECT try_multiply(2147483647, 2);
SELECT try_multiply(INTERVAL 2 YEARS, 3);
SELECT try_multiply(NULL, 1);

# try_divide
SELECT try_divide(3, 2);
SELECT try_divide(3, 0);
SELECT try_divide(2L, 2L);
SELECT try_divide(INTERVAL 2 MONTHS, 2);
SELECT try_divide(NULL, 0);

# div
SELECT 7 div 2, -7 div 2, 7 div 0;

# greatest
SELECT greatest(10, 9, 2, 4, 3);
SELECT greatest(1, NULL, 3);
SELECT greatest(NULL, NULL);
SELECT greatest('a', 'b');
SELECT greatest(1, 2.5);
SELECT greatest(CAST('NaN' AS DOUBLE), 1.0D);
SELECT greatest(1);
SELECT greatest(DATE'2026-01-01', DATE'2026-01-02');
SELECT greatest(1, '2');

# least
SELECT least(10, 9, 2, 4, 3);
SELECT least(1, NULL, 3);
SELECT least(NULL, NULL);
SELECT least('b', 'B');
SELECT least(1, 0.5D);
SELECT least(DATE'2026-01-01', TIMESTAMP'2025-12-31 10:00:00');

# hex of numbers
SELECT hex(255), hex(-255L), unhex(hex(255));
