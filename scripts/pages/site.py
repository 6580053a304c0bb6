"""Makes the site: site.py PROGRAM FOLDER. What is read is the project's documents, its examples, and what the program
says of itself by `sock help`; all of it is text that is escaped, HTML in a document too. A link that leads nowhere, or
a page that cannot be made, ends it with status 2 and leaves the folder as it was."""
import html
import json
import os
import re
import shutil
import string
import subprocess
import sys
import tempfile

import markdown

import colours
import pictures

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.join(TOP, "scripts/pages")
EXAMPLES = "scripts/examples"
# What shows that a folder was made by this, and may be made anew.
MARK = ".made-by-scripts-site"

# The documents that have a page of their own: where it is, what it is called, and whether its words are searched; those
# printed from the tables are, as help pages.
DOCUMENTS = {
    "README.md": ("index.html", "Start", True),
    "grammar/reference.md": ("reference.html", "The language", True),
    "grammar/reference-guides.md": ("reference-guides.html", "Guides", False),
    "grammar/reference-verbs.md": ("reference-verbs.html", "Verbs and blocks", False),
    "grammar/reference-functions.md": ("reference-functions.html", "Functions", False),
    "grammar/reference-errors.md": ("reference-errors.html", "Errors", False),
    "grammar/reference-recipes.md": ("reference-recipes.html", "Recipes", False),
    "grammar/editors.md": ("editors.html", "Editors", True),
    "grammar/report-json.md": ("report-json.html", "JSON report", True),
    "grammar/io-socket.md": ("io-socket.html", "IO::Socket", True),
    "grammar/socat.md": ("socat.html", "socat", True),
    "ARCHITECTURE.md": ("architecture.html", "How it is built", True),
    "CONTRIBUTING.md": ("contributing.html", "Contributing", True),
    "SECURITY.md": ("security.html", "Security", True),
    "CHANGELOG.md": ("changes.html", "Changes", True),
}
NAVIGATION = [
    ["index.html", "examples.html", "reference-recipes.html", "pictures.html"],
    ["reference.html", "reference-guides.html", "reference-verbs.html", "reference-functions.html",
     "reference-errors.html"],
    ["help/index.html", "manual.html", "editors.html", "report-json.html", "io-socket.html", "socat.html"],
    ["changes.html", "architecture.html", "contributing.html", "security.html", "a-z.html"],
]
NAMES = {page: name for page, name, _ in DOCUMENTS.values()} | {
    "examples.html": "Examples", "pictures.html": "In pictures", "help/index.html": "Help pages",
    "manual.html": "Manual page", "a-z.html": "Index",
}


