# Holds `sock dap` to the Debug Adapter Protocol: dap.py SOCK CASE. A case that fails raises.
import inspect
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

try:
    # Where it is installed, each message is read by its types: what is missing is a failure.
    import debugpy

    sys.path.insert(0, os.path.join(os.path.dirname(debugpy.__file__), "_vendored/pydevd"))
    from _pydevd_bundle._debug_adapter import pydevd_schema as SCHEMA
except ImportError:
    SCHEMA = None

SOCK = os.path.abspath(sys.argv[1])
PATIENCE = 60


class Adapter:
    def __init__(self, folder=None):
        self.process = subprocess.Popen([SOCK, "dap"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, cwd=folder)
        self.last = 0
        self.received = []
        self.fault = None
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        stream = self.process.stdout
        number = 0
        try:
            while True:
                length = None
                while (line := stream.readline()) != b"\r\n":
                    if not line:
                        return
                    name, _, value = line.partition(b":")
                    assert name == b"Content-Length", line
                    length = int(value)
                message = json.loads(stream.read(length).decode())
                number += 1
                assert message["seq"] == number and message["type"] in ("response", "event"), message
                self.check(message)
                with self.changed:
                    self.received.append(message)
                    self.changed.notify_all()
        except Exception as fault:
            self.fault = fault
        finally:
            with self.changed:
                self.received.append({"type": "end"})
                self.changed.notify_all()

    def check(self, message):
        if SCHEMA and message.get("success", True):
            name = message.get("command") or message["event"]
            kind = getattr(SCHEMA, name[0].upper() + name[1:] + message["type"].capitalize())
            kind(**{key: value for key, value in message.items() if key != "type"})

    def take(self, fits, what):
        deadline = time.monotonic() + PATIENCE
        with self.changed:
            while True:
                for at, message in enumerate(self.received):
                    if fits(message):
                        return self.received.pop(at)
                    if message["type"] == "end":
                        raise AssertionError(f"{what} did not come: {self.fault} {self.process.stderr.read()!r}")
                left = deadline - time.monotonic()
                assert left > 0, f"{what} did not come: {self.received}"
                self.changed.wait(left)

    def begin(self, command, **arguments):
        self.last += 1
        message = {"seq": self.last, "type": "request", "command": command, "arguments": arguments}
        self.write(json.dumps(message).encode())
        return self.last

    def write(self, body):
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def answer(self, number):
        return self.take(lambda m: m["type"] == "response" and m["request_seq"] == number, f"the answer {number}")

    def ask(self, command, **arguments):
        answer = self.answer(self.begin(command, **arguments))
        assert answer["success"] and answer["command"] == command, answer
        return answer["body"]

    def refusal(self, command, **arguments):
        answer = self.answer(self.begin(command, **arguments))
        assert not answer["success"], answer
        return answer["message"]

    def event(self, name):
        return self.take(lambda m: m["type"] == "event" and m["event"] == name, name)["body"]

    def start(self, path, lines=(), failures=False, **launch):
        assert self.ask("initialize", adapterID="sock")["supportsConfigurationDoneRequest"]
        self.event("initialized")
        self.ask("launch", program=path, **launch)
        found = self.ask("setBreakpoints", source={"path": path}, breakpoints=[
            line if isinstance(line, dict) else {"line": line} for line in lines])
        self.ask("setExceptionBreakpoints", filters=["failures"] if failures else [])
        self.ask("configurationDone")
        return found["breakpoints"]

    def stop(self):
        """Why it stands still, and where: the innermost call's line and the names of all."""
        stopped = self.event("stopped")
        self.frames = self.ask("stackTrace", threadId=stopped["threadId"])["stackFrames"]
        return stopped["reason"], self.frames[0]["line"], [frame["name"] for frame in self.frames]

    def variables(self, frame=0, scope="Names"):
        scopes = self.ask("scopes", frameId=self.frames[frame]["id"])["scopes"]
        (reference,) = [one["variablesReference"] for one in scopes if one["name"] == scope]
        return {one["name"]: one for one in self.ask("variables", variablesReference=reference)["variables"]}

    def output(self):
        with self.changed:
            return "".join(m["body"]["output"] for m in self.received if m.get("event") == "output")

    def wait_for_output(self, words):
        deadline = time.monotonic() + PATIENCE
        with self.changed:
            while words not in "".join(m["body"]["output"] for m in self.received if m.get("event") == "output"):
                left = deadline - time.monotonic()
                assert left > 0, f"{words!r} did not come: {self.received}"
                self.changed.wait(left)

    def end(self, status=0, told=b""):
        equal(self.event("exited")["exitCode"], status)
        self.event("terminated")
        self.ask("disconnect")
        equal(self.process.wait(PATIENCE), 0)
        equal(self.process.stderr.read(), told)


def wait_until_gone(pid):
    """Its new parent may take a moment to see that it has ended."""
    until = time.monotonic() + PATIENCE
    while os.path.exists(f"/proc/{pid}"):
        with open(f"/proc/{pid}/stat") as stat:
            if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                return
        assert time.monotonic() < until, f"process {pid} is still there"
        time.sleep(0.01)


def equal(found, wanted):
    assert found == wanted, f"\n found {found!r}\nwanted {wanted!r}"


def write(folder, text, name="main.sock"):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


STEPS = """let total = 0
def add(amount)
  let before = total
  total = before + amount
  return total
end

for n in 1..2
  add(n)
  print "added", n
end
let list = [1, {a: "b"}]
print total
"""


def case_steps(folder):
    adapter = Adapter(folder)
    path = write(folder, STEPS)
    found = adapter.start(path, [4, 7])
    equal([(one["verified"], one["line"]) for one in found], [(True, 4), (True, 8)])
    equal(adapter.stop(), ("breakpoint", 8, [path]))
    adapter.ask("continue", threadId=1)
    equal(adapter.stop(), ("breakpoint", 4, ["add", path]))
    names = adapter.variables()
    equal((names["amount"]["value"], names["before"]["value"], names["before"]["type"]), ("1", "0", "int"))
    equal(adapter.variables(1)["n"]["value"], "1")
    adapter.ask("next", threadId=1)
    equal(adapter.stop()[:2], ("step", 5))
    equal(adapter.ask("evaluate", expression="total * 100", frameId=adapter.frames[0]["id"])["result"], "100")
    equal(adapter.ask("evaluate", expression="before", context="hover")["result"], "0")
    equal(adapter.refusal("evaluate", expression="1 +"), "nothing follows this `+`")
    adapter.wait_for_output("[operand-missing]")
    adapter.ask("stepOut", threadId=1)
    equal(adapter.stop()[:2], ("step", 10))
    adapter.ask("next", threadId=1)
    equal(adapter.stop()[:2], ("step", 9))
    adapter.wait_for_output("added 1\n")
    # Over a call: the breakpoint inside it counts all the same.
    adapter.ask("next", threadId=1)
    equal(adapter.stop()[:2], ("breakpoint", 4))
    adapter.ask("setBreakpoints", source={"path": path}, breakpoints=[])
    adapter.ask("stepOut", threadId=1)
    equal(adapter.stop()[:2], ("step", 10))
    adapter.ask("next", threadId=1)
    equal(adapter.stop()[:2], ("step", 12))
    adapter.ask("next", threadId=1)
    equal(adapter.stop()[:2], ("step", 13))
    names = adapter.variables()
    parts = adapter.ask("variables", variablesReference=names["list"]["variablesReference"])["variables"]
    equal([(one["name"], one["value"]) for one in parts], [("[0]", "1"), ("[1]", '{a: "b"}')])
    inner = adapter.ask("variables", variablesReference=parts[1]["variablesReference"])["variables"]
    equal([(one["name"], one["value"]) for one in inner], [("a", '"b"')])
    adapter.ask("continue", threadId=1)
    adapter.wait_for_output("3\n")
    adapter.end()


def case_into(folder):
    adapter = Adapter(folder)
    path = write(folder, STEPS)
    adapter.start(path, stopOnEntry=True)
    equal(adapter.stop(), ("entry", 1, [path]))
    lines = []
    for _ in range(5):
        adapter.ask("stepIn", threadId=1)
        lines.append(adapter.stop()[1])
    equal(lines, [8, 9, 3, 4, 5])
    # What lives at the top of the file is changed, what is the function's own is a copy.
    frame = adapter.frames[0]["id"]
    for statement in ["total = 50", "before = 7"]:
        adapter.ask("evaluate", expression=statement, frameId=frame, context="repl")
    equal(adapter.variables()["before"]["value"], "0")
    adapter.ask("continue", threadId=1)
    adapter.wait_for_output("52\n")
    adapter.end()
    # A name means what it means in the call that is looked at.
    adapter = Adapter(folder)
    path = write(folder, "def inner(n)\n  print n\nend\nlet n = 1\ninner(2)\n", "hidden.sock")
    adapter.start(path, [2])
    adapter.stop()
    for frame, value in [(0, "2"), (1, "1")]:
        found = adapter.ask("evaluate", expression="n", frameId=adapter.frames[frame]["id"], context="watch")
        equal(found["result"], value)
    adapter.ask("continue", threadId=1)
    adapter.end()


def case_deadlines(folder):
    # Nothing passes while somebody looks: the deadlines of this task, of others, and of the test.
    path = write(folder, """setup
  let [near, far] = socketpair
end

test "waits" timeout 2s
  spawn as other
    far.recv line within 1s as got
    far.send line got
  end
  within 1s
    near.send "hello, "
    near.send line "world"
    near.recv line as answer
    assert answer == "hello, world"
  end
  wait other
end

test "another"
  assert true
end
""")
    adapter = Adapter(folder)
    adapter.start(path, [12], test="waits")
    reason, line, _ = adapter.stop()
    equal((reason, line), ("breakpoint", 12))
    # What the bytes wait for is seen, and the time that passes here is longer than any of them.
    time.sleep(2.5)
    channels = adapter.variables(scope="Channels")
    assert "7 bytes unread" in channels["far"]["value"], channels
    unread = adapter.ask("variables", variablesReference=channels["far"]["variablesReference"])["variables"]
    equal([one["value"] for one in unread if one["name"] == "unread"], ['"hello, "'])
    names = [one["name"] for one in adapter.ask("threads")["threads"]]
    assert len(names) >= 2, names
    adapter.ask("continue", threadId=1)
    adapter.wait_for_output("1 passed")
    assert "another" not in adapter.output(), adapter.output()
    adapter.end()
    # In a script, too: of a step of the task that stands, which has not begun, and of the block that it stands in while
    # something evaluated waits.
    path = write(folder, """let [near, far] = socketpair
spawn
  far.recv line as asked
  sleep 300ms
  far.send line asked
end
near.send line "x"
print "sent"
within 1s
  near.recv line within 1s as answer
  near.recv line as more
end
print answer, more
""", "script.sock")
    adapter = Adapter(folder)
    adapter.start(path, [8, 10, 11])
    for line in (8, 10):
        equal(adapter.stop()[:2], ("breakpoint", line))
        time.sleep(3)
        adapter.ask("continue", threadId=1)
    equal(adapter.stop()[:2], ("breakpoint", 11))
    adapter.ask("evaluate", expression="sleep 1500ms")
    adapter.ask("evaluate", expression="far.send line \"y\"")
    adapter.ask("continue", threadId=1)
    adapter.wait_for_output("x y\n")
    adapter.end()


CONDITIONS = """let total = 0
def add(amount)
  total = total + amount
end
for n in 1..20
  add(n)
  print "n is ${n}"
end
print total
"""


def case_conditions(folder):
    adapter = Adapter(folder)
    path = write(folder, CONDITIONS)
    found = adapter.start(path, [
        {"line": 3, "condition": "amount == 4 or total > 40"}, {"line": 7, "hitCondition": "2"},
        {"line": 6, "condition": "n > 10", "hitCondition": "% 4", "logMessage": "{n} of {len({a: 1}) * 20}: \"$n\" {"}])
    equal([(one["verified"], one["line"]) for one in found], [(True, 3), (True, 7), (True, 6)])
    equal(adapter.stop()[:2], ("breakpoint", 7))
    equal(adapter.variables()["n"]["value"], "2")
    adapter.ask("continue", threadId=1)
    equal(adapter.stop()[:2], ("breakpoint", 3))
    names = adapter.variables()
    equal((names["amount"]["value"], adapter.variables(1)["n"]["value"]), ("4", "4"))
    # Sent again with another one, they go on counting: the second time is over.
    adapter.ask("setBreakpoints", source={"path": path}, breakpoints=[
        {"line": 7, "hitCondition": "2"}, {"line": 3, "condition": "total > 40", "hitCondition": ">=2"},
        {"line": 6, "condition": "n > 10", "hitCondition": "% 4", "logMessage": "{n} of {len({a: 1}) * 20}: \"$n\" {"}])
    adapter.ask("continue", threadId=1)
    equal(adapter.stop()[:2], ("breakpoint", 3))
    # 45 is the first total over 40, when 10 is to be added; this is the time after it.
    equal(adapter.variables()["amount"]["value"], "11")
    adapter.ask("setBreakpoints", source={"path": path}, breakpoints=[
        {"line": 6, "condition": "n > 10", "hitCondition": "% 4", "logMessage": "{n} of {len({a: 1}) * 20}: \"$n\" {"}])
    adapter.ask("continue", threadId=1)
    adapter.wait_for_output("210\n")
    told = [m["body"] for m in adapter.received if m.get("event") == "output" and m["body"]["category"] == "console"]
    # The eleventh is the first that counts.
    equal([(one["output"], one["line"]) for one in told], [('14 of 20: "$n" {\n', 6), ('18 of 20: "$n" {\n', 6)])
    equal(told[0]["source"]["path"], path)
    # In its place among what is printed.
    output = adapter.output()
    assert output.index("n is 13\n") < output.index("14 of 20") < output.index("n is 14\n"), output
    adapter.end()


def case_others(folder):
    # While a condition is asked and while somebody looks, nobody else gets on, past a breakpoint of his own.
    path = write(folder, """let [near, far] = socketpair
let seen = 0
spawn as echo
  for i in 1..20
    far.recv line as got
    seen += 1
    far.send line got
  end
end
for n in 1..20
  near.send line "x"
  let before = n
  near.recv line as back
end
print "seen", seen
""")
    adapter = Adapter(folder)
    adapter.start(path, [{"line": 12, "condition": "n > 20"}, 6])
    for n in range(20):
        equal(adapter.stop()[:2], ("breakpoint", 6))
        equal(adapter.ask("evaluate", expression="seen")["result"], str(n))
        adapter.ask("continue", threadId=1)
    adapter.wait_for_output("seen 20\n")
    adapter.end()
    # Each can be gone through, whichever stands.
    adapter = Adapter(folder)
    adapter.start(path, [6])
    stopped = adapter.event("stopped")
    (main,) = [one["id"] for one in adapter.ask("threads")["threads"] if one["id"] != stopped["threadId"]]
    adapter.ask("setBreakpoints", source={"path": path}, breakpoints=[])
    lines = []
    for _ in range(3):
        adapter.ask("next", threadId=main)
        again = adapter.event("stopped")
        equal(again["threadId"], main)
        lines.append(adapter.ask("stackTrace", threadId=main)["stackFrames"][0]["line"])
    equal(lines, [11, 12, 13])
    adapter.ask("disconnect")
    equal(adapter.process.wait(PATIENCE), 0)


def case_wrong_conditions(folder):
    adapter = Adapter(folder)
    path = write(folder, CONDITIONS)
    found = adapter.start(path, [
        {"line": 3, "condition": "amount =="}, {"line": 3, "condition": "true) ; print (1"}, {"line": 3, "condition": "total = 0"},
        {"line": 3, "hitCondition": "often"}, {"line": 3, "hitCondition": "% 0"}, {"line": 3, "logMessage": "{1 +}"},
        {"line": 3, "condition": " ", "hitCondition": "", "logMessage": ""}, {"line": 7, "condition": "nobody > 1"},
        {"line": 9, "logMessage": "{nobody}"}])
    equal([one["verified"] for one in found], [False] * 6 + [True] * 3)
    for one, words in zip(found, ["the condition cannot be read", "the condition ", "the condition cannot be read",
                                  "a hit count is a number", "a hit count is a number", "the message cannot be read"]):
        assert words in one["message"], one
    equal(adapter.stop()[:2], ("breakpoint", 3))
    adapter.ask("setBreakpoints", source={"path": path}, breakpoints=[
        {"line": 7, "condition": "nobody > 1"}, {"line": 9, "logMessage": "{nobody}"}])
    adapter.ask("continue", threadId=1)
    # One that cannot be asked stops, and says why.
    stopped = adapter.event("stopped")
    equal((stopped["reason"], stopped["text"]), ("breakpoint", "the condition of this breakpoint has failed"))
    adapter.wait_for_output("nobody")
    adapter.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 9, "logMessage": "{nobody}"}])
    adapter.ask("continue", threadId=1)
    adapter.wait_for_output("210\n")
    assert adapter.output().count("nobody") >= 2, adapter.output()
    adapter.end()


