"""Counts what ten tasks of sockets take with SocketCore, swift-nio, IO::Socket and Python's socket, on this machine.

  compare.py                               builds what is to be built, runs and counts all, prints a Markdown table
  compare.py --only socketcore,perl        some libraries only (of socketcore, nio, perl, python)
  compare.py --program socketcore=FILE     a program that is built already
  compare.py --write                       puts the table into SocketCore's documentation
  compare.py --check                       holds that table to the sources, and its calls to what is counted now

Each task runs against a peer that stands here, and has to print what is right. Lines are those of the task's own code,
blank ones and comments aside; calls are system calls (strace -f) of the program and its threads and children, those of
a program that has no task taken off: the median of the runs."""
import argparse
import contextlib
import os
import re
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
DOCUMENT = os.path.join(TOP, "Sources", "SocketCore", "SocketCore.docc", "Compared.md")
PATIENCE = 30  # seconds for anything that is waited for
RUNS = 5
CLIENTS = 20
MESSAGE = b"Subject: a message\r\n\r\n" + b"a line\r\n" * 1000 + b".\r\n"

LIBRARIES = {"socketcore": "SocketCore", "nio": "swift-nio", "perl": "IO::Socket", "python": "Python"}
SOURCES = {"socketcore": "socketcore/main.swift", "nio": "nio/main.swift", "perl": "tasks.pl", "python": "tasks.py"}
TASKS = {
    "line": "connect, send a line, read one",
    "echo": "a server that echoes to one client",
    "many": f"one that echoes to {CLIENTS} at once",
    "silent": "give up connecting after 0.2 s",
    "until": "read up to CRLF.CRLF, 5 s at most",
    "udp": "ask by UDP, wait 5 s at most",
    "unix": "a line over a Unix-domain socket",
    "half": "send, end, read all of the answer",
    "tls": "a line over TLS, verified",
    "child": "a text through `tr`, by pipes",
}


class Failed(Exception):
    """What did not go as it has to."""


# MARK: Lines

def lines(library):
    """How many lines each task has in the library's source."""
    counts, task = {}, None
    comment = "//" if SOURCES[library].endswith(".swift") else "#"
    with open(os.path.join(HERE, SOURCES[library]), encoding="utf-8") as file:
        for line in file:
            text = line.strip()
            if found := re.search(r'"(\w+)".*' + comment + " task$", text):
                task = found[1]
                counts[task] = 0
            elif text == comment + " end":
                task = None
            elif task and text and not text.startswith(comment):
                counts[task] += 1
    return counts


# MARK: Peers

def serve(listener, act, count=1):
    """Accepts so many connections, and does with each what `act` says, all at once."""
    def one(connection):
        with connection:
            act(connection)

    def accept():
        for _ in range(count):
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            connection.settimeout(PATIENCE)
            threading.Thread(target=one, args=[connection], daemon=True).start()

    listener.settimeout(PATIENCE)
    threading.Thread(target=accept, daemon=True).start()


def answer_line(connection):
    line = connection.makefile("rb").readline()
    connection.sendall(line.upper())
    connection.recv(1)


def answer_all(connection):
    while data := connection.recv(65536):
        connection.sendall(data.upper())
    connection.shutdown(socket.SHUT_WR)


def send_message(connection):
    connection.sendall(MESSAGE + b"more")
    with contextlib.suppress(ConnectionError):
        connection.recv(1)


def listener(stack, address=("127.0.0.1", 0), family=socket.AF_INET):
    one = stack.enter_context(socket.socket(family))
    one.bind(address)
    one.listen(128)
    return one


def named(one):
    host, port = one.getsockname()
    return f"{host}:{port}"


def silent(stack):
    """A listener whose queue is full: it answers nobody."""
    one = stack.enter_context(socket.socket())
    one.bind(("127.0.0.1", 0))
    one.listen(0)
    for _ in range(8):
        filler = stack.enter_context(socket.socket())
        filler.settimeout(0.2)
        try:
            filler.connect(one.getsockname())
        except TimeoutError:
            return one
    raise Failed("a listener's queue does not fill")


