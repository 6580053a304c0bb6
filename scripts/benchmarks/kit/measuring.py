"""How things are measured: servers started and ended, CPU time, ratios of two things that take turns, tables."""
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from statistics import median

PATIENCE = 20  # seconds for anything one thing is waited for


class Failed(Exception):
    """What could not be measured, and why."""


@dataclass
class Settings:
    """What holds for a whole run of scripts/bench."""

    sock: str
    """The program under test: a copy in the folder."""
    folder: str
    """A temporary folder: what is compiled and generated."""
    here: str
    """scripts/benchmarks."""
    quick: bool

    def path(self, *names):
        return os.path.join(self.here, *names)

    def made(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.made(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.made(name)


@dataclass
class Table:
    title: str
    columns: list
    rows: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def markdown(self):
        lines = [f"### {self.title}", "", "| " + " | ".join(self.columns) + " |", "|---" * len(self.columns) + "|"]
        lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in self.rows]
        return "\n".join(lines + [""] + [note + "\n" for note in self.notes])


def read(path):
    """A file's text; empty when there is none (any more)."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def descendants(pid):
    """A process and all below it."""
    found = [pid]
    for task in os.listdir(f"/proc/{pid}/task") if os.path.isdir(f"/proc/{pid}/task") else []:
        for child in read(f"/proc/{pid}/task/{task}/children").split():
            found += descendants(int(child))
    return found


def cpu_seconds(pid):
    """CPU time of a process, its threads, its children and those of them that have ended."""
    total = 0.0
    for one in descendants(pid):
        tasks = f"/proc/{one}/task"
        for task in os.listdir(tasks) if os.path.isdir(tasks) else []:
            total += int((read(f"{tasks}/{task}/schedstat").split() or ["0"])[0]) / 1e9
        fields = read(f"/proc/{one}/stat").rpartition(")")[2].split()
        if fields:
            total += (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    return total


def memory(pid, name="Rss"):
    """Bytes that a process and all below it occupy; `Pss` divides what several share."""
    total = 0
    for one in descendants(pid):
        for line in read(f"/proc/{one}/smaps_rollup").splitlines():
            if line.startswith(name + ":"):
                total += int(line.split()[1]) * 1024
    return total


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def listens(port):
    """Looked up, not tried: a server of one client at a time would take the trial for its client."""
    lines = (read("/proc/net/tcp") + read("/proc/net/tcp6")).splitlines()
    if any(f":{port:04X} " in line.split(" 0A ")[0] for line in lines if " 0A " in line):
        return True
    bound = (line.split() for line in (read("/proc/net/udp") + read("/proc/net/udp6")).splitlines())
    return any(words[1].endswith(f":{port:04X}") for words in bound)


class Server:
    """A server in a process group of its own, from when it listens until the `with` ends."""

    def __init__(self, command, before=()):
        self.command, self.before = command, before

    def __enter__(self):
        self.port = free_port()
        self.process = subprocess.Popen(
            [*self.before, *self.command, str(self.port)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        self.pid = self.process.pid
        end = time.monotonic() + PATIENCE
        while not listens(self.port):
            if time.monotonic() > end or self.process.poll() is not None:
                self.__exit__()
                raise Failed(f"does not listen: {' '.join(self.command)}")
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        for one in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.pid, one)
                self.process.wait(5)
                return
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue

    def stop_traced(self):
        """Ends what a tracer runs, so that the tracer writes its account; then waits for the tracer."""
        for one in reversed(descendants(self.pid)[1:] or [self.pid]):
            try:
                os.kill(one, signal.SIGTERM)
            except ProcessLookupError:
                pass
        self.process.wait(PATIENCE)


def run(command):
    """A whole run: seconds, CPU seconds, peak resident bytes, standard output. A failure stops its measuring."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode != 0:
        raise Failed(f"{command[0]}: exit {process.returncode}: {output.decode(errors='replace')[-300:].strip()}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, output


def ratios(reference, others, rounds, repeat, answer=False):
    """For each of the others the median of `rounds` ratios: its best time of `repeat` over the reference's, in turns.

    With `answer`, all must print what the reference prints. Gives name: (ratio, seconds, spread) or a text that says
    what failed; the spread is half of what lies between the worst and the best round, of the median.
    """
    expected = run(reference)[3].split() if answer else None
    results = {}
    for name, command in others.items():
        try:
            if run(command)[3].split() != expected and answer:
                raise Failed("another answer")
            quotients, seconds = [], []
            for index in range(rounds):
                best = {}
                for turn in range(repeat):
                    pair = [("reference", reference), ("other", command)]
                    for key, words in pair if (index + turn) % 2 else reversed(pair):
                        best[key] = min(best.get(key, 1e9), run(words)[0])
                quotients.append(best["other"] / best["reference"])
                seconds.append(best["other"])
            results[name] = (median(quotients), median(seconds), spread(quotients))
        except Failed as failure:
            results[name] = str(failure)
    return results


def spread(values):
    return (max(values) - min(values)) / 2 / median(values)


def number(value):
    """Three digits, or thousands set apart."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
