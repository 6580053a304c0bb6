// What the other side of a recording said, as steps that expect it.

extension RecordedWriter {
  /// A longer piece without lines is compared by its digest, in bytes.
  private static let longestLiteral = 4096

  /// - Parameter isCounted: its bytes are counted later.
  /// - Returns: what the script calls the text that came; nil where it is as long as the unit.
  mutating func expectText(
    _ unit: RecordedUnit, _ connection: Int, _ limit: String, isOpen: Bool, isEnd: Bool, isCounted: Bool
  ) -> String? {
    let receiver = receiver(connection)
    let patterns = patterns(in: unit.parts, connection)
    if patterns.isEmpty, unit.bytes.count > Self.longestLiteral, !unit.parts.contains(where: \.isVarying) {
      expectDigest(unit.bytes, connection, limit)
      return nil
    }
    if patterns.isEmpty {
      let isFixed = !isCounted || !unit.parts.contains(where: \.isVarying)
      let name = isFixed ? nil : freshName("text")
      let pattern = SourceText.pattern(text(of: unit.parts, connection), unit.bytes)
      append("\(receiver)expect \(pattern)\(limit)\(name.map { " as \($0)" } ?? "")")
      return name
    }
    var endsOpen = false
    if isOpen, case .varying(let last)? = unit.parts.last, isPattern(last, connection), !isEnd {
      endsOpen = true
      guard last.counts.count == 1 || last.characters.hasPrefix("(") else {
        append("# Nothing says how long this is.")
        append("\(receiver)recv\(limit)")
        return nil
      }
    }
    let names = self.names(for: patterns)
    let regex = regex(unit.parts, connection, names, lastIsOpen: endsOpen)
    let match = match(patterns, names, isNeeded: isCounted)
    append("\(receiver)expect /\(regex)/\(limit)\(match.map { " as \($0)" } ?? "")")
    return isCounted ? match.map { "\($0)[0]" } : nil
  }

  /// One or more lines of which not all came each time: those, as often as they come, up to the line behind them.
  mutating func expectLines(
    _ units: ArraySlice<RecordedUnit>, _ connection: Int, _ limit: String, isCounted: Bool
  ) -> String? {
    guard let anchor = units.last else { return nil }
    var lines = units.dropLast().map(\.bytes)
    for unit in units {
      lines += unit.extra
      if unit.bytes != anchor.bytes { lines += unit.samples.compactMap { $0 } }
    }
    var shapes: [[UInt8]] = []
    var byShape: [[UInt8]: [[UInt8]]] = [:]
    for line in lines {
      let shape = RecordedTurns.shape(of: line)
      if byShape[shape] == nil { shapes.append(shape) }
      byShape[shape, default: []].append(line)
    }
    var rules = AnswerPattern.Rules()
    rules.takesWords = true
    let alternatives = shapes.map { shape in
      let all = byShape[shape] ?? []
      return AnswerPattern(all[0], samples: all.dropFirst().map { $0 }, rules: rules, nil).regex(isOpen: false)
    }
    let head = alternatives.count > Self.mostAlternatives
      ? "(?:[^\\n]*\\n)*?" : "(?:\(alternatives.joined(separator: "|")))*"
    let patterns = patterns(in: anchor.parts, connection)
    let names = self.names(for: patterns)
    let tail = regex(anchor.parts, connection, names, lastIsOpen: true)
    let match = match(patterns, names, isNeeded: isCounted)
    append("\(receiver(connection))expect /\(head)\(tail)/\(limit)\(match.map { " as \($0)" } ?? "")")
    return isCounted ? match.map { "\($0)[0]" } : nil
  }

  private static let mostAlternatives = 8

  /// Where lines that did not come each time end: at the next that did. Nil when there is none.
  func regionEnd(_ units: [RecordedUnit], from start: Int) -> Int? {
    guard units[start].isText else { return nil }
    for at in start..<units.count {
      guard units[at].isText else { return nil }
      if !units[at].samples.contains(where: { $0 == nil }) { return at }
    }
    return nil
  }