class SiteError(Exception):
    """Why there is no site."""


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def plain(markup):
    """The text of markup, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())


def anchor(title, taken):
    """As GitHub names a heading: its words in small letters, and a number behind one that is taken."""
    name = re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
    names = [name] + [f"{name}-{number}" for number in range(1, 1000)]
    found = next(each for each in names if each not in taken)
    taken.add(found)
    return found


class Site:
    def __init__(self, sock, folder):
        self.sock, self.folder = sock, folder
        # The names of the pictures of the report; none where no browser is.
        self.shots = []
        self.colours = colours.Colours(os.path.join(TOP, "grammar/sock.tmLanguage.json"))
        self.template = string.Template(read("scripts/pages/template.html"))
        # What is searched, and what the index lists: a title, the page's name, where it is, and its text.
        self.parts, self.entries = [], []
        # Files that a page has linked to, and which are pages, too: where each is.
        self.files, self.waiting = {}, []
        self.topics = {}

    # MARK: Pages

    def write(self, page, title, body):
        """A page, with the navigation around it."""
        root = "../" * page.count("/")
        rows = []
        for group in NAVIGATION:
            for number, target in enumerate(group):
                current = ' aria-current="page"' if target == page else ""
                apart = ' class="apart"' if number == 0 and group is not NAVIGATION[0] else ""
                rows.append(f'<li{apart}><a href="{root}{target}"{current}>{html.escape(NAMES[target])}</a></li>')
        full = title if title == "sock" else f"{title} - sock"
        text = self.template.substitute(root=root, title=html.escape(full), navigation="\n".join(rows), body=body)
        path = os.path.join(self.folder, page)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def part(self, title, kind, url, text):
        self.parts.append({"title": title, "page": kind, "url": url, "text": " ".join(text.split())})

    def entry(self, title, kind, url):
        self.entries.append((title, kind, url))

    # MARK: Code

    def code(self, language, text, is_form=False):
        """A block of code. A script has its colours, and what can be run a button that copies it; the form of a verb,
        with its options in brackets, cannot."""
        if language == "sock":
            inside = self.colours.html(text)
            if html.unescape(re.sub(r"</?span[^>]*>", "", inside)) != text:
                raise SiteError(f"the colours have changed a script:\n{text}")
            kind = "lines" if is_form else "example"
            return f'<div class="block {kind}"><pre tabindex="0"><code class="sock">{inside}</code></pre></div>'
        if language == "console":
            rows = []
            for line in text.splitlines():
                shown = html.escape(line)
                if line.startswith("$ "):
                    shown = f'<span class="prompt">$ </span><span class="command">{html.escape(line[2:])}</span>'
                rows.append(shown + "\n")
            shown = "".join(rows)
            return f'<div class="block example"><pre tabindex="0"><code class="console">{shown}</code></pre></div>'
        kind = "output" if language in ("", "text") else "example"
        return (f'<div class="block {kind}"><pre tabindex="0"><code class="{html.escape(language or "text")}">'
                f"{html.escape(text)}</code></pre></div>")

    # MARK: Documents

    def converted(self, text, document, page):
        """A document as HTML, and its headings: level, title, anchor."""
        converter = markdown.Markdown(extensions=["tables", "fenced_code", "sane_lists"])
        # HTML in a document is text.
        converter.preprocessors.deregister("html_block")
        converter.inlinePatterns.deregister("html")
        body = converter.convert(text)
        headings, taken = [], set()

        def block(found):
            # Of a verb the first block is its form.
            is_form = document.endswith("-verbs.md") and last_heading == 3
            return self.code(found[1] or "", html.unescape(found[2]), is_form)

        def heading(found):
            level, title = int(found[1]), plain(found[2])
            name = anchor(title, taken)
            headings.append((level, title, name))
            link = f'<a class="anchor" href="#{name}" aria-label="link to this part">#</a>'
            return f'<h{level} id="{name}">{found[2]}{link}</h{level}>'

        def table(found):
            # Behind a backslash a bar is no border of the table, in code, too.
            rows = re.sub(r"<code>.*?</code>", lambda code: code[0].replace("\\|", "|"), found[0])
            columns = rows.split("</tr>", 1)[0].count("<th")
            # A head without words is there because Markdown has no table without one.
            head = re.search(r"<thead>.*?</thead>\n?", rows, re.DOTALL)
            if head and not plain(head[0]):
                rows = rows.replace(head[0], "", 1)
            return f'<div class="table{" wide" if columns > 6 else ""}">{rows}</div>'

        last_heading = 0
        pieces = re.split(r"(<pre>.*?</pre>)", body, flags=re.DOTALL)
        for number, piece in enumerate(pieces):
            if number % 2:
                written = r'<pre><code(?: class="language-([\w-]+)")?>(.*)</code></pre>'
                pieces[number] = re.sub(written, block, piece, flags=re.DOTALL)
                last_heading = 0
                continue
            piece = re.sub(r"<h([1-6])>(.*?)</h\1>", heading, piece, flags=re.DOTALL)
            if "<h" in piece and headings:
                last_heading = headings[-1][0]
            piece = re.sub(r"<table>.*?</table>", table, piece, flags=re.DOTALL)
            piece = re.sub(r'<a href="([^"]*)"', lambda found: self.link(found[1], document, page), piece)
            piece = re.sub(r'<img alt="([^"]*)" src="([^"]*)" />',
                           lambda found: self.image(found, document, page), piece)
            pieces[number] = self.help_links(piece, page)
        return "".join(pieces), headings

    def help_links(self, markup, page):
        """`sock help TOPIC` in a text leads to that topic."""
        def link(found):
            target = self.topics.get(html.unescape(found[2]))
            return f'<a href="{self.relative(target, page)}">{found[0]}</a>' if target else found[0]

        # Not where a link is already.
        pieces = re.split(r"(<a .*?</a>)", markup, flags=re.DOTALL)
        return "".join(
            piece if piece.startswith("<a ") else re.sub(r"<code>(sock help ([\w -]+))</code>", link, piece)
            for piece in pieces)

    @staticmethod
    def relative(target, page):
        return html.escape(os.path.relpath(target, os.path.dirname(page) or "."))

    def target(self, written, document):
        """Where something of the repository is on the site, and what stands behind its `#`."""
        path, _, fragment = html.unescape(written).partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(document), path))
        full = os.path.join(TOP, path)
        if path.startswith("..") or os.path.isabs(path) or not os.path.exists(full):
            raise SiteError(f"{document} links to {written}, which is not there")
        if path in DOCUMENTS:
            return DOCUMENTS[path][0], fragment
        if path == EXAMPLES:
            return "examples.html", fragment
        if os.path.dirname(path) == EXAMPLES:
            return "examples.html", anchor(os.path.basename(path), set())
        return self.file(path), fragment

    def file(self, path):
        """A page, or a picture, made of another file or folder, which is made later."""
        if path not in self.files:
            is_picture = path.endswith((".svg", ".png"))
            self.files[path] = f"files/{path}" + ("" if is_picture else ".html")
            self.waiting.append(path)
        return self.files[path]

    def link(self, written, document, page):
        if re.match(r"(https?|mailto):", written):
            return f'<a rel="external" href="{written}"'
        if written.startswith("#"):
            return f'<a href="{written}"'
        if ":" in written:
            raise SiteError(f"{document} links to {written}")
        target, fragment = self.target(written, document)
        return f'<a href="{self.relative(target, page)}{"#" + html.escape(fragment) if fragment else ""}"'

    def image(self, found, document, page):
        path = os.path.normpath(os.path.join(os.path.dirname(document), html.unescape(found[2])))
        if ":" in found[2] or path.startswith("..") or not os.path.isfile(os.path.join(TOP, path)):
            raise SiteError(f"{document} shows {found[2]}, which is not there")
        return f'<img alt="{found[1]}" src="{self.relative(self.file(path), page)}">'

    @staticmethod
    def contents(headings):
        """What a page has, when it is long enough to be looked for."""
        rows = [(level, title, name) for level, title, name in headings if level in (2, 3)]
        if len(rows) < 4:
            return ""
        items = "\n".join(f'<li{" class=deep" if level == 3 else ""}><a href="#{name}">{html.escape(title)}</a></li>'
                          for level, title, name in rows)
        return (f'<details class="contents"{" open" if len(rows) <= 30 else ""}><summary>On this page</summary>\n'
                f"<ul>\n{items}\n</ul></details>")

    def with_contents(self, body, headings):
        """The contents stand behind the first paragraph of the page, or in front of its first part."""
        first = body.find("<h2")
        return body if first < 0 else body[:first] + self.contents(headings) + body[first:]

    def document(self, path):
        page, name, is_searched = DOCUMENTS[path]
        # What is said to who reads the file in the repository.
        text = read(path).replace("Made from the tables of the code; do not edit it by hand. ", "")
        body, headings = self.converted(text, path, page)
        if path == "README.md":
            body = self.illustrated(body)
        title = headings[0][1] if headings else name
        self.write(page, title, self.with_contents(body, headings))
        sections = re.split(r'<h[1-6] id="([^"]*)">', body)
        for (level, heading, anchor_name), text in zip(headings, sections[2::2]):
            url = page if level == 1 else f"{page}#{anchor_name}"
            if is_searched or level == 1:
                self.part(heading, name, url, plain(text.split("</h", 1)[1]) if is_searched else "")
            if path in ("README.md", "CHANGELOG.md") and level == 1:
                heading = name
            if level < 3 or is_searched and path != "CHANGELOG.md":
                self.entry(heading, name, url)

    # MARK: Help

    def help(self, *topic):
        """What `sock help` says of a topic, at the width of a page."""
        ended = subprocess.run([self.sock, "help", *topic], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                               timeout=60, cwd=TOP, env=dict(os.environ, COLUMNS="80", LC_ALL="C.UTF-8"), check=False)
        if ended.returncode != 0:
            raise SiteError(f"`sock help {' '.join(topic)}` has ended with {ended.returncode}")
        return ended.stdout.decode()

    def find_topics(self):
        """Every topic there is, as the lists tell: its page."""
        overview = self.help()
        words = re.search(r"^  guides(.*?)^  functions", overview, re.MULTILINE | re.DOTALL)
        if words is None:
            raise SiteError("`sock help` does not list its guides, verbs and blocks")
        names = [word for word in words[1].split() if word not in ("verbs", "blocks")]
        # The two words are rows of the table, and lists.
        names += ["verbs", "blocks", "functions", "errors", "recipes"]
        names += re.findall(r"^  (\w+)\(", self.help("functions"), re.MULTILINE)
        for paragraph in self.help("errors").split("\n\n"):
            if re.fullmatch(r"[\w-]+(,\s+[\w-]+)+\s*", paragraph):
                names += [f"errors {code}" for code in re.findall(r"[\w-]+", paragraph)]
        names += [f"recipes {name}" for name in re.findall(r"^ +\d+ ([\w-]+)", self.help("recipes"), re.MULTILINE)]
        for name in names:
            self.topics[name] = f"help/{name.replace(' ', '-')}.html"
        if len(self.topics) < 200:
            raise SiteError(f"`sock help` lists only {len(self.topics)} topics")

    def topic_links(self, text, page, group=""):
        """Words that are topics, with links; the others as they are."""
        def link(found):
            target = self.topics.get(f"{group} {found[0]}".strip())
            return f'<a href="{self.relative(target, page)}">{found[0]}</a>' if target else found[0]

        return re.sub(r"[a-zA-Z][\w-]*", link, html.escape(text, quote=False))

    @staticmethod
    def inline(text):
        """Escaped, and what stands in backquotes as code."""
        return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))

    @staticmethod
    def rows(lines):
        """Lines of a table of words and what they mean as pairs; nil where they are none."""
        first = re.match(r" +\S.*", lines[0])
        starts = [found.end() for found in re.finditer(r"\S {2,}(?=\S)", lines[0])] if first else []
        for column in starts:
            pairs = []
            for line in lines:
                head, tail = line[:column], line[column:]
                if not tail or tail[0] == " " or not head.endswith("  ") or (not head.strip() and not pairs):
                    break
                if head.strip():
                    pairs.append([head.strip(), tail])
                else:
                    pairs[-1][1] += " " + tail
            else:
                return pairs
        return None

    @staticmethod
    def groups(text):
        """The lines of a help text that belong together: the title, and then what is indented apart from what is not,
        also where no blank line is between. In what is indented deeper, an example, blank lines stay."""
        lines = text.rstrip("\n").split("\n")
        groups = [[lines.pop(0)]]
        while lines and lines[0].startswith("  ") and not groups[0][-1].endswith("."):
            groups[0].append(lines.pop(0))
        groups.append([])
        for line in lines:
            group = groups[-1]
            if not line:
                group.append("")
            elif group and group[0].startswith(" ") == line.startswith(" ") and (group[-1] or line.startswith("    ")):
                group.append(line)
            else:
                groups.append([line])
        return [group for group in ("\n".join(group).strip("\n").split("\n") for group in groups) if group != [""]]

    def help_body(self, text, page, topic):
        """What `sock help` prints as HTML: paragraphs, tables of words, and examples."""
        out, kind = [], None
        for number, group in enumerate(self.groups(text)):
            joined = " ".join(line.strip() for line in group if line)
            if number == 0:
                head, _, lead = joined.partition(": ")
                out.append(f"<h1>{html.escape(head)}</h1>")
                if lead:
                    out.append(f'<p class="lead">{self.inline(lead)}</p>')
            elif not group[0].startswith(" "):
                kind = joined if joined in ("example", "prints", "this causes it", "this does not") else None
                if kind:
                    out.append(f'<p class="quiet">{joined}</p>')
                elif joined.startswith("See also: "):
                    out.append(f"<p>{self.topic_links(joined, page)}</p>")
                elif topic == "errors" and "," in joined and re.fullmatch(r"[a-z0-9, -]+", joined):
                    out.append(f"<p>{self.topic_links(joined, page, 'errors')}</p>")
                elif len(joined) < 60 and not re.search(r"[.:`]", joined):
                    out.append(f"<h2>{html.escape(joined)}</h2>")
                else:
                    out.append(f"<p>{self.inline(joined)}</p>")
            elif kind and group[0].startswith("    "):
                text = "".join(line[4:] + "\n" for line in group)
                out.append(self.code("text" if kind == "prints" else "sock", text))
            else:
                rows = self.rows([line for line in group if line])
                if rows:
                    made = "".join(self.row(word, meaning, page, topic) for word, meaning in rows)
                    out.append(f"<dl>{made}</dl>")
                else:
                    shown = "".join(re.sub("^  ", "", line) + "\n" for line in group)
                    out.append(f'<div class="block lines"><pre><code>{html.escape(shown)}</code></pre></div>')
        return self.help_links("\n".join(out), page)

    def row(self, word, meaning, page, topic):
        """A word and what it means; where a list is shown the word leads to its page."""
        shown = f"<code>{html.escape(word, quote=False)}</code>"
        if topic in ("verbs", "blocks", "functions", "recipes"):
            name = re.sub(r"^\d+ |\(.*", "", word)
            target = self.topics.get(f"recipes {name}" if topic == "recipes" else name)
            if target is None:
                raise SiteError(f"`sock help {topic}` lists {word}, which has no page")
            shown = f'<a href="{self.relative(target, page)}">{shown}</a>'
        if topic == "" and word in ("guides", "verbs", "blocks", "functions", "lists"):
            shown = self.inline(meaning) if word == "functions" else self.topic_links(meaning, page)
            return f"<dt>{html.escape(word)}</dt><dd>{shown}</dd>"
        if word == "errors" and re.fullmatch(r"[\w-]+(, [\w-]+)*", meaning):
            return f"<dt>{shown}</dt><dd>{self.topic_links(meaning, page, 'errors')}</dd>"
        return f"<dt>{shown}</dt><dd>{self.inline(meaning)}</dd>"

    def help_pages(self):
        self.write("help/index.html", "Help pages", self.help_body(self.help(), "help/index.html", ""))
        for topic, page in self.topics.items():
            text = self.help(*topic.split())
            body = self.help_body(text, page, topic)
            self.write(page, topic, f'<p class="quiet"><a href="index.html">Help pages</a> / '
                       f"<code>sock help {html.escape(topic)}</code></p>\n{body}")
            self.part(topic, "help", page, text.partition(": ")[2])
            self.entry(topic.split()[-1], f"help: {topic.split()[0]}" if " " in topic else "help", page)

    def manual(self):
        made = subprocess.run(["mandoc", "-T", "html", "-O", "fragment"], input=self.help("--man").encode(), timeout=60,
                              stdout=subprocess.PIPE, check=True).stdout.decode()
        # The lines at its head and foot are for paper.
        body = re.sub(r'<table class="(head|foot)">.*?</table>', "", made, flags=re.DOTALL)
        body = re.sub(r"<(/?)h1", r"<\1h2", body)
        self.write("manual.html", "Manual page", f'<h1>Manual page</h1>\n<div class="manual">{body}</div>')
        for name, text in re.findall(r'<h2 class="Sh" id="([^"]*)">(.*?)(?=<h2|$)', body, re.DOTALL):
            title = f"{name.replace('_', ' ').capitalize()} (manual)"
            self.part(title, "Manual page", f"manual.html#{name}", plain(text.split("</h2>", 1)[1]))
            self.entry(title, "Manual page", f"manual.html#{name}")

    # MARK: Examples and other files

    def examples(self):
        body, headings, taken = [], [(1, "Examples", "examples")], set()
        for name in sorted(os.listdir(os.path.join(TOP, EXAMPLES))):
            text = read(f"{EXAMPLES}/{name}")
            place = anchor(name, taken)
            headings.append((2, name, place))
            language = "sock" if name.endswith(".sock") else "perl"
            link = f'<a class="anchor" href="#{place}" aria-label="link to this part">#</a>'
            body.append(f'<h2 id="{place}">{html.escape(name)}{link}</h2>\n{self.code(language, text)}')
            self.part(name, "Examples", f"examples.html#{place}", text)
            self.entry(name, "Examples", f"examples.html#{place}")
        intro = ("<h1>Examples</h1>\n<p>Short programs to begin from, as they are in <code>scripts/examples</code>. "
                 "<code>sock help FILE</code> tells how each is used, <code>sock FILE</code> runs it; "
                 "<code>failing.sock</code> is a test, for <code>sock test</code>, and needs "
                 "<code>mailserver.pl</code> beside it.</p>\n")
        self.write("examples.html", "Examples", intro + self.contents(headings) + "\n".join(body))

    def other_files(self):
        """What pages have linked to; a file of those is not shown when it is not text."""
        while self.waiting:
            path = self.waiting.pop()
            page, full = self.files[path], os.path.join(TOP, path)
            place = os.path.join(self.folder, page)
            broken = html.escape(path).replace("/", "/<wbr>")
            name = f"<h1>{broken}</h1>\n"
            if os.path.isdir(full):
                rows = []
                for below, folders, names in os.walk(full):
                    folders[:] = sorted(each for each in folders if not each.startswith((".", "__")))
                    for each in sorted(names):
                        inside = os.path.relpath(os.path.join(below, each), TOP)
                        if self.is_text(inside):
                            target = DOCUMENTS[inside][0] if inside in DOCUMENTS else self.file(inside)
                            rows.append(f'<li><a href="{self.relative(target, page)}">'
                                        f"{html.escape(os.path.relpath(inside, path))}</a></li>")
                self.write(page, path, f'{name}<ul class="entries">\n' + "\n".join(rows) + "\n</ul>")
            elif path.endswith((".svg", ".png")):
                os.makedirs(os.path.dirname(place), exist_ok=True)
                shutil.copyfile(full, place)
            elif path.endswith(".md"):
                body, headings = self.converted(read(path), path, page)
                self.write(page, headings[0][1] if headings else path, self.with_contents(body, headings))
                self.part(headings[0][1] if headings else path, path, page, plain(body))
            else:
                text = read(path)
                first = text.split("\n", 1)[0]
                is_script = path.endswith(".sock") or re.search(r"\bsock$", first) and first.startswith("#!")
                language = "sock" if is_script else os.path.splitext(path)[1][1:] or "file"
                self.write(page, path, name + self.code(language, text))
                self.part(path, "file", page, "")

    @staticmethod
    def is_text(path):
        try:
            return path.endswith((".svg", ".png")) or "\0" not in read(path)
        except (UnicodeDecodeError, OSError):
            return False

    # MARK: Pictures, index, search

    def take_pictures(self):
        with open(os.path.join(self.folder, "session.svg"), "w", encoding="utf-8") as file:
            file.write(pictures.session(self.sock, TOP))
        self.shots = pictures.report(self.sock, TOP, os.path.join(self.folder, "report.html"))
        body = (
            '<h1>In pictures</h1>\n<h2 id="session">A session</h2>\n'
            '<p>The server is <a href="examples.html#cookbook-serversock">cookbook-server.sock</a>, which sends each '
            "line back reversed. The prompt says who is spoken to, and how many bytes wait to be read.</p>\n"
            f"{self.session_figure()}\n"
            '<h2 id="report">The report of a failed test</h2>\n'
            "<p>What <code>sock test --report html=report.html</code> has written of "
            '<a href="examples.html#failingsock">failing.sock</a>: <a href="report.html">the page itself</a>.</p>\n'
            f"{self.report_figure()}")
        self.write("pictures.html", "In pictures", body)
        self.part("In pictures", "In pictures", "pictures.html", plain(body))

    @staticmethod
    def session_figure():
        return (
            '<figure><img src="session.svg" alt="A terminal with a session: it connects, sends two lines, and shows '
            'why the second answer is not what was expected"><figcaption>A session</figcaption></figure>')

    def report_figure(self):
        if not self.shots:
            return ""
        return (
            '<figure><a href="report.html"><picture>'
            '<source srcset="report-dark.png" media="(prefers-color-scheme: dark)">'
            '<img src="report.png" alt="A report: one test has failed, the step that failed is marked, and below it '
            'stand the channels with all that went over them"></picture></a>'
            "<figcaption>The report of a failed test</figcaption></figure>")

    def illustrated(self, body):
        """The README with the pictures, each at the part that tells of it."""
        for name, figure in [("by-hand", self.session_figure()), ("conformance-scripts-in-ci", self.report_figure())]:
            before, found, after = body.partition(f'<h2 id="{name}">')
            if not found:
                raise SiteError(f"the README has no part #{name} for its picture")
            heading, end, rest = after.partition("</h2>")
            body = before + found + heading + end + figure + rest
        return body

    def index(self):
        letters = {}
        for title, kind, url in sorted(set(self.entries), key=lambda row: (row[0].lower().lstrip("."), row)):
            first = next((letter for letter in title.upper() if letter.isalnum()), "#")
            letters.setdefault(first if first.isascii() and first.isalpha() else "0-9", []).append((title, kind, url))
        links = " ".join(f'<a href="#{letter}">{letter}</a>' for letter in letters)
        body = [f'<h1>Index</h1>\n<p class="letters">{links}</p>']
        for letter, rows in letters.items():
            items = "\n".join(
                f'<li><a href="{html.escape(url)}">{html.escape(title)}</a> <small>{html.escape(kind)}</small></li>'
                for title, kind, url in rows)
            body.append(f'<h2 id="{letter}">{letter}</h2>\n<ul class="entries">\n{items}\n</ul>')
        self.write("a-z.html", "Index", "\n".join(body))

    def make(self):
        self.find_topics()
        self.take_pictures()
        self.help_pages()
        self.manual()
        self.examples()
        for path in DOCUMENTS:
            self.document(path)
        self.other_files()
        self.index()
        for name in ("style.css", "page.js"):
            shutil.copyfile(os.path.join(HERE, name), os.path.join(self.folder, name))
        with open(os.path.join(self.folder, "search.js"), "w", encoding="ascii") as file:
            file.write("const sockPages = " + json.dumps(self.parts, separators=(",", ":")) + ";\n")
        with open(os.path.join(self.folder, MARK), "w", encoding="ascii"):
            pass


def main():
    if len(sys.argv) != 3:
        raise SystemExit("usage: site.py PROGRAM FOLDER")
    folder = os.path.abspath(sys.argv[2])
    try:
        if os.path.exists(folder) and not os.path.isdir(folder):
            raise SiteError(f"{folder} is no folder")
        if os.path.isdir(folder) and os.listdir(folder) and not os.path.exists(os.path.join(folder, MARK)):
            raise SiteError(f"{folder} has something in it that is no site of this: name a new folder")
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        with tempfile.TemporaryDirectory(dir=os.path.dirname(folder), prefix=".site-") as beside:
            made = os.path.join(beside, "site")
            os.mkdir(made)
            site = Site(sys.argv[1], made)
            site.make()
            if os.path.isdir(folder):
                os.rename(folder, os.path.join(beside, "old"))
            os.rename(made, folder)
    except (SiteError, OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        print(f"site: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    count = sum(name.endswith(".html") for _, _, names in os.walk(folder) for name in names)
    print(f"{count} pages in {sys.argv[2]}: open {os.path.join(sys.argv[2], 'index.html')}")


main()
