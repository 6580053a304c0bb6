"""The language: whole programs beside Perl's, start-up, and the checking of a long script."""
import random

from .measuring import Failed, Table, ratios, run
from .peers import LANGUAGES, PYTHON

# title, program, time over Perl's that must be reached
PROGRAMS = [
    ("fib(27)", "fib", 0.25),
    ("integer loop", "loop", 0.25),
    ("string building and splitting", "strings", 0.8),
    ("header lines into a map", "headers", 0.4),
    ("word count", "words", 0.7),
    ("regex over log lines", "logs", 0.5),
]


def write_data(settings):
    """What three of the programs read: the same bytes in each run."""
    chance = random.Random(1)
    size = 4 if settings.quick else 1
    words = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(20000)]
    names = [f"X-{word.title()}-{index}" for index, word in enumerate(words[:5000])]
    headers = (f"{chance.choice(names)}: {chance.choice(words)} {index}\n" for index in range(200000 // size))
    settings.write("headers", "".join(headers))
    # A few words are frequent, most are rare, as in any text.
    picked = [words[min(int(chance.paretovariate(0.6)) - 1, 19999)] for _ in range(500000 // size)]
    settings.write("words", "".join(" ".join(picked[at:at + 12]) + "\n" for at in range(0, len(picked), 12)))
    logs = (
        f'10.0.{index % 250}.7 - - [01/Jan/2026:00:00:{index % 60:02}] "{chance.choice(("GET", "POST"))} '
        f'/{chance.choice(words)}/{chance.choice(words)} HTTP/1.{index % 2}" {chance.choice((200, 200, 404, 500))} '
        f'{index % 9973} "{chance.choice(words)}"\n' for index in range(220000 // size))
    settings.write("logs", "".join(logs))


def programs(settings, packages):
    """The table, and by title the ratios of all."""
    packages.has("perl", "perl")
    write_data(settings)
    languages = {name: row for name, row in LANGUAGES.items() if packages.has(row[0][0], row[1])}
    if settings.quick:
        languages = {name: row for name, row in languages.items() if name in ("Lua", "Python")}
    table = Table(
        "Programs: time of the whole process, over Perl's (less is better)",
        ["program", "sock", "must reach", *languages, "Perl, s"])
    results = {}
    for title, program, goal in PROGRAMS:
        data = [settings.made(program)] if program in ("headers", "words", "logs") else []
        others = {"sock": [settings.sock, settings.path("programs", program + ".sock"), *data]}
        for name, (command, _, script) in languages.items():
            others[name] = [*command, settings.path("programs", script), program, *data]
        reference = ["perl", settings.path("programs", "programs.pl"), program, *data]
        results[title] = got = ratios(reference, others, 1 if settings.quick else 5, 2, answer=True)
        shown = {name: result if isinstance(result, str) else f"{result[0]:.2f}" for name, result in got.items()}
        times = [result[1] / result[0] for result in got.values() if not isinstance(result, str)]
        perl = f"{sorted(times)[len(times) // 2]:.3f}" if times else ""
        table.rows.append([title, shown["sock"], f"{goal:g}", *(shown[name] for name in languages), perl])
    return [table], results


def startup(settings, packages):
    """The table, and by name the ratios to Perl's start."""
    empty = settings.write("empty", "")
    others = {"sock": [settings.sock, empty], "C, which does nothing": [settings.made("limit")]}
    others["sock, a line printed"] = [settings.sock, "-e", 'print "ok"']
    for name, (command, package, _) in LANGUAGES.items():
        if packages.has(command[0], package):
            others[name] = [*command, empty]
    others["Perl with IO::Socket"] = ["perl", "-MIO::Socket", empty]
    others["Python with socket"] = [PYTHON, "-c", "import socket"]
    if packages.has("expect", "expect"):
        others["expect"] = ["expect", empty]
    got = ratios(["perl", empty], others, 5, 5 if settings.quick else 20)
    table = Table(
        "Start-up: a whole process that runs an empty script", ["program", "ms", "over Perl's", "must reach", "± %"],
        notes=["What the programs print goes to a pipe."])
    for name, result in got.items():
        goal = "0.9" if name == "sock" else ""
        if isinstance(result, str):
            table.rows.append([name, f"fails: {result}", "", goal, ""])
        else:
            table.rows.append([name, f"{1000 * result[1]:.2f}", f"{result[0]:.2f}", goal, f"{100 * result[2]:.0f}"])
    return [table], got


BLOCK = """\
# Asks the server for item @N@.
def ask_@N@(name, count)
  let total = 0
  for i in 1..count
    send line "GET ${name} ${i + @N@}"
    recv line within 5s as answer
    total += len(answer) * @N@
  end
  return total
end
"""


def check(settings):
    lines = 100000
    blocks = lines // BLOCK.count("\n")
    path = settings.write("long.sock", "".join(BLOCK.replace("@N@", str(index)) for index in range(blocks)))
    table = Table(f"`sock check` on {lines:,} lines", ["", "measured", "must reach"])
    try:
        runs = [run([settings.sock, "check", path]) for _ in range(3)]
        table.rows.append(["time", f"{min(one[0] for one in runs):.2f} s", "at most 1 s"])
        table.rows.append(["memory", f"{max(one[2] for one in runs) / 1e6:.0f} MB", "at most 200 MB"])
    except Failed as failure:
        table.rows.append(["time", f"fails: {failure}", ""])
    return [table]
