// json: a value as JSON text (RFC 8259).

import SockLanguage

struct JsonWriter {
  /// How deep lists and maps may be nested, in reading and in writing.
  static let maximumDepth = 500

  private let arguments: Arguments
  private var builder = ByteBuilder(capacity: 256)
  private var lookout = Lookout()

  private init(_ arguments: Arguments) { self.arguments = arguments }

  /// Without white space. nil is null, an integer key becomes a string, a match or address its text. A string must be
  /// UTF-8; nan, infinities and what has no text of its own are errors, and so is a list or map that contains itself.
  static func json(_ arguments: Arguments) throws(Failure) -> Value {
    var writer = JsonWriter(arguments)
    try writer.write(arguments[0], depth: 0)
    return .string(try writer.builder.finish(arguments.name))
  }

  private mutating func write(_ value: Value, depth: Int) throws(Failure) {
    guard depth <= JsonWriter.maximumDepth else {
      throw arguments.limit("the value is nested more than \(JsonWriter.maximumDepth) deep, or contains itself")
    }
    try builder.requireRoom(arguments.name)
    try lookout.step()
    switch value {
    case .nothing: builder.append("null")
    case .boolean(let value): builder.append(value ? "true" as StaticString : "false")
    case .integer(let number): builder.append(decimal: number)
    case .float(let number):
      guard number.isFinite else { throw arguments.range("JSON has no \(number.isNaN ? "nan" : "infinity")") }
      // `-0` would be read as the integer, which has no sign.
      if number == 0, number.sign == .minus { builder.append("-0.0") } else { Show.appendFloat(number, to: &builder) }
    case .string(let string): try write(string.bytes)
    case .match(let match): try write(match.bytes(of: 0))
    case .address(let address):
      let text = ByteString(address.address.description)
      try write(text.bytes)
      withExtendedLifetime(text) {}
    case .list(let list):
      builder.append(0x5B)
      for (index, item) in list.items.enumerated() {
        if index > 0 { builder.append(0x2C) }
        try write(item, depth: depth + 1)
      }
      builder.append(0x5D)
    case .map(let map):
      builder.append(0x7B)
      var isFirst = true
      for entry in map.entries where entry.isLive {
        if !isFirst { builder.append(0x2C) }
        isFirst = false
        if case .string(let key) = entry.key {
          try write(key.bytes)
        } else {
          builder.append(0x22)
          Show.appendText(entry.key, to: &builder)
          builder.append(0x22)
        }
        builder.append(0x3A)
        try write(entry.value, depth: depth + 1)
      }
      builder.append(0x7D)
    case .range, .regex, .function, .builtin, .channel, .task, .error, .module, .message, .presence, .cell:
      throw .type("\(arguments.name): JSON cannot hold \(value.articleAndType)")
    }
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    try lookout.step(bytes: bytes.count)
    builder.append(0x22)
    var at = 0
    var plainStart = 0
    while at < bytes.count {
      let byte = bytes[at]
      if byte >= 0x80 {
        let length = ByteClass.utf8Length(bytes, at: at)
        guard length > 0 else {
          throw arguments.parse("a string is not UTF-8 at its byte \(at) (write `hex(…)` or `base64(…)` around it)")
        }
        at += length
        continue
      }
      if byte >= 0x20, byte != 0x22, byte != 0x5C {
        at += 1
        continue
      }
      builder.append(UnsafeRawBufferPointer(rebasing: bytes[plainStart..<at]))
      builder.append(0x5C)
      switch byte {
      case 0x22, 0x5C: builder.append(byte)
      case 0x08: builder.append(0x62)
      case 0x09: builder.append(0x74)
      case 0x0A: builder.append(0x6E)
      case 0x0C: builder.append(0x66)
      case 0x0D: builder.append(0x72)
      default:
        builder.append(0x75)
        builder.append(UInt(byte), radix: 16, minimumDigits: 4)
      }
      at += 1
      plainStart = at
    }
    builder.append(UnsafeRawBufferPointer(rebasing: bytes[plainStart...]))
    builder.append(0x22)
  }
}
