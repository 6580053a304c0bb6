"""Servers of TLS beside one in C on the same library, OpenSSL: tls.c, which is the load as well."""
import subprocess

from .measuring import Failed, Server, Table
from .peers import PYTHON, Peer
from .sockets import Sockets, Work

WORKS = [
    Work("round trips over TLS, 1 connection", "round trips/s", "echo", "rounds", 1, 0.9, 1.15, 3, (50, 550)),
    Work("round trips over TLS, 50 connections", "round trips/s", "echo", "rounds", 50, 0.9, 1.15),
    Work("connect, handshake, send, receive, close", "connections/s", "echo", "connects", 1, 0.95, 1.05, 0, (5, 25)),
    Work("echo of a long stream over TLS", "MiB/s", "echo", "stream", 1, 0.95, 1.05, 0, (8, 40)),
]

# Their arguments are the certificate, its key and the port.
SERVERS = [Peer("Python, asyncio", [PYTHON], "python3", "tls.py", quick=True)]


def make_certificate(settings):
    """Files of an authority, and of a certificate for localhost and its key."""
    authority, certificate = (settings.made(name + ".crt") for name in ("authority", "server"))
    authority_key, key = (settings.made(name + ".key") for name in ("authority", "server"))
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    request = settings.made("request")
    names = settings.write("names", "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
    for command in (
            [*new, "-subj", "/CN=authority", "-keyout", authority_key, "-out", authority],
            [*[word for word in new if word != "-x509"], "-subj", "/CN=localhost", "-keyout", key, "-out", request],
            ["openssl", "x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial",
             "-days", "2", "-extfile", names, "-out", certificate]):
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return authority, certificate, key


class Tls(Sockets):
    works = WORKS
    title = "Servers of TLS beside C"
    note = "The limit is tls.c: one thread, epoll, OpenSSL as lean as it can be. The load verifies; nobody resumes."

    def __init__(self, settings, packages):
        self.settings = settings
        self.authority, *self.files = make_certificate(settings)
        self.limit = {"echo": [settings.made("tls"), "echo", *self.files]}
        self.peers = {"sock": None}
        self.peers |= {peer.name: peer for peer in SERVERS if packages.has(peer.command[0], peer.package)}

    def command(self, name, work):
        peer = self.peers[name]
        program, script = ([self.settings.sock], "tls.sock") if peer is None else (peer.command, peer.script)
        return [*program, self.settings.path("servers", script), *self.files]

    def load_command(self, server, mode, connections, amount):
        return [self.settings.made("tls"), mode, self.authority, str(server.port), str(connections), str(amount)]

    def workers(self):
        return []

    def idle(self):
        table = Table(
            "Idle connections of TLS", ["server", "connections", "bytes each (RSS)", "of C's", "must reach"],
            notes=["Nearly all of it is the library's own."])
        most = 500 if self.settings.quick else 2000
        limit = None
        for name in ("C", *self.peers):
            try:
                with Server(self.limit["echo"] if name == "C" else self.command(name, self.works[0])) as server:
                    each = self.idle_memory(server, most)
                limit = limit or each
                goal = "at most 1.15" if name == "sock" else ""
                table.rows.append([name, f"{most:,}", f"{each:,.0f}", f"{each / limit:.2f}", goal])
            except Failed as failure:
                table.rows.append([name, f"{most:,}", f"fails: {failure}", "", ""])
        return table
