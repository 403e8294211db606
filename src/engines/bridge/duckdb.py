def connect(place, writes):
    import duckdb

    connection = duckdb.connect(place, read_only=not writes)
    # It prints one of its own where a query takes some seconds.
    connection.execute("SET enable_progress_bar = false")

    def run(sql, rows):
        result = connection.execute(sql)
        while rows and (batch := result.fetchmany(10000)):
            yield from batch

    return "driver", duckdb.__version__, "duckdb", run


