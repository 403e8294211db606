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


def polars_peer(folder, count, threads):
    """Polars over the Parquet files; DuckDB makes the fingerprints, outside what is measured."""
    import os

    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import duckdb

    import shapes_polars

    fingerprint = "SELECT count(*), coalesce(bit_xor(hash(profile_id::VARCHAR)), 0) FROM found"
    members, wall, used = {}, 0, 0
    for name, segment in shapes_polars.suite(count, folder):
        wall, used = wall - time.perf_counter(), used - cpu()
        found = segment.collect()
        wall, used = wall + time.perf_counter(), used + cpu()
        found = found.to_arrow()
        members[name] = [int(value) for value in duckdb.execute(fingerprint).fetchone()]
    return {"cpu": used, "wall": wall, "members": members}


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


def create(folder, threads):
    """What it costs to make the table in the order that suits it best: of types, then profiles, then times."""
    import os

    import duckdb

    path = f"{folder}/sorted.db"
    wall, used = time.perf_counter(), cpu()
    connection = duckdb.connect(path, config={"threads": threads})
    connection.execute(f"CREATE TABLE profiles AS FROM '{folder}/profiles.parquet'")
    connection.execute(f"CREATE TABLE events AS FROM '{folder}/events.parquet' ORDER BY event_type, profile_id, ts")
    connection.close()
    result = {"cpu": cpu() - used, "wall": time.perf_counter() - wall, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
    os.remove(path)
    print(json.dumps(result))


def main():
    engine, source, folder, wanted, threads = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])
    if engine == "prepare":
        return prepare(folder)
    if source == "create":
        return create(folder, threads)
    if engine == "polars":
        result = polars_peer(folder, int(wanted), threads)
    else:
        result = ask_each(duckdb_peer(folder, source, threads), wanted)
    result["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(result))


def ask_each(ask, wanted):
    """Asks for so many segments, or for the one of a name."""
    suite = shapes.suite(int(wanted)) if wanted.isdigit() else [each for each in shapes.suite(24) if each[0] == wanted]
    # The first query pays for what is read once; the others of the suite do not.
    members, wall, used = {}, time.perf_counter(), cpu()
    for name, _, sql in suite:
        members[name] = [int(value) for value in ask(sql)]
    return {"cpu": cpu() - used, "wall": time.perf_counter() - wall, "members": members}


main()
