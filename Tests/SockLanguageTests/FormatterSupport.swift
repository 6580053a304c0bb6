// Test support: every script of the repository, programs made by chance, and other layouts of a program.

import Glibc
import Testing

@testable import SockLanguage

/// SplitMix64: the same numbers for the same seed, so that a failure comes again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &self) == 0 }
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &self)]
  }
}

enum RepositoryFiles {
  /// The top folder.
  static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  /// Each `*.sock` of the repository, by its path from the top.
  static let scripts: [String] = ["scripts", "Tests/Scripts"].flatMap(walk)

  private static func walk(_ folder: String) -> [String] {
    guard let directory = opendir("\(root)/\(folder)") else { return [] }
    defer { closedir(directory) }
    var paths: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasPrefix(".") { continue }
      let path = "\(folder)/\(name)"
      if name.hasSuffix(".sock") { paths.append(path) } else { paths += walk(path) }
    }
    return paths.sorted()
  }

  /// The bytes of a file, by its path from the top of the repository, or from the root; nil when it cannot be read.
  static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path.hasPrefix("/") ? path : "\(root)/\(path)", "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  /// Writes a file anew.
  static func write(_ text: String, to path: String) throws {
    let file = try #require(fopen(path.hasPrefix("/") ? path : "\(root)/\(path)", "wb"))
    let count = text.utf8.count
    #expect(Array(text.utf8).withUnsafeBytes { fwrite($0.baseAddress, 1, count, file) } == count)
    #expect(fclose(file) == 0)
  }
}

/// Makes programs that the parser takes, of every kind of statement and expression.
struct ProgramGenerator {
  private var random: SeededGenerator
  private var text = ""

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func program() -> String {
    text = ""
    block(depth: 0)
    return text
  }

  private mutating func block(depth: Int) {
    for _ in 0..<Int.random(in: 1...5, using: &random) {
      if random.chance(6) { line(depth, "# " + random.pick(["a", "b  c", "äöü", "'\"${"])) }
      if random.chance(6) { text += "\n" }
      statement(depth: depth)
    }
  }

  private mutating func line(_ depth: Int, _ content: String) {
    text += String(repeating: "  ", count: depth) + content
    if random.chance(8), !content.hasPrefix("#") { text += "  # why" }
    text += "\n"
  }

  private mutating func nested(_ depth: Int, _ heads: String...) {
    for head in heads {
      line(depth, head)
      if random.chance(5) { text += "\n" }
      block(depth: depth + 1)
    }
    line(depth, "end")
  }

  private mutating func statement(depth: Int) {
    switch Int.random(in: 0..<(depth < 4 ? 26 : 12), using: &random) {
    case 0: line(depth, "let \(name()) = \(expression(3))")
    case 1: line(depth, "let [\(name()), \(name())] = \(expression(2))")
    case 2:
      let operation = random.pick(["=", "+=", "-=", "*=", "/=", "<<=", "|="])
      line(depth, "\(name())\(random.pick(["", ".x", "[0]"])) \(operation) \(expression(3))")
    case 3: line(depth, "\(name())(\(expression(2)))")
    case 4: line(depth, "defer \(step())")
    case 5: line(depth, "print \(expression(2)), \(expression(2))")
    case 6: line(depth, "assert \(expression(2)), \"\(name())\"")
    case 7:
      let indentation = String(repeating: "  ", count: depth)
      text += "\(indentation)let \(name()) = \"\"\"\n"
      text += "\(indentation)  \(random.pick(["a # b", "", "  b ${x}"]))\n\(indentation)  \"\"\"\n"
    case 8...11: line(depth, step())
    case 12: nested(depth, "if \(expression(2))")
    case 13: nested(depth, "if \(expression(2))", "elif \(expression(1))", "else")
    case 14: nested(depth, "while (\(step())) != nil")
    case 15: nested(depth, "for \(name()) in \(operand(1))..\(operand(1))")
    case 16: nested(depth, "loop")
    case 17: nested(depth, "def \(name())(a, b = \(expression(1)))")
    case 18: nested(depth, "try", "catch e", "finally")
    case 19: nested(depth, "with \(name())")
    case 20: nested(depth, "within \(operand(1))")
    case 21: nested(depth, "spawn as \(name())")
    case 22: nested(depth, "\(name()).serve \(operand(0))")
    case 23: nested(depth, "retry within 5s every \(operand(1))")
    case 24:
      line(depth, "select")
      nested(depth, "when c.recv line if \(expression(1))", "when after 5s", "else")
    default: nested(depth, "test \"t\" must \"1\" tags [a, end] timeout 5s")
    }
  }

