"""Servers: rates and CPU time beside the limit, system calls, instructions, memory of idle connections."""
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from statistics import median

from .measuring import PATIENCE, Failed, Server, Table, memory, cpu_seconds, number, read, spread
from .peers import SERVERS


@dataclass
class Work:
    title: str
    unit: str
    role: str
    mode: str
    """Of load.c."""
    connections: int
    rate_goal: float
    cpu_goal: float
    calls_goal: float = 0
    """System calls for each operation; 0: none is set."""
    counted: tuple = ()
    """Few and many operations, whose difference is counted."""


WORKS = [
    Work("round trips, 1 connection", "round trips/s", "echo", "rounds", 1, 0.95, 1.1, 3, (50, 550)),
    Work("round trips, 50 connections", "round trips/s", "echo", "rounds", 50, 0.95, 1.1),
    Work("datagrams, 1 client", "round trips/s", "datagrams", "datagrams", 1, 0.95, 1.1, 3, (50, 550)),
    Work("datagrams, 50 clients", "round trips/s", "datagrams", "datagrams", 50, 0.95, 1.1),
    Work("connect, send, receive, close", "connections/s", "echo", "connects", 4, 0.95, 1.2, 8, (10, 110)),
    Work("the manual's exchange", "exchanges/s", "exchange", "exchanges", 1, 0.95, 1.2, 7, (10, 110)),
    Work("echo of a long stream", "MiB/s", "echo", "stream", 1, 0.97, 1.05, 0, (8, 40)),
    Work("lines, 64 in flight", "lines/s", "lines", "lines", 1, 0.25, 4, 0.1, (640, 6400)),
]


