-- Functions of text: case, trimming, padding, searching, splitting, encoding, formatting.

# concat
SELECT concat('a', 'b', 'c');
SELECT concat('a', NULL);
SELECT concat();
SELECT concat('x', 1, 2.5, true, DATE'2026-01-01');
SELECT concat(array(1, 2), array(3));
SELECT id, concat(name, '-', city) FROM people ORDER BY id;

# concat_ws
SELECT concat_ws(',', 'a', NULL, 'b');
SELECT concat_ws(NULL, 'a', 'b');
SELECT concat_ws('-', array('a', NULL, 'c'), 'd');
SELECT concat_ws('-');
SELECT concat_ws('/', '', 'x', '');
SELECT concat_ws('|', 1, 2);
SELECT id, concat_ws(', ', name, city) FROM people ORDER BY id;

# substring
SELECT substring('Spark SQL', 5);
SELECT substring('Spark SQL', -3);
SELECT substring('Spark SQL', 5, 1);
SELECT substring('Spark', 0, 2);
SELECT substring('Spark', -10, 7);
SELECT substring('Spark', 2, -1);
SELECT substring('Spark', 9, 2);
SELECT substring('Größe 🙂!', 3, 5);
SELECT substring(NULL, 1, 2);
SELECT substring('Spark' FROM 2 FOR 3);
SELECT substring(X'010203', 2, 1);
SELECT substring(12345, 2, 3);

# substr
SELECT substr('Spark SQL', 5, 2);
SELECT substr('Spark', 0);
SELECT substr('Spark', -2, 1);
SELECT substr('abc', NULL, 1);
SELECT substr('Spark SQL' FROM -3);

# left
SELECT left('Spark', 3);
SELECT left('Spark', 0);
SELECT left('Spark', -2);
SELECT left(NULL, 1);
SELECT left('Öl', 9);

# right
SELECT right('Spark', 3);
SELECT right('Spark', 0);
SELECT right('Spark', -2);
SELECT right('Spark', NULL);
SELECT right('a🙂', 1);

# length
SELECT length('Spark SQL ');
SELECT length('');
SELECT length(NULL);
SELECT length('🙂é');
SELECT length(X'00FF');
SELECT length(12.50);

# char_length
SELECT char_length('abc ');
SELECT char_length('東京');
SELECT char_length(NULL);

# character_length
SELECT character_length('abc ');
SELECT character_length('');
SELECT character_length(NULL);

# len
SELECT len('abc');
SELECT len('');
SELECT len(NULL);

# upper
SELECT upper('Spark sql');
SELECT upper('größe ß');
SELECT upper(NULL);
SELECT id, upper(name) FROM people ORDER BY id;

# lower
SELECT lower('Spark SQL');
SELECT lower('İZMİR ÄÖÜ');
SELECT lower(NULL);
SELECT lower(true);

# ucase
SELECT ucase('Spark');
SELECT ucase('');
SELECT ucase(NULL);
SELECT ucase('straße');
SELECT ucase('éàü');
SELECT ucase(1e3);
SELECT ucase('ŉ ǰ ﬁ');
SELECT id, ucase(city) FROM people ORDER BY id;

# lcase
SELECT lcase('SPARK');
SELECT lcase('');
SELECT lcase(NULL);
SELECT lcase('ÉÀÜ');
SELECT lcase('ΑΣ');
SELECT lcase(FALSE);
SELECT lcase('İ');
SELECT id, lcase(city) FROM people ORDER BY id;

# trim
SELECT trim('  a b  ');
SELECT trim('');
SELECT trim(NULL);
SELECT concat('[', trim('\t a \n'), ']');
SELECT trim('x' FROM 'xxaxx');
SELECT trim(BOTH 'xy' FROM 'xyaxyx');
SELECT trim(LEADING 'x' FROM 'xxaxx');
SELECT trim(TRAILING 'x' FROM 'xxaxx');
SELECT trim(BOTH FROM '  a  ');
SELECT trim(LEADING FROM '  a  ');
SELECT trim('' FROM 'abc');

# ltrim
SELECT ltrim('  a ');
SELECT ltrim('xy', 'xyxa');
SELECT ltrim(NULL);
SELECT ltrim('a', NULL);

# rtrim
SELECT rtrim(' a  ');
SELECT rtrim('ks', 'Sparks');
SELECT rtrim(NULL);
SELECT concat('[', rtrim('a\t '), ']');

# btrim
SELECT btrim('  a  ');
SELECT btrim('xxaxx', 'x');
SELECT btrim(NULL);
SELECT btrim('SSparkSQLS', 'SL');

