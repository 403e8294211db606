"""DuckDB, in memory; see runner.py."""

import duckdb

import runner


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def text(value):
    return "'" + value.replace("'", "''") + "'"


class DuckDb:
    def __init__(self):
        self.connection = None
        self.reset()

    def version(self):
        return duckdb.__version__

    def reset(self):
        self.close()
        self.connection = duckdb.connect(":memory:")
        self.connection.execute("SET TimeZone='UTC'")
        self.connection.execute("SET threads=1")

    def execute(self, sql):
        self.connection.execute(sql)

    def load(self, table, columns, path):
        columns = ", ".join(f"{text(column['name'])}: {text(column['sql'])}" for column in columns)
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {quote(table)} AS SELECT * FROM read_json({text(path)}, "
            f"format='newline_delimited', columns={{{columns}}}, maximum_object_size=67108864)"
        )
        return self.connection.execute(f"SELECT count(*) FROM {quote(table)}").fetchone()[0]

    def query(self, sql):
        return self.connection.execute(sql).fetchall()

    def close(self):
        if self.connection is not None:
            self.connection.close()


runner.serve(DuckDb)
