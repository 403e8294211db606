"""Data for benchmarks: customers of a made-up shop and what they did, as two Parquet files.

The same numbers on every machine. What makes real data hard is in it: a few profiles have most of the events, some have
none, activity comes in bursts and fades, products follow taste, many values are absent. The events are sorted by profile
and time, and no two events of a profile are simultaneous, so that all engines agree on what came before.
"""

import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

NOW = 1_751_328_000_000_000  # 2025-07-01T00:00:00Z, microseconds
DAY = 86_400_000_000
YEAR = 365 * DAY
CHUNK = 50_000  # profiles that are made at once, from a seed of their own

COUNTRIES = "SE DE US GB FR NO NL DK FI ES IT PL BE AT CH IE PT CZ CA AU EE LV LT GR".split()
LANGUAGES = "sv de en en fr nb nl da fi es it pl nl de fr en pt cs en en et lv lt el".split()
CITIES = [f"{letter}{rest}" for letter in "ABCDEFGHIJKLMNOPRSTUV" for rest in ("borg", "by", "dorf", "ton", "ville", "stad", "furt", "mouth")]
MAILS = ["gmail.com", "outlook.com", "hotmail.com", "icloud.com", "yahoo.com", "proton.me", "gmx.net", "web.de", "telia.se", "example.org"]
TIERS = ["bronze", "silver", "gold", "platinum"]
TAGS = ["vip", "blocked", "newsletter", "beta", "student", "press"] + [f"tag_{i:02d}" for i in range(40)]
CATEGORIES = ("shoes dresses jackets jeans bags watches books garden beauty sports phones toys audio gaming pets office kids "
              "kitchen tools grocery furniture lighting bedding jewelry").split()
CHANNELS = ["web", "app", "email", "paid_social", "paid_search", "store", "sms"]
CAMPAIGNS = [f"{season}_{i:02d}" for season in ("summer", "winter", "spring", "welcome", "winback", "loyalty") for i in range(20)]
PAGES = ([f"/sale/{c}" for c in CATEGORIES] + [f"/c/{c}" for c in CATEGORIES] + ["/", "/cart", "/help", "/account"]
         + [f"/blog/2024/{m:02d}/post-{i}" for m in range(1, 13) for i in range(15)] + [f"/p/{c[:3]}-{i:05d}" for c in CATEGORIES for i in range(150)])
# How frequent a type is, and what its events carry: a product, an amount, a page, a campaign.
TYPES = {
    "page_view": (355, "u"), "product_view": (215, "pu"), "search": (75, "u"), "email_sent": (70, "c"), "email_open": (60, "c"),
    "add_to_cart": (55, "pqu"), "app_open": (35, ""), "checkout_start": (26, "u"), "purchase": (24, "pqu"), "email_click": (18, "c"),
    "login": (18, "u"), "push_open": (10, "c"), "wishlist_add": (10, "pu"), "remove_from_cart": (9, "pqu"), "sms_click": (5, "c"),
    "coupon_apply": (5, "u"), "share": (4, "u"), "review": (3, "p"), "support_ticket": (2, ""), "refund": (1, "pq"),
}


def falling(count, steepness):
    """Probabilities of a few frequent and many rare values."""
    weights = np.arange(1.0, count + 1) ** -steepness
    return weights / weights.sum()


def pick(random, values, size, steepness, absent=0.0):
    codes = pa.array(random.choice(len(values), size, p=falling(len(values), steepness)).astype(np.int32), mask=random.random(size) < absent)
    return pa.DictionaryArray.from_arrays(codes, pa.array(values)).cast(pa.string())


def absent(random, values, share, ty=None):
    return pa.array(values, ty, mask=random.random(len(values)) < share)


def profiles(chunk, first, size):
    random = np.random.default_rng([7, 1, chunk])
    country = random.choice(len(COUNTRIES), size, p=falling(len(COUNTRIES), 0.9))
    language = np.where(random.random(size) < 0.9, country, 2)
    mail = random.choice(len(MAILS), size, p=falling(len(MAILS), 0.9))
    tags = random.choice(TAGS, (size, 6), p=falling(len(TAGS), 0.8))
    many = random.poisson(1.6, size).clip(0, 6)
    tags = [None if none else list(dict.fromkeys(row[:n])) for none, row, n in zip(random.random(size) < 0.08, tags, many)]
    born = np.datetime64("2025-07-01") - random.gamma(6, 2500, size).clip(5900, 33000).astype("timedelta64[D]")
    return pa.table({
        "profile_id": pa.array(np.arange(first, first + size)),
        "external_id": [f"cus_{(first + i) * 2654435761 % 2**32:08x}" for i in range(size)],
        "email": absent(random, [f"user{first + i}@{MAILS[m]}" for i, m in enumerate(mail)], 0.04),
        "first_name": pick(random, ["Anna", "Lars", "Maria", "Erik", "Eva", "Karl"], size, 0.3, 0.06),
        "country": absent(random, np.array(COUNTRIES, object)[country], 0.02),
        "language": absent(random, np.array(LANGUAGES, object)[language], 0.05),
        "city": pick(random, CITIES, size, 0.6, 0.12),
        "gender": pick(random, ["F", "M", "X"], size, 0.3, 0.09),
        "birth_date": absent(random, born, 0.15, pa.date32()),
        "loyalty_tier": pick(random, TIERS, size, 0.9, 0.35),
        "email_opt_in": absent(random, random.random(size) < 0.62, 0.03),
        "sms_opt_in": absent(random, random.random(size) < 0.21, 0.1),
        "created_at": pa.array(NOW - 1 - (random.beta(1.2, 2, size) * 5 * YEAR).astype(np.int64), pa.timestamp("us", "UTC")),
        "churn_score": absent(random, random.beta(2, 3, size), 0.08),
        "conversion_score": absent(random, random.beta(1.5, 5, size), 0.08),
        "ltv": absent(random, np.round(random.lognormal(4.2, 1.2, size), 2), 0.03),
        "tags": pa.array(tags, pa.list_(pa.string())),
    })


