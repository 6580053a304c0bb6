"""Pictures that are made, not drawn: a session as a terminal shows it, and the report of a failed test."""
import html
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# The 16 colours of a terminal, on a dark ground.
COLOURS = ["#2b3441", "#ff7680", "#4cc580", "#e5ac4b", "#71aefc", "#cf97ee", "#54cdb4", "#dfe5ee",
           "#98a3b3", "#ff9aa1", "#7ddba3", "#f2c877", "#9cc7ff", "#e0b8f7", "#86e0cd", "#ffffff"]
GROUND, TEXT = "#12161c", "#dfe5ee"
# Pixels of a character.
WIDTH, HEIGHT = 8.4, 19

# The session: what is typed, and what the screen shows when that is done. `{port}` is where the server is.
TYPED = [
    ("connect 127.0.0.1:{port}\r", "127.0.0.1:{port}>"),
    ("send line \"level\"; expect line \"level\"\r", "(5 bytes)"),
    ("send line \"sock\"\r", "+6>"),
    ("expect line /^sock/ within 2s\r", "received \"kcos\""),
    ("recv l", "recv l"),
]


def session(sock, top):
    """An SVG of a session with one of the examples as its server. OSError when it does not come to what it should."""
    with tempfile.TemporaryDirectory() as home:
        environment = dict(os.environ, HOME=home, LC_ALL="C.UTF-8", TERM="screen-256color")
        for name in ("TMUX", "NO_COLOR"):
            environment.pop(name, None)
        example = os.path.join(top, "scripts/examples/cookbook-server.sock")
        server = subprocess.Popen([sock, "--set", "port=0", example], stdout=subprocess.PIPE, env=environment,
                                  text=True, cwd=home, start_new_session=True)
        tmux = ["tmux", "-u", "-f", "/dev/null", "-S", os.path.join(home, "tmux")]
        try:
            port = re.search(r"\d+$", server.stdout.readline())
            if port is None:
                raise OSError("the session's server has not begun")
            subprocess.run(tmux + ["new-session", "-d", "-x", "88", "-y", "24", sock], env=environment, cwd=home,
                           check=True, timeout=30)
            subprocess.run(tmux + ["set", "-g", "status", "off"], env=environment, check=True, timeout=30)
            screen = capture(tmux, environment, "sock>")
            for keys, shown in TYPED:
                keys, shown = keys.format(port=port.group()), shown.format(port=port.group())
                subprocess.run(tmux + ["send-keys", "-l", keys], env=environment, check=True, timeout=30)
                screen = capture(tmux, environment, shown)
        finally:
            subprocess.run(tmux + ["kill-server"], env=environment, check=False, timeout=30, stderr=subprocess.DEVNULL)
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    return svg(screen)


def capture(tmux, environment, expected):
    """The screen with its colours, as soon as the expected text is in its last lines and it has come to rest."""
    deadline = time.monotonic() + 30
    before = None
    while time.monotonic() < deadline:
        screen = subprocess.run(tmux + ["capture-pane", "-e", "-p"], env=environment, check=True, timeout=30, text=True,
                                stdout=subprocess.PIPE).stdout
        if screen == before and expected in re.sub(r"\x1b\[[\d;]*m", "", screen):
            return screen
        before = screen
        time.sleep(0.1)
    raise OSError(f"the session does not show {expected!r}:\n{before}")


