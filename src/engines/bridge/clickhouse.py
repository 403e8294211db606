# ClickHouse over its HTTP interface, with nothing but Python itself. A request stands alone: all that it needs of a session
# are settings, which go with it.
import base64
import codecs
import http.client
import json
import os
import re
import socket
import ssl
import urllib.parse

# What stands behind the last row: a result without it was cut off, whatever the status says.
END = "end of rows"

# How rows are written, and that they are all.
ROWS = {
    "default_format": "CustomSeparated",
    "format_custom_escaping_rule": "JSON",
    "format_custom_field_delimiter": ",",
    "format_custom_row_before_delimiter": "[",
    "format_custom_row_after_delimiter": "]\n",
    "format_custom_row_between_delimiter": "",
    "format_custom_result_before_delimiter": "",
    "output_format_json_quote_decimals": "1",
    "format_custom_result_after_delimiter": END + "\n",
}

# Settings of a user's profile under which a query would silently give other rows.
WHOLE = {
    "limit": "0",
    "offset": "0",
    "skip_unavailable_shards": "0",
    "join_default_strictness": "ALL",
    "empty_result_for_aggregation_by_empty_set": "0",
}
OVERFLOWS = ["read", "group_by", "sort", "result", "timeout", "set", "join", "transfer", "distinct"]
WHOLE.update({f"{what}_overflow_mode": "throw" for what in OVERFLOWS})


class Fault(Exception):
    pass


def yes(name, value):
    """Whether a parameter asks for something. What is neither yes nor no must not be taken for no."""
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.lower() not in known:
        raise Fault(f"`{name}` is `true` or `false`")
    return known[value.lower()]


class Server:
    """Where it is, and who asks."""

    def __init__(self, place):
        url = urllib.parse.urlsplit(place)
        options = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        said = url.scheme.endswith(("clickhouses", "https")) or yes("secure", options.pop("secure", "false"))
        protocol = options.pop("protocol", "http").lower()
        if protocol not in ("http", "https"):
            raise Fault("`protocol` is `http` or `https`")
        said = said or protocol == "https"
        self.secure = said or url.port in (443, 8443)
        self.host = url.hostname or "localhost"
        self.port = url.port or (8443 if self.secure else 8123)
        self.timeout = float(options.pop("connect_timeout", 30))
        self.context = ssl.create_default_context() if self.secure else None
        if not yes("verify", options.pop("verify", "true")) and self.secure:
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE
        user = options.pop("user", None) or urllib.parse.unquote(url.username or "") or os.environ.get("CLICKHOUSE_USER")
        who = f"{user or 'default'}:{os.environ.get('CLICKHOUSE_PASSWORD', '')}"
        # Of the ways to send a password, this one holds every character.
        self.headers = {"Authorization": "Basic " + base64.b64encode(os.fsencode(who)).decode(), "Connection": "close"}
        database = urllib.parse.unquote(url.path.lstrip("/")) or options.pop("database", "")
        self.settings = {**options, **WHOLE, "wait_end_of_query": "1"}
        if database:
            self.settings["database"] = database

    def ask(self, sql, settings, patient):
        """The answer to a statement: one that is patient waits as long as the server works."""
        kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
        secure = {"context": self.context} if self.secure else {}
        connection = kind(self.host, self.port, timeout=self.timeout, **secure)
        try:
            connection.connect()
            if patient:
                connection.sock.settimeout(None)
                connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            target = "/?" + urllib.parse.urlencode({**self.settings, **settings})
            connection.request("POST", target, sql.encode(), self.headers)
            answer = connection.getresponse()
        except (socket.timeout, TimeoutError):
            raise Fault(f"{self.host}:{self.port} does not answer within {self.timeout:g} s (connect_timeout)") from None
        except (OSError, http.client.HTTPException) as error:
            raise Fault(f"{self.host}:{self.port}: {type(error).__name__}: {error}") from None
        if answer.status != 200 or answer.getheader("X-ClickHouse-Exception-Code"):
            raise Fault(self.told(answer.status, answer.read(1 << 20).decode(errors="replace")))
        return answer

    def told(self, status, body):
        text = body.strip() or f"HTTP status {status}"
        if re.match(r"Code: 164\b", text):
            text += " (segc sends settings with each query: the user's profile has to allow that, `readonly` 2 or 0)"
        return text


def lines(answer):
    """The lines of a body. One that ends before its end is a fault."""
    decoder, rest = codecs.getincrementaldecoder("utf-8")(), ""
    while part := answer.read(1 << 16):
        *whole, rest = (rest + decoder.decode(part)).split("\n")
        yield from whole
    yield rest + decoder.decode(b"", True)


def rows_of(answer):
    found = lines(answer)
    for line in found:
        if line == END:
            return
        if not line.startswith("["):
            # What went wrong after the first rows were sent stands behind them.
            rest = "\n".join([line, *found])
            told = re.search(r"Code: \d+.*", rest, re.DOTALL)
            raise Fault(told.group(0).strip() if told else "the result was cut off")
        yield json.loads(line)
    raise Fault("the result was cut off")


def connect(place, writes):
    server = Server(place)
    # 2: settings may be changed, nothing else.
    mode = {} if writes else {"readonly": "2", "cancel_http_readonly_queries_on_client_close": "1"}

    def run(sql, rows, patient=True):
        answer = server.ask(sql, {**mode, **(ROWS if rows else {})}, patient)
        try:
            if rows:
                yield from rows_of(answer)
            else:
                answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Fault(f"the server ended in the middle of its answer: {type(error).__name__}") from None

    [[version]] = run("SELECT version()", True, patient=False)
    return "server", version, "clickhouse", run


