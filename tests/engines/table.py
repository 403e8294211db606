"""Prints the table of engines and cases out of the counts that the tests leave in a folder, and writes it there."""

import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
results = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
lines = [f"{'engine':<28} {'cases':<12} {'equal':>8} {'refused':>8} {'different':>9} {'negated':>8}"]
for result in results:
    engine = f"{result['engine']} {result['version']}"
    refused = sum(result["refused"].values())
    lines.append(f"{engine:<28} {result['cases']:<12} {result['equal']:>8} {refused:>8} {result['different']:>9} {result['parted']:>8}")
for result in results:
    if result["refused"]:
        lines.append("")
        lines.append(f"{result['engine']}, {result['cases']}: refused")
        for reason, count in sorted(result["refused"].items(), key=lambda item: -item[1]):
            lines.append(f"  {count:>6}  {reason}")
text = "\n".join(lines) + "\n"
(folder / "table.txt").write_text(text)
print(text, end="")
