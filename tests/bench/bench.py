"""Measures segc against its peers on the same data in the same run, checks that all select the same members, and prints
a table. Ratios are of CPU seconds; on a machine that does other work they matter more than the seconds."""

import argparse
import json
import os
import subprocess
import sys
import time

import data
import shapes

HERE = os.path.dirname(os.path.abspath(__file__))
NOW = "2025-07-01T00:00:00Z"


def measured(command):
    """Runs a command: its output, CPU and wall seconds, peak memory in bytes."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return output, {"cpu": used.ru_utime + used.ru_stime, "wall": time.perf_counter() - started, "memory": used.ru_maxrss * 1024}


def segc(binary, project, threads, source):
    """A run of segc; `evaluate` is the wall time of the evaluation alone."""
    command = [binary, "run", project, "--now", NOW, "--threads", str(threads), "--format", "json", *source]
    output, result = measured(command)
    table = json.loads(output)
    return {**result, **table["seconds"], "counts": {s["segment"]: s["members"] for s in table["segments"]}}


def fingerprints(binary, project, source):
    """The number and fingerprint of the members of each segment."""
    import duckdb

    path = os.path.join(project, "members.parquet")
    subprocess.run([binary, "run", project, "--now", NOW, "--format", "json", "--output", path, "--replace", *source], check=True, stdout=subprocess.DEVNULL)
    rows = duckdb.execute(f"SELECT segment, count(*), bit_xor(hash(profile_id)) FROM '{path}' GROUP BY ALL").fetchall()
    os.remove(path)
    return {segment: [count, int(fingerprint)] for segment, count, fingerprint in rows}


def peer(engine, source, folder, count, threads):
    output, _ = measured([sys.executable, os.path.join(HERE, "peer.py"), engine, source, folder, str(count), str(threads)])
    return json.loads(output)


def best(runs):
    return min(runs, key=lambda run: run["cpu"])


def row(name, result, against):
    ratio = f"{against / result['cpu']:7.1f}x" if against else ""
    evaluate = f"{result['evaluate']:9.3f}" if "evaluate" in result else " " * 9
    print(f"  {name:<28}{result['cpu']:9.3f}{result['wall']:9.3f}{evaluate}{result['memory'] / 2**20:9.0f}  {ratio}", flush=True)


def different(ours, theirs):
    return [name for name in theirs if ours.get(name, [0, 0]) != theirs[name]]


def run(arguments, profiles, count, results):
    folder = arguments.data or os.path.join(arguments.work, f"{profiles}")
    if not arguments.data:
        data.make(profiles, folder)
    project = os.path.join(arguments.work, f"{profiles}-{count}")
    shapes.write_project(count, project, folder)
    print(f"\n{count} segments, {profiles:,} profiles, {arguments.threads} threads")
    print(f"  {'':<28}{'CPU s':>9}{'wall s':>9}{'evaluate':>9}{'MiB':>9}  ratio of CPU")
    wrong = []
    native = parquet = None
    if "duckdb" in arguments.peers:
        subprocess.run([sys.executable, os.path.join(HERE, "peer.py"), "prepare", "-", folder, "0", "0"], check=True)
        native = best([peer("duckdb", "native", folder, count, arguments.threads) for _ in range(arguments.repeat)])
        parquet = best([peer("duckdb", "parquet", folder, count, arguments.threads) for _ in range(arguments.repeat)])
        row("DuckDB, native table", native, None)
        row("DuckDB, Parquet", parquet, None)
    ours = best([segc(arguments.binary, project, arguments.threads, []) for _ in range(arguments.repeat)])
    row("segc, Parquet", ours, parquet and parquet["cpu"])
    one = best([segc(arguments.binary, project, 1, []) for _ in range(arguments.repeat)])
    # On one thread the wall time of the evaluation is its CPU time, if nothing else runs.
    row("segc, evaluation, 1 thread", {**one, "cpu": one["evaluate"], "wall": one["evaluate"]}, native and native["cpu"])
    if native:
        wrong = different(fingerprints(arguments.binary, project, []), native["members"])
        wrong += different(parquet["members"], native["members"])
        print(f"  members: {'the same for all segments' if not wrong else 'DIFFERENT for ' + ', '.join(wrong)}")
    keep = lambda result: result and {k: v for k, v in result.items() if k not in ("members", "counts")}
    results.append({"profiles": profiles, "segments": count, "threads": arguments.threads, "segc": keep(ours), "segc-1": keep(one),
                    "duckdb-native": keep(native), "duckdb-parquet": keep(parquet), "different": wrong})
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", default="100000", help="numbers of profiles, with commas between")
    parser.add_argument("--segments", default="24,100", help="numbers of segments, with commas between")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=2, help="the best of so many runs counts")
    parser.add_argument("--peers", default="duckdb", help="duckdb, or nothing")
    parser.add_argument("--data", help="a folder with profiles.parquet and events.parquet, instead of made data")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    results, wrong = [], []
    for profiles in map(int, arguments.profiles.split(",")):
        for count in map(int, arguments.segments.split(",")):
            wrong += run(arguments, profiles, count, results)
    with open(os.path.join(arguments.work, "results.json"), "w") as out:
        json.dump(results, out, indent=1)
    sys.exit(1 if wrong else 0)


main()
