-- Functions and syntax that Spark 3.5 does not know (they came with Spark 4 or exist elsewhere
-- only). The recorded answer is the error; an engine may well know them.

# is_valid_utf8
SELECT is_valid_utf8('abc');

# make_valid_utf8
SELECT make_valid_utf8('abc');

# try_parse_url
SELECT try_parse_url('https://example.com', 'HOST');

# try_url_decode
SELECT try_url_decode('%20');

# quote
SELECT quote('a');

# time_trunc
SELECT time_trunc('HOUR', '10:20:30');

# monthname
SELECT monthname(DATE'2026-01-01');

# dayname
SELECT dayname(DATE'2026-01-01');

# listagg
SELECT listagg(name) FROM people;

# string_agg
SELECT string_agg(name) FROM people;

# nullifzero
SELECT nullifzero(0);

# zeroifnull
SELECT zeroifnull(NULL);

# charindex
SELECT charindex('bar', 'foobarbar');

# iff
SELECT iff(1 < 2, 'a', 'b');

# try_reflect
SELECT try_reflect('java.util.UUID', 'randomUUID');

# double colon cast
SELECT '12'::INT;
SELECT id::STRING FROM people ORDER BY id;
SELECT '1'::INT::DOUBLE;

# shift operators
SELECT 1 << 2;
SELECT 8 >> 1;

# select star except
SELECT * EXCEPT (name) FROM people ORDER BY id;

# qualify
SELECT id FROM people QUALIFY row_number() OVER (ORDER BY id) = 1;
