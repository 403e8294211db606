"""MariaDB, a server of its own in a temporary folder, listening on a socket there only; see runner.py.

The server's collation ignores case and trailing blanks, and its zone is not UTC: queries that lean on either are found out.
"""

import ctypes
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

import pymysql

import runner
from exact import Number, dumps

# Asks the kernel to stop the server should this process be killed.
PR_SET_PDEATHSIG = 1

PRELUDE = [
    "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin",
    "SET time_zone = '+00:00'",
    "SET group_concat_max_len = 1073741824",
]


def user():
    """Whom the server runs as: it refuses to run as root."""
    return "mysql" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


def as_server_user():
    if os.getuid() == 0:
        entry = pwd.getpwnam("mysql")
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def quote(name):
    return "`" + name.replace("`", "``") + "`"


def stored(value, holds):
    """A value of a row as the server takes it: JSON for what holds others, instants as those of UTC."""
    if value is None:
        return None
    if isinstance(holds, dict) and "decimal" not in holds:
        return dumps(value)
    if holds == "timestamp":
        moment = value.replace("Z", "+00:00")
        return moment_in_utc(moment)
    return str(value) if isinstance(value, Number) else value


def moment_in_utc(text):
    """`2026-01-01 10:00:00.5` of a text with an offset; years beyond what Python has are left as they are."""
    from datetime import datetime, timezone

    moment = datetime.fromisoformat(text).astimezone(timezone.utc)
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02} {moment.time().isoformat()}"


class MariaDb:
    def __init__(self):
        # Every table is a file: in memory, where there is such a folder, they are made in less than half the time.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.mkdtemp(prefix="segc-mariadb-", dir=memory)
        if os.getuid() == 0:
            os.chown(self.folder, pwd.getpwnam("mysql").pw_uid, -1)
        data = os.path.join(self.folder, "data")
        install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"]
        install += ["--auth-root-authentication-method=normal"] + ([f"--user={user()}"] if os.getuid() == 0 else [])
        done = subprocess.run(install, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"mariadb-install-db: {done.stderr.decode(errors='replace')}")
        self.socket = os.path.join(self.folder, "socket")
        options = {"datadir": data, "socket": self.socket, "pid-file": os.path.join(self.folder, "pid")}
        options |= {"character-set-server": "utf8mb4", "collation-server": "utf8mb4_general_ci"}
        options |= {"tmpdir": self.folder}
        options |= {"default-time-zone": "-05:00", "innodb-flush-log-at-trx-commit": "0", "innodb-doublewrite": "0"}
        options |= {"innodb-buffer-pool-size": "64M"}
        program = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
        command = [program, "--no-defaults", "--skip-networking"]
        command += [f"--{name}={value}" for name, value in options.items()]
        log = open(os.path.join(self.folder, "log"), "wb")
        self.server = subprocess.Popen(command, preexec_fn=as_server_user, cwd="/", stdout=log, stderr=log)
        self.connection = self.connect()
        self.reset()

    def connect(self):
        last = None
        for _ in range(300):
            try:
                return pymysql.connect(
                    unix_socket=self.socket, user="root", charset="utf8mb4", autocommit=True, max_allowed_packet=1 << 28
                )
            except pymysql.err.OperationalError as error:
                last = error
                if self.server.poll() is not None:
                    break
                time.sleep(0.1)
        log = pathlib.Path(self.folder, "log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"the server does not answer: {last}\n{log}")

    def version(self):
        return self.query("SELECT version()")[0][0].split("-")[0]

    def url(self):
        self.execute("CREATE USER IF NOT EXISTS anna@localhost IDENTIFIED BY 'p@ss/w%rd:\u00e9 '")
        self.execute("GRANT ALL ON *.* TO anna@localhost")
        return f"mariadb://anna:p%40ss%2Fw%25rd:%C3%A9%20@localhost/segments?unix_socket={self.socket}"

    def reset(self):
        for sql in ["DROP DATABASE IF EXISTS segments", "CREATE DATABASE segments", "USE segments", *PRELUDE]:
            self.execute(sql)

    def execute(self, sql):
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    def load(self, table, columns, path):
        definitions = ", ".join(f"{quote(column['name'])} {column['sql']}" for column in columns)
        self.execute(f"CREATE OR REPLACE TABLE {quote(table)} ({definitions})")
        rows = []
        with open(path, encoding="utf-8") as file:
            for line in file:
                record = json.loads(line, parse_float=Number)
                rows.append([stored(record.get(column["name"]), column["holds"]) for column in columns])
        places = ", ".join(["%s"] * len(columns))
        with self.connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {quote(table).replace('%', '%%')} VALUES ({places})", rows)
        return len(rows)

    def query(self, sql):
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def close(self):
        self.connection.close()
        self.server.send_signal(signal.SIGTERM)
        try:
            self.server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    runner.serve(MariaDb)