# lpad
SELECT lpad('hi', 5, '?!');
SELECT lpad('hi', 1, '?');
SELECT lpad('hi', 5);
SELECT lpad('hi', -1, 'x');
SELECT lpad('hi', 5, '');
SELECT lpad(NULL, 5, 'x');
SELECT lpad('é', 3, '🙂');
SELECT lpad(7, 3, '0');
SELECT lpad(7, 3, 0);

# rpad
SELECT rpad('hi', 5, '?!');
SELECT rpad('hi', 1, '?');
SELECT concat('[', rpad('hi', 5), ']');
SELECT rpad('hi', 0, 'x');
SELECT rpad('hi', NULL, 'x');
SELECT rpad('hi', 4, '');

# repeat
SELECT repeat('ab', 3);
SELECT repeat('ab', 0);
SELECT repeat('ab', -1);
SELECT repeat(NULL, 2);
SELECT repeat(5, 2);

# reverse
SELECT reverse('Spark');
SELECT reverse('');
SELECT reverse(NULL);
SELECT reverse('aé🙂');
SELECT reverse(array(1, 2, NULL));
SELECT reverse(123);

# initcap
SELECT initcap('hello wORLD');
SELECT initcap('o''neil-smith x.y');
SELECT initcap('');
SELECT initcap(NULL);
SELECT initcap('  two  spaces');
SELECT initcap('élan äpfel 1st');
SELECT initcap('tab\tnew\nline');

# translate
SELECT translate('AaBbCc', 'abc', '123');
SELECT translate('abcabc', 'abc', '1');
SELECT translate('abc', '', 'x');
SELECT translate(NULL, 'a', 'b');
SELECT translate('aaa', 'aa', 'xy');
SELECT translate('a🙂b', '🙂', 'é');

# replace
SELECT replace('ABCabc', 'abc', 'DEF');
SELECT replace('ABCabc', 'abc');
SELECT replace('abc', '', 'x');
SELECT replace(NULL, 'a', 'b');
SELECT replace('aaa', 'aa', 'b');
SELECT replace('abc', 'b', NULL);
SELECT replace(1010, 0, 'x');

# split_part
SELECT split_part('11.12.13', '.', 3);
SELECT split_part('11.12.13', '.', -1);
SELECT split_part('11.12.13', '.', 9);
SELECT split_part('11.12.13', '.', 0);
SELECT split_part('11.12.13', '', 1);
SELECT split_part(NULL, '.', 1);
SELECT split_part('a||b||', '||', 3);

# substring_index
SELECT substring_index('www.apache.org', '.', 2);
SELECT substring_index('www.apache.org', '.', -2);
SELECT substring_index('www.apache.org', '.', 0);
SELECT substring_index('www.apache.org', '', 1);
SELECT substring_index('www.apache.org', 'x', 1);
SELECT substring_index(NULL, '.', 1);
SELECT substring_index('a.b', '.', 9);

# instr
SELECT instr('SparkSQL', 'SQL');
SELECT instr('SparkSQL', 'sql');
SELECT instr('SparkSQL', '');
SELECT instr('', '');
SELECT instr(NULL, 'a');
SELECT instr('é🙂b', 'b');

# locate
SELECT locate('bar', 'foobarbar');
SELECT locate('bar', 'foobarbar', 5);
SELECT locate('', 'abc');
SELECT locate('', 'abc', 3);
SELECT locate('a', 'abc', 0);
SELECT locate('a', 'abc', -1);
SELECT locate('c', 'abc', 9);
SELECT locate(NULL, 'abc');
SELECT locate('a', NULL);
SELECT locate('a', 'abc', NULL);
SELECT locate('b', 'é🙂b');
SELECT locate('', '', 1);
SELECT locate('A', 'abc');
SELECT id, locate('n', name) FROM people ORDER BY id;

# position
SELECT position('bar', 'foobarbar');
SELECT position('bar', 'foobarbar', 5);
SELECT position('bar' IN 'foobarbar');
SELECT position(NULL IN 'foobarbar');
SELECT position('x' IN '');

# ascii
SELECT ascii('222');
SELECT ascii('');
SELECT ascii(NULL);
SELECT ascii('é');
SELECT ascii('🙂');
SELECT ascii(2);

# char
SELECT char(65);
SELECT char(321);
SELECT char(-1);
SELECT char(NULL);
SELECT char(0) = '\0';
SELECT char(233);

# chr
SELECT chr(97);
SELECT chr(256) = chr(0);
SELECT chr(NULL);
SELECT chr(-5) = '';

