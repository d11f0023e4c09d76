-- Functions with regular expressions (Java's), and split.

# regexp_extract
SELECT regexp_extract('100-200', '(\\d+)-(\\d+)', 1);
SELECT regexp_extract('100-200', '(\\d+)-(\\d+)', 2);
SELECT regexp_extract('100-200', '(\\d+)-(\\d+)', 0);
SELECT regexp_extract('100-200', '(\\d+)-(\\d+)');
SELECT regexp_extract('100-200', '(\\d+)-(\\d+)', 3);
SELECT regexp_extract('100-200', '(\\d+)-(\\d+)', -1);
SELECT regexp_extract('abc', '(\\d+)', 1);
SELECT regexp_extract(NULL, '(\\d+)', 1);
SELECT regexp_extract('abc', NULL, 1);
SELECT regexp_extract('abc', 'b', NULL);
SELECT regexp_extract('ab', '(a)(x)?', 2);
SELECT regexp_extract('foo bar', '(?i)(BAR)', 1);
SELECT regexp_extract('Größe 42 cm', '(\\p{L}+) (\\d+)', 1);
SELECT regexp_extract('x=1;y=2', '(?<key>\\w)=(\\d)', 2);
SELECT regexp_extract('foobar', 'foo(?=bar)', 0);
SELECT regexp_extract('aXbXc', '^(.*?)X', 1);
SELECT regexp_extract('abab', '(ab)\\1', 1);
SELECT regexp_extract('100-200', r'(\d+)-(\d+)', 2);
SELECT regexp_extract('a', '(', 1);
SELECT regexp_extract('abc', '', 0);
SELECT id, regexp_extract(payload, '"n":(\\d+)', 1) FROM events ORDER BY id;
SELECT regexp_extract('line1\nline2', '^line2$', 0);
SELECT regexp_extract('line1\nline2', '(?m)^line2$', 0);
SELECT regexp_extract('a.b', '[.]b', 0);
SELECT regexp_extract('2026-01-31', '([0-9]{4})-([0-9]{2})-([0-9]{2})', 3);

# regexp_extract_all
SELECT regexp_extract_all('100-200, 300-400', '(\\d+)-(\\d+)', 1);
SELECT regexp_extract_all('100-200, 300-400', '(\\d+)-(\\d+)');
SELECT regexp_extract_all('100-200, 300-400', '(\\d+)-(\\d+)', 0);
SELECT regexp_extract_all('abc', '\\d', 0);
SELECT regexp_extract_all(NULL, '\\d', 0);
SELECT regexp_extract_all('abc', '(b)', 2);
SELECT regexp_extract_all('ab', '', 0);

# regexp_replace
SELECT regexp_replace('100-200', '(\\d+)', 'num');
SELECT regexp_replace('aaa', 'a', 'b');
SELECT regexp_replace('John Smith', '(\\w+) (\\w+)', '$2, $1');
SELECT regexp_replace('abc', '(b)', '[$1$1]');
SELECT regexp_replace('abc', 'b', '\\$');
SELECT regexp_replace('abc', 'x', 'y');
SELECT regexp_replace('abc', '', '-');
SELECT regexp_replace(NULL, 'a', 'b');
SELECT regexp_replace('abc', NULL, 'b');
SELECT regexp_replace('abc', 'a', NULL);
SELECT regexp_replace('abcabc', 'b', 'X', 3);
SELECT regexp_replace('abcabc', 'b', 'X', 1);
SELECT regexp_replace('abcabc', 'b', 'X', 0);
SELECT regexp_replace('abc', 'b', 'X', 9);
SELECT regexp_replace('Größe 🙂', '[^\\x00-\\x7F]', '?');
SELECT regexp_replace('a  b   c', '\\s+', ' ');
SELECT regexp_replace('(555) 123-4567', '[^0-9]', '');
SELECT regexp_replace('abc', '(?<letter>b)', '<${letter}>');
SELECT regexp_replace('abc', 'b', '$0$0');
SELECT regexp_replace('abc', 'b', '$1');
SELECT regexp_replace('Abc', '(?i)a', 'z');
SELECT regexp_replace('abc', '[', 'z');
SELECT regexp_replace('a.b.c', '\\.', '');
SELECT regexp_replace('a.b.c', '.', 'x');
SELECT regexp_replace(12345, 3, 'x');
SELECT regexp_replace('price: 12', '(\\d)(\\d)', '$2\\1');

# rlike
SELECT rlike('abc', 'b');
SELECT rlike('abc', '^b');
SELECT rlike('abc', '^a.c$');
SELECT rlike('ABC', 'abc');
SELECT rlike('ABC', '(?i)abc');
SELECT rlike(NULL, 'a');
SELECT rlike('a', NULL);
SELECT rlike('', '');
SELECT rlike('Größe', '^\\p{L}+$');
SELECT rlike('é', '^\\w$');
SELECT rlike('a', '(');
SELECT rlike('a\nb', 'a.b');
SELECT rlike('2026-01-01', '^\\d{4}-\\d{2}-\\d{2}$');

# regexp
SELECT regexp('abc', 'b.');
SELECT regexp('abc', '^c');
SELECT regexp(NULL, 'a');
SELECT regexp('%SystemDrive%\\Users\\John', '%SystemDrive%\\\\Users.*');

# regexp_like
SELECT regexp_like('abc', 'b.');
SELECT regexp_like('abc', '^c');
SELECT regexp_like('abc', NULL);
SELECT regexp_like(123, '2');

# regexp_count
SELECT regexp_count('Steven Jones and Stephen Smith', 'Ste(v|ph)en');
SELECT regexp_count('aaaa', 'aa');
SELECT regexp_count('abc', 'x');
SELECT regexp_count(NULL, 'x');
SELECT regexp_count('abc', '');

# regexp_instr
SELECT regexp_instr('user@spark.apache.org', '@[^.]*');
SELECT regexp_instr('abc', 'x');
SELECT regexp_instr(NULL, 'x');
SELECT regexp_instr('é🙂b', 'b');

# regexp_substr
SELECT regexp_substr('Steven Jones and Stephen Smith', 'Ste(v|ph)en');
SELECT regexp_substr('abc', 'x');
SELECT regexp_substr(NULL, 'x');
SELECT regexp_substr('abc', '');

# split
SELECT split('oneAtwoBthreeC', '[ABC]');
SELECT split('oneAtwoBthreeC', '[ABC]', -1);
SELECT split('oneAtwoBthreeC', '[ABC]', 2);
SELECT split('oneAtwoBthreeC', '[ABC]', 1);
SELECT split('oneAtwoBthreeC', '[ABC]', 0);
SELECT split('a,b,,', ',');
SELECT split('a,b,,', ',', 0);
SELECT split(',a', ',');
SELECT split('', ',');
SELECT split('abc', '');
SELECT split('abc', '', 2);
SELECT split('a.b', '.');
SELECT split('a.b', '\\.');
SELECT split('a|b', '|');
SELECT split('a|b', '\\|');
SELECT split(NULL, ',');
SELECT split('a', NULL);
SELECT split('a,b', ',', NULL);
SELECT split('a  b', ' +');
SELECT split('x🙂y', '🙂');
SELECT split('a1b22c', '\\d+')[1];
SELECT split('a', '(');
SELECT id, split(tags, ',') FROM events ORDER BY id;
SELECT id, size(split(tags, ',')) FROM events ORDER BY id;
SELECT split('a,b', ',')[5];
