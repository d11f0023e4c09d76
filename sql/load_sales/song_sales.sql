-- Row by row: it keeps the key of its source and maps each row, so a change file costs only its own rows.
SELECT
    week_ending,
    date_part('year', week_ending) AS chart_year,
    song,
    artists,
    -- 'A, B' and 'A feat. B' are led by A
    split_part(replace(artists, ' feat. ', ', '), ', ', 1) AS lead_artist,
    sales
FROM weekly_sales
