"""ClickHouse, in process; see runner.py."""

import json
import threading
import urllib.parse

import chdb
from chdb import session

import clickhouse_http
import runner

# How the rows of a file become values: instants with an offset, and what is absent as the default of its type.
READING = "SETTINGS date_time_input_format = 'best_effort', input_format_null_as_default = 1"


def quote(name):
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def text(value):
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


class ClickHouse:
    def __init__(self):
        self.session = session.Session()
        # In the database that is there at first, the names of tables may be those of files.
        self.execute("CREATE DATABASE segments ENGINE = Memory")
        self.execute("USE segments")
        self.tables = []

    def version(self):
        return self.query("SELECT version()")[0][0]

    def url(self):
        """Of a front that speaks HTTP, and of a database whose tables can change places."""
        self.execute("CREATE DATABASE shop ENGINE = Atomic")
        port = clickhouse_http.serve(self.session, threading.Lock())
        return f"clickhouse://anna:{urllib.parse.quote(clickhouse_http.PASSWORD, safe='')}@127.0.0.1:{port}/shop"

    def reset(self):
        for table in self.tables:
            self.execute(f"DROP TABLE IF EXISTS {quote(table)}")
        self.tables = []

    def execute(self, sql):
        self.session.query(sql)

    def load(self, table, columns, path):
        self.tables.append(table)
        structure = ", ".join(f"{quote(column['name'])} {column['sql']}" for column in columns)
        self.execute(f"DROP TABLE IF EXISTS {quote(table)}")
        self.execute(f"CREATE TABLE {quote(table)} ({structure}) ENGINE = Memory")
        self.execute(
            f"INSERT INTO {quote(table)} SELECT * FROM file({text(path)}, 'JSONEachRow', {text(structure)}) {READING}"
        )
        return self.query(f"SELECT toInt32(count()) FROM {quote(table)}")[0][0]

    def query(self, sql):
        answer = str(self.session.query(sql, "JSONCompactEachRow"))
        return [json.loads(line) for line in answer.split("\n") if line]

    def close(self):
        self.session.close()


runner.serve(ClickHouse)
