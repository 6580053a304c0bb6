// pack and unpack: values to and from the bytes of a binary protocol.

import SockLanguage

/// A format with what both functions need to know of it at once.
final class PackFormat {
  private let format: BinaryFormat
  /// What `unpack` does for each field: kinds without their names, whose owners it would count at each of them.
  private let steps: [(kind: BinaryFormat.Kind, hasValue: Bool)]
  /// The names of the fields that have one, as keys; empty where none has.
  private let keys: [Value]
  /// The first `bytes` or `rest` with something behind it, which `unpack` cannot know the size of.
  private let early: String?

  init(_ text: ByteString, _ arguments: Arguments) throws(Failure) {
    do throws(BinaryFormat.Problem) {
      format = try BinaryFormat(Array(text.bytes))
    } catch {
      let field = Show.inspect(.string(ByteString(error.field))).text
      throw arguments.parse("\(error.message(field)) (\(error.cure))")
    }
    steps = format.fields.map { ($0.kind, $0.hasValue) }
    keys = format.fields.compactMap { field in field.name.map { Value($0) } }
    early = format.fields.dropLast().first { $0.kind == .rest }?.type
  }

  // MARK: pack

  /// `pack(format, values…)`: the bytes of as many values as the format has fields, or of one map where they have names.
  /// A value that does not fit its field is a range error.
  static func pack(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    let format = try context.packFormat(try arguments.string(0), arguments)
    if format.format.hasNames, arguments.count == 2, case .map(let map) = arguments[1] {
      return try format.pack(map, arguments)
    }
    let expected = format.format.valueCount
    guard arguments.count - 1 == expected else {
      let form = format.format.hasNames ? ", or gets one map" : ""
      throw arguments.range("the format has \(expected) fields\(form), but there are \(arguments.count - 1) values")
    }
    var packer = Packer(arguments)
    var position = 1
    for field in format.format.fields {
      if field.hasValue {
        try packer.add(arguments[position], field, position: position)
        position += 1
      } else {
        try packer.skip(field)
      }
    }
    return .string(try packer.builder.finish(arguments.name))
  }

  private func pack(_ map: Map, _ arguments: Arguments) throws(Failure) -> Value {
    var packer = Packer(arguments)
    var index = 0
    for field in format.fields {
      guard field.hasValue, let name = field.name else {
        try packer.skip(field)
        continue
      }
      guard let value = map[keys[index]] else {
        throw arguments.range("the map has no `\(name)`, which the format has as \(field.type)")
      }
      index += 1
      try packer.add(value, field, position: 1)
    }
    if map.count > keys.count, let other = map.keys.first(where: { !isField($0) }) {
      throw arguments.range("the map has \(Show.inspect(other).text), and the format no such field")
    }
    return .string(try packer.builder.finish(arguments.name))
  }

  private func isField(_ key: Value) -> Bool {
    guard case .string(let text) = key else { return false }
    return format.fields.contains { field in field.name.map { text.bytes.elementsEqual($0.utf8) } ?? false }
  }

  // MARK: unpack

  /// `unpack(format, bytes [, at])`: a list of one value for each field, or a map where they have names, from offset
  /// `at` on; nil when there are too few bytes. Bytes left over are a range error unless the format ends with `rest`,
  /// `bytes` or `..`.
  static func unpack(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    let format = try context.packFormat(try arguments.string(0), arguments)
    let string = try arguments.string(1)
    let at = arguments.count > 2 ? try arguments.integer(2, in: 0...Int.max) : 0
    if let early = format.early {
      throw arguments.parse("\(early) takes all that is left, so it must be the last field (or write bytes[N])")
    }
    if at > string.count { return .nothing }
    var unpacker = Unpacker(string, from: at, format.format, arguments)
    let result: Value
    if format.format.hasNames {
      let map = Map(room: format.keys.count)
      var key = 0
      for (index, step) in format.steps.enumerated() {
        guard let value = try unpacker.take(step.kind, index) else { return .nothing }
        guard step.hasValue else { continue }
        map.set(format.keys[key], value)
        key += 1
      }
      result = .map(map)
    } else {
      let list = List()
      list.items.reserveCapacity(format.format.valueCount)
      for (index, step) in format.steps.enumerated() {
        guard let value = try unpacker.take(step.kind, index) else { return .nothing }
        if step.hasValue { list.items.append(value) }
      }
      result = .list(list)
    }
    guard unpacker.left == 0 else {
      let left = unpacker.left
      throw arguments.range(
        "\(left) byte\(left == 1 ? " is" : "s are") left over (with `rest` at its end the format gives them as one more "
          + "value, with `..` it leaves them alone)")
    }
    return result
  }
}

// MARK: - Values to bytes

private struct Packer {
  let arguments: Arguments
  var builder = ByteBuilder()
  private var bits = BitRow()

