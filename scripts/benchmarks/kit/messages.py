"""Messages of twelve protocols, read and written by a declaration: beside construct, the lines of each and the time."""
import os
from statistics import median

from .measuring import Failed, Table, run

# What it is compared with, of PyPI.
PEER = "construct==2.10.70"


def lines(path):
    """Those of a declaration that say something: no comments, and not what an import takes."""
    with open(path, encoding="utf-8") as file:
        return sum(
            1 for line in file
            if (words := line.split()) and not words[0].startswith(("#", '"""')) and words[0] != "from")


def python(settings):
    """An interpreter that has the peer; None where it has not been installed, which takes a network."""
    found = settings.path("..", "..", ".build", "python", "construct", "bin", "python")
    return found if os.access(found, os.X_OK) else None


def measure(settings):
    """A table with a row for each of the protocols, and the quotients by protocol."""
    peer = python(settings)
    table = Table(
        "Messages by declaration", ["protocol", "lines", "of construct's", "must reach", "µs to decode",
                                    "construct's, of that", "must reach", "µs to encode", "construct's, of that"],
        notes=["A message of each, with what it was checked against: what is written is what was read. Median of rounds "
               "in turn. LDAP and SNMP are elements of BER on both sides."])
    if peer is None:
        table.notes = [f"Left out, because construct is not installed: `scripts/install-python-packages {PEER}`"]
        return [table], {}
    folder = settings.path("messages")
    with open(os.path.join(folder, "measure.sock"), encoding="utf-8") as file:
        text = file.read()
    results = {}
    for name in sorted(file[:-4] for file in os.listdir(folder) if file.endswith(".hex")):
        with open(os.path.join(folder, name + ".hex"), encoding="ascii") as file:
            sample = file.read().strip()
        # `ber-ldap.hex` is a message of ber.sock. An import has its file's name in the text: each protocol has a
        # program of its own.
        declared = name.split("-")[0]
        declaration = os.path.join(folder, declared + ".sock")
        program = settings.write(name + ".sock", text.replace('"dns.sock"', f'"{declaration}"'))
        ours = [settings.sock, program, sample]
        theirs = [peer, os.path.join(folder, "measure.py"), os.path.join(folder, declared + ".py"), sample]
        rounds = {"ours": [], "theirs": []}
        try:
            for _ in range(1 if settings.quick else 5):
                rounds["ours"].append([int(word) for word in run(ours)[3].split()])
                rounds["theirs"].append([int(word) for word in run(theirs)[3].split()])
        except Failed as failure:
            table.rows.append([name, f"fails: {failure}"] + [""] * 7)
            continue
        decoding, encoding = (
            [theirs[index] / ours[index] for ours, theirs in zip(rounds["ours"], rounds["theirs"])] for index in (0, 1))
        microseconds = [median(one[index] for one in rounds["ours"]) / 1000 for index in (0, 1)]
        count, other = (lines(os.path.join(folder, declared + ending)) for ending in (".sock", ".py"))
        results[name] = median(decoding)
        table.rows.append([
            name, f"{count}", f"{count / other:.2f}", "at most 0.67", f"{microseconds[0]:.1f}", f"{median(decoding):.0f}",
            "10", f"{microseconds[1]:.1f}", f"{median(encoding):.0f}"])
    return [table], results
