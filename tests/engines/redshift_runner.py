"""Redshift, read by two parsers, sqlglot and sqlparser-rs (by the name of its Python package, sqloxide); see
sql_parser.py."""

from importlib.metadata import version

import sqloxide

import runner
from sql_parser import Parser


class Redshift(Parser):
    dialect = "redshift"

    def version(self):
        return f"{super().version()} and sqloxide {version('sqloxide')}"

    def query(self, sql):
        [_] = sqloxide.parse_sql(sql, dialect=self.dialect)
        return super().query(sql)


runner.serve(Redshift)