class Pen:
    """The colour and weight that escape sequences have set."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.colour, self.ground, self.bold, self.dim, self.line, self.turned = TEXT, None, False, False, False, False

    def apply(self, codes):
        codes = [int(code or 0) for code in codes.split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.reset()
            elif code in (1, 2, 4, 7):
                setattr(self, {1: "bold", 2: "dim", 4: "line", 7: "turned"}[code], True)
            elif code in (22, 24, 27):
                for name in {22: ("bold", "dim"), 24: ("line",), 27: ("turned",)}[code]:
                    setattr(self, name, False)
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.colour = COLOURS[code - 30 if code < 90 else code - 82]
            elif code == 39:
                self.colour = TEXT
            elif 40 <= code <= 47 or 100 <= code <= 107:
                self.ground = COLOURS[code - 40 if code < 100 else code - 92]
            elif code == 49:
                self.ground = None
            elif code in (38, 48):
                colour = palette(codes)
                if code == 38:
                    self.colour = colour
                else:
                    self.ground = colour

    def style(self):
        colour = GROUND if self.turned else self.colour
        parts = [f'fill="{colour}"']
        if self.bold:
            parts.append('font-weight="bold"')
        if self.dim:
            parts.append('opacity="0.6"')
        if self.line:
            parts.append('text-decoration="underline"')
        return " ".join(parts), (self.colour if self.turned else self.ground)


def palette(codes):
    """The colour that stands behind 38 or 48."""
    if codes[:1] == [2]:
        red, green, blue = codes[1:4]
        del codes[:4]
        return f"#{red:02x}{green:02x}{blue:02x}"
    number = codes[1]
    del codes[:2]
    if number < 16:
        return COLOURS[number]
    if number > 231:
        level = 8 + 10 * (number - 232)
        return f"#{level:02x}{level:02x}{level:02x}"
    steps = [0, 95, 135, 175, 215, 255]
    number -= 16
    return f"#{steps[number // 36]:02x}{steps[number // 6 % 6]:02x}{steps[number % 6]:02x}"


def svg(screen):
    lines = screen.rstrip("\n").split("\n")
    width = max(len(re.sub(r"\x1b\[[\d;]*m", "", line).rstrip()) for line in lines) * WIDTH + 32
    height = len(lines) * HEIGHT + 28
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" '
           f'height="{height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">',
           f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>']
    pen = Pen()
    for row, line in enumerate(lines):
        column, y = 0, 14 + HEIGHT * row
        for codes, text in re.findall(r"\x1b\[([\d;]*)m|([^\x1b]+)", line):
            if not text:
                pen.apply(codes)
                continue
            style, ground = pen.style()
            x, length = 16 + WIDTH * column, WIDTH * len(text)
            if ground:
                out.append(f'<rect x="{x:.1f}" y="{y}" width="{length:.1f}" height="{HEIGHT}" fill="{ground}"/>')
            if text.strip():
                out.append(f'<text x="{x:.1f}" y="{y + 14}" textLength="{length:.1f}" xml:space="preserve" {style}>'
                           f"{html.escape(text)}</text>")
            column += len(text)
    return "\n".join(out) + "\n</svg>\n"


def report(sock, top, page):
    """Writes the report of the failing example, and pictures of it beside it: their names, none without chromium."""
    written = os.path.abspath(page)
    with tempfile.TemporaryDirectory() as folder:
        # In a folder of its own, so that it tells nothing of the one where the site is made.
        for name in ("failing.sock", "mailserver.pl"):
            shutil.copy(os.path.join(top, "scripts/examples", name), folder)
        ended = subprocess.run([sock, "test", "failing.sock", "--report", "html=report.html"], cwd=folder,
                               timeout=60, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False)
        if ended.returncode != 1:
            raise OSError(f"the failing example has ended with {ended.returncode}")
        shutil.copy(os.path.join(folder, "report.html"), written)
    chromium = shutil.which("chromium")
    if chromium is None:
        print("site: there is no chromium here: the picture of the report is left out", file=sys.stderr)
        return []
    names = []
    for name, words in [("report.png", []), ("report-dark.png", ["--blink-settings=preferredColorScheme=0"])]:
        with tempfile.TemporaryDirectory() as home:
            picture = os.path.join(os.path.dirname(written), name)
            # Its sandbox needs another user than root, or a kernel that lets users make one; the page is our own.
            command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                       f"--user-data-dir={home}", "--force-device-scale-factor=1.5", "--window-size=1100,900",
                       f"--screenshot={picture}"] + words
            try:
                subprocess.run(command + [f"file://{written}"], timeout=120, check=True, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=home))
            except (subprocess.SubprocessError, OSError) as error:
                print(f"site: chromium has made no picture of the report, it is left out: {error}", file=sys.stderr)
                return []
        if not os.path.exists(picture):
            print("site: chromium has made no picture of the report, it is left out", file=sys.stderr)
            return []
        names.append(name)
    return names