# base64
SELECT base64('Spark SQL');
SELECT base64(X'FF00');
SELECT base64('');
SELECT base64(NULL);
SELECT base64('größe');
SELECT base64(repeat('a', 60));

# unbase64
SELECT unbase64('U3BhcmsgU1FM');
SELECT CAST(unbase64('U3BhcmsgU1FM') AS STRING);
SELECT unbase64('');
SELECT unbase64(NULL);
SELECT unbase64('U3Bh\ncmsg');

# hex
SELECT hex(17);
SELECT hex(-1);
SELECT hex('Spark SQL');
SELECT hex(X'0aff');
SELECT hex('');
SELECT hex(NULL);
SELECT hex(0);
SELECT hex(9223372036854775807L);
SELECT hex('é');
SELECT hex(17.9D);

# unhex
SELECT unhex('537061726B');
SELECT decode(unhex('537061726B'), 'UTF-8');
SELECT unhex('F');
SELECT unhex('xyz');
SELECT unhex('');
SELECT unhex(NULL);
SELECT unhex('0aFf');

# encode
SELECT encode('abc', 'utf-8');
SELECT encode('é', 'UTF-16BE');
SELECT encode('é', 'ISO-8859-1');
SELECT encode(NULL, 'utf-8');
SELECT encode('é', 'US-ASCII');
SELECT encode('a', 'UTF-16');
SELECT encode('a', 'no-such-charset');

# decode
SELECT decode(encode('abc', 'utf-8'), 'utf-8');
SELECT decode(X'E9', 'ISO-8859-1');
SELECT decode(NULL, 'utf-8');
SELECT decode(X'61', 'no-such-charset');
SELECT decode(2, 1, 'one', 2, 'two', 'other');
SELECT decode(6, 1, 'one', 2, 'two');
SELECT decode(NULL, 1, 'one', NULL, 'none');
SELECT decode('a', 'b', 1, 'a', 2, 3);

# soundex
SELECT soundex('Miller');
SELECT soundex('Ashcraft');
SELECT soundex('');
SELECT soundex(NULL);
SELECT soundex('1abc');
SELECT soundex('éa');
SELECT soundex('a');

# levenshtein
SELECT levenshtein('kitten', 'sitting');
SELECT levenshtein('', 'abc');
SELECT levenshtein(NULL, 'abc');
SELECT levenshtein('kitten', 'sitting', 2);
SELECT levenshtein('kitten', 'sitting', 3);
SELECT levenshtein('é', 'e');

# format_string
SELECT format_string('Hello %d %s', 100, 'days');
SELECT format_string('%05d|%-5s|%5s|', 42, 'ab', 'cd');
SELECT format_string('%.2f %e %x %o %X', 3.14159D, 12345.678D, 255, 8, 255);
SELECT format_string('%s %s', NULL, 'a');
SELECT format_string(NULL, 1);
SELECT format_string('100%%');
SELECT format_string('%,d', 1234567);
SELECT format_string('%2$s %1$s', 'a', 'b');
SELECT format_string('%+d % d %(d', 5, 5, -5);
SELECT format_string('%c %b%n', 65, true);
SELECT format_string('%c', 'x');
SELECT format_string('%d', 'text');
SELECT format_string('%s', 1.50);
SELECT format_string('%s %s', 1.0D, DATE'2026-01-02');
SELECT format_string('%d', NULL);
SELECT format_string('%10.3f|%-10.1f|', 2.71828D, 2.71828D);
SELECT format_string('%s');

# printf
SELECT printf('%s-%03d', 'a', 7);
SELECT printf('%s', NULL);
SELECT printf('%.1f', 2.25D);
SELECT printf('%d', 9223372036854775807L);

# format_number
SELECT format_number(12332.123456, 4);
SELECT format_number(12332.123456, '##################.###');
SELECT format_number(1234567.891D, 0);
SELECT format_number(-1234.5, 2);
SELECT format_number(0, 2);
SELECT format_number(0.5D, 0);
SELECT format_number(1.5D, 0);
SELECT format_number(2.5D, 0);
SELECT format_number(1234.5, -1);
SELECT format_number(NULL, 2);
SELECT format_number(1234, NULL);
SELECT format_number(CAST('NaN' AS DOUBLE), 2);
SELECT format_number(CAST('Infinity' AS DOUBLE), 2);
SELECT format_number(1234567, 3);
SELECT format_number(1234.567, '#,##0.00');
SELECT format_number(0.256, '0.0%');
SELECT format_number(9223372036854775807L, 1);
SELECT format_number(CAST(12345.678 AS DECIMAL(20,5)), 2);
SELECT format_number('12332.5', 1);
SELECT format_number(-0.004D, 2);

