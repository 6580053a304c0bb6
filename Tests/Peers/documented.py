"""What somebody writes who depends on SocketCore, as a package: the fixture's client, the ten tasks that are compared, and
each program that the documentation shows.

    documented.py make CHECKOUT FOLDER     writes the package
    documented.py play CHECKOUT FOLDER     runs the documentation's programs, which are built
    documented.py render CHECKOUT FOLDER   makes pages of the documentation, of which DocC has nothing to complain

A section of a document is one program: its blocks of Swift, one after the other. Where they name a port or a host, here
stands another."""
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading

PATIENCE = 30
PRODUCT = '.product(name: "SocketCore", package: "sock")'


def sections(checkout):
    """The blocks of the catalogue and the README, by the section's name: (language, text)."""
    catalogue = os.path.join(checkout, "Sources", "SocketCore", "SocketCore.docc")
    documents = [os.path.join(catalogue, name) for name in sorted(os.listdir(catalogue)) if name.endswith(".md")]
    found = {}
    for path in [*documents, os.path.join(checkout, "README.md")]:
        document, block, language = os.path.basename(path)[:-3], None, None
        section = document
        with open(path, encoding="utf-8") as file:
            for line in file:
                if block is not None and line == "```\n":
                    found.setdefault(section, []).append((language, "".join(block)))
                    block = None
                elif block is not None:
                    block.append(line)
                elif line.startswith("```"):
                    block, language = [], line[3:].strip()
                elif re.match(r"##+ ", line):
                    section = document + "-" + re.sub(r"\W+", "-", line.lstrip("# ").strip()).lower()
    return {name: blocks for name, blocks in found.items() if any(kind in ("swift", "perl") for kind, _ in blocks)}


def free_port():
    """Below those that the system gives away itself."""
    for port in range(20000 + os.getpid() % 10000, 32768):
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    sys.exit("no port is free")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make(checkout, folder):
    fixture = os.path.join(checkout, "Tests", "Fixtures", "SocketCoreClient")
    shutil.copytree(fixture, folder)
    tasks = os.path.join(checkout, "scripts", "benchmarks", "tasks", "socketcore", "main.swift")
    os.makedirs(os.path.join(folder, "Sources", "tasks"))
    shutil.copy(tasks, os.path.join(folder, "Sources", "tasks", "main.swift"))
    port = free_port()
    targets = [f'.executableTarget(name: "tasks", dependencies: [{PRODUCT}]),']
    dependency = None
    for name, blocks in sections(checkout).items():
        program = ""
        for language, text in blocks:
            if language == "perl":
                write(os.path.join(folder, "perl", name + ".pl"), "use IO::Socket;\nour ($PORT);\n" + text)
            elif language == "swift" and text.startswith(".package("):
                dependency, target = text.splitlines()
                dependency = re.sub(r'url: "[^"]*", from: "[^"]*"', f'name: "sock", path: "{checkout}"', dependency)
                targets.append(target)
                write(os.path.join(folder, "Sources", "Mine", "Mine.swift"), "import SocketCore\n")
            elif language == "swift":
                program += text
        if program:
            for here, there in [("example.org:80", f"127.0.0.1:{port}"), ("9000", str(port))]:
                program = program.replace(here, there)
            if "import SocketCore\n" not in program:
                sys.exit(f"{name} does not begin with an import of SocketCore")
            write(os.path.join(folder, "Sources", name, "main.swift"), program)
            targets.append(f'.executableTarget(name: "{name}", dependencies: [{PRODUCT}]),')
    if dependency is None:
        sys.exit("the catalogue does not say how a package depends on this one")
    with open(os.path.join(fixture, "Package.swift"), encoding="utf-8") as file:
        manifest = file.read()
    for here, there in [('.package(name: "sock", path: "CHECKOUT")', dependency.rstrip(",")),
                        ("targets: [\n", "targets: [\n    " + "\n    ".join(targets) + "\n")]:
        if here not in manifest:
            sys.exit(f"the fixture's Package.swift has no {here!r}")
        manifest = manifest.replace(here, there)
    write(os.path.join(folder, "Package.swift"), manifest)
    write(os.path.join(folder, "port"), str(port))


# MARK: Playing

def connected(port):
    """A connection to a program that has just been started."""
    for _ in range(PATIENCE * 100):
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE)
        except ConnectionRefusedError:
            threading.Event().wait(0.01)
    sys.exit(f"nobody listens on {port}")


