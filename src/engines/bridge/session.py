# What every engine's part stands before: `connect(place, writes)` of it gives what its version is of, the version, what
# database it is, and a function that runs a statement and yields the rows of a query.
#
# A JSON object a line comes in: {"sql": "...", "rows": true}. Out go one array of texts or nulls per row, then {"done": n} or
# {"error": "..."}. The first line out is {"ready": [of, version, database]} or {"error": "..."}.
import json
import os
import sys


# Answers go where standard output went; what a library prints there, such as a bar of progress, goes to standard error.
answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def say(value):
    answers.write(json.dumps(value, ensure_ascii=False) + "\n")


def text(value):
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode()
    return str(value)


def fault(error):
    say({"error": f"{type(error).__name__}: {error}"})


def main():
    sys.stdin.reconfigure(encoding="utf-8")
    try:
        of, version, database, run = connect(os.environ["SEGC_PLACE"], os.environ["SEGC_WRITES"] == "1")
        say({"ready": [of, version, database]})
    except BaseException as error:
        fault(error)
        return
    finally:
        answers.flush()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            count = 0
            for row in run(request["sql"], request["rows"]):
                say([text(value) for value in row])
                count += 1
            say({"done": count})
        except Exception as error:
            fault(error)
        answers.flush()


main()
