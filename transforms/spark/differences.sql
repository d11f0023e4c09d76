-- Statements whose answer here is not that of Spark, with the reasons. Format: `-- # reason`, then the statements.

-- # A TIMESTAMP_NTZ is a TIMESTAMP here: with the time zone UTC they show the same.
SELECT make_timestamp_ntz(2026, 2, 28, 6, 30, 45.5);
SELECT make_timestamp_ntz(2026, 2, 30, 6, 30, 45);
SELECT make_timestamp_ntz(NULL, 2, 28, 6, 30, 45);
SELECT convert_timezone('Europe/Brussels', 'America/Los_Angeles', timestamp_ntz'2021-12-06 00:00:00');
SELECT convert_timezone('Europe/Brussels', timestamp_ntz'2021-12-05 15:00:00');
SELECT convert_timezone('UTC', NULL, timestamp_ntz'2021-12-05 15:00:00');
SELECT to_timestamp_ntz('2026-12-31 00:12:00');
SELECT to_timestamp_ntz('31/12/2026', 'dd/MM/yyyy');
SELECT to_timestamp_ntz(NULL);
SELECT typeof(localtimestamp());
-- # Spark refuses an argument of this type; here it is cast.
SELECT date_add('2026-01-31', '1.5');
SELECT date_add('2026-01-31', 1.9);
SELECT date_add('2026-01-31', 1L);
SELECT unix_date('1970-01-02');
-- # Windows of time are refused; group by date_trunc().
SELECT window.start, window.end, count(*) FROM events WHERE at IS NOT NULL GROUP BY window(at, '1 day') ORDER BY 1;
SELECT window(at, '12 hours').start AS s FROM events WHERE id = 10000000002;
-- # Intervals are for arithmetic with dates and timestamps; as columns they have other types than Spark's.
SELECT make_interval(100, 11, 1, 1, 12, 30, 01.001001);
SELECT make_interval();
SELECT make_interval(0, 1, 0, 1, 0, 0, 100.000001);
SELECT make_interval(1, NULL);
SELECT make_interval(0, -1, 0, -2);
SELECT make_dt_interval(1, 12, 30, 01.001001);
SELECT make_dt_interval(100, NULL, 3);
SELECT make_dt_interval();
SELECT make_ym_interval(1, 2);
SELECT make_ym_interval(0, 14);
SELECT make_ym_interval(NULL, 1);
-- # A BOOLEAN is a number of seconds here, and text in Spark.
SELECT to_timestamp(true);
