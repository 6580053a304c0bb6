// The help as a whole: what there is about which words, and how it is laid out. The program's tests run its examples.

import Testing

@testable import SockLanguage

@Suite("The help")
struct HelpTextTests {
  @Test("each topic has its page, and what it refers to is there", arguments: HelpText.topics)
  func topic(name: String) throws {
    let page = try #require(HelpCatalog.page(name))
    #expect(page.topic == name)
    for block in page.blocks {
      guard case .paragraph(let text) = block else { continue }
      #expect(text.filter { $0 == "`" }.count % 2 == 0, "a backquote is alone: \(text)")
      guard text.hasPrefix("See also: ") else { continue }
      for word in text.dropFirst("See also: ".count).dropLast().split(separator: ", ") {
        #expect(HelpCatalog.page(String(word)) != nil, "there is no topic \(word)")
        #expect(word != name)
      }
    }
  }

  @Test("no topic hides another")
  func topics() {
    #expect(Set(HelpText.topics).count == HelpText.topics.count)
  }

  @Test("every word of the language leads to a page")
  func words() {
    let words =
      Keyword.allCases.map(\.rawValue) + OptionWord.allCases.map(\.rawValue) + PredefinedName.allCases.map(\.rawValue)
      + ChannelProperty.allCases.map(\.rawValue) + AddressProperty.allCases.map(\.rawValue)
      + ErrorProperty.allCases.map(\.rawValue) + FailureName.allCases.map(\.rawValue)
    for word in words { #expect(HelpText.text(word) != nil, "\(word)") }
    for (_, codes) in HelpCatalog.codes {
      for (code, _) in codes {
        #expect(HelpText.text("errors \(code)")?.hasPrefix("errors \(code): ") == true)
      }
    }
    #expect(HelpText.text("errors EADDRINUSE") == HelpText.text("errors errno"))
    #expect(HelpText.text("exactly")?.contains("recv exactly N") == true)
    #expect(HelpText.text("elif") == HelpText.text("if"))
  }

  @Test(
    "a word that people look for leads to the pages about it",
    arguments: [
      ("tcp", ["connect", "listen"]), ("udp", ["bind", "recipes udp-retry"]), ("unix", ["addresses"]),
      ("ssl", ["tls", "certificate"]), ("http", ["recipes http-get"]), ("list", ["types", "push"]),
      ("file", ["readfile", "writefile", "ERROR.file"]), ("files", ["readfile"]), ("must", ["test", "tests"]),
      ("should", ["test"]), ("may", ["test"]), ("tags", ["test", "--tag"]), ("process", ["run", "signal"]),
      ("pty", ["interact", "expect screen", "recipes terminal"]), ("hangs", ["timeout 5s", "sock test"]),
      ("pwntools", ["pexpect"]), ("LISTEN_FDS", ["inherited", "run"]), ("SCM_RIGHTS", ["recipes pass-descriptors"]),
      ("serial", ["open", "recipes serial"]), ("Ctrl-D", ["shutdown write"]), ("proxy", ["through", "proxied"]),
      ("variables", ["let", "param"]), ("math", ["operators", "min"]), ("time", ["now", "sleep"]),
      ("date", ["now"]), ("exit codes", ["exit", "2: "]), ("binary", ["pack", "unpack"]), ("bytes", ["strings"]),
      ("parallel", ["spawn", "--jobs"]), ("shard", ["--shard", "tests"]), ("junit", ["junit=FILE"]),
      ("github", ["github"]), ("exception", ["failures", "try"]), ("arguments", ["param", "args"]),
      ("password", ["param", "recipes secrets", "expect echo off"]), ("thread", ["spawn"]), ("transcript", ["recipes transcript"]),
      ("line", ["recv line", "ERROR.line"]), ("port", ["ADDRESS.port", "free_port"]), ("TCP", ["connect"]),
      ("sockport", ["CHANNEL.sockport", "See also: properties."]),
    ] as [(String, [String])])
  func lookedFor(word: String, found: [String]) throws {
    // A word of the language has a page of its own.
    let isOwn = BuiltinFunction(rawValue: word) != nil || Keyword(rawValue: word) != nil || Verb(rawValue: word) != nil
    if isOwn { return }
    let text = try #require(HelpText.text(word))
    for part in found { #expect(text.contains(part), "\(text)") }
  }

  @Test(
    "a word with one page leads there",
    arguments: [
      ("pattern", "patterns"), ("string", "strings"), ("number", "types"), ("deadline", "deadlines"),
      ("library", "import"), ("secret", "param"), ("deny", "permissions"), ("chat", "recipes chat"),
    ])
  func onePage(word: String, topic: String) {
    #expect(HelpText.text(word) == HelpText.text(topic))
  }

  @Test("a name of every script has its own lines", arguments: PredefinedName.allCases)
  func names(name: PredefinedName) {
    #expect(HelpText.text(name.rawValue)?.hasPrefix("\(name.rawValue): ") == true)
  }

  @Test("each word that is looked for has its page, once")
  func wordsAreFound() {
    #expect(Set(HelpWords.words).count == HelpWords.words.count)
    for word in HelpWords.words {
      guard let page = HelpCatalog.page(word) else {
        Issue.record("\(word) leads nowhere")
        continue
      }
      for case .table(let rows) in page.blocks {
        for (term, meaning) in rows { #expect(!meaning.isEmpty, "\(word): there is no topic \(term)") }
      }
    }
  }

  @Test("a recipe is found by its name, and by its number")
  func recipes() {
    #expect(Set(Recipe.all.map(\.name)).count == Recipe.all.count && Recipe.all.count >= 30)
    for (place, recipe) in Recipe.all.enumerated() {
      let text = HelpText.text("recipes \(recipe.name)")
      #expect(text?.hasPrefix("recipes \(recipe.name): ") == true)
      #expect(HelpText.text("recipes \(place + 1)") == text)
    }
    #expect(HelpText.text("recipes 0") == nil && HelpText.text("recipes no-such") == nil)
    #expect(HelpText.suggestion(for: "recipes prox") == "recipes proxy")
  }

  @Test("each placeholder of a verb says what may stand for it", arguments: Verb.allCases)
  func placeholders(verb: Verb) {
    let row = VerbTable[verb]
    if let word = row.operand.word { #expect(word.meaning != nil, "\(word)") }
    if let value = row.operand.value { #expect(value.meaning != nil, "\(value)") }
  }

  @Test("an example of a verb shows the table's own example", arguments: Verb.allCases)
  func verbExamples(verb: Verb) {
    let lines = VerbTable[verb].help().example.script.split(separator: "\n").map { $0.drop { $0 == " " } }
    #expect(lines.contains { $0 == VerbTable[verb].example })
  }

  @Test("the examples are scripts without a complaint")
  func examplesAreChecked() {
    for topic in HelpText.topics + PredefinedName.allCases.map(\.rawValue) {
      for case .example(let example) in HelpCatalog.page(topic)?.blocks ?? [] {
        _ = checked(example.script + "\n", files: ["lib/smtp.sock": "let port = 25\n"])
      }
    }
  }

  // MARK: - Unknown topics

  @Test(
    "what an unknown topic was probably meant to be",
    arguments: [
      ("recvv", "recv"), ("Listen", "listen"), ("adresses", "addresses"), ("unknwon-verb", "errors unknown-verb"),
      ("errors mismach", "errors mismatch"), ("recv line", "recv"), ("xyzzyx", nil), ("errors", nil), ("", nil),
    ] as [(String, String?)])
  func suggestion(topic: String, meant: String?) {
    #expect(HelpText.suggestion(for: topic) == meant)
  }

  @Test("there is nothing about an unknown topic")
  func unknown() {
    for topic in ["xyzzyx", "errors xyzzyx", "recv line", "errors errors errors", "é", "errors E"] {
      #expect(HelpText.text(topic) == nil, "\(topic)")
    }
  }

  @Test("a word of another language leads to the one that is meant", arguments: [
    ("append", "push(list, value, …)"), ("strftime", "format_time(t, format [, zone])"), ("unlink", "removefile(path)"),
    ("length", "len(x)"), ("rand", "random(n [, to])"), ("None", "`nil`"), ("die", "raise"),
  ])
  func foreign(word: String, signature: String) {
    #expect(HelpText.text(word)?.contains(signature) == true)
  }

  @Test("what is meant by a word of another language is there")
  func foreignTargets() throws {
    for (words, advice) in ForeignWords.calls {
      for word in words {
        #expect(BuiltinFunction(rawValue: word) == nil, "\(word) is a function")
        let meant = try #require(ForeignWords.explanation(word))
        if let topic = meant.topic, advice.contains("`\(topic)(") {
          #expect(BuiltinFunction(rawValue: topic) != nil || topic == Keyword.fn.rawValue, "\(word): \(advice)")
        }
      }
    }
  }

  // MARK: - Layout

  @Test("the overview fits one screen, and names every topic but the functions, which are too many")
  func overview() throws {
    let text = try #require(HelpText.text(""))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count <= 24)
    for line in lines { #expect(line.count <= 80) }
    let words = Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
    for topic in HelpText.topics where BuiltinFunction(rawValue: topic) == nil { #expect(words.contains(topic)) }
  }

  @Test("no line is wider than asked, scripts apart", arguments: [40, 80, 132])
  func width(width: Int) throws {
    for topic in HelpText.topics {
      let text = try #require(HelpText.text(topic, width: width))
      for line in text.split(separator: "\n") where !line.hasPrefix("    ") {
        #expect(line.count <= width || !line.dropFirst(4).contains(" "), "\(topic): \(line)")
      }
      for line in text.split(separator: "\n") { #expect(line.last != " ", "\(topic): a blank at the end") }
    }
  }

  @Test("long texts are broken at blanks, and terms stand beside their meanings")
  func layout() {
    let layout = TextLayout(width: 40)
    #expect(layout.filled("a b", indentation: 2) == "  a b\n")
    #expect(layout.filled("  a  b", indentation: 0) == "  a  b\n")
    let word = String(repeating: "x", count: 30)
    #expect(layout.filled("\(word) \(word)", indentation: 0, hanging: 2) == "\(word)\n  \(word)\n")
    #expect(layout.table([("N", "how many"), ("a long term of thirty columns", "is above")]) == """
        N  how many
        a long term of thirty columns
           is above

      """)
  }
}