def certificate(folder):
    """A certificate for tasks.test, which signs itself, and its key."""
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    if not os.path.exists(cert):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
             "-out", cert, "-days", "2", "-subj", "/CN=tasks.test", "-addext", "subjectAltName=DNS:tasks.test"],
            check=True, capture_output=True, timeout=PATIENCE)
    return cert, key


def echoed(port, number):
    """What an echo server gives back to so many clients that are all there at once."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE)) for _ in range(number)]
        for at, client in enumerate(clients):
            client.sendall(b"client %d" % at)
        for at, client in enumerate(clients):
            client.shutdown(socket.SHUT_WR)
            got = client.makefile("rb").read()
            if got != b"client %d" % at:
                raise Failed(f"client {at} got {got!r}")


# MARK: Running

def play(command, task, folder):
    """Runs a task against its peer; raises Failed when it does not do what it has to."""
    with contextlib.ExitStack() as stack:
        more, wanted = [], "HELLO\n"
        if task in ("line", "until", "half"):
            one = listener(stack)
            serve(one, {"line": answer_line, "until": send_message, "half": answer_all}[task])
            argument = named(one)
            wanted = {"line": wanted, "until": f"{len(MESSAGE)}\n", "half": "ALL THAT THERE IS\n"}[task]
        elif task == "unix":
            argument = os.path.join(folder, "socket")
            with contextlib.suppress(FileNotFoundError):
                os.unlink(argument)
            serve(listener(stack, argument, socket.AF_UNIX), answer_line)
        elif task == "tls":
            cert, key = certificate(folder)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert, key)
            one = stack.enter_context(context.wrap_socket(listener(stack), server_side=True))
            serve(one, answer_line)
            argument, more = named(one), [cert]
        elif task == "udp":
            one = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            one.bind(("127.0.0.1", 0))
            one.settimeout(PATIENCE)

            def answer():
                with contextlib.suppress(OSError):
                    data, sender = one.recvfrom(1500)
                    one.sendto(data.upper(), sender)

            threading.Thread(target=answer, daemon=True).start()
            argument, wanted = named(one), "PING\n"
        elif task == "silent":
            argument, wanted = named(silent(stack)), "timed out\n"
        else:
            argument = {"many": str(CLIENTS), "echo": "1", "child": "-", "nothing": "-"}[task]
            wanted = {"child": wanted}.get(task, "")
        process = stack.enter_context(subprocess.Popen(
            [*command, task, argument, *more], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True))
        alarm = threading.Timer(PATIENCE, process.kill)
        alarm.start()
        try:
            if task in ("echo", "many"):
                told = process.stdout.readline()
                if not told.strip().isdigit():
                    raise Failed(f"{task}: no port, but {told!r} {process.stderr.read()}")
                echoed(int(told), CLIENTS if task == "many" else 1)
            output, errors = process.communicate()
        except BaseException:
            process.kill()
            raise
        finally:
            alarm.cancel()
        if process.returncode != 0 or output != wanted:
            raise Failed(f"{task}: status {process.returncode}, {output!r} instead of {wanted!r}\n{errors}")


def calls(command, task, folder, runs):
    """The median of how many system calls a task makes; a child's count up to its execve."""
    log = os.path.join(folder, "strace")
    counts = []
    for _ in range(runs):
        play(["strace", "-f", "-qq", "-e", "signal=none", "-o", log, *command], task, folder)
        count, first, others = 0, None, set()
        with open(log, encoding="utf-8", errors="replace") as file:
            for line in file:
                pid, call = line.split(maxsplit=1)
                first = first or pid
                if "(" in call and " resumed>" not in call and pid not in others:
                    count += 1
                if "execve" in call and call.rstrip().endswith("= 0") and pid != first:
                    others.add(pid)
        counts.append(count)
    return int(statistics.median(counts))


