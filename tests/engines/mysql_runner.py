"""MySQL, read by a parser; see sql_parser.py."""

import runner
from sql_parser import Parser


class MySql(Parser):
    dialect = "mysql"


runner.serve(MySql)