  mutating func expectBinary(_ unit: RecordedUnit, _ connection: Int, _ limit: String) {
    let parts = unit.parts
    let receiver = receiver(connection)
    var limit = limit
    if let framing = unit.framing, unit.samples.contains(where: { $0.map { $0.count != unit.bytes.count } ?? false }) {
      return expectFramed(unit, framing, connection, limit)
    }
    var at = 0
    while at < parts.count {
      defer {
        at += 1
        limit = ""
      }
      switch parts[at] {
      case .literal(let bytes) where bytes.count > Self.longestLiteral: expectDigest(bytes, connection, limit)
      case .literal(let bytes):
        for terms in terms(bytes).chunks(of: 8) {
          let all = terms.count == 1 ? SourceText.pattern(terms[0], bytes) : terms.joined(separator: " +\n      ")
          append("\(receiver)expect \(all)\(limit)")
          limit = ""
        }
      case .varying(let value):
        if let expression = expression(value, connection) {
          append("\(receiver)expect \(expression)\(limit)")
        } else if case .literal = value.meaning {
          append("\(receiver)expect \(terms(value.base).joined(separator: " + "))\(limit)")
        } else if let end = textEnd(parts, from: at, connection), end > at + 1 {
          let texts = Array(parts[at..<end])
          let patterns = patterns(in: texts, connection)
          let names = self.names(for: patterns)
          let regex = regex(texts, connection, names, lastIsOpen: true)
          let match = match(patterns, names, isNeeded: false)
          append("\(receiver)expect /\(regex)/\(limit)\(match.map { " as \($0)" } ?? "")")
          at = end - 1
        } else {
          // What nobody asks for again is read in one.
          var count = value.counts.lowerBound
          var end = at
          while !value.isNeeded, !value.isText, value.counts.count == 1, end + 1 < parts.count,
            case .varying(let next) = parts[end + 1], !next.isNeeded, !next.isText, next.counts.count == 1,
            isPattern(next, connection)
          {
            count += next.counts.lowerBound
            end += 1
          }
          if end > at {
            append("\(receiver)recv exactly \(count)\(limit)")
            at = end
          } else {
            expectVarying(value, parts, at + 1, connection, limit)
          }
        }
      }
    }
  }

  /// Behind a text of a fixed length in a binary message, of which more than one place varies.
  private func textEnd(_ parts: [RecordedPart], from start: Int, _ connection: Int) -> Int? {
    var end: Int?
    for at in parts.indices[start...] {
      switch parts[at] {
      case .varying(let value) where value.isText && value.counts.count == 1 && isPattern(value, connection):
        end = at + 1
      case .literal(let bytes) where RecordedTurns.isText(bytes[...]) && bytes.count < 16: break
      default: return end
      }
    }
    return end
  }

  private func patterns(in parts: [RecordedPart], _ connection: Int) -> [RecordedValue] {
    parts.compactMap { part in
      if case .varying(let value) = part, isPattern(value, connection) { value } else { nil }
    }
  }

  /// A message whose length varies: it is read as it says itself how long it is, and then compared.
  private mutating func expectFramed(
    _ unit: RecordedUnit, _ framing: RecordedFraming.Length, _ connection: Int, _ limit: String
  ) {
    let receiver = receiver(connection)
    let all = [unit.bytes] + unit.samples.compactMap { $0 }
    let headLength = framing.offset + framing.width
    let isConstant = all.allSatisfy { $0.prefix(framing.offset) == unit.bytes.prefix(framing.offset) }
    if framing.offset > 0 {
      let first = terms(Array(unit.bytes.prefix(framing.offset))).joined(separator: " + ")
      append(
        isConstant ? "\(receiver)expect \(first)\(limit)" : "\(receiver)recv exactly \(framing.offset)\(limit)")
    }
    let length = freshName("length")
    append("\(receiver)recv exactly \(framing.width)\(framing.offset > 0 ? "" : limit) as \(length)")
    let rest = framing.added - headLength
    let sum = rest == 0 ? "" : rest < 0 ? " - \(-rest)" : " + \(rest)"
    let body = freshName("body")
    append("\(receiver)recv exactly unpack(\"\(framing.format)\", \(length))[0]\(sum) as \(body)")
    var rules = AnswerPattern.Rules()
    rules.takesWords = true
    rules.takesAnyWord = true
    let samples = unit.samples.map { $0.map { Array($0.dropFirst(headLength)) } }
    let base = Array(unit.bytes.dropFirst(headLength))
    let pattern = AnswerPattern(base, samples: samples, rules: rules, nil)
    if !pattern.isConstant {
      append("assert \(body) =~ /^\(pattern.regex(isOpen: false, without: lengths(of: pattern, base)))\\z/s")
    } else {
      let bodies = [base] + samples.compactMap { $0 }
      let shortest = bodies.map(\.count).min() ?? 0
      let start = (0..<shortest).first { at in bodies.contains { $0[at] != base[at] } } ?? shortest
      let end = (0..<shortest - start).first { at in
        bodies.contains { $0[$0.count - 1 - at] != base[base.count - 1 - at] }
      } ?? shortest - start
      let head = AnswerPattern.escaped(Array(base.prefix(start)))
      let tail = AnswerPattern.escaped(Array(base.suffix(end)))
      append("assert \(body) =~ /^\(head).*\(tail)\\z/s")
    }
  }

