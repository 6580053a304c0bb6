// `message` declarations: their fields, the types of these, and what their sizes and values are computed from. And the
// fields of a message that is sent or expected.

extension FileChecker {
  func check(_ message: MessageDeclaration) {
    MessageChecker(file: self, message: message).run()
  }

  /// The message that a type or a template names; nil, and told, where it is none.
  func resolveMessage(_ expression: Expression) -> MessageDeclaration? {
    if case .name(let reference) = expression {
      guard let variable = lookUpVariable(reference.name), variable.kind == .message else {
        report(.unknownType(reference.name, near: nearestType(reference.name), at: source.place(reference.range)))
        return nil
      }
    }
    check(expression)
    if let message = expression.message { return message }
    if case .member(let member) = expression, case .exported(let variable, _) = member.meaning {
      report(.unknownType(variable.name, near: nil, at: source.place(member.nameRange)))
    }
    return nil
  }

  private func nearestType(_ name: String) -> String? {
    let messages = context.scope.visibleVariables { $0.kind == .message }.keys.sorted()
    return Suggestion.nearest(name, among: messages + MessageType.words)
  }

  // MARK: - What is sent and expected

  /// `Packet {kind: 1}`
  func check(_ template: MessageTemplate) {
    check(template.message)
    check(template.fields)
    guard let message = template.message.message else { return }
    checkFields(template.fields, of: message)
  }

  func checkFields(_ value: Expression, of message: MessageDeclaration) {
    guard case .map(let entries, _) = value else { return }
    for entry in entries {
      guard case .string(let bytes) = entry.key else { continue }
      let name = String(decoding: bytes, as: UTF8.self)
      if message.isNumbered, name == MessageDeclaration.unknown { continue }
      guard let field = message.field(name) else {
        let near = Suggestion.nearest(name, among: message.fields.compactMap(\.name))
        report(.unknownField(name, of: message.name.name, near: near, at: source.place(entry.keyRange)))
        continue
      }
      checkFields(entry.value, of: field.type)
    }
  }

  private func checkFields(_ value: Expression, of type: MessageType) {
    switch (type.kind, value) {
    case (.whole(let inner), _), (.prefixed(_, let inner, _), _): checkFields(value, of: inner)
    case (.message(let name, _), _): if let inner = name.message { checkFields(value, of: inner) }
    case (.list(let element, _), .list(let values, _)): for value in values { checkFields(value, of: element) }
    case (.numbered(_, .once, let inner), _): checkFields(value, of: inner)
    case (.numbered(_, _, let inner), .list(let values, _)): for value in values { checkFields(value, of: inner) }
    default: break
    }
  }
}

/// One declaration.
private struct MessageChecker {
  let file: FileChecker
  let message: MessageDeclaration

  func run() {
    var names: [String: SourceRange] = [:]
    for parameter in message.parameters { names[parameter.name] = parameter.range }
    for field in message.fields {
      guard let name = field.name else { continue }
      if names.updateValue(field.nameRange, forKey: name) != nil {
        complain("`\(name)` stands there already", "give each field a name of its own, or call it `_`", field.nameRange)
      }
    }
    checkBits()
    if message.isNumbered { checkNumbers() }
    for (index, field) in message.fields.enumerated() {
      check(field.type, at: index)
      if let value = field.value { checkValue(value, of: field, at: index) }
      if let condition = field.condition {
        if field.type.fixedBits.map({ $0 % 8 != 0 }) ?? false {
          complain("bits are always there", "give the condition to a field of whole bytes", condition.range)
        }
        check(condition, at: index, measuring: false)
      }
      if field.type.isOpen, message.tail(behind: index) == nil {
        complain(
          "`\(field.name ?? "_")` takes all that is left, and fields behind it have no fixed size",
          "say how long it is, as `length u16 = size(\(field.name ?? "body"))` in front of it, or put it last",
          field.type.range)
      }
    }
  }

  private func complain(_ text: String, _ cure: String, _ range: SourceRange) {
    file.report(.wrongMessage(text, cure: cure, at: file.source.place(range)))
  }