# space
SELECT concat('[', space(3), ']');
SELECT concat('[', space(0), ']');
SELECT concat('[', space(-1), ']');
SELECT space(NULL);

# elt
SELECT elt(1, 'scala', 'java');
SELECT elt(2, 'scala', 'java');
SELECT elt(3, 'scala', 'java');
SELECT elt(0, 'scala', 'java');
SELECT elt(NULL, 'a', 'b');
SELECT elt(2, 'a', NULL);
SELECT elt(2, 'a', 1);

# find_in_set
SELECT find_in_set('ab', 'abc,b,ab,c,def');
SELECT find_in_set('x', 'abc,b');
SELECT find_in_set('a,b', 'a,b');
SELECT find_in_set('', 'a,,b');
SELECT find_in_set('', '');
SELECT find_in_set(NULL, 'a');

# overlay
SELECT overlay('Spark SQL' PLACING '_' FROM 6);
SELECT overlay('Spark SQL' PLACING 'CORE' FROM 7);
SELECT overlay('Spark SQL' PLACING 'ANSI ' FROM 7 FOR 0);
SELECT overlay('Spark SQL' PLACING 'tructured' FROM 2 FOR 4);
SELECT overlay('Spark SQL', '_', 6);
SELECT overlay('Spark SQL', '_', 6, 2);
SELECT overlay(NULL, '_', 6);
SELECT overlay('abc', 'X', 10);
SELECT overlay('abc', 'X', 0);
SELECT overlay('abc', 'X', -1, 1);

# startswith
SELECT startswith('Spark SQL', 'Spark');
SELECT startswith('Spark SQL', 'SQL');
SELECT startswith('Spark SQL', 'spark');
SELECT startswith('Spark SQL', '');
SELECT startswith('', 'a');
SELECT startswith(NULL, 'a');
SELECT startswith('a', NULL);
SELECT startswith('Größe', 'Grö');
SELECT startswith(12345, 12);
SELECT startswith(X'537061', X'53');
SELECT id FROM people WHERE startswith(name, 'A') ORDER BY id;

# endswith
SELECT endswith('Spark SQL', 'SQL');
SELECT endswith('Spark SQL', 'Spark');
SELECT endswith('Spark SQL', 'sql');
SELECT endswith('Spark SQL', '');
SELECT endswith('', 'a');
SELECT endswith(NULL, 'a');
SELECT endswith('a', NULL);
SELECT endswith('Größe 🙂', '🙂');
SELECT endswith(X'537061', X'61');
SELECT id FROM people WHERE endswith(name, 'a') ORDER BY id;

# contains
SELECT contains('Spark SQL', 'ark');
SELECT contains('Spark SQL', 'ARK');
SELECT contains('Spark SQL', '');
SELECT contains('Spark SQL', NULL);
SELECT contains(12345, 34);
SELECT contains(X'537061', X'70');

# like
SELECT like('Spark', 'S%');
SELECT like('Spark', 's%');
SELECT like('Spark', '_park');
SELECT like('a_b', 'a\\_b');
SELECT like(NULL, 'a');
SELECT like('a', NULL);
SELECT like('', '%');

# ilike
SELECT ilike('Spark', 's%K');
SELECT ilike('ÄÖ', 'äö');
SELECT ilike('a%b', 'A\\%B');
SELECT ilike(NULL, 'a');

# uuid
SELECT length(uuid());
SELECT uuid() RLIKE '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';
SELECT count(DISTINCT u) FROM (SELECT uuid() AS u FROM people) t;

# parse_url
SELECT parse_url('https://user:pw@example.com:8080/a/b.html?x=1&y=2#frag', 'HOST');
SELECT parse_url('https://user:pw@example.com:8080/a/b.html?x=1&y=2#frag', 'PATH');
SELECT parse_url('https://user:pw@example.com:8080/a/b.html?x=1&y=2#frag', 'QUERY');
SELECT parse_url('https://user:pw@example.com:8080/a/b.html?x=1&y=2#frag', 'QUERY', 'y');
SELECT parse_url('https://user:pw@example.com:8080/a/b.html?x=1&y=2#frag', 'REF');
SELECT parse_url('https://user:pw@example.com:8080/a/b.html?x=1&y=2#frag', 'PROTOCOL');
SELECT parse_url('https://user:pw@example.com:8080/a/b.html?x=1&y=2#frag', 'FILE');
SELECT parse_url('https://user:pw@example.com:8080/a/b.html?x=1&y=2#frag', 'AUTHORITY');
SELECT parse_url('https://user:pw@example.com:8080/a/b.html?x=1&y=2#frag', 'USERINFO');
SELECT parse_url('https://example.com', 'PATH');
SELECT parse_url('https://example.com', 'host');
SELECT parse_url('https://example.com?x=1', 'QUERY', 'z');
SELECT parse_url(NULL, 'HOST');
SELECT parse_url('no url', 'HOST');
SELECT parse_url('example', 'HOST');

