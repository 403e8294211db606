"""Runs segc and its peers as processes of their own, so that nothing of one is measured with another: CPU and wall seconds,
peak memory, and what they found."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
NOW = "2025-07-01T00:00:00Z"


# Starts a command and writes what it used to the file descriptor in front of it. A process that is made by a large one counts
# the memory of that one until it becomes another program, so a small one is between.
SMALL = """import os, sys, time
started = time.perf_counter()
at = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(at, 0)
wall = time.perf_counter() - started
told = f"{os.waitstatus_to_exitcode(status)} {used.ru_utime + used.ru_stime} {wall} {used.ru_maxrss}"
os.write(int(sys.argv[1]), told.encode())
"""


def measured(command):
    """Runs a command: its output, CPU and wall seconds, and peak memory in bytes, mapped files included."""
    used, write = os.pipe()
    small = [sys.executable, "-I", "-S", "-c", SMALL, str(write), *command]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(small, stdout=subprocess.PIPE, stderr=errors, pass_fds=[write])
        os.close(write)
        output = process.stdout.read()
        process.wait()
        with os.fdopen(used) as told:
            code, cpu, wall, memory = told.read().split() or ["127", "0", "0", "0"]
        if code != "0":
            errors.seek(0)
            sys.exit(f"failed: {' '.join(command)}\n{errors.read().decode()}")
    return output, {"cpu": float(cpu), "wall": float(wall), "memory": int(memory) * 1024}


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


def emit(binary, project, dialect):
    """Writes the SQL of each segment of a project: the folder of their files."""
    folder = os.path.join(project, dialect)
    measured([binary, "compile", project, "--dialect", dialect, "--now", NOW, "--out-dir", folder])
    return folder


def emitted_sql(engine, folder, emitted, threads, repeat):
    """What `peer_sql.py` measures of itself."""
    return json.loads(measured([sys.executable, os.path.join(HERE, "peer_sql.py"), engine, folder, emitted, str(threads), str(repeat)])[0])


def different(ours, theirs):
    """The segments whose members are not those of the other engine; one without members is not listed by us."""
    return [name for name in theirs if ours.get(name, [0, 0]) != theirs[name]]
