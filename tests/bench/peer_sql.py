"""The emitted SQL against the hand-written, on one database in this process: each query of each of the two in turn, the
best CPU time of so many rounds. Prints, as JSON, both times of each segment and whether both have the same members."""

import json
import os
import resource
import sys

import shapes
import shapes_clickhouse

# How profiles and events lie in ClickHouse: texts of few values as such, rows in the order of profiles and times.
FEW = {"profiles": ["country", "language", "gender", "loyalty_tier"], "events": ["product_category", "channel", "page_url", "campaign"]}
ALWAYS = {"profiles": {"profile_id": "Int64"}, "events": {"profile_id": "Int64", "ts": "DateTime64(6, 'UTC')", "event_type": "LowCardinality(String)"}}
ORDER = {"profiles": "profile_id", "events": "(profile_id, ts)"}


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def duckdb_table(folder, threads):
    """DuckDB's own table, which `peer.py prepare` made."""
    import duckdb

    connection = duckdb.connect(f"{folder}/duck.db", read_only=True, config={"threads": threads})
    connection.execute("SET TimeZone = 'UTC'")
    hand = {name: sql for name, _, sql in shapes.suite(24)}
    return hand, lambda sql: connection.execute(f"SELECT count(*), coalesce(sum(profile_id), 0)::BIGINT FROM ({sql})").fetchone()


def clickhouse_table(folder, threads):
    """Tables of ClickHouse, made if they are not there."""
    from chdb import session

    done = f"{folder}/clickhouse/complete"
    connection = session.Session(f"{folder}/clickhouse")
    connection.query("CREATE DATABASE IF NOT EXISTS shop ENGINE = Atomic")
    connection.query("USE shop")
    if not os.path.exists(done):
        for table, few in FEW.items():
            columns = [f"assumeNotNull({name})::{ty} AS {name}" for name, ty in ALWAYS[table].items()]
            columns += [f"{name}::LowCardinality(Nullable(String)) AS {name}" for name in few]
            others = ", ".join([*ALWAYS[table], *few])
            connection.query(f"DROP TABLE IF EXISTS {table}")
            connection.query(f"CREATE TABLE {table} ENGINE = MergeTree ORDER BY {ORDER[table]} AS "
                             f"SELECT {', '.join(columns)}, * EXCEPT ({others}) FROM file('{folder}/{table}.parquet')")
            connection.query(f"OPTIMIZE TABLE {table} FINAL")
        open(done, "w").close()

    def ask(sql):
        text = f"SELECT count(), sum(profile_id) FROM ({sql}) SETTINGS max_threads = {threads}, optimize_aggregation_in_order = 1"
        return str(connection.query(text, "CSV")).split(",")

    return shapes_clickhouse.suite(), ask


def main():
    engine, folder, emitted, threads, repeat = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    hand, ask = {"duckdb": duckdb_table, "clickhouse": clickhouse_table}[engine](folder, threads)
    found = {}
    for name, by_hand in hand.items():
        with open(os.path.join(emitted, f"{name}.sql")) as file:
            ours = file.read().strip().rstrip(";")
        times, members = [[], []], [None, None]
        # The first round reads what the others find in memory.
        for round in range(repeat + 1):
            for which, sql in enumerate((by_hand, ours)):
                used = cpu()
                members[which] = ask(sql)
                if round:
                    times[which].append(cpu() - used)
        found[name] = {"hand": min(times[0]), "ours": min(times[1]), "same": members[0] == members[1]}
    print(json.dumps(found))


main()
