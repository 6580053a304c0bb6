"""Relays of TCP beside one in C that copies nothing: relay.c, with splice(2). What they lead to is limit.c's echo."""
import os

from .measuring import Server
from .peers import Peer
from .sockets import Sockets, Work

WORKS = [
    Work("a long stream through a relay", "MiB/s", "relay", "stream", 1, 0.95, 1.1),
    Work("round trips through a relay, 1 connection", "round trips/s", "relay", "rounds", 1, 0.9, 1.3),
    Work("round trips through a relay, 50 connections", "round trips/s", "relay", "rounds", 50, 0.9, 1.3),
    Work("connections through a relay", "connections/s", "relay", "connects", 4, 0.8, 1.5),
]

# Their arguments are where they lead to, and where they listen: two ports.
SERVERS = [
    Peer("haproxy", ["sh"], "haproxy", "relay-haproxy.sh", roles=("relay",), quick=True),
    Peer("socat", ["sh"], "socat", "relay-socat.sh", roles=("relay",), quick=True),
]


class Relays(Sockets):
    works = WORKS
    title = "Relays beside C"
    note = "The limit is relay.c: one thread, epoll, splice. Behind each stands the echo of limit.c."

    def __init__(self, settings, packages):
        self.settings = settings
        self.upstream = Server([settings.made("limit"), "echo"])
        self.limit = {}
        self.peers = {"sock": None}
        self.peers |= {peer.name: peer for peer in SERVERS if packages.has(peer.package, peer.package)}

    def command(self, name, work):
        peer = self.peers[name]
        program, script = ([self.settings.sock], "relay.sock") if peer is None else (peer.command, peer.script)
        return [*program, self.settings.path("servers", script), str(self.upstream.port)]

    def measure(self, packages):
        cpus = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {max(cpus)})
        try:
            with self.upstream:
                self.limit = {"relay": [self.settings.made("relay"), str(self.upstream.port)]}
                results = {work.title: self.rates(work) for work in self.works}
        finally:
            os.sched_setaffinity(0, cpus)
        return [self.summary(results), *[self.detail(work, results[work.title]) for work in self.works]], results
