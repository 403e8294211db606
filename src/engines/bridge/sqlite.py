import pathlib
import sqlite3


def connect(place, writes):
    address = pathlib.Path(place).absolute().as_uri() + ("?mode=rwc" if writes else "?mode=ro")
    # Who writes waits for others who do.
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=600 if writes else 30)

    def run(sql, rows):
        cursor = connection.execute(sql)
        while rows and (batch := cursor.fetchmany(10000)):
            yield from batch

    return "driver", sqlite3.sqlite_version, "sqlite", run