def case_retry(folder):
    # The time of a `retry`, and of one that another task waits in, stands still as well; what a condition takes, too.
    path = write(folder, """let tries = 0
let others = 0
spawn as other
  retry within 2s every 10ms
    others += 1
    assert tries >= 3, "the other waits"
  end
end
within 3s
  retry within 2s every 10ms
    tries += 1
    assert tries >= 3, "not yet"
  end
end
wait other
print "tries: ${tries}"
retry within 600ms every 400ms
  assert false, "never"
end
""")
    adapter = Adapter(folder)
    adapter.start(path, [{"line": 12, "hitCondition": "<= 2"}, {"line": 5, "condition": "tries == 2"}, 18])
    for passes in (3.5, 0):
        equal(adapter.stop()[0], "breakpoint")
        time.sleep(passes)
        adapter.ask("continue", threadId=1)
    equal(adapter.stop()[:2], ("breakpoint", 5))
    adapter.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 18}])
    adapter.ask("continue", threadId=1)
    adapter.wait_for_output("tries: 3\n")
    for _ in range(2):
        equal(adapter.stop()[:2], ("breakpoint", 18))
        time.sleep(0.7)
        adapter.ask("continue", threadId=1)
    adapter.wait_for_output("never")
    adapter.end(1)
    # Of a try that the time has cut, the one before it is told: also after a stop between the two.
    path = write(folder, """let [near, far] = socketpair
let n = 0
retry within 600ms every 10ms
  n += 1
  assert n > 1, "the first"
  near.recv line
end
""")
    adapter = Adapter(folder)
    adapter.start(path, [6])
    equal(adapter.stop()[:2], ("breakpoint", 6))
    time.sleep(0.7)
    adapter.ask("continue", threadId=1)
    adapter.wait_for_output("the try before this one")
    assert "the first" in adapter.output(), adapter.output()
    adapter.end(1)


