"""Databricks, read by a parser; see sql_parser.py."""

import runner
from sql_parser import Parser


class Databricks(Parser):
    dialect = "databricks"


runner.serve(Databricks)