def program(library, folder, given):
    """The command that runs a library's tasks; builds it if that is needed."""
    if library == "perl":
        return ["perl", os.path.join(HERE, "tasks.pl")]
    if library == "python":
        return ["/usr/bin/python3", os.path.join(HERE, "tasks.py")]
    if library not in given:
        print(f"building {library}…", file=sys.stderr)
        scratch = os.path.join(TOP, ".build", "tasks")
        built = subprocess.run(
            ["swift", "build", "--package-path", HERE, "--scratch-path", scratch, "--product", library],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if built.returncode != 0:
            raise Failed(f"{library} cannot be built\n{built.stdout}")
        given[library] = os.path.join(scratch, "debug", library)
    # Beside other programs it may not lie: what it finds on its way would count.
    copy = os.path.join(folder, library)
    shutil.copy(given[library], copy)
    return [copy]


# MARK: The table

def table(counted):
    """Markdown: lines and calls of each task with each library."""
    rows = ["| task | " + " | ".join(LIBRARIES.values()) + " |", "| --- |" + " --- |" * len(LIBRARIES)]
    for task, title in TASKS.items():
        cells = [", ".join(map(str, counted[library][task])) if task in counted[library] else "–" for library in LIBRARIES]
        rows.append("| " + " | ".join([title, *cells]) + " |")
    return "\n".join(rows) + "\n"


def written():
    """What the table in the documentation says: lines and calls, by library and task."""
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    found = re.search(r"^\| task \|.*\n(\|.*\n)+", text, re.MULTILINE)
    if not found:
        raise Failed(f"there is no table in {DOCUMENT}")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[0].splitlines()]
    keys = {title: key for key, title in (LIBRARIES | TASKS).items()}
    told = {keys[name]: {} for name in rows[0][1:]}
    for row in rows[2:]:
        for name, cell in zip(rows[0][1:], row[1:]):
            if cell != "–":
                told[keys[name]][keys[row[0]]] = tuple(map(int, cell.split(", ")))
    return text, found, told


def check(counted):
    """What of the table is not so: other tasks, other lines, or far more calls than it says."""
    _, _, told = written()
    for library in LIBRARIES:
        now = lines(library)
        if now != {task: both[0] for task, both in told[library].items()}:
            yield f"{library}: the lines are {now}, and the table says {told[library]}"
    for library, tasks in counted.items():
        for task, (_, count) in tasks.items():
            # Other versions of libc, Perl and Python make some calls more or fewer.
            limit = told[library].get(task, (0, 0))[1] * 1.25 + 10
            if library == "socketcore" and count > limit:
                yield f"{library}, {task}: {count} calls, and the table says {told[library][task][1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(LIBRARIES), metavar="LIBRARIES")
    parser.add_argument("--program", action="append", default=[], metavar="LIBRARY=FILE")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    only = arguments.only.split(",")
    if unknown := [library for library in only if library not in LIBRARIES]:
        parser.error(f"there is no library {unknown[0]}; there are {', '.join(LIBRARIES)}")
    if arguments.write and set(only) != set(LIBRARIES):
        parser.error("--write needs all of them")
    given = dict(one.split("=", 1) for one in arguments.program)
    counted = {}
    with tempfile.TemporaryDirectory() as folder:
        for library in only:
            command = program(library, folder, given)
            nothing = calls(command, "nothing", folder, arguments.runs)
            counted[library] = {
                task: (count, max(0, calls(command, task, folder, arguments.runs) - nothing))
                for task, count in lines(library).items()}
    if arguments.check:
        faults = list(check(counted))
        print("\n".join(faults) or "the table is right")
        sys.exit(1 if faults else 0)
    print(table(counted | {library: {} for library in LIBRARIES if library not in counted}))
    if arguments.write:
        text, found, _ = written()
        with open(DOCUMENT, "w", encoding="utf-8") as file:
            file.write(text[:found.start()] + table(counted) + text[found.end():])


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"compare: {failure}")
