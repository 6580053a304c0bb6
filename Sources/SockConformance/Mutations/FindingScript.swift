// A finding as a script: what the suite has around its tests, and one test that sends what was sent.

import SockLanguage
import SockRuntime

/// The text of a finding's test, part by part, so that parts can be left out.
struct FindingScript {
  /// The lines of its comment.
  var comment: [String]
  /// Whatever of the file's top level is neither a test nor `setup`; what only declares can be left out unless
  /// something else names it.
  var top: [(text: String, onlyDeclares: Bool)]
  private let loops: [String]
  private let name: String
  /// The statements of `setup`, and of the test, that come before.
  var setup: [String]
  var before: [String]
  /// What was sent just before by the statement that has sent it, as bytes.
  private let sent: [[UInt8]]
  private let line: Int
  /// In front of the verbs: `other.`, or nothing.
  var receiver = ""
  /// A statement that makes the connection, where the one that did is replaced.
  var connect: String?
  var what = ""
  var bytes: [UInt8] = []
  /// The server's name, and what must not stand in its standard error: of one that answers the probe all the same.
  private let errors: (name: String, text: String)?

  /// Why a finding cannot be written as a script.
  struct Obstacle: Error { let text: String }

  /// - Parameters:
  ///   - telling: what the server has written to standard error, if that alone speaks against it.
  ///   - index: which of the sends is mutated.
  ///   - path: where the script is to stand.
  init(
    _ file: CheckedFile, test: TestDeclaration?, named name: String, telling: String?, sends: [MutableSend],
    at index: Int, path: String
  ) throws(Obstacle) {
    let source = file.source
    guard let declaration = test else { throw Obstacle(text: "its test has no text of its own") }
    let mutated = sends[index]
    let offset = mutated.origin.range.lower
    guard mutated.origin.file === source else { throw Obstacle(text: "it was sent by a task of another file") }
    var programs: [String] = []
    func text(_ statement: Statement) -> String {
      guard telling != nil, let (name, text) = FindingScript.listening(statement, in: source) else {
        return source.text(statement.range)
      }
      programs.append(name)
      return text
    }
    var top: [(text: String, onlyDeclares: Bool)] = []
    var loops: [String] = []
    var prologue: SetupDeclaration?
    for statement in file.body.statements {
      switch statement.kind {
      case .setup(let setup): prologue = setup
      case .importFile(let declaration): top.append((FindingScript.moved(declaration, in: source, to: path), true))
      case .test: continue
      case .forLoop(_, _, let body) where FindingScript.hasTests(body):
        guard statement.range.lower <= declaration.range.lower, declaration.range.upper <= statement.range.upper else {
          continue
        }
        guard body.statements.contains(where: { $0.range == declaration.range }) else {
          throw Obstacle(text: "its test stands deeper than in one `for`")
        }
        loops.append(source.text(SourceRange(Int(statement.range.lower), Int(body.range.lower))))
      case .conditional(let branches, let otherwise)
        where (branches.map(\.body) + [otherwise].compactMap { $0 }).contains(where: FindingScript.hasTests):
        if statement.range.lower <= declaration.range.lower, declaration.range.upper <= statement.range.upper {
          throw Obstacle(text: "its test stands in an `if`")
        }
      case .function, .message: top.append((text(statement), true))
      default: top.append((text(statement), false))
      }
    }
    (self.top, self.loops, self.name, line) = (top, loops, name, mutated.site.position.line)
    comment = []
    let inSetup = prologue.map { $0.range.lower <= offset && offset < $0.range.upper } ?? false
    guard inSetup || declaration.range.lower <= offset && offset < declaration.range.upper else {
      throw Obstacle(text: "it was sent outside of the test")
    }
    let statements = (inSetup ? prologue?.body : declaration.body)?.statements ?? []
    guard let at = statements.firstIndex(where: { $0.range.lower <= offset && offset < $0.range.upper }) else {
      throw Obstacle(text: "it was sent in the test's head")
    }
    let replaced = statements[at].range
    let earlier = statements[..<at].map(text)
    setup = inSetup ? earlier : (prologue?.body.statements ?? []).map(text)
    before = inSetup ? [] : earlier
    sent = sends[..<index].filter { send in
      send.channel == mutated.channel && send.origin.file === source
        && replaced.lower <= send.origin.range.lower && send.origin.range.lower < replaced.upper
    }.map(\.bytes)
    if let telling {
      guard programs.count == 1 else {
        throw Obstacle(
          text: "only its standard error tells of it, and the suite does not run just one program as a name, and without "
            + "`stderr`")
      }
      errors = (programs[0], telling)
    } else {
      errors = nil
    }
  }

