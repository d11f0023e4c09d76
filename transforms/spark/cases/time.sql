-- Dates and timestamps: parts, arithmetic, formatting and parsing with patterns, zones, epochs.

# year
SELECT year(DATE'2026-03-31');
SELECT year(TIMESTAMP'2024-12-31 23:59:59.999999');
SELECT year('2021-01-03');
SELECT year('2026-2-3 04:05:06');
SELECT year(NULL);
SELECT year('abc');
SELECT year('');
SELECT year(DATE'0001-01-01');
SELECT year(DATE'1582-10-04');
SELECT year('2026-02-30');
SELECT year(DATE'9999-12-31');
SELECT year(1);
SELECT id, year(day) FROM sales ORDER BY id;

# quarter
SELECT quarter(DATE'2026-03-31');
SELECT quarter(TIMESTAMP'2024-12-31 23:59:59.999999');
SELECT quarter('2021-01-03');
SELECT quarter('2026-2-3 04:05:06');
SELECT quarter(NULL);
SELECT quarter('abc');
SELECT quarter('');
SELECT quarter(DATE'0001-01-01');
SELECT quarter(DATE'1582-10-04');
SELECT quarter('2026-02-30');
SELECT quarter(DATE'9999-12-31');
SELECT id, quarter(day) FROM sales ORDER BY id;

# month
SELECT month(DATE'2026-03-31');
SELECT month(TIMESTAMP'2024-12-31 23:59:59.999999');
SELECT month('2021-01-03');
SELECT month('2026-2-3 04:05:06');
SELECT month(NULL);
SELECT month('abc');
SELECT month('');
SELECT month(DATE'0001-01-01');
SELECT month(DATE'1582-10-04');
SELECT month('2026-02-30');
SELECT month(DATE'9999-12-31');
SELECT id, month(day) FROM sales ORDER BY id;

# day
SELECT day(DATE'2026-03-31');
SELECT day(TIMESTAMP'2024-12-31 23:59:59.999999');
SELECT day('2021-01-03');
SELECT day('2026-2-3 04:05:06');
SELECT day(NULL);
SELECT day('abc');
SELECT day('');
SELECT day(DATE'0001-01-01');
SELECT day(DATE'1582-10-04');
SELECT day('2026-02-30');
SELECT day(DATE'9999-12-31');
SELECT id, day(day) FROM sales ORDER BY id;

# dayofmonth
SELECT dayofmonth(DATE'2026-03-31');
SELECT dayofmonth(TIMESTAMP'2024-12-31 23:59:59.999999');
SELECT dayofmonth('2021-01-03');
SELECT dayofmonth('2026-2-3 04:05:06');
SELECT dayofmonth(NULL);
SELECT dayofmonth('abc');
SELECT dayofmonth('');
SELECT dayofmonth(DATE'0001-01-01');
SELECT dayofmonth(DATE'1582-10-04');
SELECT dayofmonth('2026-02-30');
SELECT dayofmonth(DATE'9999-12-31');
SELECT id, dayofmonth(day) FROM sales ORDER BY id;

# dayofweek
SELECT dayofweek(DATE'2026-03-31');
SELECT dayofweek(TIMESTAMP'2024-12-31 23:59:59.999999');
SELECT dayofweek('2021-01-03');
SELECT dayofweek('2026-2-3 04:05:06');
SELECT dayofweek(NULL);
SELECT dayofweek('abc');
SELECT dayofweek('');
SELECT dayofweek(DATE'0001-01-01');
SELECT dayofweek(DATE'1582-10-04');
SELECT dayofweek('2026-02-30');
SELECT dayofweek(DATE'9999-12-31');
SELECT id, dayofweek(day) FROM sales ORDER BY id;

# dayofyear
SELECT dayofyear(DATE'2026-03-31');
SELECT dayofyear(TIMESTAMP'2024-12-31 23:59:59.999999');
SELECT dayofyear('2021-01-03');
SELECT dayofyear('2026-2-3 04:05:06');
SELECT dayofyear(NULL);
SELECT dayofyear('abc');
SELECT dayofyear('');
SELECT dayofyear(DATE'0001-01-01');
SELECT dayofyear(DATE'1582-10-04');
SELECT dayofyear('2026-02-30');
SELECT dayofyear(DATE'9999-12-31');
SELECT id, dayofyear(day) FROM sales ORDER BY id;

# weekofyear
SELECT weekofyear(DATE'2026-03-31');
SELECT weekofyear(TIMESTAMP'2024-12-31 23:59:59.999999');
SELECT weekofyear('2021-01-03');
SELECT weekofyear('2026-2-3 04:05:06');
SELECT weekofyear(NULL);
SELECT weekofyear('abc');
SELECT weekofyear('');
SELECT weekofyear(DATE'0001-01-01');
SELECT weekofyear(DATE'1582-10-04');
SELECT weekofyear('2026-02-30');
SELECT weekofyear(DATE'9999-12-31');
SELECT id, weekofyear(day) FROM sales ORDER BY id;