class Sockets:
    works = WORKS
    title = "Servers beside C"
    note = "The limit is limit.c: one thread, epoll, no call that is not needed. Medians of rounds in turn."

    def __init__(self, settings, packages):
        self.settings = settings
        limit = settings.made("limit")
        self.limit = {role: [limit, role] for role in ("echo", "datagrams", "lines", "exchange")}
        self.peers = {"sock": None}
        for peer in SERVERS:
            if (peer.quick or not settings.quick) and packages.has(peer.command[0], peer.package):
                self.peers[peer.name] = peer

    def command(self, name, work):
        """How to start a server for the work, less the port; None if it cannot do it."""
        peer = self.peers[name]
        if peer is None:
            return [self.settings.sock, self.settings.path("servers", work.role + ".sock")]
        if work.role not in peer.roles or not (peer.many or work.connections == 1 or work.mode in ("connects", "datagrams")):
            return None
        return [*peer.command, self.settings.path("servers", peer.script), work.role]

    def load_command(self, server, mode, connections, amount):
        return [self.settings.made("load"), mode, str(server.port), str(connections), str(amount)]

    def load(self, server, work, amount):
        try:
            done = subprocess.run(
                self.load_command(server, work.mode, work.connections, amount), stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired as late:
            raise Failed("the load did not end") from late
        if done.returncode != 0:
            raise Failed(done.stderr.strip())
        operations, seconds = done.stdout.split()
        return int(operations), float(seconds)

    # Rates

    def rates(self, work):
        """By name: (rate, of the limit's, CPU time over the limit's, spread of that), or what failed."""
        rounds, pairs, slice_seconds = (3, 2, 0.08) if self.settings.quick else (5, 6, 0.12)
        results = {}
        print(f"  {work.title}", file=sys.stderr)
        with Server(self.limit[work.role]) as limit:
            for name in self.peers:
                command = self.command(name, work)
                if not command:
                    continue
                try:
                    with Server(command) as server:
                        self.load(server, work, "0.2s")
                        results[name] = self.compare(server, limit, work, rounds, pairs, slice_seconds)
                except Failed as failure:
                    results[name] = str(failure)
        return results

    def compare(self, server, limit, work, rounds, pairs, slice_seconds):
        of_limit, cpu, rate = [], [], []
        for _ in range(rounds):
            sums = {server: [0, 0.0, 0.0], limit: [0, 0.0, 0.0]}
            for turn in range(pairs):
                for who in (server, limit) if turn % 2 else (limit, server):
                    before = cpu_seconds(who.pid)
                    operations, seconds = self.load(who, work, f"{slice_seconds}s")
                    for index, value in enumerate((operations, seconds, cpu_seconds(who.pid) - before)):
                        sums[who][index] += value
            if min(sums[server][0], sums[limit][0]) == 0:
                raise Failed("no operation within the time")
            rates = {who: values[0] / values[1] for who, values in sums.items()}
            rate.append(rates[server])
            of_limit.append(rates[server] / rates[limit])
            cpu.append((sums[server][2] / sums[server][0]) / (sums[limit][2] / sums[limit][0]))
        return median(rate), median(of_limit), median(cpu), spread(cpu)

    # Counts

    def slope(self, command, work, before, count):
        """What `count` finds in the tracer's account for many operations less that for few, for each operation."""
        found = []
        for operations in work.counted:
            account = self.settings.made("account")
            with Server(command, [word.replace("ACCOUNT", account) for word in before]) as server:
                self.load(server, work, operations)
                server.stop_traced()
            found.append(count(read(account)))
            os.unlink(account)
        few, many = work.counted
        return (found[1] - found[0]) / (many - few)

    def calls(self, command, work):
        def count(text):
            rows = [words for words in map(str.split, text.splitlines()) if len(words) == 2 and words[1].isdigit()]
            return sum(int(words[1]) for words in rows if words[0] != "total")

        return self.slope(command, work, ["strace", "-f", "-c", "-U", "name,calls", "-o", "ACCOUNT"], count)

    def instructions(self, command, work):
        def count(text):
            return int((re.findall(r"Collected : (\d+)", text) or ["0"])[0])

        before = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-file=ACCOUNT"]
        return self.slope(command, work, before, count)

    def counts(self, packages):
        table = Table(
            "What the server does for each operation",
            ["work", "system calls", "must reach", "C", "user instructions", "C"],
            notes=["Differences of two runs, one with few and one with many operations (strace -c, callgrind)."])
        tools = {tool: packages.has(tool, tool) for tool in ("strace", "valgrind")}
        stripped = self.settings.made("sock-stripped")
        if tools["valgrind"]:
            # valgrind gives up on debug information that is newer than it.
            subprocess.run(["strip", "--strip-debug", "-o", stripped, self.settings.sock], check=True)
        for work in self.works:
            if not work.counted:
                continue
            cells = []
            script = self.command("sock", work)[1:]
            ways = (("strace", self.calls, self.settings.sock), ("valgrind", self.instructions, stripped))
            for tool, measure, program in ways:
                for command in ([program, *script], self.limit[work.role]):
                    try:
                        cells.append(number(measure(command, work)) if tools[tool] else "")
                    except (Failed, subprocess.TimeoutExpired) as failure:
                        cells.append(f"fails: {failure}")
            goal = f"at most {work.calls_goal:g}" if work.calls_goal else ""
            table.rows.append([work.title, cells[0], goal, *cells[1:]])
        return table

    # Memory

    def idle(self):
        table = Table(
            "Idle connections, each with a task that waits",
            ["server", "connections", "bytes each (RSS)", "must reach"])
        work = Work("idle", "", "echo", "idle", 1, 0, 0)
        for name, peer in self.peers.items():
            most = (2000 if self.settings.quick else 10000) if peer is None else peer.idle
            if not most or (peer and self.settings.quick):
                continue
            try:
                with Server(self.command(name, work)) as server:
                    each = self.idle_memory(server, most)
                table.rows.append([name, f"{most:,}", f"{each:,.0f}", "at most 1,000" if peer is None else ""])
            except Failed as failure:
                table.rows.append([name, f"{most:,}", f"fails: {failure}", ""])
        try:
            few, many = (self.tasks_memory(count) for count in (1, 100000))
            table.rows.append(["sock, tasks on timers", "100,000", f"{(many - few) / 99999:,.0f}", "at most 1,000"])
        except Failed as failure:
            table.rows.append(["sock, tasks on timers", "100,000", f"fails: {failure}", ""])
        return table

    def tasks_memory(self, count):
        """Bytes that a program occupies while so many of its tasks wait."""
        command = [self.settings.sock, self.settings.path("programs", "tasks.sock"), str(count)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
            waits = program.stdout.readline() == b"waiting\n"
            occupied = memory(program.pid)
            program.communicate(timeout=PATIENCE)
        if not waits:
            raise Failed("the tasks did not start")
        return occupied

    def idle_memory(self, server, most):
        # What the first connection costs is the program's, not the connection's.
        self.load(server, self.works[0], 1)
        before = memory(server.pid)
        pipe = subprocess.PIPE
        command = self.load_command(server, "idle", most, 1)
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as load:
            opened = load.stdout.readline()
            after = memory(server.pid)
            _, errors = load.communicate(timeout=PATIENCE)
        if not opened:
            raise Failed(errors.strip())
        return (after - before) / most

    # Processes

    def workers(self):
        """What a second process adds, with the load on the same CPUs; a list of tables."""
        if len(os.sched_getaffinity(0)) < 2:
            return []
        table = Table(
            "Two processes: `serve workers 2`, 50 connections", ["each answer", "workers 1, per s", "workers 2, per s", "ratio"],
            notes=["Medians of turns; what is missing to 2 is the load's share, which runs on the same CPUs."])
        work = Work("workers", "", "workers", "rounds", 50, 0, 0)
        script = self.settings.path("servers", "workers.sock")
        for depth in (15, 20):
            rates = {1: [], 2: []}
            try:
                with (Server([self.settings.sock, script, str(depth), "1"]) as one,
                      Server([self.settings.sock, script, str(depth), "2"]) as two):
                    for _ in range(2 if self.settings.quick else 4):
                        for count, server in ((1, one), (2, two)):
                            operations, seconds = self.load(server, work, "0.5s")
                            rates[count].append(operations / seconds)
                few, many = median(rates[1]), median(rates[2])
                table.rows.append([f"fib({depth})", number(few), number(many), f"{many / few:.2f}"])
            except Failed as failure:
                table.rows.append([f"fib({depth})", f"fails: {failure}", "", ""])
        return [table]

    # The part

    def measure(self, packages):
        """The tables, and for each kind of work the results of all."""
        # Server and load share one CPU: what is measured is their cost, and not how the scheduler places them.
        cpus = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {max(cpus)})
        try:
            results = {work.title: self.rates(work) for work in self.works}
            idle = self.idle()
        finally:
            os.sched_setaffinity(0, cpus)
        workers = self.workers()
        details = [self.detail(work, results[work.title]) for work in self.works]
        return [self.summary(results), *details, self.counts(packages), idle, *workers], results

    def summary(self, results):
        table = Table(
            self.title,
            ["work", "rate, of C's", "must reach", "CPU time, of C's", "must reach", "best peer, rate", "its CPU time"],
            notes=[self.note])
        for work in self.works:
            ours = results[work.title].get("sock")
            peers = {name: x for name, x in results[work.title].items() if name != "sock" and not isinstance(x, str)}
            best = max(peers, key=lambda name: peers[name][1], default=None)
            cells = ["fails", "", "fails"] if isinstance(ours, str) else [f"{ours[1]:.2f}", "", f"{ours[2]:.2f}"]
            table.rows.append([
                work.title, cells[0], f"{work.rate_goal:g}", cells[2], f"at most {work.cpu_goal:g}",
                f"{best} {peers[best][1]:.2f}" if best else "", f"{peers[best][2]:.2f}" if best else ""])
        return table

    @staticmethod
    def detail(work, results):
        table = Table(f"{work.title}: {work.unit}", ["server", "rate", "of C's", "CPU time, of C's", "± %"])
        for name, result in results.items():
            if isinstance(result, str):
                table.rows.append([name, f"fails: {result}", "", "", ""])
            else:
                rate, of_limit, cpu, noise = result
                table.rows.append([name, number(rate), f"{of_limit:.2f}", f"{cpu:.2f}", f"{100 * noise:.0f}"])
        return table