  init(_ arguments: Arguments) { self.arguments = arguments }

  /// What a field is without a value: zeros, or nothing.
  mutating func skip(_ field: BinaryFormat.Field) throws(Failure) {
    switch field.kind {
    case .unsigned(let size, _), .signed(let size, _): append(0, size, false)
    case .float32: append(0, 4, false)
    case .float64: append(0, 8, false)
    case .bits(let count): append(bits: 0, count)
    case .flag: append(bits: 0, 1)
    case .bytes(let count):
      guard count <= ByteString.maximumCount else { throw arguments.tooLong }
      let zeros = [UInt8](repeating: 0, count: min(count, 1 << 16))
      var left = count
      while left > 0 {
        zeros.withUnsafeBytes { builder.append(UnsafeRawBufferPointer(rebasing: $0[..<min(left, $0.count)])) }
        left -= min(left, zeros.count)
      }
    case .variable, .terminated, .domainName, .counted(.variable): builder.append(0)
    case .counted(.unsigned(let size, _)): append(0, size, false)
    case .rest, .ignored: break
    }
  }

  /// - Parameter position: the argument's, where the field has no name.
  mutating func add(_ value: Value, _ field: BinaryFormat.Field, position: Int) throws(Failure) {
    switch field.kind {
    case .unsigned(let size, let isLittle):
      let greatest = size == 8 ? Int.max : 1 << (size * 8) - 1
      append(UInt64(try integer(value, 0...greatest, field, position)), size, isLittle)
    case .signed(let size, let isLittle):
      let greatest = size == 8 ? Int.max : 1 << (size * 8 - 1) - 1
      let number = try integer(value, (-greatest - 1)...greatest, field, position)
      append(UInt64(bitPattern: Int64(number)), size, isLittle)
    case .float32(let isLittle):
      let number = try number(value, field, position)
      let single = Float(number)
      guard single.isFinite || !number.isFinite else {
        throw arguments.range("\(label(field, position)) is too large for f32")
      }
      append(UInt64(single.bitPattern), 4, isLittle)
    case .float64(let isLittle):
      append(try number(value, field, position).bitPattern, 8, isLittle)
    case .bits(let count):
      append(bits: UInt64(try integer(value, 0...(Int.max >> (63 - count)), field, position)), count)
    case .flag:
      guard case .boolean(let isSet) = value else { throw wrongType(value, "true or false", field, position) }
      append(bits: isSet ? 1 : 0, 1)
    case .variable(let form):
      append(try integer(value, form.least...form.greatest, field, position), form)
    case .bytes(let count):
      let string = try string(value, field, position)
      guard string.count == count else {
        throw arguments.range(
          "\(label(field, position)) has \(string.count) bytes where \(field.type) takes just \(count)")
      }
      builder.append(string.bytes)
    case .counted(let form):
      let string = try string(value, field, position)
      guard string.count <= form.greatest else {
        throw arguments.range(
          "\(label(field, position)) has \(string.count) bytes where \(field.type) takes \(form.greatest) at most")
      }
      switch form {
      case .unsigned(let size, let isLittle): append(UInt64(string.count), size, isLittle)
      case .variable(let form): append(string.count, form)
      }
      builder.append(string.bytes)
    case .terminated:
      let string = try string(value, field, position)
      if let found = string.bytes.offset(of: 0) {
        throw arguments.range("\(label(field, position)) has a NUL at byte \(found), which would end its cstr there")
      }
      builder.append(string.bytes)
      builder.append(0)
    case .domainName:
      let name = try string(value, field, position)
      do throws(DomainName.Problem) {
        for byte in try DomainName.bytes(of: name) { builder.append(byte) }
      } catch {
        throw arguments.range("\(label(field, position)) \(error.text)")
      }
    case .rest: builder.append(try string(value, field, position).bytes)
    case .ignored: break
    }
  }

  private func label(_ field: BinaryFormat.Field, _ position: Int) -> String {
    field.name.map { "`\($0)`" } ?? "argument \(position + 1)"
  }

  private func wrongType(_ value: Value, _ expected: String, _ field: BinaryFormat.Field, _ position: Int) -> Failure {
    guard field.name != nil else { return arguments.wrongType(position, expected) }
    return .type("\(arguments.name): \(label(field, position)) must be \(expected), not \(value.articleAndType)")
  }

  private func string(_ value: Value, _ field: BinaryFormat.Field, _ position: Int) throws(Failure) -> ByteString {
    if case .string(let string) = value { return string }
    throw wrongType(value, "a string", field, position)
  }

  private func number(_ value: Value, _ field: BinaryFormat.Field, _ position: Int) throws(Failure) -> Double {
    guard let number = value.number else { throw wrongType(value, "a number", field, position) }
    return number
  }

