"""A dialogue in lines with a program on a pseudo-terminal: each line is sent, comes back, and is held to a pattern."""
from statistics import median

from .measuring import Failed, Table, run
from .peers import PYTHON

# More lines than a start takes time for; few for pexpect as it is, which waits for 50 ms before it sends.
LINES, LINES_WITH_PAUSE = 5000, 40


def measure(settings, packages):
    """The table, and by program the exchanges in a second."""
    rounds = 3 if settings.quick else 7
    script = lambda name: settings.path("terminals", name)  # noqa: E731
    programs = {"sock": ([settings.sock, script("dialogue.sock")], [], LINES)}
    if packages.has("expect", "expect"):
        programs["expect"] = (["expect", script("dialogue.exp")], [], LINES)
    if packages.has("pexpect", "python3-pexpect"):
        programs["pexpect, without its pause"] = ([PYTHON, script("dialogue.py")], ["0"], LINES)
        programs["pexpect, as it is"] = ([PYTHON, script("dialogue.py")], [], LINES_WITH_PAUSE)

    times, failures = {name: [] for name in programs}, {}
    for _ in range(rounds):
        for name, (command, options, lines) in programs.items():
            try:
                # What the start takes is not the dialogue's.
                whole, start = run([*command, str(lines), *options]), run([*command, "1", *options])
                times[name].append(((whole[0] - start[0]) / (lines - 1), (whole[1] - start[1]) / (lines - 1)))
            except Failed as failure:
                failures[name] = str(failure)
    results = {}
    table = Table(
        "A dialogue with a program on a terminal", ["program", "exchanges/s", "time of sock's", "CPU µs an exchange"],
        notes=["The program is `cat`; the CPU time is that of both. sock must be 5 times as fast as the others."])
    for name in programs:
        if name in failures:
            table.rows.append([name, f"fails: {failures[name]}", "", ""])
            continue
        wall, cpu = (median(one[index] for one in times[name]) for index in (0, 1))
        results[name] = 1 / wall
        table.rows.append([name, f"{1 / wall:,.0f}", f"{results.get('sock', 0) * wall:.1f}", f"{1e6 * cpu:.0f}"])
    return [table], results
