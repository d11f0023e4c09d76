-- Functions of JSON text: paths, from_json, to_json, json_tuple, schema_of_json. And CSV texts.

# get_json_object
SELECT get_json_object('{"a":"b"}', '$.a');
SELECT get_json_object('{"a":1}', '$.a');
SELECT get_json_object('{"a":1.50}', '$.a');
SELECT get_json_object('{"a":1e3}', '$.a');
SELECT get_json_object('{"a":true}', '$.a');
SELECT get_json_object('{"a":null}', '$.a');
SELECT get_json_object('{"a":{"b":[1, 2]}}', '$.a');
SELECT get_json_object('{"a":{"b":[1, 2]}}', '$.a.b[1]');
SELECT get_json_object('{"a":{"b":[1, 2]}}', '$.a.b[9]');
SELECT get_json_object('{"a":{"b":[1, 2]}}', '$.a.b[*]');
SELECT get_json_object('[{"x":1},{"x":2}]', '$[*].x');
SELECT get_json_object('[{"x":1}]', '$[*].x');
SELECT get_json_object('[{"x":"s"}]', '$[*].x');
SELECT get_json_object('[10, 20]', '$[1]');
SELECT get_json_object('{"a b":1}', "$['a b']");
SELECT get_json_object('{"a":{"b":1}}', '$');
SELECT get_json_object('{"a":1}', '$.b');
SELECT get_json_object('{"a":1}', 'a');
SELECT get_json_object('{"a":1}', '');
SELECT get_json_object('not json', '$.a');
SELECT get_json_object('', '$.a');
SELECT get_json_object('{"a":1', '$.a');
SELECT get_json_object(NULL, '$.a');
SELECT get_json_object('{"a":1}', NULL);
SELECT get_json_object('{"a":"é\\u00fc\\n"}', '$.a');
SELECT get_json_object('{"a":"x","a":"y"}', '$.a');
SELECT get_json_object('{"A":1}', '$.a');
SELECT get_json_object('{"a":[{"b":1},{"b":2}]}', '$.a.b');
SELECT get_json_object('{"a":[{"b":1},{"b":2}]}', '$.a[*].b');
SELECT get_json_object('{"a":[[1,2],[3]]}', '$.a[*][0]');
SELECT get_json_object('{"a":{"x":1,"y":2}}', '$.a.*');
SELECT get_json_object("{'a':'b'}", '$.a');
SELECT get_json_object('"text"', '$');
SELECT get_json_object('{"a":"b"} trailing', '$.a');
SELECT get_json_object('{"a": {"c" : "d" , "e" :  1.0 } }', '$.a');
SELECT id, get_json_object(payload, '$.ok') FROM events ORDER BY id;
SELECT id, get_json_object(payload, '$.items[0].sku') FROM events ORDER BY id;
SELECT id, get_json_object(payload, '$.items[*].qty') FROM events ORDER BY id;
SELECT id, get_json_object(payload, '$.nested.a.b') FROM events ORDER BY id;

# from_json
SELECT from_json('{"a":1, "b":0.8}', 'a INT, b DOUBLE');
SELECT from_json('{"a":1}', 'a INT, b STRING');
SELECT from_json('{"a":"x"}', 'a INT');
SELECT from_json('{"a":"1"}', 'a INT');
SELECT from_json('{"a":1.5}', 'a INT');
SELECT from_json('{"a":1}', 'a STRING');
SELECT from_json('{"a":{"b":1}}', 'a STRING');
SELECT from_json('{"a":{"b":1}}', 'a STRUCT<b: INT>');
SELECT from_json('{"a":[1,2,null]}', 'a ARRAY<INT>');
SELECT from_json('[1,2,3]', 'ARRAY<INT>');
SELECT from_json('[{"a":1},{"a":2}]', 'ARRAY<STRUCT<a: INT>>');
SELECT from_json('{"x":1,"y":2}', 'MAP<STRING, INT>');
SELECT from_json('{"t":"2026-01-01T10:00:00.000Z","d":"2026-02-03"}', 't TIMESTAMP, d DATE');
SELECT from_json('{"t":"26/08/2015"}', 't TIMESTAMP', map('timestampFormat', 'dd/MM/yyyy'));
SELECT from_json('{"d":"03.02.2026"}', 'd DATE', map('dateFormat', 'dd.MM.yyyy'));
SELECT from_json('not json', 'a INT');
SELECT from_json('{"a":1', 'a INT');
SELECT from_json('', 'a INT');
SELECT from_json(NULL, 'a INT');
SELECT from_json('null', 'a INT');
SELECT from_json('{"a":true,"b":"true"}', 'a BOOLEAN, b BOOLEAN');
SELECT from_json('{"a":12.345}', 'a DECIMAL(10,2)');
SELECT from_json('{"a":"12.3"}', 'a DECIMAL(10,2)');
SELECT from_json('{"A":1}', 'a INT');
SELECT from_json('{"a":99999999999}', 'a INT, b INT');
SELECT from_json('{"a":99999999999}', 'a BIGINT');
SELECT from_json('[{"a":1},{"a":2}]', 'a INT');
SELECT from_json('{"a":1}', 'ARRAY<STRUCT<a: INT>>');
SELECT from_json('{"a":1}', 'struct<a:int>').a;
SELECT from_json('{"a":1}', 'nonsense type');
SELECT from_json('{"a":1}', 'a INT', map('mode', 'FAILFAST'));
SELECT from_json('{"a":"x"}', 'a INT', map('mode', 'FAILFAST'));
SELECT from_json('{"a":"NaN","b":1}', 'a DOUBLE, b DOUBLE');
SELECT from_json('{"a":1}', schema_of_json('{"a":1}'));
SELECT id, from_json(payload, 'ip STRING, ok BOOLEAN, n INT') FROM events ORDER BY id;
SELECT id, from_json(payload, 'ip STRING, ok BOOLEAN').ip AS ip FROM events ORDER BY id;
SELECT id, i.sku, i.qty FROM events LATERAL VIEW explode(from_json(payload, 'items ARRAY<STRUCT<sku: STRING, qty: INT>>').items) x AS i ORDER BY id, i.sku;

