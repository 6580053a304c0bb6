"""Conformance suites of tiny cases: a server and a client each, a greeting, a command, a pattern and the close."""
import os
import re
from statistics import median

from .measuring import Failed, Table, run
from .peers import PYTHON

# kind: template, name of a case's file
FILES = {
    "sock": ("case.sock", "{}.sock"),
    "varnish": ("case.vtc", "{}.vtc"),
    "perl": ("case.t", "{}.t"),
    "python": ("case.py", "test_{}.py"),
}

# Cases of one script: enough that the start of the process does not show.
IN_ONE = 200


def write_cases(settings, count):
    """By kind the paths of `count` files."""
    files = {}
    for kind, (template, name) in FILES.items():
        os.makedirs(settings.made("cases", kind))
        with open(settings.path("suites", template), encoding="utf-8") as file:
            text = file.read()
        files[kind] = [
            settings.write(os.path.join("cases", kind, name.format(n)), text.replace("@N@", str(n)))
            for n in range(count)]
    return files


def measure(settings, packages):
    """The table, and by runner the cases in a second."""
    cases, rounds = (50, 3) if settings.quick else (200, 7)
    files = write_cases(settings, cases)
    runners = {"sock test -j2": ([settings.sock, "test", "-j2", settings.made("cases", "sock")], "2,500")}
    if packages.has("varnishtest", "varnish"):
        runners["varnishtest -j2"] = (["varnishtest", "-j2", "-q", *files["varnish"]], "")
    if packages.has("prove", "perl"):
        runners["prove -j2"] = (["prove", "-Q", "-j2", *files["perl"]], "")
    if packages.has("pytest", "python3-pytest"):
        pytest = [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", settings.made("cases", "python")]
        runners["pytest"] = (pytest, "")
    runners["sock, one script"] = ([settings.sock, settings.path("suites", "cases.sock"), str(IN_ONE)], "5,000")
    if packages.has("expect", "expect"):
        runners["expect, one script, one process"] = (["expect", settings.path("suites", "cases.exp"), str(IN_ONE)], "")

    table = Table(
        "Conformance suites", ["runner", "cases/s", "must reach", "CPU ms a case"],
        notes=[f"Of {cases} cases, a file each; where it is one script, {IN_ONE} cases in it."])
    times, failures = {name: [] for name in runners}, {}
    for _ in range(rounds + 1):
        for name, (command, _) in runners.items():
            try:
                times[name].append(run(command)[:2])
            except Failed as failure:
                failures[name] = str(failure)
    results = {}
    for name, (_, goal) in runners.items():
        if name in failures:
            table.rows.append([name, f"fails: {failures[name]}", goal, ""])
            continue
        # The first one has warmed up.
        wall, cpu = (median(one[index] for one in times[name][1:]) for index in (0, 1))
        done = IN_ONE if "one script" in name else cases
        results[name] = done / wall
        table.rows.append([name, f"{done / wall:,.0f}", goal, f"{1000 * cpu / done:.2f}"])
    return [table], results


def test_seconds(command):
    """The time of the one test of a suite, as its report says; the report's own making is not in it."""
    shown = re.search(r"  ([\d.]+) (ms|s)$", run(command)[3].decode(), re.MULTILINE)
    if not shown:
        raise Failed("no time is reported")
    return float(shown[1]) / (1000 if shown[2] == "ms" else 1)


def transcript(settings):
    """What it costs a stream to keep all that goes over the wire, beside the excerpts that every run keeps."""
    script = settings.path("suites", "stream.sock")
    plain = [settings.sock, "test", script]
    kept = [settings.sock, "test", "--transcript", settings.made("transcripts"), script]
    table = Table("A stream of 256 MiB in a test", ["", "time of the test, of that without", "must reach"])
    quotients = [test_seconds(kept) / test_seconds(plain) for _ in range(1 if settings.quick else 7)]
    table.rows.append(["with --transcript", f"{median(quotients):.2f}", "at most 1.03"])
    return [table]
