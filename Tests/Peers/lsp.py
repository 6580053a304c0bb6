# Holds `sock lsp` to the Language Server Protocol: lsp.py SOCK CASE. A case that fails raises.
import inspect
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import tomllib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lsp_client import Client, Text, uri  # noqa: E402

SOCK = os.path.abspath(sys.argv[1])
ABLE = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
    },
    "workspace": {"workspaceEdit": {"documentChanges": True}, "configuration": True},
}

SCRIPT = """# About the file.

param port = 25
param secret token
import "lib/smtp.sock" as smtp

# Says hello to NAME.
def greet(name, loud = false)
  connect port as c
  c.send "hello ${name} ${loud}\\r\\n"
  c.recv line within 2s as answer
  return answer
end

setup
  let [near, far] = socketpair
end

test "greets" must "RFC 5321 4.1" tags [smoke]
  let x = greet("bob", true)
  assert len(x) == 3, token
  smtp.hello(near)
  far.close
end
"""
LIBRARY = """# Speaks SMTP.

let port = 25

# Says HELO on a CHANNEL.
def hello(channel)
  channel.send "HELO x\\r\\n"
  return port
end
"""


def start(folder=None, able=ABLE, **more):
    return Client([SOCK, "lsp"], folder, able, **more)


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", newline="") as file:
        file.write(text)
    return path


def project(folder):
    """The script and its library; a client, and the open script."""
    write(folder, "lib/smtp.sock", LIBRARY)
    path = write(folder, "main.sock", SCRIPT)
    client = start(folder)
    return client, Text(client, SCRIPT, path)


def equal(found, wanted):
    assert found == wanted, f"\n found {found!r}\nwanted {wanted!r}"


def contains(text, *words):
    for word in words:
        assert word in text, f"no {word!r} in {text!r}"


# MARK: - Beginning and end


def case_lifecycle(folder):
    client = start(start=False)
    equal(client.refusal("textDocument/hover", {})["code"], -32002)
    client.notify("textDocument/didOpen", {})
    result = client.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    equal(result["capabilities"]["positionEncoding"], "utf-16")
    equal(result["serverInfo"]["name"], "sock")
    client.notify("initialized", {})
    equal(client.refusal("initialize", {"processId": None, "rootUri": None, "capabilities": {}})["code"], -32600)
    equal(client.refusal("textDocument/moniker", {})["code"], -32601)
    equal(client.refusal("$/unknown", {})["code"], -32601)
    client.notify("$/unknown", {})
    client.notify("textDocument/didChange", {"textDocument": {"uri": "file:///not/open"}, "contentChanges": []})
    equal(client.refusal("textDocument/hover", {"textDocument": {"uri": "file:///not/open"}})["code"], -32602)
    equal(client.refusal("textDocument/hover", {})["code"], -32602)
    equal(client.refusal("textDocument/hover", None)["code"], -32602)
    # The id of a request may be a text.
    client.methods["one"] = "textDocument/moniker"
    equal(client.answer(client.begin("textDocument/moniker", {}, "one"))["error"]["code"], -32601)
    client.request("shutdown", None)
    equal(client.refusal("textDocument/hover", {})["code"], -32600)
    client.notify("exit", None)
    equal(client.server.wait(60), 0)
    client.error_reader.join(60)
    equal(client.errors, b"")

    client = start()
    client.notify("exit", None)
    equal(client.server.wait(60), 1)


def case_rubbish(folder):
    client = start()
    for body in [b"{", b"", b"\xff\xfe", b"[1,", b'{"a":}', b"nonsense"]:
        client.send_bytes(body)
        equal(client.answer(None)["error"]["code"], -32700)
    for body in [b"[]", b"1", b"null", b"{}", b'{"id":null}', b'{"method":1}']:
        client.send_bytes(body)
        equal(client.answer(None)["error"]["code"], -32600)
    # An answer that nobody waits for, heads that say nothing of use, and one with more than the length.
    client.send_bytes(b'{"jsonrpc":"2.0","id":99,"result":null}')
    client.server.stdin.write(b"X-Nothing: 1\r\n\r\n")
    body = b'{"jsonrpc":"2.0","id":7,"method":"no/such"}'
    client.methods[7] = "no/such"
    head = b"content-type: application/vscode-jsonrpc; charset=utf-8\r\nCONTENT-LENGTH:  %d\r\n\r\n" % len(body)
    for byte in head + body:
        client.server.stdin.write(bytes([byte]))
        client.server.stdin.flush()
    equal(client.answer(7)["error"]["code"], -32601)
    for params in [None, [], 1, {"textDocument": 1}, {"textDocument": {"uri": 1}}, {"textDocument": {"uri": "x"}}]:
        for method in ["didOpen", "didChange", "didClose", "didSave"]:
            client.notify("textDocument/" + method, params)
        for method in [
            "hover", "definition", "references", "documentHighlight", "documentSymbol", "completion", "signatureHelp",
            "codeAction", "codeLens", "formatting", "prepareRename", "rename", "foldingRange", "semanticTokens/full",
        ]:
            equal(client.refusal("textDocument/" + method, params)["code"], -32602)
        equal(client.refusal("workspace/executeCommand", params)["code"], -32602)
    left_out = (
        b"sock: lsp: a message begins with `Content-Length: N` and an empty line; what came has none: "
        b'"X-Nothing: 1\\r\\n\\r\\n"; it was left out\n'
    )
    equal(client.end(left_out), 0)


