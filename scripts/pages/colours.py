"""The colours of a script, by the grammar that editors read: grammar/sock.tmLanguage.json.

Of TextMate's grammars this understands what that one uses: `match`, `begin` and `end`, `include`, line by line."""
import html
import json
import re

# The beginning of a scope's name, and the class of its words in a page.
CLASSES = [
    ("comment", "c"), ("string.regexp", "r"), ("string", "s"), ("constant.numeric", "n"), ("constant.character", "e"),
    ("constant", "l"), ("keyword.operator", "o"), ("keyword", "k"), ("support.function.verb", "v"),
    ("support.function", "f"), ("storage", "m"), ("meta.interpolation", "i"),
]


class Rule:
    def __init__(self, row):
        scope = row.get("name", "")
        self.style = next((style for prefix, style in CLASSES if scope.startswith(prefix)), "")
        self.start = expression(row.get("match") or row["begin"])
        self.end = expression(row["end"]) if "end" in row else None
        self.inside = row.get("patterns", [])


def expression(text):
    """Python's form of a regular expression: a lookbehind has one width there."""
    return re.compile(re.sub(r"\(\?<=\^\|(\[(?:\\.|[^\]\\])*\])\)", r"(?:^|(?<=\1))", text))


class Colours:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            grammar = json.load(file)
        self.top = grammar["patterns"]
        self.named = grammar["repository"]
        self.made = {}

    def rules(self, rows):
        for row in rows:
            name = row.get("include")
            if name == "$self":
                yield from self.rules(self.top)
            else:
                found = self.named[name[1:]] if name else row
                if id(found) not in self.made:
                    self.made[id(found)] = Rule(found)
                yield self.made[id(found)]

    def html(self, text):
        """The script, escaped, with a `span` around each word that has a colour; its text is the script's."""
        out, open_rules = [], []
        for line in text.splitlines(keepends=True):
            self.line(line, open_rules, out)
        out.extend("</span>" for rule in open_rules if rule.style)
        return "".join(out)

    def line(self, line, open_rules, out):
        at = 0
        while at < len(line):
            rules = list(self.rules(open_rules[-1].inside if open_rules else self.top))
            best, chosen = None, None
            if open_rules:
                best = open_rules[-1].end.search(line, at)
            for rule in rules:
                found = rule.start.search(line, at)
                if found and found.end() > found.start() and (best is None or found.start() < best.start()):
                    best, chosen = found, rule
            if best is None:
                out.append(html.escape(line[at:]))
                return
            out.append(html.escape(line[at:best.start()]))
            text = html.escape(best.group())
            if chosen is None:
                out.append(text + ("</span>" if open_rules.pop().style else ""))
            elif chosen.end is None:
                out.append(f'<span class="{chosen.style}">{text}</span>' if chosen.style else text)
            else:
                open_rules.append(chosen)
                out.append((f'<span class="{chosen.style}">' if chosen.style else "") + text)
            at = best.end()
