"""Measures segc against its peers on the same data in the same run, checks that all select the same members, and prints
tables. Ratios are of CPU seconds; on a machine that does other work they matter more than the seconds.

Tables: `segments` (the suite from the store and from files), `single` (each shape by itself from files), `attributes`
(predicates over profiles alone), `ingest`, `sql` (what `segc compile` emits against SQL that is written by hand), `scaling`
(CPU per segment and per event, memory, compile time)."""

import argparse
import functools
import json
import os
import statistics
import sys

import data
import engines
import scaling
import shapes
from engines import best

TABLES = ["segments", "single", "attributes", "ingest", "sql"]


class Bench:
    """What is measured over one number of profiles."""

    def __init__(self, arguments, profiles):
        self.profiles = profiles
        self.binary, self.work, self.threads = arguments.binary, arguments.work, arguments.threads
        self.repeat, self.peers = arguments.repeat, arguments.peers.split(",")
        self.folder = os.path.join(self.work, f"{profiles}")
        self.results, self.wrong = [], []
        data.make(profiles, self.folder)
        if "duckdb" in self.peers:
            self.prepare()

    def prepare(self):
        """Makes DuckDB's own table."""
        engines.measured([sys.executable, os.path.join(engines.HERE, "peer.py"), "prepare", "-", self.folder, "0", "0"])

    @functools.cached_property
    def store(self):
        """The profile store, made when a table asks for it."""
        folder = os.path.join(self.work, f"{self.profiles}-store")
        if not os.path.exists(os.path.join(folder, "manifest.json")):
            engines.ingest(self.binary, self.project(24), folder)
        return folder

    def project(self, count):
        project = os.path.join(self.work, f"{self.profiles}-{count}")
        shapes.write_project(shapes.suite(count), project, self.folder)
        return project

    def title(self, text):
        print(f"\n{text}, {self.profiles:,} profiles, {self.threads} threads")
        print(f"  {'':<34}{'CPU s':>9}{'wall s':>9}{'MiB':>8}  CPU of the peer / ours")

    def row(self, case, name, result, against=None, goal=None):
        """A line of a table; `against` is the peer's result of the same case."""
        ratio = against["cpu"] / result["cpu"] if against else None
        text = f"{ratio:6.1f}x" if ratio else ""
        text += f"  goal {goal}x" if goal else ""
        print(f"  {name:<34}{result['cpu']:9.3f}{result['wall']:9.3f}{result['memory'] / 2**20:8.0f}  {text}", flush=True)
        keep = {key: value for key, value in result.items() if key != "members"}
        self.results.append({"profiles": self.profiles, "threads": self.threads, "case": case, "engine": name, "ratio": ratio, **keep})

    def compare(self, named):
        """Compares the members that engines found, those of the first being right."""
        (first, right), *others = named.items()
        for name, found in others:
            wrong = engines.different(found, right)
            self.wrong += wrong
            print(f"  members of {name}: {f'as {first} has them, in all {len(right)} segments' if not wrong else 'DIFFERENT for ' + ', '.join(wrong)}", flush=True)

    def segments(self, count):
        """The suite of so many segments: from the store against DuckDB's own table, from files against DuckDB on them."""
        self.title(f"{count} segments")
        case, project, store = f"{count} segments", self.project(count), ["--store", self.store]
        native = parquet = None
        named = {}
        if "duckdb" in self.peers:
            native = best(self.repeat, lambda: engines.peer("duckdb", "native", self.folder, count, self.threads))
            self.row(case, "DuckDB, native table", native)
            parquet = best(self.repeat, lambda: engines.peer("duckdb", "parquet", self.folder, count, self.threads))
            self.row(case, "DuckDB, Parquet", parquet)
            named |= {"DuckDB's table": native["members"], "DuckDB on Parquet": parquet["members"]}
        if "polars" in self.peers:
            polars = best(self.repeat, lambda: engines.peer("polars", "parquet", self.folder, count, self.threads))
            self.row(case, "Polars, Parquet", polars)
            named |= {"Polars": polars["members"]}
        goals = {24: 24, 100: 34, 400: 50}
        run = lambda threads, *source: best(self.repeat + 3, lambda: engines.segc(self.binary, project, threads, *source))
        self.row(case, "segc, store", run(self.threads, *store), native, goals.get(count))
        self.row(case, "segc, store, 1 thread", run(1, *store), native)
        files = run(self.threads)
        self.row(case, "segc, Parquet", files, parquet, 5 if count == 24 else None)
        if "polars" in self.peers:
            self.row(case, "the same, against Polars", files, polars)
        named |= {"segc's store": engines.members(self.binary, project, *store), "segc on Parquet": engines.members(self.binary, project)}
        self.compare(named)

    def single(self, _):
        """Each shape by itself from files: what an ad-hoc question costs."""
        self.title("each shape by itself, from Parquet")
        ratios = []
        for name, condition, sql in shapes.suite(22):
            project = os.path.join(self.work, f"{self.profiles}-{name}")
            shapes.write_project([(name, condition, sql)], project, self.folder)
            ours = best(self.repeat, lambda: engines.segc(self.binary, project, self.threads))
            theirs = None
            if "duckdb" in self.peers:
                theirs = best(self.repeat, lambda: engines.peer("duckdb", "parquet", self.folder, name, self.threads))
                ratios.append(theirs["cpu"] / ours["cpu"])
                self.compare({"DuckDB": theirs["members"], "segc": engines.members(self.binary, project)})
            self.row("single", name, ours, theirs)
        if ratios:
            print(f"  median {statistics.median(ratios):.1f}x, worst {min(ratios):.1f}x; goal 1x")

    def attributes(self, _):
        """Predicates over the profiles alone, evaluated by one thread."""
        self.title("attributes alone")
        suite = [(name, condition, sql) for name, condition, sql in shapes.suite(480) if "_attr_" in name]
        project = os.path.join(self.work, f"{self.profiles}-attributes")
        shapes.write_project(suite, project, self.folder)
        ours = best(self.repeat + 3, lambda: engines.segc(self.binary, project, 1, "--store", self.store))
        self.row("attributes", f"segc, store, {len(suite)} segments", ours)
        rate = len(suite) * self.profiles / ours["evaluate"]
        print(f"  {rate / 1e6:.0f} million profiles and segments a second in the evaluation; goal 200")

    def ingest(self, _):
        """Making a store, against DuckDB's own table in the order of types."""
        self.title("ingest")
        store = os.path.join(self.work, "ingested")
        ours = best(self.repeat, lambda: engines.ingest(self.binary, self.project(24), store))
        theirs = best(self.repeat, lambda: engines.peer("duckdb", "create", self.folder, 24, self.threads)) if "duckdb" in self.peers else None
        if theirs:
            self.row("ingest", "DuckDB, CREATE TABLE, sorted", theirs)
        self.row("ingest", "segc, Parquet", ours, theirs, 1)
        self.row("ingest", "segc, Parquet, --memory 1GiB", engines.ingest(self.binary, self.project(24), store, "--memory", "1GiB"))
        if self.profiles <= 100_000:
            lines = data.ndjson(self.folder)
            project = os.path.join(self.work, f"{self.profiles}-ndjson")
            shapes.write_project(shapes.suite(24), project, self.folder, "ndjson")
            ours = best(self.repeat, lambda: engines.ingest(self.binary, project, store))
            self.row("ingest", "segc, NDJSON", ours)
            print(f"  {lines / ours['cpu'] / 1e9:.2f} GB of NDJSON in a CPU second; goal 0.5")

    def sql(self, _):
        """The emitted SQL of each shape against what is written by hand, on the databases' own tables."""
        self.prepare()
        for engine, title in (("duckdb", "DuckDB"), ("clickhouse", "ClickHouse")):
            print(f"\nemitted SQL on {title}'s own table, {self.profiles:,} profiles, {self.threads} threads")
            print(f"  {'':<34}{'by hand':>9}{'emitted':>9}  CPU ms, and emitted / by hand")
            emitted = engines.emit(self.binary, self.project(24), engine)
            found = engines.emitted_sql(engine, self.folder, emitted, self.threads, self.repeat + 1)
            total = {which: sum(each[which] for each in found.values()) for which in ("hand", "ours")}
            for name, each in [*found.items(), ("all", total | {"same": True})]:
                ratio = each["ours"] / each["hand"]
                wrong = "" if each["same"] else "  DIFFERENT MEMBERS"
                print(f"  {name:<34}{each['hand'] * 1e3:9.1f}{each['ours'] * 1e3:9.1f}  {ratio:6.2f}x{wrong}", flush=True)
                self.results.append({"profiles": self.profiles, "threads": self.threads, "case": f"sql on {title}", "segment": name, "ratio": ratio, **each})
                self.wrong += [] if each["same"] else [name]
            print("  goal: none above 1.2x, all 1.0x")

    def scaling(self, _):
        scaling.tables(self)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", default="100000", help="numbers of profiles, with commas between")
    parser.add_argument("--segments", default="24,100,400", help="numbers of segments, with commas between")
    parser.add_argument("--tables", default="segments", help="all, or some of segments,single,attributes,ingest,sql,scaling")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=2, help="the best of so many runs counts; of short runs three more are made")
    parser.add_argument("--peers", default="duckdb,polars", help="some of duckdb,polars, or none")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    tables = [*TABLES, "scaling"] if arguments.tables == "all" else arguments.tables.split(",")
    results, wrong = [], []
    for profiles in map(int, arguments.profiles.split(",")):
        bench = Bench(arguments, profiles)
        for table in tables:
            for count in arguments.segments.split(",") if table == "segments" else [0]:
                getattr(bench, table)(int(count))
        results += bench.results
        wrong += bench.wrong
    with open(os.path.join(arguments.work, "results.json"), "w") as out:
        json.dump(results, out, indent=1)
    load = os.getloadavg()
    print(f"\nload of the machine {load[0]:.1f}, of {os.cpu_count()} processors")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
