"""Writes the segments of the corpus: every construct by type by class of literal, absent values and edges included.

    python3 tests/corpus/generate.py

The members are not written here but by the reference evaluator: `SEGC_CORPUS=write tests/run corpus`; see README.md.
"""

import itertools
import pathlib

FOLDER = pathlib.Path(__file__).parent / "segments"

COMPARISONS = ["==", "!=", "<", "<=", ">", ">="]
ORDERINGS = ["<", "<=", ">", ">="]
PERIODS = ["day", "week", "month", "quarter", "year"]

TEXTS = ["", "a", "A", "shoes", "SHOES", "straße", "é", "e\u0301", "ΟΔΟΣ", "İ", "I", "100%", "a_b", "a\\b",
         "it's \"x\"", "line\nbreak", "  pad ", "${env:HOME}", "👩\u200d👩\u200d👧", "z\u007f", "' OR 1=1 --"]
LIKES = ["", "%", "_", "sh%s", "%a%", "a%", "%a", "100\\%", "a\\_b", "a_b", "%\\\\%", "_\u0301%", "%é", "%e_s%", "__"]
PATTERNS = ["^a", "o+e", "^[A-Z][a-z]+$", "^\\w+$", "\\d{2,3}", "(a|b)c?$", "^$", "sh.es", "\\s", "[^a-z]", "é",
            "^.$", "\\$\\{\\w+", "^shoes$", "a", "^(?:red )?shoes", "[\\]\\\\%-]", "\\S+ \\S+", "x{0,2}y?$", "^\\D*$"]
INTS = ["0", "1", "-7", "42", "9223372036854775807", "9007199254740992", "1.5", "few"]
MONEY = ["0", "0.01", "-2.50", "9.99", "100", "2.555", "12345678.9", "price"]
FLOATS = ["0", "0.5", "-1.25", "1024", "0.1"]
DATES = ["2024-02-29", "1970-01-01", "1969-12-31", "today", "yesterday", "since"]
INSTANTS = ["now", "2026-11-23T11:00:00Z", "2026-03-29T02:00:00+01:00", "2026-11-01T05:30:00.000001Z", "2024-02-29"]
DURATIONS = ["1 day", "7 days", "30 days", "1 week", "1 month", "3 months", "1 quarter", "1 year"]
EXACT = ["30 seconds", "90 minutes", "1 hour", "24 hours"]
WINDOWS = (
    [f"in last {d}" for d in DURATIONS]
    + [f"in next {d}" for d in ["1 day", "30 days", "1 month"]]
    + [f"in this {u}" for u in PERIODS]
    + [f"in previous {n} {u}s" for n, u in zip([1, 2, 3, 1, 2], PERIODS)]
    + ["on today", "on yesterday", "on 2024-02-29", "before now", "after now", "before 2024-03-01", "after 1 month ago"]
    + ["between 30 days ago and now", "between 2024-02-29 and 2026-03-29", "between today and 7 days from now"]
    + ["between since and yesterday", "before since", "after 2026-11-01T05:30:00.000001Z"]
)
EVENTS = ["view", "buy", "ping", "commerce.purchases", "`Order Completed`", "events"]
CUSTOM = ["big_buy", "recent_view", "coming", "noted_buy"]


def quoted(text):
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + text.replace("\u007f", "\\u{7f}") + '"'


def listed(items):
    return "[" + ", ".join(items) + "]"


def presence(x):
    return [f"{x} is present", f"{x} is absent", f"not ({x} is present)"]


def compared(x, operators, literals):
    """Each comparison, and its negation, which is true where the value is absent."""
    pairs = list(itertools.product(operators, literals))
    return [f"{x} {op} {lit}" for op, lit in pairs] + [f"not ({x} {op} {lit})" for op, lit in pairs]


def either(condition, negated):
    return [condition, negated, f"not ({condition})"]


def about_bool(x):
    return presence(x) + [x, f"not {x}", f"({x} default true)", f"not ({x} default false)"] + [
        f"{not_}({x} {op} {value})" for not_ in ["", "not "] for op in ["==", "!="] for value in ["true", "false"]
    ] + [f"(if {x} then 1 else 2) == {n}" for n in [1, 2]]