def case_client_dies(folder):
    client = start()
    Text(client, SCRIPT, "/nowhere/x.sock")
    client.server.stdin.close()
    equal(client.server.wait(60), 1)
    # One that does not read goes, too.
    ours, theirs = os.pipe()
    server = subprocess.Popen([SOCK, "lsp"], stdin=subprocess.PIPE, stdout=theirs)
    os.close(theirs)
    os.close(ours)
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}).encode()
    server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    server.stdin.flush()
    equal(server.wait(60), 1)
    server.stdin.close()


# MARK: - Complaints


def case_complaints(folder):
    client, text = project(folder)
    equal(text.complaints(), [])
    at = text.text.index("c.send")
    text.edit(at, at + 6, "c.sned")
    complaints = text.complaints()
    equal([(text.span(one["range"]), one["code"], one["severity"]) for one in complaints],
          [("sned", "unknown-verb", 1)])
    contains(complaints[0]["message"], "`sned` is no verb", "did you mean `send`?")
    actions = text.ask("codeAction", range=complaints[0]["range"], context={"diagnostics": complaints})
    equal([action["title"] for action in actions], ["did you mean `send`?"])
    equal(actions[0]["isPreferred"], True)
    change = actions[0]["edit"]["documentChanges"][0]
    equal((change["textDocument"]["uri"], change["textDocument"]["version"]), (text.uri, text.version))
    equal(text.edited(change["edits"]), SCRIPT)
    equal(text.ask("codeAction", range=complaints[0]["range"], context={"diagnostics": [], "only": ["refactor"]}), [])
    elsewhere = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}}
    equal(text.ask("codeAction", range=elsewhere, context={"diagnostics": []}), [])

    # A warning can be allowed where it is, and counts as an error where the settings say so.
    text.change("test \"t\"\n  let unused = 1\nend\n")
    complaints = text.complaints()
    equal([(one["code"], one["severity"], one.get("tags")) for one in complaints], [("unused-name", 2, [1])])
    actions = text.ask("codeAction", range=complaints[0]["range"], context={"diagnostics": complaints})
    allowing = [action for action in actions if action["title"] == "allow `unused-name` here"]
    text.change(text.edited(allowing[0]["edit"]["documentChanges"][0]["edits"]))
    equal(text.complaints(), [])
    client.settings = {"strict": True}
    text.change("test \"t\"\n  let unused = 1\nend\n")
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.notice("textDocument/publishDiagnostics", lambda p: [d["severity"] for d in p["diagnostics"]] == [1])
    client.notify("workspace/didChangeConfiguration", {"settings": {"sock": {"strict": False}}})
    client.notice("textDocument/publishDiagnostics", lambda p: [d["severity"] for d in p["diagnostics"]] == [2])
    text.close()
    client.notice("textDocument/publishDiagnostics", lambda p: p["diagnostics"] == [])
    equal(client.end(), 0)
    # From the beginning, for editors that have no settings to ask for.
    client = start(folder, able={**ABLE, "workspace": {}}, options={"strict": True})
    text = Text(client, "test \"t\"\n  let unused = 1\nend\n", os.path.join(folder, "main.sock"))
    equal([one["severity"] for one in text.complaints()], [1])
    equal(client.end(), 0)


def case_imports_that_fail(folder):
    write(folder, "broken.sock", "let a = \n")
    write(folder, "circle.sock", 'import "main.sock" as main\nlet b = 1\n')
    client = start(folder)
    text = Text(client, 'import "none.sock" as n\nimport "broken.sock" as b\nimport "circle.sock" as c\nprint b.a\n',
                os.path.join(folder, "main.sock"))
    found = {(text.span(one["range"]), one["code"]) for one in text.complaints()}
    for word, code in [('"none.sock"', "import-unreadable"), ('"circle.sock"', "import-cycle")]:
        assert (word, code) in found, found
    broken = [one for one in client.raw[-1]["params"]["diagnostics"] if text.span(one["range"]) == '"broken.sock"']
    contains(broken[0]["message"], "the imported file has an error")
    place = broken[0]["relatedInformation"][0]["location"]
    equal((place["uri"], place["range"]["start"]["line"]), (uri(os.path.join(folder, "broken.sock")), 0))
    # What is written in the editor counts, saved or not.
    library = Text(client, "let a = 1\n", os.path.join(folder, "broken.sock"))
    library.complaints()
    client.notice("textDocument/publishDiagnostics", lambda p: p["uri"] == text.uri and not any(
        text.span(one["range"]) == '"broken.sock"' for one in p["diagnostics"]))
    library.change("let a = \n")
    client.notice("textDocument/publishDiagnostics", lambda p: p["uri"] == text.uri and any(
        text.span(one["range"]) == '"broken.sock"' for one in p["diagnostics"]))
    equal(text.ask("definition", "none.sock", behind=2), None)
    equal(client.end(), 0)


