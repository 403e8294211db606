"""One peer engine over one source: runs the suite and prints, as JSON, the members' number and fingerprint of each segment,
CPU and wall time, and peak memory. A process of its own for each, so that nothing of another engine is measured."""

import json
import resource
import sys
import time

import shapes


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def duckdb_peer(folder, source, threads):
    """DuckDB over its own table (made beforehand, see `prepare`) or over the Parquet files."""
    import duckdb

    connection = duckdb.connect(f"{folder}/duck.db" if source == "native" else ":memory:", read_only=source == "native", config={"threads": threads})
    connection.execute("SET TimeZone = 'UTC'")
    if source == "parquet":
        for table in ("profiles", "events"):
            connection.execute(f"CREATE VIEW {table} AS FROM '{folder}/{table}.parquet'")
    return lambda sql: connection.execute(f"SELECT count(*), coalesce(bit_xor(hash(profile_id::VARCHAR)), 0) FROM ({sql})").fetchone()


def prepare(folder):
    """Makes DuckDB's own table of the files."""
    import os

    import duckdb

    if os.path.exists(f"{folder}/duck.db"):
        return
    connection = duckdb.connect(f"{folder}/duck.tmp", config={"threads": 2})
    for table in ("profiles", "events"):
        connection.execute(f"CREATE TABLE {table} AS FROM '{folder}/{table}.parquet'")
    connection.close()
    os.rename(f"{folder}/duck.tmp", f"{folder}/duck.db")


def main():
    engine, source, folder, count, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    if engine == "prepare":
        return prepare(folder)
    ask = duckdb_peer(folder, source, threads)
    suite = shapes.suite(count)
    # The first query pays for what is read once; the others of the suite do not.
    members, wall, used = {}, time.perf_counter(), cpu()
    for name, _, sql in suite:
        members[name] = [int(value) for value in ask(sql)]
    result = {"cpu": cpu() - used, "wall": time.perf_counter() - wall, "members": members}
    result["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(result))


main()
