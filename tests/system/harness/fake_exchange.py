# SPDX-License-Identifier: MIT
"""An exchange that misbehaves on purpose, and ID tokens that are forged.

    fake = FakeExchange()
    fake.answers["/o/token/"] = reply(200, {"error": "no"})
    fake.answers["/o/token/"] = b"HTTP/1.1 200 OK\\r\\n..."   as it stands
    fake.close()

An answer may also be a function of (connection, request head, body).
"""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 404: "Not Found"}


def reply(status, body, content_type="application/json", **headers):
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Other')}",
             f"Content-Type: {content_type}", f"Content-Length: {len(body)}",
             "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """An RSA key that signs as the exchange does."""

    def __init__(self, kid="key-1", bits=2048):
        self.kid = kid
        self.private = rsa.generate_private_key(65537, bits)

    def jwk(self, **more):
        numbers = self.private.public_key().public_numbers()
        size = (numbers.n.bit_length() + 7) // 8
        return dict({"kty": "RSA", "use": "sig", "alg": "RS256",
                     "kid": self.kid, "e": b64(b"\x01\x00\x01"),
                     "n": b64(numbers.n.to_bytes(size, "big"))}, **more)

    def public_pem(self):
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data):
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def token(self, claims, payload=None, **header):
        """A signed token; header=None removes a member, payload replaces
        the claims by bytes."""
        head = {"typ": "JWT", "alg": "RS256", "kid": self.kid}
        head.update(header)
        head = {name: value for name, value in head.items()
                if value is not None}
        signed = b64(json.dumps(head).encode()) + "." + b64(
            json.dumps(claims).encode() if payload is None else payload)
        algorithm = head.get("alg")
        if algorithm == "none":
            signature = b""
        elif algorithm == "HS256":
            signature = hmac.new(self.public_pem(), signed.encode(),
                                 hashlib.sha256).digest()
        else:
            signature = self.sign(signed.encode())
        return signed + "." + b64(signature)


def at_hash(access_token):
    return b64(hashlib.sha256(access_token.encode()).digest()[:16])


class FakeExchange:
    def __init__(self, family=socket.AF_INET, certificate=None):
        self.answers = {}
        self.otherwise = reply(404, "no", "text/html")
        self.requests = []          # (method, path, body)
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)
        host = "127.0.0.1" if family == socket.AF_INET else "::1"
        self.listener = socket.create_server((host, 0), family=family)
        self.port = self.listener.getsockname()[1]
        self.running = True
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.running = False
        self.listener.close()

    def _accept(self):
        while self.running:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection,
                                                  server_side=True)
            with connection:
                self._answer(connection)
        except (OSError, ssl.SSLError):
            connection.close()

    def _answer(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return
            data += more
            if not data[:1].isalpha():
                connection.sendall(reply(400, "no HTTP", "text/plain"))
                return
        head, body = data.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        length = 0
        for line in lines[1:]:
            if line.lower().startswith("content-length:"):
                length = int(line.split(":")[1])
        while len(body) < length:
            body += connection.recv(65536)
        method, path, _ = lines[0].split(" ")
        self.requests.append((method, path, body.decode()))
        answer = self.answers.get(path, self.otherwise)
        if callable(answer):
            answer(connection, lines, body.decode())
        else:
            connection.sendall(answer)


def slowly(answer, seconds):
    """An answer that comes a byte at a time, over so long."""
    def send(connection, *_):
        for byte in answer:
            connection.sendall(bytes([byte]))
            time.sleep(seconds / len(answer))
    return send


def after(answer, seconds):
    def send(connection, *_):
        time.sleep(seconds)
        connection.sendall(answer)
    return send
