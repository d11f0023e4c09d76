-- What AWS DMS staged. One statement declares one staged table: the columns in the order in which DMS
-- writes them, and the folder with LOAD00000001.csv in it. docs/jobs.md lists types and options.

CREATE EXTERNAL TABLE weekly_sales (
    week_ending DATE,
    song        VARCHAR(200),
    artists     VARCHAR(300),
    sales       INT,
    PRIMARY KEY (week_ending)
)
STORED AS DMS
LOCATION '${STAGING:-sample/}';
