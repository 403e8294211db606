"""The protocol that all engines speak with the tests: one process per engine, one JSON object per line in, one per line
out, in order. An engine is a class with the methods below, in a file `NAME_runner.py` that ends in `runner.serve(Class)`.

Requests and answers:
  {"do": "version"}                  -> {"ok": "2.0.0"}
  {"do": "url"}                      -> {"ok": "postgres://…"}  where other clients reach it, of servers
  {"do": "reset"}                    -> {"ok": true}          a new, empty database
  {"do": "execute", "sql": "..."}    -> {"ok": true}          a statement without a result
  {"do": "load", "table": t, "columns": [{"name": n, "sql": type, "holds": kind}, ...], "file": path}
                                     -> {"ok": rows}          NDJSON into a new table with exactly these types
  {"do": "query", "sql": "..."}      -> {"ok": [[...], ...]}  every row, every value as JSON or text
  {"do": "queries", "sql": [...]}    -> {"ok": [{"ok": rows} or {"error": message}, ...]}
`sql` is the column's type as the dialect spells it; `holds` is what it holds, whatever the database: "bool", "int",
"float", "string", "date", "timestamp", {"decimal": [precision, scale]}, {"list": kind}, {"map": kind},
{"object": {name: kind, ...}}.
Anything that fails gives {"error": message}; the process goes on. It ends with its input.
"""

import json
import sys
from decimal import Decimal


def rows_of(path):
    """The objects of an NDJSON file; numbers with a point or an exponent are decimals, so that no digit is lost."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line, parse_float=Decimal)


def plain(value):
    """A value that JSON can hold."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return str(value)


def message(error):
    return f"{type(error).__name__}: {error}"


def answer(engine, request):
    action = request["do"]
    if action == "version":
        return engine.version()
    if action == "url":
        return engine.url()
    if action == "reset":
        engine.reset()
        return True
    if action == "execute":
        engine.execute(request["sql"])
        return True
    if action == "load":
        return engine.load(request["table"], request["columns"], request["file"])
    if action == "query":
        return [plain(row) for row in engine.query(request["sql"])]
    if action == "queries":
        return [attempt(lambda sql=sql: [plain(row) for row in engine.query(sql)]) for sql in request["sql"]]
    raise ValueError(f"unknown request {action}")


def attempt(action):
    try:
        return {"ok": action()}
    except Exception as error:  # every fault of a query is an answer
        return {"error": message(error)}


def serve(engine_class):
    engine = engine_class()
    try:
        for line in sys.stdin:
            reply = attempt(lambda: answer(engine, json.loads(line)))
            sys.stdout.write(json.dumps(reply) + "\n")
            sys.stdout.flush()
    finally:
        engine.close()
