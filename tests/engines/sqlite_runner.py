"""SQLite, in memory, as it comes with Python; see runner.py.

Dates are texts like 2026-11-23; instants are integers, microseconds since 1970; what is nested is JSON text that holds
dates and instants alike.
"""

import datetime
import json
import re
import sqlite3

import runner

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def instant(text):
    """Microseconds since 1970 of a time with an offset; one without is a civil time, and stays a text."""
    if not re.search(r"(Z|[+-]\d\d:\d\d)$", text):
        return text
    return (datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // datetime.timedelta(microseconds=1)


def converted(value, holds):
    """A value as it is stored within JSON."""
    if value is None:
        return None
    if holds == "timestamp":
        return instant(value)
    if holds == "float" or isinstance(holds, dict) and "decimal" in holds:
        return float(value)
    if isinstance(holds, dict) and "list" in holds:
        return [converted(inner, holds["list"]) for inner in value]
    if isinstance(holds, dict) and "map" in holds:
        return {key: converted(inner, holds["map"]) for key, inner in value.items()}
    if isinstance(holds, dict) and "object" in holds:
        fields = holds["object"]
        return {name: converted(inner, fields[name]) for name, inner in value.items() if name in fields}
    return value


def stored(value, holds):
    """A value as a column has it."""
    value = converted(value, holds)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


class Sqlite:
    def __init__(self):
        self.connection = None
        self.reset()

    def version(self):
        return sqlite3.sqlite_version

    def reset(self):
        self.close()
        self.connection = sqlite3.connect(":memory:", isolation_level=None)

    def execute(self, sql):
        self.connection.executescript(sql)

    def load(self, table, columns, path):
        definitions = ", ".join(f"{quote(column['name'])} {column['sql']}" for column in columns)
        self.connection.execute(f"DROP TABLE IF EXISTS {quote(table)}")
        self.connection.execute(f"CREATE TABLE {quote(table)} ({definitions})")
        rows = [
            [stored(row.get(column["name"]), column["holds"]) for column in columns] for row in runner.rows_of(path)
        ]
        places = ", ".join("?" for _ in columns)
        self.connection.executemany(f"INSERT INTO {quote(table)} VALUES ({places})", rows)
        return len(rows)

    def query(self, sql):
        return self.connection.execute(sql).fetchall()

    def close(self):
        if self.connection is not None:
            self.connection.close()


if __name__ == "__main__":
    runner.serve(Sqlite)
