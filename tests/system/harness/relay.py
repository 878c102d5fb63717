# SPDX-License-Identifier: MIT
"""A way to the real exchange that can be broken.

    relay = Relay(exchange)             has base_url, as the exchange has
    relay.answers["/o/token/"] = cut    see fake_exchange.py
    relay.mend()
    relay.go() and relay.come_back()    nobody listens; somebody does again
    relay.close()
"""

import socket
import threading
import time
import urllib.parse

from .fake_exchange import FakeExchange, reply


class Relay(FakeExchange):
    def __init__(self, exchange):
        self.exchange = exchange
        self.pg = exchange.pg
        self.target = urllib.parse.urlsplit(exchange.base_url).port
        super().__init__()
        self.otherwise = self.through
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.browser_environment = exchange.browser_environment
        self.allow_port = exchange.allow_port

    def fetch(self, lines, body):
        """The exchange's whole answer, as bytes."""
        head = [lines[0].replace("HTTP/1.1", "HTTP/1.0")] + [
            line for line in lines[1:]
            if not line.lower().startswith("connection:")]
        data = b""
        with socket.create_connection(("127.0.0.1", self.target), 30) as one:
            one.sendall("\r\n".join(head).encode("latin-1") + b"\r\n\r\n"
                        + body.encode())
            while more := one.recv(65536):
                data += more
        return data

    def through(self, connection, lines, body):
        connection.sendall(self.fetch(lines, body))

    def half(self, connection, lines, body):
        """The exchange did what it was asked for; half of it is heard."""
        data = self.fetch(lines, body)
        start = data.index(b"\r\n\r\n") + 4
        connection.sendall(data[:start + (len(data) - start) // 2])

    @staticmethod
    def silence(connection, *_):
        """Until the other end gives up."""
        connection.settimeout(60)
        connection.recv(1)

    @staticmethod
    def html(connection, *_):
        connection.sendall(reply(
            200, "<h1>Under maintenance</h1>", "text/html"))

    @staticmethod
    def error(connection, *_):
        connection.sendall(reply(500, "<h1>Error</h1>", "text/html"))

    def mend(self):
        self.answers.clear()

    def go(self):
        self.running = False
        # Whoever waits in accept() has to see it.
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            pass
        self.listener.close()
        time.sleep(0.05)

    def come_back(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.running = True
        threading.Thread(target=self._accept, daemon=True).start()