def case_failures(folder):
    path = write(folder, """listen 0
let port = listener.sockport
connect port
try
  raise "caught"
catch e
  print "on"
end
close
conn.send "x"
""")
    adapter = Adapter(folder)
    adapter.start(path, failures=True)
    stopped = adapter.event("stopped")
    equal(stopped["reason"], "exception")
    assert "there is nil where a channel is meant" in stopped["text"], stopped
    adapter.frames = adapter.ask("stackTrace", threadId=stopped["threadId"])["stackFrames"]
    equal(adapter.frames[0]["line"], 10)
    equal([one["type"] for one in adapter.variables(scope="Channels").values()], ["channel"])
    assert int(adapter.variables()["port"]["value"]) > 0
    adapter.ask("continue", threadId=1)
    adapter.wait_for_output("cannot send")
    adapter.end(1)
    # Who wants that no longer is not stopped by the next one.
    adapter = Adapter(folder)
    adapter.start(path, [3], failures=True)
    adapter.stop()
    adapter.ask("setExceptionBreakpoints", filters=[])
    adapter.ask("continue", threadId=1)
    adapter.end(1)


def case_while_it_runs(folder):
    path = write(folder, "listen 0\nprint \"ready\"\nlet n = 0\nloop\n  n += 1\n  sleep 1ms\nend\n")
    adapter = Adapter(folder)
    adapter.start(path)
    adapter.wait_for_output("ready")
    assert "runs" in adapter.refusal("stackTrace", threadId=1)
    assert "runs" in adapter.refusal("continue", threadId=1)
    assert adapter.ask("threads")["threads"]
    # A breakpoint is set, a stop is asked for, while it runs.
    adapter.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 6}])
    equal(adapter.stop()[:2], ("breakpoint", 6))
    adapter.ask("setBreakpoints", source={"path": path}, breakpoints=[])
    adapter.ask("continue", threadId=1)
    adapter.ask("pause", threadId=1)
    reason, line, _ = adapter.stop()
    equal(reason, "pause")
    assert line in (4, 5, 6), line
    adapter.ask("continue", threadId=1)
    adapter.ask("terminate")
    adapter.end(143)
    # One that waits for ever ends with its editor.
    path = write(folder, "listen 0\nprint \"waits\"\naccept\n")
    adapter = Adapter(folder)
    adapter.start(path)
    adapter.wait_for_output("waits")
    adapter.ask("disconnect")
    equal(adapter.process.wait(PATIENCE), 0)
    adapter = Adapter(folder)
    adapter.start(path)
    adapter.wait_for_output("waits")
    adapter.process.stdin.close()
    equal(adapter.process.wait(PATIENCE), 0)