@contextlib.contextmanager
def running(folder, name):
    process = subprocess.Popen([os.path.join(folder, ".build", "debug", name)], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    alarm = threading.Timer(PATIENCE, process.kill)
    alarm.start()
    try:
        yield process
    finally:
        alarm.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


def equal(found, wanted):
    if found != wanted:
        sys.exit(f"{found!r} instead of {wanted!r}")


def play_overview(folder, port):
    """A client of HTTP."""
    with socket.create_server(("127.0.0.1", port)) as listener, running(folder, "SocketCore-overview") as program:
        listener.settimeout(PATIENCE)
        with listener.accept()[0] as peer:
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                request += peer.recv(4096)
            peer.sendall(b"HTTP/1.0 200 OK\r\nServer: a test\r\n\r\n")
        equal((program.communicate()[0], program.returncode), ("HTTP/1.0 200 OK\nServer: a test\n\n", 0))


def play_server_and_client(folder, port):
    """The documented client with the documented server, and one of another kind beside it."""
    with running(folder, "ServerAndClient-the-server"):
        with connected(port) as peer, peer.makefile("rw", newline="\n") as lines:
            equal(lines.readline(), "Welcome; type help for command list.\n")
            lines.write("help\n")
            lines.flush()
            equal(lines.readline(), "Commands: quit date who\n")
            with running(folder, "ServerAndClient-the-client") as client:
                told = client.communicate()[0].splitlines()
                equal((told[0], client.returncode), ("Welcome; type help for command list.", 0))
                if not re.match(r"(\[.*\]|127\.0\.0\.1):\d+$", told[1]):
                    sys.exit(f"who: {told}")
            lines.write("quit\n")
            lines.flush()
            equal(lines.readline(), "")
    with running(folder, "ServerAndClient-the-client") as client:
        equal((client.communicate()[0], client.returncode), ("nobody listens there\n", 0))


def play_tasks(folder, port):
    """Ten connections at once, each with a task of its own."""
    with running(folder, "Waiting-a-task-for-each-connection") as program:
        peers = [connected(port) for _ in range(10)]
        for number, peer in reversed(list(enumerate(peers))):
            peer.sendall(b"number %d" % number)
            equal(peer.recv(100), b"number %d" % number)
            peer.close()
        equal((program.communicate()[0], program.returncode), ("", 0))


def play_poller(folder, port):
    """Several at once, which go and come."""
    with running(folder, "Waiting-one-thread-for-all"):
        for _ in range(2):
            peers = [connected(port) for _ in range(5)]
            for number, peer in reversed(list(enumerate(peers))):
                peer.sendall(b"number %d" % number)
                equal(peer.recv(100), b"number %d" % number)
                peer.shutdown(socket.SHUT_WR)
                equal(peer.recv(100), b"")
                peer.close()


PLAYS = {
    ("SocketCore-overview",): play_overview,
    ("ServerAndClient-the-server", "ServerAndClient-the-client"): play_server_and_client,
    ("Waiting-a-task-for-each-connection",): play_tasks,
    ("Waiting-one-thread-for-all",): play_poller,
}


def play(folder):
    with open(os.path.join(folder, "port"), encoding="utf-8") as file:
        port = int(file.read())
    there = {name for name in os.listdir(os.path.join(folder, "Sources")) if "-" in name}
    equal(there, {name for names in PLAYS for name in names})
    for act in PLAYS.values():
        act(folder, port)
    perl = os.path.join(folder, "perl")
    for name in os.listdir(perl):
        checked = subprocess.run(["perl", "-c", os.path.join(perl, name)], capture_output=True, text=True, check=False)
        equal(checked.returncode, 0)


def render(checkout, folder):
    """Names that lead nowhere and parameters that are not told of are DocC's to find."""
    if shutil.which("docc") is None:
        return
    built = os.path.join(folder, ".build", "debug")
    graphs = os.path.join(folder, "graphs")
    os.makedirs(graphs)
    machine = os.uname().machine
    subprocess.run(
        ["swift-symbolgraph-extract", "-module-name", "SocketCore", "-target", f"{machine}-unknown-linux-gnu",
         "-I", os.path.join(built, "Modules"), "-minimum-access-level", "public", "-output-dir", graphs,
         "-Xcc", "-fmodule-map-file=" + os.path.join(built, "CSocketCore.build", "module.modulemap")],
        check=True, timeout=240)
    made = subprocess.run(
        ["docc", "convert", os.path.join(checkout, "Sources", "SocketCore", "SocketCore.docc"), "--fallback-display-name",
         "SocketCore", "--fallback-bundle-identifier", "sock.SocketCore", "--additional-symbol-graph-dir", graphs,
         # Pages are made for nobody here, and the template is not copied where it belongs to another.
         "--no-transform-for-static-hosting", "--output-path", os.path.join(folder, "pages")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=240)
    if made.returncode != 0 or "warning:" in made.stdout or "error:" in made.stdout:
        sys.exit(made.stdout)


{"make": make, "play": lambda _, folder: play(folder), "render": render}[sys.argv[1]](sys.argv[2], sys.argv[3])
