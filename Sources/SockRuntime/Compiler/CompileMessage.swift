// `message` declarations: from the tree to layouts.

import SockLanguage

extension Compiler {
  /// The layout of a message: one for the whole program.
  func layout(of declaration: MessageDeclaration) -> MessageLayout {
    let key = ObjectIdentifier(declaration)
    if let known = layouts[key] { return known.layout }
    let layout = MessageLayout(name: declaration.name.name)
    layouts[key] = (layout, declaration)
    MessageCompiler(program: self, declaration: declaration).fill(layout)
    return layout
  }
}

/// Compiles one declaration, which the checker has found good.
private struct MessageCompiler {
  let program: Compiler
  let declaration: MessageDeclaration

  func fill(_ layout: MessageLayout) {
    layout.parameterCount = declaration.parameters.count
    let fields = declaration.fields.map { field in
      guard case .numbered(let number, let repetition, let type) = field.type.kind else {
        return LayoutField(name: field.name, type: self.type(field.type))
      }
      return LayoutField(name: field.name, type: self.type(type), number: number, repetition)
    }
    for (index, field) in fields.enumerated() where field.number > 0 { layout.numbers[field.number] = index }
    var isPlain = true
    for (index, field) in declaration.fields.enumerated() {
      let made = fields[index]
      made.condition = field.condition.map(expression)
      made.isRead = declaration.relations.readsMember(of: field)
      if field.type.isOpen { made.tail = declaration.tail(behind: index) ?? 0 }
      if let value = field.value { set(value, of: made, at: index) }
      isPlain = isPlain && field.condition == nil && (made.value == nil) && !made.type.computes
    }
    setRules(fields)
    setMeasures(fields)
    layout.needsSlots = !isPlain
    layout.fields = fields
  }

  private func set(_ value: Expression, of field: LayoutField, at index: Int) {
    field.isHeld = !declaration.fields[index].isDefault
    switch value {
    case .integer(let number, _):
      // A constant of a float is one.
      switch field.type {
      case .float32, .float64: field.constant = .float(Double(number))
      default: field.constant = .integer(number)
      }
    case .float(let number, _): field.constant = .float(number)
    case .string(let bytes, _): field.constant = Value(bytes)
    case .boolean(let isSet, _): field.constant = .boolean(isSet)
    default:
      field.value = expression(value, at: index)
      field.isVerified = field.isHeld
    }
  }

  /// Which lengths bound which fields. Of two that cross each other the later one is only held against what came.
  private func setRules(_ fields: [LayoutField]) {
    var parts: [(extent: ClosedRange<Int>, length: Int)] = []
    /// For each field where the longest part ends that begins with it, and where the longest begins that ends with it.
    var ends = Array(fields.indices)
    var starts = ends
    for (index, rule, extent) in declaration.relations.lengths {
      let (first, last) = (extent.lowerBound, extent.upperBound)
      if starts[first..<last].contains(where: { $0 < first }) { continue }
      if ends[first...last].dropFirst().contains(where: { $0 > last }) { continue }
      parts.append((extent, index))
      ends[first] = max(ends[first], last)
      starts[last] = min(starts[last], first)
      fields[index].rule = LayoutRule(extent: rule.extent, steps: rule.steps.reversed().map { step($0) })
      fields[index].isVerified = false
    }
    // The longer ones are outside.
    for part in parts.sorted(by: { $0.extent.count > $1.extent.count }) {
      fields[part.extent.lowerBound].opened.append(part.length)
      fields[part.extent.upperBound].closedCount += 1
    }
  }

  private func step(_ step: LengthRule.Step) -> LayoutRule.Step {
    switch step {
    case .add(let operand): .add(expression(operand))
    case .subtract(let operand): .subtract(expression(operand))
    case .multiply(let operand): .multiply(expression(operand))
    case .divide(let operand): .divide(expression(operand))
    case .subtractFrom(let operand): .subtractFrom(expression(operand))
    }
  }

  /// A field that another one is read by, and that has no value of its own, is computed from that when it is sent.
  private func setMeasures(_ fields: [LayoutField]) {
    for (index, field) in fields.enumerated() {
      let measure: (LayoutExpression, LayoutExpression)?
      switch field.type {
      case .bytes(let size?, _): measure = (size, .size(index...index))
      case .list(_, .count(let count)): measure = (count, .count(index))
      case .list(_, .size(let size)): measure = (size, .size(index...index))
      default: measure = nil
      }
      guard let (size, measured) = measure, let (slot, value) = inverse(of: size, measured), slot < fields.count else {
        continue
      }
      let other = fields[slot]
      if other.value == nil, other.constant == nil, other.measured == nil, declaration.fields[slot].type.isInteger {
        other.measured = value
      }
    }
  }

  /// `length - 4` is the size: the length is the size and 4.
  private func inverse(of size: LayoutExpression, _ measured: LayoutExpression) -> (Int, LayoutExpression)? {
    switch size {
    case .slot(let slot): return (slot, measured)
    case .binary(let op, let left, .constant(let number)):
      switch op {
      case .add: return inverse(of: left, .binary(.subtract, measured, .constant(number)))
      case .subtract: return inverse(of: left, .binary(.add, measured, .constant(number)))
      case .multiply: return inverse(of: left, .binary(.divide, measured, .constant(number)))
      case .divide: return inverse(of: left, .binary(.multiply, measured, .constant(number)))
      default: return nil
      }
    default: return nil
    }
  }