WAITS = """let [near, far] = socketpair
let n = 0
def late()
  near.recv line
end
n = 1
n = 2
print "on", n
"""


def case_waiting_evaluations(folder):
    path = write(folder, WAITS)

    def start(lines=(6,), **launch):
        adapter = Adapter(folder)
        adapter.start(path, lines, **launch)
        return adapter

    def waiting(text="near.recv line"):
        adapter = start()
        equal(adapter.stop()[:2], ("breakpoint", 6))
        return adapter, adapter.begin("evaluate", expression=text)

    def failed(adapter, number, words):
        answer = adapter.answer(number)
        equal((answer["success"], answer["message"]), (False, words))

    # Whatever waits, the adapter goes with its editor.
    for text in ["near.recv line", "sleep 100", "late()", "listen 0\naccept", "loop\nend",
                 "defer near.recv line\nsleep 100"]:
        adapter, number = waiting(text)
        adapter.ask("disconnect")
        failed(adapter, number, "the evaluation was ended by `disconnect`")
        equal(adapter.process.wait(PATIENCE), 0)
        equal(adapter.process.stderr.read(), b"")
    adapter, number = waiting()
    adapter.process.stdin.close()
    equal(adapter.process.wait(PATIENCE), 0)
    adapter, number = waiting()
    adapter.ask("terminate")
    failed(adapter, number, "the evaluation was ended by `terminate`")
    adapter.end(143)
    adapter, number = waiting("print \"asked\"\nnear.recv line")
    adapter.wait_for_output("asked")
    adapter.process.terminate()
    failed(adapter, number, "the evaluation was ended by a signal")
    adapter.end(143)
    adapter, number = waiting("print \"asked\"\nloop\nend")
    adapter.wait_for_output("asked")
    adapter.process.send_signal(signal.SIGINT)
    failed(adapter, number, "the evaluation was ended by a signal")
    adapter.end(130)
    # It is ended alone, and the script stands where it stood; what was deferred in it has a moment.
    for command, words in [("cancel", "cancelled"), ("pause", "the evaluation was ended by `pause`")]:
        for text in ["near.recv line", "loop\nend", "def slow()\ndefer sleep 100\nsleep 100\nend\nslow()"]:
            adapter, number = waiting(text)
            adapter.ask(command, **({"requestId": number} if command == "cancel" else {"threadId": 1}))
            failed(adapter, number, words)
            equal(adapter.ask("evaluate", expression="n + 1")["result"], "1")
            adapter.ask("next", threadId=1)
            equal(adapter.stop()[:2], ("step", 7))
            adapter.ask("continue", threadId=1)
            adapter.wait_for_output("on 2\n")
            adapter.end()
    for command, line in [("next", 7), ("stepIn", 7), ("continue", 8)]:
        adapter, number = waiting()
        adapter.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 8}])
        adapter.ask(command, threadId=1)
        failed(adapter, number, f"the evaluation was ended by `{command}`")
        equal(adapter.stop()[1], line)
        adapter.ask("disconnect")
        equal(adapter.process.wait(PATIENCE), 0)
    # Everything else is answered beside it.
    adapter, number = waiting("let [a, b] = socketpair\nprint \"asked\"\nb.recv line")
    adapter.wait_for_output("asked")
    equal([one["name"] for one in adapter.ask("threads")["threads"]], ["main"])
    adapter.frames = adapter.ask("stackTrace", threadId=1)["stackFrames"]
    equal(adapter.frames[0]["line"], 6)
    equal(adapter.variables()["n"]["value"], "0")
    equal(sorted(adapter.variables(scope="Channels")), ["a", "b", "far", "near"])
    adapter.ask("setExceptionBreakpoints", filters=[])
    assert "another evaluation" in adapter.refusal("evaluate", expression="1")
    assert "another evaluation" in adapter.refusal("evaluate", expression="n", context="hover")
    assert "no thread 99" in adapter.refusal("next", threadId=99)
    adapter.ask("cancel", requestId=number + 1000)
    adapter.ask("cancel", requestId=number)
    failed(adapter, number, "cancelled")
    adapter.ask("cancel", requestId=number)
    # What comes to its end meanwhile is no different.
    number = adapter.begin("evaluate", expression="sleep 50ms\nn + 40")
    adapter.ask("threads")
    equal(adapter.answer(number)["body"]["result"], "40")
    adapter.ask("continue", threadId=1)
    adapter.end()