  /// - Parameter bytes: what is sent; nil: the mutated bytes.
  func text(sending other: [UInt8]? = nil) -> [UInt8] {
    var text = comment.map { "# \($0)\n" }.joined()
    for (at, part) in top.map(\.text).enumerated() {
      if at > 0, part.contains("\n") || top[at - 1].text.contains("\n") { text += "\n" }
      text += "\(part)\n"
    }
    if !setup.isEmpty { text += "\nsetup\n\(setup.joined(separator: "\n"))\nend\n" }
    text += "\n\(loops.joined())\ntest \(SourceText.quoted(Array("\(name): \(what)".utf8)))\n"
    for statement in before { text += "\(statement)\n" }
    if let connect { text += "\(connect)\n" }
    // What comes, if anything does: the server has looked at it by then.
    let answer = "try \(receiver)recv within 1s else nil\n"
    for bytes in sent { text += "\(receiver)send \(FindingScript.expression(bytes))\n\(answer)" }
    text += "# In place of line \(line): \(Printable.text(what))\n"
    text += "\(receiver)send \(FindingScript.expression(other ?? bytes))\n\(answer)"
    text += "try \(receiver)close\nprobe()\n"
    if let errors {
      let said = "try \(errors.name).stderr.recv quiet 200ms else \"\""
      text += "assert \(SourceText.quoted(Array(errors.text.utf8))) not in (\(said))\n"
    }
    text += "end\n\(loops.map { _ in "end\n" }.joined())"
    let source = SourceFile(name: "finding", bytes: Array(text.utf8))
    let parsed = Parser.parse(source)
    return parsed.diagnostics.isEmpty ? Formatter.format(parsed) : source.bytes
  }

  /// Bytes as one writes them; a long run is `repeat`.
  static func expression(_ bytes: [UInt8]) -> String {
    let shortestRun = 48
    var terms: [String] = []
    var plain: [UInt8] = []
    func flush() {
      guard !plain.isEmpty else { return }
      if SourceText.isBinary(plain) { terms += SourceText.terms(plain) } else { terms.append(SourceText.quoted(plain)) }
      plain = []
    }
    var at = 0
    while at < bytes.count {
      var end = at + 1
      while end < bytes.count, bytes[end] == bytes[at] { end += 1 }
      if end - at >= shortestRun {
        flush()
        terms.append("repeat(\(SourceText.quoted([bytes[at]])), \(end - at))")
      } else {
        plain += bytes[at..<end]
      }
      at = end
    }
    flush()
    return terms.isEmpty ? "\"\"" : terms.joined(separator: " + ")
  }

  /// The program that a statement runs under a name, and the statement with its standard error as a channel; nil: it
  /// runs none, or has said already what becomes of that.
  private static func listening(_ statement: Statement, in source: SourceFile) -> (name: String, text: String)? {
    guard case .expression(.step(let step)) = statement.kind, step.verb == .run, let result = step.result,
      !step.options.contains(where: { $0.word == .stderr })
    else { return nil }
    let head = source.text(SourceRange(Int(statement.range.lower), Int(result.range.lower)))
    let words = head.reversed().drop(while: \.isWhitespace)
    guard words.starts(with: Keyword.as.rawValue.reversed()) else { return nil }
    let rest = source.text(SourceRange(Int(result.range.lower), Int(statement.range.upper)))
    let phrase = String(words.dropFirst(Keyword.as.rawValue.count).reversed())
    return (result.name, "\(phrase)stderr channel as \(rest)")
  }

  private static func hasTests(_ block: Block) -> Bool {
    block.statements.contains { statement in
      switch statement.kind {
      case .test: true
      case .forLoop(_, _, let body): hasTests(body)
      case .conditional(let branches, let otherwise):
        (branches.map(\.body) + [otherwise].compactMap { $0 }).contains(where: hasTests)
      default: false
      }
    }
  }

  /// An import counts from the folder of the script in which it stands.
  private static func moved(_ declaration: ImportDeclaration, in source: SourceFile, to path: String) -> String {
    let text = source.text(declaration.range)
    if declaration.path.hasPrefix("/") || declaration.path.hasPrefix("std:") || folder(path) == folder(source.name) {
      return text
    }
    let imported = ScriptFiles.path(importing: declaration.path, from: source.name)
    let quoted = SourceText.quoted(Array(relative(imported, from: folder(path)).utf8))
    let start = Int(declaration.range.lower)
    return source.text(SourceRange(start, Int(declaration.pathRange.lower))) + quoted
      + source.text(SourceRange(Int(declaration.pathRange.upper), Int(declaration.range.upper)))
  }

  static func folder(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// Both from the current folder, or both from `/`; otherwise the path as it is.
  private static func relative(_ path: String, from folder: String) -> String {
    guard path.hasPrefix("/") == folder.hasPrefix("/") else { return path }
    let here = folder.split(separator: "/").filter { $0 != "." }
    let there = path.split(separator: "/").filter { $0 != "." }
    if here.contains("..") { return path }
    let common = zip(here, there.dropLast()).prefix { $0 == $1 }.count
    return (here.dropFirst(common).map { _ in ".." } + there.dropFirst(common).map(String.init)).joined(separator: "/")
  }
}
