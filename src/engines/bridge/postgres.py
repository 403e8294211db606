import os


def connect(place, writes):
    try:
        import psycopg as driver
    except ImportError:
        import psycopg2 as driver
    # Else a host that does not answer is waited for as long as the system likes.
    os.environ.setdefault("PGCONNECT_TIMEOUT", "30")
    connection = driver.connect(place)
    connection.autocommit = True
    if not writes:
        connection.cursor().execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")

    def run(sql, rows):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            while rows and (batch := cursor.fetchmany(10000)):
                yield from batch

    return "driver", driver.__version__, "postgres", run


