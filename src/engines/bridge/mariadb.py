# MariaDB through PyMySQL, also where the URL says `mysql://`.
import configparser
import os
import socket
import urllib.parse

OPTION_FILE = os.path.expanduser("~/.my.cnf")

# Settings of a server or an account under which a query would silently give other rows, and a table keep other texts.
WHOLE = "SET SESSION sql_select_limit = 18446744073709551615"
STRICT = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"


class Fault(Exception):
    pass


def yes(name, value):
    """Whether a parameter asks for something. What is neither yes nor no must not be taken for no."""
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.lower() not in known:
        raise Fault(f"`{name}` is `true` or `false`")
    return known[value.lower()]


def server(place):
    """The client's options, and how long to wait for a server."""
    url = urllib.parse.urlsplit(place)
    said = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
    timeout = float(said.pop("connect_timeout", 30))
    options = {
        "host": url.hostname,
        "port": url.port or 0,
        "user": said.pop("user", None) or urllib.parse.unquote(url.username or "") or None,
        # As bytes, since the driver takes texts to be of Latin letters.
        "password": os.fsencode(os.environ.get("MYSQL_PWD", "")),
        "database": urllib.parse.unquote(url.path.lstrip("/")) or None,
        "unix_socket": said.pop("unix_socket", None),
        "charset": "utf8mb4",
        "autocommit": True,
        "connect_timeout": timeout,
        "defer_connect": True,
    }
    certificates = {name: said.pop(name) for name in ("ssl_ca", "ssl_cert", "ssl_key") if name in said}
    if yes("ssl", said.pop("ssl", "false")) or certificates:
        options.update(certificates, ssl_verify_cert=True, ssl_verify_identity=True)
    if said:
        known = "connect_timeout, user, unix_socket, ssl, ssl_ca, ssl_cert, ssl_key"
        raise Fault(f"`{sorted(said)[0]}` is no parameter of the URL; there are {known}")
    if os.path.exists(OPTION_FILE):
        options["read_default_file"] = OPTION_FILE
    return options, timeout


def opened(driver, options, timeout):
    try:
        connection = driver.connect(**options)
    except configparser.Error as error:
        # Its text may show a password.
        raise Fault(f"{OPTION_FILE} cannot be read: {type(error).__name__}") from None
    if connection.unix_socket:
        connection.connect()
        return connection
    where = f"{connection.host}:{connection.port}"
    try:
        peer = socket.create_connection((connection.host, connection.port), timeout)
        # It speaks first; the driver would wait for that without end.
        peer.recv(1, socket.MSG_PEEK)
    except (socket.timeout, TimeoutError):
        raise Fault(f"{where} does not answer within {timeout:g} s (connect_timeout)") from None
    except OSError as error:
        raise Fault(f"{where}: {error}") from None
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.connect(peer)
    return connection


def connect(place, writes):
    import pymysql
    from pymysql.cursors import SSCursor

    connection = opened(pymysql, *server(place))

    def run(sql, rows):
        with connection.cursor(SSCursor) as cursor:
            cursor.execute(sql)
            while rows and (batch := cursor.fetchmany(10000)):
                yield from batch

    [[version]] = run("SELECT VERSION()", True)
    for statement in [WHOLE, STRICT if writes else "SET SESSION TRANSACTION READ ONLY"]:
        list(run(statement, False))
    return "server", version, "mariadb" if "mariadb" in version.lower() else "mysql", run


