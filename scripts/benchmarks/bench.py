"""Measures sock beside C and beside what people use today, on this machine, and prints Markdown tables.

What is compared takes turns (A B A B …); shown is the median of the rounds' ratios. The servers and their load run in
a network of their own where that is allowed (as root), so nothing leaves it and every port is free.

  scripts/bench                            all of it: about a quarter of an hour
  scripts/bench --quick                    in two minutes, with fewer peers
  scripts/bench --only sockets,startup     some parts only
  scripts/bench --svg FOLDER               writes results.md and the charts there, too

Peers that are not installed are left out; the last line says what to install."""
import argparse
import datetime
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
from kit import drawing, language, messages, relays, sockets, suites, terminals, tls  # noqa: E402
from kit.measuring import Settings, read  # noqa: E402
from kit.peers import Packages  # noqa: E402

PARTS = ["sockets", "tls", "relays", "startup", "programs", "check", "messages", "suites", "terminals", "transcript"]
LESS = "(less is better; the scale is logarithmic)"


def enter_own_network():
    """Runs this again in a network namespace; returns where that is not allowed."""
    if "SOCK_BENCH_NETWORK" in os.environ or shutil.which("unshare") is None:
        return
    if subprocess.run(["unshare", "--net", "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return
    os.environ["SOCK_BENCH_NETWORK"] = "own"
    command = 'ip link set lo up && exec "$@"'
    os.execvp("unshare", ["unshare", "--net", "sh", "-c", command, "sh", sys.executable, *sys.argv])


def machine():
    """One line about where and when this runs."""
    model = re.search(r"model name\s*: (.*)", read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s*(\d+)", read("/proc/meminfo"))
    return (
        f"{datetime.date.today()}, {os.cpu_count()} × {model[1] if model else platform.machine()}, "
        f"{int(memory[1]) / 1e6 if memory else 0:.0f} GB, Linux {platform.release().split('-')[0]}")


def steal():
    """Jiffies that the host took from this machine, and all."""
    values = [int(word) for word in read("/proc/stat").split("\n")[0].split()[1:9]]
    return values[7], sum(values)


def measured(results, index):
    """What did not fail, of results as the parts give them."""
    return {name: x if index is None else x[index] for name, x in results.items() if not isinstance(x, str)}


def run_part(part, settings, packages):
    """The part's tables, and its charts by name."""
    if part == "sockets":
        tables, results = sockets.Sockets(settings, packages).measure(packages)
        groups = [(title, measured(x, 2)) for title, x in results.items() if measured(x, 2)]
        note = f"CPU time of the server for each operation, over that of a server in C {LESS}"
        return tables, {"sockets": drawing.chart("On the wire", note, groups, mark=1)}
    if part == "tls":
        tables, results = tls.Tls(settings, packages).measure(packages)
        groups = [(title, measured(x, 2)) for title, x in results.items() if measured(x, 2)]
        note = f"CPU time of the server for each operation, over that of a server in C on the same library {LESS}"
        return tables, {"tls": drawing.chart("On the wire, encrypted", note, groups, mark=1)}
    if part == "relays":
        tables, results = relays.Relays(settings, packages).measure(packages)
        groups = [(title, measured(x, 2)) for title, x in results.items() if measured(x, 2)]
        note = f"CPU time of the relay for each operation, over that of one in C {LESS}"
        return tables, {"relays": drawing.chart("In between", note, groups, mark=1)}
    if part == "startup":
        tables, results = language.startup(settings, packages)
        bars = {name: 1000 * seconds for name, seconds in measured(results, 1).items()}
        note = f"Milliseconds of a process that runs an empty script {LESS}"
        return tables, {"startup": drawing.chart("Start-up", note, [("", bars)], unit=" ms")}
    if part == "programs":
        tables, results = language.programs(settings, packages)
        groups = [(title, measured(x, 0)) for title, x in results.items() if measured(x, 0)]
        note = f"Time of the whole process, over Perl's {LESS}"
        return tables, {"programs": drawing.chart("In the head", note, groups, mark=1)}
    if part == "check":
        return language.check(settings), {}
    if part == "messages":
        tables, results = messages.measure(settings)
        note = "Time of construct to decode a message, over that of sock (more is better; the scale is logarithmic)"
        return tables, {"messages": drawing.chart("Messages", note, [("", results)], mark=10)} if results else {}
    if part == "terminals":
        tables, results = terminals.measure(settings, packages)
        note = "Lines in a second (more is better; the scale is logarithmic)"
        return tables, {"terminals": drawing.chart("On a terminal", note, list(results.items()))}
    if part == "transcript":
        return suites.transcript(settings), {}
    tables, results = suites.measure(settings, packages)
    note = "Cases in a second (more is better; the scale is logarithmic)"
    return tables, {"suites": drawing.chart("Conformance suites", note, [("", results)])}


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer peers, rounds and data: under two minutes")
    parser.add_argument("--only", default=",".join(PARTS), metavar="PARTS", help="of %(default)s")
    parser.add_argument("--svg", metavar="FOLDER", help="write results.md and a chart of each part there")
    built = os.path.join(HERE, "..", "..", ".build", "release", "sock")
    parser.add_argument("--sock", metavar="FILE", help="the program (default: SOCK_BINARY, or .build/release/sock)",
                        default=os.environ.get("SOCK_BINARY", built))
    arguments = parser.parse_args()
    parts = arguments.only.split(",")
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"there is no part {unknown[0]}; the parts are {', '.join(PARTS)}")
    if not os.access(arguments.sock, os.X_OK):
        sys.exit("build it first: scripts/sock --version")
    if shutil.which("gcc") is None:
        sys.exit("the limit and the load are C programs: apt-get install gcc libc6-dev libssl-dev")
    enter_own_network()

    lines = []

    def say(text):
        lines.append(text)
        print(text, flush=True)

    # A server that is measured ends with this, whatever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    started, before = time.monotonic(), steal()
    with tempfile.TemporaryDirectory(prefix="sock-bench-") as folder:
        # A copy, as an installed program is one: what the linker has just written lies in memory in single pages.
        program = shutil.copy(arguments.sock, os.path.join(folder, "sock"))
        settings, packages = Settings(program, folder, HERE, arguments.quick), Packages()
        for name, libraries in (("limit", []), ("load", []), ("relay", []), ("tls", ["-lssl", "-lcrypto"])):
            command = ["gcc", "-O2", "-Wall", "-o", settings.made(name), settings.path(name + ".c"), *libraries]
            subprocess.run(command, check=True)
        say(f"Measured with `scripts/bench{' --quick' if arguments.quick else ''}` on {machine()}.\n")
        for part in parts:
            print(f"measuring {part} …", file=sys.stderr)
            tables, charts = run_part(part, settings, packages)
            for table in tables:
                say(table.markdown())
            if arguments.svg:
                os.makedirs(arguments.svg, exist_ok=True)
                for name, text in charts.items():
                    with open(os.path.join(arguments.svg, name + ".svg"), "w", encoding="utf-8") as file:
                        file.write(text)
        taken, all_ = (after - then for after, then in zip(steal(), before))
        say(f"It took {time.monotonic() - started:.0f} s; the host took {100 * taken / max(1, all_):.1f} % of the CPU "
            f"time (steal); the load average was {os.getloadavg()[0]:.1f} at the end.")
        if packages.advice:
            say("\n" + packages.advice)
    if arguments.svg:
        with open(os.path.join(arguments.svg, "results.md"), "w", encoding="utf-8") as file:
            file.write("# What scripts/bench measured\n\n" + "\n".join(lines) + "\n")


main()
