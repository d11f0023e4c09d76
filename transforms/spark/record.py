"""Records what a real Spark answers to the statements of cases/*.sql.

    python3 -m venv /tmp/spark
    /tmp/spark/bin/pip install pyspark==3.5.9        # needs Java 17
    /tmp/spark/bin/python transforms/spark/record.py [FILE…]

Without FILE all files of cases/ are recorded, otherwise only those named. Answers go to
recorded/<same name>.jsonl. README.md beside this file describes both formats. Warnings (an
error, several rows without ORDER BY) go to stderr: read them after you added a case.
"""

import argparse
import datetime
import decimal
import json
import math
import os
import pathlib
import sys
import tempfile
import time

VERSION = "3.5.9"
HERE = pathlib.Path(__file__).resolve().parent

# The settings that an answer depends on: they are written to the first line of each file.
# One partition makes the order of rows, collect_list and monotonically_increasing_id stable.
CONF = {
    "spark.default.parallelism": "1",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
}


def statements(text):
    """Yields (label, statement) of a file: label is its last `# topic` or `-- table NAME` line.

    Between statements, lines that start with `--` or `#` are comments or labels. A statement
    ends at the first line that ends with `;`, so a `;` inside of a line does not end it.
    """
    label, lines = None, []
    for line in text.splitlines():
        stripped = line.strip()
        if not lines:
            if stripped.startswith("# "):
                label = stripped[2:].strip()
            elif stripped.startswith("-- table "):
                label = stripped[len("-- table "):].strip()
            if not stripped or stripped.startswith(("#", "--")):
                continue
        lines.append(line.rstrip())
        if stripped.endswith(";"):
            yield label, "\n".join(lines)[:-1].strip()
            lines = []
    if lines:
        raise SystemExit(f"statement without `;` at its end: {lines[0]}")


def session(folder):
    """Starts a local Spark which leaves nothing behind outside of `folder`."""
    from pyspark.sql import SparkSession

    options = "-Duser.timezone=UTC -Duser.language=en -Duser.country=US -Dfile.encoding=UTF-8"
    builder = SparkSession.builder.master("local[2]").appName("record")
    for key, value in {
        **CONF,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"{options} -Dderby.system.home={folder}",
        "spark.local.dir": folder,
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.sql.catalogImplementation": "in-memory",
    }.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def moment(value):
    """Writes a datetime as Spark does, but with six digits of a second or none."""
    text = f"{value.year:04}-{value:%m-%d %H:%M:%S}"
    return f"{text}.{value.microsecond:06}" if value.microsecond else text


def plain(value):
    """Turns a value as collected by PySpark into what README.md says of values."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return moment(value)
    if isinstance(value, datetime.date):
        return f"{value.year:04}-{value:%m-%d}"
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, dict):
        pairs = [[plain(key), plain(item)] for key, item in value.items()]
        return sorted(pairs, key=lambda pair: json.dumps(pair[0]))
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    raise TypeError(f"no text for a value of {type(value).__name__}")


def as_text(kind, beyond):
    """Whether a column of this type is fetched as CAST(… AS STRING)."""
    return "interval" in kind or (beyond and kind in ("date", "timestamp", "timestamp_ntz"))


def fetch(frame, columns, beyond=False):
    """Collects a frame; `beyond` fetches days and moments outside of Python's range as text."""
    names = [f"c{index}" for index in range(len(columns))]
    frame = frame.toDF(*names)
    if any(as_text(kind, beyond) for _, kind in columns):
        frame = frame.selectExpr(*(
            f"CAST({name} AS STRING)" if as_text(kind, beyond) else name
            for name, (_, kind) in zip(names, columns)
        ))
    try:
        return [plain(row) for row in frame.collect()]
    except (ValueError, OverflowError):
        if beyond:
            raise
        return fetch(frame, columns, beyond=True)


def error_name(error):
    """The error class of the innermost Spark error, else the class of the innermost exception."""
    throwable = getattr(error, "_origin", None) or getattr(error, "java_exception", None)
    name = error.getErrorClass() if hasattr(error, "getErrorClass") else None
    if throwable is None:
        if name is None:
            raise error  # a mistake of this program
        return name
    last = None
    while throwable is not None:
        last = throwable.getClass().getSimpleName()
        try:
            name = throwable.getErrorClass() or name
        except Exception:  # not a SparkThrowable
            pass
        throwable = throwable.getCause()
    return name or last


def answer(spark, statement):
    """Runs one statement: its columns and rows, or the name of its error."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    try:
        frame = spark.sql(statement)
        fields = frame._jdf.schema().fields()
        columns = [[field.name(), field.dataType().catalogString()] for field in fields]
        return {"columns": columns, "rows": fetch(frame, columns)}
    except (Py4JJavaError, PySparkException) as error:
        return {"error": error_name(error)}


def record(spark, file):
    """Records one file of cases and returns how many cases it has."""
    head = {
        "spark": spark.version,
        "java": spark._jvm.System.getProperty("java.version"),
        "conf": CONF,
    }
    lines = [head]
    for topic, statement in statements(file.read_text(encoding="utf-8")):
        if topic is None:
            raise SystemExit(f"{file.name}: a statement before the first `# topic`")
        case = {"topic": topic, "sql": statement, **answer(spark, statement)}
        if "error" in case:
            print(f"{file.name}: {topic}: {case['error']}: {statement}", file=sys.stderr)
        elif len(case["rows"]) > 1 and "ORDER BY" not in statement.upper():
            print(f"{file.name}: {topic}: rows without ORDER BY: {statement}", file=sys.stderr)
        lines.append(case)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    target = HERE / "recorded" / f"{file.stem}.jsonl"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return len(lines) - 1


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("files", nargs="*", type=pathlib.Path, metavar="FILE")
    arguments.add_argument("--any-version", action="store_true", help=f"not only {VERSION}")
    options = arguments.parse_args()
    os.environ["TZ"] = "UTC"
    time.tzset()

    import pyspark

    if pyspark.__version__ != VERSION and not options.any_version:
        raise SystemExit(f"needs pyspark {VERSION}, found {pyspark.__version__} (--any-version)")
    files = options.files or sorted((HERE / "cases").glob("*.sql"))
    with tempfile.TemporaryDirectory() as folder:
        spark = session(folder)
        fixtures = (HERE / "fixtures.sql").read_text(encoding="utf-8")
        for table, select in statements(fixtures):
            spark.sql(select).createOrReplaceTempView(table)
        for file in files:
            print(f"{file.name}: {record(spark, file)} cases", flush=True)
        spark.stop()


if __name__ == "__main__":
    main()
