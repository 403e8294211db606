"""Snowflake as `fakesnow` emulates it, on DuckDB; see runner.py. It knows a part of the dialect: what it does not, or
otherwise than Snowflake's documentation, stands in `tests/corpus/emulated/`."""

import json
import logging
import warnings
from importlib import metadata

import fakesnow

import runner
from exact import Number, dumps

# Rows that one statement brings.
BATCH = 100


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def text(value):
    """A literal: a backslash escapes in it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def literal(value, holds):
    if value is None:
        return "NULL"
    if isinstance(holds, dict) and "decimal" not in holds:
        return f"PARSE_JSON({text(dumps(value))})"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, Number)):
        return str(value)
    types = {"timestamp": "TIMESTAMP_LTZ(6)", "date": "DATE"}
    return f"CAST({text(value)} AS {types[holds]})" if holds in types else text(value)


class Snowflake:
    def __init__(self):
        warnings.filterwarnings("ignore")
        logging.disable(logging.CRITICAL)
        # The emulation ends with this object.
        self.emulation = fakesnow.patch()
        self.emulation.__enter__()
        import snowflake.connector

        self.connector = snowflake.connector
        self.databases = 0
        self.reset()

    def version(self):
        return f"fakesnow {metadata.version('fakesnow')}"

    def reset(self):
        self.databases += 1
        self.connection = self.connector.connect(database=f"SEGMENTS{self.databases}", schema="PUBLIC")

    def execute(self, sql):
        self.connection.cursor().execute(sql)

    def load(self, table, columns, path):
        definitions = ", ".join(f"{quote(column['name'])} {column['sql']}" for column in columns)
        self.execute(f"CREATE TABLE {quote(table)} ({definitions})")
        with open(path, encoding="utf-8") as file:
            records = [json.loads(line, parse_float=Number) for line in file]
        row = lambda record: ", ".join(literal(record.get(column["name"]), column["holds"]) for column in columns)
        for start in range(0, len(records), BATCH):
            rows = " UNION ALL ".join(f"SELECT {row(record)}" for record in records[start : start + BATCH])
            self.execute(f"INSERT INTO {quote(table)} {rows}")
        return len(records)

    def query(self, sql):
        return [tuple(row) for row in self.connection.cursor().execute(sql).fetchall()]

    def close(self):
        self.connection.close()


runner.serve(Snowflake)