# MARK: - Places


def case_hover(folder):
    client, text = project(folder)
    for words, behind, wanted in [
        ("recv line", 1, ["`recv`: receives", "```sock"]),
        ("line within", 1, ["An option of `recv`", "a line, without its LF"]),
        ("greet(\"", 1, ["def greet(name, loud = false)", "A function.", "Says hello to NAME."]),
        ("len(x)", 1, ["`len`: bytes of a string"]),
        ("port as", 1, ["param port = 25", "A setting: a number."]),
        ("token\n  smtp", 1, ["param secret token", "A setting, secret."]),
        ("c.recv", 0, ["connect port as c", "from `connect`: channel"]),
        ("answer\nend", 1, ["from `recv`: string"]),
        ("within 2s", 1, ["`within`: sets one deadline"]),
        ("name} ", 1, ["A parameter."]),
        ("hello(near", 1, ["def hello(channel)", "Says HELO on a CHANNEL.", "From `lib/smtp.sock`."]),
        ("smtp.hello", 1, ["import \"lib/smtp.sock\" as smtp", "An imported file."]),
        ("test \"greets", 1, ["`test`:"]),
    ]:
        found = text.ask("hover", words, behind=behind)
        assert found, words
        contains(found["contents"]["value"], *wanted)
        equal(found["contents"]["kind"], "markdown")
        contains(words[max(0, behind - 9) :] + words, text.span(found["range"]))
    for words, behind in [("\n\nparam", 0), ("== 3", 3), ("# About", 3), ("hello ${", 1)]:
        equal(text.ask("hover", words, behind=behind), None)
    equal(client.end(), 0)


def case_names(folder):
    client, text = project(folder)
    library = os.path.join(folder, "lib/smtp.sock")

    def place(found):
        return found["uri"].rsplit("/", 1)[1], found["range"]["start"]["line"], found["range"]["start"]["character"]

    equal(place(text.ask("definition", "greet(\"", behind=3)), ("main.sock", 7, 4))
    equal(place(text.ask("definition", "name} ", behind=1)), ("main.sock", 7, 10))
    equal(place(text.ask("definition", "hello(near", behind=1)), ("smtp.sock", 5, 4))
    equal(place(text.ask("definition", "lib/smtp", behind=1)), ("smtp.sock", 0, 0))
    equal(place(text.ask("definition", "smtp.hello", behind=1)), ("main.sock", 4, 26))
    equal(text.ask("definition", "len(x)", behind=1), None)
    equal(text.ask("definition", "recv line", behind=1), None)
    declared = {"context": {"includeDeclaration": True}}
    equal([place(one) for one in text.ask("references", "greet(\"", behind=1, **declared)],
          [("main.sock", 7, 4), ("main.sock", 19, 10)])
    equal([place(one) for one in text.ask("references", "greet(\"", behind=1, context={"includeDeclaration": False})],
          [("main.sock", 19, 10)])
    wanted = {("main.sock", 21, 7), ("smtp.sock", 5, 4)}
    equal({place(one) for one in text.ask("references", "hello(near", behind=1, **declared)}, wanted)
    # The same from the side of the library, which finds who imports it.
    other = Text(client, LIBRARY, library)
    equal({place(one) for one in other.ask("references", "hello(channel", behind=1, **declared)}, wanted)
    equal(sorted((text.span(one["range"]), one["kind"]) for one in text.ask("documentHighlight", "c.recv")),
          [("c", 2), ("c", 2), ("c", 3)])
    equal(len(text.ask("documentHighlight", "len(x)", behind=1)), 1)

    # Another name, in both files.
    contains(json.dumps(text.ask("prepareRename", "hello(near", behind=2)), '"placeholder": "hello"')
    edit = text.ask("rename", "hello(near", behind=1, newName="helo")
    changes = {change["textDocument"]["uri"]: change["edits"] for change in edit["documentChanges"]}
    equal(text.edited(changes[text.uri]), SCRIPT.replace("smtp.hello", "smtp.helo"))
    equal(other.edited(changes[other.uri]), LIBRARY.replace("def hello", "def helo"))
    edit = text.ask("rename", "name} ", behind=1, newName="who")["documentChanges"][0]["edits"]
    equal(text.edited(edit), SCRIPT.replace("greet(name", "greet(who").replace("${name}", "${who}"))
    edit = text.ask("rename", "near, far", newName="close_by")["documentChanges"][0]["edits"]
    equal(text.edited(edit), SCRIPT.replace("[near", "[close_by").replace("(near", "(close_by"))
    for words, behind, name, reason in [
        ("greet(\"", 1, "1st", "is no name"), ("greet(\"", 1, "", "is no name"), ("greet(\"", 1, "a b", "is no name"),
        ("greet(\"", 1, "grüßen", "is no name"), ("greet(\"", 1, "send", "is a verb"),
        ("greet(\"", 1, "end", "is a word of the language"), ("greet(\"", 1, "port", "`port` is taken"),
        ("greet(\"", 1, "len", "is taken: in line 21 `len` would mean another"),
        ("name} ", 1, "loud", "`loud` is taken"), ("x = greet", 0, "near", "`near` is taken"),
        ("name} ", 1, "c", "`c` is taken"),
        ("len(x)", 1, "count", "a function of the language"), ("hello(near", 1, "port", "`port` is taken"),
    ]:
        refusal = text.refusal("rename", words, behind=behind, newName=name)
        equal(refusal["code"], -32803)
        contains(refusal["message"], reason)
    for words, behind in [("test \"gr", 1), ("== 3", 3), ("recv line", 1), ("\n\nparam", 0)]:
        equal(text.refusal("prepareRename", words, behind=behind)["code"], -32803)
    equal(client.end(), 0)


