// What a message's fields say of each other's sizes: found once, for the checker and for the layout.

/// What `size(…)` and the checksums are of.
package enum MessageExtent {
  /// Of these fields, from the beginning of the first to the end of the last.
  case fields(ClosedRange<Int>)
  /// Of no field of this message, by that name.
  case unknown(String, SourceRange)
  /// It is no field and no range of fields.
  case invalid
}

/// `length u16 = size(body) + 2`: turned round, it says where the body ends.
package struct LengthRule {
  /// How the size is got from the value: from the last step to the first.
  package enum Step {
    case add(Expression), subtract(Expression), multiply(Expression), divide(Expression)
    case subtractFrom(Expression)
  }
  /// The fields that the size is of.
  package let extent: ClosedRange<Int>
  package let steps: [Step]
}

extension MessageDeclaration {
  /// What an argument of `size` or of a checksum means: a field, `a..b`, `a..`, `rest` or `message`.
  /// - Parameter index: the field that it stands in.
  package func extent(_ argument: Expression, at index: Int) -> MessageExtent {
    switch argument {
    case .parenthesized(let inner, _): return extent(inner, at: index)
    case .name(let reference):
      if let found = self.index(of: reference.name) { return .fields(found...found) }
      if reference.name == "message", !fields.isEmpty { return .fields(0...(fields.count - 1)) }
      if reference.name == "rest", index + 1 < fields.count { return .fields((index + 1)...(fields.count - 1)) }
      return .unknown(reference.name, reference.range)
    case .range(let lower, let upper, true, _):
      var first = 0
      var last = fields.count - 1
      if let lower {
        guard case .name(let reference) = lower else { return .invalid }
        guard let found = self.index(of: reference.name) else { return .unknown(reference.name, reference.range) }
        first = found
      }
      if let upper {
        guard case .name(let reference) = upper else { return .invalid }
        guard let found = self.index(of: reference.name) else { return .unknown(reference.name, reference.range) }
        last = found
      }
      return first <= last ? .fields(first...last) : .invalid
    default: return .invalid
    }
  }

  /// What a field's value says of the size of others; nil: nothing that can be turned round.
  package func lengthRule(at index: Int) -> LengthRule? {
    guard let value = fields[index].value, !fields[index].isDefault, fields[index].type.isInteger else { return nil }
    return rule(value, at: index)
  }

  private func rule(_ value: Expression, at index: Int) -> LengthRule? {
    switch value {
    case .parenthesized(let inner, _): return rule(inner, at: index)
    case .call(let call):
      guard case .name(let callee) = call.callee, callee.name == "size", call.arguments.count == 1,
        case .fields(let extent) = extent(call.arguments[0], at: index)
      else { return nil }
      return LengthRule(extent: extent, steps: [])
    case .binary(let op, let left, let right, _):
      let step: LengthRule.Step
      let inner: LengthRule
      if let found = rule(left, at: index), !right.measures {
        inner = found
        switch op {
        case .add: step = .subtract(right)
        case .subtract: step = .add(right)
        case .multiply: step = .divide(right)
        case .divide: step = .multiply(right)
        default: return nil
        }
      } else if let found = rule(right, at: index), !left.measures {
        inner = found
        switch op {
        case .add: step = .subtract(left)
        case .subtract: step = .subtractFrom(left)
        case .multiply: step = .divide(left)
        default: return nil
        }
      } else {
        return nil
      }
      return LengthRule(extent: inner.extent, steps: inner.steps + [step])
    default: return nil
    }
  }

  /// The fields whose end a length says, those behind it only; nil: none.
  fileprivate func bounded(by rule: LengthRule, at index: Int) -> ClosedRange<Int>? {
    guard rule.extent.upperBound > index else { return nil }
    return max(rule.extent.lowerBound, index + 1)...rule.extent.upperBound
  }

  /// How many bytes stand behind a field that takes all that is left: of fields of a fixed size, up to the end of what
  /// bounds it. nil: fields of another size stand there.
  package func tail(behind index: Int) -> Int? {
    var bits = 0
    for field in fields.prefix(relations.ends[index] + 1).dropFirst(index + 1) {
      guard field.condition == nil, let count = field.type.fixedBits else { return nil }
      bits += count
    }
    return bits / 8
  }
}

