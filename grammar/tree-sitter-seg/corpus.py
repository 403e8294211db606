"""Writes the corpus of the compiler's own examples: those of the pages of diagnostics that are right, and every construct of
the language's corpus. Trees are filled in by `tree-sitter test --update`, and reviewed as a change of the repository."""
import pathlib
import re
import sys

BAR = "=" * 20


def entry(name, text):
    return f"{BAR}\n{name}\n{BAR}\n\n{text.strip()}\n\n---\n\n(file)\n\n"


def main():
    root, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    for page in sorted((root / "src/diagnostics/explain").glob("*.md")):
        text = page.read_text()
        for number, example in enumerate(re.findall(r"^```seg\n(.*?)^```", text, re.M | re.S)):
            title = text.splitlines()[0].lstrip("# ")
            pages.append(entry(f"{title} {number + 1}" if number else title, example))
    (folder / "explain.txt").write_text("".join(pages))
    for path in sorted((root / "examples/quickstart/segments").glob("*.seg")):
        (folder / f"{path.stem}.txt").write_text(entry(f"quickstart {path.stem}", path.read_text()))


main()
