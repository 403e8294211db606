# Any database with an ADBC driver, which the driver manager finds and loads. `place` is what it takes, a URI or the name of
# a driver, and behind a `?` options of the driver; the drivers that are Python packages are found, too.
import importlib
import re
import urllib.parse


def arguments(place, writes):
    """The driver and the options of a place."""
    options = driver_and_options(place)
    if options.get("uri") and options.get("driver") in ("sqlite", library("sqlite") or "sqlite"):
        options["uri"] = existing(options["uri"], writes)
    return options


def existing(uri, writes):
    """The URI of a file of SQLite that is not made if it is not there."""
    if uri == ":memory:":
        return uri
    if not uri.startswith("file:"):
        uri = "file:" + urllib.parse.quote(uri)
    if "mode=" in uri.partition("?")[2]:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}mode={'rw' if writes else 'ro'}"


def driver_and_options(place):
    scheme = re.match(r"[A-Za-z][\w.+-]*(?=:)", place)
    if scheme and not place.startswith("profile:"):
        # A URI: its parameters are the driver's to read.
        packaged = library(scheme.group(0))
        rest = place if place[scheme.end():].startswith("://") else place[scheme.end() + 1:]
        return {"driver": packaged, "uri": rest} if packaged else {"uri": place}
    name, _, query = place.partition("?")
    options = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    if name.startswith("profile:"):
        return {"uri": name, **options}
    return {"driver": library(name) or name, **options}


def library(name):
    """The driver that a Python package of its name carries."""
    if not re.fullmatch(r"\w+", name):
        return None
    try:
        package = importlib.import_module("adbc_driver_" + {"postgres": "postgresql"}.get(name, name))
    except ImportError:
        return None
    return package._driver_path()


def connect(place, writes):
    from adbc_driver_manager import dbapi

    options = arguments(place, writes)
    connection = dbapi.connect(options.pop("driver", None), options.pop("uri", None), db_kwargs=options, autocommit=True)
    about = connection.adbc_get_info()

    def run(sql, rows):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            if rows:
                for batch in cursor.fetch_record_batch():
                    yield from zip(*(column.to_pylist() for column in batch.columns))

    dialect = about.get("vendor_name", "").lower()
    if dialect == "postgresql" and not writes:
        list(run("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", False))
    return "driver", f"{about.get('driver_name')} {about.get('driver_version')}", dialect, run


