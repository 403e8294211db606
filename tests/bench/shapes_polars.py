"""The shapes of segments as lazy Polars expressions, with the constants of `shapes.py`: what a user of Polars writes for one
segment. The events lie in the order of profiles and times, which first values and sequences rely on."""

import datetime

import polars as pl

import shapes

NOW = datetime.datetime(2025, 7, 1, tzinfo=datetime.timezone.utc)
column = pl.col
kind = lambda event_type: column("event_type") == event_type


def ago(days):
    return pl.lit(NOW - datetime.timedelta(days=days))


def since(days):
    return column("ts") >= ago(days)


def within(time, other, days):
    return column(time) - column(other) <= pl.duration(days=days)


def people(found):
    return found.select("profile_id")


def having(events, condition, **features):
    return people(events.group_by("profile_id").agg(**features).filter(condition))


def carried(events, name, of, value):
    """The latest value of the events of a type, at each event of the same profile."""
    return events.with_columns(pl.when(kind(of)).then(column(value)).forward_fill().over("profile_id").alias(name))


def demography(v, age):
    youngest, oldest = (pl.lit(datetime.date(2025 - years, 7, 1)) for years in (age, age + 16))
    return column("country").is_in(shapes.COUNTRIES[v % 9]), (column("birth_date") <= youngest) & (column("birth_date") > oldest)


