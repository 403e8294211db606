"""Runs segc and its peers as processes of their own, so that nothing of one is measured with another: CPU and wall seconds,
peak memory, and what they found."""

import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
NOW = "2025-07-01T00:00:00Z"


def measured(command):
    """Runs a command: its output, CPU and wall seconds, and peak memory in bytes, mapped files included."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"failed: {' '.join(command)}\n{errors.decode()}")
    return output, {"cpu": used.ru_utime + used.ru_stime, "wall": time.perf_counter() - started, "memory": used.ru_maxrss * 1024}


def best(count, run):
    """The run with the least CPU time, of so many."""
    return min((run() for _ in range(count)), key=lambda result: result["cpu"])


def segc(binary, project, threads, *source):
    """A run of segc; `evaluate` is the wall time of the evaluation alone."""
    command = [binary, "run", project, "--now", NOW, "--threads", str(threads), "--format", "json", *source]
    output, result = measured(command)
    return {**result, **json.loads(output)["seconds"]}


def members(binary, project, *source):
    """The number and fingerprint of the members of each segment, as the peers give them."""
    import duckdb

    path = os.path.join(project, "members.parquet")
    measured([binary, "run", project, "--now", NOW, "--format", "json", "--output", path, "--replace", *source])
    rows = duckdb.execute(f"SELECT segment, count(*), bit_xor(hash(profile_id)) FROM '{path}' GROUP BY ALL").fetchall()
    os.remove(path)
    return {segment: [count, int(fingerprint)] for segment, count, fingerprint in rows}


def ingest(binary, project, store, *flags):
    """Makes a store anew."""
    shutil.rmtree(store, ignore_errors=True)
    return measured([binary, "ingest", project, "--store", store, *flags])[1]


def peer(*arguments):
    """What `peer.py` measures of itself."""
    return json.loads(measured([sys.executable, os.path.join(HERE, "peer.py"), *map(str, arguments)])[0])


def different(ours, theirs):
    """The segments whose members are not those of the other engine; one without members is not listed by us."""
    return [name for name in theirs if ours.get(name, [0, 0]) != theirs[name]]