# to_json
SELECT to_json(named_struct('a', 1, 'b', 'x'));
SELECT to_json(named_struct('a', NULL, 'b', 2));
SELECT to_json(named_struct('a', CAST(NULL AS INT)));
SELECT to_json(array(1, NULL, 3));
SELECT to_json(array());
SELECT to_json(map('k', 1, 'm', 2));
SELECT to_json(map('k', NULL));
SELECT to_json(array(named_struct('a', 1), named_struct('a', 2)));
SELECT to_json(named_struct('d', DATE'2026-01-02', 't', TIMESTAMP'2026-01-02 03:04:05.678'));
SELECT to_json(named_struct('t', TIMESTAMP'2026-01-02 03:04:05.123456'));
SELECT to_json(named_struct('t', TIMESTAMP'2026-01-02 03:04:05'), map('timestampFormat', 'dd/MM/yyyy'));
SELECT to_json(named_struct('a', 1.50, 'b', 1.5D, 'c', true, 'd', 10000000000L));
SELECT to_json(named_struct('a', 1e20D, 'b', 1e-7D, 'c', 100.0D));
SELECT to_json(named_struct('s', 'q"uo\\te\n\té🙂/'));
SELECT to_json(named_struct('x', CAST('NaN' AS DOUBLE), 'y', CAST('Infinity' AS DOUBLE)));
SELECT to_json(named_struct('b', X'0102'));
SELECT to_json(NULL);
SELECT to_json(CAST(NULL AS STRUCT<a: INT>));
SELECT to_json(1);
SELECT to_json(struct(1, 'a'));
SELECT to_json(map(1, 'a'));
SELECT to_json(map(named_struct('a', 1), 2));
SELECT to_json(named_struct('a', named_struct('b', array(map('c', 1)))));
SELECT to_json(named_struct('a', NULL), map('ignoreNullFields', 'false'));
SELECT id, to_json(struct(*)) FROM people ORDER BY id;
SELECT id, to_json(struct(info, tags, props)) FROM nested ORDER BY id;
SELECT id, to_json(items) FROM nested ORDER BY id;

# json_tuple
SELECT json_tuple('{"a":1, "b":2}', 'a', 'b');
SELECT json_tuple('{"a":1}', 'a', 'x');
SELECT json_tuple('{"a":{"b":[1, 2]}}', 'a');
SELECT json_tuple('not json', 'a', 'b');
SELECT json_tuple(NULL, 'a');
SELECT json_tuple('{"a":null,"b":"x y","c":1.50}', 'a', 'b', 'c');
SELECT json_tuple('{"a":1, "b":2}', 'a', 'b') AS (x, y);
SELECT id, ip, ok FROM events LATERAL VIEW json_tuple(payload, 'ip', 'ok') j AS ip, ok ORDER BY id;
SELECT id, c0, c1 FROM events LATERAL VIEW json_tuple(payload, 'ip', 'total') j ORDER BY id;

# schema_of_json
SELECT schema_of_json('[{"col":0}]');
SELECT schema_of_json('{"a":1,"b":"x","c":1.5,"d":true,"e":null,"f":[1],"g":{"h":99999999999}}');
SELECT schema_of_json('[{"col":01}]', map('allowNumericLeadingZeros', 'true'));
SELECT schema_of_json('[]');
SELECT schema_of_json('{}');
SELECT schema_of_json('1');

# json_array_length
SELECT json_array_length('[1,2,3,4]');
SELECT json_array_length('[1,2,3,{"f1":1,"f2":[5,6]},4]');
SELECT json_array_length('[1,2');
SELECT json_array_length('{"a":1}');
SELECT json_array_length('[]');
SELECT json_array_length(NULL);

# json_object_keys
SELECT json_object_keys('{"f1":"abc","f2":{"f3":"a", "f4":"b"}}');
SELECT json_object_keys('{}');
SELECT json_object_keys('[1]');
SELECT json_object_keys('bad');
SELECT json_object_keys(NULL);

# from_csv
SELECT from_csv('1, 0.8', 'a INT, b DOUBLE');
SELECT from_csv('26/08/2015', 'time TIMESTAMP', map('timestampFormat', 'dd/MM/yyyy'));
SELECT from_csv('x', 'a INT');
SELECT from_csv(NULL, 'a INT');
SELECT from_csv('"a;b";c', 'a STRING, b STRING', map('sep', ';'));

# to_csv
SELECT to_csv(named_struct('a', 1, 'b', 2));
SELECT to_csv(named_struct('a', 'x,y', 'b', NULL, 'c', ''));
SELECT to_csv(named_struct('t', DATE'2026-01-02'), map('dateFormat', 'dd/MM/yyyy'));

# schema_of_csv
SELECT schema_of_csv('1,abc,1.5');
SELECT schema_of_csv('2026-01-01|true', map('delimiter', '|'));
