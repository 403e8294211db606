"""An HTTP front to ClickHouse in process, as far as clients lean on the documented interface of the server: who asks (Basic
authentication or headers), settings as parameters, `readonly`, `wait_end_of_query`, codes of exceptions in headers, and
exceptions behind rows that were sent already. What stands in queries is ClickHouse's own work; what `readonly` refuses is
decided here, by the first word.

Users other than `anna` meet faults: `late` and `tagged` get rows as they are made, and an exception behind them as older and
newer servers write it; `cut` is left in the middle of the rows; `silent` is never answered.
"""

import base64
import http.server
import re
import threading
import time
import urllib.parse

PASSWORD = "p@ss/w%rd:\u00e9 "
READS = re.compile(r"(?:\s|--[^\n]*\n)*(SELECT|WITH|SHOW|DESCRIBE|EXPLAIN|EXISTS|SET)\b", re.IGNORECASE)
# What the parameters of a request say that is no setting of a query.
OF_REQUESTS = {"database", "query", "readonly", "default_format", "wait_end_of_query"}


class Refused(Exception):
    def __init__(self, status, code, text):
        super().__init__(f"Code: {code}. DB::Exception: {text} (version 26.9.2.1)")
        self.status, self.code = status, code


def who(headers):
    kind, _, words = (headers.get("Authorization") or "").partition(" ")
    if kind == "Basic":
        user, _, password = base64.b64decode(words).decode().partition(":")
        return user, password
    return headers.get("X-ClickHouse-User") or "default", headers.get("X-ClickHouse-Key") or ""


def serve(session, lock):
    """The port of a front that runs until this process ends."""

    class Front(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            parameters = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query, keep_blank_values=True))
            sql = parameters.pop("query", "") + self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.user, password = who(self.headers)
            try:
                if self.user == "silent":
                    time.sleep(20)
                if password != PASSWORD:
                    raise Refused(403, 516, f"{self.user}: Authentication failed: password is incorrect")
                with lock:
                    self.answer(sql, parameters)
            except Refused as refused:
                self.refuse(refused.status, refused.code, str(refused))
            except Exception as error:
                code = re.search(r"Code: (\d+)", str(error))
                self.refuse(500, code.group(1) if code else "1002", str(error))

        def refuse(self, status, code, text):
            body = text.encode() + b"\n"
            self.send_response(status)
            self.send_header("X-ClickHouse-Exception-Code", str(code))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def answer(self, sql, parameters):
            read_only = parameters.get("readonly", "0") != "0"
            if read_only and not READS.match(sql):
                raise Refused(500, 164, "default: Cannot execute query in readonly mode. (READONLY)")
            settings = {name: value for name, value in parameters.items() if name not in OF_REQUESTS}
            session.query(f"USE `{parameters.get('database', 'default')}`")
            try:
                for name, value in settings.items():
                    session.query(f"SET {name} = {text(value)}")
                if parameters.get("wait_end_of_query") == "1" and self.user not in ("late", "tagged", "cut"):
                    self.whole(session.query(sql, parameters.get("default_format", "TabSeparated")))
                else:
                    self.stream(sql, parameters.get("default_format", "TabSeparated"), settings)
            finally:
                for name in settings:
                    session.query(f"SET {name} = DEFAULT")
                session.query("USE segments")

        def whole(self, result):
            body = result.bytes() or b""
            self.begin()
            self.chunk(body)
            self.wfile.write(b"0\r\n\r\n")

        def begin(self, headers=()):
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            for header in headers:
                self.send_header(*header)
            self.end_headers()

        def chunk(self, data):
            if data:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

        def stream(self, sql, form, settings):
            tag = "dmrdfnujjqvszhav"
            self.begin([("X-ClickHouse-Exception-Tag", tag)] if self.user == "tagged" else [])
            # Each part of the stream ends as a whole result does.
            end = settings.get("format_custom_result_after_delimiter", "").encode()
            try:
                for part in session.send_query(sql, form):
                    data = part.bytes()
                    self.chunk(data[: len(data) - len(end)] if end else data)
                    if self.user == "cut" and b"[" in data and b"version" not in sql.encode():
                        self.wfile.flush()
                        self.connection.close()
                        self.close_connection = True
                        return
                self.chunk(end)
            except Exception as error:
                told = str(error).partition("failed: ")[2].encode() or str(error).encode()
                if self.user == "tagged":
                    told = b"\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n" % (
                        tag.encode(), told, len(told), tag.encode())
                self.chunk(told)
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
    server.daemon_threads = True
    # Clients that leave, and a session that ends first, are no faults of the front.
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def text(value):
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