def case_waiting_conditions(folder):
    path = write(folder, WAITS)
    for wish in [{"condition": "late()"}, {"condition": "(near.recv line) == \"x\""}, {"logMessage": "{late()}"}]:
        for command in ["disconnect", "terminate", "pause", "end of input", "none"]:
            adapter = Adapter(folder)
            adapter.start(path, [{"line": 7, **wish}, 8])
            if command == "end of input":
                adapter.process.stdin.close()
            elif command == "pause":
                adapter.ask(command, threadId=1)
                reason, line, _ = adapter.stop()
                # Before the condition is asked or while it waits.
                equal(reason, "pause")
                if line != 7:
                    adapter.ask("disconnect")
                    equal(adapter.process.wait(PATIENCE), 0)
                    continue
                equal(adapter.variables()["n"]["value"], "1")
                adapter.ask("disconnect")
            elif command == "none":
                # One that nobody ends has its time.
                stopped = adapter.event("stopped")
                if "condition" in wish:
                    equal(stopped["text"], "the condition of this breakpoint has not ended within 5 s")
                    adapter.ask("continue", threadId=stopped["threadId"])
                    adapter.event("stopped")
                else:
                    adapter.wait_for_output("the message of this breakpoint has not ended within 5 s")
                adapter.ask("continue", threadId=1)
                adapter.wait_for_output("on 2\n")
                adapter.end()
                continue
            else:
                adapter.ask(command)
                if command == "terminate":
                    adapter.end(143)
                    continue
            equal(adapter.process.wait(PATIENCE), 0)