  /// Bits that stand in a row fill whole bytes.
  private func checkBits() {
    var first: MessageField?
    var bits = 0
    func close() {
      guard let begin = first, bits % 8 != 0 else { return }
      let left = 8 - bits % 8
      complain(
        "a row of \(bits) bits begins here, which fill no whole bytes", "write `_ bits \(left)` behind it if "
          + (left == 1 ? "1 more is" : "\(left) more are") + " not used", begin.nameRange)
    }
    for field in message.fields {
      if case .word(let word) = field.type.kind, let count = word.bitCount {
        if bits == 0 || bits % 8 == 0 { (first, bits) = (field, 0) }
        bits += count
      } else {
        close()
        (first, bits) = (nil, 0)
      }
    }
    close()
  }

  /// Fields of protobuf come in any order, and each may be missing.
  private func checkNumbers() {
    if let first = message.parameters.first {
      complain("a message of protobuf gets no values", "leave them out", first.range)
    }
    var numbers: Set<Int> = []
    for field in message.fields {
      guard case .numbered(let number, let repetition, let type) = field.type.kind else {
        complain(
          "the fields around it are protobuf's, and it is none",
          "write `protobuf` and a number in front of its type, or put the others in a message of their own",
          field.nameRange)
        continue
      }
      if !numbers.insert(number).inserted {
        complain("the number \(number) stands there already", "give each field a number of its own", field.type.range)
      }
      switch field.name {
      case nil: complain("a field of protobuf has a name", "give it one", field.nameRange)
      case MessageDeclaration.unknown?:
        complain(
          "what has no declaration is called `\(MessageDeclaration.unknown)` in a message of protobuf",
          "give the field another name", field.nameRange)
      default: break
      }
      if let condition = field.condition {
        complain("each field of protobuf may be missing", "leave the condition out", condition.range)
      }
      if !type.isOfProtobuf {
        complain(
          "protobuf has no such field",
          "it has varint, zigzag, flag, u32le u64le i32le i64le f32le f64le, bytes, text, and messages without values",
          type.range)
      } else if repetition == .packed, !type.isPackable {
        complain("only numbers and flags are packed", "write `repeated`", type.range)
      }
      switch field.value {
      case nil: break
      case .integer?, .float?, .boolean?, .string?:
        if repetition != .once, let value = field.value {
          complain("a field that may stand there several times has no constant", "leave it out", value.range)
        }
      case let value?:
        complain(
          "a field of protobuf has a constant, and is not computed", "give its value where it is sent", value.range)
      }
    }
  }

  // MARK: - Types

  private func check(_ type: MessageType, at index: Int, isElement: Bool = false) {
    switch type.kind {
    case .numbered(_, _, let inner):
      if isElement {
        complain("a field of protobuf is one of a message's", "put it in a message of its own", type.range)
      }
      // What is none of protobuf's has been told.
      if inner.isOfProtobuf { check(inner, at: index) }
    case .word(let word):
      if isElement, word.bitCount != nil {
        complain("bits stand in a row of fields, and in nothing else", "put them in a message of their own", type.range)
      }
      if case .rest = word { break }
    case .bytes(let size, _):
      if let size { check(size, at: index, measuring: false) }
      if case .integer(let count, let range)? = size, count > BinaryFormat.greatestCount {
        complain("a string has at most 1 GiB", "write a smaller number", range)
      }
    case .counted, .line, .ber, .protobuf, .nothing: break
    case .message(let name, let arguments):
      guard let other = file.resolveMessage(name) else { break }
      for argument in arguments { check(argument, at: index, measuring: false) }
      if arguments.count != other.parameters.count {
        let count = other.parameters.count
        complain(
          "`\(other.name.name)` takes \(count) value\(count == 1 ? "" : "s"), and gets \(arguments.count)",
          count == 0
            ? "leave them out" : "write `\(other.name.name)(\(other.parameters.map(\.name).joined(separator: ", ")))`",
          type.range)
      }
    case .whole(let inner):
      if case .message = inner.kind {} else {
        complain("`whole` stands in front of a message's name", "leave it out", type.range)
      }
      check(inner, at: index, isElement: isElement)
    case .list(let element, let end):
      check(element, at: index, isElement: true)
      if element.isOpen {
        complain(
          "each element would take all that is left", "say how long one is, as `list of bytes 4 rest`", element.range)
      }
      switch end {
      case .count(let count): check(count, at: index, measuring: false)
      case .size(let size): check(size, at: index, measuring: false)
      case .until(let last): checkEnd(last, of: element)
      case .rest: break
      }
    case .prefixed(_, let inner, _): check(inner, at: index)
    case .choice(let tag, let cases, let otherwise):
      check(tag, at: index, measuring: false)
      checkTags(cases)
      for choice in cases { check(choice.type, at: index, isElement: true) }
      if let otherwise { check(otherwise, at: index, isElement: true) }
    }
  }

