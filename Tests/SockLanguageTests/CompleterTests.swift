// Completion: what may stand at the cursor, which `|` marks.

import Testing

@testable import SockLanguage

@Suite struct CompleterTests {
  private let session: CompletionContext = {
    var context = CompletionContext()
    context.names = [
      .init("redis", .channel), .init("reply", .variable), .init("headers", .variable), .init("login", .function),
      .init("smtp", .module), .init("target", .setting), .init("count", .variable, value: .plain),
      .init("queue", .channel, value: .channel(ChannelNature(.stream))),
      .init("server", .channel, value: .channel(ChannelNature(.listener))),
    ]
    context.names.append(.init("mail", .variable, value: .plain, target: "localhost:2525"))
    context.addresses = ["10.0.0.7:25"]
    context.libraries = ["std:redis", "std:smtp"]
    context.keys = { name in
      switch name {
      case "headers": ["host", "length", "content-type", "9"]
      case "smtp": ["hello", "quit"]
      default: []
      }
    }
    context.commands = [
      .init(name: ":help", summary: "explains", argument: .words(["recv", "reset", "strings"])),
      .init(name: ":hex", summary: "hex dumps", argument: .words(["off", "on"])),
      .init(name: ":load", summary: "runs a file", argument: .fileName),
      .init(name: ":quit", summary: "ends", argument: .nothing),
      .init(name: ":save", summary: "writes a script", argument: .fileName),
      .init(name: ":time", summary: "measures", argument: .statement),
    ]
    context.socketOptions = ["SO_RCVBUF", "SO_REUSEADDR", "SO_REUSEPORT", "TCP_NODELAY"]
    context.signals = ["TERM", "TSTP", "USR1"]
    context.alerts = ["bad_certificate", "bad_record_mac", "unknown_ca"]
    return context
  }()

  private func complete(_ marked: String) -> Completions {
    var bytes = Array(marked.utf8)
    let cursor = bytes.firstIndex(of: UInt8(ascii: "|")) ?? bytes.count
    if cursor < bytes.count { bytes.remove(at: cursor) }
    return Completer.complete(bytes, cursor: cursor, in: session)
  }

  private func texts(_ marked: String) -> [String] { complete(marked).candidates.map(\.text) }

  // MARK: - Exactly these