def about_int(x):
    cases = presence(x) + compared(x, COMPARISONS, INTS)
    for values in ["[1, 2, 42]", "[0]", "[few, -7]"]:
        cases += either(f"{x} in {values}", f"{x} not in {values}")
    cases += either(f"{x} between 0 and 42", f"{x} not between 0 and 42")
    for term in ["+ 1", "+ 9223372036854775807", "- 9223372036854775807", "* 3", "* 4611686018427387904", "* -1"]:
        cases += [f"{x} {term} > 5", f"not ({x} {term} <= 5)", f"({x} {term}) is absent"]
    for divisor in ["2", "-3", "7", "0", "few"]:
        cases += [f"{x} div {divisor} == 1", f"{x} div {divisor} <= 0", f"{x} % {divisor} == 1", f"{x} % {divisor} != 0"]
        cases += [f"({x} div {divisor}) is absent"]
    for divisor in ["3", "-7", "few"]:
        cases += [f"{x} / {divisor} > 0.5", f"{x} / {divisor} == 14", f"not ({x} / {divisor} < 0.333)"]
    cases += [f"abs({x}) > 5", f"abs({x}) is absent", f"-{x} < 0", f"(-{x}) is absent", f"({x} default 2) == 2"]
    cases += [f"({x} default -1) > 0", f"max({x}, 5) > 5", f"min({x}, 5) < 5", f"(if {x} > 1 then {x} else 0) < 42"]
    return cases


def about_decimal(x):
    cases = presence(x) + compared(x, COMPARISONS, MONEY)
    for values in ["[9.99, 0, 2.5]", "[-2.50]"]:
        cases += either(f"{x} in {values}", f"{x} not in {values}")
    cases += either(f"{x} between -2.50 and 9.99", f"{x} not between -2.50 and 9.99")
    for term in ["+ 0.001", "- 0.5", "* 3", "* 1.5", "* -0.1", "/ 3", "/ 0.7", "/ -2", "% 0.3", "div 3", "div 0.7"]:
        cases += [f"{x} {term} > 1", f"{x} {term} <= 0.1", f"not ({x} {term} < 2.5)"]
    for function in ["round({})", "floor({})", "ceil({})", "abs({})", "round({}, 1)", "-{}"]:
        value = function.format(x)
        cases += [f"{value} == 2.5", f"{value} > 2", f"{value} <= -2", f"not ({value} != 10)"]
    cases += [f"({x} default 9.99) == 9.99", f"max({x}, 9.99) > 9.99", f"min({x}, 0) < 0"]
    return cases


def quotients():
    """Quotients within arithmetic, which are of other types than their operands."""
    quotients = ["balance / points", "points / 3", "balance / 0.7"]
    cases = [f"{quotient} {term}" for quotient in quotients for term in ["+ 1", "- 0.5", "* 2", "+ points"]]
    # Of a quotient with many digits before the point, too.
    cases += [f"{quotient} {term}" for quotient in quotients for term in ["% 0.3", "div 7"]]
    return [case for x in cases for case in [f"{x} > 1", f"{x} <= 0.1", f"not ({x} < 2.5)"]]


def clocks():
    """Instants some days after a change of clocks, where a column that tells no zone is compared with civil times."""
    instants = ["2024-04-02T00:00:00+02:00", "2024-10-30T12:00:00+01:00", "2026-04-01T12:00:00+02:00", "2026-11-04T12:00:00-05:00"]
    return compared("seen", COMPARISONS, instants) + [f"count(events where timestamp {op} {at}) >= 1" for op in ORDERINGS for at in instants]


def about_overflow():
    """Exact numbers beyond 38 digits, which are absent; smaller ones of the same expression are there."""
    large = "9223372036854775807"
    product = f"balance * {large} * {large}"
    cases = [case for x in [product, f"({product}) * -1", f"({product}) + points", f"max({product}, balance)"]
             for case in presence(x) + [f"{x} > 0", f"{x} <= 0", f"not ({x} > 0)", f"(({x}) default 0) == 0"]]
    total = f"sum(amount * {large} * {large} of buy)"
    return cases + presence(total) + [f"{total} > 0", f"not ({total} > 0)"]


def about_float(x):
    cases = presence(x) + compared(x, ORDERINGS, FLOATS) + either(f"{x} between -1 and 2.75", f"{x} not between -1 and 2.75")
    for term in ["+ 0.5", "- 1", "* 2", "/ 4", "* -1"]:
        cases += [f"{x} {term} > 1", f"{x} {term} <= 0.5", f"not ({x} {term} < 0)"]
    for function in ["abs({})", "round({})", "floor({})", "ceil({})", "round({}, 1)"]:
        cases += [f"{function.format(x)} > 0.5", f"{function.format(x)} <= 1"]
    return cases + [f"({x} default 2.5) > 2", f"max({x}, 1) > 1"]