  /// What a list ends at is a constant of its elements' kind.
  private func checkEnd(_ last: Expression, of element: MessageType) {
    switch (element.kind, last) {
    case (.bytes, .string), (.counted, .string), (.word(.terminated), .string), (.line, .string),
      (.word(.domainName), .string):
      break
    case (_, .integer(let number, _)) where element.isInteger:
      if !element.holds(number) { complain("\(number) does not fit an element", "write a number that does", last.range) }
    default:
      complain(
        "a list ends at a number, or a string, that an element is",
        "write it like `list of line until \"\"` or `list of u8 until 0`", last.range)
    }
  }

  private func checkTags(_ cases: [MessageCase]) {
    var seen: Set<String> = []
    for tag in cases.flatMap(\.tags) {
      switch tag {
      case .integer, .string, .range(.integer?, .integer?, _, _):
        if !seen.insert(file.source.text(tag.range)).inserted {
          complain("`\(file.source.text(tag.range))` stands there already", "the first one is taken", tag.range)
        }
      default: complain("a case begins with a number, a string or a range", "write it like `1 Connect`", tag.range)
      }
    }
  }

  // MARK: - What is computed

  private func checkValue(_ value: Expression, of field: MessageField, at index: Int) {
    var type = field.type
    if case .numbered(_, _, let inner) = type.kind {
      // Protobuf's integers have a sign, whatever they are called.
      if case .word(.variable) = inner.kind, case .integer = value { return }
      type = inner
    }
    switch (type.kind, value) {
    case (.bytes, .string(let bytes, let range)):
      if let bits = field.type.fixedBits, bits / 8 != bytes.count {
        complain(
          "`\(field.name ?? "_")` has \(bits / 8) bytes, and its value \(bytes.count)",
          "write a value of as many bytes", range)
      }
    case (.counted, .string), (.word(.terminated), .string), (.line, .string), (.word(.domainName), .string),
      (.word(.flag), .boolean), (.word(.float32), .float), (.word(.float64), .float), (.word(.float32), .integer),
      (.word(.float64), .integer):
      break
    case (.word(.flag), _): check(value, at: index, measuring: false)
    default:
      guard type.isInteger else {
        return complain(
          "`\(field.name ?? "_")` is no number, so nothing is computed for it", "give it a constant, or leave it out",
          value.range)
      }
      if case .integer(let number, let range) = value, !type.holds(number) {
        complain("\(number) does not fit it", "write a number that does", range)
      }
      check(value, at: index, measuring: true)
    }
  }

  /// - Parameter measuring: it is a field's value, which sizes and checksums may be in, and fields behind it.
  private func check(_ expression: Expression, at index: Int, measuring: Bool) {
    switch expression {
    case .integer, .string, .boolean, .invalid: break
    case .parenthesized(let inner, _), .not(let inner, _), .unary(_, let inner, _):
      check(inner, at: index, measuring: measuring)
    case .and(let left, let right, _), .or(let left, let right, _):
      check(left, at: index, measuring: measuring)
      check(right, at: index, measuring: measuring)
    case .binary(let op, let left, let right, let range):
      switch op {
      case .matches, .matchesNot, .contained, .containedNot: refuse(range)
      default:
        check(left, at: index, measuring: measuring)
        check(right, at: index, measuring: measuring)
      }
    case .name(let reference): checkName(reference, at: index, mayBeLater: measuring)
    case .member(let member):
      guard case .name(let reference) = member.base else { return refuse(member.range) }
      checkName(reference, at: index, mayBeLater: false)
      guard let field = message.field(reference.name) else { break }
      guard case .message(let name, _) = field.type.kind else { return refuse(member.range) }
      if let inner = name.message, inner.field(member.name) == nil {
        let near = Suggestion.nearest(member.name, among: inner.fields.compactMap(\.name))
        file.report(
          .unknownField(member.name, of: inner.name.name, near: near, at: file.source.place(member.nameRange)))
      }
    case .call(let call): checkCall(call, at: index, measuring: measuring)
    default: refuse(expression.range)
    }
  }

