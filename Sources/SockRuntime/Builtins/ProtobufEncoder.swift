// Messages of protobuf, and its fields without a declaration.

import SockLanguage

extension MessageEncoder {
  /// A message of protobuf: what has no declaration first, so that of a field that stands there twice its own value is
  /// the last, which counts.
  mutating func numbered(_ layout: MessageLayout, _ given: Map?) throws(LayoutStop) {
    var used = 0
    if let unknown = given?[ProtobufKeys.unknown] {
      used += 1
      do throws(LayoutStop) {
        if case .nothing = unknown {} else { try append(protobufFields: unknown) }
      } catch {
        if case .wrong(let problem) = error { problem.isIn(MessageDeclaration.unknown) }
        throw error
      }
    }
    for field in layout.fields {
      let value = given?[field.key]
      if value != nil { used += 1 }
      guard let value = value ?? field.constant else { continue }
      do throws(LayoutStop) {
        try append(value, field)
      } catch {
        if case .wrong(let problem) = error { problem.isIn(field) }
        throw error
      }
    }
    try refuseOthers(given, used, layout)
  }

  mutating func append(_ value: Value, _ field: LayoutField) throws(LayoutStop) {
    switch (field.repetition, value) {
    case (_, .nothing): return
    case (_, .presence): throw .wrong(.type, "`any` and `absent` are for what is expected")
    case (.once, _):
      append(key: field.number, field.type.wireType)
      try append(protobuf: value, field.type)
    case (.repeated, .string(let string)): append(string)
    case (.packed, .string(let string)):
      append(key: field.number, 2)
      appendCounted(string)
    case (.repeated, .list(let list)):
      for (index, item) in list.items.enumerated() {
        append(key: field.number, field.type.wireType)
        try append(protobuf: item, field.type, element: index)
      }
    case (.packed, .list(let list)):
      if list.items.isEmpty { return }
      var contents = MessageEncoder()
      contents.depth = depth
      for (index, item) in list.items.enumerated() {
        try contents.append(protobuf: item, field.type, element: index)
      }
      append(key: field.number, 2)
      try appendCounted(contents)
    default: throw wrongType(value, "a list, or the bytes")
    }
  }

  mutating func append(
    protobuf value: Value, _ type: LayoutType, element index: Int
  ) throws(LayoutStop) {
    do throws(LayoutStop) {
      try append(protobuf: value, type)
    } catch {
      if case .wrong(let problem) = error { problem.isIn(element: index) }
      throw error
    }
  }

  /// A value behind its key.
  mutating func append(protobuf value: Value, _ type: LayoutType) throws(LayoutStop) {
    switch type {
    case .variable(.varint):
      append(bits64: UInt64(bitPattern: Int64(try integer(value, in: .min ... .max, type))))
    case .flag:
      switch value {
      case .boolean(let isSet): out.append(isSet ? 1 : 0)
      case .integer(let number): append(bits64: UInt64(bitPattern: Int64(number)))
      default: throw wrongType(value, "true or false")
      }
    case .bytes: appendCounted(try string(value))
    case .message:
      var contents = MessageEncoder()
      contents.depth = depth
      contents.made = made
      try contents.put(value, type, LayoutSlots())
      made = contents.made
      try appendCounted(contents)
    default: try put(value, type, LayoutSlots())
    }
  }

  mutating func append(bits64 bits: UInt64) {
    BinaryFormat.VariableInteger.write(bits: bits) { out.append($0) }
  }

  mutating func append(key number: Int, _ wire: Int) { append(bits64: UInt64(number) << 3 | UInt64(wire)) }

  private mutating func appendCounted(_ string: ByteString) {
    append(bits64: UInt64(string.count))
    append(string)
  }

  private mutating func appendCounted(_ contents: MessageEncoder) throws(LayoutStop) {
    append(bits64: UInt64(contents.out.count))
    out += contents.out
    if out.count > ByteString.maximumCount {
      throw .wrong(.limit, "the message would be longer than a string may be (1 GiB)")
    }
  }

  /// Fields that have no declaration.
  mutating func append(protobufFields value: Value) throws(LayoutStop) {
    switch value {
    case .string(let string): append(string)
    case .list(let list):
      for (index, item) in list.items.enumerated() {
        do throws(LayoutStop) {
          try append(protobufField: item)
        } catch {
          if case .wrong(let problem) = error { problem.isIn(element: index) }
          throw error
        }
      }
    default: throw wrongType(value, "a list of fields, or the bytes")
    }
  }

  /// Any field, right or wrong: its number, its wire type, and what these say of its value. Bytes stand for the value of
  /// any wire type.
  mutating func append(protobufField value: Value) throws(LayoutStop) {
    try descend()
    defer { depth -= 1 }
    guard case .map(let map) = value else {
      if case .string(let string) = value { return append(string) }
      throw wrongType(value, "a map of `number`, `wire` and `value`, or the bytes")
    }
    guard let number = map[ProtobufKeys.number]?.wholeNumber, (0..<1 << 60).contains(number),
      let wire = map[ProtobufKeys.wire]?.wholeNumber, (0...7).contains(wire)
    else { throw .wrong(.type, "a field has a `number`, as 1, and a `wire` type, 0 to 7") }
    append(key: number, wire)
    let value = map[ProtobufKeys.value] ?? .nothing
    switch (wire, value) {
    case (_, .nothing) where wire != 2: break
    case (2, .string), (2, .list), (2, .nothing):
      var contents = MessageEncoder()
      contents.depth = depth
      if case .nothing = value {} else { try contents.append(protobufFields: value) }
      let length = map[ProtobufKeys.length]?.wholeNumber ?? contents.out.count
      append(bits64: UInt64(bitPattern: Int64(length)))
      out += contents.out
    case (3, .list):
      try append(protobufFields: value)
      append(key: number, 4)
    case (_, .string(let string)): append(string)
    case (0, .integer(let number)): append(bits64: UInt64(bitPattern: Int64(number)))
    case (0, .boolean(let isSet)): out.append(isSet ? 1 : 0)
    case (1, .integer(let number)): append(UInt64(bitPattern: Int64(number)), 8, true)
    case (1, .float(let number)): append(number.bitPattern, 8, true)
    case (5, .integer(let number)):
      try require(number, in: -(1 << 31)...(1 << 32 - 1), .unsigned(size: 4, isLittle: true))
      append(UInt64(truncatingIfNeeded: number), 4, true)
    case (5, .float(let number)): append(UInt64(Float(number).bitPattern), 4, true)
    default: throw wrongType(value, "what the wire type \(wire) has, or the bytes")
    }
  }
}