  private mutating func name() -> String { random.pick(["a", "b", "count", "line", "exactly", "key", "x"]) }

  /// Infix operators only bind tighter than comparison here.
  private mutating func operand(_ depth: Int) -> String {
    guard depth > 0 else {
      return random.pick(["1", "2.5s", "0xff", "(line)", "a", "\"s ${a+1} t\"", "'r'", "x\"00 ff\""])
    }
    switch Int.random(in: 0..<10, using: &random) {
    case 8: return "(fn(a, b = \(operand(0))) \(expression(depth - 1)))"
    case 0:
      let symbol = random.pick(["+", "-", "*", "/", "%", "<<", "&", "|", "^"])
      return "\(operand(depth - 1)) \(symbol) \(operand(depth - 1))"
    case 1: return "(\(expression(depth - 1)))"
    case 2: return "[\(expression(depth - 1)), \(expression(depth - 1))]"
    case 3: return "f(\(expression(depth - 1)))"
    case 4: return "{a: \(expression(depth - 1)), end: 2, \"k\": 3}"
    case 5: return random.chance(3) ? "a[..<\(operand(depth - 1))]" : "a[\(expression(depth - 1))]"
    case 6: return "(-\(operand(0)))"
    case 7: return "a.close.b"
    default: return operand(0)
    }
  }

  private mutating func expression(_ depth: Int) -> String {
    guard depth > 0 else { return operand(0) }
    switch Int.random(in: 0..<10, using: &random) {
    case 5: return "(if \(expression(depth - 1)) then \(operand(depth)) else \(expression(depth - 1)))"
    case 6: return "(try \(operand(depth)) else \(expression(depth - 1)))"
    case 0: return "\(operand(depth)) \(random.pick(["==", "!=", "<", ">=", "in", "not in"])) \(operand(depth))"
    case 1: return "not \(operand(depth))"
    case 2: return "\(operand(depth)) and \(operand(depth)) or \(operand(depth))"
    case 3: return "a =~ /b c ${d}/im"
    case 4: return "(\(step()))"
    default: return operand(depth)
    }
  }

  private mutating func step() -> String {
    let verb = random.pick([
      "send line \(operand(2))", "send \(operand(2)) chunks 3 every 5ms", "recv exactly \(operand(1))", "recv line",
      "recv until /x y/ keep", "expect line /^2${a}/ skipping /b/", "expect \(operand(2))", "connect localhost:25",
      "connect \(operand(0)) \(random.pick(["80", "port"])) from 127.0.0.1:0", "listen unix:/tmp/${ a }#b backlog 5",
      "sockopt SO_RCVBUF 5 level SOL_SOCKET", "recv -1", "send -(1)", "timeout 5s", "close", "wait",
    ])
    let prefix = random.chance(3) ? "c." : ""
    let isWaiting = ["send", "recv", "expect", "wait"].contains { verb.hasPrefix($0) }
    return prefix + verb + (isWaiting && random.chance(3) ? " within \(operand(0))" : "")
  }
}

/// Another layout of the same program: blanks, tabs, indentation, line ends and `;` by chance.
struct LayoutDamage {
  private let parsed: ParsedFile
  private var random: SeededGenerator
  private var output: [UInt8] = []
  private let lineEnd: [UInt8]

  /// - Parameter parsed: a formatted text without errors.
  init(_ parsed: ParsedFile, seed: UInt64) {
    self.parsed = parsed
    random = SeededGenerator(seed: seed)
    lineEnd = random.chance(2) ? [0x0D, 0x0A] : [0x0A]
  }