def case_ends(folder):
    path = write(folder, WAITS)

    def stopped(path=path, line=6, **launch):
        adapter = Adapter(folder)
        adapter.start(path, [line], **launch)
        adapter.stop()
        return adapter

    # `exit` ends the script there, with that status; nothing more of it runs but what was deferred.
    for text, status in [("exit", 0), ("exit 3", 3), ("exit 143", 143), ("def leave()\nexit 7\nend\nleave()", 7)]:
        adapter = stopped()
        equal(adapter.ask("evaluate", expression=text)["result"], f"exit {status}")
        adapter.end(status)
        assert "on" not in adapter.output(), adapter.output()
    deferring = write(
        folder, "defer print \"deferred\"\ndef f()\n  return 1\nend\nf()\nprint \"on\"\n", "deferring.sock")
    adapter = stopped(deferring, 3)
    adapter.ask("evaluate", expression="exit 4")
    adapter.wait_for_output("deferred")
    adapter.end(4)
    assert "on" not in adapter.output(), adapter.output()
    adapter = stopped(deferring, {"line": 3, "condition": "n == 0 or len(args) == 0"})
    adapter.ask("disconnect")
    equal(adapter.process.wait(PATIENCE), 0)
    # What its programs leave behind ends with it, as that of a script does.
    leaving = write(folder, "run [\"sh\", \"-c\", \"setsid sh -c 'echo $$; exec sleep 1000' & wait\"] as shell\n"
                    "let pid = shell.recv line\nprint pid\nsleep 100\n", "leaving.sock")
    adapter = stopped(leaving, 4)
    daemon = int(adapter.ask("evaluate", expression="pid")["result"].strip('"'))
    adapter.ask("disconnect")
    equal(adapter.process.wait(PATIENCE), 0)
    wait_until_gone(daemon)
    # Who wants it to end is not stopped in what is deferred.
    adapter = stopped(write(folder, "defer late()\ndef late()\n  print \"late\"\nend\nsleep 100\n", "late.sock"), 5)
    path_of_late = adapter.frames[0]["source"]["path"]
    adapter.ask("setBreakpoints", source={"path": path_of_late}, breakpoints=[{"line": 3}])
    adapter.ask("terminate")
    adapter.wait_for_output("late")
    adapter.end(143)
    # Twice, it waits for nothing that is deferred.
    adapter = Adapter(folder)
    adapter.start(write(folder, "defer sleep 100\nprint \"waits\"\nsleep 100\n", "twice.sock"))
    adapter.wait_for_output("waits")
    began = time.monotonic()
    adapter.ask("terminate")
    adapter.ask("disconnect")
    equal(adapter.process.wait(PATIENCE), 0)
    assert time.monotonic() - began < 4, "what is deferred was waited for"
    # In a condition, in another task, and where a failure is about to end the script.
    leaves = write(folder, "def leave()\n  exit 5\nend\nprint \"one\"\nprint \"two\"\n", "leaves.sock")
    adapter = Adapter(folder)
    adapter.start(leaves, [{"line": 5, "condition": "leave()"}])
    adapter.end(5)
    equal(adapter.output(), "one\n")
    tasks = write(folder, "spawn as worker\n  print \"here\"\nend\nsleep 100\n", "tasks.sock")
    adapter = stopped(tasks, 2)
    adapter.ask("evaluate", expression="exit 6")
    adapter.end(6)
    equal(adapter.output(), "")
    adapter = Adapter(folder)
    adapter.start(write(folder, "fail \"no\"\n", "fails.sock"), failures=True)
    equal(adapter.event("stopped")["reason"], "exception")
    adapter.ask("evaluate", expression="exit 8")
    adapter.end(8)
    # A test ends with it, as with one that stands in it.
    tests = write(folder, """test "a"
  print "one"
  print "two"
end
test "b"
  print "b"
end
""", "two.sock")
    adapter = stopped(tests, 3)
    adapter.ask("evaluate", expression="exit 2")
    adapter.wait_for_output("1 passed")
    adapter.end(1)
    assert "exit 2" in adapter.output(), adapter.output()
    # What fails says why; the script stands where it stood.
    adapter = stopped()
    for text, words in [("fail \"x\"", "x"), ("raise \"Code\", \"why\"", "why"), ("1 / 0", "division by zero"),
                        ("nobody", "nobody"), ("near.recv line within 10ms", "")]:
        message = adapter.refusal("evaluate", expression=text)
        assert words in message and "\n" not in message and message != "it has failed", (text, message)
    adapter.wait_for_output("division by zero")
    # What somebody points at does nothing, and is told nowhere.
    for text in ["exit 9", "close", "fail \"no\"", "late()", "near.close", "n = 5", "somebody"]:
        adapter.refusal("evaluate", expression=text, context="hover")
    equal(adapter.ask("evaluate", expression="n", context="hover")["result"], "0")
    assert "somebody" not in adapter.output(), adapter.output()
    # A signal ends it where it stands, as it would where it runs.
    adapter.process.terminate()
    adapter.end(143)
    # The main task ends while another one stands still: the run goes on to its end when that goes on.
    adapter = stopped(write(folder, """let [near, far] = socketpair
spawn
  print "here"
end
near.recv line as got
print got
""", "main.sock"), 3)
    adapter.ask("evaluate", expression="far.send line \"last\"\nsleep 200ms")
    adapter.wait_for_output("last")
    adapter.ask("continue", threadId=1)
    adapter.end()