def about_text(x, texts=TEXTS):
    literals = [quoted(text) for text in texts]
    cases = presence(x)
    cases += [f"{x} {op} {lit}" for op in COMPARISONS for lit in literals]
    cases += [f"not ({x} {op} {lit})" for op in COMPARISONS for lit in literals[:7]]
    for lit in literals:
        for test in ["contains", "starts with", "ends with"]:
            cases += [f"{x} {test} {lit}", f"{x} not {test} {lit}", f"{x} {test} {lit} ignoring case"]
        cases += [f"{x} == {lit} ignoring case", f"{x} != {lit} ignoring case"]
    for pattern in LIKES:
        cases += either(f"{x} like {quoted(pattern)}", f"{x} not like {quoted(pattern)}")
        cases += [f"{x} like {quoted(pattern)} ignoring case"]
    for pattern in PATTERNS:
        cases += [f"{x} matches {quoted(pattern)}", f"{x} not matches {quoted(pattern)}"]
    for values in [listed(literals[:4]), listed(literals[4:12]), "words"]:
        cases += either(f"{x} in {values}", f"{x} not in {values}") + [f"{x} in {values} ignoring case"]
    cases += [f"length({x}) {op} {n}" for op in COMPARISONS for n in [0, 1, 5]]
    for function, value in itertools.product(["lower", "upper", "trim"], ["shoes", "SHOES", "οδοσ", "i", "pad"]):
        cases += [f"{function}({x}) == {quoted(value)}"]
    cases += [f"substring({x}, {start}, {n}) == {quoted(value)}" for start, n, value in
              [(1, 1, "s"), (2, 3, "hoe"), (1, 0, ""), (9, 2, ""), (2, 1, "\u0301")]]
    cases += [f"replace({x}, \"a\", \"+\") == \"+\"", f"replace({x}, \"\", \"+\") == {x}"]
    cases += [f"concat({x}, \"-\", {x}) == \"a-a\"", f"size(split({x}, \",\")) == {1}", f"size(split({x}, \",\")) > 2"]
    cases += [f"split({x}, \",\") contains \"\"", f"split({x}, \",\") contains \"b\"", f"({x} default \"a\") == \"a\""]
    cases += [f"capture({x}, \"([a-z]+)[ %]?\", 1) == \"shoes\"", f"capture({x}, \"(.)$\", 1) is absent"]
    return cases


def about_enum(x, values):
    literals = [quoted(value) for value in values]
    cases = presence(x)
    for lit in literals:
        cases += [f"{x} == {lit}", f"{x} != {lit}", f"not ({x} == {lit})", f"not ({x} != {lit})"]
    cases += either(f"{x} in {listed(literals[:2])}", f"{x} not in {listed(literals[:2])}")
    return cases + [f"({x} default {literals[0]}) == {literals[0]}"]


def about_date(x):
    cases = presence(x) + compared(x, COMPARISONS, DATES)
    for window in WINDOWS:
        if "T05" not in window:
            cases += [f"{x} {window}", f"not ({x} {window})"]
    for window in ["in last 30 days", "in next 1 month", "in this month", "on today", "on 2024-02-29", "in this week"]:
        cases += [f"{x} {window} ignoring year"]
    for function, values in [("year", [1969, 2024]), ("quarter", [1, 4]), ("month", [2, 11]), ("day", [1, 29]), ("weekday", [1, 7])]:
        cases += [f"{function}({x}) {op} {value}" for op in ["==", "<", ">="] for value in values]
    cases += [f"age({x}) {op} {n}" for op in ["==", "<", ">="] for n in [0, 2, 26]]
    cases += [f"days_between({x}, {day}) {op} {n}" for day in ["today", "2024-02-29"] for op, n in [("==", 0), (">", 30), ("<", -1)]]
    cases += [f"weeks_between({x}, today) > 3"]
    cases += [f"start_of({unit}, {x}) {op} {day}" for unit in PERIODS for op, day in [("==", "2024-01-01"), ("<=", "today"), (">", "2024-02-26")]]
    for duration in ["1 day", "2 weeks", "1 month", "1 year", "13 months"]:
        cases += [f"{x} + {duration} > today", f"{x} - {duration} <= 2024-02-29", f"{x} + {duration} == 2025-02-28"]
    return cases + [f"{x} <= now", f"{x} > now", f"({x} default today) == today"]


