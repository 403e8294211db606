# Spark through Spark Connect.
import concurrent.futures
import os
import re
import socket
import warnings

TIMEOUT = 60


class Fault(Exception):
    pass


def told(error):
    """What is for people: the server adds where in it an error was raised."""
    return str(error).partition("\n\nJVM stacktrace:")[0].strip()


def reached(place):
    """Nothing if there is a server; the client itself would try again for minutes."""
    host, port = re.match(r"sc://(\[[^\]]*\]|[^:/;]*)(?::(\d+))?", place).groups()
    try:
        socket.create_connection((host.strip("[]"), int(port or 15002)), TIMEOUT).close()
    except OSError as error:
        raise Fault(f"{host}:{port or 15002}: {error}") from None


def connect(place, writes):
    warnings.simplefilter("ignore")
    from pyspark.sql.connect.session import SparkSession

    reached(place)
    session = SparkSession.builder.remote(place).create()
    asked = concurrent.futures.ThreadPoolExecutor(1).submit(lambda: session.version)
    try:
        version = asked.result(TIMEOUT)
    except concurrent.futures.TimeoutError:
        raise Fault(f"the server does not answer within {TIMEOUT} s") from None
    except Exception as error:
        raise Fault(told(error)) from None

    def run(sql, rows):
        try:
            # A statement runs at once; a query when its rows are asked for.
            result = session.sql(sql)
            if rows:
                yield from result.toLocalIterator()
        except Exception as error:
            raise Fault(told(error)) from None

    return "server", version, "spark", run


