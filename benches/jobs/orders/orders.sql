-- Row by row; benches/generator.rs computes the same.
SELECT
    order_id,
    customer_id,
    quantity,
    unit_price,
    CAST(quantity * unit_price AS DECIMAL(14,2)) AS amount,
    order_date,
    updated_at,
    upper(currency) AS currency,
    customer,
    product,
    note
FROM staged_orders