def about_timestamp(x):
    cases = presence(x) + compared(x, COMPARISONS, INSTANTS)
    for window in WINDOWS + [f"in last {d}" for d in EXACT]:
        cases += [f"{x} {window}", f"not ({x} {window})"]
    for function, values in [("year", [2023, 2026]), ("quarter", [1, 4]), ("month", [2, 11]), ("day", [1, 29]), ("weekday", [1, 7]), ("hour", [0, 2, 23])]:
        cases += [f"{function}({x}) {op} {value}" for op in ["==", "<", ">="] for value in values]
    cases += [f"date({x}) {op} {day}" for op in COMPARISONS for day in ["today", "2024-02-29"]]
    for unit in ["days", "weeks", "hours", "minutes", "seconds"]:
        cases += [f"{unit}_between({x}, now) {op} {n}" for op, n in [("==", 0), (">", 2), ("<=", 29)]]
    cases += [f"start_of({unit}, {x}) {op} {at}" for unit in PERIODS for op, at in [("<", "now"), ("==", "2024-02-29"), (">=", "30 days ago")]]
    for duration in ["1 day", "90 minutes", "1 week", "30 seconds"]:
        cases += [f"{x} + {duration} > now", f"{x} - {duration} <= 30 days ago", f"now - {x} < {duration}", f"now - {x} >= {duration}"]
    return cases + [f"({x} default now) == now", f"{x} < created", f"{x} == created"]


def about_list(x, literals):
    first, pair, most = literals[0], listed(literals[:2]), listed(literals)
    cases = presence(x)
    for lit in literals:
        cases += [f"{x} contains {lit}", f"{x} not contains {lit}", f"{lit} in {x}", f"{lit} not in {x}"]
    for test in ["has any", "has all", "within"]:
        for values in [pair, most, listed([first])]:
            cases += either(f"{x} {test} {values}", f"{x} not {test} {values}")
    cases += [f"size({x}) {op} {n}" for op in COMPARISONS for n in [0, 1, 3]]
    cases += [f"size(distinct({x})) {op} {n}" for op in ["==", "<"] for n in [1, 2]]
    cases += [f"size({f}({x}, {pair})) == {n}" for f in ["intersect", "union"] for n in [0, 1, 2, 3]]
    cases += [f"size(distinct({x})) == size({x})", f"any({x} where value == {first})", f"none({x} where value == {first})"]
    cases += [f"all({x} satisfy value != {first})", f"count({x}) >= 2", f"count({x} where value == {first}) == 1"]
    return cases + [f"count(distinct value of {x}) == 2"]


def about_map(x, values):
    cases = [f"size({x}) {op} {n}" for op in COMPARISONS for n in [0, 1, 2]]
    cases += [f"keys({x}) has any [\"k\", \"é\"]", f"keys({x}) has all [\"k\"]", f"keys({x}) contains \"K\""]
    for value in values:
        cases += [f"values({x}) contains {value}", f"{x}[\"k\"] == {value}", f"{x}[\"K\"] != {value}", f"not ({x}[\"é\"] == {value})"]
        cases += [f"any({x} where value == {value})", f"count({x} where key == \"k\" and value != {value}) == 1"]
    return cases + [f"{x}[\"k\"] is present", f"{x}[\"none\"] is absent", f"any({x} where key < \"l\")", f"count({x}) == 2"]


