// pack and unpack: values to and from the bytes of a binary protocol.

import SockLanguage

/// A parsed format: `"u16 u8 bytes[4] rest"`.
final class PackFormat {
  private enum Field {
    /// So many bytes, 1 to 8, in network order or reversed.
    case unsigned(size: Int, isLittle: Bool)
    case signed(size: Int, isLittle: Bool)
    case float32(isLittle: Bool)
    case float64(isLittle: Bool)
    /// Exactly so many bytes.
    case bytes(Int)
    /// Bytes and a NUL.
    case terminated
    /// LEB128 without sign: 7 bits a byte, the lowest first.
    case varint
    /// All that is left; in `pack`, all of the argument.
    case rest
  }

  private var fields: [(field: Field, name: String)] = []

  /// Names with white space between them.
  init(_ text: ByteString, _ arguments: Arguments) throws(Failure) {
    let bytes = text.bytes
    var at = 0
    while true {
      while at < bytes.count, ByteClass.isSpace(bytes[at]) { at += 1 }
      guard at < bytes.count else { return }
      let start = at
      while at < bytes.count, !ByteClass.isSpace(bytes[at]) { at += 1 }
      let name = String(decoding: bytes[start..<at], as: UTF8.self)
      guard let field = PackFormat.field(name) else {
        let shown = Show.inspect(.string(ByteString(name))).text
        throw arguments.parse(
          "\(shown) at byte \(start) of the format is no field: those are u8 u16 u24 u32 u40 u48 u56 u64, "
            + "i8 to i64, f32 f64 (with `le` appended for little-endian), varint, cstr, bytes[N], bytes and rest")
      }
      fields.append((field, name))
    }
  }

  private static func field(_ name: String) -> Field? {
    switch name {
    case "varint": return .varint
    case "cstr": return .terminated
    case "bytes", "rest": return .rest
    default: break
    }
    if name.hasPrefix("bytes["), name.hasSuffix("]") {
      let digits = name.dropFirst(6).dropLast()
      guard !digits.isEmpty, digits.utf8.allSatisfy({ ByteClass.isDigit($0) }), let count = Int(digits),
        count <= ByteString.maximumCount
      else { return nil }
      return .bytes(count)
    }
    let isLittle = name.hasSuffix("le")
    let base = isLittle ? String(name.dropLast(2)) : name
    for size in 1...8 {
      if base == "u\(size * 8)" { return .unsigned(size: size, isLittle: isLittle) }
      if base == "i\(size * 8)" { return .signed(size: size, isLittle: isLittle) }
    }
    switch base {
    case "f32": return .float32(isLittle: isLittle)
    case "f64": return .float64(isLittle: isLittle)
    default: return nil
    }
  }

  // MARK: pack

  /// `pack(format, values…)`: the bytes of as many values as the format has fields. A value that does not fit its field
  /// is a range error.
  static func pack(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    let format = try context.packFormat(try arguments.string(0), arguments)
    guard arguments.count - 1 == format.fields.count else {
      throw arguments.range("the format has \(format.fields.count) fields, but there are \(arguments.count - 1) values")
    }
    var builder = ByteBuilder()
    for (index, entry) in format.fields.enumerated() {
      try pack(entry.field, entry.name, index + 1, arguments, to: &builder)
    }
    return .string(try builder.finish(arguments.name))
  }

  private static func pack(
    _ field: Field, _ name: String, _ position: Int, _ arguments: Arguments, to builder: inout ByteBuilder
  ) throws(Failure) {
    switch field {
    case .unsigned(let size, let isLittle):
      let greatest = size == 8 ? Int.max : 1 << (size * 8) - 1
      let number = try integer(position, 0...greatest, name, arguments)
      append(UInt64(number), size, isLittle, to: &builder)
    case .signed(let size, let isLittle):
      let greatest = size == 8 ? Int.max : 1 << (size * 8 - 1) - 1
      let number = try integer(position, (-greatest - 1)...greatest, name, arguments)
      append(UInt64(bitPattern: Int64(number)), size, isLittle, to: &builder)
    case .float32(let isLittle):
      guard let number = arguments[position].number else { throw arguments.wrongType(position, "a number") }
      let single = Float(number)
      guard single.isFinite || !number.isFinite else {
        throw arguments.range("argument \(position + 1) is too large for f32")
      }
      append(UInt64(single.bitPattern), 4, isLittle, to: &builder)
    case .float64(let isLittle):
      guard let number = arguments[position].number else { throw arguments.wrongType(position, "a number") }
      append(number.bitPattern, 8, isLittle, to: &builder)
    case .bytes(let count):
      let string = try arguments.string(position)
      guard string.count == count else {
        throw arguments.range("argument \(position + 1) has \(string.count) bytes where \(name) takes just \(count)")
      }
      builder.append(string.bytes)
    case .terminated:
      let string = try arguments.string(position)
      if let found = string.bytes.offset(of: 0) {
        throw arguments.range("argument \(position + 1) has a NUL at byte \(found), which would end its cstr there")
      }
      builder.append(string.bytes)
      builder.append(0)
    case .varint:
      var left = UInt64(try integer(position, 0...Int.max, name, arguments))
      while left >= 0x80 {
        builder.append(UInt8(truncatingIfNeeded: left) | 0x80)
        left >>= 7
      }
      builder.append(UInt8(truncatingIfNeeded: left))
    case .rest:
      builder.append(try arguments.string(position).bytes)
    }
  }