# weekday
SELECT weekday(DATE'2026-03-31');
SELECT weekday(TIMESTAMP'2024-12-31 23:59:59.999999');
SELECT weekday('2021-01-03');
SELECT weekday('2026-2-3 04:05:06');
SELECT weekday(NULL);
SELECT weekday('abc');
SELECT weekday('');
SELECT weekday(DATE'0001-01-01');
SELECT weekday(DATE'1582-10-04');
SELECT weekday('2026-02-30');
SELECT weekday(DATE'9999-12-31');
SELECT id, weekday(day) FROM sales ORDER BY id;

# hour
SELECT hour(TIMESTAMP'2026-01-01 12:34:56.789');
SELECT hour('2009-07-30 12:58:59');
SELECT hour('2026-01-01');
SELECT hour('12:03:04');
SELECT hour(DATE'2026-01-01');
SELECT hour(NULL);
SELECT hour('abc');
SELECT hour(TIMESTAMP'1969-12-31 23:59:59.5');
SELECT hour('2026-01-01T10:20:30+02:00');

# minute
SELECT minute(TIMESTAMP'2026-01-01 12:34:56.789');
SELECT minute('2009-07-30 12:58:59');
SELECT minute('2026-01-01');
SELECT minute('12:03:04');
SELECT minute(DATE'2026-01-01');
SELECT minute(NULL);
SELECT minute('abc');
SELECT minute(TIMESTAMP'1969-12-31 23:59:59.5');
SELECT minute('2026-01-01T10:20:30+02:00');

# second
SELECT second(TIMESTAMP'2026-01-01 12:34:56.789');
SELECT second('2009-07-30 12:58:59');
SELECT second('2026-01-01');
SELECT second('12:03:04');
SELECT second(DATE'2026-01-01');
SELECT second(NULL);
SELECT second('abc');
SELECT second(TIMESTAMP'1969-12-31 23:59:59.5');
SELECT second('2026-01-01T10:20:30+02:00');

# date_format
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'yyyy-MM-dd');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'dd/MM/yyyy');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'yyyyMMdd');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'yyyyMMddHHmmss');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'yy');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'y');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'yyy');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'yyyyy');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'M');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'MM');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'MMM');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'MMMM');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'L');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'LLL');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'LLLL');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'd');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'dd');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'D');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'DDD');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'E');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'EEE');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'EEEE');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'EEEEE');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'Q');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'QQ');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'QQQ');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'QQQQ');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'q');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'qqq');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'H');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'HH');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'h');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'hh');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'k');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'kk');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'K');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'KK');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'm');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'mm');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 's');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'ss');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'S');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'SS');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'SSS');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'SSSSSS');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'SSSSSSSSS');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'a');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'HH:mm:ss.SSS');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'hh:mm a');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'hh:mm:ss a');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'w');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'u');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'e');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'F');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'G');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'GGGG');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'X');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'XXX');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'XX');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'x');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'xxx');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'xx');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'Z');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'ZZZZZ');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'z');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'zzzz');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'VV');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'O');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'OOOO');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', '[yyyy]');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'yyyy[-MM');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'EEE, d MMM yyyy HH:mm:ss Z');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'MMM dd, yyyy');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'yyyy-MM');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'yyyy/MM/dd HH:mm');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', '\'\'');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'yyyy\'\'MM');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', '');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'b');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'A');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'n');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'yyyy年MM月dd日');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07.089', 'YYYY');
SELECT date_format(TIMESTAMP'2026-03-07 05:06:07', "yyyy-MM-dd'T'HH:mm:ss");
SELECT date_format(TIMESTAMP'2026-03-07 15:06:07.123456', "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");
SELECT date_format(TIMESTAMP'2026-03-07 00:06:07', 'h a K k');
SELECT date_format(TIMESTAMP'2026-03-07 12:06:07', 'h a K k');
SELECT date_format(DATE'2026-01-01', 'yyyy-MM-dd HH:mm:ss');
SELECT date_format('2026-01-02', 'dd.MM.yy');
SELECT date_format('2026-01-02 03:04:05', 'EEEE HH');
SELECT date_format('abc', 'yyyy');
SELECT date_format(NULL, 'yyyy');
SELECT date_format(DATE'2026-01-01', NULL);
SELECT date_format(DATE'0009-01-01', 'yyyy');
SELECT date_format(DATE'0009-01-01', 'y yy');
SELECT date_format(DATE'-0001-01-01', 'yyyy G');
SELECT id, date_format(day, 'MMM yyyy') FROM sales ORDER BY id;
SELECT id, date_format(at, "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'") FROM events ORDER BY id;