def collections(source, numbers, texts, window=True):
    """The vocabulary of collections over a source with fields of each kind."""
    windows = ["", " in last 30 days", " in next 30 days", " in previous 1 months", " on today"] if window else [""]
    cases = []
    for opened in [source + w for w in windows]:
        cases += [f"any({opened})", f"none({opened})", f"count({opened}) == 0", f"count({opened}) <= 2", f"count({opened}) > 1"]
    for text in texts:
        cases += [f"any({source} where {text} == \"a\")", f"none({source} where {text} contains \"s\")", f"all({source} satisfy {text} is present)"]
        cases += [f"all({source} satisfy not ({text} == \"a\"))", f"count(distinct {text} of {source}) == 2", f"list({text} of {source}) has any [\"a\", \"shoes\"]"]
        cases += [f"min({text} of {source}) < \"a\"", f"max({text} of {source}) >= \"z\"", f"first({text} of {source}) == \"a\"", f"last({text} of {source}) != \"a\""]
        cases += [f"size(distinct(list({text} of {source}))) > 1"]
    for number in numbers:
        for function, values in [("sum", ["0", "5", "-1"]), ("min", ["0", "1"]), ("max", ["2.5", "0"]), ("average", ["0", "1.5", "2"]), ("first", ["1"]), ("last", ["0"])]:
            cases += [f"{function}({number} of {source}) {op} {value}" for value in values for op in ["<", ">="]]
        cases += [f"sum({number} of {source} where {number} > 0) == 0", f"sum({number} * 2 of {source}) > 5", f"average({number} of {source}) == 1"]
        cases += [f"max({number} of {source}) is absent", f"count({source} where {number} > 1) >= 1", f"sum({number} of {source}) / count({source}) > 1"]
    return cases


def events():
    cases = collections("buy", ["amount", "quantity"], ["note"])
    for source in EVENTS + CUSTOM:
        cases += [f"any({source} {window})" for window in WINDOWS[::4]] + [f"count({source}) {op} 1" for op in COMPARISONS]
        cases += [f"none({source} where channel == \"web\")", f"count({source} in last 90 days where flag) >= 1"]
    for window in WINDOWS + [f"in last {d}" for d in EXACT]:
        cases += [f"any(events {window})", f"count(events {window}) <= 1", f"sum(quantity of buy {window}) > 1"]
    cases += ["first(channel of buy) == \"web\"", "last(channel of events) == \"app\"", "first(timestamp of view) < last(timestamp of buy)"]
    cases += ["last(due of ping) > 2024-01-01", "none(buy where timestamp > last(timestamp of view))", "any(view as v where any(buy where timestamp > v.timestamp))"]
    cases += ["any(buy as b where none(view where timestamp < b.timestamp))", "count(buy where items.SKU contains \"s1\") >= 1"]
    cases += ["any(buy where any(items where price > 5))", "any(buy where sum(price of items) > 10)", "any(buy where count(items where pieces > 1) >= 2)"]
    cases += ["any(buy where profile.rung > quantity)", "count(events where context[\"k\"] == \"a\") == 0", "any(buy where web.hits > 1)"]
    cases += ["any(buy where labels has any [\"a\", \"é\"])", "all(buy satisfy amount > 0)", "all(events satisfy timestamp < now)"]
    cases += ["spend(30 days) > 0", "spend(1 year) >= 5", "mean_amount > 1.5", "doubled(rung) == 4", "share > 0.5", "well_off(price)", "shout(name) == \"-\""]
    # An event with a window of its own within another window: both hold.
    for window in WINDOWS[::3] + ["in last 1 year", "in last 24 hours"]:
        cases += [f"first(timestamp of recent_view {window}) is present", f"last(quantity of recent_view {window}) > 1"]
        cases += [f"count(coming {window}) == 0", f"sum(quantity of recent_view {window}) > 1"]
    cases += ["first(timestamp of recent_view in last 1 year) < 7 days ago", "last(timestamp of recent_view in last 7 days) < 1 day ago"]
    cases += ["any(buy as b where any(recent_view in last 1 year where timestamp < b.timestamp))", "sequence(recent_view in last 1 year then buy)"]
    return cases


