-- No change alone tells its new rows, so it is evaluated anew: the way "replay".
SELECT
    coalesce(order_date, DATE '1970-01-01') AS order_day,
    coalesce(upper(currency), '') AS currency,
    count(*) AS orders,
    sum(quantity) AS quantity,
    CAST(sum(quantity * unit_price) AS DECIMAL(18,2)) AS amount
FROM staged_orders
GROUP BY coalesce(order_date, DATE '1970-01-01'), coalesce(upper(currency), '')
