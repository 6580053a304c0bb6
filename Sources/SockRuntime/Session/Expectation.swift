// An answer of a session as the steps that expect it.

import SockLanguage

/// Writes the steps that take an answer again, as a person would.
struct Expectation {
  /// What the step in the session said beside: its receiver with the dot, and its deadline with a blank before it.
  let receiver: String
  let deadline: String
  /// The name of its value, when it is used later, and whether that has been declared.
  let name: String?
  let isDeclared: Bool
  /// A name for a match that is used nowhere else; empty where none is due.
  let matchName: String
  /// The step as it stood, with all that belongs to it.
  let original: String
  /// The number at its end is the length of something that varies.
  var countsWhatVaries = false
  /// Of `recv message NAME`: the name as it stood, and what it names.
  var message: (name: String, declaration: MessageDeclaration?)?

  /// Nothing that is longer is written down, in bytes: who reads it finds no difference in it, either.
  static let longest = 4096
  private static let lineEnd = UInt8(ascii: "\n")

  func lines(for answer: Answer) -> [String] {
    guard answer.isKept, answer.count <= Expectation.longest else { return notCompared(answer) }
    if let fields = answer.fields {
      guard let message else { return pieces(answer) }
      let wanted = ExpectedFields(span: answer.span)
        .text(fields, others: answer.alternatives.compactMap(\.fields), message.declaration)
      return ["\(receiver)expect message \(message.name) \(wanted)\(deadline)\(asName)"]
    }
    if let lines = counter(answer) ?? varyingLines(answer) { return lines }
    switch answer.form {
    case .line where !answer.isDatagram && name != nil && answer.value.last == Expectation.lineEnd:
      // With `keep`: the value has its terminator, which `expect line` leaves out.
      let others = answer.alternatives.map(\.bytes)
      return stream(answer.bytes, valueCount: answer.count, others: others, span: answer.span, isOpen: false)
        ?? [original]
    case .line: return whole("line ", answer, Expectation.withoutLineEnd)
    case .message: return whole("message ", answer) { $0 }
    case .all:
      let text = answer.bytes.isEmpty ? [] : pieces(answer)
      return text + ["\(receiver)expect eof\(deadline)"] + (answer.bytes.isEmpty ? declaration("\"\"") : [])
    case .plain, .exactly, .until: return answer.isDatagram ? whole("", answer) { $0 } : pieces(answer)
    }
  }

  /// The end of the stream, for which `recv` gave nil.
  func linesForEnd() -> [String] { ["\(receiver)expect eof\(deadline)"] + declaration("nil") }

  private func notCompared(_ answer: Answer) -> [String] {
    guard answer.form == .plain, !answer.isDatagram else { return [original] }
    if answer.isKept, name == nil {
      if let lines = counted(answer.bytes) { return lines }
      if let end = Expectation.lastLine(of: answer.bytes) {
        return ["\(receiver)recv until \(SourceText.quoted(end))\(deadline)"]
      }
    }
    let text = "\(receiver)recv exactly \(answer.count)\(deadline)"
    return [name.map { isDeclared ? "\($0) = \(text)" : "let \($0) = \(text)" } ?? text]
  }

  /// What says itself how long it is, as redis does: `$4885`, so many bytes, and a line end.
  private func counted(_ bytes: [UInt8]) -> [String]? {
    guard !matchName.isEmpty, let end = bytes.prefix(Expectation.longestMark).firstIndex(of: Expectation.lineEnd)
    else { return nil }
    let line = Array(bytes[...end])
    guard let number = VaryingNumbers.lastNumber(of: line),
      let length = Int(String(decoding: line[number], as: UTF8.self)), length <= bytes.count
    else { return nil }
    let extra = bytes.count - line.count - length
    let lineEnds: [[UInt8]] = [[], [0x0A], [0x0D, 0x0A]]
    guard lineEnds.contains(Array(bytes.suffix(max(0, extra)))), extra >= 0 else { return nil }
    let head = AnswerPattern.escaped(Array(line[..<number.lowerBound]))
    let tail = AnswerPattern.escaped(Array(line[number.upperBound...]))
    return [
      "\(receiver)expect /\(head)(\\d+)\(tail)/\(deadline) as \(matchName)",
      "\(receiver)recv exactly int(\(matchName)[1])\(extra > 0 ? " + \(extra)" : "")\(deadline)",
    ]
  }