def sequences():
    steps = ["view", "buy", "ping", "events", "buy where amount > 5", "view where quantity > 0", "big_buy", "2 times view"]
    cases = [f"sequence({a} then {b})" for a in steps for b in steps]
    cases += [f"sequence({a} then {b} within {d})" for a, b in [("view", "buy"), ("buy", "buy"), ("events", "events")] for d in ["1 hour", "1 day", "7 days", "24 hours"]]
    cases += [f"sequence({a} then {b} after at least {d})" for a, b in [("view", "buy"), ("events", "events")] for d in ["1 hour", "1 day"]]
    cases += [f"sequence(view then not {a} within {d})" for a in ["buy", "view", "events", "big_buy"] for d in ["1 hour", "1 day", "30 days"]]
    cases += [f"sequence({a} then not {b} then {c})" for a in ["view", "buy"] for b in ["view", "ping", "events"] for c in ["buy", "ping"]]
    cases += [f"sequence({a} then not {b})" for a in ["view", "buy", "ping"] for b in ["view", "buy", "events"]]
    cases += [f"sequence(not {a} then {b})" for a in ["view", "ping"] for b in ["buy", "view"]]
    cases += ["sequence(view then not 2 times ping within 7 days)", "sequence(view in last 90 days then buy within 30 days)"]
    cases += ["sequence(view then buy then ping)", "sequence(2 times buy then view within 30 days)", "sequence(3 times events)"]
    cases += ["sequence(view in last 30 days then not buy within 1 day then events)", "sequence(events then view on today)"]
    for condition in ["amount > x.amount", "channel == x.channel", "any(items where SKU in x.items.SKU)", "quantity != x.quantity", "items.SKU has any x.items.SKU", "timestamp < x.timestamp + 7 days"]:
        cases += [f"sequence(buy as x then events where {condition})", f"sequence(view as x then not buy within 7 days where {condition})"]
        cases += [f"sequence(events as x then buy within 30 days where {condition})"]
    return cases + [f"not {case}" for case in cases[::6]]


def groups():
    keys = ["channel", "quantity", "note", "date(timestamp)", "start_of(week, timestamp)", "eventType", "flag"]
    cases = [f"count(groups of {source} by {key}) {op} {n}" for source in ["events", "buy", "view in last 90 days"] for key in keys for op, n in [("==", 0), (">=", 2), ("<", 3)]]
    for condition in ["count(group) >= 2", "sum(quantity of group) > 2", "any(group where amount > 5)", "none(group where flag)", "max(amount of group) > 1"]:
        cases += [f"count(groups of {source} by {key} where {condition}) {op} 1" for source in ["events", "buy"] for key in ["channel", "note", "date(timestamp)"] for op in ["==", ">="]]
    cases += ["any(groups of events by channel where key == \"web\")", "count(groups of buy by quantity where key > 1) >= 1", "count(groups of cards by brand) >= 2"]
    cases += ["count(groups of events by eventType where first(quantity of group) > 0) >= 1"]
    # Keys out of lists, which one engine wrote as numbers that are no integers.
    return cases + [f"count(groups of lucky as x by value where any(group where true)) {op}" for op in ["< 2", "== 2", ">= 1"]]


def tops():
    cases = []
    for word, n, source, key in itertools.product(["top", "bottom"], [1, 2], ["buy", "events in last 90 days", "view"], ["quantity", "amount", "timestamp", "note"]):
        collection = f"{word} {n} of {source} by {key}"
        cases += [f"any({collection} where channel == \"web\")", f"sum(quantity of {collection}) > 2", f"count({collection}) == {n}"]
    for word, key in itertools.product(["top", "bottom"], ["ceiling", "expires", "brand"]):
        cases += [f"any({word} 1 of cards by {key} where brand == \"a\")", f"count({word} 2 of cards by {key}) == 2"]
    return cases


def nested():
    cases = collections("cards", ["ceiling"], ["brand"], window=False)
    cases += collections("cards.perks", ["worth"], ["title"], window=False)
    cases += ["any(cards where any(perks where worth > 1))", "all(cards satisfy count(perks) > 0)", "any(cards as c where any(c.perks where worth > 2))"]
    cases += ["count(cards where codes has any [\"a\"]) >= 1", "any(cards where expires in next 1 year)", "any(cards where expires < today)"]
    cases += ["cards.brand contains \"a\"", "cards.codes has any [\"a\", \"shoes\"]", "size(cards.perks.title) > 2", "any(preferences where value.enabled)"]
    cases += ["preferences[\"k\"].enabled", "not preferences[\"k\"].enabled", "preferences[\"K\"].since > 2024-01-01", "count(preferences where value.channel == \"a\") == 0"]
    cases += ["count(preferences) >= 2", "any(preferences where key == \"é\" and value.since is present)", "homeAddress.geo.place == \"a\"", "homeAddress.geo is present"]
    return cases


