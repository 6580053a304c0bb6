// The help of the names that every script has, and of the words that belong to something else.

extension PredefinedName {
  var page: HelpPage {
    HelpPage(
      topic: rawValue, summary: summary,
      blocks: help.details.map(HelpBlock.paragraph) + (help.example.map { [.example($0)] } ?? [])
        + [.paragraph("See also: \(help.related.joined(separator: ", ")).")])
  }

  private var help: (details: [String], example: HelpExample?, related: [String]) {
    switch self {
    case .listener:
      (
        ["`listen` and `bind` make it, unless `as` names what they make. It is nil before."],
        HelpExample("listen 0\nconnect listener.sockport\nprint conn.peerport == listener.sockport", prints: "true"),
        ["listen", "conn", "channels", "properties"]
      )
    case .conn:
      (
        ["`connect`, `accept` and `socket` make it, unless `as` names what they make; in `serve` it is the client's "
          + "connection. A verb without a channel in front speaks to it. It is nil before."],
        HelpExample(
          "listen 0\nconnect listener.sockport\nprint conn.connected, conn.peerhost", prints: "true 127.0.0.1"),
        ["connect", "accept", "listener", "channels", "properties"]
      )
    case .stdin:
      (
        ["It is read as any channel is: by `recv`, `expect` and in `select`, and never keeps other tasks waiting. A "
          + "script that comes from standard input itself (`sock -`) is read to the end before it runs; nothing is "
          + "left for `stdin` then."],
        HelpExample("while stdin.recv line as text\n  print upper(text)\nend"),
        ["recv", "stdout", "args", "select"]
      )
    case .stdout:
      (
        ["`print` writes lines to it. `stdout.send` writes bytes as they are, without a line end."],
        HelpExample("stdout.send \"no line end\"\nstdout.send \", but now\\n\"", prints: "no line end, but now"),
        ["print", "send", "stderr", "stdin"]
      )
    case .stderr:
      (
        ["Messages about failures go there; `log` writes lines to it, in a test to the test's report."],
        HelpExample("stderr.send \"a warning\\n\"\nprint \"done\"", prints: "done"),
        ["log", "stdout", "exit"]
      )
    case .args:
      (
        [
          "They stand behind the script on the command line: `sock FILE A B`, `sock -e 'STATEMENTS' A B`, "
            + "`sock - A B`. All of them are strings, options as well: those of `sock` stand in front of the script.",
          "A script that declares `param`s and does not read `args` gets its arguments as their values.",
        ],
        HelpExample(
          "if args == []\n  print \"no arguments\"\nend\nfor word in args\n  print word\nend",
          prints: "no arguments"),
        ["param", "env", "stdin", "scriptdir"]
      )
    case .tmpdir:
      (
        ["It is made when it is first asked for; in a test it is the test's own."],
        HelpExample(
          "writefile(\"${tmpdir}/a\", \"text\")\nlisten unix:${tmpdir}/socket\nprint readfile(\"${tmpdir}/a\")",
          prints: "text"),
        ["writefile", "readfile", "scriptdir", "addresses"]
      )
    case .scriptdir:
      (
        ["For files that lie beside the script, wherever it is started. In an imported file it is that file's folder."],
        HelpExample("print lines(readfile(\"${scriptdir}/lib/smtp.sock\"))[1]", prints: "let port = 25"),
        ["import", "readfile", "tmpdir", "args"]
      )
    case .any, .absent:
      (
        ["In the fields of `expect message` it stands for a value: `any` for whatever is there, `absent` for what is not."],
        HelpExample(
          "message Note\n  kind u8\n  id u16 if kind > 0\nend\nlet [a, b] = socketpair\na.send Note {kind: 0}\n"
            + "b.expect message Note {kind: any, id: absent} as note\nprint note",
          prints: "{kind: 0}"),
        ["expect", "send", "decode", "patterns"]
      )
    case .error:
      (
        ["A caught error has the same properties: `code`, `message`, `line` and others."],
        HelpExample(
          "let [a, b] = socketpair\nlet answer = try a.recv line within 10ms\nprint answer, error.code",
          prints: "nil timeout"),
        ["try", "failures", "errors", "properties"]
      )
    case .it, .it2, .it3:
      (
        [
          "A session shows a result and keeps it as `it`, the one before it as `it2`, and that before as `it3`; a script "
            + "has no such names."
        ],
        nil,
        ["let", "print"]
      )
    }
  }
}

extension HelpCatalog {
  /// What a word is of channels, addresses and errors; empty when it is no property.
  static func properties(_ word: String) -> [HelpBlock.Row] {
    var rows: [HelpBlock.Row] = []
    if let found = ChannelProperty(rawValue: word) { rows.append(("CHANNEL.\(word)", found.summary)) }
    if let found = AddressProperty(rawValue: word) { rows.append(("ADDRESS.\(word)", found.summary)) }
    if let found = ErrorProperty(rawValue: word) { rows.append(("ERROR.\(word)", found.summary)) }
    return rows
  }

  /// The verbs of which a word is an option, as `exactly` of `recv`.
  static func options(_ word: String) -> [HelpBlock.Row] {
    VerbTable.rows.flatMap { row in
      row.options.joined().filter { $0.words.contains(word) }.map { option in
        ("\(row.verb.rawValue) \(option.synopsis)", option.summary)
      }
    }
  }
}

extension VerbRow.Option {
  /// The option's own word, and those of which one follows it.
  fileprivate var words: [String] {
    if case .oneOf(let words) = argument { [word.rawValue] + words.map(\.rawValue) } else { [word.rawValue] }
  }
}
