"""Runs queries in DuckDB for the tests: one process, one JSON object per line in, one per line out, in order.

Requests:
  {"do": "version"}                              -> {"ok": "2.0.0"}
  {"do": "reset"}                                -> {"ok": true}        a new, empty database
  {"do": "execute", "sql": "..."}                -> {"ok": true}        statements without a result
  {"do": "load", "table": t, "columns": {name: type}, "file": path}
                                                 -> {"ok": rows}        NDJSON with exactly these types
  {"do": "query", "sql": "..."}                  -> {"ok": [[...], ...]}  every row, every value as JSON or text
Anything that fails gives {"error": message}; the process goes on. It ends with its input.
"""

import json
import sys

import duckdb


def connect():
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone='UTC'")
    connection.execute("SET threads=1")
    return connection


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def text(value):
    return "'" + value.replace("'", "''") + "'"


def load(connection, request):
    columns = ", ".join(f"{text(name)}: {text(kind)}" for name, kind in request["columns"].items())
    connection.execute(
        f"CREATE OR REPLACE TABLE {quote(request['table'])} AS SELECT * FROM read_json({text(request['file'])}, "
        f"format='newline_delimited', columns={{{columns}}}, maximum_object_size=67108864)"
    )
    return connection.execute(f"SELECT count(*) FROM {quote(request['table'])}").fetchone()[0]


def plain(value):
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return str(value)


def answer(connection, request):
    action = request["do"]
    if action == "version":
        return connection, duckdb.__version__
    if action == "reset":
        connection.close()
        return connect(), True
    if action == "execute":
        connection.execute(request["sql"])
        return connection, True
    if action == "load":
        return connection, load(connection, request)
    if action == "query":
        return connection, [plain(row) for row in connection.execute(request["sql"]).fetchall()]
    raise ValueError(f"unknown request {action}")


def main():
    connection = connect()
    for line in sys.stdin:
        try:
            connection, result = answer(connection, json.loads(line))
            reply = {"ok": result}
        except Exception as error:  # every fault of a query is an answer
            reply = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
