# SPDX-License-Identifier: MIT
"""The throw-away PostgreSQL.

Postgres.start() makes one of its own; Postgres(directory) uses one that
runs, for instance the exchange's.  Connections here are the superuser's.
"""

import json
import os
import subprocess

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
EXCHANGE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "exchange")
PG_START = os.path.join(EXCHANGE, "pg-start.sh")


class Postgres:
    def __init__(self, directory, dbname="exchange", owned=False):
        self.directory = directory
        self.dbname = dbname
        self.owned = owned
        self._connection = None

    @classmethod
    def start(cls):
        """A server of one's own with the empty database `postgres`."""
        done = subprocess.run([PG_START, "start"], check=True, text=True,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE)
        return cls(done.stdout.strip(), "postgres", owned=True)

    def stop(self):
        self.close()
        if self.owned:
            subprocess.run([PG_START, "stop", self.directory], check=True,
                           stdin=subprocess.DEVNULL)

    def close(self):
        if self._connection:
            self._connection.close()
            self._connection = None

    def url(self, user="jhe_mcp_reader", dbname=None):
        """A libpq URL, as JHE_DB_CONN takes it."""
        return (f"postgresql://{user}@/{dbname or self.dbname}"
                f"?host={self.directory}")

    def connect(self, user="postgres", dbname=None):
        connection = psycopg2.connect(
            self.url(user, dbname), options="-c timezone=UTC")
        connection.autocommit = True
        return connection

    @property
    def connection(self):
        if self._connection is None or self._connection.closed:
            self._connection = self.connect()
        return self._connection

    def query(self, sql, *args):
        """Rows as tuples."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, args or None)
            return cursor.fetchall()

    def column(self, sql, *args):
        return [row[0] for row in self.query(sql, *args)]

    def value(self, sql, *args):
        rows = self.query(sql, *args)
        assert len(rows) == 1 and len(rows[0]) == 1, rows
        return rows[0][0]

    def execute(self, sql, *args):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, args or None)
            return cursor.rowcount

    def clone(self, name):
        """A copy of the database under another name, for tests that write.

        Other connections to the original are ended: PostgreSQL copies only a
        database nobody uses.  Do not call it while a server under test runs.
        """
        self.close()
        admin = self.connect(dbname="postgres")
        try:
            with admin.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = %s", [self.dbname])
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}"'
                               " WITH (FORCE)")
                cursor.execute(f'CREATE DATABASE "{name}"'
                               f' TEMPLATE "{self.dbname}"')
        finally:
            admin.close()
        return Postgres(self.directory, name)

    def drop(self):
        """Removes this database (a clone)."""
        self.close()
        admin = self.connect(dbname="postgres")
        try:
            with admin.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{self.dbname}" WITH (FORCE)')
        finally:
            admin.close()

    def psql(self, *files):
        """Runs SQL files that need psql."""
        command = ["psql", "-X", "-q", "-o", os.devnull,
                   "-v", "ON_ERROR_STOP=1", "-d", self.url("postgres")]
        for file in files:
            command += ["-f", file]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)

    def backends(self, user="jhe_mcp_reader"):
        """Pids of the backends a role has open in this database."""
        return self.column("SELECT pid FROM pg_stat_activity WHERE datname ="
                           " %s AND usename = %s", self.dbname, user)


class Own(Postgres):
    """A database with the exchange's data that a test may stop."""

    def __init__(self, directory, process=None):
        super().__init__(directory)
        self.process = process

    @classmethod
    def start_exchange(cls):
        process = subprocess.Popen(
            [os.path.join(EXCHANGE, "up"), "--database-only", "--json",
             "--until-eof"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        facts = json.loads(process.stdout.readline())
        return cls(facts["EXCHANGE_DIR"], process)

    def stop(self):
        self.close()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(20)

    def control(self, *words):
        bindir = subprocess.run([PG_START, "bindir"], check=True, text=True,
                                stdout=subprocess.PIPE).stdout.strip()
        command = [os.path.join(bindir, "pg_ctl"), "-D",
                   os.path.join(self.directory, "data"), "-w", "-s", *words]
        owner = os.stat(os.path.join(self.directory, "data")).st_uid
        if owner != os.geteuid():
            command = ["setpriv", f"--reuid={owner}", "--clear-groups",
                       *command]
        self.close()
        subprocess.run(command, check=True, cwd="/",
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def stop_server(self, mode="fast"):
        self.control("-m", mode, "stop")

    def start_server(self):
        self.control("-l", os.path.join(self.directory, "data",
                                        "server.log"), "start")

    def allow(self, line):
        """A first line of pg_hba.conf."""
        path = os.path.join(self.directory, "data", "pg_hba.conf")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(line + "\n" + text)
        self.control("reload")