  @Test(arguments: [
    // Verbs, where a statement or a phrase begins.
    ("rec|", ["recv"]), ("  ac|", ["accept"]), ("print 1; rec|", ["recv"]), ("if x\n  rec|", ["recv"]),
    ("let x = rec|", ["recv"]), ("x = conn|", ["conn", "connect"]), ("m[1] += rec|", ["recv"]), ("if rec|", ["recv"]),
    ("while rec|", ["recv"]), ("try rec|", ["recv"]), ("assert rec|", ["recv"]), ("assert (rec|", ["recv"]),
    ("print (rec|", ["recv"]), ("print rec|", ["recv"]), ("return rec|", ["recv"]), ("defer clo|", ["close"]),
    ("assert x, rec|", ["recv"]), ("f(rec|", ["recv"]), ("[rec|", ["recv"]), ("{a: rec|", ["recv"]),
    // What has no result is no value; a `defer` wants none.
    ("let x = clo|", []), ("if shut|", []), ("defer prin|", ["print"]),
    // Beside an operator only values stand.
    ("if x and rec|", []), ("let x = 1 + le|", ["len("]), ("x == re|", [
      "redis", "reply", "regex(", "remove(", "removefile(", "repeat(", "replace(", "readfile(", "resolve(", "reverse(",
    ].sorted()),
    // Behind `when` what `select` can wait for.
    ("select\nwhen re|", ["recv", "redis", "reply"]), ("select\nwhen a|", ["absent", "accept", "after", "any", "args"]),
    ("select\nwhen redis.|", ["accept", "expect", "recv",
    "wait"] + ChannelProperty.allCases.map(\.rawValue) + ["login("]),
    ("select\nwhen redis.recv wi|", []), ("select\nwhen redis.recv lin|", ["line", "lines("]),
    ("select\nwhen redis.recv line i|", ["if"]), ("select\nwhen after 5s a|", []),
    ("select\nwhen after 5s |", ["if"]),
    // Options: each once, of a group one, not where the data stands already.
    ("recv |", nil), ("recv li|", ["line", "lines(", "listdir(", "listener"]),
    ("recv line li|", []), ("recv line k|", ["keep"]),
    ("recv k|", ["keys("]), ("recv exactly 5 |", ["as", "oob", "peek", "within"]),
    ("recv 5 |", ["as", "oob", "peek", "within"]), ("recv line within 2s w|", []),
    ("recv line within w|", ["writefile("]),
    ("recv line as x |", ["keep", "oob", "peek", "within"]), ("recv line as |", []),
    ("expect line /^220 / s|", ["skipping"]), ("expect \"x\" s|", ["screen"]), ("expect eof |", ["as", "within"]),
    ("send x cr|", ["crlf"]),
    ("send crlf x |", ["as", "chunks", "dontroute", "fds", "line", "more", "oob", "to", "within"]),
    ("send x chunks 2 ev|", ["every"]), ("send x ev|", []), ("listen 0 re|", ["resume", "reuse", "reuseport"]),
    ("listen *:3333 back|", ["backlog"]), ("connect localhost:25 w|", ["within"]),
    ("let c = connect 25 wi|", ["within"]),
    ("socket inet |", ["arrival", "as", "dgram", "fd", "nonblocking", "proto", "raw", "seqpacket", "stream"]),
    ("print 1 w|", []), ("accept w|", ["within", "writefile("]), ("redis.recv unt|", ["until"]),
    ("redis.send line x wi|", ["within"]), ("assert x a|", ["and"]),
    ("close re|", ["redis", "reply", "regex(", "remove(", "removefile(", "repeat(", "replace(",
      "readfile(", "resolve(", "reverse("].sorted()),
    // Words of enumerated operands.
    ("shutdown |", ["both", "raw", "read", "within", "write"]), ("shutdown read |", ["within"]), ("blocking o|", ["off", "on"]),
    ("autoflush on o|", []), ("run \"cat\" stderr |", ["channel", "inherit", "merge", "null"]),
    ("run \"cat\" stderr null p|", ["pty"]),
    ("starttls c|", ["ca", "cert", "ciphers", "client"]),
    ("starttls client c|", ["ca", "cert", "ciphers"]), ("timeout o|", ["off", "ord(", "output("]),
    // Bare words.
    ("sockopt SO_RE|", ["SO_REUSEADDR", "SO_REUSEPORT"]), ("redis.sockopt TCP|", ["TCP_NODELAY"]),
    ("sockopt SO_RCVBUF le|", ["len(", "level"]), ("worker.signal T|", ["TERM", "TSTP"]),
    ("expect alert bad|", ["bad_certificate", "bad_record_mac"]), ("starttls ins|", ["insecure"]),
    ("connect tls:localhost:443 c|", ["ca", "cert", "ciphers"]), ("listen tls:0 opt|", []),
    ("listen tls:0 ca x opt|", ["optional"]), ("startt|", ["starttls"]),
    // Names, functions, members.
    ("print rep|", ["repeat(", "replace(", "reply"]), ("log|", ["log", "login("]),
    ("print headers.|", ["host", "length"]),
    ("smtp.|", ["hello", "quit"]), ("redis.peer|", ["peercred", "peerhost", "peername", "peerpath", "peerport"]),
    ("conn.sockp|", ["sockport"]), ("listener.acc|", ["accept"]), ("error.cod|", ["code"]),
    ("x.peername.pa|", ["packed", "path"]),
    ("redis.log|", ["login("]), ("redis.ser|", ["serve"]), ("serve wor|", ["workers"]),
    ("print \"${rep|", ["repeat(", "replace(", "reply"]),
    ("print \"${1 + rep|", ["repeat(", "replace(", "reply"]), ("print \"a ${x} ${rep|", ["repeat(", "replace(", "reply"]),
    ("connect 127.0.0.1:${rep|", ["repeat(", "replace(", "reply"]), ("listen unix:${tmpdir}/${tm|", ["tmpdir"]),
    ("for n in 0..<le|", ["len("]), ("print \"${clo|", []),
    ("print it|", ["it", "it2", "it3"]), ("let x = now|", ["now()"]),
    // Heads of blocks.
    ("retry |", ["within"]), ("retry within 5s |", ["every"]), ("spawn |", ["as"]), ("spawn as |", []),
    ("select |", ["all"]), ("for x |", ["in"]), ("for [a, b] |", ["in"]),
    ("for x in rep|", ["repeat(", "replace(", "reply"]),
    ("test \"a\" |", ["may", "must", "should", "tags", "timeout", "todo"]),
    ("test \"a\" must \"1.2\" |", ["tags", "timeout", "todo"]), ("test \"a\" tags [|", []),
    ("import \"a.sock\" |", ["as"]), ("import \"a.sock\" as |", []), ("with red|", ["redis"]),
    // Addresses, keys, framings; the parameters of a short function.
    ("connect loc|", ["localhost:"]), ("connect 10.|", ["10.0.0.7:25"]), ("listen 10.|", []),
    ("connect u|", ["udp:", "unix:", "unbase64(", "unbase64url(", "unhex(", "unpack(", "upper(", "urldecode(",
      "urlencode(", "uuid()"]),
    ("listen \"x\" as l; listen *|", ["*:"]), ("headers[\"ho|", ["host\"]"]), ("headers['le|", ["length']"]),
    ("redis.framing \"u3|", ["\"u32\"", "\"u32le\""]), ("map([1], fn(number) num|", ["number"]),
    ("map([1], fn(a) a) + num|", []), ("5.|", []), ("count.|", []), ("queue.rec|", ["recv"]), ("queue.acc|", []),
    ("server.acc|", ["accept"]), ("server.rec|", []),
    // What closes and divides blocks, only in them.
    ("en|", ["encode(", "ends(", "env("]), ("if x\nen|", ["encode(", "end", "ends(", "env("]),
    ("if x\nprint 1\nend\nen|", ["encode(", "ends(", "env("]), ("if x\nel|", ["elif", "else"]),
    ("loop\nel|", []), ("loop\nbre|", ["break"]), ("bre|", []), ("def f()\nret|", ["retry", "return"]),
    ("case x\nis 1\n  is|", ["is"]), ("case x\nis 1\n  el|", ["else"]),
    ("case x\nis 1\n  en|", ["encode(", "end", "ends(", "env("]), ("case x\nis|", ["is"]), ("case x\nif y\nis|", []),
    ("case x\nis redi|", ["redis"]), ("case x\nis 1, redi|", ["redis"]),
    ("case x\nis 1 |", ["as"]), ("case x\nelse\n  is|", []), ("case redi|", ["redis"]),
    ("if reply == 1 a|", ["and", "as"]), ("while recv line as l a|", []), ("if recv line as a|", []),
    ("for k, v |", ["in"]),
    ("try\nca|", ["catch", "case"]), ("try\nfin|", ["finally", "find("]), ("select\nwh|", ["when", "while"]),
    ("redis.serve\n  en|", ["encode(", "end", "ends(", "env("]), ("try recv line\nen|", ["encode(", "ends(", "env("]),
    // Names that the unfinished input declares, where they are known.
    ("def hello(host)\n  let hosts = 1\n  print hos|", ["host", "hosts"]), ("def f(host)\nend\nprint hos|", []),
    ("for item in [1]\n  print ite|", ["item"]), ("for item in [1]\nend\nprint ite|", []),
    ("connect 25 as conn2; conn2.peerp|", ["peerpath", "peerport"]), ("def sum(a)\nend\nprint su|", ["sum("]),
    ("let reply = 1\nprint repl|", ["replace(", "reply"]), ("import \"a.sock\" as mail\nmai|", ["mail"]),
    ("spawn\n  let inner = 1\n  inn|", ["inner"]), ("test \"a\"\n  let inner = 1\n  print inn|", ["inner"]),
    ("try\n  print 1\ncatch problem\n  print probl|", ["problem"]), ("let later|", []),
    // Made up by the user, or nothing that completion knows of.
    ("let re|", []), ("def re|", []), ("def f(re|", []), ("param re|", []), ("catch re|", []), ("let [re|", []),
    ("{re|", []), ("print 12re|", []), ("print 0x|", []),
    // In strings, regular expressions, addresses, comments.
    ("send \"rec|", []), ("send 'rec|", []), ("expect /rec|", []), ("print \"\"\"\nrec|", []), ("print x\"ab|", []),
    ("print 1 # rec|", []), ("# rec|", []), ("connect localhost:rec|", []), ("print \"a\"rec|", []),
    // Unfinished input of several lines.
    ("print 1,\n  rep|", ["repeat(", "replace(", "reply"]), ("let x = 1 +\n  le|", ["len("]),
    ("f(1,\n  rec|", ["recv"]),
    ("print\nrec|", ["recv"]), ("let m = {\n  a: rec|", ["recv"]), ("send x \\\n  cr|", ["crlf"]),
    ("print \"\"\"\n  text\n  \"\"\"\nrec|", ["recv"]),
    // Commands.
    (":|", [":help", ":hex", ":load", ":quit", ":save", ":time"]), ("  :he|", [":help", ":hex"]),
    (":hex o|", ["off", "on"]),
    (":help re|", ["recv", "reset"]), (":quit |", []), (":time rec|", ["recv"]),
    (":time recv li|", ["line", "lines(", "listdir(", "listener"]),
    (":nothing re|", []),
  ] as [(String, [String]?)])
  func candidates(_ marked: String, _ expected: [String]?) {
    guard let expected else {
      // Options, settings of the step, and values for the data; functions only when a letter asks for them.
      #expect(Set(["all", "exactly", "line", "message", "until", "oob", "peek", "within", "as", "reply"])
        .isSubset(of: texts(marked)))
      #expect(!texts(marked).contains { $0.hasSuffix("(") && FunctionTable.rows.map(\.function.rawValue).contains(String($0.dropLast())) })
      return
    }
    #expect(texts(marked).sorted() == expected.sorted())
  }

  // MARK: - Files

  @Test(arguments: [
    ("import \"lib/sm|", "lib/sm"), ("import \"|", ""), ("let x = readfile(\"/et|", "/et"), ("writefile('a b|", "a b"),
    ("run \"cat\" cwd \"/tm|", "/tm"), ("starttls client ca \"c|", "c"), (":load te|", "te"), (":save |", ""),
    (":load a file|", "a file"), ("print 1\nlisten 0 cert \"x.p|", "x.p"),
  ]) func fileNames(_ marked: String, _ beginning: String) {
    let found = complete(marked)
    #expect(found.wantsFileName)
    #expect(found.candidates.isEmpty || marked == "import \"|")
    let bytes = Array(marked.utf8)
    #expect(String(decoding: bytes[found.range], as: UTF8.self) == beginning)
  }

  /// What nobody has given a name to only hides what the verb takes, until a letter asks for it.
  @Test func nothingStandsInTheWayOfOptions() {
    let (recv, connect) = (complete("recv ").candidates, complete("connect ").candidates)
    for found in [recv, connect] {
      for word in ["absent", "it2", "nil", "len(", "login(", "smtp", "redis"] {
        #expect(!found.contains { $0.text == word }, "\(word)")
      }
      #expect(found.contains { $0.text == "within" && $0.kind == .option })
    }
    #expect(recv.contains { $0.text == "count" })
    #expect(
      connect.filter { $0.kind == .address }.map(\.text) == [
        "10.0.0.7:25", "mail", "localhost:", "udp:", "unix:", "tls:",
      ])
    #expect(connect.first { $0.text == "mail" }?.summary == "localhost:2525")
    #expect(texts("connect abse|") == ["absent"])
  }

  @Test func librariesAreOffered() {
    #expect(texts("import \"|") == ["std:redis", "std:smtp"])
    #expect(texts("print 1; import \"std:s|") == ["std:smtp"])
    #expect(complete("import \"std:s|").wantsFileName)
    #expect(texts("readfile(\"|").isEmpty)
  }

  @Test(arguments: ["writefile(\"a\", \"b|", "print \"/et|", "readfile(x, \"/et|", "send \"a|", "import \"a\" as \"b|"])
  func otherStringsAreNoFileNames(_ marked: String) {
    #expect(!complete(marked).wantsFileName)
  }

  // MARK: - Ranges and summaries

  @Test func theRangeIsTheWord() {
    #expect(complete("print 1; re|").range == 9..<11)
    #expect(complete("if x\n  re|cv").range == 7..<9)
    #expect(complete(":time rec|").range == 6..<9)
    #expect(complete("recv |").range == 5..<5)
    #expect(complete("send \"rec|").range.isEmpty)
  }

  @Test func summariesComeFromTheTables() throws {
    let recv = try #require(complete("rec|").candidates.first)
    #expect(recv.summary == VerbTable[.recv].summary)
    #expect(recv.appendsSpace)
    let length = try #require(complete("let x = len|").candidates.first)
    #expect(length.summary == "bytes of a string, elements of a list or range, entries of a map")
    #expect(length.synopsis == "len(x)")
    #expect(!length.appendsSpace)
  }

  /// Each option of each verb is offered where nothing is given yet, unless it needs another; and not a second time.
  @Test(arguments: Verb.allCases) func everyOptionIsOfferedOnce(_ verb: Verb) {
    let row = VerbTable[verb]
    let start = row.operand.word == nil ? "" : "NAME "
    for option in row.options.joined() where option.needs.isEmpty {
      #expect(texts("\(verb.rawValue) \(start)|").contains(option.word.rawValue))
      guard case .nothing = option.argument else { continue }
      #expect(!texts("\(verb.rawValue) \(start)\(option.word.rawValue) |").contains(option.word.rawValue))
    }
  }

  // MARK: - Known names

  @Test func namesAreKnownWhereTheyAreDeclared() throws {
    let text = """
      let a = 1
      def f(b)
        let c = 2
        for d in [1]
          print d
        end
        print c
      end
      let e = 3
      print e

      """
    let file = FileChecker(Parser.parse(SourceFile(name: "", text: text)), session: nil, keepsScopes: true).run().file
    func known(at marker: String) throws -> [String] {
      let place = try #require(text.firstRange(of: marker))
      return file.variables(at: text.utf8.distance(from: text.startIndex, to: place.lowerBound)).keys.sorted()
    }
    #expect(try known(at: "def") == ["a"])
    #expect(try known(at: "let c") == ["a", "b", "f"])
    #expect(try known(at: "print d") == ["a", "b", "c", "d", "f"])
    #expect(try known(at: "print c") == ["a", "b", "c", "f"])
    #expect(try known(at: "print e") == ["a", "e", "f"])
  }

  // MARK: - Hostile input

  @Test func anyBytesAndAnyCursorAreAnswered() {
    var random = SystemRandomNumberGenerator()
    let pieces = [
      "recv", " ", "\n", "(", ")", "[", "]", "{", "}", "\"", "'", "/", "#", ".", ",", "=", "let ", "if ", "end",
      "x\"", "\"\"\"",
      "${", "\\", "\0", "\u{FEFF}",
      "é", ":", ":help ", "127.0.0.1:", "select\nwhen ", "within ", "as ", "5", "import ",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x0D]]
    for _ in 0..<3000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...12, using: &random) { bytes += pieces.randomElement(using: &random) ?? [] }
      let cursor = Int.random(in: -1...bytes.count + 1, using: &random)
      let found = Completer.complete(bytes, cursor: cursor, in: session)
      #expect(found.range.lowerBound >= 0 && found.range.upperBound <= min(max(cursor, 0), bytes.count))
      let begun = bytes[found.range]
      for candidate in found.candidates { #expect(candidate.text.utf8.starts(with: begun)) }
    }
  }

  @Test func deepNestingIsAnswered() {
    #expect(texts(String(repeating: "(", count: 20_000) + "rec|").count <= 1)
    #expect(texts(String(repeating: "if x\n", count: 20_000) + "rec|").count <= 1)
  }
}
