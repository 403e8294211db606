"""BigQuery, read by a parser; see sql_parser.py."""

import runner
from sql_parser import Parser


class BigQuery(Parser):
    dialect = "bigquery"


runner.serve(BigQuery)