def case_pauses(folder):
    # One that waits is paused where it waits, and goes on waiting as long as it would have.
    path = write(folder, """let [near, far] = socketpair
spawn
  far.recv line as asked
  far.send line upper(asked)
end
def answer()
  near.recv line within 2s as got
  return got
end
let n = 1
print answer()
""")
    adapter = Adapter(folder)
    adapter.start(path, [10])
    equal(adapter.stop()[:2], ("breakpoint", 10))
    # While it stands there is nothing to pause.
    adapter.ask("pause", threadId=1)
    adapter.ask("continue", threadId=1)
    while True:
        adapter.ask("pause", threadId=1)
        reason, line, names = adapter.stop()
        equal(reason, "pause")
        if line == 7:
            break
        adapter.ask("continue", threadId=1)
    equal(names, ["answer", path])
    equal(adapter.variables(1)["n"]["value"], "1")
    time.sleep(2.5)
    adapter.ask("evaluate", expression="near.send line \"hello\"")
    adapter.ask("next", threadId=1)
    equal(adapter.stop()[:2], ("step", 8))
    adapter.ask("continue", threadId=1)
    adapter.wait_for_output("HELLO\n")
    adapter.end()
    # And ends where it waits.
    path = write(folder, "listen 0\nprint \"waits\"\naccept\n")
    for text, status in [("exit 3", 3), ("connect listener.sockport", 0), (None, 143)]:
        adapter = Adapter(folder)
        adapter.start(path)
        adapter.wait_for_output("waits")
        adapter.ask("pause", threadId=1)
        equal(adapter.stop()[:2], ("pause", 3))
        if text:
            adapter.ask("evaluate", expression=text)
            if not status:
                adapter.ask("continue", threadId=1)
        else:
            adapter.ask("terminate")
        adapter.end(status)