# to_date
SELECT to_date('2026-12-31');
SELECT to_date('2026-12-31 12:34:56');
SELECT to_date('2026-1-2');
SELECT to_date('2026-01');
SELECT to_date('2026');
SELECT to_date(' 2026-01-02 ');
SELECT to_date('2026-02-30');
SELECT to_date('abc');
SELECT to_date('');
SELECT to_date(NULL);
SELECT to_date('20260131');
SELECT to_date('2026-01-02T10:00:00Z');
SELECT to_date('2026-01-02junk');
SELECT to_date('01/02/2026');
SELECT to_date(TIMESTAMP'2026-01-02 23:59:59');
SELECT to_date(DATE'2026-01-02');
SELECT to_date('-0044-03-15');
SELECT to_date('+12026-01-01');
SELECT to_date(20260101);
SELECT to_date('0000-00-00');
SELECT to_date('2026-13-01');
SELECT to_date('31/12/2026', 'dd/MM/yyyy');
SELECT to_date('1/2/2026', 'dd/MM/yyyy');
SELECT to_date('1/2/2026', 'd/M/yyyy');
SELECT to_date('20261231', 'yyyyMMdd');
SELECT to_date('2026-12-31', 'yyyy-MM-dd');
SELECT to_date('2026-12-31 10:00:00', 'yyyy-MM-dd');
SELECT to_date('2026-12-31', 'yyyy-MM-dd HH:mm:ss');
SELECT to_date('31 Dec 2026', 'dd MMM yyyy');
SELECT to_date('31 December 2026', 'dd MMMM yyyy');
SELECT to_date('31 dec 2026', 'dd MMM yyyy');
SELECT to_date('Dec 31, 2026', 'MMM d, yyyy');
SELECT to_date('12-31-26', 'MM-dd-yy');
SELECT to_date('12-31-70', 'MM-dd-yy');
SELECT to_date('2026-365', 'yyyy-DDD');
SELECT to_date('2026-12', 'yyyy-MM');
SELECT to_date('2026', 'yyyy');
SELECT to_date('12', 'MM');
SELECT to_date('2026-02-30', 'yyyy-MM-dd');
SELECT to_date('2026-02-29', 'yyyy-MM-dd');
SELECT to_date('abc', 'yyyy-MM-dd');
SELECT to_date('', 'yyyy-MM-dd');
SELECT to_date('2026-1-1', 'yyyy-MM-dd');
SELECT to_date('Thu 2026-12-31', 'EEE yyyy-MM-dd');
SELECT to_date('2026Q3', 'yyyy\'Q\'q');
SELECT to_date('2026-12-31T10:20:30', 'yyyy-MM-dd\'T\'HH:mm:ss');
SELECT to_date('2026-12-31T10:20:30Z', 'yyyy-MM-dd\'T\'HH:mm:ssX');
SELECT to_date('31.12.2026', 'dd.MM.yyyy');
SELECT to_date('31.12.2026', 'dd.MM.yyyy[ HH:mm]');
SELECT to_date('31.12.2026 10:20', 'dd.MM.yyyy[ HH:mm]');
SELECT to_date('2026-12-31', 'invalid');
SELECT to_date('2026-12-31', 'YYYY-MM-dd');
SELECT to_date('2026W01', 'YYYY\'W\'ww');
SELECT to_date('311226', 'ddMMyy');
SELECT to_date('202612', 'yyyyMM');
SELECT to_date('12026-01-01', 'yyyy-MM-dd');
SELECT to_date('12/31/2026 ', 'MM/dd/yyyy');
SELECT to_date(' 12/31/2026', 'MM/dd/yyyy');
SELECT to_date(NULL, 'yyyy');
SELECT to_date('2026-01-01', NULL);
SELECT to_date(DATE'2026-01-02', 'yyyy');
SELECT to_date(TIMESTAMP'2026-01-02 10:00:00', 'yyyy');
SELECT to_date(20260131, 'yyyyMMdd');