def case_encodings(folder):
    source = "let a = \"😀\"; print a, \"שלום\", a\r\n# 😀😀 end\r\nprint \"é\", a, b\r\n"
    path = os.path.join(folder, "ä 100%.sock")
    for encodings, width in [(["utf-16"], lambda t: len(t.encode("utf-16-le")) // 2),
                             (["utf-8", "utf-16"], lambda t: len(t.encode())),
                             (["utf-32"], lambda t: len(t.encode("utf-16-le")) // 2)]:
        client = start(folder, {"general": {"positionEncodings": encodings}})
        equal(client.result["capabilities"]["positionEncoding"], "utf-8" if "utf-8" in encodings else "utf-16")
        text = Text(client, source, path)
        (complaint,) = text.complaints()
        line = source.split("\r\n")[2]
        equal(complaint["range"], {"start": {"line": 2, "character": width(line[: line.index("b")])},
                                   "end": {"line": 2, "character": width(line[: line.index("b")]) + 1}})
        line = source.split("\r\n")[0]
        second = {"line": 0, "character": width(line[: line.rindex("a")])}
        found = client.request("textDocument/documentHighlight",
                               {"textDocument": {"uri": text.uri}, "position": second})
        places = [(one["range"]["start"]["line"], one["range"]["start"]["character"]) for one in found]
        third = source.split("\r\n")[2]
        equal(places, [(0, 4), (0, width(line[: line.index("a,")])), (0, second["character"]),
                       (2, width(third[: third.index("a,")]))])
        # Behind the end of a line, of the text, and in the middle of a character: the nearest before it.
        for position in [{"line": 0, "character": 999}, {"line": 99, "character": 0}, {"line": 0, "character": 10},
                         {"line": 1, "character": 3}]:
            client.request("textDocument/hover", {"textDocument": {"uri": text.uri}, "position": position})
        # An edit behind the emoji, in the client's own units.
        start_ = width(line[: line.index("print")])
        client.notify("textDocument/didChange", {
            "textDocument": {"uri": text.uri, "version": 2}, "contentChanges": [
                {"range": {"start": {"line": 0, "character": start_}, "end": {"line": 0, "character": start_ + 5}},
                 "text": "prinz"},
                {"range": {"start": {"line": 0, "character": start_ + 4}, "end": {"line": 0, "character": start_ + 5}},
                 "text": "t"},
                {"range": {"start": {"line": 2, "character": 0}, "end": {"line": 3, "character": 0}}, "text": ""}]})
        text.version = 2
        equal(text.complaints(), [])
        equal(client.end(), 0)


def case_half_characters(folder):
    # An editor's text may have half of an emoji in it; the places behind it stay what they are.
    client = start(folder)
    text = "print 'HALF \\ud800', \"\U0001F600\", b\n"
    body = json.dumps({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {
        "textDocument": {"uri": "file:///x.sock", "languageId": "sock", "version": 1, "text": text}}})
    for half in ["\\ud83d", "\\ude00", "\\uD83D\\uD83D"]:
        client.send_bytes(body.replace("HALF", half).encode())
        told = client.notice("textDocument/publishDiagnostics")["diagnostics"]
        place = text.index("b\n") - len("HALF") + half.count("u") + 1
        equal([(one["code"], one["range"]["start"]["character"]) for one in told], [("undeclared-name", place)])
    equal(client.end(), 0)


def case_names_of_documents(folder):
    library = write(folder, "a b/ü#1.sock", "let a = 1\n")
    client = start(folder)
    text = Text(client, 'import "a b/ü#1.sock" as lib\nprint lib.a\n', os.path.join(folder, "main.sock"))
    equal(text.complaints(), [])
    equal(text.ask("definition", "lib.a", behind=4)["uri"], uri(library))
    # Another spelling of the same file, and a text that has none.
    other = Text(client, "let a = 1\n", address=uri(library).replace("a%20b", "%61%20b").replace("file://", "FILE://"))
    equal(other.complaints(), [])
    equal(text.ask("definition", "lib.a", behind=4)["uri"], other.uri)
    fresh = Text(client, 'import "a b/ü#1.sock" as lib\nprint lib.b\n', address="untitled:Untitled-1")
    equal([one["code"] for one in fresh.complaints()], ["unknown-export"])
    equal(fresh.ask("codeLens"), [])
    contains(json.dumps(fresh.ask("completion", "lib.b", behind=4)), '"label": "a"')
    equal(client.end(), 0)


# MARK: - Writing


def labels(answer):
    return [one["label"] for one in answer]


def case_completion(folder):
    client, text = project(folder)
    text.change(SCRIPT + "smtp.\nlisten 0\nimport \"l\nsockopt SO_RC\ngre\nconn.recv \n")
    text.complaints()
    equal(labels(text.ask("completion", "smtp.\n", behind=5)), ["hello", "port"])
    files = text.ask("completion", 'import "l\n', behind=9)
    equal(labels(files), ["lib/"])
    equal(text.edited([files[0]["textEdit"]])[text.text.index('import "l\n'):][:12], 'import "lib/')
    contains(labels(text.ask("completion", "SO_RC\n", behind=5)), "SO_RCVBUF")
    equal(labels(text.ask("completion", "gre\n", behind=3)), ["greet("])
    contains(labels(text.ask("completion", "conn.recv \n", behind=10)), "line", "exactly", "within")
    found = text.ask("completion", "listen 0\n", behind=3)
    (verb,) = [one for one in found if one["label"] == "listen"]
    assert verb["documentation"] and verb["detail"].startswith("["), verb
    equal([one["sortText"] for one in found], sorted(one["sortText"] for one in found))
    text.change('import "lib/s')
    equal(labels(text.ask("completion", "lib/s", behind=5)), ["lib/smtp.sock"])
    equal(client.end(), 0)


def case_signatures(folder):
    client, text = project(folder)

    def signature(line, behind=None):
        text.change(SCRIPT + line + "\n")
        found = text.ask("signatureHelp", line, behind=len(line) if behind is None else behind)
        if not found:
            return None
        one = found["signatures"][0]
        at = found["activeParameter"]
        parts = [one["label"][a:b] for a, b in (parameter["label"] for parameter in one["parameters"])]
        return one["label"], parts[at] if at < len(parts) else None

    equal(signature("greet("), ("def greet(name, loud = false)", "name"))
    equal(signature("greet(\"a, b\", "), ("def greet(name, loud = false)", "loud = false"))
    equal(signature("greet([1, 2], f(3, 4), "), ("def greet(name, loud = false)", None))
    equal(signature("greet(1, 2)", 7), ("def greet(name, loud = false)", "name"))
    equal(signature("greet(1, 2)"), None)
    equal(signature("let y = split(\"a b\", "), ("split(s [, separator] [, limit])", "separator"))
    equal(signature("smtp.hello("), ("def hello(channel)", "channel"))
    equal(signature("print \"${greet(1, "), ("def greet(name, loud = false)", "loud = false"))
    equal(signature("print \"greet(1, "), None)
    equal(signature("print (1, "), None)
    equal(client.end(), 0)


def case_formatting(folder):
    client, text = project(folder)
    options = {"options": {"tabSize": 8, "insertSpaces": False}}
    equal(text.ask("formatting", **options), [])
    text.change(SCRIPT.replace("  connect port as c", "connect   port   as c").replace("setup\n", "setup \n"))
    edits = text.ask("formatting", **options)
    equal(text.edited(edits), SCRIPT)
    assert len(edits[0]["newText"]) < len(SCRIPT), "no more than what differs"
    text.change(SCRIPT + "if\n   print   1\n")
    equal(text.ask("formatting", **options), [])
    for source in ["", "\n", "print 1", "print 1\r\nprint  2\r\n", "   print \"😀\",1\n"]:
        text.change(source)
        text.change(text.edited(text.ask("formatting", **options)))
        equal(text.ask("formatting", **options), [])
    equal(client.end(), 0)


# MARK: - The text as a whole


def case_outline(folder):
    client, text = project(folder)

    def tree(symbols):
        return [(one["name"], one["kind"], tree(one.get("children", []))) for one in symbols]

    found = text.ask("documentSymbol")
    equal(tree(found), [
        ("port", 14, []), ("token", 14, []), ("smtp", 2, []),
        ("greet", 12, [("name", 13, []), ("loud", 13, [])]), ("setup", 9, []), ("greets", 6, [])])
    equal(found[-1]["detail"], 'must "RFC 5321 4.1"')
    equal(text.span(found[3]["selectionRange"]), "greet")
    assert text.span(found[3]["range"]).endswith("return answer\nend"), text.span(found[3]["range"])
    lines = SCRIPT.split("\n")
    folds = [(lines[fold["startLine"]], lines[fold["endLine"]]) for fold in text.ask("foldingRange")]
    equal(folds, [("def greet(name, loud = false)", "  return answer"),
                  ("setup", "  let [near, far] = socketpair"),
                  ('test "greets" must "RFC 5321 4.1" tags [smoke]', "  far.close")])
    text.change('# a\n# b\n\nif true\n  print 1\nelse\n  print """\n    x\n    """\nend\n')
    equal([(one["startLine"], one["endLine"], one.get("kind")) for one in text.ask("foldingRange")],
          [(0, 1, "comment"), (3, 8, None), (6, 7, None)])
    text.change(SCRIPT)

    names = {one["name"]: one for one in client.request("workspace/symbol", {"query": "hel"})}
    equal(set(names), {"hello"})
    equal(names["hello"]["location"]["uri"], uri(os.path.join(folder, "lib/smtp.sock")))
    equal(client.end(), 0)


def case_colours(folder):
    client, text = project(folder)
    legend = client.result["capabilities"]["semanticTokensProvider"]["legend"]

    def pieces():
        data = text.ask("semanticTokens/full")["data"]
        lines = [line.encode("utf-16-le") for line in text.text.split("\n")]
        line = character = 0
        for at in range(0, len(data), 5):
            down, right, length, kind, marks = data[at : at + 5]
            assert down >= 0 and (down > 0 or right > 0 or at == 0), "in order"
            line, character = line + down, right if down else character + right
            words = lines[line][2 * character : 2 * (character + length)].decode("utf-16-le")
            assert words, (line, character)
            modifiers = [name for bit, name in enumerate(legend["tokenModifiers"]) if marks >> bit & 1]
            yield words, " ".join([legend["tokenTypes"][kind]] + modifiers)

    found = list(pieces())
    for one in [("# About the file.", "comment"), ("param", "keyword"), ("port", "variable declaration"),
                ("smtp", "namespace declaration"), ("greet", "function declaration"), ("greet", "function"),
                ("name", "parameter declaration"), ("name", "parameter"), ('"hello ${', "string"),
                ("send", "function defaultLibrary"), ("line", "modifier"), ("2s", "number"), ("c", "variable"),
                ("len", "function defaultLibrary"), ("must", "keyword"), ("hello", "function"), ("false", "keyword")]:
        assert one in found, (one, found)
    text.change('let a = {k: 1}\nlisten 0\nsockopt SO_RCVBUF\nprint a.k, "😀${a}😀", conn\nrecv until /x${a}y/i\n'
                'print """\n  b ${a} "q"\n  c\n  """\nconnect localhost:${a}\n')
    found = list(pieces())
    for one in [("k", "property"), ("SO_RCVBUF", "enumMember"), ('}😀"', "string"), ("conn", "variable defaultLibrary"),
                ("/x${", "regexp"), ("}y/i", "regexp"), ('"""', "string"), ("  c", "string"), ("until", "modifier"),
                ("localhost:${", "string")]:
        assert one in found, (one, found)
    equal(client.end(), 0)


def case_tests_are_run(folder):
    source = ('test "passes (1)"\n  assert 1 == 1\nend\nfor n in 1..2\n  test "case ${n}."\n    assert n == 1\n  end\n'
              'end\ntest "says"\n  log "hello from it"\n  fail "on purpose"\nend\n')
    path = write(folder, "a suite.sock", source)
    client = start(folder)
    text = Text(client, source, path)
    lenses = text.ask("codeLens")
    equal([(one["range"]["start"]["line"], one["command"]["command"], one["command"]["arguments"]) for one in lenses],
          [(0, "sock.runTest", [path, "passes (1)"]), (4, "sock.runTest", [path, "case ${n}."]),
           (8, "sock.runTest", [path, "says"])])

    def run(*arguments):
        result = client.request("workspace/executeCommand", {"command": "sock.runTest", "arguments": list(arguments)})
        equal(result, None)
        log = client.notice("window/logMessage")
        shown = client.notice("window/showMessage")
        return log["message"], shown["message"], shown["type"]

    log, shown, kind = run(path, "passes (1)")
    equal((shown, kind), ("passes (1): passed", 3))
    contains(log, "passed")
    log, shown, kind = run(path, "case ${n}.")
    assert "case 1." in log and "case 2." in log and "says" not in log, log
    equal(kind, 1)
    log, shown, kind = run(uri(path), "says")
    contains(log, "on purpose")
    contains(shown, "says: failed")
    log, shown, kind = run(path)
    contains(shown, "failed")
    text.change(source.replace("on purpose", "by chance"))
    log, shown, kind = run(path, "says")
    contains(shown, "says: failed (the file as it is stored, which is not what the editor shows)")
    log, shown, kind = run(path, "no such test")
    contains(shown, "could not be run (status 2)")
    refusal = client.refusal("workspace/executeCommand", {"command": "sock.else", "arguments": []})
    equal(refusal["code"], -32602)
    equal(client.refusal("workspace/executeCommand", {"command": "sock.runTest"})["code"], -32602)
    # One that still runs ends with the server, and keeps nothing waiting.
    slow = write(folder, "slow.sock", 'test "slow" timeout 60s\n  sleep 50s\nend\n')
    client.request("workspace/executeCommand", {"command": "sock.runTest", "arguments": [slow, "slow"]})
    began = time.monotonic()
    text.ask("hover", "assert", behind=1)
    assert time.monotonic() - began < 20
    equal(client.end(), 0)


# MARK: - While it is being typed

QUESTIONS = ["hover", "definition", "documentHighlight", "completion", "signatureHelp", "prepareRename"]
LISTS = ["documentSymbol", "codeLens", "foldingRange", "semanticTokens/full"]


def ask_everything(client, text, offset):
    ids = []
    position = {"textDocument": {"uri": text.uri}, "position": text.position(offset)}
    for method in QUESTIONS:
        ids.append(client.begin("textDocument/" + method, position))
    ids.append(client.begin("textDocument/references", {**position, "context": {"includeDeclaration": True}}))
    ids.append(client.begin("textDocument/rename", {**position, "newName": "other"}))
    for method in LISTS:
        ids.append(client.begin("textDocument/" + method, {"textDocument": {"uri": text.uri}}))
    span = {"start": text.position(0), "end": text.position(len(text.text))}
    ids.append(client.begin("textDocument/codeAction", {
        "textDocument": {"uri": text.uri}, "range": span, "context": {"diagnostics": []}}))
    ids.append(client.begin("textDocument/formatting", {
        "textDocument": {"uri": text.uri}, "options": {"tabSize": 2, "insertSpaces": True}}))
    for id in ids:
        answer = client.answer(id)
        if "error" in answer:
            equal(answer["error"]["code"], -32803)


def case_typing(folder):
    write(folder, "lib/smtp.sock", LIBRARY)
    client = start(folder)
    text = Text(client, "", os.path.join(folder, "main.sock"))
    for at in range(len(SCRIPT)):
        text.edit(at, at, SCRIPT[at])
        if at % 7 == 0 or SCRIPT[at] in '("${':
            ask_everything(client, text, at + 1)
    equal(text.text, SCRIPT)
    equal(text.complaints(), [])
    # And what no one types: cut, doubled and foreign pieces, at any place.
    seed = int(os.environ.get("SOCK_SEED", time.time_ns() % 2**32))
    chance = random.Random(seed)
    try:
        pieces = ["😀", "\r", "\r\n", "\n", "\t", "\0", '"""', "${", "}", "(", ")", "end\n", "test", "\u202e", "é", "'"]
        for _ in range(150):
            start_ = chance.randrange(len(text.text) + 1)
            stop = min(len(text.text), start_ + chance.choice([0, 0, 1, 3, 20]))
            # A client counts a lone carriage return as a line end, and this one does not.
            piece = chance.choice(pieces) if chance.random() < 0.7 else SCRIPT[chance.randrange(len(SCRIPT)):][:15]
            changed = text.text[:start_] + piece + text.text[stop:]
            if chance.random() < 0.2:
                changed = SCRIPT
            text.change(changed)
            place = chance.randrange(len(changed) + 1)
            ask_everything(client, text, place)
    except BaseException:
        print(f"SOCK_SEED={seed}", file=sys.stderr)
        raise
    equal(client.end(), 0)


def case_cancelling(folder):
    client, text = project(folder)
    text.complaints()
    # All of it is there before the server looks: one write.
    messages = []
    for at in range(200):
        messages.append({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
            "textDocument": {"uri": text.uri, "version": 2 + at},
            "contentChanges": [{"text": SCRIPT + "# " + "x" * at + "\n"}]}})
    for id in range(1000, 1020):
        client.methods[id] = "textDocument/hover"
        messages.append({"jsonrpc": "2.0", "id": id, "method": "textDocument/hover",
                         "params": text.at("recv line", behind=1)})
    for id in range(1000, 1019):
        messages.append({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id}})
    data = b""
    for message in messages:
        body = json.dumps(message).encode()
        data += b"Content-Length: %d\r\n\r\n" % len(body) + body
    with client.changed:
        heard = len(client.raw)
    client.server.stdin.write(data)
    client.server.stdin.flush()
    for id in range(1000, 1019):
        answer = client.answer(id)
        assert "error" not in answer or answer["error"]["code"] == -32800, answer
    contains(json.dumps(client.answer(1019)["result"]), "receives")
    client.notice("textDocument/publishDiagnostics", lambda params: params["version"] == 201)
    told = [one for one in client.raw[heard:] if one.get("method") == "textDocument/publishDiagnostics"]
    assert len(told) < 100, f"told {len(told)} times of 200 changes"
    equal(client.end(), 0)


def case_large(folder):
    """Each answer about 10,000 lines takes the program that people run less than 50 ms, and on a busy machine 250."""
    part = SCRIPT[SCRIPT.index("# Says"):SCRIPT.index("setup")]
    head = SCRIPT[: SCRIPT.index("# Says")]
    blocks = []
    while sum(block.count("\n") for block in blocks) < 10_000:
        number = len(blocks)
        blocks.append(part.replace("greet", f"greet{number}"))
        blocks[-1] += f'test "greets {number}"\n  let x = greet{number}("bob", true)\n'
        blocks[-1] += f"  assert len(x) == {number}\nend\n\n"
    source = head + "".join(blocks) + "print smtp.port\n"
    write(folder, "lib/smtp.sock", LIBRARY)
    client = start(folder)
    text = Text(client, source, write(folder, "main.sock", source))
    text.complaints()
    middle = source.index("def greet300(")
    times = {}

    def measure(what, act):
        took = []
        for _ in range(5):
            began = time.perf_counter()
            act()
            took.append(time.perf_counter() - began)
        times[what] = min(took)

    def keystroke():
        text.edit(middle, middle, "#")
        text.complaints()
        text.edit(middle, middle + 1, "")
        text.complaints()

    def keystroke_and(method):
        def act():
            text.edit(len(text.text), len(text.text), "#")
            text.ask(method, "def greet300(", behind=6)
            text.complaints()
        return act

    measure("two keystrokes and their complaints", keystroke)
    times["a keystroke and its complaints"] = times.pop("two keystrokes and their complaints") / 2
    place = text.at("def greet300(", behind=6)
    for method, params in [
        ("hover", place), ("definition", place), ("documentHighlight", place), ("signatureHelp", place),
        ("completion", place), ("prepareRename", place),
        ("references", {**place, "context": {"includeDeclaration": True}}), ("rename", {**place, "newName": "other"}),
        ("documentSymbol", {"textDocument": {"uri": text.uri}}), ("codeLens", {"textDocument": {"uri": text.uri}}),
        ("foldingRange", {"textDocument": {"uri": text.uri}}),
        ("semanticTokens/full", {"textDocument": {"uri": text.uri}}),
        ("formatting", {"textDocument": {"uri": text.uri}, "options": {"tabSize": 2, "insertSpaces": True}}),
        ("codeAction", {"textDocument": {"uri": text.uri}, "range": {"start": text.position(0),
         "end": text.position(len(source))}, "context": {"diagnostics": []}}),
    ]:
        measure(method, lambda: client.request("textDocument/" + method, params))
    end = {"textDocument": {"uri": text.uri}, "position": text.position(len(source))}
    measure("completion at the end", lambda: client.request("textDocument/completion", end))
    measure("keystroke and completion", keystroke_and("completion"))
    for what, took in times.items():
        print(f"{1000 * took:6.1f} ms  {what}")
    if "/release/" in SOCK:
        late = {what: took for what, took in times.items() if took > 0.25}
        assert not late, late
    equal(client.end(), 0)


# MARK: - Editors


def case_neovim(folder):
    write(folder, "lib/smtp.sock", LIBRARY)
    write(folder, "main.sock", SCRIPT.replace("c.send", "c.sned"))
    here = os.path.dirname(os.path.abspath(__file__))
    script = os.path.join(here, "lsp.lua")
    with open(os.path.join(here, "../../grammar/editors.md")) as file:
        write(folder, "init.lua", file.read().split("```lua\n")[1].split("```")[0])
    os.makedirs(os.path.join(folder, "bin"))
    os.symlink(SOCK, os.path.join(folder, "bin/sock"))
    # Its own files go into the folder, too.
    environment = {**os.environ, "HOME": folder, "PATH": os.path.join(folder, "bin") + ":" + os.environ["PATH"]}
    for name in ["XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"]:
        environment[name] = os.path.join(folder, name)
    ended = subprocess.run(["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {script}"],
                           cwd=folder, env=environment, capture_output=True, timeout=240)
    assert ended.returncode == 0 and b"served" in ended.stdout, (ended.stdout + ended.stderr).decode()


def case_helix(folder):
    # There is no Helix to ask: what it would start by its settings serves.
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../grammar/editors.md")) as file:
        settings = tomllib.loads(file.read().split("```toml\n")[1].split("```")[0])
    (language,) = settings["language"]
    with open(os.path.join(here, "../../grammar/sock.tmLanguage.json")) as file:
        equal(language["scope"], json.load(file)["scopeName"])
    (server,) = [settings["language-server"][name] for name in language["language-servers"]]
    equal((server["command"], language["file-types"]), ("sock", ["sock"]))
    body = json.dumps({"jsonrpc": "2.0", "method": "exit"}).encode()
    ended = subprocess.run([SOCK, *server["args"]], input=b"Content-Length: %d\r\n\r\n" % len(body) + body, cwd=folder,
                           capture_output=True, timeout=60)
    equal((ended.returncode, ended.stdout, ended.stderr), (1, b"", b""))


def case_emacs(folder):
    write(folder, "lib/smtp.sock", LIBRARY)
    write(folder, "main.sock", SCRIPT.replace("c.send", "c.sned"))
    here = os.path.dirname(os.path.abspath(__file__))
    mode, script = os.path.join(here, "../../grammar/sock-mode.el"), os.path.join(here, "lsp.el")
    os.makedirs(os.path.join(folder, "bin"))
    os.symlink(SOCK, os.path.join(folder, "bin/sock"))
    environment = {**os.environ, "HOME": folder, "PATH": os.path.join(folder, "bin") + ":" + os.environ["PATH"]}
    ended = subprocess.run(["emacs", "--batch", "-f", "package-activate-all", "-l", mode, "-l", script], cwd=folder, env=environment,
                           stdin=subprocess.DEVNULL, capture_output=True, timeout=240)
    assert ended.returncode == 0 and b"served" in ended.stderr, (ended.stdout + ended.stderr).decode()


def case_vscode(folder):
    write(folder, "lib/smtp.sock", LIBRARY)
    write(folder, "main.sock", SCRIPT.replace("c.send", "c.sned"))
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lsp-vscode.js")
    ended = subprocess.run(["node", script, SOCK, folder], capture_output=True, timeout=240)
    assert ended.returncode == 0, (ended.stdout + ended.stderr).decode()


CASES = {name[5:]: act for name, act in list(globals().items()) if name.startswith("case_") and inspect.isfunction(act)}

if __name__ == "__main__":
    if len(sys.argv) < 3:
        print("\n".join(CASES))
    else:
        with tempfile.TemporaryDirectory() as folder:
            CASES[sys.argv[2]](os.path.realpath(folder))