  // MARK: - Types

  private func type(_ type: MessageType) -> LayoutType {
    switch type.kind {
    case .word(let word): return self.word(word)
    case .bytes(let size, let isText): return .bytes(size.map { expression($0) }, isText: isText)
    case .counted(let count, let isText): return .counted(count, isText: isText)
    case .prefixed(let count, let inner, let counts): return .prefixed(count, self.type(inner), counts: counts)
    case .line: return .line
    case .ber: return .ber
    case .protobuf: return .protobuf
    case .numbered(_, _, let inner): return self.type(inner)
    case .message(let name, let arguments):
      guard let message = name.message else { return .nothing }
      return .message(program.layout(of: message), arguments.map { expression($0) })
    case .whole(let inner): return .whole(self.type(inner))
    case .list(let element, let end):
      switch end {
      case .count(let count): return .list(self.type(element), .count(expression(count)))
      case .size(let size): return .list(self.type(element), .size(expression(size)))
      case .until(let last): return .list(self.type(element), .until(literal(last) ?? .nothing))
      case .rest: return .list(self.type(element), .rest)
      }
    case .choice(let tag, let cases, let otherwise):
      return .choice(
        expression(tag), cases.map { LayoutCase(tags: $0.tags.compactMap(literal), type: self.type($0.type)) },
        otherwise: otherwise.map { self.type($0) })
    case .nothing: return .nothing
    }
  }

  private func word(_ word: BinaryFormat.Kind) -> LayoutType {
    switch word {
    case .unsigned(let size, let isLittle): .unsigned(size: size, isLittle: isLittle)
    case .signed(let size, let isLittle): .signed(size: size, isLittle: isLittle)
    case .float32(let isLittle): .float32(isLittle: isLittle)
    case .float64(let isLittle): .float64(isLittle: isLittle)
    case .bits(let count): .bits(count)
    case .flag: .flag
    case .variable(let form): .variable(form)
    case .bytes(let count): .bytes(.constant(.integer(count)), isText: false)
    case .counted(let count): .counted(count, isText: false)
    case .terminated: .terminated
    case .domainName: .domainName
    case .rest, .ignored: .bytes(nil, isText: false)
    }
  }

  private func literal(_ tag: Expression) -> Value? {
    switch tag {
    case .integer(let number, _): .integer(number)
    case .string(let bytes, _): Value(bytes)
    case .range(.integer(let lower, _)?, .integer(let upper, _)?, let inclusive, _):
      .range(IntegerRange(lower: lower, upper: inclusive ? upper : upper - 1))
    default: nil
    }
  }

  // MARK: - Expressions

  private func expression(_ expression: Expression) -> LayoutExpression { self.expression(expression, at: 0) }

  /// - Parameter index: the field whose value it is.
  private func expression(_ expression: Expression, at index: Int) -> LayoutExpression {
    switch expression {
    case .integer(let number, _): return .constant(.integer(number))
    case .boolean(let isSet, _): return .constant(.boolean(isSet))
    case .string(let bytes, _): return .constant(Value(bytes))
    case .parenthesized(let inner, _): return self.expression(inner, at: index)
    case .unary(.negate, let inner, _): return .negate(self.expression(inner, at: index))
    case .unary(.complement, let inner, _): return .complement(self.expression(inner, at: index))
    case .not(let inner, _): return .not(self.expression(inner, at: index))
    case .and(let left, let right, _): return .and(self.expression(left, at: index), self.expression(right, at: index))
    case .or(let left, let right, _): return .or(self.expression(left, at: index), self.expression(right, at: index))
    case .binary(let op, let left, let right, _):
      return .binary(op, self.expression(left, at: index), self.expression(right, at: index))
    case .name(let reference): return .slot(slot(reference.name))
    case .member(let member):
      guard case .name(let reference) = member.base else { return .constant(.nothing) }
      return .member(slot(reference.name), Value(member.name))
    case .call(let call):
      guard case .name(let callee) = call.callee, let function = MessageFunction(rawValue: callee.name),
        let argument = call.arguments.first, case .fields(let extent) = declaration.extent(argument, at: index)
      else { return .constant(.nothing) }
      switch function {
      case .size: return .size(extent)
      case .count: return .count(extent.lowerBound)
      case .crc32: return .checksum(.crc32, extent)
      case .inet_checksum: return .checksum(.internet, extent)
      }
    default: return .constant(.nothing)
    }
  }

  private func slot(_ name: String) -> Int {
    if let index = declaration.index(of: name) { return index }
    return declaration.fields.count + (declaration.parameters.firstIndex { $0.name == name } ?? 0)
  }
}

extension LayoutType {
  /// Something in it is read from other fields.
  fileprivate var computes: Bool {
    switch self {
    case .bytes(let size, _): if case .constant? = size { false } else { size != nil }
    case .message(_, let arguments): !arguments.isEmpty
    case .whole(let inner), .prefixed(_, let inner, _): inner.computes
    case .list(let element, let end):
      switch end {
      case .rest, .until, .size(.constant), .count(.constant): element.computes
      case .size, .count: true
      }
    case .choice: true
    default: false
    }
  }
}