  /// A whole float serves as an integer.
  private func integer(
    _ value: Value, _ bounds: ClosedRange<Int>, _ field: BinaryFormat.Field, _ position: Int
  ) throws(Failure) -> Int {
    guard let number = value.wholeNumber else {
      if case .float(let number) = value {
        throw arguments.range(
          "\(label(field, position)) must be a whole number, not \(Show.text(.float(number)).text)")
      }
      throw wrongType(value, "an int", field, position)
    }
    guard bounds.contains(number) else {
      throw arguments.range(
        "\(label(field, position)), \(number), does not fit \(field.type) (\(bounds.lowerBound) to \(bounds.upperBound))")
    }
    return number
  }

  private mutating func append(_ value: UInt64, _ size: Int, _ isLittle: Bool) {
    for index in 0..<size { builder.append(BinaryInteger64.byte(index, of: value, size, isLittle)) }
  }

  private mutating func append(bits value: UInt64, _ count: Int) {
    bits.append(value, count) { builder.append($0) }
  }

  private mutating func append(_ number: Int, _ form: BinaryFormat.VariableInteger) {
    form.write(number) { builder.append($0) }
  }
}

// MARK: - Bytes to values

private struct Unpacker {
  private let string: ByteString
  private let format: BinaryFormat
  private let arguments: Arguments
  private var at: Int
  /// How many bits of the byte at `at` are taken.
  private var bit = 0

  init(_ string: ByteString, from at: Int, _ format: BinaryFormat, _ arguments: Arguments) {
    self.string = string
    self.format = format
    self.at = at
    self.arguments = arguments
  }

  /// Bytes that are not taken yet.
  var left: Int { string.count - at }

  /// Takes one field's bytes; nil when there are too few.
  /// - Parameter index: the field's, which errors name.
  mutating func take(_ kind: BinaryFormat.Kind, _ index: Int) throws(Failure) -> Value? {
    switch kind {
    case .unsigned(let size, let isLittle):
      guard let bits = load(size, isLittle) else { return nil }
      guard let number = Int(exactly: bits) else {
        throw arguments.range(
          "\(label(index)) at byte \(at - size), \(bits), does not fit an int (take it as bytes[8], or as i64)")
      }
      return .integer(number)
    case .signed(let size, let isLittle):
      return load(size, isLittle).map { .integer(BinaryInteger64.signed($0, size)) }
    case .float32(let isLittle):
      return load(4, isLittle).map { .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0)))) }
    case .float64(let isLittle): return load(8, isLittle).map { .float(Double(bitPattern: $0)) }
    case .bits(let count): return takeBits(count).map { .integer($0) }
    case .flag: return takeBits(1).map { .boolean($0 == 1) }
    case .variable(let form): return try variable(form, index).map { .integer($0) }
    case .bytes(let count): return slice(count)
    case .counted(let form):
      switch form {
      case .unsigned(let size, let isLittle):
        // One that fits no int is more than there is, too.
        guard let bits = load(size, isLittle), let count = Int(exactly: bits) else { return nil }
        return slice(count)
      case .variable(let form):
        guard let count = try variable(form, index) else { return nil }
        return slice(count)
      }
    case .terminated:
      guard let end = string.bytes.offset(of: 0, from: at) else { return nil }
      defer { at = end + 1 }
      return .string(string.slice(at..<end))
    case .domainName:
      switch DomainName.read(string.bytes, at: at, end: string.count, origin: 0) {
      case .whole(let name, let end):
        at = end
        return .string(name)
      case .needs: return nil
      case .wrong(let text, let place): throw arguments.parse("\(label(index)) is wrong at byte \(place): \(text)")
      }
    case .rest: return slice(left)
    case .ignored:
      at = string.count
      return .nothing
    }
  }

  private func label(_ index: Int) -> String {
    let field = format.fields[index]
    return field.name.map { "`\($0)`, the \(field.type)" } ?? "the \(field.type)"
  }

  private mutating func slice(_ count: Int) -> Value? {
    guard left >= count else { return nil }
    at += count
    return .string(string.slice(at - count..<at))
  }

  private mutating func load(_ size: Int, _ isLittle: Bool) -> UInt64? {
    guard left >= size else { return nil }
    at += size
    return BinaryInteger64.load(string.bytes, at: at - size, size, isLittle)
  }

  private mutating func takeBits(_ count: Int) -> Int? {
    guard left * 8 - bit >= count else { return nil }
    return BinaryBits.take(count, string.bytes, &at, &bit)
  }

  private mutating func variable(_ form: BinaryFormat.VariableInteger, _ index: Int) throws(Failure) -> Int? {
    switch form.read(string.bytes, at: at, end: string.count) {
    case .whole(let number, let size):
      at += size
      return number
    case .needs: return nil
    case .tooLong: throw arguments.range("\(label(index)) at byte \(at) \(form.excess)")
    }
  }
}
