-- An aggregate over another model. No change file alone tells its new rows, so it is evaluated anew and
-- compared with its table; only the rows that differ are written. Its key is what it groups by.
SELECT
    coalesce(nullif(lead_artist, ''), '(unknown)') AS artist,
    count(*) AS weeks_at_number_one,
    sum(sales) AS total_sales,
    min(week_ending) AS first_week,
    max(week_ending) AS last_week
FROM song_sales
GROUP BY coalesce(nullif(lead_artist, ''), '(unknown)')
