"""What an editor waits for: `segc lsp` in a small and in a large project, and `segc check` cold and after an edit.

CPU is that of all threads of the process, out of /proc/PID/task/*/schedstat; wall is from the request to its answer. Medians
of many keystrokes, each at another place of the longest file. Prints Markdown.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
SCHEMA = HERE.parent.parent / "examples/quickstart/schema/retail.json"

SHARED = """/// How far back is lately.
param recency: duration = 30 days

/// A look at shoes.
event shoe_view = commerce.productViews
    where any(productListItems where product.category == "shoes")

/// What was spent in a window.
let spend(window: duration) = sum(commerce.order.priceTotal of commerce.purchases in last window)

/// Who may be written to.
let nordic = homeAddress.countryCode in ["SE", "NO", "DK"]
"""

SHAPES = [
    """/// Looked often and bought nothing, number {n}.
segment {name} "Looked, number {n}" {{
    where count(shoe_view in last recency) >= {k}
      and none(commerce.purchases in last {d} days)
      and nordic
}}
""",
    """/// Spends much, number {n}.
segment {name} "Spends, number {n}" {{
    where spend(365 days) > {d}
      and loyalty.tier in ["gold", "platinum"]
      and loyalty.points between {k} and {d}000
}}
""",
    """/// Left something in the cart, number {n}.
segment {name} "Cart, number {n}" {{
    where sequence(
        commerce.productListAdds as add in last {d} days
        then not commerce.purchases within {k} hours
             where any(productListItems where SKU in add.productListItems.SKU)
    )
}}
""",
]


def segment(number):
    shape = SHAPES[number % len(SHAPES)]
    return shape.format(name=f"segment_{number}", n=number, k=2 + number % 7, d=10 + number % 80)


def project(folder, files, each, longest):
    """A project of so many files with so many segments each, one of them with so many lines."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "segments").mkdir(parents=True)
    shutil.copy(SCHEMA, folder / "retail.json")
    settings = 'schema = "retail.json"\nsources = ["segments/*.seg"]\n\n[time]\nzone = "Europe/Stockholm"\n'
    (folder / "seg.toml").write_text(settings)
    (folder / "segments/shared.seg").write_text(SHARED)
    number = 0
    for file in range(files - 1):
        text = 'import "shared.seg"\n\n'
        while (text.count("\n") < longest) if file == 0 else (text.count("segment ") < each):
            text += segment(number) + "\n"
            number += 1
        (folder / f"segments/f{file:03}.seg").write_text(text)
    return number