  /// A longer line is no mark, in bytes.
  private static let longestMark = 40

  /// The last line with the end of the line before it, if that stands nowhere else and says something: `\nEND\r\n`.
  private static func lastLine(of bytes: [UInt8]) -> [UInt8]? {
    guard bytes.last == lineEnd, let start = bytes.dropLast().lastIndex(of: lineEnd) else { return nil }
    let mark = bytes[start...]
    guard mark.count <= longestMark, mark.dropFirst().contains(where: { $0 > 0x20 }),
      mark.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x0D })
    else { return nil }
    for at in bytes.indices where at < start && bytes[at] == lineEnd && bytes[at...].starts(with: mark) { return nil }
    return Array(mark)
  }

  // MARK: - Counters

  /// One line with a number that counts on: the first time it may be any, and then it is the next one.
  private func counter(_ answer: Answer) -> [String]? {
    guard let (group, offset) = answer.counter, !answer.isDatagram, !matchName.isEmpty else { return nil }
    let isLine = answer.form == .line && answer.value.last != Expectation.lineEnd
    let isPiece = [.plain, .until, .exactly].contains(answer.form) && answer.valueCount == answer.count
    let bytes = isLine ? Expectation.withoutLineEnd(answer.bytes) : answer.bytes
    guard isLine || isPiece, !bytes.dropLast().contains(Expectation.lineEnd),
      isLine || bytes.last == Expectation.lineEnd
    else { return nil }
    let others = answer.alternatives.map { isLine ? Expectation.withoutLineEnd($0.bytes) : $0.bytes }
    let pattern = AnswerPattern(bytes, others: others, span: answer.span)
    var regex = ""
    var text = ""
    for segment in pattern.segments {
      switch segment {
      case .literal(let literal):
        regex += AnswerPattern.escaped(literal)
        text += SourceText.inner(literal)
      case .run:
        regex += "(?<count>\\d+)"
        text += "${int(\(group.expression)) \(offset < 0 ? "- \(-offset)" : "+ \(offset)")}"
      }
    }
    let word = isLine ? "line " : ""
    if offset == 0 {
      group.expression = "\(matchName).count"
      return ["\(receiver)expect \(word)/\(isLine ? "^\(regex)$" : regex)/\(deadline) as \(matchName)"] + matched(0)
    }
    guard !group.expression.isEmpty else { return nil }
    return ["\(receiver)expect \(word)\"\(text)\"\(deadline)\(asName)"]
  }

  // MARK: - Lists

  /// More kinds of lines are not told one by one.
  private static let mostKinds = 8

  /// Where two answers that end in the same way have more lines or fewer: what `recv until` reads, as lines of the
  /// kinds that came.
  private func varyingLines(_ answer: Answer) -> [String]? {
    guard answer.form == .until, !answer.isDatagram, answer.valueCount < answer.count, !matchName.isEmpty,
      !SourceText.isBinary(answer.bytes)
    else { return nil }
    let answers = answer.alternatives.map { Expectation.split($0.value + Array($0.bytes.suffix(1))) }
    guard Set(answers.map(\.count)).count > 1 else { return nil }
    var kinds: [[UInt8]: [[UInt8]]] = [:]
    var order: [[UInt8]] = []
    for line in answers.joined().map(Expectation.withoutLineEnd) {
      let shape = RecordedTurns.shape(of: line)
      if kinds[shape] == nil { order.append(shape) }
      kinds[shape, default: []].append(line)
    }
    let value = name ?? matchName
    let kept = name == nil ? "let \(matchName) = \(original)" : original
    guard order.count <= Self.mostKinds else { return [name == nil ? original : kept] }
    var rules = AnswerPattern.Rules()
    rules.takesWords = true
    let patterns = order.compactMap { shape in
      kinds[shape].map { lines in
        let pattern = AnswerPattern(lines[0], samples: lines.dropFirst().map { $0 }, rules: rules, answer.span)
        return pattern.regex(isOpen: false)
      }
    }
    return [kept, "assert \(value) =~ /^(?:(?:\(patterns.joined(separator: "|")))(?:\\r?\\n|\\z))*\\z/"]
  }

  // MARK: - What has an end of its own: lines, messages, datagrams

  private func whole(_ word: String, _ answer: Answer, _ body: ([UInt8]) -> [UInt8]) -> [String] {
    let bytes = body(answer.bytes)
    var others = answer.alternatives.map { body($0.bytes) }
    if countsWhatVaries, let changed = VaryingNumbers.changed(bytes) { others.append(changed) }
    let pattern = AnswerPattern(bytes, others: others, span: answer.span)
    if pattern.isConstant { return ["\(receiver)expect \(word)\(SourceText.quoted(bytes))\(deadline)\(asName)"] }
    let regex = "/^\(pattern.regex(isOpen: false))$/"
    return ["\(receiver)expect \(word)\(regex)\(deadline)\(asMatch)"] + matched(0)
  }

  private static func withoutLineEnd(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.last == lineEnd else { return bytes }
    let line = bytes.dropLast()
    return Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
  }

  // MARK: - Streams

  /// A value that is used later in one piece, else line by line.
  private func pieces(_ answer: Answer) -> [String] {
    if name != nil || SourceText.isBinary(answer.bytes) {
      let others = answer.alternatives.map { answer.form == .until ? $0.value : $0.bytes }
      let valueCount = answer.form == .until ? answer.valueCount : answer.count
      return stream(answer.bytes, valueCount: valueCount, others: others, span: answer.span, isOpen: true)
        ?? [original]
    }
    let parts = Expectation.split(answer.bytes)
    let answers = answer.alternatives.map { Expectation.split($0.bytes) }
    let others = parts.indices.map { number in answers.compactMap { number < $0.count ? $0[number] : nil } }
    let isReport = VaryingNumbers.isReport(parts, others: others)
    var lines: [String] = []
    for (number, part) in parts.enumerated() {
      var alike = others[number]
      let isLast = number == parts.count - 1
      // The length of what varies varies with it.
      let isLength = !isLast && VaryingNumbers.isLength(part, of: parts[number + 1])
        && !AnswerPattern(parts[number + 1], others: others[number + 1], span: answer.span).isConstant
      if isReport || isLength, let changed = VaryingNumbers.changed(part) { alike.append(changed) }
      guard let text = stream(part, valueCount: part.count, others: alike, span: answer.span, isOpen: isLast) else {
        return [original]
      }
      lines += text
    }
    return lines
  }

  /// Each line with its end.
  static func split(_ bytes: [UInt8]) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var start = 0
    for (at, byte) in bytes.enumerated() where byte == lineEnd {
      parts.append(Array(bytes[start...at]))
      start = at + 1
    }
    if start < bytes.count { parts.append(Array(bytes[start...])) }
    return parts
  }

  /// Nil: it varies at its end, where nothing says how far it goes.
  private func stream(
    _ bytes: [UInt8], valueCount: Int, others: [[UInt8]], span: ClosedRange<Int>, isOpen: Bool
  ) -> [String]? {
    let value = Array(bytes[..<valueCount])
    let terminator = Array(bytes[valueCount...])
    let pattern = AnswerPattern(value, others: others, span: span)
    if pattern.isConstant {
      let text = "\(receiver)expect \(SourceText.quoted(bytes))\(deadline)"
      if terminator.isEmpty || name == nil { return [text + asName] }
      return [text] + declaration(SourceText.quoted(value))
    }
    let endsOpen = isOpen && terminator.isEmpty
    if endsOpen, !pattern.endsFixed { return nil }
    let regex = pattern.regex(isOpen: endsOpen)
    if terminator.isEmpty { return ["\(receiver)expect /\(regex)/\(deadline)\(asMatch)"] + matched(0) }
    let group = name == nil ? regex : "(\(regex))"
    return ["\(receiver)expect /\(group)\(AnswerPattern.escaped(terminator))/\(deadline)\(asMatch)"] + matched(1)
  }

  // MARK: - Names

  private var asName: String { name.map { " as \($0)" } ?? "" }
  private var asMatch: String { name == nil ? "" : " as \(matchName)" }
  private func matched(_ group: Int) -> [String] { declaration("\(matchName)[\(group)]") }

  private func declaration(_ value: String) -> [String] {
    name.map { [isDeclared ? "\($0) = \(value)" : "let \($0) = \(value)"] } ?? []
  }
}
