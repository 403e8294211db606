"""The benchmark's segments: 24 shapes, each with as many variants as wanted, as segment text and as DuckDB SQL.

Variant 0 of a shape is the segment of the same name in `segments/`. A variant differs in its constants, so that most
variants share nothing but the columns they read. The SQL is what a good analyst writes by hand for one segment.
"""

import os

NAMES = ("s01_attr_age_country s02_attr_score s03_attr_string s04_attr_tags s05_attr_mixed s06_bought_recently s07_lapsed "
         "s08_count_views s09_sum_spend s10_distinct_categories s11_active_days s12_recency s13_rfm s14_ratio s15_url_match "
         "s16_clicked_not_bought_since s17_a_then_b s18_a_then_not_b s19_three_steps s20_flagship s21_first_touch s22_trending "
         "s23_seg_and_not s24_seg_or").split()

DAYS = [30, 14, 60, 90, 7, 45, 21, 120, 10, 75, 28, 180, 35, 50, 100, 3, 150]
TYPES = ("purchase add_to_cart product_view email_click checkout_start search wishlist_add review login app_open refund "
         "coupon_apply share sms_click push_open support_ticket remove_from_cart").split()
CATEGORIES = "shoes dresses jackets jeans bags watches books garden beauty sports phones toys audio gaming pets office kids".split()
COUNTRIES = [("SE", "NO"), ("DE", "AT", "CH"), ("US", "CA"), ("GB", "IE"), ("FR", "BE"), ("DK", "FI"), ("ES", "PT"), ("IT",), ("PL", "CZ")]
LANGUAGES = ["de", "sv", "en", "fr", "nl", "es", "it"]
TIERS = [("gold", "platinum"), ("silver",), ("bronze", "silver"), ("platinum",), ("gold",)]
MAILS = ["gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "proton.me", "telia.se"]
TAGS = ["vip", "newsletter", "beta", "student", "press"] + [f"tag_{i:02d}" for i in range(12)]
PAGES = ["/sale/", "/c/", "/blog/2024/", "shoes", "/p/sho", "/garden", "post-7", "/05/", "/sale/b", "er", "/c/b", "00012"]
CHANNELS = ["paid_social", "web", "app", "email", "paid_search", "sms", "store"]
CAMPAIGNS = ["summer", "winter", "spring", "welcome", "winback", "loyalty"]
PAIRS = [("add_to_cart", "purchase"), ("product_view", "purchase"), ("email_click", "purchase"), ("search", "add_to_cart"),
         ("checkout_start", "purchase"), ("product_view", "add_to_cart"), ("email_open", "email_click"), ("wishlist_add", "purchase"),
         ("coupon_apply", "purchase"), ("app_open", "add_to_cart"), ("login", "checkout_start"), ("search", "product_view")]
TRIPLES = [("product_view", "add_to_cart", "checkout_start"), ("search", "product_view", "add_to_cart"),
           ("add_to_cart", "checkout_start", "purchase"), ("email_open", "email_click", "product_view"), ("page_view", "product_view", "purchase")]


def quoted(texts, mark):
    return ", ".join(f"{mark}{text}{mark}" for text in texts)


def ago(days):
    return f"TIMESTAMPTZ '2025-07-01 00:00:00+00' - INTERVAL {days} DAY"


def members(where, having=None):
    having = f" HAVING {having}" if having else ""
    return f"SELECT profile_id FROM events WHERE {where} GROUP BY profile_id{having}"


def shape(number, v):
    """Segment condition and SQL of variant `v` of shape `number`; conditions of other segments by their names."""
    at = lambda values, shift=0: values[(v + shift) % len(values)]
    name = lambda other: NAMES[other - 1] + suffix(v)
    age, churn = 25 + v * 7 % 35, round(0.7 - 0.03 * (v % 12), 2)
    if number == 1:
        gender = "FM"[v % 2]
        return (f'country in [{quoted(at(COUNTRIES), chr(34))}] and gender == "{gender}" and age(birth_date) >= {age} and age(birth_date) < {age + 16}',
                f"SELECT profile_id FROM profiles WHERE country IN ({quoted(at(COUNTRIES), chr(39))}) AND gender = '{gender}' "
                f"AND birth_date <= DATE '{2025 - age}-07-01' AND birth_date > DATE '{2025 - age - 16}-07-01'")
    if number == 2:
        return (f'churn_score >= {churn} and email_opt_in and loyalty_tier in [{quoted(at(TIERS), chr(34))}]',
                f"SELECT profile_id FROM profiles WHERE churn_score >= {churn} AND email_opt_in AND loyalty_tier IN ({quoted(at(TIERS), chr(39))})")
    if number == 3:
        letter, days = "SABCDEFGHIJKLMNOPRTUV"[v % 21], 365 + 60 * (v % 9)
        return (f'email ends with "@{at(MAILS)}" and city starts with "{letter}" and created_at >= {days} days ago',
                f"SELECT profile_id FROM profiles WHERE suffix(email, '@{at(MAILS)}') AND prefix(city, '{letter}') AND created_at >= {ago(days)}")
    if number == 4:
        without = "blocked" if v % 3 == 0 else at(TAGS, 5)
        return (f'tags contains "{at(TAGS)}" and not (tags contains "{without}")',
                f"SELECT profile_id FROM profiles WHERE list_contains(tags, '{at(TAGS)}') AND NOT list_contains(tags, '{without}')")
    if number == 5:
        country, language, low, worth = COUNTRIES[(v + 1) % 9][0], LANGUAGES[v % 7], round(0.3 - 0.01 * (v % 17), 2), 500 + 20 * v
        return (f'(country == "{country}" or language == "{language}") and (loyalty_tier is absent or sms_opt_in == false) '
                f'and (conversion_score between {low} and 0.8 or ltv > {worth})',
                f"SELECT profile_id FROM profiles WHERE (country = '{country}' OR language = '{language}') AND (loyalty_tier IS NULL OR NOT sms_opt_in) "
                f"AND (conversion_score BETWEEN {low} AND 0.8 OR ltv > {worth})")
    if number == 6:
        return (f'any({at(TYPES)} in last {at(DAYS, v // 17)} days)', members(f"event_type = '{at(TYPES)}' AND ts >= {ago(at(DAYS, v // 17))}"))
    if number == 7:
        days = 90 + 5 * v
        return (f'none(events in last {days} days)',
                f"SELECT profile_id FROM profiles p WHERE NOT EXISTS (FROM events e WHERE e.profile_id = p.profile_id AND e.ts >= {ago(days)})")
    if number == 8:
        kind, count = ["product_view", "add_to_cart"][v // 2 % 2], 3 - v % 2
        return (f'count({kind} in last {at(DAYS)} days where product_category == "{at(CATEGORIES)}") >= {count}',
                members(f"event_type = '{kind}' AND product_category = '{at(CATEGORIES)}' AND ts >= {ago(at(DAYS))}", f"count(*) >= {count}"))
    if number == 9:
        days, amount = 180 - 7 * (v % 17), 500 - 15 * (v % 17) - v // 17
        return (f'sum(price * quantity of purchase in last {days} days) >= {amount}',
                members(f"event_type = 'purchase' AND ts >= {ago(days)}", f"sum(price * quantity) >= {amount}"))
    if number == 10:
        kind, days, count = ["product_view", "add_to_cart", "wishlist_add"][v % 3], 60 + 9 * v, 4 - v % 3
        return (f'count(distinct product_category of {kind} in last {days} days) >= {count}',
                members(f"event_type = '{kind}' AND ts >= {ago(days)}", f"count(DISTINCT product_category) >= {count}"))
    if number == 11:
        days, count = 30 + 4 * v, 5 + v % 4
        return (f'count(distinct date(timestamp) of events in last {days} days) >= {count}',
                members(f"ts >= {ago(days)}", f"count(DISTINCT epoch_us(ts) // 86400000000) >= {count}"))
    if number == 12:
        far, near = 120 + 6 * v, 60 - 2 * (v % 17)
        return (f'last(timestamp of {at(TYPES)}) >= {far} days ago and last(timestamp of {at(TYPES)}) < {near} days ago',
                members(f"event_type = '{at(TYPES)}'", f"max(ts) >= {ago(far)} AND max(ts) < {ago(near)}"))
    if number == 13:
        days, count, amount, recent = 365 - 15 * (v % 17) - v // 17, 3 - v % 2, 60 - 2 * (v % 17), 90 + v
        return (f'count(purchase in last {days} days) >= {count} and average(price of purchase in last {days} days) >= {amount} '
                f'and last(timestamp of purchase in last {days} days) >= {recent} days ago',
                members(f"event_type = 'purchase' AND ts >= {ago(days)}", f"count(*) >= {count} AND avg(price) >= {amount} AND max(ts) >= {ago(recent)}"))
    if number == 14:
        bought, seen = at(PAIRS)[1], ["product_view", "page_view"][v % 2]
        bought = "purchase" if bought == seen else bought
        days, ratio = 90 + 3 * v, round(0.2 + 0.02 * v, 2)
        return (f'count({seen} in last {days} days) >= 5 and count({bought} in last {days} days) >= {ratio} * count({seen} in last {days} days)',
                members(f"event_type IN ('{bought}', '{seen}') AND ts >= {ago(days)}",
                        f"count(*) FILTER (event_type = '{seen}') >= 5 AND count(*) FILTER (event_type = '{bought}') >= {ratio} * count(*) FILTER (event_type = '{seen}')"))
    if number == 15:
        days = 14 + 5 * v
        return (f'count(page_view in last {days} days where page_url contains "{at(PAGES)}") >= 2',
                members(f"event_type = 'page_view' AND contains(page_url, '{at(PAGES)}') AND ts >= {ago(days)}", "count(*) >= 2"))
    if number == 16:
        kind, days = ["email_click", "email_open", "sms_click", "push_open"][v % 4], 60 + 5 * v
        return (f'last(timestamp of {kind} in last {days} days where campaign starts with "{at(CAMPAIGNS)}") '
                f'> (last(timestamp of purchase in last {days} days) default 9000 days ago)',
                members(f"ts >= {ago(days)} AND (event_type = 'purchase' OR event_type = '{kind}' AND prefix(campaign, '{at(CAMPAIGNS)}'))",
                        f"max(ts) FILTER (event_type = '{kind}') > coalesce(max(ts) FILTER (event_type = 'purchase'), {ago(9000)})"))
    if number in (17, 18):
        first, then = at(PAIRS)
        days, within = (90 + 5 * v, 7 - v % 5) if number == 17 else (30 + 5 * v, 3 + v % 5)
        if number == 17:
            around = f"max(ts) FILTER (event_type = '{first}') OVER (PARTITION BY profile_id ORDER BY ts ROWS UNBOUNDED PRECEDING)"
            test = f"event_type = '{then}' AND ts - other <= INTERVAL {within * 24} HOUR"
        else:
            around = f"min(ts) FILTER (event_type = '{then}') OVER (PARTITION BY profile_id ORDER BY ts DESC ROWS UNBOUNDED PRECEDING)"
            test = f"event_type = '{first}' AND ts < {ago(within)} AND (other IS NULL OR other - ts > INTERVAL {within * 24} HOUR)"
        return (f'sequence({first} in last {days} days then {"not " if number == 18 else ""}{then} within {within} days)',
                f"SELECT DISTINCT profile_id FROM (SELECT profile_id, event_type, ts, {around} AS other FROM events "
                f"WHERE event_type IN ('{first}', '{then}') AND ts >= {ago(days)}) WHERE {test}")
    if number == 19:
        (a, b, c), days, within = at(TRIPLES), 90 + 5 * v, 1 + v % 7
        latest = lambda of, value: f"max({value}) FILTER (event_type = '{of}') OVER (PARTITION BY profile_id ORDER BY ts ROWS UNBOUNDED PRECEDING)"
        return (f'sequence({a} as step in last {days} days then {b} then {c} where timestamp <= step.timestamp + {within} day{"s" if within > 1 else ""})',
                f"SELECT DISTINCT profile_id FROM (SELECT profile_id, event_type, ts, {latest(b, 'start')} AS start FROM ("
                f"SELECT profile_id, event_type, ts, {latest(a, 'ts')} AS start FROM events WHERE event_type IN ('{a}', '{b}', '{c}') AND ts >= {ago(days)})) "
                f"WHERE event_type = '{c}' AND ts - start <= INTERVAL {within * 24} HOUR")
    if number == 20:
        gender, days, count = "FM"[v // 2 % 2], at(DAYS, 1) if v else 30, 3 - v % 2
        views = f'product_view in last {days} days where product_category == "{at(CATEGORIES)}"'
        return (f'country in [{quoted(at(COUNTRIES), chr(34))}] and gender == "{gender}" and age(birth_date) >= {age} and age(birth_date) < {age + 16} '
                f'and churn_score >= {churn} and count({views}) >= {count} and none(purchase in last {days} days where timestamp > last(timestamp of {views}) '
                f'and timestamp <= last(timestamp of {views}) + 7 days)',
                f"WITH seen AS (SELECT profile_id, max(ts) AS seen FROM events SEMI JOIN (FROM profiles WHERE country IN ({quoted(at(COUNTRIES), chr(39))}) "
                f"AND gender = '{gender}' AND churn_score >= {churn} AND birth_date <= DATE '{2025 - age}-07-01' AND birth_date > DATE '{2025 - age - 16}-07-01') "
                f"USING (profile_id) WHERE event_type = 'product_view' AND product_category = '{at(CATEGORIES)}' AND ts >= {ago(days)} "
                f"GROUP BY profile_id HAVING count(*) >= {count}) SELECT profile_id FROM seen s WHERE NOT EXISTS (FROM events b WHERE b.profile_id = s.profile_id "
                f"AND b.event_type = 'purchase' AND b.ts >= {ago(days)} AND b.ts > s.seen AND b.ts - s.seen <= INTERVAL 168 HOUR)")
    if number == 21:
        within = 30 + 10 * v
        return (f'first(channel of events) == "{at(CHANNELS)}" and first(timestamp of purchase) - first(timestamp of events) <= {within} days',
                f"SELECT profile_id FROM events GROUP BY profile_id HAVING arg_min(channel, ts) = '{at(CHANNELS)}' "
                f"AND min(ts) FILTER (event_type = 'purchase') - min(ts) <= INTERVAL {within * 24} HOUR")
    if number == 22:
        near, far = 30 + 2 * v, 60 + 4 * v
        return (f'count(events in last {near} days) >= 5 and count(events in last {near} days) >= 2 * count(events '
                f'where timestamp > {far} days ago and timestamp <= {near} days ago)',
                members(f"ts >= {ago(far)}", f"count(*) FILTER (ts >= {ago(near)}) >= 5 AND count(*) FILTER (ts >= {ago(near)}) >= 2 * count(*) FILTER (ts < {ago(near)})"))
    if number == 23:
        return (f'{name(2)} and {name(8)} and not {name(6)}',
                f"({shape(2, v)[1]}) INTERSECT ({shape(8, v)[1]}) EXCEPT ({shape(6, v)[1]})")
    return (f'email_opt_in and ({name(9)} or {name(13)})',
            f"SELECT profile_id FROM profiles SEMI JOIN (({shape(9, v)[1]}) UNION ({shape(13, v)[1]})) USING (profile_id) WHERE email_opt_in")


def suffix(v):
    return f"_v{v}" if v else ""


def suite(count):
    """Name, condition and SQL of so many segments: all shapes of variant 0 first."""
    return [(NAMES[i % 24] + suffix(i // 24), *shape(i % 24 + 1, i // 24)) for i in range(count)]


def shared(count):
    """So many segments of which all compare features of the first hundred; without SQL."""
    base = [(name, condition) for name, condition, _ in suite(100) if not name.startswith(("s23", "s24"))]
    pair = lambda i: (base[i % len(base)], base[(i * 7 + i // len(base) * 11 + 1) % len(base)])
    return [(f"{a}_and_{b}_{i}", f"({left}) and not ({right})", None) for i in range(count) for (a, left), (b, right) in [pair(i)]]


def write_project(suite, folder, data, form="parquet"):
    """A project of a suite over the data of a folder."""
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "segments")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(here, "schema.json")) as schema, open(os.path.join(folder, "schema.json"), "w") as out:
        out.write(schema.read())
    with open(os.path.join(here, "seg.toml")) as project, open(os.path.join(folder, "seg.toml"), "w") as out:
        out.write(project.read().replace('"data/', f'"{os.path.abspath(data)}/').replace(".parquet", f".{form}"))
    # The length of a file is limited; whole variants stay together, since a file sees its own segments alone.
    for stale in os.listdir(folder):
        if stale.endswith(".seg"):
            os.remove(os.path.join(folder, stale))
    for first in range(0, len(suite), 960):
        with open(os.path.join(folder, f"part{first // 960}.seg"), "w") as out:
            out.write('schema "schema.json"\n')
            for name, condition, _ in suite[first:first + 960]:
                out.write(f"\nsegment {name} {{\n    where {condition}\n}}\n")
