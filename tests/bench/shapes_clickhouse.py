"""Variant 0 of each shape as ClickHouse SQL, as a good analyst writes it by hand: where this engine has a form of its own
that is faster (`windowFunnel`, arrays, `IN`), that one. The text of the others follows from that of DuckDB, see `suite`."""

import re

import shapes

DAY = 86_400_000_000


def ago(days):
    return f"toDateTime64('2025-07-01 00:00:00', 6, 'UTC') - INTERVAL {days} DAY"


def micros(value):
    return f"toUnixTimestamp64Micro({value})"


def times_of(condition):
    return f"groupArrayIf({micros('ts')}, {condition})"


def funnel(days, steps, within):
    steps = [f"event_type = '{step}'" for step in steps]
    kinds = ", ".join(step.split(" = ")[1] for step in steps)
    return shapes.members(f"event_type IN ({kinds}) AND ts >= {ago(days)}",
                          f"windowFunnel({within * DAY})(toUInt64({micros('ts')}), {', '.join(steps)}) = {len(steps)}")


def own(queries):
    """The queries that are written in another way than for DuckDB."""
    women, shoes = queries["s01_attr_age_country"], "event_type = 'product_view' AND product_category = 'shoes'"
    bought, seen, added = "event_type = 'purchase'", "event_type = 'product_view'", f"event_type = 'add_to_cart' AND ts < {ago(3)}"
    return {
        "s04_attr_tags": "SELECT profile_id FROM profiles WHERE has(tags, 'vip') AND NOT has(tags, 'blocked')",
        "s07_lapsed": f"SELECT profile_id FROM profiles WHERE profile_id NOT IN (SELECT profile_id FROM events WHERE ts >= {ago(90)})",
        "s11_active_days": shapes.members(f"ts >= {ago(30)}", "uniqExact(toDate32(ts)) >= 5"),
        "s17_a_then_b": funnel(90, ["add_to_cart", "purchase"], 7),
        "s18_a_then_not_b": shapes.members(
            f"event_type IN ('add_to_cart', 'purchase') AND ts >= {ago(30)}",
            f"arrayExists(added -> arrayCount(paid -> paid - added BETWEEN 1 AND {3 * DAY}, {times_of(bought)}) = 0, "
            f"{times_of(added)})"),
        "s19_three_steps": funnel(90, ["product_view", "add_to_cart", "checkout_start"], 1),
        "s20_flagship": shapes.members(
            f"({bought} OR {shoes}) AND ts >= {ago(30)} AND profile_id IN ({women} AND churn_score >= 0.7)",
            f"countIf({seen}) >= 3 AND arrayCount(paid -> paid - maxIf({micros('ts')}, {seen}) BETWEEN 1 AND {7 * DAY}, {times_of(bought)}) = 0"),
        "s21_first_touch": "SELECT profile_id FROM events GROUP BY profile_id HAVING argMin(channel, ts) = 'paid_social' "
                           f"AND countIf({bought}) > 0 AND minIf({micros('ts')}, {bought}) - min({micros('ts')}) <= {30 * DAY}",
        "s23_seg_and_not": f"{queries['s02_attr_score']} AND profile_id IN ({queries['s08_count_views']}) AND profile_id NOT IN ({queries['s06_bought_recently']})",
        "s24_seg_or": f"SELECT profile_id FROM profiles WHERE email_opt_in AND profile_id IN ({queries['s09_sum_spend']} UNION ALL {queries['s13_rfm']})",
    }


def translated(sql):
    """The queries that differ in words only."""
    sql = sql.replace("TIMESTAMPTZ '2025-07-01 00:00:00+00'", "toDateTime64('2025-07-01 00:00:00', 6, 'UTC')")
    sql = re.sub(r"\bprefix\(", "startsWith(", re.sub(r"\bsuffix\(", "endsWith(", sql))
    sql = re.sub(r"\bcontains\((\w+), '([^']*)'\)", r"\1 LIKE '%\2%'", sql)
    return re.sub(r"FILTER \((?!WHERE)", "FILTER (WHERE ", re.sub(r"DATE '([^']*)'", r"toDate32('\1')", sql))


def suite():
    """The SQL of each shape."""
    queries = {name: translated(sql) for name, _, sql in shapes.suite(24)}
    return queries | own(queries)
