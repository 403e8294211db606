"""PostgreSQL, a server of its own in a temporary folder, listening on a socket there only; see runner.py.

The database's collation is ICU's for English, which orders texts other than by code points, and folds case by the full
mappings: queries that lean on either are found out.
"""

import ctypes
import glob
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg

import runner
from exact import Number, dumps

# Asks the kernel to stop the server should this process be killed.
PR_SET_PDEATHSIG = 1


def programs():
    """The folder of the server's programs, of the newest version that is installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
    if found:
        return found[-1]
    program = shutil.which("initdb")
    if program is None:
        raise RuntimeError("the PostgreSQL server is not installed")
    return os.path.dirname(os.path.realpath(program))


def as_server_user():
    """Before the server's programs run: they refuse to run as root."""
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def quote(name):
    return '"' + name.replace('"', '""') + '"'


class Postgres:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="segc-postgres-")
        data = os.path.join(self.folder, "data")
        if os.getuid() == 0:
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
        binaries = programs()
        initialise = [f"{binaries}/initdb", "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync"]
        initialise += ["--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]
        done = subprocess.run(
            initialise, preexec_fn=as_server_user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"initdb: {done.stderr.decode(errors='replace')}")
        options = {"listen_addresses": "", "unix_socket_directories": self.folder, "fsync": "off", "jit": "off"}
        options |= {"synchronous_commit": "off", "full_page_writes": "off", "max_connections": "10"}
        # Not the server's own: the prelude and the literals have to bring what they need.
        options |= {"timezone": "America/New_York"}
        command = [f"{binaries}/postgres", "-D", data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        log = open(os.path.join(self.folder, "log"), "wb")
        self.server = subprocess.Popen(command, preexec_fn=as_server_user, cwd="/", stdout=log, stderr=log)
        self.connection = self.connect()
        self.reset()

    def connect(self):
        last = None
        for _ in range(300):
            try:
                return psycopg.connect(host=self.folder, user="test", dbname="postgres", autocommit=True)
            except psycopg.OperationalError as error:
                last = error
                if self.server.poll() is not None:
                    break
                time.sleep(0.1)
        log = pathlib.Path(self.folder, "log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"the server does not answer: {last}\n{log}")

    def version(self):
        return self.connection.execute("SHOW server_version").fetchone()[0].split()[0]

    def url(self):
        return f"postgresql://test@/postgres?host={self.folder}"

    def reset(self):
        self.connection.execute("DROP SCHEMA public CASCADE")
        self.connection.execute("CREATE SCHEMA public")
        self.connection.execute("SET TimeZone = 'UTC'")

    def execute(self, sql):
        self.connection.execute(sql)

    def load(self, table, columns, path):
        definitions = ", ".join(f"{quote(column['name'])} {column['sql']}" for column in columns)
        self.connection.execute(f"DROP TABLE IF EXISTS {quote(table)}")
        self.connection.execute(f"CREATE TABLE {quote(table)} ({definitions})")
        self.connection.execute("CREATE TEMPORARY TABLE IF NOT EXISTS incoming (record jsonb)")
        self.connection.execute("TRUNCATE incoming")
        count = 0
        with self.connection.cursor().copy("COPY incoming FROM STDIN") as copy:
            with open(path, encoding="utf-8") as file:
                for line in file:
                    record = {name: value for name, value in json.loads(line, parse_float=Number).items() if value is not None}
                    copy.write_row([dumps(record)])
                    count += 1
        self.connection.execute(
            f"INSERT INTO {quote(table)} SELECT filled.* FROM incoming, "
            f"jsonb_populate_record(CAST(NULL AS {quote(table)}), record) AS filled"
        )
        return count

    def query(self, sql):
        return self.connection.execute(sql).fetchall()

    def close(self):
        self.connection.close()
        self.server.send_signal(signal.SIGINT)
        try:
            self.server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    runner.serve(Postgres)