# to_timestamp
SELECT to_timestamp('2026-12-31 12:34:56');
SELECT to_timestamp('2026-12-31');
SELECT to_timestamp('2026-12-31T12:34:56.789Z');
SELECT to_timestamp('2026-12-31 12:34:56.123456789');
SELECT to_timestamp('2026-12-31 12:34:56+02:00');
SELECT to_timestamp('2026-12-31 12:34:56 Europe/Berlin');
SELECT to_timestamp('2026-1-2 3:4:5');
SELECT to_timestamp('2026-12-31 24:00:00');
SELECT to_timestamp('2026-12-31 12:60:00');
SELECT to_timestamp('2026-12');
SELECT to_timestamp('2026');
SELECT date_format(to_timestamp('12:34:56'), 'HH:mm:ss');
SELECT to_timestamp('abc');
SELECT to_timestamp('');
SELECT to_timestamp(NULL);
SELECT to_timestamp(DATE'2026-01-02');
SELECT to_timestamp(1700000000);
SELECT to_timestamp(1700000000.5);
SELECT to_timestamp('2026-12-31 12');
SELECT to_timestamp('2026-12-31 12:34');
SELECT to_timestamp('2026-12-31T12:34:56-0800');
SELECT to_timestamp('2026-12-31 12:34:56 PST');
SELECT to_timestamp('2026-12-31 12:34:56 UTC');
SELECT to_timestamp(' 2026-12-31 12:34:56 ');
SELECT to_timestamp('2026-02-30 00:00:00');
SELECT to_timestamp(true);
SELECT to_timestamp('31/12/2026 10:20:30', 'dd/MM/yyyy HH:mm:ss');
SELECT to_timestamp('31/12/2026', 'dd/MM/yyyy');
SELECT to_timestamp('20261231102030', 'yyyyMMddHHmmss');
SELECT to_timestamp('20261231 102030', 'yyyyMMdd HHmmss');
SELECT to_timestamp('2026-12-31T10:20:30.123Z', 'yyyy-MM-dd\'T\'HH:mm:ss.SSSX');
SELECT to_timestamp('2026-12-31T10:20:30+0200', 'yyyy-MM-dd\'T\'HH:mm:ssZ');
SELECT to_timestamp('2026-12-31T10:20:30+02:00', 'yyyy-MM-dd\'T\'HH:mm:ssXXX');
SELECT to_timestamp('2026-12-31 10:20:30.123456', 'yyyy-MM-dd HH:mm:ss.SSSSSS');
SELECT to_timestamp('2026-12-31 10:20:30.1', 'yyyy-MM-dd HH:mm:ss.SSS');
SELECT to_timestamp('2026-12-31 10:20:30.1', 'yyyy-MM-dd HH:mm:ss.S');
SELECT to_timestamp('2026-12-31 10:20 PM', 'yyyy-MM-dd hh:mm a');
SELECT to_timestamp('2026-12-31 12:20 AM', 'yyyy-MM-dd hh:mm a');
SELECT to_timestamp('2026-12-31 10:20 pm', 'yyyy-MM-dd hh:mm a');
SELECT to_timestamp('12/31/26 1:02 PM', 'MM/dd/yy h:mm a');
SELECT to_timestamp('Dec 31 2026 10:20:30', 'MMM dd yyyy HH:mm:ss');
SELECT to_timestamp('Thu, 31 Dec 2026 10:20:30 GMT', 'EEE, dd MMM yyyy HH:mm:ss z');
SELECT to_timestamp('2026-12-31 10:20:30', 'yyyy-MM-dd HH:mm');
SELECT to_timestamp('2026-12-31 10:20', 'yyyy-MM-dd HH:mm:ss');
SELECT to_timestamp('2026-12-31', 'yyyy-MM-dd[ HH:mm:ss]');
SELECT to_timestamp('2026-12-31 10:20:30', 'yyyy-MM-dd[ HH:mm:ss]');
SELECT to_timestamp('abc', 'yyyy');
SELECT to_timestamp('', 'yyyy');
SELECT to_timestamp('10:20:30', 'HH:mm:ss');
SELECT to_timestamp('2026-12-31 25:00:00', 'yyyy-MM-dd HH:mm:ss');
SELECT to_timestamp('2026-12-31 10:20:30 Europe/Berlin', 'yyyy-MM-dd HH:mm:ss VV');
SELECT to_timestamp('1767225600', 'epoch');
SELECT to_timestamp('2026-06-30 10', 'yyyy-MM-dd HH');
SELECT to_timestamp('31-DEC-26 10.20.30.000000 AM', 'dd-MMM-yy hh.mm.ss.SSSSSS a');
SELECT to_timestamp('2026-12-31 1:2:3', 'yyyy-MM-dd H:m:s');
SELECT to_timestamp('2026-12-31 10:20:30.123456789', 'yyyy-MM-dd HH:mm:ss.SSSSSSSSS');
SELECT to_timestamp(NULL, 'yyyy');
SELECT to_timestamp('2026-01-01', NULL);
SELECT id, to_timestamp(get_json_object(payload, '$.ip'), 'yyyy') FROM events WHERE id = 10000000003;
SELECT to_timestamp(DATE'2026-01-02', 'yyyy-MM-dd');

# unix_timestamp
SELECT unix_timestamp('2026-01-01 00:00:00');
SELECT unix_timestamp('2026-01-01');
SELECT unix_timestamp('2026-01-01', 'yyyy-MM-dd');
SELECT unix_timestamp('01/02/2026 03:04', 'dd/MM/yyyy HH:mm');
SELECT unix_timestamp('1969-12-31 23:59:59');
SELECT unix_timestamp('abc');
SELECT unix_timestamp('');
SELECT unix_timestamp(NULL);
SELECT unix_timestamp('2026-01-01', NULL);
SELECT unix_timestamp(DATE'2026-01-01');
SELECT unix_timestamp(TIMESTAMP'2026-01-01 00:00:00.999');
SELECT unix_timestamp(TIMESTAMP'1969-12-31 23:59:59.5');
SELECT unix_timestamp(DATE'2026-01-01', 'dd/MM/yyyy');
SELECT unix_timestamp('20260102030405', 'yyyyMMddHHmmss');
SELECT unix_timestamp('2026-01-01T10:00:00Z', "yyyy-MM-dd'T'HH:mm:ssX");
SELECT unix_timestamp('2026-01-01 00:00:00.5');
SELECT unix_timestamp() > 1700000000;
SELECT unix_timestamp() - unix_timestamp(now()) BETWEEN -1 AND 1;
SELECT id, unix_timestamp(at) FROM events ORDER BY id;

# to_unix_timestamp
SELECT to_unix_timestamp('2026-01-01 00:00:00');
SELECT to_unix_timestamp('2026-04-08', 'yyyy-MM-dd');
SELECT to_unix_timestamp(NULL);
SELECT to_unix_timestamp('x', 'yyyy');
SELECT to_unix_timestamp(DATE'2026-01-01');

