"""Two parsers of Trino's SQL in place of the engine: a query is read, not run; functions that the engine's documentation
does not have are faults. See runner.py."""

from importlib.metadata import version

import sqlglot
import trino_sql_validator

import runner


class Trino:
    def version(self):
        return f"parsed by trino-sql-validator {version('trino-sql-validator')} and sqlglot {sqlglot.__version__}"

    def reset(self):
        pass

    def load(self, table, columns, path):
        return sum(1 for _ in runner.rows_of(path))

    def query(self, sql):
        result = trino_sql_validator.validate(sql, jinja="reject")
        if not result.valid:
            raise ValueError(str(result))
        unknown = [w for w in result.warnings if type(w).__name__ in ("FunctionWarning", "TypeWarning")]
        if unknown:
            raise ValueError(str(unknown))
        [_] = sqlglot.parse(sql, dialect="trino")
        return []

    def close(self):
        pass


runner.serve(Trino)