  private func refuse(_ range: SourceRange) {
    complain(
      "a field is computed from numbers, strings and fields, and not from this",
      "there are + - * / % << >> & | ^, comparisons, `and or not`, size(FIELD), count(FIELD), crc32 and "
        + "inet_checksum", range)
  }

  private func complainOfExtent(_ function: String, _ range: SourceRange) {
    complain(
      "`\(function)` is of a field, or of several that follow each other",
      "write it like `\(function)(body)`, `(kind..body)`, `(kind..)`, `(rest)` or `(message)`", range)
  }

  /// Any other function: what it gives is computed where the message is sent, and compared where it comes.
  private func refuseCall(of callee: NameReference, at index: Int) {
    let known = MessageFunction.allCases.map(\.rawValue).joined(separator: ", ")
    let field = message.fields[index].name ?? "_"
    let cure = ["len", "length"].contains(callee.name)
      ? "write `size(FIELD)`, or `count(FIELD)` of a list"
      : "there are \(known); give another sum as a value, `send \(message.name.name) {\(field): …}`"
    complain("no field is computed by `\(callee.name)`", cure, callee.range)
  }

  private func checkName(_ reference: NameReference, at index: Int, mayBeLater: Bool) {
    if message.parameters.contains(where: { $0.name == reference.name }) { return }
    guard let found = message.index(of: reference.name) else {
      if MessageFunction(rawValue: reference.name) != nil { return complainOfExtent(reference.name, reference.range) }
      let names = message.fields.compactMap(\.name) + message.parameters.map(\.name)
      let near = Suggestion.nearest(reference.name, among: names)
      return file.report(
        .unknownField(reference.name, of: message.name.name, near: near, at: file.source.place(reference.range)))
    }
    if found >= index, !mayBeLater || found == index {
      complain(
        "`\(reference.name)` \(found == index ? "is the field itself" : "stands behind it, and is not known yet")",
        "what a size, a choice or a condition depends on stands in front of it", reference.range)
    }
  }

  private func checkCall(_ call: Call, at index: Int, measuring: Bool) {
    guard measuring, case .name(let callee) = call.callee else { return refuse(call.range) }
    guard let function = MessageFunction(rawValue: callee.name) else { return refuseCall(of: callee, at: index) }
    guard call.arguments.count == 1 else {
      return complain(
        "`\(callee.name)` takes one argument", "write `\(callee.name)(FIELD)`, or `(FIRST..LAST)`", call.range)
    }
    switch message.extent(call.arguments[0], at: index) {
    case .invalid:
      complainOfExtent(callee.name, call.arguments[0].range)
    case .unknown(let name, let range):
      let near = Suggestion.nearest(name, among: message.fields.compactMap(\.name))
      if near == nil, name == "all" || name == "bytes" { return complainOfExtent(callee.name, range) }
      file.report(.unknownField(name, of: message.name.name, near: near, at: file.source.place(range)))
    case .fields(let fields):
      guard function == .count else { break }
      if message.fields[fields.lowerBound].type.isList, fields.count == 1 { break }
      complain("`count` is of a list", "write `size` for a number of bytes", call.arguments[0].range)
    }
  }
}

extension MessageType {
  /// The number fits the field.
  fileprivate func holds(_ number: Int) -> Bool {
    switch kind {
    case .word(.unsigned(let size, _)): number >= 0 && (size == 8 || number < 1 << (size * 8))
    case .word(.signed(let size, _)):
      size == 8 || (-(1 << (size * 8 - 1))..<(1 << (size * 8 - 1))).contains(number)
    case .word(.bits(let count)): number >= 0 && number <= Int.max >> (63 - count)
    case .word(.variable(let form)): number >= 0 || form == .zigzag || form == .decimal
    default: true
    }
  }
}
