"""Runs statements in one session of a database: a JSON object a line comes in, JSON lines go out.

In: {"sql": "...", "rows": true}. Out: one array of texts per row, then {"done": n} or {"error": "..."}.
The first line out is {"ready": version} or {"error": "..."}. The place of the database is in the environment.
"""
import json
import os
import sys


def duckdb(place, writes):
    import duckdb

    connection = duckdb.connect(place, read_only=not writes)

    def run(sql, rows):
        result = connection.execute(sql)
        while rows and (batch := result.fetchmany(10000)):
            yield from batch

    return duckdb.__version__, run


def sqlite(place, writes):
    import pathlib
    import sqlite3

    address = pathlib.Path(place).absolute().as_uri() + ("?mode=rwc" if writes else "?mode=ro")
    connection = sqlite3.connect(address, uri=True, isolation_level=None)

    def run(sql, rows):
        cursor = connection.execute(sql)
        while rows and (batch := cursor.fetchmany(10000)):
            yield from batch

    return sqlite3.sqlite_version, run


def postgres(place, writes):
    try:
        import psycopg as driver
    except ImportError:
        import psycopg2 as driver
    connection = driver.connect(place)
    connection.autocommit = True
    if not writes:
        connection.cursor().execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")

    def run(sql, rows):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            while rows and (batch := cursor.fetchmany(10000)):
                yield from batch

    return driver.__version__, run


def say(value):
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def main():
    engines = {"duckdb": duckdb, "postgres": postgres, "sqlite": sqlite}
    kind, place, writes = (os.environ[name] for name in ("SEGC_ENGINE", "SEGC_PLACE", "SEGC_WRITES"))
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    try:
        version, run = engines[kind](place, writes == "1")
        say({"ready": version})
    except BaseException as error:
        say({"error": f"{type(error).__name__}: {error}"})
        return
    finally:
        sys.stdout.flush()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            count = 0
            for row in run(request["sql"], request["rows"]):
                say([text(value) for value in row])
                count += 1
            say({"done": count})
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}"})
        sys.stdout.flush()


main()
