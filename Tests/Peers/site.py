#!/usr/bin/env python3
"""Reads a site as a browser does, and says what is wrong with it: site.py FOLDER TOP. Each link leads to a page and an
anchor that are there, each page can be reached from the first one, an anchor is there once, nothing is taken from
elsewhere, no script but the site's own runs, and each script of the documents stands on its page as it is written."""
import json
import os
import re
import sys
from html.parser import HTMLParser
from urllib.parse import unquote

VOID = {"meta", "link", "img", "input", "br", "hr", "source", "col", "wbr"}
SCRIPTS = {"page.js"}
# A page of another maker, which is read for its being there only.
FOREIGN = {"report.html"}
PAGES = {
    "README.md": "index.html", "CHANGELOG.md": "changes.html",
    **{f"grammar/{name}.md": f"{name}.html" for name in (
        "reference", "reference-guides", "reference-verbs", "reference-functions", "reference-errors",
        "reference-recipes", "editors", "report-json", "io-socket", "socat")},
}


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.ids, self.links, self.sources, self.codes, self.faults = [], [], [], [], []
        self.open, self.code, self.title, self.main = [], None, "", ""
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"not closed: {self.open}")

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if "id" in named:
            self.ids.append(named["id"])
        for name in named:
            if name.startswith("on") or name == "style":
                self.faults.append(f"<{tag}> has {name}")
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        self.sources += [named[name] for name in ("src", "srcset") if name in named]
        if tag == "link":
            self.sources.append(named["href"])
        if tag == "script" and os.path.basename(named.get("src", "")) not in SCRIPTS:
            self.faults.append(f"a script: {named}")
        if tag in ("iframe", "object", "embed", "style", "base"):
            self.faults.append(f"<{tag}>")
        if tag == "code" and self.open[-1:] == ["pre"]:
            self.code = [named.get("class", ""), ""]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        # HTML lets these be closed by what follows.
        while self.open and self.open[-1] != tag and self.open[-1] in ("p", "li", "dt", "dd", "td", "tr"):
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at line {self.getpos()[0]}")
        if tag == "code" and self.code:
            self.codes.append(tuple(self.code))
            self.code = None

    def handle_data(self, text):
        if self.code:
            self.code[1] += text
        if self.open[-1:] == ["title"]:
            self.title += text
        if "main" in self.open:
            self.main += text


def scripts(path):
    """The fenced scripts of a document."""
    with open(path, encoding="utf-8") as file:
        return re.findall(r"^```sock\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)


def main():
    folder, top = sys.argv[1:]
    faults, pages, files = [], {}, set()
    for below, _, names in os.walk(folder):
        for name in names:
            path = os.path.relpath(os.path.join(below, name), folder)
            files.add(path)
            if path.endswith(".html") and path not in FOREIGN:
                with open(os.path.join(folder, path), encoding="utf-8") as file:
                    pages[path] = Page(file.read())

    reached, next_ones, count = set(), ["index.html"], 0
    for path, page in pages.items():
        faults += [f"{path}: {fault}" for fault in page.faults]
        twice = {name for name in page.ids if page.ids.count(name) > 1}
        faults += [f"{path}: #{name} is there twice" for name in twice]
        if not page.title.strip() or not page.main.strip():
            faults.append(f"{path}: has no title, or no text")
        for source in page.sources:
            if os.path.normpath(os.path.join(os.path.dirname(path), source)) not in files:
                faults.append(f"{path}: takes {source}, which is not there")
    while next_ones:
        path = next_ones.pop()
        if path in reached or path not in pages:
            continue
        reached.add(path)
        for link in pages[path].links:
            count += 1
            if re.match(r"https?://|mailto:", link):
                continue
            name, _, fragment = link.partition("#")
            target = os.path.normpath(os.path.join(os.path.dirname(path), unquote(name))) if name else path
            if ":" in name or target not in files:
                faults.append(f"{path}: leads to {link}, which is not there")
            elif fragment and (target not in pages or unquote(fragment) not in pages[target].ids):
                faults.append(f"{path}: leads to {link}, and there is no such anchor")
            next_ones.append(target)
    faults += [f"{path}: nothing leads there" for path in sorted(set(pages) - reached)]

    for document, path in PAGES.items():
        shown = [text for language, text in pages[path].codes if language == "sock"] if path in pages else []
        if shown != scripts(os.path.join(top, document)):
            faults.append(f"{path}: its scripts are not those of {document}")
    examples = {text for _, text in pages["examples.html"].codes}
    for name in os.listdir(os.path.join(top, "scripts/examples")):
        with open(os.path.join(top, "scripts/examples", name), encoding="utf-8") as file:
            if file.read() not in examples:
                faults.append(f"examples.html: has no {name}")

    with open(os.path.join(folder, "search.js"), encoding="ascii") as file:
        parts = json.loads(re.fullmatch(r"const sockPages = (.*);\n", file.read())[1])
    for part in parts:
        name, _, fragment = part["url"].partition("#")
        if name not in pages or (fragment and fragment not in pages[name].ids):
            faults.append(f"search.js: leads to {part['url']}, which is not there")
    if not any(part["title"] == "recv" for part in parts):
        faults.append("search.js: does not know recv")

    for fault in faults:
        print(fault)
    print(f"{len(pages)} pages, {count} links, {len(parts)} parts to search, {len(faults)} faults")
    raise SystemExit(1 if faults else 0)


main()