# from_unixtime
SELECT from_unixtime(0);
SELECT from_unixtime(0, 'yyyy-MM-dd HH:mm:ss');
SELECT from_unixtime(1767225600, 'yyyy-MM-dd');
SELECT from_unixtime(1767225600, 'dd/MM/yyyy hh:mm a');
SELECT from_unixtime(-1);
SELECT from_unixtime('1767225600');
SELECT from_unixtime(1767225600.9);
SELECT from_unixtime(NULL);
SELECT from_unixtime(0, NULL);
SELECT from_unixtime('abc');
SELECT from_unixtime(1767225600000 / 1000);
SELECT from_unixtime(1767225600, 'EEEE D Q');
SELECT from_unixtime(1767225600, 'w');
SELECT from_unixtime(253402300800);
SELECT typeof(from_unixtime(0));
SELECT from_unixtime(unix_timestamp('20260131', 'yyyyMMdd'), 'yyyy-MM-dd');
SELECT id, from_unixtime(unix_timestamp(at), 'HH:mm') FROM events ORDER BY id;

# current_date
SELECT current_date() = date(now());
SELECT current_date = current_date();
SELECT typeof(current_date());

# curdate
SELECT curdate() = current_date();
SELECT typeof(curdate());
SELECT curdate() > DATE'2020-01-01';

# current_timestamp
SELECT current_timestamp() = now();
SELECT current_timestamp = current_timestamp();
SELECT typeof(current_timestamp());

# now
SELECT now() = current_timestamp();
SELECT typeof(now());
SELECT now() > TIMESTAMP'2020-01-01 00:00:00';

# current_timezone
SELECT current_timezone();

# localtimestamp
SELECT typeof(localtimestamp());
SELECT localtimestamp() = CAST(now() AS TIMESTAMP_NTZ);
SELECT date(localtimestamp()) = current_date();

# date_add
SELECT date_add('2026-01-31', 1);
SELECT date_add(DATE'2026-01-31', -31);
SELECT date_add(TIMESTAMP'2026-01-31 23:00:00', 1);
SELECT date_add('2026-01-31', '1');
SELECT date_add('2026-01-31', '1.5');
SELECT date_add('2026-01-31', 1.9);
SELECT date_add('2026-01-31', NULL);
SELECT date_add(NULL, 1);
SELECT date_add('abc', 1);
SELECT date_add(DATE'9999-12-31', 1);
SELECT date_add('2026-01-31', CAST(1 AS TINYINT));
SELECT date_add('2026-01-31', 1L);
SELECT id, date_add(day, quantity) FROM sales ORDER BY id;

# dateadd
SELECT dateadd(DATE'2026-01-31', 1);
SELECT dateadd(DAY, 1, DATE'2026-01-31');
SELECT dateadd(MONTH, 1, TIMESTAMP'2026-01-31 10:00:00');
SELECT dateadd(HOUR, -5, TIMESTAMP'2026-01-31 01:00:00');
SELECT dateadd(YEAR, 1, DATE'2024-02-29');
SELECT dateadd(NULL, 1);

# date_sub
SELECT date_sub('2026-01-01', 1);
SELECT date_sub(DATE'2024-03-01', 1);
SELECT date_sub('2026-01-01', -1);
SELECT date_sub(NULL, 1);
SELECT date_sub('2026-01-01', NULL);
SELECT date_sub(TIMESTAMP'2026-01-01 10:00:00', 0);
SELECT date_sub('bad', 1);

# datediff
SELECT datediff('2026-01-31', '2026-01-01');
SELECT datediff('2026-01-01', '2026-01-31');
SELECT datediff(TIMESTAMP'2026-01-02 00:00:00', TIMESTAMP'2026-01-01 23:59:59');
SELECT datediff(DATE'2026-01-02', '2026-01-01 23:59:59');
SELECT datediff(NULL, '2026-01-01');
SELECT datediff('abc', '2026-01-01');
SELECT datediff(DAY, DATE'2026-01-01', DATE'2026-01-31');
SELECT datediff(MONTH, DATE'2026-01-31', DATE'2026-02-28');
SELECT datediff(HOUR, TIMESTAMP'2026-01-01 00:00:00', TIMESTAMP'2026-01-02 01:59:59');
SELECT id, datediff(day, '2026-01-01') FROM sales ORDER BY id;

# date_diff
SELECT date_diff('2026-01-31', '2026-01-01');
SELECT date_diff(DATE'2026-01-01', NULL);
SELECT date_diff(YEAR, DATE'2024-12-31', DATE'2026-01-01');

# add_months
SELECT add_months('2026-01-31', 1);
SELECT add_months(DATE'2026-02-28', 1);
SELECT add_months(DATE'2024-02-29', 12);
SELECT add_months('2026-01-15', -13);
SELECT add_months(TIMESTAMP'2026-01-31 10:00:00', 1);
SELECT add_months(NULL, 1);
SELECT add_months('2026-01-31', NULL);
SELECT add_months('abc', 1);
SELECT add_months('2026-01-31', '2');
SELECT add_months(DATE'2026-01-31', 0);

