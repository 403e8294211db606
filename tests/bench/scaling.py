"""How cost grows: with segments that share nothing or all, with events, with threads; memory; and what compiling costs."""

import os

import engines
import shapes
from engines import best


def tables(bench):
    per_segment(bench)
    compiling(bench)


def per_segment(bench):
    """CPU of the whole process for each segment and million events, by the number of segments."""
    events = None
    for sharing, suite in (("few features shared", shapes.suite), ("all features shared", shapes.shared)):
        bench.title(f"growth, {sharing}")
        for count in (24, 100, 400, 1000):
            project = os.path.join(bench.work, f"{bench.profiles}-growth")
            shapes.write_project(suite(count), project, bench.folder)
            for threads in (1, 2):
                run = lambda: engines.segc(bench.binary, project, threads, "--store", bench.store)
                result = best(bench.repeat + 3, run)
                events = events or events_of(bench)
                bench.row(f"growth, {sharing}", f"{count} segments, {threads} thread{'s' if threads > 1 else ''}", result)
                each = result["cpu"] / count
                print(f"  {'':<34}{each * 1e3:9.2f} ms a segment, {each / events * 1e9:.2f} ns a segment and event")


def events_of(bench):
    import duckdb

    return duckdb.execute(f"SELECT count(*) FROM '{bench.folder}/events.parquet'").fetchone()[0]


def compiling(bench):
    """From sources to a program, over no data."""
    bench.title("compiling to bytecode")
    for count in (100, 1000, 10000):
        project = os.path.join(bench.work, f"{bench.profiles}-growth")
        shapes.write_project(shapes.suite(count), project, bench.folder)
        command = [bench.binary, "compile", project, "--emit", "bytecode", "--now", engines.NOW, "--output", os.path.join(project, "all.segb")]
        bench.row("compiling", f"{count} segments", best(bench.repeat, lambda: engines.measured(command)[1]))
