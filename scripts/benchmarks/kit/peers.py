"""Whom sock is measured beside, and the Debian packages that they come from."""
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

PYTHON = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable


@dataclass
class Peer:
    name: str
    command: list
    """Without the script."""
    package: str
    script: str
    """In the folder `servers`; its arguments are the role and the port."""
    roles: tuple = ("echo", "lines", "exchange")
    many: bool = True
    """Serves many clients at a time."""
    idle: int = 0
    """Idle connections that it is tried with."""
    quick: bool = False
    """Has a part in `--quick`, too."""


EVERY_ROLE = ("echo", "datagrams", "lines", "exchange")

SERVERS = [
    Peer("Perl", ["perl"], "perl", "blocking.pl", roles=EVERY_ROLE, many=False, quick=True),
    Peer("Perl, select", ["perl"], "perl", "select.pl", roles=("echo", "lines"), idle=2000),
    Peer("Python", [PYTHON], "python3", "blocking.py", roles=EVERY_ROLE, many=False),
    Peer("Python, asyncio", [PYTHON], "python3", "tasks.py", idle=10000, quick=True),
    Peer("Lua", ["lua5.4"], "lua5.4 lua-socket", "select.lua", quick=True),
    Peer("LuaJIT", ["luajit"], "luajit lua-socket", "select.lua"),
    Peer("Tcl", ["tclsh"], "tcl", "events.tcl"),
    Peer("Node", ["node"], "nodejs", "events.js", idle=10000),
    Peer("ncat", ["sh"], "ncat", "ncat.sh", roles=("echo",), many=False),
    Peer("socat", ["sh"], "socat", "socat.sh", roles=("echo", "lines")),
]

# name: command, package, script of `programs`
LANGUAGES = {
    "Lua": (["lua5.4"], "lua5.4", "programs.lua"),
    "LuaJIT": (["luajit"], "luajit", "programs.lua"),
    "Python": ([PYTHON], "python3", "programs.py"),
    "Tcl": (["tclsh"], "tcl", "programs.tcl"),
    "Node": (["node"], "nodejs", "programs.js"),
}

# Asked for what their scripts load.
PROBES = {
    "lua5.4 lua-socket": ["lua5.4", "-e", 'require "socket"'],
    "luajit lua-socket": ["luajit", "-e", 'require "socket"'],
    "python3-pytest": [PYTHON, "-c", "import pytest"],
    "python3-pexpect": [PYTHON, "-c", "import pexpect"],
}


class Packages:
    """Says which peers can take part, and remembers the packages of those that cannot."""

    def __init__(self):
        self.missing = set()

    def has(self, command, package):
        if package in PROBES:
            found = shutil.which(PROBES[package][0]) and not subprocess.run(
                PROBES[package], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode
        else:
            found = shutil.which(command) is not None
        if not found:
            self.missing.update(package.split())
        return bool(found)

    @property
    def advice(self):
        if not self.missing:
            return ""
        return "Left out, because they are not installed: `apt-get install " + " ".join(sorted(self.missing)) + "`"
