"""A parser of Databricks' SQL in place of the engine: a query is read, not run; see runner.py."""

import sqlglot

import runner


class Databricks:
    def version(self):
        return f"parsed by sqlglot {sqlglot.__version__}"

    def reset(self):
        pass

    def load(self, table, columns, path):
        return sum(1 for _ in runner.rows_of(path))

    def query(self, sql):
        [_] = sqlglot.parse(sql, dialect="databricks")
        return []

    def close(self):
        pass


runner.serve(Databricks)
