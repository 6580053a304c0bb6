// The fields of a message that a session has received, as those that `expect message` is to want.

import SockLanguage

/// What came in one place, as what is expected there.
struct ExpectedFields {
  /// When it may have been written, in seconds since 1970.
  let span: ClosedRange<Int>

  /// `{kind: 1, name: /^u\d+$/}`. What varies as in a line stands as a pattern, or not at all: then it may be anything.
  /// What the message computes is compared with what came in any case.
  /// - Parameters:
  ///   - others: of the messages that came in its place.
  ///   - declaration: the message's; nil: it is not known.
  func text(_ fields: Map, others: [Map], _ declaration: MessageDeclaration?) -> String {
    let entries = fields.entries.filter(\.isLive).compactMap { entry -> String? in
      guard case .string(let bytes) = entry.key else { return nil }
      let name = String(decoding: bytes.array, as: UTF8.self)
      let field = declaration?.field(name)
      if let field, field.value != nil, !field.isDefault { return nil }
      let messages = field?.type.messages ?? []
      let inner = messages.count == 1 ? messages[0].message : nil
      guard let text = text(entry.value, others: others.compactMap { $0[entry.key] }, name, inner) else { return nil }
      return "\(Keyword(rawValue: name) == nil ? name : SourceText.quoted(bytes.array)): \(text)"
    }
    return "{\(entries.joined(separator: ", "))}"
  }

  /// Nil: it may be anything.
  /// - Parameter name: the field's: behind one such as `id` stands what was made up for this time.
  private func text(
    _ value: Value, others: [Value], _ name: String, _ declaration: MessageDeclaration?
  ) -> String? {
    switch value {
    case .string(let string):
      let texts = others.compactMap { if case .string(let other) = $0 { other.array } else { nil } }
      return text(string.array, others: texts, name)
    case .float(let number) where !number.isFinite: return nil
    case .integer, .boolean, .float:
      let shown = Show.inspect(value).text
      guard others.allSatisfy({ Show.inspect($0).text == shown }) else { return nil }
      return AnswerPattern(Array("\(name): \(shown)".utf8), others: [], span: span).isConstant ? shown : nil
    case .list(let list):
      let lists = others.compactMap { if case .list(let other) = $0 { other } else { nil } }
      guard lists.allSatisfy({ $0.items.count == list.items.count }) else { return nil }
      let elements = list.items.enumerated().map { at, item in
        text(item, others: lists.map { $0.items[at] }, name, declaration) ?? "any"
      }
      return "[\(elements.joined(separator: ", "))]"
    case .map(let map):
      let maps = others.compactMap { if case .map(let other) = $0 { other } else { nil } }
      return text(map, others: maps, declaration)
    default: return nil
    }
  }

  private func text(_ bytes: [UInt8], others: [[UInt8]], _ name: String) -> String {
    let label = SourceText.isBinary(bytes) ? [] : Array("\(name): ".utf8)
    let pattern = AnswerPattern(label + bytes, others: others.map { label + $0 }, span: span)
    if pattern.isConstant { return SourceText.quoted(bytes) }
    return "/^\(pattern.regex(isOpen: false).dropFirst(AnswerPattern.escaped(label).count))$/"
  }

  /// A copy, which stays as it is when the session changes what it was given.
  static func copy(_ map: Map) -> Map {
    let copy = Map()
    for entry in map.entries where entry.isLive { copy.set(entry.key, self.copy(entry.value)) }
    return copy
  }

  private static func copy(_ value: Value) -> Value {
    switch value {
    case .map(let map): .map(copy(map))
    case .list(let list): .list(List(list.items.map { copy($0) }))
    default: value
    }
  }
}