def case_refusals(folder):
    adapter = Adapter(folder)
    adapter.ask("initialize", adapterID="sock")
    assert "there is no request" in adapter.refusal("no such")
    assert "program" in adapter.refusal("launch")
    assert "cannot read" in adapter.refusal("launch", program=os.path.join(folder, "none.sock"))
    assert "[unknown-verb]" in adapter.refusal("launch", program=write(folder, "sned 1\n"))
    found = adapter.ask("setBreakpoints", source={"path": "/no/such"}, breakpoints=[{"line": 1}])
    equal(found["breakpoints"][0]["verified"], False)
    assert "already" in adapter.refusal("initialize", adapterID="sock")
    assert "nothing was launched" in adapter.refusal("terminate")
    for command in ["continue", "stackTrace", "scopes", "variables", "evaluate"]:
        equal(adapter.refusal(command, threadId=1, frameId=1, variablesReference=1, expression="1"), "no script runs")
    path = write(folder, "param port = 1\nprint port + 1, args\n")
    adapter.ask("launch", program=path, args=["a b"], settings={"port": 41})
    adapter.ask("configurationDone")
    adapter.wait_for_output('42 ["a b"]\n')
    adapter.end()
    # What is missing, of another type, or unknown; and messages that are no requests.
    path = write(folder, "let list = [1]\nprint \"on\"\nsleep 50ms\n")
    adapter = Adapter(folder)
    adapter.start(path, [2])
    adapter.stop()
    frame = adapter.frames[0]["id"]
    wrong = [None, "1", [], {}, True, 1.5, -1, 0, 99, 1 << 30, (1 << 29) + 9999, 2**63 - 1, 2**64, -(2**63), "x" * 5000]
    for command in ["continue", "next", "stepIn", "stepOut", "pause", "stackTrace"]:
        for value in wrong:
            assert "hread" in adapter.refusal(command, threadId=value), command
        adapter.refusal(command)
    for value in wrong:
        adapter.refusal("scopes", frameId=value)
        if value != 1 << 30:
            adapter.refusal("variables", variablesReference=value)
        if value is not None:
            assert "rame" in adapter.refusal("evaluate", expression="1", frameId=value), value
        if not isinstance(value, str):
            adapter.refusal("evaluate", expression=value)
            adapter.refusal("setBreakpoints", source={"path": value}, breakpoints=[])
        if value not in (None, []):
            adapter.refusal("setBreakpoints", source={"path": path}, breakpoints=value)
        if value != []:
            adapter.refusal("setExceptionBreakpoints", filters=value)
        found = adapter.ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": value}, value])
        equal(len(found["breakpoints"]), 2)
        adapter.ask("cancel", requestId=value)
        adapter.ask("stackTrace", threadId=1, startFrame=value, levels=value)
    for command in ["setBreakpoints", "setExceptionBreakpoints", "scopes", "variables", "evaluate", "restart", ""]:
        adapter.refusal(command)
    for body in [{"type": "request", "command": "threads"}, {"seq": "x", "type": "request", "command": "threads"},
                 {"seq": None, "type": "request", "command": "threads"}, {"seq": 1.5, "type": "request"},
                 {"seq": 0, "command": "threads"}, {}, [], 7, None]:
        adapter.write(json.dumps(body).encode())
        equal(adapter.answer(0)["success"], False)
    for arguments in [7, "x", [], True]:
        adapter.last += 1
        adapter.write(json.dumps(
            {"seq": adapter.last, "type": "request", "command": "threads", "arguments": arguments}).encode())
        assert "arguments" in adapter.answer(adapter.last)["message"]
    adapter.write(json.dumps({"seq": adapter.last, "type": "response", "command": "threads"}).encode())
    adapter.write(b"{")
    adapter.wait_for_output("no JSON")
    equal(adapter.ask("evaluate", expression="list", frameId=frame)["result"], "[1]")
    adapter.ask("continue", threadId=1)
    adapter.end(told=b"sock: dap: a message is not JSON; it was left out\n")
    # What was not begun is told to be over.
    adapter = Adapter(folder)
    adapter.ask("initialize", adapterID="sock")
    adapter.ask("launch", program=path)
    adapter.ask("terminate")
    adapter.event("terminated")
    adapter.ask("disconnect")
    equal(adapter.process.wait(PATIENCE), 0)


CASES = {name[5:]: act for name, act in list(globals().items()) if name.startswith("case_") and inspect.isfunction(act)}

if __name__ == "__main__":
    if len(sys.argv) < 3:
        print("\n".join(CASES))
    else:
        with tempfile.TemporaryDirectory() as folder:
            CASES[sys.argv[2]](os.path.realpath(folder))