# months_between
SELECT months_between('1997-02-28 10:30:00', '1996-10-30');
SELECT months_between('1997-02-28 10:30:00', '1996-10-30', false);
SELECT months_between(DATE'2026-01-31', DATE'2026-02-28');
SELECT months_between(DATE'2026-03-31', DATE'2026-02-28');
SELECT months_between(DATE'2026-03-15', DATE'2026-01-15');
SELECT months_between(DATE'2026-03-16', DATE'2026-01-15');
SELECT months_between(DATE'2026-01-15', DATE'2026-03-16');
SELECT months_between(TIMESTAMP'2026-03-15 12:00:00', TIMESTAMP'2026-03-15 00:00:00');
SELECT months_between(TIMESTAMP'2026-03-31 23:59:59', TIMESTAMP'2026-02-28 00:00:00');
SELECT months_between(NULL, DATE'2026-01-01');
SELECT months_between('abc', DATE'2026-01-01');
SELECT months_between(DATE'2026-01-01', '2026-01-01');
SELECT months_between(TIMESTAMP'2026-03-15 12:00:00', TIMESTAMP'2026-01-15 00:00:00');
SELECT months_between(DATE'2026-01-01', DATE'2025-12-31', false);
SELECT id, months_between(day, '2026-01-31') FROM sales ORDER BY id;

# last_day
SELECT last_day('2024-02-01');
SELECT last_day(DATE'2026-02-28');
SELECT last_day(TIMESTAMP'2026-12-05 10:00:00');
SELECT last_day(NULL);
SELECT last_day('abc');

# next_day
SELECT next_day('2026-01-01', 'TU');
SELECT next_day(DATE'2026-01-01', 'Thursday');
SELECT next_day('2026-01-01', 'thu');
SELECT next_day('2026-01-01', 'xx');
SELECT next_day(NULL, 'MO');
SELECT next_day('2026-01-01', NULL);
SELECT next_day('bad', 'MO');

# trunc
SELECT trunc('2026-08-19', 'year');
SELECT trunc('2026-08-19', 'YYYY');
SELECT trunc('2026-08-19', 'yy');
SELECT trunc('2026-08-19', 'quarter');
SELECT trunc('2026-08-19', 'MON');
SELECT trunc('2026-08-19', 'MM');
SELECT trunc('2026-08-19', 'week');
SELECT trunc('2026-08-19', 'day');
SELECT trunc('2026-08-19', 'bad');
SELECT trunc(NULL, 'year');
SELECT trunc('2026-08-19', NULL);
SELECT trunc(TIMESTAMP'2026-08-19 10:00:00', 'month');
SELECT trunc('bad', 'month');
SELECT trunc(12.7);

# date_trunc
SELECT date_trunc('YEAR', TIMESTAMP'2026-08-19 10:20:30.123456');
SELECT date_trunc('QUARTER', TIMESTAMP'2026-08-19 10:20:30.123456');
SELECT date_trunc('MM', TIMESTAMP'2026-08-19 10:20:30.123456');
SELECT date_trunc('week', TIMESTAMP'2026-08-19 10:20:30.123456');
SELECT date_trunc('DD', TIMESTAMP'2026-08-19 10:20:30.123456');
SELECT date_trunc('HOUR', TIMESTAMP'2026-08-19 10:20:30.123456');
SELECT date_trunc('MINUTE', TIMESTAMP'2026-08-19 10:20:30.123456');
SELECT date_trunc('SECOND', TIMESTAMP'2026-08-19 10:20:30.123456');
SELECT date_trunc('MILLISECOND', TIMESTAMP'2026-08-19 10:20:30.123456');
SELECT date_trunc('MICROSECOND', TIMESTAMP'2026-08-19 10:20:30.123456');
SELECT date_trunc('day', '2026-08-19 10:20:30');
SELECT date_trunc('month', DATE'2026-08-19');
SELECT date_trunc('bad', TIMESTAMP'2026-08-19 10:20:30');
SELECT date_trunc('day', NULL);
SELECT date_trunc(NULL, TIMESTAMP'2026-08-19 10:20:30');
SELECT date_trunc('day', 'bad');
SELECT date_trunc('hour', TIMESTAMP'1969-12-31 23:59:59');

# unix_date
SELECT unix_date(DATE'1970-01-02');
SELECT unix_date(DATE'1969-12-31');
SELECT unix_date(NULL);
SELECT unix_date('1970-01-02');

# unix_seconds
SELECT unix_seconds(TIMESTAMP'1970-01-01 00:00:01Z');
SELECT unix_seconds(TIMESTAMP'1969-12-31 23:59:59.5');
SELECT unix_seconds(NULL);

# unix_millis
SELECT unix_millis(TIMESTAMP'1970-01-01 00:00:01Z');
SELECT unix_millis(TIMESTAMP'1969-12-31 23:59:59.9995');
SELECT unix_millis(NULL);

# unix_micros
SELECT unix_micros(TIMESTAMP'1970-01-01 00:00:01Z');
SELECT unix_micros(TIMESTAMP'1969-12-31 23:59:59.999999');
SELECT unix_micros(NULL);

# timestamp_seconds
SELECT timestamp_seconds(1230219000);
SELECT timestamp_seconds(1230219000.123);
SELECT timestamp_seconds(-1);
SELECT timestamp_seconds(NULL);
SELECT timestamp_seconds(1.5D);
SELECT timestamp_seconds(9223372036854775807L);

# timestamp_millis
SELECT timestamp_millis(1230219000123);
SELECT timestamp_millis(-1);
SELECT timestamp_millis(NULL);

# timestamp_micros
SELECT timestamp_micros(1230219000123123);
SELECT timestamp_micros(-1);
SELECT timestamp_micros(NULL);

