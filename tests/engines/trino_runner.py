"""Trino, read by two parsers (see sql_parser.py): functions that the engine's documentation does not have are faults."""

from importlib.metadata import version

import sqlglot
import trino_sql_validator

import runner
from sql_parser import Parser


class Trino(Parser):
    dialect = "trino"

    def version(self):
        return f"parsed by trino-sql-validator {version('trino-sql-validator')} and sqlglot {sqlglot.__version__}"

    def query(self, sql):
        result = trino_sql_validator.validate(sql, jinja="reject")
        if not result.valid:
            raise ValueError(str(result))
        unknown = [w for w in result.warnings if type(w).__name__ in ("FunctionWarning", "TypeWarning")]
        if unknown:
            raise ValueError(str(unknown))
        return super().query(sql)


runner.serve(Trino)