  private static func integer(
    _ position: Int, _ bounds: ClosedRange<Int>, _ name: String, _ arguments: Arguments
  ) throws(Failure) -> Int {
    let number = try arguments.integer(position)
    guard bounds.contains(number) else {
      throw arguments.range(
        "argument \(position + 1), \(number), does not fit \(name) (\(bounds.lowerBound) to \(bounds.upperBound))")
    }
    return number
  }

  private static func append(_ bits: UInt64, _ size: Int, _ isLittle: Bool, to builder: inout ByteBuilder) {
    for index in 0..<size {
      let shift = 8 * (isLittle ? index : size - 1 - index)
      builder.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
  }

  // MARK: unpack

  /// `unpack(format, bytes [, at])`: a list of one value for each field, from offset `at` on; nil when there are too
  /// few bytes. Bytes left over are a range error unless the format ends with `rest` or `bytes`.
  static func unpack(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    let format = try context.packFormat(try arguments.string(0), arguments)
    let string = try arguments.string(1)
    var at = arguments.count > 2 ? try arguments.integer(2, in: 0...Int.max) : 0
    if at > string.count { return .nothing }
    let result = List()
    result.items.reserveCapacity(format.fields.count)
    for (index, entry) in format.fields.enumerated() {
      if case .rest = entry.field, index < format.fields.count - 1 {
        throw arguments.parse("\(entry.name) takes all that is left, so it must be the last field (or write bytes[N])")
      }
      guard let value = try unpack(entry.field, entry.name, string, &at, arguments) else { return .nothing }
      result.items.append(value)
    }
    guard at == string.count else {
      let left = string.count - at
      throw arguments.range(
        "\(left) byte\(left == 1 ? " is" : "s are") left over (with `rest` at its end the format gives them as one more value)")
    }
    return .list(result)
  }

  /// Takes one field's bytes; nil when there are too few.
  private static func unpack(
    _ field: Field, _ name: String, _ string: ByteString, _ at: inout Int, _ arguments: Arguments
  ) throws(Failure) -> Value? {
    let bytes = string.bytes
    let left = bytes.count - at
    switch field {
    case .unsigned(let size, let isLittle):
      guard left >= size else { return nil }
      let bits = load(bytes, at, size, isLittle)
      guard let number = Int(exactly: bits) else {
        throw arguments.range("the u64 at byte \(at), \(bits), does not fit an int (take it as bytes[8], or as i64)")
      }
      at += size
      return .integer(number)
    case .signed(let size, let isLittle):
      guard left >= size else { return nil }
      let unused = UInt64(64 - size * 8)
      let number = Int64(bitPattern: load(bytes, at, size, isLittle) << unused) >> Int64(unused)
      at += size
      return .integer(Int(number))
    case .float32(let isLittle):
      guard left >= 4 else { return nil }
      let bits = UInt32(truncatingIfNeeded: load(bytes, at, 4, isLittle))
      at += 4
      return .float(Double(Float(bitPattern: bits)))
    case .float64(let isLittle):
      guard left >= 8 else { return nil }
      let bits = load(bytes, at, 8, isLittle)
      at += 8
      return .float(Double(bitPattern: bits))
    case .bytes(let count):
      guard left >= count else { return nil }
      at += count
      return .string(string.slice(at - count..<at))
    case .terminated:
      guard let end = bytes.offset(of: 0, from: at) else { return nil }
      let start = at
      at = end + 1
      return .string(string.slice(start..<end))
    case .varint:
      return try varint(bytes, &at, arguments)
    case .rest:
      let start = at
      at = bytes.count
      return .string(string.slice(start..<bytes.count))
    }
  }

  private static func load(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ size: Int, _ isLittle: Bool) -> UInt64 {
    var bits: UInt64 = 0
    for index in 0..<size {
      bits = bits << 8 | UInt64(bytes[at + (isLittle ? size - 1 - index : index)])
    }
    return bits
  }

  private static func varint(
    _ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ arguments: Arguments
  ) throws(Failure) -> Value? {
    let start = at
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      // Nine bytes hold the 63 bits of an int that is not negative.
      guard shift < 63 else { throw arguments.range("the varint at byte \(start) does not fit an int") }
      number |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return .integer(Int(truncatingIfNeeded: number)) }
      shift += 7
    }
    return nil
  }
}