def related():
    cases = about_enum("favourite.category", ["shoes", "hats", "books"]) + about_text("favourite.title", TEXTS[:4])[:70]
    cases += ["favourite.cost > 5", "favourite.maker.country == \"SE\"", "favourite.maker.age > 1", "favourite is present", "favourite.launched < today"]
    cases += ["store.city == \"a\"", "store.opened in last 1 year", "store.city is absent"]
    cases += ["any(wishes where value == \"s1\")", "wishes contains \"gone\"", "any(buy where any(items where SKU.category == \"shoes\"))"]
    cases += ["any(buy where count(items where SKU.category == \"hats\") >= 1)", "any(buy where items.SKU.category contains \"books\")", "any(buy where sum(price of items where SKU.cost > 1) > 0)"]
    return cases


def propensity():
    cases = []
    for model in ["churn", "ltv"]:
        p = f"propensity.{model}"
        cases += presence(f"{p}.probability") + [f"{not_}({p}.probability {op} {n})" for not_ in ["", "not "] for op in ORDERINGS for n in ["0.25", "0.5", "1"]]
        cases += [f"{p}.score {op} {n}" for op in ORDERINGS for n in ["25", "74.5"]] + [f"{p}.percentile >= {n}" for n in [50, 99]]
        cases += [f"{p}.bucket {op} {b}" for op in COMPARISONS for b in ["low", "medium", "high"]]
        cases += [f"{p}.state == \"{state}\"" for state in ["scored", "stale", "unscored"]] + [f"{p}.scored_at in last {d}" for d in ["1 day", "90 days"]]
        cases += [f"any({p}.factors where weight > 0.25)", f"any({p}.factors where effect == \"raises\")", f"count({p}.factors) >= 1"]
    cases += [f"member(\"{a}\"{n})" for a in ["aud-1", "aud-2", "none"] for n in ["", ", \"ups\""]]
    return cases + [f"not member(\"{a}\")" for a in ["aud-1", "aud-2"]]


def logic():
    parts = ["active", "rung > 1", "name == \"a\"", "any(buy)", "balance is absent"]
    cases = []
    for a, b in itertools.permutations(parts, 2):
        cases += [f"{a} and {b}", f"{a} or not ({b})", f"not ({a} and {b})", f"not ({a} or {b})", f"(if {a} then {b} else verified)"]
    return cases + ["true", "false", "active and active", "not not active"]


def seldom():
    """What only some databases express."""
    cases = [f"{x} {op} 0.3" for x in ["weight % 0.5", "weight % points"] for op in ["<", ">="]]
    for separator in ["\"a\"", "\"👩\""]:
        cases += [f"size(split(name, {separator})) > 1", f"split(name, {separator}) contains \"shoes\""]
    cases += ["capture(name, \"^(s|red)\", 1) == \"s\"", "capture(name, \"^((?:a|red )*)\", 1) == \"red \""]
    cases += [f"name matches {quoted(pattern)} ignoring case" for pattern in ["^s", "ß$", "o+e"]]
    cases += ["upper(name) == code", "lower(name) == lower(code)"]
    return cases + ["round(weight) > points", "floor(weight) > points"]


def spelled():
    """Lists in which equal values may be written in several ways: constants, stored ones, and those of events."""
    gathered = {  # Lists of events by their type, with a list of the profile, a value of it, and constants.
        "list(until of ping)": ("moments", "seen", ["2026-11-01T05:30:00Z", "2026-03-29T14:00:00+02:00", "now"]),
        "list(timestamp of view)": ("moments", "seen", ["2026-03-28T11:30:00+01:00", "2026-10-30T04:00:00Z", "now"]),
        "list(due of buy)": ("days", "birth", ["2024-02-29", "2026-11-01", "today"]),
        "list(amount of buy)": ("amounts", "balance", ["9.99", "2.50", "100"]),
        "list(quantity of buy)": ("lucky", "points", ["1", "2"]),
        "list(flag of view)": ("[active, verified]", "active", ["true", "false"]),
        "list(note of buy)": ("tags", "name", ['"a"', '"é"']),
    }
    cases = []
    for events, (stored, value, constants) in gathered.items():
        made = listed([value, constants[0]])
        for a, b in [(events, listed(constants)), (events, listed(constants[:1])), (events, stored), (stored, events), (events, made), (made, events)]:
            cases += [f"{a} {test} {b}" for test in ["has any", "has all", "within"]]
        cases += [f"{events} contains {x}" for x in [constants[0], constants[-1], value]] + [f"{stored} contains {value}"]
        cases += [f"size(distinct({events})) == size({events})", f"size(union({events}, {stored})) > 2", f"size(union({stored}, {made})) == 2"]
        cases += [f"size(intersect({events}, {stored})) > 0", f"size(intersect({stored}, {listed(constants)})) == 1"]
        inside = events.removeprefix("list(").removesuffix(")")
        cases += [f"{end}({inside}) in {listed(constants)}" for end in ["first", "last"]]
        if stored[0] != "[":
            cases += [f"{end}({inside}) in {stored}" for end in ["first", "last"]]
            cases += [f"any({stored} where value == {constants[0]})", f"any({stored} where value == profile.{value})"]
            cases += [f"count(distinct value of {stored}) == size(distinct({stored}))", f"count(groups of {stored} as x by value where count(group) == 1) == 1"]
    return cases