def shape(number, v, profiles, events):
    """The profiles of variant `v` of shape `number`."""
    at = lambda values, shift=0: values[(v + shift) % len(values)]
    other = lambda number: shape(number, v, profiles, events)
    age, churn = 25 + v * 7 % 35, round(0.7 - 0.03 * (v % 12), 2)
    lives, aged = demography(v, age)
    if number == 1:
        return people(profiles.filter(lives & (column("gender") == "FM"[v % 2]) & aged))
    if number == 2:
        return people(profiles.filter((column("churn_score") >= churn) & column("email_opt_in") & column("loyalty_tier").is_in(at(shapes.TIERS))))
    if number == 3:
        letter, days = "SABCDEFGHIJKLMNOPRTUV"[v % 21], 365 + 60 * (v % 9)
        named = column("email").str.ends_with(f"@{at(shapes.MAILS)}") & column("city").str.starts_with(letter)
        return people(profiles.filter(named & (column("created_at") >= ago(days))))
    if number == 4:
        without = "blocked" if v % 3 == 0 else at(shapes.TAGS, 5)
        tags = column("tags").list
        return people(profiles.filter(tags.contains(at(shapes.TAGS)) & ~tags.contains(without)))
    if number == 5:
        country, language, low, worth = shapes.COUNTRIES[(v + 1) % 9][0], shapes.LANGUAGES[v % 7], round(0.3 - 0.01 * (v % 17), 2), 500 + 20 * v
        speaks = (column("country") == country) | (column("language") == language)
        plain = column("loyalty_tier").is_null() | ~column("sms_opt_in")
        return people(profiles.filter(speaks & plain & (column("conversion_score").is_between(low, 0.8) | (column("ltv") > worth))))
    if number == 6:
        return people(events.filter(kind(at(shapes.TYPES)) & since(at(shapes.DAYS, v // 17)))).unique()
    if number == 7:
        return people(profiles.join(events.filter(since(90 + 5 * v)), on="profile_id", how="anti"))
    if number == 8:
        seen, count = ["product_view", "add_to_cart"][v // 2 % 2], 3 - v % 2
        chosen = events.filter(kind(seen) & (column("product_category") == at(shapes.CATEGORIES)) & since(at(shapes.DAYS)))
        return having(chosen, column("count") >= count, count=pl.len())
    if number == 9:
        days, amount = 180 - 7 * (v % 17), 500 - 15 * (v % 17) - v // 17
        return having(events.filter(kind("purchase") & since(days)), column("spent") >= amount, spent=(column("price") * column("quantity")).sum())
    if number == 10:
        seen, days, count = ["product_view", "add_to_cart", "wishlist_add"][v % 3], 60 + 9 * v, 4 - v % 3
        categories = column("product_category").drop_nulls().n_unique()
        return having(events.filter(kind(seen) & since(days)), column("categories") >= count, categories=categories)
    if number == 11:
        return having(events.filter(since(30 + 4 * v)), column("days") >= 5 + v % 4, days=column("ts").dt.date().n_unique())
    if number == 12:
        far, near = 120 + 6 * v, 60 - 2 * (v % 17)
        return having(events.filter(kind(at(shapes.TYPES))), (column("last") >= ago(far)) & (column("last") < ago(near)), last=column("ts").max())
    if number == 13:
        days, count, amount, recent = 365 - 15 * (v % 17) - v // 17, 3 - v % 2, 60 - 2 * (v % 17), 90 + v
        good = (column("count") >= count) & (column("mean") >= amount) & (column("last") >= ago(recent))
        return having(events.filter(kind("purchase") & since(days)), good, count=pl.len(), mean=column("price").mean(), last=column("ts").max())
    if number == 14:
        bought, seen = at(shapes.PAIRS)[1], ["product_view", "page_view"][v % 2]
        bought = "purchase" if bought == seen else bought
        days, percent = 90 + 3 * v, 20 + 2 * v
        both = events.filter(column("event_type").is_in([bought, seen]) & since(days))
        return having(both, (column("seen") >= 5) & (100 * column("bought") >= percent * column("seen")), seen=kind(seen).sum(), bought=kind(bought).sum())
    if number == 15:
        pages = column("page_url").str.contains(at(shapes.PAGES), literal=True)
        return having(events.filter(kind("page_view") & pages & since(14 + 5 * v)), column("count") >= 2, count=pl.len())
    if number == 16:
        clicked, days = ["email_click", "email_open", "sms_click", "push_open"][v % 4], 60 + 5 * v
        click = kind(clicked) & column("campaign").str.starts_with(at(shapes.CAMPAIGNS))
        last = lambda of: column("ts").filter(kind(of)).max()
        later = column("clicked").is_not_null() & (column("bought").is_null() | (column("clicked") > column("bought")))
        return having(events.filter(since(days) & (kind("purchase") | click)), later, clicked=last(clicked), bought=last("purchase"))
    if number in (17, 18):
        first, then = at(shapes.PAIRS)
        days, most = (90 + 5 * v, 7 - v % 5) if number == 17 else (30 + 5 * v, 3 + v % 5)
        both = events.filter(column("event_type").is_in([first, then]) & since(days)).select("profile_id", "event_type", "ts")
        if number == 17:
            return people(carried(both, "other", first, "ts").filter(kind(then) & within("ts", "other", most))).unique()
        next_one = pl.when(kind(then)).then(column("ts")).backward_fill().over("profile_id")
        alone = column("other").is_null() | ~within("other", "ts", most)
        return people(both.with_columns(other=next_one).filter(kind(first) & (column("ts") < ago(most)) & alone)).unique()
    if number == 19:
        (a, b, c), days, most = at(shapes.TRIPLES), 90 + 5 * v, 1 + v % 7
        three = events.filter(column("event_type").is_in([a, b, c]) & since(days)).select("profile_id", "event_type", "ts")
        led = carried(carried(three, "began", a, "ts"), "start", b, "began")
        return people(led.filter(kind(c) & within("ts", "start", most))).unique()
    if number == 20:
        gender, days, count = "FM"[v // 2 % 2], at(shapes.DAYS, 1) if v else 30, 3 - v % 2
        wanted = people(profiles.filter(lives & (column("gender") == gender) & aged & (column("churn_score") >= churn)))
        recent = events.filter(since(days)).join(wanted, on="profile_id", how="semi")
        views = recent.filter(kind("product_view") & (column("product_category") == at(shapes.CATEGORIES)))
        seen = views.group_by("profile_id").agg(count=pl.len(), seen=column("ts").max()).filter(column("count") >= count)
        bought = recent.filter(kind("purchase")).join(seen, on="profile_id").filter((column("ts") > column("seen")) & within("ts", "seen", 7))
        return people(seen.join(bought, on="profile_id", how="anti"))
    if number == 21:
        first = {"channel": column("channel").drop_nulls().first(), "first": column("ts").min(), "bought": column("ts").filter(kind("purchase")).min()}
        return having(events, (column("channel") == at(shapes.CHANNELS)) & within("bought", "first", 30 + 10 * v), **first)
    if number == 22:
        near, far = 30 + 2 * v, 60 + 4 * v
        rising = (column("near") >= 5) & (column("near") >= 2 * column("before"))
        return having(events.filter(since(far)), rising, near=since(near).sum(), before=(~since(near)).sum())
    if number == 23:
        return other(2).join(other(8), on="profile_id", how="semi").join(other(6), on="profile_id", how="anti")
    found = pl.concat([other(9), other(13)])
    return people(profiles.filter(column("email_opt_in")).join(found, on="profile_id", how="semi"))


def suite(count, folder):
    """Name and lazy frame of so many segments, in the order of `shapes.suite`."""
    profiles, events = (pl.scan_parquet(f"{folder}/{table}.parquet") for table in ("profiles", "events"))
    names = [name for name, _, _ in shapes.suite(count)]
    return [(name, shape(i % 24 + 1, i // 24, profiles, events)) for i, name in enumerate(names)]