# date_from_unix_date
SELECT date_from_unix_date(1);
SELECT date_from_unix_date(-1);
SELECT date_from_unix_date(NULL);

# date_part
SELECT date_part('YEAR', TIMESTAMP'2026-08-12 01:00:00.123456');
SELECT date_part('week', TIMESTAMP'2026-08-12 01:00:00.123456');
SELECT date_part('doy', DATE'2026-08-12');
SELECT date_part('dow', DATE'2026-08-12');
SELECT date_part('DAYOFWEEK_ISO', DATE'2026-08-12');
SELECT date_part('SECONDS', TIMESTAMP'2026-10-01 00:00:01.000001');
SELECT date_part('days', INTERVAL 5 DAYS 3 HOURS);
SELECT date_part('MONTH', NULL);
SELECT date_part('bad', DATE'2026-08-12');
SELECT date_part('yearofweek', DATE'2027-01-01');

# datepart
SELECT datepart('quarter', DATE'2026-08-12');
SELECT datepart('HOUR', TIMESTAMP'2026-08-12 13:00:00');
SELECT datepart('minute', NULL);

# extract
SELECT extract(YEAR FROM TIMESTAMP'2026-08-12 01:00:00.123456');
SELECT extract(week FROM DATE'2027-01-01');
SELECT extract(doy FROM DATE'2026-08-12');
SELECT extract(SECOND FROM TIMESTAMP'2026-10-01 00:00:01.000001');
SELECT extract(DAY FROM INTERVAL 5 DAYS 3 HOURS);
SELECT extract(MONTH FROM NULL);
SELECT extract(MONTH FROM '2026-08-12');
SELECT extract(bad FROM DATE'2026-08-12');

# make_date
SELECT make_date(2026, 2, 28);
SELECT make_date(2026, 2, 30);
SELECT make_date(2026, 13, 1);
SELECT make_date(NULL, 1, 1);
SELECT make_date(-1, 1, 1);

# make_timestamp
SELECT make_timestamp(2026, 2, 28, 6, 30, 45.887);
SELECT make_timestamp(2026, 2, 28, 6, 30, 45.887, 'CET');
SELECT make_timestamp(2026, 2, 30, 6, 30, 45);
SELECT make_timestamp(2026, 2, 28, 6, 30, 60);
SELECT make_timestamp(2026, 2, 28, 6, 30, 60.5);
SELECT make_timestamp(NULL, 2, 28, 6, 30, 45);
SELECT make_timestamp(2026, 2, 28, 25, 0, 0);

# make_timestamp_ntz
SELECT make_timestamp_ntz(2026, 2, 28, 6, 30, 45.5);
SELECT make_timestamp_ntz(2026, 2, 30, 6, 30, 45);
SELECT make_timestamp_ntz(NULL, 2, 28, 6, 30, 45);

# make_interval
SELECT make_interval(100, 11, 1, 1, 12, 30, 01.001001);
SELECT make_interval();
SELECT make_interval(0, 1, 0, 1, 0, 0, 100.000001);
SELECT make_interval(1, NULL);
SELECT DATE'2026-01-31' + make_interval(0, 1);
SELECT make_interval(0, -1, 0, -2);

# make_dt_interval
SELECT make_dt_interval(1, 12, 30, 01.001001);
SELECT make_dt_interval(100, NULL, 3);
SELECT make_dt_interval();
SELECT TIMESTAMP'2026-01-01 00:00:00' + make_dt_interval(1, 2, 3, 4.5);

# make_ym_interval
SELECT make_ym_interval(1, 2);
SELECT make_ym_interval(0, 14);
SELECT DATE'2026-01-31' + make_ym_interval(0, 1);
SELECT make_ym_interval(NULL, 1);

# from_utc_timestamp
SELECT from_utc_timestamp('2026-08-31', 'Asia/Seoul');
SELECT from_utc_timestamp(TIMESTAMP'2026-01-01 00:00:00', 'Europe/Berlin');
SELECT from_utc_timestamp(TIMESTAMP'2026-07-01 00:00:00', 'Europe/Berlin');
SELECT from_utc_timestamp(TIMESTAMP'2026-07-01 00:00:00', '+05:30');
SELECT from_utc_timestamp(TIMESTAMP'2026-07-01 00:00:00', 'PST');
SELECT from_utc_timestamp(TIMESTAMP'2026-07-01 00:00:00', 'bad/zone');
SELECT from_utc_timestamp(NULL, 'UTC');
SELECT from_utc_timestamp(TIMESTAMP'2026-07-01 00:00:00', NULL);
SELECT from_utc_timestamp(TIMESTAMP'2026-03-29 01:30:00', 'Europe/Berlin');

# to_utc_timestamp
SELECT to_utc_timestamp('2026-08-31', 'Asia/Seoul');
SELECT to_utc_timestamp(TIMESTAMP'2026-07-01 00:00:00', 'America/New_York');
SELECT to_utc_timestamp(TIMESTAMP'2026-03-29 02:30:00', 'Europe/Berlin');
SELECT to_utc_timestamp(TIMESTAMP'2026-10-25 02:30:00', 'Europe/Berlin');
SELECT to_utc_timestamp(NULL, 'UTC');
SELECT to_utc_timestamp(TIMESTAMP'2026-07-01 00:00:00', 'nope');
SELECT to_utc_timestamp(TIMESTAMP'2026-07-01 00:00:00', 'GMT+2');

