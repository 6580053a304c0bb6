# A client of the Language Server Protocol, with the standard library alone: starts a server, speaks to it over its
# standard streams, and keeps what it is told.
import json
import os
import subprocess
import threading
import time
import urllib.parse

try:
    # Where it is installed, each answer is read by it: what is missing or of a wrong type is a failure.
    from lsprotocol import converters, types

    CONVERTER = converters.get_converter()
except ImportError:
    CONVERTER = None

PATIENCE = 60


class Client:
    def __init__(self, command, folder=None, capabilities=None, options=None, start=True):
        self.server = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder
        )
        self.last = 0
        self.answers = {}
        self.methods = {}
        self.notices = []
        self.asked = []
        self.settings = {}
        self.raw = []
        self.fault = None
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        self.errors = b""
        self.error_reader = threading.Thread(target=self.read_errors, daemon=True)
        self.error_reader.start()
        if start:
            self.result = self.request(
                "initialize",
                {
                    "processId": os.getpid(),
                    "rootUri": folder and uri(folder),
                    "capabilities": capabilities or {},
                    "initializationOptions": options,
                },
            )
            self.notify("initialized", {})

    def read_errors(self):
        self.errors = self.server.stderr.read()

    def read(self):
        stream = self.server.stdout
        try:
            while True:
                length = None
                while True:
                    line = stream.readline()
                    if not line:
                        return
                    if line == b"\r\n":
                        break
                    name, _, value = line.partition(b":")
                    # Anything else on standard output is a fault of the server.
                    assert name == b"Content-Length", line
                    length = int(value)
                body = stream.read(length)
                message = json.loads(body.decode("utf-8"))
                assert message["jsonrpc"] == "2.0", message
                self.receive(message)
        except Exception as fault:
            self.fault = fault
        finally:
            with self.changed:
                self.changed.notify_all()

    def receive(self, message):
        with self.changed:
            self.raw.append(message)
            if CONVERTER:
                self.check(message)
            if "method" not in message:
                self.answers[message["id"]] = message
            elif "id" in message:
                self.asked.append(message)
                result = None
                if message["method"] == "workspace/configuration":
                    result = [self.settings for _ in message["params"]["items"]]
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})
            else:
                self.notices.append(message)
            self.changed.notify_all()

    def check(self, message):
        """Reads a message as the protocol's own types have it."""
        if "method" in message:
            CONVERTER.structure(message, types.METHOD_TO_TYPES[message["method"]][0])
        elif "error" in message:
            CONVERTER.structure(message, types.ResponseErrorMessage)
        else:
            CONVERTER.structure(message, types.METHOD_TO_TYPES[self.methods[message["id"]]][1])

    def send(self, message):
        self.send_bytes(json.dumps(message).encode())

    def send_bytes(self, body):
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()

    def notify(self, method, params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def begin(self, method, params, id=None):
        """Sends a request; its id."""
        if id is None:
            self.last += 1
            id = self.last
        self.methods[id] = method
        self.send({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
        return id

    def wait(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        with self.changed:
            while True:
                found = condition()
                if found is not None:
                    return found
                left = deadline - time.monotonic()
                if self.fault or left <= 0 or self.server.poll() is not None and not self.changed.wait(1):
                    raise AssertionError(f"{what} did not come: {self.fault} {self.server.poll()} {self.errors!r}")
                self.changed.wait(left)

    def answer(self, id):
        return self.wait(lambda: self.answers.pop(id, None), f"the answer {id}")

    def request(self, method, params):
        answer = self.answer(self.begin(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    def refusal(self, method, params):
        answer = self.answer(self.begin(method, params))
        assert "error" in answer, answer
        return answer["error"]

    def notice(self, method, fits=lambda params: True):
        def find():
            for at, message in enumerate(self.notices):
                if message["method"] == method and fits(message["params"]):
                    return self.notices.pop(at)["params"]

        return self.wait(find, method)

    def end(self, errors=b""):
        """Shuts the server down, which has said this on standard error; its exit status."""
        assert self.request("shutdown", None) is None
        self.notify("exit", None)
        status = self.server.wait(PATIENCE)
        self.error_reader.join(PATIENCE)
        assert self.errors == errors, self.errors
        assert self.fault is None, self.fault
        return status


class Text:
    """An open document, whose places are named by what stands there."""

    def __init__(self, client, text, path=None, address=None):
        self.client = client
        self.uri = address or uri(path)
        self.version = 1
        self.text = text
        client.notify(
            "textDocument/didOpen",
            {"textDocument": {"uri": self.uri, "languageId": "sock", "version": 1, "text": text}},
        )

    def change(self, text):
        self.text = text
        self.version += 1
        self.client.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": self.uri, "version": self.version}, "contentChanges": [{"text": text}]},
        )

    def edit(self, start, end, text):
        """Puts a text in place of another, told by its range."""
        self.version += 1
        span = {"start": self.position(start), "end": self.position(end)}
        self.text = self.text[:start] + text + self.text[end:]
        self.client.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self.uri, "version": self.version},
                "contentChanges": [{"range": span, "text": text}],
            },
        )

    def close(self):
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})

    def complaints(self):
        """What the server says of this version."""
        return self.client.notice(
            "textDocument/publishDiagnostics",
            lambda params: params["uri"] == self.uri and params.get("version") == self.version,
        )["diagnostics"]

    def position(self, offset):
        """Line, and characters of UTF-16."""
        before = self.text[:offset]
        line = before.count("\n")
        start = before.rfind("\n") + 1
        return {"line": line, "character": len(before[start:].encode("utf-16-le")) // 2}

    def offset(self, position):
        lines = self.text.split("\n")
        line = lines[position["line"]].encode("utf-16-le")
        before = line[: position["character"] * 2].decode("utf-16-le")
        return sum(len(line) + 1 for line in lines[: position["line"]]) + len(before)

    def span(self, range):
        return self.text[self.offset(range["start"]) : self.offset(range["end"])]

    def at(self, words, number=0, behind=0):
        """Parameters for the place where words stand, the number-th time, so many characters further."""
        at = -1
        for _ in range(number + 1):
            at = self.text.index(words, at + 1)
        return {"textDocument": {"uri": self.uri}, "position": self.position(at + behind)}

    def ask(self, method, words=None, number=0, behind=0, **more):
        params = self.at(words, number, behind) if words is not None else {"textDocument": {"uri": self.uri}}
        return self.client.request("textDocument/" + method, {**params, **more})

    def refusal(self, method, words, number=0, behind=0, **more):
        return self.client.refusal("textDocument/" + method, {**self.at(words, number, behind), **more})

    def edited(self, edits):
        """The text with edits, as the protocol wants them applied."""
        text = self.text
        for edit in sorted(edits, key=lambda edit: self.offset(edit["range"]["start"]), reverse=True):
            start, end = self.offset(edit["range"]["start"]), self.offset(edit["range"]["end"])
            text = text[:start] + edit["newText"] + text[end:]
        return text


def uri(path):
    return "file://" + urllib.parse.quote(path)