# url_encode
SELECT url_encode('https://spark.apache.org/a b?ü=1&x=~*');
SELECT url_encode('');
SELECT url_encode(NULL);

# url_decode
SELECT url_decode('https%3A%2F%2Fspark.apache.org+a%20b');
SELECT url_decode(NULL);
SELECT url_decode('%C3%BC');
SELECT url_decode('bad%2');

# luhn_check
SELECT luhn_check('8112189876');
SELECT luhn_check('79927398714');
SELECT luhn_check('79927398713');
SELECT luhn_check('abc');
SELECT luhn_check('');
SELECT luhn_check(NULL);

# bit_length
SELECT bit_length('Spark');
SELECT bit_length('é');
SELECT bit_length(X'00FF');
SELECT bit_length(NULL);

# octet_length
SELECT octet_length('Spark');
SELECT octet_length('🙂');
SELECT octet_length(X'00FF');
SELECT octet_length(NULL);

# mask
SELECT mask('abcd-EFGH-8765-4321');
SELECT mask('AbCD123-@$#', 'Q');
SELECT mask('AbCD123-@$#', 'Q', 'q');
SELECT mask('AbCD123-@$#', 'Q', 'q', 'd');
SELECT mask('AbCD123-@$#', 'Q', 'q', 'd', 'o');
SELECT mask('AbCD123-@$#', NULL, 'q', NULL, 'o');
SELECT mask(NULL);
SELECT mask('éÄ9');
SELECT mask('ab', 'QQ');

# to_number
SELECT to_number('454', '999');
SELECT to_number('454.00', '000.00');
SELECT to_number('12,454', '99,999');
SELECT to_number('$78.12', '$99.99');
SELECT to_number('-12', 'S99');
SELECT to_number('12-', '99MI');
SELECT to_number('<12>', '99PR');
SELECT to_number(NULL, '99');
SELECT to_number('abc', '99');
SELECT to_number('4', 'x9');

# try_to_number
SELECT try_to_number('454', '999');
SELECT try_to_number('abc', '99');
SELECT try_to_number('12345', '99');
SELECT try_to_number(NULL, '99');

# to_char
SELECT to_char(454, '999');
SELECT to_char(454.00, '000D00');
SELECT to_char(12454, '99G999');
SELECT to_char(78.12, '$99.99');
SELECT to_char(-12454.8, '99G999D9S');
SELECT to_char(12345, '999');
SELECT to_char(NULL, '99');
SELECT to_char(7, '000');
SELECT to_char(0.5, '0.0');
SELECT to_char(-5, 'S99');
SELECT to_char(-5, '99PR');
SELECT to_char(DATE'2016-04-08', 'y');
SELECT to_char(X'537061', 'hex');

# to_varchar
SELECT to_varchar(454, '999');
SELECT to_varchar(12454, '99,999');
SELECT to_varchar(NULL, '9');

# to_binary
SELECT to_binary('abc', 'utf-8');
SELECT to_binary('6162', 'hex');
SELECT to_binary('YWJj', 'base64');
SELECT to_binary('6162');
SELECT to_binary(NULL, 'hex');
SELECT to_binary('xx', 'hex');
SELECT to_binary('xx', 'nope');

# try_to_binary
SELECT try_to_binary('xx', 'hex');
SELECT try_to_binary('6162', 'hex');
SELECT try_to_binary('a!', 'base64');

# sentences
SELECT sentences('Hi there! Good morning.');
SELECT sentences(NULL);
SELECT sentences('');

# str_to_map
SELECT str_to_map('a:1,b:2,c:3', ',', ':');
SELECT str_to_map('a:1,b:2');
SELECT str_to_map('a');
SELECT str_to_map('');
SELECT str_to_map(NULL);
SELECT str_to_map('a=1;b=2', ';', '=');
SELECT str_to_map('a:1:2,b', ',', ':');
SELECT str_to_map('a:1,a:2');
SELECT str_to_map('a1b22c', '[0-9]+', ':');
