// replace: every place of a string or a regex gets another text.

import SockLanguage

extension TextFunctions {
  /// Replaces all that is found. For a string the new text is taken as it is. For a regex `$1` to `$99` and `${name}`
  /// in it stand for groups (nothing for one that took no part), `$0` for the match, `$$` for a dollar; any other `$`
  /// is itself. In double quotes `${` would be filled by the script, so such a text is written in single ones.
  static func replace(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    let replacement = try arguments.string(2)
    switch arguments[1] {
    case .string(let part):
      guard !part.isEmpty else { throw arguments.range("argument 2 is empty: there is nothing to replace") }
      return .string(try replace(string, part, replacement, arguments))
    case .regex(let pattern):
      let template = try ReplacementTemplate(replacement, pattern, arguments)
      return .string(try replace(string, pattern, template, arguments))
    default: throw arguments.wrongType(1, "a string or a regex")
    }
  }

  /// All that is to be replaced: for a regex the matches, for a string the string itself, as often as it occurs.
  static func found(_ arguments: Arguments) throws(Failure) -> List {
    let string = try arguments.string(0)
    let bytes = string.bytes
    var found: [Value] = []
    var lookout = Lookout()
    switch arguments[1] {
    case .string(let part):
      guard !part.isEmpty else { throw arguments.range("argument 2 is empty: there is nothing to replace") }
      var from = 0
      while let at = bytes.offset(of: part.bytes, from: from) {
        try lookout.step(bytes: at - from + MemoryLayout<Value>.stride)
        found.append(.string(part))
        from = at + part.count
      }
    case .regex(let pattern): return try allMatches(of: pattern, in: string)
    default: throw arguments.wrongType(1, "a string or a regex")
    }
    return List(found)
  }

  /// The string with another text for each part that `found` has found.
  static func replace(_ string: ByteString, _ found: ListItems, by texts: ListItems) throws(Failure) -> ByteString {
    let bytes = string.bytes
    var builder = ByteBuilder(capacity: string.count)
    var start = 0
    var lookout = Lookout()
    for (part, text) in zip(found, texts) {
      guard case .string(let text) = text else {
        throw .type("replace: the function must give a string, not \(text.article)\(cure(text))")
      }
      let range: Range<Int>
      switch part {
      case .match(let match): range = match.range(of: 0) ?? start..<start
      case .string(let part):
        let at = bytes.offset(of: part.bytes, from: start) ?? start
        range = at..<at + part.count
      default: continue
      }
      let lower = max(start, range.lowerBound)
      builder.append(UnsafeRawBufferPointer(rebasing: bytes[start..<lower]))
      builder.append(text.bytes)
      try builder.requireRoom(BuiltinFunction.replace.rawValue)
      try lookout.step(bytes: lower - start + text.count)
      start = max(lower, range.upperBound)
    }
    builder.append(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    return try builder.finish(BuiltinFunction.replace.rawValue)
  }

  private static func cure(_ value: Value) -> String {
    switch value {
    case .integer, .float: "; write `str(…)`"
    case .match: "; write `m[0]`"
    default: ""
    }
  }

  private static func replace(
    _ string: ByteString, _ part: ByteString, _ replacement: ByteString, _ arguments: Arguments
  ) throws(Failure) -> ByteString {
    let bytes = string.bytes
    guard var found = bytes.offset(of: part.bytes) else { return string }
    var builder = ByteBuilder(capacity: string.count)
    var start = 0
    var lookout = Lookout()
    while true {
      try lookout.step(bytes: found - start + replacement.count)
      builder.append(UnsafeRawBufferPointer(rebasing: bytes[start..<found]))
      builder.append(replacement.bytes)
      start = found + part.count
      guard let next = bytes.offset(of: part.bytes, from: start) else { break }
      found = next
    }
    builder.append(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    return try builder.finish(arguments.name)
  }

  private static func replace(
    _ string: ByteString, _ pattern: Pattern, _ template: ReplacementTemplate, _ arguments: Arguments
  ) throws(Failure) -> ByteString {
    let bytes = string.bytes
    var builder = ByteBuilder(capacity: string.count)
    // What is before `start` has been written; the next match is looked for from `from`.
    var start = 0
    var from = 0
    var lookout = Lookout()
    var budget = MatchBudget(of: bytes.count)
    search: while from <= bytes.count {
      switch pattern.match(bytes, from: from, &budget) {
      case .none, .partial: break search
      case .failed(let failure): throw failure
      case .matched:
        let found = pattern.matchedRange
        let lower = max(start, found.lowerBound)
        let before = builder.count
        builder.append(UnsafeRawBufferPointer(rebasing: bytes[start..<lower]))
        template.append(to: &builder, pattern, bytes)
        start = max(lower, found.upperBound)
        // After an empty match the search goes on one byte later, and that byte is kept.
        from = found.isEmpty ? start + 1 : start
        try builder.requireRoom(arguments.name)
        try lookout.step(bytes: builder.count - before)
      }
    }
    if start == 0, builder.count == 0 { return string }
    builder.append(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    return try builder.finish(arguments.name)
  }
}

/// A text with places for groups.
private struct ReplacementTemplate {
  private enum Piece {
    case text(Range<Int>)
    case group(Int)
    /// Any of the groups that share a name: the one that is set.
    case groups([Int])
  }

  private let text: ByteString
  private var pieces: [Piece] = []

  init(_ text: ByteString, _ pattern: Pattern, _ arguments: Arguments) throws(Failure) {
    self.text = text
    let bytes = text.bytes
    var plainStart = 0
    var at = 0
    while let dollar = bytes.offset(of: 0x24, from: at) {
      at = dollar + 1
      guard at < bytes.count else { break }
      let piece: Piece
      var end = at
      if bytes[at] == 0x24 {
        piece = .text(at..<at + 1)
        end = at + 1
      } else if ByteClass.isDigit(bytes[at]) {
        var group = 0
        while end < bytes.count, end < at + 2, ByteClass.isDigit(bytes[end]) {
          group = group * 10 + Int(bytes[end] - 0x30)
          end += 1
        }
        guard group <= pattern.groupCount else {
          throw arguments.range("the pattern has no group \(group) (`$$` is a dollar)")
        }
        piece = .group(group)
      } else if bytes[at] == 0x7B, let close = bytes.offset(of: 0x7D, from: at) {
        let name = ByteString.copy(UnsafeRawBufferPointer(rebasing: bytes[at + 1..<close]))
        let groups = pattern.names.filter { ByteString.equal($0.name, name) }.map(\.group)
        guard !groups.isEmpty else {
          throw arguments.range("the pattern has no group named \(Show.inspect(.string(name)).text) (`$$` is a dollar)")
        }
        piece = .groups(groups)
        end = close + 1
      } else {
        continue
      }
      pieces.append(.text(plainStart..<dollar))
      pieces.append(piece)
      plainStart = end
      at = end
    }
    pieces.append(.text(plainStart..<bytes.count))
  }

  /// Writes the text for the last match of the pattern, which was made in `subject`.
  func append(to builder: inout ByteBuilder, _ pattern: Pattern, _ subject: UnsafeRawBufferPointer) {
    func append(group: Int) -> Bool {
      guard let range = pattern.range(of: group) else { return false }
      builder.append(UnsafeRawBufferPointer(rebasing: subject[range]))
      return true
    }
    for piece in pieces {
      switch piece {
      case .text(let range): builder.append(UnsafeRawBufferPointer(rebasing: text.bytes[range]))
      case .group(let group): _ = append(group: group)
      case .groups(let groups): for group in groups where append(group: group) { break }
      }
    }
  }
}
