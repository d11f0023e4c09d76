-- The table that benches/generator.rs stages.
CREATE EXTERNAL TABLE staged_orders (
    order_id    BIGINT,
    customer_id INT,
    quantity    INT,
    unit_price  DECIMAL(12,2),
    order_date  DATE,
    updated_at  DATETIME(6),
    currency    VARCHAR(3),
    customer    VARCHAR(60),
    product     VARCHAR(60),
    note        VARCHAR(100),
    status      VARCHAR(12),
    PRIMARY KEY (order_id)
)
STORED AS DMS
LOCATION '${STAGING}';
