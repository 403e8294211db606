"""An independent parser in place of an engine that is not at hand: a query is read, not run, and has no rows; see
runner.py."""

import concurrent.futures
import sys
import threading

import sqlglot

import runner

# The parser calls itself for each level of a query, of which some have hundreds: more than Python expects of anybody.
sys.setrecursionlimit(20_000)
threading.stack_size(512 << 20)


class Parser:
    """A database whose SQL sqlglot knows under a name."""

    dialect = ""

    def version(self):
        return f"parsed by sqlglot {sqlglot.__version__}"

    def reset(self):
        pass

    def load(self, table, columns, path):
        return sum(1 for _ in runner.rows_of(path))

    def __init__(self):
        self.thread = concurrent.futures.ThreadPoolExecutor(1)

    def query(self, sql):
        [_] = self.thread.submit(sqlglot.parse, sql, dialect=self.dialect).result()
        return []

    def close(self):
        pass
