-- Hashes and checksums.

# md5
SELECT md5('Spark');
SELECT md5('');
SELECT md5(NULL);
SELECT md5('größe');
SELECT md5(X'00ff');

# sha
SELECT sha('Spark');
SELECT sha('');
SELECT sha(NULL);

# sha1
SELECT sha1('Spark');
SELECT sha1('é');
SELECT sha1(NULL);

# sha2
SELECT sha2('Spark', 256);
SELECT sha2('Spark', 0);
SELECT sha2('Spark', 224);
SELECT sha2('Spark', 384);
SELECT sha2('Spark', 512);
SELECT sha2('Spark', 100);
SELECT sha2(NULL, 256);
SELECT sha2('Spark', NULL);

# crc32
SELECT crc32('Spark');
SELECT crc32('');
SELECT crc32(NULL);
SELECT crc32(X'00');

# xxhash64
SELECT xxhash64('Spark', array(123), 2);
SELECT xxhash64('Spark');
SELECT xxhash64('');
SELECT xxhash64(NULL);
SELECT xxhash64();
SELECT xxhash64(1);
SELECT xxhash64(1L);
SELECT xxhash64(1.5D);
SELECT xxhash64(true, false);
SELECT xxhash64(DATE'2026-01-01');
SELECT xxhash64(TIMESTAMP'2026-01-01 00:00:00');
SELECT xxhash64(CAST(1.50 AS DECIMAL(10,2)));
SELECT id, xxhash64(id, name, birth, score) FROM people ORDER BY id;

# hash
SELECT hash('Spark', array(123), 2);
SELECT hash('Spark');
SELECT hash('');
SELECT hash('é🙂 longer than eight bytes');
SELECT hash(NULL);
SELECT hash();
SELECT hash(1);
SELECT hash(1L);
SELECT hash(CAST(1 AS SMALLINT), CAST(1 AS TINYINT));
SELECT hash(1.5D);
SELECT hash(CAST(1.5 AS FLOAT));
SELECT hash(-0.0D), hash(0.0D);
SELECT hash(CAST('NaN' AS DOUBLE));
SELECT hash(true, false);
SELECT hash(DATE'2026-01-01');
SELECT hash(TIMESTAMP'2026-01-01 00:00:00');
SELECT hash(CAST(1.50 AS DECIMAL(10,2)));
SELECT hash(CAST(123456789012345678901234567890.5 AS DECIMAL(38,2)));
SELECT hash(X'0102030405');
SELECT hash(array(1, NULL, 3));
SELECT hash(array());
SELECT hash(named_struct('a', 1, 'b', 'x'));
SELECT hash(map('a', 1));
SELECT hash(1, NULL, 2), hash(NULL, 1, 2);
SELECT id, hash(id, name, birth, active, score, salary) FROM people ORDER BY id;
SELECT id, pmod(hash(name), 4) FROM people ORDER BY id;

# aes_encrypt
SELECT hex(aes_encrypt('Spark', '0000111122223333', 'ECB'));
SELECT length(aes_encrypt('Spark', '0000111122223333'));
SELECT aes_encrypt(NULL, '0000111122223333');

# aes_decrypt
SELECT CAST(aes_decrypt(aes_encrypt('Spark', '0000111122223333'), '0000111122223333') AS STRING);
SELECT aes_decrypt(unhex('6E7CA17BBB468D3084B5744BCA729FB7'), '000011112222333'), 1;
SELECT CAST(aes_decrypt(aes_encrypt('Spark', 'abcdefghijklmnop', 'ECB'), 'abcdefghijklmnop', 'ECB') AS STRING);