/// What a message's fields say of each other.
package struct MessageRelations {
  /// Those that say where others end, in their order, each with the fields behind it that it bounds.
  package private(set) var lengths: [(index: Int, rule: LengthRule, bounded: ClosedRange<Int>)] = []
  /// For each field the last one of what a length bounds it with; the last of all where none does.
  fileprivate private(set) var ends: [Int]
  /// Fields, and parameters, that are messages of which something is computed.
  private var read: Set<String> = []

  init(_ message: MessageDeclaration) {
    ends = message.fields.map { _ in message.fields.count - 1 }
    for (index, field) in message.fields.enumerated() {
      for expression in field.type.expressions + [field.value, field.condition].compactMap({ $0 }) {
        expression.collectReadMembers(into: &read)
      }
      guard let rule = message.lengthRule(at: index), let bounded = message.bounded(by: rule, at: index) else {
        continue
      }
      lengths.append((index, rule, bounded))
      for field in bounded { ends[field] = min(ends[field], bounded.upperBound) }
    }
  }

  /// Whether something is computed from a field of the message that this field is.
  package func readsMember(of field: MessageField) -> Bool { field.name.map(read.contains) ?? false }
}

extension MessageType {
  /// What it is computed from.
  fileprivate var expressions: [Expression] {
    switch kind {
    case .word, .bytes(nil, _), .counted, .line, .ber, .protobuf, .nothing: []
    case .bytes(let size?, _): [size]
    case .message(_, let arguments): arguments
    case .whole(let inner), .list(let inner, .rest), .list(let inner, .until), .numbered(_, _, let inner),
      .prefixed(_, let inner, _):
      inner.expressions
    case .list(let element, .count(let end)), .list(let element, .size(let end)): element.expressions + [end]
    case .choice(let tag, let cases, let otherwise):
      [tag] + cases.flatMap(\.type.expressions) + (otherwise?.expressions ?? [])
    }
  }

  /// Its value is an integer.
  package var isInteger: Bool {
    switch kind {
    case .word(.unsigned), .word(.signed), .word(.bits), .word(.variable): true
    default: false
    }
  }

  /// A number, a flag, bytes, text or a message, which protobuf's wire format has.
  package var isOfProtobuf: Bool {
    switch kind {
    case .bytes(nil, _): true
    case .message(_, let arguments): arguments.isEmpty
    default: isPackable
    }
  }

  /// A number or a flag: several may stand behind one number of a field.
  package var isPackable: Bool {
    switch kind {
    case .word(.variable(.varint)), .word(.variable(.zigzag)), .word(.flag), .word(.unsigned(4, true)),
      .word(.unsigned(8, true)), .word(.signed(4, true)), .word(.signed(8, true)), .word(.float32(true)),
      .word(.float64(true)):
      true
    default: false
    }
  }

  /// How many bits it always has; nil: that depends.
  package var fixedBits: Int? {
    switch kind {
    case .word(.unsigned(let size, _)), .word(.signed(let size, _)): size * 8
    case .word(.float32): 32
    case .word(.float64): 64
    case .word(let word): word.bitCount
    case .bytes(.integer(let count, _), _): count < 1 << 40 ? count * 8 : nil
    case .nothing: 0
    default: nil
    }
  }

  /// `count` is of such a field.
  package var isList: Bool {
    switch kind {
    case .list, .prefixed(_, _, counts: true): true
    case .prefixed(_, let inner, _): inner.isList
    default: false
    }
  }

  /// It takes all that is left.
  package var isOpen: Bool {
    switch kind {
    case .bytes(nil, _), .list(_, .rest), .protobuf: true
    case .whole(let inner): inner.isOpen
    case .choice(_, let cases, let otherwise): cases.contains { $0.type.isOpen } || otherwise?.isOpen == true
    default: false
    }
  }
}

extension Expression {
  /// The names of which it reads a field.
  fileprivate func collectReadMembers(into names: inout Set<String>) {
    switch self {
    case .member(let member): if case .name(let base) = member.base { names.insert(base.name) }
    case .parenthesized(let inner, _), .unary(_, let inner, _), .not(let inner, _):
      inner.collectReadMembers(into: &names)
    case .binary(_, let left, let right, _), .and(let left, let right, _), .or(let left, let right, _):
      left.collectReadMembers(into: &names)
      right.collectReadMembers(into: &names)
    default: break
    }
  }

  /// There is a `size`, `count` or checksum in it.
  package var measures: Bool {
    switch self {
    case .call: true
    case .parenthesized(let inner, _), .unary(_, let inner, _), .not(let inner, _): inner.measures
    case .binary(_, let left, let right, _), .and(let left, let right, _), .or(let left, let right, _):
      left.measures || right.measures
    default: false
    }
  }
}

/// The functions of a field's value.
package enum MessageFunction: String, CaseIterable, Sendable {
  case size, count, crc32, inet_checksum
}