def times(random, owner, size):
    """Bursts that fade behind the last activity of each profile; ascending and distinct within a profile."""
    last = (random.beta(0.5, 2.2, size) * YEAR * 0.95)[owner]
    at = NOW - 1 - ((last + random.exponential(0.2, len(owner)) * YEAR).astype(np.int64) % (YEAR - DAY))
    burst = np.r_[False, owner[1:] == owner[:-1]] & (random.random(len(owner)) < 0.55)
    start = np.maximum.accumulate(np.where(burst, 0, np.arange(len(owner))))
    at = np.minimum(at[start] + np.where(burst, random.exponential(2.4e8, len(owner)).astype(np.int64), 0), NOW - 1)
    at = at[np.lexsort((at, owner))]
    # Where two are equal the later one moves on by a microsecond, and those behind it as far as they must.
    order, span = np.arange(len(at)), np.int64(1) << 46
    return np.maximum.accumulate(at - NOW + 2 * YEAR - order + owner * span) - owner * span + order + NOW - 2 * YEAR


def events(chunk, first, size):
    random = np.random.default_rng([7, 2, chunk])
    count = np.exp(random.normal(np.log(31.25) - 0.78, 1.25, size)).round().clip(0, 8000).astype(np.int64)
    count[random.random(size) < 0.04] = 0
    owner = np.repeat(np.arange(size), count)
    many = len(owner)
    frequency = np.array([share for share, _ in TYPES.values()], float)
    kind = random.choice(len(TYPES), many, p=frequency / frequency.sum())
    carries = {what: np.array([what in has for _, has in TYPES.values()])[kind] for what in "pquc"}
    taste = random.choice(len(CATEGORIES), size, p=falling(len(CATEGORIES), 1))[owner]
    category = np.where(random.random(many) < 0.7, taste, random.choice(len(CATEGORIES), many, p=falling(len(CATEGORIES), 0.6)))
    page = np.where(carries["p"], len(PAGES) - 150 * (len(CATEGORIES) - category) + random.choice(150, many, p=falling(150, 0.9)),
                    random.choice(len(PAGES) - 150 * len(CATEGORIES), many, p=falling(len(PAGES) - 150 * len(CATEGORIES), 0.7)))

    def coded(codes, values, present):
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=~present), pa.array(values)).cast(pa.string())

    everywhere = np.ones(many, bool)
    return pa.table({
        "profile_id": pa.array(owner + first),
        "ts": pa.array(times(random, owner, size), pa.timestamp("us", "UTC")),
        "event_type": coded(kind, list(TYPES), everywhere),
        "product_category": coded(category, CATEGORIES, carries["p"] & (random.random(many) > 0.01)),
        "price": pa.array(np.round(np.exp(3.2 + 0.04 * (category % 17)) * random.lognormal(0, 0.5, many), 2), mask=~carries["p"] | (random.random(many) < 0.02)),
        "quantity": pa.array((1 + random.poisson(0.35, many)).astype(np.int32), mask=~carries["q"]),
        "channel": pick(random, CHANNELS, many, 1.2, 0.02),
        "page_url": coded(page, PAGES, carries["u"]),
        "campaign": coded(random.choice(len(CAMPAIGNS), many, p=falling(len(CAMPAIGNS), 0.5)), CAMPAIGNS, carries["c"] | (random.random(many) < 0.04)),
    })


def make(count, folder):
    """Writes the files of so many profiles, unless they are there."""
    done = os.path.join(folder, "complete")
    if os.path.exists(done):
        return
    os.makedirs(folder, exist_ok=True)
    writers = {}
    for chunk, first in enumerate(range(0, count, CHUNK)):
        size = min(CHUNK, count - first)
        for name, make_table in (("profiles", profiles), ("events", events)):
            table = make_table(chunk, first, size)
            if name not in writers:
                writers[name] = pq.ParquetWriter(f"{folder}/{name}.parquet", table.schema, compression="snappy")
            writers[name].write_table(table, row_group_size=1 << 18)
    for writer in writers.values():
        writer.close()
    open(done, "w").close()


def ndjson(folder):
    """Writes the same records as lines of JSON, unless they are there: how many bytes."""
    import duckdb

    paths = [os.path.join(folder, f"{name}.ndjson") for name in ("profiles", "events")]
    for path in paths:
        if not os.path.exists(path):
            source = path.replace(".ndjson", ".parquet")
            # Instants as ISO 8601 in UTC.
            ts = "strftime(ts AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS ts" if "events" in path else (
                "strftime(created_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS created_at")
            duckdb.execute(f"COPY (SELECT * REPLACE ({ts}) FROM '{source}') TO '{path}' (FORMAT JSON)")
    return sum(os.path.getsize(path) for path in paths)
