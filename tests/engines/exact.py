"""JSON whose numbers are written with the digits that they were read with."""

import json


class Number(float):
    """A number that is written as it was read."""

    def __new__(cls, text):
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __str__(self):
        return self.text

    __repr__ = __str__


def dumps(value):
    """JSON with every number as it was read."""
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {dumps(v)}" for name, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(dumps(inner) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=False)