  /// Where it is said how long texts are of which something varies.
  private func lengths(of pattern: AnswerPattern, _ base: [UInt8]) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var offset = 0
    for segment in pattern.segments {
      switch segment {
      case .literal(let bytes): offset += bytes.count
      case .run(_, _, let values, _):
        if let place = RecordedMeanings.lengthPlace(ofTextAt: offset, in: base), place != places.last {
          places.append(place)
        }
        offset += (values.first ?? nil)?.count ?? 0
      }
    }
    return places
  }

  private mutating func expectVarying(
    _ value: RecordedValue, _ parts: [RecordedPart], _ next: Int, _ connection: Int, _ limit: String
  ) {
    var suffix = ""
    if value.isNeeded {
      value.expression = freshName(value.label)
      suffix = " as \(value.expression)"
    }
    let receiver = receiver(connection)
    if value.counts.upperBound > RecordedMeanings.longestCompared {
      append("# What comes here was something else each time, and is not compared.")
    }
    if value.isText, value.counts.count == 1 {
      // Part of a text in a message whose length is fixed.
      let regex = AnswerPattern.repeated(value.characters, value.counts.lowerBound)
      append("\(receiver)expect /\(regex)/\(limit)\(suffix)")
      if value.isNeeded { value.expression = "\(value.expression)[0]" }
      return
    }
    if value.counts.count == 1 {
      return append("\(receiver)recv exactly \(value.counts.lowerBound)\(limit)\(suffix)")
    }
    if next < parts.count, case .literal(let bytes) = parts[next], value.counts.upperBound <= Self.mostVarying {
      // It is peeked at only by what follows, which is expected in full.
      let tail = AnswerPattern.escaped(Array(bytes.prefix(16)))
      let name = value.isNeeded ? value.expression : ""
      let group = name.isEmpty ? "" : "?<value>"
      let length = "\(value.counts.lowerBound),\(Self.mostVarying)"
      append(
        "\(receiver)expect /(\(group.isEmpty ? "?:" : group).{\(length)}?)(?=\(tail))/s"
          + "\(limit)\(name.isEmpty ? "" : " as \(name)")")
      if !name.isEmpty { value.expression = "\(name).value" }
      return
    }
    append("# Nothing says how long this is.")
    append("\(receiver)recv\(limit)\(suffix)")
  }

  private static let mostVarying = 65_535

  mutating func expectDatagram(_ unit: RecordedUnit, _ connection: Int, _ limit: String) {
    let receiver = receiver(connection)
    let patterns = patterns(in: unit.parts, connection)
    if patterns.isEmpty {
      let terms = unit.isText ? [text(of: unit.parts, connection)] : binaryTerms(unit.parts, connection)
      return append("\(receiver)expect \(terms.joined(separator: " +\n      "))\(limit)")
    }
    let names = self.names(for: patterns)
    let regex = regex(unit.parts, connection, names, lastIsOpen: false)
    let match = match(patterns, names, isNeeded: false)
    append("\(receiver)expect /\(regex)/s\(limit)\(match.map { " as \($0)" } ?? "")")
  }

  mutating func expectDigest(_ bytes: [UInt8], _ connection: Int, _ limit: String) {
    let name = receive(bytes.count, connection, limit)
    if let digest = Self.digest(bytes) {
      append("assert sha256(\(name)) == \(digest)")
    } else {
      appendLength(of: name, bytes.count)
    }
  }

  private mutating func receive(_ count: Int, _ connection: Int, _ limit: String) -> String {
    let name = freshName("body")
    append("\(receiver(connection))recv exactly \(count)\(limit) as \(name)")
    return name
  }

  /// In hex; nil where there is no OpenSSL.
  private static func digest(_ bytes: [UInt8]) -> String? {
    let digest = try? [Value(bytes)].withUnsafeBufferPointer { arguments throws(Failure) in
      try Builtins.callChecked(.sha256, arguments, BuiltinContext())
    }
    guard case .string(let digest)? = digest else { return nil }
    return SourceText.hex(digest.array)
  }

  private mutating func appendLength(of name: String, _ count: Int) {
    append("assert len(\(name)) == \(count)  # There is no OpenSSL here that would make a digest of it.")
  }

  /// More are compared by their digest.
  private static let mostLines = 24

  /// The same lines in whatever order.
  mutating func expectAnyOrder(_ units: [RecordedUnit], _ connection: Int, _ limit: String) {
    append("# The same lines come in another order now and then.")
    let name = receive(units.reduce(0) { $0 + $1.bytes.count }, connection, limit)
    let pieces = units.flatMap(\.bytes).split(separator: 0x0A, omittingEmptySubsequences: false)
      .sorted { $0.lexicographicallyPrecedes($1) }
    let sorted = "sort(split(\(name), \"\\n\"))"
    if units.count <= Self.mostLines {
      append("assert \(sorted) == [\(pieces.map { SourceText.quoted(Array($0)) }.joined(separator: ", "))]")
    } else if let digest = Self.digest(Array(pieces.joined(separator: [0x0A]))) {
      append("assert sha256(join(\(sorted), \"\\n\")) == \(digest)")
    } else {
      appendLength(of: name, units.reduce(0) { $0 + $1.bytes.count })
    }
  }

  // MARK: - Patterns

  /// Neither a literal nor something that the script knows.
  private func isPattern(_ value: RecordedValue, _ connection: Int) -> Bool {
    if case .literal = value.meaning { return false }
    return expression(value, connection) == nil
  }

  private func regex(
    _ parts: [RecordedPart], _ connection: Int, _ names: [String], lastIsOpen: Bool
  ) -> String {
    var text = ""
    var number = 0
    for (at, part) in parts.enumerated() {
      switch part {
      case .literal(let bytes): text += AnswerPattern.escaped(bytes)
      case .varying(let value):
        if let expression = expression(value, connection) {
          text += "${\(expression)}"
        } else if case .literal = value.meaning {
          text += AnswerPattern.escaped(value.base)
        } else {
          let isLast = at == parts.count - 1
          let fixed = value.counts.count == 1 && (isLast && lastIsOpen || !value.isText)
          let inner = value.isText || fixed
            ? AnswerPattern.repeated(value.characters, fixed ? value.counts.lowerBound : nil) : "\(value.characters)*"
          let name = number < names.count ? names[number] : ""
          number += 1
          text += name.isEmpty ? inner : "(?<\(name)>\(inner))"
        }
      }
    }
    return text
  }

  /// The names of the groups; empty where nobody asks for one.
  private func names(for patterns: [RecordedValue]) -> [String] {
    var taken: Set<String> = []
    return patterns.map { value in
      guard value.isNeeded else { return "" }
      var name = value.label
      var number = 2
      while !taken.insert(name).inserted {
        name = "\(value.label)\(number)"
        number += 1
      }
      return name
    }
  }

  /// The name of a match of which something is said later.
  private mutating func match(_ patterns: [RecordedValue], _ names: [String], isNeeded: Bool) -> String? {
    guard isNeeded || names.contains(where: { !$0.isEmpty }) else { return nil }
    let match = freshName("m")
    for (value, name) in zip(patterns, names) where !name.isEmpty { value.expression = "\(match).\(name)" }
    return match
  }
}

extension RecordedPart {
  var isVarying: Bool { if case .varying = self { true } else { false } }
}

extension Array {
  func chunks(of size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min(count, $0 + size)] }
  }
}