def clauses():
    """Conditions with what stands behind them."""
    cases = []
    for key, direction, limit in itertools.product(["rung", "balance", "points", "birth", "seen", "name", "sum(quantity of buy)"], ["asc", "desc"], [1, 5]):
        cases.append(("true", f"rank by {key} {direction} limit {limit}"))
    for percent, salt in itertools.product(["0.5", "10", "50", "99.9", "100"], ["x", "é"]):
        cases.append(("true", f"sample {percent}% salt \"{salt}\""))
    cases.append(("active", "rank by rung desc limit 3"))
    cases.append(("any(buy)", "sample 50% salt \"y\""))
    # Of a zero and some minus zeros the one with the least id is the seventh.
    cases.append(("weight < 1", "rank by weight asc limit 7"))
    return cases


GROUPS = {
    "bool": about_bool("active") + about_bool("verified"),
    "int": about_int("points") + about_int("rung") + about_int("homeAddress.floor")[:60],
    "decimal": about_decimal("balance") + about_decimal("credit"),
    "overflow": about_overflow(),
    "float": about_float("weight") + about_float("homeAddress.geo.lat"),
    "text": about_text("name"),
    "text_below": about_text("homeAddress.countryCode", ["", "SE", "se", "N"]),
    "url": [f"{function}({path}) {op} {quoted(value)}" for function, path, values in [
        ("email_domain", "email", ["example.com", "c.org", "straße.de", ""]), ("url_host", "site", ["host.example", "shop.example", "h", ""]),
        ("url_path", "site", ["/shoes/red", "/", "/only/path", "/a//b"])] for op in ["==", "!="] for value in values]
    + [f"{f} is {p}" for f in ["email_domain(email)", "url_host(site)", "url_path(site)"] for p in ["present", "absent"]],
    "enum": about_enum("tier", ["bronze", "silver", "gold"]) + about_enum("mood", ["glad", "sad"]),
    "date": about_date("birth") + about_date("joined")[:120],
    "timestamp": about_timestamp("seen"),
    "list": about_list("tags", ['"a"', '"shoes"', '""', '"é"']) + about_list("lucky", ["1", "42", "-7"])
    + about_list("amounts", ["9.99", "0", "2.5"]) + about_list("days", ["2024-02-29", "1970-01-01"])
    # Decimals with fewer digits than those of the list, for which one engine had no function.
    + [f"{n}amounts {test} [100, -2.50])" for n in ["(", "not ("] for test in ["has any", "has all", "within"]],
    "map": about_map("attributes", ['"a"', '"shoes"']) + about_map("counters", ["1", "2"]),
    "nested": nested(),
    "related": related(),
    "events": events(),
    "sequence": sequences(),
    "groups": groups(),
    "top": tops(),
    "propensity": propensity(),
    "logic": logic(),
    "quotient": quotients(),
    "clocks": clocks(),
    "seldom": seldom(),
    "spelled": spelled() + about_list("moments", ["2026-11-23T11:00:00Z", "2024-02-29T01:00:00+01:00", "now"]),
}


def main():
    FOLDER.mkdir(exist_ok=True)
    written = {name: [(condition, "") for condition in dict.fromkeys(cases)] for name, cases in GROUPS.items()}
    written["clauses"] = clauses()
    for name, cases in written.items():
        lines = [f"segment {name}_{number} {{\n    where {condition}\n{f'    {after}' + chr(10) if after else ''}}}\n" for number, (condition, after) in enumerate(cases, 1)]
        (FOLDER / f"{name}.seg").write_text("\n".join(lines), encoding="utf-8")
    print({name: len(cases) for name, cases in written.items()}, sum(map(len, written.values())))


if __name__ == "__main__":
    main()
