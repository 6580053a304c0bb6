"""Programs on pseudo-terminals: a dialogue, where each line is sent and comes back, and lines that a program writes."""
import subprocess
from statistics import median

from .measuring import Failed, Table, run
from .peers import PYTHON

# More lines than a start takes time for; few for pexpect as it is, which waits for 50 ms before it sends.
LINES, LINES_WITH_PAUSE, WRITTEN = 5000, 40, 50_000


def measure(settings, packages):
    """The tables, and for each of them by program the lines in a second."""

    def script(name):
        return settings.path("terminals", name)

    limit = settings.made("dialogue")
    subprocess.run(["gcc", "-O2", "-Wall", "-o", limit, script("dialogue.c"), "-lutil"], check=True)
    dialogue = {"C": ([limit], [], LINES), "sock": ([settings.sock, script("dialogue.sock")], [], LINES)}
    lines = {"sock": ([settings.sock, script("lines.sock")], [], WRITTEN)}
    if packages.has("expect", "expect"):
        dialogue["expect"] = (["expect", script("dialogue.exp")], [], LINES)
        lines["expect"] = (["expect", script("lines.exp")], [], WRITTEN)
    if packages.has("pexpect", "python3-pexpect"):
        dialogue["pexpect, without its pause"] = ([PYTHON, script("dialogue.py")], ["0"], LINES)
        dialogue["pexpect, as it is"] = ([PYTHON, script("dialogue.py")], [], LINES_WITH_PAUSE)
        lines["pexpect"] = ([PYTHON, script("lines.py")], [], WRITTEN)
    note = ("The program on the terminal is `cat`; the CPU time is that of both. C does nothing but write and read: most "
            "of the time is the kernel's, which hands each line over to another process twice.")
    results = {}
    tables = []
    for title, programs, notes in (
        ("A dialogue with a program on a terminal", dialogue, [note]),
        ("Lines that a program writes to its terminal, each held to a pattern", lines, []),
    ):
        table, results[title] = compare(title, programs, notes, 3 if settings.quick else 7)
        tables.append(table)
    return tables, results


def compare(title, programs, notes, rounds):
    """The table, and by program the lines in a second. They take turns; what a start takes is left out."""
    times, failures = {name: [] for name in programs}, {}
    for _ in range(rounds):
        for name, (command, options, lines) in programs.items():
            try:
                whole, start = run([*command, str(lines), *options]), run([*command, "1", *options])
                times[name].append([(whole[index] - start[index]) / (lines - 1) for index in (0, 1)])
            except Failed as failure:
                failures[name] = str(failure)
    table = Table(title, ["program", "lines/s", "time, of sock's", "CPU µs a line"], notes=notes)
    rates = {name: 1 / median(one[0] for one in times[name]) for name in programs if name not in failures}
    for name in programs:
        if name in failures:
            table.rows.append([name, f"fails: {failures[name]}", "", ""])
            continue
        cpu = median(one[1] for one in times[name])
        quotient = f"{rates['sock'] / rates[name]:.2f}" if "sock" in rates else ""
        table.rows.append([name, f"{rates[name]:,.0f}", quotient, f"{1e6 * cpu:.1f}"])
    return table, rates