# convert_timezone
SELECT convert_timezone('Europe/Brussels', 'America/Los_Angeles', timestamp_ntz'2021-12-06 00:00:00');
SELECT convert_timezone('Europe/Brussels', timestamp_ntz'2021-12-05 15:00:00');
SELECT convert_timezone('UTC', NULL, timestamp_ntz'2021-12-05 15:00:00');

# timestampadd
SELECT timestampadd(HOUR, 8, TIMESTAMP'2026-02-27 20:00:00');
SELECT timestampadd(MONTH, -1, TIMESTAMP'2026-03-31 00:00:00');
SELECT timestampadd(DAY, 1, DATE'2026-03-31');
SELECT timestampadd(WEEK, 1, NULL);
SELECT timestampadd(QUARTER, 1, TIMESTAMP'2026-11-30 00:00:00');

# timestampdiff
SELECT timestampdiff(HOUR, TIMESTAMP'2026-02-11 20:30:00', TIMESTAMP'2026-02-12 04:30:00');
SELECT timestampdiff(MONTH, TIMESTAMP'2026-01-01 00:00:00', TIMESTAMP'2026-02-28 23:59:59');
SELECT timestampdiff(YEAR, DATE'2026-01-01', DATE'1900-03-28');
SELECT timestampdiff(SECOND, NULL, TIMESTAMP'2026-01-01 00:00:00');
SELECT timestampdiff(DAY, '2026-01-01', '2026-01-31');
SELECT timestampdiff(MINUTE, TIMESTAMP'2026-01-01 00:00:59', TIMESTAMP'2026-01-01 00:01:00');

# window
SELECT window.start, window.end, count(*) FROM events WHERE at IS NOT NULL GROUP BY window(at, '1 day') ORDER BY 1;
SELECT window(at, '12 hours').start AS s FROM events WHERE id = 10000000002;

# to_timestamp_ntz
SELECT to_timestamp_ntz('2026-12-31 00:12:00');
SELECT to_timestamp_ntz('31/12/2026', 'dd/MM/yyyy');
SELECT to_timestamp_ntz(NULL);

# to_timestamp_ltz
SELECT to_timestamp_ltz('2026-12-31 00:12:00');
SELECT to_timestamp_ltz('31/12/2026', 'dd/MM/yyyy');
SELECT to_timestamp_ltz('abc');

# try_to_timestamp
SELECT try_to_timestamp('2026-12-31 00:12:00');
SELECT try_to_timestamp('31/12/2026', 'dd/MM/yyyy');
SELECT try_to_timestamp('foo', 'yyyy-MM-dd');

# date arithmetic
SELECT DATE'2026-01-31' + INTERVAL 1 MONTH;
SELECT DATE'2026-01-31' + INTERVAL '1' MONTH;
SELECT DATE'2026-01-31' - INTERVAL 1 DAY;
SELECT DATE'2026-01-31' + INTERVAL 1 HOUR;
SELECT DATE'2026-01-31' + INTERVAL 1 YEAR 2 MONTHS;
SELECT DATE'2026-01-31' + INTERVAL '1-2' YEAR TO MONTH;
SELECT TIMESTAMP'2026-01-31 10:00:00' + INTERVAL '1 12:30:15.5' DAY TO SECOND;
SELECT TIMESTAMP'2026-01-31 10:00:00' - INTERVAL 90 MINUTES;
SELECT TIMESTAMP'2026-01-31 10:00:00' + INTERVAL 2 WEEKS;
SELECT DATE'2026-01-31' + 1;
SELECT DATE'2026-01-31' - 1;
SELECT 1 + DATE'2026-01-31';
SELECT DATE'2026-01-31' - DATE'2026-01-01';
SELECT typeof(DATE'2026-01-31' - DATE'2026-01-01');
SELECT CAST(DATE'2026-01-31' - DATE'2026-01-01' AS INT);
SELECT TIMESTAMP'2026-01-02 01:00:00' - TIMESTAMP'2026-01-01 00:00:00';
SELECT TIMESTAMP'2026-01-02 01:00:00' - DATE'2026-01-01';
SELECT '2026-01-31' + INTERVAL 1 DAY;
SELECT DATE'2026-01-31' - NULL;
SELECT INTERVAL 1 DAY + INTERVAL 2 HOURS;
SELECT INTERVAL 1 DAY * 3;
SELECT INTERVAL 3 DAYS / 2;
SELECT -INTERVAL 1 MONTH;
SELECT INTERVAL 1 DAY > INTERVAL 23 HOURS;
SELECT id, day + INTERVAL 1 MONTH FROM sales ORDER BY id;
SELECT id, at + INTERVAL '1' DAY FROM events ORDER BY id;
SELECT DATE'2026-01-31' + INTERVAL '1 day 2 hours';
SELECT DATE'2026-03-31' - INTERVAL '1' MONTH;
SELECT TIMESTAMP'2026-01-31 10:00:00' + 1;
SELECT current_date() + 1 > current_date();
SELECT DATE'9999-12-31' + 1;