class Client:
    """A client that waits for each answer."""

    def __init__(self, binary, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [binary, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.next = 0
        capabilities = {
            "textDocument": {"diagnostic": {}},
            "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}},
            "general": {"positionEncodings": ["utf-16"]},
        }
        self.ask("initialize", {"capabilities": capabilities, "initializationOptions": {"profiles": 0}})
        self.tell("initialized", {})

    def cpu(self):
        """Nanoseconds of CPU of all threads so far."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir())

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def ask(self, method, params):
        self.next += 1
        self.send({"id": self.next, "method": method, "params": params})
        while True:
            length = 0
            while (line := self.process.stdout.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            message = json.loads(self.process.stdout.read(length))
            if message.get("id") == self.next and "method" not in message:
                if "error" in message:
                    raise SystemExit(f"{method}: {message['error']}")
                return message["result"]

    def uri(self, name):
        return f"file://{self.folder}/segments/{name}"

    def open(self, name):
        text = (self.folder / "segments" / name).read_text()
        document = {"uri": self.uri(name), "languageId": "seg", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return text

    def close(self):
        self.ask("shutdown", None)
        self.tell("exit", None)
        self.process.wait()


def measured(client, work):
    """CPU and wall milliseconds of some work that waits for its end."""
    cpu, wall = client.cpu(), time.perf_counter()
    work()
    wall = time.perf_counter() - wall
    # Answers are there before the threads have stopped.
    time.sleep(0.02)
    return (client.cpu() - cpu) / 1e6, wall * 1e3


def editing(binary, folder, rounds):
    """Rows of what, median CPU and median and largest wall milliseconds."""
    client = Client(binary, folder)
    name = "f000.seg"
    text = client.open(name)
    of = {"textDocument": {"uri": client.uri(name)}}
    client.ask("textDocument/diagnostic", of)
    lines = text.split("\n")
    # Numbers that windows and counts are compared with: a digit is typed behind them and taken away.
    places = [(row, len(line)) for row, line in enumerate(lines) if line.rstrip().endswith(tuple("0123456789"))]
    places = places[:: max(1, len(places) // rounds)][:rounds]
    names = [(row, line.index("loyalty.") + 8) for row, line in enumerate(lines) if "loyalty.tier" in line]

    def change(row, column, length, new):
        span = {"start": {"line": row, "character": column}, "end": {"line": row, "character": column + length}}
        document = {"uri": client.uri(name), "version": 2}
        client.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"range": span, "text": new}]})

    def keystroke(row, column, length, new):
        change(row, column, length, new)
        found = client.ask("textDocument/diagnostic", of)
        assert not found["items"], found["items"][:1]

    def at(method, row, column):
        return client.ask(f"textDocument/{method}", {**of, "position": {"line": row, "character": column}})

    rows = {"diagnostics after a keystroke": []}
    for row, column in places:
        rows["diagnostics after a keystroke"].append(measured(client, lambda: keystroke(row, column, 0, "1")))
        rows["diagnostics after a keystroke"].append(measured(client, lambda: keystroke(row, column, 1, "")))
    for method in ["completion", "hover"]:
        for row, column in (names * rounds)[:rounds]:
            rows.setdefault(method, []).append(measured(client, lambda: at(method, row, column)))
    for method in ["semanticTokens/full", "documentSymbol", "formatting", "codeLens"]:
        rows[method] = [measured(client, lambda: client.ask(f"textDocument/{method}", of)) for _ in range(rounds)]
    client.open("shared.seg")
    client.ask("textDocument/diagnostic", of)
    shared = {"textDocument": {"uri": client.uri("shared.seg")}}

    def elsewhere(row, column, length, new):
        span = {"start": {"line": row, "character": column}, "end": {"line": row, "character": column + length}}
        document = {"uri": client.uri("shared.seg"), "version": 2}
        params = {"textDocument": document, "contentChanges": [{"range": span, "text": new}]}
        client.tell("textDocument/didChange", params)
        client.ask("textDocument/diagnostic", shared)

    row = next(row for row, line in enumerate(SHARED.split("\n")) if line.startswith("let nordic"))
    column = SHARED.split("\n")[row].index("]")
    for _ in range(max(3, rounds // 4)):
        for length, new in [(0, ', "FI"'), (6, "")]:
            what = "… in a definition that a third of all segments uses"
            rows.setdefault(what, []).append(measured(client, lambda: elsewhere(row, column, length, new)))
    client.close()
    return [
        (what, statistics.median(c for c, _ in found), statistics.median(w for _, w in found), max(w for _, w in found))
        for what, found in rows.items()
    ]


def check(binary, folder):
    """CPU and wall milliseconds of `segc check`, cold, and after one file was touched; the best of three."""
    def once():
        before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([binary, "check", folder], check=True, capture_output=True)
        wall = time.perf_counter() - wall
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3, wall * 1e3

    cold = min(once() for _ in range(3))
    path = folder / "segments/f001.seg"
    path.write_text(path.read_text().replace("10 days", "11 days"))
    return cold, min(once() for _ in range(3))


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--binary", default="target/release/segc")
    options.add_argument("--work", default="target/bench/editing", type=pathlib.Path)
    options.add_argument("--rounds", type=int, default=30)
    given = options.parse_args()
    print("| project | what | CPU, ms | wall, ms | longest wall, ms |\n| --- | --- | ---: | ---: | ---: |")
    for title, files, each, longest in [("small", 5, 10, 100), ("large", 200, 50, 2000)]:
        folder = (given.work / title).resolve()
        segments = project(folder, files, each, longest)
        head = f"{files} files, {segments:,} segments"
        for what, cpu, wall, most in editing(os.path.abspath(given.binary), folder, given.rounds):
            print(f"| {head} | {what} | {cpu:.1f} | {wall:.1f} | {most:.1f} |", flush=True)
        for what, (cpu, wall) in zip(["`segc check`, cold", "`segc check`, one file changed"], check(given.binary, folder)):
            print(f"| {head} | {what} | {cpu:.0f} | {wall:.0f} | |", flush=True)


if __name__ == "__main__":
    main()