  private func isMark(_ token: Token, _ marks: [Mark]) -> Bool {
    if case .mark(let mark) = token.kind { marks.contains(mark) } else { false }
  }

  private mutating func blanks(atLeast least: Int = 1) -> [UInt8] {
    (0..<Int.random(in: least...(least + 3), using: &random)).map { _ in random.chance(4) ? 0x09 : 0x20 }
  }

  mutating func damaged() -> [UInt8] {
    let bytes = parsed.source.bytes
    let starts = Set(StatementOutline(parsed.body).entries.map(\.offset))
    let tokens = parsed.tokens
    for (number, token) in tokens.enumerated() {
      if token.kind == .lineEnd { continue }
      if let before = tokens[..<number].last(where: { $0.kind != .lineEnd }) {
        let gap = bytes[before.end..<token.start]
        let isWord = isBesideBlockWord(number)
        append(gap: gap, before, token, startsStatement: starts.contains(token.start), keepsIndentation: isWord)
      }
      output += bytes[token.start..<token.end]
    }
    return output + lineEnd
  }

  /// A comment above `else` and its like, or such a word below a comment: their columns say what belongs together.
  private func isBesideBlockWord(_ number: Int) -> Bool {
    let tokens = parsed.tokens
    if tokens[number].isBlockWord { return tokens[..<number].last { $0.kind != .lineEnd }?.kind == .comment }
    guard tokens[number].kind == .comment else { return false }
    return tokens[number...].first { $0.kind != .lineEnd && $0.kind != .comment }?.isBlockWord ?? false
  }

  private mutating func append(
    gap: ArraySlice<UInt8>, _ before: Token, _ token: Token, startsStatement: Bool, keepsIndentation: Bool
  ) {
    let lineEnds = gap.count { $0 == 0x0A }
    guard lineEnds > 0 else {
      output += sameLine(gap, before, token)
      return
    }
    if lineEnds == 1, startsStatement, before.kind != .comment, random.chance(4) {
      output += blanks(atLeast: 0) + [UInt8(ascii: ";")] + blanks(atLeast: 0)
      return
    }
    if gap.contains(UInt8(ascii: "\\")) {
      output += gap.prefix { $0 == 0x20 } + [UInt8(ascii: "\\")]
    } else if before.kind != .comment {
      output += blanks(atLeast: 0)
    }
    for _ in 0..<(lineEnds > 1 ? Int.random(in: 2...4, using: &random) : 1) { output += lineEnd }
    // Below a comment behind code one in the same column would go on with it.
    if before.kind == .comment, token.kind == .comment, !keepsIndentation { return }
    output += keepsIndentation ? Array(gap.reversed().prefix { $0 == 0x20 }) : blanks(atLeast: 0)
  }

  private mutating func sameLine(_ gap: ArraySlice<UInt8>, _ before: Token, _ token: Token) -> [UInt8] {
    if !gap.isEmpty {
      let operators: [Mark] = [.plus, .star, .percent, .equal, .less, .assign, .ampersand]
      let isTight = isMark(before, operators) || isMark(token, operators)
      let neighbours = [before.kind, token.kind].contains { $0 == .name || $0 == .number || $0 == .mark(.rightBracket) }
      let options = ["line", "exactly", "key", "all"]
      let isOption = [before, token].contains { options.contains(parsed.source.text($0.range)) }
      // Both neighbours are names, numbers or the operator itself: nothing else is read without the blank.
      if isTight, neighbours, !isOption, ![before.kind, token.kind].contains(.string), !isSign(before), !isSign(token),
        !isVerb(before), random.chance(3)
      {
        return []
      }
      return blanks()
    }
    let isInside = isMark(before, [.leftParenthesis, .leftBracket, .leftBrace])
      || isMark(token, [.rightParenthesis, .rightBracket, .rightBrace, .comma, .colon])
    return isInside && random.chance(3) ? blanks() : []
  }

  private func isVerb(_ token: Token) -> Bool { if case .verb = token.kind { true } else { false } }
  private func isSign(_ token: Token) -> Bool {
    isMark(token, [.minus, .tilde, .matches, .slash]) || token.kind == .regex
  }
}
