"""Snowflake, read by a parser; see sql_parser.py."""

import runner
from sql_parser import Parser


class Snowflake(Parser):
    dialect = "snowflake"


runner.serve(Snowflake)
